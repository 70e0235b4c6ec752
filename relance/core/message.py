"""What is said to one address on one day, as values: who writes, what was rendered, what travels."""

import re
from datetime import date
from typing import NamedTuple

from relance.core.invoice import Snapshot

_RENAMED = re.compile(
    r"<[\w.+=-]{1,200}@[\w-]+\.[\w-]+\.prod\.(?:outlook|exchangelabs)\.com>", re.IGNORECASE | re.ASCII
)
"""Exchange Online puts a Message-ID of its own in the place of ours, and says it in its 250 reply (git-send-email reads
it there too): « 2.0.0 OK <PR3P193MB0801...@PR3P193MB0801.EURP193.PROD.OUTLOOK.COM> [Hostname=...] ».
"""


class Sentences(NamedTuple):
    """What messages may say beside what they must, each where the user wants it."""

    service_interruption: bool = False
    cheque: bool = False
    card: bool = False
    work: bool = False
    question: bool = False


class Sender(NamedTuple):
    """The freelancer, as the customer reads it; every field but name and e-mail may be empty.

    `rib` is the absolute path of the bank details as a PDF; `account_name` is who holds the account, as the bank checks
    it; `qr` joins the payment's QR code to mails; `sentences` are those that the user wants beside.
    """

    name: str
    email: str
    voice: str = ""
    reply_to: str = ""
    bcc: str = ""
    phone: str = ""
    address: str = ""
    siret: str = ""
    legal_form: str = ""
    iban: str = ""
    bic: str = ""
    rib: str = ""
    signature: str = ""
    account_name: str = ""
    qr: bool = False
    sentences: Sentences = Sentences()


class Letter(NamedTuple):
    """One rendered template: a one-line subject and a text/plain body with LF line ends.

    `qr` is the payment's QR code as a PNG, for the HTML part; None where there is none. `warnings` is what its author
    should know of it (French sentences).
    """

    subject: str
    text: str
    language: str = "fr"
    qr: bytes | None = None
    warnings: tuple[str, ...] = ()


class Key(NamedTuple):
    """What one message settles about one invoice; unique in the journal as (invoice, stage, channel, ladder)."""

    invoice: str
    number: str
    stage: str
    channel: str
    ladder: int
    snapshot: Snapshot
    term: date | None = None


class Attachment(NamedTuple):
    """A PDF that travels with a message: its octets, read once, and where they were read."""

    name: str
    data: bytes
    path: str = ""


class Attached(NamedTuple):
    """What is known of a file that a message carries: `size` in octets, `digest` its SHA-256 as hexadecimal digits."""

    name: str
    size: int
    digest: str
    path: str = ""


class Message(NamedTuple):
    """A letter ready to travel: `raw` are its exact RFC 5322 bytes (CRLF), the rest its envelope and its keys.

    `stage` is the stage that sets its tone; `customer` the customer's name, for people. `attachments` are the files
    inside `raw`: one that changed on the disk since then must not leave any more. `to` and `cc` are the addresses that
    the customer sees, as the user's file has them. `about` are the invoice keys and customer ids that it rests on: what
    is told of one of them while it waits keeps it back.
    """

    customer: str
    stage: str
    envelope_from: str
    to: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    raw: bytes
    keys: tuple[Key, ...]
    attachments: tuple[Attached, ...] = ()
    cc: tuple[str, ...] = ()
    about: frozenset[str] = frozenset()


def renamed_by(reply: str) -> str:
    """The Message-ID that a mail server gave a message, where its reply to the final dot surely tells; else empty."""
    found = set(_RENAMED.findall(reply)) if "<" in reply else set()
    return found.pop() if len(found) == 1 else ""
