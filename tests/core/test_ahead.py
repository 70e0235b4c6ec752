"""The days to come if nobody pays: the same plans that those mornings will make."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from core_support import DEFAULT, EVERY_DAY, LONG_AGO, customer, day, invoice, live_a_day, messages, paid, reminded

from relance.core.facts import Deferred, Fact
from relance.core.history import FileState, Seen, fold
from relance.core.invoice import Invoice, customer_id, invoice_key
from relance.core.planning import build_plan, look_ahead
from relance.core.policy import DunningPolicy
from relance.core.seen import remember

KNOWN = [
    invoice("F-1"),
    invoice("F-2", day(10)),
    invoice("F-3", day(-3), owner=customer("Beta")),
    invoice("F-4", day(20), owner=customer("Gamma"), payments=[paid("200.00")]),
]


def ahead(known: list[Invoice], start: date, days: int, policy: DunningPolicy) -> Iterator[tuple[date, object]]:
    """What leaves on each of the days after `start`."""
    history = fold([], LONG_AGO, start)
    plan = build_plan(known, history, policy, start)
    for later in look_ahead(known, plan, days):
        yield later.today, messages(later)


def test_it_is_what_will_happen() -> None:
    """Day by day the same messages as when those days are lived, as long as nothing waits for approval."""
    for policy in (EVERY_DAY, DEFAULT):
        facts: list[Fact] = []
        lived = {}
        for offset in range(-10, 26):
            plan = live_a_day(KNOWN, facts, day(offset), policy, LONG_AGO)
            lived[day(offset)] = messages(plan)
        seen = dict(ahead(KNOWN, day(-10), 35, policy))
        assert lived[day(-10)] == []
        assert {when: what for when, what in lived.items() if when > day(-10)} == seen
        assert sum(map(len, lived.values())) > 6


def test_a_stale_file_is_taken_to_be_kept_fresh() -> None:
    """The look ahead is about invoices, not about a file that nobody saved yet."""
    history = fold([], LONG_AGO, day(4))._replace(file=FileState(day(-60)))
    plan = build_plan([invoice()], history, EVERY_DAY, day(4))
    (tomorrow,) = look_ahead([invoice()], plan, 1)
    assert [("friendly", ["F-1"])] == messages(tomorrow)


def test_a_shrunk_file_goes_on_waiting() -> None:
    """Half of the invoices gone at once: nothing leaves on the days to come before the user's word."""
    rows = [invoice(f"F-{n}", owner=customer(f"Customer {n}")) for n in range(6)]
    before = fold([], LONG_AGO, day(4))
    seen = {row.invoice: row for row in remember(build_plan(rows, before, EVERY_DAY, day(4)))}
    history = fold([], LONG_AGO, day(5))._replace(seen=seen, file=FileState(day(5)))
    plan = build_plan(rows[:3], history, EVERY_DAY, day(5))
    assert [[]] * 4 == [messages(later) for later in (plan, *look_ahead(rows[:3], plan, 3))]


def test_what_the_server_put_off_leaves_on_the_day_it_named() -> None:
    """The hour of today says nothing of the days to come."""
    zone = ZoneInfo("Europe/Paris")
    until = datetime.combine(day(6), time(9), zone)
    put_off = Deferred(invoice_key(invoice()), "friendly", "email", day(5), until, "451 4.7.1 later")
    history = fold([put_off], LONG_AGO, day(5))._replace(now=datetime.combine(day(5), time(8), zone))
    plan = build_plan([invoice()], history, EVERY_DAY, day(5))
    (tomorrow,) = look_ahead([invoice()], plan, 1)
    assert ([], [("friendly", ["F-1"])]) == (messages(plan), messages(tomorrow))


def test_a_payment_that_no_run_saw_yet_is_new_for_one_day() -> None:
    """The run of today sees it: seven quiet days from today, not from each morning anew."""
    about = invoice(payments=[paid("200.00")])
    facts = [reminded(about, "friendly", day(5))]
    owner = customer_id(about.customer)
    before = Seen(
        invoice_key(about), "F-1", owner, about.total, about.issue_date, about.due_date, True, paid=Decimal(0)
    )
    history = fold(facts, LONG_AGO, day(12))._replace(seen={before.invoice: before})
    plan = build_plan([about], history, EVERY_DAY, day(12))
    days = {later.today: messages(later) for later in look_ahead([about], plan, 10)}
    assert {day(19): [("firm", ["F-1"])]} == {today: sent for today, sent in days.items() if sent}
    assert {before.invoice: before} == history.seen


def test_a_task_is_named_on_its_first_day() -> None:
    """What waits for the user today is not said again for each day to come."""
    facts = [reminded(invoice(), "firm", day(15), term=day(22))]
    history = fold(facts, LONG_AGO, day(24))
    plan = build_plan([invoice()], history, EVERY_DAY, day(24))
    days = look_ahead([invoice()], plan, 20)
    assert [(day(25), ["call"]), (day(30), ["approve"])] == [
        (each.today, [task.kind for task in each.tasks]) for each in days if each.tasks
    ]


def test_the_past_is_not_changed() -> None:
    """The history that was given stays as it is."""
    history = fold([], LONG_AGO, day(5))
    plan = build_plan([invoice()], history, EVERY_DAY, day(5))
    assert [("friendly", ["F-1"])] == messages(plan)
    look_ahead([invoice()], plan, 30)
    assert ({}, {}) == (dict(history.invoices), dict(history.addresses))
