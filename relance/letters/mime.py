"""A letter as a MIME entity: its text and the same words as HTML; written here, read back with `email`.

`email` takes ten times as long to write this as the templates take to make it, and the sum of a run's messages is
what its user waits for. What is written is always the same: RFC 2046 5.1.4 (alternative) and 5.1.3 (mixed).

The QR code of the payment lies behind the HTML, where mail programs show it under the message, and not as an image in
it: spam filters hold an image among few words against a message (SpamAssassin: 2.8 points).
"""

import base64
from binascii import b2a_qp
from email.message import Message

from relance.letters.letter import Letter

ALTERNATIVE, MIXED = "=_relance_alternative", "=_relance_html_mixed"
PICTURE = "virement-QR.png"
"""`=_` stands in no quoted-printable text and in no base64 (RFC 2045 6.7, 6.8): these boundaries stand in no part.

`email` compiles a pattern for each boundary that it has not met: always the same ones save a third of the reading.
"""

_PLAIN = 'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
_HTML = _PLAIN.replace("text/plain", "text/html")


def body_bytes(letter: Letter, html: str) -> bytes:
    """The letter as multipart/alternative, its MIME headers first, CRLF line ends; no line over 76 octets.

    UnicodeError where the text cannot be written in UTF-8.
    """
    rich = f"{_HTML}{_quoted(html)}"
    if letter.qr is not None:
        rich = _multipart(MIXED, rich, _image(letter.qr))
    return f"MIME-Version: 1.0\r\n{_multipart(ALTERNATIVE, _PLAIN + _quoted(letter.text), rich)}".encode("ascii")


def says(entity: Message, letter: Letter, html: str) -> bool:
    """True where this parsed entity holds the letter: its text, its HTML and its QR code, and nothing more."""
    leaves = [part for part in entity.walk() if not part.is_multipart()]
    if [part.get_content_type() for part in leaves[:2]] != ["text/plain", "text/html"]:
        return False
    found = [part.get_payload(decode=True) for part in leaves]
    unix = [part.replace(b"\r\n", b"\n") if isinstance(part, bytes) else None for part in found[:2]]
    return [*unix, *found[2:]] == [letter.text.encode(), html.encode(), *([letter.qr] if letter.qr else [])]


def _multipart(boundary: str, *entities: str) -> str:
    """Entities (headers, empty line, content) in one; the line end before a boundary belongs to the boundary."""
    parts = "".join(f"--{boundary}\r\n{entity}\r\n" for entity in entities)
    kind = boundary.rpartition("_")[2]
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{parts}--{boundary}--\r\n'


def _image(png: bytes) -> str:
    return (
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: inline; filename="{PICTURE}"\r\n\r\n'
        + base64.encodebytes(png).decode().rstrip("\n").replace("\n", "\r\n")
    )


def _quoted(text: str) -> str:
    """Quoted-printable (RFC 2045 6.7) of a text with LF line ends, soft ones included; a lone dot is encoded too."""
    return b2a_qp(text.encode()).decode().replace("\n", "\r\n")
