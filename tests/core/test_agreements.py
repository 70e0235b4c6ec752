"""Promises and payment plans: silence, one message after a broken word, then a person; instalments one by one."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import (
    DEFAULT,
    EVERY_DAY,
    LONG_AGO,
    RATE_AGREED,
    customer,
    day,
    invoice,
    line_for,
    messages,
    paid,
    plan_for,
    reminded,
)

from relance.core.calendar import WorkCalendar
from relance.core.facts import Confirmed, Fact, Held, HoldReason, Instalment, Released
from relance.core.history import FileState, Promise, fold
from relance.core.holds import kept
from relance.core.invoice import Invoice, Payment, invoice_key, snapshot_of
from relance.core.plan import About, Plan
from relance.core.planning import build_plan
from relance.core.seen import remember
from relance.display.tasks import task_text
from relance.french import NO_BREAK, near_date_fr

ABOUT = invoice()
CREDIT = Payment(Decimal("300.00"), None, "A-1")
KEY = invoice_key(ABOUT)
FRIENDLY = reminded(ABOUT, "friendly", day(5))


def promise(until: int, on: int = 8, target: str = KEY) -> Held:
    """A promise told on day `on`, to pay by day `until`; without closed days it counts as broken on `until` + 3."""
    return Held(target, HoldReason.PROMISE, day(on), day(until))


def plan_on(offset: int, *facts: Fact, fresh: int | None = None, about: Invoice = ABOUT) -> Plan:
    """The plan of that day with a file changed on day `fresh` (None: nobody asks how fresh it is)."""
    history = fold([RATE_AGREED, FRIENDLY, *facts], LONG_AGO, day(offset))
    if fresh is not None:
        history = history._replace(file=FileState(day(fresh)))
    return build_plan([about], history, EVERY_DAY, day(offset))


def test_a_broken_promise_is_spoken_of_once() -> None:
    """Silent through its day and the two after it; one message on the third; the ladder seven days later."""
    told = promise(20)
    assert [("promised", []), ("promised", [])] == [
        (plan.lines[0].reason.value, messages(plan)) for plan in (plan_on(20, told), plan_on(22, told))
    ]
    plan = plan_on(23, told)
    assert [("broken_promise", ["F-1"])] == messages(plan)
    assert (day(20), "firm", day(30)) == (
        plan.lines[0].until,
        plan.lines[0].next_stage and plan.lines[0].next_stage.key,
        plan.lines[0].next_date,
    )
    spoken = reminded(invoice(), "broken_promise", day(23))
    assert ["too_soon", "due"] == [plan_on(n, told, spoken).lines[0].reason.value for n in (29, 30)]
    assert [("firm", ["F-1"])] == messages(plan_on(30, told, spoken))


def test_a_broken_promise_waits_for_a_newer_file() -> None:
    """A file of the promised day cannot show the payment: nothing leaves before a newer one."""
    assert ("stale_input", []) == (
        plan_on(23, promise(20), fresh=20).lines[0].reason.value,
        messages(plan_on(23, promise(20), fresh=20)),
    )
    assert [("broken_promise", ["F-1"])] == messages(plan_on(23, promise(20), fresh=21))


def test_a_second_broken_promise_is_for_a_person() -> None:
    """No second message: a task, seven quiet days, then the ladder."""
    told: list[Fact] = [promise(12), reminded(invoice(), "broken_promise", day(15)), promise(30, on=20)]
    plan = plan_on(33, *told)
    assert ("too_soon", []) == (plan.lines[0].reason.value, messages(plan))
    assert [("review", About.BROKEN_PROMISE)] == [(task.kind, task.about) for task in plan.tasks]
    assert [("firm", ["F-1"])] == messages(plan_on(40, *told))
    called = reminded(invoice(), "broken_promise", day(34), channel="call")
    assert () == plan_on(35, *told, called).tasks


def test_no_mail_of_the_program_answers_for_a_second_broken_promise() -> None:
    """The ladder goes on beside it; a call, or a word about the promise, is what closes the task."""
    told: list[Fact] = [promise(12), reminded(invoice(), "broken_promise", day(15)), promise(30, on=20)]

    def asked(*facts: Fact) -> list[About | None]:
        return [task.about for task in plan_on(42, *told, *facts).tasks if task.about is About.BROKEN_PROMISE]

    assert [About.BROKEN_PROMISE] == asked(reminded(invoice(), "firm", day(40)))
    assert [About.BROKEN_PROMISE] == asked(reminded(invoice(), "firm", day(29), channel="call"))
    assert [] == asked(reminded(invoice(), "firm", day(40)), reminded(invoice(), "firm", day(31), channel="call"))
    assert [] == asked(reminded(invoice(), "broken_promise", day(34)))


@pytest.mark.parametrize("promised", [1, 20])
def test_a_person_speaks_to_a_key_account_of_a_broken_promise(promised: int) -> None:
    """Before its first mail as after firm; never on the word of a file older than the promise, nor after the call."""
    about = invoice(owner=customer(profile="key"))
    facts: list[Fact] = [promise(promised, on=0), reminded(about, "firm", day(15), channel="call")]

    def asked(offset: int, *more: Fact, fresh: int) -> tuple[object, list[str]]:
        plan = plan_on(promised + offset, *facts, *more, fresh=promised + fresh, about=about)
        assert "promised" != plan.lines[0].reason.value
        return messages(plan), [task_text(task) for task in plan.tasks if task.about is About.BROKEN_PROMISE]

    coming = plan_on(promised, *facts, about=about).lines[0].next_stage
    assert coming is not None
    assert "broken_promise" != coming.key
    assert ([], []) == asked(3, fresh=0)
    mails, (said,) = asked(3, fresh=1)
    assert [] == mails
    on = near_date_fr(day(promised), day(promised))
    assert f"Appeler Alpha, numéro inconnu : paiement promis pour le {on}, pas reçu" in said.replace(NO_BREAK, " ")
    called = reminded(about, "broken_promise", day(promised + 3), channel="call")
    assert [] == asked(4, called, fresh=1)[1]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ([promise(12), promise(20, on=14)], "promised"),  # renewed before it was broken
        ([promise(12), Released(KEY, day(13))], "too_soon"),  # released before it was broken: a contact
        ([promise(12), reminded(invoice(), "friendly", day(13), channel="call")], "too_soon"),  # spoken of already
    ],
)
def test_a_promise_that_was_not_broken(facts: list[Fact], reason: str) -> None:
    """Renewed, released or spoken of by a person: no message about it."""
    plan = plan_on(16, *facts)
    assert (reason, []) == (plan.lines[0].reason.value, messages(plan))


def test_a_customers_promise_is_one_message() -> None:
    """A promise for all of a customer breaks for the invoices that were due by its day, in one message."""
    known = [invoice("F-1"), invoice("F-2"), invoice("F-3", day(40))]
    facts: list[Fact] = [promise(12, target="code:ALPHA"), *(reminded(each, "friendly", day(5)) for each in known[:2])]
    assert [("broken_promise", ["F-1", "F-2"])] == messages(plan_for(known, facts, day(15)))


def test_a_broken_promise_goes_before_the_next_stage() -> None:
    """It says one thing: the firm message about another invoice waits for the address to be free again."""
    known = [invoice("F-1"), invoice("F-2")]
    facts: list[Fact] = [promise(12), FRIENDLY, reminded(known[1], "friendly", day(5))]
    plan = plan_for(known, facts, day(15))
    assert [("broken_promise", ["F-1"])] == messages(plan)
    assert ("too_soon", day(19)) == (plan.lines[1].reason.value, plan.lines[1].until)


@pytest.mark.parametrize(
    ("payments", "ended", "today", "expected"),
    [
        ([paid("1200.00", day(14))], None, 30, True),
        ([paid("1200.00", day(15))], None, 30, False),  # on the third day it counts as broken
        ([paid("1200.00")], None, 30, True),
        ([paid("600.00", day(14))], None, 15, False),
        ([paid("900.00", day(14)), CREDIT._replace(on=day(20))], None, 30, True),  # the money came in time
        ([paid("900.00", day(15)), CREDIT._replace(on=day(14))], None, 30, False),
        ([], None, 14, None),
        ([], None, 15, False),
        ([], 14, 30, None),
        ([], 15, 30, False),
    ],
)
def test_kept(payments: list, ended: int | None, today: int, expected: bool | None) -> None:  # type: ignore[type-arg]
    """A promise is kept where all is paid before the third working day after it; renewed ones are neither."""
    about = invoice(payments=payments)
    given = Promise(day(12), day(8), day(ended) if ended is not None else None)
    outstanding = about.total - sum((p.amount for p in payments), Decimal(0))
    assert expected is kept(given, about, outstanding, WorkCalendar(working_days=False), day(today))


@pytest.mark.parametrize(
    ("payments", "seen", "expected"),
    [
        ([paid("1200.00")], 14, True),
        ([paid("1200.00")], 15, False),  # on the third day it counts as broken
        ([paid("300.00", day(-20)), paid("900.00")], 15, False),  # a deposit is not what that run saw
        ([paid("300.00"), paid("900.00", day(14))], 15, True),  # this may be, told to the file a day later
        ([paid("1200.00", day(14))], 15, True),
        ([paid("900.00", day(-20)), CREDIT], 15, True),  # a credit note without a day is not what came late
    ],
)
def test_a_payment_without_a_date_counts_on_the_day_it_was_seen(
    payments: list[Payment], seen: int, expected: bool
) -> None:
    """What a run first saw after the promise counted as broken did not keep it."""
    about, given = invoice(payments=payments), Promise(day(12), day(8))
    assert expected is kept(given, about, Decimal(0), WorkCalendar(working_days=False), day(30), day(seen))


PLAN = Held(
    KEY,
    HoldReason.PLAN,
    day(10),
    instalments=(Instalment(day(20), Decimal("400.00")), Instalment(day(50), Decimal("800.00"))),
    covers=(KEY,),
)


@pytest.mark.parametrize(
    ("received", "offset", "missed"),
    [
        ("0.00", 22, None),
        ("0.00", 23, 20),
        ("399.99", 23, 20),
        ("400.00", 23, None),
        ("400.00", 52, None),
        ("400.00", 53, 50),
        ("1199.99", 53, 50),
    ],
)
def test_instalments_are_followed(received: str, offset: int, missed: int | None) -> None:
    """Each from the third working day after it, against what was paid since the plan was agreed."""
    about = invoice(payments=[paid(received, day(15))])
    plan = plan_for([about], [FRIENDLY, PLAN], day(offset))
    assert "payment_plan" == plan.lines[0].reason.value
    assert [] == messages(plan)
    found = [task.instalment.due for task in plan.tasks if task.about is About.INSTALMENT and task.instalment]
    assert ([] if missed is None else [day(missed)]) == found


def test_an_instalment_needs_a_newer_file() -> None:
    """A file of its own day says nothing about it."""
    assert [] == [task.about for task in plan_on(23, PLAN, fresh=20).tasks]
    assert [About.INSTALMENT] == [task.about for task in plan_on(23, PLAN, fresh=21).tasks]


def test_a_plan_of_several_invoices_is_one_task() -> None:
    """What is left of all that it covers counts, whichever invoice a payment went to."""
    known = [invoice("F-1", payments=[paid("1200.00", day(15))]), invoice("F-2")]
    keys = tuple(map(invoice_key, known))
    parts = (Instalment(day(20), Decimal("1200.00")), Instalment(day(40), Decimal("1200.00")))
    held = Held("code:ALPHA", HoldReason.PLAN, day(10), instalments=parts, covers=keys)
    assert [] == list(plan_for(known, [held], day(30)).tasks)
    (task,) = plan_for(known, [held], day(43)).tasks
    assert (("F-2",), day(40)) == (
        tuple(line.invoice.number for line in task.lines),
        task.instalment and task.instalment.due,
    )


def test_the_next_instalment_is_named() -> None:
    """The plan says when money is expected next."""
    assert [day(20), day(50), None] == [plan_on(n, PLAN).lines[0].until for n in (20, 21, 51)]


def test_a_hold_outlives_a_corrected_address() -> None:
    """A customer without code or SIRET is held by its name: an address corrected, or a code given, changes nothing."""
    before = invoice().customer._replace(code="")
    held = Held("name:alpha|compta@alpha.example", HoldReason.DISPUTE, day(6))
    for owner in (before, before._replace(emails=("new@alpha.example",)), before._replace(code="A1")):
        assert "disputed" == line_for(invoice(owner=owner), [held], day(20)).reason.value
    other = before._replace(name="Beta")
    assert "disputed" != line_for(invoice(owner=other), [held], day(20)).reason.value
    released = Released("name:alpha|new@alpha.example", day(7))
    assert "disputed" != line_for(invoice(owner=before), [held, released], day(20)).reason.value


def test_working_days_count_for_promises() -> None:
    """With closed days, the third working day after a Friday is a Wednesday."""
    friday = date(2026, 3, 13)
    assert friday.isoweekday() == 5
    history = fold([FRIENDLY, Held(KEY, HoldReason.PROMISE, day(8), friday)], LONG_AGO, date(2026, 3, 18))
    for today, stage in ((date(2026, 3, 17), []), (date(2026, 3, 18), [("broken_promise", ["F-1"])])):
        assert stage == messages(build_plan([invoice()], history, DEFAULT, today))


def test_a_promise_names_what_comes_if_it_is_broken() -> None:
    """The message about it on the third day after; after an earlier broken one, the next stage a week later."""
    line = plan_on(10, promise(20)).lines[0]
    assert ("broken_promise", day(23)) == (line.next_stage and line.next_stage.key, line.next_date)
    line = plan_on(21, promise(12), reminded(invoice(), "broken_promise", day(15)), promise(30, on=20)).lines[0]
    assert ("firm", day(40)) == (line.next_stage and line.next_stage.key, line.next_date)


def test_a_namesake_is_not_told_of_a_promise() -> None:
    """Without a code, the same name at another address may be somebody else: silent with it, never blamed for it."""
    owner = invoice().customer._replace(code="")
    other = owner._replace(emails=("other@alpha.example",))
    told = promise(12, target="name:alpha|compta@alpha.example")
    known = [invoice("F-1", owner=owner), invoice("F-2", owner=other)]
    facts: list[Fact] = [told, *(reminded(each, "friendly", day(5)) for each in known)]
    lines = plan_for(known, facts, day(12)).lines
    assert [("promised", "broken_promise"), ("promised", "firm")] == [
        (line.reason.value, line.next_stage and line.next_stage.key) for line in lines
    ]
    assert [("firm", ["F-2"]), ("broken_promise", ["F-1"])] == messages(plan_for(known, facts, day(15)))


def test_a_plan_that_is_paid_does_not_silence_later_invoices_for_ever() -> None:
    """Its two instalments came; an invoice of later, overdue, is nobody's to follow until the user ends the plan."""
    done, later = invoice(payments=[paid("1200.00")]), invoice("F-2", due=day(60))
    held = PLAN._replace(target="code:ALPHA")
    assert [] == asked_of([done, later], held, 60)
    assert [("review", About.PLAN_PAID, ["F-2"])] == asked_of([done, later], held, 61)
    assert [("review", About.PLAN_PAID, ["F-2"])] == asked_of([later], held, 61)
    part = invoice(payments=[paid("1100.00", day(20))])
    assert [("review", About.INSTALMENT, ["F-1"])] == asked_of([part, later], held, 61)


def test_a_plan_follows_an_invoice_that_is_renumbered() -> None:
    """Not confirmed yet, or confirmed: the instalment that did not come is one of this invoice, told once."""
    old, new = invoice(), invoice("F-1-bis")
    held = Held(KEY, HoldReason.PLAN, day(10), instalments=(Instalment(day(20), Decimal("400.00")),), covers=(KEY,))
    renamed = Confirmed(invoice_key(new), day(15), snapshot_of(new), was=KEY)
    history = fold([held, renamed], LONG_AGO, day(30))
    tasks = build_plan([new], history, EVERY_DAY, day(30)).tasks
    assert [About.INSTALMENT] == [task.about for task in tasks]
    of_all = held._replace(target="code:ALPHA")
    before = fold([of_all], LONG_AGO, day(14))
    seen = {row.invoice: row for row in remember(build_plan([old], before, EVERY_DAY, day(14)))}
    history = fold([of_all], LONG_AGO, day(30))._replace(seen=seen)
    tasks = build_plan([new], history, EVERY_DAY, day(30)).tasks
    assert [About.INSTALMENT] == [task.about for task in tasks]


def test_the_next_day_after_a_promise_for_a_day_before_the_due_date() -> None:
    """Nobody breaks it: the next stage leaves on its own day, not seven days after."""
    line = plan_for([invoice()], [promise(-3, on=-6)], day(-2)).lines[0]
    assert ("promised", "friendly", day(5)) == (
        line.reason.value,
        line.next_stage and line.next_stage.key,
        line.next_date,
    )


@pytest.mark.parametrize("targets", [(KEY, "code:ALPHA"), ("code:ALPHA", KEY)])
def test_of_two_pauses_the_last_to_end_is_told(targets: tuple[str, str]) -> None:
    """One of the invoice and one of its customer: nothing leaves before both are over."""
    pauses = [Held(target, HoldReason.PAUSE, day(6), day(end)) for target, end in zip(targets, (9, 34), strict=True)]
    line = line_for(invoice(), pauses, day(7))
    assert ("paused", day(34), day(35)) == (line.reason.value, line.until, line.next_date)


@pytest.mark.parametrize(
    ("reason", "until", "asked_on"),
    [
        (HoldReason.DISPUTE, None, 40), (HoldReason.DISPUTE, 20, 20), (HoldReason.PLAN, None, 40),
        (HoldReason.PLAN, 20, 20), (HoldReason.PAUSE, None, 40), (HoldReason.PAUSE, 60, None),
        (HoldReason.OTHER, None, None), (HoldReason.INSOLVENCY, None, None),
        (HoldReason.COLLECTION, None, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", [KEY, "code:ALPHA"])
def test_what_nothing_ends_is_looked_at_again(
    reason: HoldReason, until: int | None, asked_on: int | None, target: str
) -> None:
    """Thirty days after it was told, or on the day told; of a customer held as a whole, once for all its invoices."""
    rows = [invoice(), invoice("F-2")]
    held = Held(target, reason, day(10), None if until is None else day(until))
    about = ["F-1", "F-2"] if target != KEY else ["F-1"]
    asked = [("review", None, about)]
    for offset in (10, 19, 20, 39, 40, 50):
        tasks = [task for task in asked_of(rows, held, offset) if task[0] == "review"]
        assert (asked if asked_on is not None and offset >= asked_on else []) == tasks


def asked_of(rows: list[Invoice], held: Held, offset: int) -> list[tuple[str, str | None, list[str]]]:
    """The tasks of that day: kind, reason, invoices."""
    tasks = plan_for(rows, [held], day(offset)).tasks
    return [(task.kind, task.about, [line.invoice.number for line in task.lines]) for task in tasks]
