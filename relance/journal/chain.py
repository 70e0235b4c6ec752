"""The chain verified: which line is not what was sealed, and what a repair makes of it."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from relance.journal.extract import extract
from relance.journal.rows import UNREAD
from relance.journal.schema import guarded, readable
from relance.journal.sealing import (
    DELIVERY,
    ERASED,
    FACT,
    LOST,
    OF_ALL,
    PREPARED,
    START,
    STATE,
    append,
    as_text,
    begin,
    chained,
    contents_of,
    entry_hash,
    sealed,
)


class Tampering(StrEnum):
    """What is wrong with a line: its content is another one, it is gone, it is too many, its entry is not the one."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    BROKEN = "broken"


class BrokenLine(NamedTuple):
    """The entry `n` of the chain (of a line that is too many: 0) does not fit line `row` of `what`, written `at`."""

    n: int
    what: str
    row: int
    at: str
    fault: Tampering


class Blanked(NamedTuple):
    """That the content of so many entries was `erased`, or found `lost`, at that instant (UTC)."""

    at: str
    what: str
    entries: int


class Verified(NamedTuple):
    """The chain as it stands: its `entries`, since when (UTC; None: not yet), the hash of the last one.

    `earlier` are the lines that were there before it began, and were taken as they stood; `broken` is the first fault.
    """

    entries: int = 0
    since: str | None = None
    last: str = START
    earlier: int = 0
    blanked: tuple[Blanked, ...] = ()
    broken: BrokenLine | None = None


class Chain:
    """What is asked of the chain of an open journal; JournalError where the file cannot be used."""

    def __init__(self, path: Path, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self._path, self._db, self._now = path, db, now

    def verified(self) -> Verified:
        """The chain as it stands, and the first line that does not fit; of a reader's journal see files.py."""
        with readable(self._path):
            return verify(self._db)

    def set_right(self) -> BrokenLine | None:
        """The chain goes on from what is there, and says which lines it found wrong; the first of them (None: none)."""
        with guarded(self._path), chained(self._db, self._stamp) as db:
            return set_right(db, self._stamp())

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat()

    def lines(self, about: Collection[str], but: Collection[int] = ()) -> list[str]:
        """The lines of journal.txt about these invoices (keys) or customers (ids), `but` messages; see extract.py."""
        with readable(self._path):
            return extract(self._db, about, but)


def set_right(db: sqlite3.Connection, stamp: str) -> BrokenLine | None:
    """As `Chain.set_right`: an entry names what does not fit, and each line as it stands now gets one of its own."""
    begin(db, stamp)
    wrong = [*faults(db)]
    if wrong:
        db.execute("UPDATE sqlite_sequence SET seq = (SELECT max(n) FROM chain) WHERE name = 'chain'")
        [(last,)] = db.execute("SELECT max(n) FROM chain")
        append(db, stamp, [(LOST, 0, as_text({"entries": sorted({each.n for each in wrong if 0 < each.n <= last})}))])
        again = {(each.what, each.row) for each in wrong if each.fault in (Tampering.CHANGED, Tampering.ADDED)}
        again = (again & set(contents_of(db))) | _untold_states(db)
        db.executemany("INSERT INTO touched VALUES (?, ?)", sorted(again))
    return wrong[0] if wrong else None


def _untold_states(db: sqlite3.Connection) -> set[tuple[str, int]]:
    """The messages of which no entry says how they stand."""
    told = dict(db.execute("SELECT row, content FROM chain WHERE what = 'state' ORDER BY n"))
    return {(STATE, row) for row, text in OF_ALL[STATE](db).items() if told.get(row, PREPARED) != text}


def verify(db: sqlite3.Connection) -> Verified:
    """As `Chain.verified`, in one pass over each table."""
    began = db.execute("SELECT at, content FROM chain ORDER BY n LIMIT 1").fetchone()
    if began is None:
        return Verified(broken=next(faults(db), None))
    earlier = 0
    with suppress(*UNREAD):
        earlier = int(json.loads(began["content"])["lines"])
    [(entries,)] = db.execute("SELECT count(*) FROM chain")
    [(last,)] = db.execute("SELECT hash FROM chain ORDER BY n DESC LIMIT 1")
    blanked = [
        Blanked(at, what, len(_entries_in(content)))
        for at, what, content in db.execute(
            f"SELECT at, what, content FROM chain WHERE what IN ('{ERASED}', '{LOST}') ORDER BY n"
        )
    ]
    return Verified(
        entries=entries,
        since=began["at"],
        last=last,
        earlier=earlier,
        blanked=tuple(blanked),
        broken=next(faults(db), None),
    )


def faults(db: sqlite3.Connection) -> Iterator[BrokenLine]:
    """Each line that does not fit, in the order of the chain, but for those that an entry says are not to be had."""
    blank, last = _named_by(db, ERASED), _last_entries(db)
    lost = _named_by(db, LOST)
    now = {what: of_all(db) for what, of_all in OF_ALL.items()}
    if _is_cut(db):  # how a message stands may be what a missing entry says: no other is blamed for it
        now[STATE] = {}
    number, before = 0, START
    for n, at, what, row, salt, content, digest, own in db.execute("SELECT * FROM chain ORDER BY n"):
        gone = [missing for missing in range(number + 1, n) if missing not in lost]
        yield from (BrokenLine(missing, "", 0, at, Tampering.MISSING) for missing in gone)
        if n not in lost and own != entry_hash(n, at, what, row, digest, before):
            yield BrokenLine(n, what, row, at, Tampering.BROKEN)
        elif n not in lost and n not in blank:
            newest = last[what, row] == n
            fault = _fault_of(what, salt, content, digest, now.get(what, {}).get(row), newest=newest)
            if fault is not None:
                yield BrokenLine(n, what, row, at, fault)
        number, before = n, own
    if _was_longer(db, number):
        yield BrokenLine(number + 1, "", 0, "", Tampering.MISSING)
    yield from _without_entry(now, last)


def _fault_of(
    what: str, salt: str | None, content: str | None, digest: str, there: str | None, *, newest: bool
) -> Tampering | None:
    """What is wrong with the content of an entry: `there` is its line as it stands, which the newest entry seals."""
    if what in (FACT, DELIVERY):
        if not newest:  # mended since: what could not be read is not to be had
            return None
        content = there
    if content is None:
        return Tampering.MISSING
    if digest != sealed(salt or "", content):
        return Tampering.CHANGED
    return Tampering.CHANGED if what == STATE and newest and there not in (None, content) else None


def _is_cut(db: sqlite3.Connection) -> bool:
    """Whether an entry is missing that no repair knows of."""
    there = [n for (n,) in db.execute("SELECT n FROM chain ORDER BY n")]
    last = there[-1] if there else 0
    return not {*range(1, last)} <= {*there} | _named_by(db, LOST) or _was_longer(db, last)


def _was_longer(db: sqlite3.Connection, last: int) -> bool:
    """Whether there were entries after this one."""
    return bool(db.execute("SELECT 1 FROM sqlite_sequence WHERE name = 'chain' AND seq > ?", (last,)).fetchone())


def _named_by(db: sqlite3.Connection, what: str) -> set[int]:
    """The entries that others say are erased, or lost."""
    rows = db.execute("SELECT n, content FROM chain WHERE what = ?", (what,))
    return {n for own, content in rows for n in _entries_in(content) if n < own}


def _entries_in(content: str | None) -> list[int]:
    """The entries that one names; none where nobody can read which."""
    with suppress(*UNREAD):
        return [int(n) for n in json.loads(content or "")["entries"]]
    return []


def _last_entries(db: sqlite3.Connection) -> dict[tuple[str, int], int]:
    """The last entry of each line."""
    rows = db.execute("SELECT what, row, max(n) FROM chain GROUP BY what, row")
    return {(what, row): n for what, row, n in rows}


def _without_entry(now: Mapping[str, Mapping[int, str]], last: Mapping[tuple[str, int], int]) -> Iterator[BrokenLine]:
    """Lines that no entry seals, and states that changed without one."""
    for what in (FACT, DELIVERY):
        yield from (BrokenLine(0, what, row, "", Tampering.ADDED) for row in now[what] if (what, row) not in last)
    for row, text in now[STATE].items():
        if (STATE, row) not in last and (DELIVERY, row) in last and text != PREPARED:
            yield BrokenLine(last[DELIVERY, row], STATE, row, "", Tampering.CHANGED)
