"""The numbers of the report on small files made up by hand: what counts, what is left out, what says nothing."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from core_support import DUE, customer, day, invoice, paid, plan_for, reminded

from relance.core.facts import Allocated, Fact, Held, HoldReason, Instalment
from relance.core.figures import Figures, cost_in_sales, figures_of
from relance.core.invoice import ZERO, Invoice, Status, invoice_key
from relance.core.pace import ENOUGH
from relance.core.stage_results import StageResult, Yield

NOW = day(60)


def report(invoices: Iterable[Invoice], facts: Iterable[Fact] = (), today: date = NOW) -> Figures:
    """The figures in the first currency."""
    return figures_of(plan_for(list(invoices), facts, today), {})[0]


def settled(number: int, late: int, *, due: date = DUE, total: str = "100.00", **more: object) -> Invoice:
    """An invoice that was paid so many days after its due date."""
    return invoice(f"P-{number}", due, total, payments=[paid(total, due + timedelta(days=late))], **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("late", "place"), [(-3, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (400, 4)]
)
def test_ages(late: int, place: int) -> None:
    """What is due today is not late; each age has its last day."""
    ages = report([invoice(due=NOW - timedelta(days=late))]).ages
    assert place == list(map(bool, ages)).index(True)
    assert (Decimal("1200.00"), Decimal("1200.00") if late > 0 else ZERO) == (ages.outstanding, ages.overdue)


def test_what_no_total_counts_is_owed_by_nobody() -> None:
    """A draft, what was cancelled, given up or sold: neither owed nor, the first two, ever billed."""
    states = [Status.DRAFT, Status.CANCELLED, Status.WRITTEN_OFF, Status.FACTORED, Status.UNCLEAR]
    found = report(invoice(f"F-{state}", status=state) for state in states)
    assert ZERO == found.ages.outstanding
    assert () == found.open_bills


def test_credit_notes_stand_apart() -> None:
    """One that pays no invoice is never taken off what is owed."""
    note = invoice("AV-1", total="-150.00", status=Status.CREDIT_NOTE)
    found = report([invoice("F-1", total="400.00"), note])
    assert (Decimal("400.00"), Decimal("150.00")) == (found.ages.outstanding, found.credits)
    assert [Decimal("150.00")] == [owing.credits for owing in found.customers]


def test_each_currency_has_its_own() -> None:
    """Euros first; nothing is added across."""
    found = figures_of(plan_for([invoice("F-1", currency="CHF"), invoice("F-2"), invoice("F-3", currency="AUD")]), {})
    assert ["EUR", "AUD", "CHF"] == [each.currency for each in found]
    assert ["EUR"] == [each.currency for each in figures_of(plan_for([]), {})]


def test_under_five_nothing_is_concluded() -> None:
    """Four paid invoices have no median, no rate, no days; the fifth gives them."""
    four = [settled(n, n) for n in range(ENOUGH - 1)]
    for extra, known in ((0, False), (1, True)):
        found = report([*four, *(settled(9, 9) for _ in range(extra))], today=day(20))
        (owing,) = found.customers
        measures = (found.pace.to_pay, found.pace.late, found.pace.simple)
        assert [known] * 3 == [each.value is not None for each in measures]
        assert known == (owing.habits.median_days is not None)
        assert ENOUGH - 1 + extra == owing.habits.paid == found.pace.to_pay.invoices


def test_payments_without_a_day_tell_no_delay() -> None:
    """They are counted apart, and no habit is made of them."""
    found = report([invoice(f"F-{n}", payments=[paid("1200.00")]) for n in range(6)])
    assert (6, 0) == (found.pace.without_day, found.pace.to_pay.invoices)
    assert (6, 0) == (found.customers[0].habits.without_day, found.customers[0].habits.paid)


def test_the_last_payment_needed_is_the_day() -> None:
    """Two parts: the second one leaves nothing; a credit note that pays the rest is no payment."""
    parts = invoice("F-1", payments=[paid("200.00", day(3)), paid("1000.00", day(8))])
    noted = invoice("F-2", payments=[paid("1000.00", day(4)), paid("200.00", day(9))._replace(credit="AV-9")])
    alone = invoice("F-3", payments=[paid("1200.00", day(9))._replace(credit="AV-8")])
    more = invoice("F-4", payments=[paid("1200.00", day(2)), paid("40.00", day(30))])  # charges, paid later
    found = report([parts, noted, alone, more])
    assert (2, 4, 8) == found.customers[0].habits.days


def test_a_file_of_open_invoices_alone_has_no_speed() -> None:
    """What was paid is not in it: days of sales would be made of what is owed itself."""
    opened = [invoice(f"F-{n}", DUE + timedelta(days=n)) for n in range(20)]
    pace = report(opened, today=day(10)).pace
    measures = (pace.countback, pace.simple, pace.best, pace.effectiveness, pace.to_pay)
    assert [None] * 5 == [each.value for each in measures]


def test_few_invoices_in_ninety_days_are_looked_at_for_a_year() -> None:
    """Under ten, the window of the simple figures is a year."""
    old = [settled(n, 0, due=NOW - timedelta(days=200)) for n in range(20)]
    assert 365 == report([*old, invoice("F-1")]).pace.window
    assert 90 == report([*old, *(settled(100 + n, 0, due=day(30)) for n in range(10))]).pace.window


def test_invoices_without_a_day_of_issue_are_left_out_of_sales() -> None:
    """Nobody knows when they were sold."""
    known = [settled(n, 0, due=day(30)) for n in range(10)]
    found = report([*known, invoice("F-1", terms=None)])
    assert 1 == found.pace.unissued
    assert 10 == found.pace.simple.invoices


ASKED = day(5)


def result(pays: int | None, *, later: Sequence[tuple[str, int]] = (), today: date = NOW) -> StageResult:
    """What a friendly reminder on ASKED brought, paid so many days after the due date (None: not yet)."""
    about = invoice("F-1", payments=[] if pays is None else [paid("1200.00", day(pays))])
    facts = [reminded(about, "friendly", ASKED), *(reminded(about, stage, day(on)) for stage, on in later)]
    return report([about], facts, today).stages[0]


@pytest.mark.parametrize(
    ("pays", "counted"), [(4, False), (5, False), (6, True), (19, True), (20, False), (None, False)]
)
def test_a_stage_counts_what_came_in_fourteen_days(pays: int | None, counted: bool) -> None:
    """Not what was on its way that day, nor what came later."""
    found = result(pays)
    assert ("friendly", 1, int(counted)) == (found.stage, found.contacted.cases, found.contacted.paid)
    assert (Decimal("1200.00") if counted else ZERO) == found.contacted.amount


@pytest.mark.parametrize(("pays", "counted"), [(11, True), (12, True), (13, False)])
def test_the_next_contact_ends_it(pays: int, counted: bool) -> None:
    """What comes after the firm mail is counted beside that one."""
    assert int(counted) == result(pays, later=[("firm", 12)]).contacted.paid


def test_the_letter_of_a_mail_is_no_next_contact() -> None:
    """A stage that goes out twice is one; a thank-you ends nothing."""
    assert 1 == result(14, later=[("friendly", 9)]).contacted.paid
    assert 1 == result(14, later=[("thanks", 10)]).contacted.paid


def test_what_still_runs_is_no_failure() -> None:
    """Within the fourteen days an open invoice is neither paid nor not."""
    assert 1 == result(None, today=day(15)).contacted.pending
    assert 0 == result(None, today=day(20)).contacted.pending


def test_a_share_needs_five_invoices_whose_days_are_over() -> None:
    """Six contacted, two of them still running."""
    several = [invoice(f"F-{n}", DUE + timedelta(days=n)) for n in range(6)]
    facts = [reminded(each, "friendly", each.due_date + timedelta(days=5)) for each in several]
    assert [None] == [each.contacted.percent for each in report(several, facts, day(23)).stages]
    assert [Decimal(0)] == [each.contacted.percent for each in report(several, facts, day(30)).stages]


def silent(*pays: int | None, today: date = NOW, due: date = DUE, terms: int = 30) -> Yield:
    """What came in without a contact at the age of the friendly reminder, beside one that was sent one.

    They are paid so many days after DUE, None: not at all.
    """
    told = invoice("F-0")
    money = [[] if late is None else [paid("1200.00", day(late))] for late in pays]
    others = [invoice(f"S-{n}", due, terms=terms, payments=came) for n, came in enumerate(money)]
    found = report([told, *others], [reminded(told, "friendly", ASKED)], today).stages[0].nothing_sent
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("pays", "cases", "counted"),
    [(5, 0, 0), (6, 1, 1), (15, 1, 1), (16, 1, 0), (None, 1, 0)],  # the firm one's day is the 15th
)
def test_what_pays_by_itself_stands_beside(pays: int | None, cases: int, counted: int) -> None:
    """Owed on the day of the friendly reminder, and paid before the next stage's day: without a word from us."""
    found = silent(pays)
    assert (cases, counted) == (found.cases, found.paid)
    assert (Decimal(1200 * cases), Decimal(1200 * counted)) == (found.asked, found.amount)


def test_the_last_stage_counts_fourteen_days_of_silence() -> None:
    """No next stage ends it."""
    told = invoice("F-0")
    others = [invoice(f"S-{late}", payments=[paid("1200.00", day(late))]) for late in (44, 45)]
    (found,) = report([told, *others], [reminded(told, "formal_notice", day(30))]).stages
    assert found.nothing_sent is not None
    assert (2, 1) == (found.nothing_sent.cases, found.nothing_sent.paid)


def test_silence_has_its_own_days() -> None:
    """What still runs is no failure, an age not reached is no case; under five there is no share."""
    assert (1, 1) == silent(None, today=day(15))[:2]
    assert (1, 0) == silent(None, today=day(16))[:2]
    assert 0 == silent(None, today=day(5), due=day(1)).cases
    assert None is silent(6, 7, 8, 16).percent
    assert Decimal(80) == silent(6, 7, 8, 9, 16).percent
    assert Decimal(3) == silent(6, 7, 8, 9, 10).median_days


@pytest.mark.parametrize(
    ("stage", "on", "cases"),
    [("friendly", 5, 0), ("firm", 14, 0), ("firm", 16, 1), ("", 3, 0), ("thanks", 8, 1)],
)
def test_whoever_was_contacted_was_not_left_alone(stage: str, on: int, cases: int) -> None:
    """By any way and stage, before those days or in them; a contact after them, or a thank-you, is none."""
    told, other = invoice("F-0"), invoice("F-1")
    facts = [reminded(told, "friendly", ASKED), reminded(other, stage, day(on))]
    found = report([told, other], facts).stages[0].nothing_sent
    assert found is not None
    assert cases == found.cases


def test_what_stands_on_no_ladder_has_no_age() -> None:
    """A message about a broken promise has no day of its own."""
    about = invoice("F-1")
    (found,) = report([about, invoice("F-2")], [reminded(about, "broken_promise", day(20))]).stages
    assert None is found.nothing_sent


def test_a_ladder_of_its_own_has_its_own_days() -> None:
    """Long terms: the friendly reminder is due after ten days, the firm one after twenty-five."""
    assert (1, 1) == (silent(12, terms=60).cases, silent(12, terms=60).paid)
    assert 0 == silent(8, terms=60).cases  # before that day


@pytest.mark.parametrize(
    ("late", "foreseen"),
    [
        ([10, 12], None),  # too few
        ([10, 12, 14], 12),
        ([0, 12, 40], None),  # half of them lie farther than a week from the middle
        ([10, 11, 12, 13, 90], 12),
        ([-8, -5, -4], -5),
    ],
)
def test_foreseen_only_where_habits_are_steady(late: Sequence[int], foreseen: int | None) -> None:
    """Three paid invoices at least, half of them within a week of the middle one; never a day that is over."""
    past = [settled(n, days, due=DUE - timedelta(days=100)) for n, days in enumerate(late)]
    found = report([*past, invoice("F-9", NOW + timedelta(days=10))])
    on = [each.foreseen for each in found.open_bills]
    assert [None if foreseen is None else NOW + timedelta(days=10 + foreseen)] == on
    assert [None] == [each.foreseen for each in report([*past, invoice("F-9", NOW - timedelta(days=50))]).open_bills]


def test_usual_stage() -> None:
    """The last thing said before it was paid, where more than half of the payments share it."""
    several = [settled(n, 8) for n in range(6)]
    facts = [reminded(each, "friendly", day(5)) for each in several[:4]]
    facts += [reminded(each, "firm", day(12)) for each in several]  # after it was paid
    assert "friendly" == report(several, facts).customers[0].habits.usual_stage
    assert "" == report(several).customers[0].habits.usual_stage
    assert None is report(several, facts[:3]).customers[0].habits.usual_stage


def test_promises() -> None:
    """Kept where all that it was about was paid in time, else broken; one that runs is only made."""
    kept = invoice("F-1", payments=[paid("1200.00", day(9))])
    broken, runs = invoice("F-2"), invoice("F-3")
    facts = [
        Held(invoice_key(about), HoldReason.PROMISE, day(1), until)
        for about, until in ((kept, day(10)), (broken, day(20)), (runs, NOW + timedelta(days=5)))
    ]
    habits = report([kept, broken, runs], facts).customers[0].habits
    assert (3, 1, 1) == (habits.made, habits.kept, habits.broken)


def test_what_is_to_come() -> None:
    """What falls due today and in the days after, what was promised, what is left of a payment plan."""
    owner = customer("Beta")
    due_today, in_a_week = invoice("F-1", NOW), invoice("F-2", NOW + timedelta(days=7))
    in_a_month, promised = invoice("F-3", NOW + timedelta(days=30)), invoice("F-4", total="300.00", owner=owner)
    planned = invoice("F-5", total="500.00", owner=owner, payments=[paid("50.00", day(50))])
    parts = (Instalment(day(40), Decimal("100.00")), Instalment(day(70), Decimal("400.00")))
    facts = [
        Held(invoice_key(promised), HoldReason.PROMISE, day(58), day(65)),
        Held(invoice_key(planned), HoldReason.PLAN, day(30), None, "", parts, (invoice_key(planned),)),
    ]
    coming = report([due_today, in_a_week, in_a_month, promised, planned], facts).coming
    assert (Decimal("2400.00"), 2) == (coming.week, coming.week_invoices)
    assert (Decimal("3600.00"), 3) == (coming.month, coming.month_invoices)
    told = [(each.on, each.customer, str(each.amount), each.instalment) for each in coming.agreed]
    assert [(day(65), "Beta", "300.00", False), (day(70), "Beta", "400.00", True)] == told


def test_limits_nearest_first() -> None:
    """Of what is open and late alone."""
    old, older = (invoice(f"F-{n}", date(2022, n, 1)) for n in (5, 3))
    found = report([old, older, invoice("F-9", NOW + timedelta(days=3)), settled(1, 2)])
    assert ["F-3", "F-5"] == [limit.bill.line.invoice.number for limit in found.limits]
    assert found.limits[0].on < found.limits[1].on


def test_what_was_paid_late_could_be_claimed() -> None:
    """A fee each, and interest for the days; nothing of what was paid in time, or over a year ago."""
    late, early = settled(1, 10, total="3650.00"), settled(2, 0)
    long_ago = settled(3, 10, due=NOW - timedelta(days=500))
    costs = report([late, early, long_ago]).claimable
    assert (1, Decimal("40.00"), Decimal("14.00")) == (costs.paid_invoices, costs.paid_fees, costs.paid_interest)
    assert 0 == costs.invoices


def test_cost_in_sales() -> None:
    """At 20 % five times as much has to be sold."""
    assert Decimal("500") == cost_in_sales(Decimal("100.00"), Decimal("20"))


def test_an_allocated_credit_note_is_taken_off() -> None:
    """What the user told that it pays is owed no more, and stands apart no more."""
    about, note = invoice("F-1", total="400.00"), invoice("AV-1", total="-150.00", status=Status.CREDIT_NOTE)
    said = Allocated(invoice_key(note), "AV-1", invoice_key(about), Decimal("150.00"), DUE, day(1), Decimal("400.00"))
    found = report([about, note], [said])
    assert (Decimal("250.00"), ZERO) == (found.ages.outstanding, found.credits)
