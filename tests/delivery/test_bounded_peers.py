"""Servers that never stop: what is said has its limits in octets, lines and time, for all of it."""

import resource
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from imap_support import Mails, imap_server
from mail_support import CANARY, Peer, message, raw_server, server_tls, settings, smtp_server, trust
from peer_fuzz import imap_answers, looked_into, sent_over, smtp_answers
from test_delivery_mailbox import answering, failure, looked, with_fault

from relance.delivery import mailbox
from relance.delivery.smtp import Session, connect
from relance.delivery.transaction import SmtpTransport
from relance.errors import DeliveryError
from relance.journal import State

pytestmark = pytest.mark.slow


def no_record(server: str) -> None:
    """Nothing is written down in these tests."""


@pytest.fixture(autouse=True)
def _trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path)))


def test_the_time_for_a_reply_is_for_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """S19: the first line came in time, and the time is over before the last one."""

    def more(peer: Peer) -> None:
        peer.say("220 raw.test\r\n250-more")
        peer.wait()

    with raw_server(more) as port:
        session = Session("127.0.0.1", port, timeout=10)
        ticks = iter([0.0, 1000.0])
        monkeypatch.setattr("relance.delivery.smtp.time.monotonic", lambda: next(ticks))
        with pytest.raises(TimeoutError):
            session.reply(10)
        session.close()


@pytest.mark.parametrize("drip", ["250-more\r\n", "x"])
@pytest.mark.parametrize("heard", [0, 1, 2, 3])
def test_drips_without_end_before_the_dot(heard: int, drip: str) -> None:
    """A greeting, or a reply to any command, that comes octet by octet for ever: its time is over, nothing was sent."""

    def script(peer: Peer) -> None:
        for reply in ("220 raw.test", "250 raw.test", "250 ok")[:heard]:
            peer.say(reply)
            peer.hear()
        while True:
            threading.Event().wait(0.02)
            peer.say(drip.encode())

    started = time.monotonic()
    with raw_server(script, script) as port:
        if heard < 2:
            with pytest.raises(DeliveryError, match="pas de réponse"):
                SmtpTransport(settings(port, timeout=0.4), None)
        else:
            transport = SmtpTransport(settings(port, timeout=0.4), None)
            found = transport.hand_over(message(), no_record)
            transport.close()
            assert (found.state, found.lost) == (State.DEFERRED, True)
    assert time.monotonic() - started < 5


def test_gigabytes_of_a_reply() -> None:
    """A reply that never ends, as fast as it can be written: left after its first octets, in little memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        while True:
            peer.link.sendall(b"250-" + b"x" * 1_000_000 + b"\r\n")

    started = time.monotonic()
    with raw_server(script) as port, pytest.raises(DeliveryError):
        SmtpTransport(settings(port), None)
    assert time.monotonic() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_what_came_before_the_encryption_is_forgotten() -> None:
    """A second reply beside the one to STARTTLS would be taken for the server's own words (RFC 3207 6)."""

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250-raw.test\r\n250 STARTTLS")
        peer.hear()
        peer.say("220 go on\r\n250-raw.test\r\n250 AUTH PLAIN")
        peer.link = server_tls().wrap_socket(peer.link, server_side=True)
        peer.reader = peer.link.makefile("rb")
        peer.hear()
        peer.say("250 honest.test")
        peer.hear()
        peer.reader.close()
        peer.link.close()

    with raw_server(script) as port:
        session = connect(settings(port, "starttls"), None)
        assert ("", b"honest.test") == (session.esmtp_features.get("auth", ""), session.ehlo_resp)
        session.close()


def test_a_server_that_takes_the_body_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole body has its time too: nothing was sent, the message leaves later."""
    monkeypatch.setattr("relance.delivery.transaction._BODY_SECONDS", -1.0)
    with smtp_server() as box:
        transport = SmtpTransport(settings(box.port), None)
        found = transport.hand_over(message(), no_record)
        transport.close()
    assert (found.state, found.lost, found.reply, box.received) == (State.DEFERRED, True, "pas de réponse à temps", [])


@pytest.mark.parametrize("verb", ["CAPABILITY", "LIST", "EXAMINE", "UID SEARCH", "UID FETCH"])
@pytest.mark.parametrize(
    "endless",
    [
        b"* OK " + b"x" * 500_000 + b"\r\n",
        b"* 1 EXISTS\r\n",
        b"* LIST () NIL a\r\n",
        b"* 1 FETCH (X {900000}\r\n" + b"y" * 900_000,
    ],
    ids=["long lines", "short lines", "names", "literals"],
)
def test_an_answer_of_gigabytes(verb: str, endless: bytes) -> None:
    """Whatever the command: left after the first octets, in little memory."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()

    def fault(peer: Peer, line: str) -> bool:
        if not line.split(" ", 1)[1].upper().startswith(verb):
            return False
        while True:
            peer.link.sendall(endless)

    with imap_server(with_fault(fault)) as box:
        assert "répond autre chose" in failure(DeliveryError, box.port)
    assert time.monotonic() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # kilobytes


@pytest.mark.parametrize("drip", [b"* 1 EXISTS\r\n", b"x"])
@pytest.mark.parametrize("verb", ["greeting", "CAPABILITY", "EXAMINE", "UID FETCH"])
def test_an_answer_in_drops(verb: str, drip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is for the whole look, not for each octet."""
    monkeypatch.setattr(mailbox, "_SECONDS", 0.5)

    def fault(peer: Peer, line: str) -> bool:
        if not line.split(" ", 1)[1].upper().startswith(verb.upper()):
            return False
        while True:
            threading.Event().wait(0.02)
            peer.say(drip)

    def greeted(peer: Peer) -> None:
        fault(peer, "x greeting")

    started = time.monotonic()
    if verb == "greeting":
        with raw_server(greeted) as port:
            assert "ne peut pas être lue" in failure(DeliveryError, port)
    else:
        with imap_server(with_fault(fault)) as box:
            assert "à temps" in failure(DeliveryError, box.port)
    assert time.monotonic() - started < 5


def test_many_answers_each_within_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them together have a limit as well."""
    monkeypatch.setattr(mailbox, "_ALL", 20_000)
    mails = Mails()
    for n in range(300):
        mails.put(f"From: {n}@x.example\nSubject: {'s' * 200}\n\nx")
    with imap_server(mails) as box:
        assert "répond autre chose" in failure(DeliveryError, box.port)


def test_a_name_of_backslashes() -> None:
    """A LIST with 61 of them took for ever: each could be read in two ways."""
    fault = answering("LIST", b'* LIST () "' + b"\\" * 61 + b"\r\n", b'* LIST () "\\\\" INBOX\r\n', "{tag} OK done")
    started = time.monotonic()
    with imap_server(with_fault(fault)) as box:
        assert 1 == len(looked(box.port))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("verb", "lines"),
    [
        ("CAPABILITY", ("* CAPABILITY {{3}}", "abc", "{tag} OK")),
        ("LIST", ("* LIST {{1}}", "a", "{tag} OK")),
        ("UID SEARCH", ("* SEARCH 1 {{1}}", "2", "{tag} OK")),
        ("UID FETCH", ("* FETCH 1 FETCH", "{tag} OK")),
        (
            "UID FETCH",
            ('* 1 FETCH (UID 1 INTERNALDATE "31-Foo-2026 10:00:00 +0000" BODY[] {{1}}', "x", ")", "{tag} OK"),
        ),
        ("UID FETCH", (b"* \xff FETCH (\r\n", "{tag} OK")),
        ("EXAMINE", ("* 1 {{1}}", "x", "{tag} OK", "{tag} OK")),
    ],
)
def test_answers_of_other_shapes(verb: str, lines: tuple[str | bytes, ...]) -> None:
    """What imaplib stumbles over is no traceback: the mailbox cannot be read, or the answer says nothing."""
    told = tuple(line if isinstance(line, bytes) else line.replace("{{", "{").replace("}}", "}") for line in lines)
    with imap_server(with_fault(answering(verb, *told))) as box, suppress(DeliveryError):
        looked(box.port)


def test_servers_that_answer_anything() -> None:
    """Two thousand sessions of each kind, the same each time: an outcome or a sentence; `bench fuzz_peers` has more."""
    for said in smtp_answers(20261123, 2000):
        assert CANARY not in str(sent_over(said))
    for said in imap_answers(20261123, 2000):
        found = looked_into(said)
        assert isinstance(found, int) or found.cure
        assert CANARY not in str(found)
