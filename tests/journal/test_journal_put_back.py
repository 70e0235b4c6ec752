"""Journal, receipts and witness, cut off at any moment, and then one of them put back to any moment before."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from mail_support import TODAY, message

from relance.core.facts import Paid
from relance.errors import JournalError
from relance.journal import Journal, PutBackError, Settled, State, open_journal, receipts, repair, sealing
from relance.journal import witness as witness_module
from relance.journal.receipts import Receipts, receipts_path
from relance.journal.schema import transaction
from relance.journal.witness import Reach, Witness, put_back, state_folder

FILES = ("journal", "receipts", "witness")


class Moment(NamedTuple):
    """The three files after one step of a run, None where one was not there, and what had left by then."""

    files: tuple[bytes | None, ...]
    left: tuple[str, ...]


class Life:
    """Runs of a journal, with a picture of its files after each write of each of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.moments: list[Moment] = []
        self.left: list[str] = []

    def places(self) -> tuple[Path, ...]:
        """The three files."""
        (witness,) = state_folder(os.environ).glob("*") or (self.path.with_name("none"),)
        return self.path, receipts_path(self.path), witness

    def seen(self) -> None:
        """A picture of now."""
        if self.path.exists():
            files = [place.read_bytes() if place.exists() else None for place in (self.path, receipts_path(self.path))]
            found = [*state_folder(os.environ).glob("*")]
            files.append(found[0].read_bytes() if found else None)
            self.moments.append(Moment(tuple(files), tuple(self.left)))

    def run(self, *numbers: str) -> None:
        """A run that sends these, each a message, settled by groups as an outbox does."""
        with open_journal(self.path, TODAY, create=True) as journal:
            assert journal.put_back() is None
            journal.recover()
            journal.facts()
            waiting = journal.prepare([message(number) for number in numbers], TODAY)
            for i, each in enumerate(waiting):
                journal.at_dot(each, "mx.test:25", waiting[i + 1 :])
                self.left.append(numbers[i])
                self.seen()
                journal.answered(each, Settled(State.SENT, 250, "ok"))
            journal.flush()

    def back_to(self, files: tuple[bytes | None, ...], names: tuple[str, ...]) -> None:
        """These files in their places."""
        witness = state_folder(os.environ) / names[0]
        for place, content in zip((self.path, receipts_path(self.path), witness), files, strict=True):
            place.unlink(missing_ok=True)
            if content is not None:
                place.write_bytes(content)


@pytest.fixture(params=[receipts.LONG, 600], ids=["one file", "closed parts"])
def life(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Life:
    """Two runs of two messages, a payment between them, and a third run of one; in receipts that are closed, or not."""
    life = Life(tmp_path / "j")
    monkeypatch.setattr(receipts, "LONG", request.param)

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> None:
            function(*args)
            life.seen()

        return call

    @contextmanager
    def committed(*args: Any) -> Iterator[Any]:
        with transaction(*args) as db:
            yield db
        life.seen()

    with monkeypatch.context() as patch:
        patch.setattr(Receipts, "append", watched(Receipts.append))
        patch.setattr(Witness, "write", watched(Witness.write))
        patch.setattr(Witness, "open", watched(Witness.open))
        patch.setattr(sealing, "transaction", committed)
        patch.setattr(witness_module, "transaction", committed)
        life.run("F-1", "F-2")
        with open_journal(life.path, TODAY, create=False) as journal:
            journal.record(Paid("F-9/2026", Decimal(5), date(2026, 11, 20)))
        life.run("F-3", "F-4")
        life.run("F-5")
    return life


def sendable(journal: Journal, numbers: tuple[str, ...]) -> list[str]:
    """Which of these a run would send now, in silence."""
    journal.recover()
    prepared = journal.prepare([message(number) for number in numbers], TODAY)
    return [number for number, each in zip(numbers, prepared, strict=True) if each.delivery is not None]


def id_of(life: Life) -> str:
    """What its witness is called by."""
    with open_journal(life.path, TODAY, create=False) as journal:
        return journal.id


def test_no_crash_is_taken_for_a_file_put_back(life: Life) -> None:
    """Cut off after any write: nothing is asked, and nothing that left leaves again."""
    name = id_of(life)
    assert len(life.moments) > 40
    for moment in life.moments:
        life.back_to(moment.files, (name,))
        with open_journal(life.path, TODAY, create=False) as journal:
            assert journal.put_back() is None
            assert [] == sendable(journal, moment.left)


@pytest.mark.parametrize("which", FILES)
@pytest.mark.parametrize("gone", [pytest.param(False, marks=pytest.mark.slow), True])
def test_one_file_put_back_alone_is_seen(life: Life, which: str, gone: bool) -> None:
    """Cut off after any write, then one file as after any earlier one, or gone: seen, or nothing leaves twice."""
    name, n = id_of(life), FILES.index(which)
    unseen, seen = 0, 0
    for i, moment in [*enumerate(life.moments)][::3]:
        for old in [None] if gone else {earlier.files[n] for earlier in life.moments[:i]} - {moment.files[n]}:
            if which == "journal" and old is None:
                continue  # a journal that is gone is refused by its receipts
            life.back_to((*moment.files[:n], old, *moment.files[n + 1 :]), (name,))
            with open_journal(life.path, TODAY, create=False) as journal:
                if journal.put_back() is not None:
                    seen += 1
                    continue
                unseen += 1
                assert [] == sendable(journal, moment.left), (i, which)
    assert (gone and which == "journal") or seen


def test_a_witness_of_the_same_run_is_seen(life: Life) -> None:
    """After a run that went to its end, whatever the witness was before its last dot is too old; what it is is not."""
    name, last = id_of(life), life.moments[-1]
    older = {earlier.files[2] for earlier in life.moments} - {last.files[2]}
    assert {b"0000000003 0000000000\n", b"0000000002 0000000001\n"} <= older
    for witness in (last.files[2], *older):
        life.back_to((*last.files[:2], witness), (name,))
        with open_journal(life.path, TODAY, create=False) as journal:
            assert (journal.put_back() is None) is (witness == last.files[2]), witness


def test_a_witness_that_may_not_be_on_the_disk_is_not_counted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last flush failed: a power cut may leave it behind, and that is no file put back."""
    life = Life(tmp_path / "j")
    with monkeypatch.context() as patch:
        patch.setattr(Witness, "flush", lambda self: _fail(self))
        life.run("F-1", "F-2")
    with open_journal(life.path, TODAY, create=False) as journal:
        (state_folder(os.environ) / journal.id).write_bytes(b"0000000001 0000000001\n")
        assert journal.put_back() is None


def _fail(witness: Witness) -> None:
    if witness.known() != Reach(1, 0):
        raise OSError(5, "disk")


def test_accepted_once_it_is_asked_no_more(life: Life) -> None:
    """After `confirm journal` all three go on from there; what is known to have left does not leave again."""
    name, last = id_of(life), life.moments[-1]
    for n in range(3):
        for earlier in life.moments[5::7]:
            files = (*last.files[:n], earlier.files[n], *last.files[n + 1 :])
            if files[0] is None:
                continue
            life.back_to(files, (name,))
            with open_journal(life.path, TODAY, create=False) as journal:
                doubt = journal.put_back()
                journal.recover()
                if doubt is not None:
                    journal.accept()
                assert journal.put_back() is None
            with open_journal(life.path, TODAY, create=False) as journal:
                assert journal.put_back() is None
                assert [] == sendable(journal, last.left)


def test_without_a_home_the_two_others_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state folder that cannot be made: nothing is asked for it, and older receipts are seen all the same."""
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    life = Life(tmp_path / "j")
    life.run("F-1")
    early = receipts_path(life.path).read_bytes()
    life.run("F-2")
    with open_journal(life.path, TODAY, create=False) as journal:
        assert journal.put_back() is None
        receipts_path(life.path).write_bytes(early)
        assert "reçus" in str(journal.put_back())


def test_a_witness_that_fails_stops_before_the_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was there, and cannot be written any more: an error, and no dot."""
    life = Life(tmp_path / "j")
    life.run("F-1")
    with open_journal(life.path, TODAY, create=False) as journal:
        monkeypatch.setattr(Witness, "open", lambda self: os.open("/nowhere/at/all", os.O_RDONLY))
        with pytest.raises(JournalError):
            journal.prepare([message("F-2")], TODAY)


def test_a_witness_is_on_the_disk_at_the_end_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its generation at once, its dots when it is closed, and a disk that fails then harms nothing that left."""
    flushed: list[str] = []
    real = os.fsync

    def flush(handle: int) -> None:
        file = Path(f"/proc/self/fd/{handle}")
        if not file.resolve().is_relative_to(state_folder(os.environ)):
            real(handle)
            return
        flushed.append(file.read_text())
        if len(flushed) > 1:
            raise OSError(5, "disk")

    monkeypatch.setattr(os, "fsync", flush)
    Life(tmp_path / "j").run("F-1", "F-2")
    assert ["0000000001 0000000000\n", "0000000001 0000000002\n"] == flushed


def test_journals_of_before_get_their_witness_in_silence(tmp_path: Path) -> None:
    """One that never had a generation: nothing is missed."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        assert journal.put_back() is None
        journal.prepare([message("F-1")], TODAY)
        assert journal.put_back() is None
        assert "0000000001 0000000000\n" == (state_folder(os.environ) / journal.id).read_text()


def test_a_rebuilt_journal_goes_on(tmp_path: Path) -> None:
    """`repair` makes it from its receipts, which know all: nothing is asked after it."""
    life = Life(tmp_path / "j")
    life.run("F-1")
    life.path.unlink()
    assert repair(life.path, TODAY, without_receipts=False).rebuilt
    with open_journal(life.path, TODAY, create=False) as journal:
        assert journal.put_back() is None
        assert [] == sendable(journal, ("F-1",))


def test_accepted_in_the_middle_of_a_run(tmp_path: Path) -> None:
    """A generation of its own: all three go on from it, and the messages of the run are counted in it."""
    life = Life(tmp_path / "j")
    life.run("F-1")
    with open_journal(life.path, TODAY, create=False) as journal:
        [found] = journal.prepare([message("F-2")], TODAY)
        journal.accept()
        assert journal.put_back() is None
        journal.at_dot(found, "mx.test:25")
        assert "0000000003 0000000001\n" == (state_folder(os.environ) / journal.id).read_text()
        assert journal.put_back() is None


def test_a_witness_of_garbage_is_an_old_one(tmp_path: Path) -> None:
    """Its words cannot be understood: as if it were put back to its beginning."""
    life = Life(tmp_path / "j")
    life.run("F-1")
    with open_journal(life.path, TODAY, create=False) as journal:
        (state_folder(os.environ) / journal.id).write_bytes(b"\xff\xfe 1 2 3")
        assert "hors du dossier" in str(journal.put_back())


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"HOME": "/h", "XDG_STATE_HOME": "/s"}, "linux", "/s/relance"),
        ({"HOME": "/h", "XDG_STATE_HOME": "s"}, "linux", "/h/.local/state/relance"),
        ({"HOME": "/h"}, "linux", "/h/.local/state/relance"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/s"}, "darwin", "/h/Library/Application Support/relance"),
        ({"HOME": "/h", "LOCALAPPDATA": "/l"}, "win32", "/l/relance"),
        ({"HOME": "/h"}, "win32", "/h/AppData/Local/relance"),
    ],
)
def test_where_the_witness_lies(environ: dict[str, str], platform: str, folder: str) -> None:
    """By the custom of each system."""
    assert Path(folder) == state_folder(environ, platform)


def test_nobody_s_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system knows none: an error of the system, as for any folder that is not there."""

    def nowhere() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(FileNotFoundError, match="No such file") as caught:
        state_folder({})
    assert "HOME" == caught.value.filename


@pytest.mark.parametrize(
    ("journal", "receipts", "witness", "older"),
    [
        (0, Reach(), None, ""),
        (3, Reach(3, 4), Reach(3, 4), ""),
        (3, Reach(3, 4), Reach(3, 3), ""),
        (2, Reach(3, 0), Reach(2, 9), ""),
        (3, Reach(3, 0), Reach(2, 9), ""),
        (3, Reach(3, 4), Reach(3, 0), ""),
        (3, Reach(3, 4), Reach(3, 5), "reçus"),
        (3, Reach(2, 4), Reach(3, 5), "reçus"),
        (3, Reach(3, 1), Reach(2, 4), "mémoire"),
        (2, Reach(3, 1), Reach(3, 1), "journal est"),
        (1, Reach(3, 0), Reach(2, 1), "journal est"),
        (3, Reach(), None, "reçus"),
        (3, Reach(3, 1), Reach(), "mémoire"),
        (0, Reach(), Reach(1, 1), "reçus"),
    ],
)
def test_what_is_older(journal: int, receipts: Reach, witness: Reach | None, older: str) -> None:
    """Each row by hand: what a crash leaves, and what it cannot."""
    found = put_back(journal, receipts, witness)
    assert isinstance(found, PutBackError) is bool(older)
    assert older in str(found)


def test_the_witness_is_its_user_s_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder and itself, where both are new."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        journal.prepare([message()], TODAY)
        kept = tmp_path / "state" / "relance"
        assert (0o700, 0o600) == (kept.stat().st_mode & 0o777, (kept / journal.id).stat().st_mode & 0o777)


@pytest.mark.parametrize(
    ("journal", "receipts", "what"),
    [
        (3, Reach(), "Les reçus du journal manquent, ou sont plus anciens qu’à la fin du dernier envoi"),
        (2, Reach(3, 1), "Le journal est plus ancien que ses reçus"),
        (3, Reach(3, 1), "La mémoire que relance garde hors du dossier manque, ou est plus ancienne que le journal"),
    ],
)
def test_what_is_said_of_it(journal: int, receipts: Reach, what: str) -> None:
    """Which of the three it is, word for word, and both ways on."""
    found = put_back(journal, receipts, Reach() if receipts else None)
    assert isinstance(found, PutBackError)
    cure = (
        "Si c’est voulu (sauvegarde remise, nouvel ordinateur, dossier copié), « relance confirm journal » montre "
        "ce qui pourrait partir deux fois, puis l’accepte ; sinon, remettez le fichier à sa place."
    )
    assert (f"{what} : relance ne sait pas ce qui est parti depuis, et n’envoie rien.", cure) == found.args


@pytest.mark.parametrize("copied", [False, True])
def test_repair_believes_no_receipts_that_were_put_back(tmp_path: Path, copied: bool) -> None:
    """The journal is damaged and its receipts are older than the witness: rebuilt, and asked before anything leaves."""
    life = Life(tmp_path / "j")
    life.run("F-1")
    if copied:
        with open_journal(life.path, TODAY, create=False) as journal:
            journal.back_up(TODAY)
    early = receipts_path(life.path).read_bytes()
    life.run("F-2")
    receipts_path(life.path).write_bytes(early)
    life.path.write_bytes(b"damaged")
    assert repair(life.path, TODAY, without_receipts=False).rebuilt
    with open_journal(life.path, TODAY, create=False) as journal:
        assert "reçus" in str(journal.put_back())
        journal.recover()
        assert journal.put_back() is not None
        journal.accept()
        assert journal.put_back() is None


def test_two_deaths_in_a_row_are_not_taken_for_a_file_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each at another step of the beginning of a run, where nothing leaves yet; a disk that fails each day too."""
    life = Life(tmp_path / "j")
    life.run("F-1")

    def dies(*told: object) -> None:
        raise OSError(5, "dies")

    for of, name in [
        (Witness, "write"),
        (Witness, "open"),
        (Witness, "write"),
        (Witness, "write"),
        (Receipts, "append"),
    ]:
        with monkeypatch.context() as patch, open_journal(life.path, TODAY, create=False) as journal:
            patch.setattr(of, name, dies)
            assert journal.put_back() is None
            with pytest.raises(JournalError):
                journal.prepare([message("F-2")], TODAY)
    life.run("F-2")
    with open_journal(life.path, TODAY, create=False) as journal:
        assert journal.put_back() is None
        assert [] == sendable(journal, ("F-1", "F-2"))
