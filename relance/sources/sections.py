"""One sheet, several tables: where another one begins, which titles stand above rows, and what is no row at all."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from relance.core.invoice import LeftOut, Problem, normalised_name
from relance.sources.amounts import is_without_vat, read_amounts, says_no_vat
from relance.sources.columns import Columns, header_key, recognise
from relance.sources.dates import read_date
from relance.sources.documents import read_title
from relance.sources.headers import LINE_WORDS
from relance.sources.tables import Listing
from relance.sources.units import check_titles, unit_of
from relance.sources.values import Cell, Unreadable, plain, quoted, text_of
from relance.sources.words import Meaning

_AMOUNTS = ("total", "outstanding", "line_total", "total_excl_tax")
_FREE_TEXT = frozenset(("label", "reference", "contact"))
_PLAIN = "0123456789.,"
"""Nearly all amounts of a file are written with these alone, which is told faster than a pattern is tried."""
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{3,}")
_LETTERS = r"[^\W\d_]{2,}"
_YEAR = "20[0-9]{2}"
_PERIOD = (
    r"(?:(?:ca|chiffre d'affaires?|cumul|solde|report|reste(?: [\w ]*)?|moyenne|t[1-4]|[1-4]e?r? trimestre|annee"
    r"|mois de|exercice|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
    r"|total\w*|sous.total|somme)[ .:]*)*(?:[0-9]{4}|au [0-9/.]+)?[ :.]*"
)


class Odd(NamedTuple):
    """A row that is not one invoice like others; `misfit` is the problem of one that has too many or too few fields."""

    line: int
    cells: Sequence[Cell]
    misfit: Problem | None = None


def settle_tables(table: Listing, misfits: Sequence[Odd], above: Iterable[Sequence[Cell]] = ()) -> Listing:
    """The table without what is none of its rows; where titles say what the rows are, they stand in a column of theirs.

    `above` are the rows over the header, whose last one may be such a title too.
    """
    above = list(above)
    around = (*above, *(row.cells for row in misfits))
    table = table._replace(no_vat=is_without_vat(table.headers, table.columns.fields, (*around, *table.rows)))
    pages = _Pages(table)
    above = list(above)
    if "currency" not in pages.fields and not any(unit_of(header).currencies for header in table.headers):
        check_titles(table.file, (text for row in above for text in map(text_of, row)))
    pages.open(above)
    odd = pages.odd_rows()
    if not odd and not misfits and not pages.title and not pages.notes:
        return table
    pages.misfits = misfits
    for row in sorted((*odd, *misfits), key=lambda row: row.line):
        pages.take(row)
    return pages.settled()


class _Pages:
    """The rows of a sheet as they are told apart, from the top down."""

    def __init__(self, table: Listing) -> None:
        self.table = table
        self.fields = table.columns.fields
        self.keys = [header_key(header) for header in table.headers]
        self.amount = next((self.fields[name] for name in _AMOUNTS if name in self.fields), None)
        self.who = self.fields.get("customer", self.fields.get("customer_code"))
        self.number = self.fields.get("number")
        lines = (place for place, header in enumerate(table.headers) if header.casefold().startswith(LINE_WORDS))
        self.of_lines = {*lines, *(self.fields[name] for name in ("line_total",) if name in self.fields)}
        self.misfits: Sequence[Odd] = ()
        self.left_out: list[LeftOut] = []
        self.odd: set[int] = set()
        self.title = ""
        self.titles: list[tuple[int, str]] = []
        self.dropped: set[int] = set()
        self.notes: list[str] = []
        self.problems: list[Problem] = []
        self.end: int | None = None
        self.repeated = 0
        self.last = 0
        self.names: frozenset[str] | None = None
        self.shapes: frozenset[str] | None = None

    def open(self, above: Sequence[Sequence[Cell]]) -> None:
        """Takes the title right above the header, where it is known to say what the rows are."""
        texts = [filled for row in above if (filled := list(dict.fromkeys(filter(None, map(text_of, row)))))]
        others = [row for row in texts if len(row) > 2]
        if len(others) > 1 and self._header(others[0], others[0]):
            told = quoted(", ".join(others[0]))
            self.notes.append(f"Un tableau au-dessus des factures n’est pas lu\u00a0: {told}.")
            self._leave_out(above)
        if texts and len(texts[-1]) == 1 and isinstance(read_title(texts[-1][0]), Meaning):
            self.title = texts[-1][0]
            self.titles.append((0, self.title))

    def odd_rows(self) -> list[Odd]:
        """The rows without a customer, or whose amount has no digit: all others are invoices, good or bad."""
        amount = self.amount
        if amount is None:
            return []
        told = {cell for cell in {row[amount] for row in self.table.rows} if isinstance(cell, str)}
        rare = [cell for cell in told if cell.strip(_PLAIN) or not cell[:1].isdecimal()]
        wordy = {cell for cell in rare if not _DIGIT.search(cell) or (_WORD.search(cell) and not _is_value(cell))}
        who, number = (amount if place is None else place for place in (self.who, self.number))
        rows = zip(self.table.lines, self.table.rows, strict=True)
        odd = [Odd(line, row) for line, row in rows if row[amount] in wordy or row[who] == "" or row[number] == ""]
        self.odd = {row.line for row in odd}
        self.last = next((line for line in reversed(self.table.lines) if line not in self.odd), 0)
        return odd

    def take(self, row: Odd) -> None:
        """Decides what one odd row is."""
        if self.end is not None:
            return
        filled = [(place, text) for place, cell in enumerate(row.cells) if (text := text_of(cell))]
        texts = list(dict.fromkeys(text for _, text in filled))
        if len(filled) > 1 and (found := self._header(row.cells, texts)):
            self._begin(row, found)
        elif any(place in self.of_lines for place, _ in filled):
            self._keep(row)
        elif len(texts) == 1 and says_no_vat(texts[0]):
            self._drop(row)
            self.notes.append(f"Ligne {row.line}\u00a0: pas une facture, non lue.")
        elif (title := self._title(row, filled)) is not None:
            self._drop(row)
            self.notes.append(f"Ligne {row.line}\u00a0: titre, non lu comme une facture.")
            self.title = title
            self.titles.append((row.line, self.title))
        elif self._is_sum(row, filled):
            self._drop(row)
            self.notes.append(f"Ligne {row.line}\u00a0: pas une facture, non lue.")
        else:
            self._keep(row)

    def _keep(self, row: Odd) -> None:
        """An invoice, or a line of one, good or bad."""
        if row.misfit:
            self.problems.append(row.misfit)
            self.left_out.append(LeftOut())

    def _title(self, row: Odd, filled: Sequence[tuple[int, str]]) -> str | None:
        """The words of a title that stand alone, or with sums where they are known; empty for those of a customer."""
        labels = list(dict.fromkeys(text for _, text in filled if not _is_value(text) or re.fullmatch(_YEAR, text)))
        sums = len({text for _, text in filled}) > len(labels)
        if len(labels) != 1 or not self._is_title(labels[0]) or filled[0][1] != labels[0]:
            return None
        if sums and (self._is_dated(filled) or not isinstance(read_title(labels[0]), Meaning)):
            return None
        return "" if self._is_customer(labels[0]) else labels[0]

    def _is_dated(self, filled: Sequence[tuple[int, str]]) -> bool:
        """True where a day or an address stands, as on the row of an invoice."""
        dated = {self.fields[name] for name in ("issue_date", "due_date", "email") if name in self.fields}
        return any(place in dated and ("@" in text or _DIGIT.search(text)) for place, text in filled)

    def _header_of(self, row: Sequence[Cell]) -> Columns | None:
        return self._header(row, list(dict.fromkeys(filter(None, map(text_of, row)))))

    def _header(self, row: Sequence[Cell], texts: Sequence[str]) -> Columns | None:
        """The columns of a row that is a header: all words, and the known ones among them, or where amounts stand."""
        if any(map(_is_value, row)) or not all(re.search(_LETTERS, text) for text in texts):
            return None
        headers = [text_of(cell) for cell in row]
        columns = recognise(headers, {})
        known = columns.fields.keys() - _FREE_TEXT
        over_amounts = self.amount is not None and self.amount < len(row) and bool(headers[self.amount])
        no_digits = not any(map(_DIGIT.search, texts))
        if (
            len(known) >= 2
            or (known and no_digits and len(texts) > 1)
            or (over_amounts and no_digits and len(texts) > 2)
        ):
            return columns
        return None

    def _begin(self, row: Odd, columns: Columns) -> None:
        """A header comes again, or another table begins."""
        keys = [header_key(text_of(cell)) for cell in row.cells]
        while keys and not keys[-1]:
            keys.pop()
        if keys == self.keys:
            self._drop(row)
            self.repeated += 1
            return
        self.end = row.line
        title = self.titles.pop()[1] if self.titles and not self._rows_between(self.titles[-1][0], row.line) else ""
        below = [pair for pair in zip(self.table.lines, self.table.rows, strict=True) if pair[0] > row.line]
        below = sorted([*below, *((odd.line, odd.cells) for odd in self.misfits if odd.line > row.line)], key=_line)
        self._leave_out([row.cells, *(cells for _, cells in below)], title)
        left = len(below)
        told = title or ", ".join(filter(None, map(text_of, row.cells)))
        lines = f"{left} ligne{'s' if left > 1 else ''}"
        message = (
            f"Un autre tableau commence ligne {row.line}, {quoted(told)}\u00a0: {lines} au-dessous laissées de côté."
        )
        message = message.replace("laissées", "laissée") if left == 1 else message
        if left:
            self.problems.append(Problem(self.table.file, message, self.table.sheet, row.line))
        else:
            self.notes.append(f"Ligne {row.line}\u00a0: {message[:1].lower()}{message[1:]}")

    def _leave_out(self, rows: Iterable[Sequence[Cell]], title: str = "") -> None:
        """Counts what could be owed in tables that are not read."""
        from relance.sources.left_out import left_out_tables  # imported here: most files hold one table

        self.left_out += left_out_tables(rows, self._header_of, title)

    def _rows_between(self, first: int, last: int) -> bool:
        return any(first < line < last and line not in self.dropped for line in self.table.lines)

    def _is_title(self, text: str) -> bool:
        """True for a lone text that is neither an amount, a day nor a number like those of the invoices."""
        if re.fullmatch(_YEAR, text) or re.fullmatch(_PERIOD, plain(text)):
            return True
        if _is_value(text) or not re.search(_LETTERS, text):
            return False
        if self.shapes is None:
            place = self.number
            numbers = () if place is None else [text_of(row[place]) for row in self.table.rows if self._is_whole(row)]
            self.shapes = frozenset(_shape(number) for number in numbers if _DIGIT.search(number))
        return _shape(text) not in self.shapes and (" " in text or not _DIGIT.search(text) or text.isdigit())

    def _is_whole(self, row: Sequence[Cell]) -> bool:
        return all(place is None or text_of(row[place]) for place in (self.amount, self.who))

    def _is_customer(self, text: str) -> bool:
        if self.names is None:
            whole = (row for line, row in zip(self.table.lines, self.table.rows, strict=True) if line not in self.odd)
            self.names = frozenset(normalised_name(text_of(row[self.who])) for row in whole if self.who is not None)
        return normalised_name(text) in self.names

    def _is_sum(self, row: Odd, filled: Sequence[tuple[int, str]]) -> bool:
        """True for words with amounts, or amounts alone, that speak of no one invoice."""
        if self._is_dated(filled):
            return False
        if self.number is not None and self._is_numbered(row):
            return False
        labels = [text for _, text in filled if not _is_value(text)]
        places = [place for place, text in filled if _is_value(text)]
        if labels and places and places[0] < next(place for place, text in filled if text == labels[0]):
            return False  # what stands after an amount is no word about it
        if len(labels) > 1 and places:
            return False
        if row.line > self.last:
            return not (labels and self._is_customer(labels[0]))
        return not labels or (len(labels) == 1 and re.fullmatch(_PERIOD, plain(labels[0])) is not None)

    def _is_numbered(self, row: Odd) -> bool:
        """True where the cell of the number looks like one of those of the invoices."""
        number = text_of(row.cells[self.number]) if self.number is not None and self.number < len(row.cells) else ""
        return bool(number) and not self._is_title(number)

    def _drop(self, row: Odd) -> None:
        self.dropped.add(row.line)

    def settled(self) -> Listing:
        """The table that is left, its titles in a column of their own where one says something."""
        table = self.table
        end = self.end if self.end is not None else float("inf")
        kept = [
            (line, row)
            for line, row in zip(table.lines, table.rows, strict=True)
            if line < end and line not in self.dropped
        ]
        notes = [*table.notes, *self.notes]
        if self.repeated:
            notes.append(f"En-têtes répétés plus bas\u00a0: {self.repeated} fois.")
        headers, columns = table.headers, table.columns
        if any(text for _, text in self.titles):
            titled = _titled([line for line, _ in kept], self.titles)
            if any(not _is_silent(text) for text in titled):
                kept = [(line, (*row, text)) for (line, row), text in zip(kept, titled, strict=True)]
                columns = columns._replace(fields={**columns.fields, "section": len(headers)})
                headers = (*headers, "titre du tableau")
        return table._replace(
            headers=headers,
            columns=columns,
            rows=[row for _, row in kept],
            lines=[line for line, _ in kept],
            notes=tuple(notes),
            problems=tuple(sorted((*table.problems, *self.problems), key=lambda problem: problem.line or 0)),
            skipped=table.skipped + len(table.rows) - len(kept),
            left_out=(*table.left_out, *self.left_out),
        )


def _titled(lines: Sequence[int], titles: Sequence[tuple[int, str]]) -> list[str]:
    """The title above each line."""
    found, place, title = [], 0, ""
    for line in lines:
        while place < len(titles) and titles[place][0] < line:
            title = titles[place][1]
            place += 1
        found.append(title)
    return found


def _line(row: tuple[int, Sequence[Cell]]) -> int:
    return row[0]


def _is_silent(title: str) -> bool:
    return read_title(title) is None


def _is_value(cell: Cell) -> bool:
    """True for an amount or a day."""
    if not isinstance(cell, str):
        return True
    amounts, _ = read_amounts([cell, "0,01"])
    return bool(text_of(cell)) and not (
        isinstance(amounts[cell], Unreadable) and isinstance(read_date(cell), Unreadable)
    )


def _shape(number: str) -> str:
    """How a number is written: letters and digits by kind, as A-9-9."""
    return re.sub("[0-9]+", "9", re.sub(r"[^\W\d_]+", "A", number.upper()))
