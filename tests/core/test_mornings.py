"""Years of mornings: a state machine plays the user, the file, the journal and the customers, and checks every plan.

Its books (`world`) and its rules (`invariants`, `reckoning`, `own_rules`) are written from design.md and ask nothing
of the engine.
RELANCE_MORNINGS=600 runs the machine for about that many seconds instead of the few examples of a normal run.
"""

import os
from collections import Counter
from datetime import date, time, timedelta
from decimal import Decimal
from time import monotonic

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from invariants import Fault, faults
from own_rules import in_hours, longest_rest, works
from reckoning import changed, owed
from world import World

from relance.core.calendar import OFFICE_HOURS, WorkCalendar
from relance.core.facts import Backlog, HoldReason
from relance.core.invoice import Customer, Invoice, Kind, Payment, Status, customer_id, invoice_key
from relance.core.plan import Plan
from relance.core.policy import DEFAULT_SCHEDULES, DEFAULT_STAGES, READY_LADDERS, DunningPolicy, Schedule
from relance.core.reasons import Change, Reason
from relance.core.status import StatusTold

SECONDS = int(os.environ.get("RELANCE_MORNINGS", "0"))
TOTALS: Counter[str] = Counter()
"""What all the examples of a run did: mornings, messages by stage, rules used."""


def _person(name: str, *emails: str, **fields: object) -> Customer:
    return Customer(name, code=name.upper(), emails=emails, kind=Kind.BUSINESS)._replace(**fields)  # type: ignore[arg-type]


PEOPLE = (
    _person("Alpha", "compta@alpha.example"),
    _person("Bravo", "compta@bravo.example", "dirigeant@bravo.example"),
    _person("Charlie", "COMPTA@alpha.example"),  # the bookkeeper of Alpha too
    _person("Delta", "delta@example.org", code=""),
    _person("Echo", "echo@example.org", excluded=True),
    _person("Fox"),
)
KEY_ACCOUNT = _person("Golf", "golf@example.org", **({"profile": "key"} if "profile" in Customer._fields else {}))
OLD = (
    *PEOPLE[:2],
    _person("Hotel", "hotel@example.org", kind=Kind.CONSUMER),
    _person("India", "india@example.org", kind=Kind.PUBLIC),
)
BY_HAND = tuple(
    stage._replace(channels=ways, confirm=False)
    for stage, ways in zip(DEFAULT_STAGES, [("email",), ("email",), ("call",), ("email", "letter")], strict=True)
)
CLOSED = ((date(2024, 8, 1), date(2024, 8, 25)), (date(2024, 12, 24), date(2025, 1, 2)))
POLICIES = (
    DunningPolicy(),
    DunningPolicy(calendar=WorkCalendar(closed=CLOSED)),
    DunningPolicy(group=False, calendar=WorkCalendar(working_days=False)),
    DunningPolicy(max_per_run=1, customer_gap_days=2, min_gap_days=10),
    DunningPolicy(schedules=(Schedule("default", BY_HAND), DEFAULT_SCHEDULES[1])),
    DunningPolicy(calendar=WorkCalendar(hours=OFFICE_HOURS)),
    DunningPolicy(schedules=READY_LADDERS["phone"]),
    DunningPolicy(schedules=READY_LADDERS["phone-late"], calendar=WorkCalendar(hours=OFFICE_HOURS)),
)
STATUSES = ("202", "203", "204", "205", "206", "207", "208", "209", "210", "211", "213")
HOURS = (time(7, 59), time(8), time(15, 59), time(16), time(18, 29), time(18, 30))
AMOUNT = Decimal("1200.00")
FIRST = date(2024, 1, 8)


def take(world: World, plan: Plan) -> None:
    """Check a plan, then send it; the first fault that is met fails, with all the others beside it."""
    found = faults(world, plan)
    assert not found, "\n".join(_told(world, plan, fault) for fault in found)


def _told(world: World, plan: Plan, fault: Fault) -> str:
    """A fault with all that one needs to understand it."""
    facts = [fact for fact in world.facts if fault.about in (getattr(fact, "invoice", ""), getattr(fact, "target", ""))]
    lines = [(line[1:], line.case[1:]) for line in plan.lines if line.key == fault.about]
    return f"{fault}\n  {lines}\n  {world.accounts.get(fault.about)}\n  {facts}\n  {world.holds} {world.releases}"


def morning(world: World) -> Plan:
    """One run: read, plan, check, send, remember."""
    world.open_books()
    plan = world.plan()
    take(world, plan)
    world.close_books(plan)
    TOTALS["mornings"] += 1
    return plan


class Mornings(RuleBasedStateMachine):
    """A freelancer's years with relance."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(DunningPolicy(), FIRST, FIRST)
        self.numbers = 0
        self.copies: list[list[Invoice]] = []
        self.last: Plan | None = None

    @initialize(
        policy=st.sampled_from(POLICIES),
        lateness=st.lists(st.integers(min_value=-40, max_value=120), max_size=5),
        start=st.integers(min_value=0, max_value=500),
        data=st.data(),
    )
    def begin(self, policy: DunningPolicy, lateness: list[int], start: int, data: st.DataObject) -> None:
        """A journal is opened on a file that may hold old invoices."""
        day = FIRST + timedelta(days=start)
        self.world = World(policy, day, day)
        for late in lateness:
            self._add(data.draw(st.sampled_from(PEOPLE)), late, data.draw(st.sampled_from([7, 30, 60])))

    def _add(self, owner: Customer, late: int, terms: int | None, total: Decimal = AMOUNT) -> None:
        self.numbers += 1
        due = self.world.today - timedelta(days=late)
        issued = None if terms is None else due - timedelta(days=terms)
        row = Invoice(f"F-{2000 + self.numbers}", owner, due, total, issue_date=issued)
        self.world.save_file([*self.world.rows, row])

    def _row(self, data: st.DataObject) -> Invoice:
        return data.draw(st.sampled_from(self.world.rows), label="row")

    def _target(self, data: st.DataObject) -> str:
        row = self._row(data)
        return data.draw(st.sampled_from([invoice_key(row), customer_id(row.customer)]), label="target")

    def _has_rows(self) -> bool:
        return bool(self.world.rows)

    # Mornings

    @rule(days=st.integers(min_value=1, max_value=12))
    def live(self, days: int) -> None:
        """A run each morning, on a file saved again each Monday."""
        for _ in range(days):
            self.world.sleep()
            if self.world.today.weekday() == 0:
                self.world.save_file(self.world.rows)
            self.last = morning(self.world)

    @rule(days=st.sampled_from([2, 3, 8, 16, 35, 90]))
    def sleep(self, days: int) -> None:
        """The laptop sleeps; the file that one finds then was saved the same day, or not."""
        self.world.sleep(days)
        self.last = morning(self.world)

    @rule(hour=st.sampled_from([None, *HOURS]))
    def at_another_hour(self, hour: time | None) -> None:
        """The runs that follow come at this hour: where hours are set, none of them may send before or after."""
        self.world.hour = hour
        self.last = morning(self.world)
        TOTALS["hours"] += 1

    @rule()
    def run_again(self) -> None:
        """A second run on the same day repeats no message."""
        self.last = morning(self.world)

    @rule()
    def save(self) -> None:
        """The file is exported again, the same."""
        self.world.save_file(self.world.rows)

    @rule(back=st.integers(min_value=1, max_value=40))
    def clock_falls_back(self, back: int) -> None:
        """A machine that believes it is last month sends nothing that its journal makes impossible."""
        now, fresh = self.world.today, self.world.fresh_on
        if any(fact.on > now - timedelta(days=back) for fact in self.world.facts):
            self.world.today = now - timedelta(days=back)
            assert not self.world.plan().reminders
            TOTALS["clock back"] += 1
        self.world.today, self.world.fresh_on = now, fresh

    # The file

    @rule(
        owner=st.sampled_from([*PEOPLE, KEY_ACCOUNT]),
        late=st.integers(min_value=-70, max_value=10),
        terms=st.sampled_from([None, 7, 15, 30, 30, 45, 60]),
        total=st.sampled_from(["1200.00", "1200.00", "80.00", "4.00"]),
    )
    def new_invoice(self, owner: Customer, late: int, terms: int | None, total: str) -> None:
        """A row more, whoever the customer is, late already or not yet issued."""
        self._add(owner, late, terms, Decimal(total))

    @rule(owner=st.sampled_from(OLD), late=st.sampled_from([640, 725, 735, 1290, 1500, 1790, 1830, 1860]))
    def old_debt(self, owner: Customer, late: int) -> None:
        """An invoice that can hardly be sued for any more, or cannot."""
        self._add(owner, late, 30)

    @precondition(_has_rows)
    @rule(
        data=st.data(), changed=st.sampled_from(["number", "total", "cut", "due", "address", "theirs", "name", "code"])
    )
    def edit(self, data: st.DataObject, changed: str) -> None:
        """A cell of the file is corrected."""
        row = self._row(data)
        world, owner = self.world, row.customer
        if changed == "number":
            self.numbers += 1
            world.replace(row, number=f"F-{self.numbers}-BIS")
        elif changed == "total":
            world.replace(row, total=row.total * data.draw(st.sampled_from([Decimal("0.5"), Decimal("1.25")])))
        elif changed == "cut":
            world.replace(row, total=data.draw(st.sampled_from([Decimal(f"{row.total:.2f}"[:1]), row.total * 10])))
        elif changed == "theirs":
            world.replace(row, customer=owner._replace(emails=self._row(data).customer.emails))
        elif changed == "due":
            moved = row.due_date + timedelta(days=data.draw(st.sampled_from([-20, -3, 3, 20, 45])))
            if row.issue_date is not None and moved > row.issue_date:
                world.replace(row, due_date=moved)
        elif changed == "address":
            world.replace(
                row, customer=owner._replace(emails=(f"neuf{len(world.facts)}@{owner.name.lower()}.example",))
            )
        elif changed == "name":
            world.replace(row, customer=owner._replace(name=f"{owner.name} et fils"))
        elif changed == "code":
            world.replace(row, customer=owner._replace(code="" if owner.code else owner.name.upper()))

    @precondition(_has_rows)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """A row goes away."""
        row = self._row(data)
        self.world.save_file(other for other in self.world.rows if other is not row)

    @precondition(_has_rows)
    @rule(data=st.data(), part=st.sampled_from(["all", "half", "all but two"]), dated=st.booleans())
    def pay_in_file(self, data: st.DataObject, part: str, dated: bool) -> None:
        """The file shows a payment."""
        row, world = self._row(data), self.world
        left = world.outstanding(row)
        amount = {"all": left, "half": (left / 2).quantize(Decimal("0.01")), "all but two": left - 2}[part]
        if amount > 0:
            paid = Payment(
                amount, world.today - timedelta(days=data.draw(st.sampled_from([0, 1, 9, 30]))) if dated else None
            )
            world.replace(row, payments=(*row.payments, paid))

    @precondition(_has_rows)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        """A payment was entered on the wrong row."""
        row = self._row(data)
        if row.payments:
            self.world.replace(row, payments=row.payments[:-1])

    @precondition(_has_rows)
    @rule(data=st.data())
    def dispute_in_file(self, data: st.DataObject) -> None:
        """The file says « litige », or does no more."""
        row = self._row(data)
        after = Status.OPEN if row.status is Status.DISPUTED else Status.DISPUTED
        self.world.replace(row, status=after)

    @precondition(_has_rows)
    @rule(data=st.data(), code=st.sampled_from(STATUSES), ago=st.sampled_from([0, 0, 1, 4]))
    def status(self, data: st.DataObject, code: str, ago: int) -> None:
        """The export of a platform has one more."""
        self.world.tell(self._row(data), code, self.world.today - timedelta(days=ago))
        TOTALS[f"status {code}"] += 1

    @rule()
    def keep_a_copy(self) -> None:
        """A copy of the file is put aside."""
        self.copies.append(list(self.world.rows))

    @precondition(lambda self: bool(self.copies))
    @rule(data=st.data(), old=st.booleans())
    def restore(self, data: st.DataObject, old: bool) -> None:
        """An older file comes back, with its old date or with today's."""
        age = timedelta(days=data.draw(st.sampled_from([1, 8, 20])) if old else 0)
        self.world.save_file(data.draw(st.sampled_from(self.copies)), self.world.today - age)

    # The user and the customers

    @precondition(_has_rows)
    @rule(data=st.data(), half=st.booleans())
    def pay(self, data: st.DataObject, half: bool) -> None:
        """`relance pay`."""
        row = self._row(data)
        left = self.world.outstanding(row)
        if left > 0:
            self.world.pay(row, (left / 2).quantize(Decimal("0.01")) if half else left)

    @precondition(_has_rows)
    @rule(data=st.data(), part=st.booleans())
    def comes_at_the_bank(self, data: st.DataObject, part: bool) -> None:
        """A transfer names an invoice: the run of the day knows of it, and no later one forgets it."""
        if self.world.receive(self._row(data), part=part):
            self.last = morning(self.world)
            TOTALS["credits"] += 1

    @precondition(_has_rows)
    @rule(data=st.data())
    def undo_pay(self, data: st.DataObject) -> None:
        """`relance undo`: the payment was told of the wrong invoice."""
        row = self._row(data)
        told = self.world.payments.get(invoice_key(row))
        if told and not told[-1].credit:
            self.world.undo_pay(row)
            TOTALS["payments taken back"] += 1

    @precondition(_has_rows)
    @rule(data=st.data(), reason=st.sampled_from(list(HoldReason)), days=st.sampled_from([None, 1, 6, 20]))
    def hold(self, data: st.DataObject, reason: HoldReason, days: int | None) -> None:
        """`relance hold`; a promise has a day."""
        if reason is not HoldReason.PROMISE:
            until = None if days is None else self.world.today + timedelta(days=days)
            self.world.hold(self._target(data), reason, until)

    @precondition(_has_rows)
    @rule(data=st.data(), days=st.integers(min_value=0, max_value=20))
    def promise(self, data: st.DataObject, days: int) -> None:
        """A customer says when the money will come, or puts off the day that he said before."""
        target = self._target(data)
        if all(held.reason is HoldReason.PROMISE for held in self.world.holds.get(target, ())):
            self.world.hold(target, HoldReason.PROMISE, self.world.today + timedelta(days=days))

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """`relance release`."""
        if self.world.holds:
            self.world.release(data.draw(st.sampled_from(sorted(self.world.holds))))

    @rule(answer=st.sampled_from(list(Backlog)))
    def answer_backlog(self, answer: Backlog) -> None:
        """`relance confirm backlog`, once."""
        if self.world.backlog is None:
            self.world.answer_backlog(answer)

    @precondition(_has_rows)
    @rule(
        data=st.data(),
        stage=st.sampled_from(["friendly", "firm"]),
        channel=st.sampled_from(["call", "letter", "email"]),
    )
    def record(self, data: st.DataObject, stage: str, channel: str) -> None:
        """`relance record`: a call, or a mail written by hand."""
        row = self._row(data)
        if row.due_date < self.world.today and not changed(self.world, row):
            self.world.record(row, stage, channel)

    @precondition(_has_rows)
    @rule(data=st.data())
    def doubt(self, data: st.DataObject) -> None:
        """The machine died between the two lines of a delivery."""
        row = self._row(data)
        keys = {line.key: line for line in self.last.lines} if self.last else {}
        line = keys.get(invoice_key(row))
        late = row.due_date < self.world.today and not changed(self.world, row)
        if line is not None and line.next_stage is not None and late:
            self.world.doubt(row, line.next_stage.key)

    @precondition(_has_rows)
    @rule(data=st.data(), sent=st.booleans())
    def resolve(self, data: st.DataObject, sent: bool) -> None:
        """`relance resolve`."""
        row = self._row(data)
        if self.world.account(invoice_key(row)).in_doubt:
            self.world.resolve(row, sent=sent)

    @precondition(_has_rows)
    @rule(data=st.data())
    def refused(self, data: st.DataObject) -> None:
        """The server does not know this address."""
        self.world.refuse(self._row(data))

    @rule(data=st.data())
    def answer_questions(self, data: st.DataObject) -> None:
        """The user looks at the plan and says yes to what it asks: approvals, changes, the file."""
        answer(self.world, confirm_file=data.draw(st.booleans()))

    @invariant()
    def our_books_are_ours(self) -> None:
        """The rules counted, for the report."""
        TOTALS["steps"] += 1

    def teardown(self) -> None:
        """With nobody answering, every ladder comes to its end within the days computed before."""
        nothing_is_forgotten(self.world)
        TOTALS["examples"] += 1
        TOTALS.update({f"message {key}": count for key, count in self.world.counts.items()})


def answer(world: World, *, confirm_file: bool = True) -> None:
    """A user who answers each question of the morning's plan: yes, it is right; no, it was not sent."""
    world.open_books()
    plan = world.plan()
    for line in plan.lines:
        if line.why is Change.MIXED:
            world.file_confirmed = world.file_confirmed or confirm_file
        elif line.reason is Reason.CHANGED:
            world.confirm(line, plan)
        elif line.reason is Reason.AWAITING_APPROVAL:
            world.approve(line)
        elif line.reason is Reason.IN_DOUBT:
            world.resolve(world.row(line), sent=False)
        elif line.reason is Reason.STALE_INPUT and confirm_file:
            world.file_confirmed, world.fresh_on = True, world.today


def nothing_is_forgotten(world: World) -> None:
    """File fresh each day, holds released, doubts resolved, approvals given, calls and letters made: an end."""
    settle(world)
    world.hour = None
    last = world.today + timedelta(days=bound(world))
    waiting: dict[str, str] = {}
    while not all(world.finished(row) for row in owed(world)):
        open_ = [row.number for row in owed(world) if not world.finished(row)]
        assert world.today < last, f"forgotten: {open_}, {waiting}"
        world.sleep()
        world.save_file(world.rows)
        world.file_confirmed = True
        answer(world)
        plan = morning(world)
        for task in plan.tasks:
            if task.kind in ("call", "letter", "sms") and task.stage is not None:
                for line in task.lines:
                    world.record(world.row(line), task.stage.key, task.kind)
        for line in plan.lines:
            if isinstance(line.why, StatusTold):  # told of the number that it had, which was confirmed only now
                tell_the_end(world, world.row(line))
        waiting = {line.key: line.reason.value for line in plan.lines if not world.finished(world.row(line))}


def settle(world: World) -> None:
    """Everything that a person left open is answered; addresses refused are corrected."""
    for target in list(world.holds):
        world.release(target)
    if world.backlog in (None, Backlog.IGNORE):
        world.answer_backlog(Backlog.GENTLY)
    for row in list(world.rows):
        if world.account(invoice_key(row)).in_doubt:
            world.resolve(row, sent=False)
        if world.refused & {address.casefold() for address in row.customer.emails}:
            world.replace(row, customer=row.customer._replace(emails=(f"corrige{row.number.lower()}@example.org",)))
        if row.status is Status.DISPUTED:
            world.replace(world.find(invoice_key(row)) or row, status=Status.OPEN)
    if world.statuses:
        world.sleep()
    for row in world.rows:
        if world.told_of(invoice_key(row)):
            tell_the_end(world, row)


def tell_the_end(world: World, row: Invoice) -> None:
    """The dispute is over, the paper was sent: the platform tells both."""
    for code in ("205", "209"):
        world.tell(row, code, world.today)


def bound(world: World) -> int:
    """Days within which every ladder ends: its last day, then each message that may come before it at its slowest.

    An invoice has at most four messages of its ladder, one about a broken promise, and a call of its own to wait for,
    each after the longer of the gap and the term given (15 days and three working days); a message waits at worst for
    one of every other invoice's, `customer_gap_days` or one full run apart. Each of these waits may end in the longest
    closed stretch.
    """
    rows, policy = owed(world), world.policy
    if not rows:
        return 0
    latest = max(row.due_date for row in rows)
    days_of_ladder = max(stage.day for schedule in policy.schedules for stage in schedule.stages)
    rest = longest_rest(world.today, max(latest, world.today) + timedelta(days=500), policy)
    own = 6 * (max(policy.min_gap_days, 15 + 3 * (1 + rest)) + rest)
    others = 5 * len(rows) * (policy.customer_gap_days + rest + 1)
    announced = 14 if world.statuses else 0  # five days of banks
    return max(0, (latest - world.today).days) + days_of_ladder + policy.min_gap_days + own + others + announced


few = settings(
    max_examples=20,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


long = settings(few, max_examples=50, stateful_step_count=60, database=None, phases=(Phase.generate,))
"""As many as there is time for; to shrink a failure takes minutes and is left to a run with its seed."""


@pytest.mark.slow
def test_years_of_mornings() -> None:
    """Every rule of `invariants`, on every morning of every example; RELANCE_MORNINGS says for how many seconds."""
    TOTALS.clear()
    end = monotonic() + SECONDS
    run_state_machine_as_test(Mornings, settings=few)
    while monotonic() < end:
        run_state_machine_as_test(Mornings, settings=long)
    assert TOTALS["mornings"] > 0
    print(dict(sorted(TOTALS.items())))  # noqa: T201


def _with(policy: DunningPolicy, terms: int, late: int) -> World:
    """A world with one invoice that became overdue while relance was there."""
    world = World(policy, FIRST - timedelta(days=90), FIRST)
    due = FIRST - timedelta(days=late)
    world.save_file([Invoice("F-2001", PEOPLE[0], due, AMOUNT, issue_date=due - timedelta(days=terms))])
    return world


@pytest.mark.parametrize("hour", HOURS)
def test_a_week_at_one_hour(hour: time) -> None:
    """What is due leaves on each day of the week within the hours, as they are told a second time."""
    for offset in range(7):
        world = _with(DunningPolicy(calendar=WorkCalendar(hours=OFFICE_HOURS)), 30, 6)
        world.today, world.hour = FIRST + timedelta(days=offset), hour
        world.save_file(world.rows)
        sent = bool(morning(world).reminders)
        assert sent == (works(world.today, world.policy) and in_hours(world.today, hour, world.policy)), world.today


@pytest.mark.parametrize("code", STATUSES)
def test_two_weeks_after_a_status(code: str) -> None:
    """A message leaves on the first morning on which the second engine has nothing against it, and on none before."""
    world = _with(DunningPolicy(calendar=WorkCalendar(working_days=False)), 30, 6)
    world.tell(world.rows[0], code, world.today)
    left = []
    for _ in range(14):
        world.save_file(world.rows)
        left += [world.today] if morning(world).reminders else []
        world.sleep()
    held = {"206", "207", "208", "210", "213"}
    assert ([] if code in held else [FIRST + timedelta(days=8 if code == "211" else 0)]) == left[:1]


def test_a_status_of_the_number_that_an_invoice_had() -> None:
    """It is suspended under its first number: once the new one is confirmed that holds it too, until it is over."""
    world = _with(DunningPolicy(), 30, 6)
    morning(world)
    world.tell(world.rows[0], "208", world.today)
    morning(world)
    world.replace(world.rows[0], number="F-4-BIS")
    assert [Reason.CHANGED] == [line.reason for line in morning(world).lines]
    nothing_is_forgotten(world)


@pytest.mark.parametrize("after", [None, 0, 3])
@pytest.mark.parametrize("terms", [30, 60])
@pytest.mark.parametrize("name", READY_LADDERS)
def test_a_ladder_with_a_call(name: str, terms: int, after: int | None) -> None:
    """Each morning by the second engine; the call is recorded so many days `after` it was asked, or never."""
    world, asked = _with(DunningPolicy(schedules=READY_LADDERS[name]), terms, -6), list[date]()
    for _ in range(90):
        world.sleep()
        world.save_file(world.rows)
        answer(world)
        calls = [task for task in morning(world).tasks if task.kind == "call" and task.about is None]
        asked += [world.today] if calls else []
        if calls and after is not None and (world.today - asked[0]).days >= after:
            world.record(world.rows[0], "firm", "call")
    assert {"courtesy": 1, "friendly": 1, "firm": 1, "formal_notice": 1} == dict(world.counts)
    assert asked if after is None else after + 1 >= len(asked) > 0


if __name__ == "__main__":
    raise SystemExit(pytest.main([__file__, "-s", "-x"]))
