"""What a template may see of one invoice: money, contacts, credit notes, each a plain frozen value."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from relance.core.charges import Segment
from relance.letters.people import Whole


@dataclass(frozen=True, slots=True)
class PaymentView(Whole):
    """Money received; `date` is None where nobody knows it."""

    date: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ContactView(Whole):
    """One time the customer was reached after the due date; `channel` is email, call, letter or sms."""

    date: date
    channel: str


@dataclass(frozen=True, slots=True)
class CreditView(Whole):
    """A credit note: what of it pays an invoice, or what is left of it, as a positive amount.

    `number` is empty and `date` None where nobody knows them.
    """

    number: str
    amount: Decimal
    date: date | None


@dataclass(frozen=True, slots=True)
class InvoiceView(Whole):
    """One invoice; the charges are zero unless the message may name them (`charged`).

    `late_days` are those that bear interest, `work` is what was done as the file's label tells it. `cut` tells that
    a part payment came late. `fee_apart` is a fee in EUR that cannot be added to another currency.
    `total` is what was billed less the credit notes that pay it; `paid` and `payments` are money alone. `promised` is
    the day for which the customer announced its payment and did not keep it; `available` and `approved` those on which
    a platform gave the invoice to the customer, and the customer said that it is right.
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
    promised: date | None
    work: str = ""
    available: date | None = None
    approved: date | None = None

    @property
    def late_days(self) -> int:
        return sum(segment.days for segment in self.segments)

    @property
    def charges(self) -> Decimal:
        return self.interest + self.recovery_fee

    @property
    def claimed(self) -> Decimal:
        return self.outstanding + self.charges
