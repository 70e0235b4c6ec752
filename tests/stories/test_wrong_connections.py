"""Wrong turns on the way to the mail server: each answer names what to change, and with that changed all leaves."""

import re
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from imap_support import Mails, imap_server
from mail_support import CANARY, USER, Peer, raw_server, smtp_server
from story_support import MONDAY, PASSWORD_VARIABLE, Story, row, story

pytestmark = pytest.mark.slow

FRIENDLY = "2026-11-25"
_MANY = 12
"""Connections that a server of one answer is ready for."""


class Turn(NamedTuple):
    """The lines of [smtp] or [imap] that are wrong, what the answer names, the same lines as that says.

    `{plain}`, `{starttls}`... are the ports of the servers below; `env` are variables that are wrong at first.
    """

    wrong: str
    named: str
    right: str
    table: str = "smtp"
    env: tuple[tuple[str, str], ...] = ()


PLAIN = "port = {plain}\nsecurity = 'none'"
LOGGED_IN = f"user = '{USER}'\npassword_env = '{PASSWORD_VARIABLE}'"
STARTTLS = f"port = {{starttls}}\nsecurity = 'starttls'\n{LOGGED_IN}"
TLS = f"port = {{tls}}\nsecurity = 'tls'\n{LOGGED_IN}"
INBOX = f"port = {{imap}}\nsecurity = 'none'\n{LOGGED_IN}"
TURNS = {
    "a port where nobody listens": Turn("port = {closed}\nsecurity = 'none'", "smtp.port", PLAIN),
    "the port of another service": Turn("port = {web}\nsecurity = 'none'", "smtp.port", PLAIN),
    "the port of the mailbox": Turn("port = {imap}\nsecurity = 'none'", "smtp.port", PLAIN),
    "a server that says nothing": Turn("port = {silent}\nsecurity = 'none'\ntimeout = 1", "smtp.port", PLAIN),
    "a server that hangs up": Turn("port = {rude}\nsecurity = 'none'", "smtp.port", PLAIN),
    "a server that is closed today": Turn("port = {busy}\nsecurity = 'none'", "Réessayez plus tard", PLAIN),
    "starttls where there is none": Turn("port = {plain}\nsecurity = 'starttls'", "smtp.security", PLAIN),
    "tls where there is none": Turn("port = {plain}\nsecurity = 'tls'", "smtp.security", PLAIN),
    "no tls where there is": Turn("port = {tls}\nsecurity = 'none'\ntimeout = 1", "smtp.security", TLS),
    "starttls on the port of tls": Turn(
        f"port = {{tls}}\nsecurity = 'starttls'\ntimeout = 1\n{LOGGED_IN}", "smtp.security", TLS
    ),
    "tls on the port of starttls": Turn(
        f"port = {{starttls}}\nsecurity = 'tls'\n{LOGGED_IN}", "smtp.security", STARTTLS
    ),
    "a log-in in clear": Turn(f"port = {{starttls}}\nsecurity = 'none'\n{LOGGED_IN}", "smtp.security", STARTTLS),
    "a wrong password": Turn(STARTTLS, "smtp.password_env", STARTTLS, env=((PASSWORD_VARIABLE, "faux"),)),
    "a wrong user": Turn(STARTTLS.replace(USER, "camile"), "smtp.user", STARTTLS),
    "a variable that is not set": Turn(
        STARTTLS.replace(PASSWORD_VARIABLE, "MOT_DE_PASSE"), "variable d’environnement MOT_DE_PASSE", STARTTLS
    ),
    "a variable that is empty": Turn(
        TLS, f"variable d’environnement {PASSWORD_VARIABLE}", TLS, env=((PASSWORD_VARIABLE, ""),)
    ),
    "a command that does not exist": Turn(
        TLS.replace(f"password_env = '{PASSWORD_VARIABLE}'", "password_command = ['mot-de-passe']"),
        "password_command",
        TLS.replace(f"password_env = '{PASSWORD_VARIABLE}'", f"password_command = ['printenv', '{PASSWORD_VARIABLE}']"),
    ),
    "a command that fails": Turn(
        TLS.replace(f"password_env = '{PASSWORD_VARIABLE}'", "password_command = ['false']"), "password_command", TLS
    ),
    "a command that says nothing": Turn(
        TLS.replace(f"password_env = '{PASSWORD_VARIABLE}'", "password_command = ['true']"), "password_command", TLS
    ),
    "a keyring that cannot be read": Turn(
        TLS.replace(f"password_env = '{PASSWORD_VARIABLE}'", "keyring = 'relance'"), "password_command", TLS
    ),
    "a user without a password": Turn(f"port = {{tls}}\nsecurity = 'tls'\nuser = '{USER}'", "password_env", TLS),
    "a password without a user": Turn(
        f"port = {{tls}}\nsecurity = 'tls'\npassword_env = '{PASSWORD_VARIABLE}'", "smtp.user", TLS
    ),
    "another name than the certificate's": Turn(f"host = 'localhost'\n{TLS}", "smtp.host", TLS),
    "an authority that nobody knows": Turn(TLS, "SSL_CERT_FILE", TLS, env=(("SSL_CERT_FILE", ""),)),
    "a host with its port": Turn("host = '127.0.0.1:25'\nsecurity = 'none'", "smtp.port", PLAIN),
    "a mailbox where nobody listens": Turn(INBOX.replace("{imap}", "{closed}"), "[imap]", INBOX, "imap"),
    "the port of the server in the mailbox": Turn(INBOX.replace("{imap}", "{plain}"), "[imap]", INBOX, "imap"),
    "a mailbox that hangs up": Turn(INBOX.replace("{imap}", "{rude}").replace("none", "tls"), "[imap]", INBOX, "imap"),
    "a wrong user of the mailbox": Turn(INBOX.replace(USER, "camile"), "imap.user", INBOX, "imap"),
    "a folder that is not there": Turn(
        f"{INBOX}\nfolders = ['Recus']", "INBOX", f"{INBOX}\nfolders = ['INBOX']", "imap"
    ),
}


def _served(stack: ExitStack, name: str) -> int:
    """The port of one of the servers that are met, right or wrong."""
    match name:
        case "closed":
            taken = stack.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))  # nobody else is given it, and nobody listens
            return int(taken.getsockname()[1])
        case "plain":
            return stack.enter_context(smtp_server()).port
        case "starttls":
            return stack.enter_context(smtp_server("starttls", login=True)).port
        case "tls":
            return stack.enter_context(smtp_server("tls", login=True)).port
        case "imap":
            return stack.enter_context(imap_server(Mails())).port
        case _:
            return stack.enter_context(raw_server(*[SAID[name]] * _MANY))


SAID: dict[str, Callable[[Peer], None]] = {
    "web": lambda peer: peer.say("HTTP/1.1 400 Bad Request"),
    "busy": lambda peer: peer.say("554 5.3.2 closed for maintenance"),
    "rude": lambda peer: None,
    "silent": lambda peer: peer.wait(),
}
"""What the servers of one answer say to each who comes."""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with one invoice that is late on FRIENDLY."""
    built = story(tmp_path)
    built.write(row("F-1", "Alpha SARL", "20/11/2026"))
    return built


def _settings(here: Story, ports: dict[str, int], turn: Turn, lines: str) -> None:
    """The settings of that day: what is not told of a server is right."""
    smtp = lines if turn.table == "smtp" else PLAIN
    tables = [("smtp", smtp), *([("imap", lines)] if turn.table == "imap" else [])]
    text = '[sender]\nname = "Camille Martin"\nemail = "camille@martin.example"\n[invoices]\nfile = "factures.csv"\n'
    for name, told in tables:
        host = "" if told.startswith("host") else "host = '127.0.0.1'\n"
        text += f"[{name}]\n{host}{told.format(**ports)}\n"
    (here.folder / "relance.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("turn", TURNS.values(), ids=list(TURNS))
def test_the_answer_names_what_to_change(turn: Turn, here: Story) -> None:
    """Nothing leaves by the wrong way, `send` and `check` say the same, and by the right one the message leaves.

    The mailbox is looked at once something left: before that, `check` alone speaks of it.
    """
    with ExitStack() as stack:
        names = re.findall(r"\{(\w+)\}", f"{PLAIN}{turn.wrong}{turn.right}")
        ports = {name: _served(stack, name) for name in dict.fromkeys(names)}
        _met(here, ports, turn)


def _met(here: Story, ports: dict[str, int], turn: Turn) -> None:
    _settings(here, ports, turn._replace(table="smtp"), PLAIN)
    assert 0 == here.run("send", today=MONDAY).code
    _settings(here, ports, turn, turn.wrong)
    if turn.table == "smtp":
        done = here.run("send", today=FRIENDLY, **dict(turn.env))
        assert (2, "") == (done.code, done.out), done.err
        assert turn.named in done.err.replace("\u00a0", " "), done.err
    checked = here.run("check", today=FRIENDLY, **dict(turn.env))
    assert (2, True) == (checked.code, turn.named in (checked.out + checked.err).replace("\u00a0", " ")), checked.out
    _settings(here, ports, turn, turn.right)
    done = here.run("send", "--verbose", today=FRIENDLY, **{PASSWORD_VARIABLE: CANARY})
    assert (0, "") == (done.code, done.err)
    assert "envoyé" in done.out
