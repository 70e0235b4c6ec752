"""The last row of a file: whether something ends it, and which invoices it may be about."""

from pathlib import Path

import pytest
from sources_support import read, refused

from relance.sources import InvoiceFile, SourceOptions, read_source

HEAD = "N° facture;Client;Code client;E-mail;Date de facture;Échéance;Montant TTC"
ROWS = (
    "F-1;Alpha;C1;a@alpha.example;18/10/2026;17/11/2026;1203,00",
    "F-10;Alpha;C1;a@alpha.example;18/10/2026;17/11/2026;800,00",
    "F-2;Bravo;C2;b@bravo.example;18/10/2026;17/11/2026;640,00",
)
TEXT = "\n".join((HEAD, *ROWS))


def doubted(source: InvoiceFile) -> list[tuple[int, list[str]]]:
    """The line of each last row that nothing ends, with the numbers of what it may be about."""
    return [(last.row.line, [key.partition("/")[0] for key in last.keys]) for last in source.traces.last]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TEXT, [(4, ["F-2"])]),
        (TEXT.replace("\n", "\r\n"), [(4, ["F-2"])]),
        (TEXT.replace(";", "\t"), [(4, ["F-2"])]),
        (f"{TEXT}\n", []),
        (f"{TEXT}\r", []),
        (f"{TEXT}\n\n", []),
        (f"{TEXT}\nTotal;;;;;;2643,00", []),  # a row follows
        (f"{TEXT}\n;;;;;;", []),
        ("\n".join((HEAD, *ROWS[:2], ROWS[2].replace("640,00", '"640,00"'))), []),
        ("\n".join((HEAD, *ROWS[:2], ROWS[2].replace("Bravo", '"Bravo"'))), [(4, ["F-2"])]),
        (HEAD, []),
    ],
)
def test_a_last_row_is_ended_by_a_line_end_a_row_or_a_quote(
    text: str, expected: list[tuple[int, list[str]]], tmp_path: Path
) -> None:
    """In whatever encoding; a delimiter before it is no end of the last cell."""
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        assert expected == doubted(read(tmp_path, text.encode(encoding)))


def test_each_of_several_files_has_its_own_last_row(tmp_path: Path) -> None:
    """By its line in its own file."""
    one, two = tmp_path / "2025.csv", tmp_path / "2026.csv"
    one.write_text("\n".join((HEAD, *ROWS[:2])), encoding="utf-8")
    two.write_text("\n".join((HEAD, ROWS[2])), encoding="utf-8")
    source = read_source((one, two), SourceOptions())
    assert [(3, ["F-10"]), (2, ["F-2"])] == doubted(source)
    assert [str(one), str(two)] == [last.row.file for last in source.traces.last]


def test_the_last_cell_may_be_the_beginning_of_a_number(tmp_path: Path) -> None:
    """F-1 may be F-10 cut; a credit note may be of any invoice of its customer, and of the one that it names."""
    last = ";".join(HEAD.split(";")[1:] + HEAD.split(";")[:1])
    turned = "\n".join(";".join(row.split(";")[1:] + row.split(";")[:1]) for row in (*ROWS[1:], ROWS[0]))
    assert [(4, ["F-1", "F-10"])] == [
        (line, sorted(keys)) for line, keys in doubted(read(tmp_path, f"{last}\n{turned}"))
    ]
    credit = "AV-1;Alpha;C1;a@alpha.example;18/11/2026;18/11/2026;-203,00"
    assert [["AV-1", "F-1", "F-10"]] == [sorted(keys) for _, keys in doubted(read(tmp_path, f"{TEXT}\n{credit}"))]


def test_rows_are_known_by_the_cells_that_are_read(tmp_path: Path) -> None:
    """One more column that nobody reads changes nothing; each cell that is read does."""
    with_days = TEXT.replace("Montant", "Quantité;Montant").replace("2026;1203", "2026;7;1203")
    with_days = with_days.replace("2026;800", "2026;7;800").replace("2026;640", "2026;7;640")
    before = read(tmp_path, f"{with_days}\n").traces.whole()
    assert 3 == len(before)
    after = read(tmp_path, with_days.replace(";7;", ";8;"))
    assert after.traces.last[0].row.row in before
    assert after.traces.whole() < before
    for was, now in (("640,00", "640,01"), ("Bravo", "Brava"), ("17/11/2026;7;640", "18/11/2026;7;640")):
        assert read(tmp_path, with_days.replace(was, now)).traces.last[0].row.row not in before


def test_a_file_that_ends_within_a_letter_is_refused(tmp_path: Path) -> None:
    """Else the whole of it would be read in another alphabet, and every name be garbled."""
    data = TEXT.replace("Bravo", "Brûlé").replace("640,00", "640,00 é").encode()[:-1]
    assert "milieu d’une lettre" in refused(tmp_path, data)
    assert 3 == len(read(tmp_path, TEXT.encode("cp1252")).invoices)
