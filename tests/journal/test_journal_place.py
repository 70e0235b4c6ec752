"""Where the journal lies: a synchronised folder or a network disk is said."""

from pathlib import Path

import pytest

from relance.journal import risky_place, whole_files


@pytest.mark.parametrize(
    "name",
    ["Dropbox", "OneDrive - Cabinet Durand", "Mobile Documents", "Nextcloud", "Google Drive", "kDrive", "iCloud"],
)
def test_synchronised_folders(name: str) -> None:
    """J6: another machine writes there too."""
    assert risky_place(Path("/home/camille") / name / "compta" / "j.sqlite3") == name


@pytest.mark.parametrize("name", ["Documents", "omega", "dropbox.sqlite3"])
def test_ordinary_folders(name: str) -> None:
    """Nothing to say."""
    assert risky_place(Path("/home/camille") / name) == ""


@pytest.mark.parametrize(("kind", "said"), [("nfs4", "nfs4"), ("cifs", "cifs"), ("ext4", "")])
def test_network_disks(tmp_path: Path, kind: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """J6: the nearest mount point above it decides."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x /mnt/le\\040nas {kind} rw 0 0\n")
    monkeypatch.setattr(whole_files, "MOUNTS", mounts)
    assert risky_place(Path("/mnt/le nas/compta/j")) == said
    assert risky_place(Path("/mnt/j")) == ""


def test_where_mounts_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On other systems the name of the folder alone is looked at."""
    monkeypatch.setattr(whole_files, "MOUNTS", tmp_path / "none")
    assert risky_place(tmp_path / "j") == ""
