"""The screens through a terminal of 80 by 24 and others: nothing broken, tasks last, cures that work."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
from story_support import Story, row, story

from relance.display.breaking import places
from relance.display.layout import PIPE

EXAMPLES = Path(__file__).parents[2] / "examples"
DAY = "2026-11-20"
LONG = "Société Générale de Fabrication et de Distribution de Matériels Divers et Variés"
COLOURS = re.compile(r"\x1b\[[\d;]*m")
DRAFTS = '[delivery]\ntransport = "folder"\n'


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """The examples of the program, saved the day before."""
    made = story(tmp_path)
    for name in ("factures.csv", "relance.toml"):
        shutil.copy(EXAMPLES / name, tmp_path)
    made.saved_on("2026-11-19")
    return made


def many(here: Story, number: str, name: str) -> None:
    """Sixty invoices of a name and a number like these, of every lateness."""
    here.write(
        *(
            row(
                number.format(i),
                f"{i} {name}"[:80],
                f"{1 + i % 28:02d}/{7 + i % 5:02d}/2026",
                f"{i + 1} 234,56",
                email=f"compta@client{i}.example",
            )
            for i in range(60)
        )
    )
    here.saved_on("2026-11-19")


def screen(here: Story, *args: str, columns: int = 80, **env: str) -> list[str]:
    """The lines of a command on a terminal, without their colours."""
    done = here.on_terminal(*args, "--today", DAY, COLUMNS=str(columns), **env)
    assert done.code in (0, 1), done.out
    return COLOURS.sub("", done.out).splitlines()


def fits(lines: list[str], columns: int) -> None:
    """No line is longer than the terminal, and no sum is parted from its euro."""
    assert [] == [line for line in lines if places(line) > columns and "/" not in line]  # a path is whole
    assert [] == [line for line in lines if line.lstrip().startswith("€") or line.endswith(("\u202f", "\u00a0"))]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    ("number", "name"),
    [("F-2026-{:03d}", "Conseil SARL"), ("F-2026-{:03d}", LONG), ("FACT-ENTREPRISE-2026-11-{:06d}-A", LONG)],
)
def test_sixty_invoices(here: Story, number: str, name: str, columns: int) -> None:
    """One line each at most, the tasks last, the last of them with its command just above the prompt."""
    many(here, number, name)
    assert 0 == here.run("confirm", "backlog", "--as-is", today=DAY).code
    lines = screen(here, "plan", columns=columns)
    fits(lines, columns)
    start, end = (next(i for i, x in enumerate(lines) if x.startswith(head)) for head in ("En attente", "Reste dû"))
    for i in range(60):
        assert 1 >= sum(number.format(i) in line for line in lines[start:end])
    heads = [line.partition(" (")[0] for line in lines if line and not line.startswith(" ")]
    assert ["À envoyer", "À faire"] == heads[-2:]
    whole = screen(here, "plan", "--all", columns=columns)
    fits(whole, columns)
    assert all(1 <= sum(number.format(i) in line for line in whole) for i in range(60))


@pytest.mark.slow
@pytest.mark.parametrize("columns", [80, 120])
def test_the_examples_fit(here: Story, columns: int) -> None:
    """plan, plan --all, check, check --verbose, show of an invoice and of a customer."""
    for answered in (False, True):
        if answered:
            assert 0 == here.run("confirm", "backlog", "--as-is", today=DAY).code
        for words in (
            ("plan",),
            ("plan", "--all"),
            ("check", "--offline"),
            ("check", "--offline", "--verbose"),
            ("show", "F-2026-036"),
            ("show", "Agence Pixel et Fils SAS"),
            ("charges", "--amount", "10000", "--due", "2026-05-01", "--rate", "ecb+10"),
        ):
            fits(screen(here, *words, columns=columns), columns)
    plan = screen(here, "plan", columns=columns)
    assert len(plan) <= 24 + 8
    assert plan[-1].startswith("  3  Boulangerie") or "→ " in "".join(plan[-3:])


@pytest.mark.slow
def test_colours_tell_weight_only(here: Story) -> None:
    """Off with NO_COLOR and on a dumb terminal; the words are the same."""
    coloured = here.on_terminal("plan", "--today", DAY).out
    assert "\x1b[31mJ+36\x1b[0m" in coloured
    assert "\x1b[1mÀ faire\x1b[0m" in coloured
    assert "→ \x1b[36mrelance send\x1b[0m" in coloured
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert COLOURS.sub("", coloured) == here.on_terminal("plan", "--today", DAY, **env).out


@pytest.mark.slow
def test_the_question_shows_what_leaves(here: Story) -> None:
    """Numbered, with address and sum; then one line each."""
    assert 0 == here.run("confirm", "backlog", "--as-is", today=DAY).code
    done = here.on_terminal("send", "--today", DAY, answer="o", NO_COLOR="1")
    lines = done.out.replace("\u00a0", " ").replace("\u202f", " ").splitlines()
    fits([line for line in lines if "[n]on" not in line and "\r" not in line and "dans " not in line], 80)
    start = lines.index("7 messages prêts, 1 à valider.")
    assert re.match(r"  1  ferme +Boulangerie L.* +rose@boulangerielune.example +1 400,00 €$", lines[start + 1])
    assert 7 == sum(bool(re.match(r"  \d  ", line)) for line in lines[start:])
    assert any("Mettre ces 7 messages dans vos brouillons ? [o]ui, [n]on, [v]oir un par un :" in line for line in lines)
    assert 7 == sum("  brouillon  " in line for line in lines)


@pytest.mark.parametrize(
    ("number", "name", "median"), [("F-2026-{:03d}", "Conseil SARL", 90), ("F-2026-{:03d}", LONG, 90)]
)
def test_a_page_has_lines_that_one_reads(here: Story, number: str, name: str, median: int) -> None:
    """Without a terminal: at most 140 characters, half of them at most 90; addresses and numbers whole."""
    many(here, number, name)
    assert 0 == here.run("confirm", "backlog", "--as-is", today=DAY).code
    lines = here.run("plan", today=DAY).out.splitlines()
    assert PIPE >= max(map(places, lines))
    assert median >= sorted(map(places, lines))[len(lines) // 2]
    sent = {each for r in here.plan(DAY)["reminders"] for each in (*r["to"], *r["invoices"])}
    assert [] == [each for each in sent if not any(each in line for line in lines)]


def printed(text: str) -> list[str]:
    """The commands that a screen prints, as they are typed."""
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    return list(dict.fromkeys(each.strip() for each in re.findall(r"→ relance ([^(→\n]+)", text)))


@pytest.mark.parametrize("answered", [False, True])
def test_every_command_of_the_screens_works_as_printed(here: Story, answered: bool, tmp_path: Path) -> None:
    """Typed as it stands, each on the same dossier: none is refused."""
    if answered:
        assert 0 == here.run("confirm", "backlog", "--as-is", today=DAY).code
        assert 0 == here.run("hold", "F-2026-047", "--reason", "dispute", today=DAY).code
    screens = [
        ("plan",),
        ("plan", "--all"),
        ("check", "--offline"),
        *(("show", n) for n in ("F-2026-036", "F-2026-047")),
    ]
    commands = [each for words in screens for each in printed(here.run(*words, today=DAY).out)]
    assert {"plan --all", "send", "confirm rate"} <= set(commands)
    kept = tmp_path / "before"
    shutil.copytree(here.folder, kept, ignore=shutil.ignore_patterns("before", "home"))
    for command in dict.fromkeys(commands):
        done = here.run(*shlex.split(command), today=DAY)
        assert done.code in (0, 1), (command, done.err)
        here.journal.unlink(missing_ok=True)
        for file in (file for file in here.folder.iterdir() if file.name.startswith("relance-journal")):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
        shutil.copytree(kept, here.folder, dirs_exist_ok=True)


def test_without_settings_the_commands_name_the_file(here: Story) -> None:
    """What needs no journal works as printed."""
    (here.folder / "relance.toml").unlink()
    shown = here.run("plan", "factures.csv", today=DAY).out
    for command in printed(shown):
        if command == "init":  # a conversation, with tests of its own
            continue
        done = here.run(*shlex.split(command), today=DAY)
        assert done.code in (0, 1), (command, done.err)
    assert {"plan factures.csv --all", "send factures.csv --dry-run"} < set(printed(shown))
