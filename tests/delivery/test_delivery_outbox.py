"""The outbox: claimed, handed over, settled; once each, whatever fails."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from mail_support import NOON, SENDER, TODAY, Mailbox, Peer, key, listening, message, raw_server, settings, smtp_server

from relance.core.facts import Deferred, Drafted, InDoubt, Refused, Reminded
from relance.core.invoice import Customer
from relance.core.message import Attachment, Letter, Message
from relance.delivery.folder import FolderTransport
from relance.delivery.outbox import AtDot, Interruptions, deliver
from relance.delivery.outcome import Handed, Outcome, SendReport
from relance.delivery.transaction import SmtpTransport
from relance.errors import DeliveryError, JournalError
from relance.journal import Journal, State, open_journal
from relance.journal.parts import Parts
from relance.journal.receipts import read_receipts
from relance.letters.compose import compose

ROOT = Path(__file__).parents[2]
INTERRUPTED = "Envoi interrompu. « relance send » reprendra ce qui reste."
NOTHING_LEFT = "Envoi interrompu : rien n’est parti. « relance send » reprendra ce qui reste."


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j.sqlite3", TODAY, create=True) as journal:
        yield journal


def light(letter: Message) -> Message:
    """A message as reports hold it: its bytes are in the journal."""
    return letter._replace(raw=b"")


def letters(count: int) -> list[Message]:
    """Messages about F-0, F-1 and so on."""
    return [message(f"F-{i}", to=(f"c{i}@client.example",)) for i in range(count)]


def run(
    box: Mailbox, journal: Journal, messages: list[Message], sleep: Callable[[float], None] = lambda seconds: None
) -> SendReport:
    """One run against an aiosmtpd server."""
    with smtp_server(mailbox=box):
        transport = SmtpTransport(settings(box.port), None)
        try:
            return deliver(messages, journal, transport, TODAY, sleep=sleep, now=lambda: NOON)
        finally:
            transport.close()


@dataclass
class Scripted:
    """A way out that does what the test says, message after message."""

    steps: list[Outcome | BaseException]
    paced: bool = True
    early: bool = False
    tried: list[Message] = field(default_factory=list)

    def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
        """The next step, taken after the dot unless `early`."""
        self.tried.append(message)
        step = self.steps.pop(0)
        if not self.early:
            at_dot("mx.test:25")
        if isinstance(step, BaseException):
            raise step
        return step


@pytest.mark.slow
def test_sends_each_message_and_remembers_it(journal: Journal) -> None:
    """Sent, with the server's words, and a contact in the journal."""
    box = Mailbox()
    sent = letters(3)
    report = run(box, journal, sent)
    assert report.sent == [Handed(light(m), 250, "2.0.0 Ok: queued as 4F1") for m in sent]
    assert box.received == [m.raw for m in sent]
    assert [type(fact) for fact in journal.facts()] == [Reminded] * 3
    assert (report.stopped, report.left) == (None, [])


@pytest.mark.slow
def test_a_second_run_sends_nothing(journal: Journal) -> None:
    """What was sent is skipped for ever."""
    box = Mailbox()
    run(box, journal, letters(2))
    assert run(box, journal, letters(2)).skipped == [Handed(light(m)) for m in letters(2)]
    assert len(box.received) == 2


@pytest.mark.slow
def test_one_bad_message_never_stops_the_others(journal: Journal) -> None:
    """A refused address, a deferred one and refused contents each stay alone."""
    box = Mailbox(
        rcpt={"c0@client.example": "550 5.1.1 unknown", "c1@client.example": "450 later"}, to_dot=["554 5.7.1 spam"]
    )
    sent = letters(5)
    report = run(box, journal, sent)
    assert [h.message for h in report.refused] == [light(sent[0]), light(sent[2])]
    assert report.deferred == [Handed(light(sent[1]), 450, "later")]
    assert [h.message for h in report.sent] == [light(m) for m in sent[3:]]
    refused = [fact for fact in journal.facts() if isinstance(fact, Refused)]
    assert refused == [
        Refused("F-0/2026", "c0@client.example", TODAY, "550 5.1.1 unknown", "friendly"),
        Refused("F-2/2026", "", TODAY, "554 5.7.1 spam", "friendly"),
    ]


@pytest.mark.slow
def test_deferred_leaves_next_time_with_the_same_identity(journal: Journal) -> None:
    """Greylisted today, accepted later, once, under the same Message-ID."""
    box = Mailbox(rcpt={"c0@client.example": "450 4.2.0 greylisted"})
    assert len(run(box, journal, letters(1)).deferred) == 1
    box.rcpt.clear()
    report = run(box, journal, letters(1))
    assert [h.message.message_id for h in report.sent] == [letters(1)[0].message_id]
    assert len(box.received) == 1


@pytest.mark.slow
def test_in_doubt_is_never_sent_again(journal: Journal) -> None:
    """421 after the dot: asked, not repeated, until the user says that it did not leave."""
    box = Mailbox(to_dot=["421 closing"])
    report = run(box, journal, letters(1))
    assert [h.code for h in report.in_doubt] == [421]
    assert len(run(box, journal, letters(1)).skipped) == 1
    assert [(type(fact), fact.on) for fact in journal.facts()] == [(InDoubt, TODAY)]
    journal.resolve("F-0/2026", sent=False, on=TODAY)
    assert len(run(box, journal, letters(1)).sent) == 1
    assert len(box.received) == 1


@pytest.mark.slow
def test_account_refusal_stops_the_run(journal: Journal) -> None:
    """The sender refused: one attempt, no customer refused, the rest is left and unclaimed."""
    box = Mailbox(answers={"MAIL": "550 5.7.1 not yours"})
    sent = letters(3)
    report = run(box, journal, sent)
    assert ([h.message for h in report.deferred], report.left) == ([light(sent[0])], [light(m) for m in sent[1:]])
    assert report.refused == []
    assert box.commands.count("MAIL") == 1
    assert "sender.email" in str(report.stopped)
    box.answers.clear()
    assert len(run(box, journal, sent).sent) == 3


@pytest.mark.slow
def test_quota_in_the_middle_stops_the_run(journal: Journal) -> None:
    """S23: the daily quota at the third of ten: two sent, eight put off for a day, one reason, and no try counted."""
    box = Mailbox(to_dot=["250 ok", "250 ok", "550 5.4.5 Daily limit"])
    report = run(box, journal, letters(10))
    assert (len(report.sent), len(report.deferred), len(report.left)) == (2, 8, 0)
    waits = {fact.until - NOON for fact in journal.facts() if isinstance(fact, Deferred)}
    assert (waits, len(journal.facts())) == ({timedelta(days=1)}, 10)
    assert "quota" in str(report.stopped)


def to_domains(count: int) -> list[Message]:
    """Messages to customers of different domains."""
    return [message(f"F-{i}", to=(f"c@client{i}.example",)) for i in range(count)]


SPAM = Outcome(State.REFUSED, 554, "5.7.1 Message 4F1 refused by policy")


@pytest.mark.parametrize("early", [False, True])
def test_two_like_refusals_to_different_domains_are_about_the_account(
    journal: Journal, tmp_path: Path, *, early: bool
) -> None:
    """The first one is taken back too, in journal and receipts: all of them wait a day, and the run stops."""
    steps: list[Outcome | BaseException] = [SPAM, SPAM._replace(reply="5.7.1 Message 99 refused by policy")]
    report = deliver(to_domains(4), journal, Scripted(steps, paced=False, early=early), TODAY, now=lambda: NOON)
    assert (report.refused, report.left, len(report.deferred)) == ([], [], 4)
    assert "deux messages de suite" in str(report.stopped)
    facts = journal.facts()
    assert {(type(fact), getattr(fact, "until", None)) for fact in facts} == {(Deferred, NOON + timedelta(days=1))}
    assert {fact.invoice for fact in facts if isinstance(fact, Deferred)} == {f"F-{i}/2026" for i in range(4)}
    told = [record for record in read_receipts(journal.path).records if record["kind"] == "outcome"]
    ends = {record["attempt"]: record["state"] for record in told}
    assert early or ["deferred"] * 2 == [*ends.values()], "before anything is recovered"

    journal.recover()
    assert journal.facts() == facts
    (tmp_path / "j.sqlite3.receipts").unlink()
    journal.recover()
    assert journal.facts() == facts


@pytest.mark.parametrize(
    "steps",
    [
        [SPAM, SPAM._replace(reply="5.7.1 something else")],
        [SPAM, Outcome(State.SENT, 250), SPAM],
        [SPAM, Outcome(State.DEFERRED, 451), SPAM],
        [SPAM._replace(address="c@client0.example"), SPAM._replace(address="c@client1.example")],
        [SPAM._replace(reply="5.1.1 unknown"), SPAM._replace(reply="5.1.1 unknown")],
        [SPAM._replace(reply="5.2.2 full"), SPAM._replace(reply="5.2.2 full")],
    ],
)
def test_refusals_that_have_nothing_in_common_stay(journal: Journal, steps: list[Outcome | BaseException]) -> None:
    """Other words, another message in between, an address, a mailbox: each is about its customer, the run goes on."""
    way = Scripted([*steps, Outcome(State.SENT, 250)], paced=False)
    report = deliver(to_domains(len(steps) + 1), journal, way, TODAY)
    assert (len(report.refused), report.stopped) == (2, None)
    assert sum(isinstance(fact, Refused) for fact in journal.facts()) == 2


def test_one_domain_that_refuses_twice_is_about_that_domain(journal: Journal) -> None:
    """Two customers of one server: it does not like what they get."""
    report = deliver(letters(3), journal, Scripted([SPAM, SPAM, Outcome(State.SENT, 250)], paced=False), TODAY)
    assert (len(report.refused), len(report.sent), report.stopped) == (2, 1, None)


def test_like_refusals_do_not_keep_the_others_back_for_ever(journal: Journal) -> None:
    """Day after day the same two: after five days they are what they seem, and the others leave."""
    for day in range(5):
        way, later = Scripted([SPAM, SPAM], paced=False), timedelta(days=day)
        report = deliver(to_domains(3), journal, way, TODAY + later, now=partial(NOON.__add__, later))
        assert (len(report.deferred), len(report.refused)) == (3, 0)
    way = Scripted([SPAM, SPAM, Outcome(State.SENT, 250)], paced=False)
    report = deliver(to_domains(3), journal, way, TODAY + timedelta(days=5), now=lambda: NOON + timedelta(days=5))
    assert (len(report.refused), len(report.sent), report.stopped) == (2, 1, None)


def test_like_refusals_that_cannot_be_written_down(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one stays what it was told to be, the run stops, and each message is told once."""
    answered, calls = journal.answered, []

    def third_fails(*told: Any) -> None:
        calls.append(told)
        if len(calls) == 3:
            raise JournalError("plein", "libérez")
        answered(*told)

    monkeypatch.setattr(journal, "answered", third_fails)
    report = deliver(to_domains(3), journal, Scripted([SPAM, SPAM], paced=False), TODAY, now=lambda: NOON)
    assert report.stopped is not None
    assert len(report.refused) + len(report.deferred) + len(report.left) + len(report.in_doubt) == 3


def test_what_cannot_be_set_free_again_is_said(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first reason to stop is told; without another one, the journal that takes nothing any more is it."""
    full = JournalError("plein", "libérez")

    def fails(*_: Any) -> None:
        raise full

    monkeypatch.setattr(journal, "release", fails)
    report = deliver(letters(1), journal, Scripted([Outcome(State.SENT, 250, "ok")]), TODAY, now=lambda: NOON)
    assert (1, full) == (len(report.sent), report.stopped)
    account = DeliveryError("compte", "vérifiez")
    refused = Outcome(State.DEFERRED, 535, "no", stop=account)
    report = deliver(
        [message("F-8"), message("F-9")], journal, Scripted([refused], early=True), TODAY, now=lambda: NOON
    )
    assert (1, account) == (len(report.left), report.stopped)


@pytest.mark.slow
def test_hourly_limits_of_a_real_conversation(journal: Journal) -> None:
    """X35: the second message meets the limit; nobody is refused, two leave an hour later."""
    box = Mailbox(to_dot=["250 ok", "550 5.7.1 exceeded the max emails per hour (2/2)"])
    report = run(box, journal, to_domains(3))
    assert (len(report.sent), len(report.deferred), report.refused) == (1, 2, [])
    assert {fact.until - NOON for fact in journal.facts() if isinstance(fact, Deferred)} == {timedelta(hours=1)}


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
    assert str(report.stopped) == ("Le serveur e-mail coupe la connexion message après message. Réessayez plus tard.")


@pytest.mark.parametrize("early", [False, True])
def test_two_errors_of_ours_in_a_row_stop_the_run_too(journal: Journal, early: bool) -> None:
    """After each the session is gone, whatever became of the message; a third one would only be one more."""
    report = deliver(letters(4), journal, Scripted([RuntimeError(), RuntimeError()], paced=False, early=early), TODAY)
    assert (len(report.in_doubt), len(report.deferred), len(report.left)) == ((0, 2, 2) if early else (2, 0, 2))
    assert "coupe la connexion" in str(report.stopped)


@pytest.mark.parametrize("code", [None, 451, 499, 500, 554])
def test_what_the_server_refused_before_the_message_refuses_nobody(code: int | None) -> None:
    """The account was, for good or for now: the customer whose message met it is not called refused."""
    report = SendReport()
    report.add(Handed(message("F-1")), Outcome(State.NOT_SENT, code))
    assert (len(report.refused), len(report.deferred)) == (0, 1)


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_interrupted_between_messages_leaves_a_clean_journal(journal: Journal) -> None:
    """Ctrl-C in the pause: what was sent is sent, the rest is free."""

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    report = run(Mailbox(), journal, letters(3), interrupt)
    assert (len(report.sent), len(report.left)) == (1, 2)
    assert str(report.stopped) == INTERRUPTED
    assert journal.in_doubt() == ()
    assert len(run(Mailbox(), journal, letters(3)).sent) == 2


def test_interrupted_inside_a_message_is_in_doubt(journal: Journal) -> None:
    """Ctrl-C while a message is handed over: nobody knows, and the rest is left."""
    report = deliver(letters(2), journal, Scripted([KeyboardInterrupt()], paced=False), TODAY)
    assert ([h.reply for h in report.in_doubt], len(report.left), str(report.stopped)) == (
        ["interrompu"],
        1,
        INTERRUPTED,
    )
    assert len(journal.in_doubt()) == 1


def test_interrupted_before_the_first_dot_says_that_nothing_left(journal: Journal) -> None:
    """Ctrl-C while the server does not answer; once one message left, that is not said any more."""
    early = Scripted([KeyboardInterrupt()], paced=False, early=True)
    report = deliver(letters(2), journal, early, TODAY)
    assert report.stopped is not None
    assert "Envoi interrompu\u00a0: rien n’est parti." == report.stopped.sentence
    assert ([], 2) == (report.in_doubt, len(report.left))
    later = Scripted([Outcome(State.SENT, 250, "ok"), KeyboardInterrupt()], paced=False, early=True)
    report = deliver(letters(2), journal, later, TODAY)
    assert (1, INTERRUPTED) == (len(report.sent), str(report.stopped))


def test_a_bug_in_the_way_out_is_one_doubt(journal: Journal) -> None:
    """An error nobody foresaw keeps its message from leaving twice and lets the others go."""
    steps: list[Outcome | BaseException] = [RuntimeError("secret"), Outcome(State.SENT, 250)]
    report = deliver(letters(2), journal, Scripted(steps, paced=False), TODAY)
    assert [h.reply for h in report.in_doubt] == ["erreur interne (RuntimeError)"]
    assert len(report.sent) == 1


def test_a_bug_before_the_dot_is_put_off(journal: Journal) -> None:
    """What certainly did not leave is no doubt."""
    report = deliver(letters(1), journal, Scripted([RuntimeError("secret")], early=True), TODAY)
    assert ([h.reply for h in report.deferred], report.in_doubt) == (["erreur interne (RuntimeError)"], [])


def test_tells_each_message_once_it_is_settled(journal: Journal) -> None:
    """K6: progress is told after the receipts know; what listens may fail without harm."""
    told: list[tuple[str, int]] = []

    def tell(handed: Handed, state: State) -> None:
        told.append((state, len(read_receipts(journal.path).records)))
        raise BrokenPipeError

    steps: list[Outcome | BaseException] = [Outcome(State.SENT, 250), Outcome(State.SENT, 250)]
    report = deliver(letters(2), journal, Scripted(steps, paced=False), TODAY, tell=tell)
    assert (len(report.sent), told) == (2, [(State.SENT, 3), (State.SENT, 5)])
    assert [type(fact) for fact in journal.facts()] == [Reminded, Reminded]


def test_a_journal_that_cannot_be_written_sends_nothing(journal: Journal) -> None:
    """J4: locked, full or read-only: nothing prepared, no hand-over."""
    journal._db.execute("PRAGMA query_only = ON")
    way_out = Scripted([])
    report = deliver(letters(2), journal, way_out, TODAY)
    assert ([m.message_id for m in report.left], way_out.tried) == ([m.message_id for m in letters(2)], [])
    assert "journal" in str(report.stopped)


class Filling(Scripted):
    """A disk that fills up between the dot and the record."""

    def __init__(self, journal: Journal, receipts: bool) -> None:
        super().__init__([Outcome(State.SENT, 250, "ok")])
        self.journal, self.receipts = journal, receipts

    def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
        """Accepted, and then no room for it."""
        outcome = super().hand_over(message, at_dot)
        self.journal._db.execute("PRAGMA query_only = ON")
        if self.receipts:
            handle, self.journal.receipts._handle = self.journal.receipts._handle, os.open(os.devnull, os.O_RDONLY)
            assert handle is not None
            os.close(handle)
        return outcome


def test_accepted_and_in_the_receipts_alone_is_sent(journal: Journal) -> None:
    """J5: the journal cannot be written any more, the receipts have it: sent, and the run stops."""
    report = deliver(letters(2), journal, Filling(journal, receipts=False), TODAY)
    assert ([h.reply for h in report.sent], len(report.left), "journal" in str(report.stopped)) == (["ok"], 1, True)
    journal._unwritten.clear()  # the process ends here
    journal._db.execute("PRAGMA query_only = OFF")
    journal.recover()
    assert [type(fact) for fact in journal.facts()] == [Reminded]


def test_accepted_but_written_down_nowhere_is_in_doubt(journal: Journal) -> None:
    """J5: the disk fills between acceptance and both records: never sent again by itself."""
    report = deliver(letters(2), journal, Filling(journal, receipts=True), TODAY)
    assert report.in_doubt == [Handed(light(letters(2)[0]), 250, "ok")]
    assert (len(report.left), "journal" in str(report.stopped)) == (1, True)
    journal._unwritten.clear()
    journal._db.execute("PRAGMA query_only = OFF")
    journal.recover()
    assert [type(fact) for fact in journal.facts()] == [InDoubt]


def test_accepted_and_in_the_journal_alone_is_sent(journal: Journal) -> None:
    """J5: the receipts cannot be written any more, the journal can: sent, the run stops, the receipts are mended."""

    class Closing(Scripted):
        def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
            outcome = super().hand_over(message, at_dot)
            journal.receipts.close()
            journal.receipts.path.rename(journal.receipts.path.with_suffix(".away"))
            return outcome

    report = deliver(letters(2), journal, Closing([Outcome(State.SENT, 250, "ok")]), TODAY)
    assert ([h.reply for h in report.sent], len(report.left), report.in_doubt) == (["ok"], 1, [])
    assert [type(fact) for fact in journal.facts()] == [Reminded]
    assert journal.recover().lost
    assert [r["state"] for r in read_receipts(journal.path).records if r["kind"] == "outcome"] == ["sent"]


@pytest.mark.slow
def test_killed_between_dot_and_record_is_asked_never_repeated(tmp_path: Path) -> None:
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
            def hand_over(self, message, at_dot):
                at_dot("mx.test:25")
                os._exit(9)
        path = Path(sys.argv[1])
        with lock(path), open_journal(path, TODAY, create=True) as journal:
            deliver([message("F-0"), message("F-1")], journal, Dying(), TODAY)
        """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "support"), str(ROOT)])}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)], env=env, timeout=60)
    assert done.returncode == 9
    box = Mailbox()
    with open_journal(path, TODAY, create=False) as journal:
        assert journal.recover().doubts == 1
        assert [type(fact) for fact in journal.facts()] == [InDoubt]
        report = run(box, journal, [message("F-0"), message("F-1")])
        assert ([h.message for h in report.skipped], len(report.sent)) == ([light(message("F-0"))], 1)
    assert len(box.received) == 1


@pytest.mark.slow
def test_twins_send_each_message_once(tmp_path: Path) -> None:
    """Four overlapping runs without even a lock: the journal alone keeps each message single."""
    path = tmp_path / "j.sqlite3"
    open_journal(path, TODAY, create=True).close()
    box = Mailbox()
    gate = threading.Barrier(4)
    reports: list[SendReport] = []

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
        def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
            db = sqlite3.connect(journal.path)
            kept = db.execute("SELECT raw FROM deliveries WHERE state = 'prepared'")
            seen.extend(Parts(journal.path).whole(raw) for (raw,) in kept)
            db.close()
            return super().hand_over(message, at_dot)

    deliver(letters(1), journal, Looking([Outcome(State.SENT)]), TODAY)
    assert seen == [letters(1)[0].raw]


def test_a_kept_attachment_that_is_damaged_stops_one_message(journal: Journal) -> None:
    """It changes between two messages: that one is tried again later, with the same bytes, and the others leave."""
    files = [Attachment("facture.pdf", b"%PDF-1.7\n" + os.urandom(9_000)) for _ in range(3)]
    customer = Customer("Client SA", emails=("compta@client.example",))
    several = [
        compose(Letter("Facture", "Bonjour,\n"), SENDER, customer, (key(f"F-{n}"),), "friendly", NOON, [file])
        for n, file in enumerate(files)
    ]

    class Damaging(Scripted):
        def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
            (Parts(journal.path).folder / sha256(files[1].data).hexdigest()).write_bytes(b"?")
            return super().hand_over(message, at_dot)

    report = deliver(several, journal, Damaging([Outcome(State.SENT)] * 2), TODAY, now=lambda: NOON, per_minute=0)
    assert (2, None) == (len(report.sent), report.stopped)
    assert ["F-1"] == [each.message.keys[0].number for each in report.deferred]
    assert {"F-1/2026"} == {fact.invoice for fact in journal.facts() if isinstance(fact, Deferred)}
    way = Scripted([Outcome(State.SENT)])
    assert 1 == len(deliver(several[1:2], journal, way, TODAY, per_minute=0).sent)
    assert several[1].raw == way.tried[0].raw


def test_drafts(journal: Journal, tmp_path: Path) -> None:
    """The folder transport writes once, and what it wrote is a draft, not a contact."""
    folder = tmp_path / "brouillons"
    report = deliver(letters(2), journal, FolderTransport(folder), TODAY)
    written = [b"X-Unsent: 1\r\n" + m.raw for m in letters(2)]
    assert written == [Path(h.reply).read_bytes() for h in report.drafted]
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_before_the_dot_closes_without_it(journal: Journal, number: int) -> None:
    """K4: SIGTERM, Ctrl-C or the end of the session before the dot: the line closes, nothing left, all is free."""
    heard: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.up_to_data()
        heard.append(peer.hear())
        interrupt(number)
        heard.append(peer.link.makefile("rb").read())

    letter = message("F-0", text="x" * 70 + "\n" + ("y" * 70 + "\n") * 60_000)
    with ours(number), raw_server(script) as port:
        transport = SmtpTransport(settings(port), None)
        report = deliver([letter, message("F-1")], journal, transport, TODAY)
        transport.close()
    assert not heard[1].endswith(b"\r\n.\r\n")
    assert (len(report.left), str(report.stopped), report.sent, report.in_doubt) == (2, NOTHING_LEFT, [], [])
    assert journal.recover().doubts == 0
    assert journal.facts() == []


@pytest.mark.slow
def test_a_signal_after_the_dot_waits_for_the_record(journal: Journal) -> None:
    """K5: SIGTERM while the reply is awaited: it is awaited, recorded, and the next message does not leave."""

    def script(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        interrupt(signal.SIGTERM)
        peer.say("250 Ok")
        peer.hear()

    with ours(signal.SIGTERM), raw_server(script) as port:
        transport = SmtpTransport(settings(port), None)
        report = deliver(letters(2), journal, transport, TODAY)
        transport.close()
    assert (len(report.sent), len(report.left), str(report.stopped)) == (1, 1, INTERRUPTED)
    assert [type(fact) for fact in journal.facts()] == [Reminded]


def interrupt(number: int) -> None:
    """This signal for the main thread, where the outbox runs."""
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, number)


@contextmanager
def ours(number: int) -> Iterator[None]:
    """Not ignored, whatever the shell that runs the tests does."""
    usual = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, usual)


def test_an_ignored_signal_stays_ignored(journal: Journal) -> None:
    """Under nohup the end of the session is nothing; the handlers of before are put back."""
    usual = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:

        def tell(handed: Handed, state: State) -> None:
            interrupt(signal.SIGHUP)

        steps: list[Outcome | BaseException] = [Outcome(State.SENT), Outcome(State.SENT)]
        assert len(deliver(letters(2), journal, Scripted(steps, paced=False), TODAY, tell=tell).sent) == 2
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, usual)


def test_a_signal_while_nothing_runs_stops_before_the_dot(journal: Journal) -> None:
    """One that comes just before the shield is heard at the shield."""
    calls = Interruptions()
    calls.asked = True
    with pytest.raises(KeyboardInterrupt):
        calls.shield()


@pytest.mark.slow
def test_what_changed_at_the_last_look_keeps_the_dot_back(journal: Journal) -> None:
    """F5, K7, C5: the body was said, the look sees a change: no dot, and all is planned anew."""
    box = Mailbox()
    looks = iter(["", "Le fichier a changé."])
    with smtp_server(mailbox=box):
        transport = SmtpTransport(settings(box.port), None)
        report = deliver(letters(3), journal, transport, TODAY, per_minute=0, look=lambda: next(looks))
        transport.close()
    assert (len(box.received), len(report.sent), len(report.left)) == (1, 1, 2)
    assert str(report.stopped) == "Le fichier a changé. « relance send » recalcule, puis reprend."
    assert [type(fact) for fact in journal.facts()] == [Reminded]
    assert len(run(box, journal, letters(3)).sent) == 2


@pytest.mark.slow
def test_a_refused_message_is_held_until_the_user_says_so(journal: Journal) -> None:
    """S16: 554 at the dot: the program never tries it again on its own; `resolve --not-sent` does."""
    box = Mailbox(to_dot=["554 5.7.1 policy"])
    assert len(run(box, journal, letters(1)).refused) == 1
    assert journal.facts() == [Refused("F-0/2026", "", TODAY, "554 5.7.1 policy", "friendly")]
    assert journal.resolve("F-0/2026", sent=False, on=TODAY) == ("F-0",)
    assert len(run(box, journal, letters(1)).sent) == 1


@pytest.mark.slow
def test_put_off_five_times_then_held(journal: Journal) -> None:
    """After 1 h, 4 h, 1 d, 1 d and 2 d the user has to look: the sixth refusal holds the message."""
    box = Mailbox(rcpt={"c0@client.example": "450 4.2.0 greylisted"})
    waits = []
    for _ in range(5):
        assert len(run(box, journal, letters(1)).deferred) == 1
        waits.append(next(f.until for f in reversed(journal.facts()) if isinstance(f, Deferred)) - NOON)
    assert waits == [timedelta(hours=h) for h in (1, 4, 24, 24, 48)]
    assert len(run(box, journal, letters(1)).refused) == 1
    assert [type(f) for f in journal.facts() if not isinstance(f, Deferred)] == [Refused]


@pytest.mark.slow
def test_not_sent_by_the_user_s_word_leaves_with_the_same_bytes(journal: Journal) -> None:
    """H3: one that had been delivered after all: one resend, same identity, same bytes; who decided is on record."""
    bodies: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.up_to_data()
        bodies.append(peer.body())

    with raw_server(script) as port:
        transport = SmtpTransport(settings(port), None)
        deliver([message("F-0")], journal, transport, TODAY)
        transport.close()
    journal.resolve("F-0/2026", sent=False, on=TODAY)
    box = Mailbox()
    later = message("F-0", at=NOON + timedelta(days=2))
    assert len(run(box, journal, [later]).sent) == 1
    assert box.received == [message("F-0").raw]
    assert b"".join(bodies).replace(b"\r\n..", b"\r\n.") == message("F-0").raw
    words = journal._db.execute("SELECT resolved_on FROM deliveries ORDER BY id")
    assert [on for (on,) in words] == [TODAY.isoformat(), None]


def test_a_twin_without_the_lock_takes_over(journal: Journal) -> None:
    """Released by another run's recovery before the dot: this one lets it go."""

    class Slow(Scripted):
        def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
            with open_journal(journal.path, TODAY, create=False) as twin:
                twin.recover()
            return super().hand_over(message, at_dot)

    report = deliver(letters(1), journal, Slow([Outcome(State.SENT)]), TODAY)
    assert (len(report.skipped), report.sent) == (1, [])


def test_an_end_that_cannot_be_written_before_the_dot(journal: Journal) -> None:
    """A refusal that the journal cannot keep: said as a refusal, and the run stops."""

    class Failing(Scripted):
        def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
            journal._db.execute("PRAGMA query_only = ON")
            return super().hand_over(message, at_dot)

    report = deliver(letters(2), journal, Failing([Outcome(State.REFUSED, 550)], early=True), TODAY)
    assert (len(report.refused), len(report.left), "journal" in str(report.stopped)) == (1, 1, True)


def test_a_journal_that_fails_at_the_dot_stops_the_run(journal: Journal) -> None:
    """J4: no room for the last word: no dot, nothing in doubt."""

    class Failing(Scripted):
        def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
            journal._db.execute("PRAGMA query_only = ON")
            return super().hand_over(message, at_dot)

    report = deliver(letters(2), journal, Failing([Outcome(State.SENT)]), TODAY)
    assert (report.sent, report.in_doubt, len(report.left)) == ([], [], 2)


@pytest.mark.slow
def test_many_messages_in_one_commit(journal: Journal) -> None:
    """More messages than one commit covers: each is recorded, each is sent."""
    box = Mailbox()
    assert len(run(box, journal, letters(40)).sent) == 40
    assert [r["kind"] for r in read_receipts(journal.path).records] == ["generation", *["dot", "outcome"] * 40]
    assert len(box.received) == 40
