"""The report as tables for an accountant: a CSV file, a workbook of open invoices and aged balances."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from relance.core.figures import Figures
from relance.core.pace import tenth
from relance.core.plan import Line
from relance.core.stage_results import Yield
from relance.display.breaking import safe
from relance.display.habits import stage_labels
from relance.display.lines import sentence
from relance.french import OPEN_INVOICES, short_date, typeset

if TYPE_CHECKING:
    from relance.runs.report import Reported

Cell = str | int | Decimal | date | None
AGED = (
    *("Client", "Code client", "Devise", "Reste dû", "Non échu", "1 à 30 jours", "31 à 60 jours", "61 à 90 jours"),
    *("Plus de 90 jours", "Avoirs"),
)
"""The columns of the sheet of aged balances."""
STAGES = (
    *("Étape", "Devise", "Factures", "En cours", "Montant", "Réglées ensuite", "Montant réglé"),
    *("Part des factures (%)", "Délai médian (jours)"),
)
"""The columns of the sheet of stages; what is too little to conclude from is blank."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def open_rows(reported: "Reported") -> Iterator[tuple[Cell, ...]]:
    """One row for each open invoice as the totals count it."""
    for figures in reported.figures:
        yield from (_open_row(each.bill.line) for each in figures.open_bills)


def _open_row(line: Line) -> tuple[Cell, ...]:
    invoice, costs = line.invoice, line.charges
    return (
        *(invoice.number, invoice.customer.name, invoice.customer.code, invoice.issue_date, invoice.due_date),
        *(line.days_overdue, invoice.currency, invoice.total, line.paid, line.outstanding),
        *(costs.interest, costs.recovery_fee, line.stage.label if line.stage else ""),
        *(line.last_contact.on if line.last_contact else None, sentence(line)),
    )


def aged_rows(figures: Iterable[Figures]) -> Iterator[tuple[Cell, ...]]:
    """One row for each customer and currency with something open, or a credit note that pays nothing yet."""
    for each in figures:
        for owing in each.customers:
            if owing.ages.outstanding or owing.credits:
                customer, ages = owing.customer, owing.ages
                yield (customer.name, customer.code, each.currency, ages.outstanding, *ages, owing.credits)


def stage_rows(figures: Iterable[Figures], labels: Mapping[str, str]) -> Iterator[tuple[Cell, ...]]:
    """One row for each stage and currency, and under it what came in where nothing was sent."""
    for each in figures:
        for result in each.stages:
            label = labels.get(result.stage, result.stage)
            yield label, each.currency, *_outcome(result.contacted)
            if result.nothing_sent is not None:
                yield typeset(f"{label} : rien d’envoyé"), each.currency, *_outcome(result.nothing_sent)


def _outcome(outcome: Yield) -> tuple[Cell, ...]:
    counts = (outcome.cases, outcome.pending, outcome.asked, outcome.paid, outcome.amount)
    return *counts, outcome.percent and tenth(outcome.percent), outcome.median_days


def csv_of(reported: "Reported") -> bytes:
    """The open invoices as a file that a French spreadsheet opens: UTF-8 with its mark."""
    return csv_text(reported, "\r\n").encode("utf-8-sig")


def csv_text(reported: "Reported", end: str = "\n") -> str:
    """The open invoices with semicolons and decimal commas, each row ended so."""
    import csv
    from io import StringIO

    written = StringIO()
    table = csv.writer(written, delimiter=";", lineterminator=end)
    table.writerow(OPEN_INVOICES)
    table.writerows(map(_as_text, row) for row in open_rows(reported))
    return written.getvalue()


def _as_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:.2f}".replace(".", ",")
        case date():
            return short_date(cell)
        case int():
            return str(cell)
    text = safe(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text


def xlsx_of(reported: "Reported") -> bytes:
    """The same as a workbook, with sheets of aged balances and of stages; a text is never a formula."""
    from io import BytesIO

    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    labels = stage_labels(reported.planned.plan.morning.policy)
    book = Workbook(write_only=True)
    book.properties.creator = "relance"
    sheets = (
        ("Factures ouvertes", OPEN_INVOICES, open_rows(reported)),
        ("Balance âgée", AGED, aged_rows(reported.figures)),
        ("Étapes", STAGES, stage_rows(reported.figures, labels)),
    )
    for title, headers, rows in sheets:
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for row in (headers, *rows):
            sheet.append([_cell(WriteOnlyCell(sheet), value) for value in row])
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _cell(cell: Any, value: Cell) -> Any:
    """The cell of a workbook with this value: a text stays one, whatever it begins with."""
    match value:
        case str():
            cell.value, cell.data_type = safe(value), "s"
        case Decimal():
            cell.value, cell.number_format = value, "#,##0.00"
        case date():
            cell.value, cell.number_format = value, "dd/mm/yyyy"
        case _:
            cell.value = value
    return cell
