"""What the totals leave out is said under them, on screen and in JSON, with the command that tells why."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from einvoice_support import cii, write
from story_support import MONDAY, Row, Story, row, story

TUESDAY = "2026-11-24"
SPACES = str.maketrans("\u00a0\u202f", "  ")
GOOD = row("F-1", "Alpha SARL", "20/11/2026", "100,00")
BAD = row("F-2", "Beta SARL", "bientôt", "1 500,50")
UNKNOWN = row("F-3", "Gamma SARL", "20/11/2026", "60,00", status="Chez Paul")
NO_AMOUNT = row("F-4", "Delta SARL", "20/11/2026", "n. c.")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


def said(here: Story, *args: str) -> str:
    """The line that the plan ends its totals with, its spaces plain; empty where it has none."""
    out = here.run("plan", *args, today=MONDAY).out.translate(SPACES)
    return next((line for line in out.splitlines() if line.startswith("Non compté")), "")


def test_nothing_left_out(here: Story) -> None:
    """Not a word; the JSON document says none."""
    here.write(GOOD, row("F-5", "Alpha SARL", "20/11/2026", "70,00", status="Brouillon"))
    assert "" == said(here, "factures.csv")
    document = here.run("plan", "factures.csv", "--format", "json", today=MONDAY).json
    assert ({"rows": 0, "amount": "0.00"}, []) == (document["left_out"], document["left_out_amounts"])


def test_rows_and_their_sum(here: Story) -> None:
    """A row that cannot be used and an unclear invoice: neither is in a total, both are in this one."""
    here.write(GOOD, BAD, UNKNOWN)
    assert "Non compté : 2 lignes, 1 560,50 € → relance check factures.csv" == said(here, "factures.csv")
    document = here.run("plan", "factures.csv", "--format", "json", today=MONDAY).json
    assert {"rows": 2, "amount": "1560.50"} == document["left_out"]
    assert "100.00" == document["totals"][0]["outstanding"]


def test_amounts_that_nobody_can_read(here: Story) -> None:
    """They are rows; where there is no other, their sum is not said to be nothing."""
    here.write(GOOD, BAD, NO_AMOUNT)
    assert "Non compté : 2 lignes, dont 1 sans montant lisible, 1 500,50 €" in said(here, "factures.csv")
    here.write(GOOD, NO_AMOUNT)
    assert "Non compté : 1 ligne, montant inconnu → " in said(here, "factures.csv")
    document = here.run("plan", "factures.csv", "--format", "json", today=MONDAY).json
    assert {"rows": 1, "amount": "0.00"} == document["left_out"]


DOLLARS = row("F-6", "Delta SARL", "bientôt", "80,00 USD")


@pytest.mark.parametrize(
    ("others", "amount", "currencies", "line"),
    [((), "80.00", ["USD"], "1 ligne, 80,00 USD"), ((BAD,), "1500.50", ["EUR", "USD"], "1 500,50 € et 80,00 USD")],
)
def test_currencies(here: Story, others: tuple[Row, ...], amount: str, currencies: list[str], line: str) -> None:
    """Each is named; the sum in JSON is in euros, or in the one other currency."""
    here.write(GOOD, DOLLARS, *others)
    assert line in said(here, "factures.csv")
    document = here.run("plan", "factures.csv", "--format", "json", today=MONDAY).json
    assert amount == document["left_out"]["amount"]
    assert currencies == [each["currency"] for each in document["left_out_amounts"]]


@pytest.mark.parametrize("name", ["factures.csv", "mes factures.csv", "l'année.csv", "-f.csv"])
def test_the_command_is_typed_as_printed(here: Story, name: str) -> None:
    """It names each row that is left out, whatever the name of the file."""
    here.write(GOOD, BAD, UNKNOWN)
    here.invoices.rename(here.folder / name)
    typed = shlex.split(said(here, f"./{name}").partition("→ ")[2])
    assert "relance" == typed[0]
    out = here.run(*typed[1:]).out
    assert "bientôt" in out
    assert "Chez Paul" in out


def test_with_settings_no_file_is_named(here: Story) -> None:
    """The file is that of the settings."""
    here.settings()
    here.write(GOOD, BAD)
    assert said(here).endswith("→ relance check")
    assert "bientôt" in here.run("check", "--offline").out


def test_what_was_told_to_be_paid_is_not_left_out(here: Story) -> None:
    """A payment noted by hand lessens what is not counted of an unclear invoice."""
    here.settings()
    here.write(GOOD, UNKNOWN)
    assert " 60,00 €" in said(here)
    here.run("pay", "F-3", "--amount", "45.00", "--on", MONDAY, today=MONDAY)
    assert " 15,00 €" in said(here)


def test_rows_of_two_files_are_told_apart(here: Story) -> None:
    """Unclear invoices on the same line of each: what was paid of one is not taken off the other."""
    here.write(GOOD, replace(UNKNOWN, number="F-8", total="500,00"))
    here.invoices.rename(here.folder / "2025.csv")
    here.settings()
    settings = here.folder / "relance.toml"
    text = settings.read_text("utf-8").replace('"factures.csv"', '["2025.csv", "factures.csv"]')
    settings.write_text(text, encoding="utf-8")
    here.write(replace(GOOD, number="F-9"), UNKNOWN)
    assert said(here).endswith("2 lignes, 560,00 € → relance check")
    here.run("pay", "F-3", "--amount", "45.00", "--on", MONDAY, today=MONDAY)
    assert " 515,00 €" in said(here)


@pytest.mark.parametrize("cells", [{"total": "1 2x0,00"}, {"due": "32/11/2026"}, {"number": ""}])
def test_an_invoice_whose_row_cannot_be_read_is_not_closed(here: Story, cells: dict[str, str]) -> None:
    """Nobody says that it left the file, and days later it is there again, unasked; where its row is known, it goes."""
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    rows = (row("F-8", "Delta SARL", "02/12/2026", "200,00"), GOOD)
    here.write(*rows)
    here.run("send", today=MONDAY)
    here.write(replace(rows[0], **cells), GOOD)
    told = [here.run(*args, today=TUESDAY).out.translate(SPACES) for args in (("plan",), ("send", "--yes"))]
    assert not [each for each in told if "considérée comme close" in each]
    assert ["number" in cells] * 2 == ["F-8 n’est pas lue aujourd’hui" in " ".join(each.split()) for each in told]
    here.write(*rows)
    assert "not_due" == here.line("F-8", "2026-11-25")["reason"]
    here.write(replace(rows[0], **cells), GOOD)
    name = "factures.csv:2" if "number" in cells else "F-8"
    assert 0 == here.run("confirm", "row", name, today="2026-11-25").code
    assert "F-8 n’est plus dans le fichier" in here.run("plan", today="2026-11-25").out.translate(SPACES)


def test_a_document_that_is_cut_closes_no_invoice(here: Story) -> None:
    """Of the one that is missing nobody knows; downloaded again, it goes on where it was."""
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    settings = here.folder / "relance.toml"
    text = settings.read_text(encoding="utf-8").replace("factures.csv", "factures/")
    settings.write_text(text.replace("[invoices]", 'siret = "73282932000074"\n[invoices]'), encoding="utf-8")
    write(
        here.folder / "factures", f1_xml=cii(number="F-1", due="2026-11-20"), f2_xml=cii(number="F-2", due="2026-12-02")
    )
    here.run("send", today=MONDAY)
    (place,) = here.folder.glob("factures/*2.xml")
    whole = place.read_bytes()
    place.write_bytes(whole[: len(whole) // 2])
    told = " ".join(here.run("send", "--yes", today=TUESDAY).out.translate(SPACES).split())
    assert "F-2 n’est pas lue aujourd’hui" in told
    assert "considérée comme close" not in told
    place.write_bytes(whole)
    assert "changed" != here.line("F-2", "2026-11-25")["reason"]
