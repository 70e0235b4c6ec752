"""Letter -> exact bytes: the one place that builds a mail message, and checks what it built.

The header lines are written here, not by `email`: its folding loses spaces between encoded words (Python 3.11.7:
« F-2026-031 _u n° » comes back as « F-2026-031 _un° ») and turns an encoded word of the input into header lines
(CVE-2024-6923). `email` reads them back before anything leaves; mime.py writes the body and reads it.
"""

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.header import decode_header, make_header
from email.parser import HeaderParser
from email.utils import format_datetime, getaddresses

from relance.core.invoice import Customer
from relance.core.message import Attached, Attachment, Key, Letter, Message, Sender
from relance.errors import MessageError
from relance.letters.html import html_part
from relance.letters.mime import ALTERNATIVE, MIXED, PICTURE, body_bytes, cut, enclose, enclosed, headers, says
from relance.letters.people import person
from relance.letters.typography import clean

MAX_LINE = 998  # octets without CRLF, RFC 5322 2.1.1
MAX_HEADER = 2000  # characters; more than that is not a subject
_CHUNK = 39  # octets of UTF-8 in one encoded word: "Subject: =?utf-8?b?...?=" stays under 76, RFC 2047 2
_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?[bq]\?.*?\?=", re.IGNORECASE)
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/^_`{|}~=-]{1,200}@[A-Za-z0-9.-]{1,253}>")
_IDENTITIES = {"Message-ID", "In-Reply-To", "References"}  # never encoded words, one to a line
_THREAD = 20  # Message-IDs in References: the first, which began the thread, and the latest
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@(?=.{{1,253}}$)[A-Za-z0-9-]{{1,63}}(\.[A-Za-z0-9-]{{1,63}})*")
_FORBIDDEN = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Controls, separators of lines and paragraphs, halves of pairs (Cc, Zl, Zp, Cs), and signs of direction."""
_MOST_SHOWN = 100
_CURE = "Corrigez ce texte dans le fichier, les réglages ou le modèle ; ce message n’est pas parti."

Mailbox = tuple[str, str]
"""A display name, perhaps empty, and an address in ASCII."""


def compose(
    letter: Letter,
    sender: Sender,
    customer: Customer,
    keys: tuple[Key, ...],
    stage: str,
    date: datetime,
    attachments: Sequence[Attachment] = (),
    earlier: Sequence[str] = (),
) -> Message:
    """The message as it travels; `date` is aware. Raises MessageError on what must not enter a message.

    The copy to the sender himself (`sender.bcc`) is in the envelope alone. `earlier` are the Message-IDs of the
    reminders that this one follows, oldest first: mail programs show them as one thread (RFC 5322 3.6.4).
    """
    boxes = _boxes(sender, customer)
    author = boxes["From"][0][1]
    texts = _texts(author, message_token(author, keys), letter.subject, date, earlier)
    if not (customer.emails and texts["Subject"] and keys):
        raise MessageError(f"Le message pour « {customer.name} » n’a pas d’adresse, d’objet ou de facture.", _CURE)
    files = [*attachments, *([] if letter.qr is None else [Attachment(PICTURE, letter.qr)])]
    head = _head(boxes, texts, files)
    letter = letter._replace(text=_unix(letter.text))
    html = html_part(letter)
    raw = head + enclose(_body(letter, html), files)
    _verify(raw, boxes, texts, letter, html, files)
    return Message(
        customer=customer.name,
        stage=stage,
        envelope_from=author,
        to=tuple(address.strip() for address in customer.emails),
        recipients=_recipients(boxes, sender.bcc),
        subject=texts["Subject"],
        message_id=texts["Message-ID"],
        raw=raw,
        keys=keys,
        attachments=tuple(map(_attached, files)),
        cc=tuple(address.strip() for address in customer.cc),
    )


def message_token(author: str, keys: Iterable[Key]) -> str:
    """What names a message for ever: the same after a crash, a lost journal, or on a second laptop."""
    parts = sorted([key.invoice, key.stage, key.channel, key.ladder] for key in keys)
    digest = hashlib.sha256(json.dumps(["relance1", author.casefold(), parts]).encode()).digest()
    return base64.b32encode(digest)[:26].decode().lower()


def ascii_address(address: str) -> str:
    """The address as SMTP takes it, its domain in punycode (RFC 5891); MessageError where that is impossible."""
    local, _, domain = address.strip().rpartition("@")
    known = f"{local}@{domain if domain.isascii() else _punycode(domain)}"
    if not _ADDRESS.fullmatch(known) or len(known) > 254:
        raise MessageError(f"L’adresse « {visible(address)} » ne peut pas servir dans un message.", _CURE)
    return known


def _punycode(domain: str) -> str:
    """The domain in ASCII, empty where it is none: Python's own codec would write faß.example as fass.example."""
    import idna  # 30 ms, for the few addresses that need it

    try:
        return idna.encode(unicodedata.normalize("NFC", domain).lower()).decode("ascii")
    except UnicodeError:
        return ""


def visible(text: str) -> str:
    """The text with every control, separator and direction character written out, at most 200 characters."""
    return _FORBIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text[:200])


def _boxes(sender: Sender, customer: Customer) -> dict[str, list[Mailbox]]:
    """Who stands in which header; a header without anybody is none."""
    voice = f" ({sender.voice})" if sender.voice else ""
    shown = _shown(customer)
    boxes = {
        "From": [(_one_line(sender.name + voice), ascii_address(sender.email))],
        "To": [(shown, ascii_address(address)) for address in customer.emails],
        "Cc": [("", ascii_address(address)) for address in customer.cc],
        "Reply-To": [("", ascii_address(sender.reply_to))] if sender.reply_to else [],
    }
    return {name: mailboxes for name, mailboxes in boxes.items() if mailboxes}


def _shown(customer: Customer) -> str:
    """The name before the customer's address: of the person, where one address is known, else of the customer.

    None that must not stand in a header, nor one that looks like an address: the message is worth more than it.
    """
    reader = person(customer).name if len(customer.emails) == 1 else ""
    name = _one_line(reader if " " in reader else clean(customer.name))
    unsafe = _FORBIDDEN.search(name) or _ENCODED_WORD.search(name) or "@" in name or len(name) > _MOST_SHOWN
    return "" if unsafe else name


def _texts(author: str, token: str, subject: str, date: datetime, earlier: Iterable[str]) -> dict[str, str]:
    """The other headers, in their order.

    Nothing calls the message automatic: ticket desks would drop it, and no absence notice would name a substitute.
    """
    message_id = f"<relance.{token}@{author.rpartition('@')[2].lower()}>"
    return {
        "Date": format_datetime(date),
        "Message-ID": message_id,
        **_thread([known for known in earlier if known != message_id]),
        "Subject": _one_line(subject),
        "X-Relance-Id": token,
    }


def _recipients(boxes: Mapping[str, list[Mailbox]], bcc: str) -> tuple[str, ...]:
    """The addresses of the envelope, each once in whatever case it is written."""
    kept: dict[str, str] = {}
    for _, address in (*boxes["To"], *boxes.get("Cc", ()), *([("", ascii_address(bcc))] if bcc else ())):
        kept.setdefault(address.casefold(), address)
    return tuple(kept.values())


def _thread(earlier: list[str]) -> dict[str, str]:
    known = [message_id for message_id in dict.fromkeys(earlier) if _MESSAGE_ID.fullmatch(message_id)]
    if not known:
        return {}
    kept = known if len(known) <= _THREAD else [known[0], *known[1 - _THREAD :]]
    return {"In-Reply-To": known[-1], "References": " ".join(kept)}


def _attached(attachment: Attachment) -> Attached:
    digest = hashlib.sha256(attachment.data).hexdigest()
    return Attached(attachment.name, len(attachment.data), digest, attachment.path)


def _head(boxes: Mapping[str, list[Mailbox]], texts: Mapping[str, str], attachments: Iterable[Attachment]) -> bytes:
    """The header lines; MessageError where one of them, or the name of a file, holds what must not stand there."""
    lines = [f"{name}: {_mailboxes(name, mailboxes)}" for name, mailboxes in boxes.items()]
    lines += [f"{name}: {_text(name, value)}" for name, value in texts.items()]
    for attachment in attachments:
        _check("Content-Disposition", attachment.name)
    return "\r\n".join([*lines, ""]).encode("ascii")


def _check(name: str, value: str) -> str:
    if _FORBIDDEN.search(value) or _ENCODED_WORD.search(value) or len(value) > MAX_HEADER:
        raise MessageError(f"L’en-tête {name} contient des caractères interdits : « {visible(value)} ».", _CURE)
    return value


def _text(name: str, value: str) -> str:
    _check(name, value)
    if name in _IDENTITIES:
        return value.replace(" ", "\r\n ")
    if value.isascii() and len(value) + len(name) < 76 and "=?" not in value:
        return value
    return _words(value)


def _mailboxes(name: str, mailboxes: list[Mailbox]) -> str:
    return ",\r\n ".join(_mailbox(_check(name, display), address) for display, address in mailboxes)


def _mailbox(display: str, address: str) -> str:
    if not display:
        return address
    if not display.isascii() or len(display) > 60 or "=?" in display:
        return f"{_words(display)}\r\n <{address}>"
    if not _ATOMS.fullmatch(display):
        display = '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
    return f"{display} <{address}>"


def _words(value: str) -> str:
    """RFC 2047 encoded words, each of whole characters; between them readers drop the white space."""
    chunks = [b""]
    for octets in map(str.encode, value):
        if len(chunks[-1]) + len(octets) > _CHUNK:
            chunks.append(b"")
        chunks[-1] += octets
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(chunk).decode()}?=" for chunk in chunks)


def _one_line(text: str) -> str:
    return re.sub(" +", " ", text).strip(" ")


def _unix(text: str) -> str:
    """LF line ends only, one at the end: a bare CR would be read as a line end by some servers and not by others."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _body(letter: Letter, html: str) -> bytes:
    try:
        return body_bytes(letter, html)
    except UnicodeError:
        raise MessageError("Le texte du message contient des caractères invalides.", _CURE) from None


def _verify(
    raw: bytes,
    boxes: dict[str, list[Mailbox]],
    texts: dict[str, str],
    letter: Letter,
    html: str,
    attachments: Sequence[Attachment],
) -> None:
    """Read the bytes back: exactly the intended headers, words and files, in lines that every server takes.

    CR and LF stand as pairs alone: no LF.LF can end the message for a server that reads loosely.
    """
    head, content = cut(raw)
    parsed = HeaderParser().parsestr(head)
    mime = headers(MIXED if attachments else ALTERNATIVE)
    intended: list[tuple[str, object]] = [*boxes.items(), *texts.items(), *mime.items()]
    found: list[tuple[str, object]] = []
    for name, folded in parsed.items():
        value = folded.replace("\r\n", "")
        pairs = getaddresses([value]) if name in boxes else []
        found.append((name, [(_decoded(shown), address) for shown, address in pairs] or _decoded(value)))
    content, files = enclosed(content) if attachments else (content, [])
    lines = raw.split(b"\r\n")
    clean = max(map(len, lines)) <= MAX_LINE and raw.count(b"\r") == raw.count(b"\n") == len(lines) - 1
    meant = [(attachment.name, attachment.data) for attachment in attachments]
    if found != intended or parsed.get_payload() or files != meant or not says(content, letter, html) or not clean:
        raise MessageError(f"Le message « {visible(texts['Subject'])} » ne se relit pas tel qu’il a été écrit.", _CURE)


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value))) if "=?" in value else value
