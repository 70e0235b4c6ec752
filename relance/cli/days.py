"""Days as a person types them in an option: 20/11/2026, 20/11, « 20 novembre », « hier », « vendredi »...

What tells no year is completed towards where the option looks, at most half a year away; the day understood is said.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from typer import Option

from relance.core.invoice import normalised_name
from relance.display.terminal import remark
from relance.errors import Again, UsageError
from relance.french import MONTHS, WEEKDAYS, date_fr, long_day, short_date

if TYPE_CHECKING:
    from relance.runs.dossier import Desk

HALF_A_YEAR = timedelta(days=183)
_WEEK = 7
_LEAP = 2028
"""A year that has every day there is."""
_ISO = r"(?a)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
_FIGURES = r"(?a)(\d{1,2})(?:er)?[-/. ](\d{1,2})(?:[-/. ](\d{4}|\d{2}))?"
_LETTERS = r"(?a)(\d{1,2})(?:er)?[-/. ]?([a-z]{3,9})\.?(?:[-/. ]?(\d{4}|\d{2}))?"
_ALONE = r"(?a)(\d{1,2})(?:er)?"
_AWAY = r"(?a)(dans|il y a) (\d{1,3}) (jour|semaine)s?"
_NEAR = {"avant-hier": -2, "hier": -1, "aujourd'hui": 0, "demain": 1, "apres-demain": 2}
_WEEKDAY = rf"({'|'.join(WEEKDAYS)})( dernier| passe| prochain)?"


class Way(Enum):
    """Where the days of an option lie."""

    PAST = -1
    NEAREST = 0
    AHEAD = 1


class Day(NamedTuple):
    """A day as it was typed: `told` in full, else `find` gives it from today and the way the option looks."""

    text: str
    find: Callable[[date, Way], date]
    told: date | None = None


def a_day(text: str) -> Day:
    """A day that a person types; UsageError where it is none, or one that does not exist."""
    typed = " ".join(normalised_name(text.replace("’", "'")).split()).removeprefix("le ")
    if (iso := re.fullmatch(_ISO, typed)) is not None:
        return _full(text, *map(int, iso.groups()))
    if (figures := re.fullmatch(_FIGURES, typed)) is not None:
        return _numbered(text, int(figures[1]), int(figures[2]), figures[3])
    typed = re.sub(rf"^(?:{'|'.join(WEEKDAYS)}) (?=\d)", "", typed)
    if (letters := re.fullmatch(_LETTERS, typed)) is not None and (month := _month(letters[2])):
        return _numbered(text, int(letters[1]), month, letters[3])
    if typed in _NEAR:
        return Day(text, lambda today, way: today + timedelta(days=_NEAR[typed]))
    if (away := re.fullmatch(_AWAY, typed)) is not None:
        count = int(away[2]) * (_WEEK if away[3] == "semaine" else 1) * (1 if away[1] == "dans" else -1)
        return Day(text, lambda today, way: today + timedelta(days=count))
    if (weekday := re.fullmatch(_WEEKDAY, typed)) is not None:
        return Day(text, partial(_weekday, text, WEEKDAYS.index(weekday[1]), (weekday[2] or "").strip()))
    if (alone := re.fullmatch(_ALONE, typed)) is not None:
        return Day(text, partial(_in_month, text, int(alone[1])))
    try:
        return _told(text, date.fromisoformat(text))
    except ValueError:
        raise _unreadable(text) from None


def _unreadable(text: str) -> UsageError:
    return UsageError(f"Date illisible : « {text} ».", "Exemple : 20/11/2026.")


def _told(text: str, day: date) -> Day:
    return Day(text, lambda today, way: day, told=day)


def _full(text: str, year: int, month: int, number: int) -> Day:
    """A day with its year; UsageError where there is none, with the one that was probably meant."""
    try:
        return _told(text, date(year, month, number))
    except ValueError:
        raise _nonexistent(text, year, month, number) from None


def _nonexistent(text: str, year: int, month: int, number: int, *, told: bool = True) -> UsageError:
    """That there is no such day: the last of its month, or the order of the Americans, is proposed."""
    if 1 <= month <= len(MONTHS) and year:
        last = _last_of(year, month)
        spoken = f"{MONTHS[month - 1]} {year}" if told else MONTHS[month - 1]
        meant = short_date(last) if told else f"{last.day}/{month:02}"
        return UsageError(f"« {text} » n’existe pas : {spoken} a {last.day} jours.", again=[Again(text, meant)])
    if 1 <= number <= len(MONTHS) < month <= 31 and year:
        swapped = Again(text, short_date(date(year, number, min(month, _last_of(year, number).day))))
        return UsageError(f"« {text} » n’existe pas : le jour s’écrit avant le mois.", again=[swapped])
    return UsageError(f"« {text} » n’existe pas.", "Exemple : 20/11/2026.")


def _last_of(year: int, month: int) -> date:
    return date(year + month // len(MONTHS), month % len(MONTHS) + 1, 1) - timedelta(days=1)


def _numbered(text: str, number: int, month: int, year: str | None) -> Day:
    """A day and a month in figures, with the year where it is told: two figures are of this century."""
    if year:
        return _full(text, int(year) if len(year) > 2 else 2000 + int(year), month, number)
    if not 1 <= month <= len(MONTHS) or not 1 <= number <= _last_of(_LEAP, month).day:
        raise _nonexistent(text, _LEAP, month, number, told=False)
    return Day(text, partial(_in_year, text, number, month))


def _month(word: str) -> int:
    """The number of the month that this word is, or is short for; 0 where it is none."""
    names = [normalised_name(name) for name in MONTHS]
    found = [n for n, name in enumerate(names, 1) if name == word] or [
        n for n, name in enumerate(names, 1) if name.startswith(word)
    ]
    return found[0] if len(found) == 1 else 0


def _in_year(text: str, number: int, month: int, today: date, way: Way) -> date:
    """The day of this name on the side on which the option looks; UsageError where it lies more than half a year off.

    Who types tomorrow's date for what is done means no day of last year.
    """
    years = (year for year in (today.year - 1, today.year, today.year + 1) if number <= _last_of(year, month).day)
    found = sorted((date(year, month, number) for year in years), key=lambda day: abs(day - today))
    if not found:
        raise _nonexistent(text, today.year, month, number)
    right = [day for day in found if (day - today).days * way.value >= 0]
    if right and abs(right[0] - today) <= HALF_A_YEAR:
        return right[0]
    when = "à venir" if way is Way.PAST else "passé"
    again = [Again(text, short_date(day)) for day in right[:1]]
    raise UsageError(
        f"Le {date_fr(found[0])} est {when}.",
        "Donnez l’année si c’est une autre :" if again else "Exemple : 20/11/2026.",
        again,
    )


def _in_month(text: str, number: int, today: date, way: Way) -> date:
    """A day whose month is not told is asked: UsageError, with the last or the next one of this number."""
    around = [today + timedelta(days=n * (way.value or -1)) for n in range(62)]
    found = [day for day in around if day.day == number][:1]
    again = [Again(text, short_date(day)) for day in found]
    raise UsageError(f"« {text} » : de quel mois ?", "" if again else "Exemple : 20/11/2026.", again)


def _weekday(text: str, weekday: int, said: str, today: date, way: Way) -> date:
    """The last or the next day of this name; UsageError on a day of that very name, which may be meant itself."""
    before = (today.weekday() - weekday) % _WEEK or _WEEK
    last, following = today - timedelta(days=before), today + timedelta(days=_WEEK - before % _WEEK)
    if said:
        return following if said == "prochain" else last
    if today.weekday() == weekday or way is Way.NEAREST:
        other = last if way is not Way.AHEAD else following
        choice = [today if today.weekday() == weekday else following, other]
        raise UsageError(
            f"« {text} » : le {date_fr(choice[0])} ou le {date_fr(choice[1])} ?",
            again=[Again(text, short_date(day)) for day in choice],
        )
    return last if way is Way.PAST else following


def dated(day: Day | None, desk: "Desk", way: Way) -> date | None:
    """The day that was typed; where it was not told in full, what was understood is said on standard error."""
    return None if day is None else day_on(day, desk.today, way)


def day_on(day: Day, today: date, way: Way) -> date:
    """The day that was typed, seen from today."""
    found = day.find(today, way)
    if (found - today).days * way.value < 0:
        raise _wrong_side(day.text, found, today, way)
    if day.told is None:
        remark(f"« {day.text} » : {long_day(found)}.")
    return found


def _wrong_side(text: str, day: date, today: date, way: Way) -> UsageError:
    """That what is done is not to come, nor what is to come past; a year may have been typed wrong."""
    when = "à venir" if way is Way.PAST else "passé"
    other = [day.replace(year=year) for year in (today.year, today.year + way.value) if day.month != 2 or day.day < 29]
    near = [each for each in other if 0 <= (each - today).days * way.value <= HALF_A_YEAR.days]
    meant = near[:1] or ([today] if way is Way.PAST else [])
    cure = "" if meant else "Exemple : vendredi."
    sentence = f"« {text} » : le {date_fr(day)} est {when}."
    return UsageError(sentence, cure, [Again(text, short_date(each)) for each in meant])


day_option = partial(Option, metavar="JJ/MM/AAAA", parser=a_day)
"""An option, by its name and its help, whose value is a day."""
