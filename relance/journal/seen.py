"""What the last run saw in the file of invoices, and what the user was told of it."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta

from relance.core.history import Seen
from relance.journal.rows import reader
from relance.journal.schema import meta_of

TOLD_AGAIN_DAYS = 7

_COLUMNS = ", ".join(Seen._fields)


def remember(db: sqlite3.Connection, invoices: Iterable[Seen], on: date) -> None:
    """These as the run of the day `on` saw them, unless a run of a later day saw more."""
    if _seen_after(db, on):
        return
    insert = f"INSERT OR REPLACE INTO seen ({_COLUMNS}) VALUES ({', '.join('?' for _ in Seen._fields)})"
    db.executemany(insert, map(_row, invoices))
    db.execute("INSERT OR REPLACE INTO meta VALUES ('seen_on', ?)", (on.isoformat(),))


def last_seen(db: sqlite3.Connection, by: date | None) -> dict[str, Seen]:
    """What the last run saw, by invoice key; nothing where it was a run of a day after `by`."""
    if by is not None and _seen_after(db, by):
        return {}
    return {row["invoice"]: _seen(row) for row in db.execute(f"SELECT {_COLUMNS} FROM seen ORDER BY rowid")}


def _seen_after(db: sqlite3.Connection, day: date) -> bool:
    return meta_of(db).get("seen_on", "") > day.isoformat()


def news(db: sqlite3.Connection, names: Iterable[str], on: date) -> tuple[str, ...]:
    """Of these names, those that the user was not told for seven days; they count as told from now on."""
    week = (on - timedelta(days=TOLD_AGAIN_DAYS)).isoformat()
    recent = "SELECT name FROM told WHERE on_date > ? AND on_date <= ?"
    known = {name for (name,) in db.execute(recent, (week, on.isoformat()))}
    found = tuple(name for name in dict.fromkeys(names) if name not in known)
    db.execute("DELETE FROM told WHERE on_date <= ?", (week,))
    db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?)", [(name, on.isoformat()) for name in found])
    return found


def _row(seen: Seen) -> list[str | None]:
    """An invoice as a row of the table `seen`."""
    formerly = json.dumps(seen.formerly) if seen.formerly else ""
    values = (seen._asdict() | {"is_open": int(seen.is_open), "formerly": formerly}).values()
    return [None if value is None else str(value) for value in values]


def _seen(row: sqlite3.Row) -> Seen:
    """The invoice of such a row."""
    seen: Seen = reader(Seen)(dict(row) | {"formerly": json.loads(row["formerly"] or "[]")})
    return seen
