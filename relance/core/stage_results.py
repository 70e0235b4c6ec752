"""What came in after each stage: never « thanks to » it, only within so many days of it and before the next contact."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.bills import Bill, owed_on
from relance.core.invoice import ZERO
from relance.core.pace import ENOUGH, middle
from relance.core.plan import grouped
from relance.core.policy import THANKS, DunningPolicy

AFTER_DAYS = 14
"""Days after a contact in which a payment is counted beside it."""


class StageResult(NamedTuple):
    """Of the invoices `contacted` at a stage (once each), those `paid` in full in the days after it.

    Counted is what came after the day of the contact, within AFTER_DAYS, and no later than the next contact. `asked`
    is what was owed on them then, `amount` the part of it that those paid; `pending` are those whose days still run.
    `days` are those from the contact to each of these payments.
    """

    stage: str
    contacted: int
    pending: int
    paid: int
    asked: Decimal
    amount: Decimal
    days: tuple[int, ...]

    @property
    def percent(self) -> Decimal | None:
        """The part of the invoices whose days are over that was paid; None of fewer than ENOUGH."""
        over = self.contacted - self.pending
        return Decimal(self.paid * 100) / over if over >= ENOUGH else None

    @property
    def median_days(self) -> Decimal | None:
        return middle(self.days) if len(self.days) >= ENOUGH else None


class _Try(NamedTuple):
    """One invoice at one stage: what it owed when it was contacted, in how many days it paid (None: it did not)."""

    stage: str
    asked: Decimal
    days: int | None
    pending: bool


def stage_results(bills: Iterable[Bill], policy: DunningPolicy, today: date) -> list[StageResult]:
    """A row for each stage at which somebody was contacted, in the order of the ladders, then of what stands outside.

    An invoice that was paid on a day that nobody knows tells nothing, and is left out.
    """
    tries = (each for bill in bills if not bill.without_day for each in _tries(bill, today))
    found = grouped(tries, lambda each: each.stage)
    return [_result(stage, found[stage]) for stage in _in_order(found, policy)]


def _in_order(stages: Iterable[str], policy: DunningPolicy) -> list[str]:
    order = {stage.key: stage.day for schedule in policy.schedules for stage in schedule.stages}
    return sorted(stages, key=lambda key: (key not in order, order.get(key, 0), key))


def _result(stage: str, tries: Sequence[_Try]) -> StageResult:
    paid = [each for each in tries if each.days is not None]
    return StageResult(
        stage=stage,
        contacted=len(tries),
        pending=sum(each.pending for each in tries),
        paid=len(paid),
        asked=sum((each.asked for each in tries), ZERO),
        amount=sum((each.asked for each in paid), ZERO),
        days=tuple(each.days for each in paid if each.days is not None),
    )


def _tries(bill: Bill, today: date) -> list[_Try]:
    """The stages at which an invoice was contacted; the letter of a mail's own stage is no next contact."""
    contacts = [each for each in bill.line.case.contacts if each.stage != THANKS.key]
    found: dict[str, _Try] = {}
    for place, contact in enumerate(contacts):
        if contact.stage and contact.stage not in found:
            later = [each.on for each in contacts[place:] if each.stage != contact.stage and each.on > contact.on]
            last = min([contact.on + timedelta(days=AFTER_DAYS), *later])
            found[contact.stage] = _try(bill, contact.stage, contact.on, last, today)
    return list(found.values())


def _try(bill: Bill, stage: str, on: date, last: date, today: date) -> _Try:
    paid = bill.paid_on is not None and on < bill.paid_on <= last
    days = (bill.paid_on - on).days if paid and bill.paid_on is not None else None
    return _Try(stage, owed_on(bill, on), days, pending=not paid and bool(bill.owed) and today <= last)
