"""Names and civilities as files write them, and how the letter then says them."""

import pytest

from relance.core.invoice import Customer, Kind
from relance.letters.languages import ENGLISH
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


GREETINGS = [
    # customer, civility, contact, expected
    ("Bâti Groupe SAS", "M.", "Bâti Groupe SAS", "Bonjour"),
    ("Atelier Bleu", "", "Atelier Bleu Sas", "Bonjour"),
    ("Martin", "", "Martin Sas", "Bonjour"),
    ("MARTIN SAS", "", "MARTIN SAS", "Bonjour"),
    ("Ville de Lanester", "", "Mairie", "Bonjour"),
    ("Lune", "", "Boulangerie Lune", "Bonjour"),
    ("Bâti", "M.", "Groupe Bâti", "Bonjour"),
    ("Durand", "", "Sté Durand", "Bonjour"),
    ("Orme", "", "Me Cabinet Orme & Associés", "Bonjour"),
    ("Orme", "Me", "Cabinet Orme & Associés", "Bonjour"),
    ("Alpha SARL", "Mme", "dupont", "Bonjour Madame Dupont"),
    ("Alpha SARL", "", "mme claire dupont", "Bonjour Madame Dupont"),
    ("Alpha SARL", "Mme", "claire de la tour", "Bonjour Madame de la Tour"),
    ("Alpha SARL", "M.", "jean-marc le-gall", "Bonjour Monsieur Le-Gall"),
    ("Mme Petit", "", "", "Bonjour Madame Petit"),
    ("M. PETIT Luc", "", "", "Bonjour Monsieur Petit"),
    ("M. et Mme Roux", "", "", "Bonjour Madame et Monsieur Roux"),
    ("Alpha SARL", "", "M. & Mme Roux", "Bonjour Madame et Monsieur Roux"),
    ("Alpha SARL", "", "M. Jean et Mme Anne Roux", "Bonjour"),
    ("Alpha SARL", "", "Anne et Jean Roux", "Bonjour Anne et Jean Roux"),
    ("Alpha SARL", "Mme", "Maria DE SA", "Bonjour Madame De Sa"),
    ("Alpha SARL", "Mme", "d'orgeval", "Bonjour Madame d’Orgeval"),
    ("Alpha SARL", "M.", "Hervé D'ANGELO", "Bonjour Monsieur D’Angelo"),
    ("Alpha SARL", "M.", "Patrick O'Brien", "Bonjour Monsieur O’Brien"),
    ("Alpha SARL", "Mme", "SAS", "Bonjour Madame Sas"),
    ("Durand", "M.", "Durand SAS", "Bonjour"),
    ("Alpha SARL", "M.", "Paul Garnier-Château", "Bonjour Monsieur Garnier-Château"),
    ("Alpha SARL", "", "Dupont, Claire", "Bonjour Claire Dupont"),
    ("Alpha SARL", "Mme", "DUPONT, Claire", "Bonjour Madame Dupont"),
    ("Alpha SARL", "", "Mrs Jane Smith", "Bonjour Madame Smith"),
    ("Alpha SARL", "", "Miss Smith", "Bonjour Madame Smith"),
    ("Alpha SARL", "Ms", "Jane Smith", "Bonjour Madame Smith"),
    ("Alpha GmbH", "", "Herr Müller", "Bonjour Monsieur Müller"),
    ("Alpha GmbH", "Frau", "Anna von Berg", "Bonjour Madame von Berg"),
    ("Alpha GmbH", "", "Herr und Frau Müller", "Bonjour Madame et Monsieur Müller"),
    ("Alpha SARL", "", "Dr Anne Roy", "Bonjour Docteur Roy"),
    ("Alpha SARL", "", "Monsieur le Maire", "Bonjour Monsieur le Maire"),
    ("Alpha SARL", "", "le gérant", "Bonjour"),
    ("Alpha SARL", "", "Accounts payable", "Bonjour"),
    ("École Saint-Jean", "", "École Saint-Jean", "Bonjour"),
    ("Alpha SARL", "", "Comité des fêtes de Valmont", "Bonjour"),
]


@pytest.mark.parametrize(("name", "civility", "contact", "expected"), GREETINGS)
def test_forty_greetings(name: str, civility: str, contact: str, expected: str) -> None:
    """People by name; of a company, a trade, a body or a desk, nobody's name is guessed."""
    assert len(GREETINGS) >= 40
    assert expected == greeting(person(Customer(name, contact=contact, civility=civility)))


def test_a_consumer_is_a_person() -> None:
    """Whose name stands where a customer's does; a company's, equal in both cells, is nobody's."""
    assert "Bonjour Paul Lefèvre" == greeting(person(Customer("Paul Lefèvre", kind=Kind.CONSUMER)))
    twice = Customer("Paul Lefèvre", contact="PAUL LEFEVRE")
    assert "Bonjour" == greeting(person(twice))
    assert "Bonjour Monsieur Lefevre" == greeting(person(twice._replace(civility="M.")))


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("Mrs Jane Smith", "Dear Ms Smith"),
        ("Herr Müller", "Dear Mr Müller"),
        ("mme dupont", "Dear Ms Dupont"),
        ("Mr and Mrs Smith", "Dear Mr and Ms Smith"),
        ("Jane SMITH", "Dear Jane Smith"),
        ("SMITH", "Hello"),
        ("Smith & Sons Ltd", "Hello"),
        ("Accounts payable", "Hello"),
    ],
)
def test_english_readers(contact: str, expected: str) -> None:
    """The same people, as one writes to them in English."""
    assert expected == ENGLISH.greeting(person(Customer("Alpha Ltd", contact=contact)))


@pytest.mark.parametrize(
    ("civility", "expected"),
    [("Mlle", "Madame"), ("Mr", "Monsieur"), ("", "Madame, Monsieur"), ("M. et Mme", "Madame, Monsieur")],
)
def test_a_formal_letter_opens_with_the_title(civility: str, expected: str) -> None:
    """Where nobody knows who reads, both are addressed."""
    assert expected == formal_greeting(person(Customer("X", civility=civility)))
