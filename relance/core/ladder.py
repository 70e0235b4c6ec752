"""Where an invoice stands on its ladder by its dates and what was done: the same for all that are alike in these."""

from datetime import date, timedelta
from typing import NamedTuple

from relance.core.answers import Backlog
from relance.core.calendar import ONE_DAY
from relance.core.history import History, Past
from relance.core.holding import Stop
from relance.core.invoice import Contact
from relance.core.plan import Reason
from relance.core.policy import COURTESY_TERMS_FROM, DunningPolicy, Schedule, Stage, schedule_for, stage_by_date


class Done(NamedTuple):
    """What was done of the ladder: how often it started again, the stages since, whether a later due date waits."""

    restarts: int = 0
    stages: frozenset[str] = frozenset()
    moved: bool = False


NOTHING_DONE = Done()


class Place(NamedTuple):
    """A place on the ladder: `stage` is how late it is by date alone, `rung` the next stage to be done.

    `done` are the stages already done on the current ladder (the `restarts`-th); `by_date` tells that its first
    stage is the one by date, `in_backlog` that it was late before relance came. `wait` tells why `rung` is not
    for today as far as dates tell, None where its day has come; `earliest` is the first day after today on which
    its day has come.
    """

    days: int
    schedule: Schedule
    stage: Stage | None
    restarts: int
    done: frozenset[str]
    by_date: bool
    in_backlog: bool
    rung: Stage | None
    wait: Stop | None
    earliest: date


def place_of(
    due: date,
    terms: int | None,
    named: str,
    profile: str,
    done: Done,
    *,
    history: History,
    policy: DunningPolicy,
    today: date,
) -> Place:
    """The place of invoices of this due date and these terms (days), by schedule and profile of their customer."""
    days = (today - due).days
    schedule = schedule_for(named, profile, terms, policy)
    again = done.restarts > 0 or done.moved
    backlog = in_backlog(due, schedule, history)
    by_date = backlog and not again and (history.started is None or history.backlog is Backlog.AS_IS)
    short = terms is not None and terms < COURTESY_TERMS_FROM
    rung = None
    if days < 0 and not again and not short:
        rung = _next_early(schedule.early, done.stages, days)
    if rung is None:
        rung = _next_late(schedule.late, done.stages, days, by_date=by_date)
    tomorrow = today + ONE_DAY
    expired = days >= 0 and not again and not short and stage_by_date(schedule.early, days) is not None
    return Place(
        days=days,
        schedule=schedule,
        stage=stage_by_date(schedule.stages, days),
        restarts=done.restarts,
        done=done.stages,
        by_date=by_date and done.stages.isdisjoint(stage.key for stage in schedule.late),
        in_backlog=backlog and history.started is not None,
        rung=rung,
        wait=_wait(rung, days, done.stages, schedule, expired=expired),
        earliest=tomorrow if rung is None else max(tomorrow, due + timedelta(days=rung.day)),
    )


def _wait(rung: Stage | None, days: int, done: frozenset[str], schedule: Schedule, *, expired: bool) -> Stop | None:
    """Why no stage is to be done now, as far as dates tell; None where the next stage has been reached."""
    if rung is None:
        return Stop(Reason.FINISHED)
    if rung.day <= days:
        return None
    if not done.isdisjoint(stage.key for stage in schedule.stages):
        return Stop(Reason.STAGE_DONE)
    return Stop(Reason.EXPIRED if expired else Reason.NOT_DUE)


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
