"""Late-payment interest and recovery fee, computed from scratch, explained segment by segment."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from relance.core.invoice import ZERO, Invoice, Kind, payments_until
from relance.core.policy import InterestTerms

CENT = Decimal("0.01")
DAYS_A_YEAR_TIMES_PERCENT = Decimal(36500)


@dataclass(frozen=True, slots=True)
class Segment:
    """Days (`first` to `last`, both counted) over which principal (EUR) and rate (percent a year) hold."""

    first: date
    last: date
    days: int
    principal: Decimal
    rate: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True)
class Charges:
    """What lateness costs: `interest` is the sum of the printed segments; `claimed` adds what is outstanding."""

    segments: tuple[Segment, ...]
    interest: Decimal
    recovery_fee: Decimal
    claimed: Decimal


NO_CHARGES = Charges((), ZERO, ZERO, ZERO)


def to_cents(amount: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def charges(invoice: Invoice, terms: InterestTerms, kind: Kind | None, as_of: date) -> Charges:
    """Interest from the day after the due date to `as_of` included, days/365, and the flat fee.

    L441-10 II C. com.: on the outstanding amount with VAT, no reminder needed; D441-5: 40 EUR an invoice.
    A consumer owes neither (L441-10 binds professionals). The fee is in EUR and only added to EUR.
    Nothing before or on the due date, nor once nothing is outstanding.
    """
    if as_of <= invoice.due_date:
        return NO_CHARGES
    received = payments_until(invoice, as_of)
    outstanding = invoice.total - sum((p.amount for p in received), ZERO)
    if outstanding <= 0:
        return NO_CHARGES
    if kind is Kind.CONSUMER:
        return Charges((), ZERO, ZERO, outstanding)
    late = sorted((p.on, p.amount) for p in received if p.on is not None and p.on > invoice.due_date)
    principal = outstanding + sum((amount for _, amount in late), ZERO)
    segments = []
    first = invoice.due_date + timedelta(days=1)
    for last, amount in [*late, (as_of, ZERO)]:
        days = (last - first).days + 1
        if days > 0 and principal > 0:
            interest = to_cents(principal * terms.rate * days / DAYS_A_YEAR_TIMES_PERCENT)
            segments.append(Segment(first, last, days, principal, terms.rate, interest))
        principal -= amount
        first = max(first, last + timedelta(days=1))
    interest = sum((s.interest for s in segments), ZERO)
    fee = terms.recovery_fee if invoice.currency == "EUR" else ZERO
    return Charges(tuple(segments), interest, fee, outstanding + interest + fee)
