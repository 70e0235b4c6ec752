"""The payment code of one invoice: what the user shows a customer who wants to pay by phone, on the spot."""

from dataclasses import dataclass
from decimal import Decimal

from relance.core.invoice import Invoice
from relance.errors import UsageError
from relance.french import eur
from relance.letters.payment_code import payload, text_blocks
from relance.runs.dossier import Desk
from relance.runs.targets import find_invoice


@dataclass(frozen=True, slots=True)
class Payable:
    """A transfer that a bank's app can read: `amount` is what is outstanding, in EUR; `rows` draw the code."""

    invoice: Invoice
    amount: Decimal
    name: str
    rows: tuple[str, ...]


def payable(desk: Desk, number: str) -> Payable:
    """The code for what is outstanding on the invoice; UsageError where none can say it."""
    invoices, sender = desk.invoices, desk.signer
    invoice = find_invoice(number, invoices)
    line = desk.judged(invoice)
    if not sender.iban:
        raise UsageError(
            "Sans votre IBAN, il n’y a pas de QR code de virement.",
            "Ajoutez iban sous [sender] dans relance.toml.",
        )
    if line.outstanding <= 0:
        raise UsageError(f"Il ne reste rien à payer sur {invoice.number}.")
    told = payload(sender.name, sender.iban, sender.bic, line.outstanding, invoice.currency, [invoice.number])
    if told is None:
        raise UsageError(
            f"Un QR code de virement ne peut pas demander {eur(line.outstanding, invoice.currency)}.",
            "Il ne connaît que des euros, de 0,01 à 999 999 999,99.",
        )
    return Payable(invoice, line.outstanding, sender.name, text_blocks(told))
