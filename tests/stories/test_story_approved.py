"""What `approve` promises: when the message leaves as the plan has it, or what holds it all the same."""

import re
import shlex
from pathlib import Path

import pytest
from story_support import Story, row, story

DAY, FRIDAY = "2026-12-21", "2026-12-18"
NOTICE = row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026")
FOLDER = '[charges]\nrate = "ecb+10"\n[delivery]\ntransport = "folder"\nfolder = "brouillons"\n'


def opened(here: Story, rest: str = "", port: int = 0) -> None:
    """A formal notice that is to be approved on that day."""
    here.settings(port, rest=f"{FOLDER if not port else ''}{rest}")
    here.write(NOTICE)
    assert 0 == here.run("confirm", "backlog", "--as-is", today=FRIDAY).code


def approved(here: Story, today: str = DAY, number: str = "F-1") -> str:
    """What is said, with plain spaces."""
    done = here.run("approve", number, today=today)
    assert (0, "") == (done.code, done.err)
    return done.out.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


def test_it_leaves(here: Story) -> None:
    """With the next run, which it does."""
    opened(here)
    assert "validée, va dans vos brouillons au prochain relance send (7 jours)." in approved(here)
    assert 0 == here.run("send", today=DAY).code
    assert "drafted" == here.line("F-1", DAY)["reason"]


def test_it_goes_to_the_customer(here: Story) -> None:
    """Where a server takes it."""
    opened(here, port=1)
    assert "validée, part au prochain relance send (7 jours)." in approved(here)


def test_it_goes_among_the_drafts(here: Story) -> None:
    """Where that is the way out."""
    opened(here)
    account = 'host = "127.0.0.1"\nport = 1\nuser = "zoe"\npassword_env = "X"\nsecurity = "none"\n'
    here.settings(rest=f'[imap]\n{account}[delivery]\ntransport = "drafts"\n')
    assert "validée, va dans vos brouillons au prochain relance send (7 jours)." in approved(here)


def test_on_a_closed_day(here: Story) -> None:
    """From the first day on that is open."""
    opened(here)
    assert "validée, part dès le 21/12 (7 jours)." in approved(here, "2026-12-20")


def test_the_file_is_too_old(here: Story) -> None:
    """Said, with the command that ends it, which does."""
    opened(here)
    here.saved_on("2026-11-28")
    here.kept = False
    said = approved(here)
    assert "F-1 : mise en demeure validée (7 jours).\n" in said
    [command] = re.findall(r"Pour l’instant : fichier du .* → (relance [a-z ]+)", said)
    assert "part" not in said.partition("\n")[0]
    assert 0 == here.run(*shlex.split(command)[1:], today=DAY).code
    assert "due" == here.line("F-1", DAY)["reason"]


def test_the_same_address_was_written_to(here: Story) -> None:
    """The day is the first one open on which it is free again: the gap ends on Christmas Day."""
    opened(here)
    here.write(NOTICE, row("F-2", "Alpha SARL", "13/12/2026", "90,00"))
    assert 0 == here.run("record", "F-2", "--stage", "friendly", "--channel", "email", "--on", DAY, today=DAY).code
    assert "validée, part dès le 28/12 (7 jours)." in approved(here)
    assert "too_soon" == here.line("F-1", DAY)["reason"]
