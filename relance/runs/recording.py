"""What a person tells the journal: done by hand, paid, approved, allocated, resolved."""

import shlex
from dataclasses import dataclass
from datetime import date, timedelta

from relance.core.allocations import may_be_credits
from relance.core.comparing import look_around
from relance.core.drafts import to_settle
from relance.core.facts import (
    Allocated,
    Approved,
    Paid,
    Reminded,
)
from relance.core.history import NOTHING, Past, former_keys, letter_key
from relance.core.invoice import Contact, Invoice, customer_id, invoice_key, keyed, snapshot_of
from relance.core.known import money_until
from relance.core.naming import name_of, register
from relance.core.plan import Decision
from relance.core.planning import judge
from relance.core.policy import OUTSIDE, THANKS, schedule_of
from relance.core.reasons import Reason
from relance.errors import UsageError
from relance.french import CHANNELS, command, date_fr, eur
from relance.journal import BusyError, Journal, lock
from relance.runs.amounts import Typed, amount_in
from relance.runs.dossier import Dossier
from relance.runs.occasions import check_paid
from relance.runs.remembering import remembered
from relance.runs.request import Request
from relance.runs.targets import find_invoice
from relance.runs.telling import invoice_for, journal_of, line_of, past_day, settings_in, write


@dataclass(frozen=True, slots=True)
class Done:
    """What a person did himself: the stage, by which means, when, and what he learnt; a letter has its dates."""

    stage: str
    channel: str
    on: date | None = None
    note: str = ""
    cause: str = ""
    tracking: str = ""
    posted: date | None = None
    received: date | None = None


def record(request: Request, number: str, done: Done) -> str:
    """A reminder done by hand: a contact like any other; a draft of that stage counts as sent by it.

    What is told of a letter that was recorded before completes it.
    """
    dossier, invoice = invoice_for(request, number)
    stages = schedule_of(invoice, dossier.policy).stages
    known = {s.key: s for s in (*stages, *OUTSIDE)}
    if done.stage not in known:
        names = ", ".join(s.key for s in stages)
        raise UsageError(f"Étape inconnue : « {done.stage} ».", f"Étapes : {names}.")
    if done.stage == THANKS.key:
        check_paid(judge(invoice, remembered(dossier), dossier.policy, dossier.today), "noter")
    if done.channel != "letter" and (done.tracking or done.posted or done.received):
        raise UsageError("--tracking, --posted et --received décrivent une lettre.", "Ajoutez --channel letter.")
    days = [past_day(day, dossier) for day in (done.posted, done.received) if day is not None]
    day = past_day(done.on or (days[0] if days else None), dossier)
    given = [each for each in (done.on, done.posted, done.received) if each is not None]
    if invoice.issue_date is not None and any(each < invoice.issue_date for each in given):
        raise UsageError(
            f"{invoice.number} est émise le {date_fr(invoice.issue_date)} : rien n’a pu partir avant.",
            "Est-ce la bonne date ?",
        )
    contact = Contact(
        *(done.stage, done.channel, day, invoice.customer.emails),
        snapshot=snapshot_of(invoice),
        cause=done.cause,
        tracking=done.tracking,
        posted=done.posted,
        received=done.received,
    )
    past = _past(invoice, dossier)
    _not_before_its_draft(invoice, contact, past)
    before = _before(contact, past)
    posted, received = done.posted or before.posted, done.received or before.received
    if posted and received and received < posted:
        raise UsageError(
            f"La lettre serait reçue ({date_fr(received)}) avant d’être postée ({date_fr(posted)}).",
            "Vérifiez --posted et --received.",
        )
    with journal_of(dossier) as journal:
        numbers = _sent_draft(journal, (invoice_key(invoice), *former_keys(past)), contact, done.note)
        if not numbers:
            journal.record(Reminded(invoice_key(invoice), contact), note=done.note)
    label = known[done.stage].label
    if before.channel:
        more = f"reçue le {date_fr(done.received)}" if done.received else "complétée"
        said = f"{label}, lettre du {date_fr(before.on)}, {more}"
    else:
        said = f"c’est noté, {label} ({CHANNELS[done.channel]}) du {date_fr(day)}"
    return f"{', '.join(numbers) or invoice.number} : {said}."


def _not_before_its_draft(invoice: Invoice, contact: Contact, past: Past) -> None:
    """UsageError where the message would have been sent on a day before relance wrote it."""
    drafts = [d.on for d in past.drafts if contact.channel == "email" and d.stage == contact.stage]
    if drafts and contact.on < drafts[-1]:
        raise UsageError(
            f"{invoice.number} : ce brouillon est du {date_fr(drafts[-1])}, il n’a pas pu partir avant.",
            "Donnez avec --on le jour où vous l’avez envoyé.",
        )


def _sent_draft(journal: Journal, names: tuple[str, ...], contact: Contact, note: str) -> tuple[str, ...]:
    """The numbers of the invoices of the draft that this contact says was sent; empty where there is none."""
    if contact.channel != "email":
        return ()
    said = (journal.draft_sent(name, contact.stage, contact.on, contact.cause, note) for name in names)
    return next(filter(None, said), ())


def _past(invoice: Invoice, dossier: Dossier) -> Past:
    return remembered(dossier).invoices.get(invoice_key(invoice), NOTHING)


def _before(contact: Contact, past: Past) -> Contact:
    """The same letter as it was recorded before; an empty contact where this is the first word of it, or no letter."""
    known = (old for old in past.contacts if contact.channel == "letter" and letter_key(old) == letter_key(contact))
    return next(known, Contact("", "", contact.on))


_DEPOSIT = timedelta(days=366)
"""A deposit is paid at most this long before its invoice is issued: what is older is a year typed wrong."""


def pay(request: Request, number: str, typed: Typed | None, on: date | None) -> str:
    """A payment that the file does not show yet; without an amount, all that is outstanding."""
    dossier, invoice = invoice_for(request, number)
    day = past_day(on, dossier, (invoice.issue_date or invoice.due_date) - _DEPOSIT)
    history = remembered(dossier)
    line = judge(invoice, history, dossier.policy, dossier.today)
    if line.reason is Reason.CREDIT_NOTE:
        raise UsageError(
            f"{invoice.number} est un avoir : personne ne vous le paie.",
            "« relance allocate » dit quelle facture il règle.",
        )
    if line.outstanding <= 0:
        raise UsageError(f"{invoice.number} est déjà réglée.", "Il n’y a rien à noter.")
    amount = line.outstanding if typed is None else amount_in(invoice.currency, typed, invoice.number)
    if amount <= 0 or amount > line.outstanding:
        raise UsageError(
            f"{invoice.number} : le reste dû est de {eur(line.outstanding, invoice.currency)}.",
            "Donnez un montant supérieur à zéro et qui ne le dépasse pas.",
        )
    write(dossier, Paid(line.key, amount, day, shown=money_until(invoice, dossier.today), told=dossier.today))
    said = f"{invoice.number} : règlement de {eur(amount, invoice.currency)} noté, reçu le {date_fr(day)}."
    undoing = command("undo", name_of(line.key, register(keyed(dossier.invoices))))
    if invoice.issue_date is not None and day < invoice.issue_date:
        issued = date_fr(invoice.issue_date)
        said += f" C’est avant l’émission, le {issued} : si l’année est fausse, « {undoing} » retire ce règlement."
    before = history.invoices.get(line.key, NOTHING).payments
    if any(paid.amount == amount and paid.told == dossier.today for paid in before):
        said += (
            f" Le même montant était déjà noté ce jour : s’il s’agit du même règlement, « {undoing} » retire celui-ci."
        )
    return said


def approve(request: Request, number: str, stage: str | None) -> str:
    """The user's word for the stage that waits for it, as the invoice stands today.

    UsageError where none waits: what has changed, or has a credit note beside it, is looked at first.
    """
    dossier, invoice = invoice_for(request, number)
    line = line_of(invoice, dossier)[0]
    waiting = line.acting if line.reason is Reason.AWAITING_APPROVAL else None
    if waiting is None or stage not in (None, waiting.key):
        what = f"l’étape « {stage} » n’attend pas" if stage else "aucune étape n’attend"
        raise UsageError(
            f"{invoice.number} : {what} votre accord aujourd’hui.",
            f"« relance show {invoice.number} » dit où elle en est.",
        )
    write(dossier, Approved(line.key, waiting.key, dossier.today, line.outstanding, snapshot_of(invoice)))
    after = line_of(invoice, dossier)[0]
    when = f" à partir du {date_fr(after.next_date)}" if after.decision is Decision.HOLD and after.next_date else ""
    return f"{invoice.number} : {waiting.label}, accord donné pour sept jours{when} ; « relance send » s’en charge."


def allocate(request: Request, credit_note: str, number: str) -> str:
    """Which invoice a credit note pays, as far as both allow."""
    dossier, invoice = invoice_for(request, number)
    history = remembered(dossier)
    account = (customer_id(invoice.customer), invoice.currency)
    credits = look_around(keyed(dossier.invoices), history, dossier.today).credits.get(account, ())
    note = find_invoice(credit_note, dossier.invoices)
    credit = next((credit for credit in credits if credit.key == invoice_key(note)), None)
    if credit is None:
        raise UsageError(
            f"{credit_note} n’est pas un avoir à imputer du client de {invoice.number}, ou l’est déjà.",
            "Avoirs à imputer : " + (", ".join(c.number for c in credits) or "aucun") + ".",
        )
    line = judge(invoice, history, dossier.policy, dossier.today)
    amount = min(credit.amount, line.outstanding)
    if amount <= 0:
        raise UsageError(f"{invoice.number} est réglée.", "Choisissez une facture ouverte.")
    dated = note.issue_date or note.due_date
    shown = may_be_credits(invoice, dossier.today)
    write(dossier, Allocated(credit.key, credit.number, line.key, amount, dated, dossier.today, shown))
    return f"{credit.number} : {eur(amount, invoice.currency)} imputés sur {invoice.number}."


def resolve(request: Request, number: str, sent: bool) -> str:
    """Settle a delivery in doubt, or the draft that is asked about: the whole message, whichever invoice names it.

    Where no draft is asked about, those that are not to be sent any more are settled as not sent.
    """
    dossier, invoice = invoice_for(request, number)
    # A message that another run is sending right now looks just like one in doubt: wait for its end.
    try:
        with lock(settings_in(dossier).journal), journal_of(dossier) as journal:
            journal.recover()
            past, line = _past(invoice, dossier), line_of(invoice, dossier)[0]
            drafts = to_settle(line, past, dossier.policy, dossier.today, sent=sent)
            names = (line.key, *former_keys(past))
            settled = tuple(n for name in names for n in journal.resolve(name, sent, dossier.today, drafts))
    except BusyError as error:
        raise UsageError(*error.args) from None
    if not settled and past.drafts:
        undelivered = past.drafts[-1]
        recording = command("record", number, options=f"--stage {shlex.quote(undelivered.stage)} --channel email")
        raise UsageError(
            f"{invoice.number} : son brouillon du {date_fr(undelivered.on)} n’est plus à envoyer.",
            f"S’il est parti tout de même : « {recording} » ; sinon, ajoutez --not-sent.",
        )
    if not settled:
        raise UsageError(
            f"{invoice.number} : aucun envoi n’est en doute ni refusé, aucun brouillon n’attend.",
            f"« relance show {invoice.number} » dit où elle en est.",
        )
    said = "parti" if sent else "non parti" if line.reason.settled else "non parti, il sera replanifié"
    return f"{', '.join(settled)} : message noté comme {said}."
