"""The user's own editor: which one, on what, and what is left of it afterwards."""

import signal
import sys
from pathlib import Path

import pytest

from relance.errors import UsageError
from relance.runs.editing import edit

pytestmark = pytest.mark.slow


@pytest.fixture
def tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files are put."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def program(folder: Path, name: str, body: str) -> str:
    """An editor of its own."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport os, sys\npath = sys.argv[-1]\n{body}\n", encoding="utf-8")
    path.chmod(0o700)
    return str(path)


def says(folder: Path, word: str) -> str:
    """An editor that leaves this word and the arguments it was given."""
    return program(folder, word, f"open(path, 'w').write(' '.join(['{word}', *sys.argv[1:-1]]))")


@pytest.mark.parametrize(
    ("term", "told", "expected"),
    [
        ("xterm", ("VISUAL", "EDITOR"), "visual"),
        ("xterm", ("EDITOR",), "line"),
        ("dumb", ("VISUAL", "EDITOR"), "line"),
        ("dumb", ("VISUAL",), "visual"),
        ("", ("VISUAL", "EDITOR"), "line"),
        ("xterm", (), "nano"),
    ],
)
def test_which_one(tmp_path: Path, tmp: Path, term: str, told: tuple[str, ...], expected: str) -> None:
    """VISUAL before EDITOR, but where no cursor moves; else what is usual."""
    names = {"VISUAL": says(tmp_path, "visual"), "EDITOR": says(tmp_path, "line")}
    says(tmp_path, "nano")
    environ = {name: names[name] for name in told} | {"TERM": term, "PATH": str(tmp_path)}

    if expected == "nano":  # found by its name, which the system looks up by its own PATH
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", str(tmp_path))
            assert "nano" == edit("x", environ)
    else:
        assert expected == edit("x", environ)
    assert [] == list(tmp.iterdir())


def test_options_and_spaces(tmp_path: Path, tmp: Path) -> None:
    """It is split as a shell does, and no shell reads it."""
    folder = tmp_path / "mes programmes"
    folder.mkdir()
    command = f"'{says(folder, 'code')}' --wait '$HOME; ls'"

    assert "code --wait $HOME; ls" == edit("x", {"EDITOR": command})


def test_for_oneself_alone(tmp_path: Path, tmp: Path) -> None:
    """File and folder, and what the editor leaves beside; nothing of it stays."""
    body = (
        "import stat\nmodes = [stat.S_IMODE(os.stat(p).st_mode) for p in (path, os.path.dirname(path))]\n"
        "old = open(path).read()\nopen(path + '~', 'w').write('copie')\nopen(path, 'w').write(f'{modes} {old}')"
    )
    assert f"[{0o600}, {0o700}] é" == edit("é", {"EDITOR": program(tmp_path, "e", body)})
    assert [] == list(tmp.iterdir())


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/no/such", "lancé"),
        ("''", "lancé"),
        ("'", "ne se lit pas"),
        ("false", "erreur (1)"),
        ("a\0b", "lancé"),
    ],
)
def test_what_cannot_be_run(tmp: Path, command: str, said: str) -> None:
    """A sentence, and nothing left."""
    with pytest.raises(UsageError) as caught:
        edit("x", {"EDITOR": command})
    assert said in str(caught.value)
    assert [] == list(tmp.iterdir())


def test_none_at_all(tmp_path: Path, tmp: Path) -> None:
    """Neither variable, and nothing usual on the machine: how to name one."""
    with pytest.raises(UsageError, match="EDITOR=nano"):
        edit("x", {"PATH": str(tmp_path)})


def test_ctrl_c_is_for_the_editor(tmp_path: Path, tmp: Path) -> None:
    """It ends who waits neither for it nor with it, and afterwards it is what it was; the editor does not ignore it."""
    body = "import signal\nassert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    before = signal.getsignal(signal.SIGINT)
    command = program(tmp_path, "e", body + "os.kill(os.getppid(), signal.SIGINT)\nopen(path, 'w').write('là')")

    assert "là" == edit("x", {"EDITOR": command})
    assert before is signal.getsignal(signal.SIGINT)
