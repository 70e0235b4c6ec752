"""The statements that the settings name, as a plan counts them: what could be read of them, and what they pay."""

from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.core.bank import BankState, Books
from relance.core.banked import apart, books_of, noted, with_credits
from relance.core.facts import Credited
from relance.core.history import History
from relance.core.invoice import MARK_LENGTH, Invoice, Problem, keyed
from relance.core.matching import match_all
from relance.core.plan import Plan
from relance.core.policy import DunningPolicy
from relance.core.statement import Credit, gaps, until
from relance.errors import RelanceError, SettingsError, UsageError
from relance.runs.last_look import Mark, mark
from relance.sources.source import BankOptions
from relance.sources.statements import Statements, read_statements

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.sources import InvoiceFile

_MAGIC = "*?["


class OwnStatements(NamedTuple):
    """What the statements of the settings tell, and the files as they were before they were read."""

    told: Statements
    marks: tuple[Mark, ...] = ()


def read_own(options: BankOptions) -> OwnStatements:
    """The statements of the settings; where none can be read that is a problem, and no reason not to plan."""
    marks: tuple[Mark, ...] = ()
    try:
        paths = statement_files(options)
        marks = tuple(map(mark, paths))
        told = read_statements(paths, options.account, found=True)
    except RelanceError as error:
        told = Statements(problems=(Problem(", ".join(map(str, options.files)), error.shown),))
    return OwnStatements(told, marks)


def _marked(problem: Problem) -> Problem:
    """A row that cannot be read, named by what it says, so that the user may say that he knows it."""
    if problem.line is None:
        return problem
    said = "\x1f".join((problem.file, problem.column or "", problem.value or "", problem.message))
    return problem._replace(mark=sha256(said.encode()).hexdigest()[:MARK_LENGTH])


def statement_files(options: BankOptions) -> list[Path]:
    """The files that the patterns of the settings name, in order; one that is no pattern need not exist yet.

    UsageError where the settings have none, SettingsError where no file is like any of them.
    """
    if not options.files:
        raise UsageError(
            "Aucun relevé à lire.",
            'Donnez un fichier (« relance bank releve.csv »), ou files = ["releves/*"] sous [bank] dans relance.toml.',
        )
    found = files_like(options.files)
    if not found:
        patterns = ", ".join(f"« {pattern} »" for pattern in options.files)
        raise SettingsError(f"Aucun relevé sous {patterns} (files sous [bank]).", "Déposez-y un relevé.")
    return found


def files_like(patterns: Iterable[Path]) -> list[Path]:
    """The files that these name, in order, each once."""
    return list(dict.fromkeys(path for pattern in patterns for path in _like(pattern)))


def _like(pattern: Path) -> Iterable[Path]:
    """The files of a folder, or that are like a pattern, but for those hidden or that a spreadsheet holds open."""
    pattern = pattern / "*" if pattern.is_dir() else pattern
    if not any(sign in str(pattern) for sign in _MAGIC):
        return (pattern,)
    found = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
    return sorted(path for path in found if path.is_file() and not path.name.startswith((".", "~$")))


class Beside(NamedTuple):
    """What is known beside the statements on a day: the file (None where there is none), the history, who writes."""

    today: date
    zone: tzinfo | None
    source: "InvoiceFile | None"
    history: History
    policy: DunningPolicy
    settings: "Settings | None"

    @property
    def invoices(self) -> Sequence[tuple[str, Invoice]]:
        """Those of the file, with their keys."""
        return keyed(self.source.invoices) if self.source is not None else ()

    @property
    def as_of(self) -> date:
        """The day of the file's version; what stands at an address is of today."""
        modified = self.source.modified if self.source is not None else None
        return modified.astimezone(self.zone).date() if modified is not None else self.today


def books_beside(credits: Iterable[Credit], beside: Beside) -> Books:
    """What is known before these credits are looked at, the user's own names and accounts too."""
    books = books_of(beside.invoices, beside.history, beside.policy, beside.today, beside.as_of, credits)
    if beside.settings is None:
        return books
    sender = beside.settings.sender
    names, ibans = (sender.name, sender.account_name), (sender.iban,)
    return books._replace(own_names=[*filter(None, names)], own_ibans=[*filter(None, ibans)])


def state_of(told: Statements, beside: Beside) -> BankState:
    """What these statements tell on the day: until when the bank is known, and what each credit up to it pays."""
    today, history, settings = beside.today, beside.history, beside.settings
    last, credits = until(told.covers), [credit for credit in told.credits if credit.on <= today]
    matches, left = match_all(credits, books_beside(credits, beside))
    return BankState(
        until=last and min(last, today),
        gaps=tuple(gap for gap in gaps(told.covers) if gap.first <= today),
        trusted=settings.bank.max_age_days if settings is not None else 0,
        problems=tuple(each for each in map(_marked, told.problems) if each.mark not in history.known),
        matches=matches,
        left=left,
    )


def counted(told: Statements, beside: Beside) -> History:
    """The history with what these statements pay, as if a run had noted it today."""
    state, invoices = state_of(told, beside), beside.invoices
    differ = apart(invoices, state.matches, told.covers, beside.as_of, beside.today)
    return with_credits(beside.history, invoices, state._replace(apart=differ), beside.today)


def to_note(plan: Plan, beside: Beside) -> tuple[Credited, ...]:
    """What the journal does not know yet of the credits that pay; nothing while the file or the clock is in doubt."""
    history, around = plan.morning.history, plan.around
    if history.bank is None or history.unagreed or history.clock or around.shrunk or around.mixed:
        return ()
    return tuple(noted(history.bank.matches, beside.invoices, beside.history, beside.today))
