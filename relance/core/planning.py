"""The plan of a day, and of the days after it: a pure function of invoices, history, policy and the day."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial

from relance.core.calendar import ONE_DAY, is_open, next_open
from relance.core.case import Case, case_of, customer_state_of
from relance.core.drafts import overtaken
from relance.core.history import NOTHING, History
from relance.core.invoice import Contact, Invoice, keyed, snapshot_of
from relance.core.ladder import position_of
from relance.core.messages import bundle, reminders, shared_term, thank, thanked, wait_for_word
from relance.core.morning import ALONE, Morning, Surroundings
from relance.core.naming import named
from relance.core.outlook import after_acting, after_stop, once_free
from relance.core.plan import Decision, Line, Plan, Reminder, Task
from relance.core.policy import BROKEN_PROMISE, DunningPolicy
from relance.core.reasons import Reason, Stop
from relance.core.seen import look_around, remember, written_to
from relance.core.stops import deferral, first_stop, settled, stale_input
from relance.core.tasks import missed_instalments, tasks


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
    morning = Morning(today, history, policy)
    history = history._replace(addresses=written_to(found, morning))
    morning = morning._replace(history=history, around=look_around(found, morning))
    judged = named(list(_judged(found, morning)), found, morning.around)
    leaving, stops = _leaving([line for line in judged if line.decision is Decision.REMIND], morning, only)
    lines = _finally(judged, leaving, stops, morning)
    thanks = _thanks(lines, leaving, morning, only)
    if thanks:
        acting = {line.key: line for chosen in thanks for line in chosen}
        lines = [acting.get(line.key, line) for line in lines]
    asking = [line for line in judged if line.reason is Reason.AWAITING_APPROVAL and _wanted(line, only)]
    messages = reminders(leaving + thanks + wait_for_word(asking, morning), lines, morning)
    today_ones = len(leaving) + len(thanks)
    return Plan(
        morning=morning,
        lines=tuple(lines),
        reminders=tuple(messages[:today_ones]),
        waiting=tuple(messages[today_ones:]),
        tasks=tuple(tasks(lines, morning, only)),
        overtaken=tuple(overtaken(lines, morning)),
        missed=tuple(missed_instalments(tuple(lines), morning)),
    )


def judge(invoice: Invoice, history: History, policy: DunningPolicy, today: date, around: Surroundings = ALONE) -> Line:
    """The line of one invoice before messages are grouped: REMIND means that its stage may leave today."""
    return next(_judged(keyed([invoice]), Morning(today, history, policy, around)))


def _judged(invoices: Iterable[tuple[str, Invoice]], morning: Morning) -> Iterator[Line]:
    """The lines before messages are grouped, of invoices with their keys; each customer and place once."""
    customer_state = cache(partial(customer_state_of, morning=morning))
    position = cache(partial(position_of, morning=morning))
    for key, invoice in invoices:
        case = case_of(invoice, key, customer_state(invoice.customer), position, morning)
        closed = settled(case)
        if closed is not None:
            yield Line(case, Decision.HOLD, Stop(closed, note=case.invoice.note, in_file=True))
        else:
            yield _owed(case, first_stop(case))


def _owed(case: Case, stop: Stop | None) -> Line:
    """The line of an invoice that is owed: its next stage leaves today, or stops."""
    acting = case.next_stage if case.wait is None else None
    if stop is not None:
        stage, day = after_stop(case, stop)
        return Line(case, Decision.HOLD, stop, acting, stage, day)
    assert acting is not None
    decision = Decision.REMIND if "email" in acting.channels else Decision.TASK
    promised = case.broken[0].promised if acting is BROKEN_PROMISE else None
    stage, day = after_acting(case, acting)
    return Line(case, decision, Stop(Reason.DUE, promised), acting, stage, day)


def _wanted(line: Line, only: Collection[str] | None) -> bool:
    return only is None or line.key in only


def _leaving(
    ready: Sequence[Line], morning: Morning, only: Collection[str] | None
) -> tuple[list[list[Line]], dict[str, Stop]]:
    """The lines of each message that leaves, and why the others that are ready stop after all, by key."""
    run_stop, calendar = _run_stop(morning), morning.policy.calendar
    stops: dict[str, Stop] = {}
    if run_stop is None:
        stops = stale_input(ready, morning)
        stops |= _deferred(line for line in ready if line.key not in stops)
    tomorrow = next_open(morning.today + ONE_DAY, calendar)
    late = run_stop or Stop(Reason.OVER_LIMIT, until=tomorrow, back=tomorrow)
    stops |= {line.key: late for line in ready if line.key not in stops and not _wanted(line, only)}
    bundles, waits = bundle([line for line in ready if line.key not in stops], morning)
    room = 0 if run_stop else morning.policy.max_per_run
    stops |= {line.key: Stop(Reason.TOO_SOON, until=day, back=day) for line, day in waits}
    stops |= {line.key: late for chosen in bundles[room:] for line in chosen}
    return bundles[:room], stops


def _deferred(ready: Iterable[Line]) -> dict[str, Stop]:
    """The lines whose message the server put off, by key."""
    stops = {}
    for line in ready:
        if line.case.past.deferrals and line.acting is not None:
            stop = deferral(line.case, line.acting)
            if stop is not None:
                stops[line.key] = stop
    return stops


def _finally(
    lines: Sequence[Line], leaving: Iterable[list[Line]], stops: Mapping[str, Stop], morning: Morning
) -> Sequence[Line]:
    """The lines once messages are grouped: stopped after all, or bound by the term that their message gives."""
    terms = {line.key: after for chosen in leaving if (after := shared_term(chosen, morning)) for line in chosen}
    if not stops and not terms:
        return lines
    found = []
    for line in lines:
        key = line.case.key
        if key in stops:
            line = _stopped(line, stops[key])
        elif key in terms and line.acting is not None:
            stage, day = after_acting(line.case, line.acting, terms[key])
            line = line._replace(next_stage=stage, next_date=day)
        found.append(line)
    return found


def _stopped(line: Line, stop: Stop) -> Line:
    stage, day = line.acting, None
    if stop.back is not None and stage is not None:  # the day on which it is ready again
        stage, day = once_free(line.case, stage, stop.back)
    return line._replace(decision=Decision.HOLD, stop=stop, next_stage=stage, next_date=day)


def _thanks(
    lines: Sequence[Line], leaving: list[list[Line]], morning: Morning, only: Collection[str] | None
) -> list[list[Line]]:
    """The lines of each thank-you that leaves beside the other messages, as far as the day has room for them."""
    if _run_stop(morning) is not None or morning.around.shrunk:
        return []
    thankful = [line for line in thanked(lines, morning) if _wanted(line, only)]
    return thank(thankful, leaving, morning)[: morning.policy.max_per_run - len(leaving)] if thankful else []


def _run_stop(morning: Morning) -> Stop | None:
    """Why no message at all leaves today: a closed day, or a clock behind the journal."""
    today, history, calendar = morning.today, morning.history, morning.policy.calendar
    if not is_open(today, calendar):
        opens = next_open(today, calendar)
        return Stop(Reason.CLOSED_DAY, until=opens, back=opens)
    if history.last_day is not None and history.last_day > today:
        return Stop(Reason.CLOCK, until=history.last_day)
    if history.clock:
        return Stop(Reason.CLOCK, history.last_day, history.clock)
    return None


def look_ahead(
    invoices: Iterable[Invoice], history: History, policy: DunningPolicy, plan: Plan, days: int
) -> list[Plan]:
    """The plans of the `days` days after that of `plan`, each after the messages of the days before it.

    The file is taken to stay as it is and to be kept fresh; what waits for the user's word goes on waiting, and what
    the server put off leaves on its day. A task stands in the plan of the first day on which there is one.
    """
    invoices = tuple(invoices)
    plans: list[Plan] = []
    known = {_name(task) for task in plan.tasks}
    for _ in range(days):
        history = _after(plan, history)
        today = plan.today + ONE_DAY
        if history.file is not None:
            history = history._replace(file=history.file._replace(fresh_on=today))
        plan = build_plan(invoices, history, policy, today)
        plans.append(plan._replace(tasks=tuple(task for task in plan.tasks if _name(task) not in known)))
        known |= {_name(task) for task in plan.tasks}
    return plans


def _name(task: Task) -> tuple[object, ...]:
    """What makes two tasks the same one: a question stays itself while its invoice grows older."""
    stage = None if task.kind in ("review", "confirm") or task.stage is None else task.stage.key
    return task.kind, task.about, stage, tuple(line.key for line in task.lines)


def _after(plan: Plan, history: History) -> History:
    """The history on the evening of a plan whose messages all left, and whose run saw the file."""
    invoices, addresses = dict(history.invoices), dict(history.addresses)
    for reminder in plan.reminders:
        for key, contact in _contacts(reminder, plan.today):
            past = invoices.get(key, NOTHING)
            invoices[key] = past._replace(contacts=(*past.contacts, contact))
        addresses.update((email.casefold(), plan.today) for email in reminder.customer.emails)
    seen = {} if plan.around.shrunk else {row.invoice: row for row in remember(plan)}
    return history._replace(invoices=invoices, addresses=addresses, seen={**history.seen, **seen}, now=None)


def _contacts(reminder: Reminder, on: date) -> Iterable[tuple[str, Contact]]:
    for line in reminder.lines:
        stage = line.acting.key if line.acting is not None else reminder.stage.key
        snapshot = snapshot_of(line.invoice)
        yield line.key, Contact(stage, reminder.channel, on, reminder.customer.emails, reminder.term, snapshot)
