"""The words of the text messages that a plan asks a person to send."""

from relance.core.plan import Plan, Task
from relance.errors import MessageError
from relance.runs.composing import SAMPLE_SENDER
from relance.runs.dossier import Dossier


def with_texts(plan: Plan, dossier: Dossier) -> Plan:
    """The plan, its SMS tasks with their text; TemplateError where the template is wrong.

    One whose text would be too long stays without: the person writes it.
    """
    if all(task.kind != "sms" for task in plan.tasks):
        return plan
    from relance.letters.by_hand import sms_text
    from relance.letters.templates import load_templates

    settings = dossier.settings
    sender = settings.sender if settings else SAMPLE_SENDER
    templates = load_templates(settings.templates if settings else None)

    def written(task: Task) -> Task:
        if task.kind != "sms" or task.customer is None or task.stage is None:
            return task
        try:
            return task._replace(text=sms_text(templates, task.customer, task.stage, task.lines, sender, plan.today))
        except MessageError:
            return task

    return plan._replace(tasks=tuple(map(written, plan.tasks)))
