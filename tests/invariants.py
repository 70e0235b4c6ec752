"""What no morning may break, checked against the books of `World`: each rule of design.md that a plan can violate."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from own_rules import (
    APPROVED_FOR,
    OUTSIDE,
    THANKED_WITHIN,
    from_firm_on,
    has_courtesy,
    late_stages,
    third_working,
    works,
)
from world import World, early_keys, looks_of, stage_key

from relance.core.answers import Backlog, HoldReason
from relance.core.invoice import Invoice, Status, customer_id, invoice_key
from relance.core.plan import Decision, Line, Plan, Reminder

KEY_ACCOUNT = "key"
LASTING = {
    HoldReason.DISPUTE: "disputed",
    HoldReason.PLAN: "payment_plan",
    HoldReason.INSOLVENCY: "insolvency",
}
STATUS_STOPS = {
    Status.DRAFT: "draft",
    Status.CANCELLED: "cancelled",
    Status.CREDIT_NOTE: "credit_note",
    Status.WRITTEN_OFF: "written_off",
    Status.FACTORED: "factored",
    Status.UNCLEAR: "unclear",
    Status.DISPUTED: "disputed",
    Status.DIRECT_DEBIT: "direct_debit",
}
ENDED_BY_TIME = {"not_due", "expired", "stage_done", "too_soon", "closed_day", "over_limit"}
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
    if Counter(invoice_key(row) for row in world.rows) != Counter(line.key for line in plan.lines):
        yield Fault(world.today, "each invoice once in the plan", "")
    told = (reminder for reminder in plan.reminders if reminder.stage.key != "thanks")
    leaving = Counter(line.key for reminder in told for line in reminder.lines)
    wanted = Counter(line.key for line in plan.lines if line.decision is Decision.REMIND and not _is_thanked(line))
    if leaving != wanted:
        yield Fault(world.today, "what is decided is what leaves", str(sorted((leaving - wanted) + (wanted - leaving))))
    if len(plan.reminders) > world.policy.max_per_run:
        yield Fault(world.today, "max_per_run", str(len(plan.reminders)))


def _is_thanked(line: Line) -> bool:
    return line.acting is not None and line.acting.key == "thanks"


def _messages(world: World, plan: Plan) -> Iterator[Fault]:
    if plan.reminders and not works(world.today, world.policy):
        yield Fault(world.today, "closed day", plan.reminders[0].customer.name)
    if plan.reminders and any(fact.on > world.today for fact in world.facts):
        yield Fault(world.today, "clock", plan.reminders[0].customer.name)
    if plan.reminders and _shrunk(world):
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
        if (stopped := _stops(world, line.invoice)) & _SILENT:
            yield f"named for information though {sorted(stopped)}"


_SILENT = {*STATUS_STOPS.values(), *LASTING.values(), "not_issued", "paid", "promised", "excluded", "below_minimum"}


def _shrunk(world: World) -> bool:
    """A third or more of the open invoices of the last run gone at once, out of five or more, and nobody said yes."""
    present = {invoice_key(row) for row in world.rows}
    were_open = [seen for seen in world.seen.values() if seen.is_open and seen.gone_on is None]
    gone = [seen for seen in were_open if seen.invoice not in present and not _renumbered_from(world, seen.invoice)]
    return len(were_open) >= 5 and len(gone) * 3 >= len(were_open) and not world.file_confirmed


def _renumbered_from(world: World, key: str) -> bool:
    return any(_former(world, row) == key for row in world.rows)


# One line


def _told(world: World, message: Reminder, line: Line) -> Iterator[tuple[str, str]]:
    """The rules about what one invoice may be told today."""
    key = stage_key(message, line)
    yield from ((rule, key) for rule in (_thanks(world, line) if key == "thanks" else _reminded(world, line, key)))


def _silent(world: World, plan: Plan, line: Line) -> Iterator[tuple[str, str]]:
    """What the silence about one invoice rests on."""
    about, late = line.invoice, (world.today - line.invoice.due_date).days
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
    return line.next_date is not None and line.next_date > world.today and works(line.next_date, world.policy)


def _reminded(world: World, line: Line, stage: str) -> Iterator[str]:
    """The rules about a reminder of one invoice: a rung of its ladder, or the word about a broken promise."""
    about = line.invoice
    account, late = world.account(line.key), (world.today - about.due_date).days
    stopped = _stops(world, about)
    if stopped:
        yield f"nothing to one who is {sorted(stopped)}"
    if any((s.stage, s.channel, s.ladder) == (stage, "email", account.ladder) for s in account.said):
        yield "a stage is done once for ever"
    if _gap(world, account.last_word, world.policy.min_gap_days):
        yield "min_gap_days"
    if account.term is not None and world.today < third_working(account.term, world.policy):
        yield "a term given is a promise"
    if changed(world, about):
        yield f"a change is confirmed first: {changed(world, about)}"
    if _stale(world, about, stage):
        yield "stale_input"
    if stage == "broken_promise":
        yield from _word_on_promise(world, about)
    elif stage in early_keys(about, world.policy):
        if not -5 <= late < 0 or not has_courtesy(about) or account.ladder:
            yield "a courtesy leaves from J-5 until the day before the due date, on terms of 15 days"
    else:
        yield from _rung(world, about, stage, late)


def _rung(world: World, about: Invoice, stage: str, late: int) -> Iterator[str]:
    expected, by_date = next_rung(world, about), _by_date(world, about)
    if expected != stage:
        yield f"one stage at a time: {expected}"
    day = next((s.day for s in late_stages(about, world.policy) if s.key == stage), None)
    if day is None or late < day:
        yield "a stage leaves once its day is reached"
    if _is_key(about) and from_firm_on(stage, about, world.policy):
        yield "a person speaks to a key account from firm on"
    if _needs_word(world, about, stage) and not _approved(world, about, stage):
        yield "a formal notice waits for the user's word"
    if not by_date and world.old(about) and world.backlog in (None, Backlog.IGNORE) and not world.done(about):
        yield "the backlog waits for an answer"
    if _unanswered_promise(world, about):
        yield "a broken promise is spoken of before the ladder goes on"
    for until in _promised_days(world, about):
        if _gap(world, until, world.policy.min_gap_days):
            yield "seven quiet days after a promise"


def _word_on_promise(world: World, about: Invoice) -> Iterator[str]:
    account = world.account(invoice_key(about))
    given = [day for target in world.targets(about) for day in world.kept_or_broken.get(target, ())]
    until = max([*given, *_promised_days(world, about)], default=None)
    if until is None or world.today < third_working(until, world.policy):
        yield "a broken promise is one that was given, three working days ago"
    elif world.fresh_on <= until:
        yield "a broken promise needs a file newer than it"
    if any(said.stage == "broken_promise" for said in account.said):
        yield "a broken promise is told once per invoice"


def _thanks(world: World, line: Line) -> Iterator[str]:
    """Thanks go once to who paid within ten days, was reminded gently, and owes nothing else that is late."""
    about, account = line.invoice, world.account(line.key)
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
        if late and customer_id(row.customer) == owner and world.outstanding(row) >= world.policy.minimum:
            yield "thanks only to whom owes nothing else that is overdue"


# What the books say of one invoice


def _gap(world: World, since: date | None, days: int) -> bool:
    return since is not None and since <= world.today and (world.today - since).days < days


def _promised_days(world: World, about: Invoice) -> list[date]:
    return [h.until for h in world.holds_on(about) if h.reason is HoldReason.PROMISE and h.until is not None]


def _unanswered_promise(world: World, about: Invoice) -> bool:
    """True where a first promise was broken and nobody said a word since."""
    account = world.account(invoice_key(about))
    until = max(_promised_days(world, about), default=None)
    if until is None or any(said.stage == "broken_promise" for said in account.said):
        return False
    return not any(said.day > until for said in account.said) and len(_promised_days(world, about)) == 1


def _stops(world: World, about: Invoice, *, kin: bool = False) -> set[str]:
    """Every reason of ours why nobody may be reminded of this invoice today."""
    found = {STATUS_STOPS[about.status]} if about.status in STATUS_STOPS else set()
    for held in world.holds_on(about, kin=kin):
        if held.reason in LASTING:
            found.add(LASTING[held.reason])
        elif held.reason is HoldReason.PROMISE and held.until is not None:
            found |= {"promised"} if world.today < third_working(held.until, world.policy) else set()
        elif held.until is None or world.today <= held.until:
            found.add("paused")
    outstanding, account = world.outstanding(about), world.account(invoice_key(about))
    found |= {"paid"} if outstanding <= 0 else {"below_minimum"} if outstanding < world.policy.minimum else set()
    found |= {"not_issued"} if about.issue_date is not None and about.issue_date > world.today else set()
    found |= {"excluded"} if about.customer.excluded else set()
    found |= {"in_doubt"} if account.in_doubt else set()
    found |= {"refused"} if world.refused & {e.casefold() for e in about.customer.emails} else set()
    return found


def _former(world: World, about: Invoice) -> str:
    """The key of an open invoice that is gone and looks just like this one, which nobody saw before."""
    key, present = invoice_key(about), {invoice_key(row) for row in world.rows}
    if key in world.seen:
        return ""
    for seen in world.seen.values():
        if seen.is_open and seen.gone_on is None and seen.invoice not in present:
            same = (seen.customer, seen.total, seen.issue_date, seen.due_date)
            if same == (customer_id(about.customer), about.total, about.issue_date, about.due_date):
                return seen.invoice
    return ""


def changed(world: World, about: Invoice) -> str:
    """What the user has to confirm first."""
    account, former = world.account(invoice_key(about)), _former(world, about)
    if former and world.renumbered.get(invoice_key(about)) != former:
        return "number"
    if account.told is not None and account.told != looks_of(about):
        return "looks"
    return "paid" if world.less_paid(about) else ""


def _returned(world: World, key: str) -> bool:
    seen = world.seen.get(key)
    return seen is not None and seen.gone_on is not None


def _stale(world: World, about: Invoice, stage: str) -> bool:
    """A file too old for this stage, or not newer than a promise."""
    policy, age = world.policy, (world.today - world.fresh_on).days
    if any(world.fresh_on <= until for until in _promised_days(world, about)):
        return True
    limit = policy.max_age_days_firm if from_firm_on(stage, about, policy) else policy.max_age_days
    return 0 < limit < age


def _by_date(world: World, about: Invoice) -> bool:
    return world.old(about) and world.backlog is Backlog.AS_IS and not world.done(about)


def next_rung(world: World, about: Invoice) -> str | None:
    """The stage that comes next, whatever its day: one at a time, no call or letter in the way of a mail."""
    late = late_stages(about, world.policy)
    days = (world.today - about.due_date).days
    if _by_date(world, about):
        return max((s for s in late if s.day <= days), key=lambda s: s.day, default=late[0]).key
    done = world.done(about)
    last = max((i for i, s in enumerate(late) if s.key in done), default=-1)
    coming = late[last + 1 :]
    mail_only = [s for s in coming if "email" in s.channels and s.day <= days]
    passed = [s for s in coming if s.day <= days]
    if passed and "email" not in passed[0].channels and mail_only:
        return mail_only[0].key
    return coming[0].key if coming else None


def _is_key(about: Invoice) -> bool:
    return getattr(about.customer, "profile", "") == KEY_ACCOUNT


def _needs_word(world: World, about: Invoice, stage: str | None) -> bool:
    return any(s.key == stage and s.confirm for s in late_stages(about, world.policy)) and not _is_key(about)


def _approved(world: World, about: Invoice, stage: str) -> bool:
    word = world.words.get((invoice_key(about), stage))
    if word is None or (world.today - word.day).days > APPROVED_FOR:
        return False
    return (word.outstanding, word.due_date, word.customer) == (
        world.outstanding(about),
        about.due_date,
        about.customer.name,
    )


def excused(world: World, plan: Plan, line: Line) -> bool:
    """True where the reason why an overdue invoice is silent today is a fact by our own books."""
    about, reason = line.invoice, line.reason.value
    account, stage = world.account(line.key), next_rung(world, about)
    days = (world.today - about.due_date).days
    if reason in (stops := _stops(world, about, kin=True)):
        return True
    match reason:
        case "not_due" | "expired" | "stage_done":
            return any(s.key == stage and days < s.day for s in late_stages(about, world.policy))
        case "finished":
            return world.finished(about)
        case "no_address":
            return not about.customer.emails
        case "backlog":
            return world.old(about) and world.backlog in (None, Backlog.IGNORE)
        case "changed":
            return bool(changed(world, about)) or _returned(world, line.key)
        case "awaiting_approval":
            return stage is not None and _needs_word(world, about, stage) and not _approved(world, about, stage)
        case "too_soon":
            return not stops and _quiet(world, plan, about)
        case "closed_day":
            return not works(world.today, world.policy)
        case "stale_input":
            return _shrunk(world) or _stale(world, about, stage or "friendly")
        case "clock":
            return any(fact.on > world.today for fact in world.facts)
        case "over_limit":
            return len(plan.reminders) >= world.policy.max_per_run
        case "due":
            return line.decision is Decision.TASK and (
                _is_key(about)
                or any(s.key == stage and "email" not in s.channels for s in late_stages(about, world.policy))
            )
    return account.in_doubt and reason == "in_doubt"


def _quiet(world: World, plan: Plan, about: Invoice) -> bool:
    """A contact, a term, a promise of the last days, or a message that takes the address today."""
    account, policy = world.account(invoice_key(about)), world.policy
    released = [world.releases[target] for target in world.targets(about, kin=True) if target in world.releases]
    if any(_gap(world, when, policy.min_gap_days) for when in (account.last_word, account.known_on, *released)):
        return True
    if account.term is not None and world.today < third_working(account.term, policy):
        return True
    if any(_gap(world, third_working(until, policy), policy.min_gap_days) for until in _promised_days(world, about)):
        return True  # it counts as broken on the day on which one may come back to it
    ours = {address.casefold() for address in about.customer.emails}
    if any(_gap(world, world.addresses.get(address), policy.customer_gap_days) for address in ours):
        return True
    rivals = [
        line.invoice for line in plan.lines if line.reason.value in _TAKES_THE_ADDRESS and line.acting is not None
    ]
    same = customer_id(about.customer)
    return any(
        customer_id(rival.customer) == same or ours & {a.casefold() for a in rival.customer.emails}
        for rival in rivals
        if rival is not about
    )


_TAKES_THE_ADDRESS = ("due", "closed_day", "over_limit")
"""Whoever leaves today, or leaves first once the day or the run has room."""


def rules_of(found: Iterable[Fault]) -> Counter[str]:
    """How often each rule was broken."""
    return Counter(fault.rule for fault in found)


def owed(world: World) -> list[Invoice]:
    """The invoices that a ladder must bring to its end: open, owed, spoken of to somebody who may be."""
    lasting = set(STATUS_STOPS.values()) | {"paid", "below_minimum", "excluded"}
    return [row for row in world.rows if not _stops(world, row) & lasting and row.customer.emails]
