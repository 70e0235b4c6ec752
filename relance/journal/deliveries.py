"""Deliveries in the journal: each attempt as rows and as lines of the receipts, and from the one to the other."""

import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from relance.core.facts import Drafted, Fact, InDoubt
from relance.core.invoice import Snapshot
from relance.core.message import Message
from relance.journal.parts import digest_of, pruned, template_of
from relance.journal.receipts import DOT, OUTCOME, Record
from relance.journal.rows import DELIVERED, UNREAD, delivered, reader, to_json
from relance.journal.values import DRAFTS, LIVE, Prepared, Settled, State

Dots = Mapping[int, Mapping[str, str]]
"""When each delivery came to its dot (`dot_at`), and at which `server`."""
_SHORT = ("on_date", "channel", "customer", "stage", "message_id", "envelope_from", "subject")
_KEY_OF = ("invoice", "stage", "channel", "ladder")
_KEY = ("invoice", "number", "stage", "channel", "ladder", "snapshot", "term")
_ATTEMPT = frozenset({"server", "dot_at", "next_try", "tries", "state_before", "lies", "left_on", "copy_tries"})
"""The columns of a delivery that stand in the table of attempts."""


def prepare(db: sqlite3.Connection, message: Message, on: date, stamp: str) -> Prepared:
    """Take the keys of this message and keep its bytes, as `Journal.prepare` says; ValueError on wrong keys."""
    keys = {(key.invoice, key.stage, key.channel, key.ladder) for key in message.keys}
    if not keys or len(keys) != len(message.keys):
        raise ValueError("a message needs its keys, each once")
    raw, tries = _tried_before(db, message, on)
    record = _record_of(message, on, stamp)
    prepared = Prepared(message=message._replace(raw=b""), attempt=record["attempt"], tries=tries)
    db.execute("SAVEPOINT one")
    try:
        prepared = prepared._replace(delivery=_insert(db, record, State.PREPARED, raw, live=True))
        if tries:
            put(db, prepared.delivery, tries=tries)
    except sqlite3.IntegrityError:
        db.execute("ROLLBACK TO one")
    db.execute("RELEASE one")
    return prepared


def _record_of(message: Message, on: date, stamp: str) -> Record:
    """A new attempt as `whole_record` tells it, but for what is known at the dot alone."""
    keys = [
        key._asdict() | {"snapshot": to_json(key.snapshot), "term": key.term and key.term.isoformat()}
        for key in message.keys
    ]
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
    _prune(db, message.message_id)
    raw, recipients, state, tries, dot_at, tried_on = before
    same = dot_at is not None or tried_on == on.isoformat()
    same = same and _undated(raw) == _undated(message.raw) and json.loads(recipients) == list(message.recipients)
    return raw if same else message.raw, tries if state == State.DEFERRED else 0


def _prune(db: sqlite3.Connection, message_id: str) -> None:
    """What was written before of this message and did not leave is replaced by what is prepared now."""
    unsent = f"message_id = ? AND state IN ('{State.NOT_SENT}', '{State.DEFERRED}', '{State.REFUSED}')"
    for delivery, raw in db.execute(f"SELECT id, raw FROM deliveries WHERE {unsent}", (message_id,)).fetchall():
        put(db, delivery, raw=pruned(raw))


def _undated(raw: bytes) -> list[bytes]:
    """The bytes without their Date header: what a message says, whenever it says it."""
    head, _, body = template_of(raw).partition(b"\r\n\r\n")
    return [*(line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")), body]


def is_at(db: sqlite3.Connection, delivery: int, state: State) -> bool:
    """Whether a delivery stands there."""
    return db.execute("SELECT 1 FROM deliveries WHERE id = ? AND state = ?", (delivery, state)).fetchone() is not None


def left_behind(db: sqlite3.Connection, sent: Collection[str]) -> Iterator[Fact]:
    """What deliveries say of each of their invoices, but for the drafts that the user sent (their Message-IDs)."""
    for row, fact in _each(db):
        if fact is not None and not (isinstance(fact, Drafted) and row["message_id"] in sent):
            yield fact


def unread_deliveries(db: sqlite3.Connection, after: int) -> list[sqlite3.Row]:
    """Those after the one of that number that no version of ours wrote, with each of their keys."""
    return [row for row, fact in _each(db, after) if isinstance(fact, InDoubt) and fact.at is None]


def _each(db: sqlite3.Connection, after: int = 0) -> Iterator[tuple[sqlite3.Row, Fact | None]]:
    """Each delivery with each of its keys, and what it says; in doubt, nobody knows when, where it cannot be read."""
    for row in db.execute(f"{DELIVERED} WHERE d.id > ? ORDER BY d.id, k.rowid", (after,)):
        try:
            yield row, delivered(row)
        except UNREAD:
            yield row, InDoubt(row["invoice"], row["stage"], row["channel"], day_of(row))


def day_of(row: sqlite3.Row) -> date:
    """The day of a delivery, as far as what is written tells."""
    for text in (row["on_date"], row["dot_at"], row["created_at"]):
        with suppress(*UNREAD):
            return date.fromisoformat(str(text)[:10])
    return date.min


def write_again(db: sqlite3.Connection, row: sqlite3.Row, record: Record | None) -> None:
    """A delivery that cannot be read, with one of its keys, as the receipts have it.

    Where they do not, with what can be read of it: its invoice, its stage, its day, and no more.
    """
    on, own = day_of(row), tuple(row[name] for name in _KEY_OF)
    at = datetime.combine(on, time(), UTC).isoformat()
    known: dict[str, Any] = {"on_date": on.isoformat(), "at": at, "to": [], "server": "", "keys": []}
    said = known | dict(record or {})
    key = {"snapshot": to_json(Snapshot("", (), Decimal(0), on)), "term": None}
    key = next((each for each in said["keys"] if tuple(each[name] for name in _KEY_OF) == own), key)
    put(db, row["id"], on_date=said["on_date"], addresses=json.dumps(said["to"]), created_at=at)
    put(db, row["id"], dot_at=said["at"], server=said["server"], next_try=None)
    change = "UPDATE delivery_keys SET snapshot = ?, term = ? WHERE delivery = ?"
    change += "".join(f" AND {name} = ?" for name in _KEY_OF)
    db.execute(change, (key["snapshot"], key["term"], row["id"], *own))


def insert_record(db: sqlite3.Connection, record: Record) -> int:
    """An attempt that only the receipts know, in doubt; what it has in common with another one stays with that one."""
    delivery = _insert(db, record, State.IN_DOUBT, b"", live=False)
    put(db, delivery, dot_at=record["at"], server=record["server"])
    set_state(db, delivery, State.IN_DOUBT, None)
    return delivery


def _insert(db: sqlite3.Connection, record: Record, state: State, raw: bytes, *, live: bool) -> int:
    """The rows of a new attempt with all its keys; sqlite3.IntegrityError where one of them is live elsewhere."""
    row = {name: record[name] for name in _SHORT}
    row |= {"addresses": json.dumps(record["to"]), "recipients": json.dumps(record["recipients"])}
    row |= {"created_at": record["at"], "state": state, "raw": raw}
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    delivery = db.execute(f"INSERT INTO deliveries ({names}) VALUES ({places})", row).lastrowid
    assert delivery is not None
    keys = [(delivery, *(key[name] for name in _KEY), live) for key in record["keys"]]
    db.executemany("INSERT INTO delivery_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", keys)
    db.execute("INSERT INTO attempts (delivery, attempt) VALUES (?, ?)", (delivery, record["attempt"]))
    return delivery


def set_state(
    db: sqlite3.Connection, delivery: int, state: State, stamp: str | None, **columns: str | int | bytes | None
) -> None:
    """Where a delivery stands from `stamp` on, and other columns of it; its keys are free where it did not leave."""
    put(db, delivery, state=state, settled_at=stamp, **columns)
    if state is State.SENT:  # by a mail server: the user's own mailbox is to have a copy of it
        taken = "dot_at IS NOT NULL AND server NOT LIKE ? AND copy_tries IS NULL"
        db.execute(f"UPDATE attempts SET copy_tries = 0 WHERE delivery = ? AND {taken}", (delivery, f"{DRAFTS}%"))
    # A key that another delivery holds meanwhile stays with that one.
    db.execute("UPDATE OR IGNORE delivery_keys SET live = ? WHERE delivery = ?", (state in LIVE, delivery))


def put(db: sqlite3.Connection, delivery: int | None, **columns: str | int | bytes | None) -> None:
    """Write these columns of a delivery, each into the table where it stands."""
    for table, key in (("deliveries", "id"), ("attempts", "delivery")):
        values = {name: value for name, value in columns.items() if (name in _ATTEMPT) == (table == "attempts")}
        if values:
            names = ", ".join(f"{name} = ?" for name in values)
            db.execute(f"UPDATE {table} SET {names} WHERE {key} = ?", (*values.values(), delivery))


def arm(db: sqlite3.Connection, several: Iterable[Prepared], dots: Dots) -> set[int]:
    """Mark these as about to leave, unless they are not ours any more; those that are."""
    ours = (each.delivery for each in several if each.delivery is not None)
    armed = {delivery for delivery in ours if is_at(db, delivery, State.PREPARED)}
    for delivery in armed:  # its keys are its own already
        put(db, delivery, state=State.AT_DOT, settled_at=None, **dots.get(delivery, {}))
    return armed


def settle_prepared(db: sqlite3.Connection, prepared: Prepared, settled: Settled, stamp: str, dots: Dots) -> None:
    """How a message of this run ended, and when it came to its dot."""
    assert prepared.delivery is not None
    settle_row(db, prepared.delivery, settled, stamp, dots.get(prepared.delivery))


def settle_row(
    db: sqlite3.Connection, delivery: int, settled: Settled, stamp: str, dot: Mapping[str, str] | None = None
) -> None:
    """How a delivery ended, and when it came to its dot, where that is not written yet."""
    said = {"code": settled.code, "reply": settled.reply, "refused_address": settled.address, **(dot or {})}
    set_state(db, delivery, settled.state, stamp, **said, next_try=_instant(settled.next_try), tries=settled.tries)


def whole_record(db: sqlite3.Connection, delivery: int) -> Record:
    """All that the receipts have to know of an attempt, so that its rows can be made again without its letter."""
    select = "SELECT attempt, coalesce(dot_at, created_at) AS at, server, {}, addresses AS 'to', recipients, raw"
    select += " FROM deliveries JOIN attempts ON delivery = id WHERE id = ?"
    row = dict(db.execute(select.format(", ".join(_SHORT)), (delivery,)).fetchone())
    keys = db.execute(f"SELECT {', '.join(_KEY)} FROM delivery_keys WHERE delivery = ? ORDER BY rowid", (delivery,))
    sha256 = digest_of(row.pop("raw"))
    lists = {name: json.loads(row[name]) for name in ("to", "recipients")}
    return {"kind": DOT, **row, **lists, "sha256": sha256, "keys": [dict(key) for key in keys]}


def outcome_record(attempt: str, settled: Settled, stamp: str) -> Record:
    """How an attempt ended, as a line of the receipts."""
    ended = settled._asdict() | {"next_try": _instant(settled.next_try)}
    return {"kind": OUTCOME, "attempt": attempt, "at": stamp, **ended}


def outcome_of_row(db: sqlite3.Connection, delivery: int) -> Record:
    """How the attempt of a row ended, with the days that the user's word gave it."""
    select = "SELECT attempt, settled_at AS at, state, code, reply, refused_address AS address, next_try, tries,"
    select += " on_date, resolved_on, state_before FROM deliveries JOIN attempts ON delivery = id WHERE id = ?"
    return {"kind": OUTCOME, **dict(db.execute(select, (delivery,)).fetchone())}


def apply_outcome(db: sqlite3.Connection, delivery: int, record: Record) -> None:
    """Write into the journal how the receipts say that an attempt ended."""
    settle_row(db, delivery, reader(Settled)(record), record["at"])
    if record.get("on_date"):
        word = {name: record.get(name) for name in ("on_date", "resolved_on", "state_before")}
        put(db, delivery, **word)


def _instant(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment is not None else None
