"""The user's own folders: which is which, what lies in one, and what a server answers that takes a mail into it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from imap_support import Mails, imap_server, imap_settings, when
from mail_support import CANARY, TODAY

from relance.delivery import folders
from relance.delivery.folders import DRAFTS, SENT, FilingError, FolderKind, open_folder
from relance.delivery.mailbox import session_with
from relance.delivery.mails import Head, head_of

pytestmark = pytest.mark.slow
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def mails() -> Iterator[Mails]:
    """A mailbox, listening."""
    with imap_server() as box:
        yield box


def found(mails: Mails, kind: FolderKind, named: str = "") -> str | None:
    """The folder of that kind, as its user writes it."""
    with session_with(imap_settings(mails.port), CANARY) as session:
        folder = open_folder(session, kind, PARIS, named)
        return folder.shown if folder is not None else None


@pytest.mark.parametrize(
    ("kind", "names", "marks", "told"),
    [
        (DRAFTS, ["Brouillons"], {}, "Brouillons"),
        (DRAFTS, ["Drafts", "Brouillons", "Projets"], {"Projets": r"\HasNoChildren \DRAFTS"}, "Projets"),
        (DRAFTS, ["INBOX.Drafts"], {}, "INBOX.Drafts"),
        (DRAFTS, ["INBOX/Brouillons"], {}, "INBOX/Brouillons"),
        (DRAFTS, ["[Gmail]/Brouillons"], {}, "[Gmail]/Brouillons"),
        (DRAFTS, ["Entw&APw-rfe"], {}, "Entwürfe"),
        (DRAFTS, ["Archives/Brouillons", "Drafts 2019"], {}, None),
        (DRAFTS, ["Drafts"], {"Drafts": r"\Noselect \Drafts"}, None),
        (SENT, ["Messages envoy&AOk-s"], {}, "Messages envoyés"),
        (SENT, ["&AMk-l&AOk-ments envoy&AOk-s"], {}, "Éléments envoyés"),
        (SENT, ["[Gmail]/Sent Mail", "Sent Items"], {}, "Sent Items"),
        (SENT, ["Envoy&AOk-s", "Sent"], {}, "Envoyés"),
        (SENT, ["Sentiments"], {}, None),
    ],
)
def test_which_folder(
    mails: Mails, kind: FolderKind, names: list[str], marks: dict[str, str], told: str | None
) -> None:
    """By its mark, else by its usual name, in French first; one that cannot be opened is none."""
    mails.folders |= {name: [] for name in names}
    mails.flags |= marks
    assert told == found(mails, kind)


def test_the_one_that_is_named(mails: Mails) -> None:
    """Before all others; one that is not there is none, and none is made."""
    mails.folders |= {"Drafts": [], "&AMA- relire": []}
    assert "À relire" == found(mails, DRAFTS, "À relire")
    assert found(mails, DRAFTS, "Ailleurs") is None
    assert "CREATE" not in "".join(mails.commands)


def test_long_mails_are_compared_piece_by_piece(mails: Mails, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any length, one of a whole number of pieces included; what is not there has no bytes."""
    monkeypatch.setattr(folders, "_PIECE", 1000)
    mails.folders["Drafts"] = [(b"x" * length, TODAY) for length in (999, 1000, 2500)]
    with session_with(imap_settings(mails.port), CANARY) as session:
        folder = open_folder(session, DRAFTS, PARIS)
        assert folder is not None
        uids = map(str, mails.uids("Drafts"))
        for uid, (raw, _) in zip(uids, mails.folders["Drafts"], strict=True):
            assert sha256(raw).hexdigest() == folder.digest(uid)
        assert sha256(b"").hexdigest() == folder.digest("99")


def test_a_long_mail_is_filed_in_pieces(mails: Mails) -> None:
    """With the moment at which it left."""
    mails.folders["Sent"] = []
    raw = b"Subject: x\r\n\r\n" + b"y" * 300_000 + b"\r\n"
    with session_with(imap_settings(mails.port), CANARY) as session:
        folder = open_folder(session, SENT, PARIS)
        assert folder is not None
        assert folder.file(raw, r"(\Seen)", datetime(2026, 11, 23, 12, tzinfo=UTC)) == str(mails.uids("Sent")[0])
    assert [raw] == mails.raws("Sent")
    [line] = [line for line in mails.commands if "APPEND" in line]
    assert '"23-Nov-2026 ' in line


@pytest.mark.parametrize(
    ("said", "gone", "full"),
    [
        (b"[TRYCREATE] x", True, False),
        (b"[NONEXISTENT] x", True, False),
        (b"[OVERQUOTA] x", False, True),
        (b"Quota exceeded", False, True),
        (b"x", False, False),
    ],
)
def test_what_a_refusal_means(said: bytes, gone: bool, full: bool) -> None:
    """By its code, or its words."""
    error = FilingError([None, said])
    assert (gone, full) == (error.no_folder, error.full)


def test_a_server_that_tells_no_validity(mails: Mails) -> None:
    """Zero stands for it: no number is then valid twice."""
    mails.folders["Drafts"] = []
    mails.fault = when("EXAMINE", lambda peer, line: peer.say(f"* 0 EXISTS\r\n{line.split()[0]} OK done"))
    with session_with(imap_settings(mails.port), CANARY) as session:
        folder = open_folder(session, DRAFTS, PARIS)
        assert folder is not None
        assert "0" == folder.validity


def test_the_head_of_a_mail_that_cannot_be_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its place alone is known."""
    monkeypatch.setattr("relance.delivery.mails.getaddresses", lambda told: 1 / 0)
    assert Head("1", TODAY) == head_of("1", b"To: a@b.example\r\n\r\n", TODAY)
