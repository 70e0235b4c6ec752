"""Settings that are not there, or name nobody yet.

Where a command was typed beside them, the dossier used last is named, never acted on, and no second one advised.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from relance.errors import Again, SettingsError, UsageError
from relance.french import setting

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.sources.source import SourceOptions
    from relance.sources.tables import MissingFileError

SAMPLE_NAME = "Prénom Nom"
"""Who signs where nobody said it yet: the sender of the settings that `init` writes, and of a dry run without any."""


def no_settings(needs: str) -> SettingsError:
    """That this needs settings (`needs`, in French), with the same command for the dossier used last, where one is."""
    cure, again = _cure("Créez-le avec « relance init », ou indiquez-le avec --config.")
    return SettingsError(f"Aucun relance.toml ici : {needs}.", cure, again)


def no_file(settings: Path | None) -> UsageError:
    """That nothing says where the invoices are; `settings` is the file that could, None where there is none."""
    where = settings or "relance.toml"
    first = f"Donnez-le avec --file, ou sous [invoices] file dans {where} (relance init)."
    from relance.sources.tables import lists_in  # imported here: most commands are told the file

    example = [Again(options=("--file", name)) for name in lists_in(Path())[:3] or ["factures.csv"]]
    cure, again = _cure(first, example) if settings is None else (first, example)
    return UsageError("Aucun fichier de factures n’est indiqué.", cure, again)


def missing_in(settings: Path, error: "MissingFileError", options: "SourceOptions") -> SettingsError:
    """That the file that these settings name is not there, with the line to write in them for the one beside it.

    A list of payments or customers is named by its own key, and no other file is proposed for it.
    """
    lists = {"payments": options.payments.file, "customers": options.customers.file}
    key = next((key for key, file in lists.items() if file == error.path), "file")
    near = error.near
    if near is None or key != "file":
        return SettingsError(error.sentence, f"Corrigez {key} sous [invoices] dans « {settings} ».")
    name = near.name if near.parent == settings.parent else str(near)
    return SettingsError(error.sentence, f"Dans « {settings} », sous [invoices] : {setting('file', name)}")


def _cure(first: str, again: Iterable[Again] = ()) -> tuple[str, list[Again]]:
    """What to do in a first dossier, as told; where there is one already, the command typed for it."""
    from relance.journal import last_dossier

    last = last_dossier()
    if last is None:
        return first, [*again]
    return f"Dossier utilisé en dernier : « {last.parent} ».", [Again(options=("--config", str(last)))]


def check_sender(settings: "Settings") -> None:
    """SettingsError where the settings still name the made-up sender of `relance init`."""
    if settings.sender.name == SAMPLE_NAME:
        raise SettingsError(
            f"[sender] est encore celui du modèle (« {SAMPLE_NAME} »).",
            f"Mettez votre nom et votre adresse dans « {settings.path} ».",
        )
