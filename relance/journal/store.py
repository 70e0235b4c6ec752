"""The open journal: facts told by the user, deliveries claimed before they leave and settled after."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import DecimalException
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from relance.core.facts import Fact, Reminded
from relance.core.history import Seen
from relance.errors import JournalError
from relance.journal.schema import guarded, transaction
from relance.journal.values import (
    LIVE,
    NAMES,
    SEEN_COLUMNS,
    Doubt,
    State,
    delivered,
    seen_row,
    to_fact,
    to_json,
    to_seen,
)
from relance.letters.letter import Message

TOLD_AGAIN_DAYS = 7


class _TakenError(Exception):
    """Another delivery holds one of the keys."""


class Journal:
    """Every method is one transaction, on the disk when it returns; JournalError where the file cannot be used."""

    def __init__(self, path: Path, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self.path = path
        self._db = db
        self._now = now
        rows = self._rows("SELECT value FROM meta WHERE name = 'started'")
        with self._readable_rows():
            self.started = date.fromisoformat(rows[0][0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def record(self, *facts: Fact, note: str = "") -> None:
        """What the user said, all of it or nothing; it is never changed afterwards.

        Raises ValueError on a fact that only a delivery can make.
        """
        for fact in facts:
            if type(fact) not in NAMES:
                raise ValueError(f"{type(fact).__name__} is not for the user to say")
        insert = "INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES (?, ?, ?, ?, ?)"
        with self._writing() as db:
            for fact in facts:
                db.execute(insert, (self._stamp(), NAMES[type(fact)], fact.on.isoformat(), to_json(fact), note))

    def claim(self, message: Message, on: date) -> int | None:
        """Take every key of a message before it leaves; None where one of them is already taken.

        Raises ValueError on a message without keys, or with one of them twice: it could leave twice, or never.
        """
        keys = {(key.invoice, key.stage, key.channel, key.ladder) for key in message.keys}
        if not keys or len(keys) != len(message.keys):
            raise ValueError("a message needs its keys, each once")
        row = {
            "created_at": self._stamp(),
            "on_date": on.isoformat(),
            "channel": message.keys[0].channel,
            "customer": message.customer,
            "stage": message.stage,
            "message_id": message.message_id,
            "envelope_from": message.envelope_from,
            "addresses": json.dumps(message.to),
            "recipients": json.dumps(message.recipients),
            "subject": message.subject,
            "state": State.CLAIMED.value,
            "raw": message.raw,
        }
        try:
            with self._writing() as db:
                names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
                delivery = db.execute(f"INSERT INTO deliveries ({names}) VALUES ({places})", row).lastrowid
                assert delivery is not None
                for key in message.keys:
                    what = (delivery, key.invoice, key.number, key.stage, key.channel, key.ladder)
                    term = key.term.isoformat() if key.term else None
                    try:
                        values = (*what, to_json(key.snapshot), term)
                        db.execute("INSERT INTO delivery_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)", values)
                    except sqlite3.IntegrityError as error:
                        raise _TakenError from error
        except _TakenError:
            return None
        return delivery

    def settle(
        self, delivery: int, state: State, code: int | None = None, reply: str = "", refused_address: str = ""
    ) -> None:
        """How a delivery ended; `refused_address` is an address that the server refused for good."""
        with self._writing() as db:
            self._settle(db, delivery, state)
            values = (code, reply, refused_address, delivery)
            db.execute("UPDATE deliveries SET code = ?, reply = ?, refused_address = ? WHERE id = ?", values)

    def resolve(self, invoice: str, sent: bool, on: date) -> tuple[str, ...]:
        """Settle what is in doubt or drafted about an invoice (its key) by the user's word of that day.

        Returns the numbers of all the invoices that this settles. Call it under the lock: a message that another
        run is sending looks just like one in doubt.
        """
        with self._writing() as db:
            found = self._deliveries(db, invoice, "state IN ('claimed', 'in_doubt', 'draft')")
            for delivery in found:
                self._settle(db, delivery, State.SENT if sent else State.NOT_SENT)
                db.execute("UPDATE deliveries SET resolved_on = ? WHERE id = ?", (on.isoformat(), delivery))
            return self._numbers(found)

    def draft_sent(self, invoice: str, stage: str, on: date) -> tuple[str, ...]:
        """The user sent the draft of this invoice (its key) and stage himself on that day.

        Returns the numbers of all the invoices that this settles; empty where there is no such draft.
        """
        with self._writing() as db:
            found = self._deliveries(db, invoice, "state = 'draft' AND delivery_keys.stage = ?", stage)
            for delivery in found:
                self._settle(db, delivery, State.SENT)
                db.execute("UPDATE deliveries SET on_date = ? WHERE id = ?", (on.isoformat(), delivery))
            return self._numbers(found)

    def in_doubt(self) -> tuple[Doubt, ...]:
        """Every delivery nobody knows the end of, oldest first."""
        rows = self._rows(
            "SELECT id, customer, stage, created_at, recipients, subject, message_id, code, reply"
            " FROM deliveries WHERE state IN ('claimed', 'in_doubt') ORDER BY id"
        )
        with self._readable_rows():
            return tuple(
                Doubt(
                    id=delivery,
                    customer=customer,
                    stage=stage,
                    created_at=datetime.fromisoformat(created_at),
                    recipients=tuple(json.loads(recipients)),
                    subject=subject,
                    message_id=message_id,
                    numbers=self._numbers([delivery]),
                    code=code,
                    reply=reply,
                )
                for delivery, customer, stage, created_at, recipients, subject, message_id, code, reply in rows
            )

    def facts(self) -> list[Fact]:
        """Everything known, in order: what the user said, what deliveries left open, then all contacts by day."""
        told = self._rows("SELECT kind, payload FROM facts ORDER BY id")
        sent = self._rows(
            "SELECT d.state, d.on_date, d.message_id, d.addresses, d.refused_address, d.reply,"
            " k.invoice, k.stage, k.channel, k.ladder, k.snapshot, k.term"
            " FROM deliveries d JOIN delivery_keys k ON k.delivery = d.id ORDER BY d.id, k.rowid"
        )
        with self._readable_rows():
            facts: list[Fact] = [to_fact(kind, payload) for kind, payload in told]
            facts += [fact for row in sent if (fact := delivered(*row)) is not None]
        contacts = [fact for fact in facts if isinstance(fact, Reminded)]
        others = [fact for fact in facts if not isinstance(fact, Reminded)]
        return [*others, *sorted(contacts, key=lambda fact: fact.on)]

    def untold(self, names: Iterable[str], on: date) -> tuple[str, ...]:
        """Of what needs the user (by name), what he was not told for seven days; it counts as told from now on."""
        week = on - timedelta(days=TOLD_AGAIN_DAYS)
        with self._writing() as db:
            recent = "SELECT name FROM told WHERE on_date > ? AND on_date <= ?"
            known = {name for (name,) in db.execute(recent, (week.isoformat(), on.isoformat()))}
            news = tuple(name for name in dict.fromkeys(names) if name not in known)
            db.execute("DELETE FROM told WHERE on_date <= ?", (week.isoformat(),))
            db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?)", [(name, on.isoformat()) for name in news])
        return news

    def remember(self, invoices: Iterable[Seen]) -> None:
        """The invoices as this run saw them in the file; each replaces what was seen of it before."""
        places = ", ".join("?" * len(SEEN_COLUMNS))
        with self._writing() as db:
            db.executemany(f"INSERT OR REPLACE INTO seen VALUES ({places})", map(seen_row, invoices))

    def seen(self) -> dict[str, Seen]:
        """What the last run saw in the file, by invoice key."""
        rows = self._rows(f"SELECT {', '.join(SEEN_COLUMNS)} FROM seen ORDER BY rowid")
        with self._readable_rows():
            return {row[0]: to_seen(row) for row in rows}

    def _settle(self, db: sqlite3.Connection, delivery: int, state: State) -> None:
        values = (state.value, self._stamp(), delivery)
        db.execute("UPDATE deliveries SET state = ?, settled_at = ? WHERE id = ?", values)
        db.execute("UPDATE delivery_keys SET live = ? WHERE delivery = ?", (state in LIVE, delivery))

    def _deliveries(self, db: sqlite3.Connection, invoice: str, where: str, *values: str) -> list[int]:
        rows = db.execute(
            "SELECT DISTINCT deliveries.id FROM deliveries JOIN delivery_keys ON delivery = deliveries.id"
            f" WHERE delivery_keys.invoice = ? AND {where} ORDER BY deliveries.id",
            (invoice, *values),
        )
        return [delivery for (delivery,) in rows]

    def _numbers(self, deliveries: list[int]) -> tuple[str, ...]:
        select = "SELECT number FROM delivery_keys WHERE delivery = ? ORDER BY rowid"
        return tuple(number for delivery in deliveries for (number,) in self._rows(select, delivery))

    def _rows(self, select: str, *values: int) -> list[Any]:
        with guarded(self.path):
            return self._db.execute(select, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with guarded(self.path), transaction(self._db) as db:
            yield db

    @contextmanager
    def _readable_rows(self) -> Iterator[None]:
        try:
            yield
        except (LookupError, TypeError, ValueError, DecimalException) as error:
            raise JournalError(
                f"Le journal « {self.path} » contient une ligne illisible ({error}).",
                "Remettez une sauvegarde à sa place.",
            ) from error

    def _stamp(self) -> str:
        return self._now().isoformat()
