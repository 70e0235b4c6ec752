"""`relance evidence`: the folder that proves a debt, its figures, what is verified of it, what it never holds."""

import csv
import io
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import typst
from imap_support import imap_server
from mail_support import USER, Mailbox, smtp_server
from pypdfium2 import PdfDocument
from story_support import MONDAY, PASSWORD_VARIABLE, Story, parsed, row, story, text_of

from relance.core.exhibits import Copy, Exhibit
from relance.core.facts import Credited, CreditShare
from relance.errors import UsageError
from relance.french import eur
from relance.journal import open_journal
from relance.runs import sealed

pytestmark = pytest.mark.slow

MINIMAL_PDF = b"%PDF-1.4\n%EOF\n"
"""Enough for a file to be taken for an invoice."""
NOTICE, TODAY = "2026-12-21", "2026-12-28"
FORBIDDEN = (
    *("certaine, liquide", "incontestée", "interrompt la prescription", "huissier", "sommation", "commandement"),
    *("signification", "République", "sceau", "Marianne"),
)
"""What a paper of ours may never say (Code pénal 433-13; what only a judge says)."""
SETTINGS = '[policy]\ndefault_kind = "business"\n[charges]\nrate = 14.0\n'
SENDER = 'address = "3 rue Haute, 44000 Nantes"\nsiret = "12345678200010"\nlegal_form = "EI"\niban ='
IBAN = "FR1420041010050500013M02606"
NAME = "dossier-alpha-sarl-2026-12-28"


def _opened(here: Story, port: int, rest: str = SETTINGS) -> None:
    """Settings, two customers, a journal begun before anything was late."""
    here.settings(port, rest=rest)
    settings = here.folder / "relance.toml"
    pdf = 'file = "factures.csv"\npdf = "pdf/{number}.pdf"'
    told = settings.read_text("utf-8").replace("iban =", SENDER).replace('file = "factures.csv"', pdf)
    settings.write_text(told, "utf-8")
    (here.folder / "pdf").mkdir()
    (here.folder / "pdf" / "F-1.pdf").write_bytes(MINIMAL_PDF)
    here.write(
        row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026"),
        row("F-3", "Alpha SARL", "20/11/2026", "810,50", issued="21/10/2026"),
        row("F-2", "Zorro Zinc", "20/11/2026", "666,66"),
    )
    assert here.run("send", today=MONDAY).code in (0, 1)


@pytest.fixture(scope="module")
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, box: Mailbox) -> Story:
    """The whole ladder of two customers, a part payment, a promise, a call, the letter posted."""
    here = story(tmp_path_factory.mktemp("lived"))
    _opened(here, box.port)
    here.run("confirm", "rate", today=MONDAY)
    for day in ("2026-11-25", "2026-12-07"):
        here.run("send", today=day)
    here.run("pay", "F-1", "--amount", "200", "--on", "2026-12-10", today="2026-12-10")
    call = ("record", "F-1", "--stage", "firm", "--channel", "call", "--cause", "cash", "--note", "un vrai menteur")
    assert 0 == here.run(*call, today="2026-12-11").code
    for number in ("F-1", "F-3", "F-2"):
        here.run("approve", number, today=NOTICE)
    assert here.run("send", today=NOTICE).code in (0, 1)
    posted = ("--channel", "letter", "--tracking", "1A 234 567", "--posted", "2026-12-22")
    assert 0 == here.run("record", "F-1", "--stage", "formal_notice", *posted, today="2026-12-22").code
    return here


@pytest.fixture
def made(lived: Story, tmp_path: Path) -> Path:
    """The folder of Alpha, made anew."""
    done = lived.run("evidence", "Alpha SARL", "--out", str(tmp_path), today=TODAY)
    assert (0, "") == (done.code, done.err)
    assert [NAME] == [path.name for path in tmp_path.iterdir()]
    return tmp_path / NAME


def _said(path: Path) -> str:
    """The words of a paper: each run of blanks one space."""
    if path.suffix == ".pdf" and path.read_bytes() != MINIMAL_PDF:
        document = PdfDocument(path)
        text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    else:
        text = path.read_text("utf-8", errors="replace")
    return " ".join(text.replace("\u200b", "").split())


def _bare(text: str) -> str:
    """Letters, figures, and what parts a path."""
    return re.sub(r"[^\w/.]", "", text)


def _plain(amount: str) -> str:
    """An amount of a JSON document as a paper prints it, each blank one space."""
    return " ".join(eur(Decimal(amount)).split())


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_the_folder_holds(made: Path, lived: Story) -> None:
    """The papers of the contract, each numbered as in the list, with plain names; what is missing is told."""
    files = _files(made)
    tops = {path.partition("/")[0] for path in files}
    whole = {"00-bordereau.pdf", "01-decompte.pdf", "02-chronologie.pdf", "journal.txt", "SHA256SUMS", "LISEZMOI.txt"}
    whole |= {"SHA256SUMS.tsq"}
    assert whole | {"recouvrement.csv"} <= tops
    assert sorted(sealed.FOLDERS) == sorted(path.name for path in made.iterdir() if path.is_dir())
    assert all(re.fullmatch(r"[A-Za-z0-9.-]{1,60}", part) for path in files for part in path.split("/"))
    told = _bare(_said(made / "00-bordereau.pdf"))  # where a line ends, a hyphen is none
    numbers = {int(re.match(r"\d+", path.rpartition("/")[2])[0]) for path in files if path[:1].isdigit()}  # type: ignore[index]
    assert numbers == set(range(max(numbers) + 1))
    for number in numbers - {0}:
        assert f"Piècen{number}" in told
    for path in files:
        assert not path[:1].isdigit() or path.startswith("00-") or _bare(path) in told
    assert "FactureF3enPDF" in told
    assert "vous" not in told
    mails = sorted(path for path in files if path.endswith(".eml"))
    assert ["30-relances"] * 3 == [path.partition("/")[0] for path in mails]
    kept = made.parent / "kept"
    lived.run("sent", "Alpha SARL", "--save", str(kept), today=TODAY)
    assert sorted(path.read_bytes() for path in kept.iterdir()) == sorted(files[path] for path in mails)
    assert 1 == sum(path.startswith("50-mise-en-demeure/") and "lettre" in path for path in files)
    assert "1A 234 567" in _said(next(made.glob("50-*/*suivi*")))


def test_figures_are_those_of_charges_and_of_the_notice(made: Path, lived: Story, box: Mailbox) -> None:
    """Today's sums are those of `relance charges`, those of the notice's day what the notice said."""
    told = _said(made / "01-decompte.pdf")
    for day in (TODAY, NOTICE):
        total = Decimal("0")
        for amount, more in (("1200", ("--payment", "2026-12-10=200")), ("810.50", ())):
            asked = ("charges", "--amount", amount, "--due", "2026-11-20", "--as-of", day, *more)
            charged = lived.run(*asked, "--format", "json", today=TODAY).json
            for name in ("interest", "recovery_fee", "claimed"):
                assert _plain(charged[name]) in told, (day, name)
            total += Decimal(charged["claimed"])
        assert _plain(str(total)) in told
    notice = next(text_of(raw) for raw in box.received if b"1344" in raw and b"alpha.example" in raw)
    assert _plain(str(total)) in " ".join(notice.split())
    rows = list(csv.DictReader(io.StringIO((made / "recouvrement.csv").read_text("utf-8-sig")), delimiter=";"))
    assert [("F-1", "1000,00", "40,00"), ("F-3", "810,50", "40,00")] == [
        (each["facture"], each["reste"], each["indemnite"]) for each in rows
    ]
    assert {"21/12/2026"} == {each["mise_en_demeure_le"] for each in rows}


def test_the_chronology_tells_how_each_fact_is_known(made: Path) -> None:
    """File, journal, server's reply; the words of a private note are in none of its papers."""
    told = _said(made / "02-chronologie.pdf")
    assert "Facture F-1 émise, 1 200,00 € TTC fichier des factures" in told
    assert "cause donnée : trésorerie" in told
    assert "Règlement sur F-1 de 200,00 € journal" in told
    assert "250 2.0.0 Ok: queued as 4F1" in told
    assert "réponse du serveur" in told
    assert "menteur" not in "".join(_said(path) for path in made.rglob("*.pdf"))


def test_nobody_else_and_no_forbidden_word(made: Path, lived: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the other customer nothing, in any file; the words that are a court's stand nowhere."""
    without = _without_typst(lived, made.parent / "plain", monkeypatch)
    for folder in (made, without):
        texts = {path: _said(path) for path in folder.rglob("*") if path.is_file()}
        for path, text in texts.items():
            assert "zorro" not in text.casefold(), path
            assert "666" not in re.sub(r"[0-9a-f]{12,}", "", text), path
            assert [] == [word for word in FORBIDDEN if word.casefold() in text.casefold()], path
    assert (without / "01-decompte.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert [] == list(without.glob("0*.pdf"))


def _without_typst(lived: Story, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with monkeypatch.context() as patch:
        for room in ("leaf", "paper"):
            patch.setattr(f"relance.letters.{room}.can_print", lambda: False)
        done = lived.run("evidence", "Alpha SARL", "--out", str(out), today=TODAY)
    assert 0 == done.code
    assert "pages en HTML, à imprimer ; en PDF avec typst (pip install typst)" in " ".join(done.out.split())
    return out / NAME


def test_a_page_that_typst_cannot_print_is_said(lived: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is HTML like the others, and counted; with all in PDF nothing is said of it."""
    assert "HTML" not in lived.run("evidence", "Alpha SARL", "--out", str(tmp_path / "a"), today=TODAY).out
    kept = typst.compile

    def failing(*args: object, **named: object) -> object:
        if '"title": "Chronologie' in str(named):
            raise typst.TypstError("no", "no")
        return kept(*args, **named)  # type: ignore[call-overload]

    monkeypatch.setattr("typst.compile", failing)
    done = lived.run("evidence", "Alpha SARL", "--out", str(tmp_path / "b"), today=TODAY)
    assert "1 page en HTML, typst n’a pas pu en faire un PDF" in done.out.replace("\u00a0", " ")
    assert ["02-chronologie.html"] == [path.name for path in (tmp_path / "b").rglob("*.html")]


def test_nothing_of_our_texts_is_forbidden() -> None:
    """Whatever the case, by the sources of the words themselves, and the guide's page."""
    package = Path(sealed.__file__).parents[1]
    sources = [*package.glob("display/evidence*.py"), package / "display" / "ways.py", package / "guide" / "dossier.md"]
    assert len(sources) > 5
    for path in sources:
        text = path.read_text("utf-8").casefold()
        assert [] == [word for word in FORBIDDEN if word.casefold() in text], path.name


def test_the_same_bytes_twice(made: Path, lived: Story, tmp_path: Path) -> None:
    """Two runs give the same folder and zip; a folder that is there and the same stays, another one is not touched."""
    before = {name: data for name, data in lived.files().items() if not name.startswith("out")}
    again = lived.run("evidence", "F-1", "F-3", "--out", str(tmp_path / "again"), today=TODAY)
    assert 0 == again.code
    assert _files(made) == _files(tmp_path / "again" / NAME)
    zips = []
    for place in ("one", "two", "two"):
        assert 0 == lived.run("evidence", "Alpha SARL", "--zip", "--out", str(tmp_path / place), today=TODAY).code
        zips.append((tmp_path / place / f"{NAME}.zip").read_bytes())
    assert 1 == len(set(zips))
    with zipfile.ZipFile(io.BytesIO(zips[0])) as archive:
        assert _files(made) == {
            name.partition("/")[2]: archive.read(name) for name in archive.namelist() if not name.endswith("/")
        }
    assert before == lived.files()
    assert 0 == lived.run("evidence", "Alpha SARL", "--out", str(made.parent), today=TODAY).code
    (made / "20-contrat" / "devis.pdf").write_bytes(MINIMAL_PDF)
    refused = lived.run("evidence", "Alpha SARL", "--out", str(made.parent), today=TODAY)
    assert (2, "") == (refused.code, refused.out)
    assert "existe déjà" in refused.err
    assert (made / "20-contrat" / "devis.pdf").exists()


def test_own_papers(lived: Story, tmp_path: Path) -> None:
    """Quote and receipt are exhibits of their folders; then they are missing no more."""
    quote, receipt = tmp_path / "Devis signé n° 4.PDF", tmp_path / "AR"
    quote.write_bytes(b"quote")
    receipt.write_bytes(b"receipt")
    papers = ("--contract", str(quote), "--receipt", str(receipt))
    done = lived.run("evidence", "Alpha SARL", "--out", str(tmp_path), *papers, today=TODAY)
    assert 0 == done.code
    assert "--contract" not in done.out
    assert "--receipt" not in done.out
    assert b"quote" == next((tmp_path / NAME / "20-contrat").glob("*-Devis-signe-n-4.pdf")).read_bytes()
    assert b"receipt" == next((tmp_path / NAME / "50-mise-en-demeure").glob("*-AR.bin")).read_bytes()
    absent = lived.run("evidence", "Alpha SARL", "--contract", str(tmp_path / "absent"), today=TODAY)
    assert (2, "") == (absent.code, absent.out)


def test_sha256sum_and_check(made: Path, lived: Story) -> None:
    """Both find it whole, as the command that is printed is typed; each file changed, removed or added is named."""
    ran = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=made, capture_output=True, text=True, check=False)
    assert 0 == ran.returncode, ran.stdout
    printed = (
        lived.run("evidence", "Alpha SARL", "--out", str(made.parent), today=TODAY).out.strip().rpartition("→ ")[2]
    )
    whole = lived.run(*shlex.split(printed)[1:])
    assert (0, "Rien n’a changé.\n", "") == (whole.code, whole.out, whole.err)
    changed = sorted(made.glob("30-relances/*.eml"))[0]
    changed.write_bytes(changed.read_bytes()[:-1])
    (made / "01-decompte.pdf").unlink()
    (made / "60-paiements" / "recu.txt").write_text("1", "utf-8")
    done = lived.run("evidence", "--check", str(made))
    wrong = ["01-decompte.pdf", str(changed.relative_to(made)), "60-paiements/recu.txt"]
    assert (1, wrong, "") == (done.code, done.out.split(), done.err)
    shutil.rmtree(made / "50-mise-en-demeure")
    assert "50-mise-en-demeure/" in lived.run("evidence", "--check", str(made)).out


def test_a_journal_line_that_was_taken_out_is_found(made: Path, lived: Story) -> None:
    """Even where SHA256SUMS was written again: removed, swapped, edited."""
    lines = (made / "journal.txt").read_text("utf-8").splitlines(keepends=True)
    assert len(lines) > 5
    for tampered in (
        lines[:2] + lines[3:],
        [lines[1], lines[0], *lines[2:]],
        [lines[0].replace("25", "26"), *lines[1:]],
    ):
        (made / "journal.txt").write_text("".join(tampered), "utf-8")
        files = {path: data for path, data in _files(made).items() if path != "SHA256SUMS"}
        del files["SHA256SUMS.tsq"]
        sums = sealed.sums_of(files)
        (made / "SHA256SUMS").write_bytes(sums)
        (made / "SHA256SUMS.tsq").write_bytes(sealed.query_of(sums))
        done = lived.run("evidence", "--check", str(made))
        assert (1, "journal.txt\n") == (done.code, done.out)


def test_each_byte_flipped_is_found(made: Path, tmp_path: Path) -> None:
    """In every file of a small folder, each byte in turn, SHA256SUMS included."""
    exhibits = [Exhibit("10-factures", "F 1", "", None, ()), Exhibit("30-relances", "écrit", "", None, ())]
    _, files = sealed.filed(exhibits, [[("pdf", b"%PDF-")], [("eml", b"To: a\r\n"), ("html", b"<p>")]])
    files["journal.txt"] = (made / "journal.txt").read_bytes().splitlines(keepends=True)[0]
    files["SHA256SUMS"] = sealed.sums_of(files)
    folder = sealed.write_folder(tmp_path, "petit", files)
    assert () == sealed.check_folder(folder)
    for name, content in files.items():
        for place in range(len(content)):
            flipped = bytearray(content)
            flipped[place] ^= 1 << place % 8
            (folder / name).write_bytes(flipped)
            wrong = sealed.check_folder(folder)
            assert wrong, (name, place)
            assert name == "SHA256SUMS" or name in wrong
        (folder / name).write_bytes(content)
    for more in (b"\n", files["SHA256SUMS"]):
        (folder / "SHA256SUMS").write_bytes(files["SHA256SUMS"] + more)
        assert ("SHA256SUMS",) == sealed.check_folder(folder)
    (folder / "SHA256SUMS").unlink()
    assert ("SHA256SUMS",) == sealed.check_folder(folder)


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        ("L’Œuf & <b>Cie</b>", "dossier-l-oeuf-b-cie-b-2026-12-28"),
        ("株式会社", "dossier-client-2026-12-28"),
        ("../../etc", "dossier-etc-2026-12-28"),
        ("a" * 99, f"dossier-{'a' * 41}-2026-12-28"),
    ],
)
def test_names(customer: str, expected: str) -> None:
    """Whatever a customer is called, a plain name of at most 60 characters."""
    assert expected == sealed.folder_name(customer, date(2026, 12, 28))
    assert len(expected) <= 60


def test_many_exhibits() -> None:
    """Past 99, numbers have three figures, and the first keep theirs; a long name is cut."""
    exhibits = [Exhibit("", "x" * 90, "", None, (Copy(b"", "pdf"),))] * 101
    several, files = sealed.filed(exhibits, [[("pdf", b"")]] * 101)
    assert (1, f"01-{'x' * 53}.pdf") == (several[0].number, several[0].files[0][0])
    assert (101, f"101-{'x' * 52}.pdf") == (several[-1].number, several[-1].files[0][0])
    assert (101, {60}) == (len(files), set(map(len, files)))


def test_no_folder(lived: Story, tmp_path: Path) -> None:
    """Nothing owed, two customers, nobody, no folder of ours: exit 2, a sentence, nothing written."""
    (tmp_path / "in").mkdir()
    for args, said in (
        (("F-1", "F-2"), "plusieurs clients"),
        ((), "De quel client"),
        (("F-8",), "ni une facture ni un client"),
        (("--check", str(tmp_path / "in")), "n’est pas un dossier fait par"),
        (("--check", str(tmp_path / "absent")), "ne peut pas être lu"),
        (("F-1", "--check", str(tmp_path)), "se donne seul"),
        (("F-1", "--out", str(lived.invoices)), "ne peut pas être utilisé"),
    ):
        done = lived.run("evidence", *args, today=TODAY)
        assert (2, "") == (done.code, done.out), args
        assert said in done.err, args
    early = lived.run("evidence", "F-1", "--out", str(tmp_path), today="2026-11-20")
    assert (2, True) == (early.code, "pas en retard" in early.err)
    assert ["in"] == [path.name for path in tmp_path.iterdir()]


def test_a_folder_around_it_is_named(made: Path, lived: Story) -> None:
    """Where the folder that holds it is given, the command that was meant is printed, and works."""
    done = lived.run("evidence", "--check", str(made.parent))
    assert 2 == done.code
    typed = next(line for line in done.err.splitlines() if "→ relance evidence --check" in line)
    words = shlex.split(typed.rpartition("→ relance ")[2])
    assert 0 == lived.run(*words).code


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


def _late(here: Story, box: Mailbox, rest: str) -> None:
    _opened(here, box.port, rest)
    here.run("send", today="2026-11-25")


def test_a_consumer_owes_no_charges(here: Story, box: Mailbox) -> None:
    """Neither interest nor the fee, in the account and for the collector; who may be one is treated as one."""
    _late(here, box, '[[customers]]\nmatch = "Alpha SARL"\nkind = "consumer"\n')
    assert 0 == here.run("evidence", "F-1", "--out", "out", today=TODAY).code
    told = _said(here.folder / "out" / NAME / "01-decompte.pdf")
    assert "Total dû 1 200,00 €" in told
    assert "ni pénalités ni indemnité" in told
    assert "40,00" not in told
    [each] = csv.DictReader(
        io.StringIO((here.folder / "out" / NAME / "recouvrement.csv").read_text("utf-8-sig")), delimiter=";"
    )
    assert ("0,00", "0,00") == (each["penalites"], each["indemnite"])


def test_who_may_be_a_consumer_is_asked_no_charges(here: Story, box: Mailbox) -> None:
    """Nobody said what this customer is: what was billed alone, and the question among what is missing."""
    here.settings(box.port)
    here.write(row("F-5", "Camille Dupont", "20/11/2026"))
    here.run("send", today=MONDAY)
    done = here.run("evidence", "F-5", "--out", "out", today=TODAY)
    assert 0 == done.code
    assert "kind sous [[customers]]" in done.out
    told = _said(here.folder / "out" / "dossier-camille-dupont-2026-12-28" / "01-decompte.pdf")
    assert "Total dû 1 200,00 €" in told
    assert "40,00" not in told


def test_insolvency_refuses(here: Story, box: Mailbox) -> None:
    """After the opening judgment nothing may be pursued (L622-21 C. com.), whatever else holds; nor by a letter."""
    _late(here, box, SETTINGS)
    here.run("hold", "Alpha SARL", "--reason", "insolvency", today="2026-12-01")
    here.run("hold", "Alpha SARL", "--reason", "collection", today="2026-12-01")
    for args in (("evidence", "F-1"), ("evidence", "Alpha SARL", "--zip"), ("letter", "F-1")):
        done = here.run(*args, today=TODAY)
        assert (2, "") == (done.code, done.out)
        assert "procédure collective" in done.err
    assert [] == list(here.folder.glob("dossier-*"))


def test_why_what_another_collects_is_silent(here: Story, box: Mailbox) -> None:
    """One French sentence, and the command that ends it; the copies of the journal have a French day, never cut."""
    _late(here, box, SETTINGS)
    assert 0 == here.run("hold", "F-1", "--reason", "recouvrement", today=TODAY).code
    assert "qui recouvre est seul à relancer" in here.run("show", "F-1", today=TODAY).out
    assert 0 == here.run("release", "F-1", today=TODAY).code
    assert re.search(r"sauvegardes? au 25/11/2026 ", _plain_spaces(here.run("check", today=TODAY).out))


def test_handed_over(here: Story, box: Mailbox) -> None:
    """What another collects is not reminded of, whatever its stage, until it is released."""
    _late(here, box, SETTINGS)
    sent = len(box.received)
    said = here.run("hold", "Alpha SARL", "--reason", "recouvrement", today="2026-12-01")
    assert 0 == said.code
    assert "plus de relance" in said.out
    dated = here.run("hold", "Alpha SARL", "--reason", "collection", "--until", "2027-01-31", today="2026-12-01")
    assert (2, "") == (dated.code, dated.out)
    line = here.line("F-1", "2026-12-07")
    assert ("hold", "collection") == (line["decision"], line["reason"])
    here.run("send", "--only", "Alpha SARL", today="2026-12-07")
    assert sent == len(box.received)
    assert 0 == here.run("evidence", "Alpha SARL", "--out", "out", today=TODAY).code
    told = _said(here.folder / "out" / NAME / "02-chronologie.pdf")
    assert "Recouvrement confié à un tiers" in told
    ended = shlex.split(said.out.strip().rpartition("→ relance ")[2])
    assert 0 == here.run(*ended, today="2026-12-08").code
    assert "collection" != here.line("F-1", "2026-12-08")["reason"]


def test_after_the_ladder(lived: Story) -> None:
    """The task offers the ways with what each asks, the folder, the hold; the first command makes the folder."""
    day = "2027-01-18"
    task = next(each for each in lived.plan(day)["tasks"] if each["invoices"] == ["F-1"])
    assert ("review", "relance evidence F-1") == (task["kind"], task["command"])
    for told in ("tribunal de commerce", "5\u202f000\u00a0€", "relance hold F-1 --reason collection", "45 à 75"):
        assert told in task["text"], told
    shown = lived.run("show", "F-1", today=day).out
    assert "Suites possibles" in shown
    assert "passée en perte" in shown


@pytest.mark.parametrize(
    ("address", "told", "not_told"),
    [
        ("Hauptstr. 5, 10115 Berlin, Allemagne", "petits litiges européens", "hors de l’Union"),
        ("12 High Street, London, UK", "hors de l’Union européenne", "formulaire A"),
    ],
)
def test_after_the_ladder_abroad(here: Story, address: str, told: str, not_told: str) -> None:
    """No French court is named to who has a customer abroad: by what `show` says, and the task of the plan."""
    here.settings(rest='[delivery]\ntransport = "folder"\n[policy]\ndefault_kind = "business"\n')
    here.invoices.write_text(
        "N° facture;Client;E-mail;Adresse;Échéance;Montant TTC\n"
        f"F-1;Kunz GmbH;kunz@kunz.example;{address};02/09/2026;1200,00\n",
        "utf-8",
    )
    done = [("friendly", "email", "2026-09-07"), ("firm", "email", "2026-09-17")]
    done += [("formal_notice", channel, "2026-10-02") for channel in ("email", "letter")]
    for stage, channel, on in done:
        noted = here.run("record", "F-1", "--stage", stage, "--channel", channel, "--on", on, today=on)
        assert 0 == noted.code, noted.err
    task = next(each for each in here.plan(TODAY)["tasks"] if "Choisir la suite" in each["text"])
    shown = " ".join(here.run("show", "F-1", today=TODAY).out.split())
    for said in (task["text"], shown):
        plain = said.replace("\u00a0", " ").replace("\u202f", " ")
        assert told in plain
        assert "société de recouvrement" in plain
        assert [] == [word for word in (not_told, "tribunal de commerce", "credicys", "conciliateur") if word in plain]


def test_a_payment_of_an_earlier_day_is_said(lived: Story, tmp_path: Path) -> None:
    """Told after the notice, for a day before it: the sums of its text are not those of its day any more."""
    copied = Story(tmp_path / "copy", lived.env)
    shutil.copytree(lived.folder, copied.folder)
    assert 0 == copied.run("confirm", "journal", today=TODAY).code
    copied.run("pay", "F-3", "--amount", "100", "--on", "2026-12-15", today=TODAY)
    done = copied.run("evidence", "Alpha SARL", "--out", str(tmp_path), today=TODAY)
    assert 1 == done.code, done.err
    assert "d’autres sommes" in done.out


def test_journal_lines_are_json(made: Path) -> None:
    """One fact a line, each of this customer alone."""
    for line in (made / "journal.txt").read_text("utf-8").splitlines():
        assert {"what", "content", "before", "sha256"} <= set(json.loads(line))


def test_a_folder_that_cannot_be_read() -> None:
    """A file in its place is none."""
    with pytest.raises(UsageError):
        sealed.check_folder(Path(__file__))


def test_answers(here: Story, box: Mailbox) -> None:
    """What the mailbox told is an exhibit with its first lines; the whole mail is missing, and only that."""
    with imap_server() as mails:
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\n'
        imap = f'[imap]\nhost = "127.0.0.1"\nport = {mails.port}\nsecurity = "none"\n{account}'
        box.received.clear()
        _late(here, box, SETTINGS + imap)
        sent = str(parsed(next(raw for raw in box.received if b"alpha.example" in raw))["Message-ID"])
        head = f"Message-ID: <1@alpha.example>\nFrom: Zoé <compta@alpha.example>\nIn-Reply-To: {sent}\n"
        kind = "Subject: Re: x\nContent-Type: text/plain; charset=utf-8"
        mails.put(f"{head}{kind}\n\nJe paierai \u202ele 31 décembre.\n", date(2026, 11, 27))
        here.run("send", today="2026-11-30")
    done = here.run("evidence", "Alpha SARL", "--out", "out", today=TODAY)
    assert (0, "") == (done.code, done.err)
    assert "Messages reçus, en entier (27/11/2026)" in done.out
    assert "à regarder : La boîte de réception" in done.out.replace("\u00a0", " ")
    [answer] = (here.folder / "out" / NAME / "40-reponses").iterdir()
    told = _said(answer)
    assert "Je paierai le 31 décembre." in told
    assert "<1@alpha.example>" in told
    past = _said(here.folder / "out" / NAME / "02-chronologie.pdf")
    assert "27/11/2026 Réponse reçue de compta@alpha.example" in past
    assert "boîte de réception" in past


def _mail(number: int, text: str, *, sender: str, about: str) -> str:
    head = f"Message-ID: <{number}@alpha.example>\nFrom: Zoé <{sender}>\nIn-Reply-To: {about}\n"
    return f"{head}Subject: Re: x\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"


def test_answers_in_whole(here: Story, box: Mailbox) -> None:
    """The exact octets of what this customer wrote, from the mailbox; of nobody else's a single text is asked for."""
    first = "Je paierai le 31 décembre.\n" + "Le reste suit.\n" * 30
    with imap_server() as mails:
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\n'
        imap = f'[imap]\nhost = "127.0.0.1"\nport = {mails.port}\nsecurity = "none"\n{account}'
        box.received.clear()
        _late(here, box, SETTINGS + imap)
        ours, other = (
            str(parsed(next(raw for raw in box.received if name in raw))["Message-ID"])
            for name in (b"alpha.example", b"zorro.example")
        )
        mine = {"sender": "compta@alpha.example", "about": ours}
        mails.put(_mail(1, first, **mine), date(2026, 11, 27))
        mails.put(_mail(2, "Secret de Zorro", sender="compta@zorro.example", about=other), date(2026, 11, 27))
        mails.put(_mail(3, "Pour les deux", sender="x@alpha.example", about=f"{ours} {other}"), date(2026, 11, 27))
        here.run("send", today="2026-11-30")
        mails.put(_mail(1, "Je ne dois rien", sender="faux@mal.example", about=ours), date(2026, 11, 27))
        mails.put(_mail(1, "Je ne dois rien non plus", **mine), date(2026, 12, 3))
        mails.folders["INBOX"].reverse()  # whatever their order
        mails.commands.clear()
        for _ in range(2):  # twice the same bytes
            done = here.run("evidence", "Alpha SARL", "--out", "out", today=TODAY)
            assert (0, "") == (done.code, done.err), done.out
        bodies = [line for line in mails.commands if "BODY.PEEK[]" in line]
    assert 2 == len(bodies)  # one mail, once a run
    assert "à regarder" not in done.out
    folder = here.folder / "out" / NAME / "40-reponses"
    (whole,) = folder.glob("*.eml")
    assert _mail(1, first, **mine).replace("\n", "\r\n").encode() == whole.read_bytes()
    said = "".join(_said(each) for each in folder.glob("*.pdf"))
    assert 30 == said.count("Le reste suit.")
    assert "Pour les deux" not in said  # nor what was written to both
    assert "<3@alpha.example>" in said
    everything = b"".join(each.read_bytes() for each in (here.folder / "out" / NAME).rglob("*") if each.is_file())
    assert b"Secret de Z" not in everything
    assert () == sealed.check_folder(here.folder / "out" / NAME)


def test_hostile_names(here: Story, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither markup, nor a formula, nor a sign that no font has becomes anything else; the PDFs are whole then too."""
    name = "=HYPERLINK(A1)<script>alert(1)</script> #panic() 😀"
    here.settings(box.port, rest='[policy]\ndefault_kind = "business"\n')
    here.write(row("F-7", name, "20/11/2026", email="a@evil.example"))
    here.run("send", today=MONDAY)
    for out, prints in (("pdf", True), ("html", False)):
        with monkeypatch.context() as patch:
            patch.setattr("relance.letters.leaf.can_print", lambda prints=prints: prints)
            done = here.run("evidence", "F-7", "--out", out, today=TODAY)
        assert (0, "") == (done.code, done.err)
        [folder] = (here.folder / out).iterdir()
        assert [] == [path for path in folder.rglob("*.html") if "<script" in path.read_text("utf-8")]
        assert (folder / "recouvrement.csv").read_text("utf-8-sig").splitlines()[1].startswith("'=HYPERLINK")
        assert "#panic()" in "".join(_said(path) for path in folder.glob("01-*"))


def _plain_spaces(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _missing(here: Story, out: str = "out") -> list[str]:
    told = _plain_spaces(here.run("evidence", "F-1", "--out", out, today=TODAY).out)
    return [line.strip() for line in told.splitlines()]


def test_only_what_is_missing_of_the_creditor_is_named(here: Story, box: Mailbox) -> None:
    """One setting taken out: the two others, which stand there, are not asked for."""
    _late(here, box, SETTINGS)
    assert not [line for line in _missing(here) if "créancier" in line]
    settings = here.folder / "relance.toml"
    settings.write_text(settings.read_text("utf-8").replace('legal_form = "EI"\n', ""), "utf-8")
    assert ["manque : Forme juridique du créancier → legal_form, sous [sender]"] == [
        line for line in _missing(here, "again") if "créancier" in line
    ]


def test_what_is_missing_of_a_customer_with_a_number(here: Story, box: Mailbox) -> None:
    """Its SIRET stands in the file: the extract alone is asked for, in a sentence that begins as the others do."""
    _late(here, box, SETTINGS)
    header, *rows = (here.folder / "factures.csv").read_text("utf-8").splitlines()
    told = [f"{header};SIRET", *(f"{each};55210055400013" for each in rows)]
    (here.folder / "factures.csv").write_text("\n".join(told) + "\n", "utf-8")
    assert 0 == here.run("confirm", "columns", today=TODAY).code
    assert ["manque : Extrait du registre du client → annuaire-entreprises.data.gouv.fr"] == [
        line for line in _missing(here) if "registre" in line
    ]


def test_a_letter_that_no_mail_carried_is_missing(here: Story, box: Mailbox) -> None:
    """Written and posted by hand: its number is known, its text is not; how to verify names a file that is there."""
    _late(here, box, SETTINGS)
    posted = ("--stage", "formal_notice", "--channel", "letter", "--on", "2026-12-21", "--tracking", "1A9")
    assert 0 == here.run("record", "F-1", *posted, today=NOTICE).code
    told = [line for line in _missing(here) if "avis de réception" in line]
    assert ["manque : Copie de la lettre, preuve de dépôt et avis de réception → --receipt FICHIER"] == told
    verify = (here.folder / "out" / NAME / "LISEZMOI.txt").read_text("utf-8")
    [named] = re.findall(r"certutil -hashfile (\S+) SHA256", verify)
    assert (here.folder / "out" / NAME / named).is_file()


def test_a_public_body(here: Story, box: Mailbox) -> None:
    """Its charges are payable after the principal, as the account says; no way of private law is offered."""
    _late(here, box, '[[customers]]\nmatch = "Alpha SARL"\nkind = "public"\n')
    assert 0 == here.run("evidence", "F-1", "--out", "out", today=TODAY).code
    told = _said(here.folder / "out" / NAME / "01-decompte.pdf")
    assert "dans les 45 jours qui suivent le principal" in told


def test_without_a_journal(here: Story, box: Mailbox) -> None:
    """Before anything was sent there is an account all the same, and what is missing."""
    here.settings(box.port, rest=SETTINGS)
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    done = here.run("evidence", "F-1", "--out", "out", today=TODAY)
    assert (0, "") == (done.code, done.err)
    assert "Mise en demeure" in done.out
    assert 0 == here.run("evidence", "--check", f"out/{NAME}").code


def test_what_went_to_somebody_else_stays_out(here: Story, box: Mailbox) -> None:
    """The invoice was another customer's when its first message left: that one is in no file, and is said to be."""
    _late(here, box, SETTINGS)
    here.write(row("F-1", "Gamma SARL", "20/11/2026", issued="21/10/2026"))
    done = here.run("evidence", "F-1", "--out", "out", today=TODAY)
    assert (1, "") == (done.code, done.err)
    assert "1\u00a0message" in done.out.replace("1 message", "1\u00a0message")
    folder = here.folder / "out" / "dossier-gamma-sarl-2026-12-28"
    assert [] == list((folder / "30-relances").iterdir())
    assert [] == [path for path in folder.rglob("*") if path.is_file() and "alpha" in _said(path).casefold()]
    assert "amicale" not in _said(folder / "02-chronologie.pdf")


def test_a_journal_that_was_changed_is_said(here: Story, box: Mailbox) -> None:
    """By another program, behind the chain: exit 1, and where to look."""
    _late(here, box, SETTINGS)
    with sqlite3.connect(here.journal) as db:
        db.execute("UPDATE deliveries SET subject = 'autre' WHERE id = 1")
    db.close()
    done = here.run("evidence", "F-1", "--out", "out", today=TODAY)
    assert (1, "") == (done.code, done.err)
    assert "changée hors de Relance" in done.out


def test_a_journal_that_only_the_receipts_add_to_is_no_other(here: Story) -> None:
    """A draft's time of departure stands in the receipts alone until the next run."""
    here.settings(rest=SETTINGS + '[delivery]\ntransport = "folder"\n')
    here.write(row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026"))
    here.run("send", today=MONDAY)
    here.run("send", today="2026-11-26")
    done = here.run("evidence", "F-1", "--out", str(here.folder / "out"), today="2026-11-26")
    assert "Dossier d’Alpha SARL" in done.out
    assert "hors de Relance" not in done.out


def test_money_of_the_bank(here: Story, box: Mailbox) -> None:
    """A payment known by a statement is said to be; a credit that pays others too stays out, its account too."""
    _late(here, box, SETTINGS)
    shares = (CreditShare("F-1/2026", Decimal("10.00")), CreditShare("F-2/2026", Decimal("20.00")))
    both = Credited("credit-un", date(2026, 11, 26), Decimal("30.00"), "EUR", date(2026, 11, 27), shares, iban=IBAN)
    alone = both._replace(credit="credit-deux", shares=(CreditShare("F-1/2026", Decimal("5.00")),), iban="")
    with open_journal(here.journal, date(2026, 11, 27), create=False) as journal:
        journal.record(both, alone)
    done = here.run("evidence", "F-1", "--out", "out", today=TODAY)
    assert (0, "") == (done.code, done.err)
    folder = here.folder / "out" / NAME
    told = _said(next(folder.glob("60-*/*")))
    assert "− 10,00 € relevé bancaire" in told
    assert "− 5,00 € relevé bancaire" in told
    lines = (folder / "journal.txt").read_text("utf-8")
    assert ("credit-deux" in lines, "credit-un" in lines) == (True, False)
    here.run("undo", "credit-un", today=TODAY)
    assert 0 == here.run("evidence", "F-1", "--out", "later", today=TODAY).code
    for path in (here.folder / "out").rglob("*"), (here.folder / "later").rglob("*"):
        assert [] == [each for each in path if each.is_file() and re.search(f"{IBAN}|F-2", _said(each))]


def test_a_namesake(here: Story, box: Mailbox) -> None:
    """Another customer of the same name, at another address: what was told of him is in no file of this one."""
    _late(here, box, SETTINGS)
    other = row("F-8", "Alpha SARL", "20/11/2026", email="paris@other.example")
    here.write(row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026"), other)
    for address, until in (("paris@other.example", "2026-12-04"), ("compta@alpha.example", "2026-12-11")):
        told = ("--reason", "promise", "--until", until)
        assert 0 == here.run("hold", address, *told, today="2026-12-01").code
    assert 0 == here.run("evidence", "F-1", "--out", "out", today=TODAY).code
    folder = here.folder / "out" / NAME
    past = _said(folder / "02-chronologie.pdf")
    assert "Promesse de paiement notée pour le 11 décembre 2026" in past
    assert "4 décembre" not in past
    assert [] == [path for path in folder.rglob("*") if path.is_file() and "paris@other" in _said(path)]
    assert "2026-12-04" not in (folder / "journal.txt").read_text("utf-8")
