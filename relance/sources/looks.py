"""What calamine does not tell of a sheet, and the refusal of a workbook: what parsing and the formats share."""

from collections.abc import Callable
from typing import NamedTuple


class Unusable(Exception):  # noqa: N818
    """The workbook cannot be used: a code that child.py turns into a sentence."""


class Look(NamedTuple):
    """What calamine does not tell of a sheet.

    `flaws` are the texts of cells that hold no value, by (line, column); lines from 1, columns from 0. `merges` are
    (first line, first column, last line, last column). `shows` are the cells that show more than their number, by
    (line, column), and how.
    """

    flaws: dict[tuple[int, int], str]
    hidden: list[int]
    merges: list[tuple[int, int, int, int]]
    shows: dict[tuple[int, int], Callable[[float], str]]
