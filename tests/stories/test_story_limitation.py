"""Prescription: said by plan, approve and letter while it is near; past it nothing leaves, and no letter is printed."""

from pathlib import Path

import pytest
from story_support import Story, row, story

NEAR = "Prescription le 1er décembre 2026\u00a0: une mise en demeure ne l’interrompt pas."
DAY = "2026-11-20"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An invoice of five years ago, all but its formal notice done."""
    made = story(tmp_path)
    made.write(row("F-1", "Alpha SARL", "31/12/2021", issued="01/12/2021"))
    made.settings(rest='[delivery]\ntransport = "folder"\n')
    made.run("confirm", "backlog", "--as-is", today=DAY)
    made.run("confirm", "rate", today=DAY)
    return made


def test_plan_and_approve_say_so(here: Story) -> None:
    """With the day and what to do before it."""
    assert NEAR in here.line("F-1", DAY)["because"]
    (task,) = here.plan(DAY)["tasks"]
    assert ("approve", True) == (task["kind"], NEAR in task["text"])
    assert NEAR in here.run("approve", "F-1", today=DAY).out


@pytest.mark.slow
def test_the_letter_says_so(here: Story) -> None:
    """Beside what else is to be looked at before it is posted."""
    assert NEAR in here.run("letter", "F-1", today=DAY).out


def test_past_it_nothing_leaves(here: Story) -> None:
    """Not even what was approved in time; a debt that is acknowledged is owed again."""
    after = "2026-12-02"
    here.run("approve", "F-1", today="2026-12-01")
    assert "time_barred" == here.line("F-1", after)["reason"]
    assert 0 == len(here.run("send", "--dry-run", "--format", "json", today=after).json["messages"])
    assert 2 == here.run("letter", "F-1", today=after).code
    assert 2 == here.run("approve", "F-1", today=after).code
    assert 0 == here.run("hold", "F-1", "--reason", "plan", today=after).code
    assert "payment_plan" == here.line("F-1", after)["reason"]
