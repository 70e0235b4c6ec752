"""What a letter and a preview say, to whom, and what they refuse; each command a real process."""

import base64
import re
from pathlib import Path

import pytest
from paper_support import code_of_png, pages
from story_support import Story, row, story

DAY = "2026-12-21"
SENDER = '[sender]\nname = "Camille Martin"\nemail = "camille@martin.example"\niban = "FR7630006000011234567890189"\n'
NAMES = ("Alpha SARL", "Beta SARL", "Gamma SARL")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with the sender's settings; each test writes its invoices."""
    told = story(tmp_path)
    settings(told)
    return told


def settings(told: Story, more: str = "", rest: str = "") -> None:
    """Write relance.toml: the sender with what `more` adds, and what stands in other sections."""
    text = f'{SENDER}{more}\n[invoices]\nfile = "factures.csv"\n[delivery]\ntransport = "folder"\n{rest}'
    (told.folder / "relance.toml").write_text(text, encoding="utf-8")


def plain(text: str) -> str:
    """The text with plain spaces, one at a time."""
    return re.sub(r"\s+", " ", text)


def paper(told: Story, name: str = "lettre.pdf") -> str:
    """The words of a letter that was written."""
    return plain(" ".join(pages((told.folder / name).read_bytes())))


def history_column(told: Story, days: dict[str, str]) -> None:
    """Three customers whose last stage stands in a column of the file, on the day that `days` gives each column."""
    lines = [";".join(("N° facture", "Client", "E-mail", "Échéance", "Montant TTC", *days))]
    for number, name in enumerate(NAMES, 1):
        email = f"compta@{name.split()[0].lower()}.example"
        lines.append(";".join((f"F-{number}", name, email, "20/10/2026", "1 200,00", *days.values())))
    told.invoices.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("stage", ["firm", "formal_notice"])
def test_one_customer_to_a_message(here: Story, stage: str) -> None:
    """Customers that the file says were written to on the same day are never told of each other's debts."""
    days = {"Relance 1": "26/10/2026", "2e relance": "04/11/2026"}
    history_column(here, days if stage == "firm" else {**days, "Mise en demeure": "20/11/2026"})
    here.run("letter", "F-1", "--stage", stage, "-o", "lettre.pdf", today=DAY)
    seen = here.run("preview", "F-1", "--stage", stage, today=DAY)

    for text in (paper(here), plain(seen.out)):
        assert "F-1" in text
        assert [] == [other for other in ("F-2", "F-3", "Beta", "Gamma", "3 600,00") if other in text]


def test_one_customer_to_a_letter(here: Story) -> None:
    """Customers without an e-mail, posted on one day, keep their letters apart."""
    here.write(*(row(f"F-{n}", name, "20/10/2026", email="") for n, name in enumerate(NAMES[:2], 1)))
    for number in ("F-1", "F-2"):
        command = ("record", number, "--stage", "formal_notice", "--channel", "letter")
        assert 0 == here.run(*command, today="2026-12-01").code
    here.run("letter", "F-1", "-o", "lettre.pdf", today=DAY)

    assert "F-1" in paper(here)
    assert "F-2" not in paper(here)


PLAN = ("--instalment", "2026-12-01=450", "--instalment", "2027-01-12=750")


@pytest.mark.slow
@pytest.mark.parametrize(("paid", "missing"), [("", "450,00"), ("100,00", "350,00")])
def test_the_missed_instalment_is_asked_for(here: Story, paid: str, missing: str) -> None:
    """Never the next one: its date, what is missing of it, and a payment code for that alone."""
    settings(here, more="qr = true\n")
    debt = row("F-1", "Alpha SARL", "20/10/2026")
    here.write(debt)
    assert 0 == here.run("hold", "F-1", "--reason", "plan", *PLAN, today="2026-11-23").code
    here.write(debt if not paid else row("F-1", "Alpha SARL", "20/10/2026", paid=paid, paid_on="02/12/2026"))
    (here.folder / "tmp").mkdir()
    done = here.run(
        *("preview", "F-1", "--stage", "instalment", "--open"),
        today=DAY,
        BROWSER="/nowhere %s",
        TMPDIR=str(here.folder / "tmp"),
    )
    said = plain(done.out)

    assert f"versement de {missing} € prévu le 1er décembre" in said
    assert f"Montant : {missing} €" in said
    assert "janvier" not in said
    html = Path(done.out.splitlines()[-1].strip()).read_text("utf-8")
    picture = re.search(r"data:image/png;base64,([^\"]+)", html)
    assert picture
    [payload] = code_of_png(base64.b64decode(picture[1]))
    assert f"EUR{missing.removesuffix(',00')}".encode() == payload.split(b"\n")[7]


def test_no_instalment_message_without_a_missed_one(here: Story) -> None:
    """Nothing was agreed, or nothing is late: there is nothing to say, and the sentence says where to look."""
    here.write(row("F-1", "Alpha SARL", "20/10/2026"))
    plans: tuple[tuple[str, ...], ...] = ((), ("hold", "F-1", "--reason", "plan", *PLAN))
    for command in plans:
        if command:
            assert 0 == here.run(*command, today="2026-11-23").code
        done = here.run("preview", "F-1", "--stage", "instalment", today="2026-11-24")
        assert (2, "") == (done.code, done.out)
        assert "Aucune échéance manquée sur F-1" in done.err
        assert "relance show F-1" in done.err


POSTED = """[[stages]]
key = "firm"
channels = ["email", "letter"]
[[stages]]
key = "formal_notice"
"""


def test_a_letter_of_another_stage(here: Story) -> None:
    """Its task prints that stage and no formal notice, and nothing says that it is registered."""
    settings(here, rest=POSTED)
    here.write(row("S-1", "Alpha SARL", "20/11/2026", issued="21/10/2026"))
    here.run("record", "S-1", "--stage", "firm", "--channel", "email", today="2026-12-07")
    task = next(task for task in here.plan("2026-12-08")["tasks"] if task["kind"] == "letter")
    found = re.search(r"→ (relance letter [^(]*) \(", task["text"])
    assert found
    here.run(*found[1].split()[1:], "-o", "lettre.pdf", today="2026-12-08")

    for text in (task["text"], paper(here)):
        assert "recommandée" not in text
        assert "--tracking" not in text
    assert "mise en demeure" not in paper(here).casefold()
    assert "notez aussi --posted AAAA-MM-JJ" in task["text"]


def test_a_notice_before_its_day(here: Story) -> None:
    """Printed all the same, with a remark: neither its day nor the user's word is there."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026"))
    early = here.run("letter", "F-1", "-o", "lettre.pdf", today="2026-12-07")
    reached = here.run("letter", "F-1", "-o", "autre.pdf", today=DAY)

    remark = "étape « mise en demeure » prévue le 20/12/2026, à valider"
    assert 1 == early.code
    assert remark in plain(early.out)
    assert "Mise en demeure" in paper(here)
    assert "prévue le" not in reached.out
    command = "record F-1 --stage formal_notice --channel letter --tracking NUMÉRO --posted AAAA-MM-JJ"
    assert command in plain(reached.out)


@pytest.mark.parametrize("name", ["relance.toml", "factures.csv", "vide"])
def test_only_a_pdf_is_overwritten(here: Story, name: str) -> None:
    """--force is for yesterday's letter, never for the settings or the invoices."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    (here.folder / "vide").touch()
    before = here.files()
    done = here.run("letter", "F-1", "--force", "-o", name, today=DAY)

    assert (2, "") == (done.code, done.out)
    assert f"« {name} » existe et n’est pas un PDF" in plain(done.err)
    assert before == here.files()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("home", "« home » est un dossier. Donnez un nom"),
        ("", "« . » est un dossier. Donnez un nom"),
        ("-", "La lettre ne s’écrit pas sur la sortie standard. Donnez un nom"),
        ("/dev/null", "« /dev/null » n’est pas un fichier ordinaire. Donnez un nom"),
        ("a" * 300, "ce nom de fichier est trop long. Raccourcissez-le."),
        (f"home/{'a' * 260}.pdf", "ce nom de fichier est trop long. Raccourcissez-le."),
    ],
)
def test_no_such_file_for_a_letter(here: Story, name: str, said: str) -> None:
    """One right sentence, with its cure, whether --force is given or not."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    before = here.files()
    for force in ((), ("--force",)):
        done = here.run("letter", "F-1", *force, "-o", name, today=DAY)
        assert (2, "") == (done.code, done.out)
        assert said in plain(done.err)
    assert before == here.files()


def test_the_longest_name_is_written(here: Story) -> None:
    """A name that the file system takes is taken."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    name = "a" * 251 + ".pdf"

    assert 1 == here.run("letter", "F-1", "-o", name, today=DAY).code
    assert (here.folder / name).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("changes", "stage", "said"),
    [
        ({"status": "Payée", "paid": "1 200,00", "paid_on": "02/12/2026"}, "firm", "payée le 2 décembre 2026"),
        ({"status": "Brouillon"}, "firm", "brouillon"),
        ({"issued": "01/02/2027", "due": "01/03/2027"}, "friendly", "à émettre le 1er février 2027"),
        ({"status": "Litige"}, "firm", "litige"),
        ({}, "courtesy", "ce message annonce une échéance à venir (62 jours de retard)"),
        ({"due": "21/12/2026"}, "courtesy", "ce message annonce une échéance à venir (échéance aujourd’hui)"),
        ({"email": ""}, "friendly", "aucune adresse e-mail"),
        ({"email": "", "due": "10/01/2027"}, "courtesy", "aucune adresse e-mail"),
        ({"due": "10/12/2026"}, "formal_notice", "étape prévue le 09/01/2027, à valider"),
        ({}, "formal_notice", "à valider"),
    ],
)
def test_a_preview_that_would_not_leave(here: Story, changes: dict[str, str], stage: str, said: str) -> None:
    """The message is shown all the same, with one sentence that says why it would not leave."""
    here.write(row("F-1", "Alpha SARL", **{"due": "20/10/2026", **changes}))
    done = here.run("preview", "F-1", "--stage", stage, today=DAY)

    assert (1, "") == (done.code, done.err)
    assert "Objet : " in plain(done.out)
    [sentence] = [line for line in done.out.splitlines() if line.startswith("Pas aujourd’hui")]
    assert said in plain(sentence)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hold", "F-1", "--reason", "pause"), "en pause"),
        (("hold", "F-1", "--reason", "promise", "--until", "2026-12-23"), "paiement promis pour le 23 décembre"),
        (("hold", "F-1", "--reason", "plan", "--instalment", "2027-01-12=1200"), "échéancier convenu"),
        (("confirm", "backlog", "--ignore"), "laissée de côté à votre demande"),
    ],
)
def test_a_preview_of_what_the_user_holds(here: Story, words: tuple[str, ...], said: str) -> None:
    """It is shown, and does not pretend to be about to leave."""
    here.write(row("F-1", "Alpha SARL", "20/10/2026"))
    assert 0 == here.run("confirm", "backlog", "--as-is", today=DAY).code
    assert 0 == here.run("preview", "F-1", "--stage", "firm", today=DAY).code
    assert 0 == here.run(*words, today=DAY).code
    done = here.run("preview", "F-1", "--stage", "firm", today=DAY)
    assert 1 == done.code
    [sentence] = [line for line in done.out.splitlines() if line.startswith("Pas aujourd’hui")]
    assert said in plain(sentence)


def test_a_preview_of_what_waits_for_an_answer(here: Story) -> None:
    """What was late before relance came: shown, and the answer is named, as it is typed; then it leaves."""
    here.write(row("F-1", "Alpha SARL", "20/10/2026"))
    done = here.run("preview", "F-1", "--stage", "firm", today=DAY)
    assert 1 == done.code
    said = plain(done.out)
    assert "Pas aujourd’hui : déjà en retard à l’installation" in said
    (answer,) = re.findall(r"→ (relance confirm backlog --\w+)", said)
    assert 0 == here.run(*answer.split()[1:], today=DAY).code
    assert 0 == here.run("preview", "F-1", "--stage", "friendly", today=DAY).code


def test_a_preview_of_what_was_done(here: Story) -> None:
    """A stage leaves once, and none after a later one; the next one may."""
    here.write(row("F-1", "Alpha SARL", "10/11/2026", issued="10/10/2026"))
    for stage, channel, on in (("friendly", "email", "2026-11-20"), ("firm", "call", "2026-12-04")):
        assert 0 == here.run("record", "F-1", "--stage", stage, "--channel", channel, "--on", on, today=DAY).code
    for stage, said in (
        ("firm", "relance ferme déjà faite par appel le 4 décembre 2026"),
        ("friendly", "relance amicale déjà faite par e-mail le 20 novembre 2026"),
    ):
        done = here.run("preview", "F-1", "--stage", stage, today=DAY)
        assert (1, "") == (done.code, done.err)
        assert f"Pas aujourd’hui : {said}" in plain(done.out)


def test_a_preview_of_a_notice_to_approve(here: Story) -> None:
    """It would not leave before the user's word, and names the command; then it would."""
    history_column(here, {"Relance 1": "26/10/2026", "2e relance": "04/11/2026"})
    done = here.run("preview", "F-1", "--stage", "formal_notice", today=DAY)
    assert "Pas aujourd’hui : à valider" in plain(done.out)
    assert 0 == here.run("confirm", "backlog", "--as-is", today=DAY).code
    done = here.run("preview", "F-1", "--stage", "formal_notice", today=DAY)
    assert 1 == done.code
    assert "Pas aujourd’hui : à valider → relance approve F-1" in plain(done.out)
    assert 0 == here.run("approve", "F-1", today=DAY).code
    done = here.run("preview", "F-1", "--stage", "formal_notice", today=DAY)
    assert "ne partirait pas" not in done.out


def test_a_credit_note_has_no_message(here: Story) -> None:
    """Nothing is claimed on it: refused, as its letter is."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"), row("A-1", "Alpha SARL", "20/11/2026", "-100,00"))
    for words in (("preview", "A-1"), ("preview", "A-1", "--stage", "firm"), ("letter", "A-1")):
        done = here.run(*words, today=DAY)
        assert (2, "") == (done.code, done.out)
        assert "rien à réclamer sur A-1" in plain(done.err)


PAID = {"status": "Payée", "paid": "1 200,00", "paid_on": "02/12/2026"}


def test_nobody_is_thanked_for_nothing(here: Story) -> None:
    """There is no such message about an invoice that is owed, and one about an invoice that is paid."""
    here.write(row("F-1", "Alpha SARL", "20/10/2026"))
    done = here.run("preview", "F-1", "--stage", "thanks", today=DAY)
    assert (2, "") == (done.code, done.out)
    assert "F-1 n’est pas réglée" in done.err
    assert "relance show F-1" in done.err
    here.write(row("F-1", "Alpha SARL", "20/10/2026", **PAID))
    done = here.run("preview", "F-1", "--stage", "thanks", today=DAY)
    assert (0, "") == (done.code, done.err)
    assert "Objet : " in plain(done.out)


def test_no_promise_is_called_broken_without_one(here: Story) -> None:
    """Only a promise that was not kept is spoken of, and by its own day, whatever else holds the message back."""
    here.write(row("F-1", "Alpha SARL", "20/10/2026"))
    done = here.run("preview", "F-1", "--stage", "broken_promise", today=DAY)
    assert (2, "") == (done.code, done.out)
    assert "Aucune promesse non tenue sur F-1" in done.err
    promise = ("hold", "F-1", "--reason", "promise", "--until", "2026-12-09")
    assert 0 == here.run(*promise, today="2026-12-02").code
    assert 0 == here.run("record", "F-1", "--stage", "friendly", "--channel", "call", today="2026-12-18").code
    done = here.run("preview", "F-1", "--stage", "broken_promise", today=DAY)
    assert (0, "") == (done.code, done.err)
    assert "annoncés pour le 9 décembre" in plain(done.out)


@pytest.mark.slow
def test_a_preview_to_look_at(here: Story) -> None:
    """What the checker remarks, and bank details that are not where the settings say, make exit code 1."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    assert 0 == here.run("confirm", "backlog", "--as-is", today=DAY).code
    assert 0 == here.run("preview", "F-1", "--stage", "firm", today=DAY).code
    settings(here, more='rib = "rib.pdf"\n')
    missing = here.run("preview", "F-1", "--stage", "firm", today=DAY)
    assert 0 == here.run("preview", "F-1", "--stage", "friendly", today=DAY).code  # it carries none
    settings(here, rest='[templates]\nfolder = "modeles"\n')
    (here.folder / "modeles").mkdir()
    (here.folder / "modeles" / "_closing.txt.j2").write_text("Merci de votre attention !\n", encoding="utf-8")
    remarked = here.run("preview", "F-1", "--stage", "friendly", today=DAY)

    assert 1 == missing.code
    assert "rib.pdf" in missing.out
    assert "À regarder" in missing.out
    assert 1 == remarked.code
    assert "un point d’exclamation" in remarked.out


def sheet(told: Story, name: str = "Alpha SARL") -> str:
    """The call sheet of a customer, with plain spaces."""
    done = told.run("show", name, "--call", today=DAY)
    assert (0, "") == (done.code, done.err)
    return re.sub("[\u00a0\u202f]", " ", done.out)


def of_kind(kind: str) -> str:
    """The customer's kind, as the settings give it."""
    return f'[[customers]]\nmatch = "Alpha SARL"\nkind = "{kind}"\n'


def test_whom_a_call_reaches(here: Story) -> None:
    """A consumer is called himself; a public body is asked about Chorus Pro and offered no instalments."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    said = {}
    for kind in ("business", "consumer", "public"):
        settings(here, rest=of_kind(kind))
        said[kind] = sheet(here)
    asked = "demander la personne qui suit les règlements"
    assert [True, False, False] == [asked in said[kind] for kind in said]
    assert [False, False, True] == ["Chorus Pro" in said[kind] for kind in said]
    assert [True, True, False] == ["échéancier" in said[kind].casefold() for kind in said]
    assert all("Adresse e-mail : compta@alpha.example" in text for text in said.values())


def test_a_call_speaks_of_the_running_plan(here: Story) -> None:
    """Of what was agreed, of the instalment that did not come, and of the next one; the voice is named."""
    here.write(row("F-1", "Alpha SARL", "20/10/2026"))
    here.run("hold", "F-1", "--reason", "plan", *PLAN, today="2026-11-23")
    settings(here, more='voice = "service comptabilité"\n')
    said = sheet(here)

    assert "Camille Martin, service comptabilité, à l’appareil" in said
    assert "au sujet de notre échéancier pour la facture F-1" in said
    assert "Le versement du 1er décembre 2026, 450,00 €, ne nous est pas encore parvenu." in said
    assert "n’est pas arrivé ; le prochain est dû le 12 janvier 2027" in said
    assert "Un échéancier en deux ou trois fois" not in said


ADDED = "La lettre jointe part aussi en recommandé."


@pytest.mark.parametrize(
    ("channels", "said", "silent"),
    [
        ('["email", "letter"]', ADDED, "La même lettre"),
        ('["email"]', "Je vous mets en demeure", "recommandé"),
    ],
)
def test_a_notice_tells_how_it_goes(here: Story, channels: str, said: str, silent: str) -> None:
    """By mail with its letter, and by registered post only where it is posted; the paper says nothing of a mail."""
    settings(here, rest=f'[[stages]]\nkey = "firm"\n[[stages]]\nkey = "formal_notice"\nchannels = {channels}\n')
    here.write(row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026"))
    shown = plain(here.run("preview", "F-1", "--stage", "formal_notice", today=DAY).out)
    here.run("letter", "F-1", "--stage", "formal_notice", "-o", "lettre.pdf", today=DAY)

    assert said in shown
    assert silent not in shown
    assert "lettre jointe" not in paper(here)


def test_the_payment_code_is_listed(here: Story) -> None:
    """`send --dry-run` shows everything that travels, and two things attached are one sentence."""
    (here.folder / "rib.pdf").write_bytes(b"%PDF-1.4 compte")
    (here.folder / "F-1.pdf").write_bytes(b"%PDF-1.4 facture")
    settings(here, more='rib = "rib.pdf"\nqr = true\n')
    path = here.folder / "relance.toml"
    path.write_text(path.read_text("utf-8").replace("[invoices]", '[invoices]\npdf = "{number}.pdf"'), "utf-8")
    here.write(row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026"))
    here.run("record", "F-1", "--stage", "friendly", "--channel", "email", today="2026-11-25")
    rehearsed = plain(here.run("send", "--dry-run", today="2026-12-07").out)

    assert "Pièce jointe : virement-QR.png (" in rehearsed
    assert "Facture et RIB joints." in rehearsed
    assert "Le QR code joint prépare ce virement dans votre application bancaire." in rehearsed
    assert "Pièce jointe : Facture-F-1-Camille-Martin.pdf (" in rehearsed
