"""`relance plan` on 100,000 CSV rows to JSON, in processor seconds and MB, beside a bare parse of the same file.

python -m bench volume [ROWS] [ROUNDS]
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.invoices import write_csv
from bench.timing import ratio, rounds, run

BARE_PARSE = "import csv; rows = list(csv.reader(open('many.csv', encoding='utf-8'), delimiter=';'))"


def main() -> None:
    """Print the medians, the ratio and the peak."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csv(folder / "many.csv", rows)
        plan = (sys.executable, "-m", "relance", "plan", "many.csv", "--today", "2026-11-20", "--format", "json")
        seconds = rounds({"bare parse": (sys.executable, "-c", BARE_PARSE), "plan": plan}, count, folder)
        peak = run(plan, folder)[1].ru_maxrss * 1024 / 1e6  # MB of 10^6 bytes
    sys.stdout.write(
        f"rows                  {rows:9,d}\n"
        f"bare parse            {median(seconds['bare parse']):9.2f} s\n"
        f"plan --format json    {median(seconds['plan']):9.2f} s (goal at 100,000: under 6)\n"
        f"plan / bare parse     {ratio(seconds, 'plan', 'bare parse'):9.1f}\n"
        f"peak memory           {peak:9.0f} MB (goal at 100,000: under 400)\n"
    )
