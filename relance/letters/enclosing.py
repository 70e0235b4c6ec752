"""PDFs put into a message beside its letter, and found there again (RFC 2046 5.1.3, RFC 2231)."""

import re
from collections.abc import Sequence
from email.parser import HeaderParser
from urllib.parse import quote

from relance.core.message import Attachment
from relance.letters.mime import HEAD, base64_lines, cut, from_base64, parts

MIXED = "=_relance_mixed"
"""`=_` stands in no quoted-printable text and in no base64 (RFC 2045 6.7, 6.8): this boundary stands in no part."""
MIXED_HEADERS = {"MIME-Version": "1.0", "Content-Type": f'multipart/mixed; boundary="{MIXED}"'}
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()-]{0,150}")


def enclose(letter: bytes, attachments: Sequence[Attachment]) -> bytes:
    """The letter (MIME headers, an empty line, content) and the PDFs as one entity; alone where there are none."""
    if not attachments:
        return letter
    head = "".join(f"{name}: {value}\r\n" for name, value in MIXED_HEADERS.items())
    delimiter = f"--{MIXED}\r\n".encode()
    # The line end before a boundary belongs to the boundary.
    framed = b"".join(delimiter + part + b"\r\n" for part in (letter, *map(_file, attachments)))
    return head.encode() + b"\r\n" + framed + f"--{MIXED}--\r\n".encode()


def enclosed(content: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The letter's own content in that of the mixed entity, and each file beside it with its name.

    A part of another kind counts as a file without a name, so that nothing travels unseen.
    """
    letter, *files = parts(content, MIXED) or [b""]
    head, alternative = cut(letter)
    return alternative if head == HEAD else b"", [(_name(head), from_base64(told)) for head, told in map(cut, files)]


def _file(attachment: Attachment) -> bytes:
    name = attachment.name
    how = f'filename="{name}"' if _PLAIN_NAME.fullmatch(name) else f"filename*=utf-8''{quote(name, safe='')}"
    head = (
        "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; {how}\r\n\r\n"
    )
    return f"{head}{base64_lines(attachment.data)}".encode()


def _name(head: str) -> str:
    part = HeaderParser().parsestr(head)
    coded = part["Content-Transfer-Encoding"] == "base64" and not part.get_payload()
    known = part.get_content_type() == "application/pdf" and part.get_content_disposition() == "attachment"
    return (part.get_filename() or "") if known and coded else ""
