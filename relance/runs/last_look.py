"""Looking once more, just before a message leaves for good: are files, clock and day as the plan was made for?"""

import stat
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.core.history import former_keys
from relance.core.invoice import Invoice, keyed, targets_of
from relance.core.plan import Line
from relance.core.reasons import ClockFault

if TYPE_CHECKING:
    from relance.core.message import Message
    from relance.journal import Departure, Journal
    from relance.sources.source import Place

PLAN_HOLDS = 600.0  # seconds: what was right ten minutes ago need not be right now
SLEPT = 60.0  # seconds by which the wall clock may run away from the steady one
BEHIND = timedelta(minutes=5)
AHEAD = timedelta(days=45)
_LARGEST = 2**29
"""Octets of a file whose content is looked at: eight times what is read without a word in the settings."""


class Mark(NamedTuple):
    """A file as it was: what the system says of it and, to be sure, what names its content (SHA-256)."""

    path: Path
    stat: tuple[int, int, int, int] | None
    digest: str


def mark(path: Path) -> Mark:
    """The file as it is now; one that cannot be read has no content."""
    return Mark(path, _stat(path), _digest(path))


def marked(places: "Iterable[Place | None]") -> tuple[Mark, ...]:
    """The files among these places as they are now; nobody can look at an address again."""
    return tuple(mark(place) for place in places if isinstance(place, Path))


class LastLook:
    """Why the plan does not hold any more, asked before each final dot; it is cheap while nothing has changed."""

    def __init__(
        self,
        marks: Iterable[Mark],
        today: date,
        machine_date: Callable[[], date],
        listed: Callable[[], Iterable[Path]] = tuple,
    ) -> None:
        """The files as they were; `listed` names those of the folders that are there by now: a new one is a change."""
        self._marks = tuple(marks)
        self._known = {mark.path for mark in self._marks}
        self._today, self._date, self._listed = today, machine_date, listed
        self._wall, self._steady = time.time(), time.monotonic()

    def watch(self, files: Iterable[tuple[Path, str]]) -> None:
        """Look at these files too, each with what names the content (SHA-256) that a message carries."""
        marks = (
            mark(path)._replace(digest=digest) if _digest(path) == digest else Mark(path, None, digest)
            for path, digest in dict(files).items()
        )
        self._marks += tuple(marks)

    def __call__(self) -> str:
        """One French sentence, empty where the plan holds."""
        steady = time.monotonic() - self._steady
        if abs(time.time() - self._wall - steady) > SLEPT:
            return "L’heure de cette machine a sauté, ou elle a dormi : le plan n’est plus sûr."
        if steady > PLAN_HOLDS:
            return "Le plan a plus de dix minutes : il n’est plus sûr."
        if self._date() != self._today:
            return "Le jour a changé depuis que le plan est fait."
        for known in self._marks:
            if _stat(known.path) != known.stat and _digest(known.path) != known.digest:
                return f"« {known.path.name} » a changé depuis que le plan est fait."
        came = next((path for path in self._listed() if path not in self._known), None)
        return f"« {came.name} » est arrivé depuis que le plan est fait." if came is not None else ""


def clock_fault(last: datetime | None, now: datetime) -> ClockFault | None:
    """What is wrong with this machine's clock, by the last thing noted; None where it fits."""
    if last is None:
        return None
    if now < last - BEHIND:
        return ClockFault.BEHIND
    return ClockFault.AHEAD if now > last + AHEAD else None


def resting_on(messages: "Iterable[Message]", lines: Iterable[Line]) -> "list[Message]":
    """The messages with all that they rest on: whose they are, and each invoice of the same customer or address.

    What is told of one of these while a message waits changes what it should say, or whether it should leave.
    """
    by_key = {line.key: (line, _names(line)) for line in lines}
    made = []
    for message in messages:
        own = {name for key in message.keys if key.invoice in by_key for name in by_key[key.invoice][1]}
        about = {name for _, names in by_key.values() if not own.isdisjoint(names) for name in names}
        made.append(message._replace(about=frozenset(about)))
    return made


def left_meanwhile(
    journal: "Journal", since: datetime, invoices: Callable[[], Iterable[Invoice]]
) -> "tuple[Departure, ...]":
    """The messages about what was just told that left since that instant, or are at the dot."""
    spoken = journal.news() - {None}
    named = ((key, targets_of(key, invoice.customer)) for key, invoice in (keyed(invoices()) if spoken else ()))
    about = {key for key, targets in named if not spoken.isdisjoint(targets)}
    return tuple(journal.departures(about, since)) if about else ()


def too_late(departures: Iterable["Departure"], zone: tzinfo | None) -> Iterator[str]:
    """What whoever tells something has to know: that a message about it has just left, or is at the dot."""
    from relance.journal import State

    for each in departures:
        numbers = ", ".join(each.numbers)
        if each.state is State.SENT:
            yield f"Attention : le message sur {numbers} est parti à {each.at.astimezone(zone):%H:%M}, juste avant."
        else:
            yield (
                f"Attention : le message sur {numbers} est en train de partir, ou parti ; « relance plan » dira ce "
                "qu’il est devenu."
            )


def _names(line: Line) -> frozenset[str]:
    """What the user may call this invoice by when he tells something of it, and whom it is sent to."""
    customer = line.invoice.customer
    named = (*targets_of(line.key, customer), *former_keys(line.case.past))
    return frozenset((*named, *map(str.casefold, customer.emails)))


def _stat(path: Path) -> tuple[int, int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        found = None
    if found is None or not stat.S_ISREG(found.st_mode):
        from relance.sources.folders import is_folder, state_of  # imported here: few read a folder

        if is_folder(path):
            return state_of(path)
    return None if found is None else (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _digest(path: Path) -> str:
    """What names the content; empty for what is no file of a bearable size: a FIFO would wait, a device never end."""
    from hashlib import file_digest

    if not path.is_file():
        from relance.sources.folders import digest_of, is_folder

        return digest_of(path) if is_folder(path) else ""
    try:
        if path.stat().st_size > _LARGEST:
            return ""
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
