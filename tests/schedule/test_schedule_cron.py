"""The crontab: our lines come and go, and every other octet stays."""

import os
import re
import shlex
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schedule_support import NAMES, Crontab, an_entry, machine

from relance.errors import ScheduleError
from relance.schedule import cron
from relance.schedule.entry import Entry

HOME = Path("/home/zoé")
NOTHING = machine(HOME)

_LINES = st.sampled_from(
    [
        b"MAILTO=zoe@ete.example",
        b'SHELL="/bin/bash"',
        b"  CAMILLE_SMTP = secret ",
        b"@reboot /usr/bin/true",
        b"*/5 * * * * cd '/home/zo\xc3\xa9/l\xe9gal' && ./sauve \\% 2>&1",
        b"# relance: fin",
        "# relance: début".encode(),
        b"",
        b"\t",
    ]
)
_OCTETS = st.binary(max_size=40).map(lambda octets: octets.replace(b"\0", b""))
_ENDED = st.tuples(_LINES | _OCTETS, st.sampled_from([b"\n", b"\r\n"])).map(b"".join)
CRONTABS = st.none() | st.builds(
    lambda lines, last: b"".join(lines) + last, st.lists(_ENDED, max_size=30), st.just(b"") | _LINES | _OCTETS
)
CONFIGS = NAMES.map(lambda name: f"/home/{name}/relance.toml")


@contextmanager
def having(text: bytes | None, complaint: str = "") -> Iterator[Crontab]:
    """A crontab that is this one."""
    crontab = Crontab(text, complaint)
    with ExitStack() as stack:
        for name, done in {"ran": crontab.ran, "_keep": _nothing, "_await_a_second": _nothing}.items():
            stack.enter_context(patch.object(cron, name, done))
        yield crontab


def _nothing(*_: object) -> None: ...


def install(entry: Entry) -> int:
    """Returns how many changes that takes."""
    edits = cron.edits(entry, NOTHING)
    for edit in edits:
        cron.write(edit, NOTHING)
    return len(edits)


def remove(config: str) -> int:
    """The same for taking them out."""
    edits = cron.removal(config, NOTHING)
    for edit in edits:
        cron.write(edit, NOTHING)
    return len(edits)


@given(CRONTABS, CONFIGS)
def test_install_twice_look_and_remove_leave_the_same_octets(text: bytes | None, config: str) -> None:
    """Whatever stands there; the second installation changes nothing, and the entry is read as it was written."""
    entry = an_entry(config)
    with having(text) as crontab:
        assert 1 == install(entry)
        assert (crontab.text or b"").startswith(text or b"")
        assert 0 == install(entry)
        assert entry == cron.found(config, NOTHING)
        assert 1 == remove(config)
        assert text == crontab.text
        assert (None, 0) == (cron.found(config, NOTHING), remove(config))


@given(CONFIGS)
def test_cron_runs_the_words(config: str) -> None:
    """A % of the path ends no line: the words that the shell gets are those of the entry."""
    entry = an_entry(config)
    with having(None) as crontab:
        install(entry)
        line = (crontab.text or b"").decode().splitlines()[1]
    minute, hours, *rest, command = line.split(" ", 5)
    assert ("30", "8-17", ["*", "*", "1-5"]) == (minute, hours, rest)
    assert [] == re.findall(r"(?<!\\)%", command)
    assert [*entry.command] == shlex.split(command.replace("\\%", "%"))


def test_a_thousand_lines_stay() -> None:
    """With Windows line ends, and the last without any."""
    text = b"\r\n".join(b"%d 4 * * * /usr/bin/true" % (n % 60) for n in range(1000))
    with having(text) as crontab:
        install(an_entry())
        assert text + b"\n# relance: d\xc3\xa9but" == (crontab.text or b"")[: len(text) + 18]
        remove(an_entry().config)
        assert text == crontab.text


def test_what_is_added_below_stays() -> None:
    """A line typed after the installation, then another hour, then nothing of ours: the end of line before it too."""
    with having(b"0 1 * * * a") as crontab:
        install(an_entry())
        crontab.text = (crontab.text or b"") + b"0 2 * * * b\n"
        other = an_entry()._replace(first=an_entry().first.replace(minute=15))
        assert 1 == install(other)
        assert other == cron.found(other.config, NOTHING)
        remove(other.config)
        assert b"0 1 * * * a\n0 2 * * * b\n" == crontab.text


def test_an_empty_crontab_stays_one() -> None:
    """It is not the same as none."""
    with having(b"") as crontab:
        install(an_entry())
        remove(an_entry().config)
        assert b"" == crontab.text


def test_two_dossiers_do_not_meet() -> None:
    """Each has its lines; one goes, the other stays."""
    one, two = an_entry("/home/zoé/a/relance.toml"), an_entry("/home/zoé/ab/relance.toml")
    with having(b"0 1 * * * x\n") as crontab:
        install(one)
        install(two)
        assert (one, two) == (cron.found(one.config, NOTHING), cron.found(two.config, NOTHING))
        remove(one.config)
        assert (None, two) == (cron.found(one.config, NOTHING), cron.found(two.config, NOTHING))
        remove(two.config)
        assert b"0 1 * * * x\n" == crontab.text


def test_lines_without_their_end_are_left_to_the_user() -> None:
    """What stands below is not ours to take: nothing is written."""
    with having(None) as crontab:
        install(an_entry())
        crontab.text = (crontab.text or b"").replace(b"# relance: fin", b"# x") + b"0 2 * * * b\n"
        for change in (cron.edits, lambda entry, at: cron.removal(entry.config, at)):
            with pytest.raises(ScheduleError, match="leur fin"):
                change(an_entry(), NOTHING)
        assert 1 == crontab.writes


def test_a_crontab_that_cannot_be_read_is_not_written() -> None:
    """Only « no crontab for » means that there is none."""
    with having(b"0 1 * * * x\n", "you (zoé) are not allowed to use this program") as crontab:
        with pytest.raises(ScheduleError, match="not allowed"):
            install(an_entry())
        assert 0 == crontab.writes


def test_a_crontab_that_changed_since_it_was_shown_is_not_written() -> None:
    """What was shown would undo it."""
    with having(b"0 1 * * * x\n") as crontab:
        (edit,) = cron.edits(an_entry(), NOTHING)
        crontab.text = b"0 1 * * * y\n"
        with pytest.raises(ScheduleError, match="entre-temps"):
            cron.write(edit, NOTHING)
        assert (b"0 1 * * * y\n", 0) == (crontab.text, crontab.writes)


def test_the_old_one_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    """It may hold passwords."""
    with patch.object(cron, "ran", Crontab(b"A=secret\n").ran):
        (edit,) = cron.edits(an_entry(), NOTHING)
        cron.write(edit, machine(tmp_path))
    kept = tmp_path / ".local/state/relance" / cron.COPY
    assert (b"A=secret\n", 0o600) == (kept.read_bytes(), stat.S_IMODE(kept.stat().st_mode))


def test_without_room_for_the_copy_nothing_is_written(tmp_path: Path) -> None:
    """Why is said in French; the crontab stays."""
    (tmp_path / ".local").write_bytes(b"")
    crontab = Crontab(b"A=secret\n")
    with patch.object(cron, "ran", crontab.ran):
        (edit,) = cron.edits(an_entry(), NOTHING)
        with pytest.raises(ScheduleError, match="un fichier se trouve là où il faut un dossier"):
            cron.write(edit, machine(tmp_path))
    assert (b"A=secret\n", 0) == (crontab.text, crontab.writes)


@dataclass
class Clock:
    """A clock that sleeping moves on."""

    now: float

    def time(self) -> float:
        """As the wall has it."""
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        """No waiting."""
        self.now += seconds


@pytest.mark.parametrize(("second", "changed"), [(59.7, 0), (0.2, 0), (30.2, 30), (58.4, 58), (12.0, 0), (12.9, 11)])
def test_each_change_has_a_second_of_its_own(tmp_path: Path, second: float, changed: int) -> None:
    """In which no other crontab was changed, and cron does not look: what shares one with another may go unseen."""
    minute, spool, crontab = 1_795_000_020.0, tmp_path / "spool", Crontab(b"A=1\n")
    spool.mkdir()
    os.utime(spool, (minute + changed, minute + changed))
    clock = Clock(minute + second)
    with (
        patch.object(cron, "ran", crontab.ran),
        patch.object(cron, "clock", clock),
        patch.object(cron, "_SPOOL", spool),
    ):
        for edit in cron.edits(an_entry(), NOTHING):
            cron.write(edit, machine(tmp_path))
    wrote = int(clock.now)
    assert (1, False, False) == (crontab.writes, wrote % 60 in (59, 0), wrote == int(spool.stat().st_mtime))
    assert clock.now - minute - second <= 3.1
    assert second != 12.0 or clock.now == minute + second


def test_a_folder_that_says_tomorrow_holds_nothing_up(tmp_path: Path) -> None:
    """Nor does one that nobody may look at."""
    clock = Clock(1_795_000_050.0)
    os.utime(tmp_path, (clock.now + 86_400, clock.now + 86_400))
    for spool in (tmp_path, tmp_path / "none"):
        with patch.object(cron, "clock", clock), patch.object(cron, "_SPOOL", spool):
            cron._await_a_second()
    assert 1_795_000_050.0 == clock.now


def test_a_run_has_the_variables_that_stand_above_it() -> None:
    """Those below are not its own; what cron gives is little."""
    with having(b"A_KEY = 'one two'\n0 1 * * * B=2 x\n") as crontab:
        install(an_entry())
        crontab.text = (crontab.text or b"") + b"AFTER=3\n"
        given_ = cron.variables(an_entry().config, NOTHING)
    assert {"HOME": str(HOME), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "A_KEY": "one two"} == given_


def test_a_backslash_is_refused() -> None:
    """Not every cron reads one before a % in the same way."""
    with having(None), pytest.raises(ScheduleError, match="oblique"):
        install(an_entry("/home/a\\b/relance.toml"))


@pytest.mark.parametrize(
    "line",
    [b"30 8-17 * * 1-5 relance plan\n", b"30 8-17 * * 1-5 'x\n", b"# nothing\n", b""],
    ids=["another", "a quote", "none", "empty"],
)
def test_lines_of_somebody_else_between_our_marks_are_no_entry(line: bytes) -> None:
    """They are said to be changed, and an installation puts them right."""
    entry = an_entry()
    with having(b"# relance: d\xc3\xa9but " + entry.config.encode() + b"\n" + line + b"# relance: fin\n"):
        assert cron.found(entry.config, NOTHING) is None
        assert 1 == install(entry)
        assert entry == cron.found(entry.config, NOTHING)
