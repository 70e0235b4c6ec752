"""The password appears nowhere: not on the screen, not in the journal, not in an error, not among the arguments.

Every test of the suite that runs relance in a folder looks for it too (story_support.Story); here are the ways by
which it could come out.
"""

import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from mail_support import CANARY, USER, Peer, raw_server, smtp_server
from story_support import MONDAY, PASSWORD_VARIABLE, Story, row, secrets, story

pytestmark = pytest.mark.slow

LOGIN = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\n'


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with one invoice at J+3, so that nothing is in the backlog."""
    at = story(tmp_path)
    at.write(row("F-1", "Alpha SARL", "20/11/2026"), row("F-2", "Beta SARL", "27/11/2026", issued="28/10/2026"))
    return at


def _all_files(at: Story) -> Iterator[tuple[str, bytes]]:
    """Every file that the runs left, with its bytes: journal, receipts, lock, drafts, settings."""
    yield from ((name, content) for name, content in at.files().items() if not name.startswith("home/"))


def _nowhere(at: Story, *texts: str) -> None:
    for secret in secrets():
        assert [] == [text for text in texts if secret in text]
        assert [] == [name for name, content in _all_files(at) if secret.encode() in content]


COMMANDS = (
    ("check",),
    ("plan", "--verbose"),
    ("plan", "--format", "json"),
    ("send", "--dry-run", "--verbose"),
    ("send", "--verbose"),
    ("send", "--format", "json"),
    ("show", "F-1"),
)


def test_no_command_shows_it(here: Story) -> None:
    """Every command that reads or shows something, with a server that asks for a password, and what they leave."""
    with smtp_server("starttls", login=True) as box:
        here.settings(box.port, security="starttls", smtp=LOGIN)
        for command in COMMANDS:
            done = here.run(*command, today=MONDAY)
            assert done.code in (0, 1), done.err
            _nowhere(here, done.out, done.err)
        assert box.logins
        assert box.received


def _echo(peer: Peer) -> None:
    """A server that repeats each line that it was sent, in its answers and after a log-in that it refuses."""
    peer.say("220 echo.test")
    while line := peer.hear():
        said = line.strip().decode()
        verb = line[:4].upper()
        if verb == b"EHLO":
            peer.say("250-echo.test")
            peer.say("250 AUTH PLAIN LOGIN")
        elif verb == b"AUTH":
            peer.say(f"535 5.7.8 no: {said} {CANARY}")
        else:
            peer.say(f"250 {said}")


@pytest.mark.parametrize("trace", ["", "1"])
@pytest.mark.parametrize("command", [("send", "--verbose"), ("check",), ("send", "--format", "json")])
def test_a_server_that_repeats_the_line(here: Story, command: tuple[str, ...], trace: str) -> None:
    """Its answer is shown without what was sent, in a detailed trace too."""
    with raw_server(_echo) as port:
        here.settings(port, smtp=LOGIN)
        more = {"RELANCE_TRACE": trace} if trace else {}
        done = here.run(*command, today=MONDAY, **more)
    assert 2 == done.code
    assert "535" in done.out + done.err
    assert "***" in done.out + done.err
    _nowhere(here, done.out, done.err)


ECHOES = {
    "plain": CANARY,
    "PLAIN": b64encode(f"\0{USER}\0{CANARY}".encode()).decode(),
    "base64": b64encode(CANARY.encode()).decode(),
    "url": quote(CANARY),
    "hexadecimal": CANARY.encode().hex(),
    "escaped": ascii(CANARY)[1:-1],
    "over two lines": f"{CANARY[:5]}\r\n{{code}}-{CANARY[5:]}",
}


def _echo_at(moment: str, said: str) -> "Callable[[Peer], None]":
    """A server that takes the password, and repeats it at one moment: after MAIL, RCPT, DATA or the dot."""

    def script(peer: Peer) -> None:
        peer.say("220 echo.test")
        while line := peer.hear():
            verb = line[:4].upper().decode()
            code = {"AUTH": "235", "DATA": "354"}.get(verb, "250")
            if verb == "EHLO":
                peer.say("250-echo.test\r\n250 AUTH PLAIN")
            elif verb == moment:
                peer.say(f"550-no {said.format(code=550)}\r\n550 no")
            else:
                peer.say(f"{code} ok")
            if verb == "DATA" and moment != "DATA":
                peer.body()
                code = {"sent": "250", "refused": "550", "later": "451"}[moment] if moment.islower() else "250"
                peer.say(f"{code}-said {said.format(code=code)}\r\n{code} end")

    return script


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("moment", ["MAIL", "RCPT", "DATA", "sent", "refused", "later"])
def test_a_server_that_repeats_it_after_the_log_in(here: Story, moment: str, echo: str) -> None:
    """Whenever and however: not on the screen, in JSON, in the journal, its receipts or its copies."""
    with raw_server(*[_echo_at(moment, ECHOES[echo])] * 4) as port:
        here.settings(port, smtp=LOGIN)
        sent = here.run("send", "--format", "json", today=MONDAY)
        shown = here.run("plan", "--format", "json", today=MONDAY)
        again = here.run("send", "--verbose", today=MONDAY)
    assert "***" in sent.out + sent.err
    _nowhere(here, sent.out, sent.err, shown.out, shown.err, again.out, again.err)


BROKEN = """
import smtplib


def broken(self, *args, **kwargs):
    raise RuntimeError("a bug of ours")


smtplib.SMTP.{name} = broken
"""


@pytest.mark.parametrize("name", ["docmd", "mail", "putcmd"])
def test_a_traceback_holds_no_value(here: Story, name: str) -> None:
    """A bug in the middle of the log-in or of a message, seen with RELANCE_TRACE=1: calls and lines, no values."""
    patch = here.folder / "patch"
    patch.mkdir()
    (patch / "sitecustomize.py").write_text(BROKEN.replace("{name}", name), encoding="utf-8")
    with smtp_server("starttls", login=True) as box:
        here.settings(box.port, security="starttls", smtp=LOGIN)
        environment = here.environment(RELANCE_TRACE="1", PYTHONPATH=str(patch))
        here.saved_on(MONDAY)
        done = subprocess.run(
            [sys.executable, "-m", "relance", "send", "--verbose", "--today", MONDAY],
            cwd=here.folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
    assert 0 != done.returncode
    _nowhere(here, done.stdout, done.stderr)


def test_it_is_no_argument(here: Story) -> None:
    """Not of relance, nor of the command that prints it: who lists the processes of a machine sees nothing."""
    here.env.pop(PASSWORD_VARIABLE)
    (here.folder / "home" / "password").write_text(CANARY, encoding="utf-8")
    seen: list[bytes] = []

    def look(peer: Peer) -> None:
        peer.say("220 slow.test")
        while line := peer.hear():
            if line[:4].upper() == b"AUTH":
                seen.extend(_command_lines())
                peer.say("535 no")
            else:
                peer.say("250-slow.test" if line[:4] == b"ehlo" else "250 x")
                if line[:4] == b"ehlo":
                    peer.say("250 AUTH PLAIN")

    with raw_server(look) as port:
        command = f'password_command = ["cat", "{here.folder / "home" / "password"}"]\n'
        here.settings(port, smtp=f'user = "{USER}"\n{command}')
        done = here.run_alone("send", today=MONDAY)
    assert 2 == done.code
    assert [line for line in seen if b"relance" in line and b"send" in line]
    assert [] == [line for line in seen for secret in secrets() if secret.encode() in line]
    _nowhere(here, done.out, done.err)


def _command_lines() -> list[bytes]:
    """The arguments of every process that can be seen."""
    lines = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                lines.append((entry / "cmdline").read_bytes())
            except OSError:
                continue
    return lines


@pytest.mark.parametrize("table", ["smtp", "imap"])
@pytest.mark.parametrize("key", ["password", "mot_de_passe", "mdp", "keyring_password", "auth"])
@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_it_is_refused_in_the_settings(here: Story, table: str, key: str, mode: int) -> None:
    """S01: a password written in relance.toml, whatever the file's mode, is refused and not repeated."""
    here.settings(rest=f'[{table}]\nhost = "127.0.0.1"\n{key} = "{CANARY}"\n')
    (here.folder / "relance.toml").chmod(mode)
    done = here.run("send", today=MONDAY)
    assert 2 == done.code
    assert f"{table}.{key}" in done.err
    assert CANARY not in done.out + done.err


TOKEN = "EwCanary" + "".join(chr(97 + (i * i * 7 + i) % 26) for i in range(1500)) + "9=="
_CODED = b64encode(f"user={USER}\1auth=Bearer {TOKEN}\1\1".encode()).decode()
PIECES = [form[i : i + 40] for form in (TOKEN, _CODED) for i in range(60, len(form) - 40, 37)]


def _echo_token(peer: Peer) -> None:
    """A server that takes access tokens, and repeats the one that it refuses, over several lines too."""
    peer.say("220 echo.test")
    while line := peer.hear():
        verb = line[:4].upper()
        if verb == b"EHLO":
            peer.say("250-echo.test")
            peer.say("250 AUTH XOAUTH2")
        elif verb == b"AUTH":
            peer.say("334 ")
            said = peer.hear().strip().decode()
            peer.say("334 " + b64encode(b'{"status":"401"}').decode())
            peer.hear()
            lines = "".join(f"535-{said[i : i + 76]}\r\n" for i in range(0, len(said), 76))
            peer.say(f"{lines}535 5.7.8 no: {TOKEN}")
        else:
            peer.say("221 bye")


@pytest.mark.parametrize("trace", ["", "1"])
@pytest.mark.parametrize("command", [("send", "--verbose"), ("check",), ("send", "--format", "json")])
def test_an_access_token_neither(here: Story, command: tuple[str, ...], trace: str) -> None:
    """Not in what is shown of a refusal, not in a trace, not in what a run leaves behind."""
    (here.folder / "home" / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    show = f'token_command = ["cat", "{here.folder / "home" / "token"}"]'
    with raw_server(_echo_token) as port:
        here.settings(port, smtp=f'user = "{USER}"\nauth = "xoauth2"\n{show}\n')
        done = here.run(*command, today=MONDAY, **({"RELANCE_TRACE": trace} if trace else {}))
    assert 2 == done.code
    assert "535" in done.out + done.err
    assert "***" in done.out + done.err
    assert [] == [piece for piece in PIECES if piece in done.out + done.err]
    assert [] == [name for name, content in _all_files(here) for piece in PIECES if piece.encode() in content]
