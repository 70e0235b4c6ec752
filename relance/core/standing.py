"""Where one invoice stands on its ladder: what was done, which stage comes next, whether it is reached."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from relance.core.answers import Backlog
from relance.core.history import NOTHING, History, Past, contacts_of, known_payments
from relance.core.invoice import Contact, Invoice, days_overdue, invoice_key, paid_until
from relance.core.policy import (
    COURTESY_TERMS_FROM,
    DunningPolicy,
    Schedule,
    Stage,
    schedule_of,
    stage_by_date,
    terms_days,
)


@dataclass(slots=True)  # not frozen: see invoice.py
class Standing:
    """One invoice that is owed on `today`, with all that the rules look at.

    `done` are the stages already done on the current ladder (the `restarts`-th); `in_backlog` tells that it
    was late before relance came; `reached` that the day of `next_stage` has come.
    """

    today: date
    invoice: Invoice
    key: str
    past: Past
    contacts: tuple[Contact, ...]
    paid: Decimal
    outstanding: Decimal
    days: int
    schedule: Schedule
    restarts: int
    done: frozenset[str]
    in_backlog: bool
    next_stage: Stage | None
    reached: bool


@dataclass(slots=True)  # not frozen: see invoice.py
class Account:
    """One invoice on `today` with its past: its payments are those of the file and those told by hand."""

    today: date
    invoice: Invoice
    key: str
    past: Past
    contacts: tuple[Contact, ...]
    paid: Decimal
    outstanding: Decimal


def account(invoice: Invoice, history: History, today: date) -> Account:
    """Fold the file and the journal into what is known of this invoice on `today`."""
    key = invoice_key(invoice)
    past = history.invoices.get(key, NOTHING)
    if past.payments:
        invoice = replace(invoice, payments=known_payments(invoice, past, today))
    paid = paid_until(invoice, today)
    return Account(today, invoice, key, past, contacts_of(invoice, past, today), paid, invoice.total - paid)


def standing(known: Account, history: History, policy: DunningPolicy) -> Standing:
    """Where an invoice that is owed stands on its ladder."""
    invoice, past, contacts = known.invoice, known.past, known.contacts
    days = days_overdue(invoice, known.today)
    schedule = schedule_of(invoice, policy)
    restarts, since = _restarts(past, contacts) if past.confirmations else (0, None)
    done = frozenset(c.stage for c in contacts if since is None or c.on > since) if contacts else NONE_DONE
    backlog = _in_backlog(invoice, schedule, history)
    coming = None
    if days < 0 and not restarts and not short_terms(invoice):
        coming = _next_early(schedule.early, done, days)
    if coming is None:
        at_date = backlog and (history.started is None or history.backlog is Backlog.AS_IS)
        coming = _next_late(schedule.late, done, days, at_date=at_date)
    return Standing(
        known.today,
        invoice,
        known.key,
        past,
        contacts,
        known.paid,
        known.outstanding,
        days,
        schedule,
        restarts,
        done,
        backlog and history.started is not None,
        coming,
        coming is not None and coming.day <= days,
    )


NONE_DONE: frozenset[str] = frozenset()


def short_terms(invoice: Invoice) -> bool:
    """True where the payment terms are too short for a reminder before the due date."""
    terms = terms_days(invoice)
    return terms is not None and terms < COURTESY_TERMS_FROM


def _next_early(early: tuple[Stage, ...], done: frozenset[str], days: int) -> Stage | None:
    """Before the due date: the stage by date unless it was done, else the next one before the due date."""
    reached = stage_by_date(early, days)
    if reached is not None and reached.key not in done:
        return reached
    return next((stage for stage in early if stage.day > days), None)


def _next_late(late: tuple[Stage, ...], done: frozenset[str], days: int, *, at_date: bool) -> Stage | None:
    """The stage after the last one done; at first the first one, or the one by date where `at_date`.

    A stage that only a person carries out (a call, a letter) never blocks the ladder: once the next one is
    reached, it is passed over.
    """
    position = 0
    if done:
        position = max((i for i, stage in enumerate(late) if stage.key in done), default=-1) + 1
    if position == 0 and at_date:
        position = max((i for i, stage in enumerate(late) if stage.day <= days), default=0)
    while position + 1 < len(late) and "email" not in late[position].channels and late[position + 1].day <= days:
        position += 1
    return late[position] if position < len(late) else None


def _in_backlog(invoice: Invoice, schedule: Schedule, history: History) -> bool:
    """True for what was past its first overdue stage when the journal was created (all, without a journal)."""
    if history.started is None:
        return True
    return bool(schedule.late) and (history.started - invoice.due_date).days >= schedule.late[0].day


def _restarts(past: Past, contacts: tuple[Contact, ...]) -> tuple[int, date | None]:
    """How often a later due date was confirmed after a contact, and the day of the last time."""
    number, since = 0, None
    for i, confirmed in enumerate(past.confirmations):
        known = [c.snapshot.due_date for c in contacts if c.snapshot is not None and c.on <= confirmed.on]
        known += [c.snapshot.due_date for c in past.confirmations[:i]]
        if known and confirmed.snapshot.due_date > max(known):
            number, since = number + 1, confirmed.on
    return number, since
