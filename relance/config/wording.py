"""How settings errors read: located, values shown safely, secrets not shown."""

import re
from datetime import date, time
from difflib import SequenceMatcher
from typing import NamedTuple

from relance.french import NO_BREAK

HIDDEN = "valeur masquée"
SHOWN_LENGTH = 60
PASSWORD_NAMES = frozenset({"password", "passwd", "pass", "pwd", "pw", "mot_de_passe", "motdepasse", "mdp"})
SERVERS = ("smtp", "imap")
SHOWN_OF_SERVERS = frozenset({"host", "port", "security", "timeout", "per_minute", "folders"})
_SECRET = re.compile(r"pass|mdp|pwd|secret|token|jeton|credential|auth|api", re.IGNORECASE)
_NOT_A_TEXT = re.compile(r"true|false|[-+]?\d[\d.,]*|\s*", re.IGNORECASE)
_LOGIN_IN_URL = re.compile(r"[^/\s]+:[^@\s]+@")

Loc = tuple[str | int, ...]


class Fault(NamedTuple):
    """One thing wrong in the settings: where, and the rest of the French sentence that begins with the path."""

    loc: Loc
    sentence: str


def visible(text: str) -> str:
    """The text on one line, cut, with control characters and odd spaces written out: no terminal is told anything."""
    cut = text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)


def quoted(text: str) -> str:
    """The text between French quotes, as it stands."""
    return f"«{NO_BREAK}{text}{NO_BREAK}»"


def shown(value: object) -> str:
    """A value of the file as the user will recognise it: a text keeps its quotes where it reads as something else."""
    if isinstance(value, dict):
        return "une table"
    if isinstance(value, list):
        return "une liste"
    if isinstance(value, bool):
        return quoted("true" if value else "false")
    if isinstance(value, str) and _NOT_A_TEXT.fullmatch(value):
        return quoted(f'"{visible(value)}"')
    return quoted(visible(value.isoformat() if isinstance(value, date | time) else str(value)))


def looks_secret(name: str) -> bool:
    """True for a key that holds, or was perhaps meant to hold, a password or the like."""
    lowered = name.casefold()
    close = any(SequenceMatcher(None, lowered, known).ratio() > 0.7 for known in ("password", "mot_de_passe"))
    return close or lowered in PASSWORD_NAMES or _SECRET.search(name) is not None


def is_secret(loc: Loc, value: object) -> bool:
    """True where the value must not be shown: in [smtp] and [imap], everything but a few harmless keys."""
    if loc and loc[0] in SERVERS and (len(loc) < 2 or loc[1] not in SHOWN_OF_SERVERS):
        return True
    if isinstance(value, str) and _LOGIN_IN_URL.search(value):
        return True
    return any(isinstance(part, str) and looks_secret(part) for part in loc)


def path_of(loc: Loc) -> str:
    """The path as `stages[2].day`; a block of a list is also counted the way people count."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{visible(part)}" if text else visible(part)
    if len(loc) > 1 and isinstance(loc[1], int) and loc[0] in ("stages", "schedules", "customers"):
        text += f" ({'1er' if loc[1] == 0 else f'{loc[1] + 1}e'} bloc [[{loc[0]}]])"
    return text
