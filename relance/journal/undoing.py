"""What the user takes back: it stays written, and counts no more."""

import json
from collections.abc import Collection
from datetime import date

from relance.core.facts import Allocated, Approved, Confirmed, Held, Paid, Released, Reminded
from relance.core.invoice import held_target
from relance.journal.resolving import Resolving
from relance.journal.rows import UserFact
from relance.journal.saying import TAKEN_BACK, Said, fact_of


class Undoing(Resolving):
    """The part of the journal that takes back what was said; JournalError where a file cannot be used."""

    def take_back(self, about: Collection[str], today: date) -> UserFact | None:
        """Take back the last thing that the user said about one of `about` (invoice keys, customer ids), and return it.

        None where there is nothing. What was said of a message is taken back for all its invoices.
        """
        with self._readable_rows(), self._writing() as db:
            standing = [(said, fact_of(said)) for said in self._said()]
            last = next((each for each in reversed(standing) if subject_of(each[1]) in about), None)
            if last is None:
                return None
            same = [said for said, fact in standing if said == last[0] or _of_one_draft(fact, last[1])]
            told = self._write_facts(db, [_taken(said, today) for said in same])
        self._tell(*told)
        return last[1]


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
