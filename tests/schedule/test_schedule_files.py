"""The files for systemd, launchd and Task Scheduler: written, read back, and nobody else's touched."""

import plistlib
import subprocess
from datetime import time
from pathlib import Path
from shutil import which
from types import ModuleType
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schedule_support import NAMES, an_entry, machine, script

from relance.errors import ScheduleError
from relance.schedule import launchd, systemd, taskscheduler
from relance.schedule.entry import Edit, Entry, Machine
from relance.schedule.tools import ran

ALL = pytest.mark.parametrize("scheduler", [systemd, launchd, taskscheduler], ids=lambda m: m.__name__.split(".")[-1])


@pytest.fixture
def zoe(tmp_path: Path) -> Machine:
    """Her home has a space and an accent."""
    home = tmp_path / "zoé a"
    home.mkdir()
    return machine(home)


def written(scheduler: ModuleType, entry: Entry, at: Machine) -> list[Path]:
    """The files of this entry, on the disk."""
    edits: tuple[Edit, ...] = scheduler.edits(entry, at)
    for edit in edits:
        scheduler.write(edit, at)
    return [edit.path for edit in edits if edit.path is not None]


def files(folder: Path) -> dict[Path, bytes]:
    """Everything below a folder."""
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@ALL
def test_install_twice_look_and_remove(scheduler: ModuleType, zoe: Machine) -> None:
    """The second time there is nothing to change; what stood in the folder stays."""
    entry = an_entry()
    (path, *_) = written(scheduler, entry, zoe)
    foreign = path.with_name("other" + path.suffix)
    foreign.write_bytes(b"x")
    assert () == scheduler.edits(entry, zoe)
    assert entry == scheduler.found(entry.config, zoe)
    for edit in scheduler.removal(entry.config, zoe):
        scheduler.write(edit, zoe)
    assert {foreign: b"x"} == files(zoe.home)
    assert (None, ()) == (scheduler.found(entry.config, zoe), scheduler.removal(entry.config, zoe))


@ALL
def test_each_dossier_has_files_of_its_own(scheduler: ModuleType, zoe: Machine) -> None:
    """So has a file of somebody else's by our name: it is left alone, and ours gets another name."""
    one, two = an_entry("/home/zoé/a/relance.toml"), an_entry("/home/zoé/b/../a/relance.toml")
    (path, *_) = scheduler.edits(one, zoe)
    path.path.parent.mkdir(parents=True)
    path.path.write_bytes(b"something else")
    written(scheduler, one, zoe)
    written(scheduler, two, zoe)
    assert (one, two) == (scheduler.found(one.config, zoe), scheduler.found(two.config, zoe))
    assert {one.config, two.config} == {*scheduler.configs(zoe)}
    for edit in (*scheduler.removal(one.config, zoe), *scheduler.removal(two.config, zoe)):
        scheduler.write(edit, zoe)
    assert {path.path: b"something else"} == files(zoe.home)


@ALL
def test_other_hours_change_the_files_in_their_place(scheduler: ModuleType, zoe: Machine) -> None:
    """No second entry comes beside the first."""
    entry = an_entry()
    paths = written(scheduler, entry, zoe)
    later = entry._replace(first=time(17, 5), last_hour=17)
    assert {*written(scheduler, later, zoe)} <= {*paths}
    assert later == scheduler.found(entry.config, zoe)


@ALL
def test_what_is_not_ours_any_more_is_no_entry(scheduler: ModuleType, zoe: Machine) -> None:
    """Times that somebody typed in are said to be changed."""
    entry = an_entry()
    for path in written(scheduler, entry, zoe):
        for word in ("OnCalendar", "StartCalendarInterval", "StartBoundary"):
            for coding in ("utf-8", "utf-16-le"):
                path.write_bytes(path.read_bytes().replace(word.encode(coding), "Never".encode(coding)))
    assert scheduler.found(entry.config, zoe) is None
    assert scheduler.removal(entry.config, zoe) != ()


@ALL
def test_a_file_that_changed_since_it_was_shown_is_not_written(scheduler: ModuleType, zoe: Machine) -> None:
    """Somebody else was there meanwhile."""
    (edit, *_) = scheduler.edits(an_entry(), zoe)
    edit.path.parent.mkdir(parents=True)
    edit.path.write_bytes(b"new")
    with pytest.raises(ScheduleError, match="entre-temps"):
        scheduler.write(edit, zoe)
    assert b"new" == edit.path.read_bytes()


@given(NAMES, NAMES, st.integers(0, 59), st.integers(8, 17))
def test_systemd_reads_the_words(dossier: str, program: str, minute: int, hour: int) -> None:
    """Quotes, %, $ and spaces in paths: read back as they were; each % is doubled, and each $ but the program's."""
    config = f"/home/{dossier}/relance.toml"
    entry = Entry((f"/opt/{program}/relance",), config, time(hour, minute), last_hour=17)
    line = next(each for each in systemd._service(entry).splitlines() if each.startswith("ExecStart="))
    assert entry.command == systemd._words(line.removeprefix("ExecStart="))
    assert line.count("%") == 2 * "".join(entry.command).count("%")
    twice = 2 if {"'", '"'} & {*program} else 1  # what comes after env is a word like the others
    assert line.count("$") == twice * program.count("$") + 2 * dossier.count("$")


@pytest.mark.slow
@pytest.mark.skipif(which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("name", ["a", "zoé & fils", '100 % d\'été $HOME "x" {y};'])
def test_systemd_finds_nothing_wrong(zoe: Machine, name: str) -> None:
    """What its own checker says of the files, for programs and dossiers of odd names; and when the next run is."""
    folder = zoe.home / name
    folder.mkdir()
    program = script(folder / "relance", "#!/bin/sh\n")
    entry = Entry((str(program),), str(folder / "relance.toml"), time(8, 30), last_hour=17)
    paths = written(systemd, entry, zoe)
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, paths)], capture_output=True, encoding="utf-8", check=False
    )
    said = [line for line in done.stderr.splitlines() if str(zoe.home) in line or "relance" in line]
    assert (0, []) == (done.returncode, said)


@pytest.mark.slow
@pytest.mark.skipif(which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize(("entry", "hours"), [(an_entry(), "08..17"), (an_entry()._replace(last_hour=8), "08")])
def test_systemd_knows_the_hours(entry: Entry, hours: str) -> None:
    """Its calendar reads them as weekdays, once an hour."""
    when = next(line for line in systemd._timer(entry).splitlines() if line.startswith("OnCalendar="))
    words = ["systemd-analyze", "calendar", when.removeprefix("OnCalendar=")]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=True)
    assert f"Mon..Fri *-*-* {hours}:30:00" in done.stdout


def test_launchd_gets_weekdays_alone(zoe: Machine) -> None:
    """Five days of ten hours; the words as they are."""
    entry = an_entry("/home/zoé & fils/relance.toml")
    (path,) = written(launchd, entry, zoe)
    job = plistlib.loads(path.read_bytes())
    assert "fr.relance.zoe-fils" == job["Label"] == path.stem
    assert [*entry.command] == job["ProgramArguments"]
    assert {(day, hour, 30) for day in range(1, 6) for hour in range(8, 18)} == {
        (each["Weekday"], each["Hour"], each["Minute"]) for each in job["StartCalendarInterval"]
    }
    assert 50 == len(job["StartCalendarInterval"])


def test_windows_runs_it_on_batteries_and_after_hours_missed(zoe: Machine) -> None:
    """None of the defaults that end a schedule in silence; the hours from the first to the last."""
    entry = an_entry("C:\\Users\\Zoé & fils\\relance.toml", "C:\\Program Files\\relance.exe")
    (path,) = written(taskscheduler, entry, zoe)
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    task = ElementTree.fromstring(path.read_bytes().decode("utf-16").partition("?>")[2].strip())
    said = {each.tag.partition("}")[2]: each.text for each in task.iterfind("t:Settings/*", space)}
    assert {
        "MultipleInstancesPolicy": "IgnoreNew",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "ExecutionTimeLimit": "PT30M",
    } == said
    assert "PT9H1M" == task.findtext(".//t:Repetition/t:Duration", namespaces=space)
    assert task.findtext(".//t:Arguments", namespaces=space) == (
        '--headless "C:\\Program Files\\relance.exe" send --unattended --config "C:\\Users\\Zoé & fils\\relance.toml"'
    )
    assert entry == taskscheduler.found(entry.config, zoe)


@ALL
def test_what_the_disk_refuses_is_said_in_french(scheduler: ModuleType, zoe: Machine) -> None:
    """A folder where a file is read, a file where a folder is written: why, in the words of all other rooms."""
    entry = an_entry()
    edits: tuple[Edit, ...] = scheduler.edits(entry, zoe)
    path = edits[0].path
    assert path is not None
    path.mkdir(parents=True)
    with pytest.raises(ScheduleError, match=r"ne peut pas être lu \(c’est un dossier\)"):
        scheduler.found(entry.config, zoe)
    path.rmdir()
    while path.parent != zoe.home:
        path = path.parent
        path.rmdir()
    path.write_bytes(b"")
    with pytest.raises(ScheduleError, match=r"\(un fichier (?:porte déjà ce nom|se trouve là où il faut un dossier)\)"):
        scheduler.write(edits[0], zoe)


@pytest.mark.slow
def test_a_program_that_does_not_start_says_why_in_french(tmp_path: Path) -> None:
    """One that may not be run, one that is none, one that is not there."""
    text = script(tmp_path / "texte", "bonjour")
    assert f"{text} : ce n’est pas un programme" == ran((str(text),)).err
    text.chmod(0o600)
    assert f"{text} : accès refusé" == ran((str(text),)).err
    assert f"{text}s : commande introuvable" == ran((f"{text}s",)).err
