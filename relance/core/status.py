"""What a platform told of an invoice, as facts and as a reason; apart, for most plans load no table of statuses."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class StatusTold(NamedTuple):
    """One status as a platform told it of an invoice (its key); `code` is one of lifecycle.KINDS.

    `dated` is its day, `hour` (HH:MM:SS) the hour of that, both empty where nobody tells; `on` the day on which a run
    first read it. `amount` is what came in by a 212, in the invoice's currency, None where it is not told. `words` are
    the platform's own about the `reasons`, which are codes of the norm.
    """

    invoice: str
    code: str
    on: date
    dated: date | None = None
    hour: str = ""
    reasons: tuple[str, ...] = ()
    words: str = ""
    amount: Decimal | None = None

    @property
    def day(self) -> date:
        """Its day, else the first one on which it was known."""
        return self.dated or self.on

    @property
    def mark(self) -> str:
        """What it is remembered by."""
        return " ".join(("status", self.code, str(self.dated or ""), self.hour, *self.reasons))


class Declared(NamedTuple):
    """A 212 of which nobody knows what it pays: without an amount, or perhaps money that is known already."""

    status: StatusTold

    @property
    def on(self) -> date:
        return self.status.day

    @property
    def mark(self) -> str:
        """What names it, also once the user knows it: the invoice and its sum too."""
        return f"{self.status.invoice} {self.status.mark} {self.status.amount or ''}"


class Lifecycle(NamedTuple):
    """All that was `told` of one invoice by the day, in order, each under the number (key) that it had then.

    `doubt` is a 212 that may be a payment.
    """

    told: tuple[StatusTold, ...] = ()
    doubt: Declared | None = None


class Platform(NamedTuple):
    """What platforms tell of the invoices of a file: their `lives` by key, and of them the statuses that are `new`.

    `kept` are those that only an earlier run read: no export has them by now. `unread` are the exports that could not
    be read, of `files` that there are; `rows` is how many statuses they have, `elsewhere` how many of these are of no
    invoice of the file.
    """

    lives: Mapping[str, Lifecycle]
    new: tuple[StatusTold, ...] = ()
    kept: frozenset[StatusTold] = frozenset()
    unread: tuple[str, ...] = ()
    files: int = 0
    rows: int = 0
    elsewhere: int = 0
