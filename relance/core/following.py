"""What a person follows of the payment plans that run: the instalment that did not come, the plan that is paid."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.agreements import missed_instalment, payment_plans
from relance.core.comparing import Surroundings
from relance.core.facts import Held
from relance.core.history import NOTHING, History
from relance.core.invoice import ZERO, customer_targets
from relance.core.known import contacts_of
from relance.core.plan import About, Line, Task
from relance.core.policy import INSTALMENT, DunningPolicy
from relance.core.reasons import Reason


class _Covered(NamedTuple):
    """A payment plan, the lines of what it covers, and what is left of them (in their currency)."""

    plan: Held
    lines: tuple[Line, ...]
    left: Decimal


def plan_tasks(
    lines: tuple[Line, ...], history: History, policy: DunningPolicy, around: Surroundings, today: date
) -> Iterator[Task]:
    """Each payment plan with an instalment that did not come, or paid while it still silences later invoices.

    Once a person has spoken of the instalment, the usual quiet days are the customer's.
    """
    for task in missed_instalments(lines, history, policy, around, today):
        if not _just_spoken_of(task, history, policy, today):
            yield task
    for plan, _, left in _covered(lines, history, around):
        later = tuple(line for line in lines if _silenced(line, plan, history)) if left == 0 else ()
        if later:
            yield Task("review", later[0].invoice.customer, later, later[0].stage, About.PLAN_PAID)


def missed_instalments(
    lines: tuple[Line, ...], history: History, policy: DunningPolicy, around: Surroundings, today: date
) -> Iterator[Task]:
    """Each payment plan with an instalment that did not come, spoken of or not."""
    for plan, covered, left in _covered(lines, history, around):
        held = tuple(line for line in covered if line.reason is Reason.PAYMENT_PLAN)
        missed = missed_instalment(plan, left, history, policy.calendar, today)
        if held and missed is not None:
            yield Task("review", held[0].invoice.customer, held, held[0].stage, About.INSTALMENT, missed)


def _covered(lines: tuple[Line, ...], history: History, around: Surroundings) -> Iterator[_Covered]:
    plans = payment_plans(history)
    by_key = {line.key: line for line in lines} if plans else {}
    by_key |= {seen.invoice: by_key[key] for key, seen in around.renumbered.items() if key in by_key}
    for plan in plans:
        covered = tuple({by_key[key].key: by_key[key] for key in plan.covers if key in by_key}.values())
        yield _Covered(plan, covered, sum((max(line.outstanding, ZERO) for line in covered), ZERO))


def _just_spoken_of(task: Task, history: History, policy: DunningPolicy, today: date) -> bool:
    """True in the quiet days after somebody spoke of the missed instalment, by whatever channel."""
    assert task.instalment is not None
    quiet, due = timedelta(days=max(policy.min_gap_days, 1)), task.instalment.due
    pasts = ((line.invoice, history.invoices.get(line.key, NOTHING)) for line in task.lines)
    contacts = (contact for invoice, past in pasts for contact in contacts_of(invoice, past, today))
    return any(c.stage == INSTALMENT.key and due < c.on and today < c.on + quiet for c in contacts)


def _silenced(line: Line, plan: Held, history: History) -> bool:
    """True for an overdue invoice that a plan of its customer holds without being about it."""
    if line.reason is not Reason.PAYMENT_PLAN or line.key in plan.covers or line.days_overdue <= 0:
        return False
    return any(plan in history.holds.get(target, ()) for target in customer_targets(line.invoice.customer))
