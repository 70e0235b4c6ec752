"""A schedule's other side: a crontab kept in memory, and programs of the system that only write down what they hear."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from hypothesis import strategies as st

from relance.schedule.entry import Entry, Machine
from relance.schedule.tools import Ran

PROGRAM = "/home/zoé/.local/bin/relance"

_ODD = "aZé œ'\"$%&()*~#!;|<>{}[]^`=-."
NAMES = st.text(st.sampled_from(_ODD), min_size=1, max_size=12) | st.text(
    st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="\\/"), min_size=1, max_size=12
)
"""Names of folders that a shell, cron or systemd could misread."""


def an_entry(config: str = "/home/zoé/mes factures/relance.toml", program: str = PROGRAM) -> Entry:
    """Hourly from half past eight."""
    return Entry((program,), config, time(8, 30), last_hour=17)


def machine(home: Path, **environment: str) -> Machine:
    """Somebody's."""
    return Machine(home, environment, 1000)


@dataclass
class Crontab:
    """What `crontab` does, without a process: `text` is the file, None where there is none."""

    text: bytes | None = None
    complaint: str = ""
    writes: int = 0

    def ran(self, words: tuple[str, ...], given: bytes = b"", environment: Mapping[str, str] | None = None) -> Ran:
        """The three ways in which it is used."""
        assert words[0] == "crontab"
        if self.complaint:
            return Ran(1, err=self.complaint)
        if words[1] == "-l":
            return Ran(1, err="no crontab for zoé") if self.text is None else Ran(0, self.text)
        self.writes += 1
        self.text = None if words[1] == "-r" else given
        return Ran(0)


_RECORDS = """#!/bin/sh
echo "${0##*/} $*" >> "$FAKES/calls"
"""
_SCRIPTS = {
    "crontab": """
case "$1" in
-l) cat "$FAKES/crontab" 2> /dev/null || { echo "no crontab for camille" >&2; exit 1; } ;;
-r) rm "$FAKES/crontab" ;;
-) cat > "$FAKES/crontab" ;;
esac
""",
    "systemctl": """
[ -e "$FAKES/no-systemd" ] && { echo "Failed to connect to bus" >&2; exit 1; }
case "$2" in
show-environment) echo "PATH=/usr/bin:/bin"; echo "HOME=$HOME" ;;
enable) touch "$FAKES/enabled" ;;
disable) rm -f "$FAKES/enabled" ;;
is-enabled|is-active) [ -e "$FAKES/enabled" ] ;;
start) line=$(sed -n 's/^ExecStart=//p' "$HOME/.config/systemd/user/relance.service")
       env -i HOME="$HOME" PATH=/usr/bin:/bin sh -c "$line" > "$FAKES/said" 2>&1 ;;
esac
""",
    "loginctl": 'echo "Linger=no"\n',
    "launchctl": '[ "$1" != print ] || grep -q "launchctl bootstrap" "$FAKES/calls"\n',
    "schtasks": '[ "$1" != /Query ] || grep -q "schtasks /Create" "$FAKES/calls"\n',
}


@dataclass
class Fakes:
    """Fakes of what a schedule is told to, first in PATH; each call is a line of `calls`."""

    folder: Path
    names: tuple[str, ...] = field(default=tuple(_SCRIPTS))

    def __post_init__(self) -> None:
        (self.folder / "bin").mkdir(parents=True)
        for name in self.names:
            script(self.folder / "bin" / name, _RECORDS + _SCRIPTS[name])

    @property
    def environment(self) -> dict[str, str]:
        """What makes them found."""
        return {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "FAKES": str(self.folder)}

    @property
    def crontab(self) -> Path:
        """The user's."""
        return self.folder / "crontab"

    @property
    def calls(self) -> list[str]:
        """What was asked of them."""
        path = self.folder / "calls"
        return path.read_text("utf-8").splitlines() if path.exists() else []


def script(path: Path, text: str) -> Path:
    """A program."""
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path
