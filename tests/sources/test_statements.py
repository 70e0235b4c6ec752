"""Bank statements in each format: every credit once, whatever encoding, order, neighbours; what is cut is said."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from bank_kinds import MORE, MORE_OTHERS, MORE_TABLES
from bank_support import (
    ACCOUNT,
    IBAN,
    MONTH,
    Moved,
    bnp_workbook,
    camt,
    cfonb,
    credit_mutuel,
    ofx1,
    ofx2,
    qif,
)
from bank_support import ALL as FIRST
from bank_support import OTHERS as FIRST_OTHERS
from bank_support import TABLES as FIRST_TABLES

from relance.core.statement import until
from relance.errors import SourceError
from relance.sources.statements import Statements, read_statements

ALL, TABLES, OTHERS = FIRST | MORE, FIRST_TABLES | MORE_TABLES, FIRST_OTHERS | MORE_OTHERS
CAME = [(each.on, each.amount) for each in MONTH if each.amount > 0]


def read(folder: Path, *contents: str | bytes, account: str = "") -> Statements:
    """What files with these contents tell together."""
    paths = []
    for place, content in enumerate(contents):
        paths.append(folder / f"releve-{place}")
        paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
    return read_statements(paths, account)


def came(found: Statements) -> list[tuple[date, Decimal]]:
    """The days and amounts of the credits."""
    return [(credit.on, credit.amount) for credit in found.credits]


def messages(found: Statements) -> str:
    """All problems in one text."""
    return "\n".join(problem.message for problem in found.problems)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-15", "utf-16"])
def test_each_format(tmp_path: Path, name: str, encoding: str) -> None:
    """The credits of the month, two equal ones of one day both; nothing is a problem, in any encoding."""
    text = ALL[name](MONTH).removeprefix("\ufeff")
    if encoding == "iso-8859-15":
        text = text.replace("’", "'")
    found = read(tmp_path, text.encode(encoding))

    assert ("", CAME) == (messages(found), came(found))
    assert any("F-2026-041" in f"{credit.label} {credit.reference}" for credit in found.credits)
    assert any(
        "Fontaine" in f"{credit.label} {credit.payer}" and "décor" in f"{credit.label} {credit.reference}"
        for credit in found.credits
    )
    assert date(2026, 11, 18) == until(found.covers)


@pytest.mark.slow
def test_workbook(tmp_path: Path) -> None:
    """A workbook is read as the same table in CSV is."""
    found = read(tmp_path, bnp_workbook(MONTH))

    assert ("", CAME) == (messages(found), came(found))
    assert {ACCOUNT} == {credit.account for credit in found.credits}


@pytest.mark.parametrize("name", ALL)
def test_order_does_not_matter(tmp_path: Path, name: str) -> None:
    """Exports run from the newest or from the oldest: the credits keep their identity."""
    one, other = read(tmp_path, ALL[name](MONTH)), read(tmp_path, ALL[name](MONTH[::-1]))

    numbered = {"ofx1", "ofx2", "qfx", "camt", "camt_of_the_day", "camt_later", "shine", "qonto", "qonto_english"}
    if name not in numbered | {"revolut_business", "banque_populaire", "caisse_epargne", "wise"}:
        assert {each.identity for each in one.credits} == {each.identity for each in other.credits}
    assert came(one) == came(other) == CAME
    assert 4 == len({each.identity for each in one.credits})


@pytest.mark.parametrize("name", ALL)
def test_overlapping_exports_add_nothing(tmp_path: Path, name: str) -> None:
    """The month, its first days and the month again are the month."""
    whole, begun = ALL[name](MONTH), ALL[name](MONTH[:3])
    found = read(tmp_path, whole, begun, whole)

    assert CAME == came(found)


@pytest.mark.parametrize("first", ["cfonb", "camt", "ofx1", "qif", "credit_mutuel"])
@pytest.mark.parametrize("second", ["cfonb", "camt", "ofx1", "qif", "credit_mutuel"])
def test_two_formats_of_one_account(tmp_path: Path, first: str, second: str) -> None:
    """An account that was exported in two formats has its credits once, and that is said."""
    found = read(tmp_path, ALL[first](MONTH), ALL[second](MONTH))

    assert CAME == came(found)
    assert (first == second) == (not [note for note in found.notes if "dans un autre format" in note])


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("share", [0.35, 0.6, 0.8, 0.93, 0.99])
def test_cut_file(tmp_path: Path, name: str, share: float) -> None:
    """A file that was cut gives no credit that is not one, and no wrong amount."""
    text = ALL[name](MONTH)
    try:
        found = read(tmp_path, text[: int(len(text) * share)])
    except SourceError:
        return  # the whole file is refused
    assert not Counter(came(found)) - Counter(CAME)


@pytest.mark.parametrize("name", OTHERS)
def test_a_cut_is_said(tmp_path: Path, name: str) -> None:
    """Formats that have an end say when it is not there."""
    text = OTHERS[name](MONTH)
    cut = (
        text[: text.rindex("300.00" if name != "cfonb" else "GARAGE")]
        if name not in ("ofx1", "qfx")
        else text[: text.rindex("300,00")]
    )
    try:
        said = messages(read(tmp_path, cut))
    except SourceError as error:
        said = str(error)

    assert "coupé" in said or "sans fin" in said


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLES)
def test_last_amount_is_whole(tmp_path: Path, name: str) -> None:
    """Whatever the place where a table is cut, no amount is another one than it was."""
    text = TABLES[name](MONTH)
    for place in range(len(text) - 60, len(text)):
        try:
            found = read(tmp_path, text[:place])
        except SourceError:
            continue
        assert not Counter(came(found)) - Counter(CAME), text[place - 30 : place]


def test_debit_and_credit(tmp_path: Path) -> None:
    """Both filled, a negative credit, neither: a problem with its line, and the row does not count."""
    header = "Date;Libellé;Débit;Crédit\n"
    found = read(
        tmp_path,
        header + "02/11/2026;VIR A;10,00;20,00\n03/11/2026;VIR B;;-5,00\n04/11/2026;VIR C;;\n05/11/2026;VIR D;0;7,00\n",
    )

    assert [(date(2026, 11, 5), Decimal("7.00"))] == came(found)
    assert [2, 3, 4] == [problem.line for problem in found.problems]


@pytest.mark.parametrize(
    "row",
    [
        "31/02/2026;VIR A;10,00",
        "02/11/2026;VIR A;abc",
        "02/11/2026;VIR A;",
        "02/11/2026;VIR A;10,005",
        "sans date;VIR A;10,00",
        "02/11/2026;VIR A;10,00;trop",
        "quelque chose;;",
        "02/11/2026;10,00",
    ],
)
def test_nothing_is_dropped_in_silence(tmp_path: Path, row: str) -> None:
    """A row that is not understood is a problem at its line."""
    found = read(tmp_path, f"Date;Libellé;Montant\n02/11/2026;VIR Z;55,00\n{row}\n")

    assert [Decimal("55.00")] == [credit.amount for credit in found.credits]
    assert [3] == [problem.line for problem in found.problems]


def test_unknown_state(tmp_path: Path) -> None:
    """A state that nobody knows is asked about; pending and reversed ones are counted apart."""
    rows = ["settled,2026-11-02,10.00,a", "frozen,2026-11-02,20.00,b", "pending,2026-11-02,30.00,c"]
    found = read(tmp_path, "\n".join(["Status,Settlement date (UTC),Amount,Reference", *rows, ""]))

    assert [Decimal("10.00")] == [credit.amount for credit in found.credits]
    assert ["frozen"] == [problem.value for problem in found.problems]
    assert ["1 en attente, non comptées."] == [note.rpartition("\u00a0: ")[2] for note in found.notes]


def test_utc_is_told_in_paris(tmp_path: Path) -> None:
    """What settled at 23:30 UTC came in on the next day."""
    rows = "Statut;Date de la valeur (UTC);Crédit;Débit;Référence\nRéglé;16-11-2026 23:30:00;10,00;;a\n"

    assert [date(2026, 11, 17)] == [credit.on for credit in read(tmp_path, rows).credits]


def test_several_accounts_in_one_file(tmp_path: Path) -> None:
    """Each header begins an account; equal credits of two accounts are two."""
    table = "Date;Libellé;Débit euros;Crédit euros;\n02/11/2026;VIR A;;10,00;\n"
    text = f"Compte courant n° 00001234567\n{table}\nCompte courant n° 00007654321\n{table}"
    found = read(tmp_path, text)

    assert ["00001234567", "00007654321"] == sorted(credit.account for credit in found.credits)
    assert "" == messages(found)


def test_one_account_alone(tmp_path: Path) -> None:
    """The account of the settings is read, however it is written, and the others are named."""
    table = "Date;Libellé;Débit euros;Crédit euros;\n02/11/2026;VIR A;;10,00;\n"
    text = f"Compte courant n° 00001234567\n{table}\nCompte courant n° 00007654321\n{table}"
    found = read(tmp_path, text, account="FR76 3000 4008 1100 0012 3456 786")

    assert ["00001234567"] == [credit.account for credit in found.credits]
    assert any("00007654321" in note for note in found.notes)


def test_reverses(tmp_path: Path) -> None:
    """A transfer or cheque that is taken back is negative; other money that goes out is none of our business."""
    rows = ["02/11/2026;REMISE CHEQUE 12;90,00", "05/11/2026;IMPAYE CHEQUE 12;-90,00", "06/11/2026;PRLV EDF;-90,00"]
    found = read(tmp_path, "\n".join(["Date;Libellé;Montant", *rows, ""]))

    assert ["90.00", "-90.00"] == [str(credit.amount) for credit in found.credits]


def test_balances_do_not_add_up(tmp_path: Path) -> None:
    """A row that was lost shows in the balances, by row or over all."""
    lost = credit_mutuel(MONTH).splitlines(keepends=True)
    del lost[3]
    assert "solde ne suit pas" in messages(read(tmp_path, "".join(lost)))
    for text in (camt(MONTH).replace(">640.50<", ">640.00<"), cfonb(MONTH).replace("6405{", "6400{")):
        assert "0,50" in messages(read(tmp_path, text))


def test_entities_are_refused(tmp_path: Path) -> None:
    """No XML of a bank needs an entity: nothing is expanded."""
    bomb = '<!DOCTYPE a [<!ENTITY b "cccc">]>'
    for text in (camt(MONTH).replace("<Document", bomb + "<Document"), ofx2(MONTH).replace("<OFX>", bomb + "<OFX>")):
        with pytest.raises(SourceError, match="interdite"):
            read(tmp_path, text)


def test_batch(tmp_path: Path) -> None:
    """A batch is split where its parts add up to it, else it is one credit with all its words."""

    def batch(second: str) -> str:
        parts = "".join(
            f"<TxDtls><AmtDtls><TxAmt><Amt Ccy='EUR'>{amount}</Amt></TxAmt></AmtDtls><RltdPties><Dbtr><Pty>"
            f"<Nm>{who}</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>{what}</Ustrd></RmtInf></TxDtls>"
            for amount, who, what in (("70.00", "A", "F-1001"), (second, "B", "F-1002"))
        )
        entry = (
            "<Ntry><Amt Ccy='EUR'>100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt>"
            f"<Dt>2026-11-04</Dt></BookgDt><NtryDtls>{parts}</NtryDtls></Ntry>"
        )
        head = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
        return f"{head}<BkToCstmrStmt><Stmt>{entry}</Stmt></BkToCstmrStmt></Document>"

    split = read(tmp_path, batch("30.00")).credits
    assert {("A", "70.00"), ("B", "30.00")} == {(credit.payer, str(credit.amount)) for credit in split}
    (whole,) = read(tmp_path, batch("31.00")).credits
    assert ("", "100.00", "F-1001 F-1002") == (whole.payer, str(whole.amount), whole.label)


def test_ofx_rows_stand_alone(tmp_path: Path) -> None:
    """A row without its amount is a problem of its own; the others count. Equal numbers of the bank are no equals."""
    text = ofx1(MONTH).replace("<TRNAMT>640,50\n", "").replace("fit3", "fit0").replace("fit4", "fit0")
    found = read(tmp_path, text)

    assert [CAME[0], *CAME[2:]] == came(found)
    assert ["TRNAMT"] == [word for word in ("TRNAMT",) if word in messages(found)]


@pytest.mark.parametrize("mark", ["<STMTTRN>", "<BANKTRANLIST>", "</BANKTRANLIST>"])
@pytest.mark.parametrize("name", ["ofx1", "ofx2"])
def test_ofx_without_one_of_its_marks(tmp_path: Path, name: str, mark: str) -> None:
    """A transaction without its beginning, a list without one of its ends: what is not counted is said."""
    found = read(tmp_path, ALL[name](MONTH).replace(mark, "", 1))
    assert "coupé" in messages(found)
    assert not Counter(came(found)) - Counter(CAME)


@pytest.mark.parametrize("kept", ["TRNTYPE", "DTPOSTED", "TRNAMT", "FITID"])
@pytest.mark.parametrize("name", ["ofx1", "ofx2"])
def test_ofx_without_both_marks_of_a_transaction(tmp_path: Path, name: str, kept: str) -> None:
    """Its values stand between two others: one problem, whatever is left of them; the others count."""
    text = ALL[name](MONTH[:3])
    whole = text[text.index("<STMTTRN>") : text.index("</STMTTRN>")]
    found = read(tmp_path, text.replace("<STMTTRN>", "", 1).replace("</STMTTRN>", "", 1))
    assert (["640.50"], 1) == ([str(credit.amount) for credit in found.credits], messages(found).count("coupée"))
    left = whole[whole.index(f"<{kept}>") :].partition("<")[2].partition("<")[0]
    found = read(tmp_path, text.replace(f"{whole}</STMTTRN>", f"<{left}"))
    assert (["640.50"], 1) == ([str(credit.amount) for credit in found.credits], messages(found).count("coupée"))


def test_ofx_what_waits_is_no_torn_transaction(tmp_path: Path) -> None:
    """The amounts of what is not booked stand in no transaction, and are told as such."""
    waits = "<STMTTRNP><TRNTYPE>CREDIT<DTTRAN>20261118<TRNAMT>12.00<NAME>X</STMTTRNP>"
    text = ofx2(MONTH).replace("</BANKTRANLIST>", f"</BANKTRANLIST><BANKTRANLISTP>{waits * 2}</BANKTRANLISTP>")
    found = read(tmp_path, text)
    assert ("", CAME) == (messages(found), came(found))
    assert "2 opérations en attente" in "".join(found.notes)


def test_cfonb_line_that_holds_others(tmp_path: Path) -> None:
    """A line end that is lost hides no entry."""
    text = cfonb(MONTH)
    with pytest.raises(SourceError, match="ligne 1 "):
        read(tmp_path, text.replace("\n", " ", 3))


def test_cfonb_without_line_ends(tmp_path: Path) -> None:
    """Some banks write one line of 120 after the other; others leave currency and decimals of balances blank."""
    text = cfonb(MONTH)
    assert CAME == came(read(tmp_path, text.replace("\n", "")))
    blank = "\n".join(line[:16] + "    " + line[20:] if line[:2] in ("01", "07") else line for line in text.split("\n"))
    assert ("", CAME) == (messages(read(tmp_path, blank)), came(read(tmp_path, blank)))


@pytest.mark.parametrize(
    ("day", "expected"),
    [("11/17'26", date(2026, 11, 17)), ("17/11/26", date(2026, 11, 17)), ("2026-11-17", date(2026, 11, 17))],
)
def test_qif_days(tmp_path: Path, day: str, expected: date) -> None:
    """The order of day and month is proved by the days of the file."""
    assert [expected] == [credit.on for credit in read(tmp_path, f"!Type:Bank\nD{day}\nT1,234.50\nPX\n^\n").credits]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 x", "PDF"),
        (b"<html><body>", "page web"),
        (b":20:START\n:25:30004/123\n:61:2611021102C10,00NTRF\n:86:VIR A\n-\n", "MT940"),
        (b"<?xml version='1.0'?><a/>", "CAMT"),
        (b"\n\n", "vide"),
        (b"02/11/2026;VIR A;10,00\n", "en-têtes"),
        (b"02/11/2026;VIR SEPA D&#39;UN AMI &amp; CO;10,00\n03/11/2026;VIR B;20,00\n", "en-têtes"),
        (b'Date;Libelle;Montant\n02/11/2026;"VIR A;10,00\n', "guillemet"),
    ],
)
def test_what_is_no_statement(tmp_path: Path, content: bytes, said: str) -> None:
    """It is refused by its name, with what to export instead."""
    with pytest.raises(SourceError, match=said) as caught:
        read(tmp_path, content)
    assert caught.value.cure


def test_one_bad_file_beside_others(tmp_path: Path) -> None:
    """The others are read, and the bad one is a problem."""
    found = read(tmp_path, qif(MONTH), b":20:STARTUMS")

    assert CAME == came(found)
    assert ["MT940" in problem.message for problem in found.problems] == [True]


def test_a_printed_statement_beside_its_export_is_no_anomaly(tmp_path: Path) -> None:
    """Banks give both: it is named in a note, each morning has no problem; alone it is refused."""
    read(tmp_path, qif(MONTH), b"%PDF-1.7 a", b"%PDF-1.7 b")
    found = read_statements(sorted(tmp_path.iterdir()), found=True)
    assert (CAME, ()) == (came(found), found.problems)
    (note,) = found.notes
    assert note.count(",") == 1
    with pytest.raises(SourceError, match="PDF"):
        read(tmp_path, b"%PDF-1.7 a")


def test_double_encoded(tmp_path: Path) -> None:
    """What was read in the wrong encoding and saved again is mended."""
    text = ALL["revolut"](MONTH).replace("’", "'").encode().decode("cp1252", "ignore")
    assert CAME == came(read(tmp_path, text))


def test_currency_of_a_cell(tmp_path: Path) -> None:
    """Dollars are no euros, whether the header, a column or the cell says so."""
    for header, cell in (("Montant (USD)", "10,00"), ("Montant", "10,00 $"), ("Montant;Devise", "10,00;USD")):
        (credit,) = read(tmp_path, f"Date;Libellé;{header}\n02/11/2026;VIR A;{cell}\n").credits
        assert "USD" == credit.currency
    assert "Devise" in messages(read(tmp_path, "Date;Libellé;Montant;Devise\n02/11/2026;VIR A;10,00;DUCATS\n"))


def test_a_balance_is_no_credit(tmp_path: Path) -> None:
    """Rows of balances and totals stand among the entries; « solde facture » is what a customer writes."""
    labels = ["ANCIEN SOLDE", "Solde créditeur au 31/10", "Total des opérations", "Solde du chantier"]
    rows = [f"0{n}/11/2026;{label};{n}0,00" for n, label in enumerate(labels, 1)]
    found = read(tmp_path, "\n".join(["Date;Libellé;Montant", *rows, "Solde au 05/11/2026;;900,00", ""]))

    assert [Decimal("40.00")] == [credit.amount for credit in found.credits]
    assert ("", date(2026, 11, 5)) == (messages(found), until(found.covers))
    assert ["3 lignes de solde ou de total, non comptées."] == [each.partition("\u00a0: ")[2] for each in found.notes]


@pytest.mark.parametrize(("side", "expected"), [("C", ["10.00"]), ("Débit", []), ("x", [])])
def test_side_in_a_column(tmp_path: Path, side: str, expected: list[str]) -> None:
    """One column may hold all amounts without a sign; a side that nobody knows is a problem."""
    found = read(tmp_path, f"Date;Libellé;Montant;Sens\n02/11/2026;VIR A;10,00;{side}\n")

    assert expected == [str(credit.amount) for credit in found.credits]
    assert (side == "x") == bool(found.problems)


def test_own_transfers_between_sub_accounts(tmp_path: Path) -> None:
    """Money that moves between two spaces of the user came in from nobody; that is said."""
    found = read(tmp_path, ALL["n26"](MONTH))

    assert 1 == len([note for note in found.notes if "entre vos comptes" in note])
    assert Decimal("200.00") not in [credit.amount for credit in found.credits]


def test_identity_does_not_hang_on_settings(tmp_path: Path) -> None:
    """A credit keeps its identity when the account is named in the settings later: it would be counted twice."""
    rows = ALL["credit_mutuel"](MONTH)
    one, other = read(tmp_path, rows), read(tmp_path, rows, account="FR76 3000 4008 1100 0012 3456 786")

    assert [each.identity for each in one.credits] == [each.identity for each in other.credits]


def test_identity_does_not_hang_on_encoding(tmp_path: Path) -> None:
    """The same export saved in another encoding adds nothing."""
    rows = ALL["banque_postale"](MONTH)

    assert CAME == came(read(tmp_path, rows, rows.encode("utf-16"), rows.encode("cp1252")))


@pytest.mark.slow
def test_long_statements_are_read_fast(tmp_path: Path) -> None:
    """Five thousand entries in two formats, and memos without end, in little time."""
    few = (MONTH[0], MONTH[2], MONTH[3], MONTH[5])
    many = [each._replace(text=f"facture F-{n}") for n in range(1250) for each in few]
    start = time.perf_counter()
    read(tmp_path, ofx1(many), ALL["bnp"](many), "!Type:Bank\nD17/11/26\nT1.00\n" + "Mx\n" * 200_000 + "^\n")

    assert time.perf_counter() - start < 10


def test_equal_sums_of_two_accounts(tmp_path: Path) -> None:
    """Two formats are of one account where an entry has a word of its own in both, not for what all transfers say."""
    entry = "<STMTTRN><DTPOSTED>20261102<TRNAMT>10.00<FITID>1<NAME>{}</STMTTRN>"
    first = f"<OFX><STMTRS><ACCTID>0123456789<BANKTRANLIST>{entry}</BANKTRANLIST></STMTRS></OFX>"
    second = "Date;Libellé;Montant\n02/11/2026;VIR SEPA RECU {};10,00\n"

    for one, other, count in (("VIR SEPA RECU", "", 2), ("VIR SEPA DUVAL", "MARTIN", 2), ("VIR DUVAL", "M DUVAL", 1)):
        found = read(tmp_path, first.format(one), second.format(other))
        assert count == len(found.credits), (one, other)


@pytest.mark.parametrize(
    ("above", "account", "first"),
    [
        ('="00012345678";01/11/2026;18/11/2026;3;18/11/2026;1520.35 EUR\n', "00012345678", 1),
        ("M ET MME ROUX;\nCCHQ n° 12345678901;\nListe entre le 01/11/2026 et le 18/11/2026;\n", "12345678901", 1),
        ("Numéro Compte ;0123456A020\nDate ;18/11/2026\nSolde (EUROS) ;2 345,67\n", "0123456A020", 2),
        (f"IBAN;{IBAN}\nPériode du 01/11/2026 au 18/11/2026\n", IBAN[14:25], 1),
        ("Relevé;Exemple\n", "", 2),
    ],
)
def test_what_stands_above(tmp_path: Path, above: str, account: str, first: int) -> None:
    """The account, and the days that the file says it covers."""
    found = read(tmp_path, f"{above}\nDate;Libellé;Montant\n02/11/2026;VIR A;10,00\n")

    assert ("", [account]) == (messages(found), [credit.account for credit in found.credits])
    assert [date(2026, 11, first)] == [cover.first for cover in found.covers]
    assert [date(2026, 11, 18 if first == 1 else 2)] == [cover.last for cover in found.covers]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["26/11/17", "26/11/9"], ["2026-11-09", "2026-11-17"]),
        (["31/12/25", "31/01/26"], ["2025-12-31", "2026-01-31"]),
        (["11/02/26", "11/03/26"], ["2026-02-11", "2026-03-11"]),
        (["11/02/26", "11/30/26"], ["2026-11-02", "2026-11-30"]),
    ],
)
def test_qif_orders(tmp_path: Path, days: list[str], expected: list[str]) -> None:
    """Day first, unless the days of the file prove the month or the year."""
    found = read(tmp_path, "!Type:Bank\n" + "".join(f"D{day}\nT5.00\nPX\n^\n" for day in days))

    assert expected == [credit.on.isoformat() for credit in found.credits]


def test_ofx_transfers_between_own_accounts(tmp_path: Path) -> None:
    """A credit whose label names another account of the file is the user's own money."""
    one = ofx1(MONTH[:1])
    entry = "<STMTTRN><DTPOSTED>20261104<TRNAMT>123.00<FITID>9<NAME>Virement 00001234567</STMTTRN>"
    other = f"<STMTRS><ACCTID>89273829182<BANKTRANLIST>{entry}</BANKTRANLIST></STMTRS>"
    found = read(tmp_path, one.replace("</STMTRS>", f"</STMTRS>{other}"))

    assert CAME[:1] == came(found)
    assert any("entre vos comptes" in note for note in found.notes)


@pytest.mark.parametrize("write", [camt, cfonb])
def test_balances_are_told_in_their_own_currency(tmp_path: Path, write: Callable[[Sequence[Moved]], str]) -> None:
    """Also where no entry names one."""
    told = write([]).replace("EUR", "CHF")
    told = told.replace("2500.00", "1500.00", 1).replace("25000{", "15000{", 1)
    [problem] = read(tmp_path, told).problems
    assert "CHF" in problem.message
    assert "€" not in problem.message
