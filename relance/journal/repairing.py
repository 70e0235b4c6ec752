"""`relance repair`: a lost or damaged journal made again from its newest good copy and from the receipts."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from relance.errors import JournalError
from relance.journal.backups import backups
from relance.journal.files import build, check_whole, half_of, open_journal, utc_now
from relance.journal.lock import guarded_journal
from relance.journal.placing import beside, place
from relance.journal.receipts import Log, read_receipts
from relance.journal.recovery import Recovered
from relance.journal.schema import DamagedError, guarded, is_before


class Repaired(NamedTuple):
    """What was done: `backup` is the copy that was put back, `aside` where the damaged file lies now (None: neither).

    `rebuilt` is False where the journal was readable and only brought up to its receipts.
    """

    rebuilt: bool
    recovered: Recovered
    backup: Path | None = None
    aside: Path | None = None


def repair(path: Path, today: date, *, without_receipts: bool, now: Callable[[], datetime] = utc_now) -> Repaired:
    """Make the journal usable again; call it under the lock.

    Raises JournalError where that would forget messages that may have left, unless the user accepts it
    (`without_receipts`); where the journal is newer, too old or another program's file.
    """
    path = path.absolute()
    try:
        with open_journal(path, today, create=False, now=now) as journal:
            return Repaired(False, journal.recover())
    except DamagedError as error:
        damage = error
    with guarded(path):
        log = read_receipts(path)
        copy = next((backup for backup in backups(path) if _is_good(backup)), None)
        if (log.header is None or log.damaged) and not without_receipts:
            raise _unsure(path, log, copy) from damage
        aside = _put(path, today, log, copy, now)
    with open_journal(path, today, create=False, now=now) as journal:
        return Repaired(True, journal.recover(), copy, aside)


def _put(path: Path, today: date, log: Log, copy: Path | None, now: Callable[[], datetime]) -> Path | None:
    """The journal from its copy, else a new one, in the place of the damaged one, which is kept."""
    with beside(path) as new:
        if copy is not None:
            with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(new)) as target:
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


def _is_good(backup: Path) -> bool:
    try:
        with guarded(backup), closing(sqlite3.connect(f"{backup.as_uri()}?mode=ro", uri=True)) as db:
            check_whole(db)
            is_before(db, backup)  # raises where no version of ours reads it
    except JournalError:
        return False
    return True


def _unsure(path: Path, log: Log, copy: Path | None) -> JournalError:
    what = "illisibles" if log.size else "absents"
    since = f"depuis la sauvegarde du {copy.stem}" if copy else "jusqu’ici"
    return JournalError(
        f"Les reçus du journal « {path} » sont {what} : relance ne sait pas ce qui est parti {since}.",
        "Remettez le fichier .receipts à sa place ; sinon, regardez vos messages envoyés, puis "
        "« relance repair --without-receipts ».",
    )
