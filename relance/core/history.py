"""What happened before, folded: of each invoice under its present number, of customers, of the user's mailbox."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args

from relance.core.facts import (
    Allocated,
    Approved,
    Backlog,
    BacklogAnswered,
    Confirmed,
    Credited,
    Deferred,
    Drafted,
    Fact,
    Held,
    InDoubt,
    OfInvoice,
    Paid,
    RateConfirmed,
    Refused,
    Released,
    Reminded,
    RowKnown,
)
from relance.core.interest import Rate
from relance.core.invoice import ZERO, Contact, held_target
from relance.core.mails import Inbox, MailboxChanged, Received
from relance.core.reading import Unagreed
from relance.core.reasons import ClockFault, Unended, Unplaced
from relance.core.status import Platform

if TYPE_CHECKING:
    from relance.core.bank import BankState, Word

_Kind = TypeVar("_Kind")


class Past(NamedTuple):
    """The facts about one invoice, each kind in the order it happened.

    `refusals` are of messages: a refused address is nobody's own. `overruled` are allocations that count no more, each
    with the number of the other invoice off which the file itself takes the credit note.
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
    overruled: tuple[tuple[Allocated, str], ...] = ()


NOTHING = Past()


class Seen(NamedTuple):
    """An invoice as the last run saw it in the file; `gone_on` is the day on which it was there no more.

    `paid` is what was paid of it (None: an older version did not look), `paid_on` the day on which that was first
    seen to have grown; `formerly` are identities that its customer had before, those of whom something was said.
    `emails` are its customer's addresses in lower case (None: an older version did not look).
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
    emails: tuple[str, ...] | None = None

    @property
    def all_paid(self) -> bool:
        return self.paid is not None and self.paid >= self.total


class Promise(NamedTuple):
    """What a customer promised: to pay by `until`; told on `on`, and void from `ended` on (released, or renewed).

    `target` is the invoice key or customer id that it was told of.
    """

    until: date
    on: date
    ended: date | None = None
    target: str = ""

    def runs_on(self, day: date) -> bool:
        """True where it was neither renewed nor released before `day`."""
        return self.ended is None or self.ended >= day


class Run(NamedTuple):
    """A run of the schedule for the day `on`: when it began and ended (aware; None: it was cut short), its exit code.

    `counts` tells what it did, by name: messages by what became of them (sent, refused...), news for the user.
    """

    on: date
    began: datetime
    ended: datetime | None = None
    code: int | None = None
    counts: Mapping[str, int] = MappingProxyType({})


class FileState(NamedTuple):
    """How fresh the file is: the day it was last changed or confirmed, and whether this content was confirmed.

    `conflict` is the name of another version of it that lies beside it; `oldest` that of the file that is the oldest,
    where there are several or it is the list of payments.
    """

    fresh_on: date
    confirmed: bool = False
    conflict: str = ""
    oldest: str = ""


ONCE = "once "
"""How the names of notices begin that ask for nothing: a run tells them one single time."""


class History(NamedTuple):
    """All that was said and done; `started` is the day the journal was created (None: no journal at all).

    `addresses` tells the day of the last message to each, `refused` those that a server refused for good, whichever
    invoice that was about (both in lower case). `renamed` are the Message-IDs that a server put in the place of ours.
    `holds`, `promises` and `releases` are by target (see invoice.targets_of), promises long past included; `rates` are
    those of which the user said whether they were agreed; `seen` is what the last run saw, by invoice key; `file` is
    None where nobody has to vouch for it. `inbox` is what the mailbox told. `now` is the moment that deferred messages
    are measured by (None: the day alone); `clock` tells what is wrong with the machine's clock, `unagreed` what is open
    of how the file is read; None where nothing is. `given` tells that the user gave the day.
    By invoice key, `unended` are the last rows that may be cut and that nobody saw whole. `unread` are the numbers of
    rows that made no invoice, empty for one that has none. `known` names the rows whose
    problem the user knows (marks, and keys of unclear invoices); `unplaced` is money for invoices that are not there.
    `by_lines` tells that the file has totals only as the sum of several rows, `payments_untold` that it holds invoices
    as they were issued, and nothing beside it says who has paid since. `credits` and `payers` are what was said of the
    bank's credits (see bank.Books); what they pay stands among the payments too, with the credit that it is of. `bank`
    is what the statements tell, `platform` what the platforms tell of e-invoices; None where none are read. `told` are
    the names of notices that are told one single time.
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
    rates: Mapping[Rate, bool] = MappingProxyType({})
    seen: Mapping[str, Seen] = MappingProxyType({})
    file: FileState | None = None
    inbox: Inbox = Inbox()
    now: datetime | None = None
    clock: ClockFault | None = None
    given: bool = False
    unagreed: Unagreed | None = None
    unended: Mapping[str, Unended] = MappingProxyType({})
    unread: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    unplaced: tuple[Unplaced, ...] = ()
    by_lines: bool = False
    payments_untold: bool = False
    renamed: Mapping[str, str] = MappingProxyType({})
    credits: Mapping[str, "Word"] = MappingProxyType({})
    payers: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    bank: "BankState | None" = None
    platform: Platform | None = None
    told: frozenset[str] = frozenset()

    @property
    def vouched(self) -> bool:
        """True where the user said that the file is right as it is."""
        return self.file is not None and self.file.confirmed

    @property
    def as_is(self) -> bool:
        """True where what was late before goes on at the stage by date: so said the user, or there is no journal."""
        return self.started is None or self.backlog is Backlog.AS_IS


def fold(facts: Iterable[Fact], started: date | None, today: date) -> History:
    """The state on `today`; facts of later days are not known yet, but `last_day` tells that they exist."""
    facts = tuple(facts)
    told, known = _with_payments([fact for fact in facts if fact.on <= today])
    heirs = heirs_of(told)
    known = [each for fact in known for each in _inherited(fact, heirs)] if heirs else known
    holds, promises, releases = _agreed(known)
    history = History(
        started=started,
        backlog=next((said.answer for said in reversed(_of(BacklogAnswered, known))), None),
        last_day=max(filter(None, (started, *(fact.on for fact in facts))), default=None),
        invoices=_pasts(known),
        holds=holds,
        promises=promises,
        releases=releases,
        addresses=_written_to(known),
        refused={said.address.casefold(): said for said in _of(Refused, known) if said.address},
        allocated=_allocated(told),
        rates={said.rate: said.stands for said in _of(RateConfirmed, told)},
        inbox=_inbox_of(told),
        known=frozenset(said.row for said in _of(RowKnown, told)),
        renamed={said.contact.message_id: said.renamed for said in _of(Reminded, told) if said.renamed},
    )
    return _with_words(history, told)


def _with_payments(told: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """These facts, of each credit of the bank its last word alone; and the same with the payments that credits are."""
    if not _of(Credited, told):
        return told, told
    from relance.core.credited import last_words, with_payments  # imported here: most plans read no statement

    told = last_words(told)
    return told, [*with_payments(told)]


def _with_words(history: History, told: Sequence[Fact]) -> History:
    """The history with what was said of the credits of the bank."""
    if not _of(Credited, told):
        return history
    from relance.core.credited import payers, words  # imported here: most plans read no statement

    return history._replace(credits=words(told), payers=payers(told))


def _inbox_of(told: Sequence[Fact]) -> Inbox:
    if not any(isinstance(fact, Received | MailboxChanged) for fact in told):
        return Inbox()
    from relance.core.inbox import inbox_of  # imported here: most plans read no mailbox

    return inbox_of(told)


def without_drafts(history: History, drafts: Collection[Drafted]) -> History:
    """The history as if these drafts had not been written."""
    left = {
        draft.invoice: tuple(each for each in history.invoices[draft.invoice].drafts if each not in drafts)
        for draft in drafts
        if draft.invoice in history.invoices
    }
    pasts = {key: history.invoices[key]._replace(drafts=kept) for key, kept in left.items()}
    return history._replace(invoices={**history.invoices, **pasts})


def _of(kind: type[_Kind], facts: Iterable[Fact]) -> list[_Kind]:
    return [fact for fact in facts if isinstance(fact, kind)]


_Holds = dict[str, tuple[Held, ...]]
_Promises = dict[str, tuple[Promise, ...]]


def _agreed(known: Iterable[Fact]) -> tuple[_Holds, _Promises, dict[str, date]]:
    """What is held, what was promised, and the last release, by target."""
    holds: _Holds = {}
    promises: _Promises = {}
    releases: dict[str, date] = {}
    for fact in known:
        if isinstance(fact, Released):
            target = held_target(fact.target)
            holds.pop(target, None)
            promises[target] = ended(promises.get(target, ()), fact.on)
            releases[target] = fact.on
        elif isinstance(fact, Held):
            target = held_target(fact.target)
            holds[target] = (*_others(holds.get(target, ()), fact), fact)
            if fact.promised is not None:
                promise = Promise(fact.promised, fact.on, target=fact.target)
                promises[target] = (*ended(promises.get(target, ()), fact.on), promise)
    return holds, promises, releases


def _others(holds: tuple[Held, ...], new: Held) -> Iterator[Held]:
    """The holds that `new` leaves as they are: it takes the place of the one told before it for the same reason."""
    return (held for held in holds if (held.target, held.reason) != (new.target, new.reason))


def ended(promises: Iterable[Promise], on: date | None) -> tuple[Promise, ...]:
    """The same promises, none of them running any more after `on`, where that is known."""
    return tuple(p if p.ended is not None else p._replace(ended=on) for p in promises)


def _written_to(known: Iterable[Fact]) -> dict[str, date]:
    addresses: dict[str, date] = {}
    for said in _of(Reminded, known):
        note_message(addresses, said.contact, said.contact.to)
    return addresses


def note_message(addresses: dict[str, date], contact: Contact, to: Iterable[str]) -> None:
    """Note the day of a contact beside each address that it reached, unless it was no message or another is later."""
    if contact.channel == "email":
        for address in map(str.casefold, to):
            addresses[address] = max(contact.on, addresses.get(address, contact.on))


def _allocated(told: Iterable[Fact]) -> dict[str, Decimal]:
    """What was used up of each credit note: once, whoever inherits what it pays."""
    allocated: dict[str, Decimal] = {}
    for said in _of(Allocated, told):
        allocated[said.credit] = allocated.get(said.credit, ZERO) + said.amount
    return allocated


_SLOT: Mapping[type, str] = dict(zip(get_args(OfInvoice), Past._fields, strict=False))
"""Where the facts of a kind stand in a past: they are named in the same order."""


def _pasts(known: Iterable[Fact]) -> dict[str, Past]:
    pasts: dict[str, dict[str, list[Any]]] = {}
    for fact in known:
        if isinstance(fact, OfInvoice) and not (isinstance(fact, Refused) and fact.address):
            pasts.setdefault(fact.invoice, {}).setdefault(_SLOT[type(fact)], []).append(fact)
    return {key: _past(**slots) for key, slots in pasts.items()}


def _past(contacts: Iterable[Reminded] = (), **others: Iterable[Any]) -> Past:
    """What is told later of a letter about the same due date completes it."""
    found: dict[object, Contact] = {}
    for said in contacts:
        new = said.contact
        one = letter_key(new) if new.channel == "letter" else len(found)
        found[one] = _completed(found[one], new) if one in found else new
    return Past(tuple(found.values()), **{slot: tuple(facts) for slot, facts in others.items()})


def _completed(letter: Contact, by: Contact) -> Contact:
    told = {name: getattr(by, name) for name in ("cause", "tracking", "posted", "received", "note")}
    return letter._replace(**{name: value for name, value in told.items() if value})


def letter_key(contact: Contact) -> tuple[str, str, date | None]:
    """What two records of one letter share, told at different times: its stage, and the due date that it is about."""
    return contact.channel, contact.stage, contact.snapshot.due_date if contact.snapshot else None


def former_keys(past: Past) -> tuple[str, ...]:
    """The keys that an invoice had under its former numbers."""
    return tuple(confirmed.was for confirmed in past.confirmations if confirmed.was)


Heirs = Mapping[str, Sequence[str]]
"""By invoice key, the keys that the invoice had later, as the user confirmed them."""


def heirs_of(told: Iterable[Fact]) -> Heirs:
    """Who goes on with whose past; a number that was edited and edited back is the heir of its heir."""
    heirs: dict[str, set[str]] = {}
    for said in _of(Confirmed, told):
        if said.was:
            heirs.setdefault(said.was, {said.was})
            new = heirs.get(said.invoice, {said.invoice})
            for theirs in heirs.values():
                if said.was in theirs:
                    theirs |= new
    return {key: sorted(theirs - {key}) for key, theirs in heirs.items()}


def _inherited(fact: Fact, heirs: Heirs) -> Iterator[Fact]:
    """The fact, as it was told and as it counts for each heir of the invoice that it is about."""
    if isinstance(fact, Held):
        added = (heir for key in fact.covers for heir in heirs.get(key, ()))
        fact = fact._replace(covers=tuple(dict.fromkeys((*fact.covers, *added))))
    yield fact
    about = "target" if isinstance(fact, Held | Released) else "invoice"
    for heir in heirs.get(getattr(fact, about, ""), ()):
        yield fact._replace(**{about: heir})  # type: ignore[arg-type]
