"""Until when a debt can be sued for, what interrupts it, and that nothing is claimed after it (law.md 5, 8 and 12)."""

from collections.abc import Sequence
from datetime import date

import pytest
from core_support import EVERY_DAY, customer, invoice, paid, plan_for, reminded

from relance.core.facts import Fact, Held, HoldReason
from relance.core.invoice import Invoice, Kind, invoice_key
from relance.core.limitation import last_day_of, soon_over
from relance.core.plan import Line, Plan
from relance.display.lines import because, command_for
from relance.display.tasks import command_for_task, task_text

DUE = date(2022, 4, 15)
STARTED = date(2022, 1, 1)


def debt(kind: Kind | None = Kind.BUSINESS, **fields: object) -> Invoice:
    """An invoice of 15 March 2022, due a month later."""
    return invoice(due=DUE, terms=31, owner=customer(kind=kind))._replace(**fields)  # type: ignore[arg-type]


def on(day: date, about: Invoice, facts: Sequence[Fact] = ()) -> tuple[Plan, Line]:
    """The plan of a day, and the invoice in it."""
    plan = plan_for([about], facts, day, policy=EVERY_DAY, started=STARTED)
    return plan, plan.lines[0]


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        (Kind.BUSINESS, date(2027, 3, 15)),
        (None, date(2027, 3, 15)),
        (Kind.CONSUMER, date(2024, 3, 15)),
        (Kind.PUBLIC, date(2026, 12, 31)),
    ],
)
def test_the_last_day(kind: Kind | None, last: date) -> None:
    """Five years, two, four whole ones: the last day still counts, on the next nothing leaves any more."""
    about = debt(kind)
    plan, line = on(last, about)
    assert "time_barred" != line.reason.value
    assert (last, last) == (soon_over(line.case), last_day_of(line.case))
    plan, line = on(date.fromordinal(last.toordinal() + 1), about)
    assert ("hold", "time_barred", last) == (line.decision.value, line.reason.value, line.until)
    assert () == plan.reminders


def test_past_it_a_person_looks() -> None:
    """A review task, and the way out as a command: the debt was acknowledged since."""
    plan, line = on(date(2027, 3, 16), debt())
    (task,) = plan.tasks
    assert ("review", "relance show F-1") == (task.kind, command_for_task(task))
    assert "prescrite depuis le 15 mars 2027" in task_text(task)
    assert "relance hold F-1 --reason plan" in because(line)
    assert "" == command_for(line)
    told = Held(invoice_key(debt()), HoldReason.PLAN, date(2027, 3, 16))
    assert "payment_plan" == on(date(2027, 3, 17), debt(), [told])[1].reason.value


def test_a_formal_notice_interrupts_nothing() -> None:
    """Nor does any other demand, but of a public body: four years from 1 January after the last one."""
    demand = reminded(debt(), "formal_notice", date(2025, 6, 1))
    assert date(2027, 3, 15) == last_day_of(on(date(2026, 1, 5), debt(), [demand])[1].case)
    public = debt(Kind.PUBLIC)
    assert date(2029, 12, 31) == last_day_of(on(date(2026, 1, 5), public, [demand])[1].case)
    called = demand._replace(contact=demand.contact._replace(channel="call"))
    assert date(2026, 12, 31) == last_day_of(on(date(2026, 1, 5), public, [called])[1].case)
    late = reminded(debt(), "firm", date(2027, 1, 4))
    assert date(2026, 12, 31) == last_day_of(on(date(2027, 2, 1), public, [late])[1].case)


def test_the_debtor_interrupts_it() -> None:
    """A part payment with its day, a promise: the time begins again (2240 C. civ.)."""
    part = debt(payments=(paid("100.00", date(2024, 5, 2)),))
    assert date(2029, 5, 2) == last_day_of(on(date(2026, 1, 5), part)[1].case)
    promised = Held(invoice_key(debt()), HoldReason.PROMISE, date(2025, 2, 3), date(2025, 2, 28))
    assert date(2030, 2, 3) == last_day_of(on(date(2026, 1, 5), debt(), [promised])[1].case)


@pytest.mark.parametrize(
    ("kind", "last", "said"),
    [
        (Kind.BUSINESS, "15 mars 2027", "une mise en demeure ne l’interrompt pas. Saisir le tribunal avant"),
        (Kind.PUBLIC, "31 décembre 2026", "une demande écrite de paiement l’interrompt"),
    ],
)
def test_near_it_the_plan_says_so(kind: Kind, last: str, said: str) -> None:
    """With its day and what puts it off; not before the half-year, nor of what is paid."""
    _, line = on(date(2026, 12, 1), debt(kind))
    assert f"Prescription le {last}" in because(line)
    assert said in because(line)
    assert "Prescription" not in because(on(date(2026, 6, 1), debt(kind))[1])
    settled = debt(kind, payments=(paid("1200.00", DUE),))
    assert "Prescription" not in because(on(date(2026, 12, 1), settled)[1])
