"""A page of the guide on a terminal: Markdown as plain text of 80 columns, what can be copied in whole lines."""

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import NamedTuple

from relance.french import NO_BREAK

WIDTH = 80
_INDENT = " " * 4
_TIED = "\ue000"
"""Stands for a space inside code while lines are cut: a command is never broken."""
_ITEM = re.compile(r"(?:- |\d+\. )")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_PIPE = re.compile(r"(?<!\\)\|")
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_PAGE = re.compile(r"([a-z-]+)\.md(?:#.*)?")
_STARS = re.compile(r"(\*\*|\*)(?=\S)(.+?)\1")


class _Block(NamedTuple):
    """Lines of one kind that stand together: heading, text, item, code, table or picture."""

    kind: str
    lines: list[str]


def page_lines(markdown: str) -> Iterator[str]:
    """The lines of a page."""
    before = ""
    for kind, lines in _blocks(markdown):
        if before and not before == kind == "item":
            yield ""
        before = kind
        yield from _RENDERED[kind](lines)


def _blocks(markdown: str) -> Iterator[_Block]:
    held, fenced = _Block("", []), False
    for line in markdown.splitlines():
        fence = line.startswith("```")
        fenced ^= fence
        kind = "code" if fenced or fence else _kind(line, held.kind)
        if kind != held.kind or kind == "heading" or _ITEM.match(line):
            if held.lines:
                yield held
            held = _Block(kind, [])
        if kind and not fence:
            held.lines.append(_INDENT + line if fenced else line)
    if held.lines:
        yield held


def _kind(line: str, before: str) -> str:
    """What a line outside a fence belongs to; a line that goes on stays with the text or item before it."""
    if not line.strip():
        return ""
    for start, kind in (("#", "heading"), ("|", "table"), ("![", "picture")):
        if line.startswith(start):
            return kind
    if _ITEM.match(line):
        return "item"
    if before in ("text", "item"):
        return before
    return "code" if line.startswith(_INDENT) else "text"


def _heading(lines: list[str]) -> Iterator[str]:
    marks, _, title = lines[0].partition(" ")
    shown = _untied(_inline(title))
    yield shown
    yield {"#": "=", "##": "-"}.get(marks, "·") * len(shown)


def _text(lines: list[str]) -> Iterator[str]:
    yield from _cut(_inline(" ".join(line.strip() for line in lines)))


def _item(lines: list[str]) -> Iterator[str]:
    mark = lines[0].partition(" ")[0]
    yield from _cut(_inline(" ".join(line.strip() for line in lines)), later=" " * (len(mark) + 1))


def _code(lines: list[str]) -> Iterator[str]:
    yield from map(str.rstrip, lines)


def _table(lines: list[str]) -> Iterator[str]:
    """Columns where they fit; else one row below the other, its first cell as a heading."""
    rows = [[_inline(cell.strip()) for cell in _PIPE.split(line)[1:-1]] for line in lines]
    header, body = rows[0], rows[2:]
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    if sum(widths) + 2 * len(widths) - 2 <= WIDTH:
        for row in (header, ["-" * width for width in widths], *body):
            yield _untied("  ".join(map(str.ljust, row, widths)).rstrip())
        return
    for first, second, *others in body:
        yield from _cut(first, later="  ")
        named = (f"{name}{NO_BREAK}: {cell}" for name, cell in zip(header[2:], others, strict=True) if cell)
        for cell in (second, *named):
            yield from _cut(cell, _INDENT, _INDENT)


def _picture(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield _PICTURE.sub(rf"{_INDENT}[image{NO_BREAK}: \1]", line)


_RENDERED = {
    "heading": _heading,
    "text": _text,
    "item": _item,
    "code": _code,
    "table": _table,
    "picture": _picture,
}


def _inline(text: str) -> str:
    """Code, links and stress as plain text; the spaces of code are tied until the line is cut."""
    parts = text.split("`")
    said = "".join(part.replace(" ", _TIED) if i % 2 else _unmarked(part) for i, part in enumerate(parts))
    return said.replace(r"\|", "|")


def _unmarked(prose: str) -> str:
    return _STARS.sub(r"\2", _LINK.sub(_link, prose))


def _link(found: re.Match[str]) -> str:
    """What a link says, and how its page is shown here; the link of the contents says that itself."""
    text, target = found[1], found[2]
    page = _PAGE.fullmatch(target)
    if page is None:
        return text if target.startswith(("#", ".")) else f"{text} <{target}>"
    shown = f"relance{_TIED}help{_TIED}{page[1]}"
    if text == page[1]:
        return text
    return f"{text}{NO_BREAK}: {shown}" if found.string[: found.start()].endswith("(") else f"{text} ({shown})"


def _cut(text: str, first: str = "", later: str = "") -> Iterable[str]:
    """The lines of a text, cut at its spaces alone."""
    lines = wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return map(_untied, lines)


def _untied(text: str) -> str:
    return text.replace(_TIED, " ")
