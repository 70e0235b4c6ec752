"""One invoice or one customer, explained; and what lateness would cost, for `relance charges`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.charges import to_cents
from relance.core.facts import Incoming
from relance.core.invoice import UNNAMED, ZERO, Contact
from relance.core.plan import Decision, Line, outstanding_of
from relance.core.policy import OUTSIDE
from relance.core.reasons import Reason
from relance.display import terminal
from relance.display.documents import Document, amount, by_currency
from relance.display.lines import action, because
from relance.display.reasons import said_of
from relance.display.replies import reply_lines
from relance.display.statement import FORMULA, HEADERS, caution_sentences, rate_sentence, rows, statement, sums
from relance.french import CAUSES, CHANNELS, date_fr, eur, plural, short_date, typeset

if TYPE_CHECKING:
    from relance.runs.charges import Charged
    from relance.runs.lookup import Target
    from relance.runs.show import Shown


_KEPT = {True: "tenue", False: "non tenue", None: "en cours, renouvelée ou levée"}
_MAILS = {
    Incoming.ANSWER: "réponse",
    Incoming.UNREADABLE: "message illisible",
    Incoming.LOST_LINE: "ligne du journal illisible",
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
    if target.invoice is None:
        yield from _customer(shown)
    for each in shown:
        yield ""
        yield from _invoice(each)


def _customer(shown: Sequence["Shown"]) -> Iterator[str]:
    """What is owed in all, promises kept and broken, and why this customer was late before."""
    owed = by_currency(x.line for x in shown if not x.line.reason.settled and x.line.outstanding > 0)
    for currency, lines in owed.items():
        late = [line for line in lines if line.days_overdue > 0]
        yield typeset(
            f"  {plural(len(lines), 'facture ouverte')} : {eur(outstanding_of(lines), currency)} "
            f"restent dus, dont {eur(outstanding_of(late), currency)} en retard"
        )
    promises = {agreed.promise: agreed.kept for each in shown for agreed in each.promises}
    if promises:
        kept, broken = (list(promises.values()).count(state) for state in (True, False))
        said = f"{plural(kept, 'tenue')}, {plural(broken, 'non tenue', 'non tenues')}"
        yield typeset(f"  Promesses de paiement : {len(promises)} ({said})")
    causes = Counter(contact.cause for each in shown for contact in each.line.case.contacts if contact.cause)
    if causes:
        yield typeset("  Causes de retard notées : ") + ", ".join(f"{CAUSES[c]} ({n})" for c, n in causes.most_common())


def _invoice(shown: "Shown") -> Iterator[str]:
    line, invoice, currency = shown.line, shown.line.invoice, shown.line.invoice.currency
    issued = f", émise le {date_fr(invoice.issue_date)}" if invoice.issue_date else ""
    yield f"Facture {invoice.number}{issued}, échéance le {date_fr(invoice.due_date)}"
    credited = sum((p.amount for p in invoice.payments if p.credit), ZERO)
    paid = f", payé {eur(line.paid - credited, currency)}" if line.paid > credited else ""
    paid += f", avoirs {eur(credited, currency)}" if credited else ""
    yield typeset(f"  Montant : {eur(invoice.total, currency)}{paid}, reste dû {eur(line.outstanding, currency)}")
    yield from _credits(shown)
    yield typeset(f"  Aujourd’hui, {action(line)} : ") + because(line)
    yield from (f"    {said}" for said in reply_lines(line))
    yield typeset(f"  Règle ({line.reason}) : {said_of(line.reason).rule}")
    if line.reason.settled:
        yield from _charges(shown, "Payée en retard, ce qui pourrait être réclamé (relance ne le réclame pas)")
    else:
        yield from _to_come(line)
        yield from _charges(shown, "Frais de retard")
    if not line.reason.settled or line.case.contacts:
        yield from _timeline(line)
    if line.case.past.received:
        yield typeset("  Courrier reçu :")
    for mail in line.case.past.received:
        day = short_date(mail.dated or mail.on)
        yield typeset(f"    {day} {_MAILS[mail.what]} : ") + ", ".join(filter(None, (mail.sender, mail.subject)))
    yield from _instalments(shown)
    for promise, kept, unseen in shown.promises:
        told = f"promis le {short_date(promise.on)} pour le {short_date(promise.until)}"
        became = "pas constatée : le fichier est trop ancien" if unseen else _KEPT[kept]
        yield typeset(f"  Paiement {told} : promesse {became}")


def _credits(shown: "Shown") -> Iterator[str]:
    """The credit notes that pay an invoice; of a credit note, the invoices that it pays."""
    line, currency = shown.line, shown.line.invoice.currency
    for payment in line.invoice.payments:
        if payment.credit:
            dated = f" du {short_date(payment.on)}" if payment.on else ""
            name = f" {payment.credit}{dated}" if payment.credit != UNNAMED else ""
            yield typeset(f"  Avoir{name} : {eur(payment.amount, currency)}")
    if line.reason is Reason.CREDIT_NOTE and line.note:
        yield f"  {line.note}"
    for said, number in shown.allocations:
        yield typeset(f"  Imputé par vous le {short_date(said.on)} sur {number} : {eur(said.amount, currency)}")


def _instalments(shown: "Shown") -> Iterator[str]:
    """Each part of the payment plan, and what became of it."""
    currency, following = shown.line.invoice.currency, False
    for part in shown.instalments:
        if part.paid == part.amount:
            state = "payée"
        elif part.missed:
            state = "manquée"
        elif part.past:
            state = "attendue"
        else:
            state, following = "à venir" if following else "la prochaine", True
        came = f", {eur(part.paid, currency)} reçus" if ZERO < part.paid < part.amount else ""
        yield typeset(f"  Échéancier : {eur(part.amount, currency)} pour le {date_fr(part.due)} : {state}{came}")


def _to_come(line: Line) -> Iterator[str]:
    """Where the invoice stands by date, what was done last, and what comes next."""
    if line.stage is not None:
        yield typeset(f"  Étape par la date : {line.stage.label}")
    if (last := line.last_contact) is not None:
        yield typeset(f"  Dernier contact : le {date_fr(last.on)}, par {CHANNELS[last.channel]}")
    if line.next_stage is not None and line.next_date is not None:
        yield typeset(f"  Ensuite : {line.next_stage.label}, le {date_fr(line.next_date)}")
    elif line.next_stage is not None and line.decision is Decision.HOLD:
        yield typeset(f"  Ensuite : {line.next_stage.label}, quand plus rien ne la retient")


def _charges(shown: "Shown", title: str) -> Iterator[str]:
    """The statement, then what to know about it."""
    costs = shown.costs
    if not (costs.claimed or costs.paid or costs.fee_apart):
        return
    yield typeset(f"  {title} :")
    currency = shown.line.invoice.currency
    yield from (f"    {line}" for line in statement(costs, shown.terms, currency, shown.cautions))
    yield from (typeset("    à savoir : ") + said for said in caution_sentences(shown.cautions))


def _timeline(line: Line) -> Iterator[str]:
    """The ladder: what was done and when, what is to come."""
    stages, contacts = line.case.schedule.stages, line.case.contacts
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
            what = next((f" ({stage.label})" for stage in OUTSIDE if stage.key == contact.stage), "")
            yield typeset(f"    {short_date(contact.on)} : {CHANNELS[contact.channel]}{what}")
    for contact in contacts:
        yield from _learnt(contact)


def _learnt(contact: Contact) -> Iterator[str]:
    """What a person noted about a contact: why the customer is late, where the letter is, his own word."""
    letter = [f"suivi {contact.tracking}"] if contact.tracking else []
    letter += [f"postée le {short_date(contact.posted)}"] if contact.posted else []
    letter += [f"reçue le {short_date(contact.received)}"] if contact.received else []
    if letter:
        yield typeset(f"    lettre du {short_date(contact.on)} : {', '.join(letter)}")
    if contact.cause:
        yield typeset(f"    cause notée le {short_date(contact.on)} : {CAUSES[contact.cause]}")
    if contact.note:
        yield typeset(f"    note du {short_date(contact.on)} : ") + contact.note


def show_charges(charged: "Charged", form: str) -> None:
    """Print the answer as `table`, `lines` or `json`."""
    if form == "json":
        terminal.say_json(_charges_document(charged))
        return
    costs, terms, due, days = charged.costs, charged.terms, charged.invoice.due_date, _days(charged)
    state = f"{plural(days, 'jour')} de retard au {date_fr(charged.as_of)}" if days else "pas de retard, rien n’est dû"
    terminal.tell(f"{eur(charged.invoice.total)}, échéance le {date_fr(due)} : {state}")
    if form == "table" and costs.segments:
        title = typeset(f"Pénalités {rate_sentence(costs, terms)}")
        terminal.table(title, HEADERS, rows(costs, terms), frozenset({2, 3, 5}))
        terminal.tell(f"Calcul : {FORMULA}")
        terminal.say_all(sums(costs, terms, cautions=charged.cautions))
    elif days:
        terminal.say_all(f"  {line}" for line in statement(costs, terms, cautions=charged.cautions))
    for i, sentence in enumerate(caution_sentences(charged.cautions)):
        if not i:
            terminal.tell("À savoir :")
        terminal.say(f"  {sentence}")


def _days(charged: "Charged") -> int:
    return max((charged.as_of - charged.invoice.due_date).days, 0)


def _charges_document(charged: "Charged") -> Document:
    """The answer (version 1): amounts as strings with two decimals, rates in percent a year, dates ISO."""
    costs = charged.costs
    return {
        "version": 1,
        "amount": amount(charged.invoice.total),
        "due_date": charged.invoice.due_date.isoformat(),
        "as_of": charged.as_of.isoformat(),
        "days": _days(charged),
        "interest": amount(costs.interest),
        "recovery_fee": amount(costs.recovery_fee),
        "claimed": amount(costs.claimed),
        "daily": amount(to_cents(costs.daily)),
        "imputation": charged.terms.imputation.value,
        "segments": [
            {
                "from": segment.first.isoformat(),
                "to": segment.last.isoformat(),
                "days": segment.days,
                "principal": amount(segment.principal),
                "rate": _rate_text(segment.rate),
                "interest": amount(segment.interest),
            }
            for segment in costs.segments
        ],
        "warnings": list(caution_sentences(charged.cautions)),
    }


def _rate_text(rate: Decimal) -> str:
    """A rate in percent a year, exact, with at least two decimals."""
    return f"{rate:.2f}" if rate == to_cents(rate) else f"{rate.normalize():f}"
