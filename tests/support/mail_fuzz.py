"""Mails that nobody would write: whole ones put together from odd pieces, then changed octet by octet; by a seed."""

import json
import random
from collections.abc import Iterator
from datetime import date

from relance.core.invoice import Contact
from relance.core.mails import Received
from relance.core.replies import Mail, Watched, is_of_interest, learn
from relance.delivery.mails import mail_of
from relance.journal.rows import to_json

LONGEST = 262_144
"""Octets: of a longer mail only the beginning is asked for (see mailbox.py)."""
_NAMES = (
    *(b"From", b"Subject", b"Message-ID", b"In-Reply-To", b"References", b"Return-Path", b"Auto-Submitted", b"Date"),
    *(b"X-Relance-Id", b"X-Autoreply", b"Content-Type", b"Content-Transfer-Encoding", b"Content-Disposition"),
    *(b"MIME-Version", b"To", b"Action", b"Status", b"Final-Recipient", b"Original-Recipient", b"Diagnostic-Code"),
)
_WORDS = (
    *(b"compta@acme.example", b"<compta@acme.example>", b'"Compta" <compta@acme.example>', b"F-2026-001", b"=_~", b"?"),
    *(b"=?utf-8?q?R=C3=A9?=", b"=?utf\xa08?q?Promo?=", b"=?utf-8?b?gg?=", b"=?utf-8?b?!!!?=", b"=?\0?q?x?=", b"\xe9"),
    *(
        b"=?idna?q?a..b?=",
        b"=?undefined?q?x?=",
        b"=?rot13?q?x?=",
        b"=?hex?b?eA==?=",
        b"=?utf-7?q?+A?=",
        b"=?utf-16?b?4?=",
    ),
    *(
        b"=?unicode_escape?q?=5Cx?=",
        b"=?unicode_escape?q?=5Cud800?=",
        b"=?utf-7?q?+2AA-?=",
        b"=?punycode?q?=FF-=FF?=",
        b"=?utf-8*fr?q?x?=",
        b"=?x?q?" + b"=41" * 90 + b"?=",
    ),
    *(b"(" * 500, b"[" * 500, b"<" * 500, b'"' * 500, b"\\" * 99, b"(\\", b"@", b":;", b"<>", b",", b"\0", b"\x80\xff"),
    *(b"a" * 1000, b"\r\n ", b"\n\t", b"\r", b"\x0b", b"\x85", b"\xa0", b"<relance." + b"a" * 26 + b"@martin.example>"),
    *(b"auto-replied", b"no", b"failed", b"delayed", b"rfc822; compta@acme.example", b"5.1.1", b"smtp; 550 no"),
)
_KINDS = (
    *(
        b"text/plain",
        b"text/html",
        b"multipart/mixed",
        b"multipart/report",
        b"message/rfc822",
        b"message/delivery-status",
    ),
    *(b"text/rfc822-headers", b"message/partial", b"message/external-body", b"multipart/", b"/", b"text/plain/html"),
)
_PARAMETERS = (
    *(
        b"boundary=b",
        b'boundary="b"',
        b"boundary=",
        b'boundary="',
        b"boundary*0=b",
        b"boundary*=utf-8''b",
        b"boundary=\0",
    ),
    *(b"boundary*=x'", b"boundary*0*=klingon''b%ff; boundary*1=c", b"charset=utf-8", b"charset=klingon", b"charset=\0"),
    *(b"charset=", b"charset=idna", b"charset=undefined", b"charset=hex", b"charset=utf-16", b"charset=punycode"),
    *(b"charset*=utf-8''utf-8", b"charset*=\0''\xff", b"charset*=x''%e9", b"charset*0*=utf\xa08'fr'u; charset*1*=%ff"),
    *(
        b"charset*1=a",
        b"charset*99999999999999999999=x",
        b"charset*=a'b'c'd",
        b'charset="utf-8',
        b"charset=" + b"x" * 900,
    ),
    *(b"charset=unicode_escape", b"charset=\xe9", b"charset=ascii\r\n b", b"charset=mbcs", b"charset=../x", b";" * 99),
)
_CODINGS = (
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"uuencode",
    b"8bit",
    b"7bit",
    b"binary",
    b"\0",
    b"BASE64 ",
    b"\xe9",
)
_BODIES = (
    *(b"Je conteste.", b"F-2026-001", b"<p>r\xc3\xa9gl\xc3\xa9", b"\xff\xfe\0x", b"RjE", b"=E9=", b"=\r\n=", b"+AAAA-"),
    *(
        b"begin 644 x\r\n#0V%T\r\nend",
        b"begin 666 \xff\r\n\xff\xff",
        b"begin 644 x\r\nM\r\n`\r\nend",
        b"<" * 900,
        b"\\x",
        b"\\N{x}",
        b"\\ud800",
        b"+2AA-",
    ),
    *(b"> x\r\n" * 50, b"--b", b"--b--", b"\r\n--b\r\n", b"xn--a", b"a" * 2000, b"\0" * 60),
)


def mails(seed: int, count: int) -> Iterator[bytes]:
    """`count` of them, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        raw = _entity(chance, depth=0)
        yield (_changed(chance, raw) if chance.random() < 0.5 else raw)[:LONGEST]


_SENT = Contact("friendly", "email", date(2026, 1, 5), to=("compta@acme.example",), message_id="<1@martin.example>")
_WATCHED = (
    Watched("F-1/2026", "F-1", "code:1", frozenset({"compta@acme.example"}), (_SENT,), _SENT.on),
    Watched("F-2026-001/2026", "F-2026-001", "code:2", frozenset({"x@y.example"}), (_SENT,), _SENT.on),
)


def heard_of(raw: bytes, on: date) -> Mail:
    """The mail, after all that a run makes of it: what it means for two invoices, and the row in the journal."""
    mail = mail_of(raw, on)
    is_of_interest(mail, _WATCHED, ())
    for fact in learn([mail], _WATCHED, (), (), on):
        assert isinstance(fact, Received)
        json.loads(to_json(fact).encode())
    return mail


def _entity(chance: random.Random, depth: int) -> bytes:
    """Headers, an empty line and a body, whose parts may be entities themselves."""
    lines = [_line(chance) for _ in range(chance.choice((0, 1, 3, 6, 9)))]
    lines += [b"Content-Type: " + _content_type(chance)] * (chance.random() < 0.8)
    lines += [b"Content-Transfer-Encoding: " + chance.choice(_CODINGS)] * (chance.random() < 0.4)
    chance.shuffle(lines)
    if depth == 0 and chance.random() < 0.6:
        lines.insert(0, b"From: " + chance.choice(_WORDS) + b" <compta@acme.example>")
    end = chance.choice((b"\r\n", b"\r\n", b"\n"))
    return end.join(lines) + end + end * (chance.random() < 0.95) + _body(chance, depth, end)


def _line(chance: random.Random) -> bytes:
    words = [chance.choice(_WORDS) for _ in range(chance.choice((0, 1, 1, 2, 4)))]
    return chance.choice(_NAMES) + chance.choice((b": ", b":", b" :", b"")) + chance.choice((b" ", b"")).join(words)


def _content_type(chance: random.Random) -> bytes:
    parameters = [chance.choice(_PARAMETERS) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
    return b"; ".join([chance.choice(_KINDS), *parameters])


def _body(chance: random.Random, depth: int, end: bytes) -> bytes:
    pieces = []
    for _ in range(chance.choice((0, 1, 2, 3))):
        inside = depth < 3 and chance.random() < 0.4
        pieces.append(b"--b" + end if chance.random() < 0.5 else b"")
        pieces.append(_entity(chance, depth + 1) if inside else chance.choice(_BODIES))
        pieces.append(end)
    return b"".join(pieces) * (30 if depth < 2 and chance.random() < 0.02 else 1)


def _changed(chance: random.Random, raw: bytes) -> bytes:
    """Octets replaced, taken out, doubled; or the mail cut short."""
    content = bytearray(raw)
    for _ in range(chance.choice((1, 2, 8, 40))):
        place, length = chance.randrange(len(content) + 1), chance.choice((1, 1, 3, 20, 200))
        match chance.randrange(5):
            case 0:
                content[place : place + 1] = bytes((chance.randrange(256),))
            case 1:
                del content[place : place + length]
            case 2:
                content[place:place] = content[place : place + length]
            case 3:
                content[place:place] = chance.choice((*_WORDS, *_PARAMETERS, *_BODIES))
            case _:
                del content[max(place, len(content) // 4) :]
    return bytes(content)
