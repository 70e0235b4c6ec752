"""Until when an invoice can be sued for: past that day nothing is claimed of it any more.

Five years (2224 C. civ.; L110-4 C. com. between merchants), two against a consumer (L218-2 C. conso.), counted from the
invoice, or from the due date where that is earlier: the work was done by then at the latest. A formal notice interrupts
nothing, the debtor's acknowledgment does (2240 C. civ.), a part payment for example. Against a public body four years
from 1 January after the debt arose, and as many from 1 January after each written demand (loi 68-1250, art. 1 and 2).
"""

from collections.abc import Iterable
from datetime import date

from relance.core.case import Case
from relance.core.facts import HoldReason
from relance.core.invoice import Invoice, Kind
from relance.core.policy import THANKS

LIMITATION_YEARS = {Kind.BUSINESS: 5, Kind.PUBLIC: 4, Kind.CONSUMER: 2}
NEAR_DAYS = 183
"""The end is near for this many days: time to go to court, or to have the debt acknowledged."""
_YOUNG = min(LIMITATION_YEARS.values()) - 1
"""Of an invoice of fewer years the end is neither over nor near, whoever owes it."""
_NEVER = date(9998, 12, 31)


def last_day_to_sue(
    invoice: Invoice, kind: Kind, acknowledged: Iterable[date] = (), demanded: Iterable[date] = ()
) -> date:
    """The last day on which the debt can be sued for.

    `acknowledged` are the days on which the debtor owned to it; `demanded` those of written demands, oldest first,
    which count against a public body alone, and only before that day.
    """
    since = max(_since(invoice), *acknowledged, date.min)
    last = _after(since, kind)
    for day in demanded if kind is Kind.PUBLIC else ():
        last = max(last, _after(day, kind)) if day <= last else last
    return last


def last_day_of(case: Case) -> date:
    """The last day for this invoice, by all that was said and paid; its customer's kind unknown, that of a business."""
    kind = case.customer.grounds.kind or Kind.BUSINESS
    return last_day_to_sue(case.invoice, kind, _acknowledged(case), _demanded(case))


def soon_over(case: Case) -> date | None:
    """That day, of what is owed and late, while it is near."""
    today, invoice = case.morning.today, case.invoice
    if today <= invoice.due_date or today.year - _since(invoice).year < _YOUNG or case.outstanding <= 0:
        return None
    last = last_day_of(case)
    return last if is_near(last, case.today) else None


def is_near(last: date, today: date) -> bool:
    """True on that day and in the half-year before it."""
    return 0 <= (last - today).days <= NEAR_DAYS


def time_barred(case: Case) -> bool:
    """True once that day is over; young invoices, nearly all, are not looked at."""
    return case.today.year - _since(case.invoice).year > _YOUNG and last_day_of(case) < case.today


def _since(invoice: Invoice) -> date:
    issued, due = invoice.issue_date, invoice.due_date
    return issued if issued is not None and issued < due else due


def _after(since: date, kind: Kind) -> date:
    """The last day of the period that begins on that day, of a public body at the end of its fourth year."""
    year = since.year + LIMITATION_YEARS[kind]
    if year > _NEVER.year:
        return _NEVER
    month, day = (12, 31) if kind is Kind.PUBLIC else (since.month, since.day)
    return date(year, month, 28 if (month, day) == (2, 29) else day)  # no year two or five after a leap year is one


def _acknowledged(case: Case) -> list[date]:
    """Part payments, and what the user told of promises and payment plans."""
    paid = [payment.on for payment in case.invoice.payments if payment.on is not None and not payment.credit]
    plans = [held.on for held in case.holds if held.reason is HoldReason.PLAN]
    return [*paid, *plans, *(promise.on for promise in case.promises)]


def _demanded(case: Case) -> list[date]:
    written = (said for said in case.contacts if said.channel in ("email", "letter") and said.stage != THANKS.key)
    return [said.on for said in written if said.on > case.invoice.due_date]
