"""Which draft the user speaks of, and which are not to be sent any more: decided by plain values."""

import pytest
from core_support import day, invoice

from relance.core.facts import Drafted, Fact, InDoubt, Paid
from relance.core.history import fold
from relance.core.invoice import invoice_key
from relance.core.messages import to_settle
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy

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
