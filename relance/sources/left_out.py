"""What no total counts and could be owed: rows that made no invoice, unclear invoices, other tables of the sheet."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from relance.core.invoice import Invoice, LeftOut, normalised_number
from relance.errors import SourceError
from relance.sources.amounts import read_amounts
from relance.sources.columns import Columns
from relance.sources.decoding import decode
from relance.sources.documents import read_title, read_type
from relance.sources.rows import EVIDENCE, Gathered
from relance.sources.tables import Listing, is_total
from relance.sources.values import Cell, Unreadable, plain, text_of
from relance.sources.verdicts import at_stake
from relance.sources.wanted import INVOICES
from relance.sources.words import Meaning

_AMOUNTS = frozenset(("total", "outstanding", "line_total", "total_excl_tax"))
_SUPPLIER = re.compile("fournisseur|supplier|vendor")
_NO_HORIZON = datetime(8000, 1, 1, tzinfo=UTC)


class _Table(NamedTuple):
    """A table that is not read: its header, and the rows under it."""

    headers: tuple[str, ...]
    columns: Columns
    rows: list[Sequence[Cell]]


def left_out_rows(gathered: Gathered) -> Iterator[LeftOut]:
    """The rows that made no invoice, one of identical ones alone, and the invoices that are unclear.

    What is surely not owed (paid, draft, cancelled, a credit note, no sale) is left out of nothing. An unclear invoice
    always counts, as the plan shows it.
    """
    rows = gathered.decoded.table.rows
    for row in {tuple(rows[row]): row for row in reversed(gathered.unused)}.values():
        amount, currency = _of_row(gathered, row)
        if amount is None or amount > 0:
            yield LeftOut(amount, currency)
    unclear = gathered.unclear()
    places = {line: row for row, line in enumerate(gathered.decoded.table.lines)} if unclear else {}
    for key, invoice in unclear:
        amount = _of_row(gathered, places[invoice.line])[0]
        yield LeftOut(_rest(invoice) if amount is None else amount, invoice.currency, key)


def _rest(invoice: Invoice) -> Decimal:
    return invoice.total - sum((payment.amount for payment in invoice.payments), Decimal("0.00"))


def _of_row(gathered: Gathered, row: int) -> tuple[Decimal | None, str]:
    """What could be owed on a row, and in which currency; no amount where nobody can tell that."""
    decoded = gathered.decoded
    number = decoded.value(row, "number")
    entries = gathered.ledger.get(normalised_number(number)) if isinstance(number, str) and number else None
    cells = tuple(decoded.value(row, name) for name in (*EVIDENCE, *gathered.others))
    amount = at_stake(gathered.evidence(decoded.value(row, "total"), cells, entries))
    told = decoded.value(row, "currency")
    currency = told if isinstance(told, Unreadable) else decoded.currency(row, told or "")
    return (None, "EUR") if isinstance(currency, Unreadable) else (amount, currency)


def left_out_tables(
    rows: Iterable[Sequence[Cell]], header_of: Callable[[Sequence[Cell]], Columns | None], title: str = ""
) -> Iterator[LeftOut]:
    """The rows of tables that are not read, each under a header of its own; what stands above the first one is none.

    `title` is that of the first table. Titles, notes and totals are none either, nor what a title or a header tells to
    be no invoices, nor a table without money.
    """
    tables: list[_Table] = []
    known = True
    for row in rows:
        filled = [text for cell in row if (text := text_of(cell))]
        if len(filled) == 1:
            title = filled[0]
            known = known or _is_known(title)
        elif filled and (found := header_of(row)):
            known, title = _is_known(title) or _is_of_others(filled), ""
            tables.append(_Table(tuple(map(text_of, row)), found, []))
        elif filled and not known and not is_total(row, tables[-1].columns.fields):
            tables[-1].rows.append(row)
    for table in tables:
        if table.columns.fields.keys() & _AMOUNTS or any(_is_money(cell) for row in table.rows for cell in row):
            yield from _of_table(table)


def _is_known(title: str) -> bool:
    """True for what says of rows that they are no invoices, or none that is owed."""
    return isinstance(read_title(title), Meaning)


def _is_of_others(headers: Sequence[str]) -> bool:
    """True for headers that speak of suppliers, or whose first one numbers quotes, orders, credit notes."""
    kind = read_type(headers[0])
    of_others = isinstance(kind, Meaning) and kind is not Meaning.OPEN
    return of_others or any(_SUPPLIER.search(plain(header)) for header in headers)


def _is_money(cell: Cell) -> bool:
    """True for a number with cents, whatever stands above it."""
    return text_of(cell)[-3:-2] in (",", ".") and isinstance(read_amounts([cell])[0][cell], Decimal)


def _of_table(table: _Table) -> Iterator[LeftOut]:
    """What could be owed on each row, read as those of the invoices are; no amount where only the user can decide."""
    width = len(table.headers)
    rows = [(*row[:width], *[""] * (width - len(row))) for row in table.rows]
    try:
        decoded = decode(Listing("", table.headers, 0, table.columns, rows, range(len(rows))), "", INVOICES)
    except SourceError:
        yield from [LeftOut()] * len(rows)
        return
    gathered = Gathered(decoded, {}, _NO_HORIZON)
    for row in range(len(rows)):
        amount, currency = _of_row(gathered, row)
        if amount is None or amount > 0:
            yield LeftOut(amount, currency)
