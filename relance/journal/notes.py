"""What a run leaves for the next one: what the user was told, what the file showed, when anything was noted last."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from relance.core.history import ONCE, Seen
from relance.core.invoice import MARK_LENGTH
from relance.core.mails import Received
from relance.journal.rows import UNREAD, row_of, seen_in
from relance.journal.said import lost_line
from relance.journal.schema import meta_of, readable
from relance.journal.values import Erased, erased_digest

TOLD_AGAIN_DAYS = 7
ERASED = "erased"
"""Under which name the journal keeps what stands for invoices of erased customers."""
_SEEN = " || ' ' || ".join(f"coalesce({name}, '')" for name in Seen._fields) + " AS line"


class Notices:
    """What the user was told; JournalError where the file cannot be used."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._path, self._db = path, db

    def once(self, by: date) -> frozenset[str]:
        """The names of what he was told by that day, once for all."""
        with readable(self._path):
            rows = self._db.execute("SELECT name FROM told WHERE on_date <= ?", (by.isoformat(),))
            return frozenset(name for (name,) in rows if name.startswith(ONCE))


def last_stamp(db: sqlite3.Connection) -> datetime | None:
    """As `Journal.last_stamp`."""
    select = (
        "SELECT max(stamp) FROM (SELECT max(recorded_at) AS stamp FROM facts UNION ALL"
        " SELECT max(max(created_at, coalesce(settled_at, ''))) FROM deliveries)"
    )
    [(stamp,)] = db.execute(select)
    return datetime.fromisoformat(stamp) if stamp else None


def state_of(db: sqlite3.Connection) -> str:
    """What names all that a copy is for: what was said, what left, what the last run saw and what it found changed."""
    [(seen,)] = db.execute("SELECT CAST(group_concat(line, char(10)) AS BLOB) FROM (SELECT " + _SEEN + " FROM seen)")
    [(changed,)] = db.execute("SELECT max(on_date) || ' ' || count(*) FROM changes")
    return f"{last_stamp(db)} {sha256(seen or b'').hexdigest()} {changed}"


def untold(db: sqlite3.Connection, names: Iterable[str], on: date) -> tuple[str, ...]:
    """As `Journal.untold`."""
    day, week = on.isoformat(), (on - timedelta(days=TOLD_AGAIN_DAYS)).isoformat()
    told = db.execute("SELECT name, on_date FROM told WHERE on_date <= ?", (day,))
    known = {name for name, told_on in told if told_on > week or name.startswith(ONCE)}
    return tuple(name for name in dict.fromkeys(names) if name not in known)


def note_told(db: sqlite3.Connection, names: Iterable[str], on: date) -> None:
    """As `Journal.told`."""
    week = (on - timedelta(days=TOLD_AGAIN_DAYS)).isoformat()
    db.execute("DELETE FROM told WHERE on_date <= ? AND substr(name, 1, ?) <> ?", (week, len(ONCE), ONCE))
    db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?)", [(name, on.isoformat()) for name in names])


def remember(db: sqlite3.Connection, invoices: Iterable[Seen], on: date, rows: Iterable[str] | None) -> None:
    """As `Journal.remember`."""
    names, places = ", ".join(Seen._fields), ", ".join("?" for _ in Seen._fields)
    if meta_of(db).get("seen_on", "") <= on.isoformat():
        gone = erased(db)
        kept = (each for each in invoices if each.is_open or gone.day_of(each.invoice) is None)
        db.executemany(f"INSERT OR REPLACE INTO seen ({names}) VALUES ({places})", map(row_of, kept))
        noted = [("seen_on", on.isoformat())]
        noted += [("rows", "".join(sorted(set(rows))))] if rows is not None else []
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", noted)


def rows(db: sqlite3.Connection) -> frozenset[str]:
    """As `Journal.rows`."""
    noted = meta_of(db).get("rows", "")
    return frozenset(noted[place : place + MARK_LENGTH] for place in range(0, len(noted), MARK_LENGTH))


def seen(db: sqlite3.Connection, by: date) -> dict[str, Seen]:
    """As `Journal.seen`; what cannot be read is left out."""
    if meta_of(db).get("seen_on", "") > by.isoformat():
        return {}
    return {row["invoice"]: found for row, found in _seen(db) if found is not None}


def unread_seen(db: sqlite3.Connection) -> list[Received]:
    """The invoices of which nobody can read what the last run saw: they wait for the user, or for the next one."""
    lost, on = [row for row, found in _seen(db) if found is None], date.min
    with suppress(*UNREAD):
        on = date.fromisoformat(meta_of(db)["seen_on"])
    return [lost_line(str(row["invoice"]), on, "seen", "seen") for row in lost]


def _seen(db: sqlite3.Connection) -> Iterator[tuple[sqlite3.Row, Seen | None]]:
    for row in db.execute("SELECT * FROM seen ORDER BY rowid"):
        found = None
        with suppress(*UNREAD):
            found = seen_in(row)
        yield row, found


def note_content(db: sqlite3.Connection, digest: str, since: date) -> None:
    """As `Journal.note_content`."""
    db.execute("INSERT OR REPLACE INTO meta VALUES ('content', ?)", (f"{digest} {since.isoformat()}",))


def content(db: sqlite3.Connection) -> tuple[str, date] | None:
    """As `Journal.content`."""
    digest, _, since = meta_of(db).get("content", "").partition(" ")
    return (digest, date.fromisoformat(since)) if digest else None


def erased(db: sqlite3.Connection) -> Erased:
    """As `Erasing.erased`."""
    rows = json.loads(meta_of(db).get(ERASED, "[]"))
    return Erased(tuple((date.fromisoformat(on), salt, frozenset(digests)) for on, salt, digests in rows))


def note_erased(db: sqlite3.Connection, on: date, keys: Iterable[str]) -> None:
    """What stands for these invoices from that day on."""
    salt = os.urandom(16).hex()
    digests = sorted(erased_digest(salt, key) for key in keys)
    rows = [*json.loads(meta_of(db).get(ERASED, "[]")), (on.isoformat(), salt, digests)]
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (ERASED, json.dumps(rows)))


def note_receipts(db: sqlite3.Connection, size: int) -> None:
    """How long the receipts are, in bytes; never less than before, until `recover` made up for a loss."""
    db.execute("UPDATE meta SET value = max(CAST(value AS INTEGER), ?) WHERE name = 'receipts'", (size,))


def note_copied(db: sqlite3.Connection, state: str) -> None:
    """What the last copy has of the journal (`state_of`)."""
    db.execute("INSERT OR REPLACE INTO meta VALUES ('copied', ?)", (state,))
