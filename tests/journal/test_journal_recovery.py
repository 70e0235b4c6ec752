"""Journal and receipts after crashes, losses and restored copies: each made up for by the other, or said."""

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import NOON, TODAY, message

from relance.core.facts import Backlog, BacklogAnswered, InDoubt, Reminded
from relance.core.history import Seen
from relance.errors import JournalError
from relance.journal import (
    BusyError,
    Journal,
    Prepared,
    Settled,
    State,
    lock,
    open_journal,
    read_journal,
    recovery,
    repair,
)
from relance.journal.files import Repaired
from relance.journal.lock import LONG, guarded_journal
from relance.journal.receipts import read_receipts, receipts_path
from relance.journal.recovery import Recovered
from relance.journal.whole_files import backups, day_of, thinned, unpacked

FACT = BacklogAnswered(Backlog.AS_IS, TODAY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with a fact and one message sent."""
    path = tmp_path / "j.sqlite3"
    with open_journal(path, TODAY, create=True) as journal:
        journal.record(FACT)
        assert [FACT] == journal.facts()  # as the plan of a run asks for them
        found = at_dot(journal, "F-0")
        journal.answered(found, Settled(State.SENT, 250, "ok"))
        journal.flush()
        journal.recover()
    return path


def at_dot(journal: Journal, number: str) -> Prepared:
    """A message that came to the dot."""
    [found] = journal.prepare([message(number)], TODAY)
    journal.at_dot(found, "mx.test:25")
    return found


def opened(path: Path) -> Journal:
    """The journal as the next run opens it."""
    return open_journal(path, TODAY, create=False)


def kinds(path: Path) -> list[str]:
    """The names of the facts, as a reader sees them."""
    reader = read_journal(path)
    assert reader is not None
    with reader:
        return sorted(type(fact).__name__ for fact in reader.facts())


def test_prepared_and_never_at_the_dot_is_free(path: Path) -> None:
    """A crash before the dot: nothing left, and the same keys may be prepared again."""
    with opened(path) as journal:
        journal.prepare([message("F-1")], TODAY)
    assert kinds(path) == ["BacklogAnswered", "Reminded"]
    with opened(path) as journal:
        assert journal.recover() == Recovered()
        assert journal.prepare([message("F-1")], TODAY)[0].delivery is not None


def test_between_the_commit_and_its_line_nothing_left(path: Path) -> None:
    """At the dot in the journal, no line in the receipts: it is certain that no dot was sent."""
    with opened(path) as journal:
        [found] = journal.prepare([message("F-1")], TODAY)
        journal._arm([found])
    with opened(path) as journal:
        assert journal.recover() == Recovered()
        assert [type(f) for f in journal.facts()] == [BacklogAnswered, Reminded]


def test_one_commit_for_several_leaves_no_doubt_about_the_others(path: Path) -> None:
    """A commit that covers messages ahead: a crash leaves in doubt the one at the dot alone."""
    with opened(path) as journal:
        first, *ahead = journal.prepare([message(f"F-{n}") for n in range(1, 4)], TODAY)
        journal.at_dot(first, "mx.test:25", ahead)
        assert journal._armed == {p.delivery for p in (first, *ahead)}
    with opened(path) as journal:
        assert journal.recover() == Recovered(doubts=1)
        assert [f.invoice for f in journal.facts() if isinstance(f, InDoubt)] == ["F-1/2026"]


@pytest.mark.parametrize("state", [State.SENT, State.DEFERRED, State.REFUSED, State.IN_DOUBT])
def test_an_answer_that_only_the_receipts_have(path: Path, state: State) -> None:
    """A crash between the line of the reply and the commit: repaired without a question; a reader knows it at once."""
    with opened(path) as journal:
        found = at_dot(journal, "F-1")
        later = NOON + timedelta(hours=1)
        journal.answered(found, Settled(state, 250, "ok", next_try=later, tries=1))
    expected = {State.SENT: "Reminded", State.DEFERRED: "Deferred", State.REFUSED: "Refused"}.get(state, "InDoubt")
    before = path.read_bytes()
    assert kinds(path) == sorted(["BacklogAnswered", "Reminded", expected])
    assert path.read_bytes() == before
    with opened(path) as journal:
        assert journal.recover().doubts == (state is State.IN_DOUBT)
    assert kinds(path) == sorted(["BacklogAnswered", "Reminded", expected])


def test_recovery_cut_short_three_times_converges(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """K2: dying inside the recovery changes nothing of its result."""
    with opened(path) as journal:
        at_dot(journal, "F-1")

    def dying(*told: object) -> int:
        raise KeyboardInterrupt

    for name in ("_add_facts", "set_state", "apply_outcome"):
        with monkeypatch.context() as patch, opened(path) as journal:
            patch.setattr(recovery, name, dying)
            if name == "apply_outcome":
                patch.setattr(recovery, "set_state", dying)
            with pytest.raises(KeyboardInterrupt):
                journal.recover()
    with opened(path) as journal:
        assert journal.recover() == Recovered(doubts=1)
        assert journal.recover() == Recovered()


def test_receipts_gone_make_doubts_of_what_was_at_the_dot(path: Path) -> None:
    """J3: without receipts nobody can tell whether the dot was sent; what was settled stays settled."""
    with opened(path) as journal:
        at_dot(journal, "F-1")
    receipts_path(path).unlink()
    assert kinds(path) == ["BacklogAnswered", "InDoubt", "Reminded"]
    with opened(path) as journal:
        assert journal.recover() == Recovered(doubts=1, lost=True)
        assert journal.recover() == Recovered()
    states = [r["state"] for r in read_receipts(path).records if r["kind"] == "outcome"]
    assert states == ["sent", "in_doubt"]


def test_receipts_cut_short_count_as_missing(path: Path) -> None:
    """J3: receipts restored from an older copy are shorter than the journal remembers."""
    old = receipts_path(path).read_bytes()
    with opened(path) as journal:
        found = at_dot(journal, "F-1")
        journal.answered(found, Settled(State.SENT))
        journal.flush()
        at_dot(journal, "F-2")
    receipts_path(path).write_bytes(old)
    with opened(path) as journal:
        assert journal.recover() == Recovered(doubts=1, lost=True)
    assert len([f for f in path.parent.iterdir() if ".receipts." in f.name]) == 1
    assert kinds(path) == ["BacklogAnswered", "InDoubt", "Reminded", "Reminded"]


def test_a_damaged_line_makes_doubts(path: Path) -> None:
    """A flipped octet in the middle of the receipts: what cannot be excluded is asked."""
    with opened(path) as journal:
        [found] = journal.prepare([message("F-1")], TODAY)
        journal._arm([found])
    receipts = receipts_path(path)
    content = bytearray(receipts.read_bytes())
    content[len(content) // 2] ^= 1
    receipts.write_bytes(bytes(content))
    with opened(path) as journal:
        assert journal.recover() == Recovered(doubts=1, lost=True)


@pytest.mark.parametrize("torn", [b'{"kind":"dot","attem', b"\0" * 40, b""])
def test_a_torn_last_line_is_no_damage(path: Path, torn: bytes) -> None:
    """A line whose writer died or had no room was never acted upon; the next one begins on a line of its own."""
    with opened(path) as journal:
        [found] = journal.prepare([message("F-1")], TODAY)
        journal._arm([found])
    with receipts_path(path).open("ab") as file:
        file.write(torn)
    with opened(path) as journal:
        assert journal.recover() == Recovered()
        before = receipts_path(path).read_bytes()
        journal.record(FACT)
        journal.record(FACT)
    added = receipts_path(path).read_bytes().removeprefix(before)
    assert (added.startswith(b" torn\n"), added.count(b"torn")) == (bool(torn), bool(torn))
    log = read_receipts(path)
    assert (log.damaged, [record["kind"] for record in log.records[-2:]]) == (False, ["fact", "fact"])
    assert kinds(path).count("BacklogAnswered") == 3


def test_an_older_journal_learns_from_its_receipts(path: Path) -> None:
    """J3: last week's copy of the journal forgets neither what was sent, nor what is in doubt, nor what was told."""
    old = path.read_bytes()
    with opened(path) as journal:
        found = at_dot(journal, "F-1")
        journal.answered(found, Settled(State.SENT, 250, "2.0.0 Ok"))
        at_dot(journal, "F-2")
        refused = at_dot(journal, "F-3")
        journal.answered(refused, Settled(State.REFUSED, 554, "no"))
        journal.record(FACT)
        journal.flush()
        facts = sorted(journal.facts(), key=str)
    path.write_bytes(old)
    assert kinds(path) == sorted(type(f).__name__ for f in facts)
    with opened(path) as journal:
        assert journal.recover() == Recovered(added=4, doubts=1)
        assert sorted(journal.facts(), key=str) == facts
        assert journal.prepare([message("F-1")], TODAY)[0].delivery is None


def test_a_doubt_that_only_the_receipts_know_holds_what_no_other_message_has(path: Path) -> None:
    """One of its invoices left in another message meanwhile: that one stays there, the other may not leave again."""
    old = path.read_bytes()
    with opened(path) as journal:
        [found] = journal.prepare([message("F-1", "F-2")], TODAY)
        journal.at_dot(found, "mx.test:25")
    path.write_bytes(old)
    with opened(path) as journal:
        journal.answered(at_dot(journal, "F-1"), Settled(State.SENT, 250, "ok"))
        journal.flush()
        assert journal.recover() == Recovered(added=1, doubts=1)
        assert [p.delivery for p in journal.prepare([message("F-1"), message("F-2")], TODAY)] == [None, None]
        journal.resolve("F-2/2026", sent=False, on=TODAY)
        free = [p.delivery is not None for p in journal.prepare([message("F-1"), message("F-2")], TODAY)]
        assert free == [False, True]


def test_a_word_of_the_user_survives_the_loss_of_either_file(path: Path) -> None:
    """What `resolve` and `record` of a draft settled is in both files."""
    with opened(path) as journal:
        at_dot(journal, "F-1")
        [draft] = journal.prepare([message("F-2")], TODAY)
        journal.settle(draft, Settled(State.DRAFT))
        journal.resolve("F-1/2026", sent=True, on=TODAY)
        journal.draft_sent("F-2/2026", "friendly", TODAY + timedelta(days=2))
        facts = sorted(journal.facts(), key=str)
    path.unlink()
    repair(path, TODAY, without_receipts=False)
    with opened(path) as journal:
        assert sorted(journal.facts(), key=str) == facts


def test_receipts_of_another_journal_are_refused(path: Path, tmp_path: Path) -> None:
    """Two files that do not belong together are not mixed."""
    other = tmp_path / "other.sqlite3"
    open_journal(other, TODAY, create=True).close()
    shutil.copyfile(receipts_path(other), receipts_path(path))
    with opened(path) as journal, pytest.raises(JournalError) as caught:
        journal.recover()
    assert str(caught.value) == (
        "Les reçus à côté du journal sont ceux d’un autre journal : l’un des deux n’est pas à sa place."
        " Remettez ensemble le journal et son fichier .receipts ; l’un n’est rien sans l’autre."
    )
    with pytest.raises(JournalError, match="autre journal"):
        read_journal(path)


def test_receipts_without_their_first_line_are_rewritten(path: Path) -> None:
    """A file that does not say whose it is tells nothing; it is kept aside."""
    receipts = receipts_path(path)
    receipts.write_bytes(b"\n".join(receipts.read_bytes().split(b"\n")[1:]))
    with opened(path) as journal:
        assert journal.recover().lost
        assert not journal.recover().lost
    header = json.loads(receipts.read_bytes().split(b"\n")[0].rpartition(b" ")[0])
    assert (header["kind"], header["started"]) == ("receipts", TODAY.isoformat())


def test_facts_that_the_receipts_missed_are_made_up_for(path: Path) -> None:
    """A line that could not be written is written by the next run."""
    receipts = receipts_path(path)
    away = receipts.with_suffix(".away")
    with opened(path) as journal:
        receipts.rename(away)
        journal.record(FACT)
    away.rename(receipts)
    assert len([r for r in read_receipts(path).records if r["kind"] == "fact"]) == 1
    with opened(path) as journal:
        assert journal.recover() == Recovered()
    assert len([r for r in read_receipts(path).records if r["kind"] == "fact"]) == 2


@pytest.mark.parametrize("left", ["receipts", "backup", "lock"])
def test_a_lost_journal_is_never_begun_anew(path: Path, left: str) -> None:
    """J1: whatever shows that there was a journal keeps the next run from beginning one in silence."""
    with opened(path) as journal:
        journal.back_up(TODAY)
    path.unlink()
    if left != "receipts":
        receipts_path(path).unlink()
    if left != "backup":
        shutil.rmtree(path.with_name(f"{path.name}.backups"))
    if left == "lock":
        path.with_name(f"{path.name}.lock").write_text("2026-11-23T10:00:00+00:00\nabc\n")
    with pytest.raises(JournalError, match="relance repair"):
        open_journal(path, TODAY, create=True)
    assert not path.exists()


def test_repair_from_the_receipts_alone(path: Path) -> None:
    """J1: everything that left, or may have, is known again; nothing can be prepared twice."""
    with opened(path) as journal:
        at_dot(journal, "F-1")
        started, name = journal.started, journal.id
    path.unlink()
    done = repair(path, TODAY + timedelta(days=3), without_receipts=False)
    assert (done.rebuilt, done.backup, done.aside, done.recovered) == (True, None, None, Recovered(3, 1))
    with opened(path) as journal:
        assert (journal.started, journal.id) == (started, name)
        assert [p.delivery for p in journal.prepare([message("F-0"), message("F-1")], TODAY)] == [None, None]
        sent = next(fact for fact in journal.facts() if isinstance(fact, Reminded))
        assert (sent.contact.to, sent.contact.message_id) == (message("F-0").to, message("F-0").message_id)
        columns = "customer, recipients, subject, server, number, json_extract(snapshot, '$.total')"
        joined = "deliveries d JOIN attempts a ON a.delivery = id JOIN delivery_keys k ON k.delivery = id"
        told = journal._db.execute(f"SELECT {columns} FROM {joined} WHERE state = 'in_doubt'").fetchone()
        said = ("Client SA", '["compta@client.example"]', "Facture F-1 échue", "mx.test:25", "F-1", "1200.00")
        assert tuple(told) == said


@pytest.mark.parametrize(
    "spoil",
    [
        lambda copy: b"no journal",
        lambda copy: copy[: len(copy) // 2],
        lambda copy: copy[:40] + bytes(200) + copy[240:],
        lambda copy: gzip.compress(gzip.decompress(copy)[:4096]),
    ],
    ids=["foreign", "cut short", "overwritten", "of a journal cut short"],
)
def test_repair_from_the_newest_good_copy(path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """J2: a damaged journal gives way to the newest copy that can be read, and the receipts add the rest."""
    with opened(path) as journal:
        journal.back_up(TODAY)
        journal.back_up(TODAY + timedelta(days=1))
        at_dot(journal, "F-1")
    newest = backups(path)[0]
    newest.write_bytes(spoil(newest.read_bytes()))
    path.write_bytes(b"SQLite format 3\0" * 9)
    path.with_name("j.sqlite3-journal").write_bytes(b"half")
    with pytest.raises(JournalError, match="relance repair"):
        opened(path)
    done = repair(path, TODAY, without_receipts=False)
    assert (done.rebuilt, done.backup, done.recovered) == (True, backups(path)[1], Recovered(1, 1))
    assert done.aside is not None
    assert done.aside.read_bytes() == b"SQLite format 3\0" * 9
    assert kinds(path) == ["BacklogAnswered", "InDoubt", "Reminded"]


def test_repair_from_a_copy_of_a_version_before(path: Path) -> None:
    """It is not packed; the receipts add what it does not know."""
    with opened(path) as journal:
        journal.back_up(TODAY)
        at_dot(journal, "F-1")
    [packed] = backups(path)
    plain = packed.with_suffix("")
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    path.unlink()
    done = repair(path, TODAY, without_receipts=False)
    assert (True, plain, Recovered(1, 1), None) == (done.rebuilt, done.backup, done.recovered, done.aside)
    assert kinds(path) == ["BacklogAnswered", "InDoubt", "Reminded"]
    assert plain.exists()


@pytest.mark.parametrize("dotted", [True, False])
def test_a_state_that_no_version_wrote_is_a_doubt(path: Path, dotted: bool) -> None:
    """Whatever a file says that somebody changed: it may have left, and is asked; never again in silence."""
    with opened(path) as journal:
        if dotted:
            at_dot(journal, "F-1")
        else:
            journal.prepare([message("F-1")], TODAY)
        journal._db.execute("UPDATE deliveries SET state = 'teleported' WHERE state != 'sent'")
    with opened(path) as journal:
        assert Recovered(0, 1, lost=False) == journal.recover()
        [doubt] = [fact for fact in journal.facts() if isinstance(fact, InDoubt)]
        assert ("F-1/2026", "mx.test:25" if dotted else "") == (doubt.invoice, doubt.server)
        assert journal.prepare([message("F-1")], TODAY)[0].delivery is None
        assert Recovered() == journal.recover()


def test_half_a_commit_of_a_lost_journal_is_not_rolled_into_the_new_one(path: Path) -> None:
    """The file is gone, what SQLite keeps to undo half a commit is not: it goes aside."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA cache_size = 1")
    db.execute("BEGIN IMMEDIATE")
    db.execute("CREATE TABLE junk (a)")
    for _ in range(50):
        db.execute("INSERT INTO junk VALUES (randomblob(4000))")
    half = path.with_name(f"{path.name}-journal")
    hot = half.read_bytes()
    db.execute("ROLLBACK")
    db.close()
    path.unlink()
    half.write_bytes(hot)
    done = repair(path, TODAY, without_receipts=False)
    assert (done.rebuilt, done.aside, half.exists()) == (True, None, False)
    assert kinds(path) == ["BacklogAnswered", "Reminded"]


def test_repair_of_a_good_journal_changes_nothing(path: Path) -> None:
    """It is brought up to its receipts, as each run does."""
    assert repair(path, TODAY, without_receipts=False) == Repaired(False, Recovered())


def test_repair_without_receipts_needs_the_user_s_word(path: Path) -> None:
    """What left since the last copy cannot be known: the program does not pretend that it can."""
    with opened(path) as journal:
        journal.back_up(TODAY)
    path.unlink()
    receipts_path(path).unlink()
    with pytest.raises(JournalError) as caught:
        repair(path, TODAY, without_receipts=False)
    assert str(caught.value) == (
        f"Les reçus du journal « {path} » sont absents : relance ne sait pas ce qui est parti depuis la sauvegarde du "
        "2026-11-23. Remettez le fichier .receipts à sa place ; sinon, regardez vos messages envoyés, puis "
        "« relance repair --without-receipts »."
    )
    assert not path.exists()
    done = repair(path, TODAY, without_receipts=True)
    assert (done.backup, done.recovered.lost) == (backups(path)[0], True)


def test_repair_with_nothing_left_begins_anew_if_told_so(path: Path) -> None:
    """No copy, no receipts: only the user can say that this is meant; damaged receipts count as none."""
    path.unlink()
    receipts_path(path).write_bytes(b"x\n")
    with pytest.raises(JournalError, match="sont illisibles : relance ne sait pas ce qui est parti jusqu’ici\\."):
        repair(path, TODAY, without_receipts=False)
    assert repair(path, TODAY, without_receipts=True).rebuilt
    assert kinds(path) == []


@pytest.mark.parametrize("spoil", ["newer", "foreign"])
def test_repair_leaves_what_is_not_damaged(path: Path, spoil: str) -> None:
    """J7: a journal of a later version, or another program's file, is not put aside."""
    db = sqlite3.connect(path)
    with db:
        if spoil == "newer":
            db.execute("INSERT INTO migrations VALUES ('2031-01 telepathy', '')")
        else:
            db.execute("DROP TABLE migrations")
    db.close()
    before = path.read_bytes()
    with pytest.raises(JournalError):
        repair(path, TODAY, without_receipts=True)
    assert path.read_bytes() == before


def test_copies_are_packed_and_thinned(path: Path) -> None:
    """One a day, the oldest go; each can be opened, and is made again where that is wanted."""
    with opened(path) as journal:
        for day in range(40):
            journal.back_up(TODAY + timedelta(days=day))
        last = backups(path)[0]
        before = last.stat().st_ino
        journal.back_up(TODAY + timedelta(days=39), anew=False)
        assert before == last.stat().st_ino
        journal.back_up(TODAY + timedelta(days=39))
        assert before != last.stat().st_ino
    kept = backups(path)
    assert (kept[0].parent.stat().st_mode & 0o777, kept[0].stat().st_mode & 0o777) == (0o700, 0o600)
    assert [*map(day_of, kept)] == sorted(thinned(TODAY + timedelta(days=day) for day in range(40)), reverse=True)
    with unpacked(kept[0]) as plain:
        reader = read_journal(plain)
        assert reader is not None
        with reader:
            assert len(reader.facts()) == 2


def test_a_day_without_news_needs_no_copy(path: Path) -> None:
    """Nothing said, left or seen anew since the last one; it is made again where that is gone, or anything came."""
    with opened(path) as journal:
        journal.back_up(TODAY, anew=False)
        journal.told(["a word"], TODAY)
        journal.back_up(TODAY + timedelta(days=1), anew=False)
        assert [TODAY] == [*map(day_of, backups(path))]
        journal.remember([Seen("F-7/2026", "F-7", "name:x", Decimal(1), None, TODAY, True)], TODAY)
        journal.back_up(TODAY + timedelta(days=2), anew=False)
        journal.record(BacklogAnswered(Backlog.GENTLY, TODAY))
        journal.back_up(TODAY + timedelta(days=3), anew=False)
        assert [3, 2, 0] == [(day_of(copy) - TODAY).days for copy in backups(path)]
        for copy in backups(path):
            copy.unlink()
        journal.back_up(TODAY + timedelta(days=4), anew=False)
        assert [4] == [(day_of(copy) - TODAY).days for copy in backups(path)]


def test_twenty_three_copies_of_five_years() -> None:
    """Seven days, four weeks, twelve months; the newest always, and none that was not there."""
    days = [TODAY + timedelta(days=n) for n in range(5 * 365)]
    for n in range(1, len(days), 11):
        kept: set[date] = set()
        for day in days[:n]:
            kept = thinned({*kept, day}) if n < 300 else thinned(days[:n])
            if n >= 300:
                break
        assert len(kept) <= 23
        assert set(days[:n][-7:]) <= kept <= set(days[:n])
    assert 18 <= len(thinned(days)) <= 23


def test_a_copy_that_cannot_be_made_is_an_error(path: Path) -> None:
    """Something else in the place of the folder."""
    path.with_name(f"{path.name}.backups").write_text("")
    with opened(path) as journal, pytest.raises(JournalError):
        journal.back_up(TODAY)


def failing(*told: object, **more: object) -> int:
    """A disk that says no."""
    raise OSError(5, "Input/output error")


@pytest.mark.parametrize("call", ["write", "open", "fstat"])
def test_receipts_that_fail_before_the_dot_stop_it(path: Path, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line cannot be written: an error, and no dot can follow; the next run sends it."""
    with opened(path) as journal:
        [found] = journal.prepare([message("F-1")], TODAY)
        journal._arm([found])
        journal.receipts.close()  # as if they were opened for this line
        with monkeypatch.context() as patch:
            patch.setattr(f"relance.journal.receipts.os.{call}", failing)
            with pytest.raises(JournalError):
                journal.at_dot(found, "mx.test:25")
    with opened(path) as journal:
        assert journal.recover().doubts == 0


def test_an_answer_that_the_receipts_cannot_take(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal has it at once, and the error names the file: nothing more must leave."""
    with opened(path) as journal:
        found = at_dot(journal, "F-1")
        with monkeypatch.context() as patch:
            patch.setattr("relance.journal.receipts.os.write", failing)
            with pytest.raises(JournalError, match=r"j\.sqlite3\.receipts » ne peut pas être utilisé"):
                journal.answered(found, Settled(State.SENT, 250, "ok"))
        assert journal.knows(found)
        assert [FACT, "F-0/2026", "F-1/2026"] == [getattr(fact, "invoice", fact) for fact in journal.facts()]


def test_repair_of_a_good_journal_keeps_its_damaged_receipts(path: Path) -> None:
    """Aside, under the instant of the repair; new ones are written."""
    receipts = receipts_path(path)
    receipts.write_bytes(b"damaged\n" + receipts.read_bytes())
    before = receipts.read_bytes()
    done = repair(path, TODAY, without_receipts=False, now=lambda: NOON)
    assert (False, True) == (done.rebuilt, done.recovered.lost)
    assert before == receipts.with_name(f"{receipts.name}.20261123T120000").read_bytes()
    assert read_receipts(path).header is not None


def test_a_line_without_room_is_torn_and_ends_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """J5: half of a line fits: an error now; the next line starts afresh, and nothing is in doubt for it."""
    usual: Callable[[int, bytes], int] = os.write
    with opened(path) as journal:
        [found] = journal.prepare([message("F-1")], TODAY)
        with monkeypatch.context() as patch:
            patch.setattr("relance.journal.receipts.os.write", lambda handle, data: usual(handle, data[:20]))
            with pytest.raises(JournalError, match=r"\(disque plein\)"):
                journal.at_dot(found, "mx.test:25")
        journal.record(FACT)
    log = read_receipts(path)
    assert (log.damaged, log.records[-1]["kind"]) == (False, "fact")
    with opened(path) as journal:
        assert journal.recover() == Recovered()


def test_a_write_that_fails_whole_is_no_damage(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """J5: nothing of a line fits: the next one stands alone."""
    with opened(path) as journal:
        with monkeypatch.context() as patch:
            patch.setattr("relance.journal.receipts.os.write", failing)
            journal.record(FACT)
        journal.record(FACT)
    assert not read_receipts(path).damaged
    with opened(path) as journal:
        assert journal.recover().lost is False


def test_a_line_that_is_no_record_of_ours(path: Path) -> None:
    """Whole, with its right sum, and yet no object, or none with a kind: not trusted."""
    import zlib

    for text in (b"[1]", b"{}", b"{", b'{"kind":1}'):
        with receipts_path(path).open("ab") as file:
            file.write(b"%s %08x\n" % (text, zlib.crc32(text)))
        log = read_receipts(path)
        assert (log.damaged, len(log.records)) == (True, 4)


def test_a_mac_is_asked_for_the_plate(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system knows F_FULLFSYNC, each line asks for it."""
    asked: list[int] = []
    monkeypatch.setattr("relance.journal.receipts.fcntl.F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr("relance.journal.receipts.fcntl.fcntl", lambda handle, what: asked.append(what))
    with opened(path) as journal:
        journal.record(FACT)
    assert asked == [51]


def test_receipts_that_a_reader_may_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user's eyes: what the receipts would tell is in doubt for him, and nothing fails."""
    with opened(path) as journal:
        journal.answered(at_dot(journal, "F-1"), Settled(State.SENT))

    def forbidden(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)
    assert kinds(path) == ["BacklogAnswered", "InDoubt", "Reminded"]


def test_a_damaged_file_alone_is_put_aside(path: Path) -> None:
    """Without the half of a commit beside it there is one file to keep."""
    path.write_bytes(b"SQLite format 3\0" * 9)
    done = repair(path, TODAY, without_receipts=False)
    assert done.aside is not None
    assert [f.name for f in path.parent.iterdir() if "damaged" in f.name] == [done.aside.name]


def test_what_the_last_run_saw_comes_back(path: Path) -> None:
    """The rows of `seen`, with and without their dates."""
    rows = (
        Seen("F-1/2026", "F-1", "code:A", Decimal("1.00"), TODAY, TODAY, True),
        Seen("F-2/2026", "F-2", "code:A", Decimal("2.50"), None, TODAY, False, TODAY + timedelta(days=1)),
        Seen("F-3/2026", "F-3", "code:A", Decimal("2.50"), None, TODAY, True, None, Decimal("1.10"), TODAY),
        Seen("F-4/2026", "F-4", "code:A", Decimal("2.50"), None, TODAY, True, None, Decimal("0.00")),
        Seen("F-5/2026", "F-5", "code:A", Decimal("2.50"), None, TODAY, True, formerly=("code:B", "name:é|a b")),
        Seen("F-6/2026", "F-6", "code:A", Decimal("2.50"), None, TODAY, True, emails=()),
        Seen("F-7/2026", "F-7", "code:A", Decimal("2.50"), None, TODAY, True, emails=("a@b.example", "c@d.example")),
    )
    with opened(path) as journal:
        journal.remember(rows, TODAY)
        journal.remember((), TODAY - timedelta(days=9))
        assert journal.seen() == {row.invoice: row for row in rows} == journal.seen(TODAY)
        assert {} == journal.seen(TODAY - timedelta(days=1))


def test_the_rows_that_the_last_run_saw_whole_come_back(path: Path) -> None:
    """Those of the last run alone, kept by who has none to tell; none in a new journal."""
    with opened(path) as journal:
        assert frozenset() == journal.rows()
        for marks in (["0badcafe", "00000001", "0badcafe"], ["deadbeef"]):
            journal.remember((), TODAY, marks)
            journal.remember((), TODAY)
            journal.remember((), TODAY - timedelta(days=1), ["00000002"])
            assert frozenset(marks) == journal.rows()


def test_a_lock_remembers_its_journal(path: Path) -> None:
    """Written once, and kept by the next holder; a run of over two hours counts as one that hangs."""
    with lock(path) as held:
        held.remember("abc")
        held.remember("abc")
    with lock(path):
        assert guarded_journal(path) == "abc"
        with pytest.raises(BusyError) as caught, lock(path):
            pass
    assert str(caught.value) == "Un autre « relance » est en train d’envoyer. Attendez qu’il ait fini."
    since = caught.value.since
    assert since is not None
    assert (caught.value.long(since + LONG), caught.value.long(since + LONG + timedelta(seconds=1))) == (False, True)
    assert caught.value.exit_code == 0
    assert BusyError(datetime(2026, 1, 1, tzinfo=UTC)).exit_code == 1
    assert not BusyError(None).long(NOON)
    assert guarded_journal(path.with_name("other")) == ""


def test_a_line_of_the_receipts_tells_all_that_must_never_be_forgotten(path: Path) -> None:
    """What a lost journal is rebuilt from, field by field; the letter itself by its hash."""
    letter = message("F-1")
    with opened(path) as journal:
        [found] = journal.prepare([letter], TODAY)
        journal.at_dot(found, "mx.test:25")
        journal.answered(found, Settled(State.REFUSED, 550, "no such user", "a@b.example"))
        [(dot_at,)] = journal._db.execute("SELECT dot_at FROM attempts WHERE attempt = ?", (found.attempt,))
    dot, outcome = read_receipts(path).records[-2:]
    (key,) = letter.keys
    assert dot == {
        "kind": "dot",
        "generation": 2,
        "dot": 1,
        "attempt": found.attempt,
        "at": dot_at,
        "server": "mx.test:25",
        "on_date": TODAY.isoformat(),
        "channel": "email",
        "customer": letter.customer,
        "stage": letter.stage,
        "message_id": letter.message_id,
        "envelope_from": letter.envelope_from,
        "subject": letter.subject,
        "to": list(letter.to),
        "recipients": list(letter.recipients),
        "sha256": hashlib.sha256(letter.raw).hexdigest(),
        "keys": [
            {
                "invoice": key.invoice,
                "number": key.number,
                "stage": key.stage,
                "channel": key.channel,
                "ladder": key.ladder,
                "snapshot": dot["keys"][0]["snapshot"],
                "term": None if key.term is None else key.term.isoformat(),
            }
        ],
    }
    told = {"state": "refused", "code": 550, "reply": "no such user", "address": "a@b.example"}
    said = {"kind": "outcome", "attempt": found.attempt, "at": outcome["at"], "next_try": None, "tries": 0}
    assert outcome == {**said, **told}
