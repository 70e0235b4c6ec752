"""What the window of an envelope shows: NF Z 10-011, six lines of 38 characters, and nothing of the address lost."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relance.letters.paper import CHARACTERS, LINES, town_of, window_lines
from relance.letters.people import CustomerView


def _customer(name: str, *address: str, attention: str = "") -> CustomerView:
    return CustomerView(name, "", "", "", attention, address, "", "", "", familiar=False)


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        (
            _customer("Atelier Martin SARL", "3 rue des Lilas", "69001 Lyon", attention="Madame Claire Dupont"),
            ("Atelier Martin SARL", "Madame Claire Dupont", "3 RUE DES LILAS", "69001 LYON"),
        ),
        (_customer("Alpha", "12, rue de l’Église, 75001 Paris"), ("Alpha", "12 RUE DE L’EGLISE", "75001 PARIS")),
        (_customer("Alpha", "1 bis, rue X 75001 Paris"), ("Alpha", "1 BIS RUE X", "75001 PARIS")),
        (
            _customer("Alpha", "Bâtiment C, 4 quai Y, 13002 Marseille Cedex 02, France"),
            ("Alpha", "BATIMENT C", "4 QUAI Y", "13002 MARSEILLE CEDEX 02"),
        ),
        (
            _customer("Beta", "Hauptstr. 5", "10115 Berlin", "Allemagne"),
            ("Beta", "HAUPTSTR 5", "10115 BERLIN", "ALLEMAGNE"),
        ),
        (
            _customer("Jeanne Lelièvre", "1 rue X", "29200 Brest", attention="Madame Jeanne Lelièvre"),
            ("Madame Jeanne Lelièvre", "1 RUE X", "29200 BREST"),
        ),
        (_customer("Alpha"), ("Alpha",)),
        (_customer("Alpha", "sans code postal"), ("Alpha", "SANS CODE POSTAL")),
        (
            _customer(
                "Communauté de communes du Haut-Pays de l’Exemple et des Vallées réunies",
                *("Hôtel de Ville", "Direction des finances", "1 place de la République", "BP 12345"),
                "29019 Quimper Cedex",
                attention="Monsieur Paul Long",
            ),
            (
                *("Communauté de communes du Haut-Pays de", "l’Exemple et des Vallées réunies"),
                "Monsieur Paul Long",
                *("HOTEL DE VILLE DIRECTION DES FINANCES", "1 PLACE DE LA REPUBLIQUE BP 12345", "29019 QUIMPER CEDEX"),
            ),
        ),
        (
            _customer(
                "Atelier Martin SARL",
                "Résidence Les Jardins du Parc, bâtiment B, 3e étage",
                "Zone artisanale de la Croix-Blanche des Marais",
                *("128 bis avenue du Général-de-Gaulle", "BP 90412", "97490 Saint-Denis CEDEX 09"),
                attention="Madame Claire Dupont",
            ),
            (
                *("Atelier Martin SARL", "Résidence Les Jardins du Parc bâtiment", "B 3e étage"),
                *("128 BIS AVENUE DU GENERAL-DE-GAULLE", "BP 90412", "97490 SAINT-DENIS CEDEX 09"),
            ),
        ),
    ],
)
def test_window(customer: CustomerView, expected: tuple[str, ...]) -> None:
    """Name, person, address; the last three in capitals without accents or punctuation."""
    assert expected == window_lines(customer)


_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200)


@settings(deadline=None)
@example("", ["ß" * 38], "")
@example("0", [], " ")
@given(_TEXT, st.lists(_TEXT, max_size=9), _TEXT)
def test_fits(name: str, address: list[str], attention: str) -> None:
    """Whatever the data, six lines of 38 characters at most."""
    lines = window_lines(_customer(name, *address, attention=attention))

    assert len(lines) <= LINES
    assert all(len(line) <= CHARACTERS for line in lines)


def test_town_stays() -> None:
    """However long the name and the address, the last line is the town."""
    lines = window_lines(_customer("N" * 5000, *(f"ligne {i} " + "x" * 30 for i in range(9)), "75001 Paris"))

    assert "75001 PARIS" == lines[-1]
    assert LINES == len(lines)
    assert "NNN" in lines[0]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (("12 rue du Port", "44000 Nantes"), "Nantes"),
        (("12 rue du Port, 44000 Saint-Nazaire Cedex 2, France",), "Saint-Nazaire"),
        (("12 rue du Port",), ""),
        ((), ""),
    ],
)
def test_town(address: tuple[str, ...], expected: str) -> None:
    """Where the letter is written: the town of the sender's address."""
    assert expected == town_of(address)
