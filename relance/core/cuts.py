"""What a file that is not whole shows: digits or letters lost, rows that nobody can read, a column that slipped."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.case import Case
from relance.core.history import NOTHING, History, Seen
from relance.core.invoice import Invoice, comparable, customer_id, held_target, normalised_number, snapshot_of
from relance.core.morning import Morning
from relance.core.reasons import Lost, Unended

SLIPPED_CUSTOMERS = 2
"""Of this many customers no chance gives each an address of another one: their column slipped, or was sorted alone."""
SLIPPED_SUMS = 3
"""Two invoices may change their sums for each other's by corrections; this many do not."""


def cut_row(case: Case) -> Unended | Lost | None:
    """What tells that the file does not show all of this invoice; None where nothing does, or once it is confirmed."""
    return case.morning.history.unended.get(case.key) or _lost(case)


class PerhapsGone(NamedTuple):
    """An invoice that the last run saw, and that a row may be which nobody can read."""

    seen: Seen

    @property
    def name(self) -> str:
        """What makes it the same one again."""
        return f"unread {self.seen.invoice}"


def gone_or_unread(missing: tuple[Seen, ...], history: History) -> tuple[tuple[Seen, ...], tuple[Seen, ...]]:
    """Of the invoices that are missing, those that are gone, and those that a row without a number may be.

    Neither is one whose number stands in a row that nobody can read.
    """
    rest = tuple(each for each in missing if normalised_number(each.number) not in history.unread)
    return ((), rest) if "" in history.unread else (rest, ())


def _lost(case: Case) -> Lost | None:
    """What the invoice lost since the last run, the first thing of it.

    A sum that was lowered, a date or an address that was corrected is the user's business until the customer was told;
    the beginning alone of what was there before, or the same digits with other zeros, is what a cut row leaves; a lower
    sum of lines is what a file leaves that lost one of them.
    """
    seen, invoice = case.morning.history.seen.get(case.key), case.invoice
    if seen is None or (seen.total == invoice.total and not invoice.payments and _is_same(seen, invoice)):
        return None
    fewer = case.morning.history.by_lines and invoice.total < seen.total
    found = Lost("total", seen.total, invoice.total) if fewer else _sum("total", seen.total, invoice.total)
    found = found or _rest(seen, case) or _day(seen.due_date, invoice.due_date)
    found = found or _letters(seen.emails or (), comparable(invoice.customer.emails), case.morning.history)
    return None if found is None or _is_confirmed(case) else found


def _is_same(seen: Seen, invoice: Invoice) -> bool:
    """True where its day and its addresses are as they were, as nearly all of them are."""
    return seen.due_date == invoice.due_date and seen.emails in (None, comparable(invoice.customer.emails))


def _is_confirmed(case: Case) -> bool:
    now = snapshot_of(case.invoice)
    return any(word.snapshot == now and word.paid == case.paid for word in case.past.confirmations)


def _sum(field: str, was: Decimal, now: Decimal) -> Lost | None:
    """EUR 1200.00 of which « 120 » or « 12 » is left; or cents taken for euros, and the other way round."""
    if was == now or min(was, now) <= 0:
        return None
    begins = f"{was:.2f}".startswith(f"{now:.2f}".rstrip("0").rstrip("."))
    return Lost(field, was, now) if begins or _digits(was) == _digits(now) else None


def _digits(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", "").strip("0")


def _rest(seen: Seen, case: Case) -> Lost | None:
    """The same of what is left, where that alone tells what was paid, and nobody told a payment by hand."""
    by_rest = any(payment.from_rest for payment in case.invoice.payments) and not case.past.payments
    return _sum("outstanding", seen.total - seen.paid, case.outstanding) if by_rest and seen.paid is not None else None


def _day(was: date, now: date) -> Lost | None:
    """2026-11-15 cut to « 2026-11-1 »; a year cut to « 20 » makes an invoice that nothing is claimed of any more."""
    begins = was.replace(day=1) == now.replace(day=1) and now.day == was.day // 10
    return Lost("due_date", was, now) if begins else None


def _letters(was: Sequence[str], now: Sequence[str], history: History) -> Lost | None:
    """An address of which the end is gone; what is put in the place of a refused one is a correction."""
    if was == now:
        return None
    refused = history.refused.keys() | history.inbox.bounced.keys()
    for before in was:
        for address in now:
            if address not in was and before.startswith(address) and before not in refused:
                return Lost("emails", before, address)
    return None


def slipped(invoices: Sequence[tuple[str, Invoice]], morning: Morning) -> tuple[frozenset[str], bool]:
    """The invoices (keys) whose address was another customer's at the last run; whether a whole column slipped.

    Nobody asks of a customer that the last run did not know, nor once the user confirmed the file or the address.
    """
    history = morning.history
    if not history.seen or history.vouched:
        return frozenset(), False
    other = [(key, invoice) for key, invoice in invoices if _is_other(history.seen.get(key), invoice)]
    owners = _owners(history.seen.values()) if other else {}
    known = set().union(*owners.values())
    found = {key: who for key, invoice in other if (who := _of_another(key, invoice, owners, history)) in known}
    return frozenset(found), len(set(found.values())) >= SLIPPED_CUSTOMERS or _sums_slipped(invoices, history.seen)


def _is_other(seen: Seen | None, invoice: Invoice) -> bool:
    """True for a new invoice, another address, or another customer: a code given or taken away makes nobody else."""
    if seen is None or seen.emails is None:
        return seen is None
    was, now = seen.customer, customer_id(invoice.customer)
    if seen.emails != comparable(invoice.customer.emails):
        return True
    return was != now and was.partition(":")[0] == now.partition(":")[0] and held_target(was) != held_target(now)


def _owners(seen: Iterable[Seen]) -> dict[str, set[str]]:
    """Whose each address was."""
    owners: dict[str, set[str]] = {}
    for each in seen:
        for address in each.emails or ():
            owners.setdefault(address, set()).add(held_target(each.customer))
    return owners


def _of_another(key: str, invoice: Invoice, owners: Mapping[str, set[str]], history: History) -> str:
    """The customer of an invoice, where one of its addresses is known as others' alone; else empty."""
    who, emails = held_target(customer_id(invoice.customer)), comparable(invoice.customer.emails)
    if not any(address in owners and who not in owners[address] for address in emails):
        return ""
    words = history.invoices.get(key, NOTHING).confirmations
    return "" if any(word.snapshot.emails == emails for word in words) else who


def _sums_slipped(invoices: Iterable[tuple[str, Invoice]], seen: Mapping[str, Seen]) -> bool:
    """True where several invoices have the sum that another one had, which has changed too."""
    changed = [(seen[key].total, i.total) for key, i in invoices if key in seen and seen[key].total != i.total]
    former = Counter(was for was, _ in changed)
    return sum(now in former for _, now in changed) >= SLIPPED_SUMS
