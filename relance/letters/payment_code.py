"""The SEPA payment code (EPC069-12, « QR code de virement ») that a bank's app reads to fill in a transfer.

segno knows the layout too, but takes what it is given: a wrong IBAN, its spaces, 12.345 as 12.34, a line feed in a
name. So everything is made plain here first, and where no true code is possible there is none. segno draws it: for a
message (PNG), a letter (SVG), a terminal (blocks).
"""

import io
import zlib
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from struct import pack
from typing import TYPE_CHECKING

from relance.core.charges import to_cents
from relance.letters.typography import clean
from relance.letters.views import LetterView

if TYPE_CHECKING:
    from segno import QRCode

MIN_AMOUNT, MAX_AMOUNT = Decimal("0.01"), Decimal("999999999.99")
MAX_NAME, MAX_TEXT, MAX_OCTETS = 70, 140, 331
"""EPC069-12: characters of the beneficiary's name and of the remittance text, octets of the whole."""
_OTHER_FIELDS = 80
"""Octets of everything but name and text at their longest: BCD, 002, 1, SCT, BIC, IBAN, EUR999999999.99, line ends."""
_NAME_OCTETS = 150
_PLAIN_SPACES = {0xA0: " ", 0x202F: " "}
MASK = 3
"""A reader takes any of the eight masks of ISO/IEC 18004; finding the one with the fewest look-alikes costs segno 6 of
the 7 ms of a code. This is the one whose codes of real payloads are nearest to the best on average (within 6 %).
"""
MAX_VERSION = 13
"""EPC069-12 allows no larger code, and error correction M alone."""
_SCALE, _BORDER = 4, 4
"""Pixels a module, and modules of quiet zone: four pixels of one bit are one hexadecimal digit."""
_INK = bytes.maketrans(b"\0\1", b"f0")


def payload(name: str, iban: str, bic: str, amount: Decimal, currency: str, references: Sequence[str]) -> bytes | None:
    """What the code for a transfer of `amount` EUR to `name` holds; `references` are invoice numbers, while they fit.

    None where no code can say the truth: another currency, no or a wrong IBAN, an amount that is not 0.01 to
    999999999.99 or has thirds of a cent, no reference.
    """
    account = "".join(iban.split()).upper()
    payable = currency == "EUR" and MIN_AMOUNT <= amount <= MAX_AMOUNT and amount == to_cents(amount)
    if not (payable and _is_iban(account)):
        return None
    beneficiary = _cut(_plain(name), MAX_NAME, _NAME_OCTETS)
    text = _listed(references, MAX_OCTETS - _OTHER_FIELDS - len(beneficiary.encode()))
    if not (beneficiary and text):
        return None
    bank = "".join(bic.split()).upper()
    known = bank if bank.isascii() and bank.isalnum() and len(bank) in (8, 11) else ""
    asked = f"EUR{amount:.2f}".rstrip("0").rstrip(".")
    utf_8, purpose, structured = "1", "", ""
    fields = ("BCD", "002", utf_8, "SCT", known, beneficiary, account, asked, purpose, structured, text)
    return "\n".join(fields).encode()


def payload_of(view: LetterView) -> bytes | None:
    """The payload for what a message asks for: all its invoices, with the charges that it claims and does not waive."""
    sender = view.sender
    if not sender.iban or view.customer.kind == "public":  # the treasury pays by order, never from a telephone
        return None
    numbers = [invoice.number for invoice in view.invoices]
    return payload(sender.account_name, sender.iban, sender.bic, view.asked, view.currency, numbers)


@lru_cache(maxsize=16)
def _is_iban(account: str) -> bool:
    from stdnum import iban

    return iban.is_valid(account, check_country=False)


def _plain(text: str) -> str:
    """One line with ordinary spaces: a bank's form knows no others, and a line feed would begin another field."""
    return clean(text.translate(_PLAIN_SPACES))


def _cut(text: str, characters: int, octets: int) -> str:
    return text[:characters].encode()[:octets].decode(errors="ignore").strip()


def _listed(references: Sequence[str], octets: int) -> str:
    """As many references as there is room for, in their order; the first one is cut rather than left out."""
    first, *others = [*filter(None, map(_plain, references)), ""]
    text = _cut(first, MAX_TEXT, octets)
    for reference in others:
        longer = f"{text} {reference}".strip()
        if len(longer) > MAX_TEXT or len(longer.encode()) > octets:
            break
        text = longer
    return text


@lru_cache(maxsize=16)
def drawn(content: bytes) -> "QRCode":
    """The code for these octets, drawn once for a message and its letter; ValueError where they are too many."""
    import segno

    code = segno.make_qr(content, error="m", mode="byte", mask=MASK, boost_error=False)
    if int(code.version) > MAX_VERSION:
        raise ValueError(f"{len(content)} octets are too many")
    return code


def png(content: bytes) -> bytes:
    """The code as a PNG picture, four pixels a module, with the quiet zone of four modules around it."""
    return _png(_scanlines(drawn(content)))


def svg(content: bytes) -> str:
    """The code as an SVG picture without a quiet zone, for a page that leaves room around it."""
    out = io.BytesIO()
    drawn(content).save(out, kind="svg", border=0, svgclass=None, lineclass=None, xmldecl=False, nl=False)
    return out.getvalue().decode("ascii")


def text_blocks(content: bytes) -> tuple[str, ...]:
    """The code as half blocks, two rows of modules a line: dark is the upper or lower half in ink."""
    rows = [list(row) for row in drawn(content).matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return tuple(
        "".join(" ▄▀█"[2 * bool(upper) + bool(lower)] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )


def _scanlines(code: "QRCode") -> list[bytes]:
    """One line of pixels for each row of modules, white as ones; the size of a code is odd: half an octet is over."""
    side = "f" * _BORDER
    rows = [f"{side}{row.translate(_INK).decode()}{side}0" for row in code.matrix]
    edge = ["f" * (len(rows[0]) - 1) + "0"] * _BORDER
    return list(map(bytes.fromhex, [*edge, *rows, *edge]))


def _png(scanlines: list[bytes]) -> bytes:
    """A square picture in one bit a pixel; a line that repeats the one above it is all zeros (filter Up)."""
    repeated = (b"\2" + bytes(len(scanlines[0]))) * (_SCALE - 1)
    pixels = zlib.compress(b"".join(b"\0" + line + repeated for line in scanlines), 9)
    width = len(scanlines) * _SCALE
    header = pack(">2I5B", width, width, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))
