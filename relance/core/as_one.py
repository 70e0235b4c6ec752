"""The tasks of a day as a person does them: one call an invoice, one letter for one mail, one SMS a customer."""

from collections.abc import Iterable, Iterator, Sequence

from relance.core.invoice import Contact
from relance.core.plan import About, Line, Task, grouped
from relance.core.policy import Stage

_TELLING = {About.BROKEN_PROMISE: 0, About.INSTALMENT: 1, About.SILENCE: 3}
"""Of two calls about one invoice the most telling is made; 2 is what a stage of its ladder asks for."""


def as_one(found: Sequence[Task]) -> Iterator[Task]:
    """The same tasks, no two of which are one thing to do; who was called today is not called again."""
    kept = {id(task): task for task in _calls(found)} | _shared_ones(found)
    for task in found:
        if not (_is_shared(task) or _is_call(task)):
            yield task
        elif id(task) in kept:
            yield kept[id(task)]


def _shared_ones(found: Sequence[Task]) -> dict[int, Task]:
    """Those that are one letter or SMS as one task, in the place of the first."""
    together = grouped(filter(_is_shared, found), _shared).values()
    return {id(same[0]): _merged(same) for same in together}


def _is_shared(task: Task) -> bool:
    return task.kind in ("letter", "sms")


def _is_call(task: Task) -> bool:
    return task.kind == "call" or task.about in (About.BROKEN_PROMISE, About.INSTALMENT)


def _calls(found: Iterable[Task]) -> list[Task]:
    """The calls that are made: each the most telling about one of its invoices."""
    made: dict[str, Task] = {}
    for task in sorted(filter(_is_call, found), key=_rank):
        for line in task.lines:
            if not _called_today(line):
                made.setdefault(line.key, task)
    return list(made.values())


def _rank(task: Task) -> int:
    return 2 if task.about is None else _TELLING.get(task.about, 2)


def _called_today(line: Line) -> bool:
    return any((said.channel, said.on) == ("call", line.case.today) for said in line.case.contacts)


def _shared(task: Task) -> tuple[object, ...]:
    """What the tasks share that are one letter, or one SMS; each its own where messages are not grouped."""
    line = task.lines[0]
    whose = (task.kind, line.case.customer.identity, line.invoice.currency)
    if not line.case.morning.policy.group:
        return (*whose, line.key, task.stage)
    return whose if task.kind == "sms" else (*whose, task.stage, mailed(line, task.stage))


def mailed(line: Line, stage: Stage | None) -> Contact | None:
    """The mail of this stage that a letter repeats, without what is of one invoice: two notices are two letters."""
    mails = (said for said in reversed(line.case.contacts) if (said.channel, said.stage) == ("email", _key(stage)))
    return next((said._replace(snapshot=None) for said in mails), None)


def _key(stage: Stage | None) -> str:
    return stage.key if stage is not None else ""


def _merged(same: Sequence[Task]) -> Task:
    """One task about all their invoices, each acting in its own stage; the furthest of these sets the tone."""
    lines = tuple(line._replace(acting=task.stage) for task in same for line in task.lines)
    furthest = max(same, key=lambda task: task.stage.day if task.stage is not None else 0)
    return same[0]._replace(lines=lines, stage=furthest.stage)
