"""Journal, receipts and outbox against a server that lies, files that vanish and a process that dies anywhere.

The model is what the server took. I1: it took each key once at most. I2: what we call sent it did take. I3: it took
nothing about what was paid. Three planted mistakes have to be caught.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from mail_support import NOON, TODAY, message
from mail_support import settings as server_settings

from relance.core.facts import Deferred, InDoubt, Paid, Refused, Reminded
from relance.delivery import transaction
from relance.delivery.outbox import deliver
from relance.delivery.outcome import Outcome
from relance.delivery.transaction import SmtpTransport
from relance.errors import DeliveryError, JournalError
from relance.french import system_words
from relance.journal import Journal, State, open_journal, repair

NUMBERS = tuple(f"F-{n}" for n in range(6))
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None
HISTORIES = int(os.environ.get("RELANCE_HISTORIES", "25"))
STEPS = int(os.environ.get("RELANCE_STEPS", "30"))

ENDS = ("ok", "ok", "ok", "taken, silent", "taken, closed", "taken, garbage", "taken, 421", "lost, closed", "lost, 421")
REPLIES = {"ok": b"250 ok\r\n", "garbage": b"Hello\r\n", "421": b"421 bye\r\n"}
REPLIES |= {"451": b"451 no\r\n", "554": b"554 no\r\n"}
EARLY = ("mail", "rcpt", "data", "body")
FATES = (*ENDS, "451", "554", *(f"dies at {step}" for step in (*EARLY, "dot", "reply", "record")))
FATES += tuple(f"closed at {step}" for step in EARLY)
OVER = ("over before it is armed", "over before the dot")
"""The connection ends after the body, and that is seen before a dot is said."""
FATES += OVER


class Death(BaseException):
    """The process ends here; nothing of it runs any more."""


class Server:
    """What it took, by invoice; `fates` is what happens to the next messages."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.fates: list[str] = []
        self.fate = "ok"

    def connect(self, *told: Any) -> "Session":
        """Always open."""
        return Session(self)


class Session:
    """The part of smtplib's session that a transaction uses; it is the sock and the file too."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.sock = self.file = self
        self.text = b""
        self.looks = 0

    def _step(self, name: str) -> None:
        if self.server.fate == f"dies at {name}":
            raise Death
        if self.server.fate == f"closed at {name}":
            raise ConnectionResetError("closed")

    def has_extn(self, name: str) -> bool:
        """No extension."""
        return False

    def settimeout(self, seconds: float) -> None:
        """Time does not pass."""

    def mail(self, address: str, options: list[str]) -> tuple[int, bytes]:
        """A new message: its fate is decided."""
        self.server.fate = self.server.fates.pop(0) if self.server.fates else "ok"
        self.looks = 0
        self._step("mail")
        return 250, b"ok"

    def rcpt(self, address: str) -> tuple[int, bytes]:
        """Any address."""
        self._step("rcpt")
        return 250, b"ok"

    def docmd(self, command: str) -> tuple[int, bytes]:
        """DATA."""
        self._step("data")
        return 354, b"go on"

    def rset(self) -> tuple[int, bytes]:
        """Fine."""
        return 250, b"ok"

    def quit(self) -> None:
        """Fine too."""

    def close(self) -> None:
        """Nothing to free."""

    def send(self, data: bytes) -> None:
        """The body, or the dot: then the message is taken, or lost on the way."""
        if data != b".\r\n":
            self.text = data
            self._step("body")
            return
        self._step("dot")
        if not self.server.fate.startswith(("lost", "451", "554")):
            self.server.taken.update(n for n in NUMBERS if f"[{n}]".encode() in self.text)
        self._step("reply")

    def is_over(self) -> bool:
        """Looked for twice before the dot; after it only the reply tells, or nothing does."""
        self.looks += 1
        return self.server.fate in OVER[: self.looks]

    def reply(self, seconds: float) -> list[bytes]:
        """The reply to the dot."""
        how = self.server.fate.rpartition(", ")[2]
        if how == "silent":
            raise TimeoutError("timed out")
        said = REPLIES.get(how, b"" if how == "closed" else b"250 ok\r\n")
        if not said:
            raise ConnectionResetError("closed")
        return said.splitlines()


class Life(RuleBasedStateMachine):
    """Runs, payments, answers, losses and deaths in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=FAST))
        self.path = self.folder / "j.sqlite3"
        self.server = Server()
        self.paid: dict[str, int] = {}
        self.hours = 0
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(transaction, "connect", self.server.connect)
        open_journal(self.path, TODAY, create=True, now=self.now).close()

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    def now(self) -> Any:
        """The clock; it moves by a second each time, so that stamps tell what came first."""
        self.hours += 1
        return NOON + timedelta(seconds=self.hours)

    def opened(self) -> Journal:
        """The journal as a run finds it."""
        try:
            return open_journal(self.path, TODAY, create=False, now=self.now)
        except JournalError:
            repair(self.path, TODAY, without_receipts=False, now=self.now)
            return open_journal(self.path, TODAY, create=False, now=self.now)

    @rule(
        fates=st.lists(st.sampled_from(FATES), max_size=4),
        group=st.sampled_from([(0, 1, 2), (3, 4), ()]),
        look=st.sampled_from(["", "", "", "", "changed"]),
    )
    def run(self, fates: list[str], group: tuple[int, ...], look: str) -> None:
        """A run over all that is due, some of it in one message; it may die anywhere."""
        self.server.fates = list(fates)
        journal = self.opened()
        try:
            journal.recover()
            done = named(journal, Reminded, InDoubt, Refused, Paid)
            due = [n for n in NUMBERS if n not in done]
            together = [n for n in due if int(n[2:]) in group]
            alone = [n for n in due if n not in together]
            groups = ([together] if together else []) + [[n] for n in alone]
            letters = [message(*g, text=f"{' '.join(f'[{n}]' for n in g)}\n") for g in groups]
            if any("record" in fate for fate in fates):
                self._die_at_the_record(journal)
            transport = SmtpTransport(server_settings(1), None)
            deliver(letters, journal, transport, TODAY, per_minute=0, now=self.now, look=lambda: look)
            transport.close()
        except Death:
            pass
        finally:
            journal.receipts.close()
            journal._db.close()

    def _die_at_the_record(self, journal: Journal) -> None:
        """Before or after the line of the receipts, or with half of it written."""
        usual = journal.receipts.append

        def append(*records: Any) -> None:
            usual(*records)
            if self.server.fate == "dies at record":
                raise Death

        journal.receipts.append = append  # type: ignore[method-assign]

    @rule(number=st.sampled_from(NUMBERS))
    def pay(self, number: str) -> None:
        """A payment that the user tells."""
        with self.opened() as journal:
            journal.record(Paid(f"{number}/2026", Decimal(1), TODAY))
        self.paid.setdefault(number, self.server.taken[number])

    @rule(number=st.sampled_from(NUMBERS))
    def answer(self, number: str) -> None:
        """The user looked and tells the truth about a doubt."""
        with self.opened() as journal:
            journal.recover()
            if any(isinstance(f, InDoubt) and f.invoice == f"{number}/2026" for f in journal.facts()):
                journal.resolve(f"{number}/2026", sent=self.server.taken[number] > 0, on=TODAY)

    @rule()
    def forget_receipts(self) -> None:
        """The receipts file is deleted."""
        self.path.with_name("j.sqlite3.receipts").unlink(missing_ok=True)
        with self.opened() as journal:
            journal.recover()

    @rule()
    def forget_journal(self) -> None:
        """The journal is deleted, and made again."""
        self.path.unlink(missing_ok=True)
        with self.opened() as journal:
            journal.recover()

    @rule()
    def back_up(self) -> None:
        """A copy is made."""
        with self.opened() as journal:
            journal.back_up(TODAY)

    @precondition(lambda self: any(self.folder.glob("*.backups/*")))
    @rule()
    def restore(self) -> None:
        """An old copy is put in the journal's place."""
        [copy] = self.folder.glob("*.backups/*")
        self.path.with_name("j.sqlite3-journal").unlink(missing_ok=True)
        shutil.copyfile(copy, self.path)

    @invariant()
    def once_at_most(self) -> None:
        """I1."""
        assert all(times <= 1 for times in self.server.taken.values()), self.server.taken

    @invariant()
    def never_lost_in_silence(self) -> None:
        """I2: what is called sent was taken; what was taken is called sent or in doubt."""
        with self.opened() as journal:
            journal.recover()
            sent, doubtful = named(journal, Reminded), named(journal, InDoubt)
        taken = set(self.server.taken)
        assert sent <= taken, (sent, taken)
        assert taken <= sent | doubtful, (taken, sent, doubtful)

    @invariant()
    def nothing_about_what_was_paid(self) -> None:
        """I3."""
        assert all(self.server.taken[n] == times for n, times in self.paid.items())


def named(journal: Journal, *kinds: type) -> set[str]:
    """The invoices that facts of these kinds are about."""
    facts = journal.facts()
    return {str(getattr(f, "invoice", "")).partition("/")[0] for f in facts if isinstance(f, kinds)}


PROFILE = settings(
    max_examples=HISTORIES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.mark.slow
def test_any_life_keeps_its_promises() -> None:
    """K1, K2, J1, J3: no history of runs, deaths, losses and answers breaks I1 to I3."""
    run_state_machine_as_test(Life, settings=PROFILE)


def resend_after_silence(usual: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """RFC 5321 3.8 to the letter: a lost reply counts as a temporary refusal."""

    def mutant(*args: Any) -> Outcome:
        outcome = usual(*args)
        return outcome._replace(state=State.DEFERRED) if outcome.state is State.IN_DOUBT else outcome

    return mutant


CLOSED = system_words(ConnectionResetError())


def defer_what_closed(usual: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """An end of the connection after the dot taken for one before it."""

    def mutant(*args: Any) -> Outcome:
        outcome = usual(*args)
        return outcome._replace(state=State.DEFERRED) if outcome.lost and outcome.reply == CLOSED else outcome

    return mutant


def record_after_sending(usual: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """What most programs do: send, then write it down."""

    def mutant(session: Any, letter: Any, told: Any, at_dot: Callable[[str], None]) -> Outcome:
        outcome = usual(session, letter, told, lambda server: None)
        at_dot(told.server)
        return outcome

    return mutant


@pytest.mark.slow
@pytest.mark.parametrize("mutant", [resend_after_silence, defer_what_closed, record_after_sending])
def test_planted_mistakes_are_caught(mutant: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two mistakes of other programs, and one about the look before the dot, break I1 or I2."""
    monkeypatch.setattr(transaction, "hand_over", mutant(transaction.hand_over))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Life, settings=settings(PROFILE, phases=[Phase.generate], max_examples=20 * HISTORIES)
        )


def test_refusals_and_delays_are_no_doubt() -> None:
    """The fates of this test really reach the outcomes they are named for."""
    life = Life()
    try:
        life.run([OVER[0], "554", "taken, closed", "ok", OVER[1], "451"], (), "")
        with life.opened() as journal:
            kinds = [type(fact) for fact in journal.facts()]
        assert sorted(k.__name__ for k in kinds) == sorted(
            k.__name__ for k in (Deferred, Refused, InDoubt, Reminded, Deferred, Deferred)
        )
    finally:
        life.teardown()


def test_a_server_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that cannot be opened is an error before anything is prepared."""

    def gone(*told: Any) -> Any:
        raise DeliveryError("gone")

    monkeypatch.setattr(transaction, "connect", gone)
    with pytest.raises(DeliveryError):
        SmtpTransport(server_settings(1), None)
