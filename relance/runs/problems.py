"""What could not be read, told once: beside the tasks and the invoices that say the same, and by names that last."""

from collections.abc import Iterable, Mapping, Sequence

from relance.core.invoice import Problem
from relance.core.plan import About, Line, Plan, Task
from relance.runs.dossier import Desk


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


def rows_of(problems: Iterable[Problem]) -> Mapping[int, Sequence[Problem]]:
    """The problems of each row."""
    rows: dict[int, list[Problem]] = {}
    for problem in problems:
        if problem.line is not None:
            rows.setdefault(problem.line, []).append(problem)
    return rows


def tells(rows: Mapping[int, Sequence[Problem]], line: Line) -> bool:
    """Whether a problem of its row says why this invoice waits: it has the place, what was read and the cure."""
    problems = rows.get(line.invoice.line, ()) if line.note else ()
    return any(problem.message.startswith(line.note) for problem in problems)


def with_addresses(plan: Plan, desk: Desk) -> Plan:
    """The tasks about customers whom no mail reaches, with what stands in the place of an address and is none."""
    headers = [header for field, header, _ in desk.source.reading.columns if field == "email"]
    read = {p.line: p.value for p in desk.source.problems if p.column in headers and p.file == desk.source.file}

    def told(task: Task) -> Task:
        found = next(filter(None, (read.get(line.invoice.line) for line in task.lines)), "")
        return task._replace(found=found or "") if task.about is About.ADDRESS else task

    return plan._replace(tasks=tuple(map(told, plan.tasks))) if read else plan
