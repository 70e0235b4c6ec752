"""`relance schedule`: shown before it is written, tried through the scheduler, looked at, taken back to the octet."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which

import pytest
from docs_support import ROOT
from schedule_support import Fakes, script
from story_support import PASSWORD_VARIABLE, Done, Story, row, story

from relance.display import schedule_view
from relance.runs import schedule as story_of

pytestmark = pytest.mark.slow

DRAFTS = '[delivery]\ntransport = "folder"\n'
FOREIGN = 'MAILTO="zoe@ete.example"\r\n*/5 * * * * /usr/bin/true \\% é\n0 1 * * * /usr/bin/true'.encode()
SECRET = f'user = "camille"\npassword_env = "{PASSWORD_VARIABLE}"\n'


@pytest.fixture
def fakes(tmp_path: Path) -> Fakes:
    """What a schedule is told to."""
    return Fakes(tmp_path / "fakes")


@pytest.fixture
def here(tmp_path: Path, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A dossier and a program of its own, neither of which passes for temporary."""
    (tmp_path / "mes dossiers été").mkdir()
    at = story(tmp_path / "mes dossiers été")
    at.write(row("F-1", "Verrerie Ambre SAS", "19/11/2026"))
    at.settings(rest=DRAFTS)
    at.env = {**fakes.environment}
    program = at.folder / "bin" / "relance"
    program.parent.mkdir()
    script(program, f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m relance "$@"\n')
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr("relance.schedule.cron._daemon_runs", lambda: True)
    return at


def files(folder: Path) -> dict[Path, bytes]:
    """Everything below a folder but the copy of the old crontab."""
    found = sorted(folder.rglob("*"))
    return {path: path.read_bytes() for path in found if path.is_file() and path.name != "crontab.avant"}


def cures(done: Done) -> list[str]:
    """The commands that stand after an arrow."""
    return re.findall(r"→ (.+)$", done.out, re.MULTILINE)


def typed(here: Story, command: str) -> Done:
    """A command as it was printed, with what stands in PATH of the test."""
    words = shlex.split(command)
    if words[0] == "relance":
        return here.run(*words[1:])
    ran = subprocess.run(words, env=here.environment(), capture_output=True, encoding="utf-8", check=False)
    return Done(ran.returncode, ran.stdout, ran.stderr)


def settings_with(here: Story, smtp: str) -> None:
    """A mail server, and what is told of its password."""
    here.settings(port=2525, smtp=smtp)


@pytest.mark.parametrize("before", [None, b"", FOREIGN], ids=["none", "empty", "foreign"])
def test_cron_from_install_to_remove(here: Story, fakes: Fakes, before: bytes | None) -> None:
    """Installed twice, looked at and removed: the crontab and the home are what they were."""
    if before is not None:
        fakes.crontab.write_bytes(before)
    home = files(here.folder)
    first = here.run("schedule", "install", "--with", "cron", "--yes")
    once = fakes.crontab.read_bytes()
    second = here.run("schedule", "install", "--with", "cron", "--yes")

    assert (0, "", 0) == (first.code, first.err, second.code)
    assert "+ 30 8-17 * * 1-5 " in first.out
    assert "zoe@ete" not in first.out
    assert "C’est planifié\u00a0: " in first.out
    assert second.out.startswith("Déjà planifié, rien à changer")
    assert once == fakes.crontab.read_bytes()
    assert once.startswith(before or b"")
    config = shlex.quote(str(here.folder / "relance.toml"))
    assert f"{shlex.quote(sys.argv[0])} send --unattended --config {config}\n" in once.decode()

    looked = here.run("schedule", "status")
    assert 0 == looked.code, looked.out
    assert "Aucun passage automatique n’a encore eu lieu" in looked.out
    gone = here.run("schedule", "remove", "--yes")
    assert (0, "") == (gone.code, gone.err)
    assert before == (fakes.crontab.read_bytes() if fakes.crontab.exists() else None)
    assert home == files(here.folder)
    assert here.run("schedule", "remove").out.startswith("Aucun passage n’était planifié")


@pytest.mark.parametrize("name", ["systemd", "launchd", "taskscheduler"])
def test_the_others_from_install_to_remove(here: Story, fakes: Fakes, name: str) -> None:
    """The same with files; those of systems that nobody tried it on say so, and are worth a look."""
    home = files(here.folder)
    untried = name != "systemd"
    first = here.run("schedule", "install", "--with", name, "--at", "09:15")
    written, calls = files(here.folder), len(fakes.calls)
    second = here.run("schedule", "install", "--with", name, "--at", "09:15")
    told = ("enable --now relance.timer", "bootstrap gui/", "/Create /TN relance-mes-dossiers-ete")

    assert (int(untried), "") == (first.code, first.err)
    assert untried is ("Personne n’a encore essayé" in first.out)
    assert {*home} < {*written}
    assert any(line in call for call in fakes.calls for line in told)
    assert (0, written) == (second.code, files(here.folder))
    assert not any(line in call for call in fakes.calls[calls:] for line in told)
    assert 0 == here.run("schedule", "status", "--with", name).code
    assert "9\u00a0h\u00a015" in here.run("schedule", "status").out
    assert 0 == here.run("schedule", "remove").code
    assert home == files(here.folder)


def test_the_usual_one(here: Story, fakes: Fakes) -> None:
    """That of systemd where it answers for the user, else cron, else what to install."""
    assert "par systemd" in here.run("schedule", "install").out
    here.run("schedule", "remove")
    (fakes.folder / "no-systemd").touch()
    assert "par cron" in here.run("schedule", "install").out
    here.run("schedule", "remove")
    (fakes.folder / "bin" / "crontab").unlink()
    bare = here.run("schedule", "install", PATH=str(fakes.folder / "bin") + ":/nowhere")
    assert (2, "") == (bare.code, bare.out)
    assert "sudo apt install cron" in bare.err


def test_what_is_written_where_nothing_answers_is_worth_a_look(here: Story, fakes: Fakes) -> None:
    """The files are there all the same, and what did not work is said, as it is typed."""
    (fakes.folder / "no-systemd").touch()
    done = here.run("schedule", "install", "--with", "systemd")
    assert 1 == done.code
    assert (here.folder / "home/.config/systemd/user/relance.timer").exists()
    assert {"systemctl --user daemon-reload", "systemctl --user enable --now relance.timer"} < {*cures(done)}
    assert "relance schedule install --with cron" in cures(done)
    assert 0 == typed(here, "relance schedule install --with cron").code
    both = here.run("schedule", "install", "--with", "cron")
    assert "relance schedule remove --with systemd" in cures(both)
    assert 1 == typed(here, "relance schedule remove --with systemd").code
    assert not (here.folder / "home/.config/systemd/user/relance.timer").exists()
    assert [] == [cure for cure in cures(here.run("schedule", "status")) if "install" in cure]


def test_a_temporary_program_is_refused(here: Story, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written of it."""
    monkeypatch.setattr(tempfile, "tempdir", str(here.folder.parent))
    done = here.run("schedule", "install", "--with", "cron")
    assert (2, "") == (done.code, done.out)
    assert "dossier temporaire" in done.err
    assert not fakes.crontab.exists()


@pytest.mark.parametrize("name", ["cron", "systemd", "launchd"])
def test_a_secret_that_only_the_terminal_has_is_refused(here: Story, fakes: Fakes, name: str) -> None:
    """With the cure; the variable at the top of the crontab is one for cron, a command is for all."""
    settings_with(here, SECRET)
    before = files(here.folder)
    done = here.run("schedule", "install", "--with", name, **{PASSWORD_VARIABLE: "hush"})
    assert (2, "", before) == (done.code, done.out, files(here.folder))
    assert PASSWORD_VARIABLE in done.err
    assert "password_command ou keyring" in done.err
    assert ("crontab -e" in done.err) is (name == "cron")
    fakes.crontab.write_text(f"{PASSWORD_VARIABLE}=hush\n")
    again = here.run("schedule", "install", "--with", name)
    assert (0 if name == "cron" else 2) == again.code
    settings_with(here, 'user = "camille"\npassword_command = "echo hush"\n')
    cured = here.run("schedule", "install", "--with", name)
    assert 2 != cured.code
    assert "hush" not in done.out + done.err + again.out + again.err + cured.out + cured.err


def test_a_command_that_needs_the_terminals_path_is_refused(here: Story, fakes: Fakes) -> None:
    """It is run with what cron gives."""
    script(fakes.folder / "bin" / "my-secret", "#!/bin/sh\necho hush\n")
    settings_with(here, 'user = "camille"\npassword_command = "my-secret"\n')
    done = here.run("schedule", "install", "--with", "cron")
    assert 2 == done.code
    assert "my-secret" in done.err


def test_an_hour_at_which_nothing_leaves(here: Story) -> None:
    """Nothing is done, and the printed option is taken."""
    done = here.run("schedule", "install", "--with", "cron", "--at", "19:00")
    assert (2, "") == (done.code, done.out)
    (cure,) = re.findall(r"--at \d\d:\d\d", done.err)
    assert 0 == here.run("schedule", "install", "--with", "cron", *cure.split()).code
    assert 2 == here.run("schedule", "install", "--at", "24:00").code
    assert 0 == here.run("schedule", "install", "--with", "cron", "--at", "8h15").code


def test_it_runs_within_the_hours_of_the_settings(here: Story) -> None:
    """From half an hour after the first to before the last; nine is not one of them."""
    here.settings(rest=f'{DRAFTS}[policy]\nhours = "13:00-17:00"\n')
    assert 2 == here.run("schedule", "install", "--with", "cron", "--at", "09:00").code
    done = here.run("schedule", "install", "--with", "cron")
    assert 0 == done.code
    assert "30 13-16 * * 1-5" in done.out


def test_on_a_terminal_it_asks(here: Story, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A no leaves everything as it was."""
    monkeypatch.setattr("relance.cli.schedule.on_terminal", lambda: True)
    no = here.run("schedule", "install", "--with", "cron", stdin="n\n")
    assert (2, False) == (no.code, fakes.crontab.exists())
    assert "+ 30 8-17" in no.out
    assert "Rien n’a été fait." in no.out
    assert 0 == here.run("schedule", "install", "--with", "cron", stdin="o\n").code
    assert 2 == here.run("schedule", "remove", stdin="\n").code
    assert fakes.crontab.exists()
    assert 0 == here.run("schedule", "remove", stdin="oui\n").code


def test_without_settings_nothing_is_planned(tmp_path: Path) -> None:
    """`init` comes first."""
    done = Story(tmp_path).run("schedule", "install")
    assert 2 == done.code
    assert "relance init" in done.err


def test_nothing_planned(here: Story) -> None:
    """Status says so, and its command, typed as printed, plans it; so does that of a trial."""
    looked = here.run("schedule", "status")
    assert (1, ["relance schedule install"]) == (looked.code, cures(looked))
    trial = here.run("schedule", "test")
    assert (2, "") == (trial.code, trial.out)
    assert "« relance schedule install »" in trial.err.replace("\u00a0", " ")
    assert 0 == typed(here, "relance schedule install").code
    assert 0 == here.run("schedule", "status").code


def test_from_elsewhere_the_cure_names_the_dossier(here: Story, tmp_path: Path) -> None:
    """A command that is typed where no settings lie finds them."""
    elsewhere = Story(tmp_path / "ailleurs", env={**here.env, "HOME": str(here.folder / "home")})
    elsewhere.folder.mkdir()
    looked = elsewhere.run("schedule", "status", "--config", str(here.folder / "relance.toml"))
    (cure,) = cures(looked)
    assert 0 == typed(elsewhere, cure).code
    assert 0 == here.run("schedule", "status").code


@pytest.mark.parametrize("name", ["cron", "systemd", "launchd", "taskscheduler"])
def test_what_ran_for_a_dossier_that_has_moved_is_removed(here: Story, fakes: Fakes, name: str) -> None:
    """By the path that the settings had; so are those of settings that cannot be read any more."""
    old, new = here.folder / "relance.toml", here.folder / "home" / "relance.toml"
    before = files(here.folder / "home")
    here.run("schedule", "install", "--with", name)
    old.rename(new)
    assert 0 == here.run("schedule", "remove", "--config", str(old)).code
    assert not fakes.crontab.exists()
    new.rename(old)
    assert before == files(here.folder / "home")
    here.run("schedule", "install", "--with", name)
    old.write_text("[sender\n")
    assert 0 == here.run("schedule", "remove").code
    assert before == files(here.folder / "home")


@pytest.mark.parametrize("name", ["cron", "systemd", "launchd", "taskscheduler"])
def test_status_lists_what_still_runs_for_a_dossier_that_is_gone(here: Story, fakes: Fakes, name: str) -> None:
    """With settings or without, beside one's own; the printed command takes that alone back."""
    home, other = str(here.folder / "home"), here.folder.parent / "cabinet d'Inès, 2"
    fakes.crontab.write_bytes(FOREIGN + b"\n")
    other.mkdir()
    config = str(shutil.copy(here.folder / "relance.toml", other))
    here.run("schedule", "install", "--with", name, "--config", config)
    assert "Dossier" not in here.run("schedule", "status").out
    here.run("schedule", "install", "--with", name)
    shutil.rmtree(other)
    nowhere = Story(other.with_name("ailleurs"), env={**here.env, "HOME": home})
    nowhere.folder.mkdir()
    for at in (here, nowhere):
        looked = at.run("schedule", "status", *([] if at is here else ["--config", config]))
        (cure,) = [each for each in cures(looked) if "remove" in each]
        assert (1, "") == (looked.code, looked.err)
        assert "Dossier déplacé ou supprimé, encore planifié par" in looked.out
        assert ("Prochain passage" in looked.out) is (at is here)
        assert f"--with {name} --config {shlex.quote(config)}" in cure
    assert 0 == typed(nowhere, cure).code
    again = here.run("schedule", "status").out
    assert "Planifié par" in again
    assert "Dossier" not in again
    assert 2 == nowhere.run("schedule", "status").code
    assert 0 == here.run("schedule", "remove").code
    assert FOREIGN + b"\n" == fakes.crontab.read_bytes()


def test_lines_of_a_dossier_that_is_gone_without_their_end(here: Story, fakes: Fakes) -> None:
    """Relance does not know where they end: they are taken out by hand."""
    here.run("schedule", "install", "--with", "cron")
    fakes.crontab.write_text("".join(fakes.crontab.read_text().splitlines(keepends=True)[:-1]))
    (here.folder / "relance.toml").unlink()
    looked = here.run("schedule", "status")
    assert (1, ["crontab -e"]) == (looked.code, cures(looked))


def test_systemd_is_asked_for_a_run(here: Story) -> None:
    """The journal tells of it: when, what came of it, when the next one is."""
    here.run("schedule", "install", "--with", "systemd")
    done = here.run("schedule", "test")
    assert done.code in (0, 1), done.out
    assert "Dernier passage automatique\u00a0: aujourd’hui à " in done.out
    assert "Résultat\u00a0: " in done.out
    assert "Prochain passage\u00a0: " in done.out
    looked = here.run("schedule", "status")
    assert "Dernier passage automatique\u00a0: aujourd’hui à " in looked.out


def test_a_run_that_does_not_come_is_said(here: Story, fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of launchd, which takes the order, nor of systemd, which refuses it, nor of a cron that is not there."""
    monkeypatch.setattr(story_of, "_SECONDS_TO_BEGIN", 1)
    monkeypatch.setattr(story_of.trial, "__defaults__", (1,))
    here.run("schedule", "install", "--with", "launchd")
    late = here.run("schedule", "test")
    assert (1, ["relance schedule status"]) == (late.code, cures(late))
    assert "rien n’a commencé" in late.out
    here.run("schedule", "remove")
    here.run("schedule", "install", "--with", "systemd")
    (fakes.folder / "no-systemd").touch()
    assert "Failed to connect to bus" in here.run("schedule", "test").out
    here.run("schedule", "remove")
    fakes.crontab.write_bytes(FOREIGN)
    here.run("schedule", "install", "--with", "cron")
    before = fakes.crontab.read_bytes()
    assert "rien n’a commencé" in here.run("schedule", "test").out
    assert before == fakes.crontab.read_bytes()
    monkeypatch.setattr("relance.schedule.cron._daemon_runs", lambda: False)
    assert "cron ne tourne pas" in here.run("schedule", "test").out
    assert before == fakes.crontab.read_bytes()


def _moved(here: Story, fakes: Fakes) -> None:
    Path(sys.argv[0]).rename(f"{sys.argv[0]}-2")
    sys.argv[0] = str(script(here.folder / "home" / "relance", Path(f"{sys.argv[0]}-2").read_text()))


def _no_python(here: Story, fakes: Fakes) -> None:
    other = here.folder / "home" / "relance"
    script(other, Path(sys.argv[0]).read_text())
    script(Path(sys.argv[0]), "#!/no/such/python\n")
    sys.argv[0] = str(other)


def _edited(here: Story, fakes: Fakes) -> None:
    timer = here.folder / "home/.config/systemd/user/relance.timer"
    timer.write_text(timer.read_text().replace("OnCalendar=Mon..Fri", "OnCalendar=Mon"))


def _disabled(here: Story, fakes: Fakes) -> None:
    (fakes.folder / "enabled").unlink()


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (_moved, "Programme disparu"),
        (_no_python, "ne démarre plus"),
        (_edited, "plus les lignes de relance"),
        (_disabled, "est arrêté"),
    ],
)
def test_a_cause_of_death_is_named_and_its_cure_works(
    here: Story, fakes: Fakes, what: Callable[[Story, Fakes], None], says: str
) -> None:
    """Each makes status worth a look; the command after the arrow, typed, makes it good again."""
    here.run("schedule", "install", "--with", "systemd", "--at", "09:45")
    what(here, fakes)
    looked = here.run("schedule", "status")
    cure = looked.out.partition(says)[2].partition("→ ")[2].partition("\n")[0]
    assert 1 == looked.code
    assert 0 == typed(here, cure).code
    again = here.run("schedule", "status")
    assert 0 == again.code, again.out
    assert says not in again.out
    assert what is _edited or "9\u00a0h\u00a045" in again.out


def test_a_secret_that_is_lost_later_is_a_cause_of_death(here: Story) -> None:
    """The settings changed after the installation."""
    here.run("schedule", "install", "--with", "systemd")
    settings_with(here, SECRET)
    looked = here.run("schedule", "status")
    assert 1 == looked.code
    assert PASSWORD_VARIABLE in looked.out


def test_what_launchd_and_windows_do_not_know(here: Story, fakes: Fakes) -> None:
    """A file alone runs nothing; the printed command tells them again."""
    for name in ("launchd", "taskscheduler"):
        here.run("schedule", "install", "--with", name)
        (fakes.folder / "calls").unlink()
        looked = here.run("schedule", "status")
        (cure,) = [cure for cure in cures(looked) if "install" in cure]
        assert 1 == looked.code
        typed(here, cure)
        assert 0 == here.run("schedule", "status").code
        here.run("schedule", "remove")


def test_folders_that_macos_guards(here: Story, fakes: Fakes) -> None:
    """A job of the background gets in there by no question."""
    folder = here.folder / "home" / "Documents"
    folder.mkdir()
    config = folder / "relance.toml"
    config.write_text((here.folder / "relance.toml").read_text())
    done = here.run("schedule", "install", "--with", "launchd", "--config", str(config))
    assert "macOS interdit Documents" in done.out


def test_cron_that_does_not_run(here: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written, but look; nobody reads the mail of cron either."""
    monkeypatch.setattr("relance.schedule.cron._daemon_runs", lambda: False)
    done = here.run("schedule", "install", "--with", "cron")
    assert (1, {"sudo service cron start"}) == (done.code, {*cures(done)})


def test_check_says_when_the_schedule_ran_last(here: Story) -> None:
    """That none ever did, when one did, and the command that finds out why none comes any more."""
    settings_with(here, "")
    assert "aucun passage automatique encore" in here.run("check", "--offline").out
    here.run("send", "--unattended", today="2026-11-20")
    assert "dernier passage aujourd’hui à " in here.run("check", "--offline", today="2026-11-20").out
    late = here.run("check", "--offline", today="2026-12-07").out
    assert ("dernier passage le 20 novembre à " in late, "→ relance schedule status" in late) == (True, True), late


def test_what_cron_says_comes_by_the_digest(here: Story, fakes: Fakes) -> None:
    """Its own mail stays on this machine: the setting that is printed, typed, ends that."""
    told = " ".join(here.run("schedule", "install", "--with", "cron").out.split())
    [cure] = re.findall(r'(email = "\S+") sous \[digest\]', told)
    with (here.folder / "relance.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[digest]\n{cure}\n")
    assert "boîte de cet ordinateur" not in here.run("schedule", "status").out


def test_every_ailment_has_its_sentence() -> None:
    """Each kind that a scheduler names is said."""
    named = {
        kind
        for path in [*(ROOT / "relance" / "schedule").glob("*.py"), ROOT / "relance" / "runs" / "schedule.py"]
        for kind in re.findall(r'Ailment\(\s*"(\w+)"', path.read_text("utf-8"))
    }
    assert named == {*schedule_view._ILLS}


LOADED = Path("/run/crond.reboot")
"""Which Debian's cron makes once it has read its files for the first time."""


def await_cron() -> None:
    """It has read them, and that second is over: what changed in it later would be as old, and would never be read."""
    end = time.monotonic() + 60
    while not LOADED.exists():
        assert time.monotonic() < end, "cron has not begun"
        time.sleep(0.02)
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.02)


@pytest.fixture
def cron_daemon(tmp_path: Path) -> Iterator[None]:
    """A real cron with this user's real crontab, which is put back."""
    if which("cron") is None or os.getuid() != 0:
        pytest.skip("needs Debian's cron, and root to start it")
    listed = subprocess.run(["crontab", "-l"], capture_output=True, check=False)
    if listed.returncode == 0 or Path("/run/crond.pid").exists():
        pytest.skip("a cron of this machine is in use")
    with (tmp_path / "cron.log").open("wb") as log:
        LOADED.unlink(missing_ok=True)
        daemon = subprocess.Popen(["cron", "-f"], stdout=log, stderr=log)
        try:
            await_cron()
            yield
        finally:
            daemon.terminate()
            daemon.wait()
            Path("/run/crond.pid").unlink(missing_ok=True)
            subprocess.run(["crontab", "-r"], capture_output=True, check=False)


def test_a_real_cron_runs_it(here: Story, tmp_path: Path, cron_daemon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian's own: it takes the lines, runs them within two minutes, and has its old crontab back."""
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(sys, "argv", [str(here.folder / "bin" / "relance")])
    here.env = {"PATH": os.environ["PATH"]}
    alive = tmp_path / "alive"
    foreign = b'A="b c"\n0 1 * * * /usr/bin/true \\% x\n* * * * * /usr/bin/touch ' + os.fsencode(alive) + b"\n"
    subprocess.run(["crontab", "-"], input=foreign, check=True)

    installed = here.run("schedule", "install", "--with", "cron")
    began = time.monotonic()
    done = here.run("schedule", "test")

    assert 0 == installed.code, installed.out + installed.err
    if "Résultat\u00a0: " not in done.out and not alive.exists():
        pytest.skip("cron runs nothing on this machine, the line of another program neither")
    assert "Résultat\u00a0: " in done.out, done.out
    assert time.monotonic() - began < 240
    assert 0 == here.run("schedule", "remove").code
    assert foreign == subprocess.run(["crontab", "-l"], capture_output=True, check=True).stdout
