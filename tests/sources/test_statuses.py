"""What platforms export, read: tables by label then code, messages of the norm, and what is refused with its cure."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from status_support import Cdar, cdar, export, sheet, table

from relance.core.lifecycle import KINDS
from relance.sources.source import Limits
from relance.sources.status_words import read_status, status_columns
from relance.sources.statuses import StatusList, read_statuses


def read(folder: Path) -> StatusList:
    """All exports of a folder."""
    return read_statuses([folder / "statuts"], Limits())


@pytest.mark.parametrize("code", KINDS)
def test_each_code_and_each_label_is_read(code: str) -> None:
    """Alone, together in one cell, in two, without accents, as the messages write them."""
    label = KINDS[code].label
    plain = label.upper().replace("É", "E").replace("Ç", "C").replace("À", "A").replace(" ", "_")
    alone = next(each for each, kind in KINDS.items() if kind.label == label)
    assert (alone, "") == read_status(label) == read_status(plain)
    assert (code, "") == read_status(code) == read_status(label, code) == read_status(f"{code} - {label}")
    assert (code, "") == read_status(f"{label} ({code})") == read_status("", code)


@pytest.mark.parametrize(
    ("label", "code", "said"),
    [
        ("Rejetée", "201", "ne disent pas le même statut"),
        ("Prise en charge", "205", "205 est « Approuvée »"),
        ("Validée par magie", "", "inconnu"),
        ("Validée par magie", "205", "inconnu"),
        ("Encaissée", "999", "inconnu"),
        ("207 puis 205", "", "inconnu"),
        ("", "", "manque"),
    ],
)
def test_what_disagrees_or_is_unknown_is_no_status(label: str, code: str, said: str) -> None:
    """Labels first, codes second: a shifted table is never believed."""
    found, fault = read_status(label, code)
    assert "" == found
    assert said in fault.replace("\u00a0", " ")


def test_a_table(tmp_path: Path) -> None:
    """Number, status, day and hour, reasons, amount; other columns say nothing."""
    export(tmp_path, table(("F-1", "Refusée", "210", "03/11/2026 10:12", "TX_TVA_ERR : TVA à 10 %"),
                           ("F-2", "Encaissée", "", "2026-11-04", "", "1 200,50")))  # fmt: skip
    refused, cashed = read(tmp_path).rows

    assert ("F-1", "210", date(2026, 11, 3), "10:12:00") == (refused.number, refused.code, refused.dated, refused.hour)
    assert (("TX_TVA_ERR",), ": TVA à 10 %", 2) == (refused.reasons, refused.words, refused.line)
    assert ("212", Decimal("1200.50"), "") == (cashed.code, cashed.amount, cashed.hour)


def test_the_total_of_an_invoice_is_no_money_that_came_in(tmp_path: Path) -> None:
    """Only a column that says collected is."""
    export(tmp_path, "Facture;Statut;Montant TTC\nF-1;Encaissée;1200,00\n")
    assert read(tmp_path).rows[0].amount is None


def test_a_date_of_an_invoice_is_not_that_of_its_status(tmp_path: Path) -> None:
    """A column called date alone is that of the statuses where an invoice has several of them."""
    export(tmp_path, "Facture;Statut;Date\nF-1;Mise à disposition;01/09/2026\nF-2;Refusée;02/09/2026\n", "a.csv")
    export(tmp_path, "Facture;Statut;Date\nF-1;Mise à disposition;01/09/2026\nF-1;Refusée;02/09/2026\n", "b.csv")
    assert [None, None, date(2026, 9, 1), date(2026, 9, 2)] == [row.dated for row in read(tmp_path).rows]


def test_a_date_that_nobody_knows_is_asked_about(tmp_path: Path) -> None:
    """As that of the status or of the invoice; one without a cell is no question; the answer is followed."""
    content = "Facture;Statut;Date\nF-1;Mise à disposition;01/09/2026\n"
    export(tmp_path, content)
    [asked] = read(tmp_path).unused
    assert ("Date", "status_date", True, "nov.csv") == (asked.header, asked.field, asked.weighty, asked.list)
    for field, day in (("dated", "dated"), ("issued", "issued")):
        told = read_statuses([tmp_path / "statuts"], Limits(), {"date": field})
        assert () == told.unused
        assert date(2026, 9, 1) == getattr(told.rows[0], day)
    export(tmp_path, content.replace("01/09/2026", ""))
    assert () == read(tmp_path).unused


@pytest.mark.parametrize(
    ("content", "hour"),
    [
        ("Facture;Statut;Date;Heure\nF-1;Refusée;04/09/2026;16:20\n", "16:20:00"),
        ("Facture;Statut;Date\nF-1;Refusée;04/09/2026 16:20\n", "16:20:00"),
        ("Facture;Date facture;Statut;Date\nF-1;01/09/2026;Refusée;04/09/2026\n", ""),
    ],
)
def test_a_date_with_an_hour_is_that_of_the_status(tmp_path: Path, content: str, hour: str) -> None:
    """In the cell or beside it; so is a date beside that of the invoice."""
    export(tmp_path, content)
    [told] = read(tmp_path).rows
    assert (date(2026, 9, 4), hour) == (told.dated, told.hour)


@pytest.mark.parametrize("content", ["Facture;Statut;Heure\nF-1;Refusée;16:20\n", "Facture;Statut\nF-1;Refusée\n"])
def test_no_date_is_no_date(tmp_path: Path, content: str) -> None:
    """An hour without a day tells none."""
    export(tmp_path, content)
    [told] = read(tmp_path).rows
    assert (None, "") == (told.dated, told.hour)


@pytest.mark.slow
def test_a_workbook(tmp_path: Path) -> None:
    """A title above the headers; an hour is read where it is text."""
    rows = [
        ("Suivi des factures",),
        ("Numéro", "Libellé statut", "Horodatage"),
        ("F-1", "Suspendue", "03/11/2026 09:05"),
    ]
    sheet(tmp_path / "statuts" / "a.xlsx", rows)
    (row,) = read(tmp_path).rows
    assert ("208", date(2026, 11, 3), "09:05:00", 3) == (row.code, row.dated, row.hour, row.line)


@pytest.mark.slow
def test_the_hours_of_a_workbook(tmp_path: Path) -> None:
    """Dates of a workbook that tell an hour, also late in the evening; midnight is a day; the days of invoices stay."""
    moments = [datetime(2026, 11, 3, 9, 5), datetime(2026, 11, 3, 23, 10, 7), datetime(2026, 11, 3), date(2026, 11, 3)]
    rows = [("Numéro", "Statut", "Date du statut", "Date facture"), *(("F-1", "208", at, at) for at in moments)]
    sheet(tmp_path / "statuts" / "a.xlsx", rows)
    told = read(tmp_path).rows
    assert ["09:05:00", "23:10:07", "", ""] == [row.hour for row in told]
    assert {date(2026, 11, 3)} == {row.dated for row in told} == {row.issued for row in told}
    assert {date} == {type(row.dated) for row in told}


@pytest.mark.parametrize(
    ("dated", "beside", "day", "hour"),
    [
        ("03/11/2026 2:05 PM", "", 3, "14:05:00"),
        ("2026-11-03T23:30:00Z", "", 4, "00:30:00"),
        ("2026-11-03 09:05:00+01:00", "", 3, "09:05:00"),
        ("03/11/2026", "9h05", 3, "09:05:00"),
        ("03/11/2026", "", 3, ""),
        ("03/11/2026 00:00", "", 3, ""),
        ("03/11/2026 10:12", "09:00", 3, "10:12:00"),
    ],
)
def test_the_hour_of_a_status_is_that_of_its_day(tmp_path: Path, dated: str, beside: str, day: int, hour: str) -> None:
    """In Paris as the day is, else two statuses of one day change places; of a column of hours, where there is one."""
    header = ("N° facture", "Statut", "Date du statut", "Heure")
    export(tmp_path, table(("F-1", "Suspendue", dated, beside), header=header))
    (row,) = read(tmp_path).rows
    assert (date(2026, 11, day), hour) == (row.dated, row.hour)


def test_a_message_of_the_norm(tmp_path: Path) -> None:
    """Number, day of issue, code, label, reasons, the sums of all rates, who sold."""
    told = Cdar("F202500003", "212", "Encaissee", issued="20250701", sums=("10000.00", "2000"), seller="552100554")
    export(
        tmp_path,
        cdar(told, Cdar("F-2", "207", "En_litige", reasons=("QTE_ERR", "AUTRE"), words="10 au lieu de 12")),
        "a.xml",
    )
    paid, disputed = read(tmp_path).rows

    assert "" == paid.currency
    assert ("F202500003", "212", Decimal("12000.00"), "552100554") == (paid.number, paid.code, paid.amount, paid.seller)
    assert (date(2025, 7, 1), date(2026, 11, 3), "14:05:00") == (paid.issued, paid.dated, paid.hour)
    assert (("QTE_ERR", "AUTRE"), "10 au lieu de 12") == (disputed.reasons, disputed.words)


ABOUT = (
    "<ram:ReferenceReferencedDocument><ram:IssuerAssignedID>F-1</ram:IssuerAssignedID>{}"
    "</ram:ReferenceReferencedDocument>"
)
STAMP = "<ram:IssueDateTime><udt:DateTimeString>{}</udt:DateTimeString></ram:IssueDateTime>"
CODE = "<ram:ProcessConditionCode>{}</ram:ProcessConditionCode>"
NOTE = (
    "<ram:SpecifiedDocumentStatus><ram:IncludedNote><ram:Content>Sans commande</ram:Content></ram:IncludedNote>"
    "</ram:SpecifiedDocumentStatus>"
)


@pytest.mark.parametrize("root", ["CrossDomainAcknowledgementAndResponse", "CrossIndustryApplicationResponse"])
@pytest.mark.parametrize(
    ("document", "before", "told"),
    [
        (STAMP.format("20261103") + ABOUT.format(CODE.format("210")), "20261105", ("210", 3, "", "", "")),
        (ABOUT.format(CODE.format("213") + NOTE), "20261105093000", ("213", 5, "09:30:00", "Sans commande", "")),
        (ABOUT.format(CODE.format("213")), "2026-11-03T23:30:00.000Z", ("213", 4, "00:30:00", "", "")),
        (ABOUT.format(CODE.format("213")), "20261103140500+0100", ("213", 3, "14:05:00", "", "")),
        (ABOUT.format(CODE.format("213")), "", ("213", None, "", "", "")),
        (
            STAMP.format("hier") + ABOUT.format(CODE.format("213")),
            "20261105",
            ("", None, "", "", "date du statut illisible"),
        ),
        (
            ABOUT.format(CODE.format("201")) + "<ram:StatusName>Rejetée</ram:StatusName>",
            "20261105",
            ("", 5, "", "", "ne disent pas"),
        ),
    ],
)
def test_messages_as_other_programs_write_them(
    tmp_path: Path, root: str, document: str, before: str, told: tuple[str, int | None, str, str, str]
) -> None:
    """Another root, the day of the message, a label beside its place: a shifted code is never believed."""
    names = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("rsm", "ram", "udt"))
    header = f"<rsm:ExchangedDocument>{STAMP.format(before)}</rsm:ExchangedDocument>" if before else ""
    body = f"{header}<rsm:AcknowledgementDocument>{document}</rsm:AcknowledgementDocument>"
    export(tmp_path, f"<rsm:{root} {names}>{body}</rsm:{root}>", "a.xml")
    (row,) = read(tmp_path).rows
    code, day, hour, words, fault = told
    assert (code, day and date(2026, 11, day), hour, words) == (row.code, row.dated, row.hour, row.words)
    assert fault in row.fault
    assert bool(fault) == bool(row.fault)


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (cdar(Cdar("F-1", "210", "Refusee"))[:-40], "a.xml", "coupé"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "a.xml", "DOCTYPE"),
        (b"<rsm:CrossIndustryInvoice xmlns:rsm='u'/>", "a.xml", "sans statut"),
        (b"<CrossDomainAcknowledgementAndResponse>" + b"<a/>" * 1_400_000, "a.xml", "plus de 5"),
        (b"Client;Montant\nA;1\n", "a.csv", "colonne de statut"),
        (b'Facture;Statut\nF-1;"Refus\xc3\xa9e\n', "a.csv", "guillemet"),
        (b"%PDF-1.7", "a.pdf", "PDF"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes, name: str, said: str) -> None:
    """The file, why and what to do; the others are read."""
    export(tmp_path, content, name)
    export(tmp_path, table(("F-9", "Déposée")), "z.csv")
    told = read(tmp_path)

    assert (["F-9"], (name,), 2) == ([row.number for row in told.rows], told.unread, told.files)
    assert [said in problem.message and problem.file.endswith(name) for problem in told.problems] == [True]


def test_a_slip_in_the_setting_is_seen(tmp_path: Path) -> None:
    """No file at all is a problem."""
    told = read_statuses([tmp_path / "statut" / "*"], Limits())
    assert (("statut/*",), 1) == (told.unread, len(told.problems))


def test_a_file_without_statuses_is_named_once(tmp_path: Path) -> None:
    """An empty export: its problem names the path, its sentence the file; no word of invoices to export."""
    export(tmp_path, "\n", "mars.csv")
    export(tmp_path, b"%PDF-1.7", "juin.pdf")
    problem, other = read(tmp_path).problems[::-1]
    assert not any("factures" in each.message for each in (problem, other))
    assert "mars.csv est vide. Exportez-le de nouveau." == problem.message.replace("\u00a0", " ")
    assert str(tmp_path / "statuts" / "mars.csv") == problem.file


@pytest.mark.parametrize(
    ("header", "cells", "asked"),
    [
        ("Étape", ("Refusée", "Approuvée"), True),  # labels of the norm under a header that nobody knows
        ("Étape", ("Contestée", "Vérifiée"), True),
        ("Équipe", ("Nord", "Sud"), False),
        ("Statut de paiement", ("payée", "à payer"), True),
        ("Sous-statut", ("Rejet métier", ""), True),
        ("Litige", ("oui", "non"), True),
        ("Litige", ("non", "non"), False),
        ("Somme versée", ("100,00", "0,00"), True),
        ("Somme versée", ("0,00", "0,00"), False),
        ("Reste à payer", ("100,00", "40,00"), True),
        ("Payée le", ("03/11/2026", ""), True),
        ("Code postal", ("203", "204"), False),
        ("Client", ("Dupont", "Durand"), False),
        ("SIREN client", ("552100554", "732829320"), False),
        ("Montant TTC", ("100,00", "40,00"), False),
        ("Total HT", ("100,00", "40,00"), False),
        ("Date d’échéance", ("03/11/2026", "04/11/2026"), False),
        ("Date de dépôt", ("03/11/2026", "04/11/2026"), False),
        ("Type de document", ("Facture", "Avoir"), False),
        ("Raison", ("AUTRE", "DOUBLON"), False),
        ("Identifiant du flux", ("a-1", "a-2"), False),
        ("Plateforme", ("PA Un", "PA Deux"), False),
        ("", ("Refusée", "Refusée"), False),
    ],
)
def test_columns_that_may_tell_of_a_status_are_asked_about(
    tmp_path: Path, header: str, cells: tuple[str, str], asked: bool
) -> None:
    """States, money and its day; what the list of invoices says itself, and what says nothing, is no question."""
    rows = [("F-1", "Déposée", "02/11/2026", "", cells[0]), ("F-2", "Déposée", "02/11/2026", "", cells[1])]
    export(tmp_path, table(*rows, header=("N° facture", "Statut", "Date du statut", "Motif", header)))
    told = read(tmp_path)
    assert [header] * asked == [column.header for column in told.unused]
    assert ["200", "200"] == [row.code for row in told.rows]


def test_a_column_of_several_exports_is_asked_about_once(tmp_path: Path) -> None:
    """The question names the first of them."""
    for name in ("a.csv", "b.csv"):
        export(tmp_path, table(("F-1", "Déposée", "en cours"), header=("N° facture", "Statut", "Sous-statut")), name)
    assert [("Sous-statut", "a.csv")] == [(column.header, column.list) for column in read(tmp_path).unused]


def test_a_row_that_goes_beyond_its_headers_is_not_understood(tmp_path: Path) -> None:
    """1200,50 between commas is cut in two: no sum is taken from it."""
    export(tmp_path, "Facture,Statut,Montant encaissé\nF-1,Encaissée,1200,50\nF-2,Encaissée,1200.50,\n")
    cut, whole = read(tmp_path).rows
    assert ("", "") != (cut.fault, whole.code)
    assert ("", Decimal("1200.50")) == (whole.fault, whole.amount)


@pytest.mark.slow
def test_sheets_without_statuses_are_named(tmp_path: Path) -> None:
    """Beside one that has some; hidden ones too."""
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    for row in (("N° facture", "Statut"), ("F-1", "Refusée")):
        book.active.append(row)
    book.create_sheet("Légende").append(["Refusée : le client n’en veut pas"])
    hidden = book.create_sheet("Archives")
    hidden.append(["N° facture", "Statut"])
    hidden.sheet_state = "hidden"
    (tmp_path / "statuts").mkdir()
    book.save(tmp_path / "statuts" / "a.xlsx")
    told = read(tmp_path)
    assert ["F-1"] == [row.number for row in told.rows]
    assert 2 == sum(name in note for note in told.notes for name in ("Légende", "Archives"))


def test_what_is_no_header() -> None:
    """A number alone, or a status alone."""
    assert {} == status_columns(("Facture", "Client")) == status_columns(("Statut", "Client"))
    assert {"number": 1, "label": 0} == status_columns(("Statut", "N° de facture"))


def test_the_currency_of_the_sums(tmp_path: Path) -> None:
    """What came in in another currency than the invoice's cannot be counted."""
    message = cdar(Cdar("F-1", "212", "Encaissee", sums=("10.00",))).replace(
        b"<ram:ValueAmount>", b'<ram:ValueAmount currencyID="USD">'
    )
    export(tmp_path, message, "a.xml")
    assert "USD" == read(tmp_path).rows[0].currency
