"""What the command line asks of every story."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from relance.errors import UsageError
from relance.french import typeset


class Request(NamedTuple):
    """The invoice file, the settings file, the day (None: as the settings and the clock say)."""

    file: Path | None = None
    config: Path | None = None
    today: date | None = None


def read_amount(text: str) -> Decimal:
    """An amount that a person types, in EUR or without its currency, by the rule of the file's amounts.

    UsageError where it is none, or may mean two things: 1.200 is one thousand or one, and no column around it decides.
    """
    from relance.sources.amounts import read_amounts
    from relance.sources.values import shown

    amounts, currencies = read_amounts([text])
    amount = amounts[text]
    if isinstance(amount, Decimal) and currencies.get(text, "EUR") == "EUR":
        return amount
    if isinstance(amount, Decimal) or amount is None:
        raise UsageError(typeset(f"« {shown(text)} » n’est pas un montant : écrivez-le comme 1200,50, sans devise."))
    raise UsageError(typeset(amount.message))
