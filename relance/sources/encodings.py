"""Bytes -> text that can be trusted: the encoding of a file, and the proof that all of it decodes."""

from relance.errors import SourceError
from relance.sources.values import shown

_BOMS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def encoding_of(name: str, data: bytes) -> str:
    """The encoding by the BOM, else UTF-8, else Windows-1252 as French Excel saves it."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding
    if b"\0" in data:
        raise SourceError(
            f"{name} contient des octets nuls : ce n’est pas un CSV, ou son encodage est inconnu.",
            "Enregistrez-le en CSV UTF-8.",
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


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
