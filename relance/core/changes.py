"""What needs the user's word first: an invoice that is not as it was seen, told to its customer, or confirmed."""

from relance.core.allocations import unsure_credit
from relance.core.comparing import Surroundings, number_changes, payment_changes
from relance.core.history import History
from relance.core.invoice import Snapshot, snapshot_of
from relance.core.known import absorbed
from relance.core.standing import Standing


def changes(case: Standing, history: History, around: Surroundings) -> str:
    """What has changed, as the note of a line tells it; empty where nothing has, or the user confirmed it.

    `number:OLD`, `returned`, `paid`, `reopened` (see comparing), a line of `name=before` for each thing that differs
    from what was said, or `credit:NUMBER` where it is not certain that a credit note is what the file shows by now.
    """
    said = case.past.confirmations
    return (
        number_changes(case.key, said, history, around)
        or payment_changes(case.key, case.invoice.total, case.paid, said, history)
        or _looks(case)
        or _unsure(case)
    )


def _looks(case: Standing) -> str:
    """What differs from what the customer was last told, or the user last confirmed: a line of `name=before` for each.

    A day has no hours: of its contacts and confirmations nobody knows which was the last, and each of them counts.
    """
    if not case.contacts:  # nobody was told anything yet: the user is free to correct it, whatever was confirmed
        return ""
    looks = [(said.on, said.snapshot) for said in case.contacts if said.snapshot is not None]
    looks += [(said.on, said.snapshot) for said in case.past.confirmations]
    last = max((on for on, _ in looks), default=None)
    of_day, now = [look for on, look in looks if on == last], snapshot_of(case.invoice)
    if not of_day or now in of_day:
        return ""
    return "\n".join(
        f"{name}={_written(was)}"
        for name, was, new in zip(Snapshot._fields, of_day[-1], now, strict=True)
        if was != new
    )


def _written(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _unsure(case: Standing) -> str:
    """`credit:NUMBER` where the file shows more than an allocated credit note, and nobody said that it is among it."""
    if not case.ended:
        return ""
    in_file = absorbed(case.past, case.told)
    number = unsure_credit(case.ended, case.invoice.payments, case.told, in_file, case.past.confirmations)
    return f"credit:{number}" if number else ""
