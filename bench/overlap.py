"""Many overlapping starts of `relance send`: whatever their number, each message leaves once.

python -m bench overlap [STARTS]          1,000 by default, eight processes at a time
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from crash_support import DAY, NUMBERS, Bench, bench

TOGETHER = 8
STARTER = """
import os, sys
from relance.__main__ import run
from relance.cli import app
import relance.runs.send, relance.journal, relance.delivery.transaction, relance.letters.render, relance.sources
left, command = int(sys.argv[1]), sys.argv[2:]
while left:
    children = []
    for _ in range(min(4, left)):
        child = os.fork()
        if not child:
            os._exit(run(command))
        children.append(child)
    left -= len(children)
    for child in children:
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
"""Forks its starts out of a process that has everything imported, four at a time: they overlap far more often."""


def overlapping(made: Bench, starts: int) -> tuple[Counter[int], bool]:
    """Start that many runs, eight at a time; their exit codes, and whether each invoice was taken exactly once."""
    made.renew()
    command = ("send", "--yes", "--config", str(made.here / "relance.toml"), "--today", DAY)
    halves = [starts // 2, starts - starts // 2]
    crowd = [
        subprocess.Popen([sys.executable, "-c", STARTER, str(half), *command], stdout=subprocess.PIPE, text=True)
        for half in halves
    ]
    codes = Counter(int(line) for starter in crowd for line in starter.communicate()[0].split())
    verdict = made.counted(made.nowhere, True)
    return codes, not (verdict.twice or verdict.lost or verdict.doubtful)


def main() -> int:
    """Print the counts; 1 where anything left twice or not at all."""
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as made:
        codes, once = overlapping(made, starts)
        taken = len(made.server.taken)
    print(
        f"{starts} starts, exit codes {dict(codes)}: {taken} messages about {len(NUMBERS)} invoices taken, "
        f"each {'exactly once' if once else 'NOT once'}; {time.monotonic() - began:.0f} s"
    )
    return 0 if once else 1
