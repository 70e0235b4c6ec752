"""What the user's own mailbox has of our messages: the drafts that lie there, the copies that Sent is to get.

How a draft was last found and which copies are due stand in the journal alone, as the runs do: a look finds them again.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

from relance.core.facts import Drafted, Lies
from relance.journal.deliveries import put
from relance.journal.doubts import these
from relance.journal.parts import digest_of
from relance.journal.said import said_sent, told_facts
from relance.journal.schema import guarded, readable, transaction
from relance.journal.values import DRAFTS, CopyDue, InMailbox, State

_DRAFTS = (
    "SELECT d.id, d.state, d.on_date, d.message_id, d.addresses, d.subject, d.reply, a.server, a.dot_at, d.raw"
    " FROM deliveries d JOIN attempts a ON a.delivery = d.id"
    f" WHERE d.state = '{State.DRAFT}' AND d.reply LIKE '{DRAFTS}%'"
    f" OR d.state IN ('{State.AT_DOT}', '{State.IN_DOUBT}') AND a.server LIKE '{DRAFTS}%'"
    f" OR d.state = '{State.NOT_SENT}' AND d.reply LIKE '{DRAFTS}%'"
    f" AND coalesce(a.lies, '') IN ('', '{Lies.UNTOUCHED}')"
    " ORDER BY d.id"
)
_COPIES = (
    "SELECT d.id, d.message_id, d.settled_at, a.copy_tries FROM attempts a JOIN deliveries d ON d.id = a.delivery"
    f" WHERE a.copy_tries IS NOT NULL AND d.state = '{State.SENT}' ORDER BY d.id"
)


class Mails:
    """Every method is one transaction, on the disk when it returns; JournalError where the file cannot be used."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self._path, self._db = path, db

    def drafts(self) -> tuple[InMailbox, ...]:
        """Those that wait there, were perhaps written there, or are to be taken away; none that the user said sent."""
        with readable(self._path):
            rows = self._db.execute(_DRAFTS).fetchall()
            sent = said_sent(told_facts(self._db)) if rows else ()
            return tuple(
                self._draft(row) for row in rows if row["message_id"] not in sent or row["state"] != State.DRAFT
            )

    def _draft(self, row: sqlite3.Row) -> InMailbox:
        there = row["reply"].startswith(DRAFTS)
        return InMailbox(
            delivery=row["id"],
            state=State.IN_DOUBT if row["state"] == State.AT_DOT else State(row["state"]),
            on=date.fromisoformat(row["on_date"]),
            message_id=row["message_id"],
            to=tuple(json.loads(row["addresses"])),
            subject=row["subject"],
            numbers=tuple(self._numbers(row["id"])),
            place=row["reply"] if there else row["server"],
            sha256=digest_of(bytes(row["raw"])),
        )

    def found(self, delivery: int, lies: Lies, left_on: date | None = None) -> None:
        """How the last look found a draft, and the day of what it found among the sent messages."""
        with guarded(self._path), transaction(self._db) as db:
            put(db, delivery, lies=lies, left_on=left_on.isoformat() if left_on is not None else None)

    def of(self, drafts: Iterable[Drafted]) -> dict[int, str]:
        """The deliveries of these drafts, each with its place."""
        with readable(self._path):
            found = {each for draft in drafts for each in these(self._db, draft.invoice, [draft])}
            places = self._db.execute("SELECT id, reply FROM deliveries ORDER BY id").fetchall() if found else ()
            return {delivery: place for delivery, place in places if delivery in found}

    def invoices_of(self, drafts: Iterable[Drafted]) -> tuple[str, ...]:
        """The keys of all invoices that the messages of these drafts are about."""
        wanted = self.of(drafts)
        with readable(self._path):
            pairs = self._db.execute("SELECT delivery, invoice FROM delivery_keys ORDER BY rowid").fetchall()
            return tuple(dict.fromkeys(invoice for delivery, invoice in pairs if delivery in wanted))

    def copies_due(self) -> tuple[CopyDue, ...]:
        """The messages of which Sent may lack a copy, oldest first."""
        with readable(self._path):
            rows = self._db.execute(_COPIES).fetchall()
            return tuple(
                CopyDue(one, name, tuple(self._numbers(one)), datetime.fromisoformat(at), tries)
                for one, name, at, tries in rows
            )

    def copied(self, deliveries: Iterable[int]) -> None:
        """Sent has a copy of these, or is not to have one."""
        self._set_tries(dict.fromkeys(deliveries))

    def not_copied(self, copies: Iterable[CopyDue]) -> None:
        """It could not be written, once more."""
        self._set_tries({copy.delivery: copy.tries + 1 for copy in copies})

    def _set_tries(self, tries: dict[int, int | None] | dict[int, int]) -> None:
        if tries:
            with guarded(self._path), transaction(self._db) as db:
                for delivery, count in tries.items():
                    put(db, delivery, copy_tries=count)

    def _numbers(self, delivery: int) -> Iterator[str]:
        numbers = self._db.execute("SELECT number FROM delivery_keys WHERE delivery = ? ORDER BY rowid", (delivery,))
        return (number for (number,) in numbers)
