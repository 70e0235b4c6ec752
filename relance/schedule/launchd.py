"""A LaunchAgent of macOS (launchd.plist(5)). Written from its documentation: no Mac has tried it yet."""

import plistlib
import re
from datetime import time
from pathlib import Path
from typing import Any

from relance.schedule.entry import (
    Ailment,
    Edit,
    Entry,
    Machine,
    Words,
    arguments,
    config_of,
    configs_within,
    own_name,
    read_file,
    slug,
    write_file,
)
from relance.schedule.tools import Ran, ran

UNTRIED = True
_WEEKDAYS = range(1, 6)  # 1 is Monday
_GUARDED = ("Documents", "Desktop", "Downloads", "Library/Mobile Documents")
"""Folders of one's home that macOS lets no job of the background into without a question that it cannot show."""


def edits(entry: Entry, machine: Machine) -> tuple[Edit, ...]:
    """What makes this file that of the entry; none where it is."""
    label, _ = _label(entry.config, machine)
    path = _path(label, machine)
    edit = Edit(path, read_file(path), _compact(plistlib.dumps(_job(entry, label, machine), sort_keys=False)))
    return () if edit.before == edit.after else (edit,)


def removal(config: str, machine: Machine) -> tuple[Edit, ...]:
    """What takes our file away; none where there is none."""
    label, there = _label(config, machine)
    path = _path(label, machine)
    return (Edit(path, read_file(path), None),) if there else ()


def found(config: str, machine: Machine) -> Entry | None:
    """The entry as it stands there; None where it does not, or not as we write it."""
    label, there = _label(config, machine)
    if not there:
        return None
    job = _parsed(read_file(_path(label, machine)) or b"")
    words, times = job.get("ProgramArguments"), job.get("StartCalendarInterval")
    try:
        assert isinstance(words, list)
        assert isinstance(times, list)
        hours, minute = sorted({each["Hour"] for each in times}), times[0]["Minute"]
        return Entry(tuple(words[: -len(arguments(config))]), config, time(hours[0], minute), last_hour=hours[-1])
    except (AssertionError, KeyError, IndexError, TypeError, ValueError):
        return None


def configs(machine: Machine) -> tuple[str, ...]:
    """The settings files that our jobs run."""
    return configs_within(_path("", machine).parent, "fr.relance.*.plist", _command)


def write(edit: Edit, machine: Machine) -> None:
    """Carry out what was shown."""
    write_file(edit)


def begin(config: str, machine: Machine, *, again: bool) -> tuple[Words, ...]:
    """What launchd is told of the file; one that it has already, it lets go of first."""
    label, _ = _label(config, machine)
    first = end(config, machine) if again else ()
    return (*first, ("launchctl", "bootstrap", f"gui/{machine.uid}", str(_path(label, machine))))


def end(config: str, machine: Machine) -> tuple[Words, ...]:
    """What it is told before the file goes."""
    return (("launchctl", "bootout", f"gui/{machine.uid}/{_label(config, machine)[0]}"),)


def gone() -> tuple[Words, ...]:
    """Nothing more is to be told: launchd has let go of it."""
    return ()


def start(entry: Entry, machine: Machine) -> Ran:
    """Have launchd run the entry now; it returns at once."""
    return ran(("launchctl", "kickstart", f"gui/{machine.uid}/{_label(entry.config, machine)[0]}"))


def settle(entry: Entry, machine: Machine) -> None:
    """Nothing was changed for that."""


def variables(config: str, machine: Machine) -> dict[str, str]:
    """What a run has of an environment."""
    return {"HOME": str(machine.home), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "fr_FR.UTF-8"}


def ailments(entry: Entry, machine: Machine) -> list[Ailment]:
    """Why launchd would not run it, or not to its end."""
    label, _ = _label(entry.config, machine)
    guarded = [folder for folder in _GUARDED if Path(entry.config).is_relative_to(machine.home / folder)]
    ills = [Ailment("launchd_guarded", folder) for folder in guarded]
    if ran(("launchctl", "print", f"gui/{machine.uid}/{label}")).code != 0:
        ills.append(Ailment("launchd_off", label, "relance schedule install --with launchd"))
    return ills


def _compact(text: bytes) -> bytes:
    """A line for each hour of the week, not eight: it is shown before it is written."""
    joined = re.sub(rb"\n\t{3}", b"", text).replace(b"</integer>\n\t\t</dict>", b"</integer></dict>")
    return joined.replace(b"\t", b"  ")


def _job(entry: Entry, label: str, machine: Machine) -> dict[str, Any]:
    hours = range(entry.first.hour, entry.last_hour + 1)
    log = str(_log(label, machine))
    return {
        "Label": label,
        "ProgramArguments": [*entry.command],
        "StartCalendarInterval": [
            {"Weekday": day, "Hour": hour, "Minute": entry.first.minute} for day in _WEEKDAYS for hour in hours
        ],
        "RunAtLoad": True,  # what was missed while the machine was off is looked at when it is on
        "ProcessType": "Background",
        "StandardOutPath": log,
        "StandardErrorPath": log,
        "EnvironmentVariables": {"LANG": "fr_FR.UTF-8"},
    }


def log_of(config: str, machine: Machine) -> Path:
    """Where the runs of these settings write what they print."""
    return _log(_label(config, machine)[0], machine)


def _log(label: str, machine: Machine) -> Path:
    return machine.home / "Library" / "Logs" / f"{label}.log"


def _label(config: str, machine: Machine) -> tuple[str, bool]:
    def is_ours(text: bytes) -> bool:
        return config_of(_command(text)) == config

    return own_name(f"fr.relance.{slug(config)}", lambda label: _path(label, machine), is_ours)


def _command(text: bytes) -> Words:
    """What a job runs."""
    words = _parsed(text).get("ProgramArguments")
    return tuple(map(str, words)) if isinstance(words, list) else ()


def _path(label: str, machine: Machine) -> Path:
    return machine.home / "Library" / "LaunchAgents" / f"{label}.plist"


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        job = plistlib.loads(text)
    except Exception:  # of a file of somebody else's, plistlib raises what its parser raises
        return {}
    return job if isinstance(job, dict) else {}
