"""Files that invoices name: nothing outside the folder is touched, nothing but a plain PDF is taken."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from relance.core.invoice import Customer, Invoice
from relance.runs.attachments import checked_attachments, conflict_copy

ABOUT = Invoice("F-1", Customer("Alpha"), date(2026, 3, 2), Decimal("1200.00"), line=2)


def _dossier(folder: Path) -> str:
    (folder / "factures").mkdir()
    (folder / "factures" / "f.pdf").write_bytes(b"%PDF-1.4 A\n")
    (folder / "beside.pdf").write_bytes(b"%PDF-1.7 A\n")
    return str(folder / "factures.csv")


@pytest.mark.parametrize("name", ["f.pdf", "factures/f.pdf", "beside.pdf", ""])
def test_a_plain_pdf_in_the_folder_is_fine(tmp_path: Path, name: str) -> None:
    """Beside the invoice file, or in `factures` there; an invoice without one is fine too."""
    invoices, problems = checked_attachments((ABOUT._replace(pdf=name),), _dossier(tmp_path))
    assert ("", ()) == (invoices[0].pdf_fault, problems)


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.txt", "/etc/passwd", "a.pdf\0.txt", "\\\\server\\share\\f.pdf", "C:\\f.pdf", "http://192.0.2.1/x"),
        *("link.pdf", "fifo.pdf", "mz.pdf", "factures"),
    ],
)
def test_what_is_not_safe_holds_its_invoice(tmp_path: Path, name: str) -> None:
    """P01 to P09: a way out of the folder, a link, a pipe, a program, a folder."""
    file = _dossier(tmp_path)
    (tmp_path / "factures" / "link.pdf").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "factures" / "fifo.pdf")
    (tmp_path / "factures" / "mz.pdf").write_bytes(b"MZ\x90\x00")
    invoices, problems = checked_attachments((ABOUT._replace(pdf=name),), file)
    assert invoices[0].pdf_fault
    assert [(2, name)] == [(problem.line, problem.value) for problem in problems]


def test_a_missing_pdf_is_said(tmp_path: Path) -> None:
    """It is looked for, and its absence told; the reminder itself may leave."""
    invoices, problems = checked_attachments((ABOUT._replace(pdf="absent.pdf"),), _dossier(tmp_path))
    assert ("", 1) == (invoices[0].pdf_fault, len(problems))
    assert "introuvable" in problems[0].message


def test_a_conflict_copy_is_seen(tmp_path: Path) -> None:
    """F18: what a synchronised folder leaves when two versions meet."""
    file = tmp_path / "factures.csv"
    assert "" == conflict_copy(str(file))
    (tmp_path / "factures (2).csv").touch()
    assert "" == conflict_copy(str(file))
    (tmp_path / "factures (Copie en conflit de Camille).csv").touch()
    assert "factures (Copie en conflit de Camille).csv" == conflict_copy(str(file))
