"""What the user took back: it stays written, and counts no more."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from relance.core.facts import Allocated, Approved, Confirmed, Held, Paid, Released, Reminded
from relance.core.invoice import held_target
from relance.journal.rows import UserFact

TAKEN_BACK = "taken_back"
"""The kind of a fact whose payload is the identity of the one that it takes back."""


class Said(NamedTuple):
    """A fact as it is written: with the instant, nothing else that was said is the same."""

    recorded_at: str
    kind: str
    payload: str


def standing(rows: Sequence[tuple[str, str, str]]) -> list[Said]:
    """What was said, in order, without what was taken back; ValueError where no version of ours wrote it."""
    said = [Said(*row) for row in rows]
    taken = {Said(*json.loads(row.payload)) for row in said if row.kind == TAKEN_BACK}
    return [row for row in said if row.kind != TAKEN_BACK and row not in taken]


def subject_of(fact: UserFact) -> str | None:
    """The invoice (its key) or customer (its id) that was spoken of; None for the file, the clock, the mailbox."""
    match fact:
        case Held() | Released():
            return held_target(fact.target)
        case Reminded() | Paid() | Approved() | Confirmed() | Allocated():
            return fact.invoice
        case _:
            return None
