"""Which invoice a platform's status is of: its number and the day or the year of its issue."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from relance.core.invoice import Invoice, is_issued, normalised_number


class Numbers:
    """The invoices of a file by their number, as it stands and without its signs."""

    def __init__(self, invoices: Iterable[tuple[str, Invoice]]) -> None:
        self._found: dict[str, dict[str, Invoice]] = {}
        for key, invoice in invoices:
            for name in {normalised_number(invoice.number), _bare(invoice.number)}:
                self._found.setdefault(name, {})[key] = invoice

    def named(self, number: str, issued: date | None, dated: date | None) -> tuple[str, ...]:
        """The keys of the invoices that have this number and may have been issued then; several: nobody knows which.

        A number without its signs names one only where no other has the same letters and figures.
        """
        found = self._found.get(normalised_number(number)) or _only(self._found.get(_bare(number), {}))
        if issued is not None:
            return tuple(_issued_on(found, issued) or _issued_in(found, issued.year))
        return tuple(_issued_by(found, dated) if len(found) > 1 and dated is not None else found)


def _only(found: Mapping[str, Invoice]) -> Mapping[str, Invoice]:
    """These, where they have one number, whatever the years; else none."""
    return found if len({normalised_number(each.number) for each in found.values()}) == 1 else {}


def _issued_on(found: Mapping[str, Invoice], day: date) -> list[str]:
    return [key for key, each in found.items() if each.issue_date == day]


def _issued_in(found: Mapping[str, Invoice], year: int) -> list[str]:
    return [key for key, each in found.items() if _issue_day(each).year == year]


def _issued_by(found: Mapping[str, Invoice], day: date) -> list[str]:
    return [key for key, each in found.items() if is_issued(each, day)]


def _issue_day(invoice: Invoice) -> date:
    return invoice.issue_date or invoice.due_date


def _bare(number: str) -> str:
    return re.sub(r"[\W_]", "", normalised_number(number))
