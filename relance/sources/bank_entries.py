"""What every format of bank statements is read into: the entries of an account, signed, and how texts are tidied."""

import html
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.invoice import Problem
from relance.errors import SourceError
from relance.french import plural
from relance.sources.amounts import LIMIT
from relance.sources.csvfile import encoding_of
from relance.sources.values import plain

MAX_LABEL = 1000
_AGAIN = "Exportez-le de nouveau depuis le site de votre banque."
_DECIMAL = re.compile(r"([+-]?)([0-9]{1,15})(?:([.,])([0-9]{0,10}))?", re.ASCII)
_ENTITIES = re.compile(r"(?i)<!(?:doctype|entity)")
# A transfer, cheque or card payment that was credited and is taken back: what banks write in its label.
_TAKEN_BACK = re.compile(
    r"\b(?:rejets?|rej|retour(?:s|ne)?|impayes?|annul(?:ation|e|ee)?|extourne|contre ?-?passation|contrepasse"
    r"|revers(?:al|ed)|returned|chargeback|refused)\b"
)
_FRENCH_IBAN = re.compile(r"FR[0-9]{12}([0-9A-Z]{11})[0-9]{2}")
_RIB = re.compile(r"[0-9]{10}([0-9A-Z]{11})[0-9]{2}")


class Movement(NamedTuple):
    """One entry of an account; `amount` is negative for money that went out. `number` is the bank's own, if any.

    `reverses` tells that it takes an earlier entry back.
    """

    on: date
    amount: Decimal
    currency: str = "EUR"
    payer: str = ""
    iban: str = ""
    label: str = ""
    reference: str = ""
    number: str = ""
    line: int | None = None
    reverses: bool = False


class Extract(NamedTuple):
    """What a file tells of one account: its entries and days, its balances, what of it was not read.

    `first` and `last` are None where the file does not say what days it covers. `currency` is that of the balances,
    empty where the file names none beside them. `own` are the names of the user's accounts: what they pay each other
    is no payment. `notes` are French sentences.
    """

    account: str = ""
    entries: tuple[Movement, ...] = ()
    first: date | None = None
    last: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None
    currency: str = ""
    own: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def statement_text(name: str, data: bytes) -> str:
    """The characters of a file, whatever its header says of them: headers lie, the bytes do not.

    SourceError where they are in no encoding that is known.
    """
    encoding = encoding_of(name, data)
    try:
        text = data.decode(encoding).removeprefix("\ufeff")
    except UnicodeError:
        raise SourceError(f"L’encodage de {name} n’est pas reconnu.", _AGAIN) from None
    if "\0" in text:
        raise SourceError(f"{name} contient des octets nuls.", _AGAIN)
    return _mended(text)


def _mended(text: str) -> str:
    """The text that was written as UTF-8 and read as Windows-1252 before it was written again: « dÃ©but »."""
    if "Ã" not in text:
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def refuse_entities(name: str, text: str) -> None:
    """SourceError for XML that declares entities: nothing of it is expanded or fetched."""
    if _ENTITIES.search(text):
        raise SourceError(f"{name} contient une déclaration XML interdite.", _AGAIN)


def exact(text: str) -> Decimal | None:
    """An amount as bank formats write it, one decimal sign and no other: to the cent, None for anything else."""
    found = _DECIMAL.fullmatch(text.strip())
    if found is None:
        return None
    sign, whole, _, cents = found.groups()
    amount = Decimal(f"{sign}{whole}.{(cents or '')[:2]:0<2}")
    return amount + 0 if not (cents or "")[2:].strip("0") and abs(amount) < LIMIT else None


def tidy(*texts: str) -> str:
    """Texts of one entry as one line: each once, single spaces, nothing that is not printed."""
    found: dict[str, None] = {}
    for text in texts:
        whole = html.unescape(text) if "&" in text else text
        line = " ".join("".join(c if c.isprintable() else " " for c in whole).split())
        if line:
            found[line] = None
    return " ".join(found)[:MAX_LABEL]


def is_taken_back(label: str) -> bool:
    """True where the words of an entry that went out say that it takes back what came in."""
    return _TAKEN_BACK.search(plain(label)) is not None


def account_key(account: str) -> str:
    """An account however it is written: of a French IBAN or RIB the eleven characters of its own number."""
    bare = re.sub(r"[^0-9A-Z]", "", account.upper())
    found = _FRENCH_IBAN.fullmatch(bare) or _RIB.fullmatch(bare)
    return found[1] if found else bare


def cut_short(name: str, what: str) -> Problem:
    """That a file ends before its end: the entries before stand, the days after are not known."""
    return Problem(name, f"Fichier coupé\u00a0: {what}. {_AGAIN}")


def waiting_note(name: str, count: int) -> str:
    """That so many entries of a file are not booked yet."""
    return f"{name}\u00a0: {plural(count, 'opération')} en attente, non {'comptées' if count > 1 else 'comptée'}."


def total_of(entries: Iterable[Movement]) -> Decimal:
    """The sum of entries, signed."""
    return sum((entry.amount for entry in entries), Decimal("0.00"))
