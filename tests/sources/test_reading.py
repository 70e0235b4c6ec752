"""Columns that no field uses: what is asked about, what never is, what arithmetic proposes, and what was agreed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_support import one, read, workbook

from relance.core.invoice import ZERO
from relance.core.reading import Unagreed, Unread
from relance.sources.agreement import NOTHING_AGREED, agreement_of, question_of, reading_as_found, with_answers
from relance.sources.source import InvoiceFile, Look, Proof, Reading, Unused

HEAD = "N° facture;Client;Email;Date facture;Échéance;Montant TTC"
ROW = "F-1;Delta SARL;d@delta.example;01/09/2026;05/11/2026;1200,00"
anywhere = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
words = st.text("bdfgkwxzç ", min_size=3, max_size=18).map(str.strip).filter(lambda text: len(text) > 2)
"""Headers that are no word of any language."""
ON = date(2026, 11, 20)


def with_column(folder: Path, header: str, *cells: str, head: str = HEAD, row: str = ROW) -> InvoiceFile:
    """The file with one more column, a row for each cell."""
    lines = [f"{row.replace('F-1', f'F-{place}')};{cell}" for place, cell in enumerate(cells, 1)]
    return read(folder, "\n".join([f"{head};{header}", *lines, ""]))


def asked(source: InvoiceFile) -> list[str]:
    """The headers that are asked about."""
    return [column.header for column in source.reading.unused if column.weighty]


def owed(source: InvoiceFile) -> Decimal:
    """What the file's only invoice leaves to pay."""
    invoice = one(source)
    return invoice.total - sum((payment.amount for payment in invoice.payments), ZERO)


@anywhere
@given(header=words, paid=st.decimals(Decimal("0.01"), Decimal("1199.99"), places=2))
def test_a_weighty_column_of_any_header_is_right_or_named(header: str, paid: Decimal, tmp_path: Path) -> None:
    """400,00 under a header that nobody knows: what is claimed is right, or the header is asked about."""
    assert [header] == asked(with_column(tmp_path, header, str(paid).replace(".", ",")))


PAID = """Versé; Versements reçus; Encaissé; Encaissements; Total encaissé; Réglé à ce jour; Règlements;
Règlements reçus; Payé à date; Déjà perçu; Perçu; Montant perçu; Somme reçue; Reçu; Total reçu; Acquitté;
Montant acquitté; Acompte perçu; Acomptes encaissés; Arrhes; Avance reçue; Provision versée; Paiements; Total
paiements; Paiement partiel; Virements reçus; Imputé; Lettré; Montant lettré; Rapproché; Crédit; Received;
Received to date; Cash received; Payments; Payments received; Total payments; Paid so far; Collected; Cleared;
Settled; Down payment; Retainer; Advance; Deposit paid; Applied; Gezahlt; Bezahlt; Pagado; Pagato"""
LEFT = """Reste; Restant; Reste à lettrer; Reste à recevoir; Reste à solder; Reste TTC; À recevoir; À percevoir; À
encaisser; À solder; Non réglé; Non soldé; Non lettré; Non encaissé; Solde restant; Solde ouvert; Solde client;
Montant ouvert; Ouvert; Dû; Dû à ce jour; Montant exigible; Exigible; Impayés; Encours TTC; En souffrance;
Arriéré; Découvert; Open; Open balance; Still due; Still owing; Owed; Left; Left to pay; Remaining; Remainder;
Unpaid; Unpaid amount; Overdue amount; Receivable; Outstanding now; To pay; To collect; Net due; Offen; Offener
Betrag; Pendiente; Saldo; Da pagare"""


@pytest.mark.parametrize("header", [name.strip() for name in PAID.replace("\n", " ").split(";")])
def test_however_what_is_paid_is_called_it_is_not_claimed(header: str, tmp_path: Path) -> None:
    """400 of 1,200 are paid: 800 are left, or the column is asked about."""
    source = with_column(tmp_path, header, "400,00")
    assert asked(source) == [header] or owed(source) == Decimal("800.00")


@pytest.mark.parametrize("header", [name.strip() for name in LEFT.replace("\n", " ").split(";")])
def test_however_what_is_left_is_called_no_more_is_claimed(header: str, tmp_path: Path) -> None:
    """800 of 1,200 are left, or the column is asked about."""
    source = with_column(tmp_path, header, "800,00")
    assert asked(source) == [header] or owed(source) == Decimal("800.00")


@pytest.mark.parametrize(
    ("header", "cell", "look", "field"),
    [
        ("Versé", "400,00", Look.AMOUNT, "paid"),
        ("Reçu à ce jour", "400", Look.AMOUNT, "paid"),
        ("Reste à lettrer", "800,00 €", Look.AMOUNT, "outstanding"),
        ("Still owing", "800.00", Look.AMOUNT, "outstanding"),
        ("Retenue de garantie", "60,00", Look.AMOUNT, "credits"),
        ("Zzz", "400,00", Look.AMOUNT, ""),
        ("Part réglée", "30 %", Look.PERCENT, "paid"),
        ("Exigible au", "15/11/2026", Look.DATE, ""),
        ("Lettré le", "15/11/2026", Look.DATE, "paid_date"),
        ("Qrs", "2026-11-15", Look.DATE, ""),
        ("Contestation client", "oui", Look.FLAG, "dispute"),
        ("VIP", "oui", Look.FLAG, ""),
        ("Avancement du dossier", "à payer", Look.STATE, ""),
        ("Suivi paiement", "relancé par Paul", Look.STATE, ""),
    ],
)
def test_a_column_of_sums_days_answers_or_states_is_asked_about(
    header: str, cell: str, look: Look, field: str, tmp_path: Path
) -> None:
    """With what it looks like and, where its words say it, the field that it may be."""
    source = with_column(tmp_path, header, cell)
    found = next(column for column in source.reading.unused if column.header == header)
    assert (found.weighty, found.looks_like, found.samples) == (True, look, (cell,))
    assert found.field == field


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Remarques paiement", "virement promis au téléphone par la comptable, à vérifier jeudi"),
        ("Description des travaux", "pose de 3 fenêtres, acompte déjà vu avec M. Paul"),
        ("Montant HT", "1000,00"),
        ("Total net HT", "1000,00"),
        ("Taux TVA", "20 %"),
        ("Quantité", "12"),
        ("Prix unitaire", "100,00"),
        ("Remise", "10 %"),
        ("Créée le", "01/09/2026"),
        ("Dernier export", "20/11/2026"),
        ("Date de livraison", "01/09/2026"),
        ("Bon de commande client", "4500012345"),
        ("uuid", "9f1c2c1e"),
        ("Numéro de chantier", "75011"),
        ("Jours de retard", "15"),
        ("Couleur", "bleu"),
        ("Frais de port", "12,00"),
        ("Identifiant interne", "000123"),
        ("Newsletter", "oui"),
        ("countrycode", "391"),
        ("Pays du chantier", "33"),
        ("Siret du site", "73282932000074"),
    ],
)
def test_what_says_nothing_of_what_is_owed_is_never_asked_about(header: str, cell: str, tmp_path: Path) -> None:
    """Free text, HT, VAT, quantities, prices, identifiers, a program's own days."""
    assert [] == asked(with_column(tmp_path, header, cell))


def test_a_column_that_marks_no_row_is_asked_about_the_day_it_marks_one(tmp_path: Path) -> None:
    """All no, or blank, says nothing yet."""
    assert [] == asked(with_column(tmp_path, "Priorité haute", "non", "non"))
    assert [] == asked(with_column(tmp_path, "Versé", "", ""))
    assert ["Priorité haute"] == asked(with_column(tmp_path, "Priorité haute", "non", "oui"))


def test_nothing_left_is_asked_about_where_no_other_column_says_what_is(tmp_path: Path) -> None:
    """0,00 under an unknown header may be what is left to pay."""
    assert ["Zzz"] == asked(with_column(tmp_path, "Zzz", "0,00"))
    assert [] == asked(with_column(tmp_path, "Zzz", "0,00", head=f"{HEAD};Reste dû", row=f"{ROW};800,00"))


@pytest.mark.parametrize(
    ("head", "row", "cell", "expected"),
    [
        ("Payé", "400,00", "800,00", ("outstanding", Proof("total - paid", 2, 2))),
        ("Reste dû", "800,00", "400,00", ("", Proof("total - outstanding", 2, 2))),
        ("TVA", "200,00", "1400,00", ("total", Proof("total + vat", 2, 2))),
    ],
)
def test_arithmetic_proposes(head: str, row: str, cell: str, expected: tuple[str, Proof], tmp_path: Path) -> None:
    """In how many rows a column equals what would make it this field; it decides nothing."""
    source = with_column(tmp_path, "Zzz", cell, cell, head=f"{HEAD};{head}", row=f"{ROW};{row}")
    [found] = [column for column in source.reading.unused if column.weighty]
    assert (found.field or "paid" if expected[1].formula == "total - outstanding" else found.field, found.proof) == (
        expected[0] or "paid",
        expected[1],
    )


def test_a_column_without_a_name_is_called_by_its_letter(tmp_path: Path) -> None:
    """« colonne G » can be ignored, and is no other column."""
    text = f"{HEAD};;Notes\n{ROW};400,00;rien\n"
    source = read(tmp_path, text)
    assert ["colonne G"] == asked(source)
    assert [] == asked(read(tmp_path, text, ignore=("colonne G",)))
    assert Decimal("800.00") == owed(read(tmp_path, text, columns={"paid": "colonne G"}))


def test_the_settings_answer(tmp_path: Path) -> None:
    """Named, it counts; ignored, it does not, and is shown as such."""
    text = f"{HEAD};Versé\n{ROW};400,00\n"
    assert Decimal("800.00") == owed(read(tmp_path, text, columns={"paid": "Versé"}))
    ignored = read(tmp_path, text, ignore=("versé",))
    assert (Decimal("1200.00"), [], ("Versé",)) == (owed(ignored), asked(ignored), ignored.reading.ignored)


def test_what_is_ignored_is_looked_at_for_nothing(tmp_path: Path) -> None:
    """A known header, a state in a free text: the user's word wins."""
    text = f"{HEAD};Payé;Commentaire\n{ROW};400,00;ne pas relancer\n"
    source = read(tmp_path, text, ignore=("Payé", "Commentaire"))
    assert (Decimal("1200.00"), "open") == (owed(source), one(source).status.value)


@pytest.mark.slow
def test_a_column_beyond_the_headers_of_a_sheet_is_seen(tmp_path: Path) -> None:
    """A workbook whose last column has no header loses nothing in silence."""
    rows: list[list[object]] = [[*HEAD.split(";")], [*ROW.split(";")[:5], 1200, 400]]
    assert ["colonne G"] == asked(read(tmp_path, workbook({"F": rows}), "f.xlsx"))


def reading(
    *headers: str, used: str = "number total", left: tuple[str, ...] = (), weighty: tuple[str, ...] = ()
) -> Reading:
    """A reading whose first headers are used, the others not."""
    fields = used.split()
    return Reading(
        headers=headers,
        columns=tuple((field, header, "") for field, header in zip(fields, headers, strict=False)),
        ignored=left,
        unused=tuple(Unused(header, Look.AMOUNT, weighty=True) for header in weighty),
    )


def test_nothing_is_asked_before_anything_was_agreed() -> None:
    """The first file is what the next ones are compared with."""
    assert question_of(reading("N°", "Total", "Notes"), NOTHING_AGREED) is None


def test_a_used_header_that_comes_goes_or_changes_is_asked_about_with_the_difference() -> None:
    """And is not once this reading is agreed; the former one is still known."""
    first = reading("N°", "Total", "Payé", used="number total paid")
    second = reading("N°", "Total", "Acompte", used="number total paid")
    agreement = agreement_of([reading_as_found(first, ON)])
    assert question_of(first, agreement) is None
    assert question_of(second, agreement) == Unagreed(came=("Acompte",), gone=("Payé",))
    agreement = agreement_of([reading_as_found(first, ON), reading_as_found(second, ON)])
    assert question_of(first, agreement) is None
    assert question_of(second, agreement) is None


@pytest.mark.parametrize(
    "now",
    [
        reading("N°", "Total", "Remarque"),
        reading("N°", "Total"),
        reading("n°", "TOTAL", "Notes"),
        reading("Total", "N°", "Notes", used="total number"),
        reading("N°", "Total", "Notes", used="number total remark"),
    ],
)
def test_what_does_not_matter_may_change(now: Reading) -> None:
    """A harmless header, the order of columns, capitals; a known column in which a state was found."""
    agreement = agreement_of([reading_as_found(reading("N°", "Total", "Notes"), ON)])
    assert question_of(now, agreement) is None


def test_an_ignored_header_that_goes_is_told() -> None:
    """It may be another one by now."""
    first = reading("N°", "Total", "Versé", left=("Versé",))
    agreement = agreement_of([reading_as_found(first, ON)])
    assert question_of(reading("N°", "Total"), agreement) == Unagreed(gone=("Versé",))


def test_a_weighty_column_is_asked_about_until_it_is_answered() -> None:
    """By name, with what it may be."""
    agreement = agreement_of([reading_as_found(reading("N°", "Total"), ON)])
    now = reading("N°", "Total", "Versé", weighty=("Versé",))
    assert question_of(now, agreement) == Unagreed((Unread("Versé"),))


def test_the_last_answer_about_a_header_stands() -> None:
    """Ignored, then named, then ignored again; another header for a field takes its place."""
    told = with_answers(NOTHING_AGREED, {}, ["Versé"])
    told = with_answers(told, {"paid": "versé"}, [])
    assert (dict(told.columns), told.ignored) == ({"paid": "versé"}, ())
    told = with_answers(told, {"paid": "Reçu"}, ["VERSÉ"])
    assert (dict(told.columns), told.ignored) == ({"paid": "Reçu"}, ("VERSÉ",))


CUSTOMERS = "Nom;Courriel;{}\nDelta SARL;d@delta.example;{}\n"


@pytest.mark.parametrize(
    ("header", "cell", "excluded"),
    [
        ("Ne pas relancer", "oui", True),
        ("Ne pas relancer", "non", False),
        ("À relancer", "non", True),
        ("Commentaire", "ne pas relancer", True),
        ("Commentaire", "bon client", False),
        ("Relances bloquées", "peut-être", True),
    ],
)
def test_a_list_of_customers_may_say_whom_not_to_remind(header: str, cell: str, excluded: bool, tmp_path: Path) -> None:
    """In whatever column it does; an answer that is none is told, and nobody is reminded on it."""
    path = tmp_path / "clients.csv"
    path.write_text(CUSTOMERS.format(header, cell), encoding="utf-8")
    source = read(tmp_path, f"{HEAD}\n{ROW}\n", customers=path)
    assert excluded is one(source).customer.excluded
    assert len(source.problems) == (cell == "peut-être")


@pytest.mark.parametrize(
    ("state", "sure"),
    [("Validé", True), ("encaissé", True), ("", True), ("Rejeté", False), ("Annulé", False), ("xyz", False)],
)
def test_a_payment_that_was_rejected_is_no_payment(state: str, sure: bool, tmp_path: Path) -> None:
    """Nor one whose state nobody knows: the invoice waits, and the row is told."""
    path = tmp_path / "reglements.csv"
    path.write_text(
        f"N° facture;Montant réglé;Date de règlement;Statut\nF-1;400,00;10/11/2026;{state}\n", encoding="utf-8"
    )
    source = read(tmp_path, f"{HEAD}\n{ROW}\n", payments=path)
    assert (owed(source) == Decimal("800.00"), one(source).status.value, len(source.problems)) == (
        (True, "open", 0) if sure else (False, "unclear", 1)
    )


@pytest.mark.parametrize(
    ("header", "cell"), [("Client archivé", "oui"), ("Blocage compta", "oui"), ("Suivi relances", "stop")]
)
def test_an_answer_about_customers_that_nobody_reads_is_asked_about(header: str, cell: str, tmp_path: Path) -> None:
    """By the name of its list; ignored, it is not."""
    path = tmp_path / "clients.csv"
    path.write_text(CUSTOMERS.format(header, cell) + "Beta SAS;b@beta.example;\n", encoding="utf-8")
    text = f"{HEAD}\n{ROW}\n"
    [column] = [column for column in read(tmp_path, text, customers=path).reading.unused if column.weighty]
    assert (column.header, column.list) == (header, "clients.csv")
    assert [] == asked(read(tmp_path, text, customers=path, ignore=(header,)))


# Every header that each tool of the guide's page is known to write, with one invoice of 1,200 of which 800 are left
# where the tool tells; kept apart from test_sources_formats, which reads values.
TOOLS = {
    "Dolibarr": (
        "Réf. facture;Date facturation;Date limite règlement;Total HT;Montant TVA;Total TTC;Créance;Payé complètement;"
        "Statut facture;Code client;Tiers;Adresse;Code postal;Ville;Téléphone;Email;SIREN;SIRET;APE;N° TVA;Id facture;"
        "Date création facture;Note publique;Identifiant de la facture source",
        "F1;01/09/2026;05/11/2026;1000,00;200,00;1200,00;800,00;0;1;CU-1;Delta SARL;1 rue X;75001;Paris;0102030405;"
        "d@delta.example;732829320;73282932000074;6201Z;FR44732829320;12;01/09/2026;;",
    ),
    "Dolibarr, payments": (
        "Réf. facture;Date facturation;Date limite règlement;Total TTC;Id paiement;Montant règlement;Date paiement;"
        "Numéro paiement;Tiers",
        "F1;01/09/2026;05/11/2026;1200,00;5;400,00;10/10/2026;CHQ1;Delta SARL",
    ),
    "VosFactures": (
        "number;kind;issue_date;sell_date;payment_to;payment_to_kind;payment_type;buyer_name;buyer_tax_no;buyer_email;"
        "buyer_phone;buyer_street;buyer_post_code;buyer_city;buyer_country;status;paid;paid_date;currency;price_net;"
        "price_gross;payment_url;income;test;interest_rate;sum_recovery;created_at;updated_at;id",
        "F1;vat;2026-09-01;2026-09-01;2026-11-05;30;transfer;Delta SARL;FR44732829320;d@delta.example;0102030405;"
        "1 rue X;75001;Paris;FR;issued;400,00;;EUR;1000,00;1200,00;https://x.example/p;1;false;14.0;40.0;"
        "2026-09-01 10:00;2026-09-02 10:00;991",
    ),
    "Odoo": (
        "Numéro;Nom d'affichage du partenaire de la facture;Date de facturation;Date d'échéance;Activités;"
        "Montant HT Signé;Taxe Signé;Total signé;Total signé en devises;Montant dû signé;Statut du paiement;Statut;"
        "Vendeur;Référence",
        "F1;Delta SARL;2026-09-01;2026-11-05;;1000.0;200.0;1200.0;1200.0;800.0;Partiellement payé;Comptabilisé;Paul;",
    ),
    "Odoo, in English": (
        "Number;Invoice Partner Display Name;Invoice/Bill Date;Due Date;Activities;Untaxed Amount Signed;Tax Signed;"
        "Total Signed;Total in Currency Signed;Amount Due Signed;Payment Status;Status",
        "F1;Delta SARL;2026-09-01;2026-11-05;;1000.0;200.0;1200.0;1200.0;800.0;Partially Paid;Posted",
    ),
    "Pennylane": (
        "invoice_number;date;deadline;customer_name;customer_email;amount;currency;currency_amount;currency_tax;tax;"
        "remaining_amount_with_tax;status;paid;external_reference;label;created_at;updated_at",
        "F1;2026-09-01;2026-11-05;Delta SARL;d@delta.example;1200.00;EUR;1200.00;200.00;200.00;800.00;late;false;abc;"
        "Prestation;2026-09-01T10:00:00Z;2026-09-02T10:00:00Z",
    ),
    "Invoice Ninja": (
        "Client;Email;Invoice Number;Amount;Paid;PO Number;Status;Invoice Date;Due Date;Discount;Partial/Deposit;"
        "Partial Due Date;Terms;Footer;Public Notes;Private Notes;Item Product;Item Notes;Item Cost;Item Quantity",
        "Delta SARL;d@delta.example;F1;1200.00;400.00;;Partial;2026-09-01;2026-11-05;0;0;;;;;;P;n;1200;1",
    ),
    "Fulll": (
        "Référence de facture;Type;Date;Date d'échéance;Client;Désignation;Qté;PU HT;Taux TVA;Montant TTC;Reste dû",
        "F1;Facture;01/09/2026;05/11/2026;Delta SARL;Presta;1;1000,00;20%;1200,00;800,00",
    ),
    "Evoliz": (
        "N° facture externe;Date facture;Code client;Client;Conditions de règlement;Désignation;Qté;PU HT;Total TTC;"
        "Payé",
        "F1;01/09/2026;C1;Delta SARL;30 jours;Presta;1;1000,00;1200,00;400,00",
    ),
    "Axonaut": (
        "Numéro;Date;Date d'échéance;Société;Montant HT;TVA;Montant TTC;Reste à payer;Statut;Date de paiement;"
        "Mode de paiement;Projet;Commande",
        "F1;01/09/2026;05/11/2026;Delta SARL;1000,00;200,00;1200,00;800,00;En retard;;Virement;X;",
    ),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_of_the_guide_are_asked_nothing(tool: str, tmp_path: Path) -> None:
    """Read as before, without a question."""
    source = read(tmp_path, "\n".join((*TOOLS[tool], "")))
    assert ([], Decimal("800.00")) == (asked(source), owed(source))


def test_a_purchase_is_told_by_a_column_of_sales(tmp_path: Path) -> None:
    """`income` of VosFactures: 0 is what the user bought."""
    head, row = TOOLS["VosFactures"]
    assert () == read(tmp_path, f"{head}\n{row.replace(';1;false;', ';0;false;')}\n").invoices


def test_what_was_not_sent_is_not_reminded(tmp_path: Path) -> None:
    """« Envoyée = non »: the customer never got it."""
    assert "draft" == one(with_column(tmp_path, "Envoyée", "non")).status.value
    assert "open" == one(with_column(tmp_path, "Envoyée", "oui")).status.value
