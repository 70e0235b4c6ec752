"""The days to come of messages that share an address: each in its turn, with the gap between them, if nobody pays."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from relance.core.calendar import ONE_DAY, next_open
from relance.core.grouping import bundle, shared_term
from relance.core.invoice import customer_id
from relance.core.outlook import after_acting, once_free
from relance.core.plan import Decision, Line
from relance.core.policy import DunningPolicy, Stage
from relance.core.reasons import Reason

MOST = 2_000
"""In a file of more invoices to come than this, only those beside a message of today are followed: it takes seconds."""
LOOKS = 20_000
"""Of invoices that share an address, those whose turn has not come after so many looks keep the day of their own."""

_SAYS_ITS_DAY = frozenset({Reason.TOO_SOON, Reason.CLOSED_DAY})
"""Reasons whose `until` is the first free day, or the one on which the message leaves."""


class _Turn(NamedTuple):
    """A line whose `acting` is the stage to come, ready from the open day `ready` on, and looked at next on `looked`.

    `approved` tells that this stage has the user's word.
    """

    line: Line
    ready: date
    looked: date
    approved: bool = False


def in_turn(
    lines: Sequence[Line],
    leaving: Iterable[Sequence[Line]],
    ready: Collection[str],
    addresses: Mapping[str, date],
    policy: DunningPolicy,
    today: date,
) -> Sequence[Line]:
    """The lines with the next dates that they have once messages to one address keep their gap.

    `leaving` are the lines of each message of today, `ready` the keys of those that only had to wait for others,
    `addresses` the day of the last message before to each.
    """
    written = {address: today for chosen in leaving for line in chosen for address in _emails(line)}
    known = {**addresses, **written}
    gap = timedelta(days=policy.customer_gap_days)

    @cache
    def busy_until(emails: tuple[str, ...]) -> date:
        """The first day on which these addresses are free, date.max for those of a message of today."""
        names = [email.casefold() for email in emails]
        if not written.keys().isdisjoint(names):
            return date.max
        return max((known[name] + gap for name in names if name in known), default=date.min)

    coming = [line for line in lines if line.next_date is not None and line.invoice.customer.emails]
    held_up = [line for line in coming if busy_until(line.invoice.customer.emails) > (line.next_date or date.min)]
    waiting = {line.key for line in held_up}
    tomorrow = next_open(today + ONE_DAY, policy.calendar)
    found: dict[str, Line] = {}
    for beside in _beside(held_up if len(coming) > MOST else coming):
        if len(beside) > 1 or beside[0].key in waiting:
            turns = {line.key: _first_turn(line, tomorrow if line.key in ready else None) for line in beside}
            found |= {line.key: line for line in _lived(beside, turns, known, policy)}
    return [found.get(line.key, line) for line in lines] if found else lines


def _emails(line: Line) -> Iterator[str]:
    return map(str.casefold, line.invoice.customer.emails)


def _beside(lines: Iterable[Line]) -> Iterable[list[Line]]:
    """The lines in groups: those of one customer or to one address are together, with all that these are linked to."""
    of_owner: dict[int, list[Line]] = {}
    for line in lines:
        of_owner.setdefault(id(line.invoice.customer), []).append(line)
    groups: dict[str, tuple[list[Line], list[str]]] = {}
    for own in of_owner.values():
        names = [customer_id(own[0].invoice.customer), *_emails(own[0])]
        group = (own, names.copy())
        near = {id(groups[name]): groups[name] for name in names if name in groups}
        for other in near.values():  # the smaller one goes into the larger one
            group, less = (other, group) if len(other[1]) > len(group[1]) else (group, other)
            group[0].extend(less[0])
            group[1].extend(less[1])
            groups |= dict.fromkeys(less[1], group)
        groups |= dict.fromkeys(names, group)
    return {id(group): group[0] for group in groups.values()}.values()


def _lived(
    lines: Sequence[Line], turns: dict[str, _Turn], written: Mapping[str, date], policy: DunningPolicy
) -> Iterator[Line]:
    """The lines with what comes first of each on the days to come, and when."""
    addresses = {address: written[address] for line in lines for address in _emails(line) if address in written}
    waiting = {line.key: line for line in lines}
    looks = 0
    while waiting and turns and looks < LOOKS:
        today = min(turn.looked for turn in turns.values())
        ready: dict[str, list[Line]] = {"mail": [], "asked": [], "hand": []}
        for turn in _reached(turns, policy, today):
            ready[_way(turn)].append(turn.line)
            looks += 1
        mails, waits = bundle(ready["mail"], addresses, policy, today)
        asked, later = bundle(ready["asked"], addresses, policy, today)
        for line, free in (*waits, *later):
            turns[line.key] = turns[line.key]._replace(looked=next_open(free, policy.calendar))
        for chosen in (*mails, *asked, *([line] for line in ready["hand"])):
            for key, turn in _over(chosen, turns, policy, today):
                if key in waiting:
                    yield _dated(waiting.pop(key), turn.line.acting, today)
        addresses |= {address: today for chosen in mails for line in chosen for address in _emails(line)}


def _way(turn: _Turn) -> str:
    """How the stage comes: by `mail`, by mail once the user was `asked` (no address is taken), or by `hand`."""
    stage = turn.line.acting
    assert stage is not None
    if "email" not in stage.channels:
        return "hand"
    return "asked" if stage.confirm and not turn.approved else "mail"


def _first_turn(line: Line, ready: date | None) -> _Turn:
    """What is known of a line in the morning, with what acts today done; `ready` is the day of one that is so today."""
    assert line.climb is not None
    assert line.next_date is not None
    if ready is not None:
        return _Turn(line, ready, ready, approved=True)
    acts = line.acting if line.decision is not Decision.HOLD else None
    approved = acts is None and line.acting == line.next_stage and line.reason.rank > Reason.AWAITING_APPROVAL.rank
    climb = line.climb if acts is None else line.climb.after(acts)
    return _Turn(line._replace(acting=line.next_stage, climb=climb), line.next_date, line.next_date, approved)


def _reached(turns: dict[str, _Turn], policy: DunningPolicy, today: date) -> Iterator[_Turn]:
    """Those ready on `today`, with the stage of that day; what has expired by then gets its later day in `turns`."""
    for key, turn in tuple(turns.items()):
        if turn.ready <= today:
            assert turn.line.acting is not None
            assert turn.line.climb is not None
            stage, day = once_free(turn.line.acting, turn.line.climb, today, policy.calendar)
            now = turn if stage is turn.line.acting else turn._replace(line=turn.line._replace(acting=stage))
            if day == today:
                yield now
            elif day is None:
                del turns[key]
            else:
                turns[key] = now._replace(ready=day, looked=day)


def _over(
    chosen: list[Line], turns: dict[str, _Turn], policy: DunningPolicy, today: date
) -> Iterator[tuple[str, _Turn]]:
    """The turns that end `today` with the message of these lines; in `turns` their next ones, none after a question."""
    after = None
    for line in chosen:
        turn = turns.pop(line.key)._replace(line=line)
        yield line.key, turn
        assert line.acting is not None
        assert line.climb is not None
        if (way := _way(turn)) == "asked":
            continue
        after = after or (shared_term(chosen, policy, today) if way == "mail" else None)
        stage, day = after_acting(line.climb, line.acting, policy, today, after)
        if day is not None:
            coming = line._replace(acting=stage, climb=line.climb.after(line.acting))
            turns[line.key] = _Turn(coming, day, day)


def _dated(line: Line, stage: Stage | None, day: date) -> Line:
    """The line with its next stage and day, also where its reason names the day."""
    says = line.reason in _SAYS_ITS_DAY and line.next_date != day and line.acting == stage
    return line._replace(next_stage=stage, next_date=day, until=day if says else line.until)
