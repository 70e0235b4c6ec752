"""How a customer pays: days late, the stage it takes, promises kept, and the day on which its next payment may come."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from relance.core.bills import Bill
from relance.core.pace import ENOUGH, middle
from relance.core.plan import Line
from relance.core.policy import THANKS
from relance.core.promises import promises_of

FORESEEN_FROM = 3
"""Paid invoices from which on a payment may be foreseen."""
STEADY_DAYS = 7
"""It is foreseen where half of the payments lie no more than so many days from the middle one."""


class Habits(NamedTuple):
    """`days` are those from the due date to the payment of each paid invoice, in order (negative: early).

    `without_day` were paid and nobody knows when. `stages` tell what had been said last when each was paid (the key of
    the stage, empty: nothing yet); of the promises `made`, some were `kept`, and some `broken`.
    """

    days: tuple[int, ...] = ()
    without_day: int = 0
    stages: tuple[str, ...] = ()
    made: int = 0
    kept: int = 0
    broken: int = 0

    @property
    def paid(self) -> int:
        """Invoices paid on a known day."""
        return len(self.days)

    @property
    def median_days(self) -> Decimal | None:
        """The middle of the days; None of fewer than ENOUGH."""
        return middle(self.days) if self.paid >= ENOUGH else None

    @property
    def worst_days(self) -> int | None:
        return self.days[-1] if self.days else None

    @property
    def on_time(self) -> int:
        """How many were paid by their due date."""
        return sum(days <= 0 for days in self.days)

    @property
    def usual_stage(self) -> str | None:
        """After what it pays more often than not, empty: without any reminder; None where nothing is usual."""
        stage, times = Counter(self.stages).most_common(1)[0] if self.stages else ("", 0)
        return stage if self.paid >= ENOUGH and times * 2 > self.paid else None

    @property
    def foreseen_days(self) -> int | None:
        """From a due date to the payment, where the spread of the days allows to say it."""
        if self.paid < FORESEEN_FROM:
            return None
        usual = middle(self.days)
        if middle([abs(days - usual) for days in self.days]) > STEADY_DAYS:
            return None
        return int(usual.quantize(Decimal(1), rounding=ROUND_HALF_UP))


NO_HABITS = Habits()


def habits_of(bills: Iterable[Bill], lines: Iterable[Line]) -> Habits:
    """The habits of one customer, by all its bills; `lines` are all its invoices, by which promises are known."""
    paid, promises = [*bills], list(promises_of(lines).values())
    dated = sorted((bill for bill in paid if bill.paid_on is not None), key=lambda bill: bill.days_late or 0)
    return Habits(
        days=tuple(bill.days_late or 0 for bill in dated),
        without_day=sum(bill.without_day for bill in paid),
        stages=tuple(map(_said_before, dated)),
        made=len(promises),
        kept=promises.count(True),
        broken=promises.count(False),
    )


def _said_before(bill: Bill) -> str:
    """The key of the last stage before it was paid."""
    paid_on = bill.paid_on or date.min
    said = [contact.stage for contact in bill.line.case.contacts if contact.on <= paid_on]
    return next((stage for stage in reversed(said) if stage not in ("", THANKS.key)), "")


def foreseen_on(bill: Bill, habits: Habits) -> date | None:
    """The day on which an open invoice may be paid; None where nothing tells, or that day is over."""
    days = habits.foreseen_days
    if days is None or not bill.owed:
        return None
    on = bill.due + timedelta(days=days)
    return on if on >= bill.line.case.today else None
