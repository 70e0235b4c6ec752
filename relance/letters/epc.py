"""The SEPA payment code (EPC069-12, « QR code de virement »): what a bank's app reads to fill in a transfer.

segno draws it and knows the layout, but takes what it is given: a wrong IBAN, its spaces, 12.345 as 12.34, a line feed
in a name. So everything is made plain here first, and where no true code is possible there is none.
"""

import io
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
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
_UTF_8 = 1
_PLAIN_SPACES = {0xA0: " ", 0x202F: " "}


def payment_code(
    name: str, iban: str, bic: str, amount: Decimal, currency: str, references: Sequence[str]
) -> "QRCode | None":
    """The code for a transfer of `amount` EUR to `name`; `references` are invoice numbers, named as far as they fit.

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
    known = bank if bank.isascii() and bank.isalnum() and len(bank) in (8, 11) else None
    return _drawn(beneficiary, account, amount, text, known)


@lru_cache(maxsize=16)
def _drawn(name: str, account: str, amount: Decimal, text: str, bic: str | None) -> "QRCode":
    """Drawn once (10 ms) for a message, its HTML and its letter."""
    from segno.helpers import make_epc_qr

    return make_epc_qr(name, account, amount, text=text, bic=bic, encoding=_UTF_8)


def code_of(view: LetterView) -> "QRCode | None":
    """The code for what a message asks for: all its invoices, with the charges that it claims and does not waive."""
    sender = view.sender
    if not sender.iban:
        return None
    asked = view.instalment_amount or (view.outstanding if view.waiver else view.claimed)
    numbers = [invoice.number for invoice in view.invoices]
    return payment_code(sender.name, sender.iban, sender.bic, asked, view.currency, numbers)


def png(code: "QRCode", scale: int = 4) -> bytes:
    """The code as a PNG picture, `scale` pixels a module, with the quiet zone of four modules around it."""
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def svg(code: "QRCode") -> str:
    """The code as an SVG picture without a quiet zone, for a page that leaves room around it."""
    out = io.BytesIO()
    code.save(out, kind="svg", border=0, svgclass=None, lineclass=None, xmldecl=False, nl=False)
    return out.getvalue().decode("ascii")


def text_blocks(code: "QRCode") -> tuple[str, ...]:
    """The code as half blocks, two rows of modules a line: dark is the upper or lower half in ink."""
    rows = [list(row) for row in code.matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return tuple(
        "".join(" ▄▀█"[2 * bool(upper) + bool(lower)] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )


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
