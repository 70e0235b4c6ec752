"""What the window of a DL envelope shows, and where a letter is written: postal addresses, line by line.

NF Z 10-011 (La Poste): at most six lines of 38 characters, the last ones in capitals, without punctuation.
"""

import re
import unicodedata
from itertools import pairwise
from textwrap import wrap

from relance.letters.people import CustomerView
from relance.letters.typography import clean

LINES, CHARACTERS = 6, 38
_TOWN = re.compile(r"(?P<street>.*?)[ ,]*\b(?P<town>\d{5} +[^\d,][^,]*)(?P<country>,.*)?")
_CUT = "…"
_LEADING = (re.compile(r".*\d"), re.compile(r"\d|(BP|CS|TSA)\b", re.IGNORECASE))
"""What brings a letter to its door: a line with a number, and more so one that begins with a street's or a box's."""


def window_lines(customer: CustomerView) -> tuple[str, ...]:
    """Name, person and address, in at most six lines of 38 characters.

    Where all does not fit, short lines of the address are joined, then the person is left out, then the name cut (the
    letter's text has it whole), and last the lines of the address that do not name a street or a box.
    """
    address = [line for told in _split_town(customer.address) for line in _wrapped(told.replace(",", " "))]
    if address and _capitals(address[-1]) == "FRANCE":
        address.pop()
    names, person = _wrapped(clean(customer.name)), customer.attention if _wrapped(customer.attention) else ""
    if person and clean(person).endswith(clean(customer.name)):
        names, person = _wrapped(person), ""
    address = _joined(address, LINES - min(len(names), 2) - bool(person))
    while len(address) > LINES - 1:
        del address[_spare(address)]
    room = LINES - len(address)
    if person and room > 1:
        names = [*_at_most(names, room - 1), _at_most(_wrapped(person), 1)[0]]
    return (*_at_most(names, room), *address[:-3], *map(_capitals, address[-3:]))


def _joined(address: list[str], count: int) -> list[str]:
    """Neighbours joined, the shortest first, until there are `count` lines or none fits; the town stays alone."""
    while len(address) > max(count, 1):
        pairs = [(len(f"{a} {b}"), i) for i, (a, b) in enumerate(pairwise(address[:-1]))]
        length, i = min(pairs, default=(CHARACTERS + 1, 0))
        if length > CHARACTERS:
            break
        address = [*address[:i], f"{address[i]} {address[i + 1]}", *address[i + 2 :]]
    return address


def _spare(address: list[str]) -> int:
    """The line that is missed least: the last one without a number, else that begins with none, never the town."""
    for leading in _LEADING:
        for i in range(len(address) - 2, -1, -1):
            if not leading.match(address[i]):
                return i
    return LINES - 3


def town_of(address: tuple[str, ...]) -> str:
    """The town of an address, empty where no line holds a French postcode."""
    for line in reversed(address):
        found = _TOWN.fullmatch(line)
        if found is not None:
            return re.sub(r"\s+(cedex|CEDEX|Cedex)\b.*", "", found["town"][5:].strip())
    return ""


def _split_town(address: tuple[str, ...]) -> list[str]:
    """An address told on one line, cut at commas and before its postcode: 1 rue X, 75001 Paris."""
    if len(address) != 1:
        return list(address)
    found = _TOWN.fullmatch(address[0])
    if found is None:
        return [part.strip() for part in address[0].split(",") if part.strip()]
    street = re.sub(r"^(\d+ ?(?:bis|ter|quater)?), *", r"\1 ", found["street"])  # « 12, rue » is one line
    parts = [*street.split(","), found["town"], (found["country"] or "").strip(" ,")]
    return [part.strip() for part in parts if part.strip()]


def _wrapped(text: str) -> list[str]:
    return wrap(" ".join(text.split()), CHARACTERS, break_on_hyphens=False)


def _at_most(lines: list[str], count: int) -> list[str]:
    """The first lines, the last of them marked where something is left out."""
    if len(lines) <= count:
        return lines
    return [*lines[: count - 1], lines[count - 1][: CHARACTERS - 1].rstrip() + _CUT]


def _capitals(line: str) -> str:
    """In capitals without accents or punctuation, as the sorting machines read best."""
    plain = "".join(c for c in unicodedata.normalize("NFD", line.upper()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w /&'’-]", " ", plain).split())[:CHARACTERS]
