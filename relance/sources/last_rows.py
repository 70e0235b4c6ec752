"""Rows by what stands in them: which were read whole, and what the last row of a file may be about that nothing ends.

A file that was cut, or is still being written, looks like one of a program that ends no last line.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from relance.core.invoice import ZERO, Invoice, Status, customer_id, normalised_name, normalised_number
from relance.core.reasons import Unended, Unplaced
from relance.sources.decoding import Decoded
from relance.sources.rows import Gathered
from relance.sources.source import LastRow, Traces
from relance.sources.values import text_of

_Invoices = Mapping[str, Invoice]


def traces_of(decoded: Decoded, clients: Sequence[Decoded], receipts: Sequence[Decoded], gathered: Gathered) -> Traces:
    """What the rows of the invoices, and of the lists of customers and payments beside them, leave behind."""
    invoices = gathered.invoices
    last = [LastRow(_unended(decoded, row), _of_invoice(decoded, row, invoices)) for row in decoded.cut()]
    last += [LastRow(_unended(each, row), _of_customer(each, row, invoices)) for each in clients for row in each.cut()]
    last += [LastRow(_unended(each, row), _of_payment(each, row, invoices)) for each in receipts for row in each.cut()]
    return Traces(
        last=tuple(last),
        unplaced=tuple(filter(None, (_unplaced(each, row) for each, row in gathered.unplaced))),
        unclear=_unclear(gathered),
    )


def _unended(decoded: Decoded, row: int) -> Unended:
    page = decoded.table.page(line := decoded.table.lines[row])
    return Unended(page.file, line - page.before, decoded.mark(row))


def _of_invoice(decoded: Decoded, row: int, invoices: _Invoices) -> tuple[str, ...]:
    """Its own or, of several rows, those of its number; those that its credit note may pay, or its last cell names."""
    number, last = _number_of(decoded, row), normalised_number(_last_cell(decoded, row))
    alone = {key: each for key, each in invoices.items() if each.line == decoded.table.lines[row]}
    own = alone or {key: each for key, each in invoices.items() if _is_numbered(each, number)}
    credited = {customer_id(each.customer) for each in own.values() if _is_credit(each)}
    others = (
        key
        for key, each in invoices.items()
        if customer_id(each.customer) in credited
        or (last and normalised_number(each.number).startswith(last))
        or any(normalised_number(payment.credit) == number for payment in each.payments if payment.credit)
    )
    return tuple(dict.fromkeys((*own, *others)))


def _number_of(decoded: Decoded, row: int) -> str:
    """The number of a row, or of the one above that it goes on with."""
    texts = (text_of(decoded.cell(above, "number")) for above in range(row, -1, -1))
    return normalised_number(next(filter(None, texts), ""))


def _is_numbered(invoice: Invoice, number: str) -> bool:
    """True for an instalment « F-1 (1/2) » of F-1 too."""
    own = normalised_number(invoice.number)
    return bool(number) and (own == number or own.startswith(f"{number} ("))


def _is_credit(invoice: Invoice) -> bool:
    return invoice.status is Status.CREDIT_NOTE or invoice.total < ZERO


def _last_cell(decoded: Decoded, row: int) -> str:
    """The only one that may be cut: those before it are followed by a delimiter."""
    cells = decoded.table.rows[row][: decoded.fields.get("section")]
    return text_of(cells[-1])


def _of_payment(decoded: Decoded, row: int, invoices: _Invoices) -> tuple[str, ...]:
    """Those of its number, of which that may be the beginning where it ends the row."""
    number, last = normalised_number(text_of(decoded.cell(row, "number"))), _last_cell(decoded, row)
    return tuple(
        key
        for key, each in invoices.items()
        if _is_numbered(each, number) or (last and normalised_number(each.number).startswith(normalised_number(last)))
    )


def _of_customer(decoded: Decoded, row: int, invoices: _Invoices) -> tuple[str, ...]:
    """Those of its customer, and of any whose name or code its last cell begins."""
    names = {normalised_name(text_of(decoded.cell(row, field))) for field in ("customer", "customer_code")} - {""}
    last = normalised_name(_last_cell(decoded, row))

    def is_meant(text: str) -> bool:
        return text in names or bool(text and last and text.startswith(last))

    return tuple(
        key
        for key, each in invoices.items()
        if is_meant(normalised_name(each.customer.name)) or is_meant(normalised_name(each.customer.code))
    )


def _unplaced(decoded: Decoded, row: int) -> Unplaced | None:
    """The money of a row of a list of payments whose number is no invoice's; None where it is none."""
    fields, page = decoded.fields, decoded.table.page(line := decoded.table.lines[row])
    amount = decoded.value(row, "paid" if "paid" in fields else "total")
    day = decoded.value(row, "paid_date" if "paid_date" in fields else "issue_date")
    if isinstance(amount, Decimal) and amount <= ZERO:
        return None
    return Unplaced(
        number=normalised_number(text_of(decoded.cell(row, "number"))),
        amount=amount if isinstance(amount, Decimal) else None,
        on=day if hasattr(day, "isoformat") else None,
        payer=text_of(decoded.cell(row, "customer")),
        file=page.file,
        line=line - page.before,
        row=decoded.mark(row),
    )


def _unclear(gathered: Gathered) -> dict[str, str]:
    """What names the row of each invoice that is not clear, by its key."""
    unclear = {key: each.line for key, each in gathered.unclear()}
    table = gathered.decoded.table
    places = {line: row for row, line in enumerate(table.lines)} if unclear else {}
    return {key: gathered.decoded.mark(places[line]) for key, line in unclear.items()}
