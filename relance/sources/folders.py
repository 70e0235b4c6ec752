"""A folder, or a pattern of files: which files it holds now, and what names that state without opening one of them."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeGuard

from relance.sources.source import Place

_MAGIC = re.compile(r"[*?\[]")
_LEFT_BY_PROGRAMS = (".", "~$")
E_INVOICES = (".pdf", ".xml")
"""How the names of e-invoices end, in lower case."""
Stat = tuple[int, int, int, int]
"""Inode, size (octets), and the instants of the last change of content and of anything (ns)."""


class FolderFile(NamedTuple):
    """A file of a folder and what the system says of it."""

    path: Path
    stat: Stat


def is_folder(place: Place) -> bool:
    """True for a folder, and for a pattern that no file bears as its name."""
    return isinstance(place, Path) and (place.is_dir() or is_pattern(place))


def is_pattern(path: Path) -> bool:
    """True for a path with * ? or [ in it that names no file as it stands."""
    return bool(_MAGIC.search(str(path))) and not path.is_file()


def holds_e_invoices(place: Place) -> TypeGuard[Path]:
    """True for a place that is read as a folder of e-invoices: a pattern, or a folder with a PDF or an XML in it."""
    if not isinstance(place, Path):
        return False
    return is_pattern(place) or (place.is_dir() and next(iter(_in_folder(place, E_INVOICES)), None) is not None)


def is_e_invoice(place: Place) -> TypeGuard[Path]:
    """True for a file that its name says to be one, whatever is in it: it is read as a folder of one."""
    return isinstance(place, Path) and place.suffix.lower() in E_INVOICES and place.is_file()


def files_of(place: Path) -> list[FolderFile]:
    """The e-invoices that stand there now, in the order of their paths; what a program hides or holds open is none."""
    if is_e_invoice(place):
        return [FolderFile(place, _stat(place.stat()))]
    found = _like(place) if is_pattern(place) else _in_folder(place, E_INVOICES)
    return sorted(found)


def folders_in(place: Path) -> list[str]:
    """The folders inside this one that hold e-invoices of their own, which nobody reads unless they are named."""
    if is_pattern(place):
        return []
    try:
        inside = sorted(each.path for each in os.scandir(place) if each.is_dir() and each.name[:1] != ".")
    except OSError:
        return []
    return [path for path in inside if next(iter(_in_folder(Path(path), E_INVOICES)), None) is not None]


def root_of(places: Iterable[Path]) -> Path:
    """The folder that all of these lie in; of a pattern, what stands before its first sign."""
    roots = [str(_fixed(place).absolute()) for place in places]
    return Path(os.path.commonpath(roots)) if roots else Path()


def home_of(places: Iterable[Place]) -> Path | None:
    """The folder in which what the invoices name is looked for; None where they stand at addresses alone."""
    local = [place for place in places if isinstance(place, Path)]
    if local and all(map(is_folder, local)):
        return root_of(local)
    return local[0].parent if local else None


def state_of(place: Path) -> Stat:
    """What tells one state of the folder from another, in the shape of the stat of a file."""
    held = files_of(place)
    return 0, len(held), _sum(f"{file.path}|{file.stat[1:3]}" for file in held), _sum(map(str, held))


def digest_of(place: Path) -> str:
    """What names the files that stand there, each with its size and when it was written (SHA-256)."""
    return _digest(f"{file.path}|{file.stat[1]}|{file.stat[2]}" for file in files_of(place))


def _digest(texts: Iterable[str]) -> str:
    from hashlib import sha256  # imported here: who reads a list does not pay for it

    return sha256("\n".join(texts).encode("utf-8", "surrogateescape")).hexdigest()


def _sum(texts: Iterable[str]) -> int:
    return int(_digest(texts)[:15], 16)


def _fixed(place: Path) -> Path:
    if not is_pattern(place):
        return place.parent if place.is_file() else place
    return next(parent for parent in place.parents if not _MAGIC.search(str(parent)))


def _like(pattern: Path) -> Iterator[FolderFile]:
    root = _fixed(pattern)
    for path in dict.fromkeys(root.glob(str(pattern.relative_to(root)))):
        if path.suffix.lower() in E_INVOICES and not path.name.startswith(_LEFT_BY_PROGRAMS) and path.is_file():
            yield FolderFile(path, _stat(path.stat()))


def _in_folder(folder: Path, ends: tuple[str, ...]) -> Iterator[FolderFile]:
    """The files of a folder, not of those inside it; nothing where it cannot be listed."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.lower().endswith(ends) and not entry.name.startswith(_LEFT_BY_PROGRAMS) and entry.is_file():
            yield FolderFile(folder / entry.name, _stat(entry.stat()))


def _stat(found: os.stat_result) -> Stat:
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
