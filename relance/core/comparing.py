"""What the file as a whole tells: invoices gone or renumbered since the last run, credit notes that pay nothing yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from relance.core.case import Case
from relance.core.history import History, Seen
from relance.core.invoice import ZERO, Invoice, Status, customer_id, normalised_number
from relance.core.morning import ALONE, Credit, Morning, Surroundings
from relance.core.reasons import Change, Renumbered

_Looks = tuple[str, Decimal, date | str | None, date]
SHRUNK_FROM = 5
"""A file with fewer open invoices than this never counts as shrunk."""


def look_around(invoices: Sequence[tuple[str, Invoice]], morning: Morning) -> Surroundings:
    """Compare the file with what the last run saw, and collect what is credited to each customer.

    Each invoice comes with its key.
    """
    history = morning.history
    credits = _open_credits(invoices, morning)
    if not history.seen:
        return Surroundings(credits) if credits else ALONE
    present = {key for key, _ in invoices}
    gone, returned, were_open = [], set(), 0
    for key, seen in history.seen.items():
        if seen.gone_on is not None:
            if key in present:
                returned.add(key)
        elif seen.is_open:
            were_open += 1
            if key not in present:
                gone.append(seen)
    renumbered = _renumbered(invoices, gone, history)
    former = {seen.invoice for seen in renumbered.values()}
    vanished = tuple(seen for seen in gone if seen.invoice not in former)
    confirmed = history.file is not None and history.file.confirmed
    return Surroundings(
        credits=credits,
        renumbered=renumbered,
        returned=frozenset(returned),
        vanished=vanished,
        shrunk=were_open >= SHRUNK_FROM and len(vanished) * 3 >= were_open and not confirmed,
    )


def written_to(invoices: Iterable[tuple[str, Invoice]], morning: Morning) -> Mapping[str, date]:
    """The day of the last message to each address, those that only a column of the file tells of included."""
    found: dict[str, date] = {}
    known, today = morning.history.addresses, morning.today
    for _, invoice in invoices:
        if not invoice.contacts:
            continue
        days = [said.on for said in invoice.contacts if said.channel == "email" and said.on <= today]
        for address in map(str.casefold, invoice.customer.emails) if days else ():
            found[address] = max(*days, found.get(address, date.min), known.get(address, date.min))
    return {**known, **found} if found else known


def _open_credits(
    invoices: Iterable[tuple[str, Invoice]], morning: Morning
) -> dict[tuple[str, str], tuple[Credit, ...]]:
    credits: dict[tuple[str, str], tuple[Credit, ...]] = {}
    credit_note = Status.CREDIT_NOTE
    for key, invoice in invoices:
        if invoice.status is not credit_note and invoice.total >= ZERO:
            continue
        issued = invoice.issue_date
        if invoice.status is Status.CANCELLED or (issued is not None and issued > morning.today):
            continue
        used = morning.history.allocated.get(key, ZERO) + sum((abs(p.amount) for p in invoice.payments), ZERO)
        if abs(invoice.total) > used:
            account = (customer_id(invoice.customer), invoice.currency)
            credit = Credit(key, invoice.number, abs(invoice.total) - used)
            credits[account] = (*credits.get(account, ()), credit)
    return credits


def _renumbered(invoices: Iterable[tuple[str, Invoice]], gone: Iterable[Seen], history: History) -> dict[str, Seen]:
    """By new key, an invoice that is gone and looks the same but for its number, or for its issue date alone."""
    former: dict[_Looks, Seen] = {}
    for seen in gone:
        former.setdefault((seen.customer, seen.total, seen.issue_date, seen.due_date), seen)
        former.setdefault((seen.customer, seen.total, normalised_number(seen.number), seen.due_date), seen)
    found: dict[str, Seen] = {}
    for key, invoice in invoices if former else ():
        known = history.seen.get(key)
        if known is None or known.gone_on is not None:
            for mark in (invoice.issue_date, normalised_number(invoice.number)):
                looks = (customer_id(invoice.customer), invoice.total, mark, invoice.due_date)
                if looks in former:
                    found.setdefault(key, former[looks])
    return found


def last_seen(case: Case) -> Seen | None:
    """An invoice as the last run saw it, put right by what the user has said since of its payments and total."""
    seen = case.morning.history.seen.get(case.key)
    if seen is None or seen.paid is None:
        return seen
    since = seen.paid_on or date.min  # what was confirmed before more was seen paid says nothing of it
    said = case.past.confirmations
    words = [word for word in said if word.seen == seen.paid and word.paid is not None and word.on >= since]
    if not words:
        return seen
    least = min((word.paid for word in words if word.paid is not None), default=seen.paid)
    return seen._replace(paid=min(least, seen.paid), total=words[-1].snapshot.total)


def newly_paid(seen: Seen | None, paid: Decimal, told: Decimal) -> bool:
    """True where the file shows more paid than the last run saw; what was `told` by hand is no news of the file."""
    return seen is not None and seen.paid is not None and paid - told > seen.paid


def seen_paid_on(case: Case) -> date | None:
    """The day of the run that first saw the file show all that is paid: today if none did yet, None if never more."""
    seen = last_seen(case)
    return case.today if newly_paid(seen, case.paid, case.by_hand) else seen.paid_on if seen is not None else None


def payment_changes(case: Case) -> Change | None:
    """Whether less is paid than the last run saw, or what it saw paid is not any more.

    None where neither is so, or once the user confirmed it.
    """
    seen, known = case.morning.history.seen.get(case.key), last_seen(case)
    if seen is None or seen.paid is None or known is None or known.paid is None:
        return None
    if case.paid < known.paid:
        return Change.LESS_PAID
    total = case.invoice.total
    return Change.REOPENED if seen.paid >= seen.total and case.paid < total and known.total < total else None


def number_changes(case: Case) -> Change | Renumbered | None:
    """Whether an invoice looks like one that is gone, or was gone itself.

    None where neither is so, or once the user confirmed it.
    """
    around, said = case.morning.around, case.past.confirmations
    former = around.renumbered.get(case.key)
    if former is not None and all(word.was != former.invoice for word in said):
        return Renumbered(former.number)
    gone_on = case.morning.history.seen[case.key].gone_on if case.key in around.returned else None
    if gone_on is not None and all(word.on < gone_on for word in said):
        return Change.RETURNED
    return None
