"""How lines fit a width: columns with figures at the right, sentences wrapped between words, long names cut."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from relance.display import terminal
from relance.display.breaking import cut, one_line, places, wrapped

PIPE = 140
"""Characters of a line where no terminal tells its width."""
_GAP = "  "


def page_width() -> int:
    """The width of the terminal, of a page where there is none."""
    return terminal.width() if terminal.on_terminal() else PIPE


NAME, ADDRESS, REST = 40, 100, 999
"""The most places that a name, an e-mail address, and what stands last in a row take."""


class Column(NamedTuple):
    """`right` is for figures; `least`: its cells may be cut with « … », down to so many places (None: never cut).

    No column is wider than `most`. A whole cell that is takes the room from what may be cut in its own row.
    """

    right: bool = False
    least: int | None = None
    most: int = 30


Cell = str | Sequence[str]
"""A text, or several ways to say one thing, the longest first: the first that has room is shown."""


def columns(rows: Iterable[Sequence[Cell]], spec: Sequence[Column], width: int, indent: str = "  ") -> Iterator[str]:
    """Each row on one line of at most `width` places, as long as what is never cut has room in it."""
    every = [[_ways(cell) for cell in row] for row in rows]
    used = [i for i in range(len(spec)) if any(any(row[i]) for row in every)]  # an empty column has no gap either
    cells, spec = [[row[i] for i in used] for row in every], [spec[i] for i in used]
    widths = _widths(cells, spec, width - len(indent) - len(_GAP) * (len(spec) - 1))
    kept = [i for i in range(len(spec)) if widths[i] or spec[i].least is None or i == len(spec) - 1]
    for row in cells:
        line = _row([row[i] for i in kept], [spec[i] for i in kept], [widths[i] for i in kept], width - len(indent))
        yield f"{indent}{line}"


def _ways(cell: Cell) -> list[str]:
    ways = [cell] if isinstance(cell, str) else cell
    return [one_line(way) for way in ways]


def _widths(cells: Sequence[Sequence[Sequence[str]]], spec: Sequence[Column], room: int) -> list[int]:
    """The width of each column: those that may be cut share what the others leave, the last of them first."""
    widths = [0] * len(spec)
    for i, column in enumerate(spec):
        if column.least is None:
            found = [places(row[i][0]) for row in cells]
            widths[i] = max([n for n in found if n <= column.most], default=0)
            room -= widths[i]
    elastic = [i for i, column in enumerate(spec) if column.least is not None]
    short = {i: min(max((places(row[i][-1]) for row in cells), default=0), spec[i].most) for i in elastic}
    long = {i: min(max((places(row[i][0]) for row in cells), default=0), spec[i].most) for i in elastic}
    least = {i: min(short[i], spec[i].least or 0) for i in elastic}
    for wanted in (least, short):
        for i in reversed(elastic):
            more = max(min(wanted[i] - widths[i], room), 0)
            widths[i] += more
            room -= more
    for i in reversed(elastic):  # what says more where it has room has all of it, or none
        more = long[i] - widths[i]
        if 0 < more <= room:
            widths[i] += more
            room -= more
    return widths


def _row(row: Sequence[Sequence[str]], spec: Sequence[Column], widths: list[int], room: int) -> str:
    """One line; what stands out of its column takes its room from the cells that may be cut, the widest first."""
    over = sum(max(places(ways[0]) - widths[i], 0) for i, ways in enumerate(row) if spec[i].least is None)
    elastic = [i for i, column in enumerate(spec) if column.least is not None]
    for i in sorted(elastic, key=lambda i: -widths[i]):
        taken = min(over, widths[i])
        widths[i] -= taken
        over -= taken
    said: list[str] = []
    for i, (ways, column) in enumerate(zip(row, spec, strict=True)):
        last = i == len(spec) - 1
        if last and column.least is not None:
            widths[i] = max(room - sum(places(text) + len(_GAP) for text in said), 0)
        text = ways[0] if column.least is None else _fitting(ways, widths[i])
        blank = " " * (widths[i] - places(text))
        said.append(blank + text if column.right else text if last else text + blank)
    return _GAP.join(said).rstrip(" ")


def _fitting(ways: Sequence[str], room: int) -> str:
    return next((way for way in ways if places(way) <= room), cut(ways[-1], room))


def account(rows: Iterable[tuple[str, str]], width: int, indent: str = "") -> Iterator[str]:
    """What each line of an account is for, wrapped, and its sum at the right of the last of these lines."""
    kept = list(rows)
    figures = max((places(figure) for _, figure in kept), default=0)
    room = width - figures - len(_GAP)
    said = [wrapped(text, room if figure else width, indent, f"{indent}  ") for text, figure in kept]
    summed = [lines for lines, (_, figure) in zip(said, kept, strict=True) if figure]
    edge = max((places(line) for lines in summed for line in lines), default=0)
    for lines, (_, figure) in zip(said, kept, strict=True):
        yield from lines[:-1]
        if not figure:
            yield lines[-1]
            continue
        blank = " " * (edge - places(lines[-1]) + figures - places(figure))
        yield f"{lines[-1]}{blank}{_GAP}{figure}"
