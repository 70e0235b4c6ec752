"""What the tests of relance.sources share: files written from rows, and refusals caught as values."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from relance.core.invoice import Invoice
from relance.errors import SourceError
from relance.sources import Source, SourceOptions, read_source

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
HEADER = "numero;client;email;montant;echeance;paye_le;litige;piece_jointe"
ROW = "F-2026-001;ACME SARL;compta@acme.example;1200,00;2026-01-31;;;"


def read(folder: Path, content: str | bytes, name: str = "factures.csv", **options: Any) -> Source:
    """The source of a file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_source(path, SourceOptions(**options))


def refused(folder: Path, content: str | bytes, name: str = "factures.csv", **options: Any) -> str:
    """The sentence and cure with which a file is refused."""
    with pytest.raises(SourceError) as caught:
        read(folder, content, name, **options)
    assert caught.value.sentence.endswith(".")
    assert caught.value.cure.endswith((".", '"')), "every refusal names a cure"
    return str(caught.value)


def one(source: Source) -> Invoice:
    """The only invoice of a source."""
    assert len(source.invoices) == 1, source
    return source.invoices[0]


def cell(folder: Path, **cells: str) -> Source:
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
