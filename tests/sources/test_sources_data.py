"""Every file of ../shared/data, one row each: its invoices as an independent script counts them, or its refusal."""

import csv
import io
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import independent_counts
import pytest
from sources_support import SHARED, refused

from relance.core.invoice import ZERO, Status
from relance.sources import InvoiceFile, read_source

DATA = SHARED / "data"
UNKNOWN = "ne sont pas reconnues. En-têtes lus :"
CUSTOMERS = "liste de clients, sans factures"
EMPTY = "ne contient aucune ligne"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside this repository")

# file -> rows, problems, the sentence that its reading notes hold; the figures come from independent_counts.py
INVOICES = {
    "ar-ibm-watson/WA_Fn-UseC_-Accounts-Receivable.csv": (2466, 0, ""),
    "fr-recouvrement-app/factures.csv": (17, 0, ""),
    "fr-recouvrement-app/factures_exemple.csv": (7, 0, ""),
    "invoicing-tools/i2g_invoices.csv": (4, 0, "Échéance calculée d’après la date de facture : 4 factures"),
    "invoicing-tools/zoho_invoices.csv": (13, 0, "Facture répétée sur plusieurs lignes"),
}
REFUSALS = {
    "fr-recouvrement-app/clients_exemple.csv": CUSTOMERS,
    "invoicing-tools/wave_invoices.csv": "un journal ou un grand livre comptable",
    "invoicing-tools/zoho_contacts.csv": CUSTOMERS,
    "traps-csv/NumberFormatTest.de.csv": f"{UNKNOWN} « WAHR », « FALSCH »",  # the one row of words
    "traps-csv/empty.csv": "est vide",
    "traps-csv/enclosure.csv": UNKNOWN,
    "traps-csv/line_break_in_enclosure.csv": f"{UNKNOWN} « Name », « Copy », « URL »",
    "traps-csv/linend.mac.csv": f"{UNKNOWN} « A », « 1 »",
    "traps-csv/premiere.utf16be.csv": f"{UNKNOWN} « première », « second », « troisième »",
    "traps-csv/premiere.utf16lebom.csv": f"{UNKNOWN} « première », « second », « troisième »",
    "traps-csv/premiere.utf8bom.csv": f"{UNKNOWN} « première », « second », « troisième »",
    "traps-csv/premiere.win1252.csv": f"{UNKNOWN} « première », « second », « troisième »",
    "traps-csv/semicolon_separated.csv": f"{UNKNOWN} « This », « Are », « Headers »",
    "traps-csv/sep.csv": f"{UNKNOWN} « A », « 1 »",
    "traps-xlsx/1904_Calendar.xlsx": f"{UNKNOWN} « 2022-01-01 », « 2021-12-31 »",
    "traps-xlsx/HiddenSheet.xlsx": EMPTY,
    "traps-xlsx/Zip-Windows-Directory-Separator.xlsx": f"{UNKNOWN} « Key ID », « Key »",
    "traps-xlsx/autofilterTest.xlsx": f"{UNKNOWN} « Year », « Quarter », « Country », « Sales »",
    "traps-xlsx/date.ods": f"{UNKNOWN} « 2021-01-01 », « 15 »",
    "traps-xlsx/date_1904.xls": UNKNOWN,
    "traps-xlsx/empty_sheet.xlsx": EMPTY,
    "traps-xlsx/errors.xlsx": f"{UNKNOWN} « #DIV/0! »",
    "traps-xlsx/header-row.xlsx": f"{UNKNOWN} « Columns », « Column A »",
    "traps-xlsx/issue.282.xlsx": f"{UNKNOWN} « A1 », « B1 »",
    "traps-xlsx/issue.3909b.xlsx": UNKNOWN,
    "traps-xlsx/issue.4415.xlsx": f"{UNKNOWN} « Product Id », « Description »",
    "traps-xlsx/merge_cells.xlsx": f"{UNKNOWN} « Row Merge », « Not Merged »",
    "traps-xlsx/no-header.xlsx": f"{UNKNOWN} « a », « 0 »",
    "traps-xlsx/pass_protected.xlsx": "protégé par mot de passe",
    "traps-xlsx/strict_iso_paths.xlsx": f"{UNKNOWN} « Item », « Thickness »",
    "traps-xlsx/too_small.xls": UNKNOWN,
}
# Other words for the headers of the lists above, as other programs write them.
WORDS = {
    "invoiceNumber": ["N° facture", "Numéro de facture", "invoice_number"],
    "numero": ["N° facture", "Numéro", "NUMERO FACTURE"],
    "DocumentNumber": ["Invoice number", "N° de facture"],
    "Invoice Number": ["N° facture", "invoice #", "Numéro"],
    "customerID": ["Code client", "client_id", "N° client"],
    "client_id": ["Code client", "ID client"],
    "Customer Name": ["Client", "Nom du client", "Bill to"],
    "InvoiceDate": ["Date de facture", "Date d’émission", "issue_date"],
    "date_emission": ["Date", "Date facture", "Émise le"],
    "DocumentDate": ["Date de facturation", "Invoice date"],
    "Invoice Date": ["Date de facture", "issue date"],
    "DueDate": ["Échéance", "due_date", "Date limite de paiement"],
    "date_echeance": ["Échéance", "À payer avant le"],
    "Due Date": ["Date d'échéance", "Deadline"],
    "InvoiceAmount": ["Montant TTC", "Total", "invoice amount (EUR)"],
    "montant": ["Montant TTC", "Total TTC (€)", "Montant total"],
    "TotalAmount": ["Total TTC", "Grand total"],
    "Total": ["Montant TTC", "price_gross"],
    "BalanceDueAmount": ["Reste à payer", "Balance"],
    "Balance": ["Solde dû", "Amount due"],
    "AmountPaidAmount": ["Déjà réglé", "Paid to date"],
    "Disputed": ["Litige", "En litige"],
    "SettledDate": ["Payé le", "Date de règlement"],
    "statut": ["État", "Statut facture", "Situation"],
    "Invoice Status": ["Statut", "Status"],
    "CurrencyCode": ["Devise", "currency"],
    "Currency Code": ["Devise", "Monnaie"],
}


def named(table: dict[str, Any], name: str) -> str:
    """A sentence of the table with the spaces that the program prints."""
    return str(table[name]).replace("« ", "«\u00a0").replace(" »", "\u00a0»").replace(" :", "\u00a0:")


def test_every_file_is_in_the_table() -> None:
    """A file that is added to ../shared/data asks for its row."""
    found = {str(path.relative_to(DATA)) for path in DATA.rglob("*.*") if "SOURCE" not in path.name}
    assert found == INVOICES.keys() | REFUSALS.keys()
    assert INVOICES.keys() == independent_counts.INVOICES.keys()


@pytest.mark.parametrize("name", INVOICES)
def test_the_invoices_are_those_that_an_independent_script_counts(name: str) -> None:
    """As many invoices, the same sum in each currency, no problem."""
    rows, problems, note = INVOICES[name]
    source = read_source(DATA / name)
    sums: dict[str, Decimal] = {}
    for invoice in source.invoices:
        sums[invoice.currency] = sums.get(invoice.currency, ZERO) + invoice.total
    assert (len(source.invoices), sums) == independent_counts.INVOICES[name](name)
    assert (source.rows, len(source.problems)) == (rows, problems)
    assert note.replace(" :", "\u00a0:") in " ".join(source.reading.notes)


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_list_of_invoices_is_refused(name: str, tmp_path: Path) -> None:
    """The refusal says what was met, and what to do."""
    path = DATA / name
    assert named(REFUSALS, name) in refused(tmp_path, path.read_bytes(), path.name)


def as_values(source: InvoiceFile) -> list[tuple[Any, ...]]:
    """The invoices without what their place in the file decides."""
    assert source.problems == ()
    return sorted(
        (i.number, i.customer.name, i.due_date, i.total, i.currency, i.payments, i.status is Status.OPEN, i.status)
        for i in source.invoices
    )


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", INVOICES)
def test_columns_words_and_rows_may_be_turned(name: str, seed: int, tmp_path: Path) -> None:
    """Other headers, another order of columns and rows: the same invoices."""
    chance = random.Random(f"{name}{seed}")
    text = (DATA / name).read_bytes().decode("utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text, newline="")))
    order = chance.sample(range(len(header)), len(header))
    chance.shuffle(rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=chance.choice(";,\t|"), lineterminator=chance.choice(["\r\n", "\n"]))
    writer.writerow(chance.choice(WORDS.get(header[place], [header[place]])) for place in order)
    writer.writerows([row[place] for place in order] for row in rows)
    (tmp_path / "turned.csv").write_bytes(out.getvalue().encode(chance.choice(["utf-8", "utf-8-sig", "utf-16"])))
    assert as_values(read_source(tmp_path / "turned.csv")) == as_values(read_source(DATA / name))
