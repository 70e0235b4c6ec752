"""What holds an invoice or a customer today, whoever set it, each with how long and the command that ends it."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from relance.core.answers import HoldReason
from relance.core.facts import Held
from relance.core.holding import held_by_file, running
from relance.core.invoice import customer_targets, held_target, invoice_key, keyed
from relance.core.naming import name_of, register, word_for
from relance.core.reasons import Reason
from relance.french import HOLDS, command, date_fr
from relance.runs.dossier import Desk
from relance.runs.targets import Target


class Holder(NamedTuple):
    """One thing that holds: `words` say what and until when, `command` ends it (empty: the file or the settings do).

    `key` is that of the invoice, empty where it is about all of the customer; `back` is the day on which it ends by
    itself, None where it does not.
    """

    words: str
    key: str = ""
    number: str = ""
    command: str = ""
    back: date | None = None


def holders(found: Target, desk: Desk) -> Iterator[Holder]:
    """All that holds the invoice, or the customer and each of its invoices that is owed; the customer's come first."""
    customer, known = found.customer, register(keyed(desk.invoices))
    calendar, today, holds = desk.policy.calendar, desk.today, desk.history.holds
    about = " de tout le client" if found.invoice else ""
    for target in customer_targets(customer):
        for held, back in running(holds.get(target, ()), calendar, today):
            ending = command("release", word_for(customer, known))
            yield Holder(f"{_what(held)}{about}{_until(held, back)}", command=ending, back=back)
    if customer.excluded:
        yield Holder("client exclu dans vos réglages")
    for invoice in found.invoices:
        key = invoice_key(invoice)
        if found.invoice is None and desk.judged(invoice).reason.settled:
            continue
        for held, back in running(holds.get(held_target(key), ()), calendar, today):
            ending = command("release", name_of(key, known))
            yield Holder(f"{_what(held)}{_until(held, back)}", key, invoice.number, ending, back)
        for stop in held_by_file(invoice):
            what = "litige" if stop.reason is Reason.DISPUTED else "prélèvement"
            yield Holder(f"{what} dans le fichier", key, invoice.number)


def _what(held: Held) -> str:
    return HOLDS[held.reason]


def _until(held: Held, back: date | None) -> str:
    if back is None:
        return ", sans date de fin"
    assert held.until is not None
    return f" {'pour le' if held.reason is HoldReason.PROMISE else 'jusqu’au'} {date_fr(held.until)}"
