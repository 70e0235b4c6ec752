"""XLSX and ODS archives, in the child: sizes before anything is inflated, entities before anything is parsed."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from zlib import error as zlib_error

from relance.sources.limits import Limits
from relance.sources.parsing import Look, Refused

_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def looks_of(data: bytes, limits: Limits) -> Callable[[str], Look]:
    """The second look at each sheet of an archive; raises Refused for what must not be parsed."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = _checked(archive, limits)
            if b"opendocument" in parts.get("mimetype", b""):
                from relance.sources.opendocument import looks_of_ods

                return looks_of_ods(parts, limits)
            from relance.sources.ooxml import looks_of_xlsx

            return looks_of_xlsx(parts, limits)
    except (zipfile.BadZipFile, zlib_error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise Refused("damaged") from None


def _checked(archive: zipfile.ZipFile, limits: Limits) -> dict[str, bytes]:
    """The XML parts by lower-case name; each is as long as the archive says, or its checksum fails here."""
    infos = archive.infolist()
    if sum(info.file_size for info in infos) > limits.inflated:
        raise Refused("inflated", str(limits.inflated >> 20))
    if any(info.flag_bits & 1 for info in infos):
        raise Refused("encrypted")
    parts = {}
    for info in infos:
        name = info.filename.replace("\\", "/").lstrip("/").lower()
        if name.startswith("xl/worksheets/") and name.endswith(".bin"):
            raise Refused("xlsb")
        if name != "mimetype" and not name.endswith((".xml", ".rels")):
            continue
        content = archive.read(info)
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in _UTF16:
            raise Refused("entities")
        if name in parts:
            raise Refused("damaged")
        if name == "meta-inf/manifest.xml" and b"encryption-data" in content:
            raise Refused("encrypted")
        parts[name] = content
    return parts
