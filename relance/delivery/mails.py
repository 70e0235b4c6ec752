"""A mail as octets -> what it tells: who writes, what it refers to, whether a machine wrote it, what it reports.

Nothing of a mail can be trusted to be well formed, and anybody can write one: whatever the email package raises on it
stays here, and the mail is one that could not be read.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from typing import NamedTuple

from relance.core.replies import TOKEN, Mail, Report
from relance.delivery.wording import PART, own_subject, own_text, speaks, text_of_html

MAX_TEXT = 100_000
"""Characters of a mail's text that are looked at."""
_PARTS = 100  # more than that is no letter
_SCANNED = 32_768  # octets of a mail that the email package cannot take
_ID = re.compile(r"<[^<>\s]{1,300}>")
_TAG = re.compile(r"<[^<>]{0,1000}>")
_MARKS = ("X-Autoreply", "X-Autorespond")
_FROM = re.compile(r"^From:(.{1,2000})", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,190}")


class Head(NamedTuple):
    """What names a mail in the user's own folders: its Message-ID, our X-Relance-Id, to whom it is, about what.

    `to` are addresses in lower case, `on` the day on which the folder got it.
    """

    uid: str
    on: date
    identity: str = ""
    token: str = ""
    to: frozenset[str] = frozenset()
    subject: str = ""

    def is_message(self, message_id: str) -> bool:
        """Whether it is our message of this Message-ID, which some providers replace."""
        token = TOKEN.search(message_id)
        return message_id == self.identity or (token is not None and token[1].lower() == self.token)


def head_of(uid: str, raw: bytes, on: date) -> Head:
    """What the headers of a mail tell; nothing but its place where they cannot be taken apart."""
    with suppress(Exception):
        parsed = BytesHeaderParser().parsebytes(raw)
        told = getaddresses([str(value) for name in ("To", "Cc") for value in parsed.get_all(name, ())])
        return Head(
            uid=uid,
            on=on,
            identity=_header(parsed, "Message-ID").strip(),
            token=_header(parsed, "X-Relance-Id").strip().lower(),
            to=frozenset(address.casefold() for _, address in told if address),
            subject=" ".join(_header(parsed, "Subject").split()),
        )
    return Head(uid, on)


def mail_of(raw: bytes, on: date) -> Mail:
    """The mail that arrived on that day; `raw` may be cut short, or be its headers alone."""
    with suppress(Exception):
        parsed = message_from_bytes(raw)
        return _mail(raw, parsed, list(_parts(parsed)), on)
    found = _searched(raw, on)
    with suppress(Exception):  # parts inside parts, without end
        head = _mail(raw, BytesHeaderParser().parsebytes(raw), [], on)
        return head._replace(text=found.text, tokens=head.tokens | found.tokens, unreadable=True)
    return found


def _searched(raw: bytes, on: date) -> Mail:
    """What a plain search of the first octets finds: who seems to write, and whether it names one of ours."""
    text = raw[:_SCANNED].decode("latin-1").replace("\r\n", "\n")
    said = _FROM.search(text.replace("\n ", " ").replace("\n\t", " "))
    senders = _ADDRESS.findall(said[1]) if said else []
    return Mail(
        identity=_identity("", raw),
        on=on,
        sender=senders[-1].casefold() if senders else "",  # a name comes before the address
        tokens=frozenset(token.lower() for token in TOKEN.findall(text)),
        text=text,
        unreadable=True,
    )


def _identity(own: str, raw: bytes) -> str:
    """Its Message-ID, else its headers: the same whether the rest was read or not."""
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    return own.strip()[:300] or f"sha256:{hashlib.sha256(head).hexdigest()}"


def _mail(raw: bytes, parsed: Message, parts: list[Message], on: date) -> Mail:
    subject = _header(parsed, "Subject")
    inner = [part for part in parts if part.get_content_type() in ("message/rfc822", "text/rfc822-headers")]
    originals = [original for part in inner for original in _originals(part)]
    body = " ".join(_text(part) for part in parts)[:MAX_TEXT]
    words = PART.join((own_subject(subject), *map(_own_words, _parts(parsed, own=True))))[:MAX_TEXT]
    referred = " ".join(_header(parsed, name) for name in ("In-Reply-To", "References"))
    referred += " ".join(_header(original, "Message-ID") for original in originals)
    ids = tuple(dict.fromkeys(_ID.findall(referred)))
    own = _header(parsed, "Message-ID")
    tokens = {token.lower() for token in TOKEN.findall(f"{own} {referred} {subject} {body}")}
    tokens |= {_header(each, "X-Relance-Id").strip().lower() for each in (parsed, *originals)} - {""}
    senders = getaddresses([str(parsed.get("From", ""))])
    return Mail(
        identity=_identity(own, raw),
        on=on,
        sender=_whole(senders[0][1].casefold())[:254] if senders else "",
        subject=" ".join(subject.split()),
        ids=ids,
        tokens=frozenset(tokens),
        text=f"{subject}\n{body}",
        words=words,
        speaks=speaks(words),
        automatic=_is_automatic(parsed),
        reports=tuple(report for part in parts for report in _reports(part)),
    )


def _parts(parsed: Message, *, own: bool = False) -> Iterator[Message]:
    """The parts of a mail, a hundred at most; with `own`, none of a mail that it forwards, nor what it attaches."""
    waiting = [parsed]
    for _ in range(_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        if own and (part.get_content_maintype() == "message" or part.get_content_disposition() == "attachment"):
            continue
        yield part
        if part.get_content_type() != "message/delivery-status":
            waiting += _inside(part)


def _inside(part: Message) -> list[Message]:
    """The parts that it is made of; of any other, `get_payload` would decode the text, and raise on its alphabet."""
    payload = part.get_payload() if part.is_multipart() else ()
    return [inner for inner in payload if isinstance(inner, Message)]


def _header(message: Message, name: str) -> str:
    value = str(message.get(name, ""))
    with suppress(MessageError, LookupError, ValueError):  # an alphabet that is none, among others
        value = str(make_header(decode_header(value)))
    return _whole(value)


def _whole(text: str) -> str:
    """Without the halves of characters that some alphabets decode to: no file and no journal takes those."""
    return text.encode("utf-8", "replace").decode()


def _is_automatic(message: Message) -> bool:
    """RFC 3834 5 and its elder cousins; a null return path is a machine's, a report too."""
    said = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().casefold()
    return (
        said != "no"
        or any(name in message for name in _MARKS)
        or str(message.get("Return-Path", "")).strip() == "<>"
        or message.get_content_type() == "multipart/report"
    )


def _text(part: Message) -> str:
    """Its words, those that it quotes included."""
    text = _decoded(part)
    return _TAG.sub(" ", text) if part.get_content_type() == "text/html" else text


def _own_words(part: Message) -> str:
    text = _decoded(part)
    return own_text(text_of_html(text) if part.get_content_type() == "text/html" else text)


def _decoded(part: Message) -> str:
    kind = part.get_content_type()
    octets = part.get_payload(decode=True) if kind in ("text/plain", "text/html") else None
    if not isinstance(octets, bytes):
        return ""
    try:
        text = octets.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        text = octets.decode("latin-1")
    return _whole(text)


def _originals(part: Message) -> list[Message]:
    """The headers of the mail that a report or a forward repeats."""
    if part.is_multipart():
        return _inside(part)
    octets = part.get_payload(decode=True)
    return [BytesHeaderParser().parsebytes(octets if isinstance(octets, bytes) else b"")]


def _reports(part: Message) -> Iterator[Report]:
    """RFC 3464 2: a block about the message, then one for each recipient."""
    for block in _inside(part) if part.get_content_type() == "message/delivery-status" else ():
        if "Action" in block:
            recipient = _header(block, "Original-Recipient") or _header(block, "Final-Recipient")
            yield Report(
                action=_header(block, "Action").strip().casefold(),
                address=recipient.rpartition(";")[2].strip().casefold(),
                status=_header(block, "Status").strip()[:20],
                said=" ".join(_header(block, "Diagnostic-Code").rpartition(";")[2].split()),
            )
