"""Settings that commands print read the same file: columns, and words."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from story_support import Story

pytestmark = pytest.mark.slow

SETTINGS = '[sender]\nname = "Camille"\nemail = "camille@example.org"\n[invoices]\nfile = "factures.csv"\n'


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


@pytest.mark.parametrize(
    ("header", "word"), [("Statut", "Vue"), ("Type de pièce", 'Note "spéciale"'), ("Statut", "Sous l’arbre \\ ici")]
)
@pytest.mark.parametrize("cure", [0, 1])
def test_the_cure_of_an_unknown_word_works_as_printed(header: str, word: str, cure: int, tmp_path: Path) -> None:
    """Either line that the problem prints, typed under [invoices.status_words], settles the invoice."""
    rows = [
        f"N° facture;Client;Email;Échéance;Montant TTC;{header}",
        "F-1;Delta SARL;d@delta.example;05/11/2026;100,00;",
    ]
    cell = '"' + word.replace('"', '""') + '"'
    (tmp_path / "factures.csv").write_text("\n".join(rows) + cell + "\n", "utf-8")
    (tmp_path / "relance.toml").write_text(SETTINGS, "utf-8")
    story = Story(tmp_path)
    (problem,) = story.run("plan", "--format", "json", today="2026-11-20").json["problems"]
    printed = re.findall(r'"(?:[^"\\]|\\.)+" = "[a-z]+"', problem["message"])
    assert "[invoices.status_words]" in problem["message"]
    (tmp_path / "relance.toml").write_text(f"{SETTINGS}[invoices.status_words]\n{printed[cure]}\n", "utf-8")
    plan = story.run("plan", "--format", "json", today="2026-11-20").json
    assert plan["problems"] == []
    assert plan["invoices"][0]["reason"] == ("backlog", "cancelled")[cure]
