"""What reaches the user himself: the mail of a run, the trial of an account, the call to an address that waits."""

import socket
import threading
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from mail_support import NOON, SENDER, Mailbox, Peer, listening, raw_server, settings, smtp_server

from relance.core.message import Letter
from relance.delivery import oneself
from relance.delivery.oneself import mail_oneself, ping
from relance.delivery.trial import send_to_oneself
from relance.errors import DeliveryError, MessageError

pytestmark = pytest.mark.slow
TRIAL = Letter("Essai d’envoi", "Bonjour,\n.\nCeci est un essai.\n")


def mailed(port: int, to: str = "camille@ailleurs.example") -> bool:
    """The mail of a run, by this server."""
    return mail_oneself(settings(port), SENDER, to, "Deux messages sont partis", "Été.\n.\nFin.\n", NOON)


def tried(port: int, name: str = SENDER.name) -> None:
    """The trial of an account of this server."""
    send_to_oneself(settings(port), None, SENDER._replace(name=name), TRIAL, NOON)


def one_of(box: Mailbox) -> EmailMessage:
    """The only mail that the server took."""
    [raw] = box.received
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_the_mail_of_a_run_reaches_its_user_alone() -> None:
    """No customer's headers, and no absence answers it; a line of one dot comes through."""
    with smtp_server() as box:
        assert mailed(box.port)
    mail = one_of(box)
    assert [("camille@ailleurs.example",)] == box.envelopes
    assert ("camille@ailleurs.example", "Camille Martin <camille@martin.example>") == (mail["To"], mail["From"])
    assert ("Deux messages sont partis", "auto-generated") == (mail["Subject"], mail["Auto-Submitted"])
    assert NOON == mail["Date"].datetime
    assert mail["Message-ID"].endswith("@martin.example>")
    assert "Été.\r\n.\r\nFin.\r\n" == mail.get_content()


def test_an_address_with_an_accent_reaches_a_server_without_accents() -> None:
    """In either place of a mail to oneself, as in a message to a customer (RFC 5891)."""
    own = SENDER._replace(email="zoe@atelier-zoé.example")
    with smtp_server(enable_SMTPUTF8=False) as box:
        assert mail_oneself(settings(box.port), own, "zoe@chez-zoé.example", "Résumé", "Été.\n", NOON)
        send_to_oneself(settings(box.port), None, own, TRIAL, NOON)
    assert [("zoe@xn--chez-zo-hya.example",), ("zoe@xn--atelier-zo-k7a.example",)] == box.envelopes
    assert all(b"<zoe@xn--atelier-zo-k7a.example>" in raw for raw in box.received)


def test_an_address_that_is_none_is_refused_before_anybody_is_called() -> None:
    """What settings do not let through."""
    with pytest.raises(MessageError):
        mailed(1, "zoé@ailleurs.example")


def test_what_the_server_does_not_take_is_said() -> None:
    """With its answer, and what to look at; the connection is let go."""
    box = Mailbox(to_dot=["554 5.7.1 too much like spam"])
    with smtp_server(mailbox=box), pytest.raises(DeliveryError) as caught:
        mailed(box.port)
    assert "n’a pas pris le résumé de ce passage (5.7.1 too much like spam)." in str(caught.value)
    assert "digest.email" in caught.value.cure
    assert "QUIT" == box.commands[-1]


def test_a_refusal_of_the_account_is_told_as_one() -> None:
    """The reason that stops a run stands before the answer to one mail."""
    box = Mailbox(answers={"MAIL": "530 5.7.0 Authentication required"})
    with smtp_server(mailbox=box), pytest.raises(DeliveryError) as caught:
        mailed(box.port)
    assert "résumé" not in str(caught.value)
    assert [] == box.received


def test_cut_after_the_dot_nobody_knows() -> None:
    """It may have left: no second one is tried."""

    def cut(peer: Peer) -> None:
        peer.up_to_data()
        assert b"Subject: Deux" in peer.body()

    with raw_server(cut) as port:
        assert not mailed(port)


@pytest.mark.parametrize("name", ["Camille Martin", 'Zoé "Zo" d’Aï', "back\\slash", "Martin, Camille <x@y.example>"])
def test_a_trial_goes_from_the_sender_to_the_sender(name: str) -> None:
    """Whatever signs the name has, it is one name of one address."""
    with smtp_server() as box:
        tried(box.port, name)
    mail = one_of(box)
    assert [(SENDER.email,)] == box.envelopes
    assert [(name, SENDER.email)] == [(each.display_name, each.addr_spec) for each in mail["From"].addresses]
    assert (SENDER.email, TRIAL.subject, NOON) == (mail["To"], mail["Subject"], mail["Date"].datetime)
    assert TRIAL.text == mail.get_content().replace("\r\n", "\n")
    assert "QUIT" == box.commands[-1]


@pytest.mark.parametrize(
    ("box", "said"),
    [
        (Mailbox(rcpt={SENDER.email: "550 5.1.1 not one of ours"}), "550 5.1.1 not one of ours"),
        (Mailbox(answers={"MAIL": "553 5.7.1 not your address"}), "553 5.7.1 not your address"),
        (Mailbox(to_dot=["452 4.3.1 no room"]), "452 4.3.1 no room"),
    ],
    ids=["recipient", "sender", "text"],
)
def test_a_trial_that_is_refused_says_how(box: Mailbox, said: str) -> None:
    """Of each command with the server's words; nothing of smtplib's own is behind it, which holds what was sent."""
    with smtp_server(mailbox=box), pytest.raises(DeliveryError) as caught:
        tried(box.port)
    assert f"n’a pas pris le message d’essai ({said})." in str(caught.value)
    assert "adresse d’envoi" in caught.value.cure
    assert (True, None) == (caught.value.__suppress_context__, caught.value.__cause__)
    assert [] == box.received


def test_a_trial_that_is_cut_short_says_so() -> None:
    """Without an answer there is nothing to repeat."""
    with raw_server(Peer.up_to_data) as port, pytest.raises(DeliveryError, match="la connexion a été coupée"):
        tried(port)


def called(answer: Callable[[socket.socket], None], address: str = "http://127.0.0.1:{port}/ici?a=b") -> bytes:
    """What a call to this address says to who answers so."""
    heard: list[bytes] = []

    def serve() -> None:
        link, _ = door.accept()
        with link:
            heard.append(link.recv(4096))
            answer(link)

    with listening() as door:
        thread = threading.Thread(target=serve)
        thread.start()
        ping(address.format(port=door.getsockname()[1]))
        thread.join(10)
    return b"".join(heard)


@pytest.mark.parametrize(
    "reply",
    [b"HTTP/1.0 200 OK\r\n\r\nOK", b"HTTP/1.0 404 Not Found\r\n\r\n", b"HTTP/1.0 500 no\r\n\r\n", b"\xff\xfe\r\n", b""],
    ids=["yes", "unknown", "broken", "no http", "nothing"],
)
def test_a_call_says_nothing_and_is_not_heard_of(reply: bytes) -> None:
    """One GET without a word about the user or his customers, whatever is answered."""
    heard = called(lambda link: link.sendall(reply))
    assert heard.startswith(b"GET /ici?a=b HTTP/1.1\r\n")
    assert b"User-Agent: relance\r\n" in heard
    assert heard.endswith(b"\r\n\r\n")


def test_a_call_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that does not answer costs its few seconds and no run."""
    monkeypatch.setattr(oneself, "PING_SECONDS", 0.2)
    began = time.monotonic()
    called(lambda _link: time.sleep(1))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://[::1", "nothing:at:all", "http://a b.invalid/"])
def test_an_address_that_is_none_is_not_heard_of(address: str) -> None:
    """Nobody listens, or it cannot be read: the run that called has ended well."""
    ping(address)
