"""The last look before a dot, and whether this machine's clock can be believed."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from mail_support import NOON, TODAY

from relance.core.reasons import ClockFault
from relance.runs.last_look import LastLook, clock_fault, mark


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An invoice file."""
    path = tmp_path / "factures.csv"
    path.write_text("F-1;100", encoding="utf-8")
    return path


def look(file: Path, day: Callable[[], date] = lambda: TODAY) -> LastLook:
    """A look begun now."""
    return LastLook([mark(file)], TODAY, day)


def test_nothing_changed(file: Path) -> None:
    """The plan holds; a file that was only touched is the same file."""
    seen = look(file)
    assert seen() == ""
    os.utime(file, (1, 1))
    assert seen() == ""


def test_a_payment_typed_in_meanwhile(file: Path) -> None:
    """F5: another content, of the same length and the same date, is seen."""
    seen = look(file)
    before = file.stat()
    file.write_text("F-1;000", encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "factures.csv" in seen()


def test_a_file_that_went_away_or_came(file: Path, tmp_path: Path) -> None:
    """P12: one that is gone has changed, and so has one that was not there."""
    seen, missing = look(file), look(tmp_path / "autre.csv")
    assert missing() == ""
    file.unlink()
    (tmp_path / "autre.csv").write_text("x")
    assert "factures.csv" in seen()
    assert "autre.csv" in missing()


@pytest.mark.parametrize(
    ("wall", "steady", "said"),
    [
        (30.0, 30.0, ""),
        (599.0, 599.0, ""),
        (601.0, 601.0, "dix minutes"),
        (6 * 3600.0, 6 * 3600.0, "dix minutes"),
        (130.0, 60.0, "dormi"),
        (-86400.0, 60.0, "dormi"),
    ],
)
def test_time_that_passed(file: Path, wall: float, steady: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """K7, C1: a stopped process, a laptop that slept, a clock that was put right: the plan does not hold."""
    seen = look(file)
    began = (seen._wall, seen._steady)
    monkeypatch.setattr("relance.runs.last_look.time.time", lambda: began[0] + wall)
    monkeypatch.setattr("relance.runs.last_look.time.monotonic", lambda: began[1] + steady)
    assert (said in seen()) if said else seen() == ""


def test_midnight(file: Path) -> None:
    """C5: planned at 23:59:58, to leave at 00:00:05: planned anew with the new date."""
    days = iter([TODAY, TODAY + timedelta(days=1)])
    seen = look(file, lambda: next(days))
    assert seen() == ""
    assert "jour" in seen()


@pytest.mark.parametrize(
    ("passed", "fault"),
    [
        (timedelta(minutes=-5), None),
        (timedelta(minutes=-5, seconds=-1), ClockFault.BEHIND),
        (timedelta(days=45), None),
        (timedelta(days=45, seconds=1), ClockFault.AHEAD),
    ],
)
def test_the_clock_is_measured_by_the_journal(passed: timedelta, fault: ClockFault | None) -> None:
    """C1, C2: more than five minutes behind the last thing noted, or 45 days after it."""
    assert clock_fault(NOON, NOON + passed) == fault
    assert clock_fault(None, NOON) is None


def test_an_attachment_that_was_replaced_ends_the_plan(tmp_path: Path) -> None:
    """P12: what a message carries is compared with the file by its content, whenever it was replaced."""
    pdf, same = tmp_path / "F-1.pdf", tmp_path / "F-2.pdf"
    for path in (pdf, same):
        path.write_bytes(b"%PDF-1.4 first")
    digest = mark(pdf).digest
    look = LastLook((), TODAY, lambda: TODAY)
    look.watch([(pdf, digest), (same, digest)])
    assert "" == look()
    pdf.write_bytes(b"%PDF-1.4 other")
    assert "F-1.pdf" in look()
    late = LastLook((), TODAY, lambda: TODAY)
    late.watch([(pdf, digest)])  # replaced before anybody watched
    assert "F-1.pdf" in late()
