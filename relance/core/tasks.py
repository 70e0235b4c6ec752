"""What only a person can do today: decide, confirm, approve, call, post, look again, follow a payment plan."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import assert_never

from relance.core.as_one import as_one
from relance.core.calendar import after_term
from relance.core.case import Case, heard_days
from relance.core.charges import names_charges
from relance.core.facts import Backlog, Cause, Drafted, Held, InDoubt
from relance.core.holds import BY_HOLD, asks_for_call, missed_instalment, payment_plans, review_day, speaks_of
from relance.core.invoice import ZERO, Contact, Kind, normalised_name
from relance.core.mails import HOLDING, Incoming
from relance.core.morning import Morning
from relance.core.plan import About, Decision, Line, Task, grouped
from relance.core.policy import INSTALMENT, DunningPolicy, Stage, is_firm
from relance.core.reasons import Asks, Change, Doubted, Reason, Stale, Stop, Uncertain, Unplaced
from relance.core.seen import seen_paid_on
from relance.core.status import Declared
from relance.core.stops import quiet_until


def tasks(lines: Sequence[Line], morning: Morning, wanted: Collection[str]) -> Iterator[Task]:
    """In the order of the lines; the backlog, a file that is not trusted, the kind of customers are one question each.

    `wanted` are the keys of the invoices that tasks are limited to: one about a customer names all its invoices where
    it concerns one of them.
    """
    heard = [line for line in lines if (reason := line.stop.reason).asks or reason.runs]  # few of a large file
    asking = grouped(heard, _asks_of)
    of_plans = (*_instalments_to_ask(lines, morning), *_plans_paid(lines, morning))
    of_customers = (*_reviews(asking.get(Asks.REVIEW_LATER, ())), *_addresses(asking.get(Asks.ADDRESS, ()), lines))
    of_credits = _of_credits(asking.get(Asks.REVIEW, ()), morning)
    found = (*_of_lines(heard), *of_credits, *_of_statuses(lines, morning), *of_customers, *of_plans)
    yield from as_one([task for task in found if _is_sure(task, morning) and _is_about(task, wanted)])
    yield from _once([line for line in heard if line.key in wanted], morning.policy)


def _asks_of(line: Line) -> Asks:
    return line.stop.reason.asks


def _of_statuses(lines: Sequence[Line], morning: Morning) -> Iterable[Task]:
    if morning.history.platform is None:
        return ()
    from relance.core.status_tasks import of_platform  # imported here: most plans read no statuses

    return of_platform(lines, morning)


def _is_about(task: Task, wanted: Collection[str]) -> bool:
    return any(line.key in wanted for line in task.lines)


def _is_sure(task: Task, morning: Morning) -> bool:
    """False for what a person would say of sums that may be wrong, while how the file is read is open."""
    return morning.history.unagreed is None or (task.kind in ("confirm", "review") and task.about is None)


def _of_lines(heard: Sequence[Line]) -> Iterator[Task]:
    """What each line asks for; what became of one message is one question, whatever the number of its invoices."""
    alone = [line for line in heard if not isinstance(line.why, Uncertain)]
    messages = grouped((line for line in alone if line.stop.reason in _OF_MESSAGE), _message_of)
    for line in alone:
        reason = line.stop.reason
        if reason in _OF_MESSAGE:
            same = messages[_message_of(line)]
            yield from [Task("review", line.invoice.customer, tuple(same), line.stage)] if same[0] is line else ()
            continue
        if reason.asks:
            yield from _asked(line)
        if reason.runs and (line.case.contacts or line.broken or _ended(line)):
            yield from _to_follow(line)


def _of_credits(heard: Iterable[Line], morning: Morning) -> Iterator[Task]:
    """One question for each credit in doubt, about all that it holds, whoever owes it; each line says this credit."""
    held = {line.key: line for line in heard if isinstance(line.why, Uncertain)}
    if (bank := morning.history.bank) is None or not held:
        return
    from relance.core.unplaced import uncertain  # imported here: most plans read no statement

    for money in uncertain(bank):
        stop = Stop(Reason.BANK_DOUBT, money.on, money)
        lines = tuple(held[key]._replace(stop=stop) for key in money.made.candidates if key in held)
        if lines:
            yield Task("review", lines[0].invoice.customer, lines, lines[0].stage)


_OF_MESSAGE = frozenset((Reason.DRAFTED, Reason.IN_DOUBT, Reason.BANK_DOUBT))


def _message_of(line: Line) -> tuple[object, ...]:
    """What the lines of one message share, or those that one payment may be of."""
    if isinstance(line.why, Unplaced | Declared):
        return line.case.customer.identity, line.reason, line.why
    assert isinstance(line.why, Drafted | InDoubt)
    if isinstance(line.why, Drafted):
        return line.case.customer.identity, line.reason, line.why._replace(invoice="", snapshot=None)
    return line.case.customer.identity, line.reason, line.why._replace(invoice="")


def _once(asked: Sequence[Line], policy: DunningPolicy) -> Iterator[Task]:
    """What is asked once for all the lines that it is about: file, backlog, reading, journal, settings."""
    waiting = [line for line in asked if line.stop.reason in _ASKED_ONCE and not isinstance(line.why, Backlog)]
    for reason in _ASKED_ONCE:
        for found in grouped((line for line in waiting if line.reason is reason), _beside_file).values():
            yield Task("confirm", None, tuple(found))
    if mixed := tuple(line for line in asked if line.why is Change.MIXED):
        yield Task("confirm", None, mixed)
    if lost := tuple(line for line in asked if line.stop.of_lost_line):
        yield Task("review", None, lost)
    yield from _of_settings(asked, policy)


def _of_settings(asked: Sequence[Line], policy: DunningPolicy) -> Iterator[Task]:
    """What is asked once because the settings leave it open."""
    if unknown := tuple(filter(_needs_kind, asked)):
        yield Task("review", None, unknown, about=About.KIND)
    if rated := tuple(filter(rate_unconfirmed, asked)):
        yield Task("confirm", None, rated, about=About.RATE)
    if not policy.own.payable and (unpayable := tuple(filter(_cannot_be_paid, asked))):
        yield Task("review", None, unpayable, about=About.ACCOUNT)


def _cannot_be_paid(line: Line) -> bool:
    """True where a message asks for money, today or later, and has no link to pay by either."""
    comes = line.acting is not None or line.next_stage is not None
    return comes and line.reason.runs and line.outstanding > 0 and not line.invoice.payment_link


def _beside_file(line: Line) -> Doubted | None:
    """What is asked about that is not the file: statements, what a platform exported."""
    return line.why.beside if isinstance(line.why, Stale) else None


_ASKED_ONCE = (Reason.STALE_INPUT, Reason.BACKLOG, Reason.READING)


def _needs_kind(line: Line) -> bool:
    """True where the next message would name charges, but for a customer of whom nobody told what he is."""
    case = line.case
    if case.customer.grounds.kind is not None:
        return False
    stage = line.acting or line.next_stage
    return stage is not None and line.reason.runs and is_firm(stage, case.schedule, case.morning.policy)


def rate_unconfirmed(line: Line) -> bool:
    """True where charges are about to be named at an agreed rate, and nobody said that it was agreed.

    Such a rate is owed only where the terms or the invoice say so; the law's own needs no word, nor does one that was
    set for this customer. Without a journal nobody can answer.
    """
    if not line.stop.reason.runs or line.days_overdue <= 0 or line.case.morning.history.started is None:
        return False
    stage, case = line.stage, line.case
    if stage is None or not rests_on_terms(line):
        return False
    return names_charges(line.invoice, stage, case.schedule, case.morning.policy)


def rests_on_terms(line: Line) -> bool:
    """True where the one rate of the settings is claimed as it stands there, not as the law has it."""
    history, grounds, own = line.case.morning.history, line.case.customer.grounds, line.invoice.customer.terms
    one_for_all = own is None or own.rate is None
    asked = not grounds.terms.rate.varies and grounds.terms.rate not in history.rates
    return asked and one_for_all and grounds.kind is Kind.BUSINESS


def _asked(line: Line) -> Iterator[Task]:
    """What waits for the user's word, and what the stage of today is for a person to do."""
    customer = line.invoice.customer
    match line.reason.asks:
        case Asks.CONFIRM | Asks.REVIEW if line.why is Change.MIXED or line.stop.of_lost_line:
            return  # one answer for all of them
        case Asks.CONFIRM | Asks.APPROVE as kind:
            yield Task(kind.value, customer, (line,), line.acting)
        case Asks.REVIEW:  # what holds the stage that comes next, or what became of a message about this one
            yield Task("review", customer, (line,), line.acting if line.reason is Reason.OPEN_CREDIT else line.stage)
        case Asks.STAGE if line.decision is Decision.TASK:
            yield from (Task(channel, customer, (line,), line.acting) for channel in line.leaving.channels)
        # Nothing of this line alone, or not today.
        case Asks.NOTHING | Asks.STAGE | Asks.REVIEW_LATER | Asks.ONCE | Asks.ADDRESS:
            return
        case other:
            assert_never(other)


def _to_follow(line: Line) -> Iterator[Task]:
    """What a person does about an invoice that is being dunned: beside the mail, after silence, at the end."""
    customer, last = line.invoice.customer, line.last_contact
    beside = () if line.decision is Decision.TASK else tuple(beside_mail(line))
    yield from beside
    if last is not None and _lacks_cash(line, last):
        yield Task("review", customer, (line,), line.stage, About.CASH)
    late = last is None or _answer_is_late(line, last)
    posted = "letter" not in {task.kind for task in beside}  # the last stage is not over before its letter is
    if late and posted and _ended(line):
        yield Task("review", customer, (line,), line.stage, About.FINISHED)
        return
    if _promised_again(line):
        yield Task("review", customer, (line,), line.stage, About.BROKEN_PROMISE)
    if late and (reached := _unanswered(line)):
        yield Task("call", customer, (line,), reached, About.SILENCE)


def _lacks_cash(line: Line, last: Contact) -> bool:
    """True where the last contact learnt of a lack of cash, and nothing came of it since."""
    return last.cause == Cause.CASH and not _heard_from(line.case, last.on)


def _promised_again(line: Line) -> bool:
    """True where a promise was broken that no mail speaks of; nobody came back to it since."""
    if not asks_for_call(line.broken, line.invoice.customer, line.case.morning.history):
        return False
    return not any(speaks_of(contact, line.broken[-1]) for contact in line.case.contacts)


def _unanswered(line: Line) -> Stage | None:
    """The firm stage whose mail the customer left without a word, where nothing else is done today.

    It was the last contact, about this due date, which is over. A stage that waits for the user's word is none: it is
    followed by what he decides.
    """
    last, case = line.last_contact, line.case
    if last is None or (last.channel, line.decision) != ("email", Decision.HOLD) or line.days_overdue <= 0:
        return None
    done = {stage.key: stage for stage in case.schedule.stages if stage.key in case.position.done}
    reached = done.get(last.stage)
    if reached is None or reached.confirm or not is_firm(reached, case.schedule, case.morning.policy):
        return None
    return None if _heard_from(case, last.on) else reached


def _heard_from(case: Case, since: date) -> bool:
    """True where something came from the customer after `since`: money, a promise, a word about a dispute, a mail."""
    days = [*heard_days(case), seen_paid_on(case)]
    days += [promise.on for promise in case.promises]
    days += [mail.on for mail in case.past.received if mail.what in HOLDING or mail.what is Incoming.OTHER]
    return any(day > since for day in filter(None, days))


def _ended(line: Line) -> bool:
    """True for a ladder that is done, or that never had a stage for an invoice that is now overdue."""
    return line.reason is Reason.FINISHED and line.days_overdue > 0


def _answer_is_late(line: Line, last: Contact) -> bool:
    """True once each term that we gave is over, and the quiet days of the last contact where it gave none."""
    policy, today = line.case.morning.policy, line.case.today
    if last.term is None and today < last.on + timedelta(days=policy.min_gap_days):
        return False
    terms = list(filter(None, (contact.term for contact in line.case.contacts)))
    return not terms or today >= after_term(max(terms), policy.calendar)


def beside_mail(line: Line) -> Iterator[Task]:
    """The letter, call or text message that goes with the furthest mail of this ladder and was not recorded yet.

    What a later due date began again is not answered by what went with the mails before it, and asks for nothing
    beside them; nor does what is not late, once its early stages are over.
    """
    told, ladder, done = _told(line), line.case.schedule.stages, line.case.position.done
    mailed = (each for each in reversed(ladder) if each.key in done and (each.key, "email") in told)
    stage = next(mailed, None)
    if stage is not None and (stage.day < 0 or line.days_overdue > 0):
        for channel in stage.channels:
            if (stage.key, channel) not in told:
                yield Task(channel, line.invoice.customer, (line,), stage)


def _told(line: Line) -> set[tuple[str, str]]:
    """The stages that were said of this due date or a later one, or of one that nobody knows, each with its channel."""
    said = ((contact, contact.snapshot) for contact in line.case.past.contacts)
    due = line.invoice.due_date
    return {(contact.stage, contact.channel) for contact, then in said if then is None or then.due_date >= due}


def _reviews(lines: Iterable[Line]) -> Iterator[Task]:
    """What the user stopped and has to look at again, of `lines`; what is held of all of a customer is one task."""
    for found in grouped(filter(_review_due, lines), _review_of).values():
        yield Task("review", found[0].invoice.customer, tuple(found), found[0].stage)


def _review_of(line: Line) -> tuple[str, Reason]:
    return line.case.customer.identity if line.stop.of_customer else line.key, line.reason


def _review_due(line: Line) -> bool:
    """True once a hold that stops this line, and that nothing else ends, has reached its review date."""
    holds = () if line.stop.in_file else line.case.holds
    days = (review_day(held) for held in holds if BY_HOLD[held.reason] is line.reason)
    return any(day <= line.case.today for day in filter(None, days))


def _addresses(stuck: Sequence[Line], lines: Sequence[Line]) -> Iterator[Task]:
    """Each customer whom no mail reaches (`stuck`) though a stage is due; one task, whatever his invoices.

    Once he was spoken to about one of them, its quiet days hold for all.
    """
    if not stuck:
        return
    quiet = set(map(_owner_of, filter(_is_quiet, lines)))
    bearers = _bearers(lines)
    for owner, found in grouped(stuck, _owner_of).items():
        due = sorted(filter(_has_stage, found), key=_latest_first)
        if due and owner not in quiet:
            yield _to_reach(due, bearers)


def _owner_of(line: Line) -> str:
    return line.case.customer.identity


def _has_stage(line: Line) -> bool:
    return line.acting is not None


def _latest_first(line: Line) -> int:
    return -line.days_overdue


def _is_quiet(line: Line) -> bool:
    return (quiet_until(line.case) or date.min) > line.case.today


def _to_reach(due: Sequence[Line], bearers: Mapping[str, int]) -> Task:
    """A call where there is a number and it is late; what needs the user's word (a formal notice) is no call."""
    first, customer = due[0], due[0].invoice.customer
    called = bool(customer.phone) and first.days_overdue > 0 and not first.leaving.confirm
    alone = customer.name if bearers[normalised_name(customer.name)] == 1 else ""
    word = customer.code or customer.siret or alone  # a name that two of them bear would reach both
    return Task("call" if called else "review", customer, tuple(due), first.acting, About.ADDRESS, word=word)


def _bearers(lines: Iterable[Line]) -> Mapping[str, int]:
    """How many customers bear each name."""
    customers = {line.case.customer.identity: line.invoice.customer for line in lines}
    return Counter(normalised_name(customer.name) for customer in customers.values())


def _instalments_to_ask(lines: Sequence[Line], morning: Morning) -> Iterator[Task]:
    """The missed instalments, but in the quiet days after somebody spoke of one, by whatever channel."""
    quiet = timedelta(days=max(morning.policy.min_gap_days, 1))
    for task in missed_instalments(lines, morning):
        assert task.instalment is not None
        since = max(morning.today - quiet, task.instalment.due)
        contacts = chain.from_iterable(line.case.contacts for line in task.lines)
        if not any(said.on > since for said in contacts if said.stage == INSTALMENT.key):
            yield task


def _plans_paid(lines: Sequence[Line], morning: Morning) -> Iterator[Task]:
    """Each payment plan that is paid while it still silences later invoices."""
    for plan, _, left in _covered(lines, morning):
        if left == 0 and (later := tuple(line for line in lines if _silenced(line, plan))):
            yield Task("review", later[0].invoice.customer, later, later[0].stage, About.PLAN_PAID)


def missed_instalments(lines: Sequence[Line], morning: Morning) -> Iterator[Task]:
    """Each payment plan with an instalment that did not come, spoken of or not."""
    for plan, covered, left in _covered(lines, morning):
        held = tuple(line for line in covered if line.reason is Reason.PAYMENT_PLAN)
        if held and (missed := missed_instalment(plan, left, morning)):
            yield Task("review", held[0].invoice.customer, held, held[0].stage, About.INSTALMENT, missed)


def _covered(lines: Sequence[Line], morning: Morning) -> Iterator[tuple[Held, tuple[Line, ...], Decimal]]:
    """Each payment plan, the lines of what it covers, and what is left of them (in their currency)."""
    plans = payment_plans(morning.history)
    by_key: dict[str, Line | None] = {line.key: line for line in lines} if plans else {}
    by_key |= {seen.invoice: by_key.get(key) for key, seen in morning.around.renumbered.items()}
    for plan in plans:
        covered = {line.key: line for line in map(by_key.get, plan.covers) if line is not None}.values()
        yield plan, tuple(covered), sum((max(line.outstanding, ZERO) for line in covered), ZERO)


def _silenced(line: Line, plan: Held) -> bool:
    """True for an overdue invoice that a plan of its customer holds without being about it."""
    if line.reason is not Reason.PAYMENT_PLAN or line.key in plan.covers or line.days_overdue <= 0:
        return False
    return plan in line.case.customer.holds
