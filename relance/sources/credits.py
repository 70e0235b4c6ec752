"""Credit notes: one that names its invoice is taken off it; the others stay as they are, for the plan to mention."""

import re
from collections.abc import Mapping

from relance.core.invoice import ZERO, Invoice, Payment, Status, customer_id, normalised_number
from relance.sources.decoding import Decoded
from relance.sources.values import text_of, written

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]*")
_SHORTEST = 3  # of a bare number in a sentence: "2 jours" names no invoice


def allocate_credits(decoded: Decoded, invoices: dict[str, Invoice]) -> list[str]:
    """Takes the credit notes off the invoices that they name; a sentence for each.

    An invoice whose rest the file itself gives is left alone: nobody can tell whether the rest counts the credit note.
    """
    notes: list[str] = []
    credit_keys = [key for key, invoice in invoices.items() if invoice.status is Status.CREDIT_NOTE and invoice.total]
    if not credit_keys or not {"source_invoice", "reference", "label"} & decoded.fields.keys():
        return notes
    rows = {line: row for row, line in enumerate(decoded.table.lines)}
    owners: dict[str, list[str]] = {}
    for key, invoice in invoices.items():
        if invoice.status in (Status.OPEN, Status.DISPUTED) and invoice.total > 0:
            owners.setdefault(normalised_number(invoice.number), []).append(key)
    for key in credit_keys:
        credit = invoices[key]
        named = _named(decoded, rows[credit.line], owners, normalised_number(credit.number))
        if len(named) != 1:
            continue
        target = invoices[named[0]]
        if any(text_of(decoded.cell(rows[target.line], name)) for name in ("outstanding", "credits")):
            continue
        if told := _allocated(credit, target):
            invoices[key], invoices[named[0]], note = told
            notes.append(note)
    return notes


def _named(decoded: Decoded, row: int, owners: Mapping[str, list[str]], own: str) -> list[str]:
    """The keys of the invoices that a credit note names: in its own column, else in a text."""
    found: dict[str, None] = {}
    for name in ("source_invoice", "reference", "label"):
        text = text_of(decoded.cell(row, name))
        whole = normalised_number(text)
        tokens = [whole] if whole in owners else []
        if name != "source_invoice" or not tokens:
            words = (normalised_number(token.rstrip(".")) for token in _TOKEN.findall(text))
            tokens += [word for word in words if len(word) > _SHORTEST or not word.isdigit()]
        for token in tokens:
            if token != own:
                found.update(dict.fromkeys(owners.get(token, ())))
        if found:
            break
    return list(found)


def _allocated(credit: Invoice, target: Invoice) -> tuple[Invoice, Invoice, str] | None:
    """Both as they are afterwards, and what is said of them; None where the credit note does not fit the invoice."""
    amount = abs(credit.total)
    rest = target.total - sum((payment.amount for payment in target.payments), ZERO)
    same = customer_id(credit.customer) == customer_id(target.customer) and credit.currency == target.currency
    if not same or amount > rest:
        return None
    taken = written(amount)
    note = f"Avoir {credit.number} de {taken} déduit de la facture {target.number}."
    return (
        credit._replace(payments=(Payment(credit.total, credit.issue_date),), note=note),
        target._replace(
            payments=(*target.payments, Payment(amount, credit.issue_date, credit.number)),
            note=" ".join(filter(None, (target.note, f"Avoir {credit.number} de {taken} déduit."))),
        ),
        note,
    )
