"""ODS sheets, in the child: the cells that calamine shows empty, hidden rows, merged cells, repeated cells."""

from collections.abc import Callable, Mapping
from itertools import product
from xml.parsers import expat

from relance.sources.formats import Show, in_currency, in_percent, shown_text
from relance.sources.looks import Look, Unusable
from relance.sources.source import Limits
from relance.sources.units import currency_of
from relance.sources.values import HEADER_ROWS, UNCACHED

_CELLS = ("table:table-cell", "table:covered-table-cell")


def looks_of_ods(parts: Mapping[str, bytes], limits: Limits) -> Callable[[str], Look]:
    """The look at a sheet by its title."""
    reader = _Reader(limits)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text.append
    try:
        parser.Parse(parts.get("content.xml", b""), True)
    except (expat.ExpatError, ValueError, KeyError):
        raise Unusable("damaged") from None
    return lambda title: reader.looks.get(title, Look({}, [], [], {}))


class _Reader:
    """The place where the parser stands, and what it has seen."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.looks: dict[str, Look] = {}
        self.look = Look({}, [], [], {})
        self.line, self.rows = 1, 1
        self.column = 0
        self.filled = False
        self.row: dict[str, str] = {}
        self.cell: dict[str, str] = {}
        self.text: list[str] = []
        self.before_note = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        if tag == "table:table":
            self.look = self.looks[attributes.get("table:name", "")] = Look({}, [], [], {})
            self.line = 1
        elif tag == "table:table-row":
            self.row, self.column, self.filled = attributes, 0, False
            self.rows = int(attributes.get("table:number-rows-repeated", "1"))
        elif tag in _CELLS:
            self.cell = attributes
            self.text.clear()
        elif tag == "office:annotation":
            self.before_note = len(self.text)

    def end(self, tag: str) -> None:
        """An element closes."""
        if tag in _CELLS:
            self.end_of_cell()
        elif tag == "office:annotation":
            del self.text[self.before_note :]
        elif tag == "table:table-row":
            if self.filled and self.line + self.rows - 1 > self.limits.rows + HEADER_ROWS:
                raise Unusable("rows")
            if self.filled and self.row.get("table:visibility", "visible") != "visible":
                self.look.hidden.extend(range(self.line, self.line + self.rows))
            self.line += self.rows

    def end_of_cell(self) -> None:
        """A cell: what it holds, how often it is repeated, over what it is merged."""
        cell, text = self.cell, "".join(self.text).strip()
        repeated = int(cell.get("table:number-columns-repeated", "1"))
        if text or cell.get("office:value-type") or "table:formula" in cell:
            self.filled = True
            if self.column + repeated > self.limits.columns:
                raise Unusable("columns")
            places = range(self.line, self.line + self.rows), range(self.column, self.column + repeated)
            if flaw := _flaw(cell, text):
                self.look.flaws.update(dict.fromkeys(product(*places), flaw))
            elif show := _show(cell, text):
                self.look.shows.update(dict.fromkeys(product(*places), show))
            high = int(cell.get("table:number-rows-spanned", "1"))
            wide = int(cell.get("table:number-columns-spanned", "1"))
            if high * wide > 1:
                self.look.merges.append((self.line, self.column, self.line + high - 1, self.column + wide - 1))
        self.column += repeated


def _flaw(cell: Mapping[str, str], text: str) -> str:
    """What a cell holds in place of a value; empty where it holds one, or nothing."""
    formula = "table:formula" in cell
    if cell.get("calcext:value-type") == "error" or text.startswith(("#", "Err:")):
        error = text if text.startswith("#") else "#VALEUR!"
        return error if formula or error[1:2].isupper() else ""
    return UNCACHED if formula and not text and not cell.get("office:value-type") else ""


def _show(cell: Mapping[str, str], text: str) -> Show | None:
    """How a number shows, where its type or its text says more than the number."""
    kind = cell.get("office:value-type")
    if kind == "percentage":
        return in_percent
    if kind == "currency" and (code := cell.get("office:currency", "")):
        return None if currency_of(code) == "EUR" else in_currency(currency_of(code) or code)
    return shown_text(text) if kind in ("float", "currency") else None
