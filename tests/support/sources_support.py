"""What the tests of relance.sources share: files written from rows, and refusals caught as values."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlwt

from relance.core.invoice import Invoice
from relance.errors import SourceError
from relance.sources import InvoiceFile, SourceOptions, read_source
from relance.sources.source import BesideList

SHARED = Path(__file__).resolve().parents[3] / "shared"
HEADER = "numero;client;email;montant;echeance;paye_le;litige;piece_jointe"
ROW = "F-2026-001;ACME SARL;compta@acme.example;1200,00;2026-01-31;;;"


def read(folder: Path, content: str | bytes, name: str = "factures.csv", **options: Any) -> InvoiceFile:
    """The source of a file with this content; `payments` and `customers` may be given by their paths."""
    path = folder / name
    for beside in ("payments", "customers"):
        if isinstance(options.get(beside), Path):
            options[beside] = BesideList(options[beside])
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_source(path, SourceOptions(**options))


def refused(folder: Path, content: str | bytes, name: str = "factures.csv", **options: Any) -> str:
    """The sentence and cure with which a file is refused."""
    with pytest.raises(SourceError) as caught:
        read(folder, content, name, **options)
    assert caught.value.sentence.endswith(".")
    assert caught.value.cure.endswith((".", '"')), "every refusal names a cure"
    return str(caught.value)


def one(source: InvoiceFile) -> Invoice:
    """The only invoice of a source."""
    assert len(source.invoices) == 1, source
    return source.invoices[0]


def cell(folder: Path, **cells: str) -> InvoiceFile:
    """The source of the ordinary row with some cells replaced."""
    row = dict(zip(HEADER.split(";"), ROW.split(";"), strict=True)) | cells
    quoted = ";".join('"' + value.replace('"', '""') + '"' for value in row.values())
    return read(folder, f"{HEADER}\n{quoted}\n")


def paid(invoice: Invoice) -> list[tuple[Decimal, date | None]]:
    """The payments of an invoice as pairs."""
    return [(payment.amount, payment.on) for payment in invoice.payments]


def workbook(
    sheets: dict[str, Sequence[Sequence[Any]]], hidden: Sequence[int] = (), veiled: Sequence[str] = ()
) -> bytes:
    """The bytes of an XLSX file; `hidden` rows of the first sheet, `veiled` sheets."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([datetime(c.year, c.month, c.day) if type(c) is date else c for c in row])
        if title in veiled:
            sheet.sheet_state = "hidden"
    for line in hidden:
        book.worksheets[0].row_dimensions[line].hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ODS_HEAD = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:'
    'text:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
    'office:version="1.2"><office:body><office:spreadsheet>'
)


def ods(rows: Sequence[Sequence[Any]], hidden: Sequence[int] = ()) -> bytes:
    """The bytes of an ODS file; a cell that starts with `<` is the XML itself."""
    lines = []
    for line, row in enumerate(rows, 1):
        veil = ' table:visibility="filter"' if line in hidden else ""
        lines.append(f"<table:table-row{veil}>{''.join(map(_ods_cell, row))}</table:table-row>")
    content = f'{ODS_HEAD}<table:table table:name="Factures">{"".join(lines)}</table:table></office:spreadsheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", f"{content}</office:body></office:document-content>")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return out.getvalue()


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str) and value.startswith("<"):
        return value
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def xls(
    rows: Sequence[Sequence[Any]], hidden: Sequence[int] = (), merges: Sequence[tuple[int, int, int, int]] = ()
) -> bytes:
    """The bytes of an XLS file; `#N/A` is an error; merges are as in `Sheet`."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Factures")
    days = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    covered = {
        (line, column)
        for top, left, bottom, right in merges
        for line in range(top, bottom + 1)
        for column in range(left, right + 1)
    }
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if value == "#N/A":
                sheet.row(line - 1).set_cell_error(column, 0x2A)
            elif value is not None and (line, column) not in covered:
                sheet.write(line - 1, column, value, *([days] if isinstance(value, date) else []))
    for top, left, bottom, right in merges:
        sheet.write_merge(top - 1, bottom - 1, left, right, rows[top - 1][left])
    for line in hidden:
        sheet.row(line - 1).hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
