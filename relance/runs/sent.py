"""What left, read from the journal alone: the list, one message again, exact copies in a folder."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.core.invoice import keyed, normalised_name, normalised_number
from relance.core.policy import OUTSIDE
from relance.errors import EXIT_DONE, EXIT_LOOK, SettingsError, SourceError, UsageError
from relance.french import listing, system_words
from relance.runs.dossier import Desk
from relance.runs.elsewhere import no_settings
from relance.runs.lookup import find_target

if TYPE_CHECKING:
    from relance.journal import Journal, Mailed

_FEW = 8
"""Numbers that are named one by one."""


class Left(NamedTuple):
    """A message and the moment at which it left, as the user's clock had it."""

    mailed: "Mailed"
    at: datetime


class Listed(NamedTuple):
    """What left, oldest first; `names` is what each kind of message is called, by the key of its stage."""

    today: date
    messages: tuple[Left, ...]
    names: dict[str, str]

    @property
    def unread(self) -> tuple[int, ...]:
        """The numbers of those whose line of the journal cannot be read whole."""
        return tuple(left.mailed.number for left in self.messages if left.mailed.at is None)

    @property
    def exit_code(self) -> int:
        """1 where one cannot be read."""
        return EXIT_LOOK if self.unread else EXIT_DONE


class Reread(NamedTuple):
    """One message again: its exact bytes, or `lost`, why there are none (a French sentence)."""

    listed: Listed
    raw: bytes
    lost: str = ""

    @property
    def exit_code(self) -> int:
        """1 where its text is lost."""
        return EXIT_LOOK if self.lost else EXIT_DONE


class Saved(NamedTuple):
    """The files written, those that were there as they are, and what could not be saved (French sentences)."""

    folder: Path
    written: tuple[Path, ...]
    there: int
    faults: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """1 where a message was not saved."""
        return EXIT_LOOK if self.faults else EXIT_DONE


def sent(desk: Desk, target: str, since: date | None) -> Listed:
    """What left up to the day of the desk: all of it, or about this invoice or customer, or from that day on.

    UsageError where `target` is neither in the journal nor in the file.
    """
    with _journal(desk) as journal:
        mailed = journal.outgoing.mailed(desk.today) if journal is not None else ()
    wanted = _about(target, mailed, desk) if target else mailed
    kept = [each for each in wanted if since is None or each.on >= since]
    stages = [*(stage for schedule in desk.policy.schedules for stage in schedule.stages), *OUTSIDE]
    names = {stage.key: stage.label for stage in stages}
    return Listed(desk.today, tuple(Left(each, moment_of(each, desk)) for each in kept), names)


def numbers_of(desk: Desk) -> dict[str, int]:
    """The number of each message that left, by its Message-ID; none without settings."""
    if desk.settings is None:
        return {}
    from relance.journal import State

    with _journal(desk) as journal:
        mailed = journal.outgoing.mailed(desk.today) if journal is not None else ()
    return {each.message_id: each.number for each in mailed if each.state is State.SENT}


def _numbers(known: Sequence[int]) -> str:
    """Those that the list has: a draft that was not sent leaves a hole (French); empty for none."""
    if len(known) > _FEW or (len(known) > 1 and [*known] == [*range(known[0], known[-1] + 1)]):
        return f"De {known[0]} à {known[-1]}"
    return f"{'Les seuls' if len(known) > 1 else 'Le seul'} : {listing([*map(str, known)])}" if known else ""


def again(desk: Desk, listed: Listed, number: int) -> Reread:
    """The message of this number; UsageError where the list has none."""
    chosen = [left for left in listed.messages if left.mailed.number == number]
    if not chosen:
        those = _numbers([left.mailed.number for left in listed.messages])
        numbers = f"{those}. « relance sent » montre la liste." if those else ""
        raise UsageError(f"Aucun message n’a le numéro {number} dans cette liste.", numbers)
    raw, lost = _bytes(desk, chosen[0])
    return Reread(listed._replace(messages=tuple(chosen)), raw, lost)


def save(desk: Desk, listed: Listed, folder: Path) -> Saved:
    """One .eml with the exact bytes of each message, for its user alone; another file of that name stays as it is.

    UsageError where the folder cannot be used.
    """
    from relance.delivery.folder import name_of
    from relance.journal.whole_files import write_whole

    written: list[Path] = []
    faults: list[str] = []
    there = 0
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in listed.messages:
            each = left.mailed
            raw, lost = _bytes(desk, left)
            if lost:
                faults.append(f"Message {each.number} : {lost[:1].lower()}{lost[1:]}")
                continue
            path = folder / f"{each.on.isoformat()}-{name_of(each.customer, each.stage, each.numbers, each.message_id)}"
            new = not os.path.lexists(path)
            write_whole(path, raw, replace=False)
            if not path.is_file() or path.read_bytes() != raw:
                faults.append(f"Un autre fichier porte déjà ce nom, il reste comme il est : « {path} ».")
            elif new:
                written.append(path)
            else:
                there += 1
    except OSError as error:
        said = f"Le dossier « {folder} » ne peut pas être utilisé ({system_words(error)})."
        raise UsageError(said, "Donnez un dossier où vous pouvez écrire.") from None
    return Saved(folder, tuple(written), there, tuple(faults))


@contextmanager
def _journal(desk: Desk) -> Iterator["Journal | None"]:
    """The journal open for reading, None where there has never been one."""
    from relance.journal import read_journal

    if desk.settings is None:
        raise no_settings("c’est à côté d’eux que le journal garde ce qui est parti")
    journal = read_journal(desk.settings.journal)
    if journal is None:
        yield None
        return
    with journal:
        journal.check_dossier(desk.settings.path)
        yield journal


def _bytes(desk: Desk, left: Left) -> tuple[bytes, str]:
    """The exact bytes of a message, or why there are none."""
    from relance.journal import PartError, State

    with _journal(desk) as journal:
        try:
            raw = journal.outgoing.raw(left.mailed.number) if journal is not None else b""
        except PartError as error:
            return b"", error.shown
    if raw:
        return raw, ""
    if left.mailed.state is State.REFUSED:
        return b"", "Son texte n’est plus gardé : refusé, ce message a été récrit depuis."
    return b"", "Son texte n’est plus gardé : le journal a été refait d’après les reçus, qui ne l’ont pas."


def moment_of(mailed: "Mailed", desk: Desk) -> datetime:
    """When it left, on the day that it counts for.

    Of a draft that was sent by hand, and of a day replayed, the hour is that at which it was written; of one whose line
    cannot be read, midnight.
    """
    if mailed.at is None:
        return datetime.combine(mailed.on, time.min, desk.now.tzinfo)
    at = mailed.at.astimezone(desk.now.tzinfo)
    return datetime.combine(mailed.on, at.timetz())


def _about(text: str, mailed: "tuple[Mailed, ...]", desk: Desk) -> "list[Mailed]":
    """Those about this invoice or customer.

    As the journal names them, for one that is gone from the file, and as the file does, for one that goes by a code, a
    SIRET, or another number now.
    """
    number, name = normalised_number(text), normalised_name(text)
    found = [
        each
        for each in mailed
        if number in map(normalised_number, each.numbers)
        or name == normalised_name(each.customer)
        or text.casefold() in map(str.casefold, (*each.to, *each.invoices))
    ]
    try:
        target = find_target(text, desk.invoices)
    except (SettingsError, SourceError, UsageError):
        if not found:
            raise
        return found
    wanted = {id(invoice) for invoice in target.invoices}
    keys = {key for key, invoice in keyed(desk.invoices) if id(invoice) in wanted}
    return [each for each in mailed if each in found or not keys.isdisjoint(each.invoices)]
