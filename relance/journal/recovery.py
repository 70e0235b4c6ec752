"""After a crash, a loss or a restored copy: the journal mended from the receipts, the receipts from the journal.

What both have in common after that the journal remembers: the closed parts of the receipts, and how far its own tables
went. As long as that stands, only the open part and what came since are compared.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from relance.errors import JournalError
from relance.journal import receipts as files
from relance.journal.deliveries import (
    apply_outcome,
    insert_record,
    outcome_of_row,
    put,
    set_state,
    unread_deliveries,
    whole_record,
    write_again,
)
from relance.journal.receipts import DOT, OUTCOME, Header, Log, Receipts, Record, whole_file
from relance.journal.rows import UNREAD
from relance.journal.said import all_said, last_id, record_of, said_in, set_aside, standing, unread, write_said
from relance.journal.schema import meta_of
from relance.journal.values import Departure, State
from relance.journal.whole_files import write_whole
from relance.journal.witness import Reach, generation_record, reach_of

_AGREED = "agreed"
"""The name under which the journal remembers it."""
_STATES = ", ".join(f"'{state}'" for state in State)
_OPEN = f"(state IN ('{State.PREPARED}', '{State.AT_DOT}') OR state NOT IN ({_STATES}))"
_TOLD = (
    f"state IN ('{State.SENT}', '{State.DRAFT}', '{State.IN_DOUBT}') OR dot_at IS NOT NULL"
    f" OR state_before = '{State.DRAFT}'"
)

_ROWS = (
    "SELECT attempt || ' ' || state || ' ' || on_date || ' ' || addresses || ' ' || coalesce(dot_at, '') AS line"
    " FROM deliveries JOIN attempts ON delivery = id WHERE id <= ? ORDER BY id",
    "SELECT invoice || ' ' || stage || ' ' || snapshot || ' ' || coalesce(term, '') AS line FROM delivery_keys"
    " WHERE delivery <= ? ORDER BY rowid",
    "SELECT recorded_at || ' ' || kind || ' ' || on_date || ' ' || payload AS line FROM facts"
    " WHERE id <= ? ORDER BY id",
)
"""What is read of deliveries, of their keys, and of facts, a line each."""


class Recovered(NamedTuple):
    """What was found: `added` is what only the receipts knew, `doubts` the messages nobody knows the end of.

    `lost` tells that the receipts are missing, shorter than they were, or partly unreadable.
    """

    added: int = 0
    doubts: int = 0
    lost: bool = False


class InCommon(NamedTuple):
    """What the journal knows to have in common with its receipts: their closed parts, and its own tables so far.

    `upto` are the numbers of the last delivery and of the last fact; `told` names all that stands in these rows.
    """

    parts: tuple[str, ...] = ()
    upto: tuple[int, int] = (0, 0)
    told: str = ""


def agreed_in(db: sqlite3.Connection) -> InCommon:
    """What the journal remembers of that; nothing where its rows say something else now."""
    with suppress(*UNREAD):
        parts, (delivery, fact), told = json.loads(meta_of(db)[_AGREED])
        known = InCommon(tuple(parts), (int(delivery), int(fact)), told)
        if known.told == _told(db, known.upto):
            return known
    return InCommon()


def all_agreed(db: sqlite3.Connection) -> InCommon:
    """All that the journal has now, without the closed parts."""
    [(delivery,)] = db.execute("SELECT coalesce(max(id), 0) FROM deliveries")
    upto = int(delivery), last_id(db)
    return InCommon(upto=upto, told=_told(db, upto))


def note_agreed(db: sqlite3.Connection, known: InCommon, size: int) -> None:
    """Remember that, and how long the receipts are; nothing is written where it is known, or nothing closed."""
    nothing = json.dumps(InCommon())
    rows = {"receipts": str(size), _AGREED: json.dumps(known) if known.parts else nothing}
    before = {_AGREED: nothing} | meta_of(db)
    new = [(name, value) for name, value in rows.items() if before.get(name) != value]
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", new)


def _told(db: sqlite3.Connection, upto: tuple[int, int]) -> str:
    digest = sha256()
    for select, last in zip(_ROWS, (upto[0], upto[0], upto[1]), strict=True):
        [(lines,)] = db.execute(f"SELECT CAST(group_concat(line, char(10)) AS BLOB) FROM ({select})", (last,))
        digest.update(b"%d %b" % (len(lines or b""), lines or b""))
    return digest.hexdigest()


def _is_unread(db: sqlite3.Connection, log: Log) -> bool:
    """Whether a row cannot be read; those that agree with the receipts were read."""
    delivery, fact = log.upto
    return bool(unread_deliveries(db, delivery) or (unread(all_said(db, fact)) and unread(standing(db))))


def log_of(db: sqlite3.Connection, journal: Path) -> Log:
    """The receipts of this journal, without the closed parts that it agrees with; OSError."""
    log = files.read_open(journal)
    if log.header is None or not log.open_only:
        return log
    known, named = agreed_in(db), tuple(part.sha256 for part in log.header.parts)
    if named[: len(known.parts)] != known.parts:
        return files.with_closed(journal, log)
    return files.with_closed(journal, log, after=len(known.parts))._replace(upto=known.upto if known.parts else (0, 0))


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
    if db.execute(f"SELECT 1 FROM deliveries WHERE {_OPEN} LIMIT 1").fetchone() or _is_unread(db, log):
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
    unclear = _mend_unread(db, attempts, log.upto[0])
    known = _rows_of(db, attempts)
    doubts = unclear + sum(_mend_row(db, row, attempts.get(name, {}), unsure) for name, row in known.items())
    added = [_add_row(db, said) for name, said in attempts.items() if DOT in said and name not in known]
    return Recovered(len(added) + _add_facts(db, log.records), doubts + sum(added), lost)


def _rows_of(db: sqlite3.Connection, attempts: Collection[str]) -> dict[str, sqlite3.Row]:
    """The deliveries of these attempts, and those that were left open, by attempt, oldest first."""
    select = "SELECT attempt, id, state, settled_at, dot_at, server FROM deliveries JOIN attempts ON delivery = id"
    rows = db.execute(f"{select} WHERE {_OPEN}").fetchall()
    rows += [row for name in attempts for row in db.execute(f"{select} WHERE attempt = ?", (name,))]
    return {row["attempt"]: row for row in sorted(rows, key=lambda row: int(row["id"]))}


def _mend_unread(db: sqlite3.Connection, attempts: Mapping[str, Mapping[str, Record]], after: int) -> int:
    """Deliveries that cannot be read, as the receipts have them, else in doubt; how many of these there are."""
    unclear = set[int]()
    for row in unread_deliveries(db, after):
        said = attempts.get(row["attempt"], {})
        write_again(db, row, said.get(DOT))
        if OUTCOME in said:
            apply_outcome(db, row["id"], said[OUTCOME])
        else:
            unclear.add(row["id"])
            set_state(db, row["id"], State.IN_DOUBT, None)
    return len(unclear)


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


def complete(db: sqlite3.Connection, receipts: Receipts, log: Log, found: Recovered, stamp: str) -> InCommon:
    """Give the receipts what only the journal has, all of it where they are `lost`, and close what has grown long.

    `log` is what they were when `found` was mended by them. Returns what both have in common then; OSError.
    """
    journal, known = receipts.journal, all_agreed(db)  # first: what is told from now on is compared the next time
    header = log.header
    if found.lost or header is None:
        if log.size:
            receipts.path.rename(receipts.path.with_name(f"{receipts.path.name}.{stamp}"))
        write_receipts(db, journal, reach_of(log), replace=True)
        header = header_of(db)
    else:
        receipts.append(*missing_records(db, log))
    if receipts.path.stat().st_size > files.LONG:
        receipts.close()
        header = files.close_part(journal, log._replace(header=header), ending_of(reach_of(log)))
    return known._replace(parts=tuple(part.sha256 for part in header.parts))


def write_receipts(db: sqlite3.Connection, journal: Path, reach: Reach, *, replace: bool) -> None:
    """The receipts of this journal, with all that it knows; OSError."""
    content = whole_file(header_of(db), [*missing_records(db, Log()), *ending_of(reach)])
    write_whole(files.receipts_path(journal), content, replace=replace)


def ending_of(reach: Reach) -> list[Record]:
    """The line that says how far receipts were that others go on from."""
    return [generation_record(reach)] if reach.generation else []


def missing_records(db: sqlite3.Connection, log: Log) -> Iterator[Record]:
    """What the journal knows and the receipts do not."""
    delivery, fact = log.upto
    told = {said.identity for said in said_in(log.records)}
    missing = [said for said in all_said(db, fact) if said.identity not in told]
    lost = {said.identity for said in unread(standing(db))} if missing else ()
    yield from (record_of(said) for said in missing if said.identity not in lost)  # perhaps it is whole there
    attempts = _attempts(log.records)
    select = f"SELECT id, attempt, state FROM deliveries JOIN attempts ON delivery = id WHERE ({_TOLD}) AND id > ?"
    for row, attempt, state in db.execute(f"{select} ORDER BY id", (delivery,)).fetchall():
        said = attempts.get(attempt, {})
        if DOT not in said:
            yield whole_record(db, row)
        if OUTCOME not in said or said[OUTCOME]["state"] != state:
            outcome = outcome_of_row(db, row)
            yield {**outcome, "at": outcome["at"] or ""}


def _add_facts(db: sqlite3.Connection, records: Iterable[Record]) -> int:
    """The facts that only the receipts have, each once."""
    before = all_said(db)
    known = {said.identity for said in before}
    missing = {said.identity: said for said in said_in(records) if said.identity not in known}
    if not missing:
        return 0
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
