"""The story of reading: open, find the tables, decide the columns, build the invoices, tell how it went."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from relance.sources.agreement import Agreement
from relance.sources.columns import header_key
from relance.sources.credits import allocate_credits
from relance.sources.csvfile import read_csv
from relance.sources.customers import customer_list
from relance.sources.debts import Debts, one_debt_each
from relance.sources.decoding import Decoded, decode, samples
from relance.sources.payments import ledger_of
from relance.sources.rows import Gathered, gather
from relance.sources.source import InvoiceFile, Reading, SourceOptions
from relance.sources.strangers import stranger
from relance.sources.tables import (
    Fits,
    Listing,
    fits_customers,
    fits_invoices,
    fits_payments,
    is_workbook,
    missing_fields,
    named,
    no_header,
    open_file,
    without,
)
from relance.sources.unused import unused_columns, unused_in_lists
from relance.sources.words import Meaning, bare

_WANTED = ("number", "customer", "total", "due_date", "email")
_INSTEAD = {"customer": {"customer_code"}, "total": {"outstanding", "line_total"}}


@contextmanager
def _unwatched() -> Iterator[None]:
    """No cyclic garbage collection meanwhile: rows and values make no cycles, and looking for some takes a third."""
    watched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if watched:
            gc.enable()


@_unwatched()
def read(path: Path, options: SourceOptions, agreement: Agreement) -> InvoiceFile:
    """The invoices of a file and of the lists that go with it; raises SourceError where it cannot be used."""
    wanted, options = options.columns, _with_answers(options, agreement)
    data, modified = open_file(path, options.limits)
    name = str(path)
    customers: list[Listing] = []
    payments: list[Listing] = []
    if is_workbook(path, data):
        from relance.sources.workbook import read_workbook

        table, customers, payments = read_workbook(name, data, options)
    else:
        table = read_csv(name, data, fits_invoices, options)
    del data
    alone = SourceOptions(limits=options.limits)
    if options.customers:
        customers.append(_list(options.customers, fits_customers, alone, "d’une liste de clients"))
    if options.payments:
        payments.append(_list(options.payments, fits_payments, alone, "d’une liste de règlements"))
    if not options.columns and (told := stranger(name, [table.headers], whole=True)):
        raise told
    table = named(table, options.columns)
    keys = set(map(header_key, table.headers))
    chosen = {field: head for field, head in options.columns.items() if field in wanted or header_key(head) in keys}
    headers, ignored = table.headers[: table.columns.fields.get("section")], set(map(header_key, options.ignore))
    table = without(table, ignored, chosen)
    said = {bare(word): Meaning(meaning) for word, meaning in options.status_words.items()}
    decoded = decode(table, options.date_order, chosen, options.cents, said)
    if missing_fields(decoded.fields.keys()):
        raise no_header(name, [headers], chosen)
    customers, payments = ([without(t, ignored, {}) for t in listed] for listed in (customers, payments))
    clients = [decode(t, options.date_order, {}, False, said) for t in customers]
    receipts = [decode(t, options.date_order, {}, options.cents, said) for t in payments]
    known, customer_problems = customer_list(clients)
    ledger, payment_problems = ledger_of(receipts)
    debts = one_debt_each(decoded, ledger, chosen)
    gathered = gather(debts.decoded, known, debts.ledger, modified)
    gathered.repeated += debts.repeated
    notes = (*table.notes, *_notes(gathered, debts), *debts.notes, *allocate_credits(gathered))
    sheets = {table.sheet, *(title for _, title in table.pages)}
    extra = tuple(p for t in (*customers, *payments) for p in t.problems)
    problems = (
        *(*table.problems, *debts.problems, *gathered.remaining(), *extra),
        *(*customer_problems, *payment_problems),
    )
    return InvoiceFile(
        file=name,
        modified=modified,
        rows=len(table.rows) + table.skipped,
        invoices=tuple(gathered.invoices.values()),
        # In the order of the invoices' file, then those of the other lists.
        problems=tuple(sorted(problems, key=lambda p: (p.file != name, p.sheet not in sheets, p.line or 0))),
        reading=_reading(decoded, bool(customers), notes)._replace(
            headers=headers,
            ignored=tuple(header for header in headers if header_key(header) in ignored),
            unused=(*unused_columns(decoded, ledger), *unused_in_lists((*clients, *receipts))),
        ),
    )


def _with_answers(options: SourceOptions, agreement: Agreement) -> SourceOptions:
    """The options with what was agreed of the columns; the settings win."""
    named = set(map(header_key, options.columns.values()))
    agreed = {field: head for field, head in agreement.columns.items() if header_key(head) not in named}
    ignored = (head for head in agreement.ignored if header_key(head) not in named)
    columns = MappingProxyType({**agreed, **options.columns})
    return options._replace(columns=columns, ignore=(*options.ignore, *ignored))


def _list(path: Path, fits: Fits, options: SourceOptions, what: str) -> Listing:
    """A separate file of customers or payments."""
    data, _ = open_file(path, options.limits)
    if is_workbook(path, data):
        from relance.sources.workbook import read_sheet

        return read_sheet(str(path), data, fits, options, what)
    return read_csv(str(path), data, fits, options, what)


def _reading(decoded: Decoded, joined: bool, notes: tuple[str, ...]) -> Reading:
    """How the file was understood."""
    table = decoded.table
    told = decoded.fields.keys() | ({"email"} if joined else set())
    return Reading(
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet or "",
        header_line=table.header_line,
        columns=samples(decoded),
        missing=tuple(name for name in _WANTED if not told & {name, *_INSTEAD.get(name, ())}),
        date_order=decoded.order,
        notes=notes,
    )


def _notes(gathered: Gathered, debts: Debts) -> list[str]:
    """What was done with rows that are not one invoice each, and with dates that are not as they should be."""
    told = gathered.decoded.table.told
    notes = {
        "Doublon identique compté une seule fois": _lines(gathered.identical, told),
        "Facture répétée sur plusieurs lignes, comptée une seule fois": _lines(gathered.repeated, told),
        "Échéance calculée d’après la date de facture": _count(gathered.computed),
        "Échéance antérieure à la date de facture": _count(gathered.backwards),
        "Lignes additionnées à celles de la même facture": _lines(debts.summed, told),
        "Lignes qui ne sont pas des factures de vente, laissées de côté": _lines(gathered.no_sales, told),
        "Règlements d’une même facture réunis": _lines(debts.payments, told),
    }
    return [f"{what} : {which}." for what, which in notes.items() if which]


def _count(number: int) -> str:
    return f"{number} facture{'s' if number > 1 else ''}" if number else ""


def _lines(lines: list[int], told: Callable[[int], str]) -> str:
    listed = ", ".join(map(told, lines[:20]))
    more = f" et {len(lines) - 20} autres" if len(lines) > 20 else ""
    return f"ligne{'s' if len(lines) > 1 else ''} {listed}{more}" if lines else ""
