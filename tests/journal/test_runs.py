"""The runs of the schedule: when each began and ended, what it took of the day's messages, what a bad row costs."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import TODAY, message

from relance.core.history import Run, Seen
from relance.journal import Journal, Settled, State, open_journal
from relance.journal.runs import _KEPT
from relance.journal.seen_open import seen_open

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
YESTERDAY = TODAY - timedelta(days=1)


class Clock:
    """A clock that the test sets."""

    at = NINE

    def __call__(self) -> datetime:
        return self.at

    def later(self, minutes: int = 1) -> None:
        """So many minutes pass."""
        self.at += timedelta(minutes=minutes)


@pytest.fixture
def clock() -> Clock:
    """Nine o'clock."""
    return Clock()


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> Iterator[Journal]:
    """A new journal that goes by this clock."""
    with open_journal(tmp_path / "j", TODAY, create=True, now=clock) as journal:
        yield journal


def settle(journal: Journal, number: str, state: State | None) -> None:
    """A message about this invoice that ended so; None: it was prepared and no more."""
    [one] = journal.prepare([message(number)], TODAY)
    if state not in (None, State.DEFERRED, State.NOT_SENT):
        journal.at_dot(one, "mx.test:25")
    if state is not None:
        journal.answered(one, Settled(state, 550 if state is State.REFUSED else 250, "said", "compta@client.example"))
    journal.flush()


def test_a_run_is_told_from_its_beginning_to_its_end(journal: Journal, clock: Clock) -> None:
    """While it is at work it has neither end nor code; instants are UTC, whatever the zone of the machine."""
    assert journal.runs.last() is None
    clock.at = NINE.astimezone(timezone(timedelta(hours=2)))
    number = journal.runs.begin(TODAY)
    assert Run(TODAY, NINE) == journal.runs.last()
    assert UTC is journal.runs.last().began.tzinfo  # type: ignore[union-attr]
    clock.later(3)
    journal.runs.end(number, 1, {"sent": 2, "news": 1})
    assert Run(TODAY, NINE, NINE + timedelta(minutes=3), 1, {"sent": 2, "news": 1}) == journal.runs.last()


def test_the_last_one_is_that_which_began_last(journal: Journal, clock: Clock) -> None:
    """Also where it was cut short, or is for an earlier day; days after the one that is asked for are not seen."""
    for on, code in ((YESTERDAY, 0), (TODAY, 1)):
        journal.runs.end(journal.runs.begin(on), code, {})
        clock.later()
    assert (YESTERDAY, None) == (journal.runs.last(YESTERDAY).on, journal.runs.last(YESTERDAY - timedelta(days=1)))  # type: ignore[union-attr]
    journal.runs.begin(YESTERDAY)
    assert Run(YESTERDAY, NINE + timedelta(minutes=2)) == journal.runs.last()


@pytest.mark.slow
def test_runs_of_long_ago_are_forgotten(journal: Journal) -> None:
    """So many are kept, and the last one that goes does not take the next one's number."""
    first = journal.runs.begin(YESTERDAY)
    for _ in range(_KEPT):
        last = journal.runs.begin(TODAY)
    assert first + _KEPT == last
    assert journal.runs.last(YESTERDAY) is None
    assert (_KEPT,) == journal._db.execute("SELECT count(*) FROM runs").fetchone()[:]


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (State.SENT, 1),
        (State.REFUSED, 1),
        (State.IN_DOUBT, 1),
        (State.DRAFT, 1),
        (None, 1),
        (State.DEFERRED, 0),
        (State.NOT_SENT, 0),
    ],
)
def test_what_was_handed_over_or_may_have_been_counts(
    journal: Journal, clock: Clock, state: State | None, count: int
) -> None:
    """Of the messages of its runs, the day's limit is spared those alone that surely did not leave."""
    number = journal.runs.begin(TODAY)
    clock.later()
    settle(journal, "F-1", state)
    clock.later()
    journal.runs.end(number, 0, {})
    assert (count, 0) == (journal.runs.messages(TODAY), journal.runs.messages(YESTERDAY))


def test_what_a_person_sends_is_not_of_a_run(journal: Journal, clock: Clock) -> None:
    """Before, between and after the runs; of one that was cut short the end is not known: what follows counts."""
    settle(journal, "F-1", State.SENT)
    for number in ("F-2", "F-3"):
        clock.later()
        run = journal.runs.begin(TODAY)
        settle(journal, number, State.SENT)  # at its very first and last instant
        journal.runs.end(run, 0, {})
        clock.later()
        settle(journal, f"{number}-by-hand", State.SENT)
    assert 2 == journal.runs.messages(TODAY)
    clock.later()
    journal.runs.begin(TODAY)
    clock.later()
    settle(journal, "F-4", State.SENT)
    assert 3 == journal.runs.messages(TODAY)


def test_two_runs_at_once_count_a_message_once(journal: Journal, clock: Clock) -> None:
    """A run that was cut short and the one that went on after it."""
    for _ in range(2):
        journal.runs.begin(TODAY)
        clock.later()
    settle(journal, "F-1", State.SENT)
    assert 1 == journal.runs.messages(TODAY)


def test_one_that_ended_has_looked_or_not(journal: Journal) -> None:
    """A run that was cut short says nothing, nor does one of another day, or one that could not read the mailbox."""
    journal.runs.begin(TODAY)
    journal.runs.end(journal.runs.begin(TODAY), 0, {"sent": 1})
    journal.runs.end(journal.runs.begin(YESTERDAY), 0, {"looked": 1})
    assert (False, True) == (journal.runs.has_looked(TODAY), journal.runs.has_looked(YESTERDAY))
    journal.runs.end(journal.runs.begin(TODAY), 1, {"looked": 1})
    journal.runs.end(journal.runs.begin(TODAY), 0, {})
    assert journal.runs.has_looked(TODAY)


def test_the_day_of_the_digest_is_kept_and_taken_back(journal: Journal) -> None:
    """To the day before, or to never."""
    said = [journal.runs.digest_on()]
    for on in (YESTERDAY, TODAY, YESTERDAY, None):
        journal.runs.note_digest(on)
        said.append(journal.runs.digest_on())
    assert [None, YESTERDAY, TODAY, YESTERDAY, None] == said


@pytest.mark.parametrize(
    "change",
    [
        "counts = '{\"looked\"'",
        "counts = '[1]'",
        'counts = \'{"sent": "many"}\'',
        "on_date = '2026-11-2x'",
        "began_at = 'nine'",
        "ended_at = ''",
        "code = 'none'",
    ],
)
def test_a_row_that_cannot_be_read_stops_nothing(journal: Journal, change: str) -> None:
    """No cure mends it, so none is told: the run before it is the last one, and the next looks once more."""
    journal.runs.end(journal.runs.begin(TODAY), 0, {"sent": 1})
    journal.runs.end(journal.runs.begin(TODAY), 0, {"looked": 1})
    with closing(sqlite3.connect(journal.path)) as db, db:
        db.execute(f"UPDATE runs SET {change} WHERE id = 2")
    assert {"sent": 1} == journal.runs.last().counts  # type: ignore[union-attr]
    assert not journal.runs.has_looked(TODAY)
    assert 0 == journal.runs.messages(TODAY)


def test_a_day_of_the_digest_that_cannot_be_read_is_none(journal: Journal) -> None:
    """The user is written to once more, and the day is known again."""
    with closing(sqlite3.connect(journal.path)) as db, db:
        db.execute("INSERT INTO meta VALUES ('digest', '23/11/2026')")
    assert journal.runs.digest_on() is None
    journal.runs.note_digest(TODAY)
    assert TODAY == journal.runs.digest_on()


def test_who_types_a_name_sees_what_is_open(journal: Journal) -> None:
    """In the order of the file; neither what is paid nor what is gone, and nobody who writes is waited for."""
    rows = [
        Seen(f"{name}/2026", name, f"code:{name}", Decimal(9), None, TODAY, True) for name in ("A 9", "B", "C", "D")
    ]
    rows[1], rows[2] = rows[1]._replace(is_open=False), rows[2]._replace(gone_on=TODAY)
    journal.remember(rows, TODAY)
    expected = [("A 9", "code:A 9"), ("D", "code:D")]
    assert expected == list(seen_open(journal.path))
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as writing:
        writing.execute("BEGIN IMMEDIATE")
        assert expected == list(seen_open(journal.path))


def test_a_journal_that_is_none_is_not_made(tmp_path: Path) -> None:
    """Nothing is created beside the files of who only types."""
    for place in (tmp_path / "none", tmp_path / "not there" / "j"):
        with pytest.raises(sqlite3.Error):
            list(seen_open(place))
    assert [] == list(tmp_path.iterdir())
