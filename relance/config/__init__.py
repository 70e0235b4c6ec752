"""relance.toml: found, read as a whole, checked as a whole, turned into values that the rooms take.

Importing this package is cheap: pydantic, tomllib and the values are only imported where a file is read.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from relance.errors import Again, SettingsError

if TYPE_CHECKING:
    from relance.config.values import Settings

__all__ = ["SETTINGS_FILE", "find_settings", "journal_of", "load_settings", "sample_settings", "user_folder"]

SETTINGS_FILE = "relance.toml"
SETTINGS_VARIABLE = "RELANCE_CONFIG"


def find_settings(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """The settings file to read, or None where there is none; a file that was named must exist."""
    if explicit is not None:
        return _named(cwd / _at_home(explicit, environ), "--config", str(explicit))
    variable = environ.get(SETTINGS_VARIABLE, "").strip()
    if variable:
        return _named(cwd / _at_home(Path(variable), environ), SETTINGS_VARIABLE)
    for candidate in (cwd / SETTINGS_FILE, _of_the_user(environ)):
        if candidate is not None and os.path.lexists(candidate):  # a link that leads nowhere is not no settings
            return candidate
    return None


def _named(path: Path, by: str, typed: str = "") -> Path:
    """This file, which the user named by this option or variable; `typed` is how he wrote it on the command line."""
    if os.path.isfile(path):  # noqa: PTH113
        return path
    if os.path.isdir(path):  # noqa: PTH112
        sentence = f"{by} désigne un dossier et non un fichier de réglages : « {path} »."
        cure = f"Donnez le chemin du fichier lui-même, par exemple « {path / SETTINGS_FILE} »."
        near = [path / SETTINGS_FILE] if os.path.isfile(path / SETTINGS_FILE) else []  # noqa: PTH113
    else:
        sentence = f"Le fichier de réglages désigné par {by} n’existe pas : « {path} »."
        cure = "Corrigez ce chemin, ou créez un fichier de réglages avec « relance init »."
        near = _near(path)
    raise SettingsError(sentence, cure, [Again(typed, str(each)) for each in near if typed])


def _near(path: Path) -> list[Path]:
    """The settings in the same folder that may be meant: of nearly this name, else of the usual one."""
    from difflib import get_close_matches

    try:
        names = [each.name for each in path.parent.iterdir() if each.suffix == ".toml"]
    except OSError:
        return []
    close = get_close_matches(path.name, names, 1) or [name for name in names if name == SETTINGS_FILE]
    return [path.with_name(name) for name in close]


def _at_home(path: Path, environ: Mapping[str, str]) -> Path:
    """The path with a leading `~` replaced: cron and units hand it over as it is."""
    home = _home(environ)
    if path.parts[:1] == ("~",) and home is not None:
        return home.joinpath(*path.parts[1:])
    return path


def _home(environ: Mapping[str, str]) -> Path | None:
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return Path(home) if home else None


def user_folder(environ: Mapping[str, str]) -> Path | None:
    """The user's own configuration folder of this program (XDG Base Directory: a relative folder is ignored)."""
    folder = environ.get("XDG_CONFIG_HOME", "")
    home = _home(environ)
    if Path(folder).is_absolute():
        return Path(folder) / "relance"
    return home / ".config" / "relance" if home is not None else None


def _of_the_user(environ: Mapping[str, str]) -> Path | None:
    folder = user_folder(environ)
    return None if folder is None else folder / SETTINGS_FILE


def load_settings(path: Path) -> "Settings":
    """The settings of this file; a SettingsError tells all that is wrong in it at once."""
    from relance.config.loading import load

    return load(path)


def journal_of(path: Path) -> Path:
    """Where the journal of this settings file lies, read without checking the rest: what a key press may cost.

    An error of the system, or a ValueError, where the file cannot be read.
    """
    import tomllib

    from relance.config.values import JOURNAL_FILE

    named = tomllib.loads(path.read_text("utf-8-sig")).get("journal", {}).get("file", JOURNAL_FILE)
    return path.absolute().parent / Path(named).expanduser()


def sample_settings() -> str:
    """The commented relance.toml that `relance init` writes: `#key = ...` is a setting left out, `# ` a comment."""
    from relance.config.sample import sample

    return sample()
