"""What the user said: written once, never changed, and counted unless he took it back."""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cached_property
from typing import NamedTuple

from relance.core.events import Telling
from relance.core.facts import (
    Allocated,
    Approved,
    BacklogAnswered,
    ClockConfirmed,
    ColumnsAgreed,
    Confirmed,
    Credited,
    Fact,
    FileConfirmed,
    Held,
    Paid,
    RateConfirmed,
    Released,
    Reminded,
    RowKnown,
    UserFact,
)
from relance.core.invoice import held_target
from relance.core.mails import ANYONE, Incoming, MailboxChanged, Received
from relance.core.status import StatusTold
from relance.journal.receipts import FACT, Record
from relance.journal.rows import NAMES, UNREAD, to_fact, to_json

TAKEN_BACK = "taken_back"
"""The name of a fact whose payload is the identity of the one that it takes back."""

ANSWERS: Mapping[type[Fact], str] = {
    RateConfirmed: "rate",
    BacklogAnswered: "backlog",
    FileConfirmed: "file",
    ColumnsAgreed: "columns",
    ClockConfirmed: "clock",
}
"""By what name an answer that is about no invoice is taken back; none is a key of an invoice, nor a customer's id."""
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


def all_said(db: sqlite3.Connection, after: int = 0) -> list[Said]:
    """All that was ever said, or after the fact of that number, in order."""
    select = "SELECT recorded_at, kind, on_date, payload, note FROM facts WHERE id > ? ORDER BY id"
    return [Said(*row) for row in db.execute(select, (after,))]


def last_id(db: sqlite3.Connection) -> int:
    """The number of the last fact that was said, 0 where none was."""
    [(last,)] = db.execute("SELECT coalesce(max(id), 0) FROM facts")
    return int(last)


def spoken_since(db: sqlite3.Connection, last: int) -> set[str | None]:
    """Of what was said or taken back after that fact: the subjects, None among them where it may be about all."""
    names, new = Names(db), [_meant(said) for said in all_said(db, last)]
    spoken = {about for said in new for about in _subjects(said, names) or (None,)}
    credits = {fact.credit for fact in map(_readable, new) if isinstance(fact, Credited)}
    if credits:  # what was noted of them before counts no more, or again
        before = (fact for fact in map(_readable, all_said(db)) if isinstance(fact, Credited))
        spoken |= {about for fact in before if fact.credit in credits for about in subjects_of(fact)}
    return spoken


def _meant(said: Said) -> Said:
    """What was said or, of what takes something back, that something."""
    taken = _taken(said)
    if taken is None:
        return said
    recorded_at, name, payload = taken
    return Said(recorded_at=recorded_at, name=name, on_date=said.on_date, payload=payload, note="")


def _taken(said: Said) -> tuple[str, str, str] | None:
    """The identity of what this line takes back; None where it takes nothing back, or nobody can read what."""
    if said.name != TAKEN_BACK:
        return None
    with suppress(ValueError, TypeError):
        recorded_at, name, payload = json.loads(said.payload)
        return str(recorded_at), str(name), str(payload)
    return None


def tellings(db: sqlite3.Connection, by: date) -> list[Telling]:
    """All that was said and taken back until that day, in order, as far as it can be read."""
    rows = ((said, _readable(_meant(said))) for said in all_said(db) if said.on_date <= by.isoformat())
    return [
        Telling(fact, subjects_of(fact), _first_day(said.on_date), back=said.name == TAKEN_BACK)
        for said, fact in rows
        if fact is not None
    ]


def write_said(db: sqlite3.Connection, several: Sequence[Said]) -> list[Record]:
    """These facts in the journal; returns what the receipts have to be told."""
    insert = "INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES (?, ?, ?, ?, ?)"
    db.executemany(insert, several)
    return [record_of(said) for said in several]


def standing(db: sqlite3.Connection) -> list[Said]:
    """What was said, in order, without what was taken back; a line that takes back nobody knows what is among it."""
    said = [(row, _taken(row)) for row in all_said(db)]
    taken = {identity for _, identity in said if identity is not None}
    return [row for row, identity in said if identity is None and row.identity not in taken]


def fact_of(said: Said) -> UserFact:
    """The fact that was said, a contact with its note."""
    fact = to_fact(said.name, said.payload)
    if said.note and isinstance(fact, Reminded):
        return fact._replace(contact=fact.contact._replace(note=said.note))
    return fact


_ABOUT = re.compile(r'"(?:invoice|target)\\?":\s{0,9}\\?"([^"\\]{1,300})\\?"')
"""Whom the text of a line names, that of a line which takes another one back too: there each quote is escaped."""
_KEY = re.compile(r".+/\d{4}")


def is_key(name: str) -> bool:
    """Whether this names an invoice, and no customer."""
    return _KEY.fullmatch(name) is not None and not name.startswith(("code:", "siret:", "name:"))


def told_facts(db: sqlite3.Connection) -> list[UserFact]:
    """The facts that the user said and did not take back, in order.

    A line that cannot be read holds the invoices or the customer that its text names. Where it names nobody that the
    journal knows of, it may be about ANYONE, unless without it something is asked again.
    """
    names = Names(db)
    rows = ((said, _readable(said)) for said in standing(db))
    return [each for said, fact in rows for each in ((fact,) if fact is not None else _lost_lines(said, names))]


_ASKED_AGAIN = {NAMES[kind] for kind in (Approved, FileConfirmed, ClockConfirmed, RowKnown, MailboxChanged)}
"""Words that only let something leave, and what each look into the mailbox tells: nothing leaves for want of one."""
_OF_ONE_INVOICE = {NAMES[kind] for kind in (Reminded, Paid, Allocated, Confirmed)}
"""What is about one invoice, and of no consequence for others."""


class Names:
    """Whom the journal knows of, asked only where a line cannot be read: what is damaged may name somebody else."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @cached_property
    def _known(self) -> set[str]:
        tables = ("invoice FROM seen", "customer FROM seen", "invoice FROM delivery_keys", "customer FROM deliveries")
        rows = self._db.execute(" UNION ".join(f"SELECT {table}" for table in tables))
        facts = (fact for fact in map(_readable, standing(self._db)) if fact is not None)
        return {held_target(name) for (name,) in rows} | {about for fact in facts for about in subjects_of(fact)}

    def of(self, lost: Said) -> tuple[str, ...]:
        """The keys of the invoices, or the customer, that a line which cannot be read is about, as far as it tells."""
        named = dict.fromkeys(map(held_target, _ABOUT.findall(lost.payload)))
        return tuple(name for name in named if name in self._known)


def unread(rows: Iterable[Said]) -> list[Said]:
    """Those of these lines that cannot be read."""
    return [said for said in rows if _readable(said) is None]


def _readable(said: Said) -> UserFact | None:
    """The fact of a line, None where it cannot be read."""
    with suppress(*UNREAD):
        return fact_of(said)
    return None


def _subjects(said: Said, names: Names) -> tuple[str, ...]:
    fact = _readable(said)
    return subjects_of(fact) if fact is not None else names.of(said)


def _lost_lines(said: Said, names: Names) -> list[Received]:
    """What a line that cannot be read holds; nothing where nothing has to wait for it."""
    named = names.of(said)
    if not named and said.name in _ASKED_AGAIN:
        return []
    if not named:  # by the instant alone: the day may be that of a payment long before
        lost = lost_line(ANYONE, _first_day(said.recorded_at[:10]), said.recorded_at, said.name)
        lost = lost._replace(on=date.min)  # it counts today, whatever has become of its instant
        return [lost if said.name in _OF_ONE_INVOICE else lost._replace(customer=ANYONE)]
    day = _first_day(said.on_date, said.recorded_at[:10])
    several = (lost_line(name, day, said.recorded_at, said.name) for name in named)
    return [each if _KEY.fullmatch(each.invoice) else each._replace(customer=each.invoice) for each in several]


def amid(told: Sequence[UserFact], lost: Sequence[Received]) -> list[UserFact]:
    """What was told, and lines of a day that cannot be read in their place: what was released since then is over."""
    since = min((each.on for each in lost), default=date.min)
    return [*(fact for fact in told if fact.on < since), *lost, *(fact for fact in told if fact.on >= since)]


def lost_line(about: str, on: date, stamp: str, kind: str) -> Received:
    """That a line about this invoice cannot be read, of that day (date.min: nobody knows) and kind."""
    return Received(about, Incoming.LOST_LINE, on, stamp, subject=kind, dated=on if on > date.min else None)


def _first_day(*texts: str) -> date:
    """The first of these that is a day; date.min where none is."""
    for text in texts:
        with suppress(ValueError):
            return date.fromisoformat(text)
    return date.min


def set_unread_aside(db: sqlite3.Connection) -> tuple[tuple[str, str, str, bool], ...]:
    """As `Journal.set_unread_aside`."""
    lines, names = unread(standing(db)), Names(db)
    placeless = [said for said in lines if not names.of(said)]
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
    """The last thing that was said about one of these words (see words_of), stands, and can be read."""
    return next((said for said, fact in reversed(_counted(db)) if not words_of(fact).isdisjoint(about)), None)


def _counted(db: sqlite3.Connection) -> list[tuple[Said, UserFact]]:
    """All that stands and can be read, in order; of a credit the last word alone, which counts in place of others."""
    rows = [(said, fact) for said in standing(db) if (fact := _readable(said)) is not None]
    last = {fact.credit: said for said, fact in rows if isinstance(fact, Credited)}
    return [(said, fact) for said, fact in rows if not isinstance(fact, Credited) or last[fact.credit] is said]


def words_of(fact: UserFact) -> frozenset[str]:
    """By what a person takes a fact back: its subjects, the question that it answers, its row, its credit.

    Nothing of a mail, nor of what a run noted of a credit: the next run would note it again. What it noted of statuses
    is named as such: no other word is meant by the invoice.
    """
    match fact:
        case RowKnown():
            return frozenset(map(row_word, fact.names))
        case StatusTold():
            return frozenset((status_word(fact.invoice),))
        case Credited():
            return frozenset((fact.credit, *subjects_of(fact)) if fact.by_hand else ())
    word = ANSWERS.get(type(fact))
    return frozenset((word,) if word else subjects_of(fact))


def status_word(key: str) -> str:
    """What the statuses of an invoice (its key) are taken back by."""
    return f"statuses {key}"


def row_word(name: str) -> str:
    """What a row is taken back by, as a person names it (see RowKnown)."""
    return f"row {name}"


def each_said(db: sqlite3.Connection) -> list[tuple[str, UserFact]]:
    """All that was said, stands and can be read, in order, each with its instant."""
    return [(said.recorded_at, fact) for said, fact in _counted(db)]


def take_back(db: sqlite3.Connection, last: Said, today: date, stamp: Stamp) -> tuple[UserFact, list[Record]]:
    """Take back this fact and return it; what was said of a draft goes for all its invoices, of a row for its twins."""
    back = fact_of(last)
    same = [said for said in standing(db) if said == last or _is_of(back, _readable(said))]
    day = today.isoformat()
    taken = [
        said._replace(recorded_at=stamp(), name=TAKEN_BACK, on_date=day, payload=json.dumps(said.identity), note="")
        for said in same
    ]
    return back, write_said(db, taken)


def _is_of(back: UserFact, other: UserFact | None) -> bool:
    """Whether the user said this with the other: of one draft, or of the rows that one name stands for."""
    if isinstance(back, RowKnown):
        return isinstance(other, RowKnown) and other._replace(row="") == back._replace(row="")
    return other is not None and not said_sent([back]).isdisjoint(said_sent([other]))


def subjects_of(fact: Fact) -> tuple[str, ...]:
    """The invoices (keys) or the customer (id) spoken of; none for the file, the clock, the mailbox, a payer."""
    match fact:
        case Held() | Released():
            return (held_target(fact.target),)
        case Credited():
            return tuple(share.invoice for share in fact.shares)
        case Reminded() | Paid() | Approved() | Confirmed() | Allocated() | StatusTold():
            return (fact.invoice,)
        case _:
            return ()
