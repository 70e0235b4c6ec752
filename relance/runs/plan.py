"""The plan of a day, and of the days after it, with the words of the text messages it asks for: read, decide."""

from typing import NamedTuple

from relance.core.invoice import Problem, normalised_name
from relance.core.plan import Plan, Task
from relance.errors import EXIT_DONE, EXIT_LOOK, MessageError
from relance.runs.dossier import Desk
from relance.runs.problems import by_name, with_addresses


class Planned(NamedTuple):
    """A desk, the plan of its day, and those of the days `ahead`."""

    desk: Desk
    plan: Plan
    ahead: tuple[Plan, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """What could not be read, and no task of the plan says; the row of an invoice has no room for it."""
        return list(by_name(self.desk.source.problems, self.plan.tasks).values())

    @property
    def exit_code(self) -> int:
        """1 where something was not read or needs a look that the user did not ask for himself."""
        return look_code(self.plan, self.desk.source.problems)


def look_code(plan: Plan, problems: tuple[Problem, ...]) -> int:
    """1 where there is a problem, a file that lost much at once, or an invoice to look at; else 0.

    What the user stopped himself is not to be looked at.
    """
    of_file = plan.morning.history.unagreed or plan.around.shrunk or plan.around.mixed
    look = problems or of_file or any(line.to_look_at for line in plan.lines)
    return EXIT_LOOK if look else EXIT_DONE


def plan(desk: Desk, days: int = 0) -> Planned:
    """What would happen on the day, and why, and on the `days` days after it if nobody pays; nothing is written."""
    ahead: list[Plan] = []
    if days:
        from relance.core.planning import look_ahead

        ahead = look_ahead(desk.invoices, desk.plan, days)
    return Planned(desk, with_texts(desk.plan, desk), tuple(with_texts(plan, desk) for plan in ahead))


def _with_blocks(plan: Plan, desk: Desk) -> Plan:
    """The tasks about addresses, told where a block of the settings is the customer's already: two of a word are none.

    Another word that names him does as well.
    """
    rules = desk.settings.customer_rules if desk.settings is not None else ()
    taken = {normalised_name(rule.match) for rule in rules}

    def told(task: Task) -> Task:
        if not task.word or task.customer is None or normalised_name(task.word) not in taken:
            return task
        words = filter(None, (task.customer.code, task.customer.siret))
        free = [word for word in words if normalised_name(word) not in taken]
        return task._replace(word=free[0]) if free else task._replace(in_block=True)

    return plan._replace(tasks=tuple(map(told, plan.tasks))) if taken else plan


def with_texts(plan: Plan, desk: Desk) -> Plan:
    """The plan, its SMS tasks with their text, and what the settings have of a customer without an address.

    A text that would be too long is left to the person. TemplateError where the template is wrong.
    """
    plan = with_addresses(_with_blocks(plan, desk), desk)
    if all(task.kind != "sms" for task in plan.tasks):
        return plan
    from relance.letters.by_hand import sms_text

    sender, templates = desk.sender, desk.templates

    def written(task: Task) -> Task:
        if task.kind != "sms" or task.customer is None or task.stage is None:
            return task
        try:
            return task._replace(text=sms_text(templates, task.customer, task.stage, task.lines, sender))
        except MessageError:
            return task

    return plan._replace(tasks=tuple(map(written, plan.tasks)))
