"""Money that came in and may be an invoice's: credits in doubt; for a number that is not there, those alike."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.history import NOTHING, History
from relance.core.invoice import ZERO, Invoice, Status, normalised_name, normalised_number, paid_until
from relance.core.morning import Money, Morning
from relance.core.reasons import Uncertain, Unplaced
from relance.core.status import Declared

if TYPE_CHECKING:
    from relance.core.bank import BankState

_MISTYPED_FROM = 4
"""Of so many digits one that is missing, doubled or swapped still tells which number was meant."""


def money_for(invoices: Sequence[tuple[str, Invoice]], morning: Morning) -> Mapping[str, Money]:
    """By key, the invoices that are held because this money may be theirs; each comes with its key."""
    bank, unplaced = morning.history.bank, _unplaced(invoices, morning)
    doubts = uncertain(bank) if bank is not None else ()
    found: dict[str, Money] = {**unplaced, **_declared(morning)}
    return {**found, **{key: money for money in reversed(doubts) for key in money.made.candidates}}


def _declared(morning: Morning) -> Mapping[str, Declared]:
    """By key what was told as collected and may be money that is known already."""
    platform = morning.history.platform
    lives = platform.lives.items() if platform is not None else ()
    return {key: life.doubt for key, life in lives if life.doubt is not None}


def uncertain(bank: "BankState") -> tuple[Uncertain, ...]:
    """The credits in doubt, each with the name that `bank` shows it by."""
    doubts = bank.doubts
    if not doubts:
        return ()
    from relance.core.credit_names import short_names  # imported here: most plans read no statement

    names = short_names([made.credit.identity for made in bank.matches])
    return tuple(Uncertain(made, names[made.credit.identity]) for made in doubts)


def _unplaced(invoices: Sequence[tuple[str, Invoice]], morning: Morning) -> Mapping[str, Unplaced]:
    """What the money of a list of payments holds.

    Nobody asks of what pays an invoice that an earlier run knew, of a row that the user knows, nor once a payment like
    it was told by hand.
    """
    history = morning.history
    open_money = _nowhere(history) if history.unplaced else ()
    if not open_money:
        return {}
    owed = _Owed(invoices, morning)
    found: dict[str, Unplaced] = {}
    for money in open_money:
        keys = owed.nearest(money)
        if not any(_is_told(money, key, history) for key in keys):
            found |= {key: money for key in keys if key not in found}
    return found


def _nowhere(history: History) -> list[Unplaced]:
    """The money of which no run ever saw the invoice, and whose row the user does not know."""
    numbers = {normalised_number(each.number) for each in history.seen.values()}
    return [each for each in history.unplaced if each.row not in history.known and each.number not in numbers]


def _is_told(money: Unplaced, key: str, history: History) -> bool:
    told = history.invoices.get(key, NOTHING).payments
    return any(said.amount == money.amount or said.on == money.on for said in told)


class _Owed:
    """What is owed, by all that money may name it by."""

    def __init__(self, invoices: Iterable[tuple[str, Invoice]], morning: Morning) -> None:
        self.invoices: dict[str, tuple[Invoice, Decimal]] = {}
        self.by: dict[tuple[str, object], list[str]] = {}
        for key, invoice in invoices:
            rest = invoice.total - paid_until(invoice, morning.today)
            if rest > ZERO and invoice.status is Status.OPEN:
                self.invoices[key] = invoice, rest
                for sign in _signs(invoice, rest):
                    self.by.setdefault(sign, []).append(key)

    def nearest(self, money: Unplaced) -> list[str]:
        """The keys of those that most of its amount, customer and digits point to; none where nothing does."""
        by_digits = {key for key in self._numbered_like(_digits(money.number)) if self._same_series(money, key)}
        by_amount, by_payer = set(self.by.get(("amount", money.amount), ())), set(self._of(money.payer))
        scores = {
            key: (key in by_digits) + (key in by_amount) + (key in by_payer)
            for key in by_digits | by_amount | by_payer
            if key in by_digits or self._can_be(money, key, by_payer)
        }
        return [key for key, score in scores.items() if score == max(scores.values())]

    def _numbered_like(self, digits: str) -> Iterator[str]:
        """Those with these digits, one more or fewer, or two swapped: another digit is the next one of the series."""
        yield from self.by.get(("shorter", digits), ())
        for each in {digits, *_one_less(digits), *_swapped(digits)}:
            yield from self.by.get(("digits", each), ())

    def _same_series(self, money: Unplaced, key: str) -> bool:
        """False for few digits behind other letters: G-1 is not F-1."""
        letters = _letters(money.number)
        many = len(_digits(money.number)) >= _MISTYPED_FROM
        return many or not letters or letters == _letters(self.invoices[key][0].number)

    def _of(self, payer: str) -> Iterable[str]:
        return self.by.get(("payer", normalised_name(payer)), ()) if payer else ()

    def _can_be(self, money: Unplaced, key: str, by_payer: set[str]) -> bool:
        """False for what another customer paid, or was paid before the invoice was made, or is more than it."""
        invoice, rest = self.invoices[key]
        late_enough = money.on is None or invoice.issue_date is None or money.on >= invoice.issue_date
        small_enough = money.amount is None or money.amount <= max(rest, invoice.total)
        return late_enough and small_enough and (not money.payer or key in by_payer)


def _signs(invoice: Invoice, rest: Decimal) -> Iterator[tuple[str, object]]:
    """What names an invoice beside its number."""
    yield from (("amount", amount) for amount in {rest, invoice.total})
    yield from (("payer", normalised_name(text)) for text in {invoice.customer.name, invoice.customer.code} if text)
    digits, runs = _digits(invoice.number), _runs(invoice.number)
    yield from (("digits", each) for each in {digits, *runs[-1:]} if each)
    yield from (("shorter", each) for each in _one_less(digits))


def _runs(number: str) -> list[str]:
    return [run.lstrip("0") for run in re.findall("[0-9]+", number)]


def _letters(number: str) -> str:
    return "".join(re.findall(r"[^\W\d_]", number.casefold()))


def _digits(number: str) -> str:
    """All of a number, without letters, signs and the zeros that begin a part of it."""
    return "".join(_runs(number))


def _one_less(digits: str) -> set[str]:
    """A long number with one digit left out."""
    return {digits[:i] + digits[i + 1 :] for i in range(len(digits))} if len(digits) >= _MISTYPED_FROM else set()


def _swapped(digits: str) -> set[str]:
    """A long number with two neighbours swapped."""
    if len(digits) < _MISTYPED_FROM:
        return set()
    return {digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in range(len(digits) - 1)}
