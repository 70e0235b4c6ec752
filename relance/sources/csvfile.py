"""CSV -> rows: encoding, delimiter, header, and every row that does not fit, located."""

import csv
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice

from relance.core.invoice import LeftOut, Problem
from relance.errors import SourceError
from relance.sources.sections import Odd, settle_tables
from relance.sources.source import SourceOptions
from relance.sources.tables import (
    CHECKED_STARTS,
    HeaderRow,
    Listing,
    find_header,
    is_total,
    total_note,
)
from relance.sources.values import HEADER_ROWS, mark_of, quoted, shown
from relance.sources.wanted import INVOICES, Wanted

_DELIMITERS = (";", ",", "\t", "|")
_AMOUNT_FIELDS = ("total", "total_excl_tax", "vat_amount", "paid", "outstanding")
_HEAD_BYTES = 256 * 1024
# A euro sign or a French letter in ISO-8859-15, a sign that no invoice holds in Windows-1252: ¤ ¦ ¨ ´ ¸ ¼ ½ ¾.
_LATIN_9 = (
    rb"(?:[0-9][ \xa0]?|[;,\t|\"(\r\n ])\xa4|[A-Za-z\xc0-\xff][\xa6\xa8\xb4\xb8\xbc\xbd\xbe]|[\xbc\xbd\xbe][A-Za-z]"
)
_CHECKED = 4096
_WAIT = "Attendez la fin de l’enregistrement du fichier, ou exportez-le de nouveau."
_A_FIELD = 1000
"""How much more a field that is known makes sense than a column."""
_LINES_A_ROW = 10
"""A cell may have several lines, and rows be told apart by blank ones; a file of far more lines than that is none."""
_BOMS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_csv(name: str, data: bytes, wanted: Wanted, options: SourceOptions) -> Listing:
    """The table of a CSV file; raises SourceError where the file as a whole cannot be trusted."""
    limits = options.limits
    most = _LINES_A_ROW * limits.rows
    if max(data.count(b"\n"), data.count(b"\r")) > most:
        raise SourceError(
            f"{name} a plus de {most} lignes, vides pour la plupart.",
            "Exportez de nouveau vos factures, ou augmentez max_rows sous [invoices].",
        )
    encoding = options.encoding or encoding_of(name, data)
    data, stream_encoding = _checked(name, data, encoding, wanted)
    given = {"tab": "\t", "\\t": "\t"}.get(options.delimiter, options.delimiter)
    if given and (len(given) > 1 or given in '"\r\n'):
        raise SourceError(
            f"Le séparateur {quoted(options.delimiter)} n’est pas un caractère.", 'Écrivez delimiter = ";".'
        )
    start, told, lines = _first_lines(data, stream_encoding)
    signs = tuple(given or told) or _DELIMITERS
    sign, rows, found = _best_split(lines, signs, wanted)
    if not found:
        raise _refusal(name, data, [row for _, row in rows], wanted)
    index, headers, columns = found
    if len(headers) > limits.columns:
        raise SourceError(
            f"{name} a plus de {limits.columns} colonnes.",
            "Exportez seulement les colonnes utiles, ou augmentez max_columns sous [invoices].",
        )
    table = Listing(
        file=name,
        headers=headers,
        header_line=start + rows[index][0],
        columns=columns,
        encoding=encoding,
        delimiter=sign,
    )
    table, misfits = _read_rows(table, data, stream_encoding, limits.rows)
    return settle_tables(table, misfits, [row for _, row in rows[:index]])


def _refusal(name: str, data: bytes, rows: list[list[str]], wanted: Wanted) -> SourceError:
    from relance.sources.refusals import no_header  # imported here: most files are what is looked for
    from relance.sources.strangers import statement

    return statement(name, data) or no_header(name, rows, wanted)


def _first_lines(data: bytes, encoding: str) -> tuple[int, str, list[str]]:
    """How many lines stand before the table, the delimiter that such a line tells (`sep=;`), and the first lines."""
    head = io.StringIO(data[:_HEAD_BYTES].decode(encoding, "replace"), newline="")
    first = head.readline()
    if first.lower().startswith("sep=") and len(first.rstrip("\r\n")) == 5:
        return 1, first[4], list(islice(head, HEADER_ROWS * 5))
    return 0, "", [first, *islice(head, HEADER_ROWS * 5 - 1)]


_Rows = list[tuple[int, list[str]]]
Split = tuple[str, _Rows, HeaderRow | None]


def _best_split(lines: list[str], signs: Sequence[str], wanted: Wanted) -> Split:
    """The split by the delimiter that makes most sense of the lines, the first of several that make as much.

    No header has more fields than its row has cells, but for those that the user names: where that is less than what
    was found, nobody looks for one, for a line torn at its decimal commas takes longer to look at than one of words.
    """
    rows = {sign: _records(lines, sign) for sign in signs}
    splits: dict[str, Split] = {}
    for sign in sorted(signs, key=lambda sign: -_width(rows[sign])):
        width = _width(rows[sign])
        least = max(map(_understood, splits.values()), default=0)
        if not splits or (width + len(wanted.chosen)) * _A_FIELD + width >= least:
            splits[sign] = sign, rows[sign], find_header([row for _, row in rows[sign]], wanted.fits, wanted.chosen)
    return max((splits[sign] for sign in signs if sign in splits), key=_understood)


def _width(rows: _Rows) -> int:
    return max((len(row) for _, row in rows), default=0)


def _records(lines: list[str], delimiter: str) -> _Rows:
    """The first records that a delimiter makes, with the line each one starts on."""
    rows: _Rows = []
    reader = csv.reader(lines, delimiter=delimiter)
    start = 1
    with suppress(csv.Error):  # who reads all the rows complains
        for row in islice(reader, HEADER_ROWS):
            rows.append((start, row))
            start = reader.line_num + 1
    return rows


def _understood(split: Split) -> int:
    """How much a delimiter makes sense of: fields that are known, else columns."""
    _, rows, found = split
    return len(found[2].fields) * _A_FIELD + len(found[1]) if found else _width(rows)


class _Gathered:
    """The rows of one file as they are gathered."""

    def __init__(self, table: Listing) -> None:
        self.table = table
        self.width = len(table.headers)
        self.rows: list[list[str]] = []
        self.lines: list[int] = []
        self.problems: list[Problem] = []
        self.misfits: list[Odd] = []
        self.notes: list[str] = []
        self.skipped = 0
        self.torn = 0
        self.single = 0

    def odd(self, row: list[str], line: int, last: int) -> None:
        """A row of another width, one over several lines, one that may be blank or a totals row."""
        width = self.width
        if last > line and (len(row) < width or any(row[width:]) or self.has_swallowed(row)):
            raise _unclosed(self.table.file, line)
        if not any(map(str.strip, row)):
            return
        if len(row) > width and not any(map(str.strip, row[width:])) and not self.is_split(row):
            row = row[:width]
        if is_total(row, self.table.columns.fields):
            self.notes.append(total_note(line))
        elif len(row) == width:
            self.rows.append(row)
            self.lines.append(line)
        else:
            self.misfit(row, line)

    def has_swallowed(self, row: list[str]) -> bool:
        """True where a cell holds line breaks and so many delimiters that it seems to hold other rows."""
        most = max(self.width - 1, 2)
        return any(("\n" in cell or "\r" in cell) and cell.count(self.table.delimiter) >= most for cell in row)

    def is_split(self, row: list[str]) -> bool:
        """True where `1200,00` stands unquoted between commas: the cents took the next column."""
        if self.table.delimiter != ",":
            return False
        fields = self.table.columns.fields
        after = [row[fields[name] + 1].strip() for name in _AMOUNT_FIELDS if name in fields]
        return any(len(cell) <= 2 and cell.isdigit() for cell in after)

    def misfit(self, row: list[str], line: int) -> None:
        """A row with too many or too few fields: which column moved is never guessed."""
        self.torn = line if len(row) < self.width else 0
        self.single += len(row) == 1
        self.skipped += 1
        message = (
            f"Ligne {line} : {len(row)} champs au lieu de {self.width} : vérifiez les séparateurs et les guillemets."
        )
        value = shown(self.table.delimiter.join(row))
        problem = Problem(self.table.file, message, line=line, value=value, mark=mark_of(row))
        self.misfits.append(Odd(line, row, problem))


def _read_rows(table: Listing, data: bytes, encoding: str, most: int) -> tuple[Listing, list[Odd]]:
    """Every record below the header, strictly; those of another width apart."""
    stream = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    before = sum(1 for _ in islice(stream, table.header_line - 1))
    reader = csv.reader(stream, delimiter=table.delimiter, strict=True)
    gathered = _Gathered(table)
    width, rows, lines = gathered.width, gathered.rows, gathered.lines
    line = start = before
    number = table.columns.fields.get("number", 0)
    while True:
        try:
            for row in reader:
                line, start = start + 1, before + reader.line_num
                if line == table.header_line:
                    continue
                if len(row) == width and start == line and row[number][:1] not in CHECKED_STARTS:
                    rows.append(row)
                    lines.append(line)
                elif row:
                    gathered.torn = 0
                    gathered.odd(row, line, start)
                if len(rows) > most:
                    raise SourceError(
                        f"{table.file} a trop de lignes ({most} au plus).",
                        "Exportez moins de factures, supprimez les lignes inutiles, "
                        "ou augmentez max_rows sous [invoices].",
                    )
        except csv.Error as error:
            line, start = start + 1, before + reader.line_num
            if start > line or "expected after" not in str(error):
                raise _unclosed(table.file, line) from None
            message = f'Ligne {line} : guillemet mal placé : doublez-le ("") ou supprimez-le.'
            gathered.problems.append(Problem(table.file, message, None, line))
            gathered.skipped += 1
        else:
            break
    return _confirmed(table, gathered, data, line), gathered.misfits


def _confirmed(table: Listing, gathered: _Gathered, data: bytes, ending: int) -> Listing:
    """The table, unless its rows show a wrong delimiter or a file that was being written.

    Its last row, on the line `ending`, is whole where a line end or a closing quote follows.
    """
    last = max(gathered.lines, default=0)
    if gathered.torn > last and not data.endswith((b"\n", b"\r")):
        raise SourceError(f"{table.file} : la dernière ligne ({gathered.torn}) est une ligne incomplète.", _WAIT)
    if gathered.single and not gathered.rows and gathered.single == gathered.skipped:
        raise SourceError(
            f"{table.file} : les lignes n’ont pas le même séparateur que l’en-tête ({quoted(table.delimiter)}).",
            "Exportez de nouveau le fichier avec un seul séparateur.",
        )
    return table._replace(
        rows=gathered.rows,
        lines=gathered.lines,
        problems=tuple(gathered.problems),
        notes=tuple(gathered.notes),
        skipped=gathered.skipped,
        left_out=(LeftOut(),) * len(gathered.problems),
        cuts=() if data.endswith((b"\n", b"\r", b'"')) else (ending,),
    )


def _unclosed(name: str, line: int) -> SourceError:
    return SourceError(
        f"{name} : un guillemet ouvert à la ligne {line} n’est pas refermé, ou la cellule est trop longue.",
        "Corrigez cette ligne, ou exportez de nouveau le fichier.",
    )


def encoding_of(name: str, data: bytes) -> str:
    """The encoding by the BOM, else UTF-8, else Windows-1252 as French Excel saves it.

    ISO-8859-15 has no printable character below 0xA0, and its euro sign where Windows-1252 has ¤.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    if b"\0" in data:
        if wide := _wide(data[:_CHECKED]):
            return wide
        raise SourceError(
            f"{name} contient des octets nuls : ce n’est pas un CSV, ou son encodage est inconnu.",
            "Enregistrez-le en CSV UTF-8.",
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and not data[: error.start].isascii():
            raise SourceError(f"{name} s’arrête au milieu d’une lettre : il est incomplet.", _WAIT) from None
        latin_9 = not re.search(rb"[\x80-\x9f]", data) and re.search(_LATIN_9, data)
        return "iso-8859-15" if latin_9 else "cp1252"
    return "utf-8"


def _wide(start: bytes) -> str:
    """UTF-16 without a BOM: every other byte is nearly always zero; empty where that is not so."""
    even, odd, half = start[::2].count(0), start[1::2].count(0), max(1, len(start) // 2)
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.05 * half else ""


def _checked(name: str, data: bytes, encoding: str, wanted: Wanted) -> tuple[bytes, str]:
    """The bytes, all of them decodable and free of NUL, and the encoding to stream them with."""
    try:
        if encoding in ("utf-8", "utf-8-sig"):
            data.decode(encoding)
        else:
            data, encoding = data.decode(encoding).removeprefix("\ufeff").encode("utf-8"), "utf-8"
    except LookupError:
        raise SourceError(f"L’encodage {quoted(encoding)} n’existe pas.", 'Écrivez encoding = "utf-8".') from None
    except UnicodeError:
        told = ", ou indiquez encoding sous [invoices]" if wanted.section == INVOICES.section else ""
        raise SourceError(f"L’encodage de {name} n’est pas reconnu.", f"Enregistrez-le en CSV UTF-8{told}.") from None
    if b"\0" in data:
        raise SourceError(f"{name} contient des octets nuls.", "Exportez de nouveau vos factures en CSV UTF-8.")
    return data, encoding
