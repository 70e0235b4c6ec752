"""The ways after the ladder: which fit a debt, and that each is told with its sources."""

from decimal import Decimal

import pytest
from core_support import customer, day, invoice, line_for

from relance.core.invoice import Forum, Kind
from relance.core.plan import About, Task
from relance.core.ways import SMALL, SOURCES, Route, routes_for
from relance.display.tasks import task_text
from relance.display.todo import _title
from relance.display.ways import _SAID, next_steps, route_lines
from relance.letters.abroad import forum_of

CENT = Decimal("0.01")
ABROAD = {Route.EUROPEAN_ORDER, Route.EUROPEAN_SMALL_CLAIM, Route.FOREIGN_COURT}


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
        (None, CENT, set(Route) - ABROAD, ABROAD),
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
    assert [True, False] == [
        any("petites créances" in said for said in route_lines([x], Forum.FRANCE)) for x in (early, late)
    ]
    assert "confiée à un tiers → relance hold" in "\n".join(next_steps(late, Forum.FRANCE))


@pytest.mark.parametrize(
    ("kind", "forum", "expected"),
    [
        (Kind.BUSINESS, Forum.UNION, {Route.EUROPEAN_ORDER, Route.EUROPEAN_SMALL_CLAIM, Route.COLLECTOR}),
        (Kind.CONSUMER, Forum.UNION, {Route.EUROPEAN_ORDER, Route.EUROPEAN_SMALL_CLAIM, Route.COLLECTOR}),
        (Kind.PUBLIC, Forum.UNION, set()),  # administrative matters are none of theirs
        (Kind.BUSINESS, Forum.ELSEWHERE, {Route.FOREIGN_COURT, Route.COLLECTOR}),
        (Kind.PUBLIC, Forum.ELSEWHERE, {Route.FOREIGN_COURT}),
        (None, Forum.ABROAD, {*ABROAD, Route.COLLECTOR}),
    ],
)
def test_no_french_court_for_who_is_abroad(kind: Kind | None, forum: Forum, expected: set[Route]) -> None:
    """The European procedures between member states, none elsewhere; where nobody knows which, both are told."""
    assert expected == set(routes_for(kind, SMALL, forum=forum))


@pytest.mark.parametrize("forum", Forum)
def test_no_french_office_acts_abroad(forum: Forum) -> None:
    """A commissaire de justice is named where one may act, in each sentence of what is left."""
    line = line_for(invoice(owner=customer()._replace(kind=Kind.BUSINESS)), today=day(60))
    done = Task("review", line.invoice.customer, (line,), about=About.FINISHED, forum=forum)
    for said in ("\n".join(route_lines([line], forum)), task_text(done), _title([done, done])):
        assert (forum is Forum.FRANCE) == ("commissaire" in said), said
        assert "recouvrement" in said or forum is Forum.FRANCE


def test_the_european_limit_is_of_the_principal() -> None:
    """Interest does not count for it (regulation 861/2007, article 2): five thousand euros with any interest fit."""
    for principal, fits in ((SMALL, True), (SMALL + CENT, False)):
        assert fits == (Route.EUROPEAN_SMALL_CLAIM in routes_for(Kind.BUSINESS, principal, SMALL, Forum.UNION))


@pytest.mark.parametrize(
    ("changes", "forum"),
    [
        ({}, Forum.FRANCE),
        ({"address": "3 rue des Lilas, 69001 Lyon"}, Forum.FRANCE),
        ({"address": "1 rue Haute, 97110 Pointe-à-Pitre, Guadeloupe"}, Forum.FRANCE),
        ({"address": "Hauptstr. 5, 10115 Berlin, Allemagne"}, Forum.UNION),
        ({"vat_number": "EL123456789"}, Forum.UNION),
        ({"vat_number": "BE0123456789", "address": "Rue Haute 3, 1000 Bruxelles"}, Forum.UNION),
        ({"address": "Vesterbrogade 1, 1620 København, Danemark"}, Forum.ELSEWHERE),
        ({"vat_number": "DK12345678"}, Forum.ELSEWHERE),
        ({"address": "12 High Street, London, UK"}, Forum.ELSEWHERE),
        ({"vat_number": "XI123456789"}, Forum.ELSEWHERE),  # Northern Ireland: of the union for goods alone
        ({"vat_number": "CHE123456789"}, Forum.ELSEWHERE),
        ({"language": "en", "address": "Main Street 5"}, Forum.ABROAD),
    ],
)
def test_where_a_customer_is(changes: dict[str, str], forum: Forum) -> None:
    """By address or VAT number; Denmark takes no part in these regulations."""
    assert forum is forum_of(customer(**changes))
