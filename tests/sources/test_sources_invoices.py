"""Rows -> invoices: what is paid, what is unclear, due dates, duplicates, history, customers."""

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sources_support import HEADER, ROW, cell, one, paid, read, refused

from relance.core.invoice import UNNAMED, ZERO, Contact, Kind, Payment, Status, invoice_key
from relance.sources import InvoiceFile
from relance.sources.verdicts import Evidence, Verdict, judge

FULL = Decimal("1200.00")
PAID_ON = date(2026, 1, 20)


def money(folder: Path, **cells: str) -> InvoiceFile:
    """The source of one invoice of 1,200 EUR with these columns of money and state."""
    header = ["N° facture", "Client", "Échéance", *cells]
    row = ["F-1", "ACME", "31/01/2026", *cells.values()]
    other = ["F-2", "Autre", "31/01/2026", *("50,00" if h == "Montant" or "Reste" in h else "" for h in cells)]
    return read(folder, "\n".join(";".join(line) for line in (header, row, other)) + "\n")


def first(source: InvoiceFile) -> tuple[Status, list[tuple[Decimal, date | None]], int]:
    """Status and payments of the first invoice, and how many problems there are."""
    return source.invoices[0].status, paid(source.invoices[0]), len(source.problems)


def test_the_ordinary_row_is_one_invoice(tmp_path: Path) -> None:
    """Every value of the row is in the invoice, and nothing is to be told."""
    source = read(tmp_path, f"{HEADER}\n{ROW}\n")
    invoice = one(source)
    assert (invoice.number, invoice.customer.name, invoice.customer.emails) == (
        "F-2026-001",
        "ACME SARL",
        ("compta@acme.example",),
    )
    assert (invoice.total, invoice.due_date, invoice.issue_date, invoice.currency) == (
        FULL,
        date(2026, 1, 31),
        None,
        "EUR",
    )
    assert (invoice.payments, invoice.status, invoice.line) == ((), Status.OPEN, 2)
    assert (source.rows, source.problems, source.reading.notes, source.reading.missing) == (1, (), (), ())
    assert source.modified == datetime.fromtimestamp((tmp_path / "factures.csv").stat().st_mtime, UTC)


@pytest.mark.parametrize(
    ("cells", "payments"),
    [
        ({"Montant": "1200,00", "Statut": "À payer"}, []),
        ({"Montant": "1200,00", "Statut": "En retard"}, []),
        ({"Montant": "1200,00", "Statut": "Payée"}, [(FULL, None)]),
        ({"Montant": "1200,00", "Payé le": "20/01/2026"}, [(FULL, PAID_ON)]),
        ({"Montant": "1200,00", "Payé le": "oui"}, [(FULL, None)]),
        ({"Montant": "1200,00", "Payé le": "non"}, []),
        ({"Montant": "1200,00", "Payé": "oui"}, [(FULL, None)]),
        ({"Montant": "1200,00", "Payé": "20/01/2026"}, [(FULL, PAID_ON)]),
        ({"Montant": "1200,00", "Payé": "200,00"}, [(Decimal("200.00"), None)]),
        ({"Montant": "1200,00", "Montant payé": "0,00"}, []),
        ({"Montant": "1200,00", "Montant payé": "1200", "Statut": "Impayée"}, [(FULL, None)]),
        (
            {"Montant": "1200,00", "Montant payé": "200", "Date de paiement": "20/01/2026"},
            [(Decimal("200.00"), PAID_ON)],
        ),
        ({"Montant": "1200,00", "Reste à payer": "1000,00"}, [(Decimal("200.00"), None)]),
        ({"Montant": "1200,00", "Reste dû": "0", "Statut": "Envoyée"}, [(FULL, None)]),
        ({"Montant": "1200,00", "Montant payé": "200", "Reste à payer": "1000"}, [(Decimal("200.00"), None)]),
        ({"Montant": "1200,00", "Montant payé": "200", "Statut": "Partiellement réglée"}, [(Decimal("200.00"), None)]),
        ({"Montant": "1200,00", "Avoirs": "200", "Reste à payer": "1000"}, [(Decimal("200.00"), None)]),
        ({"Reste à payer": "1000,00", "Montant payé": "200,00"}, [(Decimal("200.00"), None)]),
        ({"Montant": "1200,00", "Statut": "Payée", "Date de paiement": "20/01/2026"}, [(FULL, PAID_ON)]),
        ({"Montant": "1200,00", "isOpen": "0"}, [(FULL, None)]),
    ],
)
def test_what_the_row_says_paid_is_paid(
    tmp_path: Path, cells: dict[str, str], payments: list[tuple[Decimal, date | None]]
) -> None:
    """Dates, words and amounts of payment give the payments, once, of an invoice of 1,200 EUR."""
    source = money(tmp_path, **cells)
    assert first(source) == (Status.OPEN, payments, 0)
    assert source.invoices[0].total == FULL


@pytest.mark.parametrize(
    ("cells", "money_paid", "credited", "on"),
    [
        ({"Montant": "1200,00", "Avoirs": "200"}, None, "200.00", None),
        ({"Montant": "1200,00", "Avoirs": "-200"}, None, "200.00", None),
        ({"Montant": "1200,00", "Avoirs": "200", "Reste à payer": "1000"}, None, "200.00", None),
        ({"Avoirs": "200", "Reste à payer": "1000"}, None, "200.00", None),
        ({"Montant": "1200,00", "Avoirs": "0", "Reste à payer": "1000"}, "200.00", None, None),
        ({"Montant": "1200,00", "Montant payé": "300", "Avoirs": "200"}, "300.00", "200.00", None),
        ({"Montant": "1200,00", "Montant payé": "300", "Avoirs": "200", "Reste dû": "700"}, "300.00", "200.00", None),
        (
            {"Montant": "1200,00", "Montant payé": "300", "Avoirs": "200", "Date de paiement": "20/01/2026"},
            "300.00",
            "200.00",
            PAID_ON,
        ),
        ({"Montant": "1200,00", "Avoirs": "200", "Date de paiement": "20/01/2026"}, None, "200.00", PAID_ON),
    ],
)
def test_the_column_of_credit_notes_is_no_money(
    tmp_path: Path, cells: dict[str, str], money_paid: str | None, credited: str | None, on: date | None
) -> None:
    """What it holds pays as a credit note without a number, beside the money and from the same day."""
    source = money(tmp_path, **cells)
    expected = [(Decimal(money_paid), on, "")] if money_paid else []
    expected += [(Decimal(credited), on, UNNAMED)] if credited else []
    assert expected == [payment[:3] for payment in source.invoices[0].payments]
    assert (Status.OPEN, FULL, ()) == (source.invoices[0].status, source.invoices[0].total, source.problems)


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        (
            {"credits": "100", "outstanding": "700"},
            "Total 700,00 €, avoirs 100,00 € et reste 700,00 € ne s’accordent pas",
        ),
        (
            {"credits": "100", "paid": "50", "outstanding": "700"},
            "Total 700,00 €, payé 50,00 €, avoirs 100,00 € et reste 700,00 € ne s’accordent pas",
        ),
        ({"paid": "100", "outstanding": "700"}, "Total 700,00 €, payé 100,00 € et reste 700,00 € ne s’accordent pas"),
        ({"credits": "800"}, "Avoirs 800,00 € pour une facture de 700,00 €"),
        ({"credits": "100", "paid": "650"}, "Payé 650,00 € et avoirs 100,00 € pour une facture de 700,00 €"),
        ({"paid": "800"}, "Payé 800,00 € sur 700,00 €"),
    ],
)
def test_a_contradiction_names_its_columns(money: dict[str, str], expected: str) -> None:
    """A credit note is not called a payment."""
    cells = {name: Decimal(money[name]) if name in money else None for name in ("paid", "credits", "outstanding")}
    evidence = Evidence(Decimal(700), paid=cells["paid"], credits=cells["credits"], outstanding=cells["outstanding"])
    for currency, sign in (("EUR", "€"), ("CHF", "CHF")):
        verdict = judge(evidence, currency)
        assert isinstance(verdict, Verdict)
        assert verdict.note.replace("\u00a0", " ").startswith(expected.replace("€", sign))


def test_a_list_of_payments_beside_the_column_of_credit_notes() -> None:
    """The payments stay as they are listed."""
    listed = (Payment(Decimal("300.00"), PAID_ON), Payment(Decimal("100.00"), None))
    verdict = judge(Evidence(total=FULL, credits=Decimal("200.00"), ledger=listed))
    assert isinstance(verdict, Verdict)
    assert (*listed, Payment(Decimal("200.00"), None, UNNAMED)) == verdict.payments


@pytest.mark.parametrize(
    ("cells", "alone"),
    [
        ({"Montant": "1200,00", "Reste dû": "1000"}, True),
        ({"Montant": "1200,00", "Reste dû": "1000", "Statut": "Partiellement réglée"}, True),
        ({"Montant": "1200,00", "Reste dû": "1000", "Montant payé": "200"}, False),
        ({"Montant": "1200,00", "Reste dû": "1000", "Date de paiement": "20/01/2026"}, False),
        ({"Montant": "1200,00", "Montant payé": "200"}, False),
        ({"Montant": "1200,00", "Statut": "Payée"}, False),
    ],
)
def test_what_only_the_rest_shows_may_be_a_credit_note(tmp_path: Path, cells: dict[str, str], alone: bool) -> None:
    """A day, a column of payments or a word say that money was received."""
    (payment,) = money(tmp_path, **cells).invoices[0].payments
    assert alone is payment.from_rest


@pytest.mark.parametrize(
    "cells",
    [
        {"Montant": "1200,00", "Payé le": "en partie"},
        {"Montant": "1200,00", "Payé le": "ok"},
        {"Montant": "1200,00", "Payé le": "30"},
        {"Montant": "1200,00", "Payé le": "31/02/2026"},
        {"Montant": "1200,00", "Payé le": "payé ?"},
        {"Montant": "1200,00", "Payé le": "#N/A"},
        {"Montant": "1200,00", "Payé": "chèque reçu"},
        {"Montant": "1200,00", "Règlement": "chèque"},
        {"Montant": "1200,00", "Montant payé": "en partie"},
        {"Montant": "1200,00", "Montant payé": "1300"},
        {"Montant": "1200,00", "Montant payé": "-5"},
        {"Montant": "1200,00", "Montant payé": "200", "Reste à payer": "900"},
        {"Montant": "1200,00", "Avoirs": "200", "Reste à payer": "900"},
        {"Montant": "1200,00", "Avoirs": "200", "Statut": "Payée"},
        {"Montant": "1200,00", "Reste à payer": "1300"},
        {"Montant": "1200,00", "Reste à payer": "n.c."},
        {"Montant": "1200,00", "Reste à payer": ""},
        {"Montant": "1200,00", "Montant payé": "200", "Statut": "Payée"},
        {"Montant": "1200,00", "Reste à payer": "10", "Statut": "Payée"},
        {"Montant": "1200,00", "Statut": "Partiellement réglée"},
        {"Montant": "1200,00", "Montant payé": "0", "Statut": "Partiellement réglée"},
        {"Montant": "1200,00", "Montant payé": "0", "Date de paiement": "20/01/2026"},
        {"Montant": "1200,00", "Statut": "bizarre"},
        {"Montant": "1200,00", "Statut": "Rejetée"},
        {"Montant": "1200,00", "Payé": "non", "Statut": "Payée"},
        {"Montant": "1200,00", "Type": "facture", "Statut": "#REF!"},
    ],
)
def test_what_is_not_clear_is_unclear(tmp_path: Path, cells: dict[str, str]) -> None:
    """An unreadable or contradictory row keeps its invoice, held with the reason, and tells a problem."""
    source = money(tmp_path, **cells)
    status, payments, problems = first(source)
    assert (status, payments, problems) == (Status.UNCLEAR, [], 1)
    assert source.invoices[0].note == source.problems[0].message
    assert source.problems[0].line == 2
    assert source.invoices[1].status is Status.OPEN


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"Montant": "1200,00", "Statut": "Brouillon"}, Status.DRAFT),
        ({"Montant": "1200,00", "Statut": "Annulée"}, Status.CANCELLED),
        ({"Montant": "1200,00", "Statut": "Avoir"}, Status.CREDIT_NOTE),
        ({"Montant": "-1200,00"}, Status.CREDIT_NOTE),
        ({"Montant": "1200,00", "Type": "Avoir"}, Status.CREDIT_NOTE),
        ({"Montant": "1200,00", "Type": "Facture"}, Status.OPEN),
        ({"Montant": "1200,00", "Statut": "Irrécouvrable"}, Status.WRITTEN_OFF),
        ({"Montant": "1200,00", "Statut": "Affacturée"}, Status.FACTORED),
        ({"Montant": "1200,00", "Statut": "En litige"}, Status.DISPUTED),
        ({"Montant": "1200,00", "Litige": "désaccord sur la ligne 3"}, Status.DISPUTED),
        ({"Montant": "1200,00", "Litige": "Oui"}, Status.DISPUTED),
        ({"Montant": "1200,00", "Litige": "non"}, Status.OPEN),
        ({"Montant": "1200,00", "Statut": "Comptabilisé", "Statut du paiement": "Non payées"}, Status.OPEN),
        ({"Montant": "1200,00", "Statut": "Annulé", "Statut du paiement": "Non payées"}, Status.CANCELLED),
        ({"Montant": "1200,00", "Statut facture": "1"}, Status.OPEN),
        ({"Montant": "1200,00", "Statut facture": "3"}, Status.CANCELLED),
    ],
)
def test_the_state_of_the_file_is_kept(tmp_path: Path, cells: dict[str, str], status: Status) -> None:
    """A word about the invoice becomes its status, without a problem."""
    assert first(money(tmp_path, **cells)) == (status, [], 0)


def test_a_dispute_keeps_its_words_and_its_payments(tmp_path: Path) -> None:
    """The note says what is disputed; what was paid stays paid."""
    invoice = one(cell(tmp_path, litige="retard de livraison", paye_le="20/01/2026"))
    assert (invoice.status, invoice.note) == (Status.DISPUTED, "retard de livraison")
    assert paid(invoice) == [(FULL, PAID_ON)]


def test_a_payment_long_after_the_file_was_saved_is_unclear(tmp_path: Path) -> None:
    """A payment of 2099 is a slip; one some days ahead simply has not happened yet."""
    path = tmp_path / "f.csv"
    for when, status in (("2099-01-01", Status.UNCLEAR), ("2026-03-01", Status.OPEN)):
        path.write_text(f"{HEADER}\n{ROW.replace(';;;', f';{when};;')}\n")
        os.utime(path, (1_770_000_000, 1_770_000_000))  # 2 February 2026
        from relance.sources import read_source

        assert one(read_source(path)).status is status


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"numero": ""}, "numéro"),
        ({"client": ""}, "client"),
        ({"montant": ""}, "montant"),
        ({"montant": "1,234"}, "deux sens"),
        ({"echeance": ""}, "échéance"),
        ({"echeance": "31/02/2026"}, "n’existe pas"),
        ({"echeance": "12/31/2025"}, "n’existe pas"),
        ({"echeance": "31/01/0206"}, "0206"),
        ({"numero": "F-1\r\nBcc: x@evil.example"}, "U+000D"),
    ],
)
def test_a_row_without_the_essential_is_a_problem(tmp_path: Path, cells: dict[str, str], words: str) -> None:
    """What makes no invoice makes one located problem, whose sentence names a cure."""
    source = cell(tmp_path, **cells)
    assert source.invoices == ()
    (problem,) = source.problems
    assert words.lower() in problem.message.lower()
    assert (problem.line, problem.column) == (2, next(iter(cells)))
    assert "\u00a0:" in problem.message


@pytest.mark.parametrize("email", ["a@b.example SIZE=1", "faux", "a@b.example;faux"])
def test_a_bad_address_leaves_none(tmp_path: Path, email: str) -> None:
    """The invoice stays, without any address, and the cell is named."""
    source = cell(tmp_path, email=email)
    assert one(source).customer.emails == ()
    assert [(p.line, p.column) for p in source.problems] == [(2, "email")]


def test_a_due_date_is_computed_and_told(tmp_path: Path) -> None:
    """Without a due date, the terms make it, else thirty days; unknown terms hold the invoice."""
    text = (
        "Numéro;Client;Date facture;Échéance;Conditions de règlement;Montant\n"
        "F-1;A;15/01/2026;;45 jours fin de mois;10,00\nF-2;A;15/01/2026;;;10,00\n"
        "F-3;A;15/01/2026;20/01/2026;;10,00\nF-4;A;15/01/2026;;selon accord;10,00\n"
    )
    source = read(tmp_path, text)
    due = [invoice.due_date for invoice in source.invoices]
    assert due[:3] == [date(2026, 3, 31), date(2026, 2, 14), date(2026, 1, 20)]
    assert source.invoices[3].status is Status.UNCLEAR
    assert [(p.line, p.column) for p in source.problems] == [(5, "Conditions de règlement")]
    assert source.reading.notes == ("Échéance calculée d’après la date de facture\u00a0: 3 factures.",)


def test_the_same_row_twice_is_one_invoice(tmp_path: Path) -> None:
    """Identical rows are counted once, and the note says which."""
    source = read(tmp_path, f"{HEADER}\n{ROW}\n{ROW}\n")
    assert one(source).status is Status.OPEN
    assert (source.rows, source.problems) == (2, ())
    assert source.reading.notes == ("Doublon identique compté une seule fois\u00a0: ligne 3.",)


@pytest.mark.parametrize("number", ["F-2026-001", "f‑2026‑001 ", "F-2026-001\u00a0"])
def test_one_number_with_two_contents_is_held(tmp_path: Path, number: str) -> None:
    """Neither of two contradictory rows is dunned: the first is unclear, the other a problem."""
    source = read(tmp_path, f"{HEADER}\n{ROW}\n{number};ACME SARL;compta@acme.example;900,00;2026-01-31;;;\n{ROW}\n")
    assert one(source).status is Status.UNCLEAR
    assert [p.line for p in source.problems][:1] == [3]
    assert source.reading.notes == ("Doublon identique compté une seule fois\u00a0: ligne 4.",)


def test_one_number_in_two_years_is_two_invoices(tmp_path: Path) -> None:
    """Numbers that start again every January are told apart by the year of issue."""
    text = "Numéro;Client;Date;Échéance;Montant\n1;A;15/01/2025;15/02/2025;10\n1;A;15/01/2026;15/02/2026;10\n"
    source = read(tmp_path, text)
    assert [invoice_key(i) for i in source.invoices] == ["1/2025", "1/2026"]
    assert source.problems == ()


@pytest.mark.parametrize("number", ["f-1", "F 1", "a/b.c_d", "N‑1", "É1"])
def test_the_short_way_to_an_identity_is_the_long_one(tmp_path: Path, number: str) -> None:
    """Two writings that the core holds for one number are one here, by every path through the reader."""
    row = "{};A;15/01/2026;15/02/2026;{}\n"
    text = "Numéro;Client;Date;Échéance;Montant\n" + row.format(number, "10") + row.format(number.upper(), "20")
    assert one(read(tmp_path, text)).status is Status.UNCLEAR


def test_invoice_lines_that_repeat_their_invoice_are_one(tmp_path: Path) -> None:
    """An export of one row per article repeats the total: it is owed once."""
    text = "Invoice Number,Customer Name,Item,Due Date,Total\nINV-1,A,x,2026-01-31,10.00\nINV-1,A,y,2026-01-31,10.00\n"
    source = read(tmp_path, text)
    assert one(source).total == Decimal("10.00")
    assert source.reading.notes == ("Facture répétée sur plusieurs lignes, comptée une seule fois\u00a0: ligne 3.",)


def test_the_reminders_of_the_file_are_contacts(tmp_path: Path) -> None:
    """Each history column gives the contact of its stage; what cannot be dated holds the invoice."""
    text = (
        "Numéro;Client;Échéance;Montant;Relance 1;2e relance;Mise en demeure;Dernière relance\n"
        "F-1;A;31/01/2026;10,00;05/02/2026;15/02/2026;non;20/02/2026\nF-2;A;31/01/2026;10,00;faite;;;\n"
    )
    source = read(tmp_path, text)
    assert source.invoices[0].contacts == (
        Contact("friendly", "email", date(2026, 2, 5)),
        Contact("firm", "email", date(2026, 2, 15)),
        Contact("", "email", date(2026, 2, 20)),
    )
    assert source.invoices[1].status is Status.UNCLEAR
    assert [(p.line, p.column) for p in source.problems] == [(3, "Relance 1")]


def test_currencies_come_from_their_column_or_the_amount(tmp_path: Path) -> None:
    """Dollars are never claimed as euros."""
    header = "Numéro;Client;Échéance;Montant"
    amounts = read(tmp_path, f"{header}\n1;A;31/01/2026;$13.50\n2;A;31/01/2026;12,00 €\n3;A;31/01/2026;5,00 CHF\n")
    assert [invoice.currency for invoice in amounts.invoices] == ["USD", "EUR", "CHF"]
    column = read(
        tmp_path, f"{header};Devise\n1;A;31/01/2026;13.50;usd\n2;A;31/01/2026;12;\n3;A;31/01/2026;5;bitcoin\n"
    )
    assert [invoice.currency for invoice in column.invoices] == ["USD", "EUR"]
    assert [p.column for p in column.problems] == ["Devise"]


def test_everything_about_the_customer_is_read(tmp_path: Path) -> None:
    """Contact, address, identifiers, language and kind of the customer stand in its columns."""
    text = (
        "Numéro,Société,Code client,Civilité,Prénom,Nom,Email,Copie,Téléphone,Adresse,Code postal,Ville,SIRET,N° TVA,"
        "Langue,Type de client,Échéance,Total TTC,PDF,Lien de paiement\n"
        "1,ACME,C7,Mme,Léa,Roy,a@b.fr,c@b.fr,01 02,1 rue X,75001,Paris,732 829 320 00074,FR 44,en,entreprise,"
        "31/01/2026,10,f/1.pdf,https://pay.example/1\n"
    )
    source = read(tmp_path, text)
    assert (source.problems, source.reading.ignored) == ((), ())
    customer = one(source).customer
    assert (customer.name, customer.code, customer.civility, customer.contact) == ("ACME", "C7", "Mme", "Léa Roy")
    assert (customer.emails, customer.cc, customer.phone) == (("a@b.fr",), ("c@b.fr",), "01 02")
    assert customer.address == "1 rue X, 75001 Paris"
    assert (customer.siret, customer.vat_number) == ("73282932000074", "FR44")
    assert (customer.language, customer.kind) == ("en", Kind.BUSINESS)
    assert (one(source).pdf, one(source).payment_link) == ("f/1.pdf", "https://pay.example/1")


def test_a_payment_link_that_is_none_is_left_out(tmp_path: Path) -> None:
    """A link of another scheme never reaches a letter."""
    text = "Numéro;Client;Échéance;Montant;Lien de paiement\n1;A;31/01/2026;10;javascript:alert(1)\n"
    source = read(tmp_path, text)
    assert one(source).payment_link == ""
    assert [p.column for p in source.problems] == ["Lien de paiement"]


def test_a_list_of_customers_completes_the_invoices(tmp_path: Path) -> None:
    """By code, else by the same name; a name that two customers bear is asked about."""
    clients = tmp_path / "clients.csv"
    clients.write_text(
        "Code client;Nom;Email;Téléphone\nC1;ACME SARL;a@acme.fr;01\nC2;Élan;e@elan.fr;\nC3;Double;d1@x.fr;\n"
        "C4;Double;d2@x.fr;\n"
        "C5;Faux;pas une adresse;\n"
    )
    text = (
        "Numéro;Code client;Client;Email;Échéance;Montant\nF-1;C1;;;31/01/2026;10\nF-2;;ÉLAN;;31/01/2026;10\n"
        "F-3;;Double;;31/01/2026;10\nF-4;C2;;autre@x.fr;31/01/2026;10\nF-5;C5;;;31/01/2026;10\n"
        "F-6;C9;;;31/01/2026;10\n"
    )
    source = read(tmp_path, text, customers=clients)
    found = [(i.customer.name, i.customer.emails) for i in source.invoices]
    assert found == [
        ("ACME SARL", ("a@acme.fr",)),
        ("ÉLAN", ("e@elan.fr",)),
        ("Double", ()),
        ("Élan", ("autre@x.fr",)),
        ("Faux", ()),
        ("C9", ()),
    ]
    assert [(Path(p.file).name, p.line) for p in source.problems] == [("factures.csv", 4), ("clients.csv", 6)]


def test_a_list_of_payments_pays_the_invoices(tmp_path: Path) -> None:
    """Payments go to the invoice of their number; what cannot be read or placed is told, and holds the invoice."""
    payments = tmp_path / "reglements.csv"
    payments.write_text(
        "N° facture;Montant;Date de règlement\nf-1;4,00;20/01/2026\nF-1;6,00;25/01/2026\nF-2;3,00;20/01/2026\n"
        "F-9;1,00;20/01/2026\nF-3;x;20/01/2026\nF-4;11,00;20/01/2026\nF-5;2,00;20/01/2026\nF-5;2,00;20/01/2026\n"
    )
    rows = "".join(f"F-{n};A;31/01/2026;10,00\n" for n in range(1, 7))
    source = read(tmp_path, "Numéro;Client;Échéance;Montant\n" + rows, payments=payments)
    assert [paid(i) for i in source.invoices[:2]] == [
        [(Decimal("4.00"), date(2026, 1, 20)), (Decimal("6.00"), date(2026, 1, 25))],
        [(Decimal("3.00"), date(2026, 1, 20))],
    ]
    unclear = [i.number for i in source.invoices if i.status is Status.UNCLEAR]
    assert unclear == ["F-3", "F-4", "F-5"]
    assert [p.line for p in source.problems] == [5, 5, 6, 9]


def test_a_payment_of_a_number_of_two_years_is_given_to_none(tmp_path: Path) -> None:
    """Nobody knows which of the two was paid: both are held."""
    payments = tmp_path / "reglements.csv"
    payments.write_text("N° facture;Montant;Date de règlement\n1;10,00;20/01/2026\n")
    text = "Numéro;Client;Date;Échéance;Montant\n1;A;15/01/2025;15/02/2025;10\n1;A;15/01/2026;15/02/2026;10\n"
    source = read(tmp_path, text, payments=payments)
    assert [(i.status, i.payments) for i in source.invoices] == [(Status.UNCLEAR, ())] * 2
    assert len(source.problems) == 1


DATES = {
    "fr lone impossible row": ("Échéance", ["12/31/2025"], None),
    "en proved": ("Due Date", ["12/31/2025", "01/02/2026"], "date_order"),
    "en unproved": ("Due Date", ["01/02/2026"], "date_order"),
    "en proved dmy": ("Due Date", ["31/01/2026", "01/02/2026"], ""),
    "en iso": ("Due Date", ["2026-01-31", "2026-02-01"], ""),
    "en day equals month": ("Due Date", ["02/02/2026"], ""),
    "fr unproved": ("Échéance", ["01/02/2026"], ""),
    "fr proved mdy": ("Échéance", ["12/31/2025", "01/02/2026"], "date_order"),
    "fr both ways": ("Échéance", ["12/31/2025", "31/01/2026"], "date_order"),
    "fr one slip among many": ("Échéance", ["12/31/2025", "31/01/2026", "30/01/2026", "29/01/2026"], None),
}


@pytest.mark.parametrize("case", DATES)
def test_the_order_of_dates_is_proved_or_asked(tmp_path: Path, case: str) -> None:
    """One order per column: proved, French by default, else asked; one slip is a problem of its row."""
    header, days, asked = DATES[case]
    names = "Numéro;Client;Montant" if header == "Échéance" else "Invoice Number;Customer;Amount"
    text = f"{names};{header}\n" + "".join(f"F-{n};A;10;{day}\n" for n, day in enumerate(days))
    if asked:
        assert asked in refused(tmp_path, text)
        assert read(tmp_path, text, date_order="mdy").invoices
        return
    source = read(tmp_path, text)
    assert len(source.problems) == (asked is None)
    expected = [date(2026, 2, 1)] if "01/02/2026" in days else []
    assert [i.due_date for i in source.invoices if i.due_date == date(2026, 2, 1)] == (
        expected or [d for d in [date(2026, 2, 1)] if "2026-02-01" in days]
    )


@pytest.mark.parametrize(
    ("headers", "cells", "words"),
    [
        ("Numéro;Client;Échéance;Montant TTC;Total TTC", "F;A;31/01/2026;10;12", "total"),
        ("Numéro;Client;Échéance;Montant HT;Montant", "F;A;31/01/2026;10;12", "total"),
        ("Numéro;Client;Échéance;Total;Reste dû;Solde", "F;A;31/01/2026;10;12;5", "outstanding"),
        ("Numéro;Client;Échéance;Total;Acompte;Montant payé", "F;A;31/01/2026;10;1;2", "paid"),
        ("Numéro;Client;Échéance;Total;Montant payé;Payé", "F;A;31/01/2026;10;1;2", "paid"),
        ("Numéro;Client;Échéance;Date limite de paiement;Total", "F;A;31/01/2026;28/02/2026;10", "due_date"),
    ],
)
def test_two_columns_for_one_field_are_asked_about(tmp_path: Path, headers: str, cells: str, words: str) -> None:
    """No amount and no due date is chosen by the program where two columns fit equally well."""
    assert f"{words} = " in refused(tmp_path, f"{headers}\n{cells}\n")


@pytest.mark.parametrize(
    ("headers", "cells", "total", "left"),
    [
        ("Numéro;Client;Échéance;Montant HT;TVA;Montant TTC", "F;A;31/01/2026;10;2;12", 12, 12),
        ("Numéro;Client;Échéance;Montant HT;TVA;Total", "F;A;31/01/2026;10;20 %;12", 12, 12),
        ("Numéro;Client;Échéance;Montant TTC;Total TTC", "F;A;31/01/2026;12;12", 12, 12),
        ("N° Facture;Client;Échéance;Montant total;Payé;Solde dû;Jours retard", "F;A;31/01/2026;12;2;10;5", 12, 10),
        ("Number;Client;Due;Total;Amount Due", "F;A;2026-01-31;12;10", 12, 10),
        ("Invoice;Client;Due Date;Total;Due", "F;A;2026-01-31;12;10,00", 12, 10),
        ("numero;client;echeance;reste_du", "F;A;31/01/2026;10", 10, 10),
        ("Réf. facture;Tiers;Date limite règlement;Total TTC;Créance", "F;A;31/01/2026;12;10", 12, 10),
        ("*InvoiceNo;*Customer;*DueDate;Total (EUR)", "F;A;2026-01-31;12", 12, 12),
        ("Numéro;Client;Échéance;Total TTC (€);Référence", "F;A;31/01/2026;12;CMD-9", 12, 12),
    ],
)
def test_the_headers_of_known_tools_are_understood(
    tmp_path: Path, headers: str, cells: str, total: int, left: int
) -> None:
    """Amount and outstanding are taken from the right columns."""
    invoice = one(read(tmp_path, f"{headers}\n{cells}\n"))
    assert (invoice.number, invoice.customer.name) == ("F", "A")
    assert invoice.total == Decimal(total)
    assert invoice.total - sum((p.amount for p in invoice.payments), ZERO) == Decimal(left)


def test_the_reading_tells_how_the_file_was_understood(tmp_path: Path) -> None:
    """`check` shows columns with a sample, what is missing, what is not used."""
    reading = read(tmp_path, "Numéro;Client;Échéance;Montant;Couleur\nF-1;A;31/01/2026;10,00;bleu\n").reading
    assert reading.columns[0] == ("number", "Numéro", "F-1")
    assert ("total", "Montant", "10,00") in reading.columns
    assert (reading.missing, reading.ignored, reading.date_order) == (("email",), (), "dmy")
    assert [(column.header, column.samples, column.weighty) for column in reading.unused] == [
        ("Couleur", ("bleu",), False)
    ]
    assert (reading.encoding, reading.delimiter, reading.header_line) == ("utf-8", ";", 1)


def test_rows_with_the_same_words_keep_their_own_amounts(tmp_path: Path) -> None:
    """Rows judged alike share the words alone: totals, payments and credit notes stay their own."""
    text = "Numéro;Client;Échéance;Montant;Statut\n" + "".join(
        f"F-{n};A;31/01/2026;{amount};Payée\n" for n, amount in enumerate(("10,00", "20,00", "-5,00", "0,00", "x"))
    )
    source = read(tmp_path, text)
    assert [(i.total, i.status, paid(i)) for i in source.invoices] == [
        (Decimal("10.00"), Status.OPEN, [(Decimal("10.00"), None)]),
        (Decimal("20.00"), Status.OPEN, [(Decimal("20.00"), None)]),
        (Decimal("-5.00"), Status.CREDIT_NOTE, [(Decimal("-5.00"), None)]),
        (Decimal("0.00"), Status.OPEN, []),
    ]
    assert [p.line for p in source.problems] == [6]
