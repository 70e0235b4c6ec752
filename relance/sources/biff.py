"""XLS workbooks, in the child: the error cells that calamine shows empty, hidden rows, merged cells.

The records are those of [MS-XLS] 2.4, the container that of [MS-CFB] 2.
"""

import struct
from collections.abc import Callable, Iterator

from relance.sources.parsing import NOTHING, Look, Refused

_END = 0xFFFFFFFC
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_BOUNDSHEET, _ROW, _BOOLERR, _FORMULA, _MERGED, _EOF, _FILEPASS = 0x85, 0x208, 0x205, 0x06, 0xE5, 0x0A, 0x2F


def looks_of_xls(data: bytes) -> Callable[[str], Look]:
    """The look at a sheet by its title."""
    try:
        stream = _workbook(data)
        looks = {}
        for kind, record in _records(stream, 0):
            if kind == _FILEPASS:
                raise Refused("encrypted")
            if kind == _BOUNDSHEET:
                (start,) = struct.unpack_from("<I", record)
                looks[_title(record)] = _look(stream, start)
    except (struct.error, IndexError, MemoryError, ValueError):
        raise Refused("damaged") from None
    return lambda title: looks.get(title, NOTHING)


def _title(record: bytes) -> str:
    """The name of a sheet: one byte a character, or two."""
    length, wide = record[6], len(record) > 7 and record[7] & 1
    if len(record) == 7 + length:  # BIFF5 has no flags
        return record[7:].decode("cp1252", "replace")
    return record[8 : 8 + length * 2].decode("utf-16-le") if wide else record[8 : 8 + length].decode("latin-1")


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The records of one substream."""
    while start + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + length]
        if kind == _EOF:
            return
        start += 4 + length


def _look(stream: bytes, start: int) -> Look:
    flaws, hidden, merges = {}, [], []
    for kind, record in _records(stream, start):
        if kind == _BOOLERR and record[7]:
            row, column = struct.unpack_from("<HH", record)
            flaws[row + 1, column] = _ERRORS.get(record[6], "#N/A")
        elif kind == _FORMULA and record[12:14] == b"\xff\xff" and record[6] == 2:
            row, column = struct.unpack_from("<HH", record)
            flaws[row + 1, column] = _ERRORS.get(record[8], "#N/A")
        elif kind == _ROW and record[12] & 0x20:
            hidden.append(struct.unpack_from("<H", record)[0] + 1)
        elif kind == _MERGED:
            for place in range(2, len(record) - 7, 8):
                top, bottom, left, right = struct.unpack_from("<4H", record, place)
                merges.append((top + 1, left, bottom + 1, right))
    return Look(flaws, tuple(hidden), tuple(merges))


def _workbook(data: bytes) -> bytes:
    """The stream of the workbook in its container."""
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    count, directory, cutoff, mini_start, _, more, _ = (
        *struct.unpack_from("<II", data, 44),
        *struct.unpack_from("<IIIII", data, 56),
    )
    if shift not in (9, 12) or mini_shift > shift:
        raise Refused("damaged")
    size = 1 << shift

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    tables = list(struct.unpack_from("<109I", data, 76))
    while more < _END and len(tables) < len(data) // size + 200:
        following = struct.unpack(f"<{size // 4}I", sector(more))
        tables, more = tables + list(following[:-1]), following[-1]
    fat: list[int] = []
    for number in [number for number in tables if number < _END][:count]:
        fat += struct.unpack(f"<{size // 4}I", sector(number))
    entries = _chain(sector, fat, directory, len(data))
    root = found = None
    for place in range(0, len(entries) - 127, 128):
        entry = entries[place : place + 128]
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace")
        where = struct.unpack_from("<II", entry, 116)
        root = where if entry[66] == 5 else root
        found = where if name.casefold() in ("workbook", "book") else found
        if name == "EncryptedPackage":
            raise Refused("encrypted")
    if found is None:
        raise Refused("damaged")
    start, length = found
    if length >= cutoff or root is None:
        return _chain(sector, fat, start, len(data))[:length]
    small = _chain(sector, fat, root[0], len(data))
    mini_fat = _chain(sector, fat, mini_start, len(data))
    links = list(struct.unpack(f"<{len(mini_fat) // 4}I", mini_fat))
    step = 1 << mini_shift
    return _chain(lambda number: small[number * step : (number + 1) * step], links, start, len(data))[:length]


def _chain(sector: Callable[[int], bytes], links: list[int], number: int, limit: int) -> bytes:
    """The sectors that follow one another; a chain that bites its tail ends at the file's size."""
    found, length = [], 0
    while number < _END and length <= limit:
        piece = sector(number)
        if not piece:
            break
        found.append(piece)
        length += len(piece)
        number = links[number]
    return b"".join(found)
