"""The folders of a mailbox: which ones matter, and their names as IMAP writes them (RFC 3501 5.1.3, RFC 6154)."""

import base64
import imaplib
import re
from collections.abc import Iterator
from contextlib import suppress

_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:\\.|[^"])*"|NIL) (?P<name>.+)', re.DOTALL)

Folder = tuple[frozenset[bytes], str]
"""Its flags in lower case, and its name as the server writes it."""


def default_folders(known: list[Folder]) -> list[str]:
    """The inbox, archive and sent mail; all mail instead, where the server keeps such a folder (RFC 6154)."""
    everything = [name for flags, name in known if b"\\all" in flags]
    if everything:
        return everything
    marked = [name for flags, name in known if flags & {b"\\archive", b"\\sent"} and name.upper() != "INBOX"]
    return ["INBOX", *marked]


def listed(session: imaplib.IMAP4) -> Iterator[Folder]:
    """The folders that the server names; a line that names none is passed over."""
    _, answers = session.list()
    for answer in answers:
        line = answer[0].rpartition(b" ")[0] + b" " + answer[1] if isinstance(answer, tuple) else answer or b""
        found = _LISTED.match(line)
        if found is not None:
            name = found["name"].decode("ascii", "replace")
            if name.startswith('"'):
                name = re.sub(r"\\(.)", r"\1", name[1:-1])
            yield frozenset(found["flags"].lower().split()), name


def encoded(name: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501 5.1.3)."""

    def shifted(match: re.Match[str]) -> str:
        octets = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{octets}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def decoded(name: str) -> str:
    """The name as its user writes it; one that is badly written stays as it is."""

    def shifted(match: re.Match[str]) -> str:
        octets = match[1].replace(",", "/")
        return base64.b64decode(octets + "=" * (-len(octets) % 4)).decode("utf-16-be", "replace") if octets else "&"

    with suppress(ValueError):
        return re.sub(r"&([A-Za-z0-9+,]*)-", shifted, name)
    return name
