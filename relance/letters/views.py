"""What a template may see of a message: plain frozen values, cleaned of control characters.

Amounts stay Decimal and days stay date, so that the template's filters say how they read. Texts that are
unknown are empty; a day that is unknown is None.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.charges import NO_CHARGES, Charges, Segment, applied_rate, to_cents
from relance.core.claims import given_up, still_claimed
from relance.core.interest import DEFAULT_RATE, InterestTerms, Rate, agreed
from relance.core.invoice import UNNAMED, ZERO, Kind, Payment, payments_until
from relance.core.kinds import known_kind
from relance.core.message import Sender, Sentences
from relance.core.plan import Line, Reminder
from relance.core.policy import Stage
from relance.core.reference_rates import UNKNOWN, half_year
from relance.french import at_rate
from relance.letters.abroad import is_abroad
from relance.letters.items import ContactView, CreditView, InvoiceView, PaymentView
from relance.letters.languages import FRENCH, Language
from relance.letters.people import CustomerView, SenderView, Whole, localised, person, registration, sender_view
from relance.letters.typography import clean

SUBJECT_NUMBERS, SUBJECT_ROOM = 3, 44
"""How many invoice numbers a subject holds at most, and in how many characters."""
_PROMISED = ("broken_promise", "instalment")
"""Messages about a promise: there, the last day of a line's hold is the day that was promised."""


@dataclass(frozen=True, slots=True)
class LetterView(Whole):
    """All the names that a template knows at its top level; each is explained in `_variables.txt.j2`.

    `charges_until` is the last day that interest was computed to, where the rate of today is not known yet.
    `addressed` says to whom the invoices went, « adressée à Atelier Martin », agreeing with their number. `asked` is
    what the message asks for; `french_law` tells that articles of French law may be cited, `rate_by_law` that the rate
    is the law's own, `rate_confirmed` that the user said that it stands in his terms. `announced` are charges that a
    public body owes once the principal is paid, `still_claimed` those that thanks leave open, `given_up` those that the
    waiver ended. `recent` is `history` without the years that go without saying, `silence` the sentence about what
    stayed without an answer, empty where something came back.
    `answered` is True where the customer is known to have come back to us, `unanswered` where he was written to and
    nothing came back; `waiver` where the charges are waived if all is paid by `term`; `promised` is the one day that
    every invoice was promised for. `enclosed` tells that a mail carries its letter as a PDF, `posted` that it is
    posted too; on paper, both are False. `rate_confirmed` tells that the user said that the rate was agreed;
    `still_claimed` that charges which a message named are open still, `given_up` that the waiver ended them.
    """

    customer: CustomerView
    sender: SenderView
    invoices: tuple[InvoiceView, ...]
    others: tuple[InvoiceView, ...]
    credits: tuple[CreditView, ...]
    numbers: str
    numbers_short: str
    addressed: str
    currency: str
    daily: Decimal
    charges_until: date | None
    rate: Decimal
    rate_words: str
    rate_by_law: bool
    rate_confirmed: bool
    legal_rate: Decimal | None
    half: str
    french_law: bool
    imputation: str
    term: date | None
    today: date
    history: tuple[str, ...]
    recent: tuple[str, ...]
    silence: str
    answered: bool
    waiver: bool
    announced: bool
    still_claimed: bool
    given_up: bool
    instalment_date: date | None
    instalment_amount: Decimal | None
    channel: str
    enclosed: bool
    posted: bool
    qr: bool
    sentences: Sentences

    @property
    def invoice(self) -> InvoiceView:
        return self.invoices[0]

    @property
    def charged(self) -> tuple[InvoiceView, ...]:
        return tuple(invoice for invoice in self.invoices if invoice.charged)

    @property
    def several(self) -> bool:
        return len(self.invoices) > 1

    @property
    def part_paid(self) -> bool:
        return any(invoice.paid > 0 for invoice in self.invoices)

    @property
    def attached(self) -> bool:
        return all(invoice.attached for invoice in self.invoices)

    @property
    def received(self) -> Decimal:
        return sum((invoice.paid for invoice in self.invoices), ZERO)

    @property
    def outstanding(self) -> Decimal:
        return sum((invoice.outstanding for invoice in self.invoices), ZERO)

    @property
    def interest(self) -> Decimal:
        return sum((invoice.interest for invoice in self.invoices), ZERO)

    @property
    def recovery_fee(self) -> Decimal:
        return sum((invoice.recovery_fee for invoice in self.invoices), ZERO)

    @property
    def fee_apart(self) -> Decimal:
        return sum((invoice.fee_apart for invoice in self.invoices), ZERO)

    @property
    def charges(self) -> Decimal:
        return self.interest + self.recovery_fee

    @property
    def claimed(self) -> Decimal:
        return self.outstanding + self.charges

    @property
    def asked(self) -> Decimal:
        """What the message asks for: an instalment, the invoices alone where the charges are waived, else all."""
        return self.instalment_amount or (self.outstanding if self.waiver else self.claimed)

    @property
    def promised(self) -> date | None:
        days = {invoice.promised for invoice in self.invoices}
        return days.pop() if len(days) == 1 else None

    @property
    def unanswered(self) -> bool:
        return bool(self.silence)


FIELDS: dict[type, frozenset[str]] = {
    view: frozenset(field.name for field in fields(view))
    | {name for name, value in vars(view).items() if isinstance(value, property)}
    for view in (LetterView, CustomerView, SenderView, InvoiceView, PaymentView, ContactView, CreditView)
}
FIELDS |= {value: frozenset(value._fields) for value in (Segment, Sentences)}
"""The names under which each of these values holds its data."""


def values_of(view: LetterView) -> dict[str, object]:
    """The view's own values by their names, as a template receives them."""
    return {name: getattr(view, name) for name in FIELDS[LetterView]}


class Background(NamedTuple):
    """What a message knows beside the plan: who writes, and what else was told.

    `attached` are the keys of the invoices whose PDF travels along; `answered` says that the customer came back
    to us since (a promise, a dispute, a call); the instalment is the missed one of a payment plan; `enclosed` says that
    the message carries its letter as a PDF, `rate_confirmed` that the rate stands in the user's terms.
    """

    sender: Sender
    attached: Collection[str] = ()
    answered: bool = False
    instalment_date: date | None = None
    instalment_amount: Decimal | None = None
    enclosed: bool = False
    rate_confirmed: bool = False


def letter_view(reminder: Reminder, told: Background, language: Language = FRENCH) -> LetterView:
    """The values for one message, on the day on which its lines were judged."""
    morning = reminder.lines[0].case.morning
    terms = morning.policy.interest
    kind = known_kind(reminder.customer) or next((line.charges.kind for line in reminder.charged), None)
    announced = kind is Kind.PUBLIC and bool(reminder.charged)
    if announced:  # R2192-36 CCP: payable within 45 days after the principal, which is asked for alone
        reminder = reminder._replace(charged=())
    invoices = _invoices(reminder.lines, reminder, told, language)
    costs = [line.charges for line, invoice in zip(reminder.lines, invoices, strict=True) if invoice.charged]
    customer = _customer(reminder, kind, language)
    own = agreed(reminder.customer.terms, terms)
    rate = applied_rate(own.rate, kind or Kind.BUSINESS)
    numbers = [invoice.number for invoice in invoices]
    contacts = [contact for invoice in invoices for contact in invoice.contacts]
    answered = told.answered or any(contact.channel == "call" for contact in contacts)  # a call is a conversation
    return LetterView(
        customer=customer,
        sender=sender_view(told.sender, language.code),
        invoices=invoices,
        others=_invoices(reminder.others, reminder, told, language),
        credits=tuple(CreditView(clean(credit.number), credit.amount, None) for credit in reminder.credits),
        numbers=language.listing(numbers),
        numbers_short=_short(numbers, language),
        addressed=language.addressed(clean(reminder.customer.name), _reader(customer), len(invoices) > 1),
        currency=reminder.currency,
        daily=to_cents(sum((cost.daily for cost in costs), ZERO)),
        charges_until=max((cost.stopped for cost in costs if cost.stopped is not None), default=None),
        rate=_latest_rate(costs, rate.on(ZERO)),
        rate_words=_rate_words(costs, rate),
        rate_by_law=rate == DEFAULT_RATE,
        rate_confirmed=told.rate_confirmed,
        legal_rate=terms.rates.get(half_year(morning.today), UNKNOWN).legal,
        half=language.half(morning.today),
        french_law=not is_abroad(reminder.customer),
        imputation=own.imputation.value,
        term=reminder.term,
        today=morning.today,
        history=_history(contacts, told.sender, language),
        recent=_history(contacts, told.sender, language, morning.today),
        silence="" if answered else _silence(invoices, told.sender, language, morning.today),
        answered=answered,
        waiver=_waives(reminder, terms, kind, invoices),
        announced=announced,
        still_claimed=any(still_claimed(line.case) for line in reminder.lines),
        given_up=all(given_up(line.case) for line in reminder.lines),
        instalment_date=told.instalment_date,
        instalment_amount=told.instalment_amount,
        channel=reminder.channel,
        enclosed=told.enclosed and reminder.channel != "letter",
        posted="letter" in reminder.stage.channels and reminder.channel != "letter",
        qr=told.sender.qr and reminder.channel != "letter",
        sentences=told.sender.sentences,
    )


def _short(numbers: Sequence[str], language: Language) -> str:
    """As many numbers as a subject has room for, one at least."""
    said = [language.short(numbers, most) for most in range(SUBJECT_NUMBERS, 1, -1)]
    return next((text for text in said if len(text) <= SUBJECT_ROOM), said[-1])


def _waives(reminder: Reminder, terms: InterestTerms, kind: Kind | None, invoices: Iterable[InvoiceView]) -> bool:
    """Whether charges are waived; the interest that a public body owes may not be (art. L2192-14 CCP: void)."""
    offered = terms.waiver and reminder.term is not None and not reminder.stage.confirm and kind is not Kind.PUBLIC
    return offered and any(invoice.charges > 0 or invoice.fee_apart > 0 for invoice in invoices)


def _latest_rate(costs: Sequence[Charges], agreed_rate: Decimal) -> Decimal:
    """The rate (percent a year) of the first invoice's last days, the agreed one where nothing is charged yet."""
    return costs[0].segments[-1].rate if costs and costs[0].segments else agreed_rate


def _rate_words(costs: Sequence[Charges], rate: Rate) -> str:
    """The rate of the days that are charged where it is one for all, else as it was agreed or stands in the law."""
    rates = {segment.rate for cost in costs for segment in cost.segments}
    return at_rate("year", rates.pop()) if rate.varies and len(rates) == 1 else at_rate(rate.basis.value, rate.value)


def _history(
    contacts: Sequence[ContactView], sender: Sender, language: Language, today: date | None = None
) -> tuple[str, ...]:
    told = [(contact.date, contact.channel) for contact in contacts]
    return language.history(told, plural=bool(sender.voice), today=today)


def _silence(invoices: Iterable[InvoiceView], sender: Sender, language: Language, today: date) -> str:
    """What is said of messages that nothing came back to; a payment since is an answer too, one undated may be."""
    contacts = [contact for invoice in invoices for contact in invoice.contacts]
    paid = [payment.date for invoice in invoices for payment in invoice.payments]
    if not contacts or any(day is None or day >= min(contact.date for contact in contacts) for day in paid):
        return ""
    told = [(contact.date, contact.channel) for contact in contacts]
    return language.silence(told, plural=bool(sender.voice), today=today)


def _invoices(
    lines: Iterable[Line], reminder: Reminder, told: Background, language: Language
) -> tuple[InvoiceView, ...]:
    """One view a line, with what this message may say of it."""
    charged = {line.key for line in reminder.charged}
    return tuple(_invoice(line, line.key in charged, reminder.stage, told, language) for line in lines)


def _late_contacts(line: Line) -> tuple[ContactView, ...]:
    """What was said after the due date, oldest first; thanks are no reminder."""
    return tuple(
        ContactView(contact.on, contact.channel)
        for contact in sorted(line.case.contacts, key=lambda contact: contact.on)
        if line.invoice.due_date < contact.on <= line.case.today and contact.stage != "thanks"
    )


def _invoice(line: Line, charged: bool, stage: Stage, told: Background, language: Language) -> InvoiceView:
    """The values of one invoice, as far as a message of this stage may say them."""
    invoice = line.invoice
    due = line.charges if charged else NO_CHARGES
    late = _late_contacts(line)
    known = payments_until(invoice, line.case.today)
    money = [payment for payment in known if not payment.credit]
    credits = tuple(_credit(payment) for payment in known if payment.credit)
    credited = sum((credit.amount for credit in credits), ZERO)
    return InvoiceView(
        number=clean(invoice.number),
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        days_overdue=line.days_overdue,
        billed=invoice.total,
        credits=credits,
        total=invoice.total - credited,
        paid=line.paid - credited,
        outstanding=line.outstanding,
        payments=tuple(PaymentView(payment.on, payment.amount) for payment in money),
        undated_payment=any(payment.on is None for payment in money),
        payment_link=_web_link(clean(invoice.payment_link)),
        attached=line.key in told.attached,
        contacts=late,
        history=_history(late, told.sender, language),
        charged=charged,
        segments=due.segments,
        cut=any(payment.on is not None and payment.on > invoice.due_date for payment in money),
        interest=due.interest,
        recovery_fee=due.recovery_fee,
        fee_apart=due.fee_apart,
        promised=line.until if stage.key in _PROMISED else None,
        work=_cut(clean(invoice.work)),
        **_of_platform(line),
    )


def _of_platform(line: Line) -> dict[str, date | None]:
    """The days on which the customer got the invoice and approved it, as a platform tells."""
    platform = line.case.morning.history.platform
    if platform is None or line.key not in platform.lives:
        return {}
    from relance.core.lifecycle import Effect, last  # imported here: few plans read statuses

    told = {name: last(platform.lives[line.key], Effect(name)) for name in ("available", "approved")}
    return {name: status and status.dated for name, status in told.items()}


def _cut(work: str) -> str:
    """What was done in one line: a whole description belongs to the invoice."""
    return work if len(work) <= _LONGEST_WORK else f"{work[:_LONGEST_WORK].rsplit(' ', 1)[0]}…"


_LONGEST_WORK = 80


def _credit(payment: Payment) -> CreditView:
    """The credit note that pays; one without a number counts from the day of the money, which is not its own."""
    day = None if payment.credit == UNNAMED else payment.on
    return CreditView(clean(payment.credit), payment.amount, day)


def _web_link(link: str) -> str:
    """The link where it is one that a mail program opens, else nothing."""
    return link if link.startswith(("https://", "http://")) and " " not in link else ""


def _customer(reminder: Reminder, kind: Kind | None, language: Language) -> CustomerView:
    """Who reads; a message that waits for the user's word is a legal act, and says « vous » to a friend too."""
    customer = reminder.customer
    reader = person(customer)
    familiar = customer.formality == "tu" and not reminder.stage.confirm
    return CustomerView(
        name=clean(customer.name),
        contact=reader.name,
        greeting=language.greeting(reader, familiar),
        formal_greeting=language.formal_greeting(reader),
        attention=f"{reader.title} {reader.name}".strip() if reader.name not in ("", clean(customer.name)) else "",
        address=localised(customer.address, language.code),
        registration=registration(customer.siret),
        kind=kind.value if kind is not None else "",
        profile=customer.profile,
        familiar=familiar,
        foreign=is_abroad(customer),
    )


def _reader(customer: CustomerView) -> str:
    """How a reader is addressed who reads about himself; empty where the invoice is a company's."""
    return ("tu" if customer.familiar else "vous") if customer.kind == "consumer" else ""
