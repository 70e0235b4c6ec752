"""What file and journal tell of one invoice together: what was paid of it, and who was reached about it."""

from datetime import date

from relance.core.facts import Allocated
from relance.core.history import Past
from relance.core.invoice import ZERO, Contact, Invoice, Payment, normalised_number, paid_until


def known_payments(invoice: Invoice, past: Past, today: date) -> tuple[Payment, ...]:
    """The file's payments, and on top what was told by hand as far as the file does not show it yet.

    A told payment counts on top of what the file showed when it was told; when the file's own amount
    rises, it absorbs it. Credit notes allocated by hand pay too, but for those that the file now takes off the invoice.
    """
    known = invoice.payments
    if past.allocations:
        shown = {(normalised_number(p.credit), p.on and p.on.year) for p in known if p.credit}
        missing_there = (said for said in past.allocations if shown.isdisjoint(_marks(said)))
        known += tuple(Payment(said.amount, said.dated, said.number) for said in missing_there)
    if not past.payments:
        return known
    floor = ZERO
    for told in past.payments:
        floor = max(told.shown, floor) + told.amount
    missing = max(ZERO, floor - paid_until(invoice, today))
    extra = []
    for told in reversed(past.payments):
        part = min(told.amount, missing)
        if part > 0:
            extra.append(Payment(part, told.on))
            missing -= part
    return known + tuple(reversed(extra))


def _marks(said: Allocated) -> tuple[tuple[str, int | None], ...]:
    """How the file may name an allocated credit note: its number comes back each year, and may stand without a date."""
    number, _, year = said.credit.rpartition("/")
    return (number, int(year)), (number, None)


def contacts_of(invoice: Invoice, past: Past, today: date) -> tuple[Contact, ...]:
    """Every contact about an invoice up to `today`, from the file and from the journal, oldest first."""
    if not invoice.contacts:
        return past.contacts
    in_file = [contact for contact in invoice.contacts if contact.on <= today]
    return tuple(sorted((*in_file, *past.contacts), key=lambda contact: contact.on))
