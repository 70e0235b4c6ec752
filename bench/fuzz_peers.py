"""Servers of SMTP and IMAP that answer anything: each session ends in an outcome or in a sentence, none hangs.

python -m bench fuzz_peers [COUNT] [--seed N]
"""

import argparse
import time
import traceback
from collections import Counter

SLOWEST = 2.0  # seconds


def main() -> int:
    """Print the counts of both; 1 where a session raised or took too long."""
    from peer_fuzz import imap_answers, looked_into, sent_over, smtp_answers

    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    counts: Counter[str] = Counter()
    for name, answers, session in (("smtp", smtp_answers, sent_over), ("imap", imap_answers, looked_into)):
        slowest, began = 0.0, time.monotonic()
        for said in answers(told.seed, told.count):
            start = time.perf_counter()
            try:
                session(said)
                counts[f"{name} ended"] += 1
            except Exception:
                counts["RAISED"] += 1
                traceback.print_exc(limit=-3)
                print(said)
            slowest = max(slowest, time.perf_counter() - start)
        counts["SLOW"] += slowest > SLOWEST
        print(f"{name}: seed {told.seed}, {time.monotonic() - began:.0f} s, slowest session {slowest:.3f} s")
    for kind, count in sorted(counts.items()):
        print(f"{kind:12} {count:9,d}")
    return 1 if counts["RAISED"] or counts["SLOW"] else 0
