"""The example dossier, copied to be tried: everybody in it is invented, and its messages stay in a folder."""

import shlex
import shutil
from pathlib import Path

from relance.config import SETTINGS_FILE
from relance.errors import UsageError
from relance.french import command, system_words

FILES = (SETTINGS_FILE, "factures.csv", "factures.xlsx")
DAY = "2026-11-20"
"""The day on which the example is told."""


def demo(folder: Path) -> str:
    """Copy the example into this folder, over no file; what to type then. UsageError where that cannot be."""
    inside = Path(__file__).resolve().parents[1] / "examples"
    source = inside if inside.is_dir() else inside.parents[1] / "examples"
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise UsageError(f"« {folder / there[0]} » existe déjà : rien n’est copié.", "Donnez un autre dossier.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(source / name, folder / name)
    except OSError as error:
        raise UsageError(
            f"Impossible de copier l’exemple dans « {folder} » ({system_words(error)}).", "Donnez un autre dossier."
        ) from None
    options = f"--config {shlex.quote(str(folder / SETTINGS_FILE))} --today {DAY}"
    return f"L’exemple est dans « {folder} ».\n→ {command('plan', options=options)}"
