"""Deliveries in the journal: prepared, at the dot, settled; each step on the disk before the next one is taken."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from decimal import DecimalException
from pathlib import Path
from typing import Any

from relance.core.message import Message
from relance.errors import JournalError
from relance.journal.attempts import (
    insert_delivery,
    outcome_of_row,
    outcome_record,
    set_dot,
    set_state,
    settle_row,
    whole_record,
)
from relance.journal.receipts import Receipts, Record
from relance.journal.schema import guarded, transaction
from relance.journal.values import Prepared, Settled, State

_PREPARED = f"SELECT 1 FROM deliveries WHERE id = ? AND state = '{State.PREPARED}'"
_AT_DOT = f"SELECT 1 FROM deliveries WHERE id = ? AND state = '{State.AT_DOT}'"


class TakenError(Exception):
    """Another run without the lock took this delivery out of our hands; nothing left."""


class Deliveries:
    """The part of the journal that keeps what leaves; JournalError where a file cannot be used."""

    def __init__(self, path: Path, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self.path = path
        self.receipts = Receipts(path)
        self._db = db
        self._now = now
        self._unwritten: list[tuple[int, Settled, str]] = []
        self._armed: set[int] = set()
        self._dots: dict[int, tuple[str, str]] = {}

    def prepare(self, messages: Iterable[Message], on: date) -> list[Prepared]:
        """Take the keys of each message and keep its exact bytes: all of them in one transaction, before any leaves.

        A message that came to the dot before, or was tried today, and says nothing new keeps its bytes of then, its
        date too. Raises ValueError on a message without keys, or with one of them twice: it could leave twice, or
        never.
        """
        with self._writing() as db:
            return [self._prepared(db, message, on) for message in messages]

    def _prepared(self, db: sqlite3.Connection, message: Message, on: date) -> Prepared:
        keys = {(key.invoice, key.stage, key.channel, key.ladder) for key in message.keys}
        if not keys or len(keys) != len(message.keys):
            raise ValueError("a message needs its keys, each once")
        light = message._replace(raw=b"")
        before = db.execute(
            "SELECT raw, recipients, state, tries, dot_at, on_date FROM deliveries JOIN attempts ON delivery = id"
            " WHERE message_id = ? ORDER BY id DESC LIMIT 1",
            (message.message_id,),
        ).fetchone()
        tries = 0
        if before is not None:
            raw, recipients, state, tried, dot_at, tried_on = before
            same = dot_at is not None or tried_on == on.isoformat()
            tries = tried if state == State.DEFERRED else 0
            if same and _undated(raw) == _undated(message.raw) and json.loads(recipients) == list(message.recipients):
                message = message._replace(raw=raw)
        db.execute("SAVEPOINT one")
        try:
            delivery, attempt = insert_delivery(db, message, on, State.PREPARED, self._stamp(), tries)
        except sqlite3.IntegrityError:
            db.execute("ROLLBACK TO one")
            delivery, attempt = None, ""
        db.execute("RELEASE one")
        return Prepared(light, delivery, attempt, tries)

    def raw(self, prepared: Prepared) -> bytes:
        """The exact bytes that are to leave."""
        [(raw,)] = self._rows("SELECT raw FROM deliveries WHERE id = ?", prepared.delivery)
        assert isinstance(raw, bytes)
        return raw

    def at_dot(self, prepared: Prepared, server: str, ahead: Iterable[Prepared] = ()) -> None:
        """The last durable word before the final dot: in the journal, then one line in the receipts.

        In this order: between the two it is certain that nothing left. The journal's word covers the messages `ahead`
        as well, which saves commits: without their lines in the receipts they never left. Raises TakenError where
        another run has meanwhile released this one.
        """
        stamp, delivery = self._stamp(), prepared.delivery
        assert delivery is not None
        self._dots[delivery] = (stamp, server)
        if delivery not in self._armed:
            self._arm([prepared, *ahead])
        if delivery not in self._armed or not self._rows(_AT_DOT, delivery):
            raise TakenError
        record = {**whole_record(self._db, delivery), "at": stamp, "server": server}
        with guarded(self.receipts.path):
            self.receipts.append(record)

    def _arm(self, several: Iterable[Prepared]) -> None:
        """Mark these as about to leave, unless they are not ours any more."""
        armed = set()
        with self._settling() as db:
            for each in several:
                if db.execute(_PREPARED, (each.delivery,)).fetchone() and each.delivery is not None:
                    set_state(db, each.delivery, State.AT_DOT, None)
                    armed.add(each.delivery)
                    if each.delivery in self._dots:
                        set_dot(db, each.delivery, *self._dots[each.delivery])
        self._armed |= armed

    def answered(self, prepared: Prepared, settled: Settled) -> None:
        """What the server said of a message that was at the dot: on the disk of the receipts before anything else.

        The journal learns it with the next commit. Where the receipts cannot be written it learns it at once, and
        JournalError tells that nothing more must leave.
        """
        stamp = self._stamp()
        assert prepared.delivery is not None
        self._unwritten.append((prepared.delivery, settled, stamp))
        try:
            with guarded(self.receipts.path):
                self.receipts.append(outcome_record(prepared.attempt, settled, stamp))
        except JournalError:
            self.flush()
            raise

    def knows(self, prepared: Prepared) -> bool:
        """Whether the end of this message is in the journal itself."""
        return all(delivery != prepared.delivery for delivery, _, _ in self._unwritten)

    def settle(self, prepared: Prepared, settled: Settled) -> None:
        """How an attempt ended that never came to the dot."""
        assert prepared.delivery is not None
        self._unwritten.append((prepared.delivery, settled, self._stamp()))
        self.flush()
        if settled.state is State.DRAFT:
            self._tell(whole_record(self._db, prepared.delivery), outcome_of_row(self._db, prepared.delivery))

    def release(self, prepared: Iterable[Prepared], next_try: datetime | None = None) -> None:
        """These were not tried: free again at once or, where the server said so, from `next_try` on."""
        state = State.NOT_SENT if next_try is None else State.DEFERRED
        stamp = self._stamp()
        for each in prepared:
            if each.delivery is not None:
                self._unwritten.append((each.delivery, Settled(state, next_try=next_try, tries=each.tries), stamp))
        self.flush()

    def flush(self) -> None:
        """What became of messages, from memory into the journal."""
        if self._unwritten:
            with self._settling():
                pass

    def _tell(self, *records: Record) -> None:
        """Into the receipts what the journal already has; where that fails, the next run makes up for it."""
        with suppress(OSError):
            self.receipts.append(*records)

    def _rows(self, select: str, *values: int | None) -> list[Any]:
        with guarded(self.path):
            return self._db.execute(select, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with guarded(self.path), transaction(self._db) as db:
            yield db

    @contextmanager
    def _settling(self) -> Iterator[sqlite3.Connection]:
        """A transaction that first writes every outcome not in the journal yet, and how long the receipts are."""
        with self._writing() as db:
            for delivery, settled, stamp in self._unwritten:
                settle_row(db, delivery, settled, stamp)
                if delivery in self._dots:
                    set_dot(db, delivery, *self._dots[delivery])
            # Never less than before: receipts that got shorter are missed until `recover` has made up for them.
            longest = "UPDATE meta SET value = max(CAST(value AS INTEGER), ?) WHERE name = 'receipts'"
            db.execute(longest, (self.receipts.size(),))
            yield db
        for delivery, _, _ in self._unwritten:
            self._armed.discard(delivery)
            self._dots.pop(delivery, None)
        self._unwritten.clear()

    @contextmanager
    def _readable_rows(self) -> Iterator[None]:
        try:
            yield
        except (LookupError, TypeError, ValueError, DecimalException) as error:
            raise JournalError(
                f"Le journal « {self.path} » contient une ligne illisible ({error}).",
                "Remettez une sauvegarde à sa place, ou lancez « relance repair ».",
            ) from error

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat()


def _undated(raw: bytes) -> list[bytes]:
    """The bytes without their Date header: what a message says, whenever it says it."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return [*(line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")), body]
