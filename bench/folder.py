"""`relance plan` on 1,000 e-invoices as PDFs: read for the first time, read again, and beside a CSV of the same rows.

python -m bench folder [DOCUMENTS] [ROUNDS]

Each PDF has 90 kB: an e-invoice, and a picture that does not compress. Whole commands, by the clock and the processor;
the files are in the system's own cache.
"""

import csv
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.timing import run

TODAY = "2026-11-20"
SETTINGS = """[sender]
name = "Camille Moreau"
email = "camille@moreau.example"
siret = "73282932000074"
[invoices]
file = "{file}"
"""
FILLING = 90_000
HEADER = ["N° facture", "Client", "SIRET", "E-mail", "Date de facture", "Échéance", "Total TTC", "Déjà payé", "PDF"]


def write(folder: Path, documents: int) -> None:
    """A dossier with the PDFs, and one with a CSV of the same rows and the same PDFs beside it."""
    from einvoice_support import HER, cii, pdf

    chance = random.Random(7)
    for name, file in (("pdfs", "factures/"), ("rows", "factures.csv")):
        (folder / name / "factures").mkdir(parents=True)
        (folder / name / "relance.toml").write_text(SETTINGS.format(file=file), encoding="utf-8")
    rows = [HEADER]
    for place in range(documents):
        number, total = f"F-2026-{place:04}", f"{chance.randrange(10_000, 900_000) / 100:.2f}"
        month, day = chance.randrange(1, 11), chance.randrange(1, 28)
        words = {
            "number": number,
            "total": total,
            "issued": f"2026-{month:02}-{day:02}",
            "due": f"2026-{month + 1:02}-{day:02}",
        }
        customer = {**HER, "name": f"Client {place % 40}", "email": f"compta@client{place % 40}.example"}
        customer |= {"siren": f"{552100000 + place % 40}", "siret": f"{552100000 + place % 40}00013"}
        picture = b"9 0 obj\n<< /Type /XObject /Subtype /Image /Length 90000 >>\nstream\n" + chance.randbytes(FILLING)
        data = pdf(cii(**words, buyer=customer), extra=picture + b"\nendstream\nendobj\n")
        for name in ("pdfs", "rows"):
            (folder / name / "factures" / f"{number}.pdf").write_bytes(data)
        dates = (words["issued"], words["due"])
        siret, email = str(customer["siret"]), str(customer["email"])
        rows.append(
            [
                number,
                str(customer["name"]),
                siret,
                email,
                *dates,
                total.replace(".", ","),
                "0,00",
                f"factures/{number}.pdf",
            ]
        )
    with (folder / "rows" / "factures.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";").writerows(rows)


def timed(folder: Path) -> tuple[float, float, float]:
    """Seconds by the clock and of the processor, and the peak in MB, of the plan of a dossier."""
    before = time.monotonic()
    code, used = run((sys.executable, "-m", "relance", "plan", "--today", TODAY, "--format", "json"), folder)
    if code not in (0, 1):
        raise SystemExit(f"{folder.name}: exit code {code}")
    return time.monotonic() - before, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6


def main() -> None:
    """Print the medians of the rounds."""
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    found: dict[str, list[tuple[float, float, float]]] = {"cold": [], "warm": [], "csv": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, documents)
        timed(folder / "rows")  # modules are compiled
        time.sleep(3)  # what was written just now is read again
        for _ in range(count):
            (folder / "pdfs" / "relance-journal.factures").unlink(missing_ok=True)
            for what, where in (("cold", "pdfs"), ("warm", "pdfs"), ("csv", "rows")):
                found[what].append(timed(folder / where))
    told = {what: tuple(median(column) for column in zip(*rounds, strict=True)) for what, rounds in found.items()}
    sys.stdout.write(f"documents {documents:,d}      clock   processor   peak\n")
    for what, (clock, used, peak) in told.items():
        sys.stdout.write(f"{what:15} {clock:9.2f} s {used:9.2f} s {peak:6.0f} MB\n")
    more = told["warm"][0] - told["csv"][0]
    sys.stdout.write(f"warm over CSV   {more:9.2f} s (goal at 1,000: under 0.5; cold: under 10)\n")
