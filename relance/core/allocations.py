"""Credit notes that the user allocated by hand, and what the file says of them since: there the file wins."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from relance.core.facts import Allocated, Confirmed
from relance.core.history import Ended, History, Past
from relance.core.invoice import UNNAMED, ZERO, Invoice, Payment, invoice_key, normalised_number

_Mark = tuple[str, int | None]


def may_be_credits(invoice: Invoice, day: date) -> Decimal:
    """What the file shows by `day` that may be credit notes without their number.

    The column of the credit notes, and what is known as paid only by what is left. Money with a date or in a column of
    its own, and a credit note that is named, are what they are.
    """
    return sum((payment.amount for payment in invoice.payments if _may_be_credit(payment, day)), ZERO)


def named_by_file(invoice: Invoice, past: Past) -> tuple[Allocated, ...]:
    """The allocations to this invoice of credit notes that the file itself takes off it."""
    named = set(map(_mark, filter(_is_named, invoice.payments)))
    return tuple(said for said in past.allocations if not named.isdisjoint(_marks(said)))


def found_in_file(invoice: Invoice, said: Sequence[Allocated], paid: Decimal, today: date) -> tuple[Allocated, ...]:
    """Those of the allocations `said` that stand in the file by now, in what it shows without a name.

    That has risen by them since the user told them, beside `paid`: what is there by now of payments told by hand, which
    come first. Each is found whole or not at all; where more has come, the user is asked (see unsure_credit).
    """
    found, shown, taken = [], may_be_credits(invoice, today), paid
    for one in said:
        if one.shown is not None and shown >= (needed := max(one.shown, taken) + one.amount):
            taken = needed
            found.append(one)
    return tuple(found)


def unsure_credit(
    ended: Iterable[Ended],
    payments: Sequence[Payment],
    told: Decimal,
    absorbed: Decimal,
    confirmations: Iterable[Confirmed],
) -> str:
    """The number of an allocated credit note found in a lower rest that fell by more: all of that may be money.

    `payments` are those known of the invoice; of those told by hand, `told` is not in the file yet and `absorbed` is.
    Empty where the fall is the credit note alone, or once the user confirmed it since, when more was known to be paid
    than before it.
    """
    other = sum((payment.amount for payment in payments if payment.from_rest), ZERO) - absorbed
    paid = sum((payment.amount for payment in payments), ZERO) - told
    words = [(word.on, word.paid) for word in confirmations if word.paid is not None]
    for said, taker in ended:
        more = other - said.shown if not taker and said.shown is not None else ZERO
        if more > 0 and not any(on >= said.on and then > paid - more for on, then in words):
            return said.number
    return ""


def told_by_hand(past: Past, told: Decimal, ended: Iterable[Ended]) -> Decimal:
    """What the user himself added to the file: the payments `told`, and the allocations that have not `ended`."""
    if not past.allocations:
        return told
    shown = sum((said.amount for said, taker in ended if not taker), ZERO)
    return told + sum((said.amount for said in past.allocations), ZERO) - shown


def without_credits(payments: Sequence[Payment], amount: Decimal, day: date) -> tuple[Payment, ...]:
    """The file's payments, less an amount of what may be credit notes: it is known by its name elsewhere."""
    kept = []
    for payment in payments:
        part = min(payment.amount, amount) if _may_be_credit(payment, day) else ZERO
        amount -= part
        if payment.amount != part:
            kept.append(payment._replace(amount=payment.amount - part))
    return tuple(kept)


def as_the_file_allocates(history: History, invoices: Sequence[tuple[str, Invoice]]) -> History:
    """The history without what was allocated by hand of credit notes that the file itself takes off other invoices.

    Each invoice comes with its key; an invoice that loses an allocation keeps it as `overruled`.
    """
    if not history.allocated:
        return history
    takers: dict[_Mark, tuple[str, Invoice]] = {}
    for key, invoice in invoices:
        for payment in filter(_is_named, invoice.payments):
            takers[_mark(payment)] = (key, invoice)
    changed = {}
    for key, past in history.invoices.items() if takers else ():
        taken = [(said, next((takers[m] for m in _marks(said) if m in takers), None)) for said in past.allocations]
        lost = tuple((said, taker[1].number) for said, taker in taken if taker is not None and taker[0] != key)
        if lost:
            kept = tuple(said for said, taker in taken if taker is None or taker[0] == key)
            changed[key] = past._replace(allocations=kept, overruled=lost)
    return history._replace(invoices={**history.invoices, **changed}) if changed else history


def allocations_of(credit: str, invoices: Iterable[Invoice], history: History) -> tuple[tuple[Allocated, str], ...]:
    """What the user allocated of a credit note (its key), each with the number of the invoice that it pays.

    An invoice that has another number by now is named by that one.
    """
    if credit not in history.allocated:
        return ()
    numbers = {invoice_key(invoice): invoice.number for invoice in invoices}
    former = {said.was for past in history.invoices.values() for said in past.confirmations}
    return tuple(
        (said, numbers.get(key, key.rpartition("/")[0]))
        for key, past in history.invoices.items()
        if key in numbers or key not in former
        for said in past.allocations
        if said.credit == credit
    )


def _may_be_credit(payment: Payment, day: date) -> bool:
    return (payment.from_rest or payment.credit == UNNAMED) and (payment.on is None or payment.on <= day)


def _is_named(payment: Payment) -> bool:
    return payment.credit not in ("", UNNAMED)


def _mark(payment: Payment) -> _Mark:
    return normalised_number(payment.credit), None if payment.on is None else payment.on.year


def _marks(said: Allocated) -> tuple[_Mark, _Mark]:
    """How the file may name an allocated credit note: its number comes back each year, and may stand without a date."""
    number, _, year = said.credit.rpartition("/")
    return (number, int(year)), (number, None)
