"""Late-payment interest and recovery fee of an invoice, computed from scratch, explained segment by segment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from relance.core.calendar import ONE_DAY
from relance.core.facts import Held, HoldReason
from relance.core.interest import LEGAL_RATE, PUBLIC_RATE, Basis, Imputation, InterestTerms, Rate
from relance.core.invoice import ZERO, Contact, Invoice, Kind, Payment, paid_until
from relance.core.policy import FORMAL_NOTICE, DunningPolicy, Schedule, Stage, is_firm, kind_of
from relance.core.reference_rates import UNKNOWN, ReferenceRate, half_year, half_years

CENT = Decimal("0.01")
_DAYS_TIMES_PERCENT = Decimal(36500)


class Segment(NamedTuple):
    """Days (`first` to `last`, both counted) over which principal (EUR) and rate (percent a year) hold.

    `half` is the half-year whose `reference` rate (percent a year) the rate rests on, where it rests on one.
    """

    first: date
    last: date
    days: int
    principal: Decimal
    rate: Decimal
    interest: Decimal
    half: str = ""
    reference: Decimal | None = None


class Imputed(NamedTuple):
    """A payment of which a part paid interest that had run (1343-1 C. civ.); the rest lowered the principal."""

    on: date
    amount: Decimal
    to_interest: Decimal


class Charges(NamedTuple):
    """What lateness costs: `interest` is the sum of the printed segments; `claimed` adds what is outstanding.

    `kind` is the one whose law was applied. `fee_apart` is a fee in EUR that cannot be added to another currency;
    `daily` what the next day adds, before rounding. `paid` is what was received of the charges, beyond all that was
    billed. `missing` are the half-years whose rate is not known: interest stops on `stopped`, the last day before them.
    """

    segments: tuple[Segment, ...]
    interest: Decimal
    recovery_fee: Decimal
    claimed: Decimal
    kind: Kind = Kind.BUSINESS
    fee_apart: Decimal = ZERO
    daily: Decimal = ZERO
    imputed: tuple[Imputed, ...] = ()
    missing: tuple[str, ...] = ()
    paid: Decimal = ZERO
    stopped: date | None = None


NO_CHARGES = Charges((), ZERO, ZERO, ZERO)


class Grounds(NamedTuple):
    """What the charges of an invoice are computed from, beside the invoice: see `charges`; `kind` None: not known.

    `confirmed` tells that the user said of the rate that it was agreed.
    """

    as_of: date
    terms: InterestTerms
    kind: Kind | None
    notice: date | None = None
    insolvent: date | None = None
    confirmed: bool = False


class Span(NamedTuple):
    """A rate in percent a year up to and with the day `last`, and the half-year and reference rate behind it."""

    last: date
    rate: Decimal
    half: str = ""
    reference: Decimal | None = None


def to_cents(amount: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def charges(invoice: Invoice, grounds: Grounds) -> Charges:
    """Interest from the day after the due date to `as_of` included, days/365, and the fee; also once all is paid.

    Professionals, and customers of unknown kind: the agreed rate on what is outstanding with VAT, no reminder needed,
    and one fee an invoice (L441-10 II, D441-5 C. com.). Public bodies: the ECB rate of the half-year in which interest
    began plus 8 points, one rate for the whole delay, and the fee (R2192-31, D2192-35 CCP). Consumers: no fee, and the
    legal rate from the day after the formal notice (`notice`; 1231-6 C. civ.), nothing before. From the opening of
    insolvency proceedings (`insolvent`) on, no interest runs, and what falls due bears no fee (L622-28 and L441-10 II
    C. com.). The fee is in EUR and only added to EUR. Nothing before or on the due date. What a credit note corrects
    was never owed; a rebate counts from its day.
    """
    as_of, terms, law, due = grounds.as_of, grounds.terms, grounds.kind or Kind.BUSINESS, invoice.due_date
    invoice = _corrected(invoice, as_of)
    if as_of <= due or paid_until(invoice, due) >= invoice.total:
        return NO_CHARGES
    outstanding = invoice.total - paid_until(invoice, as_of)
    start = _from(due, law, grounds)
    insolvent = grounds.insolvent or date.max
    last = min(as_of, insolvent - ONE_DAY)
    rate = applied_rate(terms.rate, law)
    spans, missing = rate_spans(rate, law, start + ONE_DAY, last, terms.rates)
    segments, imputed, principal = _run(invoice, start, spans, terms.imputation)
    tomorrow = _tomorrow(rate, law, spans[-1], terms.rates) if spans and spans[-1].last == as_of else ZERO
    interest = sum((s.interest for s in segments), ZERO)
    added, apart = _fee(invoice, law, terms, insolvent)
    return Charges(
        segments=segments,
        interest=interest,
        recovery_fee=added,
        claimed=max(outstanding + interest + added, ZERO),
        kind=law,
        fee_apart=apart,
        daily=principal * tomorrow / _DAYS_TIMES_PERCENT,
        imputed=imputed,
        missing=missing,
        stopped=_last_known(spans, start) if missing else None,
        paid=min(max(-outstanding, ZERO), interest + added),
    )


def _corrected(invoice: Invoice, as_of: date) -> Invoice:
    """The invoice as its credit notes corrected it, from the due date on."""
    if not invoice.payments or not any(payment.credit for payment in invoice.payments):
        return invoice
    return invoice._replace(payments=tuple(_made_by_due(each, as_of) for each in invoice.payments))


def _made_by_due(payment: Payment, as_of: date) -> Payment:
    corrects = payment.credit and not payment.rebate and payment.on is not None and payment.on <= as_of
    return payment._replace(on=None) if corrects else payment


def _from(due: date, law: Kind, grounds: Grounds) -> date:
    """The day after which interest runs: the due date, of a consumer that of the notice (none yet: today)."""
    return max(due, grounds.notice or grounds.as_of) if law is Kind.CONSUMER else due


def _fee(invoice: Invoice, law: Kind, terms: InterestTerms, insolvent: date) -> tuple[Decimal, Decimal]:
    """The fee that is added, and the one in EUR that stands apart from another currency."""
    if law is Kind.CONSUMER or invoice.due_date >= insolvent:
        return ZERO, ZERO
    fee = max(terms.recovery_fee, terms.real_costs)
    return (fee, ZERO) if invoice.currency == "EUR" else (ZERO, fee)


def _last_known(spans: Sequence[Span], start: date) -> date:
    """The last day whose rate is known; the one before interest runs where none of them is."""
    return spans[-1].last if spans else start


_BY_LAW = {Kind.PUBLIC: PUBLIC_RATE, Kind.CONSUMER: LEGAL_RATE}


def applied_rate(told: Rate, law: Kind) -> Rate:
    """The rate that the law of this kind of customer applies; professionals owe the agreed one."""
    return _BY_LAW.get(law, told)


def rate_spans(
    rate: Rate, law: Kind, first: date, last: date, rates: Mapping[str, ReferenceRate]
) -> tuple[tuple[Span, ...], tuple[str, ...]]:
    """The rate of each day from `first` on, and the half-years up to `last` that are unknown: the first one ends them.

    A rate that rests on a reference changes with the half-year; the one of a public body stays as it began.
    """
    if first > last:
        return (), ()
    if not rate.varies:
        return (Span(last, rate.on(ZERO)),), ()
    found: list[Span] = []
    missing: list[str] = []
    for half, end in ((half_year(first), last),) if law is Kind.PUBLIC else half_years(first, last):
        reference = reference_of(rate.basis, rates.get(half, UNKNOWN))
        if reference is None:
            missing.append(half)
        elif not missing:
            found.append(Span(end, rate.on(reference), half, reference))
    return tuple(found), tuple(missing)


def reference_of(basis: Basis, known: ReferenceRate) -> Decimal | None:
    """The rate of a half-year that a basis rests on, in percent a year; None where it is not known."""
    return known.ecb if basis is Basis.ECB else known.legal


def _cuts(invoice: Invoice, start: date, spans: Sequence[Span]) -> list[tuple[date, list[Payment]]]:
    """The days after `start` at whose end the rate or the principal changes, each with its payments."""
    if not invoice.payments:  # as of most
        return [(span.last, []) for span in spans]
    cuts: dict[date, list[Payment]] = {span.last: [] for span in spans}
    last = max(cuts, default=start)
    for payment in invoice.payments:
        if payment.on is not None and start < payment.on <= last:
            cuts.setdefault(payment.on, []).append(payment)
    return sorted(cuts.items())


def _run(
    invoice: Invoice, start: date, spans: Sequence[Span], imputation: Imputation
) -> tuple[tuple[Segment, ...], tuple[Imputed, ...], Decimal]:
    """The segments of the days after `start`, what paid interest, and the principal that is left.

    The day of a payment still bears interest on all of the principal. A credit note always lowers the principal.
    """
    segments: list[Segment] = []
    imputed: list[Imputed] = []
    principal, unpaid, before = invoice.total - paid_until(invoice, start), ZERO, start
    number = 0
    for day, payments in _cuts(invoice, start, spans):
        span = spans[number]
        if principal > 0:
            days = (day - before).days
            cost = to_cents(principal * span.rate * days / _DAYS_TIMES_PERCENT)
            segments.append(Segment(before + ONE_DAY, day, days, principal, span.rate, cost, span.half, span.reference))
            unpaid += cost
        for payment in payments:
            to_interest = ZERO
            if imputation is Imputation.INTEREST and not payment.credit and payment.amount > 0:
                to_interest = min(payment.amount, unpaid)
                imputed.append(Imputed(day, payment.amount, to_interest))
            unpaid -= to_interest
            principal -= payment.amount - to_interest
        before = day
        number += day == span.last
    return tuple(segments), tuple(imputed), max(principal, ZERO)


def _tomorrow(rate: Rate, law: Kind, today: Span, rates: Mapping[str, ReferenceRate]) -> Decimal:
    """The rate of the day after the last span in percent a year; 0 where it is not known."""
    if law is Kind.PUBLIC or not rate.varies:
        return today.rate
    day = today.last + ONE_DAY
    following, _ = rate_spans(rate, law, day, day, rates)
    return following[0].rate if following else ZERO


def noticed_on(contacts: Iterable[Contact]) -> date | None:
    """The day of the first formal notice about an invoice, in writing: a call is none (1344 C. civ.).

    Once the receipt of a letter is known, it is that day, whatever went before it by mail.
    """
    written = ((FORMAL_NOTICE, "email"), (FORMAL_NOTICE, "letter"))
    days = [(c.received is None, c.received or c.on) for c in contacts if (c.stage, c.channel) in written]
    return min(days)[1] if days else None


def insolvent_on(holds: Iterable[Held]) -> date | None:
    """The day from which an invoice, or all of its customer, is held for insolvency, as its holds tell."""
    return min((held.on for held in holds if held.reason is HoldReason.INSOLVENCY), default=None)


def names_charges(invoice: Invoice, stage: Stage, schedule: Schedule, policy: DunningPolicy) -> bool:
    """True where a message of this stage may name the invoice's charges: late enough, and surely not to a consumer."""
    return is_firm(stage, schedule, policy) and kind_of(invoice.customer, policy) in (Kind.BUSINESS, Kind.PUBLIC)
