"""Sending: the plan of the day plus its last step, by the way out that the settings name; a rehearsal stops before."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from relance.core.bank import Apart, Unasked
from relance.core.history import Seen
from relance.core.invoice import Problem, invoice_key
from relance.core.morning import Surroundings
from relance.core.plan import Line, Overtaken, Plan, Task, awaited_for
from relance.core.planning import build_plan
from relance.core.reasons import Reason
from relance.core.seen import name_of_draft, name_of_gone, name_of_line, name_of_task, remember
from relance.errors import (
    EXIT_DONE,
    EXIT_LOOK,
    EXIT_NOTHING_DONE,
    DeliveryError,
    InterruptionError,
    JournalError,
    RelanceError,
    SourceError,
    TemplateError,
)
from relance.french import half_awaited
from relance.runs.compose import NOTHING_REWRITTEN, Composed, Rewritten, compose_all
from relance.runs.dossier import Desk, machine_date
from relance.runs.last_look import LastLook, resting_on
from relance.runs.lookup import find_target
from relance.runs.memory import note_changes
from relance.runs.passage import Passage, follow, said_of_bank
from relance.runs.plan import by_name, look_code, rows_of, tells, with_texts
from relance.runs.replies import Looked, look_for_answers
from relance.runs.rows import whole_rows
from relance.runs.way_out import sendable, way_out

if TYPE_CHECKING:
    from relance.delivery.outcome import Handed, SendReport
    from relance.journal import BusyError, Journal, State
    from relance.journal.recovery import Recovered


_NAMED = 3  # senders of mails that could not be read
Notice = Task | Seen | Overtaken | Line | Surroundings | Problem | Apart | Unasked | str
"""What needs the user.

A task, an invoice that is gone, a draft to throw away, a reason, what a file lost, a problem, file and bank apart.
"""


class Selection(NamedTuple):
    """What `send` is limited to: these invoices or customers, this many messages; `keys` are those of invoices.

    `rewritten` are the words that a person gave to messages.
    """

    only: tuple[str, ...] = ()
    limit: int | None = None
    keys: frozenset[str] = frozenset()
    rewritten: Mapping[str, Rewritten] = NOTHING_REWRITTEN


class Rehearsed(NamedTuple):
    """What would leave, message by message; `only` are the keys it was limited to, None where it was not."""

    desk: Desk
    plan: Plan
    composed: Composed
    only: frozenset[str] | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read or composed."""
        return self.desk.problems + self.composed.problems

    @property
    def asked(self) -> set[str]:
        """The keys of the invoices that a task of the plan is about."""
        return {line.key for task in self.plan.tasks for line in task.lines}

    @property
    def exit_code(self) -> int:
        """1 where something needs a look."""
        return look_code(self.plan, self.problems)


class Sent(NamedTuple):
    """What left and what did not.

    `report` is None where the user said no, another run is at work (`busy`), or what stands online cannot be fetched
    (`unread`).
    `news` is what needs the user and he was not told in the last seven days, `mailbox` too where it does not answer.
    `known` tells that he was told in them why nothing leaves, or that it is no news yet. `mended` is what the run put
    right in the journal before it began, `unnoted` why it could not note what is not the messages themselves. `names`
    are those of what is news, for `finish`; `named` is the news by these. `to_look_at` tells that a plan made after
    `rehearsed` has something to look at.
    """

    rehearsed: Rehearsed | None
    report: "SendReport | None" = None
    news: tuple[Notice, ...] = ()
    busy: "BusyError | None" = None
    known: bool = False
    mailbox: Looked | None = None
    mended: "Recovered | None" = None
    unread: SourceError | None = None
    unnoted: RelanceError | None = None
    names: tuple[str, ...] = ()
    named: Mapping[str, Notice] = MappingProxyType({})
    to_look_at: bool = False

    @property
    def handed(self) -> bool:
        """Whether the mail server or the folder was given a message and answered, or may have been."""
        return self.report is not None and self.report.handed

    @property
    def exit_code(self) -> int:
        """1 where there is something new to look at, 2 where the mail server stopped the run before any message."""
        if self.report is None:
            failed = self.busy or self.unread
            return failed.exit_code if failed is not None else EXIT_DONE
        report = self.report
        if report.stopped is not None and not self.handed:
            return EXIT_NOTHING_DONE
        wrong = report.refused or report.deferred or report.in_doubt or report.stopped or self.unnoted
        news = self.news or self.mailbox or self.mended
        look = self.to_look_at or (self.rehearsed is not None and self.rehearsed.exit_code == EXIT_LOOK)
        return EXIT_LOOK if wrong or (news and look) else EXIT_DONE

    @property
    def counts(self) -> dict[str, int]:
        """What the run did: messages by what became of them, and what needs the user."""
        report, names = self.report, ("sent", "drafted", "refused", "deferred", "in_doubt")
        found = {name: len(getattr(report, name)) for name in names} if report is not None else {}
        return {name: count for name, count in {**found, "news": len(self.news)}.items() if count}


def rehearse(desk: Desk, selection: Selection, left: int | None = None) -> Rehearsed:
    """Every message as it would leave; nothing is written and nothing is connected to.

    `left` is how many more may leave today; None: no run before this one counts.
    """
    policy = desk.policy
    most = [policy.max_per_run, *(limit for limit in (selection.limit, left) if limit is not None)]
    policy = policy._replace(max_per_run=min(most))
    found = [find_target(text, desk.invoices) for text in selection.only]
    only = selection.keys | {invoice_key(invoice) for target in found for invoice in target.invoices} or None
    plan = build_plan(desk.invoices, desk.history, policy, desk.today, only)
    composed = compose_all(desk, plan, selection.rewritten)
    try:
        plan = with_texts(plan, desk)
    except TemplateError as error:  # of a text message, which a person writes: the mails leave all the same
        composed = composed._replace(problems=(*composed.problems, Problem(desk.source.file, error.shown)))
    return Rehearsed(desk, plan, composed, only)


def send(
    desk: Desk,
    selection: Selection,
    progress: "Progress | None" = None,
    *,
    alone: bool = False,
    passage: Passage | None = None,
) -> Generator[Rehearsed, bool, Sent]:
    """Send what is due, each once.

    Before anything leaves, the run is yielded as a question, and ends where it is answered with a no. `progress` hears
    of each message as it goes. With `alone`, nobody watches: a network that is late is waited for.
    SettingsError without a way to send; JournalError or TemplateError where nothing could leave.
    """
    from relance.journal import BusyError, lock, open_journal

    if alone and desk.online and (unread := _unread(desk)):
        return unread
    today = machine_date(desk.settings) if desk.replayed else desk.today
    look = LastLook(desk.marks, today, partial(machine_date, desk.settings))
    settings, handed = sendable(desk), False
    try:
        with lock(settings.journal) as held, open_journal(settings.journal, desk.today, create=True) as journal:
            journal.claim(settings.path)
            held.remember(journal.id)
            put_back = journal.put_back()
            if put_back is not None:
                raise put_back
            recovered = journal.recover()
            passage = passage or Passage(desk)
            passage.begin(journal)
            looked, rehearsed = _read_and_planned(desk, journal, selection, passage, alone=alone)
            if rehearsed.composed.messages and looked.error is None and not (yield rehearsed):
                return Sent(rehearsed, mended=_said_of(recovered))
            if reading := desk.new_reading:  # what the next file is compared with, known before anything leaves by it
                journal.record(reading)
            sent = _handed(rehearsed, looked, journal, look, progress, alone=alone)
            handed = sent.handed
            try:
                return _noted(sent, looked, recovered, journal)
            except (JournalError, KeyboardInterrupt) as error:
                if not sent.handed:
                    raise
                # What left has left: it is reported, whatever the journal could not take any more.
                return sent._replace(unnoted=error if isinstance(error, JournalError) else InterruptionError())
    except BusyError as error:
        return Sent(None, busy=error)
    except KeyboardInterrupt:
        if not handed:
            raise
        raise InterruptionError from None  # all is noted: only the report of it is lost


def _read_and_planned(
    desk: Desk, journal: "Journal", selection: Selection, passage: Passage, *, alone: bool
) -> tuple[Looked, Rehearsed]:
    """The mailbox read and what leaves then; a run of the schedule reads it once a day, and before a message leaves."""
    rehearsed: Rehearsed | None = None
    if passage.has_looked(journal):
        follow(desk, journal)
        rehearsed = rehearse(desk, selection, passage.left)
    if rehearsed is not None and not rehearsed.composed.messages:
        return Looked(), rehearsed
    looked = look_for_answers(desk, journal, alone=alone)
    passage.looked = looked.error is None
    follow(desk, journal)
    return looked, rehearse(desk, selection, passage.left)


def _handed(
    rehearsed: Rehearsed,
    looked: Looked,
    journal: "Journal",
    look: LastLook,
    progress: "Progress | None",
    *,
    alone: bool,
) -> Sent:
    """The messages handed over, or why they were not; without a message, nobody is connected to."""
    from relance.delivery.outcome import SendReport

    desk, messages, known = rehearsed.desk, rehearsed.composed.messages, looked.error is not None
    if not messages:
        return Sent(rehearsed, SendReport(), known=known)
    from relance.delivery.outbox import DoubtfulServerError, deliver

    numbers = count(1)
    shift = desk.now - datetime.now(UTC) if desk.replayed else timedelta(0)

    def tell(handed: "Handed", state: "State") -> None:
        if progress is not None:
            progress(next(numbers), len(messages), handed, state)

    def now() -> datetime:
        return datetime.now(UTC) + shift

    names: tuple[str, ...] = ()
    try:
        if looked.error is not None:  # nothing leaves while an answer may lie unread
            raise looked.error
        look.watch((Path(file.path), file.digest) for message in messages for file in message.attachments if file.path)
        with way_out(desk.own_settings, alone=alone) as (transport, pace):
            rested = resting_on(messages, rehearsed.plan.lines)
            try:
                report = deliver(rested, journal, transport, desk.today, look=look, now=now, per_minute=pace, tell=tell)
            except KeyboardInterrupt:  # at its very first or last step: nobody knows which
                raise InterruptionError from None
        if isinstance(report.stopped, DoubtfulServerError):  # a question that stands is asked once
            names = journal.untold([f"doubts {report.stopped}"], desk.today)
            known = known or not names
    except DeliveryError as error:
        report = SendReport(left=list(messages), stopped=error)
        names = journal.untold([f"server {error}"], desk.today)
        known = known or not names
    return Sent(rehearsed, report, known=known, names=names)


def _noted(sent: Sent, looked: Looked, recovered: "Recovered", journal: "Journal") -> Sent:
    """The run with what the user is told of it; the journal remembers what the file showed."""
    rehearsed = sent.rehearsed
    assert rehearsed is not None
    today = rehearsed.desk.today
    plan = rehearsed.plan
    doubted = plan.around.shrunk or plan.around.mixed or plan.morning.history.unagreed
    if not doubted:  # sums that may be wrong are no memory
        journal.remember(remember(plan), today, whole_rows(rehearsed.desk.source, plan.morning.history))
        note_changes(journal, plan)
    rehearsed.desk.note_content(journal)
    told = needs(rehearsed) | _unread_mails(looked)
    news = journal.untold([*told, *(["mailbox"] if looked.since else [])], today)
    named = {name: told[name] for name in news if name in told}
    return sent._replace(
        news=tuple(named.values()),
        named=named,
        mailbox=looked if "mailbox" in news else None,
        mended=_said_of(recovered),
        names=sent.names + news,
    )


def _said_of(recovered: "Recovered") -> "Recovered | None":
    return recovered if recovered.lost or recovered.added else None


def _unread_mails(looked: Looked) -> dict[str, Notice]:
    """That mails of strangers could not be read, as a remark: they hold nothing."""
    if not looked.unread:
        return {}
    count = len(looked.unread)
    whose = ", ".join(dict.fromkeys(sender or "expéditeur inconnu" for sender in looked.unread[:_NAMED]))
    what = "Un message de votre boîte n’a" if count == 1 else f"{count} messages de votre boîte n’ont"
    more = ", ..." if count > _NAMED else ""
    return {f"unread {count} {whose}": f"{what} pas pu être lu{'s' if count > 1 else ''} ({whose}{more}) : à voir."}


def finish(desk: Desk, sent: Sent) -> Iterator[str]:
    """Once the run was shown: that the user was told goes into the journal, and the journal into its copy of the day.

    Yields what keeps it from that, in French: a copy that fails once in seven days. A kill before this repeats a
    notice rather than silencing it.
    """
    from relance.journal import open_journal

    if sent.unnoted is not None or not (sent.report or sent.names):
        return
    try:
        with open_journal(desk.own_settings.journal, desk.today, create=False) as journal:
            journal.told(sent.names, desk.today)
            if sent.report is None:
                return
            try:
                journal.back_up(desk.today, anew=sent.handed)
            except JournalError as error:
                if journal.untold([_COPY], desk.today):
                    yield f"La sauvegarde du journal n’a pas pu être faite : {error}"
                    journal.told([_COPY], desk.today)
    except JournalError as error:
        yield str(error)


_COPY = "copy"
"""The name under which the journal knows that the user was told of a copy that failed."""


def needs(rehearsed: Rehearsed) -> dict[str, Notice]:
    """Each thing that needs the user, by the name that the journal knows it by: made of values, whatever its words."""
    plan, only, asked = rehearsed.plan, rehearsed.only, rehearsed.asked
    notices: dict[str, Notice] = {name_of_task(task): task for task in plan.tasks}
    if plan.around.shrunk:  # said every day: an emptied file has no line that could say it
        notices[f"shrunk {plan.today.isoformat()}"] = plan.around
    else:
        notices |= {name_of_gone(seen): seen for seen in plan.around.vanished}
    for draft in plan.overtaken:
        if only is None or not only.isdisjoint(draft.keys):
            notices[name_of_draft(draft)] = draft
    rows = rows_of(rehearsed.problems)
    for line in plan.lines:
        if (plan.around.shrunk and line.reason is Reason.STALE_INPUT) or tells(rows, line):
            continue
        if line.to_look_at and line.key not in asked and (only is None or line.key in only):
            notices.setdefault(name_of_line(line), line)  # or the task about his address tells it
    notices |= {warning: warning for warning in rehearsed.composed.warnings}
    notices |= said_of_bank(plan) if only is None else {}
    notices |= {f"half {half}": half_awaited(half) for half in filter(None, [awaited_for(plan)])}
    problems, desk = by_name(rehearsed.problems, plan.tasks), rehearsed.desk
    if desk.settings is None or desk.settings.source.file != desk.places:  # nothing can be noted of these rows
        problems = {name: problem._replace(mark="") for name, problem in problems.items()}
    return notices | problems


def _unread(desk: Desk) -> Sent | None:
    """The end of a run that nobody watches and that cannot fetch the invoices: said once a week, not every hour.

    A laptop that has just woken up first finds its network.
    """
    from urllib.parse import urlsplit

    from relance.delivery.network import await_network

    for address in desk.online:
        with suppress(ValueError):  # no address: the fetch says so
            await_network(urlsplit(address).hostname or "", 443)
    try:
        _ = desk.source
    except SourceError as error:
        if desk.settings is None or not desk.settings.journal.exists():
            raise
        with desk.writing() as journal:
            names = journal.untold([f"source {error}"], desk.today)
        return Sent(None, unread=error, known=not names, names=names)
    return None


Progress = Callable[[int, int, "Handed", "State"], None]
"""Hears of each message once it is recorded: which one of how many, and what became of it."""
