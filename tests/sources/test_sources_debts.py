"""One invoice, one debt: lines, payments and instalments of one number; credit notes; files that are no invoices."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sources_support import one, paid, read, refused

from relance.core.invoice import Invoice, Status
from relance.sources import InvoiceFile
from relance.sources.customers import read_emails
from relance.sources.dates import read_terms
from relance.sources.values import Unreadable

LINES = "Client Name,Invoice #,Date Issued,Invoice Status,Item Name,Rate,Quantity,Line Subtotal,Line Total,Currency\n"
ODOO = (
    "Numéro;Nom d'affichage du partenaire de la facture;Date de facturation;Date d'échéance;Total signé;"
    "Montant dû signé;Statut du paiement;Lignes de facture/Quantité;Lignes de facture/Produit/Nom\n"
)
DOLIBARR = (
    "Réf. facture;Tiers;Date facturation;Date limite règlement;Total TTC;Créance;Statut facture;"
    "Id paiement;Montant règlement;Date paiement\n"
)
PARTS = "N° facture;Client;Date facture;Échéance;Montant échéance;Total TTC;Payé\n"
CREDITS = "N° facture;Client;Date facture;Échéance;Total TTC;Type;Facture d'origine;Libellé\n"


def totals(source: InvoiceFile) -> list[tuple[str, str]]:
    """Number and total of each invoice."""
    return [(i.number, str(i.total)) for i in source.invoices]


def by_number(source: InvoiceFile) -> dict[str, Invoice]:
    """The invoices by their number."""
    return {invoice.number: invoice for invoice in source.invoices}


def test_lines_that_alone_have_amounts_are_added_up(tmp_path: Path) -> None:
    """FreshBooks gives no total: the invoice is the sum of its lines, two equal lines included."""
    rows = "Bob,0001,2021-01-28,sent,A,10,2,20.00,20.00,USD\nBob,0001,2021-01-28,sent,B,5,1,5.00,5.85,USD\n"
    source = read(
        tmp_path,
        LINES + rows + "Bob,0001,2021-01-28,sent,B,5,1,5.00,5.85,USD\nAnn,0002,2021-01-28,sent,B,5,1,5,5.85,USD\n",
    )
    assert (totals(source), source.problems) == ([("0001", "31.70"), ("0002", "5.85")], ())
    assert "Lignes additionnées à celles de la même facture\u00a0: lignes 3, 4." in source.reading.notes
    assert (source.rows, source.invoices[0].currency) == (4, "USD")


def test_a_line_that_cannot_be_read_spoils_its_invoice(tmp_path: Path) -> None:
    """The other lines are never taken for the whole."""
    rows = "Bob,0001,2021-01-28,sent,A,10,2,20.00,20.00,USD\nBob,0001,2021-01-28,sent,B,5,1,5.00,?,USD\n"
    source = read(tmp_path, LINES + rows)
    assert (source.invoices, len(source.problems)) == ((), 1)


def test_a_total_repeated_on_each_line_counts_once(tmp_path: Path) -> None:
    """Odoo writes the invoice on its first line alone; a second export may repeat it."""
    rows = "F1;ACME;01/02/2026;01/03/2026;120,00;120,00;Non payé;1;A\n;;;;;;;2;B\n"
    rows += (
        "F1;;01/02/2026;01/03/2026;120,00;120,00;Non payé;3;C\nF2;BETA;01/02/2026;01/03/2026;50,00;50,00;Non payé;1;A\n"
    )
    source = read(tmp_path, ODOO + rows)
    assert (totals(source), source.problems) == ([("F1", "120.00"), ("F2", "50.00")], ())


def test_a_row_without_number_that_says_something_is_a_problem(tmp_path: Path) -> None:
    """Only what says nothing of an invoice goes on with the row above."""
    rows = "F1;ACME;01/02/2026;01/03/2026;120,00;120,00;Non payé;1;A\n;;;;99,00;;;2;B\n"
    source = read(tmp_path, ODOO + rows)
    assert (totals(source), [p.line for p in source.problems]) == ([("F1", "120.00")], [3])


def test_payments_of_one_invoice_are_joined(tmp_path: Path) -> None:
    """Dolibarr repeats the invoice on each payment: one debt, two payments."""
    head = "FA1;ACME;01/02/2026;01/03/2026;300,00;100,00;1"
    source = read(tmp_path, f"{DOLIBARR}{head};11;150,00;05/02/2026\n{head};12;50,00;06/02/2026\n")
    assert paid(one(source)) == [(Decimal("150.00"), date(2026, 2, 5)), (Decimal("50.00"), date(2026, 2, 6))]
    assert (one(source).status, source.problems) == (Status.OPEN, ())
    same = read(tmp_path, f"{DOLIBARR}{head};11;150,00;05/02/2026\n{head};11;50,00;06/02/2026\n")
    assert one(same).status is Status.UNCLEAR, "one payment number twice is no second payment"
    more = read(tmp_path, f"{DOLIBARR}{head};11;350,00;05/02/2026\n{head};12;50,00;06/02/2026\n")
    assert one(more).status is Status.UNCLEAR, "more paid than the total"


def test_instalments_that_add_up_are_debts_of_their_own(tmp_path: Path) -> None:
    """Each has its due date and its part of the total; together they are the invoice."""
    rows = "F1;ACME;01/02/2026;01/04/2026;60,00;100,00;\nF1;ACME;01/02/2026;01/03/2026;40,00;100,00;\n"
    source = read(tmp_path, PARTS + rows)
    found = {i.number: (str(i.total), i.due_date) for i in source.invoices}
    assert found == {"F1 (1/2)": ("40.00", date(2026, 3, 1)), "F1 (2/2)": ("60.00", date(2026, 4, 1))}
    assert source.reading.notes == ("Facture F1\u00a0: 2 échéances, relancées chacune à sa date.",)


@pytest.mark.parametrize(
    "rows",
    [
        "F1;ACME;01/02/2026;01/04/2026;60,00;100,00;\nF1;ACME;01/02/2026;01/03/2026;50,00;100,00;\n",
        "F1;ACME;01/02/2026;01/03/2026;60,00;100,00;\nF1;ACME;01/02/2026;01/03/2026;40,00;100,00;x\n",
        "F1;ACME;01/02/2026;01/04/2026;60,00;100,00;10,00\nF1;ACME;01/02/2026;01/03/2026;40,00;100,00;10,00\n",
        "F1;ACME;01/02/2026;01/04/2026;;60,00;\nF1;ACME;01/02/2026;01/03/2026;;40,00;\n",
    ],
)
def test_rows_of_one_number_that_contradict_each_other_are_held(rows: str, tmp_path: Path) -> None:
    """Parts that do not add up, one due date twice, a payment of nobody knows which part, no total at all."""
    source = read(tmp_path, PARTS + rows)
    assert {i.status for i in source.invoices} == {Status.UNCLEAR}
    assert source.problems


@pytest.mark.parametrize("rows", [("05/02/2026", ""), ("", "05/02/2026")])
def test_a_payment_told_by_one_of_two_rows_is_held(rows: tuple[str, str], tmp_path: Path) -> None:
    """A blank payment beside a filled one is no line of the same invoice: paid or not, nobody knows."""
    lines = "".join(f"F1;ACME;01/03/2026;100,00;{day}\n" for day in rows)
    source = read(tmp_path, f"N° facture;Client;Échéance;Total TTC;Payé le\n{lines}")
    assert one(source).status is Status.UNCLEAR


@pytest.mark.parametrize(
    ("origin", "label", "taken"),
    [
        ("F-2026-1", "", True),
        ("f‑2026‑1 ", "", True),
        ("", "Avoir sur la facture F-2026-1.", True),
        ("", "Avoir sur F-2026-1 et F-2026-2", False),
        ("", "geste commercial", False),
        ("F-2026-9", "", False),
    ],
)
def test_a_credit_note_reduces_the_invoice_that_it_names(origin: str, label: str, taken: bool, tmp_path: Path) -> None:
    """By its own column or by a text; two invoices, or none, and it stays for the plan to mention."""
    rows = (
        "F-2026-1;ACME;01/02/2026;01/03/2026;100,00;facture;;\nF-2026-2;ACME;01/02/2026;01/03/2026;100,00;facture;;\n"
    )
    for amount in ("40,00", "-40,00"):
        source = read(tmp_path, f"{CREDITS}{rows}A-1;ACME;05/02/2026;05/02/2026;{amount};avoir;{origin};{label}\n")
        found = by_number(source)
        assert found["A-1"].status is Status.CREDIT_NOTE
        assert paid(found["F-2026-1"]) == ([(Decimal("40.00"), date(2026, 2, 5))] if taken else [])
        assert paid(found["F-2026-2"]) == []
        told = "Avoir A-1 de 40,00\u00a0€ déduit de la facture F-2026-1."
        assert (told in source.reading.notes) is (told == found["A-1"].note) is taken


@pytest.mark.parametrize(
    ("label", "rebate"),
    [
        ("Erreur de quantité sur F-1", False),
        ("Remise de fin d’année, F-1", True),
        ("F-1, rabais", True),
        ("Escompte F-1", True),
    ],
)
def test_a_rebate_is_told_by_its_words(label: str, rebate: bool, tmp_path: Path) -> None:
    """It lowers what is owed from its day on; what corrects the invoice does so from the due date (law.md 2)."""
    rows = f"F-1;ACME;01/02/2026;01/03/2026;100,00;facture;;\nA-1;ACME;05/03/2026;05/03/2026;40,00;avoir;F-1;{label}\n"
    (payment,) = by_number(read(tmp_path, f"{CREDITS}{rows}"))["F-1"].payments
    assert rebate is payment.rebate


@pytest.mark.parametrize(
    "row", ["A-1;AUTRE;05/02/2026;05/02/2026;40,00;avoir;F-1;", "A-1;ACME;05/02/2026;05/02/2026;140,00;avoir;F-1;"]
)
def test_a_credit_note_of_another_customer_or_too_large_is_not_taken(row: str, tmp_path: Path) -> None:
    """Nothing is taken off a debt by an error of a number."""
    found = by_number(read(tmp_path, f"{CREDITS}F-1;ACME;01/02/2026;01/03/2026;100,00;facture;;\n{row}\n"))
    assert (paid(found["F-1"]), found["A-1"].status) == ([], Status.CREDIT_NOTE)


def test_a_rest_that_the_file_gives_is_not_reduced_twice(tmp_path: Path) -> None:
    """Where the file has a column of what is left, the credit note is already counted in it, or not: it says so."""
    header = "N° facture;Client;Date facture;Échéance;Total TTC;Reste dû;Type;Facture d'origine\n"
    rows = "F-1;ACME;01/02/2026;01/03/2026;100,00;60,00;facture;\nA-1;ACME;05/02/2026;05/02/2026;-40,00;;avoir;F-1\n"
    assert paid(by_number(read(tmp_path, header + rows))["F-1"]) == [(Decimal("40.00"), None)]


ISSUED = date(2026, 1, 20)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("30 jours", date(2026, 2, 19)),
        ("Net 30", date(2026, 2, 19)),
        ("30", date(2026, 2, 19)),
        ("60 jours nets", date(2026, 3, 21)),
        ("à 30 jours", date(2026, 2, 19)),
        ("Paiement à 30 jours date de facture", date(2026, 2, 19)),
        ("30 jours à réception de facture", date(2026, 2, 19)),
        ("45 jours fin de mois", date(2026, 3, 31)),
        ("45 jours FDM", date(2026, 3, 31)),
        ("fin de mois 45 jours", date(2026, 3, 17)),
        ("Fin de mois + 45 jours", date(2026, 3, 17)),
        ("30 jours fin de mois le 10", date(2026, 3, 10)),
        ("fin de mois", date(2026, 1, 31)),
        ("À réception", ISSUED),
        ("Due on receipt", ISSUED),
        ("comptant", ISSUED),
        ("due end of the month", date(2026, 1, 31)),
    ],
)
def test_terms_become_due_dates(text: str, due: date) -> None:
    """The days, then the end of the month, or the other way round: the order of the words decides."""
    terms = read_terms(text)
    assert terms is not None
    assert terms(ISSUED) == due


@pytest.mark.parametrize("text", ["30 jours fin de mois 10 jours", "selon accord", "50 % à la commande", "999 jours"])
def test_terms_that_are_not_understood_are_not_guessed(text: str) -> None:
    """Half-understood terms would dun too early."""
    assert read_terms(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a@société.fr", "a@xn--socit-esab.fr"),
        ("a@xn--socit-esab.fr", "a@xn--socit-esab.fr"),
        ("a@b.fr\u00a0", "a@b.fr"),
    ],
)
def test_international_domains_are_written_in_ascii(text: str, address: str) -> None:
    """email-validator turns them into what a server understands."""
    assert read_emails(text) == (address,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a@аcme.fr", "U+0430"),
        ("a\u200b@acme.fr", "U+200B"),
        ("a@ac\u200bme.fr", "U+200B"),
        ("jérôme@b.fr", "SMTPUTF8"),
        ("a@xn--80ak6aa92e.com", ""),
        ("a@xn--.fr", ""),
    ],
)
def test_letters_that_deceive_are_held_by_their_code(text: str, told: str) -> None:
    """A homoglyph and a zero-width space look like nothing: their code is shown."""
    found = read_emails(text)
    assert isinstance(found, Unreadable)
    assert told in found.message


def test_a_list_of_invoices_may_have_bands_of_lateness(tmp_path: Path) -> None:
    """Bands beside a number, a customer, a due date and an amount make no aged balance."""
    header = "N° facture;Client;Échéance;Montant TTC;Non échu;0-30;31-60;61-90"
    assert totals(read(tmp_path, f"{header}\nF-1;ACME;01/03/2026;100,00;100,00;;;\n")) == [("F-1", "100.00")]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("Contact;Non échu;1-30;31-60;61-90;90+;Total", "balance âgée"),
        ("Client;Non échu;0-30j;31-60j;61-90j;90j+;Total", "balance âgée"),
        ("Code tiers;Raison sociale;Non échu;1-30;> 90", "balance âgée"),
        ("Date;Libellé;Débit Euros;Crédit Euros;Solde", "relevé de compte"),
        ("Date;Date de valeur;Débit;Crédit;Libellé;Solde", "relevé de compte"),
        ("dateOp;dateVal;label;category;amount;comment;accountNum", "relevé de compte"),
        (
            "Statut;Date de la valeur (UTC);Date de l'opération (UTC);Montant total (TTC);Solde;Référence",
            "relevé de compte",
        ),
        ("JournalCode;JournalLib;EcritureNum;EcritureDate;CompteNum;CompAuxLib;PieceRef;PieceDate;Montant;Sens", "FEC"),
        (
            "Code journal;Date de pièce;N° pièce;N° compte général;N° compte tiers;Date échéance;Montant débit",
            "journal",
        ),
        ("Client;0-30;31-60;61-90;Total", "balance âgée"),
        ("nom;email;telephone", "liste de clients"),
    ],
)
def test_other_files_are_named_and_what_to_export_is_said(header: str, told: str, tmp_path: Path) -> None:
    """Even where their columns could pass for those of invoices."""
    row = ";".join(["1"] * (header.count(";") + 1))
    assert told in refused(tmp_path, f"{header}\n{row}\n")
