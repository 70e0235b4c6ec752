"""All rows -> the invoices of a file, each once: the short way for ordinary rows, duplicates apart."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from relance.core.invoice import Invoice, Payment, invoice_key
from relance.sources.customers import Register, customers_of
from relance.sources.decoding import ORDINARY_NUMBER, Decoded
from relance.sources.payments import Entries
from relance.sources.rows import Gathered, Rows
from relance.sources.values import Unreadable


def gather(decoded: Decoded, register: Register, ledger: Mapping[str, Entries], modified: datetime) -> Gathered:
    """Every row as an invoice, a problem, or a duplicate of one."""
    builder = Rows(decoded, ledger, modified)
    gathered = builder.gathered
    known: dict[str, int] = {}
    invoices = gathered.invoices
    rows = zip(
        decoded.values("number"),
        customers_of(decoded, register),
        decoded.values("issue_date"),
        decoded.values("due_date"),
        decoded.values("total"),
        builder.evidence(),
        decoded.values("currency"),
        strict=False,
    )
    ordinary_number = ORDINARY_NUMBER.fullmatch
    templates, lines, ordinary = builder.templates, decoded.table.lines, builder.is_ordinary()
    for row, (number, found, issued, due, total, evidence, currency) in enumerate(rows):
        template = templates.get(evidence) if ordinary else None
        if (
            template is not None
            and number.__class__ is str
            and number
            and not found.faults
            and due.__class__ is date
            and (issued is None or (issued.__class__ is date and issued <= due))
            and total.__class__ is Decimal
            and total > 0
            and currency.__class__ is not Unreadable
        ):  # nothing here needs a word: most rows of most files
            payments = template.payments
            if payments:
                payments = (Payment(total, payments[0].on),)
            customer: Any = found.customer
            status, note, line = template.status, template.note, lines[row]
            invoice: Invoice | None = Invoice(
                number, customer, due, total, issued, currency or "EUR", payments, status, note, (), "", "", line
            )
        else:
            invoice = builder.invoice(row, number, found, issued, due, total, evidence, currency)
        if invoice is None:
            continue
        number = invoice.number
        key = (
            f"{number.upper()}/{(issued or invoice.due_date).year}" if ordinary_number(number) else invoice_key(invoice)
        )
        if key in invoices:
            builder.duplicate(row, known[key], invoice, key)
        else:
            invoices[key] = invoice
            known[key] = row
    builder.check_ledger()
    return gathered
