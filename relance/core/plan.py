"""The plan of a day as values: each invoice once, what leaves, what a person has to do."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, TypeVar

from relance.core.case import Case, grounds_of, paid_by_hand
from relance.core.charges import NO_CHARGES, Charges, applied_rate, charges
from relance.core.facts import Instalment, Lies
from relance.core.history import ONCE, Seen
from relance.core.holds import Broken
from relance.core.invoice import Contact, Customer, Forum, Invoice, Kind
from relance.core.morning import CreditNote, Morning, Surroundings
from relance.core.policy import Stage
from relance.core.reasons import Reason, Stop, Why
from relance.core.reference_rates import awaited


class Decision(StrEnum):
    """What happens today about an invoice."""

    REMIND = "remind"
    TASK = "task"
    HOLD = "hold"


class _Line(NamedTuple):
    """The fields of a line: a case and its verdict.

    `acting` is the stage that leaves today or waits for the user; `next_date` the first day on which `next_stage` can
    leave by the invoice's own rules, where known. `name` and `owner` are what names the invoice and its customer in a
    command, empty where the number and the customer's first word do (naming.named).
    """

    case: Case
    decision: Decision
    stop: Stop
    acting: Stage | None = None
    next_stage: Stage | None = None
    next_date: date | None = None
    name: str = ""
    owner: str = ""


class Line(_Line):
    """One invoice in the plan; what it passes on is told where it stands (see Case, Stop, Position)."""

    @property
    def invoice(self) -> Invoice:
        """With its payments told by hand."""
        return self.case.invoice

    @property
    def key(self) -> str:
        return self.case.key

    @property
    def reason(self) -> Reason:
        return self.stop.reason

    @property
    def to_look_at(self) -> bool:
        """False too where the row is unclear and the user knows why."""
        known = self.stop.reason is Reason.UNCLEAR and self.key in self.case.morning.history.known
        return self.stop.reason.to_look_at and not known

    @property
    def until(self) -> date | None:
        """The last day of a hold, the day of the next instalment, or the promised day that a message speaks of."""
        return self.stop.until

    def until_day(self, day: date | None) -> "Line":
        """The same line, its reason about another day."""
        return self._replace(stop=self.stop._replace(until=day))

    @property
    def why(self) -> Why | None:
        return self.stop.why

    @property
    def note(self) -> str:
        return self.stop.note

    @property
    def stage(self) -> Stage | None:
        """How late it is, by date alone; None where nothing is claimed."""
        return None if self.stop.reason.settled else self.case.position.stage

    @property
    def leaving(self) -> Stage:
        """The stage that leaves today or waits for the user, of a line that has one."""
        assert self.acting is not None
        return self.acting

    @property
    def days_overdue(self) -> int:
        """Negative before the due date."""
        case = self.case
        return (case.morning.today - case.invoice.due_date).days

    @property
    def paid(self) -> Decimal:
        return self.case.paid

    @property
    def outstanding(self) -> Decimal:
        return self.case.outstanding

    @property
    def told(self) -> Decimal:
        """Of the payments told by hand, what the file does not show yet."""
        return self.case.told

    @property
    def absorbed(self) -> Decimal:
        """Of the payments told by hand, what the file shows by now."""
        return paid_by_hand(self.case.past) - self.case.told

    @property
    def broken(self) -> tuple[Broken, ...]:
        """The promises broken about what is owed."""
        return () if self.reason.settled else self.case.broken

    @property
    def last_contact(self) -> Contact | None:
        """The last time that the customer was reached about it."""
        return self.case.contacts[-1] if self.case.contacts else None

    @property
    def last_stage(self) -> str | None:
        """The last stage that a contact is known to have been."""
        if not self.case.contacts:
            return None
        return next(filter(None, (contact.stage for contact in reversed(self.case.contacts))), None)

    @property
    def ladder(self) -> int:
        """How often the ladder of what is owed started again."""
        return 0 if self.reason.settled else self.case.position.restarts

    def is_open(self, known: Iterable[Seen]) -> bool:
        """Whether it is to be missed where it goes: no credit in doubt settles it, nor does a row that nobody can read.

        Of such a row, what was `known` of the invoice before tells.
        """
        if self.reason is Reason.UNCLEAR:
            return any(seen.is_open for seen in known)
        return self.reason is Reason.BANK_DOUBT or not self.reason.settled

    @property
    def charges(self) -> Charges:
        """What its lateness costs, nothing while how the file is read is open; most lines of a large plan never ask."""
        case, morning = self.case, self.case.morning
        late = case.invoice.due_date < morning.today and not self.stop.reason.settled
        return self._late_charges if late and morning.history.unagreed is None else NO_CHARGES

    @cached_property
    def _late_charges(self) -> Charges:
        return charges(self.case.invoice, grounds_of(self.case))


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
    credits: tuple[CreditNote, ...] = ()


class About(StrEnum):
    """Why a person has to look, where the line's own reason does not say it."""

    BROKEN_PROMISE = "broken_promise"
    CASH = "cash"
    FINISHED = "finished"
    KIND = "kind"
    INSTALMENT = "instalment"
    PLAN_PAID = "plan_paid"
    RATE = "rate"
    ACCOUNT = "account"
    SILENCE = "silence"
    ADDRESS = "address"
    NEW_ACCOUNT = "new_account"
    TO_DECLARE = "to_declare"


class Task(NamedTuple):
    """Something only a person can do: a call, a letter, a text message, an approval, a confirmation.

    `instalment` is the one that did not come, where the task is about a payment plan; `text` the words ready to send,
    where somebody wrote them. Of an address that is missing, `word` names the customer in the settings and no other one
    (empty: nothing does); `in_block` tells that they have a block for him, `found` is what stands there and is none.
    Where the ladder is over, `forum` is where the customer can be sued.
    """

    kind: str
    customer: Customer | None
    lines: tuple[Line, ...]
    stage: Stage | None = None
    about: About | None = None
    instalment: Instalment | None = None
    text: str = ""
    word: str = ""
    in_block: bool = False
    found: str = ""
    forum: Forum = Forum.FRANCE


class Overtaken(NamedTuple):
    """A draft in the user's folder that is not to be sent any more: its stage's label, its day, its invoices.

    These are the invoices for which that is so, by key and by number. `name` is the one that names the draft in a
    command, empty where none does: of each another draft is asked about first, or what nobody knows whether it left.
    `lies` is how the mailbox was last found to have it.
    """

    label: str
    on: date
    keys: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    name: str = ""
    lies: Lies | None = None


class Plan(NamedTuple):
    """All of a day: every invoice read is in `lines`, once; `waiting` are messages that await approval.

    `morning` is what it was made from; `overtaken` are drafts to throw away; `missed` are the tasks about each
    instalment that did not come, those included that a person has just spoken of.
    """

    morning: Morning
    lines: tuple[Line, ...]
    reminders: tuple[Reminder, ...]
    waiting: tuple[Reminder, ...]
    tasks: tuple[Task, ...]
    overtaken: tuple[Overtaken, ...] = ()
    missed: tuple[Task, ...] = ()

    @property
    def today(self) -> date:
        return self.morning.today

    @property
    def around(self) -> Surroundings:
        """What the file as a whole tells, invoices that are gone from it for example."""
        return self.morning.around


_V = TypeVar("_V")
_K = TypeVar("_K")


def grouped(values: Iterable[_V], key: Callable[[_V], _K]) -> dict[_K, list[_V]]:
    """The values that share a key, in their order, under it."""
    found: dict[_K, list[_V]] = {}
    for value in values:
        found.setdefault(key(value), []).append(value)
    return found


def awaited_for(plan: Plan) -> str:
    """The half-year whose rates are not known, begun or to come, where one of them is to be claimed; else empty."""
    half = awaited(plan.today, plan.morning.policy.interest.rates)
    rested = list(filter(_rests_on_rates, plan.lines))
    begun = min((line.charges.missing[:1] for line in rested if line.charges.missing), default=())
    return begun[0] if begun else half if rested else ""


def _rests_on_rates(line: Line) -> bool:
    """True for what is owed and bears interest at a rate that changes with the half-year."""
    grounds = line.case.customer.grounds
    return not line.reason.settled and applied_rate(grounds.terms.rate, grounds.kind or Kind.BUSINESS).varies


def outstanding_of(lines: Iterable[Line]) -> Decimal:
    """The sum of what is outstanding on these lines, in their one currency."""
    return sum((line.outstanding for line in lines), Decimal("0.00"))


class Absorbed(NamedTuple):
    """What was told by hand as paid of this invoice is in the file by now."""

    line: Line


def absorbed(line: Line) -> Absorbed | None:
    """The payments of an open invoice that the file has taken over, where no run told of that sum yet."""
    if line.absorbed <= 0 or line.reason is Reason.PAID or _name_of(line) in line.case.morning.history.told:
        return None
    return Absorbed(line)


def name_of_absorbed(what: Absorbed) -> str:
    """What makes them the same ones again: a sum that rises is news."""
    return _name_of(what.line)


def _name_of(line: Line) -> str:
    return f"{ONCE}absorbed {line.key} {line.absorbed}"
