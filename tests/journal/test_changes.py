"""The sums that runs counted, in the journal: a row a change, a digest of long ago, and what a damaged row costs."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from older import make_older

from relance.core.bills import Tally
from relance.core.trend import Point
from relance.journal import lock, open_journal, read_journal, repair
from relance.journal.whole_files import backups

TODAY = date(2026, 11, 20)
YESTERDAY = TODAY - timedelta(days=1)


def change(key: str, on: date, owed: str = "1200.00", **more: str) -> Tally:
    """An invoice as a run counted it."""
    return Tally(key, on, Decimal(owed), date(2026, 11, 5), more.get("stage", ""), more.get("currency", "EUR"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with a change of yesterday and one of today, closed."""
    path = tmp_path / "j.sqlite3"
    with open_journal(path, YESTERDAY, create=True) as journal:
        journal.changes.note([change("F-1/2026", YESTERDAY), change("F-2/2026", YESTERDAY, currency="CHF")], YESTERDAY)
        journal.changes.note([change("F-1/2026", TODAY, "1000.00", stage="firm")], TODAY)
    return path


def test_what_is_noted_is_read(path: Path) -> None:
    """The last of each invoice, and all up to a day."""
    with open_journal(path, TODAY, create=False) as journal:
        last = {"F-1/2026": change("F-1/2026", TODAY, "1000.00", stage="firm")}
        last["F-2/2026"] = change("F-2/2026", YESTERDAY, currency="CHF")
        assert last == journal.changes.last()
        assert [change("F-1/2026", YESTERDAY)] == journal.changes.until(YESTERDAY)["F-1/2026"]
        assert 2 == len(journal.changes.until(TODAY)["F-1/2026"])


def test_a_day_before_the_last_one_changes_nothing(path: Path) -> None:
    """A run that replays an earlier day knows less than the one of today."""
    with open_journal(path, TODAY, create=False) as journal:
        journal.changes.note([change("F-3/2026", YESTERDAY)], YESTERDAY)
        assert "F-3/2026" not in journal.changes.last()


def test_a_second_run_of_a_day_has_the_last_word(path: Path) -> None:
    """One row for an invoice and a day."""
    with open_journal(path, TODAY, create=False) as journal:
        journal.changes.note([change("F-1/2026", TODAY, "0.00")], TODAY)
        assert ["1200.00", "0.00"] == [str(each.outstanding) for each in journal.changes.until(TODAY)["F-1/2026"]]


def test_of_long_ago_the_ends_of_months_are_kept(path: Path) -> None:
    """And what was still owed then; what was paid before is gone, and nothing is digested twice."""
    later, months = TODAY + timedelta(days=400), [Point(date(2026, 11, 30), "EUR", Decimal("7.10"), Decimal("0.00"))]
    with open_journal(path, TODAY, create=False) as journal:
        journal.changes.note([change("F-2/2026", TODAY, "0.00", currency="CHF")], TODAY)
        assert journal.changes.has_before(later)
        journal.changes.digest(months, later)
        assert {"F-1/2026": [change("F-1/2026", TODAY, "1000.00", stage="firm")]} == journal.changes.until(later)
        assert months == journal.changes.months()
        assert not journal.changes.has_before(later)


@pytest.mark.parametrize(
    ("column", "value"), [("outstanding", "beaucoup"), ("due_date", "2026-13-01"), ("on_date", "")]
)
def test_a_row_that_cannot_be_read_stops_nothing(path: Path, column: str, value: str) -> None:
    """It is left out; the next run notes its invoice again, as far as it is owed."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE changes SET {column} = ? WHERE invoice = 'F-2/2026'", (value,))
    with open_journal(path, TODAY, create=False) as journal:
        assert ["F-1/2026"] == list(journal.changes.last())
        assert ["F-1/2026"] == list(journal.changes.until(date.max))


def test_a_new_change_asks_for_a_copy(path: Path) -> None:
    """The copy of the day is made again where a run found something changed, and has it."""
    with open_journal(path, TODAY, create=False) as journal:
        journal.back_up(TODAY)
        journal.changes.note([change("F-9/2026", TODAY + timedelta(days=1))], TODAY + timedelta(days=1))
        journal.back_up(TODAY + timedelta(days=1), anew=False)
    assert 2 == len(backups(path))


def test_repair_brings_them_back(path: Path) -> None:
    """A damaged journal is made again from its copy, with what runs remember."""
    with open_journal(path, TODAY, create=False) as journal:
        journal.back_up(TODAY)
    path.write_bytes(b"nothing of a journal" * 100)
    with lock(path):
        assert repair(path, TODAY, without_receipts=False).rebuilt
    read = read_journal(path)
    assert read is not None
    with read:
        assert {"F-1/2026", "F-2/2026"} == set(read.changes.last())


def test_a_journal_of_before_gets_its_tables(path: Path) -> None:
    """One that never had them is brought to today's shape by whoever writes, and read without by whoever reads."""
    with closing(sqlite3.connect(path)) as db, db:
        make_older(db, "0.1.0 runs")
    read = read_journal(path)
    assert read is not None
    with read:
        assert {} == read.changes.last()
    with open_journal(path, TODAY, create=False) as writing:
        writing.changes.note([change("F-1/2026", TODAY)], TODAY)
        assert ["F-1/2026"] == list(writing.changes.last())
