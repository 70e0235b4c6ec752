"""What is wrong in relance.toml, as the user reads it: located, values shown safely, the nearest known key named.

Sentences are plain here; the error that carries them sets their spaces.
"""

import re
from collections.abc import Iterable
from datetime import date, time
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category

from relance.config.columns import HeadersTable
from relance.config.models import SettingsFile
from relance.config.rows import Loc, at, inside, rows_of
from relance.errors import SettingsError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

HIDDEN = "valeur masquée"
SHOWN_LENGTH = 60
PASSWORD_NAMES = frozenset({"password", "passwd", "pass", "pwd", "pw", "mot_de_passe", "motdepasse", "mdp"})
SERVERS = ("smtp", "imap")
_SECRET = re.compile(r"pass|mdp|pwd|secret|token|jeton|credential|auth|api", re.IGNORECASE)
_NOT_A_TEXT = re.compile(r"true|false|[-+]?\d[\d.,]*|\s*", re.IGNORECASE)
_BRANCH = re.compile(r"\w+(-\w+)*\[.*\]|bool|int|float|str|decimal|date")
"""What pydantic puts at the end of a path, where a value may be of several types, for each that it is not."""
_LOGIN_IN_URL = re.compile(r"[^/\s]+:[^@\s]+@")


class Fault(NamedTuple):
    """One thing wrong in the settings: where, and the rest of the French sentence that begins with the path."""

    loc: Loc
    sentence: str


def visible(text: str) -> str:
    """The text on one line, cut, its spaces ordinary, control characters written out: no terminal is told anything."""
    cut = text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"
    cut = "".join(" " if category(character) == "Zs" else character for character in cut)
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)


def shown(value: object) -> str:
    """A value of the file as the user will recognise it: a text keeps its quotes where it reads as something else."""
    if isinstance(value, dict):
        return "une table"
    if isinstance(value, list):
        return "une liste"
    if isinstance(value, bool):
        return f"« {str(value).lower()} »"
    if isinstance(value, str) and _NOT_A_TEXT.fullmatch(value):
        return f'« "{visible(value)}" »'
    return f"« {visible(value.isoformat() if isinstance(value, date | time) else str(value))} »"


def looks_secret(name: str) -> bool:
    """True for a key that holds, or was perhaps meant to hold, a password or the like."""
    lowered = name.casefold()
    close = any(SequenceMatcher(None, lowered, known).ratio() > 0.7 for known in ("password", "mot_de_passe"))
    return close or lowered in PASSWORD_NAMES or _SECRET.search(name) is not None


def is_secret(loc: Loc, value: object) -> bool:
    """True where the value must not be shown: in [smtp] and [imap], everything but a few harmless keys."""
    from relance.config.proposals import SHOWN_OF_SERVERS

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


def accepted_at(loc: Loc) -> str:
    """What the key at this path accepts, in French."""
    return at(SettingsFile, loc).accepts


def nearest(loc: Loc) -> str:
    """What may be meant by the unknown key at this path: its own table first, then the other tables."""
    from relance.config.proposals import key_meant

    word = str(loc[-1]).casefold()
    siblings = list(at(SettingsFile, loc[:-1]).rows)
    close = key_meant(word, siblings)
    elsewhere = [
        path for path, table, name in rows_of(SettingsFile) if name == word and not issubclass(table, HeadersTable)
    ]
    if elsewhere and word not in siblings and close.replace("_", "") not in (word, f"{word}s"):
        return f"cette clé existe ailleurs : {', '.join(elsewhere)}"
    if close:
        return f"la clé connue la plus proche est « {close} »"
    return f"clés connues ici : {', '.join(siblings)}"


NO_PASSWORD_HERE = (
    "un mot de passe ne s’écrit jamais dans ce fichier ; mettez-le dans une variable d’environnement que "
    "smtp.password_env nomme, donnez dans smtp.password_command la commande qui l’affiche, ou dans smtp.keyring le nom "
    f"sous lequel le trousseau du système le garde ({HIDDEN})"
)


def fault_of(error: "ErrorDetails") -> Fault:
    """What pydantic found, in French."""
    from relance.config.proposals import line_meant

    loc: Loc = tuple(error["loc"])
    if isinstance(loc[-1], str) and _BRANCH.fullmatch(loc[-1]) and inside(at(SettingsFile, loc[:-1]), loc[-1]) is None:
        loc = loc[:-1]
    if error["type"] == "extra_forbidden":
        return Fault(loc, unknown(loc, error["input"]))
    if error["type"] == "missing":
        return Fault(loc, f"manque ; attendu : {accepted_at(loc)}")
    cause = error.get("ctx", {}).get("error")
    accepted = (str(cause) if isinstance(cause, ValueError) else "") or accepted_at(loc)
    secret = is_secret(loc, error["input"])
    met = "la valeur (masquée)" if secret else shown(error["input"])
    meant = "" if secret else line_meant(loc, error["input"], accepted)
    return Fault(loc, f"{met} ne convient pas ; attendu : {accepted}{f' → {meant}' if meant else ''}")


def unknown(loc: Loc, value: object) -> str:
    """What is said of a key that does not exist."""
    name = str(loc[-1])
    is_text = isinstance(value, str | int) and not isinstance(value, bool)
    if name.casefold() in PASSWORD_NAMES or (loc[0] in SERVERS and looks_secret(name) and is_text):
        return NO_PASSWORD_HERE
    what = "table inconnue" if isinstance(value, dict) else "clé inconnue"
    if isinstance(value, dict | list):
        return f"{what} ; {nearest(loc)}"
    return f"{what} ({HIDDEN if is_secret(loc, value) else f'valeur {shown(value)}'}) ; {nearest(loc)}"


def refusal(path: Path, faults: Iterable[Fault], raw: dict[str, object]) -> SettingsError:
    """The one error that tells all the faults of a file, one a line, in the order of the file."""
    first: dict[Loc, Fault] = {}
    for fault in faults:
        first.setdefault(fault.loc, fault)
    ordered = sorted(first.values(), key=lambda fault: _position(fault.loc, raw))
    count = "une erreur" if len(ordered) == 1 else f"{len(ordered)} erreurs"
    lines = "".join(f"\n- {path_of(fault.loc)} : {_ended(fault.sentence)}" for fault in ordered)
    return SettingsError(f"Le fichier de réglages « {path} » contient {count} :", lines)


def _ended(sentence: str) -> str:
    """The sentence with its full stop, but after a line that is to be typed as it is printed."""
    return sentence if " → " in sentence else f"{sentence}."


def _position(loc: Loc, raw: object) -> tuple[int, ...]:
    """Where this path stands in the file; what is missing comes after what is there."""
    place: list[int] = []
    for part in loc:
        inside = raw if isinstance(raw, dict) else dict(enumerate(raw)) if isinstance(raw, list) else {}
        place.append([*inside, part].index(part))
        raw = inside.get(part)
    return tuple(place)
