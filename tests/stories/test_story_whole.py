"""A file that is not whole is not believed, and a row of which the user knows is not told again."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from story_support import MONDAY, Done, Story, story

TUESDAY = "2026-11-24"
DRAFTS = '[delivery]\ntransport = "folder"\nfolder = "brouillons"\n'
HEAD = "N° facture;Client;E-mail;Date de facture;Échéance;Montant TTC\n"
ALPHA = "F-1;Alpha;a@alpha.example;18/10/2026;17/11/2026;1203,00\n"
BRAVO = "F-2;Bravo;b@bravo.example;18/10/2026;17/11/2026;800,00\n"
CHARLIE = "F-3;Charlie;c@charlie.example;18/10/2026;17/11/2026;640,50\n"


@pytest.fixture
def folder(tmp_path: Path) -> Story:
    """A dossier that writes drafts, its journal begun long before anything was late."""
    made = story(tmp_path)
    made.settings(rest=DRAFTS)
    written(made, HEAD + "F-0;Zulu;z@zulu.example;01/08/2026;31/12/2026;10,00\n")
    assert made.run("send", "--yes", today="2026-09-01").code == 0
    return made


def written(made: Story, text: str, name: str = "factures.csv") -> None:
    """The file as it is now."""
    (made.folder / name).write_text(text, encoding="utf-8")


def planned(made: Story, today: str = MONDAY) -> tuple[dict[str, str], Done]:
    """The reason of each invoice, and the plan."""
    done = made.run("plan", "--format", "json", today=today)
    return {each["number"]: each["reason"] for each in done.json["invoices"]}, done


def tasks(made: Story, kind: str, today: str = MONDAY) -> list[Any]:
    """The tasks of a kind in the plan."""
    return [task for task in planned(made, today)[1].json["tasks"] if task["kind"] == kind]


def typed(made: Story, command: str, today: str = MONDAY) -> Done:
    """The command as it was printed."""
    name, *words = shlex.split(command)
    assert name == "relance"
    return made.run(*words, today=today)


def test_a_last_row_without_a_line_end_is_asked_about_once(folder: Story) -> None:
    """The printed command settles it; another row is another question, and a line end or a next row none."""
    written(folder, HEAD + ALPHA + BRAVO.rstrip())
    reasons, plan = planned(folder)
    assert (1, {"F-1": "due", "F-2": "changed"}) == (plan.code, reasons)
    assert "2003.00" == plan.json["totals"][0]["outstanding"]  # held back, and owed
    assert "sans fin de ligne" in folder.run("plan", today=MONDAY).out.replace("\n", " ")
    [task] = tasks(folder, "confirm")
    assert (["F-2"], "relance confirm row F-2") == (task["invoices"], task["command"])
    assert 0 == typed(folder, task["command"]).code
    assert {"F-1": "due", "F-2": "due"} == planned(folder)[0]
    written(folder, HEAD + ALPHA + BRAVO.rstrip()[:-3])
    assert {"F-1": "due", "F-2": "changed"} == planned(folder)[0]
    assert 0 == folder.run("confirm", "F-2", today=MONDAY).code  # as it is typed of other changes
    assert "due" == planned(folder)[0]["F-2"]
    written(folder, HEAD + ALPHA + BRAVO.rstrip()[:-4])
    assert "changed" == planned(folder)[0]["F-2"]
    for whole in (HEAD + ALPHA + BRAVO, HEAD + ALPHA + BRAVO + CHARLIE.rstrip()):
        written(folder, whole)
        assert "due" == planned(folder)[0]["F-2"]


def test_a_number_that_comes_back_each_year_is_named_with_it(folder: Story) -> None:
    """The printed command names one of the two."""
    old = BRAVO.replace("2026;", "2025;").replace("F-2", "F-1")
    written(folder, HEAD + old + ALPHA.rstrip())
    asked = [task["command"] for task in tasks(folder, "confirm")]
    assert ["relance confirm row F-1/2026"] == [each for each in asked if "backlog" not in each]
    assert 0 == typed(folder, "relance confirm row F-1/2026").code
    assert ["relance confirm backlog --gently"] == [task["command"] for task in tasks(folder, "confirm")]


def test_a_program_that_ends_no_last_line_is_asked_about_new_last_rows_alone(folder: Story) -> None:
    """A row that a run saw whole is whole, without its line end, and where a column that nobody reads counts days."""
    head, days = HEAD.replace("Montant", "Retard (jours);Montant"), ("12;", "13;")
    first, second = (ALPHA.replace("2026;1203", f"2026;{day}1203") for day in days)
    last = [BRAVO.replace("2026;800", f"2026;{day}800") for day in days]
    folder.run("confirm", "columns", today=MONDAY)
    written(folder, head + first + last[0])
    assert 0 == folder.run("send", "--yes", "--only", "F-1", today=MONDAY).code
    written(folder, head + second + last[1].rstrip())
    assert "changed" not in planned(folder, TUESDAY)[0].values()
    assert 0 == folder.run("send", "--yes", "--only", "F-1", today=TUESDAY).code
    new = CHARLIE.replace("2026;640", "2026;4;640").rstrip()
    written(folder, head + second + last[1] + new)
    assert ["F-3"] == [number for number, why in planned(folder, TUESDAY)[0].items() if why == "changed"]
    written(folder, head + second + last[1].rstrip())  # filtered: its last row is an old one
    assert "changed" not in planned(folder, TUESDAY)[0].values()


def test_without_settings_the_last_row_waits_as_well(tmp_path: Path) -> None:
    """Nothing was seen yet; a line end settles it."""
    made = story(tmp_path)
    written(made, HEAD + ALPHA + BRAVO.rstrip())
    assert {"F-1": "due", "F-2": "changed"} == _reasons(
        made.run("plan", "factures.csv", "--format", "json", today=MONDAY)
    )
    written(made, HEAD + ALPHA + BRAVO)
    assert {"F-1": "due", "F-2": "due"} == _reasons(made.run("plan", "factures.csv", "--format", "json", today=MONDAY))


def _reasons(done: Done) -> dict[str, str]:
    return {each["number"]: each["reason"] for each in done.json["invoices"]}


def test_lists_beside_may_be_cut_as_well(folder: Story) -> None:
    """The last payment and the last customer are those of an invoice, or of all that they begin like."""
    folder.settings(
        rest=DRAFTS.replace("[delivery]", 'payments = "reglements.csv"\ncustomers = "clients.csv"\n[delivery]')
    )
    settings = (folder.folder / "relance.toml").read_text(encoding="utf-8")
    (folder.folder / "relance.toml").write_text(settings.replace("\n\npayments", "\npayments"), encoding="utf-8")
    ten = BRAVO.replace("F-2", "F-10")
    written(folder, HEAD + ALPHA + ten + CHARLIE)
    whole_payments, whole_customers = (
        "Facture;Date;Montant\nF-3;18/11/2026;40,50\n",
        "Client;E-mail\nAlpha;x@alpha.example\n",
    )
    for payments, customers, held in (
        (whole_payments, whole_customers, set()),
        (whole_payments[:-2], whole_customers, {"F-3"}),
        ("Date;Montant;Facture\n18/11/2026;40,50;F-1", whole_customers, {"F-1", "F-10"}),
        (whole_payments, whole_customers[:-2], {"F-1"}),
        (whole_payments, "E-mail;Client\nx@alpha.example;Al", {"F-1"}),
    ):
        written(folder, payments, "reglements.csv")
        written(folder, customers, "clients.csv")
        assert held == {number for number, why in planned(folder)[0].items() if why == "changed"}


def test_a_problem_is_told_until_its_row_is_known_and_again_when_it_changes(folder: Story) -> None:
    """By its line, or by its invoice where it has one; what it may owe is still said to be left out."""
    bad = BRAVO.replace("800,00", "huit cents")
    written(folder, HEAD + ALPHA + bad)
    assert 1 == planned(folder)[1].code
    for name in ("3", "F-2"):
        assert 0 == folder.run("confirm", "row", name, today=MONDAY).code
        done = planned(folder)[1]
        assert (0, [], 1) == (done.code, done.json["problems"], done.json["left_out"]["rows"])
        again = folder.run("confirm", "row", name, today=MONDAY)
        assert (2, True) == (again.code, "aucune anomalie" in again.err)
        bad = bad.replace("huit", "huit ")
        written(folder, HEAD + ALPHA + bad)
        assert [3] == [problem["line"] for problem in planned(folder)[1].json["problems"]]
    folder.run("confirm", "row", "3", today=MONDAY)
    assert "ligne 3" in folder.run("check", "--offline", today=MONDAY).out
    for name in ("factures.csv:3", "F-2"):  # whichever it was named by
        assert 0 == folder.run("undo", name, today=MONDAY).code
        assert [3] == [problem["line"] for problem in planned(folder)[1].json["problems"]]
        assert 2 == folder.run("undo", name, today=MONDAY).code
        folder.run("confirm", "row", "3", today=MONDAY)


def test_an_unclear_invoice_that_is_known_stays_held_and_is_quiet(folder: Story) -> None:
    """Two rows of one number: neither is reminded, whatever the user knows."""
    written(folder, HEAD + ALPHA + BRAVO + BRAVO.replace("800,00", "900,00"))
    assert ("unclear", 1) == ((found := planned(folder))[0]["F-2"], found[1].code)
    assert 0 == folder.run("confirm", "row", "F-2", today=MONDAY).code
    assert ("unclear", 0) == ((found := planned(folder))[0]["F-2"], found[1].code)


def test_a_row_is_named_by_one_word(folder: Story) -> None:
    """Nothing else goes with it; a line that two files have is told by the invoice."""
    folder.settings(rest=DRAFTS)
    for words in (("row",), ("row", "3", "4"), ("row", "3", "--gently")):
        assert 2 == folder.run("confirm", *words, today=MONDAY).code
    text = (folder.folder / "relance.toml").read_text(encoding="utf-8")
    both = 'file = ["factures.csv", "autres.csv"]'
    (folder.folder / "relance.toml").write_text(text.replace('file = "factures.csv"', both), encoding="utf-8")
    written(folder, HEAD + ALPHA + BRAVO.replace("800", "x"))
    written(folder, HEAD + CHARLIE.replace("640", "y"), "autres.csv")
    assert 2 == len(planned(folder)[1].json["problems"])
    written(folder, HEAD + BRAVO.replace("800", "x") + ALPHA)
    refused = folder.run("confirm", "row", "2", today=MONDAY)
    assert (2, "") == (refused.code, refused.out), refused.err
    cure = re.findall(r"relance confirm row autres\.csv:2", refused.err)
    assert 0 == typed(folder, cure[0]).code
    assert ["x,00"] == [problem["value"] for problem in planned(folder)[1].json["problems"]]


def test_addresses_that_slipped_hold_everything_until_the_file_is_confirmed(folder: Story) -> None:
    """One question with one answer, typed as printed; the old file takes the question back."""
    whole = HEAD + ALPHA + BRAVO + CHARLIE
    written(folder, whole)
    assert 0 == folder.run("send", "--yes", "--only", "F-1", today=MONDAY).code
    slipped = whole.replace("a@alpha", "?").replace("b@bravo", "a@alpha").replace("?", "b@bravo")
    written(folder, slipped)
    assert {"F-2": "changed", "F-3": "changed"}.items() <= planned(folder, TUESDAY)[0].items()
    [task] = tasks(folder, "confirm", TUESDAY)
    assert "relance confirm file" == task["command"]
    written(folder, whole)
    assert "changed" not in planned(folder, TUESDAY)[0].values()
    written(folder, slipped)
    assert 0 == typed(folder, task["command"], TUESDAY).code
    assert "due" == planned(folder, TUESDAY)[0]["F-2"]


@pytest.mark.parametrize("answer", ["pay", "confirm row"])
def test_money_that_cannot_be_placed_is_a_task_with_both_answers(answer: str, folder: Story) -> None:
    """Typed as printed, each of them settles it; the other invoices are reminded meanwhile."""
    text = (folder.folder / "relance.toml").read_text(encoding="utf-8")
    with_payments = text.replace('file = "factures.csv"', 'file = "factures.csv"\npayments = "reglements.csv"')
    (folder.folder / "relance.toml").write_text(with_payments, encoding="utf-8")
    written(folder, HEAD + ALPHA + BRAVO + CHARLIE)
    written(folder, "Facture;Date;Montant;Client\nFAC02;18/11/2026;300,00;Bravo\n", "reglements.csv")
    reasons, plan = planned(folder)
    assert (1, {"F-1": "due", "F-2": "bank_doubt", "F-3": "due"}) == (plan.code, reasons)
    assert "1843.50" == plan.json["totals"][0]["outstanding"]
    assert {"rows": 1, "amount": "800.00"} == plan.json["left_out"]
    [task] = tasks(folder, "review")
    assert (["F-2"], "relance pay F-2 --amount 300.00 --on 2026-11-18") == (task["invoices"], task["command"])
    other = "relance confirm row F-2"
    assert other in task["text"]
    assert 0 == typed(folder, task["command"] if answer == "pay" else other).code
    reasons, plan = planned(folder)
    assert ("too_soon" if answer == "pay" else "due") == reasons["F-2"]
    assert ("2343.50" if answer == "pay" else "2643.50") == plan.json["totals"][0]["outstanding"]
    assert [] == tasks(folder, "review")


@pytest.mark.parametrize("command", ["plan", "check"])
def test_an_anomaly_is_told_with_what_says_that_it_is_known(folder: Story, command: str) -> None:
    """A row with its number, one without, an unclear invoice: typed as printed, each of them is told no more."""
    words = {"plan": ("plan", "--verbose"), "check": ("check", "--offline")}[command]
    bad = BRAVO.replace("800,00", "huit cents"), CHARLIE.replace("F-3", "").replace("640,50", "x")
    twice = ALPHA + ALPHA.replace("1203,00", "99,00")
    written(folder, HEAD + "".join(bad) + (twice if command == "plan" else ALPHA))
    shown = folder.run(*words, today=MONDAY)
    printed = re.findall(r"→ (relance confirm row \S+)", shown.out)
    assert {"relance confirm row F-2", "relance confirm row factures.csv:3"} <= {*printed}, shown.out
    assert ("relance confirm row F-1" in printed) is (command == "plan")
    for each in dict.fromkeys(printed):
        assert 0 == typed(folder, each).code, each
    assert (0, []) == ((found := planned(folder)[1]).code, found.json["problems"])
    assert "confirm row" not in folder.run(*words, today=MONDAY).out


def test_nothing_is_noted_of_a_file_that_no_settings_name(folder: Story) -> None:
    """The command would find no such row."""
    written(folder, HEAD + BRAVO.replace("800,00", "x"), "autres.csv")
    shown = folder.run("plan", "autres.csv", today=MONDAY)
    assert "Anomalies (1)" in shown.out.replace("\u00a0", " ")
    assert "confirm row" not in shown.out
    assert "confirm row" not in folder.run("send", "autres.csv", "--dry-run", today=MONDAY).out
    written(folder, HEAD + BRAVO.replace("800,00", "x"))
    assert "→ relance confirm row F-2" in folder.run("send", "--dry-run", today=MONDAY).out
