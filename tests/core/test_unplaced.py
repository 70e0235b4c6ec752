"""Money for an invoice that is not there: it holds those that it may be for, most alike first."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import EVERY_DAY, LONG_AGO, RATE_AGREED, customer, day, invoice, paid

from relance.core.facts import Fact, Paid, RowKnown
from relance.core.history import Seen, fold
from relance.core.invoice import Invoice, Status, invoice_key
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.reasons import Unplaced

ALPHA, BRAVO = customer("Alpha"), customer("Bravo")
OPEN = [
    invoice("F-2026-031", total="1200.00", owner=ALPHA),
    invoice("F-2026-047", total="800.00", owner=BRAVO),
    invoice("F-2026-052", total="640.00", owner=BRAVO, payments=[paid("140.00")]),
]


def money(number: str = "X", amount: str | None = "75.00", payer: str = "", on: date | None = None) -> Unplaced:
    """A row of a list of payments."""
    return Unplaced(number, Decimal(amount) if amount else None, on or day(1), payer, "reglements.csv", 3, "0badcafe")


def plan_with(*several: Unplaced, invoices: list[Invoice] = OPEN, facts: tuple[Fact, ...] = ()) -> Plan:
    """The plan of a day on which all of them would be reminded."""
    history = fold([RATE_AGREED, *facts], LONG_AGO, day(6))._replace(unplaced=several)
    return build_plan(invoices, history, EVERY_DAY, day(6))


def held(plan: Plan) -> list[str]:
    """The last digits of those that wait for an answer about money."""
    return [line.invoice.number[-2:] for line in plan.lines if line.reason.value == "bank_doubt"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (money(amount="1200.00"), ["31"]),
        (money(amount="500.00"), ["52"]),  # what is left
        (money(amount="640.00"), ["52"]),  # the whole of it
        (money(amount="640.01"), []),
        (money("2026-031"), ["31"]),
        (money("31"), ["31"]),
        (money("FA 2026 31"), ["31"]),
        (money("F-2026-0311"), ["31"]),
        (money("F-2026-013"), ["31"]),
        (money("F-206-031"), ["31"]),
        (money("F-2026-032"), []),  # the next one of the series
        (money(payer="bravo"), ["47", "52"]),
        (money(payer="BRAVO", amount="800.00"), ["47"]),
        (money(payer="Alpha", amount="800.00"), ["31"]),  # part of what Alpha owes, and not Bravo's
        (money(payer="Zulu", amount="800.00"), []),
        (money(payer="Alpha", amount="1300.00"), []),  # more than he owes
        (money(number="", amount="1200.00"), ["31"]),
        (money(number="2026-031", amount=None), ["31"]),
        (money(amount="1200.00", on=day(-31)), []),  # before it was made
        (money("F-2026-031-A", on=day(-31)), ["31"]),  # paid in advance, by its number
    ],
)
def test_money_that_comes_near_an_open_invoice_holds_it(row: Unplaced, expected: list[str]) -> None:
    """By amount, customer or digits; of several, those that more of these point to."""
    plan = plan_with(row)
    assert expected == held(plan)
    reminded = {line.invoice.number[-2:] for reminder in plan.reminders for line in reminder.lines}
    assert reminded == {"31", "47", "52"} - set(expected)


def test_what_is_held_is_asked_about_once_a_payment_and_customer() -> None:
    """It enters no total, bears no charges, and one task asks of all that one payment may be for."""
    plan = plan_with(money(payer="Bravo"))
    assert [("review", ["F-2026-047", "F-2026-052"])] == [
        (task.kind, [line.invoice.number for line in task.lines]) for task in plan.tasks
    ]
    assert all(line.reason.settled and not line.charges.claimed for line in plan.lines[1:])


def test_money_is_settled_by_a_payment_told_or_a_row_that_is_known() -> None:
    """The word of the user ends it for all that it might have been for."""
    row = money(payer="Bravo")
    told = Paid(invoice_key(OPEN[1]), Decimal("75.00"), day(4))
    assert [] == held(plan_with(row, facts=(told,)))
    assert [] == held(plan_with(row, facts=(RowKnown("0badcafe", day(6)),)))
    assert ["47", "52"] == held(plan_with(row, facts=(RowKnown("0badcafe", day(7)),)))


def test_money_of_an_invoice_that_a_run_knew_is_no_question() -> None:
    """It is gone from the file, as what is paid goes."""
    row = money("F-2025-900", amount="1200.00")
    known = Seen("F-2025-900/2025", "F-2025-900", "code:ALPHA", Decimal("1200.00"), None, day(-90), is_open=False)
    history = fold([RATE_AGREED], LONG_AGO, day(6))._replace(unplaced=(row,), seen={known.invoice: known})
    assert [] == held(build_plan(OPEN, history, EVERY_DAY, day(6)))


def test_nothing_that_is_paid_or_held_already_is_asked_about() -> None:
    """Nor does a payment hold a credit note."""
    closed = [
        invoice("F-2026-031", payments=[paid("1200.00")]),
        invoice("F-2026-031b", status=Status.UNCLEAR),
        invoice("AV-2026-031", total="-1200.00"),
    ]
    assert [] == held(plan_with(money("F 2026 31", amount="1200.00"), invoices=closed))
