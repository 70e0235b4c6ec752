"""Figures of the files of ../shared/data worked out without relance: csv, zipfile and ElementTree alone.

python tests/support/independent_counts.py prints, file by file, the number of invoices and the sum of their amounts by
currency, or what makes the file no list of invoices. tests/sources/test_sources_data.py compares the reader with it.
Each function states by hand which columns count; nothing here guesses.
"""

import csv
import io
import sys
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
Figures = tuple[int, dict[str, Decimal]]


def records(name: str, encoding: str = "utf-8-sig", delimiter: str = ",") -> Iterator[dict[str, str]]:
    """The records of a CSV file as the standard library reads them."""
    text = (DATA / name).read_bytes().decode(encoding)
    yield from csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)


def figures(name: str, number: str, amount: str, currency: str = "") -> Figures:
    """Each number once, with the amount of its first row; EUR where the file has no currency."""
    seen: dict[str, tuple[str, Decimal]] = {}
    for record in records(name):
        told = record[currency] if currency else "EUR"
        earlier = seen.setdefault(record[number], (told, Decimal(record[amount])))
        assert earlier == (told, Decimal(record[amount])), record
    sums: dict[str, Decimal] = {}
    for told, value in seen.values():
        sums[told] = sums.get(told, Decimal(0)) + value
    return len(seen), sums


def cells(name: str) -> list[str]:
    """Every value of the sheets of an XLSX file, shared texts looked up, in no particular order."""
    found = []
    with zipfile.ZipFile(DATA / name) as archive:
        names = {part.filename.replace("\\", "/"): part for part in archive.infolist()}
        shared: list[str] = []
        for part, info in names.items():
            if part.endswith("sharedStrings.xml"):
                root = ElementTree.fromstring(archive.read(info))
                shared = ["".join(text.text or "" for text in item.iter() if text.tag.endswith("}t")) for item in root]
        for part, info in names.items():
            if "/worksheets/" not in part or not part.endswith(".xml"):
                continue
            for cell in ElementTree.fromstring(archive.read(info)).iter():
                if cell.tag.endswith("}c"):
                    value = "".join(v.text or "" for v in cell.iter() if v.tag.endswith(("}v", "}t")))
                    found.append(shared[int(value)] if cell.get("t") == "s" and value else value)
    return [value for value in found if value]


INVOICES: dict[str, Callable[[str], Figures]] = {
    "ar-ibm-watson/WA_Fn-UseC_-Accounts-Receivable.csv": lambda name: figures(name, "invoiceNumber", "InvoiceAmount"),
    "fr-recouvrement-app/factures.csv": lambda name: figures(name, "numero", "montant"),
    "fr-recouvrement-app/factures_exemple.csv": lambda name: figures(name, "numero", "montant"),
    "invoicing-tools/i2g_invoices.csv": lambda name: figures(name, "DocumentNumber", "TotalAmount", "CurrencyCode"),
    "invoicing-tools/zoho_invoices.csv": lambda name: figures(name, "Invoice Number", "Total", "Currency Code"),
}


def main() -> None:
    """Prints the figures of the lists of invoices, and how many values the workbooks hold."""
    for name, count in INVOICES.items():
        number, sums = count(name)
        told = ", ".join(f"{amount} {currency}" for currency, amount in sorted(sums.items()))
        sys.stdout.write(f"{name}: {number} invoices, {told}\n")
    for path in sorted(DATA.glob("traps-xlsx/*.xlsx")):
        if zipfile.is_zipfile(path):
            found = cells(f"traps-xlsx/{path.name}")
            about = sum("invoice" in value.casefold() or "facture" in value.casefold() for value in found)
            sys.stdout.write(f"{path.name}: {len(found)} values, {about} speak of invoices\n")


if __name__ == "__main__":
    main()
