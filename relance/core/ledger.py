"""What is still open on each invoice while credits are given to it, and which known payments no credit is yet."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from relance.core.bank import Books, Portion
from relance.core.invoice import ZERO, Invoice, Payment, Status, customer_id, held_target
from relance.core.statement import Credit
from relance.core.sums import MOST, sets_of

CLOSE, NEAR = timedelta(days=3), timedelta(days=10)
"""Between the day of a payment in the books and that of the same money at the bank: surely, and where nothing else is
open that it could be.
"""
SAME_MONTH = timedelta(days=31)
"""So far apart two equal sums may still be one."""
_PAYABLE = frozenset((Status.OPEN, Status.DISPUTED, Status.EXCLUDED, Status.DIRECT_DEBIT))


class Debt:
    """One invoice, while credits are given to it; amounts in its currency.

    `open` is what nobody has paid yet, `known` the payments of the books that no credit was found to be.
    """

    __slots__ = ("charges", "invoice", "key", "known", "open", "owner")

    def __init__(self, key: str, invoice: Invoice, told: Sequence[Payment], charges: Sequence[Decimal]) -> None:
        paid = (*invoice.payments, *told)
        self.key, self.invoice, self.owner = key, invoice, held_target(customer_id(invoice.customer))
        self.open = max(invoice.total - sum((each.amount for each in paid), ZERO), ZERO)
        self.known = [each for each in paid if not each.credit and not each.rebate]
        self.charges = [each for each in charges if each > 0]

    @property
    def is_payable(self) -> bool:
        """Whether the file lets it be paid."""
        return self.invoice.status in _PAYABLE and self.invoice.total > 0

    def is_made(self, credit: Credit) -> bool:
        """Whether it can be what this credit pays: made by then, in its currency."""
        issued = self.invoice.issue_date
        return (issued is None or issued <= credit.on) and self.invoice.currency == credit.currency

    def is_due(self, credit: Credit) -> bool:
        """Whether something of it is open for this credit."""
        return self.open > 0 and self.is_payable and self.is_made(credit)


_Claim = tuple[Debt, Payment]


class Ledger:
    """Every invoice by its key and by its customer; what is open, by amount."""

    def __init__(self, books: Books) -> None:
        self.as_of = books.as_of
        self.debts: dict[str, Debt] = {}
        self.of_customer: dict[str, list[Debt]] = {}
        self.by_open: dict[Decimal, dict[str, Debt]] = {}
        for key, invoice in books.invoices:
            debt = Debt(key, invoice, books.told.get(key, ()), books.charges.get(key, ()))
            self.debts[key] = debt
            self.of_customer.setdefault(debt.owner, []).append(debt)
            self._file(debt)

    def of_keys(self, keys: Iterable[str]) -> list[Debt]:
        """Those of these keys."""
        return [self.debts[key] for key in keys if key in self.debts]

    def due_of(self, keys: Iterable[str], credit: Credit) -> list[Debt]:
        """Those of these keys that this credit may pay."""
        return [debt for debt in self.of_keys(keys) if debt.is_due(credit)]

    def owed_by(self, customers: Iterable[str]) -> list[Debt]:
        """The invoices of these customers, in the order of their due dates."""
        found = [debt for customer in sorted(customers) for debt in self.of_customer.get(customer, ())]
        return sorted(found, key=lambda debt: (debt.invoice.due_date, debt.key))

    def equal_to(self, credit: Credit) -> list[Debt]:
        """Those on which exactly this amount is open."""
        return [debt for debt in self.by_open.get(credit.amount, {}).values() if debt.is_due(credit)]

    def give(self, portions: Iterable[Portion]) -> None:
        """Takes off what is paid; charges paid with it are more than what is open."""
        for portion in portions:
            debt = self.debts.get(portion.invoice)
            if debt is not None and not portion.known:
                self.by_open.get(debt.open, {}).pop(debt.key, None)
                debt.open = max(debt.open - portion.amount, ZERO)
                self._file(debt)

    def claim(
        self, credit: Credit, debts: Iterable[Debt], within: timedelta = NEAR, *, undated: bool = True
    ) -> tuple[Portion, ...]:
        """The payments in the books that this credit is, if together they are all of it; each is claimed once.

        Those with a day are to be `within` that of the credit; `undated` ones came by the day of the file.
        """
        claims = [claim for debt in debts for claim in self._claims(debt, credit, within)]
        claims = [claim for claim in claims if undated or claim[1].on is not None]
        claims.sort(key=lambda claim: abs((claim[1].on or credit.on) - credit.on))
        amounts = [payment.amount for _, payment in claims[:MOST]]
        places = next(sets_of(credit.amount, amounts), ())
        return self._claimed(credit, [claims[place] for place in places])

    def claim_part(self, credit: Credit, debt: Debt, within: timedelta = NEAR) -> tuple[Portion, ...]:
        """What is known to have paid of an invoice, and this credit is a part of."""
        claims = self._claims(debt, credit, within)
        if sum((payment.amount for _, payment in claims), ZERO) < credit.amount:
            return ()
        return self._claimed(credit, claims)

    def is_unclear(self, credit: Credit, debt: Debt) -> bool:
        """Whether the books hold a payment that this credit may be: a part of one, or an equal one within a month."""
        undated = sum((each.amount for each in debt.known if self._came_by_then(each, credit)), ZERO)
        return undated > credit.amount or any(_is_twin(each, credit) for each in debt.known)

    def holds_equal(self, credit: Credit, debt: Debt) -> bool:
        """Whether the books hold a payment of this amount that the credit may be."""
        return any(payment.amount == credit.amount for _, payment in self._claims(debt, credit, NEAR))

    def _claims(self, debt: Debt, credit: Credit, within: timedelta) -> list[_Claim]:
        known = debt.known if debt.is_made(credit) else []
        return [(debt, payment) for payment in known if self._may_be(payment, credit, within)]

    def _may_be(self, payment: Payment, credit: Credit, within: timedelta) -> bool:
        if payment.on is None:
            return self._came_by_then(payment, credit)
        return abs(payment.on - credit.on) <= within

    def _came_by_then(self, payment: Payment, credit: Credit) -> bool:
        return payment.on is None and credit.on <= self.as_of

    def _claimed(self, credit: Credit, claims: Iterable[_Claim]) -> tuple[Portion, ...]:
        rest, made = credit.amount, []
        for debt, payment in claims:
            part = min(rest, payment.amount)
            debt.known.remove(payment)
            if payment.amount > part:
                debt.known.append(payment._replace(amount=payment.amount - part))
            if part:
                made.append(Portion(debt.key, part, known=True))
            rest -= part
        return tuple(made)

    def _file(self, debt: Debt) -> None:
        if debt.open:
            self.by_open.setdefault(debt.open, {})[debt.key] = debt


def _is_twin(payment: Payment, credit: Credit) -> bool:
    return payment.on is not None and payment.amount == credit.amount and abs(payment.on - credit.on) <= SAME_MONTH


def keys_of(debts: Iterable[Debt]) -> tuple[str, ...]:
    """The keys, each once."""
    return tuple(dict.fromkeys(debt.key for debt in debts))


def total_open(debts: Iterable[Debt]) -> Decimal:
    """What is open on these together."""
    return sum((debt.open for debt in debts), ZERO)


def oldest_first(amount: Decimal, debts: Iterable[Debt]) -> tuple[Portion, ...]:
    """A payment below what is open pays the oldest debt first (article 1342-10 of the civil code)."""
    made = []
    for debt in sorted(debts, key=lambda debt: (debt.invoice.due_date, debt.key)):
        part = min(amount, debt.open)
        if part > 0:
            made.append(Portion(debt.key, part))
        amount -= part
    return tuple(made)


def owners_of(debts: Iterable[Debt]) -> frozenset[str]:
    """The identities of the customers who owe these."""
    return frozenset(debt.owner for debt in debts)
