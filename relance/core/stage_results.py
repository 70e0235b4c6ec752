"""What came in after each stage: never « thanks to » it, only within so many days of it and before the next contact.

Beside it stands what came in at the same age where nobody was contacted: many pay by themselves.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.bills import Bill, owed_on
from relance.core.invoice import ZERO, Contact
from relance.core.pace import ENOUGH, middle
from relance.core.plan import grouped
from relance.core.policy import THANKS, DunningPolicy

AFTER_DAYS = 14
"""Days after a contact in which a payment is counted beside it."""


class Yield(NamedTuple):
    """Of so many invoices (`cases`), those `paid` in full in the days that were looked at.

    `asked` is what was owed on them at their beginning, `amount` the part of it that those paid; `pending` are those
    whose days still run. `days` are those from the beginning to each of these payments.
    """

    cases: int
    pending: int
    paid: int
    asked: Decimal
    amount: Decimal
    days: tuple[int, ...]

    @property
    def percent(self) -> Decimal | None:
        """The part of the invoices whose days are over that was paid; None of fewer than ENOUGH."""
        over = self.cases - self.pending
        return Decimal(self.paid * 100) / over if over >= ENOUGH else None

    @property
    def median_days(self) -> Decimal | None:
        return middle(self.days) if len(self.days) >= ENOUGH else None


class StageResult(NamedTuple):
    """What came in after a stage, once an invoice, and what came in at the same age where `nothing_sent`.

    After a contact counts what came after its day, within AFTER_DAYS, and no later than the next contact. The others
    were owed on the stage's own day, and nobody was contacted about them until it was over: paid, the next stage's day
    come, or AFTER_DAYS past. None for what stands on no ladder: it has no day.
    """

    stage: str
    contacted: Yield
    nothing_sent: Yield | None


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
    known = [bill for bill in bills if not bill.without_day]
    found = grouped((each for bill in known for each in _tries(bill, today)), lambda each: each.stage)
    silent = grouped((each for bill in known for each in _silent_tries(bill, today)), lambda each: each.stage)
    days = {stage.key: stage.day for schedule in policy.schedules for stage in schedule.stages}
    return [
        StageResult(key, _outcome(found[key]), _outcome(silent.get(key, ())) if key in days else None)
        for key in sorted(found, key=lambda key: (key not in days, days.get(key, 0), key))
    ]


def _outcome(tries: Sequence[_Try]) -> Yield:
    paid = [each for each in tries if each.days is not None]
    return Yield(
        cases=len(tries),
        pending=sum(each.pending for each in tries),
        paid=len(paid),
        asked=sum((each.asked for each in tries), ZERO),
        amount=sum((each.asked for each in paid), ZERO),
        days=tuple(each.days for each in paid if each.days is not None),
    )


def _contacts(bill: Bill) -> list[Contact]:
    """What was said to claim it: a thank-you is nothing of that."""
    return [each for each in bill.line.case.contacts if each.stage != THANKS.key]


def _silent_tries(bill: Bill, today: date) -> Iterator[_Try]:
    """The stages whose day it met with something owed and no contact, until the try was over."""
    first = min((each.on for each in _contacts(bill)), default=date.max)
    reached = {stage.key: stage.day for stage in reversed(bill.line.case.schedule.stages)}  # a repeated one: the first
    begins = sorted(bill.due + timedelta(days=day) for day in reached.values())
    for key, day in reached.items():
        on = bill.due + timedelta(days=day)
        last = min([on + timedelta(days=AFTER_DAYS), *(each for each in begins if each > on)])
        if on <= today and owed_on(bill, on) and first > min(last, today, bill.paid_on or today):
            yield _try(bill, key, on, last, today)


def _tries(bill: Bill, today: date) -> list[_Try]:
    """The stages at which an invoice was contacted; the letter of a mail's own stage is no next contact."""
    contacts = _contacts(bill)
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
