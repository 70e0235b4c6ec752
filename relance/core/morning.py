"""What is known on one morning: the day, what happened before, the rules, and what the file as a whole tells."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from relance.core.history import History, Seen
from relance.core.interest import DEFAULT_RATE
from relance.core.policy import DunningPolicy
from relance.core.reasons import Uncertain, Unplaced
from relance.core.status import Declared

Money = Unplaced | Uncertain | Declared
"""What came in and may be an invoice's: a row of a list of payments, or a credit of the bank."""


class CreditNote(NamedTuple):
    """What is left of a credit note that no invoice was told to take, as a positive amount."""

    key: str
    number: str
    amount: Decimal


class Surroundings(NamedTuple):
    """What one invoice has to know of the others.

    `credits` are open credit notes by (customer id, currency); `renumbered` tells by new key what an invoice was
    seen as before, `returned` by key since when one that comes back was gone; `unread` are those of which nobody
    knows whether they are gone, for a row that cannot be read may be theirs; `shrunk` that too much is gone at
    once and nobody confirmed it. `elsewhere` are the keys of those whose address was another customer's, `mixed` tells
    that this is so of several customers, or that sums moved among invoices, and nobody confirmed it; `money` is what
    came in and may be an invoice's, by its key.
    """

    credits: Mapping[tuple[str, str], tuple[CreditNote, ...]] = MappingProxyType({})
    renumbered: Mapping[str, Seen] = MappingProxyType({})
    returned: Mapping[str, date] = MappingProxyType({})
    vanished: tuple[Seen, ...] = ()
    unread: tuple[Seen, ...] = ()
    shrunk: bool = False
    elsewhere: frozenset[str] = frozenset()
    mixed: bool = False
    money: Mapping[str, Money] = MappingProxyType({})


class Morning(NamedTuple):
    """What every decision of a day is made from; `around` is what the file as a whole tells."""

    today: date
    history: History
    policy: DunningPolicy
    around: Surroundings = Surroundings()


def in_force(policy: DunningPolicy, history: History) -> DunningPolicy:
    """The rules, the rate of the law in place of one that the user says he never agreed (L441-10 II C. com.)."""
    terms = policy.interest
    if history.rates.get(terms.rate, True):
        return policy
    return policy._replace(interest=terms._replace(rate=DEFAULT_RATE))
