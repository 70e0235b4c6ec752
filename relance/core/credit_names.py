"""How a person names a credit of the bank: by the end of its identity, as short as it is told from all others.

A name of figures alone could be read as a sum: a letter comes before it that no identity has.
"""

from collections import Counter
from collections.abc import Collection, Iterable

_LETTER = "v"
SHORTEST, LONGEST = 4, 8
"""Characters of the end of an identity (a day, a dash, eight figures of a digest) that name a credit."""


def short_names(identities: Collection[str]) -> dict[str, str]:
    """By identity the shortest name that `credits_named` finds it by alone, and that nobody reads as a sum."""
    lengths = range(SHORTEST, LONGEST + 1)
    begun = Counter(form[:n] for each in identities for form in _forms(each) for n in lengths)
    names = {}
    for identity in identities:
        end = identity[-LONGEST:]
        name = next((end[:n] for n in lengths if begun[end[:n]] == 1), identity)
        names[identity] = f"{_LETTER}{name}" if name.isdecimal() else name
    return names


def credits_named(text: str, identities: Iterable[str]) -> list[str]:
    """Those that `text` names: by the whole identity, else by the beginning of it or of its end, four characters long.

    Capitals and spaces around say nothing.
    """
    wanted = text.strip().casefold().removeprefix(_LETTER)
    known = list(dict.fromkeys(identities))
    if wanted in known:
        return [wanted]
    if len(wanted) < SHORTEST:
        return []
    return [each for each in known if any(form.startswith(wanted) for form in _forms(each))]


def _forms(identity: str) -> set[str]:
    return {identity, identity[-LONGEST:]}
