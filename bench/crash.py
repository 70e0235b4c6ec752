"""Kill `relance send` at every system call, or make every disk call fail, and count duplicates, losses and doubts.

python -m bench crash                     kill -9 at each call after the lock
python -m bench crash --errors            ENOSPC, EIO, EINTR, EACCES at each write, flush, opening, removal
python -m bench crash --lose receipts     kill, and delete the receipts before the next run
python -m bench crash --lose journal      kill, delete the journal, `relance repair`
python -m bench crash --lose "old journal" kill, and put the journal (receipts, witness) back to before the run
python -m bench crash --tell              stop, tell of a payment, and go on
python -m bench crash --way drafts        into a mailbox's Drafts, by IMAP (copies: by SMTP, with copies in Sent)
--every N takes each N-th point, --workers how many at once; needs strace.
"""

import argparse
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from crash_support import OLD, Point, Told, Verdict, Way, bench, failing


def _work(folder: str, points: list[Point], lose: str, way: Way) -> list[Verdict]:
    with bench(Path(folder), way) as made:
        return [made.verdict(point, lose) for point in points]


def _tell(folder: str, points: list[Point]) -> list[Told]:
    with bench(Path(folder)) as made:
        return [made.told_at(point, "F-2") for point in points]


def _told(found: list[Told]) -> int:
    wrong = [each for each in found if each.wrong]
    for each in wrong:
        print(each)
    heeded = sum(each.noted and not each.taken for each in found)
    late = sum(each.warned for each in found)
    print(f"points tried {len(found)}: heeded {heeded}, said to be too late {late}, wrong {len(wrong)}")
    return 1 if wrong else 0


def main() -> int:
    """Print the counts; 1 where anything left twice or was lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--lose", choices=("receipts", "journal", *OLD), default="")
    parser.add_argument("--tell", action="store_true")
    parser.add_argument("--way", choices=("smtp", "drafts", "copies"), default="smtp")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    told = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        with bench(Path(folder) / "list", told.way) as made:
            points = made.points()
        chosen = (failing(points) if told.errors else points)[:: told.every]
        shares = [chosen[i :: told.workers] for i in range(told.workers)]
        with ProcessPoolExecutor(told.workers) as pool:
            if told.tell:
                jobs_of = [pool.submit(_tell, f"{folder}/{i}", share) for i, share in enumerate(shares)]
                return _told([each for job in jobs_of for each in job.result()])
            jobs = [pool.submit(_work, f"{folder}/{i}", share, told.lose, told.way) for i, share in enumerate(shares)]
            verdicts = [verdict for job in jobs for verdict in job.result()]
    bad = [v for v in verdicts if v.twice or v.lost]
    doubtful = [v for v in verdicts if v.doubtful]
    for verdict in bad + doubtful:
        print(verdict)
    happened = sum(v.happened for v in verdicts)
    print(f"calls after the lock: {len(points)}; by name: {dict(Counter(p.name for p in points).most_common(12))}")
    print(
        f"points tried {len(verdicts)}, of which {happened} hit; sent twice {sum(bool(v.twice) for v in verdicts)}, "
        f"lost {sum(bool(v.lost) for v in verdicts)}, in doubt {len(doubtful)} "
        f"({100 * len(doubtful) / max(1, happened):.1f} %); {time.monotonic() - began:.0f} s"
    )
    return 1 if bad else 0
