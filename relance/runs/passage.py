"""A run of the schedule: noted in the journal from its beginning to its end, whatever that is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from relance.errors import JournalError, RelanceError

if TYPE_CHECKING:
    from relance.core.bank import Apart, Unasked
    from relance.core.facts import Fact
    from relance.core.plan import Plan
    from relance.journal import Journal
    from relance.runs.dossier import Desk


class Passage:
    """What the journal knows of this run; a run that a person starts (not `desk.unattended`) leaves no trace there."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk
        self._number: int | None = None
        self.left: int | None = None
        self.looked = False

    def begin(self, journal: "Journal") -> None:
        """It is at work, and the journal is open; `left` messages of the day's limit are for it."""
        desk = self._desk
        if desk.unattended:
            self.left = max(desk.policy.max_per_run - journal.runs.messages(desk.today), 0)
            self._number = journal.runs.begin(desk.today)

    def has_looked(self, journal: "Journal") -> bool:
        """Whether a run of the day has read the mailbox, and no message waits for its trace to be found there."""
        desk = self._desk
        return desk.unattended and journal.runs.has_looked(desk.today) and not journal.in_doubt()

    def end(self, code: int, counts: Mapping[str, int]) -> None:
        """It came to its end with this exit code and did this; where there is no journal yet, nothing can be noted."""
        desk = self._desk
        if not desk.unattended or desk.settings is None or not desk.settings.journal.exists():
            return
        with suppress(JournalError), desk.writing() as journal:  # what is wrong with it was said
            number = journal.runs.begin(desk.today) if self._number is None else self._number
            journal.runs.end(number, code, {**counts, **({"looked": 1} if self.looked else {})})

    @contextmanager
    def noted(self) -> Iterator[None]:
        """What goes wrong in the block is how the run ended."""
        try:
            yield
        except RelanceError as error:
            with suppress(RelanceError):  # settings that cannot be read name no journal
                self.end(error.exit_code, {})
            raise


def follow(desk: "Desk", journal: "Journal") -> None:
    """The history as the journal has it now, the credits that pay something noted there before anything leaves."""
    desk.follow(journal)
    if desk.statements is not None:
        from relance.runs.statements import to_note

        if new := _to_keep(to_note(desk.plan, desk.beside), desk, journal):
            journal.record(*new)
            desk.follow(journal)
    if desk.history.platform is not None:
        _follow_platform(desk, journal)


def _follow_platform(desk: "Desk", journal: "Journal") -> None:
    """The same for what platforms told, beside what came in at the bank."""
    from relance.runs import lifecycle

    beside = desk.beside
    if desk.statements is not None:
        from relance.runs.statements import counted

        beside = beside._replace(history=counted(desk.statements.told, beside))
    if new := _to_keep(lifecycle.to_note(desk.plan, beside, journal.facts()), desk, journal):
        journal.record(*new)
        desk.follow(journal)


def _to_keep(facts: "Sequence[Fact]", desk: "Desk", journal: "Journal") -> "list[Fact]":
    """These, but for what is of settled invoices of erased customers alone: it would bring their names back."""
    from relance.journal.said import subjects_of

    erased = journal.erasing.erased() if facts else None
    if erased is None or not erased.several:
        return [*facts]
    claimed = {line.key for line in desk.plan.lines if not line.reason.settled}
    gone = {key for fact in facts for key in subjects_of(fact) if key not in claimed and erased.day_of(key)}
    return [fact for fact in facts if not (gone and gone.issuperset(subjects_of(fact)))]


def said_of_bank(plan: "Plan") -> "dict[str, Apart | Unasked]":
    """Where file and bank differ and what is to be looked at there, by the name that the journal remembers it by."""
    if plan.morning.history.bank is None:
        return {}
    from relance.core.banked import remarks  # imported here: most runs read no statement

    return {each.mark: each for each in remarks(plan)}
