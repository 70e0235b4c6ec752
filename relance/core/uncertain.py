"""A credit of the bank as the reason why an invoice waits; apart, for most plans load nothing of a bank."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from relance.core.bank import Match


class Uncertain(NamedTuple):
    """A credit of the bank that may pay an invoice, with all that was seen in it; `name` is its short one."""

    made: "Match"
    name: str

    @property
    def on(self) -> date:
        return self.made.credit.on

    @property
    def mark(self) -> str:
        return f"credit:{self.made.credit.identity}"
