"""The edges of what planning rests on: deferred messages, letters told in pieces, stages on the due date itself."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from core_support import (
    DUE,
    EVERY_DAY,
    LONG_AGO,
    customer,
    day,
    invoice,
    line_for,
    messages,
    paid,
    plan_for,
    reminded,
    stages_on,
)

from relance.core.case import known_payments
from relance.core.facts import Allocated, Deferred, Fact, Paid, Reminded
from relance.core.history import NOTHING, FileState, fold
from relance.core.invoice import Contact, Invoice, Payment, Status, invoice_key, snapshot_of
from relance.core.plan import Line
from relance.core.planning import build_plan
from relance.core.policy import DEFAULT_STAGES, DunningPolicy, Schedule, schedule_for, terms_days
from relance.core.reasons import ClockFault

KEY = invoice_key(invoice())


def schedule_of(about: Invoice, policy: DunningPolicy) -> Schedule:
    """The schedule of an invoice."""
    return schedule_for(about.customer.schedule, about.customer.profile, terms_days(about), policy)


def deferred(until: datetime, stage: str = "friendly") -> Deferred:
    """The server asked to wait with this stage."""
    return Deferred(KEY, stage, "email", day(6), until, "451 plus tard")


def planned(fact: Fact, offset: int, now: datetime | None = None) -> Line:
    """The invoice's line on that day, at that moment where one is told."""
    history = fold([fact], LONG_AGO, day(offset))._replace(now=now)
    return build_plan([invoice()], history, EVERY_DAY, day(offset)).lines[0]


def at(offset: int, hour: int) -> datetime:
    """An hour of a day, aware."""
    return datetime.combine(day(offset), time(hour), UTC)


def test_a_deferred_message_waits_for_its_moment() -> None:
    """By the hour where the moment is known, by the day where it is not; the plan says when and why."""
    fact = deferred(at(8, 14))
    line = planned(fact, 7)
    assert ("deferred", day(8), "14:00|451 plus tard") == (line.reason.value, line.until, line.stop.mark)
    assert ("friendly", day(8)) == (line.next_stage and line.next_stage.key, line.next_date)
    assert "due" == planned(fact, 8).reason.value
    assert ["deferred", "due"] == [planned(fact, 8, at(8, hour)).reason.value for hour in (13, 14)]
    assert "due" == planned(deferred(at(8, 14), "firm"), 7).reason.value


def test_the_last_word_of_the_server_counts() -> None:
    """Put off twice, it waits for the second moment; only what is about its own stage counts."""
    facts: list[Fact] = [deferred(at(7, 9)), deferred(at(9, 9)), deferred(at(30, 9), "firm")]
    plan = plan_for([invoice()], facts, day(8))
    assert ("deferred", []) == (plan.lines[0].reason.value, messages(plan))
    assert [("friendly", ["F-1"])] == messages(plan_for([invoice()], facts, day(9)))


def test_a_file_that_is_not_trusted_says_why() -> None:
    """The reason of the stop is the line's note."""
    history = fold([], LONG_AGO, day(6))._replace(file=FileState(day(6), conflict="copie.csv"))
    line = build_plan([invoice()], history, EVERY_DAY, day(6)).lines[0]
    assert ("stale_input", "conflict:copie.csv") == (line.reason.value, line.stop.mark)


def test_a_letter_told_in_pieces_in_any_order() -> None:
    """Received first, then posted under a number: nothing that was told is lost by what is told later."""
    base = Contact("formal_notice", "letter", day(31), snapshot=snapshot_of(invoice()))
    told = [
        base._replace(received=day(34), cause="cash"),
        base._replace(posted=day(31)),
        base._replace(tracking="1A"),
        base,
    ]
    (contact,) = fold([Reminded(KEY, each) for each in told], DUE, day(99)).invoices[KEY].contacts
    assert base._replace(tracking="1A", posted=day(31), received=day(34), cause="cash") == contact


def test_letters_that_nobody_compared() -> None:
    """Without a snapshot they are about no due date, and about the same one."""
    base = Contact("formal_notice", "letter", day(31))
    contacts = (
        fold([Reminded(KEY, base), Reminded(KEY, base._replace(posted=day(30)))], DUE, day(99)).invoices[KEY].contacts
    )
    assert (base._replace(posted=day(30)),) == contacts


def test_a_credit_note_pays_on_its_own_day_under_its_own_number() -> None:
    """Whenever the user said which invoice it pays."""
    said = Allocated("A-1/2026", "A-1", KEY, Decimal("100.00"), day(3), day(20))
    past = fold([said], DUE, day(30)).invoices[KEY]
    assert (Payment(Decimal("100.00"), day(3), "A-1"),) == known_payments(invoice(), past, day(30))[0]


@pytest.mark.parametrize(
    ("on_file", "expected"),
    [
        ([], [("50.00", 2)]),
        ([paid("50.00", day(3))], [("50.00", 3)]),
        ([paid("50.00", day(31))], [("50.00", 31), ("50.00", 2)]),  # to come: it absorbs nothing yet
        ([paid("20.00", day(3))], [("20.00", 3), ("30.00", 2)]),
    ],
)
def test_what_a_told_payment_adds(on_file: list[Payment], expected: list[tuple[str, int]]) -> None:
    """As much as the file does not show by today; never a payment of nothing."""
    past = fold([Paid(KEY, Decimal("50.00"), day(2))], DUE, day(30)).invoices[KEY]
    known = known_payments(invoice(payments=on_file), past, day(30))[0]
    assert [(Decimal(amount), day(on)) for amount, on in expected] == [(p.amount, p.on) for p in known]
    assert tuple(on_file) == known_payments(invoice(payments=on_file), NOTHING, day(30))[0]


def test_a_stage_on_the_due_date_is_late() -> None:
    """Day 0 is no reminder before the due date: it goes on after it."""
    zero = DEFAULT_STAGES[1]._replace(day=0)
    schedule = Schedule("default", (DEFAULT_STAGES[0], zero))
    assert ((DEFAULT_STAGES[0],), (zero,)) == (schedule.early, schedule.late)
    policy = EVERY_DAY._replace(schedules=(schedule,))
    line = line_for(invoice(), [reminded(invoice(), "courtesy", day(-5))], day(3), policy=policy)
    assert ("due", "friendly") == (line.reason.value, line.acting and line.acting.key)


def test_schedules_for_terms() -> None:
    """The longest terms that are reached count, at their very day, in whatever order the schedules stand."""

    def named(name: str, terms: int | None) -> Schedule:
        return Schedule(name, DEFAULT_STAGES, terms_from_days=terms)

    policy = EVERY_DAY._replace(
        schedules=(named("default", None), named("sixty", 60), named("one", 1), named("thirty", 30))
    )
    expected = {0: "default", 1: "one", 29: "one", 30: "thirty", 59: "thirty", 60: "sixty", 90: "sixty"}
    assert expected == {terms: schedule_of(invoice(terms=terms), policy).name for terms in expected}
    own = invoice(owner=invoice().customer._replace(schedule="nowhere"))
    assert "thirty" == schedule_of(own, policy).name


def test_only_limits_what_leaves_and_what_is_asked() -> None:
    """Messages, thanks, questions and tasks are about the chosen invoice; the others wait, and are in the plan."""
    owners = [invoice().customer._replace(name=name, code=name, emails=(f"{name}@x.example",)) for name in "ABCDEF"]
    two, thanked, asked = owners[:2], owners[2:4], owners[4:]
    known = [invoice(f"L-{owner.name}", owner=owner) for owner in two]
    known += [invoice(f"P-{owner.name}", owner=owner, payments=[paid("1200.00", day(8))]) for owner in thanked]
    known += [invoice(f"N-{owner.name}", day(-30), owner=owner) for owner in asked]
    facts: list[Fact] = [reminded(each, "friendly", day(-2)) for each in known[2:4]]
    facts += [reminded(each, "firm", day(-10)) for each in known[4:]]
    history = fold(facts, LONG_AGO, day(9))
    everything = build_plan(known, history, EVERY_DAY, day(9))
    assert {"L-A", "L-B", "P-C", "P-D"} == {line.invoice.number for r in everything.reminders for line in r.lines}
    assert ["N-E", "N-F"] == [r.lines[0].invoice.number for r in everything.waiting]
    some = {invoice_key(each) for each in (known[0], known[2], known[4])}
    plan = build_plan(known, history, EVERY_DAY, day(9), some)
    assert [("friendly", ["L-A"]), ("thanks", ["P-C"])] == messages(plan)
    assert ["N-E"] == [r.lines[0].invoice.number for r in plan.waiting]
    assert {"N-E"} == {line.invoice.number for task in plan.tasks for line in task.lines}
    left = plan.lines[1]
    assert ("over_limit", day(10), 6) == (left.reason.value, left.until, len(plan.lines))


def test_a_settled_line_keeps_what_the_file_says() -> None:
    """Its last stage, its note, and that it is the file that settled it."""
    about = invoice(payments=[paid("1200.00", day(20))])._replace(note="soldée")
    line = line_for(about, [reminded(invoice(), "friendly", day(5)), Paid(KEY, Decimal("5.00"), day(6))], day(40))
    assert ("paid", "friendly", "soldée", True, Decimal("5.00")) == (
        line.reason.value,
        line.last_stage,
        line.stop.mark,
        line.stop.in_file,
        line.absorbed,
    )


def test_the_last_stage_that_is_known_is_told() -> None:
    """The last contact whose stage somebody knows; none where nobody was reached, settled or not."""
    about, known = invoice(), Contact("firm", "email", day(15))
    for settled in ((), (paid("1200.00", day(20)),)):
        told = about._replace(contacts=(known, Contact("", "call", day(16))), payments=settled)
        line = line_for(told, today=day(21))
        assert ("firm", day(16)) == (line.last_stage, line.last_contact and line.last_contact.on)
        assert line_for(about._replace(payments=settled), today=day(21)).last_stage is None


@pytest.mark.parametrize(("clock", "until"), [(ClockFault.BEHIND, day(5)), (ClockFault.AHEAD, day(5)), (None, day(9))])
def test_a_clock_that_is_not_believed_says_since_when(clock: ClockFault | None, until: date) -> None:
    """The last day on which anything was noted, and which way the clock is off where that is known."""
    facts = [reminded(invoice("F-2", owner=customer("Bravo")), "friendly", until)]
    history = fold(facts, LONG_AGO, day(6))._replace(clock=clock)
    (line,) = build_plan([invoice()], history, EVERY_DAY, day(6)).lines
    assert ("clock", until, clock) == (line.reason.value, line.until, line.why)


def test_a_credit_note_is_used_up_by_all_that_was_allocated_of_it() -> None:
    """100 on one invoice and 150 on another: of 300, 50 are left for the messages to mention."""
    note = invoice("A-1", total="-300.00")._replace(status=Status.CREDIT_NOTE)
    rows = [invoice(), invoice("F-2"), note]
    said = [
        Allocated(invoice_key(note), "A-1", invoice_key(rows[n]), Decimal(amount), day(1), day(2))
        for n, amount in enumerate(("100.00", "150.00"))
    ]
    around = build_plan(rows, fold(said, LONG_AGO, day(6)), EVERY_DAY, day(6)).around
    assert [Decimal("50.00")] == [credit.amount for each in around.credits.values() for credit in each]


def test_a_schedule_is_its_customers() -> None:
    """By name and by profile, as the plan of a day has it."""
    policy = EVERY_DAY._replace(schedules=(*EVERY_DAY.schedules, Schedule("slow", stages_on(friendly=20))))
    named = invoice(owner=customer(schedule="slow"))
    assert 20 == schedule_of(named, policy).late[0].day
    key = invoice(owner=customer(profile="key"))
    assert ("call",) == schedule_of(key, policy).late[1].channels
    assert ("email",) == schedule_of(invoice(), policy).late[1].channels


def test_a_paid_invoice_stands_where_it_would_if_it_were_owed() -> None:
    """Its place is not looked for while planning: who asks later is told the same stages done, the same lateness."""
    history = fold([reminded(invoice(), "friendly", day(6)), reminded(invoice(), "firm", day(16))], LONG_AGO, day(40))
    owed, settled = (
        build_plan([invoice(payments=payments)], history, EVERY_DAY, day(40)).lines[0]
        for payments in ((), (paid("1200.00", day(20)),))
    )
    assert settled.case.placed is None is not owed.case.placed
    assert (owed.case.position, owed.case.schedule) == (settled.case.position, settled.case.schedule)
    done = frozenset(("friendly", "friendly/writing", "firm", "firm/writing"))
    assert (40, done) == (settled.days_overdue, settled.case.position.done)
