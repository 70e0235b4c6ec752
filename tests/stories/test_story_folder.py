"""A freelancer points relance at the folder of their platform's downloads: who is asked what, and what never leaves."""

import json
import os
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from einvoice_support import HER, ME, cii, pdf, ubl, write
from story_support import MONDAY, Story, story

from relance.runs.last_look import LastLook, mark

LATER = "2026-11-30"
SETTINGS = """[sender]
name = "Camille Moreau"
email = "camille@moreau.example"
iban = "FR7630006000011234567890189"
[invoices]
file = "factures/"
{invoices}
[delivery]
transport = "folder"
[policy]
minimum = 0
{rest}
"""
SIRET = 'siret = "73282932000074"'


@pytest.fixture
def camille(tmp_path: Path) -> Story:
    """A folder with a sale that is due for a friendly mail, one due for a firm one, a purchase, a scan."""
    camille = story(tmp_path)
    write(
        tmp_path / "factures",
        f1_pdf=pdf(cii(number="F-1", issued="2026-10-17", due="2026-11-16")),
        f2_xml=ubl(
            number="F-2",
            issued="2026-10-03",
            due="2026-11-02",
            buyer={"name": "Bois SARL", "siren": "380129866", "email": "a@bois.example"},
        ),
        achat_pdf=pdf(cii(number="P-1", seller=HER, buyer=ME)),
        scan_pdf=pdf(),
    )
    settings(camille)
    return camille


def settings(of: Story, invoices: str = "", rest: str = "", *, siret: bool = False) -> None:
    """Write relance.toml."""
    text = SETTINGS.format(invoices=invoices, rest=rest)
    (of.folder / "relance.toml").write_text(text.replace("iban", f"{SIRET}\niban") if siret else text, encoding="utf-8")


def words(text: str) -> str:
    """A text with ordinary spaces, in one line."""
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def test_the_seller_is_asked_about_and_nothing_leaves_before(camille: Story) -> None:
    """One question, last on the screen, and the command that it prints ends it."""
    plan = camille.run("plan", today=MONDAY)
    asked = "êtes-vous Camille Moreau (SIREN 732829320), vendeur de 2 documents sur 3 ? Rien ne partira avant."
    assert asked in words(plan.out)
    assert words(plan.out).endswith(
        "→ relance confirm columns sinon : votre SIRET (siret) sous [sender] dans relance.toml"
    )
    assert {"reading"} == {each["reason"] for each in camille.plan(MONDAY)["invoices"]}
    assert not camille.plan(MONDAY)["reading"]["agreed"]
    assert (
        0 == len(list(camille.folder.glob("brouillons/new/*"))) == camille.run("send", "--yes", today=MONDAY).code - 1
    )

    answered = camille.run("confirm", "columns", today=MONDAY)
    assert (0, "C’est noté : Camille Moreau, c’est vous.") == (answered.code, words(answered.out))
    assert 0 == camille.run("confirm", "backlog", "--as-is", today=MONDAY).code
    found = {each["number"]: each["reason"] for each in camille.plan(MONDAY)["invoices"]}
    assert {"F-1": "due", "F-2": "no_payment_source"} == found
    assert 2 == camille.run("confirm", "columns", today=MONDAY).code, "nothing is open any more"


def test_the_siret_of_the_settings_answers_too(camille: Story) -> None:
    """And the wrong one makes all of them strangers, in words."""
    settings(camille, siret=True)
    assert {"due", "no_payment_source", "backlog"} >= {each["reason"] for each in camille.plan(MONDAY)["invoices"]}
    text = (camille.folder / "relance.toml").read_text("utf-8").replace("732829320", "130005481")
    (camille.folder / "relance.toml").write_text(text, encoding="utf-8")
    assert "ce n’est pas vous (130005481)" in words(camille.run("check", "--offline", today=MONDAY).out)


def test_files_that_are_no_sale_are_named_until_they_are_known(camille: Story) -> None:
    """By their names, in the plan and in JSON; a word about one of them silences it alone."""
    settings(camille, siret=True)
    problems = {Path(p["file"]).name: p for p in camille.plan(MONDAY)["problems"]}
    assert {"achat.pdf", "scan.pdf"} == problems.keys()
    assert [None, None] == [each["line"] for each in problems.values()]
    assert {"rows": 1, "amount": "0.00"} == camille.plan(MONDAY)["left_out"]
    done = camille.run("confirm", "row", "achat.pdf", today=MONDAY)
    assert "C’est noté pour « achat.pdf »" in words(done.out)
    assert ["scan.pdf"] == [Path(p["file"]).name for p in camille.plan(MONDAY)["problems"]]
    assert 0 == camille.run("confirm", "row", "scan.pdf", today=MONDAY).code
    assert [] == camille.plan(MONDAY)["problems"]
    (camille.folder / "factures" / "scan.pdf").write_bytes(b"%PDF-1.4 other")
    assert 1 == len(camille.plan(MONDAY)["problems"])


@pytest.mark.parametrize("source", ["paid_dir", "payments", "bank"])
def test_what_tells_of_payments_lets_firm_leave(camille: Story, source: str) -> None:
    """Each of the three that the sentence names."""
    (camille.folder / "payées").mkdir()
    (camille.folder / "reglements.csv").write_text("Numéro;Montant;Date\nF-9;1,00;2026-11-20\n", encoding="utf-8")
    told = {"paid_dir": 'paid_dir = "payées/"', "payments": 'payments = "reglements.csv"'}.get(source, "")
    settings(camille, told, '[bank]\nfiles = ["releves/*.csv"]' if source == "bank" else "", siret=True)
    camille.run("confirm", "backlog", "--as-is", today=MONDAY)
    line = camille.line("F-2", MONDAY)
    assert "no_payment_source" != line["reason"]
    settings(camille, siret=True)
    held = camille.line("F-2", MONDAY)
    assert ("no_payment_source", "firm", None) == (held["reason"], held["stage"], held["next_date"])
    assert "ajoutez paid_dir, payments ou [bank] files" in words(held["because"])


def test_what_is_old_is_the_list_of_payments_and_never_an_invoice(camille: Story) -> None:
    """A PDF of last year is as true as ever; a list of payments of last month is not."""
    payments = camille.folder / "reglements.csv"
    payments.write_text("Numéro;Montant;Date\nF-9;1,00;2026-10-01\n", encoding="utf-8")
    for file in (camille.folder / "factures").iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    settings(camille, siret=True)
    camille.run("confirm", "backlog", "--as-is", today=MONDAY)
    assert "due" == camille.line("F-1", MONDAY)["reason"]
    settings(camille, 'payments = "reglements.csv"', siret=True)
    os.utime(payments, (1_791_000_000, 1_791_000_000))  # 4 October 2026
    assert "stale_input" == camille.line("F-1", MONDAY)["reason"]


def test_a_file_that_is_moved_is_paid_and_thanked_for_nothing_twice(camille: Story) -> None:
    """From the day on which it is seen there; the message about it never leaves again."""
    (camille.folder / "payées").mkdir()
    settings(camille, 'paid_dir = "payées/"', siret=True)
    camille.run("confirm", "backlog", "--as-is", today=MONDAY)
    assert camille.run("send", "--yes", today=MONDAY).code in (0, 1)
    (camille.folder / "factures" / "f2.xml").rename(camille.folder / "payées" / "f2.xml")
    line = camille.line("F-2", LATER)
    assert ("paid", "0.00", "1200.00") == (line["reason"], line["outstanding"], line["paid"])
    assert camille.run("send", "--yes", today=LATER).code in (0, 1)
    assert "payée, vue le 30 novembre 2026" in words(camille.run("show", "F-2", today="2026-12-01").out)


def test_the_pdf_itself_goes_along(camille: Story) -> None:
    """The octets of the e-invoice, under the name of its number."""
    settings(camille, siret=True)
    camille.run("confirm", "backlog", "--as-is", today=MONDAY)
    assert camille.run("send", "--yes", today=MONDAY).code in (0, 1)
    [draft] = (camille.folder / "brouillons" / "new").iterdir()
    mail = message_from_bytes(draft.read_bytes(), policy=policy.default)
    attached = [part for part in mail.walk() if part.get_content_type() == "application/pdf"]
    assert ["Facture-F-1-Camille-Moreau.pdf"] == [part.get_filename() for part in attached]
    assert (camille.folder / "factures" / "f1.pdf").read_bytes() == attached[0].get_payload(decode=True)


def test_a_rehearsal_writes_nothing_and_a_plan_no_more_than_what_it_read(camille: Story) -> None:
    """The cache lies beside the journal; with --dry-run there is none."""
    settings(camille, siret=True)
    before = camille.files()
    camille.run("send", "--dry-run", today=MONDAY)
    assert before == camille.files()
    camille.run("plan", today=MONDAY)
    assert {"relance-journal.factures"} == camille.files().keys() - before.keys()
    camille.run("plan", "factures/", "--config", "relance.toml", today=MONDAY)
    assert before.items() <= camille.files().items()


def test_check_explains_the_columns(camille: Story) -> None:
    """As of any other file."""
    settings(camille, siret=True)
    told = words(camille.run("check", "--offline", "--verbose", today=MONDAY).out)
    for each in ("number ← Numéro de facture (par exemple « F-1 »)", "outstanding ← Reste à payer", "IBAN"):
        assert each in told


def test_a_folder_as_argument_without_settings(tmp_path: Path) -> None:
    """The plan is shown, the question and its cure too, and what presses is held."""
    anna = story(tmp_path)
    write(tmp_path / "f", a_pdf=pdf(cii(issued="2026-10-03", due="2026-11-02")))
    done = anna.run("plan", "f", today=MONDAY)
    assert 1 == done.code
    assert ", puis relance confirm columns" in words(done.out)
    empty = anna.run("plan", "f/*.xml", today=MONDAY)
    assert (2, True) == (empty.code, "aucune facture électronique" in words(empty.err))


def test_the_last_look_sees_a_folder(tmp_path: Path) -> None:
    """A file that comes, goes or changes while the plan is being sent ends it; nothing else does."""
    folder = write(tmp_path / "f", a_pdf=pdf(cii()), b_xml=cii(number="F-2"))
    for place in (folder, folder / "*.pdf"):
        look = LastLook([mark(place)], date(2026, 11, 23), lambda: date(2026, 11, 23))
        assert "" == look()
        (folder / "a.pdf").chmod(0o600)
        assert "" == look()
        (folder / "c.txt").write_bytes(b"x")
        assert "" == look()
        (folder / "a.pdf").write_bytes(pdf(cii(total="900.00")))
        assert "a changé" in look()
    look = LastLook([mark(folder)], date(2026, 11, 23), lambda: date(2026, 11, 23))
    (folder / "b.xml").unlink()
    assert "a changé" in look()


def test_a_folder_of_paid_ones_beside_a_list_is_told_to_be_idle(camille: Story) -> None:
    """Who trusts it has to know that nobody looks there."""
    (camille.folder / "payées").mkdir()
    (camille.folder / "liste.csv").write_text("Numéro;Client;Total TTC;Échéance\nF-1;Bois;12,00;2026-11-02\n", "utf-8")
    settings(camille, 'paid_dir = "payées/"', siret=True)
    assert [] == [p for p in camille.plan(MONDAY)["problems"] if "payées" in p["file"]]
    done = camille.run("plan", "liste.csv", today=MONDAY)
    assert "paid_dir ne vaut que pour un dossier de factures électroniques" in words(done.out)


def test_a_payment_of_an_invoice_that_was_replaced_is_never_asked_again(camille: Story) -> None:
    """It was told of the first number: the second waits, and the two commands that it prints end that."""
    settings(camille, siret=True)
    camille.run("confirm", "backlog", "--as-is", today=MONDAY)
    assert 0 == camille.run("pay", "F-1", "--amount", "500", today=MONDAY).code
    correction = cii(number="F-1R", kind="384", source="F-1", total="900.00", left="900.00", due="2026-11-16")
    write(camille.folder / "factures", f1r_pdf=pdf(correction))
    line = camille.line("F-1R", MONDAY)
    assert "unclear" == line["reason"]
    assert "relance undo F-1, puis relance pay F-1R" in words(line["because"])
    assert "cancelled" == camille.line("F-1", MONDAY)["reason"]
    assert 0 == camille.run("undo", "F-1", today=MONDAY).code
    assert "unclear" != camille.line("F-1R", MONDAY)["reason"]
    assert 0 == camille.run("pay", "F-1R", "--amount", "500", today=MONDAY).code
    assert "400.00" == camille.line("F-1R", MONDAY)["outstanding"]


@pytest.mark.parametrize(("file", "number"), [("f1.pdf", "F-1"), ("f2.xml", "F-2")])
@pytest.mark.parametrize("own", [True, False], ids=["settings", "none"])
def test_a_single_e_invoice_is_a_folder_of_one(camille: Story, file: str, number: str, own: bool) -> None:
    """With settings and without, in `plan` and `check`; a file beside it is not read."""
    if not own:
        (camille.folder / "relance.toml").unlink()
    plan = json.loads(camille.run("plan", f"factures/{file}", "--format", "json", today=LATER).out)
    assert [number] == [line["number"] for line in plan["invoices"]]
    assert camille.run("check", f"factures/{file}", "--offline", today=LATER).code in (0, 1)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("scan.pdf", pdf(), "aucune facture électronique"),
        ("page.xml", b"<?xml version='1.0'?><html/>", "aucune facture électronique"),
        ("vide.xml", b"", "est vide"),
    ],
)
def test_a_single_file_that_is_no_e_invoice_is_refused(camille: Story, name: str, data: bytes, says: str) -> None:
    """Exit code 2, and what was found in it."""
    (camille.folder / name).write_bytes(data)
    done = camille.run("plan", name, today=LATER)
    assert (2, "") == (done.code, done.out)
    assert says in words(done.err)


@pytest.mark.parametrize("named", [True, False])
def test_init_takes_the_e_invoices_of_a_folder_without_a_list(tmp_path: Path, named: bool) -> None:
    """The folder is the source, named from beside it or from within."""
    folder = write(tmp_path / "ventes", f1_pdf=pdf(cii(number="F-1", issued="2026-10-17", due="2026-11-16")))
    here = story(tmp_path if named else folder)
    told = ("--name", "Camille Moreau", "--email", "camille@moreau.example", "--transport", "folder", "--yes")
    done = here.run("init", *(["ventes"] if named else []), *told)
    assert done.code in (0, 1), done.err
    settings_file = here.folder / "relance.toml"
    assert f'file = "{"ventes" if named else "."}"' in settings_file.read_text("utf-8")
    plan = json.loads(here.run("plan", "--config", str(settings_file), "--format", "json", today=LATER).out)
    assert ["F-1"] == [line["number"] for line in plan["invoices"]]
