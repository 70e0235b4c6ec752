"""A third memory, in the user's own state folder: how far journal and receipts were, so that one put back is seen.

Before the first message of a run all three learn the number of its generation: the receipts, then the journal, then the
witness. Before each final dot the witness learns the number of its line in the receipts, too. That is on the disk at
the end of the run alone, for the line itself is there before the dot: a power cut may leave the witness behind, no kill
does. Once it is there, the journal notes how far the witness is: behind that, it was put back.
"""

import os
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from relance.errors import JournalError
from relance.journal.receipts import DOT, GENERATION, Log, Receipts, Record
from relance.journal.schema import meta_of, transaction

_META, _WITNESSED, _REACHED = "generation", "witness", "witnessed"
_FORM = "{:010d} {:010d}\n"


class Reach(NamedTuple):
    """How far a memory is: the generation, and how many messages came to their dot in it."""

    generation: int = 0
    dots: int = 0


NOWHERE = Reach()


class PutBackError(JournalError):
    """One of the three memories is older than the others, or missing: what left since is not known."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} : relance ne sait pas ce qui est parti depuis, et n’envoie rien.",
            "Si c’est voulu (sauvegarde remise, nouvel ordinateur, dossier copié), « relance confirm journal » montre "
            "ce qui pourrait partir deux fois, puis l’accepte ; sinon, remettez le fichier à sa place.",
        )


class Witness:
    """The witness of one journal; every method but `known` may raise OSError."""

    def __init__(self, journal_id: str) -> None:
        self.id = journal_id
        self._handle: int | None = None

    @property
    def path(self) -> Path:
        """Where it lies, under the id of the journal: a folder that moves finds it again."""
        return state_folder(os.environ) / self.id

    def read(self) -> Reach | None:
        """What it says, the first reach where that cannot be understood; None where there is none."""
        try:
            text = self.path.read_text("ascii", "replace")
        except FileNotFoundError:
            return None
        numbers = text.split()
        return Reach(*map(int, numbers)) if len(numbers) == 2 and all(map(str.isdecimal, numbers)) else Reach()

    def known(self) -> Reach | None:
        """The same; None where it cannot be read, too."""
        with suppress(OSError):
            return self.read()
        return None

    def open(self) -> None:
        """For writing, made where there is none yet."""
        if self._handle is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)

    def write(self, reach: Reach) -> None:
        """Where it is not open, nothing is written."""
        if self._handle is not None:
            os.pwrite(self._handle, _FORM.format(*reach).encode(), 0)

    def flush(self) -> None:
        """What was written is on the disk when this returns."""
        if self._handle is not None:
            os.fsync(self._handle)

    def close(self) -> bool:
        """The same, as far as the disk can still be written; there is no more of it to come. Whether it is there."""
        if self._handle is None:
            return False
        flushed = False
        with suppress(OSError):
            self.flush()
            flushed = True
        os.close(self._handle)
        self._handle = None
        return flushed


def state_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Where a program keeps what it has to know of its own runs, by the custom of the system.

    OSError where the system knows no home.
    """
    try:
        home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    except RuntimeError as error:
        raise FileNotFoundError(2, os.strerror(2), "HOME") from error
    if platform == "darwin":
        return home / "Library" / "Application Support" / "relance"
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "relance"
    named = Path(environ.get("XDG_STATE_HOME", ""))
    return (named if named.is_absolute() else home / ".local" / "state") / "relance"


def generation_record(reach: Reach) -> Record:
    """The line of the receipts that begins a generation, or says how far the receipts were that these replace."""
    return {"kind": GENERATION, **reach._asdict()}


def reach_of(log: Log) -> Reach:
    """How far receipts are."""
    reach = Reach()
    for record in log.records:
        if record["kind"] == GENERATION:
            reach = Reach(record["generation"], record["dots"])
        elif record["kind"] == DOT and record.get("generation") == reach.generation:
            reach = reach._replace(dots=max(reach.dots, record["dot"]))
    return reach


def put_back(journal: int, receipts: Reach, witness: Reach | None, least: Reach = NOWHERE) -> PutBackError | None:
    """What tells that one of the three is older than it was: no crash leaves them so.

    A crash leaves the receipts ahead of the witness by lines of one generation, or all three around the beginning of
    one in which nothing left yet. `witness` is None where there never was one, `least` how far the journal knows it.
    """
    if witness is not None and witness < least:
        return PutBackError(_WITNESS_OLD)
    seen = witness if witness is not None else Reach(journal, receipts.dots)
    top = max(journal, receipts.generation, seen.generation)
    if receipts == Reach(top, 0) and (seen.generation == top - 1 or witness is None) and journal in (top - 1, top):
        return None
    if receipts < seen or receipts.generation < top:
        return PutBackError("Les reçus du journal manquent, ou sont plus anciens qu’à la fin du dernier envoi")
    if journal < top:
        return PutBackError("Le journal est plus ancien que ses reçus")
    if seen.generation < top:
        return PutBackError(_WITNESS_OLD)
    return None


_WITNESS_OLD = "La mémoire que relance garde hors du dossier manque, ou est plus ancienne que le journal"


class Generations:
    """The generation of the run at hand, in all three memories; every method may raise OSError and sqlite3.Error."""

    def __init__(self, db: sqlite3.Connection, receipts: Receipts, journal_id: str) -> None:
        self._db, self._receipts = db, receipts
        self.witness = Witness(journal_id)
        self._reach: Reach | None = None
        self._told = NOWHERE

    def close(self) -> None:
        """The run is over: where messages left in it, the journal notes how far the witness is on the disk."""
        if self.witness.close() and self._told.dots:
            with suppress(sqlite3.Error), transaction(self._db) as db:
                db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_REACHED, _FORM.format(*self._told)))

    def put_back(self, log: Log) -> PutBackError | None:
        """What tells that one of the three was put back."""
        seen, meta = self.witness.known(), meta_of(self._db)
        if seen is None and meta.get(_WITNESSED) == "yes":
            seen = Reach()
        least = Reach(*map(int, meta.get(_REACHED, "0 0").split()))
        return put_back(int(meta.get(_META, 0)), reach_of(log), seen, least)

    def begin_once(self) -> None:
        """The generation of this run, before its first message is prepared."""
        if self._reach is None:
            self.begin(None)

    def begin(self, log: Log | None) -> None:
        """A generation after that of the journal or, where these receipts are given, after all that is known of.

        One that the witness never learnt is begun again: nothing left in it, and two in a row would look put back.
        """
        meta, seen = meta_of(self._db), self.witness.known()
        last = int(meta.get(_META, 0))
        if log is not None:
            last = max(last, reach_of(log).generation, (seen or Reach()).generation)
        elif seen is not None and seen.generation == last - 1:
            last = seen.generation
        self._reach = Reach(last + 1)
        self._receipts.append(generation_record(self._reach))
        try:
            self.witness.open()
            said = "yes"
        except OSError:  # a system without a home that can be written: the two others must do
            if meta.get(_WITNESSED) == "yes" and log is None:
                raise
            said = "no"
        rows = [(_META, str(self._reach.generation)), (_WITNESSED, said)]
        with transaction(self._db) as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
        self.witness.write(self._reach)
        self.witness.flush()

    def next_dot(self) -> Mapping[str, int]:
        """What the line of the receipts before the next final dot says of its place."""
        assert self._reach is not None  # `prepare` began it
        self._reach = self._reach._replace(dots=self._reach.dots + 1)
        return {"generation": self._reach.generation, "dot": self._reach.dots}

    def witness_dot(self) -> None:
        """The witness learns that this line is written: once more before the dot."""
        assert self._reach is not None
        self.witness.write(self._reach)
        self._told = self._reach
