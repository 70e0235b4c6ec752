"""Bars, stacked bars and lines as SVG by hand: text stays text, and takes its colours from the page around it."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple
from zlib import crc32

WIDTH = 360
"""Units of a drawing: on the narrowest telephone they are little less than pixels."""
_ROW, _BAR = 36, 10
_LABEL = 26
"""Letters of a label that leave room for the sum beside it; the table and the description have the whole name."""
_TALL, _TOP, _FOOT = 190, 26, 24


class Bar(NamedTuple):
    """A value over 0 or 0, what it is, how it reads, and the class that colours it."""

    label: str
    value: float
    said: str
    style: str


class Stack(NamedTuple):
    """What is drawn as parts end to end: what it is, how its sum reads, each part with the class that colours it."""

    label: str
    said: str
    parts: Sequence[tuple[float, str]]


class Curve(NamedTuple):
    """Values from left to right, what they are, and the class that draws their line."""

    label: str
    values: Sequence[float]
    style: str


def bars(title: str, description: str, rows: Sequence[Bar]) -> str:
    """A bar a row, under its label and its value; the longest takes the whole width."""
    most = max((row.value for row in rows), default=0) or 1
    drawn = [each for place, row in enumerate(rows) for each in _bar(row, place * _ROW, most)]
    return _svg(title, description, len(rows) * _ROW, drawn)


def _bar(row: Bar, top: int, most: float) -> Iterable[str]:
    yield _text(0, top + 14, row.label)
    yield _text(WIDTH, top + 14, row.said, "end")
    length = max(row.value / most * WIDTH, 1.5 if row.value else 0)
    yield f'<rect class="ground" x="0" y="{top + 20}" width="{WIDTH}" height="{_BAR}" rx="2"/>'
    yield f'<rect class="{row.style}" x="0" y="{top + 20}" width="{length:.1f}" height="{_BAR}" rx="2"/>'


def stacks(title: str, description: str, rows: Sequence[Stack]) -> str:
    """A bar a row as in `bars`, its parts from left to right; the longest takes the whole width."""
    most = max((sum(value for value, _ in row.parts) for row in rows), default=0) or 1
    drawn = [each for place, row in enumerate(rows) for each in _stack(row, place * _ROW, most)]
    return _svg(title, description, len(rows) * _ROW, drawn)


def _stack(row: Stack, top: int, most: float) -> Iterable[str]:
    yield _text(0, top + 14, row.label if len(row.label) <= _LABEL else f"{row.label[: _LABEL - 1].rstrip()}…")
    yield _text(WIDTH, top + 14, row.said, "end")
    left = 0.0
    for value, style in row.parts:
        length = value / most * WIDTH
        if value:
            yield f'<rect class="part {style}" x="{left:.1f}" y="{top + 20}" width="{length:.1f}" height="{_BAR}"/>'
        left += length


def curves(title: str, description: str, ends: tuple[str, str], most: str, lines: Sequence[Curve]) -> str:
    """Lines over one ground, `most` said at the height of the highest value, the first and last day at the `ends`."""
    highest = max((value for line in lines for value in line.values), default=0) or 1
    bottom = _TALL - _FOOT
    drawn = [f'<line class="axis" x1="0" y1="{y}" x2="{WIDTH}" y2="{y}"/>' for y in (_TOP, bottom)]
    drawn.append(_text(0, _TOP - 8, most))
    for line in lines:
        step = WIDTH / max(len(line.values) - 1, 1)
        points = [
            f"{place * step:.1f},{bottom - value / highest * (bottom - _TOP):.1f}"
            for place, value in enumerate(line.values)
        ]
        drawn.append(f'<polyline class="{line.style}" points="{" ".join(points)}"/>')
    drawn += [_text(0, _TALL - 6, ends[0]), _text(WIDTH, _TALL - 6, ends[1], "end")]
    return _svg(title, description, _TALL, drawn)


def _text(x: int, y: int, said: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{escape(said)}</text>'


def _svg(title: str, description: str, height: int, drawn: Iterable[str]) -> str:
    """A picture with its name and its numbers in words; its ids come from these words."""
    name = f"d{crc32(f'{title} {description}'.encode()):x}"
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {height}" aria-labelledby="{name}t {name}d">'
        f'<title id="{name}t">{escape(title)}</title><desc id="{name}d">{escape(description)}</desc>'
        f"{''.join(drawn)}</svg>"
    )
