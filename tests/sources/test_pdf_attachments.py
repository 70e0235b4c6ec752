"""The XML inside a PDF: found whatever packs it, and refused where the PDF hides, lies, or holds two invoices."""

import base64
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from einvoice_support import cii, pdf, ubl

from relance.sources.einvoice_roots import MOST_XML, FaultyError, root_of_xml
from relance.sources.einvoice_xml import read_e_invoice
from relance.sources.pdf_attachments import xml_of_pdf


def refused(data: bytes) -> str:
    """The sentence with which a PDF, or the XML in it, is refused; ordinary spaces in it."""
    with pytest.raises(FaultyError) as caught:
        read_e_invoice(xml_of_pdf(data))
    return caught.value.sentence.replace("\u00a0", " ")


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("xml", [cii(), b"\xef\xbb\xbf" + ubl(), cii().decode().encode("utf-16")])
def test_the_xml_is_taken_out_as_it_is(xml: bytes, plain: bool) -> None:
    """Compressed or not, with any mark of order, beside metadata that name the root."""
    if xml[:2] == b"\xff\xfe":
        xml = xml.decode("utf-16").replace("UTF-8", "UTF-16").encode("utf-16")
    assert xml == xml_of_pdf(pdf(xml, plain=plain))
    assert "F-2026-001" == read_e_invoice(xml_of_pdf(pdf(xml, plain=plain))).cells["number"]


@pytest.mark.parametrize("name", ["ASCIIHexDecode", "ASCII85Decode"])
def test_filters_one_after_the_other(name: str) -> None:
    """ASCII around what is compressed, as old programs write it."""
    packed = zlib.compress(cii())
    text = packed.hex().encode() + b">" if name == "ASCIIHexDecode" else base64.a85encode(packed, adobe=True)[2:]
    stream = f"<< /Type /EmbeddedFile /Filter [/{name} /FlateDecode] >>\nstream\n".encode() + text + b"\nendstream"
    assert cii() == xml_of_pdf(pdf(extra=b"9 0 obj\n" + stream + b"\nendobj\n"))


def test_what_a_pdf_may_not_do() -> None:
    """Each is refused with its cure."""
    other = cii(total="1300.00")
    assert "PDF sans facture électronique (aucun XML)" in refused(pdf())
    assert "deux factures différentes" in refused(pdf(cii(), other))
    assert cii() == xml_of_pdf(pdf(cii(), cii())), "the same twice is one"
    assert "sous un autre nom (« photo.png »)" in refused(pdf(cii(), name="photo.png"))
    assert "n’est pas une facture (SCRDMCCBDACIOMessageStructure)" in refused(
        pdf(b"<rsm:SCRDMCCBDACIOMessageStructure xmlns:rsm='u'/>", name="order-x.xml")
    )
    assert "protégé par mot de passe" in refused(pdf(extra=b"trailer << /Encrypt 5 0 R >>\n"))
    assert "abîmé" in refused(pdf(cii())[:400])
    assert "abîmé" in refused(b"\0" * 4000)
    assert "interdite (DOCTYPE)" in refused(pdf(cii().replace(b"<!-- <rsm:Decoy> -->", b"<!DOCTYPE a>")))
    assert "interdite (DOCTYPE)" in refused(pdf(cii().replace(b"<ram:", b"<!ENTITY x 'y'><ram:", 1)))
    assert "coupé ou abîmé" in refused(pdf(cii()[:-40]))


def test_a_name_that_stands_in_a_compressed_object_counts() -> None:
    """Where the dictionary of the attachment is not in plain sight."""
    inside = b"5 0 << /Type /Filespec /F (photo.png) /EF << /F 4 0 R >> >>"
    packed = zlib.compress(inside)
    hidden = f"9 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode()
    whole = pdf(cii(), extra=hidden + packed + b"\nendstream\nendobj\n")
    assert "photo.png" in refused(whole.replace(b"/F (factur-x.xml) /UF (factur-x.xml)", b""))


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("factur-x.xml", b"<FEFF0066002E0078006D006C>"),
        ("photo", b"<70686F746F>"),
        ("a(b).xml", rb"(a\(b\).xml)"),
        ("factur-x.xml", rb"(factur\055x\056xml)"),
    ],
)
def test_names_in_any_writing(name: str, raw: bytes) -> None:
    """Codes of UTF-16, of letters, and brackets that are escaped."""
    whole = pdf(cii()).replace(b"/F (factur-x.xml) /UF (factur-x.xml)", b"/F " + raw)
    if name.endswith(".xml"):
        assert cii() == xml_of_pdf(whole)
    else:
        assert f"(« {name} »)" in refused(whole)


@pytest.mark.slow
def test_what_is_inflated_is_bounded() -> None:
    """An XML over 5 MB, and one of a million elements: refused, and little is held meanwhile."""
    tracemalloc.start()
    padded = cii() + b" " * (MOST_XML * 40)
    assert "plus de 5 Mo" in refused(pdf(padded))
    del padded
    tracemalloc.reset_peak()
    bomb = pdf(cii().replace(b"<ram:SellerTradeParty>", b"<a/>" * 1_000_000 + b"<ram:SellerTradeParty>"))
    assert "plus de 5 Mo" in refused(bomb)
    assert tracemalloc.get_traced_memory()[1] < 40 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "piece", [b">> stream\n", b">>stream\r\nendstream ", b"/EF /F (a.png) ", b"<< /EF << ", b"/F (" + b"\\(" * 50]
)
def test_what_is_made_to_take_long_does_not(piece: bytes) -> None:
    """The time is that of the size of the file: nothing is looked at again and again."""
    data = b"%PDF-1.7\n" + piece * (2_000_000 // len(piece)) + b"%%EOF"
    before = time.process_time()
    with pytest.raises(FaultyError):
        xml_of_pdf(data)
    assert time.process_time() - before < 4


def test_roots() -> None:
    """Only the root itself tells: not a comment, an attribute, or an element of another language."""
    assert root_of_xml(b"not xml") is None
    assert root_of_xml(b"<?xml version='1.0'?><!-- <CrossIndustryInvoice> --><a b='CrossIndustryInvoice'/>") == (
        "a",
        False,
    )
    assert root_of_xml(b"<Invoice xmlns='urn:other'/>") == ("Invoice", False)
    assert root_of_xml(ubl("CreditNote")) == ("CreditNote", True)


@pytest.mark.slow
def test_a_pdf_of_typst_carries_it(tmp_path: Path) -> None:
    """A PDF/A-3 of a program that nobody here wrote, with its objects compressed."""
    typst = pytest.importorskip("typst")
    (tmp_path / "factur-x.xml").write_bytes(cii(number="F-2026-777"))
    (tmp_path / "a.typ").write_text(
        '#pdf.attach("factur-x.xml", mime-type: "text/xml", description: "Facture")\nFacture', encoding="utf-8"
    )
    made = typst.compile(str(tmp_path / "a.typ"), pdf_standards=["a-3b"])

    assert cii(number="F-2026-777") == xml_of_pdf(bytes(made))
