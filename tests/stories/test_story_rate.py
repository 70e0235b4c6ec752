"""The 14 %: asked once, said in one line where it matters, and claimed as the user answered (law.md 2 and 12)."""

import re
import shlex
from pathlib import Path

import pytest
from story_support import Story, row, story

DAY = "2026-11-20"
"""Fifteen days after the due date."""
ASKED = "Le taux de 14\u00a0% l’an figure-t-il dans vos CGV ou sur vos factures"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """One invoice of a business, friendly words said, a journal that knew it before it was late."""
    made = story(tmp_path)
    made.write(row("F-1", "Alpha SARL", "05/11/2026"))
    made.settings(rest='[delivery]\ntransport = "folder"\n')
    made.run("send", today="2026-11-01")
    made.run("record", "F-1", "--stage", "friendly", "--channel", "email", today="2026-11-10")
    return made


def rate_of(here: Story) -> str:
    """The rate at which `show` computes, as it prints it."""
    shown = here.run("show", "F-1", today=DAY).out
    return next(line.strip() for line in shown.splitlines() if line.strip().startswith("Pénalités"))


def test_plan_asks_and_both_answers_work_as_printed(here: Story) -> None:
    """The text names them; each is typed as it stands, and none is asked for any more."""
    (task,) = here.plan(DAY)["tasks"]
    assert ("confirm", "relance confirm rate") == (task["kind"], task["command"])
    assert ASKED in task["text"]
    yes, (no,) = task["command"], re.findall(r"→ (relance confirm [^(]*)", task["text"])
    assert "14\u00a0%" in rate_of(here)
    assert 0 == here.run(*shlex.split(no)[1:], today=DAY).code
    assert [] == here.plan(DAY)["tasks"]
    assert "majoré de 10 points" in rate_of(here)
    assert 0 == here.run(*shlex.split(yes)[1:], today=DAY).code
    assert [] == here.plan(DAY)["tasks"]
    assert "14\u00a0%" in rate_of(here)


def test_check_and_approve_say_so_in_one_line(here: Story) -> None:
    """Until it is answered; `check` tells the answer after it."""
    assert 1 == sum(ASKED in line for line in here.run("check", "--offline", today=DAY).out.splitlines())
    here.run("record", "F-1", "--stage", "firm", "--channel", "email", today=DAY)
    late = "2026-12-07"
    assert ASKED in here.run("approve", "F-1", today=late).out
    here.run("undo", "F-1", today=late)
    here.run("confirm", "rate", today=late)
    assert ASKED not in here.run("approve", "F-1", today=late).out
    assert "comme vous l’avez dit" in here.run("check", "--offline", "--verbose", today=late).out
    here.run("confirm", "rate", "--no", today=late)
    assert "c’est BCE + 10 points" in here.run("check", "--offline", today=late).out


def test_send_says_so_once(here: Story) -> None:
    """With the first message that names charges, and not again the next day."""
    assert 1 == here.run("send", today=DAY).out.count(ASKED)
    assert 0 == here.run("send", today="2026-11-23").out.count(ASKED)


@pytest.mark.slow
def test_who_is_asked_is_told_before_it_leaves_and_not_after(here: Story) -> None:
    """The rate stands above the question, once; it is known then, and no news the next day."""
    here.saved_on(DAY)
    asked = here.on_terminal("send", "--today", DAY, answer="o")

    assert (0, 1) == (asked.code, asked.out.count(ASKED))
    assert asked.out.index(ASKED) < asked.out.index("[o]ui") < asked.out.index("brouillons/new")
    assert 0 == here.run("send", today="2026-11-23").out.count(ASKED)


@pytest.mark.slow
def test_a_message_knows_what_was_confirmed(here: Story) -> None:
    """`rate_confirmed` in a template of the user's own."""
    assert 0 == here.run("templates", "copy").code
    firm = here.folder / "modeles" / "firm.txt.j2"
    added = "\n{{ rate_words }}{% if rate_confirmed %} comme convenu{% endif %}\n"
    firm.write_text(firm.read_text("utf-8") + added, "utf-8")
    with (here.folder / "relance.toml").open("a", encoding="utf-8") as file:
        file.write('[templates]\nfolder = "modeles"\n')
    shown = []
    for answer in ((), ("confirm", "rate"), ("confirm", "rate", "--no")):
        if answer:
            here.run(*answer, today=DAY)
        shown.append(here.run("preview", "F-1", "--stage", "firm", today=DAY).out)
    assert ["14\u00a0%" in text for text in shown] == [True, True, False]
    assert ["comme convenu" in text for text in shown] == [False, True, False]


def test_the_calculator_claims_what_the_plan_claims(here: Story) -> None:
    """Without a rate of its own; the file need not be there."""
    asked = ("charges", "--amount", "1200", "--due", "2026-11-05", "--as-of", DAY)
    here.run("confirm", "rate", "--no", today=DAY)
    here.invoices.unlink()
    assert "12,4\u00a0%" in here.run(*asked, today=DAY).out
    assert "12,4\u00a0%" not in here.run(*asked, "--rate", "14", today=DAY).out


def test_what_the_law_gives_is_not_confirmed(here: Story) -> None:
    """Nor does --no go with anything else."""
    here.settings(rest='[delivery]\ntransport = "folder"\n[charges]\nrate = "ecb+10"\n')
    assert [2, 2] == [here.run(*words, today=DAY).code for words in (("confirm", "rate"), ("confirm", "file", "--no"))]
    assert [] == here.plan(DAY)["tasks"]


def test_undo_takes_back_the_word_about_the_rate(here: Story) -> None:
    """« relance undo rate »: the last word alone, the question is asked again; then there is nothing to take back."""
    for answer in ((), ("--no",)):
        here.run("confirm", "rate", *answer, today=DAY)
    rates = []
    for told in ("au taux", "C’est annulé", "C’est annulé", "Rien n’a été dit du taux"):
        rates.append("12,4\u00a0%" in here.run("show", "F-1", today=DAY).out)
        done = here.run("undo", "rate", today=DAY) if len(rates) > 1 else None
        assert done is None or told in done.out + done.err
    assert [True, True, False, False] == rates
    assert ASKED in here.run("plan", today=DAY).out
    assert 2 == here.run("undo", "rate", today=DAY).code


def test_the_cure_of_undo_rate_is_typed_as_printed(here: Story) -> None:
    """It says the rate again."""
    cure = here.run("undo", "rate", today=DAY).err
    assert "« relance confirm rate »" in cure.replace("\u00a0", " ")
    assert 0 == here.run("confirm", "rate", today=DAY).code
    assert "C’est annulé" in here.run("undo", "rate", today=DAY).out
