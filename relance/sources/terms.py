"""Payment terms: how the words of a cell turn an issue date into a due date."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from relance.sources.values import Cell, plain, text_of

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
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
