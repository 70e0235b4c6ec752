"""Who paid, by name and IBAN: a customer that a person tied to it, one of that name, a service, or the user himself.

A name decides nothing: the whole of it, tied by a person, does. A bank cuts it at 31 characters (CFONB) or more.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from relance.core.bank import Books
from relance.core.invoice import customer_id, held_target
from relance.core.label_words import ABROAD, BANK_WORDS, CARD, FORMS, REFUND, SERVICES, TRANSFER
from relance.core.references import folded
from relance.core.statement import Credit

SHORTEST_CUT = 26
"""Letters of a name that a bank may have cut at 31, without its points and doubled spaces."""
_SHORTEST_NAME, _SHORTEST_WORD = 5, 7
"""Letters of a name that is looked for inside a label, of several words and of one: BIO or MARTIN stand there for many
reasons.
"""
_FROM = re.compile(r"/(?:DE|FROM) +(.*?) *(?=/(?:MOTIF|REF|ID|BEN|POUR)\b|$)", re.DOTALL)
_ACCOUNT = re.compile(r"[A-Z]{2}\d\d(?=(?:[A-Z ]*\d){8})[A-Z0-9 ]{11,40}")
_WORD = re.compile(r"[A-Z0-9]+")


class Payer(NamedTuple):
    """Who a credit is from: the customers that a person tied to it, and those of its name.

    `never`: nobody's, by his word, as long as no customer has the name.
    """

    tied: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()
    never: bool = False
    own: bool = False
    service: bool = False

    @property
    def customers(self) -> frozenset[str]:
        """All that it may be."""
        return self.tied | self.alike

    @property
    def is_certain(self) -> bool:
        """Whether a person said who it is, and no name speaks against it."""
        return bool(self.tied) and self.alike <= self.tied


def names_payer(credit: Credit) -> bool:
    """Whether the file tells who paid; OFX and QIF often have the label's beginning there."""
    text = folded(credit.payer)
    word = _WORD.search(text)
    return word is not None and word[0] not in TRANSFER and not _FROM.search(text)


def payer_name(credit: Credit) -> str:
    """The name of who paid: as the file tells it, else what the label has for it and nothing else."""
    if names_payer(credit):
        return credit.payer
    text = folded(credit.payer or credit.label)
    if told := _FROM.search(text):
        return told[1]
    words = _WORD.findall(text)
    kept = [word for place, word in enumerate(words) if not BANK_WORDS.issuperset(words[: place + 1])]
    return " ".join(kept) if len(kept) < len(words) else ""


class _Names:
    """What stands under a name: its words in any order, or where one of the two is cut."""

    def __init__(self) -> None:
        self.whole: dict[str, set[str]] = {}
        self.long: dict[str, list[tuple[str, str]]] = {}

    def learn(self, name: str, identities: Iterable[str]) -> None:
        sign, text = _sign(name), " ".join(_words(name))
        if sign not in self.whole and len(text) >= SHORTEST_CUT:
            self.long.setdefault(text[:SHORTEST_CUT], []).append((text, sign))
        self.whole.setdefault(sign, set()).update(identities)

    def like(self, name: str) -> list[set[str]]:
        """What each name that this one is, or is a part of, stands for."""
        sign, text = _sign(name), " ".join(_words(name))
        signs = [long for full, long in self.long.get(text[:SHORTEST_CUT], ()) if _begins(full, text)]
        return [self.whole[each] for each in dict.fromkeys([sign, *signs]) if each and each in self.whole]


class Payers:
    """The names and accounts that are known."""

    def __init__(self, books: Books) -> None:
        self.tied, self.customers = _Names(), _Names()
        self.inside: dict[str, list[tuple[list[str], str]]] = {}
        for word, who in books.payers.items():
            self.tied.learn(word, map(held_target, who))
        for customer in dict.fromkeys(invoice.customer for _, invoice in books.invoices):
            self._learn(customer.name, held_target(customer_id(customer)))
        self.own = {_sign(each) for each in (*books.own_names, *books.own_ibans) if each}
        self.known: dict[tuple[str, str, str], Payer] = {}

    def _learn(self, name: str, identity: str) -> None:
        self.customers.learn(name, (identity,))
        proper = _proper(name)
        if proper:
            self.customers.learn(" ".join(proper), (identity,))
        if sum(map(len, proper)) >= (_SHORTEST_NAME if len(proper) > 1 else _SHORTEST_WORD):
            self.inside.setdefault(proper[0], []).append((proper, identity))

    def of(self, credit: Credit) -> Payer:
        """Who this credit is from."""
        signs = credit.payer, credit.iban, "" if names_payer(credit) else credit.label
        if signs not in self.known:
            self.known[signs] = self._of(credit)
        return self.known[signs]

    def _of(self, credit: Credit) -> Payer:
        name = payer_name(credit)
        names = dict.fromkeys((credit.iban, name, credit.payer))
        said = [who for each in names for who in self.tied.like(each)]
        tied, alike = frozenset[str]().union(*said), frozenset(self._alike(credit, name))
        return Payer(
            tied=tied,
            alike=alike,
            never=bool(said) and not (tied or alike),
            own=not self.own.isdisjoint({_sign(credit.iban), _sign(name)} - {""}),
            service=not tied and not SERVICES.isdisjoint(_words(name or credit.label)),
        )

    def _alike(self, credit: Credit, name: str) -> Iterator[str]:
        for each in (name, " ".join(_proper(name))):
            yield from chain.from_iterable(self.customers.like(each))
        words = [] if names_payer(credit) else _words(credit.label)
        for place, word in enumerate(words):
            for proper, identity in self.inside.get(word, ()):
                if words[place : place + len(proper)] == proper:
                    yield identity


def says_refund(credit: Credit) -> bool:
    """Whether the bank's words speak of money that goes back."""
    return not REFUND.isdisjoint(_words(credit.label))


def may_cost_fees(credit: Credit) -> bool:
    """Whether it came from abroad or by card, on which way fees are kept."""
    country = credit.iban.strip()[:2].upper()
    return country not in ("", "FR", "MC") or not (ABROAD | CARD).isdisjoint(_words(credit.label))


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


@lru_cache(maxsize=1 << 14)
def _sign(text: str) -> str:
    """What a name or an IBAN is compared by: its words in any order, an account without its spaces."""
    return " ".join(sorted({*_words("".join(text.split()) if _ACCOUNT.fullmatch(folded(text).strip()) else text)}))


def _proper(name: str) -> list[str]:
    """The words of a name without those of a company's form, nor the « et » that a bank writes for an ampersand."""
    return [word for word in _words(name) if word not in FORMS | {"ET"}]


def _begins(one: str, other: str) -> bool:
    """Whether one is the other cut short."""
    return one.startswith(other) or other.startswith(one)
