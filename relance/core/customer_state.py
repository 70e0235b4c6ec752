"""A customer on one day: what history and policy tell of it, whichever of its invoices it is about."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from relance.core.charges import Grounds
from relance.core.claims import insolvent_on, noticed_on
from relance.core.facts import Held
from relance.core.history import History, Promise
from relance.core.holding import held_by_user
from relance.core.interest import agreed
from relance.core.invoice import Contact, Customer, Invoice, Kind, customer_id, customer_targets
from relance.core.policy import DunningPolicy, kind_of
from relance.core.reasons import Reason, Stop


class CustomerState(NamedTuple):
    """What is the same for all invoices of a customer, and looked up once.

    `holds`, `promises` and the last release (`released`) are those of all of it; `stops` what of them, and of the
    file, holds it today. `emails` are in lower case. `grounds` are what its charges rest on before anything is known of
    an invoice.
    """

    identity: str
    holds: tuple[Held, ...]
    stops: tuple[Stop, ...]
    promises: tuple[Promise, ...]
    released: date | None
    emails: tuple[str, ...]
    grounds: Grounds


def customer_state_of(customer: Customer, history: History, policy: DunningPolicy, today: date) -> CustomerState:
    """Look up all that is known of a customer."""
    targets = customer_targets(customer)
    emails = tuple(map(str.casefold, customer.emails))
    holds = tuple(held for target in targets for held in history.holds.get(target, ()))
    released = [history.releases[target] for target in targets if target in history.releases]
    return CustomerState(
        identity=customer_id(customer),
        holds=holds,
        stops=_stops(customer, holds, policy, today),
        promises=tuple(promise for target in targets for promise in history.promises.get(target, ())),
        released=max(released, default=None),
        emails=emails,
        grounds=Grounds(today, agreed(customer.terms, policy.interest), kind_of(customer, policy)),
    )


def _stops(customer: Customer, holds: Iterable[Held], policy: DunningPolicy, today: date) -> tuple[Stop, ...]:
    by_user = tuple(held_by_user(holds, policy.calendar, today, of_customer=True))
    return (*by_user, Stop(Reason.EXCLUDED, in_file=True)) if customer.excluded else by_user


def grounds_of(
    invoice: Invoice, key: str, customer_state: CustomerState, contacts: Iterable[Contact], history: History
) -> Grounds:
    """What the charges of an invoice rest on: its formal notice and its customer's insolvency too, where they count."""
    grounds = customer_state.grounds
    if grounds.kind is Kind.CONSUMER:
        grounds = grounds._replace(notice=noticed_on(contacts))
    if customer_state.holds or key in history.holds:
        grounds = grounds._replace(insolvent=insolvent_on(invoice, key, history))
    return grounds
