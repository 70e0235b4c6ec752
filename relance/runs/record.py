"""What a person tells the journal: done by hand, paid, approved, allocated."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.case import grounds_of, money_until
from relance.core.charges import charges
from relance.core.credit_notes import left_by_file
from relance.core.facts import Allocated, Approved, Cause, Held, HoldReason, Paid, Reminded
from relance.core.history import Past, former_keys, letter_key
from relance.core.holds import REVIEW_DAYS
from relance.core.invoice import ZERO, Contact, Invoice, Kind, snapshot_of
from relance.core.limitation import soon_over
from relance.core.messages import account_of
from relance.core.plan import Decision, Line
from relance.core.policy import OUTSIDE, THANKS, Stage
from relance.core.reasons import End, Reason
from relance.core.tasks import rate_unconfirmed
from relance.errors import Again, UsageError
from relance.french import (
    CAUSES,
    CHANNELS,
    RATE_STANDS,
    brief_date,
    command,
    date_fr,
    eur,
    of,
    prescription,
    rate_question,
    short_date,
)
from relance.runs.amounts import Typed, amount_in, plain_amount
from relance.runs.days import past_day
from relance.runs.dossier import Desk
from relance.runs.letter import lacking_sentence
from relance.runs.lookup import StandingError, UnknownStageError, check_paid, find_line, stage_called


class ByHand(NamedTuple):
    """What a person did himself: the stage, by which means, when, and what he learnt; a letter has its dates."""

    stage: str
    channel: str
    on: date | None = None
    note: str = ""
    cause: str = ""
    tracking: str = ""
    posted: date | None = None
    received: date | None = None


def record(desk: Desk, number: str, done: ByHand) -> str:
    """A reminder done by hand: a contact like any other; a draft of that stage counts as sent by it.

    What is told of a letter that was recorded before completes it.
    """
    line = find_line(number, desk.to_write())
    invoice, past = line.invoice, line.case.past
    stage, day = _stage(done, line), _day(done, invoice, desk.today)
    done = done._replace(stage=stage.key)
    contact = _contact(done, day, line)
    before = same_letter(contact, past)
    _check_order(contact, before, line)
    told = f"{stage.label} du {brief_date(day, desk.today)} ({CHANNELS[done.channel]})"
    if not done.note and _is_noted(contact, past):
        return f"{invoice.number} : déjà noté, {told}."
    names = (line.key, *former_keys(past)) if done.channel == "email" else ()
    with desk.writing() as journal:  # the numbers of the invoices of the draft that was sent, where there was one
        drafts = (journal.draft_sent(name, done.stage, day, done.cause, done.note) for name in names)
        numbers = next(filter(None, drafts), ())
        if not numbers:
            together = _together(line, contact, desk)
            journal.record(*(Reminded(x.key, _contact(done, day, x)) for x in together), note=done.note)
            numbers = tuple(each.invoice.number for each in together)
        if done.cause == Cause.DISPUTE and not line.reason.settled:
            journal.record(Held(line.key, HoldReason.DISPUTE, day, note=done.note))
    if before.channel:
        more = f"reçue le {brief_date(done.received, desk.today)}" if done.received else "complétée"
        said = f"{stage.label}, lettre du {brief_date(before.on, desk.today)}, {more}"
    else:
        said = f"c’est noté, {told}"
    return f"{', '.join(numbers)} : {said}.{_stopping(done, day, line)}"


def _is_noted(contact: Contact, past: Past) -> bool:
    """Whether just this was told before, and no draft of it waits; of a letter its dates may be new."""
    if contact.channel == "letter" or any(draft.stage == contact.stage for draft in past.drafts):
        return False
    same = (contact.stage, contact.channel, contact.on, contact.cause)
    return any((old.stage, old.channel, old.on, old.cause) == same for old in past.contacts)


def _contact(done: ByHand, day: date, line: Line) -> Contact:
    """The contact about this invoice, as it stands; of what was done for several, each has its own stage."""
    return Contact(
        *(done.stage, done.channel, day, line.invoice.customer.emails),
        snapshot=snapshot_of(line.invoice),
        cause=done.cause,
        tracking=done.tracking,
        posted=done.posted,
        received=done.received,
    )


def _together(line: Line, contact: Contact, desk: Desk) -> tuple[Line, ...]:
    """The invoices of the letter or SMS that was sent: those of its task, or of the letter that this completes."""
    before = same_letter(contact, line.case.past)
    if before.channel:
        own = [x for x in desk.plan.lines if account_of(x) == account_of(line)]
        return tuple(x for x in own if x is line or _same_post(same_letter(contact, x.case.past), before))
    for task in desk.plan.tasks:
        same = [x for x in task.lines if (task.kind, x.acting and x.acting.key) == (contact.channel, contact.stage)]
        if any(each.key == line.key for each in same) and contact.channel in ("letter", "sms"):
            return tuple(same)
    return (line,)


def _same_post(one: Contact, other: Contact) -> bool:
    known = [(each.channel, each.on, each.tracking, each.posted) for each in (one, other)]
    return known[0] == known[1]


def _stopping(done: ByHand, day: date, line: Line) -> str:
    """What the cause that was learnt begins, with the command that ends it; empty where it begins nothing."""
    number = line.name or line.invoice.number
    if line.reason.settled or not done.cause:
        return ""
    if done.cause == Cause.DISPUTE:
        review = short_date(day + timedelta(days=REVIEW_DAYS))
        return f" Litige noté, à revoir le {review}. Une fois réglé → {command('release', number)}"
    if done.cause == Cause.CASH:
        return f" Un échéancier convenu se note → {command('hold', number, options='--reason plan')}"
    return ""


def _stage(done: ByHand, line: Line) -> Stage:
    """The stage that was done; UsageError where there is none of that key, or it cannot have been done so."""
    stages = line.case.schedule.stages
    stage = stage_called(done.stage, (*stages, *OUTSIDE))
    if stage is None:
        raise UnknownStageError(done.stage, stages)
    if stage is THANKS:
        check_paid(line, "noter")
    if done.channel != "letter" and (done.tracking or done.posted or done.received):
        raise UsageError("--tracking, --posted et --received décrivent une lettre.", "Ajoutez --channel letter.")
    return stage


def _day(done: ByHand, invoice: Invoice, today: date) -> date:
    """The day it was done, of a letter that of its posting; UsageError where one that is told cannot be."""
    days = [past_day(day, today) for day in (done.posted, done.received) if day is not None]
    day = past_day(done.on or (days[0] if days else None), today)
    given = [each for each in (done.on, done.posted, done.received) if each is not None]
    if invoice.issue_date is not None and any(each < invoice.issue_date for each in given):
        raise UsageError(
            f"{invoice.number} est émise le {date_fr(invoice.issue_date)} : rien n’a pu partir avant.",
            "Est-ce la bonne date ?",
        )
    return day


def _check_order(contact: Contact, before: Contact, line: Line) -> None:
    """UsageError where a letter would arrive before it was posted, or a draft leave before relance wrote it."""
    posted, received = contact.posted or before.posted, contact.received or before.received
    if posted and received and received < posted:
        raise UsageError(
            f"La lettre serait reçue ({date_fr(received)}) avant d’être postée ({date_fr(posted)}).",
            "Vérifiez --posted et --received.",
        )
    drafts = [d.on for d in line.case.past.drafts if contact.channel == "email" and d.stage == contact.stage]
    if drafts and contact.on < drafts[-1]:
        raise UsageError(
            f"{line.invoice.number} : ce brouillon est du {date_fr(drafts[-1])}, il n’a pas pu partir avant.",
            "Donnez avec --on le jour où vous l’avez envoyé.",
        )


def same_letter(contact: Contact, past: Past) -> Contact:
    """The same letter as it was recorded before; an empty contact where this is the first word of it, or no letter."""
    known = (old for old in past.contacts if contact.channel == "letter" and letter_key(old) == letter_key(contact))
    return next(known, Contact("", "", contact.on))


_DEPOSIT = timedelta(days=366)
"""A deposit is paid at most this long before its invoice is issued: what is older is a year typed wrong."""


def pay(desk: Desk, number: str, typed: Typed | None, on: date | None) -> str:
    """A payment that the file does not show yet; without an amount, all that is outstanding.

    What is more than that pays the charges, as far as they are claimed.
    """
    line = find_line(number, desk.to_write())
    invoice = line.invoice
    day = past_day(on, desk.today, (invoice.issue_date or invoice.due_date) - _DEPOSIT)
    if line.reason is Reason.CREDIT_NOTE:
        raise UsageError(
            f"{invoice.number} est un avoir : personne ne vous le paie.",
            "« relance allocate » dit quelle facture il règle.",
        )
    costs = claimable(line)
    if line.outstanding <= 0 and (typed is None or not costs):
        also = f" « --amount » note un règlement des frais de retard ({eur(costs, invoice.currency)})." if costs else ""
        raise UsageError(f"{invoice.number} est déjà réglée.", also.strip() or "Il n’y a rien à noter.")
    amount = line.outstanding if typed is None else amount_in(invoice.currency, typed, invoice.number)
    if not 0 < amount <= line.outstanding + costs:
        raise _too_much(line, costs, typed) if amount > 0 else _nothing_paid(line, typed)
    paid = Paid(line.key, amount, day, shown=money_until(invoice, desk.today) - line.told, told=desk.today)
    desk.tell(paid)
    beyond = amount - line.outstanding
    said = f", dont {eur(beyond, invoice.currency)} de frais de retard" if beyond > 0 else ""
    noted = f"règlement de {eur(amount, invoice.currency)} noté, reçu le {brief_date(day, desk.today)}{said}"
    return f"{invoice.number} : {noted}.{_doubts(paid, line)}"


def claimable(line: Line) -> Decimal:
    """The charges that a payment of today may pay beyond what is outstanding, those paid before left out."""
    if line.case.morning.history.unagreed or (line.reason.settled and line.reason is not Reason.PAID):
        return ZERO
    costs = charges(line.invoice, grounds_of(line.case))
    return max(costs.interest + costs.recovery_fee - costs.paid, ZERO)


def _too_much(line: Line, costs: Decimal, typed: Typed | None) -> UsageError:
    """That more was paid than is owed, with what is: that, and all of it with the charges."""
    currency, left = line.invoice.currency, line.outstanding
    sums = [(left, "le reste dû")] if left > 0 else []
    sums += [(left + costs, "avec les frais de retard" if left > 0 else "les frais de retard")] if costs else []
    told = [(plain_amount(amount), words) for amount, words in sums]
    again = [Again(typed.text if typed else "", amount, about=words) for amount, words in told]
    fees = f"{eur(costs, currency)} de frais de retard" if costs else ""
    owed = " et ".join(filter(None, (eur(left, currency) if left > 0 else "", fees)))
    return UsageError(f"{line.invoice.number} : montant trop élevé, il reste {owed}.", again=again)


def _nothing_paid(line: Line, typed: Typed | None) -> UsageError:
    """That a payment is more than nothing; what takes one back is another command."""
    undoing = f"« {command('undo', line.name or line.invoice.number)} » retire un règlement noté par erreur."
    left = Again(typed.text if typed else "", plain_amount(line.outstanding), about="le reste dû")
    return UsageError("Un règlement est supérieur à zéro.", undoing, [left])


def _doubts(paid: Paid, line: Line) -> str:
    """What may be wrong with this payment, and the command that takes it back; empty where nothing looks so."""
    said, issued, undoing = "", line.invoice.issue_date, command("undo", line.name or line.invoice.number)
    if issued is not None and paid.on < issued:
        day = date_fr(issued)
        said += f" C’est avant l’émission, le {day}. Si l’année est fausse → {undoing}"
    if any(other.amount == paid.amount and other.told == paid.told for other in line.case.past.payments):
        said += f" Le même montant était déjà noté ce jour. Si c’est le même règlement → {undoing}"
    return said


class Approval(NamedTuple):
    """What is said of an approval, a sentence a line; `waiting` is the invoice where it does not leave all the same."""

    said: str
    waiting: Line | None = None


def approve(desk: Desk, number: str, stage: str | None) -> Approval:
    """The user's word for the stage that waits for it, as the invoice stands today; what leaves then, the plan tells.

    UsageError where none waits: what has changed, or has a credit note beside it, is looked at first.
    """
    line = find_line(number, desk.to_write())
    invoice = line.invoice
    waiting = line.acting if line.reason is Reason.AWAITING_APPROVAL else None
    if waiting is None or (stage and stage_called(stage, [waiting]) is None):
        raise _not_waiting(stage, line)
    desk.tell(Approved(line.key, waiting.key, desk.today, line.outstanding, snapshot_of(invoice)))
    after = find_line(number, desk)
    leaves = _leaves(after, desk)
    said = f"{invoice.number} : {waiting.label} validée{leaves and f', {leaves}'} (7 jours)."
    told = "\n".join(filter(None, (said, _noted_cause(line), *_lacking(waiting, line, desk), *_asking(line))))
    return Approval(told, None if leaves else after)


def _leaves(line: Line, desk: Desk) -> str:
    """When the message of this line leaves, if nothing but a day holds it; else nothing."""
    if line.decision is Decision.REMIND:
        return f"{'va dans vos brouillons' if desk.into_drafts else 'part'} au prochain relance send"
    days = [line.stop.back, line.next_date] if line.stop.end in (End.TIME, End.ITS_DAY) else []
    day = max(filter(None, days), default=desk.today)
    return f"part dès le {brief_date(day, desk.today)}" if day > desk.today else ""


def _not_waiting(stage: str | None, line: Line) -> UsageError:
    """Why there is no word to give: it was given already, another stage waits, or none does."""
    number, coming = line.invoice.number, line.acting or line.next_stage
    if coming is not None and (not stage or stage_called(stage, [coming]) is not None):
        stands = (line.outstanding, snapshot_of(line.invoice))
        words = (word for word in reversed(line.case.past.approvals) if word.stage == coming.key)
        given = next((word.on for word in words if (word.outstanding, word.snapshot) == stands), None)
        drafted = any(draft.stage == coming.key for draft in line.case.past.drafts)
        if given is not None and line.reason is not Reason.AWAITING_APPROVAL and not drafted:
            sentence = f"{number} : {coming.label} déjà validée le {date_fr(given)}."
            return UsageError(sentence, "« relance send » l’envoie dès que rien ne la retient.")
    what = f"l’étape « {stage} » n’est pas" if stage else "aucune étape n’est"
    return StandingError(number, f"{number} : {what} à valider aujourd’hui.")


def _lacking(stage: Stage, line: Line, desk: Desk) -> list[str]:
    """What the letter of this stage will lack; nothing where none is posted."""
    if "letter" not in stage.channels:
        return []
    from relance.letters.countries import is_whole

    address = "" if is_whole(line.invoice.customer.address) else f"Adresse {of(line.invoice.customer.name)} inconnue."
    return [lacking_sentence(desk.own_settings.sender), address]


def _noted_cause(line: Line) -> str:
    """Why the customer was late, as it was last learnt: a legal act may not be the answer to it."""
    told = next((contact for contact in reversed(line.case.contacts) if contact.cause), None)
    return f"Cause notée le {short_date(told.on)} : {CAUSES[told.cause]}." if told else ""


def _asking(line: Line) -> list[str]:
    """What is still open of the charges that the message names, and how long the debt can be sued for."""
    grounds, last = line.case.customer.grounds, soon_over(line.case)
    rate = grounds.terms.rate
    near = prescription(last, public=grounds.kind is Kind.PUBLIC) if last is not None else ""
    asked = f"{rate_question(rate.basis.value, rate.value)} → {RATE_STANDS}" if rate_unconfirmed(line) else ""
    return [near, asked]


def allocate(desk: Desk, credit_note: str, number: str) -> str:
    """Which invoice a credit note pays, as far as both allow."""
    line = find_line(number, desk.to_write())
    invoice, note = line.invoice, find_line(credit_note, desk)
    credits = desk.plan.around.credits.get(account_of(line), ())
    credit = next((credit for credit in credits if credit.key == note.key), None)
    if credit is None:
        raise UsageError(
            f"{credit_note} n’est pas un avoir à imputer du client de {invoice.number}, ou l’est déjà.",
            f"Avoirs à imputer : {', '.join(c.number for c in credits) or 'aucun'}.",
        )
    amount = min(credit.amount, line.outstanding)
    if amount <= 0:
        raise UsageError(f"{invoice.number} est réglée.", "Choisissez une facture ouverte.")
    dated = note.invoice.issue_date or note.invoice.due_date
    left = left_by_file(invoice, line.told + line.absorbed)
    desk.tell(Allocated(credit.key, credit.number, line.key, amount, dated, desk.today, left))
    return f"{credit.number} : {eur(amount, invoice.currency)} imputés sur {invoice.number}."
