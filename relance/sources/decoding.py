"""A table -> one list of values per field: each different cell is read once, each column by one rule."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import repeat
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from relance.core.invoice import Problem
from relance.errors import SourceError
from relance.french import setting
from relance.sources.amounts import WITH_VAT, Share, in_cents, in_per_cent, read_amounts
from relance.sources.columns import header_key, settle
from relance.sources.dates import order_proof, read_date, read_due, read_history, read_paid_when, settle_order
from relance.sources.documents import NOTHING_SAID, Said, read_title, read_type
from relance.sources.flags import FLAGS, read_flag, read_method, read_remark
from relance.sources.tables import Listing
from relance.sources.units import Unit, check_cents, check_thousands, unit_of
from relance.sources.values import (
    Cell,
    Unreadable,
    mark_of,
    quoted,
    read_identity,
    read_link,
    read_text,
    shown,
    text_of,
)
from relance.sources.wanted import INVOICES, Wanted
from relance.sources.words import read_currency, read_dispute, read_state

HISTORY = {
    "courtesy_date": "courtesy",
    "friendly_date": "friendly",
    "firm_date": "firm",
    "formal_notice_date": "formal_notice",
    "last_reminder": "",
}
_ORDINARY_NUMBER = re.compile("[A-Za-z0-9][A-Za-z0-9/_.-]{0,60}")
_AMOUNTS = ("total", "outstanding", "paid", "credits", "line_total", "instalment")
_PAID_WHEN = ("paid_date", "paid_flag", "is_open")
_ORDERED = ("issue_date", "due_date", *_PAID_WHEN, *HISTORY)


class Decoded(NamedTuple):
    """A table whose columns were decided: where each field stands and how its cells read."""

    table: Listing
    fields: Mapping[str, int]
    readers: Mapping[str, Mapping[Cell, Any]]
    order: str
    currencies: Mapping[Cell, str] = MappingProxyType({})
    units: Mapping[str, Unit] = MappingProxyType({})
    shares: frozenset[str] = frozenset()

    def values(self, name: str) -> Iterator[Any]:
        """The values of a field, row by row; None for ever where the file does not have it."""
        if name not in self.readers:
            return repeat(None)
        if name in self.shares:
            return (self.value(row, name) for row in range(len(self.table.rows)))
        return map(self.readers[name].__getitem__, map(itemgetter(self.fields[name]), self.table.rows))

    def cell(self, row: int, name: str) -> Cell:
        """A cell as the file has it, blank where it has no such column."""
        column = self.fields.get(name)
        return "" if column is None else self.table.rows[row][column]

    def value(self, row: int, name: str) -> Any:
        """What a cell reads as, per cent of the total as an amount; None where the file has no such column."""
        found = self.readers[name][self.cell(row, name)] if name in self.readers else None
        return found.of(self.value(row, "total") if name != "total" else None) if isinstance(found, Share) else found

    def named_currencies(self, row: int, told: str) -> set[str]:
        """The currencies that a row names: in its own column (`told`), in its amounts, in their headers."""
        named = {told} if told else set()
        for name in self.units:
            cell = self.cell(row, name)
            if text_of(cell):
                named.update(self.units[name].currencies)
                named.update((self.currencies[cell],) if cell in self.currencies else ())
        return named

    def currency(self, row: int, told: str) -> str | Unreadable:
        """The currency of a row; euros where none is named."""
        named = self.named_currencies(row, told)
        if len(named) > 1:
            return Unreadable(
                f"Plusieurs devises pour une même facture ({', '.join(sorted(named))}) : "
                "gardez-en une dans l’en-tête, la cellule et la colonne de devise."
            )
        return next(iter(named), "EUR")

    def spare(self, read: Collection[str] = ()) -> list[int]:
        """The columns with a header that no field has (none of those that are `read`), in the order of the file."""
        used = {place for name, place in self.fields.items() if not read or name in read}
        return [place for place, header in enumerate(self.table.headers) if header and place not in used]

    def cut(self) -> list[int]:
        """The rows that no line end follows, of several files one each."""
        cuts = self.table.cuts
        return [row for row, line in enumerate(self.table.lines) if line in cuts] if cuts else []

    def whole(self) -> Iterator[str]:
        """What names the rows of a text that are whole: a workbook that is cut does not open."""
        if self.table.encoding:
            cut = set(self.cut())
            yield from self.marks(cells for row, cells in enumerate(self.table.rows) if row not in cut)

    def mark(self, row: int) -> str:
        """What names the cells of a row that are read: another one, that counts the days for example, may change."""
        return next(self.marks([self.table.rows[row]]))

    def marks(self, rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
        """What names the cells of these rows."""
        return map(mark_of, map(itemgetter(*sorted({0, *self.fields.values()})), rows))

    def problem(self, row: int, name: str, message: str) -> Problem:
        """A problem located at a cell (or at a row, where the file does not have the field)."""
        table = self.table
        column = self.fields.get(name)
        page = table.page(table.lines[row])
        return Problem(
            file=page.file,
            message=message,
            sheet=page.sheet,
            line=None if page.document else table.lines[row] - page.before,
            column=None if column is None else table.headers[column],
            value=None if column is None else shown(table.rows[row][column]),
            mark=self.mark(row),
            number=text_of(self.cell(row, "number")),
        )


def decode(
    table: Listing, date_order: str, wanted: Wanted = INVOICES, cents: bool | None = None, said: Said = NOTHING_SAID
) -> Decoded:
    """The table with every column decided; raises SourceError where only the user can decide."""
    fields = settle(table.columns, table.headers, table.column, said, wanted)
    if table.no_vat and "total_excl_tax" in fields and not fields.keys() & WITH_VAT:
        fields["total"] = fields.pop("total_excl_tax")
        note = f"{quoted(table.headers[fields['total']])} est le montant à payer : {table.no_vat}."
        table = table._replace(notes=(*table.notes, note))
    present = {name: table.column(column) for name, column in fields.items()}
    proofs = {table.headers[fields[name]]: order_proof(present[name]) for name in _ORDERED if name in present}
    order = settle_order(proofs, date_order, table.columns.french)
    units = _units(table, fields, cents)
    if not wanted.chosen.keys() & {"total", "outstanding"}:
        _check_due(table, fields)
    readers, currencies = _amount_readers(present, units, cents)
    shares = frozenset(name for name in units if any(isinstance(value, Share) for value in readers[name].values()))
    for name, reader in _plain_readers(table, fields, order, said).items():
        if name in present:
            readers[name] = {cell: reader(cell) for cell in dict.fromkeys(present[name])}
    if not currencies and not any(unit.currencies for unit in units.values()):
        units = {}
    return Decoded(table, fields, readers, order, currencies, units, shares)


def _units(table: Listing, fields: Mapping[str, int], cents: bool | None) -> dict[str, Unit]:
    """What the header of each column of amounts says; raises SourceError for what may be cents."""
    units = {name: unit_of(table.headers[fields[name]]) for name in _AMOUNTS if name in fields}
    check_thousands(table.file, (table.headers[fields[name]] for name in units))
    if cents is None and not any(unit.cents for unit in units.values()):
        check_cents(table.file, table.rows, [fields[name] for name in units])
    return units


def _amount_readers(
    present: Mapping[str, list[Cell]], units: Mapping[str, Unit], cents: bool | None
) -> tuple[dict[str, Mapping[Cell, Any]], dict[Cell, str]]:
    """What the cells of each column of amounts read as, by the unit of its header; the currencies that cells name."""
    readers: dict[str, Mapping[Cell, Any]] = {}
    currencies: dict[Cell, str] = {}
    for name, unit in units.items():
        readers[name], named = read_amounts(present[name])
        currencies |= named
        if unit.percent:
            readers[name] = {cell: in_per_cent(value, cell) for cell, value in readers[name].items()}
        elif cents or (unit.cents and cents is None):
            readers[name] = {cell: in_cents(value, cell) for cell, value in readers[name].items()}
    return readers, currencies


def _check_due(table: Listing, fields: Mapping[str, int]) -> None:
    """Raises SourceError for `amount_due` beside what is paid, and no total: the total or the rest, by the program."""
    header = table.headers[fields["outstanding"]] if "outstanding" in fields else ""
    if header_key(header).endswith("amountdue") and "paid" in fields and not fields.keys() & {"total", "line_total"}:
        raise SourceError(
            f"{table.file} : {quoted(header)} peut être le total de la facture, ou ce qui en reste dû.",
            f"Indiquez sous [invoices.columns] : {setting('total', header)}, ou {setting('outstanding', header)}.",
        )


def _plain_readers(
    table: Listing, fields: Mapping[str, int], order: str, said: Said
) -> dict[str, Callable[[Cell], Any]]:
    """How the cells of each field read, one by one."""
    header = table.headers[fields["status"]] if "status" in fields else ""

    def dated(name: str, reader: Callable[[Cell, str, bool], Any]) -> Callable[[Cell], Any]:
        utc = name in fields and unit_of(table.headers[fields[name]]).utc
        return lambda cell: reader(cell, order, utc)

    def is_open(cell: Cell) -> date | bool | Unreadable | None:
        found = read_paid_when(cell, order)
        return not found if isinstance(found, bool) else found

    return {
        "issue_date": dated("issue_date", read_date),
        "due_date": dated("due_date", read_due),
        **{name: dated(name, read_history) for name in HISTORY},
        **dict.fromkeys(("status", "other_status"), lambda cell: read_state(cell, header_key(header), said)),
        **{name: partial(read_flag, name, table.headers[fields[name]]) for name in FLAGS if name in fields},
        "section": lambda cell: read_title(cell, said),
        "method": read_method,
        "remark": read_remark,
        "terms": read_method,
        "number": _read_number,
        "paid_date": dated("paid_date", read_paid_when),
        "paid_flag": dated("paid_flag", read_paid_when),
        "is_open": is_open,
        "kind": lambda cell: read_type(cell, said),
        "dispute": read_dispute,
        "currency": lambda cell: read_currency(cell) if text_of(cell) else "",
        "pdf": read_text,
        "payment_link": read_link,
    }


def _read_number(cell: Cell) -> str | Unreadable:
    """An invoice number: nearly all differ, so the ordinary ones take the short way."""
    return cell if isinstance(cell, str) and _ORDINARY_NUMBER.fullmatch(cell) else read_identity(cell)


def samples(decoded: Decoded) -> tuple[tuple[str, str, str], ...]:
    """(field, header, first filled cell) of every recognised column, in the order of the file."""
    found = []
    for name, column in sorted(decoded.fields.items(), key=lambda item: item[1]):
        if name == "section":
            continue  # no column of the file
        cells: Sequence[Cell] = [row[column] for row in decoded.table.rows[:50]]
        found.append((name, decoded.table.headers[column], next((shown(cell) for cell in cells if text_of(cell)), "")))
    return tuple(found)
