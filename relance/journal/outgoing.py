"""What left, as the journal has it: each message that a customer has, may have, or was refused, and its exact bytes."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from relance.core.facts import Reminded
from relance.journal.deliveries import day_of
from relance.journal.parts import Parts, template_of
from relance.journal.rows import UNREAD
from relance.journal.said import told_facts
from relance.journal.schema import readable
from relance.journal.values import State

_NOWHERE = ", ".join(f"'{each}'" for each in (State.PREPARED, State.NOT_SENT, State.DEFERRED))
"""The states of what no customer has."""
_MAILED = (
    "SELECT id, on_date, coalesce(dot_at, settled_at, created_at) AS at, customer, addresses, stage, subject,"
    " message_id, code, reply, state, dot_at, created_at FROM deliveries JOIN attempts ON delivery = id"
    f" WHERE state NOT IN ({_NOWHERE}) ORDER BY id"
)


class Mailed(NamedTuple):
    """One message: `number` names it for ever, `on` is the day that it counts for, `at` (UTC) when it left.

    `invoices` are the keys of what it is about, `numbers` what people call them; `reply` is the server's answer with
    its code. `state` is SENT, DRAFT, IN_DOUBT or REFUSED. Where `at` is None its line cannot be read whole.
    """

    number: int
    on: date
    at: datetime | None
    customer: str
    to: tuple[str, ...]
    stage: str
    invoices: tuple[str, ...]
    numbers: tuple[str, ...]
    subject: str
    message_id: str
    reply: str
    state: State


class Outgoing:
    """Every method reads alone; JournalError where the file cannot be used."""

    def __init__(self, path: Path, db: sqlite3.Connection, parts: Parts) -> None:
        self._path, self._db, self._parts = path, db, parts

    def mailed(self, by: date = date.max) -> tuple[Mailed, ...]:
        """Those of days up to `by`, in the order in which they were written; a draft that its user sent was sent."""
        with readable(self._path):
            said = (fact.contact for fact in told_facts(self._db) if isinstance(fact, Reminded))
            sent = {contact.message_id: contact.on for contact in said if contact.message_id and contact.on <= by}
            return tuple(each for each in self._each(sent) if each.on <= by)

    def _each(self, sent: dict[str, date]) -> Iterator[Mailed]:
        keys: dict[int, list[tuple[str, str]]] = {}
        for delivery, invoice, number in self._db.execute(
            "SELECT delivery, invoice, number FROM delivery_keys ORDER BY rowid"
        ):
            keys.setdefault(delivery, []).append((invoice, number))
        for row in self._db.execute(_MAILED):
            yield _mailed(row, keys.get(row["id"], []), sent)

    def servers(self) -> dict[int, str]:
        """Whom each message was handed to, by its number."""
        with readable(self._path):
            return dict(self._db.execute("SELECT delivery, server FROM attempts WHERE server <> ''").fetchall())

    def raw(self, number: int) -> bytes:
        """The exact bytes of the message of this number; empty where they are not kept (any more).

        PartError where one of its attachments is lost.
        """
        with readable(self._path):
            return self._whole(self._db.execute("SELECT raw FROM deliveries WHERE id = ?", (number,)))

    def kept(self, message_id: str) -> bytes:
        """The exact bytes of the message of this name; empty where they are not kept."""
        with readable(self._path):
            found = self._db.execute("SELECT raw FROM deliveries WHERE message_id = ? ORDER BY id DESC", (message_id,))
            return self._whole(found)

    def _whole(self, rows: Iterable[sqlite3.Row]) -> bytes:
        """The exact bytes of the first of these that is kept: of a message that was replaced the sum alone is."""
        kept = (bytes(raw) for (raw,) in rows if template_of(bytes(raw)))
        return self._parts.whole(next(kept, b""))


def _mailed(row: sqlite3.Row, about: list[tuple[str, str]], sent: Mapping[str, date]) -> Mailed:
    """A delivery as it is told; what no version of ours wrote of it is left out."""
    state, on, to, at = State.IN_DOUBT, day_of(row), tuple[str, ...](), None
    with suppress(*UNREAD):
        state = State(row["state"])
    with suppress(*UNREAD):
        to = tuple(map(str, json.loads(row["addresses"])))
        at = datetime.fromisoformat(row["at"])
    if state is State.DRAFT and row["message_id"] in sent:
        state, on = State.SENT, sent[row["message_id"]]
    return Mailed(
        number=row["id"],
        on=on,
        at=at,
        customer=row["customer"],
        to=to,
        stage=row["stage"],
        invoices=tuple(invoice for invoice, _ in about),
        numbers=tuple(number for _, number in about),
        subject=row["subject"],
        message_id=row["message_id"],
        reply=f"{row['code']} {row['reply']}".strip() if row["code"] else row["reply"],
        state=State.IN_DOUBT if state is State.AT_DOT else state,
    )
