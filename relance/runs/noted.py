"""What the journal tells a desk, read in one opening: facts, what the last run saw, since when, until when."""

from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from relance.core.facts import Fact
from relance.core.history import Run, Seen

if TYPE_CHECKING:
    from relance.journal import Journal
    from relance.runs.freshness import Content


class Noted(NamedTuple):
    """`facts` oldest first, `seen` by invoice key, the `content` of an address, the latest instant noted (`stamp`).

    `rows` names those that the last run saw whole; `run` is the last run of the schedule, of days up to today.
    """

    facts: list[Fact]
    seen: dict[str, Seen]
    started: date | None
    content: "Content | None"
    stamp: datetime | None
    rows: frozenset[str] = frozenset()
    run: Run | None = None


NOTHING_NOTED = Noted([], {}, None, None, None)
"""What a journal that does not exist yet tells."""


def noted_in(journal: "Journal", today: date) -> Noted:
    """What this open journal has now; to a day before its last run, that run saw nothing."""
    seen, content, run = journal.seen(today), content_in(journal), journal.runs.last(today)
    return Noted(journal.facts(), seen, journal.started, content, journal.last_stamp(), journal.rows(), run)


def content_in(journal: "Journal") -> "Content | None":
    """What the last run saw at the address of the invoices."""
    from relance.runs.freshness import Content

    seen = journal.content()
    return Content(*seen) if seen is not None else None
