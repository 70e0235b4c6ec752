"""One invoice or one customer: stage, why, next date, charges line by line, history."""

from dataclasses import dataclass
from typing import NamedTuple

from relance.core.agreements import Part, kept, newer_than, parts_of, payment_plans, promises_about
from relance.core.allocations import allocations_of
from relance.core.cautions import Caution, cautions
from relance.core.charges import Charges, charges_on
from relance.core.claims import terms_of
from relance.core.comparing import seen_paid_on
from relance.core.customer_state import customer_state_of, grounds_of
from relance.core.facts import Allocated, Received
from relance.core.history import NOTHING, History, Promise
from relance.core.interest import InterestTerms
from relance.core.invoice import ZERO, Contact
from relance.core.known import contacts_of
from relance.core.plan import Line
from relance.core.policy import Stage, schedule_of
from relance.core.reasons import Reason
from relance.runs.dossier import Desk
from relance.runs.targets import Target, find_target


class Agreed(NamedTuple):
    """A promise and whether it was `kept`; None: open, renewed or released, or `unseen`, as the file is too old."""

    promise: Promise
    kept: bool | None
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the plan with its ladder, every contact about it, every mail that came since, and what was agreed.

    `costs` are its charges under `terms`, also where it was paid late and nothing is claimed any more. Each promise
    has what became of it; `instalments` are those of the running payment plan. Of a
    credit note, `allocations` are what the user told, each with the number of the invoice that it pays.
    """

    line: Line
    stages: tuple[Stage, ...]
    contacts: tuple[Contact, ...]
    terms: InterestTerms
    costs: Charges
    cautions: tuple[Caution, ...]
    promises: tuple[Agreed, ...] = ()
    instalments: tuple[Part, ...] = ()
    received: tuple[Received, ...] = ()
    allocations: tuple[tuple[Allocated, str], ...] = ()


def show(desk: Desk, text: str) -> tuple[Target, tuple[Shown, ...]]:
    """The lines of today's plan for the invoice or the customer that `text` names."""
    target = find_target(text, desk.invoices)
    wanted = {id(invoice) for invoice in target.invoices}
    chosen = [line for invoice, line in zip(desk.invoices, desk.plan.lines, strict=True) if id(invoice) in wanted]
    return target, tuple(_shown(line, desk) for line in chosen)


def _shown(line: Line, desk: Desk) -> Shown:
    policy, today, history = desk.policy, desk.today, desk.history
    invoice, terms = line.invoice, terms_of(line.invoice, policy)
    past = history.invoices.get(line.key, NOTHING)
    contacts = contacts_of(invoice, past, today)
    costs, grounds = line.charges, line.grounds
    if line.reason is Reason.PAID:
        customer_state = customer_state_of(invoice.customer, history, policy, today)
        grounds = grounds_of(invoice, line.key, customer_state, contacts, history)
        costs = charges_on(invoice, grounds)
    promises = promises_about(invoice, line.key, history)
    seen_on = seen_paid_on(line.key, past.confirmations, history, line.paid, line.told, today)
    return Shown(
        line=line,
        stages=schedule_of(invoice, policy).stages,
        contacts=contacts,
        terms=terms,
        costs=costs,
        cautions=cautions(invoice, terms, costs, today, grounds) if costs.claimed or costs.missing else (),
        promises=tuple(
            _agreed(p, history, kept(p, invoice, line.outstanding, policy.calendar, today, seen_on)) for p in promises
        ),
        instalments=_instalments(line, desk),
        received=past.received,
        allocations=allocations_of(line.key, desk.invoices, history),
    )


def _agreed(promise: Promise, history: History, was_kept: bool | None) -> Agreed:
    """A file no newer than the promise cannot show its payment: it does not tell that there was none."""
    if was_kept is False and not newer_than(history, promise.until):
        return Agreed(promise, None, unseen=True)
    return Agreed(promise, was_kept)


def _instalments(line: Line, desk: Desk) -> tuple[Part, ...]:
    """Those of the payment plan that covers this invoice, with what came in of all that it covers."""
    plan, history = desk.plan, desk.history
    agreed = next((held for held in payment_plans(history) if line.key in held.covers), None)
    if agreed is None:
        return ()
    former = {key: seen.invoice for key, seen in plan.around.renumbered.items()}
    covered = [each for each in plan.lines if each.key in agreed.covers or former.get(each.key) in agreed.covers]
    left = sum((max(each.outstanding, ZERO) for each in covered), ZERO)
    return tuple(parts_of(agreed, left, history, desk.policy.calendar, desk.today))
