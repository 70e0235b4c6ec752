"""The ways out at their edges: what is read exactly, kept within bounds, said again after a connection was lost."""

import imaplib
import sys
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mail_support import TODAY, message

from relance.delivery import domain, mailbox, mails, secret, smtp, transaction
from relance.delivery.account import Account, is_loopback
from relance.delivery.outbox import deliver
from relance.delivery.outcome import Outcome
from relance.delivery.secret import MAX_PASSWORD
from relance.errors import JournalError
from relance.journal import State

SMTP = Account("smtp", "mx.test", 587, "starttls", "camille", timeout=20)


class Arrived(mailbox.Session):
    """A mailbox of which these octets have arrived, then a piece at a time; after the last one it is silent."""

    def __init__(self, *pieces: bytes) -> None:
        self._rest, *self._pieces = pieces

    def _more(self) -> bool:
        if not self._pieces:
            raise TimeoutError
        self._rest += self._pieces.pop(0)
        return True


def test_what_has_arrived_is_not_waited_for() -> None:
    """A literal or a line that is there to its last octet is answered at once; what follows it stays for the next."""
    assert b"abc" == Arrived(b"abc").read(3)
    told = Arrived(b"\n", b"ab", b"c\r\nde", b"f\n")
    assert [b"\n", b"abc\r\n", b"def\n"] == [told.readline() for _ in range(3)]
    told = Arrived(b"ab", b"cdef")
    assert [b"abc", b"def"] == [told.read(3), told.read(3)]
    with pytest.raises(TimeoutError):
        told.read(1)


@pytest.mark.parametrize("size", [mailbox._LITERAL, mailbox._LITERAL + 1])
def test_the_longest_literal(size: int) -> None:
    """What is asked for is taken, what is beyond is refused before it is read."""
    told = Arrived(b"x" * size)
    if size == mailbox._LITERAL:
        assert size == len(told.read(size))
    else:
        with pytest.raises(imaplib.IMAP4.abort, match=r"^literal too long$"):
            told.read(size)


@pytest.mark.parametrize("length", [mailbox._LONGEST_LINE, mailbox._LONGEST_LINE + 1])
def test_the_longest_line(length: int) -> None:
    """A line that goes on beyond it is no answer."""
    told = Arrived(b"x" * length, b"y\n")
    if length == mailbox._LONGEST_LINE:
        assert length + 2 == len(told.readline())
    else:
        with pytest.raises(imaplib.IMAP4.abort, match=r"^answer too long$"):
            told.readline()


def test_lines_without_end() -> None:
    """So many of one answer and no more; the next question begins to count anew."""
    told = Arrived(b"x\n" * (mailbox._LINES + 1))
    assert [b"x\n"] * mailbox._LINES == [told.readline() for _ in range(mailbox._LINES)]
    assert b"x\n" == told.readline()  # it had arrived before it was counted
    told = Arrived(b"x\n" * mailbox._LINES, b"x\n")
    for _ in range(mailbox._LINES):
        told.readline()
    with pytest.raises(imaplib.IMAP4.abort, match=r"^answer too long$"):
        told.readline()


def test_a_connection_that_is_opened_again_logs_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same settings and the same password as the first time."""
    opened: list[tuple[Any, ...]] = []

    class Link:
        def settimeout(self, seconds: float) -> None:
            """Time does not pass."""

    class Server:
        sock = Link()

        def has_extn(self, name: str) -> bool:
            return False

        def mail(self, address: str, options: list[str]) -> tuple[int, bytes]:
            return 421, b"closing"

        def close(self) -> None:
            """Nothing to free."""

    def connect(*told: Any) -> Server:
        opened.append(told)
        return Server()

    monkeypatch.setattr(transaction, "connect", connect)
    way = transaction.SmtpTransport(SMTP, "clé")
    first = way.hand_over(message(), lambda server: None)
    assert (State.DEFERRED, True, 421) == (first.state, first.lost, first.code)
    way.hand_over(message(), lambda server: None)
    assert [(SMTP, "clé")] * len(opened) == opened
    assert 2 <= len(opened)


def test_a_password_that_is_no_text() -> None:
    """Octets that are no UTF-8 reach the server as they are; letters beyond ASCII as UTF-8."""
    assert "Y2zDqek=" == smtp._coded("clé\udce9")


def test_a_command_that_never_stops_talking_fills_no_memory() -> None:
    """The beginning is kept: a piece more than the longest password at most."""
    code = f"import sys; sys.stdout.write('y' * {40 * MAX_PASSWORD})"
    with pytest.MonkeyPatch.context() as patch:
        talked = iter([b"y" * MAX_PASSWORD] * 40 + [b""])
        patch.setattr(secret, "_chunk", lambda pipe, end: next(talked))
        patch.setattr("relance.delivery.secret.subprocess.Popen", Talking)
        patch.setattr("relance.delivery.secret.os.killpg", lambda *told: None)
        ended, said = secret._said((sys.executable, "-c", code), 10)
    assert (0, True) == (ended, MAX_PASSWORD < len(said) <= 2 * MAX_PASSWORD)


class Talking:
    """A process that prints."""

    pid = 0

    def __init__(self, *told: Any, **more: Any) -> None:
        self.stdout = self

    def __enter__(self) -> "Talking":
        return self

    def __exit__(self, *told: object) -> None:
        """It is over."""

    def fileno(self) -> int:
        """Nobody reads from it."""
        return -1

    def wait(self, seconds: float) -> int:
        """It went well."""
        return 0


@pytest.mark.parametrize(
    ("host", "organisation"),
    [
        ("atelier.example", "atelier.example"),
        ("mail.Atelier.example.", "atelier.example"),
        ("one.co.uk", "one.co.uk"),
        ("mail.one.com.au", "one.com.au"),
        ("a.info.fr", "info.fr"),
        ("a.b.museum", "b.museum"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
    ],
)
def test_whose_a_domain_is(host: str, organisation: str) -> None:
    """Its two last words; three where both are short, as under a country's own order."""
    assert organisation == domain._organisation(host)


def test_what_a_provider_that_nobody_knows_wants() -> None:
    """Nothing that could be shown."""

    class Silent:
        def resolve(self, *told: Any, **more: Any) -> Any:
            raise OSError

    found = domain.standing_of("camille@Atelier.example", "smtp.host.example", "apikey", Silent())  # type: ignore[arg-type]
    assert ("atelier.example", "", "") == (found.domain, found.include, found.login)
    found = domain.standing_of("camille@atelier.example", "ssl0.ovh.net", "c@Other.example", Silent())  # type: ignore[arg-type]
    assert ("mx.ovh.com", "other.example") == (found.include, found.login)


def test_a_run_that_cannot_be_prepared() -> None:
    """Every message is left, without its bytes, and none is handed over."""

    class Full:
        def prepare(self, *told: Any) -> Any:
            raise JournalError("Le journal est plein.", "Libérez de la place.")

        def release(self, prepared: list[Any], next_try: Any) -> None:
            assert ([], None) == (prepared, next_try)

    def never(self: Any, *told: Any) -> Outcome:
        raise AssertionError

    way: Any = type("Way", (), {"paced": True, "hand_over": never})()
    letters = [message("F-1"), message("F-2")]
    report = deliver(letters, Full(), way, TODAY)  # type: ignore[arg-type]
    assert [letter._replace(raw=b"") for letter in letters] == report.left
    assert "Le journal est plein. Libérez de la place." == str(report.stopped)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        (b'1 (UID 7 INTERNALDATE "22-Nov-2026 23:30:00 +0000" BODY', date(2026, 11, 23)),
        (b'1 (UID 7 INTERNALDATE "22-Nov-2026 22:30:00 +0000" BODY', date(2026, 11, 22)),
        (b'1 (UID 7 INTERNALDATE "23-Nov-2026 08:00:00 +0900" BODY', date(2026, 11, 23)),
        (b'1 (UID 7 INTERNALDATE "23-Nov-2026 07:30:00 +0900" BODY', date(2026, 11, 22)),
        (b"1 (UID 7 BODY", date.max),
        (b'1 (UID 7 INTERNALDATE "31-Dec-9999 23:30:00 +0000" BODY', date.max),
        (b'1 (UID 7 INTERNALDATE "22-Xyz-2026 23:30:00 +0000" BODY', date.max),
    ],
)
def test_the_day_a_mail_arrived(said: bytes, day: date) -> None:
    """In the zone of the dossier, whatever the server's; what is no day is the last one, never an old one."""
    assert day == mailbox._arrival(said, ZoneInfo("Europe/Paris"))


class Line:
    """A connection that counts how often its patience is set."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.set = seconds, list[float]()

    def gettimeout(self) -> float:
        """How long it waits."""
        return self.seconds

    def settimeout(self, seconds: float) -> None:
        """From now on."""
        self.seconds = seconds
        self.set.append(seconds)


class Pieces:
    """What comes over a line, a piece at a time."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = iter(pieces)

    def read1(self, size: int) -> bytes:
        """The next one, at once."""
        return next(self.pieces)


def test_an_answer_in_small_pieces_has_its_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pieces of an answer count together; the next question begins anew, until all of them are too many."""
    monkeypatch.setattr(mailbox, "_ANSWER", 100)
    monkeypatch.setattr(mailbox, "_ALL", 250)
    told: Any = object.__new__(mailbox.Session)
    told._file, told.sock = Pieces(*[b"x" * 10] * 99), Line(5)
    for pieces in (10, 10, 5):
        told._answer = 0
        assert [True] * pieces == [told._more() for _ in range(pieces)]
    with pytest.raises(imaplib.IMAP4.abort, match=r"^answer too long$"):
        told._more()
    told._answer, told._all = 100, 0
    with pytest.raises(imaplib.IMAP4.abort, match=r"^answer too long$"):
        told._more()


@pytest.mark.parametrize("length", [299, 300, 301])
def test_a_name_without_end_names_a_mail_by_its_beginning(length: int) -> None:
    """So much of it tells two mails apart, and a stranger does not fill the memory with one."""
    own = f"<{'x' * (length - 2)}>"
    assert own[:300] == mails.mail_of(f"Message-ID: {own}\r\n\r\nx".encode(), TODAY).identity


def test_two_literals_of_one_answer_are_two_pieces() -> None:
    """What stands after the first is the second, and neither is lost; what names no mail is of the one asked for."""
    told: Any = object.__new__(mailbox.Session)
    day = b'INTERNALDATE "23-Nov-2026 09:00:00 +0100"'
    told.uid = lambda *_: (
        "OK",
        [(b"1 (UID 4 " + day + b" BODY[HEADER] {3}", b"abc"), (b" BODY[]<0> {2}", b"de"), b")"],
    )
    found = mailbox.fetched(told, "7", "BODY.PEEK[HEADER]", ZoneInfo("Europe/Paris"))
    assert [("4", b"abc", TODAY), ("7", b"de", date.max)] == found


@pytest.mark.parametrize(("usual", "calls"), [(20.0, 0), (5.0, 2)])
def test_a_reply_in_its_usual_time_sets_none(usual: float, calls: int) -> None:
    """After the dot each system call more is one in which a kill leaves a doubt; another time is set, and set back."""
    session: Any = smtp.Session()
    session.sock, session.file = Line(usual), Pieces(b"250 ok\r\n")
    assert [b"250 ok\r"] == session.reply(20.0)
    assert (calls, usual) == (len(session.sock.set), session.sock.seconds)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_this_machine(host: str) -> None:
    """By any of its names; one that only begins or ends so is another's."""
    assert is_loopback(host)
    assert not is_loopback(f"{host}.example")
    assert not is_loopback(f"x{host}")
