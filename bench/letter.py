"""One formal notice as a PDF: words, payment code and layout apart, and the whole command as a process.

python -m bench letter [ROUNDS]
"""

import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

from relance.core.history import History
from relance.core.invoice import Customer, Invoice, Kind
from relance.core.message import Sender
from relance.core.plan import Reminder
from relance.core.planning import judge
from relance.core.policy import DEFAULT_STAGES, DunningPolicy
from relance.letters.paper import paper, print_letter
from relance.letters.templates import load_templates
from relance.letters.views import Background

TODAY = date(2026, 4, 1)
POLICY = DunningPolicy()
SENDER = Sender("Camille Moreau", "camille@moreau.example", iban="FR7630004000031234567890143", address="44000 Nantes")
GOAL = 0.3  # seconds a letter


def reminder(count: int) -> Reminder:
    """A formal notice about so many invoices, a month late and more."""
    customer = Customer("Atelier Martin SARL", address="3 rue des Lilas\n69001 Lyon", kind=Kind.BUSINESS)
    stage = DEFAULT_STAGES[-1]
    lines = []
    for i in range(count):
        due = TODAY - timedelta(days=30 + i)
        invoice = Invoice(f"F-2026-{i:03}", customer, due, Decimal("1200.00") + i, due - timedelta(days=30))
        lines.append(judge(invoice, History(), POLICY, TODAY)._replace(acting=stage))
    told = tuple(lines)
    return Reminder(customer, stage, "email", "EUR", told, term=TODAY + timedelta(days=8), charged=told)


def letters(count: int, rounds: int) -> tuple[list[float], list[float], int]:
    """Seconds of the words and of the printing of each letter, after a first one that is not counted; its octets."""
    templates = load_templates()
    made = reminder(count)
    words, prints, size = [], [], 0
    for turn in range(rounds + 1):
        day = TODAY + timedelta(days=turn)
        start = time.perf_counter()
        values = paper(templates, made._replace(term=day + timedelta(days=8)), Background(SENDER))
        middle = time.perf_counter()
        size = len(print_letter(templates, values))
        if turn:
            words.append(middle - start)
            prints.append(time.perf_counter() - middle)
    return words, prints, size


def whole(rounds: int) -> list[float]:
    """Seconds of `relance letter` from the shell, the file read and the PDF written."""
    seconds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "factures.csv").write_text(
            "Numéro;Client;E-mail;Date;Échéance;Montant TTC\n"
            "F-1;Alpha SARL;a@alpha.example;01/02/2026;02/03/2026;1200,00\n",
            encoding="utf-8",
        )
        (folder / "relance.toml").write_text(
            f'[sender]\nname = "{SENDER.name}"\nemail = "{SENDER.email}"\niban = "{SENDER.iban}"\n'
            '[invoices]\nfile = "factures.csv"\n',
            encoding="utf-8",
        )
        command = (sys.executable, "-m", "relance", "letter", "F-1", "-o", "l.pdf", "--force", "--today", "2026-04-01")
        for _ in range(rounds):
            start = time.perf_counter()
            done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False)
            seconds.append(time.perf_counter() - start)
            if done.returncode not in (0, 1):
                raise SystemExit(f"exit code {done.returncode}")
    return seconds


def main() -> None:
    """Print medians in milliseconds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for count in (1, 3, 20):
        words, prints, size = letters(count, rounds)
        total = median(w + p for w, p in zip(words, prints, strict=True))
        print(
            f"{count:2} invoices: words and code {median(words) * 1000:5.0f} ms, "
            f"printing {median(prints) * 1000:5.0f} ms, "
            f"letter {total * 1000:5.0f} ms (goal: under {GOAL * 1000:.0f}), {size / 1024:.0f} KB"
        )
    print(f"relance letter, whole command {median(whole(rounds)) * 1000:5.0f} ms")
