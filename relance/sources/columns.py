"""Headers -> fields: which column holds what; where two fit equally well, the user is asked."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from relance.errors import SourceError
from relance.french import setting
from relance.sources.amounts import read_amounts, without_vat_words
from relance.sources.dates import read_date, read_terms
from relance.sources.documents import NOTHING_SAID, Said, are_types
from relance.sources.flags import flag_field, has_remarks, is_methods
from relance.sources.headers import BY_CELLS, ENGLISH, FIELDS, FRENCH, KINDRED, NAMES, synonyms
from relance.sources.units import is_currency_cell, is_unit_word, unit_of
from relance.sources.values import Cell, Unreadable, plain, quoted, text_of, without_accents
from relance.sources.wanted import INVOICES, Wanted
from relance.sources.words import is_method, read_customer_kind, read_state, read_yes

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_WORDS = re.compile(r"[a-z0-9]+|#|°")
_OWED = re.compile("d[ûÛ]", re.IGNORECASE)
_TRAILING = frozenset(["en", "in", "us"])
_UNITS = frozenset(["en", "in", "us", "jours", "j"])
_NUMBER = frozenset(["numero", "num", "no", "nr", "number", "#"])
_DROPPED = frozenset(["de", "du", "des", "d", "la", "l", "the", "of", "eur", "euro", "euros"])
_OF_IT = frozenset(["invoice", "facture"])
"""Words that say of what every column of a list of invoices is: InvoiceAmountPaid."""
_WEAKER = 50
"""How much weaker a header is known by like words than by its own."""
_CHECKED_CELLS = 200
_WEAK_TYPES = frozenset(["type", "nature", "kind"])
# Where two columns fit one of these equally well, a wrong choice would change what is asked of whom.
_ASKED = frozenset(
    "number customer customer_code email total outstanding paid credits due_date issue_date paid_date paid_flag status "
    "dispute currency".split()
)


class Columns(NamedTuple):
    """The column of each recognised field; `rivals` are the fields that several columns claim."""

    fields: Mapping[str, int]
    rivals: Sequence[tuple[str, list[int]]] = ()
    french: bool = True


@cache
def header_key(header: str) -> str:
    """A header for comparison: no accents, case, spaces, units or small words; all words for number alike."""
    return _key(header_words(header))


def _key(words: Iterable[str]) -> str:
    return "".join("n" if word in _NUMBER else word for word in words if word not in _DROPPED)


@cache
def header_words(header: str) -> tuple[str, ...]:
    """The words of a header without accents, case and units; dû is duu, for du is another word."""
    text = without_vat_words(_folded(header.strip().strip("\ufeff")))
    return _without_units(_BRACKETS.sub(lambda found: " " if _is_unit(found[1]) else f" {found[1]} ", text))


def _folded(text: str) -> str:
    """One header or a whole table of them, without accents and case, its signs for a number spelled out."""
    text = _CAMEL.sub(" ", text)
    for sign in ("n°", "N°", "nº", "Nº", "№"):
        text = text.replace(sign, " numero ")
    return without_accents(_OWED.sub("duu", unicodedata.normalize("NFC", text))).casefold()


def _without_units(folded: str) -> tuple[str, ...]:
    """The words of a folded header, less those at its edges that say the unit."""
    words = _WORDS.findall(folded)
    while words and (words[-1] in _TRAILING or is_unit_word(words[-1])):
        words.pop()
    while len(words) > 1 and is_unit_word(words[0]):
        words.pop(0)
    if words[-1:] == ["du"]:
        words[-1] = "duu"  # a small word ends no header: reste_du is reste dû
    return tuple(words)


def _is_unit(text: str) -> bool:
    return all(word in _UNITS or is_unit_word(word) for word in text.replace("%", " ").split())


@cache
def _known_headers(table: str) -> list[tuple[str, int, tuple[str, ...]]]:
    """(field, rank, words) of every header of a table, folded all at once: one by one they take longer than a plan."""
    return [(field, rank, _without_units(header)) for field, rank, header in synonyms(_folded(table))]


@cache
def _index(table: str) -> dict[str, set[tuple[int, str]]]:
    """Header key -> (rank, field) of all that it may be in one language."""
    index: dict[str, set[tuple[int, str]]] = {}
    for field, rank, words in _known_headers(table):
        index.setdefault(_key(words), set()).add((rank, field))
    return index


@cache
def _kindred_index() -> dict[str, set[tuple[int, str]]]:
    """The same in both languages under the words of the header, whatever their order and with one word a meaning."""
    index: dict[str, set[tuple[int, str]]] = {}
    for field, rank, words in (*_known_headers(FRENCH), *_known_headers(ENGLISH)):
        index.setdefault(_kindred(words), set()).add((rank + _WEAKER, field))
    return index


def _kindred(words: Iterable[str]) -> str:
    alike = (KINDRED.get(word, word) for word in words if word not in _DROPPED)
    return " ".join(sorted("n" if word in _NUMBER else word for word in alike))


def fields_of(key: str) -> set[str]:
    """All fields that a header key may name, in either language."""
    return {field for table in (FRENCH, ENGLISH) for _, field in _index(table).get(key, ())}


def recognise(headers: Sequence[str], chosen: Mapping[str, str]) -> Columns:
    """The fields that the headers name, those that the user `chosen` (field -> header) first."""
    fields = _chosen(headers, chosen)
    french, english = _index(FRENCH), _index(ENGLISH)
    keys = [(column, header_key(header)) for column, header in enumerate(headers) if column not in fields.values()]
    claims: dict[tuple[int, str], list[int]] = {}
    for column, key in keys:
        unit = unit_of(headers[column])
        known = french.get(key, set()) | english.get(key, set())
        if not known and key not in BY_CELLS:
            alike, words = _kindred_index(), header_words(headers[column])
            bare = [word for word in words if word not in _OF_IT]
            known = alike.get(_kindred(words), set()) or alike.get(_kindred(bare), set())
        for rank, field in sorted(known):
            # Beside an amount, its share or its cents say the same once more.
            claims.setdefault((rank + 100 * (unit.percent or unit.cents), field), []).append(column)
    rivals = _assign(claims, fields)
    if "contact" in fields and "number" in fields and not fields.keys() & {"customer", "customer_code"}:
        fields["customer"] = fields.pop("contact")  # the only party that a list of invoices names
    return Columns(fields, rivals, sum(1 if key in french else -(key in english) for _, key in keys) >= 0)


def _chosen(headers: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """The columns that `[invoices.columns]` names."""
    fields = {}
    for field, header in chosen.items():
        if field not in FIELDS:
            raise SourceError(
                f"Le champ « {field} » de [invoices.columns] n’existe pas.",
                f"Champs connus : {', '.join(sorted(FIELDS))}.",
            )
        exact = [column for column, name in enumerate(headers) if name.strip() == header.strip()]
        alike = exact or [column for column, name in enumerate(headers) if header_key(name) == header_key(header)]
        if len(alike) > 1:
            raise _doubled(headers[alike[0]])
        if alike:
            fields[field] = alike[0]
    return fields


def _assign(claims: Mapping[tuple[int, str], list[int]], fields: dict[str, int]) -> list[tuple[str, list[int]]]:
    """Gives each field its column, strongest claims first; columns of one rank that claim one field are rivals."""
    rivals = []
    taken = set(fields.values())
    for (_, field), claimants in sorted(claims.items(), key=lambda claim: claim[0][0]):
        columns = [column for column in claimants if column not in taken]
        if field in fields or not columns:
            continue
        fields[field] = columns[0]
        taken.update(columns if field in _ASKED else columns[:1])
        if len(columns) > 1 and field in _ASKED:
            rivals.append((field, columns))
    return rivals


def _doubled(header: str) -> SourceError:
    """Two columns bear one header."""
    return SourceError(
        f"Colonne en double : {quoted(header)} figure deux fois dans les en-têtes.",
        "Renommez ou supprimez l’une des deux dans le fichier.",
    )


def settle(
    columns: Columns,
    headers: Sequence[str],
    cells: Callable[[int], list[Cell]],
    said: Said = NOTHING_SAID,
    wanted: Wanted = INVOICES,
) -> dict[str, int]:
    """The column of each field, decided on the cells where the headers do not; raises SourceError to ask."""
    fields = dict(columns.fields)
    for field, claimants in columns.rivals:
        if wanted.reads(field):
            _check_rivals(field, [(headers[column], cells(column)) for column in claimants], wanted)
    for column, header in enumerate(headers):
        if header_key(header) not in BY_CELLS or column in fields.values():
            continue
        field = _by_cells(header_key(header), cells(column), fields)
        if field in fields:
            raise _torn(field, [headers[fields[field]], header], wanted)
        if field:
            fields[field] = column
    if "vat_amount" in fields and not _speaks(cells(fields["vat_amount"]), _amount):
        del fields["vat_amount"]
    _settle_words(fields, headers, cells, said)
    if "currency" not in fields and wanted.reads("currency"):
        _add_currency(fields, headers, cells, wanted)
    if {"total", "total_excl_tax"} <= fields.keys() and header_key(headers[fields["total"]]) in ("montant", "amount"):
        # A bare amount beside one without tax, and none with tax: nobody knows which one is owed.
        raise _torn("total", [headers[fields["total"]], headers[fields["total_excl_tax"]]], wanted)
    return fields


def _settle_words(
    fields: dict[str, int], headers: Sequence[str], cells: Callable[[int], list[Cell]], said: Said
) -> None:
    """The columns of words, told by their cells: a type of customer is no type of document, a state may stand twice."""
    if "kind" in fields and header_key(headers[fields["kind"]]) in _WEAK_TYPES:
        filled = list(filter(text_of, cells(fields["kind"])))
        if filled and all(_customer_kind(cell) for cell in filled):
            column = fields.pop("kind")
            fields.setdefault("customer_kind", column)
        elif is_methods(filled):
            column = fields.pop("kind")
            fields.setdefault("method", column)
    other = fields.get("other_status")
    is_state = other is not None and header_key(headers[other]) == "state"  # or that of an address
    if other is not None and is_state and not _speaks(cells(other), lambda cell: _is_state(cell, said)):
        del fields["other_status"]
    if "label" in fields and has_remarks(cells(fields["label"])):
        fields["remark"] = fields["label"]
    for column, header in enumerate(headers):
        if column in fields.values() or not header:
            continue
        told = cells(column)
        field = flag_field(header, told)
        if not field and "method" not in fields and is_methods(told):
            field = "method"
        if not field and "kind" not in fields and are_types(told):
            field = "kind"
        if not field and has_remarks(told):
            field = "remark"
        if field:
            fields.setdefault(field, column)


def _is_state(cell: Cell, said: Said) -> bool:
    return not isinstance(read_state(cell, said=said), Unreadable)


def _customer_kind(cell: Cell) -> bool:
    return not isinstance(read_customer_kind(cell), Unreadable)


def _add_currency(
    fields: dict[str, int], headers: Sequence[str], cells: Callable[[int], list[Cell]], wanted: Wanted
) -> None:
    """A column whose cells are all currencies tells them, whatever its header; two that disagree are asked about."""
    found = []
    for column, header in enumerate(headers):
        told = cells(column) if header and column not in fields.values() else []
        if any(map(text_of, told)) and all(is_currency_cell(text) for cell in told if (text := text_of(cell))):
            found.append((header, column))
    _check_rivals("currency", [(header, cells(column)) for header, column in found], wanted)
    if found:
        fields["currency"] = found[0][1]


def _check_rivals(field: str, claimants: Sequence[tuple[str, list[Cell]]], wanted: Wanted) -> None:
    """Raises SourceError for columns that claim one field, unless they say the same under different headers."""
    if len(claimants) < 2:
        return
    (first, told), *others = claimants
    if len({plain(header) for header, _ in claimants}) < len(claimants):
        raise _doubled(first)
    if any(cells != told for _, cells in others):
        raise _torn(field, [header for header, _ in claimants], wanted)


def _torn(field: str, headers: list[str], wanted: Wanted) -> SourceError:
    names, field = " et ".join(map(quoted, headers)), wanted.called(field)
    return SourceError(
        f"Plusieurs colonnes peuvent être « {NAMES.get(field, field)} » : {names}.",
        f"Indiquez la bonne sous [{wanted.section}.columns] : {setting(field, headers[0])}.",
    )


def _by_cells(key: str, cells: list[Cell], fields: Mapping[str, int]) -> str:
    """The field of a header that several fields share, by what most of its cells are; empty for none."""
    candidates = BY_CELLS[key].split()
    sample = [cell for cell in dict.fromkeys(cells) if text_of(cell)][:_CHECKED_CELLS]
    if "outstanding" in candidates:
        return "outstanding" if _share(sample, _amount) > _share(sample, _date) else "due_date"
    if "method" in candidates:
        if not sample:
            return ""
        if all(map(_terms, sample)):
            return "terms"
        if _says_how(sample, cells, fields):
            return "" if "method" in fields else "method"
    amounts = _share(sample, _amount)
    flags = _share(sample, lambda cell: read_yes(cell) is not None or isinstance(read_state(cell), str))
    return "paid" if amounts > max(flags, _share(sample, _date)) or not sample else "paid_flag"


def _says_how(sample: list[Cell], cells: list[Cell], fields: Mapping[str, int]) -> bool:
    """True for a column of means of payment: how it is paid, not whether; that stands elsewhere, or on every row."""
    told = fields.keys() & {"status", "paid", "paid_date", "paid_flag", "outstanding"}
    return all(map(is_method, sample)) and bool(told or all(map(text_of, cells)))


def _amount(cell: Cell) -> bool:
    amounts, _ = read_amounts([cell, "0,01"])
    return not isinstance(amounts[cell], Unreadable)


def _terms(cell: Cell) -> bool:
    """True for terms that are no amount: a bare number may be both."""
    return isinstance(cell, str) and "," not in cell and "." not in cell and read_terms(cell) is not None


def _date(cell: Cell) -> bool:
    return not isinstance(read_date(cell), Unreadable) or not isinstance(read_date(cell, "mdy"), Unreadable)


def _share(sample: list[Cell], test: Callable[[Cell], bool]) -> float:
    return sum(map(test, sample)) / len(sample) if sample else 0.0


def _speaks(cells: list[Cell], test: Callable[[Cell], bool]) -> bool:
    """True where at least half of the different cells are understood."""
    sample = [cell for cell in dict.fromkeys(cells) if text_of(cell)][:_CHECKED_CELLS]
    return not sample or _share(sample, test) >= 0.5
