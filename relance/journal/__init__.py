"""The journal: the program's only memory and its only SQL; facts and deliveries in one SQLite file."""

from relance.journal.files import open_journal, read_journal
from relance.journal.lock import BusyError, lock
from relance.journal.store import Journal
from relance.journal.values import Doubt, State

__all__ = ["BusyError", "Doubt", "Journal", "State", "lock", "open_journal", "read_journal"]
