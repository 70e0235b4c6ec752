"""The next date of each line is the first day that its own ladder, terms and holds allow, if nobody pays.

Of an invoice that shares its address with no other one, planning day by day makes it leave on that day; of the others,
never before it.
"""

from collections.abc import Sequence
from datetime import date

import pytest
from core_support import DEFAULT, EVERY_DAY, LONG_AGO, customer, day, invoice, reminded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relance.core.calendar import WorkCalendar, is_open
from relance.core.facts import Fact, Held, HoldReason
from relance.core.history import fold
from relance.core.invoice import Invoice, customer_id, invoice_key
from relance.core.plan import Decision, Line, Plan
from relance.core.planning import build_plan, look_ahead
from relance.core.policy import DEFAULT_STAGES, DunningPolicy, Schedule, Stage
from relance.core.reasons import Reason

Told = tuple[str, date] | None
"""The key of a stage, and its day."""
FAR = 160
"""Days within which all that time alone brings has come."""


def said(line: Line) -> Told:
    """What the plan says of an invoice's next stage."""
    return (line.next_stage.key, line.next_date) if line.next_stage and line.next_date else None


def lived(known: Sequence[Invoice], policy: DunningPolicy, plan: Plan) -> dict[str, Told]:
    """What really comes next of each invoice: its message, or the task of its stage, on a day of work."""
    by_hand = {line.key: line.acting for line in plan.lines if line.decision is Decision.TASK}
    found: dict[str, Told] = {}
    for later in look_ahead(known, plan, FAR):
        for line in later.lines if is_open(later.today, policy.calendar) else ():
            if line.acting is not None and line.acting != by_hand.get(line.key) and line.decision is not Decision.HOLD:
                found.setdefault(line.key, (line.acting.key, later.today))
    return found


def asked(line: Line) -> bool:
    """True for a line whose next stage waits for the user's word, who may give it on any day before."""
    return line.next_stage is not None and line.next_stage.confirm and line.reason is not Reason.TOO_SOON


def agrees(known: Sequence[Invoice], facts: Sequence[Fact], today: date, policy: DunningPolicy) -> Plan:
    """The plan of `today`, once each day that it names has been lived."""
    plan, dated, truth = told_and_lived(known, facts, today, policy)
    assert {key: truth.get(key) for key in dated} == dated, {line.key: line.reason.value for line in plan.lines}
    return plan


def told_and_lived(
    known: Sequence[Invoice], facts: Sequence[Fact], today: date, policy: DunningPolicy
) -> tuple[Plan, dict[str, Told], dict[str, Told]]:
    """The plan of `today`, what it says of each invoice that waits for nobody, and what the days to come bring."""
    plan = build_plan(known, fold(facts, LONG_AGO, today), policy, today)
    dated = {line.key: said(line) for line in plan.lines if line.next_date is not None and not asked(line)}
    return plan, dated, lived(known, policy, plan)


PEOPLE = (
    customer("Alpha"),
    customer("Bravo", emails=(*customer().emails, "b@x.example")),
    customer("Charlie", emails=("b@x.example",)),
    customer("Alpha", emails=("autre@alpha.example",)),
    customer("Delta"),
)
CALENDARS = st.sampled_from(
    [WorkCalendar(), WorkCalendar(working_days=False), WorkCalendar(closed=((day(20), day(45)),))]
)
EARLY = (Stage("soon", -10, "avis"), *DEFAULT_STAGES)
CALLS = (*DEFAULT_STAGES[:2], Stage("call", 10, "appel", channels=("call",)), *DEFAULT_STAGES[2:])
SCHEDULES = st.sampled_from([DEFAULT.schedules, (Schedule("default", EARLY),), (Schedule("default", CALLS),)])


STRANGERS = tuple(customer(name) for name in ("Alpha", "Bravo", "Charlie", "Delta", "Echo"))


@st.composite
def cases(draw: st.DrawFn, *, apart: bool) -> tuple[list[Invoice], list[Fact], DunningPolicy]:
    """Invoices of people who share addresses unless they are `apart`, some reminded, some held, before day 0."""
    known, facts = [], list[Fact]()
    for i in range(draw(st.integers(min_value=1, max_value=5))):
        about = invoice(
            f"F-{i}",
            due=day(draw(st.integers(min_value=-40, max_value=14))),
            terms=draw(st.sampled_from([None, 14, 30, 60])),  # issued by day 0, or nobody knows
            owner=STRANGERS[i] if apart else draw(st.sampled_from(PEOPLE)),
            currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
        )
        known.append(about)
        late = (day(0) - about.due_date).days
        for stage, first in (("friendly", 5), ("firm", 15)):
            on = draw(st.sampled_from([0, 1, 3, 9]))
            if late - on >= first and draw(st.booleans()):
                facts.append(reminded(about, stage, day(-on), term=day(7 - on) if stage == "firm" else None))
        for target in (invoice_key(about), customer_id(about.customer)):
            for reason in (HoldReason.PROMISE, HoldReason.PAUSE):
                if draw(st.integers(min_value=0, max_value=5)) == 5:
                    told, until = draw(st.tuples(st.integers(-20, 0), st.integers(-12, 30)))
                    if until >= told:
                        facts.append(Held(target, reason, day(told), day(until)))
    gap, between = draw(st.sampled_from([(7, 4), (7, 4), (1, 1), (3, 9), (10, 0)]))
    policy = DEFAULT._replace(
        calendar=draw(CALENDARS),
        schedules=draw(SCHEDULES),
        min_gap_days=gap,
        customer_gap_days=min(between, gap) if apart else between,
        group=draw(st.sampled_from([True, True, False])),
    )
    return known, sorted(facts, key=lambda fact: fact.on), policy


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(apart=True))
def test_each_day_that_is_told_comes(case: tuple[list[Invoice], list[Fact], DunningPolicy]) -> None:
    """Whatever is held, or comes before the due date, where each has an address of its own."""
    known, facts, policy = case
    agrees(known, facts, day(0), policy)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases(apart=False))
def test_nothing_comes_before_the_day_that_is_told(case: tuple[list[Invoice], list[Fact], DunningPolicy]) -> None:
    """Who shares an address may have to wait for it, and is never earlier."""
    known, facts, policy = case
    _, dated, truth = told_and_lived(known, facts, day(0), policy)
    for key, told in dated.items():
        came = truth.get(key)
        assert told is None or came is None or came[1] >= told[1]


# The cases that were told wrongly, spelt out

KEY = invoice_key(invoice())
FRIENDLY = reminded(invoice(), "friendly", day(5))


def next_of(known: Sequence[Invoice], facts: Sequence[Fact], offset: int, policy: DunningPolicy = EVERY_DAY) -> Told:
    """What the plan of that day says of the last of these invoices, once that day has been lived."""
    return said(agrees(known, facts, day(offset), policy).lines[-1])


def own_day(known: Sequence[Invoice], facts: Sequence[Fact], offset: int, policy: DunningPolicy = EVERY_DAY) -> Told:
    """What the plan of that day says of the last of these invoices, which others may make wait."""
    return said(told_and_lived(known, facts, day(offset), policy)[0].lines[-1])


def held(reason: HoldReason, until: int | None, on: int = 8, target: str = KEY) -> Held:
    """A hold told on day `on`."""
    return Held(target, reason, day(on), None if until is None else day(until))


def test_a_promise_inside_a_pause_is_spoken_of_once_the_pause_is_over() -> None:
    """The strongest hold is told, but nothing leaves while another one holds."""
    promise = held(HoldReason.PROMISE, 20)
    for target in (KEY, "code:ALPHA"):
        facts: list[Fact] = [FRIENDLY, promise, held(HoldReason.PAUSE, 40, target=target)]
        assert ("broken_promise", day(41)) == next_of([invoice()], facts, 10)
    assert ("broken_promise", day(23)) == next_of([invoice()], [FRIENDLY, promise, held(HoldReason.PAUSE, 12)], 10)
    assert None is next_of([invoice()], [FRIENDLY, promise, held(HoldReason.PAUSE, None)], 10)


@pytest.mark.parametrize(("pause", "expected"), [(None, 40), (36, 40), (60, 61)])
def test_after_a_second_promise_the_next_stage_waits_for_both(pause: int | None, expected: int) -> None:
    """Seven quiet days after the third day from the promise, and all of the pause."""
    spoken = reminded(invoice(), "broken_promise", day(15))
    facts: list[Fact] = [FRIENDLY, held(HoldReason.PROMISE, 12), spoken, held(HoldReason.PROMISE, 30, on=20)]
    facts += [] if pause is None else [held(HoldReason.PAUSE, pause, on=20)]
    assert ("firm", day(expected)) == next_of([invoice()], facts, 21)


def test_a_broken_promise_waits_for_the_term() -> None:
    """A promise for the day after tomorrow, while a term of ours runs."""
    firm = reminded(invoice(), "firm", day(15), term=day(22))
    assert ("broken_promise", day(25)) == next_of(
        [invoice()], [FRIENDLY, firm, held(HoldReason.PROMISE, 17, on=16)], 16
    )


def test_the_stage_of_a_namesake_leaves_on_the_day_after_the_promise() -> None:
    """Nobody speaks to it of a promise of another, which is no contact about it either."""
    owner = customer(code="")
    about = invoice(owner=owner._replace(emails=("other@alpha.example",)))
    promise = held(HoldReason.PROMISE, 12, target=customer_id(owner))
    assert ("firm", day(15)) == next_of([about], [reminded(about, "friendly", day(5)), promise], 10)


@pytest.mark.parametrize(
    ("today", "expected"), [(-10, ("courtesy", -3)), (-8, ("courtesy", -1)), (-6, ("friendly", 5))]
)
def test_a_second_early_stage_is_told(today: int, expected: tuple[str, int]) -> None:
    """Seven days after the first, as long as that is before the due date."""
    policy = EVERY_DAY._replace(schedules=(Schedule("default", EARLY),))
    assert (expected[0], day(expected[1])) == next_of([invoice()], [], today, policy)


def test_of_early_stages_the_one_of_the_day_is_told() -> None:
    """By the day on which the first one gives way, the third has been reached, and the second passed."""
    stages = (Stage("soon", -14, "avis"), Stage("later", -12, "avis"), *DEFAULT_STAGES)
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),), min_gap_days=9)
    assert ("courtesy", day(-5)) == next_of([invoice()], [], -14, policy)


def test_a_courtesy_that_will_have_expired_gives_way_to_the_first_late_stage_not_done() -> None:
    """Its days are closed ones; what a person did of the late stages before is not told again."""
    closed = DEFAULT._replace(calendar=WorkCalendar(closed=((day(-6), day(-1)),)))
    assert ("friendly", day(7)) == next_of([invoice()], [], -20, closed)  # a Monday
    called = reminded(invoice(), "friendly", day(-21), channel="call")
    assert ("firm", day(15)) == next_of([invoice()], [called], -20, closed)


def test_what_waits_for_an_address_is_told_the_first_day_on_which_it_is_free() -> None:
    """By the messages known today: in dollars, and another customer behind it, whose turn the days to come tell."""
    known = [
        invoice("F-1", day(-9)),
        invoice("F-2", day(-7), currency="USD"),
        invoice("F-3", day(-6), owner=customer("Beta", emails=customer().emails)),
    ]
    plan, _, truth = told_and_lived(known, [], day(0), EVERY_DAY)
    assert [("due", ("firm", day(7))), ("too_soon", ("friendly", day(4))), ("too_soon", ("friendly", day(4)))] == [
        (line.reason.value, said(line)) for line in plan.lines
    ]
    assert [None, day(4), day(4)] == [line.until for line in plan.lines]
    assert [("firm", day(8)), ("friendly", day(4)), ("friendly", day(16))] == [truth[line.key] for line in plan.lines]


def test_an_invoice_not_late_yet_is_told_its_own_day() -> None:
    """What leaves today or in a day takes the address for four days: only living them tells."""
    known = [invoice("F-1", day(-5)), invoice("F-2", day(-3), currency="USD")]
    assert ("friendly", day(2)) == own_day(known, [], 0)


def test_a_courtesy_behind_other_messages_may_expire() -> None:
    """The address is free again on its due date: the first message leaves on its own day."""
    known = [invoice("F-1", day(-5)), invoice("F-2", day(4), currency="USD")]
    assert ("friendly", day(9)) == own_day(known, [], 0)


def test_on_a_closed_day_what_waits_is_told_the_next_open_one() -> None:
    """One message may leave then; the other one, to the same address, follows the gap known by that day."""
    saturday = date(2026, 3, 14)
    known = [invoice("F-1", day(-9)), invoice("F-2", day(-7), currency="USD")]
    plan = build_plan(known, fold([], LONG_AGO, saturday), DEFAULT, saturday)
    assert [("closed_day", date(2026, 3, 16)), ("too_soon", date(2026, 3, 18))] == [
        (line.reason.value, line.until) for line in plan.lines
    ]


def test_a_customers_gap_longer_than_the_invoices_is_no_rule_of_the_invoice() -> None:
    """The next stage of the same invoice goes to the same address: the days to come tell that it waits."""
    policy = EVERY_DAY._replace(min_gap_days=3, customer_gap_days=9)
    assert ("firm", day(15)) == own_day([invoice()], [], 9, policy)


def test_a_row_that_goes_elsewhere_leaves_on_the_next_day() -> None:
    """One message a day for a customer; the other address was not written to."""
    there = customer(emails=("b@alpha.example",))
    assert ("friendly", day(10)) == next_of([invoice(), invoice("F-2", day(2), owner=there)], [], 9)
