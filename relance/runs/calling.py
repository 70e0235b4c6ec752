"""Before a telephone call: everything about one customer's late invoices on one sheet; nothing is written."""

from relance.core.grouping import reminders
from relance.core.plan import Line
from relance.core.policy import Stage
from relance.errors import UsageError
from relance.runs.composing import about_missed, missed_about, told_of
from relance.runs.dossier import Desk
from relance.runs.targets import find_target


def call(desk: Desk, text: str) -> str:
    """The call sheet for the customer that `text` names, about one invoice or all that are late in one currency.

    UsageError where nothing is late.
    """
    from relance.letters.by_hand import call_sheet

    target = find_target(text, desk.invoices)
    plan, policy = desk.plan, desk.policy
    wanted = {id(invoice) for invoice in target.invoices}
    late = [
        line
        for invoice, line in zip(desk.invoices, plan.lines, strict=True)
        if id(invoice) in wanted and not line.reason.settled and line.days_overdue > 0
    ]
    if not late:
        raise UsageError(f"Rien n’est en retard pour « {target.name} ».", "« relance show » dit où en est chacune.")
    currency = max(late, key=lambda line: line.days_overdue).invoice.currency
    chosen = [line._replace(acting=_stage(line)) for line in late if line.invoice.currency == currency]
    (reminder,) = reminders([chosen], plan.lines, policy, desk.today, plan.around)
    return call_sheet(
        desk.templates,
        reminder,
        desk.sender,
        desk.today,
        policy.interest,
        about_missed(told_of(desk, reminder), missed_about(plan, chosen)),
        {stage.key: stage.label for schedule in policy.schedules for stage in schedule.stages},
        policy.calendar,
    )


def _stage(line: Line) -> Stage:
    return line.stage or Stage("call", 0, "")
