"""What is left once the ladder is over: the ways to a title or to a collector, each with whom and what sum it fits.

Facts, no advice: which one to take is the user's choice. Checked on 30 November 2026 (sources: SOURCES).
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from relance.core.invoice import Kind


class Route(StrEnum):
    """One way to be paid by force of law, or by a third party."""

    COMMERCIAL_ORDER = "commercial_order"
    CIVIL_ORDER = "civil_order"
    SMALL_CLAIM = "small_claim"
    UNCONTESTED = "uncontested"
    CONCILIATION = "conciliation"
    ADMINISTRATIVE = "administrative"
    COLLECTOR = "collector"


class _Fits(NamedTuple):
    """The kinds of customers that a way is for, and the highest sum in EUR (None: any)."""

    kinds: frozenset[Kind]
    most: Decimal | None = None


SMALL = Decimal("5000.00")
"""Principal and interest in EUR: CPCE L125-1 and R125-1; CPC 750-1."""
_BUSINESS = frozenset({Kind.BUSINESS})
_PRIVATE = frozenset({Kind.BUSINESS, Kind.CONSUMER})
_FITS: Mapping[Route, _Fits] = {
    Route.COMMERCIAL_ORDER: _Fits(_BUSINESS),
    Route.CIVIL_ORDER: _Fits(_PRIVATE),
    Route.SMALL_CLAIM: _Fits(_PRIVATE, SMALL),
    Route.UNCONTESTED: _Fits(_BUSINESS),
    Route.CONCILIATION: _Fits(_PRIVATE, SMALL),
    Route.ADMINISTRATIVE: _Fits(frozenset({Kind.PUBLIC})),
    Route.COLLECTOR: _Fits(_PRIVATE),
}
SOURCES: Mapping[Route, tuple[str, ...]] = {
    Route.COMMERCIAL_ORDER: ("CPC 1405-1422", "greffe-tc-nice.fr", "greffe-tc-chambery.fr"),
    Route.CIVIL_ORDER: ("CPC 1405-1422", "service-public.fr/F38156", "CPC 761"),
    Route.SMALL_CLAIM: ("CPCE L125-1", "credicys.fr", "macsf.fr", "legifiscal.fr"),
    Route.UNCONTESTED: ("CPCE L126-1", "loi 2026-307", "entreprendre.service-public.fr/A18889"),
    Route.CONCILIATION: ("CPC 750-1", "Cass. 2e civ. 25-70.013"),
    Route.ADMINISTRATIVE: ("CJA R541-1",),  # recalled, read in no source
    Route.COLLECTOR: ("CPCE R124-4", "dormane.fr", "direct-recouvrement.fr"),
}


def routes_for(kind: Kind | None, amount: Decimal) -> tuple[Route, ...]:
    """The ways that fit a debt of this sum (EUR, principal and interest) of a customer of this kind (None: any)."""
    return tuple(
        route
        for route, fits in _FITS.items()
        if (kind is None or kind in fits.kinds) and (fits.most is None or amount <= fits.most)
    )
