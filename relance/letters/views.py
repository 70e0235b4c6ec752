"""What a template may see: plain frozen values, cleaned of control characters.

Amounts stay Decimal and days stay date, so that the template's filters say how they read. Texts that are
unknown are empty; a day that is unknown is None.
"""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from relance.core.charges import Segment


@dataclass(frozen=True, slots=True)
class SenderView:
    """Who writes; `plural` is True where the letter says « nous », `rib` where the bank details are joined."""

    name: str
    legal_form: str
    voice: str
    plural: bool
    email: str
    phone: str
    address: tuple[str, ...]
    registration: str
    iban: str
    bic: str
    rib: bool
    signature: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerView:
    """Who reads; `greeting` is « Bonjour Madame Dupont », `formal_greeting` « Madame », both without a comma.

    `familiar` is True where the letter says « tu »; `profile` is key (an old, important customer), new, or empty.
    """

    name: str
    contact: str
    greeting: str
    formal_greeting: str
    attention: str
    address: tuple[str, ...]
    registration: str
    kind: str
    profile: str
    familiar: bool


@dataclass(frozen=True, slots=True)
class PaymentView:
    """Money received; `date` is None where nobody knows it."""

    date: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ContactView:
    """One time the customer was reached after the due date; `channel` is email, call, letter or sms."""

    date: date
    channel: str


@dataclass(frozen=True, slots=True)
class CreditView:
    """A credit note: what of it pays an invoice, or what is left of it, as a positive amount.

    `number` is empty and `date` None where nobody knows them.
    """

    number: str
    amount: Decimal
    date: date | None


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """One invoice; the charges are zero unless the message may name them (`charged`).

    `cut` tells that a part payment came late. `fee_apart` is a fee in EUR that cannot be added to another currency.
    `total` is what was billed less the credit notes that pay it; `paid` and `payments` are money alone. `promised` is
    the day for which the customer announced its payment and did not keep it.
    """

    number: str
    issue_date: date | None
    due_date: date
    days_overdue: int
    billed: Decimal
    credits: tuple[CreditView, ...]
    total: Decimal
    paid: Decimal
    outstanding: Decimal
    payments: tuple[PaymentView, ...]
    undated_payment: bool
    payment_link: str
    attached: bool
    contacts: tuple[ContactView, ...]
    history: tuple[str, ...]
    charged: bool
    segments: tuple[Segment, ...]
    cut: bool
    interest: Decimal
    recovery_fee: Decimal
    fee_apart: Decimal
    charges: Decimal
    claimed: Decimal
    promised: date | None


@dataclass(frozen=True, slots=True)
class LetterView:
    """All the names that a template knows at its top level; each is explained in `_variables.txt.j2`.

    `addressed` says to whom the invoices went, « adressée à Atelier Martin », agreeing with their number.
    `answered` is True where the customer is known to have come back to us, `unanswered` where he was written to and
    nothing came back; `waiver` where the charges are waived if all is paid by `term`; `promised` is the one day that
    every invoice was promised for. `enclosed` tells that a mail carries its letter as a PDF, `posted` that it is
    posted too; on paper, both are False.
    """

    customer: CustomerView
    sender: SenderView
    invoice: InvoiceView
    invoices: tuple[InvoiceView, ...]
    others: tuple[InvoiceView, ...]
    credits: tuple[CreditView, ...]
    charged: tuple[InvoiceView, ...]
    several: bool
    part_paid: bool
    attached: bool
    numbers: str
    numbers_short: str
    addressed: str
    currency: str
    outstanding: Decimal
    interest: Decimal
    recovery_fee: Decimal
    charges: Decimal
    claimed: Decimal
    fee_apart: Decimal
    daily: Decimal
    rate: Decimal
    rate_words: str
    imputation: str
    term: date | None
    today: date
    history: tuple[str, ...]
    answered: bool
    unanswered: bool
    waiver: bool
    promised: date | None
    instalment_date: date | None
    instalment_amount: Decimal | None
    channel: str
    enclosed: bool
    posted: bool


FIELDS: dict[type, frozenset[str]] = {
    view: frozenset(field.name for field in fields(view))
    for view in (LetterView, CustomerView, SenderView, InvoiceView, PaymentView, ContactView, CreditView)
}
FIELDS[Segment] = frozenset(Segment._fields)
"""The names under which each of these values holds its data."""


def values_of(view: LetterView) -> dict[str, object]:
    """The view's own values by their names, as a template receives them."""
    return {name: getattr(view, name) for name in FIELDS[LetterView]}
