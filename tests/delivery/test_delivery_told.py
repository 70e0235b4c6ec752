"""What is told while a run sends, and a limit that the server names after the dot: who waits, and until when."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import NOON, TODAY, message

from relance.core.facts import Deferred, Fact, InDoubt, Paid, Reminded
from relance.core.message import Message
from relance.delivery.outbox import AtDot, deliver
from relance.delivery.outcome import Outcome, SendReport
from relance.delivery.smtp_replies import final_outcome
from relance.journal import Journal, State, open_journal

NUMBERS = ("F-0", "F-1", "F-2")
SENT = Outcome(State.SENT, 250, "ok")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal, of which a run has asked what it knows."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        assert [] == journal.facts()
        yield journal


@dataclass
class Way:
    """A way out; `before` happens when the body of a message was said, `answers` follow their dots."""

    before: Callable[[str], object] = lambda number: None
    answers: dict[str, Outcome] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    dots: list[str] = field(default_factory=list)
    paced: bool = True

    def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
        """To the dot and beyond."""
        number = message.keys[0].number
        self.tried.append(number)
        self.before(number)
        at_dot("mx.test:25")
        self.dots.append(number)
        return self.answers.get(number, SENT)


def run(
    journal: Journal,
    way: Way,
    look: Callable[[], str] = lambda: "",
    sleep: Callable[[float], None] = lambda seconds: None,
) -> SendReport:
    """One run over all three."""
    letters = [message(number, to=(f"{number.lower()}@client.example",)) for number in NUMBERS]
    return deliver(letters, journal, way, TODAY, look=look, sleep=sleep, now=lambda: NOON)


class Teller:
    """Another process, which notes a payment of F-1 once, when it is asked to in the middle of a run."""

    def __init__(self, journal: Journal, *, interrupts: bool = False) -> None:
        self.path = journal.path
        self.interrupts = interrupts
        self.told = False

    def __call__(self, number: str = "F-1") -> str:
        """Note it at the turn of F-1; Ctrl-C may follow at once. Empty, as a look that saw nothing new in the file."""
        if number == "F-1" and not self.told:
            self.told = True
            with open_journal(self.path, TODAY, create=False) as other:
                other.record(Paid("F-1/2026", Decimal(5), TODAY))
            if self.interrupts:
                os.kill(os.getpid(), signal.SIGINT)
        return ""


def numbers(facts: Iterable[Fact], kind: type) -> list[str]:
    """The invoices of the facts of this kind."""
    return [getattr(fact, "invoice", "").partition("/")[0] for fact in facts if isinstance(fact, kind)]


def kept_back(report: SendReport) -> list[str]:
    """The invoices of the messages that were kept back because something was told."""
    return [handed.message.keys[0].number for handed in report.spoken]


def is_free(journal: Journal, number: str) -> bool:
    """Whether the next run may take a message about it."""
    [again] = journal.prepare([message(number)], TODAY)
    return again.delivery is not None


def test_told_in_the_pause_before_a_message(journal: Journal) -> None:
    """It is not even begun; the others leave, and the next run may plan it anew."""
    way, tell = Way(), Teller(journal)

    def pause(seconds: float) -> None:
        assert 3 == seconds
        tell()

    report = run(journal, way, sleep=pause)
    assert ["F-1"] == kept_back(report)
    assert (["F-0", "F-2"], None, []) == (way.tried, report.stopped, report.left)
    facts = journal.facts()
    assert (["F-0", "F-2"], []) == (numbers(facts, Reminded), numbers(facts, Deferred))
    assert is_free(journal, "F-1")


@pytest.mark.parametrize("moment", ["body", "look"])
def test_told_while_a_message_is_on_its_way(journal: Journal, moment: str) -> None:
    """Its body was said, or the last look is taken: no dot is, and the others leave by the same way."""
    way, tell = Way(), Teller(journal)
    if moment == "body":
        way.before = tell
    report = run(journal, way, look=lambda: tell(way.tried[-1]) if moment == "look" else "")
    assert (["F-0", "F-1", "F-2"], ["F-0", "F-2"]) == (way.tried, way.dots)
    assert (["F-1"], None) == (kept_back(report), report.stopped)
    facts = journal.facts()
    assert (["F-0", "F-2"], []) == (numbers(facts, Reminded), numbers(facts, InDoubt))
    assert is_free(journal, "F-1")


def test_told_and_interrupted_at_the_dot(journal: Journal) -> None:
    """Ctrl-C while the last look is taken: what was told keeps its message back, and the run ends with the rest."""
    way, tell = Way(), Teller(journal, interrupts=True)
    report = run(journal, way, look=lambda: tell(way.tried[-1]))
    assert (["F-0"], ["F-1"]) == (way.dots, kept_back(report))
    assert (["F-2"], "Envoi interrompu") == ([m.keys[0].number for m in report.left], str(report.stopped)[:16])
    assert ["F-0"] == numbers(journal.facts(), Reminded)
    assert is_free(journal, "F-1")
    assert is_free(journal, "F-2")


def test_a_quota_and_a_good_bye_after_the_dot(journal: Journal) -> None:
    """421 with the words of a limit: that message is in doubt, the others wait as long as the limit lasts."""
    way = Way(answers={"F-0": final_outcome(421, b"4.7.0 Sending quota exceeded, closing")})
    report = run(journal, way)
    assert (["F-0"], ["F-0"]) == (way.dots, [handed.message.keys[0].number for handed in report.in_doubt])
    assert "quota" in str(report.stopped)
    facts = journal.facts()
    assert ["F-0"] == numbers(facts, InDoubt)
    waiting = {fact.invoice: fact.until for fact in facts if isinstance(fact, Deferred)}
    until = NOON + timedelta(hours=1)
    assert {"F-1/2026": until, "F-2/2026": until} == waiting
    assert not is_free(journal, "F-0")
