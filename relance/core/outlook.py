"""When the next stage of one invoice can leave, if nobody pays; who shares its address is seen by living the days."""

from collections.abc import Iterable
from datetime import date, timedelta

from relance.core.calendar import ONE_DAY, WorkCalendar, after_term, next_open
from relance.core.history import History
from relance.core.policy import BROKEN_PROMISE, OUTSIDE_KEYS, DunningPolicy, Stage
from relance.core.reasons import End, Stop
from relance.core.rungs import Climb, leaving
from relance.core.standing import Standing, broken_by, speaks_of
from relance.core.stops import holds_on, quiet_until

Next = tuple[Stage | None, date | None]
"""The next stage of an invoice, and the day on which it can leave: None where a person has to act first."""


def after_acting(climb: Climb, stage: Stage, policy: DunningPolicy, today: date, after: date | None = None) -> Next:
    """What comes once `stage` has acted on `today`.

    What a person does is waited for by nobody: the next stage comes on its day, done or not. `after` is the first day
    after the term that a shared message gives, where there is one.
    """
    by_mail = "email" in stage.channels
    earliest = today + (timedelta(days=max(policy.min_gap_days, 1)) if by_mail else ONE_DAY)
    if by_mail and stage.term_days is not None:
        earliest = max(earliest, after_term(today + timedelta(days=stage.term_days), policy.calendar))
    return leaving(climb.after(stage), max(earliest, after or earliest), policy.calendar)


def after_stop(case: Standing, stop: Stop, history: History, policy: DunningPolicy) -> Next:
    """The stage that waits and the day it can leave; no day where a person has to act first."""
    holds = holds_on(case, history, policy.calendar)
    if holds:
        return _after_holds(case, holds, history, policy)
    if case.next_stage is None or (stop.back is None and stop.reason.end is not End.TIME):
        return case.next_stage, None
    return _once_quiet(case, case.next_stage, stop.back, history, policy)


def _after_holds(case: Standing, holds: Iterable[Stop], history: History, policy: DunningPolicy) -> Next:
    """What leaves once nothing holds any more: the message about a promise broken by then, else the next stage."""
    backs = [hold.back for hold in holds]
    ends = [back for back in backs if back is not None]
    if len(ends) < len(backs):
        return case.next_stage, None
    free = max(ends)
    broken = broken_by(free, case, history, policy)
    stage = BROKEN_PROMISE if speaks_of(broken, case) else case.rung
    if stage is None:
        return None, None
    return _once_quiet(case._replace(broken=broken, next_stage=stage), stage, free, history, policy)


def _once_quiet(case: Standing, stage: Stage, earliest: date | None, history: History, policy: DunningPolicy) -> Next:
    """When it leaves from `earliest` on: once the quiet days about the invoice are over."""
    days = (case.today + ONE_DAY, earliest, quiet_until(case, history, policy))
    return once_free(stage, case.climb, max(day for day in days if day is not None), policy.calendar)


def once_free(stage: Stage, climb: Climb, earliest: date, calendar: WorkCalendar) -> Next:
    """What leaves first from `earliest` on: `stage` itself, or the rung that has taken its place by then."""
    if stage.key in OUTSIDE_KEYS:
        return stage, next_open(earliest, calendar)
    return leaving(climb, earliest, calendar)
