"""Sending: the plan of the day plus its last step; a rehearsal stops before it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from relance.config import Settings
from relance.core.history import History
from relance.core.invoice import Invoice, Problem, invoice_key
from relance.core.memory import remember
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.errors import (
    EXIT_DONE,
    EXIT_LOOK,
    EXIT_NOTHING_DONE,
    DeliveryError,
    JournalError,
    OutputError,
    SettingsError,
    UsageError,
)
from relance.french import typeset
from relance.runs.answering import look_for_answers
from relance.runs.composing import Composed, compose_all
from relance.runs.delivering import hand_over_all, last_look
from relance.runs.dossier import Dossier, machine_time, moment_of, open_dossier, unfinished
from relance.runs.looking import clock_fault
from relance.runs.remembering import history_of, remembered, with_file
from relance.runs.request import Request
from relance.runs.targets import find_target
from relance.runs.texting import with_texts

if TYPE_CHECKING:
    from relance.delivery.outcome import SendReport
    from relance.journal import BusyError, Journal
    from relance.journal.recovery import Recovered
    from relance.runs.delivering import Progress


@dataclass(frozen=True, slots=True)
class Selection:
    """What `send` is limited to: these invoices or customers, this many messages."""

    only: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would leave, message by message; `only` are the keys it was limited to, None where it was not."""

    dossier: Dossier
    plan: Plan
    composed: Composed
    only: frozenset[str] | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read or composed."""
        return self.dossier.source.problems + self.composed.problems

    @property
    def exit_code(self) -> int:
        """1 where something needs a look."""
        look = self.problems or any(line.reason.to_look_at for line in self.plan.lines)
        return EXIT_LOOK if look else EXIT_DONE


@dataclass(frozen=True, slots=True)
class Sent:
    """What left and what did not; `report` is None where the user said no, or another run is at work (`busy`).

    `news` are the sentences about what needs the user that he was not told in the last seven days. `known` tells that
    he was told in them why nothing leaves, or that it is no news yet.
    """

    rehearsed: Rehearsed | None
    report: "SendReport | None" = None
    news: tuple[str, ...] = ()
    busy: "BusyError | None" = None
    known: bool = False

    @property
    def handed(self) -> bool:
        """Whether the mail server or the folder was given a message and answered, or may have been."""
        report = self.report
        return report is not None and bool(report.sent or report.drafted or report.refused or report.in_doubt)

    @property
    def exit_code(self) -> int:
        """1 where there is something new to look at, 2 where the mail server stopped the run before any message."""
        if self.report is None:
            return self.busy.exit_code if self.busy is not None else EXIT_DONE
        report = self.report
        if report.stopped is not None and not self.handed:
            return EXIT_NOTHING_DONE
        failed = report.refused or report.deferred or report.in_doubt or report.stopped
        return EXIT_LOOK if failed or (self.news and _looks(self.rehearsed)) else EXIT_DONE


def rehearse(request: Request, selection: Selection) -> Rehearsed:
    """Every message as it would leave; nothing is written and nothing is connected to."""
    dossier = open_dossier(request)
    return _rehearsed(dossier, remembered(dossier), selection)


def send(
    request: Request,
    selection: Selection,
    asks: Callable[[Rehearsed], bool] | None,
    notices: Callable[[Rehearsed], dict[str, str]],
    progress: "Progress | None" = None,
    *,
    alone: bool = False,
) -> Sent:
    """Send what is due, each once; `asks` is put the question before anything leaves (None: no question).

    `progress` hears of each message as it goes. With `alone`, nobody watches: a network that is late is waited for.
    `notices` says what needs the user, each sentence under a name; the
    journal remembers what he was told.
    SettingsError without a way to send; JournalError or TemplateError where nothing could leave.
    """
    from relance.journal import BusyError, lock, open_journal

    dossier = open_dossier(request)
    look = last_look(dossier)
    settings = _sendable(dossier)
    try:
        with (
            lock(settings.journal) as held,
            open_journal(settings.journal, dossier.today, create=True) as journal,
        ):
            held.remember(journal.id)
            recovered = journal.recover()
            looked = look_for_answers(dossier, settings, journal, alone=alone)
            facts = journal.facts()
            seen = journal.seen(dossier.today)
            history = with_file(dossier, history_of(dossier, facts, journal.started), facts, seen)
            history = history._replace(clock=clock_fault(journal.last_stamp(), machine_time(settings)))
            rehearsed = _rehearsed(dossier, history, selection)
            messages = rehearsed.composed.messages
            if messages and looked.error is None and asks is not None and not asks(rehearsed):
                return Sent(rehearsed)
            known = looked.error is not None
            try:
                if looked.error is not None and messages:  # nothing leaves while an answer may lie unread
                    raise looked.error
                report = hand_over_all(settings, dossier, messages, journal, look, progress, alone=alone)
            except DeliveryError as error:
                from relance.delivery.outcome import SendReport

                report = SendReport(left=list(messages), stopped=error)
                known = known or not journal.untold([f"server {error}"], dossier.today)
            sent = Sent(rehearsed, report, known=known)
            try:
                if not rehearsed.plan.around.shrunk:
                    journal.remember(remember(rehearsed.plan, history), dossier.today)
                told = notices(rehearsed) | ({"mailbox": looked.notice} if looked.notice else {})
                news = tuple(told[name] for name in journal.untold(told, dossier.today))
                return replace(sent, news=_mended(recovered) + news + _backed_up(journal, dossier.today))
            except KeyboardInterrupt:
                if not sent.handed:
                    raise
                raise OutputError(
                    "Interrompu : le compte rendu de l’envoi manque.", "« relance plan » montre où tout en est."
                ) from None
    except BusyError as error:
        return Sent(None, busy=error)


def _mended(recovered: "Recovered") -> tuple[str, ...]:
    """What the run had to mend before it began, in French."""
    said = []
    if recovered.lost:
        said.append(
            "Les reçus à côté du journal manquaient, ou n’étaient plus lisibles : ils ont été refaits d’après le "
            "journal ; un envoi dont ils auraient dit la fin est en doute."
        )
    if recovered.added:
        said.append(f"Le journal était plus ancien que les reçus : {recovered.added} ligne(s) en ont été reprises.")
    return tuple(map(typeset, said))


def _backed_up(journal: "Journal", today: date) -> tuple[str, ...]:
    """The copy of the day; what keeps it from being made is said and harms nothing."""
    try:
        journal.back_up(today)
    except JournalError as error:
        return (typeset(f"La sauvegarde du journal n’a pas pu être faite : {error}"),)
    return ()


def _rehearsed(dossier: Dossier, history: History, selection: Selection) -> Rehearsed:
    policy = dossier.policy
    if selection.limit is not None:
        policy = policy._replace(max_per_run=min(policy.max_per_run, selection.limit))
    only = _selected(selection.only, dossier.invoices) if selection.only else None
    plan = with_texts(build_plan(dossier.invoices, history, policy, dossier.today, only), dossier)
    composed = compose_all(dossier, history, plan.reminders, plan.waiting, moment_of(dossier))
    return Rehearsed(dossier, plan, composed, only)


def _selected(only: tuple[str, ...], invoices: tuple[Invoice, ...]) -> frozenset[str]:
    """The keys of the invoices that `--only` names."""
    return frozenset(invoice_key(invoice) for text in only for invoice in find_target(text, invoices).invoices)


def _looks(rehearsed: Rehearsed | None) -> bool:
    return rehearsed is not None and rehearsed.exit_code == EXIT_LOOK


def _sendable(dossier: Dossier) -> Settings:
    """The settings, where they say how messages leave, and on a day on which they may."""
    settings = dossier.settings
    if settings is None:
        raise SettingsError(
            "Pour envoyer, il faut un fichier de réglages : qui envoie, et par quel serveur.",
            "Créez-le avec « relance init » ; « relance send --dry-run » montre déjà les messages.",
        )
    made_up = unfinished(settings)
    if made_up is not None:
        raise made_up
    if settings.transport == "smtp" and settings.smtp is None:
        raise SettingsError(
            f"Aucun moyen d’envoi dans « {settings.path} ».",
            'Ajoutez [smtp] avec host et user, ou [delivery] transport = "folder" pour des brouillons.',
        )
    from relance.delivery.smtp import is_loopback

    real = settings.transport == "smtp" and settings.smtp is not None and not is_loopback(settings.smtp.host)
    if real and dossier.another_day:
        raise UsageError(
            "Un envoi par un serveur de courrier se fait à la date du jour.",
            "Retirez --today, ou ajoutez --dry-run pour voir ce qui partirait ce jour-là.",
        )
    return settings
