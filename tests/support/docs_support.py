"""The pages: their console blocks, read, run as one session and compared, and the page that the commands write.

Run as a program, it fills in what the commands print now and writes the page of commands again.
"""

import os
import re
import shlex
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from click import Command, Context
from in_process import run_here
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from relance.cli.app import COMMANDS, program
from relance.french import typeset

ROOT = Path(__file__).resolve().parents[2]
GUIDE = "relance/guide"
SUBJECTS = tuple(sorted(path.stem for path in (ROOT / GUIDE).glob("*.md")))
PAGES = ("README.md", "README.fr.md", *(f"{GUIDE}/{subject}.md" for subject in SUBJECTS))
LEFT_OUT = "…"
FOLDER_SHOWN = "/home/camille"
"""What the pages show in place of the folder in which the examples are run."""
EXPORTED = datetime(2026, 11, 19, 17, 0, tzinfo=UTC).timestamp()
"""When the invoice file of the examples was saved, as the pages show it."""
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


def guide(subject: str) -> str:
    """The text of the guide's page on a subject."""
    return page(f"{GUIDE}/{subject}.md")


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
        for file in (folder / "examples").glob("factures.*"):  # exported the day before that of the pages
            os.utime(file, (EXPORTED, EXPORTED))
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        self.environment = {**kept, "HOME": str(folder)}

    def run(self, shown: Shown) -> str:
        """What the program prints, on both streams, without a terminal; the folder is hidden."""
        _, out, err = run_here(shown.arguments, self.folder, self.environment)
        return f"{out}{err}".replace(str(self.folder), FOLDER_SHOWN).strip("\n")


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


def commands_page() -> str:
    """The guide's page of commands, made from what each command says of itself."""
    top = get_command(program())
    assert isinstance(top, TyperGroup)
    named = [*_leaves(top.commands)]
    common = _common([command for _, _, command in named])
    lines = [_COMMANDS_HEAD, "## Options communes", "", *map(_option_line, common), ""]
    for group, _ in COMMANDS:
        lines += [f"## {group}", ""]
        for _, name, command in (each for each in named if each[0] == group):
            lines += [*_command_lines(name, command, common), ""]
    return typeset("\n".join(lines).rstrip("\n")) + "\n"


_COMMANDS_HEAD = """# Toutes les commandes

Cette page est écrite à partir des commandes elles-mêmes. `relance --help` les liste, `relance COMMANDE --help` détaille
l’une d’elles, `relance --version` donne la version.
"""


def _leaves(commands: Mapping[str, Command]) -> Iterator[tuple[str, str, Command]]:
    """Each command with its group and full name; a command that only holds others gives those."""
    for name, command in commands.items():
        inner = command.commands if isinstance(command, TyperGroup) else {"": command}
        assert isinstance(command, TyperCommand | TyperGroup)
        for last, leaf in inner.items():
            yield str(command.rich_help_panel), f"relance {name} {last}".strip(), leaf


def _common(commands: list[Command]) -> list[TyperOption]:
    """The options that at least five commands take, each once."""
    every = [option for command in commands for option in _options_of(command)]
    counts = Counter(_option_line(option) for option in every)
    return list({_option_line(option): option for option in every if counts[_option_line(option)] >= 5}.values())


def _options_of(command: Command) -> list[TyperOption]:
    return [each for each in command.params if isinstance(each, TyperOption) and not each.hidden]


def _value(parameter: TyperOption | TyperArgument, command: Command | None = None) -> str:
    """What is written for a parameter's value, without the brackets of the library."""
    shown = parameter.metavar or parameter.make_metavar(Context(command or Command(None)))
    return shown.strip("[]")


def _option_line(option: TyperOption) -> str:
    value = "" if option.is_flag else f" {_value(option)}"
    must = " Obligatoire." if option.required else ""
    else_ = f" Sinon, `{option.default.value}`." if isinstance(option.default, Enum) else ""
    names = ", ".join(f"`{name}{value}`" for name in option.opts)
    return f"- {names} : {option.help}{must}{else_}"


def _command_lines(name: str, command: Command, common: list[TyperOption]) -> list[str]:
    """A heading, what the command does, its arguments, its own options, and which of the common ones it takes."""
    arguments = [each for each in command.params if isinstance(each, TyperArgument) and not each.hidden]
    shared = [_option_line(option) for option in common]
    options = _options_of(command)
    own = [option for option in options if _option_line(option) not in shared]
    also = [f"`{option.opts[0]}`" for option in options if _option_line(option) in shared]
    needed = [f"{each.opts[0]} {_value(each)}" for each in own if each.required]
    usage = " ".join([name, *(each.metavar or _value(each, command) for each in arguments), *needed])
    told = [*(f"- `{_value(each, command)}` : {each.help}" for each in arguments), *map(_option_line, own)]
    sentences = " ".join((command.help or "").split())
    return [
        f"### {name}",
        "",
        *([f"    {usage}", ""] if usage != name else []),
        sentences,
        *(["", *told] if told else []),
        *(["", f"Options communes : {', '.join(also)}."] if also else []),
    ]


if __name__ == "__main__":
    (ROOT / GUIDE / "commandes.md").write_text(commands_page(), encoding="utf-8")
    for name in PAGES:
        with tempfile.TemporaryDirectory() as temporary:
            (ROOT / name).write_text(filled_in(page(name), Session(Path(temporary)).run), encoding="utf-8")
