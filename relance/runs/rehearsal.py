"""What would leave, message by message, and what needs the user: nothing is written and nothing is connected to."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from relance.core.bank import Apart, Unasked
from relance.core.cuts import PerhapsGone
from relance.core.facts import Drafted
from relance.core.history import Seen
from relance.core.invoice import Problem, invoice_key
from relance.core.morning import Surroundings
from relance.core.plan import Absorbed, Line, Overtaken, Plan, Task, absorbed, awaited_for, name_of_absorbed
from relance.core.planning import build_plan
from relance.core.reasons import Reason
from relance.core.seen import (
    name_of_draft,
    name_of_gone,
    name_of_line,
    name_of_task,
)
from relance.errors import TemplateError
from relance.french import half_awaited
from relance.runs.compose import NOTHING_REWRITTEN, Composed, Rewritten, compose_all
from relance.runs.dossier import Desk
from relance.runs.drafts import of_all_invoices, of_messages, replaced
from relance.runs.lookup import find_target
from relance.runs.passage import follow, said_of_bank
from relance.runs.plan import by_name, look_code, rows_of, tells, with_texts

if TYPE_CHECKING:
    from relance.journal import Journal


Notice = Task | Seen | PerhapsGone | Absorbed | Overtaken | Line | Surroundings | Problem | Apart | Unasked | str
"""What needs the user, or is news to him.

A task, an invoice that is gone, a payment that came into the file, a draft to throw away, a reason, what a file lost, a
problem, file and bank apart.
"""


class Selection(NamedTuple):
    """What `send` is limited to: these invoices or customers, this many messages; `keys` are those of invoices.

    `rewritten` are the words that a person gave to messages.
    """

    only: tuple[str, ...] = ()
    limit: int | None = None
    keys: frozenset[str] = frozenset()
    rewritten: Mapping[str, Rewritten] = NOTHING_REWRITTEN


class Rehearsed(NamedTuple):
    """What would leave, message by message; `only` are the keys it was limited to, None where it was not.

    `replaced` are the drafts that these messages take the place of.
    """

    desk: Desk
    plan: Plan
    composed: Composed
    only: frozenset[str] | None = None
    replaced: tuple[Drafted, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read or composed."""
        return self.desk.problems + self.composed.problems

    @property
    def asked(self) -> set[str]:
        """The keys of the invoices that a task of the plan is about."""
        return {line.key for task in self.plan.tasks for line in task.lines}

    @property
    def exit_code(self) -> int:
        """1 where something needs a look."""
        return look_code(self.plan, self.problems)


def rehearse(desk: Desk, selection: Selection, left: int | None = None) -> Rehearsed:
    """Every message as it would leave; nothing is written and nothing is connected to.

    `left` is how many more may leave today; None: no run before this one counts.
    """
    policy = desk.policy
    most = [policy.max_per_run, *(limit for limit in (selection.limit, left) if limit is not None)]
    policy = policy._replace(max_per_run=min(most))
    found = [find_target(text, desk.invoices) for text in selection.only]
    only = selection.keys | {invoice_key(invoice) for target in found for invoice in target.invoices} or None
    plan = build_plan(desk.invoices, desk.history, policy, desk.today, only)
    composed = compose_all(desk, plan, selection.rewritten)
    try:
        plan = with_texts(plan, desk)
    except TemplateError as error:  # of a text message, which a person writes: the mails leave all the same
        composed = composed._replace(problems=(*composed.problems, Problem(desk.source.file, error.shown)))
    return Rehearsed(desk, plan, composed, only)


def replacing(desk: Desk, journal: "Journal", rehearsing: Callable[[], Rehearsed]) -> Rehearsed:
    """What would leave, in the place of drafts too that are not true any more: of those that a message replaces."""
    drafts = replaced(desk)
    if not drafts:
        return rehearsing()
    desk.without(drafts)
    taken = of_messages(drafts, rehearsing().composed.messages)
    follow(desk, journal)
    desk.without(of_all_invoices(taken, desk, journal))
    return rehearsing()._replace(replaced=taken)


def needs(rehearsed: Rehearsed) -> dict[str, Notice]:
    """Each thing that needs the user, by the name that the journal knows it by: made of values, whatever its words."""
    plan, only, asked = rehearsed.plan, rehearsed.only, rehearsed.asked
    notices: dict[str, Notice] = {name_of_task(task): task for task in plan.tasks}
    if plan.around.shrunk:  # said every day: an emptied file has no line that could say it
        notices[f"shrunk {plan.today.isoformat()}"] = plan.around
    else:
        notices |= {name_of_gone(seen): seen for seen in plan.around.vanished}
        notices |= {each.name: each for each in map(PerhapsGone, plan.around.unread)}
    for draft in plan.overtaken:
        if only is None or not only.isdisjoint(draft.keys):
            notices[name_of_draft(draft)] = draft
    shown = filter(None, (absorbed(line) for line in plan.lines if only is None or line.key in only))
    notices |= {name_of_absorbed(each): each for each in shown}
    rows = rows_of(rehearsed.problems)
    for line in plan.lines:
        if (plan.around.shrunk and line.reason is Reason.STALE_INPUT) or tells(rows, line):
            continue
        if line.to_look_at and line.key not in asked and (only is None or line.key in only):
            notices.setdefault(name_of_line(line), line)  # or the task about his address tells it
    notices |= {warning: warning for warning in rehearsed.composed.warnings}
    notices |= said_of_bank(plan) if only is None else {}
    notices |= {f"half {half}": half_awaited(half) for half in filter(None, [awaited_for(plan)])}
    problems, desk = by_name(rehearsed.problems, plan.tasks), rehearsed.desk
    if desk.settings is None or desk.settings.source.file != desk.places:  # nothing can be noted of these rows
        problems = {name: problem._replace(mark="") for name, problem in problems.items()}
    return notices | problems
