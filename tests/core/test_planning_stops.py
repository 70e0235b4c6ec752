"""Decision 6: what stops an invoice, in which order, and how it ends."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from core_support import (
    DEFAULT,
    DUE,
    answer,
    customer,
    day,
    invoice,
    line_for,
    messages,
    paid,
    plan_for,
    reminded,
    verdict,
)

from relance.core.facts import Backlog, Drafted, Fact, Held, HoldReason, InDoubt, Refused, Released
from relance.core.invoice import Invoice, Status, customer_id, invoice_key
from relance.core.mails import Incoming, Received
from relance.core.reasons import Reason
from relance.display.lines import because, command_for

KEY = invoice_key(invoice())


# Stops


@pytest.mark.parametrize("target", [KEY, customer_id(customer())])
@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (HoldReason.INSOLVENCY, "insolvency"),
        (HoldReason.COLLECTION, "collection"),
        (HoldReason.DISPUTE, "disputed"),
        (HoldReason.PLAN, "payment_plan"),
        (HoldReason.PROMISE, "promised"),
        (HoldReason.PAUSE, "paused"),
        (HoldReason.OTHER, "paused"),
    ],
)
def test_a_hold_stops_an_invoice_or_all_of_a_customer(target: str, reason: HoldReason, expected: str) -> None:
    """Each hold is its own reason, until it is released; a hold of a later day is not known yet."""
    facts: list[Fact] = [Held(target, reason, day(6))]
    assert expected == line_for(invoice(), facts, day(300)).reason.value
    assert "due" == line_for(invoice(), facts[:0], day(300)).reason.value
    facts.append(Released(target, day(300)))
    assert "due" == line_for(invoice(), facts, day(310)).reason.value


@pytest.mark.parametrize(
    ("reason", "last_day_held"),
    [
        (HoldReason.PAUSE, date(2026, 3, 20)),
        (HoldReason.OTHER, date(2026, 3, 20)),
        (HoldReason.PROMISE, date(2026, 3, 24)),
        (HoldReason.DISPUTE, None),
        (HoldReason.PLAN, None),
        (HoldReason.INSOLVENCY, None),
        (HoldReason.COLLECTION, None),
    ],
)
def test_how_holds_end(reason: HoldReason, last_day_held: date | None) -> None:
    """A pause resumes the next day, a promise on the third working day after it, a dispute never alone."""
    facts = [Held(KEY, reason, day(1), until=date(2026, 3, 20))]
    held = [
        today
        for today in (DUE + timedelta(days=n) for n in range(5, 200))
        if line_for(invoice(), facts, today, policy=DEFAULT).reason.value
        in ("paused", "promised", "disputed", "payment_plan", "insolvency", "collection")
    ]
    assert (last_day_held or day(199)) == max(held)
    assert (max(held) - day(5)).days + 1 == len(held)


def test_the_strongest_hold_is_the_reason() -> None:
    """A dispute is said before a promise or a pause, whatever came first."""
    facts = [Held(KEY, HoldReason.PAUSE, day(1)), Held(customer_id(customer()), HoldReason.DISPUTE, day(2))]
    assert "disputed" == line_for(invoice(), facts, day(20)).reason.value
    assert "disputed" == line_for(invoice(), facts[::-1], day(20)).reason.value


def test_a_release_ends_only_its_own_target() -> None:
    """Releasing the customer leaves the invoice's own hold."""
    facts: list[Fact] = [
        Held(KEY, HoldReason.PAUSE, day(1)),
        Held(customer_id(customer()), HoldReason.PAUSE, day(1)),
        Released(customer_id(customer()), day(10)),
    ]
    assert "paused" == line_for(invoice(), facts, day(40)).reason.value
    assert "due" == line_for(invoice("F-2"), facts, day(40)).reason.value


@pytest.mark.parametrize(("until", "review"), [(None, 31), (day(10), 10)])
def test_a_dispute_has_a_review_date(until: date | None, review: int) -> None:
    """Thirty days by default: then a task to look at it again, while it still holds."""
    facts = [Held(KEY, HoldReason.DISPUTE, day(1), until=until)]
    kinds = {n: [t.kind for t in plan_for([invoice()], facts, day(n)).tasks] for n in (review - 1, review, 200)}
    assert {review - 1: [], review: ["review"], 200: ["review"]} == kinds


def test_what_stands_in_the_file_ends_in_the_file() -> None:
    """A release does not end the file's own dispute, exclusion or direct debit."""
    facts = [Released(KEY, day(1))]
    for about, expected in (
        (invoice(status=Status.DISPUTED), "disputed"),
        (invoice(status=Status.DIRECT_DEBIT), "direct_debit"),
        (invoice(status=Status.EXCLUDED), "excluded"),
        (invoice(owner=customer(excluded=True)), "excluded"),
    ):
        line = line_for(about, facts, day(40))
        assert (expected, True) == (line.reason.value, line.stop.in_file)


@pytest.mark.parametrize(
    ("outstanding", "expected"), [("0.00", "paid"), ("4.99", "below_minimum"), ("5.00", "due"), ("5.01", "due")]
)
def test_below_the_minimum_nothing_leaves(outstanding: str, expected: str) -> None:
    """Less than 5.00 EUR is not claimed; what is left after a payment counts, not the total."""
    rest = Decimal("1200.00") - Decimal(outstanding)
    assert expected == line_for(invoice(payments=[paid(str(rest))]), [], day(20)).reason.value


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.UNCLEAR, "unclear"),
        (Status.DRAFT, "draft"),
        (Status.CANCELLED, "cancelled"),
        (Status.CREDIT_NOTE, "credit_note"),
        (Status.WRITTEN_OFF, "written_off"),
        (Status.FACTORED, "factored"),
    ],
)
def test_what_is_not_claimed_at_all(status: Status, expected: str) -> None:
    """The file's word settles it, even while the user holds it; nothing is claimed."""
    line = line_for(invoice(status=status), [Held(KEY, HoldReason.DISPUTE, day(1))], day(40))
    assert (expected, Decimal(0)) == (line.reason.value, line.charges.claimed)


def test_the_first_reason_that_applies_is_the_reason() -> None:
    """The order of the contract, seen by adding a stronger reason each time."""
    none = customer(emails=())
    held: list[Fact] = [Held(KEY, HoldReason.PAUSE, day(1))]
    doubt: list[Fact] = [InDoubt(KEY, "friendly", "email", day(10))]
    firm: list[Fact] = [reminded(invoice(), "firm", day(39), told=False)]
    saturday = date(2026, 4, 11)
    cases: list[tuple[Invoice, list[Fact], date, str]] = [
        (invoice(), [], saturday, "closed_day"),
        (invoice(), [reminded(invoice(), "friendly", day(39))], saturday, "too_soon"),
        (invoice(), firm, saturday, "awaiting_approval"),
        (invoice(owner=none), firm, saturday, "no_address"),
        (invoice(owner=none), [reminded(invoice(), "formal_notice", day(39))], saturday, "finished"),
        (invoice(owner=none), [*doubt, reminded(invoice(), "formal_notice", day(39))], saturday, "in_doubt"),
        (invoice(due=day(60)), doubt, saturday, "in_doubt"),
        (invoice(total="3.00"), doubt, saturday, "below_minimum"),
        (invoice(total="3.00", owner=customer(excluded=True)), doubt, saturday, "excluded"),
        (invoice(total="3.00", owner=customer(excluded=True)), [*doubt, *held], saturday, "paused"),
        (invoice(payments=[paid("1200.00")], owner=customer(excluded=True)), held, saturday, "paid"),
        (invoice(payments=[paid("1200.00")], status=Status.CANCELLED), held, saturday, "cancelled"),
        (invoice(payments=[paid("1200.00")], status=Status.WRITTEN_OFF), held, saturday, "paid"),
        (invoice(due=day(80), payments=[paid("1200.00")]), held, saturday, "not_issued"),
        (invoice(due=day(80), status=Status.UNCLEAR), held, saturday, "unclear"),
    ]
    assert [expected for *_, expected in cases] == [
        line_for(about, facts, today, policy=DEFAULT).reason.value for about, facts, today, _ in cases
    ]


def test_the_reasons_stand_in_the_order_of_the_contract() -> None:
    """The closed list of contract.md; `drafted` and `open_credit` are ours, each beside its kind."""
    known = (
        "unclear not_issued draft cancelled credit_note paid written_off factored collection insolvency time_barred "
        "not_received refused_invoice disputed suspended payment_plan promised payment_sent paused excluded "
        "direct_debit below_minimum in_doubt bank_doubt answered refused not_due "
        "expired finished stage_done no_address reading backlog changed missing_pdf awaiting_approval "
        "no_payment_source too_soon closed_day outside_hours stale_input clock deferred over_limit due"
    ).split()
    added = (Reason.DRAFTED, Reason.OPEN_CREDIT)
    ours = [reason.value for reason in Reason if reason not in added]
    assert [word for word in known if word in ours] == ours


def test_what_is_in_doubt_is_never_sent_again_alone() -> None:
    """Shown, with a task, however long it lasts."""
    plan = plan_for([invoice()], [InDoubt(KEY, "friendly", "email", day(6))], day(300))
    assert ("in_doubt", [], ["review"]) == (
        plan.lines[0].reason.value,
        messages(plan),
        [task.kind for task in plan.tasks],
    )


def test_a_refused_address_stops_until_the_address_changes() -> None:
    """The server's refusal is about an address."""
    facts = [Refused(KEY, "COMPTA@alpha.example", day(5))]
    assert "refused" == line_for(invoice(), facts, day(20)).reason.value
    copied = customer(emails=("un@alpha.example",))._replace(cc=("Compta@alpha.example",))
    assert "refused" == line_for(invoice(owner=copied), facts, day(20)).reason.value
    moved = invoice(owner=customer(emails=("neuf@alpha.example",)))
    assert ("due", "friendly") == verdict(line_for(moved, facts, day(20)))


def test_a_refused_address_names_the_command_that_tries_it_again() -> None:
    """About the invoice whose message was refused, also on another invoice of that address; a bounce is released."""
    known = [invoice(), invoice("F-2")]
    facts: list[Fact] = [Refused(KEY, "compta@alpha.example", day(5), "550 inconnu")]
    first, second = plan_for(known, facts, day(20)).lines
    said = (
        "adresse refusée par le serveur, compta@alpha.example\u00a0: 550 inconnu\u00a0: corrigez-la dans votre fichier"
    )
    assert f"{said} → relance resolve F-1 --not-sent (pour réessayer)" == because(first)
    assert f"{said} → relance resolve F-1/2026 --not-sent (pour réessayer)" == because(second)
    mail = Received(KEY, Incoming.BOUNCE, day(6), "<1@mx>", subject="550", address="compta@alpha.example")
    first, second = plan_for(known, [mail], day(20)).lines
    assert ["relance release F-1", "relance release F-1/2026"] == [command_for(line) for line in (first, second)]
    message = Refused(KEY, "", day(5), "554 non", "friendly")
    assert "relance resolve F-1 --not-sent" == command_for(line_for(invoice(), [message], day(20)))


def test_a_dispute_tells_when_it_is_looked_at_again() -> None:
    """The day that was told, else thirty days after the dispute was."""
    for until, expected in ((None, "1er avril 2026"), (day(9), "11 mars 2026")):
        line = line_for(invoice(), [Held(KEY, HoldReason.DISPUTE, day(0), until)], day(3))
        assert f"litige, à revoir le {expected}" in because(line)


def test_a_backlog_left_aside_names_the_command_that_takes_it_up() -> None:
    """An answer can be changed, and how is said."""
    said = because(line_for(invoice(), [answer(Backlog.IGNORE)], day(70), started=day(60)))
    assert said.endswith("→ relance confirm backlog --gently (ou --as-is)")


def test_a_draft_is_no_contact_and_is_not_written_twice() -> None:
    """It waits as a draft; recorded as sent, the stage is done."""
    facts: list[Fact] = [Drafted(KEY, "friendly", "email", day(5))]
    line = line_for(invoice(), facts, day(40))
    assert ("drafted", None) == (line.reason.value, line.last_contact)
    facts.append(reminded(invoice(), "friendly", day(6)))
    assert ("due", "firm") == verdict(line_for(invoice(), facts, day(40)))
