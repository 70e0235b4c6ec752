"""XLSX -> rows: the right sheets, cached values alone, and nothing that was hidden in the archive."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from relance.errors import SourceError
from relance.sources.archive import Archive
from relance.sources.tables import (
    Fits,
    Table,
    find_header,
    fits_customers,
    fits_invoices,
    fits_payments,
    fits_whole_invoices,
    no_header,
)
from relance.sources.values import Cell, plain, shown, text_of

if TYPE_CHECKING:
    pass

_PAYMENT_TITLE = re.compile(r"regl|paie|paym|encaiss")


def read_workbook(
    name: str, data: bytes, chosen: Mapping[str, str], sheet: str
) -> tuple[Table, tuple[Table, ...], tuple[Table, ...]]:
    """The invoices, customers and payments of a workbook; raises SourceError where it cannot be used."""
    with Archive(name, data) as archive:
        heads = archive.heads()
        found = {title: find_header(rows, fits_invoices, chosen) for title, rows in heads.items()}
        title = _chosen_sheet(name, archive, heads, found, sheet)
        header = found[title]
        if header is None:
            raise no_header(name, heads[title], chosen)
        rest = [other for other in archive.visible() if other != title]
        invoices = archive.table(title, header)
        customers, payments, unread = [], [], []
        for other in rest:
            if match := find_header(heads[other], fits_customers, {}):
                customers.append(archive.table(other, match))
            elif match := find_header(heads[other], fits_payments, {}):
                payments.append(archive.table(other, match))
            elif any(text_of(cell) for row in heads[other] for cell in row):
                unread.append(f"Feuille « {shown(other)} » non lue.")
        unread += [f"Feuille masquée « {shown(t)} » non lue." for t in archive.hidden() if t != title and any(heads[t])]
        return _with_notes(invoices, unread), tuple(customers), tuple(payments)


def read_sheet(name: str, data: bytes, fits: Fits, what: str) -> Table:
    """The first sheet whose headers fit, for a file of customers or payments."""
    with Archive(name, data) as archive:
        heads = archive.heads()
        for title in archive.visible():
            if match := find_header(heads[title], fits, {}):
                return archive.table(title, match)
        raise no_header(name, next(iter(heads.values()), []), {}, what)


def _chosen_sheet(
    name: str, archive: Archive, heads: Mapping[str, list[Sequence[Cell]]], found: Mapping[str, Any], sheet: str
) -> str:
    """The sheet of invoices: the one asked for, else the only one that looks like it."""
    if sheet:
        for title in heads:
            if title == sheet or plain(title) == plain(sheet):
                return title
        titles = ", ".join(f"« {shown(title)} »" for title in heads)
        raise SourceError(f"{name} n’a pas de feuille « {shown(sheet)} ».", f"Feuilles du classeur : {titles}.")
    visible = archive.visible()
    whole = [t for t in visible if found[t] and fits_whole_invoices(found[t][2].fields)]
    if len(whole) > 1:  # a list of payments may look like invoices, unless its name or its dates tell
        told = [t for t in whole if not (_PAYMENT_TITLE.search(plain(t)) and fits_payments(found[t][2].fields))]
        whole = told or whole
    if len(whole) > 1:
        titles = ", ".join(f"« {shown(title)} »" for title in whole)
        raise SourceError(
            f"{name} : plusieurs feuilles ressemblent à des factures : {titles}.",
            f'Indiquez la bonne sous [invoices] : sheet = "{shown(whole[0])}".',
        )
    partial = [t for t in visible if found[t]]
    if not visible or not any(any(rows) for rows in heads.values()):
        raise SourceError(f"{name} ne contient aucune ligne.", "Exportez de nouveau vos factures.")
    return (whole or partial or sorted(visible, key=lambda t: -len(heads[t])))[0]


def _with_notes(table: Table, notes: list[str]) -> Table:

    return table._replace(notes=(*table.notes, *notes))
