"""Where one invoice stands on its ladder: what was done, which stage comes next, whether it is reached."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.agreements import Broken, broken_promises
from relance.core.answers import Backlog
from relance.core.debtor import Debtor
from relance.core.history import NOTHING, History, Past, contacts_of, known_payments
from relance.core.invoice import ZERO, Contact, Invoice, days_overdue, paid_until
from relance.core.policy import (
    BROKEN_PROMISE,
    COURTESY_TERMS_FROM,
    DunningPolicy,
    Schedule,
    Stage,
    schedule_of,
    stage_by_date,
    terms_days,
)


class Account(NamedTuple):
    """One invoice on `today` with its past: its payments are those of the file and those told by hand.

    `told` is what those told by hand still add to what the file shows.
    """

    today: date
    invoice: Invoice
    key: str
    debtor: Debtor
    past: Past
    contacts: tuple[Contact, ...]
    paid: Decimal
    outstanding: Decimal
    told: Decimal


class Standing(NamedTuple):
    """One invoice that is owed on `today`, with all that the rules look at: its account, then its ladder.

    `done` are the stages already done on the current ladder (the `restarts`-th); `by_date` tells that its first
    stage is the one by date, `in_backlog` that it was late before relance came. `rung` is the next stage of the
    ladder; `next_stage` is the same, or the message about a promise just `broken` that comes before it. `reached`
    tells that the day of `next_stage` has come.
    """

    today: date
    invoice: Invoice
    key: str
    debtor: Debtor
    past: Past
    contacts: tuple[Contact, ...]
    paid: Decimal
    outstanding: Decimal
    told: Decimal
    days: int
    schedule: Schedule
    restarts: int
    done: frozenset[str]
    by_date: bool
    in_backlog: bool
    rung: Stage | None
    next_stage: Stage | None
    reached: bool
    broken: tuple[Broken, ...]


def account(invoice: Invoice, key: str, debtor: Debtor, history: History, today: date) -> Account:
    """Fold the file and the journal into what is known of this invoice (of this key) on `today`."""
    past = history.invoices.get(key, NOTHING)
    told = ZERO
    if past.payments or past.allocations:
        shown = paid_until(invoice, today) + sum((said.amount for said in past.allocations), ZERO)
        invoice = invoice._replace(payments=known_payments(invoice, past, today))
        told = paid_until(invoice, today) - shown
    paid = paid_until(invoice, today)
    contacts = contacts_of(invoice, past, today)
    return Account(today, invoice, key, debtor, past, contacts, paid, invoice.total - paid, told)


def standing(known: Account, history: History, policy: DunningPolicy) -> Standing:
    """Where an invoice that is owed stands on its ladder."""
    invoice, contacts = known.invoice, known.contacts
    days = days_overdue(invoice, known.today)
    schedule = schedule_of(invoice, policy)
    restarts, done, moved = _ladder(invoice, known.past, contacts) if contacts else (0, _NONE_DONE, False)
    again = restarts > 0 or moved
    backlog = _in_backlog(invoice, schedule, history)
    by_date = backlog and not again and (history.started is None or history.backlog is Backlog.AS_IS)
    rung = None
    if days < 0 and not again and not short_terms(invoice):
        rung = _next_early(schedule.early, done, days)
    if rung is None:
        rung = _next_late(schedule.late, done, days, by_date=by_date)
    broken = _broken(known, history, policy)
    acting = BROKEN_PROMISE if broken and _speaks_of(broken, contacts) else rung
    return Standing(
        *known,
        days,
        schedule,
        restarts,
        done,
        by_date and (not done or done.isdisjoint(stage.key for stage in schedule.late)),
        backlog and history.started is not None,
        rung,
        acting,
        acting is not None and acting.day <= days,
        broken,
    )


def _broken(known: Account, history: History, policy: DunningPolicy) -> tuple[Broken, ...]:
    """The promises broken about this invoice."""
    promises = known.debtor.promises
    if history.promises and (own := history.promises.get(known.key)):
        promises = (*own, *promises)
    if not promises:
        return ()
    theirs = (known.key, known.debtor.identity)
    return broken_promises(promises, theirs, known.invoice.due_date, policy.calendar, known.today)


def _speaks_of(broken: tuple[Broken, ...], contacts: tuple[Contact, ...]) -> bool:
    """True for the first broken promise while nobody came back to it: a second one is for a person to speak of."""
    if len(broken) != 1:
        return False
    return all(c.on <= broken[0].promised and c.stage != BROKEN_PROMISE.key for c in contacts)


_NONE_DONE: frozenset[str] = frozenset()


def short_terms(invoice: Invoice) -> bool:
    """True where the payment terms are too short for a reminder before the due date."""
    terms = terms_days(invoice)
    return terms is not None and terms < COURTESY_TERMS_FROM


def _next_early(early: tuple[Stage, ...], done: frozenset[str], days: int) -> Stage | None:
    """Before the due date: the stage by date unless it was done, else the next one before the due date."""
    reached = stage_by_date(early, days)
    if reached is not None and reached.key not in done:
        return reached
    return next((stage for stage in early if stage.day > days and stage.key not in done), None)


def _next_late(late: tuple[Stage, ...], done: frozenset[str], days: int, *, by_date: bool) -> Stage | None:
    """The stage after the last one done; at first the first one, or the one by date where `by_date`.

    A stage that only a person carries out (a call, a letter) never blocks the ladder: once the next one is
    reached, it is passed over.
    """
    position = 0
    if done:
        position = max((i for i, stage in enumerate(late) if stage.key in done), default=-1) + 1
    if position == 0 and by_date:
        position = max((i for i, stage in enumerate(late) if stage.day <= days), default=0)
    while position + 1 < len(late) and "email" not in late[position].channels and late[position + 1].day <= days:
        position += 1
    return late[position] if position < len(late) else None


def _in_backlog(invoice: Invoice, schedule: Schedule, history: History) -> bool:
    """True for what was past its first overdue stage when the journal was created (all, without a journal)."""
    if history.started is None:
        return True
    return bool(schedule.late) and (history.started - invoice.due_date).days >= schedule.late[0].day


def _ladder(invoice: Invoice, past: Past, contacts: tuple[Contact, ...]) -> tuple[int, frozenset[str], bool]:
    """How often the ladder started again, what was done on it since, and whether a later due date waits for a word.

    It starts again when a due date later than the last one told to the customer is confirmed. On one day, what
    was said of the older due date comes first, and a message about the new one after its confirmation.
    """
    if not past.confirmations:
        dues = [(c.on, c.snapshot.due_date) for c in contacts if c.snapshot]
        moved = bool(dues) and invoice.due_date > max(dues)[1]
        return 0, _NONE_DONE if moved else frozenset([c.stage for c in contacts]), moved
    told = [(c.on, c.snapshot.due_date if c.snapshot else date.min, 1, c.stage) for c in contacts]
    told += [(c.on, c.snapshot.due_date, 0, "") for c in past.confirmations]
    restarts, done, known = 0, set[str](), date.max
    for _, due, is_contact, stage in sorted(told):
        if is_contact:
            done.add(stage)
        elif due > known:
            restarts += 1
            done.clear()
        if due > date.min:
            known = due
    moved = invoice.due_date > known
    return restarts, _NONE_DONE if moved else frozenset(done), moved
