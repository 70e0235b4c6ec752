"""The four schedulers by their names, and which of them this machine has."""

import shutil
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, Protocol

from relance.errors import ScheduleError
from relance.schedule import cron, launchd, systemd, taskscheduler
from relance.schedule.entry import Ailment, Edit, Entry, Machine, Words
from relance.schedule.tools import Ran

Name = Literal["cron", "systemd", "launchd", "taskscheduler"]


class Scheduler(Protocol):
    """What each of their modules knows how to do; `UNTRIED` where nobody has tried it on its system."""

    UNTRIED: bool

    def edits(self, entry: Entry, machine: Machine) -> tuple[Edit, ...]: ...

    def removal(self, config: str, machine: Machine) -> tuple[Edit, ...]: ...

    def found(self, config: str, machine: Machine) -> Entry | None: ...

    def configs(self, machine: Machine) -> tuple[str, ...]: ...

    def write(self, edit: Edit, machine: Machine) -> None: ...

    def begin(self, config: str, machine: Machine, *, again: bool) -> tuple[Words, ...]: ...

    def end(self, config: str, machine: Machine) -> tuple[Words, ...]: ...

    def gone(self) -> tuple[Words, ...]: ...

    def start(self, entry: Entry, machine: Machine) -> Ran: ...

    def settle(self, entry: Entry, machine: Machine) -> None: ...

    def variables(self, config: str, machine: Machine) -> dict[str, str]: ...

    def ailments(self, entry: Entry, machine: Machine) -> list[Ailment]: ...


SCHEDULERS: Mapping[Name, Scheduler] = MappingProxyType(
    {"systemd": systemd, "cron": cron, "launchd": launchd, "taskscheduler": taskscheduler}
)


def usual() -> Name:
    """The one that this machine has; ScheduleError where it has none that we know."""
    if sys.platform == "darwin":
        return "launchd"
    if sys.platform == "win32":
        return "taskscheduler"
    if systemd.works():
        return "systemd"
    if shutil.which("crontab") is None:
        raise ScheduleError(
            "Ni systemd (pour votre compte) ni cron ne sont là pour lancer relance.",
            "Sous Debian et Ubuntu : sudo apt install cron.",
        )
    return "cron"
