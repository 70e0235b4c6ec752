"""Which few of several amounts make a sum."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

MOST = 60
"""Amounts that are looked through: of more, so many sets have a sum that it says nothing."""


_At = dict[int, list[tuple[int, ...]]]


def sets_of(target: Decimal, amounts: Sequence[Decimal]) -> Iterator[tuple[int, ...]]:
    """The places of each set of one to four amounts that have this sum, smaller sets first, no set twice."""
    wanted, values = _whole(target), [*map(_whole, amounts)]
    singles, pairs = _sums(values, 1), _sums(values, 2)
    yield from singles.get(wanted, ())
    yield from pairs.get(wanted, ())
    yield from _joined(pairs, singles, wanted)
    yield from _joined(pairs, pairs, wanted)


def _sums(values: Sequence[int], count: int) -> _At:
    """The places of so many values, by their sum."""
    found: _At = {}
    for places in combinations(range(len(values)), count):
        found.setdefault(sum(values[place] for place in places), []).append(places)
    return found


def _joined(pairs: _At, others: _At, wanted: int) -> Iterator[tuple[int, ...]]:
    """A pair and what follows it: each set is made in the one order of its places."""
    for value, found in pairs.items():
        rest = others.get(wanted - value, ())
        yield from ((*pair, *other) for pair in found for other in rest if other[0] > pair[-1])


def _whole(amount: Decimal) -> int:
    """Whole numbers add up and compare faster: ten-thousandths."""
    return int(amount.scaleb(4))
