"""Credit notes allocated by hand that the file comes to show: taken off once, and what the user hears of it."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import DUE, EVERY_DAY, LONG_AGO, day, invoice, paid, plan_for, reminded
from hypothesis import given
from hypothesis import strategies as st

from relance.core.allocations import allocations_of, as_the_file_allocates, may_be_credits
from relance.core.facts import Allocated, Confirmed, Fact, Paid
from relance.core.history import NOTHING, FileState, History, Past, Seen, fold
from relance.core.invoice import UNNAMED, Invoice, Payment, Status, invoice_key, keyed, paid_until, snapshot_of
from relance.core.known import known_payments
from relance.core.memory import remember
from relance.core.plan import Line
from relance.core.planning import build_plan
from relance.display.lines import because
from relance.journal.rows import to_fact, to_json

KEY = invoice_key(invoice())
ON = day(9)


def told(amount: str = "300.00", shown: str | None = "0.00", number: str = "A-1", about: str = KEY) -> Allocated:
    """A credit note of day 3, allocated on day 8 when the file showed this without a name."""
    before = None if shown is None else Decimal(shown)
    return Allocated(f"{number}/2026", number, about, Decimal(amount), day(3), day(8), before)


def rest(amount: str) -> Payment:
    """What only what is left of the invoice shows."""
    return Payment(Decimal(amount), from_rest=True)


def credited(amount: str, on: date | None = None, number: str = UNNAMED) -> Payment:
    """A credit note as the file shows it."""
    return Payment(Decimal(amount), on, number)


def total_of(payments: list[Payment], *facts: Fact) -> Decimal:
    """What is known to be paid of an invoice of 1,200 EUR that the file shows so."""
    past = fold(facts, DUE, ON).invoices[KEY]
    return sum((p.amount for p in known_payments(invoice(payments=payments), past, ON).payments), Decimal(0))


@pytest.mark.parametrize(
    ("payments", "shown", "expected"),
    [
        ([], "0.00", "300.00"),
        ([rest("300.00")], "0.00", "300.00"),
        ([rest("299.99")], "0.00", "599.99"),  # whole or not at all
        ([rest("500.00")], "0.00", "500.00"),
        ([rest("900.00")], "0.00", "900.00"),
        ([rest("1200.00")], "0.00", "1200.00"),
        ([rest("400.00")], "200.00", "700.00"),
        ([rest("500.00")], "200.00", "500.00"),
        ([rest("300.00")], None, "600.00"),  # told to a version that did not look
        ([credited("300.00")], "0.00", "300.00"),
        ([credited("300.00", day(9))], "0.00", "300.00"),
        ([credited("300.00"), paid("100.00", day(8))], "0.00", "400.00"),
        ([credited("900.00")], "0.00", "900.00"),  # a column of credit notes is no payment of what was asked
        ([credited("100.00"), paid("300.00", day(9))], "100.00", "700.00"),
        ([paid("300.00", day(9))], "0.00", "600.00"),
        ([paid("300.00")], "0.00", "600.00"),  # a column of payments, without their dates
        ([credited("300.00", day(9), "A-9")], "0.00", "600.00"),
        ([credited("300.00", day(3), "A-1")], "0.00", "300.00"),
    ],
)
def test_what_an_allocated_credit_note_adds(payments: list[Payment], shown: str | None, expected: str) -> None:
    """Nothing once the file shows it by a name, in its column, or by a lower rest; else all of it."""
    assert Decimal(expected) == total_of(payments, told(shown=shown))


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([rest("300.00")], "800.00"),
        ([rest("500.00")], "800.00"),
        ([rest("800.00")], "800.00"),
        ([rest("1000.00")], "1000.00"),
        ([paid("500.00", day(8)), credited("300.00")], "800.00"),
        ([paid("500.00", day(8))], "800.00"),
    ],
)
def test_payments_told_by_hand_come_first(payments: list[Payment], expected: str) -> None:
    """Of 500 EUR of money and 300 of a credit note, all told before the file showed any of it."""
    assert Decimal(expected) == total_of(payments, Paid(KEY, Decimal("500.00"), day(7)), told())


@pytest.mark.parametrize("now", ["300.00", "600.00", "800.00"])
def test_money_told_after_the_file_showed_the_credit_note(now: str) -> None:
    """It counts on top of what the file showed then, which stays the credit note."""
    assert Decimal("800.00") == total_of(
        [rest(now)], told(), Paid(KEY, Decimal("500.00"), day(9), shown=Decimal("300.00"))
    )


def test_a_column_of_credit_notes_shows_no_payment_told_by_hand() -> None:
    """200 EUR of the file, 500 told, and 200 allocated of which the file shows 200: 900 in all."""
    payments = [paid("200.00", day(1)), credited("200.00")]
    said = Paid(KEY, Decimal("500.00"), day(7), shown=Decimal("200.00"))
    assert Decimal("900.00") == total_of(payments, said, told("200.00"))


def test_two_allocations_are_found_one_after_the_other() -> None:
    """Each needs a rise of its own; the smaller one may be found alone."""
    both = (told(), told("200.00", number="A-2"))
    for now, expected in (("100.00", "600.00"), ("200.00", "500.00"), ("300.00", "500.00"), ("500.00", "500.00")):
        assert Decimal(expected) == total_of([rest(now)], *both)


def test_it_keeps_its_name_and_its_day() -> None:
    """Interest and letters stay what they were; the rest of the file's amount stays money."""
    past = fold([told()], DUE, ON).invoices[KEY]
    known = known_payments(invoice(payments=[rest("500.00")]), past, ON)
    assert (rest("200.00"), Payment(Decimal("300.00"), day(3), "A-1")) == known.payments
    assert ((told(),), Decimal(0)) == (known.shown, known.told)


@pytest.mark.parametrize(
    ("word", "asked"),
    [
        ({}, True),
        ({"on": day(7), "paid": Decimal("900.00")}, True),  # before the allocation: about something else
        ({"on": day(8), "paid": Decimal("400.00")}, True),  # before more came
        ({"on": day(9), "paid": Decimal("500.00")}, False),
        ({"on": day(9), "paid": None}, True),
    ],
)
def test_a_fall_by_more_is_asked_about_until_that_is_confirmed(word: dict[str, object], asked: bool) -> None:
    """100 of money that the file dates, a credit note of 300, and then 400 less to pay."""
    said: list[Fact] = [reminded(invoice(), "friendly", day(5)), told()]
    if word:
        before = Confirmed(KEY, day(9), snapshot_of(invoice()))
        said.append(before._replace(**word))  # type: ignore[arg-type]
    about = invoice(payments=[rest("400.00"), paid("100.00", day(1))])
    (line,) = plan_for([about], said, day(16)).lines
    assert (asked, Decimal("700.00")) == (line.mark == "credit:A-1", line.outstanding)


AMOUNTS = st.decimals(min_value="0.01", max_value="900", places=2, allow_nan=False)


@given(st.lists(AMOUNTS, max_size=3), st.lists(AMOUNTS, max_size=2), AMOUNTS, AMOUNTS, st.booleans())
def test_never_less_than_the_file_nor_more_than_all(
    allocated: list[Decimal], by_hand: list[Decimal], before: Decimal, now: Decimal, column: bool
) -> None:
    """What the file shows counts whole; what was told counts at most once."""
    kind = credited if column else rest
    said = tuple(told(str(amount), str(before), f"A-{n}") for n, amount in enumerate(allocated))
    past = Past(allocations=said, payments=tuple(Paid(KEY, amount, day(1), before) for amount in by_hand))
    about = invoice(payments=[kind(str(now))])
    known = known_payments(about, past, ON)
    total = sum((payment.amount for payment in known.payments), Decimal(0))
    assert now <= total <= now + sum(allocated) + sum(by_hand)
    assert all(payment.amount > 0 for payment in known.payments)
    if now <= before:
        assert () == known.shown
    assert now == paid_until(about, ON)


def test_what_may_be_a_credit_note() -> None:
    """By the day asked for: money with a date or a column of its own is none, nor what has a name."""
    payments = [rest("1.00"), credited("2.00"), credited("4.00", day(9)), credited("8.00", day(10))]
    others = [paid("16.00"), paid("32.00", day(1)), credited("64.00", day(1), "A-1")]
    assert Decimal("7.00") == may_be_credits(invoice(payments=payments + others), ON)


def _mornings(before: Invoice, after: Invoice, days: int = 20) -> list[Line]:
    """The line of each day from the eighth on; the file shows `after` from the twelfth."""
    seen: dict[str, Seen] = {}
    found: list[Line] = []
    for offset in range(6, days):
        about = before if offset < 12 else after
        facts: list[Fact] = [reminded(invoice(), "friendly", day(5)), told()]
        history = fold(facts, LONG_AGO, day(offset))._replace(seen=seen, file=FileState(day(offset)))
        plan = build_plan([about], history, EVERY_DAY, day(offset))
        found += plan.lines
        seen |= {row.invoice: row for row in remember(plan, history)}
    return found[2:]


@pytest.mark.parametrize("payment", [credited("300.00", day(3), "A-1"), credited("300.00"), rest("300.00")])
def test_what_the_file_shows_of_it_is_no_new_payment(payment: Payment) -> None:
    """The firm reminder leaves on its day, for what is left; the plan says that the credit note stands in the file."""
    lines = _mornings(invoice(), invoice(payments=[payment]))
    assert {Decimal("900.00")} == {line.outstanding for line in lines}
    assert {Decimal("0.00")} == {line.told for line in lines}
    assert "due" == lines[day(15).day - day(8).day].reason.value
    assert "l’avoir A-1 (300,00\u00a0€), imputé par vous, est désormais dans le fichier" in because(lines[-1])
    assert "A-1" not in because(lines[0])


def test_it_is_in_the_journal_whole() -> None:
    """What the file showed travels with it; of an older journal nobody knows."""
    assert told() == to_fact("allocated", to_json(told()))
    old = (
        '{"credit": "A-1/2026", "number": "A-1", "invoice": "F-1/2026", "amount": "300.00",'
        ' "dated": "2026-03-05", "on": "2026-03-10"}'
    )
    assert told(shown=None) == to_fact("allocated", old)


# The file takes it off another invoice

TAKES = invoice("F-1", payments=[credited("300.00", day(3), "A-1")])
OTHER = invoice("F-2")


def _history(*facts: Fact, invoices: tuple[Invoice, ...] = (TAKES, OTHER)) -> History:
    return as_the_file_allocates(fold(facts, LONG_AGO, ON), keyed(invoices))


def test_the_file_wins() -> None:
    """The allocation to F-2 counts no more, the one to F-1 is the file's own; the plan of F-2 says so."""
    mine, lost = told("100.00"), told("200.00", about="F-2/2026")
    history = _history(mine, lost)
    lines = build_plan([TAKES, OTHER], history, EVERY_DAY, ON).lines
    assert [Decimal("900.00"), Decimal("1200.00")] == [line.outstanding for line in lines]
    assert [((mine, ""),), ((lost, "F-1"),)] == [line.ended for line in lines]
    expected = "l’avoir A-1 (200,00\u00a0€), imputé par vous ici, n’y compte plus\u00a0: le fichier le déduit de F-1"
    assert expected in because(lines[1])
    settled = OTHER._replace(payments=(paid("1200.00", day(1)),))
    assert expected in because(build_plan([TAKES, settled], history, EVERY_DAY, ON).lines[1])


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        (credited("300.00", day(3), "a-1 "), "1200.00"),
        (credited("300.00", None, "A-1"), "1200.00"),
        (credited("300.00", date(2025, 3, 5), "A-1"), "900.00"),  # the one of the year before
        (credited("300.00", day(3), "A-2"), "900.00"),
        (credited("300.00"), "900.00"),
        (paid("300.00", day(3)), "900.00"),
    ],
)
def test_which_credit_note_the_file_takes_off(payment: Payment, expected: str) -> None:
    """By its number, however typed, and its year where it has a date."""
    both = (invoice("F-1", payments=[payment]), OTHER)
    plan = build_plan(both, _history(told(about="F-2/2026"), invoices=both), EVERY_DAY, ON)
    assert Decimal(expected) == plan.lines[1].outstanding


def test_without_an_allocation_nothing_is_looked_at() -> None:
    """The history itself comes back: a large file costs nothing."""
    for history in (History(), fold([reminded(OTHER, "friendly", day(5))], LONG_AGO, ON)):
        assert history is as_the_file_allocates(history, keyed([TAKES, OTHER]))
    untouched = fold([told(about="F-2/2026")], LONG_AGO, ON)
    assert untouched is as_the_file_allocates(untouched, keyed([OTHER]))


def test_a_lost_allocation_is_asked_about_once_it_was_seen() -> None:
    """The customer was told less: the user confirms it, and reads why."""
    fact, later = told(about="F-2/2026"), reminded(OTHER, "friendly", day(8))
    run = fold([fact, later], LONG_AGO, ON)._replace(file=FileState(ON))
    seen = {row.invoice: row for row in remember(build_plan([OTHER], run, EVERY_DAY, ON), run)}
    line = build_plan([TAKES, OTHER], _history(fact, later)._replace(seen=seen), EVERY_DAY, day(16)).lines[1]
    assert "changed" == line.reason.value
    assert because(line).startswith("moins en est réglé qu’au dernier passage\u202f; l’avoir A-1 (300,00\u00a0€)")
    assert because(line).endswith("relance confirm F-2")


def test_an_allocation_goes_on_under_a_new_number() -> None:
    """With what the file showed then; the file that takes the credit note off the new number is no other invoice's."""
    renumbered = Confirmed("F-3/2026", day(9), snapshot_of(OTHER), "F-2/2026")
    fact = told(about="F-2/2026")
    past = fold([fact, renumbered], LONG_AGO, ON).invoices["F-3/2026"]
    assert (fact._replace(invoice="F-3/2026"),) == past.allocations
    new = invoice("F-3", payments=TAKES.payments)
    line = build_plan([new], _history(fact, renumbered, invoices=(new,)), EVERY_DAY, ON).lines[0]
    assert (Decimal("900.00"), "") == (line.outstanding, line.ended[0][1])


def test_what_was_allocated_of_a_credit_note() -> None:
    """Each part with the number that its invoice has now, once; none of another credit note."""
    credit = invoice("A-1", total="-600.00", status=Status.CREDIT_NOTE)
    part, moved, stranger = told("100.00"), told("200.00", about="F-2/2026"), told(number="A-2", about="F-9/2026")
    renumbered = Confirmed("F-3/2026", day(9), snapshot_of(OTHER), "F-2/2026")
    history = fold([part, moved, stranger, renumbered], LONG_AGO, ON)
    present = [invoice("F-1"), invoice("f-3"), credit]
    found = allocations_of("A-1/2026", present, history)
    assert [(Decimal("100.00"), "F-1"), (Decimal("200.00"), "f-3")] == [(said.amount, name) for said, name in found]
    gone = allocations_of("A-2/2026", present, history)
    assert [(Decimal("300.00"), "F-9")] == [(said.amount, name) for said, name in gone]
    assert () == allocations_of("A-3/2026", present, history)


def test_nothing_told_changes_nothing() -> None:
    """The file alone, as it is; the plan says nothing more."""
    payments = (rest("300.00"), credited("100.00"))
    assert (payments, Decimal(0), ()) == known_payments(invoice(payments=payments), NOTHING, ON)
    assert () == plan_for([invoice(payments=payments)], today=ON).lines[0].ended
