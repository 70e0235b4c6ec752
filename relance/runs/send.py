"""Sending: the plan of the day plus its last step, by the way out that the settings name; a rehearsal stops before."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from relance.core.seen import remember
from relance.errors import (
    EXIT_DONE,
    EXIT_LOOK,
    EXIT_NOTHING_DONE,
    DeliveryError,
    InterruptionError,
    JournalError,
    RelanceError,
    SourceError,
)
from relance.runs.copies import save_copies
from relance.runs.dossier import Desk, machine_date
from relance.runs.drafts import look_at_drafts, withdraw
from relance.runs.last_look import LastLook, resting_on
from relance.runs.passage import Passage, follow
from relance.runs.rehearsal import Notice, Rehearsed, Selection, needs, rehearse, replacing
from relance.runs.replies import Looked, look_for_answers, unread_mails
from relance.runs.rows import files_in_folders, whole_rows
from relance.runs.trend import note_changes
from relance.runs.way_out import sendable, way_out

if TYPE_CHECKING:
    from relance.delivery.outcome import Handed, SendReport
    from relance.journal import BusyError, Journal, State
    from relance.journal.recovery import Recovered


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
    folders = partial(files_in_folders, desk.settings)
    look = LastLook(desk.marks, today, partial(machine_date, desk.settings), folders)
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
    if looked.error is None:
        tidied = look_at_drafts(desk, journal)
        looked = looked._replace(error=tidied.error, remarks=tidied.sentences)
    passage.looked = looked.error is None
    follow(desk, journal)
    return looked, replacing(desk, journal, partial(rehearse, desk, selection, passage.left))


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
        withdraw(desk, journal, rehearsed.replaced)
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
    told: dict[str, Notice] = needs(rehearsed) | unread_mails(looked) | {remark: remark for remark in looked.remarks}
    told |= save_copies(rehearsed.desk, journal)
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
