"""When an invoice is due that names no day: by its terms, else never earlier than their words may mean."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from relance.sources.dates import MAX_TERMS, read_terms
from relance.sources.values import plain

DEFAULT_DAYS = 30
"""What the law gives where nothing is agreed, from the day on which it is received (L441-10 I C. com.)."""
_PARTS = re.compile(r"[;\n]|[.,] |\.$| - ")
_DAYS = re.compile(r"(?<![\d,.])(\d{1,3}) ?(?:j\b|jours?|jrs?|days?|tage?n?|giorni|dias)")
_END_OF_MONTH = re.compile(r"fin (?:de |du )?mois|f\.?d\.?m|end of (?:the )?month|monatsende")
_A_DAY = re.compile(r"\b(\d{1,2})[./](\d{1,2})[./](20\d\d)\b|\b(20\d\d)-(\d{2})-(\d{2})\b")


class Due(NamedTuple):
    """A due day, and whether the terms were `read`: else it is the latest that their words let one think of."""

    day: date
    read: bool


def due_of(terms: str, issued: date) -> Due:
    """The day on which an invoice is due by these words, which may hold penalties and discounts beside it."""
    whole = read_terms(terms) if terms else None
    texts = [text.strip() for text in _PARTS.split(terms) if re.search(r"[^\W\d_]", text)]  # a bare number is no term
    parts = [part for text in texts if (part := read_terms(text))]
    days = {whole(issued)} if whole else {part(issued) for part in parts}
    if len(days) == 1 and (whole or not _says_more(terms)):
        return Due(days.pop(), True)
    text = plain(terms)
    counted = [int(found) for found in _DAYS.findall(text)]
    latest = issued + timedelta(days=max([DEFAULT_DAYS, *(days for days in counted if days <= MAX_TERMS)]))
    if _END_OF_MONTH.search(text):
        latest = max(_end(latest), _end(issued) + (latest - issued))
    named = filter(None, map(_day, _A_DAY.finditer(text)))
    soon = (day for day in named if issued <= day <= issued + timedelta(days=2 * MAX_TERMS))
    return Due(max([latest, *days, *soon]), False)


def _says_more(terms: str) -> bool:
    """True where more than one number of days stands there: which of them is the term, nobody knows."""
    return len(set(_DAYS.findall(plain(terms)))) > 1


def _end(day: date) -> date:
    from calendar import monthrange

    return day.replace(day=monthrange(day.year, day.month)[1])


def _day(found: re.Match[str]) -> date | None:
    groups = [int(each) for each in found.groups() if each]
    year, month, day = groups if len(str(groups[0])) == 4 else reversed(groups)
    try:
        return date(year, month, day)
    except ValueError:
        return None
