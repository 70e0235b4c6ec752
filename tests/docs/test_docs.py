"""The pages say what is true: what they show is run, and nothing that a user can type is left out."""

import re
import shlex
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from click import ClickException, Command, Group, MissingParameter
from docs_support import (
    GUIDE,
    LEFT_OUT,
    PAGES,
    ROOT,
    SUBJECTS,
    Session,
    Shown,
    agrees,
    commands_page,
    filled_in,
    guide,
    page,
    setup_commands,
    shown_in,
)
from typer.main import get_command

from relance.cli.app import program
from relance.config.models import SettingsFile
from relance.config.rows import rows_of
from relance.config.sample import settings_table
from relance.core.reasons import Reason
from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE, UsageError

FRENCH = [name for name in PAGES if name != "README.md"]
SHOWING = [name for name in PAGES if shown_in(page(name))]
REFERENCE = ("commandes", "reglages")
"""Pages to look something up in, not to read through."""
ADDED = frozenset({"banque", "boite-mail", "rapport", "dossier", "factures-electroniques"})
"""Pages of what one adds once reminders leave: nobody needs them to begin."""
COLUMNS = "invoices.columns."
NAMES = [path for path, _, _ in rows_of(SettingsFile)]
_GROUP = get_command(program())
assert isinstance(_GROUP, Group)
COMMANDS = _GROUP.commands


def _codes(text: str) -> set[str]:
    """What stands in the first cell of each table row, between backticks."""
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


def _options(command: Command) -> set[str]:
    names = [name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)]
    inner = command.commands.values() if isinstance(command, Group) else ()
    return {name for name in names if name.startswith("--")}.union(*map(_options, inner))


@pytest.mark.parametrize("name", SHOWING)
def test_shown_commands(name: str, tmp_path: Path) -> None:
    """Every command of a page, run in the order of the page, prints what the page shows."""
    session = Session(tmp_path)
    for each in shown_in(page(name)):
        assert "imprévue" not in each.output, "a fault of the program was filled in"
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


def test_page_of_commands() -> None:
    """The page of commands is what the commands say: `python tests/support/docs_support.py` writes it again."""
    assert commands_page() == guide("commandes")


@pytest.mark.parametrize("command", COMMANDS)
def test_guide_names_options(command: str) -> None:
    """The sections of each command and of those under it, with the one on common options, name each of its options."""
    sections = re.split(r"^(?=##)", guide("commandes"), flags=re.MULTILINE)
    told = [section for section in sections if re.match(rf"### relance {command}\b", section)]
    common = [section for section in sections if section.startswith("## Options communes")]

    assert told
    assert [] == [option for option in _options(COMMANDS[command]) if f"`{option}" not in "".join(told + common)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_alone_is_the_same_as_among_all(command: str) -> None:
    """The program that is made for one command has its options, and those of all commands; a slip is told by all."""
    alone = get_command(program([command, "--help"]))

    assert isinstance(alone, Group)
    assert command in alone.commands
    assert (_options(COMMANDS[command]), _GROUP.help) == (_options(alone.commands[command]), alone.help)
    assert [each.name for each in _GROUP.params] == [each.name for each in alone.params]
    slip = get_command(program([command[:-1]]))
    assert isinstance(slip, Group)
    assert list(COMMANDS) == list(slip.commands)


def _typed(text: str) -> list[str]:
    """The commands that a page gives to type: in a line of their own or within a sentence."""
    lines = [re.split(r" {3,}", line)[0] for line in re.findall(r"^    (relance .*)$", text, re.MULTILINE)]
    return lines + [code for code in re.findall(r"`(relance [^`\n]+)`", text) if code.split()[1].islower()]


def _takes(command: Command, words: list[str]) -> None:
    """Reads the words as the program does, without doing anything: UsageError where it would not take them."""
    with command.make_context(words[0], words[1:]) as context:
        if isinstance(command, Group):
            name, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
            assert inner
            _takes(inner, [str(name), *rest])


@pytest.mark.parametrize("name", [name for name in FRENCH if "commandes" not in name])
def test_commands_to_type(name: str) -> None:
    """Each command of a page, option and value alike, is one that the program takes; an argument may be left out."""
    refused = {}
    for typed in _typed(page(name)):
        words = shlex.split(typed.partition(" >> ")[0])
        try:
            with suppress(MissingParameter):
                _takes(_GROUP, words)
        except (ClickException, UsageError) as error:
            refused[typed] = str(error)

    assert {} == refused


def test_guide_names_settings() -> None:
    """The guide's tables of settings are those that the settings print, in their order."""
    shown = re.findall(r"^\| `[a-z]+[.[].*", guide("reglages"), re.MULTILINE)

    assert settings_table().splitlines()[2:] == shown


def test_guide_names_columns() -> None:
    """The page of settings has a table row for each column that can be named, and for no other."""
    columns = {name.removeprefix(COLUMNS) for name in NAMES if name.startswith(COLUMNS)}

    assert columns == {code for code in _codes(guide("reglages")) if "." not in code}


def test_guide_names_reasons() -> None:
    """The guide has a table row for each reason, in the order in which they apply."""
    assert [reason.value for reason in Reason] == re.findall(r"^\| `([^`]+)`", guide("raisons"), re.MULTILINE)


def test_exit_codes() -> None:
    """The guide has a table row for each exit code; README.md has a sentence."""
    assert {str(code) for code in (EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE)} == _codes(guide("programmes"))
    for code in (EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE):
        assert re.search(rf"Exit codes: .*\b{code} ", page("README.md"))


def test_setup_commands() -> None:
    """README.md gives two set-up commands; a freelancer needs the first alone."""
    assert 2 == len(setup_commands(page("README.md")))
    assert setup_commands(page("README.md"))[:1] == setup_commands(page("README.fr.md"))


@pytest.mark.slow
def test_setup_commands_of_ci() -> None:
    """The line of .ci/run that looks for the set-up commands finds exactly these two in README.md."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.search(r"^mapfile .*< <\((.*)\)$", script, re.MULTILINE)

    assert found
    lines = subprocess.run(["bash", "-c", found[1]], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert setup_commands(page("README.md")) == lines.splitlines()


@pytest.mark.parametrize("name", FRENCH)
def test_typography(name: str) -> None:
    """A French page has no ordinary space where printing wants one that does not break, and no straight apostrophe."""
    prose = re.sub(r"`[^`]*`|\]\([^)]*\)", "", "\n".join(_prose(page(name))))

    assert [] == re.findall(r".{0,20}(?: [;:?!»]|« |«\n|\d [€%]|\w'\w).{0,20}", prose)


def _prose(text: str) -> list[str]:
    """The lines of a page that are neither fenced nor indented."""
    lines, fenced = [], False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if not fenced and not line.startswith(("    ", "```")):
            lines.append(line)
    return lines


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.casefold()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", [*PAGES, "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links(name: str) -> None:
    """Every link of a page to a file or a heading leads somewhere."""
    lost = []
    for target in re.findall(r"\]\(([^)]+)\)", page(name)):
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if path.startswith("https://"):
            continue
        if not file.exists() or (anchor and anchor not in _anchors(file.read_text(encoding="utf-8"))):
            lost.append(target)

    assert [] == lost


def test_contents() -> None:
    """The contents name every page of the guide once, and README.fr.md leads to the same in the same order."""
    listed = re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\) \|", guide("sommaire"), re.MULTILINE)
    led_to = re.findall(rf"\[([a-z-]+)\]\({GUIDE}/\1\.md\)", page("README.fr.md"))

    assert sorted({*SUBJECTS} - {"sommaire"}) == sorted(listed)
    assert listed == led_to


@pytest.mark.parametrize("subject", [subject for subject in SUBJECTS if subject not in REFERENCE])
def test_five_minutes(subject: str) -> None:
    """A page is read in five minutes: at most 1,100 words, without what a terminal shows."""
    words = " ".join(_prose(guide(subject))).replace("|", " ").split()

    assert len(words) <= 1100


def test_a_quarter_of_an_hour() -> None:
    """What one reads to begin has at most 6,000 words, shown outputs too (`wc -w`); a page of what is added 320."""
    words = {subject: len(guide(subject).split()) for subject in SUBJECTS if subject not in REFERENCE}
    added = {subject: words.pop(subject) for subject in ADDED & words.keys()}

    assert sum(words.values()) <= 6000, words
    assert all(count <= 320 for count in added.values()), added


def test_pages_that_are_pointed_to() -> None:
    """What the program, the pages and the checks say to read with `relance help` is a page or a command."""
    texts = [*(ROOT / "relance").rglob("*.py"), *(ROOT / name for name in PAGES), ROOT / ".ci" / "run"]
    named = {word for text in texts for word in re.findall(r"relance help ([a-z][a-z-]*)", text.read_text("utf-8"))}

    assert "premiers-pas" in named
    assert set() == named - {*SUBJECTS, *COMMANDS}


@pytest.mark.parametrize(("name", "most"), [("README.fr.md", 55), ("README.md", 60), ("CONTRIBUTING.md", 120)])
def test_short_pages(name: str, most: int) -> None:
    """The pages that one reads first stay short."""
    assert len(page(name).splitlines()) <= most


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
