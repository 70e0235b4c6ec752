"""When the next stage of one invoice can really leave."""

from datetime import date, timedelta

from relance.core.calendar import ONE_DAY, after_term, next_open
from relance.core.history import History
from relance.core.holding import Stop
from relance.core.invoice import Invoice
from relance.core.plan import Reason
from relance.core.policy import BROKEN_PROMISE, KEY, OUTSIDE_KEYS, DunningPolicy, Stage, schedule_of, stage_by_date
from relance.core.standing import Standing, broken_by
from relance.core.stops import quiet_until

_BY_THEMSELVES = frozenset({Reason.NOT_DUE, Reason.EXPIRED, Reason.STAGE_DONE})
"""Reasons that only need time; the others name their own day (`Stop.back`) or wait for a person."""


def after_acting(case: Standing, policy: DunningPolicy) -> tuple[Stage | None, date | None]:
    """The stage after the one that acts today, and the day it can leave.

    What a person does is waited for by nobody: the next stage comes on its day, done or not.
    """
    stage = case.next_stage
    assert stage is not None
    following = next((s for s in case.schedule.stages if s.day > max(stage.day, -1)), None)
    if stage is not case.rung:  # a message outside the ladder
        following = case.rung
    if following is None:
        return None, None
    by_mail = "email" in stage.channels
    gap = timedelta(days=policy.min_gap_days) if by_mail else ONE_DAY
    earliest = max(case.invoice.due_date + timedelta(days=following.day), case.today + gap)
    if by_mail and stage.term_days is not None:
        earliest = max(earliest, after_term(case.today + timedelta(days=stage.term_days), policy.calendar))
    return following, next_open(earliest, policy.calendar)


def after_stop(case: Standing, stop: Stop, history: History, policy: DunningPolicy) -> tuple[Stage | None, date | None]:
    """The stage that waits and the day it can leave; no day where a person has to act first."""
    stage = case.next_stage
    early = stop.until is not None and stop.until < case.invoice.due_date  # nobody breaks what was promised too early
    if stop.reason is Reason.PROMISED and stop.back is not None and not early:
        return _after_promise(case, stop.back, history, policy)
    if stage is None or (stop.back is None and stop.reason not in _BY_THEMSELVES):
        return stage, None
    earliest = case.earliest
    quiet = stop.back if stop.reason is Reason.TOO_SOON else quiet_until(case, history, policy)
    free = case.customer_state.free if "email" in stage.channels else None
    for day in (stop.back, quiet, free):
        if day is not None and day > earliest:
            earliest = day
    return leaving(case.invoice, stage, earliest, policy, by_date=case.by_date)


def _after_promise(
    case: Standing, back: date, history: History, policy: DunningPolicy
) -> tuple[Stage | None, date | None]:
    """If the promise is broken on the day `back`: the message about it; the next stage where none will be said of it.

    Nothing is said of a second one, to a key account or to a namesake.
    """
    if not case.broken and case.invoice.customer.profile != KEY and broken_by(back, case, history, policy):
        return BROKEN_PROMISE, next_open(back, policy.calendar)
    if case.rung is None:
        return None, None
    quiet = max(back + timedelta(days=policy.min_gap_days), case.invoice.due_date + timedelta(days=case.rung.day))
    return leaving(case.invoice, case.rung, quiet, policy, by_date=case.by_date)


def leaving(
    invoice: Invoice, stage: Stage, earliest: date, policy: DunningPolicy, *, by_date: bool
) -> tuple[Stage | None, date | None]:
    """The open day on which `stage` leaves, or the stage that has taken its place by then.

    One before the due date that comes too late gives way to the first after it; where stages go by date
    (`by_date`), the one reached on that day leaves.
    """
    day = next_open(earliest, policy.calendar)
    if stage.key in OUTSIDE_KEYS or (stage.day >= 0 and not by_date) or day < invoice.due_date:
        return stage, day
    late = schedule_of(invoice, policy).late
    if stage.day >= 0:
        return stage_by_date(late, (day - invoice.due_date).days) or stage, day
    if not late:
        return None, None
    return late[0], next_open(max(day, invoice.due_date + timedelta(days=late[0].day)), policy.calendar)
