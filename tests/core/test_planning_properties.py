"""What holds for every plan, whatever the invoices, the history and the day."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from core_support import DEFAULT, LONG_AGO, answer, approved, customer, day, invoice, paid, reminded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.core.facts import Backlog, Confirmed, Drafted, Fact, Held, HoldReason, InDoubt, Paid, Refused, Released
from relance.core.history import fold
from relance.core.invoice import Contact, Invoice, Kind, Payment, Status, customer_id, invoice_key, snapshot_of
from relance.core.plan import Decision, Line, Plan
from relance.core.planning import build_plan
from relance.core.policy import THANKS, DunningPolicy
from relance.core.reasons import Reason

PEOPLE = (
    customer("Alpha"),
    customer("Bravo", kind=None),
    customer("Charlie", emails=customer("Alpha").emails),
    customer("Delta", emails=()),
    customer("Echo", excluded=True),
    customer("Fox", kind=Kind.CONSUMER, emails=("a@fox.example", "b@fox.example")),
)
STAGES = ("courtesy", "friendly", "firm", "formal_notice")
NEVER_REMINDED = {reason for reason in Reason if reason.settled} | {
    *(Reason.DISPUTED, Reason.EXCLUDED, Reason.INSOLVENCY, Reason.DIRECT_DEBIT, Reason.PROMISED)
}
TODAY = day(0)
DAYS = st.integers(min_value=-120, max_value=60).map(day)
PAST_DAYS = st.integers(min_value=-120, max_value=0).map(day)
AMOUNTS = st.sampled_from(["3.00", "5.00", "80.00", "1200.00", "0.00", "-50.00"])
# Hypothesis would fill every field of a named tuple that `builds` is not given.
IN_FILE = st.builds(lambda stage, on: Contact(stage, "email", on), st.sampled_from(STAGES), DAYS)
POLICIES = st.builds(
    lambda group, limit, gap, kind: DEFAULT._replace(
        group=group, max_per_run=limit, customer_gap_days=gap, default_kind=kind
    ),
    st.booleans(),
    st.sampled_from([0, 1, 2, 50]),
    st.sampled_from([0, 1, 4]),
    st.sampled_from([None, Kind.BUSINESS, Kind.CONSUMER]),
)


@st.composite
def invoices(draw: st.DrawFn, most: int = 6) -> list[Invoice]:
    """A file: numbers differ, all else is drawn."""
    return [
        invoice(
            f"F-{i}",
            due=draw(DAYS),
            total=draw(AMOUNTS),
            terms=draw(st.sampled_from([None, 10, 30, 60])),
            owner=draw(st.sampled_from(PEOPLE)),
            payments=draw(st.lists(st.builds(Payment, st.just(Decimal("40.00")), st.none() | DAYS), max_size=2)),
            currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
            status=draw(st.sampled_from([Status.OPEN] * 6 + list(Status))),
            contacts=draw(st.lists(IN_FILE, max_size=1)),
        )
        for i in range(draw(st.integers(min_value=0, max_value=most)))
    ]


@st.composite
def fact_about(draw: st.DrawFn, about: Invoice) -> Fact:
    """Anything that may have happened to an invoice or its customer."""
    key, on, stage = invoice_key(about), draw(PAST_DAYS), draw(st.sampled_from(STAGES))
    then = about._replace(due_date=about.due_date - timedelta(days=draw(st.sampled_from([0, 0, 20]))))
    target = draw(st.sampled_from([key, customer_id(about.customer)]))
    until = draw(st.none() | DAYS)
    term = draw(st.none() | st.just(on + timedelta(days=7)))
    every: tuple[Fact, ...] = (
        reminded(then, stage, on, term=term),
        reminded(then, stage, on, term=term),
        reminded(then, stage, on, channel="call"),
        InDoubt(key, stage, "email", on),
        Drafted(key, stage, "email", on),
        Refused(key, "compta@bravo.example", on),
        Held(target, draw(st.sampled_from(list(HoldReason))), on, until),
        Released(target, on),
        Paid(key, Decimal("20.00"), on),
        approved(about, on),
        Confirmed(key, on, snapshot_of(about)),
    )
    return draw(st.sampled_from(every))


@st.composite
def dossiers(draw: st.DrawFn) -> tuple[list[Invoice], list[Fact], date | None]:
    """A file, what the journal tells in order, and the day it was opened."""
    known = draw(invoices())
    facts: list[Fact] = []
    for about in known:
        facts += draw(st.lists(fact_about(about), max_size=3))
    facts += [answer(b) for b in draw(st.lists(st.sampled_from(list(Backlog)), max_size=1))]
    started = draw(st.sampled_from([None, LONG_AGO - timedelta(days=90), day(-20)]))
    return known, sorted(facts, key=lambda fact: fact.on) if started else [], started


def _plan(dossier: tuple[list[Invoice], list[Fact], date | None], policy: DunningPolicy, today: date = TODAY) -> Plan:
    known, facts, started = dossier
    return build_plan(known, fold(facts, started, today), policy, today)


def _verdicts(plan: Plan) -> dict[str, tuple[Decision, Reason, str | None, date | None]]:
    return {
        line.key: (line.decision, line.reason, line.acting.key if line.acting else None, line.next_date)
        for line in plan.lines
    }


lots = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@lots
@given(dossiers(), POLICIES)
def test_each_invoice_once_and_in_order(
    dossier: tuple[list[Invoice], list[Fact], date | None], policy: DunningPolicy
) -> None:
    """Nobody ever wonders where an invoice went."""
    assert [about.number for about in dossier[0]] == [line.invoice.number for line in _plan(dossier, policy).lines]


@pytest.mark.slow
@lots
@given(dossiers(), POLICIES)
def test_planning_is_pure(dossier: tuple[list[Invoice], list[Fact], date | None], policy: DunningPolicy) -> None:
    """The same plan twice, and the inputs as they were."""
    known, facts, started = dossier
    history, kept = fold(facts, started, TODAY), (list(known), list(facts))
    before = repr((known, history, policy))
    assert build_plan(known, history, policy, TODAY) == build_plan(iter(known), history, policy, TODAY)
    assert before == repr((known, history, policy))
    assert kept == (known, facts)


@pytest.mark.slow
@lots
@given(dossiers(), POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_the_file_decides_nothing(
    dossier: tuple[list[Invoice], list[Fact], date | None], policy: DunningPolicy, random: Random
) -> None:
    """Another order of the rows gives the same decisions; the limit alone may fall on others."""
    known, facts, started = dossier
    policy = policy._replace(max_per_run=50)
    shuffled = list(known)
    random.shuffle(shuffled)
    assert _verdicts(_plan(dossier, policy)) == _verdicts(_plan((shuffled, facts, started), policy))


@pytest.mark.slow
@lots
@given(dossiers(), POLICIES)
def test_reminders_hold_exactly_the_lines_to_remind(
    dossier: tuple[list[Invoice], list[Fact], date | None], policy: DunningPolicy
) -> None:
    """A held line never leaves; a line to remind leaves in one message, to an address of its customer."""
    plan = _plan(dossier, policy)
    leaving = [line for reminder in plan.reminders if reminder.stage != THANKS for line in reminder.lines]
    expected = [line for line in plan.lines if line.decision is Decision.REMIND]
    assert sorted(line.key for line in expected) == sorted(line.key for line in leaving)
    assert all(line in expected for line in leaving)
    assert {Reason.DUE} >= {line.reason for line in leaving}
    assert all(line.reason is not Reason.DUE for line in plan.lines if line.decision is Decision.HOLD)
    assert all(reminder.customer.emails and reminder.lines for reminder in plan.reminders)
    assert len(plan.reminders) <= policy.max_per_run


@pytest.mark.slow
@lots
@given(dossiers(), POLICIES)
def test_nothing_to_who_must_be_left_alone(
    dossier: tuple[list[Invoice], list[Fact], date | None], policy: DunningPolicy
) -> None:
    """Settled, disputed, excluded: neither claimed nor named for information."""
    for reminder in _plan(dossier, policy).reminders:
        named = (*reminder.lines, *reminder.others)
        if reminder.stage == THANKS:
            assert {Reason.PAID} == {line.reason for line in named}
            continue
        assert not [line.key for line in named if line.reason in NEVER_REMINDED]
        assert not [line for line in named if line.invoice.status is not Status.OPEN]
        assert all(line.outstanding >= policy.minimum for line in named)
        assert all(line.outstanding > 0 and not line.invoice.customer.excluded for line in named)


@pytest.mark.slow
@lots
@given(dossiers(), POLICIES)
def test_what_one_message_may_hold(
    dossier: tuple[list[Invoice], list[Fact], date | None], policy: DunningPolicy
) -> None:
    """One customer, one currency, one tone; one message an address a day where a gap is set; charges to businesses."""
    plan = _plan(dossier, policy)
    addresses: list[str] = []
    for reminder in plan.reminders:
        lines = (*reminder.lines, *reminder.others)
        assert 1 == len({(customer_id(line.invoice.customer), line.invoice.currency) for line in lines})
        acting = [line.acting for line in reminder.lines]
        assert reminder.stage in acting
        assert 1 == len({stage.confirm if stage else None for stage in acting})
        assert 1 == len({stage.day < 0 if stage else None for stage in acting})
        assert all(line.acting and line.acting.key in ("firm", "formal_notice") for line in reminder.charged)
        if policy.default_kind is not Kind.BUSINESS:
            assert all(line.invoice.customer.kind is Kind.BUSINESS for line in reminder.charged)
        addresses += reminder.customer.emails
    if policy.customer_gap_days:
        assert len(set(addresses)) == len(addresses)


@pytest.mark.slow
@lots
@given(dossiers(), POLICIES, st.integers(min_value=0, max_value=30))
def test_next_dates_are_working_days_to_come(
    dossier: tuple[list[Invoice], list[Fact], date | None], policy: DunningPolicy, later: int
) -> None:
    """A next date is after today, a working day, with a stage that it is for."""
    today = TODAY + timedelta(days=later)
    for line in _plan(dossier, policy, today).lines:
        if line.next_date is not None:
            assert line.next_stage is not None
            assert line.next_date > today
            assert line.next_date.isoweekday() < 6
        assert not line.reason.settled or line.next_stage is None


ALONE = frozenset({Reason.NOT_DUE, Reason.EXPIRED, Reason.STAGE_DONE, Reason.TOO_SOON, Reason.CLOSED_DAY})


def _leaves(line: Line, stage: str) -> bool:
    return (
        line.reason in (Reason.DUE, Reason.AWAITING_APPROVAL) and line.acting is not None and line.acting.key == stage
    )


@st.composite
def lone_invoices(draw: st.DrawFn) -> tuple[Invoice, list[Fact]]:
    """One invoice that became late in service, with messages of ours in the order of the ladder, and quiet days."""
    about = invoice(
        due=draw(DAYS),
        terms=draw(st.sampled_from([None, 10, 30, 60])),
        payments=draw(st.lists(st.builds(Payment, st.just(Decimal("40.00")), PAST_DAYS), max_size=1)),
    )
    facts: list[Fact] = []
    done = draw(st.integers(min_value=0, max_value=3))
    early = max((about.due_date - day(0)).days - 5, -90)  # before J-5, no message of ours
    days = sorted(draw(st.sets(st.integers(min_value=early, max_value=0), max_size=done))) if early <= 0 else []
    first = 0 if days and day(days[0]) < about.due_date else 1
    for stage, offset in zip(STAGES[first:], days, strict=False):
        term = day(offset + 7) if stage == "firm" and draw(st.booleans()) else None
        facts.append(reminded(about, stage, day(offset), term=term))
    key = invoice_key(about)
    extra: list[Fact] = [
        Held(key, HoldReason.PAUSE, day(-9), day(-9)),
        Released(key, day(-2)),
        Paid(key, Decimal("30.00"), day(-3)),
    ]
    return about, facts + draw(st.lists(st.sampled_from(extra), max_size=2, unique=True))


@lots
@given(lone_invoices(), st.integers(min_value=0, max_value=40))
def test_the_next_date_is_the_first_day_on_which_the_stage_leaves(case: tuple[Invoice, list[Fact]], later: int) -> None:
    """If nothing else happens, that stage leaves (or waits for the user's word) on that day and on none before."""
    about, facts = case
    today = TODAY + timedelta(days=later)
    started = LONG_AGO - timedelta(days=200)

    def line_on(when: date) -> Line:
        return build_plan([about], fold(facts, started, when), DEFAULT, when).lines[0]

    line = line_on(today)
    if line.reason not in ALONE:
        return
    assert line.next_stage is not None
    assert line.next_date is not None
    wait = (line.next_date - today).days
    early = [n for n in range(1, wait) if line_on(today + timedelta(days=n)).decision is Decision.REMIND]
    assert [] == early
    assert _leaves(line_on(line.next_date), line.next_stage.key)


def test_a_payment_leaves_room_before_the_next_stage() -> None:
    """The example that the property above is about, spelt out."""
    about = invoice(due=day(-10), payments=[paid("40.00", day(-1))])
    line = build_plan([about], fold([], LONG_AGO, TODAY), DEFAULT, TODAY).lines[0]
    assert (Reason.TOO_SOON, day(7)) == (line.reason, line.next_date)  # Monday 9 March: day(6) is a Sunday
