"""What reaches the user himself: a mail by his own server, and a call to an address that waits to hear that it ran."""

from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid

from relance.core.message import Message, Sender
from relance.delivery.account import Account
from relance.delivery.network import await_network
from relance.delivery.secret import read_password
from relance.delivery.transaction import SmtpTransport
from relance.errors import DeliveryError
from relance.journal import State

PING_SECONDS = 5.0


def mail_oneself(account: Account, sender: Sender, to: str, subject: str, text: str, now: datetime) -> bool:
    """One mail, tried once; False where nobody knows whether it left, DeliveryError where it did not."""
    message = _message(sender, to, subject, text, now)
    await_network(account.host, account.port)
    transport = SmtpTransport(account, read_password(account))
    try:
        outcome = transport.hand_over(message, lambda _server: None)
    finally:
        transport.close()
    if outcome.state not in (State.SENT, State.IN_DOUBT):
        raise outcome.stop or DeliveryError(
            f"{account.server} n’a pas pris le résumé de ce passage ({outcome.reply}).",
            "Vérifiez digest.email et [smtp] avec « relance check ».",
        )
    return outcome.state is State.SENT


def ping(address: str) -> None:
    """One GET with nothing in it; whatever becomes of it, nobody waits longer than PING_SECONDS, or hears of it."""
    from http.client import HTTPException
    from urllib.request import Request, urlopen

    with suppress(OSError, HTTPException, ValueError):
        urlopen(Request(address, headers={"User-Agent": "relance"}), timeout=PING_SECONDS).close()


def _message(sender: Sender, to: str, subject: str, text: str, now: datetime) -> Message:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((sender.name, sender.email))
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=sender.email.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    mail.set_content(text, cte="quoted-printable")
    return Message(
        customer="",
        stage="",
        envelope_from=sender.email,
        to=(to,),
        recipients=(to,),
        subject=subject,
        message_id=mail["Message-ID"],
        raw=mail.as_bytes(),
        keys=(),
    )
