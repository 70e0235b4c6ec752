"""A PDF onto the disk, whole or not at all; nothing but another PDF is ever overwritten."""

import os
from contextlib import suppress
from errno import ENAMETOOLONG
from pathlib import Path

from relance.errors import UsageError

_MAGIC = b"%PDF"
_OTHER_NAME = "Donnez un nom de fichier avec -o."


def write_pdf(path: Path, pdf: bytes, *, force: bool) -> None:
    """Write the file; UsageError where `path` cannot be one, or where a file is there that may not be overwritten."""
    try:
        _refuse(path, force=force)
    except OSError as error:
        raise _impossible(path, error) from None
    partial = path.with_name(f".relance-{os.getpid()}.partial")
    try:
        partial.write_bytes(pdf)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise _impossible(path, error) from None


def _refuse(path: Path, *, force: bool) -> None:
    """An existing file is left alone unless it is a PDF and `force` is given: a slip must not cost an invoice file."""
    if str(path) == "-":
        raise UsageError("La lettre ne s’écrit pas sur la sortie standard.", _OTHER_NAME)
    if path.is_dir():
        raise UsageError(f"« {path} » est un dossier.", _OTHER_NAME)
    if not path.parent.is_dir():
        raise UsageError(f"Le dossier « {path.parent} » n’existe pas.", "Créez-le, ou changez -o.")
    if not (path.exists() or path.is_symlink()):
        return
    if not path.is_file():
        raise UsageError(f"« {path} » n’est pas un fichier ordinaire.", _OTHER_NAME)
    with path.open("rb") as file:
        ours = file.read(len(_MAGIC)) == _MAGIC
    if not ours:
        raise UsageError(
            f"« {path} » existe et n’est pas un PDF : relance ne l’écrase pas.", "Donnez un autre nom avec -o."
        )
    if not force:
        cure = "Donnez un autre nom avec -o, ou ajoutez --force pour l’écraser."
        raise UsageError(f"« {path} » existe déjà.", cure)


def _impossible(path: Path, error: OSError) -> UsageError:
    if error.errno == ENAMETOOLONG:
        return UsageError(f"« {path.name[:40]}… » : ce nom de fichier est trop long.", "Raccourcissez-le.")
    return UsageError(
        f"« {path} » ne peut pas être écrit ({error.strerror}).",
        "Vérifiez les droits de ce dossier, ou changez -o.",
    )
