"""A customer erased: journal, receipts, attachments and copies know nothing of him any more, and the chain says so.

The receipts are written anew before the journal commits: cut short in between, the journal still has all, and gives it
back to them. What is left to do after the commit is in the journal's own notes until it is done, by whoever comes next.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from relance.core.invoice import held_target, normalised_name
from relance.journal import notes, receipts, recovery, said
from relance.journal.extract import named, rows_about, texts_in
from relance.journal.parts import Parts
from relance.journal.receipts import Receipts
from relance.journal.schema import guarded, meta_of, readable
from relance.journal.sealing import blank, chained
from relance.journal.values import Erased
from relance.journal.whole_files import back_up, backups, unplaced
from relance.journal.witness import reach_of

_LEFT = "erasing"
"""The name under which the journal notes that files are still to be cleaned."""
_OWN = frozenset(["migrations", "meta", "facts", "deliveries", "attempts", "delivery_keys", "chain", "told", "runs"])
"""Tables whose rows are not those of one invoice or one customer, or are erased by what they hang on."""


class Known(NamedTuple):
    """A customer as the journal has him: what identifies him, and what he is found by."""

    id: str
    names: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    invoices: frozenset[str] = frozenset()

    def is_called(self, word: str) -> bool:
        """Whether this is his code, his SIRET, one of his addresses or his whole name."""
        text = word.strip()
        exact = {f"code:{text}", f"siret:{''.join(text.split())}"}
        return self.id in exact or text.casefold() in self.emails or normalised_name(text) in self.names

    def is_same(self, other: "Known") -> bool:
        """Whether both are one: by an invoice, or by a name and an address."""
        alike = not self.names.isdisjoint(other.names) and not self.emails.isdisjoint(other.emails)
        return self.id == other.id or alike or not self.invoices.isdisjoint(other.invoices)

    def with_(self, other: "Known") -> "Known":
        """What is known here and there."""
        return Known(self.id, self.names | other.names, self.emails | other.emails, self.invoices | other.invoices)


class ToErase(NamedTuple):
    """What is kept of a customer: the rows of facts and deliveries, and the names of his messages.

    `shared` are days (ISO) of what speaks of others, too, and stays.
    """

    facts: frozenset[int] = frozenset()
    deliveries: frozenset[int] = frozenset()
    message_ids: frozenset[str] = frozenset()
    shared: tuple[str, ...] = ()


class Erasing:
    """What is kept of customers, in an open journal; JournalError where a file cannot be used. Call under the lock."""

    def __init__(self, of: Receipts, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self._receipts, self._path, self._db, self._now = of, of.journal, db, now

    def erased(self) -> Erased:
        """Which invoices were of erased customers."""
        with readable(self._path):
            return notes.erased(self._db)

    def customers(self) -> tuple[Known, ...]:
        """All whom the journal knows of."""
        with readable(self._path):
            return _customers(self._db)

    def found(self, about: Collection[str]) -> ToErase:
        """What is kept about these invoices (keys) and customers (ids)."""
        with readable(self._path):
            return _found(self._db, about)

    def erase(self, about: Collection[str], on: date) -> None:
        """Nothing is known of these any more, but that something was written, and that their invoices must wait."""
        self._receipts.close()
        with guarded(self._path):
            self._db.execute("PRAGMA secure_delete = ON").fetchall()
            reach = reach_of(receipts.read_open(self._path))
            with chained(self._db, self._stamp) as db:
                found = _found(db, about)
                blank(db, self._stamp(), found.facts, found.deliveries)
                _remove(db, found, about)
                notes.note_erased(db, on, (name for name in about if said.is_key(name)))
                recovery.write_receipts(db, self._path, reach, replace=True)
                recovery.note_agreed(db, recovery.InCommon(), self._receipts.size())
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_LEFT, on.isoformat()))
        self.finish()

    def finish(self) -> None:
        """Clean the files of what was erased, where that is not done yet: copies, closed receipts, attachments."""
        day = meta_of(self._db).get(_LEFT)
        if day is None:
            return
        with guarded(self._path):
            self._db.execute("VACUUM")
            for old in (*backups(self._path), *receipts.set_aside(self._path), *unplaced(self._path)):
                old.unlink(missing_ok=True)
            receipts.drop_unnamed(self._path)
            rows = self._db.execute("SELECT raw FROM deliveries")
            Parts(self._path).keep(bytes(raw) for (raw,) in rows)
            back_up(self._path, self._db, date.fromisoformat(day), anew=True)
            self._db.execute("DELETE FROM meta WHERE name = ?", (_LEFT,))

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat()


def _customers(db: sqlite3.Connection) -> tuple[Known, ...]:
    found: dict[str, Known] = {}
    for one in (*_seen(db), *_written_to(db), *_spoken_of(db)):
        found[one.id] = found.get(one.id, one).with_(one)
    return tuple(found.values())


def _seen(db: sqlite3.Connection) -> Iterator[Known]:
    for invoice, customer, emails in db.execute("SELECT invoice, customer, emails FROM seen"):
        yield Known(customer, _name_in(customer), _addresses_in(customer, emails), frozenset([invoice]))


def _written_to(db: sqlite3.Connection) -> Iterator[Known]:
    """The customers of messages, by the invoices that were seen as theirs, else by their names."""
    seen = dict(db.execute("SELECT invoice, customer FROM seen"))
    select = "SELECT k.invoice, d.customer, d.addresses FROM deliveries d JOIN delivery_keys k ON k.delivery = d.id"
    for invoice, customer, addresses in db.execute(select):
        name = normalised_name(customer)
        emails = frozenset(each.casefold() for each in texts_in(addresses) if "@" in each and each[:1] != "[")
        unseen = f"name:{name}|{' '.join(sorted(emails))}"
        yield Known(seen.get(invoice, unseen), frozenset([name]), emails, frozenset([invoice]))


def _spoken_of(db: sqlite3.Connection) -> Iterator[Known]:
    for payload in (row[0] for row in db.execute("SELECT payload FROM facts")):
        for text in texts_in(payload):
            if text.startswith(("code:", "siret:", "name:")):
                yield Known(text, _name_in(text), _addresses_in(text, None))


def _name_in(customer: str) -> frozenset[str]:
    return frozenset([held_target(customer).removeprefix("name:")] if customer.startswith("name:") else [])


def _addresses_in(customer: str, emails: str | None) -> frozenset[str]:
    own = customer.partition("|")[2] if customer.startswith("name:") else ""
    return frozenset([*own.split(), *(emails or "").split()])


def _found(db: sqlite3.Connection, about: Collection[str]) -> ToErase:
    """What names one of these and nobody else that the journal knows of; what names others as well is `shared`."""
    everybody = _customers(db)
    others = {one.id for one in everybody} | {key for one in everybody for key in one.invoices}
    about_others = rows_about(db, others.difference(about))
    facts, deliveries = rows_about(db, about)
    shared = [("facts", row) for row in facts & about_others[0]]
    shared += [("deliveries", row) for row in deliveries & about_others[1]]
    days = [db.execute(f"SELECT on_date FROM {table} WHERE id = ?", (row,)).fetchone()[0] for table, row in shared]
    facts, deliveries = facts - about_others[0], deliveries - about_others[1]
    rows = db.execute("SELECT id, message_id FROM deliveries")
    return ToErase(facts, deliveries, frozenset(name for row, name in rows if row in deliveries), tuple(sorted(days)))


def _remove(db: sqlite3.Connection, found: ToErase, about: Collection[str]) -> None:
    """The rows themselves; in a transaction."""
    [(guard,)] = db.execute("SELECT sql FROM sqlite_master WHERE name = 'facts_are_not_deleted'")
    db.execute("DROP TRIGGER facts_are_not_deleted")
    db.executemany("DELETE FROM facts WHERE id = ?", _each(found.facts))
    db.execute(guard)
    for table, column in (("attempts", "delivery"), ("delivery_keys", "delivery"), ("deliveries", "id")):
        db.executemany(f"DELETE FROM {table} WHERE {column} = ?", _each(found.deliveries))
    is_one = named(about)
    for table, column in _named_columns(db):
        names = db.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()
        gone = [(name,) for (name,) in names if is_one(str(name))]
        db.executemany(f"DELETE FROM {table} WHERE {column} = ?", gone)
    db.execute("DELETE FROM told")  # what the user was told may name them, and is told again at the most


def _named_columns(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """The columns that name an invoice or a customer, in all tables whose rows are of one of them."""
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    of = {table: {row[1] for row in db.execute(f"PRAGMA table_info({table})")} for table in tables}
    return [
        (table, column)
        for table, columns in of.items()
        for column in ("invoice", "customer")
        if column in columns and table not in _OWN and not table.startswith("sqlite_")
    ]


def _each(rows: Iterable[int]) -> list[tuple[int]]:
    return [(row,) for row in rows]
