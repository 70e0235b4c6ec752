"""What journal and files tell of the days before, as the plan of a day reads it."""

import hashlib
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from relance.config import Settings
from relance.core.allocations import as_the_file_allocates
from relance.core.facts import Deferred, Fact, FileConfirmed, InDoubt
from relance.core.history import FileState, History, Seen, fold
from relance.core.identities import under_present_names
from relance.core.invoice import keyed
from relance.runs.dossier import Dossier, machine_time, moment_of
from relance.runs.looking import Mark, clock_fault

if TYPE_CHECKING:
    from relance.journal import Journal


def history_of(dossier: Dossier, facts: list[Fact], started: date | None) -> History:
    """What happened before; without a journal yet it starts today, without settings there is none at all."""
    if started is None and dossier.settings is not None:
        started = dossier.today
    now = moment_of(dossier)
    local = [_at_home(fact, now.tzinfo) for fact in facts]
    return fold(local, started, dossier.today)._replace(now=now)


def _at_home(fact: Fact, zone: tzinfo | None) -> Fact:
    """The instants of a fact as the user's own clock shows them."""
    if isinstance(fact, InDoubt) and fact.at is not None:
        return fact._replace(at=fact.at.astimezone(zone))
    return fact._replace(until=fact.until.astimezone(zone)) if isinstance(fact, Deferred) else fact


def with_file(dossier: Dossier, history: History, facts: list[Fact], seen: dict[str, Seen]) -> History:
    """The history with what the file itself tells: how fresh it is, and what the last run saw in it."""
    settings = dossier.settings
    if settings is None:
        return history
    from relance.runs.attachments import conflict_copy

    zone, files = machine_time(settings).tzinfo, _about_payments(dossier)
    changed = [datetime.fromtimestamp(file.stat[2] / 1e9, zone).date() for file in files if file.stat is not None]
    digest = file_digest(dossier)
    confirmed = [f.on for f in facts if isinstance(f, FileConfirmed) and f.digest == digest and f.on <= dossier.today]
    older = files[-1].path.name if changed[-1] < changed[0] else ""
    conflict = next((name for file in files if (name := conflict_copy(file.path))), "")
    state = FileState(max([min(changed), *confirmed]), bool(confirmed), conflict, older)
    invoices = keyed(dossier.invoices)
    return as_the_file_allocates(under_present_names(history._replace(seen=seen, file=state), invoices), invoices)


def _about_payments(dossier: Dossier) -> list[Mark]:
    """What tells who has paid: the invoice file, then its list of payments where that is another file."""
    listed = dossier.settings.source.payments if dossier.settings is not None else None
    return [dossier.marks[0], *(file for file in dossier.marks[1:] if file.path == listed)]


def file_digest(dossier: Dossier) -> str:
    """What names this content of the invoice file, and of its list of payments, and no other (SHA-256)."""
    digests = [file.digest for file in _about_payments(dossier)]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def remembered(dossier: Dossier) -> History:
    """The history from the journal, which is only read; a replayed day is not held against the clock.

    What was seen in the file is known of the last run alone: to a day before that run, nothing was seen.
    """
    facts: list[Fact] = []
    seen: dict[str, Seen] = {}
    started = stamp = None
    if dossier.settings is not None:
        from relance.journal import read_journal

        journal = read_journal(dossier.settings.journal)
        if journal is not None:
            with journal:
                facts, started, seen = journal.facts(), journal.started, journal.seen(dossier.today)
                stamp = journal.last_stamp()
    history = with_file(dossier, history_of(dossier, facts, started), facts, seen)
    if dossier.replayed:
        return history._replace(last_day=None)
    return history._replace(clock=clock_fault(stamp, machine_time(dossier.settings)))


def journal_for(settings: Settings, today: date) -> "Journal":
    """The journal open for writing, created where it does not exist yet."""
    from relance.journal import open_journal

    return open_journal(settings.journal, today, create=True)
