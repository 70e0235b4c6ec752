"""One message over one SMTP session, and what the server's answers mean (RFC 5321, RFC 3463, RFC 1047)."""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from relance.delivery.outcome import Outcome, readable
from relance.delivery.smtp import SmtpSettings, connect, hang_up
from relance.errors import DeliveryError
from relance.journal import State
from relance.letters.compose import ascii_address
from relance.letters.letter import Message

_CLOSING = 421  # the server leaves: what it did with the message is not said
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)
_TROUBLE = (OSError, smtplib.SMTPException)


class SmtpTransport:
    """One connection for many messages; opened again where the server closed it between two of them."""

    paced = True

    def __init__(self, settings: SmtpSettings, password: str | None) -> None:
        """Connect; raises DeliveryError, before anything is claimed."""
        self._settings = settings
        self._password = password
        self._session: smtplib.SMTP | None = connect(settings, password)
        self._used = False

    def hand_over(self, message: Message) -> Outcome:
        """Hand one message over; a connection that the server closed since the last one is opened again, once."""
        try:
            session = self._ready()
        except DeliveryError as error:
            return Outcome(State.DEFERRED, reply=str(error), lost=True, stop=error)
        try:
            outcome = hand_over(session, message, self._settings.final_timeout)
        except BaseException:  # Ctrl-C: not one octet more, a QUIT now would be text of the message
            session.close()
            self._session = None
            raise
        if outcome.lost:
            session.close()
            self._session = None
        return outcome

    def close(self) -> None:
        """Leave the server; nothing it answers matters any more."""
        if self._session is not None:
            hang_up(self._session)
            self._session = None

    def _ready(self) -> smtplib.SMTP:
        """A session that stands before MAIL: RSET forgets what a refused message left behind."""
        if self._session is not None and self._used and not _alive(self._session):
            self._session.close()
            self._session = None
        if self._session is None:
            self._session = connect(self._settings, self._password)
        self._used = True
        return self._session


def hand_over(session: smtplib.SMTP, message: Message, final_timeout: float) -> Outcome:
    """Hand one message over: before the final dot every failure means not sent, after it silence means in doubt.

    A refusal leaves the session inside its transaction: RSET before the next message.
    """
    try:
        refused = _envelope(session, message)
        if refused is not None:
            return refused
        code, reply = session.docmd("DATA")
        if code != 354:
            return _before_dot(code, reply)
        session.send(_stuffed(message.raw))
    except ValueError:  # UnicodeError included: an address that this session cannot carry, found before it was said
        return Outcome(State.REFUSED, reply="adresse impossible à transmettre")
    except _TROUBLE as error:
        return Outcome(State.DEFERRED, reply=_trouble(error), lost=True)
    return _after_dot(session, final_timeout)


def _envelope(session: smtplib.SMTP, message: Message) -> Outcome | None:
    """MAIL and every RCPT; None once all is accepted. The refusal of a hidden copy (to oneself) is ignored."""
    options = [f"size={len(message.raw)}"] if session.has_extn("size") else []
    code, reply = session.mail(message.envelope_from, options)
    if not _good(code):
        return _sender_refused(code, reply)
    shown = _shown(message)
    for recipient in message.recipients:
        code, reply = session.rcpt(recipient)
        if _is_lost(code):
            return _before_dot(code, reply)
        if not _good(code) and recipient.casefold() in shown:
            return _recipient_refused(message, code, reply, recipient)
    return None


def _shown(message: Message) -> frozenset[str]:
    """The addresses that the customer sees, in lower case: all of these have to be accepted."""
    headers = BytesHeaderParser().parsebytes(message.raw)
    values = [str(value) for name in ("To", "Cc") for value in headers.get_all(name, [])]
    return frozenset(address.casefold() for _, address in getaddresses(values))


def _after_dot(session: smtplib.SMTP, final_timeout: float) -> Outcome:
    try:
        with _patience(session, final_timeout):
            session.send(b".\r\n")
            code, reply = session.getreply()
    except _TROUBLE as error:
        return Outcome(State.IN_DOUBT, reply=_trouble(error), lost=True)
    text = readable(reply)
    if 200 <= code <= 299:
        return Outcome(State.SENT, code, text)
    if 400 <= code <= 499 and code != _CLOSING:
        return Outcome(State.DEFERRED, code, text)
    if 500 <= code <= 599:
        if _enhanced(reply) == "5.4.5":  # Gmail's quota of the day: permanent in form, not in fact
            return Outcome(State.DEFERRED, code, text, stop=_quota(code, text))
        return Outcome(State.REFUSED, code, text)
    return Outcome(State.IN_DOUBT, code if code > 0 else None, text, lost=True)


@contextmanager
def _patience(session: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Wait longer for one reply: giving up on it makes doubt."""
    link = session.sock
    assert link is not None
    usual = link.gettimeout()
    link.settimeout(seconds)
    yield
    link.settimeout(usual)


def _sender_refused(code: int, reply: bytes) -> Outcome:
    """MAIL is about the account, and so about every message; a size limit is about this one alone."""
    if code == 552 and _enhanced(reply) in ("", "5.3.4"):
        return _before_dot(code, reply)
    said = readable(reply)
    if 500 <= code <= 599:
        cure = "Vérifiez que sender.email est bien une adresse du compte smtp.user, et votre quota d’envoi."
        stop = DeliveryError(f"Le serveur refuse l’expéditeur ({code} {said}).", cure)
        return Outcome(State.REFUSED, code, said, stop=stop)
    stop = DeliveryError(f"Le serveur ne prend rien pour l’instant ({code} {said}).", "Réessayez plus tard.")
    return replace(_before_dot(code, reply), stop=stop)


def _recipient_refused(message: Message, code: int, reply: bytes, recipient: str) -> Outcome:
    """5.1.x, 5.2.1 and a bare 550, 551 or 553 are about the address; 5.7.x is a policy that may change."""
    outcome = _before_dot(code, reply)
    enhanced = _enhanced(reply)
    bare = not enhanced and code in (550, 551, 553)
    permanent = outcome.state is State.REFUSED and (bare or enhanced.startswith("5.1.") or enhanced == "5.2.1")
    return replace(outcome, address=_as_written(message, recipient) if permanent else "")


def _as_written(message: Message, recipient: str) -> str:
    """The address as the user's file has it, its domain not in punycode."""
    return next((address for address in message.to if ascii_address(address) == recipient), recipient)


def _before_dot(code: int, reply: bytes) -> Outcome:
    state = State.REFUSED if 500 <= code <= 599 else State.DEFERRED
    return Outcome(state, code if code > 0 else None, readable(reply), lost=_is_lost(code))


def _quota(code: int, said: str) -> DeliveryError:
    return DeliveryError(f"Le quota d’envoi du jour est atteint ({code} {said}).", "Le reste partira demain.")


def _alive(session: smtplib.SMTP) -> bool:
    try:
        code, _ = session.rset()
    except _TROUBLE:
        return False
    return _good(code)


def _good(code: int) -> bool:
    return 200 <= code <= 299


def _is_lost(code: int) -> bool:
    """The server leaves, or speaks no SMTP: nothing more can be said to it."""
    return code == _CLOSING or not 200 <= code <= 599


def _enhanced(reply: bytes) -> str:
    found = _ENHANCED.match(reply)
    return found[1].decode() if found else ""


def _stuffed(raw: bytes) -> bytes:
    """RFC 5321 4.5.2; `raw` has CRLF line ends alone and ends with one."""
    return _LINE_START_DOT.sub(b"..", raw)


def _trouble(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return readable(said if isinstance(said, bytes) else str(said))
    return readable(str(error)) or type(error).__name__
