"""What the next days bring if nobody pays and everything planned leaves on its day."""

from collections.abc import Iterable
from datetime import date

from relance.core.calendar import ONE_DAY
from relance.core.history import NOTHING, History
from relance.core.invoice import Contact, Invoice, snapshot_of
from relance.core.memory import remember
from relance.core.plan import Plan, Reminder, Task
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy


def look_ahead(
    invoices: Iterable[Invoice], history: History, policy: DunningPolicy, plan: Plan, days: int
) -> list[Plan]:
    """The plans of the `days` days after that of `plan`, each after the messages of the days before it.

    The file is taken to stay as it is and to be kept fresh; what waits for the user's word goes on waiting, and what
    the server put off leaves on its day. A task stands in the plan of the first day on which there is one.
    """
    invoices = tuple(invoices)
    plans: list[Plan] = []
    known = {_name(task) for task in plan.tasks}
    for _ in range(days):
        history = _after(plan, history)
        today = plan.today + ONE_DAY
        if history.file is not None:
            history = history._replace(file=history.file._replace(fresh_on=today))
        plan = build_plan(invoices, history, policy, today)
        plans.append(plan._replace(tasks=tuple(task for task in plan.tasks if _name(task) not in known)))
        known |= {_name(task) for task in plan.tasks}
    return plans


def _name(task: Task) -> tuple[object, ...]:
    """What makes two tasks the same one: a question stays itself while its invoice grows older."""
    stage = None if task.kind in ("review", "confirm") or task.stage is None else task.stage.key
    return task.kind, task.about, stage, tuple(line.key for line in task.lines)


def _after(plan: Plan, history: History) -> History:
    """The history on the evening of a plan whose messages all left, and whose run saw the file."""
    invoices, addresses = dict(history.invoices), dict(history.addresses)
    for reminder in plan.reminders:
        for key, contact in _contacts(reminder, plan.today):
            past = invoices.get(key, NOTHING)
            invoices[key] = past._replace(contacts=(*past.contacts, contact))
        addresses.update((email.casefold(), plan.today) for email in reminder.customer.emails)
    seen = {} if plan.around.shrunk else {row.invoice: row for row in remember(plan)}
    return history._replace(invoices=invoices, addresses=addresses, seen={**history.seen, **seen}, now=None)


def _contacts(reminder: Reminder, on: date) -> Iterable[tuple[str, Contact]]:
    for line in reminder.lines:
        stage = line.acting.key if line.acting is not None else reminder.stage.key
        snapshot = snapshot_of(line.invoice)
        yield line.key, Contact(stage, reminder.channel, on, reminder.customer.emails, reminder.term, snapshot)
