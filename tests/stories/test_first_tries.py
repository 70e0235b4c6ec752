"""What somebody stumbles over who tries drafts, e-invoices, statements and the report with the guide alone."""

import errno
import json
import os
import re
import shlex
import socket
import ssl
from datetime import date
from pathlib import Path

import pytest
from bank_support import MONTH, bnp
from einvoice_support import cii, pdf, ubl, write
from imap_support import Mails, imap_server
from mail_support import USER
from story_support import MONDAY, PASSWORD_VARIABLE, Story, row, story
from terminal_support import terminal

from relance.french import system_words

TODAY = "2026-11-30"
ME = '[sender]\nname = "Camille"\nemail = "camille@moreau.example"\nsiret = "73282932000074"\n'
ROOMS = Path(__file__).parents[2] / "relance"


def plain(text: str) -> str:
    """In one line, with ordinary spaces."""
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def issuing(folder: Path, invoices: str) -> Story:
    """Who issued one e-invoice as a PDF and one, with a deposit, as XML."""
    here = story(folder)
    write(
        folder / "factures",
        f1_pdf=pdf(cii(number="F-1", issued="2026-10-03", due="2026-11-02", total="800.00")),
        f2_xml=ubl(number="F-2", issued="2026-10-03", due="2026-11-02", total="900.00", paid="300.00"),
    )
    (folder / "relance.toml").write_text(
        f'{ME}[invoices]\n{invoices}\n[delivery]\ntransport = "folder"\n', encoding="utf-8"
    )
    return here


def test_a_list_of_payments_pays_e_invoices(tmp_path: Path) -> None:
    """An e-invoice says what was paid on the day of its issue: nothing, and what came since is no contradiction."""
    here = issuing(tmp_path, 'file = "factures/"\npayments = "recus.csv"')
    recus = tmp_path / "recus.csv"
    recus.write_text("Facture;Date;Montant\nF-1;20/11/2026;500,00\n", encoding="utf-8")
    lines = {line["number"]: line for line in here.plan(TODAY)["invoices"]}
    assert ("500.00", "300.00") == (lines["F-1"]["paid"], lines["F-1"]["outstanding"])
    assert ("300.00", "600.00") == (lines["F-2"]["paid"], lines["F-2"]["outstanding"])
    recus.write_text("Facture;Date;Montant\nF-1;20/11/2026;800,00\nF-2;20/11/2026;600,00\n", encoding="utf-8")
    lines = {line["number"]: line for line in here.plan(TODAY)["invoices"]}
    assert "paid" == lines["F-1"]["reason"]
    assert "unclear" == lines["F-2"]["reason"]  # is the deposit in the list, or not?


@pytest.mark.parametrize("file", ["factures/", "factures/*.pdf", "./factures"])
def test_what_is_owed_does_not_lie_where_paid_invoices_do(tmp_path: Path, file: str) -> None:
    """One folder for both would pay every invoice in silence."""
    here = issuing(tmp_path, f'file = "{file}"\npaid_dir = "factures"')
    done = here.run("plan", today=TODAY)
    assert (2, "") == (done.code, done.out)
    assert "à la fois file et paid_dir" in plain(done.err)


def test_a_list_that_is_not_there_is_named_by_its_own_key(tmp_path: Path) -> None:
    """And no other file is proposed in its place."""
    here = issuing(tmp_path, 'file = "factures/"\npayments = "recus.csv"')
    (tmp_path / "clients.csv").write_text("Client\n", encoding="utf-8")
    said = plain(here.run("plan", today=TODAY).err)
    assert "recus.csv est introuvable. Corrigez payments sous [invoices]" in said


def test_a_folder_that_is_not_there_has_the_nearest_one_proposed(tmp_path: Path) -> None:
    """The line is typed as printed."""
    here = issuing(tmp_path, 'file = "facture/"')
    (tmp_path / "recus.csv").write_text("Facture;Date;Montant\n", encoding="utf-8")
    said = plain(here.run("plan", today=TODAY).err)
    [line] = re.findall(r'file = "[^"]*"', said)
    settings = tmp_path / "relance.toml"
    settings.write_text(settings.read_text("utf-8").replace('file = "facture/"', line), encoding="utf-8")
    assert 2 == len(here.plan(TODAY)["invoices"])


@pytest.mark.parametrize("name", ["f1.pdf", "f2.xml"])
def test_one_e_invoice_is_no_web_page(tmp_path: Path, name: str) -> None:
    """It is read as a folder of one."""
    here = issuing(tmp_path, 'file = "factures/"')
    document = json.loads(here.run("plan", f"factures/{name}", "--format", "json", today=TODAY).out)
    assert [name.partition(".")[0].upper().replace("F", "F-")] == [row["number"] for row in document["invoices"]]


def test_a_path_is_never_taken_for_an_invoice(tmp_path: Path) -> None:
    """`relance show factures/vieilles` would only fail again."""
    here = issuing(tmp_path, 'file = "factures/"')
    done = here.run("check", "factures/vieilles", today=TODAY)
    assert 2 == done.code
    assert "relance show" not in done.out + done.err
    assert "factures/vieilles est introuvable" in plain(done.out)


def test_init_takes_a_folder_of_e_invoices_as_the_list(tmp_path: Path) -> None:
    """The settings stand beside it; a folder with a list in it is still where they go."""
    here = issuing(tmp_path, 'file = "factures/"')
    (tmp_path / "relance.toml").unlink()
    who = ("--name", "Camille", "--email", "camille@moreau.example", "--transport", "folder", "--yes")
    assert 0 == here.run("init", "factures/", *who).code
    assert 'file = "factures"' in (tmp_path / "relance.toml").read_text("utf-8")
    assert {"F-1", "F-2"} == {line["number"] for line in here.plan(TODAY)["invoices"]}
    other = tmp_path / "client"
    write(other, rib_pdf=pdf())
    (other / "liste.csv").write_text("Numéro;Client;Échéance;Montant TTC\nA-1;Orme;2026-11-02;10,00\n", "utf-8")
    assert 0 == here.run("init", "client", *who).code
    assert 'file = "liste.csv"' in (other / "relance.toml").read_text("utf-8")


@pytest.mark.parametrize("out", ["r.pdf", "bilan", "dossier/", "relance-journal.sqlite3"])
def test_a_report_has_a_name_of_its_kind(tmp_path: Path, out: str) -> None:
    """Not one that opens nowhere, nor the one that the journal is to have; the example is typed as printed."""
    here = story(tmp_path)
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    here.write(row("F-1", "Orme", "02/11/2026"))
    before = here.files()
    done = here.run("report", "--out", out, today=TODAY)
    assert 2 == done.code
    assert before == here.files()
    [meant] = re.findall(r"Exemple : --out (.*)\.$", plain(done.err))
    assert 0 == here.run("report", "--out", *shlex.split(meant), today=TODAY).code
    assert 2 == here.run("report", "--format", "csv", "--out", "r.html", today=TODAY).code


def test_the_system_answers_in_french(tmp_path: Path) -> None:
    """A refusal of the disk is read by people; one that has no words here keeps its own."""
    here = story(tmp_path)
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    here.write(row("F-1", "Orme", "02/11/2026"))
    said = plain(here.run("sent", "--save", "factures.csv", today=TODAY).err)
    assert "ne peut pas être utilisé (un fichier porte déjà ce nom)" in said
    assert "disque plein" == system_words(OSError(errno.ENOSPC, "No space left on device"))
    assert os.strerror(errno.EXDEV) == system_words(OSError(errno.EXDEV, os.strerror(errno.EXDEV)))
    assert "OSError" == system_words(OSError())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ECONNREFUSED, "Connection refused"), "connexion refusée"),
        (ConnectionRefusedError(), "connexion coupée"),
        (OSError(errno.ECONNRESET, "Connection reset by peer"), "connexion coupée"),
        (OSError(errno.EPIPE, "Broken pipe"), "connexion coupée"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "pas de réseau"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "serveur injoignable"),
        (OSError(errno.ETIMEDOUT, "Connection timed out"), "pas de réponse à temps"),
        (TimeoutError("timed out"), "pas de réponse à temps"),
        (socket.gaierror(-2, "Name or service not known"), "nom de serveur inconnu"),
        (socket.gaierror(8, "nodename nor servname provided"), "nom de serveur inconnu"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version"), "[SSL: WRONG_VERSION_NUMBER] wrong version"),
    ],
)
def test_the_network_answers_in_french(error: OSError, said: str) -> None:
    """By its number, else by its kind; the numbers of names and of encryption are of other tables."""
    assert said == system_words(error)


def test_no_other_room_repeats_the_system() -> None:
    """They speak with disks, servers and schedulers in the words of one table."""
    told = {
        str(path.relative_to(ROOMS))
        for path in ROOMS.rglob("*.py")
        if re.search(r"(?<!os)\.strerror", path.read_text("utf-8"))
    }
    assert {"french.py"} == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            '[imap]\nhost = "imap.free.fr"\nuser = "a"\npassword_env = "A"\nsave_sent = "oui"\n',
            ["imap.save_sent : « oui » ne convient pas"],
        ),
        ('[bank]\nfile = ["r/*"]\n', ["bank.file : clé inconnue ; la clé connue la plus proche est « files »"]),
    ],
)
def test_a_wrong_setting_is_told_once_by_its_own_name(tmp_path: Path, line: str, told: list[str]) -> None:
    """Of a value that may be of two types too; `check` has each fault on its own line."""
    here = story(tmp_path)
    here.settings(rest=line + '[delivery]\ntransport = "folder"\nfolder = 3\n')
    here.write(row("F-1", "Orme", "02/11/2026"))
    said = here.run("plan", today=TODAY).err
    faults = [plain(each).removeprefix("- ") for each in said.splitlines() if each.startswith("- ")]
    assert 2 == len(faults)
    assert [] == [each for each in told if not any(fault.startswith(each) for fault in faults)]
    checked = here.run("check", today=TODAY, COLUMNS="80").out
    assert 2 == len([each for each in checked.splitlines() if each.strip().startswith("- ")])


@pytest.mark.slow
def test_why_a_credit_pays_is_read_whole(tmp_path: Path) -> None:
    """At 80 columns too, where it has a line of its own; a file that is no statement is named once."""
    here = story(tmp_path)
    here.settings(rest='[delivery]\ntransport = "folder"\n[bank]\nfiles = ["releves/*"]\n')
    here.write(row("F-2026-041", "Boulangerie Martin SARL", "02/11/2026"), row("F-7", "Léa Fontaine", "10/11/2026"))
    (tmp_path / "releves").mkdir()
    (tmp_path / "releves" / "nov.csv").write_text(bnp(MONTH), encoding="utf-8")
    (tmp_path / "releves" / "autre.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    reasons = {each["because"] for each in here.run("bank", "--format", "json", today=TODAY).json["credits"]}
    shown = here.on_terminal("bank", "--today", TODAY).out
    assert not [line for line in shown.splitlines() if len(line) > 80 and str(tmp_path) not in line]
    assert {plain(reason) for reason in reasons} == {plain(r) for r in reasons if plain(r) in plain(shown)}
    wide = here.on_terminal("bank", "--today", TODAY, COLUMNS="200").out
    assert len(wide.splitlines()) < len(shown.splitlines())
    assert 1 == plain(here.run("plan", today=TODAY).out).count("autre.csv")


@pytest.mark.slow
def test_drafts_are_called_drafts_before_a_yes(tmp_path: Path) -> None:
    """Who wants drafts is not asked whether to send."""
    mails = Mails(today=date.fromisoformat("2026-11-25"))
    mails.folders["Brouillons"] = []
    mails.flags["Brouillons"] = r"\Drafts"
    with imap_server(mails) as box:
        here = story(tmp_path)
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\nsecurity = "none"\n'
        imap = f'[imap]\nhost = "127.0.0.1"\nport = {box.port}\n{account}'
        here.settings(rest=f'[delivery]\ntransport = "drafts"\n{imap}')
        here.write(row("F-1", "Alpha SARL", "20/11/2026"), row("F-2", "Orme", "20/11/2026"))
        here.run("send", today=MONDAY)
        here.saved_on("2026-11-25")
        with terminal(here, "send", "--today", "2026-11-25") as screen:
            asked = plain(screen.until("[v]oir un par un\u00a0:"))
            assert "Mettre ces 2 messages dans vos brouillons ?" in asked
            screen.type("v\n")
            assert "Brouillon ? [o]ui" in plain(screen.until("[?]\u00a0:"))
            screen.type("q\n")
            assert 0 == screen.end()[0]
        with terminal(here, "review", "--today", "2026-11-25") as screen:
            assert "Envoyer" not in plain(screen.until("[?]\u00a0:"))
            screen.type("?\n")
            assert "mettre ce message dans vos brouillons, et lui seul" in plain(screen.until("[?]\u00a0:"))
            screen.type("q\n")
            assert 0 == screen.end()[0]
    assert [] == mails.appended


def test_a_row_is_known_by_the_path_that_was_printed(tmp_path: Path) -> None:
    """Whole, or from here; the one of another folder stays."""
    here = issuing(tmp_path, 'file = ["factures", "autres"]')
    for name in ("factures", "autres"):
        write(tmp_path / name, scan_pdf=pdf(), bon_pdf=pdf(cii(number=f"{name}-1", issued="2026-10-03")))
    refused = here.run("confirm", "row", "ailleurs/scan.pdf", today=TODAY)
    assert 2 == refused.code
    assert 0 == here.run("confirm", "row", "factures/scan.pdf", today=TODAY).code
    left = [each["file"] for each in here.plan(TODAY)["problems"]]
    assert [str(tmp_path / "autres" / "scan.pdf")] == left
    assert 0 == here.run("confirm", "row", left[0], today=TODAY).code
    assert [] == here.plan(TODAY)["problems"]
