"""What history adds to the charges of an invoice in a plan: notices, judgments, own terms, unknown rates."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import EVERY_DAY, customer, day, invoice, line_for, messages, plan_for, reasons, reminded

from relance.core.case import grounds_of
from relance.core.charges import names_charges, noticed_on
from relance.core.facts import Held, HoldReason
from relance.core.interest import DEFAULT_RATE, Basis, InterestTerms, OwnTerms, Rate, agreed
from relance.core.invoice import Contact, Kind, invoice_key
from relance.core.plan import awaited_for
from relance.core.policy import DEFAULT_STAGES, Schedule, is_firm
from relance.core.reasons import Reason
from relance.core.reference_rates import ReferenceRate

BY_LAW = EVERY_DAY._replace(interest=InterestTerms(DEFAULT_RATE))
NO_TABLE = EVERY_DAY._replace(interest=InterestTerms(DEFAULT_RATE, rates={}))
COURTESY, FRIENDLY, FIRM, NOTICE = DEFAULT_STAGES


def test_terms_agreed_with_one_customer() -> None:
    """His own where he has any, value by value, else those of everybody."""
    own = OwnTerms(rate=Rate(Basis.FIXED, Decimal(36)), recovery_fee=Decimal("10.00"))
    line = line_for(invoice(owner=customer(terms=own)), [], day(10))
    assert (Decimal("11.84"), Decimal("10.00")) == (line.charges.interest, line.charges.recovery_fee)
    assert EVERY_DAY.interest is agreed(customer().terms, EVERY_DAY.interest)


def test_the_first_notice_counts() -> None:
    """A second one starts nothing again; other contacts are no notice."""
    said = [Contact("firm", "email", day(5)), *(Contact("formal_notice", "letter", day(n)) for n in (40, 30))]
    assert day(30) == noticed_on(said)
    assert noticed_on(said[:1]) is None


def test_a_notice_is_in_writing() -> None:
    """A call or a text message, even recorded under that stage, starts no interest."""
    spoken = [Contact("formal_notice", channel, day(30)) for channel in ("call", "sms")]
    assert noticed_on(spoken) is None
    assert day(33) == noticed_on([*spoken, Contact("formal_notice", "email", day(33))])


def test_the_receipt_of_the_letter_counts() -> None:
    """Not the mail that left before it, nor the day it was posted; the first receipt of several."""
    mail = Contact("formal_notice", "email", day(30))
    letter = Contact("formal_notice", "letter", day(31), posted=day(31))
    assert day(30) == noticed_on([mail, letter])
    assert day(34) == noticed_on([mail, letter._replace(received=day(34))])
    twice = [letter._replace(received=day(n)) for n in (50, 34)]
    assert day(34) == noticed_on([mail, *twice])


def test_a_consumer_in_a_plan() -> None:
    """Interest from the day after the notice; the same notice changes nothing for a business."""
    about = invoice(owner=customer(kind=Kind.CONSUMER))
    told = [reminded(about, "formal_notice", day(30))]
    assert [10] == [s.days for s in line_for(about, told, day(40)).charges.segments]
    assert () == line_for(about, [], day(40)).charges.segments
    business = invoice()
    told = [reminded(business, "formal_notice", day(30))]
    assert [40] == [s.days for s in line_for(business, told, day(40)).charges.segments]


@pytest.mark.parametrize("of_customer", [True, False])
def test_insolvency_in_a_plan(of_customer: bool) -> None:
    """From the hold of the invoice or of its customer, the earlier one; other holds stop no interest."""
    about = invoice()
    target = "code:ALPHA" if of_customer else invoice_key(about)
    holds = [Held(target, HoldReason.INSOLVENCY, day(11)), Held(invoice_key(about), HoldReason.DISPUTE, day(5))]
    line = line_for(about, holds, day(40))
    assert (Reason.INSOLVENCY, [10]) == (line.reason, [s.days for s in line.charges.segments])
    both = [*holds, Held(invoice_key(about), HoldReason.INSOLVENCY, day(9))]
    assert day(9) == grounds_of(line_for(about, both, day(40)).case).insolvent
    alone = [Held("code:ALPHA", HoldReason.INSOLVENCY, day(7))]
    assert day(7) == grounds_of(line_for(about, alone, day(40)).case).insolvent
    dispute = line_for(about, holds[1:], day(40))
    assert [40] == [s.days for s in dispute.charges.segments]


@pytest.mark.parametrize(
    ("kind", "stage", "named"),
    [
        (Kind.BUSINESS, FRIENDLY, False),
        (Kind.BUSINESS, FIRM, True),
        (Kind.BUSINESS, NOTICE, True),
        (Kind.PUBLIC, FIRM, True),
        (Kind.CONSUMER, NOTICE, False),
        (None, NOTICE, False),
    ],
)
def test_who_is_named_charges(kind: Kind | None, stage: object, named: bool) -> None:
    """From firm on, to who is surely no consumer."""
    about = invoice(owner=customer(kind=kind))
    assert named is names_charges(about, stage, EVERY_DAY.schedules[0], EVERY_DAY)  # type: ignore[arg-type]


def test_a_schedule_without_firm_names_charges_from_its_formal_notice() -> None:
    """What a schedule leaves out does not leave a notice without what it claims, nor without its guards."""
    short = Schedule("short", (COURTESY, FRIENDLY, NOTICE._replace(day=20)))
    policy = EVERY_DAY._replace(schedules=(Schedule("default", DEFAULT_STAGES), short))
    about = invoice(owner=customer(kind=Kind.BUSINESS))
    assert [False, False, True] == [names_charges(about, stage, short, policy) for stage in short.stages]
    assert [False, False, True] == [is_firm(stage, short, policy) for stage in short.stages]
    assert not any(names_charges(about, stage, Schedule("mild", short.stages[:2]), policy) for stage in short.stages)


def test_what_ran_stays_claimed_where_the_next_rate_is_not_known() -> None:
    """law.md 12: up to the last day whose rate is known, and the 40 EUR too; nothing is held for it."""
    about = invoice(due=date(2026, 12, 20))
    year_end, later = (line_for(about, [], on, policy=BY_LAW).charges for on in (date(2026, 12, 31), date(2027, 7, 1)))
    assert (later.interest, later.recovery_fee) == (year_end.interest, Decimal("40.00"))
    assert ((), None) == (year_end.missing, year_end.stopped)
    assert (("2027-S1", "2027-S2"), date(2026, 12, 31), Decimal(0)) == (later.missing, later.stopped, later.daily)
    assert about.total + later.interest + 40 == later.claimed


def test_where_nothing_is_known_the_fee_is_claimed_alone() -> None:
    """The message leaves: it claims less than what is due, and no rate is guessed."""
    friendly, firm = invoice("F-1", day(-6)), invoice("F-2", day(-16), owner=customer("Beta"))
    plan = plan_for([friendly, firm], [], policy=NO_TABLE, started=None)
    assert {"F-1": "due", "F-2": "due"} == reasons(plan)
    (line,) = (line for line in plan.lines if line.invoice.number == "F-2")
    assert (Decimal("1240.00"), day(-16)) == (line.charges.claimed, line.charges.stopped)


@pytest.mark.parametrize(
    ("today", "half"),
    [
        (date(2026, 12, 14), ""),
        (date(2026, 12, 15), "2027-S1"),
        (date(2026, 12, 31), "2027-S1"),
        (date(2027, 1, 1), "2027-S1"),
        (date(2027, 6, 15), "2027-S1"),
    ],
)
def test_the_coming_half_year_is_announced(today: date, half: str) -> None:
    """From 15 December and 15 June, to who claims by it, and while it lacks; once it is told, no more."""
    about = invoice(due=date(2026, 12, 1))
    assert half == awaited_for(plan_for([about], [], today, policy=BY_LAW))
    assert "" == awaited_for(plan_for([about], [], today, policy=EVERY_DAY))
    told = {**BY_LAW.interest.rates, **dict.fromkeys(("2027-S1", "2027-S2"), ReferenceRate(Decimal(2), Decimal(3), ""))}
    policy = BY_LAW._replace(interest=InterestTerms(DEFAULT_RATE, rates=told))
    assert "" == awaited_for(plan_for([about], [], today, policy=policy))


def test_a_rate_that_is_told_lets_the_message_leave() -> None:
    """Nothing else held it."""
    known = NO_TABLE.interest._replace(rates={"2026-S1": ReferenceRate(Decimal(2), None, "told")})
    firm = invoice("F-2", day(-16))
    plan = plan_for([firm], [], policy=NO_TABLE._replace(interest=known), started=None)
    assert [("firm", ["F-2"])] == messages(plan)
    assert [Decimal("12")] == [s.rate for s in plan.lines[0].charges.segments]
