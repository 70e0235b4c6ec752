"""Days on which a French business works: weekends, public holidays, the user's closed weeks."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from dateutil.easter import easter

ONE_DAY = timedelta(days=1)
_GOOD_FRIDAY = -2  # days after Easter
REGIONS: Mapping[str, tuple[tuple[int, int] | int, ...]] = MappingProxyType(
    {
        "alsace-moselle": (_GOOD_FRIDAY, (12, 26)),
        "guadeloupe": ((5, 27),),
        "guyane": ((6, 10),),
        "martinique": ((5, 22),),
        "mayotte": ((4, 27),),
        "reunion": ((12, 20),),
        "saint-barthelemy": ((10, 9),),
        "saint-martin": ((5, 28),),
        "nouvelle-caledonie": ((9, 24),),
        "polynesie": (_GOOD_FRIDAY, (3, 5), (11, 20)),
        "wallis-et-futuna": ((4, 28), (6, 29), (7, 29)),
    }
)
"""The public holidays that a region has beside the eleven: (month, day), or a number of days after Easter.

Code du travail, art. L3134-13 (Alsace-Moselle) and L3422-2 (the days of the abolition of slavery overseas); the last
three have rules of their own.
"""


@lru_cache(maxsize=64)
def public_holidays(year: int, region: str = "") -> frozenset[date]:
    """The eleven French public holidays of a year (Code du travail, art. L3133-1), and those of a region.

    Raises KeyError on a region that is not one of REGIONS.
    """
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    movable = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday: days after Easter
    sunday = easter(year)
    return frozenset(
        sunday + timedelta(days=day) if isinstance(day, int) else date(year, *day)
        for day in (*fixed, *movable, *(REGIONS[region] if region else ()))
    )


class Hours(NamedTuple):
    """The hours of a day within which messages may leave, from `first` on and before `last`, on Fridays `friday`."""

    first: time
    last: time
    friday: time

    def end_on(self, day: date) -> time:
        """When they end on that day."""
        return self.friday if day.weekday() == _FRIDAY else self.last


_FRIDAY = 4
OFFICE_HOURS = Hours(first=time(8), last=time(18, 30), friday=time(16))
"""When somebody reads what a schedule sends."""


class WorkCalendar(NamedTuple):
    """Which days messages may leave, and at which `hours` (None: any); `closed` holds (first, last) days off.

    Both of these are included. `region` is one of REGIONS, empty for the eleven holidays alone.
    """

    working_days: bool = True
    closed: tuple[tuple[date, date], ...] = ()
    region: str = ""
    hours: Hours | None = None


def is_open(day: date, calendar: WorkCalendar) -> bool:
    """True where a message may leave on this day."""
    if any(first <= day <= last for first, last in calendar.closed):
        return False
    return not calendar.working_days or (day.weekday() < 5 and day not in public_holidays(day.year, calendar.region))


@lru_cache(maxsize=4096)
def next_open(day: date, calendar: WorkCalendar) -> date:
    """This day, or the first day after it on which a message may leave (at most two years ahead)."""
    for _ in range(731):
        if is_open(day, calendar):
            return day
        day += ONE_DAY
    return day


@lru_cache(maxsize=4096)
def term_on(day: date, calendar: WorkCalendar) -> date:
    """The day of a term that would end on `day`: the next one on which a bank works, whatever days the user closes."""
    return next_open(day, WorkCalendar(region=calendar.region))


def after_open_days(day: date, count: int, calendar: WorkCalendar) -> date:
    """The `count`-th open day after `day`."""
    for _ in range(count):
        day = next_open(day + ONE_DAY, calendar)
    return day


@lru_cache(maxsize=4096)
def after_term(term: date, calendar: WorkCalendar) -> date:
    """The first day on which one may come back to a term that was given or a payment that was promised."""
    return after_open_days(term, 3, calendar)  # honoured until the third open day after it


def opens_again(now: datetime | None, today: date, calendar: WorkCalendar) -> date | None:
    """The day on which the hours of the calendar begin again, today before them; None within them.

    Nor is a day without a clock (`now` is None) outside of any.
    """
    hours = calendar.hours
    if hours is None or now is None or hours.first <= now.time() < hours.end_on(today):
        return None
    return today if now.time() < hours.first else next_open(today + ONE_DAY, calendar)
