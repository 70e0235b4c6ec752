"""`relance check` with an account that its provider will not take: said before anybody is connected to."""

import shlex
from pathlib import Path

import pytest
from story_support import MONDAY, Story, row, story

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with one invoice and no settings yet."""
    at = story(tmp_path)
    at.write(row("F-1", "Alpha SARL", "20/11/2026"))
    return at


def written(here: Story, host: str, port: int, security: str, account: str) -> None:
    """The settings with this account."""
    here.settings(port, security=security, smtp=account)
    file = here.folder / "relance.toml"
    file.write_text(file.read_text("utf-8").replace('host = "127.0.0.1"', f'host = "{host}"', 1), "utf-8")
    assert f'host = "{host}"' in file.read_text("utf-8")


def unfolded(out: str) -> str:
    """What was printed, on one line."""
    return " ".join(out.split())


ACCOUNT = 'user = "zoe@{domain}"\nkeyring = "relance"\n'


def test_outlook_takes_no_password(here: Story) -> None:
    """Nothing is connected to, and the page that the cure names has the way."""
    written(here, "smtp-mail.outlook.com", 587, "starttls", ACCOUNT.format(domain="outlook.fr"))
    done = here.run("check", "--offline", today=MONDAY)
    assert 2 == done.code
    assert "Outlook.com ne prend plus de mot de passe" in unfolded(done.out)
    assert 'mettez auth = "xoauth2" et token_command (relance help courrier)' in unfolded(done.out)
    page = here.run(*shlex.split("help courrier"))
    assert 0 == page.code
    assert "token_command" in page.out


def test_the_cure_is_taken(here: Story) -> None:
    """With a token there is nothing to say, and an account of one's own at Microsoft has until the end of the year."""
    token = 'user = "zoe@outlook.fr"\nauth = "xoauth2"\ntoken_command = "ortie token show"\n'
    written(here, "smtp-mail.outlook.com", 587, "starttls", token)
    done = here.run("check", "--offline", today=MONDAY)
    assert done.code in (0, 1)
    assert "Outlook" not in done.out
    written(here, "smtp.office365.com", 587, "starttls", ACCOUNT.format(domain="atelier-zoe.example"))
    done = here.run("check", "--offline", today=MONDAY)
    assert 1 == done.code
    assert "à voir" in done.out
    assert "Microsoft 365 cesse fin décembre 2026" in unfolded(done.out)


@pytest.mark.parametrize("host", ["smtp-mail.outlook.com", "smtp.office365.com"])
def test_the_guide_is_typed_as_it_stands(here: Story, host: str) -> None:
    """The settings that the page shows load, for both of Microsoft's, and nothing about them is doubtful."""
    page = (Path(__file__).parents[2] / "relance" / "guide" / "courrier.md").read_text("utf-8")
    part = page.partition("## Outlook.com et Microsoft 365")[2].partition("## ")[0]
    shown = "\n".join(line[4:] for line in part.splitlines() if line.startswith("    "))
    assert host in shown
    here.settings(rest=shown.replace("smtp-mail.outlook.com", host))
    done = here.run("check", "--offline", today=MONDAY)
    assert done.code in (0, 1)
    assert "Outlook" not in done.out
    assert "Microsoft" not in done.out


def test_the_name_at_free(here: Story) -> None:
    """The line that is printed is the line that mends it."""
    written(here, "smtp.free.fr", 465, "tls", ACCOUNT.format(domain="free.fr"))
    said = here.run("check", "--offline", today=MONDAY).out
    assert 'smtp.user = "zoe".' in unfolded(said)
    written(here, "smtp.free.fr", 465, "tls", 'user = "zoe"\nkeyring = "relance"\n')
    assert "Free" not in here.run("check", "--offline", today=MONDAY).out
