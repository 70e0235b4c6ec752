"""Many overlapping starts of `relance send` while things are told: each message once, and none about what was told.

python -m bench overlap [STARTS]          1,000 by default, eight processes at a time

In rounds of ten starts. In each, a payment, a pause or a contact is told from another process once the server has
heard so many commands, another number each time: while the run that got the lock is at any of its steps. What was noted
without a warning must not leave afterwards. A last run sends what was kept back, and then everything is counted.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from crash_support import DAY, NUMBERS, Bench, Point, bench

IN_A_ROUND = 10
FACTS = (
    *(("pay", number) for number in NUMBERS),
    # Not of one among several: it would still stand in their message, among what is open besides.
    *(("hold", number, "--reason", "pause", "--until", "2026-12-31") for number in ("F-1", "F-2")),
    *(("record", number, "--stage", "friendly", "--channel", "email") for number in ("F-1", "F-2")),
)
"""What is told, one a round: the command, the invoice, its options."""
STARTER = """
import os, sys
from relance.__main__ import run
from relance.cli import app, daily, facts
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
        print("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Forks its starts out of a process that has everything imported, four at a time: they overlap far more often."""


class Round(NamedTuple):
    """What became of one round: the exit codes, what was told, and how often the server took each invoice.

    `noted` and `warned` are what the command answered, `before` and `after` how often the server had taken the invoice
    that was told of, when the command began and at the end.
    """

    codes: Counter[int]
    told: tuple[str, ...]
    noted: bool
    warned: bool
    before: int
    after: int
    twice: tuple[str, ...]
    lost: tuple[str, ...]

    @property
    def wrong(self) -> bool:
        """Something left twice, was lost, or left after it was noted, without a word."""
        unheeded = self.noted and not self.warned and self.after > self.before
        return bool(self.twice or self.lost or unheeded)


def one_round(made: Bench, starts: int, told: tuple[str, ...], heard: int) -> Round:
    """That many starts; once the server heard so many commands, this is told (its second word is the invoice)."""
    made.renew()
    command = ("send", "--yes", "--config", str(made.here / "relance.toml"), "--today", DAY)
    halves = [half for half in (starts // 2, starts - starts // 2) if half]
    with made.at_home():
        crowd = [
            subprocess.Popen([sys.executable, "-c", STARTER, str(half), *command], stdout=subprocess.PIPE, text=True)
            for half in halves
        ]
    while made.server.heard < heard and any(starter.poll() is None for starter in crowd):
        time.sleep(0.0005)
    before = made.times(told[1])
    code, said = made.calmly(*told)
    ends = [line.split() for starter in crowd for line in starter.communicate()[0].splitlines()]
    codes = Counter(int(end[1]) for end in ends if end[:1] == ["exit"])
    made.calmly("send")
    verdict = made.counted(Point("", 0), True)
    lost = {*verdict.lost, *verdict.doubtful} - ({told[1]} if code != 2 else set())
    return Round(
        codes,
        told,
        noted=code != 2,
        warned="Attention" in said,
        before=before,
        after=made.times(told[1]),
        twice=verdict.twice,
        lost=tuple(sorted(lost)),
    )


def rounds(made: Bench, starts: int) -> list[Round]:
    """So many starts, in rounds, each with another fact at another moment; the same ones each time."""
    made.renew()
    assert 0 == made.calmly("send")[0]
    steps, chance = made.server.heard, random.Random(17)
    found: list[Round] = []
    for done in range(0, starts, IN_A_ROUND):
        told, heard = FACTS[len(found) % len(FACTS)], chance.randint(0, steps)
        found.append(one_round(made, min(IN_A_ROUND, starts - done), told, heard))
    return found


def main() -> int:
    """Print the counts; 1 where anything left twice, not at all, or although it was told in time."""
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder)) as made:
        found = rounds(made, starts)
    wrong = [each for each in found if each.wrong]
    for each in wrong:
        print(each)
    codes = sum((each.codes for each in found), Counter[int]())
    heeded = sum(each.noted and not each.after for each in found)
    refused = sum(not each.noted for each in found)
    late = sum(each.noted and each.warned and each.after > 0 for each in found)
    print(f"{codes.total()} starts in {len(found)} rounds, exit codes {dict(codes)}; {time.monotonic() - began:.0f} s")
    print(
        f"told {len(found)}: heeded {heeded}, said to be too late {late}, refused {refused}, the others after the end"
    )
    print(f"wrong rounds {len(wrong)}" + ("" if wrong else ": each message once, none after what was told in time"))
    return 1 if wrong else 0
