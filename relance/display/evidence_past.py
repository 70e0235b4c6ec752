"""The chronology of an evidence folder: every fact in French, dated, with how it is known."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from relance.core.exhibits import Grid, Leaf, Paragraph
from relance.core.facts import Held, HoldReason
from relance.core.invoice import Contact, Payment, payments_until
from relance.core.mails import Incoming, Received
from relance.display.evidence_account import payment_row
from relance.french import CAUSES, CHANNELS, NO_BREAK, date_fr, eur, listing, short_date, typeset

if TYPE_CHECKING:
    from relance.core.facts import Released
    from relance.runs.proofs import Claim, Mailing, Proofs, Spoken

FILE, JOURNAL, BANK = "fichier des factures", "journal", "relevé bancaire"
MAILBOX, SERVER = "boîte de réception", "réponse du serveur"
"""How a fact is known."""
MAILS = {
    Incoming.ANSWER: "Réponse reçue",
    Incoming.UNREADABLE: "Message reçu, illisible",
    Incoming.OTHER: "Message reçu",
    Incoming.BOUNCE: "Message revenu, non distribué",
    Incoming.DELAYED: "Distribution retardée",
    Incoming.AUTOMATIC: "Réponse automatique",
}
_LEFT = {"sent": "envoyée", "in_doubt": "envoi en doute", "refused": "refusée par le serveur"}


class Event(NamedTuple):
    """A fact on its day, at its hour where one is known."""

    on: date
    at: datetime | None
    said: str
    known: str


def past_leaf(proofs: "Proofs") -> Leaf:
    """All that happened, oldest first."""
    events = sorted(_events(proofs), key=lambda event: (event.on, f"{event.at or ''}"))
    rows = tuple((moment(event.on, event.at), event.said, event.known) for event in events)
    zone = Paragraph((typeset("Heures de l’expéditeur, avec leur décalage sur l’heure universelle."),))
    return Leaf("Chronologie", (Grid(("Date", "Fait", "Connu par"), rows), zone))


def moment(on: date, at: datetime | None) -> str:
    """« 24/11/2026 09:12 +01:00 »."""
    if at is None:
        return short_date(on)
    return f"{short_date(on)} {at:%H:%M}{NO_BREAK}{at.isoformat()[-6:]}"


def stage_said(key: str, proofs: "Proofs") -> str:
    """« Relance ferme », « Mise en demeure »."""
    label = proofs.stages.get(key, key) or "relance"
    return f"{label[:1].upper()}{label[1:]}"


def _events(proofs: "Proofs") -> Iterator[Event]:
    for claim in proofs.claims:
        yield from _of_invoice(claim, proofs.today)
    for mail in proofs.mails:
        if mail.left.mailed.state in _LEFT:
            yield Event(
                mail.left.mailed.on, mail.left.at, _mailed(mail, proofs), SERVER if _answered(mail) else JOURNAL
            )
    for spoken in proofs.spoken:
        yield Event(spoken.contact.on, None, _spoken(spoken, proofs), FILE if spoken.in_file else JOURNAL)
    for answer in (each.told for each in proofs.answers):
        if answer.what in MAILS:
            yield Event(answer.dated or answer.on, None, answer_said(answer), MAILBOX)
    for fact in proofs.facts:
        if said := _agreed(fact):
            yield Event(fact.on, None, said, JOURNAL)


def _of_invoice(claim: "Claim", today: date) -> Iterator[Event]:
    invoice, number, currency = claim.line.invoice, claim.line.invoice.number, claim.line.invoice.currency
    if invoice.issue_date is not None:
        said = f"Facture {number} émise, {eur(invoice.total, currency)} TTC"
        yield Event(invoice.issue_date, None, said, FILE)
    yield Event(invoice.due_date, None, f"Échéance de la facture {number}", FILE)
    for payment in payments_until(invoice, today):
        if payment.on is not None:
            what = payment_row(payment, currency)[0].partition(" du ")[0]
            said = f"{what} sur {number} de {eur(payment.amount, currency)}"
            yield Event(payment.on, None, said, source_of(payment, claim))


def source_of(payment: Payment, claim: "Claim") -> str:
    """How a payment is known."""
    return FILE if payment in claim.known else BANK if payment in claim.banked else JOURNAL


def _answered(mail: "Mailing") -> bool:
    return bool(mail.left.mailed.reply) and mail.left.mailed.state != "in_doubt"


def _mailed(mail: "Mailing", proofs: "Proofs") -> str:
    mailed = mail.left.mailed
    said = (
        f"{stage_said(mailed.stage, proofs)} {_LEFT[mailed.state]} à {', '.join(mailed.to)} ({listing(mailed.numbers)})"
    )
    server = f", serveur {mail.server}" if mail.server else ""
    reply = typeset(" : ") + f"« {mailed.reply} »" if mailed.reply else ""
    return typeset(f"{said}, message {mailed.message_id}{server}") + reply


def _spoken(spoken: "Spoken", proofs: "Proofs") -> str:
    contact = spoken.contact
    stage = f"{stage_said(contact.stage, proofs)}, " if contact.stage else ""
    cause = f", cause donnée : {CAUSES[contact.cause]}" if contact.cause in CAUSES else ""
    said = f"{stage}{CHANNELS[contact.channel]} ({listing(spoken.numbers)}){letter_said(contact)}{cause}"
    return typeset(f"{said[:1].upper()}{said[1:]}")


def letter_said(contact: Contact) -> str:
    """« , postée le 1er décembre 2026, suivi 1A 234, reçue le … »."""
    said = f", postée le {date_fr(contact.posted)}" if contact.posted else ""
    said += f", suivi {contact.tracking}" if contact.tracking else ""
    return said + (f", reçue le {date_fr(contact.received)}" if contact.received else "")


def answer_said(answer: Received) -> str:
    """« Réponse reçue de compta@alpha.example : Re: facture F-1 »."""
    return f"{MAILS[answer.what]} de {answer.sender}" + (typeset(" : ") + answer.subject if answer.subject else "")


_TOLD = {
    HoldReason.DISPUTE: "Litige noté",
    HoldReason.PROMISE: "Promesse de paiement notée",
    HoldReason.PLAN: "Échéancier noté",
    HoldReason.COLLECTION: "Recouvrement confié à un tiers",
}
"""The holds that say something of the customer or of who collects; the others are the user's own affair."""


def _agreed(fact: "Held | Released") -> str:
    """What was agreed; empty of what says nothing of the debt."""
    if not isinstance(fact, Held):
        return "Suspension levée"
    if fact.reason not in _TOLD:
        return ""
    until = f" pour le {date_fr(fact.until)}" if fact.until and fact.reason is HoldReason.PROMISE else ""
    parts = [f"{eur(part.amount)} le {short_date(part.due)}" for part in fact.instalments]
    return f"{_TOLD[fact.reason]}{until}" + (typeset(" : ") + listing(parts) if parts else "")
