"""What each run counted of each invoice, a row a change; of long ago, what was owed at the end of each month alone.

As the runs themselves they stand in the journal and its copies alone: nothing that may leave rests on them.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from relance.journal.notes import erased
from relance.journal.rows import UNREAD
from relance.journal.schema import guarded, readable, transaction

if TYPE_CHECKING:
    from relance.core.bills import Tally
    from relance.core.trend import Point

_COLUMNS = "invoice, on_date, outstanding, due_date, stage, currency"
_LAST = f"SELECT {_COLUMNS}, max(on_date) FROM changes GROUP BY invoice"


class Changes:
    """Every method is one transaction, on the disk when it returns; JournalError where the file cannot be used."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._path, self._db = path, db

    def note(self, changes: "Iterable[Tally]", on: date) -> None:
        """What the run of that day found changed, but for what one of a later day did."""
        with readable(self._path):
            gone = erased(self._db)
        rows = [_row_of(each) for each in changes if each.outstanding or gone.day_of(each.invoice) is None]
        if rows:
            with guarded(self._path), transaction(self._db) as db:
                [(last,)] = db.execute("SELECT coalesce(max(on_date), '') FROM changes")
                if last <= on.isoformat():
                    db.executemany("INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?, ?, ?)", rows)

    def last(self) -> "dict[str, Tally]":
        """The last change of each invoice, by its key; one that cannot be read is told anew by the next run."""
        with readable(self._path):
            return {change.invoice: change for change in _read(self._db.execute(_LAST))}

    def until(self, day: date) -> "dict[str, list[Tally]]":
        """All that is kept one by one of days up to this one, by invoice key, oldest first."""
        select = f"SELECT {_COLUMNS} FROM changes WHERE on_date <= ? ORDER BY invoice, on_date"
        found: dict[str, list[Tally]] = {}
        with readable(self._path):
            for change in _read(self._db.execute(select, (day.isoformat(),))):
                found.setdefault(change.invoice, []).append(change)
        return found

    def months(self) -> "list[Point]":
        """The ends of months of which no more is kept, oldest first."""
        from relance.core.trend import Point  # imported here: a plan asks for none of this

        found = []
        with readable(self._path):
            for row in self._db.execute("SELECT * FROM month_ends ORDER BY on_date, currency"):
                with suppress(*UNREAD):
                    on, sums = date.fromisoformat(row["on_date"]), (row["outstanding"], row["overdue"])
                    found.append(Point(on, row["currency"], *map(Decimal, sums)))
        return found

    def has_before(self, day: date) -> bool:
        """Whether more than what `digest` leaves is kept of the days before this one."""
        select = f"SELECT 1 FROM changes WHERE on_date < ? AND NOT ({_STANDS}) LIMIT 1"
        with readable(self._path):
            return self._db.execute(select, (day.isoformat(),) * 2).fetchone() is not None

    def digest(self, months: "Iterable[Point]", before: date) -> None:
        """In the place of the changes before this day, these ends of months; of what was owed then, its last change."""
        rows = [(each.on.isoformat(), each.currency, str(each.outstanding), str(each.overdue)) for each in months]
        with guarded(self._path), transaction(self._db) as db:
            db.executemany("INSERT OR REPLACE INTO month_ends VALUES (?, ?, ?, ?)", rows)
            db.execute(f"DELETE FROM changes WHERE on_date < ? AND NOT ({_STANDS})", (before.isoformat(),) * 2)


_STANDS = (
    "CAST(outstanding AS REAL) <> 0 AND on_date ="
    " (SELECT max(other.on_date) FROM changes AS other WHERE other.invoice = changes.invoice AND other.on_date < ?)"
)
"""Of the changes before a day: what an invoice owed on it."""


def _row_of(change: "Tally") -> tuple[str, ...]:
    on, due = change.on.isoformat(), change.due_date.isoformat()
    return change.invoice, on, str(change.outstanding), due, change.stage, change.currency


def _read(rows: Iterable[sqlite3.Row]) -> "Iterator[Tally]":
    from relance.core.bills import Tally

    for row in rows:
        with suppress(*UNREAD):
            yield Tally(
                invoice=row["invoice"],
                on=date.fromisoformat(row["on_date"]),
                outstanding=Decimal(row["outstanding"]),
                due_date=date.fromisoformat(row["due_date"]),
                stage=str(row["stage"]),
                currency=str(row["currency"]),
            )
