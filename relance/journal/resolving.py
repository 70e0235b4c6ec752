"""What nobody knows the end of, and the word of the user that settles it."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from relance.core.facts import Drafted
from relance.journal.attempts import outcome_of_row, set_state, set_word, settle_row
from relance.journal.receipts import Record
from relance.journal.rows import DELIVERED, Row, reached
from relance.journal.saying import Saying, fact_row, said_sent
from relance.journal.values import Doubt, Settled, State

_DOUBTFUL = f"('{State.CLAIMED}', '{State.AT_DOT}', '{State.IN_DOUBT}')"
_MESSAGE_ID = "SELECT message_id FROM deliveries WHERE id = ?"
_HELD_BACK = f"('{State.REFUSED}', '{State.DEFERRED}')"


class Resolving(Saying):
    """The part of the journal that is settled by a person; JournalError where a file cannot be used."""

    def resolve(self, invoice: str, sent: bool, on: date, drafts: Iterable[Drafted] | None = None) -> tuple[str, ...]:
        """Settle what is in doubt, drafted or, as not sent, refused about an invoice (its key) by the user's word.

        Of its drafts it settles these alone (None: all of them). Returns the numbers of all the invoices that this
        settles. Call it under the lock: a message that another run is sending looks just like one in doubt.
        """
        state, stamp = State.SENT if sent else State.NOT_SENT, self._stamp()
        with self._writing() as db:
            doubts = self._deliveries(db, invoice, f"state IN {_DOUBTFUL}")
            found = self._drafts(db, invoice) if drafts is None else self._these(db, invoice, drafts)
            settled = doubts if sent else [*doubts, *found, *self._deliveries(db, invoice, f"state IN {_HELD_BACK}")]
            for delivery in settled:
                [(before,)] = db.execute("SELECT state FROM deliveries WHERE id = ?", (delivery,))
                set_state(db, delivery, state, stamp)
                set_word(db, delivery, on.isoformat(), State.IN_DOUBT if delivery in doubts else before)
            told = self._say_sent(db, found, invoice, on) if sent else []
        self._tell(*(outcome_of_row(self._db, delivery) for delivery in settled), *told)
        return self._numbers(sorted({*settled, *found}))

    def found(self, delivery: int, trace: str) -> None:
        """A message in doubt that left a trace somewhere: it was sent, and `trace` says where it was seen."""
        with self._writing() as db:
            settle_row(db, delivery, Settled(State.SENT, reply=trace), self._stamp())
        self._tell(outcome_of_row(self._db, delivery))

    def draft_sent(self, invoice: str, stage: str, on: date, cause: str = "", note: str = "") -> tuple[str, ...]:
        """The user sent the last draft that this invoice (its key) and stage had by that day himself, on that day.

        Returns the numbers of all the invoices that this settles; empty where there is no such draft. `cause` and
        `note` are what he learnt of this one.
        """
        with self._writing() as db:
            by_then = "delivery_keys.stage = ? AND on_date <= ?"
            drafts = self._drafts(db, invoice, by_then, stage, on.isoformat())[-1:]
            told = self._say_sent(db, drafts, invoice, on, cause, note)
        self._tell(*told)
        return self._numbers(drafts)

    def _these(self, db: sqlite3.Connection, invoice: str, drafts: Iterable[Drafted]) -> list[int]:
        where = "delivery_keys.stage = ? AND delivery_keys.channel = ? AND ladder = ? AND on_date = ?"
        several = ((each.stage, each.channel, each.ladder, each.on.isoformat()) for each in drafts)
        return [found for values in several for found in self._drafts(db, invoice, where, *values)]

    def _drafts(self, db: sqlite3.Connection, invoice: str, where: str = "TRUE", *values: str | int) -> list[int]:
        """The drafts of an invoice that nobody said were sent: those stay in their state, what was said counts."""
        with self._readable_rows():
            sent = said_sent(self._told())
        found = self._deliveries(db, invoice, f"state = '{State.DRAFT}' AND {where}", *values)
        ids = {delivery: db.execute(_MESSAGE_ID, (delivery,)).fetchone()[0] for delivery in found}
        return [delivery for delivery in found if ids[delivery] not in sent]

    def _say_sent(
        self, db: sqlite3.Connection, drafts: list[int], invoice: str, on: date, cause: str = "", note: str = ""
    ) -> list[Record]:
        """A contact of that day for each invoice of these drafts; what was learnt is about the one that was named."""
        facts = []
        for delivery in drafts:
            for row in map(Row._make, db.execute(f"{DELIVERED} WHERE d.id = ? ORDER BY k.rowid", (delivery,))):
                named = row.invoice == invoice
                facts.append(fact_row(reached(row, on, cause if named else ""), note if named else ""))
        return self._write_facts(db, facts)

    def in_doubt(self) -> tuple[Doubt, ...]:
        """Every delivery nobody knows the end of, oldest first."""
        rows = self._rows(
            "SELECT id, customer, stage, coalesce(dot_at, created_at), server, recipients, subject, message_id, code,"
            f" reply FROM deliveries JOIN attempts ON delivery = id WHERE state IN {_DOUBTFUL} ORDER BY id"
        )
        with self._readable_rows():
            return tuple(
                Doubt(
                    id=delivery,
                    customer=customer,
                    stage=stage,
                    at=datetime.fromisoformat(at),
                    server=server,
                    recipients=tuple(json.loads(recipients)),
                    subject=subject,
                    message_id=message_id,
                    numbers=self._numbers([delivery]),
                    total=self._total(delivery),
                    code=code,
                    reply=reply,
                )
                for delivery, customer, stage, at, server, recipients, subject, message_id, code, reply in rows
            )

    def _total(self, delivery: int) -> Decimal:
        rows = self._rows("SELECT snapshot FROM delivery_keys WHERE delivery = ?", delivery)
        return sum((Decimal(json.loads(snapshot)["total"]) for (snapshot,) in rows), Decimal("0.00"))

    def _deliveries(self, db: sqlite3.Connection, invoice: str, where: str, *values: str | int) -> list[int]:
        rows = db.execute(
            "SELECT DISTINCT deliveries.id FROM deliveries JOIN delivery_keys ON delivery = deliveries.id"
            f" WHERE delivery_keys.invoice = ? AND {where} ORDER BY deliveries.id",
            (invoice, *values),
        )
        return [delivery for (delivery,) in rows]

    def _numbers(self, deliveries: list[int]) -> tuple[str, ...]:
        select = "SELECT number FROM delivery_keys WHERE delivery = ? ORDER BY rowid"
        return tuple(number for delivery in deliveries for (number,) in self._rows(select, delivery))
