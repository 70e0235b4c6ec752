"""What five years of use weigh on the disk, and what an idle `send` costs then, beside one of the first days.

python -m bench years [ROUNDS]            a message a day about 200 invoices, each with a PDF of 150 KB

The journal is written as the program writes it, but for the waiting on the disk. A file of 200 invoices of which none
is due is read by both dossiers; what is measured is processor time, in turns, of the whole command.
"""

import random
import sys
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

from bench.timing import ratio, run
from relance.core.facts import Held, HoldReason, Released
from relance.core.invoice import Customer, Snapshot
from relance.core.message import Attachment, Key, Letter, Message, Sender
from relance.journal import Settled, State, open_journal
from relance.letters.compose import compose

TODAY, YEARS, INVOICES = date(2026, 11, 25), 5, 200
SIZE_GOAL, RATIO_GOAL = 150.0, 1.3
JOURNAL = "relance-journal.sqlite3"
STAGES = ("courtesy", "friendly", "firm", "formal_notice")
SENDER = Sender("Camille Martin", "camille@martin.example")
TEXT = "Bonjour,\n\n" + "Sauf erreur de notre part, votre facture reste impayée à ce jour.\n" * 20
SETTINGS = """[sender]
name = "Camille Martin"
email = "camille@martin.example"
[invoices]
file = "factures.csv"
max_age_days = 0
max_age_days_firm = 0
[smtp]
host = "127.0.0.1"
port = 9
security = "none"
"""


def dossier(folder: Path) -> None:
    """Settings and a file of which nothing is due: a tenth is open, and due in a month."""
    folder.mkdir()
    (folder / "relance.toml").write_text(SETTINGS, encoding="utf-8")
    lines = ["N° facture;Client;E-mail;Date de facture;Échéance;Montant TTC;Payé"]
    for n in range(INVOICES):
        issued = TODAY - timedelta(days=4 + 9 * (INVOICES - 1 - n))
        due, paid = issued + timedelta(days=34), "100,00" if n < INVOICES - INVOICES // 10 else ""
        if not paid:
            issued, due = TODAY - timedelta(days=4), TODAY + timedelta(days=30)
        lines.append(
            f"{number(n)};Client {n % 40};compta@c{n % 40}.example;{issued:%d/%m/%Y};{due:%d/%m/%Y};100,00;{paid}"
        )
    (folder / "factures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def number(n: int) -> str:
    """What an invoice is called."""
    return f"F-{n:04d}"


def letter(day: int, pdf: bytes) -> Message:
    """The message of that day: each invoice is told of once a stage, then its ladder begins again."""
    n, turn = day % INVOICES, day // INVOICES
    on = TODAY - timedelta(days=YEARS * 365 - day)
    issued = TODAY - timedelta(days=4 + 9 * (INVOICES - 1 - n))
    snapshot = Snapshot(f"client {n % 40}", (f"compta@c{n % 40}.example",), Decimal("100.00"), issued)
    key = Key(f"{number(n)}/{issued.year}", number(n), STAGES[turn % 4], "email", turn // 4, snapshot)
    customer = Customer(f"Client {n % 40}", emails=(f"compta@c{n % 40}.example",))
    at = datetime.combine(on, time(9), UTC)
    return compose(Letter("Facture échue", TEXT), SENDER, customer, (key,), key.stage, at, [Attachment("f.pdf", pdf)])


def live(folder: Path) -> None:
    """Five years: a message a day that leaves, something told each week, a copy a day."""
    noise = random.Random(17)
    pdfs = [b"%PDF-1.7\n" + noise.randbytes(150_000) for _ in range(INVOICES)]
    days = YEARS * 365
    clock = [TODAY - timedelta(days=days)]
    path = folder / JOURNAL
    with open_journal(path, clock[0], create=True, now=lambda: datetime.combine(clock[0], time(9), UTC)) as journal:
        journal._db.execute("PRAGMA synchronous = OFF")
        for day in range(days):
            clock[0] = TODAY - timedelta(days=days - day)
            if day % 30 == 0:
                journal.recover()
            journal._generations._reach = None  # each day is a run of its own
            [found] = journal.prepare([letter(day, pdfs[day % INVOICES])], clock[0])
            journal.at_dot(found, "mx.test:25")
            journal.answered(found, Settled(State.SENT, 250, "2.0.0 Ok: queued as 4F1"))
            journal.flush()
            if day % 7 == 0:
                target = number(day % INVOICES)
                journal.record(Held(f"{target}/2020", HoldReason.PAUSE, clock[0]), Released(f"{target}/2020", clock[0]))
            if day % 30 == 29 or day > days - 40:
                journal.back_up(clock[0])


def weight(folder: Path) -> float:
    """Megabytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> int:
    """Print the weight and the ratios; 1 where a goal is missed."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as name:
        young, old = Path(name) / "first day", Path(name) / "fifth year"
        for folder in (young, old):
            dossier(folder)
        live(old)
        seconds: dict[str, list[float]] = {}
        for turn in range(count + 1):
            for folder in (young, old):
                for which in ("first of a day", "later"):
                    used = send(folder, TODAY + timedelta(days=turn))
                    if turn:
                        seconds.setdefault(f"{which}, {folder.name}", []).append(used)
        heavy = weight(old)
        for label, found in seconds.items():
            print(f"idle send, {label:27}{1000 * median(found):6.0f} ms")
        names = ((f"{which}, {old.name}", f"{which}, {young.name}") for which in ("first of a day", "later"))
        ratios = [ratio(seconds, *pair) for pair in names]
    print(f"five years weigh       {heavy:6.1f} MB (goal: {SIZE_GOAL:.0f})")
    print(
        f"fifth year/first day {ratios[0]:.2f} for the first send of a day, {ratios[1]:.2f} later (goal: {RATIO_GOAL})"
    )
    return int(heavy > SIZE_GOAL or max(ratios) > RATIO_GOAL)


def send(folder: Path, day: date) -> float:
    """Processor seconds of an idle run."""
    command = (sys.executable, "-m", "relance", "send", "--yes", "--config", str(folder / "relance.toml"))
    code, used = run((*command, "--today", day.isoformat()), folder)
    if code not in (0, 1):
        raise SystemExit(f"{folder.name}: exit code {code}")
    return used.ru_utime + used.ru_stime
