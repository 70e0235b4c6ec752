"""The country of an address: found whatever the language of the file, said in that of the letter."""

import pytest
from babel import Locale
from letters_support import ENGLISH, TOLD, Case, one, written

from relance.letters.abroad import is_abroad
from relance.letters.countries import FRENCH, _tables, country_of, in_language, is_whole
from relance.letters.paper import paper
from relance.letters.samples import MARTIN
from relance.letters.templates import load_templates


@pytest.mark.parametrize("language", ["fr", "en"])
def test_names_are_those_of_babel(language: str) -> None:
    """Each country of ISO 3166-1, as CLDR calls it."""
    known, place = Locale(language).territories, ["fr", "en"].index(language)
    shorter = {"SH", "HK", "MO"}
    wrong = {code: names[place] for code, names in _tables()[0].items() if names[place] != known[code]}
    assert set(wrong) <= shorter
    assert all(known[code].replace("R.A.S. chinoise de ", "").startswith(name) for code, name in wrong.items())
    assert 249 <= len(_tables()[0]) <= 252


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("Hauptstr. 5\n10115 Berlin\nAllemagne", "DE"),
        ("Hauptstr. 5, 10115 Berlin, DEUTSCHLAND", "DE"),
        ("Hauptstr. 5, 10115 Berlin, DE", "DE"),
        ("12 High Street, London, U.K.", "GB"),
        ("500 Main St, Los Angeles, CA", ""),
        ("500 Main St, Springfield IL 62701, Etats-Unis", "US"),
        ("Rue Haute 3\n1000 Bruxelles\nBelgië", "BE"),
        ("Bahnhofstr. 1\n8001 Zürich\nsuisse", "CH"),
        ("Abidjan, COTE D'IVOIRE", "CI"),
        ("Port of Spain, Trinidad and Tobago", "TT"),
        ("3 rue des Lilas, 69001 Lyon", ""),
        ("3 rue des Lilas, 69001 Lyon, France", "FR"),
        ("1 rue Schœlcher, 97110 Pointe-à-Pitre, Guadeloupe", "GP"),
        ("", ""),
    ],
)
def test_the_country_is_found(address: str, code: str) -> None:
    """In French, English, its own language, capitals, or as a code where that is no state of a country."""
    assert code == country_of(address)


@pytest.mark.parametrize(
    ("address", "french", "english"),
    [
        ("Hauptstr. 5\n10115 Berlin\nGermany", "Allemagne", "Germany"),
        ("12 High Street, London, UK", "12 High Street, London, Royaume-Uni", "12 High Street, London, United Kingdom"),
        ("Hauptstr. 5\n10115 Berlin", "10115 Berlin", "10115 Berlin"),
    ],
)
def test_the_country_is_said_in_the_letters_language(address: str, french: str, english: str) -> None:
    """Nothing else of the address changes."""
    lines = tuple(address.split("\n"))
    for language, last in (("fr", french), ("en", english)):
        said = in_language(lines, language)
        assert (lines[:-1], last) == (said[:-1], said[-1])


def test_on_paper_and_in_the_mail() -> None:
    """In the window, in capitals, and among the two parties of a formal notice."""
    for customer, window, said in (
        (MARTIN, "ALLEMAGNE", "10115 Berlin, Allemagne"),
        (ENGLISH, "GERMANY", "10115 Berlin, Germany"),
    ):
        reader = customer._replace(siret="", address="Hauptstr. 5\n10115 Berlin\nDeutschland")
        reminder = one("formal_notice", reader)
        assert window == paper(load_templates(), reminder, TOLD)["window"][-1]
        assert said in written(Case("", reminder)).text


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("", False),
        ("  ", False),
        ("Allemagne", False),
        ("de", False),
        ("69001 Lyon", True),
        ("3 rue des Lilas, 69001 Lyon", True),
        ("Berlin, Allemagne", True),
    ],
)
def test_a_country_alone_is_no_address(address: str, whole: bool) -> None:
    """A file often tells the country of customers whose street it does not know."""
    assert whole is is_whole(address)


def test_where_the_law_is_french() -> None:
    """France and what lies overseas; a country that stands alone is enough for another one."""
    abroad = MARTIN._replace(siret="", address="Allemagne")
    assert is_abroad(abroad)
    for code in FRENCH:
        assert not is_abroad(abroad._replace(address=f"1 rue Haute, {_tables()[0][code][0]}"))
