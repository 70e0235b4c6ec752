"""What became of the promises to pay an invoice, and of all that a customer promised."""

from collections.abc import Iterable
from typing import NamedTuple

from relance.core.history import Promise
from relance.core.holds import kept, newer_than
from relance.core.plan import Line
from relance.core.seen import seen_paid_on


class Agreed(NamedTuple):
    """A promise and whether it was `kept`; None: open, renewed or released, or `unseen`, as the file is too old."""

    promise: Promise
    kept: bool | None
    unseen: bool = False


def agreed_of(line: Line) -> tuple[Agreed, ...]:
    """What became of each promise about this invoice or all of its customer, in the order in which they were made."""
    return tuple(_agreed(promise, line) for promise in line.case.promises)


def _agreed(promise: Promise, line: Line) -> Agreed:
    """A file no newer than the promise cannot show its payment: it does not tell that there was none."""
    morning = line.case.morning
    seen_on = seen_paid_on(line.case)
    was_kept = kept(promise, line.invoice, line.outstanding, morning.policy.calendar, morning.today, seen_on)
    if was_kept is False and not newer_than(morning.history, promise.until):
        return Agreed(promise, None, unseen=True)
    return Agreed(promise, was_kept)


def promises_of(lines: Iterable[Line]) -> dict[Promise, bool | None]:
    """Each promise about these invoices, once: kept where all that it was about was paid in time."""
    found: dict[Promise, bool | None] = {}
    for line in lines:
        for promise, was_kept, _ in agreed_of(line):
            before = found.get(promise, True)
            found[promise] = False if False in (before, was_kept) else None if None in (before, was_kept) else True
    return found
