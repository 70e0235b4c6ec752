"""Days on which a French business works: weekends, public holidays, the user's closed weeks."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from dateutil.easter import easter

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """The eleven French public holidays of a year (Code du travail, art. L3133-1)."""
    sunday = easter(year)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    movable = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday: days after Easter
    return frozenset([date(year, month, day) for month, day in fixed] + [sunday + timedelta(days=n) for n in movable])


class WorkCalendar(NamedTuple):
    """Which days messages may leave; `closed` holds (first, last) days off, both included."""

    working_days: bool = True
    closed: tuple[tuple[date, date], ...] = ()


def is_open(day: date, calendar: WorkCalendar) -> bool:
    """True where a message may leave on this day."""
    if any(first <= day <= last for first, last in calendar.closed):
        return False
    return not calendar.working_days or (day.weekday() < 5 and day not in public_holidays(day.year))


@lru_cache(maxsize=4096)
def next_open(day: date, calendar: WorkCalendar) -> date:
    """This day, or the first day after it on which a message may leave (at most two years ahead)."""
    for _ in range(731):
        if is_open(day, calendar):
            return day
        day += ONE_DAY
    return day


def after_open_days(day: date, count: int, calendar: WorkCalendar) -> date:
    """The `count`-th open day after `day`."""
    for _ in range(count):
        day = next_open(day + ONE_DAY, calendar)
    return day
