"""What a run leaves of the sums that it counted, for the trends of the report; and what a report finds of it."""

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from relance.core.bills import Memory, Tally, bills_of
from relance.core.plan import Plan
from relance.core.trend import Point, changes, digested, kept_from
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.journal import Journal


class Remembered(NamedTuple):
    """The changes by invoice key, and the ends of the months before those."""

    changes: Memory
    months: list[Point]


def note_changes(journal: "Journal", plan: Plan) -> None:
    """Keep what changed since the last run; of changes older than two years, the ends of their months."""
    kept = journal.changes
    known: dict[str, Tally] = kept.last()
    kept.note(changes(plan, known), plan.today)
    first = kept_from(plan.today)
    if kept.has_before(first):
        memory = kept.until(plan.today)
        kept.digest(digested(bills_of(plan, memory), memory, kept.months(), plan.today), first)


def revisions(plan: Plan, memory: Memory) -> dict[str, int]:
    """How often what runs counted of each invoice changed in sum or due date, the change of the day included."""
    now = {each.invoice: each for each in changes(plan, {key: found[-1] for key, found in memory.items()})}
    told = {key: [*found, *filter(None, [now.get(key)])] for key, found in memory.items()}
    sums = {key: [(each.outstanding, each.due_date) for each in found] for key, found in told.items()}
    return {key: sum(one != other for one, other in pairwise(found)) for key, found in sums.items()}


def remembered(desk: Desk) -> Remembered:
    """What runs remember up to the day of the desk; nothing without settings or journal."""
    from relance.journal import read_journal

    journal = read_journal(desk.settings.journal) if desk.settings is not None else None
    if journal is None:
        return Remembered({}, [])
    with journal:
        months = [each for each in journal.changes.months() if each.on <= desk.today]
        return Remembered(journal.changes.until(desk.today), months)
