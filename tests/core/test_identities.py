"""What was said of a customer counts under the identity that its invoices have now."""

from collections.abc import Sequence
from datetime import date

import pytest
from core_support import EVERY_DAY, LONG_AGO, customer, day, invoice, verdict

from relance.core.facts import Fact, Held, HoldReason, Released
from relance.core.history import FileState, History, fold
from relance.core.invoice import Customer, Invoice, customer_id, keyed
from relance.core.plan import Line
from relance.core.planning import build_plan
from relance.core.seen import remember, under_present_names

CODED = customer("Alpha", code="C1", emails=("compta@alpha.example",))
BY_SIRET = CODED._replace(code="", siret="73282932000074")
BY_NAME = CODED._replace(code="")


def _run(rows: Sequence[Invoice], facts: Sequence[Fact], today: date, before: History | None) -> tuple[Line, History]:
    """The first line of a morning, and the history with what its run remembers."""
    known = fold(facts, LONG_AGO, today)._replace(seen=before.seen if before else {}, file=FileState(today))
    history = under_present_names(known, keyed(rows))
    plan = build_plan(rows, history, EVERY_DAY, today)
    seen = {row.invoice: row for row in remember(plan)}
    return plan.lines[0], history._replace(seen={**history.seen, **seen})


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (CODED, BY_NAME),
        (CODED, CODED._replace(code="C2")),
        (BY_SIRET, CODED._replace(siret=BY_SIRET.siret)),
        (BY_SIRET, BY_NAME),
        (BY_NAME, CODED._replace(name="Alpha et fils")),
    ],
)
def test_a_hold_stays_when_the_customer_gets_another_identity(was: Customer, now: Customer) -> None:
    """It holds on the morning of the change, on those after it, and a new invoice too; until it is released."""
    facts: list[Fact] = [Held(customer_id(was), HoldReason.DISPUTE, day(5))]
    _, known = _run([invoice(owner=was)], [], day(4), None)
    rows = [invoice(owner=now), invoice("F-2", owner=now)]
    for today in (day(6), day(7), day(8)):
        line, known = _run(rows, facts, today, known)
        assert "disputed" == line.reason.value
        later, _ = _run(rows[::-1], facts, today, known)
        assert "disputed" == later.reason.value
    facts.append(Released(customer_id(was), day(9)))
    line, known = _run(rows, facts, day(10), known)
    assert ("too_soon", day(16)) == (line.reason.value, line.until)
    line, _ = _run(rows, facts, day(16), known)
    assert ("due", "friendly") == verdict(line)


def test_a_promise_is_broken_though_the_address_was_corrected() -> None:
    """One word about it, as if nothing had been corrected."""
    was, now = BY_NAME, BY_NAME._replace(emails=("facture@alpha.example",))
    facts: list[Fact] = [Held(customer_id(was), HoldReason.PROMISE, day(5), day(7))]
    _, known = _run([invoice(owner=was)], facts, day(6), None)
    line, known = _run([invoice(owner=now)], facts, day(8), known)
    assert "promised" == line.reason.value
    line, known = _run([invoice(owner=now)], facts, day(12), known)
    assert ("due", "broken_promise") == verdict(line)
    renewed = [*facts, Held(customer_id(now), HoldReason.PROMISE, day(8), day(20))]
    line, _ = _run([invoice(owner=now)], renewed, day(12), known)
    assert ("promised", day(20), ()) == (line.reason.value, line.until, line.broken)


def test_a_promise_is_broken_about_the_invoices_of_whom_gave_it() -> None:
    """Told while one row of two had lost its code; both have it again: of the other row nobody promised anything."""
    rows = [invoice(owner=BY_NAME), invoice("F-2", owner=CODED)]
    facts: list[Fact] = [Held(customer_id(BY_NAME), HoldReason.PROMISE, day(5), day(7))]
    _, known = _run(rows, facts, day(6), None)
    rows = [invoice(owner=CODED), invoice("F-2", owner=CODED)]
    line, known = _run(rows, facts, day(11), known)
    assert ("due", "broken_promise") == verdict(line)
    line, _ = _run(rows[::-1], facts, day(11), known)
    assert ((), "friendly") == (line.broken, line.acting and line.acting.key)


def test_an_identity_that_the_file_still_knows_is_anothers() -> None:
    """A row that moved from one customer to another takes nothing of the first one along."""
    other = customer("Bravo", code="C2", emails=("compta@bravo.example",))
    facts: list[Fact] = [Held("code:C1", HoldReason.DISPUTE, day(5))]
    _, known = _run([invoice(owner=CODED), invoice("F-2", owner=CODED)], facts, day(6), None)
    rows = [invoice(owner=other), invoice("F-2", owner=CODED)]
    line, known = _run(rows, facts, day(7), known)
    assert ("due", "friendly") == verdict(line)
    line, _ = _run([row._replace(customer=other) for row in rows], facts, day(8), known)
    assert "disputed" == line.reason.value


def test_a_hold_told_later_takes_the_place_of_the_one_before() -> None:
    """A pause under the old identity ends where the user tells another one under the new."""
    facts: list[Fact] = [
        Held("code:C1", HoldReason.PAUSE, day(5), day(40)),
        Held("code:C2", HoldReason.PAUSE, day(8), day(9)),
    ]
    _, known = _run([invoice(owner=CODED)], facts, day(6), None)
    line, _ = _run([invoice(owner=CODED._replace(code="C2"))], facts, day(10), known)
    assert ("due", "friendly") == verdict(line)


COMPANY = BY_SIRET._replace(siret=BY_SIRET.siret[:9])
ELSEWHERE = customer("Alpha Lyon", siret="73282932000082", emails=("lyon@alpha.example",))


@pytest.mark.parametrize("today", [day(6), day(7)])
def test_a_hold_of_the_only_place_of_a_company_stays_when_a_second_one_comes(today: date) -> None:
    """The bare SIREN went by that place when it was told: both are held, the second place alone never was."""
    facts: list[Fact] = [Held(customer_id(BY_SIRET), HoldReason.DISPUTE, day(5))]
    first, second, third = invoice(owner=BY_SIRET), invoice("F-2", owner=BY_SIRET), invoice("F-3", owner=ELSEWHERE)
    known = _run([first, second], facts, day(5), None)[1]
    known = known._replace(seen={**known.seen, **_run([second, first], facts, day(5), known)[1].seen})
    rows = [first._replace(customer=COMPANY), second, third]
    for start, reason in enumerate(("disputed", "disputed", "due")):
        line, after = _run(rows[start:] + rows[:start], facts, today, known)
        assert reason == line.reason.value
        assert ["disputed"] == [_run(rows, facts, day(8), after)[0].reason.value][: start + 1]
    released: list[Fact] = [*facts, Released(customer_id(BY_SIRET), day(9))]
    assert "too_soon" == _run(rows, released, day(10), known)[0].reason.value


def test_a_promise_of_the_only_place_of_a_company_is_one_of_both() -> None:
    """Of the place that gave it, and of the invoice that went by it."""
    facts: list[Fact] = [Held(customer_id(BY_SIRET), HoldReason.PROMISE, day(5), day(20))]
    rows = [invoice(owner=BY_SIRET), invoice("F-2", owner=BY_SIRET)]
    _, known = _run(rows, facts, day(6), None)
    rows = [rows[0]._replace(customer=COMPANY), rows[1], invoice("F-3", owner=ELSEWHERE)]
    found = [_run(rows[n:] + rows[:n], facts, day(7), known)[0].reason.value for n in range(3)]
    assert ["promised", "promised", "due"] == found
