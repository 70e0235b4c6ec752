"""How a row of the settings is written, and what is read off the rows: every key, and what is accepted at a path.

A row is a field with the words that stand under it. The words are French, begin as the comment of the sample does, and
end with what holds where nothing is given if no value can show it (« ; par défaut, aucun. »). A row that begins with
« ou bien » is another way to say what the row before it says. The words of a table may begin with the heading of the
part of the sample that it opens (`# Qui écrit`).
"""

import os
from collections.abc import Iterator
from enum import Enum
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

Loc = tuple[str | int, ...]
# Looking for plugins reads what every installed package says of itself: 4 ms of a start where there are few.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")


class SettingsTable(BaseModel):
    """A table of relance.toml: no key but its own, no value of another type than its own."""

    # Only the whole file is ever validated: what would validate a table alone is not built.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def shown(example: object, default: object = None, *, given: bool = False) -> Any:
    """A row whose default cannot be shown, or says too little: the sample shows this example.

    With `...` for a default the setting must be given; what is `given` is not commented out in the sample.
    """
    return Field(default, examples=[example], json_schema_extra={"given": given or default is ...})


def empty() -> Any:
    """A table that may be left out: then all its rows are."""
    return Field({}, validate_default=True)


def apart(name: str) -> Any:
    """A table that may be left out, and stands in the file under a name that is no name of a row."""
    return Field({}, validate_default=True, alias=name, json_schema_extra={"given": False})


def key_of(name: str, field: FieldInfo) -> str:
    """What a row is called in the file."""
    return field.alias or name


def example_of(field: FieldInfo) -> Any:
    """What the sample shows of a row."""
    return field.examples[0] if field.examples else None if field.is_required() else field.default


def is_given(field: FieldInfo) -> bool:
    """True for a line or a table that the sample does not comment out."""
    extra = field.json_schema_extra
    return bool(extra.get("given")) if isinstance(extra, dict) else field.is_required() or field.default == {}


class Place(NamedTuple):
    """What stands at a path: its type, and in French what it accepts."""

    type: Any
    accepts: str

    @property
    def rows(self) -> dict[str, FieldInfo]:
        """The rows of a table, none of anything else."""
        is_table = isinstance(self.type, type) and issubclass(self.type, SettingsTable)
        return {key_of(name, field): field for name, field in self.type.model_fields.items()} if is_table else {}


def _unwrapped(annotation: Any) -> Place:
    """The type behind `Annotated` and `| None`, and the French description that stands nearest to it."""
    said = ""
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *metadata = get_args(annotation)
            said = next((m.description for m in metadata[::-1] if isinstance(m, FieldInfo) and m.description), said)
        elif isinstance(annotation, TypeAliasType):
            annotation = annotation.__value__
        elif NoneType in get_args(annotation):
            annotation = next(a for a in get_args(annotation) if a is not NoneType)
        else:
            return Place(annotation, said or _choices(annotation))


def _choices(annotation: Any) -> str:
    """The words among which this type lets one choose: "a", "b" ou "c"."""
    words = get_args(annotation) if get_origin(annotation) is Literal else ()
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        words = tuple(word.value for word in annotation)
    *first, last = [f'"{word}"' for word in words] or [""]
    return f"{', '.join(first)} ou {last}" if first else last


def _table(place: Place, loc: Loc) -> str:
    """What a table is called where nothing else is said, with the keys that it must have."""
    if get_origin(place.type) is list and len(loc) == 1:
        return f"des blocs [[{loc[0]}]], à doubles crochets"
    if not place.rows and get_origin(place.type) is not dict:
        return ""
    needed = [name for name, field in place.rows.items() if field.is_required()]
    return f"une table [{'.'.join(map(str, loc))}]{' avec au moins ' if needed else ''}{' et '.join(needed)}"


def inside(place: Place, part: str | int = 0) -> Place | None:
    """What stands under this key or index; None where the models stop."""
    field = place.rows.get(str(part))
    if field is not None:
        found = _unwrapped(field.annotation)
        return found._replace(accepts=field.description or found.accepts)
    return _unwrapped(get_args(place.type)[-1]) if get_origin(place.type) in (list, dict) else None


def at(root: type[SettingsTable], loc: Loc) -> Place:
    """What stands at the end of this path; one that leaves the models keeps the last description met."""
    place = Place(root, "une valeur permise")
    for depth, part in enumerate(loc, start=1):
        child = inside(place, part)
        if child is None:
            break
        place = child._replace(accepts=child.accepts or _table(child, loc[:depth]) or place.accepts)
    return place


def rows_of(root: type[SettingsTable], prefix: str = "") -> Iterator[tuple[str, type[SettingsTable], str]]:
    """Every setting: its path, as `smtp.host`, `stages[].day` or `charges.rates.*.ecb`, its table, its name there."""
    for row, field in root.model_fields.items():
        name, place = key_of(row, field), _unwrapped(field.annotation)
        brackets = {list: "[]", dict: ".*"}.get(get_origin(place.type), "")
        within = inside(place) if brackets else place
        if within is not None and within.rows:
            yield from rows_of(within.type, f"{prefix}{name}{brackets}.")
        else:
            yield f"{prefix}{name}", root, name
