"""Cells -> dates, or a yes or a no: the order of day and month is decided once per column, on all its cells.

A moment that names its time zone is the day that it falls on in Paris; a bare time of day says nothing of the day.
Payment terms turn an issue date into a due date.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import NamedTuple

from relance.errors import SourceError
from relance.sources.values import Cell, Unreadable, error_message, plain, quoted, text_of
from relance.sources.words import Meaning, read_state, read_yes

MAX_TERMS = 180
_DAYS = (
    r"(\d{1,3}) ?(?:jours?|jrs?|j|days?|d)?\.?(?: (?:calendaires|ouvres))?"
    r"(?: ?(?:nets?|(?:a |apres |des |a compter de |a partir de )?(?:la )?(?:date )?(?:de |d')?(?:la )?"
    r"(?:facture|facturation|emission|reception)(?: de (?:la )?facture)?|after invoice(?: date)?))?"
)
_LEADING = r"(?:(?:paiement|reglement|payable|payment|due|net|nets|a|sous|within|in) )+(?=\d)"
_END_OF_MONTH = (
    r"(?:a |le |de |du )?(?:fin (?:de |du )?mois|\bf\.? ?d\.? ?m\b\.?"
    r"|\be\.? ?o\.? ?m\b\.?|end of (?:the )?month)"
)
_AT_ONCE = (
    r"(?:payable |paiement |reglement |due )?(?:a |des |upon |on )?(?:la )?"
    r"(?:reception|comptant|receipt|immediat(?:e|ement)?|a la commande)(?: de (?:la )?facture)?"
)
_AND_DAY = r"\ble (\d{1,2})$"

Due = Callable[[date], date]


def read_terms(cell: Cell) -> Due | None:
    """How payment terms turn an issue date into a due date; None where the words are not understood.

    `45 jours fin de mois` adds the days, then goes to the end of that month; `fin de mois 45 jours` (or `+ 45`) goes
    to the end of the month first. Both are lawful (art. L441-10 I C. com.): the order of the words decides.
    """
    text = plain(text_of(cell)).rstrip(". ")
    if re.fullmatch(_AT_ONCE, text):
        return lambda day: day
    last = re.search(_AND_DAY, text)
    before, end, after = _around_end(text[: last.start()].strip() if last else text)
    if before and after:
        return None
    days = re.fullmatch(_DAYS, re.sub(_LEADING, "", before or after) or "0")
    if not days or int(days[1]) > MAX_TERMS or (last and (not end or int(last[1]) > 28)):
        return None
    return _terms(int(days[1]), end, bool(after), int(last[1]) if last else 0)


def _around_end(text: str) -> tuple[str, bool, str]:
    """What stands before « fin de mois », whether that is there, what stands after it."""
    end = re.search(_END_OF_MONTH, text)
    before, after = (text[: end.start()].strip(" ,"), text[end.end() :].strip(" ,+")) if end else (text, "")
    return "" if before in ("due", "payable", "paiement", "reglement") else before, end is not None, after


def _terms(days: int, to_the_end: bool, end_first: bool, then: int) -> Due:
    def due(day: date) -> date:
        if end_first:
            return _end(day) + timedelta(days=days + then)
        day += timedelta(days=days)
        return (_end(day) if to_the_end else day) + timedelta(days=then)

    return due


def _end(day: date) -> date:
    from calendar import monthrange

    return day.replace(day=monthrange(day.year, day.month)[1])


FIRST_YEAR, LAST_YEAR = 1990, 2100
PROVED = 3  # cells that must prove an order before one opposite cell is called a slip
_TIME = (
    r"(?:(?:,? (?:[àa] )?|T)(?P<hour>\d{1,2})[:h](?P<minute>\d{2})?(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?))?)?"
)
_NUMERIC = rf"(?a)(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}"
_ISO = rf"(?a)(\d{{4}})([/.-])(\d{{1,2}})\2(\d{{1,2}}){_TIME}"
_BASIC = rf"(?a)((?:19|20)\d{{2}})(\d{{2}})(\d{{2}}){_TIME}"
_SPOKEN = rf"(?ai)(\d{{1,2}})(?:er|st|nd|rd|th)?[ ./-]+([a-z]+)\.?[ .,/-]+(\d{{4}}|\d{{2}}){_TIME}"
_AMERICAN = rf"(?ai)([a-z]+)\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_TIME}"
_DIGIT = re.compile("[0-9]")
_EPOCH = r"(?a)(1\d{9})(?:\d{3})?"
_WEEKDAY = (
    r"(?i)(?:le )?(?:lun|mar|mer|jeu|ven|sam|dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|mon|tue|wed|thu"
    r"|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)(?:\.,?|,)? (?:le )?(?=\S)|le (?=\d)"
)
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
        match = _numeric(_without_weekday(text_of(cell))) if isinstance(cell, str) else None
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


def read_date(cell: Cell, order: str = "dmy", utc: bool = False) -> date | Unreadable | None:
    """One cell; nothing is completed: no year, no date. `utc`: its header says that its times are those of UTC."""
    if isinstance(cell, date):
        return _in_range(cell, cell)
    text = text_of(cell) if isinstance(cell, str) else ""
    if not text:
        return None if isinstance(cell, str) else _refused(cell)
    if error := error_message(text):
        return Unreadable(error)
    if not _DIGIT.search(text):
        return _refused(cell)
    try:
        moment = _moment(text, order, utc)
    except (ValueError, OverflowError):
        return Unreadable(f"La date {quoted(cell)} n’existe pas : corrigez-la (jour/mois/année).")
    if moment is None:
        return _refused(cell)
    return _in_range(moment.date() if isinstance(moment, datetime) else moment, cell)


def read_hour(cell: Cell, order: str = "dmy") -> str:
    """The hour of a cell as HH:MM:SS, in Paris like the day that `read_date` has of it; empty for a day alone.

    Midnight is how programs write a day.
    """
    try:
        moment = _moment(text_of(cell), order, False) if isinstance(cell, str) else cell
    except (ValueError, OverflowError):
        return ""
    found = moment.time().isoformat("seconds") if isinstance(moment, datetime) else ""
    return "" if found == "00:00:00" else found


def read_due(cell: Cell, order: str, utc: bool = False) -> date | Due | Unreadable | None:
    """A due date, or the terms that stand in its place: « À réception », « 30 jours fin de mois ».

    A bare number may be a day of the month: that is no date.
    """
    found = read_date(cell, order, utc)
    if isinstance(found, Unreadable) and not text_of(cell).isdigit() and (terms := read_terms(cell)):
        return terms
    return found


def _moment(text: str, order: str, utc: bool) -> date | None:
    """A day, a datetime where its hour is told, None for no date; raises ValueError for one that does not exist."""
    if epoch := re.fullmatch(_EPOCH, text):
        return datetime.fromtimestamp(int(epoch[1]), _paris())
    found = _parts(text, order) or _parts(_without_weekday(text), order)
    return _in_paris(date(*found[0]), found[1], utc) if found else None


def _in_paris(day: date, match: re.Match[str], utc: bool) -> date:
    """The moment in Paris, or the day; raises ValueError for a time of day that does not exist.

    The first and the last second of a day stand for the day wherever they are told; a program that lost some seconds
    of the midnight at which the next day begins writes 23:59:12.
    """
    hour, minute, second, half, zone = match.group("hour", "minute", "second", "half", "zone")
    if hour is None:
        return day
    hours = int(hour) % 12 + 12 * (half in ("p", "P")) if half else int(hour)
    at = datetime(day.year, day.month, day.day, hours, int(minute or 0), int(second or 0), tzinfo=UTC)
    clock = (at.hour, at.minute)
    if clock == (23, 59):
        return at if at.second in (0, 59) else day + timedelta(days=1)
    if clock == (0, 0):
        return day
    return at if zone is None and not utc else (at - _offset(zone or "Z")).astimezone(_paris())


def _offset(zone: str) -> timedelta:
    """How far a zone is ahead of UTC: Z, UTC, +02:00, -0500, UTC+2 is not one."""
    digits = "".join(c for c in zone if c.isdigit())
    ahead = timedelta(hours=int(digits[:2] or 0), minutes=int(digits[2:] or 0))
    return -ahead if "-" in zone else ahead


@cache
def _paris() -> tzinfo:
    from zoneinfo import ZoneInfo  # imported here: few files hold moments

    return ZoneInfo("Europe/Paris")


def read_paid_when(cell: Cell, order: str, utc: bool = False) -> date | bool | Unreadable | None:
    """A day of payment, a yes or a no; anything else never means unpaid."""
    text = text_of(cell)
    if not text:
        return None
    if error := error_message(text):
        return Unreadable(error)
    said = read_yes(cell)
    if said is None:
        said = _SAID.get(read_state(cell))
    found = read_date(cell, order, utc) if said is None else said
    if isinstance(found, date | bool):
        return found
    return Unreadable(
        f"{quoted(cell)} ne dit pas quand la facture a été payée : écrivez la date du paiement, ou laissez vide."
    )


def read_history(cell: Cell, order: str, utc: bool = False) -> date | Unreadable | None:
    """The day of a reminder that the file records; None where it records none."""
    if read_yes(cell) is False:
        return None
    found = read_date(cell, order, utc)
    if isinstance(found, Unreadable):
        return Unreadable(f"{quoted(cell)} ne dit pas quand la relance est partie : écrivez sa date, ou laissez vide.")
    return found


def _without_weekday(text: str) -> str:
    return re.sub(_WEEKDAY, "", text, count=1) if text[:1].isalpha() else text


def _parts(text: str, order: str) -> tuple[tuple[int, int, int], re.Match[str]] | None:
    """Year, month and day as written, and the match that holds the time of day."""
    if match := _numeric(text):
        first, second, third = int(match[1]), int(match[3]), int(match[4])
        if order == "ymd" and len(match[4]) == 2 and match[2] != ".":
            return (_century(first), second, third), match
        year = _century(third) if len(match[4]) == 2 else third
        return ((year, first, second) if order == "mdy" and match[2] != "." else (year, second, first)), match
    if text[4:5] in ("/", ".", "-") and (match := re.fullmatch(_ISO, text)):
        return (int(match[1]), int(match[3]), int(match[4])), match
    if text[:8].isdigit() and (match := re.fullmatch(_BASIC, text)):
        return (int(match[1]), int(match[2]), int(match[3])), match
    words = plain(text)
    if not any(map(str.isalpha, words)):
        return None
    if (match := re.fullmatch(_SPOKEN, words)) and match[2] in MONTHS:
        year = _century(int(match[3])) if len(match[3]) == 2 else int(match[3])
        return (year, MONTHS[match[2]], int(match[1])), match
    if (match := re.fullmatch(_AMERICAN, words)) and match[1] in MONTHS:
        return (int(match[3]), MONTHS[match[1]], int(match[2])), match
    return None


def _numeric(text: str) -> re.Match[str] | None:
    """Two figures, or one, of a day or a month first; a pattern that a list of ISO dates does not pay for."""
    return None if text[:4].isdecimal() else re.fullmatch(_NUMERIC, text)


def _century(year: int) -> int:
    return 2000 + year if year < 90 else 1900 + year


def _in_range(day: date, cell: Cell) -> date | Unreadable:
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return day
    return Unreadable(f"Année {day.year:04d} dans {quoted(cell)} : corrigez la date.")


def _refused(cell: Cell) -> Unreadable:
    return Unreadable(f"{quoted(cell)} n’est pas une date lisible : écrivez-la comme 31/01/2026.")
