"""What to know before charges are claimed: cautions as values, never corrections."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from relance.core.charges import Charges, Grounds, reference_of
from relance.core.interest import DEFAULT_RATE, FLAT_FEE, FLOOR, InterestTerms, Rate
from relance.core.invoice import Invoice, Kind
from relance.core.limitation import LIMITATION_YEARS, is_near, last_day_to_sue
from relance.core.reference_rates import UNKNOWN, ReferenceRate, half_years


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
    invoice: Invoice,
    terms: InterestTerms,
    costs: Charges,
    as_of: date,
    grounds: Grounds | None = None,
    last_day: date | None = None,
) -> tuple[Caution, ...]:
    """The cautions about what an overdue invoice costs; none where it is not overdue.

    `grounds` are those of an invoice of a plan, None in a calculation for nobody; `last_day` is the last one to sue on,
    where more than the invoice tells it.
    """
    if as_of <= invoice.due_date:
        return ()
    mine = _of_grounds(invoice, grounds) if grounds is not None else ()
    last = last_day or last_day_to_sue(invoice, costs.kind)
    law = _of_law(terms, costs, sure=grounds is not None and grounds.confirmed)
    return (*mine, *law, *_of_sums(invoice, terms, costs, as_of), *_limitation(costs, last, as_of))


def _of_grounds(invoice: Invoice, grounds: Grounds) -> Iterator[Caution]:
    """An insolvency judgment up to that day, and a kind of customer that nobody told."""
    judged = grounds.insolvent
    if judged is not None and judged <= grounds.as_of:
        yield Caution(Code.NOTHING_RUNS if invoice.due_date >= judged else Code.INTEREST_STOPPED, day=judged)
    if grounds.kind is None:
        yield Caution(Code.KIND_UNKNOWN)


def _of_law(terms: InterestTerms, costs: Charges, *, sure: bool) -> Iterator[Caution]:
    """What the law of this kind of customer says of the rate that was agreed; `sure`: as the user confirmed."""
    match costs.kind:
        case Kind.BUSINESS if terms.rate != DEFAULT_RATE:
            if costs.interest and not sure:
                yield Caution(Code.MUST_BE_AGREED)
            yield from _floors(terms, costs)
        case Kind.PUBLIC:
            yield Caution(Code.AGREED_IGNORED)
        case Kind.CONSUMER if not costs.segments and not costs.missing:
            yield Caution(Code.BEFORE_NOTICE)


def _of_sums(invoice: Invoice, terms: InterestTerms, costs: Charges, as_of: date) -> Iterator[Caution]:
    """Rates from a second hand, payments of an unknown day or after that of the calculation, and the fee."""
    unverified = dict.fromkeys(s.half for s in costs.segments if not terms.rates.get(s.half, UNKNOWN).verified)
    known = (
        (Caution(Code.UNVERIFIED, halves=tuple(unverified)), unverified),
        (Caution(Code.UNDATED), any((p.on, p.credit) == (None, "") for p in invoice.payments)),
        (Caution(Code.LATER, day=as_of), any(p.on is not None and p.on > as_of for p in invoice.payments)),
        (Caution(Code.FEE_APART), costs.fee_apart),
        (Caution(Code.REAL_COSTS), max(costs.recovery_fee, costs.fee_apart) > FLAT_FEE),
    )
    return (caution for caution, applies in known if applies)


def _floors(terms: InterestTerms, costs: Charges) -> Iterator[Caution]:
    """The half-years of the delay in which an agreed rate is under three times the legal one (L441-10 II C. com.)."""
    known = {half: terms.rates.get(half, UNKNOWN) for half in halves_of(costs)}
    unknown = tuple(half for half, rates in known.items() if rates.legal is None)
    below = tuple(floor for half, rates in known.items() for floor in _below(half, terms.rate, rates))
    if below:
        yield Caution(Code.BELOW_FLOOR, floors=below)
    if unknown:
        yield Caution(Code.FLOOR_UNKNOWN, halves=unknown)


def _below(half: str, rate: Rate, known: ReferenceRate) -> Iterator[Floor]:
    """The floor that a rate does not reach in a half-year, where all that it rests on is known."""
    reference = reference_of(rate.basis, known)
    if reference is not None and known.legal is not None and rate.on(reference) < FLOOR.on(known.legal):
        yield Floor(half, rate.on(reference), FLOOR.on(known.legal))


def halves_of(costs: Charges) -> tuple[str, ...]:
    """The half-years over which interest runs, in order."""
    halves = (half for segment in costs.segments for half, _ in half_years(segment.first, segment.last))
    return tuple(dict.fromkeys(halves))


def _limitation(costs: Charges, last: date, as_of: date) -> Iterator[Caution]:
    """The last day to sue, once it is near or over."""
    years = LIMITATION_YEARS[costs.kind]
    if as_of > last:
        yield Caution(Code.LIMITATION_PASSED, day=last, years=years)
    elif is_near(last, as_of):
        yield Caution(Code.LIMITATION_NEAR, day=last, years=years)
