"""The attachments of messages, each kept once by its content, in a folder beside the journal and not in its copies.

In the journal a message stands without them: a first line with the SHA-256 of its exact bytes, then the rest, packed,
with a mark where each attachment was. Messages written by an older version stand there whole.
"""

import base64
import hashlib
import re
import zlib
from pathlib import Path

from relance.errors import JournalError
from relance.journal.whole_files import write_whole

_FIRST = re.compile(rb"\A\x00relance ([0-9a-f]{64})\n")
_PUT = b"\x00part %s\n"
_PUT_IN = re.compile(rb"\x00part ([0-9a-f]{64})\n")
_LONG = re.compile(rb"(?:[A-Za-z0-9+/]{76}\r\n){40,}(?:[A-Za-z0-9+/=]{1,76}\r\n)?")
"""Base64 as RFC 2045 breaks it, of at least 2,280 octets: a file; no NUL stands in a message that may travel."""


class Parts:
    """The folder of the attachments of one journal; OSError where it cannot be used."""

    def __init__(self, journal: Path) -> None:
        self.folder = journal.with_name(f"{journal.name}.parts")

    def store(self, raw: bytes) -> bytes:
        """What the journal keeps of these bytes, once their attachments are on the disk."""
        rest = _LONG.sub(self._kept, raw)
        return b"\x00relance %s\n" % digest_of(raw).encode() + zlib.compress(rest)

    def whole(self, stored: bytes) -> bytes:
        """The exact bytes of what `store` made, or an older version kept whole; JournalError where they changed."""
        if _FIRST.match(stored) is None:
            return stored
        raw = _PUT_IN.sub(lambda found: _coded(self._read(found[1].decode())), template_of(stored))
        if digest_of(raw) != digest_of(stored):
            raise JournalError(
                f"Une pièce jointe gardée dans « {self.folder} » a changé : ce message ne peut plus partir tel quel.",
                "Remettez ce dossier à sa place, à côté du journal.",
            )
        return raw

    def _kept(self, found: re.Match[bytes]) -> bytes:
        try:
            data = base64.b64decode(found[0])
        except ValueError:  # it only looks like a file
            return found[0]
        if _coded(data) != found[0]:
            return found[0]
        name = hashlib.sha256(data).hexdigest()
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            write_whole(path, zlib.compress(data), replace=True)
        return _PUT % name.encode()

    def _read(self, name: str) -> bytes:
        try:
            return zlib.decompress((self.folder / name).read_bytes())
        except zlib.error:
            return b""  # the sum of the whole tells


def digest_of(stored: bytes) -> str:
    """The SHA-256 of the exact bytes, of a message as the journal has it, or as it travels."""
    first = _FIRST.match(stored)
    return first[1].decode() if first is not None else hashlib.sha256(stored).hexdigest()


def template_of(stored: bytes) -> bytes:
    """A message as the journal has it, unpacked: two that say the same are the same, attachments included."""
    first = _FIRST.match(stored)
    return stored if first is None else zlib.decompress(stored[first.end() :])


def pruned(stored: bytes) -> bytes:
    """What is left of a message that will not leave any more: the sum of its bytes."""
    first = _FIRST.match(stored)
    return stored if first is None else first[0] + zlib.compress(b"")


def _coded(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")
