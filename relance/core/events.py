"""The values of a calendar: what stands on a day, and all that was ever said, by which its revisions are counted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from relance.core.facts import Allocated, Confirmed, Credited, Paid, UserFact
from relance.core.invoice import ZERO, payments_until
from relance.core.plan import Line, Plan
from relance.core.policy import Stage
from relance.core.reasons import Reason
from relance.core.seen import seen_paid_on

DUE, PROMISE, PART = "due", "promise", "instalment"
BY_HAND = ("call", "letter", "sms")
"""What a person does about a stage, by its channel; with the three above, the kinds of an occasion."""
_OF_SUMS = (Paid, Allocated, Confirmed, Credited)
"""What is said that changes the sum of an invoice, its due date, or that it is owed."""


class Telling(NamedTuple):
    """A fact as it was said `on` a day of these subjects (invoices by key, customers) or, `back`, as it was taken back.

    It is told even where it counts no more.
    """

    fact: UserFact
    subjects: tuple[str, ...]
    on: date
    back: bool = False

    @property
    def weight(self) -> int:
        """What is taken back takes the change of a sum with it that was counted too: it counts for both."""
        return 1 + self.back


class Occasion(NamedTuple):
    """Something that stands in a calendar on the day `on`; of what is `over`, since when (None: it still stands).

    `about` (an invoice key or a customer's id) and `name` make it the same one from day to day; `revision` grows with
    each fact that moved or changed it. `lines` are what it is about: none where the file has lost it. An instalment is
    the `part`-th of `parts`, of this `amount`.
    """

    about: str
    name: str
    kind: str
    on: date
    lines: tuple[Line, ...]
    revision: int
    over: date | None = None
    stage: Stage | None = None
    part: int = 0
    parts: int = 0
    amount: Decimal = ZERO


class Heard(NamedTuple):
    """A plan, all that was said until its day by whom it was said of, how often each invoice's sum or day changed."""

    plan: Plan
    of: Mapping[str, Sequence[Telling]]
    changed: Mapping[str, int]

    def count(self, names: Iterable[str], *kinds: type) -> int:
        """How much was said of these, of these kinds (of all where none is named)."""
        heard = chain.from_iterable(self.of.get(name, ()) for name in dict.fromkeys(names))
        return sum(each.weight for each in heard if not kinds or isinstance(each.fact, kinds))

    def changes(self, keys: Iterable[str]) -> int:
        """How often what is owed of an invoice, or its due date, changed: by what was said, and by what runs saw."""
        names = tuple(dict.fromkeys(keys))
        return self.count(names, *_OF_SUMS) + sum(self.changed.get(name, 0) for name in names)

    def first_key(self, line: Line) -> str:
        """The key under which it was first known: what stands in a calendar keeps its name when a number is edited."""
        former = next((said.was for said in line.case.past.confirmations if said.was), line.key)
        known = former == line.key or any(each.key == former for each in self.plan.lines)
        return line.key if known else former


def over_on(line: Line) -> date | None:
    """The day since which nothing is owed of an invoice, its due date where nobody knows it; None: it is owed."""
    if not line.reason.settled or line.reason is Reason.BANK_DOUBT:
        return None
    paid = (_last_dated(line) or seen_paid_on(line.case)) if line.reason is Reason.PAID else None
    return paid or line.invoice.due_date


def _last_dated(line: Line) -> date | None:
    return max((payment.on for payment in payments_until(line.invoice, line.case.today) if payment.on), default=None)
