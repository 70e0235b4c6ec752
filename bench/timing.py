"""Whole commands timed in turn, A B C A B C, so that their ratios hold when the machine's speed drifts."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

BARE = (sys.executable, "-c", "pass")


def rounds(commands: Mapping[str, Sequence[str]], count: int, cwd: Path) -> dict[str, list[float]]:
    """Wall seconds of each command in each of `count` rounds, after one round that is not counted."""
    environment = {**os.environ, "PYTHONPATH": "", "NO_COLOR": "1"}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(count + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            done = subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, check=False)
            elapsed = time.perf_counter() - start
            if done.returncode not in (0, 1):
                raise SystemExit(f"{name}: exit code {done.returncode}")
            if turn:
                seconds[name].append(elapsed)
    return seconds


def ratio(seconds: Mapping[str, Sequence[float]], name: str, base: str) -> float:
    """The median over the rounds of one command's time divided by another's in the same round."""
    return median(a / b for a, b in zip(seconds[name], seconds[base], strict=True))
