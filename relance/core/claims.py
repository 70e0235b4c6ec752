"""What was claimed of an invoice beyond what it bills, and whether that is still open once it is paid."""

from datetime import date
from decimal import Decimal

from relance.core.case import Case, grounds_of
from relance.core.charges import NO_CHARGES, Charges, charges, names_charges
from relance.core.invoice import ZERO, Contact, Invoice, Kind, paid_until


def still_claimed(case: Case) -> bool:
    """True where less came since the last message that named charges than it asked for: a payment as asked settles all.

    A payment without a date came after it, as far as anybody knows.
    """
    last = last_claim(case)
    if last is None or given_up(case):
        return False
    invoice = case.invoice._replace(payments=tuple(p for p in case.invoice.payments if p.on is not None))
    asked = charges(invoice, grounds_of(case)._replace(as_of=last.on)).claimed
    return asked > case.paid - paid_until(invoice, last.on)


def given_up(case: Case) -> bool:
    """True where that message offered to waive the charges, and all that is billed came by the term that it gave."""
    last = last_claim(case)
    if last is None or last.term is None or not case.morning.policy.interest.waiver:
        return False
    return case.paid >= case.invoice.total and _paid_by(last.term, case)


def _paid_by(term: date, case: Case) -> bool:
    return all(payment.on is not None and payment.on <= term for payment in case.invoice.payments)


def claimed_charges(case: Case) -> tuple[Decimal, ...]:
    """The charges, without what was billed, that each mail or letter claimed which named them, the last one last."""
    invoice = case.invoice._replace(payments=tuple(p for p in case.invoice.payments if p.on is not None))
    asked = [charges(invoice, grounds_of(case)._replace(as_of=each.on)) for each in _claims(case)]
    return tuple(costs.interest + costs.recovery_fee for costs in asked if costs.interest + costs.recovery_fee > 0)


def last_claim(case: Case) -> Contact | None:
    """The last mail or letter that named charges of the invoice."""
    return next(reversed(_claims(case)), None)


def _claims(case: Case) -> list[Contact]:
    """The mails and letters that named charges of the invoice, the last one last."""
    named = {
        stage.key
        for stage in case.schedule.stages
        if names_charges(case.invoice, stage, case.schedule, case.morning.policy)
    }
    return [each for each in case.contacts if each.channel in ("email", "letter") and each.stage in named]


def claimed_in_writing(case: Case, day: date, invoice: Invoice | None = None) -> Charges:
    """What may be claimed on that day: to a consumer, or to whom nobody knows to be none, what was billed alone.

    `invoice` is this one as it was known then, where that is not as it is known now.
    """
    grounds, invoice = grounds_of(case)._replace(as_of=day), invoice or case.invoice
    if grounds.kind in (Kind.BUSINESS, Kind.PUBLIC):
        costs = charges(invoice, grounds)
        if costs is not NO_CHARGES:
            return costs
    return NO_CHARGES._replace(claimed=max(invoice.total - paid_until(invoice, day), ZERO))
