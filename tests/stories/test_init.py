"""`relance init` on a terminal: every wrong answer once, a real server, and Ctrl-C."""

from collections.abc import Iterator
from pathlib import Path
from signal import Signals

import pytest
from init_support import spoken
from mail_support import CANARY, USER, Mailbox, smtp_server
from story_support import Story, parsed, row, story
from test_init_answers import IBAN, NOW, day, settings_in

pytestmark = pytest.mark.slow
WRONG_IBAN = "FR7630006000011234567890188"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with a late invoice."""
    found = story(tmp_path)
    found.write(row("F-1", "Lune SARL", day(-40)), row("F-2", "Vague SARL", day(20)))
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    return found


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server that wants the password."""
    with smtp_server(login=True) as mailbox:
        yield mailbox


def test_every_wrong_answer_once(here: Story, box: Mailbox) -> None:
    """An unreadable file, a bad address, no such server, no network, a wrong password, a bad rate, a bad IBAN.

    Then the right ones: settings that send, and the answers that no setting holds in the journal.
    """
    done = spoken(
        here,
        ["init", "photo.csv"],
        [
            ("Fichier des factures", "factures.csv"),
            ("1/6", ""),
            ("1/6", "Camille Moreau"),
            ("2/6", "camille à atelier"),
            ("2/6", "camille@atelier.example"),
            ("Serveur", "pas un nom"),
            ("Serveur", "127.0.0.1:9"),
            ("utilisateur", ""),
            ("Mot de passe", CANARY),
            ("[p]lus tard", "quoi"),
            ("[p]lus tard", "s"),
            ("Serveur", f"127.0.0.1:{box.port}"),
            ("utilisateur", USER),
            ("Mot de passe", "faux"),
            ("[p]lus tard", ""),
            ("Mot de passe", CANARY),
            ("essai", "peut-être"),
            ("essai", ""),
            ("3/6", "beaucoup"),
            ("3/6", "12,5"),
            ("4/6", WRONG_IBAN),
            ("4/6", IBAN),
            ("Titulaire", ""),
            ("5/6", "x"),
            ("5/6", "e"),
            ("J+15", ""),
            ("6/6", "d"),
            ("[O/n]", "n"),
        ],
    )

    assert 0 == done.code, done.out
    assert done.out.endswith("→ relance\n")
    told = settings_in(here.folder)
    assert {"name": "Camille Moreau", "email": "camille@atelier.example", "iban": IBAN} == told["sender"]
    assert (box.port, USER) == (told["smtp"]["port"], told["smtp"]["user"])
    assert ["camille@atelier.example"] == [str(parsed(raw)["To"]) for raw in box.received]
    assert "--gently" not in here.run("plan").out
    assert 2 != here.run("send", "--yes").code
    assert ["compta@lune.example"] == [str(parsed(raw)["To"]).split("<")[-1].rstrip(">") for raw in box.received[1:]]


@pytest.mark.parametrize("asked", ["1/6", "Mot de passe", "[p]lus tard", "6/6"])
def test_ctrl_c_leaves_nothing(here: Story, asked: str) -> None:
    """Wherever it is pressed, a secret that was typed included: exit 2, and it is said that nothing is written."""
    before = here.files()
    script: list[tuple[str, str | Signals]] = [
        ("1/6", "Camille Moreau"),
        ("2/6", "camille@atelier.example"),
        ("Serveur", "127.0.0.1:9"),
        ("utilisateur", ""),
        ("Mot de passe", CANARY),
        ("[p]lus tard", "p"),
        *((question, "") for question in ("3/6", "4/6", "5/6", "J+15", "6/6")),
    ]
    until = [question for question, _ in script].index(asked)
    done = spoken(here, ["init", "factures.csv"], [*script[:until], (asked, Signals.SIGINT)])

    assert 2 == done.code
    assert done.out.rstrip().endswith("Interrompu\u00a0: rien n’est écrit. «\u00a0relance init\u00a0» recommence.")
    assert before == here.files()


def test_the_end_of_input_is_ctrl_c(here: Story) -> None:
    """Ctrl-D: nothing is written either."""
    before = here.files()
    done = spoken(here, ["init", "factures.csv"], [("1/6", "\x04")])
    assert (2, before) == (done.code, here.files())


def test_yes_asks_nothing_on_a_terminal(here: Story) -> None:
    """`--yes`: what is missing is said, as without a terminal."""
    done = spoken(here, ["init", "factures.csv", "--yes"], [])
    assert 2 == done.code
    assert "--name et --email" in done.out
    assert NOW.year >= 2026
