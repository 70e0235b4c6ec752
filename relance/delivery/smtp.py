"""A connection to the mail server: encrypted, the server proved, logged in, or a French sentence why not."""

import base64
import select
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from relance.delivery import xoauth2
from relance.delivery.account import DEFAULT_TIMEOUT, Account, is_loopback
from relance.delivery.hiding import hold
from relance.delivery.outcome import readable
from relance.delivery.pairings import cleaned, meant, refuse_hopeless, unreachable
from relance.delivery.secret import read_token
from relance.errors import DeliveryError, UnreachedError
from relance.french import system_words

LOCAL_NAME = "[127.0.0.1]"  # said in EHLO; the default would ask DNS and tell this machine's name
_GOOD_BYE_SECONDS = 2.0
_LOGGED_IN, _REFUSED, _AUTH_AGAIN = 235, 535, (421, 454)  # RFC 4954; the last ones are temporary
LONGEST_REPLY = 65_536
"""Octets of one reply, in `MOST_LINES` lines at most: what says more says nothing that could be used."""
MOST_LINES = 500


class Session(smtplib.SMTP):
    """A session whose replies have their limits, and all of one its time.

    smtplib's own waits as long again for each line, and takes as many lines as the server likes.
    """

    _rest = b""  # what was read beyond the last reply

    def getreply(self) -> tuple[int, bytes]:
        """Code and text of the next reply, all of it within the session's time; code -1 for what is no reply."""
        assert self.sock is not None
        try:
            lines = self.reply(self.sock.gettimeout() or DEFAULT_TIMEOUT)
        except smtplib.SMTPException:
            self.close()
            raise
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {error}") from error
        code = lines[-1][:3]
        return int(code) if code.isdigit() else -1, b"\n".join(line[4:].strip() for line in lines)

    def reply(self, seconds: float) -> list[bytes]:
        """The lines of the next reply, which has to end within `seconds`; OSError or SMTPException otherwise."""
        link = self.sock
        assert link is not None
        if self.file is None:  # a new connection, or its encryption has begun: what came before is forgotten
            self.file, self._rest = link.makefile("rb"), b""
        usual, end = link.gettimeout(), time.monotonic() + seconds
        waits = usual == seconds  # so long already: after a final dot each system call is one more that leaves a doubt
        try:
            while (whole := self._whole()) is None:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError("timed out")
                if not waits:
                    link.settimeout(left)
                piece, waits = self.file.read1(4096), False
                if not piece:
                    raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
                self._rest += piece
            return whole
        finally:
            if usual != link.gettimeout():
                link.settimeout(usual)

    def is_over(self) -> bool:
        """Whether the server ended the connection, or says what nobody asked for: it will not answer a dot.

        Ask before the dot alone: after it the same silence is a doubt.
        """
        link, reader = self.sock, self.file
        assert link is not None  # DATA was answered over both
        assert reader is not None
        if not self._rest and not select.select([link], [], [], 0)[0]:
            return False  # in one system call, for a kill here leaves a doubt
        usual = link.gettimeout()
        link.settimeout(0)
        try:
            return bool(self._rest or reader.peek(1)) or link.recv(1) is not None
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        finally:
            link.settimeout(usual)

    def _whole(self) -> list[bytes] | None:
        """The lines of a reply that was read to its end, None where it goes on."""
        if not self._rest:
            return None
        *lines, begun = self._rest.split(b"\n")
        last = next((i for i, line in enumerate(lines) if line[3:4] != b"-"), len(lines))
        if len(self._rest) > LONGEST_REPLY or last > MOST_LINES:
            raise smtplib.SMTPResponseException(500, b"Reply too long.")
        if last == len(lines):
            return None
        self._rest = b"\n".join((*lines[last + 1 :], begun))
        return lines[: last + 1]


class _TlsSession(Session, smtplib.SMTP_SSL):
    """The same over TLS from the first octet."""


class ServerFacts(NamedTuple):
    """What `relance check` shows; `tls` is empty without encryption."""

    name: str
    tls: str


def connect(settings: Account, password: str | None) -> Session:
    """A session ready for messages; without a user or a password there is no log-in.

    Certificates are checked against the system's authorities, or those of the variable SSL_CERT_FILE.
    Raises DeliveryError, and SettingsError where the provider takes no password; neither holds it.
    """
    if settings.security == "none" and not is_loopback(settings.host):
        raise DeliveryError(
            f"Sans chiffrement, le serveur {settings.server} est refusé.",
            'Mettez smtp.security = "starttls" ou "tls" ; "none" ne vaut que pour cette machine.',
        )
    refuse_hopeless(settings)
    if settings.secret.token_command:
        return _connected_by_token(settings)
    password = cleaned(settings, password)
    hold(settings.user, password or "")
    return _accepted(settings, *_opened(settings, lambda session: _log_in(session, settings.user, password)))


def _connected_by_token(settings: Account) -> Session:
    """With a fresh token; refused, and given another one, once more: what was fresh to its giver may have ended."""
    token = read_token(settings)
    session, code, reply = _opened(settings, lambda session: xoauth2.log_in(session, settings.user, token))
    if code == _REFUSED:
        session.close()
        other = read_token(settings)
        if other != token:
            session, code, reply = _opened(settings, lambda session: xoauth2.log_in(session, settings.user, other))
    return _accepted(settings, session, code, reply)


def _opened(settings: Account, log_in: Callable[[Session], tuple[int, bytes]]) -> tuple[Session, int, bytes]:
    """A session that said who it is, and what the server answers to that."""
    with _in_french(settings):
        where = (settings.host, settings.port, LOCAL_NAME)
        if settings.security == "tls":
            session: Session = _TlsSession(*where, timeout=settings.timeout, context=trusting())
        else:
            session = Session(*where, timeout=settings.timeout)
        try:
            _greet(session, settings)
            return session, *log_in(session)
        except BaseException:
            session.close()
            raise


def _accepted(settings: Account, session: Session, code: int, reply: bytes) -> Session:
    if code != _LOGGED_IN:
        session.close()
        raise _log_in_refused(settings, code, readable(reply))
    return session


def trusting() -> ssl.SSLContext:
    """What the server has to prove: its name, by an authority of this system, over TLS 1.2 or newer."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def probe(settings: Account, password: str | None) -> ServerFacts:
    """Connect, log in, leave: what was found. Raises DeliveryError."""
    session = connect(settings, password)
    try:
        name = readable(session.ehlo_resp or b"").partition(" ")[0]
        tls = session.sock.version() if isinstance(session.sock, ssl.SSLSocket) else ""
        return ServerFacts(name=name, tls=tls or "")
    finally:
        hang_up(session)


def hang_up(session: smtplib.SMTP) -> None:
    """Say good-bye; how the server takes it never matters, and is not waited for."""
    with suppress(OSError, smtplib.SMTPException, ValueError):
        if session.sock is not None:
            session.sock.settimeout(_GOOD_BYE_SECONDS)
        session.quit()
    session.close()


def _greet(session: smtplib.SMTP, settings: Account) -> None:
    assert session.sock is not None
    # The final dot leaves alone: it must not wait for the receipt of the body.
    session.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    session.ehlo_or_helo_if_needed()
    if settings.security == "starttls":
        session.starttls(context=trusting())  # raises on every answer but 220
        session.ehlo_or_helo_if_needed()


def _log_in(session: smtplib.SMTP, user: str, password: str | None) -> tuple[int, bytes]:
    """One attempt, by one method: smtplib's own tries every method with a wrong password, until the account locks.

    Without a user or a password there is nothing to ask.
    """
    if not (user and password):
        return _LOGGED_IN, b""
    methods = session.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in methods:
        return session.docmd("AUTH", "PLAIN " + _coded(f"\0{user}\0{password}"))
    if "LOGIN" not in methods:
        return 504, b""
    code, reply = session.docmd("AUTH", "LOGIN")
    for text in (user, password):
        if code == 334:
            code, reply = session.docmd(_coded(text))
    return code, reply


def _coded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")


def _log_in_refused(settings: Account, code: int, reply: str) -> DeliveryError:
    if code in _AUTH_AGAIN:
        cure = "Le serveur dit que c’est passager : relancez « relance send » plus tard."
    elif code in (500, 502, 503, 504) and settings.secret.token_command:
        cure = (
            "Le serveur ne propose pas XOAUTH2 : prenez un autre serveur (smtp.host), ou un mot de passe (smtp.auth)."
        )
    elif code in (500, 502, 503, 504):
        cure = (
            "Le serveur ne propose pas de mot de passe ici : vérifiez port et chiffrement (smtp.port, smtp.security)."
        )
    elif known := meant(settings, f"{code} {reply}"):
        cure = known
    elif settings.secret.token_command:
        cure = xoauth2.CURE
    else:
        cure = (
            "Vérifiez le nom d’utilisateur (smtp.user) et le mot de passe (smtp.password_env, smtp.password_command ou "
            "smtp.keyring) ; certaines messageries veulent un mot de passe d’application."
        )
    answer = f"{code} {reply}".rstrip()  # some servers say no word
    said = f"{settings.server} : la connexion de « {settings.user} » est refusée ({answer})."
    return DeliveryError(said, cure)


@contextmanager
def _in_french(settings: Account) -> Iterator[None]:
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        what, cure = _meaning(error, settings)
        # `from None`: an exception of smtplib may hold what was sent
        raise UnreachedError(f"Serveur e-mail {settings.server} : {what}.", cure) from None


_SMTP_CODES = (200, 600)
"""What a mail server answers (RFC 5321, 4.2.1); what answers otherwise is none."""
_PLACE = "Vérifiez le serveur et le port (smtp.host, smtp.port)"


def _meaning(error: Exception, settings: Account) -> tuple[str, str]:
    if isinstance(error.__context__, TimeoutError):  # smtplib calls it a disconnection
        error = error.__context__
    match error:
        case ssl.SSLCertVerificationError():
            return _certificate(error)
        case ssl.SSLError():
            return (
                f"le chiffrement n’a pas pu commencer ({error.reason or 'réponse incomprise'})",
                'Vérifiez le port : 465 est chiffré dès le début (smtp.security = "tls"), 587 ensuite ("starttls").',
            )
        case socket.gaierror():
            return "ce nom est inconnu", "Vérifiez le serveur (smtp.host) et la connexion à internet."
        case ConnectionRefusedError():
            return "la connexion est refusée", unreachable(settings) or f"{_PLACE}."
        case TimeoutError():
            return (
                f"pas de réponse en {settings.timeout:g} secondes",
                "Vérifiez serveur, port et chiffrement (smtp.host, smtp.port, smtp.security), ou attendez plus "
                "(smtp.timeout).",
            )
        case smtplib.SMTPNotSupportedError():
            return (
                "il ne propose pas le chiffrement STARTTLS ; rien n’a été envoyé",
                'Essayez le port 465 (smtp.port = 465, smtp.security = "tls") ; sur un réseau public, changez-en.',
            )
        case smtplib.SMTPResponseException(smtp_code=code) if not _SMTP_CODES[0] <= code < _SMTP_CODES[1]:
            return "ce n’est pas un serveur d’envoi", f"{_PLACE} : 465 ou 587 le plus souvent."
        case smtplib.SMTPResponseException():
            return f"il refuse de parler ({error.smtp_code} {readable(error.smtp_error)})", "Réessayez plus tard."
        case smtplib.SMTPServerDisconnected():
            return (
                "il a coupé la connexion sans répondre",
                "Vérifiez le port (smtp.port) et le chiffrement (smtp.security), ou réessayez plus tard.",
            )
        case _:
            why = readable(system_words(error)) if isinstance(error, OSError) and error.errno else ""
            return f"la connexion a échoué ({why or 'sans raison donnée'})", "Vérifiez la connexion à internet."


def _certificate(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    said = readable(error.verify_message)
    if error.verify_code in (62, 64):  # X509_V_ERR_HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
        cure = "Prenez le serveur que donne votre messagerie (smtp.host), chez OVH ssl0.ovh.net, non smtp.votredomaine."
        return f"son certificat est celui d’un autre nom ; rien n’a été envoyé ({said})", cure
    return (
        f"son certificat n’est pas reconnu ; le mot de passe n’a pas été envoyé ({said})",
        "Vérifiez le serveur (smtp.host) et la date de cette machine ; pour une autorité privée, la variable "
        "SSL_CERT_FILE.",
    )
