"""What to say of a table whose headers are not understood: what it lacks, the headers one sees, a cure to be typed."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.errors import SourceError
from relance.french import setting
from relance.sources.amounts import read_amounts
from relance.sources.columns import header_key, recognise
from relance.sources.dates import read_date
from relance.sources.headers import NAMES
from relance.sources.strangers import stranger
from relance.sources.tables import Listing
from relance.sources.units import check_thousands
from relance.sources.values import HEADER_ROWS, Cell, Unreadable, plain, quoted, text_of
from relance.sources.wanted import INVOICES, Wanted, called_in_full

_HT = r"\bh\.?t\b|hors tax"
_TTC = r"\bt\.?t\.?c\b|\btax incl|\bincl\w* (?:tax|vat)|toutes taxes"
_LETTER = r"[^\W\d_]"
_ADDRESS = r"\S@\S+\.\S"
_DIGIT = r"\d"
_CENTS = r"[.,]\d{1,2}(?!\d)"
_LIKELY = 0.6
"""The share of its cells that must look like a field for a column to be proposed for it."""
_NEAR = 0.3
_MOST = 3
_LONGEST = 200


def no_header(path: str, rows: Sequence[Sequence[Cell]], wanted: Wanted) -> SourceError:
    """The refusal of a table; `rows` are its first ones, whichever of them is the header."""
    texts = [[text_of(cell) for cell in row] for row in rows[:HEADER_ROWS]]
    if wanted.section == INVOICES.section and (told := stranger(path, texts)):
        return told
    filled = [(_words(row, wanted), sum(map(bool, row))) for row in texts]
    place = filled.index(max(filled)) if filled else 0
    headers, below = (texts[place], rows[place + 1 : HEADER_ROWS]) if texts else ([], ())
    recognised = recognise(headers, wanted.chosen).fields
    fields = {name: column for name, column in recognised.items() if wanted.reads(name) or name in wanted.foreign}
    lacks = [*wanted.missing(frozenset(fields)), *_wished(headers, below, fields, wanted)]
    if {"total", "paid"}.intersection(lacks):
        check_thousands(path, headers)
    if lacks == ["total"] and (told := _excluding_tax(path, headers, recognised)):
        return told
    strange = [] if lacks else wanted.strange(fields)
    settings, absent = _cures(lacks, headers, below, fields, wanted)
    if wanted.strange(fields) and wanted.telling not in lacks:
        settings.append(setting(wanted.telling, headers[_column_of(wanted.telling, fields, wanted)]))
    seen = f"En-têtes lus\u00a0: {quoted(*list(filter(None, headers))[:30]) or 'aucun'}."
    if strange:
        which = quoted(*(headers[fields[name]] for name in strange))
        sentence = f"{path} ressemble à une liste de factures, par {which}. {seen}"
    else:
        missing = f" Il manque\u00a0: {', '.join(map(called_in_full, lacks))}." if lacks else ""
        sentence = f"{path}\u00a0: les colonnes {wanted.what} ne sont pas reconnues. {seen}{missing}"
    return SourceError(sentence, _told(settings, absent, wanted, bool(strange)))


def _excluding_tax(path: str, headers: Sequence[str], fields: Mapping[str, int]) -> SourceError | None:
    """What to say of a list of invoices that lacks their amounts with tax alone, and has them without."""
    place = fields.get("total_excl_tax")
    named = [header for header in headers if re.search(_HT, plain(header))] if place is None else [headers[place]]
    with_tax = any(re.search(_TTC, plain(header)) for header in headers)
    if len(named) != 1 or with_tax:
        return None  # a header that speaks of tax is told to name
    return SourceError(
        f"{path} : le montant TTC manque, {quoted(named[0])} est hors taxes.",
        "Exportez aussi le montant TTC. Si vous ne facturez pas de TVA, le montant hors taxes est le total : écrivez "
        f"sous [invoices.columns] : {setting('total', named[0])}",
    )


def _told(settings: Sequence[str], absent: Sequence[str], wanted: Wanted, strange: bool) -> str:
    """What to type, and what no column of the file can be."""
    told = []
    if settings:
        doubt = "Si elle dit bien ce qui a été payé, indiquez" if strange else "Indiquez"
        told.append(f"{doubt} sous [{wanted.section}.columns]\u00a0: {', '.join(settings)}.")
    if absent:
        several = "les colonnes" if len(absent) > 1 else "la colonne"
        told.append(f"Ajoutez au fichier {several} {quoted(*(NAMES.get(name, name) for name in absent))}.")
    return " ".join(told)


def _words(row: Sequence[str], wanted: Wanted) -> int:
    """How much a row reads as a header: its different cells that are words, and the headers among them."""
    words = {text for text in row if re.search(_LETTER, text) and not (re.search(_ADDRESS, text) or _is_day(text))}
    return sum(not _is_amount(text) for text in words) + len(recognise(row, wanted.chosen).fields)


def _column_of(field: str, fields: Mapping[str, int], wanted: Wanted) -> int:
    """The column that stands for a field."""
    return next(fields[name] for name in (field, *wanted.needs[field]) if name in fields)


def _wished(
    headers: Sequence[str], rows: Sequence[Sequence[Cell]], fields: Mapping[str, int], wanted: Wanted
) -> list[str]:
    """The fields that a list may lack, but whose column seems to be there under a header that nobody knows."""
    return [
        name
        for name, any_of in wanted.wishes.items()
        if not fields.keys() & {*any_of} and _candidates(name, headers, rows, fields.values(), wanted)
    ]


def check_named(table: Listing, wanted: Wanted, others: Sequence[tuple[Wanted, Listing]] = ()) -> None:
    """Raises SourceError for a header that the settings name and the table does not have, and for a wish unfulfilled.

    `others` are the lists beside it: a header of theirs was named in the wrong place, unless it stands in both.
    """
    keys = set(map(header_key, table.headers))
    lost = {name: header for name, header in wanted.chosen.items() if header_key(header) not in keys}
    for other, listing in others:
        for name, header in [*lost.items()]:
            if header_key(header) not in map(header_key, listing.headers):
                continue
            if other.chosen.get(name) == header:
                del lost[name]
                continue
            raise SourceError(
                f"{table.file} n’a pas de colonne {quoted(header)}\u00a0: elle est dans {listing.file}.",
                f"Écrivez {setting(name, header)} sous [{other.section}.columns], "
                f"et ôtez cette ligne de [{wanted.section}.columns].",
            )
    if lost:
        told = ", ".join(setting(name, header) for name, header in lost.items())
        raise SourceError(
            f"{table.file}\u00a0: colonne introuvable pour {told}. "
            f"En-têtes lus\u00a0: {quoted(*filter(None, table.headers))}.",
            f"Mettez l’un de ces en-têtes à sa place sous [{wanted.section}.columns], ou ôtez cette ligne.",
        )
    if _wished(table.headers, table.rows[:HEADER_ROWS], table.columns.fields, wanted):
        raise no_header(table.file, [table.headers, *table.rows[:HEADER_ROWS]], wanted)


def unused_names(wanted: Wanted) -> SourceError:
    """The refusal of columns that are named of a list that nobody gave."""
    return SourceError(
        f"[{wanted.section}.columns] nomme les colonnes {wanted.what}, et aucune n’est lue.",
        f'Donnez son fichier sous [invoices]\u00a0: {wanted.section} = "…", ou ôtez [{wanted.section}.columns].',
    )


def _cures(
    lacks: Sequence[str],
    headers: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    fields: Mapping[str, int],
    wanted: Wanted,
) -> tuple[list[str], list[str]]:
    """What to type for each field that is missing, by the cells of the columns that nobody claims; what none may be."""
    settings: list[str] = []
    absent: list[str] = []
    taken = set(fields.values())
    for name in sorted(lacks, key=_ORDER.index):
        # What looks like an address is one, whatever « Adresse @ » was taken for.
        found = _candidates(name, headers, rows, taken if name != "email" else (), wanted)
        if not found:
            absent.append(name)
            continue
        taken.add(found[0])
        texts = [setting(name, headers[column]) for column in found]
        if name == "due_date" and len(found) > 1:
            taken.add(found[-1])
            settings += [texts[0], setting("issue_date", headers[found[-1]])]
        elif name == "due_date":
            settings.append(f"{texts[0]} (la date de facture\u00a0: {setting('issue_date', headers[found[0]])})")
        else:
            settings.append(" ou ".join(texts))
    return settings, absent


class _Candidate(NamedTuple):
    """A column that may be a field: how much it looks like it, what puts it before its like, where it stands."""

    score: float
    before: float
    column: int


def _candidates(
    field: str, headers: Sequence[str], rows: Sequence[Sequence[Cell]], taken: Collection[int], wanted: Wanted
) -> list[int]:
    """The unclaimed columns whose cells look like this field, the likeliest first; a header must name one column."""
    keys = [header_key(header) for header in headers]
    known = frozenset(wanted.known(field))
    found = []
    for column, header in enumerate(headers):
        if column in taken or keys.count(keys[column]) > 1 or not _can_be_typed(header):
            continue
        cells = [row[column] for row in rows if column < len(row) and text_of(row[column])]
        looks = sum(map(_LOOKS[field], cells)) / len(cells) if cells else 0.0 if rows else _LIKELY
        if looks >= _LIKELY:
            same = sum(plain(text_of(cell)) in known for cell in cells) / len(cells) if cells else 0.0
            found.append(_Candidate(looks + 2 * same, _before(field, cells), column))
    if field == "total" and any(re.search(_TTC, plain(headers[each.column])) for each in found):
        found = [each for each in found if re.search(_TTC, plain(headers[each.column]))]
    found.sort(key=lambda each: (each.score, each.before, -each.column), reverse=True)
    return [each.column for each in found if each.score > found[0].score - _NEAR][:_MOST]


def _can_be_typed(header: str) -> bool:
    """True for what the settings take as a header, and nobody as a value."""
    return 0 < len(header) <= _LONGEST and not _is_amount(header) and not _is_day(header)


def _before(field: str, cells: Sequence[Cell]) -> float:
    """What puts one of two like columns first: the larger sum, the later days, the more different texts."""
    if field in ("total", "paid"):
        amounts, _ = read_amounts([*cells, "0,01"])
        return float(sum(value for cell in cells if isinstance(value := amounts[cell], Decimal)))
    if field in ("due_date", "paid_date"):
        days = [day.toordinal() for cell in cells if isinstance(day := _day(cell), date)]
        return sum(days) / len(days) if days else 0.0
    return len(set(map(text_of, cells)))


def _day(cell: Cell) -> date | None:
    for order in ("dmy", "mdy"):
        found = read_date(cell, order)
        if isinstance(found, date):
            return found
    return None


def _is_day(cell: Cell) -> float:
    return float(_day(cell) is not None)


def _is_amount(cell: Cell) -> float:
    """One with cents or a currency is more of an amount than a whole number, which may be a code."""
    if isinstance(cell, date):
        return 0.0
    amounts, named_too = read_amounts([cell, "0,01"])
    if isinstance(amounts[cell], Unreadable):
        return 0.0
    return 2.0 if isinstance(cell, float) or re.search(_CENTS, text_of(cell)) or cell in named_too else 1.0


def _is_number(cell: Cell) -> float:
    """The number of an invoice: digits, one word or nearly, neither a day, nor an address, nor a sum with cents."""
    text = text_of(cell)
    if not re.search(_DIGIT, text) or "@" in text or len(text) > 40 or text.count(" ") > 3 or _day(cell):
        return 0.0
    return 0.0 if _is_amount(cell) > 1 else 1.0 if re.search(_LETTER, text) or len(text) > 3 else 0.8


def _is_name(cell: Cell) -> float:
    text = text_of(cell)
    return float(isinstance(cell, str) and bool(re.search(_LETTER, text)) and "@" not in text and not _day(cell))


def _is_email(cell: Cell) -> float:
    return float(re.search(_ADDRESS, text_of(cell)) is not None)


_LOOKS: Mapping[str, Callable[[Cell], float]] = {
    "number": _is_number,
    "email": _is_email,
    "paid_date": _is_day,
    "due_date": _is_day,
    "total": _is_amount,
    "paid": _is_amount,
    "customer": _is_name,
}
_ORDER = list(_LOOKS)
"""What looks least like anything else is looked for first."""
