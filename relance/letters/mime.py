"""The body of a message as MIME parts: the text, then the PDFs that travel with it."""

from collections.abc import Sequence
from email import policy
from email.message import EmailMessage, Message

from relance.letters.letter import Attachment

_TEXT = policy.SMTP
_HEADERS = policy.SMTP.clone(max_line_length=900)
"""A file name stays in one piece: programs disagree about names cut in several (RFC 2231 3)."""


def mime_body(text: str, attachments: Sequence[Attachment], token: str) -> bytes:
    """The MIME headers, an empty line and the parts, with CRLF; UnicodeError where the text cannot travel.

    `token` names the message: the same message is the same bytes each time. A boundary that holds `=_` occurs in no
    quoted-printable line and in no base64 (RFC 2045 6.7).
    """
    part = EmailMessage(policy=_TEXT)
    part.set_content(text, cte="quoted-printable")
    for file in attachments:
        part.add_attachment(file.data, maintype="application", subtype="pdf", filename=file.name)
    if attachments:
        part.set_boundary(f"=_relance_{token}")
    return part.as_bytes(policy=_HEADERS)


def mime_headers(attachments: Sequence[Attachment], token: str) -> list[tuple[str, str]]:
    """The headers that such a body begins with."""
    if attachments:
        return [("MIME-Version", "1.0"), ("Content-Type", f'multipart/mixed; boundary="=_relance_{token}"')]
    return [
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
        ("MIME-Version", "1.0"),
    ]


def content(parsed: Message) -> tuple[str, list[tuple[str, bytes]]]:
    """What a reader finds: the text with LF line ends, and each file with its name.

    A part of another kind counts as a file without a name, so that nothing travels unseen.
    """
    parts = parsed.get_payload() if parsed.is_multipart() else [parsed]
    first, *rest = [part for part in parts if isinstance(part, Message)]
    text = _octets(first).decode() if first.get_content_type() == "text/plain" else ""
    files = [(_name(part), _octets(part)) for part in rest]
    return text.replace("\r\n", "\n"), files


def _name(part: Message) -> str:
    known = part.get_content_type() == "application/pdf" and part.get_content_disposition() == "attachment"
    return (part.get_filename() or "") if known else ""


def _octets(part: Message) -> bytes:
    octets = part.get_payload(decode=True)
    return octets if isinstance(octets, bytes) else b""
