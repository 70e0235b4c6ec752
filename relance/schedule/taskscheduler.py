"""A task of the Task Scheduler of Windows, as XML. Written from its documentation: no Windows has tried it yet."""

import re
import subprocess
from datetime import time
from pathlib import Path
from xml.sax.saxutils import escape, unescape

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
_WHEN = re.compile(r"<StartBoundary>\d{4}-\d\d-\d\dT(\d\d):(\d\d):00</StartBoundary>")
_SPAN = re.compile(r"<Duration>PT(\d+)H1M</Duration>")
_WHAT = re.compile(r"<Arguments>--headless (.+)</Arguments>")
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>Relances, les jours ouvrés</Description></RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-05T{first}:00</StartBoundary>
      <Repetition><Interval>PT1H</Interval><Duration>PT{span}H1M</Duration></Repetition>
      <ScheduleByWeek>
        <DaysOfWeek><Monday /><Tuesday /><Wednesday /><Thursday /><Friday /></DaysOfWeek>
        <WeeksInterval>1</WeeksInterval>
      </ScheduleByWeek>
    </CalendarTrigger>
  </Triggers>
  <Principals><Principal id="Author"><LogonType>InteractiveToken</LogonType></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT30M</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>conhost.exe</Command>
      <Arguments>--headless {command}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
"""On batteries too, and once more after hours missed: neither is what Windows does by itself. No window opens."""


def edits(entry: Entry, machine: Machine) -> tuple[Edit, ...]:
    """What makes this file that of the entry; none where it is."""
    name, _ = _name(entry.config, machine)
    command = escape(subprocess.list2cmdline(entry.command))
    text = _TASK.format(first=f"{entry.first:%H:%M}", span=entry.last_hour - entry.first.hour, command=command)
    path = _path(name, machine)
    edit = Edit(path, read_file(path), text.replace("\n", "\r\n").encode("utf-16"))
    return () if edit.before == edit.after else (edit,)


def removal(config: str, machine: Machine) -> tuple[Edit, ...]:
    """What takes our file away; none where there is none."""
    name, there = _name(config, machine)
    path = _path(name, machine)
    return (Edit(path, read_file(path), None),) if there else ()


def found(config: str, machine: Machine) -> Entry | None:
    """The entry as it stands there; None where it does not, or not as we write it."""
    name, there = _name(config, machine)
    text = _text(read_file(_path(name, machine)) or b"") if there else ""
    when, span = _WHEN.search(text), _SPAN.search(text)
    if when is None or span is None:
        return None
    first = time(int(when[1]), int(when[2]))
    return Entry(_words(text)[: -len(arguments(config))], config, first, last_hour=first.hour + int(span[1]))


def configs(machine: Machine) -> tuple[str, ...]:
    """The settings files that our tasks run."""
    return configs_within(_path("", machine).parent, "relance-*.xml", lambda text: _words(_text(text)))


def write(edit: Edit, machine: Machine) -> None:
    """Carry out what was shown."""
    write_file(edit)


def begin(config: str, machine: Machine, *, again: bool) -> tuple[Words, ...]:
    """What Windows is told of the file; /F takes the place of the task that it has."""
    name, _ = _name(config, machine)
    return (("schtasks", "/Create", "/TN", name, "/XML", str(_path(name, machine)), "/F"),)


def end(config: str, machine: Machine) -> tuple[Words, ...]:
    """What it is told before the file goes."""
    return (("schtasks", "/Delete", "/TN", _name(config, machine)[0], "/F"),)


def gone() -> tuple[Words, ...]:
    """Nothing more is to be told: the task has gone with it."""
    return ()


def start(entry: Entry, machine: Machine) -> Ran:
    """Have Windows run the entry now; it returns at once."""
    return ran(("schtasks", "/Run", "/TN", _name(entry.config, machine)[0]))


def settle(entry: Entry, machine: Machine) -> None:
    """Nothing was changed for that."""


def variables(config: str, machine: Machine) -> dict[str, str]:
    """What a run has of an environment: that of the user's account."""
    return {**machine.environment}


def ailments(entry: Entry, machine: Machine) -> list[Ailment]:
    """Why Windows would not run it."""
    name, _ = _name(entry.config, machine)
    asked = ran(("schtasks", "/Query", "/TN", name, "/XML"))
    if asked.code != 0:
        return [Ailment("task_off", name, "relance schedule install --with taskscheduler")]
    disabled = b"<Enabled>false</Enabled>" in asked.out.replace(b"\0", b"")
    return [Ailment("task_disabled", name, f"schtasks /Change /TN {name} /ENABLE")] if disabled else []


def _name(config: str, machine: Machine) -> tuple[str, bool]:
    def is_ours(text: bytes) -> bool:
        return config_of(_words(_text(text))) == config

    return own_name(f"relance-{slug(config)}", lambda name: _path(name, machine), is_ours)


def _path(name: str, machine: Machine) -> Path:
    told = Path(machine.environment.get("APPDATA", ""))
    return (told if told.is_absolute() else machine.config_home) / "relance" / f"{name}.xml"


def _text(octets: bytes) -> str:
    return octets.decode("utf-16", errors="replace") if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else ""


def _words(text: str) -> Words:
    """The words of the command as `edits` writes it: no path of Windows holds a quotation mark."""
    line = _WHAT.search(text)
    return tuple(quoted or bare for quoted, bare in _WORD.findall(unescape(line[1]))) if line is not None else ()
