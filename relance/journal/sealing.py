"""The chain: every fact, every delivery and each later state of one, sealed behind the one that was written before.

An entry is a line of JSON: its number, its instant, what it seals (`what`, `row`), the digest of that, and the hash of
the entry before; its own hash is the SHA-256 of this line. The digest is the SHA-256 of a salt and the content, so that
what was blanked, content and salt, cannot be guessed from it. Facts and deliveries have their content in their own
rows, which never change; a state, which does, keeps it in the entry.

An entry is written in the transaction of what it seals, and by it alone: what another program changes has none. An
entry that names others as `erased`, or `lost` (found wrong by a repair), says that their content is not to be had.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from relance.journal.parts import digest_of
from relance.journal.schema import transaction

BEGUN, FACT, DELIVERY, STATE, ERASED, LOST = "begun", "fact", "delivery", "state", "erased", "lost"
"""What entries seal: the beginning with all that was there, the three kinds of lines, and what cannot be had."""
START = "0" * 64
"""The hash before the first entry."""
_STATE = ("state", "settled_at", "code", "reply", "refused_address", "resolved_on")
_TRIED = ("server", "dot_at", "next_try", "tries", "state_before")
_SENT = (
    *("created_at", "on_date", "channel", "customer", "stage", "message_id", "envelope_from"),
    *("addresses", "recipients", "subject"),
)
_KEY = ("invoice", "number", "stage", "channel", "ladder", "snapshot", "term")
_FACT = ("recorded_at", "kind", "on_date", "payload", "note")
_UNTRIED = dict.fromkeys((*_STATE, *_TRIED)) | {"reply": "", "refused_address": "", "server": "", "tries": 0}


as_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=repr).encode
"""The JSON of an entry, or of what it seals."""


PREPARED = as_text(_UNTRIED | {"state": "prepared"})
"""How a delivery stands until an entry says something else."""


def _changed(names: Iterable[str]) -> str:
    several = tuple(names)
    old, new = (", ".join(f"{row}.{name}" for name in several) for row in ("OLD", "NEW"))
    return f"WHEN ({old}) IS NOT ({new})"


_MARKS = (
    ("INSERT ON main.facts", "", FACT, "id"),
    ("INSERT ON main.deliveries", "", DELIVERY, "id"),
    ("UPDATE ON main.deliveries", _changed(_SENT), DELIVERY, "id"),  # a line that could not be read, mended
    ("UPDATE ON main.delivery_keys", _changed(_KEY), DELIVERY, "delivery"),
    ("UPDATE ON main.deliveries", _changed(_STATE), STATE, "id"),
    ("UPDATE ON main.attempts", _changed(_TRIED), STATE, "delivery"),
)
"""What marks a line as one to seal, for this connection alone: what others change behind our back is not sealed."""


def watch(db: sqlite3.Connection) -> None:
    """From now on this connection marks what it writes, for `chained` to seal."""
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("CREATE TEMP TABLE touched (what TEXT, row INTEGER)")
    for number, (event, when, what, row) in enumerate(_MARKS):
        mark = f"BEGIN INSERT INTO touched VALUES ('{what}', NEW.{row}); END"
        db.execute(f"CREATE TEMP TRIGGER touched_{number} AFTER {event} {when} {mark}")


@contextmanager
def chained(db: sqlite3.Connection, stamp: Callable[[], str]) -> Iterator[sqlite3.Connection]:
    """A transaction that ends with the entries of what was written in it; the connection is one that is watched."""
    with transaction(db):
        yield db
        touched = db.execute("SELECT what, row FROM touched GROUP BY what, row ORDER BY min(rowid)").fetchall()
        if touched:
            kinds = {what for what, _ in touched}
            now = {what: OF_ALL[what](db, f"IN (SELECT row FROM touched WHERE what = '{what}')") for what in kinds}
            append(db, stamp(), [(what, row, now[what][row]) for what, row in touched if row in now[what]])
            db.execute("DELETE FROM touched")


def begin(db: sqlite3.Connection, stamp: str) -> None:
    """The first entry, and those of all that is there, where there is none yet; in a transaction."""
    if db.execute("SELECT 1 FROM chain LIMIT 1").fetchone() is not None:
        return
    facts, deliveries, states = _facts(db), _deliveries(db), _states(db)
    several = [(BEGUN, 0, as_text({"lines": len(facts) + len(deliveries)}))]
    several += ((FACT, row, text) for row, text in sorted(facts.items()))
    for row, text in sorted(deliveries.items()):
        several.append((DELIVERY, row, text))
        several += [(STATE, row, states[row])] if states[row] != PREPARED else []
    append(db, stamp, several)


def append(db: sqlite3.Connection, stamp: str, several: Iterable[tuple[str, int, str]]) -> None:
    """An entry for each of these: what it seals, its row, its content; in a transaction.

    Without an instant the entries are those of a reader, who sees the same twice: of no use once it is written.
    """
    last = db.execute("SELECT n, hash FROM chain ORDER BY n DESC LIMIT 1").fetchone()
    n, before = tuple(last) if last is not None else (0, START)
    entries = []
    for number, (what, row, content) in enumerate(several, n + 1):
        salt = os.urandom(16).hex() if stamp else sha256(f"{number} {content}".encode()).hexdigest()
        digest = sealed(salt, content)
        before = entry_hash(number, stamp, what, row, digest, before)
        kept = None if what in (FACT, DELIVERY) else content
        entries.append((number, stamp, what, row, salt, kept, digest, before))
    db.executemany("INSERT INTO chain VALUES (?, ?, ?, ?, ?, ?, ?, ?)", entries)


def entry_hash(n: int, at: str, what: str, row: int, digest: str, before: str) -> str:
    """The hash of an entry: the SHA-256 of its line."""
    line = as_text({"n": n, "at": at, "what": what, "row": row, "digest": digest, "before": before})
    return sha256(line.encode()).hexdigest()


def blank(db: sqlite3.Connection, stamp: str, facts: Iterable[int], deliveries: Iterable[int]) -> None:
    """The contents of all entries of these lines go, with their salts, and an entry says so; in a transaction."""
    lines = [(FACT, row) for row in facts]
    lines += [(what, row) for row in deliveries for what in (DELIVERY, STATE)]
    gone = list[int]()
    for line in lines:
        gone += (n for (n,) in db.execute("SELECT n FROM chain WHERE what = ? AND row = ?", line))
        db.execute("UPDATE chain SET salt = NULL, content = NULL WHERE what = ? AND row = ?", line)
    append(db, stamp, [(ERASED, 0, as_text({"entries": sorted(gone)}))])


def sealed(salt: str, content: str) -> str:
    """The digest of a content: the SHA-256 of its salt and of itself."""
    return sha256(f"{salt}{content}".encode()).hexdigest()


def _facts(db: sqlite3.Connection, which: str = "> 0") -> dict[int, str]:
    rows = db.execute(f"SELECT id, {', '.join(_FACT)} FROM facts WHERE id {which}")
    return {row[0]: as_text(dict(zip(_FACT, row[1:], strict=True))) for row in map(tuple, rows)}


def _deliveries(db: sqlite3.Connection, which: str = "> 0") -> dict[int, str]:
    """What never changes of deliveries, with the SHA-256 of the message, which is there when its bytes are gone."""
    keys: dict[int, list[list[Any]]] = {}
    select = f"SELECT delivery, {', '.join(_KEY)} FROM delivery_keys WHERE delivery {which} ORDER BY rowid"
    for delivery, *key in db.execute(select):
        keys.setdefault(delivery, []).append(key)
    select = f"SELECT id, raw, attempt, {', '.join(_SENT)} FROM deliveries JOIN attempts ON delivery = id"
    rows = [tuple(row) for row in db.execute(f"{select} WHERE id {which}")]
    return {
        row: as_text(
            {
                "attempt": attempt,
                **dict(zip(_SENT, sent, strict=True)),
                "sha256": digest_of(bytes(raw)),
                "keys": [dict(zip(_KEY, key, strict=True)) for key in keys.get(row, [])],
            }
        )
        for row, raw, attempt, *sent in rows
    }


def _states(db: sqlite3.Connection, which: str = "> 0") -> dict[int, str]:
    names = (*_STATE, *_TRIED)
    select = f"SELECT id, {', '.join(names)} FROM deliveries JOIN attempts ON delivery = id WHERE id {which}"
    return {row: as_text(dict(zip(names, said, strict=True))) for row, *said in db.execute(select)}


OF_ALL: Mapping[str, Callable[..., dict[int, str]]] = {
    FACT: _facts,
    DELIVERY: _deliveries,
    STATE: _states,
}


def contents_of(db: sqlite3.Connection) -> dict[tuple[str, int], str]:
    """The content of every fact and every delivery as it stands, by what it is and its row."""
    return {(what, row): text for what in (FACT, DELIVERY) for row, text in OF_ALL[what](db).items()}
