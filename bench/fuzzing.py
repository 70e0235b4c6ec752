"""The loop of the fuzzes of files: one is changed, read, counted by what became of it, and kept where it shows a fault.

What became of a file is a word; in capitals it is a fault.
"""

import argparse
import random
import resource
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from relance.errors import SourceError

SLOWEST = 30.0
"""Seconds: beyond, a file hangs."""


class Changed(NamedTuple):
    """A changed file: what it was made of, under what name it is read, its octets, and what `told` makes of it there.

    Whatever `told` raises is a fault, but for SourceError: the file is refused.
    """

    seed: str
    name: str
    content: bytes
    told: Callable[[Path], str]


def options(*more: tuple[str, tuple[str, ...]]) -> argparse.Namespace:
    """What was asked for; `more` are options of this fuzz alone, each with what it takes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "relance-fuzz")
    for name, choices in more:
        parser.add_argument(name, choices=choices)
    return parser.parse_args()


def run(asked: argparse.Namespace, change: Callable[[random.Random], Changed], *, most_memory: float = 0) -> int:
    """Until the time is over; 1 where a file showed a fault, or this process held more MB than that (0: any)."""
    chance, counts, slowest = random.Random(asked.seed), Counter[str](), 0.0
    end = time.monotonic() + asked.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            changed = change(chance)
            path = Path(folder) / changed.name
            path.write_bytes(changed.content)
            start = time.monotonic()
            kind = _told(changed, path)
            took = time.monotonic() - start
            slowest = max(slowest, took)
            kind = "HANG" if took > SLOWEST else kind
            counts[kind] += 1
            if kind.isupper():
                asked.keep.mkdir(parents=True, exist_ok=True)
                name = f"{kind}-{asked.seed}-{counts.total()}-{changed.seed.replace(' ', '-')}"
                (asked.keep / name).write_bytes(changed.content)
            path.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"seed {asked.seed}, {asked.minutes} minutes, slowest file {slowest:.2f} s, peak {peak:.0f} MB")
    for kind, count in sorted(counts.items()):
        print(f"{kind:16} {count:9,d}")
    return int(any(map(str.isupper, counts)) or 0 < most_memory < peak)


def _told(changed: Changed, path: Path) -> str:
    try:
        return changed.told(path)
    except SourceError:
        return "refused"
    except Exception:
        traceback.print_exc()
        return "CRASH"
