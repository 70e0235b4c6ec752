"""What the user says of a message that he sent himself, or of one in doubt: kept as said, taken back as one thing."""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from mail_support import NOON, TODAY, key, message

from relance.core.facts import Deferred, Drafted, Fact, InDoubt, Paid, Refused, Reminded
from relance.core.invoice import ZERO, Contact
from relance.core.message import Message
from relance.journal import Journal, Reopened, Settled, State, open_journal, read_journal, repair
from relance.journal.receipts import receipts_path

DAY = date(2026, 11, 25)
LATER = date(2026, 12, 7)
BOTH = message("F-1", "F-2")
DRAFTED = [Drafted(f"{number}/2026", "friendly", "email", TODAY, 0, key().snapshot) for number in ("F-1", "F-2")]
SENT = Contact(
    *("friendly", "email", DAY, ("compta@client.example",), date(2026, 11, 30)),
    snapshot=key().snapshot,
    message_id=BOTH.message_id,
)
PAID = Paid("F-1/2026", ZERO + 200, TODAY)
SECONDS = count()


def now() -> datetime:
    """A clock that goes on by a second each time it is looked at."""
    return NOON + timedelta(seconds=next(SECONDS))


def opened(path: Path, *, create: bool = False) -> Journal:
    """The journal as a command opens it."""
    return open_journal(path, TODAY, create=create, now=now)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with a payment told by hand, then a draft about two invoices."""
    path = tmp_path / "j.sqlite3"
    with opened(path, create=True) as journal:
        journal.record(PAID)
        left(journal, BOTH, State.DRAFT)
    return path


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    """That journal, open."""
    with opened(path) as journal:
        yield journal


def left(journal: Journal, letter: Message, state: State, next_try: datetime | None = None) -> None:
    """A message in that state."""
    [found] = journal.prepare([letter], TODAY)
    if state is not State.DRAFT:
        journal.at_dot(found, "mx.test:25")
        journal.answered(found, Settled(state, 450, "wait", "", next_try))
        journal.flush()
    else:
        journal.settle(found, Settled(state))


def known(path: Path) -> list[Fact]:
    """What a reader knows."""
    reader = read_journal(path)
    assert reader is not None
    with reader:
        return reader.facts()


def test_a_draft_sent_by_hand_is_a_contact_as_the_delivery_had_it(journal: Journal) -> None:
    """Address, term, snapshot and Message-ID for each invoice; what was learnt is about the one that was named."""
    assert ("F-1", "F-2") == journal.draft_sent("F-2/2026", "friendly", DAY, "dispute", "rappelle lundi")
    learnt = SENT._replace(cause="dispute", note="rappelle lundi")
    assert [PAID, Reminded("F-1/2026", SENT), Reminded("F-2/2026", learnt)] == journal.facts()
    assert () == journal.draft_sent("F-1/2026", "friendly", DAY)
    assert () == journal.resolve("F-1/2026", sent=True, on=DAY)
    assert () == journal.resolve("F-1/2026", sent=False, on=DAY)
    assert journal.prepare([BOTH], LATER)[0].delivery is None


@pytest.mark.parametrize("way", ["record", "resolve"])
def test_taken_back_it_is_a_draft_again(journal: Journal, way: str) -> None:
    """Whichever of its invoices is named, then and now; what was said before stays, and is taken back next."""
    if way == "record":
        journal.draft_sent("F-2/2026", "friendly", DAY, "cash")
    else:
        assert ("F-1", "F-2") == journal.resolve("F-2/2026", sent=True, on=DAY)
        assert [PAID, *(Reminded(draft.invoice, SENT) for draft in DRAFTED)] == journal.facts()
    assert Reminded("F-1/2026", SENT) == journal.take_back({"F-1/2026"}, LATER)
    assert [PAID, *DRAFTED] == journal.facts()
    assert journal.prepare([BOTH], LATER)[0].delivery is None
    assert journal.take_back({"F-2/2026"}, LATER) is None
    assert ("F-1", "F-2") == journal.draft_sent("F-1/2026", "friendly", LATER)
    assert [LATER, LATER] == [fact.on for fact in journal.facts() if isinstance(fact, Reminded)]
    journal.take_back({"F-2/2026"}, LATER)
    assert PAID == journal.take_back({"F-1/2026"}, LATER)
    assert DRAFTED == journal.facts()


def test_the_last_draft_of_a_stage_is_the_one_that_was_sent(journal: Journal) -> None:
    """After the ladder began again, the draft of before was not."""
    again = message("F-1")._replace(keys=(key("F-1")._replace(ladder=1),), message_id="<again@martin.example>")
    left(journal, again, State.DRAFT)
    assert ("F-1",) == journal.draft_sent("F-1/2026", "friendly", DAY)
    assert [PAID, *DRAFTED, "<again@martin.example>"] == [
        fact.contact.message_id if isinstance(fact, Reminded) else fact for fact in journal.facts()
    ]


@pytest.mark.parametrize("undone", [False, True])
@pytest.mark.parametrize("loss", ["journal", "receipts", "older journal", "older receipts"])
@pytest.mark.parametrize("way", ["record", "sent", "not sent", "doubt"])
def test_either_file_alone_knows_it(path: Path, way: str, loss: str, undone: bool) -> None:
    """Said, or taken back: a journal that was lost, or is older than its receipts, knows it, and so the other way."""
    with opened(path) as journal:
        left(journal, message("F-3"), State.IN_DOUBT)
    aside = path.with_name("aside")
    old = receipts_path(path) if "receipts" in loss else path
    shutil.copyfile(old, aside)
    with opened(path) as journal:
        if way == "record":
            journal.draft_sent("F-2/2026", "friendly", DAY, "cash", "en août")
        else:
            journal.resolve("F-3/2026" if way == "doubt" else "F-1/2026", sent=way != "not sent", on=DAY)
        if undone:
            journal.take_back({"F-2/2026", "F-3/2026"}, LATER)
        facts = journal.facts()
    if "older" in loss:
        shutil.copyfile(aside, old)
    else:
        old.unlink()
    repair(path, TODAY, without_receipts=False)
    assert facts == known(path)
    path.unlink()
    repair(path, TODAY, without_receipts=False)
    assert facts == known(path)
    with opened(path) as journal:
        journal.recover()
        taken = journal.take_back({"F-2/2026", "F-3/2026"}, LATER)
        assert undone is (taken is None)
        assert 1 == len([fact for fact in journal.facts() if isinstance(fact, InDoubt)])
        assert DRAFTED == [fact for fact in journal.facts() if isinstance(fact, Drafted)]


def test_a_draft_settled_by_an_older_version_stays_a_contact(path: Path, journal: Journal) -> None:
    """It is known by its delivery alone: what is taken back then is what was said before."""
    import sqlite3

    with sqlite3.connect(path) as db:
        db.execute("UPDATE deliveries SET state = 'sent', on_date = '2026-11-25', settled_at = ?", (now().isoformat(),))
    db.close()
    assert [PAID, *(Reminded(draft.invoice, SENT) for draft in DRAFTED)] == journal.facts()
    assert PAID == journal.take_back({"F-1/2026"}, LATER)
    assert 2 == len(journal.facts())


@pytest.mark.parametrize("sent", [True, False])
def test_a_word_about_some_drafts_leaves_the_others(journal: Journal, sent: bool) -> None:
    """The draft that was meant, by its stage, channel, ladder and day; a draft that is none settles nothing."""
    left(journal, message("F-1", stage="firm"), State.DRAFT)
    firm = Drafted("F-1/2026", "firm", "email", TODAY, 0, key().snapshot)
    others = [firm._replace(stage="formal_notice"), firm._replace(channel="letter"), firm._replace(ladder=1)]
    for no in [[], [*others, firm._replace(on=DAY)]]:
        assert () == journal.resolve("F-1/2026", sent=sent, on=DAY, drafts=no)
    assert [PAID, *DRAFTED, firm] == journal.facts()
    assert ("F-1",) == journal.resolve("F-1/2026", sent=sent, on=DAY, drafts=[firm])
    facts = journal.facts()
    assert DRAFTED == [fact for fact in facts if isinstance(fact, Drafted)]
    contacts = [(fact.invoice, fact.contact.stage, fact.on) for fact in facts if isinstance(fact, Reminded)]
    assert ([("F-1/2026", "firm", DAY)] if sent else []) == contacts


@pytest.mark.parametrize(
    ("state", "sent", "kind"),
    [
        (State.IN_DOUBT, True, InDoubt),
        (State.IN_DOUBT, False, InDoubt),
        (State.DRAFT, False, Drafted),
        (State.REFUSED, False, Refused),
        (State.DEFERRED, False, Deferred),
    ],
)
def test_a_message_stands_again_where_it_stood(journal: Journal, state: State, sent: bool, kind: type[Fact]) -> None:
    """A word about a message is a thing said like any other: the last one is taken back first."""
    left(journal, message("F-1", "F-3", stage="firm"), state, datetime(2026, 11, 24, tzinfo=UTC))
    before = journal.facts()
    assert kind in map(type, before)
    assert journal.resolve("F-3/2026", sent=sent, on=DAY)
    paid = Paid("F-3/2026", ZERO + 100, DAY)
    journal.record(paid)
    assert paid == journal.take_back({"F-3/2026"}, LATER)
    said = State.SENT if sent else State.NOT_SENT
    assert Reopened(("F-1", "F-3"), DAY, said, state) == journal.take_back({"F-1/2026"}, LATER)
    assert before == journal.facts()
    assert journal.take_back({"F-3/2026"}, LATER) is None
    assert PAID == journal.take_back({"F-1/2026"}, LATER)


def test_a_message_written_anew_since_is_as_it_is(journal: Journal) -> None:
    """Said not to have left, it was planned again, about one of its invoices: nothing of that is taken back."""
    journal.resolve("F-1/2026", sent=False, on=DAY)
    left(journal, message("F-2"), State.SENT)
    facts = journal.facts()
    assert journal.take_back({"F-2/2026"}, LATER) is None
    assert facts == journal.facts()
    assert PAID == journal.take_back({"F-1/2026"}, LATER)


def test_a_run_that_ended_before_wrote_nothing_anew(journal: Journal) -> None:
    """What was only prepared since keeps nothing from standing where it stood."""
    journal.resolve("F-1/2026", sent=False, on=DAY)
    journal.release(journal.prepare([message("F-2")], LATER))
    assert Reopened(("F-1", "F-2"), DAY, State.NOT_SENT, State.DRAFT) == journal.take_back({"F-2/2026"}, LATER)
    assert [PAID, *DRAFTED] == journal.facts()


def test_all_invoices_of_a_draft(journal: Journal) -> None:
    """Each of what its message is about, by any of them; another message is not looked at, nor one that was sent."""
    left(journal, message("F-3"), State.DRAFT)
    assert ("F-1/2026", "F-2/2026") == journal.mails.invoices_of(DRAFTED[1:])
    assert 1 == len(journal.mails.of(DRAFTED))
    assert () == journal.mails.invoices_of([])
    journal.draft_sent("F-1/2026", "friendly", DAY)
    assert () == journal.mails.invoices_of(DRAFTED)
