"""Which settings were last written for, kept in the user's state folder: who types a command elsewhere is led back."""

import os
from contextlib import suppress
from pathlib import Path

from relance.journal.witness import state_folder

_NAME = "last-dossier"
_LONGEST = 4096
"""Octets of a path; what is longer is none of ours."""


def remember_dossier(settings: Path) -> None:
    """These settings are the last that were used; a state folder that cannot be written remembers nothing."""
    path, known = os.path.realpath(settings), last_dossier()
    if known is not None and str(known) == path:
        return
    with suppress(OSError, ValueError):
        folder = state_folder(os.environ)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / _NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.fsencode(path))


def last_dossier() -> Path | None:
    """The settings file used last, None where none is known or it is gone."""
    with suppress(OSError, ValueError):
        raw = (state_folder(os.environ) / _NAME).read_bytes()[:_LONGEST]
        path = Path(os.fsdecode(raw))
        if path.is_absolute() and path.is_file():
            return path
    return None
