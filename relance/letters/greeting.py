"""How a person is addressed in French, from a contact's name and civility as files write them."""

import re
from dataclasses import dataclass

from relance.core.invoice import Customer
from relance.letters.typography import clean

_TITLES = {
    "mme": "Madame",
    "madame": "Madame",
    "mlle": "Madame",
    "mademoiselle": "Madame",
    "m": "Monsieur",
    "mr": "Monsieur",
    "monsieur": "Monsieur",
    "me": "Maître",
    "maître": "Maître",
    "maitre": "Maître",
    "dr": "Docteur",
    "docteur": "Docteur",
}
_NOT_A_PERSON = re.compile(
    r"^(le |la |l')?(service|comptabilité|compta|comptable|direction|secrétariat|accueil|bureau|pôle|département"
    r"|équipe|administration|facturation|achats|fournisseurs)\b|@|\d",
    re.IGNORECASE,
)
_PARTICLES = frozenset(("de", "du", "des", "le", "la", "van", "von", "der", "da", "di", "dos", "ben", "el", "al"))


@dataclass(frozen=True, slots=True)
class Person:
    """`title` as one says it (Madame), `name` in full (Claire Dupont), `family` and `given` alone; any may be empty."""

    title: str = ""
    name: str = ""
    family: str = ""
    given: str = ""


def person(customer: Customer) -> Person:
    """The person to write to; a department ("service comptabilité") or an address is no person."""
    title = _title(customer.civility)
    words = clean(customer.contact).split()
    if len(words) > 1 and _title(words[0]):
        title = title or _title(words[0])
        words = words[1:]
    if not words or _NOT_A_PERSON.search(" ".join(words)):
        return Person(title)
    given, family = _split(words)
    return Person(title, " ".join(given + family), " ".join(family or given), " ".join(given))


def greeting(person: Person, familiar: bool = False) -> str:
    """Bonjour Madame Dupont, else Bonjour Claire Dupont, else Bonjour; Bonjour Claire where `familiar`; no comma."""
    if familiar and (person.given or person.title):  # a family name alone is no way to be familiar
        return f"Bonjour {person.given}".strip()
    if person.title:
        family = _capitalised(person.family) if person.family.isupper() else person.family
        return f"Bonjour {person.title} {family}".strip()
    if " " not in person.name and person.name.isupper():  # a family name alone is no greeting
        return "Bonjour"
    return f"Bonjour {person.name}".strip()


def formal_greeting(person: Person) -> str:
    """Madame, Monsieur, Maître... else « Madame, Monsieur »: what a formal letter opens and closes with."""
    return person.title or "Madame, Monsieur"


def _title(word: str) -> str:
    return _TITLES.get(word.strip().rstrip(".").casefold(), "")


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Given and family names: capitals mark the family, else a particle, else the last of two words.

    Of three words or more without a mark nobody can tell: all of them are then the family name.
    """
    capitals = [word for word in words if word.isupper() and sum(map(str.isalpha, word)) > 1]
    if len(capitals) == len(words) and len(words) > 1:
        words = [_capitalised(word) for word in words]
    elif capitals and len(words) > 1:
        return [word for word in words if word not in capitals], [_capitalised(word) for word in capitals]
    particle = next((i for i, word in enumerate(words) if i and word.casefold() in _PARTICLES), None)
    if particle is None and len(words) > 2:
        return [], words
    cut = len(words) - 1 if particle is None else particle
    return words[:cut], words[cut:]


def _capitalised(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)
