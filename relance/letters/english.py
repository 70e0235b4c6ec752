"""How money, dates and counts read in an English letter: 1,200.50 €, 5 November 2026."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from relance.french import NO_BREAK

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_CENT = Decimal("0.01")


def amount(value: Decimal) -> str:
    """An amount to the cent, half up: 1,200.50, without its currency."""
    cents = value.quantize(_CENT, rounding=ROUND_HALF_UP)
    return f"{cents or abs(cents):,.2f}"


def money(value: Decimal, currency: str = "EUR") -> str:
    """An amount after its currency: €1,200.50, USD 1,200.50."""
    return f"€{amount(value)}" if currency == "EUR" else f"{currency}{NO_BREAK}{amount(value)}"


def percent(rate: Decimal) -> str:
    """A rate given in percent, without useless zeros: 14%, 12.4%."""
    text = f"{rate:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def long_date(day: date) -> str:
    """A date in letters: 5 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """A date that nobody can take for another one: 05 Nov 2026."""
    return f"{day.day:02d} {MONTHS[day.month - 1][:3]} {day.year}"


def days(count: int) -> str:
    """A number of days, never cut between the two: 1 day, 15 days."""
    return f"{count:,}{NO_BREAK}day{'' if abs(count) == 1 else 's'}"


def listing(items: Sequence[str]) -> str:
    """Items as one reads them aloud: a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def dates(days: Iterable[date]) -> str:
    """Dates in order, what they share said once: 2 and 9 December 2026."""
    ordered = sorted(set(days))
    said = []
    for day, later in zip(ordered, [*ordered[1:], None], strict=True):
        if later is None or later.year != day.year:
            said.append(long_date(day))
        elif later.month == day.month:
            said.append(str(day.day))
        else:
            said.append(f"{day.day} {MONTHS[day.month - 1]}")
    return listing(said)
