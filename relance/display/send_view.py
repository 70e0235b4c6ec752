"""A run of `send`, or its rehearsal, for people and for programs."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from relance.core.bank import Apart, Unasked
from relance.core.cuts import PerhapsGone
from relance.core.history import Seen
from relance.core.invoice import Problem
from relance.core.message import Message
from relance.core.morning import Surroundings
from relance.core.plan import About, Absorbed, Decision, Line, Overtaken, Task
from relance.core.reasons import Reason
from relance.display import mails, terminal
from relance.display.bank import remark
from relance.display.documents import Document, problem_document
from relance.display.layout import ADDRESS, NAME, Cell, Column, columns, page_width
from relance.display.lines import absorbed_words, because, each_with_reply
from relance.display.plan_view import gone, problem_line, shrunk, stage_word, unread
from relance.display.tasks import task_line, throw_away
from relance.errors import EXIT_LOOK, OutputError
from relance.french import date_fr, plural, typeset

if TYPE_CHECKING:
    from relance.delivery.outcome import Handed, SendReport
    from relance.runs.rehearsal import Notice, Rehearsed
    from relance.runs.send import Sent


def sentence(notice: "Notice") -> str:
    """What needs the user, as he reads it."""
    match notice:
        case Task():
            return task_line(notice)
        case Seen():
            return gone(notice)
        case PerhapsGone():
            return unread(notice.seen)
        case Overtaken():
            return throw_away(notice)
        case Surroundings():
            return shrunk(notice)
        case Absorbed():
            return _named(notice.line) + typeset(absorbed_words(notice.line))
        case Line():
            return because(notice) if notice.reason is Reason.CLOCK else _named(notice) + because(notice)
        case Apart() | Unasked():
            return remark(notice)
        case Problem():
            return problem_line(notice, noted=True)
    return typeset(notice)


def sentences(notices: "Iterable[Notice]") -> Iterator[str]:
    """What needs the user, one after the other; what a customer answered stands below the task that it makes."""
    notices = list(notices)
    replies = iter(each_with_reply(notice for notice in notices if isinstance(notice, Task)))
    for notice in notices:
        below = next(replies)[1] if isinstance(notice, Task) else []
        yield "\n    ".join((sentence(notice), *below))


def news_lines(sent: "Sent", *, asked: bool = False) -> Iterator[str]:
    """What needs the user and he was not told lately, with what the run itself had to mend or could not do.

    `asked` tells that he was asked before it left, and so was told of the rate.
    """
    if sent.mended is not None and sent.mended.lost:
        yield typeset(
            "Les reçus à côté du journal manquaient ou étaient illisibles : ils sont refaits d’après le journal. "
            "Un envoi dont ils auraient dit la fin est en doute."
        )
    if sent.mended is not None and sent.mended.added:
        again = plural(sent.mended.added, "ligne reprise des reçus", "lignes reprises des reçus")
        yield typeset(f"Le journal était plus ancien que les reçus : {again}.")
    said = rates(sent.rehearsed) if asked and sent.rehearsed is not None else []
    yield from sentences(notice for notice in sent.news if notice not in said)
    if sent.mailbox is not None and sent.mailbox.since is not None and sent.mailbox.error is not None:
        since = date_fr(sent.mailbox.since)
        yield typeset(f"Depuis le {since}, plus rien ne part : ") + sent.mailbox.error.shown
    if sent.unnoted is not None:
        yield typeset("Le compte rendu est incomplet : ") + sent.unnoted.shown


def _held_back(rehearsed: "Rehearsed", said: Collection[str]) -> Iterator[str]:
    """Why nothing leaves: clock, hour, or what holds an invoice that `--only` names, where nothing else says it.

    `said` are the sentences that stand beside it.
    """
    of_all = (Reason.CLOCK, Reason.OUTSIDE_HOURS)
    by_clock = {because(line): None for line in rehearsed.plan.lines if line.reason in of_all}
    yield from (f"  {sentence}" for sentence in by_clock if sentence not in said)
    messages = (*rehearsed.composed.messages, *rehearsed.composed.waiting)
    told = {key.invoice for message in messages for key in message.keys}
    named = (rehearsed.only or frozenset()) - told - rehearsed.asked
    for line in rehearsed.plan.lines:
        if line.key in named and line.decision is Decision.HOLD and not line.reason.to_look_at:
            yield f"  {_named(line)}{because(line)}"


def _named(line: Line) -> str:
    return typeset(f"{line.invoice.number} ({line.invoice.customer.name}) : ")


def show_rehearsal(rehearsed: "Rehearsed", needs: "Iterable[Notice]", *, as_json: bool) -> None:
    """Every message as it would leave, and what needs the user."""
    composed = rehearsed.composed
    if as_json:
        terminal.say_json(_rehearsal_document(rehearsed))
        return
    for message in composed.messages:
        terminal.say_all(_message_lines(message, "à envoyer"))
    for message in composed.waiting:
        terminal.say_all(_message_lines(message, "à valider"))
    terminal.tell(f"Simulation : {ready(rehearsed)}. Rien n’est parti.")
    notices = list(sentences(needs))
    terminal.say_all(_as_wide(_held_back(rehearsed, notices)))
    terminal.show(_as_wide(f"  {notice}" for notice in notices))


def ready(rehearsed: "Rehearsed") -> str:
    """« 14 messages prêts, 3 à valider »."""
    waiting = len(rehearsed.composed.waiting)
    ready = plural(len(rehearsed.composed.messages), "message prêt", "messages prêts")
    return f"{ready}, {waiting} à valider" if waiting else ready


def rates(rehearsed: "Rehearsed") -> list[Task]:
    """What is asked of a rate, where a message that is about to leave names charges at it."""
    charged = any(reminder.charged for reminder in rehearsed.plan.reminders)
    return [task for task in rehearsed.plan.tasks if charged and task.about is About.RATE]


def show_trouble(sentences: "Iterable[str]") -> bool:
    """What went wrong after the run was shown, on standard error; whether there was anything."""
    found = False
    for each in sentences:
        terminal.complain(typeset(each))
        found = True
    return found


def another_day(rehearsed: "Rehearsed") -> Iterator[str]:
    """That what leaves is dated by another day than this machine's."""
    if rehearsed.desk.another_day:
        yield typeset(f"Date simulée : {date_fr(rehearsed.desk.today)} (--today).")


def show_run(sent: "Sent", *, as_json: bool, full: bool, asked: bool = False) -> None:
    """What left and what did not; where not `full`, only what needs the user. `asked` tells that he was asked before.

    Raises OutputError where that cannot be written, or is cut short: what left has left all the same.
    """
    full = full or sent.unnoted is not None
    try:
        drafted = sent.report is not None and sent.report.drafted
        if sent.rehearsed is not None and sent.handed and (full or drafted) and not asked:
            for sentence in another_day(sent.rehearsed):
                (terminal.complain if as_json else terminal.say)(sentence)
        _show_run(sent, as_json=as_json, full=full, asked=asked)
        terminal.finish()
    except BrokenPipeError:
        raise
    except (OSError, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt) and not sent.handed:
            raise
        raise OutputError(
            "Le compte rendu de l’envoi n’a pas pu être écrit.", "« relance plan » montre où tout en est."
        ) from None


def _show_run(sent: "Sent", *, as_json: bool, full: bool, asked: bool) -> None:
    report = sent.report
    if as_json:
        terminal.say_json(_run_document(sent))
        return
    if sent.unread is not None and (full or not sent.known):
        terminal.complain(sent.unread.shown)
    if report is None:
        if sent.busy is not None and sent.exit_code == EXIT_LOOK:
            since = f" depuis {sent.busy.since.astimezone():%d/%m/%Y %H:%M}" if sent.busy.since else ""
            terminal.tell(
                f"Un autre « relance » est à l’œuvre{since}, plus de deux heures : rien n’est parti. S’il ne fait plus "
                "rien, terminez-le : ce qu’il avait commencé sera retrouvé."
            )
        elif full:
            terminal.tell("Un autre « relance send » est à l’œuvre." if sent.busy else "Rien n’a été envoyé.")
        return
    news, width = list(news_lines(sent, asked=asked)), page_width()
    if full:
        terminal.show(_left_lines(sent, report, width))
        if not any((*_ended(report), report.stopped)):
            terminal.say("Rien à envoyer aujourd’hui.")
            terminal.say_all(_held_back(sent.rehearsed, news) if sent.rehearsed is not None else ())
    terminal.show(_kept_lines(sent, report, width))
    terminal.show(_as_wide(news))
    if report.stopped is not None and (full or not sent.known):
        terminal.complain(report.stopped.shown)


def draft_place(reply: str) -> str:
    """The folder that a draft lies in: of this machine, or of the mailbox (RFC 5092)."""
    if not reply.startswith("imap://"):
        return str(Path(reply).parent)
    server, _, name = reply.removeprefix("imap://").partition(";")[0].partition("/")
    return typeset(f"« {unquote(name)} » ({server})")


def outcome_lines(sent: "Sent") -> Iterator[str]:
    """What became of the messages of a run, each."""
    if sent.report is not None:
        width = page_width()
        yield from _left_lines(sent, sent.report, width)
        yield from _kept_lines(sent, sent.report, width)


def _ended(report: "SendReport") -> tuple["Sequence[Handed]", ...]:
    """What became of the messages: where all are empty, there was none."""
    failed = report.refused, report.deferred, report.in_doubt
    return (report.sent, report.drafted, report.skipped, report.spoken, *failed)


def _left_lines(sent: "Sent", report: "SendReport", width: int) -> Iterator[str]:
    """What left, now or by another run."""
    names = _stage_names(sent)
    yield from columns((_handed_row("envoyé", each, names) for each in report.sent), _HANDED, width)
    yield from _handed_lines("déjà pris par un autre passage", report.skipped, names)


def _kept_lines(sent: "Sent", report: "SendReport", width: int) -> Iterator[str]:
    """What did not leave, or perhaps."""
    names = _stage_names(sent)
    yield from _handed_lines("pas parti, noté entre-temps au journal", report.spoken, names)
    yield from columns((_handed_row(_DRAFT, each, names) for each in report.drafted), _HANDED, width)
    yield from (f"  dans {place}" for place in dict.fromkeys(draft_place(each.reply) for each in report.drafted))
    yield from _handed_lines("refusé", report.refused, names)
    yield from _handed_lines("remis à plus tard", report.deferred, names)
    yield from _handed_lines("en doute, à vérifier", report.in_doubt, names)


def _as_wide(texts: Iterable[str], whole: Iterable[str] = ()) -> Iterator[str]:
    """What needs the user, as wide as the terminal; elsewhere a line each, for a mail program wraps it."""
    return (line for text in texts for line in terminal.fitted(text, whole=whole))


def _stage_names(sent: "Sent") -> dict[str, str]:
    """What each kind of message is called, by the key of its stage."""
    reminders = sent.rehearsed.plan.reminders if sent.rehearsed is not None else ()
    return {reminder.stage.key: stage_word(reminder.stage.label) for reminder in reminders}


_HANDED = (
    Column(),
    Column(least=12),
    Column(),
    Column(least=10, most=NAME),
    Column(least=0, most=ADDRESS),
    Column(least=10, most=NAME),
)


_DRAFT = "brouillon"


def _handed_row(what: str, handed: "Handed", names: Mapping[str, str]) -> list[Cell]:
    """What left, one line: kind, invoices, customer, address where there is room, the server's answer."""
    message = handed.message
    return [
        what,
        names.get(message.stage, message.stage),
        mails.about(tuple(key.number for key in message.keys)),
        message.customer,
        [", ".join(message.to), ""],
        "" if what == _DRAFT else _answer(handed),
    ]


def _answer(handed: "Handed") -> str:
    return f"{handed.code} {handed.reply}" if handed.code else handed.reply


def show_progress(done: int, of: int, handed: "Handed", state: str) -> None:
    """One line of the terminal that tells how far the run is, each in the place of the one before."""
    terminal.tell_progress(typeset(f"{done}/{of} {_STATES.get(state, state)} : ") + handed.message.customer)


_STATES = {
    "sent": "envoyé",
    "draft": "brouillon",
    "refused": "refusé",
    "deferred": "remis à plus tard",
    "not_sent": "pas parti",
    "in_doubt": "en doute",
}


def _handed_lines(what: str, handed: "Iterable[Handed]", names: Mapping[str, str]) -> Iterator[str]:
    """What did not leave, or perhaps: all of it, and all that the server said."""
    for each in handed:
        numbers = ", ".join(key.number for key in each.message.keys)
        to = each.address or ", ".join(each.message.to)
        kind = names.get(each.message.stage, each.message.stage)
        answer = typeset(" : ") + _answer(each) if _answer(each) else ""
        told = typeset(f"{what} : ") + f"{kind}, {numbers}, {each.message.customer} <{to}>{answer}"
        yield from _as_wide([told], [key.number for key in each.message.keys])


def _rehearsal_document(rehearsed: "Rehearsed") -> Document:
    composed = rehearsed.composed
    return {
        "version": 1,
        "today": rehearsed.plan.today.isoformat(),
        "messages": [
            *(_message_document(message, waiting=False) for message in composed.messages),
            *(_message_document(message, waiting=True) for message in composed.waiting),
        ],
        "problems": [problem_document(problem) for problem in rehearsed.problems],
    }


def _run_document(sent: "Sent") -> Document:
    """Every message in exactly one list, why the run stopped before its end, and what needs the user."""
    report, rehearsed = sent.report, sent.rehearsed
    stopped = report.stopped if report else sent.busy or sent.unread
    return {
        "version": 1,
        "today": rehearsed.plan.today.isoformat() if rehearsed else None,
        "sent": _entries(report.sent) if report else [],
        "drafted": _entries(report.drafted) if report else [],
        "refused": _entries(report.refused) if report else [],
        "deferred": _entries(report.deferred) if report else [],
        "in_doubt": _entries(report.in_doubt) if report else [],
        "skipped": _entries(report.skipped) if report else [],
        "spoken": _entries(report.spoken) if report else [],
        "left": [_entry(message, code=None, reply="") for message in report.left] if report else [],
        "stopped": stopped.shown if stopped else None,
        "news": list(news_lines(sent)),
        "problems": [problem_document(p) for p in rehearsed.problems] if rehearsed else [],
    }


def _entries(handed: "Iterable[Handed]") -> list[Document]:
    return [_entry(each.message, code=each.code, reply=each.reply, address=each.address) for each in handed]


def _entry(message: Message, **more: object) -> Document:
    return {
        "customer": message.customer,
        "to": list(message.to),
        "stage": message.stage,
        "invoices": [key.number for key in message.keys],
        "message_id": message.message_id,
        **more,
    }


def _message_lines(message: Message, what: str) -> Iterator[str]:
    headers, text = mails.headers_and_text(message.raw)
    yield f"─── {message.customer} · {what} ───"
    yield from (f"{name}: {value}" for name, value in headers)
    yield from mails.file_lines(_files(message))
    yield ""
    yield from mails.text_lines(text)
    yield ""


def _files(message: Message) -> list[mails.Enclosed]:
    return [mails.Enclosed(attached.name, attached.size) for attached in message.attachments]


def _message_document(message: Message, *, waiting: bool) -> Document:
    headers, text = mails.headers_and_text(message.raw)
    more = {"headers": headers, "text": text, "attachments": mails.file_documents(_files(message))}
    return _entry(message, subject=message.subject, awaiting_approval=waiting, **more)
