"""A connection that ends before the final dot leaves no doubt; doubts at one server come to an end."""

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from mail_support import NOON, TODAY, Peer, authority, message, raw_server, server_tls, settings, trust

from relance.core.facts import Deferred, InDoubt
from relance.delivery.account import Account
from relance.delivery.outbox import DOUBTS, RETRY_AFTER, DoubtfulServerError, deliver
from relance.delivery.outcome import SendReport
from relance.delivery.smtp import Session
from relance.delivery.transaction import SmtpTransport
from relance.journal import Journal, open_journal

pytestmark = pytest.mark.slow


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        yield journal


def run(port: int, journal: Journal, *numbers: str) -> SendReport:
    """One run, at this server, which is called the same on every port."""
    transport = SmtpTransport(settings(port), None)
    journal.recover()
    try:
        letters = [message(number, to=(f"{number.lower()}@client.example",)) for number in numbers]
        return deliver(letters, journal, transport, TODAY, sleep=lambda seconds: None, now=lambda: NOON)
    finally:
        transport.close()


def hang_up_after_the_body(peer: Peer) -> None:
    """All but the dot is read, and the connection ends."""
    peer.up_to_data()
    while peer.hear() not in (b"Merci.\r\n", b""):
        pass


def leave_with_a_word(peer: Peer) -> None:
    """The same, with a 421 that nobody asked for; the connection stays."""
    hang_up_after_the_body(peer)
    peer.say("421 4.4.2 idle")
    with suppress(OSError):
        while peer.hear():
            pass


def reset(peer: Peer) -> None:
    """The connection is torn while octets lie unread."""
    peer.up_to_data()
    peer.link.recv(1)


def slowly(journal: Journal, patch: pytest.MonkeyPatch, *, before: bool) -> None:
    """The end of the connection arrives before anything is armed, or while the line is written."""
    usual = journal.at_dot
    looked = iter([0.2] if before else [])

    def at_dot(*args: object) -> None:
        time.sleep(0.2)
        usual(*args)  # type: ignore[arg-type]

    patch.setattr(journal, "at_dot", at_dot)
    if before:
        over = Session.is_over

        def late(session: Session) -> bool:
            time.sleep(next(looked, 0))
            return over(session)

        patch.setattr(Session, "is_over", late)


def answer_too_early(peer: Peer) -> None:
    """With the leave for the message comes the answer to its end."""
    peer.say("220 raw.test")
    while not peer.hear().startswith((b"DATA", b"data")):
        peer.say("250 ok")
    peer.say("354 go on\r\n250 2.0.0 queued")
    while peer.hear():
        pass


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("script", [hang_up_after_the_body, leave_with_a_word, reset, answer_too_early])
def test_an_end_before_the_dot_is_no_doubt(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, script: Callable[[Peer], None], before: bool
) -> None:
    """S27: put off, by the schedule of what is put off; with the next server it leaves, once."""
    slowly(journal, monkeypatch, before=before)
    with raw_server(script) as port:
        report = run(port, journal, "F-1")
    assert ([], 1) == (report.in_doubt, len(report.deferred))
    assert [NOON + RETRY_AFTER[0]] == [fact.until for fact in journal.facts() if isinstance(fact, Deferred)]
    if before:
        assert 0 == journal._db.execute("SELECT count(*) FROM attempts WHERE dot_at IS NOT NULL").fetchone()[0]
    bodies: list[bytes] = []

    def good(peer: Peer) -> None:
        peer.up_to_data()
        bodies.append(peer.body())
        peer.say("250 ok")

    with raw_server(good) as port:
        assert ["F-1"] == [handed.message.keys[0].number for handed in run(port, journal, "F-1").sent]
    assert 1 == len(bodies)


def test_an_encrypted_connection_that_is_alive_is_not_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: Journal
) -> None:
    """What TLS itself has to say after the handshake is no word of the server."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path)))

    def encrypted(peer: Peer, end: bool) -> None:
        link = server_tls("localhost").wrap_socket(peer.link, server_side=True)
        inner = Peer(link)
        inner.up_to_data()
        with link, suppress(OSError):
            if end:
                while inner.hear() not in (b"Merci.\r\n", b""):
                    pass
                link.unwrap()
                return
            inner.body()
            inner.say("250 ok")
            inner.say("221 bye")

    def account(port: int) -> Account:
        return settings(port)._replace(host="localhost", security="tls")

    slowly(journal, monkeypatch, before=True)
    states = []
    for end in (True, False):
        with raw_server(lambda peer, end=end: encrypted(peer, end)) as port:  # type: ignore[misc]
            transport = SmtpTransport(account(port), None)
            report = deliver([message(f"F-{end}")], journal, transport, TODAY, now=lambda: NOON)
            transport.close()
            states.append((len(report.sent), len(report.deferred), len(report.in_doubt)))
    assert [(0, 1, 0), (1, 0, 0)] == states


def test_half_a_record_of_an_encrypted_connection_is_no_word() -> None:
    """Octets are there, and nothing can be read of them yet: it may be TLS alone that is talking."""
    ours, theirs = socket.socketpair()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_tls("localhost").wrap_bio(incoming, outgoing, server_side=True)

    def shake_hands() -> None:
        while True:
            try:
                server.do_handshake()
            except ssl.SSLWantReadError:
                theirs.sendall(outgoing.read())
                incoming.write(theirs.recv(65_536))
            else:
                return theirs.sendall(outgoing.read())

    other = threading.Thread(target=shake_hands)
    other.start()
    context = ssl.create_default_context()
    authority().configure_trust(context)
    session = Session()
    with theirs, context.wrap_socket(ours, server_hostname="localhost") as link:
        other.join(10)
        session.sock, session.file = link, link.makefile("rb")
        link.settimeout(5)
        while select.select([link], [], [], 0)[0]:  # the tickets of TLS 1.3
            assert not session.is_over()
        server.write(b"421 4.4.2 idle\r\n")
        record = outgoing.read()
        theirs.sendall(record[:9])
        assert [link] == select.select([link], [], [], 5)[0]
        assert (False, 5) == (session.is_over(), link.gettimeout())
        theirs.sendall(record[9:])
        assert (True, 5) == (session.is_over(), link.gettimeout())
        session.file.close()


def silent(peer: Peer) -> None:
    """The dot is taken, and the connection ends without a word."""
    peer.up_to_data()
    peer.body()


def test_doubts_at_one_server_come_to_an_end(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """S28: after three in a row, over all runs, nothing more is tried until the user settled one; then it goes on."""
    numbers = [f"F-{n}" for n in range(8)]
    monkeypatch.setattr(Account, "server", "mx.test:25")
    with raw_server(*[silent] * 8) as port:
        assert 2 == len(run(port, journal, *numbers).in_doubt)
        second = run(port, journal, *numbers)
        assert 1 == len(second.in_doubt)
        for _ in range(3):
            report = run(port, journal, *numbers)
            assert ([], []) == (report.in_doubt, report.sent)
            assert isinstance(report.stopped, DoubtfulServerError)
            assert all(number in str(report.stopped) for number in numbers[:DOUBTS])
            assert len(numbers) - DOUBTS == len(report.left), report.deferred
    assert DOUBTS == sum(isinstance(fact, InDoubt) for fact in journal.facts())
    journal.resolve("F-1/2026", sent=False, on=TODAY)
    with raw_server(silent, silent) as port:
        assert 1 == len(run(port, journal, *numbers[3:]).in_doubt)
    assert 3 == len(journal.doubts_in_a_row("mx.test:25"))
    assert () == journal.doubts_in_a_row("other.test:25")


def test_a_message_taken_ends_the_row(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two doubts, a message sent, two doubts: the server works, as far as anybody can see."""
    monkeypatch.setattr(Account, "server", "mx.test:25")

    def good(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say("250 ok")

    with raw_server(silent, silent, good, silent, silent, good) as port:
        assert 2 == len(run(port, journal, "F-1", "F-2").in_doubt)
        assert 1 == len(run(port, journal, "F-3").sent)
        assert 2 == len(run(port, journal, "F-4", "F-5").in_doubt)
        assert 1 == len(run(port, journal, "F-6").sent)
