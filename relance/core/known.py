"""What file and journal tell of one invoice together: what was paid of it, and who was reached about it."""

from datetime import date
from decimal import Decimal

from relance.core.history import Past
from relance.core.invoice import ZERO, Contact, Invoice, Payment, payments_until


def known_payments(invoice: Invoice, past: Past, today: date) -> tuple[tuple[Payment, ...], Decimal]:
    """The file's payments, and on top what was told by hand: payments that the file does not show, and credit notes.

    A told payment counts on top of the money that the file showed when it was told; when the file's own money
    rises, it absorbs it. What of the told payments stands in no file is the second value. A credit note allocated by
    hand pays on its own day until that is undone (see allocations.unsure_credit).
    """
    extra = _not_in_file(invoice, past, today) if past.payments else ()
    credited = tuple(Payment(said.amount, said.dated, said.number) for said in past.allocations)
    return invoice.payments + credited + extra, sum((payment.amount for payment in extra), ZERO)


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


def paid_by_hand(past: Past) -> Decimal:
    """All the payments told by hand of an invoice, whether the file shows them by now or not."""
    return sum((paid.amount for paid in past.payments), ZERO)


def absorbed(past: Past, told: Decimal) -> Decimal:
    """Of the payments told by hand, what stands in the file by now: all but `told`, which it does not show yet."""
    return paid_by_hand(past) - told if past.payments else ZERO


def contacts_of(invoice: Invoice, past: Past, today: date) -> tuple[Contact, ...]:
    """Every contact about an invoice up to `today`, from the file and from the journal, oldest first."""
    if not invoice.contacts:
        return past.contacts
    in_file = [contact for contact in invoice.contacts if contact.on <= today]
    return tuple(sorted((*in_file, *past.contacts), key=lambda contact: contact.on))
