"""The SEPA payment code (EPC069-12, « QR code de virement »): what a bank's app reads to fill in a transfer.

segno knows the layout too, but takes what it is given: a wrong IBAN, its spaces, 12.345 as 12.34, a line feed in a
name. So everything is made plain here first, and where no true code is possible there is none. What is drawn is the
payload alone (qr): segno's own function for it tries eight masks, which takes five times as long as the drawing.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from relance.core.charges import to_cents
from relance.letters.typography import clean
from relance.letters.views import LetterView

MIN_AMOUNT, MAX_AMOUNT = Decimal("0.01"), Decimal("999999999.99")
MAX_NAME, MAX_TEXT, MAX_OCTETS = 70, 140, 331
"""EPC069-12: characters of the beneficiary's name and of the remittance text, octets of the whole."""
_OTHER_FIELDS = 80
"""Octets of everything but name and text at their longest: BCD, 002, 1, SCT, BIC, IBAN, EUR999999999.99, line ends."""
_NAME_OCTETS = 150
_PLAIN_SPACES = {0xA0: " ", 0x202F: " "}


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
    if not sender.iban:
        return None
    asked = view.instalment_amount or (view.outstanding if view.waiver else view.claimed)
    numbers = [invoice.number for invoice in view.invoices]
    return payload(sender.name, sender.iban, sender.bic, asked, view.currency, numbers)


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
