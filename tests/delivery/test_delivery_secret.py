"""The password: from a variable, a command or the keyring, and in no message."""

import os
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest
from mail_support import CANARY

from relance.delivery.account import Account, Secret
from relance.delivery.secret import MAX_PASSWORD, read_password
from relance.errors import SettingsError

pytestmark = pytest.mark.slow

PRINT = f"import sys; print(bytes.fromhex('{CANARY.encode().hex()}').decode(), flush=True);"
SHOW = (sys.executable, "-c", f"{PRINT} print('second line')")
SMTP = Account("smtp", "smtp.example.com", 587, "starttls")
IMAP = SMTP._replace(protocol="imap")


def failure(account: Account, seconds: float = 30.0) -> str:
    """The whole traceback of a reading that must fail, without the secret."""
    with pytest.raises(SettingsError) as caught:
        read_password(account, seconds)
    assert caught.value.cure
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None  # a TimeoutExpired would hold what was read
    return str(caught.value)


def test_neither_is_no_password() -> None:
    """Without both there is nothing to log in with."""
    assert read_password(SMTP) is None


def test_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line end that came along is no part of it; spaces are."""
    monkeypatch.setenv("RELANCE_TEST_PASSWORD", f" {CANARY}\r\n")
    assert read_password(SMTP._replace(secret=Secret(password_env="RELANCE_TEST_PASSWORD"))) == f" {CANARY}"


@pytest.mark.parametrize("value", [None, "", "\n"])
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """Absent and empty are the same mistake."""
    monkeypatch.delenv("RELANCE_TEST_PASSWORD", raising=False)
    if value is not None:
        monkeypatch.setenv("RELANCE_TEST_PASSWORD", value)
    assert failure(IMAP._replace(secret=Secret(password_env="RELANCE_TEST_PASSWORD"))) == (
        "La variable d’environnement RELANCE_TEST_PASSWORD est absente ou vide ([imap] password_env). Donnez-lui le "
        "mot de passe de la messagerie ; sous cron, RELANCE_TEST_PASSWORD doit être définie dans la crontab."
    )


def test_first_line_of_a_command() -> None:
    """A password manager prints the password first and notes after it."""
    assert read_password(SMTP._replace(secret=Secret(password_command=SHOW))) == CANARY


def test_a_command_runs_without_a_shell() -> None:
    """Its words are its words."""
    assert (
        read_password(SMTP._replace(secret=Secret(password_command=("printf", "%s", "a b$HOME;`id`|x"))))
        == "a b$HOME;`id`|x"
    )


def test_a_command_gets_no_keyboard() -> None:
    """A command that asks a question reads an end of file and fails."""
    assert failure(SMTP._replace(secret=Secret(password_command=("cat",)))) == (
        "[smtp] password_command : la commande « cat » n’a rien écrit sur sa première ligne. "
        "Essayez-la dans un terminal."
    )


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("/nonexistent/pass", "show", "mail"), "ne peut pas être lancée (introuvable)"),
        (("a\0b",), "ne peut pas être lancée (commande invalide)"),
        (
            (sys.executable, "-c", f"{PRINT} sys.stdout = sys.stderr; {PRINT} sys.exit(3)"),
            "s’est terminée par le code 3",
        ),
        (
            (sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')"),
            "n’a pas répondu en UTF-8",
        ),
        (("true",), "n’a rien écrit sur sa première ligne"),
    ],
)
def test_failing_commands_show_no_secret(
    command: tuple[str, ...], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """S03: not what they printed, on whichever channel."""
    assert failure(SMTP._replace(secret=Secret(password_command=command))) == (
        f"[smtp] password_command : la commande « {command[0]} » {said}. Essayez-la dans un terminal."
    )
    assert CANARY not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "words",
    [
        (sys.executable, "-c", f"{PRINT} import time; time.sleep(60)"),
        ("sh", "-c", "sleep 60; true"),
        ("sh", "-c", "exec >&-; sleep 60"),
        ("yes",),
    ],
    ids=["python", "child", "closed pipe", "endless"],
)
def test_a_hanging_command_is_ended(words: tuple[str, ...]) -> None:
    """S02: thirty seconds at most, here a short time, whatever it started itself; what it said is not waited for."""
    before = time.monotonic()
    assert "» n’a pas répondu en 0.5 secondes." in failure(
        SMTP._replace(secret=Secret(password_command=words)), seconds=0.5
    )
    assert time.monotonic() - before < 20


def test_a_talkative_command_is_heard_to_its_end() -> None:
    """It may print more than a pipe holds; only the beginning is kept, and its exit code counts."""
    body = f"import sys; print('x'); sys.stdout.write('y' * {10 * MAX_PASSWORD}); sys.exit({{}})"
    assert "x" == read_password(SMTP._replace(secret=Secret(password_command=(sys.executable, "-c", body.format(0)))))
    assert "code 5" in failure(SMTP._replace(secret=Secret(password_command=(sys.executable, "-c", body.format(5)))))


def test_interrupted_the_command_ends(tmp_path: Path) -> None:
    """Ctrl-C while the command runs leaves no process behind."""
    done = tmp_path / "done"
    code = (
        "import signal, threading; from relance.delivery.account import Account, Secret;"
        "from relance.delivery.secret import read_password; at = Account('smtp', 'smtp.example.com', 587, 'starttls');"
        "threading.Timer(1, signal.pthread_kill, (threading.get_ident(), signal.SIGINT)).start();"
        f"read_password(at._replace(secret=Secret(password_command=('sh', '-c', 'echo $$ > {done}; sleep 60; true'))))"
    )
    interrupted = subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL, timeout=60)
    assert 0 != interrupted.returncode
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.read_text()), 0)


KEYRING = """
import sys
from keyring.backend import KeyringBackend


class Keyring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        if service == "broken":
            raise RuntimeError("{canary}")
        return "{canary}" if (service, username) == ("relance", "camille") else None

    def set_password(self, service, username, password):
        raise NotImplementedError

    delete_password = set_password
"""


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring that holds one password."""
    pytest.importorskip("keyring", reason="the extra relance[keyring] is not installed")
    (tmp_path / "drawer.py").write_text(KEYRING.replace("{canary}", CANARY), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "drawer.Keyring")


def test_from_the_keyring(keyring: None) -> None:
    """The password of this user under this service."""
    assert CANARY == read_password(SMTP._replace(secret=Secret(keyring="relance"), user="camille"))


@pytest.mark.parametrize(("service", "user"), [("relance", "another"), ("other", "camille"), ("broken", "camille")])
def test_a_keyring_without_it(keyring: None, service: str, user: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Absent, or a keyring that fails and tells what it holds: both are named, nothing is shown."""
    why = "s’est terminée par le code 1"
    assert failure(IMAP._replace(secret=Secret(keyring=service), user=user)) == (
        f"[imap] keyring : le trousseau {why} pour « {user} » dans « {service} ». Mettez-y le mot de passe (keyring "
        f"set {service} {user}) ; sous cron, le trousseau est souvent fermé : password_command y va mieux."
    )
    assert CANARY not in "".join(capfd.readouterr())


def test_no_keyring_under_cron(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a session there is none: the sentence says what goes better there."""
    pytest.importorskip("keyring", reason="the extra relance[keyring] is not installed")
    for name in ("PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS", "HOME", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    assert "password_command" in failure(SMTP._replace(secret=Secret(keyring="relance"), user="camille"))


def test_the_keyring_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, the sentence says how to install it."""
    monkeypatch.setattr("relance.delivery.secret.find_spec", lambda name: None)
    assert failure(SMTP._replace(secret=Secret(keyring="relance"), user="camille")) == (
        "[smtp] keyring : le trousseau du système n’est pas lisible, il manque un module. Installez-le (pip install "
        "'relance[keyring]'), ou donnez password_command."
    )
