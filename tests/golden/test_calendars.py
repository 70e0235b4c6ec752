"""Scenarios lived day by day: what the design says of their key days, and the whole calendar as it was approved.

Each scenario is a file of tests/golden/calendars; RELANCE_REGENERATE=1 writes them again: read every line of the
difference. The assertions here are written from design.md, day by day on a calendar, before any run; every morning
also keeps the rules of `invariants`. All happens in 2026: 2 March is a Monday, Easter Monday is 6 April.
"""

import os
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from core_support import DEFAULT
from invariants import faults
from world import World, stage_key

from relance.core.calendar import WorkCalendar
from relance.core.facts import Backlog, HoldReason
from relance.core.invoice import Customer, Invoice, Kind, Payment, invoice_key
from relance.core.plan import Line, Plan
from relance.core.policy import DunningPolicy
from relance.core.reasons import Reason

GOLDEN = Path(__file__).parent / "calendars"
REGENERATE = "RELANCE_REGENERATE"
LONG_AGO = date(2025, 1, 1)
Event = Callable[[World], None]


def day(month: int, of_month: int) -> date:
    """A day of 2026."""
    return date(2026, month, of_month)


def owner(name: str) -> Customer:
    """A business with one address."""
    return Customer(name, code=name.upper(), emails=(f"compta@{name.lower()}.example",), kind=Kind.BUSINESS)


def due(when: date, number: str = "F-1", *, name: str = "Alpha", terms: int = 30, total: str = "1200.00") -> Invoice:
    """An open invoice at thirty days."""
    return Invoice(number, owner(name), when, Decimal(total), issue_date=when - timedelta(days=terms))


class Life(NamedTuple):
    """What happened: the messages as (day, stage, numbers), the plan of each day, and the calendar as text."""

    sent: list[tuple[date, str, str]]
    plans: dict[date, Plan]
    text: str

    def line(self, when: date, number: str = "F-1") -> Line:
        """One invoice on one day."""
        return next(line for line in self.plans[when].lines if line.invoice.number == number)

    def reasons(self, first: date, last: date, number: str = "F-1") -> list[str]:
        """The reasons of the days on which a run was, in their order, each once in a row."""
        found: list[str] = []
        for when, plan in self.plans.items():
            if first <= when <= last:
                reason = next(line.reason.value for line in plan.lines if line.invoice.number == number)
                found += [reason] if not found or found[-1] != reason else []
        return found

    def tasks(self, when: date) -> list[tuple[str, str]]:
        """The tasks of a day: kind and numbers."""
        return [(task.kind, _numbers(task.lines)) for task in self.plans[when].tasks]

    def days_of_task(self, kind: str) -> list[date]:
        """The days on which a task of this kind is open."""
        return [when for when, plan in self.plans.items() if any(task.kind == kind for task in plan.tasks)]


def _numbers(lines: Sequence[Line]) -> str:
    return " ".join(line.invoice.number for line in lines)


def live(
    rows: Sequence[Invoice],
    first: date,
    last: date,
    events: dict[date, Event] | None = None,
    *,
    asleep: tuple[date, date] | None = None,
    started: date = LONG_AGO,
    policy: DunningPolicy | None = None,
    approving: bool = True,
) -> Life:
    """Run every morning on a file saved that morning; events come before the run, an approval just after it."""
    world = World(policy or DEFAULT, started, first)
    world.save_file(rows)
    sent: list[tuple[date, str, str]] = []
    plans: dict[date, Plan] = {}
    pages: list[tuple[date, str]] = []
    while world.today <= last:
        if not (asleep and asleep[0] <= world.today <= asleep[1]):
            world.save_file(world.rows)
            world.open_books()
            if events and world.today in events:
                events[world.today](world)
                world.open_books()
            plan = world.plan()
            assert [] == faults(world, plan)
            world.close_books(plan)
            sent += [(world.today, r.stage.key, _numbers(r.lines)) for r in plan.reminders]
            plans[world.today] = plan
            pages.append((world.today, page(plan)))
            for line in plan.lines if approving else ():
                if line.reason is Reason.AWAITING_APPROVAL:
                    world.approve(line)
        world.sleep()
    return Life(sent, plans, _bound(pages))


def page(plan: Plan) -> str:
    """A day in words: each invoice's stage by date, decision and reason; each message and task."""
    lines = []
    for line in plan.lines:
        by_date = line.stage.key if line.stage else "-"
        then = f", then {line.next_stage.key} {line.next_date}" if line.next_stage and line.next_date else ""
        lines.append(f"  {line.invoice.number:8} {by_date:14} {line.decision.value:7} {line.reason.value}{then}")
    for reminder in plan.reminders:
        each = ", ".join(f"{line.invoice.number} {stage_key(reminder, line)}" for line in reminder.lines)
        also = f" (also open: {_numbers(reminder.others)})" if reminder.others else ""
        term = f", to pay by {reminder.term}" if reminder.term else ""
        lines.append(f"  > {reminder.stage.key} to {' '.join(reminder.customer.emails)}: {each}{term}{also}")
    for task in plan.tasks:
        stage = f" {task.stage.key}" if task.stage else ""
        lines.append(f"  ! {task.kind}{stage}: {_numbers(task.lines)}")
    lines += [f"  ? gone: {seen.number}" for seen in plan.around.vanished]
    return "\n".join(lines)


def _bound(pages: Sequence[tuple[date, str]]) -> str:
    """The calendar; days on end that say the same are one entry."""
    entries: list[tuple[date, date, str]] = []
    for when, text in pages:
        if entries and entries[-1][2] == text and entries[-1][1] == when - timedelta(days=1):
            entries[-1] = (entries[-1][0], when, text)
        else:
            entries.append((when, when, text))
    titles = [f"{a:%a %Y-%m-%d}" + ("" if a == b else f" to {b:%a %Y-%m-%d}") for a, b, _ in entries]
    return "\n".join(f"{title}\n{text}" for title, (_, _, text) in zip(titles, entries, strict=True)) + "\n"


def golden(name: str, life: Life) -> None:
    """The whole calendar, as it was approved; with RELANCE_REGENERATE=1 it is written first."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get(REGENERATE) == "1":
        GOLDEN.mkdir(parents=True, exist_ok=True)
        path.write_text(life.text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == life.text


# What happens in the stories


def file_shows(number: str, /, **changes: object) -> Event:
    """The file has another cell in this row."""
    return lambda world: world.replace(_row(world, number), **changes)


def told(number: str, reason: HoldReason, until: date | None = None) -> Event:
    """`relance hold`."""
    return lambda world: world.hold(invoice_key(_row(world, number)), reason, until)


def released(number: str) -> Event:
    """`relance release`."""
    return lambda world: world.release(invoice_key(_row(world, number)))


def confirmed(world: World) -> None:
    """`relance confirm` of everything that is held as changed."""
    plan = world.plan()
    for line in plan.lines:
        if line.reason is Reason.CHANGED:
            world.confirm(line, plan)


def answered(answer: Backlog) -> Event:
    """`relance confirm backlog`."""
    return lambda world: world.answer_backlog(answer)


def deleted(number: str) -> Event:
    """A row is no more in the file."""
    return lambda world: world.save_file(row for row in world.rows if row.number != number)


def _row(world: World, number: str) -> Invoice:
    return next(row for row in world.rows if row.number == number)


# The scenarios


def test_laptop_asleep() -> None:
    """Asleep from J-6 to J+15, awake on J+16: the first contact is friendly, whatever the date (decision 2)."""
    life = live([due(day(3, 2))], day(2, 20), day(4, 20), asleep=(day(2, 24), day(3, 17)))
    assert [
        (day(3, 18), "friendly", "F-1"),
        (day(3, 25), "firm", "F-1"),  # seven days later; it gives until 1 April
        (day(4, 7), "formal_notice", "F-1"),  # third working day after 1 April: 2, 3, (Easter) 7
    ] == life.sent
    by_date = life.line(day(3, 18)).stage
    assert by_date is not None
    assert "firm" == by_date.key
    assert ("approve", "F-1") in life.tasks(day(4, 1))  # J+30
    golden("laptop_asleep", life)


def test_three_invoices_at_three_stages() -> None:
    """One message a day, notices alone, courtesies never raised, four days between two messages (decision 3)."""
    rows = [due(day(2, 6), "C"), due(day(2, 20), "B"), due(day(3, 2), "A")]
    life = live(rows, day(1, 26), day(4, 20))
    assert [
        (day(2, 2), "courtesy", "C"),  # J-5 is a Sunday
        (day(2, 11), "friendly", "C"),
        (day(2, 16), "courtesy", "B"),  # J-5 is a Sunday
        (day(2, 23), "firm", "C"),  # J+15 is a Saturday
        (day(2, 27), "friendly", "B"),  # J+5 is the 25th, two days after a message to the same address
        # the courtesy of A waits behind it until 3 March: its due date is the 2nd, it expires
        (day(3, 9), "formal_notice", "C"),  # J+30 is Sunday the 8th, approved then; it leaves alone
        (day(3, 13), "firm", "B A"),  # four days later; the highest stage sets the tone, the oldest comes first
        (day(3, 25), "formal_notice", "B"),  # the term of the 20th holds until the third working day after it
        (day(3, 30), "firm", "A"),  # four days after it is Sunday the 29th; it gives until the 7th, after Easter Monday
        (day(4, 10), "formal_notice", "A"),  # third working day; the word of the 1st is good for seven days from then
    ] == life.sent
    assert "too_soon" == life.line(day(3, 9), "A").reason.value
    assert "expired" == life.line(day(3, 3), "A").reason.value
    golden("three_stages", life)


def test_half_paid() -> None:
    """A payment newly seen counts as a contact: seven quiet days, then the next stage for what is left (decision 2)."""
    half = file_shows("F-1", payments=(Payment(Decimal("600.00")),))
    life = live([due(day(3, 2))], day(2, 20), day(4, 20), {day(3, 16): half})
    assert [
        (day(2, 25), "courtesy", "F-1"),
        (day(3, 9), "friendly", "F-1"),  # J+5 is a Saturday
        (day(3, 23), "firm", "F-1"),  # J+15 is the 17th; paid on the 16th
        (day(4, 2), "formal_notice", "F-1"),  # J+30 is the 1st; the term is the 30th, third working day the 2nd
    ] == life.sent
    assert ["too_soon"] == life.reasons(day(3, 17), day(3, 22))
    assert Decimal("600.00") == life.line(day(3, 23)).outstanding
    golden("half_paid", life)


def test_promise_broken_twice() -> None:
    """Silent to its day, one mail on the third working day after it; the second is for a person (decision 6)."""
    promises: dict[date, Event] = {
        day(3, 11): told("F-1", HoldReason.PROMISE, day(3, 20)),
        day(3, 27): told("F-1", HoldReason.PROMISE, day(4, 10)),
    }
    life = live([due(day(3, 2))], day(2, 20), day(5, 22), promises)
    until_firm = [
        (day(2, 25), "courtesy", "F-1"),
        (day(3, 9), "friendly", "F-1"),
        (day(3, 25), "broken_promise", "F-1"),  # Friday the 20th, then 23, 24, 25
    ]
    assert until_firm == life.sent[:3]
    assert ["promised"] == life.reasons(day(3, 11), day(3, 24))
    assert ["promised"] == life.reasons(day(3, 27), day(4, 14))
    assert [] == [task for when in (day(4, 13), day(4, 14)) for task in life.tasks(when)]
    assert "F-1" in [numbers for _, numbers in life.tasks(day(4, 15))]  # 13, 14, 15: a task, and no mail
    firm = life.sent[3]
    assert "firm" == firm[1]
    assert day(4, 17) <= firm[0] <= day(4, 22)  # seven quiet days after the promise broke
    assert ["firm", "formal_notice"] == [stage for _, stage, _ in life.sent[3:]]
    golden("promise_broken_twice", life)


def test_dispute_solved_late() -> None:
    """A dispute never resumes alone, is looked at again after thirty days, and its release is a contact."""
    story: dict[date, Event] = {day(3, 12): told("F-1", HoldReason.DISPUTE), day(5, 1): released("F-1")}
    life = live([due(day(3, 2))], day(2, 20), day(6, 5), story)
    assert [
        (day(2, 25), "courtesy", "F-1"),
        (day(3, 9), "friendly", "F-1"),
        (day(5, 11), "firm", "F-1"),  # J+60 is 1 May; seven days later is 8 May, a holiday, then a week-end
        (day(5, 21), "formal_notice", "F-1"),  # the term is the 18th; third working day after it
    ] == life.sent
    assert ["disputed"] == life.reasons(day(3, 12), day(4, 30))
    reviews = [when for when in life.days_of_task("review") if when < day(5, 1)]
    assert (day(4, 11), day(4, 30)) == (reviews[0], reviews[-1])
    golden("dispute_solved_late", life)


def test_notice_unapproved_for_five_weeks() -> None:
    """A formal notice waits for the user's word, however long, and leaves the day after it (decision 4)."""

    def approve(world: World) -> None:
        (line,) = world.plan().lines
        world.approve(line)

    life = live([due(day(3, 2))], day(2, 20), day(5, 22), {day(5, 6): approve}, approving=False)
    assert [
        (day(2, 25), "courtesy", "F-1"),
        (day(3, 9), "friendly", "F-1"),
        (day(3, 17), "firm", "F-1"),
        (day(5, 6), "formal_notice", "F-1"),
    ] == life.sent
    assert ["awaiting_approval"] == life.reasons(day(4, 1), day(5, 5))
    assert all(("approve", "F-1") in life.tasks(day(4, 1) + timedelta(days=n)) for n in range(35))
    assert ("letter", "F-1") in life.tasks(day(5, 7))  # the mail opens the task of posting the letter
    golden("notice_unapproved", life)


OLD_FILE = (
    due(day(1, 20), "O-1", name="Alpha"),
    due(day(2, 20), "O-2", name="Bravo"),
    due(day(3, 4), "O-3", name="Charlie"),
)
"""On Monday 2 March, the day of the first run: 41 days late, ten days late, due in two days."""
COMING = [(day(3, 2), "courtesy", "O-3"), (day(3, 9), "friendly", "O-3"), (day(3, 19), "firm", "O-3")]
SECOND = [
    (day(3, 5), "friendly", "O-2"),
    (day(3, 12), "firm", "O-2"),  # J+15 is the 7th, two days after the first
    (day(3, 24), "formal_notice", "O-2"),  # J+30 is Sunday the 22nd; the term is the 19th: 20, 23, 24
]


@pytest.mark.parametrize(
    ("answer", "first"),
    [
        (Backlog.AS_IS, [(day(3, 6), "formal_notice", "O-1")]),  # asked and approved on the 5th
        (
            Backlog.GENTLY,
            [
                (day(3, 5), "friendly", "O-1"),
                (day(3, 12), "firm", "O-1"),
                (day(3, 24), "formal_notice", "O-1"),  # the term is the 19th: 20, 23, 24
            ],
        ),
        (Backlog.IGNORE, []),
    ],
)
def test_first_run_on_an_old_file(answer: Backlog, first: list[tuple[date, str, str]]) -> None:
    """The backlog waits for one answer; what comes due in service does not wait for it (decision 2)."""
    life = live(OLD_FILE, day(3, 2), day(3, 25), {day(3, 5): answered(answer)}, started=day(3, 2))
    second = SECOND if answer is not Backlog.IGNORE else []
    assert sorted(COMING + first + second) == sorted(life.sent)
    assert ["backlog"] == life.reasons(day(3, 2), day(3, 4), "O-1") == life.reasons(day(3, 2), day(3, 4), "O-2")
    assert [("confirm", "O-1 O-2")] == life.tasks(day(3, 2))
    if answer is Backlog.IGNORE:
        assert ["backlog"] == life.reasons(day(3, 2), day(3, 25), "O-1")
    golden(f"old_file_{answer.value.replace('-', '_')}", life)


def test_due_date_moved_later() -> None:
    """Held as changed when a stage would leave; confirmed, the ladder starts again at friendly (decision 2)."""
    story: dict[date, Event] = {day(3, 11): file_shows("F-1", due_date=day(3, 16)), day(3, 25): confirmed}
    life = live([due(day(3, 2))], day(2, 20), day(4, 30), story)
    assert [
        (day(2, 25), "courtesy", "F-1"),
        (day(3, 9), "friendly", "F-1"),
        (day(3, 25), "friendly", "F-1"),  # J+5 is the 21st, asked then; no courtesy before the new date
        (day(4, 1), "firm", "F-1"),  # J+15 is the 31st, six days after; it gives until 8 April
        (day(4, 16), "formal_notice", "F-1"),  # J+30 is the 15th, approved then
    ] == life.sent
    assert ["not_due"] == life.reasons(day(3, 11), day(3, 20))  # a ladder begun again has no courtesy to lose
    assert ["changed"] == life.reasons(day(3, 21), day(3, 24))
    assert ("confirm", "F-1") in life.tasks(day(3, 21))
    assert "changed" not in life.reasons(day(3, 25), day(4, 30))
    golden("due_date_moved", life)


def test_terms_of_seven_days() -> None:
    """No courtesy where terms are under fifteen days; the rest of the ladder is the same (decision 2)."""
    life = live([due(day(3, 2), terms=7)], day(2, 20), day(4, 10))
    assert [
        (day(3, 9), "friendly", "F-1"),
        (day(3, 17), "firm", "F-1"),
        (day(4, 2), "formal_notice", "F-1"),  # J+30 is the 1st, approved then
    ] == life.sent
    golden("terms_of_seven_days", life)


def test_courtesy_on_a_sunday() -> None:
    """It leaves on the Monday, before the due date."""
    life = live([due(day(3, 13))], day(3, 2), day(3, 20))
    assert [(day(3, 9), "courtesy", "F-1"), (day(3, 18), "friendly", "F-1")] == life.sent
    assert "closed_day" == life.line(day(3, 8)).reason.value
    golden("courtesy_on_a_sunday", life)


def test_courtesy_in_a_closed_week() -> None:
    """A courtesy that would reach the due date expires."""
    policy = DEFAULT._replace(calendar=WorkCalendar(closed=((day(3, 9), day(3, 13)),)))
    life = live([due(day(3, 16))], day(3, 2), day(3, 24), policy=policy)
    assert [(day(3, 23), "friendly", "F-1")] == life.sent  # J+5 is Saturday the 21st
    assert "expired" == life.line(day(3, 16)).reason.value
    golden("courtesy_in_a_closed_week", life)


def test_number_edited() -> None:
    """Under another number it waits for a word, and then goes on where it was."""
    story: dict[date, Event] = {day(3, 11): file_shows("F-1", number="F-1-BIS"), day(3, 18): confirmed}
    life = live([due(day(3, 2))], day(2, 20), day(4, 10), story)
    assert [
        (day(2, 25), "courtesy", "F-1"),
        (day(3, 9), "friendly", "F-1"),
        (day(3, 18), "firm", "F-1-BIS"),  # J+15 is the 17th, confirmed on the 18th; no second friendly
        (day(4, 2), "formal_notice", "F-1-BIS"),  # the term is the 25th; J+30 the 1st, approved then
    ] == life.sent
    assert ["changed"] == life.reasons(day(3, 11), day(3, 17), "F-1-BIS")
    golden("number_edited", life)


def test_the_same_number_in_two_years() -> None:
    """An invoice is its number and its issue year: what 2025 heard is not said of 2026 (decision 2)."""
    before = due(date(2025, 3, 3), "001", name="Alpha")
    rows = [before, due(day(3, 2), "001", name="Bravo")]
    first_ladder = ["friendly", "firm", "formal_notice"]

    def in_2025(world: World) -> None:
        for n, stage in enumerate(first_ladder):
            world.record(before, stage, "email", date(2025, 3, 10) + timedelta(days=20 * n))

    life = live(rows, day(2, 20), day(4, 10), {day(2, 20): in_2025})
    assert [
        (day(2, 25), "courtesy", "001"),
        (day(3, 9), "friendly", "001"),
        (day(3, 17), "firm", "001"),
        (day(4, 2), "formal_notice", "001"),
    ] == life.sent
    keys = {line.key for plan in life.plans.values() for reminder in plan.reminders for line in reminder.lines}
    assert {"001/2026"} == keys
    golden("same_number_two_years", life)


def test_one_row_vanishing_from_three() -> None:
    """What is gone is told once and hears nothing more; the others go on, for so small a file is no emptied one."""
    rows = [due(day(3, 2), f"F-{n}", name=name) for n, name in enumerate(("Alpha", "Bravo", "Charlie"), 1)]
    life = live(rows, day(2, 20), day(3, 20), {day(3, 11): deleted("F-2")})
    assert [
        *[(day(2, 25), "courtesy", f"F-{n}") for n in (1, 2, 3)],
        *[(day(3, 9), "friendly", f"F-{n}") for n in (1, 2, 3)],
        *[(day(3, 17), "firm", f"F-{n}") for n in (1, 3)],
    ] == sorted(life.sent)
    gone = {when for when, plan in life.plans.items() if plan.around.vanished}
    assert {day(3, 11)} == gone
    golden("one_row_of_three", life)


def test_thanks() -> None:
    """Who pays after a friendly reminder is thanked once within ten days, four after the last message."""
    paid_up = file_shows("F-1", payments=(Payment(Decimal("1200.00"), day(3, 11)),))
    life = live([due(day(3, 2))], day(3, 6), day(4, 10), {day(3, 12): paid_up})
    assert [
        (day(3, 9), "friendly", "F-1"),
        (day(3, 13), "thanks", "F-1"),  # paid on the 11th, seen on the 12th; the address rests until the 13th
    ] == life.sent
    assert {"paid"} == set(life.reasons(day(3, 12), day(4, 10)))
    golden("thanks", life)
