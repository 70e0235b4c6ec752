"""Files that nobody had seen: every sum is right, or what was not understood is asked about, by its header or row."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sources_support import one, read, refused
from test_reading import CUSTOMERS, HEAD, ROW, asked, owed, with_column

from relance.core.history import History
from relance.core.invoice import Status, keyed
from relance.core.morning import Morning
from relance.core.policy import DunningPolicy
from relance.core.unplaced import money_for
from relance.sources.formats import show_of
from relance.sources.units import unit_of

PAYMENTS = "Facture;Date;Montant{}\n"
CREDITS = "N° facture;Client;Email;Date facture;Échéance;Montant TTC;Type;Devise;Facture d'origine\n"


@pytest.mark.parametrize(
    "header",
    ["Geste commercial", "Compte prorata", "Virement web", "Commission commerciale", "Site web", "Wkz client export"],
)
def test_sums_are_asked_about_whatever_follows_the_word_that_nobody_knows(header: str, tmp_path: Path) -> None:
    """« commercial » or « web » says nothing of the sum before it."""
    assert [header] == asked(with_column(tmp_path, header, "100,00"))


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Coût de revient", "500,00"),
        ("Poids (kg)", "1,20"),
        ("interest_rate", "12.15"),
        ("Frais de port", "12,00"),
        ("Entity Discount Percent", "5 %"),
        ("Nb relances", "2"),
        ("Nombre de rappels", "1"),
    ],
)
def test_sums_of_harmless_things_are_not(header: str, cell: str, tmp_path: Path) -> None:
    """Their main word says what they are; a count is no sum."""
    assert [] == asked(with_column(tmp_path, header, cell))


@pytest.mark.parametrize(
    "header", ["Ne rien envoyer", "Mail interdit", "Pas d'e-mail", "Do not email", "Opt-out mail", "Client (hors mail)"]
)
def test_a_yes_that_denies_is_asked_about(header: str, tmp_path: Path) -> None:
    """What is not to be sent may be the reminder."""
    found = asked(with_column(tmp_path, header, "oui", "non"))
    assert found == ([] if header.startswith("Client") else [header])


def test_the_side_of_an_account_and_words_of_paying_are_asked_about(tmp_path: Path) -> None:
    """D and C, or a stage of the work whose words are of paying; a free text is not on every row."""
    assert ["Sens"] == asked(with_column(tmp_path, "Sens", "D", "C"))
    assert ["Étape"] == asked(with_column(tmp_path, "Étape", "Encaissement fait", "Chez l'avocat"))
    assert [] == asked(with_column(tmp_path, "Mémo", "rappeler lundi", ""))


def test_terms_under_a_header_that_nobody_knows_are_asked_about(tmp_path: Path) -> None:
    """Or thirty days would be counted; beside a due date they say it once more."""
    text = "N° facture;Client;Email;Date facture;Modalité;Montant TTC\n"
    [column] = read(tmp_path, text + "F-1;A;a@a.example;01/09/2026;60 jours;1200,00\n").reading.unused
    assert (column.weighty, column.field) == (True, "terms")
    assert [] == asked(with_column(tmp_path, "Modalité", "60 jours"))


@pytest.mark.parametrize(
    ("header", "percent"), [("Acompte (%)", True), ("Acompte en pourcentage", True), ("Acompte 30 %", False)]
)
def test_a_percentage_in_a_name_is_no_unit(header: str, percent: bool, tmp_path: Path) -> None:
    """« Acompte 30 % » is asked about, and holds the amount that it shows once it is named."""
    assert unit_of(header).percent is percent
    if not percent:
        source = read(tmp_path, f"{HEAD};{header}\n{ROW};360,00\n", columns={"paid": header})
        assert owed(source) == Decimal("840.00")


@pytest.mark.parametrize("header", ["Montant TTC (k€)", "Total TTC en milliers d'euros", "TTC KEUR"])
def test_thousands_are_refused_and_not_named(header: str, tmp_path: Path) -> None:
    """1,2 is no sum that can be claimed; naming the column, as any other is told to be, would claim 1,20."""
    text = f"{HEAD}\n{ROW}\n".replace("Montant TTC", header).replace("1200,00", "1,2")
    for columns in ({}, {"total": header}):
        said = refused(tmp_path, text, columns=columns)
        assert (header in said, "milliers d’euros" in said, "total =" in said) == (True, True, False)


def test_a_number_shown_in_thousands_is_the_number() -> None:
    """The format says how it is shown; the cell holds all of it."""
    assert show_of('#,##0.00," k€"') is None
    assert show_of('0.0,"k"') is None


def test_the_column_with_tax_is_told_to_name(tmp_path: Path) -> None:
    """Not the one without."""
    text = f"{HEAD}\n{ROW}\n".replace("Montant TTC", "Prix HT;Prix TTC").replace("1200,00", "1000,00;1200,00")
    said = refused(tmp_path, text)
    assert ('total = "Prix TTC"' in said, '"Prix HT"' in said) == (True, False)
    assert owed(read(tmp_path, text, columns={"total": "Prix TTC"})) == Decimal("1200.00")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("AV-1;Delta SARL;d@delta.example;02/09/2026;05/11/2026;-300,00;Avoir;USD;F-1", "en USD"),
        ("AV-1;Delta;autre@delta.example;02/09/2026;05/11/2026;-300,00;Avoir;EUR;F-1", "pour « Delta »"),
    ],
)
def test_a_credit_note_that_does_not_fit_the_invoice_it_names_holds_it(row: str, told: str, tmp_path: Path) -> None:
    """Of another currency or customer it cannot be taken off, and the whole sum is not claimed in silence."""
    source = read(tmp_path, f"{CREDITS}{ROW};Facture;EUR;\n{row}\n")
    assert source.invoices[0].status is Status.UNCLEAR
    assert told in source.problems[0].message


@pytest.mark.parametrize("number", ["F-1, F-2", "F-1+F-2", "F-1 et F-2", "Facture F-1", "F-1/F-2"])
def test_a_payment_of_several_invoices_holds_each(number: str, tmp_path: Path) -> None:
    """Nobody knows how much of it each has received."""
    path = tmp_path / "reglements.csv"
    path.write_text(f'{PAYMENTS.format("")}"{number}";10/11/2026;2400,00\n', encoding="utf-8")
    rows = "\n".join(ROW.replace("F-1", f"F-{place}") for place in (1, 2, 3))
    held = [each.number for each in read(tmp_path, f"{HEAD}\n{rows}\n", payments=path).invoices if each.note]
    assert held == (["F-1"] if number.startswith("Facture") else ["F-1", "F-2"])


@pytest.mark.parametrize(
    ("kind", "received"),
    [
        ("Encaissement", True),
        ("Acompte", True),
        ("Paiement de facture", True),
        ("", True),
        ("Remboursement", False),
        ("Refund", False),
        ("Facture", False),
    ],
)
def test_a_refund_is_no_payment(kind: str, received: bool, tmp_path: Path) -> None:
    """A type column of a list of payments is read too."""
    path = tmp_path / "reglements.csv"
    path.write_text(f"{PAYMENTS.format(';Type')}F-1;10/11/2026;400,00;{kind}\n", encoding="utf-8")
    source = read(tmp_path, f"{HEAD}\n{ROW}\n", payments=path)
    assert (owed(source), one(source).status is Status.OPEN) == (Decimal(800 if received else 1200), received)


@pytest.mark.parametrize(
    ("header", "cells", "found"),
    [
        ("Bloqué", ("oui", "non"), True),
        ("Statut", ("Liquidation judiciaire", "Actif"), True),
        ("Litige", ("oui", ""), True),
        ("Bloqué", ("non", "non"), False),
        ("Statut", ("Actif", "Actif"), False),
    ],
)
def test_what_a_list_of_customers_says_under_a_field_of_invoices_is_asked_about(
    header: str, cells: tuple[str, str], found: bool, tmp_path: Path
) -> None:
    """Nothing of a customer reads it; what marks nobody is not asked about."""
    path = tmp_path / "clients.csv"
    path.write_text(CUSTOMERS.format(header, cells[0]) + f"Beta;b@beta.example;{cells[1]}\n", encoding="utf-8")
    assert asked(read(tmp_path, f"{HEAD}\n{ROW}\n", customers=path)) == ([header] if found else [])


@pytest.mark.parametrize(
    ("header", "cell", "status", "left"),
    [
        ("Statut", "Relancée le 12/10", Status.OPEN, 1200),
        ("Statut", "Réglée par chèque le 3/10/2026", Status.OPEN, 0),
        ("Remarque", "Payé le 03/10/2026 par virement", Status.UNCLEAR, 1200),
        ("Réglé", "✅", Status.OPEN, 0),
        ("Réglé", "✗", Status.OPEN, 1200),
    ],
)
def test_days_and_means_beside_a_state_leave_it(
    header: str, cell: str, status: Status, left: int, tmp_path: Path
) -> None:
    """One after the other, in a column of states or alone in a remark; a tick is a yes."""
    source = with_column(tmp_path, header, cell)
    assert (one(source).status, owed(source)) == (status, Decimal(left))


def test_a_payment_whose_number_is_written_otherwise_may_be_of_the_invoice(tmp_path: Path) -> None:
    """F1 may be F-001, and the sum was perhaps paid; another letter is another number."""
    path = tmp_path / "reglements.csv"
    for number, held in (("F1", True), ("f 001", True), ("F-2", False), ("G-1", False)):
        path.write_text(f"{PAYMENTS.format('')}{number};10/11/2026;400,00\n", encoding="utf-8")
        source = read(tmp_path, f"{HEAD}\n{ROW}\n", payments=path)
        morning = Morning(date(2026, 11, 20), History(unplaced=source.traces.unplaced), DunningPolicy())
        assert (bool(money_for(keyed(source.invoices), morning)), len(source.problems)) == (held, 1)


@pytest.mark.parametrize(
    ("right", "cells", "found"),
    [
        (";Fournisseur;Solde", ";Orange;50,00", ["Solde"]),
        (";Facture;Montant payé", ";F-9;400,00", ["Montant payé"]),
        (";Code client;Reste dû", ";C1;800,00", []),
        ("Fournisseur;Reste dû", "Orange;800,00", []),
    ],
)
def test_another_table_to_the_right_is_asked_about(right: str, cells: str, found: list[str], tmp_path: Path) -> None:
    """Behind an empty column and with parties or numbers of its own, it says nothing of the line to its left."""
    text = f"{HEAD};{right}\n{ROW};{cells}\n"
    source = read(tmp_path, text)
    assert [header for header in asked(source) if header in right.split(";")[-1:]] == found
    if found:
        answered = read(tmp_path, text, ignore=(*asked(source),))
        assert (asked(answered), owed(answered)) == ([], Decimal("1200.00"))


@pytest.mark.parametrize(
    ("word", "status", "left"),
    [
        ("invoice.paid", Status.OPEN, 0),
        ("PAYMENT_PENDING", Status.OPEN, 1200),
        ("isOverdue", Status.OPEN, 1200),
        ("Facture non payée", Status.OPEN, 1200),
        ("Facture annulée", Status.CANCELLED, 1200),
        ("Pas encore payée", Status.UNCLEAR, 1200),
        ("Payée par erreur", Status.UNCLEAR, 1200),
        ("not void", Status.UNCLEAR, 1200),
        ("sent_to_collections", Status.UNCLEAR, 1200),
    ],
)
def test_states_as_programs_write_them(word: str, status: Status, left: int, tmp_path: Path) -> None:
    """All words of a known state, in any order and joined in any way; one word more is another state."""
    source = with_column(tmp_path, "Statut", word)
    assert (one(source).status, owed(source)) == (status, Decimal(left))


def test_the_export_of_a_tool_that_nobody_had_seen_is_read(tmp_path: Path) -> None:
    """The only party is the customer, « invoice » before a header says nothing more, the total again neither."""
    head = "ContactName,EmailAddress,InvoiceNumber,InvoiceDate,DueDate,Total,InvoiceAmountPaid,InvoiceAmountDue,Status"
    row = "Delta,d@delta.example,F-1,2026-09-01,2026-11-05,1200.00,400.00,800.00,Awaiting Payment"
    source = read(tmp_path, f"{head}\n{row}\n")
    assert (asked(source), owed(source), one(source).customer.name) == ([], Decimal("800.00"), "Delta")
    assert [] == asked(with_column(tmp_path, "Net à payer", "1200,00"))
    assert ["Net à payer"] == asked(with_column(tmp_path, "Net à payer", "1140,00"))


@pytest.mark.parametrize("header", ["Bank transfer", "Project advance", "Stock return", "Unit left"])
def test_the_main_word_of_an_english_header_is_its_last(header: str, tmp_path: Path) -> None:
    """What goes before it says less; what a known word ends is harmless."""
    head, row = "Invoice,Customer,Email,Invoice Date,Due Date,Amount", "A1,Delta,d@delta.example,2026-09-01,2026-11-05"
    text = f"{head},Carrier weight,{header}\n{row},1200.00,2.50,100.00\n"
    assert [header] == asked(read(tmp_path, text))
