"""What one invoice of the user costs its customer: what its charges rest on, and which message names them."""

from collections.abc import Iterable
from datetime import date

from relance.core.answers import HoldReason
from relance.core.calendar import ONE_DAY
from relance.core.charges import applied_rate, rate_spans
from relance.core.history import History
from relance.core.interest import InterestTerms, agreed
from relance.core.invoice import Contact, Invoice, Kind, targets_of
from relance.core.policy import FORMAL_NOTICE, DunningPolicy, Schedule, Stage, is_firm, kind_of


def terms_of(invoice: Invoice, policy: DunningPolicy) -> InterestTerms:
    """What was agreed with the customer of this invoice."""
    return agreed(invoice.customer.terms, policy.interest)


def noticed_on(contacts: Iterable[Contact]) -> date | None:
    """The day of the first formal notice about an invoice, in writing: a call is none (1344 C. civ.).

    Once the receipt of a letter is known, it is that day, whatever went before it by mail.
    """
    notices = [c for c in contacts if c.stage == FORMAL_NOTICE and c.channel in ("email", "letter")]
    received = [notice.received for notice in notices if notice.received is not None]
    return min(received or (notice.on for notice in notices), default=None)


def insolvent_on(invoice: Invoice, key: str, history: History) -> date | None:
    """The day from which the invoice, or all of its customer, is held for insolvency."""
    days = [
        hold.on
        for target in targets_of(key, invoice.customer)
        for hold in history.holds.get(target, ())
        if hold.reason is HoldReason.INSOLVENCY
    ]
    return min(days) if days else None


def names_charges(invoice: Invoice, stage: Stage, schedule: Schedule, policy: DunningPolicy) -> bool:
    """True where a message of this stage may name the invoice's charges: late enough, and surely not to a consumer."""
    return is_firm(stage, schedule, policy) and kind_of(invoice.customer, policy) in (Kind.BUSINESS, Kind.PUBLIC)


def unknown_rates(invoice: Invoice, policy: DunningPolicy, today: date) -> tuple[str, ...]:
    """The half-years whose rate the charges of an overdue invoice need and nobody told."""
    terms, law = terms_of(invoice, policy), kind_of(invoice.customer, policy) or Kind.BUSINESS
    rate = applied_rate(terms.rate, law)
    if not rate.varies:
        return ()
    return rate_spans(rate, law, invoice.due_date + ONE_DAY, today, terms.rates)[1]
