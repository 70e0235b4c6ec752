"""Rows of the user's files that he knows: problems told no more, last rows that are whole, money that is for others."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from itertools import chain
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from relance.core.facts import Fact, Paid, RowKnown
from relance.core.history import History
from relance.core.invoice import Problem, Status, keyed, normalised_number
from relance.core.morning import Money
from relance.core.reasons import Unended, Unplaced
from relance.core.status import Declared
from relance.errors import SourceError
from relance.french import command

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.sources import InvoiceFile, SourceOptions
    from relance.sources.agreement import Agreement


def known_seller(settings: "Settings", *, rehearses: bool) -> "SourceOptions":
    """How the files are read: whose e-invoices they are, and the account that is paid to; where they are noted once."""
    source, siret, iban = settings.source, settings.sender.siret, settings.sender.iban
    cache = None if rehearses else settings.journal.with_suffix(".factures")
    own = source.e_invoices._replace(seller=f"siren:{siret[:9]}" if siret else "", iban=iban, cache=cache)
    return source._replace(e_invoices=own)


def without_known(source: "InvoiceFile", facts: Iterable[Fact], today: date) -> "InvoiceFile":
    """The file without the problems of rows that the user knows; `check` says in a note which they are."""
    facts = tuple(facts)
    source = _without_paid_twice(source, facts, today)
    known = {fact.row for fact in facts if isinstance(fact, RowKnown) and fact.on <= today}
    silent = [problem for problem in source.problems if problem.mark in known]
    if not silent:
        return source
    numbered = all(problem.line is not None for problem in silent)
    lines = ", ".join(dict.fromkeys(str(p.line) if numbered else PurePath(p.file).name for p in silent))
    s = "s" if "," in lines else ""
    where = f"ligne{s} {lines}" if numbered else lines
    note = f"Anomalie{s} connue{s} de vous, plus redite{s} : {where}."
    return source._replace(
        problems=tuple(problem for problem in source.problems if problem.mark not in known),
        reading=source.reading._replace(notes=(*source.reading.notes, note)),
    )


def beside_invoices(options: "SourceOptions") -> tuple[Path | None, ...]:
    """What is read beside the invoices: lists, paid ones, what platforms exported; what is missing is said then."""
    lists = (options.payments.file, options.customers.file, options.paid_dir)
    if not options.statuses:
        return lists
    from relance.sources.statuses import status_files

    with suppress(SourceError, OSError):
        return (*lists, *status_files(options.statuses))
    return lists


def files_in_folders(settings: "Settings | None") -> Iterator[Path]:
    """The statements and what platforms exported, as they stand by now where the settings say."""
    if settings is None:
        return
    if settings.bank.files:
        from relance.runs.statements import files_like  # imported here: most settings name none

        yield from files_like(settings.bank.files)
    if settings.source.statuses:
        from relance.sources.statuses import status_files

        with suppress(SourceError, OSError):
            yield from status_files(settings.source.statuses)


def told_by_platforms(
    source: "InvoiceFile",
    settings: "Settings | None",
    facts: Iterable[Fact],
    today: date,
    agreement: "Agreement",
) -> "InvoiceFile":
    """The file with what platforms tell of its invoices, where the settings name what they export (see there)."""
    if settings is None or not settings.source.statuses:
        return source
    from relance.runs.lifecycle import with_statuses  # imported here: most settings name none

    return with_statuses(source, settings, facts, today, agreement)


def with_traces(
    history: History, source: "InvoiceFile", whole: frozenset[str], settings: "Settings | None" = None
) -> History:
    """The history with what the rows of the file tell: last rows that may be cut, money for no invoice.

    Nobody asks of a row that an earlier run saw whole (its mark is among `whole`), or that the user knows.
    """
    traces, known = source.traces, history.known
    doubted = [last for last in traces.last if last.row.row not in known | whole]
    return history._replace(
        unended={key: last.row for last in doubted for key in last.keys},
        known=known | {key for key, mark in traces.unclear.items() if mark in known},
        unread=_unread(source),
        unplaced=traces.unplaced,
        platform=source.platform,
        by_lines=traces.by_lines,
        payments_untold=traces.as_issued and not (settings and _says_who_paid(settings)),
    )


def _unread(source: "InvoiceFile") -> frozenset[str]:
    """The numbers of the rows that made no invoice, empty for one that has none; of those that the user knows, none."""
    if all(left.key for left in source.left_out):
        return frozenset()
    here = {normalised_number(invoice.number) for invoice in source.invoices}
    return frozenset(normalised_number(problem.number) for problem in source.problems if problem.mark) - here


def _says_who_paid(settings: "Settings") -> bool:
    """True where something beside the invoices tells of payments: a list, statements, a folder of paid ones."""
    source = settings.source
    return bool(source.payments.file or source.paid_dir or settings.bank.files)


def _without_paid_twice(source: "InvoiceFile", facts: Iterable[Fact], today: date) -> "InvoiceFile":
    """The file with each corrected invoice held where a payment was told of the one that it replaces.

    The payment does not count for it, and nothing more may be asked than is owed.
    """
    paid = {fact.invoice for fact in facts if isinstance(fact, Paid) and fact.on <= today}
    held = {key: was for key, was in source.traces.replaces.items() if was in paid}
    if not held:
        return source
    found = dict(keyed(source.invoices))
    for key, was in held.items():
        number, first = found[key].number, found[was].number
        note = (
            f"Elle remplace {first}, sur laquelle un règlement est noté\u00a0: {command('undo', first)}, puis "
            f"{command('pay', number)}."
        )
        found[key] = found[key]._replace(status=Status.UNCLEAR, note=note)
    return source._replace(invoices=tuple(found[key] for key, _ in keyed(source.invoices)))


class Meant(NamedTuple):
    """A row of which something is asked: its file or sheet, its line, what names its cells, whose it is.

    `file` is its file with the folders, as an anomaly shows it.
    """

    place: str
    line: int | None
    mark: str
    number: str
    key: str = ""
    file: str = ""

    @property
    def path(self) -> Path:
        """Where it stands, whatever folder it is told from."""
        return Path(self.file if self.line is None else f"{self.file}:{self.line}").absolute()

    @property
    def names(self) -> tuple[str, ...]:
        """What a person calls it by: of a file that is one document, its name."""
        line = (str(self.line), f"{self.place}:{self.line}") if self.line is not None else (self.place,)
        return tuple(filter(None, (normalised_number(self.number), self.key, *line)))


def rows_meant(
    text: str, source: "InvoiceFile", history: History, money: Mapping[str, Money], problems: Iterable[Problem]
) -> list[Meant]:
    """The rows of which something is asked that have this invoice number, else that stand on this line (or FILE:LINE).

    A file may be named with its folders, as an anomaly shows it.
    `money` is by the key of the invoice that it may be for, `problems` are of all that was read.
    """
    numbers = {key: invoice.number for key, invoice in keyed(source.invoices)}
    unplaced = ((key, row) for key, row in money.items() if isinstance(row, Unplaced))
    asked = [Meant(p.sheet or PurePath(p.file).name, p.line, p.mark, p.number, file=p.file) for p in problems if p.mark]
    declared = ((key, told) for key, told in money.items() if isinstance(told, Declared))
    asked += [Meant("statuts", None, told.mark, numbers[key], key) for key, told in declared]
    rows: Iterator[tuple[str, Unended | Unplaced]] = chain(history.unended.items(), unplaced)
    asked += [Meant(PurePath(row.file).name, row.line, row.row, numbers[key], key) for key, row in rows]
    asked += [
        Meant(PurePath(source.file).name, invoice.line, mark, invoice.number, key)
        for key, invoice in keyed(source.invoices)
        if (mark := source.traces.unclear.get(key)) and mark not in history.known
    ]
    wanted = normalised_number(text)
    of_invoice = [row for row in asked if wanted and wanted in (normalised_number(row.number), row.key)]
    typed = text.strip()
    named = [row for row in asked if typed in row.names]
    return of_invoice or named or [row for row in asked if row.file and row.path == Path(typed).absolute()]


def whole_rows(source: "InvoiceFile", history: History) -> frozenset[str]:
    """What names the rows that this run saw whole, and the last ones that nobody doubts."""
    doubted = {row.row for row in history.unended.values()}
    return source.traces.whole() | {last.row.row for last in source.traces.last} - doubted
