"""Reading 100,000 rows: CSV beside the csv module, XLSX beside calamine, time and peak memory in one run.

python -m bench reading [ROWS] [ROUNDS]
"""

import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from statistics import median

from bench.invoices import write_csv
from bench.timing import ratio, rounds

BARE_CSV = "import csv; rows = list(csv.reader(open('many.csv', encoding='utf-8'), delimiter=';'))"
BARE_XLSX = (
    "from python_calamine import load_workbook; rows = load_workbook('many.xlsx').get_sheet_by_index(0).to_python()"
)
READ = "from pathlib import Path; from relance.sources import read_source; read_source(Path('many.{}'))"


def write_xlsx(path: Path, source: Path) -> None:
    """The CSV file as a workbook with typed cells."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Factures")
    for line, text in enumerate(source.read_text(encoding="utf-8").splitlines()):
        cells: list[object] = [*text.split(";")]
        if line:
            for place in (4, 5):
                cells[place] = datetime.strptime(str(cells[place]), "%d/%m/%Y")
            for place in (6, 7):
                cells[place] = float(str(cells[place]).replace(",", ".")) if cells[place] else None
        sheet.append(cells)
    book.save(path)


def peak_mb(command: tuple[str, ...], cwd: Path) -> float:
    """The peak resident memory of the largest process of a command, in MB (10^6 bytes)."""
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.chdir(cwd)
        os.dup2(writer, 1)
        os.execv(sys.executable, (sys.executable, "-c", script, *command))
    os.close(writer)
    with os.fdopen(reader) as output:
        found = int(output.read().split()[-1])
    os.waitpid(pid, 0)
    return found * 1024 / 1e6


def main() -> None:
    """Print the medians, the ratios and the peaks."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_csv(folder / "many.csv", rows)
        write_xlsx(folder / "many.xlsx", folder / "many.csv")
        python = (sys.executable, "-c")
        commands = {
            "csv module": (*python, BARE_CSV),
            "relance, CSV": (*python, READ.format("csv")),
            "calamine": (*python, BARE_XLSX),
            "relance, XLSX": (*python, READ.format("xlsx")),
        }
        seconds = rounds(commands, count, folder)
        peaks = {name: peak_mb(command, folder) for name, command in commands.items()}
    print(f"{rows:,d} rows, median of {count} rounds, whole processes")
    for each, values in seconds.items():
        print(f"{each:16} {median(values):7.2f} s {peaks[each]:7.0f} MB")
    print(f"CSV / csv module {ratio(seconds, 'relance, CSV', 'csv module'):7.1f} (goal: at most 8)")
    print(f"XLSX / calamine  {ratio(seconds, 'relance, XLSX', 'calamine'):7.1f} (goal: at most 3)")
