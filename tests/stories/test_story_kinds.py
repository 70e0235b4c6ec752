"""Who the customers are: `check` counts them and says why, the plan asks once, and what it prints answers."""

import re
from pathlib import Path

import pytest
from story_support import MONDAY, Story, row, story

SPACES = str.maketrans("\u00a0\u202f", "  ")
LATE = "05/11/2026"
"""J+18: firm."""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder whose invoices were late before relance came."""
    found = story(tmp_path)
    found.write(
        row("F-1", "Alpha SARL", LATE),
        row("F-2", "Mme Petit", LATE, email="petit@petit.example"),
        row("F-3", 'Studio "Bleu"', LATE, email="studio@bleu.example"),
        row("F-4", "Mairie de Valmont", LATE),
        row("F-5", "Zed", "20/11/2026"),
    )
    return found


def plan(here: Story, *args: str) -> str:
    """The plan of the day, its spaces plain."""
    return here.run("plan", *args, today=MONDAY).out.translate(SPACES)


def charged(here: Story) -> list[bool]:
    """Whether the message about each of the first four invoices names charges."""
    out = here.run("send", "factures.csv", "--dry-run", today=MONDAY).out.translate(SPACES)
    messages = {number: text for text in out.split("─── ")[1:] for number in re.findall(r"F-\d", text)[:1]}
    return ["40,00 €" in messages[f"F-{n}"] for n in range(1, 5)]


def test_check_tells_the_kinds(here: Story) -> None:
    """How many of each, and what shows it; whom nothing tells is named, with what answers."""
    out = here.run("check", "factures.csv", today=MONDAY).out.translate(SPACES)
    assert re.search("Clients +1 entreprise, 1 organisme public, 3 à préciser +à voir\n", out)
    assert "sociale" not in out
    shown = here.run("check", "factures.csv", "--verbose", today=MONDAY).out.translate(SPACES)
    assert "  1 entreprise : forme sociale\n  1 organisme public : nom\n" in shown
    assert 'à préciser : Mme Petit (particulier ?), Studio "Bleu" et Zed → default_kind = "business"' in out
    assert 'kind = "consumer" et match = "Mme Petit" sous [[customers]]' in " ".join(out.split())


def test_check_shows_the_answers(here: Story) -> None:
    """What is given, and what the default makes of the others."""
    here.settings(rest='[policy]\ndefault_kind = "business"\n[[customers]]\nmatch = "Mme Petit"\nkind = "consumer"\n')
    out = here.run("check", "--offline", "--verbose", today=MONDAY).out.translate(SPACES)
    assert re.search("Clients +3 entreprises, 1 organisme public, 1 particulier +ok\n", out)
    assert "  3 entreprises : forme sociale, par défaut\n" in out
    assert "  1 particulier : indiqué\n" in out
    assert "à préciser" not in out


def test_the_plan_asks_once(here: Story) -> None:
    """One line for all whose next message would name charges; none of those messages does."""
    [line] = [line for line in plan(here, "factures.csv").splitlines() if "entreprise ou particulier" in line]
    assert line[5:].startswith('Mme Petit (particulier ?) et Studio "Bleu" : entreprise ou particulier ?')
    assert [True, False, False, False] == charged(here), "a public body is asked for the principal alone"
    tasks = here.run("plan", "factures.csv", "--format", "json", today=MONDAY).json["tasks"]
    assert [("review", "", ["F-2", "F-3"], "")] == [
        (task["kind"], task["customer"], task["invoices"], task["command"]) for task in tasks
    ]


def typed(here: Story, name: str) -> str:
    """A setting as the plan prints it."""
    found = re.search(rf'\b{name} = "(?:[^"\\]|\\.)*"', plan(here, "factures.csv"))
    assert found is not None
    return found[0]


def test_what_it_prints_for_all(here: Story) -> None:
    """Typed under [policy], it ends the question: their messages name charges."""
    here.settings(rest=f"[policy]\n{typed(here, 'default_kind')}\n")
    assert "entreprise ou particulier" not in plan(here)
    here.run("confirm", "backlog", "--as-is", today=MONDAY)
    assert [True, True, True, False] == charged(here), "a public body is asked for the principal alone"


def test_what_it_prints_for_one(here: Story) -> None:
    """Typed under [[customers]], it tells the likeliest person; the others are still asked about, then the next one."""
    lines = f"[[customers]]\n{typed(here, 'kind')}\n{typed(here, 'match')}\n"
    assert 'match = "Mme Petit"' in lines
    here.settings(rest=lines)
    here.run("confirm", "backlog", "--as-is", today=MONDAY)
    assert 'Studio "Bleu" : entreprise ou particulier' in plan(here)
    lines += f"[[customers]]\n{typed(here, 'kind')}\n{typed(here, 'match')}\n"
    here.settings(rest=lines)
    assert "entreprise ou particulier" not in plan(here)
    assert [True, False, False, False] == charged(here), "a public body is asked for the principal alone"


def test_days_ahead_do_not_repeat_it(here: Story) -> None:
    """It stands in the plan of the first day on which there is one."""
    here.settings()
    here.run("confirm", "backlog", "--gently", today=MONDAY)
    out = plan(here, "--days", "25")
    assert 1 == out.count("entreprise ou particulier")
