"""What only a person can do today: decide, confirm, approve, call, post, look again, follow a payment plan."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, assert_never

from relance.core.calendar import after_term
from relance.core.case import Case, dated_payments
from relance.core.facts import Held, Incoming
from relance.core.holds import BY_HOLD, missed_instalment, newer_than, payment_plans, review_day
from relance.core.invoice import ZERO, Contact, customer_id
from relance.core.morning import Morning
from relance.core.plan import About, Decision, Line, Task
from relance.core.policy import BROKEN_PROMISE, INSTALMENT, KEY, Stage, is_firm
from relance.core.reasons import Asks, Reason
from relance.core.seen import seen_paid_on


def tasks(lines: Iterable[Line], morning: Morning, only: Collection[str] | None = None) -> Iterator[Task]:
    """In the order of the lines; the backlog and a file that is not trusted are one question each.

    `only` are the keys of the invoices that tasks are limited to: one about a customer names all its invoices where
    it concerns one of them; None: no such limit.
    """
    lines = tuple(lines)
    for task in _all(lines, morning):
        wanted = task.lines if only is None else tuple(line for line in task.lines if line.key in only)
        if wanted:
            yield task if task.customer is not None else task._replace(lines=wanted)


def _all(lines: tuple[Line, ...], morning: Morning) -> Iterator[Task]:
    heard = [line for line in lines if line.reason.asks or line.reason.runs]  # few of a large file
    for line in heard:
        yield from _asked(line)
        if line.reason.runs and (line.last_contact is not None or line.broken or _ended(line)):
            yield from _to_follow(line)
    yield from _reviews(heard)
    yield from plan_tasks(lines, morning)
    yield from _once(heard)


def _once(lines: Iterable[Line]) -> Iterator[Task]:
    """What is asked once for all the lines that it is about: whether the file is right, what to do with the backlog."""
    asked = [line for line in lines if line.reason.asks is Asks.ONCE]
    stale = tuple(line for line in asked if line.reason is Reason.STALE_INPUT)
    backlog = tuple(line for line in asked if line.reason is Reason.BACKLOG and line.why is None)
    yield from (Task("confirm", None, found) for found in (stale, backlog) if found)


def _asked(line: Line) -> Iterator[Task]:
    """What waits for the user's word, and what the stage of today is for a person to do."""
    customer = line.invoice.customer
    match line.reason.asks:
        case Asks.CONFIRM | Asks.APPROVE as kind:
            yield Task(kind.value, customer, (line,), line.acting)
        case Asks.REVIEW:  # what holds the stage that comes next, or what became of a message about this one
            yield Task("review", customer, (line,), line.acting if line.reason is Reason.OPEN_CREDIT else line.stage)
        case Asks.STAGE:
            if line.decision is Decision.TASK and line.acting is not None:
                yield from (Task(channel, customer, (line,), line.acting) for channel in line.acting.channels)
        case Asks.NOTHING | Asks.REVIEW_LATER | Asks.ONCE:  # nothing of this line alone, or not today
            return
        case other:
            assert_never(other)


def _to_follow(line: Line) -> Iterator[Task]:
    """What a person does about an invoice that is being dunned: beside the mail, after silence, at the end."""
    customer = line.invoice.customer
    beside = () if line.decision is Decision.TASK else tuple(_beside_mail(line))
    yield from beside
    late = line.last_contact is not None and _answer_is_late(line, line.last_contact)
    posted = all(task.kind != "letter" for task in beside)  # the last stage is not over before its letter is
    if (late or line.last_contact is None) and _ended(line) and posted:
        yield Task("review", customer, (line,), line.stage, About.FINISHED)
        return
    if _promised_again(line):
        yield Task("review", customer, (line,), line.stage, About.BROKEN_PROMISE)
    if late and (reached := _unanswered(line)) is not None:
        yield Task("call", customer, (line,), reached, About.SILENCE)


def _promised_again(line: Line) -> bool:
    """True where a promise was broken that no mail speaks of, by a file that would show it kept; nobody did so since.

    The first one is spoken of by a mail, but for a key account.
    """
    mailed = 0 if line.invoice.customer.profile == KEY else 1
    sure = line.broken and newer_than(line.case.morning.history, line.broken[-1].promised)
    return bool(sure) and len(line.broken) > mailed and not _spoken_since(line)


def _unanswered(line: Line) -> Stage | None:
    """The firm stage whose mail the customer left without a word, where nothing else is done today."""
    last, reached = line.last_contact, _still_reached(line)
    if last is None or reached is None or reached.confirm or line.decision is not Decision.HOLD:
        return None
    firm = is_firm(reached, line.case.schedule, line.case.morning.policy)
    return reached if firm and not _heard_from(line.case, last.on) else None


def _still_reached(line: Line) -> Stage | None:
    """The stage of the last mail, where that was about this due date, which is over: nobody else owes an answer."""
    last, position = line.last_contact, line.case.position
    if last is None or line.days_overdue <= 0 or last.stage not in position.done or last.channel != "email":
        return None
    return next((stage for stage in position.schedule.stages if stage.key == last.stage), None)


def _heard_from(case: Case, since: date) -> bool:
    """True where something came from the customer after `since`: money, a promise, a word about a dispute, a mail."""
    days = dated_payments(case)
    days += [payment.told or payment.on for payment in case.past.payments]
    days += [promise.on for promise in case.promises]
    days += [mail.on for mail in case.past.received if mail.what in (Incoming.ANSWER, Incoming.OTHER)]
    others = (seen_paid_on(case), case.customer.released, case.morning.history.releases.get(case.key))
    return any(day > since for day in (*days, *others) if day is not None)


def _ended(line: Line) -> bool:
    """True for a ladder that is done, or that never had a stage for an invoice that is now overdue."""
    return line.reason is Reason.FINISHED and line.days_overdue > 0


def _spoken_since(line: Line) -> bool:
    """True once a person came back to the last broken promise: the program's own mails do not speak of it."""
    last = line.broken[-1]
    return any(
        contact.on >= last.on if contact.stage == BROKEN_PROMISE.key else contact.on > last.promised
        for contact in line.case.contacts
        if contact.channel != "email" or contact.stage == BROKEN_PROMISE.key
    )


def _answer_is_late(line: Line, last: Contact) -> bool:
    """True once each term that we gave is over, and the quiet days of the last contact where it gave none."""
    policy, today = line.case.morning.policy, line.case.today
    if last.term is None and today < last.on + timedelta(days=policy.min_gap_days):
        return False
    terms = [contact.term for contact in line.case.contacts if contact.term is not None]
    return not terms or today >= after_term(max(terms), policy.calendar)


def _beside_mail(line: Line) -> Iterator[Task]:
    """The letter, call or text message that goes with the furthest mail of this ladder and was not recorded yet.

    What a later due date began again is not answered by what went with the mails before it, and asks for nothing
    beside them; nor does what is not late, once its early stages are over.
    """
    position, contacts = line.case.position, line.case.past.contacts
    told = [c for c in contacts if c.snapshot is None or c.snapshot.due_date >= line.invoice.due_date]
    mailed = {contact.stage for contact in told if contact.channel == "email"} & position.done
    stage = next((stage for stage in reversed(position.schedule.stages) if stage.key in mailed), None)
    if stage is not None and (stage.day < 0 or line.days_overdue > 0):
        done = {contact.channel for contact in told if contact.stage == stage.key}
        yield from (Task(way, line.invoice.customer, (line,), stage) for way in stage.channels if way not in done)


def _reviews(lines: Iterable[Line]) -> Iterator[Task]:
    """What the user stopped and has to look at again; what is held of a customer as a whole is one task."""
    due: dict[tuple[str, Reason], list[Line]] = {}
    for line in lines:
        if line.reason.asks is Asks.REVIEW_LATER and _review_due(line):
            name = customer_id(line.invoice.customer) if line.of_customer else line.key
            due.setdefault((name, line.reason), []).append(line)
    yield from (Task("review", found[0].invoice.customer, tuple(found), found[0].stage) for found in due.values())


def _review_due(line: Line) -> bool:
    """True once a hold that stops this line, and that nothing else ends, has reached its review date."""
    holds = () if line.in_file else line.case.holds
    days = (review_day(held) for held in holds if BY_HOLD[held.reason] is line.reason)
    return any(day is not None and line.case.today >= day for day in days)


class _Covered(NamedTuple):
    """A payment plan, the lines of what it covers, and what is left of them (in their currency)."""

    plan: Held
    lines: tuple[Line, ...]
    left: Decimal


def plan_tasks(lines: tuple[Line, ...], morning: Morning) -> Iterator[Task]:
    """Each payment plan with an instalment that did not come, or paid while it still silences later invoices.

    Once a person has spoken of the instalment, the usual quiet days are the customer's.
    """
    for task in missed_instalments(lines, morning):
        if not _just_spoken_of(task, morning):
            yield task
    for plan, _, left in _covered(lines, morning):
        later = tuple(line for line in lines if _silenced(line, plan)) if left == 0 else ()
        if later:
            yield Task("review", later[0].invoice.customer, later, later[0].stage, About.PLAN_PAID)


def missed_instalments(lines: tuple[Line, ...], morning: Morning) -> Iterator[Task]:
    """Each payment plan with an instalment that did not come, spoken of or not."""
    for plan, covered, left in _covered(lines, morning):
        held = tuple(line for line in covered if line.reason is Reason.PAYMENT_PLAN)
        missed = missed_instalment(plan, left, morning)
        if held and missed is not None:
            yield Task("review", held[0].invoice.customer, held, held[0].stage, About.INSTALMENT, missed)


def _covered(lines: tuple[Line, ...], morning: Morning) -> Iterator[_Covered]:
    plans = payment_plans(morning.history)
    by_key = {line.key: line for line in lines} if plans else {}
    by_key |= {seen.invoice: by_key[key] for key, seen in morning.around.renumbered.items() if key in by_key}
    for plan in plans:
        covered = tuple({by_key[key].key: by_key[key] for key in plan.covers if key in by_key}.values())
        yield _Covered(plan, covered, sum((max(line.outstanding, ZERO) for line in covered), ZERO))


def _just_spoken_of(task: Task, morning: Morning) -> bool:
    """True in the quiet days after somebody spoke of the missed instalment, by whatever channel."""
    assert task.instalment is not None
    quiet, due = timedelta(days=max(morning.policy.min_gap_days, 1)), task.instalment.due
    contacts = (contact for line in task.lines for contact in line.case.contacts)
    return any(c.stage == INSTALMENT.key and due < c.on and morning.today < c.on + quiet for c in contacts)


def _silenced(line: Line, plan: Held) -> bool:
    """True for an overdue invoice that a plan of its customer holds without being about it."""
    if line.reason is not Reason.PAYMENT_PLAN or line.key in plan.covers or line.days_overdue <= 0:
        return False
    return plan in line.case.customer.holds
