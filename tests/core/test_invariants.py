"""The rules of the mornings have teeth: an engine that is careless in one way is told so by name."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from core_support import customer
from invariants import faults, rules_of
from own_rules import easter_sunday, holidays, third_working
from world import World

from relance.core.calendar import WorkCalendar
from relance.core.facts import Backlog, Held, HoldReason, Reminded
from relance.core.history import History
from relance.core.invoice import Invoice, Kind, Payment
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.policy import DEFAULT_STAGES, DunningPolicy, Schedule
from relance.core.reasons import Reason

FIRST = date(2026, 2, 2)
GOOD = DunningPolicy()


def _ladder(**days: int) -> tuple[Schedule, ...]:
    stages = [stage._replace(day=days.get(stage.key, stage.day)) for stage in DEFAULT_STAGES]
    return (Schedule("default", tuple(sorted(stages, key=lambda stage: stage.day))),)


def _unasked() -> tuple[Schedule, ...]:
    return (Schedule("default", tuple(stage._replace(confirm=False) for stage in DEFAULT_STAGES)),)


class Careless(World):
    """A world whose engine plans by another policy, or forgets some facts, while the books do not."""

    engine: DunningPolicy = GOOD
    forgets: tuple[type, ...] = ()

    def history(self) -> History:
        kept, self.facts = self.facts, [f for f in self.facts if not isinstance(f, self.forgets)]
        try:
            return super().history()
        finally:
            self.facts = kept

    def plan(self) -> Plan:
        return build_plan(self.rows, self.history(), self.engine, self.today)


def _row(number: str, due: date, total: str = "1200.00", owner: str = "Alpha") -> Invoice:
    return Invoice(number, customer(owner), due, Decimal(total), issue_date=due - timedelta(days=30))


def _live(world: World, days: int = 75, story: Callable[[World], None] = lambda world: None) -> dict[str, int]:
    """Live with three invoices of one customer and two of another; the rules that were broken."""
    found = []
    world.save_file(
        [
            _row("F-1", date(2026, 2, 6)),
            _row("F-2", date(2026, 2, 14)),
            _row("F-3", date(2026, 3, 2)),
            _row("F-4", date(2026, 2, 20), "4.00", "Bravo"),
            _row("F-5", date(2026, 2, 21), "900.00", "Bravo"),
        ]
    )
    for _ in range(days):
        if world.today.isoweekday() < 6:
            world.save_file(world.rows)
        story(world)
        world.open_books()
        plan = world.plan()
        found += faults(world, plan)
        world.close_books(plan)
        for line in plan.lines:
            if line.reason is Reason.AWAITING_APPROVAL:
                world.approve(line)
        world.sleep()
    return dict(rules_of(found))


def test_a_careful_engine_breaks_no_rule() -> None:
    """The same life with the engine as it is."""
    assert {} == _live(Careless(GOOD, date(2025, 1, 1), FIRST))


@pytest.mark.parametrize(
    ("engine", "rule"),
    [
        (GOOD._replace(min_gap_days=2, schedules=_ladder(firm=7)), "min_gap_days"),
        (GOOD._replace(customer_gap_days=1), "customer_gap_days"),
        (GOOD._replace(calendar=WorkCalendar(working_days=False)), "closed day"),
        (GOOD._replace(schedules=_unasked()), "a formal notice waits for the user's word"),
        (GOOD._replace(schedules=_ladder(friendly=3)), "a stage leaves once its day is reached"),
        (GOOD._replace(schedules=_ladder(firm=4)), "one stage at a time: friendly"),
        (
            GOOD._replace(schedules=_ladder(courtesy=-8)),
            "a courtesy leaves from J-5 until the day before the due date, on terms of 15 days",
        ),
        (GOOD._replace(minimum=Decimal(0)), "nothing to one who is ['below_minimum']"),
        (GOOD._replace(customer_gap_days=40), "an overdue invoice is acted on or has a true reason"),
        (GOOD._replace(schedules=_ladder(friendly=9)), "an overdue invoice is acted on or has a true reason"),
    ],
)
def test_a_careless_policy_is_seen(engine: DunningPolicy, rule: str) -> None:
    """An engine that counts other days than it was told."""
    world = Careless(GOOD, date(2025, 1, 1), FIRST)
    world.engine = engine
    assert rule in _live(world)


def test_forgotten_messages_are_seen() -> None:
    """An engine without memory says everything twice, and too often."""
    world = Careless(GOOD, date(2025, 1, 1), FIRST)
    world.forgets = (Reminded,)
    assert {"a stage is done once for ever", "min_gap_days", "customer_gap_days"} <= set(_live(world))


@pytest.mark.parametrize(
    ("reason", "word"),
    [(HoldReason.DISPUTE, "disputed"), (HoldReason.PAUSE, "paused"), (HoldReason.PROMISE, "promised")],
)
def test_forgotten_holds_are_seen(reason: HoldReason, word: str) -> None:
    """An engine that reminds who disputes, waits or promised."""

    def hold(world: World) -> None:
        if world.today == date(2026, 2, 9):
            world.hold("F-1/2026", reason, date(2026, 3, 20))

    world = Careless(GOOD, date(2025, 1, 1), FIRST)
    world.forgets = (Held,)
    assert f"nothing to one who is ['{word}']" in _live(world, story=hold)


def test_an_old_file_is_seen() -> None:
    """An engine that trusts any file."""

    def ages(world: World) -> None:
        world.fresh_on = FIRST

    world = Careless(GOOD, date(2025, 1, 1), FIRST)
    world.engine = GOOD._replace(max_age_days=0, max_age_days_firm=0)
    assert "stale_input" in _live(world, story=ages)


def test_a_silent_engine_is_seen() -> None:
    """An engine that stops before the end of the ladder, with a reason that is not true."""
    world = Careless(GOOD, date(2025, 1, 1), FIRST)
    world.engine = GOOD._replace(schedules=(Schedule("default", DEFAULT_STAGES[:2]),))
    assert "an overdue invoice is acted on or has a true reason" in _live(world)


def test_a_payment_taken_back_is_seen() -> None:
    """An engine that does not remember what it saw reminds of an invoice that the last file showed as paid."""

    class Blind(Careless):
        def history(self) -> History:
            return super().history()._replace(seen={})

    def paid_once(world: World) -> None:
        (row,) = [row for row in world.rows if row.number == "F-5"]
        shown = (Payment(Decimal("900.00")),) if world.today < date(2026, 2, 12) else ()
        world.replace(row, payments=shown)

    assert "a change is confirmed first: paid" in _live(Blind(GOOD, date(2025, 1, 1), FIRST), story=paid_once)


def test_our_own_calendar() -> None:
    """Easter and its holidays as almanacs print them; the third working day after a Thursday before Easter."""
    printed = {2012: (4, 8), 2013: (3, 31), 2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2038: (4, 25)}
    assert {year: date(year, *day) for year, day in printed.items()} == {y: easter_sunday(y) for y in printed}
    assert {date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)} <= holidays(2026)
    assert 11 == len(holidays(2026))
    assert date(2026, 4, 8) == third_working(date(2026, 4, 2), GOOD)


def _alone(row: Invoice, story: Callable[[World], None] = lambda world: None) -> dict[str, int]:
    """Live three weeks with one invoice and a user who answers nothing; the rules that were broken."""
    world, found = Careless(GOOD, date(2021, 1, 1), FIRST), []
    world.answer_backlog(Backlog.AS_IS)
    for _ in range(21):
        world.save_file([row])
        story(world)
        world.open_books()
        plan = world.plan()
        found += faults(world, plan)
        world.close_books(plan)
        world.sleep()
    return dict(rules_of(found))


@pytest.mark.parametrize(
    ("kind", "due", "barred"),
    [
        (Kind.CONSUMER, date(2024, 2, 20), True),
        (Kind.CONSUMER, date(2024, 3, 20), False),
        (Kind.PUBLIC, date(2021, 11, 30), True),
        (Kind.PUBLIC, date(2022, 2, 20), False),
        (Kind.BUSINESS, date(2021, 2, 20), True),
        (Kind.BUSINESS, date(2021, 3, 20), False),
    ],
)
def test_a_demand_out_of_time_is_seen(monkeypatch: pytest.MonkeyPatch, kind: Kind, due: date, barred: bool) -> None:
    """An engine that does not know how long one may sue; the one we have breaks no rule."""
    row = Invoice("F-1", customer("Alpha", kind=kind), due, Decimal(1200), issue_date=due - timedelta(days=30))
    assert {} == _alone(row)
    monkeypatch.setattr("relance.core.stops.time_barred", lambda case: False)
    assert ("nothing to one who is ['time_barred']" in _alone(row)) is barred


def test_a_second_call_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that asks to call a key account about its promise and about its stage on one day."""

    def promise(world: World) -> None:
        if world.today == FIRST:
            world.hold("F-1/2025", HoldReason.PROMISE, date(2026, 2, 3))

    row = Invoice("F-1", customer("Alpha", profile="key"), date(2025, 12, 30), Decimal(1200), date(2025, 11, 30))
    assert {} == _alone(row, promise)
    monkeypatch.setattr("relance.core.tasks.as_one", iter)
    assert "one call an invoice and day" in _alone(row, promise)
