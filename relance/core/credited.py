"""What was said of the credits of the bank, folded: the payments, the word on each credit, who each payer is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from relance.core.facts import Confirmed, Credited, Fact, Paid

if TYPE_CHECKING:
    from relance.core.bank import Word


def last_words(told: Iterable[Fact]) -> list[Fact]:
    """These facts without what was said of a credit before the last word on it."""
    facts = tuple(told)
    last = {fact.credit: place for place, fact in enumerate(facts) if isinstance(fact, Credited)}
    return [fact for n, fact in enumerate(facts) if not isinstance(fact, Credited) or last[fact.credit] == n]


def with_payments(told: Iterable[Fact]) -> Iterator[Fact]:
    """These facts, each credit as the payments that it adds to what was known."""
    for fact in told:
        if isinstance(fact, Credited):
            yield from payments_of(fact)
        else:
            yield fact


def payments_of(said: Credited) -> Iterator[Paid]:
    """What a credit adds, paid on its own day; what was known before is counted where it was told."""
    for share in said.shares:
        if not share.known:
            yield Paid(share.invoice, share.amount, said.dated, share.shown, said.on, said.credit)


def words(told: Sequence[Fact]) -> dict[str, "Word"]:
    """By a credit's identity what was said of it, its invoices under the numbers that they have now.

    A payment has one heir here, the last one: of a credit no more is given than came.
    """
    said = [fact for fact in told if isinstance(fact, Credited)]
    if not said:
        return {}
    from relance.core.bank import Portion, Word  # imported here: most plans read no statement

    moved = [fact for fact in told if isinstance(fact, Confirmed) and fact.was]
    return {
        fact.credit: Word(
            tuple(Portion(_present_key(each.invoice, moved), each.amount, each.known) for each in fact.shares),
            fact.on if fact.by_hand else None,
        )
        for fact in said
    }


def _present_key(key: str, moved: Iterable[Confirmed]) -> str:
    for fact in moved:
        if fact.was == key:
            key = fact.invoice
    return key


def payers(told: Iterable[Fact]) -> Mapping[str, tuple[str, ...]]:
    """By IBAN or name the identities of the customers that a person tied to it; none is one who never pays."""
    tied: dict[str, tuple[str, ...]] = {}
    for fact in told:
        if isinstance(fact, Credited):
            for name in filter(None, (fact.iban, fact.payer)):
                tied[name] = tuple(dict.fromkeys((*tied.get(name, ()), *fact.customers)))
    return tied
