"""What the journal tells a desk, read in one opening: facts, what the last run saw, since when, until when."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from relance.core.credit_notes import as_the_file_allocates
from relance.core.facts import Deferred, Fact, Held, HoldReason, InDoubt
from relance.core.history import History, Run, Seen, fold
from relance.core.invoice import Invoice, keyed
from relance.core.reading import Unagreed
from relance.core.seen import under_present_names
from relance.french import short_date
from relance.runs.rows import with_traces

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.journal import Erased, Journal
    from relance.runs.freshness import Content, Files
    from relance.sources import InvoiceFile


class Noted(NamedTuple):
    """`facts` oldest first, `seen` by invoice key, the `content` of an address, the latest instant noted (`stamp`).

    `rows` names those that the last run saw whole; `run` is the last run of the schedule, of days up to today; `erased`
    are the invoices of erased customers; `told` the notices of which the user was told by then, once for all.
    """

    facts: list[Fact]
    seen: dict[str, Seen]
    started: date | None
    content: "Content | None"
    stamp: datetime | None
    rows: frozenset[str] = frozenset()
    run: Run | None = None
    erased: "Erased | None" = None
    told: frozenset[str] = frozenset()

    def facts_about(self, invoices: Iterable[Invoice]) -> list[Fact]:
        """The facts, behind holds of those whose customer was erased: what these were told is not known any more."""
        days = [(key, self.erased.day_of(key)) for key, _ in keyed(invoices)] if self.erased is not None else []
        held = (Held(key, HoldReason.OTHER, on, note=_effaced(on)) for key, on in days if on is not None)
        return [*held, *self.facts]


def _effaced(on: date) -> str:
    return f"client effacé le {short_date(on)}"


NOTHING_NOTED = Noted([], {}, None, None, None)
"""What a journal that does not exist yet tells."""


def noted_in(journal: "Journal", today: date) -> Noted:
    """What this open journal has now; to a day before its last run, that run saw nothing."""
    seen, content, run = journal.seen(today), content_in(journal), journal.runs.last(today)
    facts, erased, told = journal.facts(), journal.erasing.erased(), journal.notices.once(today)
    return Noted(facts, seen, journal.started, content, journal.last_stamp(), journal.rows(), run, erased, told)


def past(
    noted: Noted | None,
    source: "InvoiceFile",
    files: "Files",
    settings: "Settings",
    unagreed: Unagreed | None,
    now: datetime,
) -> History:
    """What journal and file tell of the days before, how fresh the file is, what the last run saw in it.

    Without a journal yet, it starts today; what statements and platforms tell is not in it.
    """
    from relance.runs.freshness import file_state

    noted, today = noted or NOTHING_NOTED, now.date()
    history = told_alone(noted.facts_about(source.invoices), noted.started, now)._replace(unagreed=unagreed)
    history = with_traces(history, source, noted.rows, settings)
    listed = settings.source.payments.file
    fresh = [file for file in files.marks if str(file.path) in source.telling or file.path == listed]
    state = file_state(files, fresh, noted.content, noted.facts, today, now.tzinfo)
    invoices = keyed(source.invoices)
    history = history._replace(seen=noted.seen, told=noted.told, file=state)
    return as_the_file_allocates(under_present_names(history, invoices), invoices)


def told_alone(facts: Iterable[Fact], started: date | None, now: datetime) -> History:
    """What these facts alone tell; without a journal yet, it starts today."""
    today = now.date()
    return fold([_at_home(fact, now.tzinfo) for fact in facts], started or today, today)._replace(now=now)


def _at_home(fact: Fact, zone: tzinfo | None) -> Fact:
    """The instants of a fact as the user's own clock shows them."""
    if isinstance(fact, InDoubt) and fact.at is not None:
        return fact._replace(at=fact.at.astimezone(zone))
    return fact._replace(until=fact.until.astimezone(zone)) if isinstance(fact, Deferred) else fact


def content_in(journal: "Journal") -> "Content | None":
    """What the last run saw at the address of the invoices."""
    from relance.runs.freshness import Content

    seen = journal.content()
    return Content(*seen) if seen is not None else None


def note_content(journal: "Journal", content: str, today: date) -> None:
    """Remember what stands at the address of the invoices, and since when; without an address there is nothing."""
    from relance.runs.freshness import seen_since

    known = content_in(journal)
    if content and (known is None or known.since <= today):  # a day before the last run's tells nothing new
        journal.note_content(content, seen_since(content, known, today))
