"""The payment code of an invoice, for a person's phone."""

from typing import TYPE_CHECKING

from relance.display import terminal
from relance.french import eur, typeset

if TYPE_CHECKING:
    from relance.runs.paying import Payable


def show_code(payable: "Payable") -> None:
    """What the code asks for, then the code."""
    terminal.say(typeset(f"Virement de {eur(payable.amount)} à {payable.name}, référence {payable.invoice.number} :"))
    terminal.say()
    terminal.say_picture(payable.rows)
