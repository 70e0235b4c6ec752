"""Why nothing leaves today about one invoice: the first reason that applies, in the order of Reason."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from relance.core.calendar import after_term, next_open
from relance.core.case import Case, answers_about, heard_days
from relance.core.cuts import cut_row
from relance.core.facts import Approved, Backlog, Confirmed, Deferred
from relance.core.history import FileState, History
from relance.core.holds import held_by_file, held_by_user
from relance.core.invoice import ZERO, Contact, Snapshot, Status, is_issued, snapshot_of, targets_of
from relance.core.limitation import last_day_of, time_barred
from relance.core.mails import Received, heard
from relance.core.morning import Morning
from relance.core.plan import Line
from relance.core.policy import BROKEN_PROMISE, Stage, is_firm, needs_payments
from relance.core.reasons import (
    Change,
    Changed,
    Differs,
    Doubted,
    OpenCredit,
    Reason,
    RefusedBy,
    Stale,
    Stop,
    UnsureCredit,
)
from relance.core.seen import number_changes, payment_changes, seen_paid_on

if TYPE_CHECKING:
    from relance.core.bank import BankState

_OfStage = TypeVar("_OfStage", Approved, Deferred)
APPROVAL_DAYS = 7
"""An approval lapses this many days after the first day on which the message could leave."""
CONFIRMED_DAYS = 7
"""A file that the user said is right is not doubted for its age, unchanged, for this many days."""

_CLOSING = (Reason.DRAFT, Reason.CANCELLED, Reason.CREDIT_NOTE, Reason.WRITTEN_OFF, Reason.FACTORED)
_BY_STATUS = {Status(reason.value): reason for reason in _CLOSING}  # a file tells them by the same words
_YIELD_TO_PAID = (None, Reason.WRITTEN_OFF, Reason.FACTORED)


def settled(case: Case) -> Reason | None:
    """Why nothing is claimed at all: the file says so, or nothing is outstanding, credit notes in doubt apart."""
    invoice = case.invoice
    if invoice.status is Status.UNCLEAR:
        return Reason.UNCLEAR
    if not is_issued(invoice, case.today):
        return Reason.NOT_ISSUED
    by_status = Reason.CREDIT_NOTE if invoice.total < ZERO else _BY_STATUS.get(invoice.status)
    if case.outstanding <= ZERO and by_status in _YIELD_TO_PAID and not _unsure_credit(case):
        return Reason.PAID
    return by_status


def first_stop(case: Case) -> Stop | None:
    """The first reason that applies to what is owed and nothing holds; None where its next stage may leave today."""
    for rule in _OF_INVOICE:
        if stop := rule(case):
            return stop
    if (stop := case.wait) or case.next_stage is None:
        return stop
    for of_stage in _OF_STAGE:
        if stop := of_stage(case, case.next_stage):
            return stop
    return None


def holds_on(case: Case) -> tuple[Stop, ...]:
    """All that the user, the file or the law set that holds this invoice today, what is about it alone first."""
    stops, history = case.customer.stops, case.morning.history
    if history.holds and (holds := history.holds.get(case.key)):
        stops = (*held_by_user(holds, case.morning.policy.calendar, case.today), *stops)
    if case.invoice.status is not Status.OPEN:
        stops = (*stops, *held_by_file(case.invoice))
    if history.platform is not None and (life := history.platform.lives.get(case.key)):
        from relance.core.lifecycle import held_by_platform  # imported here: most plans read no statuses

        stops = (*stops, *held_by_platform(life, case.morning.policy.calendar, case.today))
    return (*stops, Stop(Reason.TIME_BARRED, last_day_of(case))) if time_barred(case) else stops


def strongest(holds: Iterable[Stop]) -> Stop:
    """The hold that is told: of two as strong the last to end, or the one about this invoice."""
    return min(holds, key=lambda stop: (stop.reason.rank, -(stop.back or date.max).toordinal()))


def _unsure_credit(case: Case) -> UnsureCredit | None:
    if not case.past.allocations:
        return None
    from relance.core.credit_notes import unsure_credit  # imported here: few invoices take a credit note told by hand

    return unsure_credit(case)


def _below_minimum(case: Case) -> Stop | None:
    if case.outstanding >= case.morning.policy.minimum:
        return None
    doubt = _unsure_credit(case)  # where the file counts the credit note too, more is left than that
    return Stop(Reason.CHANGED, why=doubt) if doubt else Stop(Reason.BELOW_MINIMUM)


def _in_doubt(case: Case) -> Stop | None:
    return Stop(Reason.IN_DOUBT, why=case.past.doubts[-1]) if case.past.doubts else None


def _bank_doubt(case: Case) -> Stop | None:
    money = case.morning.around.money.get(case.key)
    return Stop(Reason.BANK_DOUBT, money.on, money) if money else None


def _drafted(case: Case) -> Stop | None:
    if not case.past.drafts:
        return None
    from relance.core.drafts import last_asked  # imported here: most users write no drafts

    draft = last_asked(case)
    return Stop(Reason.DRAFTED, draft.on, draft) if draft else None


def _answered(case: Case) -> Stop | None:
    mails = answers_about(case)
    return Stop(Reason.ANSWERED, mails[-1].dated, mails[-1]) if mails else None


def _refused(case: Case) -> Stop | None:
    """An address that a server refused, or that a message came back from; or the message of this stage, refused."""
    if fact := case.customer.refused:
        bounced, about = isinstance(fact, Received), "" if fact.invoice in case.names else fact.invoice
        said = fact.subject if isinstance(fact, Received) else fact.reply
        return Stop(Reason.REFUSED, why=RefusedBy(fact.address, said, about, bounced))
    for message in case.past.refusals:
        if not case.position.has_mailed(message.stage):
            return Stop(Reason.REFUSED, why=message)
    return None


_OF_INVOICE = (_below_minimum, _in_doubt, _bank_doubt, _drafted, _answered, _refused)
"""What stops an invoice that nothing holds, whatever its next stage, in the order of Reason."""


def _no_address(case: Case, stage: Stage) -> Stop | None:
    return Stop(Reason.NO_ADDRESS) if stage.by_mail and not case.invoice.customer.emails else None


def _reading(case: Case, _stage: Stage) -> Stop | None:
    """Where a column is not understood, no sum, day or state of any line is sure."""
    unagreed = case.morning.history.unagreed
    return Stop(Reason.READING, why=unagreed) if unagreed else None


def _backlog(case: Case, _stage: Stage) -> Stop | None:
    """Once ignored, only what a person does takes it up again."""
    if not case.position.in_backlog:
        return None
    answer, said = case.morning.history.backlog, case.past.contacts
    ignored = answer is Backlog.IGNORE and all(contact.message_id for contact in said)
    return Stop(Reason.BACKLOG, why=answer) if ignored or (answer is None and not said) else None


def _changed(case: Case, _stage: Stage) -> Stop | None:
    """What has changed of the number, the payments, what was said of it; nothing has once it is confirmed."""
    if case.morning.around.mixed:
        return Stop(Reason.CHANGED, why=Change.MIXED)
    for rule in _CHANGES:
        if changed := rule(case):
            return Stop(Reason.CHANGED, why=changed)
    return None


def _open_credit(case: Case, stage: Stage) -> Stop | None:
    """A credit note that pays nothing yet makes the sums of a firm message uncertain."""
    credits = case.morning.around.credits
    if not credits or not is_firm(stage, case.schedule, case.morning.policy):
        return None
    own = credits.get((case.customer.identity, case.invoice.currency))
    return Stop(Reason.OPEN_CREDIT, why=OpenCredit(own[0].number)) if own else None


_ASKING = Stop(Reason.AWAITING_APPROVAL)
"""As of most: one value for all."""


def _mail_lacks(case: Case, stage: Stage) -> Stop | None:
    """The PDF of its invoice, the user's word."""
    if not stage.by_mail:
        return None
    if case.invoice.pdf_fault:
        return Stop(Reason.MISSING_PDF, note=case.invoice.pdf_fault)
    if not stage.confirm or _approved(case, stage):
        return None
    free = quiet_until(case)
    if free is None or free <= case.today:
        return _ASKING
    return Stop(Reason.AWAITING_APPROVAL, next_open(free, case.morning.policy.calendar))


def _approved(case: Case, stage: Stage) -> bool:
    """True where the user's last word on this stage covers this invoice as it stands.

    It is good for seven days from the first one on which the message could leave, by what was known when it was given:
    a term that was running then, or a closed week, does not use it up. A payment that came and went since ends it.
    """
    approved = _last_about(stage, case.past.approvals)
    if approved is None or (approved.outstanding, approved.snapshot) != (case.outstanding, snapshot_of(case.invoice)):
        return False
    if any(word.less_paid and word.on > approved.on for word in case.past.confirmations):
        return False
    free = max(approved.on, quiet_until(case, approved.on) or approved.on)
    return (case.today - next_open(free, case.morning.policy.calendar)).days <= APPROVAL_DAYS


def _last_about(stage: Stage, said: Sequence[_OfStage]) -> _OfStage | None:
    return next((each for each in reversed(said) if each.stage == stage.key), None)


def _no_payment_source(case: Case, stage: Stage) -> Stop | None:
    """Invoices as they were issued never say « paid »: nobody is pressed while nothing else does."""
    untold = case.morning.history.payments_untold
    pressing = untold and needs_payments(stage, case.schedule, case.morning.policy)
    return Stop(Reason.NO_PAYMENT_SOURCE) if pressing else None


def _too_soon(case: Case, _stage: Stage) -> Stop | None:
    """Too soon after the last contact, payment or release, or before a term that we gave has passed."""
    quiet = quiet_until(case)
    if quiet is None or case.today >= quiet:
        return None
    mail = heard(case.past.received, case.contacts)
    return Stop(Reason.TOO_SOON, quiet, mail if mail and mail.waits_until == quiet else None, back=quiet)


_OF_STAGE = (_no_address, _reading, _backlog, _changed, _open_credit, _mail_lacks, _no_payment_source, _too_soon)
"""What stops the next stage once its day has come, in the order of Reason."""


def deferral(case: Case, stage: Stage) -> Stop | None:
    """That the server asked to wait with this stage, and until when; None once that moment has come."""
    last, now = _last_about(stage, case.past.deferrals), case.morning.history.now
    if last is None:
        return None
    day = last.until.date()
    over = day <= case.today if now is None else last.until <= now
    return None if over else Stop(Reason.DEFERRED, day, last, back=day)


def quiet_until(case: Case, by: date = date.max) -> date | None:
    """The first day on which the customer may be reached again about this invoice; None: no day is too soon.

    A payment newly seen, the release of a hold and a broken promise count as contacts; nothing later than `by` does.
    """
    days = _contact_days(case, by)
    if not days:
        return None
    policy, contacts = case.morning.policy, [contact for contact in case.contacts if contact.on <= by]
    ends = [max(days) + timedelta(days=max(policy.min_gap_days, 1))]
    ends += [after_term(contact.term, policy.calendar) for contact in contacts if contact.term]
    mail = heard(case.past.received, contacts) if case.past.received else None
    if mail and mail.on <= by:
        ends.append(mail.waits_until)
    return max(ends)


def _contact_days(case: Case, by: date) -> list[date]:
    """The days up to `by` of the contacts about this invoice, and of what counts as one; none of most invoices."""
    days = heard_days(case)
    if case.contacts:
        days += [contact.on for contact in case.contacts]
    if case.broken and case.next_stage is not BROKEN_PROMISE:
        days += [broken.on for broken in case.broken]
    if paid_on := seen_paid_on(case):
        # An approval is for what is left: it knew the payment, even if only a later run remembered it.
        days.append(min(paid_on, by))
    return [day for day in days if day <= by]


def _own_address(case: Case) -> Change | None:
    """That the message would go to the user himself, unless he said that it may."""
    emails = case.invoice.customer.emails
    if case.morning.policy.own.addresses.isdisjoint(map(str.casefold, emails)):
        return None
    meant = snapshot_of(case.invoice).emails
    return None if any(word.snapshot.emails == meant for word in case.past.confirmations) else Change.TO_ONESELF


def _looks(case: Case) -> Differs | None:
    """What differs from what the customer was last told, or the user last confirmed."""
    if not case.contacts:  # nobody was told anything yet: the user is free to correct it, whatever was confirmed
        return None
    looks, now = _last_looks(case), snapshot_of(case.invoice)
    if not looks or now in looks:
        return None
    was = looks[-1]
    return Differs(was, tuple(name for name in Snapshot._fields if getattr(was, name) != getattr(now, name)))


def _elsewhere(case: Case) -> Change | None:
    return Change.ELSEWHERE if case.key in case.morning.around.elsewhere else None


_CHANGES: tuple[Callable[[Case], Changed | None], ...] = (
    number_changes,
    payment_changes,
    _looks,
    cut_row,
    _elsewhere,
    _unsure_credit,
    _own_address,
)


def _last_looks(case: Case) -> list[Snapshot]:
    """A day has no hours: of its contacts and confirmations nobody knows which was the last, and each counts."""
    said: tuple[Contact | Confirmed, ...] = (*case.contacts, *case.past.confirmations)
    told = [(one.on, one.snapshot) for one in said if one.snapshot]
    last = max((on for on, _ in told), default=None)
    return [look for on, look in told if on == last]


def stale_input(ready: Iterable[Line], morning: Morning) -> dict[str, Stop]:
    """Of the lines whose stage may leave, those that the file is not trusted for, by key."""
    ready, file, bank = list(ready), morning.history.file, morning.history.bank
    stops = _stale_bank(ready, bank, morning) if bank is not None else {}
    if (platform := morning.history.platform) is not None and platform.unread:
        unread = Stale(Doubted.STATUSES_UNREAD, platform.unread[0])
        return dict.fromkeys((line.key for line in ready), Stop(Reason.STALE_INPUT, why=unread))
    if file is None:
        return stops
    if doubt := _doubt_of_all(file, morning):
        return dict.fromkeys((line.key for line in ready), Stop(Reason.STALE_INPUT, why=doubt))
    unseen = _promised_since(file, morning.history)
    doubts = [(line.key, _doubt_of(line, file, unseen)) for line in ready]
    return stops | {key: Stop(Reason.STALE_INPUT, file.fresh_on, doubt) for key, doubt in doubts if doubt}


def _stale_bank(ready: Iterable[Line], bank: "BankState", morning: Morning) -> dict[str, Stop]:
    """Nothing firm leaves by statements that end too long ago, or could not be read: who has paid since is unknown."""
    old = bank.trusted and (bank.until is None or (morning.today - bank.until).days > bank.trusted)
    if not (bank.problems or old):
        return {}
    stop = Stop(Reason.STALE_INPUT, bank.until, Stale(Doubted.BANK_UNREAD if bank.problems else Doubted.BANK))
    policy = morning.policy
    return {line.key: stop for line in ready if is_firm(line.leaving, line.case.schedule, policy)}


def _doubt_of_all(file: FileState, morning: Morning) -> Stale | None:
    if morning.around.shrunk:
        return Stale(Doubted.SHRUNK)
    return Stale(Doubted.CONFLICT, file.conflict) if file.conflict and not file.confirmed else None


def _doubt_of(line: Line, file: FileState, unseen: set[str]) -> Stale | None:
    if 0 < _trusted_days(line, file) < (line.case.today - file.fresh_on).days:
        return Stale(Doubted.OLD, file.oldest, confirmed=file.confirmed)
    promised = not unseen.isdisjoint(targets_of(line.key, line.invoice.customer))
    return Stale(Doubted.PROMISE) if promised else None


def _trusted_days(line: Line, file: FileState) -> int:
    """How old the file may be for the stage that would leave; 0: whatever its age."""
    policy = line.case.morning.policy
    firm = is_firm(line.leaving, line.case.schedule, policy)
    trusted = policy.max_age_days_firm if firm else policy.max_age_days
    return max(trusted, CONFIRMED_DAYS) if trusted and file.confirmed else trusted


def _promised_since(file: FileState, history: History) -> set[str]:
    """What was promised for a day that the file tells nothing of yet: invoice keys and customer ids."""
    return {
        target
        for target, promises in history.promises.items()
        if any(promise.ended is None and promise.until >= file.fresh_on for promise in promises)
    }
