"""What the rows of the settings print: the commented relance.toml that `relance init` writes, and the guide's table."""

import ast
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic.fields import FieldInfo

from relance.config.columns import HeadersTable
from relance.config.models import SettingsFile
from relance.config.rows import SettingsTable, at, example_of, is_given, key_of, rows_of
from relance.core.interest import Rate
from relance.french import set_lines

WIDTH = 120
_HEAD = """\
Réglages de relance. Ce fichier est en TOML : un texte s’écrit entre guillemets, une décimale avec un point.
Les lignes qui commencent par « # » suivi d’une espace sont des explications.
Les lignes comme « #voice = … » sont des réglages laissés à leur valeur par défaut, ou des exemples :
pour en changer un, enlevez le « # » et modifiez la valeur.
Les chemins partent du dossier de ce fichier. Vérifiez le tout avec « relance check »."""
_TYPED = re.compile(r'"[^"\s]*"|\b(?:true|false)\b|\{number\}|\[[a-z]+\]|charges\.\w+|relance approve')
"""What stands in the words as it is typed."""


class Words(NamedTuple):
    """What stands under a row: a heading, all of it, and the same cut in two, before and after « par défaut »."""

    heading: str = ""
    whole: str = ""
    does: str = ""
    unset: str = ""


@cache
def words_of(table: type[SettingsTable]) -> Mapping[str, Words]:
    """The words under the rows of a table, as they stand in its source; some rows go with the one before."""
    (body,) = ast.parse(inspect.getsource(table)).body
    assert isinstance(body, ast.ClassDef)
    base = table.__base__
    inherited = dict(words_of(base)) if base is not None and base.__base__ is SettingsTable else {}
    found = dict.fromkeys(table.model_fields, Words()) | inherited
    for line, under in pairwise(body.body):
        match line, under:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                found[name] = _cut(inspect.cleandoc(text))
    return found


def _cut(text: str) -> Words:
    heading, *paragraphs = text.removeprefix("# ").split("\n\n") if text.startswith("# ") else ("", *text.split("\n\n"))
    whole = "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    does, _, unset = whole.removesuffix(".").partition(" ; par défaut, ")
    return Words(heading, whole, does, unset)


def toml(value: Any) -> str:
    """A value as relance.toml writes it."""
    match value:
        case Rate():
            return str(value.value)
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return f"{{ {', '.join(f'{key} = {toml(each)}' for key, each in value.items())} }}"
    return json.dumps(str(value), ensure_ascii=False)


def sample() -> str:
    """The commented relance.toml: `#key = ...` is a setting left out, `# ` a comment."""
    lines = list(_comment(_HEAD))
    for name, field in SettingsFile.model_fields.items():
        lines += _table((key_of(name, field),), words_of(SettingsFile)[name], field)
    return "\n".join(lines) + "\n"


def _comment(text: str, start: str = "# ") -> Iterator[str]:
    for paragraph in text.split("\n") if text else ():
        yield from set_lines(paragraph, start, WIDTH)


def _table(loc: tuple[str, ...], words: Words, field: FieldInfo) -> Iterator[str]:
    """A table with its own words above it, its rows, then the tables within it."""
    place = at(SettingsFile, loc)
    if words.heading:
        yield from ("", f"# ---- {words.heading} ".ljust(WIDTH - 1, "-"))
    yield from ("", *_comment(words.whole))
    if isinstance(example_of(field), list):
        yield from _blocks(loc[0], example_of(field))
        return
    yield f"{'' if is_given(field) else '#'}[{'.'.join(loc)}]"
    inner = []
    for name, row in place.rows.items():
        if isinstance(row.default, dict):
            inner.append(name)
        else:
            yield from _line(name, row, words_of(place.type)[name], field)
    if isinstance(example_of(field), dict):
        yield from (f"#{key} = {toml(value)}" for key, value in example_of(field).items())
    for name in inner:
        yield from _table((*loc, name), words_of(place.type)[name], place.rows[name])


def _line(name: str, row: FieldInfo, words: Words, table: FieldInfo) -> Iterator[str]:
    """A setting of this table after its words, commented out where it need not be given."""
    said = f"{name} = {toml(example_of(row))}"
    if words.does.startswith("ou bien"):
        does, bracket, more = words.does.partition(" (")
        yield from _comment(f"{does} : {said}{bracket}{more}.")
    else:
        needed = f"{words.does} (obligatoire{'' if table.is_required() else ' dans cette table'})."
        yield from _comment(needed if row.is_required() else words.whole)
        yield said if is_given(table) and is_given(row) else f"#{said}"


def _blocks(name: str, blocks: list[dict[str, Any]]) -> Iterator[str]:
    """The words of each row of a block, then the blocks."""
    table = at(SettingsFile, (name, 0)).type
    width = max(map(len, table.model_fields))
    for key, words in words_of(table).items():
        yield from _comment(words.does[:1].lower() + words.does[1:], f"#   {key.ljust(width)} : ")
    for i, block in enumerate(blocks or [_example(table)]):
        yield from ("", f"#[[{name}]]") if i else (f"#[[{name}]]",)
        yield from (f"#{key} = {toml(value)}" for key, value in block.items())


def _example(table: type[SettingsTable]) -> dict[str, Any]:
    """A block made of what its rows show."""
    inner = {key: at(table, (key,)) for key in table.model_fields}
    return {key: _example(p.type) if p.rows else example_of(table.model_fields[key]) for key, p in inner.items()}


def settings_table(*tables: str) -> str:
    """The guide's table of the settings in these tables of relance.toml, else in all: Markdown, a row a setting."""
    lines = ["| réglage | ce que c’est | par défaut |", "|---|---|---|"]
    for path, table, name in rows_of(SettingsFile):
        if not issubclass(table, HeadersTable) and (not tables or re.split(r"\W", path)[0] in tables):
            row, words = table.model_fields[name], words_of(table)[name]
            cells = (f"`{path}`{' *' if row.is_required() else ''}", _cell(words.does), _unset(path, row, words))
            lines.append(" | ".join(("", *(cell.replace("|", r"\|") for cell in cells), "")).strip().replace("  ", " "))
    return "\n".join(line for text in lines for line in set_lines(text))


def _cell(text: str) -> str:
    """The words as a cell of a table begins; what is typed as it stands is set apart."""
    return _TYPED.sub(r"`\g<0>`", text[:1].lower() + text[1:])


def _unset(path: str, row: FieldInfo, words: Words) -> str:
    """What holds where this setting is left out: what the blocks say that hold then, words, or the default itself."""
    top, *keys = path.replace("[]", "").split(".")
    blocks = example_of(SettingsFile.model_fields[top])
    if isinstance(blocks, list) and blocks:
        return ", ".join(f"`{toml(value)}`" for value in _values(blocks, keys))
    return _cell(words.unset) if words.unset or row.is_required() or row.default is None else f"`{toml(row.default)}`"


def _values(blocks: Any, keys: list[str]) -> list[Any]:
    """What each block says under this path."""
    if isinstance(blocks, list):
        return [value for block in blocks for value in _values(block, keys)]
    return _values(blocks[keys[0]], keys[1:]) if keys else [blocks]
