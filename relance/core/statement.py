"""Money that came in, as a bank tells it: the credits of a statement, and what a file of them covers."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Credit(NamedTuple):
    """One entry of an account that money came in by; `amount` is negative where a bank took such an entry back.

    `identity` is the same in every export that has it: account, the bank's own number, day and amount; without a number
    the label and the rank among equals of that day. `payer` and `iban` are of who paid, `label` all that the bank wrote
    of it, `reference` the end-to-end one; each is empty where the file does not tell. `account` is the user's own, as
    the file names it.
    """

    identity: str
    on: date
    amount: Decimal
    currency: str
    payer: str = ""
    iban: str = ""
    label: str = ""
    reference: str = ""
    account: str = ""
