"""French typography of a finished text: no-break spaces where French wants them, never inside data."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, islice, repeat, takewhile
from unicodedata import category

from relance.french import NARROW, NO_BREAK

DATA = "\ue000"
"""Stands for a piece of data while a text is set, so that no rule touches an address, a name or an IBAN."""

_SPACE = rf"[ \t{NO_BREAK}{NARROW}]*"
_AFTER = r"(?=[\s)»\"]|$)"
_RULES = (
    (re.compile(rf"(?<=[^\s(\[«;?!]){_SPACE}([;?!]+){_AFTER}"), rf"{NARROW}\1"),
    (re.compile(rf"(?<=[^\s(\[«:]){_SPACE}:{_AFTER}"), f"{NO_BREAK}:"),
    (re.compile(rf"«{_SPACE}(?=\S)"), f"«{NO_BREAK}"),
    (re.compile(rf"(?<=\S){_SPACE}»"), f"{NO_BREAK}»"),
    (re.compile(rf"(?<=[\d{DATA}]) ([€%])"), rf"{NO_BREAK}\1"),
)
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@lru_cache(maxsize=1024)
def spaced(text: str) -> str:
    """The text with U+202F before ; ? !, U+00A0 before a colon and inside « »; addresses and times stay whole.

    A sign counts as punctuation only before a space or the end, so that 14:30 or https://... are left alone. Many
    messages have the same words around their data: each is set once.
    """
    for pattern, wanted in _RULES:
        text = pattern.sub(wanted, text)
    return text


def tidy(text: str) -> str:
    """The text without trailing spaces, without more than one empty line in a row, with one final line end."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept).strip("\n") + "\n"


def clean(text: str) -> str:
    """Data as one harmless line: no control, private or direction characters, single spaces."""
    if text.isprintable():  # most data: neither controls nor direction marks, no space but the ordinary one
        return " ".join(text.split())
    hidden = ("Cc", "Co", "Cs", "Zl", "Zp")
    visible = "".join(" " if c.isspace() or category(c) in hidden else c for c in text if c not in _BIDI)
    return " ".join(visible.split())


def clean_lines(text: str) -> tuple[str, ...]:
    """The same, line by line; empty lines are left out."""
    return tuple(line for line in map(clean, text.splitlines()) if line)


def groups(text: str, sizes: Sequence[int], space: str = " ") -> str:
    """Characters in groups of these sizes, the last size going on to the end: FR76 3000 4000."""
    left = iter("".join(text.split()))
    parts = ("".join(islice(left, size)) for size in chain(sizes, repeat(sizes[-1])))
    return space.join(takewhile(bool, parts))
