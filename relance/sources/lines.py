"""Lines of one invoice: whether each repeats its total or has a total of its own, proved by numbers and sums."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from relance.core.invoice import ZERO
from relance.sources.amounts import CENT, read_amounts
from relance.sources.decoding import Decoded
from relance.sources.headers import LINE_WORDS
from relance.sources.values import text_of

_WHOLES = ("total", "total_excl_tax")
_MOST = 8  # columns of numbers that are multiplied with each other
_HIGHEST_VAT = Decimal("1.2")

Group = Sequence[int]
"""The rows of one number."""


class Lines:
    """The rows of a table as lines; `compared` are the fields on which rows of one invoice must agree."""

    def __init__(self, decoded: Decoded, compared: Sequence[str]) -> None:
        self.decoded = decoded
        self.rows = decoded.table.rows
        self.headers = decoded.table.headers
        self.known = {decoded.fields[name] for name in compared}

    def have_totals(self, groups: Sequence[Group]) -> bool:
        """True where an invoice proves that each line has a total of its own, and none proves the contrary.

        Its totals differ and its lines are numbered, or each is a quantity times a price. Totals that differ prove
        nothing alone: one of two invoices of a number may be a mistake.
        """
        several = [group for group in groups if len(group) > 1 and self._differ(group)]
        proved = any(
            (self._numbered(group) and len(self._amounts(group, "total")) > 1) or self._multiply(group)
            for group in several
        )
        return proved and not any(map(self._repeat, several))

    def are_sure(self, group: Group, own_totals: bool) -> bool:
        """False for lines of which nobody knows what they say: the total again, or more; one of them twice."""
        if own_totals:
            return len({tuple(map(text_of, self.rows[row])) for row in group}) == len(group)
        return self._is_of_the_invoice(group) or not self._differ(group) or self._repeat(group)

    def _is_of_the_invoice(self, group: Group) -> bool:
        """True where a line goes without a total, or where columns name lines as a part of the invoice (Odoo)."""
        place = self.decoded.fields["total"]
        return not all(text_of(self.rows[row][place]) for row in group) or any("/" in h for h in self._named_lines())

    def _named_lines(self) -> list[str]:
        return [header for header in self.headers if header.strip().casefold().startswith(LINE_WORDS)]

    def _differ(self, group: Group) -> bool:
        """True where the rows differ, all filled, in a column that says nothing of the invoice."""
        for place in range(len(self.headers)):
            cells = {text_of(self.rows[row][place]) for row in group}
            if place not in self.known and len(cells) > 1 and "" not in cells:
                return True
        return False

    def _numbered(self, group: Group) -> bool:
        """True where a column counts the lines: 1, 2, 3."""
        counted = [str(number) for number in range(1, len(group) + 1)]
        return any(
            [text_of(self.rows[row][place]) for row in group] == counted
            for place in range(len(self.headers))
            if place not in self.known
        )

    def _repeat(self, group: Group) -> bool:
        """True where lines add up to the total, with or without VAT, that each of them repeats."""
        wholes = [amounts for name in _WHOLES if len(amounts := self._amounts(group, name)) == 1]
        if not wholes:
            return False
        sums = [sum(column, ZERO) for column in (*self._lines(group), *(p for p, _ in self._products(group)))]
        return any(abs(found - whole) < CENT * len(group) for found in sums for (whole,) in wholes)

    def _multiply(self, group: Group) -> bool:
        """True where the amount of each line is its quantity times its price, and no quantity is one throughout."""
        for name in _WHOLES:
            if name not in self.decoded.fields:
                continue
            whole = self._numbers(group, self.decoded.fields[name])
            total = self._numbers(group, self.decoded.fields["total"])
            taxed = whole and all(0 < one <= two <= one * _HIGHEST_VAT for one, two in zip(whole, total, strict=False))
            for product, counts in self._products(group) if len(total) == len(group) else ():
                if taxed and counts and all(abs(p - w) < CENT for p, w in zip(product, whole, strict=True)):
                    return True
        return False

    def _lines(self, group: Group) -> Iterator[list[Decimal]]:
        """The columns of numbers that vary from line to line, or that name lines in their header."""
        for place, header in enumerate(self.headers):
            numbers = [] if place in self.known else self._numbers(group, place)
            if numbers and (len(set(numbers)) > 1 or header.strip().casefold().startswith(LINE_WORDS)):
                yield numbers

    def _products(self, group: Group) -> Iterator[tuple[list[Decimal], bool]]:
        """Two columns of numbers multiplied, one of lines among them, and whether both of them count."""
        places = [place for place in range(len(self.headers)) if place not in self.known]
        columns = [(place, found) for place in places if (found := self._numbers(group, place))][:_MOST]
        for at, (one, first) in enumerate(columns):
            for two, second in columns[at + 1 :]:
                if any(self.headers[place].strip().casefold().startswith(LINE_WORDS) for place in (one, two)):
                    counts = set(first) != {Decimal(1)} and set(second) != {Decimal(1)}
                    yield [x * y for x, y in zip(first, second, strict=True)], counts

    def _numbers(self, group: Group, place: int) -> list[Decimal]:
        """A column of a group as numbers; nothing where a cell is none."""
        cells = [self.rows[row][place] for row in group]
        read = read_amounts([*cells, "0,01"])[0]
        found = [read[cell] for cell in cells]
        numbers = [number for number in found if isinstance(number, Decimal)]
        return numbers if len(numbers) == len(found) else []

    def _amounts(self, group: Group, name: str) -> set[Decimal]:
        """The different amounts of a field."""
        return set(self._numbers(group, self.decoded.fields[name])) if name in self.decoded.fields else set()
