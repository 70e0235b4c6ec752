"""The credits of the bank statements, each with what it pays and why; nothing is written."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from relance.core.bank import Match, Ruling
from relance.core.invoice import Invoice, Problem
from relance.core.statement import Gap
from relance.errors import EXIT_DONE, EXIT_LOOK, Again, UsageError
from relance.runs.dossier import Desk
from relance.runs.lookup import is_target
from relance.runs.statements import files_like, state_of, statement_files
from relance.sources.source import BankOptions
from relance.sources.statements import read_statements


class Banked(NamedTuple):
    """What the statements tell on a day: `until` is the last one of which all accounts are known, None for none.

    `invoices` come with their keys, by which the matches name them; `files` are those that were asked for by name.
    `open` tells by invoice key what the credits leave open, `answers` whether there is a journal to note an answer in.
    """

    today: date
    matches: tuple[Match, ...]
    until: date | None = None
    gaps: tuple[Gap, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    invoices: tuple[tuple[str, Invoice], ...] = ()
    files: tuple[str, ...] = ()
    open: Mapping[str, Decimal] = MappingProxyType({})
    answers: bool = False

    @property
    def exit_code(self) -> int:
        """1 where a row was not read or a credit is in doubt."""
        doubt = any(each.verdict is Ruling.DOUBT for each in self.matches)
        return EXIT_LOOK if doubt or self.problems else EXIT_DONE


def bank(desk: Desk, files: Sequence[str] = ()) -> Banked:
    """The credits of these files, of those of the settings where none is given, up to the day of the desk.

    UsageError or SettingsError where there is none to read, SourceError where none can be read.
    """
    options = desk.settings.bank if desk.settings is not None else BankOptions()
    _check_words(desk, files)
    paths = files_like(map(Path, files)) if files else statement_files(options)
    if not paths:
        raise UsageError(f"Aucun relevé sous « {', '.join(files)} ».", "Déposez-y un relevé.")
    told = read_statements(paths, options.account, found=not files)
    beside = desk.beside
    state, invoices = state_of(told, beside), tuple(beside.invoices)
    return Banked(
        desk.today,
        state.matches,
        state.until,
        state.gaps,
        state.problems,
        told.notes,
        invoices,
        tuple(files),
        state.left,
        desk.settings is not None,
    )


def _check_words(desk: Desk, files: Sequence[str]) -> None:
    """UsageError where a word is no file but an invoice or a customer, with what shows that and what shows credits."""
    for word in (word for word in files if not Path(word).exists()):
        if is_target(word, [invoice for _, invoice in desk.beside.invoices]):
            shown = Again(line=("show", word), about="ce qui en est dû")
            credits = Again(line=("bank",), about="ce qui est arrivé en banque")
            raise UsageError(f"« {word} » ne désigne pas un relevé.", again=[shown, credits])
