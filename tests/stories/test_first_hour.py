"""What someone who has only their export and no settings yet reads in the first hour, and types as it is printed."""

import shlex
import tomllib
from pathlib import Path

import pytest
from init_support import Answers, spoken
from story_support import Story, row, story
from test_init_answers import ME, NOW, day, settings_in

from relance.delivery.smtp import _meaning
from relance.display.init_view import TerminalTalk
from relance.errors import DeliveryError
from relance.runs.init import init
from relance.runs.init_mail import _SETTINGS


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A folder with one list, under a name of its own."""
    found = story(tmp_path)
    found.write(row("F-1", 'Cabinet "Orme" et Frères', day(-40), email=""), row("F-2", "Vague SARL", day(20)))
    monkeypatch.chdir(tmp_path)
    return found


def test_the_lines_of_an_address_are_pasted_as_printed(here: Story) -> None:
    """At 80 columns: three lines that relance.toml takes, and with an address the task is gone."""
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    lines = [line.strip() for line in here.run("plan", COLUMNS="80").out.splitlines()]
    at = lines.index("[[customers]]")
    block = "\n".join(lines[at : at + 3])
    assert {"match": 'Cabinet "Orme" et Frères', "email": "…"} == tomllib.loads(block)["customers"][0]

    settings = here.folder / "relance.toml"
    settings.write_text(f"{settings.read_text('utf-8')}\n{block.replace('…', 'a@orme.example')}\n", "utf-8")
    after = here.run("plan", COLUMNS="80")
    assert (True, False) == ("F-1" in after.out, "[[customers]]" in after.out)


def _with_column(here: Story, name: str) -> None:
    """The list under this name, with a column that could be what is left to pay."""
    head, *rows = here.invoices.read_text("utf-8").splitlines()
    told = "\n".join([f"{head};Prime", *(f"{each};3,00" for each in rows)]) + "\n"
    here.invoices.unlink()
    (here.folder / name).write_text(told, "utf-8")


@pytest.mark.parametrize("name", ["ventes.csv", "mes ventes d’été.csv"])
@pytest.mark.parametrize("verb", ["plan", "check"])
def test_a_question_about_columns_without_settings_is_asked_by_init(here: Story, verb: str, name: str) -> None:
    """Its cure is one command with the file, which asks that question and writes the answer."""
    _with_column(here, name)
    asked = here.run(verb, name).out
    cure = shlex.split(asked.rpartition("→ relance ")[2].splitlines()[0])
    assert ["init", name] == cure
    assert "relance.toml :" not in asked.replace("\u00a0", " ")

    person = Answers({"Que dit-elle": ["ignorer"]})
    init(ME._replace(place=cure[1]), person, NOW)
    assert ["Prime"] == settings_in(here.folder)["invoices"]["ignore"]
    assert "À préciser" not in here.run(verb, *(["--offline"] if verb == "check" else [])).out


@pytest.mark.parametrize("name", ["mes-factures.csv", "Ventes 2026.csv"])
@pytest.mark.parametrize("verb", ["plan", "send --dry-run"])
def test_the_file_that_is_there_is_named(here: Story, verb: str, name: str) -> None:
    """A command without a file names the list of the folder, and runs as printed."""
    here.invoices.rename(here.folder / name)
    done = here.run(*verb.split())
    typed = shlex.split(done.err.rpartition("→ relance ")[2].splitlines()[0])
    assert (2, ["--file", name]) == (done.code, typed[-2:])
    assert 2 != here.run(*typed).code


@pytest.mark.parametrize("typed", ["", "oui", "1"])
def test_the_only_file_of_a_folder(here: Story, typed: str) -> None:
    """One file is no choice from 1 to 1: it is asked whether it is the one."""
    person = Answers({"Est-ce celui": [typed]})
    init(ME._replace(place="."), person, NOW)
    assert "factures.csv" == settings_in(here.folder)["invoices"]["file"]
    assert not [question for question in person.asked if "1 à 1" in question]


@pytest.mark.parametrize(
    ("typed", "field"),
    [("déjà payé", "paid"), ("DEJA  PAYE", "paid"), ("Reste du", "outstanding"), ("siret", "siret"), ("paid", "paid")],
)
def test_a_field_is_answered_as_it_is_shown(typed: str, field: str) -> None:
    """The French word on the screen, accents and capitals apart, or the word of the settings."""
    assert field == TerminalTalk().field_named(typed)


@pytest.mark.slow
def test_a_server_that_is_not_there(here: Story) -> None:
    """Enter asks for another server, since no password was judged; no sentence names a setting there is not yet.

    A column that is answered in French on the way, and whose line is broken between words.
    """
    _with_column(here, "ventes.csv")
    done = spoken(
        here,
        ["init", "ventes.csv"],
        [
            ("Que dit-elle", "Avoirs"),
            ("1/6", "Camille Moreau"),
            ("2/6", "camille@atelier.example"),
            ("Serveur", "127.0.0.1:9"),
            ("utilisateur", ""),
            ("Mot de passe", "secret"),
            ("éessayer", ""),
            ("Serveur", "dossier"),
            ("3/6", ""),
            ("4/6", ""),
            ("5/6", ""),
            ("J+15", ""),
            ("6/6", ""),
            ("[O/n]", "n"),
        ],
    )
    assert (0, {"credits": "Prime"}) == (done.code, settings_in(here.folder)["invoices"]["columns"]), done.out
    assert {"transport": "folder"} == settings_in(here.folder)["delivery"]
    assert "Vérifiez le serveur et le port." in " ".join(done.out.split())
    assert "smtp." not in done.out


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "x"), TimeoutError("x"), DeliveryError("x")])
def test_no_setting_is_left_in_a_sentence(error: Exception) -> None:
    """Settings stand in brackets beside what they are: without them the sentence is whole."""
    from relance.delivery.account import Account

    _, cure = _meaning(error, Account("smtp", "mx.test", 587, "starttls", "zoe"))
    assert "smtp." not in _SETTINGS.sub("", cure)
