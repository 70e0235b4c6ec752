"""What file and journal tell of one invoice together: what was paid of it, and who was reached about it."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.allocations import found_in_file, named_by_file, without_credits
from relance.core.facts import Allocated
from relance.core.history import Past
from relance.core.invoice import ZERO, Contact, Invoice, Payment, payments_until


class Known(NamedTuple):
    """What was paid of an invoice, by the file and by hand.

    `told` is what payments told by hand still add to the file; `shown` are the allocations that it shows by now.
    """

    payments: tuple[Payment, ...]
    told: Decimal = ZERO
    shown: tuple[Allocated, ...] = ()


def known_payments(invoice: Invoice, past: Past, today: date) -> Known:
    """The file's payments, and on top what was told by hand as far as the file does not show it yet.

    A told payment counts on top of the money that the file showed when it was told; when the file's own money
    rises, it absorbs it. Credit notes allocated by hand pay too: one that the file names stands there, and one that it
    shows without a name keeps its name and its day, and what the file shows counts for that much less.
    """
    known = invoice.payments
    extra = _not_in_file(invoice, past, today) if past.payments else ()
    told = sum((payment.amount for payment in extra), ZERO)
    if not past.allocations:
        return Known(known + extra, told)
    named = named_by_file(invoice, past)
    added = tuple(said for said in past.allocations if said not in named)
    found = found_in_file(invoice, added, _of_credits(invoice, past, told, today), today)
    if found:
        known = without_credits(known, sum((said.amount for said in found), ZERO), today)
    credited = tuple(Payment(said.amount, said.dated, said.number) for said in added)
    return Known(known + credited + extra, told, named + found)


def money_until(invoice: Invoice, day: date) -> Decimal:
    """What the file shows as received on or before `day`, in the invoice's currency; a credit note is no money."""
    return sum((p.amount for p in payments_until(invoice, day) if not p.credit), ZERO)


def _not_in_file(invoice: Invoice, past: Past, today: date) -> tuple[Payment, ...]:
    """The payments told by hand, as far as the file does not show them."""
    floor = ZERO
    for told in past.payments:
        floor = max(told.shown, floor) + told.amount
    missing = max(ZERO, floor - money_until(invoice, today))
    extra = []
    for told in reversed(past.payments):
        part = min(told.amount, missing)
        if part > 0:
            extra.append(Payment(part, told.on))
            missing -= part
    return tuple(reversed(extra))


def _of_credits(invoice: Invoice, past: Past, told: Decimal, today: date) -> Decimal:
    """Of what the file shows that may be credit notes, what is payments told by hand: as much as no other money is."""
    if not past.payments:
        return ZERO
    only_rest = sum((payment.amount for payment in invoice.payments if payment.from_rest), ZERO)
    other = money_until(invoice, today) - only_rest
    return max(ZERO, absorbed(past, told) - max(ZERO, other - past.payments[0].shown))


def absorbed(past: Past, told: Decimal) -> Decimal:
    """Of the payments told by hand, what stands in the file by now: all but `told`, which it does not show yet."""
    return sum((paid.amount for paid in past.payments), ZERO) - told if past.payments else ZERO


def contacts_of(invoice: Invoice, past: Past, today: date) -> tuple[Contact, ...]:
    """Every contact about an invoice up to `today`, from the file and from the journal, oldest first."""
    if not invoice.contacts:
        return past.contacts
    in_file = [contact for contact in invoice.contacts if contact.on <= today]
    return tuple(sorted((*in_file, *past.contacts), key=lambda contact: contact.on))
