"""Builders for the tests of the core: small invoices, facts and plans, in dates counted from a due date."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from relance.core.calendar import WorkCalendar
from relance.core.facts import Approved, Backlog, BacklogAnswered, Fact, RateConfirmed, Reminded
from relance.core.history import fold
from relance.core.invoice import Contact, Customer, Invoice, Kind, Payment, Status, invoice_key, snapshot_of
from relance.core.plan import Line, Plan, Reminder
from relance.core.planning import build_plan
from relance.core.policy import DEFAULT_STAGES, DunningPolicy, Schedule, Stage
from relance.core.reasons import Reason

DUE = date(2026, 3, 2)
"""A Monday; its ladder falls on 25 February, 7 March (a Saturday), 17 March and 1 April."""
LONG_AGO = DUE - timedelta(days=60)
RATE_AGREED = RateConfirmed(DunningPolicy().interest.rate, True, date(2000, 1, 1))
"""The user said that the rate stands on his invoices: nobody asks any more."""
DEFAULT = DunningPolicy()._replace(min_gap_days=7, customer_gap_days=4, max_age_days=14, max_age_days_firm=7)
"""The policy that the dates of the tests are counted with: a default that changes moves none of them."""
EVERY_DAY = DEFAULT._replace(calendar=WorkCalendar(working_days=False))
"""The same with no closed day, so that tables can count plain days."""


def day(offset: int) -> date:
    """The day `offset` days after `DUE`."""
    return DUE + timedelta(days=offset)


def customer(name: str = "Alpha", **fields: object) -> Customer:
    """A business with one address of its own."""
    base = Customer(name, code=name.upper(), emails=(f"compta@{name.lower()}.example",), kind=Kind.BUSINESS)
    return base._replace(**fields)  # type: ignore[arg-type]


def invoice(
    number: str = "F-1",
    due: date = DUE,
    total: str = "1200.00",
    *,
    terms: int | None = 30,
    owner: Customer | None = None,
    payments: Sequence[Payment] = (),
    currency: str = "EUR",
    status: Status = Status.OPEN,
    contacts: Sequence[Contact] = (),
) -> Invoice:
    """An open invoice of 1200 EUR at thirty days, due on `DUE`; `terms` None: no issue date."""
    return Invoice(
        number=number,
        customer=owner or customer(),
        due_date=due,
        total=Decimal(total),
        issue_date=None if terms is None else due - timedelta(days=terms),
        currency=currency,
        payments=tuple(payments),
        status=status,
        contacts=tuple(contacts),
    )


def paid(amount: str, on: date | None = None) -> Payment:
    """A payment as the file shows it."""
    return Payment(Decimal(amount), on)


def reminded(
    about: Invoice, stage: str, on: date, *, channel: str = "email", term: date | None = None, told: bool = True
) -> Reminded:
    """What the journal keeps of a message about an invoice as it stands; `told` False: without a snapshot."""
    contact = Contact(stage, channel, on, about.customer.emails, term, snapshot_of(about) if told else None)
    return Reminded(invoice_key(about), contact)


def approved(about: Invoice, on: date, stage: str = "formal_notice", outstanding: str | None = None) -> Approved:
    """The user's word for a stage of an invoice as it stands."""
    sum_due = about.total if outstanding is None else Decimal(outstanding)
    return Approved(invoice_key(about), stage, on, sum_due, snapshot_of(about))


def plan_for(
    invoices: Iterable[Invoice],
    facts: Iterable[Fact] = (),
    today: date = DUE,
    *,
    policy: DunningPolicy = EVERY_DAY,
    started: date | None = LONG_AGO,
) -> Plan:
    """The plan of `today`, with a journal opened long ago unless told otherwise, and a rate that was agreed."""
    return build_plan(invoices, fold([RATE_AGREED, *facts], started, today), policy, today)


def line_for(
    about: Invoice,
    facts: Iterable[Fact] = (),
    today: date = DUE,
    *,
    policy: DunningPolicy = EVERY_DAY,
    started: date | None = LONG_AGO,
) -> Line:
    """The one line of the plan of one invoice."""
    (line,) = plan_for([about], facts, today, policy=policy, started=started).lines
    return line


def verdict(line: Line) -> tuple[str, str | None]:
    """The reason and the stage that acts, as words."""
    return line.reason.value, line.acting.key if line.acting else None


def reasons(plan: Plan) -> dict[str, str]:
    """The reason of each invoice by number."""
    return {line.invoice.number: line.reason.value for line in plan.lines}


def messages(plan: Plan) -> list[tuple[str, list[str]]]:
    """What leaves: the stage of each message and its invoices' numbers."""
    return [(reminder.stage.key, [line.invoice.number for line in reminder.lines]) for reminder in plan.reminders]


def sent(reminder: Reminder, today: date) -> Iterator[Reminded]:
    """The facts that a message leaves once the server took it: each line with its own stage, all with the term."""
    for line in reminder.lines:
        assert line.acting is not None
        contact = Contact(
            line.acting.key, "email", today, reminder.customer.emails, reminder.term, snapshot_of(line.invoice)
        )
        yield Reminded(line.key, contact)


def live_a_day(
    invoices: Sequence[Invoice], facts: list[Fact], today: date, policy: DunningPolicy, started: date | None
) -> Plan:
    """One day of a diligent user: approve what waits for it, send what leaves; `facts` grows."""
    plan = plan_for(invoices, facts, today, policy=policy, started=started)
    waiting = [line for line in plan.lines if line.reason is Reason.AWAITING_APPROVAL and line.acting]
    if waiting:
        for line in waiting:
            assert line.acting is not None
            facts.append(Approved(line.key, line.acting.key, today, line.outstanding, snapshot_of(line.invoice)))
        plan = plan_for(invoices, facts, today, policy=policy, started=started)
    for reminder in plan.reminders:
        facts.extend(sent(reminder, today))
    return plan


def answer(backlog: Backlog, on: date = LONG_AGO) -> BacklogAnswered:
    """The user's answer about the backlog."""
    return BacklogAnswered(backlog, on)


def ladder_of(**days: int) -> tuple[Schedule, ...]:
    """One schedule with the default stages on these days; a stage not named is switched off."""
    return (Schedule("default", stages_on(**days)),)


def stages_on(**days: int) -> tuple[Stage, ...]:
    """The default stages named here, on these days."""
    return tuple(stage._replace(day=days[stage.key]) for stage in DEFAULT_STAGES if stage.key in days)
