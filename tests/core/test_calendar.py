"""Working days of France: holidays known by heart, closed weeks, terms counted in open days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.core.calendar import (
    REGIONS,
    WorkCalendar,
    after_open_days,
    after_term,
    is_open,
    next_open,
    public_holidays,
)

MOVABLE = {
    # Easter Monday, Ascension, Whit Monday
    2008: ((3, 24), (5, 1), (5, 12)),  # Ascension on Labour Day
    2011: ((4, 25), (6, 2), (6, 13)),
    2024: ((4, 1), (5, 9), (5, 20)),
    2025: ((4, 21), (5, 29), (6, 9)),
    2026: ((4, 6), (5, 14), (5, 25)),
    2027: ((3, 29), (5, 6), (5, 17)),
    2028: ((4, 17), (5, 25), (6, 5)),
    2030: ((4, 22), (5, 30), (6, 10)),
    2038: ((4, 26), (6, 3), (6, 14)),  # the latest Easter there is
}
FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
WORKING = WorkCalendar()
EVERY_DAY = WorkCalendar(working_days=False)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize("year", MOVABLE)
def test_public_holidays(year: int) -> None:
    """Eight fixed days and three that follow Easter; ten days where two of them meet."""
    expected = {date(year, month, day) for month, day in (*FIXED, *MOVABLE[year])}
    assert expected == public_holidays(year)


def test_2026_day_by_day() -> None:
    """The eleven holidays of 2026; neither Good Friday nor 26 December is one (they are in Alsace-Moselle)."""
    closed = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    weekdays = [f"{d:%d/%m}" for d in closed if d.weekday() < 5 and not is_open(d, WORKING)]
    assert ["01/01", "06/04", "01/05", "08/05", "14/05", "25/05", "14/07", "11/11", "25/12"] == weekdays
    assert is_open(date(2026, 4, 3), WORKING)


@given(DAYS)
def test_a_closed_day_is_a_week_end_or_a_holiday(day: date) -> None:
    """And no other; without working days, every day is open."""
    assert is_open(day, WORKING) is (day.isoweekday() not in (6, 7) and day not in public_holidays(day.year))
    assert is_open(day, EVERY_DAY)


def test_closed_spans_hold_whatever_the_working_days() -> None:
    """Both ends of a span are closed, the days around it are not."""
    span = (date(2026, 12, 24), date(2027, 1, 2))
    for calendar in (WorkCalendar(closed=(span,)), WorkCalendar(working_days=False, closed=(span,))):
        assert not is_open(span[0], calendar)
        assert not is_open(span[1], calendar)
        assert is_open(date(2026, 12, 23), calendar)
    assert date(2027, 1, 4) == next_open(span[0], WorkCalendar(closed=(span,)))
    assert date(2027, 1, 3) == next_open(span[0], WorkCalendar(working_days=False, closed=(span,)))


def test_two_spans_and_a_holiday_in_a_row() -> None:
    """The next open day jumps over all that touches."""
    calendar = WorkCalendar(closed=((date(2026, 4, 7), date(2026, 4, 8)), (date(2026, 4, 9), date(2026, 4, 10))))
    assert date(2026, 4, 13) == next_open(date(2026, 4, 4), calendar)


@given(DAYS)
def test_next_open_is_the_first_open_day(day: date) -> None:
    """It is open, not earlier, and nothing before it was open."""
    found = next_open(day, WORKING)
    assert is_open(found, WORKING)
    assert not any(is_open(day + timedelta(days=n), WORKING) for n in range((found - day).days))


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 3, 2), 1, date(2026, 3, 3)),
        (date(2026, 3, 2), 3, date(2026, 3, 5)),
        (date(2026, 3, 6), 3, date(2026, 3, 11)),  # from a Friday
        (date(2026, 3, 7), 3, date(2026, 3, 11)),  # from a Saturday
        (date(2026, 3, 8), 3, date(2026, 3, 11)),  # from a Sunday
        (date(2026, 4, 3), 3, date(2026, 4, 9)),  # over Easter Monday
        (date(2026, 5, 13), 3, date(2026, 5, 19)),  # over Ascension
        (date(2026, 12, 24), 3, date(2026, 12, 30)),  # over Christmas
        (date(2026, 12, 31), 3, date(2027, 1, 6)),  # over New Year
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
    ],
)
def test_open_days_after_a_day(start: date, count: int, expected: date) -> None:
    """The day itself does not count."""
    assert expected == after_open_days(start, count, WORKING)


@given(DAYS, st.integers(min_value=1, max_value=15))
def test_exactly_that_many_open_days_pass(start: date, count: int) -> None:
    """The days after `start` up to the one found hold `count` open ones, the last of which is found."""
    found = after_open_days(start, count, WORKING)
    passed = [start + timedelta(days=n) for n in range(1, (found - start).days + 1)]
    assert count == sum(is_open(day, WORKING) for day in passed)
    assert is_open(found, WORKING)


REGIONAL = {
    # what each adds to the eleven in 2026, Easter on 5 April
    "alsace-moselle": ((4, 3), (12, 26)),
    "guadeloupe": ((5, 27),),
    "guyane": ((6, 10),),
    "martinique": ((5, 22),),
    "mayotte": ((4, 27),),
    "reunion": ((12, 20),),
    "saint-barthelemy": ((10, 9),),
    "saint-martin": ((5, 28),),
    "nouvelle-caledonie": ((9, 24),),
    "polynesie": ((4, 3), (3, 5), (11, 20)),
    "wallis-et-futuna": ((4, 28), (6, 29), (7, 29)),
}


def test_regions() -> None:
    """Each region of the settings has its own days beside the eleven; Good Friday follows Easter."""
    assert set(REGIONAL) == set(REGIONS)
    for region, days in REGIONAL.items():
        assert public_holidays(2026, region) - public_holidays(2026) == {date(2026, *day) for day in days}
        assert public_holidays(2026) <= public_holidays(2026, region)
    assert date(2025, 4, 18) in public_holidays(2025, "alsace-moselle")


def test_a_region_closes_its_days() -> None:
    """Good Friday 2026 is worked in Paris and not in Strasbourg: the next open day there is Tuesday."""
    friday = date(2026, 4, 3)
    assert (friday, date(2026, 4, 7)) == (
        next_open(friday, WORKING),
        next_open(friday, WorkCalendar(region="alsace-moselle")),
    )


def test_a_term_is_honoured_to_the_third_open_day() -> None:
    """A Thursday's term: Friday, Monday, Tuesday; a holiday in between is one day more."""
    assert date(2026, 3, 10) == after_term(date(2026, 3, 5), WORKING)
    assert date(2026, 4, 8) == after_term(date(2026, 4, 2), WORKING)
    assert date(2026, 3, 8) == after_term(date(2026, 3, 5), EVERY_DAY)
