"""Money that came in, as a bank tells it: the credits of a statement, and what a file of them covers."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple


class Credit(NamedTuple):
    """One entry of an account that money came in by; `amount` is negative where a bank took such an entry back.

    `identity` is the same in every export that has it: account, the bank's own number, day and amount; without a number
    the label and the rank among equals of that day. `payer` and `iban` are of who paid, `label` all that the bank wrote
    of it, `reference` the end-to-end one; each is empty where the file does not tell. `account` is the user's own,
    written in one way by all files; empty where they name none.
    """

    identity: str
    on: date
    amount: Decimal
    currency: str
    payer: str = ""
    iban: str = ""
    label: str = ""
    reference: str = ""
    account: str = ""


class Coverage(NamedTuple):
    """The days of one account that one file covers, the first and the last included; amounts in its currency.

    `told`: the file says its days itself; else they are those of its first and its last entry, and quiet days beside
    them may be covered too. A balance is that before the first day or after the last one, None where it is not told.
    """

    account: str
    first: date
    last: date
    told: bool = False
    opening: Decimal | None = None
    closing: Decimal | None = None
    file: str = ""


class Gap(NamedTuple):
    """Days of an account, the first and the last included, that no file covers."""

    account: str
    first: date
    last: date


QUIET_DAYS = 4
"""Days without an entry that are no news where files do not say what they cover: Easter from Good Friday on."""
_DAY = timedelta(days=1)


def until(covers: Iterable[Coverage]) -> date | None:
    """The last day of which all accounts are known; None where no file covers any."""
    return min(_last_days(covers).values(), default=None)


def _last_days(covers: Iterable[Coverage]) -> dict[str, date]:
    last: dict[str, date] = {}
    for cover in covers:
        last[cover.account] = max(cover.last, last.get(cover.account, cover.last))
    return last


def gaps(covers: Iterable[Coverage]) -> tuple[Gap, ...]:
    """The days between files of one account that none covers, in order.

    A file that begins with the balance at which the one before ended leaves nothing out, nor do a few quiet days beside
    a file that does not tell what it covers.
    """
    found: list[Gap] = []
    reached: dict[str, Coverage] = {}
    for cover in sorted(covers, key=lambda each: (each.account, each.first, each.last)):
        before = reached.get(cover.account)
        if before is not None and _is_gap(before, cover):
            found.append(Gap(cover.account, before.last + _DAY, cover.first - _DAY))
        if before is None or cover.last > before.last:
            reached[cover.account] = cover
    return tuple(found)


def _is_gap(before: Coverage, after: Coverage) -> bool:
    missing = (after.first - before.last).days - 1
    joined = before.closing is not None and before.closing == after.opening
    return not joined and missing > (0 if before.told and after.told else QUIET_DAYS)
