"""What should come in: what falls due in the days to come, what was promised, the parts of payment plans."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.bills import Bill
from relance.core.holds import parts_of, payment_plans
from relance.core.invoice import ZERO
from relance.core.plan import Line, Plan, grouped
from relance.core.reasons import Reason

WEEK, MONTH = 7, 30
"""Days from today, today included in what falls due."""


class Expected(NamedTuple):
    """What a customer said to pay by the day `on`: a promise, or (`instalment`) a part of a payment plan."""

    on: date
    customer: str
    amount: Decimal
    instalment: bool = False


class Coming(NamedTuple):
    """What falls due within WEEK and within MONTH days, how many invoices that is, and what was agreed, by day."""

    week: Decimal
    week_invoices: int
    month: Decimal
    month_invoices: int
    agreed: tuple[Expected, ...] = ()


def coming_of(bills: Sequence[Bill], plan: Plan) -> Coming:
    """Of the bills of one currency; what is late is not to come."""
    week, month = ([bill for bill in bills if _falls_due(bill, plan.today, days)] for days in (WEEK, MONTH))
    agreed = [*_promised(bills), *_instalments(bills, plan)]
    return Coming(
        week=sum((bill.owed for bill in week), ZERO),
        week_invoices=len(week),
        month=sum((bill.owed for bill in month), ZERO),
        month_invoices=len(month),
        agreed=tuple(sorted(agreed)),
    )


def _falls_due(bill: Bill, today: date, days: int) -> bool:
    return bool(bill.owed) and today <= bill.due <= today + timedelta(days=days)


def _promised(bills: Iterable[Bill]) -> Iterator[Expected]:
    """One for each customer and day."""
    promised = [bill for bill in bills if bill.line.reason is Reason.PROMISED and bill.line.until is not None]
    for (on, _), theirs in grouped(promised, lambda bill: (bill.line.until, bill.customer)).items():
        if on is not None:
            yield Expected(on, _name(theirs[0].line), sum((bill.owed for bill in theirs), ZERO))


def _instalments(bills: Sequence[Bill], plan: Plan) -> Iterator[Expected]:
    """What is still to pay of the parts of each payment plan that are not past."""
    for agreed in payment_plans(plan.morning.history):
        covered = [bill for bill in bills if not set(bill.line.case.names).isdisjoint(agreed.covers)]
        left = sum((bill.owed for bill in covered), ZERO)
        for part in parts_of(agreed, left, plan.morning) if left else ():
            if part.due >= plan.today and part.amount > part.paid:
                yield Expected(part.due, _name(covered[0].line), part.amount - part.paid, instalment=True)


def _name(line: Line) -> str:
    return line.invoice.customer.name
