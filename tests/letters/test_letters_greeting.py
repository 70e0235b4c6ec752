"""Names and civilities as files write them, and how the letter then says them."""

import pytest

from relance.core.invoice import Customer
from relance.letters.people import formal_greeting, greeting, person


@pytest.mark.parametrize(
    ("civility", "contact", "expected"),
    [
        ("Mme", "Claire Dupont", "Bonjour Madame Dupont"),
        ("madame", "DUPONT Claire", "Bonjour Madame Dupont"),
        ("M.", "CLAUDE DUPONT", "Bonjour Monsieur Dupont"),
        ("", "Mme Dupont", "Bonjour Madame Dupont"),
        ("", "M. Jean Martin", "Bonjour Monsieur Martin"),
        ("Mme", "Claire de La Tour", "Bonjour Madame de La Tour"),
        ("Mme", "LE GOFF Anne", "Bonjour Madame Le Goff"),
        ("Mme", "Maria Garcia Lopez", "Bonjour Madame Maria Garcia Lopez"),
        ("Me", "Anne Roy", "Bonjour Maître Roy"),
        ("Mme", "DUPONT", "Bonjour Madame Dupont"),
        ("Mme", "", "Bonjour Madame"),
        ("", "Claire Dupont", "Bonjour Claire Dupont"),
        ("", "DUPONT Claire", "Bonjour Claire Dupont"),
        ("", "Claire", "Bonjour Claire"),
        ("", "DUPONT", "Bonjour"),
        ("", "Service comptabilité", "Bonjour"),
        ("", "compta@exemple.fr", "Bonjour"),
        ("Société", "Claire Dupont", "Bonjour Claire Dupont"),
        ("", "", "Bonjour"),
        ("Mme", "LE GOFF", "Bonjour Madame Le Goff"),
        ("Mme", "Le Goff", "Bonjour Madame Le Goff"),
        ("Mme", "de La Tour", "Bonjour Madame de La Tour"),
        ("M.", "Van Damme", "Bonjour Monsieur Van Damme"),
        ("M.", "Ben Ali", "Bonjour Monsieur Ben Ali"),
        ("M.", "EL AMRANI", "Bonjour Monsieur El Amrani"),
        ("", "M. Du Pont", "Bonjour Monsieur Du Pont"),
        ("", "LE GOFF", "Bonjour"),
        ("", "Ben Ali", "Bonjour"),
        ("M.", "Jean-Claude Van Damme", "Bonjour Monsieur Van Damme"),
        ("M. et Mme", "Durand", "Bonjour Madame et Monsieur Durand"),
        ("", "Monsieur et Madame DURAND", "Bonjour Madame et Monsieur Durand"),
        ("Mme", "Dupont (compta)", "Bonjour Madame Dupont"),
        ("", "Claire Dupont (comptabilité", "Bonjour Claire Dupont"),
        ("Mme", "(compta)", "Bonjour Madame"),
        ("", "None", "Bonjour"),
        ("M.", "N/A", "Bonjour Monsieur"),
        ("", "-", "Bonjour"),
        ("", "Mme Nan", "Bonjour Madame Nan"),
    ],
)
def test_people_are_greeted_by_name(civility: str, contact: str, expected: str) -> None:
    """Civility and family name, else the whole name, else a plain Bonjour."""
    assert expected == greeting(person(Customer("X", contact=contact, civility=civility)))


@pytest.mark.parametrize(
    ("civility", "expected"),
    [("Mlle", "Madame"), ("Mr", "Monsieur"), ("", "Madame, Monsieur"), ("M. et Mme", "Madame, Monsieur")],
)
def test_a_formal_letter_opens_with_the_title(civility: str, expected: str) -> None:
    """Where nobody knows who reads, both are addressed."""
    assert expected == formal_greeting(person(Customer("X", civility=civility)))
