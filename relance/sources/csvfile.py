"""CSV -> rows: delimiter, header, and every row that does not fit, located."""

import csv
import io
from collections.abc import Mapping
from itertools import islice

from relance.core.invoice import Problem
from relance.errors import SourceError
from relance.sources.encodings import checked, encoding_of
from relance.sources.limits import DEFAULT_LIMITS, Limits
from relance.sources.tables import HEADER_ROWS, Fits, Table, find_header, is_total, no_header
from relance.sources.values import shown

_DELIMITERS = (";", ",", "\t", "|")
_AMOUNT_FIELDS = ("total", "total_excl_tax", "vat_amount", "paid", "outstanding")
_HEAD_BYTES = 256 * 1024
_CHECKED_STARTS = frozenset(("", " ", "\t", "T", "t", "S", "s"))  # blank, or the first letter of total and somme


def read_csv(
    name: str,
    data: bytes,
    fits: Fits,
    chosen: Mapping[str, str],
    encoding: str = "",
    delimiter: str = "",
    what: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """The table of a CSV file; raises SourceError where the file as a whole cannot be trusted."""
    encoding = encoding or encoding_of(name, data)
    data, stream_encoding = checked(name, data, encoding)
    given = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
    if given and (len(given) > 1 or given in '"\r\n'):
        raise SourceError(f"Le séparateur « {shown(delimiter)} » n’est pas un caractère.", 'Écrivez delimiter = ";".')
    head = io.StringIO(data[:_HEAD_BYTES].decode(stream_encoding, "replace"), newline="")
    first = head.readline()
    start = 0
    if first.lower().startswith("sep=") and len(first.rstrip("\r\n")) == 5:
        given, start = given or first[4], 1
    else:
        head.seek(0)
    lines = list(islice(head, HEADER_ROWS * 5))
    best: tuple[int, int, str] = (-1, 0, "")
    for sign in (given,) if given else _DELIMITERS:
        rows = _loose(lines, sign)
        found = find_header([row for _, row in rows], fits, chosen)
        score = len(found[2].fields) * 1000 + len(found[1]) if found else max((len(row) for _, row in rows), default=0)
        if score > best[0]:
            best = (score, 0, sign)
    rows = _loose(lines, best[2])
    found = find_header([row for _, row in rows], fits, chosen)
    if not found:
        raise no_header(name, [row for _, row in rows], chosen, what)
    index, headers, columns = found
    if len(headers) > limits.columns:
        raise SourceError(
            f"{name} a plus de {limits.columns} colonnes.",
            "Exportez seulement les colonnes utiles, ou augmentez max_columns sous [invoices].",
        )
    header_line = start + rows[index][0]
    table = Table(name, headers, header_line, columns, [], [], None, encoding, best[2])
    return _read_rows(table, data, stream_encoding, limits.rows)


def _loose(lines: list[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """The first records with the line each one starts on, read without complaint."""
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(lines, delimiter=delimiter)
    start = 1
    try:
        for row in reader:
            rows.append((start, row))
            start = reader.line_num + 1
            if len(rows) == HEADER_ROWS:
                break
    except csv.Error:
        pass
    return rows


class _Rows:
    """The rows of one file as they are gathered."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.width = len(table.headers)
        self.rows: list[list[str]] = []
        self.lines: list[int] = []
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.skipped = 0
        self.torn = 0
        self.single = 0

    def odd(self, row: list[str], line: int, last: int) -> None:
        """A row of another width, or one over several lines."""
        name, width, count = self.table.file, self.width, len(row)
        swallowed = any(
            ("\n" in cell or "\r" in cell) and cell.count(self.table.delimiter) >= max(width - 1, 2) for cell in row
        )
        if last > line and (swallowed or count < width or any(row[width:])):
            raise _unclosed(name, line)
        if count > width and not any(map(str.strip, row[width:])) and not self.is_split(row):
            row, count = row[:width], width
        if count == width:
            self.keep(row, line)
        elif any(map(str.strip, row)):
            self.misfit(row, line)

    def keep(self, row: list[str], line: int) -> None:
        """A row of the right width, unless it is blank or a totals row."""
        if not any(map(str.strip, row)):
            return
        if self.is_total(row):
            self.notes.append(total_note(line))
            return
        self.rows.append(row)
        self.lines.append(line)

    def is_split(self, row: list[str]) -> bool:
        """True where `1200,00` stands unquoted between commas: the cents took the next column."""
        if self.table.delimiter != ",":
            return False
        fields = self.table.columns.fields
        after = [row[fields[name] + 1].strip() for name in _AMOUNT_FIELDS if name in fields]
        return any(len(cell) <= 2 and cell.isdigit() for cell in after)

    def is_total(self, row: list[str]) -> bool:
        """True for a totals row, by the columns that name an invoice."""
        fields = self.table.columns.fields

        def at(*names: str) -> str:
            return "".join(row[fields[n]].strip() for n in names if n in fields and fields[n] < len(row))

        return is_total(row, at("number"), at("customer", "customer_code"), [at("issue_date"), at("due_date")])

    def misfit(self, row: list[str], line: int) -> None:
        """A row with too many or too few fields: which column moved is never guessed."""
        if self.is_total(row):
            self.notes.append(total_note(line))
            return
        self.torn = line if len(row) < self.width else 0
        self.single += len(row) == 1
        self.skipped += 1
        message = (
            f"Ligne {line} : {len(row)} champs au lieu de {self.width} : vérifiez les séparateurs et les guillemets."
        )
        self.problems.append(Problem(self.table.file, message, None, line, None, shown(self.table.delimiter.join(row))))


def total_note(line: int) -> str:
    """What is said of a totals row."""
    return f"Ligne {line} : total, non lu comme une facture."


def _read_rows(table: Table, data: bytes, encoding: str, most: int) -> Table:
    """Every record below the header, strictly."""
    stream = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    before = sum(1 for _ in islice(stream, table.header_line - 1))
    reader = csv.reader(stream, delimiter=table.delimiter, strict=True)
    gathered = _Rows(table)
    width, rows, lines = gathered.width, gathered.rows, gathered.lines
    start = before
    number = table.columns.fields.get("number", 0)
    more = True
    while more:
        more = False
        try:
            for row in reader:
                line, start = start + 1, before + reader.line_num
                if line == table.header_line:
                    continue
                if len(row) == width and start == line and row[number][:1] not in _CHECKED_STARTS:
                    rows.append(row)
                    lines.append(line)
                elif row:
                    gathered.torn = 0
                    gathered.odd(row, line, start)
                if len(rows) > most:
                    raise too_many(table.file, most)
        except csv.Error as error:
            line, start = start + 1, before + reader.line_num
            if start > line or "expected after" not in str(error):
                raise _unclosed(table.file, line) from None
            message = f'Ligne {line} : guillemet mal placé : doublez-le ("") ou supprimez-le.'
            gathered.problems.append(Problem(table.file, message, None, line))
            gathered.skipped += 1
            more = True
    return _confirmed(table, gathered, data)


def _confirmed(table: Table, gathered: _Rows, data: bytes) -> Table:
    """The table, unless its rows show a wrong delimiter or a file that was being written."""
    last = max(gathered.lines, default=0)
    if gathered.torn > last and not data.endswith((b"\n", b"\r")):
        raise SourceError(
            f"{table.file} : la dernière ligne ({gathered.torn}) est une ligne incomplète.",
            "Attendez la fin de l’enregistrement du fichier, ou exportez-le de nouveau.",
        )
    if gathered.single and not gathered.rows and gathered.single == gathered.skipped:
        raise SourceError(
            f"{table.file} : les lignes n’ont pas le même séparateur que l’en-tête (« {shown(table.delimiter)} »).",
            "Exportez de nouveau le fichier avec un seul séparateur.",
        )
    return Table(
        file=table.file,
        headers=table.headers,
        header_line=table.header_line,
        columns=table.columns,
        rows=list(gathered.rows),
        lines=gathered.lines,
        encoding=table.encoding,
        delimiter=table.delimiter,
        problems=tuple(gathered.problems),
        notes=tuple(gathered.notes),
        skipped=gathered.skipped,
    )


def too_many(name: str, most: int) -> SourceError:
    """More rows than a freelancer's file holds."""
    return SourceError(
        f"{name} a trop de lignes ({most} au plus).",
        "Exportez moins de factures, supprimez les lignes inutiles, ou augmentez max_rows sous [invoices].",
    )


def _unclosed(name: str, line: int) -> SourceError:
    return SourceError(
        f"{name} : un guillemet ouvert à la ligne {line} n’est pas refermé, ou la cellule est trop longue.",
        "Corrigez cette ligne, ou exportez de nouveau le fichier.",
    )
