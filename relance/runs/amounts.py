"""An amount as a person types it, and the currency that it names, if it does."""

from decimal import Decimal
from typing import NamedTuple

from relance.errors import UsageError


class Typed(NamedTuple):
    """An amount as it was typed (`text`), read; `currency` is empty where the words name none."""

    amount: Decimal
    currency: str
    text: str


def read_amount(text: str) -> Typed:
    """An amount that a person types, by the rule of the file's amounts.

    UsageError where it is none, or may mean two things: 1.200 is one thousand or one, and no column around it decides.
    """
    from relance.sources.amounts import Share, read_amounts
    from relance.sources.values import shown

    amounts, currencies = read_amounts([text])
    amount = amounts[text]
    if isinstance(amount, Decimal):
        return Typed(amount, currencies.get(text, ""), shown(text))
    if amount is None or isinstance(amount, Share):
        raise UsageError(f"« {shown(text)} » n’est pas un montant : écrivez-le comme 1200,50.")
    raise UsageError(amount.message)


def amount_in(currency: str, typed: Typed, what: str = "") -> Decimal:
    """The amount, where it names this currency or none; `what` is what is owed in it (EUR: what is computed in it)."""
    if typed.currency in ("", currency):
        return typed.amount
    where = f"{what} est en {currency}" if what else f"ce montant se donne en {currency}"
    raise UsageError(
        f"« {typed.text} » : {where}.",
        "Écrivez le montant dans cette devise, ou sans devise, comme 1200,50.",
    )
