"""Laws of interest and fee, and an oracle that counts whole cents day by day, written another way."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import pytest
from core_support import customer, day, invoice, plan_for
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.core.cautions import cautions
from relance.core.charges import Charges, Grounds, charges
from relance.core.interest import Basis, Imputation, InterestTerms, Rate
from relance.core.invoice import Invoice, Kind, Payment
from relance.core.reference_rates import REFERENCE_RATES

CENT = Decimal("0.01")
RANDOM_CASES = 10_000


def _money(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=low, max_value=high, places=2, allow_nan=False)


AMOUNTS = _money("0.01", "200000")
LATE = st.integers(min_value=-30, max_value=200)  # due on 2 March 2026: the table ends on 31 December
RATES = st.one_of(
    st.builds(Rate, st.just(Basis.FIXED), _money("0", "40")),
    st.builds(Rate, st.just(Basis.DAILY), _money("0", "0.30")),
    st.builds(Rate, st.just(Basis.ECB), _money("0", "15")),
    st.builds(Rate, st.just(Basis.LEGAL), st.sampled_from([Decimal(1), Decimal(3), Decimal("4.5")])),
)
TERMS = st.builds(
    InterestTerms,
    rate=RATES,
    recovery_fee=_money("0", "40"),
    show_from=st.just("firm"),
    imputation=st.sampled_from(Imputation),
    real_costs=st.sampled_from([Decimal("0.00"), Decimal("95.50")]),
    rates=st.just(REFERENCE_RATES),
)
KINDS = st.sampled_from([None, *Kind])
DAYS = st.one_of(st.none(), st.integers(min_value=-20, max_value=200).map(day))
PAYMENTS = st.lists(st.builds(Payment, _money("0.01", "60000"), DAYS, st.sampled_from(["", "AV-1"])), max_size=5).map(
    tuple
)


# Laws


@settings(deadline=None)
@given(AMOUNTS, TERMS, KINDS, LATE, PAYMENTS, DAYS, DAYS)
def test_what_always_holds(
    total: Decimal,
    terms: InterestTerms,
    kind: Kind | None,
    days: int,
    payments: tuple[Payment, ...],
    notice: date | None,
    insolvent: date | None,
) -> None:
    """Never negative, the sum of its segments, whole cents, segments in order and inside the delay."""
    about = invoice()._replace(total=total, payments=payments)
    found = charges(about, Grounds(day(days), terms, kind, notice=notice, insolvent=insolvent))
    for amount in (found.interest, found.recovery_fee, found.claimed):
        assert amount >= 0
        assert amount == amount.quantize(CENT)
    assert found.daily >= 0
    assert found.interest == sum(segment.interest for segment in found.segments)
    for segment in found.segments:
        assert segment.days == (segment.last - segment.first).days + 1 > 0
        assert segment.principal > 0
    edges = [edge for segment in found.segments for edge in (segment.first, segment.last)]
    assert edges == sorted(edges)
    assert all(about.due_date < edge <= day(days) for edge in edges)
    assert days > 0 or found == Charges((), Decimal(0), Decimal(0), Decimal(0))
    left = total - sum((p.amount for p in payments if p.on is None or p.on <= day(days)), Decimal(0))
    assert found.claimed == 0 or found.claimed == left + found.interest + found.recovery_fee or not left > 0


@settings(deadline=None)
@given(AMOUNTS, TERMS, KINDS, st.integers(min_value=0, max_value=200), PAYMENTS)
def test_charges_grow_with_time(
    total: Decimal, terms: InterestTerms, kind: Kind | None, days: int, payments: tuple[Payment, ...]
) -> None:
    """A day more never costs less interest, but for a credit note that comes then: what it corrects was never owed."""
    about = invoice()._replace(total=total, payments=tuple(each for each in payments if not each.credit))
    today, tomorrow = (charges(about, Grounds(day(n), terms, kind, notice=day(3))) for n in (days, days + 1))
    # Two days in one segment may round apart; a payment day ends a segment and starts none, so never below.
    assert tomorrow.interest >= today.interest


@settings(deadline=None)
@given(AMOUNTS, AMOUNTS, TERMS, st.integers(min_value=0, max_value=200))
def test_charges_grow_with_the_amount(one: Decimal, other: Decimal, terms: InterestTerms, days: int) -> None:
    """A larger debt never costs less."""
    low, high = (
        charges(invoice()._replace(total=total), Grounds(day(days), terms, None)).interest
        for total in sorted((one, other))
    )
    assert low <= high


@settings(deadline=None)
@given(AMOUNTS, TERMS, st.integers(min_value=2, max_value=200), st.data())
def test_cutting_a_delay(total: Decimal, terms: InterestTerms, days: int, data: st.DataObject) -> None:
    """Two delays in a row cost what the whole costs: exactly before rounding, within a cent for the cut after it."""
    cut = data.draw(st.integers(min_value=1, max_value=days - 1))
    whole = charges(invoice()._replace(total=total), Grounds(day(days), terms, None))
    parts = (
        charges(invoice()._replace(total=total), Grounds(day(cut), terms, None)),
        charges(invoice(due=day(cut))._replace(total=total), Grounds(day(days), terms, None)),
    )
    assert _exact(whole) == sum(map(_exact, parts))
    assert abs(whole.interest - parts[0].interest - parts[1].interest) <= CENT


def _exact(found: Charges) -> Fraction:
    return sum((Fraction(s.principal) * Fraction(s.rate) * s.days / 36500 for s in found.segments), Fraction(0))


@settings(deadline=None)
@given(AMOUNTS, st.integers(min_value=1, max_value=200))
def test_charges_do_not_depend_on_the_customer_beyond_its_kind(total: Decimal, days: int) -> None:
    """Name, terms and number change nothing."""
    one = invoice("A", terms=30)._replace(total=total)
    other = invoice("B", terms=None, owner=customer("Zeta"))._replace(total=total)
    assert charges(one, Grounds(day(days), InterestTerms(), None)) == charges(
        other, Grounds(day(days), InterestTerms(), None)
    )


# No float anywhere


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, Enum | str | bytes):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _leaves(item)
    elif hasattr(value, "items"):
        for item in value.items():
            yield from _leaves(item)
    else:
        yield value


@settings(deadline=None)
@given(AMOUNTS, TERMS, KINDS, LATE, PAYMENTS, DAYS)
def test_no_float_anywhere(
    total: Decimal,
    terms: InterestTerms,
    kind: Kind | None,
    days: int,
    payments: tuple[Payment, ...],
    notice: date | None,
) -> None:
    """Every value inside terms, charges and cautions is exact."""
    about = invoice()._replace(total=total, payments=payments)
    found = charges(about, Grounds(day(days), terms, kind, notice=notice))
    told = cautions(about, terms, found, day(days))
    exact = {Decimal, int, bool, str, date, type(None), Kind, Basis, Imputation}
    kinds = {type(leaf) for leaf in _leaves((terms, found, told))}
    assert {kind for kind in kinds if not issubclass(kind, Enum)} <= exact


def test_the_walk_sees_a_float() -> None:
    """A float deep inside is found, and those of a whole plan would be."""
    assert 1.5 in list(_leaves((Decimal(1), {"a": [("b", 1.5)]})))
    plan = plan_for([invoice(), invoice("F-2", owner=customer("Beta", kind=Kind.PUBLIC))], [], day(40))
    assert float not in {type(leaf) for leaf in _leaves(plan.lines)}


# The oracle

PER_CENT_YEAR = 365 * 100 * 10_000
"""Cents times ten-thousandths of a percent times days, for one cent of interest."""
_OFFICIAL = {half: (rate.ecb, rate.legal) for half, rate in REFERENCE_RATES.items()}


def _ten_thousandths(rate: Decimal) -> int:
    whole = rate * 10_000
    assert whole == int(whole)
    return int(whole)


def _rate_of(rate: Rate, kind: Kind | None, on: date, began: date) -> int:
    """The rate of one day, in ten-thousandths of a percent a year."""
    if kind is Kind.PUBLIC:
        rate, on = Rate(Basis.ECB, Decimal(8)), began
    if kind is Kind.CONSUMER:
        rate = Rate(Basis.LEGAL, Decimal(1))
    ecb, legal = _OFFICIAL[f"{on.year}-S{(on.month + 5) // 6}"]
    assert ecb is not None
    assert legal is not None
    of_basis = {
        Basis.FIXED: rate.value,
        Basis.DAILY: rate.value * 365,
        Basis.ECB: ecb + rate.value,
        Basis.LEGAL: legal * rate.value,
    }
    return _ten_thousandths(of_basis[rate.basis])


def _oracle(
    about: Invoice, terms: InterestTerms, kind: Kind | None, as_of: date, notice: date | None, insolvent: date | None
) -> int:
    """Interest in cents: each day at its own principal and rate, rounded half up where something changes."""
    moves = [
        (date.min if p.on is None or (p.credit and p.on <= as_of) else p.on, int(p.amount * 100), bool(p.credit))
        for p in about.payments
    ]
    varies = kind is Kind.CONSUMER or (kind is not Kind.PUBLIC and terms.rate.basis in (Basis.ECB, Basis.LEGAL))
    if kind is Kind.CONSUMER and notice is None:
        return 0
    begun = max(about.due_date, notice) if kind is Kind.CONSUMER and notice else about.due_date
    owed = int(about.total * 100)
    if owed <= sum(cents for on, cents, _ in moves if on <= about.due_date):
        return 0
    owed -= sum(cents for on, cents, _ in moves if on <= begun)
    total = unpaid = run = 0
    today = begun
    while today < as_of and (insolvent is None or today + timedelta(1) < insolvent):
        today += timedelta(1)
        run += max(owed, 0) * _rate_of(terms.rate, kind, today, begun + timedelta(1))
        now = [(cents, credit) for on, cents, credit in moves if on == today]
        turns = varies and (today.month, today.day) in ((6, 30), (12, 31))
        ends = today == as_of or (insolvent is not None and today + timedelta(1) >= insolvent)
        if now or turns or ends:
            cost = int(Fraction(run, PER_CENT_YEAR) + Fraction(1, 2))
            total, unpaid, run = total + cost, unpaid + cost, 0
        for cents, credit in now:
            first = 0 if credit or terms.imputation is Imputation.PRINCIPAL else min(unpaid, cents)
            unpaid -= first
            owed -= cents - first
    return total


def _case(chance: random.Random) -> tuple[Invoice, InterestTerms, Kind | None, date, date | None, date | None]:
    due = date(2013, 1, 1) + timedelta(chance.randrange(4700))
    latest = (date(2026, 12, 31) - due).days
    length = min(chance.choice([5, 40, 200, 700]), latest)

    def near() -> date:
        return due + timedelta(chance.randint(-10, length + 10))

    def money(most: int) -> Decimal:
        return Decimal(chance.randint(1, most)).scaleb(-2)

    payments = tuple(
        Payment(money(400_000), chance.choice([None, near(), near(), near()]), chance.choice(["", "", "AV-1"]))
        for _ in range(chance.choice([0, 0, 1, 2, 4]))
    )
    basis = chance.choice(list(Basis))
    value = {Basis.FIXED: (0, 3000, 2), Basis.DAILY: (0, 3000, 4), Basis.ECB: (0, 1500, 2), Basis.LEGAL: (0, 50, 1)}
    low, high, places = value[basis]
    terms = InterestTerms(
        Rate(basis, Decimal(chance.randint(low, high)).scaleb(-places)), imputation=chance.choice(list(Imputation))
    )
    return (
        invoice(due=due)._replace(total=money(1_000_000), payments=payments),
        terms,
        chance.choice([None, *Kind]),
        due + timedelta(chance.randint(-5, length)),
        chance.choice([None, near()]),
        chance.choice([None, None, None, near()]),
    )


@pytest.mark.slow
def test_ten_thousand_random_cases_agree_with_the_oracle() -> None:
    """To the cent: every basis, kind, imputation, payments and credit notes anywhere, notices and insolvencies."""
    chance = random.Random(20261124)
    for number in range(RANDOM_CASES):
        about, terms, kind, as_of, notice, insolvent = given_case = _case(chance)
        found = charges(about, Grounds(as_of, terms, kind, notice=notice, insolvent=insolvent))
        expected = _oracle(about, terms, kind, as_of, notice, insolvent) if as_of > about.due_date else 0
        assert expected == found.interest * 100, (number, given_case)
        assert not found.missing
