"""Opening the journal: created whole or not at all, migrated, checked, only read, or made again where it was lost."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from relance.errors import JournalError
from relance.journal.chain import BrokenLine, Verified, verify
from relance.journal.journal import Journal
from relance.journal.lock import guarded_journal
from relance.journal.parts import Lacking
from relance.journal.receipts import Log, read_receipts, receipts_path
from relance.journal.recovery import Recovered, log_of, mend, must_mend
from relance.journal.schema import REBUILD, TABLES, DamagedError, guarded, lacking, readable, shape, transaction
from relance.journal.sealing import begin, watch
from relance.journal.whole_files import backups, beside, day_of, place, real, unpacked
from relance.journal.witness import Witness, reach_of

utc_now = partial(datetime.now, UTC)
"""The stamp of rows; what relance decides by is always the calendar date that it is given."""
_WAIT = 10.0  # seconds for another process to finish its own few milliseconds
_NEEDS_RECOVERY = {sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY}


def open_journal(path: Path, started: date, *, create: bool, now: Callable[[], datetime] = utc_now) -> Journal:
    """The journal for reading and writing; with `create`, a first one begins on `started`.

    Raises JournalError where it is missing without `create`, or although something beside it shows that it was there;
    where it is damaged, foreign, newer, too old, or not writable. Under the lock, `Journal.recover` comes next.
    """
    path = real(path)
    with guarded(path):
        if not path.exists():
            _begin(path, started, create, now)
        with suppress(PermissionError):  # another user's file: what he decided holds
            path.chmod(0o600)
        db = _connect(path, "rw")
        try:
            steps = lacking(db, path)
            _set_up(db)
            check_whole(db)
            if steps:
                shape(db, steps, now().isoformat(), begin)
            watch(db)
            journal = Journal(path, db, now)
            journal.begin_receipts()
            return journal
        except BaseException:
            db.close()
            raise


def half_of(path: Path) -> Path:
    """Where SQLite keeps what it needs to undo half a commit."""
    return path.with_name(f"{path.name}-journal")


def check_whole(db: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError where SQLite sees damage."""
    if db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("quick_check")


def _begin(path: Path, started: date, create: bool, now: Callable[[], datetime]) -> None:
    """The first journal of all; DamagedError where there was one before, or where none may be begun."""
    _refuse_lost(path)
    if not create:
        raise DamagedError(
            f"Le journal « {path} » est introuvable.",
            "Remettez-le à sa place, ou corrigez [journal] file dans les réglages.",
        )
    with beside(path) as new:
        build(new, started, now)
        place(new, path, replace=False)


def _refuse_lost(path: Path) -> None:
    """DamagedError where there is no journal although something beside its place shows that it was there."""
    left = receipts_path(path).exists() or half_of(path).exists() or backups(path) or guarded_journal(path)
    if left and not path.exists():  # a twin that began it meanwhile leaves the same traces
        raise DamagedError(f"Le journal « {path} » a disparu, mais relance a déjà servi ici.", REBUILD)


def read_journal(path: Path) -> Journal | None:
    """The journal for reading alone, None where there has never been one: nothing is created, changed or repaired.

    Raises JournalError as `open_journal` does: a plan made without a journal that was lost would begin anew.

    What a crash left half-written, or an earlier version wrote, is put right in memory; what the receipts
    know and the journal does not yet, is known.
    """
    path = real(path)
    with guarded(path):
        if not path.exists():
            _refuse_lost(path)
            return None
        db = _readable(path)
        try:
            steps, log = lacking(db, path), Log()
            with suppress(PermissionError):  # a reader who may not read them: what they would tell is in doubt
                log = log_of(db, path)
            if steps or must_mend(db, log):
                with closing(db):
                    copy = _in_memory(db)
                db = copy
                if steps:
                    shape(db, steps, "", begin)
                with transaction(db):
                    mend(db, log)
                db.execute("PRAGMA query_only = ON")
            return Journal(path, db, utc_now)
        except BaseException:
            db.close()
            raise


def verified(path: Path) -> Verified:
    """The chain of the journal in its file, of which nothing is mended before; JournalError as above.

    Nothing where there is no journal, or one of an older version, which has no chain yet.
    """
    path = real(path)
    if not path.exists():
        return Verified()
    with guarded(path), closing(_readable(path)) as db, readable(path):
        return Verified() if lacking(db, path) else verify(db)


def build(path: Path, started: date, now: Callable[[], datetime], journal_id: str = "") -> None:
    """Make the empty file at `path` a journal begun on that day; `journal_id` where it takes another one's place."""
    with closing(_connect(path, "rw")) as db:
        _set_up(db)
        shape(db, TABLES, now().isoformat(), begin)
        with transaction(db):
            db.execute("INSERT INTO meta VALUES ('started', ?)", (started.isoformat(),))
            if journal_id:
                db.execute("UPDATE meta SET value = ? WHERE name = 'journal'", (journal_id,))


def _set_up(db: sqlite3.Connection) -> None:
    # Not WAL: two writers could damage it until SQLite 3.51.2, and laptops ship older ones.
    for pragma in ("journal_mode = DELETE", "synchronous = EXTRA", "fullfsync = ON", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}").fetchall()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=_WAIT)
    db.row_factory = sqlite3.Row
    return db


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
        with suppress(FileNotFoundError):  # a writer repaired it meanwhile
            shutil.copyfile(half_of(path), half_of(copy))
        with closing(_connect(copy, "rw")) as repaired:
            return _in_memory(repaired)


def _in_memory(db: sqlite3.Connection) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", isolation_level=None)
    copy.row_factory = sqlite3.Row
    db.backup(copy)
    return copy


class Repaired(NamedTuple):
    """What was done: `backup` is the copy that was put back, `aside` where the damaged file lies now (None: neither).

    `rebuilt` is False where the journal was readable and only brought up to its receipts. `unread` are the lines that
    cannot be read: the day, the kind and the text of each, and whether it counts no more (else it holds its invoice).
    `behind` tells that the receipts it was made from were put back: nothing leaves before the user accepted it.
    `parts` are the attachments that were lacking and are there again, `lacking` the messages that still lack one.
    `broken` is the first line that did not fit into the chain, which goes on from what is there.
    """

    rebuilt: bool
    recovered: Recovered
    backup: Path | None = None
    aside: Path | None = None
    unread: tuple[tuple[str, str, str, bool], ...] = ()
    behind: bool = False
    parts: int = 0
    lacking: tuple[Lacking, ...] = ()
    broken: BrokenLine | None = None


def repair(
    path: Path,
    today: date,
    *,
    without_receipts: bool,
    now: Callable[[], datetime] = utc_now,
    files: Callable[[], Iterable[bytes]] = tuple,
) -> Repaired:
    """Make the journal usable again; call it under the lock. `files` are such as messages may have carried.

    Raises JournalError where that would forget messages that may have left, unless the user accepts it
    (`without_receipts`); where the journal is newer, too old or another program's file.
    """
    path = real(path)
    try:
        with open_journal(path, today, create=False, now=now) as journal:
            return _set_right(journal, journal.recover(), files)
    except DamagedError as error:
        damage = error
    with guarded(path):
        copy = next((backup for backup in backups(path) if _is_good(backup)), None)
        log = _log_beside(path, copy)
        if (log.header is None or log.damaged) and not without_receipts:
            raise _unsure(path, log, copy) from damage
        aside = _put(path, today, log, copy, now)
    with open_journal(path, today, create=False, now=now) as journal:
        recovered = journal.recover()
        behind = not without_receipts and _are_behind(log, journal.id)
        if not behind:
            journal.accept()
        right = _set_right(journal, recovered, files)
        return right._replace(rebuilt=True, backup=copy, aside=aside, behind=behind)


def _set_right(journal: Journal, recovered: Recovered, files: Callable[[], Iterable[bytes]]) -> Repaired:
    unread, (parts, lacking) = journal.set_unread_aside(), journal.mend_parts(files)
    broken = journal.chain.set_right()
    return Repaired(False, recovered, unread=unread, parts=parts, lacking=lacking, broken=broken)


def _are_behind(log: Log, journal_id: str) -> bool:
    """Whether the witness knows of messages that these receipts do not: they are older than the journal that was."""
    seen = Witness(journal_id).known()
    return seen is not None and reach_of(log) < seen


def _put(path: Path, today: date, log: Log, copy: Path | None, now: Callable[[], datetime]) -> Path | None:
    """The journal from its copy, else a new one, in the place of the damaged one, which is kept."""
    with beside(path) as new:
        if copy is not None:
            with (
                unpacked(copy) as plain,
                closing(_connect(plain, "ro")) as source,
                closing(_connect(new, "rw")) as target,
            ):
                source.backup(target)
        elif log.header is not None:
            build(new, date.fromisoformat(log.header.started), now, log.header.journal)
        else:
            build(new, today, now, guarded_journal(path))
        aside = path.with_name(f"{path.name}.damaged-{now():%Y%m%dT%H%M%S}")
        # Half a commit belongs to the old file: SQLite would roll it back into the new one.
        for old, kept in ((path, aside), (half_of(path), half_of(aside))):
            if old.exists():
                old.rename(kept)
        place(new, path, replace=False)
    return aside if aside.exists() else None


def _log_beside(path: Path, copy: Path | None) -> Log:
    """The receipts of a journal that is lost; of closed parts that its copy agrees with, nothing is missed."""
    if copy is None:
        return read_receipts(path)
    with unpacked(copy) as plain, closing(_connect(plain, "ro")) as db:
        return log_of(db, path)


def _is_good(backup: Path) -> bool:
    try:
        with guarded(backup), unpacked(backup) as plain, closing(_connect(plain, "ro")) as db:
            check_whole(db)
            lacking(db, backup)  # raises where no version of ours reads it
    except JournalError:
        return False
    return True


def _unsure(path: Path, log: Log, copy: Path | None) -> JournalError:
    what = "illisibles" if log.size else "absents"
    since = f"depuis la sauvegarde du {day_of(copy).isoformat()}" if copy else "jusqu’ici"
    return JournalError(
        f"Les reçus du journal « {path} » sont {what} : relance ne sait pas ce qui est parti {since}.",
        "Remettez le fichier .receipts à sa place ; sinon, regardez vos messages envoyés, puis "
        "« relance repair --without-receipts ».",
    )
