"""Which stage of a ladder is the next one, today or on a day to come."""

from datetime import date, timedelta
from typing import NamedTuple

from relance.core.calendar import WorkCalendar, next_open
from relance.core.policy import OUTSIDE_KEYS, Schedule, Stage, stage_by_date


class Climb(NamedTuple):
    """What the next stage depends on beside the day: when it is due, the stages, and those `done` since it began.

    `early`: those before the due date may leave; `by_date`: it begins at the stage by date.
    """

    due: date
    schedule: Schedule
    done: frozenset[str]
    early: bool
    by_date: bool

    def after(self, stage: Stage) -> "Climb":
        """The same once `stage` is done; a message outside the ladder is no rung of it."""
        return self if stage.key in OUTSIDE_KEYS else self._replace(done=self.done | {stage.key})


def rung_on(climb: Climb, day: date) -> Stage | None:
    """The next stage to be done as far as is known on `day`, whether its own day has come or not."""
    days, rung = (day - climb.due).days, None
    if days < 0 and climb.early:
        rung = _next_early(climb.schedule.early, climb.done, days)
    return rung or _next_late(climb.schedule.late, climb.done, days, by_date=climb.by_date)


def leaving(climb: Climb, earliest: date, calendar: WorkCalendar) -> tuple[Stage | None, date | None]:
    """The stage that leaves first where nothing may leave before `earliest`, and the open day on which it does.

    One before the due date that comes too late gives way to the first after it; where stages go by date, the one
    reached on that day leaves.
    """
    day = next_open(earliest, calendar)
    rung = rung_on(climb, day)
    while rung is not None and (reached := climb.due + timedelta(days=rung.day)) > day:
        day = next_open(reached, calendar)
        rung = rung_on(climb, day)
    return rung, None if rung is None else day


def _next_early(early: tuple[Stage, ...], done: frozenset[str], days: int) -> Stage | None:
    """Before the due date: the stage by date unless it was done, else the next one before the due date."""
    reached = stage_by_date(early, days)
    if reached is not None and reached.key not in done:
        return reached
    return next((stage for stage in early if stage.day > days and stage.key not in done), None)


def _next_late(late: tuple[Stage, ...], done: frozenset[str], days: int, *, by_date: bool) -> Stage | None:
    """The stage after the last one done; at first the first one, or the one by date where `by_date`.

    A stage that only a person carries out (a call, a letter) never blocks the ladder: once the next one is
    reached, it is passed over.
    """
    position = 0
    if done:
        position = max((i for i, stage in enumerate(late) if stage.key in done), default=-1) + 1
    if position == 0 and by_date:
        position = max((i for i, stage in enumerate(late) if stage.day <= days), default=0)
    while position + 1 < len(late) and "email" not in late[position].channels and late[position + 1].day <= days:
        position += 1
    return late[position] if position < len(late) else None
