"""The papers of an evidence folder as files: PDF where typst is installed, else HTML to print.

The same page and day make the same bytes on every machine: a PDF has the fonts of typst alone, and a page with signs
that none of them has (emoji, other scripts) is HTML.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path
from typing import Any, assert_never

from relance.core.exhibits import Block, Grid, Heading, Leaf, Paragraph, Verbatim
from relance.letters.paper import can_print

LAYOUT = Path(__file__).with_name("leaf.typ")
_HEAD = """<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
:root{{color-scheme:light dark}}
body{{font:16px/1.4 serif;max-width:52em;margin:0 auto;padding:16px;overflow-wrap:anywhere}}
table{{border-collapse:collapse;width:100%}}
th,td{{border-bottom:1px solid #8888;padding:4px 8px;text-align:left;vertical-align:top}}
.r{{text-align:right;white-space:nowrap}}
blockquote{{margin:0;padding-left:12px;border-left:1px solid #8888;white-space:pre-wrap}}
@page{{size:A4;margin:18mm}}
@media print{{body{{font-size:10pt;padding:0}}tr{{break-inside:avoid}}thead{{display:table-header-group}}}}
</style>
</head>
<body>
<h1>{title}</h1>
"""


def print_leaf(leaf: Leaf, author: str, day: date) -> tuple[str, bytes]:
    """The ending of its file's name and its bytes; `day` is the date of the document."""
    pdf = _pdf(leaf, author, day) if can_print() else b""
    return ("pdf", pdf) if pdf else ("html", _html(leaf).encode())


def _pdf(leaf: Leaf, author: str, day: date) -> bytes:
    """The PDF (A-2a, UA-1); empty where a sign has no glyph."""
    import typst

    values = {"title": leaf.title, "author": author, "date": [day.year, day.month, day.day]}
    values["blocks"] = [_values(block) for block in leaf.blocks]
    try:
        return typst.compile(
            LAYOUT,
            root=LAYOUT.parent,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"leaf": json.dumps(values, ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
    except typst.TypstError:
        return b""


def _values(block: Block) -> dict[str, Any]:
    """A block as the layout takes it; of a table, the columns that take the room are those with the longest texts."""
    match block:
        case Heading(text):
            return {"kind": "heading", "text": text}
        case Paragraph(lines):
            return {"kind": "paragraph", "lines": lines}
        case Verbatim(text):
            return {"kind": "verbatim", "lines": text.split("\n")}
        case Grid(head, rows, right, strong):
            wide = [max((len(row[i]) for row in rows), default=0) > _SHORT for i in range(len(head))]
            told: dict[str, Any] = {"kind": "grid", "head": head, "rows": rows, "columns": wide}
            return told | {"right": sorted(right), "strong": sorted(strong)}
        case other:
            assert_never(other)


_SHORT = 28


def _html(leaf: Leaf) -> str:
    parts = [part for block in leaf.blocks for part in _parts(block)]
    return "".join([_HEAD.format(title=escape(leaf.title)), *parts, "</body>\n</html>\n"])


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Heading(text):
            yield f"<h2>{escape(text)}</h2>\n"
        case Paragraph(lines):
            yield f"<p>{'<br>'.join(map(escape, lines))}</p>\n"
        case Verbatim(text):
            yield f"<blockquote>{escape(text)}</blockquote>\n"
        case Grid():
            yield "<table>\n<thead>"
            yield _row(block.head, block, "th")
            yield "</thead>\n<tbody>\n"
            for number, row in enumerate(block.rows):
                yield _row(row, block, "th" if number in block.strong else "td")
            yield "</tbody>\n</table>\n"
        case other:
            assert_never(other)


def _row(cells: Sequence[str], grid: Grid, tag: str) -> str:
    marks = [' class="r"' if number in grid.right else "" for number in range(len(cells))]
    told = (f"<{tag}{mark}>{escape(cell)}</{tag}>" for mark, cell in zip(marks, cells, strict=True))
    return f"<tr>{''.join(told)}</tr>\n"
