"""When the next stage of one invoice can leave, if nobody pays; who shares its address is seen by living the days."""

from collections.abc import Iterable
from datetime import date, timedelta

from relance.core.calendar import ONE_DAY, after_term, next_open
from relance.core.case import Case, with_promises
from relance.core.ladder import leaving
from relance.core.policy import OUTSIDE_KEYS, Stage
from relance.core.reasons import End, Stop
from relance.core.stops import holds_on, quiet_until

Next = tuple[Stage | None, date | None]
"""The next stage of an invoice, and the day on which it can leave: None where a person has to act first."""


def after_acting(case: Case, stage: Stage, after: date | None = None) -> Next:
    """What comes once `stage` has acted today.

    What a person does is waited for by nobody: the next stage comes on its day, done or not. `after` is the first day
    after the term that a shared message gives, where there is one.
    """
    policy, by_mail = case.morning.policy, "email" in stage.channels
    earliest = case.today + (timedelta(days=max(policy.min_gap_days, 1)) if by_mail else ONE_DAY)
    if by_mail and stage.term_days is not None:
        earliest = max(earliest, after_term(case.today + timedelta(days=stage.term_days), policy.calendar))
    return leaving(case.position.after(stage), max(earliest, after or earliest), policy.calendar)


def after_stop(case: Case, stop: Stop) -> Next:
    """The stage that waits and the day it can leave; no day where a person has to act first."""
    holds = holds_on(case)
    if holds:
        return _after_holds(case, holds)
    if case.next_stage is None or (stop.back is None and stop.reason.end is not End.TIME):
        return case.next_stage, None
    return _once_quiet(case, case.next_stage, stop.back)


def _after_holds(case: Case, holds: Iterable[Stop]) -> Next:
    """What leaves once nothing holds any more: the message about a promise broken by then, else the next stage."""
    backs = [hold.back for hold in holds]
    ends = [back for back in backs if back is not None]
    if len(ends) < len(backs):
        return case.next_stage, None
    free = max(ends)
    then = with_promises(case, free)
    return (None, None) if then.next_stage is None else _once_quiet(then, then.next_stage, free)


def _once_quiet(case: Case, stage: Stage, earliest: date | None) -> Next:
    """When it leaves from `earliest` on: once the quiet days about the invoice are over."""
    days = (case.today + ONE_DAY, earliest, quiet_until(case))
    return once_free(case, stage, max(day for day in days if day is not None))


def once_free(case: Case, stage: Stage, earliest: date) -> Next:
    """What leaves first from `earliest` on: `stage` itself, or the rung that has taken its place by then."""
    calendar = case.morning.policy.calendar
    if stage.key in OUTSIDE_KEYS:
        return stage, next_open(earliest, calendar)
    return leaving(case.position, earliest, calendar)
