"""One invoice, one debt: rows that share a number become one row, or one row an instalment; no contradiction is lost.

Rows that agree on all that is known of an invoice, and differ in other columns, are its lines: lines.py tells whether
each repeats the total or has one of its own. What cannot be told apart from a mistake is left as it is: two rows of one
number that differ are held later.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from relance.core.invoice import ZERO, Payment, Problem, normalised_number
from relance.sources.decoding import Decoded
from relance.sources.headers import LINE_WORDS
from relance.sources.values import Cell, quoted, shown, text_of
from relance.sources.words import Meaning

if TYPE_CHECKING:
    from relance.sources.lines import Lines
    from relance.sources.payments import Entries

_OF_THE_LINE = frozenset(("line_total", "payment_id", "reference", "label", "pdf"))
_AMOUNTS_OF_THE_LINE = frozenset(("total", "total_excl_tax", "vat_amount"))
_OF_THE_PAYMENT = frozenset(("paid", "paid_date", "payment_id"))
_OF_THE_INSTALMENT = frozenset(("due_date", "outstanding", "instalment", "total", "status", "paid", "paid_date"))
_MONEY = ("total", "outstanding", "due_date", "paid", "paid_date", "status")


def one_debt_each(decoded: Decoded, ledger: "Mapping[str, Entries]", chosen: Mapping[str, str]) -> "Debts":
    """Joins the rows of one invoice; nothing is done, and nothing is paid, where every number is there once.

    A total that the user has `chosen` is that of the invoice, whatever its lines say.
    """
    lines_only = "total" not in decoded.fields and "line_total" in decoded.fields
    if lines_only:
        decoded = _with_field(decoded, "total", "line_total")
    cells = decoded.table.column(decoded.fields["number"]) if "number" in decoded.fields else []
    debts = Debts(decoded, ledger, lines_only)
    if len(set(cells)) == len(cells) and all(map(text_of, cells)):
        return debts
    if not lines_only and "total" in decoded.fields and not decoded.fields.keys() & {"line_total", "instalment"}:
        from relance.sources.lines import Lines  # imported here: most files have each number once

        lines = Lines(decoded, debts.compared)
        if "total" not in chosen and lines.have_totals(debts.groups()):
            debts = Debts(_with_field(decoded, "line_total", "total"), ledger, True)
        if "total" not in chosen:
            debts.lines = lines
    debts.join()
    return debts


def _with_field(decoded: Decoded, name: str, like: str) -> Decoded:
    """The same with a second field that stands in the column of another one."""
    return decoded._replace(
        fields={**decoded.fields, name: decoded.fields[like]}, readers={**decoded.readers, name: decoded.readers[like]}
    )


class Debts:
    """A table with one row a debt, and the payments of each; what was joined or split, by line."""

    def __init__(self, decoded: Decoded, ledger: "Mapping[str, Entries]", lines_only: bool) -> None:
        self.decoded = decoded
        self.ledger = dict(ledger)
        self.repeated: list[int] = []
        self.summed: list[int] = []
        self.payments: list[int] = []
        self.notes: list[str] = []
        self.fields = decoded.fields
        self.lines_only = lines_only
        self.rows = list(decoded.table.rows)
        self.compared = sorted((set(self.fields) - _OF_THE_LINE) - (_AMOUNTS_OF_THE_LINE if lines_only else set()))
        self.dropped: set[int] = set()
        self.values: dict[str, dict[Cell, Any]] = {}
        self.lines: Lines | None = None
        self.problems: list[Problem] = []

    def join(self) -> None:
        """Makes one row of those that are one debt."""
        for group in self.groups():
            if len(group) > 1:
                self._join(group)
        table = self.decoded.table
        kept = [row for row in range(len(self.rows)) if row not in self.dropped]
        table = table._replace(rows=[self.rows[row] for row in kept], lines=[table.lines[row] for row in kept])
        readers = self.decoded.readers
        joined = {name: {**readers[name], **values} for name, values in self.values.items()}
        self.decoded = self.decoded._replace(table=table, readers={**readers, **joined})

    def groups(self) -> list[list[int]]:
        """The rows of each number, in the order of the file; a row without one may go on with the row above."""
        groups: dict[str, list[int]] = {}
        above = ""
        for row in range(len(self.rows)):
            number = text_of(self.decoded.cell(row, "number"))
            if not number and above and self._goes_on(row):
                number = above
            above = number
            if number:
                groups.setdefault(number, []).append(row)
        return list(groups.values())

    def _goes_on(self, row: int) -> bool:
        """True for a line of the invoice above: nothing of an invoice stands on it, something of a line does."""
        says_nothing = not any(text_of(self.decoded.cell(row, name)) for name in self.compared)
        return says_nothing and any(
            text_of(cell)
            for header, cell in zip(self.decoded.table.headers, self.rows[row], strict=True)
            if header.strip().casefold().startswith(LINE_WORDS)
        )

    def _join(self, group: list[int]) -> None:
        first, others = group[0], group[1:]
        differing = {name for row in others for name in self._differences(first, row)}
        if not differing:
            if not self.lines_only and all(self.rows[row] == self.rows[first] for row in others):
                return  # an identical duplicate is told apart later
            if self._is_doubtful(group):
                self._doubt(group)
            elif self.lines_only:
                self._sum_lines(group)
            self._drop(others, self.summed if self.lines_only else self.repeated)
        elif differing <= _OF_THE_PAYMENT and self._are_payments(group):
            self._collect_payments(group)
            self._drop(others, self.payments)
        elif differing <= _OF_THE_INSTALMENT and "due_date" in differing:
            self._split(group)

    def _differences(self, first: int, row: int) -> set[str]:
        """The fields on which two rows of one number disagree; a line that leaves the invoice blank agrees."""
        said = [name for name in self.compared if text_of(self.decoded.cell(row, name))]
        differing = {name for name in said if not self._same(first, row, name)}
        if any(name in said for name in _MONEY if name in self.compared and not (self.lines_only and name == "total")):
            blank = set(self.compared).difference(said) - {"customer", "customer_code", "email", "number"}
            differing |= {name for name in blank if text_of(self.decoded.cell(first, name))}
        return differing

    def _same(self, first: int, row: int, name: str) -> bool:
        one, two = self.decoded.cell(first, name), self.decoded.cell(row, name)
        if one == two or text_of(one) == text_of(two):
            return True
        read = self.decoded.readers.get(name)
        return read is not None and isinstance(read[one], Decimal | date) and read[one] == read[two]

    def _doubt(self, group: Sequence[int]) -> None:
        """Lines of which nobody knows whether each repeats the total: the invoice is held, and the cure is told."""
        header = shown(self.decoded.table.headers[self.fields["total"]])
        lines = [self.decoded.table.lines[row] for row in group]
        message = (
            f"Lignes {lines[0]} à {lines[-1]}, même numéro : {quoted(header)} est-il le total de la facture "
            f'(total = "{header}" sous [invoices.columns]) ou celui de chaque ligne (line_total = "{header}") ?'
        )
        self._note(group[0], doubt=message)
        if not self.problems:  # one answer settles them all
            self.problems.append(self.decoded.problem(group[0], "total", message))

    def _is_doubtful(self, group: list[int]) -> bool:
        """True for lines of an unsettled invoice of which nobody knows what they say."""
        sure = self.lines is None or self._is_settled(group[0]) or self.lines.are_sure(group, self.lines_only)
        return not sure

    def _is_settled(self, row: int) -> bool:
        """True for an invoice of which nothing is asked, whatever its total."""
        told = self.decoded.value
        over = told(row, "status") in (Meaning.PAID, Meaning.CANCELLED, Meaning.DRAFT) or told(row, "paid_flag") is True
        return over or told(row, "outstanding") == ZERO

    def _sum_lines(self, group: list[int]) -> None:
        """The total of an invoice whose lines alone have amounts; one bad line spoils it."""
        total = ZERO
        for row in group:
            amount = self.decoded.value(row, "line_total")
            if not isinstance(amount, Decimal):
                self._set(group[0], "total", self.decoded.cell(row, "line_total"), amount)
                return
            total += amount
        self._set(group[0], "total", str(total), total)

    def _are_payments(self, group: list[int]) -> bool:
        """True where each row is a payment of its own: an amount, and a payment number that no other row has."""
        if "payment_id" not in self.fields:
            return False
        keys = [text_of(self.decoded.cell(row, "payment_id")) for row in group]
        amounts = [self.decoded.value(row, "paid") for row in group]
        days = [self.decoded.value(row, "paid_date") for row in group]
        return (
            all(keys)
            and len(set(keys)) == len(keys)
            and all(isinstance(amount, Decimal) for amount in amounts)
            and all(day is None or isinstance(day, date) for day in days)
            and self._number(group[0]) not in self.ledger
        )

    def _collect_payments(self, group: list[int]) -> None:
        """Each row is a payment of the one invoice."""
        payments = [Payment(self.decoded.value(row, "paid"), self.decoded.value(row, "paid_date")) for row in group]
        origins = [(self.decoded, row) for row in group]
        self._note(group[0], payments=payments, origins=origins)
        for name in ("paid", "paid_date"):
            if name in self.fields:
                self._set(group[0], name, "", None)

    def _split(self, group: list[int]) -> None:
        """Instalments, where their amounts add up to the total that each row repeats; nothing paid yet, or all."""
        dues = [self.decoded.value(row, "due_date") for row in group]
        if len(set(dues)) < len(dues) or not all(isinstance(due, date) for due in dues):
            return
        if any(self.decoded.value(row, name) for row in group for name in ("paid", "paid_date")):
            return
        parts = self._parts(group)
        if not parts:
            return
        number = text_of(self.decoded.cell(group[0], "number"))
        ordered = sorted(zip(dues, group, parts, strict=True))
        for place, (_, row, part) in enumerate(ordered, 1):
            named = f"{number} ({place}/{len(group)})"
            self._set(row, "number", named, named)
            self._set(row, "total", str(part), part)
            if "outstanding" in self.fields:
                self._set(row, "outstanding", str(part), part)
        self.notes.append(f"Facture {number} : {len(group)} échéances, relancées chacune à sa date.")

    def _parts(self, group: list[int]) -> list[Decimal]:
        """The amount of each instalment; nothing where they do not add up to a total that all rows repeat."""

        def amounts(name: str) -> list[Decimal]:
            found = [self.decoded.value(row, name) for row in group]
            return found if all(isinstance(amount, Decimal) and amount > 0 for amount in found) else []

        totals = amounts("total")
        for name in ("instalment", "outstanding"):
            parts = amounts(name)
            if parts and totals and len(set(totals)) == 1 and sum(parts) == totals[0]:
                rest = amounts("outstanding")
                return parts if name == "outstanding" or not rest or rest in (totals, parts) else []
        return []

    def _set(self, row: int, name: str, cell: Cell, value: Any) -> None:
        """Changes a cell of the joined table, and what it reads as."""
        cells = list(self.rows[row])
        cells[self.fields[name]] = cell
        self.rows[row] = cells
        self.values.setdefault(name, {})[cell] = value

    def _drop(self, rows: list[int], told: list[int]) -> None:
        self.dropped.update(rows)
        told += [self.decoded.table.lines[row] for row in rows]

    def _note(self, row: int, **told: Any) -> None:
        """Enters what is told of payments of the invoice on this row."""
        from relance.sources.payments import (
            Entries,  # imported here: few files tell payments of one invoice on several rows
        )

        self.ledger[self._number(row)] = Entries(**told)

    def _number(self, row: int) -> str:
        return normalised_number(text_of(self.decoded.cell(row, "number")))
