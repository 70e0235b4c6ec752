"""The outbox: claimed, handed over, settled; once each, whatever fails."""

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from mail_support import TODAY, Mailbox, Peer, listening, message, raw_server, settings, smtp_server

from relance.core.facts import Drafted, InDoubt, Refused, Reminded
from relance.delivery.folder import FolderTransport
from relance.delivery.outbox import Handed, Report, deliver
from relance.delivery.outcome import Outcome
from relance.delivery.transaction import SmtpTransport
from relance.journal import Journal, State, open_journal
from relance.letters.letter import Message


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j.sqlite3", TODAY, create=True) as journal:
        yield journal


def letters(count: int) -> list[Message]:
    """Messages about F-0, F-1 and so on."""
    return [message(f"F-{i}", to=(f"c{i}@client.example",)) for i in range(count)]


def run(
    box: Mailbox, journal: Journal, messages: list[Message], sleep: Callable[[float], None] = lambda seconds: None
) -> Report:
    """One run against an aiosmtpd server."""
    with smtp_server(mailbox=box):
        transport = SmtpTransport(settings(box.port), None)
        try:
            return deliver(messages, journal, transport, TODAY, sleep=sleep)
        finally:
            transport.close()


@dataclass
class Scripted:
    """A way out that does what the test says, message after message."""

    steps: list[Outcome | BaseException]
    paced: bool = True
    tried: list[Message] = field(default_factory=list)

    def hand_over(self, message: Message) -> Outcome:
        """The next step."""
        self.tried.append(message)
        step = self.steps.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step


def test_sends_each_message_and_remembers_it(journal: Journal) -> None:
    """Sent, with the server's words, and a contact in the journal."""
    box = Mailbox()
    sent = letters(3)
    report = run(box, journal, sent)
    assert report.sent == [Handed(m, 250, "2.0.0 Ok: queued as 4F1") for m in sent]
    assert box.received == [m.raw for m in sent]
    assert [type(fact) for fact in journal.facts()] == [Reminded] * 3
    assert (report.stopped, report.left, report.interrupted) == (None, [], False)


def test_a_second_run_sends_nothing(journal: Journal) -> None:
    """What was sent is skipped for ever."""
    box = Mailbox()
    run(box, journal, letters(2))
    assert run(box, journal, letters(2)).skipped == [Handed(m) for m in letters(2)]
    assert len(box.received) == 2


def test_one_bad_message_never_stops_the_others(journal: Journal) -> None:
    """A refused address, a deferred one and refused contents each stay alone."""
    box = Mailbox(
        rcpt={"c0@client.example": "550 5.1.1 unknown", "c1@client.example": "450 later"}, to_dot=["554 5.7.1 spam"]
    )
    sent = letters(5)
    report = run(box, journal, sent)
    assert [h.message for h in report.refused] == [sent[0], sent[2]]
    assert report.deferred == [Handed(sent[1], 450, "later")]
    assert [h.message for h in report.sent] == sent[3:]
    refused = [fact for fact in journal.facts() if isinstance(fact, Refused)]
    assert refused == [Refused("F-0/2026", "c0@client.example", TODAY, "5.1.1 unknown")]


def test_deferred_leaves_next_time_with_the_same_identity(journal: Journal) -> None:
    """Greylisted today, accepted later, once, under the same Message-ID."""
    box = Mailbox(rcpt={"c0@client.example": "450 4.2.0 greylisted"})
    assert len(run(box, journal, letters(1)).deferred) == 1
    box.rcpt.clear()
    report = run(box, journal, letters(1))
    assert [h.message.message_id for h in report.sent] == [letters(1)[0].message_id]
    assert len(box.received) == 1


def test_in_doubt_is_never_sent_again(journal: Journal) -> None:
    """421 after the dot: asked, not repeated, until the user says that it did not leave."""
    box = Mailbox(to_dot=["421 closing"])
    report = run(box, journal, letters(1))
    assert [h.code for h in report.in_doubt] == [421]
    assert len(run(box, journal, letters(1)).skipped) == 1
    assert journal.facts() == [InDoubt("F-0/2026", "friendly", "email", TODAY)]
    journal.resolve("F-0/2026", sent=False, on=TODAY)
    assert len(run(box, journal, letters(1)).sent) == 1
    assert len(box.received) == 1


def test_account_refusal_stops_the_run(journal: Journal) -> None:
    """The sender refused: one attempt, the rest is left and unclaimed."""
    box = Mailbox(answers={"MAIL": "550 5.7.1 not yours"})
    sent = letters(3)
    report = run(box, journal, sent)
    assert ([h.message for h in report.refused], report.left) == (sent[:1], sent[1:])
    assert box.commands.count("MAIL") == 1
    assert "sender.email" in str(report.stopped)
    box.answers.clear()
    assert len(run(box, journal, sent).sent) == 3


def test_quota_in_the_middle_stops_the_run(journal: Journal) -> None:
    """The daily quota at the third of ten: two sent, one deferred, seven left, one reason."""
    box = Mailbox(to_dot=["250 ok", "250 ok", "550 5.4.5 Daily limit"])
    report = run(box, journal, letters(10))
    assert (len(report.sent), len(report.deferred), len(report.left)) == (2, 1, 7)
    assert "quota" in str(report.stopped)


def test_one_lost_connection_does_not_stop_the_others(journal: Journal) -> None:
    """A message at which the server hangs up must not keep the others back for ever."""
    lost = Outcome(State.DEFERRED, lost=True)
    sent = Outcome(State.SENT, 250)
    report = deliver(letters(4), journal, Scripted([lost, sent, lost, sent], paced=False), TODAY)
    assert (len(report.sent), len(report.deferred), report.stopped) == (2, 2, None)


def test_two_lost_connections_in_a_row_stop_the_run(journal: Journal) -> None:
    """A server that hangs up each time is left alone: it would only make doubts."""
    doubt = Outcome(State.IN_DOUBT, lost=True)
    report = deliver(letters(5), journal, Scripted([doubt, doubt], paced=False), TODAY)
    assert (len(report.in_doubt), len(report.left)) == (2, 3)
    assert "coupe" in str(report.stopped)


def test_a_server_that_goes_away_stops_the_run(journal: Journal) -> None:
    """Nothing listens any more: the first message is sent, the second deferred, the rest left."""
    door = listening()
    port = door.getsockname()[1]

    def serve() -> None:
        link, _ = door.accept()
        door.close()
        with link:
            peer = Peer(link)
            peer.up_to_data()
            peer.body()
            peer.say("250 Ok")
            peer.reader.close()

    thread = threading.Thread(target=serve)
    thread.start()
    transport = SmtpTransport(settings(port), None)
    report = deliver(letters(3), journal, transport, TODAY, sleep=lambda seconds: thread.join(10))
    transport.close()
    assert (len(report.sent), len(report.deferred), len(report.left)) == (1, 1, 1)
    assert "smtp.port" in str(report.stopped)


def test_pace(journal: Journal) -> None:
    """Twenty a minute are three seconds between two attempts; none before the first, after the last, or if skipped."""
    waits: list[float] = []
    run(Mailbox(), journal, letters(2), waits.append)
    run(Mailbox(), journal, letters(4), waits.append)
    assert waits == [3.0, 3.0]


def test_no_pace_where_none_is_set(journal: Journal) -> None:
    """per_minute = 0 waits never."""
    waits: list[float] = []
    steps: list[Outcome | BaseException] = [Outcome(State.SENT)] * 2
    deliver(letters(2), journal, Scripted(steps), TODAY, per_minute=0, sleep=waits.append)
    assert waits == []


def test_interrupted_between_messages_leaves_a_clean_journal(journal: Journal) -> None:
    """Ctrl-C in the pause: what was sent is sent, the rest is free."""

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    report = run(Mailbox(), journal, letters(3), interrupt)
    assert (len(report.sent), len(report.left), report.interrupted) == (1, 2, True)
    assert "interrompu" in str(report.stopped)
    assert journal.in_doubt() == ()
    assert len(run(Mailbox(), journal, letters(3)).sent) == 2


def test_interrupted_inside_a_message_is_in_doubt(journal: Journal) -> None:
    """Ctrl-C while a message is handed over: nobody knows, and the rest is left."""
    report = deliver(letters(2), journal, Scripted([KeyboardInterrupt()], paced=False), TODAY)
    assert (len(report.in_doubt), len(report.left), report.interrupted) == (1, 1, True)
    assert len(journal.in_doubt()) == 1


def test_a_bug_in_the_way_out_is_one_doubt(journal: Journal) -> None:
    """An error nobody foresaw keeps its message from leaving twice and lets the others go."""
    steps: list[Outcome | BaseException] = [RuntimeError("secret"), Outcome(State.SENT, 250)]
    report = deliver(letters(2), journal, Scripted(steps, paced=False), TODAY)
    assert [h.reply for h in report.in_doubt] == ["erreur interne (RuntimeError)"]
    assert len(report.sent) == 1


def test_tells_each_message_once_it_is_settled(journal: Journal) -> None:
    """Progress is told after the journal knows; what listens may fail without harm."""

    def tell(handed: Handed, state: State) -> None:
        assert journal.in_doubt() == ()
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        deliver(letters(2), journal, Scripted([Outcome(State.SENT, 250)]), TODAY, tell=tell)
    assert [type(fact) for fact in journal.facts()] == [Reminded]


def test_a_journal_that_cannot_be_written_sends_nothing(journal: Journal) -> None:
    """Locked, full or read-only: no claim, no hand-over."""
    journal._db.execute("PRAGMA query_only = ON")
    way_out = Scripted([])
    report = deliver(letters(2), journal, way_out, TODAY)
    assert (len(report.deferred), len(report.left), way_out.tried) == (1, 1, [])
    assert "journal" in str(report.stopped)


def test_accepted_but_not_written_down_is_in_doubt(journal: Journal) -> None:
    """The disk fills between acceptance and the journal: never sent again by itself."""

    class Filling(Scripted):
        def hand_over(self, message: Message) -> Outcome:
            journal._db.execute("PRAGMA query_only = ON")
            return super().hand_over(message)

    report = deliver(letters(2), journal, Filling([Outcome(State.SENT, 250, "ok")]), TODAY)
    assert report.in_doubt == [Handed(letters(2)[0], 250, "ok")]
    assert (len(report.left), "journal" in str(report.stopped)) == (1, True)
    journal._db.execute("PRAGMA query_only = OFF")
    assert journal.facts() == [InDoubt("F-0/2026", "friendly", "email", TODAY)]


def test_killed_between_claim_and_settle_is_asked_never_repeated(tmp_path: Path) -> None:
    """A process that dies in the middle of a hand-over leaves a doubt; the next run sends the others only."""
    path = tmp_path / "j.sqlite3"
    code = """
        import os, sys
        from pathlib import Path
        from mail_support import TODAY, message
        from relance.delivery.outbox import deliver
        from relance.journal import lock, open_journal
        class Dying:
            paced = False
            def hand_over(self, message): os._exit(9)
        path = Path(sys.argv[1])
        with lock(path), open_journal(path, TODAY, create=True) as journal:
            deliver([message("F-0"), message("F-1")], journal, Dying(), TODAY)
        """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parent.parent)])}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)], env=env, timeout=60)
    assert done.returncode == 9
    box = Mailbox()
    with open_journal(path, TODAY, create=False) as journal:
        assert journal.facts() == [InDoubt("F-0/2026", "friendly", "email", TODAY)]
        report = run(box, journal, [message("F-0"), message("F-1")])
        assert ([h.message for h in report.skipped], len(report.sent)) == ([message("F-0")], 1)
    assert len(box.received) == 1


def test_twins_send_each_message_once(tmp_path: Path) -> None:
    """Four overlapping runs without even a lock: the journal alone keeps each message single."""
    path = tmp_path / "j.sqlite3"
    open_journal(path, TODAY, create=True).close()
    box = Mailbox()
    gate = threading.Barrier(4)
    reports: list[Report] = []

    def twin() -> None:
        gate.wait(10)
        with open_journal(path, TODAY, create=False) as journal:
            transport = SmtpTransport(settings(box.port), None)
            reports.append(deliver(letters(5), journal, transport, TODAY, per_minute=0))
            transport.close()

    with smtp_server(mailbox=box):
        threads = [threading.Thread(target=twin) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert sorted(box.received) == sorted(m.raw for m in letters(5))
    assert (sum(len(r.sent) for r in reports), sum(len(r.skipped) for r in reports)) == (5, 15)


def test_the_message_in_the_journal_is_the_one_that_left(journal: Journal) -> None:
    """The exact bytes are kept, claimed on the disk before the server hears of them."""
    seen: list[bytes] = []

    class Looking(Scripted):
        def hand_over(self, message: Message) -> Outcome:
            db = sqlite3.connect(journal.path)
            seen.extend(raw for (raw,) in db.execute("SELECT raw FROM deliveries WHERE state = 'claimed'"))
            db.close()
            return super().hand_over(message)

    deliver(letters(1), journal, Looking([Outcome(State.SENT)]), TODAY)
    assert seen == [letters(1)[0].raw]


def test_drafts(journal: Journal, tmp_path: Path) -> None:
    """The folder transport writes once, and what it wrote is a draft, not a contact."""
    folder = tmp_path / "brouillons"
    report = deliver(letters(2), journal, FolderTransport(folder), TODAY)
    assert [Path(h.reply).read_bytes() for h in report.drafted] == [m.raw for m in letters(2)]
    assert [type(fact) for fact in journal.facts()] == [Drafted, Drafted]
    for file in folder.glob("new/*"):
        file.unlink()
    assert len(deliver(letters(2), journal, FolderTransport(folder), TODAY).skipped) == 2
    assert list(folder.glob("*/*")) == []


def test_a_folder_that_cannot_be_written_stops_the_run(journal: Journal, tmp_path: Path) -> None:
    """Nothing is written, nothing is taken."""
    (tmp_path / "file").write_text("")
    report = deliver(letters(2), journal, FolderTransport(tmp_path / "file"), TODAY)
    assert (len(report.deferred), len(report.left)) == (1, 1)
    assert "[delivery] folder" in str(report.stopped)
    assert journal.facts() == []


def test_raw_server_drop_after_dot_is_remembered_as_doubt(journal: Journal) -> None:
    """The whole way: the server takes the message, closes without a word, and the next run does not repeat it."""
    bodies: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.up_to_data()
        bodies.append(peer.body())

    with raw_server(script) as port:
        transport = SmtpTransport(settings(port), None)
        report = deliver(letters(1), journal, transport, TODAY)
        transport.close()
    assert len(report.in_doubt) == 1
    assert len(run(Mailbox(), journal, letters(1)).skipped) == 1
    assert len(bodies) == 1
