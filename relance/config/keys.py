"""The keys of relance.toml, read off the models: what is accepted where, and which known key is meant."""

from collections.abc import Iterator
from difflib import get_close_matches
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo

from relance.config.models import SettingsFile, Table
from relance.config.values import COLUMN_FIELDS
from relance.config.wording import Loc, visible
from relance.french import typeset

COLUMNS = ("invoices", "columns")


def _unwrapped(annotation: Any) -> tuple[Any, str]:
    """The type behind `Annotated` and `| None`, and the French description that stands nearest to it."""
    said = ""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *metadata = get_args(annotation)
            said = next((m.description for m in metadata[::-1] if isinstance(m, FieldInfo) and m.description), said)
        elif NoneType in get_args(annotation):
            annotation = next(a for a in get_args(annotation) if a is not NoneType)
        else:
            return annotation, said


def _child(annotation: Any, part: str | int) -> tuple[Any, str] | None:
    """The type under this key or index and its own description; None where the models stop."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        field = annotation.model_fields.get(str(part))
        if field is None:
            return None
        inner, said = _unwrapped(field.annotation)
        return inner, field.description or said
    arguments = get_args(annotation)
    if get_origin(annotation) in (list, dict) and arguments:
        return _unwrapped(arguments[-1])
    return None


def _walk(loc: Loc) -> tuple[Any, str]:
    """The type at the end of this path and the description that applies there."""
    annotation: Any = SettingsFile
    accepted = "une valeur permise"
    for part in loc:
        child = _child(annotation, part)
        if child is None:
            break
        annotation, said = child
        accepted = said or accepted
    return annotation, accepted


def accepted_at(loc: Loc) -> str:
    """What the key at this path accepts, in French."""
    return _walk(loc)[1]


def known_at(loc: Loc) -> list[str]:
    """The keys of the table at this path."""
    if loc == COLUMNS:
        return list(COLUMN_FIELDS)
    annotation, _ = _walk(loc)
    return list(annotation.model_fields) if isinstance(annotation, type) and issubclass(annotation, Table) else []


def names() -> list[str]:
    """Every accepted key, as `smtp.host`, `stages[].day`, `charges.rates.*.ecb` or `invoices.columns.number`."""
    return [*_names(SettingsFile, ""), *(f"invoices.columns.{field}" for field in COLUMN_FIELDS)]


def _names(table: type[Table], prefix: str) -> Iterator[str]:
    for name in table.model_fields:
        inner = _child(table, name)
        annotation = inner[0] if inner else None
        origin = get_origin(annotation)
        brackets = "[]" if origin is list else ".*" if origin is dict else ""
        if brackets:
            annotation, _ = _unwrapped(get_args(annotation)[-1])
        if isinstance(annotation, type) and issubclass(annotation, Table):
            yield from _names(annotation, f"{prefix}{name}{brackets}.")
        elif brackets != ".*":
            yield f"{prefix}{name}"


def nearest(loc: Loc) -> str:
    """What may be meant by the unknown key at this path: its own table first, then the other tables."""
    word = str(loc[-1]).casefold()
    siblings = known_at(loc[:-1])
    close = get_close_matches(word, siblings, n=1, cutoff=0.6)
    elsewhere = [
        name for name in names() if name.rsplit(".", 1)[-1] == word and not name.startswith("invoices.columns")
    ]
    if elsewhere and word not in siblings and not (close and close[0].replace("_", "") == word):
        return typeset("cette clé existe ailleurs : ") + ", ".join(elsewhere)
    if close:
        return typeset("la clé connue la plus proche est « {} »").format(close[0])
    return typeset("clés connues ici : ") + ", ".join(visible(name) for name in siblings)
