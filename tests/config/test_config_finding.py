"""Which settings file counts, and what importing relance.config costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from relance.config import SETTINGS_FILE, find_settings, load_settings
from relance.errors import SettingsError


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    return path


def test_order(tmp_path: Path) -> None:
    """The option wins over the variable, the variable over the current folder, that one over the user's folder."""
    option = _file(tmp_path / "a" / "option.toml")
    variable = _file(tmp_path / "b" / "variable.toml")
    here = _file(tmp_path / "cwd" / SETTINGS_FILE)
    user = _file(tmp_path / "home" / ".config" / "relance" / SETTINGS_FILE)
    environ = {"RELANCE_CONFIG": str(variable), "HOME": str(tmp_path / "home")}

    assert option == find_settings(option, environ, here.parent)
    assert variable == find_settings(None, environ, here.parent)
    del environ["RELANCE_CONFIG"]
    assert here == find_settings(None, environ, here.parent)
    here.unlink()
    assert user == find_settings(None, environ, here.parent)
    user.unlink()
    assert find_settings(None, environ, here.parent) is None


def test_user_folder(tmp_path: Path) -> None:
    """XDG_CONFIG_HOME replaces ~/.config where it is absolute, and no HOME at all is no error."""
    xdg = _file(tmp_path / "xdg" / "relance" / SETTINGS_FILE)
    home = _file(tmp_path / "home" / ".config" / "relance" / SETTINGS_FILE)
    cwd = tmp_path / "empty"

    assert xdg == find_settings(None, {"XDG_CONFIG_HOME": str(tmp_path / "xdg"), "HOME": str(tmp_path / "home")}, cwd)
    assert home == find_settings(None, {"XDG_CONFIG_HOME": "xdg", "HOME": str(tmp_path / "home")}, cwd)
    assert home == find_settings(None, {"XDG_CONFIG_HOME": "", "USERPROFILE": str(tmp_path / "home")}, cwd)
    assert find_settings(None, {}, cwd) is None


def test_named_paths_start_from_the_current_folder_or_home(tmp_path: Path) -> None:
    """A relative path starts from the current folder, `~` from HOME, and an empty variable names nothing."""
    file = _file(tmp_path / "sub" / "my.toml")

    assert file == find_settings(Path("sub/my.toml"), {}, tmp_path)
    assert file == find_settings(None, {"RELANCE_CONFIG": "sub/my.toml"}, tmp_path)
    assert file == find_settings(None, {"RELANCE_CONFIG": "~/sub/my.toml", "HOME": str(tmp_path)}, Path("/"))
    assert find_settings(None, {"RELANCE_CONFIG": " "}, tmp_path) is None


@pytest.mark.parametrize("by", ["--config", "RELANCE_CONFIG"])
def test_named_file_must_exist(tmp_path: Path, by: str) -> None:
    """A named file that is missing is an error even where another one could be found."""
    _file(tmp_path / SETTINGS_FILE)
    missing = tmp_path / "none.toml"
    explicit = missing if by == "--config" else None
    environ = {"RELANCE_CONFIG": str(missing)} if by == "RELANCE_CONFIG" else {}

    with pytest.raises(SettingsError) as caught:
        find_settings(explicit, environ, tmp_path)

    expected = f"Le fichier de réglages désigné par {by} n’existe pas\u00a0: «\u00a0{missing}\u00a0»."
    assert expected == caught.value.sentence
    assert "«\u00a0relance init\u00a0»" in caught.value.cure


def test_named_folder(tmp_path: Path) -> None:
    """A folder is not a settings file, and the cure names the file that may be meant."""
    with pytest.raises(SettingsError, match="désigne un dossier") as caught:
        find_settings(tmp_path, {}, tmp_path)

    assert str(tmp_path / SETTINGS_FILE) in caught.value.cure


@pytest.mark.slow
def test_import_is_cheap() -> None:
    """Importing relance.config loads neither pydantic nor tomllib."""
    code = "import sys, relance.config; print([m for m in ('pydantic', 'tomllib') if m in sys.modules])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """It is found, and said to be unreadable: the user's other settings have another journal."""
    here, user = tmp_path / "cwd", _file(tmp_path / "home" / ".config" / "relance" / SETTINGS_FILE)
    here.mkdir()
    (here / SETTINGS_FILE).symlink_to(tmp_path / "unplugged" / SETTINGS_FILE)
    found = find_settings(None, {"HOME": str(user.parents[2])}, here)

    assert here / SETTINGS_FILE == found
    with pytest.raises(SettingsError, match="ne peut pas être lu"):
        load_settings(found)


@pytest.mark.slow
def test_no_plugins_are_looked_for(tmp_path: Path) -> None:
    """Reading settings does not read what every installed package says of itself."""
    (tmp_path / "relance.toml").write_text('[sender]\nname = "Ada"\nemail = "ada@example.com"\n', encoding="utf-8")
    code = (
        "import importlib.metadata; importlib.metadata.entry_points = None;"
        "from pathlib import Path; from relance.config import load_settings;"
        f"print(load_settings(Path({str(tmp_path / 'relance.toml')!r})).sender.name)"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "Ada\n"


@pytest.mark.slow
def test_a_plan_imports_what_it_needs() -> None:
    """A plan without settings imports nothing of settings or messages."""
    modules = "relance.config.values relance.core.message relance.delivery.account".split()
    code = (
        "import sys; from relance.__main__ import run; run(['plan', 'none.csv', '--today', '2026-11-20']);"
        f"print([each for each in {modules!r} if each in sys.modules])"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
