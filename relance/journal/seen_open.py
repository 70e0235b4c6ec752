"""What the last run saw open, for who types a name: one look, without a lock, a check or a wait."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path


def seen_open(path: Path) -> Iterator[tuple[str, str]]:
    """The number and the customer's identity of each open invoice; sqlite3.Error where the journal cannot be read."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)) as db:
        yield from db.execute("SELECT number, customer FROM seen WHERE is_open AND gone_on IS NULL ORDER BY rowid")
