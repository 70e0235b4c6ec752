"""Bytes -> text that can be trusted: the encoding of a file, and the proof that all of it decodes."""

import re

from relance.errors import SourceError
from relance.sources.values import shown

# A euro sign or a French letter in ISO-8859-15, a sign that no invoice holds in Windows-1252: ¤ ¦ ¨ ´ ¸ ¼ ½ ¾.
_LATIN_9 = re.compile(
    rb"(?:[0-9][ \xa0]?|[;,\t|\"(\r\n ])\xa4|[A-Za-z\xc0-\xff][\xa6\xa8\xb4\xb8\xbc\xbd\xbe]|[\xbc\xbd\xbe][A-Za-z]"
)
_CP1252_ONLY = re.compile(rb"[\x80-\x9f]")
_CHECKED = 4096
_BOMS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def encoding_of(name: str, data: bytes) -> str:
    """The encoding by the BOM, else UTF-8, else Windows-1252 as French Excel saves it.

    ISO-8859-15 has no printable character below 0xA0, and its euro sign where Windows-1252 has ¤.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    if b"\0" in data:
        wide = _wide(data[:_CHECKED])
        if wide:
            return wide
        raise SourceError(
            f"{name} contient des octets nuls : ce n’est pas un CSV, ou son encodage est inconnu.",
            "Enregistrez-le en CSV UTF-8.",
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        latin_9 = not _CP1252_ONLY.search(data) and _LATIN_9.search(data)
        return "iso-8859-15" if latin_9 else "cp1252"
    return "utf-8"


def _wide(start: bytes) -> str:
    """UTF-16 without a BOM: every other byte is nearly always zero; empty where that is not so."""
    even, odd, half = start[::2].count(0), start[1::2].count(0), max(1, len(start) // 2)
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.05 * half else ""


def checked(name: str, data: bytes, encoding: str) -> tuple[bytes, str]:
    """The bytes, all of them decodable and free of NUL, and the encoding to stream them with."""
    try:
        if encoding in ("utf-8", "utf-8-sig"):
            data.decode(encoding)
        else:
            data, encoding = data.decode(encoding).removeprefix("\ufeff").encode("utf-8"), "utf-8"
    except LookupError:
        raise SourceError(f"L’encodage « {shown(encoding)} » n’existe pas.", 'Écrivez encoding = "utf-8".') from None
    except UnicodeError:
        raise SourceError(
            f"L’encodage de {name} n’est pas reconnu.",
            "Enregistrez-le en CSV UTF-8, ou indiquez encoding sous [invoices].",
        ) from None
    if b"\0" in data:
        raise SourceError(f"{name} contient des octets nuls.", "Exportez de nouveau vos factures en CSV UTF-8.")
    return data, encoding
