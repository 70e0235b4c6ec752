"""Who writes and who reads: what a template may see of them, and how a French letter addresses a person.

A person is found in a contact's name and civility as files write them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from relance.core.invoice import Customer, Kind
from relance.core.message import Sender
from relance.french import NO_BREAK
from relance.letters.names import PARTICLES, capitalised, is_desk, is_no_person, plainly, written
from relance.letters.typography import clean, clean_lines, groups

_TITLES = {
    written: title
    for title, words in {
        "Madame": "mme madame mlle mademoiselle mrs ms miss frau",
        "Monsieur": "m mr monsieur herr",
        "Maître": "me maître maitre",
        "Docteur": "dr docteur doctor",
        "Professeur": "pr prof professeur professor",
    }.items()
    for written in words.split()
}
_ASIDE = re.compile(r"\([^()]*\)?")
_NOBODY = frozenset(
    "none null nan néant neant inconnu inconnue aucun aucune n/a na n.a. nc n.c. - -- – — / . ?".split()
)
"""What stands in a file where there is no contact."""
_MAN, _WOMAN = r"(?:m|mr|monsieur|herr)\b\.?", r"(?:mme|madame|mrs|ms|frau)\b\.?"
_COUPLE = re.compile(rf"(?:{_MAN} ?(?:et|&|and|und|/) ?{_WOMAN}|{_WOMAN} ?(?:et|&|and|und|/) ?{_MAN})", re.IGNORECASE)
COUPLE = "Madame et Monsieur"
"""The title of two people."""


NO_TEXT = "un groupe de valeurs n’est pas un texte"


class Whole:
    """A group of values, of which a template writes one by its name: as a text, it would print all its insides."""

    __slots__ = ()

    def __str__(self) -> str:
        raise TypeError(NO_TEXT)


@dataclass(frozen=True, slots=True)
class Person:
    """`title` as one says it (Madame), `name` in full (Claire Dupont), `family` and `given` alone; any may be empty.

    `surname` tells that the one word known is a family name, as capitals show it.
    """

    title: str = ""
    name: str = ""
    family: str = ""
    given: str = ""
    surname: bool = False


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
    account_name: str

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
    foreign: bool = False


def person(customer: Customer) -> Person:
    """The person to write to; a company, a department ("service comptabilité") or an address is no person.

    Where nobody is named, a customer whose own name begins with a title, or who is a consumer, is that person.
    """
    title = _title(customer.civility)
    contact = _named(customer.contact)
    own = contact == "" or plainly(contact) == plainly(_named(customer.name))
    if own and not (title and contact):
        contact = _own_name(customer)
    if not contact:
        return Person(title)
    title, words = _titled(contact, title)
    name = " ".join(words)
    if is_no_person(name, titled=bool(title)):
        return Person()
    if not words or (is_desk(name) and not (title and words[0] in ("le", "la"))):  # « Monsieur le Maire »
        return Person(title)
    if any(map(_title, words[1:])) or (title not in ("", COUPLE) and _AND & set(words)):
        return Person()  # two people, of whom only one has this title
    given, family = _split(words)
    return Person(title, " ".join(given + family), " ".join(family or given), " ".join(given), _is_surname(words))


_AND = frozenset("et and und ou".split())


def _is_surname(words: list[str]) -> bool:
    return len(words) == 1 and words[0].isupper() and len(words[0]) > 1


def _named(cell: str) -> str:
    """What a cell says of a person, without what stands in brackets; empty where it says that there is none."""
    said = " ".join(_ASIDE.sub(" ", clean(cell)).split())
    return "" if said.casefold() in _NOBODY else said


def _own_name(customer: Customer) -> str:
    """The customer's name where it is a person's: a consumer's, or one that begins with a title."""
    name = _named(customer.name)
    titled = _titled(name, "")[0] != ""
    return name if titled or (customer.kind is Kind.CONSUMER and " " in name) else ""


def _titled(contact: str, title: str) -> tuple[str, list[str]]:
    """The title that goes before a name, else the one known already, and the words of the name."""
    if both := _COUPLE.match(contact):
        return COUPLE, contact[both.end() :].split()
    first, _, more = contact.partition(" ")
    if more and _title(first):
        return title or _title(first), more.split()
    return title, contact.split()


def greeting(person: Person, familiar: bool = False) -> str:
    """Bonjour Madame Dupont, else Bonjour Claire Dupont, else Bonjour; Bonjour Claire where `familiar`; no comma."""
    if familiar and (person.given or person.title):  # a family name alone is no way to be familiar
        return f"Bonjour {person.given}".strip()
    if person.title:
        return f"Bonjour {person.title} {person.family}".strip()
    if person.surname or (person.name == person.family and _leads(person.name)):
        return "Bonjour"  # a family name alone is no greeting
    return f"Bonjour {person.name}".strip()


def formal_greeting(person: Person) -> str:
    """Madame, Monsieur, Maître... else « Madame, Monsieur »: what a formal letter opens and closes with."""
    return "Madame, Monsieur" if person.title in ("", COUPLE) else person.title


def _leads(name: str) -> bool:
    """True where a name begins with a particle: it is a family name."""
    first, _, more = name.partition(" ")
    return bool(more) and first.casefold() in PARTICLES


def _title(word: str) -> str:
    if _COUPLE.fullmatch(" ".join(word.split())):
        return COUPLE
    return _TITLES.get(word.strip().rstrip(".").casefold(), "")


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """Given and family names: capitals mark the family, else a particle, else the last of two words.

    Where a particle comes first, all of them are the family name (Le Goff, Ben Ali, de La Tour). Of three words or more
    without a mark nobody can tell: all of them are then the family name. A comma ends a family name that comes first.
    """
    if words[0].endswith(",") and len(words) > 1:
        return written(words[1:]), [capitalised(words[0].rstrip(","))]
    capitals = [word for word in words if word.isupper() and sum(map(str.isalpha, word)) > 1]
    if 0 < len(capitals) < len(words):
        return written([word for word in words if word not in capitals]), list(map(capitalised, capitals))
    words = list(map(capitalised, words)) if capitals else written(words)
    if _leads(" ".join(words)):
        return [], words
    particles = [i for i, word in enumerate(words) if i and _is_particle(word)]
    if not particles and len(words) > 2:
        return [], words
    cut = min(particles, default=len(words) - 1)
    return words[:cut], words[cut:]


def _is_particle(word: str) -> bool:
    return word.casefold() in PARTICLES or re.match(r"[dD]’\w", word) is not None


@lru_cache(maxsize=8)
def sender_view(sender: Sender, language: str = "fr") -> SenderView:
    """The sender as a template may see him: one line each, numbers grouped, an answer's address before his own."""
    name, form, phone = clean(sender.name), clean(sender.legal_form), clean(sender.phone)
    return SenderView(
        name=name,
        legal_form=form,
        voice=clean(sender.voice),
        email=clean(sender.reply_to or sender.email),
        phone=phone if language == "fr" else _international(phone),
        address=localised(sender.address, language),
        registration=registration(sender.siret),
        iban=groups(clean(sender.iban).upper(), (4,)),
        bic=clean(sender.bic).upper(),
        rib=bool(sender.rib),
        signature=clean_lines(sender.signature),
        account_name=clean(sender.account_name) or _holder(name, form),
    )


def localised(address: str, language: str) -> tuple[str, ...]:
    """The lines of an address, its country in the language of the letter."""
    lines = clean_lines(address)
    if not lines:
        return lines
    from relance.letters.countries import in_language  # a long table, for the addresses that there are

    return in_language(lines, language)


def _holder(name: str, form: str) -> str:
    """Who holds the account: an EI is one under that name at the bank too (R526-27 C. com.)."""
    is_ei = re.match(r"(?:EI|entrepr(?:eneur|ise) individuel(?:le)?)\b", form, re.IGNORECASE) is not None
    return f"{name} EI" if is_ei and not re.search(r"\bEI\b", name) else name


def _international(phone: str) -> str:
    """A French number as one dials it from abroad: 01 99 00 10 00 is +33 1 99 00 10 00; another stays as it is."""
    digits = re.sub(r"[ .-]", "", phone)
    if not re.fullmatch(r"0[1-9]\d{8}", digits):
        return phone
    return f"+33 {digits[1]} {groups(digits[2:], (2,))}"


def registration(number: str) -> str:
    """SIRET 123 456 789 00012 or SIREN 123 456 789, grouped as French people write them."""
    digits = "".join(number.split())
    if len(digits) == 14 and digits.isdigit():
        return f"SIRET{NO_BREAK}{groups(digits, (3, 3, 3, 5), NO_BREAK)}"
    if len(digits) == 9 and digits.isdigit():
        return f"SIREN{NO_BREAK}{groups(digits, (3,), NO_BREAK)}"
    return clean(number)
