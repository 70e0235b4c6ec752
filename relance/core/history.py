"""What happened before, as facts, and the state that planning reads from them."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from relance.core.answers import Backlog, HoldReason
from relance.core.invoice import ZERO, Contact, Invoice, Payment, Snapshot, paid_until


class Reminded(NamedTuple):
    """A customer was reached about `invoice` (an invoice key), by the program or by hand."""

    invoice: str
    contact: Contact

    @property
    def on(self) -> date:
        """The day of the contact."""
        return self.contact.on


class InDoubt(NamedTuple):
    """A message was handed over and nobody knows whether the server took it."""

    invoice: str
    stage: str
    channel: str
    on: date


class Drafted(NamedTuple):
    """A message lies in the drafts folder; it is no contact until the user records that it was sent."""

    invoice: str
    stage: str
    channel: str
    on: date
    ladder: int = 0


class Refused(NamedTuple):
    """The mail server refused this address for good."""

    invoice: str
    address: str
    on: date
    reply: str = ""


class Held(NamedTuple):
    """The user holds `target` (an invoice key or a customer id); `until` is included."""

    target: str
    reason: HoldReason
    on: date
    until: date | None = None
    note: str = ""


class Released(NamedTuple):
    """The user ends the holds of `target`."""

    target: str
    on: date


class Paid(NamedTuple):
    """A payment told by hand; `shown` is what the file showed as paid when it was told."""

    invoice: str
    amount: Decimal
    on: date
    shown: Decimal = ZERO


class Approved(NamedTuple):
    """The user's word for one stage of one invoice as it stood: it lapses when any of this changes."""

    invoice: str
    stage: str
    on: date
    outstanding: Decimal
    snapshot: Snapshot


class BacklogAnswered(NamedTuple):
    """What to do with what was late before relance came."""

    answer: Backlog
    on: date


class Confirmed(NamedTuple):
    """The user says that an invoice's new address, customer, amount or due date is right."""

    invoice: str
    on: date
    snapshot: Snapshot


Fact = Reminded | InDoubt | Drafted | Refused | Held | Released | Paid | Approved | BacklogAnswered | Confirmed


class Past(NamedTuple):
    """The facts about one invoice, each kind in the order it happened."""

    contacts: tuple[Contact, ...] = ()
    doubts: tuple[InDoubt, ...] = ()
    drafts: tuple[Drafted, ...] = ()
    refusals: tuple[Refused, ...] = ()
    payments: tuple[Paid, ...] = ()
    approvals: tuple[Approved, ...] = ()
    confirmations: tuple[Confirmed, ...] = ()


NOTHING = Past()


class History(NamedTuple):
    """All that was said and done; `started` is the day the journal was created (None: no journal at all)."""

    started: date | None = None
    backlog: Backlog | None = None
    last_day: date | None = None
    invoices: Mapping[str, Past] = MappingProxyType({})
    holds: Mapping[str, tuple[Held, ...]] = MappingProxyType({})
    releases: Mapping[str, date] = MappingProxyType({})
    addresses: Mapping[str, date] = MappingProxyType({})


def fold(facts: Iterable[Fact], started: date | None, today: date) -> History:
    """The state on `today`; facts of later days are not known yet, but `last_day` tells that they exist."""
    backlog = None
    last_day = started
    invoices: dict[str, dict[str, list[Fact | Contact]]] = {}
    holds: dict[str, tuple[Held, ...]] = {}
    releases: dict[str, date] = {}
    addresses: dict[str, date] = {}
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
            case _:
                kinds = invoices.setdefault(fact.invoice, {})
                value = fact.contact if isinstance(fact, Reminded) else fact
                kinds.setdefault(_SLOT[type(fact)], []).append(value)
        if isinstance(fact, Reminded) and fact.contact.channel == "email":
            for address in fact.contact.to:
                addresses[address.casefold()] = max(fact.on, addresses.get(address.casefold(), fact.on))
    return History(
        started=started,
        backlog=backlog,
        last_day=last_day,
        invoices={key: _past(kinds) for key, kinds in invoices.items()},
        holds=holds,
        releases=releases,
        addresses=addresses,
    )


_SLOT: dict[type, str] = {
    Reminded: "contacts",
    InDoubt: "doubts",
    Drafted: "drafts",
    Refused: "refusals",
    Paid: "payments",
    Approved: "approvals",
    Confirmed: "confirmations",
}


def _past(kinds: Mapping[str, list[Fact | Contact]]) -> Past:
    return Past(**{slot: tuple(values) for slot, values in kinds.items()})  # type: ignore[arg-type]


def known_payments(invoice: Invoice, past: Past, today: date) -> tuple[Payment, ...]:
    """The file's payments, and on top what was told by hand as far as the file does not show it yet.

    A told payment counts on top of what the file showed when it was told; when the file's own amount
    rises, it absorbs it.
    """
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
