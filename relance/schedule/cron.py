"""The crontab: our lines between two marks, every other line left as it is to the octet.

It is read with `crontab -l` and written with `crontab -` (POSIX), after a copy of what was there.
"""

import re
import shlex
import time as clock
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from relance.errors import ScheduleError
from relance.french import system_words
from relance.schedule.entry import Ailment, Edit, Entry, Machine, Words, arguments, changed_meanwhile
from relance.schedule.tools import NOT_FOUND, Ran, ran

UNTRIED = False
_BEGIN = "# relance: début "
_END = "# relance: fin"
_JOINED, _ALONE = " (la ligne d’avant ne finissait pas)", " (seul : il n’y avait pas de crontab)"
_NOW_AND_THEN = re.compile(r"(\d+) (\d+)(?:-(\d+)) \* \* 1-5 (.+)")
_VARIABLE = re.compile(r"""^\s*["']?([A-Za-z_]\w*)["']?\s*=\s*(.*?)\s*$""")
_DAEMONS = {"cron", "crond", "fcron", "dcron"}
COPY = "crontab.avant"
_SPOOL = Path("/var/spool/cron/crontabs")
"""Where the crontabs are on Debian."""
_LONGEST_WAIT = 5  # seconds


class _Parts(NamedTuple):
    """A crontab taken apart at our block: what stands before, the block's own lines, its last mark, what follows."""

    before: bytes
    lines: tuple[str, ...]
    mark: str
    after: bytes


def edits(entry: Entry, machine: Machine) -> tuple[Edit, ...]:
    """What makes the crontab run this entry; none where it does."""
    return _edits(entry, ())


def removal(config: str, machine: Machine) -> tuple[Edit, ...]:
    """What takes our lines out again; none where there are none."""
    text = _read()
    parts = _apart(text or b"", config)
    if parts is None:
        return ()
    before = parts.before
    if parts.mark == _END + _JOINED and not parts.after:
        before = before.removesuffix(b"\n")
    rest = before + parts.after
    return (Edit(None, text, None if not rest and parts.mark == _END + _ALONE else rest),)


def found(config: str, machine: Machine) -> Entry | None:
    """The entry as it stands there; None where it does not, or not as we write it."""
    parts = _apart(_read() or b"", config)
    line = _NOW_AND_THEN.fullmatch(parts.lines[0]) if parts is not None and parts.lines else None
    if line is None:
        return None
    try:
        words = tuple(shlex.split(line[4].replace("\\%", "%")))
    except ValueError:
        return None
    said = len(arguments(config))
    if words[-said:] != arguments(config):
        return None
    return Entry(words[:-said], config, time(int(line[2]), int(line[1])), last_hour=int(line[3]))


def configs(machine: Machine) -> tuple[str, ...]:
    """The settings files that our lines run."""
    return tuple(line.removeprefix(_BEGIN) for line in _shown(_read() or b"") if line.startswith(_BEGIN))


def write(edit: Edit, machine: Machine) -> None:
    """Carry out what was shown, the old crontab kept aside; ScheduleError where it is another one, or is refused."""
    _await_a_second()
    if _read() != edit.before:
        raise changed_meanwhile("crontab")
    if edit.before is not None:
        _keep(edit.before, machine.state_home / "relance" / COPY)
    done = ran(("crontab", "-r")) if edit.after is None else ran(("crontab", "-"), edit.after)
    if done.code != 0:
        raise ScheduleError(f"crontab refuse ces lignes : {done.err}.", "La vôtre n’a pas changé.")


def begin(config: str, machine: Machine, *, again: bool) -> tuple[Words, ...]:
    """Nothing more is to be told: cron sees that its file has changed."""
    return ()


def end(config: str, machine: Machine) -> tuple[Words, ...]:
    """Nor is it when the lines go."""
    return ()


def gone() -> tuple[Words, ...]:
    """Nor once they have gone."""
    return ()


def start(entry: Entry, machine: Machine) -> Ran:
    """Have cron itself run the entry, in the next minute; `settle` takes that line back."""
    if not _daemon_runs():
        return Ran(1, err="cron ne tourne pas sur cette machine")
    soon = datetime.fromtimestamp(clock.time()) + timedelta(seconds=90)  # half a minute at least to write it
    line = f"{soon.minute} {soon.hour} {soon.day} {soon.month} * {_in_cron(entry.command)}"
    for edit in _edits(entry, (line,)):
        write(edit, machine)
    return Ran(0)


def settle(entry: Entry, machine: Machine) -> None:
    """Leave what `start` found."""
    for edit in _edits(entry, ()):
        write(edit, machine)


def variables(config: str, machine: Machine) -> dict[str, str]:
    """What a run has of an environment (crontab(5)): almost nothing, and what the crontab says before our lines."""
    text = _read() or b""
    parts = _apart(text, config)
    told = (parts.before if parts is not None else text).decode(errors="surrogateescape").splitlines()
    lines = [line for each in told if (line := _VARIABLE.match(each)) is not None]
    own = {"HOME": str(machine.home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    return own | {line[1]: _unquoted(line[2]) for line in lines}


def ailments(entry: Entry, machine: Machine) -> list[Ailment]:
    """Why cron would not run it."""
    return [] if _daemon_runs() else [Ailment("cron_stopped", cure="sudo service cron start")]


def _edits(entry: Entry, more: Words) -> tuple[Edit, ...]:
    if any("\\" in word for word in entry.command):
        raise ScheduleError(
            "Un chemin qui contient une barre oblique inverse ne se planifie pas avec cron.", "Renommez le dossier."
        )
    text = _read()
    parts = _apart(text or b"", entry.config)
    before, mark, after = (parts.before, parts.mark, parts.after) if parts is not None else (text or b"", _END, b"")
    if parts is None and text is None:
        mark += _ALONE
    elif parts is None and before and not before.endswith(b"\n"):
        before, mark = before + b"\n", mark + _JOINED
    hours = f"{entry.first.hour}-{entry.last_hour}"
    line = f"{entry.first.minute} {hours} * * 1-5 {_in_cron(entry.command)}"
    block = "".join(f"{each}\n" for each in (_BEGIN + entry.config, line, *more, mark))
    whole = before + block.encode() + after
    return () if whole == text else (Edit(None, text, whole),)


def _apart(text: bytes, config: str) -> _Parts | None:
    """The crontab at our block for this dossier, None where there is none; ScheduleError where its end is gone."""
    lines, shown = text.splitlines(keepends=True), _shown(text)
    if _BEGIN + config not in shown:
        return None
    first = shown.index(_BEGIN + config)
    last = next((i for i in range(first, len(lines)) if shown[i].startswith(_END)), None)
    if last is None or any(line.startswith(_BEGIN) for line in shown[first + 1 : last]):
        raise ScheduleError(
            f"Dans votre crontab, les lignes qui suivent « {_BEGIN}{config} » n’ont plus leur fin.",
            "Retirez-les vous-même (crontab -e).",
        )
    return _Parts(b"".join(lines[:first]), tuple(shown[first + 1 : last]), shown[last], b"".join(lines[last + 1 :]))


def _shown(text: bytes) -> list[str]:
    """The lines of a crontab, without their ends."""
    return [line.decode(errors="surrogateescape") for line in text.splitlines()]


def _read() -> bytes | None:
    """The user's crontab, None where there is none; ScheduleError where it cannot be read."""
    done = ran(("crontab", "-l"))
    if done.code == 0:
        return done.out
    if done.code == NOT_FOUND:
        raise ScheduleError("cron n’est pas installé ici.", "Sous Debian et Ubuntu : sudo apt install cron.")
    if "no crontab for" in done.err.lower():
        return None
    raise ScheduleError(f"Votre crontab ne peut pas être lue : {done.err}.", "Essayez « crontab -l ».")


def _await_a_second() -> None:
    """Wait for a second in which cron does not look, and in which no crontab was changed yet.

    It looks on the full minute, and knows the age of its folder by the second: of two changes within one it may read
    the first and never see the other (load_database of Debian's cron).
    """
    end = clock.monotonic() + _LONGEST_WAIT
    while clock.monotonic() < end:
        now, changed = int(clock.time()), 0
        with suppress(OSError):
            changed = int(_SPOOL.stat().st_mtime)
        if now % 60 not in (59, 0) and now != changed:
            return
        clock.sleep(0.05)


def _keep(text: bytes, path: Path) -> None:
    """A copy for its owner alone: a crontab may hold passwords. ScheduleError where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(text)
    except OSError as error:
        sentence = f"La copie de votre crontab, « {path} », ne peut pas être écrite ({system_words(error)})."
        raise ScheduleError(sentence, "Vérifiez les droits de son dossier ; votre crontab n’a pas changé.") from None


def _in_cron(words: Words) -> str:
    """The command in a crontab, where a % ends the line unless a backslash stands before it."""
    return shlex.join(words).replace("%", "\\%")


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _daemon_runs() -> bool:
    """Whether a cron is at work; True where that cannot be seen."""
    names = Path("/proc").glob("[0-9]*/comm")
    return not Path("/proc/self/comm").exists() or any(_said(name) in _DAEMONS for name in names)


def _said(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:  # it has ended
        return ""
