"""Random invoices, written in each dialect, are read back the same."""

import csv
import io
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_support import ods, workbook, xls

from relance.core.invoice import Status
from relance.sources import SourceOptions, read_source

Row = tuple[str, str, tuple[str, ...], Decimal, date, date | None]
letters = st.characters(categories=("Lu", "Ll", "Nd"), max_codepoint=0x17F)
names = st.text(st.one_of(letters, st.sampled_from(" '&;,|\"-().")), min_size=1, max_size=30)
days = st.dates(date(1995, 1, 1), date(2090, 12, 31))
past = st.dates(date(1995, 1, 1), date(2026, 1, 1))  # a payment long after the file was saved is held
emails = st.lists(st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{1,8}\.fr", fullmatch=True), max_size=2, unique=True)
rows = st.lists(
    st.tuples(
        names.map(str.strip).filter(lambda name: name and not name.startswith(("=", '"', "'"))),
        emails.map(tuple),
        st.integers(1, 10**9).map(lambda cents: Decimal(cents).scaleb(-2)),
        days,
        st.one_of(st.none(), past),
    ),
    min_size=1,
    max_size=8,
).map(lambda found: [(f"F-{n:03d}", *row) for n, row in enumerate(found)])
ENGLISH = ["Invoice number", "Customer name", "Customer email", "Total amount", "Due date", "Date paid"]
HEADERS = ["N° facture", "Client", "Email", "Montant TTC", "Échéance", "Payé le"]


def french(amount: Decimal) -> str:
    """1 234,50 with a no-break space."""
    return f"{amount:,.2f}".replace(",", "\u00a0").replace(".", ",")


DIALECTS: dict[str, dict[str, Any]] = {
    "excel fr": {"delimiter": ";", "encoding": "cp1252", "newline": "\r\n", "amount": french, "day": "%d/%m/%Y"},
    "utf-8": {"delimiter": ";", "encoding": "utf-8-sig", "newline": "\n", "amount": french, "day": "%d.%m.%Y"},
    "commas": {"delimiter": ",", "encoding": "utf-8", "newline": "\n", "amount": str, "day": "%Y-%m-%d"},
    "tabs": {"delimiter": "\t", "encoding": "utf-16", "newline": "\r\n", "amount": french, "day": "%d-%m-%Y"},
    "latin 9": {
        "delimiter": ";",
        "encoding": "iso-8859-15",
        "newline": "\r\n",
        "amount": "{} €".format,
        "day": "%d/%m/%Y",
    },
    "titled": {"delimiter": ";", "encoding": "utf-16-le", "newline": "\r\n", "amount": french, "day": "%d/%m/%y"},
    "pipes": {"delimiter": "|", "encoding": "utf-8", "newline": "\r", "amount": "{:,.2f}".format, "day": "%Y%m%d"},
}


def as_csv(found: list[Row], delimiter: str, encoding: str, newline: str, amount: Any, day: str) -> bytes:
    """The rows as a program of that dialect writes them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline)
    titled, spoken = encoding == "utf-16-le", "." in amount(Decimal("1.00"))
    if titled:
        out.write(f"Rapport des impayés{newline}{newline}")
    writer.writerow(ENGLISH if spoken else HEADERS)
    for number, name, to, total, due, on in found:
        writer.writerow([number, name, "; ".join(to), amount(total), due.strftime(day), on.strftime(day) if on else ""])
    if titled:
        writer.writerow(["", "", "TOTAL IMPAYÉ", amount(sum((row[3] for row in found), Decimal(0))), "", ""])
    return out.getvalue().encode(encoding, "replace")


def read_back(data: bytes, name: str) -> list[Row]:
    """The rows as the reader understands them; nothing may be a problem."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        source = read_source(path, SourceOptions(date_order="dmy"))
    assert source.problems == ()
    assert {i.status for i in source.invoices} == {Status.OPEN}
    return [
        (i.number, i.customer.name, i.customer.emails, i.total, i.due_date, i.payments[0].on if i.payments else None)
        for i in source.invoices
    ]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(found=rows)
def test_csv_is_read_back_the_same(dialect: str, found: list[Row]) -> None:
    """Numbers, names, addresses, amounts, due dates and payments survive every dialect."""
    style = DIALECTS[dialect]
    coded = style["encoding"]
    if coded in ("cp1252", "iso-8859-15"):
        found = [(row[0], row[1].encode(coded, "replace").decode(coded), *row[2:]) for row in found]
    if style["day"] == "%d/%m/%y":
        found = [(*row[:4], _century(row[4]), row[5] and _century(row[5])) for row in found]
    assert read_back(as_csv(found, **style), "f.csv") == found


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
@settings(max_examples=25, deadline=None)
@given(found=rows)
def test_a_workbook_is_read_back_the_same(kind: str, found: list[Row]) -> None:
    """So do they survive a workbook of each format with typed cells."""
    cells = [[number, name, ";".join(to), float(total), due, on] for number, name, to, total, due, on in found]
    write: dict[str, Any] = {"xls": xls, "ods": ods, "xlsx": lambda rows: workbook({"Factures": rows})}
    assert read_back(write[kind]([HEADERS, *cells]), f"f.{kind}") == found


def _century(day: date) -> date:
    """Two digits of a year say one year of ours."""
    return day.replace(year=2000 + day.year % 26, day=min(day.day, 28))
