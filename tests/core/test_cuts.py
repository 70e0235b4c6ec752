"""A file that is not whole: what was lost since the last run is asked about, what was corrected is not."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from core_support import (
    DUE,
    EVERY_DAY,
    LONG_AGO,
    RATE_AGREED,
    customer,
    day,
    invoice,
    messages,
    paid,
    plan_for,
    reasons,
)
from slips import is_whole
from test_mornings import morning
from world import World

from relance.core.facts import Confirmed, Fact, Paid, Refused
from relance.core.history import FileState, Seen, fold
from relance.core.invoice import Customer, Invoice, Payment, invoice_key, keyed, snapshot_of
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.reasons import Change, Lost, Unended
from relance.core.seen import remember, under_present_names

FRIENDLY = day(6)
"""The day of the first stage that is late."""


def seen_by(invoices: Sequence[Invoice], facts: Sequence[Fact] = ()) -> dict[str, Seen]:
    """What a run of the day before the stage saw in the file."""
    return {each.invoice: each for each in remember(plan_for(invoices, facts, day(3)))}


def next_day(
    before: Sequence[Invoice], now: Sequence[Invoice], facts: Sequence[Fact] = (), *, vouched: bool = False
) -> Plan:
    """The plan of the day on which the first late stage comes, after a run saw the file as it was `before`."""
    history = fold([RATE_AGREED, *facts], LONG_AGO, FRIENDLY)
    history = history._replace(seen=seen_by(before), file=FileState(FRIENDLY, confirmed=vouched))
    return build_plan(now, under_present_names(history, keyed(now)), EVERY_DAY, FRIENDLY)


def owner(email: str, name: str = "Alpha") -> Customer:
    """A customer with this address."""
    return customer(name, emails=(email,))


@pytest.mark.parametrize(
    ("was", "now", "lost"),
    [
        ("1203.00", "12.00", "total"),
        ("1203.45", "1203.40", "total"),
        ("1203.45", "1203.00", "total"),
        ("1200.00", "120.00", "total"),
        ("1200.00", "120000.00", "total"),  # cents taken for euros
        ("120.00", "1200.00", "total"),
        ("1200.00", "1100.00", None),  # lowered by a correction
        ("1200.00", "1320.00", None),
        ("1200.00", "200.00", None),
        ("100.00", "99.00", None),
    ],
)
def test_a_sum_that_lost_digits_is_asked_about_and_a_corrected_one_is_not(was: str, now: str, lost: str | None) -> None:
    """Nobody was told anything yet: only the beginning of what stood there, or other zeros, is no correction."""
    plan = next_day([invoice(total=was)], [invoice(total=now)])
    why = plan.lines[0].why
    assert lost == (why.field if isinstance(why, Lost) else None)
    assert bool(lost) is not bool(plan.reminders)


@pytest.mark.parametrize(
    ("was", "now", "lost"),
    [
        ("compta@alpha.com", "compta@alpha.co", True),
        ("compta@alpha.example.org", "compta@alpha.example", True),
        ("comptta@alpha.com", "compta@alpha.com", False),
        ("compta@alpha.com", "jean@alpha.com", False),
        ("compta@alpha.com", "compta@alpha.com.br", False),
    ],
)
def test_an_address_that_lost_letters_is_asked_about(was: str, now: str, lost: bool) -> None:
    """A corrected one is not."""
    plan = next_day([invoice(owner=owner(was))], [invoice(owner=owner(now))])
    assert lost is isinstance(plan.lines[0].why, Lost)
    assert lost is not bool(plan.reminders)


def test_what_is_put_in_the_place_of_a_refused_address_is_a_correction() -> None:
    """Whoever typed a letter too many takes it away again."""
    refused = Refused(invoice_key(invoice()), "compta@alpha.frr", day(3), "550 no such domain")
    plan = next_day([invoice(owner=owner("compta@alpha.frr"))], [invoice(owner=owner("compta@alpha.fr"))], [refused])
    assert ["friendly"] == [stage for stage, _ in messages(plan)]


@pytest.mark.parametrize(
    ("was", "now", "lost"),
    [
        (date(2026, 3, 18), date(2026, 3, 1), True),
        (date(2026, 3, 20), date(2026, 3, 2), True),
        (date(2026, 3, 18), date(2026, 3, 2), False),
        (date(2026, 4, 18), date(2026, 3, 1), False),
    ],
)
def test_a_due_date_that_lost_digits_is_asked_about(was: date, now: date, lost: bool) -> None:
    """2026-03-18 cut to 2026-03-1; another day is a correction."""
    issued = date(2026, 2, 10)
    before, after = (invoice(due=due)._replace(issue_date=issued) for due in (was, now))
    plan = next_day([before], [after])
    assert lost is isinstance(plan.lines[0].why, Lost)


def test_a_rest_that_lost_digits_is_asked_about_where_it_alone_tells_what_was_paid() -> None:
    """EUR 1200 of which 12 are left look paid; a payment that the file tells, or the user, is none of this."""
    rest = invoice(payments=[Payment(Decimal("1188.00"), from_rest=True)])
    assert "changed" == next_day([invoice()], [rest]).lines[0].reason
    assert "changed" != next_day([invoice()], [invoice(payments=[paid("1188.00")])]).lines[0].reason
    part = invoice(payments=[Payment(Decimal("300.00"), from_rest=True)])
    assert "changed" != next_day([invoice()], [part]).lines[0].reason
    told = Paid(invoice_key(invoice()), Decimal("1188.00"), day(4))
    assert "changed" != next_day([invoice()], [invoice()], [told]).lines[0].reason


def test_what_was_lost_is_asked_about_until_it_is_confirmed_or_back() -> None:
    """The next run does not take it for what it has always been; the user's word is about this sum alone."""
    short, whole = invoice(total="120.00"), invoice()
    plan = next_day([whole], [short])
    assert () == remember(plan)
    word = Confirmed(invoice_key(short), FRIENDLY, snapshot_of(short), "", Decimal("0.00"), Decimal("0.00"))
    assert [("friendly", ["F-1"])] == messages(next_day([whole], [short], [word]))
    assert "changed" == next_day([whole], [invoice(total="12.00")], [word]).lines[0].reason
    assert [("friendly", ["F-1"])] == messages(next_day([whole], [whole]))


def test_a_sum_that_may_be_cut_is_not_named_in_a_message_about_another() -> None:
    """Neither one that lost digits before its day, nor one of which less is paid than was seen."""
    due = invoice("F-2")
    other = invoice("F-3", due=day(60), terms=90)
    assert [["F-3"]] == [
        [line.invoice.number for line in r.others] for r in next_day([due, other], [due, other]).reminders
    ]
    short = next_day([due, other], [due, other._replace(total=Decimal("120.00"))])
    assert [()] == [reminder.others for reminder in short.reminders]
    part = other._replace(payments=(paid("500.00", day(1)),))
    less = next_day([due, part], [due, other])
    assert [()] == [reminder.others for reminder in less.reminders]


def several(addresses: Sequence[str], *, coded: bool = True) -> list[Invoice]:
    """An invoice of each of some customers, with these addresses."""
    names = ("Alpha", "Bravo", "Charlie", "Delta")
    owners = [
        customer(name, code=name if coded else "", emails=(each,)) for name, each in zip(names, addresses, strict=False)
    ]
    return [invoice(f"F-{n}", owner=each) for n, each in enumerate(owners, 1)]


@pytest.mark.parametrize("coded", [True, False])
def test_addresses_that_slipped_hold_the_whole_run(coded: bool) -> None:
    """All of them, those that are right by chance too: one answer for the file, and nothing is remembered of it."""
    right = ["a@a.example", "b@b.example", "c@c.example", "d@d.example"]
    before = several(right, coded=coded)
    after = several(["b@b.example", "c@c.example", "new@d.example", "d@d.example"], coded=coded)
    plan = next_day(before, after)
    assert {"changed"} == set(reasons(plan).values())
    assert {Change.MIXED} == {line.why for line in plan.lines}
    assert [("confirm", 4)] == [(task.kind, len(task.lines)) for task in plan.tasks]
    assert [] == messages(plan)
    assert 4 == len(next_day(before, after, vouched=True).reminders)


def test_names_that_slipped_against_their_addresses_hold_it_too() -> None:
    """A code that is given to all is no such thing, nor are names that nobody had."""
    right = ["a@a.example", "b@b.example", "c@c.example", "d@d.example"]
    before = several(right, coded=False)
    names = ("Bravo", "Charlie", "Delta", "Alpha")
    turned = [
        each._replace(customer=each.customer._replace(name=name)) for each, name in zip(before, names, strict=True)
    ]
    assert {Change.MIXED} == {line.why for line in next_day(before, turned).lines}
    assert 4 == len(next_day(before, several(right)).reminders)
    longer = [each._replace(customer=each.customer._replace(name=f"{each.customer.name} SAS")) for each in before]
    assert 4 == len(next_day(before, longer).reminders)


def test_one_customer_with_the_address_of_another_is_asked_about_alone() -> None:
    """A bookkeeper that two share is confirmed once; a new name at an old address is nobody else."""
    before = several(["a@a.example", "b@b.example", "c@c.example"])
    after = several(["b@b.example", "b@b.example", "c@c.example"])
    plan = next_day(before, after)
    assert [Change.ELSEWHERE, None, None] == [line.why for line in plan.lines]
    assert ["F-2", "F-3"] == sorted(number for _, [number] in messages(plan))
    assert {"F-2", "F-3"} == {each.number for each in remember(plan)}
    word = Confirmed(invoice_key(after[0]), FRIENDLY, snapshot_of(after[0]))
    assert "F-1" in [number for _, numbers in messages(next_day(before, after, [word])) for number in numbers]
    renamed = [after[1]._replace(customer=customer("Bravo SAS", emails=("b@b.example",)))]
    assert 1 == len(messages(next_day(before, renamed)))


def test_an_invoice_that_is_new_is_compared_by_its_customer() -> None:
    """It has the address of another one whom the last run knew."""
    before = several(["a@a.example", "b@b.example"])
    new = invoice("F-9", owner=customer("Alpha", code="Alpha", emails=("b@b.example",)))
    assert Change.ELSEWHERE is next_day(before, [*before, new]).lines[2].why


def test_sums_that_slipped_hold_the_whole_run() -> None:
    """Three invoices with the sums of each other; corrections that end at one sum, or a swap of two, are none."""
    before = [invoice(f"F-{n}", total=f"{n}17.00") for n in range(1, 6)]

    def with_sums(*sums: str) -> Plan:
        now = [each._replace(total=Decimal(f"{s}17.00")) for each, s in zip(before, sums, strict=True)]
        return next_day(before, now)

    assert {Change.MIXED} == {line.why for line in with_sums("2", "3", "4", "5", "6").lines}
    assert {None} == {line.why for line in with_sums("2", "1", "3", "4", "5").lines}
    assert {None} == {line.why for line in with_sums("7", "7", "7", "7", "5").lines}


def test_a_last_row_that_nobody_saw_whole_waits_when_its_day_comes() -> None:
    """It is not remembered, nor thanked for; before its day it is not asked about."""
    row = Unended("factures.csv", 4, "0badcafe")
    history = fold([RATE_AGREED], LONG_AGO, FRIENDLY)._replace(unended={invoice_key(invoice()): row})
    plan = build_plan([invoice()], history, EVERY_DAY, FRIENDLY)
    assert (("changed", row), ()) == ((plan.lines[0].reason.value, plan.lines[0].why), remember(plan))
    early = build_plan([invoice()], history, EVERY_DAY, DUE)
    assert "changed" != early.lines[0].reason.value


@pytest.mark.parametrize("cell", ["total", "due_date", "customer"])
def test_the_second_engine_tells_the_same(cell: str) -> None:
    """By its own books: nothing leaves of what was cut before the first contact, until the user says yes."""
    world = World(EVERY_DAY, LONG_AGO, day(-2))
    rows = [invoice(terms=10, due=date(2026, 3, 18)), invoice("F-2", terms=10, owner=customer("Bravo"))]
    world.save_file(rows)
    morning(world)
    cut = {
        "total": Decimal("12.00"),
        "due_date": date(2026, 3, 1),
        "customer": customer(emails=rows[1].customer.emails),
    }
    world.replace(world.rows[0], **{cell: cut[cell]})
    for _ in range(30):
        world.sleep()
        world.save_file(world.rows)
        plan = morning(world)
        assert not any(line.invoice.number == "F-1" for message in plan.reminders for line in message.lines)
    assert ("changed", False) == (plan.lines[0].reason.value, is_whole(world, world.rows[0]))
    world.confirm(plan.lines[0], plan)
    assert is_whole(world, world.rows[0])
    assert "changed" != world.plan().lines[0].reason.value
