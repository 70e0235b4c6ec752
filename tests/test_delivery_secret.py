"""The password: from a variable or a command, and in no message."""

import sys
import traceback

import pytest
from mail_support import CANARY

from relance.delivery.secret import read_password
from relance.errors import SettingsError

PRINT = f"import sys; print(bytes.fromhex('{CANARY.encode().hex()}').decode(), flush=True);"
SHOW = [sys.executable, "-c", f"{PRINT} print('second line')"]


def failure(**how: object) -> str:
    """The whole traceback of a reading that must fail, without the secret."""
    with pytest.raises(SettingsError) as caught:
        read_password(**how)  # type: ignore[arg-type]
    assert caught.value.cure
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None  # a TimeoutExpired would hold what was read
    return str(caught.value)


def test_neither_is_no_password() -> None:
    """Without both there is nothing to log in with."""
    assert read_password() is None


def test_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line end that came along is no part of it; spaces are."""
    monkeypatch.setenv("RELANCE_TEST_PASSWORD", f" {CANARY}\r\n")
    assert read_password("RELANCE_TEST_PASSWORD") == f" {CANARY}"


@pytest.mark.parametrize("value", [None, "", "\n"])
def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """Absent and empty are the same mistake."""
    monkeypatch.delenv("RELANCE_TEST_PASSWORD", raising=False)
    if value is not None:
        monkeypatch.setenv("RELANCE_TEST_PASSWORD", value)
    assert "RELANCE_TEST_PASSWORD" in failure(env="RELANCE_TEST_PASSWORD")


def test_first_line_of_a_command() -> None:
    """A password manager prints the password first and notes after it."""
    assert read_password(command=SHOW) == CANARY


def test_a_command_as_text_runs_without_a_shell() -> None:
    """Words are split as a shell would, and nothing else a shell does is done."""
    assert read_password(command="printf '%s' 'a b$HOME;`id`|x'") == "a b$HOME;`id`|x"


def test_a_command_gets_no_keyboard() -> None:
    """A command that asks a question reads an end of file and fails."""
    assert "première ligne" in failure(command="cat")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("'open quote", "guillemets"),
        ("/nonexistent/pass show mail", "/nonexistent/pass"),
        (["a\0b"], "commande invalide"),
        ([sys.executable, "-c", f"{PRINT} sys.stdout = sys.stderr; {PRINT} sys.exit(3)"], "3"),
        ([sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')"], "UTF-8"),
        (["true"], "première ligne"),
    ],
)
def test_failing_commands_show_no_secret(
    command: str | list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not what they printed, on whichever channel."""
    assert said in failure(command=command)
    assert CANARY not in "".join(capfd.readouterr())


def test_a_hanging_command_is_ended() -> None:
    """Thirty seconds at most, here a short time."""
    words = [sys.executable, "-c", f"{PRINT} import time; time.sleep(60)"]
    assert "0.5 secondes" in failure(command=words, seconds=0.5)
