"""Which credit pays which invoice: precision first, and never on the amount alone (design: money that came in).

By itself a credit pays in two cases. Its label names invoices, and it is no more than what is open on them. Or a person
tied its payer to a customer, and exactly one open invoice of that customer, or one set of up to four, has its sum.
Whatever else may be a payment is a doubt with its candidates.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice

from relance.core.bank import Books, Clue, Hint, Match, Portion, Ruling, Word
from relance.core.invoice import ZERO
from relance.core.ledger import (
    CLOSE,
    NEAR,
    SAME_MONTH,
    Debt,
    Ledger,
    keys_of,
    oldest_first,
    owners_of,
    total_open,
)
from relance.core.payers import Payer, Payers, may_cost_fees, says_refund
from relance.core.references import Named, References
from relance.core.reversals import Reversals, reversals
from relance.core.statement import Credit
from relance.core.sums import MOST, sets_of

FEE_SHARE, MOST_FEES = Decimal("0.01"), Decimal(15)
"""What is missing at most where fees were kept on the way: of what is open, and in the currency."""
SERVICE_SHARE = Decimal("0.05")
"""What a service that collects payments keeps at most."""
_MANY_DIGITS = 6
"""Digits that are hardly by chance those of an invoice, even without its letters."""
_LISTED = 50
"""Sets of invoices that a doubt looks at."""


def match(credits: Iterable[Credit], books: Books) -> tuple[Match, ...]:
    """What each credit pays, in the order given; one of an identity that came before is left out.

    The order changes nothing: what was said before counts first, then what names invoices, then the rest, by day.
    """
    return match_all(credits, books)[0]


def match_all(credits: Iterable[Credit], books: Books) -> tuple[tuple[Match, ...], Mapping[str, Decimal]]:
    """The same, and by invoice key what all of them leave open."""
    first: dict[str, Credit] = {}
    for credit in credits:
        first.setdefault(credit.identity, credit)
    made = _Matching(books, first)
    return made.matches(), {key: debt.open for key, debt in made.ledger.debts.items()}


class _Matching:
    """The books, while the credits are given out."""

    def __init__(self, books: Books, credits: dict[str, Credit]) -> None:
        self.books, self.credits = books, credits
        self.ledger, self.payers = Ledger(books), Payers(books)
        references = References(books.invoices)
        new = (each for each in credits.values() if each.identity not in books.settled)
        self.named = {each.identity: references.named(each) for each in new}
        self.reversals: Reversals = reversals(filter(self._counts, credits.values()))

    def matches(self) -> tuple[Match, ...]:
        ordered = sorted(self.credits.values(), key=lambda each: (self._rank(each), each.on, each.identity))
        found = {credit.identity: self._matched(credit) for credit in ordered}
        return tuple(found[identity] for identity in self.credits)

    def _counts(self, credit: Credit) -> bool:
        """False for an entry that a person said takes back none of these."""
        return credit.amount > 0 or credit.identity not in self.books.settled

    def _rank(self, credit: Credit) -> int:
        named = self.named.get(credit.identity)
        if named is None:
            return 0
        return 1 if named.sure or named.cut else 2

    def _matched(self, credit: Credit) -> Match:
        made = self._judged(credit)
        if made.verdict is Ruling.MATCHED:
            self.ledger.give(made.pays)
        return made

    def _judged(self, credit: Credit) -> Match:
        word, back = self.books.settled.get(credit.identity), self.reversals.taker.get(credit.identity)
        if word is not None and (back is None or not word.portions or (word.on is not None and back.on <= word.on)):
            return self._settled(credit, word)
        if credit.amount <= 0:
            return self._taking_back(credit)
        if word is not None:
            made = _doubt(credit, _invoices(word.portions), Clue(Hint.SETTLED))
        else:
            made = self._found(credit, self.payers.of(credit))
        return _suspended(made, *([Clue(Hint.TAKEN_BACK, on=back.on)] if back is not None else []))

    def _settled(self, credit: Credit, word: Word) -> Match:
        if not word.portions:
            return _other(credit, Hint.NOT_OURS)
        over = _total(word.portions) - credit.amount
        if over > 0:
            return _doubt(credit, _invoices(word.portions), Clue(Hint.SETTLED, amount=over))
        portions = tuple(self._absorbed(credit, each) for each in word.portions)
        return Match(credit, Ruling.MATCHED, portions, because=(Clue(Hint.SETTLED, _invoices(portions)),))

    def _absorbed(self, credit: Credit, portion: Portion) -> Portion:
        """What the books show by now is no payment of another credit."""
        debts, part = self.ledger.of_keys([portion.invoice]), credit._replace(amount=portion.amount)
        if portion.known and debts and not self.ledger.claim(part, debts):
            self.ledger.claim_part(part, debts[0], SAME_MONTH)
        return portion

    def _taking_back(self, credit: Credit) -> Match:
        taken = self.reversals.taken.get(credit.identity, ())
        if taken:
            return Match(credit, Ruling.OTHER, because=tuple(Clue(Hint.REVERSAL, on=each.on) for each in taken))
        named = self.named[credit.identity]
        keys = named.sure + named.cut
        if keys or self.payers.of(credit).customers:
            return _doubt(credit, keys, *([Clue(Hint.REFERENCE, keys)] if keys else []), Clue(Hint.REFUND))
        return _other(credit, Hint.REFUND)

    def _found(self, credit: Credit, payer: Payer) -> Match:
        named = self.named[credit.identity]
        made = self._unconfirmed(credit, payer, named)
        few = named.faint + named.short
        if self._names_another(made, named):
            made = _suspended(made, Clue(Hint.FAINT, few))
        if made.verdict is Ruling.DOUBT and few:
            due = self.ledger.due_of(few, credit)
            candidates = tuple(dict.fromkeys((*made.candidates, *keys_of(due))))
            made = _suspended(made._replace(candidates=candidates), Clue(Hint.FAINT, few))
        against = {Hint.OWN: payer.own, Hint.NOT_OURS: payer.never, Hint.REFUND: says_refund(credit)}
        return _suspended(made, *(Clue(hint) for hint, holds in against.items() if holds))

    def _names_another(self, made: Match, named: Named) -> bool:
        """Whether it would pay by its sum what is not what its label seems to name."""
        pays = {part.invoice for part in made.pays}
        return bool(named.short) and not (named.sure or named.cut) and pays.isdisjoint(named.short)

    def _unconfirmed(self, credit: Credit, payer: Payer, named: Named) -> Match:
        if named.sure or named.cut:
            return _ByReference(self.ledger, credit, payer, named).match()
        if payer.own or payer.never:
            return _other(credit, Hint.OWN if payer.own else Hint.NOT_OURS)
        if payer.service:
            return self._of_service(credit)
        if named.shared:
            due = self.ledger.due_of(named.shared, credit)
            return _doubt(credit, keys_of(due), Clue(Hint.SHARED, named.shared))
        if payer.customers:
            return _ByPayer(self.ledger, credit, payer).match()
        return self._of_stranger(credit, named)

    def _of_service(self, credit: Credit) -> Match:
        most = credit.amount / (1 - SERVICE_SHARE)
        debts = self.ledger.debts.values()
        due = [each for each in debts if credit.amount <= each.open <= most and each.is_due(credit)]
        return _doubt(credit, keys_of(due), Clue(Hint.AGGREGATOR))

    def _of_stranger(self, credit: Credit, named: Named) -> Match:
        """Nothing but an amount, or digits: asked where they are an open invoice's; digits, many or said to be so."""
        equal = keys_of(self.ledger.equal_to(credit))
        if equal:
            return _doubt(credit, equal, Clue(Hint.SAME_AMOUNT, equal))
        due = self.ledger.due_of(named.faint, credit)
        told = [debt for debt in due if sum(map(str.isdigit, debt.invoice.number)) >= _MANY_DIGITS]
        told += self.ledger.due_of(named.short, credit)
        return _doubt(credit, keys_of(told)) if told else _other(credit, Hint.NOTHING)


class _ByReference:
    """A credit that names invoices."""

    def __init__(self, ledger: Ledger, credit: Credit, payer: Payer, named: Named) -> None:
        self.ledger, self.credit, self.payer, self.named = ledger, credit, payer, named
        self.debts = ledger.of_keys(named.sure + named.cut)
        self.due = [debt for debt in self.debts if debt.is_due(credit)]
        self.rest = total_open(self.debts)
        self.clue = Clue(Hint.REFERENCE, keys_of(self.debts))

    def match(self) -> Match:
        if known := self._known():
            return _matched(self.credit, known, self.clue, Clue(Hint.KNOWN, _invoices(known)))
        if (barred := self._barred()) is not None:
            return self._doubt(barred)
        if self.credit.amount == self.rest:
            return _matched(self.credit, _whole(self.due), self.clue, Clue(Hint.EXACT, keys_of(self.due)))
        return self._of_charges() or (self._above() if self.credit.amount > self.rest else self._part())

    def _known(self) -> tuple[Portion, ...]:
        """What the books hold: of its day, and where nothing is open any, whole or in parts."""
        known = self.ledger.claim(self.credit, self.debts, NEAR if not self.rest else CLOSE)
        if not known and not self.rest and len(self.debts) == 1:
            known = self.ledger.claim_part(self.credit, self.debts[0])
        return known

    def _barred(self) -> Clue | None:
        """Why not even the exact amount is a payment."""
        bars: dict[Hint, Callable[[Debt], bool]] = {
            Hint.CURRENCY: self._is_foreign,
            Hint.EARLY: self._is_early,
            Hint.CLOSED: self._is_closed,
            Hint.PAID: self._is_paid,
            Hint.UNCLEAR: partial(self.ledger.is_unclear, self.credit),
        }
        found = (Clue(hint, keys_of(filter(bar, self.debts))) for hint, bar in bars.items())
        return next((clue for clue in found if clue.invoices), None)

    def _is_foreign(self, debt: Debt) -> bool:
        return debt.invoice.currency != self.credit.currency

    def _is_early(self, debt: Debt) -> bool:
        return not debt.is_made(self.credit)

    def _is_closed(self, debt: Debt) -> bool:
        return not debt.is_payable

    def _is_paid(self, debt: Debt) -> bool:
        """Nothing of what it names is open, or one that is paid is as much as came."""
        return not debt.open and (not self.rest or debt.invoice.total == self.credit.amount)

    def _of_charges(self) -> Match | None:
        """The principal with the charges that messages claimed, as one exact case; of one invoice, of any message."""
        over = self.credit.amount - self.rest
        charges = [debt.charges for debt in self.due]
        if len(self.due) != len(self.debts) or not all(charges):
            return None
        latest = [each[-1] for each in charges]
        if len(charges) == 1 and over in charges[0]:
            latest = [over]
        if over != sum(latest, ZERO):
            return None
        portions = (Portion(debt.key, debt.open + each) for debt, each in zip(self.due, latest, strict=True))
        return _matched(self.credit, tuple(portions), self.clue, Clue(Hint.CHARGES, keys_of(self.due), amount=over))

    def _above(self) -> Match:
        """More than it names: with a payer who is known, the one set that has the sum."""
        only = self._only_set()
        if only and self.payer.is_certain and owners_of(self.debts) <= self.payer.tied:
            payer = Clue(Hint.PAYER, customers=tuple(sorted(self.payer.tied)))
            clues = self.clue, payer, Clue(Hint.EXACT, keys_of(only)), Clue(Hint.ONLY)
            return _matched(self.credit, _whole(only), *clues)
        return self._doubt(Clue(Hint.ABOVE, amount=self.credit.amount - self.rest), *only)

    def _only_set(self) -> list[Debt]:
        """What the customers owe that has the sum and holds all that is named, if only one set does."""
        owed = (debt for debt in self.ledger.owed_by(owners_of(self.debts)) if debt.is_due(self.credit))
        sets = _sets(self.credit.amount, [*owed])
        return sets[0] if len(sets) == 1 and set(self.due) <= set(sets[0]) else []

    def _part(self) -> Match:
        if (doubt := self._not_a_part()) is not None:
            return self._doubt(doubt, *self.ledger.due_of(doubt.invoices, self.credit))
        sets = _sets(self.credit.amount, self.due)
        if len(sets) > 1:
            return self._doubt(Clue(Hint.SEVERAL))
        left = Clue(Hint.PART, keys_of(self.due), amount=self.rest - self.credit.amount)
        return _matched(self.credit, oldest_first(self.credit.amount, sets[0] if sets else self.due), self.clue, left)

    def _not_a_part(self) -> Clue | None:
        """Why less than what is open is no payment of a part."""
        owners, short = owners_of(self.debts), self.rest - self.credit.amount
        payers, equal, unsure = self.payer.customers, self._equal(owners), self.named.cut + self.named.short
        doubts = {
            Hint.AGGREGATOR: self.payer.service,
            Hint.SHARED: self.named.shared,
            Hint.FAINT: unsure,
            Hint.OWNERS: len(owners) > 1,
            Hint.OTHER_PAYER: payers and payers.isdisjoint(owners),
            Hint.OTHER_INVOICE: equal,
            Hint.FEES: short <= min(self.rest * FEE_SHARE, MOST_FEES) and self._may_cost_fees(),
        }
        shown = {Hint.SHARED: self.named.shared, Hint.FAINT: unsure, Hint.OTHER_INVOICE: keys_of(equal)}
        found = (Clue(hint, shown.get(hint, ()), amount=short) for hint, holds in doubts.items() if holds)
        return next(found, None)

    def _equal(self, owners: frozenset[str]) -> list[Debt]:
        """What is not named, and as much as came."""
        equal = self.ledger.equal_to(self.credit)
        return [debt for debt in equal if debt.owner in owners and debt not in self.debts]

    def _may_cost_fees(self) -> bool:
        vat = {debt.invoice.customer.vat_number[:2].upper() for debt in self.debts}
        return may_cost_fees(self.credit) or not vat <= {"", "FR"}

    def _doubt(self, clue: Clue, *others: Debt) -> Match:
        """Held are those that it names, and where it names a paid one those that are as much."""
        twins = self._equal(owners_of(self.debts)) if clue.kind is Hint.PAID else []
        held = [debt for debt in self.debts if debt.open]
        return _doubt(self.credit, keys_of([*held, *others, *twins]), self.clue, clue)


class _ByPayer:
    """A credit without a number, of one or more customers."""

    def __init__(self, ledger: Ledger, credit: Credit, payer: Payer) -> None:
        self.ledger, self.credit, self.payer = ledger, credit, payer
        self.owed = ledger.owed_by(payer.customers)
        self.due = [debt for debt in self.owed if debt.is_due(credit)]
        hint, customers = (Hint.PAYER, payer.tied) if payer.is_certain else (Hint.ALIKE, payer.customers)
        self.clue = Clue(hint, customers=tuple(sorted(customers)))

    def match(self) -> Match:
        if known := self.ledger.claim(self.credit, self.owed, CLOSE, undated=False):
            return self._known(known)
        if len(self.due) > MOST:
            return self._doubt(Hint.MANY, self._larger())
        sets = [_whole(debts) for debts in _sets(self.credit.amount, self.due)] + self._with_charges()
        if not sets and (known := self.ledger.claim(self.credit, self.owed)):
            return self._known(known)
        return self._of_sets(sets) if sets else self._without_sum()

    def _known(self, known: tuple[Portion, ...]) -> Match:
        return _matched(self.credit, known, self.clue, Clue(Hint.KNOWN, _invoices(known)))

    def _with_charges(self) -> list[tuple[Portion, ...]]:
        amount = self.credit.amount
        return [
            (Portion(debt.key, amount),)
            for debt in self.due
            if any(debt.open + charges == amount for charges in debt.charges)
        ]

    def _of_sets(self, sets: Sequence[tuple[Portion, ...]]) -> Match:
        keys = tuple(dict.fromkeys(key for portions in sets for key in _invoices(portions)))
        if len(sets) > 1:
            return _doubt(self.credit, keys, self.clue, Clue(Hint.SEVERAL, keys))
        over = _total(sets[0]) - total_open(self.ledger.of_keys(keys))
        exact = Clue(Hint.CHARGES, keys, amount=over) if over else Clue(Hint.EXACT, keys)
        unclear = [debt for debt in self.owed if self.ledger.holds_equal(self.credit, debt)]
        if unclear:
            return _doubt(self.credit, keys, self.clue, exact, Clue(Hint.UNCLEAR, keys_of(unclear)))
        if not self.payer.is_certain:
            return _doubt(self.credit, keys, self.clue, exact)
        return _matched(self.credit, sets[0], self.clue, exact, Clue(Hint.ONLY))

    def _without_sum(self) -> Match:
        elsewhere = self.ledger.equal_to(self.credit)
        if not self.due:
            return self._doubt(Hint.NOTHING_OPEN, elsewhere)
        return self._doubt(Hint.NO_SUM, [*self._larger(), *elsewhere])

    def _larger(self) -> list[Debt]:
        """Those that it may be a part of; all, where it is more than each."""
        return [debt for debt in self.due if debt.open >= self.credit.amount] or self.due

    def _doubt(self, hint: Hint, candidates: Iterable[Debt]) -> Match:
        return _doubt(self.credit, keys_of(candidates), self.clue, Clue(hint))


def _sets(amount: Decimal, debts: Sequence[Debt]) -> list[list[Debt]]:
    """The sets of up to four that have this sum; none where there are too many to tell."""
    if len(debts) > MOST or not debts:
        return []
    return [[debts[i] for i in places] for places in islice(sets_of(amount, [d.open for d in debts]), _LISTED)]


def _whole(debts: Iterable[Debt]) -> tuple[Portion, ...]:
    return tuple(Portion(debt.key, debt.open) for debt in debts)


def _total(portions: Iterable[Portion]) -> Decimal:
    return sum((each.amount for each in portions), ZERO)


def _invoices(portions: Iterable[Portion]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.invoice for each in portions))


def _matched(credit: Credit, pays: tuple[Portion, ...], *clues: Clue) -> Match:
    return Match(credit, Ruling.MATCHED, pays, because=clues)


def _doubt(credit: Credit, candidates: Iterable[str], *clues: Clue) -> Match:
    return Match(credit, Ruling.DOUBT, candidates=tuple(dict.fromkeys(candidates)), because=clues)


def _other(credit: Credit, hint: Hint) -> Match:
    return Match(credit, Ruling.OTHER, because=(Clue(hint),))


def _suspended(made: Match, *against: Clue) -> Match:
    """What would pay is a doubt where something speaks against it; it holds what it would have paid."""
    if not against:
        return made
    clues = (*made.because, *(clue for clue in against if clue not in made.because))
    if made.verdict is not Ruling.MATCHED:
        return made._replace(because=clues)
    return Match(made.credit, Ruling.DOUBT, candidates=_invoices(made.pays), because=clues)
