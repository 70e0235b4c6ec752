"""The two READMEs say what is true: what they show is run, and nothing that a user can type is left out."""

import re
import subprocess
from pathlib import Path

import pytest
from click import Command, Group
from docs_support import LEFT_OUT, PAGES, ROOT, Session, Shown, agrees, filled_in, page, setup_commands, shown_in
from typer.main import get_command

from relance.cli.app import app
from relance.config import setting_names
from relance.core.reasons import Reason
from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE

GUIDE = page("README.fr.md")
COLUMNS = "invoices.columns."
_GROUP = get_command(app)
assert isinstance(_GROUP, Group)
COMMANDS = _GROUP.commands


def _section(heading: str) -> str:
    """The text under a heading of the guide, up to the next heading of its rank or above."""
    rank = heading.split(" ")[0]
    _, found, rest = GUIDE.partition(f"\n{heading}\n")
    assert found, f"README.fr.md has no heading {heading}"
    return re.split(rf"^#{{2,{len(rank)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def _codes(text: str) -> set[str]:
    """What stands in the first cell of each table row, between backticks."""
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


def _options(command: Command) -> set[str]:
    names = [name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)]
    inner = command.commands.values() if isinstance(command, Group) else ()
    return {name for name in names if name.startswith("--")}.union(*map(_options, inner))


def test_guide_names_commands_of_groups() -> None:
    """Each command under another one is shown in its section."""
    for name, group in COMMANDS.items():
        for inner in group.commands if isinstance(group, Group) else ():
            assert f"`relance {name} {inner}`" in _section(f"### relance {name}")


def _named(text: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]*", text))


@pytest.mark.parametrize("name", PAGES)
def test_shown_commands(name: str, tmp_path: Path) -> None:
    """Every command of a page, run in the order of the page, prints what the page shows."""
    session = Session(tmp_path)
    shown = shown_in(page(name))

    assert shown
    for each in shown:
        printed = session.run(each)
        if not agrees(each.output, printed):
            assert each.output.split("\n") == printed.split("\n"), f"{name}: {each.command}"


@pytest.mark.parametrize("name", PAGES)
def test_fixed_day(name: str) -> None:
    """Every command of a page says its day, so that it prints the same tomorrow."""
    assert [] == [each.command for each in shown_in(page(name)) if " --today " not in each.command]


def test_left_out_lines() -> None:
    """The mark for left-out lines stands for any number of them, and for nothing else."""
    assert agrees(f"a\n{LEFT_OUT}\nd", "a\nb\nc\nd")
    assert agrees(f"a\n{LEFT_OUT}", "a")
    assert not agrees(f"a\n{LEFT_OUT}\nd", "a\nb")
    assert not agrees("a.c", "abc")


def test_clock() -> None:
    """The hour of a message may differ, its day may not."""
    documented = "Date: Fri, 20 Nov 2026 10:00:00 +0100"

    assert agrees(documented, "Date: Fri, 20 Nov 2026 23:59:59 +0100")
    assert not agrees(documented, "Date: Sat, 21 Nov 2026 10:00:00 +0100")


def test_filling_in() -> None:
    """Outputs are replaced where they are wrong, and kept where lines are left out on purpose."""
    text = "before\n\n```console\n$ relance plan\nold\n$ relance show\na\n…\n```\n\nafter\n"

    def run(shown: Shown) -> str:
        return "new" if shown.command == "relance plan" else "a\nb"

    assert text.replace("old", "new") == filled_in(text, run)


def test_guide_names_commands() -> None:
    """The guide has a section for each command, and for no other."""
    assert set(COMMANDS) == set(re.findall(r"^### relance (\S+)$", GUIDE, re.MULTILINE))


@pytest.mark.parametrize("command", COMMANDS)
def test_guide_names_options(command: str) -> None:
    """The section of each command, with the one on common options, names each of its options."""
    common = _named(_section("### Options communes"))

    assert _options(COMMANDS[command]) - common == _named(_section(f"### relance {command}"))


def test_guide_names_common_options() -> None:
    """An option called common is one of several commands."""
    everywhere = [option for command in COMMANDS.values() for option in _options(command)]

    assert set() == {o for o in _named(_section("### Options communes")) if o != "--help" and everywhere.count(o) < 2}


def test_guide_names_settings() -> None:
    """The guide has a table row for each setting, and for no other."""
    settings = {name for name in setting_names() if not name.startswith(COLUMNS)}

    assert settings == _codes(_section("## Les réglages"))


def test_guide_names_columns() -> None:
    """The guide has a table row for each column that can be named, and for no other."""
    columns = {name.removeprefix(COLUMNS) for name in setting_names() if name.startswith(COLUMNS)}

    assert columns == _codes(_section("## Les fichiers lus"))


def test_guide_names_reasons() -> None:
    """The guide has a table row for each reason, in the order in which they apply."""
    section = _section("## Ce que relance ne fait pas partir, et pourquoi")

    assert [reason.value for reason in Reason] == re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)


def test_exit_codes() -> None:
    """The guide has a table row for each exit code; README.md has a sentence."""
    assert {str(code) for code in (EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE)} == _codes(
        _section("## Les codes de sortie")
    )
    for code in (EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE):
        assert re.search(rf"Exit codes: .*\b{code} ", page("README.md"))


def test_setup_commands() -> None:
    """Both pages give the same two set-up commands."""
    assert 2 == len(setup_commands(page("README.md")))
    assert setup_commands(page("README.md")) == setup_commands(GUIDE)


def test_setup_commands_of_ci() -> None:
    """The line of .ci/run that looks for the set-up commands finds exactly these two in README.md."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(r"^mapfile .*< <\((.*)\)$", script, re.MULTILINE)

    assert found
    lines = subprocess.run(["bash", "-c", found[1]], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert setup_commands(page("README.md")) == lines.splitlines()


def test_typography() -> None:
    """The guide has no ordinary space where French printing wants one that does not break."""
    lines, fenced = [], False
    for line in GUIDE.splitlines():
        fenced ^= line.startswith("```")
        if not fenced and not line.startswith("    "):
            lines.append(re.sub(r"`[^`]*`", "", line))

    prose = "\n".join(lines)
    assert [] == re.findall(r".{0,20}(?: [;:?!»]|« |«\n|\d [€%]).{0,20}", prose)


@pytest.mark.parametrize("name", PAGES)
def test_links(name: str) -> None:
    """Every link of a page to a file or a heading leads somewhere."""
    text = page(name)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.casefold()).replace(" ", "-") for heading in headings}
    files = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if not target.startswith("https://")]

    assert [] == [target for target in files if not (ROOT / target).exists()]
    assert set() == set(re.findall(r"\]\(#([^)]+)\)", text)) - anchors


def test_changelog() -> None:
    """The changelog has the headings of Keep a Changelog: versions under the title, kinds of change under them."""
    text = page("CHANGELOG.md")
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)

    assert text.startswith("# Changelog\n")
    assert "https://keepachangelog.com/" in text
    assert "[Unreleased]" == versions[0]
    assert [] == [v for v in versions[1:] if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", v)]
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= kinds
