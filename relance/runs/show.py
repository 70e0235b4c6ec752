"""One invoice or one customer: all that is known of it, its payment code, the sheet for a call; nothing is written."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from relance.core.bills import bills_of
from relance.core.case import grounds_of
from relance.core.cautions import Caution, cautions
from relance.core.charges import Charges, charges
from relance.core.credit_notes import allocations_of
from relance.core.facts import Allocated
from relance.core.habits import Habits, foreseen_on, habits_of
from relance.core.holds import Part, parts_of, payment_plans
from relance.core.interest import InterestTerms
from relance.core.invoice import ZERO, Customer, Forum, Invoice, customer_id
from relance.core.limitation import last_day_of
from relance.core.plan import Line, Plan
from relance.core.policy import Stage
from relance.core.promises import Agreed, agreed_of
from relance.core.reasons import Reason
from relance.errors import UsageError
from relance.french import eur
from relance.runs.compose import about_missed, message_about, missed_about, told_of
from relance.runs.dossier import Desk
from relance.runs.lookup import Target, find_line, find_target
from relance.runs.sent import numbers_of


class Shown(NamedTuple):
    """One line of the plan, what its lateness costs, and what was agreed about it.

    `costs` are its charges under `terms`, also where it was paid late and nothing is claimed any more. Each promise
    has what became of it; `instalments` are those of the running payment plan. Of a credit note, `allocations` are
    what the user told, each with the number of the invoice that it pays. `messages` are the numbers of those that left,
    by their Message-IDs. `forum` is where its customer is.
    """

    line: Line
    terms: InterestTerms
    costs: Charges
    cautions: tuple[Caution, ...]
    promises: tuple[Agreed, ...] = ()
    instalments: tuple[Part, ...] = ()
    allocations: tuple[tuple[Allocated, str], ...] = ()
    messages: Mapping[str, int] = MappingProxyType({})
    forum: Forum = Forum.FRANCE


class PayingCustomer(NamedTuple):
    """How a customer pays, and the numbers of the open invoices that may be paid on a day, each with that day."""

    habits: Habits
    foreseen: tuple[tuple[str, date], ...]


def show(desk: Desk, text: str) -> tuple[Target, tuple[Shown, ...], PayingCustomer]:
    """The lines of today's plan for the invoice or the customer that `text` names, and how that customer pays."""
    target = find_target(text, desk.invoices)
    lines = desk.lines_of(target.invoices)
    left = any(contact.message_id for line in lines for contact in line.case.contacts)
    messages = numbers_of(desk) if left else {}
    shown = tuple(_shown(line, desk)._replace(messages=messages) for line in lines)
    return target, shown, _payer(target, desk.plan)


def _payer(target: Target, plan: Plan) -> PayingCustomer:
    """By all invoices of the customer, also where one of them is shown."""
    identity = customer_id(target.customer)
    theirs = plan._replace(lines=tuple(line for line in plan.lines if line.case.customer.identity == identity))
    bills = bills_of(theirs, {})
    habits = habits_of(bills, theirs.lines)
    days = ((bill.line.invoice.number, foreseen_on(bill, habits)) for bill in bills)
    return PayingCustomer(habits, tuple((number, on) for number, on in days if on is not None))


def _shown(line: Line, desk: Desk) -> Shown:
    invoice, terms = line.invoice, line.case.customer.grounds.terms
    grounds = grounds_of(line.case)
    costs = charges(invoice, grounds) if line.reason is Reason.PAID else line.charges
    return Shown(
        line=line,
        terms=terms,
        costs=costs,
        cautions=cautions(invoice, terms, costs, desk.today, grounds, last_day_of(line.case)) if costs.claimed else (),
        promises=agreed_of(line),
        instalments=_instalments(line, desk.plan),
        allocations=allocations_of(line.key, desk.invoices, desk.history),
        forum=_forum(invoice.customer) if line.reason is Reason.FINISHED else Forum.FRANCE,
    )


def _forum(customer: Customer) -> Forum:
    from relance.letters.abroad import forum_of  # imported here: few ladders are over

    return forum_of(customer)


def _instalments(line: Line, plan: Plan) -> tuple[Part, ...]:
    """Those of the payment plan that covers this invoice, with what came in of all that it covers."""
    agreed = next((held for held in payment_plans(plan.morning.history) if line.key in held.covers), None)
    if agreed is None:
        return ()
    former = {key: seen.invoice for key, seen in plan.around.renumbered.items()}
    covered = [each for each in plan.lines if each.key in agreed.covers or former.get(each.key) in agreed.covers]
    left = sum((max(each.outstanding, ZERO) for each in covered), ZERO)
    return tuple(parts_of(agreed, left, plan.morning))


class Payable(NamedTuple):
    """A transfer that a bank's app can read: `amount` is what is outstanding, in EUR; `rows` draw the code."""

    invoice: Invoice
    amount: Decimal
    name: str
    rows: tuple[str, ...]


def payable(desk: Desk, number: str) -> Payable:
    """The code for what is outstanding on the invoice; UsageError where none can say it."""
    from relance.letters.payment_code import payload, text_blocks

    line, sender = find_line(number, desk), desk.signer
    invoice = line.invoice
    if not sender.iban:
        raise UsageError(
            "Sans votre IBAN, il n’y a pas de QR code de virement.",
            "Ajoutez iban sous [sender] dans relance.toml.",
        )
    if line.outstanding <= 0:
        raise UsageError(f"Il ne reste rien à payer sur {invoice.number}.")
    told = payload(sender.name, sender.iban, sender.bic, line.outstanding, invoice.currency, [invoice.number])
    if told is None:
        raise UsageError(
            f"Un QR code de virement ne peut pas demander {eur(line.outstanding, invoice.currency)}.",
            "Il ne connaît que des euros, de 0,01 à 999 999 999,99.",
        )
    return Payable(invoice, line.outstanding, sender.name, text_blocks(told))


def call(desk: Desk, text: str) -> str:
    """The call sheet for the customer that `text` names, about one invoice or all that are late in one currency.

    UsageError where nothing is late.
    """
    from relance.letters.by_hand import call_sheet

    target = find_target(text, desk.invoices)
    plan = desk.plan
    late = [line for line in desk.lines_of(target.invoices) if not line.reason.settled and line.days_overdue > 0]
    if not late:
        raise UsageError(f"Rien n’est en retard pour « {target.name} ».", "« relance show » dit où en est chacune.")
    currency = max(late, key=lambda line: line.days_overdue).invoice.currency
    asked = {line.key: task.stage for task in plan.tasks if task.kind == "call" for line in task.lines}
    chosen = [
        line._replace(acting=asked.get(line.key) or line.stage or Stage("call", 0, ""))
        for line in late
        if line.invoice.currency == currency
    ]
    reminder = message_about(chosen, plan)
    told = about_missed(told_of(reminder, desk.sender), missed_about(plan, chosen))
    stages = {key: stage.key for key, stage in asked.items() if stage}
    return call_sheet(desk.templates, reminder, told, stages, _payer(target, plan).habits)
