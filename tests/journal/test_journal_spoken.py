"""What is told while a run is at work: seen at the dot, or the one who tells it learns that he was too late."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import TODAY, message

from relance.core.facts import Backlog, BacklogAnswered, Fact, Held, HoldReason, Paid, Released
from relance.core.status import StatusTold
from relance.journal import Journal, Prepared, Settled, SpokenError, State, begun_at, lock, open_journal, status_word
from relance.journal.values import Departure

PAYMENT = Paid("F-1/2026", Decimal(50), date(2026, 11, 20))
CUSTOMER = "code:C-7"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal, as a run opens it."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        yield journal


def prepared(journal: Journal, *numbers: str, about: frozenset[str] = frozenset()) -> Prepared:
    """A message about these invoices."""
    [found] = journal.prepare([message(*numbers)._replace(about=about)], TODAY)
    return found


def tell(journal: Journal, *facts: Fact) -> Journal:
    """Facts that another process tells."""
    with open_journal(journal.path, TODAY, create=False) as other:
        other.record(*facts)
        return other


@pytest.mark.parametrize(
    "fact",
    [
        PAYMENT,
        Held("F-1/2026", HoldReason.PAUSE, TODAY),
        Held(CUSTOMER, HoldReason.DISPUTE, TODAY),
        Released(CUSTOMER, TODAY),
        BacklogAnswered(Backlog.IGNORE, TODAY),
    ],
)
def test_what_was_told_since_keeps_a_message_back(journal: Journal, fact: Fact) -> None:
    """Of its invoice, of its customer, or of everything."""
    found = prepared(journal, "F-1", about=frozenset({CUSTOMER}))
    tell(journal, fact)
    with pytest.raises(SpokenError):
        journal.at_dot(found, "mx.test:25")
    assert [] == journal.departures({"F-1/2026"}, LONG_AGO)


def test_what_was_told_of_others_keeps_nothing_back(journal: Journal) -> None:
    """Another invoice of another customer."""
    found = prepared(journal, "F-1", about=frozenset({CUSTOMER}))
    tell(journal, PAYMENT._replace(invoice="F-2/2026"), Held("code:C-8", HoldReason.PAUSE, TODAY))
    journal.at_dot(found, "mx.test:25")
    assert ["F-1"] == [n for each in journal.departures({"F-1/2026"}, LONG_AGO) for n in each.numbers]


@pytest.mark.parametrize(
    ("about", "kept"),
    [
        ('"invoice": "F-1/2026"', True),
        ('"invoice": "F-2/2026"', False),
        ('"invoice": "F-7/2026"', True),
        (r"[\"invoice\": \"F-2/2026\"", False),
        ("", True),
    ],
)
def test_a_line_that_cannot_be_read_keeps_back_what_it_may_be_about(journal: Journal, about: str, kept: bool) -> None:
    """It is written during the run and damaged: its invoice where its text tells, any other where it does not.

    A name that the journal does not know may be a damaged one.
    """
    prepared(journal, "F-2")
    found = prepared(journal, "F-1")
    row = (LONG_AGO.isoformat(), TODAY.isoformat(), f"{{{about}, damaged")
    with closing(sqlite3.connect(journal.path)) as other, other:
        other.execute("INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES (?, 'paid', ?, ?, '')", row)
    with pytest.raises(SpokenError) if kept else nullcontext():
        journal.at_dot(found, "mx.test:25")


def test_what_the_plan_knew_keeps_nothing_back(journal: Journal) -> None:
    """It was told before the facts were asked for."""
    tell(journal, PAYMENT)
    assert [PAYMENT] == journal.facts()
    journal.at_dot(prepared(journal, "F-1"), "mx.test:25")


def test_what_a_run_says_itself_keeps_nothing_back(journal: Journal) -> None:
    """It notes how the file was read, after it planned; what another says at the same time is heard all the same."""
    assert [] == journal.facts()
    journal.record(BacklogAnswered(Backlog.IGNORE, TODAY))
    journal.at_dot(prepared(journal, "F-1"), "mx.test:25")
    found = prepared(journal, "F-2")
    tell(journal, PAYMENT._replace(invoice="F-2/2026"))
    journal.record(BacklogAnswered(Backlog.GENTLY, TODAY))
    with pytest.raises(SpokenError):
        journal.at_dot(found, "mx.test:25")


def test_what_is_taken_back_is_spoken_of(journal: Journal) -> None:
    """An `undo` changes the plan as much as what it takes back."""
    tell(journal, PAYMENT)
    assert [PAYMENT] == journal.facts()
    found = prepared(journal, "F-1")
    with open_journal(journal.path, TODAY, create=False) as other:
        assert PAYMENT == other.take_back({"F-1/2026"}, TODAY)
    with pytest.raises(SpokenError):
        journal.at_dot(found, "mx.test:25")


def test_a_message_armed_ahead_is_kept_back(journal: Journal) -> None:
    """One commit marks several: each looks for itself before its own line."""
    first, second = journal.prepare([message("F-1"), message("F-2")], TODAY)
    journal.at_dot(first, "mx.test:25", [second])
    tell(journal, PAYMENT._replace(invoice="F-2/2026"))
    with pytest.raises(SpokenError):
        journal.at_dot(second, "mx.test:25")


def test_told_between_the_mark_and_the_line(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last look comes after the mark: no line in the receipts, and so the next run knows that it did not leave."""
    found = prepared(journal, "F-1")
    mark = journal._arm

    def marked_and_told(several: Iterable[Prepared]) -> None:
        mark(several)
        tell(journal, PAYMENT)

    monkeypatch.setattr(journal, "_arm", marked_and_told)
    with pytest.raises(SpokenError):
        journal.at_dot(found, "mx.test:25")
    assert [] == journal.departures({"F-1/2026"}, LONG_AGO)
    with open_journal(journal.path, TODAY, create=False) as later:
        assert 0 == later.recover().doubts
        assert [PAYMENT] == later.facts()
        assert prepared(later, "F-1").delivery is not None


def test_too_late_is_known_to_the_one_who_tells(journal: Journal) -> None:
    """At the dot, then sent; a refused one and one of an earlier day are not spoken of."""
    found, refused = journal.prepare([message("F-1", "F-3"), message("F-2")], TODAY)
    journal.at_dot(found, "mx.test:25")
    [departure] = journal.departures({"F-1/2026"}, LONG_AGO)
    assert (("F-1", "F-3"), State.AT_DOT) == (departure.numbers, departure.state)
    journal.answered(found, Settled(State.SENT, 250, "ok"))
    assert [departure._replace(state=State.SENT)] == journal.departures({"F-1/2026"}, LONG_AGO)
    assert [] == journal.departures({"F-1/2026"}, datetime.now(UTC) + timedelta(seconds=1))
    journal.at_dot(refused, "mx.test:25")
    journal.answered(refused, Settled(State.REFUSED, 550, "no"))
    assert [] == journal.departures({"F-2/2026"}, LONG_AGO)


def test_told_at_the_very_dot_is_seen_by_one_of_the_two(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the line before the dot is written nobody's word comes between: it waits, and then finds the line."""
    found = prepared(journal, "F-1")
    late: list[list[Departure]] = []

    def telling() -> None:
        with open_journal(journal.path, TODAY, create=False) as other:
            other.record(PAYMENT)
            late.append(other.departures({"F-1/2026"}, LONG_AGO))

    append = journal.receipts.append
    other = threading.Thread(target=telling)

    def slowly(*records: object) -> None:
        other.start()
        other.join(0.3)  # it would have ended long ago
        assert [] == late
        append(*records)  # type: ignore[arg-type]

    monkeypatch.setattr(journal.receipts, "append", slowly)
    journal.at_dot(found, "mx.test:25")
    other.join(20)
    assert [State.AT_DOT] == [each.state for each in late[0]]


def test_a_run_at_work_is_known_by_its_lock(tmp_path: Path) -> None:
    """From its begin to its end; nobody was at work where there is no lock at all."""
    path = tmp_path / "j"
    assert begun_at(path) is None
    before = datetime.now(UTC)
    with lock(path) as held:
        held.remember("abc")
        begun = begun_at(path)
        assert begun is not None
        assert begun >= before
    assert begun_at(path) is None
    with lock(path):
        assert "abc" in path.with_name("j.lock").read_text()


def test_all_that_was_told_by_a_day(journal: Journal) -> None:
    """In order, what was taken back too, and its taking back as one; what a later day said is not told yet."""
    before, after = TODAY - timedelta(days=3), TODAY + timedelta(days=1)
    pause, later = Held(CUSTOMER, HoldReason.PAUSE, TODAY), Released(CUSTOMER, after)
    journal.record(PAYMENT, pause, later)
    journal.take_back({"F-1/2026"}, TODAY)

    told = journal.tellings(TODAY)
    assert [(PAYMENT, False), (pause, False), (PAYMENT, True)] == [(each.fact, each.back) for each in told]
    assert [("F-1/2026",), (CUSTOMER,), ("F-1/2026",)] == [each.subjects for each in told]
    assert [before, TODAY, TODAY] == [each.on for each in told]
    assert [before] == [each.on for each in journal.tellings(before)]
    assert later == journal.tellings(after)[2].fact


def test_what_a_platform_told_is_taken_back_by_its_own_name(journal: Journal) -> None:
    """The invoice alone means what its user said of it, not what a run read in a file of statuses."""
    status = StatusTold("F-1/2026", "212", TODAY, amount=Decimal(50))
    journal.record(PAYMENT, status)

    assert [(PAYMENT, "F-1/2026"), (status, status_word("F-1/2026"))] == [
        (fact, word) for word, fact in journal.last_words().items()
    ]
    assert PAYMENT == journal.take_back({"F-1/2026"}, TODAY)
    assert journal.take_back({"F-1/2026"}, TODAY) is None
    assert status == journal.take_back({status_word("F-1/2026")}, TODAY)
    assert [] == journal.facts()
