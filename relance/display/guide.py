"""A page of the guide on a terminal: Markdown as plain text of 80 columns, what can be copied in whole lines."""

import re
from collections.abc import Iterable, Iterator
from textwrap import TextWrapper

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


def page_lines(markdown: str) -> Iterator[str]:
    """The lines of a page."""
    before = ""
    for kind, lines in _blocks(markdown):
        if before and not before == kind == "item":
            yield ""
        before = kind
        yield from _shown(kind, lines)


def _blocks(markdown: str) -> Iterator[tuple[str, list[str]]]:
    """The lines of one kind that stand together: heading, text, item, code, table or picture."""
    kind, fenced = "", False
    held: list[str] = []
    for line in markdown.splitlines():
        fence = line.startswith("```")
        fenced ^= fence
        before, kind = kind, "code" if fenced or fence else _kind(line, kind)
        if held and (kind != before or kind == "heading" or _ITEM.match(line)):
            yield before, held
            held = []
        if kind and not fence:
            held.append(_INDENT + line if fenced else line)
    if held:
        yield kind, held


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


def _shown(kind: str, lines: list[str]) -> Iterable[str]:
    text = _inline(" ".join(map(str.strip, lines)))
    mark, _, title = text.partition(" ")
    match kind:
        case "heading":
            return _untied(title), {"#": "=", "##": "-"}.get(mark, "·") * len(title)
        case "item":
            return _cut(text, later=" " * (len(mark) + 1))
        case "code":
            return map(str.rstrip, lines)
        case "table":
            return _table(lines)
        case "picture":
            return [_PICTURE.sub(rf"{_INDENT}[image{NO_BREAK}: \1]", line) for line in lines]
    return _cut(text)


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


def _inline(text: str) -> str:
    """Code, links and stress as plain text; the spaces of code are tied until the line is cut."""
    parts = text.split("`")
    parts[::2] = (_STARS.sub(r"\2", _LINK.sub(_link, prose)) for prose in parts[::2])
    parts[1::2] = (code.replace(" ", _TIED) for code in parts[1::2])
    return "".join(parts).replace(r"\|", "|")


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
    cutter = TextWrapper(WIDTH, first, later, break_long_words=False, break_on_hyphens=False)
    return map(_untied, cutter.wrap(text))


def _untied(text: str) -> str:
    return text.replace(_TIED, " ")
