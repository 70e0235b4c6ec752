"""A message to oneself through an account that is being set up: no invoice, no journal, and no customer in it."""

import smtplib
from datetime import datetime

from relance.core.message import Letter, Sender
from relance.delivery.account import Account
from relance.delivery.oneself import composed
from relance.delivery.outcome import readable
from relance.delivery.smtp import connect, hang_up
from relance.errors import DeliveryError


def send_to_oneself(account: Account, password: str | None, sender: Sender, letter: Letter, at: datetime) -> None:
    """Hand this letter over, from the sender to the sender. Raises DeliveryError, MessageError for a bad address."""
    message = composed(sender, sender.email, letter.subject, letter.text, at)
    [address] = (each.addr_spec for each in message["To"].addresses)
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


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        return f"{code} {readable(reply)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {readable(error.smtp_error)}"
    return "la connexion a été coupée"
