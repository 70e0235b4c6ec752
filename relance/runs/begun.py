"""What the options of `relance init` say, and the settings in the making."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from relance.config import SETTINGS_FILE
from relance.core.facts import Backlog
from relance.runs.asking import Talk

if TYPE_CHECKING:
    from relance.core.interest import Rate
    from relance.delivery.account import Account


class MailGiven(NamedTuple):
    """What options say of the way that messages leave; empty where they say nothing."""

    provider: str = ""
    host: str = ""
    user: str = ""
    transport: str = ""
    password_command: str = ""


class ReadAs(NamedTuple):
    """How options say that columns are read: a field to its header, and headers left out."""

    columns: Mapping[str, str] = MappingProxyType({})
    ignored: tuple[str, ...] = ()


class Given(NamedTuple):
    """What options say; empty where they say nothing, and the question is asked where somebody can answer."""

    place: str = ""
    name: str = ""
    email: str = ""
    mail: MailGiven = MailGiven()
    rate: str = ""
    iban: str = ""
    account_name: str = ""
    customers: str = ""
    ladder: str = ""
    backlog: Backlog | None = None
    reading: ReadAs = ReadAs()
    schedule: str = ""


@dataclass(slots=True)
class Begun:
    """The settings in the making, of which nothing is on the disk yet.

    `told` is the file to be; `account` with its `password` is to be kept, `rate` and `backlog` go to the journal.
    `late` are the invoices that were late already; `lacking` is what is said at the end (French sentences).
    `done`: the file is there.
    """

    folder: Path
    talk: Talk | None
    told: dict[str, dict[str, object]]
    at: datetime
    password: str = ""
    account: "Account | None" = None
    rate: "Rate | None" = None
    backlog: Backlog | None = None
    late: int = 0
    lacking: list[str] = field(default_factory=list)
    done: bool = False

    @property
    def path(self) -> Path:
        """The file to be."""
        return self.folder / SETTINGS_FILE
