"""Which credits a bank took back: an entry of the same amount, negative, soon after."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from relance.core.payers import payer_name
from relance.core.references import folded
from relance.core.statement import Credit

WITHIN = timedelta(days=31)
"""A transfer comes back within ten working days, a rejected cheque or direct debit within weeks."""


class Reversals(NamedTuple):
    """By identity: the entry that took a credit back, and the credits that such an entry may take back."""

    taker: dict[str, Credit]
    taken: dict[str, list[Credit]]


def reversals(credits: Iterable[Credit]) -> Reversals:
    """Pairs them by day; where several credits may be meant and nothing tells them apart, all are."""
    ordered = sorted(credits, key=lambda credit: (credit.on, credit.identity))
    found = Reversals({}, {})
    for back in ordered:
        if back.amount < 0:
            meant = _meant(back, [each for each in ordered if each.identity not in found.taker])
            found.taker.update((each.identity, back) for each in meant)
            found.taken[back.identity] = meant
    return found


def _meant(back: Credit, free: Iterable[Credit]) -> list[Credit]:
    may = [each for each in free if _may_take(back, each)]
    return [each for each in may if _signs(back) & _signs(each)][-1:] or may


def _may_take(back: Credit, credit: Credit) -> bool:
    same = (credit.amount, credit.currency) == (-back.amount, back.currency)
    return same and _is_one_account(back, credit) and credit.on <= back.on <= credit.on + WITHIN


def _is_one_account(one: Credit, other: Credit) -> bool:
    """False where both files name their account, and not the same: a statement in CSV often names none."""
    return len({one.account, other.account} - {""}) < 2


def _signs(credit: Credit) -> set[str]:
    """What two entries of one transfer have in common: who paid, from where, under which reference."""
    return {folded(each).strip() for each in (payer_name(credit), credit.iban, credit.reference)} - {"", "NOTPROVIDED"}
