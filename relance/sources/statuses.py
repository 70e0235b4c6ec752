"""What platforms export of the statuses of e-invoices -> one row each: CSV, workbooks, messages of the norm."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from relance.core.invoice import Problem, normalised_number
from relance.core.lifecycle import KINDS, Effect
from relance.errors import SourceError
from relance.sources.amounts import Amounts, read_amounts
from relance.sources.bank_entries import statement_text
from relance.sources.columns import header_key
from relance.sources.dates import order_proof, read_date, read_hour
from relance.sources.einvoice_roots import FaultyError
from relance.sources.source import Limits, Unused
from relance.sources.status_words import header_of, read_status, status_columns, unread_columns
from relance.sources.tables import is_workbook, open_place
from relance.sources.values import Cell, Unreadable, mark_of, quoted, shown, text_of

if TYPE_CHECKING:
    from relance.sources.cdar import CdarStatus

_MAGIC = "*?["
_DELIMITERS = (";", ",", "\t", "|")
_HEAD = 60
"""Rows among which the row of headers stands."""
_AGAIN = "Exportez de nouveau les statuts depuis votre plateforme."
_BEYOND = "Plus de cellules que d’en-têtes\u00a0: un montant est peut-être coupé. Exportez avec des points-virgules."
_REASONS = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)+|\bAUTRE\b|\bDOUBLON\b")
_MOST_WORDS = 200
_NONE: Mapping[str, str] = MappingProxyType({})


class StatusRow(NamedTuple):
    """One status as a file tells it of the invoice that has this number, issued that day (None: nobody tells).

    `code` is one of the norm, empty where the row is not understood: `fault` is the French sentence that says why.
    `seller` is the SIREN of who issued the invoice. `mark` names the cells.
    """

    number: str
    code: str
    file: str
    line: int | None = None
    sheet: str | None = None
    mark: str = ""
    issued: date | None = None
    dated: date | None = None
    hour: str = ""
    reasons: tuple[str, ...] = ()
    words: str = ""
    amount: Decimal | None = None
    currency: str = ""
    seller: str = ""
    fault: str = ""

    @property
    def problem(self) -> Problem:
        """What is wrong with the row, located."""
        return Problem(self.file, self.fault, self.sheet, self.line, mark=self.mark, number=self.number)


class StatusList(NamedTuple):
    """What several exports tell together; `unread` are the names of those that could not be read, or not all of it.

    `unused` are columns that nobody reads and that may say what a status is, `notes` French sentences.
    """

    rows: tuple[StatusRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: tuple[str, ...] = ()
    files: int = 0
    unused: tuple[Unused, ...] = ()
    notes: tuple[str, ...] = ()


class Export(NamedTuple):
    """What one export tells, or one table of it."""

    rows: tuple[StatusRow, ...]
    unused: tuple[Unused, ...] = ()
    notes: tuple[str, ...] = ()


def status_files(places: Iterable[Path]) -> list[Path]:
    """The exports at these places, each once, as `files_at` has them."""
    return list(dict.fromkeys(path for place in places for path in files_at(place)))


def files_at(place: Path) -> list[Path]:
    """The exports at a place: a file, those in a folder, those like a pattern; hidden and open ones are none.

    SourceError where there is none: a slip in the setting must not go unseen.
    """
    if any(sign in str(place) for sign in _MAGIC) and not place.is_file():
        found = sorted(Path(place.anchor).glob(str(place.relative_to(place.anchor))))
    else:
        found = sorted(place.iterdir()) if place.is_dir() else [place]
    files = [path for path in found if path.is_file() and not path.name.startswith((".", "~$"))]
    if not files:
        raise SourceError("Aucun fichier de statuts.", "Déposez-y un export, ou corrigez statuses sous [invoices].")
    return files


def read_statuses(places: Sequence[Path], limits: Limits, dates: Mapping[str, str] = _NONE) -> StatusList:
    """All that the exports at these places tell; what is wrong with one is a problem beside the others.

    `dates` is what the user said of a column called a date and no more, by its header: `dated` or `issued`.
    """
    found: list[Export] = []
    problems: list[Problem] = []
    unread: list[str] = []
    files: dict[Path, None] = {}
    for place in places:
        try:
            files |= dict.fromkeys(files_at(place))
        except (SourceError, OSError) as error:
            problems.append(Problem(str(place), error.shown if isinstance(error, SourceError) else "Illisible."))
            pattern = any(sign in place.name for sign in _MAGIC)  # a star alone would name nothing
            unread.append(f"{place.parent.name}/{place.name}" if pattern else place.name)
    for path in files:
        try:
            found.append(_read(path, limits, dates))
        except SourceError as error:
            # The problem names the whole path: its sentence does not say it again.
            problems.append(Problem(str(path), error.shown.replace(str(path), path.name)))
            unread.append(path.name)
        except FaultyError as error:
            problems.append(Problem(str(path), error.sentence))
            unread.append(path.name)
    together = _together(found)
    return StatusList(together.rows, tuple(problems), tuple(unread), len(files), together.unused, together.notes)


def _together(found: Iterable[Export]) -> Export:
    """What they tell as one; a column of several exports is asked about once."""
    found = tuple(found)
    unused = {header_key(column.header): column for each in reversed(found) for column in reversed(each.unused)}
    return Export(
        tuple(row for each in found for row in each.rows),
        tuple(reversed(unused.values())),
        tuple(note for each in found for note in each.notes),
    )


def _read(path: Path, limits: Limits, dates: Mapping[str, str]) -> Export:
    """One export by its content, whatever its name; SourceError or FaultyError where it is none that is read."""
    name = str(path)
    data, _ = open_place(path, limits)
    if data[:2048].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<") and b"<html" not in data[:2048].lower():
        from relance.sources.cdar import read_cdar  # imported here: most exports are tables

        messages = read_cdar(data)
        return Export(tuple(_of_message(name, place, each) for place, each in enumerate(messages, 1)))
    if data.startswith(b"%PDF"):
        raise SourceError(f"{name} est un PDF, non un export de statuts.", _AGAIN)
    if is_workbook(name, data):
        return _of_workbook(name, data, limits, dates)
    text = statement_text(name, data)
    sign = max(_DELIMITERS, key=lambda each: _understood(text, each))
    rows = _csv_rows(name, text, sign, limits)
    return _of_table(name, None, rows, dates)


def _of_message(name: str, place: int, message: "CdarStatus") -> StatusRow:
    code, fault = read_status(message.label, message.code)
    fault = fault or (f"Message de statut\u00a0: {message.fault}." if message.fault else "")
    fault = fault or ("" if message.number else "Le numéro de la facture manque dans ce message de statut.")
    return StatusRow(
        number=message.number,
        code="" if fault else code,
        file=name,
        line=None if place == 1 else place,
        mark=mark_of(map(str, message)),
        issued=message.issued,
        dated=message.dated,
        hour=message.hour,
        reasons=message.reasons,
        words=message.words,
        amount=message.amount,
        currency=message.currency,
        seller=message.seller,
        fault=fault,
    )


def _of_workbook(name: str, data: bytes, limits: Limits, dates: Mapping[str, str]) -> Export:
    """The sheets that list statuses; SourceError where none does. What is not read of it is named."""
    from relance.sources.workbook import open_book  # imported here: most exports are text

    book = open_book(name, data, limits, hours=True)
    found: list[Export] = []
    refused: SourceError | None = None
    left = [title for title in book.sheets if title not in book.visible()]
    for title in book.visible():
        rows = list(enumerate(zip(*book.sheets[title].columns, strict=True), 1))
        if not any(text_of(cell) for _, row in rows for cell in row):
            continue
        try:
            found.append(_of_table(name, title, rows, dates))
        except SourceError as error:
            refused = error
            left.append(title)
    if refused is not None and not found:
        raise refused
    notes = (f"{Path(name).name} : feuille {quoted(title)} non lue." for title in left)
    return _together([*found, Export((), notes=tuple(notes))])


def _understood(text: str, sign: str) -> int:
    """How much a delimiter makes sense of: the fields of the header that it shows."""
    lines = text.split("\n", _HEAD)[:_HEAD]
    try:
        return max((len(status_columns(row)) for row in csv.reader(lines, delimiter=sign)), default=0)
    except csv.Error:
        return 0


_Rows = Sequence[tuple[int, Sequence[Cell]]]


def _csv_rows(name: str, text: str, sign: str, limits: Limits) -> list[tuple[int, Sequence[Cell]]]:
    """The rows with their lines; SourceError for a quote that is not closed, and for more rows than are allowed."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    found: list[tuple[int, Sequence[Cell]]] = []
    line = 1
    try:
        for cells in reader:
            if len(found) > limits.rows:
                raise SourceError(f"{name} a trop de lignes ({limits.rows} au plus).", "Exportez moins de mois.")
            if any(map(str.strip, cells)):
                found.append((line, cells))
            line = reader.line_num + 1
    except csv.Error:
        raise SourceError(f"{name}\u00a0: guillemet non refermé vers la ligne {line}.", _AGAIN) from None
    return found


def _of_table(name: str, sheet: str | None, rows: _Rows, dates: Mapping[str, str]) -> Export:
    """The statuses below a row of headers; SourceError where no row is one."""
    found = ((n, status_columns(row)) for n, (_, row) in enumerate(rows[:_HEAD]))
    start, places = next(((n, places) for n, places in found if places), (-1, {}))
    if start < 0:
        seen = shown(" ".join(filter(None, map(text_of, rows[0][1])))) if rows else ""
        raise SourceError(
            f"{name}\u00a0: ni colonne de numéro, ni colonne de statut. Première ligne\u00a0: «\u00a0{seen}\u00a0».",
            "Exportez les statuts avec leurs en-têtes (N° facture, Statut, Date du statut).",
        )
    header = [header_of(cell) for cell in rows[start][1]]
    below = [(line, row) for line, row in rows[start + 1 :] if [header_of(cell) for cell in row] != header]
    perhaps = rows[start][1][places["perhaps_dated"]] if "perhaps_dated" in places else ""
    table = _Table(name, sheet, places, len(header), below, dates.get(header_key(text_of(perhaps)), ""))
    unused = unread_columns(Path(name).name, rows[start][1], table.places, table.column)
    return Export(tuple(table.read()), tuple(unused))


class _Table:
    """The rows of one table as they become statuses."""

    def __init__(
        self, name: str, sheet: str | None, places: Mapping[str, int], width: int, rows: _Rows, agreed: str
    ) -> None:
        self.name, self.sheet, self.places, self.width, self.rows = name, sheet, dict(places), width, rows
        if (alone := places.get("perhaps_dated")) is not None and "dated" not in places:
            self.settle(alone, agreed)
        self.amounts: Amounts
        self.amounts, self.currencies = read_amounts(self.cell(row, "amount") for _, row in rows)
        self.orders = {field: self.order(field) for field in ("dated", "issued")}

    def column(self, place: int) -> list[Cell]:
        """The cells of a column, blank where a row ends before it."""
        return [row[place] if place < len(row) else "" for _, row in self.rows]

    def settle(self, alone: int, agreed: str) -> None:
        """Read a column that is called a date and no more as what the user said of it, or as what it must be.

        Else it is left for him to say: what counts as told on another day may remind one who has just paid.
        """
        field = agreed if agreed and agreed not in self.places else "dated" if self.tells_when() else ""
        if field:
            self.places[field] = alone
            del self.places["perhaps_dated"]

    def tells_when(self) -> bool:
        """Whether a column that is called a date and no more is that of the statuses.

        It is where hours stand in it or beside it, where the invoice's own date has another column, and where an
        invoice has several of them: a lone date a row may be that of the invoice.
        """
        cells = [(self.text(row, "number"), self.cell(row, "perhaps_dated")) for _, row in self.rows]
        beside = "issued" in self.places or any(self.text(row, "hour") for _, row in self.rows)
        return beside or any(read_hour(cell, "dmy") for _, cell in cells) or _several(cells)

    def cell(self, row: Sequence[Cell], field: str) -> Cell:
        """A cell by its field, blank where there is none."""
        place = self.places.get(field)
        return row[place] if place is not None and place < len(row) else ""

    def text(self, row: Sequence[Cell], field: str) -> str:
        """The same as a person reads it, in one line."""
        return " ".join(text_of(self.cell(row, field)).split())

    def order(self, field: str) -> str:
        """Whether the days of a column come before the months, as its cells prove."""
        proof = order_proof(self.cell(row, field) for _, row in self.rows)
        return "mdy" if proof.mdy and not proof.dmy else "dmy"

    def hour(self, row: Sequence[Cell]) -> str:
        """The hour of a status: that of its date, else that of a column of hours beside it."""
        beside = self.text(row, "hour")
        return read_hour(self.cell(row, "dated"), self.orders["dated"]) or read_hour(f"1970-01-01 {beside}")

    def read(self) -> Iterator[StatusRow]:
        """One status a row; a row with nothing but a number and blanks says nothing."""
        for line, row in self.rows:
            if self.text(row, "label") or self.text(row, "code") or self.text(row, "number"):
                yield self.status(line, row)

    def status(self, line: int, row: Sequence[Cell]) -> StatusRow:
        """What one row tells, or why it is not understood."""
        code, fault = read_status(self.cell(row, "label"), self.cell(row, "code"))
        days = {field: read_date(self.cell(row, field), order) for field, order in self.orders.items()}
        amount = self.amounts[self.cell(row, "amount")] if code and KINDS[code].effect is Effect.COLLECTED else None
        unread = next((each.message for each in (*days.values(), amount) if isinstance(each, Unreadable)), "")
        number = self.text(row, "number")
        fault = fault or unread or ("" if number else "Le numéro de la facture manque\u00a0: complétez cette ligne.")
        fault = fault or (_BEYOND if any(map(text_of, row[self.width :])) else "")
        dated, issued = (day if isinstance(day, date) else None for day in days.values())
        said = f"{self.text(row, 'reasons')} {self.text(row, 'words')}".strip()
        codes = tuple(dict.fromkeys(_REASONS.findall(said)))
        return StatusRow(
            number=number,
            code="" if fault else code,
            file=self.name,
            line=line,
            sheet=self.sheet,
            mark=mark_of(row),
            issued=_day(issued),
            dated=_day(dated),
            hour=self.hour(row) if dated is not None else "",
            reasons=codes,
            words=" ".join(_REASONS.sub(" ", said).split())[:_MOST_WORDS],
            amount=amount if isinstance(amount, Decimal) else None,
            currency=self.text(row, "currency").upper() or self.currencies.get(self.cell(row, "amount"), ""),
            seller=_siren(self.text(row, "seller")),
            fault=fault,
        )


def _several(cells: Iterable[tuple[str, Cell]]) -> bool:
    """Whether one invoice has several of these dates."""
    found: dict[str, set[Cell]] = defaultdict(set)
    for number, cell in cells:
        found[normalised_number(number)].add(cell)
    return any(len(days) > 1 for number, days in found.items() if number)


def _day(found: date | None) -> date | None:
    return found.date() if isinstance(found, datetime) else found


def _siren(text: str) -> str:
    digits = re.sub(r"\s", "", text)
    return digits[:9] if re.fullmatch(r"[0-9]{9}(?:[0-9]{5})?", digits) else ""
