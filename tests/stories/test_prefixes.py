"""A file that is cut anywhere sends nothing that the whole one would not: every beginning of examples and golden files.

`python -m bench prefixes` tries them all; here are those that end near a cell or a row, where they are read at all.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefixes import PLAIN, corpus, prefixes, read_or_none, whole_of, wrong

from relance.sources import SourceOptions
from relance.sources.source import BesideList

CREDITS = """N° facture;Client;E-mail;Date de facture;Échéance;Type;Montant TTC;Facture d’origine
F-1;Alpha;a@alpha.example;19/10/2026;18/11/2026;Facture;1234,50;
F-10;Alpha;a@alpha.example;20/10/2026;18/11/2026;Facture;2000,00;
F-2;Bravo;b@bravo.example.org;19/10/2026;18/11/2026;Facture;640,00;
AV-1;Alpha;a@alpha.example;02/11/2026;02/11/2026;Avoir;-234,50;F-10
"""
LINES = """N° facture,Client,E-mail,Date de facture,Échéance,N° de ligne,Montant de la ligne TTC
F-1,Alpha,a@alpha.example,2026-10-19,2026-11-18,1,1203.50
F-2,Bravo,b@bravo.example.org,2026-10-19,2026-11-18,1,640.00
F-2,Bravo,b@bravo.example.org,2026-10-19,2026-11-18,2,127.25
"""
MAILS_LAST = """Client;N° facture;Date de facture;Échéance;Montant TTC;Relance amicale;E-mail
Alpha;F-1;19/10/2026;18/11/2026;1203,50;20/11/2026;a@alpha.example.com.br
Zoé Brûlé;F-2;19/10/2026;18/11/2026;1203,50;;zoe@brule.example.com
"""
QUOTED = """"Client";"E-mail";"N° facture";"Date de facture";"Échéance";"Montant TTC"
"Alpha";"a@alpha.example";"F-1";"19/10/2026";"18/11/2026";"1203,50"
"Bravo";"b@bravo.example";"F-2";"19/10/2026";"18/11/2026";"640,00"
"""


def beginnings(data: bytes) -> Iterator[bytes]:
    """Those that are likely to be read: the last line has as many cells as the header."""
    header = max(data.splitlines()[:3], key=len)
    sign = max((b";", b",", b"\t"), key=header.count)
    cells = header.count(sign)
    return (each for each in prefixes(data) if each.splitlines()[-1].count(sign) >= cells or each[-1:] == b"\n")


@pytest.mark.slow
@pytest.mark.parametrize("path", corpus(), ids=lambda path: path.parent.name)
def test_no_beginning_of_a_file_sends_what_the_whole_one_does_not(path: Path, tmp_path: Path) -> None:
    """Neither where a run saw the whole one the day before, nor where none did."""
    whole, cut, read = whole_of(path), tmp_path / "factures.csv", 0
    for data in beginnings(path.read_bytes()):
        cut.write_bytes(data)
        if (source := read_or_none(cut)) is not None:
            read += 1
            assert set() == wrong(source, whole, known=True) | wrong(source, whole, known=False), data[-60:]
    assert read > 20


@pytest.mark.parametrize("text", [CREDITS, LINES, MAILS_LAST, QUOTED], ids=["credits", "lines", "mails", "quoted"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", *(pytest.param(other, marks=pytest.mark.slow) for other in ("cp1252", "utf-16"))]
)
def test_no_beginning_of_another_shape_does_either(text: str, encoding: str, tmp_path: Path) -> None:
    """Credit notes, one row a line, an address or a reminder in the last cells, quotes; a cut letter too.

    Nobody can tell that rows are missing that nobody saw: of what was never seen whole, the cut row alone is asked.
    """
    path, cut = tmp_path / "whole.csv", tmp_path / "factures.csv"
    path.write_bytes(data := text.encode(encoding))
    whole = whole_of(path)
    assert whole.leaving
    for beginning in prefixes(data):
        cut.write_bytes(beginning)
        if (source := read_or_none(cut)) is not None:
            assert set() == wrong(source, whole, known=True), beginning[-60:]
            last_line = beginning.decode(encoding, "ignore").rpartition("\n")[2]
            named = {number for number in re.findall(r"F-\d+", last_line) if text is not CREDITS or "AV" in last_line}
            assert named.isdisjoint(number for number, *_ in wrong(source, whole, known=False)), beginning[-60:]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("payments", "Facture;Date;Montant\nF-1;20/10/2026;203,50\nF-10;21/10/2026;1200,00\n"),
        ("payments", "Date;Montant;Facture\n20/10/2026;203,50;F-1\n21/10/2026;1200,00;F-10\n"),
        ("customers", "Client;E-mail\nAlpha;a@alpha.example.com\nBravo;b@bravo.example.org\n"),
        ("customers", "E-mail;Code client;Client\na@alpha.example.com;C1;Alpha\nb@bravo.example.org;C12;Bravo\n"),
    ],
)
def test_no_beginning_of_a_list_beside_does_either(name: str, text: str, tmp_path: Path) -> None:
    """A payment or an address that is cut, or gone."""
    invoices, path, cut = tmp_path / "factures.csv", tmp_path / "whole.csv", tmp_path / "list.csv"
    invoices.write_text(
        "N° facture;Client;Date de facture;Échéance;Montant TTC;E-mail\n"
        f"F-1;Alpha;19/10/2026;18/11/2026;1203,50;{'a@alpha.example' if name == 'payments' else ''}\n"
        f"F-10;Bravo;19/10/2026;18/11/2026;2000,00;{'b@bravo.example' if name == 'payments' else ''}\n",
        encoding="utf-8",
    )

    def options(beside: Path) -> SourceOptions:
        found = BesideList(beside)
        return PLAIN._replace(payments=found) if name == "payments" else PLAIN._replace(customers=found)

    path.write_text(text, encoding="utf-8")
    whole = whole_of(invoices, options(path))
    assert whole.leaving
    for beginning in prefixes(text.encode()):
        cut.write_bytes(beginning)
        if (source := read_or_none(invoices, options(cut))) is not None:
            assert set() == wrong(source, whole, known=True), beginning[-60:]
            if source.traces.last and name == "customers":
                assert set() == wrong(source, whole, known=False), beginning[-60:]
