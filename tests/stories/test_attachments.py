"""The PDFs of the invoices: nothing outside their folder is touched, nothing but a plain PDF is taken."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from lines import with_invoice

from relance.core.invoice import Customer, Invoice, Payment
from relance.errors import MessageError
from relance.letters.samples import STAGES, line
from relance.letters.samples import message as sample
from relance.runs.attachments import (
    MAX_FILE,
    attachments_of,
    checked_attachments,
    conflict_copy,
)
from relance.sources.source import SourceOptions

ABOUT = Invoice("F-1", Customer("Alpha"), date(2026, 3, 2), Decimal("1200.00"), line=2)


def _dossier(folder: Path) -> str:
    (folder / "factures").mkdir()
    (folder / "factures" / "f.pdf").write_bytes(b"%PDF-1.4 A\n")
    (folder / "beside.pdf").write_bytes(b"%PDF-1.7 A\n")
    return str(folder / "factures.csv")


def _with(*paths: Path) -> tuple[Invoice, ...]:
    return tuple(ABOUT._replace(number=f"F-{n}", pdf_path=str(path)) for n, path in enumerate(paths))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("f.pdf", "factures/f.pdf"),
        ("factures/f.pdf", "factures/f.pdf"),
        ("beside.pdf", "beside.pdf"),
        ("inside.pdf", "beside.pdf"),
        ("", ""),
    ],
)
def test_a_plain_pdf_in_the_folder_is_fine(tmp_path: Path, name: str, found: str) -> None:
    """Beside the invoice file, or in `factures` there, a link inside the folder too; an invoice without one is fine."""
    file = _dossier(tmp_path)
    (tmp_path / "inside.pdf").symlink_to("beside.pdf")
    invoices, problems = checked_attachments((ABOUT._replace(pdf=name),), file, SourceOptions())
    assert ("", ()) == (invoices[0].pdf_fault, problems)
    assert (str(tmp_path / found) if found else "") == invoices[0].pdf_path


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.txt", "/etc/passwd", "a.pdf\0.txt", "\\\\server\\share\\f.pdf", "C:\\f.pdf", "http://192.0.2.1/x"),
        *("link.pdf", "fifo.pdf", "mz.pdf", "factures", "sparse.pdf", "f.pdf\r\nBcc: evil@x.example", "way/passwd"),
        *("secret.pdf", "factures/../../up.pdf"),
    ],
)
def test_what_is_not_safe_holds_its_invoice(tmp_path: Path, name: str) -> None:
    """P01 to P09 and P11: a way out of the folder, a link, a pipe, 3 GiB of nothing, a program, a folder."""
    (tmp_path / "up.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "d").mkdir()
    tmp_path /= "d"
    file = _dossier(tmp_path)
    (tmp_path / "factures" / "link.pdf").symlink_to("/etc/passwd")
    (tmp_path / "way").symlink_to("/etc")
    os.mkfifo(tmp_path / "factures" / "fifo.pdf")
    (tmp_path / "factures" / "mz.pdf").write_bytes(b"MZ\x90\x00")
    with (tmp_path / "sparse.pdf").open("wb") as sparse:
        sparse.write(b"%PDF-1.4\n")
        sparse.truncate(3 * 2**30)
    (tmp_path / "secret.pdf").symlink_to(tmp_path / "secret.pdf")  # a circle: it can only be missing
    invoices, problems = checked_attachments((ABOUT._replace(pdf=name),), file, SourceOptions())
    assert not invoices[0].pdf_path
    assert invoices[0].pdf_fault or name == "secret.pdf"
    assert [(2, name)] == [(problem.line, problem.value) for problem in problems]


def test_a_missing_pdf_is_said(tmp_path: Path) -> None:
    """P10: it is looked for, and its absence told; the reminder itself may leave."""
    invoices, problems = checked_attachments((ABOUT._replace(pdf="absent.pdf"),), _dossier(tmp_path), SourceOptions())
    assert ("", "", 1) == (invoices[0].pdf_fault, invoices[0].pdf_path, len(problems))
    assert "introuvable" in problems[0].message


def test_a_paid_invoice_needs_no_pdf(tmp_path: Path) -> None:
    """Nothing is said of the PDF of what is settled."""
    paid = ABOUT._replace(pdf="absent.pdf", payments=(Payment(Decimal("1200.00")),))
    assert ((paid,), ()) == checked_attachments((paid,), _dossier(tmp_path), SourceOptions(require_pdf=True))


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("F-1", "F-1.pdf"),
        ("2026/041", "2026-041.pdf"),
        ("n° 4 é", "n° 4 é.pdf"),
        ("../x", "..-x.pdf"),
        ("..", "...pdf"),
    ],
)
def test_the_rule_finds_the_pdf_by_its_number(tmp_path: Path, number: str, name: str) -> None:
    """What no file name can hold becomes a hyphen; no number leads out of the folder."""
    file = _dossier(tmp_path)
    (tmp_path / "factures" / name).write_bytes(b"%PDF-1.4")
    rule = SourceOptions(pdf=tmp_path / "factures" / "{number}.pdf")
    invoices, problems = checked_attachments((ABOUT._replace(number=number),), file, rule)
    assert (str(tmp_path / "factures" / name), "", ()) == (invoices[0].pdf_path, invoices[0].pdf_fault, problems)


def test_the_rule_never_leaves_its_own_folder(tmp_path: Path) -> None:
    """The folder of the rule is the bound, wherever the invoice file lies."""
    file = _dossier(tmp_path)
    (tmp_path / "factures" / "F-1.pdf").symlink_to("../beside.pdf")
    rule = SourceOptions(pdf=tmp_path / "factures" / "{number}.pdf")
    assert "hors du dossier" in checked_attachments((ABOUT,), file, rule)[0][0].pdf_fault
    by_folder = SourceOptions(pdf=tmp_path / "{number}" / "f.pdf")
    found = checked_attachments((ABOUT._replace(number="factures"),), file, by_folder)[0][0]
    assert str(tmp_path / "factures" / "f.pdf") == found.pdf_path


def test_what_the_rule_does_not_find_is_said_once(tmp_path: Path) -> None:
    """One sentence for all the invoices without one; a number that is no name is not looked for."""
    rule = SourceOptions(pdf=tmp_path / "factures" / "{number}.pdf")
    many = tuple(ABOUT._replace(number=f"F-{n}") for n in range(1, 8))
    invoices, problems = checked_attachments((*many, ABOUT._replace(number="a\nb")), _dossier(tmp_path), rule)
    assert {("", "")} == {(invoice.pdf_path, invoice.pdf_fault) for invoice in invoices}
    assert ["F-1, F-2, F-3, F-4, F-5 et 3 autres" in problem.message for problem in problems] == [True]


def test_a_required_pdf_holds(tmp_path: Path) -> None:
    """With require_pdf, no PDF is a fault of the invoice, named or not."""
    file = _dossier(tmp_path)
    for invoice in (ABOUT, ABOUT._replace(pdf="absent.pdf")):
        invoices, _ = checked_attachments((invoice,), file, SourceOptions(require_pdf=True))
        assert "require_pdf" in invoices[0].pdf_fault


def test_files_are_read_once_each(tmp_path: Path) -> None:
    """Two invoices on one PDF: it travels once."""
    _dossier(tmp_path)
    first, second = tmp_path / "factures" / "f.pdf", tmp_path / "beside.pdf"
    reminder = sample(line(STAGES["firm"]))
    lines = tuple(with_invoice(reminder.lines[0], invoice) for invoice in _with(first, second, first))
    found = attachments_of(reminder._replace(lines=lines))
    assert [
        ("Facture-F-0.pdf", b"%PDF-1.4 A\n", str(first)),
        ("Facture-F-1.pdf", b"%PDF-1.7 A\n", str(second)),
    ] == list(found)


@pytest.mark.parametrize(
    ("number", "language", "name"),
    [
        ("12", "fr", "Facture-12-Camille-Moreau.pdf"),
        ("2026/11 n° 4", "fr", "Facture-2026-11-n-4-Camille-Moreau.pdf"),
        ("12", "en", "Invoice-12-Camille-Moreau.pdf"),
    ],
)
def test_a_file_is_called_after_its_invoice(tmp_path: Path, number: str, language: str, name: str) -> None:
    """And after who sends it: whoever files it finds it again."""
    _dossier(tmp_path)
    reminder = sample(line(STAGES["firm"]))
    invoice = _with(tmp_path / "beside.pdf")[0]._replace(number=number)
    lines = (with_invoice(reminder.lines[0], invoice),)
    customer = reminder.customer._replace(language=language)
    (found,) = attachments_of(reminder._replace(lines=lines, customer=customer), "Camille Moreau")
    assert name == found.name


@pytest.mark.parametrize("change", ["gone", "link", "fifo", "program", "grown"])
def test_what_took_its_place_is_not_read(tmp_path: Path, change: str) -> None:
    """Between the check and the reading anything may happen to a file."""
    path = tmp_path / "f.pdf"
    if change == "link":
        path.symlink_to("/etc/passwd")
    elif change == "fifo":
        os.mkfifo(path)
    elif change != "gone":
        path.write_bytes(b"MZ" if change == "program" else b"%PDF-" + b"x" * MAX_FILE)
    reminder = sample(line(STAGES["firm"]))
    lines = (with_invoice(reminder.lines[0], _with(path)[0]),)
    with pytest.raises(MessageError, match="PDF lisible"):
        attachments_of(reminder._replace(lines=lines))


def test_too_heavy_a_message_does_not_leave(tmp_path: Path) -> None:
    """Servers refuse it in the end; the sentence says what to do."""
    paths = [tmp_path / f"{n}.pdf" for n in range(2)]
    for path in paths:
        path.write_bytes(b"%PDF-" + b"x" * (7 * 2**20))
    reminder = sample(line(STAGES["firm"]))
    lines = tuple(with_invoice(reminder.lines[0], invoice) for invoice in _with(*paths))
    with pytest.raises(MessageError, match="14 Mo"):
        attachments_of(reminder._replace(lines=lines))


def test_a_conflict_copy_is_seen(tmp_path: Path) -> None:
    """F18: what a synchronised folder leaves when two versions meet."""
    file = tmp_path / "factures.csv"
    assert "" == conflict_copy(file)
    (tmp_path / "factures (2).csv").touch()
    assert "" == conflict_copy(file)
    (tmp_path / "factures (Copie en conflit de Camille).csv").touch()
    assert "factures (Copie en conflit de Camille).csv" == conflict_copy(file)
