"""The plan of a day, and of the days after it: a pure function of invoices, history, policy and the day."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache, partial
from itertools import chain

from relance.core.calendar import ONE_DAY, after_term, next_open, opens_again
from relance.core.case import Case, case_of, customer_state_of, with_promises
from relance.core.history import NOTHING, History
from relance.core.invoice import Contact, Invoice, keyed, number_of, snapshot_of
from relance.core.ladder import leaving, position_of
from relance.core.messages import bundle, reminders, shared_term, thank, thanked, wait_for_word
from relance.core.morning import Morning, Surroundings, in_force
from relance.core.plan import Decision, Line, Overtaken, Plan, Reminder, Task
from relance.core.policy import BROKEN_PROMISE, OUTSIDE_KEYS, DunningPolicy, Stage
from relance.core.reasons import ClockFault, End, Reason, Stop
from relance.core.seen import look_around, remember, written_to
from relance.core.stops import deferral, first_stop, holds_on, quiet_until, settled, stale_input, strongest
from relance.core.tasks import missed_instalments, tasks

_CLOSED = {reason: Stop(reason, in_file=True) for reason in Reason}
"""What the file says of an invoice of which nothing is claimed: one value for all of them, where it says no more."""
Next = tuple[Stage | None, date | None]
"""The next stage of an invoice, and the day on which it can leave: None where a person has to act first."""


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
    wanted: Collection[str] = dict(found) if only is None else only
    morning = Morning(today, history, in_force(policy, history))
    history = history._replace(addresses=written_to(found, morning))
    morning = morning._replace(history=history, around=look_around(found, morning))
    judged = _named(_with_outdated(list(_judged(found, morning)), morning), found, morning.around)
    ready = [line for line in judged if line.decision is Decision.REMIND]
    bundles, stops = _leaving(ready, morning, wanted)
    thanks = _thanks(judged, bundles, morning, wanted)
    changed = _changed(bundles, thanks, [(line, stops[line.key]) for line in ready if line.key in stops])
    lines = [changed.get(line.case.key, line) for line in judged]
    leaving = [[changed[line.case.key] for line in chosen] for chosen in bundles]
    messages = reminders(leaving + thanks + wait_for_word(_asking(judged, wanted), morning), lines, morning)
    today_ones = len(bundles) + len(thanks)
    return Plan(
        morning=morning,
        lines=tuple(lines),
        reminders=tuple(messages[:today_ones]),
        waiting=tuple(messages[today_ones:]),
        tasks=tuple(tasks(lines, morning, wanted)),
        overtaken=_overtaken(lines, morning),
        missed=tuple(missed_instalments(lines, morning)),
    )


def _has_drafts(history: History) -> bool:
    return any(past.drafts for past in history.invoices.values())


def _with_outdated(lines: list[Line], morning: Morning) -> list[Line]:
    if not _has_drafts(morning.history):
        return lines
    from relance.core.drafts import with_outdated  # imported here: most users write no drafts

    return with_outdated(lines, morning)


def _overtaken(lines: Sequence[Line], morning: Morning) -> tuple[Overtaken, ...]:
    """The drafts to throw away."""
    if not _has_drafts(morning.history):
        return ()
    from relance.core.drafts import overtaken  # imported here: most users write no drafts

    return tuple(overtaken(lines, morning))


def _named(lines: Sequence[Line], invoices: Sequence[tuple[str, Invoice]], around: Surroundings) -> Sequence[Line]:
    """The lines with the words for their commands: none is needed of unique numbers while no customer is held."""
    once = len({number_of(key) for key, _ in invoices}) == len(invoices)
    if once and not any(line.stop.of_customer for line in lines):
        return lines
    from relance.core.naming import named

    return named(lines, invoices, around)


def _asking(judged: Iterable[Line], wanted: Collection[str]) -> list[Line]:
    return [line for line in judged if line.stop.reason is Reason.AWAITING_APPROVAL and line.key in wanted]


def judge(invoice: Invoice, history: History, policy: DunningPolicy, today: date) -> Line:
    """The line of one invoice before messages are grouped: REMIND means that its stage may leave today."""
    return next(_judged(keyed([invoice]), Morning(today, history, in_force(policy, history))))


def _judged(invoices: Sequence[tuple[str, Invoice]], morning: Morning) -> Iterator[Line]:
    """The lines before messages are grouped, of invoices with their keys; each customer and place once."""
    customer_state = cache(partial(customer_state_of, morning=morning))
    position = cache(partial(position_of, morning=morning))
    # A file gives all invoices of a customer the same value: it is compared once, not once an invoice.
    customers = {id(invoice.customer): invoice.customer for _, invoice in invoices}
    states = {each: customer_state(customer) for each, customer in customers.items()}
    for key, invoice in invoices:
        case = case_of(invoice, key, states[id(invoice.customer)], position, morning)
        closed = settled(case)
        if closed is not None:
            stop = _CLOSED[closed]
            yield Line(case, Decision.HOLD, stop._replace(note=invoice.note) if invoice.note else stop)
        else:
            yield _owed(case)


def _owed(case: Case) -> Line:
    """The line of an invoice that is owed: its next stage leaves today, or stops."""
    acting = case.next_stage if case.wait is None else None
    holds = holds_on(case)
    stop = strongest(holds) if holds else first_stop(case)
    if stop is not None:
        stage, day = _after_stop(case, stop, holds)
        return Line(case, Decision.HOLD, stop, acting, stage, day)
    assert acting is not None
    promised = case.broken[0].promised if acting is BROKEN_PROMISE else None
    due = Stop(Reason.DUE, promised)
    if "email" in acting.channels:
        return Line(case, Decision.REMIND, due, acting)  # what comes next depends on whether it leaves
    stage, day = _after_acting(case, acting)
    return Line(case, Decision.TASK, due, acting, stage, day)


def _leaving(
    ready: Sequence[Line], morning: Morning, wanted: Collection[str]
) -> tuple[list[list[Line]], dict[str, Stop]]:
    """The lines of each message that leaves, and why the others that are ready stop after all, by key."""
    room, late = _room(morning)
    stops = {line.key: late for line in ready if line.key not in wanted}
    if room:
        stops |= _deferred(ready) | stale_input(ready, morning)
    bundles, waits = bundle([line for line in ready if line.key not in stops], morning)
    stops |= {line.key: Stop(Reason.TOO_SOON, until=day, back=day) for line, day in waits}
    stops |= {line.key: late for line in chain.from_iterable(bundles[room:])}
    return bundles[:room], stops


def _deferred(ready: Iterable[Line]) -> dict[str, Stop]:
    """The lines whose message the server put off, by key."""
    put_off = [line for line in ready if line.case.past.deferrals]
    return {line.key: stop for line in put_off if (stop := deferral(line.case, line.leaving))}


def _changed(
    bundles: Iterable[list[Line]], thanks: Iterable[list[Line]], stopped: Iterable[tuple[Line, Stop]]
) -> dict[str, Line]:
    """By key, the lines that grouping changes: those that leave, with what comes next, those that do not, the thanked.

    A message binds all its lines by the term that it gives.
    """
    changed = {line.key: line for line in chain.from_iterable(thanks)}
    for chosen in bundles:
        after = shared_term(chosen) or date.min
        changed |= {line.key: _leaves(line, after) for line in chosen}
    return changed | {line.key: _stopped(line, stop) for line, stop in stopped}


def _leaves(line: Line, after: date) -> Line:
    stage, day = _after_acting(line.case, line.leaving, after)
    return line._replace(next_stage=stage, next_date=day)


def _stopped(line: Line, stop: Stop) -> Line:
    then = (line.acting, None) if stop.back is None else _once_free(line.case, line.leaving, stop.back)
    return Line(line.case, Decision.HOLD, stop, line.acting, *then, line.name, line.owner)


def _thanks(
    lines: Sequence[Line], bundles: list[list[Line]], morning: Morning, wanted: Collection[str]
) -> list[list[Line]]:
    """The lines of each thank-you that leaves beside the other messages, as far as the day has room for them."""
    thankful = [line for line in thanked(lines, morning) if line.key in wanted]
    if morning.around.shrunk or morning.around.mixed or not thankful:
        return []
    return thank(thankful, bundles, morning)[: _room(morning)[0] - len(bundles)]


def _room(morning: Morning) -> tuple[int, Stop]:
    """How many messages may leave now, and why no more do: none outside days and hours, nor by a wrong clock."""
    today, history, policy = morning.today, morning.history, morning.policy
    opens, tomorrow = next_open(today, policy.calendar), next_open(today + ONE_DAY, policy.calendar)
    if opens > today:
        return 0, Stop(Reason.CLOSED_DAY, until=opens, back=opens)
    if again := opens_again(history.now, today, policy.calendar):
        return 0, Stop(Reason.OUTSIDE_HOURS, until=again, back=again)
    if history.last_day is not None and history.last_day > today:
        return 0, Stop(Reason.CLOCK, history.last_day, ClockFault.GIVEN if history.given else None)
    if history.clock or history.unagreed:
        return 0, _not_trusted(history)
    return policy.max_per_run, Stop(Reason.OVER_LIMIT, until=tomorrow, back=tomorrow)


def _not_trusted(history: History) -> Stop:
    """A wrong clock; else a file that nobody knows how to read: what is thanked for may be no payment."""
    if history.clock:
        return Stop(Reason.CLOCK, history.last_day, history.clock)
    return Stop(Reason.READING, why=history.unagreed)


def _after_acting(case: Case, stage: Stage, after: date = date.min) -> Next:
    """What comes once `stage` has acted today.

    What a person does is waited for by nobody: the next stage comes on its day, done or not. `after` is the first day
    after the term that a shared message gives, where there is one.
    """
    policy, by_mail = case.morning.policy, "email" in stage.channels
    earliest = case.today + (timedelta(days=max(policy.min_gap_days, 1)) if by_mail else ONE_DAY)
    term = stage.term(case.today, policy.calendar)
    if by_mail and term is not None:
        earliest = max(earliest, after_term(term, policy.calendar))
    return leaving(case.position.after(stage), max(earliest, after), policy.calendar)


def _after_stop(case: Case, stop: Stop, holds: tuple[Stop, ...] = ()) -> Next:
    """The stage that waits and the day it can leave, once all `holds` end; no day where a person has to act first."""
    if holds:
        free = max(hold.back or date.max for hold in holds)  # a promise that is broken by then comes first
        return (case.next_stage, None) if free == date.max else _once_quiet(with_promises(case, free), free)
    if stop.back is None and stop.reason.end is not End.TIME:
        return case.next_stage, None
    return _once_quiet(case, stop.back or date.min)


def _once_quiet(case: Case, earliest: date) -> Next:
    """When the next stage leaves from `earliest` on: once the quiet days about the invoice are over."""
    if case.next_stage is None:
        return None, None
    return _once_free(case, case.next_stage, max(earliest, case.today + ONE_DAY, quiet_until(case) or date.min))


def _once_free(case: Case, stage: Stage, earliest: date) -> Next:
    """What leaves first from `earliest` on: `stage` itself, or the rung that has taken its place by then."""
    calendar = case.morning.policy.calendar
    if stage.key in OUTSIDE_KEYS:
        return stage, next_open(earliest, calendar)
    return leaving(case.position, earliest, calendar)


def look_ahead(invoices: Sequence[Invoice], plan: Plan, days: int) -> list[Plan]:
    """The plans of the `days` days after that of `plan`, each after the messages of the days before it.

    File and statements are taken to stay as they are and to be kept fresh; what waits for the user's word goes on
    waiting, and what the server put off leaves on its day. A task stands in the plan of the first day on which there is
    one.
    """
    plans: list[Plan] = []
    known: set[tuple[object, ...]] = set()
    for _ in range(days):
        known |= {_name(task) for task in plan.tasks}
        plan = build_plan(invoices, _after(plan), plan.morning.policy, plan.today + ONE_DAY)
        plans.append(plan._replace(tasks=tuple(task for task in plan.tasks if _name(task) not in known)))
    return plans


def _name(task: Task) -> tuple[object, ...]:
    """What makes two tasks the same one: a question stays itself while its invoice grows older."""
    stage = None if task.kind in ("review", "confirm") else task.stage
    keys = () if task.customer is None else tuple(line.key for line in task.lines)  # one question for all
    return task.kind, task.about, stage, keys


def _after(plan: Plan) -> History:
    """The history on the morning after a plan whose messages all left, and whose run saw the file, all kept fresh."""
    history = plan.morning.history
    invoices, addresses = dict(history.invoices), dict(history.addresses)
    for reminder in plan.reminders:
        for line in reminder.lines:
            past = invoices.get(line.key, NOTHING)
            invoices[line.key] = past._replace(contacts=(*past.contacts, _contact(reminder, line)))
        addresses.update((email.casefold(), plan.today) for email in reminder.customer.emails)
    seen = {} if plan.around.shrunk or plan.around.mixed else {row.invoice: row for row in remember(plan)}
    tomorrow, bank = plan.today + ONE_DAY, history.bank
    fresh = history.file and history.file._replace(fresh_on=tomorrow)
    known = bank._replace(until=tomorrow) if bank is not None and bank.until is not None else bank
    history = history._replace(file=fresh, bank=known, now=None)
    return history._replace(invoices=invoices, addresses=addresses, seen={**history.seen, **seen})


def _contact(reminder: Reminder, line: Line) -> Contact:
    emails, snapshot = reminder.customer.emails, snapshot_of(line.invoice)
    return Contact(line.leaving.key, reminder.channel, line.case.today, emails, reminder.term, snapshot)
