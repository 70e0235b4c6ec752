"""Whose journal it is: the settings that it was first used with, so that no second dossier sends by the same one."""

import os
import sqlite3
from pathlib import Path

from relance.errors import JournalError
from relance.journal.schema import meta_of, transaction

_NAME = "dossier"


def check_dossier(db: sqlite3.Connection, journal: Path, settings: Path) -> None:
    """JournalError where the journal is that of other settings, which are still there.

    Where they are gone the folder was moved, or they got another name: the journal went along.
    """
    known = meta_of(db).get(_NAME, "")
    if known and not _is_same(known, settings) and _is_there(known):
        raise JournalError(
            f"Le journal « {journal} » est celui d’un autre dossier, « {known} ».",
            "Donnez à chaque dossier son journal ([journal] file) ; si celui-ci remplace l’autre, "
            "« relance confirm journal ».",
        )


def claim(db: sqlite3.Connection, journal: Path, settings: Path, *, from_others: bool = False) -> bool:
    """The journal is that of these settings from now on; JournalError as above, unless it is taken `from_others`.

    Returns whether it was another one's, or nobody's.
    """
    ours = os.path.realpath(settings)
    if meta_of(db).get(_NAME) == ours:
        return False
    with transaction(db):  # two dossiers that begin at once: the second one sees the first
        if not from_others:
            check_dossier(db, journal, settings)
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_NAME, ours))
    return True


def _is_same(known: str, settings: Path) -> bool:
    """Whether both names lead to one file, whatever links and disks lie between."""
    if known == os.path.realpath(settings):
        return True
    try:
        return Path(known).samefile(settings)
    except OSError:
        return False


def _is_there(known: str) -> bool:
    """Whether that file exists, or may not be looked at."""
    try:
        Path(known).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
