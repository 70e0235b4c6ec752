"""Interest and recovery fee: known figures, an oracle that counts day by day in fractions, and laws of it."""

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from core_support import DUE, customer, day, invoice, paid
from hypothesis import given
from hypothesis import strategies as st

from relance.core.charges import Charges, charges, to_cents
from relance.core.invoice import Invoice, Kind, Payment
from relance.core.policy import InterestTerms

TERMS = InterestTerms()
CENT = Decimal("0.01")


def _at(rate: str, fee: str = "40.00") -> InterestTerms:
    return InterestTerms(rate=Decimal(rate), recovery_fee=Decimal(fee))


def _charges(about: Invoice, days: int, terms: InterestTerms = TERMS, kind: Kind | None = Kind.BUSINESS) -> Charges:
    return charges(about, terms, kind, day(days))


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
    found = charges(about, _at("10"), Kind.BUSINESS, date(2026, 1, 1))
    expected = (
        (date(2025, 1, 2), date(2025, 7, 1), 181, Decimal("10000.00"), Decimal("495.89")),
        (date(2025, 7, 2), date(2026, 1, 1), 184, Decimal("6000.00"), Decimal("302.47")),
    )
    assert expected == tuple((s.first, s.last, s.days, s.principal, s.interest) for s in found.segments)
    assert (Decimal("798.36"), Decimal("6838.36")) == (found.interest, found.claimed)


def test_the_published_examples() -> None:
    """Each single-rate example of cases/penalties.json gives its figure recomputed in our convention."""
    path = Path(__file__).parents[2] / "shared" / "cases" / "penalties.json"
    if not path.exists():
        pytest.skip("shared/cases/penalties.json is not beside this checkout")
    cases = [case for case in json.loads(path.read_text("utf-8")) if case.get("amount") and case["days"]]
    expected = [(case["source"], Decimal(case["recomputed"])) for case in cases]
    found = [
        (case["source"], _charges(invoice(total=case["amount"]), case["days"], _at(case["rate_percent"])).interest)
        for case in cases
    ]
    assert len(cases) >= 15
    assert expected == found


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
    assert 2 == charges(about, TERMS, Kind.BUSINESS, date(2026, 5, 4)).segments[0].days


@pytest.mark.parametrize(("kind", "fee"), [(Kind.BUSINESS, "40.00"), (None, "40.00"), (Kind.CONSUMER, "0.00")])
def test_who_owes_charges(kind: Kind | None, fee: str) -> None:
    """A consumer owes neither; a customer of unknown kind is computed as a business."""
    found = _charges(invoice(), 15, kind=kind)
    assert Decimal(fee) == found.recovery_fee
    assert (Decimal("1200.00") if kind is Kind.CONSUMER else Decimal("1246.90")) == found.claimed
    assert (kind is Kind.CONSUMER) is (found.interest == 0)


@pytest.mark.parametrize("currency", ["USD", "GBP", "CHF"])
def test_the_fee_is_not_added_to_another_currency(currency: str) -> None:
    """Forty EUR are not forty USD; interest has the currency of its invoice."""
    found = _charges(invoice(currency=currency), 15)
    assert (Decimal("6.90"), Decimal(0), Decimal("1206.90")) == (found.interest, found.recovery_fee, found.claimed)


@pytest.mark.parametrize("on", [None, day(-3), DUE])
def test_a_payment_by_the_due_date_lowers_the_principal_from_the_start(on: date | None) -> None:
    """A payment without a date counts as made by the due date."""
    (segment,) = _charges(invoice(payments=[paid("700.00", on)]), 15).segments
    assert Decimal("500.00") == segment.principal


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


@pytest.mark.parametrize("late", [paid("1200.00", day(10)), paid("1300.00", day(10)), paid("1200.00")])
def test_nothing_once_nothing_is_outstanding(late: Payment) -> None:
    """Paid in full, on time or late: the file is closed."""
    assert Decimal(0) == _charges(invoice(payments=[late]), 30).claimed


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


# Laws

AMOUNTS = st.decimals(min_value="0.01", max_value="200000", places=2, allow_nan=False)
RATES = st.decimals(min_value="0", max_value="40", places=2, allow_nan=False)
LATE = st.integers(min_value=-30, max_value=1500)
PAYMENTS = st.lists(
    st.builds(
        Payment,
        st.decimals(min_value="0.01", max_value="60000", places=2, allow_nan=False),
        st.one_of(st.none(), st.integers(min_value=-20, max_value=1500).map(day)),
    ),
    max_size=5,
)


def _half_up(exact: Fraction) -> Fraction:
    """To the cent, a half going up: amounts here are never negative."""
    return Fraction(int(exact * 100 + Fraction(1, 2)), 100)


def _oracle(about: Invoice, rate: Decimal, as_of: date) -> Fraction:
    """Interest by counting each day at its own principal, rounded once per run of days between payments."""
    owed = Fraction(about.total)
    if owed <= sum(p.amount for p in about.payments if p.on is None or p.on <= as_of):
        return Fraction(0)
    total, run, today = Fraction(0), Fraction(0), about.due_date + timedelta(days=1)
    while today <= as_of:
        left = owed - sum(Fraction(p.amount) for p in about.payments if p.on is None or p.on < today)
        run += max(left, Fraction(0)) * Fraction(rate) / 36500
        if any(p.on == today for p in about.payments):
            total, run = total + _half_up(run), Fraction(0)
        today += timedelta(days=1)
    return total + _half_up(run)


@given(AMOUNTS, RATES, LATE, PAYMENTS)
def test_interest_agrees_with_counting_day_by_day(
    total: Decimal, rate: Decimal, days: int, payments: list[Payment]
) -> None:
    """To the cent, whatever was paid and when."""
    about = invoice()._replace(total=total, payments=tuple(payments))
    found = _charges(about, days, _at(str(rate)))
    assert _oracle(about, rate, day(days)) == Fraction(found.interest)


@given(AMOUNTS, RATES, LATE, PAYMENTS)
def test_what_always_holds(total: Decimal, rate: Decimal, days: int, payments: list[Payment]) -> None:
    """Never negative, the sum of its segments, whole cents, and Decimal throughout."""
    about = invoice()._replace(total=total, payments=tuple(payments))
    found = _charges(about, days, _at(str(rate)))
    for amount in (found.interest, found.recovery_fee, found.claimed):
        assert type(amount) is Decimal
        assert amount >= 0
        assert amount == amount.quantize(CENT)
    assert found.interest == sum(segment.interest for segment in found.segments)
    for segment in found.segments:
        kinds = {name: type(value) for name, value in segment._asdict().items()}
        assert {Decimal} == {kinds["principal"], kinds["rate"], kinds["interest"]}
        assert segment.days == (segment.last - segment.first).days + 1 > 0
    edges = [segment.first for segment in found.segments]
    assert sorted(set(edges)) == edges


@given(AMOUNTS, RATES, st.integers(min_value=0, max_value=1500), PAYMENTS)
def test_charges_grow_with_time(total: Decimal, rate: Decimal, days: int, payments: list[Payment]) -> None:
    """A day more never costs less, as long as something is owed."""
    about = invoice()._replace(total=total, payments=tuple(payments))
    today, tomorrow = (_charges(about, n, _at(str(rate))) for n in (days, days + 1))
    assert tomorrow.claimed == 0 or tomorrow.interest >= today.interest


@given(AMOUNTS, RATES, st.integers(min_value=2, max_value=1000), st.data())
def test_cutting_a_delay_costs_at_most_a_cent(total: Decimal, rate: Decimal, days: int, data: st.DataObject) -> None:
    """Two delays in a row cost what the whole costs, within one cent for the cut."""
    cut = data.draw(st.integers(min_value=1, max_value=days - 1))
    terms = _at(str(rate))
    whole = _charges(invoice()._replace(total=total), days, terms).interest
    first = _charges(invoice()._replace(total=total), cut, terms).interest
    rest = _charges(invoice(due=day(cut))._replace(total=total), days, terms).interest
    assert abs(whole - first - rest) <= CENT


@given(AMOUNTS, st.integers(min_value=1, max_value=1500))
def test_charges_do_not_depend_on_the_customer_beyond_its_kind(total: Decimal, days: int) -> None:
    """Name, terms and number change nothing."""
    one = invoice("A", terms=30)._replace(total=total)
    other = invoice("B", terms=None, owner=customer("Zeta"))._replace(total=total)
    assert _charges(one, days) == _charges(other, days)
