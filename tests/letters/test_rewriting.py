"""Words that a person changes in a letter: as a file and back, and what is asked about them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from letters_support import ENGLISH, TEMPLATES, TOLD, UNKNOWN, one, three

from relance.core.message import Letter
from relance.core.plan import Reminder
from relance.errors import MessageError
from relance.letters.render import render
from relance.letters.rewriting import MOST, as_file, doubts, from_file
from relance.letters.samples import MARTIN

_WORDS = st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(" \n"), min_size=1).filter(str.strip)


@given(_WORDS.map(lambda text: " ".join(text.split())), _WORDS, st.sampled_from(["fr", "en"]))
def test_as_a_file_and_back(subject: str, text: str, language: str) -> None:
    """What is written is read as it was, whatever it says; what was not changed is nothing new."""
    read = from_file(as_file(subject, text, language))

    assert (subject, text.strip("\n").rstrip() + "\n") == read
    assert read == from_file(as_file(*read, language).replace("\n", "\r\n"))
    assert read == from_file("\ufeff" + as_file(*read, language))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "vide"),
        (" \n\n", "vide"),
        ("Bonjour", "première ligne"),
        ("Objet :\n\nBonjour", "première ligne"),
        ("Objet : x", "pas de texte"),
        ("Objet : x\n\n \n", "pas de texte"),
        ("Objet : x\n\n" + "a" * MOST, "caractères"),
        ("Objet : x\n\na\x1b[2J", "caractère de commande"),
        ("Objet : x\n\na\u202eb", "caractère de commande"),
        ("Objet : x\n\na\rb", "caractère de commande"),
    ],
)
def test_what_is_no_message(written: str, said: str) -> None:
    """It says why, and nothing is guessed."""
    with pytest.raises(MessageError) as caught:
        from_file(written)
    assert said in str(caught.value)


def asked(reminder: Reminder, *changes: tuple[str, str]) -> list[str]:
    """What is asked once these texts were put in the place of others, each of which stands there."""
    letter: Letter = render(TEMPLATES, reminder, TOLD)
    subject, text = letter.subject, letter.text
    for old, new in changes:
        assert old in subject + text, (old, text)
        subject, text = subject.replace(old, new), text.replace(old, new)
    return [
        each.replace("\u00a0", " ").replace("\u202f", " ") for each in doubts(TEMPLATES, reminder, TOLD, subject, text)
    ]


@pytest.mark.parametrize("stage", ["courtesy", "friendly", "firm", "formal_notice"])
@pytest.mark.parametrize("customer", [MARTIN, ENGLISH, UNKNOWN], ids=["known", "English", "unknown"])
@pytest.mark.parametrize("make", [one, three])
def test_what_was_not_changed_raises_no_question(stage: str, customer: object, make: object) -> None:
    """The words of every template are right as they are, whoever is written to."""
    assert [] == asked(make(stage, customer))  # type: ignore[operator]


@pytest.mark.parametrize(
    "changes",
    [
        [("Bonjour", "Cher ami")],
        [("Bonjour", 'Bonjour ! URGENT !!! "vite" 3 jours, 14 h 30, bureau 12, 06 01 02 03 04')],
        [("\u202f", ""), ("\u00a0", "")],
        [("1\u202f200,00\u00a0€", "1200 euros (1 200,00)")],
    ],
)
def test_taste_is_not_asked_about(changes: list[tuple[str, str]]) -> None:
    """Tone, spaces, hours, days, telephones, another way to write the same sum are the author's own."""
    found = asked(one("friendly"), *changes)

    assert [] == [each for each in found if not each.startswith("il manque le montant")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("1\u202f200,00", "1\u202f250,00")], "« 1 250,00 € » est nouveau"),
        ([("Bonjour", "Bonjour, 3 %")], "« 3 % » est nouveau"),
        ([("Bonjour", "Bonjour, 40 euros et 12,50")], "« 40 euros » et « 12,50 » sont nouveaux"),
        ([("F-2026-041", "F-2026-014")], "il manque le numéro de la facture F-2026-041"),
        ([("FR76", "DE76")], "est un autre compte"),
        ([("Bonjour", "Bonjour, sous peine de poursuites")], "un reproche"),
        ([("Bonjour", "Bonjour, à régler avant le 3 mars 2020")], "un délai déjà passé"),
    ],
)
def test_what_is_asked_about(changes: list[tuple[str, str]], said: str) -> None:
    """Another sum, rate, number, account or day, a reproach."""
    assert any(said in each for each in asked(one("friendly"), *changes)), asked(one("friendly"), *changes)


def test_an_account_that_is_gone() -> None:
    """It is named, also where the text still speaks of a transfer."""
    [account] = [each for each in render(TEMPLATES, one("firm"), TOLD).text.split("\n") if each.startswith("IBAN")]

    assert any("n’y est plus" in each for each in asked(one("firm"), (account, "Par virement")))
