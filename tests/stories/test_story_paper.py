"""What a freelancer prints and shows: payment codes, letters, previews, call sheets; each command a real process."""

import base64
import re
import shlex
from email.message import EmailMessage
from pathlib import Path

import pytest
from paper_support import code_of_blocks, code_of_png, codes, pages
from story_support import Story, parsed, row, story

DAY = "2026-12-21"
LATE = row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026")
PAID = row("F-2", "Beta SARL", "20/11/2026", status="Payée", paid="1 200,00", paid_on="02/10/2026")
SENDER = """[sender]
name = "Camille Martin"
email = "camille@martin.example"
iban = "FR76 3000 6000 0112 3456 7890 189"
"""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with two invoices and a sender who has an account."""
    told = story(tmp_path)
    told.write(LATE, PAID)
    settings(told)
    return told


def settings(told: Story, more: str = "", sender: str = SENDER) -> None:
    """Write relance.toml: the sender, what `more` adds, drafts in a folder."""
    text = f'{sender}{more}\n[invoices]\nfile = "factures.csv"\n[delivery]\ntransport = "folder"\n'
    (told.folder / "relance.toml").write_text(text, encoding="utf-8")


PAYLOAD = b"BCD\n002\n1\nSCT\n\nCamille Martin\nFR7630006000011234567890189\nEUR1200\n\n\nF-1"


@pytest.mark.slow
def test_payment_code(here: Story) -> None:
    """`show --qr` draws the code for what is outstanding; plain text elsewhere, black on white on a terminal."""
    plain = here.run("show", "F-1", "--qr", today=DAY)
    caption, blank, *drawn = plain.out.splitlines()

    assert (0, "", "") == (plain.code, plain.err, blank)
    assert "Virement de 1\u202f200,00\u00a0€ à Camille Martin, référence F-1\u00a0:" == caption
    assert [PAYLOAD] == code_of_blocks(drawn)
    shown = here.on_terminal("show", "F-1", "--qr", "--today", DAY).out.splitlines()
    assert [f"\x1b[38;5;16;48;5;231m{line}\x1b[0m" for line in drawn] == shown[2:]


@pytest.mark.parametrize(
    ("number", "sender", "said"),
    [
        ("F-1", SENDER.partition("iban")[0], "Sans votre IBAN, il n’y a pas de QR code de virement."),
        ("F-2", SENDER, "Il ne reste rien à payer sur F-2."),
        ("F-3", SENDER, "Aucune facture ne porte le numéro"),
    ],
)
def test_no_payment_code(here: Story, number: str, sender: str, said: str) -> None:
    """A sentence says why there is no code."""
    settings(here, sender=sender)
    done = here.run("show", number, "--qr", today=DAY)

    assert (2, "") == (done.code, done.out)
    assert said in done.err


RIB = b"%PDF-1.4 compte de Camille Martin"
SENT = ("--stage", "firm", "--channel", "email")


def _plain(pdf: bytes) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", " ".join(pages(pdf)))


def at_notice(told: Story) -> None:
    """F-1 went through friendly and firm; on DAY its formal notice waits for the user's word."""
    assert 0 == told.run("record", "F-1", "--stage", "friendly", "--channel", "email", today="2026-11-25").code
    assert 0 == told.run("record", "F-1", "--stage", "firm", "--channel", "email", today="2026-12-07").code


def test_letter(here: Story) -> None:
    """`relance letter` writes one PDF, says what goes into the envelope, and journals nothing."""
    at_notice(here)
    before = here.files()
    done = here.run("letter", "F-1", "-o", "lettre.pdf", today=DAY)
    pdf = (here.folder / "lettre.pdf").read_bytes()

    assert 1 == done.code  # no postal address in this file
    assert "Lettre écrite\u00a0: lettre.pdf (mise en demeure, F-1)" in done.out
    assert "aucune adresse postale pour Alpha SARL" in done.out
    assert "relance record F-1 --stage formal_notice --channel letter" in done.out
    assert before == {name: data for name, data in here.files().items() if name != "lettre.pdf"}
    assert "au plus tard le mardi 5 janvier 2027" in _plain(pdf)
    assert "mes messages des 25 novembre et 7 décembre" in _plain(pdf)
    assert [b"FR7630006000011234567890189"] == [code.split(b"\n")[6] for code in codes(pdf, 0)]


def test_letter_never_overwrites(here: Story) -> None:
    """What exists stays, unless --force is given; the second time the bytes are the same."""
    assert 1 == here.run("letter", "F-1", today=DAY).code
    path = here.folder / "mise-en-demeure-F-1.pdf"
    first = path.read_bytes()
    path.write_bytes(b"%PDF signed")
    refused = here.run("letter", "F-1", today=DAY)

    assert (2, b"%PDF signed") == (refused.code, path.read_bytes())
    assert "--force" in refused.err
    assert 1 == here.run("letter", "F-1", "--force", today=DAY).code
    assert first == path.read_bytes()
    assert [] == [name for name in here.files() if "partial" in name]


@pytest.mark.parametrize(
    ("args", "day", "said"),
    [
        (("F-2",), DAY, "Il n’y a rien à réclamer sur F-2"),
        (("F-1",), "2026-11-20", "F-1 n’est pas en retard"),
        (("F-9",), DAY, "Aucune facture ne porte le numéro"),
        (
            ("F-1", "--stage", "autre"),
            DAY,
            "Étapes\u00a0: préventive (courtesy), amicale (friendly), ferme (firm), mise en demeure (formal_notice).",
        ),
        (("F-1", "-o", "absent/lettre.pdf"), DAY, "Le dossier «\u00a0absent\u00a0» n’existe pas."),
    ],
)
def test_no_letter(here: Story, args: tuple[str, ...], day: str, said: str) -> None:
    """A sentence says why there is none, and nothing is written."""
    before = here.files()
    done = here.run("letter", *args, today=day)

    assert (2, "") == (done.code, done.out)
    assert said in done.err
    assert before == here.files()


def test_no_letter_in_insolvency(here: Story) -> None:
    """After the opening judgment no payment may be demanded (L622-21 C. com.)."""
    here.run("hold", "Alpha SARL", "--reason", "insolvency", today=DAY)
    done = here.run("letter", "F-1", today=DAY)

    assert 2 == done.code
    assert "procédure collective" in done.err


def test_letter_in_dispute(here: Story) -> None:
    """A stop of the user's own does not forbid the letter, but is said before it is posted."""
    here.run("hold", "F-1", "--reason", "dispute", "--note", "malfaçon", today=DAY)
    done = here.run("letter", "F-1", today=DAY)

    assert 1 == done.code
    assert "À regarder avant de la poster\u00a0: litige («\u00a0malfaçon\u00a0»)" in done.out


def _drafts(told: Story) -> list[EmailMessage]:
    return [parsed(path.read_bytes()) for path in sorted((told.folder / "brouillons").rglob("*.eml"))]


def _words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def _files(message: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}


def test_mail_carries_the_letter(here: Story) -> None:
    """The mail of the formal notice carries the very letter that `relance letter` prints, then the bank details."""
    (here.folder / "rib.pdf").write_bytes(RIB)
    settings(here, more='rib = "rib.pdf"\n')
    at_notice(here)
    assert 0 == here.run("approve", "F-1", today=DAY).code
    rehearsed = here.run("send", "--dry-run", today=DAY)
    assert "mise-en-demeure-F-1.pdf" in rehearsed.out
    here.run("letter", "F-1", "-o", "lettre.pdf", today=DAY)
    assert 0 == here.run("send", today=DAY).code
    (message,) = _drafts(here)

    held = _files(message)
    assert ["mise-en-demeure-F-1.pdf", "rib.pdf"] == list(held)
    assert (here.folder / "lettre.pdf").read_bytes() == held["mise-en-demeure-F-1.pdf"]
    assert RIB == held["rib.pdf"]
    assert "relevé d’identité bancaire" in _plain(held["mise-en-demeure-F-1.pdf"])


@pytest.mark.slow
def test_without_typst(here: Story) -> None:
    """Without the extra the formal notice leaves as a message alone; only the commands that print need it."""
    (here.folder / "hidden").mkdir()
    (here.folder / "hidden" / "typst.py").write_text("raise ImportError", "utf-8")
    here.env["PYTHONPATH"] = f"{here.folder / 'hidden'}:{Path(__file__).parents[2]}"
    at_notice(here)
    refused = here.run_alone("letter", "F-1", today=DAY)
    assert (2, "") == (refused.code, refused.out)
    assert "pip install typst" in refused.err
    assert "pas de lettre en PDF sans typst" in here.run_alone("check", "--offline", "--verbose", today=DAY).out
    here.run_alone("approve", "F-1", today=DAY)
    assert 0 == here.run_alone("send", today=DAY).code

    (message,) = _drafts(here)
    assert {} == _files(message)
    assert "Mise en demeure" in str(message["Subject"])


def test_rib_from_firm_on(here: Story) -> None:
    """A friendly reminder carries no bank details, a firm one does."""
    (here.folder / "rib.pdf").write_bytes(RIB)
    settings(here, more='rib = "rib.pdf"\n')
    here.run("record", "F-1", "--stage", "courtesy", "--channel", "email", today="2026-11-16")
    here.run("send", today="2026-11-25")
    (friendly,) = _drafts(here)
    here.run("record", "F-1", "--stage", "friendly", "--channel", "email", today="2026-11-25")
    here.run("send", today="2026-12-07")
    messages = _drafts(here)

    assert {} == _files(friendly)
    assert [{}, {"rib.pdf": RIB}] == sorted(map(_files, messages), key=len)
    assert [False, True] == sorted("RIB joint." in _words(message) for message in messages)


@pytest.mark.parametrize("how", ["missing", "no PDF", "link", "folder", "too big"])
def test_unsafe_rib(here: Story, how: str) -> None:
    """A RIB that is not a plain PDF of a bearable size holds the messages that would carry it, and no other."""
    path = here.folder / "rib.pdf"
    if how == "no PDF":
        path.write_bytes(b"GIF89a")
    elif how == "link":
        (here.folder / "autre.pdf").write_bytes(RIB)
        path.symlink_to("autre.pdf")
    elif how == "folder":
        path.mkdir()
    elif how == "too big":
        path.write_bytes(RIB + b" " * (2 << 20))
    settings(here, more='rib = "rib.pdf"\n')
    here.run("record", "F-1", "--stage", "friendly", "--channel", "email", today="2026-11-25")
    done = here.run("send", "--dry-run", today="2026-12-07")

    assert 1 == done.code
    assert "rib.pdf" in done.out
    assert "0 message" in done.out
    shown = here.run("check", "--offline", today="2026-12-07").out
    assert "Corrigez rib sous [sender]" in re.sub(r"\n +", " ", shown)  # a long path breaks its line


@pytest.mark.slow
def test_check_prints(here: Story) -> None:
    """`check` prints a sample of the letter, so that a wrong layout shows before a customer does."""
    assert (
        "mise en demeure en PDF, letter.typ, imprimée sans faute"
        in here.run("check", "--offline", "--verbose", today=DAY).out
    )
    (here.folder / "modeles").mkdir()
    (here.folder / "modeles" / "letter.typ").write_text("\n#nope", "utf-8")
    with (here.folder / "relance.toml").open("a", encoding="utf-8") as file:
        file.write('[templates]\nfolder = "modeles"\n')
    done = here.run("check", "--offline", today=DAY)

    assert 2 == done.code
    assert "ligne 2\u00a0: unknown variable: nope." in done.out


def test_task_names_the_letter(here: Story) -> None:
    """The task of posting says how to print, and its command closes it."""
    at_notice(here)
    here.run("approve", "F-1", today=DAY)
    here.run("send", today=DAY)
    here.run("record", "F-1", "--stage", "formal_notice", "--channel", "email", today=DAY)
    here.run("confirm", "rate", today=DAY)
    (task,) = here.plan(DAY)["tasks"]

    assert "letter" == task["kind"]
    assert "Poster la lettre de mise en demeure à Alpha SARL" in task["text"]
    assert "→ relance letter F-1 --stage formal_notice" in task["text"]
    assert 1 == here.run("letter", "F-1", today=DAY).code
    assert 0 == here.run(*task["command"].split()[1:], today=DAY).code
    assert [] == here.plan(DAY)["tasks"]


def _commands(sheet: str) -> dict[str, list[str]]:
    """The commands of a call sheet by the words before them, as a shell would cut them."""
    lines = [line.partition(" → relance ") for line in sheet.splitlines()]
    return {words.strip(" -"): shlex.split(command) for words, found, command in lines if found}


def test_call_sheet(here: Story) -> None:
    """What to say, ask, know and offer; nothing is journaled by looking."""
    at_notice(here)
    before = here.files()
    done = here.run("show", "Alpha SARL", "--call", today=DAY)
    said = re.sub(r"[\u00a0\u202f]", " ", done.out)

    assert (0, "") == (done.code, done.err)
    for expected in (
        "Appeler Alpha SARL (son téléphone manque à votre fichier)",
        "Camille Martin à l’appareil. Je vous appelle au sujet de la facture F-1, 1 200,00 €, échue le 20 novembre",
        "- Oubli : «",
        "- Litige : «",
        "- Trésorerie : «",
        "- Facture F-1 du 21 octobre 2026, échue le 20 novembre 2026 (31 jours) : 1 200,00 €",
        "- Le 7 décembre 2026 : e-mail, relance ferme",
        "- Écrit à : compta@alpha.example",
        "--reason plan --instalment 2027-01-05=600.00 --instalment 2027-02-04=600.00",
        "relance record F-1 --stage firm --channel call --cause oversight",
    ):
        assert expected in said
    assert before == here.files()
    assert done.out == here.run("show", "F-1", "--call", today=DAY).out


@pytest.mark.parametrize("words", ["Une date promise", "Un point contesté", "Déjà payée, et vue sur votre compte"])
def test_call_commands_work(here: Story, words: str) -> None:
    """The commands of the sheet are exact: each records its outcome, also for a number that a shell would cut."""
    here.write(row("F 1'a", "Alpha SARL", "20/11/2026", issued="21/10/2026"))
    command = _commands(here.run("show", "Alpha SARL", "--call", today=DAY).out)[words]

    assert 0 == here.run(*command, today=DAY).code
    reasons = {"Une date promise": "promised", "Un point contesté": "disputed"}
    assert reasons.get(words, "paid") == here.line("F 1'a", DAY)["reason"]


def test_nobody_to_call(here: Story) -> None:
    """Where nothing is late, there is nothing to call about."""
    done = here.run("show", "Beta SARL", "--call", today=DAY)

    assert (2, "") == (done.code, done.out)
    assert "Rien n’est en retard pour" in done.err


@pytest.mark.slow
def test_own_call_sheet(here: Story) -> None:
    """The sheet is a template like the others: the user's own wins."""
    (here.folder / "modeles").mkdir()
    (here.folder / "modeles" / "call.txt.j2").write_text("{{ customer.name }} | {{ items[0].quoted }}", "utf-8")
    with (here.folder / "relance.toml").open("a", encoding="utf-8") as file:
        file.write('[templates]\nfolder = "modeles"\n')

    assert "Alpha SARL | F-1\n" == here.run("show", "F-1", "--call", today=DAY).out


STAGES = ("courtesy", "friendly", "firm", "formal_notice", "thanks", "broken_promise", "instalment")


@pytest.mark.parametrize("stage", STAGES[:4])
def test_preview(here: Story, stage: str) -> None:
    """Every message of the ladder can be read beforehand; nothing is written."""
    at_notice(here)
    before = here.files()
    done = here.run("preview", "F-1", "--stage", stage, today=DAY)

    assert (1, "") == (done.code, done.err)  # too late to announce a due date, done before, or not approved
    assert "F-1" in done.out.splitlines()[1]
    assert "Alpha SARL" in done.out
    assert before == here.files()


def test_preview_of_today(here: Story) -> None:
    """Without a stage it is word for word what `send` would send."""
    at_notice(here)
    shown = here.run("preview", "F-1", today=DAY).out
    here.run("approve", "F-1", today=DAY)
    here.run("send", today=DAY)
    (message,) = _drafts(here)

    assert _words(message).rstrip() in shown
    assert "la lettre. Rien" in shown


@pytest.mark.slow
def test_preview_opens(here: Story) -> None:
    """--open gives the browser the HTML, its payment code inside, and the letter, from a folder of their own."""
    browser = here.folder / "browser"
    browser.write_text('#!/bin/sh\necho "$1" >> "$HOME/opened"\n', "utf-8")
    browser.chmod(0o755)
    temporary = here.folder / "tmp"
    temporary.mkdir()
    settings(here, more="qr = true\n")
    done = here.run_alone(
        *("preview", "F-1", "--stage", "formal_notice", "--open"),
        today=DAY,
        BROWSER=f"{browser} %s",
        TMPDIR=str(temporary),
    )
    html, pdf = (Path(line.strip()) for line in done.out.splitlines()[-2:])

    assert 1 == done.code  # nobody approved it
    assert [html.as_uri(), pdf.as_uri()] == (here.folder / "home" / "opened").read_text("utf-8").split()
    assert temporary == html.parents[1]
    assert 0o700 == html.parent.stat().st_mode & 0o777
    picture = re.search(r"data:image/png;base64,([^\"]+)", html.read_text("utf-8"))
    assert picture
    # 1200 * 14 % * 31 / 365 = 14.27 of interest, and 40.
    assert [PAYLOAD.replace(b"EUR1200", b"EUR1254.27")] == code_of_png(base64.b64decode(picture[1]))
    assert "Je vous mets en demeure" in _plain(pdf.read_bytes())


@pytest.mark.slow
def test_preview_without_browser(here: Story) -> None:
    """Where no browser answers, the files are named all the same."""
    (here.folder / "tmp").mkdir()
    done = here.run_alone(
        "preview",
        "F-1",
        "--open",
        today=DAY,
        BROWSER="/nowhere/browser %s",
        PATH="/nowhere",
        TMPDIR=str(here.folder / "tmp"),
    )

    assert (1, True) == (
        done.code,
        "à décider → relance confirm backlog" in done.out,
    )  # it was late before relance came
    assert "Aucun navigateur n’a répondu" in done.out
    assert Path(done.out.splitlines()[-1].strip()).is_file()


def test_no_preview_of_unknown_stage(here: Story) -> None:
    """Every stage is named that there is."""
    done = here.run("preview", "F-1", "--stage", "autre", today=DAY)

    assert 2 == done.code
    assert [] == [stage for stage in STAGES if stage not in done.err]
