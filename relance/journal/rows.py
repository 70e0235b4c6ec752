"""Facts and deliveries as rows, and back: the shapes of the JSON in the journal."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from relance.core.facts import (
    Allocated,
    Approved,
    BacklogAnswered,
    ClockConfirmed,
    Confirmed,
    Deferred,
    Drafted,
    Fact,
    FileConfirmed,
    Held,
    InDoubt,
    MailboxChanged,
    Paid,
    Received,
    Refused,
    Released,
    Reminded,
)
from relance.core.invoice import Contact, Snapshot
from relance.journal.values import State

UserFact = (
    Reminded
    | Held
    | Released
    | Paid
    | Approved
    | BacklogAnswered
    | Confirmed
    | FileConfirmed
    | ClockConfirmed
    | Allocated
    | Received
    | MailboxChanged
)
"""What the user says, or his mailbox; the other facts are what became of a delivery."""

KINDS: dict[str, type[UserFact]] = {
    "reminded": Reminded,
    "held": Held,
    "released": Released,
    "paid": Paid,
    "approved": Approved,
    "backlog": BacklogAnswered,
    "confirmed": Confirmed,
    "file_confirmed": FileConfirmed,
    "clock_confirmed": ClockConfirmed,
    "allocated": Allocated,
    "received": Received,
    "mailbox": MailboxChanged,
}
NAMES: dict[type[Fact], str] = {kind: name for name, kind in KINDS.items()}


def to_json(value: Fact | Snapshot) -> str:
    """Any frozen value of the core as JSON: dates in ISO form, amounts as decimal strings."""
    return json.dumps(_plain(value), default=str, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """A named tuple as a dictionary, those inside it too."""
    if hasattr(value, "_fields"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def to_fact(kind: str, payload: str) -> UserFact:
    """The fact of a row; ValueError, KeyError or TypeError where no version of ours wrote it."""
    fact = _revive(KINDS[kind], json.loads(payload))
    assert isinstance(fact, UserFact)
    return fact


DELIVERED = (
    "SELECT d.state, d.on_date, d.created_at, d.message_id, d.addresses, d.refused_address, d.code, d.reply,"
    " a.server, a.dot_at, a.next_try, k.invoice, k.stage, k.channel, k.ladder, k.snapshot, k.term"
    " FROM deliveries d JOIN attempts a ON a.delivery = d.id JOIN delivery_keys k ON k.delivery = d.id"
)
"""Each delivery with each of its keys."""


def by_name(db: sqlite3.Connection, select: str, *values: str | int) -> Iterator[sqlite3.Row]:
    """Rows whose columns are known by their names."""
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(select, values)


def delivered(row: sqlite3.Row) -> Fact | None:
    """What a delivery says about one of its invoices; None where it left no trace in the world."""
    on = date.fromisoformat(row["on_date"])
    said = f"{row['code']} {row['reply']}" if row["code"] else row["reply"]
    match row["state"]:
        case State.SENT:
            return reached(row, on)
        case State.AT_DOT | State.IN_DOUBT:
            at = datetime.fromisoformat(row["dot_at"] or row["created_at"])
            return InDoubt(row["invoice"], row["stage"], row["channel"], on, at, row["server"], said)
        case State.DRAFT:
            return Drafted(row["invoice"], row["stage"], row["channel"], on, row["ladder"])
        case State.REFUSED:
            return Refused(row["invoice"], row["refused_address"], on, said, row["stage"], row["channel"])
        case State.DEFERRED if row["next_try"]:
            return Deferred(
                row["invoice"], row["stage"], row["channel"], on, datetime.fromisoformat(row["next_try"]), said
            )
        case _:
            return None


def reached(row: sqlite3.Row, on: date, cause: str = "") -> Reminded:
    """That a delivery reached its customer on that day, about one of its invoices; `cause` is what a person learnt."""
    contact = Contact(
        stage=row["stage"],
        channel=row["channel"],
        on=on,
        to=tuple(json.loads(row["addresses"])),
        term=date.fromisoformat(row["term"]) if row["term"] else None,
        snapshot=_revive(Snapshot, json.loads(row["snapshot"])),
        message_id=row["message_id"],
        cause=cause,
    )
    return Reminded(row["invoice"], contact)


@lru_cache(maxsize=32)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _revive(hint: Any, raw: Any) -> Any:
    if raw is None:
        return None
    if get_origin(hint) is UnionType:
        hint = next(option for option in get_args(hint) if option is not NoneType)
    if get_origin(hint) is tuple:
        return tuple(_revive(get_args(hint)[0], item) for item in raw)
    if hasattr(hint, "_fields"):
        return hint(**{name: _revive(_hints(hint)[name], item) for name, item in raw.items()})
    return date.fromisoformat(raw) if hint is date else hint(raw)


def iso(day: date | None) -> str | None:
    """A day as it is written, where there is one."""
    return day.isoformat() if day else None
