"""The papers of an evidence folder as values: what stands on a page, an exhibit with its copies, the one filed."""

from datetime import date
from typing import NamedTuple


class Heading(NamedTuple):
    """The title of what follows on a page."""

    text: str


class Paragraph(NamedTuple):
    """Lines that stand together."""

    lines: tuple[str, ...]


class Grid(NamedTuple):
    """A table: its header, its rows, the columns that hold amounts (`right`), the rows that are totals (`strong`)."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    strong: frozenset[int] = frozenset()


class Verbatim(NamedTuple):
    """Somebody's own words, line by line as they stand."""

    text: str


Block = Heading | Paragraph | Grid | Verbatim


class Leaf(NamedTuple):
    """A paper of the folder, as long as it takes."""

    title: str
    blocks: tuple[Block, ...]


class Copy(NamedTuple):
    """An exhibit in one form: octets under the `ending` of their file's name, or a page still to be printed."""

    content: bytes | Leaf
    ending: str = ""


class Exhibit(NamedTuple):
    """What is shown, in one form or more: its folder, the words that its files are named after, what it is, its day."""

    folder: str
    name: str
    what: str
    on: date | None
    copies: tuple[Copy, ...]


class Filed(NamedTuple):
    """An exhibit with its number and its files, each path in the folder with the SHA-256 of what it holds."""

    number: int
    exhibit: Exhibit
    files: tuple[tuple[str, str], ...]
