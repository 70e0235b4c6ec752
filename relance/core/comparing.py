"""What the file as a whole tells: invoices gone or renumbered since the last run, credit notes that pay nothing yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from relance.core.facts import Confirmed
from relance.core.history import History, Seen
from relance.core.invoice import ZERO, Invoice, Status, customer_id, normalised_number
from relance.core.reasons import Change, Renumbered

_Looks = tuple[str, Decimal, date | str | None, date]
SHRUNK_FROM = 5
"""A file with fewer open invoices than this never counts as shrunk."""


class Credit(NamedTuple):
    """What is left of a credit note that no invoice was told to take, as a positive amount."""

    key: str
    number: str
    amount: Decimal


class Surroundings(NamedTuple):
    """What one invoice has to know of the others.

    `credits` are open credit notes by (customer id, currency); `renumbered` tells by new key what an invoice was
    seen as before, `returned` which keys come back after they were gone; `shrunk` that too much is gone at
    once and nobody confirmed it.
    """

    credits: Mapping[tuple[str, str], tuple[Credit, ...]] = MappingProxyType({})
    renumbered: Mapping[str, Seen] = MappingProxyType({})
    returned: frozenset[str] = frozenset()
    vanished: tuple[Seen, ...] = ()
    shrunk: bool = False


ALONE = Surroundings()


def look_around(invoices: Sequence[tuple[str, Invoice]], history: History, today: date) -> Surroundings:
    """Compare the file with what the last run saw, and collect what is credited to each customer.

    Each invoice comes with its key.
    """
    credits = _open_credits(invoices, history, today)
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


def written_to(invoices: Iterable[tuple[str, Invoice]], history: History, today: date) -> Mapping[str, date]:
    """The day of the last message to each address, those that only a column of the file tells of included."""
    found: dict[str, date] = {}
    for _, invoice in invoices:
        if not invoice.contacts:
            continue
        days = [said.on for said in invoice.contacts if said.channel == "email" and said.on <= today]
        for address in map(str.casefold, invoice.customer.emails) if days else ():
            found[address] = max(*days, found.get(address, date.min), history.addresses.get(address, date.min))
    return {**history.addresses, **found} if found else history.addresses


def _open_credits(
    invoices: Iterable[tuple[str, Invoice]], history: History, today: date
) -> dict[tuple[str, str], tuple[Credit, ...]]:
    credits: dict[tuple[str, str], tuple[Credit, ...]] = {}
    credit_note = Status.CREDIT_NOTE
    for key, invoice in invoices:
        if invoice.status is not credit_note and invoice.total >= ZERO:
            continue
        if invoice.status is Status.CANCELLED or (invoice.issue_date is not None and invoice.issue_date > today):
            continue
        used = history.allocated.get(key, ZERO) + sum((abs(p.amount) for p in invoice.payments), ZERO)
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


def last_seen(key: str, confirmations: Sequence[Confirmed], history: History) -> Seen | None:
    """An invoice as the last run saw it, put right by what the user has said since of its payments and total."""
    seen = history.seen.get(key)
    if seen is None or seen.paid is None:
        return seen
    since = seen.paid_on or date.min  # what was confirmed before more was seen paid says nothing of it
    words = [said for said in confirmations if said.seen == seen.paid and said.paid is not None and said.on >= since]
    if not words:
        return seen
    least = min((said.paid for said in words if said.paid is not None), default=seen.paid)
    return seen._replace(paid=min(least, seen.paid), total=words[-1].snapshot.total)


def newly_paid(seen: Seen | None, paid: Decimal, told: Decimal) -> bool:
    """True where the file shows more paid than the last run saw; what was `told` by hand is no news of the file."""
    return seen is not None and seen.paid is not None and paid - told > seen.paid


def seen_paid_on(
    key: str, confirmations: Sequence[Confirmed], history: History, paid: Decimal, told: Decimal, today: date
) -> date | None:
    """The day of the run that first saw the file show all that is paid: `today` if none did yet, None if never more."""
    seen = last_seen(key, confirmations, history)
    return today if newly_paid(seen, paid, told) else seen.paid_on if seen is not None else None


def payment_changes(
    key: str, total: Decimal, paid: Decimal, confirmations: Sequence[Confirmed], history: History
) -> Change | None:
    """Whether less is paid than the last run saw, or what it saw paid is not any more.

    None where neither is so, or once the user confirmed it.
    """
    seen, known = history.seen.get(key), last_seen(key, confirmations, history)
    if seen is None or seen.paid is None or known is None or known.paid is None:
        return None
    if paid < known.paid:
        return Change.LESS_PAID
    return Change.REOPENED if seen.paid >= seen.total and paid < total and known.total < total else None


def number_changes(
    key: str, confirmations: Iterable[Confirmed], history: History, around: Surroundings
) -> Change | Renumbered | None:
    """Whether an invoice looks like one that is gone, or was gone itself.

    None where neither is so, or once the user confirmed it.
    """
    former = around.renumbered.get(key)
    if former is not None and all(confirmed.was != former.invoice for confirmed in confirmations):
        return Renumbered(former.number)
    gone_on = history.seen[key].gone_on if key in around.returned else None
    if gone_on is not None and all(confirmed.on < gone_on for confirmed in confirmations):
        return Change.RETURNED
    return None
