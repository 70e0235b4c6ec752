"""A list of payments -> the payments of each invoice, by its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from relance.core.invoice import Payment, Problem, normalised_number
from relance.sources.decoding import Decoded
from relance.sources.documents import is_payment
from relance.sources.values import Unreadable, quoted, text_of
from relance.sources.wanted import PAYMENT_STATES
from relance.sources.words import Meaning

_RECEIVED = (None, Meaning.PAID, Meaning.PARTIAL, Meaning.OPEN)
"""What a payment may be said to be: for it, validated or posted is as good as paid."""


@dataclass(slots=True)
class Entries:
    """The payments of one invoice, the currencies that they name; `doubt` says why they cannot be trusted."""

    payments: list[Payment] = field(default_factory=list)
    origins: list[tuple[Decoded, int]] = field(default_factory=list)
    doubt: str = ""
    currencies: set[str] = field(default_factory=set)


Unnumbered = list[tuple[Decoded, int]]
"""The rows of payments that name no invoice."""


def ledger_of(tables: Sequence[Decoded]) -> tuple[Mapping[str, Entries], Unnumbered, tuple[Problem, ...]]:
    """The payments by invoice number, those without any, and what could not be read."""
    ledger: dict[str, Entries] = {}
    problems = []
    unnumbered: Unnumbered = []
    for decoded in tables:
        amount_field = "paid" if "paid" in decoded.fields else "total"
        day_field = "paid_date" if "paid_date" in decoded.fields else "issue_date"
        rows = zip(decoded.values("number"), decoded.values(amount_field), decoded.values(day_field), strict=False)
        for row, (number, amount, day) in zip(range(len(decoded.table.rows)), rows, strict=False):
            if not isinstance(number, str) or not number:
                missing = "Le numéro de la facture payée manque : complétez."
                fault = number.message if isinstance(number, Unreadable) else missing
                problems.append(decoded.problem(row, "number", fault))
                unnumbered += [] if _not_received(decoded, row) else [(decoded, row)]
                continue
            entries = ledger.setdefault(normalised_number(number), Entries())
            entries.origins.append((decoded, row))
            told = decoded.value(row, "currency")
            if isinstance(told, Unreadable):
                amount = told
            elif told or decoded.units:
                entries.currencies |= decoded.named_currencies(row, told or "")
            if fault := _not_received(decoded, row) or _add(entries, amount, day):
                entries.doubt = fault
                name = day_field if isinstance(amount, Decimal) and not isinstance(day, date) else amount_field
                problems.append(decoded.problem(row, name, fault))
    return ledger, unnumbered, tuple(problems)


def _not_received(decoded: Decoded, row: int) -> str:
    """Why the row is no money that came in, or nobody knows: rejected, cancelled, a word that is not understood."""
    for name in PAYMENT_STATES:
        word = decoded.value(row, name)
        if isinstance(word, Unreadable):
            return word.message
        if word not in _RECEIVED:
            told = quoted(decoded.cell(row, name))
            return f"Ce règlement n’est pas sûr ({told})\u00a0: supprimez la ligne s’il n’est pas arrivé."
    kind = decoded.cell(row, "kind") if "kind" in decoded.fields else ""
    if text_of(kind) and not is_payment(kind):
        return f"{quoted(kind)} n’est pas un règlement reçu\u00a0: supprimez la ligne, ou comptez-le en négatif."
    return ""


def _add(entries: Entries, amount: object, day: object) -> str:
    """Adds a payment; the sentence that says why it could not be added, else nothing."""
    for value in (amount, day):
        if isinstance(value, Unreadable):
            return value.message
    if not isinstance(amount, Decimal):
        return "Le montant du règlement manque : complétez cette cellule."
    payment = Payment(amount, day if isinstance(day, date) else None)
    if payment in entries.payments:
        return "Deux règlements identiques pour cette facture : supprimez le doublon, ou distinguez leurs dates."
    entries.payments.append(payment)
    return ""
