"""Lines of a plan, changed for a test."""

from relance.core.invoice import Invoice
from relance.core.plan import Line


def with_invoice(line: Line, invoice: Invoice, **changes: object) -> Line:
    """The same line about this invoice; `changes` are fields of its case."""
    return line._replace(case=line.case._replace(invoice=invoice, **changes))  # type: ignore[arg-type]
