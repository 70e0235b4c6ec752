"""Facts and deliveries as rows, and back: the shapes of the JSON in the journal."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from relance.core.facts import (
    Allocated,
    Approved,
    BacklogAnswered,
    Confirmed,
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
from relance.core.history import Seen
from relance.core.invoice import Contact, Snapshot


class State(StrEnum):
    """Where a delivery stands; `CLAIMED` while nobody is sending means in doubt."""

    CLAIMED = "claimed"
    SENT = "sent"
    DRAFT = "draft"
    IN_DOUBT = "in_doubt"
    DEFERRED = "deferred"
    REFUSED = "refused"
    NOT_SENT = "not_sent"


LIVE = frozenset({State.CLAIMED, State.SENT, State.DRAFT, State.IN_DOUBT})
"""The states in which a delivery keeps its (invoice, stage, channel, ladder) for itself."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A delivery nobody knows the end of; `created_at` is UTC, `numbers` the invoices as people know them."""

    id: int
    customer: str
    stage: str
    created_at: datetime
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    numbers: tuple[str, ...]
    code: int | None
    reply: str


UserFact = (
    Reminded
    | Held
    | Released
    | Paid
    | Approved
    | BacklogAnswered
    | Confirmed
    | FileConfirmed
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
    return {name: _plain(item) for name, item in value._asdict().items()} if hasattr(value, "_fields") else value


def to_fact(kind: str, payload: str) -> UserFact:
    """The fact of a row; ValueError, KeyError or TypeError where no version of ours wrote it."""
    fact = _revive(KINDS[kind], json.loads(payload))
    assert isinstance(fact, UserFact)
    return fact


def delivered(
    state: str,
    on_date: str,
    message_id: str,
    addresses: str,
    refused_address: str,
    reply: str,
    invoice: str,
    stage: str,
    channel: str,
    ladder: int,
    snapshot: str,
    term: str | None,
) -> Fact | None:
    """What a delivery says about one of its invoices; None where it left no trace in the world."""
    on = date.fromisoformat(on_date)
    match state:
        case State.SENT:
            contact = Contact(
                stage=stage,
                channel=channel,
                on=on,
                to=tuple(json.loads(addresses)),
                term=date.fromisoformat(term) if term else None,
                snapshot=_revive(Snapshot, json.loads(snapshot)),
                message_id=message_id,
            )
            return Reminded(invoice, contact)
        case State.CLAIMED | State.IN_DOUBT:
            return InDoubt(invoice, stage, channel, on)
        case State.DRAFT:
            return Drafted(invoice, stage, channel, on, ladder)
        case State.REFUSED if refused_address:
            return Refused(invoice, refused_address, on, reply)
        case _:
            return None


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


SEEN_COLUMNS = ("invoice", "number", "customer", "total", "issue_date", "due_date", "is_open", "gone_on")


def seen_row(seen: Seen) -> tuple[str | int | None, ...]:
    """An invoice as a row of the table `seen`."""
    issued, gone = seen.issue_date, seen.gone_on
    return (
        *(seen.invoice, seen.number, seen.customer, str(seen.total), issued.isoformat() if issued else None),
        *(seen.due_date.isoformat(), int(seen.is_open), gone.isoformat() if gone else None),
    )


def to_seen(row: tuple[str, str, str, str, str | None, str, int, str | None]) -> Seen:
    """The invoice of such a row."""
    invoice, number, customer, total, issued, due, is_open, gone = row
    return Seen(
        invoice=invoice,
        number=number,
        customer=customer,
        total=Decimal(total),
        issue_date=date.fromisoformat(issued) if issued else None,
        due_date=date.fromisoformat(due),
        is_open=bool(is_open),
        gone_on=date.fromisoformat(gone) if gone else None,
    )
