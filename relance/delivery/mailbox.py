"""The user's mailbox over IMAP (RFC 3501, 6154): a session, and its recent mails read as far as they matter.

imaplib rather than a library above it: a mail with twenty megabytes of attachments must cost a few kilobytes, and
none of those asks for a part of a mail (`BODY.PEEK[]<0.n>`). Nothing is marked as read, moved or deleted here; what
is written into a folder is in folders.py.
"""

import base64
import imaplib
import math
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from relance.core.replies import Mail
from relance.delivery import xoauth2
from relance.delivery.account import Account, is_loopback
from relance.delivery.hiding import hold
from relance.delivery.mails import mail_of
from relance.delivery.outcome import readable
from relance.delivery.pairings import cleaned, meant, refuse_hopeless
from relance.delivery.secret import read_token
from relance.delivery.smtp import trusting
from relance.errors import DeliveryError, SettingsError
from relance.french import system_words

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

MAX_MAILS = 2000
"""Of each folder, the newest this many."""
MAX_OCTETS = 25 * 2**20
"""Of a mail that is kept whole: courts' portals take no more."""
HEAD_OCTETS, MAIL_OCTETS = 32_768, 262_144
_LITERAL = 4 * MAIL_OCTETS  # more than was asked for is no answer
_ANSWER, _LINES = 8 * 2**20, 20_000
"""Octets and lines of the answer to one command: a hundred heads are three millions of octets."""
_ALL = 128 * 2**20  # octets of all answers
_LONGEST_LINE = 1_000_000  # octets: the numbers of a hundred thousand mails
_CHUNK = 100  # mails asked for at once
_PIECE = 65_536  # octets that are sent at once
_SECONDS = 300.0  # for the whole look: a run must end
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:\\.|[^"\\])*"|NIL) (?P<name>.+)', re.DOTALL)
_UID = re.compile(rb"\bUID (\d+)")
_PASSING = (b"UNAVAILABLE", b"INUSE", b"LIMIT", b"SERVERBUG")  # RFC 5530: not the password's fault
TROUBLE = (OSError, imaplib.IMAP4.error, ValueError, LookupError, TypeError, AttributeError)
"""What imaplib raises on answers that are none; the last three come out of its own reading of them."""

Folder = tuple[frozenset[bytes], str]
"""Its flags in lower case, and its name as the server writes it."""
Fetched = tuple[str, bytes, date]
"""The UID of a mail, what was asked for of it, and the day on which it arrived."""
_NOTHING_LEFT = "Rien n’est parti ; vérifiez la connexion et [imap] avec « relance check »."
TO_CHECK = "Vérifiez la connexion, et host et port sous [imap]."
"""The cure that `relance check` gives, which cannot be itself."""


class Session(imaplib.IMAP4):
    """A connection whose answers have their limits, each and all together, and all of them their time.

    imaplib's own takes a literal of any length and any number of lines, and waits as long again for each octet.
    """

    _rest = b""  # what was read beyond the last line
    _from: object = None
    _answer = _lines = _all = 0
    _end, _patience = math.inf, 0.0

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self._end, self._patience = time.monotonic() + _SECONDS, timeout or _SECONDS
        super().open(host, port, timeout)

    def renew(self) -> None:
        """Its time and its octets begin again, as for another session."""
        self._end, self._all = time.monotonic() + _SECONDS, 0

    def send(self, data: "ReadableBuffer") -> None:
        self._answer = self._lines = 0
        for start in range(0, len(octets := memoryview(data)), _PIECE):  # each has its time: a message may be long
            super().send(octets[start : start + _PIECE])

    def readline(self) -> bytes:
        self._lines += 1
        looked = 0
        while (end := self._rest.find(b"\n", looked) + 1) == 0:
            looked = len(self._rest)
            if looked > _LONGEST_LINE or self._lines > _LINES:
                raise self.abort("answer too long")
            if not self._more():
                break
        line, self._rest = self._rest[: end or None], self._rest[end:] if end else b""
        return line

    def read(self, size: int) -> bytes:
        if size > _LITERAL:
            raise self.abort("literal too long")
        while len(self._rest) < size and self._more():
            pass
        octets, self._rest = self._rest[:size], self._rest[size:]
        return octets

    def _more(self) -> bool:
        """Read on; False at the end of the connection."""
        source: Any = getattr(self, "_file", None) or self.file  # its name from Python 3.14 on
        if self._from is not source:  # encryption has begun: what came before is forgotten
            self._from, self._rest = source, b""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(min(left, self._patience))
        piece: bytes = source.read1(65_536)
        self._answer += len(piece)
        self._all += len(piece)
        if self._answer > _ANSWER or self._all > _ALL:
            raise self.abort("answer too long")
        self._rest += piece
        return bool(piece)


class _TlsSession(Session, imaplib.IMAP4_SSL):  # type: ignore[misc]  # only the default port differs
    """The same over TLS from the first octet."""


def look(
    settings: Account,
    password: str | None,
    since: date,
    zone: tzinfo,
    wanted: Callable[[Mail], bool],
    clock: Callable[[], float] = time.monotonic,
) -> list[Mail]:
    """The mails that arrived from the day `since` on, oldest first in each folder, each once; days are of `zone`.

    Those that are `wanted` by their headers are read with their text, the others not. Raises DeliveryError where the
    mailbox cannot be reached, SettingsError where the user has to change something; neither holds the password.
    """
    end = clock() + _SECONDS
    found: dict[str, Mail] = {}
    with session_with(settings, password) as session:
        for name in _folders(session, settings):
            for mail in _mails(session, name, since, zone, wanted):
                found.setdefault(mail.identity, mail)
                if clock() > end:
                    raise TimeoutError
    return list(found.values())


def wholes(
    settings: Account, password: str | None, since: date, zone: tzinfo, wanted: Callable[[Mail], bool]
) -> list[tuple[Mail, bytes]]:
    """As `look`, with the exact octets of each mail that is `wanted` by its headers, and no other; each once.

    One of more than MAX_OCTETS is left out.
    """
    found: dict[str, tuple[Mail, bytes]] = {}
    with session_with(settings, password, cure="Le dossier se fait sans elle.") as session:
        for name in _folders(session, settings):
            _open(session, name)
            for uid, octets, on in heads(session, since, zone):
                head = mail_of(octets, on)
                if wanted(head) and head.identity not in found and (raw := _octets(session, uid, zone)):
                    found[head.identity] = mail_of(raw, on), raw
    return list(found.values())


def _octets(session: Session, uid: str, zone: tzinfo) -> bytes:
    """All of a mail, by pieces; empty where it is too long."""
    raw = b""
    while len(raw) <= MAX_OCTETS:
        what = f"BODY.PEEK[]<{len(raw)}.{MAIL_OCTETS}>"
        piece = b"".join(octets for one, octets, _ in fetched(session, uid, what, zone) if one == uid)
        raw += piece
        if len(piece) < MAIL_OCTETS:
            return raw
    return b""


def folders(settings: Account, password: str | None) -> tuple[str, ...]:
    """The folders that a look reads, as the user writes them; raises as `look` does."""
    with session_with(settings, password, cure=TO_CHECK) as session:
        names = _folders(session, settings)
        for name in names:
            _open(session, name)
        return tuple(readable(decoded(name)) for name in names)


@contextmanager
def session_with(
    settings: Account, password: str | None, what: str = "La boîte de réception", cure: str = _NOTHING_LEFT
) -> Iterator[Session]:
    """A session for the block, logged in; what goes wrong in it is a DeliveryError about `what`, with that cure."""
    if settings.security == "none" and not is_loopback(settings.host):
        raise SettingsError(
            f"Sans chiffrement, le serveur {settings.server} est refusé.",
            'Mettez imap.security = "tls" ou "starttls" ; "none" ne vaut que pour cette machine.',
        )
    refuse_hopeless(settings)
    proof = read_token(settings) if settings.secret.token_command else cleaned(settings, password)
    hold(settings.user, proof or "")
    try:
        session = _connected(settings)
        try:
            _log_in(session, settings, proof)
            yield session
        finally:
            with suppress(*TROUBLE):
                session.logout()
            with suppress(OSError):  # after a good-bye that went well, it is closed already
                session.shutdown()
    except TROUBLE as error:
        # `from None`: an exception of imaplib may hold what was sent.
        raise DeliveryError(f"{what} ({settings.server}) ne peut pas être lue : {why(error)}.", cure) from None


def _connected(settings: Account) -> Session:
    if settings.security == "tls":
        return _TlsSession(settings.host, settings.port, ssl_context=trusting(), timeout=settings.timeout)
    session = Session(settings.host, settings.port, timeout=settings.timeout)
    try:
        if settings.security == "starttls":
            if "STARTTLS" not in session.capabilities:
                raise OSError("il ne propose pas le chiffrement STARTTLS")
            session.starttls(trusting())
    except BaseException:
        with suppress(OSError):  # a handshake that failed has closed it already
            session.shutdown()
        raise
    return session


def _log_in(session: Session, settings: Account, proof: str | None) -> None:
    """One attempt; of a token that is refused another one, where there is one, and no more.

    What the server answers is not shown: it may repeat the line.
    """
    said = _refusal(session, settings, proof or "")
    if said is not None and settings.secret.token_command:
        other = read_token(settings)
        said = said if other == proof else _refusal(session, settings, other)
    if said is None:
        return
    if any(code.decode() in said.upper() for code in _PASSING):
        raise OSError("le serveur ne prend pas d’identification pour l’instant")
    cure = "Vérifiez imap.user et le mot de passe ; certaines messageries veulent un mot de passe d’application."
    raise SettingsError(
        f"{settings.server} : l’identification de « {settings.user} » est refusée (boîte de réception).",
        meant(settings, said) or (xoauth2.CURE if settings.secret.token_command else cure),
    )


def _refusal(session: Session, settings: Account, proof: str) -> str | None:
    """The words of a server that refuses; None once it let us in."""
    try:
        if settings.secret.token_command:
            _authenticate(session, xoauth2.METHOD, xoauth2.response(settings.user, proof))
        elif "AUTH=PLAIN" in session.capabilities:
            _authenticate(session, "PLAIN", f"\0{settings.user}\0{proof}".encode("utf-8", "surrogateescape"))
        else:
            session.login(settings.user, proof)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        return str(error)
    return None


def _authenticate(session: Session, method: str, response: bytes) -> None:
    """Say this when the server first asks, and nothing when it asks again: what it says then is why it will refuse."""
    answers = iter((response,))
    session.authenticate(method, lambda _: next(answers, b""))


def _folders(session: Session, settings: Account) -> list[str]:
    """Their names as the server writes them."""
    return [encoded(name) for name in settings.folders] or default_folders(list(listed(session)))


def quoted(name: str) -> str:
    """A folder's name as a command takes it (RFC 3501 4.3): imaplib quotes nothing."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _open(session: Session, name: str) -> None:
    """For reading alone: nothing that follows can change a mark."""
    code, _ = session.select(quoted(name), readonly=True)
    if code != "OK":
        known = readable(", ".join(decoded(each) for _, each in listed(session)))
        raise SettingsError(f"[imap] folders : le dossier « {decoded(name)} » est introuvable.", f"Dossiers : {known}.")


def _mails(session: Session, name: str, since: date, zone: tzinfo, wanted: Callable[[Mail], bool]) -> Iterator[Mail]:
    _open(session, name)
    for uid, octets, on in heads(session, since, zone):
        head = mail_of(octets, on)
        whole = fetched(session, uid, f"BODY.PEEK[]<0.{MAIL_OCTETS}>", zone) if wanted(head) else []
        yield from [mail_of(octets, on) for _, octets, on in whole] or [head]


def heads(session: Session, since: date | None, zone: tzinfo) -> Iterator[Fetched]:
    """The headers of what arrived in the open folder from that day on (None: ever): the newest, oldest first."""
    criteria = ["ALL"]
    if since is not None:
        first = since - timedelta(days=1)  # the server counts days in a zone of its own
        criteria = ["SINCE", f"{first.day}-{_MONTHS[first.month - 1]}-{first.year}"]
    _, answers = session.uid("SEARCH", *criteria)
    uids = sorted(int(uid) for answer in answers if answer for uid in answer.split())[-MAX_MAILS:]
    for start in range(0, len(uids), _CHUNK):
        chunk = ",".join(map(str, uids[start : start + _CHUNK]))
        yield from fetched(session, chunk, f"BODY.PEEK[HEADER]<0.{HEAD_OCTETS}>", zone)


def fetched(session: Session, uids: str, what: str, zone: tzinfo) -> list[Fetched]:
    """Each mail of these; what the server says before and after a literal belongs to the same mail."""
    _, answers = session.uid("FETCH", uids, f"(UID INTERNALDATE {what})")
    mails = []
    for answer, after in zip(answers, [*answers[1:], None], strict=True):
        if isinstance(answer, tuple):
            said = answer[0] + (after if isinstance(after, bytes) else b"")
            uid = _UID.search(said)
            mails.append((uid[1].decode() if uid else uids, answer[1], _arrival(said, zone)))
    return mails


def _arrival(said: bytes, zone: tzinfo) -> date:
    """The day on which the server took the mail, which no sender can forge; the last of days where it is not told."""
    with suppress(LookupError, ValueError, OverflowError, OSError):  # a month or a year that is none
        moment = imaplib.Internaldate2tuple(said)
        return datetime.fromtimestamp(time.mktime(moment), zone).date() if moment else date.max
    return date.max


def why(error: Exception) -> str:
    """In our words alone: a server's may repeat what it was sent."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"son certificat n’est pas reconnu ({readable(error.verify_message)})"
        case ssl.SSLError():
            return f"le chiffrement échoue ({readable(system_words(error))})"
        case OSError():
            return readable(system_words(error))
        case UnicodeError():
            return "ce mot de passe ne peut pas être transmis à ce serveur"
        case imaplib.IMAP4.abort():
            return "le serveur coupe la connexion, ou répond autre chose que ce que veut IMAP"
    return "le serveur refuse une demande"


def default_folders(known: list[Folder]) -> list[str]:
    """The inbox, archive and sent mail; all mail instead, where the server keeps such a folder (RFC 6154)."""
    everything = [name for flags, name in known if b"\\all" in flags]
    marked = [name for flags, name in known if flags & {b"\\archive", b"\\sent"} and name.upper() != "INBOX"]
    return everything or ["INBOX", *marked]


def listed(session: Session) -> Iterator[Folder]:
    """The folders that the server names; a line that names none is passed over."""
    _, answers = session.list()
    for answer in answers:
        line = answer[0].rpartition(b" ")[0] + b" " + answer[1] if isinstance(answer, tuple) else answer or b""
        found = _LISTED.match(line)
        if found is not None:
            name = found["name"].decode("ascii", "replace")
            if name.startswith('"'):
                name = re.sub(r"\\(.)", r"\1", name[1:-1])
            yield frozenset(found["flags"].lower().split()), name


def encoded(name: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501 5.1.3)."""

    def shifted(match: re.Match[str]) -> str:
        octets = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{octets}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def decoded(name: str) -> str:
    """The name as its user writes it; one that is badly written stays as it is."""

    def shifted(match: re.Match[str]) -> str:
        octets = match[1].replace(",", "/")
        return base64.b64decode(octets + "=" * (-len(octets) % 4)).decode("utf-16-be", "replace") if octets else "&"

    with suppress(ValueError):
        return re.sub(r"&([A-Za-z0-9+,]*)-", shifted, name)
    return name
