"""What `relance charges` answers: a table, lines, or a JSON document."""

from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.charges import to_cents
from relance.display import terminal
from relance.display.documents import Document, amount, json_text
from relance.display.statement import FORMULA, HEADERS, caution_sentences, rate_sentence, rows, statement, sums
from relance.french import date_fr, eur, plural, typeset

if TYPE_CHECKING:
    from relance.runs.charging import Charged

MONEY = "EUR"


def show_charges(charged: "Charged", form: str) -> None:
    """Print the answer as `table`, `lines` or `json`."""
    if form == "json":
        terminal.say_json(json_text(charges_document(charged)))
        return
    costs, terms = charged.costs, charged.terms
    terminal.say(_head(charged))
    if form == "table" and costs.segments:
        terminal.table(typeset(f"Pénalités {rate_sentence(costs, terms)}"), HEADERS, rows(costs, terms, MONEY), _RIGHT)
        terminal.say(typeset(f"Calcul : {FORMULA}"))
        terminal.say_all(sums(costs, terms, MONEY))
    elif charged.as_of > charged.invoice.due_date:
        terminal.say_all(f"  {line}" for line in statement(costs, terms, MONEY))
    for i, sentence in enumerate(caution_sentences(charged.cautions)):
        if not i:
            terminal.say(typeset("À savoir :"))
        terminal.say(f"  {sentence}")


_RIGHT = frozenset({2, 3, 5})


def _head(charged: "Charged") -> str:
    due, late = charged.invoice.due_date, (charged.as_of - charged.invoice.due_date).days
    state = (
        f"{plural(late, 'jour')} de retard au {date_fr(charged.as_of)}" if late > 0 else "pas de retard, rien n’est dû"
    )
    return typeset(f"{eur(charged.invoice.total)}, échéance le {date_fr(due)} : {state}")


def charges_document(charged: "Charged") -> Document:
    """The answer (version 1): amounts as strings with two decimals, rates in percent a year, dates ISO."""
    costs = charged.costs
    return {
        "version": 1,
        "amount": amount(charged.invoice.total),
        "due_date": charged.invoice.due_date.isoformat(),
        "as_of": charged.as_of.isoformat(),
        "days": max((charged.as_of - charged.invoice.due_date).days, 0),
        "interest": amount(costs.interest),
        "recovery_fee": amount(costs.recovery_fee),
        "claimed": amount(costs.claimed),
        "daily": amount(to_cents(costs.daily)),
        "imputation": charged.terms.imputation.value,
        "segments": [
            {
                "from": segment.first.isoformat(),
                "to": segment.last.isoformat(),
                "days": segment.days,
                "principal": amount(segment.principal),
                "rate": rate_text(segment.rate),
                "interest": amount(segment.interest),
            }
            for segment in costs.segments
        ],
        "warnings": list(caution_sentences(charged.cautions)),
    }


def rate_text(rate: Decimal) -> str:
    """A rate in percent a year, exact, with at least two decimals."""
    return f"{rate:.2f}" if rate == to_cents(rate) else f"{rate.normalize():f}"
