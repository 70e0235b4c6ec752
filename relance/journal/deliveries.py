"""Deliveries in the journal: each attempt as rows and as lines of the receipts, and from the one to the other."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime

from relance.core.facts import Fact
from relance.core.message import Message
from relance.journal.receipts import DOT, OUTCOME, Record
from relance.journal.rows import DELIVERED, delivered, iso, to_json
from relance.journal.values import LIVE, Prepared, Settled, State

_SHORT = ("on_date", "channel", "customer", "stage", "message_id", "envelope_from", "subject")
_KEY = ("invoice", "number", "stage", "channel", "ladder", "snapshot", "term")


def prepare(db: sqlite3.Connection, message: Message, on: date, stamp: str) -> Prepared:
    """Take the keys of this message and keep its bytes, as `Journal.prepare` says; ValueError on wrong keys."""
    keys = {(key.invoice, key.stage, key.channel, key.ladder) for key in message.keys}
    if not keys or len(keys) != len(message.keys):
        raise ValueError("a message needs its keys, each once")
    raw, tries = _tried_before(db, message, on)
    record = _record_of(message, on, stamp)
    delivery: int | None
    db.execute("SAVEPOINT one")
    try:
        delivery = _insert(db, record, State.PREPARED, raw, live=True)
        db.execute("UPDATE attempts SET tries = ? WHERE delivery = ?", (tries, delivery))
    except sqlite3.IntegrityError:
        db.execute("ROLLBACK TO one")
        delivery = None
    db.execute("RELEASE one")
    attempt = "" if delivery is None else record["attempt"]
    return Prepared(message=message._replace(raw=b""), delivery=delivery, attempt=attempt, tries=tries)


def _record_of(message: Message, on: date, stamp: str) -> Record:
    """A new attempt as `whole_record` tells it, but for what is known at the dot alone."""
    keys = [key._asdict() | {"snapshot": to_json(key.snapshot), "term": iso(key.term)} for key in message.keys]
    return {
        "attempt": os.urandom(8).hex(),
        "at": stamp,
        "on_date": on.isoformat(),
        "channel": message.keys[0].channel,
        **{name: getattr(message, name) for name in ("customer", "stage", "message_id", "envelope_from", "subject")},
        "to": message.to,
        "recipients": message.recipients,
        "keys": keys,
    }


def _tried_before(db: sqlite3.Connection, message: Message, on: date) -> tuple[bytes, int]:
    """The bytes to send and how often they were put off: those of the last attempt where nothing new is said."""
    before = db.execute(
        "SELECT raw, recipients, state, tries, dot_at, on_date FROM deliveries JOIN attempts ON delivery = id"
        " WHERE message_id = ? ORDER BY id DESC LIMIT 1",
        (message.message_id,),
    ).fetchone()
    if before is None:
        return message.raw, 0
    raw, recipients, state, tries, dot_at, tried_on = before
    same = dot_at is not None or tried_on == on.isoformat()
    same = same and _undated(raw) == _undated(message.raw) and json.loads(recipients) == list(message.recipients)
    return raw if same else message.raw, tries if state == State.DEFERRED else 0


def _undated(raw: bytes) -> list[bytes]:
    """The bytes without their Date header: what a message says, whenever it says it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return [*(line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")), body]


def is_at(db: sqlite3.Connection, delivery: int, state: State) -> bool:
    """Whether a delivery stands there."""
    return db.execute("SELECT 1 FROM deliveries WHERE id = ? AND state = ?", (delivery, state)).fetchone() is not None


def left_behind(db: sqlite3.Connection) -> Iterator[tuple[Fact, str]]:
    """What deliveries say of each of their invoices, with the Message-ID; what left no trace in the world says none."""
    for row in db.execute(f"{DELIVERED} ORDER BY d.id, k.rowid"):
        fact = delivered(row)
        if fact is not None:
            yield fact, row["message_id"]


def last_stamp(db: sqlite3.Connection) -> datetime | None:
    """The latest instant (UTC) at which anything was noted, of facts too."""
    [(stamp,)] = db.execute(
        "SELECT max(stamp) FROM (SELECT max(recorded_at) AS stamp FROM facts UNION ALL"
        " SELECT max(created_at) FROM deliveries UNION ALL SELECT max(settled_at) FROM deliveries)"
    )
    return datetime.fromisoformat(stamp) if stamp else None


def insert_record(db: sqlite3.Connection, record: Record, state: State) -> int:
    """An attempt that only the receipts know; what it has in common with another one stays with that one."""
    live = state in LIVE and not any(_taken(db, key) for key in record["keys"])
    delivery = _insert(db, record, state, b"", live=live)
    set_dot(db, delivery, record["at"], record["server"])
    return delivery


def _insert(db: sqlite3.Connection, record: Record, state: State, raw: bytes, *, live: bool) -> int:
    """The rows of a new attempt with all its keys; sqlite3.IntegrityError where one of them is live elsewhere."""
    row = {name: record[name] for name in _SHORT}
    row |= {"addresses": json.dumps(record["to"]), "recipients": json.dumps(record["recipients"])}
    row |= {"created_at": record["at"], "state": state.value, "raw": raw}
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    delivery = db.execute(f"INSERT INTO deliveries ({names}) VALUES ({places})", row).lastrowid
    assert delivery is not None
    keys = [(delivery, *(key[name] for name in _KEY), live) for key in record["keys"]]
    db.executemany("INSERT INTO delivery_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", keys)
    db.execute("INSERT INTO attempts (delivery, attempt) VALUES (?, ?)", (delivery, record["attempt"]))
    return delivery


def _taken(db: sqlite3.Connection, key: Record) -> bool:
    select = "SELECT 1 FROM delivery_keys WHERE live AND invoice = :invoice AND stage = :stage"
    return db.execute(f"{select} AND channel = :channel AND ladder = :ladder", key).fetchone() is not None


def set_state(db: sqlite3.Connection, delivery: int, state: State, stamp: str | None) -> None:
    """Where a delivery stands from `stamp` on; its keys are free where it did not leave."""
    db.execute("UPDATE deliveries SET state = ?, settled_at = ? WHERE id = ?", (state.value, stamp, delivery))
    # A key that another delivery holds meanwhile stays with that one.
    db.execute("UPDATE OR IGNORE delivery_keys SET live = ? WHERE delivery = ?", (state in LIVE, delivery))


def set_word(db: sqlite3.Connection, delivery: int, on: str | None, before: str | None) -> None:
    """The day of the user's word about a delivery, and its state until then; None where there is no such word."""
    db.execute("UPDATE deliveries SET resolved_on = ? WHERE id = ?", (on, delivery))
    db.execute("UPDATE attempts SET state_before = ? WHERE delivery = ?", (before, delivery))


def set_dot(db: sqlite3.Connection, delivery: int, at: str, server: str) -> None:
    """When an attempt came to the dot, and whose server it was."""
    db.execute("UPDATE attempts SET dot_at = ?, server = ? WHERE delivery = ?", (at, server, delivery))


def settle_row(db: sqlite3.Connection, delivery: int, settled: Settled, stamp: str) -> None:
    """How a delivery ended."""
    set_state(db, delivery, settled.state, stamp)
    values = (settled.code, settled.reply, settled.address, delivery)
    db.execute("UPDATE deliveries SET code = ?, reply = ?, refused_address = ? WHERE id = ?", values)
    update = "UPDATE attempts SET next_try = ?, tries = ? WHERE delivery = ?"
    db.execute(update, (_instant(settled.next_try), settled.tries, delivery))


def whole_record(db: sqlite3.Connection, delivery: int) -> Record:
    """All that the receipts have to know of an attempt, so that its rows can be made again without its letter."""
    select = f"SELECT {', '.join(_SHORT)}, addresses, recipients, raw, created_at, attempt, server, dot_at"
    select += " FROM deliveries JOIN attempts ON delivery = id WHERE id = ?"
    *short, to, recipients, raw, created_at, attempt, server, dot_at = db.execute(select, (delivery,)).fetchone()
    keys = db.execute(f"SELECT {', '.join(_KEY)} FROM delivery_keys WHERE delivery = ? ORDER BY rowid", (delivery,))
    return {
        "kind": DOT,
        "attempt": attempt,
        "at": dot_at or created_at,
        "server": server,
        **dict(zip(_SHORT, short, strict=True)),
        "to": json.loads(to),
        "recipients": json.loads(recipients),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "keys": [dict(zip(_KEY, key, strict=True)) for key in keys],
    }


def outcome_record(attempt: str, settled: Settled, stamp: str) -> Record:
    """How an attempt ended, as a line of the receipts."""
    fields = settled._asdict() | {"state": settled.state.value, "next_try": _instant(settled.next_try)}
    return {"kind": OUTCOME, "attempt": attempt, "at": stamp, **fields}


def outcome_of_row(db: sqlite3.Connection, delivery: int) -> Record:
    """How the attempt of a row ended, with the days that the user's word gave it."""
    select = "SELECT attempt, settled_at, state, code, reply, refused_address, next_try, tries, on_date, resolved_on"
    select += ", state_before"
    select += " FROM deliveries JOIN attempts ON delivery = id WHERE id = ?"
    row = db.execute(select, (delivery,)).fetchone()
    names = ("attempt", "at", "state", "code", "reply", "address", "next_try", "tries", "on_date", "resolved_on")
    return {"kind": OUTCOME, **dict(zip((*names, "state_before"), row, strict=True))}


def apply_outcome(db: sqlite3.Connection, delivery: int, record: Record) -> None:
    """Write into the journal how the receipts say that an attempt ended."""
    next_try = record["next_try"]
    settled = Settled(
        State(record["state"]),
        record["code"],
        record["reply"],
        record["address"],
        datetime.fromisoformat(next_try) if next_try else None,
        record["tries"],
    )
    settle_row(db, delivery, settled, record["at"])
    if record.get("on_date"):
        db.execute("UPDATE deliveries SET on_date = ? WHERE id = ?", (record["on_date"], delivery))
        set_word(db, delivery, record["resolved_on"], record.get("state_before"))


def _instant(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None
