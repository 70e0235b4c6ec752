"""What a person does about an invoice, by channel and stage, and the day on which it is, or was, to be done."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from relance.core.as_one import mailed
from relance.core.calendar import after_term, next_open
from relance.core.case import heard_days
from relance.core.events import BY_HAND, Heard, Occasion, over_on
from relance.core.holds import asks_for_call, broken_promises, hold_ends, speaks_of
from relance.core.invoice import Contact, customer_targets
from relance.core.ladder import next_on
from relance.core.mails import HOLDING, Incoming
from relance.core.plan import About, Line, Task
from relance.core.policy import BROKEN_PROMISE, OUTSIDE, OUTSIDE_KEYS, DunningPolicy, Stage, is_firm
from relance.core.reasons import Reason
from relance.core.seen import seen_paid_on
from relance.core.stops import quiet_until
from relance.core.tasks import beside_mail

_SILENCE = About.SILENCE.value


class _Deed(NamedTuple):
    """One thing to do by hand, on its day."""

    channel: str
    stage: Stage
    on: date
    why: str = ""

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.channel, self.stage.key, self.why)))


def by_hand(lines: Iterable[Line], told: Heard) -> Iterator[Occasion]:
    """Each call, letter and text message about these: to do, to come, done, or not to be done any more."""
    asked = _asked(told.plan.tasks)
    for line in lines:
        about, revision = told.first_key(line), _revision(line, told)
        for deed, since in _one_each(line, asked.get(line.key, ())):
            yield Occasion(about, deed.name, deed.channel, deed.on, (line,), revision, since, deed.stage)


def _asked(tasks: Iterable[Task]) -> dict[str, list[_Deed]]:
    """What is asked of a person today, by the key of the invoice; a call after silence is found by itself."""
    asked: dict[str, list[_Deed]] = {}
    for task in tasks:
        for line in task.lines if task.kind in BY_HAND and task.about is not About.SILENCE else ():
            if stage := task.stage if task.kind == "call" else line.acting:
                asked.setdefault(line.key, []).append(_Deed(task.kind, stage, _day(task, stage, line)))
    return asked


def _one_each(line: Line, asked: Iterable[_Deed]) -> Iterable[tuple[_Deed, date | None]]:
    """Each deed once, with the day since which it is over.

    Of several of one name the last is the one: what stands, what was done, what time passed over.
    """
    over = [*_passed_over(line), *_done(line), *_heard_of(line), *_ended(line)]
    stands = () if over_on(line) is not None else (*_planned(line), *_unheard(line), *asked)
    return {deed.name: (deed, since) for deed, since in (*over, *((deed, None) for deed in stands))}.values()


def _revision(line: Line, told: Heard) -> int:
    """What was said of it and its customer, each mail that left, what runs saw of its sum, what time passed over."""
    names = (*line.case.names, *customer_targets(line.invoice.customer))
    mails = sum(1 for contact in line.case.contacts if contact.channel == "email")
    return told.count(names) + mails + sum(told.changed.get(name, 0) for name in line.case.names) + len(_passed(line))


def _planned(line: Line) -> Iterator[_Deed]:
    """What its ladder asks for next: now, or on the day that is foreseen."""
    if line.acting is not None and not _stopped(line):
        yield from _deeds(line.acting, _first_day(line, line.acting))
    elif line.next_stage is not None and line.next_date is not None:
        yield from _deeds(line.next_stage, line.next_date)


def _deeds(stage: Stage, on: date) -> Iterator[_Deed]:
    yield from (_Deed(channel, stage, on) for channel in stage.channels if channel in BY_HAND)


def _stopped(line: Line) -> bool:
    """True where the user, or the file, stopped it until he says otherwise: nothing is to be done by hand then."""
    reason = line.reason
    return reason in (Reason.BACKLOG, Reason.TIME_BARRED) or (reason.stops_all and not reason.to_look_at)


def _day(task: Task, stage: Stage, line: Line) -> date:
    """The day from which a task of today is to be done; it stays on it."""
    mail = mailed(line, stage)
    return mail.on if mail is not None and task.kind != "call" else _first_day(line, stage)


def _silent_from(contacts: Sequence[Contact], policy: DunningPolicy) -> date:
    """The first day on which a customer who was given all these terms, and says nothing, is called (see tasks)."""
    last = contacts[-1]
    terms = [after_term(each.term, policy.calendar) for each in contacts if each.term is not None]
    return max([*terms, last.on, *([] if last.term else [last.on + timedelta(days=policy.min_gap_days)])])


def _first_day(line: Line, stage: Stage) -> date:
    """The first day on which this stage could be done: its own, or once quiet days and holds before it were over."""
    case = line.case
    calendar, started = case.morning.policy.calendar, case.morning.history.started
    ends = (hold_ends(held, calendar) for held in case.holds)
    free = [quiet_until(case), started, *(day for day in ends if day is not None and day <= case.today)]
    return next_open(max([_own_day(line, stage), *filter(None, free)]), calendar)


def _own_day(line: Line, stage: Stage) -> date:
    """The working day of a stage by the due date alone."""
    return next_open(line.invoice.due_date + timedelta(days=stage.day), line.case.morning.policy.calendar)


def _done(line: Line) -> Iterator[tuple[_Deed, date]]:
    ladder = {stage.key: stage for stage in (*OUTSIDE, *line.case.schedule.stages)}
    for said in line.case.contacts:
        if said.channel in BY_HAND and said.stage:
            yield _Deed(said.channel, ladder.get(said.stage) or Stage(said.stage, 0, said.stage), said.on), said.on


def _passed_over(line: Line) -> Iterator[tuple[_Deed, date]]:
    for stage, passed in _passed(line):
        yield from ((deed, passed) for deed in _deeds(stage, _own_day(line, stage)))


def _passed(line: Line) -> list[tuple[Stage, date]]:
    """The stages for a person whose time is over, each with the day of the stage that took its place."""
    due, today = line.invoice.due_date, line.case.today
    ended = ((stage, due + timedelta(days=after.day)) for stage, after in pairwise(line.case.schedule.late))
    return [(stage, day) for stage, day in ended if not stage.by_mail and day <= today]


def _ended(line: Line) -> Iterator[tuple[_Deed, date]]:
    """What would be, or was, to be done by hand of an invoice that nothing is done about any more, and since when."""
    since = over_on(line) or (max(_news(line), default=line.invoice.due_date) if _stopped(line) else None)
    if since is not None:
        yield from ((deed, since) for deed in (*_given_up(line, since), *_silent(line)))


def _given_up(line: Line, since: date) -> Iterator[_Deed]:
    stage = next_on(line.case.position, since)
    if stage is not None and stage.key not in OUTSIDE_KEYS:
        yield from _deeds(stage, _own_day(line, stage))
    for task in beside_mail(line):
        if task.stage is not None and (mail := mailed(line, task.stage)) is not None:
            yield _Deed(task.kind, task.stage, mail.on)


def _heard_of(line: Line) -> Iterator[tuple[_Deed, date]]:
    """The calls that came of silence, or of a broken promise, and that something made needless."""
    yield from ((deed, since) for deed, since in (*_silences(line), *_unkept(line)) if since is not None)


def _silent(line: Line) -> Iterator[_Deed]:
    """Those that nothing made needless."""
    yield from (deed for deed, since in (*_silences(line), *_unkept(line)) if since is None)


def _unkept(line: Line) -> Iterator[tuple[_Deed, date | None]]:
    """The call about the last promise that was broken, where no mail speaks of it, since when it is over (None: not).

    It is over once a person came back to it, or nothing is owed any more (see tasks).
    """
    case, over = line.case, over_on(line)
    theirs, calendar = (case.key, case.customer.identity), case.morning.policy.calendar
    broken = broken_promises(case.promises, theirs, case.invoice.due_date, calendar, over or case.today)
    if asks_for_call(broken, line.invoice.customer, case.morning.history):
        days = _past((*(said.on for said in case.contacts if speaks_of(said, broken[-1])), over), case.today)
        yield _Deed("call", BROKEN_PROMISE, broken[-1].on), min(days, default=None)


def _unheard(line: Line) -> Iterator[_Deed]:
    yield from () if _stopped(line) else _silent(line)


def _silences(line: Line) -> Iterator[tuple[_Deed, date | None]]:
    """The calls after the silence that followed a firm mail, each since when something was heard (None: nothing)."""
    for stage, count in _firm_mails(line):
        until, after = line.case.contacts[:count], line.case.contacts[count:]
        silent = _silent_from(until, line.case.morning.policy)
        days = _past((*_heard(line), *(other.on for other in after), over_on(line)), line.case.today)
        ended = min((day for day in days if day > until[-1].on), default=None)
        if silent <= (ended or line.case.today):
            yield _Deed("call", stage, silent, _SILENCE), ended


def _firm_mails(line: Line) -> Iterator[tuple[Stage, int]]:
    """The stage of each firm mail that waits for nobody's word, and how many contacts there were with it."""
    firm = _firm_stages(line)
    for count, said in enumerate(line.case.contacts, 1):
        if said.channel == "email" and said.stage in firm:
            yield firm[said.stage], count


def _firm_stages(line: Line) -> dict[str, Stage]:
    schedule, policy = line.case.schedule, line.case.morning.policy
    return {each.key: each for each in schedule.stages if not each.confirm and is_firm(each, schedule, policy)}


def _heard(line: Line) -> list[date]:
    """The days on which something came from the customer: money, a promise, a mail (see tasks)."""
    case = line.case
    mails = [mail.on for mail in case.past.received if mail.what in HOLDING or mail.what is Incoming.OTHER]
    return _past(
        (*heard_days(case), seen_paid_on(case), *mails, *(promise.on for promise in case.promises)), case.today
    )


def _news(line: Line) -> list[date]:
    """The days on which something happened about it: a contact, a word about a hold, something from the customer."""
    case = line.case
    return _past((*(said.on for said in case.contacts), *(held.on for held in case.holds), *_heard(line)), case.today)


def _past(days: Iterable[date | None], today: date) -> list[date]:
    """Those of these days that are known, and not to come."""
    return [day for day in days if day is not None and day <= today]
