"""The languages of letters: how each writes figures and dates, addresses a person, and recalls earlier contacts."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from relance import french
from relance.core.reference_rates import half_year
from relance.french import NO_BREAK
from relance.letters import people, typography
from relance.letters.people import COUPLE, Person

_WAYS = (("message", ("email", "sms", "")), ("letter", ("letter",)), ("call", ("call",)))
ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = (*french.WEEKDAYS, *ENGLISH_WEEKDAYS)
MONTHS = (*french.MONTHS, *ENGLISH_MONTHS)
_CENT = Decimal("0.01")
_TO_THE = (
    ("à la ", r"(commune|mairie|communauté|métropole|préfecture|région|ville(?= (de |du |des |d['’])))\b"),
    ("à la ", r"(société|sté|copropriété|fondation|résidence)\b"),
    ("au ", r"(cabinet|groupe|comité|club|syndic)\b"),
    ("au ", r"(département|conseil (municipal|départemental|régional)|ministère|syndicat|lycée|collège)\b"),
    ("au ", r"(centre (hospitalier|communal)|CHU|CHR|CHRU|CCAS|SDIS|CROUS|CNRS)\b"),
    ("à l’", r"(université|hôpital|école|académie|association|établissement (public|français))\b"),
    ("à l’", r"(office (public|national|de tourisme)|institut (national|universitaire))\b"),
)
"""What stands before a name that takes an article, by how it begins: most public bodies are called by a common noun."""


class Language:
    """French; another language says what it writes otherwise. `subject` stands before a message's subject."""

    code = "fr"
    subject = "Objet :"
    others = "et {} autres"
    amount: Callable[[Decimal], str] = staticmethod(french.amount_fr)
    money = staticmethod(french.eur)
    percent = staticmethod(french.percent)
    long_date = staticmethod(french.date_fr)
    long_day = staticmethod(french.long_day)
    near_date = staticmethod(french.near_date_fr)
    short_date = staticmethod(french.short_date)
    half: Callable[[date], str] = staticmethod(lambda day: french.semester(half_year(day)))
    dates: Callable[..., str] = staticmethod(french.dates_fr)
    listing = staticmethod(french.listing)
    spaced: Callable[[str], str] = staticmethod(typography.spaced)
    greeting = staticmethod(people.greeting)
    formal_greeting = staticmethod(people.formal_greeting)

    def days(self, count: int) -> str:
        """15 jours, never cut between the two."""
        return french.days(count).replace(" ", NO_BREAK)

    def day_month(self, day: date) -> str:
        """A day in figures for a text of few characters: 05/11."""
        return f"{day.day:02d}/{day.month:02d}"

    def history(
        self, contacts: Sequence[tuple[date, str]], *, plural: bool, today: date | None = None
    ) -> tuple[str, ...]:
        """One phrase per way: mes messages des 2 et 9 décembre 2026, mon appel du 5 décembre 2026.

        `contacts` are (day, channel); `plural` where a service writes. With `today`, near years are left out.
        """
        ways = [(noun, {day for day, channel in contacts if channel in channels}) for noun, channels in _WAYS]
        return tuple(self.contact(noun, self.dates(days, today), len(days) > 1, plural) for noun, days in ways if days)

    def contact(self, noun: str, days: str, several: bool, plural: bool) -> str:
        """A phrase of a noun and its days as said, `several` or one; `plural` where a service writes."""
        word = {"message": "message", "letter": "lettre", "call": "appel"}[noun]
        if several:
            return f"{'nos' if plural else 'mes'} {word}s des {days}"
        mine = "ma" if noun == "letter" else "mon"
        return f"{'notre' if plural else mine} {word} du {days}"

    def silence(self, contacts: Sequence[tuple[date, str]], *, plural: bool, today: date) -> str:
        """The sentence about what nobody answered: Mes messages des 2 et 9 décembre sont restés sans réponse."""
        told = " et ".join(self.history(contacts, plural=plural, today=today))
        ways = {(day, channel == "letter") for day, channel in contacts}
        several, letters = len(ways) > 1, all(letter for _, letter in ways)
        rest = f"{'sont' if several else 'est'} resté{'e' * letters}{'s' * several} sans réponse"
        return f"{told[0].upper()}{told[1:]} {rest}"

    def short(self, numbers: Sequence[str], most: int) -> str:
        """At most this many numbers, for a subject: A, B et 4 autres."""
        if len(numbers) <= most:
            return self.listing(numbers)
        shown = numbers[: most - 1]
        return f"{', '.join(shown)} {self.others.format(len(numbers) - len(shown))}"

    def addressed(self, name: str, reader: str, several: bool) -> str:
        """« adressée à Atelier Martin », « adressée à la Commune de Valmont ».

        To a person who reads about himself (`reader` is « vous » or « tu »), « à votre nom (Paul Lefèvre) ».
        """
        ending = "es" if several else "e"
        if reader:
            return f"à {'ton' if reader == 'tu' else 'votre'} nom ({name})"
        to = next((to for to, begins in _TO_THE if re.match(begins, name, re.IGNORECASE)), "à ")
        return f"adressé{ending} {to}{name}"


_ENGLISH_TITLES = {
    "Madame": "Ms",
    "Monsieur": "Mr",
    "Docteur": "Dr",
    "Professeur": "Professor",
    COUPLE: "Mr and Ms",
}


def _signed(value: Decimal, currency: str) -> str:
    """An amount to the cent, half up, after its currency; the minus before both: − €50.00."""
    cents = value.quantize(_CENT, rounding=ROUND_HALF_UP)
    return f"{f'−{NO_BREAK}' if cents < 0 else ''}{currency}{abs(cents):,.2f}"


class _English(Language):
    """English."""

    code = "en"
    subject = "Subject:"
    others = "and {} others"
    spaced = staticmethod(str)

    def amount(self, value: Decimal) -> str:
        """An amount to the cent, half up: 1,200.50, without its currency."""
        return _signed(value, "")

    def money(self, value: Decimal, currency: str = "EUR") -> str:
        """An amount after its currency: €1,200.50, USD 1,200.50."""
        return _signed(value, "€" if currency == "EUR" else f"{currency}{NO_BREAK}")

    def percent(self, rate: Decimal) -> str:
        """A rate given in percent, without useless zeros: 14%, 12.4%."""
        text = f"{rate:f}"
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"

    def long_date(self, day: date) -> str:
        """A date in letters: 5 November 2026."""
        return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"

    def long_day(self, day: date) -> str:
        """A date with its weekday: Friday 27 November 2026."""
        return f"{ENGLISH_WEEKDAYS[day.weekday()]} {self.long_date(day)}"

    def near_date(self, day: date, today: date) -> str:
        """A date, its year where it does not go without saying: 5 November."""
        return f"{day.day} {ENGLISH_MONTHS[day.month - 1]}" if french.near(day, today) else self.long_date(day)

    def day_month(self, day: date) -> str:
        """A day for a text of few characters: 5 Nov."""
        return f"{day.day} {ENGLISH_MONTHS[day.month - 1][:3]}"

    def half(self, day: date) -> str:
        """The half-year of a day: second half of 2026."""
        return f"{'second' if day.month > 6 else 'first'} half of {day.year}"

    def short_date(self, day: date) -> str:
        """A date that nobody can take for another one: 05 Nov 2026."""
        return f"{day.day:02d} {ENGLISH_MONTHS[day.month - 1][:3]} {day.year}"

    def days(self, count: int) -> str:
        """A number of days, never cut between the two: 1 day, 15 days."""
        return f"{count:,}{NO_BREAK}day{'' if abs(count) == 1 else 's'}"

    def listing(self, items: Sequence[str]) -> str:
        """Items as one reads them aloud: a, b and c."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} and {items[-1]}"

    def dates(self, days: Iterable[date], today: date | None = None) -> str:
        """Dates in order, what they share said once: 2 and 9 December 2026; with `today`, without near years."""
        ordered = sorted(set(days))
        said = []
        for day, later in zip(ordered, [*ordered[1:], None], strict=True):
            if later is None or later.year != day.year:
                said.append(self.long_date(day) if today is None else self.near_date(day, today))
            elif later.month == day.month:
                said.append(str(day.day))
            else:
                said.append(f"{day.day} {ENGLISH_MONTHS[day.month - 1]}")
        return self.listing(said)

    def contact(self, noun: str, days: str, several: bool, plural: bool) -> str:
        return f"{'our' if plural else 'my'} {noun}{'s' if several else ''} of {days}"

    def silence(self, contacts: Sequence[tuple[date, str]], *, plural: bool, today: date) -> str:
        if plural:
            return "We haven’t heard back: are our messages reaching you?"
        return "I haven’t heard back: are my messages reaching you?"

    def addressed(self, name: str, reader: str, several: bool) -> str:
        return f"in your name ({name})" if reader else f"addressed to {name}"

    def greeting(self, person: Person, familiar: bool = False) -> str:
        """Dear Ms Dupont, Dear Claire, Dear Claire Dupont, else Hello."""
        if familiar and person.given:
            return f"Dear {person.given}"
        title = _ENGLISH_TITLES.get(person.title, "")
        if title and person.family:
            return f"Dear {title} {person.family}"
        return f"Dear {person.name}" if " " in person.name else "Hello"

    def formal_greeting(self, person: Person) -> str:
        """The same: « Dear Sir or Madam » alone weighs 2.0 with spam filters (SpamAssassin's DEAR_SOMETHING)."""
        return self.greeting(person)


FRENCH, ENGLISH = Language(), _English()
LANGUAGES = {language.code: language for language in (FRENCH, ENGLISH)}


def language_of(code: str) -> Language:
    """French where nothing else is said; who reads a language without templates reads English."""
    return LANGUAGES.get(code.casefold(), ENGLISH) if code else FRENCH
