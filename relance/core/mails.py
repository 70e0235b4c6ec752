"""The mails that are told of after a reminder, what they come to, and whether the user's mailbox could be read."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from relance.core.invoice import Contact

HEARD_DAYS = 3
"""A mail from the customer that says nothing of the invoice is given this many days, once."""


class Incoming(StrEnum):
    """What a mail that arrived after a reminder is to us."""

    ANSWER = "answer"
    UNREADABLE = "unreadable"
    LOST_LINE = "lost_line"  # no mail: a line of the journal about the invoice that cannot be read, or about ANYONE
    OTHER = "other"
    BOUNCE = "bounce"
    DELAYED = "delayed"
    AUTOMATIC = "automatic"


HOLDING = frozenset({Incoming.ANSWER, Incoming.UNREADABLE, Incoming.LOST_LINE})
"""What a person has to read before anything more is said: what could not be read may say anything."""


ANYONE = "*"
"""Whom a lost line is about that names nobody: no key of an invoice, nor a customer's id."""


class Received(NamedTuple):
    """A mail about `invoice` that was found in the user's mailbox on the day `on`, and arrived there on `dated`.

    `mail` is its Message-ID, `customer` a customer id, `address` the one that a bounce says is refused. Of a mail that
    holds, `excerpt` are the first lines that its author wrote, a line end between them; nothing else of it is kept.
    """

    invoice: str
    what: Incoming
    on: date
    mail: str
    customer: str = ""
    sender: str = ""
    subject: str = ""
    dated: date | None = None
    address: str = ""
    excerpt: str = ""

    @property
    def of_anyone(self) -> bool:
        """True for a lost line that names nobody; where a customer is ANYONE too, it may be about all of one."""
        return self.invoice == ANYONE

    def may_be_about(self, issued: date | None) -> bool:
        """Whether such a line may be about an invoice that was issued then, by its instant (UTC).

        Of one invoice nothing is said before it is there; a customer may be spoken of before any of them.
        """
        written = None if self.customer else self.dated
        return written is None or issued is None or issued <= written + timedelta(days=1)

    @property
    def mark(self) -> str:
        return f"{self.sender} : {self.mail}" if self.what in HOLDING else f"{self.what}:{self.sender}"

    @property
    def waits_until(self) -> date:
        """The day until which it delays the next message, where it says nothing of the invoice."""
        return self.on + timedelta(days=HEARD_DAYS)


class MailboxChanged(NamedTuple):
    """From the day `on`, the user's mailbox could not be read, or could again."""

    reachable: bool
    on: date


class Inbox(NamedTuple):
    """`answers` are what waits for the user, by invoice key or customer; `bounced` the mails that refuse an address.

    `mails` names all that were ever told. `unreachable` is the day from which the mailbox could not be read, None where
    it can.
    """

    answers: Mapping[str, tuple[Received, ...]] = MappingProxyType({})
    bounced: Mapping[str, Received] = MappingProxyType({})
    mails: frozenset[str] = frozenset()
    unreachable: date | None = None


def heard(received: Iterable[Received], contacts: Iterable[Contact]) -> Received | None:
    """The first mail since the last contact that may tell something: the customer's, or that ours is under way."""
    for mail in received:
        if mail.what in (Incoming.OTHER, Incoming.DELAYED) and all(contact.on <= mail.on for contact in contacts):
            return mail
    return None
