"""How fast customers pay: each figure can be made again by hand, and tells of how many invoices it was made.

The formulas are those of the credit trade: DSO by exhaustion (countback), simple and best possible; average days
delinquent; collection effectiveness. A figure of fewer than ENOUGH invoices says nothing, and is None.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.bills import Bill, owed_on
from relance.core.invoice import ZERO

ENOUGH = 5
"""Invoices under which a rate or a median is no figure."""
WINDOW, LONG_WINDOW = 90, 365
"""Days up to today that a figure looks at; the long ones where fewer than FEW invoices were issued in them."""
FEW = 10
_TENTH = Decimal("0.1")


class Measure(NamedTuple):
    """A figure, unrounded, and how many invoices it was made of; None: of too few, or of what is not known."""

    value: Decimal | None
    invoices: int


class Pace(NamedTuple):
    """In days, but for `effectiveness` in percent.

    `to_pay` is from the day of issue to the payment, `late` from the due date (early counts as 0), both weighted by
    what was received; `countback`, `simple` and `best` are days of sales. `window` are the days that `simple` and
    `best` look at. `without_day` were paid and nobody knows when; `unissued` have no day of issue: both are left out.
    """

    to_pay: Measure
    late: Measure
    countback: Measure
    simple: Measure
    best: Measure
    effectiveness: Measure
    window: int
    without_day: int
    unissued: int


def pace_of(bills: Sequence[Bill], today: date) -> Pace:
    """The figures of one currency on that day."""
    issued = [bill for bill in bills if bill.issued is not None]
    window = WINDOW if len(_sold(issued, today, WINDOW)) >= FEW else LONG_WINDOW
    sold = _sold(issued, today, window)
    owed, recent = _owed(issued), _paid_lately(bills, today)
    return Pace(
        to_pay=_weighted((bill.money, bill.days_to_pay) for bill in recent),
        late=_weighted((bill.money, max(bill.days_late or 0, 0)) for bill in recent),
        countback=_countback(issued, owed, today),
        simple=_in_days(owed, sold, window),
        best=_in_days(_not_due(issued, today), sold, window),
        effectiveness=_effectiveness(issued, today),
        window=window,
        without_day=sum(bill.without_day for bill in bills),
        unissued=len(bills) - len(issued),
    )


def tenth(value: Decimal) -> Decimal:
    """Rounded half up to a tenth."""
    return value.quantize(_TENTH, rounding="ROUND_HALF_UP")


def middle(values: Sequence[int | Decimal]) -> Decimal:
    """The median of some values: the one in the middle, or the mean of the two there."""
    ordered, half = sorted(values), len(values) // 2
    return Decimal(ordered[half]) if len(ordered) % 2 else Decimal(ordered[half - 1] + ordered[half]) / 2


def _owed(bills: Iterable[Bill]) -> Decimal:
    return sum((bill.owed for bill in bills), ZERO)


def _not_due(bills: Iterable[Bill], today: date) -> Decimal:
    """What is owed on those whose due date has not passed."""
    return _owed(bill for bill in bills if bill.due >= today)


def _paid_lately(bills: Iterable[Bill], today: date) -> list[Bill]:
    return [bill for bill in bills if bill.paid_on is not None and (today - bill.paid_on).days < WINDOW]


def _sold(issued: Iterable[Bill], today: date, days: int) -> list[Bill]:
    """Those issued in the last `days` days, today included."""
    return [bill for bill in issued if bill.issued is not None and (today - bill.issued).days < days]


def _measure(top: Decimal, bottom: Decimal, invoices: int) -> Measure:
    return Measure(top / bottom if invoices >= ENOUGH and bottom > 0 else None, invoices)


def _weighted(paid: Iterable[tuple[Decimal, int | None]]) -> Measure:
    """The mean of the days, each counted by its amount; what has no number of days is left out."""
    known = [(amount, days) for amount, days in paid if days is not None]
    total = sum((amount for amount, _ in known), ZERO)
    return _measure(sum((amount * days for amount, days in known), ZERO), total, len(known))


def _in_days(owed: Decimal, sold: Sequence[Bill], window: int) -> Measure:
    """What is owed, in days of the sales of the window; a file of open invoices alone cannot tell."""
    if all(bill.owed for bill in sold):
        return Measure(None, len(sold))
    return _measure(owed * window, sum((bill.total for bill in sold), ZERO), len(sold))


def _countback(issued: Iterable[Bill], owed: Decimal, today: date) -> Measure:
    """Days one has to go back until what was sold since is what is owed; the last of them counts in part.

    Where the oldest day of the file is reached, sales before it may be lacking: then nobody knows.
    """
    sales: dict[date, list[Decimal]] = {}
    for bill in issued:
        if bill.issued is not None:
            sales.setdefault(bill.issued, []).append(bill.total)
    left, walked = owed, 0
    for day in sorted(sales, reverse=True)[:-1]:
        sold = sum(sales[day], ZERO)
        walked += len(sales[day])
        if sold >= left:
            return Measure((today - day).days + left / sold if walked >= ENOUGH and sold else None, walked)
        left -= sold
    return Measure(None, walked)


def _effectiveness(issued: Sequence[Bill], today: date) -> Measure:
    """Of what could be collected in the window, how much was, in percent (CEI)."""
    start = today - timedelta(days=WINDOW)
    opening = {id(bill): owed_on(bill, start) for bill in issued}
    sold = _sold(issued, today, WINDOW)
    new = set(map(id, sold))
    looked_at = [bill for bill in issued if opening[id(bill)] or id(bill) in new]
    if all(bill.owed for bill in looked_at):
        return Measure(None, len(looked_at))
    could = sum(opening.values(), ZERO) + sum((bill.total for bill in sold), ZERO)
    return _measure((could - _owed(issued)) * 100, could - _not_due(issued, today), len(looked_at))
