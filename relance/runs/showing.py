"""One invoice or one customer: stage, why, next date, charges line by line, history."""

from dataclasses import dataclass

from relance.core.facts import Received
from relance.core.history import NOTHING, contacts_of
from relance.core.invoice import Contact
from relance.core.plan import Line
from relance.core.planning import build_plan
from relance.core.policy import Stage, schedule_of
from relance.runs.dossier import open_dossier, remembered
from relance.runs.request import Request
from relance.runs.targets import Target, find_target


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the plan with its ladder, every contact about it and every mail that came since."""

    line: Line
    stages: tuple[Stage, ...]
    contacts: tuple[Contact, ...]
    received: tuple[Received, ...] = ()


def show(request: Request, text: str) -> tuple[Target, tuple[Shown, ...]]:
    """The lines of today's plan for the invoice or the customer that `text` names."""
    dossier = open_dossier(request)
    target = find_target(text, dossier.invoices)
    history = remembered(dossier)
    plan = build_plan(dossier.invoices, history, dossier.policy, dossier.today)
    wanted = {id(invoice) for invoice in target.invoices}
    chosen = [line for invoice, line in zip(dossier.invoices, plan.lines, strict=True) if id(invoice) in wanted]
    return target, tuple(
        Shown(
            line,
            schedule_of(line.invoice, dossier.policy).stages,
            contacts_of(line.invoice, history.invoices.get(line.key, NOTHING), dossier.today),
            history.invoices.get(line.key, NOTHING).received,
        )
        for line in chosen
    )
