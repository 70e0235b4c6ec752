"""The letters' templates: found in the user's folder, else as shipped; run in Jinja's sandbox.

Jinja is imported when templates are loaded, not before: commands that write no letter do not pay for it.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from relance.core.policy import Stage
from relance.errors import TemplateError
from relance.letters.faults import MisuseError, fault
from relance.letters.languages import FRENCH, Language
from relance.letters.typography import DATA
from relance.letters.views import FIELDS

if TYPE_CHECKING:
    from jinja2.runtime import Context
    from jinja2.sandbox import SandboxedEnvironment

    from relance.letters.confined import Worker

_Value = TypeVar("_Value")
_PACKAGE = Path(__file__).resolve().parent.parent
_TAG_AT_END = re.compile(r"(\{[%#](?:(?!\{[%#]).)*)(?<![-+])([%#]\})[ \t]*$")
_TAGS = re.compile(r"\{%.*?%\}|\{#.*?#\}")
_MARK = re.compile("\ue001(.*?)\ue002", re.DOTALL)
"""What a variable's text stands between while a template is rendered; `clean` keeps both signs out of data."""


class Rendered(NamedTuple):
    """What a template wrote: `text`, and the same with the sign DATA in place of each value: its own words."""

    text: str
    words: str


class Templates:
    """Templates ready to render; the user's `folder` is searched before the shipped one, its `en` for English ones."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._environments: dict[str, SandboxedEnvironment] = {}
        self._languages: dict[tuple[str, str], Language] = {}
        self._worker: Worker | None = None

    def folders(self, language: Language) -> tuple[Path, ...]:
        """Where this language's templates are, in the order in which they are searched."""
        own = self.folder if self.folder is None or language is FRENCH else self.folder / language.code
        return (*((own,) if own is not None and own.is_dir() else ()), shipped_folder(language))

    def language(self, wanted: Language, name: str) -> Language:
        """The language in which this template exists: the wanted one, else French, in which every stage begins."""
        if (wanted.code, name) not in self._languages:
            there = any((folder / name).is_file() for folder in self.folders(wanted))
            self._languages[wanted.code, name] = wanted if there else FRENCH
        return self._languages[wanted.code, name]

    def environment(self, language: Language) -> "SandboxedEnvironment":
        """Jinja's environment for this language, made once."""
        if language.code not in self._environments:
            self._environments[language.code] = _environment(self.folders(language), language)
        return self._environments[language.code]

    def worker(self) -> "Worker | None":
        """The process that runs the user's own templates; None where there are only the shipped ones."""
        if self.folder is not None and self._worker is None:
            from relance.letters.confined import Worker

            self._worker = Worker(self.folder)
        return self._worker


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
            f"Le dossier de modèles « {folder} » n'existe pas.",
            "Créez-le avec « relance templates copy », ou corrigez le réglage qui l'indique.",
        )
    return Templates(folder)


def template_name(stage: Stage) -> str:
    """The file that a stage's letter is made from."""
    return stage.template or f"{stage.key}.txt.j2"


def run(templates: Templates, name: str, values: Mapping[str, object], language: Language = FRENCH) -> Rendered:
    """The template's text with its typography set; data is left exactly as it is.

    What the user wrote runs in a process of its own, with little time and memory. Raises TemplateError for a missing
    file, a mistake in it, an unknown variable or a forbidden act.
    """
    worker = templates.worker()
    if worker is not None:
        return worker.run(name, values, language)
    return run_here(templates, name, values, language)


def run_here(templates: Templates, name: str, values: Mapping[str, object], language: Language) -> Rendered:
    """The same in this very process."""
    try:
        raw = templates.environment(language).get_template(name).render(values)
    except Exception as error:
        raise fault(error, name, templates.folders(language)) from error
    data = _MARK.findall(raw)
    words = language.typeset(_MARK.sub(DATA, raw))
    text = "".join(piece + value for piece, value in zip(words.split(DATA), [*data, ""], strict=True))
    return Rendered(text, words)


def _environment(folders: tuple[Path, ...], language: Language) -> "SandboxedEnvironment":
    from jinja2 import Environment as AnyEnvironment
    from jinja2 import FileSystemLoader, StrictUndefined, TemplateNotFound
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    roots = [folder.resolve() for folder in folders]

    class Loader(FileSystemLoader):
        """Files of these folders alone, where a link may not lead out of them."""

        def get_source(self, environment: AnyEnvironment, template: str) -> tuple[str, str, Callable[[], bool]]:
            found = super().get_source(environment, template)
            if not any(Path(found[1]).resolve().is_relative_to(root) for root in roots):
                raise TemplateNotFound(template)
            return found

    class Environment(ImmutableSandboxedEnvironment):
        """A line that ends with a tag after some text keeps its line end; a line of tags alone vanishes."""

        def make_globals(self, d: MutableMapping[str, object] | None) -> MutableMapping[str, object]:
            """One dictionary for all templates, none of which adds to it: every include walks through it."""
            return {**self.globals, **(d or {})}

        def getattr(self, obj: object, attribute: str) -> object:
            """A value of ours holds plain data alone: its fields are let through, the sandbox judges all the rest."""
            if attribute in FIELDS.get(type(obj), ()):
                return getattr(obj, attribute)
            return super().getattr(obj, attribute)

        def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
            return super().preprocess(_own_signs_away(keep_line_ends(str(source))), name, filename)

    environment = Environment(
        loader=Loader(folders, encoding="utf-8-sig"),
        undefined=StrictUndefined,
        finalize=_finalizer(language),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(_filters(language))
    environment.globals.update(_choices())
    return environment


def keep_line_ends(source: str) -> str:
    """The source with a plus in each tag that ends a line holding text: Jinja then keeps the line end."""
    lines = source.split("\n")
    for i, line in enumerate(lines):
        if _TAG_AT_END.search(line) and _TAGS.sub("", line).strip():
            lines[i] = _TAG_AT_END.sub(r"\1+\2", line)
    return "\n".join(lines)


class _Words(str):
    """Words that stand in a template, chosen there: no data."""

    __slots__ = ()


def _finalizer(language: Language) -> Callable[[object], object]:
    from jinja2.runtime import Undefined

    def finalize(value: object) -> object:
        """What a variable writes; groups of values are refused, as they would print their insides."""
        if isinstance(value, (Undefined, _Words)):
            return value  # of what is missing, Jinja says the name
        if isinstance(value, Decimal):
            value = language.amount(value)
        elif isinstance(value, date):
            value = language.long_date(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            raise MisuseError(
                "une date inconnue ne peut pas être écrite", "Entourez le passage de {% if ... %} et {% endif %}."
            )
        if not isinstance(value, str):
            raise MisuseError(
                "un groupe de valeurs ne peut pas être écrit", "Nommez une de ses valeurs : customer.name."
            )
        return value if not value or "\ue001" in value else f"\ue001{value}\ue002"

    return finalize


def _own_signs_away(source: str) -> str:
    return re.sub("[\ue000-\ue002]", "", source)


def _filters(language: Language) -> dict[str, Callable[..., str]]:
    """The filters that templates may use, each with one kind of value."""
    from jinja2 import pass_context

    @pass_context
    def money(context: "Context", value: object) -> str:
        if "currency" not in context:
            raise MisuseError(
                "la devise n'est pas connue ici", "Utilisez {% include %}, ou {% import ... with context %}."
            )
        return language.money(_expect(value, Decimal, "money", "un montant"), str(context["currency"]))

    return {
        "money": money,
        "percent": lambda value: language.percent(_expect(value, Decimal, "percent", "un taux")),
        "days": lambda value: language.days(_expect(value, int, "days", "un nombre de jours")),
        "short_date": lambda value: language.short_date(_expect(value, date, "short_date", "une date connue")),
    }


def _choices() -> dict[str, Callable[..., str]]:
    """say("je", "nous"): the first where a person writes; you("vous", "tu"): the second to a familiar reader."""
    from jinja2 import pass_context

    @pass_context
    def say(context: "Context", one: str, several: str) -> str:
        return _Words(several if context["sender"].plural else one)

    @pass_context
    def you(context: "Context", polite: str, familiar: str) -> str:
        return _Words(familiar if context["customer"].familiar else polite)

    return {"say": say, "you": you}


def _expect(value: object, kind: type[_Value], name: str, wanted: str) -> _Value:
    if not isinstance(value, kind):
        raise MisuseError(f"le filtre « {name} » attend {wanted}", "Vérifiez la variable qui le précède.")
    return value
