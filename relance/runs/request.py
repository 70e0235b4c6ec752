"""What the command line asks of every story."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Request:
    """The invoice file, the settings file, the day (None: as the settings and the clock say)."""

    file: Path | None = None
    config: Path | None = None
    today: date | None = None
