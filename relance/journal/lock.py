"""One sender at a time: a lock that ends with its process, whatever ends it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from relance.errors import EXIT_DONE, EXIT_LOOK, JournalError
from relance.journal.schema import guarded
from relance.journal.whole_files import real

LONG = timedelta(hours=2)
"""No run takes that long: its process hangs, or its machine sleeps."""


class BusyError(JournalError):
    """Another run is sending; `since` is when it began (UTC), where known. No failure: that run does the work."""

    def __init__(self, since: datetime | None) -> None:
        super().__init__("Un autre « relance » est en train d’envoyer.", "Attendez qu’il ait fini.")
        self.since = since

    def long(self, now: datetime) -> bool:
        """Whether it has been at work for over two hours."""
        return self.since is not None and now - self.since > LONG

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """0: nothing failed; 1 where the other run seems to hang."""
        return EXIT_LOOK if self.long(datetime.now(UTC)) else EXIT_DONE


class Lock:
    """The lock, held; its file says since when, and which journal was there."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._write(_lines(handle)[1])

    def remember(self, journal_id: str) -> None:
        """Write down which journal this lock guards: one that disappears is not begun anew in silence."""
        if _lines(self._handle)[1] != journal_id:
            self._write(journal_id)

    def end(self) -> None:
        """Nobody is at work here any more."""
        self._write(_lines(self._handle)[1], since="")

    def _write(self, journal_id: str, since: str | None = None) -> None:
        os.ftruncate(self._handle, 0)
        begun = datetime.now(UTC).isoformat() if since is None else since
        os.pwrite(self._handle, f"{begun}\n{journal_id}\n".encode(), 0)


@contextmanager
def lock(journal: Path) -> Iterator[Lock]:
    """Hold the lock of this journal for the block; raises BusyError at once where another process holds it.

    The lock file lies beside the journal and stays: closing a second descriptor of the journal itself would drop
    SQLite's own locks, and deleting a lock file lets two processes hold two files of one name.
    """
    path = lock_path(real(journal))
    with guarded(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = _opened(path)
    try:
        with guarded(path):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(_since(handle)) from None
            held = Lock(handle)
        yield held
        with suppress(OSError):
            held.end()
    finally:
        os.close(handle)


def _opened(path: Path) -> int:
    """The lock file, made where it is not there; a link is not followed: it would lock something else."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)  # Python opens it closed to children
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EMLINK):
            raise
    raise JournalError(f"Le verrou « {path} » est un lien, et non un fichier.", "Supprimez ce lien, puis recommencez.")


def lock_path(journal: Path) -> Path:
    """Where the lock of this journal lies."""
    return journal.with_name(f"{journal.name}.lock")


def guarded_journal(journal: Path) -> str:
    """The id of the journal that was last used under this lock, empty where none was."""
    try:
        return lock_path(real(journal)).read_text("ascii", "replace").partition("\n")[2].strip()
    except OSError:
        return ""


def begun_at(journal: Path) -> datetime | None:
    """When the run that is at work began (UTC), or one that was killed; None where the last one came to its end."""
    with suppress(OSError, ValueError):
        return datetime.fromisoformat(lock_path(real(journal)).read_text("ascii", "replace").partition("\n")[0])
    return None


def _lines(handle: int) -> tuple[str, str]:
    first, _, second = os.pread(handle, 200, 0).decode("ascii", "replace").partition("\n")
    return first, second.strip()


def _since(handle: int) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(_lines(handle)[0])
    return None
