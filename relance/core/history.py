"""What happened before, folded: of each invoice under its present number, of customers, of the user's mailbox."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from relance.core.facts import (
    Allocated,
    Approved,
    Backlog,
    BacklogAnswered,
    ClockConfirmed,
    Confirmed,
    Deferred,
    Drafted,
    Fact,
    FileConfirmed,
    Held,
    HoldReason,
    Incoming,
    InDoubt,
    MailboxChanged,
    Paid,
    Received,
    Refused,
    Released,
    Reminded,
)
from relance.core.invoice import ZERO, Contact, held_target
from relance.core.reasons import ClockFault

HEARD_DAYS = 3
"""A mail from the customer that says nothing of the invoice is given this many days, once."""


class Inbox(NamedTuple):
    """`answers` are the mails that wait for the user, by invoice key, `bounced` those that refuse an address, by it.

    `mails` names all that were ever told. `unreachable` is the day from which the mailbox could not be read, None where
    it can.
    """

    answers: Mapping[str, tuple[Received, ...]] = MappingProxyType({})
    bounced: Mapping[str, Received] = MappingProxyType({})
    mails: frozenset[str] = frozenset()
    unreachable: date | None = None


EMPTY = Inbox()


def fold_mails(facts: Sequence[Fact], today: date) -> Inbox:
    """The state on `today`; facts of later days are not known yet."""
    if not any(isinstance(fact, Received | MailboxChanged) for fact in facts):
        return EMPTY
    waiting: list[Received] = []
    mails: set[str] = set()
    unreachable = None
    for fact in facts:
        if fact.on > today:
            continue
        match fact:
            case Received():
                mails.add(fact.mail)
                waiting.append(fact)
            case Held() | Released():
                waiting = [mail for mail in waiting if not _dealt_with(mail, fact)]
            case MailboxChanged():
                unreachable = None if fact.reachable else fact.on
    answers: dict[str, tuple[Received, ...]] = {}
    for mail in waiting:
        if mail.what is Incoming.ANSWER:
            answers[mail.invoice] = (*answers.get(mail.invoice, ()), mail)
    bounced = {mail.address: mail for mail in waiting if mail.what is Incoming.BOUNCE}
    return Inbox(answers, bounced, frozenset(mails), unreachable)


def _dealt_with(mail: Received, said: Held | Released) -> bool:
    """A hold on the invoice or its customer is what the user made of an answer; a bounce needs his release."""
    about = said.target in (mail.invoice, mail.customer)
    return about and (isinstance(said, Released) or mail.what is not Incoming.BOUNCE)


def waits_for_user(inbox: Inbox, target: str) -> bool:
    """Whether a mail about this invoice or customer waits for the user's release."""
    mails = (*(mail for each in inbox.answers.values() for mail in each), *inbox.bounced.values())
    return any(target in (mail.invoice, mail.customer) for mail in mails)


def heard(received: Sequence[Received], contacts: Iterable[Contact]) -> tuple[date, Received] | None:
    """The first mail since the last contact that may tell something, with the day until which it delays.

    It is the customer's, or says that ours is still under way.
    """
    if not received:
        return None
    kinds = (Incoming.OTHER, Incoming.DELAYED)
    last = max((contact.on for contact in contacts), default=date.min)
    found = next((mail for mail in received if mail.what in kinds and mail.on >= last), None)
    return (found.on + timedelta(days=HEARD_DAYS), found) if found is not None else None


Overruled = tuple[Allocated, str]
"""An allocation that counts no more, and the number of the other invoice off which the file takes the credit note."""


class Past(NamedTuple):
    """The facts about one invoice, each kind in the order it happened.

    `overruled` are allocations whose credit note the file itself takes off another invoice.
    """

    contacts: tuple[Contact, ...] = ()
    doubts: tuple[InDoubt, ...] = ()
    drafts: tuple[Drafted, ...] = ()
    refusals: tuple[Refused, ...] = ()
    deferrals: tuple[Deferred, ...] = ()
    payments: tuple[Paid, ...] = ()
    approvals: tuple[Approved, ...] = ()
    confirmations: tuple[Confirmed, ...] = ()
    allocations: tuple[Allocated, ...] = ()
    received: tuple[Received, ...] = ()
    overruled: tuple[Overruled, ...] = ()


NOTHING = Past()


class Seen(NamedTuple):
    """An invoice as the last run saw it in the file; `gone_on` is the day on which it was there no more.

    `paid` is what was paid of it (None: an older version did not look), `paid_on` the day on which that was first
    seen to have grown; `formerly` are identities that its customer had before, those of whom something was said.
    """

    invoice: str
    number: str
    customer: str
    total: Decimal
    issue_date: date | None
    due_date: date
    is_open: bool
    gone_on: date | None = None
    paid: Decimal | None = None
    paid_on: date | None = None
    formerly: tuple[str, ...] = ()


class Promise(NamedTuple):
    """What a customer promised: to pay by `until`; told on `on`, and void from `ended` on (released, or renewed).

    `target` is the invoice key or customer id that it was told of.
    """

    until: date
    on: date
    ended: date | None = None
    target: str = ""


class FileState(NamedTuple):
    """How fresh the file is: the day it was last changed or confirmed, and whether this content was confirmed.

    `conflict` is the name of another version of it that lies beside it; `oldest` that of its list of payments, where
    this is the older of the two.
    """

    fresh_on: date
    confirmed: bool = False
    conflict: str = ""
    oldest: str = ""


class History(NamedTuple):
    """All that was said and done; `started` is the day the journal was created (None: no journal at all).

    `addresses` tells the day of the last message to each, `refused` those that a server refused for good, whichever
    invoice that was about (both in lower case).

    `holds`, `promises` and `releases` are by target (see invoice.targets_of), promises long past included; `seen` is
    what the last run saw, by invoice key; `file` is None where nobody has to vouch for it. `inbox` is what the mailbox
    told. `now` is the moment that deferred messages are measured by (None: the day alone); `clock` tells what is wrong
    with the machine's clock, None where nothing is.
    """

    started: date | None = None
    backlog: Backlog | None = None
    last_day: date | None = None
    invoices: Mapping[str, Past] = MappingProxyType({})
    holds: Mapping[str, tuple[Held, ...]] = MappingProxyType({})
    promises: Mapping[str, tuple[Promise, ...]] = MappingProxyType({})
    releases: Mapping[str, date] = MappingProxyType({})
    addresses: Mapping[str, date] = MappingProxyType({})
    refused: Mapping[str, Refused] = MappingProxyType({})
    allocated: Mapping[str, Decimal] = MappingProxyType({})
    seen: Mapping[str, Seen] = MappingProxyType({})
    file: FileState | None = None
    inbox: Inbox = EMPTY
    now: datetime | None = None
    clock: ClockFault | None = None


def fold(facts: Iterable[Fact], started: date | None, today: date) -> History:
    """The state on `today`; facts of later days are not known yet, but `last_day` tells that they exist."""
    facts = tuple(facts)
    days = [fact.on for fact in facts] + ([started] if started is not None else [])
    heirs = heirs_of(facts, today)
    told = [fact for fact in facts if fact.on <= today]
    known = [each for fact in told for each in inherited(fact, heirs)] if heirs else told
    holds, promises, releases = _agreed(known)
    return History(
        started=started,
        backlog=next((fact.answer for fact in reversed(known) if isinstance(fact, BacklogAnswered)), None),
        last_day=max(days, default=None),
        invoices=_pasts(known),
        holds=holds,
        promises=promises,
        releases=releases,
        addresses=_written_to(known),
        refused={fact.address.casefold(): fact for fact in known if isinstance(fact, Refused) and fact.address},
        allocated=_allocated(told),
        inbox=fold_mails(facts, today),
    )


_Holds = dict[str, tuple[Held, ...]]
_Promises = dict[str, tuple[Promise, ...]]


def _agreed(known: Iterable[Fact]) -> tuple[_Holds, _Promises, dict[str, date]]:
    """What is held, what was promised, and the last release, by target."""
    holds: _Holds = {}
    promises: _Promises = {}
    releases: dict[str, date] = {}
    for fact in known:
        if not isinstance(fact, Held | Released):
            continue
        target = held_target(fact.target)
        if isinstance(fact, Released):
            holds.pop(target, None)
            promises[target] = _ended(promises.get(target, ()), fact.on)
            releases[target] = fact.on
            continue
        holds[target] = (*_others(holds.get(target, ()), fact), fact)
        if fact.reason is HoldReason.PROMISE and fact.until is not None:
            before = _ended(promises.get(target, ()), fact.on)
            promises[target] = (*before, Promise(fact.until, fact.on, target=fact.target))
    return holds, promises, releases


def _pasts(known: Iterable[Fact]) -> dict[str, Past]:
    """What is known of each invoice; a refused address is nobody's own."""
    invoices: dict[str, dict[str, list[Fact | Contact]]] = {}
    for fact in known:
        if isinstance(fact, Reminded):
            _add_contact(invoices.setdefault(fact.invoice, {}).setdefault("contacts", []), fact.contact)
        elif type(fact) in _SLOT and not (isinstance(fact, Refused) and fact.address):
            slots = invoices.setdefault(fact.invoice, {})  # type: ignore[union-attr]
            slots.setdefault(_SLOT[type(fact)], []).append(fact)
    return {key: _past(kinds) for key, kinds in invoices.items()}


def _written_to(known: Iterable[Fact]) -> dict[str, date]:
    """The day of the last message to each address."""
    addresses: dict[str, date] = {}
    for fact in known:
        if isinstance(fact, Reminded) and fact.contact.channel == "email":
            for address in fact.contact.to:
                addresses[address.casefold()] = max(fact.on, addresses.get(address.casefold(), fact.on))
    return addresses


def _allocated(told: Iterable[Fact]) -> dict[str, Decimal]:
    """What was used up of each credit note: once, whoever inherits what it pays."""
    allocated: dict[str, Decimal] = {}
    for fact in told:
        if isinstance(fact, Allocated):
            allocated[fact.credit] = allocated.get(fact.credit, ZERO) + fact.amount
    return allocated


def _others(holds: tuple[Held, ...], new: Held) -> Iterator[Held]:
    """The holds that `new` leaves as they are: it takes the place of the one told before it for the same reason."""
    return (held for held in holds if (held.target, held.reason) != (new.target, new.reason))


def _ended(promises: tuple[Promise, ...], on: date) -> tuple[Promise, ...]:
    """The same promises, none of them running any more after `on`."""
    return tuple(p if p.ended is not None else p._replace(ended=on) for p in promises)


def _add_contact(contacts: list[Fact | Contact], new: Contact) -> None:
    """One more contact; what is told later of a letter about the same due date completes it."""
    for i, old in enumerate(contacts if new.channel == "letter" else ()):
        if isinstance(old, Contact) and letter_key(old) == letter_key(new):
            contacts[i] = old._replace(
                cause=new.cause or old.cause,
                tracking=new.tracking or old.tracking,
                posted=new.posted or old.posted,
                received=new.received or old.received,
                note=new.note or old.note,
            )
            return
    contacts.append(new)


def former_keys(past: Past) -> tuple[str, ...]:
    """The keys that an invoice had under its former numbers."""
    return tuple(confirmed.was for confirmed in past.confirmations if confirmed.was)


def letter_key(contact: Contact) -> tuple[str, str, date | None]:
    """What two records of one letter share, told at different times: its stage, and the due date that it is about."""
    return contact.channel, contact.stage, contact.snapshot.due_date if contact.snapshot else None


_SLOT: dict[type, str] = {
    InDoubt: "doubts",
    Drafted: "drafts",
    Refused: "refusals",
    Deferred: "deferrals",
    Paid: "payments",
    Approved: "approvals",
    Confirmed: "confirmations",
    Allocated: "allocations",
    Received: "received",
}


def _past(kinds: Mapping[str, list[Fact | Contact]]) -> Past:
    return Past(**{slot: tuple(values) for slot, values in kinds.items()})  # type: ignore[arg-type]


Heirs = Mapping[str, tuple[str, ...]]
"""By invoice key, the keys that the invoice had later, as the user confirmed them."""


def heirs_of(facts: Iterable[Fact], today: date) -> Heirs:
    """Who goes on with whose past, on `today`; a number that was edited and edited back is the heir of its heir."""
    later: dict[str, set[str]] = {}
    for fact in facts:
        if isinstance(fact, Confirmed) and fact.was and fact.on <= today:
            later.setdefault(fact.was, set()).add(fact.invoice)
    return {key: tuple(sorted(_reached(key, later) - {key})) for key in later}


def _reached(key: str, later: Mapping[str, set[str]]) -> set[str]:
    found, ahead = set[str](), [key]
    while ahead:
        for heir in later.get(ahead.pop(), ()):
            if heir not in found:
                found.add(heir)
                ahead.append(heir)
    return found


def inherited(fact: Fact, heirs: Heirs) -> Iterator[Fact]:
    """The fact, as it was told and as it counts for each heir of the invoice that it is about."""
    if isinstance(fact, Held) and fact.covers:
        added = (heir for key in fact.covers for heir in heirs.get(key, ()))
        fact = fact._replace(covers=tuple(dict.fromkeys((*fact.covers, *added))))
    yield fact
    if isinstance(fact, Held | Released):
        yield from (fact._replace(target=heir) for heir in heirs.get(fact.target, ()))
    elif not isinstance(fact, BacklogAnswered | FileConfirmed | ClockConfirmed | MailboxChanged):
        yield from (fact._replace(invoice=heir) for heir in heirs.get(fact.invoice, ()))
