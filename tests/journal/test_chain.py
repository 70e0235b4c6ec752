"""The chain: what another program changes in the journal is found at its line, whatever it is."""

import json
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from drawing import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_support import NOON, TODAY, message
from test_journal_files import november

from relance.core.facts import Credited, CreditShare, Held, HoldReason, Paid
from relance.journal import (
    Journal,
    Settled,
    State,
    Tampering,
    first_broken,
    open_journal,
    read_journal,
    repair,
    verified,
)
from relance.journal.sealing import START, append, entry_hash

Told = tuple[str, int]
"""What is done, and to which invoice."""
DONE = st.tuples(st.sampled_from(["pays", "leaves", "fails", "waits", "drafted", "undone"]), st.integers(1, 9))
LIVES = st.lists(DONE, min_size=2, max_size=8)


def live(path: Path, done: list[Told]) -> None:
    """A journal in which this happened, and at least one fact and one message."""
    with open_journal(path, TODAY, create=True, now=lambda: NOON) as journal:
        for what, number in (("pays", 1), ("leaves", 99), *done):
            happens(journal, what, f"F-{number}")


def happens(journal: Journal, what: str, number: str) -> None:
    """One thing."""
    if what == "pays":
        journal.record(Paid(f"{number}/2026", Decimal(5), TODAY), note="au téléphone")
    elif what == "undone":
        journal.take_back({f"{number}/2026"}, TODAY)
    else:
        journal.facts()
        [one] = journal.prepare([message(number)], TODAY)
        if one.delivery is None:
            return
        if what == "drafted":
            journal.settle(one, Settled(State.DRAFT))
        elif what != "waits":
            journal.at_dot(one, "mx.test:25")
            journal.answered(one, Settled(State.SENT if what == "leaves" else State.REFUSED, 250, "2.0.0 Ok"))
            journal.flush()


def by_hand(path: Path, *statements: str) -> None:
    """What another program does to the journal, whatever guards its tables."""
    with closing(sqlite3.connect(path)) as db, db:
        for name in ("facts_are_not_changed", "facts_are_not_deleted", "chain_is_not_changed", "chain_is_not_deleted"):
            db.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            db.execute(statement)


def rows(path: Path, select: str) -> list[tuple[object, ...]]:
    """What stands there."""
    with closing(sqlite3.connect(path)) as db:
        return [tuple(row) for row in db.execute(select)]


def entry_of(path: Path, what: str, row: int) -> int:
    """The last entry of a line."""
    [(n,)] = rows(path, f"SELECT max(n) FROM chain WHERE what = '{what}' AND row = {row}")
    assert isinstance(n, int)
    return n


@settings(max_examples=examples(25), deadline=None)
@given(LIVES)
def test_what_happens_is_chained_and_nothing_else_is_asked_for(done: list[Told]) -> None:
    """Each hash is that of the line that the guide describes; an undo adds, and takes nothing away."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        live(path, done)
        found = verified(path)
        assert found.broken is None
        before = START
        for n, at, what, row, salt, content, digest, own in rows(path, "SELECT * FROM chain ORDER BY n"):
            line = json.dumps(
                {"n": n, "at": at, "what": what, "row": row, "digest": digest, "before": before}, separators=(",", ":")
            )
            assert own == sha256(line.encode()).hexdigest()
            assert content is None or digest == sha256(f"{salt}{content}".encode()).hexdigest()
            before = str(own)
        assert (found.entries, found.last) == (n, before)


TAMPERINGS: dict[str, tuple[str, str, Tampering]] = {
    "a fact edited": (
        "fact",
        "UPDATE facts SET payload = replace(payload, '5', '6') WHERE id = {row}",
        Tampering.CHANGED,
    ),
    "a note edited": ("fact", "UPDATE facts SET note = note || '!' WHERE id = {row}", Tampering.CHANGED),
    "a fact removed": ("fact", "DELETE FROM facts WHERE id = {row}", Tampering.MISSING),
    "a subject edited": ("delivery", "UPDATE deliveries SET subject = 'X' WHERE id = {row}", Tampering.CHANGED),
    "an address edited": ("delivery", "UPDATE deliveries SET addresses = '[]' WHERE id = {row}", Tampering.CHANGED),
    "a text exchanged": ("delivery", "UPDATE deliveries SET raw = x'41' WHERE id = {row}", Tampering.CHANGED),
    "an invoice exchanged": (
        "delivery",
        "UPDATE delivery_keys SET invoice = 'F-77/2026' WHERE delivery = {row}",
        Tampering.CHANGED,
    ),
    "an invoice removed": ("delivery", "DELETE FROM delivery_keys WHERE delivery = {row}", Tampering.CHANGED),
    "a message removed": (
        "delivery",
        "DELETE FROM deliveries WHERE id = {row};DELETE FROM attempts WHERE delivery = {row}",
        Tampering.MISSING,
    ),
    "an end edited": ("state", "UPDATE deliveries SET reply = '250 gagné' WHERE id = {row}", Tampering.CHANGED),
    "an instant edited": (
        "state",
        "UPDATE attempts SET dot_at = '2026-01-01' WHERE delivery = {row}",
        Tampering.CHANGED,
    ),
}
"""What is done to a line by hand, of which kind it is, and how it is found."""


@pytest.mark.parametrize("how", TAMPERINGS)
@settings(max_examples=examples(8), deadline=None)
@given(done=LIVES, pick=st.integers(0, 999))
def test_a_line_that_was_touched_is_found_at_its_line(how: str, done: list[Told], pick: int) -> None:
    """Whatever was written before and after it; a repair says so, and the chain goes on from there."""
    what, statement, fault = TAMPERINGS[how]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        live(path, done)
        several = rows(path, f"SELECT DISTINCT row FROM chain WHERE what = '{what}' ORDER BY row")
        [row] = several[pick % len(several)]
        assert isinstance(row, int)
        by_hand(path, *statement.format(row=row).split(";"))
        broken = verified(path).broken
        assert broken is not None
        assert (broken.n, broken.what, broken.row, broken.fault) == (entry_of(path, what, row), what, row, fault)
        said = repair(path, TODAY, without_receipts=False).broken
        found = verified(path)
        assert found.broken is None
        assert [each.what for each in found.blanked] == ["lost"] * (said is not None)
        assert said is not None or what == "state", "the receipts know how a message ended, and nothing of the rest"


@settings(max_examples=examples(15), deadline=None)
@given(
    done=LIVES, pick=st.integers(0, 999), how=st.sampled_from(["removed", "swapped", "edited", "renamed", "emptied"])
)
def test_an_entry_that_was_touched_is_found_there(done: list[Told], pick: int, how: str) -> None:
    """Removed, exchanged with the next one, or another digest: at the first entry that is not what it was."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "j"
        live(path, done)
        n = pick % verified(path).entries + 1
        if how == "swapped":
            n = min(n, verified(path).entries - 1)
            by_hand(
                path,
                *(f"UPDATE chain SET n = {new} WHERE n = {old}" for old, new in ((n, -1), (n + 1, n), (-1, n + 1))),
            )
        elif how == "removed":
            by_hand(path, f"DELETE FROM chain WHERE n = {n}")
        elif how == "edited":
            by_hand(path, f"UPDATE chain SET digest = '{START}' WHERE n = {n}")
        elif how == "emptied":
            by_hand(path, f"UPDATE chain SET salt = NULL, content = NULL WHERE n = {n}")
        else:
            by_hand(path, f"UPDATE chain SET at = '2020-01-01' WHERE n = {n}")
        broken = verified(path).broken
        assert broken is not None
        assert broken.n == n
        assert how != "removed" or broken.fault is Tampering.MISSING
        repair(path, TODAY, without_receipts=False)
        assert verified(path).broken is None


def test_where_no_journal_is_none_is_made_to_be_verified(tmp_path: Path) -> None:
    """A look at the chain leaves the folder as it was."""
    assert (0, None) == (verified(tmp_path / "j").entries, verified(tmp_path / "j").broken)
    assert not list(tmp_path.iterdir())


def test_the_last_line_cut_off_with_its_entry_is_found(tmp_path: Path) -> None:
    """The journal knows how far its chain was."""
    live(tmp_path / "j", [("leaves", 3), ("pays", 4)])
    last = verified(tmp_path / "j").entries
    by_hand(tmp_path / "j", "DELETE FROM facts WHERE id = 2", f"DELETE FROM chain WHERE n = {last}")
    broken = verified(tmp_path / "j").broken
    assert broken is not None
    assert (broken.n, broken.fault) == (last, Tampering.MISSING)


def test_a_line_that_was_added_is_found(tmp_path: Path) -> None:
    """It has no entry, and the next run gives it none; two facts that changed places are found at the first."""
    path = tmp_path / "j"
    live(path, [("pays", 3), ("pays", 4)])
    by_hand(path, "INSERT INTO facts SELECT 40, recorded_at, kind, on_date, payload, 'faux' FROM facts WHERE id = 1")
    with open_journal(path, TODAY, create=False) as journal:
        happens(journal, "pays", "F-8")
        broken = journal.chain.verified().broken
    assert broken is not None
    assert (broken.what, broken.row, broken.fault) == ("fact", 40, Tampering.ADDED)
    by_hand(
        path,
        "DELETE FROM facts WHERE id = 40",
        *(f"UPDATE facts SET id = {new} WHERE id = {old}" for old, new in ((2, 90), (3, 2), (90, 3))),
    )
    broken = verified(path).broken
    assert broken is not None
    assert (broken.what, broken.row) == ("fact", 2)


@pytest.mark.parametrize(
    ("forgotten", "found"),
    [
        ((), (1, "", 0, Tampering.MISSING)),
        (("DELETE FROM sqlite_sequence WHERE name = 'chain'",), (0, "fact", 1, Tampering.ADDED)),
    ],
)
def test_a_chain_that_was_emptied_is_found(
    forgotten: tuple[str, ...], found: tuple[int, str, int, Tampering], tmp_path: Path
) -> None:
    """By the journal's knowing how far it was, else by the lines that no entry seals."""
    live(tmp_path / "j", [("pays", 3)])
    by_hand(tmp_path / "j", "DELETE FROM chain", *forgotten)
    told = verified(tmp_path / "j")
    assert (told.entries, told.since, told.last) == (0, None, START)
    assert told.broken is not None
    assert (told.broken.n, told.broken.what, told.broken.row, told.broken.fault) == found


@pytest.mark.parametrize("column", ["on_date = 'demain'", "addresses = '['"])
def test_a_line_that_was_mended_is_sealed_anew(column: str, tmp_path: Path) -> None:
    """What nobody could read was found; as the receipts gave it back it is what the newest entry seals."""
    path = tmp_path / "j"
    live(path, [("leaves", 3)])
    by_hand(path, f"UPDATE deliveries SET {column} WHERE id = 2")
    assert verified(path).broken is not None
    first = entry_of(path, "delivery", 2)
    with open_journal(path, TODAY, create=False) as journal:
        journal.recover()
        assert journal.chain.verified().broken is None
    assert first < entry_of(path, "delivery", 2)
    by_hand(path, "UPDATE deliveries SET subject = 'X' WHERE id = 2")
    broken = verified(path).broken
    assert broken is not None
    assert broken.n == entry_of(path, "delivery", 2)


@pytest.mark.parametrize("content", ["'{'", "'{}'", '\'{"entries": ["x"]}\'', "NULL"])
def test_an_excuse_that_nobody_can_read_is_none(content: str, tmp_path: Path) -> None:
    """The entry of a repair names what was lost: without its content the loss is found again, where it was."""
    path = tmp_path / "j"
    live(path, [("pays", 3)])
    lost = entry_of(path, "fact", 2)
    by_hand(path, "DELETE FROM facts WHERE id = 2")
    repair(path, TODAY, without_receipts=False)
    assert [each.entries for each in verified(path).blanked] == [1]
    by_hand(path, f"UPDATE chain SET content = {content} WHERE what = 'lost'")
    told = verified(path)
    assert told.broken is not None
    assert (told.broken.n, [each.entries for each in told.blanked]) == (lost, [0])


def test_an_entry_excuses_none_after_it(tmp_path: Path) -> None:
    """Whoever says beforehand what will be lost excuses nothing."""
    path = tmp_path / "j"
    live(path, [("pays", 3)])
    with open_journal(path, TODAY, create=False) as journal:
        own = journal.chain.verified().entries + 1
        append(journal._db, NOON.isoformat(), [("lost", 0, json.dumps({"entries": [own + 1]}))])
        happens(journal, "pays", "F-8")
        assert journal.chain.verified().broken is None
    by_hand(path, "UPDATE facts SET note = 'faux' WHERE id = (SELECT max(id) FROM facts)")
    broken = verified(path).broken
    assert broken is not None
    assert (broken.n, broken.fault) == (own + 1, Tampering.CHANGED)


def test_a_state_that_no_entry_tells_is_found(tmp_path: Path) -> None:
    """A message that waits and is made one that left: nobody wrote its end."""
    path = tmp_path / "j"
    live(path, [("waits", 3)])
    assert verified(path).broken is None
    by_hand(path, "UPDATE deliveries SET state = 'sent' WHERE id = 2")
    broken = verified(path).broken
    assert broken is not None
    assert (broken.n, broken.what, broken.row, broken.fault) == (
        entry_of(path, "delivery", 2),
        "state",
        2,
        Tampering.CHANGED,
    )


def test_the_journal_of_the_version_before_is_chained_from_its_start(tmp_path: Path) -> None:
    """With what was there, and since when; until then a reader finds the same lines each time."""
    path = november(tmp_path)
    assert verified(path).since is None
    read = list[list[str]]()
    for _ in range(2):
        reader = read_journal(path)
        assert reader is not None
        with reader:
            read.append(reader.chain.lines({"F-1/2026"}))
    assert read[0] == read[1] != []
    with open_journal(path, TODAY, create=False, now=lambda: NOON) as journal:
        assert [("begun", 0)] == rows(path, "SELECT what, row FROM chain WHERE n = 1")
        journal.recover()
        found = journal.chain.verified()
    count = rows(path, "SELECT (SELECT count(*) FROM facts) + (SELECT count(*) FROM deliveries)")
    assert (found.since, [(found.earlier,)], found.broken) == (NOON.isoformat(), count, None)


def test_what_says_the_same_has_another_digest(tmp_path: Path) -> None:
    """A name cannot be guessed from what is left of it."""
    live(tmp_path / "j", [("pays", 1), ("pays", 1)])
    digests = rows(tmp_path / "j", "SELECT digest FROM chain WHERE what = 'fact'")
    assert len(set(digests)) == len(digests) == 3


def test_a_message_whose_bytes_went_is_still_sealed(tmp_path: Path) -> None:
    """What was put off and written anew: the sum of the first bytes is kept, and the chain rests on it."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        [first] = journal.prepare([message()], TODAY)
        journal.settle(first, Settled(State.DEFERRED, 451, "later"))
        journal.prepare([message(text="Autre chose.\n")], TODAY + timedelta(days=1))
        assert journal.chain.verified().broken is None


# journal.txt


ABOUT = {"F-3/2026"}
FLIPS: dict[str, Callable[[list[str]], list[str]]] = {
    "removed": lambda lines: [lines[0], *lines[2:]],
    "the first removed": lambda lines: lines[1:],
    "swapped": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "edited": lambda lines: [lines[0], lines[1].replace("taken_back", "paid"), *lines[2:]],
    "added": lambda lines: [lines[0], lines[0], *lines[1:]],
    "without its sum": lambda lines: [lines[0], lines[1].partition(',"sha256"')[0] + "}", *lines[2:]],
}


def extracted(folder: Path) -> list[str]:
    """The lines of an invoice that was paid, written about, and of which a word was taken back."""
    path = folder / "j"
    live(path, [("pays", 3), ("pays", 4), ("undone", 3), ("leaves", 3), ("leaves", 4)])
    with open_journal(path, TODAY, create=False) as journal:
        lines = journal.chain.lines(ABOUT)
        assert lines == journal.chain.lines(ABOUT)
    return lines


def test_the_lines_about_an_invoice_stand_by_themselves(tmp_path: Path) -> None:
    """All that was said of it and nothing of others; each can be found again in the chain of the whole journal."""
    lines = extracted(tmp_path)
    said = [json.loads(line) for line in lines]
    assert [each["what"] for each in said] == ["fact", "fact", "delivery", "state", "state"]
    assert ["paid", "taken_back"] == [each["content"]["kind"] for each in said[:2]]
    assert not re.search("F-1\\b|F-4|F-99", "".join(lines))
    for each in said:
        text = json.dumps(each["content"], ensure_ascii=False, separators=(",", ":"))
        digest = sha256(f"{each['salt']}{text}".encode()).hexdigest()
        [(before,)] = rows(tmp_path / "j", f"SELECT hash FROM chain WHERE n = {each['entry'] - 1}")
        assert each["hash"] == entry_hash(each["entry"], each["at"], each["what"], each["row"], digest, str(before))
    assert first_broken(lines) is None


@pytest.mark.parametrize("how", FLIPS)
def test_a_line_of_the_file_that_was_touched_is_found(how: str, tmp_path: Path) -> None:
    """At its place, or at the first one after it."""
    found = first_broken(FLIPS[how](extracted(tmp_path)))
    assert found == (1 if how == "the first removed" else 2)


def test_what_came_in_is_shown_where_it_is_his_alone(tmp_path: Path) -> None:
    """A credit that pays others too, or names an account, is not; nor is the word that took it back."""
    path, both = tmp_path / "j", (CreditShare("F-3/2026", Decimal(4)), CreditShare("F-4/2026", Decimal(5)))
    live(path, [])
    with open_journal(path, TODAY, create=False) as journal:
        for name, shares, iban in (("c-both", both, ""), ("c-account", both[:1], "FR76"), ("c-alone", both[:1], "")):
            journal.record(Credited(name, TODAY, Decimal(9), "EUR", TODAY, shares, by_hand=True, iban=iban))
            journal.take_back({name}, TODAY)
        lines = journal.chain.lines(ABOUT)
    assert re.findall(r"c-[a-z]+", "".join(lines)) == ["c-alone"] * 2
    assert ["credited", "taken_back"] == [json.loads(line)["content"]["kind"] for line in lines]


@pytest.mark.parametrize("note", ["{à voir avec F-4/2026}", "[F-4/2026", '{"facture": "F-4/2026"}', '["F-4/2026"]'])
def test_a_note_is_a_note(note: str, tmp_path: Path) -> None:
    """One that looks like our own JSON is looked into, and what is none stops nothing."""
    path = tmp_path / "j"
    live(path, [])
    with open_journal(path, TODAY, create=False) as journal:
        journal.record(Held("F-3/2026", HoldReason.PAUSE, TODAY, note=note))
        [line] = journal.chain.lines(ABOUT)
        found = journal.chain.lines({"F-4/2026"})
    assert json.loads(json.loads(line)["content"]["payload"])["note"] == note
    assert bool(found) is note.endswith(('"}', '"]'))


@pytest.mark.slow
def test_the_sum_of_a_line_is_that_of_a_common_tool(tmp_path: Path) -> None:
    """Without its last member, by what every system has."""
    for line in extracted(tmp_path):
        plain = re.sub(',"sha256":"[0-9a-f]{64}"}$', "}", line)
        told = subprocess.run(["sha256sum"], input=plain.encode(), capture_output=True, check=True).stdout.decode()
        assert told.split()[0] == json.loads(line)["sha256"]


# Erased.

CLIENT = {"F-3/2026", "name:client sa|compta@client.example"}


def test_what_was_erased_is_gone_and_the_chain_still_holds(tmp_path: Path) -> None:
    """Digests stay, contents and salts go; an entry says which and when; the next run finds nothing to mend."""
    path = tmp_path / "j"
    live(path, [("leaves", 3), ("pays", 3), ("pays", 4)])
    with open_journal(path, TODAY, create=False, now=lambda: NOON) as journal:
        journal.recover()
        journal.record(Held("name:autre|a@autre.example", HoldReason.PAUSE, TODAY))
        before = journal.chain.verified()
        journal.erasing.erase({"F-3/2026"}, TODAY)
        after = journal.chain.verified()
        assert (after.broken, after.entries) == (None, before.entries + 1)
        assert [(each.at, each.what, each.entries) for each in after.blanked] == [(NOON.isoformat(), "erased", 4)]
        assert {"F-1/2026", "F-4/2026"} <= {getattr(fact, "invoice", "") for fact in journal.facts()}
    for _ in range(2):
        with open_journal(path, TODAY, create=False) as journal:
            assert journal.put_back() is None
            assert journal.recover() == type(journal.recover())()
            assert "F-3/2026" not in {getattr(fact, "invoice", "") for fact in journal.facts()}
            assert journal.erasing.erased().day_of("F-3/2026") == TODAY
            assert journal.chain.verified().broken is None
    assert b"F-3/2026" not in path.read_bytes()
    assert date(2026, 11, 23) == TODAY
