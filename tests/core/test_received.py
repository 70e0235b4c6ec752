"""Charges that a customer paid: what is more than the principal pays them, and thanks give up none (law.md 2)."""

from decimal import Decimal

import pytest
from core_support import EVERY_DAY, day, invoice, line_for, paid, plan_for, reminded

from relance.core.case import grounds_of
from relance.core.charges import charges
from relance.core.claims import given_up, still_claimed
from relance.core.facts import Fact, Paid
from relance.core.interest import InterestTerms
from relance.core.invoice import Payment, invoice_key
from relance.core.plan import Line

FIRM = reminded(invoice(), "firm", day(15), term=day(22))
ASKED = Decimal("1246.90")
"""1200.00, fifteen days at 14 % (6.90) and 40.00."""
WAIVING = EVERY_DAY._replace(interest=InterestTerms(waiver=True))


def told(amount: str, offset: int = 18) -> Paid:
    """A payment told by hand on the day on which it came."""
    return Paid(invoice_key(invoice()), Decimal(amount), day(offset), told=day(offset))


def line(*facts: Fact, offset: int = 20, waiver: bool = False) -> Line:
    """The line of the invoice after these facts."""
    return line_for(invoice(), [FIRM, *facts], day(offset), policy=WAIVING if waiver else EVERY_DAY)


def test_a_larger_payment_leaves_nothing_and_owes_nothing() -> None:
    """The invoice is paid; nothing is outstanding, not less than nothing."""
    found = line(told("1246.90"))
    assert ("paid", Decimal("0.00"), ASKED) == (found.reason.value, found.outstanding, found.paid)
    costs = charges(found.invoice, grounds_of(found.case))
    assert (Decimal("46.90"), Decimal("1.38")) == (costs.paid, costs.claimed)  # three days more ran until it came


@pytest.mark.parametrize(
    ("amounts", "still"),
    [
        (["1246.90"], False),
        (["1200.00"], True),
        (["1240.00"], True),
        (["1200.00", "46.90"], False),
        (["1250.00"], False),
    ],
)
def test_who_pays_as_asked_owes_nothing_more(amounts: list[str], still: bool) -> None:
    """What was asked is what the last message named, not what ran until the money came."""
    assert still is still_claimed(line(*map(told, amounts)).case)


def test_nothing_is_still_claimed_that_was_never_named() -> None:
    """Friendly words name no charges, nor does a call that is recorded."""
    said = [reminded(invoice(), "friendly", day(5)), reminded(invoice(), "firm", day(15), channel="call")]
    assert not still_claimed(line_for(invoice(), [*said, told("1200.00")], day(20)).case)


def test_the_file_counts_as_what_is_told() -> None:
    """With its date or without: an undated payment gives nothing up."""
    for known in (paid("1200.00", day(18)), Payment(Decimal("1200.00"))):
        case = line_for(invoice(payments=[known]), [FIRM], day(20)).case
        assert still_claimed(case)


def test_the_waiver_ends_what_it_offered_to_end() -> None:
    """All that was billed, by the term; later, the charges are owed again."""
    assert (True, False) == (given_up(line(told("1200.00"), waiver=True).case), given_up(line(told("1200.00")).case))
    assert not still_claimed(line(told("1200.00"), waiver=True).case)
    late = line(told("1200.00", 23), offset=25, waiver=True).case
    assert (False, True) == (given_up(late), still_claimed(late))


def test_thanks_leave_all_the_same() -> None:
    """For the money, whatever is left of the charges."""
    plan = plan_for([invoice()], [FIRM, told("1200.00")], day(26))
    assert ["thanks"] == [reminder.stage.key for reminder in plan.reminders]
