"""`send --unattended`, which a schedule runs: the journal knows when it last did, and where it stopped one is told."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from imap_support import imap_server
from mail_support import CANARY, USER, smtp_server
from older import make_older
from story_support import PASSWORD_VARIABLE, Story, row, story

from relance.core.calendar import WorkCalendar
from relance.core.history import Run
from relance.display.schedule import last_run_line
from relance.journal import open_journal

DRAFTS = '[delivery]\ntransport = "folder"\n[policy]\nhours = "00:00-24:00"\n'
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
        at.settings(box.port, rest='[policy]\nhours = "00:00-24:00"\n')
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
        assert said == shown.replace("\n  ", " ").count("plus rien depuis → relance schedule status"), day
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
        make_older(db, "0.1.0 addresses")
    before = here.journal.read_bytes()
    assert here.plan(THURSDAY)["last_run"] is None
    assert before == here.journal.read_bytes()
    here.run("send", "--unattended", today=FRIDAY)
    assert FRIDAY == here.plan(FRIDAY)["last_run"]["on"]
    assert [FRIDAY] == [on for on, _, _ in runs(here)]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the clock of this machine, as the stories ask it and as the journal stamps what it notes."""

    def stands(moment: str) -> None:
        now = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Paris"))
        monkeypatch.setattr("relance.runs.dossier.machine_time", lambda _settings: now)
        monkeypatch.setattr(open_journal, "__kwdefaults__", {"now": lambda: now})

    return stands


def drafts(at: Story) -> int:
    """How many messages were written."""
    folder = at.folder / "brouillons" / "new"
    return len(list(folder.iterdir())) if folder.exists() else 0


def test_it_sends_in_office_hours(here: Story, clock: Callable[[str], None]) -> None:
    """Before eight and on a Friday evening nothing leaves; by hand it does, and the plan of the hour says the same."""
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    clock("2026-11-19T09:10:00")
    here.run("send", "--unattended", today=THURSDAY)
    clock("2026-11-27T17:10:00")
    assert (0, "", "") == (here.run("send", "--unattended", today=NEXT_FRIDAY).code, "", "")
    clock("2026-11-30T07:40:00")
    here.run("send", "--unattended", today="2026-11-30")
    assert 0 == drafts(here)
    clock("2026-11-30T08:40:00")
    here.run("send", "--unattended", today="2026-11-30")
    assert 1 == drafts(here)


def test_by_hand_hours_hold_where_they_are_set(here: Story, clock: Callable[[str], None]) -> None:
    """A run outside of them says so, in the plan and in what it prints."""
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    clock("2026-11-19T09:10:00")
    here.run("send", today=THURSDAY)
    clock("2026-11-24T20:15:00")
    assert "due" == here.line("F-8", TUESDAY)["reason"]
    here.settings(rest='[delivery]\ntransport = "folder"\n[policy]\nhours = "9:30-17:00"\n')
    line = here.line("F-8", TUESDAY)
    assert ("outside_hours", "2026-11-25") == (line["reason"], line["next_date"])
    assert "au plus tôt le 25 novembre à 9\u00a0h\u00a030" in here.run("send", "--verbose", today=TUESDAY).out
    assert 0 == drafts(here)
    clock("2026-11-25T09:30:00")
    here.run("send", today=WEDNESDAY)
    assert 1 == drafts(here)


def test_the_phone_ladder_is_a_setting(here: Story) -> None:
    """The task of the call names the command that records it; typed as printed, it is done, and the mail follows."""
    here.write(row("F-8", "Verrerie Ambre SAS", "19/11/2026"))
    here.settings(rest=DRAFTS + 'schedule = "phone"\n')
    here.run("send", today=THURSDAY)
    here.run("record", "F-8", "--stage", "friendly", "--channel", "email", today=TUESDAY)
    (task,) = [task for task in here.plan("2026-12-04")["tasks"] if task["kind"] == "call"]
    assert ("firm", ["F-8"]) == (task["stage"], task["invoices"])
    command = task["command"].split()
    assert ["relance", "record", "F-8", "--stage", "firm", "--channel", "call"] == command
    assert 0 == here.run(*command[1:], today="2026-12-04").code
    after = here.plan("2026-12-05")
    assert [] == [task for task in after["tasks"] if task["kind"] == "call"]
    assert ("firm", "2026-12-11") == (after["invoices"][0]["next_stage"], after["invoices"][0]["next_date"])
    assert ["firm"] == [reminder["stage"] for reminder in here.plan("2026-12-11")["reminders"]]
    shown = here.run("show", "F-8", today="2026-12-11").out
    ladder = [" ".join(line.split()) for line in shown.splitlines()]
    assert "J+15 04/12 appel faite, appel le 04/12" in ladder
    assert "J+22 11/12 relance ferme à faire" in ladder


def test_the_limit_of_a_run_is_that_of_the_day(here: Story) -> None:
    """However often the schedule runs; what a person sends himself is not counted, and tomorrow is another day."""
    names = ("Ajonc SARL", "Bruyère SAS", "Cytise EURL", "Digitale SARL", "Érable SAS", "Fougère SARL")
    here.write(*(row(f"F-{i}", name, "19/11/2026") for i, name in enumerate(names)))
    here.settings(rest=DRAFTS + "max_per_run = 2\n")
    here.run("send", "--unattended", today=THURSDAY)
    here.run("send", "--unattended", "--limit", "1", today=TUESDAY)
    assert 1 == drafts(here)
    here.run("send", "--only", "F-5", today=TUESDAY)
    assert 2 == drafts(here)
    for _ in range(3):
        here.run("send", "--unattended", today=TUESDAY)
    assert 3 == drafts(here)
    here.run("send", "--unattended", today=WEDNESDAY)
    assert 5 == drafts(here)


def test_a_run_that_was_cut_short_counts_too(here: Story) -> None:
    """What a killed run sent, whose end nobody noted, is of the day's limit."""
    names = ("Ajonc SARL", "Bruyère SAS", "Cytise EURL")
    here.write(*(row(f"F-{i}", name, "19/11/2026") for i, name in enumerate(names)))
    here.settings(rest=DRAFTS + "max_per_run = 1\n")
    here.run("send", "--unattended", today=THURSDAY)
    here.run("send", "--unattended", today=TUESDAY)
    with closing(sqlite3.connect(here.journal)) as db:
        db.execute("UPDATE runs SET ended_at = NULL, code = NULL, counts = '{}'")
        db.commit()
    assert "interrompu" in here.run("plan", today=TUESDAY).out.splitlines()[1]
    here.run("send", "--unattended", today=TUESDAY)
    assert 1 == drafts(here)


@pytest.mark.slow
def test_the_mailbox_is_read_once_a_day(tmp_path: Path) -> None:
    """Once a message is out; again before one leaves, and by hand."""
    at = story(tmp_path)
    at.env |= {PASSWORD_VARIABLE: CANARY}
    at.write(row("F-1", "Lin Blanc SARL", "19/11/2026"), row("F-2", "Cuir Fauve SAS", "20/11/2026"))
    with smtp_server() as smtp, imap_server() as mails:
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\n'
        imap = f'[imap]\nhost = "127.0.0.1"\nport = {mails.port}\nsecurity = "none"\nsave_sent = false\n{account}'
        at.settings(smtp.port, rest=f'{imap}[policy]\nhours = "00:00-24:00"\n')
        at.run("send", "--unattended", today=THURSDAY)
        at.run("send", "--unattended", today=TUESDAY)
        assert (2, 1) == (len(smtp.received), len(mails.logins))
        at.run("send", "--unattended", "--limit", "0", today="2026-11-26")
        assert (2, 2) == (len(smtp.received), len(mails.logins))
        for _ in range(3):
            at.run("send", "--unattended", today="2026-11-26")
        assert (3, 3) == (len(smtp.received), len(mails.logins))
        for _ in range(3):
            at.run("send", "--unattended", today=NEXT_FRIDAY)
        assert 4 == len(mails.logins)
        at.run("send", today=NEXT_FRIDAY)
        assert 5 == len(mails.logins)
    assert 3 == len(smtp.received)
