"""The e-invoice inside a PDF (Factur-X, ZUGFeRD): its XML, taken out of the streams of the file by the library alone.

Every stream is looked at and known by the root element of what it holds, wherever the PDF names it, so that a damaged
table of objects, or a reader that stops at the first name, hides nothing. What a PDF may not do here is hide, lie, or
hold two invoices: then nobody chooses one.
"""

import base64
import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from relance.sources.einvoice_roots import DECLARED, DECLARES, LARGE, MOST_XML, FaultyError, root_of_xml

_STREAM = re.compile(rb">>\s{0,9}stream(?:\r\n|\n|\r)")
_ENCRYPTED = re.compile(rb"/Encrypt\s{0,9}(?:\d{1,9}\s{1,9}\d{1,9}\s{1,9}R|<<)")
_FILTERS = re.compile(rb"/(?:Filter|F)\s{0,9}(\[[^\]]{0,200}\]|/\w{1,20})")
_NAME = re.compile(rb"/U?F\s{0,9}(?:\(((?:[^()\\]|\\.){0,300})\)|<([0-9A-Fa-f\s]{0,1200})>)", re.DOTALL)
_ESCAPED = re.compile(rb"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
_DICTIONARY = 2_000
"""Octets before a stream among which its dictionary is looked for."""
_PEEK = 4_096
_MOST_FILES = 100
_MOST_STREAMS = 50_000
_MOST_OBJECTS = 4 * 2**20
"""Octets of the dictionaries that stand in compressed objects: where the names of attachments may be."""
_NOT_XML = (b"/Image", b"/XRef", b"/FontFile", b"/XML")
_ENDS = {b"/FlateDecode": "flate", b"/Fl": "flate", b"/ASCIIHexDecode": "hex", b"/AHx": "hex"}
_ENDS |= {b"/ASCII85Decode": "85", b"/A85": "85"}

ENCRYPTED = "PDF protégé par mot de passe\u00a0: enregistrez-le sans mot de passe."
BROKEN = "PDF abîmé, ou en cours d’enregistrement\u00a0: téléchargez-le de nouveau."
NO_XML = (
    "PDF sans facture électronique (aucun XML)\u00a0: déposez ici le Factur-X de votre plateforme, ou rangez ce PDF "
    "ailleurs."
)
TWO = "Ce PDF contient deux factures différentes\u00a0: téléchargez de nouveau celle qui a été émise."
WRONG_NAME = "Ce PDF cache une facture sous un autre nom ({})\u00a0: téléchargez de nouveau celle qui a été émise."
WRONG_ROOT = "Le XML joint à ce PDF n’est pas une facture ({})\u00a0: téléchargez-la de nouveau."


class _Stream(NamedTuple):
    """A stream as it stands in the file: its dictionary, or the end of it, and its octets."""

    dictionary: bytes
    data: bytes


def xml_of_pdf(data: bytes) -> bytes:
    """The XML of the invoice; FaultyError where there is none, or where it must not be trusted."""
    if b"%PDF-" not in data[:1024] or b"%%EOF" not in data:
        raise FaultyError(BROKEN)
    found: dict[bytes, None] = {}
    strange, dictionaries, room = "", [data], _MOST_OBJECTS
    for stream in _streams(data):
        if b"/ObjStm" in stream.dictionary and room > 0:
            dictionaries.append(_inflated(stream, room))
            room -= len(dictionaries[-1])
            continue
        if any(sign in stream.dictionary for sign in _NOT_XML) and b"/EmbeddedFile" not in stream.dictionary:
            continue
        root = root_of_xml(_inflated(stream, _PEEK))
        if root and root.is_invoice:
            whole = _inflated(stream, MOST_XML + 1)
            if len(whole) > MOST_XML:
                raise FaultyError(LARGE)
            found[whole] = None
        elif root and b"/EmbeddedFile" in stream.dictionary:
            strange = root.name
    if len(found) > 1:
        raise FaultyError(TWO)
    names = list(_names(dictionaries)) if found else []
    if names and not any(name.lower().endswith(".xml") for name in names):
        raise FaultyError(WRONG_NAME.format(f"«\u00a0{names[0][:60]}\u00a0»"))
    if not found and not strange and _ENCRYPTED.search(data):
        raise FaultyError(ENCRYPTED)
    if not found:
        raise FaultyError(_no_invoice(strange))
    return next(iter(found))


def _no_invoice(strange: str) -> str:
    """What is said of a PDF whose attachment, if it has one, has this root."""
    if strange == DECLARED:
        return DECLARES
    return WRONG_ROOT.format(strange[:60]) if strange else NO_XML


def _streams(data: bytes) -> Iterator[_Stream]:
    """The streams of a file, each to its own end; what would be looked at twice is not: the time is that of the file's.

    Streams stand in the file itself, never in a compressed object (ISO 32000-1, 7.5.7), so that none is missed.
    """
    place = 0
    for _ in range(_MOST_STREAMS):
        start = _STREAM.search(data, place)
        end = data.find(b"endstream", start.end()) if start else -1
        if start is None or end < 0:
            return
        head = data[max(place, start.start() - _DICTIONARY) : start.start()]
        yield _Stream(head[head.rfind(b" obj") + 1 :], data[start.end() : end])
        place = end
    raise FaultyError(BROKEN)


def _inflated(stream: _Stream, most: int) -> bytes:
    """The first `most` octets of what a stream holds; nothing of one whose filter is unknown here."""
    filters = _FILTERS.search(stream.dictionary)
    data = stream.data if filters else re.sub(rb"\r?\n\Z", b"", stream.data)  # the line end before `endstream`
    for name in re.findall(rb"/\w+", filters[1]) if filters else ():
        try:
            match _ENDS.get(name):
                case "flate":
                    data = zlib.decompressobj().decompress(data, most)
                case "hex":
                    data = bytes.fromhex(data.split(b">")[0].decode("ascii"))
                case "85":
                    data = base64.a85decode(data.strip().removeprefix(b"<~").removesuffix(b"~>"))
                case _:
                    return b""
        except (zlib.error, ValueError):
            return b""
    return data[:most]


def _names(dictionaries: list[bytes]) -> Iterator[str]:
    """What the PDF calls the files that are attached to it: the names that stand around each reference to one."""
    for text in dictionaries:
        place = text.find(b"/EF")
        for _ in range(_MOST_FILES):
            if place < 0:
                break
            around = text[max(0, place - _DICTIONARY) : place + _DICTIONARY]
            yield from (_decoded(told) for told in _NAME.finditer(around))
            place = text.find(b"/EF", place + 3)


def _decoded(told: re.Match[bytes]) -> str:
    """A text string of a PDF: letters, or their code in UTF-16 (ISO 32000-1, 7.9.2)."""
    raw = re.sub(_ESCAPED, _unescaped, told[1]) if told[1] is not None else bytes.fromhex(_even(told[2]))
    return raw.decode("utf-16", "replace") if raw[:2] in (b"\xfe\xff", b"\xff\xfe") else raw.decode("latin-1")


def _unescaped(found: re.Match[bytes]) -> bytes:
    """A sign by its octal code, or as it is."""
    return bytes([int(found[1], 8) & 0xFF]) if found[1] else found[2]


def _even(digits: bytes) -> str:
    text = b"".join(digits.split()).decode("ascii")
    return text + "0" * (len(text) % 2)
