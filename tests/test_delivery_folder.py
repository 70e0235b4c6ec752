"""Drafts in a folder: exact bytes, whole files, names that nothing can escape from."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_support import key, message

from relance.delivery.folder import FolderTransport, file_name, write_draft
from relance.journal import State


def test_exact_bytes_in_a_new_folder(tmp_path: Path) -> None:
    """The folder is created, the file holds the message as it would travel, nothing else remains."""
    folder = tmp_path / "a" / "b"
    path = write_draft(folder, message())
    assert path.read_bytes() == message().raw
    assert list(folder.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_same_message_same_name(tmp_path: Path) -> None:
    """Written again it replaces itself; another message is another file."""
    assert write_draft(tmp_path, message()) == write_draft(tmp_path, message())
    assert write_draft(tmp_path, message("F-2")) != write_draft(tmp_path, message())
    assert file_name(message()).startswith("client-sa-friendly-f-1-")


def test_a_failure_leaves_no_half_file(tmp_path: Path) -> None:
    """Where the final name cannot be taken, the temporary file goes too."""
    (tmp_path / file_name(message())).mkdir()
    outcome = FolderTransport(tmp_path).hand_over(message(), lambda server: None)
    assert outcome.state is State.DEFERRED
    assert str(tmp_path) in str(outcome.stop)
    assert [file.name for file in tmp_path.iterdir()] == [file_name(message())]


@given(st.text(max_size=200), st.text(max_size=200))
def test_names_are_safe_for_any_invoice(number: str, customer: str) -> None:
    """Letters, digits and hyphens only, of a length that every system takes."""
    odd = message()._replace(customer=customer, keys=(key()._replace(number=number),))
    name = file_name(odd)
    assert name.endswith(".eml")
    assert name.removesuffix(".eml").replace("-", "").isalnum()
    assert name.isascii()
    assert len(name) < 130


@pytest.mark.parametrize("number", ["../../etc/passwd", "CON", "a/b\\c:d*?", "\x00", ".hidden", "É 1"])
def test_hostile_numbers_stay_in_the_folder(tmp_path: Path, number: str) -> None:
    """No invoice number leads out of the folder."""
    odd = message()._replace(keys=(key()._replace(number=number),))
    assert write_draft(tmp_path, odd).parent == tmp_path
    assert len(list(tmp_path.iterdir())) == 1
