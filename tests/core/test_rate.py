"""The agreed rate of the settings: owed only where it was agreed (law.md 2 and 12), so the user is asked, once."""

from decimal import Decimal

import pytest
from core_support import EVERY_DAY, LONG_AGO, answer, customer, day, invoice, reminded

from relance.core.cautions import Code, cautions
from relance.core.facts import Backlog, Fact, RateConfirmed
from relance.core.history import fold
from relance.core.interest import DEFAULT_RATE, Basis, OwnTerms, Rate
from relance.core.invoice import Customer, Kind
from relance.core.plan import About, Plan
from relance.core.planning import build_plan, look_ahead
from relance.core.policy import DunningPolicy
from relance.display.tasks import command_for_task, task_line, task_text

FOURTEEN = Rate(Basis.FIXED, Decimal(14))
FRIENDLY = reminded(invoice(), "friendly", day(5))


def planned(*facts: Fact, offset: int = 15, policy: DunningPolicy = EVERY_DAY, who: Customer | None = None) -> Plan:
    """The plan of an invoice that was reminded once; nobody said anything of the rate yet."""
    about = invoice()._replace(customer=who or invoice().customer)
    return build_plan([about], fold([FRIENDLY, *facts], LONG_AGO, day(offset)), policy, day(offset))


def with_rate(rate: Rate) -> DunningPolicy:
    """The rules with another rate."""
    return EVERY_DAY._replace(interest=EVERY_DAY.interest._replace(rate=rate))


def asks(plan: Plan) -> int:
    """How often the plan asks about the rate."""
    return sum(task.about is About.RATE for task in plan.tasks)


@pytest.mark.parametrize(("offset", "times"), [(6, 0), (15, 1), (16, 1), (60, 1)])
def test_it_is_asked_once_charges_are_about_to_be_named(offset: int, times: int) -> None:
    """Not while friendly words are said; one question, with both answers, whatever the number of invoices."""
    plan = planned(offset=offset)
    assert times == asks(plan)
    for task in plan.tasks:
        if task.about is About.RATE:
            assert "relance confirm rate" == command_for_task(task)
            assert "14\u00a0% l’an figure-t-il" in task_text(task)
            assert "→ relance confirm rate --no (sinon)" in task_line(task)


@pytest.mark.parametrize("stands", [True, False])
def test_an_answer_ends_the_question(stands: bool) -> None:
    """Either one."""
    assert 0 == asks(planned(RateConfirmed(FOURTEEN, stands, day(1))))


def test_where_it_was_not_agreed_the_law_is_claimed() -> None:
    """L441-10 II: the ECB rate plus ten points, 12.15 % in the first half of 2026; no caution is left to say."""
    yes, no, asked = (planned(*told).lines[0] for told in ([_said(True)], [_said(False)], []))
    assert [Decimal(14)] * 2 == [line.charges.segments[0].rate for line in (yes, asked)]
    assert Decimal("12.15") == no.charges.segments[0].rate
    assert [True, False, False] == [line.case.customer.grounds.confirmed for line in (yes, no, asked)]
    told = [
        Code.MUST_BE_AGREED in {c.code for c in cautions(line.invoice, grounds.terms, line.charges, day(15), grounds)}
        for line in (yes, no, asked)
        for grounds in [line.case.customer.grounds]
    ]
    assert [False, False, True] == told


def _said(stands: bool) -> RateConfirmed:
    return RateConfirmed(FOURTEEN, stands, day(1))


def test_the_answer_is_for_that_rate_alone() -> None:
    """A changed one asks again, 14.0 is 14, the last word counts, and what was said of the old rate stays said."""
    ten = with_rate(Rate(Basis.FIXED, Decimal(10)))
    assert 1 == asks(planned(_said(True), policy=ten))
    assert Decimal(10) == planned(_said(False), policy=ten).lines[0].charges.segments[0].rate
    again = with_rate(Rate(Basis.FIXED, Decimal("14.0")))
    assert 0 == asks(planned(_said(True), policy=again))
    changed = planned(_said(False), RateConfirmed(FOURTEEN, True, day(2))).lines[0]
    assert Decimal(14) == changed.charges.segments[0].rate


@pytest.mark.parametrize("rate", [DEFAULT_RATE, Rate(Basis.LEGAL, Decimal(3))])
def test_what_the_law_gives_needs_no_word(rate: Rate) -> None:
    """Nor is it ever replaced."""
    assert 0 == asks(planned(policy=with_rate(rate)))


def test_a_daily_rate_is_agreed_too() -> None:
    """0.05 % a day stands in no law."""
    assert 1 == asks(planned(policy=with_rate(Rate(Basis.DAILY, Decimal("0.05")))))


OWN = OwnTerms(rate=Rate(Basis.FIXED, Decimal(11)))


@pytest.mark.parametrize(
    "who",
    [customer(kind=Kind.CONSUMER), customer(kind=Kind.PUBLIC), customer(kind=None), customer(terms=OWN)],
    ids=["consumer", "public", "unknown", "own"],
)
def test_nobody_is_asked_where_it_does_not_count(who: Customer) -> None:
    """A consumer and a public body owe another rate, no message names one to a stranger, and his own rate is his."""
    assert 0 == asks(planned(who=who))


def test_nobody_asks_who_cannot_answer() -> None:
    """Without a journal, or while the backlog waits for its own answer."""
    assert 0 == asks(build_plan([invoice()], fold([], None, day(20)), EVERY_DAY, day(20)))
    backlog = fold([], day(40), day(41))
    assert 0 == asks(build_plan([invoice()], backlog, EVERY_DAY, day(41)))
    answered = fold([answer(Backlog.AS_IS, day(40))], day(40), day(41))
    assert 1 == asks(build_plan([invoice()], answered, EVERY_DAY, day(41)))


def test_the_days_ahead_ask_once() -> None:
    """The question stays itself when more invoices come to it."""
    both = [invoice(), invoice("F-2", due=day(3))]
    plan = build_plan(both, fold([FRIENDLY], LONG_AGO, day(10)), EVERY_DAY, day(10))
    assert 1 == sum(map(asks, look_ahead(both, plan, 25)))
