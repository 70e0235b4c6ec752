"""What customers agreed to: promises kept to their day or broken, payment plans followed instalment by instalment."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.answers import HoldReason
from relance.core.calendar import WorkCalendar, after_term
from relance.core.facts import Held, Instalment
from relance.core.history import History, Promise
from relance.core.invoice import ZERO, Invoice
from relance.core.morning import Morning


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
    found = []
    for promise in promises:
        if promise.target not in theirs:
            continue
        on = after_term(promise.until, calendar)
        if promise.until >= due_date and on <= today and (promise.ended is None or promise.ended >= on):
            found.append(Broken(promise.until, on))
    return tuple(sorted(found))


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
        money = [payment.on for payment in invoice.payments if not payment.credit]
        days = [day for day in money if day is not None]
        if seen_on is not None and len(days) < len(money) and all(day < promise.on for day in days):
            days.append(seen_on)
        return not days or max(days) < on
    if promise.ended is not None and promise.ended < on:
        return None
    return None if today < on else False


def newer_than(history: History, day: date) -> bool:
    """True where the file was changed or confirmed after `day`, so that it would show a payment made by then."""
    return history.file is None or history.file.fresh_on > day


def payment_plans(history: History) -> Iterable[Held]:
    """The payment plans that hold, those whose instalments are known, each once under whatever names it stands."""
    plans = (held for holds in history.holds.values() for held in holds if held.reason is HoldReason.PLAN)
    return {held._replace(target=""): held for held in plans if held.instalments}.values()


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
    for part in parts_of(plan, outstanding, morning):
        if part.missed:
            return Instalment(part.due, part.amount - part.paid)
    return None
