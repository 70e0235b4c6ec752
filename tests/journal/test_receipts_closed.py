"""Receipts that grew long: closed in parts that a run does not read, and of which none is changed unnoticed."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import TODAY, message

from relance.core.facts import Paid
from relance.errors import JournalError
from relance.journal import Settled, State, open_journal, read_journal, receipts, repair
from relance.journal.receipts import Receipts, closed_parts, read_open, read_receipts, receipts_path
from relance.journal.recovery import Recovered, agreed_in, known_size, log_of
from relance.journal.whole_files import backups, write_whole

SENT = Settled(State.SENT, 250, "2.0.0 Ok")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is long once it has a message."""
    monkeypatch.setattr(receipts, "LONG", 600)


def run(path: Path, *numbers: str, settled: Settled = SENT) -> Recovered:
    """A run that sends these; what it mended before."""
    with open_journal(path, TODAY, create=True) as journal:
        assert journal.put_back() is None
        found = journal.recover()
        for each in journal.prepare([message(number) for number in numbers], TODAY):
            journal.at_dot(each, "mx.test:25")
            journal.answered(each, settled)
        journal.flush()
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Three runs of a message each, a payment, and a copy before the last run; two parts are closed."""
    path = tmp_path / "j"
    run(path, "F-1")
    run(path, "F-2")
    with open_journal(path, TODAY, create=False) as journal:
        journal.record(Paid("F-9/2026", Decimal(5), date(2026, 11, 20)))
        journal.back_up(TODAY)
    run(path, "F-3")
    return path


def parts(path: Path) -> list[Path]:
    """The closed parts."""
    return sorted(closed_parts(path).iterdir())


def kinds(path: Path) -> list[str]:
    """What the whole receipts tell, in order."""
    return [record["kind"] for record in read_receipts(path).records]


def sendable(path: Path, *numbers: str) -> list[str]:
    """Which of these a run would send in silence."""
    with open_journal(path, TODAY, create=False) as journal:
        journal.recover()
        found = journal.prepare([message(number) for number in numbers], TODAY)
    return [number for number, each in zip(numbers, found, strict=True) if each.delivery is not None]


def test_a_run_reads_the_open_file_alone(path: Path) -> None:
    """What is closed stays in the whole of it, and counts in its length; the journal knows what it need not read."""
    log, whole = read_open(path), read_receipts(path)
    assert log.open_only
    assert not whole.open_only
    assert (log.size, len(parts(path))) == (whole.size, 2)
    assert len(log.records) < len(whole.records)
    assert kinds(path).count("dot") == 3
    assert all(0o600 == part.stat().st_mode & 0o777 for part in parts(path))
    with open_journal(path, TODAY, create=False) as journal:
        assert log_of(journal._db, path).open_only
        assert known_size(journal._db) <= log.size == Receipts(path).size()
        assert journal.recover() == Recovered()
        opened = journal.receipts
        opened.append({"kind": "outcome", "attempt": "none", "state": "sent", "at": ""})
        assert opened.size() == Receipts(path).size()


def test_nothing_is_told_twice(path: Path) -> None:
    """Runs without anything new add no line and close nothing more."""
    run(path)
    before, closed = receipts_path(path).read_bytes(), parts(path)
    for _ in range(3):
        assert run(path) == Recovered()
    assert (before, closed) == (receipts_path(path).read_bytes(), parts(path))


def test_a_lost_journal_is_made_again_from_all_of_them(path: Path) -> None:
    """Closed parts and open file, with a copy and without one."""
    for copy in (True, False):
        path.unlink()
        if not copy:
            shutil.rmtree(path.with_name("j.backups"))
        assert repair(path, TODAY, without_receipts=False).recovered.doubts == 0
        assert [] == sendable(path, "F-1", "F-2", "F-3")
        with open_journal(path, TODAY, create=False) as journal:
            assert Paid("F-9/2026", Decimal(5), date(2026, 11, 20)) in journal.facts()
            assert journal.put_back() is None


def _gone(part: Path) -> None:
    part.unlink()


def _shortened(part: Path) -> None:
    part.write_bytes(part.read_bytes()[:-1])


def _exchanged(part: Path) -> None:
    (other,) = set(part.parent.iterdir()) - {part}
    part.write_bytes(other.read_bytes())


SPOILT: list[Callable[[Path], None]] = [_gone, _shortened, _exchanged]


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_part_that_changed_is_said_and_written_anew(path: Path, spoil: Callable[[Path], None]) -> None:
    """The journal has all that it said: the next run says so once, and the receipts are whole again."""
    spoil(parts(path)[0])
    assert run(path) == Recovered(lost=True)
    assert run(path) == Recovered()
    assert not read_receipts(path).damaged
    assert kinds(path).count("dot") == 3
    path.unlink()
    repair(path, TODAY, without_receipts=False)
    assert [] == sendable(path, "F-1", "F-2", "F-3")


@pytest.mark.parametrize("spoil", SPOILT)
def test_a_lost_journal_and_a_part_that_changed(path: Path, spoil: Callable[[Path], None]) -> None:
    """What only that part told is not guessed; a copy that agrees with it has it."""
    first, second = (part for part in sorted(parts(path), key=lambda part: part.stat().st_mtime_ns))
    spoil(first)
    path.unlink()
    assert repair(path, TODAY, without_receipts=False).backup == backups(path)[0]
    assert [] == sendable(path, "F-1", "F-2", "F-3")
    path.unlink()
    shutil.rmtree(path.with_name("j.backups"))
    for part in parts(path):
        part.write_bytes(b"x")
    with pytest.raises(JournalError, match="illisibles"):
        repair(path, TODAY, without_receipts=False)
    assert second.name in {part.name for part in parts(path)}


@pytest.mark.parametrize("cut", range(3))
def test_cut_short_while_it_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    """Before each of the two files is there, or before the journal knows: nothing is lost, nothing is asked."""
    path = tmp_path / "j"
    written: list[Path] = []
    run(path, "F-1")

    def failing(place: Path, *args: object, **options: object) -> None:
        if len(written) == cut:
            raise OSError(28, "full")
        written.append(place)
        write_whole(place, *args, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(receipts, "write_whole", failing)
        if cut == 2:
            patch.setattr("relance.journal.recovery.note_agreed", failing)
        with pytest.raises(JournalError):
            run(path)
    assert (cut == 2) is read_open(path).open_only
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        assert agreed_in(db).parts == ()
    reader = read_journal(path)
    assert reader is not None
    with reader:
        assert len(reader.facts()) == 1
    assert run(path, "F-2") == Recovered()
    assert [] == sendable(path, "F-1", "F-2")
    assert kinds(path).count("dot") == 2


def test_a_journal_of_before_learns_what_is_closed(path: Path) -> None:
    """It is put back behind its receipts: the parts that it does not know are read."""
    with closing(sqlite3.connect(path)) as db, db:
        for table in ("delivery_keys WHERE delivery", "attempts WHERE delivery", "deliveries WHERE id"):
            db.execute(f"DELETE FROM {table} = 1")
    with open_journal(path, TODAY, create=False) as journal:
        assert not log_of(journal._db, path).open_only
        assert journal.recover() == Recovered(added=1)
        assert log_of(journal._db, path).open_only


def test_a_word_about_a_closed_message_reaches_the_receipts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user settles a doubt while the receipts cannot be written: the next run makes up for it."""
    path = tmp_path / "j"
    run(path, "F-1", settled=Settled(State.IN_DOUBT))
    run(path)
    with open_journal(path, TODAY, create=False) as journal, monkeypatch.context() as patch:
        patch.setattr(Receipts, "append", lambda self, *records: (_ for _ in ()).throw(OSError(28, "full")))
        assert ("F-1",) == journal.resolve("F-1/2026", sent=True, on=TODAY)
    assert run(path) == Recovered()
    assert ["in_doubt", "sent"] == [r["state"] for r in read_receipts(path).records if r["kind"] == "outcome"]
    with open_journal(path, TODAY, create=False) as journal:
        assert log_of(journal._db, path).open_only


def test_garbage_about_what_is_closed_is_nothing_known(path: Path) -> None:
    """All of them are read then."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE meta SET value = '[1' WHERE name = 'agreed'")
    with open_journal(path, TODAY, create=False) as journal:
        assert not log_of(journal._db, path).open_only
    assert run(path) == Recovered()
