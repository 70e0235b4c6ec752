"""A lifecycle message of the norm (CDAR, XP Z12-012) -> the statuses that it tells.

Its root is CrossDomainAcknowledgementAndResponse (UN/CEFACT); MDT-87 is the number of the invoice, MDT-105 the code of
the status, MDT-113 that of a reason, MEN in MDT-207 what came in at one rate of VAT. Programs write it in other ways
too: another root, the label and a comment beside the norm's places, the day of the message alone. Names are looked at
without their namespace; nothing is fetched or expanded.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from relance.sources.bank_entries import exact
from relance.sources.dates import read_date, read_hour
from relance.sources.einvoice_roots import BROKEN_XML, FaultyError, root_of_xml, text_of_xml

ROOT = "CrossDomainAcknowledgementAndResponse"
_ROOTS = (ROOT, "CrossDomainApplicationResponse", "CrossIndustryApplicationResponse", "DOCTYPE")
_OTHER = "XML sans statut (CDAR)\u00a0: rangez ce fichier ailleurs."
_COLLECTED = "MEN"
_STAMP = re.compile(r"^([0-9]{8})([0-9]{2})([0-9]{2})([0-9]{2})")
_MOST_WORDS = 200


class CdarStatus(NamedTuple):
    """One status as its message tells it, nothing judged: texts as they stand, `fault` where a sum or a day is none."""

    number: str
    issued: date | None
    code: str
    label: str
    dated: date | None
    hour: str
    reasons: tuple[str, ...]
    words: str
    amount: Decimal | None
    currency: str
    seller: str
    fault: str = ""


def read_cdar(data: bytes) -> list[CdarStatus]:
    """The statuses of a message; FaultyError for one that is broken, too large, or no such message."""
    root = root_of_xml(data)
    if root is None or root.name not in _ROOTS:
        raise FaultyError(_OTHER)
    try:
        top = ElementTree.fromstring(text_of_xml(data))
    except (ElementTree.ParseError, ValueError):
        raise FaultyError(BROKEN_XML) from None
    for element in top.iter():
        element.tag = element.tag.rpartition("}")[2]
    message = _text(top, "ExchangedDocument/IssueDateTime")
    found = [each for document in top.iter("AcknowledgementDocument") for each in _statuses(document, message)]
    if not found:
        raise FaultyError(_OTHER)
    return found


def _statuses(document: Element, message: str) -> Iterator[CdarStatus]:
    """Those of one document; where it does not say when, they were in force when the `message` was written."""
    told = _text(document, "IssueDateTime") or message
    day, hour = _stamp(told)
    for about in document.iterfind("ReferenceReferencedDocument"):
        details = about.findall("SpecifiedDocumentStatus")
        sums = [_sum(each) for status in details for each in status.iterfind("SpecifiedDocumentCharacteristic")]
        known = [amount for amount in sums if isinstance(amount, Decimal)]
        faults = [each for each in sums if isinstance(each, str)]
        faults += ["date du statut illisible"] if told and day is None else []
        yield CdarStatus(
            number=_text(about, "IssuerAssignedID"),
            issued=_stamp(_text(about, "FormattedIssueDateTime"))[0],
            code=_text(about, "ProcessConditionCode"),
            label=_text(about, "ProcessCondition") or _text(document, "StatusName"),
            dated=day,
            hour=hour,
            reasons=tuple(dict.fromkeys(filter(None, (_text(each, "ReasonCode") for each in details)))),
            words=_words(document, details),
            amount=sum(known, Decimal("0.00")) if known else None,
            currency=_currency(details),
            seller=_seller(about),
            fault=next(iter(faults), ""),
        )


def _sum(characteristic: Element) -> Decimal | str | None:
    """What came in, a fault where that is no amount; None for what tells of something else."""
    if _text(characteristic, "TypeCode") != _COLLECTED:
        return None
    told = _text(characteristic, "ValueAmount")
    amount = exact(told)
    return f"montant illisible («\u00a0{told[:40]}\u00a0»)" if amount is None else amount


def _currency(details: Iterable[Element]) -> str:
    """That of the sums, empty where none is told; several are none that is known."""
    amounts = (each for status in details for each in status.iterfind("SpecifiedDocumentCharacteristic/ValueAmount"))
    return "/".join(sorted({each.get("currencyID", "").strip().upper() for each in amounts} - {""}))


def _seller(about: Element) -> str:
    """The SIREN of who issued the invoice, empty where it is not told."""
    digits = re.sub(r"\s", "", _text(about, "IssuerTradeParty/GlobalID"))
    return digits[:9] if re.fullmatch(r"[0-9]{9}(?:[0-9]{5})?", digits) else ""


def _words(document: Element, details: Iterable[Element]) -> str:
    """What a person or a platform wrote about it."""
    told = [_text(each, path) for each in details for path in ("Reason", "IncludedNote/Content")]
    return " ".join(filter(None, dict.fromkeys([*told, _text(document, "StatusReason")])))[:_MOST_WORDS]


def _stamp(text: str) -> tuple[date | None, str]:
    """A day and its hour (HH:MM:SS), empty where there is none, of 20261103140500, 20261103 or an ISO instant."""
    moment = _STAMP.sub(r"\1T\2:\3:\4", text)
    day = read_date(moment)
    return (day, read_hour(moment)) if isinstance(day, date) else (None, "")


def _text(element: Element, path: str) -> str:
    """The text at a path, in one line, without what is not printed; empty where there is none."""
    found = element.find(path) if path else element
    text = "".join(found.itertext()) if found is not None else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
