"""The plan of a day: a pure function of invoices, history, policy and the day."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache, partial

from relance.core.calendar import ONE_DAY, is_open, next_open
from relance.core.comparing import ALONE, Surroundings, look_around, written_to
from relance.core.customer_state import customer_state_of, grounds_of
from relance.core.drafts import overtaken
from relance.core.following import missed_instalments
from relance.core.freshness import stale_input
from relance.core.grouping import bundle, reminders, shared_term, thank
from relance.core.history import History
from relance.core.invoice import Contact, Invoice, days_overdue, keyed
from relance.core.known import absorbed
from relance.core.ladder import place_of
from relance.core.naming import named
from relance.core.outlook import after_acting, after_stop, once_free
from relance.core.plan import Decision, Line, Plan
from relance.core.policy import BROKEN_PROMISE, DunningPolicy
from relance.core.reasons import Reason, Stop
from relance.core.standing import Account, Standing, account, standing
from relance.core.stops import deferral, first_stop, settled
from relance.core.tasks import tasks
from relance.core.thanks import thanked


def build_plan(
    invoices: Iterable[Invoice],
    history: History,
    policy: DunningPolicy,
    today: date,
    only: Collection[str] | None = None,
) -> Plan:
    """Decide what happens on `today`: every invoice once, as something to do or as a hold with its reason.

    `only` are the keys of the invoices that messages are limited to; None: no such limit.
    """
    found = keyed(invoices)
    history = history._replace(addresses=written_to(found, history, today))
    around = look_around(found, history, today)
    lines = named(list(_judged(found, history, policy, today, around)), found, around)
    ready = [line for line in lines if line.decision is Decision.REMIND]
    run_stop = _run_stop(history, policy, today)
    stale = {} if run_stop else stale_input(ready, history, policy, around, today)
    if stale:
        ready = [line for line in ready if line.key not in stale]
    deferred = {} if run_stop else _deferred(ready, history, today)
    if deferred:
        ready = [line for line in ready if line.key not in deferred]
    left_out = [line for line in ready if only is not None and line.key not in only]
    if left_out:
        ready = [line for line in ready if only is None or line.key in only]
    bundles, waits = bundle(ready, history.addresses, policy, today)
    allowed = [] if run_stop else bundles[: policy.max_per_run]
    tomorrow = next_open(today + ONE_DAY, policy.calendar)
    late = run_stop or Stop(Reason.OVER_LIMIT, until=tomorrow, back=tomorrow)
    stops = {line.key: Stop(Reason.TOO_SOON, until=day, back=day) for line, day in waits}
    stops |= stale | deferred | {line.key: late for chosen in bundles[len(allowed) :] for line in chosen}
    stops |= {line.key: late for line in left_out}
    told = {line.key: after for chosen in allowed if (after := shared_term(chosen, policy, today)) for line in chosen}
    final = lines
    if stops or told:
        changed = stops.keys() | told.keys()
        final = [
            _final(line, stops.get(line.key), told.get(line.key), policy, today) if line.key in changed else line
            for line in lines
        ]
    if run_stop is None and not around.shrunk and (thankful := thanked(final, history, policy, today)):
        wanted = [line for line in thankful if only is None or line.key in only]
        thanks = thank(wanted, allowed, history.addresses, policy, today)[: policy.max_per_run - len(allowed)]
        acting = {line.key: line for chosen in thanks for line in chosen}
        final = [acting.get(line.key, line) for line in final]
        allowed = allowed + thanks
    asking = [line for line in lines if line.reason is Reason.AWAITING_APPROVAL and (only is None or line.key in only)]
    apart = policy._replace(customer_gap_days=0)  # what waits may all be read beforehand
    messages = reminders(allowed + bundle(asking, {}, apart, today)[0], final, policy, today, around)
    return Plan(
        today=today,
        lines=tuple(final),
        reminders=tuple(messages[: len(allowed)]),
        waiting=tuple(messages[len(allowed) :]),
        tasks=tuple(tasks(final, history, policy, today, around, only)),
        around=around,
        overtaken=tuple(overtaken(final, history, policy, around, today)),
        missed=tuple(missed_instalments(tuple(final), history, policy, around, today)),
    )


def _deferred(ready: Iterable[Line], history: History, today: date) -> dict[str, Stop]:
    """The lines whose message the server put off, by key."""
    stops = {}
    for line in ready:
        past = history.invoices.get(line.key)
        if past is not None and past.deferrals and line.acting is not None:
            stop = deferral(line.acting, past, today, history.now)
            if stop is not None:
                stops[line.key] = stop
    return stops


def judge(invoice: Invoice, history: History, policy: DunningPolicy, today: date, around: Surroundings = ALONE) -> Line:
    """The line of one invoice before messages are grouped: REMIND means that its stage may leave today."""
    return next(_judged(keyed([invoice]), history, policy, today, around))


def _judged(
    invoices: Iterable[tuple[str, Invoice]], history: History, policy: DunningPolicy, today: date, around: Surroundings
) -> Iterator[Line]:
    """The lines before messages are grouped, of invoices with their keys; each customer and place once."""
    customer_state = cache(partial(customer_state_of, history=history, policy=policy, today=today))
    place = cache(partial(place_of, history=history, policy=policy, today=today))
    for key, invoice in invoices:
        known = account(invoice, key, customer_state(invoice.customer), history, today)
        closed = settled(known)
        if closed is not None:
            yield _closed(known, closed)
        else:
            case = standing(known, place, history, policy)
            yield _owed(case, first_stop(case, history, policy, around), history, policy)


def _closed(known: Account, reason: Reason) -> Line:
    """The line of an invoice of which nothing is claimed."""
    return Line(
        invoice=known.invoice,
        key=known.key,
        stage=None,
        days_overdue=days_overdue(known.invoice, known.today),
        paid=known.paid,
        outstanding=known.outstanding,
        grounds=None,
        decision=Decision.HOLD,
        reason=reason,
        last_contact=known.contacts[-1] if known.contacts else None,
        last_stage=_last_stage(known.contacts),
        note=known.invoice.note,
        in_file=True,
        told=known.told,
        absorbed=absorbed(known.past, known.told),
        overruled=known.past.overruled,
    )


def _owed(case: Standing, stop: Stop | None, history: History, policy: DunningPolicy) -> Line:
    """The line of an invoice that is owed: its next stage leaves today, or stops."""
    if stop is None:
        assert case.next_stage is not None
        decision = Decision.REMIND if "email" in case.next_stage.channels else Decision.TASK
        stop = Stop(Reason.DUE, case.broken[0].promised if case.next_stage is BROKEN_PROMISE else None)
        next_stage, next_date = after_acting(case.climb, case.next_stage, policy, case.today)
    else:
        decision = Decision.HOLD
        next_stage, next_date = after_stop(case, stop, history, policy)
    return Line(
        invoice=case.invoice,
        key=case.key,
        stage=case.stage,
        days_overdue=case.days,
        paid=case.paid,
        outstanding=case.outstanding,
        grounds=grounds_of(case.invoice, case.key, case.customer_state, case.contacts, history)
        if case.days > 0
        else None,
        decision=decision,
        reason=stop.reason,
        last_contact=case.contacts[-1] if case.contacts else None,
        last_stage=_last_stage(case.contacts) if case.contacts else None,
        acting=case.next_stage if case.wait is None else None,
        until=stop.until,
        why=stop.why,
        note=stop.note,
        in_file=stop.in_file,
        of_customer=stop.of_customer,
        ladder=case.restarts,
        climb=case.climb,
        next_stage=next_stage,
        next_date=next_date,
        broken=case.broken,
        told=case.told,
        absorbed=absorbed(case.past, case.told),
        overruled=case.past.overruled,
    )


def _last_stage(contacts: Sequence[Contact]) -> str | None:
    """The last stage that a contact is known to have been."""
    for contact in reversed(contacts):
        if contact.stage:
            return contact.stage
    return None


def _final(line: Line, stop: Stop | None, after: date | None, policy: DunningPolicy, today: date) -> Line:
    """The line once messages are grouped: stopped after all, or bound by the term that its message gives."""
    assert line.acting is not None
    assert line.climb is not None
    if stop is None:
        stage, day = after_acting(line.climb, line.acting, policy, today, after)
        return line._replace(next_stage=stage, next_date=day)
    stage, day = line.acting, None
    if stop.back is not None:  # the day on which it is ready again
        stage, day = once_free(stage, line.climb, stop.back, policy.calendar)
    return line._replace(
        decision=Decision.HOLD, reason=stop.reason, until=stop.until, why=stop.why, next_stage=stage, next_date=day
    )


def _run_stop(history: History, policy: DunningPolicy, today: date) -> Stop | None:
    """Why no message at all leaves today: a closed day, or a clock behind the journal."""
    if not is_open(today, policy.calendar):
        opens = next_open(today, policy.calendar)
        return Stop(Reason.CLOSED_DAY, until=opens, back=opens)
    if history.last_day is not None and history.last_day > today:
        return Stop(Reason.CLOCK, until=history.last_day)
    if history.clock:
        return Stop(Reason.CLOCK, history.last_day, history.clock)
    return None
