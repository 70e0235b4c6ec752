"""XLSX workbooks: the right sheet, typed cells, formulas, and damaged or hostile files."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sources_support import one, paid, read, refused, workbook

from relance.core.invoice import Status
from relance.sources.parsing import parse
from relance.sources.source import Limits

pytestmark = pytest.mark.slow

HEADER = ["N° facture", "Client", "Email", "Montant TTC", "Échéance", "Payé le"]
ROW = ["F-1", "ACME", "a@b.fr", 1200.5, date(2026, 1, 31), None]
DAY = date(2026, 1, 20)


def patched(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part rewritten."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def with_formula(cell: bytes, replacement: bytes) -> bytes:
    """The ordinary workbook with one cell written by hand."""
    data = workbook({"Factures": [HEADER, ["F-1", "ACME", "a@b.fr", 1200, date(2026, 1, 31), None]]})
    if cell == b"F2":
        return patched(
            data,
            "xl/worksheets/sheet1.xml",
            lambda xml: xml.replace(b"</row></sheetData>", replacement + b"</row></sheetData>"),
        )

    def change(xml: bytes) -> bytes:
        start = xml.index(b'<c r="' + cell + b'"')
        end = xml.index(b"</c>", start) + 4
        return xml[:start] + replacement + xml[end:]

    return patched(data, "xl/worksheets/sheet1.xml", change)


def test_typed_cells_are_read(tmp_path: Path) -> None:
    """Numbers, dates, integers as numbers of invoices, and booleans."""
    rows: list[list[Any]] = [HEADER, [31.0, "ACME", "a@b.fr", 1200.5, date(2026, 1, 31), DAY]]
    rows += [["007", "ACME", None, 12, "15/02/2026", True], [8, "ACME", None, 0.1 + 0.2, date(2026, 2, 15), False]]
    source = read(tmp_path, workbook({"Factures": rows}), "f.xlsx")
    assert source.problems == ()
    assert [i.number for i in source.invoices] == ["31", "007", "8"]
    assert [str(i.total) for i in source.invoices] == ["1200.50", "12.00", "0.30"]
    assert [i.due_date for i in source.invoices] == [date(2026, 1, 31), date(2026, 2, 15), date(2026, 2, 15)]
    assert [paid(i) for i in source.invoices] == [[(Decimal("1200.50"), DAY)], [(Decimal("12.00"), None)], []]
    assert (source.reading.sheet, source.reading.encoding, source.invoices[0].line) == ("Factures", "", 2)


@pytest.mark.parametrize("values", [(46053, "Échéance"), (time(10, 30), "Échéance")])
def test_a_number_in_a_date_column_is_a_problem(tmp_path: Path, values: tuple[Any, str]) -> None:
    """A date that lost its format, or a time, is not guessed; sheet, line and column are told."""
    source = read(tmp_path, workbook({"F": [HEADER, [*ROW[:4], values[0], None]]}), "f.xlsx")
    assert source.invoices == ()
    (problem,) = source.problems
    assert (problem.sheet, problem.line, problem.column) == ("F", 2, values[1])


@pytest.mark.parametrize("number", [date(2026, 1, 3), 123456789012345678])
def test_a_number_that_the_spreadsheet_altered_is_a_problem(tmp_path: Path, number: Any) -> None:
    """`1-3` turned into a date and digits lost beyond the fifteenth are no invoice numbers."""
    source = read(tmp_path, workbook({"F": [HEADER, [number, *ROW[1:]]]}), "f.xlsx")
    assert (source.invoices, [p.column for p in source.problems]) == ((), ["N° facture"])


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#REF!"])
def test_an_error_cell_is_never_unpaid(tmp_path: Path, error: str) -> None:
    """A broken lookup as payment holds the invoice; as amount, it makes none."""
    source = read(tmp_path, workbook({"F": [HEADER, [*ROW[:5], error]]}), "f.xlsx")
    assert (one(source).status, len(source.problems)) == (Status.UNCLEAR, 1)
    source = read(tmp_path, workbook({"F": [HEADER, [*ROW[:3], error, *ROW[4:]]]}), "f.xlsx")
    assert (source.invoices, [p.column for p in source.problems]) == ((), ["Montant TTC"])


@pytest.mark.parametrize(
    ("cell", "xml", "problems"),
    [
        (b"D2", b'<c r="D2"><f>1000+200</f></c>', ["Montant TTC"]),
        (b"D2", b'<c r="D2"><f>1000+200</f><v></v></c>', ["Montant TTC"]),
        (b"D2", b'<c r="D2"><f>1000+200</f><v>1200</v></c>', []),
        (b"F2", b'<c r="F2"><f>TODAY()</f></c>', ["Payé le"]),
        (b"F2", b'<c r="F2" t="str"><f>IF(1,"","x")</f><v></v></c>', []),
    ],
)
def test_a_formula_without_saved_value_is_told(tmp_path: Path, cell: bytes, xml: bytes, problems: list[str]) -> None:
    """No value was saved: a problem, never nothing; a saved empty text is an empty cell."""
    source = read(tmp_path, with_formula(cell, xml), "f.xlsx")
    assert [p.column for p in source.problems] == problems
    assert [i.status for i in source.invoices] == (
        [Status.OPEN] if not problems else [Status.UNCLEAR] if cell == b"F2" else []
    )
    assert all("formule" in p.message.lower() for p in source.problems)


def test_an_ordinary_sheet_is_looked_at_by_patterns_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow second look is taken only where the XML is of an unusual shape."""
    monkeypatch.setattr("relance.sources.ooxml._parsed", lambda *_: pytest.fail("parsed twice"))
    saved = with_formula(b"D2", b'<c r="D2"><f>1000+200</f><v>1200</v></c>')
    assert parse(saved, Limits())[0][2][3] == ["Montant TTC", 1200.0]
    broken = with_formula(b"D2", b'<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    assert parse(broken, Limits())[0][2][3] == ["Montant TTC", "#DIV/0!"]


def test_titles_totals_blank_and_hidden_rows(tmp_path: Path) -> None:
    """The header is found below titles; blank rows are nothing; totals and hidden rows are told."""
    rows: list[list[Any]] = [
        ["Factures 2026"],
        [],
        HEADER,
        ROW,
        [],
        ["F-2", *ROW[1:]],
        ["Total", None, None, 2401, None, None],
    ]
    source = read(tmp_path, workbook({"F": rows}, hidden=[6]), "f.xlsx")
    assert [i.line for i in source.invoices] == [4, 6]
    assert (source.rows, source.problems, source.reading.header_line) == (2, (), 3)
    assert source.reading.notes == (
        "Ligne 7\u00a0: total, non lu comme une facture.",
        "1 ligne masquée prise en compte.",
    )


def test_the_sheet_of_invoices_is_found_and_its_neighbours_joined(tmp_path: Path) -> None:
    """Customers are joined by code, payments by number; other sheets are named as not read."""
    data = workbook(
        {
            "Notes": [["à faire"]],
            "Clients": [["Code client", "Nom", "Email"], ["C1", "ACME SARL", "a@acme.fr"]],
            "Factures": [
                ["N° facture", "Code client", "Échéance", "Montant TTC"],
                ["F-1", "C1", date(2026, 1, 31), 10],
            ],
            "Règlements": [["N° facture", "Date", "Montant"], ["F-1", DAY, 4]],
            "Ancienne": [HEADER, ROW],
        },
        veiled=["Ancienne"],
    )
    source = read(tmp_path, data, "f.xlsx")
    invoice = one(source)
    assert (invoice.customer.name, invoice.customer.emails) == ("ACME SARL", ("a@acme.fr",))
    assert paid(invoice) == [(Decimal("4.00"), DAY)]
    assert source.problems == ()
    assert source.reading.notes == (
        "Feuille «\u00a0Notes\u00a0» non lue.",
        "Feuille masquée «\u00a0Ancienne\u00a0» non lue.",
    )


def test_two_sheets_of_invoices_are_asked_about(tmp_path: Path) -> None:
    """The program does not choose between two sheets that nobody can join; `sheet` does."""
    data = workbook({"Feuil1": [HEADER, ROW], "2025": [HEADER, ROW], "2026": [HEADER, ["F-2", *ROW[1:]]]})
    assert "plusieurs feuilles" in refused(tmp_path, data, "f.xlsx")
    assert one(read(tmp_path, data, "f.xlsx", sheet=("2026",))).number == "F-2"
    assert "«\u00a02025\u00a0»" in refused(tmp_path, data, "f.xlsx", sheet=("2027",))


def test_separate_workbooks_of_customers_and_payments(tmp_path: Path) -> None:
    """The lists may stand in files of their own."""
    (tmp_path / "c.xlsx").write_bytes(workbook({"C": [["Nom", "Email"], ["ACME", "x@acme.fr"]]}))
    (tmp_path / "p.xlsx").write_bytes(workbook({"P": [["N° facture", "Payé le", "Montant"], ["F-1", DAY, 1200.5]]}))
    data = workbook({"F": [HEADER, ["F-1", "ACME", None, 1200.5, date(2026, 1, 31), None]]})
    invoice = one(read(tmp_path, data, "f.xlsx", customers=tmp_path / "c.xlsx", payments=tmp_path / "p.xlsx"))
    assert (invoice.customer.emails, paid(invoice)) == (("x@acme.fr",), [(Decimal("1200.50"), DAY)])
    assert "liste de clients" in refused(tmp_path, data, "f.xlsx", customers=tmp_path / "p.xlsx")


def _doctype(xml: bytes) -> bytes:
    return xml.replace(b"<worksheet", b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><worksheet', 1)


def test_hostile_and_damaged_workbooks_are_refused(tmp_path: Path) -> None:
    """Entities, truncated files, stray far cells and inflating archives end in one sentence."""
    good = workbook({"F": [HEADER, ROW]})
    part = "xl/worksheets/sheet1.xml"
    assert "interdite" in refused(tmp_path, patched(good, part, _doctype), "f.xlsx")
    assert "abîmé" in refused(tmp_path, good[:2000], "f.xlsx")
    assert "abîmé" in refused(tmp_path, patched(good, part, lambda xml: xml[:600]), "f.xlsx")
    assert "abîmé" in refused(tmp_path, patched(good, "xl/workbook.xml", lambda _: b"<x>"), "f.xlsx")
    assert "abîmé" in refused(tmp_path, patched(good, "xl/workbook.xml", lambda _: b"<x/>"), "f.xlsx")
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert "colonnes" in refused(tmp_path, patched(good, part, lambda x: x.replace(b"</sheetData>", far)), "f.xlsx")
    low = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    assert "lignes" in refused(tmp_path, patched(good, part, lambda x: x.replace(b"</sheetData>", low)), "f.xlsx")
    bomb = patched(good, part, lambda xml: xml.replace(b"</sheetData>", b" " * 101 * 2**20 + b"</sheetData>"))
    assert len(bomb) < Limits().megabytes << 20
    assert "100" in refused(tmp_path, bomb, "f.xlsx")
    assert "aucune ligne" in refused(tmp_path, workbook({"F": []}), "f.xlsx")


def test_a_wrong_dimension_hides_no_row(tmp_path: Path) -> None:
    """The size that the file claims is not believed."""
    data = workbook({"F": [HEADER, *([f"F-{n}", *ROW[1:]] for n in range(10))]})
    data = patched(data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'ref="A1:F11"', b'ref="A1:B3"'))
    assert len(read(tmp_path, data, "f.xlsx").invoices) == 10


def test_merged_customers_make_problems(tmp_path: Path) -> None:
    """A customer written once for two rows is not carried over in silence."""
    source = read(tmp_path, workbook({"F": [HEADER, ROW, ["F-2", None, None, *ROW[3:]]]}), "f.xlsx")
    assert one(source).number == "F-1"
    assert [(p.line, p.column) for p in source.problems] == [(3, "Client")]
