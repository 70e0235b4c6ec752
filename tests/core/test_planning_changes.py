"""Decisions 2 and 4: invoices that change after they were spoken of, and stages that wait for the user's word."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from core_support import (
    DEFAULT,
    EVERY_DAY,
    answer,
    approved,
    customer,
    day,
    invoice,
    line_for,
    paid,
    plan_for,
    reminded,
    verdict,
)

from relance.core.calendar import WorkCalendar
from relance.core.facts import Backlog, Confirmed, Fact, Held, HoldReason, Released
from relance.core.invoice import Invoice, invoice_key, snapshot_of
from relance.core.policy import DunningPolicy
from relance.display.lines import because

KEY = invoice_key(invoice())


def _confirmed(about: Invoice, on: date) -> Confirmed:
    return Confirmed(invoice_key(about), on, snapshot_of(about))


# Changed invoices and ladders that start again


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"total": Decimal("1100.00")}, "total=1200.00"),
        ({"due_date": day(-2)}, f"due_date={day(0)}"),
        ({"customer": customer(emails=("autre@alpha.example",))}, "emails=compta@alpha.example"),
        ({"customer": customer(name="Bravo", code="ALPHA", emails=customer().emails)}, "customer=alpha"),
    ],
)
def test_a_change_since_the_last_message_is_held_once(changes: dict[str, object], named: str) -> None:
    """Another sum, date, address or customer waits for a confirmation, and the same one never again."""
    before = invoice()
    after = before._replace(**changes)  # type: ignore[arg-type]
    facts: list[Fact] = [reminded(before, "friendly", day(5))]
    line = line_for(after, facts, day(20))
    assert ("changed", named) == (line.reason.value, line.stop.mark)
    facts.append(_confirmed(after, day(20)))
    assert ("due", "firm") == verdict(line_for(after, facts, day(20)))
    back = line_for(before, facts, day(20))
    assert "changed" == back.reason.value


def test_nothing_said_nothing_changed() -> None:
    """An invoice that was never spoken of may change freely; so may the order or case of its addresses."""
    assert "due" == line_for(invoice(total="900.00"), [], day(20)).reason.value
    assert "due" == line_for(invoice(total="900.00"), [_confirmed(invoice(), day(10))], day(20)).reason.value
    two = customer(emails=("a@x.example", "b@x.example"))
    swapped = customer(emails=("B@X.example", "a@x.example"))
    facts = [reminded(invoice(owner=two), "friendly", day(5))]
    assert ("due", "firm") == verdict(line_for(invoice(owner=swapped), facts, day(20)))


def test_what_is_told_on_the_day_of_a_confirmation_is_no_change() -> None:
    """The total was corrected once more after the confirmation and before the message of that day; or back since."""
    facts: list[Fact] = [_confirmed(invoice(), day(5)), reminded(invoice(total="1300.00"), "friendly", day(5))]
    now = {total: line_for(invoice(total=total), facts, day(20)).reason.value for total in TOTALS}
    assert {"1200.00": "due", "1300.00": "due", "1400.00": "changed"} == now
    facts.append(_confirmed(invoice(total="1400.00"), day(6)))
    now = {total: line_for(invoice(total=total), facts, day(20)).reason.value for total in TOTALS}
    assert {"1200.00": "changed", "1300.00": "changed", "1400.00": "due"} == now


TOTALS = ("1200.00", "1300.00", "1400.00")
MOVED = invoice(due=day(40), terms=70)
"""The invoice of `DUE`, issued the same day, with a due date moved forty days later."""
UNMOVED = invoice()


def _plain() -> DunningPolicy:
    return EVERY_DAY._replace(schedules=EVERY_DAY.schedules[:1])


def _restarted(*more: Fact) -> list[Fact]:
    return [
        reminded(UNMOVED, "friendly", day(5)),
        reminded(UNMOVED, "firm", day(15)),
        _confirmed(MOVED, day(20)),
        *more,
    ]


@pytest.mark.parametrize(
    ("after_new_due", "expected"),
    [
        (-5, ("not_due", None)),
        (0, ("not_due", None)),
        (4, ("not_due", None)),
        (5, ("due", "friendly")),
        (90, ("due", "friendly")),
    ],
)
def test_a_confirmed_later_due_date_starts_the_ladder_again(
    after_new_due: int, expected: tuple[str, str | None]
) -> None:
    """It starts again at friendly, without a courtesy."""
    line = line_for(MOVED, _restarted(), day(40 + after_new_due), policy=_plain())
    assert expected == verdict(line)
    assert 1 == line.ladder


def test_a_ladder_started_again_goes_to_its_end() -> None:
    """Friendly, firm and formal notice are new on the new ladder."""
    facts = _restarted(reminded(MOVED, "friendly", day(45)))
    assert line_for(MOVED, facts, day(54), policy=_plain()).acting is None
    assert ("due", "firm") == verdict(line_for(MOVED, facts, day(55), policy=_plain()))
    facts.append(reminded(MOVED, "firm", day(55)))
    assert ("awaiting_approval", "formal_notice") == verdict(line_for(MOVED, facts, day(70), policy=_plain()))


def test_a_stage_done_on_the_new_ladder_is_said_done() -> None:
    """The reason reads as on any ladder: friendly is done, firm is not reached."""
    facts = _restarted(reminded(MOVED, "friendly", day(45)))
    assert "stage_done" == line_for(MOVED, facts, day(54), policy=_plain()).reason.value


def test_an_earlier_due_date_does_not_start_the_ladder_again() -> None:
    """A due date moved earlier is confirmed and the ladder goes on."""
    earlier = invoice(due=day(-3), terms=27)
    facts: list[Fact] = [reminded(UNMOVED, "friendly", day(5)), _confirmed(earlier, day(20))]
    line = line_for(earlier, facts, day(20), policy=_plain())
    assert ("due", "firm", 0) == (*verdict(line), line.ladder)


def test_a_due_date_moved_back_does_not_start_the_ladder_a_second_time() -> None:
    """Forty days later, then twenty of them taken back: later than at first, but not than what was said last."""
    between = invoice(due=day(20), terms=50)
    facts = _restarted(reminded(MOVED, "friendly", day(45)), _confirmed(between, day(50)))
    line = line_for(between, facts, day(52), policy=_plain())
    assert (1, "due", "firm") == (line.ladder, *verdict(line))


def test_a_message_sent_on_the_day_of_the_confirmation_belongs_to_the_new_ladder() -> None:
    """Confirm, then send on the same day: that friendly mail is done, and firm comes next."""
    moved = invoice(due=day(2), terms=32)
    facts: list[Fact] = [
        reminded(UNMOVED, "friendly", day(5)),
        reminded(UNMOVED, "firm", day(15)),
        _confirmed(moved, day(25)),
    ]
    assert ("due", "friendly") == verdict(line_for(moved, facts, day(25), policy=_plain()))
    facts.append(reminded(moved, "friendly", day(25)))
    line = line_for(moved, facts, day(32), policy=_plain())
    assert (1, "due", "firm") == (line.ladder, *verdict(line))


def test_an_old_invoice_starts_again_at_friendly_too() -> None:
    """`--as-is` decides where an old invoice starts, not where it starts again."""
    old, moved = invoice(terms=30), invoice(due=day(10), terms=40)
    facts: list[Fact] = [
        answer(Backlog.AS_IS, day(60)),
        reminded(old, "firm", day(60)),
        _confirmed(moved, day(70)),
    ]
    assert ("due", "friendly") == verdict(line_for(moved, facts, day(80), policy=_plain(), started=day(60)))


@pytest.mark.parametrize("done", [("friendly", "firm"), ("friendly", "firm", "formal_notice")])
def test_a_later_due_date_is_held_before_the_old_ladder_answers(done: Sequence[str]) -> None:
    """A due date moved later after a reminder is asked about; "done" and "finished" spoke of the old date."""
    on = {"friendly": 5, "firm": 15, "formal_notice": 30}
    facts = [reminded(UNMOVED, stage, day(on[stage])) for stage in done]
    assert "changed" == line_for(MOVED, facts, day(46), policy=_plain()).reason.value


def test_a_later_due_date_has_no_courtesy_that_could_expire() -> None:
    """Confirmed or not yet, the later date is begun at friendly: until then nothing is due, and nothing is lost."""
    told: Fact = reminded(UNMOVED, "friendly", day(5))
    for facts in ([told], [told, _confirmed(MOVED, day(20))]):
        assert "not_due" == line_for(MOVED, facts, day(41), policy=_plain()).reason.value


# The user's word


@pytest.mark.parametrize(("age", "expected"), [(0, "due"), (7, "due"), (8, "awaiting_approval")])
def test_an_approval_lapses_after_seven_days(age: int, expected: str) -> None:
    """The user's word holds for a week."""
    facts: list[Fact] = [reminded(invoice(), "firm", day(15)), approved(invoice(), day(40 - age))]
    assert (expected, "formal_notice") == verdict(line_for(invoice(), facts, day(40)))


@pytest.mark.parametrize(
    ("today", "expected"),
    [(38, "too_soon"), (39, "due"), (46, "due"), (47, "awaiting_approval")],
)
def test_an_approval_outlives_the_term_that_it_waits_for(today: int, expected: str) -> None:
    """The week is counted from the first day on which the message could leave, here the third after the term."""
    facts: list[Fact] = [reminded(invoice(), "firm", day(29), term=day(36)), approved(invoice(), day(30))]
    assert expected == line_for(invoice(), facts, day(today)).reason.value


@pytest.mark.parametrize(("today", "free"), [(30, 39), (38, 39), (39, None), (60, None)])
def test_an_approval_is_asked_early_and_says_when_it_serves(today: int, free: int | None) -> None:
    """The term of the firm message runs until day 36, and three working days are left to it; no day once it is over."""
    line = line_for(invoice(), [reminded(invoice(), "firm", day(29), term=day(36))], day(today))
    assert ("awaiting_approval", None if free is None else day(free)) == (line.reason.value, line.until)
    assert ("pas avant le" in because(line)) is (free is not None)


def test_an_approval_outlives_a_closed_week() -> None:
    """Given on the first of eleven closed days, it is good for seven days from the first open one."""
    closed = DEFAULT._replace(calendar=WorkCalendar(closed=((date(2026, 4, 20), date(2026, 4, 30)),)))
    facts: list[Fact] = [reminded(invoice(), "firm", day(15)), approved(invoice(), date(2026, 4, 20))]
    days = {today: date(2026, 5, today) for today in (4, 11, 12)}  # Monday, Monday, Tuesday
    found = {today: line_for(invoice(), facts, when, policy=closed).reason.value for today, when in days.items()}
    assert {4: "due", 11: "due", 12: "awaiting_approval"} == found


def test_what_comes_after_an_approval_does_not_lengthen_it() -> None:
    """A dispute that began and ended since, or a call, is no reason to take an old word for a new one."""
    word: list[Fact] = [reminded(invoice(), "firm", day(15)), approved(invoice(), day(30))]
    disputed: list[Fact] = [Held(KEY, HoldReason.DISPUTE, day(31)), Released(KEY, day(60))]
    assert "awaiting_approval" == line_for(invoice(), [*word, *disputed], day(67)).reason.value
    called = reminded(invoice(), "firm", day(36), channel="call")
    assert "awaiting_approval" == line_for(invoice(), [*word, called], day(43)).reason.value


@pytest.mark.parametrize(("given", "expected"), [(33, "awaiting_approval"), (34, "due")])
def test_a_payment_that_came_and_went_ends_the_approval_before_it(given: int, expected: str) -> None:
    """The sum is what was approved, and was another one meanwhile; of the same day, the word may be the later one."""
    gone = Confirmed(KEY, day(34), snapshot_of(invoice()), paid=Decimal("0.00"), seen=Decimal("1198.00"))
    facts: list[Fact] = [reminded(invoice(), "firm", day(15)), approved(invoice(), day(given)), gone]
    assert expected == line_for(invoice(), facts, day(40)).reason.value


@pytest.mark.parametrize(
    "changed",
    [
        invoice(payments=[paid("1.00")]),
        invoice(total="1300.00"),
        invoice(due=day(1), terms=31),
        invoice(owner=customer(emails=("autre@alpha.example",))),
        invoice(owner=customer(name="Bravo", code="ALPHA", emails=customer().emails)),
    ],
)
def test_an_approval_lapses_when_the_invoice_changes(changed: Invoice) -> None:
    """Sum, due date or customer changed: the word was not about this."""
    by_hand = reminded(invoice(), "firm", day(15), told=False)
    facts: list[Fact] = [by_hand, approved(invoice(), day(40))]
    assert ("due", "formal_notice") == verdict(line_for(invoice(), facts, day(40)))
    assert ("awaiting_approval", "formal_notice") == verdict(line_for(changed, facts, day(40)))


def test_an_approval_is_for_one_stage_and_one_invoice() -> None:
    """Approving another stage, or another invoice, releases nothing."""
    firm = reminded(invoice(), "firm", day(15))
    other = approved(invoice("F-2"), day(40))
    for word in (approved(invoice(), day(40), stage="firm"), other):
        assert "awaiting_approval" == line_for(invoice(), [firm, word], day(40)).reason.value


def test_a_stage_that_waits_opens_a_task_and_shows_its_message() -> None:
    """The user is asked, and can read beforehand what would leave; nothing leaves."""
    plan = plan_for([invoice()], [reminded(invoice(), "firm", day(15))], day(40))
    assert ((), ["approve", "call"]) == (plan.reminders, [task.kind for task in plan.tasks])
    assert [["F-1"]] == [[line.invoice.number for line in message.lines] for message in plan.waiting]


def test_the_letter_of_a_formal_notice_is_a_task_once_its_mail_left() -> None:
    """The letter goes with the mail, until it is recorded."""
    facts = [reminded(invoice(), "formal_notice", day(40))]
    assert ["letter"] == [task.kind for task in plan_for([invoice()], facts, day(41)).tasks]
    facts.append(reminded(invoice(), "formal_notice", day(42), channel="letter"))
    assert () == plan_for([invoice()], facts, day(43)).tasks
