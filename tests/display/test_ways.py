"""The ways after the ladder: which fit a debt, and that each is told with its sources."""

from decimal import Decimal

import pytest
from core_support import customer, day, invoice, line_for

from relance.core.invoice import Kind
from relance.core.ways import SMALL, SOURCES, Route, routes_for
from relance.display.ways import _SAID, next_steps, route_lines

CENT = Decimal("0.01")


def test_each_way_is_told_with_its_sources() -> None:
    """None without its sentence, or without where it was read."""
    assert set(Route) == set(_SAID) == set(SOURCES)
    assert all(SOURCES.values())
    assert all(len(said) <= 210 for said in _SAID.values())


@pytest.mark.parametrize(
    ("kind", "amount", "expected", "not_offered"),
    [
        (Kind.BUSINESS, SMALL, {Route.SMALL_CLAIM, Route.COMMERCIAL_ORDER, Route.UNCONTESTED}, {Route.ADMINISTRATIVE}),
        (Kind.BUSINESS, SMALL + CENT, {Route.COMMERCIAL_ORDER}, {Route.SMALL_CLAIM, Route.CONCILIATION}),
        (Kind.CONSUMER, CENT, {Route.CIVIL_ORDER, Route.CONCILIATION}, {Route.COMMERCIAL_ORDER, Route.UNCONTESTED}),
        (Kind.PUBLIC, CENT, {Route.ADMINISTRATIVE}, set(Route) - {Route.ADMINISTRATIVE}),
        (None, CENT, set(Route), set()),
    ],
)
def test_which_fit(kind: Kind | None, amount: Decimal, expected: set[Route], not_offered: set[Route]) -> None:
    """By the kind of customer, and by the sum with its last cent."""
    found = set(routes_for(kind, amount))
    assert expected <= found
    assert set() == found & not_offered


def test_interest_counts_for_the_limit() -> None:
    """Principal and interest together (CPCE L125-1): what is under it alone may be over it with them."""
    owner = customer()._replace(kind=Kind.BUSINESS)
    early, late = (line_for(invoice(total="4990.00", owner=owner), today=day(after)) for after in (1, 60))
    assert [True, False] == [any("petites créances" in said for said in route_lines([x])) for x in (early, late)]
    assert "confiée à un tiers → relance hold" in "\n".join(next_steps(late))
