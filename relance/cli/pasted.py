"""A command line as it was meant where it was pasted: word processors and web pages curl quotes and lengthen dashes.

Where a shell left an ordinary space in an argument, the person quoted it rightly: only its ends are looked at.
"""

import re
from collections.abc import Iterator, Sequence

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_OPTION = rf"[-{_DASHES}]+(?=[^\W\d_])"
_CLOSING = {"“": "”", "„": "“”", "”": "”", "«": "»", "‘": "’", "’": "’", "‹": "›"}
_QUOTES = "".join({*_CLOSING, *"".join(_CLOSING.values())})
_HARD_SPACES = "[\u00a0\u2007\u2009\u202f]"
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def as_typed(args: Sequence[str]) -> list[str]:
    """The arguments with straight dashes before options, without curly quotes around values and odd spaces between.

    `--ignore="En-tête"` of confirm is `--ignore "En-tête"`: no option of it takes a value there.
    """
    words = list(args)
    if not all(map(str.isascii, words)):
        parts = [part for n, word in enumerate(words) for part in _apart(word.strip(_INVISIBLE), first=n == 0)]
        words = list(_unquoted(list(_with_dashes(parts))))
    if words[:1] == ["confirm"]:
        words = [part for word in words for part in (word.split("=", 1) if word.startswith("--ignore=") else [word])]
    return words


_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")


def is_table(word: str) -> bool:
    """True for what can only be a file of invoices, or its address."""
    return word.casefold().endswith(_TABLES) or word.startswith("https://")


def with_file_named(args: Sequence[str]) -> Iterator[str]:
    """The command line with `--file` before a file of invoices that stands by itself, as plan takes it.

    What follows an option may be its value, and stays as it is.
    """
    for n, word in enumerate(args):
        if n and is_table(word) and not args[n - 1].startswith("-"):
            yield "--file"
        yield word


def _apart(word: str, *, first: bool) -> list[str]:
    """The words that no-break spaces hold together: before an option, after its name, after the command."""
    if " " in word or not re.search(_HARD_SPACES, word):
        return [word]
    pieces = [piece for piece in re.split(_HARD_SPACES, word) if piece]
    if first:
        return pieces
    joined: list[str] = []
    for piece in pieces:
        if joined and not re.match(_OPTION, piece) and not re.match(_OPTION, joined[-1]):
            joined[-1] += f"\u00a0{piece}"
        else:
            joined.append(piece)
    return joined if len(joined) > 1 else [word]


def _with_dashes(words: Sequence[str]) -> Iterator[str]:
    """The words with two straight dashes before each option of several letters, one before that of one letter."""
    for n, word in enumerate(words):
        if word == "--":
            yield from words[n:]
            return
        dashes = re.match(_OPTION, word)
        name, sign, value = word[dashes.end() if dashes else 0 :].partition("=")
        if dashes is None or f"{dashes[0]}{name}".isascii():
            yield word
            continue
        for dash in _DASHES:
            name = name.replace(dash, "-")
        yield f"{'--' if len(name) > 1 else '-'}{name}{sign}{value}"


def _unquoted(words: Sequence[str]) -> Iterator[str]:
    """The words without their curly quotes; what stood between two is one, as between straight ones."""
    n = 0
    while n < len(words):
        end, text = _between(words, n)
        yield text
        n = end + 1


def _between(words: Sequence[str], start: int) -> tuple[int, str]:
    """Where the quote that this word opens is closed, and what stands between; the word itself where none is."""
    head, text = _opened(words[start])
    closing = _CLOSING.get(text[:1], "")
    if not closing:
        return start, words[start]
    last = start if " " in words[start] else len(words) - 1
    for end in range(start, last + 1):
        if end > start and words[end].startswith("--"):
            break
        whole = " ".join([text, *words[start + 1 : end + 1]])
        inner = whole[1:-1]
        if len(whole) > 1 and whole[-1] in closing and not any(quote in inner for quote in _QUOTES if quote != "’"):
            return end, head + inner.strip(" \u00a0\u202f")
    return start, words[start]


def _opened(word: str) -> tuple[str, str]:
    """What stands before the value of a word (`field=`), and the value."""
    head, sign, value = word.partition("=")
    return (head + sign, value) if sign and value[:1] in _CLOSING else ("", word)
