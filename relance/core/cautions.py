"""What to know before charges are claimed: cautions as values, never corrections."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from relance.core.calendar import ONE_DAY
from relance.core.charges import Charges, Grounds
from relance.core.interest import DEFAULT_RATE, FLAT_FEE, FLOOR, Basis, InterestTerms, Rate
from relance.core.invoice import Invoice, Kind
from relance.core.reference_rates import half_year, half_year_end

LIMITATION_YEARS = {Kind.BUSINESS: 5, Kind.PUBLIC: 4, Kind.CONSUMER: 2}
"""Years to sue in: L110-4 C. com. and 2224 C. civ.; loi 68-1250 art. 1 (recalled); L218-2 C. conso."""
LIMITATION_NEAR_DAYS = 183


class Code(StrEnum):
    """The kinds of caution."""

    BELOW_FLOOR = "below_floor"
    FLOOR_UNKNOWN = "floor_unknown"
    MUST_BE_AGREED = "must_be_agreed"
    AGREED_IGNORED = "agreed_ignored"
    BEFORE_NOTICE = "before_notice"
    UNVERIFIED = "unverified"
    UNDATED = "undated"
    LATER = "later"
    FEE_APART = "fee_apart"
    REAL_COSTS = "real_costs"
    INTEREST_STOPPED = "interest_stopped"
    NOTHING_RUNS = "nothing_runs"
    KIND_UNKNOWN = "kind_unknown"
    LIMITATION_NEAR = "limitation_near"
    LIMITATION_PASSED = "limitation_passed"


class Floor(NamedTuple):
    """A half-year with the rate that applies in it and the one it should reach, in percent a year."""

    half: str
    rate: Decimal
    floor: Decimal


class Caution(NamedTuple):
    """One caution with its facts: half-years, what is under the floor in which of them, a day, a number of years."""

    code: Code
    halves: tuple[str, ...] = ()
    floors: tuple[Floor, ...] = ()
    day: date | None = None
    years: int = 0


def cautions(
    invoice: Invoice, terms: InterestTerms, costs: Charges, as_of: date, grounds: Grounds | None = None
) -> tuple[Caution, ...]:
    """The cautions about what an overdue invoice costs; none where it is not overdue.

    `grounds` are those of an invoice of a plan, None in a calculation for nobody.
    """
    if as_of <= invoice.due_date:
        return ()
    mine = _of_grounds(invoice, grounds) if grounds is not None else ()
    return (*mine, *_all(invoice, terms, costs, as_of))


def _of_grounds(invoice: Invoice, grounds: Grounds) -> Iterator[Caution]:
    """An insolvency judgment up to that day, and a kind of customer that nobody told."""
    judged = grounds.insolvent
    if judged is not None and judged <= grounds.as_of:
        yield Caution(Code.NOTHING_RUNS if invoice.due_date >= judged else Code.INTEREST_STOPPED, day=judged)
    if grounds.kind is None:
        yield Caution(Code.KIND_UNKNOWN)


def _all(invoice: Invoice, terms: InterestTerms, costs: Charges, as_of: date) -> Iterator[Caution]:
    if costs.kind is Kind.BUSINESS and terms.rate != DEFAULT_RATE:
        if costs.interest:
            yield Caution(Code.MUST_BE_AGREED)
        yield from _floors(terms, costs)
    if costs.kind is Kind.PUBLIC:
        yield Caution(Code.AGREED_IGNORED)
    if costs.kind is Kind.CONSUMER and not costs.segments and not costs.missing:
        yield Caution(Code.BEFORE_NOTICE)
    unverified = dict.fromkeys(s.half for s in costs.segments if s.half and not terms.rates[s.half].verified)
    if unverified:
        yield Caution(Code.UNVERIFIED, halves=tuple(unverified))
    yield from _of_payments(invoice, as_of)
    if costs.fee_apart:
        yield Caution(Code.FEE_APART)
    if max(costs.recovery_fee, costs.fee_apart) > FLAT_FEE:
        yield Caution(Code.REAL_COSTS)
    yield from _limitation(invoice, costs.kind, as_of)


def _of_payments(invoice: Invoice, as_of: date) -> Iterator[Caution]:
    """Payments of an unknown day, and those after the day of the calculation."""
    if any(p.on is None and not p.credit for p in invoice.payments):
        yield Caution(Code.UNDATED)
    if any(p.on is not None and p.on > as_of for p in invoice.payments):
        yield Caution(Code.LATER, day=as_of)


def _floors(terms: InterestTerms, costs: Charges) -> Iterator[Caution]:
    """The half-years of the delay in which an agreed rate is under three times the legal one (L441-10 II C. com.)."""
    below, unknown = [], []
    for half in halves_of(costs):
        known = terms.rates.get(half)
        if known is None or known.legal is None:
            unknown.append(half)
            continue
        rate, floor = _rate_in(terms.rate, known.ecb, known.legal), FLOOR.on(known.legal)
        if rate is not None and rate < floor:
            below.append(Floor(half, rate, floor))
    if below:
        yield Caution(Code.BELOW_FLOOR, floors=tuple(below))
    if unknown:
        yield Caution(Code.FLOOR_UNKNOWN, halves=tuple(unknown))


def _rate_in(rate: Rate, ecb: Decimal | None, legal: Decimal) -> Decimal | None:
    reference = ecb if rate.basis is Basis.ECB else legal
    return None if reference is None else rate.on(reference)


def halves_of(costs: Charges) -> tuple[str, ...]:
    """The half-years over which interest runs, in order."""
    found: dict[str, None] = {}
    for segment in costs.segments:
        end = segment.first - ONE_DAY
        while end < segment.last:
            found[half_year(end + ONE_DAY)] = None
            end = half_year_end(end + ONE_DAY)
    return tuple(found)


def _limitation(invoice: Invoice, kind: Kind, as_of: date) -> Iterator[Caution]:
    """The last day to sue, counted from the invoice date where it is known: the work was done by then at the latest."""
    years = LIMITATION_YEARS[kind]
    since = min(invoice.issue_date or invoice.due_date, invoice.due_date)
    if since.year + years > 9998:
        return
    last = date(since.year + years, 12, 31) if kind is Kind.PUBLIC else _years_later(since, years)
    if as_of > last:
        yield Caution(Code.LIMITATION_PASSED, day=last, years=years)
    elif (last - as_of).days <= LIMITATION_NEAR_DAYS:
        yield Caution(Code.LIMITATION_NEAR, day=last, years=years)


def _years_later(day: date, years: int) -> date:
    """The same day of a later year; 28 February where there is no 29."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
