"""What needs the user's word first: an invoice that is not as it was seen, told to its customer, or confirmed."""

from relance.core.allocations import left_by_file, told_by_hand, unsure_credit
from relance.core.comparing import Surroundings, number_changes, payment_changes
from relance.core.history import History
from relance.core.invoice import ZERO, Snapshot, snapshot_of
from relance.core.known import paid_by_hand
from relance.core.reasons import Changed, Differs, UnsureCredit
from relance.core.standing import Account, Standing


def changes(case: Standing, history: History, around: Surroundings) -> Changed | None:
    """What has changed of the number, the payments, what was said of it; None where nothing has, or it is confirmed."""
    said = case.past.confirmations
    return (
        number_changes(case.key, said, history, around)
        or payment_changes(case.key, case.invoice.total, case.paid, said, history)
        or _looks(case)
        or unsure(case)
    )


def _looks(case: Standing) -> Differs | None:
    """What differs from what the customer was last told, or the user last confirmed.

    A day has no hours: of its contacts and confirmations nobody knows which was the last, and each of them counts.
    """
    if not case.contacts:  # nobody was told anything yet: the user is free to correct it, whatever was confirmed
        return None
    looks = [(said.on, said.snapshot) for said in case.contacts if said.snapshot is not None]
    looks += [(said.on, said.snapshot) for said in case.past.confirmations]
    last = max((on for on, _ in looks), default=None)
    of_day, now = [look for on, look in looks if on == last], snapshot_of(case.invoice)
    if not of_day or now in of_day:
        return None
    was = of_day[-1]
    return Differs(was, tuple(name for name in Snapshot._fields if getattr(was, name) != getattr(now, name)))


def unsure(case: Account | Standing) -> UnsureCredit | None:
    """The allocated credit note that may be in what the file leaves to pay by now, where nobody said so.

    None where the file alone leaves nothing: then it is paid either way.
    """
    past = case.past
    if not past.allocations or case.outstanding + told_by_hand(past, case.told) <= ZERO:
        return None
    number = unsure_credit(past.allocations, past.confirmations, left_by_file(case.invoice, paid_by_hand(past)))
    return UnsureCredit(number) if number else None
