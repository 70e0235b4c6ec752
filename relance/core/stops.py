"""Why nothing leaves today about one invoice: the first reason that applies, in the order of Reason."""

from collections.abc import Iterable
from datetime import date, timedelta

from relance.core.calendar import after_term, next_open
from relance.core.case import Case, dated_payments
from relance.core.charges import names_charges, unknown_rates
from relance.core.credits import unsure_credit
from relance.core.drafts import last_asked
from relance.core.facts import Backlog, Received, Refused
from relance.core.history import FileState, History, former_keys, heard
from relance.core.holds import held_by_file, held_by_user
from relance.core.invoice import ZERO, Snapshot, Status, snapshot_of, targets_of
from relance.core.morning import Morning
from relance.core.plan import Line
from relance.core.policy import BROKEN_PROMISE, Stage, is_firm
from relance.core.reasons import Changed, Differs, Doubted, OpenCredit, Reason, RefusedBy, Stale, Stop, UnknownRate
from relance.core.seen import number_changes, payment_changes, seen_paid_on

APPROVAL_DAYS = 7
"""An approval lapses this many days after the first day on which the message could leave."""

_BY_STATUS = {
    Status.DRAFT: Reason.DRAFT,
    Status.CANCELLED: Reason.CANCELLED,
    Status.CREDIT_NOTE: Reason.CREDIT_NOTE,
    Status.WRITTEN_OFF: Reason.WRITTEN_OFF,
    Status.FACTORED: Reason.FACTORED,
}


def settled(case: Case) -> Reason | None:
    """Why nothing is claimed at all: the file says so, or nothing is outstanding, credit notes in doubt apart."""
    invoice, outstanding, today = case.invoice, case.outstanding, case.today
    if invoice.status is Status.UNCLEAR:
        return Reason.UNCLEAR
    if invoice.issue_date is not None and invoice.issue_date > today:
        return Reason.NOT_ISSUED
    by_status = Reason.CREDIT_NOTE if invoice.total < ZERO else _BY_STATUS.get(invoice.status)
    if outstanding <= ZERO and (by_status is None or by_status.rank > Reason.PAID.rank) and not unsure_credit(case):
        return Reason.PAID
    return by_status


def first_stop(case: Case) -> Stop | None:
    """The first reason that applies to an invoice that is owed; None where its next stage may leave today."""
    if holds := holds_on(case):  # of two as strong the last to end, or the one about this
        return min(holds, key=lambda stop: (stop.reason.rank, -(stop.back or date.max).toordinal()))
    if case.outstanding < case.morning.policy.minimum:
        doubt = unsure_credit(case)  # where the file counts the credit note too, more is left than that
        return Stop(Reason.CHANGED, why=doubt) if doubt else Stop(Reason.BELOW_MINIMUM)
    return _delivery_stop(case) or case.wait or _asking_stop(case) or _quiet_stop(case)


def holds_on(case: Case) -> tuple[Stop, ...]:
    """All that the user or the file set that holds this invoice today, what is about it alone first."""
    stops, history = case.customer.stops, case.morning.history
    if history.holds and (holds := history.holds.get(case.key)):
        stops = (*held_by_user(holds, case.morning.policy.calendar, case.today), *stops)
    if case.invoice.status is not Status.OPEN:
        stops = (*stops, *held_by_file(case.invoice))
    return stops


def _delivery_stop(case: Case) -> Stop | None:
    """What became of earlier messages: in doubt, drafted, answered, refused."""
    past, history = case.past, case.morning.history
    if past.doubts:
        return Stop(Reason.IN_DOUBT, why=past.doubts[-1])
    if past.drafts and (draft := last_asked(case)):
        return Stop(Reason.DRAFTED, draft.on, draft)
    if history.inbox.answers:
        answers = [mail for key in _names(case) for mail in history.inbox.answers.get(key, ())]
        if answers:
            return Stop(Reason.ANSWERED, answers[-1].dated, answers[-1])
    if history.refused or history.inbox.bounced or past.refusals:
        return _refusal(case)
    return None


def _refusal(case: Case) -> Stop | None:
    """An address that a server refused, or that a message came back from; or the message of this stage, refused."""
    history = case.morning.history
    for email in (*case.customer.emails, *map(str.casefold, case.invoice.customer.cc)):
        bounced, refused = history.inbox.bounced.get(email), history.refused.get(email)
        if bounced is not None:
            return Stop(Reason.REFUSED, why=RefusedBy(email, bounced.subject, _other(bounced, case), True))
        if refused is not None:
            return Stop(Reason.REFUSED, why=RefusedBy(refused.address, refused.reply, _other(refused, case), False))
    for message in case.past.refusals:
        if message.stage not in case.position.done:
            return Stop(Reason.REFUSED, why=message)
    return None


def _other(fact: Refused | Received, case: Case) -> str:
    return "" if fact.invoice in _names(case) else fact.invoice


def _names(case: Case) -> tuple[str, ...]:
    """The keys that the invoice has and had."""
    return (case.key, *former_keys(case.past))


def deferral(case: Case, stage: Stage) -> Stop | None:
    """That the server asked to wait with this stage, and until when; None once that moment has come."""
    last = next((d for d in reversed(case.past.deferrals) if d.stage == stage.key), None)
    if last is None:
        return None
    day, now = last.until.date(), case.morning.history.now
    if (last.until <= now) if now is not None else (day <= case.today):
        return None
    return Stop(Reason.DEFERRED, day, last, back=day)


def _asking_stop(case: Case) -> Stop | None:
    """What needs the user first: an address, an answer about the backlog, a confirmation, an approval."""
    stage = case.next_stage
    assert stage is not None
    by_mail = "email" in stage.channels
    if by_mail and not case.invoice.customer.emails:
        return Stop(Reason.NO_ADDRESS)
    if case.position.in_backlog and _waits_in_backlog(case):
        return Stop(Reason.BACKLOG, why=case.morning.history.backlog)
    if changed := changes(case):
        return Stop(Reason.CHANGED, why=changed)
    return _charges_stop(case, stage) or (_mail_stop(case, stage) if by_mail else None)


def _waits_in_backlog(case: Case) -> bool:
    """Once ignored, only what a person does takes it up again."""
    answer, said = case.morning.history.backlog, case.past.contacts
    if answer is Backlog.IGNORE:
        return all(contact.message_id for contact in said)
    return answer is None and not said


def _charges_stop(case: Case, stage: Stage) -> Stop | None:
    """What makes the sums of a firm message uncertain: a credit note that pays nothing yet, a rate nobody told."""
    policy, credits = case.morning.policy, case.morning.around.credits
    if credits and is_firm(stage, case.schedule, policy):
        own = credits.get((case.customer.identity, case.invoice.currency))
        if own:
            return Stop(Reason.OPEN_CREDIT, why=OpenCredit(own[0].number))
    charged = names_charges(case.invoice, stage, case.schedule, policy)
    if charged and (unknown := unknown_rates(case.invoice, policy, case.today)):
        return Stop(Reason.UNKNOWN_RATE, why=UnknownRate(unknown))
    return None


def _mail_stop(case: Case, stage: Stage) -> Stop | None:
    """What a mail lacks: the PDF of its invoice, the user's word."""
    if case.invoice.pdf_fault:
        return Stop(Reason.MISSING_PDF, note=case.invoice.pdf_fault)
    if stage.confirm and not _approved(case, stage):
        free = quiet_until(case) or case.today
        later = next_open(free, case.morning.policy.calendar) if free > case.today else None
        return Stop(Reason.AWAITING_APPROVAL, later)
    return None


def _approved(case: Case, stage: Stage) -> bool:
    """True where the user's last word on this stage covers this invoice as it stands.

    It is good for seven days from the first one on which the message could leave, by what was known when it was given:
    a term that was running then, or a closed week, does not use it up. A payment that came and went since ends it.
    """
    approved = next((word for word in reversed(case.past.approvals) if word.stage == stage.key), None)
    if approved is None or (approved.outstanding, approved.snapshot) != (case.outstanding, snapshot_of(case.invoice)):
        return False
    if any(c.on > approved.on and (c.paid or ZERO) < (c.seen or ZERO) for c in case.past.confirmations):
        return False
    quiet = quiet_until(case, approved.on) or approved.on
    return (case.today - next_open(max(approved.on, quiet), case.morning.policy.calendar)).days <= APPROVAL_DAYS


def _quiet_stop(case: Case) -> Stop | None:
    """Too soon after the last contact, payment or release, or before a term that we gave has passed."""
    quiet = quiet_until(case)
    if quiet is not None and case.today < quiet:
        mail = heard(case.past.received, case.contacts)
        why = mail[1] if mail is not None and mail[0] == quiet else None
        return Stop(Reason.TOO_SOON, quiet, why, back=quiet)
    return None


def quiet_until(case: Case, by: date = date.max) -> date | None:
    """The first day on which the customer may be reached again about this invoice; None: no day is too soon.

    A payment newly seen, the release of a hold and a broken promise count as contacts; nothing later than `by` does.
    """
    policy, days = case.morning.policy, [day for day in _contact_days(case, by) if day <= by]
    if not days:
        return None
    quiet = max(days) + timedelta(days=max(policy.min_gap_days, 1))
    contacts = case.contacts if by == date.max else tuple(c for c in case.contacts if c.on <= by)
    if (mail := heard(case.past.received, contacts)) is not None and mail[1].on <= by:
        quiet = max(quiet, mail[0])
    if terms := [c.term for c in contacts if c.term is not None]:
        quiet = max(quiet, after_term(max(terms), policy.calendar))
    return quiet


def _contact_days(case: Case, by: date) -> list[date]:
    """The days of the contacts about this invoice, and of what counts as one; none of most invoices."""
    history = case.morning.history
    days = [contact.on for contact in case.contacts]
    if case.past.payments:
        days += [p.told or p.on for p in case.past.payments]
    if case.next_stage is not BROKEN_PROMISE:
        days += [broken.on for broken in case.broken]
    if history.seen and (paid_on := seen_paid_on(case)) is not None:
        # An approval is for what is left: it knew the payment, even if only a later run remembered it.
        days.append(min(paid_on, by))
    days += dated_payments(case)
    days += [day for day in (case.customer.released, history.releases.get(case.key)) if day is not None]
    return days


def changes(case: Case) -> Changed | None:
    """What has changed of the number, the payments, what was said of it; None where nothing has, or it is confirmed."""
    return number_changes(case) or payment_changes(case) or _looks(case) or unsure_credit(case)


def _looks(case: Case) -> Differs | None:
    """What differs from what the customer was last told, or the user last confirmed.

    A day has no hours: of its contacts and confirmations nobody knows which was the last, and each of them counts.
    """
    if not case.contacts:  # nobody was told anything yet: the user is free to correct it, whatever was confirmed
        return None
    looks = [(said.on, said.snapshot) for said in case.contacts if said.snapshot is not None]
    looks += [(said.on, said.snapshot) for said in case.past.confirmations]
    last = max((on for on, _ in looks), default=None)
    of_day, now = [look for on, look in looks if on == last], snapshot_of(case.invoice)
    if not of_day or now in of_day:
        return None
    was = of_day[-1]
    return Differs(was, tuple(name for name in Snapshot._fields if getattr(was, name) != getattr(now, name)))


def stale_input(ready: Iterable[Line], morning: Morning) -> dict[str, Stop]:
    """Of the lines whose stage may leave, those that the file is not trusted for, by key."""
    file, policy = morning.history.file, morning.policy
    if file is None:
        return {}
    if morning.around.shrunk:
        return dict.fromkeys((line.key for line in ready), Stop(Reason.STALE_INPUT, why=Stale(Doubted.SHRUNK)))
    if file.conflict and not file.confirmed:
        stop = Stop(Reason.STALE_INPUT, why=Stale(Doubted.CONFLICT, file.conflict))
        return dict.fromkeys((line.key for line in ready), stop)
    age = (morning.today - file.fresh_on).days
    old, old_for_firm = 0 < policy.max_age_days < age, 0 < policy.max_age_days_firm < age
    unseen = _promised_since(file, morning.history)
    stops = {}
    for line in ready:
        if (old or old_for_firm) and (old_for_firm if _firm(line) else old):
            stops[line.key] = Stop(Reason.STALE_INPUT, file.fresh_on, Stale(Doubted.OLD, file.oldest))
        elif unseen and not unseen.isdisjoint(targets_of(line.key, line.invoice.customer)):
            stops[line.key] = Stop(Reason.STALE_INPUT, file.fresh_on, Stale(Doubted.PROMISE))
    return stops


def _firm(line: Line) -> bool:
    assert line.acting is not None
    return is_firm(line.acting, line.case.schedule, line.case.morning.policy)


def _promised_since(file: FileState, history: History) -> set[str]:
    """What was promised for a day that the file tells nothing of yet: invoice keys and customer ids."""
    return {
        target
        for target, promises in history.promises.items()
        if any(promise.ended is None and promise.until >= file.fresh_on for promise in promises)
    }
