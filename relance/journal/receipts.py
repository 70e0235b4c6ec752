"""The receipts: a second memory beside the journal, one line for each thing that must never be forgotten.

A line is written whole and is on the disk (O_DSYNC) before the program goes on: one before the final dot of a message,
one after the server's reply, one for each fact that the user told. The journal is mended from them; a lost journal is
rebuilt from them.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

Record = Mapping[str, Any]

DOT, OUTCOME, FACT, GENERATION = "dot", "outcome", "fact", "generation"
"""The kinds of records: about to be handed over; how that ended; what the user said; a run begins (witness.py)."""
VERSION = 1
_TORN = b" torn\n"
"""What ends a line that its writer could not: it announced nothing, and is no damage."""


class Header(NamedTuple):
    """The first line: which journal these receipts belong to, and the day on which it was begun (ISO)."""

    journal: str
    started: str


class Log(NamedTuple):
    """A receipts file as it was read; `size` in octets, 0 where there is none.

    `damaged` tells that a whole line cannot be trusted. A line without its end is no damage, be it the last or marked
    as such by the next writer: its own died, or had no room, and never went on to what the line announced.
    """

    header: Header | None = None
    records: tuple[Record, ...] = ()
    damaged: bool = False
    size: int = 0


class Receipts:
    """The file open for appending, opened with the first line; every method may raise OSError."""

    def __init__(self, journal: Path) -> None:
        self.path = receipts_path(journal)
        self._handle: int | None = None
        self._torn = False

    def append(self, *records: Record) -> None:
        """These lines, each in one write, on the disk when this returns."""
        for record in records:
            line = _line(record)
            handle = self._opened()
            start = _TORN if self._torn else b""
            self._torn = True
            if os.write(handle, start + line) != len(start + line):
                raise OSError(28, os.strerror(28))  # no room for all of it
            self._torn = False
            if hasattr(fcntl, "F_FULLFSYNC"):  # macOS: O_DSYNC alone does not reach the plate
                fcntl.fcntl(handle, fcntl.F_FULLFSYNC)

    def size(self) -> int:
        """How long the file is now, in octets; 0 where there is none."""
        if self._handle is not None:
            return os.fstat(self._handle).st_size
        with suppress(FileNotFoundError):
            return self.path.stat().st_size
        return 0

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _opened(self) -> int:
        if self._handle is None:
            # Without O_CREAT: a file that disappeared is missed, not begun again without its past.
            self._handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_DSYNC)
            size = os.fstat(self._handle).st_size
            self._torn = size > 0 and os.pread(self._handle, 1, size - 1) != b"\n"
        return self._handle


def receipts_path(journal: Path) -> Path:
    """Where the receipts of this journal lie."""
    return journal.with_name(f"{journal.name}.receipts")


def whole_file(header: Header, records: Iterable[Record]) -> bytes:
    """The content of a new receipts file."""
    first = {"kind": "receipts", "version": VERSION, **header._asdict()}
    return b"".join(_line(record) for record in (first, *records))


def read_receipts(journal: Path) -> Log:
    """The receipts of this journal, in the order in which they were written; OSError where they cannot be read."""
    try:
        content = receipts_path(journal).read_bytes()
    except FileNotFoundError:
        return Log()
    return _read(content)


@lru_cache(maxsize=2)
def _read(content: bytes) -> Log:
    """What these octets say; a run asks several times, and years of lines take their time."""
    lines = [line for line in content.split(b"\n")[:-1] if not line.endswith(_TORN.rstrip())]
    read = [_record(line) for line in lines]
    header = _header(read[0]) if read else None
    records = tuple(record for record in read[1:] if record is not None)
    return Log(header, records, None in read, len(content))


def _header(record: Record | None) -> Header | None:
    if record is None or record.get("kind") != "receipts" or record.get("version") != VERSION:
        return None
    return Header(record["journal"], record["started"])


def _line(record: Record) -> bytes:
    text = json.dumps(record, separators=(",", ":")).encode("ascii")
    return b"%s %08x\n" % (text, zlib.crc32(text))


def _record(line: bytes) -> Record | None:
    """The record of a line, None where it is not exactly what was written."""
    text, _, check = line.rpartition(b" ")
    if check != b"%08x" % zlib.crc32(text):
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) and isinstance(record.get("kind"), str) else None
