"""The journal: the program's only memory and its only SQL; facts and deliveries, in SQLite and in the receipts."""

from relance.journal.deliveries import TakenError
from relance.journal.files import open_journal, read_journal
from relance.journal.lock import BusyError, lock
from relance.journal.repairing import Repaired, repair
from relance.journal.store import Journal
from relance.journal.values import Doubt, Prepared, Settled, State

__all__ = [
    "BusyError",
    "Doubt",
    "Journal",
    "Prepared",
    "Repaired",
    "Settled",
    "State",
    "TakenError",
    "lock",
    "open_journal",
    "read_journal",
    "repair",
]
