"""What is to be run and when, whatever runs it; what an installation would change, and what is wrong with one."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import count, takewhile
from pathlib import Path
from typing import NamedTuple

from relance.errors import ScheduleError
from relance.french import system_words

Words = tuple[str, ...]
"""A command, word by word."""
_HALF_AN_HOUR = 30
_MANY = 50  # dossiers of one user
_SATURDAY = 5


class Entry(NamedTuple):
    """One hourly run on weekdays: `words` start relance, `config` is the settings file, both by their whole path.

    The first run of a day is at `first`, the others on the same minute of the hours up to `last_hour`.
    """

    words: Words
    config: str
    first: time
    last_hour: int

    @property
    def command(self) -> Words:
        """What is run."""
        return (*self.words, *arguments(self.config))

    def next_run(self, now: datetime) -> datetime:
        """The first one after `now`."""
        for days in count():
            day = now + timedelta(days=days)
            for hour in range(self.first.hour, self.last_hour + 1) if day.weekday() < _SATURDAY else ():
                at = day.replace(hour=hour, minute=self.first.minute, second=0, microsecond=0)
                if at > now:
                    return at
        raise AssertionError("every week has a Monday")


class Edit(NamedTuple):
    """What is changed: a file, or the crontab (`path` is None), from these octets to those; None: it is not there."""

    path: Path | None
    before: bytes | None
    after: bytes | None


class Ailment(NamedTuple):
    """One known way for runs to stop coming: its `kind`, what it is about, the command that mends it.

    One that is not `grave` is a limit of this scheduler, said once more.
    """

    kind: str
    detail: str = ""
    cure: str = ""
    grave: bool = True


class Machine(NamedTuple):
    """Whose schedule it is: the home folder, the variables of the terminal, the number of the user."""

    home: Path
    environment: Mapping[str, str]
    uid: int

    @property
    def config_home(self) -> Path:
        """Where programs keep what they are told (XDG Base Directory Specification)."""
        told = Path(self.environment.get("XDG_CONFIG_HOME", ""))
        return told if told.is_absolute() else self.home / ".config"

    @property
    def state_home(self) -> Path:
        """Where programs keep what they remember."""
        told = Path(self.environment.get("XDG_STATE_HOME", ""))
        return told if told.is_absolute() else self.home / ".local" / "state"

    @property
    def caches(self) -> tuple[Path, ...]:
        """Where uvx and `pipx run` keep programs that they clear away again."""
        told = Path(self.environment.get("XDG_CACHE_HOME", ""))
        cache = told if told.is_absolute() else self.home / ".cache"
        uv = Path(self.environment.get("UV_CACHE_DIR", ""))
        own = [self.home / ".local" / "pipx" / ".cache", self.home / ".local" / "share" / "pipx" / ".cache"]
        return (cache / "uv", cache / "pipx", *own, *([uv] if uv.is_absolute() else []))


def arguments(config: str) -> Words:
    """What relance is told in such a run."""
    return ("send", "--unattended", "--config", config)


def config_of(command: Sequence[str]) -> str | None:
    """The settings file of such a run, None of any other command."""
    return command[-1] if command and tuple(command[-4:]) == arguments(command[-1]) else None


def entry_within(words: Words, config: str, at: time | None, opens: time, closes: time) -> Entry:
    """An hourly entry between two hours of a day, the second not included; `at` is its first run.

    Where it is not said, that is half an hour after the first hour. ScheduleError where nothing could leave at `at`,
    or where no scheduler could be told the path.
    """
    for path in (*words, config):
        if any(ord(sign) < ord(" ") or sign == "\x7f" or 0xD800 <= ord(sign) <= 0xDFFF for sign in path):
            shown = path.encode("unicode_escape").decode()
            raise ScheduleError(f"Le chemin « {shown} » ne peut pas être planifié.", "Renommez le dossier.")
    if at is not None and not opens <= at < closes:
        raise ScheduleError(
            f"Rien ne part à {at:%H:%M} : les passages vont de {opens:%H:%M} à {closes:%H:%M}.",
            f"Donnez une heure entre les deux, par exemple --at {opens:%H:%M}.",
        )
    half = (datetime.combine(datetime.min, opens) + timedelta(minutes=_HALF_AN_HOUR)).time()
    first = at or (half if opens < half < closes else opens)
    later = takewhile(lambda hour: time(hour, first.minute) < closes, range(first.hour, 24))
    return Entry(words, config, first, last_hour=[*later][-1])


def unlasting(program: str, machine: Machine, temporary: Path) -> bool:
    """Whether this program lies where it does not stay: a temporary folder, the cache of what runs tools once."""
    places = {program, os.path.realpath(program)}
    folders = [temporary, *machine.caches]
    return any(Path(place).is_relative_to(each) for place in places for each in [*folders, *map(Path.resolve, folders)])


def own_name(stem: str, path_of: Callable[[str], Path], is_ours: Callable[[bytes], bool]) -> tuple[str, bool]:
    """The name under which our file for this dossier stands, and True; else the first that is free, and False.

    A file of somebody else's, or of another dossier, is left alone.
    """
    names = [stem, *(f"{stem}-{number}" for number in range(2, _MANY))]
    files = {name: read_file(path_of(name)) for name in names}
    for name, content in files.items():
        if content is not None and is_ours(content):
            return name, True
    free = [name for name, content in files.items() if content is None]
    if not free:
        raise ScheduleError(f"« {path_of(stem)} » et les noms suivants sont pris.", "Retirez ceux qui ne servent plus.")
    return free[0], False


def configs_within(folder: Path, pattern: str, command_of: Callable[[bytes], Sequence[str]]) -> tuple[str, ...]:
    """The settings files that the files of a folder run; ScheduleError where one of them cannot be read."""
    texts = (read_file(path) for path in sorted(folder.glob(pattern)))
    return tuple(filter(None, (config_of(command_of(text)) for text in texts if text is not None)))


def slug(config: str) -> str:
    """A short name of the dossier, of letters and digits alone."""
    from unicodedata import normalize

    plain = normalize("NFKD", Path(config).parent.name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "dossier"


def read_file(path: Path) -> bytes | None:
    """What stands in a file, None where there is none; ScheduleError where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ScheduleError(
            f"« {path} » ne peut pas être lu ({system_words(error)}).", "Vérifiez ses droits."
        ) from None


def write_file(edit: Edit) -> None:
    """Carry out what was shown; ScheduleError where the file is another one by now, or cannot be written."""
    assert edit.path is not None
    if read_file(edit.path) != edit.before:
        raise changed_meanwhile(str(edit.path))
    try:
        if edit.after is None:
            edit.path.unlink(missing_ok=True)
            return
        edit.path.parent.mkdir(parents=True, exist_ok=True)
        aside = edit.path.with_name(f".{edit.path.name}.relance")
        aside.write_bytes(edit.after)
        aside.replace(edit.path)
    except OSError as error:
        raise ScheduleError(
            f"« {edit.path} » ne peut pas être écrit ({system_words(error)}).", "Vérifiez les droits de son dossier."
        ) from None


def changed_meanwhile(where: str) -> ScheduleError:
    """What was shown is not what is there any more."""
    return ScheduleError(f"« {where} » a changé entre-temps : rien n’y est écrit.", "Relancez la commande.")
