"""The state that planning reads from what happened before."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from relance.core.answers import Backlog
from relance.core.facts import (
    Allocated,
    Approved,
    BacklogAnswered,
    Confirmed,
    Drafted,
    Fact,
    FileConfirmed,
    Held,
    InDoubt,
    MailboxChanged,
    Paid,
    Received,
    Refused,
    Released,
    Reminded,
)
from relance.core.inbox import EMPTY, Inbox, fold_mails
from relance.core.invoice import ZERO, Contact, Invoice, Payment, paid_until


class Past(NamedTuple):
    """The facts about one invoice, each kind in the order it happened."""

    contacts: tuple[Contact, ...] = ()
    doubts: tuple[InDoubt, ...] = ()
    drafts: tuple[Drafted, ...] = ()
    refusals: tuple[Refused, ...] = ()
    payments: tuple[Paid, ...] = ()
    approvals: tuple[Approved, ...] = ()
    confirmations: tuple[Confirmed, ...] = ()
    allocations: tuple[Allocated, ...] = ()
    received: tuple[Received, ...] = ()


NOTHING = Past()


class Seen(NamedTuple):
    """An invoice as the last run saw it in the file; `gone_on` is the day on which it was there no more."""

    invoice: str
    number: str
    customer: str
    total: Decimal
    issue_date: date | None
    due_date: date
    is_open: bool
    gone_on: date | None = None


class FileState(NamedTuple):
    """How fresh the file is: the day it was last changed or confirmed, and whether this content was confirmed.

    `conflict` is the name of another version of it that lies beside it.
    """

    fresh_on: date
    confirmed: bool = False
    conflict: str = ""


class History(NamedTuple):
    """All that was said and done; `started` is the day the journal was created (None: no journal at all).

    `seen` is what the last run saw, by invoice key; `file` is None where nobody has to vouch for it. `inbox` is what
    the mailbox told.
    """

    started: date | None = None
    backlog: Backlog | None = None
    last_day: date | None = None
    invoices: Mapping[str, Past] = MappingProxyType({})
    holds: Mapping[str, tuple[Held, ...]] = MappingProxyType({})
    releases: Mapping[str, date] = MappingProxyType({})
    addresses: Mapping[str, date] = MappingProxyType({})
    allocated: Mapping[str, Decimal] = MappingProxyType({})
    seen: Mapping[str, Seen] = MappingProxyType({})
    file: FileState | None = None
    inbox: Inbox = EMPTY


def fold(facts: Iterable[Fact], started: date | None, today: date) -> History:
    """The state on `today`; facts of later days are not known yet, but `last_day` tells that they exist."""
    backlog = None
    last_day = started
    invoices: dict[str, dict[str, list[Fact | Contact]]] = {}
    holds: dict[str, tuple[Held, ...]] = {}
    releases: dict[str, date] = {}
    addresses: dict[str, date] = {}
    allocated: dict[str, Decimal] = {}
    facts = tuple(facts)
    for fact in facts:
        last_day = fact.on if last_day is None else max(last_day, fact.on)
        if fact.on > today:
            continue
        match fact:
            case BacklogAnswered():
                backlog = fact.answer
            case Held():
                holds[fact.target] = (*holds.get(fact.target, ()), fact)
            case Released():
                holds.pop(fact.target, None)
                releases[fact.target] = fact.on
            case FileConfirmed() | MailboxChanged():
                pass
            case _:
                kinds = invoices.setdefault(fact.invoice, {})
                value = fact.contact if isinstance(fact, Reminded) else fact
                kinds.setdefault(_SLOT[type(fact)], []).append(value)
        if isinstance(fact, Allocated):
            allocated[fact.credit] = allocated.get(fact.credit, ZERO) + fact.amount
        if isinstance(fact, Reminded) and fact.contact.channel == "email":
            for address in fact.contact.to:
                addresses[address.casefold()] = max(fact.on, addresses.get(address.casefold(), fact.on))
    return History(
        started=started,
        backlog=backlog,
        last_day=last_day,
        invoices=_renumbered({key: _past(kinds) for key, kinds in invoices.items()}),
        holds=holds,
        releases=releases,
        addresses=addresses,
        allocated=allocated,
        inbox=fold_mails(facts, today),
    )


def _renumbered(invoices: dict[str, Past]) -> dict[str, Past]:
    """The past of an invoice under its former number, put before what happened under its new one."""
    for key, past in list(invoices.items()):
        for confirmed in past.confirmations:
            if confirmed.was in invoices:
                before, after = invoices[confirmed.was]._asdict(), invoices[key]._asdict()
                invoices[key] = Past(**{slot: before[slot] + after[slot] for slot in before})
    return invoices


_SLOT: dict[type, str] = {
    Reminded: "contacts",
    InDoubt: "doubts",
    Drafted: "drafts",
    Refused: "refusals",
    Paid: "payments",
    Approved: "approvals",
    Confirmed: "confirmations",
    Allocated: "allocations",
    Received: "received",
}


def _past(kinds: Mapping[str, list[Fact | Contact]]) -> Past:
    return Past(**{slot: tuple(values) for slot, values in kinds.items()})  # type: ignore[arg-type]


def known_payments(invoice: Invoice, past: Past, today: date) -> tuple[Payment, ...]:
    """The file's payments, and on top what was told by hand as far as the file does not show it yet.

    A told payment counts on top of what the file showed when it was told; when the file's own amount
    rises, it absorbs it. Credit notes allocated by hand pay too.
    """
    if past.allocations:
        credits = tuple(Payment(said.amount, said.dated, said.number) for said in past.allocations)
        invoice = invoice._replace(payments=invoice.payments + credits)
    if not past.payments:
        return invoice.payments
    floor = ZERO
    for told in past.payments:
        floor = max(told.shown, floor) + told.amount
    missing = max(ZERO, floor - paid_until(invoice, today))
    extra = []
    for told in reversed(past.payments):
        part = min(told.amount, missing)
        if part > 0:
            extra.append(Payment(part, told.on))
            missing -= part
    return invoice.payments + tuple(reversed(extra))


def contacts_of(invoice: Invoice, past: Past, today: date) -> tuple[Contact, ...]:
    """Every contact about an invoice up to `today`, from the file and from the journal, oldest first."""
    if not invoice.contacts:
        return past.contacts
    in_file = [contact for contact in invoice.contacts if contact.on <= today]
    return tuple(sorted((*in_file, *past.contacts), key=lambda contact: contact.on))
