"""The journal: facts kept as told, deliveries claimed once and settled once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import NOON, TODAY, key, message

from relance.core.answers import Backlog, HoldReason
from relance.core.facts import (
    Approved,
    BacklogAnswered,
    Confirmed,
    Drafted,
    Held,
    InDoubt,
    Paid,
    Refused,
    Released,
    Reminded,
)
from relance.core.invoice import Contact
from relance.journal import Journal, State, open_journal, read_journal

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


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j.sqlite3", TODAY, create=True, now=lambda: NOON) as journal:
        yield journal


def claimed(journal: Journal, *numbers: str) -> int:
    """The delivery of a message about these invoices."""
    delivery = journal.claim(message(*numbers), TODAY)
    assert delivery is not None
    return delivery


def test_facts_come_back_as_told(journal: Journal) -> None:
    """Every kind of fact survives the file, equal and in the order it was told."""
    journal.record(*TOLD, note="par téléphone")
    assert journal.facts() == list(TOLD)


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


def test_facts_are_never_changed(journal: Journal) -> None:
    """The schema itself refuses to change or delete what was told."""
    import sqlite3

    journal.record(TOLD[0])
    with sqlite3.connect(journal.path) as db:
        for statement in ("UPDATE facts SET note = 'x'", "DELETE FROM facts"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)
    db.close()


def test_claim_is_in_doubt_until_settled(journal: Journal) -> None:
    """A claim that nobody settled, as after a crash, is in doubt for each of its invoices."""
    claimed(journal, "F-1", "F-2")
    doubts = [InDoubt(f"{number}/2026", "friendly", "email", TODAY) for number in ("F-1", "F-2")]
    assert journal.facts() == doubts


def test_sent_makes_a_contact_for_each_invoice(journal: Journal) -> None:
    """One delivery settles all its keys with its addresses, term, snapshot and Message-ID."""
    sent = message("F-1", "F-2", cc=("chef@client.example",), bcc="moi@martin.example")
    delivery = journal.claim(sent, TODAY)
    assert delivery is not None
    journal.settle(delivery, State.SENT, 250, "2.0.0 Ok")
    term = date(2026, 11, 30)
    contact = Contact("friendly", "email", TODAY, ("compta@client.example",), term, SNAPSHOT, sent.message_id)
    assert journal.facts() == [Reminded("F-1/2026", contact), Reminded("F-2/2026", contact)]


def test_a_key_without_term_has_none(journal: Journal) -> None:
    """A message that gives no term leaves none."""
    delivery = journal.claim(message()._replace(keys=(key()._replace(term=None),)), TODAY)
    assert delivery is not None
    journal.settle(delivery, State.SENT)
    (fact,) = journal.facts()
    assert isinstance(fact, Reminded)
    assert fact.contact.term is None


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (State.SENT, False),
        (State.DRAFT, False),
        (State.IN_DOUBT, False),
        (State.CLAIMED, False),
        (State.DEFERRED, True),
        (State.REFUSED, True),
        (State.NOT_SENT, True),
    ],
)
def test_only_what_did_not_leave_can_be_claimed_again(journal: Journal, state: State, again: bool) -> None:
    """(invoice, stage, channel, ladder) is taken for ever by what left or may have left."""
    journal.settle(claimed(journal), state)
    assert (journal.claim(message(), TODAY) is not None) is again


def test_one_taken_key_keeps_the_whole_message(journal: Journal) -> None:
    """A message that shares one invoice with another is not sent, and takes nothing."""
    claimed(journal, "F-1")
    assert journal.claim(message("F-2", "F-1"), TODAY) is None
    assert journal.claim(message("F-2"), TODAY) is not None


def test_other_stages_and_ladders_are_other_keys(journal: Journal) -> None:
    """The next stage, and the same one after the ladder began again, are free."""
    claimed(journal)
    assert journal.claim(message(stage="firm"), TODAY) is not None
    assert journal.claim(message()._replace(keys=(key(ladder=1),)), TODAY) is not None


@pytest.mark.parametrize("keys", [(), (key(), key())])
def test_a_message_without_proper_keys_is_a_mistake(journal: Journal, keys: tuple[()]) -> None:
    """Nothing would keep such a message from leaving twice, or let it leave at all."""
    with pytest.raises(ValueError, match="keys"):
        journal.claim(message()._replace(keys=keys), TODAY)


def test_refused_address_is_a_fact(journal: Journal) -> None:
    """An address refused for good is remembered with the server's words; another refusal is not."""
    journal.settle(claimed(journal, "F-1"), State.REFUSED, 550, "5.1.1 unknown", "compta@client.example")
    journal.settle(claimed(journal, "F-2"), State.REFUSED, 554, "5.7.1 spam")
    journal.settle(claimed(journal, "F-3"), State.DEFERRED, 450, "later")
    assert journal.facts() == [Refused("F-1/2026", "compta@client.example", TODAY, "5.1.1 unknown")]


def test_doubts_are_listed_with_what_is_known(journal: Journal) -> None:
    """Customer, time, recipients, invoices and the last words help the user to decide."""
    claimed(journal, "F-1", "F-2")
    journal.settle(claimed(journal, "F-3"), State.IN_DOUBT, 421, "closing")
    journal.settle(claimed(journal, "F-4"), State.SENT)
    first, second = journal.in_doubt()
    assert (first.customer, first.stage, first.subject) == ("Client SA", "friendly", "Facture F-1 échue")
    assert (first.numbers, first.created_at, first.code) == (("F-1", "F-2"), NOON, None)
    assert (first.recipients, first.message_id) == (("compta@client.example",), message("F-1", "F-2").message_id)
    assert (second.numbers, second.code, second.reply) == (("F-3",), 421, "closing")


@pytest.mark.parametrize("state", [State.CLAIMED, State.IN_DOUBT])
def test_resolved_as_sent(journal: Journal, state: State) -> None:
    """The user's word settles the whole message, as a contact of the day it was handed over."""
    journal.settle(claimed(journal, "F-1", "F-2"), state)
    assert journal.resolve("F-2/2026", sent=True, on=LATER) == ("F-1", "F-2")
    assert [fact.on for fact in journal.facts() if isinstance(fact, Reminded)] == [TODAY, TODAY]
    assert journal.claim(message("F-1"), LATER) is None
    assert journal.in_doubt() == ()


def test_resolved_as_not_sent(journal: Journal) -> None:
    """What did not leave may be claimed again, with the same Message-ID."""
    claimed(journal, "F-1", "F-2")
    assert journal.resolve("F-1/2026", sent=False, on=LATER) == ("F-1", "F-2")
    assert journal.facts() == []
    assert journal.claim(message("F-1", "F-2"), LATER) is not None
    assert journal.in_doubt()[0].message_id == message("F-2", "F-1").message_id


def test_nothing_to_resolve(journal: Journal) -> None:
    """An invoice without a doubt, or a message that was sent, is left as it is."""
    journal.settle(claimed(journal), State.SENT)
    assert journal.resolve("F-1/2026", sent=False, on=TODAY) == ()
    assert len(journal.facts()) == 1


def test_draft_is_no_contact_until_sent(journal: Journal) -> None:
    """A draft is known as one; sent by the user, it is a contact of that day for every invoice."""
    journal.settle(claimed(journal, "F-1", "F-2"), State.DRAFT)
    assert journal.facts() == [Drafted(f"{n}/2026", "friendly", "email", TODAY, 0) for n in ("F-1", "F-2")]
    assert journal.draft_sent("F-1/2026", "firm", LATER) == ()
    assert journal.draft_sent("F-1/2026", "friendly", LATER) == ("F-1", "F-2")
    assert [type(fact) for fact in journal.facts()] == [Reminded, Reminded]
    assert [fact.on for fact in journal.facts()] == [LATER, LATER]


def test_the_same_thing_is_told_again_after_a_week(journal: Journal) -> None:
    """Under cron the user hears once of what needs him, and once more each week; of news at once."""
    day = timedelta(days=1)
    assert journal.untold(["un doute", "un refus", "un doute"], TODAY) == ("un doute", "un refus")
    assert journal.untold(["un doute", "nouveau"], TODAY + day) == ("nouveau",)
    assert journal.untold(["un doute"], TODAY + 6 * day) == ()
    assert journal.untold(["un doute", "nouveau"], TODAY + 7 * day) == ("un doute",)
    assert journal.untold(["un doute"], TODAY + 13 * day) == ()
    assert journal.untold(["un doute"], TODAY) == ("un doute",)


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
        journal.claim(message(), TODAY)
        created = journal.in_doubt()[0].created_at
    assert created.utcoffset() == UTC.utcoffset(None)
    assert abs((datetime.now(UTC) - created).total_seconds()) < 60


def test_reading_sees_what_was_written(tmp_path: Path) -> None:
    """`plan` reads facts and doubts through its own opening."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        journal.record(TOLD[1])
        journal.claim(message(), TODAY)
        reader = read_journal(tmp_path / "j")
        assert reader is not None
        with reader:
            assert reader.facts() == journal.facts()
            assert reader.started == TODAY
