"""Jinja's sandbox for letters: what a template may read, call and write, and what is said where it does otherwise.

Imported with Jinja when a template is loaded, not before: commands that write no letter do not pay for it.
"""

import re
from collections.abc import Callable, MutableMapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from traceback import extract_tb
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined, pass_context
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from relance.errors import TemplateError
from relance.french import system_words
from relance.letters.languages import Language
from relance.letters.people import NO_TEXT
from relance.letters.views import FIELDS

_NAMES = {name for names in FIELDS.values() for name in names}
_NAME_LIST = "Les noms possibles sont expliqués dans « _variables.txt.j2 »."
_Value = TypeVar("_Value")
_WRITING = ("format", "pprint", "tojson", "xmlattr")
"""Filters of Jinja that write a group of values out as a program sees it."""
_TAG_AT_END = re.compile(r"(\{[%#](?:(?!\{[%#]).)*)(?<![-+])([%#]\})[ \t]*$")
_TAGS = re.compile(r"\{%.*?%\}|\{#.*?#\}")
FORMERLY = "formerly"
"""Inside the shipped folder, by their names, the blocks that no shipped message includes any more."""
MARK = re.compile("\ue001(.*?)\ue002", re.DOTALL)
"""What a variable's text stands between while a template is rendered; `clean` keeps both signs out of data."""
_OWN_SIGNS = re.compile("[\ue000-\ue002]")


class _Folders(FileSystemLoader):
    """Files of these folders alone, where a link may not lead out of them."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        found = super().get_source(environment, template)
        path = Path(found[1]).resolve()
        if not any(path.is_relative_to(Path(folder).resolve()) for folder in self.searchpath):
            raise TemplateNotFound(template)
        return found


class _Sandbox(ImmutableSandboxedEnvironment):
    """A line that ends with a tag after some text keeps its line end; a line of tags alone vanishes."""

    intercepted_binops = frozenset({"%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """A remainder is let through; on a text, `%` would write out whatever it is given."""
        if isinstance(left, str):
            raise MisuseError("« % » ne met pas de valeur dans un texte", "Écrivez la valeur elle-même : {{ number }}.")
        return super().call_binop(context, operator, left, right)

    def make_globals(self, d: MutableMapping[str, object] | None) -> MutableMapping[str, object]:
        """One dictionary for all templates, none of which adds to it: every include walks through it."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: object, attribute: str) -> object:
        """A value of ours holds plain data alone: its fields are let through, the sandbox judges all the rest."""
        if attribute in FIELDS.get(type(obj), ()):
            return getattr(obj, attribute)
        if _writes(obj, attribute):
            return self.unsafe_undefined(obj, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """As `getattr`, for a name in brackets."""
        return self.unsafe_undefined(obj, argument) if _writes(obj, argument) else super().getitem(obj, argument)

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        return super().preprocess(_OWN_SIGNS.sub("", keep_line_ends(str(source))), name, filename)


def _writes(obj: object, attribute: object) -> bool:
    """Whether this writes any value into a text, as `%` and the filters of _WRITING do."""
    return isinstance(obj, str) and attribute in ("format", "format_map")


def environment_of(folders: tuple[Path, ...], language: Language) -> SandboxedEnvironment:
    """The environment in which the templates of these folders run; the first folder that has a file gives it.

    The last folder is the shipped one; what an earlier version shipped and a copied template may include comes after.
    """
    environment = _Sandbox(
        loader=_Folders((*folders, folders[-1] / FORMERLY), encoding="utf-8-sig"),
        undefined=StrictUndefined,
        finalize=_finalizer(language),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    for name in _WRITING:
        del environment.filters[name]
    environment.filters.update(_filters(language))
    environment.globals.update(say=_say, you=_you)
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


def _filters(language: Language) -> dict[str, Callable[..., str]]:
    """The filters that templates may use, each with one kind of value."""

    @pass_context
    def money(context: Context, value: object) -> str:
        if "currency" not in context:
            raise MisuseError(
                "la devise n’est pas connue ici", "Utilisez {% include %}, ou {% import ... with context %}."
            )
        return language.money(_expect(value, Decimal, "money", "un montant"), str(context["currency"]))

    @pass_context
    def near(context: Context, value: object) -> str:
        if "today" not in context:
            raise MisuseError(
                "le jour du message n’est pas connu ici", "Utilisez {% include %}, ou {% import ... with context %}."
            )
        return language.near_date(_expect(value, date, "near", "une date connue"), context["today"])

    return {
        "money": money,
        "near": near,
        "weekday": lambda value: language.long_day(_expect(value, date, "weekday", "une date connue")),
        "day_month": lambda value: language.day_month(_expect(value, date, "day_month", "une date connue")),
        "percent": lambda value: language.percent(_expect(value, Decimal, "percent", "un taux")),
        "days": lambda value: language.days(_expect(value, int, "days", "un nombre de jours")),
        "short_date": lambda value: language.short_date(_expect(value, date, "short_date", "une date connue")),
    }


@pass_context
def _say(context: Context, one: str, several: str) -> str:
    """say("je", "nous"): the first where a person writes."""
    return _Words(several if context["sender"].plural else one)


@pass_context
def _you(context: Context, polite: str, familiar: str) -> str:
    """you("vous", "tu"): the second to a familiar reader."""
    return _Words(familiar if context["customer"].familiar else polite)


def _expect(value: object, kind: type[_Value], name: str, wanted: str) -> _Value:
    if not isinstance(value, kind):
        raise MisuseError(f"le filtre « {name} » attend {wanted}", "Vérifiez la variable qui le précède.")
    return value


class MisuseError(Exception):
    """A value was used for what it is not: what happened and the cure, in French, without the place."""


def fault(error: Exception, name: str, folders: tuple[Path, ...]) -> TemplateError:
    """The error as a sentence and its cure; `name` is the letter's own file, where Jinja names no other."""
    place = _place(error, name, folders)
    match error:
        case TemplateNotFound():
            return _missing(error, name, folders)
        case TemplateSyntaxError():
            place = f"Modèle « {error.name or name} », ligne {error.lineno}"
            what = f"cette instruction est mal écrite{_in_french(error.message)}"
            cure = "Vérifiez les accolades, et que chaque {% if %} a son {% endif %}."
        case SecurityError():
            what, cure = "ce que demande cette ligne est interdit dans un modèle", "Retirez-la du modèle."
        case UndefinedError():
            what, cure = _unknown(str(error))
        case MisuseError():
            what, cure = error.args
        case MemoryError():
            what, cure = "cette ligne demande trop de mémoire", "Retirez-la du modèle."
        case OverflowError():
            what, cure = "la boucle est trop longue", "Cent mille tours au plus sont permis."
        case UnicodeDecodeError():
            return TemplateError(
                f"Le modèle « {name} », ou un fichier qu’il inclut, n’est pas en UTF-8.",
                "Enregistrez-le de nouveau en choisissant l’encodage UTF-8.",
            )
        case OSError():
            return TemplateError(
                f"Le modèle « {name} » ne peut pas être lu ({system_words(error)}).", "Vérifiez les droits du fichier."
            )
        case _:
            why = "une division par zéro" if isinstance(error, ZeroDivisionError) else NO_TEXT
            known = isinstance(error, ZeroDivisionError) or str(error) == NO_TEXT  # what Python says is English
            what = f"le calcul demandé est impossible{f' ({why})' if known else ''}"
            cure = "Corrigez cette ligne du modèle."
    return TemplateError(f"{place} : {what}.", cure)


_JINJA = (
    (r"nknown tag '(\w+)'", "« {0} » n’est pas une instruction"),
    (r"No filter named '(\w+)'", "« {0} » n’est pas un filtre"),
    (r"No test named '(\w+)'", "« {0} » n’est pas un test"),
    (r"nexpected end of template", "il manque une fin, comme {{% endif %}}"),
    (r"expected token '(.+?)', got '(.+?)'", "« {1} », où l’on attend « {0} »"),
    (r"nexpected '(.+?)'", "« {0} » n’a rien à faire ici"),
    (r"nexpected char '(.+?)'", "le signe « {0} » n’a rien à faire ici"),
)
"""What Jinja says of a template that it cannot read, and the same in French."""


def _in_french(message: str | None) -> str:
    """The fault that Jinja names, in brackets; empty where it is another one."""
    for pattern, said in _JINJA:
        if found := re.search(pattern, message or ""):
            return f" ({said.format(*found.groups())})"
    return ""


def _missing(error: Exception, name: str, folders: tuple[Path, ...]) -> TemplateError:
    wanted = getattr(error, "name", None) or str(error)
    if wanted == name:
        own = f"Créez le fichier « {folders[0] / name} »."
        none = f"Créez le fichier « {name} » dans un dossier à vous et indiquez ce dossier dans [templates]."
        return TemplateError(f"Il n’y a pas de modèle « {name} » pour cette étape.", own if len(folders) > 1 else none)
    return TemplateError(
        f"{_place(error, name, folders)} : le fichier « {wanted} » est introuvable parmi les modèles.",
        "Un modèle ne peut inclure que les fichiers de son dossier et les modèles fournis.",
    )


def _unknown(message: str) -> tuple[str, str]:
    """What is said of a name; `message` is Jinja's: 'custmer' is undefined, or '...' has no attribute 'numbr'."""
    found = re.search(r"has no attribute '(.+)'", message) or re.search(r"'(.+)' is undefined", message)
    if found is None:
        return "un nom est inconnu", _NAME_LIST
    near = get_close_matches(found[1], _NAMES, n=1)
    guess = f"Vouliez-vous dire « {near[0]} » ? " if near else ""
    return f"le nom « {found[1]} » n’existe pas", guess + _NAME_LIST


def _place(error: Exception, name: str, folders: tuple[Path, ...]) -> str:
    """The last line of a template that was running: Jinja writes its lines into the traceback."""
    for frame in reversed(extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if any(path.is_relative_to(folder) for folder in folders):
            return f"Modèle « {path.name} », ligne {frame.lineno}"
    return f"Modèle « {name} »"
