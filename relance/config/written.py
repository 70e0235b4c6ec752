"""A first relance.toml: what was answered and no more, each answer checked by the row of its setting."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from relance.config.faults import fault_of
from relance.config.loading import load_text
from relance.config.models import SettingsFile
from relance.config.rows import Loc
from relance.config.sample import toml
from relance.config.values import Settings
from relance.french import in_toml

Tables = Mapping[str, Mapping[str, object]]
"""By the name of the table, its settings; one that is itself a table stands on its line, in braces."""


def written(tables: Tables) -> str:
    """The text of a relance.toml that says this; tables without anything in them are left out."""
    blocks = [
        "\n".join((f"[{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())))
        for name, table in tables.items()
        if table
    ]
    return "\n\n".join(blocks) + "\n"


def _value(value: object) -> str:
    """A value as relance.toml writes it; an own text is on one line, whatever was pasted."""
    if isinstance(value, dict):
        inner = (f"{key} = {_value(each)}" for key, each in value.items())
        return f"{{ {', '.join(inner)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return in_toml(value) if isinstance(value, str) else toml(value)


def settings_of(tables: Tables, path: Path) -> Settings:
    """What a file with this text at this path would mean; SettingsError tells all that is wrong in it."""
    return load_text(path, written(tables))


def wrong(loc: Loc, value: object) -> str:
    """What the setting at this path has against this value, in French and without a full stop; empty for nothing."""
    nested: object = value
    for part in reversed(loc):
        nested = {part: nested}
    try:
        SettingsFile.model_validate(nested)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["loc"][: len(loc)] == loc:
                return fault_of(detail).sentence
    return ""
