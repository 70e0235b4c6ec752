"""One message over one SMTP session, and what the server's answers mean (RFC 5321, RFC 3463, RFC 1047)."""

import re
import smtplib
import time

from relance.core.message import Message
from relance.delivery.account import Account
from relance.delivery.outbox import AtDot
from relance.delivery.outcome import Outcome, readable
from relance.delivery.smtp import Session, connect, hang_up
from relance.delivery.smtp_replies import before_dot, final_outcome, is_lost, recipient_refused, sender_refused
from relance.errors import DeliveryError
from relance.french import system_words
from relance.journal import State
from relance.letters.compose import ascii_address

_REPLY = re.compile(rb"[2-5][0-9][0-9]([ \r]|$)")
_OVER = "connexion coupée par le serveur avant la fin du message"
_PIECE = 65536  # octets of a message, sent at a time
_BODY_SECONDS = 1800.0  # for all of them: 20 MB on a line of 128 kbit/s take twenty minutes
_TROUBLE = (OSError, smtplib.SMTPException)


class SmtpTransport:
    """One connection for many messages; opened again where the server closed it between two of them."""

    paced = True

    def __init__(self, settings: Account, password: str | None) -> None:
        """Connect; raises DeliveryError, before anything is prepared."""
        self._settings = settings
        self._password = password
        self._session: Session | None = connect(settings, password)
        self._used = False
        self._open_transaction = False

    def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
        """Hand one message over; a connection that the server ended since the last one is opened again, once."""
        reused = self._session is not None and self._used
        try:
            outcome = self._tried(message, at_dot)
            if outcome.lost and reused and outcome.state is State.NOT_SENT:
                outcome = self._tried(message, at_dot)
        except DeliveryError as error:
            return Outcome(State.DEFERRED, reply=str(error), lost=True, stop=error)
        if outcome.state is State.NOT_SENT and outcome.stop is None:
            return outcome._replace(state=State.DEFERRED)
        return outcome

    def close(self) -> None:
        """Leave the server; nothing it answers matters any more."""
        if self._session is not None:
            hang_up(self._session)
            self._session = None

    def _tried(self, message: Message, at_dot: AtDot) -> Outcome:
        session, self._open_transaction = self._ready(), True
        self._session = None  # where this fails, not one octet more: a QUIT now would be text of the message
        try:
            outcome = hand_over(session, message, self._settings, at_dot)
            self._open_transaction = outcome.state is not State.SENT
            self._session = None if outcome.lost else session
        finally:
            if self._session is None:
                session.close()
        return outcome

    def _ready(self) -> Session:
        """A session that stands before MAIL: RSET forgets what a refused message left behind."""
        if self._session is not None and self._open_transaction and not _alive(self._session, self._settings.timeout):
            self._session.close()
            self._session = None
        if self._session is None:
            self._session = connect(self._settings, self._password)
        self._used = True
        return self._session


def hand_over(session: Session, message: Message, settings: Account, at_dot: AtDot) -> Outcome:
    """Hand one message over: before the final dot every failure means not sent, after it silence means in doubt.

    NOT_SENT is what is not about this message: the account, or a connection that was gone before MAIL. A refusal
    leaves the session inside its transaction: RSET before the next message.
    """
    try:
        _wait_at_most(session, settings.timeout)
        refused = _sender(session, message) or _recipients(session, message)
        if refused is not None:
            return refused
        code, reply = session.docmd("DATA")
        if code != 354:
            return before_dot(code, reply)
        body = message.raw.replace(b"\r\n.", b"\r\n..")  # RFC 5321 4.5.2; CRLF alone ends its lines, a header begins it
        # Piece by piece: the server has its time for each of them (RFC 5321 4.5.3.2.5), within that of the whole.
        end = time.monotonic() + _BODY_SECONDS
        for start in range(0, len(body), _PIECE):
            if time.monotonic() > end:
                raise TimeoutError("timed out")
            session.send(body[start : start + _PIECE])
        _wait_at_most(session, settings.final_timeout)  # now: between dot and record nothing is done but to wait
    except ValueError:  # UnicodeError included: an address that this session cannot carry, found before it was said
        return Outcome(State.REFUSED, reply="adresse impossible à transmettre")
    except _TROUBLE as error:
        return Outcome(State.DEFERRED, reply=_trouble(error), lost=True)
    if session.is_over():
        return Outcome(State.DEFERRED, reply=_OVER, lost=True)
    at_dot(settings.server)
    if session.is_over():  # meanwhile: no dot was said, and so nothing was taken
        return Outcome(State.DEFERRED, reply=_OVER, lost=True)
    return _after_dot(session, settings.final_timeout)


def _sender(session: Session, message: Message) -> Outcome | None:
    """MAIL; None once it is accepted."""
    options = [f"size={len(message.raw)}"] if session.has_extn("size") else []
    try:
        code, reply = session.mail(message.envelope_from, options)
    except _TROUBLE as error:
        return Outcome(State.NOT_SENT, reply=_trouble(error), lost=True)
    return None if code // 100 == 2 else sender_refused(code, reply)


def _recipients(session: Session, message: Message) -> Outcome | None:
    """Every RCPT; None once all that the customer sees is accepted. A refused hidden copy (to oneself) is ignored."""
    for recipient in message.recipients:
        code, reply = session.rcpt(recipient)
        if is_lost(code):
            return before_dot(code, reply)
        shown = (ascii_address(address).casefold() for address in (*message.to, *message.cc))
        if code // 100 != 2 and recipient.casefold() in shown:
            return recipient_refused(message, code, reply, recipient)
    return None


def _after_dot(session: Session, final_timeout: float) -> Outcome:
    try:
        session.send(b".\r\n")
        code, reply = _final_reply(session, final_timeout)
    except (*_TROUBLE, ValueError) as error:
        return Outcome(State.IN_DOUBT, reply=_trouble(error), lost=True)
    return final_outcome(code, reply)


def _final_reply(session: Session, seconds: float) -> tuple[int, bytes]:
    """Code and text of the reply to the final dot, all of it within `seconds`; code -1 for what is no reply."""
    lines = session.reply(seconds)
    if _REPLY.match(lines[-1]):
        return int(lines[-1][:3]), b"\n".join(line[4:].strip() for line in lines)
    return -1, b"\n".join(lines)


def _wait_at_most(session: Session, seconds: float) -> None:
    assert session.sock is not None  # it is closed and forgotten together
    session.sock.settimeout(seconds)


def _alive(session: Session, seconds: float) -> bool:
    try:
        _wait_at_most(session, seconds)
        code, _ = session.rset()
    except _TROUBLE:
        return False
    return code // 100 == 2


def _trouble(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return readable(error.smtp_error)
    if isinstance(error, smtplib.SMTPServerDisconnected):  # smtplib calls every end so
        error = error.__context__ if isinstance(error.__context__, OSError) else ConnectionResetError()
    return readable(system_words(error) if isinstance(error, OSError) else str(error))
