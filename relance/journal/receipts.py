"""The receipts: a second memory beside the journal, one line for each thing that must never be forgotten.

A line is written whole and is on the disk (O_DSYNC) before the program goes on: one before the final dot of a message,
one after the server's reply, one for each fact that the user told. The journal is mended from them; a lost journal is
rebuilt from them.

A file that has grown long is closed: packed as it is into the folder of closed parts, under the SHA-256 of its packed
octets, which the first line of the file that goes on names. A run reads the open file alone; who has to know all reads
the closed parts too, and one that is missing, shortened or exchanged does not have its name any more.
"""

import fcntl
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from relance.journal.whole_files import write_whole

Record = Mapping[str, Any]

DOT, OUTCOME, FACT, GENERATION = "dot", "outcome", "fact", "generation"
"""The kinds of records: about to be handed over; how that ended; what the user said; a run begins (witness.py)."""
VERSION = 1
LONG = 128_000
"""From so many octets on a file is closed: some hundred messages, which a run reads in three milliseconds."""
_FIRST_LINE = 1_000_000
"""Octets in which the first line ends, with the names of thousands of closed parts."""
_TORN = b" torn\n"
"""What ends a line that its writer could not: it announced nothing, and is no damage."""


class ClosedPart(NamedTuple):
    """A closed part: the SHA-256 of its packed file, which is its name, and the octets of its lines."""

    sha256: str
    size: int


class Header(NamedTuple):
    """The first line: which journal these receipts belong to, the day on which it was begun (ISO), what is closed."""

    journal: str
    started: str
    parts: tuple[ClosedPart, ...] = ()


class Log(NamedTuple):
    """Receipts as they were read; `size` in octets, closed parts included, 0 where there are none.

    `open_only` tells that there are closed parts, and that their records are not among these; `upto` are the last
    delivery and the last fact of the journal that is known to agree with them.

    `damaged` tells that a whole line cannot be trusted. A line without its end is no damage, be it the last or marked
    as such by the next writer: its own died, or had no room, and never went on to what the line announced.
    """

    header: Header | None = None
    records: tuple[Record, ...] = ()
    damaged: bool = False
    size: int = 0
    open_only: bool = False
    upto: tuple[int, int] = (0, 0)


class Receipts:
    """The file open for appending, opened with the first line; every method may raise OSError."""

    def __init__(self, journal: Path) -> None:
        self.journal, self.path = journal, receipts_path(journal)
        self._handle: int | None = None
        self._closed = 0
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
        """How long they are now, in octets, closed parts included; 0 where there are none."""
        if self._handle is not None:
            return self._closed + os.fstat(self._handle).st_size
        with suppress(FileNotFoundError), self.path.open("rb") as file:
            return _closed_octets(file.readline(_FIRST_LINE)) + os.fstat(file.fileno()).st_size
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
            self._closed = _closed_octets(os.pread(self._handle, _FIRST_LINE, 0))
        return self._handle


def receipts_path(journal: Path) -> Path:
    """Where the receipts of this journal lie."""
    return journal.with_name(f"{journal.name}.receipts")


def whole_file(header: Header, records: Iterable[Record]) -> bytes:
    """The content of a new receipts file."""
    first = {"kind": "receipts", "version": VERSION, **header._asdict()}
    if not header.parts:
        del first["parts"]
    return b"".join(_line(record) for record in (first, *records))


def read_receipts(journal: Path) -> Log:
    """The receipts of this journal, in the order in which they were written; OSError where they cannot be read."""
    return with_closed(journal, read_open(journal))


def read_open(journal: Path) -> Log:
    """The same without their closed parts."""
    try:
        content = receipts_path(journal).read_bytes()
    except FileNotFoundError:
        return Log()
    log = _read(content)
    closed = sum(part.size for part in log.header.parts) if log.header is not None else 0
    return log._replace(size=closed + log.size, open_only=closed > 0)


def with_closed(journal: Path, log: Log, after: int = 0) -> Log:
    """Receipts that were read without their closed parts, with those after the first so many of them.

    `damaged` where one of these is not what was closed.
    """
    if log.header is None or not log.open_only:
        return log
    closed = [_part(journal, part) for part in log.header.parts[after:]]
    records = [record for part in closed if part is not None for record in part.records]
    damaged = log.damaged or any(part is None or part.damaged for part in closed)
    return log._replace(records=(*records, *log.records), damaged=damaged, open_only=after > 0)


def set_aside(journal: Path) -> list[Path]:
    """Receipts of this journal that others took the place of."""
    return sorted(journal.parent.glob(f"{receipts_path(journal).name}.2*"))


def closed_parts(journal: Path) -> Path:
    """The folder where the closed parts of the receipts of this journal lie."""
    return journal.with_name(f"{journal.name}.receipts.closed")


def drop_unnamed(journal: Path) -> None:
    """Remove the closed parts that the first line does not name any more."""
    header = read_open(journal).header
    named = {part.sha256 for part in header.parts} if header is not None else set()
    for path in closed_parts(journal).glob("*"):
        if path.name not in named:
            path.unlink(missing_ok=True)


def parts_are_whole(journal: Path, log: Log) -> bool:
    """Whether every closed part is what was closed."""
    return log.header is None or None not in [_packed(journal, part) for part in log.header.parts]


def close_part(journal: Path, log: Log, records: Iterable[Record]) -> Header:
    """Close the file, of which `log` was read: what goes on begins with these records. Returns its header; OSError.

    What is cut off in between has not happened: a part that no first line names is none.
    """
    assert log.header is not None
    content = receipts_path(journal).read_bytes()
    packed = zlib.compress(content, 9)
    part = ClosedPart(sha256(packed).hexdigest(), len(content))
    folder = closed_parts(journal)
    folder.mkdir(mode=0o700, exist_ok=True)
    write_whole(folder / part.sha256, packed, replace=True)
    header = log.header._replace(parts=(*log.header.parts, part))
    write_whole(receipts_path(journal), whole_file(header, records), replace=True)
    return header


def _packed(journal: Path, part: ClosedPart) -> bytes | None:
    """The octets of the file of a closed part, None where they are not those that were written."""
    try:
        packed = (closed_parts(journal) / part.sha256).read_bytes()
    except OSError:
        return None
    return packed if sha256(packed).hexdigest() == part.sha256 else None


def _part(journal: Path, part: ClosedPart) -> Log | None:
    packed = _packed(journal, part)
    return _read(zlib.decompress(packed)) if packed is not None else None


def _closed_octets(content: bytes) -> int:
    """The octets of the closed parts that the first line of this file names."""
    header = _header(_record(content.partition(b"\n")[0]))
    return sum(part.size for part in header.parts) if header is not None else 0


@lru_cache(maxsize=64)
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
    return Header(record["journal"], record["started"], tuple(ClosedPart(*part) for part in record.get("parts", ())))


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
