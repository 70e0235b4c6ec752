"""`relance report` as a freelancer runs it, what `send` remembers for it, and the habits that `show` tells."""

import csv
import io
import json
import re
import sqlite3
import stat
import zipfile
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from status_support import export, table
from story_support import Row, Story, row, story

TODAY = "2026-11-20"
FOLDER = '[delivery]\ntransport = "folder"\n'
PAID = {"paid": "1200,00", "paid_on": "09/10/2026", "status": "Payée"}
ROWS = (
    row("F-1", "Lune SARL", "05/11/2026", "1 200,00", issued="06/10/2026"),
    row("F-2", "Lune SARL", "30/11/2026", "800,50", issued="31/10/2026"),
    row("F-3", "Orme SAS", "20/11/2026", "99,99", issued="21/10/2026"),
    row("F-4", "Orme SAS", "01/08/2026", "500,00", issued="02/07/2026", paid="100,00", paid_on="10/09/2026"),
    row(
        "F-5",
        "Orme SAS",
        "01/09/2026",
        "60,00",
        issued="02/08/2026",
        paid="60,00",
        paid_on="15/09/2026",
        status="Payée",
    ),
    row("AV-1", "Lune SARL", "05/11/2026", "-50,00", issued="05/11/2026", status="Avoir"),
    row("F-6", "Lune SARL", "05/11/2026", "400,00", issued="06/10/2026", status="Brouillon"),
)


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A file with open, paid, credited and draft invoices; messages go to a folder."""
    at = story(tmp_path)
    at.write(*ROWS)
    at.settings(rest=FOLDER)
    return at


def paid_by(name: str, lates: list[int]) -> list[Row]:
    """Invoices of one customer, each due on the 1st of a month of 2026 and paid so many days later."""
    months = [f"{n:02}/2026" for n in range(1, len(lates) + 1)]
    paid = {"paid": "100,00", "status": "Payée"}
    return [
        row(f"P-{n}", name, f"01/{n}", "100,00", issued=f"01/{n}", paid_on=f"{1 + late:02}/{n}", **paid)
        for n, late in zip(months, lates, strict=True)
    ]


def test_the_page_lies_beside_for_its_user_alone(here: Story) -> None:
    """Its name has the day, its mode is 0600, and what is said names it with the sums of the plan."""
    done = here.run("report", today=TODAY)
    page = here.folder / f"relance-rapport-{TODAY}.html"
    assert (0, True) == (done.code, str(page) in done.out)
    assert 0o600 == stat.S_IMODE(page.stat().st_mode)
    (totals,) = here.plan(TODAY)["totals"]
    assert "2500.49" == totals["outstanding"]
    assert "Reste dû 2\u202f500,49\u00a0€ · en retard 1\u202f600,00\u00a0€" in done.out
    text = page.read_text("utf-8")
    assert all(said in text for said in ("2\u202f500,49\u00a0€", "1\u202f600,00\u00a0€", "50,00\u00a0€", "Lune SARL"))
    assert 0 == here.run("report", today=TODAY).code  # a page of ours is written anew


def test_json_adds_up_to_the_totals_of_the_plan(here: Story) -> None:
    """Every name of the contract, sums as strings, what says nothing null; credit notes apart."""
    found = here.run("report", "--format", "json", today=TODAY).json
    (totals,) = here.plan(TODAY)["totals"]
    assert (1, TODAY, "EUR") == (found["version"], found["today"], found["currency"])
    assert {"not_due": "900.49", "1_30": "1200.00", "31_60": "0.00", "61_90": "0.00", "over_90": "400.00"} == found[
        "aged"
    ]
    assert Decimal(totals["outstanding"]) == sum(map(Decimal, found["aged"].values()))
    assert (totals["overdue"], "50.00") == (found["overdue"], found["credit_notes"])
    assert totals["interest"] == found["claimable"]["interest"]
    orme, lune = found["customers"]
    assert ("Orme SAS", "499.99", 111, 1, None) == tuple(
        orme[name] for name in ("customer", "outstanding", "oldest_days", "paid_invoices", "median_days_late")
    )
    assert ("2000.50", "1200.00", 0, 0) == tuple(
        lune[name] for name in ("outstanding", "overdue", "promises_kept", "promises_made")
    )
    assert {"countback", "invoices"} <= found["dso"].keys()
    assert {"weighted": None, "late": None, "invoices": 1} == found["days_to_pay"]
    assert "collection_effectiveness" in found
    assert [] == found["stages"]
    assert {"month": "2026-11", "outstanding": "2500.49", "overdue": "1600.00"} == found["trend"][-1]
    assert {"week": "99.99", "month": "900.49", "agreed": []} == found["coming"]
    assert None is found["sales_to_make_up"]


def test_a_day_that_is_over_is_made_of_dated_facts(here: Story) -> None:
    """On the 5th of September nothing of Orme's was paid yet, and Lune had not been billed."""
    found = here.run("report", "--format", "json", "--today", "2026-09-05").json
    assert ("560.00", "560.00") == (found["outstanding"], found["overdue"])


def test_csv_has_one_row_an_open_invoice(here: Story) -> None:
    """As the totals count them, numbers that a French spreadsheet adds up; on a file with the mark of UTF-8."""
    shown = here.run("report", "--format", "csv", today=TODAY).out
    rows = list(csv.DictReader(io.StringIO(shown), delimiter=";"))
    assert ["F-4", "F-1", "F-2", "F-3"] == [each["N° facture"] for each in rows]
    assert Decimal("2500.49") == sum(Decimal(each["Reste dû"].replace(",", ".")) for each in rows)
    assert ("01/08/2026", "111", "100,00") == tuple(rows[0][name] for name in ("Échéance", "Jours de retard", "Payé"))
    done = here.run("report", "--out", "ouvertes.csv", today=TODAY)
    written = (here.folder / "ouvertes.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf")
    assert shown.strip().split("\n") == written.decode("utf-8-sig").strip().split("\r\n")
    assert 0 == done.code


@pytest.mark.slow
def test_the_workbook_has_invoices_and_aged_balances(here: Story) -> None:
    """Amounts are numbers, days are days; the second sheet has each customer's ages and credit notes."""
    assert 0 == here.run("report", "--out", "r.xlsx", today=TODAY).code
    book = load_workbook(here.folder / "r.xlsx")
    invoices, aged, _ = (list(sheet.iter_rows(values_only=True)) for sheet in book)
    rest = invoices[0].index("Reste dû")
    assert 4 == len(invoices) - 1
    assert Decimal("2500.49") == sum(Decimal(str(each[rest])) for each in invoices[1:])
    assert {"Orme SAS": 499.99, "Lune SARL": 2000.5} == {each[0]: each[3] for each in aged[1:]}
    assert {"Orme SAS": 0, "Lune SARL": 50} == {each[0]: each[-1] for each in aged[1:]}
    assert all(round(each[3] - sum(each[4:9]), 2) == 0 for each in aged[1:])  # type: ignore[operator,arg-type]
    assert 0 == here.run("report", "--out", "r.xlsx", today=TODAY).code  # a workbook of ours is written anew


@pytest.mark.slow
def test_the_workbook_has_the_stages_of_the_json(here: Story) -> None:
    """A row each, and under it what came in where nothing was sent; what is too little to say is blank."""
    told = ("--stage", "friendly", "--channel", "email", "--on", "2026-10-01")
    assert 0 == here.run("record", "F-4", *told, today="2026-10-01").code
    [stage] = here.run("report", "--format", "json", today=TODAY).json["stages"]
    silent = stage["nothing_sent"]
    assert 0 == here.run("report", "--out", "r.xlsx", today=TODAY).code
    _, *rows = load_workbook(here.folder / "r.xlsx")["Étapes"].iter_rows(values_only=True)
    assert [("relance amicale", "EUR"), ("relance amicale : rien d’envoyé", "EUR")][: len(rows)] == [
        (str(cells[0]).replace("\u00a0", " "), cells[1]) for cells in rows
    ]
    sums = [(stage["contacted"], stage["contacted_amount"], stage), (silent["invoices"], silent["owed"], silent)]
    for cells, (cases, owed, of) in zip(rows, sums, strict=True):
        counts = (cases, of["pending"], of["paid_within_14_days"], of["percent"], of["median_days"])
        assert counts == (cells[2], cells[3], cells[5], *cells[7:])
        assert [Decimal(owed), Decimal(of["amount"])] == [Decimal(str(cells[place])) for place in (4, 6)]


@pytest.mark.parametrize("fault", ["octets", "password"])
def test_a_workbook_that_cannot_be_read_is_left_alone(here: Story, fault: str) -> None:
    """Its properties are damaged, or locked: another program may still make something of it."""
    path = here.folder / "r.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("docProps/core.xml", "<dc:creator>relance</dc:creator>" * 50)
    data = bytearray(path.read_bytes())
    if fault == "octets":
        data[60:70] = b"\xff" * 10
    else:
        data[6] |= 1  # the flag of an encrypted part, in its header and in the directory of the archive
        data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    done = here.run("report", "--out", "r.xlsx", today=TODAY)
    assert 2 == done.code
    assert "n’est pas un rapport" in done.err
    assert data == path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["=1+1", "+33", "-2", "@SUM(A1)", '=HYPERLINK("http://mal.example")'])
def test_a_customer_is_no_formula(here: Story, name: str) -> None:
    """What a spreadsheet would reckon is a text in both."""
    quoted = '"' + name.replace('"', '""') + '"'
    here.write(row("F-1", quoted, "05/11/2026", email="a@a.example"))
    rows = list(csv.reader(io.StringIO(here.run("report", "--format", "csv", today=TODAY).out), delimiter=";"))
    assert f"'{name}" == rows[1][1]
    here.run("report", "--out", "r.xlsx", today=TODAY)
    cell = load_workbook(here.folder / "r.xlsx")["Factures ouvertes"]["B2"]
    assert (name, "s") == (cell.value, cell.data_type)


def test_what_is_no_report_is_never_overwritten(here: Story) -> None:
    """Neither the invoice file nor another page; a folder that is not there is said; each cure can be followed."""
    before = here.invoices.read_bytes()
    (here.folder / "page.html").write_text("<p>à moi</p>", "utf-8")
    for out in ("factures.csv", "page.html", "relance.toml", ".", "absent/r.html"):
        done = here.run("report", "--out", out, today=TODAY)
        assert (2, "") == (done.code, done.out), out
        assert "--out" in done.err
    assert before == here.invoices.read_bytes()
    assert "<p>à moi</p>" == (here.folder / "page.html").read_text("utf-8")
    assert [] == list(here.folder.glob(".relance-*"))


def test_open_is_for_the_page(here: Story) -> None:
    """A table is not shown in a browser."""
    done = here.run("report", "--open", "--format", "csv", today=TODAY)
    assert (2, "") == (done.code, done.out)
    assert "--open" in done.err


def test_without_settings_and_with_a_broken_row(here: Story) -> None:
    """What could not be read is said on the page and the terminal, with where to look, and asks for a look."""
    (here.folder / "relance.toml").unlink()
    here.write(*ROWS, row("F-7", "Orme SAS", "05/11/2026", "12 cents", issued="06/10/2026"))
    done = here.run("report", "--file", "factures.csv", today=TODAY)
    assert 1 == done.code
    assert "Non compté" in done.out
    assert "relance check factures.csv\n" in done.out
    assert 1 == here.run("check", "factures.csv", today=TODAY).code
    assert "Non compté" in (here.folder / f"relance-rapport-{TODAY}.html").read_text("utf-8")


def test_the_margin_tells_what_a_loss_costs(here: Story) -> None:
    """Only where the settings have it: 1 600 € at 20 % are 8 000 € of sales."""
    page = here.folder / f"relance-rapport-{TODAY}.html"
    here.run("report", today=TODAY)
    assert "marge" not in page.read_text("utf-8")
    here.settings(rest=FOLDER + "[report]\nmargin_percent = 20\n")
    here.run("report", today=TODAY)
    assert "8\u202f000,00\u00a0€" in page.read_text("utf-8")
    assert "8000.00" == here.run("report", "--format", "json", today=TODAY).json["sales_to_make_up"]
    for wrong in ("0", "-3", "101", '"20"'):
        here.settings(rest=FOLDER + f"[report]\nmargin_percent = {wrong}\n")
        assert 2 == here.run("report", today=TODAY).code


def kept(here: Story) -> list[tuple[str, str, str]]:
    """What the journal remembers."""
    with closing(sqlite3.connect(here.journal)) as db:
        return list(db.execute("SELECT on_date, invoice, outstanding FROM changes ORDER BY on_date, invoice"))


def test_send_remembers_and_plan_does_not(here: Story) -> None:
    """A row for each change of what the totals count; a plan, a report and a rehearsal write nothing."""
    here.run("send", "--yes", "--today", "2026-11-19")
    first = kept(here)
    assert [f"F-{n}/2026" for n in (1, 2, 3, 4)] == [key for _, key, _ in first]
    for command in (("plan",), ("report", "--format", "json"), ("send", "--dry-run")):
        here.run(*command, today=TODAY)
    assert first == kept(here)
    here.write(*ROWS[1:])
    here.run("send", "--yes", today=TODAY)
    assert (TODAY, "F-1/2026", "0.00") in kept(here)


def test_a_file_of_open_invoices_gets_a_past(here: Story) -> None:
    """What a run counted in October is the end of October, though the file shows it no more."""
    opened = [row(f"F-{n}", "Lune SARL", "15/10/2026", "100,00", issued="15/09/2026") for n in range(1, 4)]
    here.write(*opened)
    here.run("send", "--yes", "--today", "2026-10-20")
    here.write(*opened[:2])
    here.run("send", "--yes", "--today", "2026-11-10")
    trend = here.run("report", "--format", "json", today=TODAY).json["trend"]
    assert [("2026-10", "300.00"), ("2026-11", "200.00")] == [(each["month"], each["outstanding"]) for each in trend]


def test_a_doubtful_file_is_no_memory(here: Story) -> None:
    """Where too much is gone at once, nothing is noted of it."""
    several = [row(f"F-{n}", f"Lune{n} SARL", "30/11/2026", "100,00", issued="31/10/2026") for n in range(1, 10)]
    here.write(*several)
    here.run("send", "--yes", "--today", "2026-11-19")
    first = kept(here)
    here.write(*several[:2])
    here.run("send", "--yes", today=TODAY)
    assert first == kept(here)


def test_show_tells_the_habits(here: Story) -> None:
    """Of a customer alone: the usual delay, what was on time, the day that is foreseen; under five, that it is few."""
    open_one = row("F-9", "Lune SARL", "15/11/2026", "70,00", issued="16/10/2026")
    here.write(*paid_by("Lune SARL", [10, 12, 0, 14, 12, 29]), open_one)
    said = here.run("show", "Lune SARL", today=TODAY).out.replace("\u00a0", " ")
    assert (
        "Habitudes : paie 12 jours après l’échéance (médiane de 6 factures, au pire 29 jours), 1 sur 6 à temps" in said
    )
    assert "Paie le plus souvent sans relance" in said
    assert "Prévision de règlement : F-9 vers le 27/11" in said
    sheet = here.run("show", "F-9", "--call", today=TODAY).out.replace("\u00a0", " ")
    assert "D’habitude, paie 12 jours après l’échéance (6 factures, 1 à temps)" in sheet
    here.write(*paid_by("Lune SARL", [10, 12]), open_one)
    few = here.run("show", "Lune SARL", today=TODAY).out.replace("\u00a0", " ")
    assert "Habitudes : 2 factures payées, trop peu pour conclure" in few
    assert "D’habitude" not in here.run("show", "F-9", "--call", today=TODAY).out


def test_the_page_asks_for_nothing(here: Story) -> None:
    """No script, no address, nothing to load; what a customer is called is text."""
    here.write(row("F-1", "<script>alert(1)</script> & Lune", "05/11/2026", email="a@a.example"))
    here.run("report", today=TODAY)
    page = (here.folder / f"relance-rapport-{TODAY}.html").read_text("utf-8")
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    assert [] == re.findall(r"<script|<link|<img|<iframe|<form|<a |src=|href=|url\(|@import|https?:|//", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Lune" in page


def test_the_page_tells_what_is_to_be_done(here: Story) -> None:
    """A question about the whole file, a call for a customer, what another one promised, a message that is next.

    Of whom nothing is asked, what his invoices wait for.
    """
    here.write(*ROWS, row("F-8", "Sapin SAS", "05/11/2026", issued="06/10/2026"))
    here.settings(rest=FOLDER + '[policy]\nschedule = "phone"\n')
    here.run("send", "--yes", "--today", "2026-11-02")
    page = here.folder / f"relance-rapport-{TODAY}.html"
    here.run("report", today=TODAY)
    assert "déjà en retard à l’installation" in page.read_text("utf-8")
    here.run("confirm", "backlog", "--as-is", "--today", "2026-11-02")
    here.run("record", "F-8", "--stage", "friendly", "--channel", "email", "--today", "2026-11-10")
    here.run("hold", "F-4", "--reason", "promise", "--until", "27/11/2026", "--today", "2026-11-19")
    here.run("report", today=TODAY)
    rows = re.findall(r'<th scope="row">(\w+).*data-l="À faire">(.*?)</td>', page.read_text("utf-8"))
    assert {"Orme": "promis pour le 27/11", "Sapin": "appeler", "Lune": "relance amicale à envoyer"} == dict(rows)
    agreed = here.run("report", "--format", "json", today=TODAY).json["coming"]["agreed"]
    assert [{"date": "2026-11-27", "customer": "Orme SAS", "amount": "400.00", "kind": "promise"}] == agreed
    here.run("hold", "Lune SARL", "--reason", "pause", "--until", "30/11/2026", "--today", TODAY)
    here.run("report", today=TODAY)
    [said] = re.findall(r'<th scope="row">Lune.*data-l="À faire">(.*?)</td>', page.read_text("utf-8"))
    assert "en pause jusqu’au 30/11" == said.replace("\u00a0", " ")


def test_a_file_that_is_not_understood_is_said(here: Story) -> None:
    """Its sums are not sure: the page says so, and asks for a look."""
    text = here.invoices.read_text("utf-8").split("\n")
    added = [text[0] + ";Reste à lettrer", *(f"{line};12,50" for line in text[1:] if line)]
    here.invoices.write_text("\n".join(added) + "\n", "utf-8")
    assert 1 == here.run("report", today=TODAY).code
    assert "ne sont pas sûres" in (here.folder / f"relance-rapport-{TODAY}.html").read_text("utf-8")


def test_json_is_whole_in_a_file_too(here: Story) -> None:
    """The same document, and nothing else; written anew the next time."""
    shown = here.run("report", "--format", "json", today=TODAY).json
    for _ in range(2):
        assert 0 == here.run("report", "--out", "r.json", today=TODAY).code
    assert shown == json.loads((here.folder / "r.json").read_text("utf-8"))


def test_what_a_platform_holds_has_its_line(here: Story) -> None:
    """How many were refused, suspended, never arrived, with their sums; which of them is owed; nothing without any."""
    here.write(
        row("F-1", "Lune SARL", "05/11/2026", "1 200,00", issued="06/10/2026"),
        row("F-2", "Lune SARL", "05/11/2026", "300,00", issued="06/10/2026"),
        row("F-3", "Orme SAS", "05/11/2026", "45,50", issued="06/10/2026"),
        row("F-4", "Orme SAS", "05/11/2026", "80,00", issued="06/10/2026"),
    )
    page = here.folder / f"relance-rapport-{TODAY}.html"
    here.run("report", today=TODAY)
    assert "Sur la plateforme" not in page.read_text("utf-8")
    assert [] == here.run("report", "--format", "json", today=TODAY).json["platform"]
    here.settings(rest='statuses = "statuts/*"\n' + FOLDER)
    told = (
        ("F-1", "Refusée", "210"),
        ("F-2", "Refusée", "210"),
        ("F-3", "Suspendue", "208"),
        ("F-4", "Rejetée", "213"),
    )
    export(here.folder, table(*((*each, "10/11/2026") for each in told)))
    found = here.run("report", "--format", "json", today=TODAY).json
    assert [("refused_invoice", 2, "1500.00"), ("suspended", 1, "45.50"), ("not_received", 1, "80.00")] == [
        tuple(each.values()) for each in found["platform"]
    ]
    assert "45.50" == found["outstanding"]  # what is suspended alone
    here.run("report", today=TODAY)
    assert (
        "Sur la plateforme : 2 refusées (1 500,00 €), 1 suspendue (45,50 €) et 1 jamais arrivée (80,00 €). "
        "Refusée ou jamais arrivée, une facture n’est pas dans le reste dû."
    ) in page.read_text("utf-8").replace("\u00a0", " ").replace("\u202f", " ")
    (line,) = csv.DictReader(io.StringIO(here.run("report", "--format", "csv", today=TODAY).out), delimiter=";")
    assert "suspendue par le client" in line["Situation"]


def test_silence_stands_beside_what_was_sent(here: Story) -> None:
    """One of five was reminded; the other four say too little, a fifth gives a share."""
    silent = [row(f"S-{n}", "Lune SARL", "01/10/2026", issued="01/09/2026", **PAID) for n in range(5)]
    told = row("F-1", "Orme SAS", "01/10/2026", issued="01/09/2026")
    for count, percent in ((4, None), (5, "100.0")):
        here.write(told, *silent[:count])
        here.run("record", "F-1", "--stage", "friendly", "--channel", "email", "--today", "2026-10-06")
        (stage,) = here.run("report", "--format", "json", today=TODAY).json["stages"]
        assert ("friendly", 1, 0, None) == tuple(
            stage[name] for name in ("stage", "contacted", "paid_within_14_days", "percent")
        )
        beside = stage["nothing_sent"]
        assert (count, count, percent) == tuple(beside[name] for name in ("invoices", "paid_within_14_days", "percent"))
    here.run("report", today=TODAY)
    page = (here.folder / f"relance-rapport-{TODAY}.html").read_text("utf-8").replace("\u00a0", " ")
    assert "relance amicale : rien d’envoyé</th>" in page
    assert "« Rien d’envoyé » : factures dues au jour de cette étape et sans aucun contact noté" in page
