"""`relance init` at a terminal: what it says, how it asks, and how the file was understood."""

import sys
from collections.abc import Iterator
from getpass import getpass
from typing import TYPE_CHECKING

from relance.core.invoice import normalised_name
from relance.core.plan import Line, Plan, grouped, outstanding_of
from relance.display.breaking import safe
from relance.display.reading import column_line
from relance.display.terminal import finish, fitted, say, say_all
from relance.french import eur, listing, plural, typeset

if TYPE_CHECKING:
    from relance.sources import InvoiceFile
    from relance.sources.source import Unused

_WIDTH = 78
_FIELDS = {
    "number": "numéro",
    "customer": "client",
    "customer_code": "code client",
    "email": "adresse",
    "issue_date": "date de facture",
    "due_date": "échéance",
    "terms": "délai",
    "total": "total",
    "paid": "déjà payé",
    "outstanding": "reste dû",
    "credits": "avoirs",
    "currency": "devise",
    "status": "état",
    "kind": "nature",
    "paid_date": "payée le",
    "contact": "personne",
    "civility": "civilité",
    "first_name": "prénom",
    "phone": "téléphone",
    "address": "adresse postale",
    "postcode": "code postal",
    "city": "ville",
    "country": "pays",
    "siret": "SIRET",
    "total_excl_tax": "hors taxes",
    "vat_amount": "TVA",
    "label": "libellé",
    "remark": "suivi",
    "courtesy_date": "relance préventive",
    "friendly_date": "relance amicale",
    "firm_date": "relance ferme",
    "formal_notice_date": "mise en demeure",
    "last_reminder": "dernière relance",
}
"""What a person calls the fields that most files have; another one is called as the settings call it."""


class TerminalTalk:
    """The person at this terminal."""

    def tell(self, sentence: str, *data: str) -> None:
        """Say this."""
        say_all(fitted(typeset(sentence).format(*data)))

    def ask(self, question: str, *data: str) -> str:
        """What was typed, without the spaces around it; the end of input is Ctrl-C."""
        sys.stdout.write(_prompt(question, data))
        finish()
        try:
            typed = sys.stdin.readline()
        except KeyboardInterrupt:
            say()
            raise
        if not typed:
            say()
            raise KeyboardInterrupt
        return typed.strip()

    def secret(self, question: str, *data: str) -> str:
        """The same, not shown while it is typed."""
        finish()
        try:
            return getpass(_prompt(question, data)).strip("\r\n")
        except EOFError:
            say()
            raise KeyboardInterrupt from None
        except KeyboardInterrupt:
            say()
            raise

    def show_reading(self, source: "InvoiceFile", plan: Plan) -> None:
        """How many rows, what is due, which column is what, which are not used."""
        say_all(_reading(source, plan))

    def show_column(self, column: "Unused") -> None:
        """A column that was not understood, with some of its cells, and what it seems to be."""
        seems = typeset(f" → {_FIELDS.get(column.field, column.field)} ?") if column.field else ""
        say_all(fitted(f"  {column_line(column)}{seems}", whole=[column.header]))

    def field_named(self, text: str) -> str:
        """The field that is called so here, as the settings name it; accents and capitals apart, the text for none."""
        wanted = normalised_name(text)
        return next((field for field, word in _FIELDS.items() if normalised_name(word) == wanted), text)


def _prompt(question: str, data: tuple[str, ...]) -> str:
    return "\n".join(map(safe, fitted(typeset(question).format(*data)))) + " "


def _reading(source: "InvoiceFile", plan: Plan) -> Iterator[str]:
    open_ = [line for line in plan.lines if not line.reason.settled]
    sums = [eur(outstanding_of(lines), currency) for currency, lines in grouped(open_, _currency).items()]
    due = f", {listing(sums)} dus" if sums else ""
    yield typeset(f"Je lis {source.file} : {plural(source.rows, 'ligne')}{due}.")
    yield from _columns([f"{header} → {_FIELDS.get(field, field)}" for field, header, _ in source.reading.columns])
    if harmless := [column.header for column in source.reading.unused if not column.weighty]:
        yield typeset("  Pas utilisées : ") + ", ".join(harmless)
    if source.problems:
        yield typeset(f"  {plural(len(source.problems), 'anomalie')} à voir ensuite → relance check")


def _currency(line: Line) -> str:
    return line.invoice.currency


def _columns(cells: list[str]) -> Iterator[str]:
    """Cells side by side, as many as a line of 80 signs takes."""
    wide = max(map(len, cells), default=0) + 3
    many = max(1, _WIDTH // wide)
    for at in range(0, len(cells), many):
        yield "  " + "".join(cell.ljust(wide) for cell in cells[at : at + many]).rstrip()
