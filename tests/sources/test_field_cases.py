"""The files of ../shared/cases/field: each case's command is run in a copy of its folder, and its expectation checked.

A case waits where CHECKS has nothing for it yet.
"""

import json
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from in_process import run_here
from sources_support import SHARED

FIELD = SHARED / "cases" / "field"
CASES = sorted(path.parent.name for path in FIELD.glob("*/case.json")) or ["none"]
BOOKS = {path.parent.name for kind in ("xlsx", "xls", "ods") for path in FIELD.glob(f"*/*.{kind}")}
pytestmark = pytest.mark.skipif(not FIELD.is_dir(), reason="../shared/cases is not beside this repository")

Plan = dict[str, Any]


def rows(plan: Plan) -> dict[str, dict[str, Any]]:
    """The invoices of a plan by number."""
    return {row["number"]: row for row in plan["invoices"]}


def reasons(plan: Plan) -> dict[str, str]:
    """Why each invoice is where it is."""
    return {number: row["reason"] for number, row in rows(plan).items()}


def is_asked_of(plan: Plan) -> set[str]:
    """The invoices about which anything leaves or is to be done."""
    return {number for part in ("reminders", "tasks") for each in plan[part] for number in each["invoices"]}


def x01(plan: Plan) -> None:
    """The credit note is one, and the customer is asked for the invoice alone."""
    assert reasons(plan) == {"X-1": "due", "X-2": "credit_note"}
    assert is_asked_of(plan) == {"X-1"}


def x03(plan: Plan) -> None:
    """Of the four documents one is owed."""
    told = {"RFAC/2026/00003": "credit_note", "FAC/2026/00015": "cancelled", "FAC/2026/00016": "draft"}
    assert reasons(plan) == {"FAC/2026/00012": "due", **told}
    assert rows(plan)["FAC/2026/00012"]["outstanding"] == "1000.00"


def x04(plan: Plan) -> None:
    """The supplier is not reminded, and one problem tells of the second table."""
    assert list(rows(plan)) == ["F-2026-01"]
    assert "papeterie" not in json.dumps(plan["reminders"])
    assert [problem["line"] for problem in plan["problems"]] == [7]


def x06(plan: Plan) -> None:
    """One invoice, and no ream of paper."""
    assert {number: row["outstanding"] for number, row in rows(plan).items()} == {"F-2026-02": "600.00"}


def x26(plan: Plan) -> None:
    """The file says not to."""
    assert reasons(plan) == {"F-1": "excluded"}
    assert rows(plan)["F-1"]["because"] == "votre fichier dit de ne pas la relancer"
    assert not is_asked_of(plan)


def x28(plan: Plan) -> None:
    """The bank takes it."""
    assert reasons(plan) == {"F-1": "direct_debit"}


def x44(plan: Plan) -> None:
    """300 and a credit note of 200 are 500."""
    assert reasons(plan)["F-1"] == "paid"
    assert plan["problems"] == []


def x45(plan: Plan) -> None:
    """Both invoices, and no problem."""
    assert {number: row["outstanding"] for number, row in rows(plan).items()} == {"F-1": "100.00", "F-2": "200.00"}
    assert plan["problems"] == []


CHECKS: dict[str, Callable[[Plan], None]] = {
    "X01": x01,
    "X03": x03,
    "X04": x04,
    "X06": x06,
    "X26": x26,
    "X28": x28,
    "X44": x44,
    "X45": x45,
}


@pytest.mark.parametrize("case", [pytest.param(c, marks=[pytest.mark.slow] if c in BOOKS else []) for c in CASES])
def test_a_file_met_in_the_field(case: str, tmp_path: Path) -> None:
    """What a careful program does with it."""
    if case not in CHECKS:
        pytest.skip("no check of this case yet")
    folder = tmp_path / "case"
    shutil.copytree(FIELD / case, folder)
    program, *arguments = shlex.split(json.loads((folder / "case.json").read_text("utf-8"))["command"])
    assert program == "relance"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}
    code, out, err = run_here(arguments, folder, environment)
    assert code in (0, 1), err
    CHECKS[case](json.loads(out))
