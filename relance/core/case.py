"""One invoice on one day with its past: what every rule looks at."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.charges import Grounds, insolvent_on, noticed_on
from relance.core.facts import Held, Paid, Refused
from relance.core.history import NOTHING, History, Past, Promise, former_keys
from relance.core.holds import Broken, broken_promises, held_by_user
from relance.core.interest import agreed
from relance.core.invoice import (
    ZERO,
    Contact,
    Customer,
    Invoice,
    Kind,
    Payment,
    customer_id,
    customer_targets,
    held_target,
    paid_until,
    payments_until,
)
from relance.core.ladder import NOTHING_DONE, Done, Position, done_on, position_of
from relance.core.mails import ANYONE, Received
from relance.core.morning import Morning
from relance.core.policy import BROKEN_PROMISE, KEY, Schedule, Stage, kind_of, terms_days
from relance.core.reasons import Reason, Stop


class CustomerState(NamedTuple):
    """A customer on one day: what is the same for all its invoices, and looked up once.

    `holds`, `promises` and the last release (`released`) are those of all of it; `stops` what of them, and of the
    file, holds it today. `refused` tells the first of its addresses that a server refused, or that a message came back
    from. `grounds` are what its charges rest on before anything is known of an invoice.
    """

    identity: str
    holds: tuple[Held, ...]
    stops: tuple[Stop, ...]
    promises: tuple[Promise, ...]
    released: date | None
    refused: Refused | Received | None
    grounds: Grounds


class Case(NamedTuple):
    """One invoice on one day with its past; its payments are those of the file and those told by hand.

    `contacts` are all about it, of the file and the journal, oldest first; `told` is what payments told by hand still
    add to what the file shows. `placed` is its position on its ladder where something may be owed, and `next_stage` the
    next stage of the ladder then, or the message about a promise just `broken` that comes before it.
    """

    morning: Morning
    invoice: Invoice
    key: str
    customer: CustomerState
    past: Past
    contacts: tuple[Contact, ...]
    paid: Decimal
    outstanding: Decimal
    told: Decimal
    placed: Position | None = None
    next_stage: Stage | None = None
    broken: tuple[Broken, ...] = ()

    @property
    def today(self) -> date:
        return self.morning.today

    @property
    def names(self) -> tuple[str, ...]:
        """Its key, and those that it had before."""
        return (self.key, *former_keys(self.past))

    @property
    def position(self) -> Position:
        """Where it stands on its ladder; of what is paid, as most of an old file is, found when it is asked for."""
        return self.placed or position_of(*_place(self.invoice, self.past, self.contacts), morning=self.morning)

    @property
    def schedule(self) -> Schedule:
        return self.position.schedule

    @property
    def wait(self) -> Stop | None:
        """Why its next stage is not for today as far as dates tell, None where its day has come."""
        return None if self.next_stage is BROKEN_PROMISE else self.position.wait

    @property
    def holds(self) -> tuple[Held, ...]:
        """What the user told of it and of its customer, over or not."""
        return (*self.morning.history.holds.get(self.key, ()), *self.customer.holds)

    @property
    def promises(self) -> tuple[Promise, ...]:
        """What was promised about it or about all of its customer, long past included."""
        return (*self.morning.history.promises.get(self.key, ()), *self.customer.promises)

    @property
    def by_hand(self) -> Decimal:
        """What the user himself added to the file: payments that it does not show, and allocated credit notes."""
        credited = self.past.allocations
        return sum((said.amount for said in credited), self.told) if credited else self.told


def case_of(
    invoice: Invoice, key: str, customer: CustomerState, position: Callable[..., Position], morning: Morning
) -> Case:
    """Fold the file and the journal into what is known of this invoice (of this key) on the day.

    `position` is ladder.position_of for that morning.
    """
    past, told = morning.history.invoices.get(key, NOTHING), ZERO
    if past.payments or past.allocations:
        payments, told = known_payments(invoice, past, morning.today)
        invoice = invoice._replace(payments=payments)
    contacts, paid = contacts_of(invoice, past, morning.today), paid_until(invoice, morning.today)
    outstanding = _left(invoice.total - paid if paid else invoice.total, told)
    owed = outstanding > ZERO or past.allocations  # a credit note in doubt may leave more than that
    placed = position(*_place(invoice, past, contacts)) if owed else None
    case = Case(  # by place: one is made for each invoice
        morning,
        invoice,
        key,
        customer,
        past,
        contacts,
        paid,
        outstanding,
        told,
        placed,
        placed and placed.next_stage,
    )
    return with_promises(case, morning.today)


def _left(rest: Decimal, told: Decimal) -> Decimal:
    """What is left of what was billed: what was told by hand beyond it paid charges, and is owed to nobody."""
    return rest if rest >= 0 else rest + min(-rest, told)


def _place(invoice: Invoice, past: Past, contacts: tuple[Contact, ...]) -> tuple[date, int | None, str, str, Done]:
    """What its position on its ladder follows from."""
    owner, done = invoice.customer, done_on(invoice.due_date, past, contacts) if contacts else NOTHING_DONE
    return invoice.due_date, terms_days(invoice), owner.schedule, owner.profile, done


def with_promises(case: Case, day: date) -> Case:
    """The same case with the promises broken about it if it is still owed on `day`, and the stage that is next then."""
    if not case.customer.promises and case.key not in case.morning.history.promises:
        return case
    theirs, calendar = (case.key, case.customer.identity), case.morning.policy.calendar
    broken = broken_promises(case.promises, theirs, case.invoice.due_date, calendar, day)
    stage = BROKEN_PROMISE if _speaks_of(broken, case) else case.position.next_stage
    return case._replace(broken=broken, next_stage=stage)


def _speaks_of(broken: tuple[Broken, ...], case: Case) -> bool:
    """True for the first broken promise while nobody came back to it: a second one is for a person to speak of.

    So is that of a key account.
    """
    if len(broken) != 1 or case.invoice.customer.profile == KEY:
        return False
    return all(c.on <= broken[0].promised and c.stage != BROKEN_PROMISE.key for c in case.contacts)


def customer_state_of(customer: Customer, morning: Morning) -> CustomerState:
    """Look up all that is known of a customer."""
    history, policy = morning.history, morning.policy
    targets = customer_targets(customer)
    holds = tuple(held for target in targets for held in history.holds.get(target, ()))
    terms = agreed(customer.terms, policy.interest)
    by_user = tuple(held_by_user(holds, policy.calendar, morning.today, of_customer=True))
    return CustomerState(
        identity=customer_id(customer),
        holds=holds,
        stops=(*by_user, Stop(Reason.EXCLUDED, in_file=True)) if customer.excluded else by_user,
        promises=tuple(promise for target in targets for promise in history.promises.get(target, ())),
        released=max((history.releases[each] for each in targets if each in history.releases), default=None),
        refused=_refused_address(customer, history),
        grounds=Grounds(
            morning.today, terms, kind_of(customer, policy), confirmed=history.rates.get(terms.rate, False)
        ),
    )


def _refused_address(customer: Customer, history: History) -> Refused | Received | None:
    for address in map(str.casefold, customer.emails + customer.cc):
        if fact := history.inbox.bounced.get(address) or history.refused.get(address):
            return fact
    return None


def answers_about(case: Case) -> list[Received]:
    """What waits for the user about this invoice, or about its customer by any name: of that a release takes it out.

    Lines that may be about anyone come first, so that what is known to be about this one is told while there is some.
    """
    history = case.morning.history
    answers = history.inbox.answers
    if not answers:
        return []
    seen = history.seen.get(case.key)
    former = (*seen.formerly, seen.customer) if seen is not None else ()
    targets = dict.fromkeys((*customer_targets(case.invoice.customer), *map(held_target, former)))
    released = history.releases.get(case.key, date.min)
    of_customer = (mail for name in targets for mail in answers.get(name, ()) if mail.on > released)
    of_anyone = (line for line in answers.get(ANYONE, ()) if line.may_be_about(case.invoice.issue_date))
    return [*of_anyone, *of_customer, *(mail for key in case.names for mail in answers.get(key, ()))]


def grounds_of(case: Case) -> Grounds:
    """What the charges of an invoice rest on: its formal notice and its customer's insolvency too, where they count."""
    grounds, history = case.customer.grounds, case.morning.history
    if grounds.kind is Kind.CONSUMER:
        grounds = grounds._replace(notice=noticed_on(case.contacts))
    if case.customer.holds or case.key in history.holds:
        grounds = grounds._replace(insolvent=insolvent_on(case.holds))
    return grounds


def known_payments(invoice: Invoice, past: Past, today: date) -> tuple[tuple[Payment, ...], Decimal]:
    """The file's payments, and on top what was told by hand: payments that the file does not show, and credit notes.

    A told payment counts on top of the money that the file showed when it was told; when the file's own money
    rises, it absorbs it. What of the told payments stands in no file is the second value. A credit note allocated by
    hand pays on its own day until that is undone (see credit_notes.unsure_credit).
    """
    extra = tuple(Payment(told.amount, told.on) for told in not_in_file(invoice, past, today))
    credited = tuple(Payment(said.amount, said.dated, said.number) for said in past.allocations)
    return invoice.payments + credited + extra, sum((payment.amount for payment in extra), ZERO)


def not_in_file(invoice: Invoice, past: Past, today: date) -> tuple[Paid, ...]:
    """The payments that were told, by hand or by the bank, as far as the file does not show them."""
    floor = ZERO
    for told in past.payments:
        floor = max(told.shown, floor) + told.amount
    return _latest(past.payments, max(ZERO, floor - money_until(invoice, today)))


def _latest(payments: Sequence[Paid], amount: Decimal) -> tuple[Paid, ...]:
    """The last of these payments, as much of them as this amount: what the file shows first are those told first."""
    found = []
    for told in reversed(payments):
        part = min(told.amount, amount)
        if part > 0:
            found.append(told._replace(amount=part))
            amount -= part
    return tuple(reversed(found))


def told_by_bank(case: Case) -> Decimal:
    """Of what the file does not show (`told`), what came by the statements of the bank."""
    return sum((paid.amount for paid in _latest(case.past.payments, case.told) if paid.credit), ZERO)


def money_until(invoice: Invoice, day: date) -> Decimal:
    """What the file shows as received on or before `day`, in the invoice's currency; a credit note is no money."""
    return sum((p.amount for p in payments_until(invoice, day) if not p.credit), ZERO)


def heard_days(case: Case) -> list[date]:
    """The days, as far as they are known, on which a payment has come or was told, or a hold was last released."""
    days = [case.customer.released, case.morning.history.releases.get(case.key)]
    if case.invoice.payments:
        days += [payment.on for payment in payments_until(case.invoice, case.today)]
    if case.past.payments:
        days += [payment.heard_on for payment in case.past.payments]
    return [day for day in days if day]


def paid_by_hand(past: Past) -> Decimal:
    """All the payments told by hand of an invoice, whether the file shows them by now or not."""
    return sum((paid.amount for paid in past.payments), ZERO)


def contacts_of(invoice: Invoice, past: Past, today: date) -> tuple[Contact, ...]:
    """Every contact about an invoice up to `today`, from the file and from the journal, oldest first."""
    if not invoice.contacts:
        return past.contacts
    in_file = [contact for contact in invoice.contacts if contact.on <= today]
    return tuple(sorted((*in_file, *past.contacts), key=lambda contact: contact.on))
