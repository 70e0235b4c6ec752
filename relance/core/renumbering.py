"""An invoice under its later numbers: what was said of it under a former one goes on under each of them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from relance.core.facts import (
    BacklogAnswered,
    ClockConfirmed,
    Confirmed,
    Fact,
    FileConfirmed,
    Held,
    MailboxChanged,
    Released,
)

Heirs = Mapping[str, tuple[str, ...]]
"""By invoice key, the keys that the invoice had later, as the user confirmed them."""


def heirs_of(facts: Iterable[Fact], today: date) -> Heirs:
    """Who goes on with whose past, on `today`; a number that was edited and edited back is the heir of its heir."""
    later: dict[str, set[str]] = {}
    for fact in facts:
        if isinstance(fact, Confirmed) and fact.was and fact.on <= today:
            later.setdefault(fact.was, set()).add(fact.invoice)
    return {key: tuple(sorted(_reached(key, later) - {key})) for key in later}


def _reached(key: str, later: Mapping[str, set[str]]) -> set[str]:
    found, ahead = set[str](), [key]
    while ahead:
        for heir in later.get(ahead.pop(), ()):
            if heir not in found:
                found.add(heir)
                ahead.append(heir)
    return found


def inherited(fact: Fact, heirs: Heirs) -> Iterator[Fact]:
    """The fact, as it was told and as it counts for each heir of the invoice that it is about."""
    if isinstance(fact, Held) and fact.covers:
        added = (heir for key in fact.covers for heir in heirs.get(key, ()))
        fact = fact._replace(covers=tuple(dict.fromkeys((*fact.covers, *added))))
    yield fact
    if isinstance(fact, Held | Released):
        yield from (fact._replace(target=heir) for heir in heirs.get(fact.target, ()))
    elif not isinstance(fact, BacklogAnswered | FileConfirmed | ClockConfirmed | MailboxChanged):
        yield from (fact._replace(invoice=heir) for heir in heirs.get(fact.invoice, ()))
