"""A file -> its rows under their headers; what guards every file, and which row is the header."""

import stat
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import NamedTuple

from relance.core.invoice import LeftOut, Problem
from relance.errors import Again, SourceError
from relance.sources.columns import Columns, header_key, recognise
from relance.sources.documents import read_type
from relance.sources.source import Limits, Place
from relance.sources.values import HEADER_ROWS, Cell, text_of
from relance.sources.wanted import Fits, fits_whole_invoices
from relance.sources.words import Meaning

_OF_AN_INVOICE = frozenset(("number", "customer"))
_USUAL = frozenset((".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ""))
_BEFORE = attrgetter("before")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
CHECKED_STARTS = frozenset(("", " ", "\t", "\u00a0", "T", "t", "S", "s"))
"""How the number of a row begins that may be blank or a totals row: total, somme."""


class Page(NamedTuple):
    """One of several tables that are read as one: what was added to its lines, so that no two are alike.

    `title` is what names it beside the others; `document` tells that it is one invoice, which has no lines.
    """

    before: int
    file: str
    sheet: str | None = None
    title: str = ""
    document: bool = False


class Listing(NamedTuple):
    """Rows under their headers; `lines[i]` is the line of `rows[i]` in the file, all rows are of one width.

    `left_out` are rows that could be owed and are not in `rows`, but in problems or notes. Tables that were joined are
    `pages`; `cuts` are the lines of last rows that no line end follows.
    `no_vat` says why its amounts without tax are the totals, where they are.
    """

    file: str
    headers: tuple[str, ...]
    header_line: int
    columns: Columns
    rows: Sequence[Sequence[Cell]] = ()
    lines: Sequence[int] = ()
    sheet: str | None = None
    encoding: str = ""
    delimiter: str = ""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: int = 0
    pages: tuple[Page, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    no_vat: str = ""
    cuts: tuple[int, ...] = ()

    def page(self, line: int) -> Page:
        """Where a line stands."""
        if not self.pages:
            return Page(0, self.file, self.sheet)
        from bisect import bisect_left

        place = bisect_left(self.pages, line, key=_BEFORE)
        return self.pages[place - 1] if place else Page(0, self.file, self.sheet)

    def told(self, line: int) -> str:
        """A line as a sentence names it."""
        page = self.page(line)
        if page.document:
            return page.title
        return f"{line - page.before} ({page.title})" if self.pages else str(line)

    @property
    def as_issued(self) -> bool:
        """True where each row is an invoice as it was on the day of its issue, whatever became of it since."""
        return bool(self.pages) and self.pages[0].document

    def column(self, place: int) -> list[Cell]:
        """The cells of a column, row by row."""
        return list(map(itemgetter(place), self.rows))


def named(table: Listing, chosen: Mapping[str, str]) -> Listing:
    """The table with a name for each column that has none and holds something: « colonne H »."""
    nameless = [place for place, header in enumerate(table.headers) if not header]
    headers = list(table.headers)
    for place in nameless:
        headers[place] = f"colonne {_letters(place)}" if any(text_of(row[place]) for row in table.rows) else ""
    table = _under(table, headers, chosen)
    return _without_beside(table, chosen) if nameless else table


def without(table: Listing, ignored: Set[str], chosen: Mapping[str, str]) -> Listing:
    """The table as if the columns whose header key is in `ignored` had none, so that no field is looked for there."""
    table = _under(table, ["" if header_key(header) in ignored else header for header in table.headers], chosen)
    return _without_beside(table, chosen) if "" in table.headers else table


def _without_beside(table: Listing, chosen: Mapping[str, str]) -> Listing:
    """The table without the fields of another one that stands to its right, behind a column that is empty.

    What it owes a supplier is not what its line on the left leaves to pay: nothing of it is read unless it is
    `chosen`, so that it is asked about.
    """
    headers = table.headers
    empty = (place for place, header in enumerate(headers) if not header)
    gap = next((place for place in empty if place and not any(text_of(row[place]) for row in table.rows)), None)
    if gap is None:
        return table
    right = headers[gap + 1 :]
    again = recognise(right, {}).fields.keys() & _OF_AN_INVOICE
    of_others = any(header and read_type(header) is Meaning.OTHER for header in right)
    if not (again or of_others) or not recognise(headers[:gap], {}).fields.keys() >= _OF_AN_INVOICE:
        return table
    kept = {
        name: place
        for name, place in table.columns.fields.items()
        if place < gap or name in chosen or name == "section"
    }
    rivals = [(name, places) for name, places in table.columns.rivals if max(places) < gap]
    return table._replace(columns=table.columns._replace(fields=kept, rivals=rivals))


def _under(table: Listing, headers: Sequence[str], chosen: Mapping[str, str]) -> Listing:
    """The rows under other headers."""
    if tuple(headers) == table.headers:
        return table
    columns = recognise(headers, chosen)
    section = {name: place for name, place in table.columns.fields.items() if name == "section"}
    return table._replace(headers=tuple(headers), columns=columns._replace(fields={**columns.fields, **section}))


def _letters(place: int) -> str:
    """What a spreadsheet calls a column: A, B, ... Z, AA."""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


HeaderRow = tuple[int, tuple[str, ...], Columns]
"""The index of the header row, its texts, its columns."""


def find_header(rows: Sequence[Sequence[Cell]], fits: Fits, chosen: Mapping[str, str]) -> HeaderRow | None:
    """The first row whose headers fit.

    Of two such rows that follow each other, the lower one is taken where it says more: the upper one groups columns.
    """
    best: HeaderRow | None = None
    for index, row in enumerate(rows[:HEADER_ROWS]):
        headers = [text_of(cell) for cell in row]
        while headers and not headers[-1]:
            headers.pop()
        # A row has no more fields than cells, but for those that the user names: few that follow a header are tried.
        tried = len(headers) > 1 and (best is None or len(headers) + len(chosen) > len(best[2].fields))
        columns = recognise(headers, chosen) if tried else Columns({})
        if fits(columns.fields) and (best is None or len(columns.fields) > len(best[2].fields)):
            best = index, tuple(headers), columns
        elif best and fits_whole_invoices(best[2].fields):
            break  # else the table of suppliers above is not the one
    return best


def open_place(place: Place, limits: Limits) -> tuple[bytes, datetime]:
    """The bytes that stand there and when they were saved, or fetched; SourceError for what is no usable file."""
    if isinstance(place, Path):
        return _open_file(place, limits)
    from relance.sources.fetch import fetch  # what reads a file does not pay for the network

    data = fetch(place, limits)
    check_filled(name_of(place), data)
    return data, datetime.now(UTC)


def name_of(place: Place) -> str:
    """What names a file or an address in a sentence."""
    if isinstance(place, Path):
        return str(place)
    from relance.sources.links import shown_address

    return shown_address(place)


class MissingFileError(SourceError):
    """There is no such file at `path`; `near` is the one beside it whose name is nearly so, or the only list there."""

    def __init__(self, path: Path) -> None:
        self.path, self.near = path, _beside(path)
        cure = "Vérifiez son nom et son dossier." if self.near is None else f"Tout près : « {self.near.name} »."
        again = [Again(str(path), str(self.near))] if self.near is not None else []
        super().__init__(f"Le fichier {path} est introuvable.", cure, again)


_ONE_E_INVOICE = "Si c’est une facture électronique, donnez le dossier où elle est."
_LISTS = (".csv", ".tsv", ".xlsx", ".ods", ".xls")


def _beside(path: Path) -> Path | None:
    """The list in the same folder that was probably meant; for a name without an ending, a folder of e-invoices too."""
    from difflib import get_close_matches

    from relance.sources.folders import folders_in

    names = lists_in(path.parent)
    if not path.suffix:
        inside = [Path(each).name for each in folders_in(path.parent)]
        names = get_close_matches(path.name, inside, 1) or names
    near = get_close_matches(path.name.rpartition("\\")[2], names, 1) or (names if len(names) == 1 else [])
    return path.with_name(near[0]) if near else None


def lists_in(folder: Path) -> list[str]:
    """The names of the files in a folder that may hold invoices."""
    try:
        return sorted(each.name for each in folder.iterdir() if each.suffix.lower() in _LISTS)
    except OSError:
        return []


def folder_error(path: Path) -> SourceError:
    """The refusal of a folder that holds no e-invoice; the lists in it are named."""
    again = [Again(str(path), str(path / each)) for each in lists_in(path)]
    if not again:
        return SourceError(
            f"{path} est un dossier.",
            "Indiquez le fichier des factures, ou déposez-y des factures électroniques (PDF Factur-X, XML).",
        )
    return SourceError(f"{path} est un dossier.", "Indiquez le fichier des factures qu’il contient.", again[:3])


def _open_file(path: Path, limits: Limits) -> tuple[bytes, datetime]:
    name = str(path)
    if path.suffix.lower() not in _USUAL:
        from relance.sources.links import refuse_own_format

        refuse_own_format(path)
    try:
        status = path.stat()  # before opening: a FIFO would block
        if stat.S_ISDIR(status.st_mode):
            raise folder_error(path)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{name} n’est pas un fichier ordinaire.", "Indiquez un fichier CSV ou XLSX.")
        if status.st_size > limits.megabytes << 20:
            raise SourceError(
                f"{name} dépasse {limits.megabytes} Mo.",
                "Exportez moins de factures, par exemple celles des deux dernières années, "
                "ou augmentez max_megabytes sous [invoices].",
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(path) from None
    except PermissionError:
        raise SourceError(f"Le fichier {name} ne peut pas être lu.", "Donnez-vous le droit de le lire.") from None
    except (OSError, ValueError):
        raise SourceError(f"Le fichier {name} ne peut pas être lu.", "Vérifiez son nom et le disque.") from None
    check_filled(name, data)
    return data, datetime.fromtimestamp(status.st_mtime, UTC)


def check_filled(name: str, data: bytes) -> None:
    """SourceError for a file that holds nothing."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceError(f"{name} est vide.", "Exportez-le de nouveau.")


def is_workbook(name: str, data: bytes) -> bool:
    """True for XLSX, ODS and XLS by their content; raises SourceError for what is neither a workbook nor text."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_ZIP):
        from relance.sources.links import refuse_numbers

        refuse_numbers(name, data)
        return True
    if data.startswith(_OLE):
        names = ("EncryptedPackage", "Workbook", "Book")
        encrypted, *books = (text.encode("utf-16-le") in data for text in names)
        if encrypted or not any(books):
            raise SourceError(f"{name} est protégé par mot de passe.", "Retirez le mot de passe, ou exportez en CSV.")
        return True
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<head")):
        from relance.sources.strangers import statement

        if told := statement(name, data):
            raise told
        if start.startswith(b"<?xml") and b"<html" not in start:
            raise SourceError(f"{name} est un XML seul, non un tableau.", _ONE_E_INVOICE)
        raise SourceError(
            f"{name} est une page web, non un tableau.", "Reconnectez-vous à votre logiciel et exportez de nouveau."
        )
    if start.startswith(b"%pdf"):
        cure = f"Exportez vos factures en CSV ou XLSX. {_ONE_E_INVOICE}"
        raise SourceError(f"{name} est un PDF, non un tableau.", cure)
    if name.lower().endswith((".xlsx", ".xlsm", ".ods", ".xls")) and b"\0" in data:
        raise SourceError(
            f"{name} n’est pas un classeur lisible.",
            "Attendez la fin de l’enregistrement, ou enregistrez-le de nouveau.",
        )
    return False


def is_total(row: Sequence[Cell], fields: Mapping[str, int]) -> bool:
    """True for a totals row: the word total, and no invoice on the row; the row may be shorter than its header."""

    def at(*names: str) -> str:
        places = [fields[name] for name in names if name in fields]
        return "".join(text_of(row[place]) for place in places if place < len(row))

    words = ("total", "sous-total", "sous total", "totaux", "somme")
    number, customer = at("number"), at("customer", "customer_code")
    if number and customer:
        return False
    if number or customer:
        return not at("issue_date", "due_date") and (number or customer).casefold().startswith(words)
    return any(cell.strip().casefold().startswith(words) for cell in row if isinstance(cell, str))


def total_note(line: int) -> str:
    """What is said of a totals row."""
    return f"Ligne {line} : total, non lu comme une facture."
