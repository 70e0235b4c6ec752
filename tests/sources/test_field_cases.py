"""Files met in the field (../shared/cases/field), by id: what a careful program does with each."""

import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from in_process import run_here
from sources_support import SHARED

pytestmark = pytest.mark.slow  # workbooks are parsed in a child process

FIELD = SHARED / "cases/field"


class Answer(NamedTuple):
    """What the command of a case left."""

    code: int
    out: str
    err: str

    @property
    def plan(self) -> dict[str, Any]:
        """The plan that it printed."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def invoice(self, number: str) -> dict[str, Any]:
        """One invoice of the plan."""
        return next(line for line in self.plan["invoices"] if line["number"] == number)

    def owed(self, number: str) -> tuple[str, str]:
        """What is outstanding of an invoice, and its currency."""
        line = self.invoice(number)
        return line["outstanding"], line["currency"]


def equals(**owed: str) -> Callable[[Answer], None]:
    """Nothing but these is owed, no problem: number (`_` for `-`) and amount, `_USD` behind it where it is no euros."""

    def check(answer: Answer) -> None:
        found = {line["number"]: (line["outstanding"], line["currency"]) for line in answer.plan["invoices"]}
        told = {number.replace("_", "-"): sum_.partition(" ") for number, sum_ in owed.items()}
        assert found == {number: (amount, code or "EUR") for number, (amount, _, code) in told.items()}
        assert answer.plan["problems"] == []

    return check


def x08(answer: Answer) -> None:
    """The question names the amount that looks like cents, and its two answers."""
    assert (answer.code, answer.out) == (2, "")
    assert "120000" in answer.err
    assert "cents = true" in answer.err


def x31(answer: Answer) -> None:
    """The days of Paris."""
    line = answer.invoice("F-1")
    assert (line["issue_date"], line["due_date"]) == ("2026-09-15", "2026-10-15")


def x41(answer: Answer) -> None:
    """The one address of each cell."""
    assert answer.plan["problems"] == []
    assert {address for message in answer.plan["reminders"] for address in message["to"]} == {
        "d@delta.example.org",
        "b@beta.example.org",
        "g@gamma.example.org",
    }


def x42(answer: Answer) -> None:
    """The short date of Excel is a date, « À réception » are terms."""
    assert [line["due_date"] for line in answer.plan["invoices"]] == ["2026-11-05", "2026-10-01"]


def rows(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The invoices of a plan by number."""
    return {row["number"]: row for row in plan["invoices"]}


def reasons(plan: dict[str, Any]) -> dict[str, str]:
    """Why each invoice is where it is."""
    return {number: row["reason"] for number, row in rows(plan).items()}


def is_asked_of(plan: dict[str, Any]) -> set[str]:
    """The invoices about which anything leaves or is to be done."""
    return {number for part in ("reminders", "tasks") for each in plan[part] for number in each["invoices"]}


def x01(answer: Answer) -> None:
    """The credit note is one, and the customer is asked for the invoice alone."""
    plan = answer.plan
    assert reasons(plan) == {"X-1": "due", "X-2": "credit_note"}
    assert is_asked_of(plan) == {"X-1"}


def x03(answer: Answer) -> None:
    """Of the four documents one is owed."""
    plan = answer.plan
    told = {"RFAC/2026/00003": "credit_note", "FAC/2026/00015": "cancelled", "FAC/2026/00016": "draft"}
    assert reasons(plan) == {"FAC/2026/00012": "due", **told}
    assert rows(plan)["FAC/2026/00012"]["outstanding"] == "1000.00"


def x04(answer: Answer) -> None:
    """The supplier is not reminded, and one problem tells of the second table."""
    plan = answer.plan
    assert list(rows(plan)) == ["F-2026-01"]
    assert "papeterie" not in json.dumps(plan["reminders"])
    assert [problem["line"] for problem in plan["problems"]] == [7]


def x06(answer: Answer) -> None:
    """One invoice, and no ream of paper."""
    plan = answer.plan
    assert {number: row["outstanding"] for number, row in rows(plan).items()} == {"F-2026-02": "600.00"}


def x26(answer: Answer) -> None:
    """The file says not to."""
    plan = answer.plan
    assert reasons(plan) == {"F-1": "excluded"}
    assert rows(plan)["F-1"]["because"] == "votre fichier dit de ne pas la relancer"
    assert not is_asked_of(plan)


def x28(answer: Answer) -> None:
    """The bank takes it."""
    plan = answer.plan
    assert reasons(plan) == {"F-1": "direct_debit"}


def x44(answer: Answer) -> None:
    """300 and a credit note of 200 are 500."""
    plan = answer.plan
    assert reasons(plan)["F-1"] == "paid"
    assert plan["problems"] == []


def x45(answer: Answer) -> None:
    """Both invoices, and no problem."""
    plan = answer.plan
    assert {number: row["outstanding"] for number, row in rows(plan).items()} == {"F-1": "100.00", "F-2": "200.00"}
    assert plan["problems"] == []


def asks(number: str, header: str) -> Callable[[Answer], None]:
    """The header is asked about: nothing leaves, nobody is asked to call or write, nothing is claimed."""

    def check(answer: Answer) -> None:
        plan = answer.plan
        assert answer.code == 1
        assert plan["reading"]["agreed"] is False
        assert [column["header"] for column in plan["reading"]["unused"]] == [header]
        assert reasons(plan) == {number: "reading"}
        assert (plan["reminders"], [task["kind"] for task in plan["tasks"]]) == ([], ["confirm"])
        assert rows(plan)[number]["claimed"] == "0.00"

    return check


def x30(answer: Answer) -> None:
    """The due date of the file: 75 days of terms, the long schedule."""
    line = answer.invoice("F-1")
    assert (line["due_date"], line["next_stage"], line["next_date"]) == ("2026-11-15", "friendly", "2026-11-25")


def x36(answer: Answer) -> None:
    """What is missing, the headers of that file, and the setting that cures it (test_beside.py obeys it)."""
    assert (answer.code, answer.out) == (2, "")
    assert "pay.csv" in answer.err
    assert "Il manque\u00a0: montant payé (paid)." in answer.err
    assert 'sous [payments.columns]\u00a0: paid = "Collection".' in answer.err


CHECKS: dict[str, Callable[[Answer], None]] = {
    "X01": x01,
    "X03": x03,
    "X04": x04,
    "X06": x06,
    "X26": x26,
    "X28": x28,
    "X44": x44,
    "X45": x45,
    "X07": equals(FAC_1="1200.00", FAC_2="1320.00"),
    "X08": x08,
    "X09": equals(ABC_0001="1000.00"),
    "X10": equals(F_1="1000.00 USD"),
    "X13": equals(F_1="600.00", F_2="500.00 CHF", F_3="500.00 USD"),
    "X17": asks("F-1", "Reste à lettrer"),
    "X18": asks("F-1", "Versé"),
    "X21": asks("SIT-2", "Retenue de garantie"),
    "X23": asks("F-1", "Net à payer"),
    "X30": x30,
    "X38": equals(**{"INV/2026/00036": "200.00"}),
    "X39": equals(INV_1="1450.00"),
    "X24": equals(F_1="840.00"),
    "X31": x31,
    "X36": x36,
    "X33": equals(FA_2026_038="600.00"),
    "X41": x41,
    "X42": x42,
    "X46": equals(F_1="1200.00"),
    "X48": equals(F_1="600.00"),
}


def copied(case: str, tmp_path: Path) -> Path:
    """A copy of the folder of a case that one can write in."""
    folder = tmp_path / case
    shutil.copytree(FIELD / case, folder, copy_function=shutil.copy)
    for path in (folder, *folder.iterdir()):
        path.chmod(path.stat().st_mode | 0o200)
    return folder


@pytest.mark.skipif(not FIELD.is_dir(), reason="../shared/cases is not beside this repository")
def test_x35_a_quota_of_the_account_is_blamed_on_nobody(tmp_path: Path) -> None:
    """The run stops at it, nothing is refused, and what is left leaves on another day."""
    folder = copied("X35", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "relance.toml"
    settings.write_text(settings.read_text("utf-8").replace("2699", str(port)), "utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}

    def told(*command: str) -> tuple[int, str, str]:
        return run_here([*command, "--today", "2026-11-20"], folder, environment)

    assert told("confirm", "backlog", "--as-is")[0] == 0
    server = subprocess.Popen([sys.executable, "srv.py", str(port), "s.json", "log"], cwd=folder)
    try:
        while server.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
        code, out, _ = told("send", "--yes", "--format", "json")
    finally:
        server.kill()
        server.wait()
    sent = json.loads(out)
    assert (code, len(sent["sent"]), sent["refused"], len(sent["deferred"])) == (1, 1, [], 2)
    assert "552" in sent["stopped"]
    assert (folder / "log").read_text("utf-8").upper().count("C: MAIL") == 2
    plan = json.loads(told("plan", "--format", "json")[1])
    assert sorted(reasons(plan).values()) == ["deferred", "deferred", "stage_done"]


@pytest.mark.skipif(not FIELD.is_dir(), reason="../shared/cases is not beside this repository")
@pytest.mark.parametrize("case", sorted(CHECKS))
def test_a_file_of_the_field_is_read_or_asked_about(case: str, tmp_path: Path) -> None:
    """Its command, run in a copy of its folder."""
    folder = copied(case, tmp_path)
    command = shlex.split(json.loads((folder / "case.json").read_text("utf-8"))["command"])
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    CHECKS[case](Answer(*run_here(command[1:], folder, environment)))
