"""Why nothing leaves today about one invoice: the first reason that applies, in the order of Reason."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.answers import Backlog, HoldReason
from relance.core.calendar import WorkCalendar, after_open_days
from relance.core.comparing import ALONE, Surroundings, number_changes
from relance.core.facts import Held
from relance.core.history import History
from relance.core.inbox import heard
from relance.core.invoice import Invoice, Snapshot, Status, customer_id, snapshot_of
from relance.core.plan import Reason
from relance.core.policy import DunningPolicy, Schedule, Stage, stage_by_date
from relance.core.standing import Standing, short_terms

APPROVAL_DAYS = 7
"""An approval lapses after this many days."""
OPEN_DAYS_AFTER_TERM = 3
"""A term we gave, or a promise we were given, is honoured until the third working day after it."""

_BY_STATUS = {
    Status.DRAFT: Reason.DRAFT,
    Status.CANCELLED: Reason.CANCELLED,
    Status.CREDIT_NOTE: Reason.CREDIT_NOTE,
    Status.WRITTEN_OFF: Reason.WRITTEN_OFF,
    Status.FACTORED: Reason.FACTORED,
}
_BY_HOLD = {
    HoldReason.INSOLVENCY: Reason.INSOLVENCY,
    HoldReason.DISPUTE: Reason.DISPUTED,
    HoldReason.PLAN: Reason.PAYMENT_PLAN,
    HoldReason.PROMISE: Reason.PROMISED,
    HoldReason.PAUSE: Reason.PAUSED,
    HoldReason.OTHER: Reason.PAUSED,
}
_RANK = {reason: rank for rank, reason in enumerate(Reason)}


class Stop(NamedTuple):
    """A reason with what explains it.

    `until` is the last day (a hold) or the first free day (too soon); `note` what a person wrote or what
    changed; `in_file` tells that the file says so, `of_customer` that it is about all of the customer; `back` is
    the day on which it ends by itself, if it does.
    """

    reason: Reason
    until: date | None = None
    note: str = ""
    in_file: bool = False
    of_customer: bool = False
    back: date | None = None


def settled(invoice: Invoice, outstanding: Decimal, today: date) -> Reason | None:
    """Why nothing is claimed at all: the file says so, or nothing is outstanding."""
    if invoice.status is Status.UNCLEAR:
        return Reason.UNCLEAR
    if invoice.issue_date is not None and invoice.issue_date > today:
        return Reason.NOT_ISSUED
    by_status = Reason.CREDIT_NOTE if invoice.total < 0 else _BY_STATUS.get(invoice.status)
    if outstanding <= 0 and (by_status is None or _RANK[by_status] > _RANK[Reason.PAID]):
        return Reason.PAID
    return by_status


def first_stop(case: Standing, history: History, policy: DunningPolicy, around: Surroundings = ALONE) -> Stop | None:
    """The first reason that applies to an invoice that is owed; None where its next stage may leave today."""
    for stop in _holds(case, history, policy.calendar):
        return stop
    if case.outstanding < policy.minimum:
        return Stop(Reason.BELOW_MINIMUM)
    return (
        _delivery_stop(case, history)
        or _date_stop(case)
        or _asking_stop(case, history, policy, around)
        or _quiet_stop(case, history, policy)
    )


def _holds(case: Standing, history: History, calendar: WorkCalendar) -> Iterator[Stop]:
    """What the user or the file set, the strongest first."""
    invoice = case.invoice
    stops = []
    if history.holds:
        for target in (case.key, customer_id(invoice.customer)):
            for held in history.holds.get(target, ()):
                back = hold_ends(held, calendar)
                if back is None or case.today < back:
                    all_of_it = target != case.key
                    stops.append(Stop(_BY_HOLD[held.reason], held.until, held.note, of_customer=all_of_it, back=back))
    if invoice.status is Status.DISPUTED:
        stops.append(Stop(Reason.DISPUTED, note=invoice.note, in_file=True))
    if invoice.customer.excluded:
        stops.append(Stop(Reason.EXCLUDED, in_file=True))
    if invoice.status is Status.DIRECT_DEBIT:
        stops.append(Stop(Reason.DIRECT_DEBIT, in_file=True))
    yield from sorted(stops, key=lambda stop: _RANK[stop.reason])


def hold_ends(held: Held, calendar: WorkCalendar) -> date | None:
    """The first day on which a hold no longer holds; None where only `release` ends it.

    A pause resumes the day after its last day, a promise on the third working day after it; a dispute, a
    payment plan and an insolvency never resume alone.
    """
    if held.until is None:
        return None
    if held.reason in (HoldReason.PAUSE, HoldReason.OTHER):
        return held.until + timedelta(days=1)
    if held.reason is HoldReason.PROMISE:
        return after_open_days(held.until, OPEN_DAYS_AFTER_TERM, calendar)
    return None


def _delivery_stop(case: Standing, history: History) -> Stop | None:
    """What became of earlier messages: in doubt, drafted, answered, refused."""
    past = case.past
    if past.doubts:
        return Stop(Reason.IN_DOUBT, note=past.doubts[-1].stage)
    days = {stage.key: stage.day for stage in case.schedule.stages}
    furthest = max((days[key] for key in case.done if key in days), default=None)
    for draft in past.drafts:
        day = days.get(draft.stage)
        expired = day is not None and day < 0 <= case.days
        passed = furthest is not None and day is not None and furthest >= day
        if draft.ladder == case.restarts and not expired and not passed:
            return Stop(Reason.DRAFTED, until=draft.on, note=draft.stage)
    answers = [mail for key in _names(case) for mail in history.inbox.answers.get(key, ())]
    if answers:
        return Stop(Reason.ANSWERED, until=answers[-1].dated, note=f"{answers[-1].sender} : {answers[-1].subject}")
    emails = {email.casefold() for email in case.invoice.customer.emails}
    bounced = history.inbox.bounced
    for email in sorted(emails & bounced.keys()):
        return Stop(Reason.REFUSED, note=f"{email} : {bounced[email].subject}")
    for refused in past.refusals:
        if refused.address.casefold() in emails:
            return Stop(
                Reason.REFUSED, note=f"{refused.address} : {refused.reply}" if refused.reply else refused.address
            )
    return None


def _names(case: Standing) -> tuple[str, ...]:
    """The keys that the invoice has and had."""
    return (case.key, *(confirmed.was for confirmed in case.past.confirmations if confirmed.was))


def _date_stop(case: Standing) -> Stop | None:
    """Why no stage is to be done now, as far as dates tell; None where the next stage has been reached."""
    if case.next_stage is None:
        return Stop(Reason.FINISHED)
    if case.reached:
        return None
    if not case.done.isdisjoint(stage.key for stage in case.schedule.stages):
        return Stop(Reason.STAGE_DONE)
    early = stage_by_date(case.schedule.early, case.days)
    expired = early is not None and case.days >= 0 and not case.restarts and not short_terms(case.invoice)
    return Stop(Reason.EXPIRED if expired else Reason.NOT_DUE)


def _asking_stop(case: Standing, history: History, policy: DunningPolicy, around: Surroundings) -> Stop | None:
    """What needs the user first: an address, an answer about the backlog, a confirmation, an approval."""
    stage = case.next_stage
    assert stage is not None
    by_mail = "email" in stage.channels
    if by_mail and not case.invoice.customer.emails:
        return Stop(Reason.NO_ADDRESS)
    unanswered = history.backlog in (None, Backlog.IGNORE)
    if case.in_backlog and unanswered and not case.past.contacts:
        return Stop(Reason.BACKLOG, note=history.backlog or "")
    changes = number_changes(case.key, case.past.confirmations, history, around) or _changes(case)
    if changes:
        return Stop(Reason.CHANGED, note=changes)
    credits = around.credits.get((customer_id(case.invoice.customer), case.invoice.currency), ())
    if credits and is_firm(stage, case.schedule, policy):
        return Stop(Reason.OPEN_CREDIT, note=credits[0].number)
    if by_mail and case.invoice.pdf_fault:
        return Stop(Reason.MISSING_PDF, note=case.invoice.pdf_fault)
    if by_mail and stage.confirm and not _approved(case, stage):
        return Stop(Reason.AWAITING_APPROVAL)
    return None


def is_firm(stage: Stage, schedule: Schedule, policy: DunningPolicy) -> bool:
    """True for the stages that name charges, and those after them."""
    firm = next((s.day for s in schedule.stages if s.key == policy.interest.show_from), None)
    return firm is not None and stage.day >= firm


def _changes(case: Standing) -> str:
    """The names of what differs from what was last said or confirmed, comma-separated."""
    told: list[tuple[date, int, Snapshot]] = [(c.on, 0, c.snapshot) for c in case.contacts if c.snapshot is not None]
    told += [(c.on, 1, c.snapshot) for c in case.past.confirmations]
    if not told:
        return ""
    before = max(told, key=lambda entry: entry[:2])[2]
    now = snapshot_of(case.invoice)
    names = ("customer", "emails", "total", "due_date")
    return ",".join(name for name in names if getattr(before, name) != getattr(now, name))


def _approved(case: Standing, stage: Stage) -> bool:
    """True where the user's word covers this stage of this invoice as it stands, for seven days."""
    return any(
        approved.stage == stage.key
        and (case.today - approved.on).days <= APPROVAL_DAYS
        and approved.outstanding == case.outstanding
        and approved.snapshot == snapshot_of(case.invoice)
        for approved in case.past.approvals
    )


def _quiet_stop(case: Standing, history: History, policy: DunningPolicy) -> Stop | None:
    """Too soon after the last contact, payment or release, or before a term that we gave has passed."""
    quiet = quiet_until(case, history, policy)
    if quiet is not None and case.today < quiet:
        mail = heard(case.past.received, case.contacts)
        note = f"{mail[1].what}:{mail[1].sender}" if mail is not None and mail[0] == quiet else ""
        return Stop(Reason.TOO_SOON, until=quiet, back=quiet, note=note)
    return None


def quiet_until(case: Standing, history: History, policy: DunningPolicy) -> date | None:
    """The first day on which the customer may be reached again about this invoice; None: no day is too soon."""
    days = [c.on for c in case.contacts] + [p.on for p in case.past.payments]
    days += [p.on for p in case.invoice.payments if p.on is not None and p.on <= case.today]
    if history.releases:
        released = (history.releases.get(case.key), history.releases.get(customer_id(case.invoice.customer)))
        days += [day for day in released if day is not None]
    if not days:
        return None
    quiet = max(days) + timedelta(days=max(policy.min_gap_days, 1))
    if (mail := heard(case.past.received, case.contacts)) is not None:
        quiet = max(quiet, mail[0])
    terms = [c.term for c in case.contacts if c.term is not None]
    if terms:
        quiet = max(quiet, after_term(max(terms), policy.calendar))
    return quiet


def after_term(term: date, calendar: WorkCalendar) -> date:
    """The first day on which a next stage may leave after a term that a message gave."""
    return after_open_days(term, OPEN_DAYS_AFTER_TERM, calendar)
