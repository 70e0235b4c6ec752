"""The files that the invoices name: inside the dossier's folder, plain and readable, or not touched at all."""

import os
import re
import stat
from pathlib import Path

from relance.core.invoice import Invoice, Problem
from relance.french import typeset

_ELSEWHERE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:|^[/\\]|[\\\0]")
"""A drive, an address on a network, an absolute path, a separator of another system."""


def checked_attachments(invoices: tuple[Invoice, ...], file: str) -> tuple[tuple[Invoice, ...], tuple[Problem, ...]]:
    """The invoices, those that name a file they must not with the reason; and what there is to say.

    A file is looked for beside the invoice file, then in `factures` there. One that is missing is said; one
    outside the folder, or that is no PDF, holds its invoice.
    """
    folder = Path(file).absolute().parent
    kept, problems = [], []
    for invoice in invoices:
        fault, missing = _fault(invoice.pdf, folder) if invoice.pdf else ("", "")
        if fault or missing:
            message = typeset(f"{fault or missing} ; corrigez la colonne ou déposez la facture en PDF à cet endroit.")
            problems.append(Problem(file, message, line=invoice.line or None, value=invoice.pdf))
        kept.append(invoice._replace(pdf_fault=fault) if fault else invoice)
    return tuple(kept), tuple(problems)


def _fault(name: str, folder: Path) -> tuple[str, str]:
    """Why this file must not be used, or that it is not there; both empty where it is fine."""
    if _ELSEWHERE.search(name) or ".." in Path(name).parts:
        return "Ce fichier serait hors du dossier des factures", ""
    for path in (folder / name, folder / "factures" / name):
        try:
            if not path.resolve().is_relative_to(folder.resolve()):
                return "Ce fichier mène hors du dossier des factures", ""
            found = path.stat()
        except OSError:
            continue
        if not stat.S_ISREG(found.st_mode):
            return "Ce n’est pas un fichier ordinaire", ""
        return ("", "") if _is_pdf(path) else ("Ce fichier n’est pas un PDF lisible", "")
    return "", "Ce fichier est introuvable"


def _is_pdf(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        return os.read(handle, 1024).lstrip().startswith(b"%PDF-")
    finally:
        os.close(handle)


def conflict_copy(file: str) -> str:
    """The name of a copy that a synchronised folder left beside the file because two versions met; empty where none."""
    path = Path(file).absolute()
    marks = re.compile(r"conflit|conflict", re.IGNORECASE)
    try:
        names = [entry.name for entry in os.scandir(path.parent) if entry.name.startswith(path.stem)]
    except OSError:
        return ""
    return next((name for name in sorted(names) if name != path.name and marks.search(name)), "")
