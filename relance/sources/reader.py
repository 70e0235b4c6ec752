"""The story of reading: open, find the tables, decide the columns, build the invoices, tell how it went."""

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from relance.core.invoice import ZERO, Invoice, LeftOut, Problem
from relance.core.reading import Issuer
from relance.sources.agreement import OF_STATUSES, Agreement
from relance.sources.columns import header_key
from relance.sources.csvfile import read_csv
from relance.sources.customers import READ_OF_CUSTOMERS, customer_list, with_sirets
from relance.sources.debts import Debts, one_debt_each
from relance.sources.decoding import Decoded, decode, samples
from relance.sources.documents import Said
from relance.sources.rows import Gathered, gather
from relance.sources.source import InvoiceFile, Place, Reading, SourceOptions, Traces, Unused
from relance.sources.strangers import statement, stranger
from relance.sources.tables import Listing, is_workbook, name_of, named, open_place, without
from relance.sources.values import plain, text_of
from relance.sources.wanted import CUSTOMERS, INVOICES, PAYMENTS, READ_OF_PAYMENTS, Wanted
from relance.sources.words import Meaning, bare

if TYPE_CHECKING:
    from relance.sources.payments import Entries, Unnumbered

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
def read(places: Sequence[Place], options: SourceOptions, agreement: Agreement) -> InvoiceFile:
    """The invoices of these files or addresses and of the lists that go with them; SourceError where one is no use."""
    in_settings, options = options.columns, _with_answers(options, agreement)
    of_customers = CUSTOMERS._replace(chosen=options.customers.columns)
    of_payments = PAYMENTS._replace(chosen=options.payments.columns)
    tables, customers, payments, saved, issuer = _opened(places, options, agreement)
    said = {bare(word): Meaning(meaning) for word, meaning in options.status_words.items()}
    table, name = _as_one(tables, said), ", ".join(saved)
    customers = _beside(table, customers, of_customers, options.customers.file, options)
    payments = _beside(table, payments, of_payments, options.payments.file, options)
    if not options.columns and (told := stranger(name, [table.headers], whole=True)):
        raise told
    table = named(table, options.columns)
    keys = set(map(header_key, table.headers))
    kept = {field: head for field, head in options.columns.items() if field in in_settings or header_key(head) in keys}
    wanted = INVOICES._replace(chosen=kept)
    _check_named(table, wanted, [*((of_customers, t) for t in customers), *((of_payments, t) for t in payments)])
    headers, ignored = table.headers[: table.columns.fields.get("section")], set(map(header_key, options.ignore))
    table = without(table, ignored, kept)
    decoded = decode(table, options.date_order, wanted, options.cents, said)
    if wanted.missing(decoded.fields.keys()):
        from relance.sources.refusals import no_header

        raise no_header(name, [headers, *table.rows], wanted)
    customers = [without(t, ignored, of_customers.chosen) for t in customers]
    payments = [without(t, ignored, of_payments.chosen) for t in payments]
    clients = [decode(t, options.date_order, of_customers, False, said) for t in customers]
    receipts = [decode(t, options.date_order, of_payments, options.cents, said) for t in payments]
    known, customer_problems = customer_list(clients)
    ledger, unnumbered, payment_problems = _ledger_of(receipts)
    debts = one_debt_each(decoded, ledger, wanted.chosen)
    gathered = gather(debts.decoded, known, debts.ledger, max(saved.values()))
    gathered.invoices = with_sirets(gathered.invoices)
    gathered.repeated += debts.repeated
    gathered.unplaced += unnumbered
    replaces = _of_documents(gathered) if table.as_issued else {}
    notes = (*decoded.table.notes, *_notes(gathered, debts), *debts.notes, *_allocated(gathered))
    parts = [(each.file, each.sheet) for each in tables]
    issued = table.as_issued
    telling = () if issued else _telling(table, gathered.invoices.values()) or tuple(saved)
    files = {name for place, name in zip(places, saved, strict=not issued) if isinstance(place, Path)}
    beside = (*((each, READ_OF_CUSTOMERS) for each in clients), *((each, READ_OF_PAYMENTS) for each in receipts))
    extra = (*(p for t in (*customers, *payments) for p in t.problems), *_idle_paid_dir(options, issued=issued))
    problems = (
        *(*table.problems, *debts.problems, *gathered.remaining(), *extra),
        *(*customer_problems, *payment_problems),
    )
    return InvoiceFile(
        file=name,
        modified=min(saved[each] for each in telling or saved) if issued or files.issuperset(telling) else None,
        rows=len(table.rows) + table.skipped,
        invoices=_with_own_lines(table, gathered.invoices.values()),
        # In the order of the invoices' file, then those of the other lists.
        problems=tuple(sorted(problems, key=partial(_order, parts))),
        reading=_reading(decoded, bool(customers), notes)._replace(
            headers=headers,
            ignored=tuple(header for header in headers if header_key(header) in ignored),
            unused=tuple(_unused(decoded, ledger, beside)),
            issuer=issuer,
        ),
        telling=telling,
        left_out=(*table.left_out, *_left_out_rows(gathered)),
        traces=_traces_of(decoded, clients, receipts, gathered)._replace(
            by_lines=debts.lines_only, as_issued=issued, replaces=replaces
        ),
    )


def _idle_paid_dir(options: SourceOptions, *, issued: bool) -> Iterator[Problem]:
    """That nobody looks where paid e-invoices lie, where the invoices are a list: who trusts it has to know."""
    if options.paid_dir and not issued:
        message = "paid_dir ne vaut que pour un dossier de factures électroniques\u00a0: ôtez-le de [invoices]."
        yield Problem(str(options.paid_dir), message)


_Ledger = tuple[Mapping[str, "Entries"], "Unnumbered", tuple[Problem, ...]]
# What few files have is imported once one has it: most plans are of a short list whose every row is one invoice.


def _ledger_of(receipts: Sequence[Decoded]) -> _Ledger:
    """The payments by invoice number, those without any, and what could not be read."""
    if not receipts:
        return {}, [], ()
    from relance.sources.payments import ledger_of

    return ledger_of(receipts)


def _allocated(gathered: Gathered) -> list[str]:
    """Takes the credit notes off the invoices that they name; a sentence for each."""
    if gathered.decoded.fields.keys().isdisjoint(("source_invoice", "reference", "label")):
        return []
    from relance.sources.credit_notes import allocate_credits

    return allocate_credits(gathered)


def _left_out_rows(gathered: Gathered) -> Iterable[LeftOut]:
    """What no total counts and could be owed."""
    if not gathered.unused and not gathered.unclear():
        return ()
    from relance.sources.left_out import left_out_rows

    return left_out_rows(gathered)


def _unused(
    decoded: Decoded, ledger: Mapping[str, "Entries"], beside: Sequence[tuple[Decoded, Collection[str]]]
) -> Iterator[Unused]:
    """The columns that no field uses, and those of the lists beside that say of a customer or a payment what counts."""
    if not beside and not decoded.spare():
        return
    from relance.sources.unused import unused_columns, unused_in_lists

    yield from unused_columns(decoded, ledger)
    yield from unused_in_lists(beside)


def _traces_of(decoded: Decoded, clients: Sequence[Decoded], receipts: Sequence[Decoded], gathered: Gathered) -> Traces:
    """What the rows of the invoices, and of the lists of customers and payments beside them, leave behind."""
    lists = (decoded, *clients, *receipts)
    traces = Traces()
    if gathered.unplaced or gathered.unclear() or any(each.cut() for each in lists):
        from relance.sources.last_rows import traces_of

        traces = traces_of(decoded, clients, receipts, gathered)
    return traces._replace(whole=lambda: frozenset(mark for each in lists for mark in each.whole()))


def _of_documents(gathered: Gathered) -> dict[str, str]:
    """What documents tell beside the fields of a list: what each asks for in its transfer, which one it replaces."""
    from relance.sources.einvoice_accounts import with_transfers
    from relance.sources.einvoices import corrections

    gathered.invoices = with_transfers(gathered)
    return corrections(gathered)


class _Opened(NamedTuple):
    """The tables that stand in some places, and when each place was saved, or fetched."""

    tables: list[Listing]
    customers: list[Listing]
    payments: list[Listing]
    saved: dict[str, datetime]
    issuer: Issuer | None = None


def _folder(places: Sequence[Path], options: SourceOptions, agreement: Agreement) -> _Opened:
    """The e-invoices of folders as one table: what is left of each is as it was issued, however old its file is."""
    from relance.sources.einvoices import read_folder

    folder = read_folder(places, options, agreement.issuer)
    return _Opened([folder.table], [], [], {folder.table.file: folder.saved}, folder.issuer)


def _is_list(place: Place, options: SourceOptions) -> bool:
    """True of an address, and of a file that is no single e-invoice: the XML of a bank is told by what it says."""
    if isinstance(place, str) or not place.is_file():
        return isinstance(place, str)
    if place.suffix.lower() == ".xml":
        return statement(str(place), open_place(place, options.limits)[0]) is not None
    return place.suffix.lower() != ".pdf"


def _opened(places: Sequence[Place], options: SourceOptions, agreement: Agreement) -> _Opened:
    """Every table of invoices, and the sheets of customers and payments beside them."""
    if not any(_is_list(place, options) for place in places):
        from relance.sources.folders import holds_e_invoices, is_e_invoice  # imported here: a list needs neither

        folders = [place for place in places if is_e_invoice(place) or holds_e_invoices(place)]
        for other in places if folders else ():
            if other not in folders:
                open_place(other, options.limits)  # is refused by its name: it is empty, or not there
        if folders:
            return _folder(folders, options, agreement)
    wanted = INVOICES._replace(chosen=options.columns)
    beside = (
        CUSTOMERS if options.customers.file else CUSTOMERS._replace(chosen=options.customers.columns),
        PAYMENTS if options.payments.file else PAYMENTS._replace(chosen=options.payments.columns),
    )
    tables: list[Listing] = []
    customers: list[Listing] = []
    payments: list[Listing] = []
    saved: dict[str, datetime] = {}
    for place in places:
        data, moment = open_place(place, options.limits)
        name = _unlike(name_of(place), saved)
        saved[name] = moment
        if is_workbook(name, data):
            from relance.sources.workbook import read_workbook

            sheets = read_workbook(name, data, options, wanted, beside)
            for found, more in zip((tables, customers, payments), sheets, strict=True):
                found += more
        else:
            table = read_csv(name, data, wanted, options)
            # What is fetched is whole or refused; Google ends no last line.
            tables.append(table if isinstance(place, Path) else table._replace(cuts=()))
        del data
    return _Opened(tables, customers, payments, saved)


def _as_one(tables: list[Listing], said: Said) -> Listing:
    """The table of invoices; SourceError where several cannot be read as one."""
    if len(tables) == 1:
        return tables[0]
    from relance.sources.pages import join_tables

    return join_tables(tables, said)


def _with_answers(options: SourceOptions, agreement: Agreement) -> SourceOptions:
    """The options with what was agreed of the columns; the settings win."""
    named = set(map(header_key, options.columns.values()))
    told = agreement.columns.items()
    agreed = {field: head for field, head in told if field not in OF_STATUSES and header_key(head) not in named}
    ignored = (head for head in agreement.ignored if header_key(head) not in named)
    columns = MappingProxyType({**agreed, **options.columns})
    return options._replace(columns=columns, ignore=(*options.ignore, *ignored))


def _order(parts: Sequence[tuple[str, str | None]], problem: Problem) -> tuple[int, int]:
    """Where a problem stands among those of these files and sheets, then of the other lists."""
    part = (problem.file, problem.sheet)
    return parts.index(part) if part in parts else len(parts), problem.line or 0


def _unlike(name: str, others: Collection[str]) -> str:
    """What names a place beside the others: two addresses may look alike."""
    names = (f"{name} ({number})" if number > 1 else name for number in count(1))
    return next(each for each in names if each not in others)


def _telling(table: Listing, invoices: Iterable[Invoice]) -> tuple[str, ...]:
    """Of several files, those that still show something to pay: an old one that is all paid need not be fresh."""
    if not table.pages:
        return ()
    due = (each for each in invoices if each.total > sum((payment.amount for payment in each.payments), ZERO))
    return tuple(dict.fromkeys(table.page(invoice.line).file for invoice in due))


def _with_own_lines(table: Listing, invoices: Iterable[Invoice]) -> tuple[Invoice, ...]:
    """The invoices, each with its line in its own file or sheet."""
    if not table.pages:
        return tuple(invoices)
    if table.as_issued:
        return tuple(each._replace(line=0) for each in invoices)
    return tuple(each._replace(line=each.line - table.page(each.line).before) for each in invoices)


def _beside(
    table: Listing, sheets: list[Listing], wanted: Wanted, file: Path | None, options: SourceOptions
) -> list[Listing]:
    """The lists of customers, or of payments, beside these invoices: sheets, and the file where there is one."""
    fields = table.columns.fields
    wanted = wanted._replace(
        known=lambda name: {plain(text_of(c)) for c in table.column(fields[name])} if name in fields else ()
    )
    lists = sheets if file is None else [_list(file, wanted, SourceOptions(limits=options.limits))]
    if wanted.chosen and not lists:
        from relance.sources.refusals import unused_names

        raise unused_names(wanted)
    for each in lists:
        _check_named(each, wanted)
    french = table.columns.french  # then days come first in a list beside it too, unless that shows otherwise
    lists = lists if file is None else [*sheets, *lists]
    return [t._replace(columns=t.columns._replace(french=french or t.columns.french)) for t in lists]


def _check_named(table: Listing, wanted: Wanted, others: Sequence[tuple[Wanted, Listing]] = ()) -> None:
    """Raises SourceError for a header that settings name and the table does not have, and for a wish unfulfilled."""
    if wanted.chosen or wanted.wishes:
        from relance.sources.refusals import check_named

        check_named(table, wanted, others)


def _list(path: Path, wanted: Wanted, options: SourceOptions) -> Listing:
    """A separate file of customers or payments."""
    data, _ = open_place(path, options.limits)
    if is_workbook(str(path), data):
        from relance.sources.workbook import read_sheet

        return read_sheet(str(path), data, wanted, options)
    return read_csv(str(path), data, wanted, options)


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
