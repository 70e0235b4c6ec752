"""QR codes as pictures, drawn by segno: for a message (PNG), for a letter (SVG), for a terminal (blocks).

A reader takes any of the eight masks of ISO/IEC 18004; finding the one with the fewest look-alikes costs segno 6 of the
7 ms of a code. MASK is the one whose codes of real payloads are nearest to the best on average (within 6 %).
"""

import io
import zlib
from functools import lru_cache
from struct import pack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segno import QRCode

MASK = 3
MAX_VERSION = 13
"""EPC069-12 allows no larger code, and error correction M alone."""
_SCALE, _BORDER = 4, 4
"""Pixels a module, and modules of quiet zone: four pixels of one bit are one hexadecimal digit."""
_INK = bytes.maketrans(b"\0\1", b"f0")


@lru_cache(maxsize=16)
def drawn(content: bytes) -> "QRCode":
    """The code for these octets, drawn once for a message and its letter; ValueError where they are too many."""
    import segno

    code = segno.make_qr(content, error="m", mode="byte", mask=MASK, boost_error=False)
    if int(code.version) > MAX_VERSION:
        raise ValueError(f"{len(content)} octets are too many")
    return code


def png(content: bytes) -> bytes:
    """The code as a PNG picture, four pixels a module, with the quiet zone of four modules around it."""
    return _png(_scanlines(drawn(content)))


def svg(content: bytes) -> str:
    """The code as an SVG picture without a quiet zone, for a page that leaves room around it."""
    out = io.BytesIO()
    drawn(content).save(out, kind="svg", border=0, svgclass=None, lineclass=None, xmldecl=False, nl=False)
    return out.getvalue().decode("ascii")


def text_blocks(content: bytes) -> tuple[str, ...]:
    """The code as half blocks, two rows of modules a line: dark is the upper or lower half in ink."""
    rows = [list(row) for row in drawn(content).matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return tuple(
        "".join(" ▄▀█"[2 * bool(upper) + bool(lower)] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )


def _scanlines(code: "QRCode") -> list[bytes]:
    """One line of pixels for each row of modules, white as ones; the size of a code is odd: half an octet is over."""
    side = "f" * _BORDER
    rows = [f"{side}{row.translate(_INK).decode()}{side}0" for row in code.matrix]
    edge = ["f" * (len(rows[0]) - 1) + "0"] * _BORDER
    return list(map(bytes.fromhex, [*edge, *rows, *edge]))


def _png(scanlines: list[bytes]) -> bytes:
    """A square picture in one bit a pixel; a line that repeats the one above it is all zeros (filter Up)."""
    repeated = (b"\2" + bytes(len(scanlines[0]))) * (_SCALE - 1)
    pixels = zlib.compress(b"".join(b"\0" + line + repeated for line in scanlines), 9)
    width = len(scanlines) * _SCALE
    header = pack(">2I5B", width, width, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))
