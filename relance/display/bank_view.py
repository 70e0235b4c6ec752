"""The credits of the bank statements, one line each: what it pays, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from relance.core.bank import Match, Ruling
from relance.core.credit_names import short_names
from relance.core.payers import payer_name
from relance.display.bank import Called, called, known_words, why
from relance.display.bank_answers import Answers
from relance.display.breaking import one_line, wrapped
from relance.display.documents import Document, amount, problem_document
from relance.display.layout import NAME, REST, Cell, Column, columns, page_width
from relance.display.plan_view import problem_line
from relance.display.terminal import say_json, show
from relance.french import brief_date, eur, listing, plural, typeset

if TYPE_CHECKING:
    from relance.runs.bank import Banked

_COUNTED = {
    Ruling.MATCHED: ("rattaché à une facture", "rattachés à une facture"),
    Ruling.DOUBT: ("à vérifier", "à vérifier"),
    Ruling.OTHER: ("sans facture", "sans facture"),
}


def show_bank(banked: "Banked", form: str) -> None:
    """As JSON, or one line a credit."""
    if form == "json":
        say_json(bank_document(banked))
    else:
        show(bank_lines(banked, page_width()))


def bank_document(banked: "Banked") -> Document:
    """Version 1: amounts as strings with two decimals, dates ISO, every key present."""
    names = called(banked.invoices)
    return {
        "version": 1,
        "until": banked.until.isoformat() if banked.until else None,
        "credits": [_credit(match, names) for match in banked.matches],
        "problems": [problem_document(problem) for problem in banked.problems],
    }


def _credit(match: Match, names: Called) -> Document:
    credit = match.credit
    return {
        "id": credit.identity,
        "date": credit.on.isoformat(),
        "amount": amount(credit.amount),
        "currency": credit.currency,
        "payer": payer_name(credit),
        "label": credit.label,
        "verdict": match.verdict.value,
        "pays": [{"invoice": names.numbers[part.invoice], "amount": amount(part.amount)} for part in match.pays],
        "candidates": [names.numbers[key] for key in match.candidates],
        "because": why(match, names),
    }


def bank_lines(banked: "Banked", width: int) -> Iterator[str]:
    """Until when the bank is known, the credits, what could not be read."""
    short = short_names([match.credit.identity for match in banked.matches])
    yield from wrapped(known_words(banked.until, banked.gaps, banked.today), width)
    if banked.matches:
        yield ""
        names = called(banked.invoices)
        rows = [(short[match.credit.identity], *_row(match, banked, names)) for match in banked.matches]
        yield from _credit_lines(rows, [why(match, names) for match in banked.matches], width)
    if banked.problems or banked.notes:
        yield ""
    for problem in banked.problems:
        yield from wrapped(problem_line(problem), width, "  ", "    ")
    for note in banked.notes:
        yield from wrapped(typeset(note), width, "  ", "    ")
    yield ""
    yield from wrapped(_summary(banked), width)
    if asked := [*_answers(banked, short)]:
        yield ""
        yield typeset("À vérifier :")
        yield from (f"  → {each}" for each in asked)


_CREDITS = (Column(), Column(), Column(right=True), Column(least=8, most=NAME), Column(least=34, most=60))


def _credit_lines(rows: Sequence[tuple[Cell, ...]], reasons: Sequence[str], width: int) -> Iterator[str]:
    """Each credit in one line; its reason, which is never cut, below it where one of them has no room beside it."""
    beside = (*_CREDITS, Column(least=12, most=REST))
    lines = [*columns(((*row, reason) for row, reason in zip(rows, reasons, strict=True)), beside, width)]
    if all(line.endswith(one_line(reason)) for line, reason in zip(lines, reasons, strict=True)):
        yield from lines
        return
    for line, reason in zip(columns(rows, _CREDITS, width), reasons, strict=True):
        yield line
        yield from wrapped(reason, width, "        ", "        ")


def _answers(banked: "Banked", short: Mapping[str, str]) -> Iterator[str]:
    """The commands that settle each doubt."""
    doubts = [match for match in banked.matches if match.verdict is Ruling.DOUBT]
    if doubts and not banked.answers:
        yield typeset("relance init (écrivez d’abord vos réglages : une réponse se note dans leur journal)")
        return
    answers = Answers(banked.invoices, banked.open, short, banked.files)
    for match in doubts:
        yield from answers.of(match)


def _row(match: Match, banked: "Banked", names: Called) -> tuple[Cell, ...]:
    credit = match.credit
    return (
        brief_date(credit.on, banked.today),
        eur(credit.amount, credit.currency),
        payer_name(credit) or credit.label,
        _verdict(match, names),
    )


def _verdict(match: Match, names: Called) -> Cell:
    """What it pays or may pay; of several invoices the first, where all have no room."""
    if match.verdict is Ruling.MATCHED:
        paid = dict.fromkeys(names.numbers[part.invoice] for part in match.pays)
        return [f"paie {numbers}" for numbers in _ways([*paid])]
    if match.verdict is Ruling.DOUBT:
        numbers = [names.numbers[key] for key in match.candidates]
        return [f"{typeset('à vérifier')} ({several})" for several in _ways(numbers)] or "à vérifier"
    return "sans facture"


def _ways(numbers: Sequence[str]) -> list[str]:
    """All of these, or how many more than the first there are."""
    shorter = [f"{numbers[0]}, +{len(numbers) - 1}"] if len(numbers) > 1 else []
    return [listing(numbers), *shorter] if numbers else []


def _summary(banked: "Banked") -> str:
    counts = Counter(match.verdict for match in banked.matches)
    if not counts:
        return "Aucun versement."
    each = [f"{counts[ruling]} {words[counts[ruling] > 1]}" for ruling, words in _COUNTED.items() if counts[ruling]]
    return typeset(f"{plural(len(banked.matches), 'versement')} : {', '.join(each)}.")
