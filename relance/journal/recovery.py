"""After a crash, a loss or a restored copy: the journal mended from the receipts, the receipts from the journal."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from relance.errors import JournalError
from relance.journal.deliveries import apply_outcome, insert_record, outcome_of_row, put, set_state, whole_record
from relance.journal.receipts import DOT, OUTCOME, Header, Log, Record
from relance.journal.said import all_said, record_of, said_in, set_aside, standing, unread, write_said
from relance.journal.schema import meta_of
from relance.journal.values import Departure, State

_STATES = ", ".join(f"'{state}'" for state in State)
_OPEN = f"(state IN ('{State.PREPARED}', '{State.AT_DOT}') OR state NOT IN ({_STATES}))"
_TOLD = (
    f"state IN ('{State.SENT}', '{State.DRAFT}', '{State.IN_DOUBT}') OR dot_at IS NOT NULL"
    f" OR state_before = '{State.DRAFT}'"
)


class Recovered(NamedTuple):
    """What was found: `added` is what only the receipts knew, `doubts` the messages nobody knows the end of.

    `lost` tells that the receipts are missing, shorter than they were, or partly unreadable.
    """

    added: int = 0
    doubts: int = 0
    lost: bool = False


def header_of(db: sqlite3.Connection) -> Header:
    """The first line of the receipts of this journal."""
    meta = meta_of(db)
    return Header(meta.get("journal", ""), meta.get("started", ""))


def is_ours(db: sqlite3.Connection, log: Log) -> bool:
    """Whether these receipts were written beside this journal; JournalError where they belong to another one."""
    ours = header_of(db).journal
    if log.header is not None and ours not in (log.header.journal, ""):
        raise JournalError(
            "Les reçus à côté du journal sont ceux d’un autre journal : l’un des deux n’est pas à sa place.",
            "Remettez ensemble le journal et son fichier .receipts ; l’un n’est rien sans l’autre.",
        )
    return log.header is not None


def must_mend(db: sqlite3.Connection, log: Log) -> bool:
    """Whether reading this journal without its receipts would tell less than both together."""
    if db.execute(f"SELECT 1 FROM deliveries WHERE {_OPEN} LIMIT 1").fetchone():
        return True
    return log.size != known_size(db) and is_ours(db, log)


def mend(db: sqlite3.Connection, log: Log, *, behind: bool = False) -> Recovered:
    """Bring the journal up to its receipts; call it in a transaction, and while nobody sends.

    What was prepared never left. What was at the dot: with an outcome, that; with its line in the receipts alone, in
    doubt; without that line it never left, unless receipts are missing that could tell, or are `behind`: in doubt too.
    """
    there = is_ours(db, log)
    lost = log.damaged or log.size < known_size(db) or (log.size > 0 and not there)
    unsure = lost or behind
    attempts = _attempts(log.records)
    select = "SELECT attempt, id, state, settled_at, dot_at, server FROM deliveries JOIN attempts ON delivery = id"
    known = {row["attempt"]: row for row in db.execute(select)}
    doubts = sum(_mend_row(db, row, attempts.get(name, {}), unsure) for name, row in known.items())
    added = [_add_row(db, said) for name, said in attempts.items() if DOT in said and name not in known]
    return Recovered(len(added) + _add_facts(db, log.records), doubts + sum(added), lost)


def _mend_row(db: sqlite3.Connection, row: sqlite3.Row, said: Mapping[str, Record], lost: bool) -> bool:
    """A delivery of the journal as the receipts say that it ended; whether it is newly in doubt."""
    delivery, dot, outcome = row["id"], said.get(DOT), said.get(OUTCOME)
    if dot is not None and (row["dot_at"], row["server"]) != (dot["at"], dot["server"]):
        put(db, delivery, dot_at=dot["at"], server=dot["server"])
    unknown = row["state"] not in set(State)
    if outcome is not None and (unknown or (row["settled_at"] or "") < outcome["at"]):
        apply_outcome(db, delivery, outcome)
        return bool(outcome["state"] == State.IN_DOUBT)
    if unknown:  # no version of ours wrote it: it may have left
        set_state(db, delivery, State.IN_DOUBT, dot["at"] if dot is not None else None)
        return True
    if row["state"] not in (State.PREPARED, State.AT_DOT):
        return False
    doubtful = dot is not None or (lost and row["state"] == State.AT_DOT)
    set_state(db, delivery, State.IN_DOUBT if doubtful else State.NOT_SENT, dot["at"] if dot is not None else None)
    return doubtful


def _add_row(db: sqlite3.Connection, said: Mapping[str, Record]) -> bool:
    """A delivery that only the receipts know; whether it is in doubt because they do not know its end."""
    delivery, outcome = insert_record(db, said[DOT]), said.get(OUTCOME)
    if outcome is not None:
        apply_outcome(db, delivery, outcome)
    return outcome is None


def missing_records(db: sqlite3.Connection, log: Log) -> Iterator[Record]:
    """What the journal knows and the receipts do not."""
    told = {said.identity for said in said_in(log.records)}
    lost = {said.identity for said in unread(standing(db))}  # what cannot be read here is perhaps whole there
    yield from (record_of(said) for said in all_said(db) if said.identity not in told | lost)
    attempts = _attempts(log.records)
    select = f"SELECT id, attempt, state FROM deliveries JOIN attempts ON delivery = id WHERE {_TOLD} ORDER BY id"
    for delivery, attempt, state in db.execute(select).fetchall():
        said = attempts.get(attempt, {})
        if DOT not in said:
            yield whole_record(db, delivery)
        if OUTCOME not in said or said[OUTCOME]["state"] != state:
            outcome = outcome_of_row(db, delivery)
            yield {**outcome, "at": outcome["at"] or ""}


def _add_facts(db: sqlite3.Connection, records: Iterable[Record]) -> int:
    """The facts that only the receipts have, each once."""
    before = all_said(db)
    known = {said.identity for said in before}
    missing = {said.identity: said for said in said_in(records) if said.identity not in known}
    added = write_said(db, [*missing.values()])
    again = {said.recorded_at for said in missing.values()} - {said.recorded_at for said in unread(missing.values())}
    set_aside(db, [said for said in unread(standing(db)) if said in before and said.recorded_at in again])
    return len(added)


def departures(log: Log, about: Collection[str], since: datetime) -> list[Departure]:
    """The messages about one of these invoices (keys) that came to the dot since that instant and did not fail."""
    found = []
    for said in _attempts(log.records).values():
        dot = said.get(DOT)
        if dot is None or datetime.fromisoformat(dot["at"]) < since:
            continue
        state = State(said[OUTCOME]["state"]) if OUTCOME in said else State.AT_DOT
        if state in (State.AT_DOT, State.SENT, State.IN_DOUBT) and any(key["invoice"] in about for key in dot["keys"]):
            numbers = tuple(key["number"] for key in dot["keys"])
            found.append(Departure(numbers, datetime.fromisoformat(dot["at"]), state))
    return found


def _attempts(records: Iterable[Record]) -> dict[str, dict[str, Record]]:
    """The last line of each kind, DOT and OUTCOME, about each attempt."""
    found: dict[str, dict[str, Record]] = {}
    for record in records:
        if record["kind"] in (DOT, OUTCOME):
            found.setdefault(record["attempt"], {})[record["kind"]] = record
    return found


def known_size(db: sqlite3.Connection) -> int:
    """How long the receipts were, in octets, when the journal last looked."""
    return int(meta_of(db).get("receipts", 0))
