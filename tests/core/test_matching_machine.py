"""Credits in any order, repeated, reversed, settled by hand, undone: no money counts twice, and none is lost."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from relance.core.bank import Books, Hint, Match, Portion, Ruling, Word
from relance.core.invoice import ZERO, Customer, Invoice, Payment, invoice_key, keyed
from relance.core.matching import match
from relance.core.statement import Credit

pytestmark = pytest.mark.slow

OWNERS = [Customer("Ferme des Ormes", code="O"), Customer("Sablier Films", code="S")]
FIRST = date(2026, 10, 1)
INVOICES = [
    Invoice(f"R-2026-10{n}", OWNERS[n % 2], FIRST, Decimal(total), date(2026, 9, 1))
    for n, total in enumerate(["100.00", "100.00", "250.00", "40.00", "350.00"])
]
KEYS = [invoice_key(each) for each in INVOICES]
TIES = {"FERME DES ORMES": ["code:O"], "HOLDING": ["code:O", "code:S"]}
CHARGES = {KEYS[0]: [Decimal("40.00")]}
AMOUNTS = st.sampled_from(
    [Decimal(each) for each in ("40.00", "60.00", "100.00", "140.00", "250.00", "350.00", "390.00")]
)
NUMBERS = st.lists(st.integers(0, 1), max_size=2, unique=True) | st.lists(st.integers(0, 4), max_size=2, unique=True)
PAYERS = st.sampled_from(["FERME DES ORMES", "HOLDING", "SABLIER FILMS", "PERSONNE", ""])


class Credits(RuleBasedStateMachine):
    """A statement that grows, a person who answers and takes answers back, a file that shows payments."""

    def __init__(self) -> None:
        super().__init__()
        self.credits: list[Credit] = []
        self.settled: dict[str, Word] = {}
        self.told: dict[str, list[Payment]] = {}

    @rule(amount=AMOUNTS, numbers=NUMBERS, payer=PAYERS, day=st.integers(0, 40))
    def receive(self, amount: Decimal, numbers: list[int], payer: str, day: int) -> None:
        """Money comes in."""
        label = " ".join(INVOICES[n].number for n in numbers) + " MERCI"
        identity = f"c{len(self.credits):03d}"
        self.credits.append(Credit(identity, FIRST + timedelta(day), amount, "EUR", payer, label=label))

    @precondition(lambda self: self.credits)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Another export tells a credit again."""
        self.credits.append(data.draw(st.sampled_from(self.credits)))

    @precondition(lambda self: self.credits)
    @rule(data=st.data(), days=st.integers(0, 35))
    def reverse(self, data: st.DataObject, days: int) -> None:
        """The bank takes one back, or too late to be told."""
        one = data.draw(st.sampled_from(self.credits))
        if one.amount > 0:
            back = one._replace(identity=f"b{len(self.credits):03d}", on=one.on + timedelta(days), amount=-one.amount)
            self.credits.append(back)

    @precondition(lambda self: self.credits)
    @rule(data=st.data(), count=st.integers(0, 2), day=st.one_of(st.none(), st.integers(0, 60)))
    def settle(self, data: st.DataObject, count: int, day: int | None) -> None:
        """A person says what a credit pays, which may be nothing or too much; without a day a run noted it."""
        one = data.draw(st.sampled_from(self.credits))
        keys = data.draw(st.lists(st.sampled_from(KEYS), min_size=count, max_size=count, unique=True))
        portions = tuple(Portion(key, data.draw(AMOUNTS)) for key in keys)
        self.settled[one.identity] = Word(portions, None if day is None else FIRST + timedelta(day))

    @precondition(lambda self: self.settled)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """The answer is taken back."""
        del self.settled[data.draw(st.sampled_from(sorted(self.settled)))]

    @rule()
    def note(self) -> None:
        """A run notes what is matched; the next one sees the same."""
        new = {name: each for name, each in self.found().items() if self.is_new(each)}
        self.settled |= {name: Word(each.pays) for name, each in new.items()}
        after = self.found()
        assert {name: amounts(each) for name, each in new.items()} == {name: amounts(after[name]) for name in new}

    @rule(place=st.integers(0, len(KEYS) - 1), amount=AMOUNTS, day=st.one_of(st.none(), st.integers(0, 40)))
    def show(self, place: int, amount: Decimal, day: int | None) -> None:
        """The file shows a payment."""
        on = None if day is None else FIRST + timedelta(day)
        self.told.setdefault(KEYS[place], []).append(Payment(amount, on))

    def is_new(self, each: Match) -> bool:
        """Whether it was matched just now, and adds something."""
        new = each.credit.identity not in self.settled
        return new and each.verdict is Ruling.MATCHED and not any(portion.known for portion in each.pays)

    def found(self, credits: list[Credit] | None = None) -> dict[str, Match]:
        """What is made of all, by identity."""
        books = Books(keyed(INVOICES), FIRST + timedelta(45), self.told, CHARGES, TIES, self.settled)
        found = match(self.credits if credits is None else credits, books)
        assert len(found) == len({each.credit.identity for each in found})
        return {each.credit.identity: each for each in found}

    @invariant()
    def each_credit_is_told_once_whatever_the_order(self) -> None:
        """Nothing is lost, nothing counts twice."""
        found = self.found()
        assert list(found) == list(dict.fromkeys(each.identity for each in self.credits))
        assert found == self.found(self.credits[::-1])

    @invariant()
    def no_more_is_given_than_came(self) -> None:
        """Of one credit, and of all that were not taken back."""
        for each in self.found().values():
            given = sum((portion.amount for portion in each.pays), ZERO)
            if each.verdict is not Ruling.MATCHED:
                assert not each.pays
            elif each.credit.identity in self.settled:
                assert ZERO < given <= each.credit.amount
            else:
                assert given == each.credit.amount
                assert all(portion.amount > 0 for portion in each.pays)

    @invariant()
    def no_invoice_takes_more_than_is_open(self) -> None:
        """But for charges that were claimed, and what a person said; a known payment is one credit's at most."""
        new, known, by_hand = (defaultdict[str, Decimal](Decimal) for _ in range(3))
        for each in self.found().values():
            for portion in each.pays:
                (known if portion.known else new)[portion.invoice] += portion.amount
        for word in self.settled.values():
            for portion in word.portions:
                by_hand[portion.invoice] += portion.amount
        for key, invoice in keyed(INVOICES):
            shown = sum((each.amount for each in self.told.get(key, ())), ZERO)
            rest, most = max(invoice.total - shown, ZERO), sum(CHARGES.get(key, ()), ZERO)
            assert new[key] <= by_hand[key] + rest + most
            assert known[key] <= shown

    @invariant()
    def what_was_taken_back_pays_nothing(self) -> None:
        """Unless a person said so after it; as many credits are in doubt as came back."""
        found = self.found()
        for each in found.values():
            if Hint.TAKEN_BACK in {clue.kind for clue in each.because}:
                assert each.verdict is not Ruling.MATCHED
        backs = {each.identity: each for each in self.credits if each.amount < 0 and each.identity not in self.settled}
        told = [found[name] for name in backs if found[name].because[0].kind is Hint.REVERSAL]
        taken = [each for each in found.values() if Hint.TAKEN_BACK in {clue.kind for clue in each.because}]
        overruled = [each for name, each in found.items() if name in self.settled]
        assert len(told) <= len(taken) + len(overruled)

    @invariant()
    def what_names_an_invoice_is_never_passed_over(self) -> None:
        """It pays, or it is asked about."""
        for name, each in self.found().items():
            if "R-2026-" in each.credit.label and each.credit.amount > 0 and name not in self.settled:
                assert each.verdict is not Ruling.OTHER
                assert each.because


def amounts(found: Match) -> list[tuple[str, Decimal]]:
    """What it pays."""
    return [(each.invoice, each.amount) for each in found.pays]


TestCredits = Credits.TestCase
TestCredits.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
