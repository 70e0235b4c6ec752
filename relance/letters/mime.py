"""A letter as a MIME entity: its text and the same words as HTML; written here, and read back part by part.

`email` takes ten times as long to write this as the templates take to make it, and half as long to read it, line by
line; the sum of a run's messages is what its user waits for. What is written is always the same: RFC 2046 5.1.4
(alternative) and 5.1.3 (mixed). So reading back means that nothing else is there: these heads, these boundaries, and
between them what decodes to the letter.

The QR code of the payment lies behind the HTML, where mail programs show it under the message, and not as an image in
it: spam filters hold an image among few words against a message (SpamAssassin: 2.8 points).
"""

import base64
from binascii import a2b_base64, a2b_qp, b2a_qp

from relance.core.message import Letter

ALTERNATIVE, MIXED = "=_relance_alternative", "=_relance_html_mixed"
"""`=_` stands in no quoted-printable text and in no base64 (RFC 2045 6.7, 6.8): these boundaries stand in no part."""
PICTURE = "virement-QR.png"

HEADERS = {"MIME-Version": "1.0", "Content-Type": f'multipart/alternative; boundary="{ALTERNATIVE}"'}
HEAD = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items()) + "\r\n"
_PLAIN = 'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
_HTML = _PLAIN.replace("text/plain", "text/html")
_IMAGE = (
    "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
    f'Content-Disposition: inline; filename="{PICTURE}"\r\n\r\n'
)


def body_bytes(letter: Letter, html: str) -> bytes:
    """The letter as multipart/alternative, its MIME headers first, CRLF line ends; no line over 76 octets.

    UnicodeError where the text cannot be written in UTF-8.
    """
    rich = f"{_HTML}{_quoted(html)}"
    if letter.qr is not None:
        rich = _multipart(MIXED, rich, _IMAGE + base64_lines(letter.qr))
    return f"MIME-Version: 1.0\r\n{_multipart(ALTERNATIVE, _PLAIN + _quoted(letter.text), rich)}".encode("ascii")


def says(content: bytes, letter: Letter, html: str) -> bool:
    """True where this content of the alternative holds the letter: text, HTML and QR code, and nothing more."""
    leaves = parts(content, ALTERNATIVE)
    wanted = [(_PLAIN, letter.text.encode()), (_HTML, html.encode())]
    if letter.qr is not None and len(leaves) == 2:
        head, mixed = cut(leaves.pop())
        leaves += parts(mixed, MIXED) if head == _multipart_head(MIXED) else []
        wanted.append((_IMAGE, letter.qr))
    return list(map(_read, leaves)) == wanted


def parts(content: bytes, boundary: str) -> list[bytes]:
    """The entities in a multipart's content; none where anything else stands before, between or after them."""
    delimiter = f"--{boundary}".encode()
    first, end = delimiter + b"\r\n", b"\r\n" + delimiter + b"--\r\n"
    if not (content.startswith(first) and content.endswith(end)):
        return []
    found = content[len(first) : -len(end)].split(b"\r\n" + first)
    return [] if any(delimiter in entity for entity in found) else found


def cut(entity: bytes) -> tuple[str, bytes]:
    """An entity's headers, with the empty line that ends them, and its content."""
    head, between, content = entity.partition(b"\r\n\r\n")
    return (head + between).decode("ascii", "replace"), content


def from_base64(content: bytes) -> bytes:
    """The octets that these lines hold; none where they hold something else."""
    try:
        return a2b_base64(content)
    except ValueError:
        return b""


def base64_lines(octets: bytes) -> str:
    """Base64 (RFC 2045 6.8), without a line end after the last line."""
    return base64.encodebytes(octets).decode().rstrip("\n").replace("\n", "\r\n")


def _read(leaf: bytes) -> tuple[str, bytes]:
    """A part's headers and what it says, with LF line ends in a text."""
    head, content = cut(leaf)
    if head == _IMAGE:
        return head, from_base64(content)
    return head, a2b_qp(content).replace(b"\r\n", b"\n")


def _multipart(boundary: str, *entities: str) -> str:
    """Entities (headers, empty line, content) in one; the line end before a boundary belongs to the boundary."""
    framed = "".join(f"--{boundary}\r\n{entity}\r\n" for entity in entities)
    return f"{_multipart_head(boundary)}{framed}--{boundary}--\r\n"


def _multipart_head(boundary: str) -> str:
    return f'Content-Type: multipart/{boundary.rpartition("_")[2]}; boundary="{boundary}"\r\n\r\n'


def _quoted(text: str) -> str:
    """Quoted-printable (RFC 2045 6.7) of a text with LF line ends, soft ones included; a lone dot is encoded too."""
    return b2a_qp(text.encode()).decode().replace("\n", "\r\n")
