"""Whatever a journal cannot read or write, in any of its parts: its path is told, with what to do."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import TODAY

from relance.core.bills import Tally
from relance.errors import JournalError
from relance.journal import Journal, open_journal
from relance.journal.values import CopyDue

CHANGE = Tally("F-1/2026", TODAY, Decimal(9), TODAY, "firm", "EUR")
COPY = CopyDue(1, "<a@b.example>", ("F-1",), datetime(2026, 11, 23, tzinfo=UTC), 0)
ASKED: dict[str, tuple[str, Callable[[Journal], object]]] = {
    "runs.begin": ("runs", lambda journal: journal.runs.begin(TODAY)),
    "runs.end": ("runs", lambda journal: journal.runs.end(1, 0, {})),
    "runs.last": ("runs", lambda journal: journal.runs.last()),
    "runs.messages": ("runs", lambda journal: journal.runs.messages(TODAY)),
    "runs.has_looked": ("runs", lambda journal: journal.runs.has_looked(TODAY)),
    "runs.digest_on": ("meta", lambda journal: journal.runs.digest_on()),
    "runs.note_digest": ("meta", lambda journal: journal.runs.note_digest(TODAY)),
    "changes.note": ("changes", lambda journal: journal.changes.note([CHANGE], TODAY)),
    "changes.last": ("changes", lambda journal: journal.changes.last()),
    "changes.until": ("changes", lambda journal: journal.changes.until(TODAY)),
    "changes.months": ("month_ends", lambda journal: journal.changes.months()),
    "changes.has_before": ("changes", lambda journal: journal.changes.has_before(TODAY)),
    "changes.digest": ("changes", lambda journal: journal.changes.digest((), date.max)),
    "mails.drafts": ("attempts", lambda journal: journal.mails.drafts()),
    "mails.copies_due": ("attempts", lambda journal: journal.mails.copies_due()),
    "mails.copied": ("attempts", lambda journal: journal.mails.copied([1])),
    "mails.not_copied": ("attempts", lambda journal: journal.mails.not_copied([COPY])),
    "mails.invoices_of": ("delivery_keys", lambda journal: journal.mails.invoices_of(())),
    "outgoing.mailed": ("delivery_keys", lambda journal: journal.outgoing.mailed()),
    "outgoing.raw": ("deliveries", lambda journal: journal.outgoing.raw(1)),
    "outgoing.kept": ("deliveries", lambda journal: journal.outgoing.kept("<a@b.example>")),
    "seen": ("seen", lambda journal: journal.seen()),
    "facts": ("facts", lambda journal: journal.facts()),
    "in_doubt": ("deliveries", lambda journal: journal.in_doubt()),
    "untold": ("told", lambda journal: journal.untold(["un doute"], TODAY)),
    "told": ("told", lambda journal: journal.told(["un doute"], TODAY)),
    "remember": ("seen", lambda journal: journal.remember((), TODAY, ())),
}


@pytest.mark.parametrize("name", ASKED)
def test_the_journal_that_fails_is_named(tmp_path: Path, name: str) -> None:
    """A table that is gone, whoever asks for it: no traceback, and no journal without its place."""
    table, ask = ASKED[name]
    with open_journal(tmp_path / "le journal", TODAY, create=True) as journal:
        journal._db.execute("PRAGMA foreign_keys = OFF")
        for (trigger,) in journal._db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            journal._db.execute(f"DROP TRIGGER {trigger}")
        journal._db.execute(f"DROP TABLE {table}")
        with pytest.raises(JournalError) as caught:
            ask(journal)
    assert str(tmp_path / "le journal") in str(caught.value)
    assert caught.value.cure
