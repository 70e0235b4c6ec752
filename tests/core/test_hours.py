"""The hours within which messages leave: outside of them nothing does, and the plan says when it will."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from core_support import DEFAULT, DUE, LONG_AGO, RATE_AGREED, day, invoice, messages, reminded

from relance.core.calendar import OFFICE_HOURS, Hours, WorkCalendar, opens_again
from relance.core.history import fold
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy
from relance.display.reasons import said_of

PARIS = ZoneInfo("Europe/Paris")
OFFICE = DEFAULT._replace(calendar=WorkCalendar(hours=OFFICE_HOURS))
MONDAY, FRIDAY = day(7), day(11)
"""J+7 is a Monday, J+11 a Friday: the friendly stage is due on both."""


def at(on: date, hour: int, minute: int = 0, policy: DunningPolicy = OFFICE, stage: str = "") -> Plan:
    """The plan of that moment, of an invoice with a message that is due; `stage` was said by a call long before."""
    called = [reminded(invoice(), stage, DUE, channel="call")] if stage else []
    history = fold([RATE_AGREED, *called], LONG_AGO, on)._replace(
        now=datetime.combine(on, time(hour, minute), tzinfo=PARIS)
    )
    return build_plan([invoice()], history, policy, on)


@pytest.mark.parametrize(
    ("on", "hour", "minute", "again"),
    [
        *((MONDAY, 7, 59, MONDAY), (MONDAY, 8, 0, None), (MONDAY, 18, 29, None), (MONDAY, 18, 30, day(8))),
        *((FRIDAY, 8, 0, None), (FRIDAY, 15, 59, None), (FRIDAY, 16, 0, day(14)), (FRIDAY, 0, 0, FRIDAY)),
    ],
)
def test_a_message_leaves_within_the_hours_alone(on: date, hour: int, minute: int, again: date | None) -> None:
    """From the first minute on and before the last; on Friday evening it is Monday's."""
    plan = at(on, hour, minute)
    (line,) = plan.lines
    if again is None:
        assert [("friendly", ["F-1"])] == messages(plan)
        return
    assert [] == messages(plan)
    assert ("outside_hours", again, again) == (line.reason.value, line.until, line.next_date)
    assert not line.reason.to_look_at


def test_it_says_when() -> None:
    """Today where it is early, else the day; at the hour that the settings name."""
    early, late = (at(MONDAY, hour).lines[0] for hour in (6, 20))
    why = said_of(early.reason).why
    assert "hors des heures d’envoi, au plus tôt aujourd’hui à 8\u00a0h" == why(early)
    assert "hors des heures d’envoi, au plus tôt le 10 mars à 8\u00a0h" == why(late)
    own = DEFAULT._replace(calendar=WorkCalendar(hours=Hours(time(9, 15), time(12), time(12))))
    assert "à 9\u00a0h\u00a015" in why(at(MONDAY, 14, policy=own).lines[0])


def test_a_closed_day_is_no_matter_of_hours() -> None:
    """A Saturday is closed at any hour; and where no hours are set, any hour of an open day will do."""
    assert ["closed_day"] == [line.reason.value for line in at(day(5), 12).lines]
    assert [("friendly", ["F-1"])] == messages(at(MONDAY, 3, policy=DEFAULT))


def test_a_day_without_a_clock_has_no_hours() -> None:
    """The days to come are planned whole."""
    assert opens_again(None, MONDAY, OFFICE.calendar) is None


def test_a_call_is_made_at_any_hour() -> None:
    """What a person does is his to time."""
    assert [("call", "friendly")] == [
        (task.kind, task.stage.key if task.stage else "")
        for task in at(MONDAY, 22, policy=OFFICE._replace(schedules=CALLS)).tasks
    ]


CALLS = tuple(
    type(schedule)(schedule.name, tuple(stage._replace(channels=("call",)) for stage in schedule.stages))
    for schedule in DEFAULT.schedules[:1]
)
