"""What holds an invoice whatever its dates: what the user said, what the file says, as reasons of the plan."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from relance.core.agreements import next_instalment
from relance.core.answers import HoldReason
from relance.core.calendar import WorkCalendar, after_term
from relance.core.facts import Held
from relance.core.invoice import Invoice, Status
from relance.core.reasons import Reason, Stop

BY_HOLD = {
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
    endless = held.reason is HoldReason.PAUSE and held.until is None
    unfollowed = held.reason is HoldReason.PLAN and not held.instalments
    if held.reason is not HoldReason.DISPUTE and not endless and not unfollowed:
        return None
    return held.until or held.on + timedelta(days=REVIEW_DAYS)


def held_by_file(invoice: Invoice) -> Iterator[Stop]:
    """What the file says of this invoice that holds it."""
    if invoice.status is Status.DISPUTED:
        yield Stop(Reason.DISPUTED, note=invoice.note, in_file=True)
    if invoice.status is Status.DIRECT_DEBIT:
        yield Stop(Reason.DIRECT_DEBIT, in_file=True)


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
        return after_term(held.until, calendar)
    return None
