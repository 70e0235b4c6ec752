"""A workbook -> plain columns; runs in a child process, which limits.py and child.py keep small and short.

Calamine reads the cells: twenty times faster than openpyxl, and it opens real files that openpyxl does not. It shows
errors and formulas without a saved value as empty cells, so each format is looked at a second time for those.
"""

import gc
import marshal
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from types import MappingProxyType
from typing import Any, NamedTuple

from relance.sources.limits import Limits

HEADER_ROWS = 20  # a header stands among the first ones


class Refused(Exception):  # noqa: N818
    """The workbook cannot be used: a code that child.py turns into a sentence, and what it speaks of."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Look(NamedTuple):
    """What calamine does not tell of a sheet.

    `flaws` are the texts of cells that hold no value, by (line, column); lines from 1, columns from 0. `merges` are
    (first line, first column, last line, last column).
    """

    flaws: Mapping[tuple[int, int], str] = MappingProxyType({})
    hidden: tuple[int, ...] = ()
    merges: tuple[tuple[int, int, int, int], ...] = ()


NOTHING = Look()


def parse(data: bytes, limits: Limits) -> list[tuple[Any, ...]]:
    """(title, visible, height, columns, hidden lines, merges) of each sheet; raises Refused."""
    looks = _looks(data, limits)
    from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        sheets = []
        for place, meta in enumerate(book.sheets_metadata):
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            rows = book.get_sheet_by_index(place).to_python(skip_empty_area=False)
            look = looks(meta.name)
            height, columns = _columns(rows, look, limits)
            sheets.append(
                (meta.name, meta.visible == SheetVisibleEnum.Visible, height, columns, look.hidden, look.merges)
            )
    except PasswordError:
        raise Refused("encrypted") from None
    except Refused:
        raise
    except MemoryError:
        raise
    except Exception:  # calamine has many errors, and panics are exceptions too
        raise Refused("damaged") from None
    return sheets


def _looks(data: bytes, limits: Limits) -> Callable[[str], Look]:
    """The second look at each sheet, by its title."""
    if data.startswith(b"PK"):
        from relance.sources.zipped import looks_of

        return looks_of(data, limits)
    from relance.sources.biff import looks_of_xls

    return looks_of_xls(data)


def _columns(rows: list[list[Any]], look: Look, limits: Limits) -> tuple[int, list[list[Any]]]:
    """The columns of a sheet as marshal writes them; a day is a tuple of its ordinal."""
    height = max(len(rows), max((line for line, _ in look.flaws), default=0))
    width = max(max(map(len, rows), default=0), max((column + 1 for _, column in look.flaws), default=0))
    if height > limits.rows + HEADER_ROWS:
        raise Refused("rows")
    if width > limits.columns:
        raise Refused("columns")
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    columns += [[""] * len(rows) for _ in range(width - len(columns))]
    for column in columns:
        column += [""] * (height - len(column))
    for (line, place), text in look.flaws.items():
        columns[place][line - 1] = text
    return height, [_plain(column) for column in columns]


def _plain(column: list[Any]) -> list[Any]:
    """Text and numbers as they are; booleans are words, times of day are cut off."""
    kinds = set(map(type, column))
    if kinds <= {str, float, int}:
        return column
    changes: dict[type, Callable[[Any], Any]] = {
        bool: lambda cell: "vrai" if cell else "faux",
        date: lambda cell: (cell.toordinal(),),
        datetime: lambda cell: (cell.toordinal(),),
        time: str,
        timedelta: str,
    }
    present = {kind: change for kind, change in changes.items() if kind in kinds}
    return [present[cell.__class__](cell) if cell.__class__ in present else cell for cell in column]


def main() -> None:
    """Reads the limits and the workbook from stdin, writes what was found to stdout."""
    gc.disable()  # rows and cells make no cycles
    limits = Limits(*map(int, sys.stdin.buffer.readline().split()))
    try:
        found: tuple[Any, ...] = ("sheets", parse(sys.stdin.buffer.read(), limits))
    except Refused as refusal:
        found = ("refused", refusal.code, refusal.detail)
    except MemoryError:
        found = ("refused", "memory", "")
    sys.stdout.buffer.write(marshal.dumps(found))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
