"""What reaches the user himself: a mail by his own server, and a call to an address that waits to hear that it ran."""

from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, make_msgid

from relance.core.message import Message, Sender
from relance.delivery.account import Account
from relance.delivery.network import await_network
from relance.delivery.secret import read_password
from relance.delivery.transaction import SmtpTransport
from relance.errors import DeliveryError
from relance.journal import State
from relance.letters.compose import ascii_address

PING_SECONDS = 5.0


def mail_oneself(account: Account, sender: Sender, to: str, subject: str, text: str, now: datetime) -> bool:
    """One mail, tried once; False where nobody knows whether it left, DeliveryError where it did not.

    MessageError where one of both addresses is none.
    """
    message = _message(composed(sender, to, subject, text, now))
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


def composed(sender: Sender, to: str, subject: str, text: str, at: datetime) -> EmailMessage:
    """What this program says to who uses it, no customer being meant; MessageError for an address that is none."""
    own = ascii_address(sender.email)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((sender.name, own))
    mail["To"] = ascii_address(to)
    mail["Subject"] = subject
    mail["Date"] = at
    mail["Message-ID"] = make_msgid(domain=own.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    mail.set_content(text, cte="quoted-printable")
    return mail


def _message(mail: EmailMessage) -> Message:
    """The same as a transport hands it over."""
    [to] = mail["To"].addresses
    [own] = mail["From"].addresses
    return Message(
        customer="",
        stage="",
        envelope_from=own.addr_spec,
        to=(to.addr_spec,),
        recipients=(to.addr_spec,),
        subject=mail["Subject"],
        message_id=mail["Message-ID"],
        raw=mail.as_bytes(),
        keys=(),
    )
