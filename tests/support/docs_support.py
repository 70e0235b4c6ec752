"""The console blocks of a page: read, run as one session, compared; run as a program, it fills them in."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "README.fr.md")
LEFT_OUT = "…"
FOLDER_SHOWN = "/home/camille"
"""What the pages show in place of the folder in which the examples are run."""
_FENCE = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One `$ relance ...` command of a page and the output that the page gives it."""

    command: str
    output: str

    @property
    def arguments(self) -> list[str]:
        """What follows `relance` on the command line."""
        name, *arguments = shlex.split(self.command)
        assert name == "relance", f"a page shows another command: {self.command}"
        return arguments


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def _parts(block: str) -> Iterator[Shown]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Shown(command, output.strip("\n"))


def shown_in(text: str) -> list[Shown]:
    """Every command that a page shows, in the order in which it is read."""
    return [shown for block in _FENCE.findall(text) for shown in _parts(block)]


def setup_commands(text: str) -> list[str]:
    """The set-up commands of a page, found the way .ci/run finds those of README.md."""
    return [line.strip() for line in text.splitlines() if line.startswith("    python3 -m venv ")]


class Session:
    """A copy of the examples, in which the commands of one page run one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "examples", folder / "examples")
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        self.environment = {**kept, "HOME": str(folder)}

    def run(self, shown: Shown) -> str:
        """What the program prints, on both streams, without a terminal; the folder is hidden."""
        done = subprocess.run(
            [sys.executable, "-m", "relance", *shown.arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=60,
        )
        return done.stdout.decode("utf-8").replace(str(self.folder), FOLDER_SHOWN).strip("\n")


def agrees(documented: str, printed: str) -> bool:
    """True where the page says what was printed: a line « … » stands for left-out lines, a clock may differ."""
    pattern = "".join(map(_line_pattern, documented.split("\n")))
    return re.fullmatch(pattern, f"{printed}\n") is not None


def _line_pattern(line: str) -> str:
    if line == LEFT_OUT:
        return r"(?:.*\n)*?"
    if re.fullmatch(r"Date: \w{3}, \d{2} \w{3} \d{4} [\d:]{8} [+-]\d{4}", line):
        return re.escape(line[:23]) + r"[\d:]{8} [+-]\d{4}\n"
    return re.escape(line) + r"\n"


def filled_in(text: str, run: Callable[[Shown], str]) -> str:
    """The page with what the program prints now; where lines are left out, what still agrees is kept."""

    def block(found: re.Match[str]) -> str:
        lines = []
        for shown in _parts(found[1]):
            printed = run(shown)
            kept = shown.output if agrees(shown.output, printed) else printed
            lines.append(f"$ {shown.command}\n{kept}\n" if kept else f"$ {shown.command}\n")
        return f"```console\n{''.join(lines)}```"

    return _FENCE.sub(block, text)


if __name__ == "__main__":
    for name in PAGES:
        with tempfile.TemporaryDirectory() as temporary:
            (ROOT / name).write_text(filled_in(page(name), Session(Path(temporary)).run), encoding="utf-8")
