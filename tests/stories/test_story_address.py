"""A customer without an address, from the task to the reminder: the cure is typed as it is printed."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from in_process import run_here

SETTINGS = """[sender]
name = "Camille Test"
email = "camille@example.org"
[invoices]
file = "f.csv"
max_age_days = 0
max_age_days_firm = 0
"""
HEADER = "N° facture;Client;Email;Téléphone;Date facture;Échéance;Montant TTC\n"
ROWS = """INV-1;Delta "Sud" SARL;;01 23 45 67 89;01/09/2026;05/11/2026;1200,00
INV-2;Delta "Sud" SARL;;01 23 45 67 89;01/09/2026;10/11/2026;300,00
INV-3;Béta SAS;b@beta.example.org;;01/09/2026;05/11/2026;50,00
INV-4;Gamma;;;01/09/2026;05/11/2026;70,00
"""


class Dossier:
    """A folder where plan runs, with what was added to its settings."""

    def __init__(self, folder: Path, rows: str = ROWS, told: str = "") -> None:
        self.folder, self.told = folder, told
        (folder / "f.csv").write_text(HEADER + rows, "utf-8")

    def run(self, *command: str, day: str = "2026-11-20") -> tuple[int, str, str]:
        """Exit code, output and errors of a command."""
        (self.folder / "relance.toml").write_text(SETTINGS + self.told, "utf-8")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        return run_here([*command, "--today", day], self.folder, environment)

    def plan(self) -> dict[str, Any]:
        """The plan in JSON."""
        code, out, err = self.run("plan", "--format", "json")
        assert code != 2, err
        found: dict[str, Any] = json.loads(out)
        return found

    def type_cure(self, text: str, address: str) -> None:
        """Add the block that a task tells."""
        [(match, email)] = re.findall(r'(match = "(?:[^"\\]|\\.)*") et (email = "…") sous \[\[customers\]\]', text)
        self.told += "\n".join(("[[customers]]", match, email.replace("…", address))) + "\n"


@pytest.fixture
def here(tmp_path: Path) -> Dossier:
    """A dossier whose backlog was answered."""
    dossier = Dossier(tmp_path)
    assert dossier.run("confirm", "backlog", "--as-is")[0] == 0
    return dossier


def tasks(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """The tasks about the customers without an address."""
    return [task for task in plan["tasks"] if "écrire" in task["text"] or "adresse" in task["text"]]


def test_the_tasks_and_their_cures(here: Dossier) -> None:
    """One a customer with the number where it is known; each cure, typed as printed, lets the reminder leave."""
    plan = here.plan()
    call, look = tasks(plan)
    assert (call["kind"], call["phone"], call["invoices"]) == ("call", "01 23 45 67 89", ["INV-1", "INV-2"])
    assert call["command"] == "relance record INV-1 --stage friendly --channel call"
    assert call["text"].startswith(
        'Appeler Delta "Sud" SARL, 01 23 45 67 89 (INV-1, INV-2, 1\u202f500,00\u00a0€, aucune'
    )
    text, _, sheet = call["text"].partition(" → ")
    assert "relance show INV-1 --call" == sheet
    assert text.endswith('match = "Delta \\"Sud\\" SARL" et email = "…" sous [[customers]]')
    assert (look["kind"], look["phone"], look["invoices"]) == ("review", "", ["INV-4"])
    held = {line["number"]: (line["decision"], line["reason"]) for line in plan["invoices"]}
    assert held["INV-1"] == held["INV-2"] == held["INV-4"] == ("hold", "no_address")

    here.type_cure(text, "d@delta.example.org")
    here.type_cure(look["text"], "g@gamma.example.org")
    plan = here.plan()
    assert tasks(plan) == []
    assert {address for message in plan["reminders"] for address in message["to"]} == {
        "b@beta.example.org",
        "d@delta.example.org",
        "g@gamma.example.org",
    }


def test_a_customer_with_a_block_of_his_own(here: Dossier) -> None:
    """Two blocks of one word are refused: the address goes into his, and works there."""
    here.told = '[[customers]]\nmatch = "gamma"\nkind = "business"\n'
    (look,) = (task for task in tasks(here.plan()) if task["invoices"] == ["INV-4"])
    assert look["text"].endswith('email = "…" dans son bloc [[customers]] (match = "Gamma")')
    here.told += 'email = "g@gamma.example.org"\n'
    assert [task["invoices"] for task in tasks(here.plan())] == [["INV-1", "INV-2"]]

    here.told = '[[customers]]\nmatch = "C9"\nkind = "business"\n'
    row = "INV-4;Gamma;C9;732 829 320 00074;;;01/09/2026;05/11/2026;70,00\n"
    (here.folder / "f.csv").write_text(HEADER.replace("Client;", "Client;Code client;SIRET;") + row, "utf-8")
    (look,) = tasks(here.plan())
    assert 'match = "73282932000074"' in look["text"]
    here.type_cure(look["text"], "g@gamma.example.org")
    assert tasks(here.plan()) == []


def test_a_list_of_customers_is_the_other_cure(here: Dossier) -> None:
    """`customers` of [invoices], which the task names too, is read beside the invoices."""
    assert [task["invoices"] for task in tasks(here.plan())] == [["INV-1", "INV-2"], ["INV-4"]]
    assert "[invoices] customers" in tasks(here.plan())[1]["text"]

    (here.folder / "c.csv").write_text("Client;Email\nGamma;g@gamma.example.org\n", "utf-8")
    here.told = 'customers = "c.csv"\n'  # [invoices] is the last table of the settings
    assert [task["invoices"] for task in tasks(here.plan())] == [["INV-1", "INV-2"]]


def test_a_call_is_recorded_and_the_task_is_over(here: Dossier) -> None:
    """The command of the task, as printed: none of his invoices asks again in the seven days after it."""
    call = tasks(here.plan())[0]
    assert here.run(*call["command"].split()[1:])[0] == 0
    assert [task["invoices"] for task in tasks(here.plan())] == [["INV-4"]]


def test_send_says_it_once_a_week(here: Dossier) -> None:
    """Exit code 1 on the day on which it is new; recorded or not, the next days are quiet (decision 11)."""
    here.told = '[policy]\nworking_days = false\n[delivery]\ntransport = "folder"\n'
    code, out, _ = here.run("send", "--yes")
    assert (code, out.count("Appeler Delta"), out.count("écrire à Gamma")) == (1, 1, 1)
    code, out, _ = here.run("send", "--yes", day="2026-11-21")
    assert [line for line in out.splitlines() if "INV-3" not in line] == []  # the draft of the day before is news
    assert here.run("record", "INV-1", "--stage", "friendly", "--channel", "call", day="2026-11-21")[0] == 0
    assert here.run("send", "--yes", day="2026-11-22") == (0, "", "")


def test_the_terminal_numbers_them(here: Dossier) -> None:
    """The text, then the command that helps to do it; a cure is not broken."""
    _, out, _ = here.run("plan", "--format", "lines")
    lines = [line[5:] for line in out.splitlines()]
    assert any(line.startswith("Appeler Delta") for line in lines)
    assert "→ relance show INV-1 --call" in lines
    at = lines.index("  [[customers]]")
    assert ['  match = "Delta \\"Sud\\" SARL"', '  email = "…"'] == lines[at + 1 : at + 3]
    assert any(line.startswith("Trouver où écrire à Gamma") for line in lines)
