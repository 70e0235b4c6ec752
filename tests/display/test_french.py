"""Money, dates and counts as French people write them; Babel is the oracle."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import given
from hypothesis import strategies as st

from relance.core.facts import HoldReason
from relance.french import (
    HOLDS,
    amount_fr,
    date_fr,
    dates_fr,
    days,
    eur,
    listing,
    of,
    percent,
    plural,
    short_date,
    typeset,
)

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def with_minus(said: str) -> str:
    """What Babel writes with a hyphen, as it is printed: with a minus and a space that never breaks."""
    return said.replace("-", "−\u00a0")


@given(amounts)
def test_eur_reads_as_babel_writes_it(amount: Decimal) -> None:
    """Euros have their sign behind a no-break space and narrow ones between thousands."""
    assert with_minus(format_currency(amount + 0, "EUR", locale="fr_FR")) == eur(amount)


@given(amounts)
def test_amount_reads_as_babel_writes_it(amount: Decimal) -> None:
    """A bare amount always shows its two cents."""
    assert with_minus(format_decimal(amount + 0, format="#,##0.00", locale="fr_FR")) == amount_fr(amount)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("1200.5", "1\u202f200,50"),
        ("0.005", "0,01"),
        ("2.675", "2,68"),
        ("-0.001", "0,00"),
        ("-1234.5", "−\u00a01\u202f234,50"),
        ("1E+3", "1\u202f000,00"),
    ],
)
def test_amounts_round_half_up(amount: str, expected: str) -> None:
    """The cent is rounded half up, and nothing is ever minus zero."""
    assert expected == amount_fr(Decimal(amount))


def test_another_currency_shows_its_code() -> None:
    """A currency other than the euro is never guessed at by a sign."""
    assert eur(Decimal("1200.50"), "USD") == "1\u202f200,50\u00a0USD"


@given(st.decimals(min_value=0, max_value=100, places=2))
def test_percent_reads_as_babel_writes_it(rate: Decimal) -> None:
    """A rate in percent has a decimal comma and no useless zero."""
    assert format_percent(rate / 100, format="#,##0.##\u00a0%", locale="fr_FR") == percent(rate)


@pytest.mark.parametrize(("rate", "expected"), [("14.0", "14"), ("12.40", "12,4"), ("100", "100"), ("0", "0")])
def test_percent_keeps_the_zeros_of_whole_numbers(rate: str, expected: str) -> None:
    """Only zeros behind the comma are useless."""
    assert f"{expected}\u00a0%" == percent(Decimal(rate))


@given(st.dates(min_value=date(1900, 1, 1)))
def test_dates_read_as_babel_writes_them(day: date) -> None:
    """A date in letters is Babel's, but for the first of the month, which is 1er; in figures it is Babel's."""
    long = format_date(day, "long", locale="fr_FR")
    assert (f"1er{long[1:]}" if day.day == 1 else long) == date_fr(day)
    assert format_date(day, "dd/MM/y", locale="fr_FR") == short_date(day)


def test_the_first_of_a_month_is_1er() -> None:
    """French says 1er mars and 5 novembre."""
    assert date_fr(date(2026, 3, 1)) == "1er mars 2026"
    assert date_fr(date(2026, 11, 5)) == "5 novembre 2026"


@pytest.mark.parametrize(
    ("days_later", "expected"),
    [
        ([0], "1er décembre 2026"),
        ([0, 8], "1er et 9 décembre 2026"),
        ([8, 0, 8, 5], "1er, 6 et 9 décembre 2026"),
        ([-20, -1, 0], "11 novembre, 30 novembre et 1er décembre 2026"),
        ([-36, -27, -13], "26 octobre, 4 et 18 novembre 2026"),
        ([-36, -32, -27, -13], "26 et 30 octobre, 4 et 18 novembre 2026"),
        ([27, 34, 35], "28 décembre 2026, 4 et 5 janvier 2027"),
        ([27, 34], "28 décembre 2026 et 4 janvier 2027"),
    ],
)
def test_dates_say_what_they_share_once(days_later: list[int], expected: str) -> None:
    """Dates of one month name it once; they come in order, each once."""
    assert expected == dates_fr(date(2026, 12, 1) + timedelta(days=n) for n in days_later)


@pytest.mark.parametrize(
    ("count", "noun", "expected"),
    [
        (0, "facture", "0 facture"),
        (1, "facture", "1 facture"),
        (-1, "jour", "-1 jour"),
        (2, "facture échue", "2 factures échues"),
        (3, "mois", "3 mois"),
        (1500, "facture", "1\u202f500 factures"),
    ],
)
def test_nouns_agree_from_two_on(count: int, noun: str, expected: str) -> None:
    """In French zero and one are singular."""
    assert expected == plural(count, noun)


def test_an_irregular_plural_can_be_given() -> None:
    """Where an s is not enough, the caller says the plural."""
    assert plural(2, "appel à faire", "appels à faire") == "2 appels à faire"
    assert days(15) == "15 jours"


@given(st.lists(st.text(alphabet="abcdé", min_size=1), max_size=5))
def test_listings_read_as_babel_writes_them(items: list[str]) -> None:
    """Items are parted by commas, the last one by et."""
    assert format_list(items, locale="fr_FR") == listing(items)


def test_sentences_get_their_no_break_spaces() -> None:
    """Spaces before signs and inside quotation marks become no-break ones; nothing else moves."""
    assert typeset("Ligne 2 : « a ? » ; 14:30, 3 €") == "Ligne 2\u00a0: «\u00a0a\u202f?\u00a0»\u202f; 14:30, 3\u00a0€"


def test_every_reason_of_a_hold_has_a_french_name() -> None:
    """What a command takes by an English word is told back in French."""
    assert {reason.value for reason in HoldReason} == set(HOLDS)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Garage Petit", "de Garage Petit"),
        ("Alpha SARL", "d’Alpha SARL"),
        ("Éditions du Roc", "d’Éditions du Roc"),
        ("E\u0301ditions", "d’E\u0301ditions"),
        ("Œuvres", "d’Œuvres"),
        ("iris", "d’iris"),
        ("Hôtel du Port", "de Hôtel du Port"),
        ("2i Conseil", "de 2i Conseil"),
        ("", "de "),
    ],
)
def test_a_name_after_de(name: str, said: str) -> None:
    """« de » loses its vowel before a name that begins with one."""
    assert said == of(name)
