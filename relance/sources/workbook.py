"""XLSX, XLS and ODS -> tables: the right sheets, the rows under their header, nothing that lies hidden in silence."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from relance.errors import SourceError
from relance.sources.child import Sheet, sheets_of
from relance.sources.documents import Said
from relance.sources.pages import sheets_alike
from relance.sources.refusals import no_header
from relance.sources.sections import settle_tables
from relance.sources.source import Limits, SourceOptions
from relance.sources.tables import (
    CHECKED_STARTS,
    HeaderRow,
    Listing,
    find_header,
    is_total,
    total_note,
)
from relance.sources.values import HEADER_ROWS, MERGED, Cell, plain, quoted, shown, text_of
from relance.sources.wanted import Fits, Wanted, fits_customers, fits_invoices, fits_payments, fits_whole_invoices
from relance.sources.words import Meaning, bare

_PAYMENT_TITLE = re.compile(r"regl|paie|paym|encaiss")


class Book(NamedTuple):
    """A workbook: its sheets, and the first rows of each."""

    name: str
    sheets: dict[str, Sheet]
    heads: dict[str, list[Sequence[Cell]]]

    def visible(self) -> list[str]:
        """The titles of the sheets that the user sees."""
        return [title for title, sheet in self.sheets.items() if sheet.visible]


def open_book(name: str, data: bytes, limits: Limits, *, hours: bool = False) -> Book:
    """The workbook, its dates with their `hours` or as days; raises SourceError where it cannot be used."""
    sheets = {sheet.title: sheet for sheet in sheets_of(name, data, limits, hours=hours)}
    if not sheets:
        raise SourceError(f"{name} n’a pas de feuille lisible.", "Enregistrez-le en .xlsx ordinaire ou en CSV.")
    return Book(name, sheets, {title: _head(sheet) for title, sheet in sheets.items()})


def _head(sheet: Sheet) -> list[Sequence[Cell]]:
    """The first rows; a title merged downwards stands in each of its rows, as it does on the screen."""
    rows: list[list[Cell]] = [
        list(row) for row in zip(*(column[:HEADER_ROWS] for column in sheet.columns), strict=True)
    ]
    for top, left, bottom, _ in sheet.merges:
        for line in range(top + 1, min(bottom, len(rows)) + 1):
            if left < len(rows[line - 1]) and not text_of(rows[line - 1][left]):
                rows[line - 1][left] = rows[top - 1][left]
    return [*rows]


def read_workbook(
    name: str, data: bytes, options: SourceOptions, wanted: Wanted, beside: tuple[Wanted, Wanted]
) -> tuple[list[Listing], list[Listing], list[Listing]]:
    """The sheets of invoices, customers and payments of a workbook; raises SourceError where it cannot be used."""
    book = open_book(name, data, options.limits)
    found = {title: find_header(rows, fits_invoices, wanted.chosen) for title, rows in book.heads.items()}
    said = {bare(word): Meaning(meaning) for word, meaning in options.status_words.items()}
    titles = _chosen_sheets(book, found, options.sheet, said)
    tables = []
    for title in titles:
        header = found[title]
        if header is None:
            raise no_header(name, book.heads[title], wanted)
        tables.append(table_of(book, title, header))
    customers, payments, unread = [], [], []
    for other in book.visible():
        if other in titles:
            continue
        if match := find_header(book.heads[other], _fits_sheet(beside[0], fits_customers), beside[0].chosen):
            customers.append(table_of(book, other, match))
        elif match := find_header(book.heads[other], _fits_sheet(beside[1], fits_payments), beside[1].chosen):
            payments.append(table_of(book, other, match))
        elif _filled(book, other):
            unread.append(f"Feuille {quoted(other)} non lue.")
    veiled = [other for other, seen in book.sheets.items() if not seen.visible and other not in titles]
    unread += [f"Feuille masquée {quoted(other)} non lue." for other in veiled if _filled(book, other)]
    for title in titles:
        if not book.sheets[title].visible:
            unread.append(f"La feuille {quoted(title)} est masquée ; elle est lue, puisque vous la demandez.")
    tables[-1] = tables[-1]._replace(notes=(*tables[-1].notes, *unread))
    return tables, customers, payments


def _fits_sheet(wanted: Wanted, by_itself: Fits) -> Fits:
    """What shows such a list on a sheet that nobody named: the columns that the settings name, else its own."""
    chosen = wanted.chosen.keys()
    return (lambda fields: chosen <= fields.keys() and wanted.fits(fields)) if chosen else by_itself


def read_sheet(name: str, data: bytes, wanted: Wanted, options: SourceOptions) -> Listing:
    """The first sheet whose headers fit, for a file of customers or payments."""
    book = open_book(name, data, options.limits)
    for title in book.visible():
        if match := find_header(book.heads[title], wanted.fits, wanted.chosen):
            return table_of(book, title, match)
    fullest = max(book.visible() or book.heads, key=lambda title: book.sheets[title].height)
    raise no_header(name, book.heads[fullest], wanted)


def _filled(book: Book, title: str) -> bool:
    return any(text_of(cell) for row in book.heads[title] for cell in row)


def _chosen_sheets(book: Book, found: Mapping[str, HeaderRow | None], sheets: Sequence[str], said: Said) -> list[str]:
    """The sheets of invoices: those asked for, else the only one that looks like it, else those that agree."""
    if sheets:
        return list(dict.fromkeys(_named_sheet(book, sheet) for sheet in sheets))
    visible = book.visible()
    headers = {title: header for title in visible if (header := found[title])}
    whole = _whole_lists(headers)
    if len(whole) > 1:
        if alike := sheets_alike({title: headers[title] for title in whole}, said):
            return alike
        one, two = (f'"{shown(title)}"' for title in whole[:2])
        raise SourceError(
            f"{book.name} : plusieurs feuilles ressemblent à des factures : {quoted(*whole)}.",
            f"Indiquez la bonne sous [invoices] : sheet = {one}. Ensemble, si leurs colonnes sont les mêmes : "
            f"sheet = [{one}, {two}].",
        )
    if not any(_filled(book, title) for title in visible):
        veiled = any(_filled(book, title) for title in book.sheets if title not in visible)
        told = " Ses feuilles masquées ne sont pas lues." if veiled else ""
        raise SourceError(f"{book.name} ne contient aucune ligne.{told}", "Exportez de nouveau vos factures.")
    return (whole or list(headers) or sorted(visible, key=lambda title: -book.sheets[title].height))[:1]


def _named_sheet(book: Book, sheet: str) -> str:
    for title in book.sheets:
        if plain(title) == plain(sheet):
            return title
    raise SourceError(
        f"{book.name} n’a pas de feuille {quoted(sheet)}.",
        f"Feuilles du classeur : {quoted(*book.sheets)}.",
    )


def _whole_lists(headers: Mapping[str, HeaderRow]) -> list[str]:
    """The sheets that have all that a list of invoices needs; a list of payments may, but for its name or its dates."""
    whole = [title for title, header in headers.items() if fits_whole_invoices(header[2].fields)]
    if len(whole) < 2:
        return whole
    return [t for t in whole if not (_PAYMENT_TITLE.search(plain(t)) and fits_payments(headers[t][2].fields))] or whole


def table_of(book: Book, title: str, header: HeaderRow) -> Listing:
    """The rows of a sheet under its header; what a merge covers is marked, never filled in by a guess."""
    index, headers, columns = header
    sheet = book.sheets[title]
    headers = (*headers, *("" for _ in range(_filled_beyond(sheet, index, len(headers)))))
    width = len(headers)
    covered = _covered(sheet, index + 1, width)
    kept: list[Sequence[Cell]] = []
    lines: list[int] = []
    notes: list[str] = []
    number = columns.fields.get("number", 0)
    below = zip(*(column[index + 1 :] for column in sheet.columns[:width]), strict=True)
    for line, row in enumerate(below, index + 2):
        first = row[number]
        if first.__class__ is not str or first[:1] in CHECKED_STARTS or covered:
            if not any(map(text_of, row)):
                continue
            if is_total(row, columns.fields):
                notes.append(total_note(line))
                continue
            places = covered.get(line)
            if places:
                row = tuple(MERGED if place in places and not text_of(cell) else cell for place, cell in enumerate(row))
        kept.append(row)
        lines.append(line)
    if hidden := len(set(sheet.hidden).intersection(lines)):
        plural = "s" if hidden > 1 else ""
        notes.append(f"{hidden} ligne{plural} masquée{plural} prise{plural} en compte.")
    table = Listing(
        file=book.name,
        headers=headers,
        header_line=index + 1,
        columns=columns,
        rows=kept,
        lines=lines,
        sheet=title,
        notes=tuple(notes),
    )
    return settle_tables(table, (), book.heads[title][:index])


def _filled_beyond(sheet: Sheet, index: int, width: int) -> int:
    """How many columns right of the headers belong to the table: to the last that at least half of its rows fill."""
    beyond = [_filled_rows(column, index) for column in sheet.columns[width:]]
    if not any(beyond):
        return 0
    half = max((_filled_rows(column, index) for column in sheet.columns[:width]), default=0) / 2
    return max((place for place, rows in enumerate(beyond, 1) if rows >= half > 0), default=0)


def _filled_rows(column: Sequence[Cell], index: int) -> int:
    return sum(map(bool, map(text_of, column[index + 1 :])))


def _covered(sheet: Sheet, header_line: int, width: int) -> dict[int, set[int]]:
    """The cells below the header that lie under a merge which holds something: line -> columns."""
    covered: dict[int, set[int]] = {}
    for top, left, bottom, right in sheet.merges:
        if bottom <= header_line or left >= width or top > sheet.height:
            continue
        if left >= len(sheet.columns) or not text_of(sheet.columns[left][top - 1]):
            continue
        for line in range(max(top, header_line + 1), min(bottom, sheet.height) + 1):
            places = range(left, min(right + 1, width))
            covered.setdefault(line, set()).update(p for p in places if (line, p) != (top, left))
    return covered
