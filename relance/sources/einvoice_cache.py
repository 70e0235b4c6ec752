"""What was read of e-invoices before, beside the journal: it spares a second reading, and never stands against a file.

A file whose inode, size or instants (of its content, of anything: ctime) are others is read again; so is one that was
written while it was being noted. A cache that is broken, of another version or of another shape is none.
"""

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from relance.sources import einvoice_roots, einvoice_xml, pdf_attachments
from relance.sources.einvoice_roots import FaultyError
from relance.sources.einvoice_xml import EInvoice, Party
from relance.sources.folders import FolderFile

_SETTLED = 2 * 10**9
"""Nanoseconds: a file that was changed so shortly before it was noted may change again without another instant."""
_LARGEST = 64 * 2**20
_Read = EInvoice | str
"""What a file holds, or the sentence that says why nothing of it is read."""


def _shape() -> str:
    """What names the code that reads the files: another one reads them anew."""
    told = sha256()
    for module in (einvoice_roots, einvoice_xml, pdf_attachments):
        with suppress(OSError):
            told.update(Path(str(module.__file__)).read_bytes())
    return told.hexdigest()


class Cache:
    """The readings of a folder by the content of its files (SHA-256); without a `path` nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._files, self._readings = _stored(path) if path else ({}, {})
        self._used: dict[str, list[Any]] = {}
        self._news = False

    def read(self, file: FolderFile, reader: Callable[[Path], tuple[bytes, Callable[[bytes], EInvoice]]]) -> _Read:
        """What this file holds: as noted where nothing of it has changed, else by the reader."""
        known = self._files.get(str(file.path))
        if known and known[:4] == list(file.stat) and str(known[4]) in self._readings:
            self._used[str(file.path)] = known
            return _restored(self._readings[str(known[4])])
        self._news = True
        try:
            data, parse = reader(file.path)
        except FaultyError as error:
            return error.sentence
        digest = sha256(data).hexdigest() + file.path.suffix.lower()
        if digest not in self._readings:
            self._readings[digest] = _kept(data, parse)
        if time.time_ns() - max(file.stat[2:]) > _SETTLED and _unchanged(file):
            self._used[str(file.path)] = [*file.stat, digest]
        return _restored(self._readings[digest])

    def keep(self) -> None:
        """Write down what was read, for the owner alone; a folder that cannot be written to keeps nothing."""
        if self._path is None or not (self._news or self._used.keys() != self._files.keys()):
            return
        digests = {str(known[4]) for known in self._used.values()}
        readings = {digest: self._readings[digest] for digest in digests}
        text = json.dumps({"shape": _shape(), "files": self._used, "readings": readings}, ensure_ascii=False)
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            try:
                with os.fdopen(
                    os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
                ) as file:
                    file.write(text)
                beside.replace(self._path)
            except OSError:
                beside.unlink(missing_ok=True)
                raise


def _unchanged(file: FolderFile) -> bool:
    try:
        found = file.path.stat()
    except OSError:
        return False
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns) == file.stat


def _kept(data: bytes, parse: Callable[[bytes], EInvoice]) -> list[Any]:
    try:
        found = parse(data)
    except FaultyError as error:
        return [error.sentence]
    parties = [[party.name, list(party.ids)] for party in (found.seller, found.buyer)]
    return [dict(found.cells), *parties, list(found.due_days), list(found.sources)]


def _restored(kept: list[Any]) -> _Read:
    if len(kept) == 1:
        return str(kept[0])
    cells, seller, buyer, due, sources = kept
    return EInvoice(cells, _party(seller), _party(buyer), tuple(due), tuple(sources))


def _party(kept: Any) -> Party:
    return Party(kept[0], tuple(kept[1]))


_Stored = tuple[Mapping[str, list[Any]], dict[str, list[Any]]]


def _stored(path: Path) -> _Stored:
    """The files and the readings that are noted; nothing where one of them is not as this program writes it."""
    with suppress(OSError, ValueError, RecursionError, TypeError, AttributeError, KeyError):
        if path.stat().st_size > _LARGEST:
            return {}, {}
        noted = json.loads(path.read_bytes())
        files, readings = noted["files"], noted["readings"]
        sound = all(len(known) == 5 and known[4] in readings for known in files.values())
        if noted["shape"] == _shape() and sound and all(map(_is_sound, readings.values())):
            return files, readings
    return {}, {}


def _is_sound(kept: object) -> bool:
    """True for a reading as `_kept` makes them: texts and lists of texts in their places."""
    match kept:
        case [str()]:
            return True
        case [dict() as cells, [str(), list() as ids], [str(), list() as others], list() as due, list() as sources]:
            told = (*cells, *cells.values(), *ids, *others, *due, *sources)
            return "number" in cells and all(isinstance(each, str) for each in told)
    return False
