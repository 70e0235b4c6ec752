"""Drafts in a folder: exact bytes, whole files, names that nothing can escape from."""

import stat
from mailbox import Maildir
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_support import key, message

from relance.delivery.folder import FolderTransport, file_name, write_draft
from relance.journal import State


def test_exact_bytes_in_a_new_folder(tmp_path: Path) -> None:
    """The folder is created, the file holds the message as it would travel, not sent yet; nothing else remains."""
    folder = tmp_path / "a" / "b"
    path = write_draft(folder, message())
    assert path.read_bytes() == b"X-Unsent: 1\r\n" + message().raw
    assert {"tmp", "new", "cur"} == {entry.name for entry in folder.iterdir()}
    assert [path] == [entry for entry in folder.rglob("*") if entry.is_file()]
    assert path.parent == folder / "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {0o700} == {stat.S_IMODE(entry.stat().st_mode) for entry in folder.iterdir()}


def test_a_mail_program_reads_it(tmp_path: Path) -> None:
    """The folder is a Maildir: each draft a message, with all that it says."""
    write_draft(tmp_path, message())
    write_draft(tmp_path, message("F-2"))
    found = Maildir(tmp_path, create=False)
    assert {message().message_id, message("F-2").message_id} == {draft["Message-ID"] for draft in found}


@pytest.mark.parametrize("place", ["{}", "cur/{}", "cur/{}:2,DS"])
def test_one_draft_of_a_reminder(tmp_path: Path, place: str) -> None:
    """Written again, it takes the place of the former one, where an older version or the mail program has put it."""
    path = write_draft(tmp_path, message())
    other = write_draft(tmp_path, message("F-2"))
    path.rename(tmp_path / place.format(path.name))
    write_draft(tmp_path, message())
    assert {path, other} == {entry for entry in tmp_path.rglob("*") if entry.is_file()}


def test_same_message_same_name(tmp_path: Path) -> None:
    """Written again it replaces itself; another message is another file."""
    assert write_draft(tmp_path, message()) == write_draft(tmp_path, message())
    assert write_draft(tmp_path, message("F-2")) != write_draft(tmp_path, message())
    assert file_name(message()).startswith("client-sa-friendly-f-1-")
    long = message("F-1", "F-2", "F-3", "F-4")._replace(customer="É" * 50, message_id="<relance.abc@d.example>")
    assert file_name(long) == f"{'e' * 40}-friendly-f-1-f-2-f-3-relanceabc.eml"
    named = message()._replace(message_id="<relance.0123456789abcdef@d.example>")
    assert file_name(named) == "client-sa-friendly-f-1-456789abcdef.eml"


def test_a_failure_leaves_no_half_file(tmp_path: Path) -> None:
    """Where the final name cannot be taken, the temporary file goes too."""
    (tmp_path / "new" / file_name(message())).mkdir(parents=True)
    outcome = FolderTransport(tmp_path).hand_over(message(), lambda server: None)
    assert outcome.state is State.DEFERRED
    assert str(tmp_path) in str(outcome.stop)
    assert [] == [entry for entry in tmp_path.rglob("*") if entry.is_file()]


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
    assert write_draft(tmp_path, odd).parent == tmp_path / "new"
    assert 1 == len(list(tmp_path.rglob("*.eml")))
