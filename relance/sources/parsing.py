"""A workbook -> plain columns; runs in a child process, which child.py keeps small and short.

Calamine reads the cells: twenty times faster than openpyxl, and it opens real files that openpyxl does not. It shows
errors and formulas without a saved value as empty cells, so each format is looked at a second time for those, and
archives are looked at before anything in them is inflated or parsed.
"""

import gc
import marshal
import re
import struct
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zlib import error as zlib_error

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from relance.sources.looks import Look, Unusable
from relance.sources.ooxml import looks_of_xlsx, mended
from relance.sources.opendocument import looks_of_ods
from relance.sources.source import Limits
from relance.sources.values import HEADER_ROWS

_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_XLS_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_XLS_ERROR = re.compile(
    rb"\x05\x02\x08\0(.{4})..([\0\x07\x0f\x17\x1d\x24\x2a])\x01"  # BoolErr in [MS-XLS] 2.4
    rb"|\x06\0..(.{4})..\x02.([\0\x07\x0f\x17\x1d\x24\x2a])...\xff\xff",  # Formula
    re.DOTALL,
)

_LATE = 22

Rows = list[list[Any]]
Looks = Callable[[CalamineSheet, Rows], Look]


def parse(data: bytes, limits: Limits) -> list[tuple[Any, ...]]:
    """(title, visible, columns, hidden lines, merges) of each sheet; raises Unusable."""
    looks = _looks_of_archive(data, limits) if data.startswith(b"PK") else _looks_of_xls(data)
    try:
        return _sheets(data, looks, limits)
    except Unusable as refusal:
        if refusal.args != ("damaged",) or not data.startswith(b"PK"):
            raise
    try:
        return _sheets(mended(data), looks, limits)
    except (zipfile.BadZipFile, zlib_error, ValueError, LookupError):
        raise Unusable("damaged") from None


def _sheets(data: bytes, looks: Looks, limits: Limits) -> list[tuple[Any, ...]]:
    """The sheets by calamine."""
    sheets = []
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        for place, meta in enumerate(book.sheets_metadata):
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(place)
            rows = sheet.to_python(skip_empty_area=False)
            look = looks(sheet, rows)
            del sheet  # its cells are in rows now, and memory is counted
            visible = meta.visible == SheetVisibleEnum.Visible
            sheets.append((meta.name, visible, _columns(rows, look, limits), look.hidden, look.merges))
    except PasswordError:
        raise Unusable("encrypted") from None
    except (Unusable, MemoryError):
        raise
    except Exception:  # calamine has many errors, and panics are exceptions too
        raise Unusable("damaged") from None
    return sheets


def _looks_of_archive(data: bytes, limits: Limits) -> Looks:
    """The second look at each sheet of an XLSX or ODS file; raises Unusable for what must not be parsed."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = _checked(archive, limits)
            ods = b"opendocument" in parts.get("mimetype", b"")
            look = looks_of_ods(parts, limits) if ods else looks_of_xlsx(parts, limits)
    except (zipfile.BadZipFile, zlib_error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise Unusable("damaged") from None
    return lambda sheet, _: look(sheet.name)


def _checked(archive: zipfile.ZipFile, limits: Limits) -> dict[str, bytes]:
    """The XML parts by lower-case name; each is as long as the archive says, or its checksum fails here."""
    infos = archive.infolist()
    if sum(info.file_size for info in infos) > limits.inflated:
        raise Unusable("inflated")
    if any(info.flag_bits & 1 for info in infos):
        raise Unusable("encrypted")
    parts = {}
    for info in infos:
        name = info.filename.replace("\\", "/").lstrip("/").lower()
        if name.startswith("xl/worksheets/") and name.endswith(".bin"):
            raise Unusable("xlsb")
        if name == "mimetype" or name.endswith((".xml", ".rels")):
            content = archive.read(info)
            if refusal := _forbidden(name, content):
                raise Unusable(refusal)
            if name in parts:
                raise Unusable("damaged")
            parts[name] = content
    return parts


def _forbidden(name: str, content: bytes) -> str:
    """Why a part must not be parsed; empty where it may."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in _UTF16:
        return "entities"
    return "encrypted" if name == "meta-inf/manifest.xml" and b"encryption-data" in content else ""


def _looks_of_xls(data: bytes) -> Looks:
    """The second look at each sheet of an XLS file: merges by calamine, errors by their records.

    No record says here on which sheet it stands: it marks the cell wherever calamine shows that one empty.
    """
    errors = {}
    for found in _XLS_ERROR.finditer(data):
        row, column = struct.unpack("<HH", found[1] or found[3])
        errors[row, column] = _XLS_ERRORS[(found[2] or found[4])[0]]

    def look(sheet: CalamineSheet, rows: Rows) -> Look:
        flaws = {
            (row + 1, column): text
            for (row, column), text in errors.items()
            if row < len(rows) and column < len(rows[row]) and rows[row][column] == ""
        }
        merges = [(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
        return Look(flaws, [], merges, {})

    return look


def _columns(rows: Rows, look: Look, limits: Limits) -> list[list[Any]]:
    """The columns of a sheet as marshal writes them; a date is a tuple of its ordinal and its second of the day."""
    height = max(len(rows), max((line for line, _ in look.flaws), default=0))
    width = max(max(map(len, rows), default=0), max((column + 1 for _, column in look.flaws), default=0))
    if height > limits.rows + HEADER_ROWS:
        raise Unusable("rows")
    if width > limits.columns:
        raise Unusable("columns")
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
    columns += [[""] * len(rows) for _ in range(width - len(columns))]
    for column in columns:
        column += [""] * (height - len(column))
    for (line, place), show in look.shows.items():
        if place < width and line <= height and columns[place][line - 1].__class__ in (float, int):
            columns[place][line - 1] = show(columns[place][line - 1])
    for (line, place), text in look.flaws.items():
        columns[place][line - 1] = text
    return [_plain(column) for column in columns]


def _plain(column: list[Any]) -> list[Any]:
    """Text and numbers as they are; booleans are words; dates are tuples, but for those of the late evening.

    Those may be the midnight of another time zone, or one that some seconds were lost of: they are told whole.
    """
    kinds = set(map(type, column))
    if kinds <= {str, float, int}:
        return column
    changes: dict[type, Callable[[Any], Any]] = {
        bool: lambda cell: "vrai" if cell else "faux",
        date: lambda cell: (cell.toordinal(), 0),
        datetime: lambda cell: (
            (cell.toordinal(), cell.hour * 3600 + cell.minute * 60 + cell.second)
            if cell.hour < _LATE
            else cell.isoformat(" ", "seconds")
        ),
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
    except Unusable as refusal:
        found = ("refused", *refusal.args)
    except MemoryError:
        found = ("refused", "memory")
    sys.stdout.buffer.write(marshal.dumps(found))
    sys.stdout.buffer.flush()
