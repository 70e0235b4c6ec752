"""XLS and ODS like XLSX: typed cells, what calamine shows empty, merged and hidden cells; encodings of CSV files."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlwt
from openpyxl import load_workbook
from sources_support import ods, one, paid, read, refused, workbook, xls
from test_sources_workbook import patched

from relance.core.invoice import Status
from relance.sources import ooxml
from relance.sources.looks import Unusable
from relance.sources.parsing import parse
from relance.sources.source import Limits

pytestmark = pytest.mark.slow

HEADER: list[Any] = ["N° facture", "Client", "Email", "Montant TTC", "Échéance", "Payé le"]
ROW: list[Any] = ["F-1", "ACME", "a@b.fr", 1200.5, date(2026, 1, 31), None]
DAY = date(2026, 1, 20)
WRITERS: dict[str, Callable[[list[list[Any]]], bytes]] = {
    "f.xlsx": lambda rows: workbook({"Factures": rows}),
    "f.xls": xls,
    "f.ods": ods,
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_workbook_of_each_format_is_read(name: str, tmp_path: Path) -> None:
    """Text, numbers, days and blank cells, under a title, above a total."""
    rows: list[list[Any]] = [["Factures 2026"], [], HEADER, ROW, ["007", *ROW[1:5], DAY], [31.0, *ROW[1:]]]
    rows.append(["Total", None, None, 3601.5, None, None])
    width = [row + [None] * (6 - len(row)) for row in rows]
    source = read(tmp_path, WRITERS[name](width), name)
    assert [(i.number, str(i.total), i.due_date, i.line) for i in source.invoices] == [
        ("F-1", "1200.50", date(2026, 1, 31), 4),
        ("007", "1200.50", date(2026, 1, 31), 5),
        ("31", "1200.50", date(2026, 1, 31), 6),
    ]
    assert [on for _, on in paid(source.invoices[1])] == [DAY]
    assert (source.problems, source.reading.sheet) == ((), "Factures")
    assert source.reading.notes == ("Ligne 7\u00a0: total, non lu comme une facture.",)


ODS_ERROR = (
    '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
    'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("f.xls", xls([HEADER, [*ROW[:5], "#N/A"]])),
        ("f.ods", ods([HEADER, [*ROW[:5], ODS_ERROR]])),
        ("f.ods", ods([HEADER, [*ROW[:5], '<table:table-cell table:formula="of:=TODAY()"/>']])),
        ("f.xlsx", workbook({"F": [HEADER, [*ROW[:5], "=NOW()"]]})),
    ],
)
def test_what_calamine_shows_empty_is_never_unpaid(name: str, data: bytes, tmp_path: Path) -> None:
    """An error or a formula without a value in the column of payments holds the invoice, in every format."""
    source = read(tmp_path, data, name)
    assert (one(source).status, [p.column for p in source.problems]) == (Status.UNCLEAR, ["Payé le"])


def test_an_error_in_an_xls_file_is_never_zero_and_never_unpaid(tmp_path: Path) -> None:
    """As amount it makes no invoice, as payment it holds one; a formula that failed is told like a plain error."""
    as_amount = read(tmp_path, xls([HEADER, [*ROW[:3], "#N/A", *ROW[4:]], ["F-2", *ROW[1:]]]), "f.xls")
    assert [i.number for i in as_amount.invoices] == ["F-2"]
    assert [(p.line, p.column, p.value) for p in as_amount.problems] == [(2, "Montant TTC", "#N/A")]
    computed = xls([HEADER, [*ROW[:5], xlwt.Formula("1/0")]])
    blank, error = b"\x03\0\0\0\0\0\xff\xff", b"\x02\0\x07\0\0\0\xff\xff"
    failed = computed.replace(blank, error)
    assert failed != computed
    as_payment = read(tmp_path, failed, "f.xls")
    assert (one(as_payment).status, [p.value for p in as_payment.problems]) == (Status.UNCLEAR, ["#DIV/0!"])


def test_hidden_rows_and_merges_of_old_formats(tmp_path: Path) -> None:
    """They are told as those of XLSX are, but for the hidden rows of XLS, which are read like the others."""
    two: list[list[Any]] = [HEADER, ROW, ["F-2", *ROW[1:]]]
    for name, data, notes in (
        ("f.xls", xls(two, hidden=[3]), ()),
        ("f.ods", ods(two, hidden=[3]), ("1 ligne masquée prise en compte.",)),
    ):
        source = read(tmp_path, data, name)
        assert (len(source.invoices), source.reading.notes) == (2, notes)
    spanned = '<table:table-cell office:value-type="string" table:number-rows-spanned="2"><text:p>ACME</text:p>'
    cell, under = f"{spanned}</table:table-cell>", "<table:covered-table-cell/>"
    merged = {
        "f.xls": xls([HEADER, ROW, ["F-2", None, *ROW[2:]]], merges=[(2, 1, 3, 1)]),
        "f.ods": ods([HEADER, ["F-1", cell, *ROW[2:]], ["F-2", under, *ROW[2:]]]),
    }
    for name, data in merged.items():
        source = read(tmp_path, data, name)
        assert one(source).number == "F-1"
        assert [(p.line, p.column) for p in source.problems] == [(3, "Client")]
        assert "fusionnée" in source.problems[0].message


def merged_workbook(rows: list[list[Any]], *spans: str) -> bytes:
    """An XLSX file with merged cells."""
    import io

    book = load_workbook(io.BytesIO(workbook({"F": rows})))
    for span in spans:
        book.worksheets[0].merge_cells(span)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_amount_under_a_merge_is_a_problem(tmp_path: Path) -> None:
    """One amount merged over two rows: the second row has none of its own, and the first keeps it."""
    data = merged_workbook([HEADER, ROW, ["F-2", *ROW[1:3], None, *ROW[4:]]], "D2:D3")
    source = read(tmp_path, data, "f.xlsx")
    assert one(source).number == "F-1"
    assert [(p.line, p.column) for p in source.problems] == [(3, "Montant TTC")]


def test_a_header_of_two_merged_rows_is_found(tmp_path: Path) -> None:
    """`Montants` stands over HT and TTC, the other headers are merged downwards."""
    top: list[Any] = ["N° facture", "Client", "Montants", None, "Échéance"]
    below: list[Any] = [None, None, "Montant HT", "Montant TTC", None]
    rows: list[list[Any]] = [["Mes factures"], top, below, ["F-1", "ACME", 100, 120, date(2026, 1, 31)]]
    data = merged_workbook(rows, "A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3")
    source = read(tmp_path, data, "f.xlsx")
    assert (str(one(source).total), source.reading.header_line, source.problems) == ("120.00", 3, ())


def test_zero_of_a_writer_that_computes_nothing_is_no_amount(tmp_path: Path) -> None:
    """XlsxWriter writes 0 for every formula and asks for a computation: that 0 was never true."""
    data = workbook({"F": [HEADER, [*ROW[:3], 7, *ROW[4:]]]})
    data = patched(
        data,
        "xl/worksheets/sheet1.xml",
        lambda x: x.replace(b'<c r="D2" t="n"><v>7</v>', b'<c r="D2"><f>A1</f><v>0</v>'),
    )
    source = read(tmp_path, data, "f.xlsx")
    assert (source.invoices, [p.column for p in source.problems]) == ((), ["Montant TTC"])


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="D2" t="e"><v>#N/A</v></c>',
        b"<c r='D2' t='e'><v>#N/A</v></c>",
        b'<c t="e" r="D2"><f>VLOOKUP(A1,B:B,1,0)</f><v>#N/A</v></c>',
        b'<c r="D2"><f/></c>',
        b'<c r="D2"><f t="shared" si="0"/><v/></c>',
        b'<c r="D2"\n><f>1+1</f></c >',
        b'<c r="D2"><!-- x --><f>1+1</f><v></v></c>',
        b"<c r='D2'><f><![CDATA[1+1]]></f></c>",
    ],
)
def test_the_pattern_and_the_parser_see_the_same_flaws(cell: bytes) -> None:
    """However the cell is written, D2 is told; what the pattern does not know goes to the parser."""
    xml = b'<worksheet><sheetData><row r="2"><c r="A2"><v>1</v></c>' + cell + b"</row></sheetData></worksheet>"
    found = ooxml._look(xml, Limits(), False, {}).flaws
    assert list(found) == [(2, 3)] == list(ooxml._parsed(xml, False, {})[0])


@pytest.mark.parametrize(
    ("columns", "far", "near"), [(256, "IW", "IV"), (2, "C", "B"), (16384, "", "XFD"), (26, "AA", "Z")]
)
def test_far_columns(columns: int, far: str, near: str) -> None:
    """A reference is far right after the last column allowed."""
    assert ooxml._column(near) == columns - 1
    assert not far or ooxml._column(far) == columns


def test_settings_raise_the_limits_of_workbooks(tmp_path: Path) -> None:
    """A cell at column 300 is refused, unless max_columns allows it."""
    wide = workbook({"F": [HEADER, [*ROW, *[None] * 293, "x"]]})
    assert "max_columns" in refused(tmp_path, wide, "f.xlsx")
    assert one(read(tmp_path, wide, "f.xlsx", limits=Limits(columns=400))).number == "F-1"
    with pytest.raises(Unusable):
        parse(workbook({"F": [HEADER, *[ROW] * 30]}), Limits(rows=5))


def test_repeated_cells_of_an_ods_file_are_counted_before_they_are_made(tmp_path: Path) -> None:
    """A cell repeated a million times is refused; blank ones are nothing."""
    many = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16000"/>'
    assert "max_columns" in refused(tmp_path, ods([HEADER, [*ROW, many]]), "f.ods")
    blank = '<table:table-cell table:number-columns-repeated="16000"/>'
    assert one(read(tmp_path, ods([HEADER, [*ROW, blank]]), "f.ods")).number == "F-1"


def test_a_csv_is_read_without_the_libraries_of_workbooks(tmp_path: Path) -> None:
    """Neither calamine, nor openpyxl, nor email-validator, nor subprocess is imported for an ordinary CSV."""
    (tmp_path / "f.csv").write_text("N° facture;Client;Email;Montant TTC;Échéance\nF-1;A;a@b.fr;1,00;31/01/2026\n")
    script = (
        "import sys; from pathlib import Path; from relance.sources import read_source;"
        "assert read_source(Path(sys.argv[1])).invoices;"
        "print({'openpyxl', 'python_calamine', 'email_validator', 'subprocess'} & sys.modules.keys())"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "f.csv")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "set()\n"


FRENCH = "N° facture;Client;Montant TTC;Échéance\nF-1;Cœur d’été;12,50 €;31/01/2026\n"
PLAIN = "N° facture;Client;Montant TTC;Échéance\nF-1;Léa Œuvre;12,50 €;31/01/2026\n"


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (FRENCH, "utf-8", "utf-8"),
        (FRENCH, "utf-8-sig", "utf-8-sig"),
        (FRENCH, "cp1252", "cp1252"),
        (PLAIN, "iso-8859-15", "iso-8859-15"),
        (PLAIN.replace(" €", "").replace("Œ", "O"), "iso-8859-15", "cp1252"),  # both read it alike
        (FRENCH, "utf-16", "utf-16"),
        (FRENCH, "utf-16-le", "utf-16-le"),
        (FRENCH, "utf-16-be", "utf-16-be"),
    ],
)
def test_encodings_are_told_apart_and_named(text: str, encoding: str, named: str, tmp_path: Path) -> None:
    """The customer's name and the amount are right, and `check` can name the encoding."""
    source = read(tmp_path, text.encode(encoding))
    assert (one(source).customer.name, str(one(source).total)) == (text.split(";")[4], "12.50")
    assert source.reading.encoding == named
