"""The journal on a disk: files that appear whole or not at all, a copy a day, and places where it should not lie."""

import gzip
import os
import re
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path

from relance.journal.schema import guarded

DAYS, WEEKS, MONTHS = 7, 4, 12
"""Copies of the journal that are kept: the last of each of so many days, weeks and months that have one."""
_COPY = re.compile(r"(\d{4}-\d\d-\d\d)\.sqlite3(\.gz)?")
_SYNCED = (
    "dropbox,onedrive,google drive,googledrive,mobile documents,icloud,nextcloud,owncloud,kdrive,pcloud,"
    "synologydrive,mega,seafile,hubic"
).split(",")
"""Folders that another machine changes too, in lower case; the fifth is iCloud Drive on a Mac."""
_NETWORK = frozenset(
    "nfs nfs4 cifs smb3 smbfs afs 9p ceph glusterfs davfs fuse.sshfs fuse.rclone fuse.davfs2 fuse.gvfsd-fuse".split()
)
MOUNTS = Path("/proc/self/mounts")


@contextmanager
def beside(path: Path, folder: Path | None = None) -> Iterator[Path]:
    """A new empty file (mode 0600) in its folder, or in `folder`, gone at the end unless it was placed; OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=folder or path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def place(new: Path, path: Path, *, replace: bool) -> None:
    """Give a finished file its name, for good; without `replace`, a twin that was faster keeps it."""
    if replace:
        new.rename(path)
    else:
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


def write_whole(path: Path, content: bytes, *, replace: bool, by: Path | None = None) -> None:
    """A file with this content, on the disk when this returns; `by` a folder of the same disk where it is written."""
    with beside(path, by) as new:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        place(new, path, replace=replace)


def real(path: Path) -> Path:
    """The file itself, whatever links lead there: what lies beside it has one place, whoever comes by which name."""
    return Path(os.path.realpath(path))


def backup_folder(journal: Path) -> Path:
    """Where the copies of this journal lie."""
    return journal.with_name(f"{journal.name}.backups")


def backups(journal: Path) -> list[Path]:
    """The copies of this journal, the newest first; those of an older version are not packed."""
    found = [path for path in backup_folder(journal).glob("*.sqlite3*") if _COPY.fullmatch(path.name)]
    return sorted(found, reverse=True)


def day_of(backup: Path) -> date:
    """The day of a copy."""
    return date.fromisoformat(backup.name[:10])


def back_up(journal: Path, db: sqlite3.Connection, today: date, *, anew: bool) -> None:
    """Copy the open journal as it stands; the copy of the same day gives way. Raises JournalError.

    Where it is not to be made `anew` and there is one of this day, it stays.
    """
    path = backup_folder(journal) / f"{today.isoformat()}.sqlite3.gz"
    with guarded(path):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.exists() and not anew:
            return
        with beside(path) as plain, beside(path) as packed:
            with closing(sqlite3.connect(plain, isolation_level=None)) as copy:
                copy.execute("PRAGMA journal_mode = OFF").fetchall()  # it is thrown away where it does not get done
                db.backup(copy)
            with plain.open("rb") as source, gzip.open(packed, "wb", 6) as target:
                shutil.copyfileobj(source, target)
            place(packed, path, replace=True)
        copies = backups(journal)
        kept = thinned(map(day_of, copies))
        for old in copies:
            if day_of(old) not in kept:
                old.unlink(missing_ok=True)


def thinned(days: Iterable[date]) -> set[date]:
    """Of the days of copies, those that are kept: at most DAYS + WEEKS + MONTHS of them."""
    newest = sorted(set(days), reverse=True)
    weeks = {day.isocalendar()[:2]: day for day in reversed(newest)}
    months = {(day.year, day.month): day for day in reversed(newest)}
    last = [*sorted(weeks.values(), reverse=True)[:WEEKS], *sorted(months.values(), reverse=True)[:MONTHS]]
    return {*newest[:DAYS], *last}


@contextmanager
def unpacked(backup: Path) -> Iterator[Path]:
    """A copy as SQLite reads it; OSError where it is damaged."""
    if backup.suffix != ".gz":
        yield backup
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / backup.stem
        try:
            with gzip.open(backup, "rb") as source, plain.open("wb") as target:
                shutil.copyfileobj(source, target)
        except (EOFError, zlib.error) as error:
            raise OSError(5, str(error)) from error
        yield plain


def unplaced(journal: Path) -> list[Path]:
    """Damaged journals that were set aside, and new files that a crash left without their names."""
    return [*journal.parent.glob(f"{journal.name}.damaged-*"), *journal.parent.glob(f".{journal.name}*.new")]


def risky_place(journal: Path) -> str:
    """The name of the synchronised folder or the kind of network disk that it lies on, empty where there is none.

    SQLite's locks do not hold there, and a copy that another machine puts in its place forgets what left.
    """
    path = journal.absolute().resolve()
    for part in path.parts[:-1]:
        folded = part.casefold()
        if any(folded == name or folded.startswith((f"{name} ", f"{name}-")) for name in _SYNCED):
            return part
    with suppress(OSError):  # only Linux tells
        mounts = [line.split() for line in MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()]
        at = [(len(where), kind) for _, where, kind, *_ in mounts if path.is_relative_to(where.replace("\\040", " "))]
        kind = max(at, default=(0, ""))[1]  # of the nearest mount point above
        return kind if kind in _NETWORK else ""
    return ""
