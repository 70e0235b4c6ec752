"""Copies in Sent: looked for, filed once with the bytes that left, never at the cost of a delivery."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from imap_support import Mails, answering, imap_server, imap_settings, when
from mail_support import CANARY, TODAY, Mailbox, message, settings, smtp_server

from relance.delivery.account import Account
from relance.delivery.copies import are_wanted, file_copies, is_over
from relance.delivery.outbox import deliver
from relance.delivery.transaction import SmtpTransport
from relance.errors import DeliveryError
from relance.journal import Journal, PartError, State, open_journal
from relance.journal.values import CopyDue

pytestmark = pytest.mark.slow
PARIS = ZoneInfo("Europe/Paris")
LEFT = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOW = LEFT + timedelta(minutes=5)
ONE, TWO = message(), message("F-2")
DUE = [CopyDue(1, ONE.message_id, ("F-1",), LEFT, 0), CopyDue(2, TWO.message_id, ("F-2", "F-3"), LEFT, 0)]
KEPT = {ONE.message_id: ONE.raw, TWO.message_id: TWO.raw}


@pytest.fixture
def mails() -> Iterator[Mails]:
    """A mailbox with a Sent folder, listening."""
    box = Mails(today=TODAY)
    box.folders["Envoy&AOk-s"] = []
    with imap_server(box):
        yield box


def filed(mails: Mails, *, now: datetime = NOW, raw: dict[str, bytes] = KEPT) -> tuple[list[int], list[float]]:
    """The copies that are seen to, and how long was waited."""
    done: list[int] = []
    waits: list[float] = []
    file_copies(
        imap_settings(mails.port),
        CANARY,
        DUE,
        lambda name: raw[name],
        lambda copy: done.append(copy.delivery),
        PARIS,
        now,
        waits.append,
    )
    return done, waits


def test_each_is_filed_once(mails: Mails) -> None:
    """Exact bytes, seen, dated by their departure; a second look finds them."""
    assert ([1, 2], []) == filed(mails)
    assert [ONE.raw, TWO.raw] == mails.raws("Envoy&AOk-s")
    assert {r"(\Seen)"} == {flags for _, flags, _ in mails.appended}
    assert ([1, 2], []) == filed(mails)
    assert 2 == len(mails.appended)


def test_what_the_provider_files_itself_is_waited_for(mails: Mails) -> None:
    """Two seconds, once; found by its X-Relance-Id where its name is another one."""
    renamed = ONE.raw.replace(ONE.message_id.encode(), b"<new@server.example>")
    mails.folders["Envoy&AOk-s"].append((renamed, TODAY))
    assert ([1, 2], [2.0]) == filed(mails, now=LEFT + timedelta(seconds=1))
    assert [TWO.raw] == [raw for _, _, raw in mails.appended]


def test_a_message_whose_bytes_are_not_kept_has_no_copy(mails: Mails) -> None:
    """As after a journal that was made again from its receipts."""
    assert ([1, 2], []) == filed(mails, raw=KEPT | {ONE.message_id: b""})
    assert [TWO.raw] == mails.raws("Envoy&AOk-s")


def test_what_fails_is_told_with_what_was_done(mails: Mails) -> None:
    """The first is filed, the second refused."""
    refused = when(" APPEND ", answering("NO [OVERQUOTA] full"))
    mails.fault = lambda peer, line: bool(mails.appended) and refused(peer, line)
    done: list[int] = []
    with pytest.raises(DeliveryError, match="Copie de F-2, F-3 pas rangée") as caught:
        file_copies(
            imap_settings(mails.port),
            CANARY,
            DUE,
            KEPT.__getitem__,
            lambda copy: done.append(copy.delivery),
            PARIS,
            NOW,
        )
    assert [1] == done
    assert "OVERQUOTA" in str(caught.value)


def test_a_damaged_attachment_and_no_folder(mails: Mails) -> None:
    """Both are said, with what stands: the messages left."""

    def damaged(name: str) -> bytes:
        raise PartError(Path("parts"))

    with pytest.raises(DeliveryError, match="pas rangée"):
        file_copies(imap_settings(mails.port), CANARY, DUE, damaged, lambda copy: None, PARIS, NOW)
    mails.folders.clear()
    with pytest.raises(DeliveryError, match="introuvable") as caught:
        filed(mails)
    assert "save_sent = false" in str(caught.value.cure)


def at(host: str, user: str = "camille@martin.example") -> Account:
    """A mail server."""
    return Account("smtp", host, 465, "tls", user)


BOX = Account("imap", "imap.martin.example", 993, "tls")


@pytest.mark.parametrize(
    ("smtp", "imap", "wanted"),
    [
        (at("ssl0.ovh.net"), BOX, True),
        (at("mail.martin.example"), BOX, True),
        (at("smtp.gmail.com"), BOX, False),
        (at("smtp.office365.com"), BOX, False),
        (at("smtp-mail.outlook.com", "zoe@outlook.fr"), BOX, False),
        (at("smtp.zoho.eu"), BOX, False),
        (at("smtp.zoho.com"), BOX, False),
        (at("smtp.gmail.com"), BOX._replace(save_sent=True), True),
        (at("ssl0.ovh.net"), BOX._replace(save_sent=False), False),
        (at("ssl0.ovh.net"), None, False),
        (None, BOX, False),
    ],
)
def test_where_copies_are_wanted(smtp: Account | None, imap: Account | None, wanted: bool) -> None:
    """As the settings say, else where the provider files none itself."""
    assert wanted is are_wanted(smtp, imap)


def test_when_a_copy_is_given_up() -> None:
    """After three failures, or seven days."""
    [copy, _] = DUE
    assert not is_over(copy._replace(tries=2), LEFT + timedelta(days=7))
    assert is_over(copy._replace(tries=3), LEFT)
    assert is_over(copy, LEFT + timedelta(days=7, seconds=1))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j.sqlite3", TODAY, create=True) as journal:
        yield journal


def sent(journal: Journal, *replies: str) -> Mailbox:
    """Messages handed to a server that answers so."""
    with smtp_server(mailbox=Mailbox(to_dot=list(replies))) as box:
        transport = SmtpTransport(settings(box.port), None)
        others = [message(f"F-{i}", to=(f"c{i}@client.example",)) for i in range(len(replies))]
        deliver(others, journal, transport, TODAY, per_minute=0)
        transport.close()
        return box


def test_a_copy_is_due_with_the_word_that_it_left(journal: Journal) -> None:
    """In the same transaction; of what was refused or is in doubt there is none."""
    sent(journal, "250 Ok", "550 5.1.1 no", "421 later")
    assert [("F-0",)] == [copy.numbers for copy in journal.mails.copies_due()]
    [doubt] = journal.in_doubt()
    journal.resolve("F-2/2026", True, TODAY)
    due = journal.mails.copies_due()
    assert [("F-0",), ("F-2",)] == [copy.numbers for copy in due]
    assert doubt.id == due[1].delivery
    journal.mails.not_copied(due)
    journal.mails.copied([due[0].delivery])
    assert [(("F-2",), 1)] == [(copy.numbers, copy.tries) for copy in journal.mails.copies_due()]
    journal.mails.copied([])
    assert KEPT[ONE.message_id] != journal.outgoing.kept(due[1].message_id)


def test_a_crash_after_the_reply_owes_the_copy_too(tmp_path: Path) -> None:
    """The receipts know the end, and the journal learns it with the copy that is due."""
    path = tmp_path / "j.sqlite3"
    with open_journal(path, TODAY, create=True) as journal:
        [prepared] = journal.prepare([ONE], TODAY)
        journal.at_dot(prepared, "mx.test:25")
        journal.receipts.append(
            {
                "kind": "outcome",
                "attempt": prepared.attempt,
                "at": "2026-11-23T09:00:00+00:00",
                "state": State.SENT,
                "code": 250,
                "reply": "Ok",
                "address": "",
                "next_try": None,
                "tries": 0,
            }
        )
    with open_journal(path, TODAY, create=False) as journal:
        assert () == journal.mails.copies_due()
        journal.recover()
        assert [("F-1",)] == [copy.numbers for copy in journal.mails.copies_due()]
        assert ONE.raw == journal.outgoing.kept(ONE.message_id)
