"""Opening the journal: created whole or not at all, migrated, checked, or only read."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from pathlib import Path

from relance.errors import JournalError
from relance.journal.schema import guarded, migrate, pending, transaction
from relance.journal.store import Journal

_WAIT = 10.0  # seconds for another process to finish its own few milliseconds
_NEEDS_RECOVERY = {sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY}


def utc_now() -> datetime:
    """The stamp of rows; what relance decides by is always the calendar date that it is given."""
    return datetime.now(UTC)


def open_journal(path: Path, started: date, *, create: bool, now: Callable[[], datetime] = utc_now) -> Journal:
    """The journal for reading and writing; with `create`, a missing one begins on `started`.

    Raises JournalError where it is missing without `create`, damaged, foreign, newer, or not writable.
    """
    path = path.absolute()
    with guarded(path):
        if not path.exists():
            if not create:
                raise JournalError(
                    f"Le journal « {path} » est introuvable.",
                    "Remettez-le à sa place, ou corrigez [journal] file dans les réglages.",
                )
            _create(path, started, now)
        with suppress(PermissionError):  # another user's file: what he decided holds
            path.chmod(0o600)
        db = _connect(path, "rw")
        try:
            missing = pending(db, path)
            _set_up(db)
            if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("quick_check")
            migrate(db, missing, now().isoformat())
            return Journal(path, db, now)
        except BaseException:
            db.close()
            raise


def read_journal(path: Path) -> Journal | None:
    """The journal for reading alone, None where there is none: nothing is created, changed or repaired.

    What a crash left half-written, or an older version wrote, is put right in memory.
    """
    path = path.absolute()
    with guarded(path):
        if not path.exists():
            return None
        db = _readable(path)
        try:
            missing = pending(db, path)
            if missing:
                with closing(db):
                    copy = _in_memory(db)
                db = copy
                migrate(db, missing, "")
            return Journal(path, db, utc_now)
        except BaseException:
            db.close()
            raise


def _create(path: Path, started: date, now: Callable[[], datetime]) -> None:
    """Build the file beside its place, then link it there: a crash never leaves an empty or half a journal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)  # mode 0600
    os.close(handle)
    new = Path(name)
    try:
        with closing(_connect(new, "rw")) as db:
            _set_up(db)
            with transaction(db):
                db.execute("CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)")
            migrate(db, pending(db, path), now().isoformat())
            with transaction(db):
                db.execute("INSERT INTO meta VALUES ('started', ?)", (started.isoformat(),))
        _put(new, path)
    finally:
        new.unlink(missing_ok=True)


def _put(new: Path, path: Path) -> None:
    """Give the file its name, unless a twin was faster: its journal is then the one that counts."""
    try:
        path.hardlink_to(new)
    except FileExistsError:
        return
    except OSError:  # exFAT and some network folders know no links
        new.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _set_up(db: sqlite3.Connection) -> None:
    # Not WAL: two writers could damage it until SQLite 3.51.2, and laptops ship older ones.
    for pragma in ("journal_mode = DELETE", "synchronous = EXTRA", "fullfsync = ON", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}").fetchall()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_WAIT)


def _readable(path: Path) -> sqlite3.Connection:
    db = _connect(path, "ro")
    try:
        db.execute("SELECT 1 FROM sqlite_master").fetchone()
        return db
    except sqlite3.Error as error:
        db.close()
        if getattr(error, "sqlite_errorcode", 0) not in _NEEDS_RECOVERY:
            raise
    # A crash cut a commit in two: roll it back in a copy, the file itself is the writer's to repair.
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        half = f"{path.name}-journal"
        with suppress(FileNotFoundError):  # a writer repaired it meanwhile
            shutil.copyfile(path.with_name(half), copy.with_name(half))
        with closing(_connect(copy, "rw")) as repaired:
            return _in_memory(repaired)


def _in_memory(db: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", isolation_level=None)
    db.backup(copy)
    return copy
