"""The open journal as a table of contents; what takes more than a few lines of SQL stands in the file of its noun."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from relance.core.events import Telling
from relance.core.facts import Drafted, Fact, Reminded, UserFact
from relance.core.history import Seen
from relance.core.message import Message
from relance.errors import JournalError
from relance.journal import deliveries, mails, notes, recovery, said
from relance.journal.chain import Chain
from relance.journal.changes import Changes
from relance.journal.dossier import check_dossier, claim
from relance.journal.doubts import doubts_in_a_row, in_doubt, last_words, reopen, resolve, resolved, send_draft
from relance.journal.erasing import Erasing
from relance.journal.last_dossier import remember_dossier
from relance.journal.outgoing import Outgoing
from relance.journal.parts import Lacking, Parts, mend_parts
from relance.journal.receipts import Receipts, Record, parts_are_whole, read_open, read_receipts
from relance.journal.runs import Runs
from relance.journal.schema import guarded, meta_of, readable, still
from relance.journal.sealing import chained
from relance.journal.values import Departure, Prepared, Reopened, Settled, SpokenError, State, TakenError, Unsettled
from relance.journal.whole_files import back_up, backups
from relance.journal.witness import Generations, PutBackError, Reach


class Journal:
    """Every method is one transaction, on the disk when it returns (but for `answered`, which the receipts have).

    JournalError where a file cannot be used. `started` is the day it was begun, `id` what its receipts know it by.
    """

    def __init__(self, path: Path, db: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self.path = path
        self.receipts, self._parts, self.notices = Receipts(path), Parts(path), notes.Notices(path, db)
        self.runs, self.changes, self.mails = Runs(path, db, now), Changes(path, db), mails.Mails(path, db)
        self.chain, self.erasing = Chain(path, db, now), Erasing(self.receipts, db, now)
        self._db, self._now, self.outgoing = db, now, Outgoing(path, db, self._parts)
        self._unwritten: list[tuple[Prepared, Settled, str]] = []
        self._armed: set[int] = set()
        self._dots: dict[int, dict[str, str]] = {}
        with self._reading():
            self._heard = self._opened = said.last_id(db)
            meta = meta_of(db)
            self.started, self.id = date.fromisoformat(meta["started"]), str(meta["journal"])
        self._generations = Generations(db, self.receipts, self.id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.receipts.close()
        self._generations.close()
        self._db.close()

    # The files: the journal, its receipts, its copies, and whose they are.

    def check_dossier(self, settings: Path) -> None:
        """JournalError where this is the journal of other settings, which are still there."""
        with guarded(self.path):
            check_dossier(self._db, self.path, settings)

    def claim(self, settings: Path, *, from_others: bool = False) -> bool:
        """It is theirs from now on, and was not before (returned); JournalError as above, unless `from_others`."""
        with guarded(self.path):
            new = claim(self._db, self.path, settings, from_others=from_others)
        remember_dossier(settings)
        return new

    def begin_receipts(self) -> None:
        """The receipts file of a journal that never had one, with all that the journal knows."""
        with guarded(self.receipts.path):
            if self.receipts.size() == 0 and recovery.known_size(self._db) == 0:
                recovery.write_receipts(self._db, self.path, Reach(), replace=False)

    def recover(self) -> recovery.Recovered:
        """What the last run left open is settled by what the receipts say, and each file gets what only the other has.

        Call it under the lock, before anything is planned: a message that another run is sending looks like one that
        a crash left behind. Raises JournalError.
        """
        with guarded(self.receipts.path):
            log = recovery.log_of(self._db, self.path)
            with self._writing() as db:
                found = recovery.mend(db, log, behind=self._generations.put_back(log) is not None)
            self.receipts.close()
            found = found._replace(lost=found.lost or (log.open_only and not parts_are_whole(self.path, log)))
            agreed = recovery.complete(self._db, self.receipts, log, found, f"{self._now():%Y%m%dT%H%M%S}")
            with self._writing() as db:
                recovery.note_agreed(db, agreed, self.receipts.size())
        self.erasing.finish()
        return found

    def back_up(self, today: date, *, anew: bool = True) -> None:
        """A copy of the day, `anew` or where none has all that is known; JournalError if not, which harms nothing."""
        with self._reading() as db:
            state, copied = notes.state_of(db), meta_of(db).get("copied")
        if anew or state != copied or not backups(self.path):
            back_up(self.path, self._db, today, anew=anew)
            with self._writing() as db:
                notes.note_copied(db, state)

    def put_back(self) -> PutBackError | None:
        """What tells that the journal, its receipts or their witness were put back; ask before `recover`."""
        with guarded(self.receipts.path):
            return self._generations.put_back(read_open(self.path))

    def accept(self) -> None:
        """All three go on from here, by the user's word; call it under the lock, after `recover`."""
        with guarded(self.receipts.path):
            self._generations.begin(read_open(self.path))

    # What is known, and what the last run saw.

    def facts(self) -> list[Fact]:
        """Everything known, in order: what the user said, what deliveries left open, then all contacts by day."""
        with self._reading() as db:
            self._heard = said.last_id(db)  # before the facts: what comes between is heard twice rather than never
            told = said.told_facts(db)
            left = [*deliveries.left_behind(db, said.said_sent(told))]
            told = said.amid(told, notes.unread_seen(db))
        return sorted([*told, *left], key=lambda fact: fact.on if isinstance(fact, Reminded) else date.min)

    def tellings(self, by: date) -> list[Telling]:
        """All that the user said and took back until that day, in order."""
        with self._reading() as db:
            return said.tellings(db, by)

    def news(self) -> set[str | None]:
        """What was spoken of since the journal was opened; None: it may be all of it."""
        with self._reading() as db:
            return said.spoken_since(db, self._opened)

    def spoken_of_since(self, message: Message) -> bool:
        """Whether others spoke of invoices or customers of this message since the facts were asked for."""
        with self._reading() as db:
            if said.last_id(db) == self._heard:
                return False
            about = {None, *message.about, *(key.invoice for key in message.keys)}
            return not said.spoken_since(db, self._heard).isdisjoint(about)

    def departures(self, about: Collection[str], since: datetime) -> list[Departure]:
        """The messages about these invoices (keys) that left since that instant, or are at the dot."""
        with self._reading():
            return recovery.departures(read_receipts(self.path), about, since)

    def last_stamp(self) -> datetime | None:
        """The latest instant (UTC) at which anything was noted, None in a new journal."""
        with self._reading() as db:
            return notes.last_stamp(db)

    def untold(self, names: Iterable[str], on: date) -> tuple[str, ...]:
        """Of what needs the user (by name), what he was not told for seven days; of what is told once, ever."""
        with self._reading() as db:
            return notes.untold(db, names, on)

    def told(self, names: Iterable[str], on: date) -> None:
        """He was told these on that day: call it once he could read them."""
        with self._writing() as db:
            notes.note_told(db, names, on)

    def remember(self, invoices: Iterable[Seen], on: date, rows: Iterable[str] | None = None) -> None:
        """What the run of that day saw, but for what one of a later day did: invoices, and marks of whole rows."""
        with self._writing() as db:
            notes.remember(db, invoices, on, rows)

    def rows(self) -> frozenset[str]:
        """What names the rows that the last run saw whole."""
        with self._reading() as db:
            return notes.rows(db)

    def seen(self, by: date = date.max) -> dict[str, Seen]:
        """What the last run saw in the file, by invoice key; nothing where it was a run of a day after `by`."""
        with self._reading() as db:
            return notes.seen(db, by)

    def note_content(self, digest: str, since: date) -> None:
        """What stands at the address of the invoices (SHA-256 of it), and the day on which it was first seen so."""
        with self._writing() as db:
            notes.note_content(db, digest, since)

    def content(self) -> tuple[str, date] | None:
        """What the last run saw at the address of the invoices, and since when; None where none was read."""
        with self._reading() as db:
            return notes.content(db)

    # What the user says, and takes back.

    def record(self, *facts: Fact, note: str = "") -> None:
        """What the user said, all or nothing, never changed afterwards; ValueError on what only a delivery tells."""
        with self._writing() as db:
            alone = said.last_id(db) == self._heard
            told = said.write_said(db, [said.say(fact, note, self._stamp()) for fact in facts])
            last = said.last_id(db)
        self._heard = last if alone else self._heard  # what one said oneself is no news
        self._tell(*told)

    def take_back(self, about: Collection[str], today: date) -> UserFact | Reopened | None:
        """Take back the last thing that the user said about one of `about` (see said.words_of), and return it.

        None where there is nothing. What was said of a message is taken back for all its invoices.
        """
        with self._reading(), self._writing() as db:
            last = said.last_said(db, about)
            word = next((word for word in resolved(db) if word["invoice"] in about), None)
            back: UserFact | Reopened
            if word is not None and (last is None or last.recorded_at < word["settled_at"]):
                back, told = reopen(db, word, self._stamp())
            elif last is not None:
                back, told = said.take_back(db, last, today, self._stamp)
            else:
                return None
        self._tell(*told)
        return back

    def last_words(self, about: Collection[str] | None = None) -> dict[str, UserFact | Reopened]:
        """What `take_back` would take back of each of `about` (None: of all), the last said at the end."""
        with self._reading() as db:
            return last_words(db, about)

    def set_unread_aside(self) -> tuple[tuple[str, str, str, bool], ...]:
        """Lines that cannot be read, as `Repaired` names them; those that may be about any invoice count no more."""
        with self._reading(), self._writing() as db:
            return said.set_unread_aside(db)

    def mend_parts(self, files: Callable[[], Iterable[bytes]]) -> tuple[int, tuple[Lacking, ...]]:
        """Attachments that are lacking, from these files: how many were, and what messages still lack one."""
        with guarded(self.receipts.path), self._reading() as db:
            return mend_parts(db, self._parts, files)

    # What nobody knows the end of, and drafts: the word of the user about a message.

    def in_doubt(self) -> tuple[Unsettled, ...]:
        """Every delivery nobody knows the end of, oldest first."""
        with self._reading() as db:
            return in_doubt(db)

    def doubts_in_a_row(self, server: str) -> tuple[str, ...]:
        """An invoice of each of the last messages that this server was given and left in doubt, since it took one."""
        with self._reading() as db:
            return doubts_in_a_row(db, server)

    def resolve(self, invoice: str, sent: bool, on: date, drafts: Iterable[Drafted] | None = None) -> tuple[str, ...]:
        """Settle what is in doubt, drafted or, as not sent, refused about an invoice (its key) by the user's word.

        Of its drafts these alone (None: all). Returns the numbers of all the invoices that this settles. Call it
        under the lock: a message that another run is sending looks just like one in doubt.
        """
        with self._reading(), self._writing() as db:
            numbers, told = resolve(db, invoice, sent, on, drafts, self._stamp)
        self._tell(*told)
        return numbers

    def draft_sent(self, invoice: str, stage: str, on: date, cause: str = "", note: str = "") -> tuple[str, ...]:
        """The user sent the last draft that this invoice (its key) and stage had by that day himself, on that day.

        Returns the numbers of all the invoices that this settles, if any. `cause` and `note` are about this one.
        """
        with self._reading(), self._writing() as db:
            numbers, told = send_draft(db, invoice, stage, on, cause, note, self._stamp)
        self._tell(*told)
        return numbers

    def found(self, delivery: int, settled: Settled) -> None:
        """How a message ended that was in doubt, or lay in Drafts, as a look has shown; `reply` says what was seen."""
        with self._writing() as db:
            deliveries.settle_row(db, delivery, settled, self._stamp())
        self._tell(deliveries.outcome_of_row(self._db, delivery))

    # What leaves: prepared, at the dot, settled; each step on the disk before the next one is taken.

    def prepare(self, messages: Iterable[Message], on: date) -> list[Prepared]:
        """Take the keys of each message and keep its exact bytes: all of them in one transaction, before any leaves.

        A message that came to the dot before, or was tried today, and says nothing new keeps its bytes of then, its
        date too. Raises ValueError on a message without keys, or with one of them twice: it could leave twice, or
        never.
        """
        with guarded(self.receipts.path):
            several = [message._replace(raw=self._parts.store(message.raw)) for message in messages]
            if several:
                self._generations.begin_once()
        with self._writing() as db:
            return [deliveries.prepare(db, message, on, self._stamp()) for message in several]

    def raw(self, prepared: Prepared) -> bytes:
        """The exact bytes that are to leave."""
        with self._reading() as db:
            [(stored,)] = db.execute("SELECT raw FROM deliveries WHERE id = ?", (prepared.delivery,))
            return self._parts.whole(bytes(stored))

    def at_dot(self, prepared: Prepared, server: str, ahead: Iterable[Prepared] = ()) -> None:
        """The last durable word before the final dot: in the journal, then one line in the receipts.

        In this order: between the two it is certain that nothing left. The journal's word covers the messages `ahead`
        as well: without their lines in the receipts they never left. Raises TakenError where another run has meanwhile
        released this one, SpokenError where something was told that it rests on.
        """
        stamp, delivery = self._stamp(), prepared.delivery
        assert delivery is not None
        self._dots[delivery] = {"dot_at": stamp, "server": server}
        if delivery not in self._armed:
            self._arm([prepared, *ahead])
        # Nobody writes between this look and the line: what is told is seen here, or whoever told it finds the line.
        with guarded(self.path), still(self._db) as db:
            if delivery not in self._armed or not deliveries.is_at(db, delivery, State.AT_DOT):
                raise TakenError
            if self.spoken_of_since(prepared.message):
                raise SpokenError
            record = {**deliveries.whole_record(db, delivery), "at": stamp, "server": server}
            with guarded(self.receipts.path):
                self.receipts.append({**record, **self._generations.next_dot()})
        with guarded(self.receipts.path):
            self._generations.witness_dot()

    def _arm(self, several: Iterable[Prepared]) -> None:
        """Mark these as about to leave, unless they are not ours any more."""
        with self._settling() as db:
            armed = deliveries.arm(db, several, self._dots)
        self._armed |= armed

    def answered(self, prepared: Prepared, settled: Settled) -> None:
        """What the server said of a message that was at the dot: on the disk of the receipts before anything else.

        The journal learns it with the next commit. Where the receipts cannot be written it learns it at once, and
        JournalError tells that nothing more must leave.
        """
        stamp = self._stamp()
        self._unwritten.append((prepared, settled, stamp))
        try:
            with guarded(self.receipts.path):
                self.receipts.append(deliveries.outcome_record(prepared.attempt, settled, stamp))
        except JournalError:
            self.flush()
            raise

    def knows(self, prepared: Prepared) -> bool:
        """Whether the end of this message is in the journal itself."""
        return all(each.delivery != prepared.delivery for each, _, _ in self._unwritten)

    def settle(self, prepared: Prepared, settled: Settled) -> None:
        """How an attempt ended that never came to the dot."""
        assert prepared.delivery is not None
        self._unwritten.append((prepared, settled, self._stamp()))
        self.flush()
        if settled.state is State.DRAFT:
            row = (self._db, prepared.delivery)
            self._tell(deliveries.whole_record(*row), deliveries.outcome_of_row(*row))

    def release(self, prepared: Iterable[Prepared], next_try: datetime | None = None) -> None:
        """These were not tried: free again at once or, where the server said so, from `next_try` on."""
        state, stamp = State.NOT_SENT if next_try is None else State.DEFERRED, self._stamp()
        for each in prepared:
            if each.delivery is not None:
                self._unwritten.append((each, Settled(state, next_try=next_try, tries=each.tries), stamp))
        self.flush()

    def flush(self) -> None:
        """What became of messages, from memory into the journal."""
        if self._unwritten:
            with self._settling():
                pass

    @contextmanager
    def _settling(self) -> Iterator[sqlite3.Connection]:
        """A transaction that first writes every outcome not in the journal yet, and how long the receipts are."""
        with self._writing() as db:
            for each in self._unwritten:
                deliveries.settle_prepared(db, *each, self._dots)
            notes.note_receipts(db, self.receipts.size())
            yield db
        self._unwritten.clear()

    def _tell(self, *records: Record) -> None:
        """Into the receipts what the journal already has; where that fails, the next run makes up for it."""
        with suppress(OSError):
            self.receipts.append(*records)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with guarded(self.path), chained(self._db, self._stamp) as db:
            yield db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with readable(self.path):
            yield self._db

    def _stamp(self) -> str:
        return self._now().astimezone(UTC).isoformat()
