"""What was done, in the file's words: only where a customer may read them."""

from pathlib import Path

import pytest
from sources_support import read

HEAD = "Numéro;Client;E-mail;Date;Échéance;Montant TTC;{}\n"
ROW = "F-{};Alpha SAS;a@alpha.example;01/10/2026;31/10/2026;1200,00;{}\n"


def works(folder: Path, header: str, *cells: str) -> list[str]:
    """What the invoices of a file with this column say of the work."""
    rows = "".join(ROW.format(place, cell) for place, cell in enumerate(cells, start=1))
    return [invoice.work for invoice in read(folder, HEAD.format(header) + rows).invoices]


@pytest.mark.parametrize("header", ["Libellé", "Objet", "Description"])
def test_a_label_is_told(tmp_path: Path, header: str) -> None:
    """As the file has it."""
    assert ["Refonte du site, lot 2", ""] == works(tmp_path, header, "Refonte du site, lot 2", "")


@pytest.mark.parametrize("header", ["Commentaire", "Notes", "Observations", "Remarques"])
def test_notes_are_the_users_own(tmp_path: Path, header: str) -> None:
    """A customer never reads « mauvais payeur »."""
    assert [""] == works(tmp_path, header, "client difficile, mauvais payeur")


def test_a_label_that_says_what_to_do_is_no_work(tmp_path: Path) -> None:
    """One cell with a word to the user makes the column one of remarks."""
    assert ["", ""] == works(tmp_path, "Libellé", "Refonte du site", "ne pas relancer")


def test_two_labels_of_one_number_are_no_contradiction(tmp_path: Path) -> None:
    """The label asks no question that was not asked before."""
    text = HEAD.format("Libellé") + ROW.format(1, "Logo") + ROW.format(1, "Site")
    file = read(tmp_path, text, columns={"total": "Montant TTC"})
    assert [("F-1", "Logo", "open")] == [(each.number, each.work, each.status.value) for each in file.invoices]
