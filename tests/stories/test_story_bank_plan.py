"""What came in at the bank, in plan and send: counted at once, noted once, asked about where it is not sure."""

import re
import shlex
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bank_support import ALL, Moved, ofx1, qonto
from story_support import Row, Story, interest, row, story

from relance.core.policy import DunningPolicy

DAY, NEXT = "2026-11-20", "2026-11-27"
OWED = (
    row("F-2026-051", "Menuiserie Roux SARL", "02/11/2026", issued="03/10/2026"),
    row("F-2026-052", "Garage Duval", "02/11/2026", "480,00", issued="03/10/2026"),
    row("F-2026-053", "Atelier Nord SAS", "02/11/2026", "900,00", issued="03/10/2026"),
)
FOLDER = '[delivery]\ntransport = "folder"\n'


def moved(day: str, amount: str, payer: str, text: str, reference: str = "") -> Moved:
    """One entry of the account."""
    return Moved(date.fromisoformat(day), Decimal(amount), payer, text, reference)


PAID = moved("2026-11-17", "1200.00", "MENUISERIE ROUX", "FACTURE F-2026-051")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with settings, three invoices that are late, and a folder of statements."""
    at = story(tmp_path)
    at.write(*OWED)
    at.settings(rest=f'{FOLDER}[bank]\nfiles = ["releves/*"]\n')
    (tmp_path / "releves").mkdir()
    at.run("confirm", "rate", today="2026-11-02")
    for each in OWED:
        told = ("--stage", "friendly", "--channel", "email", "--on", "2026-11-08")
        assert 0 == at.run("record", each.number, *told, today="2026-11-08").code
    return at


def drop(at: Story, *rows: Moved, name: str = "nov.ofx", until: str = "20261118") -> None:
    """A statement of November is put into the folder."""
    text = ofx1(rows).replace("<DTEND>20261118", f"<DTEND>{until}")
    (at.folder / "releves" / name).write_text(text, encoding="utf-8")


def plain(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def lines(at: Story, day: str = DAY) -> dict[str, Any]:
    """The lines of the plan by number."""
    return {each["number"]: each for each in at.plan(day)["invoices"]}


def reasons(at: Story, day: str = DAY) -> list[str]:
    """Why, in the order of the file."""
    return [each["reason"] for each in at.plan(day)["invoices"]]


def test_a_matched_credit_is_a_payment_at_once(here: Story) -> None:
    """The plan counts it and writes nothing; the reminder of the paid invoice does not leave, the others do."""
    drop(here)
    before = here.plan(DAY)
    assert {"F-2026-051", "F-2026-052", "F-2026-053"} == {n for r in before["reminders"] for n in r["invoices"]}
    drop(here, PAID)
    files = here.files()
    after = here.plan(DAY)

    assert files == here.files()
    left = {n: r["stage"] for r in after["reminders"] for n in r["invoices"]}
    assert {"F-2026-051": "thanks", "F-2026-052": "firm", "F-2026-053": "firm"} == left
    assert {"until": "2026-11-18", "gaps": []} == after["bank"]
    paid = next(each for each in after["invoices"] if each["number"] == "F-2026-051")
    assert ("paid", "1200.00", "0.00") == (paid["reason"], paid["paid"], paid["outstanding"])
    assert "Relevés lus jusqu’au 18/11." in plain(here.run("plan", today=DAY).out).splitlines()
    assert "dont 1 200,00 € reçus en banque, absents du fichier" in plain(here.run("show", "F-2026-051", today=DAY).out)


def test_part_of_it_cuts_the_interest_on_its_day(here: Story) -> None:
    """14 % on 900 for 15 days, from 03/11 to 17/11, then on 500 for 3: counted by hand."""
    drop(here, moved("2026-11-17", "400.00", "ATELIER NORD", "acompte F-2026-053"))
    line = lines(here)["F-2026-053"]
    assert "500.00" == line["outstanding"]
    assert str(interest(("900", 15), ("500", 3))) == line["interest"]
    assert "too_soon" == line["reason"]  # quiet days since the money was seen
    assert str(date.fromisoformat(DAY) + timedelta(days=DunningPolicy().min_gap_days)) == line["next_date"]


def test_a_run_notes_it_and_the_next_counts_nothing_twice(here: Story) -> None:
    """The journal has it from then on, with the statement or without; `bank` says that it is settled."""
    drop(here, PAID, moved("2026-11-17", "400.00", "ATELIER NORD", "acompte F-2026-053"))
    here.run("send", "--dry-run", today=DAY)
    assert not here.journal.exists() or "1200.00" == lines(here)["F-2026-051"]["paid"]
    assert 2 > here.run("send", "--yes", today=DAY).code
    first = lines(here)
    settled = [each["because"] for each in here.run("bank", "--format", "json", today=DAY).json["credits"]]
    assert ["noté pour F-2026-051", "noté pour F-2026-053"] == sorted(settled)

    here.run("send", "--yes", today=DAY)
    assert first == lines(here)
    (here.folder / "releves" / "nov.ofx").unlink()
    (here.folder / "releves" / "dec.ofx").write_text(ofx1([]), encoding="utf-8")
    paid = {number: (line["paid"], line["outstanding"]) for number, line in lines(here).items()}
    assert ("1200.00", "0.00") == paid["F-2026-051"]
    assert ("400.00", "500.00") == paid["F-2026-053"]


def test_plan_and_bank_make_the_same_of_it(here: Story) -> None:
    """What `bank` says that a credit pays is what the plan counts, before a run and after it."""
    drop(
        here, PAID, moved("2026-11-17", "480.00", "INCONNU", "virement"), moved("2026-11-18", "900.00", "X", "F2026053")
    )
    for _ in range(2):
        credits = here.run("bank", "--format", "json", today=DAY).json["credits"]
        told = lines(here)
        given = {each["invoice"]: each["amount"] for credit in credits for each in credit["pays"]}
        assert given == {number: line["paid"] for number, line in told.items() if line["paid"] != "0.00"}
        held = {number for credit in credits for number in credit["candidates"]}
        assert held == {number for number, line in told.items() if line["reason"] == "bank_doubt"} == {"F-2026-052"}
        here.run("send", "--yes", today=DAY)


def test_who_paid_is_thanked(here: Story) -> None:
    """The invoice was reminded, and paid since: the thanks leave in the run that sees the money."""
    drop(here, moved("2026-11-17", "480.00", "GARAGE DUVAL", "F-2026-052"))
    thanks = [each["invoices"] for each in here.plan(DAY)["reminders"] if each["stage"] == "thanks"]
    assert [["F-2026-052"]] == thanks


def test_a_promise_is_kept_by_it(here: Story) -> None:
    """The day of the credit is that of the payment."""
    here.run("hold", "F-2026-051", "--reason", "promise", "--until", "2026-11-18", today="2026-11-10")
    assert "promised" == lines(here)["F-2026-051"]["reason"]
    drop(here, PAID)
    assert "paid" == lines(here, "2026-11-25")["F-2026-051"]["reason"]
    assert not [t for t in here.plan("2026-11-25")["tasks"] if "F-2026-051" in t["invoices"]]


def test_an_instalment_is_kept_by_it(here: Story) -> None:
    """Without the credit the first part is missed three working days after its day; with it nothing is asked."""
    parts = ("--instalment", "2026-11-12=400", "--instalment", "2026-12-12=500")
    assert 0 == here.run("hold", "F-2026-053", "--reason", "plan", *parts, today="2026-11-05").code
    assert "pas reçue" in plain(here.run("plan", today=DAY).out)
    drop(here, moved("2026-11-12", "400.00", "ATELIER NORD", "F-2026-053 1/2"))
    assert "pas reçue" not in plain(here.run("plan", today=DAY).out)


# The file and the bank


def shown(at: Story, *payments: tuple[str, str, str]) -> None:
    """The file shows these payments: number, amount, day."""
    told = {number: (amount, on) for number, amount, on in payments}
    rows: list[Row] = []
    for each in OWED:
        amount, on = told.get(each.number, ("", ""))
        rows.append(row(each.number, each.customer, each.due, each.total, issued=each.issued, paid=amount, paid_on=on))
    at.write(*rows)


@pytest.mark.parametrize("on", ["", "17/11/2026", "19/11/2026"])
def test_the_file_shows_it_later(here: Story, on: str) -> None:
    """It is that payment: half of 900 stays half, whether a run noted the credit before or not."""
    drop(here, moved("2026-11-17", "450.00", "ATELIER NORD", "F-2026-053"))
    assert "450.00" == lines(here)["F-2026-053"]["paid"]
    here.run("send", "--yes", today=DAY)
    shown(here, ("F-2026-053", "450,00", on))
    for day in (NEXT, "2026-12-01"):
        assert "450.00" == lines(here, day)["F-2026-053"]["paid"]
        here.run("send", "--yes", today=day)
    credit = here.run("bank", "--format", "json", today=NEXT).json["credits"][0]
    assert [{"invoice": "F-2026-053", "amount": "450.00"}] == credit["pays"]


def test_what_is_left_once_the_file_shows_it(here: Story) -> None:
    """The other half is a payment of its own: what the file shows is the first one, and is not taken off twice."""
    drop(here, moved("2026-11-10", "450.00", "ATELIER NORD", "F-2026-053"))
    here.run("send", "--yes", today="2026-11-19")
    shown(here, ("F-2026-053", "450,00", ""))
    drop(here, moved("2026-11-19", "450.00", "ATELIER NORD", "F-2026-053 solde"), name="b.ofx", until="20261120")
    line = lines(here)["F-2026-053"]
    assert ("paid", "900.00") == (line["reason"], line["paid"])


def test_the_file_showed_it_before(here: Story) -> None:
    """A credit of a day on or before the file's version that has it paid is that payment."""
    shown(here, ("F-2026-053", "450,00", ""))
    drop(here, moved("2026-11-17", "450.00", "ATELIER NORD", "F-2026-053"))
    assert ("450.00", "450.00") == (lines(here)["F-2026-053"]["paid"], lines(here)["F-2026-053"]["outstanding"])
    here.run("send", "--yes", today=DAY)
    assert "450.00" == lines(here, NEXT)["F-2026-053"]["paid"]


def test_a_file_older_than_the_credit_never_has_it(here: Story) -> None:
    """What it shows paid is another payment; with the credit nothing is left."""
    here.kept = False
    shown(here, ("F-2026-053", "450,00", ""))
    here.saved_on("2026-11-10")
    drop(here, moved("2026-11-25", "450.00", "ATELIER NORD", "F-2026-053 solde"), until="20261126")
    assert ("900.00", "0.00") == (
        lines(here, NEXT)["F-2026-053"]["paid"],
        lines(here, NEXT)["F-2026-053"]["outstanding"],
    )


def test_where_it_is_unclear_it_is_held_and_not_added(here: Story) -> None:
    """The file has 450 on a day that is far from the credit, and not too far: that payment, or another one?"""
    shown(here, ("F-2026-053", "450,00", "02/11/2026"))
    drop(here, moved("2026-11-17", "450.00", "ATELIER NORD", "F-2026-053"))
    line = lines(here)["F-2026-053"]
    assert ("bank_doubt", "450.00") == (line["reason"], line["paid"])


def test_where_they_differ_it_is_said_once_a_week(here: Story) -> None:
    """Paid at the bank and not in a newer file; paid in the file and not at the bank: said, and nothing stops."""
    shown(here, ("F-2026-052", "480,00", "05/11/2026"))
    drop(here, PAID, until="20261119")
    said = plain(here.run("plan", today=DAY).out)
    bank = "Payé à la banque, absent du fichier : F-2026-051 (1 200,00 € le 17/11/2026)"
    file = "Payé d’après le fichier, absent des relevés : F-2026-052 (480,00 € le 05/11/2026)"
    assert bank in said
    assert file in said
    assert ["paid", "paid", "due"] == reasons(here)
    outs = [plain(here.run("send", "--yes", today=day).out) for day in (DAY, "2026-11-23", "2026-11-30")]
    assert [True, False, True] == [bank in out for out in outs]
    assert [True, False, True] == [file in out for out in outs]


# Doubt


def test_a_doubt_holds_and_is_asked_once(here: Story) -> None:
    """One task for the credit, with the commands that settle it, each typed as printed."""
    drop(here, moved("2026-11-17", "480.00", "GARAGE DUVAL", "virement"))
    document = here.plan(DAY)
    task = next(each for each in document["tasks"] if each["invoices"] == ["F-2026-052"])
    assert "review" == task["kind"]
    assert {"F-2026-051", "F-2026-053"} == {n for r in document["reminders"] for n in r["invoices"]}
    printed = re.findall(
        r"→ relance (bank --settle .*?)(?: \(.*\))?$", plain(here.run("plan", today=DAY).out), re.MULTILINE
    )
    assert [True, False] == ["F-2026-052" in each for each in printed]
    assert task["command"] == f"relance {printed[0]}"
    assert printed[1].endswith("--not-ours")


def test_what_is_not_counted_leads_to_the_command_that_says_why(here: Story) -> None:
    """Of money to be placed it is `bank`, for `check` has no word of it; with rows that are not read, both."""
    drop(here, moved("2026-11-17", "480.00", "QUIDAM", "MERCI"))
    assert "Non compté : 1 ligne, 480,00 € → relance bank\n" in plain(here.run("plan", today=DAY).out)
    assert "Non compté : 1 ligne, 480,00 € → relance bank\n" in plain(here.run("report", today=DAY).out)
    here.write(*OWED, row("F-2026-054", "Atelier Nord SAS", "bientôt", "10,00"))
    assert "Non compté : 2 lignes, 490,00 € → relance check, relance bank" in plain(here.run("plan", today=DAY).out)


def test_a_draft_of_what_may_be_paid_is_not_to_be_sent(here: Story) -> None:
    """It lies in reach of a hand: what holds the invoice is said of the draft too; the command takes it back."""
    drop(here)
    assert 2 > here.run("send", today=DAY).code
    drop(here, moved("2026-11-17", "480.00", "QUIDAM", "MERCI"))
    told = plain(here.run("plan", today=DAY).out)
    [command] = re.findall(r"Supprimer le brouillon .*F-2026-052\), plus à envoyer → relance (.*)", told)
    assert "F-2026-051), plus à envoyer" not in told
    assert 0 == here.run(*shlex.split(command), today=DAY).code
    assert "Supprimer" not in plain(here.run("plan", today=DAY).out)
    assert "bank_doubt" == lines(here)["F-2026-052"]["reason"]


def test_one_credit_is_one_question_whoever_owes_it(here: Story) -> None:
    """An amount that two customers owe: one task that names both."""
    here.write(*OWED, row("F-2026-054", "Autre SAS", "02/11/2026", "480,00", issued="03/10/2026"))
    drop(here, moved("2026-11-17", "480.00", "INCONNU", "virement"))
    asked = [each["invoices"] for each in here.plan(DAY)["tasks"] if "--settle" in each["command"]]
    assert [["F-2026-052", "F-2026-054"]] == asked


def test_two_credits_are_two_questions_about_one_invoice(here: Story) -> None:
    """Each says its own credit."""
    drop(here, moved("2026-11-16", "480.00", "GARAGE DUVAL", "a"), moved("2026-11-17", "480.00", "GARAGE DUVAL", "b"))
    commands = [each["command"] for each in here.plan(DAY)["tasks"] if "--settle" in each["command"]]
    assert 2 == len(set(commands))


def test_a_doubt_that_holds_nothing_is_said(here: Story) -> None:
    """A customer who owes nothing paid: one line leads to `bank`."""
    drop(
        here,
        moved("2026-11-17", "900.00", "ATELIER NORD", "F-2026-053"),
        moved("2026-11-18", "900.00", "ATELIER NORD", "x"),
    )
    assert "1 versement à vérifier → relance bank" in plain(here.run("plan", today=DAY).out)


def test_what_the_bank_takes_back_is_owed_again_and_asked(here: Story) -> None:
    """A rejected transfer whose payment a run had noted: held, counted no more, and no second question about it."""
    drop(here, PAID)
    here.run("send", "--yes", today=DAY)
    assert "paid" == lines(here)["F-2026-051"]["reason"]
    drop(here, PAID, moved("2026-11-19", "-1200.00", "MENUISERIE ROUX", "REJET F-2026-051"), until="20261120")
    line = lines(here)["F-2026-051"]
    assert ("bank_doubt", "0.00") == (line["reason"], line["paid"])
    here.run("send", "--yes", today=DAY)
    line = lines(here, NEXT)["F-2026-051"]
    assert ("bank_doubt", "0.00") == (line["reason"], line["paid"])
    doubt = next(
        each for each in here.run("bank", "--format", "json", today=NEXT).json["credits"] if each["candidates"]
    )
    assert 0 == here.run("bank", "--settle", doubt["id"], "--not-ours", today=NEXT).code
    assert lines(here, NEXT)["F-2026-051"]["reason"] not in ("bank_doubt", "changed", "paid")


# Until when the bank is known


@pytest.mark.parametrize(("age", "expected"), [(35, "due"), (34, "stale_input")])
def test_firm_waits_for_a_statement_that_is_not_too_old(here: Story, age: int, expected: str) -> None:
    """The statement ends on 16/10, 35 days before; friendly leaves whatever its age."""
    here.write(*OWED, row("F-2026-060", "Zinc SARL", "13/11/2026", issued="13/10/2026"))
    here.settings(rest=f'{FOLDER}[bank]\nfiles = "releves/*"\nmax_age_days = {age}\n')
    (here.folder / "releves" / "oct.ofx").write_text(
        ofx1([moved("2026-10-02", "10.00", "X", "Y")]).replace("20261101", "20261001").replace("20261118", "20261016"),
        encoding="utf-8",
    )
    found = lines(here)
    assert expected == found["F-2026-051"]["reason"]
    assert ("due", "friendly") == (found["F-2026-060"]["reason"], found["F-2026-060"]["stage"])
    if expected == "stale_input":
        assert "Déposer le dernier relevé, 3 factures en attente" in plain(here.run("plan", today=DAY).out)
        assert "16 octobre 2026" in plain(found["F-2026-051"]["because"])


def test_the_days_ahead_have_fresh_statements(here: Story) -> None:
    """As they have a fresh file: the formal notice of J+30 is not held by a statement of today."""
    here.settings(rest=f'{FOLDER}[bank]\nfiles = "releves/*"\nmax_age_days = 5\n')
    drop(here)
    document = here.run("plan", "--days", "14", "--format", "json", today=DAY).json
    assert "approve" in {task["kind"] for day in document["ahead"] for task in day["tasks"]}
    assert "stale" not in str(document["ahead"])
    assert not [task for day in document["ahead"] for task in day["tasks"] if "relevé" in task["text"]]


@pytest.mark.parametrize("name", ["empty", "pdf", "cut"])
def test_what_cannot_be_read_is_said_and_nobody_is_pressed_as_if_it_had_been(here: Story, name: str) -> None:
    """No statement at all, one that is none, and a whole one beside one that is cut: a problem, exit 1, firm waits."""
    if name == "pdf":
        (here.folder / "releves" / "nov.pdf").write_bytes(b"%PDF-1.7")
    if name == "cut":
        drop(here, PAID)
        whole = ofx1([moved("2026-11-19", "480.00", "GARAGE DUVAL", "F-2026-052")])
        (here.folder / "releves" / "b.ofx").write_text(whole[: whole.index("<TRNAMT>") + 9], encoding="utf-8")
    done = here.run("plan", "--format", "json", today=DAY)
    assert 1 == done.code
    assert done.json["problems"]
    assert {"thanks"} >= {each["stage"] for each in done.json["reminders"]}  # for what was read
    firm = [line["reason"] for line in done.json["invoices"] if line["number"] == "F-2026-052"]
    assert ["stale_input"] == firm
    assert 1 == here.run("send", "--yes", today=DAY).code


def test_a_row_that_the_user_knows_holds_no_more(here: Story) -> None:
    """`confirm row FILE:LINE`: known as it stands."""
    drop(here, PAID)
    good = qonto([PAID])
    (here.folder / "releves" / "q.csv").write_text(
        good.replace("17-11-2026 09:12:04", "31-13-2026 09:12:04"), encoding="utf-8"
    )
    problem = here.plan(DAY)["problems"][0]
    assert "stale_input" == lines(here)["F-2026-052"]["reason"]
    printed = re.search(r"relance (confirm row \S+)", plain(here.run("plan", today=DAY).out))
    assert printed
    assert printed[1] == f"confirm row q.csv:{problem['line']}"
    assert 0 == here.run(*shlex.split(printed[1]), today=DAY).code
    assert [] == here.plan(DAY)["problems"]
    assert [] == here.run("bank", "--format", "json", today=DAY).json["problems"]
    assert "due" == lines(here)["F-2026-052"]["reason"]


def test_gaps_are_said(here: Story) -> None:
    """In the plan and in its document."""
    drop(here, PAID)
    early = ofx1([]).replace("20261101", "20261001").replace("20261118", "20261025")
    (here.folder / "releves" / "a.ofx").write_text(early, encoding="utf-8")
    document = here.plan(DAY)
    assert {"until": "2026-11-18", "gaps": [{"from": "2026-10-26", "to": "2026-10-31"}]} == document["bank"]
    assert "Relevés lus jusqu’au 18/11, manque du 26/10 au 31/10." in plain(here.run("plan", today=DAY).out)


def test_without_statements_nothing_is_said(here: Story) -> None:
    """The key is there, and empty."""
    here.settings(rest=FOLDER)
    assert here.plan(DAY)["bank"] is None
    assert "Relevés" not in plain(here.run("plan", today=DAY).out)
    assert "Banque" not in here.run("check", "--offline", today=DAY).out


def test_check_has_a_room_for_the_bank(here: Story) -> None:
    """How many files, until when, what came in, what is in doubt."""
    drop(here, PAID, moved("2026-11-17", "480.00", "GARAGE DUVAL", "virement"))
    out = plain(here.run("check", "--offline", today=DAY).out)
    assert "Banque" in out
    assert re.search(
        r"1 fichier, relevés lus jusqu’au 18/11, 1 compte, 2 versements, 1 à vérifier → relance bank\s+à voir", out
    )


@pytest.mark.parametrize("name", ["qonto", "ofx1", "ofx2", "qif", "camt", "cfonb"])
def test_a_statement_as_the_list_of_invoices(here: Story, name: str) -> None:
    """The refusal names what reads it; both cures work as printed."""
    (here.folder / "releve.txt").write_text(ALL[name]([PAID]), encoding="utf-8")
    done = here.run("plan", "releve.txt", today=DAY)
    assert (2, True) == (done.code, "est un relevé de compte bancaire" in plain(done.err))
    typed = re.search(r"« relance (bank [^»]*?) »", plain(done.err))
    setting = re.search(r"files = \[.*?\]", plain(done.err))
    assert typed
    assert setting
    assert 2 > here.run(*shlex.split(typed[1]), today=DAY).code
    (here.folder / "releve.txt").rename(here.folder / "releves" / "releve.txt")
    here.settings(rest=f"{FOLDER}[bank]\n{setting[0]}\n")
    assert "paid" == lines(here)["F-2026-051"]["reason"]


@pytest.mark.slow
def test_many_doubts_are_answered_one_by_one(here: Story) -> None:
    """Each credit with both of its commands, whole on a screen of 80; what is left out has a command that shows it."""
    sums = [f"{310 + n},00" for n in range(7)]
    here.write(*(row(f"F-2026-{n:03d}", f"Client {n} SARL", "02/11/2026", sum_) for n, sum_ in enumerate(sums, 60)))
    came = [f"{310 + n}.00" for n in range(7)]
    drop(here, *(moved("2026-11-17", each, f"INCONNU NUMERO {n} ET FILS", "merci") for n, each in enumerate(came)))

    done = here.on_terminal("plan", "--today", DAY, NO_COLOR="1")
    told = [line for line in plain(done.out).split("À faire")[1].splitlines() if "→" in line]
    assert [] == [line for line in told if len(line) > 80]
    typed = [re.sub(r".*→ relance ", "", line) for line in told]
    assert ["bank"] == [line for line in typed if "--settle" not in line][-1:]
    ways = [line for line in typed if "--settle" in line]
    assert (8, 4) == (len(ways), sum(line.endswith(" --not-ours") for line in ways))
    assert 4 == sum("sinon → " in line for line in told)
    settled = [*ways[0::4], *ways[3::4]]  # the first is theirs, the second is not, and so on
    assert [0] * 4 == [here.run(*shlex.split(line), today=DAY).code for line in settled]
    assert 3 == sum(
        each["verdict"] == "doubt" for each in here.run("bank", "--format", "json", today=DAY).json["credits"]
    )


@pytest.mark.parametrize("last", ["the doubt", "the doubt, and half a row"])
def test_what_is_under_a_doubt_is_an_open_invoice_still(here: Story, last: str) -> None:
    """Gone from the file, that is said; under a new number, it is asked about, not reminded from the start."""
    drop(here, moved("2026-11-17", "1200.00", "MENUISERIE ROUX", "VIREMENT"))
    here.run("send", today=DAY)
    assert "bank_doubt" == lines(here)["F-2026-051"]["reason"]
    if "half" in last:
        here.write(replace(OWED[0], status="En at"), *OWED[1:])
        here.run("send", today=DAY)
        assert "unclear" == lines(here)["F-2026-051"]["reason"]
    here.write(*OWED[1:])
    assert "F-2026-051 n’est plus dans le fichier" in plain(here.run("plan", today=NEXT).out)
    here.write(replace(OWED[0], number="FA-2026-551"), *OWED[1:])
    (credit,) = here.run("bank", "--format", "json", today=NEXT).json["credits"]
    here.run("bank", "--settle", credit["id"], "--not-ours", today=NEXT)
    assert "changed" == lines(here, NEXT)["FA-2026-551"]["reason"]
