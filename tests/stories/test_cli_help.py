"""What `relance` says of itself: the overview, the help of each command with its examples, and `relance` alone."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click import Command, Context, Group
from docs_support import ROOT
from story_support import MONDAY, Story, row
from typer.main import get_command

from relance.cli.app import COMMANDS, name_of, program
from relance.cli.examples import BEGINNING, EXAMPLES

WIDTH = 80
ENGLISH = r"\b(Show this|required|default(?=:)|Arguments:|Options:|Commands|COMMAND\b|ARGS|Try|Usage:)"
ALL = [name_of(command) for _, group in COMMANDS for command in group]


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder without anything."""
    return Story(tmp_path)


def _leaves(command: Command, path: str = "relance") -> Iterator[tuple[str, Command]]:
    for name, inner in command.commands.items() if isinstance(command, Group) else ():
        yield f"{path} {name}", inner
        yield from _leaves(inner, f"{path} {name}")


PATHS = [path for path, _ in _leaves(get_command(program()))]


def test_overview(here: Story) -> None:
    """How it begins first, then each command in its group with one whole sentence; no line is too long or cut."""
    done = here.run("--help")

    assert (0, "") == (done.code, done.err)
    lines = done.out.splitlines()
    groups = [line.rstrip(" :\u00a0") for line in lines if line.endswith("\u00a0:")]
    assert ["Exemples", "Chaque jour", "Noter", "Répondre", "Regarder", "Installer", "Options"] == groups
    assert lines.index("Exemples\u00a0:") < lines.index("Chaque jour\u00a0:")
    shown = re.findall(r"^  ([a-z]+) +[A-ZÉ].*[.…]$", done.out, re.MULTILINE)
    assert shown == [*ALL]
    assert "relance init" in done.out.partition("Chaque jour")[0]
    assert [] == [line for line in lines if len(line) > WIDTH or line.endswith("...")]
    assert not re.search(ENGLISH, done.out)
    assert done == here.run("-h")


@pytest.mark.parametrize("path", PATHS)
def test_each_help(here: Story, path: str) -> None:
    """The usage, two examples, then the rest; in French, and nothing too long at 80 columns."""
    words = path.split()[1:]
    done = here.run(*words, "--help")
    lines = done.out.splitlines()

    assert (0, "") == (done.code, done.err)
    assert lines[0].startswith(f"Usage\u00a0: {path}")
    blank = lines.index("")
    assert lines[blank - 1].endswith("[OPTIONS]")
    assert ["Exemples\u00a0:", *(f"  {example}" for example in EXAMPLES[path]), ""] == lines[blank + 1 : blank + 5]
    assert [] == [line for line in lines if len(line) > WIDTH or line.endswith("...")]
    assert not re.search(ENGLISH, done.out)
    assert done == here.run(*words, "-h")


@pytest.mark.parametrize("example", [example for path in PATHS for example in EXAMPLES[path]])
def test_each_example_is_understood(example: str) -> None:
    """Every example is a command with arguments and options that it takes."""
    name, *words = shlex.split(example.partition(" > ")[0].partition(" >> ")[0])
    assert name == "relance"
    command: Command = get_command(program(words))
    context = Context(command, info_name="relance")
    while isinstance(command, Group):
        first, *words = words
        command = command.commands[first]
    with command.make_context(command.name, words, parent=context):
        pass


WITH_JOURNAL = ("release", "undo", "approve", "resolve", "allocate", "confirm", "erase")
"""Their examples answer what has to be there first."""
RUN = [
    example
    for path in PATHS
    if path.split()[1] not in (*WITH_JOURNAL, "init", "completion", "schedule")  # told in stories of their own
    for example in EXAMPLES[path]
    if " -o " not in example and " --open" not in example and "mes-" not in example
]


@pytest.mark.parametrize("example", RUN)
def test_examples_run_on_the_example_dossier(tmp_path: Path, example: str) -> None:
    """What the help shows does something where the examples lie; 2 would say that nothing was done."""
    shutil.copytree(ROOT / "examples", tmp_path / "dossier")
    words = shlex.split(example)[1:]
    story = Story(tmp_path / "dossier")
    if words[0] == "pay":  # its journal begins before the payment
        story.run("send", "--today", "2026-11-20", "--yes")
    if words[0] in ("letter", "templates", "repair", "review"):
        pytest.skip("told in their own stories: a PDF, a folder, a journal that is lost, a terminal")
    dated = [] if words[0] in ("charges", "help", "completion") else ["--today", "2026-11-20"]
    if words[0] in ("plan", "check") and "factures.csv" in words:
        dated += ["--config", "relance.toml"]

    done = story.run(*words, *dated)

    assert done.code != 2, done.err


LOADED = """
import sys
from relance.__main__ import run
run(["charges", "--amount", "1200", "--due", "2026-05-31", "--today", "2026-11-20"])
print(*(name for name in sys.modules if name.startswith("relance.cli.")))
"""


@pytest.mark.slow
def test_a_command_imports_its_own_file_alone() -> None:
    """Starting is a good part of what a command takes: the options of the others are not built."""
    done = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60)
    loaded = {name.rpartition(".")[2] for name in done.stdout.splitlines()[-1].split()}

    files = {command.partition(".")[0] for _, group in COMMANDS for command in group}
    assert {"papers"} == loaded & files
    assert {"examples", "meant"}.isdisjoint(loaded)


def test_relance_alone_is_the_plan(here: Story) -> None:
    """Where settings are found, `relance` is `relance plan`, and its options are those of plan."""
    here.settings()
    here.write(row("F-1", "Lune SARL", "12/11/2026"))

    assert here.run("plan") == here.run()
    assert here.run("plan", "--today", MONDAY) == here.run("--today", MONDAY)
    assert here.run("plan", "--format", "json", "--today", MONDAY) == here.run("--format", "json", "--today", MONDAY)


def test_relance_alone_without_settings_is_the_help(here: Story) -> None:
    """It says to begin with `relance init`, and what is printed there works."""
    done = here.run()

    assert done == here.run("--help")
    assert BEGINNING[0][0] == "relance init"
    assert "--name et --email" in here.run(*BEGINNING[0][0].split()[1:]).err  # nobody to ask: it says what it needs


def test_relance_alone_with_settings_that_cannot_be_used(here: Story) -> None:
    """They are said to be wrong: nobody who has settings is shown how to begin."""
    (here.folder / "relance.toml").write_text("[sender\n", encoding="utf-8")
    broken = here.run()
    named = here.run(RELANCE_CONFIG="absent.toml")

    assert (2, "") == (broken.code, broken.out)
    assert "ligne 1" in broken.err
    assert (2, "") == (named.code, named.out)
    assert "absent.toml" in named.err
