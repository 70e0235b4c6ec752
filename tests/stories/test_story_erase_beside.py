"""`erase` outside the journal: drafts in one's own mailbox, what launchd's runs printed; and the question it asks."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from signal import Signals

import pytest
from imap_support import Mails, answering, imap_server, when
from mail_support import USER
from story_support import MONDAY, PASSWORD_VARIABLE, Story, row, story

from relance.schedule.entry import Machine
from relance.schedule.launchd import log_of

pytestmark = pytest.mark.slow
FRIENDLY, NEXT = "2026-11-25", "2026-11-26"
HIS = row("FX-31", "Atelier Quenelle", "20/11/2026", email="paule@quenelle.example")
OTHER = row("F-2", "Beta SARL", "20/11/2026", "90,00")
PAID = replace(HIS, paid="1 200,00", paid_on="25/11/2026", status="Payée")
BOX = "Brouillons"


@pytest.fixture
def mails() -> Iterator[Mails]:
    """A mailbox with a folder of drafts, listening."""
    box = Mails(today=date.fromisoformat(FRIENDLY))
    box.folders[BOX], box.flags[BOX] = [], r"\HasNoChildren \Drafts"
    with imap_server(box) as listening:
        yield listening


@pytest.fixture
def here(tmp_path: Path, mails: Mails) -> Story:
    """A draft for each of two customers, of whom one has paid since."""
    here = story(tmp_path)
    account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\nsecurity = "none"\n'
    imap = f'[imap]\nhost = "127.0.0.1"\nport = {mails.port}\n{account}'
    here.settings(rest=f'[delivery]\ntransport = "drafts"\n{imap}')
    here.write(HIS, OTHER)
    for day in (MONDAY, FRIENDLY):
        assert here.run("send", "--yes", today=day).code in (0, 1)
    here.write(PAID, OTHER)
    return here


def drafts(mails: Mails) -> list[bool]:
    """Of each draft, whether it is his."""
    return [b"quenelle" in raw.lower() for raw in mails.raws(BOX)]


def test_his_drafts_leave_the_mailbox(here: Story, mails: Mails) -> None:
    """And nobody else's."""
    assert sorted(drafts(mails)) == [False, True]
    done = here.run("erase", "Atelier Quenelle", "--yes", today=NEXT)
    assert (0, "") == (done.code, done.err)
    assert [False] == drafts(mails)
    assert "Brouillon de" not in done.out


def test_a_draft_that_he_changed_is_named(here: Story, mails: Mails) -> None:
    """The user's own words are not taken from him; he is told where they lie."""
    mails.folders[BOX] = [(raw + b"PS\r\n" * (b"quenelle" in raw.lower()), on) for raw, on in mails.folders[BOX]]
    done = here.run("erase", "Atelier Quenelle", "--yes", today=NEXT)
    assert 0 == done.code
    assert [False, True] == sorted(drafts(mails))
    assert "Brouillon de FX-31 dans votre boîte e-mail, modifié par vous" in done.out


@pytest.mark.parametrize("fault", ["away", "refused"])
def test_a_mailbox_that_cannot_be_asked_leaves_its_drafts(here: Story, mails: Mails, fault: str) -> None:
    """They are named with why; all the rest is erased."""
    if fault == "away":
        told = (here.folder / "relance.toml").read_text("utf-8")
        (here.folder / "relance.toml").write_text(told.replace(f"port = {mails.port}", "port = 9"), "utf-8")
    else:
        mails.fault = when("AUTHENTICATE", answering("NO no"))
    done = here.run("erase", "Atelier Quenelle", "--yes", today=NEXT)
    assert 0 == done.code, done.err
    assert "Brouillon de FX-31 dans votre boîte e-mail, injoignable (" in done.out
    assert "supprimez-le vous-même" in done.out
    assert [False, True] == sorted(drafts(mails))
    assert b"quenelle" not in here.journal.read_bytes().lower()


def test_the_log_of_launchd_goes_with_him(here: Story) -> None:
    """The one of these settings alone."""
    machine = Machine(here.folder / "home", os.environ, 0)
    log, other = log_of(str(here.folder / "relance.toml"), machine), log_of("/elsewhere/relance.toml", machine)
    log.parent.mkdir(parents=True)
    for each in (log, other):
        each.write_text("Envoyé : Atelier Quenelle\n", "utf-8")
    assert 0 == here.run("erase", "Atelier Quenelle", "--yes", today=NEXT).code
    assert (False, True) == (log.exists(), other.exists())


@pytest.mark.parametrize(
    ("answer", "done"),
    [("o", True), ("oui", True), ("n", False), ("", False), ("peut-être", False), (Signals.SIGINT, False)],
)
def test_the_question(here: Story, mails: Mails, answer: str | Signals, done: bool) -> None:
    """On a terminal: what goes is shown, nothing goes without a yes, and no word but yes is one, nor Ctrl-C."""
    log = log_of(str(here.folder / "relance.toml"), Machine(here.folder / "home", os.environ, 0))
    log.parent.mkdir(parents=True)
    log.write_text("Atelier Quenelle\n", "utf-8")
    before = here.journal.read_bytes()
    shown = here.on_terminal("erase", "Atelier Quenelle", "--today", NEXT, answer=answer or "\n", question="Effacer")
    said = " ".join(shown.out.replace("\u00a0", " ").replace("\u202f", " ").split())
    assert "De Atelier" not in said
    assert "D’Atelier Quenelle s’effacent : 1 message et 1 brouillon, dans le journal" in said
    assert "Cela ne s’annule pas." in said
    assert log.name in "".join(shown.out.split())
    assert [] == [line for line in shown.out.split("\n") if len(line) > 80 and str(log) not in line]
    if done:
        assert (0, True) == (shown.code, "Atelier Quenelle : effacé" in said)
        assert (False, [False]) == (log.exists(), drafts(mails))
    else:
        assert (2, True) == (shown.code, "Rien n’a été effacé." in said)
        assert (True, [False, True], before) == (log.exists(), sorted(drafts(mails)), here.journal.read_bytes())
