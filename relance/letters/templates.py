"""The letters' templates: found in the user's folder, else as shipped; run in Jinja's sandbox.

Jinja is imported when templates are loaded, not before: commands that write no letter do not pay for it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from relance import french
from relance.core.policy import Stage
from relance.errors import TemplateError
from relance.letters.faults import MisuseError, fault
from relance.letters.typography import DATA, typeset

if TYPE_CHECKING:
    from jinja2.runtime import Context
    from jinja2.sandbox import SandboxedEnvironment

_Value = TypeVar("_Value")
_PACKAGE = Path(__file__).resolve().parent.parent
_TAG_AT_END = re.compile(r"(\{[%#](?:(?!\{[%#]).)*)(?<![-+])([%#]\})[ \t]*$")
_TAGS = re.compile(r"\{%.*?%\}|\{#.*?#\}")
_MARK = re.compile("\ue001(.*?)\ue002", re.DOTALL)
"""What a variable's text stands between while a template is rendered; `clean` keeps both signs out of data."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Templates ready to render; `folders` in the order in which they are searched."""

    environment: "SandboxedEnvironment"
    folders: tuple[Path, ...]


def shipped_folder() -> Path:
    """Where the shipped templates are: inside the package (a wheel), else beside it (a checkout)."""
    inside = _PACKAGE / "templates_fr"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates_fr"


def load_templates(folder: Path | None = None) -> Templates:
    """The shipped templates, with the user's own `folder` before them, file by file.

    Raises TemplateError where the folder does not exist.
    """
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        """A line that ends with a tag after some text keeps its line end; a line of tags alone vanishes."""

        def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
            return super().preprocess(_own_signs_away(keep_line_ends(str(source))), name, filename)

    if folder is not None and not folder.is_dir():
        raise TemplateError(
            f"Le dossier de modèles « {folder} » n'existe pas.",
            "Créez-le, ou corrigez le réglage qui l'indique.",
        )
    folders = (*((folder,) if folder is not None else ()), shipped_folder())
    environment = Environment(
        loader=FileSystemLoader(folders, encoding="utf-8-sig"),
        undefined=StrictUndefined,
        finalize=_finalize,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(_filters())
    environment.globals["say"] = _say()
    return Templates(environment, folders)


def template_name(stage: Stage) -> str:
    """The file that a stage's letter is made from."""
    return stage.template or f"{stage.key}.txt.j2"


def run(templates: Templates, name: str, values: Mapping[str, object]) -> str:
    """The template's text with its typography set; data is left exactly as it is.

    Raises TemplateError for a missing file, a mistake in it, an unknown variable or a forbidden act.
    """
    try:
        raw = templates.environment.get_template(name).render(values)
    except Exception as error:
        raise fault(error, name, templates.folders) from error
    data = _MARK.findall(raw)
    pieces = typeset(_MARK.sub(DATA, raw)).split(DATA)
    return "".join(piece + value for piece, value in zip(pieces, [*data, ""], strict=True))


def keep_line_ends(source: str) -> str:
    """The source with a plus in each tag that ends a line holding text: Jinja then keeps the line end."""
    lines = source.split("\n")
    for i, line in enumerate(lines):
        if _TAG_AT_END.search(line) and _TAGS.sub("", line).strip():
            lines[i] = _TAG_AT_END.sub(r"\1+\2", line)
    return "\n".join(lines)


def _finalize(value: object) -> object:
    """What a variable writes; groups of values are refused, as they would print their insides."""
    from jinja2.runtime import Undefined

    if isinstance(value, Undefined):
        return value  # Jinja says what is missing
    if isinstance(value, Decimal):
        value = french.amount_fr(value)
    elif isinstance(value, date):
        value = french.date_fr(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        raise MisuseError(
            "une date inconnue ne peut pas être écrite", "Entourez le passage de {% if ... %} et {% endif %}."
        )
    if not isinstance(value, str):
        raise MisuseError("un groupe de valeurs ne peut pas être écrit", "Nommez une de ses valeurs : customer.name.")
    return value if not value or "\ue001" in value else f"\ue001{value}\ue002"


def _own_signs_away(source: str) -> str:
    return re.sub("[\ue000-\ue002]", "", source)


def _filters() -> dict[str, Callable[..., str]]:
    """The filters that templates may use, each with one kind of value."""
    from jinja2 import pass_context

    @pass_context
    def money(context: "Context", value: object) -> str:
        if "currency" not in context:
            raise MisuseError(
                "la devise n'est pas connue ici", "Utilisez {% include %}, ou {% import ... with context %}."
            )
        return french.eur(_expect(value, Decimal, "money", "un montant"), str(context["currency"]))

    return {
        "money": money,
        "percent": lambda value: french.percent(_expect(value, Decimal, "percent", "un taux")),
        "days": lambda value: french.days(_expect(value, int, "days", "un nombre de jours")),
        "short_date": lambda value: french.short_date(_expect(value, date, "short_date", "une date connue")),
    }


def _say() -> Callable[..., str]:
    """say("je", "nous"): the first text where a person writes, the second where a service does."""
    from jinja2 import pass_context

    @pass_context
    def say(context: "Context", one: str, several: str) -> str:
        return typeset(several if context["sender"].plural else one)

    return say


def _expect(value: object, kind: type[_Value], name: str, wanted: str) -> _Value:
    if not isinstance(value, kind):
        raise MisuseError(f"le filtre « {name} » attend {wanted}", "Vérifiez la variable qui le précède.")
    return value
