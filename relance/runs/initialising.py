"""The first settings file, written once."""

from pathlib import Path

from relance.config import SETTINGS_FILE, sample_settings
from relance.errors import UsageError


def init(folder: Path) -> str:
    """Write the commented relance.toml into `folder`; never over one that is there."""
    path = folder / SETTINGS_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(sample_settings())
    except FileExistsError:
        raise UsageError(
            f"« {path} » existe déjà : rien n’a été changé.",
            "Modifiez-le, ou donnez un autre dossier : relance init DOSSIER.",
        ) from None
    except OSError as error:
        raise UsageError(
            f"Impossible d’écrire « {path} » ({error.strerror}).",
            "Choisissez un dossier où vous pouvez écrire.",
        ) from None
    return f"« {path} » est écrit : complétez [sender], [invoices] et [smtp], puis « relance check --config {path} »."
