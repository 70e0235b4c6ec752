"""What was billed, as the figures of a report look at it: when it was issued and paid, and what was owed on any day."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.invoice import ZERO, Payment
from relance.core.plan import Line, Plan
from relance.core.reasons import Reason

_NEVER_BILLED = frozenset({Reason.UNCLEAR, Reason.NOT_ISSUED, Reason.DRAFT, Reason.CANCELLED, Reason.CREDIT_NOTE})
_GIVEN_UP = frozenset({Reason.WRITTEN_OFF, Reason.FACTORED})
"""Nobody knows since when: before that day it was owed."""


class Tally(NamedTuple):
    """What a run counted of an invoice (its key) from the day `on` on, until the next change of any of it.

    `outstanding` is what the totals had of it, in its `currency`; `stage` the key of the one reached by date, or empty.
    """

    invoice: str
    on: date
    outstanding: Decimal
    due_date: date
    stage: str
    currency: str


Memory = Mapping[str, Sequence[Tally]]
"""By invoice key, its changes, oldest first."""


class Bill(NamedTuple):
    """An invoice that was billed; `owed` is what the totals of the plan's day count of it.

    `issued` is None where the file does not say. `paid_on` is the day of the payment that left nothing to pay, None
    while something is owed, where that day is unknown, or where credit notes alone paid. `money` is what was received.
    `told` is what the runs remember of it, under its former numbers too.
    """

    line: Line
    customer: str
    issued: date | None
    due: date
    total: Decimal
    owed: Decimal
    money: Decimal
    paid_on: date | None
    told: tuple[Tally, ...] = ()

    @property
    def currency(self) -> str:
        return self.line.invoice.currency

    @property
    def is_paid(self) -> bool:
        return self.line.reason is Reason.PAID

    @property
    def days_late(self) -> int | None:
        """From the due date to the payment that left nothing, negative before it; None where that day is unknown."""
        return None if self.paid_on is None else (self.paid_on - self.due).days

    @property
    def days_to_pay(self) -> int | None:
        """From the day of issue to the payment that left nothing; None where one of them is unknown."""
        return None if self.paid_on is None or self.issued is None else (self.paid_on - self.issued).days

    @property
    def without_day(self) -> bool:
        """True where it was paid and the file does not say when."""
        return self.is_paid and self.paid_on is None and self.money > 0


def bills_of(plan: Plan, memory: Memory) -> list[Bill]:
    """What was billed by the day of the plan, in the order of the file."""
    renumbered = plan.around.renumbered
    found = []
    for line in plan.lines:
        if line.reason not in _NEVER_BILLED:
            former = renumbered.get(line.key)
            names = (*line.case.names, *([former.invoice] if former is not None else []))
            told = sorted((each for name in names for each in memory.get(name, ())), key=lambda each: each.on)
            found.append(_bill(line, tuple(told)))
    return found


def _bill(line: Line, told: tuple[Tally, ...]) -> Bill:
    invoice = line.invoice
    return Bill(
        line=line,
        customer=line.case.customer.identity,
        issued=invoice.issue_date,
        due=invoice.due_date,
        total=invoice.total,
        owed=ZERO if line.reason.settled else line.outstanding,
        money=sum((paid.amount for paid in invoice.payments if not paid.credit and _is_by(paid, line)), ZERO),
        paid_on=_paid_on(line) if line.reason is Reason.PAID else None,
        told=told,
    )


def _is_by(paid: Payment, line: Line) -> bool:
    return paid.on is None or paid.on <= line.case.today


def _paid_on(line: Line) -> date | None:
    """The day of the last payment needed; None where a payment has no day, or where no money came."""
    left, last = line.invoice.total, None
    payments = [paid for paid in line.invoice.payments if _is_by(paid, line)]
    if any(paid.on is None and not paid.credit for paid in payments):
        return None
    for paid in sorted(payments, key=lambda paid: paid.on or date.min):
        if left <= ZERO:
            break
        left -= paid.amount
        last = paid.on if not paid.credit else last
    return last


def owed_on(bill: Bill, day: date) -> Decimal:
    """What was owed at the end of that day, by dated payments; where one has no day, by what the runs remember.

    A payment without a day that no run saw come counts as made by the due date, as everywhere (design: charges); an
    invoice without a day of issue counts from its due date on.
    """
    if day >= bill.line.case.today:
        return bill.owed
    if (bill.issued or bill.due) > day:
        return ZERO
    given_up = bill.line.reason in _GIVEN_UP
    known = last_change(bill.told, day) if given_up or _lacks_a_day(bill) else None
    if known is not None:
        return known.outstanding
    return ZERO if given_up else max(bill.total - _received(bill, day), ZERO)


def _lacks_a_day(bill: Bill) -> bool:
    return any(paid.on is None for paid in bill.line.invoice.payments)


def _received(bill: Bill, day: date) -> Decimal:
    """By the end of that day."""
    return sum((paid.amount for paid in bill.line.invoice.payments if (paid.on or bill.due) <= day), ZERO)


def last_change(changes: Sequence[Tally], day: date) -> Tally | None:
    """The last of these changes by that day."""
    return next((change for change in reversed(changes) if change.on <= day), None)
