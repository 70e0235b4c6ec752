"""What holds an invoice whatever its dates, as the user or the file says; promises and payment plans with it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from relance.core.calendar import WorkCalendar, after_term
from relance.core.facts import Held, HoldReason, Instalment
from relance.core.history import History, Promise
from relance.core.invoice import ZERO, Contact, Customer, Invoice, Status
from relance.core.morning import Morning
from relance.core.policy import BROKEN_PROMISE, KEY
from relance.core.reasons import Reason, Stop


class Broken(NamedTuple):
    """A promise to pay by `promised` that was not kept; it counts as broken from `on`, the third working day after."""

    promised: date
    on: date


def broken_promises(
    promises: Iterable[Promise], theirs: tuple[str, str], due_date: date, calendar: WorkCalendar, today: date
) -> tuple[Broken, ...]:
    """The promises broken about an invoice that is still owed on `today`, the oldest first.

    A promise that was renewed or released before it counted as broken is none of them, nor is one for a day before
    the invoice was due. `theirs` are the invoice's key and its customer's identity: a namesake at another address is
    silenced by a promise (see invoice.targets_of), but not told of it.
    """
    told = (promise for promise in promises if promise.target in theirs and promise.until >= due_date)
    counted = ((promise, after_term(promise.until, calendar)) for promise in told)
    return tuple(sorted(Broken(promise.until, on) for promise, on in counted if on <= today and promise.runs_on(on)))


def asks_for_call(broken: Sequence[Broken], customer: Customer, history: History) -> bool:
    """True where no mail speaks of the last of these promises, by a file that would show it kept.

    The first one is spoken of by a mail, but for a key account.
    """
    mailed = int(customer.profile != KEY)
    return len(broken) > mailed and newer_than(history, broken[-1].promised)


def speaks_of(contact: Contact, broken: Broken) -> bool:
    """True where a person came back to this broken promise: the program's own mails do not speak of it."""
    if contact.stage == BROKEN_PROMISE.key:
        return contact.on >= broken.on
    return contact.channel != "email" and contact.on > broken.promised


def kept(
    promise: Promise,
    invoice: Invoice,
    outstanding: Decimal,
    calendar: WorkCalendar,
    today: date,
    seen_on: date | None = None,
) -> bool | None:
    """True where the invoice (with all its payments) was paid before the promise counted as broken, False where not.

    None while that is open, and for a promise that was renewed or released before. Only money counts for the day:
    where credit notes settle all, nobody was late. A payment without a date counts on `seen_on`, the day of the run
    that saw more paid, unless a dated one since the promise may be what it saw.
    """
    on = after_term(promise.until, calendar)
    if outstanding <= 0:
        return all(day < on for day in _money_days(promise, invoice, seen_on))
    return False if on <= today and promise.runs_on(on) else None


def _money_days(promise: Promise, invoice: Invoice, seen_on: date | None) -> list[date]:
    money = [payment.on for payment in invoice.payments if not payment.credit]
    days = list(filter(None, money))
    if seen_on is not None and len(days) < len(money) and all(day < promise.on for day in days):
        days.append(seen_on)
    return days


def newer_than(history: History, day: date) -> bool:
    """True where the file was changed or confirmed after `day`, so that it would show a payment made by then."""
    return history.file is None or history.file.fresh_on > day


def payment_plans(history: History) -> Iterable[Held]:
    """The payment plans that hold, those whose instalments are known, each once under whatever names it stands."""
    plans = (held for held in chain.from_iterable(history.holds.values()) if held.instalments)
    return {held._replace(target=""): held for held in plans}.values()


def next_instalment(plan: Held, today: date) -> Instalment | None:
    """The instalment that is due next, on `today` at the earliest."""
    return next((part for part in plan.instalments if part.due >= today), None)


class Part(NamedTuple):
    """An instalment with what came of it (`paid`); `past` tells that its day is over.

    `missed` tells that something still lacks on the third working day after it.
    """

    due: date
    amount: Decimal
    paid: Decimal
    past: bool
    missed: bool


def parts_of(plan: Held, outstanding: Decimal, morning: Morning) -> Iterator[Part]:
    """The instalments of a plan, filled in their order by what was paid; only a file newer than one tells it missed.

    `outstanding` is what is left of the invoices that the plan covers.
    """
    paid = max(ZERO, sum((part.amount for part in plan.instalments), ZERO) - outstanding)
    for due, amount in plan.instalments:
        got = min(amount, paid)
        paid -= got
        late = after_term(due, morning.policy.calendar) <= morning.today and newer_than(morning.history, due)
        yield Part(due, amount, got, due < morning.today, late and got < amount)


def missed_instalment(plan: Held, outstanding: Decimal, morning: Morning) -> Instalment | None:
    """The first instalment that was missed, with what is missing of its amount."""
    parts = parts_of(plan, outstanding, morning)
    return next((Instalment(part.due, part.amount - part.paid) for part in parts if part.missed), None)


BY_HOLD = {
    HoldReason.COLLECTION: Reason.COLLECTION,
    HoldReason.INSOLVENCY: Reason.INSOLVENCY,
    HoldReason.DISPUTE: Reason.DISPUTED,
    HoldReason.PLAN: Reason.PAYMENT_PLAN,
    HoldReason.PROMISE: Reason.PROMISED,
    HoldReason.PAUSE: Reason.PAUSED,
    HoldReason.OTHER: Reason.PAUSED,
}
"""The reason in the plan of each of the user's holds."""
REVIEW_DAYS = 30
"""What stops without an end is looked at again after this many days."""


def held_by_user(
    holds: Iterable[Held], calendar: WorkCalendar, today: date, *, of_customer: bool = False
) -> Iterator[Stop]:
    """Those of the user's holds that hold today."""
    for held, back in running(holds, calendar, today):
        part = next_instalment(held, today)
        until = part.due if part else review_day(held) if held.reason is HoldReason.DISPUTE else held.until
        yield Stop(BY_HOLD[held.reason], until, note=held.note, of_customer=of_customer, back=back)


def running(holds: Iterable[Held], calendar: WorkCalendar, today: date) -> Iterator[tuple[Held, date | None]]:
    """Those that hold today, each with the day on which it ends by itself (see hold_ends)."""
    for held in holds:
        back = hold_ends(held, calendar)
        if back is None or today < back:
            yield held, back


def review_day(held: Held) -> date | None:
    """The day on which the user looks again at what nothing ends or follows: the one told, else REVIEW_DAYS later.

    That is a dispute, a payment plan without instalments, and a pause without an end; None for any other hold.
    """
    pause, plan = held.until is None, not held.instalments
    asked = {HoldReason.DISPUTE: True, HoldReason.PAUSE: pause, HoldReason.PLAN: plan}.get(held.reason, False)
    return (held.until or held.on + timedelta(days=REVIEW_DAYS)) if asked else None


def held_by_file(invoice: Invoice) -> Iterator[Stop]:
    """What the file says of this invoice that holds it."""
    if invoice.status is Status.DISPUTED:
        yield Stop(Reason.DISPUTED, note=invoice.note, in_file=True)
    if invoice.status is Status.EXCLUDED:
        yield Stop(Reason.EXCLUDED, in_file=True)
    if invoice.status is Status.DIRECT_DEBIT:
        yield Stop(Reason.DIRECT_DEBIT, in_file=True)


def hold_ends(held: Held, calendar: WorkCalendar) -> date | None:
    """The first day on which a hold no longer holds; None where only `release` ends it.

    A pause resumes the day after its last day, a promise on the third working day after it; a dispute, a
    payment plan, a collection by others and an insolvency never resume alone.
    """
    if held.until is not None and held.reason in (HoldReason.PAUSE, HoldReason.OTHER):
        return held.until + timedelta(days=1)
    return None if held.promised is None else after_term(held.promised, calendar)
