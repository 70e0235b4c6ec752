"""What a person follows of the payment plans that run: the instalment that did not come, the plan that is paid."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.agreements import missed_instalment, payment_plans
from relance.core.facts import Held
from relance.core.invoice import ZERO
from relance.core.morning import Morning
from relance.core.plan import About, Line, Task
from relance.core.policy import INSTALMENT
from relance.core.reasons import Reason


class _Covered(NamedTuple):
    """A payment plan, the lines of what it covers, and what is left of them (in their currency)."""

    plan: Held
    lines: tuple[Line, ...]
    left: Decimal


def plan_tasks(lines: tuple[Line, ...], morning: Morning) -> Iterator[Task]:
    """Each payment plan with an instalment that did not come, or paid while it still silences later invoices.

    Once a person has spoken of the instalment, the usual quiet days are the customer's.
    """
    for task in missed_instalments(lines, morning):
        if not _just_spoken_of(task, morning):
            yield task
    for plan, _, left in _covered(lines, morning):
        later = tuple(line for line in lines if _silenced(line, plan)) if left == 0 else ()
        if later:
            yield Task("review", later[0].invoice.customer, later, later[0].stage, About.PLAN_PAID)


def missed_instalments(lines: tuple[Line, ...], morning: Morning) -> Iterator[Task]:
    """Each payment plan with an instalment that did not come, spoken of or not."""
    for plan, covered, left in _covered(lines, morning):
        held = tuple(line for line in covered if line.reason is Reason.PAYMENT_PLAN)
        missed = missed_instalment(plan, left, morning)
        if held and missed is not None:
            yield Task("review", held[0].invoice.customer, held, held[0].stage, About.INSTALMENT, missed)


def _covered(lines: tuple[Line, ...], morning: Morning) -> Iterator[_Covered]:
    plans = payment_plans(morning.history)
    by_key = {line.key: line for line in lines} if plans else {}
    by_key |= {seen.invoice: by_key[key] for key, seen in morning.around.renumbered.items() if key in by_key}
    for plan in plans:
        covered = tuple({by_key[key].key: by_key[key] for key in plan.covers if key in by_key}.values())
        yield _Covered(plan, covered, sum((max(line.outstanding, ZERO) for line in covered), ZERO))


def _just_spoken_of(task: Task, morning: Morning) -> bool:
    """True in the quiet days after somebody spoke of the missed instalment, by whatever channel."""
    assert task.instalment is not None
    quiet, due = timedelta(days=max(morning.policy.min_gap_days, 1)), task.instalment.due
    contacts = (contact for line in task.lines for contact in line.case.contacts)
    return any(c.stage == INSTALMENT.key and due < c.on and morning.today < c.on + quiet for c in contacts)


def _silenced(line: Line, plan: Held) -> bool:
    """True for an overdue invoice that a plan of its customer holds without being about it."""
    if line.reason is not Reason.PAYMENT_PLAN or line.key in plan.covers or line.days_overdue <= 0:
        return False
    return plan in line.case.customer.holds
