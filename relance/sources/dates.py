"""Cells -> dates, or a yes or a no: the order of day and month is decided once per column, on all its cells."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from relance.errors import SourceError
from relance.sources.values import Cell, Unreadable, error_message, plain, quoted, text_of
from relance.sources.words import Meaning, read_state, read_yes

FIRST_YEAR, LAST_YEAR = 1990, 2100
PROVED = 3  # cells that must prove an order before one opposite cell is called a slip
_TIME = r"(?:(?:,? |T)\d{1,2}[:h]\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?"
_NUMERIC = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_ISO = re.compile(rf"(\d{{4}})([/.-])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_BASIC = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_SPOKEN = re.compile(rf"(\d{{1,2}})(?:er)?[ .-]+([a-z]+)\.?[ .,-]+(\d{{4}}){_TIME}", re.ASCII | re.IGNORECASE)
_AMERICAN = re.compile(rf"([a-z]+)\.? (\d{{1,2}}),? (\d{{4}}){_TIME}", re.ASCII | re.IGNORECASE)
_MONTHS = (
    "janvier january janv jan,fevrier february fevr fev feb,mars march mar,avril april avr apr,mai may,juin june jun,"
    "juillet july juil jul,aout august aug aou,septembre september sept sep,octobre october oct,"
    "novembre november nov,decembre december dec"
)
_SAID: dict[object, bool] = {Meaning.PAID: True, Meaning.OPEN: False}
MONTHS = {word: month for month, words in enumerate(_MONTHS.split(","), 1) for word in words.split()}


class OrderProof(NamedTuple):
    """What the cells of a column say of their order: cells proving each order, cells of two meanings."""

    dmy: int = 0
    mdy: int = 0
    undecided: int = 0


def order_proof(cells: Iterable[Cell]) -> OrderProof:
    """What a column proves; ISO dates, dotted dates and days equal to their month prove nothing."""
    dmy = mdy = undecided = 0
    for cell, count in Counter(cells).items():
        match = _NUMERIC.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if not match or match[2] == ".":
            continue
        first, second = int(match[1]), int(match[3])
        if first > 12 >= second > 0 and first <= 31:
            dmy += count
        elif second > 12 >= first > 0 and second <= 31:
            mdy += count
        elif first != second and 0 < first <= 12 and 0 < second <= 12:
            undecided += count
    return OrderProof(dmy, mdy, undecided)


def settle_order(columns: Mapping[str, OrderProof], chosen: str, french: bool) -> str:
    """The order of the columns (by header): `chosen`, else `dmy`; raises SourceError where only the user knows."""
    if chosen:
        return chosen
    # One cell against a proved column, or the only date of a French file, is a slip of its row.
    proved = any(proof.dmy for proof in columns.values())
    lone = french and not proved and sum(proof.mdy + proof.undecided for proof in columns.values()) == 1
    for header, proof in columns.items():
        if proof.mdy and not lone and (proof.mdy > 1 or proof.dmy < PROVED):
            raise _asked(header, proof.dmy > 0)
        if proof.undecided and not proof.dmy and not french and not proved:
            raise _asked(header, True)
    return "dmy"


def _asked(header: str, doubtful: bool) -> SourceError:
    seen = "ne disent pas" if doubtful else "ne disent pas de façon sûre"
    return SourceError(
        f"Les dates de la colonne {quoted(header)} {seen} si le jour vient avant le mois.",
        'Ajoutez date_order = "dmy" (jour/mois/année) ou "mdy" (mois/jour/année) sous [invoices].',
    )


def read_date(cell: Cell, order: str = "dmy") -> date | Unreadable | None:
    """One cell; times are cut off, nothing is completed: no year, no date."""
    if isinstance(cell, date):
        return _in_range(cell, cell)
    text = text_of(cell) if isinstance(cell, str) else ""
    if not text:
        return None if isinstance(cell, str) else _refused(cell)
    if error := error_message(text):
        return Unreadable(error)
    parts = _parts(text, order)
    if not parts:
        return _refused(cell)
    try:
        return _in_range(date(*parts), cell)
    except ValueError:
        return Unreadable(f"La date {quoted(cell)} n’existe pas : corrigez-la (jour/mois/année).")


def read_paid_when(cell: Cell, order: str) -> date | bool | Unreadable | None:
    """A day of payment, a yes or a no; anything else never means unpaid."""
    text = text_of(cell)
    if not text:
        return None
    if error := error_message(text):
        return Unreadable(error)
    said = read_yes(cell)
    if said is None:
        said = _SAID.get(read_state(cell))
    found = read_date(cell, order) if said is None else said
    if isinstance(found, date | bool):
        return found
    return Unreadable(
        f"{quoted(cell)} ne dit pas quand la facture a été payée : écrivez la date du paiement, ou laissez vide."
    )


def read_history(cell: Cell, order: str) -> date | Unreadable | None:
    """The day of a reminder that the file records; None where it records none."""
    if read_yes(cell) is False:
        return None
    found = read_date(cell, order)
    if isinstance(found, Unreadable):
        return Unreadable(f"{quoted(cell)} ne dit pas quand la relance est partie : écrivez sa date, ou laissez vide.")
    return found


def _parts(text: str, order: str) -> tuple[int, int, int] | None:
    """Year, month and day as written."""
    if match := _NUMERIC.fullmatch(text):
        first, second, third = int(match[1]), int(match[3]), int(match[4])
        if order == "ymd" and len(match[4]) == 2 and match[2] != ".":
            return _century(first), second, third
        year = _century(third) if len(match[4]) == 2 else third
        return (year, first, second) if order == "mdy" and match[2] != "." else (year, second, first)
    if match := _ISO.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4])
    if match := _BASIC.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    words = plain(text)
    if match := _SPOKEN.fullmatch(words):
        return (int(match[3]), MONTHS[match[2]], int(match[1])) if match[2] in MONTHS else None
    if match := _AMERICAN.fullmatch(words):
        return (int(match[3]), MONTHS[match[1]], int(match[2])) if match[1] in MONTHS else None
    return None


def _century(year: int) -> int:
    return 2000 + year if year < 90 else 1900 + year


def _in_range(day: date, cell: Cell) -> date | Unreadable:
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return day
    return Unreadable(f"Année {day.year:04d} dans {quoted(cell)} : corrigez la date.")


def _refused(cell: Cell) -> Unreadable:
    return Unreadable(f"{quoted(cell)} n’est pas une date lisible : écrivez-la comme 31/01/2026.")
