"""What the seller told his platform as collected (status 212): payments, as far as nothing else tells of that money."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from relance.core.bank import Books, Match, Portion, Ruling, Word
from relance.core.invoice import ZERO, Payment
from relance.core.ledger import NEAR, SAME_MONTH, Debt, Ledger
from relance.core.lifecycle import Effect, status_kind
from relance.core.statement import Credit
from relance.core.status import Declared, Lifecycle, StatusTold


def credits_of(lives: Mapping[str, Lifecycle], currencies: Mapping[str, str]) -> dict[Credit, StatusTold]:
    """Each 212 with an amount as money that came in on its day; currencies are by invoice key, as the lives.

    What names it has the number under which it was told, of whichever invoice that is by now.
    """
    priced = ((key, each, each.amount) for key, life in lives.items() for each in collections(life))
    return {
        Credit(_identity(each), each.day, amount, currencies[key], reference=key): each
        for key, each, amount in priced
        if amount is not None
    }


def collections(life: Lifecycle) -> list[StatusTold]:
    """What was told as collected of one invoice."""
    return [each for each in life.told if status_kind(each).effect is Effect.COLLECTED]


def _identity(status: StatusTold) -> str:
    when = status.dated.isoformat() if status.dated is not None else ""
    return " ".join(filter(None, ("status 212", status.invoice, when, status.hour, str(status.amount))))


def collected(credits: Mapping[Credit, StatusTold], books: Books) -> tuple[Match, ...]:
    """What each of them pays of the invoice that it is of (its `reference`), by day.

    What the file, the bank or the user told of that money counts once. Where nobody knows whether they did, the
    invoice is a candidate.
    """
    ledger = Ledger(books)
    taken_back = _taken_back(credits)
    found = []
    for credit in sorted(credits, key=lambda each: (each.on, each.identity)):
        debt = ledger.debts.get(credit.reference)
        if debt is None:
            continue
        if credit in taken_back or credit.amount <= 0:
            made = Match(credit, Ruling.DOUBT, candidates=(debt.key,))
        else:
            made = _judged(credit, debt, ledger, books.settled.get(credit.identity))
        if made.verdict is Ruling.MATCHED:
            ledger.give(made.pays)
        found.append(made)
    return tuple(found)


def _taken_back(credits: Iterable[Credit]) -> set[Credit]:
    """Those that a negative one of the same invoice and sum takes back."""
    back = {(each.reference, -each.amount): each for each in credits if each.amount < 0}
    return {each for each in credits if each.amount > 0 and (each.reference, each.amount) in back}


def _judged(credit: Credit, debt: Debt, ledger: Ledger, word: Word | None) -> Match:
    if word is not None:
        return _noted(credit, debt, ledger, word)
    if known := _claimed(credit, debt, ledger):
        return Match(credit, Ruling.MATCHED, known)
    if not debt.open:  # what is paid is paid, by whatever
        return Match(credit, Ruling.MATCHED, (Portion(debt.key, credit.amount, known=True),))
    if ledger.is_unclear(credit, debt) or not _can_pay(credit, debt):
        return Match(credit, Ruling.DOUBT, candidates=(debt.key,))
    return Match(credit, Ruling.MATCHED, (Portion(debt.key, credit.amount),))


def _noted(credit: Credit, debt: Debt, ledger: Ledger, word: Word) -> Match:
    """What an earlier run made of it; what the file shows of that by now is no payment of another one."""
    for part in word.portions:
        if part.known:
            _claimed(credit._replace(amount=part.amount), debt, ledger)
    return Match(credit, Ruling.MATCHED, word.portions)


def _can_pay(credit: Credit, debt: Debt) -> bool:
    """Whether all of it can be a payment: what is open at most, or with the charges that a message claimed."""
    over = credit.amount - debt.open
    return debt.is_payable and debt.is_made(credit) and (over <= 0 or over in debt.charges)


def _claimed(credit: Credit, debt: Debt, ledger: Ledger) -> tuple[Portion, ...]:
    """What is known already of this money: an equal payment of the month before it was told, else parts of its day."""
    twin = next((paid for paid in debt.known if paid.amount == credit.amount and _may_be(paid, credit.on)), None)
    if twin is not None:
        debt.known.remove(twin)
        return (Portion(debt.key, credit.amount, known=True),)
    return ledger.claim(credit, [debt])


def _may_be(paid: Payment, told: date) -> bool:
    return paid.on is not None and told - SAME_MONTH <= paid.on <= told + NEAR


def unpriced(life: Lifecycle, known: Iterable[Payment], outstanding: Decimal) -> Declared | None:
    """The last 212 without an amount while something is open, and no money is known that it may be of."""
    told = [each for each in collections(life) if each.amount is None]
    if not told or outstanding <= ZERO or any(_may_be_told(paid, told[-1].day) for paid in known):
        return None
    return Declared(told[-1])


def _may_be_told(paid: Payment, told: date) -> bool:
    """Whether a payment may be what was told as collected that day; one without a day may."""
    return not paid.credit and paid.amount > 0 and (paid.on is None or _may_be(paid, told))
