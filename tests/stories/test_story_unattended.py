"""`send --unattended`, which a schedule runs: the journal knows when it last did, and where it stopped one is told."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from mail_support import smtp_server
from story_support import Story, row, story

from relance.core.calendar import WorkCalendar
from relance.core.history import Run
from relance.display.schedule import last_run_line

DRAFTS = '[delivery]\ntransport = "folder"\n[policy]\n'
THURSDAY, FRIDAY, MONDAY, TUESDAY = "2026-11-19", "2026-11-20", "2026-11-23", "2026-11-24"
WEDNESDAY, NEXT_FRIDAY = "2026-11-25", "2026-11-27"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder whose messages become drafts; F-7 was late before relance came, and waits for a word."""
    at = story(tmp_path)
    at.write(row("F-7", "Scierie Hêtre SARL", "02/11/2026"), row("F-8", "Verrerie Ambre SAS", "19/11/2026"))
    at.settings(rest=DRAFTS)
    return at


def runs(at: Story) -> list[tuple[str, int | None, str]]:
    """Each row of the journal: its day, exit code and counts."""
    with closing(sqlite3.connect(at.journal)) as db:
        return db.execute("SELECT on_date, code, counts FROM runs ORDER BY id").fetchall()


def test_it_is_noted_and_the_plan_says_when(here: Story) -> None:
    """Today, the next day by its name, the next week by its date; a day before it knows nothing of it."""
    assert here.plan(THURSDAY)["last_run"] is None
    here.run("send", "--unattended", today=THURSDAY)
    assert {"on": THURSDAY, "unattended": True, "days_ago": 0} == here.plan(THURSDAY)["last_run"]
    assert {"on": THURSDAY, "unattended": True, "days_ago": 4} == here.plan(MONDAY)["last_run"]
    assert here.plan("2026-11-18")["last_run"] is None
    second = here.run("plan", today=FRIDAY).out.splitlines()[1]
    assert second.startswith("Dernier passage automatique\u00a0: jeudi à ")
    assert (
        here.run("plan", today=THURSDAY)
        .out.splitlines()[1]
        .startswith("Dernier passage automatique\u00a0: aujourd’hui à ")
    )


def test_a_run_by_hand_is_no_run_of_the_schedule(here: Story) -> None:
    """Nor is one of cron that does not say so; what never ran is not missed."""
    here.run("send", today=THURSDAY)
    here.run("send", "--yes", "--quiet", today=FRIDAY)
    assert here.plan(NEXT_FRIDAY)["last_run"] is None
    assert "Dernier passage" not in here.run("plan", today=NEXT_FRIDAY).out


def test_its_row_tells_what_it_did(here: Story) -> None:
    """A draft; then nothing; then a file that is gone."""
    here.run("send", "--unattended", today=THURSDAY)
    here.run("send", "--unattended", today=TUESDAY)
    here.invoices.rename(here.folder / "ailleurs.csv")
    assert 2 == here.run("send", "--unattended", today=WEDNESDAY).code
    found = runs(here)
    assert [THURSDAY, TUESDAY, WEDNESDAY] == [on for on, _, _ in found]
    assert 2 == found[2][1]
    assert '"drafted": 1' in found[1][2]
    here.folder.joinpath("ailleurs.csv").rename(here.invoices)
    assert "arrêté par une erreur" in here.run("plan", today=WEDNESDAY).out.splitlines()[1]


@pytest.mark.slow
def test_it_asks_nothing_on_a_terminal(tmp_path: Path) -> None:
    """Someone who types it sees what cron would see, and nothing waits for an answer."""
    at = story(tmp_path)
    at.write(row("F-9", "Rotin Clair SARL", "19/11/2026"))
    with smtp_server() as box:
        at.settings(box.port, rest="[policy]\n")
        at.run("send", "--unattended", today=FRIDAY)
        at.saved_on(TUESDAY)
        done = at.on_terminal("send", "--unattended", "--today", TUESDAY)
    assert (0, "") == (done.code, done.out)
    assert 1 == len(box.received)


@pytest.mark.slow
def test_every_command_on_a_terminal_says_that_it_stopped(here: Story) -> None:
    """On top, once; the plan on its second line; with no terminal, and while it runs, nothing."""
    here.run("send", "--unattended", today=THURSDAY)
    for day, said in ((TUESDAY, 0), (WEDNESDAY, 1)):
        here.saved_on(day)
        shown = here.on_terminal("show", "F-8", "--today", day).out
        assert said == shown.count("plus rien depuis → relance help quotidien"), day
        planned = here.on_terminal("plan", "--today", day).out
        assert 1 == planned.count("Dernier passage automatique"), day
        assert said == planned.count("plus rien depuis"), day
        assert "À faire" in planned
    assert shown.startswith("Dernier passage automatique")
    assert "Dernier passage" not in here.run("show", "F-8", today=WEDNESDAY).out
    assert 0 == here.run("help", "quotidien").code


def test_settings_that_cannot_be_read_are_said_once(here: Story) -> None:
    """Where the line on top cannot be told, the command says why, and no row is written."""
    here.run("send", "--unattended", today=THURSDAY)
    toml = here.folder / "relance.toml"
    toml.write_text(toml.read_text("utf-8") + "\nfaux", "utf-8")
    done = here.run("send", "--unattended", today=FRIDAY)
    assert (2, 1) == (done.code, done.err.count("relance.toml"))
    assert [THURSDAY] == [on for on, _, _ in runs(here)]


def test_three_working_days_are_no_absence() -> None:
    """Nor are a weekend, a holiday or one's own closed week; the fourth working day is."""
    began = datetime.fromisoformat("2026-12-18T08:30:00+01:00")
    run, closed = Run(on=began.date(), began=began, ended=began, code=0), WorkCalendar()

    def late(days: int, calendar: WorkCalendar) -> bool:
        return "plus rien depuis" in last_run_line(run, began.date() + timedelta(days=days), calendar)

    assert [False, True] == [late(days, closed) for days in (5, 6)]  # Friday; Wednesday, Thursday
    away = WorkCalendar(closed=((began.date() + timedelta(days=1), began.date() + timedelta(days=16)),))
    assert [False, True] == [late(days, away) for days in (19, 20)]
    assert "vendredi à 8\u00a0h\u00a030" in last_run_line(run, began.date() + timedelta(days=3), closed)
    assert "le 18 décembre à 8\u00a0h\u00a030" in last_run_line(run, began.date() + timedelta(days=7), closed)
    assert last_run_line(run._replace(ended=None), began.date(), closed).endswith("interrompu")


def test_a_journal_of_before_is_brought_to_it(here: Story) -> None:
    """The journal of yesterday's version has no runs: read as none, then written; what it knew stays."""
    here.run("send", today=THURSDAY)
    with closing(sqlite3.connect(here.journal)) as db:
        db.execute("DROP TABLE runs")
        db.execute("UPDATE migrations SET name = '0.1.0 addresses'")
        db.commit()
    before = here.journal.read_bytes()
    assert here.plan(THURSDAY)["last_run"] is None
    assert before == here.journal.read_bytes()
    here.run("send", "--unattended", today=FRIDAY)
    assert FRIDAY == here.plan(FRIDAY)["last_run"]["on"]
    assert [FRIDAY] == [on for on, _, _ in runs(here)]
