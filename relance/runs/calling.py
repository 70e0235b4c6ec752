"""Before a telephone call: everything about one customer's late invoices on one sheet; nothing is written."""

from relance.core.grouping import reminders
from relance.core.plan import Line
from relance.core.planning import build_plan
from relance.core.policy import Stage
from relance.errors import UsageError
from relance.runs.composing import SAMPLE_SENDER, missed_about, told_of
from relance.runs.dossier import open_dossier
from relance.runs.remembering import remembered
from relance.runs.request import Request
from relance.runs.targets import find_target


def call(request: Request, text: str) -> str:
    """The call sheet for the customer that `text` names, about one invoice or all that are late in one currency.

    UsageError where nothing is late.
    """
    from relance.letters.by_hand import call_sheet
    from relance.letters.templates import load_templates

    dossier = open_dossier(request)
    target = find_target(text, dossier.invoices)
    history = remembered(dossier)
    plan = build_plan(dossier.invoices, history, dossier.policy, dossier.today)
    wanted = {id(invoice) for invoice in target.invoices}
    late = [
        line
        for invoice, line in zip(dossier.invoices, plan.lines, strict=True)
        if id(invoice) in wanted and not line.reason.settled and line.days_overdue > 0
    ]
    if not late:
        raise UsageError(f"Rien n’est en retard pour « {target.name} ».", "« relance show » dit où en est chacune.")
    currency = max(late, key=lambda line: line.days_overdue).invoice.currency
    chosen = [line._replace(acting=_stage(line)) for line in late if line.invoice.currency == currency]
    (reminder,) = reminders([chosen], plan.lines, dossier.policy, dossier.today, plan.around)
    told = told_of(dossier, history, reminder)
    missed = missed_about(plan, chosen)
    if missed is not None and missed.instalment is not None:
        told = told._replace(instalment_date=missed.instalment.due, instalment_amount=missed.instalment.amount)
    settings = dossier.settings
    stages = [stage for schedule in dossier.policy.schedules for stage in schedule.stages]
    return call_sheet(
        load_templates(settings.templates if settings else None),
        reminder,
        settings.sender if settings else SAMPLE_SENDER,
        dossier.today,
        dossier.policy.interest,
        told,
        {stage.key: stage.label for stage in stages},
        dossier.policy.calendar,
    )


def _stage(line: Line) -> Stage:
    return line.stage or Stage("call", 0, "")
