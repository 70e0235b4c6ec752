"""What could not be read is said once a run, and the same thing again after seven days."""

import re
from pathlib import Path

import pytest
from story_support import MONDAY, Story, row

NEXT, WEEK = "2026-11-24", "2026-11-30"
UNPAID = row("F-1", "Alpha SARL", "12/12/2026")
OVERPAID = row("F-2", "Beta SARL", "12/11/2026", "700,00", paid="900,00")
NO_ADDRESS = row("F-3", "Gamma SARL", "12/11/2026", "80,00", email="nulle part", issued="12/10/2026")
NO_SUM = row("F-4", "Delta SARL", "12/11/2026", "abc")
NO_NUMBER = row("", "Eta SARL", "12/11/2026", "abc")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder whose drafts go into another one, and whose journal began before anything was due."""
    story = Story(tmp_path)
    story.settings(rest='[delivery]\ntransport = "folder"\n')
    story.write(UNPAID)
    assert 0 == story.run("send", today="2026-11-02").code
    return story


COMMANDS = (["plan"], ["send", "--dry-run"], ["send", "--format", "table"], ["check", "--offline"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_problem_once_a_run(here: Story, command: list[str]) -> None:
    """A payment too high, an address that is none and is asked for by a task, a sum: none is said twice."""
    here.write(UNPAID, OVERPAID, NO_ADDRESS, NO_SUM)
    said = re.sub(r"\n {3,}", " ", here.run(*command, today=MONDAY).out)  # a long path breaks its line

    assert [1, 1] == [said.count(problem) for problem in ("900,00\u00a0€ sur 700,00\u00a0€", "nulle part\u00a0»")]
    assert 1 == sum("abc" in line for line in said.splitlines())


def test_two_rows_with_the_same_problem_are_two(here: Story) -> None:
    """Each is named, on the first day and when the week is over."""
    here.write(UNPAID, NO_NUMBER, row("", "Theta SARL", "12/11/2026", "abc"))
    for day in (MONDAY, WEEK):
        said = here.run("send", today=day).out
        assert ["ligne 3", "ligne 4"] == sorted({f"ligne {n}" for n in range(9) if f"ligne {n}" in said})


def test_a_row_that_moves_is_no_news(here: Story) -> None:
    """An invoice written above it changes the line, not what is wrong; a new fault is said at once, alone."""
    here.write(NO_SUM)
    assert "abc" in here.run("send", today=MONDAY).out
    here.write(row("F-9", "Zeta SARL", "12/12/2026"), NO_SUM)
    assert (0, "") == (lambda done: (done.code, done.out))(here.run("send", today=NEXT))
    here.write(row("F-9", "Zeta SARL", "12/12/2026"), NO_SUM, OVERPAID)
    done = here.run("send", today="2026-11-25")
    assert (1, 1) == (done.code, len(done.out.splitlines()))
    assert "900,00\u00a0€ sur 700,00\u00a0€" in done.out


def test_told_again_after_seven_days_in_one_line(here: Story) -> None:
    """One line for each, with its cure; the address with its task."""
    here.write(UNPAID, OVERPAID, NO_ADDRESS, NO_SUM)
    first = here.run("send", today=MONDAY).out.splitlines()
    assert [] == here.run("send", today="2026-11-29").out.splitlines()
    again = here.run("send", today=WEEK).out.splitlines()

    for part in ("900,00", "abc", "nulle part"):
        (line,) = [line for line in again if part in line]
        assert line in first
    assert "frais de retard payés, ou erreur" in "".join(again)


def test_a_few_more_without_their_pdf_are_no_news(here: Story) -> None:
    """That invoices have no PDF is one thing."""
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    settings = here.folder / "relance.toml"
    told = settings.read_text(encoding="utf-8").replace("[invoices]", '[invoices]\npdf = "pdf/{number}.pdf"')
    settings.write_text(told, encoding="utf-8")
    here.write(UNPAID)
    assert "F-1" in here.run("send", today=MONDAY).out
    here.write(UNPAID, row("F-2", "Beta SARL", "12/12/2026"))
    assert "" == here.run("send", today=NEXT).out
    assert "F-1 et F-2" in here.run("send", today=WEEK).out
