"""What is run and when: hours, the next run, and programs that do not stay."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from schedule_support import PROGRAM, an_entry, machine

from relance.errors import ScheduleError
from relance.schedule.entry import entry_within, unlasting

OPENS, CLOSES = time(8), time(18, 30)


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        (None, "08:30", 17),
        ("08:00", "08:00", 18),
        ("09:15", "09:15", 18),
        ("18:29", "18:29", 18),
        ("10:45", "10:45", 17),
    ],
)
def test_every_run_is_within_the_hours(at: str | None, first: str, last: int) -> None:
    """The last one begins before they end."""
    entry = entry_within((PROGRAM,), "/a", time.fromisoformat(at) if at else None, OPENS, CLOSES)
    assert (time.fromisoformat(first), last) == (entry.first, entry.last_hour)
    assert time(entry.last_hour, entry.first.minute) < CLOSES


def test_hours_that_are_half_an_hour() -> None:
    """The one run is at their beginning."""
    entry = entry_within((PROGRAM,), "/a", None, time(9), time(9, 30))
    assert (time(9), 9) == (entry.first, entry.last_hour)


@pytest.mark.parametrize("at", ["07:59", "18:30", "23:00", "00:00"])
def test_an_hour_at_which_nothing_leaves_is_refused(at: str) -> None:
    """With one that is taken."""
    with pytest.raises(ScheduleError, match="--at 08:00"):
        entry_within((PROGRAM,), "/a", time.fromisoformat(at), OPENS, CLOSES)


@pytest.mark.parametrize("path", ["/a\nb", "/a\x7f", "/a\udc80", "/a\tb"])
def test_a_path_that_no_line_can_hold_is_refused(path: str) -> None:
    """It would be another line of a crontab."""
    with pytest.raises(ScheduleError, match="ne peut pas être planifié"):
        entry_within((PROGRAM,), path, None, OPENS, CLOSES)


@pytest.mark.parametrize(
    ("now", "next_"),
    [
        ("2026-11-30T08:29:59", "2026-11-30T08:30:00"),
        ("2026-11-30T08:30:00", "2026-11-30T09:30:00"),
        ("2026-11-30T17:30:01", "2026-12-01T08:30:00"),
        ("2026-12-04T18:00:00", "2026-12-07T08:30:00"),
        ("2026-12-05T10:00:00", "2026-12-07T08:30:00"),
    ],
)
def test_the_next_run(now: str, next_: str) -> None:
    """The next hour, the next morning, the next Monday."""
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert datetime.fromisoformat(next_).replace(tzinfo=UTC) == an_entry().next_run(at)


@pytest.mark.parametrize(
    ("program", "unlasts"),
    [
        ("/tmp/x/bin/relance", True),
        ("/home/zoé/.cache/uv/archive-v0/AbC/bin/relance", True),
        ("/home/zoé/.cache/pipx/1f/bin/relance", True),
        ("/home/zoé/.local/pipx/.cache/1f/bin/relance", True),
        ("/srv/uv/x/relance", True),
        ("/home/zoé/.local/bin/relance", False),
        ("/home/zoé/.local/share/uv/tools/relance/bin/relance", False),
        ("/home/zoé/.local/share/pipx/venvs/relance/bin/relance", False),
        ("/home/zoé/tmp/.venv/bin/relance", False),
        ("/tmpx/relance", False),
    ],
)
def test_programs_that_are_cleared_away(program: str, unlasts: bool) -> None:
    """The temporary folder and the caches of uvx and pipx run, and nothing else."""
    zoe = machine(Path("/home/zoé"), UV_CACHE_DIR="/srv/uv")
    assert unlasts is unlasting(program, zoe, Path("/tmp"))


def test_a_link_into_the_cache_does_not_stay_either(tmp_path: Path) -> None:
    """What it leads to is cleared away."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "relance").touch()
    (tmp_path / "relance").symlink_to(tmp_path / "cache" / "relance")
    assert unlasting(str(tmp_path / "relance"), machine(Path("/home/zoé")), tmp_path / "cache")
    assert not unlasting(str(tmp_path / "relance"), machine(Path("/home/zoé")), tmp_path / "other")
