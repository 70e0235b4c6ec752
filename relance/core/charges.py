"""Late-payment interest and recovery fee of an invoice, computed from scratch, explained segment by segment."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from relance.core.calendar import ONE_DAY
from relance.core.facts import HoldReason
from relance.core.history import History
from relance.core.interest import LEGAL_RATE, PUBLIC_RATE, Basis, Imputation, InterestTerms, Rate, agreed
from relance.core.invoice import ZERO, Contact, Invoice, Kind, Payment, payments_until, targets_of
from relance.core.policy import FORMAL_NOTICE, DunningPolicy, Schedule, Stage, is_firm, kind_of
from relance.core.reference_rates import ReferenceRate, half_year, half_year_end

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
    `daily` what the next day adds, before rounding. `missing` are the half-years whose rate is not known: then
    nothing was computed.
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


NO_CHARGES = Charges((), ZERO, ZERO, ZERO)


class Grounds(NamedTuple):
    """What the charges of an invoice are computed from, beside the invoice: see `charges`."""

    as_of: date
    terms: InterestTerms
    kind: Kind | None
    notice: date | None = None
    insolvent: date | None = None


class Span(NamedTuple):
    """A rate in percent a year up to and with the day `last`, and the half-year and reference rate behind it."""

    last: date
    rate: Decimal
    half: str = ""
    reference: Decimal | None = None


def to_cents(amount: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def charges(
    invoice: Invoice,
    terms: InterestTerms,
    kind: Kind | None,
    as_of: date,
    *,
    notice: date | None = None,
    insolvent: date | None = None,
) -> Charges:
    """Interest from the day after the due date to `as_of` included, days/365, and the fee; also once all is paid.

    Professionals, and customers of unknown kind: the agreed rate on what is outstanding with VAT, no reminder needed,
    and one fee an invoice (L441-10 II, D441-5 C. com.). Public bodies: the ECB rate of the half-year in which interest
    began plus 8 points, one rate for the whole delay, and the fee (R2192-31, D2192-35 CCP). Consumers: no fee, and the
    legal rate from the day after the formal notice (`notice`; 1231-6 C. civ.), nothing before. From the opening of
    insolvency proceedings (`insolvent`) on, no interest runs, and what falls due bears no fee (L622-28 and L441-10 II
    C. com.). The fee is in EUR and only added to EUR. Nothing before or on the due date.
    """
    if as_of <= invoice.due_date:
        return NO_CHARGES
    law = kind or Kind.BUSINESS
    known = payments_until(invoice, as_of)
    if _left(invoice, known, invoice.due_date) <= 0:
        return NO_CHARGES
    outstanding = _left(invoice, known, as_of)
    start = invoice.due_date
    if law is Kind.CONSUMER:
        if notice is None:
            return Charges((), ZERO, ZERO, max(outstanding, ZERO), law)
        start = max(start, notice)
    last = as_of if insolvent is None else min(as_of, insolvent - ONE_DAY)
    spans, missing = rate_spans(applied_rate(terms.rate, law), law, start + ONE_DAY, last, terms.rates)
    if missing:
        return Charges((), ZERO, ZERO, max(outstanding, ZERO), law, missing=missing)
    late = [p for p in known if p.on is not None and start < p.on <= last]
    segments, imputed, principal = _run(_left(invoice, known, start), start, spans, late, terms.imputation)
    interest = sum((s.interest for s in segments), ZERO)
    fee = _fee(terms, law, insolvent is not None and invoice.due_date >= insolvent)
    added, apart = (fee, ZERO) if invoice.currency == "EUR" else (ZERO, fee)
    return Charges(
        segments,
        interest,
        added,
        max(outstanding + interest + added, ZERO),
        law,
        apart,
        principal * _tomorrow(terms, law, spans, as_of) / _DAYS_TIMES_PERCENT if last == as_of else ZERO,
        imputed,
    )


def charges_on(invoice: Invoice, grounds: Grounds) -> Charges:
    """The charges of an invoice from what they rest on."""
    terms, kind, notice, insolvent = grounds.terms, grounds.kind, grounds.notice, grounds.insolvent
    return charges(invoice, terms, kind, grounds.as_of, notice=notice, insolvent=insolvent)


def applied_rate(agreed: Rate, law: Kind) -> Rate:
    """The rate that the law of this kind of customer applies; professionals owe the agreed one."""
    return PUBLIC_RATE if law is Kind.PUBLIC else LEGAL_RATE if law is Kind.CONSUMER else agreed


def rate_spans(
    rate: Rate, law: Kind, first: date, last: date, rates: Mapping[str, ReferenceRate]
) -> tuple[tuple[Span, ...], tuple[str, ...]]:
    """The rate of each day from `first` to `last`, and the half-years that are needed and unknown.

    A rate that rests on a reference changes with the half-year; the one of a public body stays as it began.
    """
    if first > last:
        return (), ()
    if not rate.varies:
        return (Span(last, rate.on(ZERO)),), ()
    found: list[Span] = []
    missing: list[str] = []
    end = first - ONE_DAY
    while end < last:
        day = end + ONE_DAY
        end = last if law is Kind.PUBLIC else min(half_year_end(day), last)
        half = half_year(day)
        reference = reference_of(rate.basis, rates.get(half))
        if reference is None:
            missing.append(half)
        else:
            found.append(Span(end, rate.on(reference), half, reference))
    return tuple(found), tuple(missing)


def reference_of(basis: Basis, known: ReferenceRate | None) -> Decimal | None:
    """The rate of a half-year that a basis rests on, in percent a year; None where it is not known."""
    if known is None:
        return None
    return known.ecb if basis is Basis.ECB else known.legal


def _left(invoice: Invoice, payments: Sequence[Payment], day: date) -> Decimal:
    """What is left of the invoice at the end of a day; may be negative."""
    if not payments:
        return invoice.total
    return invoice.total - sum((p.amount for p in payments if p.on is None or p.on <= day), ZERO)


def _run(
    principal: Decimal, start: date, spans: Sequence[Span], late: Sequence[Payment], imputation: Imputation
) -> tuple[tuple[Segment, ...], tuple[Imputed, ...], Decimal]:
    """The segments of the days after `start`, what paid interest, and the principal that is left.

    The day of a payment still bears interest on all of the principal. A credit note always lowers the principal.
    """
    segments: list[Segment] = []
    imputed: list[Imputed] = []
    unpaid, before = ZERO, start
    cuts: dict[date, list[Payment]] = {span.last: [] for span in spans}
    for payment in late:
        assert payment.on is not None
        cuts.setdefault(payment.on, []).append(payment)
    number = 0
    for day in sorted(cuts):
        span = spans[number]
        if principal > 0:
            days = (day - before).days
            cost = to_cents(principal * span.rate * days / _DAYS_TIMES_PERCENT)
            segments.append(Segment(before + ONE_DAY, day, days, principal, span.rate, cost, span.half, span.reference))
            unpaid += cost
        for payment in cuts[day]:
            to_interest = ZERO
            if imputation is Imputation.INTEREST and not payment.credit and payment.amount > 0:
                to_interest = min(payment.amount, unpaid)
                imputed.append(Imputed(day, payment.amount, to_interest))
            unpaid -= to_interest
            principal -= payment.amount - to_interest
        before = day
        number += day == span.last
    return tuple(segments), tuple(imputed), max(principal, ZERO)


def _fee(terms: InterestTerms, law: Kind, forbidden: bool) -> Decimal:
    """The recovery fee of one invoice in EUR; proven costs take its place where they are higher."""
    return ZERO if forbidden or law is Kind.CONSUMER else max(terms.recovery_fee, terms.real_costs)


def _tomorrow(terms: InterestTerms, law: Kind, spans: Sequence[Span], as_of: date) -> Decimal:
    """The rate of the day after `as_of` in percent a year; 0 where it is not known, or no interest runs yet."""
    if not spans:
        return ZERO
    if not spans[-1].half or law is Kind.PUBLIC:
        return spans[-1].rate
    day = as_of + ONE_DAY
    following, _ = rate_spans(applied_rate(terms.rate, law), law, day, day, terms.rates)
    return following[0].rate if following else ZERO


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
