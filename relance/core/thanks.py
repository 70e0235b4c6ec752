"""Who is thanked today: customers who were reminded, have just paid, and owe nothing more that is overdue."""

from collections.abc import Iterable
from datetime import date, timedelta

from relance.core.case import Case
from relance.core.comparing import last_seen, newly_paid
from relance.core.history import NOTHING
from relance.core.holding import held_by_user
from relance.core.invoice import ZERO, customer_id
from relance.core.morning import Morning
from relance.core.plan import Line
from relance.core.policy import FORMAL_NOTICE, THANKS
from relance.core.reasons import Reason

THANKS_DAYS = 10
"""A thank-you comes within this many days after the payment, or not at all; and at most one in as many days."""


def thanked(lines: Iterable[Line], morning: Morning) -> list[Line]:
    """The paid lines of customers to thank, THANKS as their acting stage.

    Never for an invoice settled before relance knew it, nor after a formal notice, a doubt or a refused address.
    """
    if not morning.policy.thanks or morning.history.started is None:
        return []
    lines = tuple(lines)
    chosen = [line for line in lines if line.reason is Reason.PAID and line.last_contact is not None]
    chosen = [line for line in chosen if _just_paid(line.case) and _was_reminded(line.case)]
    if not chosen:
        return []
    refused = _owing(lines) | _thanked_lately(lines, morning.today)
    return [
        line._replace(acting=THANKS)
        for line in chosen
        if customer_id(line.invoice.customer) not in refused and _reachable(line.case)
    ]


def _just_paid(case: Case) -> bool:
    """True where the last money is at most THANKS_DAYS old, and relance already knew the invoice by then.

    A credit note is no money: what it may explain of a payment without a date is not thanked for.
    """
    seen, started, paid_on = last_seen(case), case.morning.history.started, _paid_on(case)
    if paid_on is None or started is None or not started <= paid_on <= case.today:
        return False
    known = case.past is not NOTHING or (seen is not None and (seen.is_open or seen.paid_on is not None))
    return known and case.today - paid_on <= timedelta(days=THANKS_DAYS)


def _paid_on(case: Case) -> date | None:
    """The day of the last money, None where there is none or nobody knows."""
    money = [payment for payment in case.invoice.payments if not payment.credit]
    received = sum((payment.amount for payment in money), ZERO)
    days = [payment.on for payment in money if payment.on is not None]
    if received <= 0:
        return None
    if len(days) == len(money):
        return max(days)
    seen = last_seen(case)
    if newly_paid(seen, received, case.told):
        return case.today
    return seen.paid_on if seen is not None and received == case.paid else None


def _was_reminded(case: Case) -> bool:
    """True where the invoice was reminded, by no legal act nor stage that needs approval, and not thanked for yet."""
    told, stages = {contact.stage for contact in case.contacts}, case.schedule.stages
    harsh = {stage.key for stage in stages if stage.confirm} | {FORMAL_NOTICE}
    mild = {stage.key for stage in stages} - harsh
    return bool(told & mild) and not told & harsh and THANKS.key not in told


def _reachable(case: Case) -> bool:
    """True where a message can leave: no refused address, doubt, draft of it, running hold or answer that waits.

    Who promised to pay, and has paid, is thanked as anybody.
    """
    customer, past, history = case.invoice.customer, case.past, case.morning.history
    if not customer.emails or customer.excluded or past.doubts or case.key in history.inbox.answers:
        return False
    if any(draft.stage == THANKS.key for draft in past.drafts):
        return False
    emails = {email.casefold() for email in (*customer.emails, *customer.cc)}
    if not (emails.isdisjoint(history.refused) and emails.isdisjoint(history.inbox.bounced)):
        return False
    holding = held_by_user(case.holds, case.morning.policy.calendar, case.today)
    return all(stop.reason is Reason.PROMISED for stop in holding)


def _owing(lines: Iterable[Line]) -> set[str]:
    """The customers (by id) who owe something that is overdue, disputed or not."""
    return {
        customer_id(line.invoice.customer)
        for line in lines
        if line.days_overdue > 0 and line.outstanding > 0 and not line.reason.settled
    }


def _thanked_lately(lines: Iterable[Line], today: date) -> set[str]:
    """The customers (by id) to whom a thank-you went within the last THANKS_DAYS."""
    since = today - timedelta(days=THANKS_DAYS)
    return {
        customer_id(line.invoice.customer)
        for line in lines
        if any(c.stage == THANKS.key and c.on >= since for c in line.case.past.contacts)
    }
