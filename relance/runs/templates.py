"""The user's own texts: the shipped ones copied for him to edit, and all of them tried before a customer reads one."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE, UsageError
from relance.french import plural
from relance.runs.dossier import Desk
from relance.runs.trying import Tried, try_all

OWN_FOLDER = "modeles"
"""Where the copies go where nothing else is said."""


class TriedTemplates(NamedTuple):
    """What was tried, and where the templates come from (None: the shipped ones alone)."""

    folder: Path | None
    tried: tuple[Tried, ...]

    @property
    def exit_code(self) -> int:
        """2 where a message could not leave, 1 where its author should look, else 0."""
        if any(each.errors for each in self.tried):
            return EXIT_NOTHING_DONE
        return EXIT_LOOK if any(each.warnings for each in self.tried) else EXIT_DONE


def check(desk: Desk) -> TriedTemplates:
    """Render every template for every kind of reader; SettingsError or TemplateError where that cannot begin."""
    return TriedTemplates(desk.settings.templates if desk.settings else None, try_all(desk))


def copy(desk: Desk, folder: Path | None) -> Iterator[str]:
    """Copy every shipped template that is not there yet; a sentence for what was done, and the next step.

    Raises UsageError where the folder cannot be written.
    """
    settings = desk.settings
    base = settings.path.parent if settings else Path()
    used = settings.templates if settings else None
    target = folder or used or base / OWN_FOLDER
    try:
        copied, kept = _copied(target)
    except OSError as error:
        raise UsageError(
            f"Impossible d’écrire dans « {target} » ({error.strerror}).",
            "Choisissez un dossier où vous pouvez écrire.",
        ) from None
    yield f"« {target} » : {plural(copied, 'modèle copié', 'modèles copiés')}."
    if kept:
        yield plural(
            kept, "fichier était déjà là, il n’a pas changé.", "fichiers étaient déjà là, ils n’ont pas changé."
        )
    if used is None or target.absolute() != used:
        yield f'Pour qu’ils servent, écrivez dans vos réglages : [templates] folder = "{target.name}"'
    yield "Modifiez-les, puis « relance templates check » les essaie tous."


def _copied(target: Path) -> tuple[int, int]:
    """How many files were copied, and how many were there before."""
    from relance.letters.languages import FRENCH, LANGUAGES
    from relance.letters.templates import shipped_folder

    copied = kept = 0
    for language in LANGUAGES.values():
        folder = target if language is FRENCH else target / language.code
        folder.mkdir(parents=True, exist_ok=True)
        shipped = shipped_folder(language)
        for source in sorted((*shipped.glob("*.j2"), *shipped.glob("*.typ"))):
            try:
                with (folder / source.name).open("xb") as file:
                    file.write(source.read_bytes())
                copied += 1
            except FileExistsError:
                kept += 1
    return copied, kept
