"""Start-up, as ratios of processor time in one run: relance beside `python -c pass` and an empty two-command Typer app.

python -m bench startup [ROUNDS]
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.invoices import write_csv
from bench.timing import BARE, ratio, rounds

EMPTY_APP = """\
import typer
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
@app.command()
def plan() -> None: ...
@app.command()
def send() -> None: ...
app()
"""


def main() -> None:
    """Print medians in milliseconds and the ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty.py").write_text(EMPTY_APP, encoding="utf-8")
        write_csv(folder / "fifty.csv", 50)
        python = sys.executable
        plan = (python, "-m", "relance", "plan", "fifty.csv", "--today", "2026-11-20")
        seconds = rounds(
            {
                "python -c pass": BARE,
                "empty app": (python, "empty.py", "plan"),
                "empty app --help": (python, "empty.py", "--help"),
                "relance plan, 50 invoices": plan,
                "relance plan --help": (python, "-m", "relance", "plan", "--help"),
                "relance --help": (python, "-m", "relance", "--help"),
            },
            count,
            folder,
        )
    for each, values in seconds.items():
        sys.stdout.write(f"{each:28} {median(values) * 1000:7.0f} ms\n")
    helped = ratio(seconds, "relance --help", "empty app --help")
    planned = ratio(seconds, "relance plan, 50 invoices", "empty app")
    sys.stdout.write(
        f"plan / python -c pass        {ratio(seconds, 'relance plan, 50 invoices', 'python -c pass'):7.2f}\n"
        f"plan / empty app             {planned:7.2f} (goal: at most 1.6)\n"
        f"--help / empty app --help    {helped:7.2f} (goal: at most 1.2)\n"
    )
