"""The user's own editor on a text, in a folder that only he can read and that is gone afterwards."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from relance.errors import UsageError
from relance.french import system_words
from relance.runs.dossier import for_me_alone

_LARGEST = 2**20
"""Octets of a text that is read back."""
_USUAL = ("sensible-editor", "nano", "vi")
"""What is tried where neither variable names one."""


def edit(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The text as the user left it; UsageError, as a French sentence, where his editor failed or left none."""
    command = _editor(environ)
    folder = Path(tempfile.mkdtemp(prefix="relance-"))  # 0700: what the editor writes beside is his alone too
    try:
        path = folder / "message.txt"
        with open(path, "w", encoding="utf-8", opener=for_me_alone) as file:
            file.write(text)
        with _left_to_the_editor():
            code = subprocess.run([*command, str(path)], check=False).returncode
        if code:
            raise UsageError(f"L’éditeur « {command[0]} » s’est arrêté sur une erreur ({code}).")
        return _read(path)
    except (OSError, ValueError) as error:  # a path of ours holds no NUL; what the variable says may
        said = system_words(error) if isinstance(error, OSError) else str(error)
        raise UsageError(f"L’éditeur « {command[0]} » ne peut pas être lancé ({said}).", _CURE) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_CURE = "Nommez le vôtre dans la variable EDITOR, par exemple : export EDITOR=nano."


def _editor(environ: Mapping[str, str]) -> list[str]:
    """VISUAL before EDITOR, as everybody has it, but for a terminal that cannot move its cursor."""
    names = ("EDITOR", "VISUAL") if (environ.get("TERM") or "dumb") == "dumb" else ("VISUAL", "EDITOR")
    told = next(filter(None, (environ.get(name, "").strip() for name in names)), "")
    if not told:
        found = [each for each in _USUAL if shutil.which(each, path=environ.get("PATH"))]
        if not found:
            raise UsageError("Aucun éditeur n’est connu.", _CURE)
        return found[:1]
    try:
        return shlex.split(told)
    except ValueError:
        raise UsageError(f"L’éditeur ne se lit pas : « {told} ».", _CURE) from None


def _read(path: Path) -> str:
    """What the editor left; UsageError where that is no text."""
    if path.stat().st_size > _LARGEST:
        raise UsageError("Le fichier de l’éditeur dépasse un mégaoctet.")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("Le fichier de l’éditeur n’est pas en UTF-8.") from None


@contextmanager
def _left_to_the_editor() -> Iterator[None]:
    """Ctrl-C is for the editor while it runs: a handler, and not SIG_IGN, which the editor would inherit.

    One that crashes may leave a terminal without echo: it is put back as it was.
    """
    before, modes = signal.signal(signal.SIGINT, lambda *_: None), None
    with suppress(termios.error):
        modes = termios.tcgetattr(0)
    try:
        yield
    finally:
        if modes is not None:
            with suppress(termios.error):
                termios.tcsetattr(0, termios.TCSADRAIN, modes)
        signal.signal(signal.SIGINT, before)
