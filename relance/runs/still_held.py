"""What holds an invoice or a customer today, whoever set it, each with how long and the command that ends it."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from relance.core.answers import HoldReason
from relance.core.facts import Held
from relance.core.history import History
from relance.core.holding import held_by_file, running
from relance.core.invoice import Invoice, customer_targets, held_target, invoice_key, keyed
from relance.core.naming import name_of, register, word_for
from relance.core.planning import judge
from relance.core.reasons import Reason
from relance.french import HOLDS, command, date_fr
from relance.runs.dossier import Dossier
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


def holders(found: Target, dossier: Dossier, history: History) -> Iterator[Holder]:
    """All that holds the invoice, or the customer and each of its invoices that is owed; the customer's come first."""
    customer, known = found.customer, register(keyed(dossier.invoices))
    calendar, today = dossier.policy.calendar, dossier.today
    about = " de tout le client" if found.invoice else ""
    for target in customer_targets(customer):
        for held, back in running(history.holds.get(target, ()), calendar, today):
            ending = command("release", word_for(customer, known))
            yield Holder(f"{_what(held)}{about}{_until(held, back)}", command=ending, back=back)
    if customer.excluded:
        yield Holder("client exclu dans vos réglages")
    for invoice in found.invoices:
        key = invoice_key(invoice)
        if found.invoice is None and _is_settled(invoice, history, dossier):
            continue
        for held, back in running(history.holds.get(held_target(key), ()), calendar, today):
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


def _is_settled(invoice: Invoice, history: History, dossier: Dossier) -> bool:
    return judge(invoice, history, dossier.policy, dossier.today).reason.settled
