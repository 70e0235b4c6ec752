"""`check` says what the DNS tells of the sender's domain, where a mail server of the world is asked too."""

from pathlib import Path

import pytest
from story_support import Story, row, story

from relance.delivery.domain import Seal, Standing
from relance.delivery.smtp import ServerFacts

pytestmark = pytest.mark.slow  # the templates are tried in a process

ASKED: list[tuple[str, ...]] = []


def standing(email: str, host: str, user: str) -> Standing:
    """What a DNS without any record would tell."""
    ASKED.append((email, host, user))
    return Standing("martin.example", Seal.LACKING, Seal.UNKNOWN, Seal.GOOD, "_mailcust.gandi.net", "other.example")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A sender at a server of the world, which nobody connects to."""
    monkeypatch.setattr("relance.delivery.domain.standing_of", standing)
    monkeypatch.setattr("relance.delivery.smtp.probe", lambda *_: ServerFacts("mail.gandi.net", "TLSv1.3"))
    ASKED.clear()
    made = story(tmp_path)
    made.write(row("F-1", "Alpha SARL", "31/12/2026"))
    server = 'host = "mail.gandi.net"\nport = 465\nsecurity = "tls"\nuser = "camille@other.example"\n'
    made.settings(rest=f'[smtp]\n{server}password_env = "CAMILLE_SMTP"\n')
    return made


def test_check_tells_it_with_its_cure(here: Story) -> None:
    """A line, what lacks under it, and exit 1: look."""
    done = here.run("check", today="2026-11-20")
    said = done.out.replace("\u00a0", " ").replace("\u202f", " ")
    assert [("camille@martin.example", "mail.gandi.net", "camille@other.example")] == ASKED
    assert "martin.example : SPF non, DKIM non vérifiable, DMARC oui" in said
    assert "v=spf1 include:_mailcust.gandi.net ~all" in said
    assert "écrit par un compte de other.example" in said
    assert 1 == done.code


def test_offline_asks_nobody(here: Story) -> None:
    """Nor where the server is on this machine."""
    here.run("check", "--offline", today="2026-11-20")
    here.settings(port=1)
    here.run("check", today="2026-11-20")
    assert [] == ASKED
