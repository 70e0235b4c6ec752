"""What stands in the user's calendar on a day: what the plan asks for, on the days that the journal's facts give it."""

import shlex
from datetime import UTC, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from relance.core.agenda import agenda as occasions_of
from relance.core.bills import Memory
from relance.core.events import Occasion, Telling
from relance.errors import EXIT_DONE, EXIT_LOOK, UsageError
from relance.runs.dossier import Desk
from relance.runs.plan import Planned
from relance.runs.trend import revisions

ENDING = ".ics"


class Agenda(NamedTuple):
    """The occasions of a day; `owner` names whose they are, before there is a journal and after it was lost.

    `stamp` (UTC) is the instant of the last thing noted, or the beginning of the day: it grows with each of both.
    """

    planned: Planned
    occasions: tuple[Occasion, ...]
    owner: str
    stamp: datetime

    @property
    def exit_code(self) -> int:
        """1 where something was not read, so that the calendar lacks it, or its sums are not sure."""
        desk = self.planned.desk
        return EXIT_LOOK if desk.source.problems or desk.source.left_out or desk.unagreed else EXIT_DONE


class _Known(NamedTuple):
    tellings: list[Telling]
    memory: Memory
    stamp: datetime | None


def agenda(desk: Desk) -> Agenda:
    """What stands in the calendar on the day; nothing is written."""
    known, morning = _known(desk), datetime.combine(desk.today, time(), UTC)
    occasions = occasions_of(desk.plan, known.tellings, revisions(desk.plan, known.memory))
    stamp = max(morning, known.stamp.astimezone(UTC)) if known.stamp is not None else morning
    return Agenda(Planned(desk, desk.plan), occasions, _owner(desk), stamp)


def check_name(out: Path) -> None:
    """UsageError for a file of another name than a calendar's: no program would open it as one."""
    if not out.is_dir() and out.suffix.casefold() != ENDING:
        meant = shlex.quote(str(out.with_suffix(ENDING)))
        raise UsageError(f"Le nom « {out} » n’est pas celui d’un agenda ({ENDING}).", f"Exemple : --out {meant}.")


def _owner(desk: Desk) -> str:
    """A mark of the user's own address, and not the address: a calendar is shown around."""
    told = desk.settings.sender.email.casefold() if desk.settings is not None else ""
    return sha256(told.encode()).hexdigest()[:16]


def _known(desk: Desk) -> _Known:
    """What the journal tells until the day; nothing without settings or journal."""
    from relance.journal import read_journal

    journal = read_journal(desk.settings.journal) if desk.settings is not None else None
    if journal is None:
        return _Known([], {}, None)
    with journal:
        return _Known(journal.tellings(desk.today), journal.changes.until(desk.today), journal.last_stamp())
