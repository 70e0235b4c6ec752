"""The real files of ../shared: figures known from elsewhere, and no file that makes the reader raise."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sources_support import SHARED

from relance.core.invoice import ZERO, Invoice, Status, paid_until
from relance.errors import SourceError
from relance.sources import read_source

DATA = SHARED / "data"
DAY = date(2013, 6, 30)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not beside this repository"),
]


def files() -> list[Path]:
    """Every data file of ../shared."""
    return sorted(path for path in DATA.rglob("*.*") if path.suffix != ".txt") if DATA.is_dir() else []


def outstanding(invoice: Invoice) -> Decimal:
    """What is left to pay on the day."""
    return invoice.total - paid_until(invoice, DAY)


def test_the_ibm_sample_gives_its_known_figures() -> None:
    """2,466 invoices without a problem; on 30 June 2013, 84 open, 12 overdue, 5,119.85 outstanding."""
    source = read_source(next(DATA.glob("ar-ibm-watson/*.csv")))
    assert (source.rows, len(source.invoices), source.problems) == (2466, 2466, ())
    issued = [i for i in source.invoices if i.issue_date and i.issue_date <= DAY]
    unpaid = [i for i in issued if outstanding(i)]
    overdue = [i for i in unpaid if i.due_date < DAY]
    assert (len(issued) - len(unpaid), 2466 - len(issued), len(unpaid), len(overdue)) == (1846, 536, 84, 12)
    assert sum(map(outstanding, unpaid), ZERO) == Decimal("5119.85")
    assert [sum(i.status is Status.DISPUTED for i in some) for some in (unpaid, overdue)] == [27, 8]
    assert {i.customer.name for i in unpaid} == {i.customer.code for i in unpaid}


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_no_shared_file_makes_the_reader_raise(path: Path) -> None:
    """Each file is read, every row of it told, or refused in a sentence with a cure."""
    try:
        source = read_source(path)
    except SourceError as refusal:
        sentence = f"{refusal.sentence} | {refusal.cure}"
    else:
        told = sum(note.count("igne") * 100 for note in source.reading.notes)
        sentence = f"{source.rows} | lues" if source.rows <= len(source.invoices) + len(source.problems) + told else ""
    assert len(sentence.partition(" | ")[2]) > 3


@pytest.mark.parametrize(
    ("name", "invoices", "statuses"),
    [
        ("fr-recouvrement-app/factures.csv", 17, {Status.OPEN}),
        ("fr-recouvrement-app/factures_exemple.csv", 7, {Status.OPEN}),
        ("invoicing-tools/i2g_invoices.csv", 4, {Status.OPEN}),
        ("invoicing-tools/zoho_invoices.csv", 3, {Status.DRAFT}),
    ],
)
def test_exports_of_tools_are_read(name: str, invoices: int, statuses: set[Status]) -> None:
    """The exports that are lists of invoices are read without settings and without a problem."""
    source = read_source(DATA / name)
    assert (len(source.invoices), source.problems) == (invoices, ())
    assert {invoice.status for invoice in source.invoices} == statuses


def test_a_ledger_is_refused_politely() -> None:
    """Wave exports bookings, not invoices."""
    with pytest.raises(SourceError, match="journal ou un grand livre"):
        read_source(DATA / "invoicing-tools/wave_invoices.csv")
