"""E-invoices of our own making: CII of each profile, ZUGFeRD 1, UBL, and PDFs that carry one, told apart by a word."""

import zlib
from pathlib import Path
from xml.sax.saxutils import escape

ME = {"name": "Camille Moreau", "siren": "732829320", "vat": "FR44732829320"}
HER = {"name": "Atelier Brun SARL", "siren": "552100554", "siret": "55210055400013", "email": "compta@brun.example"}
PROFILES = {
    "MINIMUM": "urn:factur-x.eu:1p0:minimum",
    "BASICWL": "urn:factur-x.eu:1p0:basicwl",
    "BASIC": "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic",
    "EN16931": "urn:cen.eu:en16931:2017",
    "EXTENDED": "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
}
INVOICE = {
    "number": "F-2026-001",
    "kind": "380",
    "issued": "2026-09-01",
    "due": "2026-10-01",
    "total": "1200.00",
    "paid": "0.00",
    "left": "",
    "seller": ME,
    "buyer": HER,
    "profile": "EN16931",
    "terms": "",
    "source": "",
    "means": "58",
    "rounding": "",
    "payee": "",
    "test": "",
    "process": "A1",
}
"""What a made-up e-invoice says where a test does not: its words, as the writers below take them."""


def told(**words: object) -> dict[str, object]:
    """The invoice with these words; what is left is the total less what was paid."""
    invoice = INVOICE | words
    if not invoice["left"]:
        invoice["left"] = f"{float(str(invoice['total'])) - float(str(invoice['paid'])):.2f}"
    return invoice


def cii(**words: object) -> bytes:
    """A CrossIndustryInvoice of the profile; MINIMUM has neither days nor contacts, as the profile is."""
    it = told(**words)
    full = it["profile"] != "MINIMUM"
    due = "".join(
        f"<ram:DueDateDateTime><udt:DateTimeString format='102'>{day.replace('-', '')}</udt:DateTimeString>"
        "</ram:DueDateDateTime>"
        for day in str(it["due"]).split()
    )
    terms = f"<ram:Description>{escape(str(it['terms']))}</ram:Description>" if it["terms"] else ""
    source = "".join(
        f"<ram:InvoiceReferencedDocument><ram:IssuerAssignedID>{each}</ram:IssuerAssignedID>"
        "</ram:InvoiceReferencedDocument>"
        for each in str(it["source"]).split()
    )
    rounding = f"<ram:RoundingAmount>{it['rounding']}</ram:RoundingAmount>" if it["rounding"] else ""
    payee = f"<ram:PayeeTradeParty><ram:Name>{it['payee']}</ram:Name></ram:PayeeTradeParty>" if it["payee"] else ""
    test = f"<ram:TestIndicator><udt:Indicator>{it['test']}</udt:Indicator></ram:TestIndicator>" if it["test"] else ""
    rest = f"<ram:SpecifiedTradePaymentTerms>{terms}{due}</ram:SpecifiedTradePaymentTerms>" if full else ""
    means = (
        f"<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>{it['means']}</ram:TypeCode>"
        "<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>FR7630006000011234567890189</ram:IBANID>"
        "</ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>"
        if full
        else ""
    )
    prepaid = f"<ram:TotalPrepaidAmount>{it['paid']}</ram:TotalPrepaidAmount>" if full else ""
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<!-- <rsm:Decoy> -->
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext>{test}
<ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>{it["process"]}</ram:ID>
</ram:BusinessProcessSpecifiedDocumentContextParameter>
<ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>{PROFILES[str(it["profile"])]}</ram:ID>
</ram:GuidelineSpecifiedDocumentContextParameter></rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>{escape(str(it["number"]))}</ram:ID><ram:TypeCode>{it["kind"]}</ram:TypeCode>
<ram:IssueDateTime><udt:DateTimeString format="102">{str(it["issued"]).replace("-", "")}</udt:DateTimeString>
</ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeAgreement><ram:BuyerReference>SERVICE-7</ram:BuyerReference>
{_cii_party("Seller", it["seller"], full)}{_cii_party("Buyer", it["buyer"], full)}
<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>CMD-77</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>
</ram:ApplicableHeaderTradeAgreement><ram:ApplicableHeaderTradeDelivery/>
<ram:ApplicableHeaderTradeSettlement><ram:PaymentReference>VIR-{escape(str(it["number"]))}</ram:PaymentReference>
<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>{payee}{means}{rest}
<ram:SpecifiedTradeSettlementHeaderMonetarySummation><ram:TaxBasisTotalAmount>1000.00</ram:TaxBasisTotalAmount>
<ram:TaxTotalAmount currencyID="EUR">200.00</ram:TaxTotalAmount>{rounding}
<ram:GrandTotalAmount>{it["total"]}</ram:GrandTotalAmount>{prepaid}
<ram:DuePayableAmount>{it["left"]}</ram:DuePayableAmount></ram:SpecifiedTradeSettlementHeaderMonetarySummation>{source}
</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>
""".encode()


def _cii_party(role: str, party: object, full: bool) -> str:
    assert isinstance(party, dict)
    number = "".join(
        f"<ram:ID schemeID='{scheme}'>{party[name]}</ram:ID>"
        for scheme, name in (("0009", "siret"), ("0002", "siren"))
        if name in party
    )
    legal = f"<ram:SpecifiedLegalOrganization>{number}</ram:SpecifiedLegalOrganization>"
    email = (
        "<ram:DefinedTradeContact><ram:PersonName>Léa Brun</ram:PersonName><ram:EmailURIUniversalCommunication>"
        f"<ram:URIID>{party['email']}</ram:URIID></ram:EmailURIUniversalCommunication></ram:DefinedTradeContact>"
        if full and "email" in party
        else ""
    )
    address = (
        "<ram:PostalTradeAddress><ram:PostcodeCode>75011</ram:PostcodeCode><ram:LineOne>3 rue des Lilas</ram:LineOne>"
        f"<ram:CityName>Paris</ram:CityName><ram:CountryID>{party.get('country', 'FR')}</ram:CountryID>"
        "</ram:PostalTradeAddress>"
        if full
        else ""
    )
    vat = (
        f"<ram:SpecifiedTaxRegistration><ram:ID schemeID='VA'>{party['vat']}</ram:ID></ram:SpecifiedTaxRegistration>"
        if "vat" in party
        else ""
    )
    name = f"<ram:Name>{escape(str(party['name']))}</ram:Name>"
    return f"<ram:{role}TradeParty>{name}{legal if number else ''}{email}{address}{vat}</ram:{role}TradeParty>"


def zugferd(**words: object) -> bytes:
    """The same as ZUGFeRD 1 has it: other names for the parts of the header."""
    text = cii(**words).decode()
    for new, old in (
        ("CrossIndustryInvoice", "CrossIndustryDocument"),
        ("ExchangedDocumentContext", "SpecifiedExchangedDocumentContext"),
        ("rsm:ExchangedDocument>", "rsm:HeaderExchangedDocument>"),
        ("SupplyChainTradeTransaction", "SpecifiedSupplyChainTradeTransaction"),
        ("ApplicableHeaderTradeAgreement", "ApplicableSupplyChainTradeAgreement"),
        ("ApplicableHeaderTradeSettlement", "ApplicableSupplyChainTradeSettlement"),
        ("SpecifiedTradeSettlementHeaderMonetarySummation", "SpecifiedTradeSettlementMonetarySummation"),
    ):
        text = text.replace(new, old)
    return text.encode()


def ubl(root: str = "Invoice", **words: object) -> bytes:
    """A UBL Invoice or CreditNote."""
    it = told(**words)
    parties = "".join(
        f"<cac:Accounting{role}Party><cac:Party>{_ubl_party(it[who])}</cac:Party></cac:Accounting{role}Party>"
        for role, who in (("Supplier", "seller"), ("Customer", "buyer"))
    )
    source = "".join(
        f"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>{each}</cbc:ID></cac:InvoiceDocumentReference>"
        "</cac:BillingReference>"
        for each in str(it["source"]).split()
    )
    due = f"<cbc:DueDate>{it['due']}</cbc:DueDate>" if it["due"] and root == "Invoice" else ""
    terms = f"<cac:PaymentTerms><cbc:Note>{escape(str(it['terms']))}</cbc:Note></cac:PaymentTerms>"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ProfileID>{it["process"]}</cbc:ProfileID><cbc:ID>{escape(str(it["number"]))}</cbc:ID>
<cbc:IssueDate>{it["issued"]}</cbc:IssueDate>{due}<cbc:{root}TypeCode>{it["kind"]}</cbc:{root}TypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cbc:BuyerReference>SERVICE-7</cbc:BuyerReference>
<cac:OrderReference><cbc:ID>CMD-77</cbc:ID></cac:OrderReference>{source}{parties}
<cac:PaymentMeans><cbc:PaymentMeansCode>{it["means"]}</cbc:PaymentMeansCode>
<cbc:PaymentID>VIR-{escape(str(it["number"]))}</cbc:PaymentID>
<cac:PayeeFinancialAccount><cbc:ID>FR7630006000011234567890189</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
{terms if it["terms"] else ""}<cac:LegalMonetaryTotal>
<cbc:TaxInclusiveAmount currencyID="EUR">{it["total"]}</cbc:TaxInclusiveAmount>
<cbc:PrepaidAmount currencyID="EUR">{it["paid"]}</cbc:PrepaidAmount>
<cbc:PayableAmount currencyID="EUR">{it["left"]}</cbc:PayableAmount></cac:LegalMonetaryTotal></{root}>
""".encode()


def _ubl_party(party: object) -> str:
    assert isinstance(party, dict)
    email = f"<cac:Contact><cbc:ElectronicMail>{party.get('email')}</cbc:ElectronicMail></cac:Contact>"
    vat = (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{party.get('vat')}</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID>"
        "</cac:TaxScheme></cac:PartyTaxScheme>"
    )
    return (
        f"<cac:PostalAddress><cbc:StreetName>3 rue des Lilas</cbc:StreetName><cbc:CityName>Paris</cbc:CityName>"
        f"<cbc:PostalZone>75011</cbc:PostalZone></cac:PostalAddress>{vat if 'vat' in party else ''}"
        f"<cac:PartyLegalEntity><cbc:RegistrationName>{escape(str(party['name']))}</cbc:RegistrationName>"
        f"<cbc:CompanyID schemeID='0002'>{party.get('siren', '')}</cbc:CompanyID></cac:PartyLegalEntity>"
        f"{email if 'email' in party else ''}"
    )


def pdf(*xmls: bytes, name: str = "factur-x.xml", plain: bool = False, extra: bytes = b"") -> bytes:
    """A small PDF with these attachments, each under the same name; `plain`: their streams are not compressed.

    `extra` are objects, or words of the trailer, that stand in it besides.
    """
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]
    metadata = b"<?xpacket?><x:xmpmeta>urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100</x:xmpmeta>"
    objects.append(_stream(metadata, b"/Type /Metadata /Subtype /XML", plain=True))
    for xml in xmls:
        objects.append(_stream(xml, b"/Type /EmbeddedFile /Subtype /text#2Fxml", plain=plain))
        there = len(objects)
        objects.append(
            f"<< /Type /Filespec /F ({name}) /UF ({name}) /AFRelationship /Data /EF << /F {there} 0 R >> >>".encode()
        )
    body = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    for place, each in enumerate(objects, 1):
        body += f"{place} 0 obj\n".encode() + each + b"\nendobj\n"
    return body + extra + b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


def _stream(data: bytes, head: bytes, *, plain: bool) -> bytes:
    packed = data if plain else zlib.compress(data)
    filters = b"" if plain else b" /Filter /FlateDecode"
    return b"<< " + head + filters + f" /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


def write(folder: Path, **files: bytes) -> Path:
    """A folder with these files: `a_pdf` is a.pdf."""
    folder.mkdir(exist_ok=True, parents=True)
    for name, data in files.items():
        (folder / ".".join(name.rsplit("_", 1))).write_bytes(data)
    return folder
