"""An amount as a person types it, and the currency that it names, if it does."""

import re
from decimal import Decimal
from typing import NamedTuple

from relance.errors import Again, UsageError
from relance.french import eur


class Typed(NamedTuple):
    """An amount as it was typed (`text`), read; `currency` is empty where the words name none."""

    amount: Decimal
    currency: str
    text: str

    @property
    def shown(self) -> str:
        """As a person reads it; euros where no currency was typed."""
        return eur(self.amount, self.currency or "EUR")

    @property
    def plain(self) -> str:
        """As it is typed in one word: 2500 or 1234,50, with its currency where that is not the euro."""
        return plain_amount(self.amount) + ("" if self.currency in ("", "EUR") else f" {self.currency}")


def read_amount(text: str) -> Typed:
    """An amount that a person types, by the rule of the file's amounts.

    UsageError where it is none, or may mean two things: 1.200 is one thousand or one, and no column around it decides.
    """
    from relance.sources.amounts import read_amounts
    from relance.sources.values import shown

    amounts, currencies = read_amounts([text])
    amount = amounts[text]
    if isinstance(amount, Decimal):
        return Typed(amount, currencies.get(text, ""), shown(text))
    both = _of_two_meanings(text)
    if both:
        meant = [each.shown for each in both]
        again = [Again(text, each.plain, about=each.shown if len(both) > 1 else "") for each in both]
        raise UsageError(f"« {shown(text)} » : {' ou '.join(meant)} ?", again=again)
    bare = _figures_of(text)
    again = [Again(text, bare)] if bare and isinstance(read_amounts([bare])[0][bare], Decimal) else []
    raise UsageError(f"Montant illisible : « {shown(text)} ».", "" if again else "Exemple : 1234,50.", again)


def plain_amount(amount: Decimal) -> str:
    """An amount as it is typed in one word: 2500, 1234,50."""
    return f"{amount:.2f}".removesuffix(".00").replace(".", ",")


def _figures_of(text: str) -> str:
    """The figures of an amount between signs that say nothing; empty where letters may say something: HT, k, %."""
    found = re.fullmatch(r"[=~:]?\s*([0-9][0-9 \u00a0\u202f.,]*?)\s*(?:€?\.?|e|€?uros?)?", text.strip(), re.IGNORECASE)
    return found[1] if found else ""


def _of_two_meanings(text: str) -> list[Typed]:
    """What 1.200 may mean: a thousand two hundred, or one and a fraction, where that is one of cents."""
    found = re.fullmatch(r"([0-9]{1,3})[.,]([0-9]{2})([0-9])\s*(?:€|EUR|euros?)?", text.strip(), re.IGNORECASE)
    if found is None or found[1].startswith("0"):
        return []
    whole, cents, last = found.groups()
    readings = [Decimal(f"{whole}{cents}{last}.00")] + ([Decimal(f"{whole}.{cents}")] if last == "0" else [])
    return [Typed(each, "", text) for each in readings]


def amount_in(currency: str, typed: Typed, what: str = "") -> Decimal:
    """The amount, where it names this currency or none; `what` is what is owed in it (EUR: what is computed in it)."""
    if typed.currency in ("", currency):
        return typed.amount
    where = f"{what} est en {currency}" if what else f"ce montant se donne en {currency}"
    bare = Again(typed.text, plain_amount(typed.amount))
    raise UsageError(f"« {typed.text} » : {where}.", f"Si le montant est bien en {currency} :", [bare])
