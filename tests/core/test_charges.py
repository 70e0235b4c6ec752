"""Interest and recovery fee: known figures, when they run, on what, and for whom."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from core_support import DUE, day, invoice, paid

from relance.core.charges import NO_CHARGES, Charges, Grounds, Imputed, charges, to_cents
from relance.core.interest import DEFAULT_RATE, Basis, Imputation, InterestTerms, Rate, agreed, bounded, read_rate
from relance.core.invoice import ZERO, Invoice, Kind, Payment
from relance.core.reference_rates import REFERENCE_RATES, ReferenceRate, half_years

TERMS = InterestTerms()
ECB_10 = InterestTerms(DEFAULT_RATE)


def _at(rate: str, fee: str = "40.00") -> InterestTerms:
    return InterestTerms(Rate(Basis.FIXED, Decimal(rate)), Decimal(fee))


def _charges(about: Invoice, days: int, terms: InterestTerms = TERMS, kind: Kind | None = Kind.BUSINESS) -> Charges:
    return charges(about, Grounds(day(days), terms, kind))


# Known figures


@pytest.mark.parametrize(
    ("total", "days", "rate", "fee", "interest", "claimed"),
    [
        ("1200.00", 15, "14", "40.00", "6.90", "1246.90"),
        ("100.00", 15, "10", "10.00", "0.41", "110.41"),
        ("100.00", 20, "14", "40.00", "0.77", "140.77"),
        ("100.00", 15, "14", "40.00", "0.58", "140.58"),
        ("100.00", 20, "0", "0.00", "0.00", "100.00"),
        ("10000.00", 365, "10", "40.00", "1000.00", "11040.00"),
        ("10000.00", 366, "10", "40.00", "1002.74", "11042.74"),  # 365 also over a leap year
        ("36.50", 1, "5", "0.00", "0.01", "36.51"),  # 0.005 exactly: half-up, not half-even
        ("109.50", 1, "5", "0.00", "0.02", "109.52"),  # 0.015
        ("182.50", 1, "5", "0.00", "0.03", "182.53"),  # 0.025: half-even would say 0.02
    ],
)
def test_known_figures(total: str, days: int, rate: str, fee: str, interest: str, claimed: str) -> None:
    """Amount with VAT, times rate, times days, over 365, half-up to the cent."""
    found = _charges(invoice(total=total), days, _at(rate, fee))
    assert (Decimal(interest), Decimal(fee), Decimal(claimed)) == (found.interest, found.recovery_fee, found.claimed)


def test_a_part_payment_cuts_the_delay() -> None:
    """law.md 2: 10,000 at 10 %, 4,000 paid after 181 days, then 184 days: 798.36, principal first."""
    about = invoice(total="10000.00", due=date(2025, 1, 1), payments=[paid("4000.00", date(2025, 7, 1))])
    found = charges(about, Grounds(date(2026, 1, 1), _at("10"), Kind.BUSINESS))
    expected = (
        (date(2025, 1, 2), date(2025, 7, 1), 181, Decimal("10000.00"), Decimal("495.89")),
        (date(2025, 7, 2), date(2026, 1, 1), 184, Decimal("6000.00"), Decimal("302.47")),
    )
    assert expected == tuple((s.first, s.last, s.days, s.principal, s.interest) for s in found.segments)
    assert (Decimal("798.36"), Decimal("6838.36")) == (found.interest, found.claimed)


# When, on what, and for whom


@pytest.mark.parametrize("days", [-400, -1, 0])
def test_nothing_until_the_due_date(days: int) -> None:
    """Charges start the day after the due date."""
    assert Charges((), Decimal(0), Decimal(0), Decimal(0)) == _charges(invoice(), days)


def test_the_first_late_day_costs_one_day_and_the_whole_fee() -> None:
    """Due date excluded, today included; the fee is due at once, and once."""
    (segment,) = _charges(invoice(), 1).segments
    assert (day(1), day(1), 1) == (segment.first, segment.last, segment.days)
    assert {Decimal("40.00")} == {_charges(invoice(), n).recovery_fee for n in (1, 15, 400)}


def test_week_ends_and_holidays_cost_like_other_days() -> None:
    """Calendar days: a due date on a Saturday is not moved."""
    about = invoice(due=date(2026, 5, 2))
    assert 2 == charges(about, Grounds(date(2026, 5, 4), TERMS, Kind.BUSINESS)).segments[0].days


@pytest.mark.parametrize(("kind", "fee"), [(Kind.BUSINESS, "40.00"), (None, "40.00"), (Kind.CONSUMER, "0.00")])
def test_who_owes_charges(kind: Kind | None, fee: str) -> None:
    """A consumer owes neither; a customer of unknown kind is computed as a business."""
    found = _charges(invoice(), 15, kind=kind)
    assert Decimal(fee) == found.recovery_fee
    assert (Decimal("1200.00") if kind is Kind.CONSUMER else Decimal("1246.90")) == found.claimed
    assert (kind is Kind.CONSUMER) is (found.interest == 0)


@pytest.mark.parametrize("currency", ["USD", "GBP", "CHF"])
def test_the_fee_stays_apart_from_another_currency(currency: str) -> None:
    """Forty EUR are not forty USD; interest has the currency of its invoice."""
    found = _charges(invoice(currency=currency), 15)
    assert (Decimal("6.90"), Decimal(0), Decimal("1206.90")) == (found.interest, found.recovery_fee, found.claimed)
    assert (Decimal("40.00"), ZERO) == (found.fee_apart, _charges(invoice(), 15).fee_apart)


@pytest.mark.parametrize("on", [None, day(-3), DUE])
def test_a_payment_by_the_due_date_lowers_the_principal_from_the_start(on: date | None) -> None:
    """A payment without a date counts as made by the due date."""
    (segment,) = _charges(invoice(payments=[paid("700.00", on)]), 15).segments
    assert (15, Decimal("500.00"), Decimal("2.88")) == (segment.days, segment.principal, segment.interest)


def test_the_day_of_payment_is_counted() -> None:
    """Interest on the full amount to the payment day, on the rest from the next day."""
    found = _charges(invoice(payments=[paid("700.00", day(10))]), 15)
    assert [(10, Decimal("1200.00")), (5, Decimal("500.00"))] == [(s.days, s.principal) for s in found.segments]
    on_the_day = _charges(invoice(payments=[paid("700.00", day(10))]), 10)
    assert [(10, Decimal("1200.00"))] == [(s.days, s.principal) for s in on_the_day.segments]
    assert Decimal("500.00") + on_the_day.interest + 40 == on_the_day.claimed


def test_two_payments_on_one_day_make_one_cut() -> None:
    """No segment of no days."""
    found = _charges(invoice(payments=[paid("100.00", day(5)), paid("200.00", day(5))]), 9)
    assert [(5, Decimal("1200.00")), (4, Decimal("900.00"))] == [(s.days, s.principal) for s in found.segments]


def test_a_payment_of_a_later_day_does_not_count_yet() -> None:
    """A replay in the past sees what was known to be owed then."""
    assert _charges(invoice(), 15) == _charges(invoice(payments=[paid("700.00", day(16))]), 15)


@pytest.mark.parametrize("early", [paid("1200.00", DUE), paid("1300.00", day(-2)), paid("1200.00")])
def test_nothing_where_all_was_paid_in_time(early: Payment) -> None:
    """No day of lateness: nothing at all, whatever the day."""
    assert NO_CHARGES == _charges(invoice(payments=[early]), 30)


@pytest.mark.parametrize(
    ("payments", "interest", "claimed"),
    [
        ([paid("1200.00", day(10))], "4.60", "44.60"),
        ([paid("1244.60", day(10))], "4.60", "0.00"),
        ([paid("1300.00", day(10))], "4.60", "0.00"),
        ([paid("700.00", day(10)), paid("500.00", day(20))], "6.52", "46.52"),
    ],
)
def test_what_was_paid_late_still_cost_something(payments: list[Payment], interest: str, claimed: str) -> None:
    """Interest stops with the last payment, and what was paid beyond the invoice counts against both."""
    found = _charges(invoice(payments=payments), 300)
    assert (Decimal(interest), Decimal(claimed), ZERO) == (found.interest, found.claimed, found.daily)


def test_the_fee_is_whole_after_a_part_payment() -> None:
    """Part payments do not share it out; each late invoice has its own."""
    assert Decimal("40.00") == _charges(invoice(payments=[paid("1199.00", day(3))]), 9).recovery_fee


def test_charges_are_never_in_the_base() -> None:
    """Simple interest: the principal of each day is what is left of the invoice."""
    found = _charges(invoice(payments=[paid("1.00", day(300))]), 900)
    assert [Decimal("1200.00"), Decimal("1199.00")] == [segment.principal for segment in found.segments]


@pytest.mark.parametrize(
    ("amount", "expected"), [("0.005", "0.01"), ("0.0049", "0.00"), ("0.015", "0.02"), ("2.675", "2.68"), ("3", "3.00")]
)
def test_half_up_to_the_cent(amount: str, expected: str) -> None:
    """Decimal rounds half to even unless told otherwise."""
    assert Decimal(expected) == to_cents(Decimal(amount))


# Rates


def test_each_late_day_bears_the_rate_of_its_own_half_year() -> None:
    """law.md 2: 10,000 EUR due 1 May 2026, as of 1 September, ECB + 10: 60 days at 12.15, 63 at 12.40."""
    found = charges(invoice(total="10000.00", due=date(2026, 5, 1)), Grounds(date(2026, 9, 1), ECB_10, Kind.BUSINESS))
    expected = [
        (date(2026, 5, 2), date(2026, 6, 30), 60, Decimal("12.15"), Decimal("199.73"), "2026-S1", Decimal("2.15")),
        (date(2026, 7, 1), date(2026, 9, 1), 63, Decimal("12.40"), Decimal("214.03"), "2026-S2", Decimal("2.40")),
    ]
    assert expected == [(s.first, s.last, s.days, s.rate, s.interest, s.half, s.reference) for s in found.segments]
    assert (Decimal("413.76"), Decimal("10453.76")) == (found.interest, found.claimed)


def test_a_debt_due_on_30_june_begins_in_the_second_half() -> None:
    """Its first late day is 1 July; the days of a year stay 365 whatever the half-year."""
    found = charges(invoice(due=date(2026, 6, 30)), Grounds(date(2026, 7, 1), ECB_10, Kind.BUSINESS))
    assert [(date(2026, 7, 1), 1, Decimal("12.40"))] == [(s.first, s.days, s.rate) for s in found.segments]


def test_a_fixed_rate_is_not_cut_by_half_years() -> None:
    """A clause of 12 % stays fixed over the whole delay, and needs no table."""
    terms = InterestTerms(Rate(Basis.FIXED, Decimal(12)), rates={})
    (segment,) = charges(invoice(due=date(2015, 3, 1)), Grounds(date(2035, 3, 1), terms, None)).segments
    assert (Decimal(12), "", None) == (segment.rate, segment.half, segment.reference)


@pytest.mark.parametrize(
    ("rate", "rates", "interest"),
    [
        (Rate(Basis.LEGAL, Decimal(3)), ["7.86", "8.25"], "271.61"),
        (Rate(Basis.ECB, Decimal("8.5")), ["10.65", "10.90"], "363.21"),
        (Rate(Basis.DAILY, Decimal("0.05")), ["18.25"], "615.00"),
    ],
)
def test_other_rates(rate: Rate, rates: list[str], interest: str) -> None:
    """Three times the legal rate moves with it; 0.05 % a day on 10,000 is 5 EUR a day, 123 days long."""
    found = charges(
        invoice(total="10000.00", due=date(2026, 5, 1)), Grounds(date(2026, 9, 1), InterestTerms(rate), None)
    )
    assert [Decimal(each) for each in rates] == [segment.rate for segment in found.segments]
    assert Decimal(interest) == found.interest


def test_a_public_body_keeps_the_rate_it_began_with() -> None:
    """R2192-31 CCP: 1,850 EUR due 16 May 2026, as of 30 June: 23.15; the same 10.15 % still in September."""
    about = invoice(total="1850.00", due=date(2026, 5, 16))
    assert Decimal("23.15") == charges(about, Grounds(date(2026, 6, 30), TERMS, Kind.PUBLIC)).interest
    later = charges(about, Grounds(date(2026, 9, 30), TERMS, Kind.PUBLIC))
    assert [(137, Decimal("10.15"), "2026-S1")] == [(s.days, s.rate, s.half) for s in later.segments]
    assert Decimal("40.00") == later.recovery_fee


@pytest.mark.parametrize(("day_due", "rate"), [(29, "10.15"), (30, "10.40")])
def test_the_half_year_in_which_interest_begins(day_due: int, rate: str) -> None:
    """It begins the day after the due date: due on 30 June is the second half."""
    found = charges(invoice(due=date(2026, 6, day_due)), Grounds(date(2026, 7, 20), TERMS, Kind.PUBLIC))
    assert [Decimal(rate)] == [segment.rate for segment in found.segments]


@pytest.mark.parametrize(
    ("terms", "kind", "as_of", "missing"),
    [
        (ECB_10, Kind.BUSINESS, date(2027, 1, 1), ("2027-S1",)),
        (ECB_10, None, date(2028, 2, 1), ("2027-S1", "2027-S2", "2028-S1")),
        (InterestTerms(Rate(Basis.LEGAL, Decimal(3))), Kind.BUSINESS, date(2027, 6, 30), ("2027-S1",)),
        (ECB_10, Kind.BUSINESS, date(2026, 12, 31), ()),
        (TERMS, Kind.PUBLIC, date(2030, 1, 1), ()),
        (TERMS, Kind.BUSINESS, date(2030, 1, 1), ()),
    ],
)
def test_a_half_year_that_nobody_told(
    terms: InterestTerms, kind: Kind | None, as_of: date, missing: tuple[str, ...]
) -> None:
    """It is named, and interest stops before it: never the last known rate; the fee is due all the same."""
    about = invoice(due=date(2026, 12, 1))
    found = charges(about, Grounds(as_of, terms, kind))
    assert missing == found.missing
    assert Decimal("40.00") == found.recovery_fee
    if missing:
        known = charges(about, Grounds(date(2026, 12, 31), terms, kind))
        assert (known.segments, date(2026, 12, 31), ZERO) == (found.segments, found.stopped, found.daily)


def test_a_half_year_told_by_halves() -> None:
    """An ECB rate alone serves ECB + 10, not three times the legal rate."""
    rates = {**REFERENCE_RATES, "2027-S1": ReferenceRate(Decimal("2.65"), None, "told")}
    about, as_of = invoice(due=date(2026, 12, 31)), date(2027, 1, 1)
    assert [Decimal("12.65")] == [
        s.rate for s in charges(about, Grounds(as_of, ECB_10._replace(rates=rates), None)).segments
    ]
    legal = InterestTerms(Rate(Basis.LEGAL, Decimal(3)), rates=rates)
    assert ("2027-S1",) == charges(about, Grounds(as_of, legal, None)).missing


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("14.0", Rate(Basis.FIXED, Decimal("14.0"))),
        (" 14,5 % ", Rate(Basis.FIXED, Decimal("14.5"))),
        ("ecb+10", Rate(Basis.ECB, Decimal(10))),
        ("BCE + 8", Rate(Basis.ECB, Decimal(8))),
        ("legal*3", Rate(Basis.LEGAL, Decimal(3))),
        ("0.05/day", Rate(Basis.DAILY, Decimal("0.05"))),
        ("0.05%/JOUR", Rate(Basis.DAILY, Decimal("0.05"))),
        *(
            (text, None)
            for text in ("", "x", "-1", "101", "ecb-1", "ecb", "ecb+101", "legal*21", "1.1/day", "1e3", "nan")
        ),
        ("100", Rate(Basis.FIXED, Decimal(100))),
        ("1/day", Rate(Basis.DAILY, Decimal(1))),
        ("legal*20", Rate(Basis.LEGAL, Decimal(20))),
        ("ecb+100", Rate(Basis.ECB, Decimal(100))),
    ],
)
def test_rates_as_written(text: str, rate: Rate | None) -> None:
    """What a setting or an option may say, and what it may not."""
    assert rate == read_rate(text)


def test_a_rate_out_of_bounds() -> None:
    """Under 0 is no rate; minus nothing is nothing."""
    assert bounded(Rate(Basis.FIXED, Decimal("-0.01"))) is None
    nothing = bounded(Rate(Basis.FIXED, Decimal("-0.0")))
    assert nothing is not None
    assert "0.0" == str(nothing.value)


@pytest.mark.parametrize(
    ("on", "half", "end"),
    [
        (date(2026, 1, 1), "2026-S1", date(2026, 6, 30)),
        (date(2026, 6, 30), "2026-S1", date(2026, 6, 30)),
        (date(2026, 7, 1), "2026-S2", date(2026, 12, 31)),
        (date(2024, 12, 31), "2024-S2", date(2024, 12, 31)),
    ],
)
def test_half_years(on: date, half: str, end: date) -> None:
    """January to June, July to December."""
    assert (half, end) == next(half_years(on, date.max))


def test_the_rates_of_the_package_are_those_of_the_table() -> None:
    """Digit for digit those of shared/reference_rates.csv, unverified where it says so, each with a source."""
    path = Path(__file__).parents[3] / "shared" / "reference_rates.csv"
    if not path.exists():
        pytest.skip("shared/reference_rates.csv is not beside this checkout")
    with path.open(encoding="utf-8") as file:
        rows = {r["half_year"]: r for r in csv.DictReader(file)}
    told = {half: (r["ecb_rate"], r["legal_rate_pro"], r["verified"] == "yes") for half, r in rows.items()}
    assert told == {half: (str(r.ecb), str(r.legal), r.verified) for half, r in REFERENCE_RATES.items()}
    assert all(r.source for r in REFERENCE_RATES.values())
    assert "2027-S1" not in REFERENCE_RATES


# Consumers, insolvency, imputation, fees


@pytest.mark.parametrize(
    ("notice", "as_of", "days", "interest"),
    [
        (None, 100, [], "0.00"),
        (day(30), 30, [], "0.00"),
        (day(30), 31, [1], "0.09"),
        (day(30), 130, [90, 10], "8.65"),
        (day(-5), 10, [10], "0.86"),
    ],
)
def test_a_consumer_owes_the_legal_rate_after_a_formal_notice(
    notice: date | None, as_of: int, days: list[int], interest: str
) -> None:
    """1231-6 C. civ.: from the day after the notice (2.62 %, then 2.75 %), never before the due date; no fee."""
    found = charges(invoice(), Grounds(day(as_of), TERMS, Kind.CONSUMER, notice=notice))
    assert (days, Decimal(interest), ZERO) == ([s.days for s in found.segments], found.interest, found.recovery_fee)
    assert Decimal("1200.00") + found.interest == found.claimed


def test_a_consumer_who_paid_before_the_notice_owes_no_interest_on_it() -> None:
    """The principal is what is left on the day of the notice."""
    about = invoice(payments=[paid("700.00", day(20)), paid("100.00", day(40))])
    found = charges(about, Grounds(day(50), TERMS, Kind.CONSUMER, notice=day(30)))
    assert [(10, Decimal("500.00")), (10, Decimal("400.00"))] == [(s.days, s.principal) for s in found.segments]


@pytest.mark.parametrize(
    ("opened", "days", "fee"), [(11, 10, "40.00"), (1, 0, "40.00"), (0, 0, "0.00"), (-3, 0, "0.00"), (99, 20, "40.00")]
)
def test_insolvency_stops_interest_and_may_forbid_the_fee(opened: int, days: int, fee: str) -> None:
    """L622-28: to the day before the judgment; L441-10 II: no fee where it forbids paying at the due date."""
    found = charges(invoice(), Grounds(day(20), TERMS, Kind.BUSINESS, insolvent=day(opened)))
    assert (days, Decimal(fee)) == (sum(s.days for s in found.segments), found.recovery_fee)
    assert (found.daily > 0) is (opened == 99)


def test_a_payment_after_the_judgment_lowers_what_is_claimed() -> None:
    """No interest runs any more, but what was received was received."""
    about = invoice(payments=[paid("200.00", day(15))])
    found = charges(about, Grounds(day(20), TERMS, Kind.BUSINESS, insolvent=day(11)))
    assert [(10, Decimal("1200.00"))] == [(s.days, s.principal) for s in found.segments]
    assert Decimal("1000.00") + found.interest + 40 == found.claimed


def test_interest_first() -> None:
    """1343-1 C. civ., law.md 2: 10,000 at 10 %, 4,000 after 181 days: 495.89, then 327.46 on 6,495.89."""
    about = invoice(total="10000.00", due=date(2025, 1, 1), payments=[paid("4000.00", date(2025, 7, 1))])
    terms = _at("10")._replace(imputation=Imputation.INTEREST)
    found = charges(about, Grounds(date(2026, 1, 1), terms, Kind.BUSINESS))
    assert [(Decimal("10000.00"), Decimal("495.89")), (Decimal("6495.89"), Decimal("327.46"))] == [
        (s.principal, s.interest) for s in found.segments
    ]
    assert (Decimal("823.35"), Decimal("6863.35")) == (found.interest, found.claimed)
    assert (Imputed(date(2025, 7, 1), Decimal("4000.00"), Decimal("495.89")),) == found.imputed


def test_interest_first_takes_no_more_than_has_run() -> None:
    """A small payment pays interest alone, the next one what is left of it; a credit note lowers the principal."""
    payments = [
        paid("2.00", day(10)),
        paid("5.00", day(10)),
        Payment(Decimal("100.00"), day(10), "AV-1"),
        paid("-1.00", day(12)),
    ]
    found = _charges(invoice(payments=payments), 15, TERMS._replace(imputation=Imputation.INTEREST))
    assert [("2.00", "2.00"), ("5.00", "2.22")] == [(str(p.amount), str(p.to_interest)) for p in found.imputed]
    assert ["1100.00", "1097.22", "1098.22"] == [str(s.principal) for s in found.segments]


def test_small_sums_count_too() -> None:
    """Half a EUR bears interest, and half a EUR paid pays interest first."""
    assert Decimal("0.40") == _charges(invoice(total="1.00"), 365, _at("40")).interest
    terms = TERMS._replace(imputation=Imputation.INTEREST)
    found = _charges(invoice(payments=[paid("0.50", day(10))]), 15, terms)
    assert [("0.50", "0.50")] == [(str(p.amount), str(p.to_interest)) for p in found.imputed]
    assert ["1200.00", "1200.00"] == [str(s.principal) for s in found.segments]


def test_what_a_consumer_owes_the_next_day() -> None:
    """At the legal rate of the next day's half-year: 1,200 at 2.75 % a year on 1 July."""
    found = charges(invoice(), Grounds(date(2026, 6, 30), TERMS, Kind.CONSUMER, notice=day(3)))
    assert Decimal("0.0904") == found.daily.quantize(Decimal("0.0001"))


@pytest.mark.parametrize(
    ("rebate", "segments"),
    [(False, [(15, "500.00")]), (True, [(10, "1200.00"), (5, "500.00")])],
)
def test_a_correction_counts_from_the_due_date_a_rebate_from_its_day(
    rebate: bool, segments: list[tuple[int, str]]
) -> None:
    """What was billed wrongly was never owed; what is given later was owed until then."""
    credit = Payment(Decimal("700.00"), day(10), "AV-1", rebate=rebate)
    found = _charges(invoice(payments=[credit]), 15)
    assert segments == [(s.days, str(s.principal)) for s in found.segments]


def test_a_correction_that_is_to_come_counts_on_its_day() -> None:
    """Until then nobody knows of it; one of all that was billed leaves no charges at all."""
    later = invoice(payments=[Payment(Decimal("700.00"), day(20), "AV-1")])
    assert ["1200.00"] == [str(s.principal) for s in _charges(later, 15).segments]
    whole = invoice(payments=[Payment(Decimal("1200.00"), day(10), "AV-1")])
    assert ((), ZERO) == (_charges(whole, 15).segments, _charges(whole, 15).recovery_fee)


def test_a_payment_that_came_back() -> None:
    """A negative payment owes again from the next day on; nothing ran while all was paid."""
    found = _charges(invoice(payments=[paid("1200.00", day(5)), paid("-1200.00", day(8))]), 10)
    assert [(1, 5), (9, 2)] == [((s.first - DUE).days, s.days) for s in found.segments]


@pytest.mark.parametrize(("real", "fee"), [("0.00", "40.00"), ("39.99", "40.00"), ("95.50", "95.50")])
def test_proven_costs_take_the_place_of_the_fee(real: str, fee: str) -> None:
    """L441-10 II: more than the flat fee on proof only, never both."""
    terms = TERMS._replace(real_costs=Decimal(real))
    assert Decimal(fee) == _charges(invoice(), 15, terms).recovery_fee
    assert ZERO == _charges(invoice(), 15, terms, Kind.CONSUMER).recovery_fee


@pytest.mark.parametrize(
    ("terms", "kind", "due", "as_of", "daily"),
    [
        (TERMS, None, DUE, day(10), "0.4603"),
        (ECB_10, None, date(2026, 5, 1), date(2026, 6, 29), "0.3995"),
        (ECB_10, None, date(2026, 5, 1), date(2026, 6, 30), "0.4077"),
        (ECB_10, None, date(2026, 5, 1), date(2026, 12, 31), "0.0000"),
        (TERMS, Kind.PUBLIC, date(2026, 5, 1), date(2026, 6, 30), "0.3337"),
        (TERMS, Kind.CONSUMER, DUE, day(10), "0.0000"),
    ],
)
def test_what_the_next_day_adds(terms: InterestTerms, kind: Kind | None, due: date, as_of: date, daily: str) -> None:
    """At the rate of the next day; nothing is told where that is not known, or nothing runs."""
    found = charges(invoice(due=due), Grounds(as_of, terms, kind))
    assert Decimal(daily) == found.daily.quantize(Decimal("0.0001"))


def test_a_payment_of_the_day_lowers_what_the_next_day_adds() -> None:
    """The day of a payment bears interest on all, the next one on the rest."""
    found = _charges(invoice(payments=[paid("700.00", day(10))]), 10)
    assert Decimal("0.1918") == found.daily.quantize(Decimal("0.0001"))


def test_three_half_years_and_two_payments() -> None:
    """Each half-year has its own rate, and interest first takes all that has run by then."""
    payments = [paid("100.00", date(2025, 3, 1)), paid("900.00", date(2026, 2, 1))]
    about = invoice(total="10000.00", due=date(2024, 12, 31), payments=payments)
    found = charges(about, Grounds(date(2026, 2, 1), ECB_10._replace(imputation=Imputation.INTEREST), None))
    assert ["13.15", "13.15", "12.15", "12.15"] == [str(s.rate) for s in found.segments]
    ran = sum((s.interest for s in found.segments), ZERO)
    assert [Decimal("100.00"), Decimal("900.00")] == [p.to_interest for p in found.imputed]
    assert {Decimal("10000.00")} == {s.principal for s in found.segments}
    assert ran > 1000


def test_the_kind_whose_law_was_applied() -> None:
    """A customer of unknown kind is computed as a business."""
    assert [Kind.BUSINESS, *Kind] == [_charges(invoice(), 15, kind=kind).kind for kind in (None, *Kind)]


def test_terms_of_one_customer() -> None:
    """Nothing of his own: those of everybody, as they are."""
    assert TERMS is agreed(None, TERMS)
