"""The one owner of the terminal: everything printed passes here and is made harmless on the way."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO, TextIOWrapper
from itertools import islice
from typing import Any, TextIO

from relance.display.breaking import HARMFUL, places, safe, shown, wrapped
from relance.french import NARROW, NO_BREAK, typeset


def say(text: str = "") -> None:
    """One line or more on standard output."""
    sys.stdout.write(f"{shown(text)}\n")


def say_exactly(text: str) -> None:
    """A document for another program on standard output, to the octet: its line ends are its own."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


def tell(*sentences: str) -> None:
    """Sentences of the program on standard output, a line each, with their no-break spaces."""
    for sentence in sentences:
        say_all(fitted(typeset(sentence)))


def say_all(lines: Iterable[str]) -> None:
    """Many lines on standard output."""
    for line in lines:
        say(line)


def say_picture(rows: Iterable[str]) -> None:
    """A picture of half blocks; on a terminal in black on white, whatever its own colours, so that cameras read it."""
    before, after = ("\x1b[38;5;16;48;5;231m", "\x1b[0m") if on_terminal() else ("", "")
    for row in rows:
        sys.stdout.write(f"{before}{safe(row)}{after}\n")


def say_json(document: Mapping[str, Any]) -> None:
    """One line of JSON with its accents on standard output; a value that is an iterator becomes an array, in pieces.

    Control and direction characters are escaped, so that the line is harmless on a terminal too.
    """
    from json import JSONEncoder

    write, encode = sys.stdout.write, JSONEncoder(ensure_ascii=False, check_circular=False).encode
    for i, (key, value) in enumerate(document.items()):
        write(f"{', ' if i else '{'}{encode(key)}: ")
        if isinstance(value, Iterator):
            opening = "["
            while batch := list(islice(value, 500)):
                write(opening + _harmless(encode(batch)[1:-1]))
                opening = ", "
            write("[]" if opening == "[" else "]")
        else:
            write(_harmless(encode(value)))
    write("}\n")


def _harmless(json: str) -> str:
    """JSON with what could steer a terminal escaped; that there is none is told faster than it is looked for."""
    clean = json.replace(NO_BREAK, " ").replace(NARROW, " ").isprintable()
    return json if clean else re.sub(HARMFUL, _escaped, json)


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def complain(text: str) -> None:
    """What went wrong, on standard error."""
    for line in fitted(text, sys.stderr):
        sys.stderr.write(f"{shown(line)}\n")


def say_fitted(lines: Iterable[str]) -> None:
    """Lines on standard output, broken between words where a terminal is narrower.

    Nothing is set before the rest, but where a line is one of a list that is set in: its rest is no other one.
    """
    say_all(each for line in lines for each in fitted(line, under="  " if line[:1] == " " else ""))


def fitted(text: str, stream: TextIO | None = None, under: str = "  ", whole: Iterable[str] = ()) -> Iterator[str]:
    """Each line of a text, broken between words where `stream` (standard output) is a terminal, whole elsewhere.

    What follows of a line begins with `under`, after the blanks that the line itself begins with; `whole` as in
    breaking.wrapped.
    """
    stream = stream or sys.stdout
    if not stream.isatty():
        yield from text.split("\n")
        return
    room = width(stream)
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip(" "))]
        whole_line = places(line) <= room or line[len(indent) :].startswith("relance ")  # a command, to be typed
        yield from [line] if whole_line else wrapped(line.strip(" "), room, indent, f"{indent}{under}", whole)


def remark(sentence: str) -> None:
    """A sentence of the program on standard error: what an answer was understood from, which is no part of it."""
    complain(typeset(sentence))


def tell_progress(text: str) -> None:
    """A line that the next thing said takes the place of; only for a terminal, in whose width it stays."""
    from shutil import get_terminal_size

    line, width = shown(text), max(get_terminal_size().columns - 1, 1)
    sys.stdout.write(f"\r{line if len(line) <= width else f'{line[: width - 1]}…'}\x1b[K\r")
    finish()


def finish() -> None:
    """Everything said so far, really written; OSError where it cannot be."""
    sys.stdout.flush()


@contextmanager
def captured() -> Iterator[StringIO]:
    """What is said and complained of in the block, instead of being shown."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        yield said


def on_terminal() -> bool:
    """True where a person reads along."""
    return sys.stdout.isatty()


def ask(question: str, answers: str = "[o/N]") -> bool:
    """Ask for a yes on the terminal; anything else, or the end of input, is a no."""
    return typed(f"{question} {answers}") in YES


YES = ("o", "oui", "y", "yes")


def typed(question: str) -> str:
    """What is answered on the terminal, in lower case; nothing at the end of input."""
    try:
        sys.stdout.write(f"{safe(question)} ")
        finish()
        return sys.stdin.readline().strip().casefold()
    except KeyboardInterrupt:
        say()
        finish()
        raise


def width(stream: TextIO | None = None) -> int:
    """Characters of a line: those of the terminal, or of the variable COLUMNS; 80 where a terminal does not say.

    `stream` is what leads to the terminal, standard output unless told.
    """
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told):
        return max(int(told), _NARROWEST)
    try:
        return max(os.get_terminal_size((stream or sys.stdout).fileno()).columns or _USUAL, _NARROWEST)
    except (OSError, ValueError):
        return _USUAL


_USUAL, _NARROWEST = 80, 40


def show(lines: Iterable[str]) -> None:
    """Lines with their weight: what is late in red, the titles of what is to be done bold, commands in cyan.

    The weight is seen from the harmless text itself: nothing that a file holds can forge more than that.
    """
    colours = on_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
    for line in lines:
        text = shown(line)
        sys.stdout.write(f"{_weighed(text) if colours else text}\n")


def _weighed(text: str) -> str:
    for pattern, sign in _WEIGHTS:
        text = re.sub(pattern, f"\x1b[{sign}m\\g<0>\x1b[0m", text, count=1)
    return text


_WEIGHTS = (
    (r"(?<=  )(?:J\+\d+|\d+\xa0jours)(?=  )", "31"),
    (r"(?<=→ )relance [^(]*", "36"),
    (r"^(?:À envoyer|À faire|À préciser)", "1"),
)


def prepare_streams() -> None:
    """UTF-8 whatever the locale says (cron has none); a file name of other bytes is written as it came.

    What was closed by the caller leads nowhere: else the journal could be opened in its place, and written into.
    """
    for handle, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(handle)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the lowest that is free: this one
            setattr(sys, name, os.fdopen(nowhere, "r" if handle == 0 else "w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
