"""What is left once the ladder is over: the ways to a title or to a collector, each with whom and what sum it fits.

Facts, no advice: which one to take is the user's choice. Checked on 30 November 2026 (sources: SOURCES).
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from relance.core.invoice import ZERO, Forum, Kind


class Route(StrEnum):
    """One way to be paid by force of law, or by a third party."""

    COMMERCIAL_ORDER = "commercial_order"
    CIVIL_ORDER = "civil_order"
    SMALL_CLAIM = "small_claim"
    UNCONTESTED = "uncontested"
    CONCILIATION = "conciliation"
    ADMINISTRATIVE = "administrative"
    EUROPEAN_ORDER = "european_order"
    EUROPEAN_SMALL_CLAIM = "european_small_claim"
    FOREIGN_COURT = "foreign_court"
    COLLECTOR = "collector"


class _Fits(NamedTuple):
    """The kinds of customers that a way is for and where they are, and the highest sum in EUR (None: any).

    The sum is that of principal and interest, of the `bare` principal where the text says so.
    """

    kinds: frozenset[Kind]
    most: Decimal | None = None
    forums: frozenset[Forum] = frozenset({Forum.FRANCE})
    bare: bool = False


SMALL = Decimal("5000.00")
"""In EUR: principal and interest for CPCE L125-1, R125-1 and CPC 750-1, principal alone for regulation 861/2007."""
_UNION = frozenset({Forum.UNION, Forum.ABROAD})
_OUTSIDE = frozenset({Forum.ELSEWHERE, Forum.ABROAD})
_BUSINESS = frozenset({Kind.BUSINESS})
_PRIVATE = frozenset({Kind.BUSINESS, Kind.CONSUMER})
_FITS: Mapping[Route, _Fits] = {
    Route.COMMERCIAL_ORDER: _Fits(_BUSINESS),
    Route.CIVIL_ORDER: _Fits(_PRIVATE),
    Route.SMALL_CLAIM: _Fits(_PRIVATE, SMALL),
    Route.UNCONTESTED: _Fits(_BUSINESS),
    Route.CONCILIATION: _Fits(_PRIVATE, SMALL),
    Route.ADMINISTRATIVE: _Fits(frozenset({Kind.PUBLIC})),
    Route.EUROPEAN_ORDER: _Fits(_PRIVATE, forums=_UNION),
    Route.EUROPEAN_SMALL_CLAIM: _Fits(_PRIVATE, SMALL, _UNION, bare=True),
    Route.FOREIGN_COURT: _Fits(frozenset(Kind), forums=_OUTSIDE),
    Route.COLLECTOR: _Fits(_PRIVATE, forums=frozenset(Forum)),
}
SOURCES: Mapping[Route, tuple[str, ...]] = {
    Route.COMMERCIAL_ORDER: ("CPC 1405-1422", "greffe-tc-nice.fr", "greffe-tc-chambery.fr"),
    Route.CIVIL_ORDER: ("CPC 1405-1422", "service-public.fr/F38156", "CPC 761"),
    Route.SMALL_CLAIM: ("CPCE L125-1", "credicys.fr", "macsf.fr", "legifiscal.fr"),
    Route.UNCONTESTED: ("CPCE L126-1", "loi 2026-307", "entreprendre.service-public.fr/A18889"),
    Route.CONCILIATION: ("CPC 750-1", "Cass. 2e civ. 25-70.013"),
    Route.ADMINISTRATIVE: ("CJA R541-1",),  # recalled, read in no source
    Route.EUROPEAN_ORDER: ("règlement (CE) 1896/2006", "service-public.fr/F36027", "e-justice.europa.eu"),
    Route.EUROPEAN_SMALL_CLAIM: ("règlement (CE) 861/2007, art. 2", "service-public.fr/F36027", "e-justice.europa.eu"),
    Route.FOREIGN_COURT: ("règlements (CE) 861/2007 et 1896/2006, art. 2",),
    Route.COLLECTOR: ("CPCE R124-4", "dormane.fr", "direct-recouvrement.fr"),
}


def routes_for(
    kind: Kind | None, principal: Decimal, interest: Decimal = ZERO, forum: Forum = Forum.FRANCE
) -> tuple[Route, ...]:
    """The ways that fit a debt of this principal and interest (EUR) of a customer of this kind (None: any) there."""
    return tuple(
        route
        for route, fits in _FITS.items()
        if forum in fits.forums
        and (kind is None or kind in fits.kinds)
        and (fits.most is None or principal + (ZERO if fits.bare else interest) <= fits.most)
    )
