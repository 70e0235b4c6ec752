"""A user's own timer of systemd: a service and a timer (systemd.service(5), systemd.timer(5)), without root."""

import re
from datetime import time
from pathlib import Path

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
    write_file,
)
from relance.schedule.tools import HALF_AN_HOUR, Ran, ran

UNTRIED = False
_TOOL = ("systemctl", "--user")
_ENV = "/usr/bin/env"
_BARE = re.compile(r"[\w/.:=@+,~-]+")
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_WHEN = re.compile(r"^OnCalendar=Mon\.\.Fri \*-\*-\* (\d\d)(?:\.\.(\d\d))?:(\d\d):00$", re.MULTILINE)
_WHAT = re.compile(r"^ExecStart=(.+)$", re.MULTILINE)


def edits(entry: Entry, machine: Machine) -> tuple[Edit, ...]:
    """What makes these files those of the entry; none where they are."""
    name, _ = _name(entry.config, machine)
    wanted = {"service": _service(entry), "timer": _timer(entry)}
    files = [Edit(path := _path(name, kind, machine), read_file(path), text.encode()) for kind, text in wanted.items()]
    return tuple(edit for edit in files if edit.before != edit.after)


def removal(config: str, machine: Machine) -> tuple[Edit, ...]:
    """What takes our files away; none where there are none."""
    name, there = _name(config, machine)
    paths = [_path(name, kind, machine) for kind in ("service", "timer")] if there else []
    return tuple(Edit(path, text, None) for path in paths if (text := read_file(path)) is not None)


def found(config: str, machine: Machine) -> Entry | None:
    """The entry as it stands there; None where it does not, or not as we write it."""
    name, there = _name(config, machine)
    texts = [(read_file(_path(name, kind, machine)) or b"").decode(errors="replace") for kind in ("service", "timer")]
    what, when = _WHAT.search(texts[0]), _WHEN.search(texts[1])
    if not there or what is None or when is None:
        return None
    words = _words(what[1])[: -len(arguments(config))]
    return Entry(words, config, time(int(when[1]), int(when[3])), last_hour=int(when[2] or when[1]))


def configs(machine: Machine) -> tuple[str, ...]:
    """The settings files that our services run."""
    return configs_within(_path("relance", "service", machine).parent, "relance*.service", _command)


def write(edit: Edit, machine: Machine) -> None:
    """Carry out what was shown."""
    write_file(edit)


def begin(config: str, machine: Machine, *, again: bool) -> tuple[Words, ...]:
    """What systemd is told of the files; a timer that was there is started `again`, for its hours may be others."""
    timer = f"{_name(config, machine)[0]}.timer"
    more = ((*_TOOL, "restart", timer),) if again else ()
    return ((*_TOOL, "daemon-reload"), (*_TOOL, "enable", "--now", timer), *more)


def end(config: str, machine: Machine) -> tuple[Words, ...]:
    """What it is told before they go."""
    return ((*_TOOL, "disable", "--now", f"{_name(config, machine)[0]}.timer"),)


def gone() -> tuple[Words, ...]:
    """What it is told once they have gone."""
    return ((*_TOOL, "daemon-reload"),)


def start(entry: Entry, machine: Machine) -> Ran:
    """Have systemd run the entry now; it returns when the run has ended."""
    return ran((*_TOOL, "start", f"{_name(entry.config, machine)[0]}.service"), seconds=HALF_AN_HOUR)


def settle(entry: Entry, machine: Machine) -> None:
    """Nothing was changed for that."""


def variables(config: str, machine: Machine) -> dict[str, str]:
    """What a run has of an environment: that of the user's own systemd."""
    said = ran((*_TOOL, "show-environment"))
    lines = (line.partition("=") for line in said.out.decode(errors="surrogateescape").splitlines())
    own = {"HOME": str(machine.home), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    return own | ({name: value for name, _, value in lines} if said.code == 0 else {})


def ailments(entry: Entry, machine: Machine) -> list[Ailment]:
    """Why systemd would not run it."""
    timer = f"{_name(entry.config, machine)[0]}.timer"
    if ran((*_TOOL, "show-environment")).code != 0:
        return [Ailment("systemd_absent", cure="relance schedule install --with cron")]
    asked = (ran((*_TOOL, "is-enabled", timer)), ran((*_TOOL, "is-active", timer)))
    if any(answer.code != 0 for answer in asked):
        return [Ailment("systemd_off", timer, " ".join((*_TOOL, "enable", "--now", timer)))]
    lingers = ran(("loginctl", "show-user", "--property=Linger", str(machine.uid)))
    stays = lingers.code != 0 or b"Linger=no" not in lingers.out
    return [] if stays else [Ailment("systemd_session", cure="loginctl enable-linger", grave=False)]


def works() -> bool:
    """Whether a systemd of this user answers."""
    return ran((*_TOOL, "show-environment")).code == 0


def _service(entry: Entry) -> str:
    # systemd takes no quotes in the path of the program itself.
    program, *rest = (_ENV, *entry.command) if set(entry.words[0]) & set("'\"\\") else entry.command
    # A $ is doubled in what the program is told, never in its own path; a % everywhere (systemd.service(5)).
    words = [_quoted(program), *(_quoted(word.replace("$", "$$")) for word in rest)]
    return (
        "# Écrit par « relance schedule install », retiré par « relance schedule remove ».\n"
        "[Unit]\nDescription=Relances du jour\n\n"
        f"[Service]\nType=oneshot\nExecStart={' '.join(words)}\nTimeoutStartSec=30min\nNice=10\n"
        "# 1 : fait, mais à voir.\nSuccessExitStatus=1\n"
    )


def _timer(entry: Entry) -> str:
    first, last = f"{entry.first.hour:02d}", f"{entry.last_hour:02d}"
    hours = first if first == last else f"{first}..{last}"
    return (
        "# Écrit par « relance schedule install », retiré par « relance schedule remove ».\n"
        "[Unit]\nDescription=Relances, les jours ouvrés\n\n"
        f"[Timer]\nOnCalendar=Mon..Fri *-*-* {hours}:{entry.first.minute:02d}:00\n"
        "# Au réveil de la machine, le passage manqué a lieu.\nPersistent=true\nRandomizedDelaySec=5min\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )


def _name(config: str, machine: Machine) -> tuple[str, bool]:
    def is_ours(text: bytes) -> bool:
        return config_of(_command(text)) == config

    return own_name("relance", lambda name: _path(name, "service", machine), is_ours)


def _command(text: bytes) -> Words:
    """What a service runs."""
    line = _WHAT.search(text.decode(errors="replace"))
    return _words(line[1]) if line is not None else ()


def _path(name: str, kind: str, machine: Machine) -> Path:
    return machine.config_home / "systemd" / "user" / f"{name}.{kind}"


def _quoted(word: str) -> str:
    escaped = word.replace("%", "%%")
    if _BARE.fullmatch(escaped):
        return escaped
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _words(line: str) -> Words:
    """The words of a line as `_service` writes it."""
    program, *rest = (
        re.sub(r"\\(.)", r"\1", quoted) if quoted else bare for quoted, bare in _WORD.findall(line.replace("%%", "%"))
    )
    words = tuple(word.replace("$$", "$") for word in rest)
    return words if program == _ENV else (program, *words)
