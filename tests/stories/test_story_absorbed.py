"""A payment told by hand that the file shows by now: said until a run has told it, and never again."""

from dataclasses import replace
from pathlib import Path

import pytest
from story_support import MONDAY, Story, row, story

pytestmark = pytest.mark.slow

DAY, LATER = "2026-11-25", "2026-12-09"
OPEN = row("F-1", "Alpha SARL", "20/11/2026")
SAID = "notés par « relance pay » sont désormais dans le fichier"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """400 EUR told by hand on Monday, which the file has taken over since."""
    here = story(tmp_path)
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    here.write(OPEN)
    assert 0 == here.run("send", today=MONDAY).code
    assert 0 == here.run("pay", "F-1", "--amount", "400", today=MONDAY).code
    assert "" == said(here, "plan", today=MONDAY)
    here.write(replace(OPEN, paid="400,00", paid_on="23/11/2026"))
    return here


def said(here: Story, *args: str, today: str) -> str:
    """The line of a command that speaks of the payment, with plain spaces; empty where none does."""
    done = here.run(*args, today=today)
    assert done.code in (0, 1), done.err
    lines = done.out.replace("\u00a0", " ").replace("\u202f", " ").splitlines()
    return next((line.strip() for line in lines if SAID in line), "")


def test_it_is_said_until_a_run_has_told_it(here: Story) -> None:
    """By plans and simulations, which note nothing, then by one run; not again after seven days either."""
    for _ in range(2):
        assert f"F-1 : 400,00 € {SAID}" == said(here, "plan", today=DAY)
        assert SAID in here.line("F-1", DAY)["because"].replace("\u00a0", " ")
        assert said(here, "send", "--dry-run", today=DAY)
    assert f"F-1 (Alpha SARL) : 400,00 € {SAID}" == said(here, "send", today=DAY)
    for today in (DAY, "2026-11-26", LATER):
        here.saved_on(today)
        assert ["", ""] == [said(here, command, today=today) for command in ("plan", "send")]
        assert SAID not in here.line("F-1", today)["because"].replace("\u00a0", " ")


def test_a_run_about_other_invoices_does_not_tell_it(here: Story) -> None:
    """It stays news; so does it to a day before the run that told it."""
    here.write(replace(OPEN, paid="400,00", paid_on="23/11/2026"), row("F-2", "Bêta SAS", "20/11/2026"))
    assert "" == said(here, "send", "--only", "F-2", today="2026-11-26")
    assert said(here, "plan", today="2026-11-26")
    assert said(here, "send", "--only", "F-1", today="2026-11-26")
    assert "" == said(here, "plan", today="2026-11-26")
    assert said(here, "plan", today=DAY)


def test_a_larger_sum_is_news(here: Story) -> None:
    """A second payment that comes into the file is told as the first was, with what both make."""
    assert said(here, "send", today=DAY)
    assert 0 == here.run("pay", "F-1", "--amount", "300", today="2026-11-26").code
    assert "" == said(here, "plan", today="2026-11-26")
    here.write(replace(OPEN, paid="700,00", paid_on="26/11/2026"))
    assert f"F-1 : 700,00 € {SAID}" == said(here, "plan", today="2026-11-26")
    assert said(here, "send", today="2026-11-26")
    assert "" == said(here, "plan", today="2026-11-26")
