"""Under cron: almost no environment, no home, no terminal, nothing to read from; silent while all is well.

What cron gives is PATH alone. The C locale and PYTHONUTF8=0 take from Python its habit of writing UTF-8.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from imap_support import imap_server
from mail_support import CANARY, USER, smtp_server
from story_support import MONDAY, SECONDS, Done, Story, parsed, row, story

pytestmark = pytest.mark.slow

BARE = {"PATH": "/usr/bin:/bin"}
POOR = BARE | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
ODD = BARE | {"LC_ALL": "fr_FR.ISO-8859-1", "PYTHONIOENCODING": "latin-1", "TERM": "dumb"}


def cron(at: Story, *args: str, env: dict[str, str], today: str = MONDAY) -> Done:
    """One command as cron starts it: in another folder, with its standard input closed."""
    at.saved_on(today)
    command = [sys.executable, "-m", "relance", *args, "--config", str(at.folder / "relance.toml"), "--today", today]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *command],
        cwd="/",
        env=env,
        capture_output=True,
        timeout=SECONDS,
        start_new_session=True,
    )
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert "Traceback" not in out + err
    return Done(done.returncode, out, err)


@pytest.fixture
def at(tmp_path: Path) -> Story:
    """A folder with a customer whose name has accents."""
    here = story(tmp_path)
    here.write(row("F-1", "Éclair Été SARL", "19/11/2026", email="compta@eclair.example"))
    return here


@pytest.mark.parametrize("env", [BARE, POOR, ODD], ids=["bare", "C locale", "latin-1"])
def test_a_send_says_nothing_and_writes_its_accents(at: Story, env: dict[str, str]) -> None:
    """The reminder leaves with its accents, its narrow spaces and its euro sign; cron has nothing to mail."""
    with smtp_server() as box:
        at.settings(box.port)
        cron(at, "send", env=env, today="2026-11-20")
        assert Done(0, "", "") == cron(at, "send", env=env, today="2026-11-24")
        assert Done(0, "", "") == cron(at, "send", env=env, today="2026-11-24")
    (raw,) = box.received
    body = parsed(raw).get_body(("plain",))
    assert body is not None
    assert "Éclair Été SARL" in str(parsed(raw)["To"])
    assert "n’est pas encore réglée" in body.get_content()
    assert "1\u202f200,00\u00a0€" in body.get_content()
    assert b"Date: Tue, 24 Nov 2026" in raw


@pytest.mark.parametrize("env", [BARE, POOR, ODD], ids=["bare", "C locale", "latin-1"])
def test_what_needs_the_user_is_said_once_with_its_accents(at: Story, env: dict[str, str]) -> None:
    """UTF-8 whatever the locale: the words reach cron's mail as they are; the next hour is silent."""
    at.write(row("F-1", "Éclair Été SARL", "19/11/2026", email=""))
    with smtp_server() as box:
        at.settings(box.port)
        cron(at, "send", env=env, today="2026-11-20")
        said = cron(at, "send", env=env, today="2026-11-24")
        assert (1, "") == (said.code, said.err)
        assert "Éclair Été SARL" in said.out
        assert "aucune adresse e-mail" in said.out
        assert Done(0, "", "") == cron(at, "send", env=env, today="2026-11-24")


@pytest.mark.parametrize("env", [BARE, POOR], ids=["bare", "C locale"])
@pytest.mark.parametrize("command", [("plan",), ("plan", "--format", "json"), ("check",), ("show", "F-1")])
def test_everything_can_be_read(at: Story, env: dict[str, str], command: tuple[str, ...]) -> None:
    """Every command works without a home, and prints UTF-8 without a colour."""
    with smtp_server() as box:
        at.settings(box.port)
        done = cron(at, *command, env=env)
    assert done.code in (0, 1), done.err
    assert "Éclair Été SARL" in done.out or command == ("check",)
    assert "\x1b" not in done.out


def test_the_settings_must_be_named(at: Story) -> None:
    """Without a home and without --config there are none: one sentence, no traceback."""
    command = [sys.executable, "-m", "relance", "send"]
    done = subprocess.run(command, cwd="/", env=POOR, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL)
    assert 2 == done.returncode
    assert "Aucun fichier de factures" in done.stderr.decode("utf-8")


def test_all_streams_closed(at: Story) -> None:
    """No standard stream at all: what is due leaves, and no file of ours takes their place."""
    with smtp_server() as box:
        at.settings(box.port)
        at.saved_on("2026-11-24")
        cron(at, "send", env=BARE, today="2026-11-20")
        command = [sys.executable, "-m", "relance", "send", "--config", str(at.folder / "relance.toml")]
        done = subprocess.run(
            ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command, "--today", "2026-11-24"],
            cwd="/",
            env=POOR,
            timeout=SECONDS,
        )
        assert (0, 1) == (done.returncode, len(box.received))
        assert Done(0, "", "") == cron(at, "send", env=POOR, today="2026-11-24")
    assert 1 == len(box.received)


def test_what_is_written_is_for_the_user_alone(at: Story) -> None:
    """Cron's umask leaves files open to all; the journal is not."""
    with smtp_server() as box:
        at.settings(box.port)
        before = os.umask(0)
        try:
            cron(at, "send", env=BARE)
        finally:
            os.umask(before)
    assert 0o600 == at.journal.stat().st_mode & 0o777


def test_the_password_and_the_mailbox_under_cron(at: Story) -> None:
    """A password command with its whole path, the mailbox read, still silent."""
    (at.folder / "home" / "password").write_text(CANARY, encoding="utf-8")
    account = f'user = "{USER}"\npassword_command = ["/bin/cat", "{at.folder / "home" / "password"}"]\n'
    with smtp_server() as box, imap_server() as mails:
        at.settings(
            box.port,
            rest=f'[imap]\nhost = "127.0.0.1"\nport = {mails.port}\nsecurity = "none"\nsave_sent = false\n{account}',
        )
        cron(at, "send", env=POOR, today="2026-11-20")
        assert Done(0, "", "") == cron(at, "send", env=POOR, today="2026-11-24")
        assert Done(0, "", "") == cron(at, "send", env=POOR, today="2026-11-25")
        assert ["PLAIN"] == mails.logins
    assert 1 == len(box.received)


def test_a_missing_variable_is_named(at: Story) -> None:
    """The variables of a session do not exist under cron: the sentence says where to define it."""
    with smtp_server("starttls", login=True) as box:
        at.settings(box.port, security="starttls", smtp=f'user = "{USER}"\npassword_env = "CAMILLE_SMTP"\n')
        cron(at, "send", env=BARE, today="2026-11-20")
        done = cron(at, "send", env=BARE, today="2026-11-24")
    assert (2, "", []) == (done.code, done.out, box.received)
    assert "crontab" in done.err
