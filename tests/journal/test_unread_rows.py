"""Rows that no version of ours wrote: mended from the receipts by who reads and by who writes, else asked about."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import TODAY, message

from relance.core.facts import Credited, CreditShare, Fact, Held, HoldReason, InDoubt, Paid, Released, Reminded
from relance.core.history import Seen
from relance.core.mails import ANYONE, Incoming, Received
from relance.errors import JournalError
from relance.journal import Settled, State, open_journal, read_journal, repair
from relance.journal.receipts import read_receipts, receipts_path, whole_file
from relance.journal.rows import KINDS

PAYMENT = Paid("F-1/2026", Decimal(5), date(2026, 11, 20))
PAUSE = Held("name:client sa", HoldReason.PAUSE, TODAY)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two messages that left, one of which cannot be read any more by the tests; a payment, a customer's pause."""
    path = tmp_path / "j"
    with open_journal(path, TODAY, create=True) as journal:
        for each in journal.prepare([message("F-1"), message("F-2")], TODAY):
            journal.at_dot(each, "mx.test:25")
            journal.answered(each, Settled(State.SENT, 250, "ok"))
        journal.flush()
        journal.record(PAYMENT, PAUSE)
        seen = (Seen(f"F-{n}/2026", f"F-{n}", "name:client sa", Decimal(9), TODAY, TODAY, True) for n in (1, 2))
        journal.remember(seen, TODAY)
        journal.recover()
    return path


def change(path: Path, *statements: str) -> None:
    """Write into the journal what no version of ours does; the triggers are in the way of that."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TRIGGER IF EXISTS facts_are_not_changed")
        for statement in statements:
            assert db.execute(statement).rowcount > 0


def forget(path: Path, known: Callable[[dict[str, object]], bool]) -> None:
    """Receipts as if they had only these lines."""
    log = read_receipts(path)
    assert log.header is not None
    content = whole_file(log.header, [record for record in log.records if known(dict(record))])
    receipts_path(path).write_bytes(content)
    change(path, f"UPDATE meta SET value = '{len(content)}' WHERE name = 'receipts'")


def facts(path: Path) -> list[Fact]:
    """What a reader makes of it."""
    journal = read_journal(path)
    assert journal is not None
    with journal:
        return journal.facts()


def first_attempt(path: Path) -> str:
    """The name of the first delivery."""
    with closing(sqlite3.connect(path)) as db:
        [(attempt,)] = db.execute("SELECT attempt FROM attempts WHERE delivery = 1")
    return str(attempt)


SPOILT = (
    "UPDATE delivery_keys SET snapshot = '{' WHERE delivery = 1",
    "UPDATE delivery_keys SET term = 'soon' WHERE delivery = 1",
    "UPDATE deliveries SET addresses = 'x' WHERE id = 1",
    "UPDATE deliveries SET on_date = '2026-13-45' WHERE id = 1",
    "UPDATE facts SET payload = '{' WHERE kind = 'paid'",
    "UPDATE facts SET kind = 'payed' WHERE kind = 'paid'",
)


@pytest.mark.parametrize("spoil", SPOILT)
def test_the_receipts_mend_it(path: Path, spoil: str) -> None:
    """Whoever plans reads what they know, as whoever sends and `repair` do; nothing is asked."""
    before = facts(path)
    change(path, spoil)
    assert sorted(map(str, before)) == sorted(map(str, facts(path)))
    with open_journal(path, TODAY, create=False) as journal:
        found = journal.recover()
        assert (found.doubts, found.lost) == (0, False)
        assert sorted(map(str, before)) == sorted(map(str, journal.facts()))
        assert not journal.recover().added


@pytest.mark.parametrize("spoil", SPOILT[:4])
def test_what_they_do_not_know_is_in_doubt(path: Path, spoil: str) -> None:
    """A delivery alone: the others stand, and the user's word about it ends the doubt for good."""
    attempt = first_attempt(path)
    forget(path, lambda record: record.get("attempt") != attempt)
    change(path, spoil)
    doubt, *_ = (fact for fact in facts(path) if isinstance(fact, InDoubt))
    assert (doubt.invoice, doubt.stage) == ("F-1/2026", "friendly")
    assert doubt.on == TODAY or "on_date" in spoil  # that of its dot, then
    assert ["F-2/2026"] == [fact.invoice for fact in facts(path) if isinstance(fact, Reminded)]
    with open_journal(path, TODAY, create=False) as journal:
        assert 1 == journal.recover().doubts
        assert 0 == journal.recover().doubts
        assert ("F-1",) == journal.resolve("F-1/2026", sent=True, on=TODAY)
        assert {"F-1/2026", "F-2/2026"} == {fact.invoice for fact in journal.facts() if isinstance(fact, Reminded)}


def test_a_delivery_without_any_day(path: Path) -> None:
    """Nothing of it tells when: it is in doubt all the same, of a day long ago."""
    attempt = first_attempt(path)
    forget(path, lambda record: record.get("attempt") != attempt)
    change(path, "UPDATE deliveries SET on_date = 'x', created_at = 'x'", "UPDATE attempts SET dot_at = 'x'")
    assert date.min in {fact.on for fact in facts(path) if isinstance(fact, InDoubt)}


def _without_facts(record: dict[str, object]) -> bool:
    return record["kind"] != "fact"


def test_a_line_about_a_customer_holds_that_customer(path: Path) -> None:
    """Its text still names him; a release of him ends it, and so does one of an invoice, for that one."""
    change(path, "UPDATE facts SET payload = replace(payload, 'pause', 'repos') WHERE kind = 'held'")
    forget(path, _without_facts)
    (lost,) = (fact for fact in facts(path) if isinstance(fact, Received))
    assert (lost.invoice, lost.customer, lost.what) == ("name:client sa", "name:client sa", Incoming.LOST_LINE)
    assert PAYMENT in facts(path)
    assert "held" == repair(path, TODAY, without_receipts=False).unread[0][1]


@pytest.mark.parametrize("target", ["name:cliant sa", "F-7/2026"])
def test_a_name_that_the_journal_does_not_know_may_be_anybody_s(path: Path, target: str) -> None:
    """A damaged name: it may be about anyone, and `repair` ends that."""
    change(path, f"UPDATE facts SET payload = '{{\"target\": \"{target}\", ' WHERE kind = 'held'")
    forget(path, _without_facts)
    (lost,) = (fact for fact in facts(path) if isinstance(fact, Received))
    assert (ANYONE, ANYONE, "held") == (lost.invoice, lost.customer, lost.subject)
    assert repair(path, TODAY, without_receipts=False).unread[0][3]
    assert [PAYMENT] == [fact for fact in facts(path) if not isinstance(fact, Reminded)]


SPOKEN = date(2026, 11, 23)
BEFORE, AFTER = SPOKEN, SPOKEN + timedelta(days=2)
WAITS = {
    kind: (True, False) if kind in ("reminded", "paid", "allocated", "confirmed") else (True, True)
    for kind in (*KINDS, "taken_back", "never_heard_of")
} | dict.fromkeys(("approved", "file_confirmed", "clock_confirmed", "row_known", "mailbox"), (False, False))
"""Whether an invoice that was issued when the line was written waits for it, and one that came later."""


@pytest.mark.parametrize("kind", WAITS)
def test_a_line_that_names_nobody(path: Path, kind: str) -> None:
    """Of each kind: what may be about a customer holds all, what is of one invoice those that were there."""
    stamp = f"{SPOKEN}T22:30:00+00:00"
    change(path, f"UPDATE facts SET kind = '{kind}', payload = '{{', recorded_at = '{stamp}' WHERE kind = 'held'")
    forget(path, _without_facts)
    lost = [fact for fact in facts(path) if isinstance(fact, Received)]
    assert PAYMENT in facts(path)
    assert WAITS[kind] == tuple(any(line.may_be_about(day) for line in lost) for day in (BEFORE, AFTER))
    assert WAITS[kind][0] is any(line.may_be_about(None) for line in lost)


@pytest.mark.parametrize("stamp", ["", "2062-11-23T10:00:00+00:00"])
def test_a_line_that_names_neither_anybody_nor_its_day(path: Path, stamp: str) -> None:
    """Whatever has become of its instant, it counts today; where that is lost, for all."""
    change(path, f"UPDATE facts SET payload = '{{', recorded_at = '{stamp}' WHERE kind = 'paid'")
    forget(path, _without_facts)
    (lost,) = (fact for fact in facts(path) if isinstance(fact, Received))
    assert lost.on <= TODAY
    assert lost.may_be_about(AFTER)


def test_what_takes_back_nobody_knows_what(path: Path) -> None:
    """It holds the invoice that its text names; what it took back stands again."""
    with open_journal(path, TODAY, create=False) as journal:
        assert PAYMENT == journal.take_back({"F-1/2026"}, TODAY)
    change(path, "UPDATE facts SET payload = replace(payload, ']', '') WHERE kind = 'taken_back'")
    forget(path, _without_facts)
    lost = {(fact.invoice, fact.subject) for fact in facts(path) if isinstance(fact, Received)}
    assert {("F-1/2026", "taken_back")} == lost
    assert PAYMENT in facts(path)
    with open_journal(path, TODAY, create=False) as journal:
        assert {"F-1/2026"} == journal.last_words({"F-1/2026", "F-2/2026"}).keys()
        assert PAYMENT == journal.take_back({"F-1/2026"}, TODAY)


@pytest.mark.parametrize("told", [date(2026, 11, 23), date.min])
def test_a_line_without_a_day(path: Path, told: date) -> None:
    """That of its instant, else nobody knows."""
    stamp = "2026-11-23T10:00:00+00:00" if told > date.min else ""
    spoil = f"UPDATE facts SET kind = 'payed', on_date = 'x', recorded_at = '{stamp}' WHERE kind = 'paid'"
    change(path, spoil)
    forget(path, _without_facts)
    (lost,) = (fact for fact in facts(path) if isinstance(fact, Received))
    assert (lost.on, lost.dated) == (told, told if told > date.min else None)


@pytest.mark.parametrize(("released", "waits"), [(date(2026, 11, 1), True), (TODAY, False)])
def test_what_the_last_run_saw_of_it(path: Path, released: date, waits: bool) -> None:
    """One invoice waits until it was released since, or seen anew; the others are seen as before."""
    change(path, "UPDATE seen SET total = 'much' WHERE number = 'F-1'")
    with open_journal(path, TODAY, create=False) as journal:
        journal.record(Released("F-1/2026", released))
        assert {"F-2/2026"} == set(journal.seen())
        told = journal.facts()
        lost = next(i for i, fact in enumerate(told) if isinstance(fact, Received))
        release = next(i for i, fact in enumerate(told) if isinstance(fact, Released))
        assert waits is (release < lost)
    change(path, "UPDATE meta SET value = 'never' WHERE name = 'seen_on'")
    with open_journal(path, TODAY, create=False) as journal:
        assert date.min in {fact.on for fact in journal.facts() if isinstance(fact, Received)}


def test_a_journal_that_does_not_know_its_own_first_day_is_rebuilt(path: Path) -> None:
    """The cure that is printed makes it again, from its copy and receipts."""
    with open_journal(path, TODAY, create=False) as journal:
        journal.back_up(TODAY)
    change(path, "UPDATE meta SET value = 'once' WHERE name = 'started'")
    with pytest.raises(JournalError, match="relance repair"):
        facts(path)
    assert repair(path, TODAY, without_receipts=False).rebuilt
    assert PAYMENT in facts(path)


def test_a_lost_credit_holds_each_invoice_that_it_pays(path: Path) -> None:
    """Its line names several: what it paid of any of them nobody knows any more."""
    shares = tuple(CreditShare(f"F-{n}/2026", Decimal(4)) for n in (1, 2))
    said = Credited("c1", TODAY, Decimal(8), "EUR", TODAY, shares)
    with open_journal(path, TODAY, create=False) as journal:
        journal.record(said)
    forget(path, lambda record: record.get("name") != "credited")
    change(path, "UPDATE facts SET kind = 'credit' WHERE kind = 'credited'")
    lost = [fact for fact in facts(path) if isinstance(fact, Received)]
    assert [("F-1/2026", Incoming.LOST_LINE), ("F-2/2026", Incoming.LOST_LINE)] == [(x.invoice, x.what) for x in lost]
