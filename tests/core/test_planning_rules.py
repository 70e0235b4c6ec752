"""Decision 2, one rule a test: gaps, terms, once for ever, closed days, own ladders."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import (
    DEFAULT,
    EVERY_DAY,
    approved,
    customer,
    day,
    invoice,
    ladder_of,
    line_for,
    paid,
    plan_for,
    reminded,
    verdict,
)

from relance.core.calendar import WorkCalendar
from relance.core.facts import Fact, Held, HoldReason, Paid, Released
from relance.core.invoice import customer_id, invoice_key
from relance.core.plan import Decision
from relance.core.policy import DEFAULT_STAGES, DunningPolicy, Schedule, Stage

KEY = invoice_key(invoice())


def test_the_defaults() -> None:
    """The numbers of decision 2 that a user gets who sets none; the other tests have theirs from core_support."""
    policy = DunningPolicy()
    assert (7, 4) == (policy.min_gap_days, policy.customer_gap_days)
    assert (14, 7) == (policy.max_age_days, policy.max_age_days_firm)


# The gap between two contacts about an invoice


@pytest.mark.parametrize(("gap", "expected"), [(0, "too_soon"), (1, "too_soon"), (6, "too_soon"), (7, "due")])
def test_seven_days_between_two_stages(gap: int, expected: str) -> None:
    """A late friendly mail moves the firm one seven days on."""
    line = line_for(invoice(), [reminded(invoice(), "friendly", day(20))], day(20 + gap))
    assert (expected, "firm") == verdict(line)
    assert expected == "due" or line.next_date == day(27)


@pytest.mark.parametrize("channel", ["call", "letter", "sms"])
def test_a_contact_by_hand_counts_for_the_gap(channel: str) -> None:
    """What was recorded by hand is a contact like any other, even with a stage that nobody knows."""
    facts = [reminded(invoice(), "", day(10), channel=channel)]
    assert "too_soon" == line_for(invoice(), facts, day(16)).reason.value
    assert ("due", "friendly") == verdict(line_for(invoice(), facts, day(17)))


def test_a_contact_in_the_file_counts_for_the_gap() -> None:
    """A history column of the file is a contact; one that it dates later than today is not yet."""
    told = reminded(invoice(), "friendly", day(20), told=False).contact
    assert ("too_soon", "firm") == verdict(line_for(invoice(contacts=[told]), [], day(26)))
    assert ("due", "firm") == verdict(line_for(invoice(contacts=[told]), [], day(27)))
    assert ("due", "friendly") == verdict(line_for(invoice(contacts=[told]), [], day(19)))


@pytest.mark.parametrize(("since", "expected"), [(0, "too_soon"), (6, "too_soon"), (7, "due")])
def test_a_payment_in_the_file_is_followed_by_seven_quiet_days(since: int, expected: str) -> None:
    """A part payment counts as a contact; the rest is claimed seven days later."""
    line = line_for(invoice(payments=[paid("200.00", day(20))]), [], day(20 + since))
    assert (expected, Decimal("1000.00")) == (line.reason.value, line.outstanding)


@pytest.mark.parametrize(("since", "expected"), [(0, "too_soon"), (6, "too_soon"), (7, "due")])
def test_a_payment_told_by_hand_is_followed_by_seven_quiet_days(since: int, expected: str) -> None:
    """`pay` counts as a contact too."""
    facts = [Paid(KEY, Decimal("200.00"), day(20))]
    assert expected == line_for(invoice(), facts, day(20 + since)).reason.value


@pytest.mark.parametrize("target", [KEY, customer_id(customer())])
@pytest.mark.parametrize(("since", "expected"), [(0, "too_soon"), (6, "too_soon"), (7, "due")])
def test_a_release_is_followed_by_seven_quiet_days(target: str, since: int, expected: str) -> None:
    """Releasing an invoice or its customer counts as a contact about it."""
    facts: list[Fact] = [Held(target, HoldReason.DISPUTE, day(1)), Released(target, day(20))]
    assert expected == line_for(invoice(), facts, day(20 + since)).reason.value


# A term given is a promise of ours


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 3, 27), "too_soon"),  # Friday, the term
        (date(2026, 3, 31), "too_soon"),  # Tuesday, second working day
        (date(2026, 4, 1), "due"),  # Wednesday, third
    ],
)
def test_no_stage_before_the_third_working_day_after_a_term(today: date, expected: str) -> None:
    """« Sous 7 jours » until a Friday leaves the customer until the Wednesday."""
    about = invoice(due=date(2026, 2, 20))
    facts: list[Fact] = [reminded(about, "firm", date(2026, 3, 20), term=date(2026, 3, 27)), approved(about, today)]
    assert expected == line_for(about, facts, today, policy=DEFAULT).reason.value


def test_a_term_counts_public_holidays_as_closed() -> None:
    """The third working day after Thursday 2 April 2026 is Wednesday the 8th: Easter Monday does not count."""
    about = invoice()
    facts: list[Fact] = [reminded(about, "firm", date(2026, 3, 26), term=date(2026, 4, 2))]
    for today, expected in ((date(2026, 4, 7), "too_soon"), (date(2026, 4, 8), "due")):
        known = [*facts, approved(about, today)]
        assert expected == line_for(about, known, today, policy=DEFAULT).reason.value


def test_the_term_of_a_shared_message_holds_for_each_of_its_invoices() -> None:
    """A friendly line that travelled in a firm message waits for the term that this message gave."""
    facts = [reminded(invoice(), "friendly", day(14), term=day(21))]
    assert ("too_soon", "firm") == verdict(line_for(invoice(), facts, day(22)))


# Once for ever


def test_a_stage_of_the_same_number_in_another_year_is_another_stage() -> None:
    """An invoice is its normalised number plus its issue year."""
    before, now = invoice("f‑1 ", due=date(2025, 3, 3)), invoice("F-1")
    facts = [reminded(before, "friendly", date(2025, 3, 10))]
    assert ("due", "friendly") == verdict(line_for(now, facts, day(5)))
    same = invoice("F-1", due=date(2025, 3, 3))
    assert ("due", "firm") == verdict(line_for(same, facts, date(2025, 3, 31), started=date(2025, 1, 1)))


def test_a_later_stage_done_by_hand_is_not_gone_back_from() -> None:
    """After a firm letter by hand, the friendly mail never leaves."""
    facts = [reminded(invoice(), "firm", day(6), channel="letter")]
    for days in range(6, 30):
        assert "stage_done" == line_for(invoice(), facts, day(days)).reason.value
    assert ("awaiting_approval", "formal_notice") == verdict(line_for(invoice(), facts, day(30)))


def test_a_call_never_blocks_the_ladder() -> None:
    """A stage made of a call alone is a task on its day, and is passed over once the next one is reached."""
    call = Stage("call", 3, "appel", channels=("call",))
    policy = EVERY_DAY._replace(schedules=(Schedule("default", (call, *DEFAULT_STAGES[1:])),))
    line = line_for(invoice(), [], day(4), policy=policy)
    assert (Decision.TASK, "due", "call") == (line.decision, *verdict(line))
    assert ["call"] == [task.kind for task in plan_for([invoice()], [], day(4), policy=policy).tasks]
    assert (Decision.REMIND, "friendly") == (
        line_for(invoice(), [], day(20), policy=policy).decision,
        verdict(line_for(invoice(), [], day(20), policy=policy))[1],
    )


# Days on which nothing leaves


@pytest.mark.parametrize(
    ("today", "next_day"),
    [
        (date(2026, 3, 7), date(2026, 3, 9)),  # Saturday
        (date(2026, 3, 8), date(2026, 3, 9)),  # Sunday
        (date(2026, 4, 6), date(2026, 4, 7)),  # Easter Monday
        (date(2026, 5, 1), date(2026, 5, 4)),  # Labour Day, a Friday
    ],
)
def test_nothing_leaves_on_a_closed_day(today: date, next_day: date) -> None:
    """Week-ends and public holidays wait for the next working day."""
    line = line_for(invoice(), [], today, policy=DEFAULT)
    assert ("closed_day", "friendly", next_day) == (*verdict(line), line.next_date)
    assert "due" == line_for(invoice(), [], next_day, policy=DEFAULT).reason.value
    assert "due" == line_for(invoice(), [], today).reason.value


def test_the_users_closed_weeks_are_closed() -> None:
    """Both ends of a closed span are off."""
    closed = WorkCalendar(closed=((date(2026, 3, 9), date(2026, 3, 13)),))
    policy = DEFAULT._replace(calendar=closed)
    line = line_for(invoice(), [], date(2026, 3, 9), policy=policy)
    assert ("closed_day", date(2026, 3, 16)) == (line.reason.value, line.next_date)


def test_a_courtesy_that_no_open_day_can_carry_gives_way_to_friendly() -> None:
    """Held over a closed day until the due date, it expires: the next message is friendly."""
    monday = invoice(due=date(2026, 3, 9))
    line = line_for(monday, [], date(2026, 3, 7), policy=DEFAULT)
    assert "closed_day" == line.reason.value
    assert line.next_stage is not None
    assert ("friendly", date(2026, 3, 16)) == (line.next_stage.key, line.next_date)


def test_a_clock_behind_the_journal_sends_nothing() -> None:
    """Facts of later days are hidden, and stop everything."""
    facts: list[Fact] = [reminded(invoice("F-9"), "friendly", day(30))]
    line = line_for(invoice(), facts, day(20))
    assert ("clock", "friendly") == verdict(line)
    assert "clock" == line_for(invoice(), [], day(-3), started=day(2)).reason.value


@pytest.mark.parametrize("schedule", [(), ladder_of(firm=15)[0].stages])
def test_each_stage_can_be_switched_off(schedule: tuple[Stage, ...]) -> None:
    """An empty ladder says nothing; one without friendly starts at firm."""
    policy = EVERY_DAY._replace(schedules=(Schedule("default", schedule),))
    reasons = {verdict(line_for(invoice(), [], day(n), policy=policy)) for n in (-3, 3, 10, 100)}
    expected = {("not_due", None), ("due", "firm")} if schedule else {("finished", None)}
    assert expected == reasons


def test_a_customer_may_have_its_own_schedule() -> None:
    """The schedule named for a customer wins over the one of its terms."""
    slow = Schedule("slow", ladder_of(friendly=30, firm=60)[0].stages)
    policy = EVERY_DAY._replace(schedules=(*EVERY_DAY.schedules, slow))
    about = invoice(owner=customer(schedule="slow"))
    assert ["not_due", "due"] == [line_for(about, [], day(n), policy=policy).reason.value for n in (29, 30)]
