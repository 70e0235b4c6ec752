"""The 72 cases collected from open-source peers (shared/cases/stages.json), with our stages in place of theirs.

Theirs become ours rung by rung: their first level is friendly, their second firm, their third formal notice.
Where "adapt" changes the outcome, a comment says which rule of design.md does.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from core_support import (
    EVERY_DAY,
    approved,
    customer,
    day,
    invoice,
    ladder_of,
    line_for,
    live_a_day,
    messages,
    paid,
    plan_for,
    reasons,
    reminded,
    verdict,
)

from relance.core.charges import Grounds, charges
from relance.core.facts import Fact, Held, HoldReason, InDoubt, Released, Reminded
from relance.core.interest import Basis, InterestTerms, Rate
from relance.core.invoice import Invoice, Kind, Status, invoice_key
from relance.core.plan import Line
from relance.core.policy import DunningPolicy, Schedule

FILE = Path(__file__).parents[3] / "shared" / "cases" / "stages.json"
LEFT_OUT = {
    "OCA-22": "a ladder is checked where settings are read (test_config)",
    "FB-01": "a ladder is checked where settings are read (test_config)",
    "WA-07": "a ladder is checked where settings are read (test_config)",
    "IN-20": "cells become dates in sources and are written in letters; the core knows plain dates alone",
    "IN-21": "a missing due date is computed or refused in sources",
    "MH-12": "amounts and dates are read in sources",
    "MH-06": "uniqueness is in the journal's schema (test_journal)",
    "WA-05": "one failed delivery among others belongs to delivery",
    "FB-03": "a claim is released or kept by delivery",
}
BEFORE_ALL = date(2000, 1, 1)
RUNGS = ("friendly", "firm", "formal_notice")

Case = Callable[[], None]
CASES: dict[str, Case] = {}


def case(identity: str) -> Callable[[Case], Case]:
    """Enter a test of the file under its id."""

    def enter(test: Case) -> Case:
        assert identity not in CASES
        CASES[identity] = test
        return test

    return enter


def _policy(**days: int) -> DunningPolicy:
    """A ladder of its own, without closed days."""
    return EVERY_DAY._replace(schedules=ladder_of(**days))


def _rungs(*days: int) -> DunningPolicy:
    return _policy(**dict(zip(RUNGS, days, strict=False)))


def _at(due: date, today: date, done: Sequence[tuple[str, date]] = (), *, policy: DunningPolicy = EVERY_DAY,
        started: date | None = BEFORE_ALL, **fields: object) -> Line:  # fmt: skip
    """The line of an invoice in service after these messages."""
    about = invoice(due=due, **fields)  # type: ignore[arg-type]
    return line_for(about, [reminded(about, stage, on) for stage, on in done], today, policy=policy, started=started)


def _late(days: int, *done: tuple[str, int], policy: DunningPolicy = EVERY_DAY, **fields: object) -> Line:
    """The same, in days after the due date."""
    return _at(day(0), day(days), [(stage, day(n)) for stage, n in done], policy=policy, **fields)  # type: ignore[arg-type]


def _sends(invoices: Sequence[Invoice], days: range, policy: DunningPolicy, runs: int = 1) -> list[tuple[str, int]]:
    """What leaves over these days, each day as many runs: the stage and the day."""
    facts: list[Fact] = []
    for n in days:
        for _ in range(runs):
            live_a_day(invoices, facts, day(n), policy, BEFORE_ALL)
    return [(f.contact.stage, (f.on - day(0)).days) for f in facts if isinstance(f, Reminded)]


DUE_NOW = {stage: ("due", stage) for stage in ("courtesy", "friendly", "firm")} | {
    "formal_notice": ("awaiting_approval", "formal_notice")
}

# OCA: credit control of Odoo


@case("OCA-03")
def _oca_03() -> None:
    done = [("friendly", date(2013, 1, 31)), ("firm", date(2013, 2, 28))]
    line = _at(date(2013, 1, 18), date(2013, 3, 31), done, total="300.00")
    assert (DUE_NOW["formal_notice"], Decimal("300.00")) == (verdict(line), line.outstanding)
    assert line.acting is not None
    assert "letter" in line.acting.channels


@case("OCA-05")
def _oca_05() -> None:
    done: list[tuple[str, date]] = []
    for today, stage in zip((date(2013, 2, 28), date(2013, 3, 31), date(2013, 4, 30)), RUNGS, strict=True):
        line = _at(date(2013, 2, 15), today, done, total="360.00", currency="USD")
        assert (DUE_NOW[stage], Decimal(0)) == (verdict(line), line.charges.recovery_fee)
        done.append((stage, today))


@case("OCA-06")
def _oca_06() -> None:
    line = _at(date(2013, 2, 17), date(2013, 2, 28), total="1000.00", currency="USD")
    assert (11, ("due", "friendly")) == (line.days_overdue, verdict(line))


@case("OCA-08")
def _oca_08() -> None:
    policy = EVERY_DAY._replace(min_gap_days=60)
    done = [("friendly", date(2013, 3, 31))]
    for today, expected in ((date(2013, 4, 30), "too_soon"), (date(2013, 5, 31), "due")):
        assert (expected, "firm") == verdict(_at(date(2013, 2, 17), today, done, policy=policy))


@case("OCA-09")
def _oca_09() -> None:
    # One row per instalment; the reminder shows what is left of the first beside its total.
    first = invoice("SI_19-1", date(2013, 3, 15), "450.00", payments=[paid("300.00", date(2013, 3, 16))])
    second = invoice("SI_19-2", date(2013, 4, 30), "1050.00", terms=60)
    plan = plan_for([first, second], [], date(2013, 3, 31), started=BEFORE_ALL)
    assert [("friendly", ["SI_19-1"])] == messages(plan)
    assert (Decimal("150.00"), Decimal("450.00")) == (plan.lines[0].outstanding, plan.lines[0].invoice.total)
    assert "not_due" == plan.lines[1].reason.value


@case("OCA-11")
def _oca_11() -> None:
    done = [("friendly", date(2013, 4, 30)), ("firm", date(2013, 5, 31))]
    line = _at(date(2013, 4, 14), date(2013, 6, 30), done, total="1500.00", payments=[paid("1000.00")])
    assert (DUE_NOW["formal_notice"], Decimal("500.00")) == (verdict(line), line.outstanding)


@case("OCA-12")
def _oca_12() -> None:
    done, settled = [("friendly", date(2013, 4, 30))], [paid("1500.00", date(2013, 5, 15))]
    line = _at(date(2013, 4, 14), date(2013, 5, 31), done, total="1500.00", payments=settled)
    assert (("paid", None), Decimal(0)) == (verdict(line), line.outstanding)


@case("OCA-13")
def _oca_13() -> None:
    first = invoice("SI_18-1", date(2013, 3, 15), "450.00", payments=[paid("450.00", date(2013, 5, 10))])
    second = invoice("SI_18-2", date(2013, 4, 30), "1050.00")
    facts = [reminded(first, "friendly", date(2013, 3, 31)), reminded(first, "firm", date(2013, 4, 30))]
    plan = plan_for([first, second], facts, date(2013, 5, 31), started=BEFORE_ALL)
    assert {"SI_18-1": "paid", "SI_18-2": "due"} == reasons(plan)
    assert (("friendly", ["SI_18-2"]), Decimal("1050.00")) == (messages(plan)[0], plan.lines[1].outstanding)


@case("OCA-16")
def _oca_16() -> None:
    for today in (date(2013, 5, 31), date(2013, 6, 30), date(2013, 7, 31)):
        assert "below_minimum" == _at(date(2013, 4, 22), today, total="0.09").reason.value


@case("OCA-20")
def _oca_20() -> None:
    told = [reminded(invoice("other"), "friendly", day(15))]
    assert "clock" == line_for(invoice(due=day(-10)), told, day(0)).reason.value


@case("OCA-25")
def _oca_25() -> None:
    line = _late(20, payments=[paid("500.00", day(3))])
    assert (("due", "friendly"), Decimal("700.00")) == (verdict(line), line.outstanding)


@case("OCA-27")
def _oca_27() -> None:
    # The customer's gap makes the others wait four days; it does not hide them.
    several = [invoice(f"F-{i}", due=day(-10)) for i in range(3)]
    told: list[Fact] = [reminded(several[0], "friendly", day(0))]
    waiting = plan_for(several, told, day(0)).lines[1:]
    assert {("too_soon", day(4))} == {(line.reason.value, line.next_date) for line in waiting}
    assert [("friendly", ["F-1", "F-2"])] == messages(plan_for(several, told, day(4)))


@case("OCA-28")
def _oca_28() -> None:
    policy = EVERY_DAY._replace(min_gap_days=5)
    assert ["too_soon", "due"] == [_late(40, ("friendly", 40 - n), policy=policy).reason.value for n in (4, 5)]


@case("OCA-31")
def _oca_31() -> None:
    # What was claimed and never settled is shown at each run, as something to look at.
    doubt = [InDoubt(invoice_key(invoice()), "friendly", "email", day(6))]
    plan = plan_for([invoice()], doubt, day(30))
    assert (True, ["review"]) == (plan.lines[0].reason.to_look_at, [task.kind for task in plan.tasks])


# ERP: dunning of ERPNext


@case("ERP-01")
def _erp_01() -> None:
    # Friendly names no charges, but they run from the first late day.
    plan = plan_for([invoice(total="100.00")], [], day(20))
    line = plan.lines[0]
    assert (Decimal("0.77"), Decimal("140.77"), ()) == (
        line.charges.interest,
        line.charges.claimed,
        plan.reminders[0].charged,
    )
    free = charges(
        invoice(total="100.00"),
        Grounds(day(20), InterestTerms(Rate(Basis.FIXED, Decimal(0)), Decimal(0)), Kind.BUSINESS),
    )
    assert (Decimal("0.00"), Decimal("100.00")) == (free.interest, free.claimed)


@case("ERP-02")
def _erp_02() -> None:
    found = charges(
        invoice(total="100.00"),
        Grounds(day(15), InterestTerms(Rate(Basis.FIXED, Decimal(10)), Decimal(10)), Kind.BUSINESS),
    )
    assert (Decimal("0.41"), Decimal("10.00"), Decimal("110.41")) == (found.interest, found.recovery_fee, found.claimed)


@case("ERP-06")
def _erp_06() -> None:
    several = [invoice("A", day(-20), "100.00"), invoice("B", day(-10), "300.00")]
    (reminder,) = plan_for(several, [], day(0)).reminders
    assert [("A", Decimal("100.00"), 20), ("B", Decimal("300.00"), 10)] == [
        (line.invoice.number, line.outstanding, line.days_overdue) for line in reminder.lines
    ]
    assert [Decimal("0.77"), Decimal("1.15")] == [line.charges.interest for line in reminder.lines]


@case("ERP-07")
def _erp_07() -> None:
    # One row per instalment; a payment that leaves the file makes its row eligible again.
    rows = [invoice("T-1", day(-6), "50.00"), invoice("T-2", day(4), "50.00")]
    assert {"T-1": "due", "T-2": "too_soon"} == reasons(plan_for(rows, [], day(0)))
    settled = [rows[0]._replace(payments=(paid("50.00", day(-1)),)), rows[1]]
    assert "paid" == reasons(plan_for(settled, [], day(0)))["T-1"]
    assert "due" == reasons(plan_for(rows, [], day(1)))["T-1"]


@case("ERP-09")
def _erp_09() -> None:
    # Once the principal is paid the file is closed: charges are no longer claimed.
    line = _late(20, total="100.00", payments=[paid("100.00", day(15))])
    assert ("paid", Decimal(0)) == (line.reason.value, line.charges.claimed)


# IN: Invoice Ninja


@case("IN-01")
def _in_01() -> None:
    # Stages are anchored on the due date alone.
    line = _late(-30)
    assert line.next_stage is not None
    assert ("courtesy", day(-5)) == (line.next_stage.key, line.next_date)


@case("IN-02")
def _in_02() -> None:
    line = _late(-30, payments=[paid("1200.00", day(-30))])
    assert (None, None) == (line.next_stage, line.next_date)


@case("IN-04")
def _in_04() -> None:
    line = _late(-30, policy=_policy(friendly=1))
    assert day(1) == line.next_date


@case("IN-05")
def _in_05() -> None:
    nothing = EVERY_DAY._replace(schedules=(Schedule("default", ()),))
    for n in (-30, 0, 400):
        line = _late(n, policy=nothing)
        assert ("hold", None, None) == (line.decision.value, line.acting, line.next_date)


@case("IN-06")
def _in_06() -> None:
    assert day(-2) == _late(-30, policy=_policy(courtesy=-2, friendly=14, firm=30)).next_date


@case("IN-08")
def _in_08() -> None:
    # Fourteen days of terms: no courtesy; and the ladder has an end.
    expected = [("friendly", 5), ("firm", 15), ("formal_notice", 30)]
    assert expected == _sends([invoice(terms=14)], range(-14, 120), EVERY_DAY)


@case("IN-13")
def _in_13() -> None:
    policy = _policy(courtesy=-1, friendly=0, firm=7)._replace(min_gap_days=1, customer_gap_days=1)
    assert [("courtesy", -1), ("friendly", 0), ("firm", 7)] == _sends([invoice()], range(-20, 60), policy)
    assert "paid" == _late(20, policy=policy, payments=[paid("1200.00", day(9))]).reason.value


@case("IN-17")
def _in_17() -> None:
    assert [("friendly", 5)] == _sends([invoice()], range(5, 6), EVERY_DAY, runs=96)


@case("IN-18")
def _in_18() -> None:
    assert [("friendly", 6)] == _sends([invoice()], range(6, 7), _rungs(6), runs=200)


@case("IN-22")
def _in_22() -> None:
    # Amount x yearly rate x days late / 365; rate, days, interest and fee are told apart.
    found = _late(15).charges
    (segment,) = found.segments
    assert (Decimal("14.0"), 15, Decimal("1200.00"), Decimal("6.90"), Decimal("40.00")) == (
        segment.rate,
        segment.days,
        segment.principal,
        found.interest,
        found.recovery_fee,
    )


@case("IN-25")
def _in_25() -> None:
    due = date(2021, 5, 31)
    assert ("due", "courtesy") == verdict(_at(due, due - timedelta(days=5)))
    assert ("not_due", None) == verdict(_at(due, due - timedelta(days=6)))
    early = _policy(courtesy=-7, friendly=-2)._replace(min_gap_days=5)
    assert [("courtesy", -7), ("friendly", -2)] == _sends([invoice()], range(-20, 30), early)


# AK, KB, LG, TR, MF: Akaunting, Kill Bill, Lago, Tryton, metasfresh


@case("AK-01")
def _ak_01() -> None:
    assert ("due", "friendly") == verdict(_at(day(-2), day(3)))


@case("KB-03")
def _kb_03() -> None:
    due = date(2012, 5, 31)
    lines = [_at(due, today, policy=_rungs(5, 7, 11)) for today in (due, date(2012, 6, 5), date(2012, 6, 7))]
    assert [None, "friendly", "firm"] == [line.stage.key if line.stage else None for line in lines]


@case("KB-04")
def _kb_04() -> None:
    # The highest stage reached where there is no journal; a soft first mail in service.
    due, today = date(2012, 5, 31), date(2012, 6, 8)
    assert ("due", "firm") == verdict(_at(due, today, policy=_rungs(5, 7, 11), started=None))
    assert ("due", "friendly") == verdict(_at(due, today, policy=_rungs(5, 7, 11)))


@case("KB-05")
def _kb_05() -> None:
    # No next date is stored: the file of the day decides.
    old = [invoice(f"old-{i}", date(2012, 5, 31), payments=[paid("1200.00", date(2012, 6, 2))]) for i in range(2)]
    new = invoice("new", date(2012, 6, 2))
    for today, expected in ((date(2012, 6, 6), "expired"), (date(2012, 6, 7), "due")):
        assert {"old-0": "paid", "old-1": "paid", "new": expected} == reasons(
            plan_for([*old, new], [], today, started=BEFORE_ALL)
        )


@case("KB-06")
def _kb_06() -> None:
    several = [invoice("zero", day(-9), "0.00"), invoice("ten", day(-8), "10.00"), invoice("more", day(-7), "100.00")]
    (reminder,) = plan_for(several, [], day(0)).reminders
    assert (["ten", "more"], Decimal("110.00")) == (
        [line.invoice.number for line in reminder.lines],
        sum(line.outstanding for line in reminder.lines),
    )


@case("LG-01")
def _lg_01() -> None:
    # The minimum is that of an invoice, not of a customer.
    policy = EVERY_DAY._replace(minimum=Decimal("50.99"))
    several = [invoice("A", total="50.00"), invoice("B", total="1.00"), invoice("C", total="51.00")]
    assert {"A": "below_minimum", "B": "below_minimum", "C": "due"} == reasons(
        plan_for(several, [], day(20), policy=policy)
    )


@case("LG-02")
def _lg_02() -> None:
    policy = EVERY_DAY._replace(min_gap_days=4)
    assert ["too_soon", "due"] == [_late(40, ("friendly", 40 - n), policy=policy).reason.value for n in (3, 4)]


@case("LG-04")
def _lg_04() -> None:
    none = customer(excluded=True)
    several = [invoice("A", total="50.00", owner=none), invoice("B", total="1.00", owner=none)]
    plan = plan_for(several, [], day(20))
    assert ({"A": "excluded", "B": "excluded"}, ()) == (reasons(plan), plan.reminders)


@case("LG-06")
def _lg_06() -> None:
    several = [invoice("A", total="149.00"), invoice("B", total="6.00")]
    (reminder,) = plan_for(several, [], day(20)).reminders
    assert Decimal("155.00") == sum(line.outstanding for line in reminder.lines)


@case("TR-01")
def _tr_01() -> None:
    assert [None, "friendly"] == [verdict(_late(n, policy=_rungs(5, 20, 40)))[1] for n in (4, 5)]


@case("TR-02")
def _tr_02() -> None:
    assert ("due", "friendly") == verdict(_late(30, policy=_rungs(5, 20, 40)))


@case("TR-04")
def _tr_04() -> None:
    # A release counts as a contact: the stage leaves after seven quiet days.
    about, policy = invoice(), _rungs(5, 20, 40)
    facts: list[Fact] = [reminded(about, "friendly", day(5)), Held(invoice_key(about), HoldReason.DISPUTE, day(6))]
    assert "disputed" == line_for(about, facts, day(30), policy=policy).reason.value
    freed: list[Fact] = [*facts, Released(invoice_key(about), day(30))]
    assert ["too_soon", "due"] == [line_for(about, freed, day(n), policy=policy).reason.value for n in (30, 37)]
    assert ("due", "firm") == verdict(line_for(about, facts[:1], day(30), policy=policy))


@case("TR-06")
def _tr_06() -> None:
    # Whatever was claimed before, the base is the principal.
    for done in ((), (("friendly", 5),), (("friendly", 5), ("firm", 15))):
        found = _late(40, *done, total="100.00").charges
        assert (Decimal("100.00"), Decimal("1.53")) == (found.segments[0].principal, found.interest)


@case("TR-07")
def _tr_07() -> None:
    policy = _rungs(0)
    assert ("due", "friendly") == verdict(_late(0, policy=policy))
    assert ("finished", None) == verdict(_late(1, ("friendly", 0), policy=policy))


@case("MF-02")
def _mf_02() -> None:
    due, policy = date(2012, 2, 1) - timedelta(days=35), _rungs(10, 20, 30)
    done: list[tuple[str, date]] = []
    for today, stage in zip((date(2012, 2, 1), date(2012, 2, 20), date(2012, 3, 1)), RUNGS, strict=True):
        assert DUE_NOW[stage] == verdict(_at(due, today, done, policy=policy))
        done.append((stage, today))


@case("MF-04")
def _mf_04() -> None:
    # A promise is silent to its day included; ours stays so until the third working day after it.
    about, today = invoice(due=date(2012, 1, 10)), date(2012, 2, 1)
    found = []
    for grace in (None, date(2012, 1, 25), date(2012, 1, 31), date(2012, 2, 1), date(2012, 2, 2)):
        held = [Held(invoice_key(about), HoldReason.PROMISE, date(2012, 1, 20), grace)] if grace else []
        found.append(line_for(about, held, today, started=BEFORE_ALL).reason.value)
    assert ["due", "due", "promised", "promised", "promised"] == found


@case("MF-06")
def _mf_06() -> None:
    done, today = [("friendly", date(2013, 1, 1))], date(2013, 1, 10)
    found = [
        _at(date(2012, 12, 1), today, done, policy=EVERY_DAY._replace(min_gap_days=gap)).reason.value for gap in (15, 7)
    ]
    assert ["too_soon", "due"] == found


# MH, WA, SO, FB, KA, DO, AG: smaller peers, FOSSBilling, Dolibarr


@case("MH-01")
def _mh_01() -> None:
    days = (-20, 0, 1, 3, 13, 14, 16, 29, 30, 35, 365)
    expected = [None] * 2 + ["friendly"] * 3 + ["firm"] * 3 + ["formal_notice"] * 3
    found = [_late(n, policy=_rungs(1, 14, 30)) for n in days]
    assert expected == [line.stage.key if line.stage else None for line in found]
    ours = [_late(n).stage for n in days]
    expected = [None, "courtesy", "courtesy", "courtesy", "friendly", "friendly", "firm", "firm"] + [
        "formal_notice"
    ] * 3
    assert expected == [stage.key if stage else None for stage in ours]


@case("MH-02")
def _mh_02() -> None:
    lines = [
        _late(35, payments=[paid("1200.00")]),
        _late(35, status=Status.CANCELLED),
        _late(35, owner=customer(excluded=True)),
    ]
    assert [("hold", "paid"), ("hold", "cancelled"), ("hold", "excluded")] == [
        (line.decision.value, line.reason.value) for line in lines
    ]


@case("MH-03")
def _mh_03() -> None:
    policy = _rungs(1, 14, 30)
    assert ("stage_done", None) == verdict(_late(3, ("friendly", 1), policy=policy))
    assert DUE_NOW["firm"] == verdict(_late(16, ("friendly", 1), policy=policy))
    assert ("finished", None) == verdict(_late(120, ("formal_notice", 30), policy=policy))
    assert DUE_NOW["formal_notice"] == verdict(_late(40, ("friendly", 1), ("firm", 14), policy=policy))
    assert ("stage_done", None) == verdict(_late(20, ("firm", 14), policy=policy))


@case("MH-05")
def _mh_05() -> None:
    # Eight customers, so eight messages.
    several, facts = [invoice(f"F-{i}", owner=customer(f"C{i}")) for i in range(8)], list[Fact]()
    assert [8, 0, 0] == [len(live_a_day(several, facts, day(20), EVERY_DAY, BEFORE_ALL).reminders) for _ in range(3)]
    assert 8 == len(facts)


@case("MH-07")
def _mh_07() -> None:
    # The first run on a backlog asks; nothing leaves until the answer.
    plan = plan_for([invoice(f"F-{i}") for i in range(3)], [], day(40), started=day(40))
    assert ((), {"backlog"}, ["confirm"]) == (
        plan.reminders,
        set(reasons(plan).values()),
        [task.kind for task in plan.tasks],
    )


@case("MH-11")
def _mh_11() -> None:
    # Only a stage with `confirm` waits for a person; there is no ceiling.
    about = invoice(total="5000.00")
    firm = reminded(about, "firm", day(15))
    assert ("due", "firm") == verdict(line_for(about, [reminded(about, "friendly", day(5))], day(40)))
    assert DUE_NOW["formal_notice"] == verdict(line_for(about, [firm], day(40)))
    assert ("due", "formal_notice") == verdict(line_for(about, [firm, approved(about, day(40))], day(40)))


@case("MH-13")
def _mh_13() -> None:
    # Sources mark a status they do not know as unclear; it is never read as unpaid.
    lines = [_late(20, status=Status.UNCLEAR, total="500.00"), _late(20, total="0.00"), _late(20, total="200.00")]
    assert ["unclear", "paid", "due"] == [line.reason.value for line in lines]


@case("MH-14")
def _mh_14() -> None:
    several, facts = [invoice(f"F-{i}", due=day(3 * i)) for i in range(8)], [reminded(invoice("F-0"), "firm", day(15))]
    assert plan_for(several, facts, day(30)) == plan_for(several, facts, day(30))


@case("WA-04")
def _wa_04() -> None:
    # Sources read a blank address as none.
    assert ("no_address", "friendly") == verdict(_late(20, owner=customer(emails=())))


@case("SO-03")
def _so_03() -> None:
    no_courtesy = _policy(friendly=5, firm=15, formal_notice=30)
    lines = [
        _late(20, payments=[paid("1200.00")]),
        _late(20, owner=customer(emails=())),
        _late(20, owner=customer(excluded=True)),
        _late(-3, policy=no_courtesy),
    ]
    assert ["paid", "no_address", "excluded", "not_due"] == [line.reason.value for line in lines]


@case("FB-05")
def _fb_05() -> None:
    assert [("friendly", 5), ("firm", 15)] == _sends([invoice()], range(20), EVERY_DAY, runs=4)


@case("KA-02")
def _ka_02() -> None:
    due, settled = date(2016, 9, 22), [paid("540080.00", date(2017, 8, 12))]
    found = [
        _at(due, today, total="540080.00", payments=settled).reason.value
        for today in (date(2016, 10, 22), date(2017, 7, 22), date(2017, 8, 22))
    ]
    assert ["due", "due", "paid"] == found


@case("DO-01")
def _do_01() -> None:
    several = [invoice(f"F-{i}", owner=customer(f"C{i}")) for i in range(4)]
    several[1] = several[1]._replace(status=Status.UNCLEAR)
    plan = plan_for(several, [], day(20))
    assert ["F-0", "F-2", "F-3"] == sorted(line.invoice.number for r in plan.reminders for line in r.lines)


@case("DO-02")
def _do_02() -> None:
    policy = _policy(courtesy=-60, friendly=60)
    for n, expected in ((-61, None), (-60, "courtesy"), (59, None), (60, "friendly")):
        assert expected == verdict(_late(n, policy=policy, terms=90))[1]


@case("DO-03")
def _do_03() -> None:
    # Reached, not equal: each later day will do, once.
    for n in (5, 6, 9, 14):
        assert ("due", "friendly") == verdict(_late(n))
    for n in (-5, -4, -1):
        assert ("due", "courtesy") == verdict(_late(n))


@case("AG-02")
def _ag_02() -> None:
    settled = [paid("1200.00", date(2020, 6, 30))]
    lines = [
        _at(date(2020, 4, 30), today, terms=0, payments=settled) for today in (date(2020, 5, 31), date(2020, 6, 30))
    ]
    assert [(Decimal("1200.00"), "due"), (Decimal("0.00"), "paid")] == [
        (line.outstanding, line.reason.value) for line in lines
    ]


@pytest.mark.parametrize("identity", list(CASES))
def test_case_of_a_peer(identity: str) -> None:
    """A case of the file, with our stages."""
    CASES[identity]()


def test_every_case_is_here_or_left_out_with_a_reason() -> None:
    """No id of the file is forgotten, none is invented, none is in both."""
    if not FILE.exists():
        pytest.skip("shared/cases/stages.json is not beside this checkout: its ids cannot be compared")
    known = [entry["id"] for entry in json.loads(FILE.read_text("utf-8"))["cases"]]
    assert 72 == len(known)
    assert set(known) == set(CASES) | set(LEFT_OUT)
    assert set() == set(CASES) & set(LEFT_OUT)
