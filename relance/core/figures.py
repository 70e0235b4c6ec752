"""The numbers of the report: who owes what and since when, how fast customers pay, what each stage brings in.

Each can be made again by hand from invoices, payments and contacts: none is a score.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.bills import Bill, Memory, bills_of
from relance.core.case import grounds_of
from relance.core.charges import charges
from relance.core.coming import Coming, coming_of
from relance.core.habits import NO_HABITS, Habits, foreseen_on, habits_of
from relance.core.invoice import ZERO, Contact, Customer
from relance.core.limitation import last_day_of
from relance.core.pace import LONG_WINDOW, Pace, pace_of
from relance.core.plan import Plan, grouped
from relance.core.reasons import Reason
from relance.core.stage_results import StageResult, stage_results
from relance.core.trend import Point, trend

EUR = "EUR"
FIRST_LIMITS = 5
"""Invoices of which the end of the time to sue is told, the nearest first."""


class Ages(NamedTuple):
    """What is owed by days late; what is due today is not."""

    not_due: Decimal = ZERO
    to_30: Decimal = ZERO
    to_60: Decimal = ZERO
    to_90: Decimal = ZERO
    over_90: Decimal = ZERO

    @property
    def outstanding(self) -> Decimal:
        return sum(self, ZERO)

    @property
    def overdue(self) -> Decimal:
        return self.outstanding - self.not_due


class Owing(NamedTuple):
    """A customer in one currency: what it owes, its credit notes that pay no invoice yet (`credits`), its habits.

    `oldest_days` are the days that its oldest invoice is late, 0 where none is.
    """

    customer: Customer
    ages: Ages
    credits: Decimal
    oldest_days: int
    last_contact: Contact | None
    habits: Habits


class OpenBill(NamedTuple):
    """An invoice on which something is owed, and the day on which it may be paid, where habits tell one."""

    bill: Bill
    days_late: int
    foreseen: date | None


class Claimable(NamedTuple):
    """Interest and fees of what is late and open, and of what was paid late in the last LONG_WINDOW days."""

    interest: Decimal
    fees: Decimal
    invoices: int
    paid_interest: Decimal
    paid_fees: Decimal
    paid_invoices: int


class Limit(NamedTuple):
    """The last day on which an open, late invoice can be sued for."""

    on: date
    bill: Bill


class Withheld(NamedTuple):
    """The invoices that a platform's status holds, by its reason; `counted` tells that what is owed has their sum."""

    reason: Reason
    invoices: int
    amount: Decimal

    @property
    def counted(self) -> bool:
        return not self.reason.settled


class Figures(NamedTuple):
    """All of one currency. `customers` are all who were ever billed, those who owe the oldest money first.

    `open_bills` are in the same order of lateness, `limits` the first FIRST_LIMITS. `on_platform` are the invoices that
    never arrived, were refused or wait for a paper, where there are some.
    """

    currency: str
    ages: Ages
    credits: Decimal
    customers: tuple[Owing, ...]
    open_bills: tuple[OpenBill, ...]
    pace: Pace
    stages: tuple[StageResult, ...]
    trend: tuple[Point, ...]
    claimable: Claimable
    limits: tuple[Limit, ...]
    coming: Coming
    on_platform: tuple[Withheld, ...]


def figures_of(plan: Plan, memory: Memory, digest: Sequence[Point] = ()) -> tuple[Figures, ...]:
    """The figures of each currency, euros first; `memory` and `digest` are what runs remember (see trend).

    There are always those in euros, where nothing is in another currency.
    """
    bills = bills_of(plan, memory)
    habits = _habits(bills, plan)
    by_code = grouped(bills, lambda bill: bill.currency)
    codes = sorted(
        {*by_code, *(code for _, code in plan.around.credits)} or {EUR}, key=lambda code: (code != EUR, code)
    )
    return tuple(_figures(code, by_code.get(code, []), bills, habits, (plan, memory, digest)) for code in codes)


def _figures(
    code: str,
    bills: Sequence[Bill],
    every: Sequence[Bill],
    habits: dict[str, Habits],
    known: tuple[Plan, Memory, Sequence[Point]],
) -> Figures:
    plan, memory, digest = known
    customers = _customers(code, bills, habits, plan)
    opened = [OpenBill(bill, _late(bill), foreseen_on(bill, habits[bill.customer])) for bill in bills if bill.owed]
    return Figures(
        currency=code,
        ages=ages_of(bills),
        credits=sum((owing.credits for owing in customers), ZERO),
        customers=tuple(sorted(customers, key=_weight)),
        open_bills=tuple(sorted(opened, key=lambda each: (-each.days_late, each.bill.line.invoice.number))),
        pace=pace_of(bills, plan.today),
        stages=tuple(stage_results(bills, plan.morning.policy, plan.today)),
        trend=tuple(trend(every, memory, digest, code, plan.today)),
        claimable=_claimable(bills, plan.today),
        limits=tuple(sorted(_limits(bills), key=lambda limit: (limit.on, limit.bill.line.key))[:FIRST_LIMITS]),
        coming=coming_of(bills, plan),
        on_platform=tuple(_on_platform(bills)),
    )


def ages_of(bills: Iterable[Bill]) -> Ages:
    """What is owed on these bills, all in one currency, by days late."""
    sums = [ZERO] * len(Ages._fields)
    for bill in bills:
        sums[min(max(0, -(-_late(bill) // 30)), len(sums) - 1)] += bill.owed
    return Ages(*sums)


def _late(bill: Bill) -> int:
    """Days, 0 up to the due date included."""
    return max(bill.line.days_overdue, 0)


def _weight(owing: Owing) -> tuple[bool, int, Decimal, str]:
    return not owing.ages.overdue, -owing.oldest_days, -owing.ages.outstanding, owing.customer.name


def _habits(bills: Iterable[Bill], plan: Plan) -> dict[str, Habits]:
    """By customer, whatever the currency."""
    lines = grouped(plan.lines, lambda line: line.case.customer.identity)
    return {who: habits_of(theirs, lines[who]) for who, theirs in grouped(bills, lambda bill: bill.customer).items()}


def _customers(code: str, bills: Iterable[Bill], habits: dict[str, Habits], plan: Plan) -> list[Owing]:
    theirs = grouped(bills, lambda bill: bill.customer)
    credits = {
        who: sum((note.amount for note in notes), ZERO)
        for (who, of), notes in plan.around.credits.items()
        if of == code
    }
    named = {line.case.customer.identity: line.invoice.customer for line in plan.lines}
    return [
        _owing(named[who], theirs.get(who, []), credits.get(who, ZERO), habits.get(who, NO_HABITS))
        for who in dict.fromkeys((*theirs, *credits))
    ]


def _owing(customer: Customer, bills: Sequence[Bill], credits: Decimal, habits: Habits) -> Owing:
    contacts = [bill.line.last_contact for bill in bills if bill.line.last_contact is not None]
    return Owing(
        customer=customer,
        ages=ages_of(bills),
        credits=credits,
        oldest_days=max((_late(bill) for bill in bills if bill.owed), default=0),
        last_contact=max(contacts, key=lambda contact: contact.on, default=None),
        habits=habits,
    )


def _claimable(bills: Sequence[Bill], today: date) -> Claimable:
    """As the totals of the plan for what is open; what was paid of the charges of a settled one is taken off them."""
    late = [bill for bill in bills if bill.owed and _late(bill)]
    settled = [charges(bill.line.invoice, grounds_of(bill.line.case)) for bill in bills if _was_late(bill, today)]
    return Claimable(
        interest=sum((bill.line.charges.interest for bill in late), ZERO),
        fees=sum((bill.line.charges.recovery_fee for bill in late), ZERO),
        invoices=len(late),
        paid_interest=sum((max(each.interest - each.paid, ZERO) for each in settled), ZERO),
        paid_fees=sum((each.recovery_fee - max(each.paid - each.interest, ZERO) for each in settled), ZERO),
        paid_invoices=sum(each.claimed > 0 for each in settled),
    )


def _was_late(bill: Bill, today: date) -> bool:
    """True for what was paid late in the last LONG_WINDOW days; of a file that nobody understands nothing is sure."""
    if bill.paid_on is None or bill.line.case.morning.history.unagreed:
        return False
    return bill.paid_on > bill.due and (today - bill.paid_on).days < LONG_WINDOW


def _limits(bills: Iterable[Bill]) -> list[Limit]:
    return [Limit(last_day_of(bill.line.case), bill) for bill in bills if bill.owed and _late(bill)]


def _on_platform(bills: Sequence[Bill]) -> Iterator[Withheld]:
    """The sum is what is left to pay of the invoice, also where it is not to be claimed as it stands."""
    for reason in (Reason.REFUSED_INVOICE, Reason.SUSPENDED, Reason.NOT_RECEIVED):
        held = [bill.line for bill in bills if bill.line.reason is reason]
        if held:
            yield Withheld(reason, len(held), sum((line.outstanding for line in held), ZERO))


def cost_in_sales(lost: Decimal, margin_percent: Decimal) -> Decimal:
    """The sales that earn again what is lost, at this margin (percent of sales, over 0)."""
    return lost * 100 / margin_percent
