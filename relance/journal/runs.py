"""The runs of the schedule, a row each: when one began and ended, with which exit code, and what it did in counts.

They stand in the journal alone: what the receipts make again of a lost one are messages and words, not mornings. So a
row that cannot be read is passed over: nothing mends it, and no message rests on it.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from relance.core.history import Run
from relance.journal.rows import UNREAD
from relance.journal.schema import guarded, meta_of, readable, transaction
from relance.journal.values import LIVE

_KEPT = 1000  # runs: a quarter of hourly ones
_DIGEST = "digest"
_TAKEN = ", ".join(f"'{state}'" for state in sorted({*LIVE, "refused"}))


class Runs:
    """Every method is one transaction, on the disk when it returns; JournalError where the file cannot be used."""

    def __init__(self, path: Path, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self._path, self._db, self._now = path, db, now

    def begin(self, on: date) -> int:
        """A run for that day begins; returns its number. Those of long ago are forgotten."""
        with guarded(self._path), transaction(self._db) as db:
            row = (on.isoformat(), self._stamp())
            number = int(db.execute("INSERT INTO runs (on_date, began_at) VALUES (?, ?)", row).lastrowid or 0)
            db.execute("DELETE FROM runs WHERE id <= ?", (number - _KEPT,))
            return number

    def end(self, number: int, code: int, counts: Mapping[str, int]) -> None:
        """The run of that number ends with this exit code, and did this."""
        with guarded(self._path), transaction(self._db) as db:
            row = (self._stamp(), code, json.dumps(counts), number)
            db.execute("UPDATE runs SET ended_at = ?, code = ?, counts = ? WHERE id = ?", row)

    def last(self, by: date = date.max) -> Run | None:
        """The last one that began, of days up to `by`; None where there was none."""
        with readable(self._path):
            rows = self._db.execute("SELECT * FROM runs WHERE on_date <= ? ORDER BY id DESC", (by.isoformat(),))
            return next(_read(rows), None)

    def messages(self, on: date) -> int:
        """How many messages the runs for that day have handed over, or may have.

        Of one that was cut short nobody knows the end: all that came after its beginning counts.
        """
        select = (
            f"SELECT count(*) FROM deliveries JOIN attempts ON delivery = deliveries.id WHERE state IN ({_TAKEN})"
            " AND EXISTS (SELECT 1 FROM runs WHERE runs.on_date = ? AND deliveries.created_at >= began_at"
            " AND (ended_at IS NULL OR deliveries.created_at <= ended_at))"
        )
        with readable(self._path):
            return int(self._db.execute(select, (on.isoformat(),)).fetchone()[0])

    def has_looked(self, on: date) -> bool:
        """Whether a run for that day came to its end having read the mailbox."""
        with readable(self._path):
            rows = self._db.execute("SELECT * FROM runs WHERE on_date = ?", (on.isoformat(),))
            return any("looked" in run.counts for run in _read(rows))

    def digest_on(self) -> date | None:
        """The last day on which the user was written to; None where he never was, or it cannot be read."""
        with readable(self._path), suppress(*UNREAD):
            return date.fromisoformat(meta_of(self._db).get(_DIGEST, ""))
        return None

    def note_digest(self, on: date | None) -> None:
        """The day on which he is written to, or that it was not done after all (the day before it, or None)."""
        with guarded(self._path), transaction(self._db) as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_DIGEST, on.isoformat() if on else ""))

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat()


def _read(rows: Iterable[sqlite3.Row]) -> Iterator[Run]:
    for row in rows:
        with suppress(*UNREAD):
            yield Run(
                on=date.fromisoformat(row["on_date"]),
                began=datetime.fromisoformat(row["began_at"]),
                ended=datetime.fromisoformat(row["ended_at"]) if row["ended_at"] is not None else None,
                code=int(row["code"]) if row["code"] is not None else None,
                counts={str(name): int(count) for name, count in json.loads(row["counts"]).items()},
            )
