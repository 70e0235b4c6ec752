"""The words of the text messages that a plan asks a person to send."""

from relance.core.plan import Plan, Task
from relance.errors import MessageError
from relance.runs.dossier import Desk


def with_texts(plan: Plan, desk: Desk) -> Plan:
    """The plan, its SMS tasks with their text; TemplateError where the template is wrong.

    One whose text would be too long stays without: the person writes it.
    """
    if all(task.kind != "sms" for task in plan.tasks):
        return plan
    from relance.letters.by_hand import sms_text

    sender, templates = desk.sender, desk.templates

    def written(task: Task) -> Task:
        if task.kind != "sms" or task.customer is None or task.stage is None:
            return task
        try:
            return task._replace(text=sms_text(templates, task.customer, task.stage, task.lines, sender, plan.today))
        except MessageError:
            return task

    return plan._replace(tasks=tuple(map(written, plan.tasks)))
