"""What the user said: written once, never changed, and counted unless he took it back."""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from decimal import DecimalException
from typing import NamedTuple

from relance.core.facts import (
    Allocated,
    Approved,
    Confirmed,
    Fact,
    Held,
    Incoming,
    Paid,
    RateConfirmed,
    Received,
    Released,
    Reminded,
    UserFact,
)
from relance.core.invoice import held_target
from relance.journal.receipts import FACT, Record
from relance.journal.rows import NAMES, to_fact, to_json

TAKEN_BACK = "taken_back"
"""The name of a fact whose payload is the identity of the one that it takes back."""

RATE = "rate"
"""What is named to take back the word about the rate; no key of an invoice, nor a customer's id."""
Stamp = Callable[[], str]
"""The instant, as it is written."""


class Said(NamedTuple):
    """A fact as it is written, in a row and in a line of the receipts: its payload as JSON, its note beside it."""

    recorded_at: str
    name: str
    on_date: str
    payload: str
    note: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """What it is known by to who takes it back: with the instant, nothing else that was said is the same."""
        return self.recorded_at, self.name, self.payload


def say(fact: Fact, note: str, stamp: str) -> Said:
    """What is written of a fact that is said at this instant; ValueError on one that only a delivery can make."""
    name = NAMES.get(type(fact))
    if name is None:
        raise ValueError(f"{type(fact).__name__} is not for the user to say")
    return Said(recorded_at=stamp, name=name, on_date=fact.on.isoformat(), payload=to_json(fact), note=note)


def said_in(records: Iterable[Record]) -> list[Said]:
    """The facts among lines of the receipts."""
    return [Said(**{name: r[name] for name in Said._fields}) for r in records if r["kind"] == FACT]


def record_of(said: Said) -> Record:
    """The line of the receipts of a fact."""
    return {"kind": FACT, **said._asdict()}


def all_said(db: sqlite3.Connection) -> list[Said]:
    """All that was ever said, in order."""
    return [Said(*row) for row in db.execute("SELECT recorded_at, kind, on_date, payload, note FROM facts ORDER BY id")]


def last_id(db: sqlite3.Connection) -> int:
    """The number of the last fact that was said, 0 where none was."""
    [(last,)] = db.execute("SELECT coalesce(max(id), 0) FROM facts")
    return int(last)


def spoken_since(db: sqlite3.Connection, last: int) -> set[str | None]:
    """Of what was said or taken back after that fact: the subjects, None among them where it may be about all."""
    rows = db.execute("SELECT recorded_at, kind, on_date, payload, note FROM facts WHERE id > ? ORDER BY id", (last,))
    meant = [_meant(Said(*row)) for row in rows]
    return {subject_of(fact_of(said)) if _is_readable(said) else invoice_of(said) for said in meant}


def _meant(said: Said) -> Said:
    """What was said or, of what takes something back, that something."""
    if said.name != TAKEN_BACK:
        return said
    recorded_at, name, payload = json.loads(said.payload)
    return Said(recorded_at=recorded_at, name=name, on_date=said.on_date, payload=payload, note="")


def write_said(db: sqlite3.Connection, several: Sequence[Said]) -> list[Record]:
    """These facts in the journal; returns what the receipts have to be told."""
    insert = "INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES (?, ?, ?, ?, ?)"
    db.executemany(insert, several)
    return [record_of(said) for said in several]


def standing(db: sqlite3.Connection) -> list[Said]:
    """What was said, in order, without what was taken back; ValueError where no version of ours wrote it."""
    said = all_said(db)
    taken = {tuple(json.loads(row.payload)) for row in said if row.name == TAKEN_BACK}
    return [row for row in said if row.name != TAKEN_BACK and row.identity not in taken]


def fact_of(said: Said) -> UserFact:
    """The fact that was said, a contact with its note."""
    fact = to_fact(said.name, said.payload)
    if said.note and isinstance(fact, Reminded):
        return fact._replace(contact=fact.contact._replace(note=said.note))
    return fact


UNREAD = (LookupError, TypeError, ValueError, DecimalException)
"""What reading a line raises that no version of ours wrote."""
_ABOUT = re.compile(r'"(?:invoice|target)":\s{0,9}"([^"\\]{1,300}/\d{4})"')


def told_facts(db: sqlite3.Connection) -> list[UserFact]:
    """The facts that the user said and did not take back, in order; a line that cannot be read holds its invoice.

    One of the exceptions of UNREAD where nothing tells which invoice that is: it may be about any.
    """
    rows = standing(db)
    lost = {said.identity for said in unread(rows)}
    return [fact_of(said) if said.identity not in lost else _lost_line(said) for said in rows]


def unread(rows: Iterable[Said]) -> list[Said]:
    """Those of these lines that cannot be read."""
    return [said for said in rows if not _is_readable(said)]


def _is_readable(said: Said) -> bool:
    try:
        fact_of(said)
    except UNREAD:
        return False
    return True


def _lost_line(said: Said) -> UserFact:
    about = invoice_of(said)
    if about is None:
        return fact_of(said)  # which raises
    on = date.fromisoformat(said.on_date)
    return Received(about, Incoming.LOST_LINE, on, said.recorded_at, subject=said.name, dated=on)


def invoice_of(lost: Said) -> str | None:
    """The key of the invoice that a line which cannot be read is about, as far as its text tells."""
    about = _ABOUT.search(lost.payload)
    return about[1] if about else None


def set_unread_aside(db: sqlite3.Connection) -> tuple[tuple[str, str, str, bool], ...]:
    """As `Journal.set_unread_aside`."""
    lines = unread(standing(db))
    placeless = [said for said in lines if invoice_of(said) is None]
    set_aside(db, placeless)
    return tuple((said.on_date, said.name, said.payload[:200], said in placeless) for said in lines)


def set_aside(db: sqlite3.Connection, lines: Iterable[Said]) -> list[Record]:
    """Take back lines that cannot be read, so that they hold nothing any more."""
    taken = [said._replace(name=TAKEN_BACK, payload=json.dumps(said.identity), note="") for said in lines]
    return write_said(db, taken)


def said_sent(facts: Iterable[Fact]) -> set[str]:
    """The Message-IDs of the drafts that the user sent himself, as he says."""
    return {fact.contact.message_id for fact in facts if isinstance(fact, Reminded)} - {""}


def last_said(db: sqlite3.Connection, about: Collection[str]) -> Said | None:
    """The last thing that was said about one of these (invoice keys, customer ids, RATE), stands, and can be read."""
    rows = (said for said in reversed(standing(db)) if _is_readable(said))
    return next((said for said in rows if _named(fact_of(said)) in about), None)


def _named(fact: UserFact) -> str | None:
    """By what a person takes a fact back: its subject, or RATE."""
    return RATE if isinstance(fact, RateConfirmed) else subject_of(fact)


def take_back(db: sqlite3.Connection, last: Said, today: date, stamp: Stamp) -> tuple[UserFact, list[Record]]:
    """Take back this fact and return it; what was said of a draft goes for all its invoices."""
    back = fact_of(last)
    draft = said_sent([back])
    rows = [said for said in standing(db) if _is_readable(said)]
    same = [said for said in rows if said == last or draft & said_sent([fact_of(said)])]
    day = today.isoformat()
    taken = [
        said._replace(recorded_at=stamp(), name=TAKEN_BACK, on_date=day, payload=json.dumps(said.identity), note="")
        for said in same
    ]
    return back, write_said(db, taken)


def subject_of(fact: UserFact) -> str | None:
    """The invoice (its key) or customer (its id) that was spoken of; None for the file, the clock, the mailbox."""
    match fact:
        case Held() | Released():
            return held_target(fact.target)
        case Reminded() | Paid() | Approved() | Confirmed() | Allocated():
            return fact.invoice
        case _:
            return None
