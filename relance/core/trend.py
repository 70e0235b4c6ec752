"""What changes of what is owed from run to run, what was owed at the end of each month, and how much of it is kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.bills import Bill, Memory, Tally, last_change, owed_on
from relance.core.calendar import ONE_DAY
from relance.core.invoice import ZERO
from relance.core.plan import Plan

KEPT_MONTHS = 24
"""Before so many months, of each currency only what was owed at the end of each month is kept."""
MOST_MONTHS = 60
"""Months of a trend."""


class Point(NamedTuple):
    """What was owed in one currency at the end of the day `on`, and what of it was late."""

    on: date
    currency: str
    outstanding: Decimal
    overdue: Decimal


def changes(plan: Plan, known: Mapping[str, Tally]) -> Iterator[Tally]:
    """What differs from the last change that is known of each invoice (by key); of what is gone, that nothing counts.

    What was never owed while a run looked has no change: an old file of paid invoices is no history of ours.
    """
    present = set()
    for line in plan.lines:
        present.add(line.key)
        owed, stage = (ZERO, "") if line.reason.settled else (line.outstanding, line.stage.key if line.stage else "")
        now = Tally(line.key, plan.today, owed, line.invoice.due_date, stage, line.invoice.currency)
        before = known.get(line.key)
        if owed if before is None else _differ(before, now):
            yield now
    for key, before in known.items():
        if key not in present and before.outstanding:
            yield before._replace(on=plan.today, outstanding=ZERO, stage="")


def _differ(before: Tally, now: Tally) -> bool:
    """Of what is not owed and was not, nothing is worth a row."""
    return bool(before.outstanding or now.outstanding) and before[2:] != now[2:]


def month_end(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


def kept_from(today: date) -> date:
    """The first day whose changes are kept one by one: a month's first, KEPT_MONTHS before today's."""
    months = today.year * 12 + today.month - 1 - KEPT_MONTHS
    return date(months // 12, months % 12 + 1, 1)


def trend(bills: Sequence[Bill], memory: Memory, digest: Sequence[Point], currency: str, today: date) -> list[Point]:
    """What was owed at the end of each month, and today, oldest first.

    Months of which a `digest` was kept are told by it. A file that shows no paid invoice does not show what was owed
    before: then the first month is the one in which a run first remembered something.
    """
    mine = _in(bills, currency)
    others = _not_in(bills, memory, currency)
    known = {each.on: each for each in digest if each.currency == currency and each.on < today}
    days = _month_ends(_first_day(mine, others, known, today), today)[-MOST_MONTHS:]
    return [known.get(day) or point(mine, others if day < today else (), currency, day) for day in days]


def point(bills: Iterable[Bill], others: Iterable[Sequence[Tally]], currency: str, day: date) -> Point:
    """What was owed at the end of that day on these bills, and of invoices that are not in the file any more."""
    outstanding = overdue = ZERO
    for bill in bills:
        owed = owed_on(bill, day)
        if owed:
            outstanding += owed
            overdue += owed if _due_on(bill, day) < day else ZERO
    for changes_of in others:
        known = last_change(changes_of, day)
        if known is not None:
            outstanding += known.outstanding
            overdue += known.outstanding if known.due_date < day else ZERO
    return Point(day, currency, outstanding, overdue)


def _due_on(bill: Bill, day: date) -> date:
    """Its due date as it was then, where a run remembers it."""
    known = last_change(bill.told, day)
    return bill.due if known is None or day >= bill.line.case.today else known.due_date


def _in(bills: Iterable[Bill], currency: str) -> list[Bill]:
    return [bill for bill in bills if bill.currency == currency]


def _not_in(bills: Iterable[Bill], memory: Memory, currency: str) -> list[Sequence[Tally]]:
    """The changes of invoices of which the file has no bill any more."""
    told = {change.invoice for bill in bills for change in bill.told}
    return [each for key, each in memory.items() if key not in told and each[-1].currency == currency]


def _first_day(
    bills: Sequence[Bill], others: Sequence[Sequence[Tally]], known: Mapping[date, Point], today: date
) -> date:
    """The first day of which something true can be said."""
    days = [*known, *(each[0].on for each in others), *(bill.told[0].on for bill in bills if bill.told)]
    return min((day for day in [*days, *_billed(bills)] if day <= today), default=today)


def _billed(bills: Sequence[Bill]) -> list[date]:
    """The days of the bills of a file that shows paid ones too; of another they tell nothing."""
    return [bill.issued or bill.due for bill in bills] if any(bill.is_paid for bill in bills) else []


def _month_ends(first: date, today: date) -> list[date]:
    days = [month_end(first)]
    while days[-1] < today:
        days.append(month_end(days[-1] + ONE_DAY))
    return [*days[:-1], today]


def digested(bills: Sequence[Bill], memory: Memory, digest: Sequence[Point], today: date) -> list[Point]:
    """The ends of the months before those that are kept, as far as runs remember them and no digest has them yet."""
    first = min((each[0].on for each in memory.values()), default=today)
    last = max((each.on for each in digest), default=date.min)
    days = [day for day in _month_ends(first, kept_from(today)) if last < day < kept_from(today)]
    currencies = {each[-1].currency for each in memory.values()}
    return [
        point(_in(bills, code), _not_in(bills, memory, code), code, day) for day in days for code in sorted(currencies)
    ]
