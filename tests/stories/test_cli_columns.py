"""`relance check --write-columns` prints settings that read the same file."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_write_columns_can_be_pasted(tmp_path: Path) -> None:
    """The block is TOML, names each header as it stands, and relance accepts it."""
    table = tmp_path / "f.csv"
    table.write_text(
        'N°;Client;"Montant ""TTC""";Échéance\nF-1;Alpha SARL;120,00;02/03/2026\n'.replace('"Montant ""TTC"""', "TTC"),
        encoding="utf-8",
    )
    relance = [sys.executable, "-m", "relance"]
    command = [*relance, "check", "f.csv", "--write-columns"]
    block = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=True).stdout
    assert {"number": "N°", "customer": "Client", "total": "TTC", "due_date": "Échéance"} == tomllib.loads(block)[
        "invoices"
    ]["columns"]
    (tmp_path / "relance.toml").write_text(
        f'[sender]\nname = "Camille"\nemail = "camille@example.org"\n{block}', encoding="utf-8"
    )
    plan = [*relance, "plan", "f.csv", "--today", "2026-03-01"]
    done = subprocess.run(plan, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert "F-1" in done.stdout, done.stderr
