"""Credit notes allocated by hand: each counts until it is undone, and what the file shows after it is asked about."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import DUE, EVERY_DAY, LONG_AGO, day, invoice, paid, plan_for, reminded
from hypothesis import given
from hypothesis import strategies as st

from relance.core.case import known_payments
from relance.core.credit_notes import allocations_of, as_the_file_allocates
from relance.core.facts import Allocated, Confirmed, Fact, Paid
from relance.core.history import NOTHING, FileState, History, Past, Seen, fold
from relance.core.invoice import UNNAMED, Invoice, Payment, Status, invoice_key, keyed, paid_until, snapshot_of
from relance.core.plan import Line
from relance.core.planning import build_plan
from relance.core.seen import remember
from relance.display.lines import because
from relance.journal.rows import to_fact, to_json

KEY = invoice_key(invoice())
ON = day(9)


def told(amount: str = "300.00", shown: str | None = "1200.00", number: str = "A-1", about: str = KEY) -> Allocated:
    """A credit note of day 3, allocated on day 8 when the file left this to pay."""
    before = None if shown is None else Decimal(shown)
    return Allocated(f"{number}/2026", number, about, Decimal(amount), day(3), day(8), before)


def rest(amount: str) -> Payment:
    """What only what is left of the invoice shows."""
    return Payment(Decimal(amount), from_rest=True)


def credited(amount: str, on: date | None = None, number: str = UNNAMED) -> Payment:
    """A credit note as the file shows it."""
    return Payment(Decimal(amount), on, number)


def by_hand(amount: str, shown: str = "0.00", on: int = 7) -> Paid:
    """A payment told when the file showed this much money."""
    return Paid(KEY, Decimal(amount), day(on), Decimal(shown))


def confirmed(left: str, on: int = 12, total: str = "1200.00") -> Confirmed:
    """The user's word that the invoice is right, when the file left this to pay."""
    return Confirmed(KEY, day(on), snapshot_of(invoice(total=total)), shown=Decimal(left))


REMINDED = reminded(invoice(), "friendly", day(5))


def on_day_16(payments: list[Payment], *facts: Fact, total: str = "1200.00") -> tuple[str, str]:
    """The reason and what is outstanding on day 16 of an invoice of 1,200 EUR that the file shows so by then."""
    about = invoice(payments=payments, total=total)
    said = sorted([REMINDED._replace(contact=REMINDED.contact._replace(snapshot=snapshot_of(about))), *facts], key=_day)
    history = as_the_file_allocates(fold(said, LONG_AGO, day(16)), keyed([about]))
    (line,) = build_plan([about], history, EVERY_DAY, day(16)).lines
    assert line.stop.mark in ("", "credit:A-1")
    return line.reason.value, str(line.outstanding)


def _day(fact: Fact) -> date:
    return fact.on


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([], ("due", "900.00")),  # nothing changed: both count
        ([rest("300.00")], ("changed", "600.00")),  # the credit note, or money?
        ([rest("299.99")], ("changed", "600.01")),
        ([rest("500.00")], ("changed", "400.00")),
        ([paid("300.00", day(9))], ("changed", "600.00")),  # a bookkeeper may enter a credit note as a payment
        ([paid("300.00")], ("changed", "600.00")),
        ([credited("300.00")], ("changed", "600.00")),
        ([rest("900.00")], ("changed", "0.00")),  # all is paid, or the credit note is in it and 300 are left
        ([rest("1000.00")], ("changed", "-100.00")),
        ([rest("897.00")], ("changed", "3.00")),  # not too little to be asked for: 303 may be left
        ([rest("1200.00")], ("paid", "-300.00")),  # the file itself leaves nothing
        ([credited("300.00", day(3), "A-1")], ("due", "900.00")),  # the file names it: taken off once
        ([credited("100.00", day(3), "A-9")], ("due", "800.00")),  # another one, by its name
        ([credited("300.00", day(3), "A-1"), paid("900.00", day(9))], ("paid", "0.00")),
        ([credited("300.00", day(3), "A-1"), rest("300.00")], ("due", "600.00")),
    ],
)
def test_an_allocation_counts_and_a_change_of_the_file_after_it_is_asked_about(
    payments: list[Payment], expected: tuple[str, str]
) -> None:
    """Told of an invoice of which nothing was paid; what is outstanding is never more than by the file alone."""
    assert expected == on_day_16(payments, told(shown="1200.00"))


def test_a_total_that_was_lowered_is_asked_about() -> None:
    """Some books take the credit note off the amount; what the customer was told changes nothing here."""
    assert ("changed", "600.00") == on_day_16([], told(shown="1200.00"), total="900.00")
    assert ("due", "600.00") == on_day_16(
        [], told(shown="1200.00"), confirmed("900.00", total="900.00"), total="900.00"
    )


@pytest.mark.parametrize(
    ("payments", "words", "expected"),
    [
        ([rest("400.00")], [confirmed("800.00")], ("due", "500.00")),  # both count
        ([rest("900.00")], [confirmed("300.00")], ("paid", "0.00")),
        ([rest("897.00")], [confirmed("303.00")], ("below_minimum", "3.00")),
        ([rest("400.00")], [confirmed("800.00", on=7)], ("changed", "500.00")),  # before: about something else
        ([rest("450.00")], [confirmed("800.00")], ("changed", "450.00")),  # another sum is another question
        ([rest("400.00")], [confirmed("800.00", on=9), confirmed("750.00")], ("due", "500.00")),  # and back
        ([], [confirmed("800.00")], ("due", "900.00")),
    ],
)
def test_once_confirmed_both_count(payments: list[Payment], words: list[Fact], expected: tuple[str, str]) -> None:
    """The user said that what the file then left is right without the credit note."""
    assert expected == on_day_16(payments, told(shown="1200.00"), *words)


def test_once_undone_the_file_alone_counts() -> None:
    """To take back an allocation is to forget it."""
    assert ("due", "900.00") == on_day_16([rest("300.00")])


@pytest.mark.parametrize("shown", ["0.00", None])
def test_a_word_of_an_older_version_is_asked_about_once(shown: str | None) -> None:
    """It looked at other sums, or at none."""
    assert ("changed", "900.00") == on_day_16([], told(shown=shown))
    assert ("due", "900.00") == on_day_16([], told(shown=shown), confirmed("1200.00"))


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([], ("due", "400.00")),
        ([rest("500.00")], ("due", "400.00")),  # the file shows the payment
        ([paid("500.00", day(9))], ("due", "400.00")),
        ([rest("300.00")], ("due", "400.00")),  # a part of either: the other part still counts
        ([rest("600.00")], ("changed", "300.00")),
        ([rest("800.00")], ("changed", "100.00")),  # the credit note too, or 300 of money
        ([paid("500.00", day(9)), credited("300.00")], ("changed", "100.00")),
        ([paid("500.00", day(9)), credited("300.00", day(3), "A-1")], ("due", "400.00")),
    ],
)
@pytest.mark.parametrize("on", [7, 9])
def test_a_payment_told_by_hand_is_no_credit_note(payments: list[Payment], expected: tuple[str, str], on: int) -> None:
    """500 EUR told before or after the allocation: that the file comes to show them asks nothing."""
    assert expected == on_day_16(payments, told(shown="1200.00"), by_hand("500.00", on=on))


def test_a_payment_taken_back_that_the_file_shows_is_asked_about() -> None:
    """What explained the lower rest is gone: it may be the credit note."""
    assert ("changed", "400.00") == on_day_16([rest("500.00")], told(shown="1200.00"))


def test_of_two_allocations_each_is_asked_about() -> None:
    """A second credit note told of the lower rest says nothing of the first one."""
    second = told("200.00", shown="900.00", number="A-2")
    assert ("changed", "400.00") == on_day_16([rest("300.00")], told(shown="1200.00"), second)
    assert ("due", "400.00") == on_day_16([rest("300.00")], told(shown="1200.00"), second, confirmed("900.00"))


def test_it_keeps_its_name_and_its_day() -> None:
    """Interest and letters stay what they were; the file's amount stays money."""
    past = fold([told()], DUE, ON).invoices[KEY]
    known = known_payments(invoice(payments=[rest("500.00")]), past, ON)
    assert ((rest("500.00"), Payment(Decimal("300.00"), day(3), "A-1")), Decimal(0)) == known


AMOUNTS = st.decimals(min_value="0.01", max_value="900", places=2, allow_nan=False)


@given(st.lists(AMOUNTS, max_size=3), st.lists(AMOUNTS, max_size=2), AMOUNTS, AMOUNTS, st.booleans())
def test_never_less_than_the_file_nor_more_than_all(
    allocated: list[Decimal], payments: list[Decimal], before: Decimal, now: Decimal, column: bool
) -> None:
    """What the file shows counts whole, each credit note once, what was told at most once."""
    kind = credited if column else rest
    said = tuple(told(str(amount), str(before), f"A-{n}") for n, amount in enumerate(allocated))
    past = Past(allocations=said, payments=tuple(Paid(KEY, amount, day(1), before) for amount in payments))
    about = invoice(payments=[kind(str(now))])
    known, _ = known_payments(about, past, ON)
    total = sum((payment.amount for payment in known), Decimal(0))
    assert now + sum(allocated) <= total <= now + sum(allocated) + sum(payments)
    assert all(payment.amount > 0 for payment in known)
    assert now == paid_until(about, ON)


def _mornings(before: Invoice, after: Invoice, *words: Fact, days: int = 20) -> list[Line]:
    """The line of each day from the eighth on; the file shows `after` from the twelfth."""
    seen: dict[str, Seen] = {}
    found: list[Line] = []
    for offset in range(6, days):
        about = before if offset < 12 else after
        facts: list[Fact] = [REMINDED, told(shown="1200.00"), *words]
        history = fold(facts, LONG_AGO, day(offset))._replace(seen=seen, file=FileState(day(offset)))
        plan = build_plan([about], as_the_file_allocates(history, keyed([about])), EVERY_DAY, day(offset))
        found += plan.lines
        seen |= {row.invoice: row for row in remember(plan)}
    return found[2:]


def test_what_the_file_names_of_it_is_no_new_payment() -> None:
    """The firm reminder leaves on its day, for what is left; nothing is asked."""
    lines = _mornings(invoice(), invoice(payments=[credited("300.00", day(3), "A-1")]))
    assert {Decimal("900.00")} == {line.outstanding for line in lines}
    assert {Decimal("0.00")} == {line.told for line in lines}
    assert "due" == lines[day(15).day - day(8).day].reason.value


def test_the_question_says_what_counts_and_both_answers() -> None:
    """That the credit note is taken off still; to undo it where the file has it, to confirm where both are right."""
    line = _mornings(invoice(), invoice(payments=[rest("300.00")]))[day(15).day - day(8).day]
    assert ("changed", Decimal("600.00")) == (line.reason.value, line.outstanding)
    assert because(line).startswith(
        "le reste dû du fichier a changé depuis l’imputation de l’avoir A-1, qui s’en déduit"
    )
    assert because(line).endswith("(relance undo F-1) → relance confirm F-1 (si c’est juste)")


def test_it_is_in_the_journal_whole() -> None:
    """What the file left travels with it; of an older journal nobody knows."""
    assert told() == to_fact("allocated", to_json(told()))
    assert confirmed("900.00") == to_fact("confirmed", to_json(confirmed("900.00")))
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
    assert [(), ((lost, "F-1"),)] == [line.case.past.overruled for line in lines]
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
    seen = {row.invoice: row for row in remember(build_plan([OTHER], run, EVERY_DAY, ON))}
    line = build_plan([TAKES, OTHER], _history(fact, later)._replace(seen=seen), EVERY_DAY, day(16)).lines[1]
    assert "changed" == line.reason.value
    assert because(line).startswith("moins en est réglé qu’au dernier passage\u202f; l’avoir A-1 (300,00\u00a0€)")
    assert because(line).endswith("→ relance confirm F-2 (si c’est juste)")


def test_an_allocation_goes_on_under_a_new_number() -> None:
    """With what the file showed then; the file that takes the credit note off the new number is no other invoice's."""
    renumbered = Confirmed("F-3/2026", day(9), snapshot_of(OTHER), "F-2/2026")
    fact = told(about="F-2/2026")
    past = fold([fact, renumbered], LONG_AGO, ON).invoices["F-3/2026"]
    assert (fact._replace(invoice="F-3/2026"),) == past.allocations
    new = invoice("F-3", payments=TAKES.payments)
    line = build_plan([new], _history(fact, renumbered, invoices=(new,)), EVERY_DAY, ON).lines[0]
    assert (Decimal("900.00"), ()) == (line.outstanding, line.case.past.overruled)


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
    assert (payments, Decimal(0)) == known_payments(invoice(payments=payments), NOTHING, ON)
    assert () == plan_for([invoice(payments=payments)], today=ON).lines[0].case.past.overruled
