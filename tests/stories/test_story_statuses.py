"""A freelancer puts the exports of the platform into a folder: nobody is chased who refused, disputes or has paid."""

import shlex
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bank_support import Moved, ofx1
from status_support import Cdar, cdar, export, table
from story_support import Story, row, story

DAY, NEXT = "2026-11-20", "2026-11-27"
OWED = (
    row("F-1", "Atelier Nord SAS", "02/11/2026", issued="03/10/2026"),
    row("F-2", "Garage Duval SARL", "02/11/2026", "600,00", issued="03/10/2026"),
)


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """Two invoices of which firm is next, and a folder of statuses."""
    at = story(tmp_path)
    at.write(*OWED)
    at.settings(rest=settings())
    export(
        tmp_path,
        table(("F-1", "Mise à disposition", "203", "01/09/2026"), ("F-2", "Mise à disposition", "203", "01/09/2026")),
        "sept.csv",
    )
    at.run("confirm", "rate", today="2026-11-02")
    for each in OWED:
        told = ("--stage", "friendly", "--channel", "email", "--on", "2026-11-08")
        assert 0 == at.run("record", each.number, *told, today="2026-11-08").code
    return at


def settings(more: str = "") -> str:
    """The statuses, and messages that go into a folder."""
    return f'statuses = "statuts/*"\n[delivery]\ntransport = "folder"\n{more}'


def lines(at: Story, day: str = DAY) -> dict[str, Any]:
    """The lines of the plan by number."""
    return {each["number"]: each for each in at.plan(day)["invoices"]}


def reasons(at: Story, day: str = DAY) -> dict[str, str]:
    """Why, by number."""
    return {number: each["reason"] for number, each in lines(at, day).items()}


def plain(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_each_stop_and_what_it_says(here: Story) -> None:
    """By table and message; a number without its signs is the same invoice."""
    assert {"F-1": "due", "F-2": "due"} == reasons(here)
    export(here.folder, table(("f 1", "Refusée", "210", "10/11/2026", "TX_TVA_ERR")))
    export(
        here.folder, cdar(Cdar("F-2", "208", "Suspendue", stamp="20261110101500", reasons=("JUSTIF_ABS",))), "f2.xml"
    )
    told = here.plan(DAY)

    assert {"F-1": "refused_invoice", "F-2": "suspended"} == reasons(here)
    assert ["review", "review"] == [task["kind"] for task in told["tasks"]]
    assert all(
        said in plain(" ".join(task["text"] for task in told["tasks"]))
        for said in ("un taux de TVA est faux", "un justificatif manque : envoyez-le")
    )
    shown = plain(here.run("show", "F-1", today=DAY).out)
    assert "Mise à disposition (203)" in shown
    assert "Refusée (210)" in shown
    assert "Statuts" in here.run("check", "--offline", today=DAY).out


def test_what_was_read_once_stays_known(here: Story) -> None:
    """An export of the next month leaves the refusal out: nobody is reminded all the same; another day's plan too."""
    export(here.folder, table(("F-1", "Refusée", "210", "10/11/2026"), ("F-2", "En litige", "", "")))
    here.run("send", "--yes", today=DAY)
    export(here.folder, table(("F-9", "Déposée", "200", "25/11/2026")))
    (here.folder / "statuts" / "sept.csv").unlink()

    assert {"F-1": "refused_invoice", "F-2": "disputed"} == reasons(here, NEXT)
    export(here.folder, table(("F-2", "Approuvée", "", "")))
    assert "disputed" != reasons(here, NEXT)["F-2"]


def test_label_and_code_that_disagree_hold_and_ask(here: Story) -> None:
    """Until the user says that he knows the row, or the export is right."""
    export(here.folder, table(("F-1", "Rejetée", "201", "10/11/2026")))
    told = here.plan(DAY)
    assert "unclear" == reasons(here)["F-1"]
    assert ["F-1" in str(problem) or problem["line"] == 2 for problem in told["problems"]] == [True]
    assert here.run("plan", today=DAY).out.count("Libellé et code") == 1

    assert 0 == here.run("confirm", "row", "F-1", today=DAY).code
    assert "due" == reasons(here)["F-1"]


def test_a_212_is_a_payment_of_its_day(here: Story) -> None:
    """It cuts the interest, is noted once by send, and absorbed once the file shows it."""
    export(here.folder, table(("F-1", "Encaissée", "212", "10/11/2026", "", "500,00")))
    before = lines(here)["F-1"]
    assert ("500.00", "700.00") == (before["paid"], before["outstanding"])
    for day in (DAY, DAY, NEXT):
        here.run("send", "--yes", today=day)
        assert "500.00" == lines(here, day)["F-1"]["paid"]
    paid = row("F-1", "Atelier Nord SAS", "02/11/2026", issued="03/10/2026", paid="500,00", paid_on="09/11/2026")
    here.write(paid, OWED[1])
    assert "500.00" == lines(here, NEXT)["F-1"]["paid"]
    export(
        here.folder,
        table(
            ("F-1", "Encaissée", "212", "10/11/2026", "", "500,00"),
            ("F-1", "Encaissée", "212", "26/11/2026", "", "700,00"),
        ),
    )
    assert "paid" == reasons(here, NEXT)["F-1"]


def test_a_212_and_pay_and_the_bank_are_once_the_same_money(here: Story) -> None:
    """Whichever is told first, before or after a run noted it."""
    export(here.folder, table(("F-1", "Encaissée", "212", "12/11/2026", "", "500,00")))
    assert 0 == here.run("pay", "F-1", "--amount", "500", "--on", "2026-11-11", today=DAY).code
    assert "500.00" == lines(here)["F-1"]["paid"]
    here.run("send", "--yes", today=DAY)
    assert "500.00" == lines(here)["F-1"]["paid"]

    here.settings(rest=settings('[bank]\nfiles = ["releves/*"]\n'))
    (here.folder / "releves").mkdir()
    entry = Moved(date(2026, 11, 11), Decimal("500.00"), "ATELIER NORD", "FACTURE F-1", "")
    (here.folder / "releves" / "nov.ofx").write_text(ofx1((entry,)), encoding="utf-8")
    assert "500.00" == lines(here)["F-1"]["paid"]
    export(here.folder, table(("F-2", "Encaissée", "212", "12/11/2026", "", "600,00")))
    other = Moved(date(2026, 11, 12), Decimal("600.00"), "GARAGE DUVAL", "FACTURE F-2", "")
    (here.folder / "releves" / "nov.ofx").write_text(ofx1((entry, other)), encoding="utf-8")
    assert ("paid", "600.00") == (reasons(here)["F-2"], lines(here)["F-2"]["paid"])
    here.run("send", "--yes", today=DAY)
    assert ("paid", "600.00") == (reasons(here, NEXT)["F-2"], lines(here, NEXT)["F-2"]["paid"])


def test_a_payment_that_was_declared_weeks_later_is_the_same(here: Story) -> None:
    """Who declares once a month declares what the file has had for weeks."""
    paid = row("F-1", "Atelier Nord SAS", "02/11/2026", issued="03/10/2026", paid="500,00", paid_on="25/10/2026")
    here.write(paid, OWED[1])
    export(here.folder, table(("F-1", "Encaissée", "212", "18/11/2026", "", "500,00")))
    assert ("500.00", "due") == (lines(here)["F-1"]["paid"], reasons(here)["F-1"])


def test_a_212_that_nobody_can_place_is_asked_about(here: Story) -> None:
    """Without an amount, or of a sum that the file may show already: held, and each printed cure ends it."""
    export(
        here.folder,
        table(("F-1", "Encaissée", "212", "10/11/2026"), ("F-2", "Encaissée", "212", "10/11/2026", "", "900,00")),
    )
    assert {"F-1": "bank_doubt", "F-2": "bank_doubt"} == reasons(here)
    commands = [task["command"] for task in here.plan(DAY)["tasks"]]
    assert "relance pay F-1 --on 2026-11-10" == commands[0]

    assert 0 == here.run(*shlex.split(commands[0])[1:], today=DAY).code
    assert 0 == here.run("confirm", "row", "F-2", today=DAY).code
    assert ("paid", "due") == tuple(reasons(here).values())


def test_statuses_of_what_others_sold_are_not_ours(here: Story) -> None:
    """A supplier's invoice may bear the number of one's own."""
    text = (here.folder / "relance.toml").read_text("utf-8")
    (here.folder / "relance.toml").write_text(
        text.replace("[sender]", '[sender]\nsiret = "73282932000074"', 1), "utf-8"
    )
    export(
        here.folder,
        cdar(Cdar("F-1", "210", "Refusee", seller="552100554"), Cdar("F-2", "210", "Refusee", seller="732829320")),
        "a.xml",
    )
    assert ("due", "refused_invoice") == tuple(reasons(here).values())


def test_nothing_leaves_while_an_export_cannot_be_read(here: Story) -> None:
    """It may hold a refusal."""
    export(here.folder, "n'importe quoi\n", "z.csv")
    run = here.run("send", "--yes", today=DAY)
    assert {"F-1": "stale_input", "F-2": "stale_input"} == reasons(here)
    assert 1 == run.code
    assert "z.csv" in run.out + run.err


def renumbered(at: Story, day: str = DAY) -> None:
    """F-1 is F-1-BIS from now on; the user confirms it."""
    at.write(replace(OWED[0], number="F-1-BIS"), OWED[1])
    assert "changed" == reasons(at, day)["F-1-BIS"]
    assert 0 == at.run("confirm", "F-1-BIS", today=day).code


@pytest.mark.parametrize("kept", [True, False])
def test_statuses_follow_a_number_that_was_edited(here: Story, kept: bool) -> None:
    """Whether the platform still tells them of the number that it knows, or the journal alone has them."""
    export(here.folder, table(("F-1", "En litige", "207", "10/11/2026", "QTE_ERR")))
    here.run("send", "--yes", today=DAY)
    if not kept:
        export(here.folder, table(("F-2", "Déposée", "200", "10/09/2026")))
    renumbered(here)
    assert "disputed" == reasons(here)["F-1-BIS"]
    assert "En litige (207)" in plain(here.run("show", "F-1-BIS", today=DAY).out)
    if not kept:
        assert 0 == here.run("release", "F-1-BIS", today=DAY).code
        assert "disputed" != reasons(here, NEXT)["F-1-BIS"]
        return
    export(here.folder, table(("F-1", "Approuvée", "205", "20/11/2026")), "dec.csv")
    assert "disputed" != reasons(here, NEXT)["F-1-BIS"]


def test_money_that_was_told_of_a_former_number_counts_once(here: Story) -> None:
    """Noted before the number changed, or after."""
    export(here.folder, table(("F-1", "Encaissée", "212", "10/11/2026", "", "500,00")))
    here.run("send", "--yes", today=DAY)
    renumbered(here)
    for day in (DAY, NEXT, NEXT):
        assert ("500.00", "700.00") == tuple(lines(here, day)["F-1-BIS"][each] for each in ("paid", "outstanding"))
        here.run("send", "--yes", today=day)
    export(
        here.folder,
        table(
            ("F-1", "Encaissée", "212", "10/11/2026", "", "500,00"),
            ("F-1", "Encaissée", "212", "24/11/2026", "", "700,00"),
        ),
    )
    for _ in range(2):
        assert "paid" == reasons(here, NEXT)["F-1-BIS"]
        here.run("send", "--yes", today=NEXT)


def test_a_rejected_invoice_that_was_deposited_again_is_reminded_of(here: Story) -> None:
    """The task said so: corrected under its number, or another one, it reaches the customer."""
    export(here.folder, table(("F-1", "Rejetée", "213", "10/11/2026"), ("F-2", "Rejetée", "213", "10/11/2026")))
    assert {"F-1": "not_received", "F-2": "not_received"} == reasons(here)
    here.run("send", "--yes", today=DAY)
    renumbered(here)
    assert {"F-1-BIS": "not_received", "F-2": "not_received"} == reasons(here)
    export(
        here.folder,
        table(
            ("F-1-BIS", "Mise à disposition", "203", "20/11/2026"), ("F-2", "Mise à disposition", "203", "20/11/2026")
        ),
        "dec.csv",
    )
    assert {"not_received"}.isdisjoint(reasons(here, NEXT).values())


def test_a_row_that_is_not_understood_holds_under_a_former_number(here: Story) -> None:
    """As under its own."""
    here.run("send", "--yes", today=DAY)
    renumbered(here)
    export(here.folder, table(("f 1", "Validée par magie", "", "20/11/2026")))
    assert "unclear" == reasons(here, NEXT)["F-1-BIS"]
    assert 0 == here.run("confirm", "row", "F-1-BIS", today=NEXT).code
    assert "unclear" != reasons(here, NEXT)["F-1-BIS"]


def test_columns_of_an_export_are_agreed_like_those_of_the_list(here: Story) -> None:
    """Nothing leaves before; the printed command answers once for all, and so do the settings."""
    asked = table(("F-1", "Déposée", "Rejet métier"), header=("N° facture", "Statut", "Sous-statut"))
    export(here.folder, asked)
    assert {"F-1": "reading", "F-2": "reading"} == reasons(here)
    assert 1 == here.run("send", "--yes", today=DAY).code
    shown = plain(here.run("plan", today=DAY).out)
    assert "« Sous-statut » (nov.csv) : Rejet métier" in shown
    assert "--as CHAMP" not in shown
    (command,) = (line.split("→ ")[1] for line in shown.splitlines() if "→ relance confirm columns" in line)

    assert 0 == here.run(*shlex.split(command)[1:], today=DAY).code
    assert {"F-1": "due", "F-2": "due"} == reasons(here)
    assert 0 == here.run("undo", "columns", today=DAY).code
    assert "reading" == reasons(here)["F-1"]
    here.settings(rest=settings().replace("statuses", 'ignore = ["SOUS-STATUT"]\nstatuses', 1))
    assert {"F-1": "due", "F-2": "due"} == reasons(here)


def test_a_lone_date_of_an_export_is_asked_about(here: Story) -> None:
    """Nothing leaves before; either answer leaves a column of the list that has the same header as it was."""
    listed = here.folder / "factures.csv"
    listed.write_text(listed.read_text("utf-8").replace("Date de facture", "Date"), "utf-8")
    export(here.folder, "Facture;Statut;Date\nF-1;Paiement transmis;10/11/2026\n")
    assert {"F-1": "payment_sent", "F-2": "reading"} == reasons(here)
    shown = plain(here.run("plan", today=DAY).out)
    assert "« Date » (nov.csv) : 10/11/2026 ; date du statut, ou de la facture" in " ".join(shown.split())
    status, invoice = (line.split("→ ")[1] for line in shown.splitlines() if "→ relance confirm columns" in line)

    for command, reason in ((invoice, "payment_sent"), (status, "due")):
        assert 0 == here.run(*shlex.split(command)[1:], today=DAY).code
        told = lines(here)["F-1"]
        assert ("2026-10-03", reason) == (told["issue_date"], told["reason"])
    assert 0 == here.run("undo", "columns", today=DAY).code
    assert "payment_sent" == reasons(here)["F-1"]


def test_a_header_that_the_list_leaves_out_is_still_read_of_an_export(here: Story) -> None:
    """What the user ignores are columns that nobody understands; « Statut » of a platform is one of them nowhere."""
    export(here.folder, table(("F-1", "Refusée", "210", "10/11/2026")))
    here.settings(rest=settings().replace("statuses", 'ignore = ["Statut"]\nstatuses', 1))
    assert "refused_invoice" == reasons(here)["F-1"]


@pytest.mark.parametrize(
    ("told", "says", "later"),
    [
        (("Rejetée", "213"), "à corriger et à déposer de nouveau", ("Mise à disposition", "203")),
        (("Suspendue", "208"), "envoyez ce qui manque, puis « Complétée » sur la plateforme", ("Complétée", "209")),
        (("En litige", "207"), "repart une fois approuvée ou encaissée sur la plateforme", ("Approuvée", "205")),
        (("Approuvée partiellement", "206"), "repart une fois approuvée ou encaissée", ("Encaissée", "212")),
        (("Paiement transmis", "211"), "attendu jusqu’au 25 novembre 2026", ()),
    ],
)
def test_what_a_hold_says_ends_it(here: Story, told: tuple[str, str], says: str, later: tuple[str, ...]) -> None:
    """Done as its sentence has it, reminders go on; not done, none leaves."""
    export(here.folder, table(("F-1", *told, "18/11/2026")))
    shown = " ".join(plain(here.run("show", "F-1", today=DAY).out).split())
    assert says in shown
    assert "due" != reasons(here)["F-1"]
    if later:
        assert "due" != reasons(here, NEXT)["F-1"]
        export(here.folder, table(("F-1", *later, "23/11/2026", "", "100,00" if later[1] == "212" else "")), "dec.csv")
    paid_of_late = later[1:] == ("212",)  # a payment counts as a word
    assert ("too_soon" if paid_of_late else "due") == reasons(here, NEXT)["F-1"]


def test_a_refused_invoice_ends_by_its_credit_note(here: Story) -> None:
    """As its sentence says: « avoir ou facture corrigée à faire »."""
    export(here.folder, table(("F-1", "Refusée", "210", "18/11/2026")))
    assert "avoir ou facture corrigée à faire" in " ".join(plain(here.run("show", "F-1", today=DAY).out).split())
    credit = row("A-1", "Atelier Nord SAS", "19/11/2026", "-1200,00", issued="19/11/2026")
    corrected = row("F-3", "Atelier Nord SAS", "19/12/2026", "1100,00", issued="19/11/2026")
    here.write(*OWED, credit, corrected)
    told = lines(here, NEXT)
    assert {"F-1", "F-2", "A-1", "F-3"} == set(told)
    assert "due" != told["F-1"]["reason"]
    assert "not_due" == told["F-3"]["reason"]


def test_the_firm_text_names_what_the_platform_tells(here: Story) -> None:
    """Made available, approved: the excuse is gone."""
    export(here.folder, table(("F-1", "Approuvée", "205", "10/09/2026")))
    text = plain(here.run("preview", "F-1", "--stage", "firm", today=DAY).out)
    assert (
        "La facture F-1 a été mise à disposition le 1er septembre et approuvée le 10 septembre sur la plateforme."
        in text
    )


def test_cancelled_and_factored(here: Story) -> None:
    """220 and 225 close."""
    export(here.folder, table(("F-1", "Annulée", "220", "10/11/2026"), ("F-2", "Affacturée", "225", "10/11/2026")))
    assert {"F-1": "cancelled", "F-2": "factored"} == reasons(here)


def test_what_no_export_tells_any_more_is_released(here: Story) -> None:
    """An export that was wrong and is right by now: the command that is printed ends what the journal alone has."""
    export(here.folder, table(("F-1", "Refusée", "210", "10/11/2026")))
    here.run("send", "--yes", today=DAY)
    assert 0 != here.run("release", "F-1", today=DAY).code
    export(here.folder, table(("F-1", "Approuvée", "205", "10/11/2026")))
    (task,) = (each for each in here.plan(NEXT)["tasks"] if each["invoices"] == ["F-1"])
    assert "relance release F-1" == task["command"]

    assert 0 == here.run(*shlex.split(task["command"])[1:], today=NEXT).code
    assert "refused_invoice" != reasons(here, NEXT)["F-1"]
    here.run("send", "--yes", today=NEXT)
    assert "refused_invoice" != reasons(here, NEXT)["F-1"]
