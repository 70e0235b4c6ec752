"""The credits of the bank statements, each with what it pays and why; nothing is written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from relance.core.bank import Books, Match, Portion, Ruling, Word
from relance.core.case import not_in_file
from relance.core.claims import claimed_charges
from relance.core.invoice import ZERO, Invoice, Payment, Problem, keyed
from relance.core.matching import match_all
from relance.core.statement import Credit, Gap, gaps, until
from relance.errors import EXIT_DONE, EXIT_LOOK, SettingsError, UsageError
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.sources.source import BankOptions

_MAGIC = "*?["


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
    from relance.sources.source import BankOptions
    from relance.sources.statements import read_statements

    options = desk.settings.bank if desk.settings is not None else BankOptions()
    paths = [Path(file) for file in files] or statement_files(options)
    told = read_statements(paths, options.account)
    invoices = keyed(desk.invoices) if desk.places else []
    credits = [credit for credit in told.credits if credit.on <= desk.today]
    matches, left = match_all(credits, books_of(desk, invoices, credits))
    known = until(told.covers)
    return Banked(
        desk.today,
        matches,
        known and min(known, desk.today),
        tuple(gap for gap in gaps(told.covers) if gap.first <= desk.today),
        told.problems,
        told.notes,
        tuple(invoices),
        tuple(files),
        left,
        desk.settings is not None,
    )


def statement_files(options: "BankOptions") -> list[Path]:
    """The files that the patterns of the settings name, in order; one that is no pattern need not exist yet.

    UsageError where the settings have none, SettingsError where no file is like any of them.
    """
    if not options.files:
        raise UsageError(
            "Aucun relevé à lire.",
            'Donnez un fichier (« relance bank releve.csv »), ou files = ["releves/*"] sous [bank] dans relance.toml.',
        )
    found = list(dict.fromkeys(path for pattern in options.files for path in _like(pattern)))
    if not found:
        patterns = ", ".join(f"« {pattern} »" for pattern in options.files)
        raise SettingsError(f"Aucun fichier n’est comme {patterns} (files sous [bank]).", "Déposez-y un relevé.")
    return found


def _like(pattern: Path) -> Iterable[Path]:
    """The files that are like a pattern, but for those that are hidden or that a spreadsheet holds open."""
    if not any(sign in str(pattern) for sign in _MAGIC):
        return (pattern,)
    found = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
    return sorted(path for path in found if path.is_file() and not path.name.startswith((".", "~$")))


def books_of(desk: Desk, invoices: Sequence[tuple[str, Invoice]], credits: Iterable[Credit]) -> Books:
    """What is known before these credits are looked at; what was said of them stands under each of them alone."""
    if not invoices:
        return Books(())
    modified, history = desk.source.modified, desk.history
    own = {credit.identity for credit in credits}
    told = {
        key: [Payment(paid.amount, paid.on) for paid in past.payments if paid.credit not in own]
        for key, past in history.invoices.items()
        if past.payments
    }
    sender = desk.settings.sender if desk.settings is not None else None
    return Books(
        invoices,
        as_of=modified.astimezone(desk.now.tzinfo).date() if modified is not None else desk.today,
        told=told,
        charges={line.key: claimed for line in desk.plan.lines if (claimed := claimed_charges(line.case))},
        payers=history.payers,
        settled=_settled(desk, invoices),
        own_names=[name for name in (sender.name, sender.account_name) if name] if sender is not None else (),
        own_ibans=[sender.iban] if sender is not None and sender.iban else (),
    )


def _settled(desk: Desk, invoices: Iterable[tuple[str, Invoice]]) -> dict[str, Word]:
    """What was said of each credit, each part of it known that the file shows by now."""
    pasts = desk.history.invoices
    missing = {
        (key, paid.credit): paid.amount
        for key, invoice in invoices
        if key in pasts
        for paid in not_in_file(invoice, pasts[key], desk.today)
    }
    said = desk.history.credits.items()
    return {
        identity: word._replace(
            portions=tuple(part for one in word.portions for part in _shown(one, identity, missing))
        )
        for identity, word in said
    }


def _shown(portion: Portion, identity: str, missing: Mapping[tuple[str, str], Decimal]) -> Iterator[Portion]:
    left = ZERO if portion.known else min(missing.get((portion.invoice, identity), ZERO), portion.amount)
    for part, known in ((portion.amount - left, True), (left, False)):
        if part:
            yield Portion(portion.invoice, part, known)
