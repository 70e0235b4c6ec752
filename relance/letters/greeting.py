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
_PARTICLES = frozenset(
    "de du des le la van von der den ter ten da di del della dos ben bou abou el al aït ait saint sainte".split()
)
_ASIDE = re.compile(r"\([^()]*\)?")
_NOBODY = frozenset(
    "none null nan néant neant inconnu inconnue aucun aucune n/a na n.a. nc n.c. - -- – — / . ?".split()
)
"""What stands in a file where there is no contact."""
_COUPLE = re.compile(
    r"(?:(?:m|mr|monsieur)\b\.? (?:et|&) (?:mme|madame)\b|(?:mme|madame)\b\.? (?:et|&) (?:m|mr|monsieur)\b)\.?",
    re.IGNORECASE,
)
COUPLE = "Madame et Monsieur"
"""The title of two people."""


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
    words = _ASIDE.sub(" ", clean(customer.contact)).split()
    contact = " ".join(words)
    if contact.casefold() in _NOBODY:
        return Person(title)
    if both := _COUPLE.match(contact):
        title, words = COUPLE, contact[both.end() :].split()
    elif len(words) > 1 and _title(words[0]):
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
    if person.name == person.family and (_leads(person.name) or (" " not in person.name and person.name.isupper())):
        return "Bonjour"  # a family name alone is no greeting
    return f"Bonjour {person.name}".strip()


def formal_greeting(person: Person) -> str:
    """Madame, Monsieur, Maître... else « Madame, Monsieur »: what a formal letter opens and closes with."""
    return "Madame, Monsieur" if person.title in ("", COUPLE) else person.title


def _leads(name: str) -> bool:
    """True where a name begins with a particle: it is a family name."""
    first, _, more = name.partition(" ")
    return bool(more) and first.casefold() in _PARTICLES


def _title(word: str) -> str:
    if _COUPLE.fullmatch(" ".join(word.split())):
        return COUPLE
    return _TITLES.get(word.strip().rstrip(".").casefold(), "")


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Given and family names: capitals mark the family, else a particle, else the last of two words.

    Where a particle comes first, all of them are the family name (Le Goff, Ben Ali, de La Tour). Of three words or more
    without a mark nobody can tell: all of them are then the family name.
    """
    capitals = [word for word in words if word.isupper() and sum(map(str.isalpha, word)) > 1]
    if len(capitals) == len(words) and len(words) > 1:
        words = [_capitalised(word) for word in words]
    elif capitals and len(words) > 1:
        return [word for word in words if word not in capitals], [_capitalised(word) for word in capitals]
    if _leads(" ".join(words)):
        return [], words
    particle = next((i for i, word in enumerate(words) if i and word.casefold() in _PARTICLES), None)
    if particle is None and len(words) > 2:
        return [], words
    cut = len(words) - 1 if particle is None else particle
    return words[:cut], words[cut:]


def _capitalised(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)
