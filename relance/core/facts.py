"""What happened or was said, one value a fact, and the words of its answers; the journal keeps them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from relance.core.interest import Rate
from relance.core.invoice import ZERO, Contact, Snapshot
from relance.core.mails import MailboxChanged, Received
from relance.core.status import StatusTold


class Backlog(StrEnum):
    """The user's answer about what was late before relance came."""

    AS_IS = "as-is"
    GENTLY = "gently"
    IGNORE = "ignore"


class Cause(StrEnum):
    """Why a customer was late, as a person learnt it."""

    OVERSIGHT = "oversight"
    DISPUTE = "dispute"
    CASH = "cash"


class HoldReason(StrEnum):
    """Why the user holds an invoice or a customer."""

    DISPUTE = "dispute"
    PROMISE = "promise"
    PLAN = "plan"
    PAUSE = "pause"
    INSOLVENCY = "insolvency"
    COLLECTION = "collection"
    OTHER = "other"


class Reminded(NamedTuple):
    """A customer was reached about `invoice` (an invoice key), by the program or by hand.

    `renamed` is the Message-ID that the server gave the message in the place of its own, where it said so.
    """

    invoice: str
    contact: Contact
    renamed: str = ""

    @property
    def on(self) -> date:
        return self.contact.on


class InDoubt(NamedTuple):
    """A message was handed over and nobody knows whether the server took it.

    `at` is when (aware), `server` whom it was handed to, `reply` the last thing heard.
    """

    invoice: str
    stage: str
    channel: str
    on: date
    at: datetime | None = None
    server: str = ""
    reply: str = ""

    @property
    def mark(self) -> str:
        when = "" if self.at is None else f"{self.at.day:02}/{self.at.month:02}/{self.at.year} {_time(self.at)}"
        return "|".join((when, self.server, self.reply))


class Deferred(NamedTuple):
    """The mail server put a message off; it may be tried again from `until` (aware) on."""

    invoice: str
    stage: str
    channel: str
    on: date
    until: datetime
    reply: str = ""

    @property
    def mark(self) -> str:
        return f"{_time(self.until)}|{self.reply}"


def _time(moment: datetime) -> str:
    return moment.isoformat()[11:16]


class Lies(StrEnum):
    """How the last look into the user's mailbox found a draft of ours."""

    UNTOUCHED = "untouched"
    EDITED = "edited"
    SENT = "sent"  # it, or what looks like it, lies among the sent messages
    GONE = "gone"


class Drafted(NamedTuple):
    """A message lies in the drafts folder; it is no contact until the user records that it was sent.

    `snapshot` is what its invoice looked like when it was written (None: nobody knows). `outdated` is no fact of the
    journal: the plan sets it on a draft that says what is not so any more (see drafts.with_outdated). `lies` is None
    where nobody looked, and `left_on` the day of what was found among the sent messages.
    """

    invoice: str
    stage: str
    channel: str
    on: date
    ladder: int = 0
    snapshot: Snapshot | None = None
    outdated: bool = False
    lies: Lies | None = None
    left_on: date | None = None

    @property
    def mark(self) -> str:
        return self.stage if self.lies in (None, Lies.UNTOUCHED) else f"{self.stage} {self.lies}"


def is_outdated(what: object) -> bool:
    """Whether this is a draft that says what is not so any more."""
    return isinstance(what, Drafted) and what.outdated


class Refused(NamedTuple):
    """The mail server refused an address for good or, where `address` is empty, the message of this stage."""

    invoice: str
    address: str
    on: date
    reply: str = ""
    stage: str = ""
    channel: str = "email"

    @property
    def mark(self) -> str:
        return f"message:{self.reply}"


class Instalment(NamedTuple):
    """One part of a payment plan: the day by which it is due, and how much (in the invoices' currency)."""

    due: date
    amount: Decimal


class Held(NamedTuple):
    """The user holds `target` (an invoice key or a customer id); `until` is included.

    A payment plan has its `instalments`, oldest first; they add up to what was outstanding on the invoices that it
    `covers` (their keys) when it was agreed.
    """

    target: str
    reason: HoldReason
    on: date
    until: date | None = None
    note: str = ""
    instalments: tuple[Instalment, ...] = ()
    covers: tuple[str, ...] = ()

    @property
    def promised(self) -> date | None:
        return self.until if self.reason is HoldReason.PROMISE else None


class Released(NamedTuple):
    """The user ends the holds of `target`."""

    target: str
    on: date


class Paid(NamedTuple):
    """A payment told by hand; `shown` is the money that the file then showed, `told` the day of that.

    `credit` is the identity of the bank's credit that it is a part of, empty where none was named.
    """

    invoice: str
    amount: Decimal
    on: date
    shown: Decimal = ZERO
    told: date | None = None
    credit: str = ""

    @property
    def heard_on(self) -> date:
        return self.told or self.on


class CreditShare(NamedTuple):
    """What a credit of the bank pays of an invoice (its key), in its currency; `shown` as in Paid.

    `known`: the file or a person had told this payment already, so that nothing is to be added for it.
    """

    invoice: str
    amount: Decimal
    shown: Decimal = ZERO
    known: bool = False


class Credited(NamedTuple):
    """What a credit of a bank statement pays: noted by a run or, `by_hand`, said by the user; the last word counts.

    `credit` is its identity, `dated` the day of the `amount` at the bank, `on` that of the word. Without shares it pays
    nothing. A person's word ties the `payer` (a name) and the `iban`, where one of them is told, to `customers` (their
    identities); to none: this payer never pays an invoice.
    """

    credit: str
    dated: date
    amount: Decimal
    currency: str
    on: date
    shares: tuple[CreditShare, ...] = ()
    by_hand: bool = False
    payer: str = ""
    iban: str = ""
    customers: tuple[str, ...] = ()


class Approved(NamedTuple):
    """The user's word for one stage of one invoice as it stood: it lapses when any of this changes."""

    invoice: str
    stage: str
    on: date
    outstanding: Decimal
    snapshot: Snapshot


class BacklogAnswered(NamedTuple):
    """What to do with what was late before relance came."""

    answer: Backlog
    on: date


class Confirmed(NamedTuple):
    """The user says that an invoice's new address, customer, amount, due date, payments or number is right.

    `was` is the key that it had under its former number: its past goes on under the new one; `paid` is what was known
    to be paid when it was said, `seen` what the last run before had seen paid (None: it saw no such invoice), `shown`
    what the file then left to pay (see credits.left_by_file).
    """

    invoice: str
    on: date
    snapshot: Snapshot
    was: str = ""
    paid: Decimal | None = None
    seen: Decimal | None = None
    shown: Decimal | None = None

    @property
    def less_paid(self) -> bool:
        """True where a payment that had been seen was there no more."""
        return (self.paid or ZERO) < (self.seen or ZERO)


class FileConfirmed(NamedTuple):
    """The user says that the file is right as it is; `digest` names this content and no other."""

    digest: str
    on: date


class ColumnsAgreed(NamedTuple):
    """How the columns of a file are read is right: all its `headers`, those in use, and those left out by the user.

    What was answered then are `columns` (pairs of field and header), `ignored` and, of a folder of e-invoices, the
    `issuer` who is the user; nothing where it is how the first run found the file.
    """

    on: date
    headers: tuple[str, ...]
    used: tuple[str, ...]
    left: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
    issuer: str = ""


class RowKnown(NamedTuple):
    """The user knows what is wrong with a row, or says that it is whole; `row` names its cells as they stand.

    `names` are what the row could then be called by: its invoice's number and key, its line, its file and line.
    """

    row: str
    on: date
    names: tuple[str, ...] = ()


class RateConfirmed(NamedTuple):
    """The user says whether the rate of his settings `stands` in his terms or on his invoices: this rate, no other."""

    rate: Rate
    stands: bool
    on: date


class ClockConfirmed(NamedTuple):
    """The user says that the date of this machine is right although nothing was noted for long."""

    on: date


class Allocated(NamedTuple):
    """The user says which invoice a credit note pays, and how much of it (in the invoice's currency).

    It pays on the day of the credit note (`dated`), whenever that was said. `shown` is what the file then left to
    pay of the invoice (see credits.left_by_file); None: an older version did not look.
    """

    credit: str
    number: str
    invoice: str
    amount: Decimal
    dated: date
    on: date
    shown: Decimal | None = None


_Delivery = InDoubt | Drafted | Refused | Deferred
_Word = Paid | Approved | Confirmed | Allocated | Received
OfInvoice = Reminded | _Delivery | _Word
_OfFiles = FileConfirmed | RowKnown | ColumnsAgreed | ClockConfirmed | MailboxChanged
UserFact = Reminded | _Word | Held | Released | BacklogAnswered | RateConfirmed | Credited | StatusTold | _OfFiles
"""What the user says, his mailbox or a platform; the other facts are what became of a delivery."""
Fact = UserFact | _Delivery
