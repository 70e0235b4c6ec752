"""What the user said: written once, never changed, and counted unless he took it back."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from relance.core.facts import Fact, Reminded
from relance.journal.deliveries import Deliveries
from relance.journal.receipts import Record
from relance.journal.recovery import fact_record
from relance.journal.rows import NAMES, UserFact, to_fact, to_json

TAKEN_BACK = "taken_back"
"""The kind of a fact whose payload is the identity of the one that it takes back."""


class Said(NamedTuple):
    """A fact as it is written: with the instant, nothing else that was said is the same; its note stands beside it."""

    recorded_at: str
    kind: str
    payload: str
    note: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What it is known by to who takes it back."""
        return self[:3]


class Saying(Deliveries):
    """The part of the journal that keeps what the user says; JournalError where a file cannot be used."""

    def record(self, *facts: Fact, note: str = "") -> None:
        """What the user said, all of it or nothing; it is never changed afterwards.

        Raises ValueError on a fact that only a delivery can make.
        """
        for fact in facts:
            if type(fact) not in NAMES:
                raise ValueError(f"{type(fact).__name__} is not for the user to say")
        with self._writing() as db:
            told = self._write_facts(db, [fact_row(fact, note) for fact in facts])
        self._tell(*told)

    def _write_facts(self, db: sqlite3.Connection, rows: Iterable[tuple[str, str, str, str]]) -> list[Record]:
        """These facts (kind, day, payload, note) in the journal; returns what the receipts have to be told."""
        stamped = [(self._stamp(), *row) for row in rows]
        insert = "INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES (?, ?, ?, ?, ?)"
        db.executemany(insert, stamped)
        return [fact_record(row) for row in stamped]

    def _said(self) -> list[Said]:
        return standing(self._rows("SELECT recorded_at, kind, payload, note FROM facts ORDER BY id"))

    def _told(self) -> list[UserFact]:
        return [fact_of(said) for said in self._said()]


def standing(rows: Sequence[tuple[str, str, str, str]]) -> list[Said]:
    """What was said, in order, without what was taken back; ValueError where no version of ours wrote it."""
    said = [Said(*row) for row in rows]
    taken = {Said(*json.loads(row.payload)).identity for row in said if row.kind == TAKEN_BACK}
    return [row for row in said if row.kind != TAKEN_BACK and row.identity not in taken]


def fact_of(said: Said) -> UserFact:
    """The fact that was said, a contact with its note."""
    fact = to_fact(said.kind, said.payload)
    if said.note and isinstance(fact, Reminded):
        return fact._replace(contact=fact.contact._replace(note=said.note))
    return fact


def fact_row(fact: Fact, note: str) -> tuple[str, str, str, str]:
    """What is written of a fact, without the instant."""
    return NAMES[type(fact)], fact.on.isoformat(), to_json(fact), note


def said_sent(facts: Iterable[Fact]) -> set[str]:
    """The Message-IDs of the drafts that the user sent himself, as he says."""
    return {fact.contact.message_id for fact in facts if isinstance(fact, Reminded)} - {""}
