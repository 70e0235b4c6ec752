"""The one filter of what comes from outside: the run's passwords are taken out, in whatever form a server repeats them.

It stands where such words are made readable (outcome.readable) and where a mail becomes a fact, before anything shows
them or writes them down.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from contextlib import suppress
from html import escape
from urllib.parse import quote

HIDDEN = "***"
_SHORTEST = 4  # characters; of a shorter one any text is full, and only where it stands alone is it taken out
_GAP = r"(?:[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2060-\u2064\ufeff]{1,9}(?:\d{3}[ -])?)?"
"""Between two characters: the end of a line of a reply and the code of the next one, signs that nobody sees."""
_BREAK = re.compile(_GAP.removesuffix("?"))
_HELD: dict[str, re.Pattern[str]] = {}
_LONG = 128  # characters: what is longer is no password but a token, of which a pattern would take seconds to make
_RUN = 24  # signs in a row that no other text has
_RUNS: dict[str, frozenset[str]] = {}


def hold(user: str, password: str) -> None:
    """From now on this password is in no text that passes `hidden`, and in no core file of this process."""
    key = f"{user}\0{password}"
    if not password or key in _HELD or key in _RUNS:
        return
    if len(password) > _LONG:
        _RUNS[key] = _runs(password)
    else:
        _HELD[key] = _pattern(user, password)
    no_core_file()


def hidden(text: str) -> str:
    """The text without the passwords that are held, alone or with the names of their users, over one line or more.

    As they are, in base64, quoted-printable, hexadecimal, as a URL, a page of HTML, JSON or Python write them.
    """
    for pattern in _HELD.values():
        text = pattern.sub(HIDDEN, text)
    for runs in _RUNS.values():
        text = _without(runs, text)
    return text


def no_core_file() -> None:
    """A crash writes no memory to a disk from here on; the processes that are started inherit it."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limits
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def _pattern(user: str, password: str) -> re.Pattern[str]:
    octets = password.encode("utf-8", "surrogateescape")
    name = user.encode("utf-8", "surrogateescape")
    whole = [b64encode(each).decode() for each in (b"\0" + name + b"\0" + octets, name + b"\0" + name + b"\0" + octets)]
    coded = [*whole, b64encode(octets).decode(), *_within(octets)]
    coded += [each.translate(str.maketrans("+/", "-_")) for each in coded]
    forms = [_spaced(map(re.escape, each.rstrip("="))) + "=*" for each in coded if len(each.rstrip("=")) >= _SHORTEST]
    forms.append(_spaced(f"{octet:02x}" for octet in octets))
    forms.append(_spaced(map(_written, password)))
    if len(password) < _SHORTEST:
        forms = [rf"(?<!\w){each}(?!\w)" for each in forms]
    return re.compile("|".join(dict.fromkeys(forms)), re.IGNORECASE)


def _runs(token: str) -> frozenset[str]:
    """Every run of signs by which a piece of a token is known, as it is and in each of its writings."""
    octets = token.encode("utf-8", "surrogateescape")
    forms = [token, quote(octets, safe=""), octets.hex(), *_within(octets)]
    forms = [each.lower() for form in forms for each in (form, form.translate(str.maketrans("+/", "-_")))]
    return frozenset(form[i : i + _RUN] for form in forms for i in range(len(form) - _RUN + 1))


def _without(runs: frozenset[str], text: str) -> str:
    """The text without the pieces of a token, over one line or more."""
    if len(text) < _RUN:
        return text
    breaks = {at for found in _BREAK.finditer(text) for at in range(*found.span())}
    places = [at for at in range(len(text)) if at not in breaks]
    bare = "".join(sign.lower() if (sign := text[at]).isascii() else sign for at in places)
    pieces, after = [], 0
    for start in range(len(bare) - _RUN + 1):
        if bare[start : start + _RUN] in runs:
            first, last = places[start], places[start + _RUN - 1] + 1
            pieces += [] if first < after else [text[after:first], HIDDEN]
            after = last
    return "".join([*pieces, text[after:]])


def _within(octets: bytes) -> list[str]:
    """What base64 of any text that holds these octets has of them: the signs that nothing before or after changes."""
    found = []
    for before in range(3):
        signs = b64encode(b"\0" * before + octets).decode()
        first, last = -(-before * 8 // 6), (before + len(octets)) * 8 // 6
        found.append(signs[first:last])
    return [each for each in found if len(each) >= _SHORTEST]


def _spaced(signs: Iterable[str]) -> str:
    return _GAP.join(signs)


def _written(sign: str) -> str:
    """One character in each way that servers write it."""
    octets = sign.encode("utf-8", "surrogateescape")
    ways = [octets]
    with suppress(UnicodeEncodeError):
        ways.append(sign.encode("latin-1"))
    said = list(map(re.escape, (sign, sign.upper(), escape(sign))))
    said += ["".join(rf"{mark}{octet:02x}" for octet in way) for way in ways for mark in ("%", "=", r"\\x")]
    said += [re.escape(way.decode("latin-1")) for way in ways]
    said += [rf"\\u{ord(sign):04x}", rf"&\#0*{ord(sign)};", rf"&\#x0*{ord(sign):x};"]
    said += [r"\+", "_"] if sign == " " else []
    return rf"\\?(?:{'|'.join(dict.fromkeys(said))})"
