"""Drafts in the user's mailbox: filed once whatever the server does, found again, and only our own taken away."""

import imaplib
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from imap_support import Mails, answering, hang_up, imap_server, imap_settings, when
from mail_support import CANARY, TODAY, Peer, message

from relance.core.facts import Drafted, Lies
from relance.core.message import Message
from relance.delivery.account import Account
from relance.delivery.drafts import DraftsTransport, Whereabouts, drafts_session, look_at, own_folders
from relance.delivery.mailbox import why
from relance.delivery.outbox import deliver
from relance.delivery.outcome import Outcome, SendReport
from relance.errors import DeliveryError, SettingsError
from relance.journal import Journal, Settled, State, open_journal
from relance.journal.values import InMailbox

pytestmark = pytest.mark.slow
PARIS = ZoneInfo("Europe/Paris")
DRAFTS, SENT = "Brouillons", "Messages envoy&AOk-s"
ONE = message()


@pytest.fixture
def mails() -> Iterator[Mails]:
    """A French mailbox, listening."""
    box = Mails(today=TODAY)
    box.folders |= {DRAFTS: [], SENT: []}
    box.flags |= {DRAFTS: r"\Drafts", SENT: r"\HasNoChildren \Sent"}
    with imap_server(box):
        yield box


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j.sqlite3", TODAY, create=True) as journal:
        yield journal


def account(mails: Mails, **changes: Any) -> Account:
    """The mailbox."""
    return imap_settings(mails.port, **changes)


def run(mails: Mails, journal: Journal, *messages: Message, **changes: Any) -> SendReport:
    """One run into Drafts."""
    with drafts_session(account(mails, **changes), CANARY) as session:
        return deliver(messages, journal, DraftsTransport(account(mails, **changes), session, PARIS), TODAY)


def looked(mails: Mails, *drafts: InMailbox) -> list[Whereabouts]:
    """How these drafts lie."""
    found = look_at(account(mails), CANARY, drafts, PARIS)
    return [found[draft.delivery] for draft in drafts]


def settle(mails: Mails, journal: Journal) -> list[Lies]:
    """How what the journal knows lies."""
    drafts = journal.mails.drafts()
    return [each.lies for each in looked(mails, *drafts)] if drafts else []


def test_each_message_lies_there_once(mails: Mails, journal: Journal) -> None:
    """Its exact bytes; the journal keeps where, as RFC 5092 writes it, and the receipts know it too."""
    others = [message(f"F-{i}", to=(f"c{i}@client.example",)) for i in range(3)]
    report = run(mails, journal, *others)
    assert [each.raw for each in others] == mails.raws(DRAFTS)
    assert 3 == len(report.drafted)
    at = f"imap://127.0.0.1:{mails.port}/Brouillons;UIDVALIDITY=7/;UID=%s"
    assert [at % uid for uid in mails.uids(DRAFTS)] == [each.reply for each in report.drafted]
    assert [at % uid for uid in mails.uids(DRAFTS)] == [each.place for each in journal.mails.drafts()]
    assert 3 == sum(isinstance(fact, Drafted) for fact in journal.facts())
    assert [Lies.UNTOUCHED] * 3 == settle(mails, journal)
    again = run(mails, journal, *others)
    assert (3, 3) == (len(again.skipped), len(mails.raws(DRAFTS)))


def appended(peer: Peer, line: str) -> bytes:
    """Read the literal that is announced."""
    peer.say("+ go on")
    raw = peer.reader.read(int(line.rpartition("{")[2].strip("}")))
    peer.hear()
    return raw


def no(said: str, *, literal: bool = True) -> Callable[[Mails, Peer, str], None]:
    """Refuse an append, before its literal or after it."""

    def refuse(mails: Mails, peer: Peer, line: str) -> None:
        if literal:
            appended(peer, line)
        peer.say(f"{line.split()[0]} {said}")

    return refuse


@pytest.mark.parametrize(
    ("refuse", "stop", "said"),
    [
        (no("NO [TRYCREATE] no such folder"), "n’existe plus", "TRYCREATE"),
        (no("NO [TRYCREATE] no such folder", literal=False), "n’existe plus", "TRYCREATE"),
        (no("NO [OVERQUOTA] mailbox full"), "est pleine", "OVERQUOTA"),
        (no("NO no, for no reason"), "", "no, for no reason"),
        (no("NO [TOOBIG] too long", literal=False), "", "TOOBIG"),
    ],
)
def test_a_refusal_files_nothing(
    mails: Mails, journal: Journal, refuse: Callable[[Mails, Peer, str], None], stop: str, said: str
) -> None:
    """It is for later, with the server's words; what is about all messages stops the run and says what to do."""
    mails.fault = when(" APPEND ", lambda peer, line: refuse(mails, peer, line))
    report = run(mails, journal, ONE)
    [handed] = report.deferred
    assert said in handed.reply
    assert stop in str(report.stopped or "")
    assert bool(stop) is (report.stopped is not None)
    assert ([], ()) == (mails.raws(DRAFTS), journal.mails.drafts())


def cut(mails: Mails, peer: Peer, line: str) -> None:
    """The connection ends inside the literal."""
    peer.say("+ go on")
    peer.reader.read(100)
    peer.link.shutdown(2)


def bye(mails: Mails, peer: Peer, line: str) -> None:
    """The server leaves once it has read the message."""
    appended(peer, line)
    peer.say("* BYE closing")
    peer.link.shutdown(2)


def silence(mails: Mails, peer: Peer, line: str) -> None:
    """The message is filed, and nothing is said."""
    raw = appended(peer, line)
    mails.folders[DRAFTS].append((raw, TODAY))
    while peer.hear():
        pass


def garbage(mails: Mails, peer: Peer, line: str) -> None:
    """What is no IMAP."""
    appended(peer, line)
    peer.say(f"{line.split()[0]} BAD what")


OVER = why(imaplib.IMAP4.abort())


@pytest.mark.parametrize(
    ("fault", "said", "there"),
    [
        (cut, OVER, False),
        (bye, OVER, False),
        (silence, why(TimeoutError()), True),
        (garbage, "le serveur refuse une demande", False),
    ],
)
def test_what_breaks_off_is_settled_by_looking(
    mails: Mails, journal: Journal, fault: Callable[[Mails, Peer, str], None], said: str, there: bool
) -> None:
    """In doubt until the next look, which finds it or not: no lasting doubt, and no second draft."""
    mails.fault = when(" APPEND ", lambda peer, line: fault(mails, peer, line))
    report = run(mails, journal, ONE, timeout=1.0)
    [doubt] = report.in_doubt
    assert doubt.reply.startswith(f"La messagerie (127.0.0.1:{mails.port}) : {said}.")
    [draft] = journal.mails.drafts()
    assert State.IN_DOUBT is draft.state
    assert f"imap://127.0.0.1:{mails.port}/Brouillons" == draft.place
    mails.fault = None
    [found] = looked(mails, draft)
    assert (Lies.UNTOUCHED if there else Lies.GONE) is found.lies
    if there:
        journal.found(draft.delivery, Settled(State.DRAFT, reply=found.place))
    else:
        journal.found(draft.delivery, Settled(State.NOT_SENT))
    run(mails, journal, ONE)
    assert [ONE.raw] == mails.raws(DRAFTS)
    assert [State.DRAFT] == [each.state for each in journal.mails.drafts()]


def test_a_draft_that_lies_there_is_not_filed_again(mails: Mails, journal: Journal) -> None:
    """The journal of another machine, or none: known by its name and its bytes."""
    mails.folders[DRAFTS].append((ONE.raw, TODAY))
    report = run(mails, journal, ONE)
    assert [f";UID={mails.uids(DRAFTS)[0]}"] == [each.reply[-6:] for each in report.drafted]
    assert 1 == len(mails.raws(DRAFTS))
    assert 1 == len(journal.mails.drafts())


def test_beside_another_state_of_it_nothing_is_filed(mails: Mails, journal: Journal) -> None:
    """The user has to throw that one away, or to send it."""
    mails.folders[DRAFTS].append((ONE.raw.replace(b"Merci", b"Salut"), TODAY))
    report = run(mails, journal, ONE)
    said = "un autre état de ce message est dans «\u00a0Brouillons\u00a0»\u00a0: supprimez-le, ou envoyez-le"
    assert [said] == [each.reply for each in report.deferred]
    assert 1 == len(mails.raws(DRAFTS))


def test_a_connection_that_ended_is_no_doubt(mails: Mails, journal: Journal) -> None:
    """Seen before anything is filed; after two of them the run ends."""
    mails.fault = when("NOOP", hang_up)
    report = run(mails, journal, ONE, message("F-2"), message("F-3"))
    assert (2, 1, []) == (len(report.deferred), len(report.left), report.in_doubt)
    assert "127.0.0.1" in report.deferred[0].reply


def test_no_server_without_uidplus_names_a_number(mails: Mails, journal: Journal) -> None:
    """The place is the folder, and the draft is found by its name."""
    mails.capabilities = "IMAP4rev1 AUTH=PLAIN"
    run(mails, journal, ONE)
    [draft] = journal.mails.drafts()
    assert f"imap://127.0.0.1:{mails.port}/Brouillons" == draft.place
    assert [Lies.UNTOUCHED] == settle(mails, journal)
    [found] = looked(mails, draft._replace(state=State.NOT_SENT))
    assert (True, Lies.UNTOUCHED) == (found.kept, found.lies)
    assert [ONE.raw] == mails.raws(DRAFTS)


def test_a_folder_that_is_not_there_or_cannot_be_read(mails: Mails, journal: Journal) -> None:
    """SettingsError names the setting, DeliveryError the server; nothing is prepared."""
    del mails.folders[DRAFTS]
    with pytest.raises(SettingsError, match="brouillons introuvable"):
        run(mails, journal, ONE)
    with pytest.raises(SettingsError, match="« À part » introuvable"):
        run(mails, journal, ONE, drafts_folder="À part")
    mails.folders[DRAFTS] = []
    mails.fault = when("SEARCH", hang_up)
    with pytest.raises(DeliveryError, match="La messagerie"):
        run(mails, journal, ONE)
    assert [] == journal.facts()


def test_the_folder_that_the_user_named_comes_before_the_usual_one(mails: Mails, journal: Journal) -> None:
    """Under the name that he writes, accents included (RFC 3501 5.1.3)."""
    mails.folders["&AMA- part"] = []
    run(mails, journal, ONE, drafts_folder="À part")
    assert ([ONE.raw], []) == (mails.raws("&AMA- part"), mails.raws(DRAFTS))


def drafted(mails: Mails, journal: Journal) -> InMailbox:
    """One draft that lies there."""
    run(mails, journal, ONE)
    [draft] = journal.mails.drafts()
    return draft


def moved(mails: Mails, raw: bytes, folder: str = SENT, on: date = TODAY) -> None:
    """The draft leaves Drafts, and this mail comes into a folder."""
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    mails.folders[folder].append((raw, on))


def mail(to: str, subject: str, more: str = "") -> bytes:
    """A mail of the user's."""
    return f"From: camille@martin.example\r\nTo: {to}\r\nSubject: {subject}\r\n{more}\r\nx\r\n".encode()


CLIENT = "compta@client.example"
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("raw", "on", "lies"),
    [
        (ONE.raw, TOMORROW, Lies.SENT),
        (ONE.raw.replace(ONE.message_id.encode(), b"<new@server.example>"), TODAY, Lies.SENT),
        (mail(f"Compta <{CLIENT.upper()}>", "Re: votre facture F-1"), TODAY, Lies.SENT),
        (mail(CLIENT, "Facture  F-1  =?utf-8?b?w6ljaHVl?="), TODAY, Lies.SENT),
        (mail(CLIENT, ONE.subject.replace("é", "e")), TODAY, Lies.SENT),
        (mail("autre@client.example", "Facture F-1"), TODAY, Lies.GONE),
        (mail(CLIENT, "Facture F-12"), TODAY, Lies.GONE),
        (mail(CLIENT, "Facture F-1"), YESTERDAY, Lies.GONE),
        (message(stage="firm").raw, TODAY, Lies.GONE),
        (mail(CLIENT, "F-1", f"Message-ID: {message(stage='firm').message_id}\r\n"), TODAY, Lies.GONE),
        (b"Subject: =?x-none?b?/?=\r\nTo: \xff\r\n\r\nx\r\n", TODAY, Lies.GONE),
    ],
)
def test_what_lies_among_the_sent_messages(mails: Mails, journal: Journal, raw: bytes, on: date, lies: Lies) -> None:
    """By its names, which servers replace, or by its recipient and its number; another message of ours is another."""
    draft = drafted(mails, journal)
    moved(mails, raw, on=on)
    [found] = looked(mails, draft)
    assert (lies, on if lies is Lies.SENT else None) == (found.lies, found.left_on)


def test_while_it_lies_there_a_likeness_tells_nothing(mails: Mails, journal: Journal) -> None:
    """The user wrote a mail of his own about the invoice."""
    draft = drafted(mails, journal)
    mails.folders[SENT].append((mail(CLIENT, "Facture F-1"), TODAY))
    assert [Lies.UNTOUCHED] == [each.lies for each in looked(mails, draft)]
    del mails.folders[SENT]
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    assert [Lies.GONE] == [each.lies for each in looked(mails, draft)]


@pytest.mark.parametrize(
    "raw", [ONE.raw.replace(b"Merci", b"Salut"), mail(CLIENT, "Facture F-1"), ONE.raw + b"\r\n", ONE.raw[:-20]]
)
def test_an_edited_draft(mails: Mails, journal: Journal, raw: bytes) -> None:
    """Other bytes under its name, or under a new one; even where it is to go, it stays."""
    draft = drafted(mails, journal)
    moved(mails, raw, DRAFTS)
    for state in (State.DRAFT, State.NOT_SENT):
        assert [Lies.EDITED] == [each.lies for each in looked(mails, draft._replace(state=state))]
    assert [raw] == mails.raws(DRAFTS)


def test_beside_an_edited_one_ours_stays_too(mails: Mails, journal: Journal) -> None:
    """Which of them the user means, he alone knows."""
    draft = drafted(mails, journal)
    mails.folders[DRAFTS].append((ONE.raw.replace(b"Merci", b"Salut"), TODAY))
    assert [Lies.EDITED] == [each.lies for each in looked(mails, draft._replace(state=State.NOT_SENT))]
    assert 2 == len(mails.raws(DRAFTS))


def test_our_own_alone_is_taken_away(mails: Mails, journal: Journal) -> None:
    """Whatever else lies there, marked as deleted or not."""
    draft = drafted(mails, journal)
    mails.folders[DRAFTS].append((mail(CLIENT, "perso"), TODAY))
    [found] = looked(mails, draft._replace(state=State.NOT_SENT))
    assert Lies.GONE is found.lies
    assert [mail(CLIENT, "perso")] == mails.raws(DRAFTS)
    uid = draft.place.rpartition("=")[2]
    marked, expunged = (c.split(maxsplit=1)[1] for c in mails.commands if "STORE" in c or "EXPUNGE" in c)
    assert (rf"UID STORE {uid} +FLAGS.SILENT (\Deleted)", f"UID EXPUNGE {uid}") == (marked, expunged)
    [found] = looked(mails, draft._replace(state=State.NOT_SENT))
    assert Lies.GONE is found.lies


def test_a_mark_that_is_refused(mails: Mails, journal: Journal) -> None:
    """Nothing is expunged then."""
    draft = drafted(mails, journal)
    mails.fault = when("STORE", answering("NO not yours"))
    [found] = looked(mails, draft._replace(state=State.NOT_SENT))
    assert found.kept
    assert "EXPUNGE" not in "".join(mails.commands)


def test_not_sent_although_it_was(mails: Mails, journal: Journal) -> None:
    """By its name it is among the sent messages; a likeness says nothing against the user's word."""
    draft = drafted(mails, journal)._replace(state=State.NOT_SENT)
    moved(mails, mail(CLIENT, "Facture F-1"))
    assert [Lies.GONE] == [each.lies for each in looked(mails, draft)]
    mails.folders[SENT].append((ONE.raw, TOMORROW))
    assert [Lies.SENT] == [each.lies for each in looked(mails, draft)]


def test_numbers_of_another_time_are_nobodys(mails: Mails, journal: Journal) -> None:
    """Under a new UIDVALIDITY the UID of the journal is another mail's."""
    draft = drafted(mails, journal)
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    mails.validity = 8
    place = draft.place.replace(draft.place.rpartition("=")[2], "9")
    mails.folders[DRAFTS].append((mail("a@b.example", "perso"), TODAY))
    assert [Lies.GONE] == [each.lies for each in looked(mails, draft._replace(place=place, state=State.NOT_SENT))]
    assert 1 == len(mails.raws(DRAFTS))


def test_a_number_whose_names_are_gone(mails: Mails, journal: Journal) -> None:
    """Under the same UIDVALIDITY it is the draft, whatever its headers: edited, since its bytes are others."""
    draft = drafted(mails, journal)
    mails.folders[DRAFTS][0] = (mail("a@b.example", "autre"), TODAY)
    assert [Lies.EDITED] == [each.lies for each in looked(mails, draft)]


def test_the_folders_that_check_names(mails: Mails) -> None:
    """Both as the user writes them, empty where there is none."""
    assert ("Brouillons", "Messages envoyés") == own_folders(account(mails), CANARY, PARIS)
    del mails.folders[SENT]
    assert ("", "") == own_folders(account(mails, drafts_folder="Rien"), CANARY, PARIS)


def test_what_the_last_look_found_is_known(mails: Mails, journal: Journal) -> None:
    """A fact of the draft, until it is looked at anew."""
    draft = drafted(mails, journal)
    journal.mails.found(draft.delivery, Lies.SENT, TOMORROW)
    [fact] = [fact for fact in journal.facts() if isinstance(fact, Drafted)]
    assert (Lies.SENT, TOMORROW, "friendly sent") == (fact.lies, fact.left_on, fact.mark)
    assert {draft.delivery: draft.place} == journal.mails.of([fact])
    assert {} == journal.mails.of([])
    assert ("F-1",) == journal.resolve(fact.invoice, False, TODAY)
    assert [(State.NOT_SENT, draft.place)] == [(each.state, each.place) for each in journal.mails.drafts()]
    journal.mails.found(draft.delivery, Lies.GONE)
    assert () == journal.mails.drafts()


def test_said_sent_it_waits_no_more(mails: Mails, journal: Journal) -> None:
    """Nobody looks for it again."""
    drafted(mails, journal)
    assert ("F-1",) == journal.resolve("F-1/2026", True, TODAY)
    assert () == journal.mails.drafts()


def test_the_dot_comes_before_the_draft(mails: Mails, journal: Journal) -> None:
    """Where the last look says no, nothing is filed."""

    def stale(server: str) -> None:
        raise LookupError(server)

    with drafts_session(account(mails), CANARY) as session:
        transport = DraftsTransport(account(mails), session, PARIS)
        with pytest.raises(LookupError, match="imap://127"):
            transport.hand_over(ONE, stale)
        assert [] == mails.raws(DRAFTS)
        outcome: Outcome = transport.hand_over(ONE, lambda server: None)
    assert State.DRAFT is outcome.state
