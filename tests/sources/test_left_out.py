"""What no total counts and could be owed: each row once, with what is left of it where that can be read."""

import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sources_support import read, workbook

from relance.sources import InvoiceFile

HEADER = "N° facture;Client;Date;Échéance;Montant TTC;Payé;Statut;Devise"
GOOD = "F-1;Alpha SARL;01/09/2026;01/10/2026;1 000,00;;;"


def sums(source: InvoiceFile) -> tuple[int, dict[str, Decimal]]:
    """How many rows are left out, and their sums by currency."""
    found: dict[str, Decimal] = {}
    for row in source.left_out:
        if row.amount is not None:
            found[row.currency] = found.get(row.currency, Decimal("0.00")) + row.amount
    return len(source.left_out), {currency: amount for currency, amount in found.items() if amount}


def of(folder: Path, *rows: str, header: str = HEADER) -> tuple[int, dict[str, Decimal]]:
    """What is left out of a file with one good invoice and these rows."""
    return sums(read(folder, "\n".join((header, GOOD, *rows)) + "\n"))


@pytest.mark.parametrize(
    ("row", "amount"),
    [
        ("F-2;Beta;01/09/2026;bientôt;1 200,00;;;", "1200.00"),
        ("F-2;Beta;01/09/2026;bientôt;1 200,00;200,00;;", "1000.00"),
        (
            "F-2;Beta;01/09/2026;bientôt;1 200,00;5 000,00;;",
            "1200.00",
        ),  # what contradicts the total is taken off nothing
        (";Beta;01/09/2026;01/10/2026;80,50;;;", "80.50"),
        ("F-2;;01/09/2026;01/10/2026;80,50;;;", "80.50"),
        ("F-2;Beta;;;80,50;;;", "80.50"),
        ("F-2;Beta;01/09/2026;01/10/2026;abc;;;", ""),
        ("F-2;Beta;01/09/2026;01/10/2026;;;;", ""),
        ("F-2;Beta;01/09/2026;01/10/2026;75,00;;À voir avec Paul;", "75.00"),  # unclear: in the plan, in no total
        ("F-2;Beta;01/09/2026;01/10/2026;75,00;15,00;Payée;", "60.00"),
        ("F-2;Beta;01/09/2026;01/10/2026;75,00;15,00", ""),  # which column moved is never guessed
        ("F-2;Beta;01/09/2026;01/10/2026;75,00;;;sesterces", ""),  # an amount of nobody knows what
    ],
)
def test_a_row_that_cannot_be_used(tmp_path: Path, row: str, amount: str) -> None:
    """It is one row, with what is left of it; without, where no amount can be read."""
    assert (1, {"EUR": Decimal(amount)} if amount else {}) == of(tmp_path, row)


@pytest.mark.parametrize(
    "row",
    [
        "TOTAL;;;;2 000,00;;;",
        "Merci de votre confiance;;;;;;;",
        "Factures de novembre;;;;;;;",
        "A-1;Beta;01/09/2026;zut;-80,00;;;",
        "A-1;Beta;01/09/2026;zut;80,00;;Avoir;",
        "F-2;Beta;01/09/2026;zut;80,00;;Brouillon;",
        "F-2;Beta;zut;01/10/2026;abc;;Annulée;",
        "F-2;Beta;zut;01/10/2026;80,00;80,00;Payée;",
        "F-2;Beta;zut;01/10/2026;abc;;Payée;",
        "F-2;Beta;zut;01/10/2026;80,00;;Payée;",
        "D-2;Beta;zut;01/10/2026;80,00;;Devis;",
        GOOD,
    ],
)
def test_what_is_rightly_nothing(tmp_path: Path, row: str) -> None:
    """Totals, notes, titles, what is paid, drafts, credit notes and identical rows are not left out of anything."""
    assert (0, {}) == of(tmp_path, row)


def test_what_identical_rows_leave_out_counts_once(tmp_path: Path) -> None:
    """A row that cannot be used does not double because it was pasted twice."""
    row = "F-2;Beta;01/09/2026;bientôt;1 200,00;;;"
    assert (1, {"EUR": Decimal("1200.00")}) == of(tmp_path, row, row)


def test_two_rows_that_contradict_each_other(tmp_path: Path) -> None:
    """Neither is in a total: both are left out."""
    rows = ("F-2;Beta;01/09/2026;01/10/2026;70,00;;;", "F-2;Beta;01/09/2026;01/10/2026;90,00;;;")
    assert (2, {"EUR": Decimal("160.00")}) == of(tmp_path, *rows)


def test_currencies_are_told_apart(tmp_path: Path) -> None:
    """Dollars are no euros."""
    rows = (
        "F-2;Beta;01/09/2026;zut;70,00;;;USD",
        "F-3;Beta;01/09/2026;zut;90,00;;;",
        "F-4;B;01/09/2026;zut;1,00;;;CHF",
    )
    expected = {"USD": Decimal("70.00"), "EUR": Decimal("90.00"), "CHF": Decimal("1.00")}
    assert (3, expected) == of(tmp_path, *rows)


def test_the_rest_that_the_file_tells(tmp_path: Path) -> None:
    """What is left is what the column of what is left says, whatever the total."""
    header = "N° facture;Client;Date;Échéance;Montant TTC;Reste dû"
    rows = ("F-1;Alpha SARL;01/09/2026;zut;1 000,00;120,50", "F-2;Beta;01/09/2026;zut;abc;30,00")
    assert (2, {"EUR": Decimal("150.50")}) == sums(read(tmp_path, "\n".join((header, *rows)) + "\n"))


@pytest.mark.parametrize(
    ("below", "rows", "amount"),
    [
        (("Autres créances", "Numéro;Nom;Date;Montant TTC", "X-1;Ulm;01/09/2026;70,00"), 1, "70.00"),
        (
            ("Numéro;Nom;Date;Montant TTC", "X-1;Ulm;01/09/2026;70,00", "X-2;Vaux;01/09/2026;abc", "TOTAL;;;70"),
            2,
            "70.00",
        ),
        (("Numéro;Nom;Date;Montant TTC;Reste dû", "X-1;Ulm;01/09/2026;70,00;20,00"), 1, "20.00"),
        (("Numéro;Nom;Date;Montant TTC;Payé", "X-1;Ulm;01/09/2026;70,00;50,00", "X-2;B;;70,00;70,00"), 1, "20.00"),
        (("Numéro;Nom;Date;Montant TTC ($)", "X-1;Ulm;01/09/2026;70,00"), 1, "70.00 USD"),
        (("Numéro;Nom;Date;Montant HT", "X-1;Ulm;01/09/2026;70,00"), 1, ""),  # without VAT: not what is owed
        (("Fournisseurs", "Numéro;Nom;Date;Montant TTC", "X-1;Ulm;01/09/2026;70,00"), 0, ""),
        (("Numéro;Fournisseur;Date;Montant TTC", "X-1;Ulm;01/09/2026;70,00"), 0, ""),
        (("N° devis;Nom;Date;Montant TTC", "D-1;Ulm;01/09/2026;70,00"), 0, ""),
        (("Numéro;Nom;Reçue le;Montant TTC;Notes", "X-1;Ulm;01/09/2026;70,00;"), 1, "70.00"),
        (("Devis en cours", "Numéro;Nom;Date;Montant TTC", "X-1;Ulm;01/09/2026;70,00"), 0, ""),
        (("Numéro;Nom;Date;Montant TTC", "Achats", "X-1;Ulm;01/09/2026;70,00"), 0, ""),
        (("Contact;Téléphone;Fonction", "Anne;0102030405;Comptable"), 0, ""),
    ],
)
def test_other_tables_below(tmp_path: Path, below: tuple[str, ...], rows: int, amount: str) -> None:
    """Their rows are left out, but for those that a title or a header tells to be no invoices."""
    value, _, currency = amount.partition(" ")
    assert (rows, {currency or "EUR": Decimal(value)} if value else {}) == of(tmp_path, "", *below)


@pytest.mark.parametrize(
    ("above", "amount"),
    [
        (("Autres créances", "Dossier;Débiteur;Depuis le;Somme", "C-1;Ulm;01/02/2026;40,00"), "40.00"),
        (("Factures fournisseurs", "Dossier;Nom;Depuis le;Somme", "C-1;Ulm;01/02/2026;40,00"), ""),
        (("Créances", "Dossier;Débiteur;Cédée le;Somme", "C-1;Ulm;01/02/2026;40,00"), ""),  # owed to the factor
    ],
)
def test_another_table_above(tmp_path: Path, above: tuple[str, ...], amount: str) -> None:
    """What stands over the invoices and is not read is left out too."""
    assert (int(bool(amount)), {"EUR": Decimal(amount)} if amount else {}) == sums(
        read(tmp_path, "\n".join((*above, "", HEADER, GOOD)) + "\n")
    )


@pytest.mark.slow
def test_sheets_that_are_read_together(tmp_path: Path) -> None:
    """What each of them leaves out is added."""
    header = ["N° facture", "Client", "Date", "Échéance", "Montant TTC"]
    sheets: dict[str, Sequence[Sequence[Any]]] = {
        str(year): [
            header,
            [f"F-{year}", "Alpha", f"01/09/{year}", f"01/10/{year}", 10],
            [f"G-{year}", "B", "", "", year / 100],
        ]
        for year in (2025, 2026)
    }
    source = read(tmp_path, workbook(sheets), "factures.xlsx")
    assert (2, {"EUR": Decimal("40.51")}) == sums(source)


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost(tmp_path: Path, seed: int) -> None:
    """Every sum of a file, row by row, is in an invoice that is clear, rightly nothing, or left out: never two."""
    draw = random.Random(seed)
    rows, owed, left, lost = [], Decimal(0), Decimal(0), 0
    for number in range(1, draw.randint(2, 30)):
        cents = draw.randint(100, 999_999)
        total = Decimal(cents) / 100
        paid = Decimal(draw.choice([0, 0, draw.randint(1, cents - 1)])) / 100
        cells = [f"G-{number}", f"Client {number}", "01/09/2026", "01/10/2026", f"{total:.2f}", f"{paid:.2f}", "", ""]
        fault = draw.choice(["none", "none", "due", "number", "customer", "total", "state", "draft", "currency"])
        match fault:
            case "due":
                cells[3] = draw.choice(["demain", "32/01/2026", "#REF!"])
            case "number":
                cells[0] = ""
            case "customer":
                cells[1] = ""
            case "total":
                cells[4] = draw.choice(["n. c.", "#N/A", "douze"])
            case "state":
                cells[6] = draw.choice(["Chez Paul", "W7", "statut inconnu"])
            case "draft":
                cells[6] = "Brouillon"
        owed += total - paid if fault in ("none", "currency") else 0
        left += total - paid if fault in ("due", "number", "customer", "state") else 0
        lost += fault in ("due", "number", "customer", "state", "total")
        rows.append(";".join(cells))
    source = read(tmp_path, "\n".join((HEADER, *rows)) + "\n")
    clear = [invoice for invoice in source.invoices if invoice.status.value == "open"]
    rest = sum(invoice.total - sum(payment.amount for payment in invoice.payments) for invoice in clear)
    assert owed == rest
    assert (lost, left) == (len(source.left_out), sum(sums(source)[1].values(), Decimal(0)))
