"""Whole commands timed in turn by processor, A B C A B C, so that their ratios hold when the machine's speed drifts."""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from resource import struct_rusage
from statistics import median

from bench import ROOT

BARE = (sys.executable, "-c", "pass")


def rounds(commands: Mapping[str, Sequence[str]], count: int, cwd: Path) -> dict[str, list[float]]:
    """Processor seconds of each command of this checkout in each of `count` rounds, after one that is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(count + 1):
        for name, command in commands.items():
            code, used = run(command, cwd)
            if code not in (0, 1):
                raise SystemExit(f"{name}: exit code {code}")
            if turn:
                seconds[name].append(used.ru_utime + used.ru_stime)
    return seconds


def run(command: Sequence[str], cwd: Path) -> tuple[int, struct_rusage]:
    """The exit code of a command whose output goes nowhere, and what it used."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling each module anew is not what a user waits for
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    with chdir(cwd):
        child = os.posix_spawn(command[0], list(command), environment, file_actions=nowhere)
    _, status, used = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), used


def ratio(seconds: Mapping[str, Sequence[float]], name: str, base: str) -> float:
    """The median over the rounds of one command's time divided by another's in the same round."""
    return median(a / b for a, b in zip(seconds[name], seconds[base], strict=True))
