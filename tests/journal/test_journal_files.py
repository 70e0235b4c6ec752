"""The journal as a file: created whole, private, durable, never guessed at; its lock; twins and crashes."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import TODAY, message

from relance.core.facts import Allocated, Backlog, BacklogAnswered, Paid
from relance.core.mails import ANYONE, Incoming, Received
from relance.errors import EXIT_DONE, EXIT_NOTHING_DONE, JournalError
from relance.journal import BusyError, Journal, State, lock, open_journal, read_journal, repair
from relance.journal.rows import to_json
from relance.journal.schema import STEPS

ROOT = Path(__file__).parents[2]

FACT = BacklogAnswered(Backlog.AS_IS, TODAY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with one fact in it, closed."""
    path = tmp_path / "j.sqlite3"
    with open_journal(path, TODAY, create=True) as journal:
        journal.record(FACT)
    return path


def child(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process of its own, with the test helpers at hand."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "support"), str(ROOT)])}
    command = [sys.executable, "-c", textwrap.dedent(code), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)


def refused(action: Callable[[], object]) -> str:
    """The sentence and cure of an action that the journal must refuse."""
    with pytest.raises(JournalError) as caught:
        action()
    assert caught.value.cure
    assert caught.value.exit_code == EXIT_NOTHING_DONE
    return str(caught.value)


def writing(path: Path) -> str:
    """The refusal of opening this file for writing, which must leave it as it was."""
    before = path.read_bytes()
    text = refused(lambda: open_journal(path, TODAY, create=True))
    assert path.read_bytes() == before
    return text


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_only_its_owner_can_read_it(tmp_path: Path, umask: int) -> None:
    """Mode 0600 whatever the umask, and again after somebody opened it up."""
    path = tmp_path / "j.sqlite3"
    old = os.umask(umask)
    try:
        open_journal(path, TODAY, create=True).close()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    open_journal(path, TODAY, create=False).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(file.name for file in folder.iterdir())


def test_creation_leaves_two_files(path: Path) -> None:
    """The journal and its receipts, both private; no temporary file, no write-ahead log."""
    assert names(path.parent) == ["j.sqlite3", "j.sqlite3.receipts"]
    assert stat.S_IMODE(path.with_name("j.sqlite3.receipts").stat().st_mode) == 0o600


def test_missing_is_not_created_unasked(tmp_path: Path) -> None:
    """A lost journal is not replaced by an empty one that would send everything again."""
    assert "introuvable" in refused(lambda: open_journal(tmp_path / "j", TODAY, create=False))
    assert list(tmp_path.iterdir()) == []


def test_reading_creates_nothing(tmp_path: Path) -> None:
    """Where there is no journal, reading says so and leaves nothing behind."""
    assert read_journal(tmp_path / "j") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["j.sqlite3.receipts", "j.sqlite3-journal", "j.sqlite3.lock", "backups"])
@pytest.mark.parametrize("opening", [lambda p: open_journal(p, TODAY, create=True), read_journal])
def test_a_lost_journal_is_no_first_use(path: Path, left: str, opening: Callable[[Path], object]) -> None:
    """J1: any one thing beside its place tells that it was there, to who reads as to who writes."""
    with lock(path) as held, open_journal(path, TODAY, create=False) as journal:
        held.remember(journal.id)
        journal.back_up(TODAY)
    half = path.with_name("j.sqlite3-journal")
    half.write_bytes(b"")
    path.unlink()
    for trace in (path.with_name("j.sqlite3.receipts"), half, path.with_name("j.sqlite3.lock")):
        if trace.name != left:
            trace.unlink()
    if left != "backups":
        shutil.rmtree(path.with_name("j.sqlite3.backups"))
    before = names(path.parent)
    assert "relance repair" in refused(lambda: opening(path))
    assert before == names(path.parent)


def test_reading_cannot_write(path: Path) -> None:
    """The journal that `plan` opens refuses every change."""
    before = path.read_bytes()
    reader = read_journal(path)
    assert reader is not None
    with reader:
        assert "écrit" in refused(lambda: reader.record(FACT))
    assert path.read_bytes() == before


def test_durable_settings(path: Path) -> None:
    """A rollback journal, flushed with its directory, foreign keys checked."""
    with open_journal(path, TODAY, create=False) as journal:
        names = ("journal_mode", "synchronous", "foreign_keys")
        assert [journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in names] == ["delete", 3, 1]


@pytest.mark.parametrize("opening", [lambda p: open_journal(p, TODAY, create=True), read_journal])
@pytest.mark.parametrize(
    ("content", "said"), [(b"", "vide"), (b"Num\xe9ro;Client\n" * 100, "abîmé"), (b"SQLite format 3\0" * 9, "abîmé")]
)
def test_what_is_no_journal_is_refused(
    tmp_path: Path, content: bytes, said: str, opening: Callable[[Path], object]
) -> None:
    """An empty, foreign or broken file is left as it is, with a sentence and a cure."""
    path = tmp_path / "j.sqlite3"
    path.write_bytes(content)
    assert said in refused(lambda: opening(path))
    assert path.read_bytes() == content


def test_another_program_s_database_is_refused(tmp_path: Path) -> None:
    """A SQLite file of another program is not taken over."""
    path = tmp_path / "other.sqlite3"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE bookmarks (url TEXT)")
    db.close()
    assert "[journal] file" in writing(path)


def test_a_newer_journal_is_refused_untouched(path: Path) -> None:
    """A journal that a later version wrote is neither read nor changed."""
    db = sqlite3.connect(path)
    with db:
        db.execute("INSERT INTO migrations VALUES ('2031-01 telepathy', '')")
    db.close()
    assert "plus récente" in writing(path)
    assert "plus récente" in refused(lambda: read_journal(path))


def test_damage_is_seen_whichever_page_it_hits(path: Path) -> None:
    """Each page flipped in turn: refused, or harmlessly outside what is used, never a traceback."""
    whole = path.read_bytes()
    refusals = 0
    for page in range(len(whole) // 4096):
        broken = bytearray(whole)
        for i in range(page * 4096, page * 4096 + 4096):
            broken[i] ^= 0xFF
        path.write_bytes(bytes(broken))
        try:
            with open_journal(path, TODAY, create=False) as journal:
                assert journal.facts() in ([FACT], [])
        except JournalError as error:
            refusals += str(path) in str(error)
    assert refusals >= len(whole) // 4096 - 2


@pytest.mark.parametrize("payload", ["{}", "not json", '{"answer": "maybe", "on": "2026-11-23"}', '{"tomorrow": 1}'])
def test_an_unreadable_line_is_a_sentence(path: Path, payload: str) -> None:
    """A row that no version of relance wrote, and that names nobody, may be about anyone; the others count."""
    db = sqlite3.connect(path)
    with db:
        row = (payload,)
        db.execute(
            "INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES ('', 'backlog', '', ?, '')", row
        )
    db.close()
    with open_journal(path, TODAY, create=False) as journal:
        lost, fact = sorted(journal.facts(), key=lambda fact: fact.on)
        assert (FACT, ANYONE, ANYONE) == (fact, lost.invoice, lost.customer)  # type: ignore[union-attr]


def test_a_journal_without_its_first_day_is_refused(path: Path) -> None:
    """The day of creation decides what is backlog: without it nothing is planned."""
    db = sqlite3.connect(path)
    with db:
        db.execute("DELETE FROM meta")
    db.close()
    assert "illisible" in refused(lambda: read_journal(path))


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    """A path that is a folder, or goes through a file, is a sentence."""
    (tmp_path / "file").write_text("")
    assert "ouvert" in refused(lambda: open_journal(tmp_path, TODAY, create=True))
    assert "utilisé" in refused(lambda: open_journal(tmp_path / "file" / "j", TODAY, create=True))


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="another user's file needs root to make it")
def test_a_read_only_folder() -> None:
    """Reading works where nothing may be written; writing is a sentence, not a traceback."""
    code = """
        import os, sys
        from datetime import date
        from pathlib import Path
        from relance.errors import JournalError
        from relance.journal import lock, open_journal, read_journal
        from relance.core.facts import Released
        os.setuid(65534)
        path, day = Path(sys.argv[1]), date(2026, 11, 23)
        print(len(read_journal(path).facts()))
        def new(): open_journal(path.with_name("new"), day, create=True)
        def old(): open_journal(path, day, create=False).record(Released("x", day))
        def held():
            with lock(path): pass
        for action in (new, old, held):
            try: action()
            except JournalError as error: print(error)
        """
    with tempfile.TemporaryDirectory() as folder:  # under /tmp, where another user can look
        path = Path(folder) / "j.sqlite3"
        with open_journal(path, TODAY, create=True) as journal:
            journal.record(FACT)
        Path(folder).chmod(0o755)
        path.chmod(0o644)
        done = child(code, str(path))
    assert done.stderr == ""
    read, *refusals = done.stdout.splitlines()
    assert read == "1"
    assert ["droits" in line for line in refusals] == [True, True, True]


@pytest.mark.slow
def test_a_full_disk_is_a_sentence_and_changes_nothing(path: Path) -> None:
    """A file that may not grow: the message is not claimed, the journal stays readable."""
    done = child(
        """
        import os, resource, sys
        from datetime import date
        from pathlib import Path
        from mail_support import message
        from relance.errors import JournalError
        from relance.journal import open_journal
        path, day = Path(sys.argv[1]), date(2026, 11, 23)
        journal = open_journal(path, day, create=False)
        size = path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try: journal.prepare([message()._replace(raw=os.urandom(100_000))], day)
        except JournalError as error: print(error)
        print(journal._db.execute("SELECT count(*) FROM deliveries").fetchone()[0], len(journal.facts()))
        """,
        str(path),
    )
    sentence, counts = done.stdout.splitlines()
    assert str(path) in sentence
    assert counts == "0 1"


def test_another_writer_is_waited_for_then_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that keeps the file locked is named after a while."""
    monkeypatch.setattr("relance.journal.files._WAIT", 0.1)
    db = sqlite3.connect(path, isolation_level=None)
    with open_journal(path, TODAY, create=False) as journal:
        db.execute("BEGIN IMMEDIATE")
        assert "autre programme" in refused(lambda: journal.record(FACT))
        db.execute("ROLLBACK")
        journal.record(FACT)
    db.close()


def half_written(path: Path) -> None:
    """Kill a process in the middle of a commit: the file is changed, its rollback journal still there."""
    done = child(
        """
        import os, sqlite3, sys
        db = sqlite3.connect(sys.argv[1], isolation_level=None)
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN IMMEDIATE")
        db.execute("CREATE TABLE junk (a)")
        for i in range(50):
            db.execute("INSERT INTO junk VALUES (randomblob(4000))")
        os._exit(9)
        """,
        str(path),
    )
    assert done.returncode == 9
    assert path.with_name(f"{path.name}-journal").exists()


@pytest.mark.slow
def test_half_a_commit_is_read_without_touching_it(path: Path) -> None:
    """After a crash inside a commit `plan` reads the state before it, and repairs nothing."""
    half_written(path)
    files = {file: file.read_bytes() for file in path.parent.iterdir()}
    reader = read_journal(path)
    assert reader is not None
    with reader:
        assert reader.facts() == [FACT]
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == files


@pytest.mark.slow
def test_half_a_commit_is_rolled_back_by_the_next_writer(path: Path) -> None:
    """The next opening for writing repairs the file."""
    half_written(path)
    with open_journal(path, TODAY, create=False) as journal:
        assert journal.facts() == [FACT]
    assert names(path.parent) == ["j.sqlite3", "j.sqlite3.receipts"]


def november(folder: Path) -> Path:
    """A journal and its receipts as the version before this shape wrote them: five messages and two facts."""
    here, path = Path(__file__).parent, folder / "november.sqlite3"
    with sqlite3.connect(path) as db:
        db.executescript((here / "november.sql").read_text("utf-8"))
    db.close()
    shutil.copyfile(here / "november.receipts", path.with_name(f"{path.name}.receipts"))
    return path


NOVEMBER = {
    *(("BacklogAnswered", ""), ("Paid", "F-3/2026"), ("Drafted", "F-2/2026"), ("InDoubt", "F-3/2026")),
    *(("Refused", "F-4/2026"), ("Refused", "F-5/2026"), ("InDoubt", "F-6/2026"), ("Reminded", "F-1/2026")),
}
"""What that journal knows; F-6 was claimed by a version without receipts."""


def known(journal: Journal) -> set[tuple[str, str]]:
    """The kinds of its facts, with the invoice."""
    return {(type(fact).__name__, getattr(fact, "invoice", "")) for fact in journal.facts()}


def test_the_journal_of_the_version_before_is_migrated(tmp_path: Path) -> None:
    """In the file once when writing, in memory when reading; nothing that it knew is lost, nor free to leave again."""
    path = november(tmp_path)
    before = path.read_bytes()
    reader = read_journal(path)
    assert reader is not None
    with reader:
        assert known(reader) == NOVEMBER
    assert path.read_bytes() == before
    for _ in range(2):
        with open_journal(path, TODAY, create=False) as journal:
            journal.recover()
            assert known(journal) == NOVEMBER
            assert journal.seen(TODAY).keys() == {"F-1/2026"}
            assert [doubt.message_id for doubt in journal.in_doubt()] == [message(n).message_id for n in ("F-3", "F-6")]
            assert journal.started == TODAY
            taken = [p.delivery for p in journal.prepare(map(message, ["F-1", "F-2", "F-3", "F-6"]), TODAY)]
            assert taken == [None] * 4


def test_a_lost_journal_of_the_version_before_is_made_again(tmp_path: Path) -> None:
    """From the receipts, once this version has used them: all but what never came to a dot."""
    path = november(tmp_path)
    with open_journal(path, TODAY, create=False) as journal:
        journal.recover()
    path.unlink()
    repair(path, TODAY, without_receipts=False)
    with open_journal(path, TODAY, create=False) as journal:
        assert known(journal) == {(kind, invoice) for kind, invoice in NOVEMBER if kind != "Refused"}


def test_what_a_version_no_longer_knows_of_a_fact_is_passed_over(tmp_path: Path) -> None:
    """A field that has gone since, of a fact or of what a message said, makes nothing unreadable, nor lost later."""
    path = november(tmp_path)
    said = Allocated(
        credit="A-1/2026", number="A-1", invoice="F-1/2026", amount=Decimal("300.00"), dated=TODAY, on=TODAY
    )
    payload = json.dumps(json.loads(to_json(said)) | {"once": {"shown": "1.00"}, "before": None})
    with sqlite3.connect(path) as db:
        row = ("2026-11-20T09:00:20+00:00", "allocated", TODAY.isoformat(), payload, "")
        db.execute("INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES (?, ?, ?, ?, ?)", row)
        db.execute("UPDATE delivery_keys SET snapshot = json_set(snapshot, '$.once', 'x')")
    db.close()
    with read_only(path) as reader:
        assert known(reader) == NOVEMBER | {("Allocated", "F-1/2026")}
        assert said in reader.facts()
    with open_journal(path, TODAY, create=False) as journal:
        journal.recover()
    path.unlink()
    repair(path, TODAY, without_receipts=False)
    with open_journal(path, TODAY, create=False) as journal:
        assert said in journal.facts()
        assert said == journal.take_back({"F-1/2026"}, TODAY)
        assert said not in journal.facts()


def test_a_migrated_journal_has_the_tables_of_a_new_one(path: Path, tmp_path: Path) -> None:
    """Column by column, so that no statement of ours fits the one and not the other."""
    with open_journal(november(tmp_path), TODAY, create=False) as migrated, read_only(path) as new:
        select = (
            "SELECT m.type, m.name, c.* FROM sqlite_master m LEFT JOIN pragma_table_info(m.name) c ORDER BY 1, 2, 3"
        )
        assert migrated._db.execute(select).fetchall() == new._db.execute(select).fetchall()


def read_only(path: Path) -> Journal:
    """The journal for reading, which is there."""
    journal = read_journal(path)
    assert journal is not None
    return journal


@pytest.mark.parametrize("last", ["2026-11 first", "2026-11 drafts sent by hand"])
def test_a_journal_that_is_too_old_is_refused_untouched(tmp_path: Path, last: str) -> None:
    """It is neither read, nor changed, nor put aside, nor taken as new."""
    path = november(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM migrations WHERE rowid > (SELECT rowid FROM migrations WHERE name = ?)", (last,))
    db.close()
    said = (
        f"Le journal « {path} » date d’une version de relance trop ancienne : celle-ci ne sait plus le lire. Reprenez "
        "la version qui l’a écrit, ou nommez un autre fichier dans [journal] file et redites-lui ce qui est parti "
        "(« relance record ») ; celui-ci n’a pas été touché."
    )
    files = {file: file.read_bytes() for file in tmp_path.iterdir()}
    assert writing(path) == said
    assert refused(lambda: read_journal(path)) == said
    assert refused(lambda: repair(path, TODAY, without_receipts=True)) == said
    assert files == {file: file.read_bytes() for file in tmp_path.iterdir()}


def test_a_failing_migration_leaves_the_journal_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration happens whole or not at all."""
    path = november(tmp_path)
    with monkeypatch.context() as patch:
        failing = ("more", ("CREATE TABLE more (a TEXT)", "no SQL at all"))
        patch.setattr("relance.journal.schema.STEPS", (*STEPS, failing))
        refused(lambda: open_journal(path, TODAY, create=False))
    with open_journal(path, TODAY, create=False) as journal:
        assert journal._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'more'").fetchone() is None
        assert known(journal) == NOVEMBER


def test_two_creators_make_one_journal(tmp_path: Path) -> None:
    """Of several first runs at once one journal remains, and every one of them uses it."""
    path = tmp_path / "j.sqlite3"
    taken: list[int | None] = []
    gate = threading.Barrier(4)

    def run() -> None:
        gate.wait(10)
        with open_journal(path, TODAY, create=True) as journal:
            taken.extend(found.delivery for found in journal.prepare([message()], TODAY))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(taken, key=str) == [1, None, None, None]
    assert names(tmp_path) == ["j.sqlite3", "j.sqlite3.receipts"]


def test_where_links_are_unknown_the_file_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ExFAT and some network folders know no hard links."""

    def no_links(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    open_journal(tmp_path / "j", TODAY, create=True).close()
    assert names(tmp_path) == ["j", "j.receipts"]


@pytest.mark.slow
def test_the_lock_is_held_once(path: Path) -> None:
    """A second process finds the lock held, at once and without failing; its end frees it."""
    code = """
        import sys
        from pathlib import Path
        from relance.journal import BusyError, lock
        try:
            with lock(Path(sys.argv[1])): print("mine")
        except BusyError as busy: print(busy.exit_code, busy.since)
        """
    with lock(path):
        held = child(code, str(path)).stdout.split()
        with pytest.raises(BusyError) as caught, lock(path):
            pass
    assert held[:2] == [str(EXIT_DONE), str(date.fromisoformat(held[1]))]
    assert caught.value.since is not None
    assert child(code, str(path)).stdout == "mine\n"


@pytest.mark.slow
def test_the_lock_does_not_outlive_its_process(path: Path) -> None:
    """A killed holder leaves no stale lock, and its children do not keep it."""
    done = child(
        """
        import os, subprocess, sys
        from pathlib import Path
        from relance.journal import lock
        with lock(Path(sys.argv[1])):
            null = subprocess.DEVNULL
            left = subprocess.Popen(["sleep", "5"], stdout=null, stderr=null, close_fds=False)
            print(left.pid, flush=True)
            os._exit(9)
        """,
        str(path),
    )
    try:
        with lock(path):
            pass
    finally:
        os.kill(int(done.stdout), 15)


def test_an_unreadable_stamp_is_no_matter(path: Path) -> None:
    """The lock decides, not what is written in its file."""
    with lock(path):
        path.with_name(f"{path.name}.lock").write_text("??")
        with pytest.raises(BusyError) as caught, lock(path):
            pass
    assert caught.value.since is None


def test_a_lock_that_is_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    """What it leads to would be locked, and written over, instead."""
    other = tmp_path / "other"
    other.write_text("precious")
    path.with_name(f"{path.name}.lock").symlink_to(other)
    with pytest.raises(JournalError, match="est un lien, et non un fichier") as caught, lock(path):
        pass
    assert not isinstance(caught.value, BusyError)
    assert "precious" == other.read_text()


def test_a_lock_that_is_a_folder_is_a_sentence(path: Path) -> None:
    """What the system says of it, and of which file; no link is spoken of."""
    path.with_name(f"{path.name}.lock").mkdir()
    with pytest.raises(JournalError, match=r"j\S*\.lock » ne peut pas être utilisé") as caught, lock(path):
        pass
    assert "lien" not in str(caught.value)


@pytest.mark.parametrize(("stored", "invoice"), [('{"invoice": "F-1/2026", 12', "F-1/2026"), ("12", None)])
def test_a_line_that_cannot_be_read_holds_its_invoice(path: Path, stored: str, invoice: str | None) -> None:
    """Where its text tells which one that is; where it does not it may be about any."""
    with open_journal(path, TODAY, create=False) as journal:
        before = journal.facts()
    db = sqlite3.connect(path)
    with db:
        insert = "INSERT INTO facts (recorded_at, kind, on_date, payload, note) VALUES ('2026', 'paid', ?, ?, '')"
        db.execute(insert, (TODAY.isoformat(), stored))
        known = "INSERT INTO seen (invoice, number, customer, total, due_date, is_open)"  # else the name may be damaged
        db.execute(f"{known} VALUES ('F-1/2026', 'F-1', 'name:x', '9', '2026-11-20', 1)")
    db.close()
    with open_journal(path, TODAY, create=False) as journal:
        # What was said of others can be taken back all the same.
        paid = Paid("F-2/2026", Decimal(5), TODAY)
        journal.record(paid)
        assert paid == journal.take_back({"F-2/2026"}, TODAY)
        assert journal.take_back({"F-1/2026"}, TODAY) is None
        lost, *others = sorted(journal.facts(), key=lambda fact: fact in before)
    assert before == others
    if invoice is None:
        assert (ANYONE, date.min, None) == (lost.invoice, lost.on, lost.dated)  # type: ignore[union-attr]
        return
    assert Received(invoice, Incoming.LOST_LINE, TODAY, "2026", subject="paid", dated=TODAY) == lost


@pytest.mark.slow
def test_overlapping_runs_take_each_message_once(path: Path) -> None:
    """Five processes that prepare the same ten messages at once take each exactly once."""
    code = """
        import sys
        from datetime import date
        from pathlib import Path
        from mail_support import message
        from relance.journal import Settled, State, open_journal
        with open_journal(Path(sys.argv[1]), date(2026, 11, 23), create=False) as journal:
            sys.stdin.read()
            for i in range(10):
                [taken] = journal.prepare([message(f"F-{i}")], date(2026, 11, 23))
                if taken.delivery:
                    print(i)
                    journal.at_dot(taken, "mx.test:25")
                    journal.answered(taken, Settled(State.SENT, 250, "ok"))
            journal.flush()
        """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "support"), str(ROOT)])}
    command = [sys.executable, "-c", textwrap.dedent(code), str(path)]
    twins = [
        subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(5)
    ]
    for twin in twins:
        assert twin.stdin is not None
        twin.stdin.close()
        twin.stdin = None
    taken = [line for twin in twins for line in twin.communicate(timeout=60)[0].split()]
    assert sorted(taken) == [str(i) for i in range(10)]
    with open_journal(path, TODAY, create=False) as journal:
        assert len(journal.facts()) == 11


def test_a_closed_journal_is_a_mistake_of_ours(path: Path) -> None:
    """A bug is not dressed up as a damaged file."""
    journal = open_journal(path, TODAY, create=False)
    journal.close()
    with pytest.raises(sqlite3.ProgrammingError):
        journal.record(FACT)


def test_state_words_are_stable() -> None:
    """The words in the file are read by later versions."""
    words = ["prepared", "at_dot", "sent", "draft", "in_doubt", "deferred", "refused", "not_sent"]
    assert [state.value for state in State] == words
