"""Invoices as they were issued never say « paid »: nobody is pressed while nothing else tells who has paid."""

from datetime import date

import pytest
from core_support import DEFAULT, EVERY_DAY, approved, day, invoice, paid, reminded

from relance.core.facts import Fact, Held, HoldReason
from relance.core.history import fold
from relance.core.invoice import Invoice, invoice_key
from relance.core.plan import Line
from relance.core.planning import build_plan, look_ahead
from relance.core.policy import READY_LADDERS, DunningPolicy
from relance.core.reasons import End, Reason
from relance.display.lines import because


def line_of(about: Invoice, facts: tuple[Fact, ...], today: date, policy: DunningPolicy = EVERY_DAY) -> Line:
    """The line of an invoice of a folder beside which nothing tells of payments."""
    history = fold(facts, day(-300), today)._replace(payments_untold=True)
    return build_plan([about], history, policy, today).lines[0]


@pytest.mark.parametrize(
    ("today", "said", "expected"),
    [
        (day(-5), (), "due"),
        (day(5), (), "due"),
        (day(15), ("friendly",), "no_payment_source"),
        (day(30), ("friendly", "firm"), "awaiting_approval"),
    ],
)
def test_what_is_friendly_leaves_and_what_presses_waits(today: date, said: tuple[str, ...], expected: str) -> None:
    """Courtesy and friendly leave; firm is held, a formal notice asks for the user's word first."""
    facts = tuple(reminded(invoice(), stage, day(5 + 10 * place)) for place, stage in enumerate(said))
    assert expected == line_of(invoice(), facts, today).reason.value


def test_an_approved_notice_waits_too() -> None:
    """It ends once the settings name what tells of payments."""
    facts = (
        reminded(invoice(), "friendly", day(5)),
        reminded(invoice(), "firm", day(15)),
        approved(invoice(), day(30)),
    )
    line = line_of(invoice(), facts, day(30))

    assert (Reason.NO_PAYMENT_SOURCE, End.FILE, True) == (line.reason, line.stop.end, line.reason.to_look_at)
    assert line.next_date is None
    assert "ajoutez paid_dir, payments ou [bank] files" in because(line)


def test_it_comes_before_too_soon_and_after_what_the_user_set() -> None:
    """The order of the closed list."""
    soon = (reminded(invoice(), "friendly", day(12)),)
    assert Reason.NO_PAYMENT_SOURCE is line_of(invoice(), soon, day(15)).reason
    held = (Held(invoice_key(invoice()), HoldReason.DISPUTE, day(14)),)
    assert Reason.DISPUTED is line_of(invoice(), held, day(15)).reason
    assert Reason.PAID is line_of(invoice(payments=(paid("1200.00"),)), (), day(15)).reason


def test_nobody_is_told_that_a_promise_was_broken() -> None:
    """Who knows whether it was paid?"""
    promise = (Held(invoice_key(invoice()), HoldReason.PROMISE, day(6), until=day(8)),)
    assert Reason.NO_PAYMENT_SOURCE is line_of(invoice(), promise, day(16)).reason


def test_a_call_of_the_firm_stage_waits_too() -> None:
    """Whatever the channel."""
    policy = DEFAULT._replace(schedules=READY_LADDERS["phone"], calendar=EVERY_DAY.calendar)
    facts = (reminded(invoice(), "friendly", day(5)),)
    assert Reason.NO_PAYMENT_SOURCE is line_of(invoice(), facts, day(15), policy).reason


def test_months_of_mornings_never_press() -> None:
    """Lived day by day: what leaves is courtesy and friendly, whatever the terms, and nothing asks to be posted."""
    invoices = [invoice(f"F-{terms}", terms=terms) for terms in (14, 30, 60)]
    history = fold((), day(-300), day(-10))._replace(payments_untold=True)
    plan = build_plan(invoices, history, DEFAULT, day(-10))
    lived = [plan, *look_ahead(invoices, plan, 120)]

    assert {"courtesy", "friendly"} == {each.stage.key for plan in lived for each in plan.reminders}
    assert {Reason.NO_PAYMENT_SOURCE} == {line.reason for line in lived[-1].lines}
    assert set() == {task.kind for plan in lived for task in plan.tasks} & {"letter", "call", "approve"}
