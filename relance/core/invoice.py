"""What is owed and by whom: invoices, customers, payments, and what could not be read."""

import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from relance.core.interest import OwnTerms

ZERO = Decimal("0.00")
UNNAMED = " "  # stands for the number of a credit note where nobody knows it: no real one is blank


class Kind(StrEnum):
    """Who owes, in the eyes of the law: L441-10 C. com. protects business and public creditors alone."""

    BUSINESS = "business"
    PUBLIC = "public"
    CONSUMER = "consumer"


class Forum(StrEnum):
    """Where a customer is, as far as courts are concerned."""

    FRANCE = "france"
    UNION = "union"  # a member state where the European procedures are in force: all but Denmark
    ELSEWHERE = "elsewhere"
    ABROAD = "abroad"  # outside France, nobody knows where


class Status(StrEnum):
    """What the file says of an invoice, apart from its amounts and dates."""

    OPEN = "open"
    DRAFT = "draft"
    CANCELLED = "cancelled"
    CREDIT_NOTE = "credit_note"
    WRITTEN_OFF = "written_off"
    FACTORED = "factored"
    DISPUTED = "disputed"
    EXCLUDED = "excluded"
    DIRECT_DEBIT = "direct_debit"
    UNCLEAR = "unclear"


class Customer(NamedTuple):
    """Who owes; every field but the name may be empty. `kind` is None where nobody said it.

    `profile` is "key" for one whom only a person presses (see policy.schedule_for), "new" for one who has never paid
    yet; `formality` is "tu" or empty. `terms` are the charges agreed with this customer, None where they are those of
    everybody.
    """

    name: str
    code: str = ""
    siret: str = ""
    vat_number: str = ""
    emails: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    contact: str = ""
    civility: str = ""
    phone: str = ""
    address: str = ""
    language: str = "fr"
    kind: Kind | None = None
    schedule: str = ""
    excluded: bool = False
    profile: str = ""
    terms: OwnTerms | None = None
    formality: str = ""


class Payment(NamedTuple):
    """Money received, in the invoice's currency; without a date it counts as made by the due date.

    `credit` is the number of the credit note that pays in its place, a `rebate` or a correction of what was billed;
    `from_rest` tells that only what is left shows it.
    """

    amount: Decimal
    on: date | None = None
    credit: str = ""
    from_rest: bool = False
    rebate: bool = False


class Snapshot(NamedTuple):
    """What an invoice looked like when it was last spoken of; a difference asks for confirmation."""

    customer: str
    emails: tuple[str, ...]
    total: Decimal
    due_date: date


class Contact(NamedTuple):
    """One time the customer was reached about an invoice; `stage` is empty where nobody knows it.

    `cause` is why he is late, as a person learnt it (a Cause), `note` that person's word about it; a letter has its
    `tracking` number and the days on which it was `posted` and `received`.
    """

    stage: str
    channel: str
    on: date
    to: tuple[str, ...] = ()
    term: date | None = None
    snapshot: Snapshot | None = None
    message_id: str = ""
    cause: str = ""
    tracking: str = ""
    posted: date | None = None
    received: date | None = None
    note: str = ""


class Invoice(NamedTuple):
    """One debt as a file tells it (EN 16931: BT-1, BT-2, BT-9, BT-112); amounts with VAT.

    `note` carries the file's own words about a status (why unclear, what is disputed), `work` about what was done;
    `contacts` are the reminders that the file itself records; `pdf_path` is where its PDF really lies, `pdf_fault` why
    it must not be used; `transfer` is what it asks the customer to write into the transfer (BT-83).
    """

    number: str
    customer: Customer
    due_date: date
    total: Decimal
    issue_date: date | None = None
    currency: str = "EUR"
    payments: tuple[Payment, ...] = ()
    status: Status = Status.OPEN
    note: str = ""
    contacts: tuple[Contact, ...] = ()
    pdf: str = ""
    payment_link: str = ""
    line: int = 0
    pdf_fault: str = ""
    pdf_path: str = ""
    work: str = ""
    transfer: str = ""


MARK_LENGTH = 8
"""Of what names the cells of a row: it changes when one of those that are read does."""


class Problem(NamedTuple):
    """One thing that could not be read, located; `message` is the French sentence shown to the user.

    `mark` names the cells of its row as they stand, `number` is the one that the row has; empty where it has none.
    """

    file: str
    message: str
    sheet: str | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None
    mark: str = ""
    number: str = ""


class LeftOut(NamedTuple):
    """One row that no total counts, and that could be owed: what can be read of what is left, None where nothing can.

    `key` is that of its invoice, empty where it made none; `currency` is that of the amount.
    """

    amount: Decimal | None = None
    currency: str = "EUR"
    key: str = ""


_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"), "-")


def normalised_number(text: str) -> str:
    """A number as an identity, or a text to find it in: forms, dashes and spaces unified, upper case, zeros kept."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return " ".join(text.split()).upper()


def invoice_key(invoice: Invoice) -> str:
    """The invoice's identity: its normalised number and its issue year (its due year where none is known)."""
    year = (invoice.issue_date or invoice.due_date).year
    return f"{normalised_number(invoice.number)}/{year}"


def number_of(key: str) -> str:
    """The normalised number in the key of an invoice."""
    return key.rpartition("/")[0]


def keyed(invoices: Iterable[Invoice]) -> list[tuple[str, Invoice]]:
    """Each invoice behind its key."""
    return [(invoice_key(invoice), invoice) for invoice in invoices]


@lru_cache(maxsize=65536)
def normalised_name(name: str) -> str:
    """A name without accents, case or doubled spaces, for comparison only."""
    text = unicodedata.normalize("NFKD", name).casefold()
    return " ".join("".join(c for c in text if not unicodedata.combining(c)).split())


def customer_id(customer: Customer) -> str:
    """The customer's identity: code, else SIRET, else the same normalised name and the same e-mail."""
    if customer.code:
        return f"code:{customer.code}"
    if customer.siret:
        return f"siret:{customer.siret}"
    return f"name:{normalised_name(customer.name)}|{' '.join(sorted(e.casefold() for e in customer.emails))}"


def targets_of(key: str, customer: Customer) -> tuple[str, ...]:
    """What a hold on an invoice may stand under: its key, its customer's identity, the customer's name alone.

    The name alone, because whoever is held without a code stays so when the address is corrected or a code is given.
    """
    return (key, *customer_targets(customer))


def is_of_company(siret: str, siren: str) -> bool:
    """Whether a SIRET is that of a place of the company that a SIREN (nine digits) names, or is this SIREN."""
    return len(siren) == 9 and siren.isdigit() and siret.startswith(siren)


@lru_cache(maxsize=65536)
def customer_targets(customer: Customer) -> tuple[str, ...]:
    """What a hold on all of a customer may stand under."""
    name = f"name:{normalised_name(customer.name)}"
    identity = customer_id(customer)
    return (name,) if identity.startswith(f"{name}|") else (identity, name)


def held_target(target: str) -> str:
    """The same target (an invoice key or a customer id), a customer known by name alone without its addresses."""
    return target.partition("|")[0] if target.startswith("name:") else target


def payments_until(invoice: Invoice, day: date) -> tuple[Payment, ...]:
    """The payments made on or before `day`, those without a date included."""
    if not invoice.payments:
        return ()
    return tuple(p for p in invoice.payments if p.on is None or p.on <= day)


def paid_until(invoice: Invoice, day: date) -> Decimal:
    """What was paid on or before `day`, in the invoice's currency."""
    if not invoice.payments:
        return ZERO
    return sum((payment.amount for payment in invoice.payments if payment.on is None or payment.on <= day), ZERO)


def is_issued(invoice: Invoice, day: date) -> bool:
    """True where its issue date is not still to come."""
    return invoice.issue_date is None or invoice.issue_date <= day


def snapshot_of(invoice: Invoice) -> Snapshot:
    """What is compared later to see that the invoice changed."""
    customer = invoice.customer
    return Snapshot(normalised_name(customer.name), comparable(customer.emails), invoice.total, invoice.due_date)


@lru_cache(maxsize=65536)
def comparable(emails: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses without their case and order."""
    return tuple(sorted(email.casefold() for email in emails))
