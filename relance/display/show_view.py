"""One invoice or one customer, explained."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from relance.core.invoice import ZERO
from relance.core.plan import SETTLED, Decision
from relance.display.statement import caution_sentences, statement
from relance.display.wording import action, because
from relance.french import CHANNELS, date_fr, eur, short_date, typeset

if TYPE_CHECKING:
    from relance.core.invoice import Contact
    from relance.core.plan import Line
    from relance.core.policy import Stage
    from relance.runs.showing import Shown
    from relance.runs.targets import Target


def show_lines(target: "Target", shown: Sequence["Shown"]) -> Iterator[str]:
    """Everything about each invoice, the customer first."""
    customer = target.customer
    facts = [customer.code, ", ".join(customer.emails) or "aucune adresse e-mail", customer.phone]
    yield f"{customer.name} ({' · '.join(fact for fact in facts if fact)})"
    for each in shown:
        yield ""
        yield from _invoice(each)


def _invoice(shown: "Shown") -> Iterator[str]:
    line = shown.line
    invoice = line.invoice
    issued = f", émise le {date_fr(invoice.issue_date)}" if invoice.issue_date else ""
    yield f"Facture {invoice.number}{issued}, échéance le {date_fr(invoice.due_date)}"
    credited = sum((p.amount for p in invoice.payments if p.credit), ZERO)
    paid = f", payé {eur(line.paid - credited, invoice.currency)}" if line.paid > credited else ""
    paid += f", avoirs {eur(credited, invoice.currency)}" if credited else ""
    yield typeset(
        f"  Montant : {eur(invoice.total, invoice.currency)}{paid}, reste dû {eur(line.outstanding, invoice.currency)}"
    )
    yield typeset(f"  Aujourd’hui, {action(line)} : ") + because(line)
    if line.reason in SETTLED:
        yield from _charges(shown, "Payée en retard, ce qui pourrait être réclamé (relance ne le réclame pas)")
        return
    if line.stage is not None:
        yield typeset(f"  Étape par la date : {line.stage.label}")
    if line.next_stage is not None and line.next_date is not None:
        yield typeset(f"  Ensuite : {line.next_stage.label}, le {date_fr(line.next_date)}")
    elif line.next_stage is not None and line.decision is Decision.HOLD:
        yield typeset(f"  Ensuite : {line.next_stage.label}, quand plus rien ne la retient")
    yield from _charges(shown, "Frais de retard")
    yield from _timeline(line, shown.stages, shown.contacts)


def _charges(shown: "Shown", title: str) -> Iterator[str]:
    """The statement, then what to know about it."""
    costs = shown.costs
    if not (costs.claimed or costs.fee_apart or costs.missing):
        return
    yield typeset(f"  {title} :")
    yield from (f"    {line}" for line in statement(costs, shown.terms, shown.line.invoice.currency))
    yield from (typeset("    à savoir : ") + said for said in caution_sentences(shown.cautions))


def _timeline(line: "Line", stages: Sequence["Stage"], contacts: Sequence["Contact"]) -> Iterator[str]:
    """The ladder: what was done and when, what is to come."""
    from datetime import timedelta

    yield typeset("  Calendrier :")
    for stage in stages:
        day = line.invoice.due_date + timedelta(days=stage.day)
        done = [f"{CHANNELS[c.channel]} le {short_date(c.on)}" for c in contacts if c.stage == stage.key]
        state = f"faite par {', '.join(done)}" if done else "à venir"
        if not done and stage.day <= line.days_overdue:
            ahead = line.next_stage is not None and stage.day > line.next_stage.day
            state = "à faire" if line.acting == stage else "à venir" if ahead else "passée, non faite"
        yield typeset(f"    J{stage.day:+d} ({short_date(day)}) {stage.label} : {state}")
    for contact in contacts:
        if contact.stage not in {stage.key for stage in stages}:
            yield typeset(f"    {short_date(contact.on)} : {CHANNELS[contact.channel]}")
