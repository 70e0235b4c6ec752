"""The folder of evidence of a customer with 20 messages, each with a PDF: seconds of processor time; as a zip too.

python -m bench evidence [MESSAGES]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from relance.core.invoice import Customer, Snapshot
from relance.core.message import Attachment, Key, Letter, Sender
from relance.display.evidence import exhibits_of
from relance.display.evidence_list import list_leaf, texts_of
from relance.journal import Settled, State, open_journal
from relance.letters.compose import compose
from relance.runs.dossier import Desk
from relance.runs.evidence import Author, make

GOAL = 3.0
"""Seconds."""
BEGUN, TODAY = date(2026, 1, 5), date(2026, 11, 30)
NAME = "Atelier Lune SARL"
SENDER = Sender("Camille Martin", "camille@martin.example")
SETTINGS = '[sender]\nname = "Camille Martin"\nemail = "camille@martin.example"\n[invoices]\nfile = "factures.csv"\n'
PDF = b"%PDF-1.4\n" + bytes(100_000)


def lived(folder: Path, count: int) -> Path:
    """Settings, invoices and a journal with so many messages that left; the settings' path."""
    settings = folder / "relance.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    rows = [f"F-{i};{NAME};compta@lune.example;05/01/2026;04/02/2026;1200,50" for i in range(count)]
    header = "N° facture;Client;E-mail;Date;Échéance;Montant TTC"
    (folder / "factures.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    customer = Customer(NAME, emails=("compta@lune.example",))
    with open_journal(folder / "relance-journal.sqlite3", BEGUN, create=True) as journal:
        journal.claim(settings)
        for i in range(count):
            on = date(2026, 2, 9) + timedelta(days=i)
            look = Snapshot(NAME.casefold(), customer.emails, Decimal("1200.50"), date(2026, 2, 4))
            key = Key(f"F-{i}/2026", f"F-{i}", "firm", "email", 0, look)
            letter, files = Letter(f"Facture F-{i}", f"Bonjour,\nmessage {i}.\n"), (Attachment("Facture.pdf", PDF),)
            noon = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
            message = compose(letter, SENDER, customer, (key,), "firm", noon, files, [])
            [prepared] = journal.prepare([message], on)
            journal.at_dot(prepared, "smtp.example")
            journal.settle(prepared, Settled(State.SENT, code=250, reply="Ok"))
    return settings


def timed(act: Callable[[], object]) -> float:
    """Seconds of processor time that it takes."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def main() -> int:
    """Print the seconds; 1 where one is over the goal."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    author, slow = Author(exhibits_of, list_leaf, texts_of), False
    with tempfile.TemporaryDirectory() as place:
        settings = lived(Path(place), count)
        for as_zip, name in ((False, "folder"), (True, "zip")):

            def run(as_zip: bool = as_zip) -> None:
                make(Desk(None, settings, TODAY), [NAME], Path(place) / "out", author, as_zip=as_zip)

            seconds = timed(run)
            slow = slow or seconds > GOAL
            print(f"{name:8}{count} messages: {seconds:.2f} s (goal: {GOAL} s)")
    return int(slow)
