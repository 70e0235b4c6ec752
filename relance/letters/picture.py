"""The PNG of a payment code, ten times as fast as segno draws it: only the modules that differ are turned.

Two codes of one size, error correction and mask differ, module by module, by the exclusive or of their codewords. So
segno draws one code of each size, with its patterns and its mask; what another content changes in it is found with
integers: codewords (ISO/IEC 18004 7.4), their Reed-Solomon remainders (7.5), their places (7.7.3). The tests hold every
picture against segno's own.
"""

import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain, pairwise, zip_longest
from operator import itemgetter
from struct import pack
from typing import TYPE_CHECKING, NamedTuple

from relance.letters.qr import BORDER, SCALE, drawn, scanlines

if TYPE_CHECKING:
    from segno import QRCode

_SIZES = {3: (26, 1, 44), 4: (18, 2, 64), 5: (24, 2, 86), 6: (16, 4, 108), 7: (18, 4, 124), 8: (22, 4, 154)}
_SIZES |= {9: (22, 5, 182), 10: (26, 5, 216), 11: (30, 5, 254), 12: (22, 8, 290), 13: (22, 9, 334)}
"""By version, of error correction M: its codewords in each block, the blocks, the codewords of data in all of them."""


class _Sheet(NamedTuple):
    """One drawn code: its lines and its codewords as integers; `bits` finds the bit of each hexadecimal digit."""

    height: int
    lines: int
    message: int
    bits: Callable[[str], tuple[str, ...]]


def png(content: bytes) -> bytes:
    """The code as a PNG picture, four pixels a module, with the quiet zone of four modules around it.

    One bit a pixel; a line that repeats the one above it is all zeros (filter Up). ValueError for over 331 octets.
    """
    lines = turned_lines(content)
    repeated = (b"\2" + bytes(len(lines[0]))) * (SCALE - 1)
    shrunk = zlib.compressobj(6, zlib.DEFLATED, 13, 8, zlib.Z_FILTERED)  # a sixth smaller than the ordinary strategy
    pixels = shrunk.compress(b"".join(b"\0" + line + repeated for line in lines)) + shrunk.flush()
    width = len(lines) * SCALE
    header = pack(">2I5B", width, width, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))


def turned_lines(content: bytes) -> list[bytes]:
    """The lines of pixels of segno's drawing (qr.scanlines), made from those of its size."""
    version = next((size for size, (_, _, room) in _SIZES.items() if len(content) + _head(size) <= room), None)
    if version is None:
        raise ValueError(f"{len(content)} octets are too many")
    sheet = _sheet(version)
    changed = f"{_message(content, version) ^ sheet.message:0{_message_bits(version)}b}0".replace("1", "f")
    turned = int("".join(sheet.bits(changed)), 16) ^ sheet.lines
    width = (sheet.height + 1) // 2
    octets = turned.to_bytes(sheet.height * width, "big")
    return [octets[start : start + width] for start in range(0, len(octets), width)]


@lru_cache(maxsize=len(_SIZES))
def _sheet(version: int) -> _Sheet:
    """What segno draws in this size for as many spaces as there is room for."""
    content = b" " * (_SIZES[version][2] - _head(version))
    code = drawn(content)
    lines = scanlines(code)
    width = 2 * len(lines[0])
    digits = [-1] * (len(lines) * width)  # the last bit: none, and so never turned
    for bit, (row, column) in zip(range(_message_bits(version)), _places(code), strict=False):
        digits[(row + BORDER) * width + column + BORDER] = bit
    return _Sheet(len(lines), int.from_bytes(b"".join(lines), "big"), _message(content, version), itemgetter(*digits))


def _places(code: "QRCode") -> Iterator[tuple[int, int]]:
    """Row and column of each module that holds a bit, in order: two columns wide, up and down from the right."""
    from segno import consts

    data = (consts.TYPE_DATA_DARK, consts.TYPE_DATA_LIGHT)
    holds = [[module in data for module in row] for row in code.matrix_iter(border=0, verbose=True)]
    size = len(holds)
    holds[8][size - 9] = True  # segno takes the neighbour of the format information for a part of it
    for turn, right in enumerate((*range(size - 1, 6, -2), 5, 3, 1)):  # column 6 is the timing pattern's
        for row in range(size) if turn % 2 else reversed(range(size)):
            yield from ((row, column) for column in (right, right - 1) if holds[row][column])


def _head(version: int) -> int:
    """Octets taken by mode and length, before the content, and by the four bits that end it."""
    return 2 if version < 10 else 3


def _message_bits(version: int) -> int:
    remainder, blocks, data = _SIZES[version]
    return 8 * (remainder * blocks + data)


def _message(content: bytes, version: int) -> int:
    """Data and error correction, the blocks interleaved; an empty octet precedes the padding, as segno writes it."""
    remainder, count, room = _SIZES[version]
    head = _head(version)
    told = (4 << 8 * head - 4 | len(content) << 4) << 8 * len(content) | int.from_bytes(content, "big") << 4
    data = (told.to_bytes(head + len(content), "big") + b"\0" + b"\xec\x11" * room)[:room]
    short, longer = divmod(room, count)
    starts = [block * short + max(0, block - (count - longer)) for block in range(count + 1)]
    blocks = [data[start:end] for start, end in pairwise(starts)]
    words = [word for word in chain.from_iterable(zip_longest(*blocks)) if word is not None]
    words += chain.from_iterable(zip(*(_remainder(block, remainder) for block in blocks), strict=True))
    return int.from_bytes(bytes(words), "big")


def _remainder(block: bytes, count: int) -> bytes:
    """The block's codewords of error correction: the remainder of its division by the generator."""
    table, top = _multiples(count), 8 * (count - 1)
    rest, below = 0, (1 << top) - 1
    for word in block:
        rest = (rest & below) << 8 ^ table[rest >> top ^ word]
    return rest.to_bytes(count, "big")


@lru_cache
def _multiples(count: int) -> list[int]:
    """The generator of `count` codewords times each octet, without its first coefficient."""
    generator, root = [1], 1
    for _ in range(count):
        shifted = [0, *(_times(value, root) for value in generator)]
        generator = [a ^ b for a, b in zip([*generator, 0], shifted, strict=True)]
        root = _times(root, 2)
    table = [0]
    for octet in range(1, 256):
        lowest = octet & -octet
        one = int.from_bytes(bytes(_times(value, lowest) for value in generator[1:]), "big")
        table.append(one ^ table[octet ^ lowest])
    return table


def _times(a: int, b: int) -> int:
    """The product in the field of 256 elements that QR codes use (x^8 + x^4 + x^3 + x^2 + 1)."""
    product = 0
    while b:
        product ^= a * (b & 1)
        a = a << 1 ^ (0x11D if a & 0x80 else 0)
        b >>= 1
    return product
