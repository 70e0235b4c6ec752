"""The plan of a day as values: each invoice once, what leaves, what a person has to do."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from relance.core.agreements import Broken
from relance.core.charges import NO_CHARGES, Charges, Grounds, charges_on
from relance.core.comparing import ALONE, Credit, Surroundings
from relance.core.facts import Instalment
from relance.core.history import Overruled
from relance.core.invoice import ZERO, Contact, Customer, Invoice
from relance.core.policy import Stage
from relance.core.reasons import Reason, Why, mark_of
from relance.core.rungs import Climb


class Decision(StrEnum):
    """What happens today about an invoice."""

    REMIND = "remind"
    TASK = "task"
    HOLD = "hold"


class _Line(NamedTuple):
    """The fields of a line.

    `stage` is how late it is, by date alone; `acting` the stage that leaves today or waits for the user.
    `until` is the last day of a hold, the day of the next instalment, or the promised day that a message about a
    broken promise speaks of; `broken` are the promises broken about it. `why` are the facts of the reason, where it has
    some, `note` what a person or the file says of it;
    `in_file` tells that the file says so (and ends it), `of_customer` that it is about all of the customer; `ladder`
    counts how often the ladder started again; `climb` tells the rung of any day (None: nothing is claimed). `next_date`
    is the day on which `next_stage` can really leave, where known. Of the payments told by hand, `told` is what the
    file does not show yet and `absorbed` what it shows by now (in the invoice's currency). `overruled` are the
    allocations by hand whose credit note the file takes off another invoice. `grounds`
    are what its charges rest on, None where nothing is late or nothing is claimed. `name` and `owner` are what names
    the invoice and its customer in a command, empty where the number and the customer's first word do (naming.named).
    """

    invoice: Invoice
    key: str
    stage: Stage | None
    days_overdue: int
    paid: Decimal
    outstanding: Decimal
    grounds: Grounds | None
    decision: Decision
    reason: Reason
    last_contact: Contact | None = None
    last_stage: str | None = None
    acting: Stage | None = None
    until: date | None = None
    why: Why | None = None
    note: str = ""
    in_file: bool = False
    of_customer: bool = False
    ladder: int = 0
    climb: Climb | None = None
    next_stage: Stage | None = None
    next_date: date | None = None
    broken: tuple[Broken, ...] = ()
    told: Decimal = ZERO
    absorbed: Decimal = ZERO
    overruled: tuple[Overruled, ...] = ()
    name: str = ""
    owner: str = ""


class Line(_Line):
    """One invoice in the plan."""

    @cached_property
    def charges(self) -> Charges:
        """What its lateness costs; computed when it is first asked for, as most lines of a large plan are not shown."""
        return NO_CHARGES if self.grounds is None else charges_on(self.invoice, self.grounds)

    @property
    def mark(self) -> str:
        """What the facts of its reason are remembered by, else what is noted of it."""
        return self.note if self.why is None else mark_of(self.why)


class Reminder(NamedTuple):
    """One message to one customer: `stage` sets its tone; `lines` act today, `others` are for information.

    `term` is the day it gives to pay by; `charged` are the lines whose charges it names, `credits` the
    customer's credit notes that pay no invoice yet.
    """

    customer: Customer
    stage: Stage
    channel: str
    currency: str
    lines: tuple[Line, ...]
    others: tuple[Line, ...] = ()
    term: date | None = None
    charged: tuple[Line, ...] = ()
    credits: tuple[Credit, ...] = ()


class About(StrEnum):
    """Why a person has to look, where the line's own reason does not say it."""

    BROKEN_PROMISE = "broken_promise"
    FINISHED = "finished"
    INSTALMENT = "instalment"
    PLAN_PAID = "plan_paid"
    SILENCE = "silence"


class Task(NamedTuple):
    """Something only a person can do: a call, a letter, a text message, an approval, a confirmation.

    `instalment` is the one that did not come, where the task is about a payment plan; `text` the words ready to send,
    where somebody wrote them.
    """

    kind: str
    customer: Customer | None
    lines: tuple[Line, ...]
    stage: Stage | None = None
    about: About | None = None
    instalment: Instalment | None = None
    text: str = ""


class Overtaken(NamedTuple):
    """A draft in the user's folder that is not to be sent any more: its stage's label, its day, its invoices.

    These are the invoices for which that is so, by key and by number. `name` is the one that names the draft in a
    command, empty where none does: none is in the file, or each has another draft that is asked about first.
    """

    label: str
    on: date
    keys: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    name: str = ""


class Plan(NamedTuple):
    """All of a day: every invoice read is in `lines`, once; `waiting` are messages that await approval.

    `around` is what the file as a whole tells, invoices that are gone from it for example; `overtaken` are drafts to
    throw away; `missed` are the tasks about each instalment that did not come, those included that a person has just
    spoken of.
    """

    today: date
    lines: tuple[Line, ...]
    reminders: tuple[Reminder, ...]
    waiting: tuple[Reminder, ...]
    tasks: tuple[Task, ...]
    around: Surroundings = ALONE
    overtaken: tuple[Overtaken, ...] = ()
    missed: tuple[Task, ...] = ()


def outstanding_of(lines: Iterable[Line]) -> Decimal:
    """The sum of what is outstanding on these lines, in their one currency."""
    return sum((line.outstanding for line in lines), Decimal("0.00"))
