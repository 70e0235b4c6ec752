"""A password that the program was given: kept in the keyring or in a file that its user alone reads, or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest
from mail_support import CANARY

from relance.delivery import secret
from relance.delivery.account import Account, Secret
from relance.delivery.secret import SERVICE, Kept, keep, let_go, read_password
from relance.errors import SettingsError

pytestmark = pytest.mark.slow

SMTP = Account("smtp", "ssl0.ovh.net", 465, "tls", user="zoé/petit@atelier-zoe.example")

DRAWER = """
import os
from pathlib import Path
from keyring.backend import KeyringBackend

BOX = Path(os.environ["TEST_BOX"])


class Keyring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        if os.environ.get("TEST_FORGETS"):
            return os.environ["TEST_FORGETS"].strip() or None
        return (BOX / service).read_text() if (BOX / service).exists() else None

    def set_password(self, service, username, password):
        (BOX / service).write_text(password)

    def delete_password(self, service, username):
        (BOX / service).unlink()
"""


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keyring that keeps what it is given, in this folder."""
    pytest.importorskip("keyring", reason="the extra relance[keyring] is not installed")
    box = tmp_path / "box"
    box.mkdir()
    (tmp_path / "box_keyring.py").write_text(DRAWER, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("TEST_BOX", str(box))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "box_keyring.Keyring")
    return box


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under cron, or without the extra: no keyring takes anything."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


def reading(kept: Kept) -> str | None:
    """The password as the setting that was written finds it."""
    if isinstance(kept.value, str):
        return read_password(SMTP._replace(secret=Secret(keyring=kept.value)))
    return read_password(SMTP._replace(secret=Secret(password_command=kept.value)))


def test_into_the_keyring(box: Path, tmp_path: Path) -> None:
    """Where it works, and nowhere else."""
    kept = keep(SMTP, CANARY, tmp_path / "own")
    assert Kept("keyring", SERVICE, new=True) == kept
    assert CANARY == reading(kept)
    assert not (tmp_path / "own").exists()
    let_go(SMTP, kept)
    assert [] == list(box.iterdir())


def test_what_was_there_before_is_not_taken_away(box: Path, tmp_path: Path) -> None:
    """Another folder of invoices may read the same account."""
    keep(SMTP, "old one", tmp_path)
    kept = keep(SMTP, CANARY, tmp_path)
    let_go(SMTP, kept)
    assert CANARY == reading(kept)


@pytest.mark.parametrize("said", [" ", "another"])
def test_a_keyring_that_forgets_is_left_alone(
    box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """What it does not give back is believed to be nowhere: the file takes it."""
    monkeypatch.setenv("TEST_FORGETS", said)
    kept = keep(SMTP, CANARY, tmp_path)
    assert "password_command" == kept.setting
    assert CANARY == reading(kept)


def test_into_a_file_for_its_user_alone(no_keyring: None, tmp_path: Path) -> None:
    """Mode 0600 in a folder of mode 0700, under a name that is one file's; found without a PATH, as under cron."""
    folder = tmp_path / "réglages de Zoé" / "relance"
    kept = keep(SMTP, CANARY, folder)
    (path,) = folder.iterdir()
    assert ("password_command", True) == (kept.setting, kept.new)
    assert Path(kept.value[0]).is_absolute()
    assert str(path) == kept.value[-1]
    assert (0o600, 0o700) == (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777)
    assert CANARY == subprocess.run(kept.value, env={}, capture_output=True, text=True, check=True).stdout.strip()
    assert CANARY == reading(kept)
    again = keep(SMTP, "the next one", folder)
    assert (kept.value, False) == (again.value, again.new)
    assert "the next one" == reading(kept)
    let_go(SMTP, again)
    assert path.exists()
    let_go(SMTP, kept)
    assert not path.exists()


def test_two_accounts_have_two_files(no_keyring: None, tmp_path: Path) -> None:
    """Neither overwrites the other."""
    first, second = keep(SMTP, "one", tmp_path), keep(SMTP._replace(host="mail.gandi.net"), "two", tmp_path)
    assert ["one", "two"] == [reading(first), reading(second)]


@pytest.mark.parametrize("password", ["two\nlines", "end\r"])
def test_what_does_not_come_back_is_not_kept(no_keyring: None, tmp_path: Path, password: str) -> None:
    """It is read before it is believed; nothing is left behind, and nothing of it said."""
    with pytest.raises(SettingsError) as caught:
        keep(SMTP, password, tmp_path / "own")
    assert "relu autrement" in str(caught.value)
    assert "lines" not in caught.value.shown
    assert [] == list((tmp_path / "own").iterdir())


def test_a_place_that_takes_nothing(no_keyring: None, tmp_path: Path) -> None:
    """A file where the folder should be: said, with what else there is."""
    (tmp_path / "own").write_text("", "utf-8")
    with pytest.raises(SettingsError) as caught:
        keep(SMTP, CANARY, tmp_path / "own")
    assert "password_env" in caught.value.cure
    assert CANARY not in caught.value.shown


def test_interrupted_it_leaves_nothing(no_keyring: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between the file and its reading."""

    def interrupted(*_: object) -> tuple[str, str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(secret, "find_spec", lambda name: None)
    monkeypatch.setattr(secret, "_first_line", interrupted)
    with pytest.raises(KeyboardInterrupt):
        keep(SMTP, CANARY, tmp_path)
    assert [] == list(tmp_path.glob("password-*"))


@pytest.mark.parametrize("before", [None, "old one"])
def test_interrupted_at_the_keyring_it_leaves_nothing(
    box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    """Ctrl-C while a keyring that has it already waits for a person; what was there before is not taken away."""
    if before:
        keep(SMTP, before, tmp_path)
    told, asked = secret._keyring, [0]

    def interrupted(what: str, *rest: object) -> tuple[str, str]:
        said = told(what, *rest)  # type: ignore[arg-type]
        asked[0] += what == "get"
        if what == "get" and asked[0] == 2:
            raise KeyboardInterrupt
        return said

    monkeypatch.setattr(secret, "_keyring", interrupted)
    with pytest.raises(KeyboardInterrupt):
        keep(SMTP, CANARY, tmp_path / "own")
    assert (1 if before else 0) == len(list(box.iterdir()))
    assert not (tmp_path / "own").exists()


def test_no_word_of_a_command_holds_it(box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes by a pipe: a list of processes shows words."""
    seen: list[tuple[str, ...]] = []
    told = secret._said

    def watched(words: tuple[str, ...], *rest: object) -> tuple[int, bytes]:
        seen.append(words)
        return told(words, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(secret, "_said", watched)
    keep(SMTP, CANARY, tmp_path)
    assert [sys.executable] * 3 == [words[0] for words in seen]
    assert CANARY not in str(seen)
