"""Drafts that wait in the user's folder: the one that is still to be sent, and those that are not any more."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from relance.core.comparing import Surroundings
from relance.core.facts import Drafted
from relance.core.history import NOTHING, History, Past
from relance.core.invoice import customer_id
from relance.core.known import contacts_of
from relance.core.ladder import done_on
from relance.core.plan import Line, Overtaken
from relance.core.policy import OUTSIDE, THANKS, DunningPolicy, Schedule, schedule_of
from relance.core.reasons import Reason


def last_asked(
    drafts: Collection[Drafted], schedule: Schedule, days: int, done: Collection[str], ladder: int
) -> Drafted | None:
    """The last draft that still says what is to be said of an invoice that is owed, `days` after its due date.

    It is of this ladder, not expired, nor passed by a later stage of those `done`.
    """
    day_of = {stage.key: stage.day for stage in schedule.stages}
    furthest = max((day_of[key] for key in done if key in day_of), default=None)
    for draft in reversed(tuple(drafts)):
        day = day_of.get(draft.stage)
        expired = day is not None and day < 0 <= days
        passed = furthest is not None and day is not None and furthest >= day
        if draft.ladder == ladder and draft.stage != THANKS.key and not expired and not passed:
            return draft
    return None


def to_settle(line: Line, past: Past, policy: DunningPolicy, today: date, *, sent: bool) -> tuple[Drafted, ...]:
    """The drafts that the user speaks of when he says that a message about this invoice was `sent`, or was not.

    The one that is to be sent; where there is none, the one that was until something held the invoice or, as not
    sent, all that he is told to throw away, unless a message in doubt is what he speaks of.
    """
    draft = _to_send(line, past, policy, today)
    if draft is None and not sent:
        return () if past.doubts else past.drafts
    draft = draft or _of_ladder(line, past, policy, today)
    return () if draft is None else (draft,)


def overtaken(
    lines: Iterable[Line], history: History, policy: DunningPolicy, around: Surroundings, today: date
) -> Iterator[Overtaken]:
    """Each draft that is not to be sent any more, once for all its invoices."""
    labels = {stage.key: stage.label for schedule in policy.schedules for stage in schedule.stages}
    labels |= {stage.key: stage.label for stage in OUTSIDE}
    found: dict[tuple[str, ...], Overtaken] = {}
    for line in lines:
        past = history.invoices.get(line.key, NOTHING)
        if not past.drafts:
            continue
        wanted = _to_send(line, past, policy, today)
        name = (line.name or line.invoice.number) if wanted is None else ""
        for draft in past.drafts:
            if draft is not wanted:  # those of one customer, currency, stage and day are one message
                one = (customer_id(line.invoice.customer), line.invoice.currency, draft.stage, str(draft.on))
                before = found.get(one, Overtaken(labels.get(draft.stage, draft.stage), draft.on))
                keys, numbers = (*before.keys, line.key), (*before.numbers, line.invoice.number)
                found[one] = before._replace(keys=keys, numbers=numbers, name=before.name or name)
    yield from found.values()
    for seen in () if around.shrunk else around.vanished:
        for draft in history.invoices.get(seen.invoice, NOTHING).drafts:
            yield Overtaken(labels.get(draft.stage, draft.stage), draft.on, (seen.invoice,), (seen.number,))


def _to_send(line: Line, past: Past, policy: DunningPolicy, today: date) -> Drafted | None:
    """The draft that the user should send: a thank-you for a paid invoice, a reminder of one that nothing holds."""
    if line.reason is Reason.PAID:
        return next((draft for draft in reversed(past.drafts) if draft.stage == THANKS.key), None)
    return None if line.reason.rank < Reason.IN_DOUBT.rank else _of_ladder(line, past, policy, today)


def _of_ladder(line: Line, past: Past, policy: DunningPolicy, today: date) -> Drafted | None:
    """The draft of the stage on which the invoice is, whatever holds it."""
    invoice = line.invoice
    done = done_on(invoice.due_date, past, contacts_of(invoice, past, today))
    return last_asked(past.drafts, schedule_of(invoice, policy), line.days_overdue, done.stages, done.restarts)
