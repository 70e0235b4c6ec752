"""The page of the report from 2,466 real invoices (IBM's), each form of it beside the plan: processor seconds.

python -m bench report [ROUNDS]

Without ../shared/data as many made-up invoices stand in. The goal is under a second for the page, from the start of the
command to its end.
"""

import csv
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import ROOT
from bench.invoices import TODAY, write_csv
from bench.timing import BARE, rounds

DATA = ROOT.parent / "shared" / "data" / "ar-ibm-watson"
COUNT, GOAL = 2466, 1.0
HEADER = ("N° facture", "Client", "Code client", "Date de facture", "Échéance", "Montant TTC", "Payé le")


def write_real(path: Path) -> str:
    """The real file with French headers; returns a day in its middle."""
    (source,) = DATA.glob("*.csv")
    names = ("invoiceNumber", "customerID", "customerID", "InvoiceDate", "DueDate", "InvoiceAmount", "SettledDate")
    with source.open(encoding="utf-8", newline="") as rows, path.open("w", encoding="utf-8", newline="") as written:
        table = csv.writer(written, delimiter=";")
        table.writerow(HEADER)
        table.writerows([row[name] for name in names] for row in csv.DictReader(rows))
    return "2013-06-01"


def main() -> int:
    """Print the medians; 1 where the page takes longer than the goal."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "factures.csv"
        day = write_real(file) if DATA.is_dir() else TODAY.isoformat()
        if not file.exists():
            write_csv(file, COUNT)
        relance, told = (sys.executable, "-m", "relance"), ("--today", day)
        forms = {
            form: (*relance, "report", "--file", file.name, "--format", form, *told) for form in ("html", "json", "csv")
        }
        commands = {"bare": BARE, "plan": (*relance, "plan", file.name, *told), **forms}
        seconds = {what: median(found) for what, found in rounds(commands, count, folder).items()}
    for what, found in seconds.items():
        print(f"{what:6}{found:7.3f} s" + (f"  (goal: under {GOAL:.0f} s)" if what == "html" else ""))
    return int(seconds["html"] >= GOAL)
