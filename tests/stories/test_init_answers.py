"""`relance init` by options and by answers, in this process: what is written, and what keeps it from being written."""

import os
import shlex
import stat
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from imap_support import Mails, imap_server
from init_support import Answers
from mail_support import CANARY, USER, smtp_server
from schedule_support import Fakes
from story_support import Story, row, story

from relance import __version__
from relance.config.written import written
from relance.errors import UsageError
from relance.journal import open_journal
from relance.runs.begun import Given, MailGiven, ReadAs
from relance.runs.init import NothingWrittenError, init
from relance.runs.installed import installed

IBAN = "FR76 3000 6000 0112 3456 7890 189"
WHO = ("--name", "Zoé Été", "--email", "zoe@ete.example")
FOLDER = ("--transport", "folder")
NOW = datetime.now(UTC)
ME = Given("factures.csv", "Zoé Été", "zoe@ete.example", MailGiven(transport="folder"))
MOST_LINES = 30


def day(after: int) -> str:
    """A day from now, as the French write it."""
    return (date.today() + timedelta(after)).strftime("%d/%m/%Y")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A folder with a late invoice and one that is not."""
    found = story(tmp_path)
    found.write(row("F-1", "Lune SARL", day(-40)), row("F-2", "Vague SARL", day(20)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "RELANCE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return found


def settings_in(folder: Path) -> Any:
    """What was written there."""
    text = (folder / "relance.toml").read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    return tomllib.loads(text)


def test_every_question_is_an_option(here: Story) -> None:
    """Nothing is asked, all of it is written or noted, and a check reads it."""
    options = ["--host", "127.0.0.1:9", "--rate", "12,5 %", "--iban", IBAN, "--account-name", "ÉTÉ Zoé EI"]
    options += ["--customers", "business", "--backlog", "gently", "--schedule", "no", "--yes"]
    done = here.run("init", "factures.csv", *WHO, *options)

    assert (0, "") == (done.code, done.err)
    assert {
        "sender": {"name": "Zoé Été", "email": "zoe@ete.example", "iban": IBAN, "account_name": "ÉTÉ Zoé EI"},
        "invoices": {"file": "factures.csv"},
        "charges": {"rate": 12.5},
        "policy": {"default_kind": "business"},
        "smtp": {"host": "127.0.0.1", "port": 9, "security": "none"},
    } == settings_in(here.folder)
    checked = here.run("check", "--offline", "--verbose")
    assert "comme vous l’avez dit" in checked.out
    assert [] == here.run("plan", "--format", "json").json["tasks"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--name et --email"),
        (("--name", "Zoé"), "--email"),
        (("--email", "z@ete.example"), "--name"),
        (("--full", "--name", "Zoé"), "--full"),
        ((*WHO,), "--host"),
        ((*WHO, "--provider", "pigeon"), "gmail"),
        ((*WHO, "--host", "un nom"), "un nom"),
        ((*WHO, "--host", "smtp.ete.example:0"), "port"),
        ((*WHO, *FOLDER, "--iban", "FR7630006000011234567890188"), "clé de contrôle"),
        ((*WHO, *FOLDER, "--rate", "beaucoup"), "12 %"),
        ((*WHO, *FOLDER, "--as", "paid=Versé"), "colonne introuvable"),
        ((*WHO, *FOLDER, "--as", "payé=Payé"), "pas un champ"),
        ((*WHO, *FOLDER, "--ignore", "Absente"), "Aucune colonne"),
        (("--name", "Zoé", "--email", "zoe", *FOLDER), "une seule adresse"),
    ],
)
def test_what_is_wrong_or_missing_writes_nothing(here: Story, options: tuple[str, ...], said: str) -> None:
    """Exit 2 with what is accepted, and no file."""
    before = here.files()
    done = here.run("init", *options) if "--full" in options else here.run("init", "factures.csv", *options)

    assert (2, "") == (done.code, done.out)
    assert said in done.err.replace("\u00a0", " ")
    assert before == here.files()


@pytest.mark.parametrize("name", ["absent.csv", "image.csv", "vide.xlsx"])
def test_a_file_that_cannot_be_read_writes_nothing(here: Story, name: str) -> None:
    """Exit 2; a person is asked for another one."""
    (here.folder / "image.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (here.folder / "vide.xlsx").write_bytes(b"")
    before = here.files()
    done = here.run("init", name, *WHO, *FOLDER)
    assert (2, "", before) == (done.code, done.out, here.files())

    person = Answers({"Fichier des factures": ["factures.csv"]})
    init(ME._replace(place=name), person, NOW)
    assert 1 == len([question for question in person.asked if "Fichier des factures" in question])
    assert {"file": "factures.csv"} == settings_in(here.folder)["invoices"]


def test_settings_are_never_written_over(here: Story) -> None:
    """The second time, exit 2 and the command that looks at them, which works."""
    assert 0 == here.run("init", "factures.csv", *WHO, *FOLDER).code
    before = here.files()
    again = here.run("init", "factures.csv", *WHO, *FOLDER)

    assert (2, "", before) == (again.code, again.out, here.files())
    assert "« relance check »" in again.err.replace("\u00a0", " ")
    assert 2 != here.run("check", "--offline").code


def test_a_folder(here: Story) -> None:
    """Its one file is taken; of several a person names one by its number, and without one they are listed."""
    other = here.folder / "mes factures"
    other.mkdir()
    (other / "ventes.csv").write_bytes(here.invoices.read_bytes())
    (other / "notes.md").write_text("rien", "utf-8")
    done = here.run("init", "mes factures", *WHO, *FOLDER)
    assert 0 == done.code, done.err
    assert "ventes.csv" == settings_in(other)["invoices"]["file"]
    assert "relance plan --config 'mes factures/relance.toml'" in done.out
    assert 2 != here.run("plan", "--config", "mes factures/relance.toml").code

    (other / "relance.toml").unlink()
    (other / "achats.csv").write_bytes(here.invoices.read_bytes())
    os.utime(other / "achats.csv", (1, 1))
    refused = here.run("init", "mes factures", *WHO, *FOLDER)
    assert (2, "") == (refused.code, refused.out)
    assert "achats.csv" in refused.err
    assert "« relance init 'mes factures/ventes.csv' »" in refused.err.replace("\u00a0", " ")
    init(ME._replace(place="mes factures"), Answers({"Lequel": ["7", "2"]}), NOW)
    assert "achats.csv" == settings_in(other)["invoices"]["file"]


def test_columns_that_could_change_what_is_claimed(here: Story) -> None:
    """Each is asked about once; what is answered stands in the settings, and the plan has no question left."""
    head, *rows = here.invoices.read_text("utf-8").splitlines()
    here.invoices.write_text(
        "\n".join([f"{head};Reste à lettrer;Prime", *(f"{each};1 200,00;3,00" for each in rows)]) + "\n", "utf-8"
    )
    person = Answers({"Est-ce": ["peut-être", "o"], "Que dit-elle": ["prime!", "ignorer"]})
    init(ME, person, NOW)

    assert ["column Reste à lettrer", "column Prime"] == [each for each in person.said if each.startswith("column")]
    told = settings_in(here.folder)["invoices"]
    assert {"file": "factures.csv", "columns": {"outstanding": "Reste à lettrer"}, "ignore": ["Prime"]} == told
    assert here.run("plan", "--format", "json").json["reading"]["agreed"]


def test_a_column_nobody_explained_is_said(here: Story) -> None:
    """Without a person nothing is decided: the settings are written, and nothing will leave before the answer."""
    head, *rows = here.invoices.read_text("utf-8").splitlines()
    here.invoices.write_text("\n".join([f"{head};Prime", *(f"{each};3,00" for each in rows)]) + "\n", "utf-8")
    done = here.run("init", "factures.csv", *WHO, *FOLDER)

    assert 0 == done.code
    assert "Prime" in done.out
    assert "ignore" not in settings_in(here.folder)["invoices"]
    assert not here.run("plan", "--format", "json").json["reading"]["agreed"]


@pytest.mark.parametrize(
    ("typed", "told", "confirmed"),
    [("", None, False), ("14", 14, True), ("12 %", 12, True), ("non", "ecb+10", False), ("0.05/day", "0.05/day", True)],
)
def test_rate(here: Story, typed: str, told: object, confirmed: bool) -> None:
    """Enter leaves the default, of which the plan will ask; a rate that is typed stands on the user's invoices."""
    init(ME, Answers({"3/6": [typed]}), NOW)

    assert told == settings_in(here.folder).get("charges", {}).get("rate")
    checked = here.run("check", "--offline", "--verbose").out
    assert confirmed is ("comme vous l’avez dit" in checked)
    assert (typed == "") is ("relance confirm rate" in checked)


@pytest.mark.slow
def test_a_person_who_leaves_leaves_nothing(here: Story) -> None:
    """Ctrl-C at each question: no settings, no password, no journal."""
    before, questions = here.files(), Answers({"Serveur": ["127.0.0.1:9"], "Mot de passe": ["x"], "[r]éessayer": ["p"]})
    given = Given("factures.csv")
    questions.to |= {"1/6": ["Zoé"], "2/6": ["zoe@ete.example"]}
    init(given, questions, NOW)
    (here.folder / "relance.toml").unlink()
    for path in (here.folder / "home").rglob("password*"):
        path.unlink()
    assert len(questions.asked) >= 10
    for asked in questions.asked[:-1]:  # the last one, about a schedule, comes once all is written
        answers = {"1/6": ["Zoé"], "2/6": ["zoe@ete.example"], "Serveur": ["127.0.0.1:9"], "[r]éessayer": ["p"]}
        person = Answers({asked: ["Ctrl-C"], **answers, "Mot de passe": ["x"]})
        with pytest.raises(NothingWrittenError):
            init(given, person, NOW)
        assert person.asked[-1] == asked
        assert before == {name: data for name, data in here.files().items() if "journal" not in name}


@pytest.mark.slow
def test_a_password_is_kept_apart(here: Story) -> None:
    """In a file for its user alone, outside the dossier where no keyring works; it is in no other file."""
    person = Answers(
        {"1/6": ["Zoé"], "2/6": ["zoe@ete.example"], "Serveur": ["127.0.0.1:9"], "Mot de passe": ["s3cr3t-é"]}
    )
    person.to["[r]éessayer"] = ["p"]
    init(Given("factures.csv"), person, NOW)

    smtp = settings_in(here.folder)["smtp"]
    kept = Path(smtp["password_command"][-1])
    assert 0o600 == stat.S_IMODE(kept.stat().st_mode)
    assert not kept.is_relative_to(here.folder) or kept.is_relative_to(here.folder / "home")
    assert [str(kept.relative_to(here.folder))] == [name for name, data in here.files().items() if b"s3cr3t" in data]
    assert not [line for line in person.said if "s3cr3t" in line]


@pytest.mark.slow
def test_a_password_command_is_tried(here: Story) -> None:
    """One that fails is said, and the settings are there to be mended."""
    options = ("--host", "127.0.0.1:9", "--password-command", "false")
    done = here.run("init", "factures.csv", *WHO, *options)

    assert "« false »" in done.out.replace("\u00a0", " ")
    smtp = settings_in(here.folder)["smtp"]
    assert ("zoe@ete.example", "false") == (smtp["user"], smtp["password_command"])


def test_a_known_provider_needs_no_server(here: Story) -> None:
    """The address, or its key, tells the server and the user's name there."""
    done = here.run("init", "factures.csv", "--name", "Zoé", "--email", "zoe.ete@free.fr")
    assert 0 == done.code
    smtp = settings_in(here.folder)["smtp"]
    assert ("smtp.free.fr", 465, "tls", "zoe.ete") == tuple(smtp[key] for key in ("host", "port", "security", "user"))
    (here.folder / "relance.toml").unlink()

    assert 0 == here.run("init", "factures.csv", *WHO, "--provider", "ovh").code
    assert "ssl0.ovh.net" == settings_in(here.folder)["smtp"]["host"]
    assert "smtp" not in here.run("check", "--offline").err


def test_many_columns_stay_within_thirty_lines(here: Story) -> None:
    """However many are named, they take one line."""
    options = [each for name in ("number=N° facture", "customer=Client", "email=E-mail") for each in ("--as", name)]
    assert 0 == here.run("init", "factures.csv", *WHO, *FOLDER, *options).code
    assert 3 == len(settings_in(here.folder)["invoices"]["columns"])


def test_settings_that_cannot_be_written(here: Story) -> None:
    """What is pasted stays on its line, whatever signs it has."""
    text = written({"sender": {"name": 'A "B" \\ C\nD\u202f!', "email": "a@b.example"}, "smtp": {}})
    assert {"sender": {"name": 'A "B" \\ C D !', "email": "a@b.example"}} == tomllib.loads(text)


def test_an_option_that_asks_of_no_file(here: Story) -> None:
    """Columns are those of a file."""
    (here.folder / "vide").mkdir()
    with pytest.raises(UsageError):
        init(ME._replace(place="vide", reading=ReadAs(ignored=("X",))), None, NOW)


def test_full_is_the_reference(here: Story) -> None:
    """`--full` writes every setting with its words, once."""
    assert 0 == here.run("init", "a", "--full").code
    assert (here.folder / "a" / "relance.toml").read_text("utf-8").count("\n") > 100
    assert 2 == here.run("init", "a", "--full").code
    assert 2 == here.run("init", "factures.csv", "--full").code


def test_demo(here: Story) -> None:
    """The example lies where it is asked for, the command that is printed works, and nothing is copied over."""
    done = here.run("init", "--demo", "un exemple")
    assert (0, "") == (done.code, done.err)
    assert {"relance.toml", "factures.csv", "factures.xlsx"} == {
        each.name for each in (here.folder / "un exemple").iterdir()
    }
    printed = done.out.partition("→ ")[2].strip()
    assert "Atelier Bleu" in here.run(*shlex.split(printed)[1:]).out

    before = here.files()
    again = here.run("init", "--demo", "un exemple")
    assert (2, "", before) == (again.code, again.out, here.files())


@pytest.mark.parametrize(
    ("mark", "how", "update"),
    [
        ("uv-receipt.toml", "uv tool", "uv tool upgrade relance"),
        ("pipx_metadata.json", "pipx", "pipx upgrade relance"),
        ("", "Python", "git pull, puis pip install ."),
    ],
)
def test_how_it_was_installed(tmp_path: Path, mark: str, how: str, update: str) -> None:
    """By what the tools leave beside the environment."""
    if mark:
        (tmp_path / mark).write_text("", "utf-8")
    found = installed(tmp_path, tmp_path / "lib" / "relance")
    assert how in found.how
    assert update == found.update


def test_check_says_version_and_update(here: Story) -> None:
    """With or without settings; here it is a checkout."""
    assert f"{__version__} (copie du dépôt) → git pull" in here.run("check", "factures.csv", "--offline").out


@pytest.mark.slow
def test_a_provider_without_passwords(here: Story) -> None:
    """Outlook.com wants a token: its command is written with its kind of log-in; without one, drafts or nothing."""
    who = ("--name", "Zoé", "--email", "zoe.ete@outlook.fr")
    refused = here.run("init", "factures.csv", *who)
    assert (2, "") == (refused.code, refused.out)
    assert "--password-command" in refused.err

    init(Given("factures.csv", "Zoé", "zoe.ete@outlook.fr"), Answers({}), NOW)
    told = settings_in(here.folder)
    assert ("folder", None) == (told["delivery"]["transport"], told.get("smtp"))
    (here.folder / "relance.toml").unlink()

    done = here.run("init", "factures.csv", *who, "--password-command", "false")
    assert 0 == done.code
    smtp = settings_in(here.folder)["smtp"]
    assert ("xoauth2", "false") == (smtp["auth"], smtp["token_command"])
    assert 2 != here.run("plan").code


BY_DRAFTS = ("--transport", "drafts", "--yes")


def test_drafts_without_a_password_yet(here: Story) -> None:
    """A provider by its key or its address, a server by its name: [imap] is written, and where the password goes."""
    for more, host, port, user in (
        (("--provider", "ovh"), "ssl0.ovh.net", 993, "zoe@ete.example"),
        (("--host", "imap.ete.example"), "imap.ete.example", 993, "zoe@ete.example"),
        (("--host", "imap.ete.example:1993", "--user", "zoe"), "imap.ete.example", 1993, "zoe"),
        (("--host", "imap.gmail.com"), "imap.gmail.com", 993, "zoe@ete.example"),
        (("--email", "zoe@free.fr"), "imap.free.fr", 993, "zoe"),
    ):
        done = here.run("init", "factures.csv", *WHO, *more, *BY_DRAFTS)
        assert 0 == done.code, done.err
        told = settings_in(here.folder)
        assert "drafts" == told["delivery"]["transport"]
        imap = told["imap"]
        assert (host, port, user) == (imap["host"], imap["port"], imap["user"])
        assert "RELANCE_IMAP_PASSWORD" == imap["password_env"]
        assert "RELANCE_IMAP_PASSWORD" in done.out
        assert 2 != here.run("plan").code
        (here.folder / "relance.toml").unlink()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "--host imap.example.com"),
        (("--user", "none"), "Retirez --user none"),
        (("--host", "imap.ete.example:mille"), "n’est pas un port"),
        (("--host", "pas un nom"), "ne convient pas"),
        (("--provider", "nulle"), "n’est pas une messagerie connue"),
        (("--email", "zoe@outlook.fr"), "--password-command"),
    ],
)
def test_a_mailbox_that_is_not_known(
    here: Story, more: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written, and what to add is said."""
    monkeypatch.setattr("relance.delivery.domain.mail_servers", lambda address: ())
    done = here.run("init", "factures.csv", *WHO, *more, *BY_DRAFTS)
    assert (2, False) == (done.code, (here.folder / "relance.toml").exists())
    assert said in done.err.replace("\u00a0", " ")


@pytest.fixture
def mails() -> Iterator[Mails]:
    """A mailbox with drafts, listening."""
    box = Mails()
    box.folders["Brouillons"] = []
    with imap_server(box):
        yield box


@pytest.mark.slow
def test_the_mailbox_is_tried(here: Story, mails: Mails) -> None:
    """A person types its server and password: the folder is named, the password kept, and drafts lie there at once."""
    person = Answers({"Serveur de votre": [f"127.0.0.1:{mails.port}"], "Mot de passe": [CANARY]})
    init(ME._replace(mail=MailGiven(transport="drafts", host=f"127.0.0.1:{mails.port}", user=USER)), person, NOW)
    assert any("brouillons dans « Brouillons »" in each.replace("\u00a0", " ") for each in person.said)
    told = settings_in(here.folder)
    assert {"host": "127.0.0.1", "port": mails.port, "security": "none", "user": USER} == {
        name: told["imap"][name] for name in ("host", "port", "security", "user")
    }
    assert told["imap"].get("password_command") or told["imap"].get("keyring")
    here.run("confirm", "backlog", "--as-is")
    here.run("confirm", "columns")
    done = here.run("send", "--yes", "--format", "json", **dict(os.environ))
    assert len(done.json["drafted"]) == len(mails.appended)


@pytest.mark.slow
def test_the_server_of_a_mailbox_is_asked_for(here: Story, mails: Mails, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing tells it; a folder that is not there, and a password that is wrong, are said at the end."""
    monkeypatch.setattr("relance.delivery.domain.mail_servers", lambda address: ())
    del mails.folders["Brouillons"]
    by_drafts = ME._replace(mail=MailGiven(transport="drafts", user=USER))
    for password, said in ((CANARY, "introuvable"), ("faux", "est refusée"), ("", "RELANCE_IMAP_PASSWORD")):
        host = f"127.0.0.1:{mails.port}"
        person = Answers({"(IMAP)": [host], "Mot de passe": [password]})
        done = init(by_drafts, person, NOW)
        assert any("(IMAP)" in asked for asked in person.asked)
        assert said in " ".join([*person.said, *done.sentences])
        (here.folder / "relance.toml").unlink()


@pytest.mark.slow
def test_the_secret_of_a_mailbox_by_a_command(here: Story, mails: Mails) -> None:
    """It is tried; a provider of tokens gets its kind of log-in."""
    host = f"127.0.0.1:{mails.port}"
    options = ("--host", host, "--user", USER, "--password-command", f"printf {CANARY}")
    done = here.run("init", "factures.csv", *WHO, *options, *BY_DRAFTS)
    assert (0, "") == (done.code, done.err)
    assert f"printf {CANARY}" == settings_in(here.folder)["imap"]["password_command"]
    assert "PLAIN" in mails.logins
    assert "→ relance check" not in done.out
    (here.folder / "relance.toml").unlink()
    who = ("--name", "Zoé", "--email", "zoe@outlook.fr", "--password-command", "false")
    done = here.run("init", "factures.csv", *who, *BY_DRAFTS)
    imap = settings_in(here.folder)["imap"]
    assert ("xoauth2", "false") == (imap["auth"], imap["token_command"])
    assert "→ relance check" in done.out


def test_the_ladder_with_a_call(here: Story) -> None:
    """A name that is no ladder is refused, and nothing is written."""
    done = here.run("init", "factures.csv", *WHO, *FOLDER, "--ladder", "escabeau")
    assert (2, "") == (done.code, done.out)
    assert not (here.folder / "relance.toml").exists()


@pytest.fixture
def lasting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program does not pass for a temporary one, wherever this checkout lies."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.mark.slow
def test_schedule_is_installed(here: Story, tmp_path: Path, lasting: None) -> None:
    """`--schedule yes` does what `schedule install` does, with the settings just written; `remove` takes it back."""
    fakes = Fakes(tmp_path / "fakes")
    done = here.run("init", "factures.csv", *WHO, *FOLDER, "--schedule", "yes", **fakes.environment)

    assert (0, "") == (done.code, done.err)
    assert done.out.endswith("→ relance\n")
    assert fakes.calls
    assert "Plus de passage automatique" in here.run("schedule", "remove", "--yes", **fakes.environment).out


@pytest.mark.slow
def test_a_schedule_that_cannot_be_is_said(here: Story, tmp_path: Path, lasting: None) -> None:
    """A password that only a terminal has: the settings are there, exit 1, and the sentence of `schedule install`."""
    fakes = Fakes(tmp_path / "fakes")
    options = ("--host", "127.0.0.1:9", "--user", "zoe", "--schedule", "yes")
    done = here.run("init", "factures.csv", *WHO, *options, **fakes.environment)

    assert 1 == done.code
    assert "RELANCE_SMTP_PASSWORD" in done.err
    assert "zoe" == settings_in(here.folder)["smtp"]["user"]
    assert not fakes.crontab.exists()


@pytest.mark.parametrize(("answer", "ladder"), [("o", "phone"), ("", None)])
def test_a_call(here: Story, answer: str, ladder: str | None) -> None:
    """A call at J+15 is the ready ladder of that name."""
    init(ME, Answers({"J+15": [answer]}), NOW)
    assert ladder == settings_in(here.folder).get("policy", {}).get("schedule")
    assert 2 != here.run("check", "--offline").code


def test_closed_options_take_the_french_words(here: Story) -> None:
    """As those of the other commands do; another word is answered with all of them."""
    options = ("--transport", "dossier", "--customers", "particuliers", "--ladder", "appel", "--backlog", "doucement")
    done = here.run("init", "factures.csv", *WHO, *options, "--schedule", "non", "--yes")
    assert (0, "") == (done.code, done.err)
    told = settings_in(here.folder)
    assert {"default_kind": "consumer", "schedule": "phone"} == told["policy"]
    assert {"transport": "folder"} == told["delivery"]
    wrong = here.run("init", "--customers", "voisins")
    assert (2, "") == (wrong.code, wrong.out)
    assert "entreprise, particulier, mixte" in wrong.err.replace("\u00a0", " ")


@pytest.mark.parametrize("where", ["Dropbox", "OneDrive - Zoé", "iCloud Drive", "Google Drive", "Nextcloud"])
def test_a_synchronised_folder_is_said(here: Story, where: str) -> None:
    """Where another machine may put an older journal in its place; what is said to write is read by `check`."""
    (here.folder / where).mkdir()
    done = here.run("init", where, *WHO, *FOLDER, "--yes")
    said = done.out.replace("\u00a0", " ")
    assert f"synchronisé ou en réseau ({where})" in said
    assert "synchronisé" not in here.run("init", *WHO, *FOLDER, "--yes").out
    path = here.folder / where / "relance.toml"
    path.write_text(f'{path.read_text("utf-8")}\n[journal]\nfile = "{here.folder / "relance.sqlite3"}"\n', "utf-8")
    checked = here.run("check", "--offline", "--config", str(path)).out
    assert "synchronisé" not in checked


@pytest.mark.slow
def test_a_server_without_log_in(here: Story) -> None:
    """By the option and in the conversation: it is tried at once, no password is asked for, and no user is written."""
    with smtp_server() as smtp:
        host = f"127.0.0.1:{smtp.port}"
        done = here.run("init", "factures.csv", *WHO, "--host", host, "--user", "none", "--yes")
        assert (0, "") == (done.code, done.err)
        assert {"host", "port", "security"} == settings_in(here.folder)["smtp"].keys()
        (here.folder / "relance.toml").unlink()
        talk = Answers({"Serveur d’envoi": [host], "nom d’utilisateur": ["aucun"], "essai à vous-même": ["n"]})
        init(ME._replace(mail=MailGiven()), talk, NOW)
        assert not [question for question in talk.asked if "Mot de passe" in question]
        assert [question for question in talk.asked if "Connexion acceptée" in question]
        assert {"host", "port", "security"} == settings_in(here.folder)["smtp"].keys()
    done = here.run("init", *WHO, "--host", "x.example", "--user", "none", "--password-command", "pass x", "--yes")
    assert (2, "") == (done.code, done.out)


def test_a_remote_server_without_log_in_asks_for_nothing(here: Story) -> None:
    """Nothing is said to lack, and `check` takes the settings."""
    done = here.run("init", "factures.csv", *WHO, "--host", "relais.example", "--user", "aucun", "--yes")
    assert "Mot de passe" not in done.out
    assert {"host", "port", "security"} == settings_in(here.folder)["smtp"].keys()
    assert "à corriger" not in here.run("check", "--offline").out


def test_check_says_the_digest(here: Story) -> None:
    """To whom it goes, when it last did, or that there is none."""
    assert 0 == here.run("init", "factures.csv", *WHO, *FOLDER, "--yes").code
    assert "Résumé" in here.run("check", "--offline").out
    text = (here.folder / "relance.toml").read_text("utf-8").replace("[delivery]", "[x]")
    text = text.replace('[x]\ntransport = "folder"\n', '[smtp]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n')
    (here.folder / "relance.toml").write_text(f'{text}\n[digest]\nemail = "moi@ete.example"\n', "utf-8")
    assert "par e-mail à moi@ete.example, aucun encore" in here.run("check", "--offline").out
    with open_journal(here.journal, date(2026, 11, 20), create=True) as journal:
        journal.runs.note_digest(date(2026, 11, 20))
    assert "par e-mail à moi@ete.example, le dernier du 20/11" in here.run("check", "--offline").out
