"""The letters' templates: found in the user's folder, else as shipped; run in Jinja's sandbox (sandbox)."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.core.policy import Stage
from relance.errors import TemplateError
from relance.letters.languages import FRENCH, Language
from relance.letters.typography import DATA

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_PACKAGE = Path(__file__).resolve().parent.parent


class Rendered(NamedTuple):
    """What a template wrote: `text`, and the same with the sign DATA in place of each value: its own words."""

    text: str
    words: str


class Templates:
    """Templates ready to render; the user's `folder` is searched before the shipped one, its `en` for English ones."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._environments: dict[str, SandboxedEnvironment] = {}

    def folders(self, language: Language) -> tuple[Path, ...]:
        """Where this language's templates are, in the order in which they are searched."""
        own = self.folder if self.folder is None or language is FRENCH else self.folder / language.code
        return (*((own,) if own is not None and own.is_dir() else ()), shipped_folder(language))

    def find(self, language: Language, name: str) -> Path | None:
        """The file of this name among this language's templates, the user's own before the shipped one."""
        return next((path for folder in self.folders(language) if (path := folder / name).is_file()), None)

    def language(self, wanted: Language, name: str) -> Language:
        """The language in which this template exists: the wanted one, else French, in which every stage begins."""
        return FRENCH if wanted is FRENCH or self.find(wanted, name) is None else wanted

    def environment(self, language: Language) -> "SandboxedEnvironment":
        """Jinja's environment for this language, made once."""
        if language.code not in self._environments:
            from relance.letters.sandbox import environment_of

            self._environments[language.code] = environment_of(self.folders(language), language)
        return self._environments[language.code]


def shipped_folder(language: Language = FRENCH) -> Path:
    """Where the shipped templates are: inside the package (a wheel), else beside it (a checkout)."""
    inside = _PACKAGE / f"templates_{language.code}"
    return inside if inside.is_dir() else _PACKAGE.parent / f"templates_{language.code}"


def load_templates(folder: Path | None = None) -> Templates:
    """The shipped templates, with the user's own `folder` before them, file by file.

    Raises TemplateError where the folder does not exist.
    """
    if folder is not None and not folder.is_dir():
        raise TemplateError(
            f"Le dossier de modèles « {folder} » n’existe pas.",
            "Créez-le avec « relance templates copy », ou corrigez le réglage qui l’indique.",
        )
    return Templates(folder)


def template_name(stage: Stage) -> str:
    """The file that a stage's letter is made from."""
    return stage.template or f"{stage.key}.txt.j2"


def run_here(templates: Templates, name: str, values: Mapping[str, object], language: Language) -> Rendered:
    """The template's text with its typography set, in this very process; data is left exactly as it is.

    Raises TemplateError for a missing file, a mistake in it, an unknown variable or a forbidden act.
    """
    from relance.letters.sandbox import MARK, fault

    try:
        raw = templates.environment(language).get_template(name).render(values)
    except Exception as error:
        raise fault(error, name, templates.folders(language)) from error
    pieces = MARK.split(raw)  # words and data in turn
    words = language.spaced(DATA.join(pieces[::2]))
    pieces[::2] = words.split(DATA)
    text = "".join(pieces)
    return Rendered(text, words)
