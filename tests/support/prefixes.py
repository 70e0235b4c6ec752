"""Every beginning of a CSV file, as a program that is still writing it leaves it: right, asked, or a wrong reminder."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from relance.core.facts import Backlog, BacklogAnswered, Fact
from relance.core.history import FileState, History, fold
from relance.core.invoice import keyed
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy
from relance.core.seen import remember, under_present_names
from relance.errors import SourceError
from relance.runs.rows import whole_rows, with_traces
from relance.sources import InvoiceFile, SourceOptions, read_source
from relance.sources.agreement import Agreement, question_of, reading_as_found

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 23)
"""A Monday on which the examples and the golden files have something at every stage."""
LONG_AGO = date(2026, 1, 5)
PLAIN = SourceOptions()
Leaving = tuple[str, str, tuple[str, ...], Decimal]
"""An invoice that a message names: its number, the stage, where it goes, what is left of it (in its currency)."""


def corpus() -> list[Path]:
    """The examples and the golden files, each content once."""
    found = [ROOT / "examples" / "factures.csv", *sorted((ROOT / "tests" / "golden" / "plans").glob("*/*.csv"))]
    return list({path.read_bytes(): path for path in reversed(found)}.values())[::-1]


class Whole(NamedTuple):
    """A file as a run saw it the day before, what that run left, and all that leaves on the day by it."""

    history: History
    rows: frozenset[str]
    agreement: Agreement
    leaving: frozenset[Leaving]


def whole_of(path: Path, options: SourceOptions = PLAIN) -> Whole:
    """What a run the day before the day knows of this file."""
    source = read_source(path, options)
    reading = reading_as_found(source.reading, LONG_AGO)
    agreement = Agreement(readings=(reading,)) if question_of(source.reading, Agreement()) is None else Agreement()
    before = _plan(source, with_traces(_history(), source, source.traces.whole()), TODAY - timedelta(days=1))
    seen = {each.invoice: each for each in remember(before)}
    rows = whole_rows(source, before.morning.history) | {last.row.row for last in source.traces.last}
    history = _history()._replace(seen=seen)
    return Whole(history, rows, agreement, frozenset(_leaving(_plan(source, history, TODAY))))


def read_or_none(path: Path, options: SourceOptions = PLAIN) -> InvoiceFile | None:
    """The file as it is read; None where it is refused."""
    try:
        return read_source(path, options)
    except SourceError:
        return None


def wrong(source: InvoiceFile, whole: Whole, *, known: bool) -> set[Leaving]:
    """What leaves by this file and not by the whole one.

    `known` tells that a run saw the whole file the day before, else none did.
    """
    agreement = whole.agreement if known else Agreement()
    history = whole.history if known else _history()
    history = history._replace(unagreed=question_of(source.reading, agreement))
    history = with_traces(history, source, whole.rows if known else frozenset())
    return set(_leaving(_plan(source, history, TODAY))) - whole.leaving


def prefixes(data: bytes) -> Iterator[bytes]:
    """Every beginning."""
    return (data[:length] for length in range(1, len(data)))


def _history() -> History:
    facts: Iterable[Fact] = [BacklogAnswered(Backlog.AS_IS, LONG_AGO)]
    return fold(facts, LONG_AGO, TODAY)._replace(file=FileState(TODAY))


def _plan(source: InvoiceFile, history: History, day: date) -> Plan:
    invoices = keyed(source.invoices)
    policy = DunningPolicy()._replace(max_per_run=1000)
    return build_plan(source.invoices, under_present_names(history, invoices), policy, day)


def _leaving(plan: Plan) -> Iterator[Leaving]:
    for message in plan.reminders:
        for line in (*message.lines, *message.others):
            stage = line.acting.key if line in message.lines and line.acting else ""
            yield line.invoice.number, stage, message.customer.emails, line.outstanding
