"""Letters as the program makes them, and what was printed read back: words, where they stand, the codes on a page."""

import io
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pypdfium2
import typst
import zxingcpp
from core_support import DUE, EVERY_DAY, day, invoice, plan_for, reminded

from relance.core.invoice import Customer, Invoice, Kind
from relance.core.message import Sender
from relance.core.plan import Reminder
from relance.core.policy import DunningPolicy
from relance.letters.paper import paper, print_letter
from relance.letters.templates import load_templates
from relance.letters.views import Background

TODAY = day(30)
"""1 April 2026, a Wednesday: J+30 of invoices due on 2 March."""
CLIENT = Customer(
    "Atelier Martin SARL",
    siret="12345678900012",
    emails=("compta@martin.example",),
    contact="Claire Dupont",
    civility="Mme",
    address="3 rue des Lilas\n69001 Lyon",
    kind=Kind.BUSINESS,
)
SENDER = Sender(
    "Camille Moreau",
    "camille@moreau.example",
    phone="01 99 00 10 00",
    legal_form="EI",
    siret="00000000000000",
    address="12 rue du Port\n44000 Nantes",
    iban="FR7630004000031234567890143",
    bic="BNPAFRPP",
)
MM = 25.4 / 72
"""Millimetres in a point."""
QUIET = 4


def client(**fields: object) -> Customer:
    """The usual customer, with these fields changed."""
    return CLIENT._replace(**fields)  # type: ignore[arg-type]


def bill(number: str = "F-2026-031", total: str = "1200.00", late: int = 30, **more: object) -> Invoice:
    """An invoice of the usual customer, `late` days overdue on TODAY."""
    return invoice(number, DUE if late == 30 else day(30 - late), total, **{"owner": CLIENT} | more)  # type: ignore[arg-type]


def notice(*invoices: Invoice, policy: DunningPolicy = EVERY_DAY) -> Reminder:
    """The formal notice that waits for the user's word on TODAY, after a friendly and a firm reminder."""
    facts = [reminded(one, key, day(on)) for one in invoices for key, on in (("friendly", 5), ("firm", 15))]
    (waiting,) = plan_for(invoices, facts, TODAY, policy=policy).waiting
    return waiting


def printed(made: Reminder, sender: Sender = SENDER, folder: Path | None = None) -> bytes:
    """The reminder as a letter in PDF."""
    templates = load_templates(folder)
    return print_letter(templates, paper(templates, made, Background(sender)))


class Box(NamedTuple):
    """Ink on a page, in millimetres from its left and top edges."""

    left: float
    top: float
    right: float
    bottom: float


class Ink(NamedTuple):
    """One drawn character and where it stands."""

    text: str
    box: Box


def pages(pdf: bytes) -> list[str]:
    """The text of each page, as a reader's program extracts it, with LF line ends."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]


def ink(pdf: bytes, page: int = 0) -> list[Ink]:
    """Every visible character of a page with its tight box."""
    sheet = pypdfium2.PdfDocument(io.BytesIO(pdf))[page]
    height = sheet.get_height()
    text = sheet.get_textpage()
    found = []
    for i in range(text.count_chars()):
        character = text.get_text_range(i, 1)
        left, bottom, right, top = text.get_charbox(i)
        if character.strip():
            found.append(Ink(character, Box(left * MM, (height - top) * MM, right * MM, (height - bottom) * MM)))
    return found


def codes(pdf: bytes, page: int) -> list[bytes]:
    """The content of every QR code seen on a page at 200 dots an inch."""
    bitmap = pypdfium2.PdfDocument(io.BytesIO(pdf))[page].render(scale=200 / 72, grayscale=True)
    return _read(memoryview(bytes(bitmap.buffer)).cast("B", (bitmap.height, bitmap.stride)))


def code_of_rows(rows: Sequence[Sequence[bool]]) -> list[bytes]:
    """The content of the QR code that rows of modules draw, True where dark."""
    scale = 4
    width = (len(rows[0]) + 2 * QUIET) * scale
    blank = [b"\xff" * width] * (QUIET * scale)
    lines = list(blank)
    for row in rows:
        edge = b"\xff" * (QUIET * scale)
        lines += [edge + b"".join((b"\0" if dark else b"\xff") * scale for dark in row) + edge] * scale
    lines += blank
    return _read(memoryview(b"".join(lines)).cast("B", (len(lines), width)))


def code_of_blocks(lines: Iterable[str]) -> list[bytes]:
    """The content of a QR code drawn with half blocks, ink for dark."""
    rows: list[list[bool]] = []
    for line in lines:
        rows.append([character in "▀█" for character in line])
        rows.append([character in "▄█" for character in line])
    return code_of_rows(rows)


def code_of_png(png: bytes) -> list[bytes]:
    """The content of a QR code in a PNG picture, laid on a page."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "code.png").write_bytes(png)
        page = Path(folder) / "page.typ"
        page.write_text('#set page(width: 60mm, height: 60mm, margin: 5mm)\n#image("code.png", width: 50mm)')
        return codes(typst.compile(str(page), format="pdf"), 0)


def _read(picture: memoryview) -> list[bytes]:
    return [found.bytes for found in zxingcpp.read_barcodes(picture) if "QR" in str(found.format)]
