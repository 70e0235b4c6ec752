"""Where a line may be broken, what is never broken or cut, and what is harmless in a terminal."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from relance.french import NARROW, NO_BREAK

HARMFUL = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\udc80-\udc9f]"
"""Control and direction characters; the last are the octets 0x80 to 0x9f of a file name that is no UTF-8."""


def safe(text: str) -> str:
    """The text with control and direction characters made visible, so that data cannot steer a terminal."""
    printable = text.replace(NO_BREAK, "").replace(NARROW, "").isprintable()  # nearly always
    return text if printable else re.sub(HARMFUL, _visible, text)


def shown(text: str) -> str:
    """The text harmless, its addresses with the accents that their domains are written with, as people type them."""
    return re.sub(_PUNYCODE, _with_accents, safe(text)) if "xn--" in text else safe(text)


_PUNYCODE = r"(?<=@)(?:[a-z0-9-]+\.)*xn--[a-z0-9-]+(?:\.[a-z0-9-]+)*"


def _with_accents(match: re.Match[str]) -> str:
    """The domain as it is read; as it is where it is none, or where its letters could pass for others (RFC 5891)."""
    import idna  # for the few addresses that need it

    try:
        domain = idna.decode(match[0])
    except UnicodeError:
        return match[0]
    letters = (unicodedata.name(sign, "") for sign in domain if not sign.isascii())
    return domain if all(name.startswith("LATIN ") for name in letters) else match[0]


def _visible(match: re.Match[str]) -> str:
    sign = ord(match[0])
    return f"\\x{sign & 0xFF if 0xDC80 <= sign <= 0xDCFF else sign:02x}"


_TYPED = re.compile(r'\w+ = "(?:[^"\\]|\\.)*"|(?<=«\xa0)relance [^»]*(?=\xa0»)')
_ELSE = "\ue000"
"""Stands for a space that is not to be broken at; no text of ours has it."""


def places(text: str) -> int:
    """How many places of a terminal a text takes: two for a Chinese character, none for an accent set on a letter."""
    if text.isascii():
        return len(text)
    return sum(map(_places, text))


def _places(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def cut(text: str, room: int) -> str:
    """The text, its end « … » where it takes more than `room` places."""
    if places(text) <= room:
        return text
    kept, left = "", room - 1
    for sign in text:
        left -= _places(sign)
        if left < 0:
            break
        kept += sign
    return f"{kept.rstrip(f' {NO_BREAK}{NARROW}')}…" if room > 0 else ""


def one_line(text: str) -> str:
    """The text as it is shown, and without line ends."""
    return shown(text.replace("\n", " "))


def wrapped(text: str, width: int, indent: str = "", under: str | None = None, whole: Iterable[str] = ()) -> list[str]:
    """A sentence on lines of at most `width` places, broken between words; the next lines begin with `under`.

    What is `whole` (a number or a telephone with spaces) is not broken, nor is a setting as it is typed, nor a command
    after « → », which has a line of its own where it is longer than one, or one of several that do not fit beside each
    other. Another word that no line holds is cut.
    """
    under = " " * places(indent) if under is None else under
    room = width - places(under)
    lines, line, begun = [], indent, False
    several = text.count("→ relance ") > 1 and places(indent) + places(text) > width
    for word in _words(text, room, whole):
        if begun and (places(line) + 1 + places(word) > width or (several and word.startswith("→ relance "))):
            lines.append(line)
            line, begun = under, False
        line += f" {word}" if begun else word
        begun = True
    return [each.rstrip(" ") for each in (*lines, line)]


def _words(text: str, room: int, whole: Iterable[str]) -> Iterator[str]:
    """What is not broken: words, commands, and what is whole."""
    before, *commands = one_line(text).split("→ relance ")
    for each in (*map(one_line, whole), *_TYPED.findall(before)):
        if " " in each and places(each) <= room:
            before = before.replace(each, each.replace(" ", _ELSE))
    before = before.replace("→ ", f"→{_ELSE}")  # an arrow stands before what it leads to
    yield from (_kept(word, room) for word in before.split(" ") if word or not commands)
    for command in commands:
        typed, beside, note = command.rstrip(" ").partition(" (")
        yield f"→ relance {typed}"
        yield from _noted(f"({note}") if beside else ()


def _noted(note: str) -> Iterator[str]:
    """The words beside a command; another command at their end is one of them."""
    words, command, typed = note.partition("relance ")
    yield from words.rstrip(" ").split(" ")
    yield from [command + typed] if command else ()


def _kept(word: str, room: int) -> str:
    """The word, cut where no line holds it; never an address, a path, a number or a sum."""
    word = word.replace(_ELSE, " ")
    whole = any(sign in "@/\\" or sign.isdigit() for sign in word)
    return word if whole else cut(word, room)
