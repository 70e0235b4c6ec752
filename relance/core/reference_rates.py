"""The rates by half-year that late-payment interest rests on: data, with where each was read.

The European Central Bank's main refinancing rate in force on 1 January and on 1 July (L441-10 II C. com.), and the
legal rate that professional creditors ask for (« autres cas », L313-2 and D313-1-A CMF). Read on `READ_ON`; a
half-year that is not here is unknown, and is never replaced by the one before it: what costs by it stops there.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

READ_ON = date(2026, 11, 22)
"""The day on which the sources were last gone through (as stored copies)."""


class ReferenceRate(NamedTuple):
    """The rates of one half-year in percent a year, None where nobody told it.

    `verified` tells that both were read on an official page or its mirror.
    """

    ecb: Decimal | None
    legal: Decimal | None
    source: str
    verified: bool = True


UNKNOWN = ReferenceRate(None, None, "")
"""The rates of a half-year that nobody told."""


def half_year(day: date) -> str:
    """The half-year of a day: 2026-S1 to 30 June, 2026-S2 from 1 July."""
    return f"{day.year}-S{1 if day.month < 7 else 2}"


def half_years(first: date, last: date) -> Iterator[tuple[str, date]]:
    """The half-years of the days from `first` to `last`, each with the last of these days that is in it."""
    end = first - timedelta(days=1)
    while end < last:
        day = end + timedelta(days=1)
        end = min(date(day.year, 6, 30) if day.month < 7 else date(day.year, 12, 31), last)
        yield half_year(day), end


def awaited(today: date, rates: Mapping[str, ReferenceRate]) -> str:
    """The next half-year, from the fifteenth of the month before it, while a rate of it is not told; else empty.

    The ECB rate is that of its first day; the legal one is fixed by an order of late December and late June.
    """
    if today.month not in (6, 12) or today.day < 15:
        return ""
    half = half_year(date(today.year + today.month // 12, today.month % 12 + 1, 1))
    known = rates.get(half, UNKNOWN)
    return half if known.ecb is None or known.legal is None else ""


_TO_2014 = "ECB: banque-france.fr/en/policy-rates; legal: one rate for all and for the year, cbanque.com and lexing.law"
_TO_2024 = "ECB: banque-france.fr/en/policy-rates (to 23 Oct 2024); legal: service-public F783 (checked 1 Jan 2025)"
_2025_S1 = "ECB 3.15 since 18 Dec 2024: two secondary sources; legal: service-public F783 (checked 1 Jan 2025)"
_2025_S2 = "ECB 2.15 since 11 June 2025 and legal (arrêté of 19 June 2025): secondary sources, all agree"
_2026_S1 = "ECB 2.15: secondary sources, all agree; legal: arrêté of 15 Dec 2025 (JORF 26 Dec 2025)"
_2026_S2 = "ECB 2.40 since 17 June 2026 and legal (arrêté of 26 June 2026): secondary sources, all agree"

_ROWS = (
    ("2013-S1", "0.75", "0.04", _TO_2014, True),
    ("2013-S2", "0.50", "0.04", _TO_2014, True),
    ("2014-S1", "0.25", "0.04", _TO_2014, True),
    ("2014-S2", "0.15", "0.04", _TO_2014, True),
    ("2015-S1", "0.05", "0.93", _TO_2024, True),
    ("2015-S2", "0.05", "0.99", _TO_2024, True),
    ("2016-S1", "0.05", "1.01", _TO_2024, True),
    ("2016-S2", "0.00", "0.93", _TO_2024, True),
    ("2017-S1", "0.00", "0.90", _TO_2024, True),
    ("2017-S2", "0.00", "0.90", _TO_2024, True),
    ("2018-S1", "0.00", "0.89", _TO_2024, True),
    ("2018-S2", "0.00", "0.88", _TO_2024, True),
    ("2019-S1", "0.00", "0.86", _TO_2024, True),
    ("2019-S2", "0.00", "0.87", _TO_2024, True),
    ("2020-S1", "0.00", "0.87", _TO_2024, True),
    ("2020-S2", "0.00", "0.84", _TO_2024, True),
    ("2021-S1", "0.00", "0.79", _TO_2024, True),
    ("2021-S2", "0.00", "0.76", _TO_2024, True),
    ("2022-S1", "0.00", "0.76", _TO_2024, True),
    ("2022-S2", "0.00", "0.77", _TO_2024, True),
    ("2023-S1", "2.50", "2.06", _TO_2024, True),
    ("2023-S2", "4.00", "4.22", _TO_2024, True),
    ("2024-S1", "4.50", "5.07", _TO_2024, True),
    ("2024-S2", "4.25", "4.92", _TO_2024, True),
    ("2025-S1", "3.15", "3.71", _2025_S1, False),
    ("2025-S2", "2.15", "2.76", _2025_S2, False),
    ("2026-S1", "2.15", "2.62", _2026_S1, False),
    ("2026-S2", "2.40", "2.75", _2026_S2, False),
)

REFERENCE_RATES: Mapping[str, ReferenceRate] = MappingProxyType(
    {half: ReferenceRate(Decimal(ecb), Decimal(legal), source, sure) for half, ecb, legal, source, sure in _ROWS}
)
