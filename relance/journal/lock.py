"""One sender at a time: a lock that ends with its process, whatever ends it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from relance.errors import EXIT_DONE, JournalError
from relance.journal.schema import guarded


class BusyError(JournalError):
    """Another run is sending; `since` is when it began (UTC), where known. No failure: that run does the work."""

    exit_code = EXIT_DONE

    def __init__(self, since: datetime | None) -> None:
        super().__init__("Un autre « relance » est en train d’envoyer.", "Attendez qu’il ait fini.")
        self.since = since


@contextmanager
def lock(journal: Path) -> Iterator[None]:
    """Hold the lock of this journal for the block; raises BusyError at once where another process holds it.

    The lock file lies beside the journal and stays: closing a second descriptor of the journal itself would drop
    SQLite's own locks, and deleting a lock file lets two processes hold two files of one name.
    """
    path = journal.absolute().with_name(f"{journal.name}.lock")
    with guarded(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # Python opens it closed to children
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(_since(handle)) from None
        with guarded(path):
            os.ftruncate(handle, 0)
            os.pwrite(handle, datetime.now(UTC).isoformat().encode(), 0)
        yield
    finally:
        os.close(handle)


def _since(handle: int) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(os.pread(handle, 100, 0).decode("ascii", "replace"))
    return None
