"""The PDFs of the invoices: inside the dossier's folder, plain and readable, or not touched at all."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from relance.core.invoice import ZERO, Invoice, Problem
from relance.core.message import Attachment
from relance.core.plan import Reminder
from relance.errors import MessageError
from relance.french import NARROW, NO_BREAK, listing
from relance.sources.source import Place, SourceOptions

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.sources import InvoiceFile

MAX_FILE = 8 * 2**20
"""A PDF bigger than this, in octets, is no invoice."""
MAX_MESSAGE = 12 * 2**20
"""What the PDFs of one message may weigh together, in octets; base64 adds a third, and many servers stop at 20 MB."""
_ELSEWHERE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:|^[/\\]|\\")
"""A drive, an address on a network, an absolute path, a separator of another system."""
_NOT_IN_A_NAME = re.compile(r'[\\/:*?"<>|]')
_CONFLICT = re.compile(r"conflit|conflict", re.IGNORECASE)
_UNREADABLE = "Ce fichier n’est pas un PDF lisible"
_NAMED = 5  # numbers that one sentence names


def with_attachments(
    source: "InvoiceFile", rule: SourceOptions, places: Sequence[Place], settings: "Settings | None"
) -> "InvoiceFile":
    """The file with the PDFs of its invoices, looked for where the invoices stand, else beside the settings."""
    from relance.sources.folders import home_of

    folder = home_of(places) or (settings.path.parent if settings else Path())
    invoices, faults = checked_attachments(source.invoices, source.file, rule, folder)
    return source._replace(invoices=invoices, problems=source.problems + faults)


def checked_attachments(
    invoices: tuple[Invoice, ...], file: str, rule: SourceOptions, folder: Path | None = None
) -> tuple[tuple[Invoice, ...], tuple[Problem, ...]]:
    """The invoices with their PDF (`pdf_path`) or the reason why none may be used (`pdf_fault`); and what to say.

    A file that an invoice names is looked for in `folder` (None: that of `file`), then in `factures` there; else by the
    rule. One
    that is missing is said; one outside its folder, or that is no PDF, holds its invoice, as does a missing one
    where it is required.
    """
    folder = (folder or Path(file).parent).absolute()
    kept, problems = [], []
    unfound: list[str] = []
    for invoice in invoices:
        if not _wants_pdf(invoice, rule):
            kept.append(invoice)
            continue
        path, fault = _of(invoice, folder, rule.pdf)
        absent = not (path or fault)
        if invoice.pdf and not path:
            sentence = f"{fault or 'Ce fichier est introuvable'}{NARROW}; corrigez la colonne ou déposez-y le PDF."
            problems.append(Problem(file, sentence, line=invoice.line or None, value=invoice.pdf))
        elif absent and not rule.require_pdf:
            unfound.append(invoice.number)
        if absent and rule.require_pdf:
            fault = "La facture en PDF est introuvable, et require_pdf la demande"
        kept.append(invoice._replace(pdf_path=path, pdf_fault=fault))
    if unfound:
        problems.append(Problem(str(rule.pdf), _unfound(unfound)))
    return tuple(kept), tuple(problems)


def attachments_of(reminder: Reminder, sender: str = "") -> tuple[Attachment, ...]:
    """The PDFs of the invoices that a message is about, each file once; MessageError where one cannot be read now.

    Each is called after its invoice and who sends it, for whoever files it: Facture-12-Camille-Moreau.pdf.
    """
    paths: dict[str, str] = {}
    for line in reminder.lines:
        if line.invoice.pdf_path:
            paths.setdefault(line.invoice.pdf_path, line.invoice.number)
    noun = "Facture" if reminder.customer.language.casefold() in ("", "fr") else "Invoice"
    files = tuple(
        pdf_of(path, MAX_FILE, "Remettez la facture en PDF à sa place.")._replace(
            name=f"{plain_words(noun, number, sender)}.pdf"
        )
        for path, number in paths.items()
    )
    size = sum(len(file.data) for file in files)
    if size > MAX_MESSAGE:
        raise MessageError(
            f"Les factures jointes pèsent {size / 2**20:.0f} Mo ; un message en porte {MAX_MESSAGE >> 20}.",
            "Allégez les PDF, ou mettez group = false sous [policy] : un message par facture.",
        )
    return files


def plain_words(*words: str) -> str:
    """Words as a file's name, whatever they hold: letters, figures, dots and dashes."""
    told = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFC", " ".join(filter(None, words))))
    return told.strip("-.")[:120]


def pdf_of(path: str, limit: int, cure: str) -> Attachment:
    """This PDF of at most `limit` octets, read once; MessageError, with this cure, where it cannot be read now."""
    data = _read(Path(path), limit)
    if data is None:
        raise MessageError(f"{_UNREADABLE} : « {path} ».", cure)
    return Attachment(unicodedata.normalize("NFC", Path(path).name).strip(), data, path)


def _wants_pdf(invoice: Invoice, rule: SourceOptions) -> bool:
    """True where a PDF is named or wanted of an invoice that is not paid."""
    named = invoice.pdf or rule.pdf or rule.require_pdf
    return bool(named) and invoice.total > sum((payment.amount for payment in invoice.payments), ZERO)


def _of(invoice: Invoice, folder: Path, pattern: Path | None) -> tuple[str, str]:
    """The PDF of an invoice, or why it must not be used; both empty where there is none."""
    if invoice.pdf:
        if _ELSEWHERE.search(invoice.pdf) or not invoice.pdf.isprintable() or ".." in Path(invoice.pdf).parts:
            return "", "Ce fichier serait hors du dossier des factures"
        return _first(folder, (folder / invoice.pdf, folder / "factures" / invoice.pdf))
    if pattern is None or not invoice.number.isprintable():
        return "", ""
    name = _NOT_IN_A_NAME.sub("-", invoice.number)
    root = next(parent for parent in pattern.parents if "{number}" not in str(parent))
    return _first(root, (Path(str(pattern).replace("{number}", name)),))


def _first(folder: Path, paths: Iterable[Path]) -> tuple[str, str]:
    """The first of these that exists, by its real path, where it lies in `folder` and is a PDF."""
    for path in paths:
        try:
            real = path.resolve()
            if not real.is_relative_to(folder.resolve()):
                return "", "Ce fichier mène hors du dossier des factures"
            found = real.stat()
        except (OSError, RuntimeError):  # absent; a circle of links
            continue
        if not stat.S_ISREG(found.st_mode):
            return "", "Ce n’est pas un fichier ordinaire"
        if found.st_size > MAX_FILE:
            return "", f"Ce fichier pèse {found.st_size >> 20} Mo, {MAX_FILE >> 20} au plus"
        return ("", _UNREADABLE) if _read(real, MAX_FILE, head_only=True) is None else (str(real), "")
    return "", ""


def _read(path: Path, limit: int, *, head_only: bool = False) -> bytes | None:
    """The octets of a PDF, read once, None where it is none: what took its place since it was found is not followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
        os.close(handle)
        return None
    with os.fdopen(handle, "rb") as file:
        data = file.read(1024 if head_only else limit + 1)
    return data if data[:1024].lstrip().startswith(b"%PDF-") and len(data) <= limit else None


def _unfound(numbers: list[str]) -> str:
    named = numbers if len(numbers) <= _NAMED else [*numbers[:_NAMED], f"{len(numbers) - _NAMED} autres"]
    return f"Pas de PDF pour {listing(named)}{NO_BREAK}: messages sans facture jointe."


def conflict_copy(file: Path) -> str:
    """The name of a copy that a synchronised folder left beside the file because two versions met; empty where none."""
    path = file.absolute()
    try:
        names = [entry.name for entry in os.scandir(path.parent) if entry.name.startswith(path.stem)]
    except OSError:
        return ""
    return next((name for name in sorted(names) if name != path.name and _CONFLICT.search(name)), "")
