"""A run of the schedule with nothing due: processor time, beside `python -c pass`.

python -m bench idle [ROUNDS]
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.invoices import write_csv
from bench.startup import SETTINGS
from bench.timing import BARE, rounds, run

GOAL = 300  # milliseconds


def main() -> int:
    """Print medians in milliseconds; 1 where a run with nothing to do takes longer than it may."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csv(folder / "fifty.csv", 50)
        settings = folder / "dossier" / "relance.toml"
        settings.parent.mkdir()
        settings.write_text(f'{SETTINGS}[policy]\nhours = "00:00-24:00"\nmax_per_run = 10000\n', encoding="utf-8")
        again = (sys.executable, "-m", "relance", "send", "--unattended", "--config", str(settings))
        for _ in range(2):  # what is due leaves, then there is nothing
            run(again, folder)
        seconds = rounds({"python -c pass": BARE, "send --unattended, nothing due": again}, count, folder)
    for each, values in seconds.items():
        sys.stdout.write(f"{each:32} {median(values) * 1000:7.0f} ms\n")
    taken = median(seconds["send --unattended, nothing due"]) * 1000
    sys.stdout.write(f"goal: at most {GOAL} ms\n")
    return int(taken > GOAL)


if __name__ == "__main__":
    sys.exit(main())
