"""How fresh the invoices are: a file by the day it was saved, an address by the day on which its content changed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from relance.core.facts import Fact, FileConfirmed
from relance.core.history import FileState
from relance.core.invoice import Invoice
from relance.runs.attachments import conflict_copy
from relance.runs.last_look import Mark


class Content(NamedTuple):
    """What stood at an address: what names it (SHA-256), and the day on which a run first saw it so."""

    digest: str
    since: date


class Files(NamedTuple):
    """What tells who has paid: the files (`marks`), those of invoices first, and the content of an address.

    `content` is empty where no address is read; `several` tells that the invoices alone are more than one file.
    """

    marks: Sequence[Mark]
    content: str = ""
    several: bool = False

    @property
    def digest(self) -> str:
        """What names all of this content and no other (SHA-256)."""
        digests = [*(file.digest for file in self.marks), *filter(None, (self.content,))]
        return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()


def content_of(invoices: Iterable[Invoice]) -> str:
    """What names who owes what, and no more: an export is another file each time, its content need not be (SHA-256)."""
    told = sorted(
        "\t".join(
            (
                *(invoice.number, invoice.customer.name, invoice.currency, str(invoice.total), invoice.status),
                *(str(invoice.issue_date), str(invoice.due_date)),
                *(f"{payment.amount} {payment.on}" for payment in invoice.payments),
            )
        )
        for invoice in invoices
    )
    return sha256("\n".join(told).encode()).hexdigest()


def seen_since(content: str, known: Content | None, today: date) -> date:
    """The day on which the content of an address last changed: today, unless a run has seen it so before."""
    unchanged = known is not None and known.digest == content and known.since <= today
    return known.since if known is not None and unchanged else today


def file_state(
    files: Files, fresh: Sequence[Mark], known: Content | None, facts: Iterable[Fact], today: date, zone: tzinfo | None
) -> FileState:
    """How fresh the oldest of them is, and what the user said of them; `fresh` are the marks that have to be."""
    saved = [
        (datetime.fromtimestamp(file.stat[2] / 1e9, zone).date(), file.path) for file in fresh if file.stat is not None
    ]
    days = [day for day, _ in saved]
    if files.content:
        days.append(seen_since(files.content, known, today))
    oldest = min(days, default=today)
    digest = files.digest
    confirmed = [f.on for f in facts if isinstance(f, FileConfirmed) and f.digest == digest and f.on <= today]
    return FileState(
        fresh_on=max([oldest, *confirmed]),
        confirmed=bool(confirmed),
        conflict=next((name for file in files.marks if (name := conflict_copy(file.path))), ""),
        oldest=_name_of_oldest(saved, oldest, several=files.several or bool(files.content)),
    )


def _name_of_oldest(saved: Sequence[tuple[date, Path]], oldest: date, *, several: bool) -> str:
    """What names the oldest file, where it is not plain: empty for the one file of invoices."""
    if several or (saved and saved[0][0] > oldest):
        return next((path.name for day, path in saved if day == oldest), "")
    return ""
