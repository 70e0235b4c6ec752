"""relance with Postfix and Dovecot: a real send with STARTTLS and login, real refusals, the guard on real mailboxes."""

import imaplib
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from mail_support import CANARY, USER, Peer, authority, raw_server
from peers_support import TOKEN, Peers, hand_in, missing, nobody_lives_here, peers
from story_support import PASSWORD_VARIABLE, Done, Story, parsed, row, story, text_of

from relance.delivery.mails import mail_of
from relance.journal import open_journal
from relance.journal.values import InMailbox

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing()), reason=missing())]
LOGIN = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\n'
TODAY = datetime.now(ZoneInfo("Europe/Paris")).date()
"""The mailbox stamps mails with the hour of the machine, read in Paris; the first reminder left ten days before."""
FIRST, NEXT = (TODAY - timedelta(days=10)).isoformat(), TODAY.isoformat()
DUE = f"{TODAY - timedelta(days=16):%d/%m/%Y}"


@pytest.fixture(scope="module")
def real() -> Iterator[Peers]:
    """Both servers, for all the tests of this module; in a folder that their own users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="relance-peers-"))
    try:
        with peers(folder) as found:
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def at(tmp_path: Path, real: Peers) -> Story:
    """A freelancer's folder whose settings name these servers."""
    here = story(tmp_path)
    for box in (real.folder / "mail").glob("*"):
        for mail in (*box.rglob("new/*"), *box.rglob("cur/*")):
            mail.unlink()
    write(here, real, "compta")
    return here


def write(
    here: Story, real: Peers, user: str, *, imap: str = "", smtp: str = LOGIN, security: str = "starttls"
) -> None:
    """One invoice of the customer with this mailbox, and the settings."""
    here.write(row("F-2026-041", "ACME SARL", DUE, email=f"{user}@client.example"))
    rest = f"[policy]\nworking_days = false\n{imap}"
    here.settings(real.smtp, security=security, smtp=smtp, rest=rest, bcc="archives@martin.example")


def guard(real: Peers, security: str = "starttls") -> str:
    """The table that names Dovecot."""
    port = real.imaps if security == "tls" else real.imap
    return f'[imap]\nhost = "localhost"\nport = {port}\nsecurity = "{security}"\n'


def begin(here: Story) -> Done:
    """The first reminder."""
    here.run("confirm", "backlog", "--as-is", today=FIRST)
    return here.run("send", "--verbose", today=FIRST)


def test_two_reminders_make_one_thread(at: Story, real: Peers) -> None:
    """Encrypted, logged in, delivered to the customer's mailbox; the second one answers the first; a copy to myself."""
    (at.folder / "factures").mkdir()
    (at.folder / "factures" / "F-2026-041.pdf").write_bytes(b"%PDF-1.7\n.\n" + bytes(range(256)) * 40)
    settings = at.folder / "relance.toml"
    text = settings.read_text(encoding="utf-8")
    pattern = '[invoices]\npdf = "factures/{number}.pdf"\n'
    settings.write_text(text.replace("[invoices]\n", pattern), encoding="utf-8")
    assert 0 == begin(at).code
    assert 0 == at.run("send", today=NEXT).code
    messages = sorted(map(parsed, real.arrived("compta", 2)), key=lambda message: "References" in message)
    first, second = messages
    assert (None, first["Message-ID"]) == (first["References"], second["References"])
    assert first["Message-ID"] == second["In-Reply-To"]
    for message in messages:
        assert "with ESMTPSA" in str(message["Received"]) + str(message.get_all("Received"))
        (file,) = message.iter_attachments()
        assert (at.folder / "factures" / "F-2026-041.pdf").read_bytes() == file.get_payload(decode=True)
        assert "Bcc" not in message
    assert 2 == len(real.arrived("archives", 2))
    assert "1\u202f200,00\u00a0€" in str(messages[0].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert [] == list((at.folder).glob("*.eml"))


@pytest.mark.parametrize(
    ("user", "code", "reason"), [("full", 452, "deferred"), ("gone", 550, "refused")], ids=["452", "550"]
)
def test_a_refused_recipient(at: Story, real: Peers, user: str, code: int, reason: str) -> None:
    """A full mailbox is for later, an unknown one needs another address; the other customer's reminder leaves."""
    write(at, real, user)
    with at.invoices.open("a", encoding="utf-8") as file:
        file.write(f"F-2026-042;Bon SARL;bon@client.example;;{DUE};1200,00;;;En attente\n")
    at.run("confirm", "backlog", "--as-is", today=FIRST)
    done = at.run("send", "--format", "json", today=FIRST)
    assert 1 == done.code
    assert [code] == [each["code"] for each in done.json[reason]]
    assert [["F-2026-042"]] == [each["invoices"] for each in done.json["sent"]]
    assert "F-2026-042" in str(parsed(real.arrived("bon", 1)[0])["Subject"])
    assert [] == [path for path in (real.folder / "mail" / user).rglob("*") if path.is_file() and "new" in path.parts]


def test_a_message_too_large(at: Story, real: Peers) -> None:
    """552: about this message alone, and nothing of it arrives."""
    (at.folder / "F-2026-041.pdf").write_bytes(b"%PDF-1.7\n" + b"x" * 400_000)
    settings = at.folder / "relance.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[invoices]\n", '[invoices]\npdf = "{number}.pdf"\n'), encoding="utf-8")
    at.run("confirm", "backlog", "--as-is", today=FIRST)
    done = at.run("send", "--format", "json", today=FIRST)
    assert 1 == done.code
    assert [552] == [each["code"] for each in done.json["refused"]]
    assert [] == list((real.folder / "mail" / "compta").glob("new/*"))


def test_a_wrong_password(at: Story, real: Peers) -> None:
    """535: the run stops with one sentence."""
    at.env[PASSWORD_VARIABLE] = "wrong"
    done = begin(at)
    assert 2 == done.code
    assert "535" in done.err


def test_no_password_without_encryption(at: Story, real: Peers) -> None:
    """530: Postfix takes nothing in the clear, and relance, told to speak so, has sent no password."""
    write(at, real, "compta", smtp="", security="none")
    done = begin(at)
    assert done.code in (1, 2)
    assert "530" in done.out + done.err
    assert CANARY not in real.log()


def test_an_untrusted_certificate(at: Story, real: Peers) -> None:
    """Nobody vouches for it: no log-in, nothing sent, on either server."""
    at.env.pop("SSL_CERT_FILE")
    done = begin(at)
    assert 2 == done.code
    assert "certificat" in done.err
    assert [] == list((real.folder / "mail" / "compta").glob("new/*"))
    write(at, real, "compta", imap=guard(real))
    assert "certificat" in at.run("check", today=FIRST).out


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_an_answer_holds(at: Story, real: Peers, security: str) -> None:
    """The customer answers from his own mailbox; the next reminder waits, and the mail stays unread."""
    write(at, real, "compta", imap=guard(real, security))
    assert 0 == begin(at).code
    (reminder,) = real.arrived("compta", 1)
    sent = str(parsed(reminder)["Message-ID"])
    answer = f"From: compta@client.example\r\nTo: camille@martin.example\r\nIn-Reply-To: {sent}\r\n"
    hand_in(real, f"{answer}Subject: Re: facture\r\n\r\nJe conteste.\r\n".encode(), "camille@martin.example")
    real.arrived("camille", 1)
    done = at.run("send", today=NEXT)
    assert 1 == done.code, done.err
    assert "relance release F-2026-041" in done.out
    assert "answered" == at.line("F-2026-041", NEXT)["reason"]
    assert 1 == len(real.arrived("compta", 1))
    assert [] == [path for path in (real.maildir / "cur").glob("*") if "S" in path.name.rpartition(",")[2]]


def test_a_real_bounce(at: Story, real: Peers) -> None:
    """Postfix takes the message, cannot deliver it and says so: the address is refused from then on."""
    write(at, real, "moved", imap=guard(real))
    with nobody_lives_here(real):
        assert 0 == begin(at).code
        (report,) = real.arrived("camille", 1)
    assert [("failed", "moved@client.example", "5.1.1")] == [
        (each.action, each.address, each.status) for each in mail_of(report, TODAY).reports
    ]
    done = at.run("send", today=NEXT)
    assert 1 == done.code
    assert "moved@client.example" in done.out
    assert "refused" == at.line("F-2026-041", NEXT)["reason"]


def test_an_absence_is_noted_only(at: Story, real: Peers) -> None:
    """A marked automatic answer stops nothing."""
    write(at, real, "compta", imap=guard(real))
    assert 0 == begin(at).code
    sent = str(parsed(real.arrived("compta", 1)[0])["Message-ID"])
    head = f"From: compta@client.example\r\nIn-Reply-To: {sent}\r\nAuto-Submitted: auto-replied\r\n"
    hand_in(real, f"{head}Subject: Absence\r\n\r\nx\r\n".encode(), "camille@martin.example")
    real.arrived("camille", 1)
    assert 0 == at.run("send", today=NEXT).code
    assert 2 == len(real.arrived("compta", 2))


def test_my_own_copy_settles_a_doubt(at: Story, real: Peers) -> None:
    """The connection broke after the dot; the copy in my own mailbox tells that the message left."""
    bodies: list[bytes] = []

    def drop(peer: Peer) -> None:
        peer.up_to_data()
        bodies.append(peer.body())

    with raw_server(drop) as port:
        at.settings(port, rest="[policy]\nworking_days = false\n")
        assert 1 == begin(at).code
    assert "in_doubt" == at.line("F-2026-041", FIRST)["reason"]
    hand_in(real, bodies[0], "camille@martin.example")
    real.arrived("camille", 1)
    write(at, real, "compta", imap=guard(real))
    at.run("send", today=FIRST)
    assert "in_doubt" != at.line("F-2026-041", FIRST)["reason"]
    assert FIRST == at.line("F-2026-041", FIRST)["last_contact"]


def test_check_names_what_dovecot_keeps(at: Story, real: Peers) -> None:
    """The inbox and the folders that Dovecot itself marks, accents and all."""
    write(at, real, "compta", imap=guard(real))
    done = at.run("check", today=FIRST)
    assert "INBOX" in done.out
    assert "Messages envoyés" in done.out
    assert "Brouillons" in done.out
    assert "Classé" in done.out
    write(at, real, "compta", imap=f'{guard(real)}folders = ["INBOX", "Absent é"]\n')
    done = at.run("check", today=FIRST)
    assert 2 == done.code
    assert "« Absent é » est introuvable" in done.out.replace("\u00a0", " ")


def by_drafts(here: Story, real: Peers) -> None:
    """Settings whose messages go into Dovecot's own Drafts, and the draft of the first reminder."""
    here.write(row("F-2026-041", "ACME SARL", DUE))
    rest = f'[policy]\nworking_days = false\n{guard(real)}{LOGIN}[delivery]\ntransport = "drafts"\n'
    here.settings(rest=rest)
    assert 0 == begin(here).code


@contextmanager
def own(real: Peers, folder: str) -> Iterator[imaplib.IMAP4]:
    """The user's own mail program, at work in a folder."""
    session = imaplib.IMAP4("localhost", real.imap)
    session.starttls(ssl.create_default_context(cadata=authority().cert_pem.bytes().decode()))
    session.authenticate("PLAIN", lambda _: f"\0{USER}\0{CANARY}".encode())
    session.select(folder)
    try:
        yield session
    finally:
        session.logout()


def lying(real: Peers, folder: str) -> list[bytes]:
    """What lies in a folder."""
    with own(real, folder) as session:
        _, found = session.fetch("1:*", "(FLAGS BODY.PEEK[])")
        return [part for each in found if isinstance(each, tuple) for part in each]


DRAFTS_FOLDER, SENT_FOLDER = "Brouillons", '"Messages envoy&AOk-s"'


def test_a_draft_in_dovecot(at: Story, real: Peers) -> None:
    """Once, its exact bytes, a draft that is seen; taken away, and no other mail, by the printed command."""
    by_drafts(at, real)
    flags, raw = lying(real, DRAFTS_FOLDER)
    assert rb"\Draft" in flags
    assert rb"\Seen" in flags
    [kept] = [each.sha256 for each in journaled(at)]
    assert kept == sha256(raw).hexdigest()
    assert 0 == at.run("send", today=NEXT).code
    assert raw == lying(real, DRAFTS_FOLDER)[1]
    with own(real, DRAFTS_FOLDER) as session:
        session.append(DRAFTS_FOLDER, "", "", b"Subject: perso\r\n\r\nx\r\n")
    said = at.run("resolve", "F-2026-041", "--not-sent", today=NEXT).out
    assert "retiré de votre boîte" in said
    assert [b"Subject: perso\r\n\r\nx\r\n"] == lying(real, DRAFTS_FOLDER)[1::2]


def journaled(here: Story) -> tuple[InMailbox, ...]:
    """The drafts that the journal knows to lie there."""
    with open_journal(here.journal, TODAY, create=False) as journal:
        return journal.mails.drafts()


def test_a_draft_that_was_sent_from_dovecot(at: Story, real: Peers) -> None:
    """The mail program moves it; it is asked about, with the day on which Sent got it."""
    by_drafts(at, real)
    with own(real, DRAFTS_FOLDER) as session:
        session.copy("1", SENT_FOLDER)
        session.store("1", "+FLAGS", r"\Deleted")
        session.expunge()
    at.run("send", today=NEXT)
    said = at.run("plan", "--format", "lines", today=NEXT).out
    assert f"relance record F-2026-041 --stage friendly --channel email --on {NEXT}" in said
    assert "drafted" == at.line("F-2026-041", NEXT)["reason"]


def test_a_copy_in_dovecot(at: Story, real: Peers) -> None:
    """Once, in the folder that the server marks, though its name has an accent; nothing of it in the inbox."""
    write(at, real, "compta", imap=guard(real))
    assert 0 == begin(at).code
    [raw] = lying(real, SENT_FOLDER)[1::2]
    [arrived] = real.arrived("compta", 1)
    assert parsed(arrived)["Message-ID"] == parsed(raw)["Message-ID"]
    assert raw in arrived.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert "Bcc" not in parsed(raw)
    at.run("send", today=FIRST)
    assert 1 == len(lying(real, SENT_FOLDER)[1::2])


def test_text_of_the_thread(at: Story, real: Peers) -> None:
    """What the customer reads is what was written."""
    assert 0 == begin(at).code
    assert "F-2026-041" in text_of(real.arrived("compta", 1)[0])


def test_a_token_in_the_place_of_a_password(at: Story, real: Peers) -> None:
    """Both real servers take an access token, over the lines that they allow; one that ended is refused in words."""
    (at.folder / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    by_token = f'user = "{USER}"\nauth = "xoauth2"\ntoken_command = ["cat", "{at.folder / "token"}"]\n'
    write(at, real, "compta", imap=guard(real), smtp=by_token)
    done = at.run("check", today=FIRST)
    assert "identification acceptée" in done.out
    assert "INBOX" in done.out
    begin(at)
    assert 1 == len(real.arrived("compta", 1))
    (at.folder / "token").write_text("EwStale" + TOKEN[9:] + "\n", encoding="utf-8")
    done = at.run("check", today=FIRST)
    assert 2 == done.code
    assert 2 == " ".join(done.out.split()).count("Renouvelez l’autorisation dans le programme qui donne le jeton")
    assert TOKEN[40:80] not in done.out
