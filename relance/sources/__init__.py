"""From files to values: tables, columns, cells, invoices. `read_source` is the door."""

from pathlib import Path

from relance.sources.source import InvoiceFile, Reading, SourceOptions

__all__ = ["InvoiceFile", "Reading", "SourceOptions", "read_source"]

_DEFAULTS = SourceOptions()


def read_source(path: Path, options: SourceOptions = _DEFAULTS) -> InvoiceFile:
    """The invoices of a CSV, XLSX, XLS or ODS file; raises SourceError where the file as a whole cannot be used."""
    from relance.sources.reader import read  # imported here: commands that read no file do not pay for it

    return read(path, options)
