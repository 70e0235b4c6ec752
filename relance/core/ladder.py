"""Where an invoice stands on its ladder by its dates and what was done, and which stage comes next on what day."""

from datetime import date, timedelta
from typing import NamedTuple

from relance.core.calendar import WorkCalendar, next_open
from relance.core.facts import Backlog
from relance.core.history import History, Past
from relance.core.invoice import Contact
from relance.core.morning import Morning
from relance.core.policy import COURTESY_TERMS_FROM, OUTSIDE_KEYS, Schedule, Stage, schedule_for, stage_by_date
from relance.core.reasons import Change, Reason, Stop


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


class Done(NamedTuple):
    """What was done of the ladder: how often it started again, the stages since, whether a later due date waits."""

    restarts: int = 0
    stages: frozenset[str] = frozenset()
    moved: bool = False


NOTHING_DONE = Done()


class Position(NamedTuple):
    """A place on the ladder: `stage` is how late it is by date alone, `rung` the next stage to be done.

    `done` are the stages already done on the current ladder (the `restarts`-th); `in_backlog` tells that it was late
    before relance came. `wait` tells why `rung` is not for today as far as dates tell, None where its day has come;
    `climb` tells the rung of any later day.
    """

    days: int
    schedule: Schedule
    stage: Stage | None
    restarts: int
    done: frozenset[str]
    in_backlog: bool
    rung: Stage | None
    wait: Stop | None
    climb: Climb


def position_of(
    due: date,
    terms: int | None,
    named: str,
    profile: str,
    done: Done,
    *,
    morning: Morning,
) -> Position:
    """The place of invoices of this due date and these terms (days), by schedule and profile of their customer."""
    days = (morning.today - due).days
    schedule = schedule_for(named, profile, terms, morning.policy)
    history = morning.history
    again = done.restarts > 0 or done.moved
    backlog = in_backlog(due, schedule, history)
    by_date = backlog and not again and (history.started is None or history.backlog is Backlog.AS_IS)
    short = terms is not None and terms < COURTESY_TERMS_FROM
    climb = Climb(due, schedule, done.stages, early=not again and not short, by_date=by_date)
    rung = rung_on(climb, morning.today)
    expired = days >= 0 and not again and not short and stage_by_date(schedule.early, days) is not None
    return Position(
        days=days,
        schedule=schedule,
        stage=stage_by_date(schedule.stages, days),
        restarts=done.restarts,
        done=done.stages,
        in_backlog=backlog and history.started is not None,
        rung=rung,
        wait=_wait(rung, days, done, schedule, expired=expired),
        climb=climb,
    )


def _wait(rung: Stage | None, days: int, done: Done, schedule: Schedule, *, expired: bool) -> Stop | None:
    """Why no stage is to be done now, as far as dates tell; None where the next stage has been reached.

    Where a later due date waits, the user confirms it once the next stage is reached.
    """
    if rung is None:
        return Stop(Reason.FINISHED)
    if rung.day <= days:
        return None
    if not done.stages.isdisjoint(stage.key for stage in schedule.stages):
        return Stop(Reason.STAGE_DONE)
    return Stop(Reason.EXPIRED if expired else Reason.NOT_DUE, why=Change.POSTPONED if done.moved else None)


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
    if not past.confirmations:
        dues = [(c.on, c.snapshot.due_date) for c in contacts if c.snapshot]
        moved = bool(dues) and due > max(dues)[1]
        return Done(0, frozenset() if moved else frozenset([c.stage for c in contacts]), moved)
    told = [(c.on, c.snapshot.due_date if c.snapshot else date.min, 1, c.stage) for c in contacts]
    told += [(c.on, c.snapshot.due_date, 0, "") for c in past.confirmations]
    restarts, done, known = 0, set[str](), date.max
    for _, said, is_contact, stage in sorted(told):
        if is_contact:
            done.add(stage)
        elif said > known:
            restarts += 1
            done.clear()
        if said > date.min:
            known = said
    return Done(restarts, frozenset() if due > known else frozenset(done), due > known)
