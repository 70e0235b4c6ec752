"""The open journal: facts told by the user, deliveries, and what the last run saw."""

import sqlite3
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from relance.core.facts import Drafted, Fact, Reminded
from relance.core.history import Seen
from relance.journal.backups import back_up
from relance.journal.placing import write_whole
from relance.journal.receipts import Log, read_receipts, whole_file
from relance.journal.recovery import Recovered, header_of, known_size, mend, missing_records
from relance.journal.rows import DELIVERED, SEEN_COLUMNS, Row, delivered, seen_row, to_seen
from relance.journal.saying import said_sent
from relance.journal.schema import guarded
from relance.journal.undoing import Undoing

TOLD_AGAIN_DAYS = 7


class Journal(Undoing):
    """Every method is one transaction, on the disk when it returns (but for `answered`, which the receipts have).

    JournalError where the file cannot be used.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        super().__init__(path, db, now)
        rows = self._rows("SELECT value FROM meta WHERE name IN ('started', 'journal') ORDER BY name DESC")
        with self._readable_rows():
            self.started = date.fromisoformat(rows[0][0])
            self.id = str(rows[1][0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.receipts.close()
        self._db.close()

    def begin_receipts(self) -> None:
        """The receipts file of a journal that never had one, with all that the journal knows."""
        log = self._log()
        if log.size == 0 and known_size(self._db) == 0:
            self._write_receipts(replace=False)

    def recover(self) -> Recovered:
        """What the last run left open is settled by what the receipts say, and each file gets what only the other has.

        Call it under the lock, before anything is planned: a message that another run is sending looks like one that
        a crash left behind. Raises JournalError.
        """
        log = self._log()
        with self._writing() as db:
            found = mend(db, log)
        self.receipts.close()
        if found.lost or log.header is None:
            if log.size:
                with guarded(self.receipts.path):
                    aside = self.receipts.path.with_name(f"{self.receipts.path.name}.{self._now():%Y%m%dT%H%M%S}")
                    self.receipts.path.rename(aside)
            self._write_receipts(replace=True)
        else:
            with guarded(self.receipts.path):
                self.receipts.append(*missing_records(self._db, log))
        with self._writing() as db:
            db.execute("UPDATE meta SET value = ? WHERE name = 'receipts'", (str(self.receipts.size()),))
        return found

    def back_up(self, today: date) -> None:
        """A copy of the journal, one a day; JournalError where that fails, which harms nothing."""
        back_up(self.path, self._db, today)

    def _log(self) -> Log:
        with guarded(self.receipts.path):
            return read_receipts(self.path)

    def _write_receipts(self, *, replace: bool) -> None:
        with guarded(self.receipts.path):
            content = whole_file(header_of(self._db), missing_records(self._db, Log()))
            write_whole(self.receipts.path, content, replace=replace)

    def facts(self) -> list[Fact]:
        """Everything known, in order: what the user said, what deliveries left open, then all contacts by day."""
        rows = self._rows(f"{DELIVERED} ORDER BY d.id, k.rowid")
        with self._readable_rows():
            facts: list[Fact] = [*self._told()]
            sent = said_sent(facts)
            for row in map(Row._make, rows):
                fact = delivered(row)
                if fact is not None and not (isinstance(fact, Drafted) and row.message_id in sent):
                    facts.append(fact)
        contacts = [fact for fact in facts if isinstance(fact, Reminded)]
        others = [fact for fact in facts if not isinstance(fact, Reminded)]
        return [*others, *sorted(contacts, key=lambda fact: fact.on)]

    def last_stamp(self) -> datetime | None:
        """The latest instant (UTC) at which anything was noted, None in a new journal."""
        rows = self._rows(
            "SELECT max(stamp) FROM (SELECT max(recorded_at) AS stamp FROM facts UNION ALL"
            " SELECT max(created_at) FROM deliveries UNION ALL SELECT max(settled_at) FROM deliveries)"
        )
        with self._readable_rows():
            return datetime.fromisoformat(rows[0][0]) if rows[0][0] else None

    def untold(self, names: Iterable[str], on: date) -> tuple[str, ...]:
        """Of what needs the user (by name), what he was not told for seven days; it counts as told from now on."""
        week = on - timedelta(days=TOLD_AGAIN_DAYS)
        with self._writing() as db:
            recent = "SELECT name FROM told WHERE on_date > ? AND on_date <= ?"
            known = {name for (name,) in db.execute(recent, (week.isoformat(), on.isoformat()))}
            news = tuple(name for name in dict.fromkeys(names) if name not in known)
            db.execute("DELETE FROM told WHERE on_date <= ?", (week.isoformat(),))
            db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?)", [(name, on.isoformat()) for name in news])
        return news

    def remember(self, invoices: Iterable[Seen], on: date) -> None:
        """The invoices as the run of the day `on` saw them in the file; each replaces what was seen of it before.

        A run of a day before the last one knows nothing of what that one saw, and leaves it as it is.
        """
        places = ", ".join("?" * len(SEEN_COLUMNS))
        with self._writing() as db:
            if self._seen_after(on):
                return
            db.executemany(f"INSERT OR REPLACE INTO seen VALUES ({places})", map(seen_row, invoices))
            db.execute("INSERT OR REPLACE INTO meta VALUES ('seen_on', ?)", (on.isoformat(),))

    def _seen_after(self, day: date) -> bool:
        last = self._rows("SELECT value FROM meta WHERE name = 'seen_on'")
        return bool(last) and str(last[0][0]) > day.isoformat()

    def seen(self, by: date | None = None) -> dict[str, Seen]:
        """What the last run saw in the file, by invoice key; nothing where it was a run of a day after `by`."""
        if by is not None and self._seen_after(by):
            return {}
        rows = self._rows(f"SELECT {', '.join(SEEN_COLUMNS)} FROM seen ORDER BY rowid")
        with self._readable_rows():
            return {row[0]: to_seen(row) for row in rows}
