"""The journal: facts kept as told, deliveries claimed once and settled once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from mail_support import NOON, TODAY, dated, key, message

from relance.core.facts import (
    Approved,
    Backlog,
    BacklogAnswered,
    Confirmed,
    Credited,
    CreditShare,
    Deferred,
    Drafted,
    Held,
    HoldReason,
    InDoubt,
    Paid,
    Refused,
    Released,
    Reminded,
    RowKnown,
)
from relance.core.invoice import Contact
from relance.core.message import Message
from relance.journal import Journal, Prepared, Settled, State, TakenError, open_journal, read_journal, repair
from relance.journal.said import row_word

SNAPSHOT = key().snapshot
LATER = date(2026, 12, 7)
TOLD = (
    BacklogAnswered(Backlog.GENTLY, TODAY),
    Held("F-1/2026", HoldReason.PROMISE, TODAY, date(2026, 12, 1), "au téléphone « oui »"),
    Released("F-1/2026", TODAY),
    Paid("F-1/2026", Decimal("100.50"), date(2026, 11, 20), Decimal("0.10")),
    Paid("F-1/2026", Decimal("1e2"), date(2026, 11, 10)),
    Approved("F-2/2026", "formal_notice", TODAY, Decimal("1200.00"), SNAPSHOT),
    Confirmed("F-2/2026", TODAY, SNAPSHOT),
)
CREDIT = Credited(
    "fr76|9",
    *(date(2026, 11, 20), Decimal("150.00"), "EUR", TODAY),
    (
        CreditShare("F-1/2026", Decimal("100.00"), Decimal("5.00")),
        CreditShare("F-2/2026", Decimal("50.00"), known=True),
    ),
    by_hand=True,
    payer="SARL DURAND",
    iban="FR7612345",
    customers=("code:D",),
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j.sqlite3", TODAY, create=True, now=lambda: NOON) as journal:
        yield journal


def prepared(journal: Journal, letter: Message) -> Prepared:
    """One message in the journal, if its keys are free."""
    [found] = journal.prepare([letter], TODAY)
    return found


def free(journal: Journal, letter: Message) -> bool:
    """Whether this message could be prepared; it is, then."""
    return prepared(journal, letter).delivery is not None


def at_dot(journal: Journal, *numbers: str) -> Prepared:
    """A message about these invoices, as far as the last word before the dot."""
    found = prepared(journal, message(*numbers))
    journal.at_dot(found, "mx.test:25")
    return found


def ended(journal: Journal, found: Prepared, state: State, *said: Any) -> None:
    """The end of that message, in both files."""
    journal.answered(found, Settled(state, *said))
    journal.flush()


def test_facts_come_back_as_told(journal: Journal) -> None:
    """Every kind of fact survives the file, equal and in the order it was told."""
    journal.record(*TOLD, note="par téléphone")
    assert journal.facts() == list(TOLD)


def test_a_credit_of_the_bank_comes_back_as_told(journal: Journal) -> None:
    """Said by hand or noted by a run, with what it pays and whom it ties."""
    both = [CREDIT, Credited(*CREDIT[:6]), Credited(*CREDIT[:5], by_hand=True)]
    journal.record(*both)
    assert both == journal.facts()


@pytest.mark.parametrize("about", ["fr76|9", "F-1/2026", "F-2/2026"])
def test_what_was_said_of_a_credit_is_taken_back(journal: Journal, about: str) -> None:
    """By its identity or by an invoice that it pays; what a run noted is not a person's to take back."""
    noted = Credited("fr76|8", *CREDIT[1:6])
    journal.record(CREDIT, noted)
    assert journal.last_words({about, "fr76|8"}).keys() == {about}
    assert journal.take_back({"fr76|8"}, TODAY) is None
    assert journal.take_back({about}, TODAY) == CREDIT
    assert journal.facts() == [noted]


def test_a_word_that_another_one_replaced_is_not_the_one_taken_back(tmp_path: Path) -> None:
    """The last word on the credit counts, so it goes first, whichever invoice the one before named."""
    moments = (NOON + timedelta(seconds=n) for n in range(99))
    last = CREDIT._replace(shares=(CreditShare("F-3/2026", Decimal("150.00")),))
    with open_journal(tmp_path / "j", TODAY, create=True, now=lambda: next(moments)) as journal:
        journal.record(CREDIT, last)
        assert journal.last_words({"F-1/2026", "F-3/2026"}).keys() == {"F-3/2026"}
        assert journal.take_back({"F-1/2026"}, TODAY) is None
        assert journal.take_back({"F-3/2026"}, TODAY) == last
        assert journal.take_back({"F-2/2026"}, TODAY) == CREDIT


def test_a_credit_is_news_of_each_invoice_that_it_pays(tmp_path: Path) -> None:
    """Another process that tells one while a message about them is on its way is heard."""
    path = tmp_path / "j.sqlite3"
    with open_journal(path, TODAY, create=True) as one, open_journal(path, TODAY, create=False) as other:
        other.record(CREDIT)
        assert one.news() == {"F-1/2026", "F-2/2026"}


def test_contacts_come_by_day(journal: Journal) -> None:
    """A reminder told late takes its place among the contacts, after everything else."""
    contact = Contact("firm", "call", TODAY, ("compta@client.example",), LATER, SNAPSHOT, "")
    late = Reminded("F-1/2026", contact)
    early = Reminded("F-1/2026", contact._replace(on=date(2026, 11, 2), snapshot=None, term=None))
    journal.record(late, TOLD[0], early)
    assert journal.facts() == [TOLD[0], early, late]


def test_what_a_delivery_makes_is_not_told(journal: Journal) -> None:
    """A doubt or a draft comes from a delivery alone; nothing of such a record is kept."""
    with pytest.raises(ValueError, match="InDoubt"):
        journal.record(TOLD[0], InDoubt("F-1/2026", "firm", "email", TODAY))
    assert journal.facts() == []


def test_what_was_taken_back_counts_no_more(tmp_path: Path) -> None:
    """The last word about a target first, then the one before it; the journal rebuilt from its receipts knows it."""
    moments = (NOON + timedelta(seconds=n) for n in range(99))
    path = tmp_path / "j.sqlite3"
    with open_journal(path, TODAY, create=True, now=lambda: next(moments)) as journal:
        journal.record(*TOLD[1:3], TOLD[4], TOLD[4], TOLD[6])
        assert journal.take_back({"F-3/2026"}, TODAY) is None
        assert TOLD[4] == journal.take_back({"F-1/2026", "F-3/2026"}, TODAY)
        assert [*TOLD[1:3], TOLD[4], TOLD[6]] == journal.facts()
        assert [TOLD[4], TOLD[2]] == [journal.take_back({"F-1/2026"}, TODAY) for _ in range(2)]
        assert [TOLD[1], TOLD[6]] == journal.facts()
        assert TOLD[6] == journal.take_back({"F-2/2026"}, TODAY)
    path.unlink()
    repair(path, TODAY, without_receipts=False)
    with open_journal(path, TODAY, create=False) as journal:
        assert [TOLD[1]] == journal.facts()
        assert TOLD[1] == journal.take_back({"F-1/2026"}, TODAY)
        assert journal.take_back({"F-1/2026"}, TODAY) is None


def test_the_last_word_about_a_customer_without_a_code(journal: Journal) -> None:
    """Held under a name with its address, it is known by the name alone; what is about nobody is nobody's."""
    held = Held("name:beta|compta@beta.example", HoldReason.PAUSE, TODAY)
    journal.record(held, TOLD[0])
    assert journal.take_back({""}, TODAY) is None
    assert held == journal.take_back({"name:beta"}, TODAY)


def test_facts_are_never_changed(journal: Journal) -> None:
    """The schema itself refuses to change or delete what was told."""
    import sqlite3

    journal.record(TOLD[0])
    with sqlite3.connect(journal.path) as db:
        for statement in ("UPDATE facts SET note = 'x'", "DELETE FROM facts"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)
    db.close()


def test_prepared_is_nothing_yet(journal: Journal) -> None:
    """What only lies ready left no trace in the world."""
    prepared(journal, message("F-1"))
    assert journal.facts() == []
    assert journal.in_doubt() == ()


def test_at_the_dot_is_in_doubt_until_settled(journal: Journal) -> None:
    """A message at the dot, as after a crash, is in doubt for each of its invoices, with whom it was handed to."""
    at_dot(journal, "F-1", "F-2")
    doubts = [InDoubt(f"{number}/2026", "friendly", "email", TODAY, NOON, "mx.test:25") for number in ("F-1", "F-2")]
    assert journal.facts() == doubts


def test_sent_makes_a_contact_for_each_invoice(journal: Journal) -> None:
    """One delivery settles all its keys with its addresses, term, snapshot and Message-ID."""
    sent = message("F-1", "F-2", cc=("chef@client.example",), bcc="moi@martin.example")
    found = prepared(journal, sent)
    journal.at_dot(found, "mx.test:25")
    ended(journal, found, State.SENT, 250, "2.0.0 Ok")
    term = date(2026, 11, 30)
    contact = Contact("friendly", "email", TODAY, ("compta@client.example",), term, SNAPSHOT, sent.message_id)
    assert journal.facts() == [Reminded("F-1/2026", contact), Reminded("F-2/2026", contact)]


def test_a_key_without_term_has_none(journal: Journal) -> None:
    """A message that gives no term leaves none."""
    found = prepared(journal, message()._replace(keys=(key()._replace(term=None),)))
    ended(journal, found, State.SENT)
    (fact,) = journal.facts()
    assert isinstance(fact, Reminded)
    assert fact.contact.term is None


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (State.SENT, False),
        (State.DRAFT, False),
        (State.IN_DOUBT, False),
        (State.PREPARED, False),
        (State.AT_DOT, False),
        (State.DEFERRED, True),
        (State.REFUSED, True),
        (State.NOT_SENT, True),
    ],
)
def test_only_what_did_not_leave_can_be_prepared_again(journal: Journal, state: State, again: bool) -> None:
    """(invoice, stage, channel, ladder) is taken for ever by what left or may have left."""
    ended(journal, prepared(journal, message()), state)
    assert free(journal, message()) is again


def test_one_taken_key_keeps_the_whole_message(journal: Journal) -> None:
    """A message that shares one invoice with another is not sent, and takes nothing."""
    at_dot(journal, "F-1")
    assert not free(journal, message("F-2", "F-1"))
    assert free(journal, message("F-2"))


def test_other_stages_and_ladders_are_other_keys(journal: Journal) -> None:
    """The next stage, and the same one after the ladder began again, are free."""
    at_dot(journal)
    assert free(journal, message(stage="firm"))
    assert free(journal, message()._replace(keys=(key(ladder=1),)))


@pytest.mark.parametrize("keys", [(), (key(), key())])
def test_a_message_without_proper_keys_is_a_mistake(journal: Journal, keys: tuple[()]) -> None:
    """Nothing would keep such a message from leaving twice, or let it leave at all."""
    with pytest.raises(ValueError, match="keys"):
        journal.prepare([message()._replace(keys=keys)], TODAY)


def test_refusals_and_deferrals_are_facts(journal: Journal) -> None:
    """An address refused for good, a message refused as it is, one put off: each with the server's words."""
    address = Settled(State.REFUSED, 550, "5.1.1 unknown", "compta@client.example")
    journal.settle(prepared(journal, message("F-1")), address)
    ended(journal, at_dot(journal, "F-2"), State.REFUSED, 554, "5.7.1 spam")
    later = NOON + timedelta(hours=1)
    journal.settle(prepared(journal, message("F-3")), Settled(State.DEFERRED, 450, "later", next_try=later, tries=1))
    journal.settle(prepared(journal, message("F-4")), Settled(State.DEFERRED, None, "no network"))
    assert journal.facts() == [
        Refused("F-1/2026", "compta@client.example", TODAY, "550 5.1.1 unknown", "friendly"),
        Refused("F-2/2026", "", TODAY, "554 5.7.1 spam", "friendly"),
        Deferred("F-3/2026", "friendly", "email", TODAY, later, "450 later"),
    ]


def test_how_often_it_was_put_off_is_remembered(journal: Journal) -> None:
    """The next attempt knows how many there were, unless the user began anew."""
    later = NOON + timedelta(hours=1)
    journal.settle(prepared(journal, message()), Settled(State.DEFERRED, 450, "later", next_try=later, tries=3))
    again = prepared(journal, message())
    assert again.tries == 3
    journal.release([again], later)
    assert prepared(journal, message()).tries == 3
    journal.resolve("F-1/2026", sent=False, on=TODAY)
    journal.recover()
    assert prepared(journal, message()).tries == 0


def test_what_says_nothing_new_keeps_its_bytes(journal: Journal) -> None:
    """A message that came to the dot is sent again byte for byte, with the date of then; another text is not."""
    first, later = message(), dated(LATER)
    assert first.raw != later.raw
    ended(journal, at_dot(journal, "F-1"), State.NOT_SENT)
    assert journal.raw(prepared(journal, later)) == first.raw
    journal.recover()
    changed = message(text="Bonjour, encore.\n")
    assert journal.raw(prepared(journal, changed)) == changed.raw
    journal.recover()
    elsewhere = later._replace(recipients=("x@client.example",))
    assert journal.raw(prepared(journal, elsewhere)) == later.raw


def test_what_never_came_to_the_dot_is_dated_anew(journal: Journal) -> None:
    """On another day: a customer's mail program would sort it among the mails of then."""
    first, later = message(), dated(LATER)
    journal.settle(prepared(journal, first), Settled(State.NOT_SENT))
    hour_later = message(at=NOON + timedelta(hours=1))
    [same_day] = journal.prepare([hour_later], TODAY)
    assert journal.raw(same_day) == first.raw
    journal.settle(same_day, Settled(State.NOT_SENT))
    [next_week] = journal.prepare([later], LATER)
    assert journal.raw(next_week) == later.raw
    assert first.message_id == later.message_id


def test_doubts_are_listed_with_what_is_known(journal: Journal) -> None:
    """The time, the server and the last words, of each invoice; the Message-ID finds a trace in the mailbox."""
    at_dot(journal, "F-1", "F-2")
    ended(journal, at_dot(journal, "F-3"), State.IN_DOUBT, 421, "closing")
    ended(journal, at_dot(journal, "F-4"), State.SENT)
    first, second = journal.in_doubt()
    assert (first.at, first.message_id) == (NOON, message("F-1", "F-2").message_id)
    assert (second.at, second.message_id) == (NOON, message("F-3").message_id)
    said = [(f.invoice, f.stage, f.at, f.server, f.reply) for f in journal.facts() if isinstance(f, InDoubt)]
    assert said == [
        ("F-1/2026", "friendly", NOON, "mx.test:25", ""),
        ("F-2/2026", "friendly", NOON, "mx.test:25", ""),
        ("F-3/2026", "friendly", NOON, "mx.test:25", "421 closing"),
    ]


@pytest.mark.parametrize("state", [State.AT_DOT, State.IN_DOUBT])
def test_resolved_as_sent(journal: Journal, state: State) -> None:
    """The user's word settles the whole message, as a contact of the day it was handed over."""
    ended(journal, at_dot(journal, "F-1", "F-2"), state)
    assert journal.resolve("F-2/2026", sent=True, on=LATER) == ("F-1", "F-2")
    assert [fact.on for fact in journal.facts() if isinstance(fact, Reminded)] == [TODAY, TODAY]
    assert not free(journal, message("F-1"))
    assert journal.in_doubt() == ()


@pytest.mark.parametrize("state", [State.AT_DOT, State.IN_DOUBT, State.DRAFT, State.REFUSED, State.DEFERRED])
def test_resolved_as_not_sent(journal: Journal, state: State) -> None:
    """What did not leave may be tried again, with the same Message-ID and the same bytes."""
    later = NOON + timedelta(hours=1)
    ended(journal, at_dot(journal, "F-1", "F-2"), state, None, "", "", later)
    assert journal.resolve("F-1/2026", sent=False, on=LATER) == ("F-1", "F-2")
    assert journal.facts() == []
    again = prepared(journal, message("F-1", "F-2"))
    assert (again.message.message_id, journal.raw(again)) == (
        message("F-2", "F-1").message_id,
        message("F-1", "F-2").raw,
    )


def test_nothing_to_resolve(journal: Journal) -> None:
    """An invoice without a doubt, or a message that was sent, is left as it is; a refusal was no sending."""
    ended(journal, at_dot(journal), State.SENT)
    ended(journal, at_dot(journal, "F-2"), State.REFUSED)
    assert journal.resolve("F-1/2026", sent=False, on=TODAY) == ()
    assert journal.resolve("F-2/2026", sent=True, on=TODAY) == ()
    assert [type(fact) for fact in journal.facts()] == [Refused, Reminded]


def test_draft_is_no_contact_until_sent(journal: Journal) -> None:
    """A draft is known as one; sent by the user, it is a contact of that day for every invoice."""
    journal.settle(prepared(journal, message("F-1", "F-2")), Settled(State.DRAFT))
    assert journal.facts() == [
        Drafted(f"{n}/2026", "friendly", "email", TODAY, 0, key().snapshot) for n in ("F-1", "F-2")
    ]
    assert journal.draft_sent("F-1/2026", "firm", LATER) == ()
    assert journal.draft_sent("F-1/2026", "friendly", LATER) == ("F-1", "F-2")
    assert [type(fact) for fact in journal.facts()] == [Reminded, Reminded]
    assert [fact.on for fact in journal.facts()] == [LATER, LATER]


def test_released_is_free_at_once_or_later(journal: Journal) -> None:
    """What was not tried may be tried by the next run, or from the moment that the server named."""
    first, second = journal.prepare([message("F-1"), message("F-2")], TODAY)
    taken = prepared(journal, message("F-1"))
    journal.release([first, taken])
    assert journal.facts() == []
    later = NOON + timedelta(days=1)
    journal.release([second], later)
    assert journal.facts() == [Deferred("F-2/2026", "friendly", "email", TODAY, later)]
    assert free(journal, message("F-1"))


def test_a_delivery_released_by_another_run_does_not_leave(journal: Journal) -> None:
    """Without the lock, a twin's recovery takes what was prepared out of our hands: no dot."""
    found = prepared(journal, message())
    journal.recover()
    with pytest.raises(TakenError):
        journal.at_dot(found, "mx.test:25")


def test_nor_one_that_was_to_follow(journal: Journal) -> None:
    """A twin takes a message that was marked together with the one before it."""
    first, second = journal.prepare([message("F-1"), message("F-2")], TODAY)
    journal.at_dot(first, "mx.test:25", [second])
    journal.recover()
    with pytest.raises(TakenError):
        journal.at_dot(second, "mx.test:25")


def test_the_last_stamp_is_the_latest_instant(tmp_path: Path) -> None:
    """Whatever was noted last, a fact or the end of a delivery; nobody asks the clock before it is noted."""
    hours, stamps = iter(range(1, 99)), list[datetime | None]()
    with open_journal(tmp_path / "j", TODAY, create=True, now=lambda: NOON + timedelta(hours=next(hours))) as journal:
        stamps.append(journal.last_stamp())
        journal.record(TOLD[0])
        stamps.append(journal.last_stamp())
        found = prepared(journal, message())
        stamps.append(journal.last_stamp())
        ended(journal, found, State.SENT)
        stamps.append(journal.last_stamp())
        journal.settle(prepared(journal, message("F-2")), Settled(State.DRAFT))
        stamps.append(journal.last_stamp())
        journal.draft_sent("F-2/2026", "friendly", TODAY)
        stamps.append(journal.last_stamp())
        journal.release([prepared(journal, message("F-3"))])
        stamps.append(journal.last_stamp())
    first, *known = stamps
    assert first is None
    assert None not in known
    assert known == sorted(set(known), key=str)


def test_the_same_thing_is_told_again_after_a_week(journal: Journal) -> None:
    """Under cron the user hears once of what needs him, and once more each week; of news at once."""
    day = timedelta(days=1)

    def told(names: list[str], on: date) -> tuple[str, ...]:
        news = journal.untold(names, on)
        assert news == journal.untold(names, on)  # to ask is not to tell
        journal.told(news, on)
        return news

    assert told(["un doute", "un refus", "un doute"], TODAY) == ("un doute", "un refus")
    assert told(["un doute", "nouveau"], TODAY + day) == ("nouveau",)
    assert told(["un doute"], TODAY + 6 * day) == ()
    assert told(["un doute", "nouveau"], TODAY + 7 * day) == ("un doute",)
    assert told(["un doute"], TODAY + 13 * day) == ()
    assert told(["un doute"], TODAY) == ("un doute",)


def test_started_is_kept(tmp_path: Path) -> None:
    """The day of creation does not move when the journal is opened again."""
    path = tmp_path / "sub" / "j.sqlite3"
    with open_journal(path, TODAY, create=True) as journal:
        assert journal.started == TODAY
        journal.record(TOLD[0])
    with open_journal(path, LATER, create=True) as journal:
        assert (journal.started, journal.facts()) == (TODAY, [TOLD[0]])


def test_stamps_are_utc(tmp_path: Path) -> None:
    """Without another clock the stamps are instants in UTC."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        at_dot(journal)
        created = journal.in_doubt()[0].at
    assert created.utcoffset() == UTC.utcoffset(None)
    assert abs((datetime.now(UTC) - created).total_seconds()) < 60


def test_reading_sees_what_was_written(tmp_path: Path) -> None:
    """`plan` reads facts and doubts through its own opening."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        journal.record(TOLD[1])
        assert [TOLD[1]] == journal.facts()
        at_dot(journal)
        reader = read_journal(tmp_path / "j")
        assert reader is not None
        with reader:
            assert reader.facts() == journal.facts()
            assert reader.started == TODAY


def test_what_can_be_taken_back_is_named(journal: Journal) -> None:
    """Of those that are asked for: what the user said of an invoice, of a customer, of a message; no others."""
    journal.record(TOLD[3], Held("code:C-7", HoldReason.DISPUTE, TODAY), BacklogAnswered(Backlog.GENTLY, TODAY))
    for number in ("F-4", "F-5"):
        ended(journal, at_dot(journal, number), State.IN_DOUBT)
    journal.resolve("F-4/2026", sent=True, on=LATER)
    asked = {"F-1/2026", "F-4/2026", "F-5/2026", "F-9/2026", "code:C-7", "code:C-8"}
    assert {"F-1/2026", "F-4/2026", "code:C-7"} == journal.last_words(asked).keys()
    assert set() == journal.last_words(set()).keys()
    for name in asked:
        assert (name in journal.last_words({name})) is (journal.take_back({name}, LATER) is not None)
    assert set() == journal.last_words(asked).keys()


def test_of_two_words_about_a_message_the_later_one_is_named(tmp_path: Path) -> None:
    """What became of it, or what was said of its invoice: whichever came last is what would be taken back."""
    moments = (NOON + timedelta(seconds=n) for n in range(99))
    with open_journal(tmp_path / "j", TODAY, create=True, now=lambda: next(moments)) as journal:
        ended(journal, at_dot(journal, "F-1"), State.IN_DOUBT)
        journal.record(TOLD[3])
        journal.resolve("F-1/2026", sent=False, on=LATER)
        assert ("F-1",) == getattr(journal.last_words()["F-1/2026"], "numbers", None)
        journal.record(TOLD[4])
        assert {"F-1/2026": TOLD[4]} == journal.last_words()
        assert TOLD[4] == journal.take_back({"F-1/2026"}, LATER)
        assert ("F-1",) == getattr(journal.take_back({"F-1/2026"}, LATER), "numbers", None)
        assert TOLD[3] == journal.take_back({"F-1/2026"}, LATER)


def test_what_is_known_of_a_row_is_taken_back_for_its_twins(tmp_path: Path) -> None:
    """Two rows that one name stood for were answered at once, and are asked about again at once; another is not."""
    names = ("F-7", "7", "factures.csv:7")
    twins = [RowKnown(row, TODAY, names) for row in ("a", "b")]
    other = RowKnown("c", TODAY, ("F-8", "8"))
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        journal.record(*twins, other, TOLD[3])
        assert {"row F-7", "row 7", "row factures.csv:7", "row F-8", "row 8", "F-1/2026"} == journal.last_words().keys()
        assert journal.take_back({"F-7", "7"}, LATER) is None  # an invoice may be called so
        assert twins[1] == journal.take_back({row_word("7")}, LATER)
        assert [other, TOLD[3]] == [fact for fact in journal.facts() if isinstance(fact, RowKnown | Paid)]
        assert journal.take_back({row_word("F-7")}, LATER) is None


def test_what_was_sent_is_given_back(journal: Journal) -> None:
    """By its Message-ID, octet for octet, of several attempts the last; nothing of what is not there."""
    first = message(text="Bonjour,\nd’abord.\n")
    ended(journal, at_dot(journal, "F-2"), State.SENT)
    assert message("F-2").raw == journal.outgoing.kept(message("F-2").message_id)
    assert b"" == journal.outgoing.kept(first.message_id)
    ended(journal, prepared(journal, first), State.NOT_SENT)
    again = message(text="Bonjour,\nensuite.\n")
    assert again.message_id == first.message_id
    ended(journal, prepared(journal, again), State.SENT)
    assert again.raw == journal.outgoing.kept(first.message_id)


def test_the_content_of_the_file_is_known_with_its_day(journal: Journal) -> None:
    """What the last run saw, since when; nothing before the first one."""
    assert journal.content() is None
    journal.note_content("ab" * 32, TODAY)
    journal.note_content("cd" * 32, LATER)
    assert ("cd" * 32, LATER) == journal.content()


def test_a_trace_settles_a_doubt(journal: Journal) -> None:
    """It was sent, on the day it was handed over, in the words of who found it; the receipts alone know it too."""
    ended(journal, at_dot(journal, "F-1", "F-2"), State.IN_DOUBT)
    ended(journal, at_dot(journal, "F-3"), State.IN_DOUBT)
    journal.found(journal.in_doubt()[0].id, Settled(State.SENT, reply="retrouvé"))
    assert [message("F-3").message_id] == [doubt.message_id for doubt in journal.in_doubt()]
    facts = journal.facts()
    assert [("F-1/2026", TODAY), ("F-2/2026", TODAY)] == [(f.invoice, f.on) for f in facts if isinstance(f, Reminded)]
    [(state, reply)] = journal._db.execute("SELECT state, reply FROM deliveries WHERE id = 1").fetchall()
    assert ("sent", "retrouvé") == (state, reply)
    journal.path.unlink()
    repair(journal.path, TODAY, without_receipts=False)
    reader = read_journal(journal.path)
    assert reader is not None
    with reader:
        assert facts == reader.facts()


def test_a_new_journal_saw_nothing(journal: Journal) -> None:
    """Neither invoices nor doubts nor a word to be taken back."""
    assert ({}, {}, (), None) == (journal.seen(), journal.seen(TODAY), journal.in_doubt(), journal.last_stamp())
    assert journal.take_back({"F-1/2026"}, LATER) is None


def test_said_at_one_instant_a_fact_is_taken_back_first(journal: Journal) -> None:
    """A clock tells no more: then the word about the message."""
    ended(journal, at_dot(journal, "F-1"), State.IN_DOUBT)
    journal.resolve("F-1/2026", sent=False, on=LATER)
    journal.record(TOLD[3])
    assert TOLD[3] == journal.take_back({"F-1/2026"}, LATER)
    assert [] == [fact for fact in journal.facts() if isinstance(fact, InDoubt)]
    assert ("F-1",) == getattr(journal.take_back({"F-1/2026"}, LATER), "numbers", None)
    assert ["F-1/2026"] == [fact.invoice for fact in journal.facts() if isinstance(fact, InDoubt)]


def test_what_is_marked_stays_so_while_others_are(journal: Journal) -> None:
    """One commit for the first two, another one for the third: the second is still ours."""
    first, second, third = journal.prepare([message(f"F-{n}") for n in range(3)], TODAY)
    journal.at_dot(first, "mx.test:25", [second])
    journal.at_dot(third, "mx.test:25")
    journal.at_dot(second, "mx.test:25")
    assert [NOON] * 3 == [doubt.at for doubt in journal.in_doubt()]
