"""No-break spaces where French wants them, and nowhere else; data made harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.letters.typography import clean, clean_lines, groups, spaced, tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Avez-vous pu la régler ?", "Avez-vous pu la régler\u202f?"),
        ("Est-ce réglé?", "Est-ce réglé\u202f?"),
        ("réglé\u00a0; merci", "réglé\u202f; merci"),
        ("IBAN : FR76", "IBAN\u00a0: FR76"),
        ("Total: 12", "Total\u00a0: 12"),
        ("un « mot » dit", "un «\u00a0mot\u00a0» dit"),
        ("un «mot»", "un «\u00a0mot\u00a0»"),
        ("« Quoi ? »", "«\u00a0Quoi\u202f?\u00a0»"),
        ("12,00 €, 14 % l'an", "12,00\u00a0€, 14\u00a0% l'an"),
        ("fin :\nsuite", "fin\u00a0:\nsuite"),
    ],
)
def test_french_signs_get_their_spaces(text: str, expected: str) -> None:
    """U+202F before ; ? !, U+00A0 before a colon and inside quotation marks."""
    assert expected == spaced(text)


@pytest.mark.parametrize(
    "text",
    [
        "à 14:30 précises",
        "https://exemple.fr/payer?f=12;g=3 ici",
        "jean:martin@exemple.fr",
        "FR76 3000 4000 0312",
        "- Facture 12",
        "(?)",
    ],
)
def test_addresses_and_times_stay_whole(text: str) -> None:
    """A sign inside a word is no punctuation."""
    assert text == spaced(text)


@given(st.lists(st.sampled_from(["mot", "mot ?", "mot:", "«mot»", "« mot »;", "12 €", "14:30", "\n", "fin."])))
def test_setting_twice_changes_nothing(words: list[str]) -> None:
    """What is set well stays as it is."""
    once = spaced(" ".join(words))
    assert once == spaced(once)


def test_a_text_is_tidied() -> None:
    """No trailing spaces, one empty line at most, one line end at the end."""
    assert tidy("\n\na  \n\n \n\nb\n\n") == "a\n\nb\n"


def test_data_becomes_one_harmless_line() -> None:
    """Line ends, escapes, direction marks and our own signs leave; the rest stays."""
    assert clean(" A\r\nB\x1b[31m\u202eC\ue001 \u00a0D ") == "A B [31mC D"
    assert clean_lines("3 rue X\r\n\n 69001  Lyon\n") == ("3 rue X", "69001 Lyon")


def test_figures_are_grouped() -> None:
    """The last size goes on to the end; what is too short stays short."""
    assert groups("FR7630004000031234567890143", (4,)) == "FR76 3000 4000 0312 3456 7890 143"
    assert groups("98765432100011", (3, 3, 3, 5)) == "987 654 321 00011"
    assert groups("", (4,)) == ""
