"""Which XML is an e-invoice: by its root element, before anything of it is parsed; what is refused unread."""

import re
from typing import NamedTuple

MOST_XML = 5 * 2**20
"""Octets of one XML: an invoice of ten thousand lines has less."""
_MOST_SIGNS = 400_000
"""Starts of tags of one XML: each element takes about a hundred octets of memory."""
LARGE = "XML de plus de 5\u00a0Mo\u00a0: ce n’est pas une facture, rangez ce fichier ailleurs."
BROKEN_XML = "XML coupé ou abîmé\u00a0: téléchargez de nouveau cette facture."
DECLARES = "XML avec une déclaration interdite (DOCTYPE)\u00a0: téléchargez de nouveau cette facture."
DECLARED = "DOCTYPE"
"""What stands for the root of an XML that begins with a declaration of types."""
_PROLOG = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]{1,60}:)?([\w.-]{1,80})([^>]{0,3000})")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,30})["']""")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ENCODINGS = frozenset(("utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"))
_CROSS = ("CrossIndustryInvoice", "CrossIndustryDocument")
"""UN/CEFACT CII of Factur-X and ZUGFeRD 2, and of ZUGFeRD 1."""
_UBL = ("Invoice", "CreditNote")
_UBL_SPACE = "urn:oasis:names:specification:ubl:schema:xsd:"


class FaultyError(Exception):
    """A file that is no e-invoice that could be read: the French sentence that says why, and what to do."""

    @property
    def sentence(self) -> str:
        return str(self.args[0])


class Root(NamedTuple):
    """The root element of an XML; `is_invoice` where it is that of CII or UBL."""

    name: str
    is_invoice: bool


def root_of_xml(data: bytes) -> Root | None:
    """The root of an XML by its beginning; None for what is no XML. Names in comments and attributes do not count."""
    start = data[:8].lstrip(b" \t\r\n")
    if not start.startswith((b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return None
    text = _text(data, "replace")
    prolog = _PROLOG.match(text)
    root = _ROOT.match(text, prolog.end() if prolog else 0)
    if root is None:
        return Root(DECLARED, False) if "<!DOCTYPE" in text else None
    return Root(root[1], root[1] in _CROSS or (root[1] in _UBL and _UBL_SPACE in root[2]))


def text_of_xml(data: bytes) -> str:
    """The text of an XML that may be parsed: whole, of a bearable size, without a declaration of types or entities."""
    if len(data) > MOST_XML:
        raise FaultyError(LARGE)
    try:
        text = _text(data, "strict")
    except (UnicodeDecodeError, LookupError):
        raise FaultyError(BROKEN_XML) from None
    if text.count("<") > _MOST_SIGNS:
        raise FaultyError(LARGE)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FaultyError(DECLARES)
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text)


def _text(data: bytes, errors: str) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors)
    told = _ENCODING.match(data[:300])
    encoding = told[1].decode("ascii").lower() if told else "utf-8"
    return data.decode(encoding if encoding in _ENCODINGS else "utf-8", errors)
