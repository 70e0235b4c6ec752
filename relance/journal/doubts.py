"""What nobody knows the end of, and the word of the user about a message, which settles it and can be taken back."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime

from relance.core.facts import Drafted, UserFact
from relance.journal.deliveries import outcome_of_row, put, set_state
from relance.journal.receipts import Record
from relance.journal.rows import DELIVERED, reached
from relance.journal.said import Stamp, each_said, said_sent, say, told_facts, words_of, write_said
from relance.journal.values import Reopened, State, Unsettled

_DOUBTFUL = f"state IN ('{State.AT_DOT}', '{State.IN_DOUBT}')"
_HELD_BACK = f"state IN ('{State.REFUSED}', '{State.DEFERRED}')"
# What was written anew since is another message, and where that one stands nobody takes back.
_RESOLVED = (
    "SELECT d.id, d.settled_at, d.resolved_on, d.state, a.state_before, k.invoice FROM deliveries d"
    " JOIN attempts a ON a.delivery = d.id JOIN delivery_keys k ON k.delivery = d.id"
    " WHERE a.state_before IS NOT NULL AND NOT EXISTS (SELECT 1 FROM delivery_keys mine"
    " JOIN delivery_keys theirs USING (invoice, stage, channel, ladder) JOIN deliveries later"
    " ON later.id = theirs.delivery WHERE mine.delivery = d.id AND later.id > d.id AND later.state <> 'not_sent')"
    " ORDER BY d.settled_at DESC, d.id DESC"
)


def in_doubt(db: sqlite3.Connection) -> tuple[Unsettled, ...]:
    """Every delivery nobody knows the end of, oldest first."""
    select = "SELECT id, coalesce(dot_at, created_at), message_id FROM deliveries JOIN attempts ON delivery = id"
    rows = db.execute(f"{select} WHERE {_DOUBTFUL} ORDER BY id")
    return tuple(Unsettled(id=one, at=datetime.fromisoformat(at), message_id=name) for one, at, name in rows)


def doubts_in_a_row(db: sqlite3.Connection, server: str) -> tuple[str, ...]:
    """Of each message in doubt that this server was the last to be given, one invoice; none once it took another."""
    rows = db.execute(
        "SELECT min(k.number) FROM deliveries d JOIN attempts a ON a.delivery = d.id"
        f" JOIN delivery_keys k ON k.delivery = d.id WHERE d.state = '{State.IN_DOUBT}' AND a.server = ?"
        " AND d.id > (SELECT coalesce(max(id), 0) FROM deliveries JOIN attempts ON delivery = id"
        f" WHERE state = '{State.SENT}' AND server = ?) GROUP BY d.id ORDER BY d.id",
        (server, server),
    )
    return tuple(number for (number,) in rows)


def resolve(
    db: sqlite3.Connection, invoice: str, sent: bool, on: date, drafts: Iterable[Drafted] | None, stamp: Stamp
) -> tuple[tuple[str, ...], list[Record]]:
    """As `Journal.resolve`; the numbers of the invoices, and what the receipts have to be told."""
    state, settled_at = State.SENT if sent else State.NOT_SENT, stamp()
    doubts = [*_about(db, invoice, _DOUBTFUL)]
    found = _drafts(db, invoice) if drafts is None else these(db, invoice, drafts)
    settled = doubts if sent else [*doubts, *found, *_about(db, invoice, _HELD_BACK)]
    for delivery in settled:
        [(before,)] = db.execute("SELECT state FROM deliveries WHERE id = ?", (delivery,))
        set_state(db, delivery, state, settled_at)
        before = State.IN_DOUBT if delivery in doubts else before
        # How a draft lay is looked at anew: what was not sent is to be taken away.
        put(db, delivery, resolved_on=on.isoformat(), state_before=before, lies=None, left_on=None)
    told = [outcome_of_row(db, delivery) for delivery in settled]
    if sent:
        told += _say_sent(db, found, invoice, on, stamp)
    return _numbers(db, sorted({*settled, *found})), told


def send_draft(
    db: sqlite3.Connection, invoice: str, stage: str, on: date, cause: str, note: str, stamp: Stamp
) -> tuple[tuple[str, ...], list[Record]]:
    """As `Journal.draft_sent`; the numbers of the invoices, and what the receipts have to be told."""
    drafts = _drafts(db, invoice, "delivery_keys.stage = ? AND on_date <= ?", stage, on.isoformat())[-1:]
    return _numbers(db, drafts), _say_sent(db, drafts, invoice, on, stamp, cause, note)


def resolved(db: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    """The words about messages that can be taken back, once for each invoice (its key), the last one first."""
    return db.execute(_RESOLVED)


def reopen(db: sqlite3.Connection, word: sqlite3.Row, stamp: str) -> tuple[Reopened, list[Record]]:
    """The message as it stood before the user's word."""
    delivery, before = word["id"], State(word["state_before"])
    set_state(db, delivery, before, stamp)
    put(db, delivery, resolved_on=None, state_before=None)
    return _reopened(db, word), [outcome_of_row(db, delivery)]


def _reopened(db: sqlite3.Connection, word: sqlite3.Row) -> Reopened:
    on, said, before = date.fromisoformat(word["resolved_on"]), State(word["state"]), State(word["state_before"])
    return Reopened(_numbers(db, [word["id"]]), on, said, before)


def last_words(db: sqlite3.Connection, about: Collection[str] | None) -> dict[str, UserFact | Reopened]:
    """As `Journal.last_words`."""
    found: dict[str, tuple[str, UserFact | Reopened]] = {}
    for stamp, fact in each_said(db):
        found |= dict.fromkeys(words_of(fact), (stamp, fact))
    for word in reversed([*resolved(db)]):
        if found.get(word["invoice"], ("",))[0] < word["settled_at"]:
            found[word["invoice"]] = word["settled_at"], _reopened(db, word)
    in_order = sorted(found.items(), key=lambda each: each[1][0])
    return {word: last for word, (_, last) in in_order if about is None or word in about}


def these(db: sqlite3.Connection, invoice: str, drafts: Iterable[Drafted]) -> list[int]:
    """The deliveries of these drafts of an invoice that nobody said were sent."""
    where = "delivery_keys.stage = ? AND delivery_keys.channel = ? AND ladder = ? AND on_date = ?"
    several = ((each.stage, each.channel, each.ladder, each.on.isoformat()) for each in drafts)
    return [found for values in several for found in _drafts(db, invoice, where, *values)]


def _drafts(db: sqlite3.Connection, invoice: str, where: str = "TRUE", *values: str | int) -> list[int]:
    """The drafts of an invoice that nobody said were sent: those stay in their state, what was said counts."""
    sent = said_sent(told_facts(db))
    found = _about(db, invoice, f"state = '{State.DRAFT}' AND {where}", *values)
    return [delivery for delivery, message_id in found.items() if message_id not in sent]


def _say_sent(
    db: sqlite3.Connection, drafts: list[int], invoice: str, on: date, stamp: Stamp, cause: str = "", note: str = ""
) -> list[Record]:
    """A contact of that day for each invoice of these drafts; what was learnt is about the one that was named."""
    facts = []
    for delivery in drafts:
        for row in db.execute(f"{DELIVERED} WHERE d.id = ? ORDER BY k.rowid", (delivery,)):
            named = row["invoice"] == invoice
            facts.append(say(reached(row, on, cause if named else ""), note if named else "", stamp()))
    return write_said(db, facts)


def _about(db: sqlite3.Connection, invoice: str, where: str, *values: str | int) -> dict[int, str]:
    """The deliveries about an invoice of which that is so, oldest first, with their Message-IDs."""
    rows = db.execute(
        "SELECT DISTINCT deliveries.id, message_id FROM deliveries JOIN delivery_keys ON delivery = deliveries.id"
        f" WHERE delivery_keys.invoice = ? AND {where} ORDER BY deliveries.id",
        (invoice, *values),
    )
    return dict(rows.fetchall())


def _numbers(db: sqlite3.Connection, deliveries: list[int]) -> tuple[str, ...]:
    select = "SELECT number FROM delivery_keys WHERE delivery = ? ORDER BY rowid"
    return tuple(number for delivery in deliveries for (number,) in db.execute(select, (delivery,)))
