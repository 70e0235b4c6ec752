"""The journal: the program's only memory and its only SQL; facts and deliveries, in SQLite and in the receipts."""

from relance.journal.backups import backups
from relance.journal.files import open_journal, read_journal
from relance.journal.journal import Journal, TakenError
from relance.journal.lock import BusyError, lock
from relance.journal.place import risky_place
from relance.journal.repairing import Repaired, repair
from relance.journal.values import Doubt, Prepared, Reopened, Settled, State

__all__ = [
    "BusyError",
    "Doubt",
    "Journal",
    "Prepared",
    "Reopened",
    "Repaired",
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
