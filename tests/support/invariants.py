"""What no morning may break, checked against the books of `World`: each rule of design.md that a plan can violate."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from own_rules import (
    OUTSIDE,
    THANKED_WITHIN,
    from_firm_on,
    has_courtesy,
    in_hours,
    late_stages,
    third_working,
    works,
)
from reckoning import (
    CLOSED_BY_PLATFORM,
    LASTING,
    STATUS_STOPS,
    changed,
    emptied,
    excused,
    goes_by_date,
    has_word,
    is_key,
    needs_word,
    next_rung,
    promised_days,
    stops_of,
    told_by_platform,
    too_old,
    unanswered_promise,
    within,
)
from world import Account, World, early_keys, stage_key

from relance.core.facts import Backlog
from relance.core.invoice import Invoice, Status, customer_id, invoice_key
from relance.core.plan import About, Decision, Line, Plan, Reminder

ENDED_BY_TIME = {"not_due", "expired", "stage_done", "too_soon", "closed_day", "outside_hours", "over_limit"}
"""Reasons that name the day on which they end; all others are ended by a person or by the file."""


class Fault(NamedTuple):
    """One rule broken on one morning."""

    day: date
    rule: str
    about: str
    detail: str = ""


def faults(world: World, plan: Plan) -> list[Fault]:
    """Everything that is wrong with the plan of this morning; the world's books are still those of before it."""
    found = [*_each_once(world, plan), *_messages(world, plan)]
    messages = {line.key: reminder for reminder in plan.reminders for line in reminder.lines}
    for line in plan.lines:
        told = messages.get(line.key)
        rules = _told(world, told, line) if told is not None else _silent(world, plan, line)
        found += [Fault(world.today, rule, line.key, detail) for rule, detail in rules]
    return found


# The plan as a whole


def _each_once(world: World, plan: Plan) -> Iterator[Fault]:
    """Every row of the file is in the plan exactly once, and what is to be reminded leaves in exactly one message."""
    if Counter(key for key, _ in world.keyed) != Counter(line.key for line in plan.lines):
        yield Fault(world.today, "each invoice once in the plan", "")
    told = (reminder for reminder in plan.reminders if reminder.stage.key != "thanks")
    leaving = Counter(line.key for reminder in told for line in reminder.lines)
    wanted = Counter(line.key for line in plan.lines if line.decision is Decision.REMIND and not _is_thanked(line))
    if leaving != wanted:
        yield Fault(world.today, "what is decided is what leaves", str(sorted((leaving - wanted) + (wanted - leaving))))
    for key in _called(world, plan):
        yield Fault(world.today, "one call an invoice and day", key)
    if len(plan.reminders) > world.policy.max_per_run:
        yield Fault(world.today, "max_per_run", str(len(plan.reminders)))


def _called(world: World, plan: Plan) -> list[str]:
    """The invoices that a person is to call about twice today, or was to already."""
    calls = [task for task in plan.tasks if task.kind == "call" or task.about in _CALLED]
    asked = Counter(line.key for task in calls for line in task.lines)
    done = {key for key, account in world.accounts.items() if ("call", world.today) in _ways(account)}
    return [key for key, count in asked.items() if count > 1 or key in done]


_CALLED = (About.BROKEN_PROMISE, About.INSTALMENT)


def _ways(account: Account) -> set[tuple[str, date]]:
    return {(said.channel, said.day) for said in account.said}


def _is_thanked(line: Line) -> bool:
    return line.acting is not None and line.acting.key == "thanks"


def _messages(world: World, plan: Plan) -> Iterator[Fault]:
    if plan.reminders and not works(world.today, world.policy):
        yield Fault(world.today, "closed day", plan.reminders[0].customer.name)
    if plan.reminders and not in_hours(world.today, world.hour, world.policy):
        yield Fault(world.today, "hours", plan.reminders[0].customer.name)
    if plan.reminders and any(fact.on > world.today for fact in world.facts):
        yield Fault(world.today, "clock", plan.reminders[0].customer.name)
    if plan.reminders and emptied(world):
        yield Fault(world.today, "shrunk file", plan.reminders[0].customer.name)
    addresses = dict(world.addresses)
    for reminder in plan.reminders:
        for rule in _message(world, reminder, addresses):
            yield Fault(world.today, rule, " ".join(line.key for line in reminder.lines), reminder.stage.key)
        addresses |= {address.casefold(): world.today for address in reminder.customer.emails}


def _message(world: World, reminder: Reminder, addresses: dict[str, date]) -> Iterator[str]:
    """The rules about one message as a whole."""
    stages = {stage_key(reminder, line) for line in reminder.lines}
    named = (*reminder.lines, *reminder.others)
    if not reminder.customer.emails or not reminder.lines:
        yield "a message has an address and invoices"
    for address in reminder.customer.emails:
        last = addresses.get(address.casefold())
        if last is not None and (world.today - last).days < max(1, world.policy.customer_gap_days):
            yield "customer_gap_days"
    if len({(customer_id(line.invoice.customer), line.invoice.currency) for line in named}) > 1:
        yield "one customer and currency a message"
    to = {address.casefold() for address in reminder.customer.emails}
    if world.refused & to:
        yield "nothing to an address that was refused"
    if reminder.stage.key not in stages:
        yield "the tone is that of one of its stages"
    if len(stages) > 1 and ("formal_notice" in stages or not stages.isdisjoint(OUTSIDE)):
        yield "a formal notice is not mixed"
    if "courtesy" in stages and len(stages) > 1:
        yield "a courtesy is not raised"
    if len({invoice_key(line.invoice) for line in named}) != len(named):
        yield "an invoice is named once"
    for line in reminder.others:
        if (stopped := stops_of(world, world.row(line))) & _SILENT:
            yield f"named for information though {sorted(stopped)}"


_SILENT = {*STATUS_STOPS.values(), *LASTING.values(), "not_issued", "paid", "promised", "excluded", "below_minimum"} | {
    "time_barred",
    "suspended",
    "payment_sent",
    *CLOSED_BY_PLATFORM,
}


# One line


def _told(world: World, message: Reminder, line: Line) -> Iterator[tuple[str, str]]:
    """The rules about what one invoice may be told today."""
    key = stage_key(message, line)
    yield from ((rule, key) for rule in (_thanks(world, line) if key == "thanks" else _reminded(world, line, key)))


def _silent(world: World, plan: Plan, line: Line) -> Iterator[tuple[str, str]]:
    """What the silence about one invoice rests on."""
    about, late = world.row(line), (world.today - line.invoice.due_date).days
    if line.decision is Decision.TASK and not any(line.key == one.key for t in plan.tasks for one in t.lines):
        yield "a task is in the list of tasks", line.reason.value
    if line.decision is Decision.HOLD and line.reason.value == "due":
        yield "a hold has a reason", ""
    if late > 0 and about.status is Status.OPEN and world.outstanding(about) > 0:
        if not excused(world, plan, line):
            yield "an overdue invoice is acted on or has a true reason", f"{line.decision} {line.reason}"
        if line.reason.value in ENDED_BY_TIME and line.decision is Decision.HOLD and not _ends(world, line):
            yield "a reason of time names its end", f"{line.reason} {line.next_date}"


def _ends(world: World, line: Line) -> bool:
    """The day it ends is to come and open; a run that was full is followed by the next one."""
    first = world.today + timedelta(days=not _begins(world, line))
    return line.next_date is not None and line.next_date >= first and works(line.next_date, world.policy)


def _begins(world: World, line: Line) -> bool:
    """Whether the hours of this day are still to come."""
    hours, hour = world.policy.calendar.hours, world.hour
    return line.reason.value == "outside_hours" and hours is not None and hour is not None and hour < hours.first


def _reminded(world: World, line: Line, stage: str) -> Iterator[str]:
    """The rules about a reminder of one invoice: a rung of its ladder, or the word about a broken promise."""
    about = world.row(line)
    account, late = world.account(line.key), (world.today - about.due_date).days
    stopped = stops_of(world, about)
    if stopped:
        yield f"nothing to one who is {sorted(stopped)}"
    if any((s.stage, s.channel, s.ladder) == (stage, "email", account.ladder) for s in account.said):
        yield "a stage is done once for ever"
    if within(world, account.last_word, world.policy.min_gap_days):
        yield "min_gap_days"
    if account.term is not None and world.today < third_working(account.term, world.policy):
        yield "a term given is a promise"
    if changed(world, about):
        yield f"a change is confirmed first: {changed(world, about)}"
    if too_old(world, about, stage):
        yield "stale_input"
    if stage == "broken_promise":
        yield from _word_on_promise(world, about)
    elif stage in early_keys(about, world.policy):
        if not -5 <= late < 0 or not has_courtesy(about) or account.ladder:
            yield "a courtesy leaves from J-5 until the day before the due date, on terms of 15 days"
    else:
        yield from _rung(world, about, stage, late)


def _rung(world: World, about: Invoice, stage: str, late: int) -> Iterator[str]:
    expected, by_date = next_rung(world, about), goes_by_date(world, about)
    if expected != stage:
        yield f"one stage at a time: {expected}"
    late_rungs = late_stages(about, world.policy)
    day = next((s.day for s in late_rungs if s.key == stage and "email" in s.channels), None)
    if day is None or late < day:
        yield "a stage leaves once its day is reached"
    if is_key(about) and from_firm_on(stage, about, world.policy):
        yield "a person speaks to a key account from firm on"
    if needs_word(world, about, stage) and not has_word(world, about, stage):
        yield "a formal notice waits for the user's word"
    never_spoken_of = not world.account(invoice_key(about)).said
    if not by_date and world.old(about) and world.backlog in (None, Backlog.IGNORE) and never_spoken_of:
        yield "the backlog waits for an answer"
    if unanswered_promise(world, about):
        yield "a broken promise is spoken of before the ladder goes on"
    for until in promised_days(world, about):
        if until >= about.due_date and within(world, until, world.policy.min_gap_days):
            yield "seven quiet days after a promise"


def _word_on_promise(world: World, about: Invoice) -> Iterator[str]:
    account = world.account(invoice_key(about))
    given = [day for target in world.targets(about) for day in world.broken.get(target, ())]
    until = max([*given, *promised_days(world, about)], default=None)
    if until is None or world.today < third_working(until, world.policy):
        yield "a broken promise is one that was given, three working days ago"
    elif world.fresh_on <= until:
        yield "a broken promise needs a file newer than it"
    if any(said.stage == "broken_promise" for said in account.said):
        yield "a broken promise is told once per invoice"


def _thanks(world: World, line: Line) -> Iterator[str]:
    """Thanks go once to who paid within ten days, was reminded gently, and owes nothing else that is late."""
    about, account = world.row(line), world.account(line.key)
    reminders = [s.stage for s in account.said if s.stage not in OUTSIDE]
    if world.outstanding(about) > 0:
        yield "thanks are for what is paid"
    if account.settled_on is None or (world.today - account.settled_on).days > THANKED_WITHIN:
        yield "thanks within ten days"
    if not reminders or reminders[-1] not in ("courtesy", "friendly", "firm"):
        yield "thanks for what was reminded at courtesy, friendly or firm"
    if any(said.stage == "thanks" for said in account.said):
        yield "thanks once"
    if about.customer.excluded:
        yield "nothing to one who is ['excluded']"
    owner = customer_id(about.customer)
    for row in world.rows:
        late = row.due_date < world.today and row.status in (Status.OPEN, Status.DISPUTED)
        late = late and not told_by_platform(world, row) & CLOSED_BY_PLATFORM
        if late and customer_id(row.customer) == owner and world.outstanding(row) >= world.policy.minimum:
            yield "thanks only to whom owes nothing else that is overdue"


def rules_of(found: Iterable[Fault]) -> Counter[str]:
    """How often each rule was broken."""
    return Counter(fault.rule for fault in found)
