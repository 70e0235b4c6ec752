"""What the journal says of a delivery: where it stands, how it ended, what is not known of it."""

from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from relance.core.message import Message


class State(StrEnum):
    """Where a delivery stands; `AT_DOT`, while nobody sends, means in doubt."""

    PREPARED = "prepared"
    AT_DOT = "at_dot"
    SENT = "sent"
    DRAFT = "draft"
    IN_DOUBT = "in_doubt"
    DEFERRED = "deferred"
    REFUSED = "refused"
    NOT_SENT = "not_sent"


LIVE = frozenset({State.PREPARED, State.AT_DOT, State.SENT, State.DRAFT, State.IN_DOUBT})
"""The states in which a delivery keeps its (invoice, stage, channel, ladder) for itself."""


DRAFTS = "imap://"
"""How the place of a draft in the user's mailbox begins (RFC 5092): a delivery's reply once it lies there, its server
before.
"""


class SpokenError(Exception):
    """Something was told of this message's invoices or customer since its plan was made; nothing left."""


class TakenError(Exception):
    """Another run without the lock took this delivery out of our hands; nothing left."""


class Settled(NamedTuple):
    """How an attempt ended.

    `address` is one that the server refused for good; `next_try` (aware) when it may be tried again and `tries` how
    often it was put off, where it was.
    """

    state: State
    code: int | None = None
    reply: str = ""
    address: str = ""
    next_try: datetime | None = None
    tries: int = 0


class Prepared(NamedTuple):
    """A message in the journal, ready to leave; its bytes are there (`raw` is empty here).

    `delivery` is None where one of its keys is already taken; `tries` is how often it was put off before.
    """

    message: Message
    delivery: int | None = None
    attempt: str = ""
    tries: int = 0


class Reopened(NamedTuple):
    """A message of which the user took back what he said on the day `on`: `said` was SENT or NOT_SENT.

    `state` is where it stands again, `numbers` are its invoices as people know them.
    """

    numbers: tuple[str, ...]
    on: date
    said: State
    state: State


class Erased(NamedTuple):
    """Which invoices were of customers that were erased, without their numbers: what names them is a salted digest.

    `several` are the erasures: the day, the salt, and the digests of the invoices' keys.
    """

    several: tuple[tuple[date, str, frozenset[str]], ...] = ()

    def day_of(self, key: str) -> date | None:
        """The day on which the customer of this invoice was erased; None where he was not."""
        days = (on for on, salt, digests in self.several if erased_digest(salt, key) in digests)
        return max(days, default=None)


def erased_digest(salt: str, key: str) -> str:
    """What is kept of an invoice of an erased customer, so that nothing about it leaves anew."""
    return sha256(f"{salt}{key}".encode()).hexdigest()


class Departure(NamedTuple):
    """A message that came to its dot at that instant (UTC): its invoices as people know them, where it stands.

    `state` is AT_DOT while the server has not answered.
    """

    numbers: tuple[str, ...]
    at: datetime
    state: State


class InMailbox(NamedTuple):
    """A draft that lies in the user's mailbox, or may: at this `place`, with these bytes (SHA-256, hexadecimal).

    `state` is DRAFT, NOT_SENT where it is to be taken away, IN_DOUBT where nobody knows whether it was written; `on`
    is the day of its run.
    """

    delivery: int
    state: State
    on: date
    message_id: str
    to: tuple[str, ...]
    subject: str
    numbers: tuple[str, ...]
    place: str
    sha256: str


class CopyDue(NamedTuple):
    """A message that left at that instant (UTC), of which the Sent folder is to have a copy; `tries` were in vain."""

    delivery: int
    message_id: str
    numbers: tuple[str, ...]
    at: datetime
    tries: int


class Unsettled(NamedTuple):
    """A delivery nobody knows the end of; `at` is when its last line was to leave (UTC)."""

    id: int
    at: datetime
    message_id: str
