"""Connecting: TLS, certificates, log-in, and what each failure says."""

import base64
import socket
from pathlib import Path

import pytest
import trustme
from mail_support import CANARY, USER, Mailbox, Peer, listening, raw_server, server_tls, settings, smtp_server, trust

from relance.delivery.account import Account, is_loopback
from relance.delivery.smtp import connect, hang_up, probe
from relance.errors import DeliveryError

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path)))


def refusal(at: Account, password: str | None = CANARY) -> str:
    """The whole French message of a connection that must fail; it never holds the password, nor does its cause."""
    with pytest.raises(DeliveryError) as caught:
        probe(at, password)
    assert caught.value.cure
    for text in (repr(caught.value), str(caught.value), repr(caught.value.__cause__)):
        assert CANARY not in text
        assert base64.b64encode(f"\0{USER}\0{CANARY}".encode()).decode() not in text
    return str(caught.value)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_logs_in_over_tls(security: str) -> None:
    """STARTTLS and implicit TLS both end in one log-in with a non-ASCII password."""
    with smtp_server(security, login=True) as box:  # type: ignore[arg-type]
        facts = probe(settings(box.port, security, user=USER), CANARY)  # type: ignore[arg-type]
    assert (facts.name, box.logins) == ("mx.test", ["PLAIN"])
    assert facts.tls in ("TLSv1.2", "TLSv1.3")


def test_logs_in_by_login_where_plain_is_not_offered() -> None:
    """Old servers offer LOGIN alone."""
    with smtp_server("tls", login=True, auth_exclude_mechanism=["PLAIN"]) as box:
        probe(settings(box.port, "tls", user=USER), CANARY)
    assert box.logins == ["LOGIN"]


def test_without_user_there_is_no_login() -> None:
    """A relay on this machine needs neither encryption nor a password."""
    with smtp_server() as box:
        facts = probe(settings(box.port), None)
    assert (facts.tls, box.logins) == ("", [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize(
    ("name", "known", "said"), [("other.example", True, "smtp.host"), ("127.0.0.1", False, "SSL_CERT_FILE")]
)
def test_refuses_a_wrong_certificate_before_login(security: str, name: str, known: bool, said: str) -> None:
    """A certificate of another name or of an unknown authority gets neither the password nor a message."""
    tls = server_tls(name, None if known else trustme.CA())
    with smtp_server(security, tls, login=True) as box:  # type: ignore[arg-type]
        text = refusal(settings(box.port, security, user=USER))  # type: ignore[arg-type]
    assert said in text
    assert "certificat" in text
    assert (box.logins, box.commands) == ([], [])


def test_a_wrong_password_is_tried_once() -> None:
    """535 names the settings to look at, and no second method is tried: accounts lock."""
    with smtp_server("starttls", login=True) as box, pytest.raises(DeliveryError, match=r"535.*smtp\.user"):
        connect(settings(box.port, "starttls", user=USER), "wrong")
    assert box.logins == ["PLAIN"]


def login_answered(reply: str) -> str:
    """What the user reads when the server answers AUTH like this."""

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250-raw.test\r\n250 AUTH PLAIN")
        line = peer.hear().decode().strip()
        peer.say(reply.format(line=line, password=CANARY))

    with raw_server(script) as port:
        return refusal(settings(port, user=USER))


def test_a_server_that_repeats_the_password_is_not_believed() -> None:
    """A refusal that quotes what was sent is shown without it."""
    assert "***" in login_answered("535 5.7.8 bad: {line} {password}")


@pytest.mark.parametrize(
    ("reply", "said"), [("454 4.7.0 later", "plus tard"), ("504 no such mechanism", "smtp.port"), ("599", "smtp.user")]
)
def test_login_refusals_name_their_cure(reply: str, said: str) -> None:
    """A passing refusal, an unknown mechanism and a wrong password differ."""
    assert said in login_answered(reply)


def test_a_dropped_login_is_a_sentence() -> None:
    """A connection cut in the middle of AUTH is no traceback."""

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250-raw.test\r\n250 AUTH LOGIN")
        peer.hear()
        peer.say("334 VXNlcm5hbWU6")
        peer.hear()

    with raw_server(script) as port:
        assert "coupé" in refusal(settings(port, user=USER))


def test_login_refused_at_its_first_word() -> None:
    """A server that offers LOGIN and then does not want it never hears the password."""
    heard: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250-raw.test\r\n250 AUTH LOGIN")
        peer.hear()
        peer.say("534 5.7.9 use another mechanism")
        heard.append(peer.hear())

    with raw_server(script) as port:
        assert "534 5.7.9" in refusal(settings(port, user=USER))
    assert heard == [b""]


def test_no_password_where_no_login_is_offered() -> None:
    """A server without AUTH is never sent the password."""
    with smtp_server(auth_exclude_mechanism=["PLAIN", "LOGIN"]) as box:
        assert "smtp.security" in refusal(settings(box.port, user=USER))
    assert box.logins == []


def test_stripped_starttls_sends_nothing() -> None:
    """A server, or somebody on the way, that offers no STARTTLS gets nothing."""
    with smtp_server(login=True) as box:
        assert "STARTTLS" in refusal(settings(box.port, "starttls", user=USER))
    assert (box.logins, box.commands) == ([], [])


def test_refused_starttls_sends_nothing() -> None:
    """STARTTLS offered and then refused is the same."""

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250-raw.test\r\n250 STARTTLS")
        peer.hear()
        peer.say("454 TLS not available")
        assert peer.hear() == b""

    with raw_server(script) as port:
        assert "454 TLS not available" in refusal(settings(port, "starttls", user=USER))


def test_no_plain_text_beyond_this_machine() -> None:
    """Security = none is for loopback alone, refused before any connection."""
    assert "smtp.security" in refusal(Account("smtp", "mail.example.com", 25, "none", USER))


def test_loopback_names() -> None:
    """What counts as this machine."""
    names = ("localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "192.168.1.4", "localhost.evil.example", "0.0.0.0")
    assert [is_loopback(name) for name in names] == [True, True, True, True, True, False, False, False]


def test_nobody_listens() -> None:
    """A refused connection names host and port."""
    with listening() as door:
        port = door.getsockname()[1]
    assert "smtp.port" in refusal(settings(port))


def test_unknown_host() -> None:
    """A name that cannot exist (RFC 6761) names smtp.host."""
    assert "smtp.host" in refusal(Account("smtp", "relance.invalid", 587, "starttls"))


def test_silence_is_a_time_out() -> None:
    """A server that accepts and says nothing is left after the time-out."""
    with listening() as door:
        assert "smtp.timeout" in refusal(settings(door.getsockname()[1], timeout=0.2))


@pytest.mark.parametrize(
    ("greeting", "said"),
    [("554 no service", "554 no service"), ("421 busy", "421 busy"), ("", "coupé"), ("HTTP", "pas un serveur d’envoi")],
)
def test_unfriendly_greetings(greeting: str, said: str) -> None:
    """A refusing, closing or foreign greeting is a sentence."""
    with raw_server(lambda peer: peer.say(greeting) if greeting else None) as port:
        assert said in refusal(settings(port))


def test_tls_with_a_server_that_speaks_plainly() -> None:
    """The wrong security for a port is named."""
    with raw_server(lambda peer: peer.say("220 raw.test")) as port:
        assert "smtp.security" in refusal(settings(port, "tls"))


def test_an_unreachable_network_is_a_sentence() -> None:
    """Any other failure of the system too: broadcast addresses take no connection."""
    text = refusal(Account("smtp", "255.255.255.255", 25, "starttls", timeout=1))
    assert "Serveur e-mail" in text


def test_settings_never_hold_the_password() -> None:
    """The password has no field to leak from."""
    assert CANARY not in repr(settings(25, user=USER))


@pytest.mark.parametrize("answer", ["421 bye", "500 what", "nonsense"])
def test_quit_never_matters(answer: str) -> None:
    """A server without manners at the end is no error."""
    with smtp_server(mailbox=Mailbox(answers={"QUIT": answer})) as box:
        session = connect(settings(box.port), None)
        hang_up(session)
        with pytest.raises((OSError, AttributeError)):
            _still_open(session.sock)


def test_good_bye_to_a_session_that_is_gone() -> None:
    """A server that went away is not waited for, nor is its absence an error."""
    with smtp_server() as box:
        session = connect(settings(box.port), None)
        session.close()
        hang_up(session)
    assert session.sock is None


def _still_open(link: socket.socket | None) -> None:
    assert link is not None or _raise()
    assert link is not None
    link.getpeername()


def _raise() -> bool:
    raise OSError
