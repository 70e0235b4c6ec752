"""One invoice or one customer: stage, why, next date, charges line by line, history."""

from dataclasses import dataclass
from datetime import date

from relance.core.cautions import Caution, cautions
from relance.core.charges import Charges
from relance.core.claims import charges_of, terms_of
from relance.core.history import NOTHING, History, contacts_of
from relance.core.interest import InterestTerms
from relance.core.invoice import Contact
from relance.core.plan import Line, Reason
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy, Stage, schedule_of
from relance.runs.dossier import open_dossier, remembered
from relance.runs.request import Request
from relance.runs.targets import Target, find_target


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the plan with its ladder and every contact about it.

    `costs` are its charges under `terms`, also where it was paid late and nothing is claimed any more.
    """

    line: Line
    stages: tuple[Stage, ...]
    contacts: tuple[Contact, ...]
    terms: InterestTerms
    costs: Charges
    cautions: tuple[Caution, ...]


def show(request: Request, text: str) -> tuple[Target, tuple[Shown, ...]]:
    """The lines of today's plan for the invoice or the customer that `text` names."""
    dossier = open_dossier(request)
    target = find_target(text, dossier.invoices)
    history = remembered(dossier)
    plan = build_plan(dossier.invoices, history, dossier.policy, dossier.today)
    wanted = {id(invoice) for invoice in target.invoices}
    chosen = [line for invoice, line in zip(dossier.invoices, plan.lines, strict=True) if id(invoice) in wanted]
    return target, tuple(_shown(line, history, dossier.policy, dossier.today) for line in chosen)


def _shown(line: Line, history: History, policy: DunningPolicy, today: date) -> Shown:
    invoice, terms = line.invoice, terms_of(line.invoice, policy)
    contacts = contacts_of(invoice, history.invoices.get(line.key, NOTHING), today)
    costs = line.charges
    if line.reason is Reason.PAID:
        costs = charges_of(invoice, line.key, contacts, history, policy, today)
    known = cautions(invoice, terms, costs, today) if costs.claimed or costs.missing else ()
    return Shown(line, schedule_of(invoice, policy).stages, contacts, terms, costs, known)
