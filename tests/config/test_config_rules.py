"""[[customers]]: which customers a rule matches, and what it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.config.values import CustomerRule, apply_rules
from relance.core.invoice import Customer, Kind

ACME = Customer(
    "Société Générique", code="C-01", siret="73282932000074", emails=("Compta@Example.com",), cc=("x@y.fr",)
)


@pytest.mark.parametrize(
    "match",
    [
        *("C-01", " C-01 ", "732 829 320 00074", "732829320", "732 829 320"),
        *("compta@example.COM", "SOCIETE  generique", "Société Générique"),
    ],
)
def test_matching(match: str) -> None:
    """A rule names a customer by its exact code, SIRET or SIREN, e-mail in any case, or name without accents or case.

    A bare SIREN of the file gets the SIRET that comes beside it one day: who is excluded by it stays so.
    """
    assert apply_rules(ACME, [CustomerRule(match, exclude=True)]).excluded


@pytest.mark.parametrize("match", ["c-01", "C-0", "73282932", "7328293200", "example.com", "Société", "", "  "])
def test_not_matching(match: str) -> None:
    """Half a name, a code in another case or nothing at all matches nobody."""
    assert apply_rules(ACME, [CustomerRule(match, exclude=True)]) == ACME


def test_empty_fields_never_match() -> None:
    """A customer without code, SIRET or e-mail is not matched through what it lacks."""
    assert apply_rules(Customer("A"), [CustomerRule(" ", exclude=True)]) == Customer("A")


def test_what_changes() -> None:
    """A rule changes what it says, and nothing else."""
    rule = CustomerRule("C-01", kind=Kind.PUBLIC, schedule="long", email=("a@b.fr", "c@d.fr"))
    changed = apply_rules(ACME, [rule])

    assert (changed.kind, changed.schedule, changed.emails) == (Kind.PUBLIC, "long", ("a@b.fr", "c@d.fr"))
    assert (ACME.cc, ACME.language, ACME.excluded) == (changed.cc, changed.language, changed.excluded)


def test_last_rule_wins_and_rules_do_not_chain() -> None:
    """Of two matching rules the later one has the last word; an address given by a rule makes no other rule match."""
    rules = [
        CustomerRule("C-01", schedule="a", email=("new@b.fr",)),
        CustomerRule("new@b.fr", schedule="b"),
        CustomerRule("societe generique", kind=Kind.PUBLIC),
        CustomerRule("C-01", kind=Kind.BUSINESS),
    ]
    changed = apply_rules(ACME, rules)

    assert (changed.schedule, changed.kind) == ("a", Kind.BUSINESS)


def test_exclusion_of_the_file_stays() -> None:
    """A rule that does not exclude does not lift an exclusion that the file states."""
    assert apply_rules(Customer("A", excluded=True), [CustomerRule("A", schedule="long")]).excluded


def _rule(match: str, exclude: bool) -> CustomerRule:
    return CustomerRule(match, exclude=exclude)


@given(st.lists(st.builds(_rule, st.sampled_from(["C-01", "A", "B"]), st.booleans())))
def test_applying_twice_changes_nothing_more(rules: list[CustomerRule]) -> None:
    """Applying the same rules again gives the same customer."""
    once = apply_rules(ACME, rules)

    assert once == apply_rules(once, rules)
