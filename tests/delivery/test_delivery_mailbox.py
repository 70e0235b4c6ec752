"""The session with the mailbox: how it opens, what is asked, and each way in which it can go wrong."""

import ssl
import traceback
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from imap_support import ARRIVED, Fault, Mails, imap_server, imap_settings
from mail_support import CANARY, USER, Peer, listening, raw_server, server_tls, trust

from relance.core.replies import Mail
from relance.delivery import mailbox
from relance.delivery.account import Account
from relance.delivery.mailbox import decoded, default_folders, encoded, folders, listed, look, wholes
from relance.errors import DeliveryError, RelanceError, SettingsError

pytestmark = pytest.mark.slow

PARIS = ZoneInfo("Europe/Paris")
SINCE = date(2026, 11, 20)
MAIL = "From: {0}@x.example\nMessage-ID: <{0}@x.example>\nSubject: s\n\ntext of {0}\n"


def looked(port: int, *, wanted: bool = True, password: str | None = CANARY, **changes: Any) -> list[Mail]:
    """One look at a server of this machine."""
    return look(imap_settings(port, **changes), password, SINCE, PARIS, lambda mail: wanted)


def failure(kind: type[RelanceError], port: int, **changes: Any) -> str:
    """The sentence of a look that must fail; the password is in no part of the error."""
    with pytest.raises(kind) as caught:
        looked(port, **changes)
    told = "".join(traceback.format_exception(caught.value))
    assert [] == [secret for secret in (CANARY, ascii(CANARY)[1:-1], str(CANARY.encode())[2:-1]) if secret in told]
    assert "wrong words" not in told
    assert caught.value.cure
    return str(caught.value)


def with_fault(fault: Fault, **more: Any) -> Mails:
    """A server with one mail and one fault."""
    mails = Mails(fault=fault, **more)
    mails.put(MAIL.format("a"))
    return mails


def answering(verb: str, *lines: str | bytes) -> Fault:
    """The fault that answers a command with these lines; `{tag}` stands for its tag."""

    def fault(peer: Peer, line: str) -> bool:
        tag, found = line.split(" ")[:2]
        if found.upper() != verb and line.split(" ", 1)[1][: len(verb)].upper() != verb:
            return False
        for each in lines:
            peer.say(each if isinstance(each, bytes) else each.replace("{tag}", tag))
        return True

    return fault


def test_what_is_read() -> None:
    """The day each mail arrived, in the user's zone; the text of those that are wanted, the headers of the others."""
    mails = Mails()
    mails.put(MAIL.format("a"))
    mails.put(MAIL.format("b"), date(2026, 11, 22))
    with imap_server(mails) as box:
        (first, second) = looked(box.port)
        assert (ARRIVED, date(2026, 11, 22)) == (first.on, second.on)
        assert "text of a" in first.text
        assert "text of" not in "".join(mail.text for mail in looked(box.port, wanted=False))
    assert "UID SEARCH SINCE 19-Nov-2026" in " ".join(box.commands)
    assert [] == [line for line in box.commands if "SELECT" in line.upper() or "STORE" in line.upper()]


def test_each_mail_once() -> None:
    """A mail that lies in two folders is one mail."""
    mails = Mails()
    mails.put(MAIL.format("a"))
    mails.put(MAIL.format("a"), folder="Archive")
    mails.flags["Archive"] = "\\Archive"
    with imap_server(mails) as box:
        assert 1 == len(looked(box.port))
        assert ("INBOX", "Archive") == folders(imap_settings(box.port), CANARY)


def test_mails_as_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each octet, by pieces, of those that are wanted; once, and nothing of one that is too long."""
    monkeypatch.setattr(mailbox, "MAIL_OCTETS", 64)
    monkeypatch.setattr(mailbox, "MAX_OCTETS", 256)
    mails = Mails()
    short, other, long, exact = (MAIL.format(name).replace("\n", "\r\n").encode() for name in "acbe")
    short, long, exact = short + b"\xe9" * 64, long + b"x" * 256, exact.ljust(128, b"-")
    for raw in (short, other, long, exact):
        mails.put(raw)
    mails.put(short, folder="Archive")
    mails.flags["Archive"] = "\\Archive"
    with imap_server(mails) as box:
        found = wholes(imap_settings(box.port), CANARY, SINCE, PARIS, lambda mail: "c@x.example" not in mail.identity)

    assert [short, exact] == [raw for _, raw in found]
    assert ["a@x.example", "e@x.example"] == [mail.identity.strip("<>") for mail, _ in found]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, ["INBOX"]),
        ({"Sent": "\\sent", "Old": "\\archive", "Junk": "\\junk"}, ["INBOX", "Sent", "Old"]),
        ({"INBOX": "\\archive"}, ["INBOX"]),
        ({"All": "\\all", "Sent": "\\sent"}, ["All"]),
    ],
)
def test_default_folders(flags: dict[str, str], expected: list[str]) -> None:
    """What the server marks; all mail holds the others."""
    assert expected == default_folders([(frozenset({flag.encode()}), name) for name, flag in flags.items()])


def test_named_folders() -> None:
    """Those of the settings alone, with accents and quotes as the protocol writes them."""
    mails = Mails(folders={"INBOX": []})
    mails.put(MAIL.format("a"), folder="Envoy&AOk-s")
    with imap_server(mails) as box:
        assert 1 == len(looked(box.port, folders=("Envoyés",)))
        assert ("Envoyés",) == folders(imap_settings(box.port, folders=("Envoyés",)), CANARY)
        said = failure(SettingsError, box.port, folders=("Absent",))
    assert "« Absent »" in said
    assert "INBOX" in said


@pytest.mark.parametrize("name", ["a", "é", "a&b", "日本 x", "&é&", "~peter/mail/日本語/台北", "&bad-", "x&AAA-"])
def test_names_of_folders(name: str) -> None:
    """Modified UTF-7, there and back (RFC 3501 5.1.3, with its own example); what is none stays as it is."""
    assert name == decoded(encoded(name))
    assert "~peter/mail/&ZeVnLIqe-/&U,BTFw-" == encoded("~peter/mail/日本語/台北")
    assert "&A-" == decoded("&A-")


def test_names_in_other_forms() -> None:
    """LIST may send a name bare, quoted or as a literal, and a line that is no name."""
    lines = (
        r"* LIST (\Sent) NIL Bare",
        r'* LIST (\Archive) "/" "with \"quotes\""',
        r'* LIST (\Archive) "/" {7}',
        b"literal\r\n",
        "* LIST nonsense",
        "{tag} OK done",
    )
    with imap_server(with_fault(answering("LIST", *lines))) as box:
        names = [name for _, name in _listed(box)]
    assert ["Bare", 'with "quotes"', "literal"] == names


def _listed(box: Mails) -> list[tuple[frozenset[bytes], str]]:
    with mailbox.session_with(imap_settings(box.port), CANARY) as session:
        return list(listed(session))


def test_an_empty_list_of_folders() -> None:
    """A server that lists nothing still has an inbox."""
    with imap_server(with_fault(answering("LIST", "{tag} OK done"))) as box:
        assert 1 == len(looked(box.port))


@pytest.mark.parametrize("lines", [("{tag} OK done",), ("* SEARCH", "{tag} OK done")])
def test_nothing_found(lines: tuple[str, ...]) -> None:
    """No mail since then."""
    with imap_server(with_fault(answering("UID SEARCH", *lines))) as box:
        assert [] == looked(box.port)


def test_a_mail_that_goes_meanwhile() -> None:
    """Between its headers and its text: what is known of it counts."""
    with imap_server(with_fault(_gone)) as box:
        (mail,) = looked(box.port)
    assert ("<a@x.example>", True) == (mail.identity, "text of" not in mail.text)


def _gone(peer: Peer, line: str) -> bool:
    if "BODY.PEEK[]" not in line:
        return False
    peer.say(f"{line.split()[0]} OK gone")
    return True


def test_a_mail_without_a_day() -> None:
    """It counts as the latest: the safe side is to have it looked at."""
    fault = answering("UID FETCH", "* 1 FETCH (BODY[HEADER]<0> {4}", b"a: b", b")\r\n", "{tag} OK done")
    with imap_server(with_fault(fault)) as box:
        (mail,) = looked(box.port, wanted=False)
    assert date.max == mail.on


def test_the_newest_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bounded number of each folder, asked for in portions."""
    monkeypatch.setattr(mailbox, "MAX_MAILS", 5)
    monkeypatch.setattr(mailbox, "_CHUNK", 2)
    mails = Mails()
    for n in range(9):
        mails.put(MAIL.format(n))
    with imap_server(mails) as box:
        found = looked(box.port, wanted=False)
    assert [f"{n}@x.example" for n in range(4, 9)] == [mail.sender for mail in found]
    assert ["5,6", "7,8", "9"] == [line.split()[3] for line in box.commands if "FETCH" in line]


def test_a_literal_that_nobody_asked_for() -> None:
    """A server that announces gigabytes is left, before one is read."""
    fault = answering("UID FETCH", "* 1 FETCH (UID 1 BODY[]<0> {9999999999}")
    with imap_server(with_fault(fault)) as box:
        assert "IMAP" in failure(DeliveryError, box.port)


def test_a_look_that_never_ends() -> None:
    """The whole look has its time."""
    times = iter([0.0, 1.0, 1000.0])
    mails = Mails()
    for n in range(3):
        mails.put(MAIL.format(n))
    with imap_server(mails) as box, pytest.raises(DeliveryError, match="à temps"):
        look(imap_settings(box.port), CANARY, SINCE, PARIS, lambda mail: False, lambda: next(times))


def test_silence() -> None:
    """A server that says nothing is waited for as long as the settings say."""
    with raw_server(Peer.wait) as port:
        assert "à temps" in failure(DeliveryError, port, timeout=0.3)


def test_nobody_there() -> None:
    """A closed port, a name that nobody knows."""
    with listening() as door:
        port = door.getsockname()[1]
    assert "[imap]" in failure(DeliveryError, port)


@pytest.mark.parametrize(
    "lines", [("* BYE too busy",), ("nonsense",), ("220 mail.test ESMTP",)], ids=["bye", "nonsense", "smtp"]
)
def test_another_greeting(lines: tuple[str, ...]) -> None:
    """Too busy, or another protocol."""

    def greet(peer: Peer) -> None:
        for line in lines:
            peer.say(line)

    with raw_server(greet) as port:
        assert "ne peut pas être lue" in failure(DeliveryError, port)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_a_refused_login(capabilities: str) -> None:
    """The password is wrong: the user has to change something, and the server's echo is not shown."""
    verb = "AUTHENTICATE" if "PLAIN" in capabilities else "LOGIN"
    fault = answering(verb, f"{{tag}} NO [AUTHENTICATIONFAILED] {USER} wrong words")
    with imap_server(Mails(fault=fault, capabilities=capabilities)) as box:
        assert f"« {USER} » est refusée" in failure(SettingsError, box.port, password="wrong words")


def test_login_in_clear_words() -> None:
    """A server without AUTH=PLAIN takes LOGIN, which carries no accents: that is said."""
    with imap_server(Mails(capabilities="IMAP4rev1")) as box:
        assert [] == looked(box.port, password="plain")
        assert ["LOGIN"] == box.logins
        assert "ne peut pas être transmis" in failure(DeliveryError, box.port)


@pytest.mark.parametrize("said", ["NO [UNAVAILABLE] later", "NO [LIMIT] too many"])
def test_a_login_for_later(said: str) -> None:
    """Not the password's fault: tried again at the next run."""
    with imap_server(Mails(fault=answering("AUTHENTICATE", f"{{tag}} {said}"))) as box:
        assert "pour l’instant" in failure(DeliveryError, box.port)


def test_a_connection_cut_in_the_login() -> None:
    """It tells nothing of the password."""

    def cut(peer: Peer, line: str) -> bool:
        if "AUTHENTICATE" in line:
            raise ConnectionError
        return False

    with imap_server(Mails(fault=cut)) as box:
        failure(DeliveryError, box.port)


def test_no_password() -> None:
    """Without one, the log-in is tried with none, and refused."""
    with imap_server() as box:
        failure(SettingsError, box.port, password=None)


@pytest.mark.parametrize("secret", [CANARY, "caf\u00e9", "plain words"])
def test_an_error_that_repeats_the_password(secret: str) -> None:
    """Nothing that a server says is shown: it could be the password, in any of its forms."""
    with imap_server(with_fault(answering("LIST", f"{{tag}} BAD what is {secret}"))) as box:
        said = failure(DeliveryError, box.port)
    assert "refuse une demande" in said
    assert "what" not in said


def test_encryption_is_not_optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """STARTTLS stripped, a certificate that nobody vouches for, no encryption beyond this machine: no log-in."""
    with imap_server() as box:
        assert "STARTTLS" in failure(DeliveryError, box.port, security="starttls")
        assert [] == box.logins
    with raw_tls(server_tls()) as port:
        assert "certificat" in failure(DeliveryError, port, security="tls")
        monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path)))
        assert "[imap]" in failure(DeliveryError, port, security="tls")
    with pytest.raises(SettingsError, match="Sans chiffrement"):
        folders(Account("imap", "imap.example.com", 143, "none"), CANARY)


@pytest.mark.parametrize("security", ["tls", "none"])
def test_who_never_answers_is_not_waited_for(security: str) -> None:
    """The time of the settings is that of the greeting too, encrypted or not."""

    def hear(peer: Peer) -> None:
        peer.reader.read()

    with raw_server(hear) as port:
        assert "pas de réponse à temps" in failure(DeliveryError, port, security=security, timeout=0.3)


def test_starttls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password goes after the encryption has begun, and not at all to a server that nobody vouches for."""
    mails = Mails(capabilities="IMAP4rev1 STARTTLS AUTH=PLAIN", tls=server_tls())
    with imap_server(mails) as box:
        assert "certificat" in failure(DeliveryError, box.port, security="starttls")
        assert [] == box.logins
        before = len(box.commands)
        monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path)))
        assert [] == looked(box.port, security="starttls")
    commands = [line.split()[1] for line in box.commands[before:]]
    assert commands.index("STARTTLS") < commands.index("AUTHENTICATE")


def raw_tls(context: ssl.SSLContext) -> Any:
    """A TLS server that says nothing of IMAP, twice."""

    def speak(peer: Peer) -> None:
        with suppress(OSError), context.wrap_socket(peer.link, server_side=True) as link:
            link.sendall(b"* BYE no\r\n")

    return raw_server(speak, speak)
