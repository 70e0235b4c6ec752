"""Whole files in, whole plans and messages out: each folder of tests/golden/plans is one case.

A folder holds its input, `args` (the command line after `plan`), and what has to come out: `plan.json` and
`messages.txt` (`send --dry-run`). RELANCE_REGENERATE=1 writes both again: read every line of the difference.
The sums do not rest on that reading: BY_HAND has them from the input alone.
"""

import json
import os
import re
import shlex
import shutil
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from story_support import Done, Story, interest, story

GOLDEN = Path(__file__).parent / "plans"
CASES = sorted(folder.name for folder in GOLDEN.iterdir() if (folder / "args").is_file())
REGENERATE = "RELANCE_REGENERATE"


@dataclass(frozen=True)
class Sum:
    """What is due on one overdue invoice: `segments` are the (principal, days) that bear interest."""

    outstanding: str
    segments: tuple[tuple[str, int], ...]
    fee: str = "40.00"
    rate: str = "14"


def late(outstanding: str, days: int, fee: str = "40.00") -> Sum:
    """An invoice of which nothing changed since its due date."""
    return Sum(outstanding, ((outstanding, days),), fee)


# Every overdue invoice that is owed, with its days counted on a calendar up to 23 November 2026 included.
_EXAMPLES = {
    "F-2026-028": late("3960.00", 27),
    "F-2026-033": late("1440.00", 39),
    "F-2026-036": late("2150.40", 34),
    "F-2026-038": Sum("1400.00", (("2400.00", 7), ("1400.00", 17))),  # 1,000.00 received on 6 November
    "F-2026-040": late("960.00", 22),
    "F-2026-041": late("1200.00", 18),
    "F-2026-043": late("650.00", 15),
    "F-2026-045": late("1320.00", 11),
    "F-2026-047": late("540.00", 8),
    "F-2026-050": late("1080.00", 5),
    "F-2026-051": late("2.50", 19),  # 477.50 received before its due date
}
BY_HAND: dict[str, dict[str, Sum]] = {
    "examples_bare": _EXAMPLES,
    "examples_fresh_journal": _EXAMPLES,
    "stages": {
        "S-2": late("800.00", 5),
        "S-3": late("1000.00", 15),
        "S-4": late("2000.00", 30),
        "S-5": late("500.00", 25),
        "S-7": late("300.00", 4),
        "S-8": late("200.00", 14),
    },
    "payments": {
        "P-1": Sum("600.00", (("1000.00", 10), ("600.00", 10))),
        "P-2": late("500.00", 20),  # a payment without a date counts as made by the due date
        "P-3": late("1440.00", 20),
        "P-5": Sum("800.00", (("900.00", 17), ("800.00", 3))),
    },
    "several": {
        "M-1": late("2000.00", 30),
        "M-2": late("1200.00", 20),
        "M-3": late("300.00", 10),
        "M-6": late("1000.00", 20, fee="0.00"),  # 40 EUR are no dollars
    },
    "kinds": {
        "K-1": Sum("1000.00", (), fee="0.00"),
        "K-2": late("1000.00", 20),
        "K-3": late("2000.00", 30),
        "K-4": late("1000.00", 20),
        "K-5": Sum("1000.00", (("1000.00", 20),), rate="10.40"),  # a public body: 2.40 + 8, its own law
    },
}
# What happens to each invoice on that day, told from design.md.
DECISIONS: dict[str, dict[str, str]] = {
    "examples_bare": {
        "F-2026-028": "due",
        "F-2026-030": "paid",
        "F-2026-033": "disputed",
        "F-2026-036": "awaiting_approval",
        "F-2026-038": "due",
        "F-2026-040": "due",
        "F-2026-041": "due",
        "F-2026-043": "due",
        "F-2026-045": "due",
        "F-2026-047": "due",
        "F-2026-049": "draft",
        "F-2026-050": "due",
        "F-2026-051": "below_minimum",
        "F-2026-052": "due",
        "F-2026-054": "not_due",
        "F-2026-055": "not_issued",
        "A-2026-003": "credit_note",
    },
    "stages": {
        "S-1": "due",
        "S-2": "due",
        "S-3": "due",
        "S-4": "awaiting_approval",
        "S-5": "due",  # terms of 60 days: firm is J+25
        "S-6": "not_due",  # terms of ten days: no courtesy
        "S-7": "expired",  # four days late: no courtesy any more, not friendly yet
        "S-8": "due",
    },
    "payments": {
        "P-1": "due",
        "P-2": "due",
        "P-3": "disputed",
        "P-4": "credit_note",
        "P-5": "too_soon",  # received three days ago
        "P-6": "paid",
    },
    "several": {
        "M-1": "awaiting_approval",
        "M-2": "due",
        "M-3": "due",
        "M-4": "too_soon",  # a courtesy is not raised to firm: it waits
        "M-5": "not_due",
        "M-6": "too_soon",  # four days between two messages to one address
    },
    "kinds": {"K-1": "due", "K-2": "due", "K-3": "awaiting_approval", "K-4": "due", "K-5": "due"},
}
# With settings, what was late when the journal began waits for an answer.
DECISIONS["examples_fresh_journal"] = DECISIONS["examples_bare"] | dict.fromkeys(
    "F-2026-028 F-2026-036 F-2026-038 F-2026-040 F-2026-041 F-2026-043 F-2026-045 F-2026-047 F-2026-050".split(),
    "backlog",
)
STAGES = {"S-1": "courtesy", "S-2": "friendly", "S-3": "firm", "S-4": "formal_notice", "S-5": "firm"}


def given(case: str, here: Story) -> list[str]:
    """Copy the input of a case into a folder; its arguments."""
    for path in (GOLDEN / case).iterdir():
        if path.name not in ("args", "plan.json", "messages.txt"):
            shutil.copy(path, here.folder)
    return shlex.split((GOLDEN / case / "args").read_text(encoding="utf-8"))


def normalised_plan(done: Done, folder: Path) -> str:
    """The plan as lines; where the folder lies and when the file was saved are replaced."""
    document = done.json
    document["source"]["modified"] = "(modified)"
    text = json.dumps(document, ensure_ascii=False, indent=1)
    return text.replace(f"{folder}/", "") + "\n"


def normalised_messages(done: Done, folder: Path) -> str:
    """The messages with one fixed text for the time of day and for a PDF's size, which typst's version moves."""
    text = re.sub(r"^Date: \w{3}, 23 Nov 2026 \d\d:\d\d:\d\d \+0100$", "Date: (23 Nov 2026)", done.out, flags=re.M)
    text = re.sub(r"^(Pièce jointe\u00a0: mise-en-demeure-\S+) \(\d+ Ko\)$", r"\1", text, flags=re.M)
    return text.replace(f"{folder}/", "")


def expected(case: str, name: str, found: str) -> str:
    """What the folder says; with RELANCE_REGENERATE=1, what was found is written there first."""
    path = GOLDEN / case / name
    if os.environ.get(REGENERATE) == "1":
        path.write_text(found, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


def golden(case: str) -> dict[str, dict[str, Any]]:
    """The invoices of the expected plan, by number."""
    document = json.loads((GOLDEN / case / "plan.json").read_text(encoding="utf-8"))
    return {invoice["number"]: invoice for invoice in document["invoices"]}


@pytest.mark.parametrize("case", CASES)
def test_plan(case: str, here: Story) -> None:
    """The whole JSON document, as it was read and approved."""
    args = given(case, here)
    found = normalised_plan(here.run("plan", *args, "--format", "json"), here.folder)
    assert expected(case, "plan.json", found) == found


@pytest.mark.parametrize("case", CASES)
def test_messages(case: str, here: Story) -> None:
    """Every header and every line of text that would leave."""
    args = given(case, here)
    found = normalised_messages(here.run("send", *args, "--dry-run"), here.folder)
    assert expected(case, "messages.txt", found) == found


@pytest.mark.parametrize("case", CASES)
def test_sums_by_hand(case: str) -> None:
    """The expected amounts, computed here from the input alone."""
    sums = BY_HAND[case]
    overdue = {n: i for n, i in golden(case).items() if Decimal(i["claimed"]) or Decimal(i["interest"])}
    assert sums.keys() == overdue.keys()
    for number, invoice in overdue.items():
        cost = interest(*sums[number].segments, rate=sums[number].rate)
        owed = Decimal(sums[number].outstanding)
        claimed = owed + cost + Decimal(sums[number].fee)
        amounts = tuple(invoice[key] for key in ("outstanding", "interest", "recovery_fee", "claimed"))
        assert (f"{owed:.2f}", f"{cost:.2f}", sums[number].fee, f"{claimed:.2f}") == amounts, number


@pytest.mark.parametrize("case", CASES)
def test_decisions_by_rule(case: str) -> None:
    """The expected reasons, told from the rules alone."""
    assert DECISIONS[case] == {number: invoice["reason"] for number, invoice in golden(case).items()}


def test_each_stage_has_its_day() -> None:
    """J-5, J+5, J+15, J+30, and the long schedule."""
    invoices = golden("stages")
    assert STAGES == {number: invoices[number]["stage"] for number in STAGES}


def test_who_is_named_charges() -> None:
    """Only who is surely no consumer reads of penalties: claiming 40 EUR from one is an offence."""
    text = (GOLDEN / "kinds" / "messages.txt").read_text(encoding="utf-8")
    messages = {re.findall(r"K-\d", part)[0]: part for part in text.split("─── ")[1:]}
    assert ["K-1", "K-2", "K-3", "K-4", "K-5"] == sorted(messages)
    for number, message in messages.items():
        charged = re.search(r"pénalités|40,00|D441-5|L441-10", message) is not None
        assert charged is (number == "K-4"), number
        assert ("intérêts moratoires" in message) is (number == "K-5"), "a public body pays the principal first"
    assert "1\u202f047,67\u00a0€" in messages["K-4"]
    assert all("Montant\u00a0: 1\u202f000,00\u00a0€" in messages[number] for number in ("K-1", "K-2", "K-5"))


def test_the_tones_of_one_customer() -> None:
    """Firm and friendly travel together, charges named for the firm one; the formal notice stays apart."""
    plan = json.loads((GOLDEN / "several" / "plan.json").read_text(encoding="utf-8"))
    assert [("firm", ["M-2", "M-3"])] == [(r["stage"], r["invoices"]) for r in plan["reminders"]]
    assert [("approve", ["M-1"])] == [(task["kind"], task["invoices"]) for task in plan["tasks"]]
    firm, notice = (GOLDEN / "several" / "messages.txt").read_text(encoding="utf-8").split("Bleu SAS · ")[1:]
    assert "1\u202f549,21\u00a0€" in firm  # 1,500.00 + 9.21 + 40.00
    assert "- Retard de M-2, 20\u00a0jours\u00a0: 9,21" in firm
    assert "Retard de M-3" not in firm  # no charges of its own
    assert "M-1" not in firm
    assert notice.startswith("à valider")
    assert "2\u202f063,01\u00a0€" in notice  # 2,000.00 + 23.01 + 40.00


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if not (GOLDEN / case / "relance.toml").exists()])
def test_a_workbook_gives_the_same_plan(case: str, here: Story) -> None:
    """The same table typed into a spreadsheet, with real dates and numbers."""
    args = given(case, here)
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for line in (here.folder / "factures.csv").read_text(encoding="utf-8").splitlines():
        sheet.append([typed(cell) for cell in line.split(";")])
    workbook.save(here.folder / "factures.xlsx")
    done = here.run("plan", "factures.xlsx", *args[1:], "--format", "json")
    assert json.loads((GOLDEN / case / "plan.json").read_text(encoding="utf-8"))["invoices"] == done.json["invoices"]


def typed(cell: str) -> object:
    """A cell as a spreadsheet holds it."""
    if re.fullmatch(r"\d\d/\d\d/\d{4}", cell):
        return datetime.strptime(cell, "%d/%m/%Y")
    if re.fullmatch(r"-?[\d  ]+,\d\d", cell):
        return float(re.sub(r"\s", "", cell).replace(",", "."))
    return cell or None
