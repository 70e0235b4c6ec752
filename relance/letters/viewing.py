"""From a reminder to the values its template may see."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from relance.core.charges import NO_CHARGES, applied_rate, to_cents
from relance.core.interest import InterestTerms, agreed
from relance.core.invoice import UNNAMED, ZERO, Contact, Kind, known_kind, payments_until
from relance.core.message import Sender
from relance.core.plan import Line, Reminder, outstanding_of
from relance.french import NO_BREAK, at_rate
from relance.letters.greeting import person
from relance.letters.languages import FRENCH, Language
from relance.letters.typography import clean, clean_lines, groups
from relance.letters.views import (
    ContactView,
    CreditView,
    CustomerView,
    InvoiceView,
    LetterView,
    PaymentView,
    SenderView,
)

SUBJECT_NUMBERS = 3
"""How many invoice numbers a subject holds at most."""
_PROMISED = ("broken_promise", "instalment")
"""Messages about a promise: there, the last day of a line's hold is the day that was promised."""


class Told(NamedTuple):
    """What a message knows beside the plan.

    `contacts` are the earlier contacts by invoice key (of an invoice that is missing there, those of its line and its
    file); `attached` the keys of the invoices whose PDF travels along; `answered` says that the customer came back
    to us since (a promise, a dispute, a call); the instalment is the missed one of a payment plan; `enclosed` says that
    the message carries its letter as a PDF.
    """

    contacts: Mapping[str, Sequence[Contact]] = MappingProxyType({})
    attached: Collection[str] = ()
    answered: bool = False
    instalment_date: date | None = None
    instalment_amount: Decimal | None = None
    enclosed: bool = False


def letter_view(
    reminder: Reminder,
    sender: Sender,
    today: date,
    terms: InterestTerms,
    told: Told,
    language: Language = FRENCH,
) -> LetterView:
    """The values for one message."""
    charged_keys = {line.key for line in reminder.charged}
    plural = bool(clean(sender.voice))

    def view(line: Line) -> InvoiceView:
        known = told.contacts.get(line.key, line.invoice.contacts)
        late = _late_contacts(line, known, today)
        return _invoice(
            line,
            today,
            late,
            language.history(_days(late), plural=plural),
            charged=line.key in charged_keys,
            attached=line.key in told.attached,
            promised=line.until if reminder.stage.key in _PROMISED else None,
        )

    invoices = tuple(map(view, reminder.lines))
    charged = tuple(invoice for invoice in invoices if invoice.charged)
    outstanding = outstanding_of(reminder.lines)
    charges = sum((invoice.charges for invoice in charged), ZERO)
    costs = [line.charges for line in reminder.lines if line.key in charged_keys]
    kind = known_kind(reminder.customer) or (costs[0].kind if costs else None)
    own = agreed(reminder.customer.terms, terms)
    rate = applied_rate(own.rate, kind or Kind.BUSINESS)
    # A creditor may not renounce the interest that a public body owes: such a promise is void (art. L2192-14 CCP).
    waiver = terms.waiver and reminder.term is not None and not reminder.stage.confirm and kind is not Kind.PUBLIC
    numbers = [invoice.number for invoice in invoices]
    contacts = [contact for invoice in invoices for contact in invoice.contacts]
    answered = told.answered or any(contact.channel == "call" for contact in contacts)  # a call is a conversation
    promised = {invoice.promised for invoice in invoices}
    customer = _customer(reminder, kind, language)
    reader = ("tu" if customer.familiar else "vous") if customer.kind == "consumer" else ""
    return LetterView(
        customer=customer,
        sender=_sender(sender),
        invoice=invoices[0],
        invoices=invoices,
        others=tuple(map(view, reminder.others)),
        credits=tuple(CreditView(clean(credit.number), credit.amount, None) for credit in reminder.credits),
        charged=charged,
        several=len(invoices) > 1,
        part_paid=any(invoice.paid > 0 for invoice in invoices),
        attached=all(invoice.attached for invoice in invoices),
        numbers=language.listing(numbers),
        numbers_short=language.short(numbers, SUBJECT_NUMBERS),
        addressed=language.addressed(clean(reminder.customer.name), reader, len(invoices) > 1),
        currency=reminder.currency,
        outstanding=outstanding,
        interest=sum((invoice.interest for invoice in charged), ZERO),
        recovery_fee=sum((invoice.recovery_fee for invoice in charged), ZERO),
        charges=charges,
        claimed=outstanding + charges,
        fee_apart=sum((invoice.fee_apart for invoice in charged), ZERO),
        daily=to_cents(sum((cost.daily for cost in costs), ZERO)),
        rate=costs[0].segments[-1].rate if costs and costs[0].segments else rate.on(ZERO),
        rate_words=at_rate(rate.basis.value, rate.value).replace("’", "'"),  # as typed in the templates
        imputation=own.imputation.value,
        term=reminder.term,
        today=today,
        history=language.history(_days(contacts), plural=plural),
        answered=answered,
        unanswered=bool(contacts) and not answered and not _paid_since(contacts, invoices),
        waiver=waiver and charges > 0,
        promised=promised.pop() if len(promised) == 1 else None,
        instalment_date=told.instalment_date,
        instalment_amount=told.instalment_amount,
        channel=reminder.channel,
        enclosed=told.enclosed and reminder.channel != "letter",
        posted="letter" in reminder.stage.channels and reminder.channel != "letter",
    )


def _days(contacts: Sequence[ContactView]) -> list[tuple[date, str]]:
    return [(contact.date, contact.channel) for contact in contacts]


def _paid_since(contacts: Sequence[ContactView], invoices: Sequence[InvoiceView]) -> bool:
    """True where a payment came since the first contact, an answer too; one without a date may have."""
    first = min(contact.date for contact in contacts)
    payments = [payment for invoice in invoices for payment in invoice.payments]
    return any(payment.date is None or payment.date >= first for payment in payments)


def _late_contacts(line: Line, known: Sequence[Contact], today: date) -> tuple[ContactView, ...]:
    """What was said after the due date, oldest first; thanks are no reminder."""
    told = list(known)
    if line.last_contact is not None and line.last_contact not in told:
        told.append(line.last_contact)
    return tuple(
        ContactView(contact.on, contact.channel)
        for contact in sorted(told, key=lambda contact: contact.on)
        if line.invoice.due_date < contact.on <= today and contact.stage != "thanks"
    )


def _invoice(
    line: Line,
    today: date,
    late: tuple[ContactView, ...],
    history: tuple[str, ...],
    *,
    charged: bool,
    attached: bool,
    promised: date | None,
) -> InvoiceView:
    invoice = line.invoice
    costs = line.charges if charged else NO_CHARGES
    link = clean(invoice.payment_link)
    known = payments_until(invoice, today)
    credited = [payment for payment in known if payment.credit]
    return InvoiceView(
        number=clean(invoice.number),
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        days_overdue=line.days_overdue,
        billed=invoice.total,
        # a credit note without a number counts from the day of the money, which is not its own
        credits=tuple(CreditView(clean(p.credit), p.amount, None if p.credit == UNNAMED else p.on) for p in credited),
        total=invoice.total - sum((p.amount for p in credited), ZERO),
        paid=line.paid - sum((p.amount for p in credited), ZERO),
        outstanding=line.outstanding,
        payments=tuple(PaymentView(p.on, p.amount) for p in known if not p.credit),
        undated_payment=any(p.on is None and not p.credit for p in invoice.payments),
        payment_link=link if link.startswith(("https://", "http://")) and " " not in link else "",
        attached=attached,
        contacts=late,
        history=history,
        charged=charged,
        segments=costs.segments,
        cut=any(p.on is not None and p.on > invoice.due_date and not p.credit for p in known),
        interest=costs.interest,
        recovery_fee=costs.recovery_fee,
        fee_apart=costs.fee_apart,
        charges=costs.interest + costs.recovery_fee,
        claimed=line.outstanding + costs.interest + costs.recovery_fee,
        promised=promised,
    )


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
        address=clean_lines(customer.address),
        registration=_registration(customer.siret),
        kind=kind.value if kind is not None else "",
        profile=customer.profile,
        familiar=familiar,
    )


@lru_cache(maxsize=4)
def _sender(sender: Sender) -> SenderView:
    return SenderView(
        name=clean(sender.name),
        legal_form=clean(sender.legal_form),
        voice=clean(sender.voice),
        plural=bool(clean(sender.voice)),
        email=clean(sender.reply_to or sender.email),
        phone=clean(sender.phone),
        address=clean_lines(sender.address),
        registration=_registration(sender.siret),
        iban=groups(clean(sender.iban).upper(), (4,)),
        bic=clean(sender.bic).upper(),
        rib=bool(sender.rib),
        signature=clean_lines(sender.signature),
    )


def _registration(number: str) -> str:
    """SIRET 123 456 789 00012 or SIREN 123 456 789, grouped as French people write them."""
    digits = "".join(number.split())
    if len(digits) == 14 and digits.isdigit():
        return f"SIRET{NO_BREAK}{groups(digits, (3, 3, 3, 5), NO_BREAK)}"
    if len(digits) == 9 and digits.isdigit():
        return f"SIREN{NO_BREAK}{groups(digits, (3,), NO_BREAK)}"
    return clean(number)
