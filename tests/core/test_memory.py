"""What the journal remembers that the user was told: names made of values, which no other wording changes."""

from datetime import datetime
from decimal import Decimal

import pytest
from core_support import day, invoice, line_for

from relance.core.facts import Backlog, Deferred, Drafted, InDoubt, Refused
from relance.core.invoice import invoice_key, snapshot_of
from relance.core.mails import Incoming, Received
from relance.core.plan import About, Overtaken, Task
from relance.core.policy import DEFAULT_STAGES
from relance.core.reasons import (
    Change,
    ClockFault,
    Differs,
    Doubted,
    OpenCredit,
    Reason,
    RefusedBy,
    Renumbered,
    Stale,
    Stop,
    UnsureCredit,
    Why,
)
from relance.core.seen import name_of_draft, name_of_line, name_of_task

KEY = invoice_key(invoice())
AT = datetime(2026, 3, 8, 9, 5)
MAIL = Received(KEY, Incoming.ANSWER, day(6), "<m@x>", sender="Alpha", subject="Re: F-1")
LOOKS = snapshot_of(invoice())._replace(emails=("a@b.example", "c@d.example"), total=Decimal("900.50"))


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        (
            InDoubt(KEY, "firm", "email", day(6), AT, "mx.example:25", "421 bye"),
            "08/03/2026 09:05|mx.example:25|421 bye",
        ),
        (InDoubt(KEY, "firm", "email", day(6)), "||"),
        (Drafted(KEY, "friendly", "email", day(6)), "friendly"),
        (MAIL, "Alpha : <m@x>"),
        (RefusedBy("a@b.example", "550 no", "", bounced=False), "refused:|a@b.example : 550 no"),
        (RefusedBy("a@b.example", "", "F-2/2026", bounced=False), "refused:F-2/2026|a@b.example"),
        (RefusedBy("a@b.example", "full", "", bounced=True), "bounced:|a@b.example : full"),
        (Refused(KEY, "", day(6), "554 spam", "firm"), "message:554 spam"),
        (Deferred(KEY, "firm", "email", day(6), AT, "451 later"), "09:05|451 later"),
        (MAIL._replace(what=Incoming.OTHER), "other:Alpha"),
        (Backlog.IGNORE, "ignore"),
        (Change.RETURNED, "returned"),
        (Change.LESS_PAID, "paid"),
        (Change.REOPENED, "reopened"),
        (Renumbered("F-9"), "number:F-9"),
        (Differs(LOOKS, ("emails", "total")), "emails=a@b.example, c@d.example\ntotal=900.50"),
        (Differs(LOOKS, ("customer", "due_date")), "customer=alpha\ndue_date=2026-03-02"),
        (UnsureCredit("A-1"), "credit:A-1"),
        (OpenCredit("A-1"), "A-1"),
        (Stale(Doubted.OLD), ""),
        (Stale(Doubted.OLD, "règlements.csv"), "old:règlements.csv"),
        (Stale(Doubted.CONFLICT, "copie.csv"), "conflict:copie.csv"),
        (Stale(Doubted.SHRUNK), "shrunk"),
        (Stale(Doubted.PROMISE), "promise"),
        (ClockFault.AHEAD, "ahead"),
    ],
)
def test_facts_are_remembered_as_ever(why: Why, expected: str) -> None:
    """A journal of this or an earlier version knows them by these words."""
    line = line_for(invoice(), today=day(6))._replace(stop=Stop(Reason.CHANGED, why=why))
    assert expected == line.stop.mark
    assert f"changed:{expected} {KEY}" == name_of_line(line)


def test_the_clock_is_told_once_for_all_invoices() -> None:
    """It is one thing, whatever waits for it."""
    line = line_for(invoice(), today=day(6))._replace(stop=Stop(Reason.CLOCK, why=ClockFault.BEHIND))
    assert "clock behind" == name_of_line(line)


def test_a_task_is_remembered_by_what_it_asks() -> None:
    """A question by its reason, a thing to do by its stage; one for the whole file names no invoice."""
    line = line_for(invoice(), today=day(6))._replace(stop=Stop(Reason.DISPUTED, note="prix"))
    owner, firm = line.invoice.customer, DEFAULT_STAGES[2]
    assert f"review disputed:prix {KEY}" == name_of_task(Task("review", owner, (line,), firm))
    assert f"review finished: {KEY}" == name_of_task(Task("review", owner, (line,), firm, About.FINISHED))
    assert f"call silence:firm {KEY}" == name_of_task(Task("call", owner, (line,), firm, About.SILENCE))
    backlog = line._replace(stop=Stop(Reason.BACKLOG))
    assert "confirm backlog:" == name_of_task(Task("confirm", None, (backlog,)))


def test_a_draft_is_remembered_by_its_day_and_invoices() -> None:
    """Two drafts of one day about other invoices are two."""
    assert f"draft 2026-03-08 relance ferme {KEY}" == name_of_draft(Overtaken("relance ferme", day(6), (KEY,)))
