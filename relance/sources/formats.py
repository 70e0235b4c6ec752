"""Number formats of workbooks: what a cell shows beyond its number, as text: a currency, per cent, letters, zeros.

38 shown as FA-2026-038 is that number for everybody who sees the sheet, and 500 shown as CHF 500.00 is no euros.
"""

import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from relance.sources.amounts import CENT
from relance.sources.units import currency_of

Show = Callable[[float], str]

_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<escaped>.)|[_*].|\[\$(?P<symbol>[^\]-]*)-?(?P<place>[0-9A-Fa-f]*)[^\]]*\]|\[[^\]]*\]'
    r"|(?P<general>General|Standard)|(?P<digits>[0#?]+)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_DATES = frozenset("yYmMdDhHsSjJaAeE@/")
"""Unquoted, they make a date, a time, a fraction, a power of ten or a text."""
# The country of a sign that several currencies share, by the last digits of its Windows language code.
_PLACES = {
    "$": {"1009": "CAD", "C0C": "CAD", "C09": "AUD", "1409": "NZD", "1004": "SGD", "C04": "HKD", "80A": "MXN"},
    "¥": {"804": "CNY", "411": "JPY"},
    "Fr": {"807": "CHF", "100C": "CHF", "810": "CHF"},
    "kr": {"41D": "SEK", "406": "DKK", "414": "NOK", "814": "NOK", "40F": "ISK"},
}
_WORDS = re.compile(r"[^\s()+.,:'’\u00a0\u202f-]+")
_THOUSANDS = frozenset("k€ k eur keur m€ m".split())
_SHOWN_NUMBER = re.compile(r"[-+(]?[0-9][0-9 .,'’\u00a0\u202f\u2009]*(?:E[+-]?[0-9]+)?\)?", re.IGNORECASE)


class _Part(NamedTuple):
    """A piece of a format: letters that stand as they are, or places for digits."""

    literal: str = ""
    digits: str = ""


def show_of(code: str) -> Show | None:
    """How a format shows a number, where that says more than the number; None where it says no more."""
    tokens = list(_TOKEN.finditer(_first_section(code)))
    bare = {token["other"] for token in tokens} - {None}
    if bare & _DATES:
        return None
    if "%" in bare:
        return in_percent
    parts, scaled = _parts(tokens)
    literal = "".join(part.literal for part in parts)
    words = _WORDS.findall(literal)
    if not words:
        return _literally(parts) if _is_padded(parts) and "," not in bare else None
    named = [code for token in tokens if (code := _by_place(token))] or _named(words)
    if named == ["EUR"] or (scaled and " ".join(words).casefold() in _THOUSANDS):
        return None
    return in_currency(named[0]) if len(named) == 1 else _literally(parts)


def _is_padded(parts: list[_Part]) -> bool:
    """True where zeros stand before a short number: 0000, not 0.00."""
    places = "".join(part.digits or part.literal for part in parts).partition(".")[0].lstrip(" ")
    return places[:1] == "0" and sum(place in "0#?" for place in places) > 1


def _parts(tokens: list[re.Match[str]]) -> tuple[list[_Part], bool]:
    """The pieces, and whether a comma after the last digit divides what is shown by a thousand."""
    parts: list[_Part] = []
    scaled = False
    for token in tokens:
        digits = token["digits"] or ("#" if token["general"] else "")
        comma = token["other"] == "," and bool(parts) and bool(parts[-1].digits)
        scaled = comma or (scaled and not digits)
        if digits:
            parts.append(_Part(digits=digits))
        elif not comma:
            parts.append(_Part(literal=token["text"] or token["escaped"] or token["symbol"] or token["other"] or ""))
    return parts, scaled


def _by_place(token: re.Match[str]) -> str:
    """The currency of a sign that several countries share."""
    return _PLACES.get((token["symbol"] or "").strip(" ."), {}).get((token["place"] or "").upper().lstrip("0"), "")


def shown_text(text: str) -> Show | None:
    """The same for a cell whose text is at hand, as ODS files have it."""
    found = _SHOWN_NUMBER.search(text)
    words = _WORDS.findall(text if not found else text[: found.start()] + " " + text[found.end() :])
    if not words:
        return (lambda _: text) if re.fullmatch(r"0[0-9 .-]*[0-9]", text) else None
    if words == ["%"]:
        return in_percent
    named = _named(words)
    if named:
        return None if named == ["EUR"] else in_currency(named[0])
    return None if "".join(words).casefold() in _THOUSANDS or text[:1] == "#" else lambda _: text


def _first_section(code: str) -> str:
    """The part of a format that is for positive numbers."""
    end = next((m.start() for m in re.finditer(r'"[^"]*"|\\.|\[[^\]]*\]|;', code) if m[0] == ";"), len(code))
    return code[:end]


def _named(words: list[str]) -> list[str]:
    """The currencies that words name, where they say nothing else but that tax is included."""
    codes = [currency_of(word) for word in words if word.upper() not in ("TTC", "T.T.C")]
    return list(dict.fromkeys(codes)) if all(codes) and codes else []


def in_percent(value: float) -> str:
    """0.3 -> 30 %."""
    return f"{_plainly(Decimal(repr(value)) * 100)} %"


def in_currency(code: str) -> Show:
    """500.0 -> 500,00 CHF."""
    return lambda value: f"{Decimal(repr(value)).quantize(CENT, ROUND_HALF_UP)} {code}".replace(".", ",")


def _plainly(number: Decimal) -> str:
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return text.replace(".", ",")


def _literally(parts: list[_Part]) -> Show:
    """The number with its zeros, and the letters around and between its digits."""
    pieces = list(_pieces(parts))
    point = next((place for place, piece in enumerate(pieces) if piece == (".", "")), len(pieces))
    decimals = sum(len(piece.digits) for piece in pieces[point:])
    slots = [place for place, piece in enumerate(pieces[:point]) if piece.digits]

    def show(value: float) -> str:
        number = abs(Decimal(repr(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        whole, _, rest = f"{number:f}".partition(".")
        left, out = list(whole if whole != "0" else ""), {}
        for place in reversed(slots):
            digit = left.pop() if left else "0" if pieces[place].digits == "0" else ""
            out[place] = digit if place != slots[0] else "".join((*left, digit))
        text, cents = "", iter(rest)
        for place, piece in enumerate(pieces):
            text += out[place] if place in out else next(cents, "") if piece.digits else piece.literal
        return ("-" if value < 0 else "") + text.strip()

    return show


def _pieces(parts: list[_Part]) -> Iterator[_Part]:
    """The same with one place for each digit."""
    for part in parts:
        if part.digits:
            yield from (_Part(digits=place) for place in part.digits)
        else:
            yield part
