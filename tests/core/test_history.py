"""Facts folded into a state: nothing of a later day, holds and releases in order, payments absorbed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from core_support import DUE, answer, day, invoice, line_for, paid, reminded
from hypothesis import given
from hypothesis import strategies as st

from relance.core.bank import Portion, Word
from relance.core.case import contacts_of, known_payments
from relance.core.credit_notes import as_the_file_allocates
from relance.core.facts import (
    Allocated,
    Approved,
    Backlog,
    Confirmed,
    Credited,
    CreditShare,
    Drafted,
    Fact,
    FileConfirmed,
    Held,
    HoldReason,
    InDoubt,
    Paid,
    Refused,
    Released,
    Reminded,
)
from relance.core.history import NOTHING, Past, Promise, fold
from relance.core.invoice import Contact, Payment, invoice_key, paid_until, snapshot_of

KEY = invoice_key(invoice())
SEEN = snapshot_of(invoice())


def _each_kind(on: date) -> list[Fact]:
    return [
        reminded(invoice(), "friendly", on),
        InDoubt(KEY, "friendly", "email", on),
        Drafted(KEY, "friendly", "email", on),
        Refused(KEY, "compta@alpha.example", on),
        Held(KEY, HoldReason.PAUSE, on),
        Paid(KEY, Decimal("10.00"), on),
        Approved(KEY, "formal_notice", on, Decimal("1200.00"), SEEN),
        answer(Backlog.GENTLY, on),
        Confirmed(KEY, on, SEEN),
    ]


def test_each_fact_has_its_place() -> None:
    """Nothing that was told is lost."""
    state = fold(_each_kind(day(3)), DUE, day(3))
    past = state.invoices[KEY]
    assert [1] * 6 == [
        len(kind)
        for kind in (
            past.contacts,
            past.doubts,
            past.drafts,
            past.payments,
            past.approvals,
            past.confirmations,
        )
    ]
    assert 1 == len(state.refused)
    assert (Backlog.GENTLY, 1, DUE) == (state.backlog, len(state.holds[KEY]), state.started)


def test_facts_of_later_days_are_hidden() -> None:
    """Only the last day shows that they exist."""
    state = fold([*_each_kind(day(3)), Released(KEY, day(3))], DUE, day(2))
    assert ({}, {}, {}, {}, None) == (state.invoices, state.holds, state.releases, state.addresses, state.backlog)
    assert day(3) == state.last_day


def test_a_release_ends_all_earlier_holds_and_none_later() -> None:
    """Facts are taken in the order in which they were told."""
    first, second = (Held(KEY, HoldReason.PAUSE, day(n)) for n in (1, 2))
    again = Held(KEY, HoldReason.DISPUTE, day(3))
    state = fold([first, second, Released(KEY, day(3)), again], DUE, day(9))
    assert {KEY: (again,)} == state.holds
    assert {KEY: day(3)} == state.releases


@pytest.mark.parametrize("reason", list(HoldReason))
def test_a_hold_told_again_takes_the_place_of_the_one_before(reason: HoldReason) -> None:
    """The newest of a reason counts, earlier or later; another reason and another target stand beside it."""
    other = HoldReason.PAUSE if reason is not HoldReason.PAUSE else HoldReason.DISPUTE
    beside = Held(KEY, other, day(1))
    theirs = [Held(f"name:alpha|{who}@alpha.example", reason, day(1), day(30)) for who in "ab"]
    for until in (day(10), day(50)):
        again = Held(KEY, reason, day(3), until)
        state = fold([Held(KEY, reason, day(1), day(30)), beside, again, *theirs], DUE, day(4))
        assert ((beside, again), tuple(theirs)) == (state.holds[KEY], state.holds["name:alpha"])


def test_the_last_answer_about_the_backlog_counts() -> None:
    """An answer can be changed."""
    facts = [answer(Backlog.AS_IS, day(1)), answer(Backlog.IGNORE, day(2))]
    assert (Backlog.AS_IS, Backlog.IGNORE) == (fold(facts, DUE, day(1)).backlog, fold(facts, DUE, day(2)).backlog)


def test_an_address_remembers_its_last_mail() -> None:
    """Whatever its case; a call is not a message to an address."""
    facts = [
        reminded(invoice(), "friendly", day(9)),
        reminded(invoice("F-2"), "courtesy", day(5)),
        reminded(invoice("F-3"), "firm", day(12), channel="call"),
    ]
    assert {"compta@alpha.example": day(9)} == fold(facts, DUE, day(20)).addresses


def test_contacts_of_the_file_and_of_the_journal_are_one_history() -> None:
    """Oldest first; the file's later ones are not known yet."""
    in_file = [reminded(invoice(), stage, day(n)).contact for stage, n in (("firm", 20), ("friendly", 5))]
    told = reminded(invoice(), "courtesy", day(-5)).contact
    about, past = invoice(contacts=in_file), Past(contacts=(told,))
    assert ["courtesy", "friendly"] == [c.stage for c in contacts_of(about, past, day(19))]
    assert ["courtesy", "friendly", "firm"] == [c.stage for c in contacts_of(about, past, day(20))]
    assert ["courtesy"] == [c.stage for c in contacts_of(invoice(), past, day(20))]


# Payments told by hand: (amount, what the file showed then)


@pytest.mark.parametrize(
    ("told", "shown_now", "expected"),
    [
        ([], "300.00", "300.00"),
        ([("500.00", "0.00")], "0.00", "500.00"),
        ([("500.00", "100.00")], "100.00", "600.00"),
        ([("500.00", "0.00")], "500.00", "500.00"),  # absorbed
        ([("500.00", "100.00")], "600.00", "600.00"),  # absorbed
        ([("500.00", "0.00")], "200.00", "500.00"),  # partly absorbed
        ([("500.00", "0.00")], "700.00", "700.00"),  # more came
        ([("200.00", "0.00"), ("300.00", "0.00")], "0.00", "500.00"),
        ([("200.00", "0.00"), ("300.00", "0.00")], "200.00", "500.00"),
        ([("200.00", "0.00"), ("300.00", "0.00")], "500.00", "500.00"),
        ([("200.00", "0.00"), ("300.00", "200.00")], "200.00", "500.00"),
        ([("200.00", "0.00"), ("300.00", "200.00")], "500.00", "500.00"),
    ],
)
def test_a_payment_told_counts_on_top_until_the_file_absorbs_it(
    told: list[tuple[str, str]], shown_now: str, expected: str
) -> None:
    """On top of the paid amount that the file showed then; when the file's amount rises, it absorbs it."""
    facts = [Paid(KEY, Decimal(amount), day(3 + i), Decimal(shown)) for i, (amount, shown) in enumerate(told)]
    about = invoice(payments=[paid(shown_now)] if Decimal(shown_now) else [])
    line = line_for(about, facts, day(30))
    assert (Decimal(expected), Decimal("1200.00") - Decimal(expected)) == (line.paid, line.outstanding)


def test_a_payment_told_in_full_settles_the_invoice() -> None:
    """Nothing is claimed any more, and what was told stays dated for the charges of a part payment."""
    assert "paid" == line_for(invoice(), [Paid(KEY, Decimal("1200.00"), day(9))], day(30)).reason.value
    part = line_for(invoice(), [Paid(KEY, Decimal("200.00"), day(9))], day(30))
    assert [9, 21] == [segment.days for segment in part.charges.segments]


@pytest.mark.parametrize("pay_first", [True, False])
@pytest.mark.parametrize(("shown", "left"), [("0.00", "400.00"), ("500.00", "400.00"), ("600.00", "300.00")])
def test_a_credit_note_absorbs_no_payment(pay_first: bool, shown: str, left: str) -> None:
    """What was told by `pay` and by `allocate` adds up, in whichever order; only the file's own amount absorbs."""
    told = [
        Paid(KEY, Decimal("500.00"), day(9)),
        Allocated("A-1/2026", "A-1", KEY, Decimal("300.00"), day(3), day(9)),
    ]
    facts: list[Fact] = [*(told if pay_first else reversed(told))]
    about = invoice(payments=[paid(shown)] if Decimal(shown) else [])
    assert Decimal(left) == line_for(about, facts, day(30)).outstanding


AMOUNTS = st.decimals(min_value="0.01", max_value="900", places=2, allow_nan=False)


@given(st.lists(AMOUNTS, max_size=4), AMOUNTS, AMOUNTS)
def test_known_payments_never_lose_nor_double_money(told: list[Decimal], shown: Decimal, now: Decimal) -> None:
    """At least what the file shows; at most that and all that was told; whole once the file has absorbed it."""
    facts = [Paid(KEY, amount, day(1), shown) for amount in told]
    past = Past(payments=tuple(facts))
    about = invoice(payments=[paid(str(now))])
    total = sum((payment.amount for payment in known_payments(about, past, day(2))[0]), Decimal(0))
    assert now <= total <= now + sum(told)
    if now >= shown + sum(told):
        assert now == total
    if now == shown:
        assert shown + sum(told) == total
    assert known_payments(about, NOTHING, day(2))[0] == about.payments
    assert now == paid_until(about, day(2))


@given(st.permutations(range(9)), st.integers(min_value=0, max_value=20))
def test_folding_is_pure(order: list[int], today: int) -> None:
    """The same facts give the same state twice, and facts of different kinds may come in any order."""
    facts = [_each_kind(day(3))[i] for i in order]
    kept = list(facts)
    assert fold(facts, DUE, day(today)) == fold(iter(facts), DUE, day(today))
    assert kept == facts
    assert fold(_each_kind(day(3)), DUE, day(today)) == fold(facts, DUE, DUE + timedelta(days=today))


def test_a_letter_is_one_contact_however_often_it_is_told_of() -> None:
    """Its tracking number, posting and receipt complete it; a letter about another due date is another."""
    base = Contact("formal_notice", "letter", day(31), snapshot=SEEN)
    told = [
        base._replace(tracking="1A", posted=day(31)),
        base._replace(on=day(35), received=day(34), cause="cash", note="signée"),
        base._replace(on=day(36)),
        base._replace(on=day(90), snapshot=SEEN._replace(due_date=day(60))),
        base._replace(stage="firm"),
        base._replace(channel="email"),
        base._replace(channel="email"),
    ]
    contacts = fold([Reminded(KEY, each) for each in told], DUE, day(99)).invoices[KEY].contacts
    assert base._replace(tracking="1A", posted=day(31), received=day(34), cause="cash", note="signée") == contacts[0]
    assert [("letter", 31), ("letter", 90), ("letter", 31), ("email", 31), ("email", 31)] == [
        (each.channel, (each.on - day(0)).days) for each in contacts
    ]


def test_promises_are_kept_in_mind() -> None:
    """A renewed promise and a released one end on that day; a later one runs."""
    facts: list[Fact] = [
        Held(KEY, HoldReason.PROMISE, day(1), day(9)),
        Held(KEY, HoldReason.PROMISE, day(3), day(12)),
        Released(KEY, day(5)),
        Held(KEY, HoldReason.PROMISE, day(6), day(15)),
        Held(KEY, HoldReason.PAUSE, day(7), day(20)),
    ]
    state = fold(facts, DUE, day(30))
    assert (
        Promise(day(9), day(1), day(3), KEY),
        Promise(day(12), day(3), day(5), KEY),
        Promise(day(15), day(6), None, KEY),
    ) == state.promises[KEY]


def test_confirming_a_file_is_about_no_invoice() -> None:
    """It is kept for the file, not folded."""
    assert {} == fold([FileConfirmed("abc", day(1))], DUE, day(2)).invoices


def test_an_allocation_that_the_file_shows_too_is_counted_once() -> None:
    """Told first, then named by the file for this invoice: one credit note pays once, however its number is typed."""
    told = Allocated("A-1/2026", "A-1", KEY, Decimal("300.00"), day(8), day(8))
    history = fold([told], DUE, day(9))
    assert [(Decimal("300.00"), "A-1")] == [
        (p.amount, p.credit) for p in known_payments(invoice(), history.invoices[KEY], day(9))[0]
    ]
    year_before = day(8).replace(year=day(8).year - 1)
    for number, on, count in (("a-1 ", day(8), 1), ("A-1", None, 1), ("A-2", day(8), 2), ("A-1", year_before, 2)):
        shown = invoice(payments=[Payment(Decimal("300.00"), on, number)])
        past = as_the_file_allocates(history, [(KEY, shown)]).invoices[KEY]
        assert count == len(known_payments(shown, past, day(9))[0])


# What was said of the credits of the bank


def _credited(*shares: CreditShare, on: date, by_hand: bool = True, **tied: Any) -> Credited:
    return Credited("fr76|x1", day(6), Decimal("500.00"), "EUR", on, shares, by_hand, **tied)


def test_a_credit_pays_each_of_its_invoices_once_on_its_own_day() -> None:
    """Whether a run noted it or a person said it; what the file showed before is not added again."""
    other = "F-2026-77/2026"
    shares = (CreditShare(KEY, Decimal("400.00")), CreditShare(other, Decimal("100.00"), Decimal("20.00"), known=True))
    for by_hand in (True, False):
        state = fold([_credited(*shares, on=day(9), by_hand=by_hand)], DUE, day(30))
        assert (Paid(KEY, Decimal("400.00"), day(6), Decimal(0), day(9), "fr76|x1"),) == state.invoices[KEY].payments
        assert other not in state.invoices
        portions = Portion(KEY, Decimal("400.00")), Portion(other, Decimal("100.00"), known=True)
        assert {"fr76|x1": Word(portions, day(9) if by_hand else None)} == state.credits
    line = line_for(invoice(), [_credited(*shares, on=day(9))], day(30))
    assert [6, 24] == [segment.days for segment in line.charges.segments]


def test_the_last_word_on_a_credit_counts_alone() -> None:
    """What it paid before it pays no more, and the payer that was tied then is not tied any more."""
    first = _credited(CreditShare(KEY, Decimal("500.00")), on=day(8), by_hand=False)
    second = _credited(CreditShare("F-9/2026", Decimal("500.00")), on=day(9), payer="ZO", customers=("code:Z",))
    third = _credited(on=day(10), iban="FR76 1")
    assert {"F-9/2026"} == fold([first, second, third], DUE, day(9)).invoices.keys()
    assert {"ZO": ("code:Z",)} == fold([first, second, third], DUE, day(9)).payers
    last = fold([first, second, third], DUE, day(10))
    assert ({}, {"fr76|x1": Word((), day(10))}, {"FR76 1": ()}) == (last.invoices, last.credits, last.payers)


def test_what_was_said_said_otherwise_and_said_again_counts_once() -> None:
    """The journal gives the same words as one value: the last time that they were said counts."""
    said = _credited(CreditShare(KEY, Decimal("500.00")), on=day(8))
    aside = _credited(on=day(8))
    assert [Decimal("500.00")] == [
        each.amount for each in fold([said, aside, said], DUE, day(9)).invoices[KEY].payments
    ]
    assert {} == fold([said, aside, said, aside], DUE, day(9)).invoices


def test_payers_add_up_over_credits() -> None:
    """One who pays for two companies is tied to both, by name and by account."""
    one = _credited(on=day(8), payer="HOLDING", iban="FR76 1", customers=("code:A", "code:B"))
    other = one._replace(credit="fr76|x2", on=day(9), iban="", customers=("code:B", "code:C"))
    both = {"FR76 1": ("code:A", "code:B"), "HOLDING": ("code:A", "code:B", "code:C")}
    assert both == fold([one, other], DUE, day(9)).payers


def test_a_credit_goes_on_with_the_invoice_under_its_new_number() -> None:
    """A number that was edited, and edited back: the credit pays the invoice that is there, and that one alone."""
    said = _credited(CreditShare("OLD/2026", Decimal("500.00")), on=day(8))
    there = Confirmed("NEW/2026", day(9), SEEN, was="OLD/2026")
    back = Confirmed("OLD/2026", day(10), SEEN, was="NEW/2026")
    told: tuple[Fact, ...] = (said, there, back)
    for count, present in enumerate(("OLD/2026", "NEW/2026", "OLD/2026"), 1):
        state = fold(told[:count], DUE, day(20))
        assert (Portion(present, Decimal("500.00")),) == state.credits["fr76|x1"].portions
        assert [Decimal("500.00")] == [each.amount for each in state.invoices[present].payments]
