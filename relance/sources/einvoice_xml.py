"""The XML of an e-invoice -> what its columns hold: CII (Factur-X, ZUGFeRD 1 and 2) and UBL, by the terms of EN 16931.

BT-1 is the number, BT-112 the total, BT-113 what was paid before, BT-115 what is left to pay on the day of issue. Names
are looked at without their namespace; nothing is fetched or expanded.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from relance.core.invoice import normalised_name
from relance.sources.einvoice_roots import BROKEN_XML, FaultyError, text_of_xml

_TODAYS_NAMES = {
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedExchangedDocumentContext": "ExchangedDocumentContext",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedTradeSettlementMonetarySummation": "SpecifiedTradeSettlementHeaderMonetarySummation",
}
"""What ZUGFeRD 1 called the parts of the header."""
_SIREN, _SIRET = "0002", "0009"
"""The schemes of ISO 6523 (ICD); some programs write a SIRET under that of the SIREN."""
_EMAIL_SCHEMES = ("EM", "SMTP", "EMAIL", "MAIL")
_METHODS = {
    **dict.fromkeys(("30", "31", "42", "58"), "virement"),
    **dict.fromkeys(("49", "59"), "prélèvement"),
    **dict.fromkeys(("48", "54", "55"), "carte"),
    "10": "espèces",
    "20": "chèque",
}
"""UNTDID 4461 (BT-81): what is taken by direct debit is not to be asked for."""
_PAID_BEFORE = ("B2", "S2", "M2")
"""BT-23 in France (XP Z12-012): an invoice that is handed in when it is paid already."""
CREDIT_ROOT_KIND = "381"
_CII_AGREEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement"
_CII_SETTLEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
_CII_SUMS = f"{_CII_SETTLEMENT}/SpecifiedTradeSettlementHeaderMonetarySummation"


class Party(NamedTuple):
    """Seller or buyer: a name, and what identifies it (`siren:552100554`, `vat:DE123456789`), the surest first."""

    name: str = ""
    ids: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """What it is known by: its first identifier, else its name."""
        return self.ids[0] if self.ids else f"name:{normalised_name(self.name)}"


class EInvoice(NamedTuple):
    """One invoice or credit note: its cells by field (days as yyyy-mm-dd, amounts as 1200,50), who sold and bought.

    `due_days` are all the days on which a part of it is due, in order; `sources` the numbers that it corrects.
    """

    cells: Mapping[str, str]
    seller: Party = Party()
    buyer: Party = Party()
    due_days: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def read_e_invoice(data: bytes) -> EInvoice:
    """The invoice of an XML; FaultyError for one that is broken, too large, or none."""
    text = text_of_xml(data)
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        raise FaultyError(BROKEN_XML) from None
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        element.tag = _TODAYS_NAMES.get(name, name)
    return _of_ubl(root) if root.tag in ("Invoice", "CreditNote") else _of_cii(root)


def _text(element: Element | None, *paths: str) -> str:
    """The text at the first of these paths that has one, in one line."""
    if element is None:
        return ""
    for path in paths:
        for found in element.iterfind(path) if path else [element]:
            if text := " ".join("".join(found.itertext()).split()):
                return text
    return ""


def _texts(element: Element, path: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (_text(each, "") for each in element.iterfind(path)))))


def _day(text: str) -> str:
    """20261006 and 2026-10-06T00:00:00 as 2026-10-06; any other text as it is, for the column to refuse."""
    if re.fullmatch(r"\d{8}", text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = re.match(r"(\d{4}-\d{2}-\d{2})(?:[T+Z-].*)?$", text)
    return found[1] if found else text


def _of_cii(root: Element) -> EInvoice:
    document, settlement = root.find("ExchangedDocument"), root.find(_CII_SETTLEMENT)
    if document is None or settlement is None:
        raise FaultyError(BROKEN_XML)
    agreement = root.find(_CII_AGREEMENT)
    buyer = agreement.find("BuyerTradeParty") if agreement is not None else None
    seller = _cii_party(agreement.find("SellerTradeParty") if agreement is not None else None)
    payee = _cii_party(settlement.find("PayeeTradeParty"))
    terms = "SpecifiedTradePaymentTerms"
    process = _text(root, "ExchangedDocumentContext/BusinessProcessSpecifiedDocumentContextParameter/ID")
    test = _text(root, "ExchangedDocumentContext/TestIndicator") == "true"
    means = "SpecifiedTradeSettlementPaymentMeans"
    sums = [_text(root, f"{_CII_SUMS}/{name}") for name in _CII_AMOUNTS]
    cells = {
        "number": _text(document, "ID"),
        "kind": _text(document, "TypeCode"),
        "issue_date": _day(_text(document, "IssueDateTime/DateTimeString", "IssueDateTime/DateTime")),
        **_amounts(*sums),
        "status": _status(test, seller, payee, process),
        "currency": _text(settlement, "InvoiceCurrencyCode"),
        **_cii_customer(buyer),
        "reference": _text(
            agreement, "BuyerOrderReferencedDocument/IssuerAssignedID", "BuyerOrderReferencedDocument/ID"
        ),
        "terms": " ; ".join(_texts(settlement, f"{terms}/Description")),
        "method": _METHODS.get(_text(settlement, f"{means}/TypeCode"), ""),
        "buyer_reference": _text(agreement, "BuyerReference"),
        "iban": ", ".join(_texts(settlement, f"{means}/PayeePartyCreditorFinancialAccount/IBANID")),
        "transfer": _text(settlement, "PaymentReference"),
    }
    due = (
        *_texts(settlement, f"{terms}/DueDateDateTime/DateTimeString"),
        *_texts(settlement, f"{terms}/DueDateDateTime/DateTime"),
    )
    names = ("IssuerAssignedID", "ID")
    sources = tuple(dict.fromkeys(n for name in names for n in _texts(settlement, f"InvoiceReferencedDocument/{name}")))
    return EInvoice(cells, seller, _cii_party(buyer), tuple(sorted(set(map(_day, due)))), sources)


_CII_AMOUNTS = ("GrandTotalAmount", "TotalPrepaidAmount", "RoundingAmount", "DuePayableAmount")


def _cii_party(party: Element | None) -> Party:
    if party is None:
        return Party()
    legal = party.find("SpecifiedLegalOrganization")
    numbers = [*party.iterfind("SpecifiedLegalOrganization/ID"), *party.iterfind("GlobalID"), *party.iterfind("ID")]
    vat = [_text(each, "") for each in party.iterfind("SpecifiedTaxRegistration/ID") if each.get("schemeID") == "VA"]
    return Party(_text(party, "Name") or _text(legal, "TradingBusinessName"), _ids(numbers, vat))


def _cii_customer(buyer: Element | None) -> dict[str, str]:
    """What is told of the buyer (BG-7), and where it can be written to: BT-58, BT-49 only where that is an e-mail."""
    contact = buyer.find("DefinedTradeContact") if buyer is not None else None
    address = buyer.find("PostalTradeAddress") if buyer is not None else None
    numbers = [*_all(buyer, "SpecifiedLegalOrganization/ID"), *_all(buyer, "GlobalID"), *_all(buyer, "ID")]
    vat = [each for each in _all(buyer, "SpecifiedTaxRegistration/ID") if each.get("schemeID") == "VA"]
    return {
        "customer": _text(buyer, "Name"),
        "customer_code": next((_text(each, "") for each in _all(buyer, "ID") if not each.get("schemeID")), ""),
        "contact": _text(contact, "PersonName", "DepartmentName"),
        "email": _text(contact, "EmailURIUniversalCommunication/URIID")
        or _email(_all(buyer, "URIUniversalCommunication/URIID")),
        "phone": _text(contact, "TelephoneUniversalCommunication/CompleteNumber"),
        "address": "\n".join(filter(None, (_text(address, name) for name in ("LineOne", "LineTwo", "LineThree")))),
        "postcode": _text(address, "PostcodeCode"),
        "city": _text(address, "CityName"),
        "country": _abroad(_text(address, "CountryID")),
        "siret": _company_number(numbers),
        "vat_number": _text(vat[0], "") if vat else "",
    }


def _of_ubl(root: Element) -> EInvoice:
    buyer = root.find("AccountingCustomerParty/Party")
    seller = _ubl_party(root.find("AccountingSupplierParty/Party"))
    payee = _ubl_party(root.find("PayeeParty"))
    sums = [_text(root, f"LegalMonetaryTotal/{name}") for name in _UBL_AMOUNTS]
    kind = _text(root, "InvoiceTypeCode", "CreditNoteTypeCode")
    cells = {
        "number": _text(root, "ID"),
        "kind": kind or (CREDIT_ROOT_KIND if root.tag == "CreditNote" else ""),
        "issue_date": _day(_text(root, "IssueDate")),
        **_amounts(*sums),
        "status": _status(False, seller, payee, _text(root, "ProfileID")),
        "currency": _text(root, "DocumentCurrencyCode"),
        **_ubl_customer(buyer),
        "reference": _text(root, "OrderReference/ID"),
        "terms": " ; ".join(_texts(root, "PaymentTerms/Note")),
        "method": _METHODS.get(_text(root, "PaymentMeans/PaymentMeansCode"), ""),
        "buyer_reference": _text(root, "BuyerReference"),
        "iban": ", ".join(_texts(root, "PaymentMeans/PayeeFinancialAccount/ID")),
        "transfer": _text(root, "PaymentMeans/PaymentID"),
    }
    due = (
        *_texts(root, "DueDate"),
        *_texts(root, "PaymentMeans/PaymentDueDate"),
        *_texts(root, "PaymentTerms/PaymentDueDate"),
    )
    sources = _texts(root, "BillingReference/InvoiceDocumentReference/ID")
    return EInvoice(cells, seller, _ubl_party(buyer), tuple(sorted(set(map(_day, due)))), sources)


_UBL_AMOUNTS = ("TaxInclusiveAmount", "PrepaidAmount", "PayableRoundingAmount", "PayableAmount")


def _ubl_party(party: Element | None) -> Party:
    if party is None:
        return Party()
    numbers = [*party.iterfind("PartyLegalEntity/CompanyID"), *party.iterfind("PartyIdentification/ID")]
    vat = [_text(scheme, "CompanyID") for scheme in party.iterfind("PartyTaxScheme") if _is_vat(scheme)]
    return Party(_text(party, "PartyLegalEntity/RegistrationName", "PartyName/Name"), _ids(numbers, vat))


def _ubl_customer(buyer: Element | None) -> dict[str, str]:
    numbers = [*_all(buyer, "PartyLegalEntity/CompanyID"), *_all(buyer, "PartyIdentification/ID")]
    codes = [each for each in _all(buyer, "PartyIdentification/ID") if not each.get("schemeID")]
    address = buyer.find("PostalAddress") if buyer is not None else None
    lines = ("StreetName", "AdditionalStreetName", "AddressLine/Line")
    return {
        "customer": _text(buyer, "PartyLegalEntity/RegistrationName", "PartyName/Name"),
        "customer_code": _text(codes[0], "") if codes else "",
        "contact": _text(buyer, "Contact/Name"),
        "email": _text(buyer, "Contact/ElectronicMail") or _email(_all(buyer, "EndpointID")),
        "phone": _text(buyer, "Contact/Telephone"),
        "address": "\n".join(filter(None, (_text(address, name) for name in lines))),
        "postcode": _text(address, "PostalZone"),
        "city": _text(address, "CityName"),
        "country": _abroad(_text(address, "Country/IdentificationCode")),
        "siret": _company_number(numbers),
        "vat_number": next((_text(each, "CompanyID") for each in _all(buyer, "PartyTaxScheme") if _is_vat(each)), ""),
    }


def _is_vat(scheme: Element) -> bool:
    return _text(scheme, "TaxScheme/ID") in ("VAT", "")


def _all(element: Element | None, path: str) -> list[Element]:
    return list(element.iterfind(path)) if element is not None else []


def _email(ends: list[Element]) -> str:
    return next((_text(each, "") for each in ends if each.get("schemeID") in _EMAIL_SCHEMES), "")


def _abroad(code: str) -> str:
    """A country that is not France: an address in France does not name it."""
    return "" if code == "FR" else code


def _company_number(numbers: list[Element]) -> str:
    """The SIRET where there is one, else the SIREN."""
    found = [digits for each in numbers if (digits := _french_number(each))]
    return max(found, key=len, default="")


def _french_number(element: Element) -> str:
    """A SIREN or SIRET by its scheme and length; empty for the number of anything else."""
    digits = "".join(_text(element, "").split())
    named = element.get("schemeID") in (_SIREN, _SIRET)
    return digits if named and digits.isascii() and digits.isdigit() and len(digits) in (9, 14) else ""


def _ids(numbers: list[Element], vat: list[str]) -> tuple[str, ...]:
    """What identifies a party: its SIREN, of a SIRET or of a French VAT number too (FR, two signs, SIREN), else VAT."""
    found = [f"siren:{digits[:9]}" for each in numbers if (digits := _french_number(each))]
    for number in ("".join(each.split()).upper() for each in vat):
        if re.fullmatch(r"FR[0-9A-Z]{2}[0-9]{9}", number):
            found.append(f"siren:{number[4:]}")
        elif number:
            found.append(f"vat:{number}")
    return tuple(dict.fromkeys(found))


def _status(test: bool, seller: Party, payee: Party, process: str) -> str:
    """What would keep it from being asked for by the seller, in words that the column of states reads or asks about."""
    if test:
        return "facture d’essai"
    if _is_another(payee, seller):
        return f"payable à {payee.name}"
    return "payée" if process in _PAID_BEFORE else ""


def _is_another(payee: Party, seller: Party) -> bool:
    """True where somebody else is to be paid (BG-10): a factor, whose money the seller may not ask for."""
    if payee.ids and seller.ids:
        return set(payee.ids).isdisjoint(seller.ids)
    return bool(payee.name) and normalised_name(payee.name) != normalised_name(seller.name)


def _amounts(total: str, paid: str, rounding: str, payable: str) -> dict[str, str]:
    """BT-112, BT-113 and BT-115; a rounding (BT-114) that explains what is left is part of the total."""
    whole, before, cents, left = (_exact(text) for text in (total, paid, rounding, payable))
    if whole is not None and cents and left is not None and whole - (before or 0) + cents == left:
        whole += cents
    told = {"total": (total, whole), "paid": (paid, before), "outstanding": (payable, left)}
    return {name: text if amount is None else _written(amount) for name, (text, amount) in told.items()}


def _exact(text: str) -> Decimal | None:
    """An amount of XML: a dot before its cents, and nothing between its thousands."""
    if not re.fullmatch(r"[+-]?\d{1,12}(?:\.\d{0,12})?", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _written(amount: Decimal) -> str:
    """As a French file has it; more than two decimals stay, for the column to refuse what is no sum of money."""
    whole = amount.quantize(Decimal("0.01"))
    return f"{whole if whole == amount else amount.normalize():f}".replace(".", ",")
