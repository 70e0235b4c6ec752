"""What left, as the journal tells it: in the order in which it was written, in four states, with its bytes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from mail_support import NOON, TODAY, message

from relance.core.message import Message
from relance.journal import Journal, PartError, Prepared, Settled, State, open_journal

DAY = date(2026, 11, 25)
SECONDS = count()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new one, whose clock goes on by a second each time it is looked at."""

    def now() -> datetime:
        return NOON + timedelta(seconds=next(SECONDS))

    with open_journal(tmp_path / "j.sqlite3", TODAY, create=True, now=now) as journal:
        yield journal


def prepared(journal: Journal, letter: Message, on: date = TODAY) -> Prepared:
    """A message in the journal."""
    [found] = journal.prepare([letter], on)
    return found


def left(journal: Journal, letter: Message, state: State, reply: str = "ok", code: int | None = 250) -> Prepared:
    """A message that ended in this state, by way of its dot."""
    found = prepared(journal, letter)
    journal.at_dot(found, "mx.test")
    journal.answered(found, Settled(state, code, reply))
    journal.flush()
    return found


def test_four_states(journal: Journal) -> None:
    """Sent, drafted, in doubt (at its dot too), refused; what is prepared, put off or was not sent is none of them."""
    left(journal, message("F-1"), State.SENT)
    journal.settle(prepared(journal, message("F-2")), Settled(State.DRAFT, reply="/a/b.eml"))
    left(journal, message("F-3"), State.IN_DOUBT, "silence", None)
    journal.settle(prepared(journal, message("F-4")), Settled(State.REFUSED, 550, "5.1.1 parti"))
    journal.at_dot(prepared(journal, message("F-5")), "mx.test")
    journal.settle(prepared(journal, message("F-6")), Settled(State.NOT_SENT))
    journal.settle(prepared(journal, message("F-7")), Settled(State.DEFERRED, 450, next_try=NOON))
    prepared(journal, message("F-8"))

    found = journal.outgoing.mailed()
    assert [
        (1, ("F-1",), "sent", "250 ok"),
        (2, ("F-2",), "draft", "/a/b.eml"),
        (3, ("F-3",), "in_doubt", "silence"),
        (4, ("F-4",), "refused", "550 5.1.1 parti"),
        (5, ("F-5",), "in_doubt", ""),
    ] == [(each.number, each.numbers, each.state, each.reply) for each in found]
    assert ("F-1/2026",) == found[0].invoices
    assert ("Client SA", ("compta@client.example",), "friendly") == found[0][3:6]
    assert message("F-1").message_id == found[0].message_id
    moments = [each.at for each in found if each.at is not None]
    assert len(found) == len(moments)
    assert all(at.tzinfo == UTC and NOON <= at < NOON + timedelta(hours=1) for at in moments)


def test_the_moment_is_that_of_the_dot(journal: Journal) -> None:
    """What the user says later of a doubt does not move it."""
    before = next(SECONDS)
    left(journal, message("F-1"), State.IN_DOUBT)
    for _ in range(60):
        next(SECONDS)
    journal.resolve("F-1/2026", sent=True, on=DAY)
    [found] = journal.outgoing.mailed()

    assert (State.SENT, TODAY) == (found.state, found.on)
    assert found.at is not None
    assert found.at < NOON + timedelta(seconds=before + 60)


def test_a_draft_that_was_sent_by_hand(journal: Journal) -> None:
    """It was sent, on the day that its user says; before that day it was a draft, and taken back it is one again."""
    journal.settle(prepared(journal, message("F-1", "F-2")), Settled(State.DRAFT))
    journal.draft_sent("F-1/2026", "friendly", DAY)

    for by in (date.max, DAY):
        assert [(State.SENT, DAY)] == [(each.state, each.on) for each in journal.outgoing.mailed(by)]
    assert [(State.DRAFT, TODAY)] == [(each.state, each.on) for each in journal.outgoing.mailed(TODAY)]
    journal.take_back({"F-1/2026"}, DAY)
    assert [(State.DRAFT, TODAY)] == [(each.state, each.on) for each in journal.outgoing.mailed()]


@pytest.mark.parametrize(
    "change",
    ["addresses = '{'", "on_date = 'demain'", "state = 'elsewhere'", "settled_at = 'x'", "addresses = '3'"],
)
def test_one_that_cannot_be_read_is_told_as_such(journal: Journal, change: str) -> None:
    """With what can be read of it, in doubt where nobody knows its end; the others are as they are."""
    for number in ("F-1", "F-2", "F-3"):
        left(journal, message(number), State.SENT)
    journal._db.execute(f"UPDATE deliveries SET {change} WHERE id = 2")
    journal._db.execute("UPDATE attempts SET dot_at = NULL WHERE delivery = 2")
    one, bad, three = journal.outgoing.mailed()

    assert [State.SENT, State.SENT] == [one.state, three.state]
    assert (2, ("F-2",), "Client SA") == (bad.number, bad.numbers, bad.customer)
    assert (State.IN_DOUBT if change.startswith("state") else State.SENT) == bad.state
    assert (bad.at is None) is not change.startswith(("on_date", "state"))
    assert TODAY == bad.on or change.startswith("on_date")
    assert None not in (one.at, three.at)


def test_later_days_are_not_seen(journal: Journal) -> None:
    """A message counts for the day of its plan."""
    journal.settle(prepared(journal, message("F-1"), DAY), Settled(State.DRAFT))

    assert () == journal.outgoing.mailed(TODAY)
    assert 1 == len(journal.outgoing.mailed(DAY))


def test_whom_each_was_handed_to(journal: Journal) -> None:
    """By the number of the message; one that came to no dot was handed to nobody."""
    left(journal, message("F-1"), State.SENT)
    prepared(journal, message("F-2"))
    other = prepared(journal, message("F-3"))
    journal.at_dot(other, "mx.other:587")

    assert {1: "mx.test", 3: "mx.other:587"} == journal.outgoing.servers()


def test_bytes(journal: Journal) -> None:
    """Octet for octet by the number, of each attempt its own; none where they were replaced."""
    first, again = message(text="Bonjour,\nd’abord.\n"), message(text="Bonjour,\nensuite.\n")
    journal.settle(prepared(journal, first), Settled(State.REFUSED, 550))
    assert first.raw == journal.outgoing.raw(1)
    journal.resolve("F-1/2026", sent=False, on=TODAY)
    left(journal, again, State.SENT)

    assert b"" == journal.outgoing.raw(1)
    assert again.raw == journal.outgoing.raw(2)
    assert again.raw == journal.outgoing.kept(again.message_id)


def test_a_lost_attachment(journal: Journal) -> None:
    """What is lacking is said, never passed off as the whole."""
    import base64

    letter = message()
    file = base64.encodebytes(bytes(range(256)) * 30).replace(b"\n", b"\r\n")
    raw = letter.raw + b"Content-Transfer-Encoding: base64\r\n\r\n" + file
    left(journal, letter._replace(raw=raw), State.SENT)
    assert raw == journal.outgoing.raw(1)
    [part] = (journal.path.parent / f"{journal.path.name}.parts").iterdir()
    part.unlink()

    with pytest.raises(PartError):
        journal.outgoing.raw(1)
