"""Files that appear whole or not at all, and only for their owner."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A new empty file in the same folder (mode 0600), gone at the end of the block unless it was placed; OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def place(new: Path, path: Path, *, replace: bool) -> None:
    """Give a finished file its name; without `replace`, a twin that was faster keeps it."""
    if replace:
        new.rename(path)
    else:
        try:
            path.hardlink_to(new)
        except FileExistsError:
            return
        except OSError:  # exFAT and some network folders know no links
            new.rename(path)
    sync_folder(path)


def write_whole(path: Path, content: bytes, *, replace: bool) -> None:
    """A file with this content, on the disk when this returns."""
    with beside(path) as new:
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        place(new, path, replace=replace)


def sync_folder(path: Path) -> None:
    """Make the name of this file durable."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
