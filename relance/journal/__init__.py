"""The journal: the program's only memory and its only SQL; facts and deliveries, in SQLite and in the receipts."""

from relance.journal.files import open_journal, read_journal, repair
from relance.journal.journal import Journal, SpokenError, TakenError
from relance.journal.lock import BusyError, begun_at, lock
from relance.journal.values import Departure, Prepared, Reopened, Settled, State
from relance.journal.whole_files import backups, risky_place

__all__ = [
    "BusyError",
    "Departure",
    "Journal",
    "Prepared",
    "Reopened",
    "Settled",
    "SpokenError",
    "State",
    "TakenError",
    "backups",
    "begun_at",
    "lock",
    "open_journal",
    "read_journal",
    "repair",
    "risky_place",
]
