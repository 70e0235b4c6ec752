"""The closed lists of options: the word that scripts use, and those that a person types."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

from typer import Option

from relance.core.facts import Cause, HoldReason
from relance.core.invoice import normalised_name
from relance.errors import Again, UsageError
from relance.french import SPOKEN


class Format(StrEnum):
    """How a plan is shown."""

    TABLE = "table"
    LINES = "lines"
    JSON = "json"


class Channel(StrEnum):
    """How a customer was reached."""

    EMAIL = "email"
    CALL = "call"
    LETTER = "letter"
    SMS = "sms"


def one_of(option: str, members: Sequence[StrEnum]) -> Callable[[str], StrEnum]:
    """A reader of the values of this option: its own words or the French ones, whatever the accents and capitals.

    UsageError for another word, with the nearest.
    """

    def read(text: str) -> StrEnum:
        known = {_folded(word): each for each in members for word in (each.value, *_french(each))}
        wanted = _folded(text)
        if wanted in known:
            return known[wanted]
        from difflib import get_close_matches

        near = get_close_matches(wanted, known, 1, 0.7)
        meant = [shown(known[word]) for word in near]
        choices = ", ".join(map(shown, members))
        sentence = f"{option} : « {text} » inconnu. Choix : {choices}."
        example = "" if meant else f"Exemple : {option} {shown(members[0])}."
        raise UsageError(sentence, example, [Again(text, word) for word in meant])

    return read


def shown(member: StrEnum) -> str:
    """Its French word."""
    return _french(member)[0]


def closed_option(name: str, kind: type[StrEnum], **more: Any) -> Any:
    """An option whose value is one of a closed list; its help names the French words too."""
    members = tuple(kind)
    french = ", ".join(shown(each) for each in members)
    metavar = "|".join(each.value for each in members)
    told = f"{more.pop('help')} En français : {french}."
    return Option(name, metavar=metavar, parser=one_of(name, members), help=told, **more)


_CONFIRMED = {
    "backlog": "retard retards ancien anciennes",
    "columns": "colonnes colonne",
    "file": "fichier",
    "rate": "taux",
    "clock": "horloge heure",
    "journal": "",
}


def confirmable(text: str) -> str:
    """What is confirmed, by its own word where a person typed the French one; an invoice number as it is."""
    wanted = _folded(text)
    return next((own for own, words in _CONFIRMED.items() if wanted in (own, *words.split())), text)


def _french(member: StrEnum) -> list[str]:
    return SPOKEN[member.value].split()


def _folded(text: str) -> str:
    """A word without capitals, accents, hyphens and spaces."""
    return normalised_name(text).replace("-", "").replace("_", "").replace(" ", "")


CLOSED: Mapping[str, Callable[[str], StrEnum]] = {
    "--reason": one_of("--reason", tuple(HoldReason)),
    "--channel": one_of("--channel", tuple(Channel)),
    "--cause": one_of("--cause", tuple(Cause)),
}
"""Those whose words are often typed without the name of the option."""
format_option = partial(closed_option, "--format", Format)
