"""Which draft the user speaks of, and which are not to be sent any more: decided by plain values."""

from datetime import timedelta
from decimal import Decimal

import pytest
from core_support import day, invoice

from relance.core.facts import Allocated, Drafted, Fact, InDoubt, Paid, is_outdated
from relance.core.history import fold
from relance.core.invoice import Invoice, invoice_key, snapshot_of
from relance.core.messages import to_settle
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy
from relance.display.tasks import task_text, ways_of

LATE = invoice()
KEY = invoice_key(LATE)
POLICY = DunningPolicy()
COURTESY = Drafted(KEY, "courtesy", "email", day(-5))
FRIENDLY = Drafted(KEY, "friendly", "email", day(5))
FIRM = Drafted(KEY, "firm", "email", day(15))
THANKS = Drafted(KEY, "thanks", "email", day(6))
DOUBT = InDoubt(KEY, "friendly", "email", day(5))
SETTLED = Paid(KEY, LATE.total, day(6))


@pytest.mark.parametrize(
    ("facts", "sent", "not_sent", "thrown_away"),
    [
        ([COURTESY, FRIENDLY], (FRIENDLY,), (FRIENDLY,), ["relance préventive"]),
        ([COURTESY], (), (COURTESY,), ["relance préventive"]),
        ([COURTESY, DOUBT], (), (), ["relance préventive"]),
        ([FRIENDLY, SETTLED], (FRIENDLY,), (FRIENDLY,), ["relance amicale"]),
        ([FRIENDLY, THANKS, SETTLED], (THANKS,), (THANKS,), ["relance amicale"]),
        ([THANKS], (), (THANKS,), ["remerciement"]),
        ([FRIENDLY, FIRM], (FIRM,), (FIRM,), ["relance amicale"]),
    ],
)
def test_the_draft_that_is_spoken_of(
    facts: list[Fact], sent: tuple[Drafted, ...], not_sent: tuple[Drafted, ...], thrown_away: list[str]
) -> None:
    """The last one to be sent; a thank-you is to be sent while the invoice is paid, and only then."""
    today = day(16)
    history = fold(facts, day(-30), today)
    plan = build_plan([LATE], history, POLICY, today)
    [line] = plan.lines
    assert sent == to_settle(line, sent=True)
    assert not_sent == to_settle(line, sent=False)
    assert thrown_away == [each.label for each in plan.overtaken]


@pytest.mark.parametrize("kind", [Drafted, InDoubt])
def test_a_message_about_two_invoices_is_one_question(kind: type[Drafted | InDoubt]) -> None:
    """Its draft, or the doubt about it, is settled once for both; another message's is a question of its own."""
    invoices = [LATE, invoice(number="F-2"), invoice(number="F-3")]
    keys = [invoice_key(each) for each in invoices]
    facts = [*(kind(key, "friendly", "email", day(5)) for key in keys[:2]), kind(keys[2], "friendly", "email", day(6))]
    plan = build_plan(invoices, fold(facts, day(-30), day(16)), POLICY, day(16))
    assert [("review", 2), ("review", 1)] == [(task.kind, len(task.lines)) for task in plan.tasks]


OTHER = invoice(number="F-2")
_SAME = FRIENDLY._replace(snapshot=snapshot_of(LATE))


@pytest.mark.parametrize(
    ("now", "facts", "outdated"),
    [
        (LATE, [_SAME], False),
        (LATE, [Paid(KEY, Decimal(1), day(4)), _SAME], False),
        (LATE, [_SAME, Paid(KEY, Decimal(1), day(3), told=day(5))], True),
        (LATE, [_SAME, Paid(KEY, Decimal(1), day(7))], True),
        (LATE, [_SAME, Allocated(KEY, "A-1", KEY, Decimal(1), day(6), day(6))], True),
        (LATE._replace(total=LATE.total + 1), [_SAME], True),
        (LATE._replace(due_date=LATE.due_date - timedelta(days=1)), [_SAME], True),
        (LATE._replace(customer=LATE.customer._replace(emails=("neuve@client.example",))), [_SAME], True),
        (LATE._replace(customer=LATE.customer._replace(contact="Anne Roc")), [_SAME], False),
    ],
)
def test_a_draft_that_is_not_true_any_more_is_not_to_be_sent(now: Invoice, facts: list[Fact], outdated: bool) -> None:
    """Another sum, due date or address than when it was written: the task throws it away instead of recording it."""
    plan = build_plan([now], fold(facts, day(-30), day(8)), POLICY, day(8))
    [task] = plan.tasks
    [way] = ways_of(task)
    sent, unsent = f"record {LATE.number} --stage friendly --channel email", f"resolve {LATE.number} --not-sent"
    first, second = (unsent, f"déjà envoyé : relance {sent}") if outdated else (sent, f"pas envoyé : relance {unsent}")
    assert (f"relance {first}", second) == (way.command, way.note.replace("\N{NO-BREAK SPACE}", " "))
    assert ("à jeter" in task_text(task)) is outdated


def test_a_draft_about_two_invoices_is_outdated_with_one_of_them() -> None:
    """One is paid meanwhile: the draft still asks for both, and is thrown away for the other too, in one task."""
    drafts = [FRIENDLY, FRIENDLY._replace(invoice=invoice_key(OTHER))]
    for paid, outdated in ((Decimal(1), True), (LATE.total, True), (None, False)):
        facts: list[Fact] = [*drafts, *([Paid(KEY, paid, day(6))] if paid else [])]
        plan = build_plan([LATE, OTHER], fold(facts, day(-30), day(8)), POLICY, day(8))
        [task] = plan.tasks
        assert [outdated] * len(task.lines) == [is_outdated(line.why) for line in task.lines]
