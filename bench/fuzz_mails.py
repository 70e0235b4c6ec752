"""Mails that nobody would write, half a million: each is read or told unreadable, none raises, none takes long.

python -m bench fuzz_mails [COUNT] [--seed N] [--keep FOLDER]
"""

import argparse
import tempfile
import time
import traceback
from collections import Counter
from datetime import date
from pathlib import Path

SLOWEST = 2.0  # seconds: beyond, a mail holds the run up


def main() -> int:
    """Print the counts; 1 where a mail raised or took too long."""
    from mail_fuzz import heard_of, mails

    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "relance-fuzz")
    told = parser.parse_args()
    counts: Counter[str] = Counter()
    slowest, began = 0.0, time.monotonic()
    for number, raw in enumerate(mails(told.seed, told.count)):
        start = time.perf_counter()
        try:
            counts["unreadable" if heard_of(raw, date(2026, 11, 23)).unreadable else "read"] += 1
        except Exception:
            counts["RAISED"] += 1
            traceback.print_exc(limit=-3)
            told.keep.mkdir(parents=True, exist_ok=True)
            (told.keep / f"{told.seed}-{number}.eml").write_bytes(raw)
        took = time.perf_counter() - start
        slowest = max(slowest, took)
        counts["SLOW"] += took > SLOWEST
    print(f"seed {told.seed}, {time.monotonic() - began:.0f} s, slowest mail {slowest:.3f} s")
    for kind, count in sorted(counts.items()):
        print(f"{kind:12} {count:9,d}")
    return 1 if counts["RAISED"] or counts["SLOW"] else 0
