"""Whole lives of invoices, day by day: what is sent is remembered, and the ladder comes to its end."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from core_support import (
    DEFAULT,
    LONG_AGO,
    answer,
    customer,
    day,
    invoice,
    ladder_of,
    line_for,
    live_a_day,
    paid,
    plan_for,
    reminded,
    sent,
    verdict,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.core.calendar import WorkCalendar, after_open_days, is_open
from relance.core.facts import Backlog, Fact, Reminded
from relance.core.invoice import Customer, Invoice, invoice_key
from relance.core.plan import Decision, Plan
from relance.core.policy import DunningPolicy
from relance.core.reasons import Reason

PEOPLE = (customer("Alpha"), customer("Bravo"), customer("Charlie", emails=customer("Alpha").emails))
ENOUGH = 200
"""Days after the last due date within which every ladder here has ended, contention for an address included."""


def _live(
    invoices: Sequence[Invoice], days: Sequence[int], policy: DunningPolicy = DEFAULT, started: date | None = LONG_AGO
) -> tuple[list[Reminded], dict[int, Plan]]:
    """Run on these days; what was sent, and the plan of each day."""
    facts: list[Fact] = []
    plans = {n: live_a_day(invoices, facts, day(n), policy, started) for n in days}
    return [fact for fact in facts if isinstance(fact, Reminded)], plans


def _ladder(told: Sequence[Reminded]) -> list[tuple[str, date]]:
    return [(fact.contact.stage, fact.on) for fact in told]


def test_the_life_of_an_unpaid_invoice() -> None:
    """Due on Monday 2 March 2026: each stage on its day, or on the working day that follows it."""
    expected = [
        ("courtesy", date(2026, 2, 25)),
        ("friendly", date(2026, 3, 9)),  # 7 March is a Saturday
        ("firm", date(2026, 3, 17)),
        ("formal_notice", date(2026, 4, 1)),
    ]
    told, plans = _live([invoice()], range(-40, 100))
    assert expected == _ladder(told)
    assert Reason.FINISHED is plans[99].lines[0].reason


def test_the_life_of_an_invoice_with_long_terms() -> None:
    """J-5, J+10, J+25, J+50."""
    expected = [
        ("courtesy", date(2026, 2, 25)),
        ("friendly", date(2026, 3, 12)),
        ("firm", date(2026, 3, 27)),
        ("formal_notice", date(2026, 4, 21)),
    ]
    assert expected == _ladder(_live([invoice(terms=60)], range(-40, 100))[0])


def test_a_laptop_that_slept() -> None:
    """First contact two months late: friendly, seven days, firm, its term and three working days, notice."""
    expected = [
        ("friendly", date(2026, 5, 4)),  # 1 May is Labour Day
        ("firm", date(2026, 5, 11)),
        ("formal_notice", date(2026, 5, 21)),  # the term is Monday the 18th
    ]
    assert expected == _ladder(_live([invoice()], range(60, 120))[0])


@pytest.mark.parametrize(
    ("backlog", "expected"),
    [(Backlog.AS_IS, ["formal_notice"]), (Backlog.GENTLY, ["friendly", "firm", "formal_notice"]), (Backlog.IGNORE, [])],
)
def test_the_life_of_an_old_invoice(backlog: Backlog, expected: list[str]) -> None:
    """The answer about the backlog tells where it starts."""
    facts: list[Fact] = [answer(backlog, day(60))]
    for n in range(60, 160):
        live_a_day([invoice()], facts, day(n), DEFAULT, day(60))
    assert expected == [fact.contact.stage for fact in facts if isinstance(fact, Reminded)]


def test_many_runs_a_day_send_once() -> None:
    """However often cron runs, a stage leaves once."""
    facts: list[Fact] = []
    for n in range(-10, 60):
        for _ in range(3):
            live_a_day([invoice()], facts, day(n), DEFAULT, LONG_AGO)
    stages = Counter(fact.contact.stage for fact in facts if isinstance(fact, Reminded))
    assert {"courtesy": 1, "friendly": 1, "firm": 1, "formal_notice": 1} == stages


def test_a_payment_ends_the_life() -> None:
    """Nothing after it is paid, and nothing for seven days after a part of it."""
    part = invoice(payments=[paid("200.00", day(12))])
    assert [-5, 7, 21] == [(on - day(0)).days for _, on in _ladder(_live([part], range(-40, 30))[0])]
    whole = invoice(payments=[paid("1200.00", day(10))])
    assert ["courtesy", "friendly", "thanks"] == [stage for stage, _ in _ladder(_live([whole], range(-40, 100))[0])]


def test_the_next_date_of_a_line_that_leaves_is_kept() -> None:
    """Each message of a lone invoice announces the next one: its stage and its day."""
    for terms, first in ((30, -40), (60, -40), (10, 3), (30, 61)):
        _, plans = _live([invoice(terms=terms)], range(first, 140))
        leaving = [plan.lines[0] for plan in plans.values() if plan.reminders]
        announced = [(line.next_stage.key, line.next_date) for line in leaving if line.next_stage]
        left = [(plan.reminders[0].stage.key, plan.today) for plan in plans.values() if plan.reminders]
        assert left[1:] == announced
        assert (None, None) == (leaving[-1].next_stage, leaving[-1].next_date)


def test_a_courtesy_done_early_is_not_announced_again() -> None:
    """Written by hand ten days before the due date: the next message is friendly."""
    line = line_for(invoice(), [reminded(invoice(), "courtesy", day(-10))], day(-8))
    assert line.next_stage is not None
    assert ("friendly", day(5)) == (line.next_stage.key, line.next_date)


@pytest.mark.parametrize("started", [None, day(10)])
def test_the_next_date_of_an_old_invoice_names_the_stage_of_that_day(started: date | None) -> None:
    """Closed on Saturday at J+14 where stages go by date: on Monday, J+16, it is firm that leaves."""
    about, saturday = invoice(due=date(2026, 2, 28)), date(2026, 3, 14)
    facts = [answer(Backlog.AS_IS, day(10))] if started else []
    line = line_for(about, facts, saturday, policy=DEFAULT, started=started)
    assert line.next_date is not None
    assert line.next_stage is not None
    later = line_for(about, facts, line.next_date, policy=DEFAULT, started=started)
    assert ("due", line.next_stage.key) == verdict(later)


# What holds for every life


@st.composite
def files(draw: st.DrawFn) -> list[Invoice]:
    """A few invoices in service, of customers that share addresses."""
    return [
        invoice(
            f"F-{i}",
            due=day(draw(st.integers(min_value=0, max_value=40))),
            terms=draw(st.sampled_from([None, 10, 30, 60])),
            owner=draw(st.sampled_from(PEOPLE)),
            currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
        )
        for i in range(draw(st.integers(min_value=1, max_value=4)))
    ]


CALENDARS = st.sampled_from(
    [WorkCalendar(), WorkCalendar(working_days=False), WorkCalendar(closed=((day(20), day(45)),))]
)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@few
@given(files(), CALENDARS, st.sampled_from([(7, 4, 50), (1, 1, 50), (10, 2, 1)]), st.data())
def test_every_life_keeps_the_rules(
    invoices: list[Invoice], calendar: WorkCalendar, limits: tuple[int, int, int], data: st.DataObject
) -> None:
    """Keys once, gaps kept, terms honoured, courtesy before the due date, and an end."""
    gap, customer_gap, most = limits
    policy = DEFAULT._replace(calendar=calendar, min_gap_days=gap, customer_gap_days=customer_gap, max_per_run=most)
    awake = data.draw(st.sampled_from([1, 2, 5]))
    told, plans = _live(invoices, range(-40, 40 + ENOUGH, awake), policy)
    by_invoice = {invoice_key(i): [f for f in told if f.invoice == invoice_key(i)] for i in invoices}
    assert 1 == max(Counter((f.invoice, f.contact.stage, f.contact.channel) for f in told).values())
    for about in invoices:
        contacts = [f.contact for f in by_invoice[invoice_key(about)]]
        assert ["friendly", "firm", "formal_notice"] == [c.stage for c in contacts if c.stage != "courtesy"]
        for before, after in pairwise(contacts):
            assert (after.on - before.on).days >= gap
            assert before.term is None or after.on >= after_open_days(before.term, 3, calendar)
        for contact in contacts:
            assert is_open(contact.on, calendar)
            late = (contact.on - about.due_date).days
            assert -5 <= late < 0 if contact.stage == "courtesy" else late >= 5
            assert (
                contact.stage != "courtesy"
                or about.issue_date is None
                or about.due_date - about.issue_date >= (timedelta(days=15))
            )
    for address in {a for i in invoices for a in i.customer.emails}:
        days = sorted({f.on for f in told if address in f.contact.to})
        assert all((b - a).days >= customer_gap for a, b in pairwise(days))
    assert all(len(plan.reminders) <= most for plan in plans.values())
    assert {Reason.FINISHED} == {line.reason for line in list(plans.values())[-1].lines}


@few
@given(files(), st.integers(min_value=-10, max_value=90))
def test_sending_a_plan_leaves_nothing_of_it_for_the_same_day(invoices: list[Invoice], n: int) -> None:
    """The second run of a day sends nothing about what the first one sent."""
    facts: list[Fact] = []
    first = plan_for(invoices, facts, day(n), policy=DEFAULT)
    for reminder in first.reminders:
        facts.extend(sent(reminder, day(n)))
    second = plan_for(invoices, facts, day(n), policy=DEFAULT)
    assert () == second.reminders
    gone = {line.key for reminder in first.reminders for line in reminder.lines}
    assert {Decision.HOLD} >= {line.decision for line in second.lines if line.key in gone}


def test_a_customer_of_many_invoices_is_not_starved() -> None:
    """Ten invoices at one address, one message every four days at most: each ladder ends."""
    owner: Customer = PEOPLE[0]
    many = [invoice(f"F-{i}", due=day(3 * i), owner=owner) for i in range(10)]
    told, plans = _live(many, range(-20, 300))
    assert {Reason.FINISHED} == {line.reason for line in plans[299].lines}
    assert {10} == {n for s, n in Counter(f.contact.stage for f in told).items() if s != "courtesy"}
    assert all(len(plan.reminders) <= 1 for plan in plans.values())


def test_two_stages_before_the_due_date_leave_in_their_order() -> None:
    """A ladder of one's own may warn twice; each leaves once, on its day."""
    early = ladder_of(courtesy=-12, friendly=-3, firm=15)
    told, _ = _live([invoice()], range(-40, 40), DEFAULT._replace(schedules=early))
    assert [("courtesy", -12), ("friendly", -3), ("firm", 15)] == [(s, (on - day(0)).days) for s, on in _ladder(told)]
