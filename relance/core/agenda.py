"""What stands in a calendar: due dates, promises, instalments, and what is done by hand, each on a day of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

from relance.core.by_hand import by_hand
from relance.core.events import DUE, PART, PROMISE, Heard, Occasion, Telling, over_on
from relance.core.facts import Held, HoldReason, Instalment, Released
from relance.core.history import Promise, Seen
from relance.core.holds import parts_of, payment_plans
from relance.core.invoice import ZERO, held_target
from relance.core.plan import Line, Plan, grouped
from relance.core.reasons import Reason

KEPT_DAYS = 30
"""What is over stays in the calendar for so long, so that every copy of it learns that it is."""
_NEVER = frozenset((Reason.NOT_ISSUED, Reason.DRAFT, Reason.CREDIT_NOTE, Reason.UNCLEAR))
"""What no date is told of: not a debt yet, none at all, or nobody can read it."""


def agenda(plan: Plan, tellings: Iterable[Telling], changed: Mapping[str, int]) -> tuple[Occasion, ...]:
    """The occasions of a day, by their days; what was over for more than KEPT_DAYS is left out.

    Their revisions are counted by all that was said, and how often the sum or due date of an invoice (by key) changed.
    """
    told, since = Heard(plan, _by_subject(tellings), changed), plan.today - timedelta(days=KEPT_DAYS)
    lines = [line for line in plan.lines if line.reason not in _NEVER]
    recent = [line for line in lines if _is_of(over_on(line), since)]  # most of an old file is long paid
    found = chain(_dues(recent, told), _gone(told), _promises(lines, told), _plans(told), by_hand(recent, told))
    kept = sorted((each for each in found if _is_of(each.over, since)), key=_order)
    return tuple({(each.about, each.name): each for each in reversed(kept)}.values())[::-1]


def _is_of(over: date | None, since: date) -> bool:
    return over is None or over >= since


def _order(occasion: Occasion) -> tuple[bool, date, str, str]:
    """What stands comes first, by day: of two that are one, it is the one."""
    return occasion.over is not None, occasion.on, occasion.about, occasion.name


def _by_subject(tellings: Iterable[Telling]) -> dict[str, list[Telling]]:
    of: dict[str, list[Telling]] = {}
    for said in tellings:
        for subject in said.subjects:
            of.setdefault(subject, []).append(said)
    return of


def _dues(lines: Iterable[Line], told: Heard) -> Iterator[Occasion]:
    for line in lines:
        day, revision = line.invoice.due_date, told.changes(line.case.names)
        yield Occasion(told.first_key(line), DUE, DUE, day, (line,), revision, over_on(line))


def _gone(told: Heard) -> Iterator[Occasion]:
    """The due dates of invoices that are gone from the file: paid, most often, or taken out."""
    present = {name for line in told.plan.lines for name in line.case.names}
    present |= {each.invoice for each in told.plan.around.renumbered.values()}
    for key, seen in _ever_seen(told.plan).items():
        if key not in present:
            yield Occasion(key, DUE, DUE, seen.due_date, (), told.changes([key]), _gone_on(seen, told))


def _ever_seen(plan: Plan) -> dict[str, Seen]:
    return {**plan.morning.history.seen, **{each.invoice: each for each in plan.around.vanished}}


def _gone_on(seen: Seen, told: Heard) -> date:
    """When it went; of what was paid before that, its due date."""
    return seen.gone_on or (told.plan.today if seen.is_open else seen.due_date)


class _Word(NamedTuple):
    """What the user said of a hold of one target, and on what day; taken back or not."""

    held: Held
    on: date


def _held(told: Heard, reason: HoldReason) -> Iterator[tuple[str, list[_Word]]]:
    """Of each target of such a hold, all that was ever said of it, in order."""
    for target, several in told.of.items():
        held = [_Word(each.fact, each.on) for each in several if isinstance(each.fact, Held)]
        if said := [word for word in held if word.held.reason is reason]:
            yield target, said


def _promises(lines: Sequence[Line], told: Heard) -> Iterator[Occasion]:
    """The day of the last promise about each invoice or customer: it holds, was kept, released or taken back."""
    everyone = told.plan.morning.history.promises.values()
    standing = {held_target(promise.target): promise for promise in chain.from_iterable(everyone)}
    promised = _promised(lines)
    for target, said in _held(told, HoldReason.PROMISE):
        yield _promise(target, said[-1], standing.get(target), promised.get(target, ()), told)


def _promised(lines: Iterable[Line]) -> dict[str, tuple[Line, ...]]:
    """The lines that each target's promises are about."""
    pairs = {(held_target(promise.target), line.key): line for line in lines for promise in line.case.promises}
    return {
        target: tuple(pairs[pair] for pair in found) for target, found in grouped(pairs, lambda pair: pair[0]).items()
    }


def _promise(target: str, last: _Word, promise: Promise | None, lines: tuple[Line, ...], told: Heard) -> Occasion:
    revision = _agreed(target, lines, told)
    if promise is None:
        return Occasion(target, PROMISE, PROMISE, last.held.until or last.on, lines, revision, last.on)
    over = promise.ended or _all_over(lines, told)
    return Occasion(target, PROMISE, PROMISE, promise.until, lines, revision, over)


def _all_over(lines: Iterable[Line], told: Heard) -> date | None:
    """The day since which nothing is owed of any of these; today where the file has none of them; None: some is."""
    days = [over_on(line) for line in lines]
    return None if None in days else max(filter(None, days), default=told.plan.today)


def _agreed(target: str, lines: Iterable[Line], told: Heard) -> int:
    """How often what was agreed with this target changed, beside the first time, and what was paid of its lines."""
    return max(told.count([target], Held, Released) - 1, 0) + sum(told.changes(line.case.names) for line in lines)


def _plans(told: Heard) -> Iterator[Occasion]:
    """Each part of each payment plan, those included that a later plan has no more."""
    now = {held_target(plan.target): plan for plan in payment_plans(told.plan.morning.history)}
    for target, said in _held(told, HoldReason.PLAN):
        plan = now.get(target)
        lines = _covered(plan or said[-1].held, told)
        parts = _parts(target, plan, lines, told) if plan is not None else ()
        yield from (*parts, *_no_more(target, said, plan, lines, told))


def _parts(target: str, plan: Held, lines: tuple[Line, ...], told: Heard) -> Iterator[Occasion]:
    left = sum((max(line.outstanding, ZERO) for line in lines), ZERO)
    revision, count = _agreed(target, lines, told), len(plan.instalments)
    for number, part in enumerate(parts_of(plan, left, told.plan.morning), 1):
        paid = _last_payment(lines, told) if part.paid >= part.amount else None
        one = Occasion(target, f"{PART}-{number}", PART, part.due, lines, revision, paid)
        yield one._replace(part=number, parts=count, amount=part.amount)


def _no_more(
    target: str, said: Iterable[_Word], plan: Held | None, lines: tuple[Line, ...], told: Heard
) -> Iterator[Occasion]:
    """The parts of former plans that the present one, if any, has no more."""
    known, ended = 0 if plan is None else len(plan.instalments), told.of[target][-1].on
    days: dict[int, Instalment] = {}
    for word in said:
        days.update(enumerate(word.held.instalments, 1))
    for number in range(known + 1, len(days) + 1):
        one = Occasion(target, f"{PART}-{number}", PART, days[number].due, lines, _agreed(target, lines, told), ended)
        yield one._replace(part=number)


def _covered(plan: Held, told: Heard) -> tuple[Line, ...]:
    former = {key: seen.invoice for key, seen in told.plan.around.renumbered.items()}
    return tuple(each for each in told.plan.lines if not {each.key, former.get(each.key)}.isdisjoint(plan.covers))


def _last_payment(lines: Iterable[Line], told: Heard) -> date:
    """The last day on which money for these came in, as far as it is dated; today where none is."""
    paid = chain.from_iterable(line.invoice.payments for line in lines)
    days = [payment.on for payment in paid if payment.on is not None and payment.on <= told.plan.today]
    return max(days, default=told.plan.today)
