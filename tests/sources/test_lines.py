"""Rows of one number are lines, never doubles: each repeats the total or has its own, by proof, else it is asked."""

from decimal import Decimal
from pathlib import Path

import pytest
from drawing import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_support import read

from relance.core.invoice import Status
from relance.sources import InvoiceFile

HEAD = "N° facture;Client;Date facture;Montant TTC"


def file(columns: str, *rows: str) -> str:
    """A list of invoices with more columns; a row is a number, a total and the cells of those."""
    lines = (f"{number};ACME;25/09/2026;{rest}" for number, _, rest in (row.partition(";") for row in rows))
    return "\n".join((f"{HEAD};{columns}", *lines)) + "\n"


def totals(source: InvoiceFile) -> dict[str, str]:
    """What each invoice is worth; `held` for one that nobody knows."""
    return {i.number: "held" if i.status is Status.UNCLEAR else str(i.total) for i in source.invoices}


PROVED = {
    "numbered": ("Ligne;Description", ["F-1;600;1;a", "F-1;600;2;b", "F-2;900;1;a", "F-2;80;2;b"], "1200.00 980.00"),
    "numbered #": ("#;Objet", ["F-1;600;1;a", "F-1;600;2;b", "F-2;900;1;a", "F-2;80;2;b"], "1200.00 980.00"),
    "multiplied": ("Quantité;Prix", ["F-1;600;2;300", "F-1;600;3;200", "F-2;50;1;50"], "1200.00 50.00"),
    "multiplied en": ("Quantity;Unit price", ["F-1;600;2;300", "F-1;600;3;200", "F-2;50;1;50"], "1200.00 50.00"),
    "multiplied with tax": (
        "Quantité;PU HT;Total HT",
        ["F-1;600;2;250;500", "F-1;600;5;100;500", "F-2;60;1;50;50"],
        "1200.00 60.00",
    ),
    "repeated, added up": ("Ligne;Montant ligne", ["F-1;600;1;400", "F-1;600;2;200", "F-2;50;1;50"], "600.00 50.00"),
    "repeated, multiplied": ("Quantité;Prix", ["F-1;600;2;150", "F-1;600;3;100", "F-2;50;1;50"], "600.00 50.00"),
    "repeated without tax": (
        "Article;Prix article;Total HT",
        ["F-1;600;a;300;500", "F-1;600;b;200;500", "F-2;60;a;50;50"],
        "600.00 60.00",
    ),
    "repeated, equal lines": ("Item;Item total", ["F-1;600;a;300", "F-1;600;b;300", "F-2;50;a;50"], "600.00 50.00"),
    "identical": ("Objet;Ville", ["F-1;600;a;b", "F-1;600;a;b", "F-2;50;a;b"], "600.00 50.00"),
}


@pytest.mark.parametrize("case", PROVED)
def test_numbers_and_sums_prove_what_a_line_says(case: str, tmp_path: Path) -> None:
    """The same row twice is one; lines that add up to the total repeat it; others have one of their own."""
    columns, rows, expected = PROVED[case]
    assert totals(read(tmp_path, file(columns, *rows))) == dict(zip(("F-1", "F-2"), expected.split(), strict=True))


DOUBTFUL = {
    "described": ("Description", ["F-1;600;jour 1", "F-1;600;jour 2"]),
    "dated": ("Séance", ["F-1;600;12/03/2026", "F-1;600;13/03/2026"]),
    "one of each": ("Quantité;Prix", ["F-1;600;1;500", "F-1;600;1;501"]),
    "half of it, twice": ("Prestation;Acompte demandé", ["F-1;600;a;300", "F-1;600;b;300"]),
    "numbered, never differing": ("Ligne", ["F-1;600;1", "F-1;600;2"]),
    "rate": ("Produit;Taux de change;Total devise", ["F-1;600;a;1;600", "F-1;600;b;1;600"]),
    "a line twice": ("Ligne;Objet", ["F-1;600;1;a", "F-1;600;1;a", "F-1;600;2;b", "F-2;9;1;a", "F-2;8;2;b"]),
}


@pytest.mark.parametrize("case", DOUBTFUL)
def test_lines_in_doubt_are_held_and_both_cures_work(case: str, tmp_path: Path) -> None:
    """Neither once nor several times: the cures as they are printed tell it."""
    columns, rows = DOUBTFUL[case]
    text = file(columns, *rows)
    source = read(tmp_path, text)
    assert totals(source)["F-1"] == "held"
    assert 'line_total = "Montant TTC"' in source.problems[0].message
    assert 'total = "Montant TTC" sous [invoices.columns]' in source.problems[0].message
    several = [row for row in rows if row.startswith("F-1")]
    if "F-2" not in text:
        assert totals(read(tmp_path, text, columns={"total": "Montant TTC"})) == {"F-1": "600.00"}
    summed = totals(read(tmp_path, text, columns={"line_total": "Montant TTC"}))
    assert summed["F-1"] == f"{600 * len(several)}.00"


def test_totals_that_differ_prove_nothing_alone(tmp_path: Path) -> None:
    """One of two invoices of a number may be a mistake: both are held, as before."""
    source = read(tmp_path, file("Quantité;Objet", "F-1;600;2;a", "F-1;900;3;b", "F-2;50;1;a"))
    assert totals(source) == {"F-1": "held", "F-2": "50.00"}


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=st.sampled_from("Ligne,Position,Prestation,Séance,Désignation,Mission,Lot,Article,Rang,Zone".split(",")),
    lines=st.lists(st.integers(1, 5000), min_size=2, max_size=4),
    repeated=st.booleans(),
    named=st.booleans(),
)
def test_lines_are_right_or_held(header: str, lines: list[int], repeated: bool, named: bool, tmp_path: Path) -> None:
    """Whatever the column that tells the rows apart: the whole is right, or nothing of it is claimed."""
    whole = sum(lines)
    rows = [
        f"F-1;{whole if repeated else line};{n if named else f'{header} {n}'};{line}" for n, line in enumerate(lines, 1)
    ]
    source = read(tmp_path, file(f"{header};Montant de la ligne", *rows))
    assert totals(source)["F-1"] in (str(Decimal(whole).quantize(Decimal("0.01"))), "held")


def test_one_question_for_all_lines_in_doubt_and_none_for_what_is_settled(tmp_path: Path) -> None:
    """Nothing is asked of a paid invoice, whatever its total."""
    rows = [f"F-{n};600;{day};{state}" for n, state in ((1, ""), (2, ""), (3, "Payée")) for day in ("lundi", "mardi")]
    source = read(tmp_path, file("Séance;Statut", *rows))
    assert totals(source) == {"F-1": "held", "F-2": "held", "F-3": "600.00"}
    assert [p.line for p in source.problems] == [2]
