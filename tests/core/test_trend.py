"""What runs remember of the sums that they counted, and what was owed on days that are over."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from core_support import DUE, day, invoice, paid, plan_for

from relance.core.bills import Bill, Tally, bills_of, owed_on
from relance.core.facts import Confirmed
from relance.core.invoice import ZERO, Invoice, Status, invoice_key, snapshot_of
from relance.core.trend import Point, changes, digested, kept_from, month_end, trend

Memory = dict[str, list[Tally]]


def run(memory: Memory, invoices: Iterable[Invoice], today: date) -> list[Tally]:
    """A run of that day: what it found changed, which the memory has then."""
    known = {key: told[-1] for key, told in memory.items()}
    found = list(changes(plan_for(list(invoices), today=today), known))
    for each in found:
        memory.setdefault(each.invoice, []).append(each)
    return found


def of(invoices: Iterable[Invoice], today: date, memory: Memory | None = None) -> list[Bill]:
    """What was billed by that day."""
    return bills_of(plan_for(list(invoices), today=today), memory or {})


def at(points: Sequence[Point]) -> dict[str, tuple[str, str]]:
    """What was owed and late, by month."""
    return {f"{each.on:%Y-%m}": (str(each.outstanding), str(each.overdue)) for each in points}


def test_a_row_a_change() -> None:
    """What is new, what was paid of it, another due date, another stage; nothing on a day like the one before."""
    memory: Memory = {}
    about = invoice()
    assert [("1200.00", "")] == [(str(c.outstanding), c.stage) for c in run(memory, [about], day(-9))]
    assert [] == run(memory, [about], day(-8))
    assert ["friendly"] == [c.stage for c in run(memory, [about], day(5))]
    assert [] == run(memory, [about], day(6))
    part = about._replace(payments=(paid("200.00", day(6)),))
    assert ["1000.00"] == [str(c.outstanding) for c in run(memory, [part], day(7))]
    later = part._replace(due_date=day(20))
    assert [day(20)] == [c.due_date for c in run(memory, [later], day(8))]
    whole = about._replace(payments=(paid("1200.00", day(9)),))
    assert [ZERO] == [c.outstanding for c in run(memory, [whole], day(10))]
    assert [] == run(memory, [whole._replace(due_date=day(30))], day(40))


def test_what_was_never_owed_is_no_history() -> None:
    """An old file of paid invoices, drafts and credit notes leaves no row."""
    settled = invoice("F-1", payments=[paid("1200.00", DUE)])
    assert [] == run({}, [settled, invoice("F-2", status=Status.DRAFT)], day(9))


def test_what_is_gone_counts_no_more() -> None:
    """Once, on the day on which no run finds it any more."""
    memory: Memory = {}
    run(memory, [invoice("F-1"), invoice("F-2")], day(1))
    assert [(f"F-2/{DUE.year}", ZERO)] == [(c.invoice, c.outstanding) for c in run(memory, [invoice("F-1")], day(3))]
    assert [] == run(memory, [invoice("F-1")], day(4))


def test_dated_payments_tell_the_past() -> None:
    """What a run knew on a day says less than the payments dated before it."""
    about = invoice(payments=[paid("200.00", day(10)), paid("1000.00", day(20))])
    late = {f"F-1/{DUE.year}": [Tally(f"F-1/{DUE.year}", day(15), Decimal("1200.00"), DUE, "", "EUR")]}
    (bill,) = of([about], day(40), late)
    expected = {day(-31): "0.00", day(-30): "1200.00", day(9): "1200.00", day(10): "1000.00", day(20): "0.00"}
    assert expected == {on: str(owed_on(bill, on)) for on in expected}


def test_a_payment_without_a_day_came_when_a_run_saw_it() -> None:
    """Before any run looked it counts as made by the due date."""
    about = invoice(payments=[paid("1200.00")])
    key = f"F-1/{DUE.year}"
    told = [Tally(key, day(8), Decimal("1200.00"), DUE, "", "EUR"), Tally(key, day(12), ZERO, DUE, "", "EUR")]
    (bill,) = of([about], day(40), {key: told})
    assert ["1200.00", "1200.00", "0.00"] == [str(owed_on(bill, day(n))) for n in (8, 11, 12)]
    assert ["1200.00", "0.00"] == [str(owed_on(of([about], day(40))[0], day(n))) for n in (-1, 0)]


def test_what_was_given_up_was_owed_before() -> None:
    """As long as runs counted it; where none did, nobody knows, and nothing is said."""
    key = f"F-1/{DUE.year}"
    told = [Tally(key, day(8), Decimal("1200.00"), DUE, "", "EUR"), Tally(key, day(30), ZERO, DUE, "", "EUR")]
    lost = invoice(status=Status.WRITTEN_OFF)
    (bill,) = of([lost], day(60), {key: told})
    assert ["1200.00", "0.00", "0.00"] == [str(owed_on(bill, day(n))) for n in (29, 30, 60)]
    assert ZERO == owed_on(of([lost], day(60))[0], day(9))


def test_months_by_dated_facts() -> None:
    """The end of each month since the first invoice, then today; what fell due is late the day after."""
    first = invoice("F-1", date(2026, 1, 31), payments=[paid("1200.00", date(2026, 3, 5))])
    second = invoice("F-2", date(2026, 3, 31), "500.00")
    today = date(2026, 4, 10)
    found = trend(of([first, second], today), {}, [], "EUR", today)
    assert {
        "2026-01": ("1200.00", "0.00"),
        "2026-02": ("1200.00", "1200.00"),
        "2026-03": ("500.00", "0.00"),
        "2026-04": ("500.00", "500.00"),
    } == at(found)
    assert today == found[-1].on


def test_a_file_of_open_invoices_begins_with_the_first_run() -> None:
    """It does not show what was paid: what was owed before is not made up. What is gone from it is remembered."""
    memory: Memory = {}
    opened, gone = invoice("F-1", date(2026, 1, 15)), invoice("F-2", date(2026, 1, 20), "300.00")
    today = date(2026, 4, 10)
    assert ["2026-04"] == list(at(trend(of([opened], today), {}, [], "EUR", today)))
    run(memory, [opened, gone], date(2026, 2, 20))
    run(memory, [opened], date(2026, 3, 9))
    assert {
        "2026-02": ("1500.00", "1500.00"),
        "2026-03": ("1200.00", "1200.00"),
        "2026-04": ("1200.00", "1200.00"),
    } == at(trend(of([opened], today, memory), memory, [], "EUR", today))


def test_today_is_what_the_totals_count() -> None:
    """What left the file since the last run is owed by nobody today, as in the plan."""
    memory: Memory = {}
    run(memory, [invoice("F-1"), invoice("F-2")], day(5))
    found = trend(of([invoice("F-1")], day(6), memory), memory, [], "EUR", day(6))
    assert [Decimal("1200.00")] == [each.outstanding for each in found]


@pytest.mark.parametrize("confirmed", [False, True])
def test_another_number_is_no_second_invoice(confirmed: bool) -> None:
    """What was remembered under the former number is this invoice's own, once the user said so and before."""
    memory: Memory = {}
    old, new = invoice("F-1"), invoice("F-0001")
    run(memory, [old], day(1))
    today = day(45)
    facts = [Confirmed(invoice_key(new), day(9), snapshot_of(new), was=invoice_key(old))] if confirmed else []
    plan = plan_for([new], facts, today)
    if not confirmed:
        around = plan.around._replace(renumbered={invoice_key(new): _seen(old)})
        plan = plan._replace(morning=plan.morning._replace(around=around))
    bills = bills_of(plan, memory)
    found = trend(bills, memory, [], "EUR", today)
    assert {"1200.00"} == {str(each.outstanding) for each in found}


def _seen(about: Invoice):  # type: ignore[no-untyped-def]
    from relance.core.history import Seen

    return Seen(invoice_key(about), about.number, "x", about.total, about.issue_date, about.due_date, True)


def test_a_digest_tells_what_it_has() -> None:
    """Months of long ago are told by what was kept of them."""
    known = [Point(date(2026, 1, 31), "EUR", Decimal("7.00"), Decimal("5.00"))]
    today = date(2026, 3, 2)
    found = trend(of([invoice(due=date(2026, 1, 15))], today), {}, known, "EUR", today)
    assert ("7.00", "5.00") == at(found)["2026-01"]
    assert ["2026-01", "2026-02", "2026-03"] == list(at(found))


def test_what_is_digested() -> None:
    """The ends of months before the last two years, each once, and no more than runs remember."""
    key, today = f"F-1/{DUE.year}", date(2028, 7, 10)
    memory = {key: [Tally(key, date(2026, 3, 20), Decimal("1200.00"), DUE, "", "EUR")]}
    found = digested(of([invoice()], today, memory), memory, [], today)
    assert ["2026-03", "2026-04", "2026-05", "2026-06"] == list(at(found))
    assert {("1200.00", "1200.00")} == set(at(found).values())
    assert [] == digested(of([invoice()], today, memory), memory, found, today)


@pytest.mark.parametrize(
    ("today", "first"), [(date(2028, 7, 10), date(2026, 7, 1)), (date(2028, 1, 31), date(2026, 1, 1))]
)
def test_two_years_are_kept(today: date, first: date) -> None:
    """Whole months."""
    assert first == kept_from(today)


@pytest.mark.parametrize(
    ("any_day", "last"), [(date(2028, 2, 1), date(2028, 2, 29)), (date(2026, 12, 31), date(2026, 12, 31))]
)
def test_month_end(any_day: date, last: date) -> None:
    """Of leap years too."""
    assert last == month_end(any_day)
    assert last + timedelta(days=1) == (last + timedelta(days=1)).replace(day=1)
