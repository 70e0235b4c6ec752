"""Facts, deliveries and invoices as rows, and back: the shapes of the JSON in the journal."""

import json
import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from decimal import DecimalException
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from relance.core import facts, mails
from relance.core.history import Seen
from relance.core.invoice import Contact, Snapshot
from relance.core.message import renamed_by
from relance.core.status import StatusTold
from relance.journal.values import State

KINDS: dict[str, type[facts.UserFact]] = {
    "reminded": facts.Reminded,
    "held": facts.Held,
    "released": facts.Released,
    "paid": facts.Paid,
    "approved": facts.Approved,
    "backlog": facts.BacklogAnswered,
    "confirmed": facts.Confirmed,
    "file_confirmed": facts.FileConfirmed,
    "columns_agreed": facts.ColumnsAgreed,
    "clock_confirmed": facts.ClockConfirmed,
    "rate_confirmed": facts.RateConfirmed,
    "allocated": facts.Allocated,
    "credited": facts.Credited,
    "received": mails.Received,
    "row_known": facts.RowKnown,
    "mailbox": mails.MailboxChanged,
    "status": StatusTold,
}
NAMES: dict[type[facts.Fact], str] = {kind: name for name, kind in KINDS.items()}
UNREAD = (LookupError, TypeError, ValueError, AttributeError, DecimalException)
"""What reading a row raises that no version of ours wrote."""


def to_json(value: facts.Fact | Snapshot) -> str:
    """Any frozen value of the core as JSON: dates in ISO form, amounts as decimal strings."""
    return json.dumps(_plain(value), default=str, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """A named tuple as a dictionary, those inside it too."""
    if hasattr(value, "_fields"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@cache  # a run reads the past more than once
def to_fact(kind: str, payload: str) -> facts.UserFact:
    """The fact of a row; ValueError, KeyError or TypeError where no version of ours wrote it."""
    shape: Any = KINDS[kind]
    fact: facts.UserFact = reader(shape)(json.loads(payload))
    return fact


DELIVERED = (
    "SELECT d.state, d.on_date, k.invoice, k.stage, k.channel, k.snapshot, d.addresses, k.term, d.message_id, k.ladder,"
    " a.server, a.dot_at, a.next_try, a.attempt, d.id, d.created_at, d.refused_address, d.code, d.reply,"
    " a.lies, a.left_on"
    " FROM deliveries d JOIN attempts a ON a.delivery = d.id JOIN delivery_keys k ON k.delivery = d.id"
)
"""Each delivery with each of its keys; what all are asked for comes first, where a row finds it sooner."""


def delivered(row: sqlite3.Row) -> facts.Fact | None:
    """What a delivery says about one of its invoices; None where it left no trace in the world."""
    on = date.fromisoformat(row["on_date"])
    if row["state"] == State.SENT:
        return reached(row, on)
    about = (row["invoice"], row["stage"], row["channel"], on)
    said = f"{row['code']} {row['reply']}" if row["code"] else row["reply"]
    match row["state"]:
        case State.AT_DOT | State.IN_DOUBT:
            at = datetime.fromisoformat(row["dot_at"] or row["created_at"])
            return facts.InDoubt(*about, at, row["server"], said)
        case State.DRAFT:
            lies = facts.Lies(row["lies"]) if row["lies"] else None
            left_on = date.fromisoformat(row["left_on"]) if row["left_on"] else None
            return facts.Drafted(*about, row["ladder"], _snapshot(row["snapshot"]), lies=lies, left_on=left_on)
        case State.REFUSED:
            return facts.Refused(row["invoice"], row["refused_address"], on, said, row["stage"], row["channel"])
        case State.DEFERRED if row["next_try"]:
            return facts.Deferred(*about, datetime.fromisoformat(row["next_try"]), said)
        case _:
            return None


def reached(row: sqlite3.Row, on: date, cause: str = "") -> facts.Reminded:
    """That a delivery reached its customer on that day, about one of its invoices; `cause` is what a person learnt."""
    contact = Contact(
        stage=row["stage"],
        channel=row["channel"],
        on=on,
        to=_addresses(row["addresses"]),
        term=date.fromisoformat(row["term"]) if row["term"] else None,
        snapshot=_snapshot(row["snapshot"]),
        message_id=row["message_id"],
        cause=cause,
    )
    return facts.Reminded(row["invoice"], contact, renamed_by(row["reply"]))


@cache  # a run reads the past more than once, and most of it says what it said before
def _snapshot(text: str) -> Snapshot:
    found: Snapshot = reader(Snapshot)(json.loads(text))
    return found


@cache
def _addresses(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def row_of(seen: Seen) -> list[str | None]:
    """An invoice as a row of the table `seen`, in the order of the fields."""
    formerly = json.dumps(seen.formerly) if seen.formerly else ""
    emails = None if seen.emails is None else " ".join(seen.emails)
    values = (seen._asdict() | {"is_open": int(seen.is_open), "formerly": formerly, "emails": emails}).values()
    return [None if value is None else str(value) for value in values]


def seen_in(row: sqlite3.Row) -> Seen:
    """The invoice of such a row."""
    emails = None if row["emails"] is None else row["emails"].split()
    seen: Seen = reader(Seen)(dict(row) | {"formerly": json.loads(row["formerly"] or "[]"), "emails": emails})
    return seen


@cache
def reader(hint: Any) -> Callable[[Any], Any]:
    """What makes a value of this type again from its JSON; a field that the type no longer has is passed over."""
    options = [option for option in get_args(hint) if option is not NoneType]
    if get_origin(hint) is UnionType:
        return reader(options[0])
    if get_origin(hint) is tuple:
        item = reader(options[0])
        return lambda raw: tuple(map(item, raw))
    if hasattr(hint, "_fields"):
        fields = {name: reader(kind) for name, kind in get_type_hints(hint).items()}
        return lambda raw: hint(**{n: v if v is None else fields[n](v) for n, v in dict(raw).items() if n in fields})
    of_text: Callable[[Any], Any] = getattr(hint, "fromisoformat", hint)
    return of_text
