"""The journal's tables, which journals have them, and what SQLite's errors mean to a freelancer."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import DecimalException
from itertools import chain
from pathlib import Path
from types import TracebackType

from relance.errors import JournalError
from relance.french import system_words

_FIRST = "2026-11 word about a message"
"""The oldest shape that can be brought to today's; of the names of its time it is the newest."""
_ITS_TIME = "2026-11 "
_RUNS = (
    "CREATE TABLE runs (id INTEGER PRIMARY KEY AUTOINCREMENT, on_date TEXT NOT NULL, began_at TEXT NOT NULL,"
    " ended_at TEXT, code INTEGER, counts TEXT NOT NULL DEFAULT '{}')"
)
_CHANGES = (
    "CREATE TABLE changes (invoice TEXT NOT NULL, on_date TEXT NOT NULL, outstanding TEXT NOT NULL,"
    " due_date TEXT NOT NULL, stage TEXT NOT NULL, currency TEXT NOT NULL, PRIMARY KEY (invoice, on_date))"
    " WITHOUT ROWID",
    "CREATE TABLE month_ends (on_date TEXT NOT NULL, currency TEXT NOT NULL, outstanding TEXT NOT NULL,"
    " overdue TEXT NOT NULL, PRIMARY KEY (on_date, currency)) WITHOUT ROWID",
)
_CHAIN = (
    "CREATE TABLE chain (n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, what TEXT NOT NULL,"
    " row INTEGER NOT NULL, salt TEXT, content TEXT, digest TEXT NOT NULL, hash TEXT NOT NULL)",
    "CREATE TRIGGER chain_is_not_deleted BEFORE DELETE ON chain BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    # What may go is a content with its salt: it is blanked, and its digest stays.
    "CREATE TRIGGER chain_is_not_changed BEFORE UPDATE OF n, at, what, row, digest, hash ON chain"
    " BEGIN SELECT RAISE(ABORT, 'append-only'); END",
)
STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # What was claimed while there were no receipts yet: nobody knows its end, which has a word of its own since.
    ("0.1.0", ("UPDATE deliveries SET state = 'in_doubt' WHERE state = 'claimed'",)),
    # Where each customer was written to: what the next run compares, once one has looked.
    ("0.1.0 addresses", ("ALTER TABLE seen ADD COLUMN emails TEXT",)),
    ("0.1.0 runs", (_RUNS,)),
    ("0.1.0 changes", _CHANGES),
    # What the user's own mailbox has of a message: a draft, as the last look found it, and the copy that it is to get.
    (
        "0.1.0 mailbox",
        tuple(
            f"ALTER TABLE attempts ADD COLUMN {name}" for name in ("lies TEXT", "left_on TEXT", "copy_tries INTEGER")
        ),
    ),
    # The chain over what is written; files.py begins it with what is there.
    ("0.1.0 chain", _CHAIN),
)
"""Each shape after the first with what makes it of the one before; a name never changes its meaning."""
SHAPE = STEPS[-1][0]
"""What a journal calls the tables below."""

TABLES = (
    "CREATE TABLE migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)",
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE facts (id INTEGER PRIMARY KEY AUTOINCREMENT, recorded_at TEXT NOT NULL, kind TEXT NOT NULL,"
    " on_date TEXT NOT NULL, payload TEXT NOT NULL, note TEXT NOT NULL)",
    "CREATE TRIGGER facts_are_not_changed BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    "CREATE TRIGGER facts_are_not_deleted BEFORE DELETE ON facts BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    # `raw` comes last: SQLite reads the short columns before it without touching its overflow pages.
    "CREATE TABLE deliveries (id INTEGER PRIMARY KEY AUTOINCREMENT, created_at TEXT NOT NULL,"
    " on_date TEXT NOT NULL, channel TEXT NOT NULL, customer TEXT NOT NULL, stage TEXT NOT NULL,"
    " message_id TEXT NOT NULL, envelope_from TEXT NOT NULL, addresses TEXT NOT NULL, recipients TEXT NOT NULL,"
    " subject TEXT NOT NULL, state TEXT NOT NULL, code INTEGER, reply TEXT NOT NULL DEFAULT '',"
    " refused_address TEXT NOT NULL DEFAULT '', settled_at TEXT, resolved_on TEXT, raw BLOB NOT NULL)",
    # What a delivery and its line in the receipts know each other by, and where it stood until the user's word settled
    # it; beside the letters and not behind them.
    "CREATE TABLE attempts (delivery INTEGER PRIMARY KEY REFERENCES deliveries(id), attempt TEXT NOT NULL UNIQUE,"
    " server TEXT NOT NULL DEFAULT '', dot_at TEXT, next_try TEXT, tries INTEGER NOT NULL DEFAULT 0,"
    " state_before TEXT, lies TEXT, left_on TEXT, copy_tries INTEGER)",
    "CREATE TABLE delivery_keys (delivery INTEGER NOT NULL REFERENCES deliveries(id), invoice TEXT NOT NULL,"
    " number TEXT NOT NULL, stage TEXT NOT NULL, channel TEXT NOT NULL, ladder INTEGER NOT NULL,"
    " snapshot TEXT NOT NULL, term TEXT, live INTEGER NOT NULL)",
    "CREATE TABLE seen (invoice TEXT PRIMARY KEY, number TEXT NOT NULL, customer TEXT NOT NULL, total TEXT NOT NULL,"
    " issue_date TEXT, due_date TEXT NOT NULL, is_open INTEGER NOT NULL, gone_on TEXT, paid TEXT, paid_on TEXT,"
    " formerly TEXT NOT NULL DEFAULT '', emails TEXT)",
    "CREATE TABLE told (name TEXT PRIMARY KEY, on_date TEXT NOT NULL)",
    _RUNS,
    *_CHANGES,
    *_CHAIN,
    "CREATE INDEX keys_of_delivery ON delivery_keys (delivery)",
    "CREATE UNIQUE INDEX one_live_key ON delivery_keys (invoice, stage, channel, ladder) WHERE live",
    "CREATE INDEX deliveries_by_message ON deliveries (message_id)",
    "CREATE INDEX deliveries_by_state ON deliveries (state)",
    "INSERT INTO meta VALUES ('journal', lower(hex(randomblob(16))))",
    "INSERT INTO meta VALUES ('receipts', '0')",
)

REBUILD = (
    "« relance repair » le refait avec les reçus et les sauvegardes. "
    "Ne le supprimez pas : relance ne saurait plus quels messages sont partis."
)
_MEANINGS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_READONLY: ("ne peut pas être écrit", "Vérifiez les droits du fichier et de son dossier."),
    sqlite3.SQLITE_PERM: ("ne peut pas être lu", "Vérifiez les droits du fichier et de son dossier."),
    sqlite3.SQLITE_CANTOPEN: ("ne peut pas être ouvert", "Vérifiez les droits du fichier et de son dossier."),
    sqlite3.SQLITE_FULL: ("ne peut pas être écrit : le disque est plein", "Libérez de la place, puis recommencez."),
    sqlite3.SQLITE_IOERR: ("ne peut pas être lu ou écrit : le disque répond par une erreur", "Vérifiez le disque."),
    sqlite3.SQLITE_BUSY: ("est utilisé par un autre programme", "Attendez qu’il ait fini, puis recommencez."),
}


class DamagedError(JournalError):
    """The journal is missing or no longer readable: only `relance repair` goes on from here."""


_DAMAGED = ("est abîmé, ou n’est pas un journal de relance", REBUILD)


class guarded:  # noqa: N801  (as those of contextlib)
    """Turns what SQLite and the system say of the journal at `path` into a JournalError with its cure.

    No generator: a message on its way out passes a dozen of these.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is not None and (meant := self._meaning(error)) is not None:
            raise meant from error

    def _meaning(self, error: BaseException) -> JournalError | None:
        match error:
            case sqlite3.ProgrammingError():
                return None  # a bug of ours, not a state of the file
            case sqlite3.Error():
                code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the primary code
                what, cure = _MEANINGS.get(code, _DAMAGED)
                kind = JournalError if code in _MEANINGS else DamagedError
                return kind(f"Le journal « {self._path} » {what} ({error}).", cure)
            case OSError():
                said = f"Le journal « {self._path} » ne peut pas être utilisé ({system_words(error)})."
                return JournalError(said, "Vérifiez le chemin, les droits et la place sur le disque.")
            case _:
                return None


class readable(guarded):  # noqa: N801
    """The same; what the block reads there is what a version of ours wrote, or DamagedError."""

    __slots__ = ()

    def _meaning(self, error: BaseException) -> JournalError | None:
        if isinstance(error, LookupError | TypeError | ValueError | DecimalException):
            return DamagedError(
                f"Le journal « {self._path} » contient une ligne illisible ({error}).",
                "Remettez une sauvegarde à sa place, ou lancez « relance repair ».",
            )
        return super()._meaning(error)


def meta_of(db: sqlite3.Connection) -> dict[str, str]:
    """What the journal knows of itself: its first day, its id, how long its receipts were, what was last seen."""
    return dict(db.execute("SELECT name, value FROM meta").fetchall())


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All of it or nothing; on the disk when it ends without an exception."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.OperationalError):  # a full disk makes SQLite roll back by itself
            db.execute("ROLLBACK")
        raise


@contextmanager
def still(db: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """While the block reads, from its first look on, no other process commits."""
    db.execute("BEGIN")
    try:
        yield db
    finally:
        with suppress(sqlite3.OperationalError):
            db.execute("ROLLBACK")


def lacking(db: sqlite3.Connection, path: Path) -> tuple[str, ...]:
    """What brings this journal to today's shape, nothing where it has it.

    JournalError where it is older than all that can be brought there, newer, foreign or empty.
    """
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        raise DamagedError(f"Le journal « {path} » est vide.", REBUILD)
    if "migrations" not in tables:
        cure = "Corrigez [journal] file dans les réglages : ce fichier sert à autre chose."
        raise JournalError(f"Le journal « {path} » n’est pas un journal de relance.", cure)
    names = {name for (name,) in db.execute("SELECT name FROM migrations")}
    known = [name for name, _ in STEPS]
    if any(name not in known and not name.startswith(_ITS_TIME) for name in names):
        raise JournalError(
            f"Le journal « {path} » a été écrit par une version plus récente de relance.",
            "Mettez relance à jour sur cette machine ; le journal n’a pas été touché.",
        )
    if not names & {_FIRST, *known}:
        raise JournalError(
            f"Le journal « {path} » date d’une version de relance trop ancienne : celle-ci ne sait plus le lire.",
            "Reprenez la version qui l’a écrit, ou nommez un autre fichier dans [journal] file et redites-lui ce qui "
            "est parti (« relance record ») ; celui-ci n’a pas été touché.",
        )
    done = max((known.index(name) + 1 for name in names & {*known}), default=0)
    return tuple(chain.from_iterable(statements for _, statements in STEPS[done:]))


def shape(
    db: sqlite3.Connection, statements: tuple[str, ...], stamp: str, then: Callable[[sqlite3.Connection, str], None]
) -> None:
    """Give a journal today's shape, by TABLES in an empty file, by what it is `lacking` where it has an older one.

    `then` is what no statement does. Whole or not at all; a twin that was faster did it.
    """
    with transaction(db):
        for statement in statements:
            db.execute(statement)
        then(db, stamp)
        db.execute("INSERT OR IGNORE INTO migrations VALUES (?, ?)", (SHAPE, stamp))
