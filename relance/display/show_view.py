"""One invoice or one customer, explained."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from relance.core.answers import Incoming
from relance.core.invoice import ZERO
from relance.core.plan import SETTLED, Decision
from relance.display.wording import action, because
from relance.french import CHANNELS, date_fr, eur, percent, plural, short_date, typeset

if TYPE_CHECKING:
    from relance.core.invoice import Contact
    from relance.core.plan import Line
    from relance.core.policy import Stage
    from relance.runs.showing import Shown
    from relance.runs.targets import Target


_MAILS = {
    Incoming.ANSWER: "réponse",
    Incoming.OTHER: "autre message",
    Incoming.BOUNCE: "retour, non distribué",
    Incoming.DELAYED: "distribution retardée",
    Incoming.AUTOMATIC: "réponse automatique",
}


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
        return
    if line.stage is not None:
        yield typeset(f"  Étape par la date : {line.stage.label}")
    if line.next_stage is not None and line.next_date is not None:
        yield typeset(f"  Ensuite : {line.next_stage.label}, le {date_fr(line.next_date)}")
    elif line.next_stage is not None and line.decision is Decision.HOLD:
        yield typeset(f"  Ensuite : {line.next_stage.label}, quand plus rien ne la retient")
    yield from _charges(line)
    yield from _timeline(line, shown.stages, shown.contacts)
    if shown.received:
        yield typeset("  Courrier reçu :")
    for mail in shown.received:
        day = short_date(mail.dated or mail.on)
        yield typeset(f"    {day} {_MAILS[mail.what]} : ") + f"{mail.sender}, {mail.subject}"


def _charges(line: "Line") -> Iterator[str]:
    costs, currency = line.charges, line.invoice.currency
    if not costs.claimed:
        return
    yield typeset("  Frais de retard :")
    for segment in costs.segments:
        yield typeset(
            f"    du {short_date(segment.first)} au {short_date(segment.last)} : {plural(segment.days, 'jour')} sur "
            f"{eur(segment.principal, currency)} à {percent(segment.rate)} l’an = {eur(segment.interest, currency)}"
        )
    if costs.recovery_fee:
        yield typeset(f"    indemnité forfaitaire : {eur(costs.recovery_fee)}")
    yield typeset(f"    total exigible : {eur(costs.claimed, currency)}")


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
