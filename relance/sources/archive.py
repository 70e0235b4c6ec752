"""An XLSX archive: checked before it is parsed, its sheets as rows of cells, cached values alone."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from relance.errors import SourceError
from relance.sources.columns import Columns
from relance.sources.csvfile import too_many, total_note
from relance.sources.tables import (
    HEADER_ROWS,
    MAX_COLUMNS,
    MAX_ROWS,
    Table,
    is_total,
)
from relance.sources.values import UNCACHED, Cell, text_of

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MAX_INFLATED = 100 * 1024 * 1024
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_HIDDEN = re.compile(rb'<(?:\w+:)?row [^>]*\bhidden="(?:1|true)"[^>]*>')
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_DAMAGED = "Attendez la fin de l’enregistrement, ou ouvrez-le dans votre tableur et enregistrez-le de nouveau en .xlsx."


class Archive:
    """A workbook that was checked before it is parsed."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.formulas: set[str] = set()
        self.hidden_rows: dict[str, list[int]] = {}
        self.book: Workbook
        self.data = data

    def __enter__(self) -> "Archive":
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
                self._inspect(archive)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from openpyxl import load_workbook

                self.book = load_workbook(io.BytesIO(self.data), read_only=True, data_only=True)
            if not self.book.worksheets:
                raise SourceError(
                    f"{self.name} n’a pas de feuille lisible.", "Enregistrez-le en .xlsx ordinaire ou en CSV."
                )
        except SourceError:
            raise
        except Exception:  # openpyxl, zipfile and expat raise what they like on damaged files
            raise self._damaged() from None
        return self

    def __exit__(self, *_: object) -> None:
        self.book.close()

    def _damaged(self) -> SourceError:
        return SourceError(f"{self.name} est un classeur abîmé, ou en cours d’enregistrement.", _DAMAGED)

    def _inspect(self, archive: zipfile.ZipFile) -> None:
        """Sizes before anything is inflated, document types before anything is parsed."""
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MAX_INFLATED:
            raise SourceError(
                f"{self.name} dépasse 100 Mo une fois décompressé : trop de lignes.", "Exportez moins de factures."
            )
        names = {part.filename for part in parts}
        if "mimetype" in names and b"opendocument" in archive.read("mimetype"):
            raise SourceError(f"{self.name} est un classeur OpenDocument.", "Enregistrez-le au format .xlsx ou CSV.")
        if any(part.flag_bits & 1 for part in parts):
            raise SourceError(f"{self.name} est protégé par mot de passe.", "Retirez le mot de passe.")
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            content = archive.read(part)
            if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise SourceError(
                    f"{self.name} contient une déclaration XML interdite.", "Ouvrez-le et enregistrez-le de nouveau."
                )
            if "worksheets/" in part.filename:
                if _FORMULA.search(content):
                    self.formulas.add(part.filename)
                hidden = (_ROW_NUMBER.search(row) for row in _HIDDEN.findall(content))
                self.hidden_rows[part.filename] = [int(number[1]) for number in hidden if number]

    def visible(self) -> list[str]:
        """The titles of the sheets that the user sees."""
        return [sheet.title for sheet in self.book.worksheets if sheet.sheet_state == "visible"]

    def hidden(self) -> list[str]:
        """The titles of the others."""
        return [sheet.title for sheet in self.book.worksheets if sheet.sheet_state != "visible"]

    def heads(self) -> dict[str, list[Sequence[Cell]]]:
        """The first rows of every sheet."""
        return {sheet.title: [row for _, row in self._rows(sheet.title, HEADER_ROWS)] for sheet in self.book.worksheets}

    def _rows(self, title: str, limit: int = 0) -> Iterator[tuple[int, list[Cell]]]:
        """Line and cells of each row; SourceError for what lies beyond the limits."""
        sheet: Any = self.book[title]
        sheet.reset_dimensions()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
                    if limit and line > limit:
                        return
                    if len(row) > MAX_COLUMNS:
                        if any(cell is not None for cell in row[MAX_COLUMNS:]):
                            raise SourceError(
                                f"{self.name} a plus de {MAX_COLUMNS} colonnes (ligne {line}).",
                                "Supprimez les cellules isolées loin à droite du tableau.",
                            )
                        row = row[:MAX_COLUMNS]
                    if line > MAX_ROWS + HEADER_ROWS and any(cell is not None for cell in row):
                        raise too_many(self.name)
                    yield line, [_cell(value) for value in row]
        except SourceError:
            raise
        except Exception:  # as above
            raise self._damaged() from None

    def table(self, title: str, header: tuple[int, tuple[str, ...], Columns]) -> Table:
        """The rows of a sheet under its header."""
        index, headers, columns = header
        width = len(headers)
        rows: list[Sequence[Cell]] = []
        lines: list[int] = []
        notes: list[str] = []
        part = str(getattr(self.book[title], "_worksheet_path", "")).lstrip("/")
        uncached = self._uncached(part) if part in self.formulas else set()
        for line, row in self._rows(title):
            if line <= index + 1:
                continue
            row = (row + [""] * (width - len(row)))[:width]
            for column in range(width) if uncached else ():
                if (line, column) in uncached:
                    row[column] = UNCACHED
            if not any(text_of(cell) for cell in row):
                continue
            if _is_total(row, columns.fields):
                notes.append(total_note(line))
                continue
            rows.append(row)
            lines.append(line)
        kept = set(lines)
        hidden = sum(line in kept for line in self.hidden_rows.get(part, ()))
        if hidden:
            plural = "s" if hidden > 1 else ""
            notes.append(f"{hidden} ligne{plural} masquée{plural} prise{plural} en compte.")
        return Table(self.name, headers, index + 1, columns, rows, lines, title, notes=tuple(notes))

    def _uncached(self, part: str) -> set[tuple[int, int]]:
        """(line, column) of the formulas without a saved value; an empty text is a value."""
        from xml.etree.ElementTree import iterparse

        from openpyxl.utils.cell import coordinate_to_tuple

        found = set()
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive, archive.open(part) as stream:
            for _, element in iterparse(stream):
                tag = element.tag.rpartition("}")[2]
                if tag == "row":
                    element.clear()
                if tag != "c" or element.get("t") in ("str", "inlineStr"):
                    continue
                children = {child.tag.rpartition("}")[2]: child.text for child in element}
                if "f" in children and not children.get("v"):
                    line, column = coordinate_to_tuple(element.get("r", "A1"))
                    found.add((line, column - 1))
        return found


def _is_total(row: Sequence[Cell], fields: Mapping[str, int]) -> bool:
    def at(*names: str) -> str:
        return "".join(text_of(row[fields[name]]) for name in names if name in fields)

    texts = [text_of(cell) for cell in row if isinstance(cell, str)]
    return is_total(texts, at("number"), at("customer", "customer_code"), [at("issue_date"), at("due_date")])


def _cell(value: object) -> Cell:
    """A cell of openpyxl as this room knows cells: booleans are words, times of day are cut off."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "vrai" if value else "faux"
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str | int | float | date):
        return value
    return str(value)
