"""What needs the user's word first: an invoice that is not as it was seen, told to its customer, or confirmed."""

from relance.core.allocations import unsure_credit
from relance.core.case import Case
from relance.core.comparing import number_changes, payment_changes
from relance.core.invoice import Snapshot, snapshot_of
from relance.core.reasons import Changed, Differs


def changes(case: Case) -> Changed | None:
    """What has changed of the number, the payments, what was said of it; None where nothing has, or it is confirmed."""
    return number_changes(case) or payment_changes(case) or _looks(case) or unsure_credit(case)


def _looks(case: Case) -> Differs | None:
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
