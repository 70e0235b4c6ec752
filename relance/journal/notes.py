"""What a run leaves for the next one: what the user was told, what the file showed, when anything was noted last."""

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from relance.core.history import Seen
from relance.core.invoice import MARK_LENGTH
from relance.journal.rows import row_of, seen_in
from relance.journal.schema import meta_of

TOLD_AGAIN_DAYS = 7


def last_stamp(db: sqlite3.Connection) -> datetime | None:
    """As `Journal.last_stamp`."""
    select = (
        "SELECT max(stamp) FROM (SELECT max(recorded_at) AS stamp FROM facts UNION ALL"
        " SELECT max(created_at) FROM deliveries UNION ALL SELECT max(settled_at) FROM deliveries)"
    )
    [(stamp,)] = db.execute(select)
    return datetime.fromisoformat(stamp) if stamp else None


def untold(db: sqlite3.Connection, names: Iterable[str], on: date) -> tuple[str, ...]:
    """As `Journal.untold`."""
    day, week = on.isoformat(), (on - timedelta(days=TOLD_AGAIN_DAYS)).isoformat()
    recent = db.execute("SELECT name FROM told WHERE on_date > ? AND on_date <= ?", (week, day))
    known = {name for (name,) in recent}
    return tuple(name for name in dict.fromkeys(names) if name not in known)


def note_told(db: sqlite3.Connection, names: Iterable[str], on: date) -> None:
    """As `Journal.told`."""
    week = (on - timedelta(days=TOLD_AGAIN_DAYS)).isoformat()
    db.execute("DELETE FROM told WHERE on_date <= ?", (week,))
    db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?)", [(name, on.isoformat()) for name in names])


def remember(db: sqlite3.Connection, invoices: Iterable[Seen], on: date, rows: Iterable[str] | None) -> None:
    """As `Journal.remember`."""
    names, places = ", ".join(Seen._fields), ", ".join("?" for _ in Seen._fields)
    if meta_of(db).get("seen_on", "") <= on.isoformat():
        db.executemany(f"INSERT OR REPLACE INTO seen ({names}) VALUES ({places})", map(row_of, invoices))
        noted = [("seen_on", on.isoformat())]
        noted += [("rows", "".join(sorted(set(rows))))] if rows is not None else []
        db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", noted)


def rows(db: sqlite3.Connection) -> frozenset[str]:
    """As `Journal.rows`."""
    noted = meta_of(db).get("rows", "")
    return frozenset(noted[place : place + MARK_LENGTH] for place in range(0, len(noted), MARK_LENGTH))


def seen(db: sqlite3.Connection, by: date) -> dict[str, Seen]:
    """As `Journal.seen`."""
    if meta_of(db).get("seen_on", "") > by.isoformat():
        return {}
    return {row["invoice"]: seen_in(row) for row in db.execute("SELECT * FROM seen ORDER BY rowid")}


def note_content(db: sqlite3.Connection, digest: str, since: date) -> None:
    """As `Journal.note_content`."""
    db.execute("INSERT OR REPLACE INTO meta VALUES ('content', ?)", (f"{digest} {since.isoformat()}",))


def content(db: sqlite3.Connection) -> tuple[str, date] | None:
    """As `Journal.content`."""
    digest, _, since = meta_of(db).get("content", "").partition(" ")
    return (digest, date.fromisoformat(since)) if digest else None
