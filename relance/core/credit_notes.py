"""Credit notes that the user allocated by hand: each counts until it is undone, unless the file itself names it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from relance.core.case import Case, paid_by_hand
from relance.core.facts import Allocated
from relance.core.history import History, Past, former_keys
from relance.core.invoice import UNNAMED, ZERO, Invoice, Payment, invoice_key, normalised_number
from relance.core.reasons import UnsureCredit

_Mark = tuple[str, int | None]


def left_by_file(invoice: Invoice, told: Decimal) -> Decimal:
    """What the file leaves to pay of an invoice (with all its payments) beside what is known by name, in its currency.

    The credit notes that it names are known, and the payments `told` by hand, which it may show by now or not: either
    way they are no other credit note.
    """
    return invoice.total + told - sum((payment.amount for payment in invoice.payments if not _is_named(payment)), ZERO)


def unsure_credit(case: Case) -> UnsureCredit | None:
    """The allocated credit note of which nobody knows whether the file counts it too, the first of them.

    An allocation counts until it is undone. Once the file leaves another sum than it did when the allocation was told,
    the credit note may be in it: the invoice is held and the user asked. To confirm the invoice is to say that this
    sum is right without the credit note, so that both count; to undo the allocation is to leave it to the file. Each
    other sum is asked about anew. None where the file alone leaves nothing: then it is paid either way.
    """
    past = case.past
    if not past.allocations or case.outstanding + case.by_hand <= ZERO:
        return None
    left = left_by_file(case.invoice, paid_by_hand(past))
    for said in past.allocations:
        if said.shown != left and not any(word.on >= said.on and word.shown == left for word in past.confirmations):
            return UnsureCredit(said.number)
    return None


def as_the_file_allocates(history: History, invoices: Sequence[tuple[str, Invoice]]) -> History:
    """The history without what was allocated by hand of credit notes that the file itself takes off an invoice.

    Each invoice comes with its key; one that loses an allocation to another one keeps it as `overruled`.
    """
    if not history.allocated:
        return history
    named = ((one, paid) for one in invoices for paid in one[1].payments if _is_named(paid))
    takers = {(normalised_number(paid.credit), paid.on.year if paid.on else None): one for one, paid in named}
    if not takers:
        return history
    changed = {key: _overruled(key, past, takers) for key, past in history.invoices.items() if past.allocations}
    return history._replace(invoices={**history.invoices, **changed})


def _overruled(key: str, past: Past, takers: Mapping[_Mark, tuple[str, Invoice]]) -> Past:
    kept, lost = [], []
    for said in past.allocations:
        mark = _mark_in(takers, said)
        if mark is None:
            kept.append(said)
        elif takers[mark][0] != key:
            lost.append((said, takers[mark][1].number))
    return past._replace(allocations=tuple(kept), overruled=(*past.overruled, *lost))


def allocations_of(credit: str, invoices: Iterable[Invoice], history: History) -> tuple[tuple[Allocated, str], ...]:
    """What the user allocated of a credit note (its key), each with the number of the invoice that it pays.

    An invoice that has another number by now is named by that one.
    """
    numbers = {invoice_key(invoice): invoice.number for invoice in invoices}
    pasts = history.invoices if credit in history.allocated else {}
    former = {key for past in pasts.values() for key in former_keys(past)} - numbers.keys()
    return tuple(
        (said, numbers.get(key, key.rpartition("/")[0]))
        for key, past in pasts.items()
        for said in past.allocations
        if said.credit == credit and key not in former
    )


def _is_named(payment: Payment) -> bool:
    return payment.credit not in ("", UNNAMED)


def _mark_in(marks: Collection[_Mark], said: Allocated) -> _Mark | None:
    """How the file names an allocated credit note: its number comes back each year, and may stand without a date."""
    number, _, year = said.credit.rpartition("/")
    return next((mark for mark in ((number, int(year)), (number, None)) if mark in marks), None)
