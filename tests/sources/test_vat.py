"""Amounts without tax: the total where no VAT exists, else a refusal that names the cure that works."""

import random
import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sources_support import one, read, refused, workbook

BASE = "N° facture;Client;Date;Échéance"
ROW = "F-1;Alpha SARL;01/09/2026;01/10/2026"
ARTICLE = "TVA non applicable, art. 293 B du CGI"


def content(header: str, *cells: str, above: str = "", below: str = "") -> str:
    """A file of invoices that differ in their last cells, with lines around it."""
    rows = [f"F-{n};Alpha SARL;01/09/2026;01/10/2026;{each}" for n, each in enumerate(cells, 1)]
    return "\n".join(filter(None, (above, f"{BASE};{header}", *rows, below))) + "\n"


WITHOUT = {
    "preamble": content("Montant HT", "100,00", above=f"{ARTICLE};;;;"),
    "preamble alone": content("Total HT", "100,00", above="Micro-entreprise - TVA non applicable"),
    "footer": content("Montant HT", "100,00", below=f"{ARTICLE};;;;"),
    "footer of one field": content("Montant HT", "100,00", below="*TVA non applicable - article 293 B du CGI"),
    "footer in another column": content("Montant HT", "100,00", below=";;Franchise en base, article 293B du CGI;;"),
    "header": content("Montant HT (TVA non applicable)", "100,00"),
    "long header": content(f"Total HT - {ARTICLE}", "100,00"),
    "a note on each row": content("Montant HT;Mentions", f"100,00;{ARTICLE}", f"50,00;{ARTICLE}"),
    "a column of VAT that says so": content("Montant HT;TVA", "100,00;non applicable (art. 293 B)", "50,00;art. 293 B"),
    "a footer, and VAT of nothing": content("Montant HT;TVA", "100,00;-", "50,00;", below=f"{ARTICLE};;;;;"),
    "VAT of 0": content("Montant HT;Montant TVA", "100,00;0,00", "50,00;0"),
    "VAT of 0 euros": content("Total HT;TVA", "100,00 €;0,00 €", "50,00 €;0,00 €"),
    "a rate of 0": content("Base HT;Taux TVA", "100,00;0 %", "50,00;0%"),
    "an export": content("Montant HT", "100,00", above="Export des factures (TVA non applicable);;;;"),
    "the article alone": content("Montant HT", "100,00", above="TVA non applicable, art. 293 du CGI;;;;"),
    "a row between": content("Montant HT", "100,00").replace("F-1", f"{ARTICLE};;;;\nF-1"),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_no_vat_exists(tmp_path: Path, name: str) -> None:
    """The amount without tax is the total, and `check` says why."""
    source = read(tmp_path, WITHOUT[name])
    assert ((), "open") == (source.problems, source.invoices[0].status.value)
    assert Decimal("100.00") == source.invoices[0].total
    if "header" not in name or "long" in name:
        assert any("est le montant à payer" in note for note in source.reading.notes)


@pytest.mark.slow
def test_a_workbook(tmp_path: Path) -> None:
    """The words above the header of a sheet count too."""
    header = ["N° facture", "Client", "Échéance", "Montant HT"]
    rows: list[Sequence[Any]] = [["Suivi 2026"], ["", "", ARTICLE], header, ["F-1", "Alpha", "01/10/2026", 100]]
    assert Decimal("100.00") == one(read(tmp_path, workbook({"Suivi": rows}), "factures.xlsx")).total


REFUSED = {
    "nothing said": content("Montant HT", "100,00"),
    "VAT of one row": content("Montant HT;TVA", "100,00;0,00", "50,00;10,00"),
    "VAT that is blank": content("Montant HT;TVA", "100,00;", "50,00;0,00"),
    "the words against an amount": content("Montant HT;TVA", "100,00;20,00", below=f"{ARTICLE};;;;;"),
    "a rate against the amount": content("Montant HT;TVA;Taux TVA", "100,00;0,00;20 %"),
    "on one row only": content("Montant HT;Mentions", f"100,00;{ARTICLE}", "50,00;"),
    "another ground": content("Montant HT;Mentions", "100,00;TVA non applicable, art. 259-1 du CGI"),
    "exports": content("Montant HT", "100,00", below="TVA non applicable : exportation;;;;"),
    "reverse charge": content("Montant HT;Mentions", "100,00;Autoliquidation"),
    "reverse charge above": content("Montant HT", "100,00", above="TVA non applicable - autoliquidation;;;;"),
    "VAT numbers": content("Montant HT;N° TVA", "100,00;0", "50,00;0"),
    "odd header": content('"Prix ""net"" HT"', "100,00"),
    "backslash": content("Total H.T. \\ facture", "100,00"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_total_is_missing(tmp_path: Path, name: str) -> None:
    """It is refused, and what is printed, typed in the settings, makes it the total."""
    told = refused(tmp_path, REFUSED[name])
    assert "est hors taxes" in told
    typed = re.search(r"total = .*", told)
    assert typed is not None
    columns = tomllib.loads(f"[columns]\n{typed[0]}")["columns"]
    assert Decimal("100.00") == read(tmp_path, REFUSED[name], columns=columns).invoices[0].total


def test_a_total_with_tax_is_what_is_owed(tmp_path: Path) -> None:
    """Whatever the file says of VAT; a row of those words makes no row below it unclear."""
    text = content("Montant HT;Montant TTC", "100,00;120,00").replace("F-1", f"{ARTICLE};;;;;\nF-1")
    invoice = one(read(tmp_path, text))
    assert (Decimal("120.00"), "open") == (invoice.total, invoice.status.value)


def test_a_column_that_the_user_ignores(tmp_path: Path) -> None:
    """It is no total, whatever stands above it."""
    assert "montant TTC" in refused(tmp_path, WITHOUT["preamble"], ignore=("Montant HT",))


@pytest.mark.parametrize("seed", range(40))
def test_never_less_than_what_is_owed(tmp_path: Path, seed: int) -> None:
    """With random VAT beside it, HT is the total where no row has any, else nothing is claimed."""
    draw = random.Random(seed)
    nothing = ["0,00", "0", "0,00 €"]
    vat = [draw.choice(nothing if draw.random() < 0.85 else ["20,00", "5,50", "0,01", "", "?"]) for _ in range(4)]
    cells = [f"{draw.randint(1, 9999)},{draw.randint(10, 99)};{each}" for each in vat]
    header = draw.choice(["Montant HT", "Total HT", "HT"]) + ";" + draw.choice(["TVA", "Montant TVA", "Total TVA"])
    words = draw.choice(["", f"{ARTICLE};;;;;"])
    text = content(header, *cells, above=words)
    blank = {"", *nothing} if words else set(nothing)
    if set(vat) <= blank:
        totals = [Decimal(each.split(";")[0].replace(",", ".")) for each in cells]
        assert totals == [invoice.total for invoice in read(tmp_path, text).invoices]
    else:
        assert "est hors taxes" in refused(tmp_path, text)
