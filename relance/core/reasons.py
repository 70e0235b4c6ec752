"""Why nothing leaves about an invoice: the closed list of reasons, one row each, and a reason with its facts.

A new reason is a row here, the rule that finds it, its words in display/reasons.py and display/waiting.py (which mypy
names), its row in guide/raisons.md, a test of that rule and its twin in the second engine.
"""

from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from relance.core.facts import Backlog, Deferred, Drafted, InDoubt, Refused
from relance.core.invoice import Snapshot
from relance.core.mails import Received
from relance.core.reading import Unagreed
from relance.core.status import Declared, StatusTold

if TYPE_CHECKING:
    from relance.core.bank import Match


class End(Enum):
    """What ends a reason: time, the file or the settings, else the command that the user types."""

    TIME = auto()  # nothing but time, on a day that the ladder tells
    ITS_DAY = auto()  # the day that the stop itself names (`Stop.back`)
    FILE = auto()  # the file or the settings, once they say something else
    USER = auto()  # the user decides; no one command is what he decides
    RESOLVE_AS_SENT = auto()
    RESOLVE_AS_NOT_SENT = auto()
    RECORD = auto()
    RELEASE = auto()
    REPAIR = auto()
    RELEASE_HOLD = auto()
    CONFIRM = auto()
    CONFIRM_BACKLOG = auto()
    CONFIRM_FILE = auto()
    CONFIRM_CLOCK = auto()
    CONFIRM_COLUMNS = auto()
    CONFIRM_ROW = auto()
    PLACE = auto()
    ALLOCATE = auto()
    APPROVE = auto()


class Asks(StrEnum):
    """What a reason asks of a person: the kind of the task that follows from it."""

    NOTHING = ""
    CONFIRM = "confirm"
    APPROVE = "approve"
    REVIEW = "review"
    STAGE = "stage"  # what the stage of today is for a person to do
    REVIEW_LATER = "review_later"  # a review, on the day that the user gave or that is usual
    ONCE = "once"  # one confirmation for all the invoices that have this reason
    ADDRESS = "address"  # one task a customer: reach him some other way, or find where to write


class _Row(NamedTuple):
    """What is so of a reason, whatever the invoice.

    `settled`: nothing is claimed from the customer, or nobody knows what; it enters no total. `to_look_at`: the user
    did not set it himself and should look (exit code 1). `stops_all`: no message leaves, whatever its stage and day.
    `runs`: the invoice is being dunned, nobody stopped it. `beside`: it may be named in a message about another one.
    """

    code: str
    end: End
    asks: Asks = Asks.NOTHING
    settled: bool = False
    to_look_at: bool = False
    stops_all: bool = False
    runs: bool = False
    beside: bool = False


class Reason(StrEnum):
    """Why; in the order in which they apply: the first that fits is the reason. See _Row for what each row tells."""

    _value_: str
    rank: int
    end: End
    asks: Asks
    settled: bool
    to_look_at: bool
    stops_all: bool
    runs: bool
    beside: bool

    def __new__(cls, *row: Any) -> "Reason":
        code, *facts = row
        reason = str.__new__(cls, code)
        reason._value_, reason.rank = code, len(cls.__members__)
        reason.__dict__.update(zip(_Row._fields[1:], facts, strict=True))
        return reason

    UNCLEAR = _Row("unclear", End.FILE, settled=True, to_look_at=True, stops_all=True)
    NOT_ISSUED = _Row("not_issued", End.TIME, settled=True, stops_all=True)
    DRAFT = _Row("draft", End.FILE, settled=True, stops_all=True)
    CANCELLED = _Row("cancelled", End.FILE, settled=True, stops_all=True)
    CREDIT_NOTE = _Row("credit_note", End.FILE, settled=True, stops_all=True)
    PAID = _Row("paid", End.FILE, settled=True, stops_all=True)
    WRITTEN_OFF = _Row("written_off", End.FILE, settled=True, stops_all=True)
    FACTORED = _Row("factored", End.FILE, settled=True, stops_all=True)
    COLLECTION = _Row("collection", End.RELEASE_HOLD, stops_all=True)
    INSOLVENCY = _Row("insolvency", End.RELEASE_HOLD, stops_all=True)
    TIME_BARRED = _Row("time_barred", End.USER, Asks.REVIEW, to_look_at=True, stops_all=True)
    NOT_RECEIVED = _Row("not_received", End.FILE, Asks.REVIEW, settled=True, to_look_at=True, stops_all=True)
    REFUSED_INVOICE = _Row("refused_invoice", End.FILE, Asks.REVIEW, settled=True, to_look_at=True, stops_all=True)
    DISPUTED = _Row("disputed", End.RELEASE_HOLD, Asks.REVIEW_LATER, stops_all=True)
    SUSPENDED = _Row("suspended", End.FILE, Asks.REVIEW, to_look_at=True, stops_all=True)
    PAYMENT_PLAN = _Row("payment_plan", End.RELEASE_HOLD, Asks.REVIEW_LATER, stops_all=True)
    PROMISED = _Row("promised", End.RELEASE_HOLD, stops_all=True)
    PAYMENT_SENT = _Row("payment_sent", End.ITS_DAY, stops_all=True)
    PAUSED = _Row("paused", End.RELEASE_HOLD, Asks.REVIEW_LATER, stops_all=True)
    EXCLUDED = _Row("excluded", End.FILE, stops_all=True)
    DIRECT_DEBIT = _Row("direct_debit", End.FILE, stops_all=True)
    BELOW_MINIMUM = _Row("below_minimum", End.FILE, stops_all=True)
    IN_DOUBT = _Row("in_doubt", End.RESOLVE_AS_SENT, Asks.REVIEW, to_look_at=True, stops_all=True)
    BANK_DOUBT = _Row("bank_doubt", End.PLACE, Asks.REVIEW, settled=True, to_look_at=True, stops_all=True)
    DRAFTED = _Row("drafted", End.RECORD, Asks.REVIEW)
    ANSWERED = _Row("answered", End.RELEASE, Asks.REVIEW, to_look_at=True, stops_all=True)
    REFUSED = _Row("refused", End.RESOLVE_AS_NOT_SENT, Asks.ADDRESS, to_look_at=True, stops_all=True)
    NOT_DUE = _Row("not_due", End.TIME, runs=True, beside=True)
    EXPIRED = _Row("expired", End.TIME, runs=True, beside=True)
    FINISHED = _Row("finished", End.USER, runs=True, beside=True)
    STAGE_DONE = _Row("stage_done", End.TIME, runs=True, beside=True)
    NO_ADDRESS = _Row("no_address", End.FILE, Asks.ADDRESS, to_look_at=True)
    READING = _Row("reading", End.CONFIRM_COLUMNS, Asks.ONCE, to_look_at=True, stops_all=True)
    BACKLOG = _Row("backlog", End.CONFIRM_BACKLOG, Asks.ONCE)
    CHANGED = _Row("changed", End.CONFIRM, Asks.CONFIRM, to_look_at=True, stops_all=True)
    OPEN_CREDIT = _Row("open_credit", End.ALLOCATE, Asks.REVIEW)
    MISSING_PDF = _Row("missing_pdf", End.FILE, to_look_at=True)
    AWAITING_APPROVAL = _Row("awaiting_approval", End.APPROVE, Asks.APPROVE, runs=True)
    NO_PAYMENT_SOURCE = _Row("no_payment_source", End.FILE, to_look_at=True)
    TOO_SOON = _Row("too_soon", End.ITS_DAY, runs=True, beside=True)
    CLOSED_DAY = _Row("closed_day", End.ITS_DAY, runs=True)
    OUTSIDE_HOURS = _Row("outside_hours", End.ITS_DAY, runs=True)
    STALE_INPUT = _Row("stale_input", End.CONFIRM_FILE, Asks.ONCE, to_look_at=True)
    CLOCK = _Row("clock", End.CONFIRM_CLOCK, to_look_at=True)
    DEFERRED = _Row("deferred", End.ITS_DAY)
    OVER_LIMIT = _Row("over_limit", End.ITS_DAY)
    DUE = _Row("due", End.TIME, Asks.STAGE, runs=True, beside=True)


class RefusedBy(NamedTuple):
    """The address that a server refused, and what it said; `about` is the key of the other invoice that it was about.

    `bounced` tells that the message came back: the address is released, not the message settled.
    """

    address: str
    reply: str
    about: str
    bounced: bool

    @property
    def mark(self) -> str:
        return f"{'bounced' if self.bounced else 'refused'}:{self.about}|{self.told}"

    @property
    def told(self) -> str:
        """The address with what was said of it."""
        return f"{self.address} : {self.reply}" if self.reply or self.bounced else self.address


class Change(StrEnum):
    """What changed of an invoice, where nothing more is to be said of it."""

    RETURNED = "returned"  # it was gone from the file
    LESS_PAID = "paid"  # the file shows less paid than the last run saw: an older file, or a payment taken back
    REOPENED = "reopened"  # what was seen paid is not any more: its total was raised
    TO_ONESELF = "oneself"  # the customer's address is the user's own
    ELSEWHERE = "elsewhere"  # the address was another customer's at the last run, and not this one's
    MIXED = "mixed"  # so it is of several customers, or sums moved: a column slipped against the others
    POSTPONED = "moved"  # its due date is later than the one last told; asked about once the next stage's day has come


class Renumbered(NamedTuple):
    """An invoice that is gone had this number, and all else alike but these `fields` (of a Snapshot)."""

    former: str
    fields: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        return " ".join((f"number:{self.former}", *self.fields))


class Lost(NamedTuple):
    """What the last run saw of an invoice (`was`) and the file shows only the beginning of now, or with other zeros.

    `field` is total, outstanding, due_date or emails.
    """

    field: str
    was: Decimal | date | str
    now: Decimal | date | str

    @property
    def mark(self) -> str:
        return f"lost:{self.field}={self.was}"


class Unended(NamedTuple):
    """The last row of a file that no line end follows, and that no run saw whole; `row` names its cells."""

    file: str
    line: int
    row: str

    @property
    def mark(self) -> str:
        return f"unended:{self.row}"


class Unplaced(NamedTuple):
    """Money that came in for an invoice (`number`) that is not there, as its row of a list of payments tells it.

    `amount` is None where it cannot be read; `payer` is a customer's name. `row` names its cells.
    """

    number: str
    amount: Decimal | None
    on: date | None
    payer: str
    file: str
    line: int
    row: str

    @property
    def mark(self) -> str:
        return f"unplaced:{self.row}"


class Differs(NamedTuple):
    """What the customer was last told, or the user last confirmed (`was`), and which of it (`fields`) differs now."""

    was: Snapshot
    fields: tuple[str, ...]

    @property
    def mark(self) -> str:
        return "\n".join(f"{field}={_written(getattr(self.was, field))}" for field in self.fields)


def _written(value: str | tuple[str, ...] | Decimal | date) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


class UnsureCredit(NamedTuple):
    """The number of an allocated credit note: what the file leaves to pay may count it by now."""

    number: str

    @property
    def mark(self) -> str:
        return f"credit:{self.number}"


class OpenCredit(NamedTuple):
    """What names the customer's credit note that pays nothing yet: its number, its key where others bear it too."""

    name: str

    @property
    def mark(self) -> str:
        return self.name


class Uncertain(NamedTuple):
    """A credit of the bank that may pay an invoice, with all that was seen in it; `name` is its short one."""

    made: "Match"
    name: str

    @property
    def on(self) -> date:
        return self.made.credit.on

    @property
    def mark(self) -> str:
        return f"credit:{self.made.credit.identity}"


class Doubted(StrEnum):
    """Why the file is not trusted."""

    OLD = "old"
    CONFLICT = "conflict"
    SHRUNK = "shrunk"
    PROMISE = "promise"
    BANK = "bank"  # the statements, not the file: they end too long ago
    BANK_UNREAD = "bank_unread"  # a statement, or a part of one
    STATUSES_UNREAD = "statuses_unread"  # what a platform exported


class Stale(NamedTuple):
    """Why the file is not trusted; `file` names the one that is old (empty: the invoices'), or lies beside it.

    `confirmed` tells that the user said once that it is right, and that it is the same still.
    """

    doubt: Doubted
    file: str = ""
    confirmed: bool = False

    @property
    def mark(self) -> str:
        if self.file:
            return f"{self.doubt}:{self.file}"
        return "" if self.doubt is Doubted.OLD else self.doubt

    @property
    def beside(self) -> Doubted | None:
        """The doubt, where it is of statements or of what a platform exported, not of the invoices' file."""
        return self.doubt if self.doubt in (Doubted.BANK, Doubted.BANK_UNREAD, Doubted.STATUSES_UNREAD) else None


class ClockFault(StrEnum):
    """What is wrong with the clock of the machine, measured by the last thing noted."""

    BEHIND = "behind"
    AHEAD = "ahead"
    GIVEN = "given"  # nothing: the user gave a day before it


Changed = Change | Renumbered | Differs | Lost | Unended | UnsureCredit
"""What the user has to confirm of one invoice."""
_Told = InDoubt | Drafted | Received | Refused | Deferred
_OfFile = Unagreed | Stale | Unplaced | Uncertain | StatusTold | Declared
Why = _Told | RefusedBy | Backlog | Changed | OpenCredit | _OfFile | ClockFault
"""The facts of a reason that has some: what the journal tells of a message or a mail, else what was found.

`Refused` is a message that the server refused, not an address; `Backlog` what the user answered of it.
"""


class Stop(NamedTuple):
    """A reason with what explains it.

    `until` is the last day (a hold) or the first free day (too soon); `why` its facts, `note` the words of a person or
    of the file; `in_file` tells that the file says so, `of_customer` that it is about all of the customer; `back` is
    the day on which it ends by itself, if it does.
    """

    reason: Reason
    until: date | None = None
    why: Why | None = None
    note: str = ""
    in_file: bool = False
    of_customer: bool = False
    back: date | None = None

    @property
    def mark(self) -> str:
        """What the journal remembers its facts by, whatever their sentence says: changed, all would be told again."""
        if self.why is None:
            return self.note
        return self.why.value if isinstance(self.why, StrEnum) else self.why.mark

    @property
    def of_lost_line(self) -> bool:
        """True where a line of the journal that names nobody may be about this invoice."""
        return isinstance(self.why, Received) and self.why.of_anyone

    @property
    def end(self) -> End:
        """What ends the reason, as its facts have it."""
        if self.in_file:
            return End.FILE
        if self.why is None:  # as of most lines of a plan
            return End.USER if self.reason is Reason.CLOCK else self.reason.end
        if (isinstance(self.why, Stale) and self.why.beside) or isinstance(self.why, StatusTold):
            return End.FILE
        if isinstance(self.why, RefusedBy) and self.why.bounced:
            return End.RELEASE
        if self.of_lost_line:
            return End.REPAIR
        if self.why is Change.POSTPONED:
            return End.CONFIRM
        if isinstance(self.why, Unended):
            return End.CONFIRM_ROW
        if self.why is Change.MIXED:
            return End.CONFIRM_FILE
        if self.reason is Reason.CLOCK and self.why is not ClockFault.AHEAD:
            return End.USER  # who sets the clock right
        return self.reason.end
