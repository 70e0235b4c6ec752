"""The journal: the program's only memory and its only SQL; facts and deliveries, in SQLite and in the receipts."""

from relance.journal.files import open_journal, read_journal, repair
from relance.journal.journal import Journal, TakenError
from relance.journal.lock import BusyError, lock
from relance.journal.values import Prepared, Reopened, Settled, State
from relance.journal.whole_files import backups, risky_place

__all__ = [
    "BusyError",
    "Journal",
    "Prepared",
    "Reopened",
    "Settled",
    "State",
    "TakenError",
    "backups",
    "lock",
    "open_journal",
    "read_journal",
    "repair",
    "risky_place",
]
