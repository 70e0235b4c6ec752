"""A letter as a MIME entity: its text and the same words as HTML, and the files beside it; written here, and read back.

`email` takes ten times as long to write this as the templates take to make it, and half as long to read it, line by
line; the sum of a run's messages is what its user waits for. What is written is always the same: RFC 2046 5.1.4
(alternative) and 5.1.3 (mixed), RFC 2231 (names of files). So reading back means that nothing else is there: these
heads, these boundaries, and between them what decodes to the letter.

The QR code of the payment, where the user wants one, lies beside the letter as a file, and not as an image in it: spam
filters hold an image among few words against a message (SpamAssassin: 2.8 points).
"""

import base64
import re
import unicodedata
from binascii import a2b_base64, a2b_qp, b2a_qp
from collections.abc import Sequence
from email.parser import HeaderParser
from urllib.parse import quote

from relance.core.message import Attachment, Letter

ALTERNATIVE, MIXED = "=_relance_alternative", "=_relance_mixed"
"""Boundaries: of the letter, of the letter with files beside it.

`=_` stands in no quoted-printable text and in no base64 (RFC 2045 6.7, 6.8): they stand in no part.
"""
PICTURE = "virement-QR.png"

_PLAIN = 'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
_HTML = _PLAIN.replace("text/plain", "text/html")
_IMAGE = (
    "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
    f'Content-Disposition: inline; filename="{PICTURE}"\r\n\r\n'
)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()-]{0,150}")


def body_bytes(letter: Letter, html: str) -> bytes:
    """The letter as multipart/alternative, its MIME headers first, CRLF line ends; no line over 76 octets.

    UnicodeError where the text cannot be written in UTF-8.
    """
    both = _multipart(ALTERNATIVE, _PLAIN + _quoted(letter.text), _HTML + _quoted(html))
    return f"MIME-Version: 1.0\r\n{both}".encode("ascii")


def says(content: bytes, letter: Letter, html: str) -> bool:
    """True where this content of the alternative holds the letter: text and HTML, and nothing more."""
    wanted = [(_PLAIN, letter.text.encode()), (_HTML, html.encode())]
    return list(map(_read, _parts(content, ALTERNATIVE))) == wanted


def enclose(letter: bytes, attachments: Sequence[Attachment]) -> bytes:
    """The letter (MIME headers, an empty line, content) and the files as one entity; alone where there are none."""
    if not attachments:
        return letter
    return f"MIME-Version: 1.0\r\n{_multipart(MIXED, letter.decode('ascii'), *map(_file, attachments))}".encode("ascii")


def enclosed(content: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The letter's own content in that of the mixed entity, and each file beside it with its name.

    A part of another kind counts as a file without a name, so that nothing travels unseen.
    """
    letter, *files = _parts(content, MIXED) or [b""]
    head, alternative = cut(letter)
    beside = [(_name(head), _from_base64(told)) for head, told in map(cut, files)]
    return alternative if head == f"MIME-Version: 1.0\r\n{_head(ALTERNATIVE)}" else b"", beside


def headers(boundary: str) -> dict[str, str]:
    """The MIME headers of a message whose parts this boundary keeps apart."""
    kind = boundary.rpartition("_")[2]
    return {"MIME-Version": "1.0", "Content-Type": f'multipart/{kind}; boundary="{boundary}"'}


def text_of(raw: bytes) -> str:
    """The text of a whole message that was written here."""
    head, content = cut(raw)
    letter = enclosed(content)[0] if MIXED in head else content
    return _read(_parts(letter, ALTERNATIVE)[0])[1].decode()


def cut(entity: bytes) -> tuple[str, bytes]:
    """An entity's headers, with the empty line that ends them, and its content."""
    head, between, content = entity.partition(b"\r\n\r\n")
    return (head + between).decode("ascii", "replace"), content


def _multipart(boundary: str, *entities: str) -> str:
    """Entities (headers, empty line, content) in one; the line end before a boundary belongs to the boundary."""
    framed = "".join(f"--{boundary}\r\n{entity}\r\n" for entity in entities)
    return f"{_head(boundary)}{framed}--{boundary}--\r\n"


def _head(boundary: str) -> str:
    return f"Content-Type: {headers(boundary)['Content-Type']}\r\n\r\n"


def _parts(content: bytes, boundary: str) -> list[bytes]:
    """The entities in a multipart's content; none where anything else stands before, between or after them."""
    delimiter = f"--{boundary}".encode()
    first, end = delimiter + b"\r\n", b"\r\n" + delimiter + b"--\r\n"
    if not (content.startswith(first) and content.endswith(end)):
        return []
    found = content[len(first) : -len(end)].split(b"\r\n" + first)
    return [] if any(delimiter in entity for entity in found) else found


def _read(leaf: bytes) -> tuple[str, bytes]:
    """A part's headers and what it says, with LF line ends in a text."""
    head, content = cut(leaf)
    return head, a2b_qp(content).replace(b"\r\n", b"\n")


def _quoted(text: str) -> str:
    """Quoted-printable (RFC 2045 6.7) of a text with LF line ends, soft ones included; a lone dot is encoded too."""
    return b2a_qp(text.encode()).decode().replace("\n", "\r\n")


def _base64_lines(octets: bytes) -> str:
    """Base64 (RFC 2045 6.8), without a line end after the last line."""
    return base64.encodebytes(octets).decode().rstrip("\n").replace("\n", "\r\n")


def _from_base64(content: bytes) -> bytes:
    """The octets that these lines hold; none where they hold something else."""
    try:
        return a2b_base64(content)
    except ValueError:
        return b""


def _file(attachment: Attachment) -> str:
    name = attachment.name
    if name == PICTURE:
        return _IMAGE + _base64_lines(attachment.data)
    how, fallback = f'filename="{name}"', ""
    if not _PLAIN_NAME.fullmatch(name):  # for who reads no RFC 2231, the name that the type had before it
        how, fallback = f"filename*=utf-8''{quote(name, safe='')}", f'; name="{plain_name(name)}"'
    head = (
        f"Content-Type: application/pdf{fallback}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; {how}\r\n\r\n"
    )
    return head + _base64_lines(attachment.data)


def plain_name(name: str) -> str:
    """A file's name in the letters, figures and signs that every program reads: « Facture-é.pdf » is Facture-e.pdf."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = re.sub(r"[^A-Za-z0-9._()-]+", "-", bare).strip("-.")
    stem, _, end = plain.rpartition(".")
    return f"{(stem or 'piece-jointe').strip('-')[:120]}.{end or 'pdf'}"


def _name(head: str) -> str:
    """The name of the file that this head announces; empty where it announces another kind, or another name beside."""
    if head == _IMAGE:
        return PICTURE
    part = HeaderParser().parsestr(head)
    name, beside = part.get_filename() or "", part.get_param("name")
    coded = part["Content-Transfer-Encoding"] == "base64" and not part.get_payload()
    known = part.get_content_type() == "application/pdf" and part.get_content_disposition() == "attachment"
    return name if known and coded and beside in (None, plain_name(name)) else ""
