"""What the command line asks of every story."""

from datetime import date
from pathlib import Path
from typing import NamedTuple


class Request(NamedTuple):
    """The invoice file, the settings file, the day (None: as the settings and the clock say)."""

    file: Path | None = None
    config: Path | None = None
    today: date | None = None
