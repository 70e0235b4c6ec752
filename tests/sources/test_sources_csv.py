"""CSV files: encodings, delimiters, headers, and what makes a whole file unusable."""

import os
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sources_support import HEADER, ROW, cell, one, read, refused

from relance.errors import SourceError
from relance.sources import SourceOptions, read_source
from relance.sources.columns import Columns, recognise
from relance.sources.csvfile import _best_split, _records, _understood
from relance.sources.source import Limits
from relance.sources.tables import find_header
from relance.sources.wanted import INVOICES

FRENCH = "Numéro;Client;Montant;Échéance\nF-1;Société Élan;12,50;31/01/2026\n"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_delimiter_and_line_end_is_found(tmp_path: Path, delimiter: str, newline: str) -> None:
    """The same invoices are read whatever separates cells and lines."""
    lines = ["Numéro;Client;Montant;Échéance", 'F-1;"A;B";12.50;31/01/2026', "F-2;C;13.00;31/01/2026"]
    text = newline.join(line.replace(";", delimiter).replace(f'"A{delimiter}B"', f'"A{delimiter}B"') for line in lines)
    source = read(tmp_path, text + newline)
    assert [i.customer.name for i in source.invoices] == [f"A{delimiter}B", "C"] or delimiter == "\t"
    assert source.reading.delimiter == delimiter
    assert source.rows == 2


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-32", "utf-32"), ("cp1252", "cp1252")],
)
def test_every_encoding_is_found(tmp_path: Path, encoding: str, named: str) -> None:
    """Accents survive each encoding that spreadsheets save, and `check` can name it."""
    source = read(tmp_path, FRENCH.encode(encoding))
    assert one(source).customer.name == "Société Élan"
    assert source.reading.encoding == named


def test_utf16_big_endian_with_bom_is_found(tmp_path: Path) -> None:
    """The other byte order is read too."""
    assert one(read(tmp_path, b"\xfe\xff" + FRENCH.encode("utf-16-be"))).customer.name == "Société Élan"


def test_the_settings_decide_encoding_and_delimiter(tmp_path: Path) -> None:
    """What the user says is not guessed again."""
    source = read(tmp_path, FRENCH.encode("mac_roman"), encoding="mac_roman", delimiter=";")
    assert one(source).customer.name == "Société Élan"


def test_a_sep_line_names_the_delimiter(tmp_path: Path) -> None:
    """Excel's first line is obeyed, and lines are still counted from the top of the file."""
    source = read(tmp_path, "sep=|\nNuméro|Client|Montant|Échéance\nF-1|A|12,50|31/01/2026\nF-2|B|abc|31/01/2026\n")
    assert one(source).line == 3
    assert [problem.line for problem in source.problems] == [4]


def test_title_rows_blank_rows_and_totals_are_passed(tmp_path: Path) -> None:
    """The header is found below titles; blank rows are nothing; a totals row is named, not read."""
    text = "Rapport des impayés;;;\n;;;\n" + FRENCH.replace("F-1", "\n ;;;\nF-1") + ";;TOTAL IMPAYÉ;12,50\n"
    source = read(tmp_path, text)
    assert source.reading.header_line == 3
    assert (source.rows, len(source.invoices), source.problems) == (1, 1, ())
    assert source.reading.notes == ("Ligne 7\u00a0: total, non lu comme une facture.",)
    total = read(tmp_path, FRENCH + "Total;;12,50;\n")
    assert (len(total.invoices), total.problems, len(total.reading.notes)) == (1, (), 1)


def test_a_customer_named_total_is_no_totals_row(tmp_path: Path) -> None:
    """An invoice to Total Énergies is read."""
    assert one(read(tmp_path, FRENCH.replace("Société Élan", "Total Énergies"))).customer.name == "Total Énergies"


def test_lines_point_into_the_file_after_line_breaks_in_cells(tmp_path: Path) -> None:
    """A cell over three lines does not shift the lines that problems name."""
    header = "Numéro;Client;Adresse;Montant;Échéance\n"
    text = header + 'F-1;A;"1 rue X\n75001 Paris\nFrance";10,00;31/01/2026\nF-2;B;;x;31/01/2026\n'
    source = read(tmp_path, text)
    assert one(source).customer.address == "1 rue X, 75001 Paris, France"
    assert [(p.line, p.column, p.value) for p in source.problems] == [(5, "Montant", "x")]


def test_a_row_of_another_width_is_a_problem_of_that_row(tmp_path: Path) -> None:
    """Which column moved is never guessed; the other rows are read."""
    source = read(tmp_path, f"{HEADER}\nF-9;ACME;x;y;1;2;3;4;5\nF-8;ACME\n{ROW}\n")
    assert one(source).number == "F-2026-001"
    assert ["9 champs au lieu de 8" in p.message for p in source.problems] == [True, False]
    assert [p.line for p in source.problems] == [2, 3]
    assert source.rows == 3


def test_an_unquoted_decimal_comma_shifts_no_column(tmp_path: Path) -> None:
    """`1200,00` between commas takes two columns: the row is held even where its last cell is blank."""
    header = "numero,client,echeance,montant,paye,note"
    source = read(tmp_path, f"{header}\nF-1,ACME,2026-01-31,1200,50,,\nF-2,ACME,2026-01-31,10.00,0,\n")
    assert one(source).number == "F-2"
    assert ["7 champs au lieu de 6" in p.message for p in source.problems] == [True]


def test_blank_fields_beyond_the_header_are_nothing(tmp_path: Path) -> None:
    """A delimiter at the end of each row is tolerated."""
    source = read(tmp_path, FRENCH.replace("31/01/2026\n", "31/01/2026;;\n"))
    assert (len(source.invoices), source.problems) == (1, ())


def test_a_stray_quote_is_a_problem_of_its_row(tmp_path: Path) -> None:
    """The row is named, those around it are read, and lines stay right."""
    source = read(
        tmp_path, FRENCH + 'F-2;"Le "Bon" Coin";10,00;31/01/2026\nF-3;C;x;31/01/2026\nF-4;D;1,00;31/01/2026\n'
    )
    assert [i.number for i in source.invoices] == ["F-1", "F-4"]
    assert [(p.line, "guillemet" in p.message) for p in source.problems] == [(3, True), (4, False)]


@pytest.mark.parametrize(
    "rows",
    [
        'F-2;"B;10,00;31/01/2026\nF-3;C;10,00;31/01/2026\n',
        'F-2;"B;10,00;31/01/2026\nF-3;C";10,00;31/01/2026\n',
        'F-2;"B;10,00;31/01/2026\nF-3;"C";10,00;31/01/2026\n',
        'F-2;B;"10,00;31/01/2026\nF-3;C;10,00";31/01/2026\nF-4;D;1,00;31/01/2026\n',
    ],
)
def test_a_quote_that_swallows_rows_refuses_the_file(tmp_path: Path, rows: str) -> None:
    """Two invoices in one cell are never lost in silence: the file is refused with the line of the quote."""
    assert "à la ligne 3" in refused(tmp_path, FRENCH + rows)


def test_a_torn_last_line_refuses_the_file(tmp_path: Path) -> None:
    """A file that is being saved is not used."""
    assert "ligne incomplète" in refused(tmp_path, FRENCH + "F-2;BE")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "est vide"),
        (b"\n \r\n", "est vide"),
        (b"\xef\xbb\xbf", "est vide"),
        (b"<!DOCTYPE html><html><body>Connexion</body></html>", "page web"),
        (b"\n<html>", "page web"),
        (b"%PDF-1.7\n", "PDF"),
        (FRENCH.encode().replace(b"F-1", b"F\0-1"), "octets nuls"),
        (FRENCH.encode("cp1252") + b"\x81;x;1,00;31/01/2026\n", "encodage"),
        (b"\xff\xfe" + FRENCH.encode("utf-16-le") + b"\x00\xd8", "encodage"),
        (HEADER.encode() + b"\nF-2026-001,ACME SARL,compta@acme.example,1200.00,2026-01-31,,,\n", "même séparateur"),
        (b"numero;email;montant;email;client;echeance\n", "Colonne en double"),
        (b"numero;montant;client;montant;echeance\nF;1;A;1;2026-01-31\n", "Colonne en double"),
        (b"nom;prix;quand\nA;12;hier\n", "«\u00a0prix\u00a0»"),
        (b"nom;prix;quand\nA;12;hier\n", "[invoices.columns]"),
        (b"numero;client;Montant HT;echeance\nF;A;12;2026-01-31\n", "montant TTC"),
        (b"numero;montant;echeance\nF;12;2026-01-31\n", "client"),
        (f"{HEADER}\nF-1;{'A' * 200_000};;1;2026-01-31;;;\n".encode(), "à la ligne 2"),
        (b"PK\x03\x04garbage", "abîmé"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "mot de passe"),
    ],
)
def test_an_unusable_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    """Each way a file can be unusable has its sentence and its cure."""
    assert words in refused(tmp_path, content)


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    """A folder, a FIFO (which would block), a missing file."""
    os.mkfifo(tmp_path / "tube.csv")
    for path, words in (
        (tmp_path, "dossier"),
        (tmp_path / "tube.csv", "ordinaire"),
        (tmp_path / "non.csv", "introuvable"),
    ):
        with pytest.raises(SourceError) as caught:
            read_source(path)
        assert words in str(caught.value)
    with pytest.raises(SourceError):
        read_source(Path("a\0b.csv"))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads every file")
def test_a_forbidden_file_is_refused(tmp_path: Path) -> None:
    """A file without the right to read it is named."""
    path = tmp_path / "f.csv"
    path.write_text(FRENCH)
    path.chmod(0)
    with pytest.raises(SourceError, match="ne peut pas être lu"):
        read_source(path)


def test_too_large_a_file_is_refused(tmp_path: Path) -> None:
    """Bytes, rows and columns have limits, and each refusal names the setting that raises its own."""
    assert "max_megabytes" in refused(tmp_path, FRENCH, limits=Limits(megabytes=0))
    assert "max_rows" in refused(tmp_path, FRENCH + "F-2;B;1,00;31/01/2026\n", limits=Limits(rows=1))
    assert "max_columns" in refused(tmp_path, FRENCH, limits=Limits(columns=2))


def test_wrong_settings_are_refused_with_their_name(tmp_path: Path) -> None:
    """An unknown encoding, delimiter, field or header of the settings is named."""
    assert "«\u00a0klingon\u00a0»" in refused(tmp_path, FRENCH, encoding="klingon")
    assert "séparateur" in refused(tmp_path, FRENCH, delimiter="::")
    assert "number" in refused(tmp_path, FRENCH, columns={"numbre": "Numéro"})
    assert 'total = "Brut"' in refused(tmp_path, FRENCH, columns={"total": "Brut"})


def test_chosen_columns_win_over_the_headers(tmp_path: Path) -> None:
    """`[invoices.columns]` takes the header it names, whatever it is called; case and accents do not matter."""
    text = "Ident;Qui;Montant HT;Total TTC;Échéance\nF-1;A;10,00;12,00;31/01/2026\n"
    columns = {"number": "IDENT", "customer": "Qui", "total": "montant ht"}
    invoice = one(read(tmp_path, text, columns=columns))
    assert (invoice.number, invoice.customer.name, invoice.total) == ("F-1", "A", Decimal("10.00"))


@pytest.mark.parametrize(
    "client",
    ["A\r\nBcc: x", "AC\u202eME", "\x1b[2JACME", "\u009b31mA", "A\u200bB", "A" * 301, "=?utf-8?q?A=0D?=", "#N/A"],
)
def test_a_name_that_could_harm_is_a_problem(tmp_path: Path, client: str) -> None:
    """Control, bidirectional and invisible characters, encoded words and endless names make no invoice."""
    source = cell(tmp_path, client=client)
    assert source.invoices == ()
    (problem,) = source.problems
    assert (problem.line, problem.column) == (2, "client")
    assert problem.value is not None
    assert problem.value.isprintable()


@pytest.mark.parametrize(
    "client", ["<script>alert(1)</script> & Fils", "ACME [/]", "{{ 7*7 }}", "L’Été «\u00a0d’or\u00a0»", "李"]
)
def test_an_odd_name_is_read(tmp_path: Path, client: str) -> None:
    """Text that is only text is kept, its no-break spaces read as spaces."""
    assert one(cell(tmp_path, client=client)).customer.name == client.replace("\u00a0", " ")


def test_a_no_break_space_around_a_cell_is_nothing(tmp_path: Path) -> None:
    """Cells are trimmed of every kind of space."""
    invoice = one(cell(tmp_path, numero="\u00a0F-1\u202f", client=" ACME\u00a0"))
    assert (invoice.number, invoice.customer.name) == ("F-1", "ACME")


@pytest.mark.slow
@given(data=st.binary(max_size=400))
def test_no_bytes_make_reading_raise(data: bytes) -> None:
    """Any file is read or refused with a SourceError."""
    _read_or_refuse(data)


@given(text=st.lists(st.sampled_from([*'F12;,"\n\r\t|=', "31/01/2026", "é", "\u202e", "Total", "payée"]), max_size=60))
@example(["Total;FF", "\n", "F", "\n"])
def test_no_rows_make_reading_raise(text: list[str]) -> None:
    """Any rows below a good header are read or refused with a SourceError, and none is lost."""
    _read_or_refuse((HEADER + "\n" + "".join(text)).encode())


def _read_or_refuse(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        path.write_bytes(data)
        try:
            source = read_source(path, SourceOptions())
        except SourceError:
            return
        told = sum(note.count("igne") + note.count(",") for note in source.reading.notes)
        said = " ".join(problem.message.replace("\u00a0", " ") for problem in source.problems)
        below = sum(map(int, re.findall(r"(\d+) lignes? au-dessous", said)))  # of another table, besides its first row
        assert source.rows <= len(source.invoices) + len(source.problems) + told + below


WORDS = st.sampled_from("Numéro Client Échéance Montant Payé F-1 Alpha 12,50 1.200,00 31/01/2026 a|b Total".split())


@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=6),
    st.sampled_from(";,|"),
    st.dictionaries(st.sampled_from(["total", "due_date"]), st.sampled_from(["Montant", "Client"])),
)
@example([["Numéro", "Client", "Montant"], ["F-1", "Alpha, Beta, Gamma et fils", "12,50"]], ";", {})
@example([["Numéro", "Client"], ["F-1", "Alpha, Beta et fils"]], ";", {"total": "Client", "due_date": "Client"})
def test_no_split_is_passed_over_that_makes_more_sense(
    rows: list[list[str]], delimiter: str, chosen: dict[str, str]
) -> None:
    """What is found is what looking at each delimiter finds, the first of those that find as much."""
    lines = [delimiter.join(row) + "\n" for row in rows]
    wanted, signs = INVOICES._replace(chosen=chosen), (";", ",", "\t", "|")
    try:
        tried = [(sign, _records(lines, sign)) for sign in signs]
        every = [(s, each, find_header([row for _, row in each], wanted.fits, chosen)) for s, each in tried]
    except SourceError:
        return  # a header that settings name stands there twice
    assert max(every, key=_understood) == _best_split(lines, signs, wanted)


def test_rows_are_no_headers_once_one_names_each_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums torn at their commas and the rows below a header are not looked at: they take longer than a plan."""
    looked_at: list[Sequence[str]] = []

    def watched(headers: Sequence[str], chosen: Mapping[str, str]) -> Columns:
        looked_at.append(headers)
        return recognise(headers, chosen)

    monkeypatch.setattr("relance.sources.tables.recognise", watched)
    rows = [f"F-{n};Alpha;{n},50;31/01/2026" for n in range(1, 30)]
    assert 29 == len(read(tmp_path, "\n".join(("Numéro;Client;Montant;Échéance", *rows, ""))).invoices)
    assert [["Numéro", "Client", "Montant", "Échéance"]] == looked_at
