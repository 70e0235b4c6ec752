"""Drafts that wait for their user to send them: which one is spoken of, is outdated, is replaced or thrown away."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from relance.core.case import Case
from relance.core.facts import Drafted, Lies, is_outdated
from relance.core.history import Seen, former_keys
from relance.core.invoice import normalised_number, snapshot_of
from relance.core.ladder import Position
from relance.core.morning import Morning
from relance.core.plan import Line, Overtaken
from relance.core.policy import OUTSIDE, THANKS, DunningPolicy
from relance.core.reasons import Reason
from relance.core.seen import seen_paid_on


def last_asked(case: Case) -> Drafted | None:
    """The last draft that still says what is to be said of an invoice that is owed.

    It is of this ladder, not expired, nor passed by a later stage of those done.
    """
    over = _over(case.position)
    drafts = (draft for draft in reversed(case.past.drafts) if draft.ladder == case.position.restarts)
    return next((draft for draft in drafts if draft.stage not in over), None)


def _over(position: Position) -> set[str]:
    """The keys of the stages that are not to be said any more: expired, or passed by a later one that was done."""
    stages = position.schedule.stages
    furthest = max((place for place, stage in enumerate(stages) if stage.rung in position.done), default=-1)
    expired = {stage.key for stage in stages if stage.day < 0 <= position.days}
    ahead = {stage.key for stage in stages[furthest + 1 :]}
    return expired | ({stage.key for stage in stages[: furthest + 1]} - ahead) | {THANKS.key}


def to_settle(line: Line, *, sent: bool) -> tuple[Drafted, ...]:
    """The drafts that the user speaks of when he says that a message about this invoice was `sent`, or was not.

    The one that is to be sent; where there is none, as sent those found among his sent messages, else the one that was
    to be until something held the invoice; as not sent, all that he is told to throw away, unless a message in doubt
    is what he speaks of.
    """
    draft, past = _to_send(line), line.case.past
    if draft is not None:
        return (draft,)
    if not sent:
        return () if past.doubts else not_found_sent(past.drafts)
    last = last_asked(line.case)
    return found_sent(past.drafts) or (() if last is None else (last,))


def found_sent(drafts: Iterable[Drafted]) -> tuple[Drafted, ...]:
    """Those that the mailbox has among the sent messages: of these `--sent` is printed."""
    return tuple(draft for draft in drafts if draft.lies is Lies.SENT)


def not_found_sent(drafts: tuple[Drafted, ...]) -> tuple[Drafted, ...]:
    """The others, of which `--not-sent` is printed; all of them where there is no other: he says it all the same."""
    return tuple(draft for draft in drafts if draft.lies is not Lies.SENT) or drafts


def with_outdated(lines: list[Line], morning: Morning) -> list[Line]:
    """The lines; of those that wait for a draft to be sent, the ones whose draft says what is not so are marked.

    A draft about several invoices is one message: it is outdated where one of them is, or is not to be reminded of.
    """
    drafted = _drafted(lines, morning)
    spoiled = {*_spoiled(drafted), *_spoiled_by_gone(drafted, lines, morning)}
    marked = {
        line.key: line._replace(stop=line.stop._replace(why=line.why._replace(outdated=True)))
        for line in drafted
        if isinstance(line.why, Drafted) and _message(line, line.why) in spoiled
    }
    return [marked.get(line.key, line) for line in lines] if marked else lines


def _spoiled(drafted: Iterable[Line]) -> Iterator[tuple[str, ...]]:
    """The messages of the drafts that are not to be sent, or say what is not so any more."""
    for line in drafted:
        for draft in line.case.past.drafts:
            if draft is not _to_send(line) or _says_otherwise(line.case, draft):
                yield _message(line, draft)


def _spoiled_by_gone(drafted: list[Line], lines: list[Line], morning: Morning) -> Iterator[tuple[str, ...]]:
    """Those that name an invoice which left the file; in which currency it was, nobody knows any more."""
    for currency in {line.invoice.currency for line in drafted}:
        yield from ((seen.customer, currency, draft.stage, str(draft.on)) for seen, draft in _gone(lines, morning))


def _drafted(lines: Iterable[Line], morning: Morning) -> list[Line]:
    drafted = {key for key, past in morning.history.invoices.items() if past.drafts}
    return [line for line in lines if line.case.key in drafted] if drafted else []


def _message(line: Line, draft: Drafted) -> tuple[str, ...]:
    """What the lines of one message share: those of one customer, currency, stage and day are one message."""
    return line.case.customer.identity, line.invoice.currency, draft.stage, str(draft.on)


def _says_otherwise(case: Case, draft: Drafted) -> bool:
    """Whether sum, due date or address changed since a draft, or a payment or a credit note came.

    A payment of the day itself came after it: one known before keeps every message back for min_gap_days.
    """
    if draft.snapshot is not None and draft.snapshot != snapshot_of(case.invoice):
        return True
    known_before = case.morning.policy.min_gap_days == 0
    days = [*(paid.heard_on for paid in case.past.payments), *filter(None, [seen_paid_on(case)])]
    paid = any(day > draft.on or (day == draft.on and not known_before) for day in days)
    return paid or any(credit.on > draft.on for credit in case.past.allocations)


def to_replace(lines: Iterable[Line], morning: Morning) -> Iterator[tuple[Line, Drafted]]:
    """The drafts that another message takes the place of: untouched, of invoices that nothing else holds.

    What they say is not so any more, or a later stage is said instead.
    """
    for line in _drafted(lines, morning):
        wanted = _to_send(line) if line.reason is Reason.DRAFTED else None
        if wanted is not None or line.reason is Reason.DUE:
            kept = None if is_outdated(line.why) else wanted
            yield from ((line, draft) for draft in _untouched(line) if draft is not kept)


def _untouched(line: Line) -> Iterator[Drafted]:
    return (draft for draft in line.case.past.drafts if draft.lies is Lies.UNTOUCHED)


def overtaken(lines: Sequence[Line], morning: Morning) -> Iterator[Overtaken]:
    """Each draft that is not to be sent any more, once for all its invoices."""
    found: dict[tuple[str, ...], Overtaken] = {}
    for one, draft, key, number, name in chain(_given_up(lines, morning), _left_behind(lines, morning)):
        before = found.get(one, Overtaken(_label(draft.stage, morning.policy), draft.on, lies=draft.lies))
        keys, numbers = (*before.keys, key), (*before.numbers, number)
        found[one] = before._replace(keys=keys, numbers=numbers, name=before.name or name)
    yield from found.values()


def _label(key: str, policy: DunningPolicy) -> str:
    stages = chain(*(schedule.stages for schedule in policy.schedules), OUTSIDE)
    return {stage.key: stage.label for stage in stages}.get(key, key)


_Over = tuple[tuple[str, ...], Drafted, str, str, str]
"""A draft that is not to be sent: its message, itself, its invoice by key and number, and the name to ask for it by."""


def _given_up(lines: Sequence[Line], morning: Morning) -> Iterator[_Over]:
    """Those of invoices of the file; without a name while another draft is to be sent, or nobody knows what left."""
    for line in _drafted(lines, morning):
        wanted, past, number = _to_send(line), line.case.past, line.invoice.number
        name = (line.name or number) if wanted is None and not past.doubts else ""
        yield from ((_message(line, each), each, line.key, number, name) for each in past.drafts if each is not wanted)


def _left_behind(lines: Sequence[Line], morning: Morning) -> Iterator[_Over]:
    """Those of invoices that left the file; a number that is another invoice's by now is told by its year too.

    As of the others, they are without a name while nobody knows what left.
    """
    taken = {normalised_number(line.invoice.number) for line in lines}
    for seen, draft in _gone(lines, morning):
        name = seen.invoice if normalised_number(seen.number) in taken else seen.number
        name = "" if morning.history.invoices[seen.invoice].doubts else name
        yield (seen.customer, draft.stage, str(draft.on)), draft, seen.invoice, seen.number, name


def _gone(lines: Sequence[Line], morning: Morning) -> Iterator[tuple[Seen, Drafted]]:
    """The drafts of invoices that are not in the file any more, under no other number either.

    A thank-you for what was paid is to be sent all the same.
    """
    history, around = morning.history, morning.around
    drafted = [key for key, past in history.invoices.items() if past.drafts and key in history.seen]
    if not drafted or around.shrunk:
        return
    here = {line.case.key for line in lines} | {seen.invoice for seen in around.renumbered.values()}
    here |= {key for line in lines for key in former_keys(line.case.past)}
    for key in drafted:
        if key not in here:
            drafts = (draft for draft in history.invoices[key].drafts if draft.stage != THANKS.key)
            yield from ((history.seen[key], draft) for draft in drafts)


def _to_send(line: Line) -> Drafted | None:
    """The draft that the user should send: a thank-you for a paid invoice, a reminder of one that nothing holds."""
    if line.reason is Reason.PAID:
        drafts = line.case.past.drafts
        return next((draft for draft in reversed(drafts) if draft.stage == THANKS.key), None)
    held = line.reason.rank < Reason.IN_DOUBT.rank or line.reason is Reason.BANK_DOUBT
    return None if held else last_asked(line.case)
