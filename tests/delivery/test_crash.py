"""A short walk through the harness: kills and disk errors around the dot; `bench/crash.py` takes every point."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from crash_support import BOX, GROUPS, NUMBERS, OLD, Bench, Point, Way, bench, failing, strace_works

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not strace_works(), reason="strace is missing or may not trace here"),
]
KILLS, FAILURES, TOLD, IN_MAILBOX = 12, 10, 12, 8
"""How many points of each kind a run of the tests takes."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A folder with a begun journal, and a server."""
    with bench(tmp_path_factory.mktemp("crash")) as made:
        yield made


@pytest.fixture(scope="module")
def points(made: Bench) -> list[Point]:
    """Every system call of a run after the lock."""
    return made.points()


def around_the_dot(points: list[Point]) -> list[Point]:
    """From the line of the receipts before the first final dot to the one after it."""
    kinds = ('\\"dot\\"', '\\"outcome\\"')
    lines = [i for i, p in enumerate(points) if p.name == "write" and any(kind in p.told for kind in kinds)]
    assert len(lines) >= 2
    return points[lines[0] : lines[1] + 2]


def spread(points: list[Point], count: int) -> list[Point]:
    """That many of them, evenly."""
    return points[:: max(1, len(points) // count)][:count]


def test_killed_around_the_dot(made: Bench, points: list[Point]) -> None:
    """K1: between the two records the message is in doubt, before and after it is not; nothing twice, nothing lost."""
    doubtful = []
    for point in around_the_dot(points):
        verdict = made.verdict(point)
        assert verdict.happened, verdict
        assert (verdict.twice, verdict.lost) == ((), ()), verdict
        doubtful.append(bool(verdict.doubtful))
    assert doubtful[0] is False
    assert doubtful[1:-1] == [True] * (len(doubtful) - 2)
    assert doubtful[-1] is False


def test_killed_anywhere(made: Bench, points: list[Point]) -> None:
    """K1: at points spread over the whole run."""
    for point in spread(points, KILLS):
        verdict = made.verdict(point)
        assert (verdict.twice, verdict.lost) == ((), ()), verdict


@pytest.mark.parametrize("lose", ["receipts", "journal"])
def test_killed_and_a_file_lost(made: Bench, points: list[Point], lose: str) -> None:
    """J1, J3: the crash, and then one of the two memories is deleted."""
    for point in spread(around_the_dot(points), 3):
        verdict = made.verdict(point, lose)
        assert (verdict.twice, verdict.lost) == ((), ()), verdict


@pytest.mark.parametrize("old", OLD)
def test_killed_and_a_file_put_back(made: Bench, points: list[Point], old: str) -> None:
    """J3: the crash, and then one of the three memories is as it was before the run: said before anything leaves."""
    for point in spread(around_the_dot(points), 3):
        verdict = made.verdict(point, old)
        assert (verdict.twice, verdict.lost) == ((), ()), verdict


def test_told_between_two_system_calls(made: Bench, points: list[Point], monkeypatch: pytest.MonkeyPatch) -> None:
    """P4: a payment that is told while the run stands still is heeded, or the command says that it is too late."""
    monkeypatch.setattr("relance.journal.files._WAIT", 0.2)
    told = [made.told_at(point, "F-2") for point in spread(points, TOLD)]
    late = [made.told_at(point, "F-1") for point in around_the_dot(points)]
    assert [] == [each for each in told + late if each.wrong]
    assert any(each.noted and not each.taken for each in told)
    assert any(each.noted and each.warned and each.taken for each in late)
    assert any(each.happened for each in told)


def test_a_disk_that_fails(made: Bench, points: list[Point]) -> None:
    """J4, J5: ENOSPC, EIO, EINTR, EACCES at calls spread over the whole run."""
    for point in spread(failing(points), FAILURES):
        verdict = made.verdict(point)
        assert (verdict.twice, verdict.lost) == ((), ()), verdict


@pytest.mark.parametrize("way", ["drafts", "copies"])
def test_killed_at_work_in_the_mailbox(tmp_path_factory: pytest.TempPathFactory, way: Way) -> None:
    """M1, M2: where the first is filed, and over the whole run: each is there once, and no draft is in doubt."""
    with bench(tmp_path_factory.mktemp(way), way) as made:  # a short path: what strace tells of a call is cut
        points = made.points()
        filing = [i for i, p in enumerate(points) if p.name == "sendto" and " APPEND " in p.told]
        assert len(GROUPS) == len(filing)
        for point in (*points[filing[0] : filing[0] + 6], *spread(points, IN_MAILBOX)):
            verdict = made.verdict(point)
            assert (verdict.twice, verdict.lost) == ((), ()), verdict
            assert way != "drafts" or verdict.doubtful == (), verdict


def test_the_harness_sees_a_second_draft_and_a_lost_copy(tmp_path: Path) -> None:
    """What lies in the mailbox counts: two of one, or none of what left."""
    with bench(tmp_path / "drafts", "drafts") as made:
        made.renew()
        assert 0 == made.calmly("send")[0]
        made.mails.folders[BOX["drafts"]].append(made.mails.folders[BOX["drafts"]][0])
        assert made.counted(Point("none", 0), True).twice == ("F-1",)
    with bench(tmp_path / "copies", "copies") as made:
        made.renew()
        assert 0 == made.calmly("send")[0]
        assert made.counted(Point("none", 0), True).lost == ()
        made.mails.take(BOX["copies"], made.mails.uids(BOX["copies"])[0])
        assert made.counted(Point("none", 0), True).lost == ("F-1",)


def test_the_harness_sees_a_duplicate_and_a_loss(made: Bench) -> None:
    """A count of two, and one of none that our journal calls done, are found."""
    made.renew()
    assert 0 == made.calmly("send")[0]
    made.server.taken.append(made.server.taken[0])
    assert made.counted(Point("none", 0), True).twice == ("F-1",)
    made.server.taken.clear()
    assert made.counted(Point("none", 0), True).lost == NUMBERS
