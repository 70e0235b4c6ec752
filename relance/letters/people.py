"""Who writes and who reads: what a template may see of them, and how a French letter addresses a person.

A person is found in a contact's name and civility as files write them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from relance.core.invoice import Customer
from relance.core.message import Sender
from relance.french import NO_BREAK
from relance.letters.typography import clean, clean_lines, groups

_TITLES = {
    written: title
    for title, words in {
        "Madame": "mme madame mlle mademoiselle",
        "Monsieur": "m mr monsieur",
        "Maître": "me maître maitre",
        "Docteur": "dr docteur",
    }.items()
    for written in words.split()
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


class Whole:
    """A group of values, of which a template writes one by its name: as a text, it would print all its insides."""

    __slots__ = ()

    def __str__(self) -> str:
        raise TypeError("un groupe de valeurs n'est pas un texte")


@dataclass(frozen=True, slots=True)
class Person:
    """`title` as one says it (Madame), `name` in full (Claire Dupont), `family` and `given` alone; any may be empty."""

    title: str = ""
    name: str = ""
    family: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class SenderView(Whole):
    """Who writes; `plural` is True where the letter says « nous », `rib` where the bank details are joined."""

    name: str
    legal_form: str
    voice: str
    email: str
    phone: str
    address: tuple[str, ...]
    registration: str
    iban: str
    bic: str
    rib: bool
    signature: tuple[str, ...]

    @property
    def plural(self) -> bool:
        return bool(self.voice)


@dataclass(frozen=True, slots=True)
class CustomerView(Whole):
    """Who reads; `greeting` is « Bonjour Madame Dupont », `formal_greeting` « Madame », both without a comma.

    `familiar` is True where the letter says « tu »; `profile` is key (an old, important customer), new, or empty.
    """

    name: str
    contact: str
    greeting: str
    formal_greeting: str
    attention: str
    address: tuple[str, ...]
    registration: str
    kind: str
    profile: str
    familiar: bool


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
    if 0 < len(capitals) < len(words):
        return [word for word in words if word not in capitals], list(map(_capitalised, capitals))
    if capitals and len(words) > 1:
        words = list(map(_capitalised, words))
    if _leads(" ".join(words)):
        return [], words
    particles = [i for i, word in enumerate(words) if i and word.casefold() in _PARTICLES]
    if not particles and len(words) > 2:
        return [], words
    cut = min(particles, default=len(words) - 1)
    return words[:cut], words[cut:]


def _capitalised(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)


@lru_cache(maxsize=4)
def sender_view(sender: Sender) -> SenderView:
    """The sender as a template may see him: one line each, numbers grouped, an answer's address before his own."""
    return SenderView(
        name=clean(sender.name),
        legal_form=clean(sender.legal_form),
        voice=clean(sender.voice),
        email=clean(sender.reply_to or sender.email),
        phone=clean(sender.phone),
        address=clean_lines(sender.address),
        registration=registration(sender.siret),
        iban=groups(clean(sender.iban).upper(), (4,)),
        bic=clean(sender.bic).upper(),
        rib=bool(sender.rib),
        signature=clean_lines(sender.signature),
    )


def registration(number: str) -> str:
    """SIRET 123 456 789 00012 or SIREN 123 456 789, grouped as French people write them."""
    digits = "".join(number.split())
    if len(digits) == 14 and digits.isdigit():
        return f"SIRET{NO_BREAK}{groups(digits, (3, 3, 3, 5), NO_BREAK)}"
    if len(digits) == 9 and digits.isdigit():
        return f"SIREN{NO_BREAK}{groups(digits, (3,), NO_BREAK)}"
    return clean(number)
