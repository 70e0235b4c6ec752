"""Where an invoice stands on its ladder by its dates and what was done, and which stage comes next on what day."""

from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from relance.core.calendar import WorkCalendar, next_open
from relance.core.history import History, Past
from relance.core.invoice import Contact
from relance.core.morning import Morning
from relance.core.policy import (
    COURTESY_TERMS_FROM,
    OUTSIDE_KEYS,
    Schedule,
    Stage,
    rungs_of,
    schedule_for,
    stage_by_date,
)
from relance.core.reasons import Change, Reason, Stop


class Done(NamedTuple):
    """What was done of the ladder: how often it started again, the stages since, whether a later due date waits."""

    restarts: int = 0
    stages: frozenset[str] = frozenset()
    moved: bool = False


NOTHING_DONE = Done()


class Position(NamedTuple):
    """A place on the ladder: `stage` is how late it is by date alone, `next_stage` the next to be done.

    `done` are the stages, and their rungs, already done on the current ladder (the `restarts`-th); `in_backlog` tells
    that it was late before relance came. `wait` tells why `next_stage` is not for today as far as dates tell, None
    where its day has come. `early`: stages before the due date may leave; `by_date`: it begins at the stage by date.
    """

    due: date
    days: int
    schedule: Schedule
    stage: Stage | None
    restarts: int
    done: frozenset[str]
    early: bool
    by_date: bool
    in_backlog: bool
    next_stage: Stage | None = None
    wait: Stop | None = None

    def has_mailed(self, key: str) -> bool:
        """Whether the message of this key was done, by whatever way counts for it."""
        rungs = [stage.rung for stage in self.schedule.stages if stage.key == key and stage.by_mail]
        return key in self.done and self.done.issuperset(rungs)

    def after(self, stage: Stage) -> "Position":
        """What the ladder is climbed from once `stage` is done; a message outside the ladder is no stage of it."""
        return self if stage.key in OUTSIDE_KEYS else self._replace(done=self.done | {stage.key, stage.rung})


def next_on(position: Position, day: date) -> Stage | None:
    """The next stage to be done as far as is known on `day`, whether its own day has come or not."""
    days, stage = (day - position.due).days, None
    if days < 0 and position.early:
        ahead = _from_reached(position.schedule.early, days)
        stage = next((each for each in ahead if each.rung not in position.done), None)
    return stage or _next_late(position, days)


@lru_cache(maxsize=65536)  # most invoices of a large file stand where others do
def leaving(position: Position, earliest: date, calendar: WorkCalendar) -> tuple[Stage | None, date | None]:
    """The stage that leaves first where nothing may leave before `earliest`, and the open day on which it does.

    One before the due date that comes too late gives way to the first after it; where stages go by date, the one
    reached on that day leaves.
    """
    day = next_open(earliest, calendar)
    stage = next_on(position, day)
    while stage is not None and (reached := position.due + timedelta(days=stage.day)) > day:
        day = next_open(reached, calendar)
        stage = next_on(position, day)
    return stage, None if stage is None else day


def _from_reached(stages: tuple[Stage, ...], days: int) -> tuple[Stage, ...]:
    """The stage by date and those after it; all of them before the day of the first."""
    reached = stage_by_date(stages, days)
    return stages if reached is None else stages[stages.index(reached) :]


def _next_late(position: Position, days: int) -> Stage | None:
    """The stage after the last one done; at first the first one, or the one by date where `by_date`.

    A stage that only a person carries out (a call, a letter) never blocks the ladder: once the next one is
    reached, it is passed over.
    """
    late, done = position.schedule.late, position.done
    last = max((i for i, stage in enumerate(late) if stage.rung in done), default=-1) if done else -1
    ahead = _from_reached(late, days) if position.by_date and last < 0 else late[last + 1 :]
    for stage, after in pairwise(ahead):
        if after.day > days or stage.by_mail:
            return stage
    return ahead[-1] if ahead else None


def position_of(due: date, terms: int | None, named: str, profile: str, done: Done, *, morning: Morning) -> Position:
    """The place of invoices of this due date and these terms (days), by schedule and profile of their customer."""
    history, days = morning.history, (morning.today - due).days
    schedule = schedule_for(named, profile, terms, morning.policy)
    backlog = in_backlog(due, schedule, history)
    again = done.restarts > 0 or done.moved  # or will be once the later due date is confirmed
    position = Position(
        due=due,
        days=days,
        schedule=schedule,
        stage=stage_by_date(schedule.stages, days),
        restarts=done.restarts,
        done=done.stages,
        early=not again and (terms is None or terms >= COURTESY_TERMS_FROM),
        by_date=backlog and not again and history.as_is,
        in_backlog=backlog and history.started is not None,
    )
    next_stage = next_on(position, morning.today)
    return position._replace(next_stage=next_stage, wait=_wait(position, next_stage, moved=done.moved))


def _wait(position: Position, stage: Stage | None, *, moved: bool) -> Stop | None:
    """Why no stage is to be done now, as far as dates tell; None where the next stage has been reached.

    Where a later due date waits, the user confirms it once the next stage is reached.
    """
    if stage is None:
        return Stop(Reason.FINISHED)
    if stage.day <= position.days:
        return None
    if any(each.key in position.done for each in position.schedule.stages):
        return Stop(Reason.STAGE_DONE)
    expired = position.early and position.schedule.early and position.days >= 0
    return Stop(Reason.EXPIRED if expired else Reason.NOT_DUE, why=Change.POSTPONED if moved else None)


def in_backlog(due: date, schedule: Schedule, history: History) -> bool:
    """True for what was past its first overdue stage when the journal was created (all, without a journal)."""
    if history.started is None:
        return True
    return bool(schedule.late) and (history.started - due).days >= schedule.late[0].day


def done_on(due: date, past: Past, contacts: tuple[Contact, ...]) -> Done:
    """What these contacts did of the ladder of an invoice that is now due on `due`.

    It starts again when a due date later than the last one told to the customer is confirmed. On one day, what
    was said of the older due date comes first, and a message about the new one after its confirmation.
    """
    told = [(c.on, c.snapshot.due_date if c.snapshot else date.min, 1, c.stage, c.channel) for c in contacts]
    told += [(c.on, c.snapshot.due_date, 0, "", "") for c in past.confirmations]
    restarts, done, known = 0, set[str](), date.max
    for _, said, is_contact, stage, channel in sorted(told):
        if is_contact:
            done.update(rungs_of(stage, channel))
        elif said > known:
            restarts += 1
            done.clear()
        if said > date.min:
            known = said
    return Done(restarts, frozenset() if due > known else frozenset(done), due > known)
