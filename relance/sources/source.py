"""What this room takes and gives: options, a source with its invoices, and how the file was understood."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from relance.core.invoice import Invoice, LeftOut, Problem
from relance.core.reading import Issuer
from relance.core.reasons import Unended, Unplaced
from relance.core.status import Platform

Place = Path | str
"""Where a table stands: a file, or (a text) the https address of one that is published."""
_ADDRESS = r"(?i)[a-z][a-z0-9+.-]+:/"  # one letter is a drive


def place_of(text: str) -> Place:
    """The file or the address that a person typed; whether an address may be fetched, the fetch says."""
    return text.strip() if ":/" in text and re.match(_ADDRESS, text.strip()) else Path(text)


class Limits(NamedTuple):
    """How large a file may be before it is refused; `[invoices]` raises each.

    Rows of one table, size of one file in MB (2^20 bytes), columns of one table.
    """

    rows: int = 200_000
    megabytes: int = 64
    columns: int = 256  # Zoho Invoice exports 83

    @property
    def inflated(self) -> int:
        """What a compressed workbook may become, in bytes: 100 MB for files of up to 64 MB."""
        return max(100, self.megabytes * 100 // 64) * 2**20


class BesideList(NamedTuple):
    """A list of payments or customers: its file, None where none is given; field -> header, what the settings name."""

    file: Path | None = None
    columns: Mapping[str, str] = MappingProxyType({})


class EInvoiceOptions(NamedTuple):
    """How a folder of e-invoices is read: whose they are (`siren:552100554`; empty: it is found out, and asked).

    `iban` is the account that the user is paid to, empty where nobody said it; `cache` is the file that spares a
    second reading, None for none.
    """

    seller: str = ""
    iban: str = ""
    cache: Path | None = None


class SourceOptions(NamedTuple):
    """The `[invoices]` settings: where the invoices stand and how to read them.

    `file` and `sheet` name one, or several that are read as one list. What is empty is found out from the file itself.
    `columns` maps a field to the header that holds it, `status_words` a word of the file to a Meaning, `ignore` names
    the headers that are no field; `date_order` is `dmy`, `mdy` or `ymd`. `pdf` is a path with `{number}` in it, where
    the PDF of each invoice lies; `require_pdf`: no reminder without it. `cents`: the amounts are cents (True), are not
    (False), or the file tells (None). E-invoices that lie in `paid_dir` are paid. `statuses` are
    patterns of what platforms export.
    """

    file: tuple[Place, ...] = ()
    columns: Mapping[str, str] = MappingProxyType({})
    ignore: tuple[str, ...] = ()
    status_words: Mapping[str, str] = MappingProxyType({})
    sheet: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    date_order: str = ""
    payments: BesideList = BesideList()
    customers: BesideList = BesideList()
    limits: Limits = Limits()
    pdf: Path | None = None
    require_pdf: bool = False
    cents: bool | None = None
    paid_dir: Path | None = None
    statuses: tuple[Path, ...] = ()
    e_invoices: EInvoiceOptions = EInvoiceOptions()


class Look(StrEnum):
    """What the cells of a column look like; STATE and FLAG are few words, TEXT is free."""

    AMOUNT = "amount"
    PERCENT = "percent"
    DATE = "date"
    FLAG = "flag"
    STATE = "state"
    TEXT = "text"


class Proof(NamedTuple):
    """That a column of amounts equals `formula`, a sum of known fields, in `rows` of the `of` rows that can tell."""

    formula: str
    rows: int
    of: int


class Unused(NamedTuple):
    """A column that no field uses, nor the user ignores; `weighty` is one that could change what is claimed.

    `field` is what it could be by its words, or by the `proof` of arithmetic; the user decides. `list` names the other
    list (customers, payments, statuses) that it stands in, empty for the invoices.
    """

    header: str
    looks_like: Look
    samples: tuple[str, ...] = ()
    weighty: bool = False
    field: str = ""
    proof: Proof | None = None
    list: str = ""


class Reading(NamedTuple):
    """How a file was understood: `columns` holds (field, header, sample), `notes` French sentences.

    `headers` are all that stand in the file; of those without a field, `ignored` are left out by the user's word, the
    others are `unused`. `issuer` is who seems to have issued the invoices, where nobody said it yet.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 1
    headers: tuple[str, ...] = ()
    columns: tuple[tuple[str, str, str], ...] = ()
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    unused: tuple[Unused, ...] = ()
    date_order: str = ""
    notes: tuple[str, ...] = ()
    issuer: Issuer | None = None


class LastRow(NamedTuple):
    """The last row of a file that no line end follows, and the invoices (keys) that it may be about."""

    row: Unended
    keys: tuple[str, ...]


def _no_rows() -> frozenset[str]:
    return frozenset()


class Traces(NamedTuple):
    """What rows leave behind: the marks of those that are `whole`, found when they are asked for.

    `last` may be cut; `unplaced` is money for invoices that are not there; `unclear` has the marks of the rows of
    unclear invoices, by key. `by_lines` tells that totals are added up from several rows, `as_issued` that each row
    is a document as it was on the day of its issue: none of them tells what was paid since. `replaces` has, by the
    key of a corrected invoice, that of the one whose place it takes.
    """

    whole: Callable[[], frozenset[str]] = _no_rows
    last: tuple[LastRow, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    unclear: Mapping[str, str] = MappingProxyType({})
    by_lines: bool = False
    as_issued: bool = False
    replaces: Mapping[str, str] = MappingProxyType({})


class InvoiceFile(NamedTuple):
    """What was read: each of its `rows` is an invoice, a problem, or named in the notes of `reading`.

    `modified` is when the oldest of the `telling` files was saved (those that still show something to pay, else all),
    None where one of them stands at an address.
    `left_out` are the rows that no total counts and that could be owed, the unclear invoices among them.
    `platform` is what platforms tell of the invoices, None where nothing of that is read.
    """

    file: str
    modified: datetime | None
    rows: int
    invoices: tuple[Invoice, ...]
    problems: tuple[Problem, ...]
    reading: Reading
    telling: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    traces: Traces = Traces()
    platform: Platform | None = None


class BankOptions(NamedTuple):
    """The `[bank]` settings: patterns of the statements, and the only account that counts where it is named.

    `max_age_days` is how long nothing firm leaves without a new one (0: whatever their age).
    """

    files: tuple[Path, ...] = ()
    account: str = ""
    max_age_days: int = 35
