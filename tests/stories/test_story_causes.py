"""What a call learnt: a dispute stops everything, a lack of cash is reviewed; one record for one letter."""

import re
import shlex
from pathlib import Path

import pytest
from story_support import Story, row, story

DAY = "2026-12-07"
"""Thirty-two days after the due date: the notice waits for the user's word."""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """Two invoices of one customer whose firm mail left long ago."""
    made = story(tmp_path)
    made.write(row("F-1", "Alpha SARL", "05/11/2026"), row("F-2", "Alpha SARL", "05/11/2026"))
    made.settings(rest='[delivery]\ntransport = "folder"\n')
    made.run("send", today="2026-11-01")
    made.run("confirm", "rate", today="2026-11-01")
    for number in ("F-1", "F-2"):
        made.run("record", number, "--stage", "firm", "--channel", "email", today="2026-11-20")
    return made


def call(here: Story, cause: str, day: str = "2026-11-27") -> str:
    """What is said where a call about F-1 learnt this."""
    done = here.run("record", "F-1", "--stage", "firm", "--channel", "call", "--cause", cause, today=day)
    assert 0 == done.code
    return done.out


def test_a_noted_dispute_stops_by_itself(here: Story) -> None:
    """Thirty days, then it is to be reviewed; what ends it is typed as printed."""
    said = call(here, "dispute")
    assert "à revoir le 27/12/2026" in said
    assert ("hold", "disputed") == tuple(here.line("F-1", DAY)[name] for name in ("decision", "reason"))
    assert "awaiting_approval" == here.line("F-2", DAY)["reason"]
    tasks = here.plan("2026-12-28")["tasks"]
    assert ["review"] == [task["kind"] for task in tasks if task["invoices"] == ["F-1"]]
    (printed,) = re.findall(r"relance (release .*)", said)
    assert 0 == here.run(*shlex.split(printed), today=DAY).code
    assert "awaiting_approval" == here.line("F-1", "2026-12-14")["reason"]


def test_a_lack_of_cash_opens_a_review(here: Story) -> None:
    """Its command notes the plan that was agreed."""
    assert "--reason plan" in call(here, "cash")
    found = [task for task in here.plan("2026-11-30")["tasks"] if task["invoices"] == ["F-1"]]
    (task,) = [task for task in found if task["kind"] == "review"]
    assert "trésorerie" in task["text"]
    assert 0 == here.run(*shlex.split(task["command"])[1:], today="2026-11-30").code
    assert "payment_plan" == here.line("F-1", DAY)["reason"]


def test_approve_tells_the_noted_cause(here: Story) -> None:
    """A notice may not be the answer to it."""
    call(here, "cash")
    assert "Cause notée le 27/11/2026\u00a0: trésorerie." in here.run("approve", "F-1", today=DAY).out
    assert "Cause notée" not in here.run("approve", "F-2", today=DAY).out


def test_one_record_for_one_letter(here: Story) -> None:
    """Its task names both invoices; posted and received are told once, and the ladder ends after it."""
    for number in ("F-1", "F-2"):
        here.run("record", number, "--stage", "formal_notice", "--channel", "email", today=DAY)
    (task,) = here.plan("2026-12-08")["tasks"]
    assert ("letter", ["F-1", "F-2"]) == (task["kind"], task["invoices"])
    posted = [*shlex.split(task["command"])[1:], "--posted", "2026-12-08", "--tracking", "1A 002"]
    assert here.run(*posted, today="2026-12-08").out.startswith("F-1, F-2")
    assert [] == here.plan("2026-12-08")["tasks"]
    received = [*shlex.split(task["command"])[1:], "--received", "2026-12-10"]
    assert here.run(*received, today="2026-12-11").out.startswith("F-1, F-2")
    for number in ("F-1", "F-2"):
        assert "reçue le 10/12" in here.run("show", number, today="2026-12-11").out


@pytest.mark.slow
def test_the_call_sheet_closes_what_the_plan_asks_for(here: Story) -> None:
    """A key account: its calls are stages, and recording under another one would leave the task open."""
    rest = '[delivery]\ntransport = "folder"\n[[customers]]\nmatch = "Alpha SARL"\nprofile = "key"\n'
    here.settings(rest=rest)
    here.write(row("F-1", "Alpha SARL", "05/11/2026"))
    (task,) = here.plan(DAY)["tasks"]
    assert ("call", "formal_notice") == (task["kind"], task["stage"])
    sheet = here.run("show", "F-1", "--call", today=DAY).out
    (line,) = re.findall(r"relance (record F-1 .*--cause oversight)", sheet)
    assert 0 == here.run(*shlex.split(line), today=DAY).code
    assert [] == here.plan(DAY)["tasks"]
