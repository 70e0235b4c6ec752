"""Mutated and cut exports of statuses, CDAR messages and tables: each is read, held or refused, in bounded memory.

A message that was cut tells nothing of its own.

python -m bench fuzz_statuses [--minutes 10] [--seed N] [--keep FOLDER]
"""

import argparse
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from bench.fuzz_einvoices import reworded
from bench.fuzz_reading import mutated
from relance.core.lifecycle import KINDS
from relance.sources.source import Limits
from relance.sources.statuses import read_statuses

SLOWEST = 10.0
"""Seconds: beyond, a file hangs."""
MOST_MEMORY = 400
"""MB that the process may have held at once."""


def seeds() -> dict[str, bytes]:
    """A message of each status, one of several, and tables of all."""
    from status_support import Cdar, cdar, table

    each = [
        Cdar("F-2026-001", code, kind.label, reasons=tuple(sorted(kind.reasons))[:2], sums=("1000.00", "200.00"))
        for code, kind in KINDS.items()
    ]
    rows = [("F-2026-001", kind.label, code, "03/11/2026 10:12", "AUTRE", "12,50") for code, kind in KINDS.items()]
    found = {f"{told.code}.xml": cdar(told) for told in each}
    return found | {
        "all.xml": cdar(*each),
        "all.csv": table(*rows).encode(),
        "latin.csv": table(*rows).encode("cp1252"),
    }


def changed(chance: random.Random, name: str, data: bytes) -> tuple[bytes, bool]:
    """A mutation of a file and whether it is but a cut."""
    if chance.random() < 0.2:
        return data[: chance.randrange(len(data))], True
    change = chance.choice((mutated, reworded)) if name.endswith(".xml") else mutated
    return change(chance, data), False


def told(path: Path) -> str:
    """What became of the file; a row is of a status of the table, or has a fault that says why not."""
    found = read_statuses([path.parent], Limits())
    if not found.rows:
        return "refused" if found.problems else "empty"
    whole = all(bool(row.fault) != bool(row.code in KINDS and row.number) for row in found.rows)
    if not whole:
        return "WRONG"
    return "read" if any(row.code for row in found.rows) else "held"


def main() -> None:
    """Runs until the time is over; exit code 1 where a file crashed the reader, took too long or told what it lacks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "relance-fuzz")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**9)
    chance, corpus, counts = random.Random(seed), seeds(), Counter[str]()
    slowest, end = 0.0, time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            name = chance.choice(list(corpus))
            content, cut = changed(chance, name, corpus[name])
            path, start = Path(folder) / f"export{name[-4:]}", time.process_time()
            path.write_bytes(content)
            try:
                kind = told(path)
            except Exception:
                kind = "CRASH"
                traceback.print_exc()
            took = time.process_time() - start
            slowest = max(slowest, took)
            kind = "HANG" if took > SLOWEST else "TOLD" if cut and name.endswith(".xml") and kind == "read" else kind
            counts[kind] += 1
            if kind.isupper():
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{kind}-{sum(counts.values())}-{name}").write_bytes(content)
            path.unlink()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"seed {seed}, {options.minutes} minutes, slowest file {slowest:.2f} s, peak {peak:.0f} MB")
    for kind, count in sorted(counts.items()):
        print(f"{kind:16} {count:9,d}")
    sys.exit(1 if any(kind.isupper() for kind in counts) or peak > MOST_MEMORY else 0)
