"""What left, for people and for programs: one line a message, and one message again."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from relance.display import mails, terminal
from relance.display.breaking import wrapped
from relance.display.documents import Document
from relance.display.layout import ADDRESS, NAME, Cell, Column, columns, page_width
from relance.display.plan_view import stage_word
from relance.display.send_view import draft_place
from relance.french import brief_date, date_fr, plural, typeset

if TYPE_CHECKING:
    from relance.runs.sent import Left, Listed, Reread, Saved

_STATES = {"sent": "envoyé", "draft": "brouillon", "in_doubt": "en doute", "refused": "refusé"}
_STATUS = {"draft": "drafted"}
"""What the contract calls a state, where it is not its name."""
_LIST = (
    Column(right=True),
    Column(),
    Column(),
    Column(least=8),
    Column(),
    Column(least=10, most=NAME),
    Column(least=0, most=ADDRESS),
    Column(least=0, most=NAME),
)


def show_list(listed: "Listed", form: str) -> None:
    """As JSON, or one line a message."""
    if form == "json":
        terminal.say_json({"version": 1, "messages": [_document(left) for left in listed.messages]})
        return
    width = page_width()
    terminal.show(columns((_row(left, listed) for left in listed.messages), _LIST, width))
    if not listed.messages:
        terminal.tell("Aucun message.")
        return
    last = listed.messages[-1].mailed.number
    terminal.show(wrapped(f"{plural(len(listed.messages), 'message')} → relance sent --show {last}", width))


def _row(left: "Left", listed: "Listed") -> list[Cell]:
    each = left.mailed
    return [
        str(each.number),
        brief_date(each.on, listed.today),
        _STATES[each.state],
        stage_word(listed.names.get(each.stage, each.stage)),
        mails.about(each.numbers),
        each.customer,
        [", ".join(each.to), ""],
        [_reply(each.reply), ""],
    ]


def show_unread(listed: "Listed") -> None:
    """What the journal has of some messages cannot be read whole: which."""
    if listed.unread:
        which = "Message" if len(listed.unread) == 1 else "Messages"
        numbers = ", ".join(map(str, listed.unread))
        terminal.complain(typeset(f"{which} {numbers} : en partie illisible dans le journal, le reste est montré."))


def _document(left: "Left") -> Document:
    each = left.mailed
    return {
        "n": each.number,
        "on": left.at.isoformat(timespec="seconds"),
        "customer": each.customer,
        "to": list(each.to),
        "stage": each.stage,
        "invoices": list(each.numbers),
        "subject": each.subject,
        "message_id": each.message_id,
        "reply": each.reply,
        "status": _STATUS.get(each.state, each.state),
    }


def show_again(again: "Reread", form: str) -> None:
    """One message: what became of it, then what its reader saw."""
    (left,) = again.listed.messages
    headers, text = mails.headers_and_text(again.raw) if again.raw else ([], "")
    files = mails.enclosed(again.raw) if again.raw else []
    if form == "json":
        more = {"headers": headers, "text": text if again.raw else None, "attachments": mails.file_documents(files)}
        terminal.say_json({"version": 1, "messages": [_document(left) | more]})
        return
    terminal.say_all(_facts(left, again.listed))
    terminal.say()
    if again.lost:
        terminal.say_all(terminal.fitted(typeset(f"{left.mailed.subject}\n{again.lost}")))
        return
    terminal.say_all(f"{name}: {value}" for name, value in headers)
    terminal.say_all(mails.file_lines(files))
    terminal.say()
    terminal.say_all(mails.text_lines(text))


def _facts(left: "Left", listed: "Listed") -> Iterator[str]:
    """« Message 3 : ferme, F-2026-038, envoyé le 20 novembre 2026 à 9 h 12. », to whom, and the server's answer."""
    each = left.mailed
    kind = stage_word(listed.names.get(each.stage, each.stage))
    hour = f" à {left.at.hour} h {left.at.minute:02d}" if each.at is not None else ""
    when = f"{_STATES[each.state]} le {date_fr(each.on)}{hour}"
    told = typeset(f"Message {each.number} : {kind}, {when}") + f", {', '.join(each.numbers)}, {each.customer}"
    yield from terminal.fitted(f"{told} <{', '.join(each.to)}>", whole=each.numbers)
    if each.reply:
        yield from terminal.fitted(typeset("Réponse : ") + _reply(each.reply))


def _reply(reply: str) -> str:
    """What the server said; of a draft in the mailbox its folder, whose address is for programs."""
    return f"rangé dans {draft_place(reply)}" if reply.startswith("imap://") else reply


def show_saved(saved: "Saved") -> None:
    """How many files were written, and what was not."""
    done = f"{plural(len(saved.written), 'message écrit', 'messages écrits')} dans « {saved.folder} »"
    there = f", {plural(saved.there, 'message')} déjà là" if saved.there else ""
    terminal.tell(f"{done}{there}.")
    for fault in saved.faults:
        terminal.complain(typeset(fault))
