"""A run of a day before the last one, of a closed day, or behind the journal: every command says the same of it."""

from pathlib import Path

import pytest
from story_support import MONDAY, Story, row, story

DRAFTS = '[delivery]\ntransport = "folder"\nfolder = "brouillons"\n'
FRIENDLY = "2026-11-25"
LATER = "2026-12-07"
BETA = row("F-2", "Beta SAS", "20/12/2026")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder whose messages are drafts."""
    here = story(tmp_path)
    here.settings(rest=DRAFTS)
    return here


def test_an_earlier_day_knows_nothing_of_what_a_later_run_saw(here: Story) -> None:
    """`send` of that day asks nothing that `confirm` refuses, and the later run's question is not lost by it."""
    alpha = row("F-1", "Alpha SARL", "20/11/2026")
    here.write(alpha, BETA)
    assert 0 == here.run("send", today=MONDAY).code
    here.write(BETA)
    assert "F-1 n’est plus dans le fichier" in here.run("send", today=LATER).out.replace("\u00a0", " ")
    here.write(alpha, BETA)
    planned = here.line("F-1", FRIENDLY)["reason"]
    done = here.run("send", today=FRIENDLY)
    assert ("due", 0, False) == (planned, done.code, "relance confirm" in done.out)
    assert ["F-1"] == [key for key in ("F-1", "F-2") if "brouillon" in done.out and key in done.out]
    assert 0 == here.run("resolve", "F-1", "--not-sent", today=FRIENDLY).code
    assert "changed" == here.line("F-1", LATER)["reason"]
    assert 0 == here.run("confirm", "F-1", today=LATER).code


def test_a_day_behind_the_journal_says_why_nothing_leaves(here: Story) -> None:
    """Once, whatever was told before and however many invoices wait for it: the day that was given, not the clock."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"), row("F-3", "Gamma SA", "20/11/2026"), BETA)
    assert 0 == here.run("send", today=MONDAY).code
    assert 0 == here.run("pay", "F-2", "--amount", "10", today="2026-11-27").code
    for _ in range(2):
        done = here.run("send", "--verbose", today=FRIENDLY)
        assert "Rien à envoyer aujourd’hui." in done.out
        told = done.out.replace("\u00a0", " ")
        assert 1 == told.count(
            "le jour donné (--today) est en retard sur le journal (dernier noté le 27 novembre 2026)"
        )
        assert "horloge" not in told


def test_a_file_is_confirmed_on_a_closed_day(here: Story) -> None:
    """Asked for on Friday, answered on Saturday; a file that nobody doubts is still refused."""
    here.kept = False
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    here.saved_on("2026-11-05")
    assert 0 == here.run("send", today=MONDAY).code
    asked = here.run("send", today="2026-11-27")
    assert (1, True) == (asked.code, "relance confirm file" in asked.out)
    assert 0 == here.run("confirm", "file", today="2026-11-28").code
    assert 2 == here.run("confirm", "file", today="2026-11-28").code
    assert ["friendly"] == [each["stage"] for each in here.plan("2026-11-30")["reminders"]]
