"""Credit notes and what was told by hand, on the terminal: what pays what, and what the file says of it by now."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from relance.core.invoice import UNNAMED
from relance.core.plan import Line, Reason
from relance.french import eur, short_date, typeset

if TYPE_CHECKING:
    from relance.runs.showing import Shown


def credit_lines(shown: "Shown") -> Iterator[str]:
    """The credit notes that pay an invoice; of a credit note, the invoices that it pays."""
    line = shown.line
    currency = line.invoice.currency
    for payment in line.invoice.payments:
        if payment.credit:
            dated = f" du {short_date(payment.on)}" if payment.on else ""
            name = f" {payment.credit}{dated}" if payment.credit != UNNAMED else ""
            yield typeset(f"  Avoir{name} : {eur(payment.amount, currency)}")
    if line.reason is Reason.CREDIT_NOTE and line.note:
        yield f"  {line.note}"
    for said, number in shown.allocations:
        yield typeset(f"  Imputé par vous le {short_date(said.on)} sur {number} : {eur(said.amount, currency)}")


def by_hand_words(line: Line) -> str:
    """What goes on the reason of a line: payments and credit notes told by hand, beside what the file shows."""
    said, currency = "", line.invoice.currency
    if line.told:
        said += f" ; dont {eur(line.told, currency)} notés par « relance pay », absents du fichier"
    if line.absorbed and line.reason is not Reason.PAID:
        said += f" ; {eur(line.absorbed, currency)} notés par « relance pay » sont désormais dans le fichier"
    for allocated, other in line.ended:
        credit = f"l’avoir {allocated.number} ({eur(allocated.amount, currency)}), imputé par vous"
        if other:
            said += f" ; {credit} ici, n’y compte plus : le fichier le déduit de {other}"
        elif line.reason is not Reason.PAID:
            said += f" ; {credit}, est désormais dans le fichier"
    return said
