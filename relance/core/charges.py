"""Late-payment interest and recovery fee, computed from scratch, explained segment by segment."""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from relance.core.calendar import ONE_DAY
from relance.core.invoice import ZERO, Invoice, Kind, payments_until
from relance.core.policy import InterestTerms

CENT = Decimal("0.01")
_DAYS_TIMES_PERCENT = Decimal(36500)


class Segment(NamedTuple):
    """Days (`first` to `last`, both counted) over which principal (EUR) and rate (percent a year) hold."""

    first: date
    last: date
    days: int
    principal: Decimal
    rate: Decimal
    interest: Decimal


class Charges(NamedTuple):
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
    segments = tuple(_segments(outstanding, late, terms.rate, invoice.due_date, as_of))
    interest = sum((s.interest for s in segments), ZERO)
    fee = terms.recovery_fee if invoice.currency == "EUR" else ZERO
    return Charges(segments, interest, fee, outstanding + interest + fee)


def _segments(
    outstanding: Decimal, late: list[tuple[date, Decimal]], rate: Decimal, due_date: date, as_of: date
) -> Iterator[Segment]:
    """The days from due + 1 to `as_of`, cut after the day of each late payment (day, amount), oldest first."""
    principal = outstanding + sum((amount for _, amount in late), ZERO)
    first = due_date + ONE_DAY
    for last, amount in [*late, (as_of, ZERO)]:
        days = (last - first).days + 1
        if days > 0:
            yield Segment(first, last, days, principal, rate, to_cents(principal * rate * days / _DAYS_TIMES_PERCENT))
            first = last + ONE_DAY
        principal -= amount
