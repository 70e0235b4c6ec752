"""The journal: the program's only memory and its only SQL; facts and deliveries, in SQLite and in the receipts."""

from relance.journal.chain import Blanked, BrokenLine, Tampering, Verified
from relance.journal.erasing import Known, ToErase
from relance.journal.extract import first_broken
from relance.journal.files import open_journal, read_journal, repair, verified
from relance.journal.journal import Journal
from relance.journal.last_dossier import last_dossier
from relance.journal.lock import BusyError, begun_at, lock
from relance.journal.outgoing import Mailed
from relance.journal.parts import PartError
from relance.journal.said import ANSWERS, row_word, status_word
from relance.journal.values import Departure, Erased, Prepared, Reopened, Settled, SpokenError, State, TakenError
from relance.journal.whole_files import backups, risky_place
from relance.journal.witness import PutBackError

__all__ = [
    "ANSWERS",
    "Blanked",
    "BrokenLine",
    "BusyError",
    "Departure",
    "Erased",
    "Journal",
    "Known",
    "Mailed",
    "PartError",
    "Prepared",
    "PutBackError",
    "Reopened",
    "Settled",
    "SpokenError",
    "State",
    "TakenError",
    "Tampering",
    "ToErase",
    "Verified",
    "backups",
    "begun_at",
    "first_broken",
    "last_dossier",
    "lock",
    "open_journal",
    "read_journal",
    "repair",
    "risky_place",
    "row_word",
    "status_word",
    "verified",
]
