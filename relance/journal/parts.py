"""The attachments of messages, each kept once by its content, in a folder beside the journal and not in its copies.

In the journal a message stands without them: a first line with the SHA-256 of its exact bytes, then the rest, packed,
with a mark where each attachment was. Messages written by an older version stand there whole.
"""

import base64
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from relance.errors import JournalError
from relance.journal.whole_files import write_whole

_FIRST = re.compile(rb"\A\x00relance ([0-9a-f]{64})\n")
_PUT = b"\x00part %s\n"
_PUT_IN = re.compile(rb"\x00part ([0-9a-f]{64})\n")
_NAME = re.compile(r"[0-9a-f]{64}")
_LONG = re.compile(rb"(?:[A-Za-z0-9+/]{76}\r\n){40,}(?:[A-Za-z0-9+/=]{1,76}\r\n)?")
"""Base64 as RFC 2045 breaks it, of at least 2,280 octets: a file; no NUL stands in a message that may travel."""
_SAYS_SO = b"base64"
"""What a message says of a part that is (RFC 2045 6.1): the others are not looked through."""


class PartError(JournalError):
    """An attachment of a kept message is not there any more, or not what it was."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Une pièce jointe gardée dans « {folder} » manque ou a changé.",
            "« relance repair » nomme les messages qu’elle accompagnait, et ce qui la refait.",
        )


class Parts:
    """The folder of the attachments of one journal; OSError where it cannot be used."""

    def __init__(self, journal: Path) -> None:
        self.folder = journal.with_name(f"{journal.name}.parts")

    def store(self, raw: bytes) -> bytes:
        """What the journal keeps of these bytes, once their attachments are on the disk."""
        rest = _LONG.sub(self._kept, raw) if _SAYS_SO in raw else raw
        return b"\x00relance %s\n" % digest_of(raw).encode() + zlib.compress(rest)

    def whole(self, stored: bytes) -> bytes:
        """The exact bytes of what `store` made, or an older version kept whole; PartError where they changed."""
        if _FIRST.match(stored) is None:
            return stored
        raw = _PUT_IN.sub(lambda found: _coded(self._read(found[1].decode())), template_of(stored))
        if digest_of(raw) != digest_of(stored):
            raise PartError(self.folder)
        return raw

    def _kept(self, found: re.Match[bytes]) -> bytes:
        try:
            data = base64.b64decode(found[0])
        except ValueError:  # it only looks like a file
            return found[0]
        if _coded(data) != found[0]:
            return found[0]
        name = sha256(data).hexdigest()
        self._put(name, data)
        return _PUT % name.encode()

    def lacking(self, stored: bytes) -> set[str]:
        """Of the attachments of a message as the journal has it, those that are not there as they were."""
        if _FIRST.match(stored) is None:
            return set()
        names = {found[1].decode() for found in _PUT_IN.finditer(template_of(stored))}
        return {name for name in names if sha256(self._read(name)).hexdigest() != name}

    def keep(self, messages: Iterable[bytes]) -> None:
        """Remove the attachments that none of these messages, as the journal has them, carries."""
        used = {name[1].decode() for raw in messages for name in _PUT_IN.finditer(template_of(raw))}
        for path in self.folder.glob("*"):
            if _NAME.fullmatch(path.name) and path.name not in used:
                path.unlink(missing_ok=True)

    def put_again(self, data: bytes) -> str:
        """Write an attachment that was lacking; returns its name."""
        name = sha256(data).hexdigest()
        self._put(name, data)
        return name

    def _put(self, name: str, data: bytes) -> None:
        """An attachment in its file, which is not believed to have it because it is there."""
        if self._read(name) != data:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            write_whole(self.folder / name, zlib.compress(data), replace=True)

    def _read(self, name: str) -> bytes:
        """What is kept under that name; nothing where it cannot be read, which the sum tells."""
        path = self.folder / name
        try:
            return zlib.decompress(path.read_bytes()) if path.is_file() else b""
        except (OSError, zlib.error):
            return b""


class Lacking(NamedTuple):
    """A message of that day (ISO) about these invoices that lacks an attachment."""

    on: str
    numbers: tuple[str, ...]


def mend_parts(
    db: sqlite3.Connection, parts: Parts, files: Callable[[], Iterable[bytes]]
) -> tuple[int, tuple[Lacking, ...]]:
    """Write again the attachments that are lacking and are among these files, which are asked for where one lacks.

    Returns how many there were, and the messages that still lack one, oldest first.
    """
    lacking = _lacking(db, parts)
    wanted = set().union(*lacking.values())
    found = {parts.put_again(data) for data in (files() if wanted else ()) if sha256(data).hexdigest() in wanted}
    return len(found), tuple(_message(db, delivery) for delivery, names in lacking.items() if names - found)


def _lacking(db: sqlite3.Connection, parts: Parts) -> dict[int, set[str]]:
    """By delivery, the attachments that are not there as they were."""
    rows = db.execute("SELECT id, raw FROM deliveries ORDER BY id")
    found = {delivery: parts.lacking(bytes(raw)) for delivery, raw in rows}
    return {delivery: names for delivery, names in found.items() if names}


def _message(db: sqlite3.Connection, delivery: int) -> Lacking:
    [(on,)] = db.execute("SELECT on_date FROM deliveries WHERE id = ?", (delivery,))
    numbers = db.execute("SELECT number FROM delivery_keys WHERE delivery = ? ORDER BY rowid", (delivery,))
    return Lacking(on, tuple(number for (number,) in numbers))


def digest_of(stored: bytes) -> str:
    """The SHA-256 of the exact bytes, of a message as the journal has it, or as it travels."""
    first = _FIRST.match(stored)
    return first[1].decode() if first is not None else sha256(stored).hexdigest()


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
