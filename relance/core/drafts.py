"""Drafts that wait in the user's folder: the one that is still to be sent, and those that are not any more."""

from collections.abc import Iterable, Iterator

from relance.core.case import Case
from relance.core.facts import Drafted
from relance.core.history import NOTHING
from relance.core.invoice import customer_id
from relance.core.morning import Morning
from relance.core.plan import Line, Overtaken
from relance.core.policy import OUTSIDE, THANKS
from relance.core.reasons import Reason


def last_asked(case: Case) -> Drafted | None:
    """The last draft that still says what is to be said of an invoice that is owed.

    It is of this ladder, not expired, nor passed by a later stage of those done.
    """
    position = case.position
    day_of = {stage.key: stage.day for stage in position.schedule.stages}
    furthest = max((day_of[key] for key in position.done if key in day_of), default=None)
    for draft in reversed(case.past.drafts):
        day = day_of.get(draft.stage)
        expired = day is not None and day < 0 <= position.days
        passed = furthest is not None and day is not None and furthest >= day
        if draft.ladder == position.restarts and draft.stage != THANKS.key and not expired and not passed:
            return draft
    return None


def to_settle(line: Line, *, sent: bool) -> tuple[Drafted, ...]:
    """The drafts that the user speaks of when he says that a message about this invoice was `sent`, or was not.

    The one that is to be sent; where there is none, the one that was until something held the invoice or, as not
    sent, all that he is told to throw away, unless a message in doubt is what he speaks of.
    """
    draft, past = _to_send(line), line.case.past
    if draft is None and not sent:
        return () if past.doubts else past.drafts
    draft = draft or last_asked(line.case)
    return () if draft is None else (draft,)


def overtaken(lines: Iterable[Line], morning: Morning) -> Iterator[Overtaken]:
    """Each draft that is not to be sent any more, once for all its invoices."""
    labels = {stage.key: stage.label for schedule in morning.policy.schedules for stage in schedule.stages}
    labels |= {stage.key: stage.label for stage in OUTSIDE}
    found: dict[tuple[str, ...], Overtaken] = {}
    for line in lines:
        if not line.case.past.drafts:
            continue
        wanted = _to_send(line)
        name = (line.name or line.invoice.number) if wanted is None else ""
        for draft in line.case.past.drafts:
            if draft is not wanted:  # those of one customer, currency, stage and day are one message
                one = (customer_id(line.invoice.customer), line.invoice.currency, draft.stage, str(draft.on))
                before = found.get(one, Overtaken(labels.get(draft.stage, draft.stage), draft.on))
                keys, numbers = (*before.keys, line.key), (*before.numbers, line.invoice.number)
                found[one] = before._replace(keys=keys, numbers=numbers, name=before.name or name)
    yield from found.values()
    for seen in () if morning.around.shrunk else morning.around.vanished:
        for draft in morning.history.invoices.get(seen.invoice, NOTHING).drafts:
            yield Overtaken(labels.get(draft.stage, draft.stage), draft.on, (seen.invoice,), (seen.number,))


def _to_send(line: Line) -> Drafted | None:
    """The draft that the user should send: a thank-you for a paid invoice, a reminder of one that nothing holds."""
    if line.reason is Reason.PAID:
        drafts = line.case.past.drafts
        return next((draft for draft in reversed(drafts) if draft.stage == THANKS.key), None)
    return None if line.reason.rank < Reason.IN_DOUBT.rank else last_asked(line.case)
