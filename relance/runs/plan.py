"""The plan of a day, and of the days after it, with the words of the text messages it asks for: read, decide.

What could not be read is told once: beside the tasks and the invoices that say the same, and by names that last.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from relance.core.invoice import Problem, normalised_name
from relance.core.plan import About, Line, Plan, Task
from relance.errors import EXIT_DONE, EXIT_LOOK, MessageError
from relance.runs.dossier import Desk


class Planned(NamedTuple):
    """A desk, the plan of its day, and those of the days `ahead`."""

    desk: Desk
    plan: Plan
    ahead: tuple[Plan, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """What could not be read, and no task of the plan says; the row of an invoice has no room for it."""
        return list(by_name(self.desk.problems, self.plan.tasks).values())

    @property
    def exit_code(self) -> int:
        """1 where something was not read or needs a look that the user did not ask for himself."""
        return look_code(self.plan, self.desk.problems)


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
    plan = _with_forums(with_addresses(_with_blocks(plan, desk), desk))
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


def _with_forums(plan: Plan) -> Plan:
    """The tasks of ladders that are over, with where their customers are: courts go by it."""
    if all(task.about is not About.FINISHED for task in plan.tasks):
        return plan
    from relance.letters.abroad import forum_of

    def told(task: Task) -> Task:
        ended = task.about is About.FINISHED and task.customer is not None
        return task._replace(forum=forum_of(task.customer)) if ended and task.customer else task

    return plan._replace(tasks=tuple(map(told, plan.tasks)))


def by_name(problems: Iterable[Problem], tasks: Iterable[Task]) -> dict[str, Problem]:
    """The problems that no task tells, each under the name that the journal knows it by.

    A row that moves up or down in its file has the same problem again; of two rows that have the same one, each is
    named. The invoices without their PDF are one thing, a few more or less of them are no news; nor is another cell of
    the row, by which the user is asked anew of what he knows.
    """
    told = {(line.invoice.line, task.found) for task in tasks if task.found for line in task.lines}
    named: dict[str, Problem] = {}
    for problem in problems:
        if (problem.line, problem.value) in told:
            continue
        of_pattern = problem.line is None and "{number}" in problem.file
        what = problem._replace(line=None, message="" if of_pattern else problem.message)
        name, count = f"problem {' '.join(map(str, what[:-2]))}", 1
        while (numbered := f"{name} {count}" if count > 1 else name) in named:
            count += 1
        named[numbered] = problem
    return named


def rows_of(problems: Iterable[Problem]) -> Mapping[int | str, Sequence[Problem]]:
    """The problems of each row, by its line and by its number."""
    rows: dict[int | str, list[Problem]] = {}
    for problem in problems:
        names: tuple[int | str | None, ...] = (problem.line, problem.number or None)
        for name in names:
            if name is not None:
                rows.setdefault(name, []).append(problem)
    return rows


def tells(rows: Mapping[int | str, Sequence[Problem]], line: Line) -> bool:
    """Whether a problem of its row says why this invoice waits: it has the place, what was read and the cure."""
    problems = (*rows.get(line.invoice.line, ()), *rows.get(line.invoice.number, ())) if line.note else ()
    return any(problem.message.startswith(line.note) for problem in problems)


def with_addresses(plan: Plan, desk: Desk) -> Plan:
    """The tasks about customers whom no mail reaches, with what stands in the place of an address and is none."""
    headers = [header for field, header, _ in desk.source.reading.columns if field == "email"]
    read = {p.line: p.value for p in desk.source.problems if p.column in headers and p.file == desk.source.file}

    def told(task: Task) -> Task:
        found = next(filter(None, (read.get(line.invoice.line) for line in task.lines)), "")
        return task._replace(found=found or "") if task.about is About.ADDRESS else task

    return plan._replace(tasks=tuple(map(told, plan.tasks))) if read else plan
