"""Real mail servers on loopback for the tests: aiosmtpd with and without TLS, and a raw one that misbehaves."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from relance.core.invoice import Customer, Snapshot
from relance.core.message import Key, Letter, Message, Sender
from relance.delivery.account import Account
from relance.letters.compose import compose

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
USER = "camille"
CANARY = "canari-é-7f3a"
"""The password of every test: it may appear in no output."""

SENDER = Sender(name="Camille Martin", email="camille@martin.example", voice="service comptabilité")


def key(number: str = "F-1", stage: str = "friendly", ladder: int = 0) -> Key:
    """What a message settles about one invoice."""
    snapshot = Snapshot("client sa", ("compta@client.example",), Decimal("1200.00"), date(2026, 11, 5))
    return Key(f"{number}/2026", number, stage, "email", ladder, snapshot, date(2026, 11, 30))


def message(
    *numbers: str,
    to: tuple[str, ...] = ("compta@client.example",),
    cc: tuple[str, ...] = (),
    bcc: str = "",
    text: str = "Bonjour,\n.\nMerci.\n",
    stage: str = "friendly",
    at: datetime = NOON,
) -> Message:
    """A composed message about these invoices (F-1 by default)."""
    keys = tuple(key(number, stage) for number in numbers or ("F-1",))
    letter = Letter(f"Facture {keys[0].number} échue", text)
    return compose(letter, SENDER._replace(bcc=bcc), Customer("Client SA", emails=to, cc=cc), keys, stage, at)


def dated(day: date) -> Message:
    """The usual message, composed on that day."""
    return message(at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC))


@cache
def authority() -> trustme.CA:
    """The certificate authority of the tests."""
    return trustme.CA()


def trust(folder: Path) -> Path:
    """The authority's certificate as a file for SSL_CERT_FILE."""
    path = folder / "authority.pem"
    authority().cert_pem.write_to_path(str(path))
    return path


def server_tls(name: str = "127.0.0.1", issuer: trustme.CA | None = None) -> ssl.SSLContext:
    """A server's certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (issuer or authority()).issue_cert(name).configure_cert(context)
    return context


@dataclass
class Mailbox:
    """What a server saw; `answers` replaces the reply to a command (for DATA: the reply before the body)."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    to_dot: list[str] = field(default_factory=list)
    rcpt: dict[str, str] = field(default_factory=dict)
    received: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, ...]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept or refuse an address."""
        reply = self.rcpt.get(address, "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer the final dot: the next of `to_dot`, else 250."""
        reply = self.to_dot.pop(0) if self.to_dot else "250 2.0.0 Ok: queued as 4F1"
        if reply.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.received.append(envelope.content)
            self.envelopes.append(tuple(envelope.rcpt_tos))
        return reply

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, method: str, data: Any) -> AuthResult:
        """The one right password."""
        assert isinstance(data, LoginPassword)
        self.logins.append(method)
        right = data.login == USER.encode() and data.password == CANARY.encode()
        return AuthResult(success=right, handled=False)


class ScriptedServer(SMTP):
    """aiosmtpd with some replies replaced."""

    async def _scripted(self, name: str, arg: str, usual: Callable[[str], Any]) -> None:
        self.event_handler.commands.append(name)
        if name in self.event_handler.answers:
            reply = self.event_handler.answers[name]
            await self.push(reply)
            if reply.startswith("421"):
                assert self.transport is not None
                self.transport.close()
        else:
            await usual(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        """MAIL, perhaps refused."""
        await self._scripted("MAIL", arg, super().smtp_MAIL)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """DATA, perhaps refused before the body."""
        await self._scripted("DATA", arg, super().smtp_DATA)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        """RSET, perhaps with a closed door."""
        await self._scripted("RSET", arg, super().smtp_RSET)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        """QUIT, perhaps without manners."""
        await self._scripted("QUIT", arg, super().smtp_QUIT)


@contextmanager
def smtp_server(
    security: Literal["starttls", "tls", "none"] = "none",
    context: ssl.SSLContext | None = None,
    mailbox: Mailbox | None = None,
    login: bool = False,
    **options: Any,
) -> Iterator[Mailbox]:
    """An aiosmtpd server for the block, on a port of its own."""
    box = mailbox or Mailbox()
    loop = asyncio.new_event_loop()
    tls = context or server_tls() if security != "none" else None

    def factory() -> SMTP:
        return ScriptedServer(
            box,
            hostname="mx.test",
            loop=loop,
            tls_context=tls if security == "starttls" else None,
            require_starttls=security == "starttls",
            auth_required=login and security == "starttls",
            auth_require_tls=security == "starttls",
            authenticator=box.authenticate if login else None,
            **options,
        )

    door = listening()
    box.port = door.getsockname()[1]
    with door:
        server = loop.run_until_complete(loop.create_server(factory, sock=door, ssl=tls if security == "tls" else None))
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield box
        finally:
            asyncio.run_coroutine_threadsafe(_finish(server), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()


async def _finish(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


def listening() -> socket.socket:
    """A listening socket on a free port of 127.0.0.1."""
    door = socket.create_server(("127.0.0.1", 0))
    door.settimeout(60)  # a process takes its time to start on a busy machine
    return door


class Peer:
    """The server's end of one raw connection, for a script written in the test."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link
        self.reader = link.makefile("rb")

    def say(self, line: str | bytes) -> None:
        """Send a line as it is."""
        data = line if isinstance(line, bytes) else line.encode() + b"\r\n"
        self.link.sendall(data)

    def hear(self) -> bytes:
        """The next line of the client, empty where it left."""
        return self.reader.readline()

    def wait(self) -> None:
        """Say nothing until the client leaves."""
        assert self.hear() == b""

    def up_to_data(self) -> None:
        """Greet and accept everything up to DATA, which is answered 354."""
        self.say("220 raw.test")
        while line := self.hear():
            verb = line[:4].upper()
            self.say("354 go on" if verb == b"DATA" else "250 raw.test")
            if verb == b"DATA":
                return

    def body(self) -> bytes:
        """Read up to the final dot."""
        lines = []
        while (line := self.hear()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)


@contextmanager
def raw_server(*scripts: Callable[[Peer], None]) -> Iterator[int]:
    """A port where each connection in turn follows its own script, and is then closed."""
    door = listening()
    failures: list[BaseException] = []

    def serve() -> None:
        for script in scripts:
            try:
                link, _ = door.accept()
            except OSError:
                return
            link.settimeout(10)
            peer = Peer(link)
            try:
                script(peer)
            except (ConnectionError, TimeoutError):
                pass
            except BaseException as error:
                failures.append(error)
            finally:
                peer.reader.close()
                link.close()

    thread = threading.Thread(target=serve)
    with door:
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join(10)
    assert not thread.is_alive()
    assert not failures, failures


def settings(port: int, security: Literal["starttls", "tls", "none"] = "none", **changes: Any) -> Account:
    """Settings for a server of this module; short waits."""
    usual: dict[str, Any] = {"host": "127.0.0.1", "timeout": 10.0, "final_timeout": 10.0}
    return Account(protocol="smtp", port=port, security=security, **{**usual, **changes})
