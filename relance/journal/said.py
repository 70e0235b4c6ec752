"""What the user said: written once, never changed, and counted unless he took it back."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import NamedTuple

from relance.core.facts import Allocated, Approved, Confirmed, Fact, Held, Paid, Released, Reminded
from relance.core.invoice import held_target
from relance.journal.receipts import Record
from relance.journal.recovery import fact_record
from relance.journal.rows import NAMES, UserFact, to_fact, to_json

TAKEN_BACK = "taken_back"
"""The kind of a fact whose payload is the identity of the one that it takes back."""

FactRow = tuple[str, str, str, str]
"""What is written of a fact without the instant: its kind, its day, its payload, its note."""

Stamp = Callable[[], str]
"""The instant, as it is written."""


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


def fact_row(fact: Fact, note: str) -> FactRow:
    """What is written of a fact, without the instant."""
    return NAMES[type(fact)], fact.on.isoformat(), to_json(fact), note


def write_facts(db: sqlite3.Connection, rows: Iterable[FactRow], stamp: Stamp) -> list[Record]:
    """These facts in the journal; returns what the receipts have to be told."""
    stamped = [(stamp(), *row) for row in rows]
    insert = "INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES (?, ?, ?, ?, ?)"
    db.executemany(insert, stamped)
    return [fact_record(row) for row in stamped]


def standing(db: sqlite3.Connection) -> list[Said]:
    """What was said, in order, without what was taken back; ValueError where no version of ours wrote it."""
    said = [Said(*row) for row in db.execute("SELECT recorded_at, kind, payload, note FROM facts ORDER BY id")]
    taken = {Said(*json.loads(row.payload)).identity for row in said if row.kind == TAKEN_BACK}
    return [row for row in said if row.kind != TAKEN_BACK and row.identity not in taken]


def fact_of(said: Said) -> UserFact:
    """The fact that was said, a contact with its note."""
    fact = to_fact(said.kind, said.payload)
    if said.note and isinstance(fact, Reminded):
        return fact._replace(contact=fact.contact._replace(note=said.note))
    return fact


def told_facts(db: sqlite3.Connection) -> list[UserFact]:
    """The facts that the user said and did not take back, in order."""
    return [fact_of(said) for said in standing(db)]


def said_sent(facts: Iterable[Fact]) -> set[str]:
    """The Message-IDs of the drafts that the user sent himself, as he says."""
    return {fact.contact.message_id for fact in facts if isinstance(fact, Reminded)} - {""}


def last_said(db: sqlite3.Connection, about: Collection[str]) -> Said | None:
    """The last thing that was said about one of these (invoice keys, customer ids) and stands."""
    return next((said for said in reversed(standing(db)) if subject_of(fact_of(said)) in about), None)


def take_back(db: sqlite3.Connection, last: Said, today: date, stamp: Stamp) -> tuple[UserFact, list[Record]]:
    """Take back this fact and return it; what was said of a draft goes for all its invoices."""
    back = fact_of(last)
    same = [said for said in standing(db) if said == last or _of_one_draft(fact_of(said), back)]
    rows = [(TAKEN_BACK, today.isoformat(), json.dumps(said.identity), "") for said in same]
    return back, write_facts(db, rows, stamp)


def _of_one_draft(fact: UserFact, other: UserFact) -> bool:
    if not (isinstance(fact, Reminded) and isinstance(other, Reminded) and fact.contact.message_id):
        return False
    return fact.contact.message_id == other.contact.message_id


def spoken_subjects(db: sqlite3.Connection) -> set[str | None]:
    """The invoices (keys) and customers (ids) of which something stands that the user said."""
    return {subject_of(fact) for fact in told_facts(db)}


def subject_of(fact: UserFact) -> str | None:
    """The invoice (its key) or customer (its id) that was spoken of; None for the file, the clock, the mailbox."""
    match fact:
        case Held() | Released():
            return held_target(fact.target)
        case Reminded() | Paid() | Approved() | Confirmed() | Allocated():
            return fact.invoice
        case _:
            return None
