"""Copies of the journal, one a day, the newest thirty of them."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from relance.journal.placing import beside, place
from relance.journal.schema import guarded

KEPT = 30


def backup_folder(journal: Path) -> Path:
    """Where the copies of this journal lie."""
    return journal.with_name(f"{journal.name}.backups")


def backups(journal: Path) -> list[Path]:
    """The copies of this journal, the newest first."""
    return sorted(backup_folder(journal).glob("????-??-??.sqlite3"), reverse=True)


def back_up(journal: Path, db: sqlite3.Connection, today: date) -> None:
    """Copy the open journal as it stands; the copy of the same day gives way. Raises JournalError."""
    path = backup_folder(journal) / f"{today.isoformat()}.sqlite3"
    with guarded(path):
        backup_folder(journal).mkdir(mode=0o700, exist_ok=True)
        with beside(path) as new:
            with closing(sqlite3.connect(new, isolation_level=None)) as copy:
                copy.execute("PRAGMA journal_mode = OFF").fetchall()  # it is thrown away where it does not get done
                db.backup(copy)
            place(new, path, replace=True)
        for old in backups(journal)[KEPT:]:
            old.unlink(missing_ok=True)
