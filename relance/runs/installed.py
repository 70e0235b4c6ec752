"""How this program came onto the machine, by where it runs, and the command that brings a newer one."""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from relance import __version__


class Installed(NamedTuple):
    """Its version, how it was installed (French), and the command that updates it."""

    version: str
    how: str
    update: str


def installed(prefix: Path = Path(sys.prefix), package: Path = Path(__file__).parents[1]) -> Installed:
    """By what `uv tool` and pipx leave beside the environment; a package beside its pyproject.toml is a checkout."""
    if (prefix / "uv-receipt.toml").is_file():
        return Installed(__version__, "uv tool", "uv tool upgrade relance")
    if (prefix / "pipx_metadata.json").is_file():
        return Installed(__version__, "pipx", "pipx upgrade relance")
    if (package.parent / "pyproject.toml").is_file():
        return Installed(__version__, "copie du dépôt", "git pull")
    how = "environnement Python" if os.fspath(prefix) != sys.base_prefix else "Python du système"
    return Installed(__version__, how, "git pull, puis pip install .")
