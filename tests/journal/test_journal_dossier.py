"""Whose journal it is: the settings that came first keep it for as long as they are there."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_support import TODAY

from relance.errors import JournalError
from relance.journal import Journal, last_dossier, open_journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        yield journal


@pytest.fixture
def settings(tmp_path: Path) -> tuple[Path, Path]:
    """The settings of two dossiers."""
    found = tmp_path / "one" / "relance.toml", tmp_path / "two" / "relance.toml"
    for path in found:
        path.parent.mkdir()
        path.write_text("")
    return found


def test_the_first_one_keeps_it(journal: Journal, settings: tuple[Path, Path]) -> None:
    """Claimed once; the other one is refused with both names, and nothing changes by that."""
    one, two = settings
    journal.check_dossier(two)  # nobody's: anybody may look
    assert [True, False, False] == [journal.claim(one), journal.claim(one), journal.claim(one, from_others=True)]
    journal.check_dossier(one)
    for refused in (journal.check_dossier, journal.claim):
        with pytest.raises(JournalError) as found:
            refused(two)
        assert f"Le journal « {journal.path} » est celui d’un autre dossier, « {one} »." in str(found.value)
        assert "« relance confirm journal »" in str(found.value)
    assert journal.claim(one) is False


def test_another_name_of_the_same_settings(journal: Journal, settings: tuple[Path, Path]) -> None:
    """Through a link to them or to their folder, and by a second name on the disk."""
    one, _ = settings
    journal.claim(one)
    folder, file, twin = (one.parents[1] / name for name in ("folder", "file", "twin"))
    folder.symlink_to(one.parent)
    file.symlink_to(one)
    twin.hardlink_to(one)
    for name in (folder / one.name, file, twin):
        journal.check_dossier(name)
    assert [False, False] == [journal.claim(folder / one.name), journal.claim(file)]


@pytest.mark.parametrize("how", ["gone", "a file in the place of the folder"])
def test_a_folder_that_moved_takes_its_journal_along(journal: Journal, settings: tuple[Path, Path], how: str) -> None:
    """Where the first settings are no more, the next ones go on."""
    one, two = settings
    journal.claim(one)
    one.unlink()
    if how != "gone":
        one.parent.rmdir()
        one.parent.write_text("")
    journal.check_dossier(two)
    assert journal.claim(two) is True
    assert journal.claim(two) is False
    if how == "gone":
        one.write_text("")
        with pytest.raises(JournalError, match="un autre dossier"):
            journal.check_dossier(one)


def test_settings_that_cannot_be_looked_at_are_still_there(journal: Journal, settings: tuple[Path, Path]) -> None:
    """A disk that answers with an error says nothing of what lies on it: refused, rather than sent from two sides."""
    one, two = settings
    journal.claim(one)
    one.unlink()
    one.symlink_to(one.name)  # it leads to itself
    with pytest.raises(JournalError, match="un autre dossier"):
        journal.claim(two)
    assert journal.claim(two, from_others=True) is True  # `confirm journal`: the user knows better
    journal.check_dossier(two)


def test_what_was_used_last_is_its_user_s_alone(
    journal: Journal, settings: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else of the machine may look into the folder, nor at the path of the dossier."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "new" / "state"))
    before = os.umask(0o022)
    try:
        journal.claim(settings[0])
    finally:
        os.umask(before)
    kept = tmp_path / "new" / "state" / "relance"
    assert settings[0] == last_dossier()
    assert (0o700, 0o600) == (kept.stat().st_mode & 0o777, (kept / "last-dossier").stat().st_mode & 0o777)
