"""One invoice or one customer, explained; and what lateness would cost, for `relance charges`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.charges import to_cents
from relance.core.invoice import UNNAMED, ZERO, Contact
from relance.core.mails import Incoming
from relance.core.plan import Decision, Line, outstanding_of
from relance.core.policy import OUTSIDE, rungs_of
from relance.core.reasons import Reason
from relance.display import terminal
from relance.display.breaking import wrapped
from relance.display.documents import Document, amount, by_currency
from relance.display.habits import foreseen_line, habit_lines, stage_labels
from relance.display.layout import PIPE, REST, Column, account, columns
from relance.display.lines import action, reply_lines, sentence
from relance.display.reasons import said_of
from relance.display.statement import caution_sentences, statement
from relance.display.tasks import said_way, ways_out
from relance.display.waiting import in_order, waiting_rows
from relance.display.ways import next_steps
from relance.french import (
    CAUSES,
    CHANNELS,
    brief_date,
    brief_lateness,
    command,
    date_fr,
    eur,
    plural,
    short_date,
    typeset,
)

if TYPE_CHECKING:
    from relance.runs.charges import Charged
    from relance.runs.lookup import Target
    from relance.runs.show import PayingCustomer, Shown


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


def show_lines(target: "Target", shown: Sequence["Shown"], payer: "PayingCustomer", width: int) -> Iterator[str]:
    """Everything about each invoice, the customer first; of many invoices, one line each."""
    customer = target.customer
    facts = [customer.name, customer.code, ", ".join(customer.emails) or "aucune adresse e-mail", customer.phone]
    yield from wrapped(" · ".join(filter(None, facts)), width, "", "  ", [customer.phone])
    if target.invoice is None:
        yield from _customer(shown, width)
        yield from _pays(shown, payer, width)
    if len(shown) > _MANY:
        lines = in_order(each.line for each in shown)
        yield ""
        yield from waiting_rows(lines, width)
        yield from wrapped(typeset("une facture en détail → ") + command("show", lines[0].invoice.number), width, "  ")
        return
    for each in shown:
        yield ""
        yield from _invoice(each, width)


_MANY = 3


def _customer(shown: Sequence["Shown"], width: int) -> Iterator[str]:
    """What is owed in all, promises kept and broken, and why this customer was late before."""
    owed = by_currency(x.line for x in shown if not x.line.reason.settled and x.line.outstanding > 0)
    for currency, lines in owed.items():
        late = [line for line in lines if line.days_overdue > 0]
        said = f"{plural(len(lines), 'facture ouverte')} : reste dû {eur(outstanding_of(lines), currency)}"
        yield from wrapped(typeset(f"{said} · en retard {eur(outstanding_of(late), currency)}"), width, "  ")
    promises = {agreed.promise: agreed.kept for each in shown for agreed in each.promises}
    if promises:
        kept, broken = (list(promises.values()).count(state) for state in (True, False))
        said = f"{plural(kept, 'tenue')}, {plural(broken, 'non tenue', 'non tenues')}"
        yield typeset(f"  Promesses de paiement : {len(promises)} ({said})")
    causes = Counter(contact.cause for each in shown for contact in each.line.case.contacts if contact.cause)
    if causes:
        yield typeset("  Causes de retard notées : ") + ", ".join(f"{CAUSES[c]} ({n})" for c, n in causes.most_common())


def _pays(shown: Sequence["Shown"], payer: "PayingCustomer", width: int) -> Iterator[str]:
    """How this customer pays, and the days on which what is open may be paid."""
    morning = shown[0].line.case.morning
    said = [*habit_lines(payer.habits, stage_labels(morning.policy)), foreseen_line(payer.foreseen, morning.today)]
    numbers = [number for number, _ in payer.foreseen]
    for line in filter(None, said):
        yield from wrapped(line, width, "  ", "    ", numbers)


def _invoice(shown: "Shown", width: int) -> Iterator[str]:
    line, invoice = shown.line, shown.line.invoice
    name, made = ("Avoir", "émis") if line.reason is Reason.CREDIT_NOTE else ("Facture", "émise")
    issued = f" · {made} le {short_date(invoice.issue_date)}" if invoice.issue_date else ""
    late = f" ({brief_lateness(line.days_overdue)})" if not line.reason.settled else ""
    dated = f"{issued} · échéance le {short_date(invoice.due_date)}{late}"
    yield from wrapped(f"{name} {invoice.number}{dated}", width, "", "  ", [invoice.number])
    facts = [*_sums(shown), *_today(line), *([] if line.reason.settled else _to_come(line))]
    for label, said in facts:
        yield from wrapped(said, width, f"  {label:<11}  ", " " * 15, [invoice.number])
    if line.reason.settled:
        yield from _charges(shown, "Payée en retard : ce qui pourrait être réclamé (relance ne le réclame pas)", width)
    else:
        yield from _charges(shown, "Frais de retard", width)
    if not line.reason.settled or line.case.contacts:
        yield from _timeline(shown, width)
    yield from _statuses(line, width)
    yield from _agreed(shown, width)
    if line.reason is Reason.FINISHED and line.days_overdue > 0:
        yield "  Suites possibles"
        yield from wrapped_all(next_steps(line, shown.forum), width)


def _statuses(line: Line, width: int) -> Iterator[str]:
    """What platforms told of the invoice."""
    platform = line.case.morning.history.platform
    if platform is None or line.key not in platform.lives:
        return
    from relance.display.lifecycle import history_of  # imported here: few plans read statuses

    yield "  Statuts de la plateforme"
    rows = [(day, typeset(said)) for day, said in history_of(line)]
    yield from columns(rows, (Column(right=True), Column(least=20, most=REST)), width, "    ")


Fact = tuple[str, str]
"""A label, empty under the one before, and what is said of it."""


def _sums(shown: "Shown") -> Iterator[Fact]:
    line, invoice, currency = shown.line, shown.line.invoice, shown.line.invoice.currency
    credited = sum((p.amount for p in invoice.payments if p.credit), ZERO)
    parts = [f"payé {eur(line.paid - credited, currency)}"] if line.paid > credited else []
    parts += [f"avoirs {eur(credited, currency)}"] if credited else []
    whole = f" sur {eur(invoice.total, currency)}" if line.outstanding != invoice.total else ""
    yield "Reste dû", f"{eur(line.outstanding, currency)}{whole}{''.join(f', {part}' for part in parts)}"
    yield from (("", said) for said in _credits(shown))


def _today(line: Line) -> Iterator[Fact]:
    """What happens and why, the command that ends it, and the rule behind it."""
    yield "Aujourd’hui", typeset(f"{action(line)} : ") + sentence(line)
    replies = list(reply_lines(line))
    yield from (("", said) for said in replies or [said_way(way).strip() for way in ways_out(line)])
    yield "Pourquoi", typeset(f"{said_of(line.reason).rule} ({line.reason})")


def _to_come(line: Line) -> Iterator[Fact]:
    """Where the invoice stands by date, what was done last, and what comes next."""
    if line.stage is not None:
        yield "Étape", f"{line.stage.label}, selon le retard"
    if (last := line.last_contact) is not None:
        yield "Contact", f"le {date_fr(last.on)}, par {CHANNELS[last.channel]}"
    if line.next_stage is not None and line.next_date is not None:
        yield "Ensuite", f"{line.next_stage.label} le {date_fr(line.next_date)}"
    elif line.next_stage is not None and line.decision is Decision.HOLD:
        yield "Ensuite", f"{line.next_stage.label}, à la reprise"


def _credits(shown: "Shown") -> Iterator[str]:
    """The credit notes that pay an invoice; of a credit note, the invoices that it pays."""
    line, currency = shown.line, shown.line.invoice.currency
    for payment in line.invoice.payments:
        if payment.credit:
            dated = f" du {short_date(payment.on)}" if payment.on else ""
            name = f" {payment.credit}{dated}" if payment.credit != UNNAMED else ""
            yield typeset(f"avoir{name} : {eur(payment.amount, currency)}")
    if line.reason is Reason.CREDIT_NOTE and line.note:
        yield line.note
    for said, number in shown.allocations:
        yield typeset(f"imputé par vous le {short_date(said.on)} sur {number} : {eur(said.amount, currency)}")


def _charges(shown: "Shown", title: str, width: int) -> Iterator[str]:
    """The account, then what to know about it."""
    costs, currency = shown.costs, shown.line.invoice.currency
    if not (costs.claimed or costs.paid or costs.fee_apart):
        return
    yield typeset(f"  {title}")
    yield from account(statement(costs, shown.terms, currency, shown.cautions), width, "    ")
    for said in caution_sentences(shown.cautions):
        yield from wrapped(typeset("à vérifier : ") + said, width, "    ", " " * 6)


def _timeline(shown: "Shown", width: int) -> Iterator[str]:
    """The stages: what was done and when, what is to come; then what else was said or noted, and how to read it."""
    line = shown.line
    stages, contacts, today = line.case.schedule.stages, line.case.contacts, line.case.morning.today
    yield "  Étapes"
    rows = []
    for stage in stages:
        day = line.invoice.due_date + timedelta(days=stage.day)
        contacted = [c for c in contacts if stage.rung in rungs_of(c.stage, c.channel)]
        done = [f"faite, {', '.join(_reached(c, shown, named) for c in contacted)}" for named in (True, False)]
        state = done if contacted else ["à venir"]
        if not contacted and stage.day <= line.days_overdue:
            ahead = line.next_stage is not None and stage.day > line.next_stage.day
            state = ["à faire" if line.acting == stage else "à venir" if ahead else "passée, non faite"]
        rows.append((brief_lateness(stage.day), brief_date(day, today), stage.label, state))
    spec = (Column(right=True), Column(right=True), Column(least=12), Column(least=20, most=REST))
    yield from columns(rows, spec, width, "    ")
    for contact in contacts:
        if contact.stage not in {stage.key for stage in stages}:
            what = next((f" ({stage.label})" for stage in OUTSIDE if stage.key == contact.stage), "")
            yield typeset(f"    {_reached(contact, shown, named=True)}{what}")
    if numbers := [shown.messages[each.message_id] for each in contacts if each.message_id in shown.messages]:
        yield typeset(f"    Relire le n° {numbers[-1]} → ") + command("sent", options=f"--show {numbers[-1]}")
    for contact in contacts:
        yield from wrapped_all(_learnt(contact, today), width)


def _reached(contact: Contact, shown: "Shown", named: bool) -> str:
    """« e-mail n° 3 le 25/11 »: by which means, with the number that reads it again, and when."""
    number = shown.messages.get(contact.message_id) if named else None
    which = f" n°\u00a0{number}" if number is not None else ""
    return f"{CHANNELS[contact.channel]}{which} le {brief_date(contact.on, shown.line.case.morning.today)}"


def wrapped_all(texts: Iterable[str], width: int, indent: str = "    ") -> Iterator[str]:
    """Each text on as many lines as it takes."""
    for text in texts:
        yield from wrapped(text, width, indent, indent + "  ")


def _learnt(contact: Contact, today: date) -> Iterator[str]:
    """What a person noted about a contact: why the customer is late, where the letter is, his own word."""
    on = brief_date(contact.on, today)
    letter = [f"suivi {contact.tracking}"] if contact.tracking else []
    letter += [f"postée le {brief_date(contact.posted, today)}"] if contact.posted else []
    letter += [f"reçue le {brief_date(contact.received, today)}"] if contact.received else []
    if letter:
        yield typeset(f"lettre du {on} : {', '.join(letter)}")
    if contact.cause:
        yield typeset(f"cause notée le {on} : {CAUSES[contact.cause]}")
    if contact.note:
        yield typeset(f"note du {on} : ") + contact.note


def _agreed(shown: "Shown", width: int) -> Iterator[str]:
    """The mails received, the parts of a payment plan, the promises: each with what became of it."""
    line, today = shown.line, shown.line.case.morning.today
    if line.case.past.received:
        yield "  E-mails reçus"
    for mail in line.case.past.received:
        told = f"{brief_date(mail.dated or mail.on, today)} {_MAILS[mail.what]} : "
        yield from wrapped_all([typeset(told) + ", ".join(filter(None, (mail.sender, mail.subject)))], width)
    if shown.instalments:
        yield "  Échéancier"
        spec = (Column(), Column(right=True), Column(least=20, most=REST))
        yield from columns(_instalments(shown), spec, width, "    ")
    if shown.promises:
        yield "  Promesses"
    for promise, kept, unseen in shown.promises:
        told = f"le {brief_date(promise.on, today)}, promis pour le {brief_date(promise.until, today)}"
        became = "pas constatée, le fichier est trop ancien" if unseen else _KEPT[kept]
        yield typeset(f"    {told} : {became}")


def _instalments(shown: "Shown") -> Iterator[tuple[str, str, str]]:
    """Each part of the payment plan: its day, its sum, what became of it."""
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
        yield short_date(part.due), eur(part.amount, currency), f"{state}{came}"


def show_charges(charged: "Charged", form: str) -> None:
    """Print the answer as `table`, `lines` or `json`."""
    if form == "json":
        terminal.say_json(_charges_document(charged))
        return
    costs, terms, due, days = charged.costs, charged.terms, charged.invoice.due_date, _days(charged)
    state = f"{plural(days, 'jour')} de retard au {date_fr(charged.as_of)}" if days else "pas de retard, rien n’est dû"
    terminal.tell(f"{eur(charged.invoice.total)}, échéance le {date_fr(due)} : {state}")
    width = terminal.width() if form == "table" else PIPE
    if days:
        terminal.show(account(statement(costs, terms, cautions=charged.cautions), width, "  "))
    for said in caution_sentences(charged.cautions):
        terminal.show(wrapped(typeset("  à vérifier : ") + said, width, "", "    "))


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
