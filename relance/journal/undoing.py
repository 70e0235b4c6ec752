"""What the user takes back: a fact stays written and counts no more, a message stands again where it stood."""

import json
import sqlite3
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from relance.core.facts import Allocated, Approved, Confirmed, Held, Paid, Released, Reminded
from relance.core.invoice import held_target
from relance.journal.attempts import outcome_of_row, set_state, set_word
from relance.journal.receipts import Record
from relance.journal.resolving import Resolving
from relance.journal.rows import UserFact
from relance.journal.saying import TAKEN_BACK, Said, fact_of
from relance.journal.values import Reopened, State

# What was written anew since is another message, and where that one stands nobody takes back.
_RESOLVED = (
    "SELECT d.settled_at, d.id, d.resolved_on, d.state, a.state_before, k.invoice FROM deliveries d"
    " JOIN attempts a ON a.delivery = d.id JOIN delivery_keys k ON k.delivery = d.id"
    " WHERE a.state_before IS NOT NULL AND NOT EXISTS (SELECT 1 FROM delivery_keys mine"
    " JOIN delivery_keys theirs USING (invoice, stage, channel, ladder) JOIN deliveries later"
    " ON later.id = theirs.delivery WHERE mine.delivery = d.id AND later.id > d.id AND later.state <> 'not_sent')"
    " ORDER BY d.settled_at DESC, d.id DESC"
)


class _Resolved(NamedTuple):
    settled_at: str
    delivery: int
    on: str
    state: str
    state_before: str


class Undoing(Resolving):
    """The part of the journal that takes back what was said; JournalError where a file cannot be used."""

    def take_back(self, about: Collection[str], today: date) -> UserFact | Reopened | None:
        """Take back the last thing that the user said about one of `about` (invoice keys, customer ids), and return it.

        None where there is nothing. What was said of a message is taken back for all its invoices.
        """
        with self._readable_rows(), self._writing() as db:
            standing = [(said, fact_of(said)) for said in self._said()]
            last = next((each for each in reversed(standing) if subject_of(each[1]) in about), None)
            resolved = next((_Resolved(*row) for *row, key in db.execute(_RESOLVED) if key in about), None)
            back: UserFact | Reopened
            if resolved is not None and (last is None or last[0].recorded_at < resolved.settled_at):
                back, told = self._reopen(db, resolved)
            elif last is not None:
                back = last[1]
                same = [said for said, fact in standing if said == last[0] or _of_one_draft(fact, back)]
                told = self._write_facts(db, [_taken(said, today) for said in same])
            else:
                return None
        self._tell(*told)
        return back

    def spoken_of(self, about: Collection[str]) -> frozenset[str]:
        """Of `about` (invoice keys, customer ids), those about which `take_back` finds something."""
        resolved = self._rows(_RESOLVED)
        with self._readable_rows():
            said = {subject_of(fact_of(said)) for said in self._said()} | {str(row[-1]) for row in resolved}
        return frozenset(each for each in about if each in said)

    def _reopen(self, db: sqlite3.Connection, resolved: _Resolved) -> tuple[Reopened, list[Record]]:
        """The delivery as it stood before the user's word."""
        before = State(resolved.state_before)
        set_state(db, resolved.delivery, before, self._stamp())
        set_word(db, resolved.delivery, None, None)
        numbers = self._numbers([resolved.delivery])
        back = Reopened(numbers, date.fromisoformat(resolved.on), State(resolved.state), before)
        return back, [outcome_of_row(db, resolved.delivery)]


def _taken(said: Said, today: date) -> tuple[str, str, str, str]:
    return TAKEN_BACK, today.isoformat(), json.dumps(said.identity), ""


def _of_one_draft(fact: UserFact, other: UserFact) -> bool:
    if not (isinstance(fact, Reminded) and isinstance(other, Reminded) and fact.contact.message_id):
        return False
    return fact.contact.message_id == other.contact.message_id


def subject_of(fact: UserFact) -> str | None:
    """The invoice (its key) or customer (its id) that was spoken of; None for the file, the clock, the mailbox."""
    match fact:
        case Held() | Released():
            return held_target(fact.target)
        case Reminded() | Paid() | Approved() | Confirmed() | Allocated():
            return fact.invoice
        case _:
            return None
