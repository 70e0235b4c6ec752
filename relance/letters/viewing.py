"""From a reminder to the values its template may see."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from relance.core.charges import NO_CHARGES, to_cents
from relance.core.invoice import ZERO, Contact, Customer, known_kind, payments_until
from relance.core.plan import Line, Reminder, outstanding_of
from relance.core.policy import InterestTerms
from relance.french import NO_BREAK, dates_fr, listing
from relance.letters.greeting import formal_greeting, greeting, person
from relance.letters.letter import Sender
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
_WAYS = (("message", ("email", "sms", "")), ("courrier", ("letter",)), ("appel", ("call",)))


def letter_view(
    reminder: Reminder,
    sender: Sender,
    today: date,
    terms: InterestTerms,
    contacts: Mapping[str, Sequence[Contact]],
    attached: Collection[str],
) -> LetterView:
    """The values for one message; `contacts` and `attached` go by invoice key."""
    charged_keys = {line.key for line in reminder.charged}
    plural = bool(clean(sender.voice))

    def view(line: Line) -> InvoiceView:
        known = contacts.get(line.key, line.invoice.contacts)
        return _invoice(line, line.key in charged_keys, known, today, attached=line.key in attached, plural=plural)

    invoices = tuple(map(view, reminder.lines))
    charged = tuple(invoice for invoice in invoices if invoice.charged)
    outstanding = outstanding_of(reminder.lines)
    charges = sum((invoice.charges for invoice in charged), ZERO)
    principal = sum((invoice.outstanding for invoice in charged), ZERO)
    numbers = [invoice.number for invoice in invoices]
    return LetterView(
        customer=_customer(reminder.customer),
        sender=_sender(sender),
        invoice=invoices[0],
        invoices=invoices,
        others=tuple(map(view, reminder.others)),
        credits=tuple(CreditView(clean(credit.number), credit.amount, None) for credit in reminder.credits),
        charged=charged,
        several=len(invoices) > 1,
        part_paid=any(invoice.paid > 0 for invoice in invoices),
        attached=all(invoice.attached for invoice in invoices),
        numbers=listing(numbers),
        numbers_short=_short(numbers),
        currency=reminder.currency,
        outstanding=outstanding,
        interest=sum((invoice.interest for invoice in charged), ZERO),
        recovery_fee=sum((invoice.recovery_fee for invoice in charged), ZERO),
        charges=charges,
        claimed=outstanding + charges,
        daily=to_cents(principal * terms.rate / 36500),
        rate=terms.rate,
        term=reminder.term,
        today=today,
        history=_history([contact for invoice in invoices for contact in invoice.contacts], plural=plural),
        channel=reminder.channel,
    )


def _invoice(
    line: Line, charged: bool, contacts: Sequence[Contact], today: date, *, attached: bool, plural: bool
) -> InvoiceView:
    invoice = line.invoice
    costs = line.charges if charged else NO_CHARGES
    told = list(contacts)
    if line.last_contact is not None and line.last_contact not in told:
        told.append(line.last_contact)
    late = tuple(
        ContactView(contact.on, contact.channel)
        for contact in sorted(told, key=lambda contact: contact.on)
        if invoice.due_date < contact.on <= today and contact.stage != "thanks"
    )
    link = clean(invoice.payment_link)
    known = payments_until(invoice, today)
    credited = [payment for payment in known if payment.credit]
    return InvoiceView(
        number=clean(invoice.number),
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        days_overdue=line.days_overdue,
        billed=invoice.total,
        credits=tuple(CreditView(clean(p.credit), p.amount, p.on) for p in credited),
        total=invoice.total - sum((p.amount for p in credited), ZERO),
        paid=line.paid - sum((p.amount for p in credited), ZERO),
        outstanding=line.outstanding,
        payments=tuple(PaymentView(p.on, p.amount) for p in known if not p.credit),
        undated_payment=any(p.on is None for p in invoice.payments),
        payment_link=link if link.startswith(("https://", "http://")) and " " not in link else "",
        attached=attached,
        contacts=late,
        history=_history(late, plural=plural),
        charged=charged,
        segments=costs.segments,
        interest=costs.interest,
        recovery_fee=costs.recovery_fee,
        charges=costs.interest + costs.recovery_fee,
        claimed=line.outstanding + costs.interest + costs.recovery_fee,
    )


def _customer(customer: Customer) -> CustomerView:
    reader = person(customer)
    kind = known_kind(customer)
    return CustomerView(
        name=clean(customer.name),
        contact=reader.name,
        greeting=greeting(reader),
        formal_greeting=formal_greeting(reader),
        attention=f"{reader.title} {reader.name}".strip() if reader.name else "",
        address=clean_lines(customer.address),
        registration=_registration(customer.siret),
        kind=kind.value if kind is not None else "",
    )


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


def _short(numbers: list[str]) -> str:
    """At most three numbers, for a subject: A, B et 4 autres."""
    if len(numbers) <= SUBJECT_NUMBERS:
        return listing(numbers)
    shown = numbers[: SUBJECT_NUMBERS - 1]
    return f"{', '.join(shown)} et {len(numbers) - len(shown)} autres"


def _history(contacts: Sequence[ContactView], *, plural: bool) -> tuple[str, ...]:
    """One phrase per way: mes messages des 2 et 9 décembre 2026, mon appel du 5 décembre 2026."""
    said = []
    for noun, channels in _WAYS:
        days = {contact.date for contact in contacts if contact.channel in channels}
        if len(days) == 1:
            said.append(f"{'notre' if plural else 'mon'} {noun} du {dates_fr(days)}")
        elif days:
            said.append(f"{'nos' if plural else 'mes'} {noun}s des {dates_fr(days)}")
    return tuple(said)
