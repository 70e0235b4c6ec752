"""Start-up, as ratios of processor time in one run: relance beside `python -c pass` and an empty two-command Typer app.

What Tab costs for an invoice is told beside Tab for a closed list, which reads nothing.

python -m bench startup [ROUNDS]
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.invoices import write_csv
from bench.timing import BARE, ratio, rounds, run

EMPTY_APP = """\
import typer
app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)
@app.command()
def plan() -> None: ...
@app.command()
def send() -> None: ...
app()
"""
SETTINGS = """\
[sender]
name = "Camille Moreau"
email = "camille@moreau.example"
[invoices]
file = "../fifty.csv"
[delivery]
transport = "folder"
"""


def main() -> None:
    """Print medians in milliseconds and the ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty.py").write_text(EMPTY_APP, encoding="utf-8")
        write_csv(folder / "fifty.csv", 50)
        python = sys.executable
        settings = folder / "dossier" / "relance.toml"
        settings.parent.mkdir()
        settings.write_text(SETTINGS, encoding="utf-8")
        run((python, "-m", "relance", "send", "--config", str(settings)), folder)
        plan = (python, "-m", "relance", "plan", "fifty.csv", "--today", "2026-11-20")
        seconds = rounds(
            {
                "python -c pass": BARE,
                "empty app": (python, "empty.py", "plan"),
                "empty app --help": (python, "empty.py", "--help"),
                "relance plan, 50 invoices": plan,
                "relance plan --help": (python, "-m", "relance", "plan", "--help"),
                "relance --help": (python, "-m", "relance", "--help"),
                "Tab, a closed list": _tab(settings, "relance hold F --reason ", 4),
                "Tab, an invoice": _tab(settings, "relance hold F", 2),
            },
            count,
            folder,
        )
    for each, values in seconds.items():
        sys.stdout.write(f"{each:28} {median(values) * 1000:7.0f} ms\n")
    helped = ratio(seconds, "relance --help", "empty app --help")
    planned = ratio(seconds, "relance plan, 50 invoices", "empty app")
    tab = 1000 * median(a - b for a, b in zip(seconds["Tab, an invoice"], seconds["Tab, a closed list"], strict=True))
    sys.stdout.write(
        f"plan / python -c pass        {ratio(seconds, 'relance plan, 50 invoices', 'python -c pass'):7.2f}\n"
        f"plan / empty app             {planned:7.2f} (goal: at most 1.6)\n"
        f"--help / empty app --help    {helped:7.2f} (goal: at most 1.2)\n"
        f"an invoice beyond a list     {tab:7.0f} ms (goal: at most 50)\n"
    )


def _tab(settings: Path, typed: str, place: int) -> tuple[str, ...]:
    """What a shell runs at the end of what is typed, of this dossier."""
    asked = (f"COMP_WORDS={typed}", f"COMP_CWORD={place}", "_RELANCE_COMPLETE=complete_bash")
    return ("/usr/bin/env", f"RELANCE_CONFIG={settings}", *asked, sys.executable, "-m", "relance")
