"""What a person tells the journal: done by hand, paid, held, released, approved, confirmed, resolved."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from relance.config import Settings
from relance.core.answers import Backlog, HoldReason
from relance.core.comparing import look_around
from relance.core.facts import (
    Allocated,
    Approved,
    BacklogAnswered,
    Confirmed,
    Fact,
    FileConfirmed,
    Held,
    Paid,
    Released,
    Reminded,
)
from relance.core.inbox import waits_for_user
from relance.core.invoice import Contact, Invoice, customer_id, invoice_key, paid_until, snapshot_of
from relance.core.plan import Reason
from relance.core.planning import build_plan, judge
from relance.core.policy import schedule_of
from relance.core.stops import after_term
from relance.errors import UsageError
from relance.french import CHANNELS, date_fr, eur, typeset
from relance.journal import Journal, lock
from relance.runs.dossier import Dossier, file_digest, journal_for, needed_settings, open_dossier, remembered
from relance.runs.request import Request
from relance.runs.targets import find_invoice, find_target


@dataclass(frozen=True, slots=True)
class Told:
    """What was written down, as a French sentence."""

    sentence: str


def record(request: Request, number: str, stage: str, channel: str, on: date | None, note: str) -> Told:
    """A reminder done by hand: a contact like any other; a draft of that stage counts as sent by it."""
    dossier, invoice = _invoice(request, number)
    known = {s.key: s for s in schedule_of(invoice, dossier.policy).stages}
    if stage not in known:
        raise UsageError(typeset(f"Étape inconnue : « {stage} »."), typeset(f"Étapes : {', '.join(known)}."))
    day = _past_day(on, dossier)
    key = invoice_key(invoice)
    with _journal(dossier) as journal:
        if not (channel == "email" and journal.draft_sent(key, stage, day)):
            contact = Contact(stage, channel, day, to=invoice.customer.emails, snapshot=snapshot_of(invoice))
            journal.record(Reminded(key, contact), note=note)
    return Told(f"{invoice.number} : {known[stage].label} notée ({CHANNELS[channel]}), faite le {date_fr(day)}.")


def pay(request: Request, number: str, amount: Decimal | None, on: date | None) -> Told:
    """A payment that the file does not show yet; without an amount, all that is outstanding."""
    dossier, invoice = _invoice(request, number)
    day = _past_day(on, dossier)
    line = judge(invoice, remembered(dossier), dossier.policy, dossier.today)
    if line.outstanding <= 0:
        raise UsageError(typeset(f"{invoice.number} est déjà réglée."), "Il n’y a rien à noter.")
    if amount is None:
        amount = line.outstanding
    if amount <= 0 or amount > line.outstanding:
        raise UsageError(
            typeset(f"{invoice.number} : le reste dû est de {eur(line.outstanding, invoice.currency)}."),
            typeset("Donnez un montant supérieur à zéro et qui ne le dépasse pas."),
        )
    _write(dossier, Paid(line.key, amount, day, shown=paid_until(invoice, dossier.today)))
    return Told(f"{invoice.number} : règlement de {eur(amount, invoice.currency)} noté, reçu le {date_fr(day)}.")


def hold(request: Request, target: str, reason: HoldReason, until: date | None, note: str) -> Told:
    """Stop reminders about an invoice, or about all of a customer, present and later."""
    dossier = _dossier(request)
    found = find_target(target, dossier.invoices)
    if reason is HoldReason.PROMISE and until is None:
        raise UsageError("Une promesse de paiement a une date.", "Ajoutez --until AAAA-MM-JJ.")
    if until is not None and until < dossier.today:
        raise UsageError(typeset(f"La date de fin {date_fr(until)} est passée."), "Donnez une date à venir.")
    _write(dossier, Held(found.key, reason, dossier.today, until, note))
    return Told(f"{found.name} : {_held_sentence(reason, until, dossier)}")


def _held_sentence(reason: HoldReason, until: date | None, dossier: Dossier) -> str:
    if reason is HoldReason.DISPUTE:
        review = f", à revoir le {date_fr(until)}" if until else ""
        return f"litige noté{review} ; les relances ne reprendront qu’avec « relance release »."
    if reason is HoldReason.PROMISE and until is not None:
        back = date_fr(after_term(until, dossier.policy.calendar))
        return f"paiement promis pour le {date_fr(until)} ; sans règlement, les relances reprennent le {back}."
    return f"relances suspendues jusqu’au {date_fr(until)}." if until else "relances suspendues."


def release(request: Request, target: str) -> Told:
    """End what `hold` began; what stands in the file ends in the file."""
    dossier = _dossier(request)
    found = find_target(target, dossier.invoices)
    history = remembered(dossier)
    if found.key not in history.holds and not waits_for_user(history.inbox, found.key):
        raise UsageError(
            typeset(f"{found.name} n’est pas suspendu par « relance hold »."),
            typeset("Ce que dit votre fichier (litige, brouillon…) se change dans le fichier."),
        )
    _write(dossier, Released(found.key, dossier.today))
    return Told(f"{found.name} : les relances reprennent.")


def approve(request: Request, number: str, stage: str | None) -> Told:
    """The user's word for the stage that waits for it, as the invoice stands today."""
    dossier, invoice = _invoice(request, number)
    line = judge(invoice, remembered(dossier), dossier.policy, dossier.today)
    waiting = line.acting if line.reason is Reason.AWAITING_APPROVAL else None
    if waiting is None or stage not in (None, waiting.key):
        what = f"l’étape « {stage} » n’attend pas" if stage else "aucune étape n’attend"
        raise UsageError(
            typeset(f"{invoice.number} : {what} votre accord aujourd’hui."),
            typeset(f"« relance show {invoice.number} » dit où elle en est."),
        )
    _write(dossier, Approved(line.key, waiting.key, dossier.today, line.outstanding, snapshot_of(invoice)))
    after = judge(invoice, remembered(dossier), dossier.policy, dossier.today)
    when = f", pas avant le {date_fr(after.until)}" if after.reason is Reason.TOO_SOON and after.until else ""
    return Told(f"{invoice.number} : {waiting.label} accordée pour sept jours ; « relance send » s’en charge{when}.")


def confirm(request: Request, what: str, answer: Backlog | None) -> Told:
    """What to do with the backlog, or that the file or a changed invoice is right as it now is."""
    dossier = _dossier(request)
    if what == "backlog":
        if answer is None:
            raise UsageError("Que faire du retard ?", "Ajoutez --as-is, --gently ou --ignore.")
        _write(dossier, BacklogAnswered(answer, dossier.today))
        return Told(_BACKLOG_TOLD[answer])
    if answer is not None:
        raise UsageError("--as-is, --gently et --ignore vont avec « confirm backlog ».", "Retirez-les.")
    if what == "file":
        _write(dossier, FileConfirmed(file_digest(dossier), dossier.today))
        return Told("Fichier confirmé tel qu’il est aujourd’hui ; s’il change, la question se posera de nouveau.")
    invoice = find_invoice(what, dossier.invoices)
    plan = build_plan(dossier.invoices, remembered(dossier), dossier.policy, dossier.today)
    line = next(line for line in plan.lines if line.key == invoice_key(invoice))
    if line.reason is not Reason.CHANGED:
        raise UsageError(
            typeset(f"{invoice.number} : rien n’attend d’être confirmé."),
            typeset(f"« relance show {invoice.number} » dit où elle en est."),
        )
    was = plan.around.renumbered[line.key].invoice if line.note.startswith("number:") else ""
    _write(dossier, Confirmed(line.key, dossier.today, snapshot_of(invoice), was))
    return Told(f"{invoice.number} : ce qui a changé est confirmé.")


def allocate(request: Request, credit_note: str, number: str) -> Told:
    """Which invoice a credit note pays, as far as both allow."""
    dossier, invoice = _invoice(request, number)
    history = remembered(dossier)
    account = (customer_id(invoice.customer), invoice.currency)
    credits = look_around(dossier.invoices, history, dossier.today).credits.get(account, ())
    note = find_invoice(credit_note, dossier.invoices)
    credit = next((credit for credit in credits if credit.key == invoice_key(note)), None)
    if credit is None:
        raise UsageError(
            typeset(f"{credit_note} n’est pas un avoir à imputer du client de {invoice.number}, ou l’est déjà."),
            typeset("Avoirs à imputer : ") + (", ".join(c.number for c in credits) or "aucun") + ".",
        )
    line = judge(invoice, history, dossier.policy, dossier.today)
    amount = min(credit.amount, line.outstanding)
    if amount <= 0:
        raise UsageError(typeset(f"{invoice.number} est réglée."), "Choisissez une facture ouverte.")
    dated = note.issue_date or note.due_date
    _write(dossier, Allocated(credit.key, credit.number, line.key, amount, dated, dossier.today))
    return Told(f"{credit.number} : {eur(amount, invoice.currency)} imputés sur {invoice.number}.")


_BACKLOG_TOLD = {
    Backlog.AS_IS: "Retard d’avant relance : chaque facture commence à l’étape de son retard.",
    Backlog.GENTLY: "Retard d’avant relance : chaque facture commence par la relance amicale, "
    "sauf celles déjà relancées, qui continuent où elles en étaient.",
    Backlog.IGNORE: "Retard d’avant relance : ces factures ne seront pas relancées.",
}


def resolve(request: Request, number: str, sent: bool) -> Told:
    """Settle a delivery in doubt: its whole message, whichever invoice names it."""
    dossier, invoice = _invoice(request, number)
    # A message that another run is sending right now looks just like one in doubt: wait for its end.
    with lock(_settings(dossier).journal), _journal(dossier) as journal:
        settled = journal.resolve(invoice_key(invoice), sent=sent, on=dossier.today)
    if not settled:
        raise UsageError(
            typeset(f"{invoice.number} : aucun envoi n’est en doute, aucun brouillon n’attend."),
            typeset(f"« relance show {invoice.number} » dit où elle en est."),
        )
    numbers = ", ".join(settled)
    return Told(f"{numbers} : message noté comme {'parti' if sent else 'non parti, il sera replanifié'}.")


def _dossier(request: Request) -> Dossier:
    needed_settings(request)
    return open_dossier(request)


def _invoice(request: Request, number: str) -> tuple[Dossier, Invoice]:
    dossier = _dossier(request)
    return dossier, find_invoice(number, dossier.invoices)


def _past_day(on: date | None, dossier: Dossier) -> date:
    day = on or dossier.today
    if day > dossier.today:
        raise UsageError(typeset(f"Le {date_fr(day)} est à venir."), "Donnez le jour où cela s’est fait.")
    return day


def _journal(dossier: Dossier) -> Journal:
    return journal_for(_settings(dossier), dossier.today)


def _settings(dossier: Dossier) -> Settings:
    assert dossier.settings is not None
    return dossier.settings


def _write(dossier: Dossier, fact: Fact) -> None:
    with _journal(dossier) as journal:
        journal.record(fact)
