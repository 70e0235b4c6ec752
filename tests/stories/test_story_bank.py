"""`relance bank`: what came in, one line a credit, and nothing written."""

import re
from pathlib import Path
from typing import Any

import pytest
from bank_support import ALL, MONTH, camt, ofx1, qif
from story_support import Story, row, story

DAY = "2026-11-20"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with settings, one invoice, and the folder of statements."""
    at = story(tmp_path)
    at.write(row("F-2026-041", "Boulangerie Martin SARL", "15/10/2026"))
    at.settings(rest='[bank]\nfiles = ["releves/*"]\n')
    (tmp_path / "releves").mkdir()
    return at


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _drop(at: Story, name: str, text: str) -> None:
    (at.folder / "releves" / name).write_text(text, encoding="utf-8")


def test_the_document(here: Story) -> None:
    """contract.md: exactly these keys; nothing of the folder is touched."""
    _drop(here, "nov.ofx", ofx1(MONTH))
    before = here.files()
    done = here.run("bank", "--format", "json", today=DAY)
    document: dict[str, Any] = done.json

    assert {"version", "until", "credits", "problems"} == document.keys()
    assert (1, "2026-11-18", []) == (document["version"], document["until"], document["problems"])
    keys = {"id", "date", "amount", "currency", "payer", "label", "verdict", "pays", "candidates", "because"}
    assert [keys] * 4 == [credit.keys() for credit in document["credits"]]
    assert ["1200.00", "640.50", "300.00", "300.00"] == [credit["amount"] for credit in document["credits"]]
    assert before == here.files()


def test_a_line_each(here: Story) -> None:
    """Until when, the credits, how many; each on one line of the width."""
    _drop(here, "nov.xml", camt(MONTH))
    lines = _plain(here.run("bank", today=DAY).out).splitlines()

    assert "Relevés lus jusqu’au 18/11." == lines[0]
    days = [found[1] for line in lines if (found := re.match(r"  \w{4,} +(\d\d/\d\d) ", line))]
    assert ["02/11", "09/11", "17/11", "17/11"] == days
    assert any(line.startswith("4 versements : ") for line in lines)
    assert max(map(len, lines)) <= 140


def test_new_file_is_read_and_gaps_are_said(here: Story) -> None:
    """A statement that is dropped is read at the next run; the days between two are said."""
    _drop(here, "a.ofx", ofx1(MONTH[3:]).replace("<DTSTART>20261101", "<DTSTART>20261110"))
    assert "jusqu’au 18/11." in _plain(here.run("bank", today=DAY).out)
    _drop(here, "b.ofx", ofx1(MONTH[:1]).replace("<DTEND>20261118", "<DTEND>20261102"))

    out = _plain(here.run("bank", today=DAY).out)
    assert "Relevés lus jusqu’au 18/11, manque du 03/11 au 09/11." in out


def test_files_given(here: Story) -> None:
    """Files that are given take the place of the settings', which are not needed; what is no statement is said."""
    (here.folder / "relance.toml").unlink()
    (here.folder / "nov.qif").write_text(qif(MONTH), encoding="utf-8")
    (here.folder / "nov.pdf").write_bytes(b"%PDF-1.7")

    assert 0 == here.run("bank", "nov.qif", today=DAY).code
    done = here.run("bank", "nov.qif", "nov.pdf", today=DAY)
    assert (1, True) == (done.code, "nov.pdf : ce fichier est un PDF" in _plain(done.out))
    assert 2 == here.run("bank", "nov.pdf", today=DAY).code
    assert 2 == here.run("bank", "autre.csv", today=DAY).code


@pytest.mark.parametrize("name", ALL)
def test_each_format_by_its_content(here: Story, name: str) -> None:
    """What a file is, its content says, whatever its name."""
    (here.folder / "releve.csv").write_text(ALL[name](MONTH), encoding="utf-8")

    done = here.run("bank", "releve.csv", today=DAY)
    assert (2 > done.code, "") == (True, done.err)


def test_no_statement(here: Story) -> None:
    """Where there is none: the cure is what is typed, and it works."""
    assert "Déposez-y un relevé." in here.run("bank", today=DAY).err
    (here.folder / "relance.toml").unlink()
    done = here.run("bank", today=DAY)
    assert 2 == done.code
    cured = re.search(r"« relance (bank .*?) »", _plain(done.err))
    setting = re.search(r'files = \["releves/\*"\]', _plain(done.err))
    assert cured
    assert setting
    (here.folder / "releve.csv").write_text(ALL["bnp"](MONTH), encoding="utf-8")
    assert 0 == here.run(*cured[1].split(), today=DAY).code
    here.settings(rest=f"[bank]\n{setting[0]}\n")
    _drop(here, "nov.ofx", ofx1(MONTH))
    assert 2 > here.run("bank", today=DAY).code


def test_later_days_are_hidden(here: Story) -> None:
    """A replayed day does not know the credits of the days after it."""
    _drop(here, "nov.ofx", ofx1(MONTH))
    document = here.run("bank", "--format", "json", today="2026-11-10").json

    assert ("2026-11-10", 2) == (document["until"], len(document["credits"]))


def test_what_the_books_know(here: Story) -> None:
    """A number in the label pays its invoice; the charges that a message claimed, and payments noted, are known."""
    # 26 days from 16/10 to 10/11: 1200 x 14 % x 26 / 365 = 11.97, and the fee of 40.
    due = ofx1(MONTH[:1]).replace("1200,00", "1251,97").replace("F-2026-041", "F2026041")
    _drop(here, "nov.ofx", due.replace("20261102", "20261117"))
    above = here.run("bank", "--format", "json", today=DAY)
    (doubt,) = above.json["credits"]
    assert (1, "doubt", ["F-2026-041"]) == (above.code, doubt["verdict"], doubt["candidates"])

    here.run("record", "F-2026-041", "--stage", "firm", "--channel", "email", "--on", "2026-11-10", today="2026-11-10")
    (claimed,) = here.run("bank", "--format", "json", today=DAY).json["credits"]
    assert ("matched", [{"invoice": "F-2026-041", "amount": "1251.97"}]) == (claimed["verdict"], claimed["pays"])
    assert "F-2026-041" in _plain(here.run("bank", today=DAY).out)

    done = here.run("pay", "F-2026-041", "--on", "2026-11-17", today="2026-11-17")
    assert (2, True) == (done.code, "F-2026-041 est déjà réglée." in _plain(done.err))
    here.run("send", "--dry-run", today=DAY)
    assert "matched" == here.run("bank", "--format", "json", today=DAY).json["credits"][0]["verdict"]


@pytest.mark.parametrize("named", ['"releves"', '["releves"]', '["releves/*"]'])
def test_a_folder_is_its_files(here: Story, named: str) -> None:
    """In the settings and by hand, as a person names it; an empty one is said so."""
    here.settings(rest=f"[bank]\nfiles = {named}\n")
    (here.folder / "releves" / "archives").mkdir()
    assert "Aucun relevé sous" in _plain(here.run("bank", today=DAY).err)
    done = here.run("bank", "releves", today=DAY)
    assert (2, "Aucun relevé sous « releves »") == (done.code, _plain(done.err).partition(".")[0])
    _drop(here, "nov.ofx", ofx1(MONTH))
    for given in ((), ("releves",), ("releves/*",)):
        assert "4 versements" in _plain(here.run("bank", *given, today=DAY).out)
    assert "jusqu’au 18/11." in _plain(here.run("plan", today=DAY).out)


def test_a_problem_names_its_file_once(here: Story) -> None:
    """Whether the whole file is refused, or a row."""
    _drop(here, "nov.ofx", ofx1(MONTH))
    _drop(here, "factures.csv", "N° facture;Client\nF-1;Alpha\n")
    _drop(here, "nov.sta", ":20:STARTUMS\n")
    (here.folder / "releves" / "nov.pdf").write_bytes(b"%PDF-1.7")
    out = _plain(here.run("bank", today=DAY).out)
    assert (1, 1) == (out.count("releves/factures.csv"), out.count("releves/nov.sta"))
    assert "releves/nov.sta : ce fichier est un relevé MT940" in out
    assert "PDF non lus : nov.pdf." in out


def test_a_payer_in_the_label_of_an_ofx_file(here: Story) -> None:
    """Some banks write the beginning of the label where the name of the payer belongs."""
    text = ofx1(MONTH[:1]).replace("<NAME>BOULANGERIE MARTIN SARL", "<NAME>VIR SEPA RECU /DE BOULANGERIE MARTIN SARL")
    _drop(here, "nov.ofx", text.replace("F-2026-041", "solde"))
    [credit] = here.run("bank", "--format", "json", today=DAY).json["credits"]
    assert ("BOULANGERIE MARTIN SARL", "doubt") == (credit["payer"], credit["verdict"])
    assert "payeur à confirmer" in _plain(credit["because"])


def test_a_note_beside_the_statements_is_told_where_to_lie(here: Story) -> None:
    """It cannot be told from a statement that is not understood, so it is not passed over; the way out is said."""
    _drop(here, "nov.ofx", ofx1(MONTH))
    _drop(here, "notes.txt", "à rapprocher le 15\n")
    done = here.run("bank", today=DAY)
    assert (1, True) == (done.code, "un autre document se range hors du dossier." in " ".join(done.out.split())), (
        done.out
    )
