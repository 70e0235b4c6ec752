"""From what is wrong to what the user reads: every fault on its own line, in the order of the file."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from relance.config.keys import accepted_at, nearest
from relance.config.wording import (
    HIDDEN,
    PASSWORD_NAMES,
    SERVERS,
    Fault,
    Loc,
    is_secret,
    looks_secret,
    path_of,
    quoted,
    shown,
)
from relance.errors import SettingsError
from relance.french import typeset

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

NO_PASSWORD_HERE = typeset(
    "un mot de passe ne s’écrit jamais dans ce fichier ; mettez-le dans une variable d’environnement que "
    "smtp.password_env nomme, donnez dans smtp.password_command la commande qui l’affiche, ou dans smtp.keyring le nom "
    "sous lequel le trousseau du système le garde ({})"
).format(HIDDEN)


def fault_of(error: "ErrorDetails") -> Fault:
    """What pydantic found, in French."""
    loc: Loc = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        return Fault(loc, unknown(loc, error["input"]))
    if error["type"] == "missing":
        return Fault(loc, typeset("manque ; attendu : ") + accepted_at(loc))
    cause = error.get("ctx", {}).get("error")
    return Fault(loc, wrong(loc, error["input"], str(cause) if isinstance(cause, ValueError) else ""))


def unknown(loc: Loc, value: object) -> str:
    """What is said of a key that does not exist."""
    name = str(loc[-1])
    if name.casefold() in PASSWORD_NAMES or (loc[0] in SERVERS and looks_secret(name) and _is_text(value)):
        return NO_PASSWORD_HERE
    what = "table inconnue" if isinstance(value, dict) else "clé inconnue"
    if isinstance(value, dict | list):
        return f"{what}{typeset(' ; ')}{nearest(loc)}"
    return f"{what} ({HIDDEN if is_secret(loc, value) else f'valeur {shown(value)}'}){typeset(' ; ')}{nearest(loc)}"


def _is_text(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def wrong(loc: Loc, value: object, accepted: str = "") -> str:
    """What is said of a value that is not accepted; `accepted` replaces the description of the key."""
    met = "la valeur (masquée)" if is_secret(loc, value) else shown(value)
    return f"{met}{typeset(' ne convient pas ; attendu : ')}{accepted or accepted_at(loc)}"


def refusal(path: Path, faults: Iterable[Fault], raw: dict[str, object]) -> SettingsError:
    """The one error that tells all the faults of a file, one a line, in the order of the file."""
    first: dict[Loc, Fault] = {}
    for fault in faults:
        first.setdefault(fault.loc, fault)
    ordered = sorted(first.values(), key=lambda fault: _position(fault.loc, raw))
    count = "une erreur" if len(ordered) == 1 else f"{len(ordered)} erreurs"
    sentence = typeset("Le fichier de réglages {} contient {} :").format(quoted(str(path)), count)
    lines = [f"- {path_of(fault.loc)}{typeset(' : ')}{fault.sentence}." for fault in ordered]
    return SettingsError(sentence, "\n" + "\n".join(lines))


def _position(loc: Loc, raw: object) -> tuple[int, ...]:
    """Where this path stands in the file; what is missing comes after what is there."""
    place: list[int] = []
    for part in loc:
        if isinstance(part, int):
            place.append(part)
            raw = raw[part] if isinstance(raw, list) and part < len(raw) else None
        else:
            keys = list(raw) if isinstance(raw, dict) else []
            place.append(keys.index(part) if part in keys else len(keys))
            raw = raw.get(part) if isinstance(raw, dict) else None
    return tuple(place)
