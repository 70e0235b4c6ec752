"""Where one invoice stands on its ladder: what was done, which stage comes next, whether it is reached."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.agreements import Broken, broken_promises
from relance.core.customer_state import CustomerState
from relance.core.history import NOTHING, History, Past
from relance.core.invoice import ZERO, Contact, Invoice, paid_until
from relance.core.known import contacts_of, known_payments
from relance.core.ladder import NOTHING_DONE, Place, done_on
from relance.core.policy import BROKEN_PROMISE, KEY, DunningPolicy, Schedule, Stage, terms_days
from relance.core.reasons import Stop
from relance.core.rungs import Climb


class Account(NamedTuple):
    """One invoice on `today` with its past: its payments are those of the file and those told by hand.

    `told` is what payments told by hand still add to what the file shows.
    """

    today: date
    invoice: Invoice
    key: str
    customer_state: CustomerState
    past: Past
    contacts: tuple[Contact, ...]
    paid: Decimal
    outstanding: Decimal
    told: Decimal


class Standing(NamedTuple):
    """One invoice that is owed on `today`, with all that the rules look at: its account, then its place (see both).

    `next_stage` is the next rung of the ladder, or the message about a promise just `broken` that comes before it.
    """

    today: date
    invoice: Invoice
    key: str
    customer_state: CustomerState
    past: Past
    contacts: tuple[Contact, ...]
    paid: Decimal
    outstanding: Decimal
    told: Decimal
    days: int
    schedule: Schedule
    stage: Stage | None
    restarts: int
    done: frozenset[str]
    in_backlog: bool
    rung: Stage | None
    wait: Stop | None
    climb: Climb
    next_stage: Stage | None
    broken: tuple[Broken, ...]


def account(invoice: Invoice, key: str, customer_state: CustomerState, history: History, today: date) -> Account:
    """Fold the file and the journal into what is known of this invoice (of this key) on `today`."""
    past = history.invoices.get(key, NOTHING)
    told = ZERO
    if past.payments or past.allocations:
        payments, told = known_payments(invoice, past, today)
        invoice = invoice._replace(payments=payments)
    paid = paid_until(invoice, today)
    contacts = contacts_of(invoice, past, today)
    return Account(today, invoice, key, customer_state, past, contacts, paid, invoice.total - paid, told)


def standing(known: Account, place: Callable[..., Place], history: History, policy: DunningPolicy) -> Standing:
    """Where an invoice that is owed stands; `place` is ladder.place_of for the history, policy and day of the plan."""
    invoice, contacts = known.invoice, known.contacts
    customer = invoice.customer
    done = done_on(invoice.due_date, known.past, contacts) if contacts else NOTHING_DONE
    found = place(invoice.due_date, terms_days(invoice), customer.schedule, customer.profile, done)
    broken = broken_by(known.today, known, history, policy)
    if speaks_of(broken, known):
        return Standing._make((*known, *found._replace(wait=None), BROKEN_PROMISE, broken))
    return Standing._make((*known, *found, found.rung, broken))


def broken_by(today: date, known: Account | Standing, history: History, policy: DunningPolicy) -> tuple[Broken, ...]:
    """The promises broken about this invoice, if it is still owed on `today`."""
    promises = known.customer_state.promises
    if history.promises and (own := history.promises.get(known.key)):
        promises = (*own, *promises)
    if not promises:
        return ()
    theirs = (known.key, known.customer_state.identity)
    return broken_promises(promises, theirs, known.invoice.due_date, policy.calendar, today)


def speaks_of(broken: tuple[Broken, ...], known: Account | Standing) -> bool:
    """True for the first broken promise while nobody came back to it: a second one is for a person to speak of.

    So is that of a key account.
    """
    if len(broken) != 1 or known.invoice.customer.profile == KEY:
        return False
    return all(c.on <= broken[0].promised and c.stage != BROKEN_PROMISE.key for c in known.contacts)
