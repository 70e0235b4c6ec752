"""From files to values: tables, columns, cells, invoices. `read_source` is the door.

Of a bank's files it is `statements.py`, of what platforms tell `statuses.py`.
"""

from collections.abc import Sequence
from pathlib import Path

from relance.sources.agreement import NOTHING_AGREED, Agreement
from relance.sources.source import InvoiceFile, Place, Reading, SourceOptions

__all__ = ["Agreement", "InvoiceFile", "Reading", "SourceOptions", "read_source"]

_DEFAULTS = SourceOptions()


def read_source(
    place: Place | Sequence[Place], options: SourceOptions = _DEFAULTS, agreement: Agreement = NOTHING_AGREED
) -> InvoiceFile:
    """The invoices of CSV, XLSX, XLS or ODS files, or of an https address that gives one, read as one list.

    Its columns are as settings and user have it. Raises SourceError where one of them as a whole cannot be used.
    """
    from relance.sources.reader import read  # imported here: commands that read no file do not pay for it

    return read((place,) if isinstance(place, Path | str) else place, options, agreement)
