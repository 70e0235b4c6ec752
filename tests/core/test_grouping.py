"""Decision 3: one message per customer, currency and day, in one tone, with room between two messages."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import (
    EVERY_DAY,
    approved,
    customer,
    day,
    invoice,
    ladder_of,
    messages,
    paid,
    plan_for,
    reasons,
    reminded,
)

from relance.core.facts import Fact, Held, HoldReason, Refused
from relance.core.interest import InterestTerms
from relance.core.invoice import Contact, Invoice, Kind, Status, invoice_key
from relance.core.plan import Line, Plan
from relance.core.policy import DEFAULT_STAGES, Schedule

TODAY = day(0)


def late(days: int, number: str | None = None, **fields: object) -> Invoice:
    """An invoice `days` late on `TODAY`, named after it."""
    return invoice(number or f"L{days}", due=day(-days), **fields)  # type: ignore[arg-type]


def _line(plan: Plan, number: str) -> Line:
    return next(line for line in plan.lines if line.invoice.number == number)


def _firm_now(about: Invoice) -> list[Fact]:
    """A friendly mail ten days ago: firm is next, and so is nothing of the customer's gap."""
    return [reminded(about, "friendly", day(-10))]


def _notice_now(about: Invoice) -> list[Fact]:
    return [reminded(about, "firm", day(-12)), approved(about, TODAY)]


@pytest.mark.parametrize(("ago", "leaves"), [(3, []), (4, [("friendly", ["L6"])])])
def test_a_mail_that_the_file_tells_of_counts_for_the_address(ago: int, leaves: list[object]) -> None:
    """Written by hand and typed into a column: the customer got it, about whichever invoice it was."""
    told = [Contact("friendly", "email", day(-ago))]
    assert leaves == messages(plan_for([late(6), late(12, contacts=told)], [], TODAY))
    called = [Contact("friendly", "call", day(-ago))]
    assert [("friendly", ["L6"])] == messages(plan_for([late(6), late(12, contacts=called)], [], TODAY))


# One message


def test_one_message_for_one_customer() -> None:
    """Two friendly lines travel together, the oldest due date first."""
    assert [("friendly", ["L9", "L6"])] == messages(plan_for([late(6), late(9)], [], TODAY))


def test_the_highest_stage_sets_the_tone() -> None:
    """Friendly and firm make one firm message with the firm's term; each line keeps its own stage."""
    plan = plan_for([late(6), late(20)], _firm_now(late(20)), TODAY)
    assert [("firm", ["L20", "L6"])] == messages(plan)
    (reminder,) = plan.reminders
    assert day(7) == reminder.term
    assert ["firm", "friendly"] == [line.acting.key for line in reminder.lines if line.acting]


def test_without_a_gap_what_waits_for_its_own_message_waits_for_the_next_day() -> None:
    """A firm stage beside a formal notice: never for today, which has passed it over."""
    facts = [*_firm_now(late(20)), *_notice_now(late(40))]
    plan = plan_for([late(20), late(40)], facts, TODAY, policy=EVERY_DAY._replace(customer_gap_days=0))
    assert [("formal_notice", ["L40"])] == messages(plan)
    assert ("too_soon", day(1)) == (_line(plan, "L20").reason.value, _line(plan, "L20").next_date)


def test_one_message_per_currency() -> None:
    """Sums of two currencies are never added; to the same address, one waits for the customer's gap."""
    plan = plan_for([late(6), late(9, currency="USD")], [], TODAY)
    assert [("friendly", ["L9"])] == messages(plan)
    assert {"L6": "too_soon", "L9": "due"} == reasons(plan)
    assert day(4) == _line(plan, "L6").next_date


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ({"code": "C1"}, {"code": "C1", "siret": "55203253400646"}, True),
        ({"code": "C1"}, {"code": "C2"}, False),
        ({"code": "", "siret": "1"}, {"code": "", "siret": "1", "name": "Alpha SAS"}, True),
        ({"code": "", "siret": "1"}, {"code": "", "siret": "2"}, False),
        ({"code": "", "name": "Café  Été"}, {"code": "", "name": "CAFE ETE"}, True),
        ({"code": "", "name": "Alpha"}, {"code": "", "name": "Bravo"}, False),
        ({"code": "", "emails": ("A@x.example",)}, {"code": "", "emails": ("a@x.example",)}, True),
    ],
)
def test_who_is_the_same_customer(one: dict[str, object], other: dict[str, object], together: bool) -> None:
    """Its code, else its SIRET, else the same normalised name and the same e-mail."""
    a, b = (customer(emails=("a@x.example",))._replace(**fields) for fields in (one, other))  # type: ignore[arg-type]
    plan = plan_for([late(6, owner=a), late(9, owner=b)], [], TODAY)
    assert (1, 2 if together else 1) == (len(plan.reminders), len(plan.reminders[0].lines))


def test_the_same_name_with_two_addresses_is_two_customers() -> None:
    """Without a code or SIRET, nobody knows better: two messages to two addresses."""
    a, b = (customer(code="", emails=(address,)) for address in ("a@x.example", "b@x.example"))
    assert 2 == len(plan_for([late(6, owner=a), late(9, owner=b)], [], TODAY).reminders)


def test_without_grouping_each_invoice_has_its_message() -> None:
    """`group = false`: one message an invoice, still four days apart at one address."""
    policy = EVERY_DAY._replace(group=False)
    plan = plan_for([late(6), late(9)], [], TODAY, policy=policy)
    assert [("friendly", ["L9"])] == messages(plan)
    apart = policy._replace(customer_gap_days=0)
    assert [("friendly", ["L9"]), ("friendly", ["L6"])] == messages(
        plan_for([late(6), late(9)], [], TODAY, policy=apart)
    )


# Tones that never mix


def test_a_formal_notice_is_never_mixed() -> None:
    """It leaves alone; the firm and friendly lines wait for the customer's gap."""
    facts = [*_notice_now(late(40)), *_firm_now(late(20))]
    plan = plan_for([late(6), late(20), late(40)], facts, TODAY)
    assert [("formal_notice", ["L40"])] == messages(plan)
    assert {"L6": "too_soon", "L20": "too_soon", "L40": "due"} == reasons(plan)


def test_two_formal_notices_travel_together() -> None:
    """They are of the same stage."""
    plan = plan_for([late(40), late(50)], [*_notice_now(late(40)), *_notice_now(late(50))], TODAY)
    assert [("formal_notice", ["L50", "L40"])] == messages(plan)


def test_formal_notices_of_two_schedules_travel_together() -> None:
    """One message per customer and day: a notice at J+30 and one at J+50 are the same stage."""
    long = late(60, terms=60)
    plan = plan_for([late(40), long], [*_notice_now(late(40)), *_notice_now(long)], TODAY)
    assert [("formal_notice", ["L60", "L40"])] == messages(plan)


def test_a_notice_that_awaits_approval_stops_no_other_line() -> None:
    """What waits for the user's word is not a message of today."""
    plan = plan_for([late(6), late(40)], [reminded(late(40), "firm", day(-12))], TODAY)
    assert [("friendly", ["L6"])] == messages(plan)
    assert "awaiting_approval" == _line(plan, "L40").reason.value


def test_each_line_that_awaits_approval_can_be_read_beforehand() -> None:
    """Two customers that share an address, or two currencies, hide none of the waiting messages."""
    other = customer("Bravo", emails=customer().emails)
    lines = [late(40), late(45, currency="USD"), late(50, owner=other)]
    plan = plan_for(lines, [reminded(about, "firm", day(-12)) for about in lines], TODAY)
    assert {"awaiting_approval"} == set(reasons(plan).values())
    assert ["L40", "L45", "L50"] == sorted(line.invoice.number for message in plan.waiting for line in message.lines)


def test_a_courtesy_is_never_raised() -> None:
    """Beside a friendly line it waits; alone it leaves."""
    plan = plan_for([late(-3), late(6)], [], TODAY)
    assert [("friendly", ["L6"])] == messages(plan)
    assert "too_soon" == _line(plan, "L-3").reason.value
    assert [("courtesy", ["L-3"])] == messages(plan_for([late(-3)], [], TODAY))


def test_a_courtesy_that_waits_too_long_expires() -> None:
    """Its next date is that of the friendly stage where the gap ends on or after the due date."""
    line = _line(plan_for([late(-3), late(6)], [], TODAY), "L-3")
    assert line.next_stage is not None
    assert ("friendly", day(8)) == (line.next_stage.key, line.next_date)
    early = _line(plan_for([late(-5), late(6)], [], TODAY), "L-5")
    assert early.next_stage is not None
    assert ("courtesy", day(4)) == (early.next_stage.key, early.next_date)


def test_the_harshest_stage_is_that_of_the_ladder_not_the_latest_day() -> None:
    """A customer-wide message with a slow friendly at J+20 and a firm at J+15 is firm."""
    slow = Schedule("slow", ladder_of(friendly=20, firm=40)[0].stages, terms_from_days=60)
    policy = EVERY_DAY._replace(schedules=(EVERY_DAY.schedules[0], slow))
    patient = late(22, terms=60)
    plan = plan_for([patient, late(16)], _firm_now(late(16)), TODAY, policy=policy)
    assert [("firm", ["L22", "L16"])] == messages(plan)


# Room between two messages


@pytest.mark.parametrize(("ago", "expected"), [(0, "too_soon"), (3, "too_soon"), (4, "due"), (9, "due")])
def test_four_days_between_two_messages_to_an_address(ago: int, expected: str) -> None:
    """A message about another invoice, even of another customer, leaves its address in peace."""
    other = invoice("X", owner=customer("Bravo", emails=("Compta@ALPHA.example",)))
    plan = plan_for([late(6)], [reminded(other, "friendly", day(-ago))], TODAY)
    assert {"L6": expected} == reasons(plan)
    assert expected == "due" or _line(plan, "L6").next_date == day(4 - ago)


def test_a_call_leaves_the_address_free() -> None:
    """The customer's gap is between two messages to an address."""
    plan = plan_for([late(6)], [reminded(invoice("X"), "friendly", TODAY, channel="call")], TODAY)
    assert {"L6": "due"} == reasons(plan)


def test_two_customers_at_one_address_do_not_write_on_one_day() -> None:
    """The harshest leaves, the other waits."""
    other = customer("Bravo", emails=("other@x.example", "COMPTA@alpha.example"))
    plan = plan_for([late(6), late(20, owner=other)], _firm_now(late(20, owner=other)), TODAY)
    assert [("firm", ["L20"])] == messages(plan)
    assert "too_soon" == _line(plan, "L6").reason.value


def test_being_named_for_information_is_no_contact() -> None:
    """An open invoice listed in another's message is neither done nor delayed by the invoice gap."""
    first = plan_for([late(6), late(3)], [], TODAY)
    assert [["L3"]] == [[line.invoice.number for line in reminder.others] for reminder in first.reminders]
    facts = [reminded(late(6), "friendly", TODAY)]
    later = plan_for([late(6), late(3)], facts, day(4))
    assert [("friendly", ["L3"])] == messages(later)


def test_no_two_messages_to_a_customer_on_a_day_even_without_gaps() -> None:
    """One message per customer, currency and day: gaps of 0 days do not make it two."""
    policy = EVERY_DAY._replace(min_gap_days=0, customer_gap_days=0)
    about = late(40)
    facts = [reminded(about, "friendly", TODAY)]
    assert [] == messages(plan_for([about], facts, TODAY, policy=policy))
    assert [("firm", ["L40"])] == messages(plan_for([about], facts, day(1), policy=policy))


def test_between_equals_the_order_of_the_file_decides_nothing() -> None:
    """Two messages as urgent, for one address: the same one leaves however the rows are sorted."""
    euros, more, dollars = late(6, "F-1"), late(6, "F-3"), late(6, "F-2", currency="USD")
    one, other = (plan_for(rows, [], TODAY) for rows in ([euros, more, dollars], [more, euros, dollars]))
    assert reasons(one) == reasons(other)


# What a message names


def test_others_are_the_open_invoices_of_the_account() -> None:
    """Not those of another customer or currency, nor what is paid, disputed, excluded, promised or not issued."""
    silent = [
        late(7, "other customer", owner=customer("Bravo")),
        late(3, "dollars", currency="USD"),
        late(7, "paid", payments=[paid("1200.00")]),
        late(7, "disputed", status=Status.DISPUTED),
        late(7, "cancelled", status=Status.CANCELLED),
        late(7, "unclear", status=Status.UNCLEAR),
        late(7, "debited", status=Status.DIRECT_DEBIT),
        late(7, "promised"),
        late(-40, "not issued"),
        late(7, "tiny", total="2.00"),
    ]
    facts = [Held(invoice_key(late(7, "promised")), HoldReason.PROMISE, day(-1), until=day(9))]
    plan = plan_for([*silent, late(6), late(3), late(-20)], facts, TODAY)
    reminder = next(r for r in plan.reminders if r.lines[0].invoice.number == "L6")
    assert ["L-20", "L3"] == sorted(line.invoice.number for line in reminder.others)


@pytest.mark.parametrize(
    ("kind", "siret", "default", "named"),
    [
        (Kind.BUSINESS, "", None, True),
        (None, "55203253400646", None, True),
        (None, "", Kind.BUSINESS, True),
        (None, "", None, False),
        (None, "", Kind.CONSUMER, False),
        (Kind.CONSUMER, "", Kind.BUSINESS, False),
        (Kind.CONSUMER, "55203253400646", None, False),
    ],
)
def test_charges_are_named_to_known_businesses_only(
    kind: Kind | None, siret: str, default: Kind | None, named: bool
) -> None:
    """Claiming 40 EUR from a consumer is an offence (law.md 3): who is not known to be a business is spared."""
    about = late(20, owner=customer(kind=kind, siret=siret))
    (reminder,) = plan_for([about], _firm_now(about), TODAY, policy=EVERY_DAY._replace(default_kind=default)).reminders
    assert named is bool(reminder.charged)


def test_a_public_body_is_told_its_own_rate() -> None:
    """law.md 4: a public body owes ECB + 8 of the half-year of its first late day, whatever was agreed."""
    about = late(20, owner=customer(kind=Kind.PUBLIC))
    (reminder,) = plan_for([about], _firm_now(about), TODAY).reminders
    (line,) = reminder.charged
    assert [Decimal("10.15")] == [segment.rate for segment in line.charges.segments]


def test_charges_are_named_for_the_firm_lines_of_a_message_only() -> None:
    """Courtesy and friendly name no charges, not even in a firm message; a formal notice does."""
    plan = plan_for([late(6), late(20)], _firm_now(late(20)), TODAY)
    assert [["L20"]] == [[line.invoice.number for line in reminder.charged] for reminder in plan.reminders]
    assert [()] == [r.charged for r in plan_for([late(6)], [], TODAY).reminders]
    assert [()] == [r.charged for r in plan_for([late(-3)], [], TODAY).reminders]
    notice = plan_for([late(40)], _notice_now(late(40)), TODAY)
    assert [["L40"]] == [[line.invoice.number for line in reminder.charged] for reminder in notice.reminders]


@pytest.mark.parametrize(("show_from", "named"), [("friendly", True), ("firm", True), ("formal_notice", False)])
def test_the_first_stage_that_names_charges_is_a_setting(show_from: str, named: bool) -> None:
    """`charges.show_from`, by its place on the invoice's own ladder, long terms included."""
    policy = EVERY_DAY._replace(interest=InterestTerms(show_from=show_from))
    for about in (late(26), late(26, terms=60)):
        (reminder,) = plan_for([about], _firm_now(about), TODAY, policy=policy).reminders
        assert ("firm", named) == (reminder.stage.key, bool(reminder.charged))


def test_a_message_gives_the_term_of_its_stage() -> None:
    """Firm gives seven days, a formal notice that is posted fifteen; friendly none."""
    by_stage: dict[str, date | None] = {}
    for about, facts in ((late(6), []), (late(20), _firm_now(late(20))), (late(40), _notice_now(late(40)))):
        (reminder,) = plan_for([about], facts, TODAY).reminders
        by_stage[reminder.stage.key] = reminder.term
    assert {"friendly": None, "firm": day(7), "formal_notice": day(15)} == by_stage


# At most so many


def test_the_harshest_messages_leave_first_under_the_limit() -> None:
    """`max_per_run` counts messages; the others wait for the next open day."""
    people = [customer(f"C{i}") for i in range(4)]
    invoices = [late(6 + i, f"F{i}", owner=owner) for i, owner in enumerate(people)] + [late(6, "G0", owner=people[0])]
    firm = late(20, "H", owner=customer("H"))
    policy = EVERY_DAY._replace(max_per_run=2)
    plan = plan_for([*invoices, firm], _firm_now(firm), TODAY, policy=policy)
    assert [("firm", ["H"]), ("friendly", ["F3"])] == messages(plan)
    assert {
        "F0": "over_limit",
        "F1": "over_limit",
        "F2": "over_limit",
        "G0": "over_limit",
        "F3": "due",
        "H": "due",
    } == (reasons(plan))
    assert {day(1)} == {line.next_date for line in plan.lines if line.reason.value == "over_limit"}


def test_a_limit_of_none_sends_nothing() -> None:
    """Zero messages: all wait."""
    plan = plan_for([late(6)], [], TODAY, policy=EVERY_DAY._replace(max_per_run=0))
    assert ([], {"L6": "over_limit"}) == (messages(plan), reasons(plan))


# When the next message can leave


def test_the_next_date_counts_the_term_that_the_shared_message_gives() -> None:
    """A friendly line in a firm message: its firm cannot leave before the third working day after that term."""
    plan = plan_for([late(14), late(20)], _firm_now(late(20)), TODAY)
    assert [("firm", ["L20", "L14"])] == messages(plan)
    assert day(10) == _line(plan, "L14").next_date


def test_rows_of_one_customer_with_two_addresses() -> None:
    """What is said of an invoice goes to its own address; the less urgent one waits for the next day."""
    here, there = customer(emails=("a@x.example",)), customer(emails=("b@x.example",))
    known = [late(6, owner=here), late(9, owner=there), late(8, owner=there)]
    plan = plan_for(known, [], TODAY)
    assert [("friendly", ["L9", "L8"])] == messages(plan)
    assert ("b@x.example",) == plan.reminders[0].customer.emails
    assert ("too_soon", day(1)) == (_line(plan, "L6").reason.value, _line(plan, "L6").next_date)


def test_a_refused_address_is_refused_for_every_invoice() -> None:
    """The server refused it about one invoice; nothing about another goes there either, and the first may move on."""
    old, new = customer(emails=("Old@x.example",)), customer(emails=("new@x.example",))
    refusal = Refused("L9/2026", "old@x.example", day(-1))
    plan = plan_for([late(9, owner=new), late(6, owner=old)], [refusal], TODAY)
    assert [("friendly", ["L9"])] == messages(plan)
    assert "refused" == _line(plan, "L6").reason.value


def test_a_formal_notice_travels_alone_without_approval_too() -> None:
    """It is a legal act, whether the user wants to be asked or not."""
    stages = tuple(stage._replace(confirm=False) for stage in DEFAULT_STAGES)
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),))
    plan = plan_for([late(6), late(40)], [reminded(late(40), "firm", day(-20))], TODAY, policy=policy)
    assert [("formal_notice", ["L40"])] == messages(plan)
    assert "too_soon" == _line(plan, "L6").reason.value
