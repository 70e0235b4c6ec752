"""A message to oneself through an account that is being set up: no invoice, no journal, and no customer in it."""

import smtplib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from relance.core.message import Letter, Sender
from relance.delivery.account import Account
from relance.delivery.outcome import readable
from relance.delivery.smtp import connect, hang_up
from relance.errors import DeliveryError
from relance.letters.compose import ascii_address


def send_to_oneself(account: Account, password: str | None, sender: Sender, letter: Letter, at: datetime) -> None:
    """Hand this letter over, from the sender to the sender. Raises DeliveryError, MessageError for a bad address."""
    address = ascii_address(sender.email)
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{_quoted(sender.name)} <{address}>"
    message["To"] = address
    message["Subject"] = letter.subject
    message["Date"] = at
    message["Message-ID"] = make_msgid("relance", domain=address.rpartition("@")[2])
    message.set_content(letter.text, cte="quoted-printable")
    session = connect(account, password)
    try:
        session.sendmail(address, [address], message.as_bytes())
    except (OSError, smtplib.SMTPException) as error:
        # `from None`: an exception of smtplib may hold what was sent
        raise DeliveryError(
            f"Le serveur {account.server} n’a pas pris le message d’essai ({_said(error)}).",
            "Vérifiez que votre adresse d’envoi est bien celle de ce compte.",
        ) from None
    finally:
        hang_up(session)


def _quoted(name: str) -> str:
    """The name as a quoted text of a header, whatever signs it has."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return f"{code} {readable(reply)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {readable(error.smtp_error)}"
    return "la connexion a été coupée"
