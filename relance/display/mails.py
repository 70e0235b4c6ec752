"""A mail as its reader will see it: its headers, its text, the files that it carries."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from relance.display.documents import Document
from relance.display.terminal import fitted
from relance.french import plural, typeset

if TYPE_CHECKING:
    from email.message import EmailMessage


class Enclosed(NamedTuple):
    """A file that a mail carries; `size` in octets."""

    name: str
    size: int


def headers_and_text(raw: bytes) -> tuple[list[tuple[str, str]], str]:
    """The headers and the text of a message, as its reader will see them."""
    parsed = _parsed(raw)
    body = parsed.get_body(("plain",))
    text = body.get_content().replace("\r\n", "\n") if body is not None else ""
    return [(name, str(value)) for name, value in parsed.items()], text


def enclosed(raw: bytes) -> list[Enclosed]:
    """The files that a message carries."""
    parts = _parsed(raw).iter_attachments()
    return [Enclosed(part.get_filename() or "", len(part.get_payload(decode=True) or b"")) for part in parts]


@lru_cache(maxsize=1)  # of one message its text is asked for, then its files
def _parsed(raw: bytes) -> "EmailMessage":
    from email import message_from_bytes, policy
    from email.message import EmailMessage

    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def size(octets: int) -> str:
    """« 84 Ko »."""
    return typeset(f"{max(1, round(octets / 1024))} Ko")


def file_lines(files: Iterable[Enclosed]) -> Iterator[str]:
    """The files beside a text, a line each."""
    for each in files:
        yield typeset(f"Pièce jointe : {each.name} ({size(each.size)})")


def text_lines(text: str) -> Iterator[str]:
    """The text, as wide as the terminal."""
    yield from fitted(text.rstrip("\n"), under="")


def file_documents(files: Iterable[Enclosed]) -> list[Document]:
    """For programs."""
    return [each._asdict() for each in files]


def about(numbers: tuple[str, ...]) -> str:
    """The invoices of a message in a table, or how many they are."""
    joined = ", ".join(numbers)
    return joined if len(numbers) == 1 or len(joined) <= _BRIEF else plural(len(numbers), "facture")


_BRIEF = 24
