"""Servers that answer anything: whole replies of SMTP and IMAP put together from odd pieces; by a seed."""

import imaplib
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from mail_support import CANARY, USER, message

from relance.core.message import Message
from relance.delivery import mailbox
from relance.delivery.account import Account
from relance.delivery.outcome import Outcome
from relance.delivery.smtp import Session
from relance.delivery.transaction import SmtpTransport
from relance.errors import RelanceError

_TAG = b"ABCD"
_LETTER: Message = message()
_SMTP_WORDS = (
    *(
        b"250 ok",
        b"250-ok",
        b"220 x",
        b"354 go",
        b"235 in",
        b"334 VXNlcg==",
        b"550 5.1.1 no",
        b"421 bye",
        b"451 4.3.0 x",
    ),
    *(b"250-SIZE 9", b"250-AUTH PLAIN", b"250-AUTH=LOGIN", b"250 AUTH LOGIN", b"250-8BITMIME", b"552 5.7.0 limit", b""),
    *(b"250", b"25", b"25x hm", b"-1 x", b"999 x", b"250_x", b"\xff\xfe", b"\0", b"250 " + b"x" * 9000, b"250-\r250 x"),
    *(b"\xb2\xb3\xb9 x", b"250 " + CANARY.encode(), b"530 5.7.0 relay", b"550 5.4.5 quota", b"250 \x1b[2J", b"2 5"),
)
_IMAP_WORDS = (
    *(
        b"* OK ready",
        b"* BYE",
        b"* PREAUTH x",
        b"* CAPABILITY IMAP4rev1 AUTH=PLAIN",
        b"* CAPABILITY IMAP4rev1",
        b"+",
        b"+ x",
    ),
    *(
        b'* LIST () "/" INBOX',
        b'* LIST (\\All) NIL "x"',
        b"* LIST (",
        b'* LIST () "' + b"\\" * 61,
        b"* LIST () NIL {3}",
        b"abc",
    ),
    *(
        b"* 1 EXISTS",
        b"* SEARCH 1 2",
        b"* SEARCH x",
        b"* SEARCH {1}",
        b"* SEARCH 99999999999999999999",
        b"* FETCH",
        b")",
    ),
    *(
        b"* 1 FETCH (UID 1 BODY[] {5}",
        b"* 1 FETCH (UID 1 BODY[] {99999999999}",
        b"* 1 FETCH (UID x {0}",
        b"Subj",
        b"\xff",
    ),
    *(
        b' INTERNALDATE "31-Foo-2026 10:00:00 +0000")',
        b' INTERNALDATE "00-Jan-0000 99:99:99 +9999")',
        b"* OK [X {1}",
        b"\0",
    ),
    *(
        b"@ OK done",
        b"@ OK [READ-ONLY] x",
        b"@ NO no",
        b"@ BAD what",
        b"@ OK",
        b"@",
        b"@ \xe9",
        b"@ NO " + CANARY.encode(),
    ),
)


def smtp_answers(seed: int, count: int) -> Iterator[bytes]:
    """All that a server says in a session, `count` times."""
    chance = random.Random(seed)
    for _ in range(count):
        lines = [b"220 x", b"250-x", b"250 AUTH PLAIN", b"235 in", b"250 ok", b"250 ok", b"354 go", b"250 ok"]
        for _ in range(chance.choice((1, 2, 5))):
            place = chance.randrange(len(lines) + 1)
            lines[place : place + chance.choice((0, 1))] = [
                chance.choice(_SMTP_WORDS) for _ in range(chance.choice((1, 3)))
            ]
        yield _cut(chance, chance.choice((b"\r\n", b"\r\n", b"\n")).join([*lines, b""]))


def imap_answers(seed: int, count: int) -> Iterator[bytes]:
    """The same of a mailbox; the tags are those that the client will say."""
    chance = random.Random(seed)
    for _ in range(count):
        lines = [
            b"* OK ready",
            b"* CAPABILITY IMAP4rev1 AUTH=PLAIN",
            b"@ OK x",
            b"+ ",
            b"@ OK in",
            b'* LIST () "/" INBOX',
            b"@ OK x",
        ]
        lines += [b"* 1 EXISTS", b"@ OK x", b"* SEARCH 1", b"@ OK x"]
        lines += [b"* 1 FETCH (UID 1 BODY[HEADER] {5}", b"a: b\n)", b"@ OK x"] * 2
        for _ in range(chance.choice((1, 2, 5))):
            place = chance.randrange(len(lines) + 1)
            lines[place : place + chance.choice((0, 1))] = [
                chance.choice(_IMAP_WORDS) for _ in range(chance.choice((1, 3)))
            ]
        said, tag = [], 0
        for line in lines:
            tag, at = tag + line.startswith(b"@"), tag
            said.append(line.replace(b"@", _TAG + str(at).encode(), 1) if line.startswith(b"@") else line)
        yield _cut(chance, b"\r\n".join([*said, b""]))


def _cut(chance: random.Random, said: bytes) -> bytes:
    return said[: chance.randrange(len(said) + 1)] if chance.random() < 0.2 else said


class _Link(socket.socket):
    """Our end, which is no TCP connection; it can be had once: the second time, nobody is there."""

    def setsockopt(self, *_: Any) -> None:
        """Nothing of TCP."""

    def once(self, *_: Any) -> socket.socket:
        """Itself, as long as it is open."""
        if self.fileno() < 0:
            raise ConnectionRefusedError
        return self


@contextmanager
def _link(said: bytes) -> Iterator[_Link]:
    """Our end of a connection whose other end has said all that and left."""
    ours, theirs = socket.socketpair()
    with _Link(fileno=ours.detach()) as link, theirs:
        link.settimeout(5)
        theirs.sendall(said)
        theirs.shutdown(socket.SHUT_WR)
        yield link


def sent_over(said: bytes) -> Outcome | RelanceError:
    """What becomes of a message whose server says that."""
    account = Account(protocol="smtp", host="127.0.0.1", port=1, security="none", user=USER, timeout=5, final_timeout=5)
    with _link(said) as link, patch.object(Session, "_get_socket", link.once):
        try:
            transport = SmtpTransport(account, CANARY)
            found = transport.hand_over(_LETTER, lambda server: None)
            transport.close()
        except RelanceError as error:
            return error
    return found


def looked_into(said: bytes) -> int | RelanceError:
    """How many mails a mailbox has that says that."""
    account = Account(protocol="imap", host="127.0.0.1", port=1, security="none", user=USER, timeout=5)
    with (
        _link(said) as link,
        patch.object(imaplib.IMAP4, "_create_socket", link.once),
        patch.object(imaplib, "Int2AP", lambda _: _TAG),
    ):
        try:
            return len(mailbox.look(account, CANARY, date(2026, 11, 20), ZoneInfo("Europe/Paris"), lambda mail: True))
        except RelanceError as error:
            return error
