"""The languages of letters: how each writes figures and dates, addresses a person, and recalls earlier contacts."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from relance import french
from relance.french import NO_BREAK
from relance.letters.people import COUPLE, Person, formal_greeting, greeting
from relance.letters.typography import spaced

_WAYS = (("message", ("email", "sms", "")), ("letter", ("letter",)), ("call", ("call",)))
ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_CENT = Decimal("0.01")


class Language(NamedTuple):
    """One language; `subject` finds the line that gives the subject.

    `contact` makes a phrase of a noun, its days as said, whether they are several and whether a service writes.
    `addressed` says to whom invoices went: the name, « vous » or « tu » where it is the reader's own, several or one.
    """

    code: str
    subject: "re.Pattern[str]"
    amount: Callable[[Decimal], str]
    money: Callable[[Decimal, str], str]
    percent: Callable[[Decimal], str]
    long_date: Callable[[date], str]
    short_date: Callable[[date], str]
    days: Callable[[int], str]
    dates: Callable[[Iterable[date]], str]
    listing: Callable[[Sequence[str]], str]
    spaced: Callable[[str], str]
    greeting: Callable[[Person, bool], str]
    formal_greeting: Callable[[Person], str]
    contact: Callable[[str, str, bool, bool], str]
    others: str
    addressed: Callable[[str, str, bool], str]

    def history(self, contacts: Iterable[tuple[date, str]], *, plural: bool) -> tuple[str, ...]:
        """One phrase per way: mes messages des 2 et 9 décembre 2026, mon appel du 5 décembre 2026.

        `contacts` are (day, channel); `plural` where a service writes.
        """
        told = list(contacts)
        said = []
        for noun, channels in _WAYS:
            days = {day for day, channel in told if channel in channels}
            if days:
                said.append(self.contact(noun, self.dates(days), len(days) > 1, plural))
        return tuple(said)

    def short(self, numbers: Sequence[str], most: int) -> str:
        """At most this many numbers, for a subject: A, B et 4 autres."""
        if len(numbers) <= most:
            return self.listing(numbers)
        shown = numbers[: most - 1]
        return f"{', '.join(shown)} {self.others.format(len(numbers) - len(shown))}"


def _days_fr(count: int) -> str:
    """15 jours, never cut between the two."""
    return french.days(count).replace(" ", NO_BREAK)


def _contact_fr(noun: str, days: str, several: bool, plural: bool) -> str:
    word = {"message": "message", "letter": "courrier", "call": "appel"}[noun]
    if several:
        return f"{'nos' if plural else 'mes'} {word}s des {days}"
    return f"{'notre' if plural else 'mon'} {word} du {days}"


_TO_THE = (
    ("à la ", r"(commune|mairie|communauté|métropole|préfecture|région|ville(?= (de |du |des |d['’])))\b"),
    ("au ", r"(département|conseil (municipal|départemental|régional)|ministère|syndicat|lycée|collège)\b"),
    ("au ", r"(centre (hospitalier|communal)|CHU|CHR|CHRU|CCAS|SDIS|CROUS|CNRS)\b"),
    ("à l'", r"(université|hôpital|école|académie|association|établissement (public|français))\b"),
    ("à l'", r"(office (public|national|de tourisme)|institut (national|universitaire))\b"),
)
"""What stands before a name that takes an article, by how it begins: most public bodies are called by a common noun."""


def _addressed_fr(name: str, reader: str, several: bool) -> str:
    """« adressée à Atelier Martin », « adressée à la Commune de Valmont ».

    To a person who reads about himself, « établie à votre nom (Paul Lefèvre) ».
    """
    ending = "es" if several else "e"
    if reader:
        return f"établi{ending} à {'ton' if reader == 'tu' else 'votre'} nom ({name})"
    to = next((to for to, begins in _TO_THE if re.match(begins, name, re.IGNORECASE)), "à ")
    return f"adressé{ending} {to}{name}"


def _amount_en(value: Decimal) -> str:
    """An amount to the cent, half up: 1,200.50, without its currency."""
    cents = value.quantize(_CENT, rounding=ROUND_HALF_UP)
    return f"{cents or abs(cents):,.2f}"


def _money_en(value: Decimal, currency: str) -> str:
    """An amount after its currency: €1,200.50, USD 1,200.50."""
    return f"€{_amount_en(value)}" if currency == "EUR" else f"{currency}{NO_BREAK}{_amount_en(value)}"


def _percent_en(rate: Decimal) -> str:
    """A rate given in percent, without useless zeros: 14%, 12.4%."""
    text = f"{rate:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def _long_date_en(day: date) -> str:
    """A date in letters: 5 November 2026."""
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


def _short_date_en(day: date) -> str:
    """A date that nobody can take for another one: 05 Nov 2026."""
    return f"{day.day:02d} {ENGLISH_MONTHS[day.month - 1][:3]} {day.year}"


def _days_en(count: int) -> str:
    """A number of days, never cut between the two: 1 day, 15 days."""
    return f"{count:,}{NO_BREAK}day{'' if abs(count) == 1 else 's'}"


def _listing_en(items: Sequence[str]) -> str:
    """Items as one reads them aloud: a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _dates_en(days: Iterable[date]) -> str:
    """Dates in order, what they share said once: 2 and 9 December 2026."""
    ordered = sorted(set(days))
    said = []
    for day, later in zip(ordered, [*ordered[1:], None], strict=True):
        if later is None or later.year != day.year:
            said.append(_long_date_en(day))
        elif later.month == day.month:
            said.append(str(day.day))
        else:
            said.append(f"{day.day} {ENGLISH_MONTHS[day.month - 1]}")
    return _listing_en(said)


def _contact_en(noun: str, days: str, several: bool, plural: bool) -> str:
    return f"{'our' if plural else 'my'} {noun}{'s' if several else ''} of {days}"


def _addressed_en(name: str, reader: str, several: bool) -> str:
    return f"in your name ({name})" if reader else f"addressed to {name}"


def _greeting_en(person: Person, familiar: bool) -> str:
    """Dear Ms Dupont, Dear Claire, Dear Claire Dupont, else Hello."""
    if familiar and person.given:
        return f"Dear {person.given}"
    title = {"Madame": "Ms", "Monsieur": "Mr", "Docteur": "Dr", COUPLE: "Mr and Ms"}.get(person.title, "")
    if title and person.family:
        return f"Dear {title} {person.family}"
    return f"Dear {person.name}" if " " in person.name else "Hello"


def _formal_en(person: Person) -> str:
    said = _greeting_en(person, False)
    return "Dear Sir or Madam" if said == "Hello" else said


FRENCH = Language(
    code="fr",
    subject=re.compile(r"\s*Objet\s*:[^\S\n]*(.*)\n?", re.IGNORECASE),
    amount=french.amount_fr,
    money=french.eur,
    percent=french.percent,
    long_date=french.date_fr,
    short_date=french.short_date,
    days=_days_fr,
    dates=french.dates_fr,
    listing=french.listing,
    spaced=spaced,
    greeting=greeting,
    formal_greeting=formal_greeting,
    contact=_contact_fr,
    others="et {} autres",
    addressed=_addressed_fr,
)
ENGLISH = Language(
    code="en",
    subject=re.compile(r"\s*Subject\s*:[^\S\n]*(.*)\n?", re.IGNORECASE),
    amount=_amount_en,
    money=_money_en,
    percent=_percent_en,
    long_date=_long_date_en,
    short_date=_short_date_en,
    days=_days_en,
    dates=_dates_en,
    listing=_listing_en,
    spaced=str,
    greeting=_greeting_en,
    formal_greeting=_formal_en,
    contact=_contact_en,
    others="and {} others",
    addressed=_addressed_en,
)
LANGUAGES = {language.code: language for language in (FRENCH, ENGLISH)}


def language_of(code: str) -> Language:
    """French where nothing else is said; who reads a language without templates reads English."""
    return LANGUAGES.get(code.casefold(), ENGLISH) if code else FRENCH
