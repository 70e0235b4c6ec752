"""From files to values: tables, columns, cells, invoices. `read_source` is the door."""

from pathlib import Path

from relance.sources.agreement import NOTHING_AGREED, Agreement
from relance.sources.source import InvoiceFile, Reading, SourceOptions

__all__ = ["Agreement", "InvoiceFile", "Reading", "SourceOptions", "read_source"]

_DEFAULTS = SourceOptions()


def read_source(path: Path, options: SourceOptions = _DEFAULTS, agreement: Agreement = NOTHING_AGREED) -> InvoiceFile:
    """The invoices of a CSV, XLSX, XLS or ODS file, its columns as settings and user have it.

    Raises SourceError where the file as a whole cannot be used.
    """
    from relance.sources.reader import read  # imported here: commands that read no file do not pay for it

    return read(path, options, agreement)
