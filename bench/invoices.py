"""Made-up invoice files of any size, the same each time."""

import random
from datetime import date, timedelta
from pathlib import Path

HEADER = "N° facture;Client;Code client;E-mail;Date de facture;Échéance;Montant TTC;Payé;Statut;Téléphone"
TODAY = date(2026, 11, 20)


def write_csv(path: Path, rows: int) -> None:
    """A French CSV: half the invoices overdue, one in five paid, one customer for about twenty invoices."""
    rng = random.Random(rows)
    lines = [HEADER]
    for i in range(rows):
        customer = rng.randrange(rows // 20 + 1)
        due = TODAY + timedelta(days=rng.randint(-60, 60))
        cents = rng.randint(5_000, 900_000)
        total = f"{cents // 100},{cents % 100:02d}"
        paid = total if rng.random() < 0.2 else ""
        lines.append(
            f"F-{i:06d};Client {customer} SARL;C{customer:05d};compta@client{customer}.example;"
            f"{due - timedelta(days=30):%d/%m/%Y};{due:%d/%m/%Y};{total};{paid};{'Payée' if paid else 'En attente'};"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
