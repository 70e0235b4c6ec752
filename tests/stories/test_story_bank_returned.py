"""A transfer that the bank took back, read in a statement of another kind: asked about, and never said in haste."""

import json
import shlex
from pathlib import Path

import pytest
from bank_support import IBAN
from story_support import Story, row, story

DAY = "2026-11-25"
CAME = """Date opération;Date valeur;Libellé;Débit;Crédit
02/11/2026;02/11/2026;VIR SEPA RECU /DE MENUISERIE DUBOIS SAS /MOTIF FACT F-2026-301 /REF NOTPROVIDED;;1 260,00
13/11/2026;13/11/2026;VIR SEPA RECU /DE LEROY JEANNE /MOTIF SOLDE;;75,00
"""
_OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>30004<BRANCHID>00811<ACCTID>{account}
<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101<DTEND>20261124
{entries}</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
_ENTRY = "<STMTTRN><TRNTYPE>{kind}<DTPOSTED>{on}<TRNAMT>{amount}<FITID>{n}<NAME>{name}<MEMO>{memo}</STMTTRN>\n"
BACK = ("DEBIT", "20261118", "-1260.00", "REJET VIR MENUISERIE DUBOIS SAS", "F-2026-301 COMPTE CLOS")
OTHERS = (
    ("CREDIT", "20261120", "912.40", "STRIPE PAYMENTS", "PAYOUT 77"),
    ("CREDIT", "20261123", "540.00", "IMPRIM VAGUE", "REGLEMENT"),
)


def ofx(*rows: tuple[str, str, str, str, str], account: str = "00001234567") -> str:
    """A statement of these entries."""
    entries = (
        _ENTRY.format(kind=kind, on=on, amount=amount, n=f"N{n}", name=name, memo=memo)
        for n, (kind, on, amount, name, memo) in enumerate(rows)
    )
    return _OFX.format(account=account, entries="".join(entries))


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """Three invoices, the first of them paid by a transfer of the first statement."""
    at = story(tmp_path)
    at.write(
        row("F-2026-301", "Menuiserie Dubois SAS", "15/11/2026", "1 260,00"),
        row("F-2026-302", "Studio Lin SARL", "18/11/2026", "930,00"),
        row("F-2026-303", "Imprimerie Vague SARL", "18/11/2026", "540,00"),
    )
    at.settings(rest='[bank]\nfiles = ["releves/*"]\n')
    (tmp_path / "releves").mkdir()
    drop(at, "nov1.csv", CAME)
    at.run("confirm", "backlog", "--gently", today=DAY)
    return at


def drop(at: Story, name: str, text: str) -> None:
    """Put a statement into the folder."""
    (at.folder / "releves" / name).write_text(text, encoding="utf-8")


def reason(at: Story, number: str = "F-2026-301") -> str:
    """Why it waits."""
    found = at.run("plan", "--format", "json", today=DAY).json["invoices"]
    return str(next(each["reason"] for each in found if each["number"] == number))


def test_a_statement_that_names_no_account(here: Story) -> None:
    """What came by CSV and went back by OFX is asked about, with what the bank did and the likely answer first."""
    assert "paid" == reason(here)
    drop(here, "nov2.ofx", ofx(BACK, *OTHERS))
    assert "bank_doubt" == reason(here)
    out = here.run("plan", today=DAY).out
    assert "repris par la banque le 18/11" in out.replace("\u00a0", " ").replace("\n", " ")

    for name in ("plan", "bank"):
        said = [line.strip() for line in here.run(name, today=DAY).out.splitlines()]
        asked = [line for line in said if "F-2026-301" in line and "--settle" in line]
        (place,) = [place for place, line in enumerate(said) if line in asked]
        assert "--not-ours" in said[place - 1]
        assert "(repris\u00a0: il ne paie rien)" in said[place - 1]
        assert "(la reprise est d’un autre)" in said[place]


@pytest.mark.parametrize(("answer", "then"), [(0, "due"), (1, "paid")])
def test_both_answers_are_typed(here: Story, answer: int, then: str) -> None:
    """As they are printed: it pays nothing and is dunned, or the bank took another one back."""
    drop(here, "nov2.ofx", ofx(BACK))
    printed = here.run("bank", today=DAY).out.partition("À vérifier")[2].splitlines()[1:]
    line = [each for each in printed if "--settle" in each][answer]
    words = shlex.split(line.partition("relance ")[2].partition(" (")[0])
    assert 0 == here.run(*words, today=DAY).code
    assert then == reason(here)


def test_three_at_once(here: Story) -> None:
    """Beside others that are asked about in one block, it has its own sentence: a yes to all must not be said of it."""
    drop(here, "nov2.ofx", ofx(BACK, *OTHERS, ("CREDIT", "20261124", "930.00", "S LIN", "SOLDE")))
    lines = here.run("plan", today=DAY).out.partition("À faire")[2].splitlines()
    first = next(line for line in lines if "MENUISERIE DUBOIS" in line)
    assert "Versement de 1\u202f260,00\u00a0€ du 02/11 (MENUISERIE DUBOIS SAS)" in first


def test_one_account_written_in_two_ways(here: Story) -> None:
    """By its IBAN in a CSV, by its own number in an OFX: the same; another number is another account."""
    drop(here, "nov1.csv", f"IBAN;{IBAN}\n\n{CAME}")
    drop(here, "nov2.ofx", ofx(BACK))
    assert "bank_doubt" == reason(here)
    drop(here, "nov2.ofx", ofx(BACK, account="00099999999"))
    assert "paid" == reason(here)


def test_the_payer_is_told(here: Story) -> None:
    """The name that the label has for him, where the file has no column for it: in the list and for programs."""
    shown = here.run("bank", today=DAY).out
    assert "MENUISERIE DUBOIS" in shown
    document = json.loads(here.run("bank", "--format", "json", today=DAY).out)
    assert ["MENUISERIE DUBOIS SAS", "LEROY JEANNE"] == [each["payer"] for each in document["credits"]]


@pytest.mark.parametrize(("count", "said"), [(1, "1\u00a0opération lue aussi"), (2, "2\u00a0opérations lues aussi")])
def test_how_many_are_read_twice(here: Story, count: int, said: str) -> None:
    """One is not several."""
    again = [
        ("CREDIT", "20261102", "1260.00", "MENUISERIE DUBOIS SAS", "FACT F-2026-301"),
        ("CREDIT", "20261113", "75.00", "LEROY JEANNE", "SOLDE"),
    ]
    drop(here, "nov2.ofx", ofx(*again[:count]))
    assert said.replace("\u00a0", " ") in here.run("bank", today=DAY).out.replace("\u00a0", " ")
