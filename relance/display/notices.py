"""What a run of `send` has to say beside its messages: what needs the user, and why nothing leaves of what he named."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from relance.core.plan import Decision, Line, Plan, Task
from relance.core.reasons import Reason
from relance.display.lines import because
from relance.display.plan_view import gone, problem_line, task_line
from relance.display.tasks import throw_away
from relance.french import typeset

if TYPE_CHECKING:
    from relance.runs.sending import Rehearsed


def needs(rehearsed: "Rehearsed") -> dict[str, str]:
    """One sentence for each thing that needs the user, under a name that stays the same while nothing changes."""
    notices = {}
    for task in rehearsed.plan.tasks:
        notices[_name(task)] = task_line(task)
    if not rehearsed.plan.around.shrunk:
        notices |= {f"gone {seen.invoice}": gone(seen) for seen in rehearsed.plan.around.vanished}
    for draft in rehearsed.plan.overtaken:
        if rehearsed.only is None or not rehearsed.only.isdisjoint(draft.keys):
            notices[f"draft {draft.on} {draft.label} {' '.join(draft.keys)}"] = throw_away(draft)
    told = _asked(rehearsed.plan)
    for line in rehearsed.plan.lines:
        wanted = rehearsed.only is None or line.key in rehearsed.only
        if wanted and line.reason is Reason.CLOCK:
            notices[f"clock {line.note}"] = because(line)
        elif wanted and line.reason.to_look_at and line.key not in told:
            notices[f"{line.reason}:{line.note} {line.key}"] = _named(line) + because(line)
    notices |= {warning: warning for warning in map(typeset, rehearsed.composed.warnings)}
    return notices | {problem_line(problem): problem_line(problem) for problem in rehearsed.problems}


def _name(task: Task) -> str:
    """What makes a task the same one again: a few more invoices for one question are no news.

    Of a question, a new reason is; of what a person does, the reason changes from day to day, the stage alone tells.
    """
    if task.kind in ("confirm", "review") and task.about is None:
        why = sorted({f"{line.reason}:{line.note}" for line in task.lines})
    else:
        stage = task.stage.key if task.kind != "review" and task.stage is not None else ""
        why = [f"{task.about or ''}:{stage}"]
    keys = () if task.customer is None else (line.key for line in task.lines)
    return " ".join((task.kind, *why, *keys))


def held_back(rehearsed: "Rehearsed", said: Collection[str] = ()) -> Iterator[str]:
    """Why nothing leaves: the clock, or what holds an invoice that `--only` names, where nothing else says it.

    `said` are the sentences that stand beside it.
    """
    by_clock = {because(line): None for line in rehearsed.plan.lines if line.reason is Reason.CLOCK}
    yield from (f"  {sentence}" for sentence in by_clock if sentence not in said)
    messages = (*rehearsed.composed.messages, *rehearsed.composed.waiting)
    told = {key.invoice for message in messages for key in message.keys}
    named = (rehearsed.only or frozenset()) - told - _asked(rehearsed.plan)
    for line in rehearsed.plan.lines:
        if line.key in named and line.decision is Decision.HOLD and not line.reason.to_look_at:
            yield f"  {_named(line)}{because(line)}"


def _asked(plan: Plan) -> set[str]:
    return {line.key for task in plan.tasks for line in task.lines}


def _named(line: Line) -> str:
    return typeset(f"{line.invoice.number} ({line.invoice.customer.name}) : ")
