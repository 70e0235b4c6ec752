"""A table -> one list of values per field: each different cell is read once, each column by one rule."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import repeat
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from relance.core.invoice import Problem
from relance.errors import SourceError
from relance.sources.amounts import read_amounts
from relance.sources.columns import header_key, settle
from relance.sources.dates import order_proof, read_date, read_history, read_paid_when, settle_order
from relance.sources.documents import NOTHING_SAID, Said, read_title, read_type
from relance.sources.flags import FLAGS, read_flag, read_method, read_remark
from relance.sources.tables import Listing
from relance.sources.values import Cell, Unreadable, quoted, read_identity, read_link, read_text, shown, text_of
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
_DATES = ("issue_date", "due_date")
_PAID_WHEN = ("paid_date", "paid_flag", "is_open")
_ORDERED = (*_DATES, *_PAID_WHEN, *HISTORY)


class Decoded(NamedTuple):
    """A table whose columns were decided: where each field stands and how its cells read."""

    table: Listing
    fields: Mapping[str, int]
    readers: Mapping[str, Mapping[Cell, Any]]
    order: str
    currencies: Mapping[Cell, str] = MappingProxyType({})

    def values(self, name: str) -> Iterator[Any]:
        """The values of a field, row by row; None for ever where the file does not have it."""
        if name not in self.readers:
            return repeat(None)
        return map(self.readers[name].__getitem__, map(itemgetter(self.fields[name]), self.table.rows))

    def cell(self, row: int, name: str) -> Cell:
        """A cell as the file has it, blank where it has no such column."""
        column = self.fields.get(name)
        return "" if column is None else self.table.rows[row][column]

    def value(self, row: int, name: str) -> Any:
        """What a cell reads as; None where the file has no such column."""
        return self.readers[name][self.cell(row, name)] if name in self.readers else None

    def problem(self, row: int, name: str, message: str) -> Problem:
        """A problem located at a cell (or at a row, where the file does not have the field)."""
        table = self.table
        column = self.fields.get(name)
        sheet, line = table.place(table.lines[row])
        return Problem(
            file=table.file,
            message=message,
            sheet=sheet,
            line=line,
            column=None if column is None else table.headers[column],
            value=None if column is None else shown(table.rows[row][column]),
        )


def decode(table: Listing, date_order: str, chosen: Mapping[str, str], said: Said = NOTHING_SAID) -> Decoded:
    """The table with every column decided; raises SourceError where only the user can decide."""
    _check_chosen(table, chosen)
    fields = settle(table.columns, table.headers, table.column, said)
    present = {name: table.column(column) for name, column in fields.items()}
    proofs = {table.headers[fields[name]]: order_proof(present[name]) for name in _ORDERED if name in present}
    order = settle_order(proofs, date_order, table.columns.french)
    readers: dict[str, Mapping[Cell, Any]] = {}
    currencies: dict[Cell, str] = {}
    for name in _AMOUNTS:
        if name in present:
            readers[name], named = read_amounts(present[name])
            currencies |= named if name in ("total", "outstanding", "line_total") else {}
    for name, reader in _plain_readers(table, fields, order, said).items():
        if name in present:
            readers[name] = {cell: reader(cell) for cell in dict.fromkeys(present[name])}
    return Decoded(table, fields, readers, order, currencies)


def _check_chosen(table: Listing, chosen: Mapping[str, str]) -> None:
    keys = {header_key(header) for header in table.headers}
    missing = [f'{name} = "{shown(header)}"' for name, header in chosen.items() if header_key(header) not in keys]
    if missing:
        raise SourceError(
            f"{table.file} : colonne introuvable pour {', '.join(missing)}. "
            f"En-têtes lus : {quoted(*filter(None, table.headers))}.",
            "Corrigez [invoices.columns].",
        )


def _plain_readers(
    table: Listing, fields: Mapping[str, int], order: str, said: Said
) -> dict[str, Callable[[Cell], Any]]:
    """How the cells of each field read, one by one."""
    header = table.headers[fields["status"]] if "status" in fields else ""

    def when(cell: Cell) -> date | bool | Unreadable | None:
        return read_paid_when(cell, order)

    def is_open(cell: Cell) -> date | bool | Unreadable | None:
        found = read_paid_when(cell, order)
        return not found if isinstance(found, bool) else found

    return {
        **dict.fromkeys(_DATES, lambda cell: read_date(cell, order)),
        **dict.fromkeys(HISTORY, lambda cell: read_history(cell, order)),
        **dict.fromkeys(("status", "other_status"), lambda cell: read_state(cell, header_key(header), said)),
        **{name: partial(read_flag, name, table.headers[fields[name]]) for name in FLAGS if name in fields},
        "section": lambda cell: read_title(cell, said),
        "method": read_method,
        "remark": read_remark,
        "terms": read_method,
        "number": _read_number,
        "paid_date": when,
        "paid_flag": when,
        "is_open": is_open,
        "kind": lambda cell: read_type(cell, said),
        "dispute": read_dispute,
        "currency": read_currency,
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
